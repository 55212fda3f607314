use super::{Command, Error, Reply};
use crate::{
    account::Account,
    interaction::Inbound,
    inventory::{NewOwnedNumber, NumberChoice},
    number::NumberSid,
    service::{NewService, ReceiveError},
    sid::ServiceSid,
    time::Timestamp,
};

/// An operation of an [`Account`].
///
/// Its JSON is stable, like that of [`Command`]:
///
#[cfg_attr(feature = "serde", doc = "```")]
#[cfg_attr(not(feature = "serde"), doc = "```ignore")]
/// use twilio_proxy_core::{AccountCommand, LogEntry};
///
/// let line = r#"{"now":"2026-01-01T00:00:00Z","command":{"service":{
///     "service": "KS00000000000000000000000000000001",
///     "command": {"delete_session":{"session":"KC00000000000000000000000000000001"}}
/// }}}"#;
/// let entry: LogEntry<AccountCommand> = serde_json::from_str(line)?;
/// assert!(matches!(entry.command, AccountCommand::Service { .. }));
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
pub enum AccountCommand {
    /// Creates a service (SVC-1). Gives [`Reply::Service`].
    CreateService {
        /// What is created.
        new: NewService,
    },
    /// Deletes a service with all that is in it: sessions, participants, interactions and the pool, whose numbers are
    /// free for another (SVC-4).
    DeleteService {
        /// Which service.
        service: ServiceSid,
    },
    /// Registers a number that the account owns (NUM-8, NUM-9). Gives [`Reply::OwnedNumber`].
    RegisterNumber {
        /// What is registered.
        new: NewOwnedNumber,
    },
    /// Takes an owned number away that is in no pool (NUM-9).
    ReleaseNumber {
        /// Which number.
        number: NumberSid,
    },
    /// Adds an owned number to the pool of a service (NUM-7, NUM-8). Gives [`Reply::Number`].
    ///
    /// [`Command::AddNumber`] names both SID and number, and may describe the entry in another way than the account has it.
    AddNumber {
        /// Which service.
        service: ServiceSid,
        /// Which number.
        choice: NumberChoice,
    },
    /// Takes in a call or message to a number: the pool that has it decides the service (RTE-1). Gives
    /// [`Reply::Received`].
    ///
    /// At a channel address nobody is found: such a contact is a [`Command::Receive`] for the service that it is for.
    Receive {
        /// What came in.
        inbound: Inbound,
    },
    /// [`Account::handle_deadline`].
    HandleDeadline {},
    /// Does what a command says in a service.
    Service {
        /// Which service.
        service: ServiceSid,
        /// The command.
        command: Command,
    },
}

impl Account {
    /// Does what a command says, after all that is due by then in any service (TIM-3).
    ///
    /// ```
    /// use twilio_proxy_core::{
    ///     Account, AccountCommand, Command, NewService, NewSession, Policy, Reply, ServiceSid, SessionSid, Timestamp, sid,
    /// };
    ///
    /// let now = Timestamp::MIN;
    /// let mut account = Account::new(sid!("AC00000000000000000000000000000001"), Policy::default(), now);
    /// let service = ServiceSid::from_u128(1);
    /// let new = NewService::new(service, account.sid(), "rides".parse()?);
    /// account.apply(AccountCommand::CreateService { new }, now)?;
    ///
    /// let command = Command::CreateSession { new: NewSession::new(SessionSid::from_u128(1)) };
    /// let reply = account.apply(AccountCommand::Service { service, command }, now)?;
    /// assert!(matches!(reply, Reply::Session(session) if session.date_created == now));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error`]. A refused command changes nothing but the latest instant seen (ERR-2).
    pub fn apply(&mut self, command: AccountCommand, now: Timestamp) -> Result<Reply, Error> {
        self.handle_deadline(now);
        Ok(match command {
            AccountCommand::CreateService { new } => Reply::Service(self.create_service(new)?),
            AccountCommand::DeleteService { service } => {
                self.delete_service(service)?;
                Reply::Done {}
            }
            AccountCommand::RegisterNumber { new } => Reply::OwnedNumber(self.register_number(new)?),
            AccountCommand::ReleaseNumber { number } => {
                self.release_number(number)?;
                Reply::Done {}
            }
            AccountCommand::AddNumber { service, choice } => {
                self.existing(service)?;
                let new = self.chosen_number(choice)?;
                self.apply_in(service, Command::AddNumber { new })?
            }
            AccountCommand::Receive { inbound } => {
                let service = inbound.to.number().and_then(|number| self.service_of_number(number));
                let service = service.ok_or(ReceiveError::UnknownProxyIdentifier)?.settings().sid;
                let outcome = self.operate(service, |service, _, now| service.receive(inbound, now))??;
                Reply::Received { service, outcome }
            }
            AccountCommand::HandleDeadline {} => Reply::Done {},
            AccountCommand::Service { service, command } => self.apply_in(service, command)?,
        })
    }

    /// Does what a command says in a service, once nothing in the account speaks against it.
    fn apply_in(&mut self, service: ServiceSid, command: Command) -> Result<Reply, Error> {
        match command {
            Command::UpdateService { update } => {
                self.existing(service)?;
                if let Some(unique_name) = &update.unique_name {
                    self.check_name(service, unique_name)?;
                }
                Ok(Reply::Service(self.update_service(service, update)?))
            }
            Command::AddNumber { mut new } => {
                self.existing(service)?;
                self.complete_number(service, &mut new)?;
                let number = new.sid();
                let reply = self.command(service, Command::AddNumber { new })?;
                self.assign_number(number, Some(service));
                Ok(reply)
            }
            Command::RemoveNumber { number } => {
                let reply = self.command(service, command)?;
                self.assign_number(number, None);
                Ok(reply)
            }
            Command::UpdateNumber { .. }
            | Command::CreateSession { .. }
            | Command::UpdateSession { .. }
            | Command::DeleteSession { .. }
            | Command::AddParticipant { .. }
            | Command::BeginAddParticipant { .. }
            | Command::FinishAddParticipant { .. }
            | Command::CancelAddParticipant { .. }
            | Command::RemoveParticipant { .. }
            | Command::Receive { .. }
            | Command::ResolveIntercept { .. }
            | Command::ResolveOutOfSession { .. }
            | Command::SendMessage { .. }
            | Command::ReportStatus { .. }
            | Command::DeleteInteraction { .. }
            | Command::ReportCallback { .. }
            | Command::HandleDeadline {} => self.command(service, command),
        }
    }

    fn command(&mut self, service: ServiceSid, command: Command) -> Result<Reply, Error> {
        self.operate(service, |service, inventory, now| service.apply_within(Some(inventory), command, now))?
    }
}
