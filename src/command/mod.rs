//! Every operation as a value, to be logged, sent, replayed and generated.

mod account;
mod error;

pub use self::{account::AccountCommand, error::Error};
use crate::{
    interaction::{AutoCreateSids, Inbound, Interaction, NewMessage, OutOfSessionAnswer, StatusReport, WebhookAnswer},
    inventory::{Inventory, OwnedNumber},
    number::{NewNumber, NumberSid, NumberUpdate, PhoneNumber},
    participant::{CancelReason, CancelledParticipant, NewParticipant, Participant, PendingParticipant},
    service::{Outcome, Service, ServiceSettings, ServiceUpdate},
    session::{NewSession, Session, SessionUpdate},
    sid::{InteractionSid, ParticipantSid, ServiceSid, SessionSid},
    text::CallbackUrl,
    time::Timestamp,
};

/// An operation of a [`Service`]: the method of the same name and its arguments, but for `now`.
///
/// Its JSON is stable, so that a stored log outlives the version that wrote it:
///
#[cfg_attr(feature = "serde", doc = "```")]
#[cfg_attr(not(feature = "serde"), doc = "```ignore")]
/// use twilio_proxy_core::Command;
///
/// let json = r#"{"remove_participant":{
///     "session": "KC00000000000000000000000000000001",
///     "participant": "KP00000000000000000000000000000001"
/// }}"#;
/// let command: Command = serde_json::from_str(json)?;
/// assert!(matches!(command, Command::RemoveParticipant { .. }));
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "arbitrary", derive(arbitrary::Arbitrary))]
#[cfg_attr(
    feature = "serde",
    derive(serde::Deserialize, serde::Serialize),
    serde(rename_all = "snake_case", deny_unknown_fields)
)]
#[non_exhaustive]
pub enum Command {
    /// [`Service::update_service`].
    UpdateService {
        /// What changes.
        update: ServiceUpdate,
    },
    /// [`Service::add_number`].
    AddNumber {
        /// What is added.
        new: NewNumber,
    },
    /// [`Service::update_number`].
    UpdateNumber {
        /// Which number.
        number: NumberSid,
        /// What changes.
        update: NumberUpdate,
    },
    /// [`Service::remove_number`].
    RemoveNumber {
        /// Which number.
        number: NumberSid,
    },
    /// [`Service::create_session`].
    CreateSession {
        /// What is created.
        new: NewSession,
    },
    /// [`Service::update_session`].
    UpdateSession {
        /// Which session.
        session: SessionSid,
        /// What changes.
        update: SessionUpdate,
    },
    /// [`Service::delete_session`].
    DeleteSession {
        /// Which session.
        session: SessionSid,
    },
    /// [`Service::add_participant`].
    AddParticipant {
        /// To which session.
        session: SessionSid,
        /// Who is added.
        new: NewParticipant,
    },
    /// [`Service::begin_add_participant`].
    BeginAddParticipant {
        /// To which session.
        session: SessionSid,
        /// Who is to be added.
        new: NewParticipant,
    },
    /// [`Service::finish_add_participant`].
    FinishAddParticipant {
        /// To which session.
        session: SessionSid,
        /// Who is to be added.
        participant: ParticipantSid,
    },
    /// [`Service::cancel_add_participant`].
    CancelAddParticipant {
        /// To which session.
        session: SessionSid,
        /// Who was to be added.
        participant: ParticipantSid,
        /// Why not.
        #[cfg_attr(feature = "serde", serde(default, skip_serializing_if = "Option::is_none"))]
        reason: Option<CancelReason>,
    },
    /// [`Service::remove_participant`].
    RemoveParticipant {
        /// From which session.
        session: SessionSid,
        /// Who is removed.
        participant: ParticipantSid,
    },
    /// [`Service::receive`].
    Receive {
        /// What came in.
        inbound: Inbound,
    },
    /// [`Service::resolve_intercept`].
    ResolveIntercept {
        /// Which contact.
        interaction: InteractionSid,
        /// What came back for the request.
        answer: WebhookAnswer,
    },
    /// [`Service::resolve_out_of_session`].
    ResolveOutOfSession {
        /// Which contact.
        interaction: InteractionSid,
        /// What came back for the request.
        answer: OutOfSessionAnswer,
        /// For what the answer may create.
        sids: AutoCreateSids,
    },
    /// [`Service::send_message`].
    SendMessage {
        /// In which session.
        session: SessionSid,
        /// To whom.
        participant: ParticipantSid,
        /// What is sent.
        new: NewMessage,
    },
    /// [`Service::report_status`].
    ReportStatus {
        /// Of which interaction.
        interaction: InteractionSid,
        /// What has become of it.
        report: StatusReport,
    },
    /// [`Service::delete_interaction`].
    DeleteInteraction {
        /// Of which session.
        session: SessionSid,
        /// Which interaction.
        interaction: InteractionSid,
    },
    /// [`Service::report_callback`].
    ReportCallback {
        /// Where the request was sent.
        url: CallbackUrl,
        /// What came back for it.
        answer: WebhookAnswer,
    },
    /// [`Service::handle_deadline`].
    HandleDeadline {},
}

/// A command, of a service or of an account, and the instant at which it was given: a line of a log.
///
#[cfg_attr(feature = "serde", doc = "```")]
#[cfg_attr(not(feature = "serde"), doc = "```ignore")]
/// use twilio_proxy_core::{Command, LogEntry, Timestamp};
///
/// let entry = LogEntry { now: Timestamp::MIN, command: Command::HandleDeadline {} };
/// let json = r#"{"now":"1970-01-01T00:00:00Z","command":{"handle_deadline":{}}}"#;
/// assert_eq!(serde_json::to_string(&entry)?, json);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "arbitrary", derive(arbitrary::Arbitrary))]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize), serde(deny_unknown_fields))]
#[expect(clippy::exhaustive_structs, reason = "written as a literal")]
pub struct LogEntry<C = Command> {
    /// The instant.
    pub now: Timestamp,
    /// The command.
    pub command: C,
}

/// What a [`Command`] that was accepted gives back: what the method of its name returns, cloned. Likewise of an
/// [`AccountCommand`].
///
/// ```
/// # use twilio_proxy_core::{NewService, Policy, Service, Timestamp, sid};
/// use twilio_proxy_core::{Command, NewSession, Reply};
///
/// # let new = NewService::new(
/// #     sid!("KS00000000000000000000000000000001"),
/// #     sid!("AC00000000000000000000000000000001"),
/// #     "rides".parse()?,
/// # );
/// # let now = Timestamp::MIN;
/// # let mut service = Service::new(new, Policy::default(), now);
/// let new = NewSession::new(sid!("KC00000000000000000000000000000001"));
/// let Reply::Session(session) = service.apply(Command::CreateSession { new }, now)? else { unreachable!() };
/// assert_eq!(session.date_created, now);
/// let reply = service.apply(Command::DeleteSession { session: session.sid }, now)?;
/// assert_eq!(reply, Reply::Done {});
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize), serde(rename_all = "snake_case"))]
#[non_exhaustive]
pub enum Reply {
    /// The service as it is now.
    Service(ServiceSettings),
    /// The number as it is now.
    Number(PhoneNumber),
    /// The session as it is now.
    Session(Session),
    /// The participant as it is now.
    Participant(Participant),
    /// What is held for an addition that was begun.
    Pending(PendingParticipant),
    /// What had been held for an addition that was cancelled.
    Cancelled(CancelledParticipant),
    /// What has become of a contact.
    Outcome(Outcome),
    /// The interaction as it is now.
    Interaction(Interaction),
    /// The number that the account owns.
    OwnedNumber(OwnedNumber),
    /// The service that a contact was for, and what has become of it there.
    Received {
        /// The service.
        service: ServiceSid,
        /// What has become of the contact.
        outcome: Outcome,
    },
    /// It is done, and there is nothing to show.
    Done {},
}

impl Service {
    /// Does what a command says: the method of its name does it.
    ///
    /// ```
    /// use twilio_proxy_core::{Command, NewService, NewSession, Policy, Reply, Service, Timestamp, sid};
    ///
    /// let new = NewService::new(
    ///     sid!("KS00000000000000000000000000000001"),
    ///     sid!("AC00000000000000000000000000000001"),
    ///     "rides".parse()?,
    /// );
    /// let mut service = Service::new(new, Policy::default(), Timestamp::MIN);
    /// let new = NewSession::new(sid!("KC00000000000000000000000000000001"));
    /// let reply = service.apply(Command::CreateSession { new }, Timestamp::MIN)?;
    /// assert!(matches!(reply, Reply::Session(session) if Some(&session) == service.sessions().next()));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// The error of that method, as [`Error`].
    pub fn apply(&mut self, command: Command, now: Timestamp) -> Result<Reply, Error> {
        self.apply_within(None, command, now)
    }

    /// The same in an account that owns these numbers (PAR-7).
    fn apply_within(
        &mut self,
        inventory: Option<&Inventory>,
        command: Command,
        now: Timestamp,
    ) -> Result<Reply, Error> {
        Ok(match command {
            Command::UpdateService { update } => Reply::Service(self.update_service(update, now).clone()),
            Command::AddNumber { new } => Reply::Number(self.add_number(new, now)?.clone()),
            Command::UpdateNumber { number, update } => Reply::Number(self.update_number(number, update, now)?.clone()),
            Command::RemoveNumber { number } => {
                self.remove_number(number, now)?;
                Reply::Done {}
            }
            Command::CreateSession { new } => Reply::Session(self.create_session_within(inventory, new, now)?.clone()),
            Command::UpdateSession { session, update } => {
                Reply::Session(self.update_session(session, update, now)?.clone())
            }
            Command::DeleteSession { session } => {
                self.delete_session(session, now)?;
                Reply::Done {}
            }
            Command::AddParticipant { session, new } => {
                Reply::Participant(self.add_participant_within(inventory, session, new, now)?.clone())
            }
            Command::BeginAddParticipant { session, new } => {
                Reply::Pending(self.begin_add_participant_within(inventory, session, new, now)?.clone())
            }
            Command::FinishAddParticipant { session, participant } => {
                Reply::Participant(self.finish_add_participant(session, participant, now)?.clone())
            }
            Command::CancelAddParticipant { session, participant, reason } => {
                Reply::Cancelled(self.cancel_add_participant(session, participant, reason, now)?)
            }
            Command::RemoveParticipant { session, participant } => {
                Reply::Participant(self.remove_participant(session, participant, now)?.clone())
            }
            Command::Receive { inbound } => Reply::Outcome(self.receive(inbound, now)?),
            Command::ResolveIntercept { interaction, answer } => {
                Reply::Outcome(self.resolve_intercept(interaction, answer, now)?)
            }
            Command::ResolveOutOfSession { interaction, answer, sids } => {
                Reply::Outcome(self.resolve_out_of_session_within(inventory, interaction, answer, sids, now)?)
            }
            Command::SendMessage { session, participant, new } => {
                Reply::Interaction(self.send_message(session, participant, new, now)?.clone())
            }
            Command::ReportStatus { interaction, report } => match self.report_status(interaction, report, now) {
                Some(interaction) => Reply::Interaction(interaction.clone()),
                None => Reply::Done {},
            },
            Command::DeleteInteraction { session, interaction } => {
                self.delete_interaction(session, interaction, now)?;
                Reply::Done {}
            }
            Command::ReportCallback { url, answer } => {
                self.report_callback(url, answer, now);
                Reply::Done {}
            }
            Command::HandleDeadline {} => {
                self.handle_deadline(now);
                Reply::Done {}
            }
        })
    }
}
