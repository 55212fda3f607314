//! What webhooks say (WHK-1 to WHK-3).

use alloc::{boxed::Box, format, string::ToString, vec::Vec};

use super::Reference;
use crate::{
    CallbackUrl, Event, FormParameters, Interaction, InteractionSid, InteractionType, Participant, Request,
    RequestPurpose, Session, SessionSid,
};

type Form = Vec<(Box<str>, Box<str>)>;

impl Reference {
    /// WHK-2: of every new interaction and every change of its status.
    pub(super) fn request_callback(&mut self, session: SessionSid, interaction: &Interaction) {
        if let Some(url) = self.settings.callback_url.clone() {
            let inbound = interaction.inbound_participant_sid.is_some(); // no `inbound…` of a one-sided message
            self.request(RequestPurpose::Callback, session, interaction, url, (inbound, true));
        }
    }

    /// WHK-2: before connecting, so no `outbound…`.
    pub(super) fn request_intercept(&mut self, session: SessionSid, interaction: &Interaction, url: CallbackUrl) {
        self.request(RequestPurpose::Intercept, session, interaction, url, (true, false));
    }

    fn request(
        &mut self,
        purpose: RequestPurpose,
        session: SessionSid,
        interaction: &Interaction,
        url: CallbackUrl,
        (inbound, outbound): (bool, bool),
    ) {
        let mut form = Form::new();
        if inbound {
            push(&mut form, "inboundParticipantSid", interaction.inbound_participant_sid);
            push(&mut form, "inboundResourceSid", interaction.inbound_resource_sid);
            push(&mut form, "inboundResourceStatus", interaction.inbound_resource_status);
            push(&mut form, "inboundResourceType", interaction.inbound_resource_type);
            push(&mut form, "inboundResourceUrl", interaction.inbound_resource_url.as_deref());
        }
        push(&mut form, "interactionAccountSid", Some(self.settings.account_sid));
        push(&mut form, "interactionData", interaction.data.as_deref());
        push(&mut form, "interactionDateCreated", Some(interaction.date_created));
        push(&mut form, "interactionDateUpdated", Some(interaction.date_updated));
        push(&mut form, "interactionServiceSid", Some(self.settings.sid));
        push(&mut form, "interactionSessionSid", Some(session));
        push(&mut form, "interactionSid", Some(interaction.sid));
        let kind = match interaction.kind {
            InteractionType::Message => "Message",
            InteractionType::Voice => "Voice",
            InteractionType::Unknown => "Unknown", // never made
        };
        push(&mut form, "interactionType", Some(kind));
        if outbound {
            push(&mut form, "outboundParticipantSid", interaction.outbound_participant_sid);
            push(&mut form, "outboundResourceSid", interaction.outbound_resource_sid);
            push(&mut form, "outboundResourceStatus", interaction.outbound_resource_status);
            push(&mut form, "outboundResourceType", interaction.outbound_resource_type);
            push(&mut form, "outboundResourceUrl", interaction.outbound_resource_url.as_deref());
        }
        let (interaction, session) = (interaction.sid, Some(session));
        self.push_event(Event::Request(Request { purpose, interaction, session, url, parameters: form }));
    }

    /// WHK-3. With the previous session comes who sent it, and the other one, if there is one.
    pub(super) fn request_out_of_session(
        &mut self,
        interaction: InteractionSid,
        url: CallbackUrl,
        own: &FormParameters,
        previous: Option<(&Session, &Participant, Option<&Participant>)>,
    ) {
        let mut form: Form = own.iter().map(|(name, value)| (name.into(), value.into())).collect();
        if let Some((session, sender, other)) = previous {
            self.push_participant(&mut form, "inboundParticipant", session.sid, sender);
            if let Some(other) = other {
                self.push_participant(&mut form, "outboundParticipant", session.sid, other);
            }
            push(&mut form, "sessionAccountSid", Some(self.settings.account_sid));
            push(&mut form, "sessionClosedReason", session.closed_reason);
            push(&mut form, "sessionDateCreated", Some(session.date_created));
            push(&mut form, "sessionDateEnded", session.date_ended);
            push(&mut form, "sessionDateUpdated", Some(session.date_updated));
            push(&mut form, "sessionMode", Some(session.mode));
            push(&mut form, "sessionServiceSid", Some(self.settings.sid));
            push(&mut form, "sessionSid", Some(session.sid));
            push(&mut form, "sessionStatus", Some(session.status));
            push(&mut form, "sessionUniqueName", session.unique_name.as_ref());
        }
        let (purpose, session) = (RequestPurpose::OutOfSession, previous.map(|(session, ..)| session.sid));
        self.push_event(Event::Request(Request { purpose, interaction, session, url, parameters: form }));
    }

    fn push_participant(&self, form: &mut Form, who: &str, session: SessionSid, participant: &Participant) {
        push(form, &format!("{who}AccountSid"), Some(self.settings.account_sid));
        push(form, &format!("{who}DateCreated"), Some(participant.date_created));
        push(form, &format!("{who}DateUpdated"), Some(participant.date_updated));
        push(form, &format!("{who}FriendlyName"), participant.friendly_name.as_ref());
        push(form, &format!("{who}Identifier"), Some(&participant.identifier));
        push(form, &format!("{who}ProxyIdentifier"), Some(&participant.proxy_identifier));
        push(form, &format!("{who}ProxyIdentifierSid"), participant.proxy_identifier_sid);
        push(form, &format!("{who}ServiceSid"), Some(self.settings.sid));
        push(form, &format!("{who}SessionSid"), Some(session));
        push(form, &format!("{who}Sid"), Some(participant.sid));
    }
}

/// What is null is empty text.
fn push(form: &mut Form, name: &str, value: Option<impl ToString>) {
    let value = value.map(|value| value.to_string()).unwrap_or_default();
    form.push((name.into(), value.into()));
}
