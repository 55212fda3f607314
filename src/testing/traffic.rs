//! What comes in, and where it goes (RTE).

use alloc::vec::Vec;

use super::{Reference, interactions::new_record};
use crate::{
    CallbackUrl, ClosedReason, Contact, ContactKind, Event, Identifier, Inbound, InteractionSid, Leg, Notification,
    Outcome, Participant, ParticipantSid, ProxyIdentifier, ProxyNumber, ReceiveError, Rejection, RequestPurpose,
    ResolveError, ResourceSid, Route, Session, SessionSid, Timestamp, WaitingMatter, WaitingState, WebhookAnswer,
};

/// RTE-3
const OPT_OUT_WORDS: [&str; 12] = [
    "STOP",
    "STOPALL",
    "UNSUBSCRIBE",
    "CANCEL",
    "END",
    "QUIT",
    "REVOKE",
    "OPTOUT",
    "ARRET",
    "ARRETT",
    "ARRETE",
    "UNSTOP",
];

/// A contact on its way.
pub(super) struct Arrival {
    pub(super) interaction: InteractionSid,
    pub(super) resource: ResourceSid,
    pub(super) contact: Contact,
}

impl Reference {
    /// Who would be reached at `now` if `from` contacted `to`, and if nobody, why (RTE-9).
    ///
    /// ```
    /// # use twilio_proxy_core::{NewService, Policy, Timestamp, sid, testing::Reference};
    /// use twilio_proxy_core::{ContactKind, Route};
    ///
    /// # let new = NewService::new(
    /// #     sid!("KS00000000000000000000000000000001"),
    /// #     sid!("AC00000000000000000000000000000001"),
    /// #     "rides".parse()?,
    /// # );
    /// # let reference = Reference::new(new, Policy::default(), Timestamp::MIN);
    /// let route = reference.route(None, &"+14155551212".parse()?, ContactKind::Call, Timestamp::MIN);
    /// assert_eq!(route, Route::UnknownProxyIdentifier);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn route(
        &self,
        from: Option<&Identifier>,
        to: &ProxyIdentifier,
        kind: ContactKind,
        now: Timestamp,
    ) -> Route<'_> {
        let mut then = self.clone();
        then.advance(now); // RTE-9: as after `handle_deadline(now)`
        if !then.is_known(to) {
            return Route::UnknownProxyIdentifier;
        }
        let Some((session, caller)) = then.matching(from, to) else {
            let previous = then.previous_session(from, to);
            let expired = previous.is_some_and(|(session, _)| session.closed_reason == Some(ClosedReason::Expired));
            let previous = previous.and_then(|(session, _)| self.session(session.sid).ok());
            return Route::OutOfSession { kind, previous, expired };
        };
        // Shown as of the latest operation.
        let added = |sid: ParticipantSid| self.participants_of(session).map(|m| &m.participant).find(|p| p.sid == sid);
        let (Ok(shown), Some(shown_caller)) = (self.session(session), added(caller)) else {
            return Route::UnknownProxyIdentifier; // time brings nobody in
        };
        if wrong_mode(shown, kind).is_some() {
            return Route::WrongMode { session: shown, caller: shown_caller };
        }
        match then.partner(session, caller).and_then(|partner| added(partner.sid)) {
            Some(partner) => Route::Connect {
                session: shown,
                caller: shown_caller,
                partner,
                from: &partner.proxy_identifier,
                to: &partner.identifier,
            },
            None => Route::NoPartner { session: shown, caller: shown_caller },
        }
    }

    /// RTE-12: in this order.
    pub(super) fn receive(&mut self, inbound: Inbound, now: Timestamp) -> Result<Outcome, ReceiveError> {
        let Inbound { interaction, resource, from, to, contact, parameters } = inbound;
        if !self.is_known(&to) {
            return Err(ReceiveError::UnknownProxyIdentifier); // 20404
        }
        if self.is_interaction_sid_taken(interaction) {
            return Err(ReceiveError::SidTaken { interaction }); // SID-4: 20409
        }
        let number = to.number();
        if contact.body().is_some_and(|body| is_opt_out(body.as_str())) {
            self.raise(Notification::MessageMatchedStopWord { interaction, number }); // RTE-3: 80901
            return Ok(Outcome::Dropped { interaction });
        }
        if let Some((session, caller)) = self.matching(from.as_ref(), &to) {
            return Ok(self.proceed(session, caller, Arrival { interaction, resource, contact }, number, now));
        }

        let kind = contact.kind();
        let previous = self.previous_session(from.as_ref(), &to);
        let previous = previous.map(|(session, sender)| (session.clone(), sender.clone()));
        let expired =
            previous.as_ref().is_some_and(|(session, _)| session.closed_reason == Some(ClosedReason::Expired));
        if let Some((session, _)) = previous.as_ref().filter(|_| expired) {
            self.raise(Notification::ExpiredSession { session: session.sid, interaction, number }); // RTE-4: 80904
        }
        self.raise(match kind {
            ContactKind::Call => Notification::NoActiveSession { interaction, number }, // 80902
            ContactKind::Message => Notification::UnknownParticipant { interaction, number }, // 80903
        });
        let url = self.settings.out_of_session_callback_url.clone();
        let awaits_answer = url.is_some();
        if let Some(url) = url {
            let other = previous.as_ref().and_then(|(session, sender)| self.partner(session.sid, sender.sid)).cloned();
            let people = previous.as_ref().map(|(session, sender)| (session, sender, other.as_ref()));
            self.request_out_of_session(interaction, url, &parameters, people);
            let previous = previous.as_ref().map(|(session, _)| session.sid);
            let matter = WaitingMatter::OutOfSession { from, to, previous };
            self.waiting.push(WaitingState { interaction, resource, contact, matter });
        } else {
            self.raise(Notification::UnknownScenario { interaction, number }); // WHK-5: 80905
        }
        let previous = previous.map(|(session, _)| session.sid);
        Ok(Outcome::OutOfSession { interaction, kind, previous, expired, awaits_answer })
    }

    /// RTE-11
    pub(super) fn resolve_intercept(
        &mut self,
        interaction: InteractionSid,
        answer: WebhookAnswer,
        now: Timestamp,
    ) -> Result<Outcome, ResolveError> {
        let waiting = self.waiting.iter().find(|waiting| waiting.interaction == interaction).cloned();
        let Some(WaitingState {
            resource,
            contact,
            matter: WaitingMatter::Verdict { session, caller, partner, url },
            ..
        }) = waiting
        else {
            return Err(ResolveError { interaction }); // 20404
        };
        self.waiting.retain(|waiting| waiting.interaction != interaction);
        if answer == WebhookAnswer::Status(403) {
            let to = self.participant(session, caller).and_then(|caller| caller.proxy_identifier.number());
            self.discard_question(interaction);
            self.raise(Notification::InboundContactRejected { session, participant: caller, interaction, number: to }); // 80909
            return Ok(Outcome::Blocked { session, interaction });
        }
        self.report_callback(url, answer); // WHK-7: 80908
        let arrival = Arrival { interaction, resource, contact };
        Ok(self.connect(session, caller, partner, arrival, now))
    }

    /// RTE-12: `To` is in the pool, or is the channel address of a participant stored here.
    fn is_known(&self, to: &ProxyIdentifier) -> bool {
        match to.number() {
            Some(number) => self.number_like(number).is_some(),
            None => self.participants.iter().any(|row| row.member.participant.proxy_identifier == *to),
        }
    }

    /// SID-4: of a record or of a waiting contact.
    pub(super) fn is_interaction_sid_taken(&self, sid: InteractionSid) -> bool {
        self.interactions.iter().any(|row| row.state.interaction.sid == sid)
            || self.waiting.iter().any(|waiting| waiting.interaction == sid)
    }

    /// RTE-1, RTE-10; CON-8: the session created last. Pending additions carry no traffic (CON-9).
    pub(super) fn matching(
        &self,
        from: Option<&Identifier>,
        to: &ProxyIdentifier,
    ) -> Option<(SessionSid, ParticipantSid)> {
        let active = self.sessions.iter().map(|row| &row.session).filter(|session| session.status.is_active());
        active.filter_map(|session| Some((session.sid, self.live_with_pair(session.sid, from?, to)?.sid))).next_back()
    }

    /// RTE-4: the one that ended last, at a tie the one created last (`max_by_key` gives the last of equal ones).
    fn previous_session(&self, from: Option<&Identifier>, to: &ProxyIdentifier) -> Option<(&Session, &Participant)> {
        let closed = self.sessions.iter().map(|row| &row.session).filter(|session| !session.status.is_active());
        closed
            .filter_map(|session| Some((session, self.live_with_pair(session.sid, from?, to)?)))
            .max_by_key(|(session, _)| session.date_ended)
    }

    fn live_with_pair(&self, session: SessionSid, from: &Identifier, to: &ProxyIdentifier) -> Option<&Participant> {
        let mut live = self.live(session);
        live.find(|added| added.identifier == *from && added.proxy_identifier == *to)
    }

    /// The other one who is not removed.
    fn partner(&self, session: SessionSid, caller: ParticipantSid) -> Option<&Participant> {
        self.live(session).find(|added| added.sid != caller)
    }

    fn live(&self, session: SessionSid) -> impl Iterator<Item = &Participant> {
        self.participants_of(session).map(|member| &member.participant).filter(|added| added.is_live())
    }

    pub(super) fn participant(&self, session: SessionSid, sid: ParticipantSid) -> Option<&Participant> {
        self.participants_of(session).map(|member| &member.participant).find(|added| added.sid == sid)
    }

    /// RTE-5 to RTE-8, for a contact that matches.
    pub(super) fn proceed(
        &mut self,
        session: SessionSid,
        caller: ParticipantSid,
        arrival: Arrival,
        number: Option<ProxyNumber>,
        now: Timestamp,
    ) -> Outcome {
        let Arrival { interaction, resource, contact } = &arrival;
        let (interaction, participant) = (*interaction, caller);
        let wrong_mode = self.session(session).ok().and_then(|session| wrong_mode(session, contact.kind()));
        let partner = self.partner(session, caller).map(|partner| partner.sid);
        let (reason, notification) = match (wrong_mode, partner) {
            (None, Some(partner)) => {
                let Some(url) = self.settings.intercept_callback_url.clone() else {
                    return self.connect(session, caller, partner, arrival, now);
                };
                // RTE-7
                let mut record = new_record(interaction, contact, partner, now);
                self.set_inbound(&mut record, caller, *resource);
                self.request_intercept(session, &record, url.clone());
                let matter = WaitingMatter::Verdict { session, caller, partner, url };
                self.waiting.push(WaitingState { interaction, resource: *resource, contact: contact.clone(), matter });
                return Outcome::Waiting { session, interaction };
            }
            (Some(reason @ Rejection::MessageToVoiceOnlySession), _) => {
                (reason, Notification::MessageToVoiceOnlySession { session, participant, interaction, number }) // 80910
            }
            (Some(reason @ Rejection::CallToMessageOnlySession), _) => {
                (reason, Notification::CallToMessageOnlySession { session, participant, interaction, number }) // 80911
            }
            (Some(Rejection::NoPartnerParticipant), _) | (None, None) => (
                Rejection::NoPartnerParticipant,
                Notification::NoPartnerParticipant { session, participant, interaction, number }, // RTE-6: 80614
            ),
        };
        self.discard_question(interaction);
        self.raise(notification);
        Outcome::Rejected { session, interaction, reason }
    }

    /// RTE-2, RTE-8
    fn connect(
        &mut self,
        session: SessionSid,
        caller: ParticipantSid,
        partner: ParticipantSid,
        arrival: Arrival,
        now: Timestamp,
    ) -> Outcome {
        let Arrival { interaction, resource, contact } = arrival;
        let mut record = new_record(interaction, &contact, partner, now);
        self.set_inbound(&mut record, caller, resource);
        let Some(reached) = self.participant(session, partner) else {
            return Outcome::Blocked { session, interaction }; // RTE-11: it would have been dropped before
        };
        let (from, to) = (reached.proxy_identifier.clone(), reached.identifier.clone());
        let leg = Leg { session, interaction, from: from.clone(), to: to.clone(), contact };
        self.record(session, record.clone(), now);
        self.push_event(Event::Leg(leg)); // WHK-6: the leg, then the callback
        self.request_callback(session, &record);
        Outcome::Connected { session, interaction, from, to }
    }

    /// RTE-11: without notification.
    pub(super) fn drop_waiting(&mut self, is_hit: impl Fn(SessionSid, [ParticipantSid; 2]) -> bool) {
        let is_dropped = |waiting: &WaitingState| match &waiting.matter {
            WaitingMatter::Verdict { session, caller, partner, .. } => is_hit(*session, [*caller, *partner]),
            WaitingMatter::OutOfSession { .. } => false,
        };
        self.drop_contacts(is_dropped);
    }

    /// RTE-11: what waits out of session goes with the session that its pair had last.
    pub(super) fn drop_strangers(&mut self, session: SessionSid) {
        self.drop_contacts(|waiting| {
            matches!(waiting.matter, WaitingMatter::OutOfSession { previous, .. } if previous == Some(session))
        });
    }

    fn drop_contacts(&mut self, is_dropped: impl Fn(&WaitingState) -> bool) {
        let dropped: Vec<InteractionSid> =
            self.waiting.iter().filter(|waiting| is_dropped(waiting)).map(|waiting| waiting.interaction).collect();
        for interaction in dropped {
            self.waiting.retain(|waiting| waiting.interaction != interaction);
            self.discard_question(interaction);
        }
    }

    /// INV-6: an out-of-session request whose contact has come into a session and ends there without a record.
    fn discard_question(&mut self, sid: InteractionSid) {
        self.events.retain(|(_, event)| match event {
            Event::Request(request) => request.purpose != RequestPurpose::OutOfSession || request.interaction != sid,
            Event::Notification(_) | Event::Leg(_) => true,
        });
    }

    /// INV-6: requests and legs that belong to an interaction; notifications stay.
    pub(super) fn discard_events(&mut self, sid: InteractionSid) {
        self.events.retain(|(_, event)| match event {
            Event::Notification(_) => true,
            Event::Request(request) => request.interaction != sid,
            Event::Leg(leg) => leg.interaction != sid,
        });
    }

    /// INV-6: the same of a session.
    pub(super) fn discard_events_of(&mut self, sid: SessionSid) {
        self.events.retain(|(_, event)| match event {
            Event::Notification(_) => true,
            Event::Request(request) => request.session != Some(sid),
            Event::Leg(leg) => leg.session != sid,
        });
    }

    /// WHK-7: 80908.
    pub(super) fn report_callback(&mut self, url: CallbackUrl, answer: WebhookAnswer) {
        if !is_2xx(answer) {
            self.raise(Notification::CallbackError { url });
        }
    }
}

pub(super) const fn is_2xx(answer: WebhookAnswer) -> bool {
    match answer {
        WebhookAnswer::Status(status) => 200 <= status && status <= 299,
        WebhookAnswer::None => false,
    }
}

/// RTE-3: trimmed as in TXT-2.
fn is_opt_out(body: &str) -> bool {
    let said = body.trim_matches([' ', '\t', '\r', '\n', '\u{c}']).to_ascii_uppercase();
    OPT_OUT_WORDS.contains(&said.as_str())
}

/// RTE-5
fn wrong_mode(session: &Session, kind: ContactKind) -> Option<Rejection> {
    match kind {
        ContactKind::Message if !session.mode.has_messages() => Some(Rejection::MessageToVoiceOnlySession),
        ContactKind::Call if !session.mode.has_voice() => Some(Rejection::CallToMessageOnlySession),
        ContactKind::Message | ContactKind::Call => None,
    }
}
