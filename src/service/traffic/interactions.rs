//! The records of what was connected or sent (INT), and the status of requests (WHK-7).

use super::{DeleteInteractionError, InteractionRecord, SendMessageError, ledger::InteractionSlot};
use crate::{
    event::Notification,
    interaction::{Contact, Interaction, NewMessage, ReportEffect, StatusReport, WebhookAnswer},
    participant::Participant,
    service::{Service, SessionClosed, SessionNotFound},
    sid::{InteractionSid, ParticipantSid, SessionSid},
    text::CallbackUrl,
    time::Timestamp,
};

impl Service {
    /// The interaction of this session with this SID; a waiting contact is none yet (RTE-11).
    ///
    /// ```
    /// # use twilio_proxy_core::{NewNumber, NewParticipant, NewService, NewSession, Policy, Service, Timestamp, sid};
    /// use twilio_proxy_core::NewMessage;
    ///
    /// # let new = NewService::new(
    /// #     sid!("KS00000000000000000000000000000001"),
    /// #     sid!("AC00000000000000000000000000000001"),
    /// #     "rides".parse()?,
    /// # );
    /// # let now = Timestamp::MIN;
    /// # let mut service = Service::new(new, Policy::default(), now);
    /// # let number = NewNumber::phone(sid!("PN00000000000000000000000000000001"), "+14155551212".parse()?);
    /// # service.add_number(number, now)?;
    /// # let ride = service.create_session(NewSession::new(sid!("KC00000000000000000000000000000001")), now)?.sid;
    /// # let alice = NewParticipant::new(sid!("KP00000000000000000000000000000001"), "+15558675310".parse()?);
    /// # let alice = service.add_participant(ride, alice, now)?.sid;
    /// # let welcome = NewMessage::new(sid!("KI00000000000000000000000000000001"), "Welcome!".parse()?);
    /// let welcome = service.send_message(ride, alice, welcome, now)?.sid;
    /// assert_eq!(service.interaction(ride, welcome).map(|interaction| interaction.date_created), Some(now));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn interaction(&self, session: SessionSid, interaction: InteractionSid) -> Option<&Interaction> {
        self.ledger.interaction(self.interaction_of(session, interaction)?)
    }

    /// Every interaction of a session, oldest first (INT-5). `None` if there is no such session.
    ///
    /// ```
    /// # use twilio_proxy_core::{NewNumber, NewParticipant, NewService, NewSession, Policy, Service, Timestamp, sid};
    /// use twilio_proxy_core::NewMessage;
    ///
    /// # let new = NewService::new(
    /// #     sid!("KS00000000000000000000000000000001"),
    /// #     sid!("AC00000000000000000000000000000001"),
    /// #     "rides".parse()?,
    /// # );
    /// # let now = Timestamp::MIN;
    /// # let mut service = Service::new(new, Policy::default(), now);
    /// # let number = NewNumber::phone(sid!("PN00000000000000000000000000000001"), "+14155551212".parse()?);
    /// # service.add_number(number, now)?;
    /// # let ride = service.create_session(NewSession::new(sid!("KC00000000000000000000000000000001")), now)?.sid;
    /// # let alice = NewParticipant::new(sid!("KP00000000000000000000000000000001"), "+15558675310".parse()?);
    /// # let alice = service.add_participant(ride, alice, now)?.sid;
    /// # let welcome = NewMessage::new(sid!("KI00000000000000000000000000000001"), "Welcome!".parse()?);
    /// service.send_message(ride, alice, welcome, now)?;
    /// let latest = service.interactions(ride).and_then(|mut interactions| interactions.next_back());
    /// assert_eq!(latest.and_then(|latest| latest.outbound_participant_sid), Some(alice));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn interactions(&self, session: SessionSid) -> Option<impl DoubleEndedIterator<Item = &Interaction>> {
        let records = self.ledger.of_session(self.book.slot_of_sid(session)?, ..);
        Some(records.map(|record| &record.interaction))
    }

    /// Every message that was [sent](Self::send_message) to a participant, removed or not, oldest first (INT-5). `None` if
    /// the session has no such participant.
    ///
    /// ```
    /// # use twilio_proxy_core::{NewNumber, NewParticipant, NewService, NewSession, Policy, Service, Timestamp, sid};
    /// use twilio_proxy_core::NewMessage;
    ///
    /// # let new = NewService::new(
    /// #     sid!("KS00000000000000000000000000000001"),
    /// #     sid!("AC00000000000000000000000000000001"),
    /// #     "rides".parse()?,
    /// # );
    /// # let now = Timestamp::MIN;
    /// # let mut service = Service::new(new, Policy::default(), now);
    /// # let number = NewNumber::phone(sid!("PN00000000000000000000000000000001"), "+14155551212".parse()?);
    /// # service.add_number(number, now)?;
    /// # let ride = service.create_session(NewSession::new(sid!("KC00000000000000000000000000000001")), now)?.sid;
    /// # let alice = NewParticipant::new(sid!("KP00000000000000000000000000000001"), "+15558675310".parse()?);
    /// # let alice = service.add_participant(ride, alice, now)?.sid;
    /// # let welcome = NewMessage::new(sid!("KI00000000000000000000000000000001"), "Welcome!".parse()?);
    /// service.send_message(ride, alice, welcome, now)?;
    /// assert_eq!(service.message_interactions(ride, alice).into_iter().flatten().count(), 1);
    /// assert!(service.message_interactions(ride, sid!("KP00000000000000000000000000000009")).is_none());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn message_interactions(
        &self,
        session: SessionSid,
        participant: ParticipantSid,
    ) -> Option<impl DoubleEndedIterator<Item = &Interaction>> {
        let member = self.member_of(self.book.slot_of_sid(session)?, participant)?;
        self.added(member)?;
        Some(self.ledger.of_recipient(member, ..).map(|record| &record.interaction))
    }

    /// The message with this SID that was [sent](Self::send_message) to a participant (INT-5).
    ///
    /// ```
    /// # use twilio_proxy_core::{NewNumber, NewParticipant, NewService, NewSession, Policy, Service, Timestamp, sid};
    /// use twilio_proxy_core::NewMessage;
    ///
    /// # let new = NewService::new(
    /// #     sid!("KS00000000000000000000000000000001"),
    /// #     sid!("AC00000000000000000000000000000001"),
    /// #     "rides".parse()?,
    /// # );
    /// # let now = Timestamp::MIN;
    /// # let mut service = Service::new(new, Policy::default(), now);
    /// # let number = NewNumber::phone(sid!("PN00000000000000000000000000000001"), "+14155551212".parse()?);
    /// # service.add_number(number, now)?;
    /// # let ride = service.create_session(NewSession::new(sid!("KC00000000000000000000000000000001")), now)?.sid;
    /// # let alice = NewParticipant::new(sid!("KP00000000000000000000000000000001"), "+15558675310".parse()?);
    /// # let alice = service.add_participant(ride, alice, now)?.sid;
    /// # let welcome = NewMessage::new(sid!("KI00000000000000000000000000000001"), "Welcome!".parse()?);
    /// let welcome = service.send_message(ride, alice, welcome, now)?.sid;
    /// assert_eq!(service.message_interaction(ride, alice, welcome), service.interaction(ride, welcome));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn message_interaction(
        &self,
        session: SessionSid,
        participant: ParticipantSid,
        interaction: InteractionSid,
    ) -> Option<&Interaction> {
        let member = self.member_of(self.book.slot_of_sid(session)?, participant)?;
        let record = self.ledger.record(self.ledger.slot_of_sid(interaction)?)?;
        (record.sent_to == Some(member)).then_some(&record.interaction)
    }

    /// Sends a message to one participant, from that participant's own proxy identifier (INT-3). It works without a
    /// partner, and neither opt-out words nor the intercept apply (INT-4).
    ///
    /// ```
    /// # use twilio_proxy_core::{NewNumber, NewParticipant, NewService, NewSession, Policy, Service, Timestamp, sid};
    /// use twilio_proxy_core::{Event, NewMessage};
    ///
    /// # let new = NewService::new(
    /// #     sid!("KS00000000000000000000000000000001"),
    /// #     sid!("AC00000000000000000000000000000001"),
    /// #     "rides".parse()?,
    /// # );
    /// # let now = Timestamp::MIN;
    /// # let mut service = Service::new(new, Policy::default(), now);
    /// # service.add_number(NewNumber::phone(sid!("PN00000000000000000000000000000001"), "+14155551212".parse()?), now)?;
    /// # let ride = service.create_session(NewSession::new(sid!("KC00000000000000000000000000000001")), now)?.sid;
    /// # let alice = NewParticipant::new(sid!("KP00000000000000000000000000000001"), "+15558675310".parse()?);
    /// # let alice = service.add_participant(ride, alice, now)?.sid;
    /// let welcome = NewMessage::new(sid!("KI00000000000000000000000000000001"), "Welcome!".parse()?);
    /// service.send_message(ride, alice, welcome, now)?;
    /// let Some(Event::Leg(leg)) = service.poll_event() else { unreachable!() };
    /// assert_eq!((leg.from.to_string(), leg.to.to_string()), ("+14155551212".to_owned(), "+15558675310".to_owned()));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`SendMessageError`], in the order of its variants (INT-4): 20404, 20404, 80701, 20409, 80607, 80616.
    pub fn send_message(
        &mut self,
        session: SessionSid,
        participant: ParticipantSid,
        new: NewMessage,
        now: Timestamp,
    ) -> Result<&Interaction, SendMessageError> {
        let now = self.advance(now);
        let slot = self.existing(session)?;
        let not_found = SendMessageError::ParticipantNotFound { participant };
        let member = self.member_of(slot, participant);
        let member = member.filter(|member| self.added(*member).is_some_and(Participant::is_live));
        let member = member.ok_or(not_found.clone())?;
        let NewMessage { sid, body } = new;
        if body.is_empty() {
            return Err(SendMessageError::BodyMissing);
        }
        if self.is_interaction_taken(sid) {
            return Err(SendMessageError::SidTaken { interaction: sid });
        }
        let record = self.book.record(slot).ok_or(SessionNotFound { session })?;
        if !record.is_active() {
            return Err(SessionClosed { session }.into());
        }
        if !record.session.mode.has_messages() {
            return Err(SendMessageError::VoiceOnlySession);
        }
        let contact = Contact::message(body);
        let interaction = Interaction::outbound(sid, &contact, participant, now);
        let slot = self.record_interaction(slot, member, interaction, contact);
        slot.and_then(|slot| self.ledger.interaction(slot)).ok_or(not_found)
    }

    /// Takes in what has become of the outbound side of an interaction, and gives the interaction as it is now; `None` if
    /// there is no such interaction (INT-2). A report never fails: it raises 80907 for an unknown interaction, 80906 after
    /// a terminal status, and changes nothing then.
    ///
    /// ```
    /// # use twilio_proxy_core::{NewNumber, NewParticipant, NewService, NewSession, Policy, Service, Timestamp, sid};
    /// use twilio_proxy_core::{NewMessage, ResourceStatus, StatusReport};
    ///
    /// # let new = NewService::new(
    /// #     sid!("KS00000000000000000000000000000001"),
    /// #     sid!("AC00000000000000000000000000000001"),
    /// #     "rides".parse()?,
    /// # );
    /// # let now = Timestamp::MIN;
    /// # let mut service = Service::new(new, Policy::default(), now);
    /// # service.add_number(NewNumber::phone(sid!("PN00000000000000000000000000000001"), "+14155551212".parse()?), now)?;
    /// # let ride = service.create_session(NewSession::new(sid!("KC00000000000000000000000000000001")), now)?.sid;
    /// # let alice = NewParticipant::new(sid!("KP00000000000000000000000000000001"), "+15558675310".parse()?);
    /// # let alice = service.add_participant(ride, alice, now)?.sid;
    /// let welcome = NewMessage::new(sid!("KI00000000000000000000000000000001"), "Welcome!".parse()?);
    /// let welcome = service.send_message(ride, alice, welcome, now)?.sid;
    /// let report = StatusReport::new(ResourceStatus::Delivered);
    /// let status = service.report_status(welcome, report, now).map(|welcome| welcome.outbound_resource_status);
    /// assert_eq!(status, Some(Some(ResourceStatus::Delivered)));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn report_status(
        &mut self,
        interaction: InteractionSid,
        report: StatusReport,
        now: Timestamp,
    ) -> Option<&Interaction> {
        let now = self.advance(now);
        let Some(slot) = self.ledger.slot_of_sid(interaction) else {
            self.notify(Notification::OpenInteractionNotFound { interaction });
            return None;
        };
        let InteractionRecord { interaction: stored, session, .. } = self.ledger.record_mut(slot)?;
        match stored.report(report, self.settings.account_sid, now) {
            ReportEffect::Changed => {
                self.call_back(slot);
            }
            ReportEffect::Unchanged => {}
            ReportEffect::TooLate => {
                let session = self.book.session(*session)?.sid;
                self.notify(Notification::InteractionNotOpen { session, interaction });
            }
        }
        self.ledger.interaction(slot)
    }

    /// Deletes an interaction for good, in whatever state its session is (INT-5). What is not yet polled of it is discarded
    /// (INV-6).
    ///
    /// # Errors
    ///
    /// [`DeleteInteractionError`]: 20404 for whatever is not there.
    pub fn delete_interaction(
        &mut self,
        session: SessionSid,
        interaction: InteractionSid,
        now: Timestamp,
    ) -> Result<(), DeleteInteractionError> {
        self.advance(now);
        self.existing(session)?;
        let not_found = DeleteInteractionError::InteractionNotFound { interaction };
        let slot = self.interaction_of(session, interaction).ok_or(not_found)?;
        self.ledger.remove(slot);
        self.events.discard_interaction(interaction);
        Ok(())
    }

    /// Takes in what came back for a callback request: 80908 unless it is an answer with a status of 200 to 299. Nothing
    /// else changes (WHK-7).
    ///
    /// ```
    /// # use twilio_proxy_core::{NewService, Policy, Service, Timestamp, sid};
    /// use twilio_proxy_core::WebhookAnswer;
    ///
    /// # let new = NewService::new(
    /// #     sid!("KS00000000000000000000000000000001"),
    /// #     sid!("AC00000000000000000000000000000001"),
    /// #     "rides".parse()?,
    /// # );
    /// # let now = Timestamp::MIN;
    /// # let mut service = Service::new(new, Policy::default(), now);
    /// service.report_callback("https://rides.example.com/proxy".parse()?, WebhookAnswer::Status(204), now);
    /// assert_eq!(service.poll_event(), None);
    /// service.report_callback("https://rides.example.com/proxy".parse()?, WebhookAnswer::Status(500), now);
    /// assert!(service.poll_event().is_some());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn report_callback(&mut self, url: CallbackUrl, answer: WebhookAnswer, now: Timestamp) {
        self.advance(now);
        self.notify((!answer.is_success()).then_some(Notification::CallbackError { url }));
    }

    fn interaction_of(&self, session: SessionSid, interaction: InteractionSid) -> Option<InteractionSlot> {
        let slot = self.ledger.slot_of_sid(interaction)?;
        let is_here = self.ledger.record(slot)?.session == self.book.slot_of_sid(session)?;
        is_here.then_some(slot)
    }
}
