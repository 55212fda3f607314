//! The record of what was connected or sent (INT).

use alloc::{boxed::Box, format, string::String};
use core::fmt::Write;

use super::{InteractionRow, Reference};
use crate::{
    Contact, ContactKind, DeleteInteractionError, Event, Interaction, InteractionSid, InteractionState,
    InteractionType, Leg, Media, NewMessage, Notification, ParticipantSid, Reply, ResourceSid, ResourceStatus,
    ResourceType, SendMessageError, SessionClosed, SessionSid, SessionStatus, StatusReport, Timestamp,
};

impl Reference {
    /// INT-3, INT-4: in this order.
    pub(super) fn send_message(
        &mut self,
        session: SessionSid,
        participant: ParticipantSid,
        new: NewMessage,
        now: Timestamp,
    ) -> Result<Interaction, SendMessageError> {
        let found = self.session(session)?; // 20404
        let Some(reached) = self.participant(session, participant).filter(|added| added.is_live()) else {
            return Err(SendMessageError::ParticipantNotFound { participant }); // 20404, CON-9
        };
        let interaction = new.sid;
        if new.body.is_empty() {
            return Err(SendMessageError::BodyMissing); // 80701
        }
        if self.is_interaction_sid_taken(interaction) {
            return Err(SendMessageError::SidTaken { interaction }); // SID-4: after the parameters
        }
        if !found.status.is_active() {
            return Err(SessionClosed { session }.into()); // 80607
        }
        if !found.mode.has_messages() {
            return Err(SendMessageError::VoiceOnlySession); // 80616
        }
        let (from, to) = (reached.proxy_identifier.clone(), reached.identifier.clone());
        let contact = Contact::Message { body: new.body, media: Media::default() };
        let record = new_record(interaction, &contact, participant, now);
        self.record(session, record.clone(), now);
        self.push_event(Event::Leg(Leg { session, interaction, from, to, contact }));
        self.request_callback(session, &record);
        Ok(record)
    }

    /// RTE-8, SES-6, TIM-5: what an interaction does to its session.
    pub(super) fn record(&mut self, session: SessionSid, interaction: Interaction, now: Timestamp) {
        if let Some(row) = self.row_mut(session) {
            row.session.status = SessionStatus::InProgress;
            row.session.date_started = row.session.date_started.or(Some(now));
            row.session.date_last_interaction = Some(now);
            row.session.date_updated = now;
        }
        let state = InteractionState { ordinal: self.interactions_created, interaction };
        self.interactions.push(InteractionRow { session, state });
        self.interactions_created = self.interactions_created.saturating_add(1);
    }

    /// INT-2: done in any case.
    pub(super) fn report_status(&mut self, interaction: InteractionSid, report: StatusReport, now: Timestamp) -> Reply {
        let account = self.settings.account_sid;
        let Some(row) = self.interactions.iter_mut().find(|row| row.state.interaction.sid == interaction) else {
            self.raise(Notification::OpenInteractionNotFound { interaction }); // 80907
            return Reply::Done {};
        };
        let (session, before) = (row.session, row.state.interaction.clone());
        if before.outbound_resource_status.is_some_and(is_terminal) {
            self.raise(Notification::InteractionNotOpen { session, interaction }); // 80906
            return Reply::Interaction(before);
        }
        let stored = &mut row.state.interaction;
        stored.outbound_resource_status = Some(report.status);
        if let Some(resource) = report.resource_sid {
            stored.outbound_resource_sid = Some(resource);
            stored.outbound_resource_url =
                stored.outbound_resource_type.map(|kind| resource_url(account, kind, resource));
        }
        if let Some(seconds) = report.duration.filter(|_| stored.kind == InteractionType::Voice) {
            stored.data = Some(format!("{{\"duration\":\"{seconds}\"}}").into());
        }
        if *stored == before {
            return Reply::Interaction(before); // no change, no callback
        }
        stored.date_updated = now; // TIM-5: the interaction's only
        let after = stored.clone();
        self.request_callback(session, &after);
        Reply::Interaction(after)
    }

    /// INT-5: in every state of the session.
    pub(super) fn delete_interaction(
        &mut self,
        session: SessionSid,
        interaction: InteractionSid,
    ) -> Result<(), DeleteInteractionError> {
        self.session(session)?; // 20404
        let is_it = |row: &InteractionRow| row.session == session && row.state.interaction.sid == interaction;
        if !self.interactions.iter().any(is_it) {
            return Err(DeleteInteractionError::InteractionNotFound { interaction }); // RTE-11: a waiting one too
        }
        self.interactions.retain(|row| !is_it(row));
        self.discard_events(interaction); // INV-6
        Ok(())
    }

    /// SES-11: those of a session, and what is still to be sent of them.
    pub(super) fn erase_interactions(&mut self, session: SessionSid) {
        while let Some(row) = self.interactions.iter().find(|row| row.session == session) {
            let sid = row.state.interaction.sid;
            self.interactions.retain(|row| row.state.interaction.sid != sid);
            self.discard_events(sid);
        }
        self.discard_events_of(session);
    }

    /// INT-1, INT-2: the inbound side, for good.
    pub(super) fn set_inbound(&self, record: &mut Interaction, caller: ParticipantSid, resource: ResourceSid) {
        let (status, kind) = match record.kind {
            InteractionType::Voice => (ResourceStatus::InProgress, ResourceType::Call),
            InteractionType::Message | InteractionType::Unknown => (ResourceStatus::Delivered, ResourceType::Message),
        };
        record.inbound_participant_sid = Some(caller);
        record.inbound_resource_sid = Some(resource);
        record.inbound_resource_status = Some(status);
        record.inbound_resource_type = Some(kind);
        record.inbound_resource_url = Some(resource_url(self.settings.account_sid, kind, resource));
    }
}

/// A record without an inbound side (INT-1, INT-2).
pub(super) fn new_record(
    sid: InteractionSid,
    contact: &Contact,
    partner: ParticipantSid,
    now: Timestamp,
) -> Interaction {
    let (kind, status, resource_type) = match contact.kind() {
        ContactKind::Call => (InteractionType::Voice, ResourceStatus::Initiated, ResourceType::Call),
        ContactKind::Message => (InteractionType::Message, ResourceStatus::Queued, ResourceType::Message),
    };
    Interaction {
        sid,
        data: contact.body().map(|body| body_data(body.as_str())),
        kind,
        inbound_participant_sid: None,
        inbound_resource_sid: None,
        inbound_resource_status: None,
        inbound_resource_type: None,
        inbound_resource_url: None,
        outbound_participant_sid: Some(partner),
        outbound_resource_sid: None,
        outbound_resource_status: Some(status),
        outbound_resource_type: Some(resource_type),
        outbound_resource_url: None,
        date_created: now,
        date_updated: now, // TIM-5
    }
}

/// INT-1: only `"`, `\` and control characters are escaped.
fn body_data(body: &str) -> Box<str> {
    let mut data = String::from("{\"body\":\"");
    for character in body.chars() {
        match character {
            '"' => data.push_str("\\\""),
            '\\' => data.push_str("\\\\"),
            '\n' => data.push_str("\\n"),
            '\r' => data.push_str("\\r"),
            '\t' => data.push_str("\\t"),
            '\u{8}' => data.push_str("\\b"),
            '\u{c}' => data.push_str("\\f"),
            '\0'..='\u{1f}' => {
                let _never_fails = write!(data, "\\u{:04x}", u32::from(character));
            }
            _ => data.push(character),
        }
    }
    data.push_str("\"}");
    data.into()
}

fn resource_url(account: crate::AccountSid, kind: ResourceType, resource: ResourceSid) -> Box<str> {
    let collection = match kind {
        ResourceType::Call => "Calls",
        ResourceType::Message => "Messages",
    };
    format!("https://api.twilio.com/2010-04-01/Accounts/{account}/{collection}/{resource}.json").into()
}

/// INT-2
fn is_terminal(status: ResourceStatus) -> bool {
    use ResourceStatus::{Busy, Canceled, Completed, Deleted, Delivered, Failed, NoAnswer, Undelivered};

    [Completed, Busy, NoAnswer, Failed, Canceled, Delivered, Undelivered, Deleted].contains(&status)
}
