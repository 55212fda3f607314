//! Taking in calls and messages (RTE), and the intercept's verdict on them.

use super::{
    Connection, InteractionRecord, Matter, Outcome, ReceiveError, Rejection, ResolveError, Tie, WaitingContact,
    decision::{Decision, Placement},
    ledger::InteractionSlot,
};
use crate::{
    event::{InteractionContext, Leg, Notification, PreviousSession, Request, RequestPurpose, Sides},
    interaction::{Contact, ContactKind, Inbound, Interaction, MessageBody, WebhookAnswer},
    service::{
        Service,
        book::{MemberSlot, SessionSlot},
        pairs::PastSession,
    },
    sid::{InteractionSid, ResourceSid, SessionSid},
    text::CallbackUrl,
    time::Timestamp,
};

/// A contact whose addresses have done their part.
pub(super) struct Arrival {
    pub(super) interaction: InteractionSid,
    pub(super) resource: ResourceSid,
    pub(super) contact: Contact,
}

impl Service {
    /// Takes in a call or message, and says what becomes of it. What is to be sent or connected leaves as an event.
    ///
    /// In this order, and the first that applies decides (RTE-12): nobody is reached there, which is an error; the SID is
    /// taken, likewise; an opt-out word; out of session; the session's mode; no partner; the intercept; it is connected.
    ///
    /// ```
    /// # use twilio_proxy_core::{NewNumber, NewParticipant, NewService, NewSession, Policy, Service, Timestamp, sid};
    /// use twilio_proxy_core::{Event, Identifier, Inbound, Outcome};
    ///
    /// # let new = NewService::new(
    /// #     sid!("KS00000000000000000000000000000001"),
    /// #     sid!("AC00000000000000000000000000000001"),
    /// #     "rides".parse()?,
    /// # );
    /// # let now = Timestamp::MIN;
    /// # let mut service = Service::new(new, Policy::default(), now);
    /// # service.add_number(NewNumber::phone(sid!("PN00000000000000000000000000000001"), "+14155551212".parse()?), now)?;
    /// # let [alice, bob]: [Identifier; 2] = ["+15558675310".parse()?, "+15558675311".parse()?];
    /// # let mut ride = NewSession::new(sid!("KC00000000000000000000000000000001"));
    /// # ride.participants = vec![
    /// #     NewParticipant::new(sid!("KP00000000000000000000000000000001"), alice.clone()),
    /// #     NewParticipant::new(sid!("KP00000000000000000000000000000002"), bob.clone()),
    /// # ];
    /// # service.create_session(ride, now)?;
    /// let message = Inbound::message(
    ///     sid!("KI00000000000000000000000000000001"),
    ///     "SM00000000000000000000000000000001".parse()?,
    ///     alice,
    ///     "+14155551212".parse()?,
    ///     "On my way".parse()?,
    /// );
    /// let outcome = service.receive(message, now)?;
    /// assert!(matches!(outcome, Outcome::Connected { to, .. } if to == bob));
    /// assert!(matches!(service.poll_event(), Some(Event::Leg(leg)) if leg.to == bob));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`ReceiveError`], in the order of its variants: 20404, 20409.
    pub fn receive(&mut self, inbound: Inbound, now: Timestamp) -> Result<Outcome, ReceiveError> {
        self.advance(now);
        if !self.is_reached_at(self.present(), &inbound.to) {
            return Err(ReceiveError::UnknownProxyIdentifier);
        }
        let (interaction, number) = (inbound.interaction, inbound.to.number());
        if self.is_interaction_taken(interaction) {
            return Err(ReceiveError::SidTaken { interaction });
        }
        if inbound.contact.body().is_some_and(MessageBody::is_opt_out) {
            self.notify(Notification::MessageMatchedStopWord { interaction, number });
            return Ok(Outcome::Dropped { interaction });
        }
        match self.decide(self.present(), inbound.from.as_ref(), &inbound.to, inbound.contact.kind()) {
            Decision::InSession(placement) => {
                let Inbound { resource, contact, .. } = inbound;
                let outcome = self.proceed(Arrival { interaction, resource, contact }, placement);
                outcome.ok_or(ReceiveError::UnknownProxyIdentifier)
            }
            Decision::OutOfSession(past) => Ok(self.ask_out_of_session(inbound, past)),
        }
    }

    /// Takes the intercept's verdict on a waiting contact: 403 blocks it, every other answer and none at all let it go on
    /// (RTE-7, RTE-11). Raises 80908 first where the request failed (WHK-7).
    ///
    /// ```
    /// # use twilio_proxy_core::{NewNumber, NewParticipant, NewService, NewSession, Policy, Service, Timestamp, sid};
    /// use twilio_proxy_core::{Code, Identifier, Inbound, Outcome, WebhookAnswer};
    ///
    /// # let mut new = NewService::new(
    /// #     sid!("KS00000000000000000000000000000001"),
    /// #     sid!("AC00000000000000000000000000000001"),
    /// #     "rides".parse()?,
    /// # );
    /// # let now = Timestamp::MIN;
    /// new.intercept_callback_url = Some("https://rides.example.com/intercept".parse()?);
    /// # let mut service = Service::new(new, Policy::default(), now);
    /// # service.add_number(NewNumber::phone(sid!("PN00000000000000000000000000000001"), "+14155551212".parse()?), now)?;
    /// # let [alice, bob]: [Identifier; 2] = ["+15558675310".parse()?, "+15558675311".parse()?];
    /// # let mut ride = NewSession::new(sid!("KC00000000000000000000000000000001"));
    /// # ride.participants = vec![
    /// #     NewParticipant::new(sid!("KP00000000000000000000000000000001"), alice.clone()),
    /// #     NewParticipant::new(sid!("KP00000000000000000000000000000002"), bob.clone()),
    /// # ];
    /// # service.create_session(ride, now)?;
    /// let sid = sid!("KI00000000000000000000000000000001");
    /// let call = "CA00000000000000000000000000000001".parse()?;
    /// let outcome = service.receive(Inbound::call(sid, call, alice, "+14155551212".parse()?), now)?;
    /// assert!(matches!(outcome, Outcome::Waiting { .. }));
    /// let outcome = service.resolve_intercept(sid, WebhookAnswer::Status(403), now)?;
    /// assert_eq!(outcome.code(), Some(Code::InboundContactRejected));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`ResolveError`], 20404: no contact with this SID waits for a verdict.
    pub fn resolve_intercept(
        &mut self,
        interaction: InteractionSid,
        answer: WebhookAnswer,
        now: Timestamp,
    ) -> Result<Outcome, ResolveError> {
        self.advance(now);
        let not_waiting = ResolveError { interaction };
        let (connection, url) = match self.waiting.contact(interaction).map(|waiting| &waiting.matter) {
            Some(Matter::Verdict(connection, url)) => (*connection, url.clone()),
            Some(Matter::OutOfSession { .. }) | None => return Err(not_waiting),
        };
        let WaitingContact { resource, contact, .. } = self.waiting.remove(interaction).ok_or(not_waiting)?;
        if answer == WebhookAnswer::Status(403) {
            return self.block(interaction, connection).ok_or(not_waiting);
        }
        if !answer.is_success() {
            self.notify(Notification::CallbackError { url });
        }
        self.connect(Arrival { interaction, resource, contact }, connection).ok_or(not_waiting)
    }

    /// Whether an interaction or a waiting contact has this SID (SID-4).
    pub(in crate::service) fn is_interaction_taken(&self, interaction: InteractionSid) -> bool {
        self.ledger.slot_of_sid(interaction).is_some() || self.waiting.contact(interaction).is_some()
    }

    /// Drops the contacts that wait and are tied to a session in this way (RTE-11).
    pub(in crate::service) fn drop_waiting(&mut self, session: SessionSlot, tie: Tie) {
        while let Some(interaction) = self.waiting.first_of_session(session, tie) {
            self.waiting.remove(interaction);
            self.events.discard_out_of_session(interaction);
        }
    }

    /// Carries out what was decided for a contact in a session.
    pub(super) fn proceed(&mut self, arrival: Arrival, placement: Placement) -> Option<Outcome> {
        match placement {
            Placement::Connect(connection) => match self.settings.intercept_callback_url.clone() {
                Some(url) => self.ask_intercept(arrival, connection, url),
                None => self.connect(arrival, connection),
            },
            Placement::WrongMode { session, caller } => {
                let reason = match arrival.contact.kind() {
                    ContactKind::Call => Rejection::CallToMessageOnlySession,
                    ContactKind::Message => Rejection::MessageToVoiceOnlySession,
                };
                self.reject(&arrival, session, caller, reason)
            }
            Placement::NoPartner { session, caller } => {
                self.reject(&arrival, session, caller, Rejection::NoPartnerParticipant)
            }
        }
    }

    fn reject(
        &mut self,
        arrival: &Arrival,
        session: SessionSlot,
        caller: MemberSlot,
        reason: Rejection,
    ) -> Option<Outcome> {
        let interaction = arrival.interaction;
        let (session, caller) = (self.book.session(session)?.sid, self.added(caller)?);
        let (participant, number) = (caller.sid, caller.proxy_identifier.number());
        self.notify(match reason {
            Rejection::MessageToVoiceOnlySession => {
                Notification::MessageToVoiceOnlySession { session, participant, interaction, number }
            }
            Rejection::CallToMessageOnlySession => {
                Notification::CallToMessageOnlySession { session, participant, interaction, number }
            }
            Rejection::NoPartnerParticipant => {
                Notification::NoPartnerParticipant { session, participant, interaction, number }
            }
        });
        self.events.discard_out_of_session(interaction);
        Some(Outcome::Rejected { session, interaction, reason })
    }

    fn block(&mut self, interaction: InteractionSid, connection: Connection) -> Option<Outcome> {
        let (session, caller) = (self.book.session(connection.session)?.sid, self.added(connection.caller)?);
        let (participant, number) = (caller.sid, caller.proxy_identifier.number());
        self.notify(Notification::InboundContactRejected { session, participant, interaction, number });
        self.events.discard_out_of_session(interaction);
        Some(Outcome::Blocked { session, interaction })
    }

    /// Lets a contact wait, and asks the intercept.
    fn ask_intercept(&mut self, arrival: Arrival, connection: Connection, url: CallbackUrl) -> Option<Outcome> {
        let draft = self.draft(&arrival, connection)?;
        let session = self.book.session(connection.session)?.sid;
        let context = self.context(session);
        self.events
            .push(Request::about(&draft, RequestPurpose::Intercept, url.clone(), context, Sides::Inbound).into());
        let Arrival { interaction, resource, contact, .. } = arrival;
        self.waiting.insert(WaitingContact {
            interaction,
            resource,
            contact,
            matter: Matter::Verdict(connection, url),
        });
        Some(Outcome::Waiting { session, interaction })
    }

    fn connect(&mut self, arrival: Arrival, connection: Connection) -> Option<Outcome> {
        let draft = self.draft(&arrival, connection)?;
        let partner = self.added(connection.partner)?;
        let (from, to) = (partner.proxy_identifier.clone(), partner.identifier.clone());
        let session = self.book.session(connection.session)?.sid;
        self.record_interaction(connection.session, connection.partner, draft, arrival.contact)?;
        Some(Outcome::Connected { session, interaction: arrival.interaction, from, to })
    }

    /// The record that a contact has or will have.
    fn draft(&self, arrival: &Arrival, connection: Connection) -> Option<Interaction> {
        let [caller, partner] = [self.added(connection.caller)?.sid, self.added(connection.partner)?.sid];
        let draft = Interaction::outbound(arrival.interaction, &arrival.contact, partner, self.latest_instant);
        Some(draft.with_inbound(caller, arrival.resource, self.settings.account_sid))
    }

    /// Records what is connected or sent, and hands out the leg and the callback, in this order (WHK-6). The session has
    /// begun, and its TTL starts anew (RTE-8).
    pub(super) fn record_interaction(
        &mut self,
        session: SessionSlot,
        partner: MemberSlot,
        interaction: Interaction,
        contact: Contact,
    ) -> Option<InteractionSlot> {
        let reached = self.added(partner)?;
        let (from, to) = (reached.proxy_identifier.clone(), reached.identifier.clone());
        let now = self.latest_instant;
        let record = self.book.record_mut(session)?;
        record.session.interact(now);
        let leg = Leg::new(record.session.sid, interaction.sid, from, to, contact);
        self.book.reschedule(session, &self.policy);

        let ordinal = self.interactions_created;
        self.interactions_created = self.interactions_created.saturating_add(1);
        let sent_to = interaction.inbound_participant_sid.is_none().then_some(partner);
        let slot = self.ledger.insert(InteractionRecord { interaction, session, ordinal, sent_to });
        self.events.push(leg.into());
        self.call_back(slot);
        Some(slot)
    }

    /// Hands out the callback request for an interaction, if the service has a URL for it (WHK-2).
    pub(super) fn call_back(&mut self, slot: InteractionSlot) -> Option<()> {
        let url = self.settings.callback_url.clone()?;
        let InteractionRecord { interaction, session, sent_to, .. } = self.ledger.record(slot)?;
        let context = self.context(self.book.session(*session)?.sid);
        let sides = if sent_to.is_some() { Sides::Outbound } else { Sides::Both };
        self.events.push(Request::about(interaction, RequestPurpose::Callback, url, context, sides).into());
        Some(())
    }

    const fn context(&self, session: SessionSid) -> InteractionContext {
        InteractionContext { account: self.settings.account_sid, service: self.settings.sid, session }
    }

    /// What becomes of a contact that belongs to no active session (RTE-4): the service is asked, if it has a URL for that.
    fn ask_out_of_session(&mut self, inbound: Inbound, past: Option<PastSession>) -> Outcome {
        let Inbound { interaction, resource, from, to, contact, parameters } = inbound;
        let (kind, number) = (contact.kind(), to.number());
        let sender = past.map(|past| past.member);
        let previous = sender.and_then(|sender| self.book.record_of_member(sender)).map(|record| record.session.sid);
        let expired = past.is_some_and(|past| past.has_expired);
        self.notify(previous.filter(|_| expired).map(|session| Notification::ExpiredSession {
            session,
            interaction,
            number,
        }));
        self.notify(match kind {
            ContactKind::Call => Notification::NoActiveSession { interaction, number },
            ContactKind::Message => Notification::UnknownParticipant { interaction, number },
        });
        let url = self.settings.out_of_session_callback_url.clone();
        let awaits_answer = url.is_some();
        match url {
            Some(url) => {
                let slot = sender.and_then(|sender| self.book.member(sender)).map(|sender| sender.session);
                let previous = sender.and_then(|sender| self.previous_session(sender));
                let (account, service) = (self.settings.account_sid, self.settings.sid);
                let request = Request::out_of_session(interaction, url, parameters, previous, account, service);
                self.events.push(request.into());
                let matter = Matter::OutOfSession { from, to, previous: slot };
                self.waiting.insert(WaitingContact { interaction, resource, contact, matter });
            }
            None => self.notify(Notification::UnknownScenario { interaction, number }),
        }
        Outcome::OutOfSession { interaction, kind, previous, expired, awaits_answer }
    }

    fn previous_session(&self, sender: MemberSlot) -> Option<PreviousSession<'_>> {
        Some(PreviousSession {
            session: &self.book.record_of_member(sender)?.session,
            sender: self.added(sender)?,
            other: self.partner(sender).and_then(|other| self.added(other)),
        })
    }
}
