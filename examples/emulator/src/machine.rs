//! The account, its clock and its history: what the emulator is, without threads and sockets.

use std::collections::HashMap;

use bytes::Bytes;
use http::{Request, Response};
use serde::Serialize;
use tokio::sync::oneshot;
use twilio_proxy_core::{
    Account, AccountCommand, AccountServiceState, AccountSid, AccountState, AddNumberError, AddParticipantError,
    AutoCreateSids, Code, Command, Error, Explanation, Identifier, Inbound, InteractionSid, LogEntry, NewOwnedNumber,
    NumberSid, OutOfSessionAnswer, Outcome, OwnedNumber, ParticipantSid, PhoneNumberSid, Policy, ProxyNumber, Reply,
    RequestPurpose, RestoreAccountError, ServiceSid, SessionSid, StatusReport, Timestamp, WaitingMatter, WebhookAnswer,
    rest::{self, Call, Context, Origin, Refusal},
};

use crate::{
    clock::{Clock, ClockMode, present},
    history::{Entry, Happening, History, Webhook},
    number_to_own::{NumberToOwn, OwnError},
    store::{Changes, Saved},
};

/// How many webhooks may wait for an answer at once.
const MOST_UNANSWERED: usize = 5_000;

/// What an emulator starts from, and comes back to when it is reset.
#[derive(Clone, Debug)]
pub(crate) struct Beginning {
    pub(crate) account_sid: AccountSid,
    /// The default, unless it was chosen.
    pub(crate) policy: Option<Policy>,
    pub(crate) inventory: Vec<NumberToOwn>,
    pub(crate) strict_inventory: bool,
    pub(crate) clock: ClockMode,
    /// Where a manual clock starts: the present, unless it was chosen.
    pub(crate) now: Option<Timestamp>,
}

/// The emulator. Whatever changes it leaves [`Changes`] behind, which are written down before anybody is told.
pub(crate) struct Machine {
    account: Account,
    clock: Clock,
    beginning: Beginning,
    history: History,
    changes: Changes,
    /// Who placed the contacts that wait for the answer to a webhook.
    callers: HashMap<InteractionSid, oneshot::Sender<Settled>>,
    effects: Effects,
}

/// What is to be done once the changes are written down.
#[derive(Default)]
pub(crate) struct Effects {
    /// Webhooks to send, by the numbers of their events, and the interactions that they are about.
    pub(crate) webhooks: Vec<(u64, InteractionSid)>,
    /// Contacts whose fate is known now, and whom to tell.
    pub(crate) settled: Vec<(oneshot::Sender<Settled>, Settled)>,
}

/// What has become of a contact, and in which service.
#[derive(Clone, Debug)]
pub(crate) struct Settled {
    pub(crate) service: ServiceSid,
    pub(crate) outcome: Outcome,
}

/// A contact that was taken in.
pub(crate) enum Contacted {
    Settled(Settled),
    /// It waits for the answer to a webhook. If nothing is told in the end, it was dropped.
    Waits {
        service: ServiceSid,
        interaction: InteractionSid,
        fate: oneshot::Receiver<Settled>,
    },
}

/// Why a machine cannot start.
#[derive(Debug, thiserror::Error)]
pub(crate) enum StartError {
    #[error("the account in the store is {stored}, and --account-sid is {asked}")]
    Account { stored: AccountSid, asked: AccountSid },
    #[error("the store has another policy than --policy; a policy can be chosen for a new store only")]
    Policy,
    #[error("the store cannot be restored: {0}")]
    Restore(#[from] RestoreAccountError),
    #[error("number {index} of the inventory cannot be registered: {error}")]
    Inventory { index: usize, error: OwnError },
}

/// Why a clock stays where it is.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub(crate) enum MoveClockError {
    #[error("the clock is real and moves by itself; --clock manual makes it stand still")]
    Real,
    #[error("the clock would run backwards: it is {now}")]
    Backwards { now: Timestamp },
    #[error("the clock would run past the year 9999")]
    Beyond,
}

/// Where a clock is to go.
#[derive(Clone, Copy, Debug)]
pub(crate) enum ClockMove {
    Advance { seconds: u64 },
    Set { now: Timestamp },
}

#[derive(Clone, Copy, Debug, Serialize)]
pub(crate) struct ClockReading {
    pub(crate) now: Timestamp,
    pub(crate) mode: ClockMode,
}

/// Why a state is not taken over.
#[derive(Debug, thiserror::Error)]
pub(crate) enum RestoreError {
    #[error("it is the state of another account, {0}")]
    Account(AccountSid),
    #[error("it has another policy, which --policy decides")]
    Policy,
    #[error(transparent)]
    State(#[from] RestoreAccountError),
}

impl Machine {
    /// An emulator that goes on from what was saved, or begins.
    pub(crate) fn start(beginning: Beginning, saved: Option<Saved>) -> Result<Self, StartError> {
        let mut machine = match saved {
            None => Self::new(Beginning { now: Some(beginning.now.unwrap_or_else(present)), ..beginning }),
            Some(saved) => Self::resume(beginning, saved)?,
        };
        machine.register_inventory()?;
        Ok(machine)
    }

    fn new(beginning: Beginning) -> Self {
        let now = match beginning.clock {
            ClockMode::Real => present(),
            ClockMode::Manual => beginning.now.unwrap_or_else(present),
        };
        let policy = beginning.policy.clone().unwrap_or_default();
        let account = Account::with_hash_seed(beginning.account_sid, policy, now, rand::random());
        let changes = Changes { snapshot: Some(account.state()), ..Changes::default() };
        Self::of(account, beginning, History::default(), changes)
    }

    fn resume(mut beginning: Beginning, saved: Saved) -> Result<Self, StartError> {
        let Saved { state, log, events } = saved;
        if state.sid != beginning.account_sid {
            return Err(StartError::Account { stored: state.sid, asked: beginning.account_sid });
        }
        if beginning.policy.as_ref().is_some_and(|policy| *policy != state.policy) {
            return Err(StartError::Policy);
        }
        beginning.policy = Some(state.policy.clone());
        let mut account = Account::restore_with_hash_seed(state, rand::random())?;
        for LogEntry { now, command } in log {
            // It is refused if it was refused before, and its events are among those that were saved.
            let _ = account.apply(command, now);
            while account.poll_event().is_some() {}
        }
        if beginning.clock == ClockMode::Manual && beginning.now.is_some_and(|now| now < account.latest_instant()) {
            tracing::warn!(now = %account.latest_instant(), "the store has come further than --now");
        }
        let history = History::of(events);
        let mut machine = Self::of(account, beginning, history, Changes::default());
        let unanswered = machine.history.unanswered();
        machine.effects.webhooks = unanswered.map(|(id, webhook)| (id, webhook.request.interaction)).collect();
        Ok(machine)
    }

    fn of(account: Account, beginning: Beginning, history: History, changes: Changes) -> Self {
        let clock = match beginning.clock {
            ClockMode::Real => Clock::Real,
            ClockMode::Manual => Clock::Manual(account.latest_instant().max(beginning.now.unwrap_or(Timestamp::MIN))),
        };
        Self { account, clock, beginning, history, changes, callers: HashMap::new(), effects: Effects::default() }
    }

    fn register_inventory(&mut self) -> Result<(), StartError> {
        for (index, number) in self.beginning.inventory.clone().into_iter().enumerate() {
            self.own(number).map_err(|error| StartError::Inventory { index, error })?;
        }
        Ok(())
    }

    /// Answers a request to the API. The operation and the code of a refusal are among the extensions of the answer.
    pub(crate) fn respond(&mut self, request: &Request<Bytes>, origin: &Origin) -> Response<Vec<u8>> {
        let context = Context { now: self.clock.now(), entropy: rand::random(), origin };
        let mut registered = None;
        let mut parsed = rest::parse(&mut self.account, request, &context);
        if let Err(refusal) = &parsed
            && let Some(new) = self.unowned_number(refusal)
            && let Ok(number) = self.register_number(new)
        {
            registered = Some(number.sid);
            parsed = rest::parse(&mut self.account, request, &context);
        }
        match parsed {
            Err(refusal) => refusal.into_response(),
            Ok(call) => self.carry_out(call, &context, registered),
        }
    }

    /// Does what a request asks for. A number that was registered for it stays only if it is accepted.
    fn carry_out(&mut self, call: Call, context: &Context<'_>, registered: Option<NumberSid>) -> Response<Vec<u8>> {
        let operation = call.operation();
        let command = call.command().cloned();
        let mut response = rest::respond(&mut self.account, call, context);
        if let Some(command) = command {
            self.keep(command);
        }
        if let Some(number) = registered
            && response.extensions().get::<Code>().is_some()
        {
            // It is in no pool, so nothing speaks against it.
            let _ = self.apply(AccountCommand::ReleaseNumber { number });
        }
        response.extensions_mut().insert(operation);
        response
    }

    /// The number that a refused addition names and that the account does not own, as it is to be registered on the spot.
    fn unowned_number(&self, refusal: &Refusal) -> Option<NewOwnedNumber> {
        let Refusal::Operation { error: Error::AddNumber(error), .. } = refusal else { return None };
        let AddNumberError::PhoneNumberNotOwned { sid: None, phone_number: Some(number) } = error else { return None };
        let ProxyNumber::PhoneNumber(number) = number else { return None };
        let sid = PhoneNumberSid::from_u128(rand::random());
        (!self.beginning.strict_inventory).then(|| NewOwnedNumber::phone(sid, *number))
    }

    pub(crate) fn clock(&self) -> ClockReading {
        // A clock that was set back does not take the account with it.
        ClockReading { now: self.clock.now().max(self.account.latest_instant()), mode: self.clock.mode() }
    }

    pub(crate) fn move_clock(&mut self, to: ClockMove) -> Result<ClockReading, MoveClockError> {
        let Clock::Manual(now) = self.clock else { return Err(MoveClockError::Real) };
        let then = match to {
            ClockMove::Advance { seconds } => now.checked_add(seconds).ok_or(MoveClockError::Beyond)?,
            ClockMove::Set { now: then } if then < now => return Err(MoveClockError::Backwards { now }),
            ClockMove::Set { now: then } => then,
        };
        self.clock = Clock::Manual(then);
        let _ = self.apply(AccountCommand::HandleDeadline {});
        Ok(self.clock())
    }

    pub(crate) fn owned_numbers(&self) -> Vec<OwnedNumber> {
        self.account.owned_numbers().cloned().collect()
    }

    /// Lets the account own a number. One that it owns already, and that is described likewise, stays as it is.
    pub(crate) fn own(&mut self, number: NumberToOwn) -> Result<OwnedNumber, OwnError> {
        let known = self.account.owned_numbers().find(|owned| owned.phone_number == number.phone_number);
        let new = number.registration(known.map(|owned| owned.sid))?;
        Ok(self.register_number(new)?)
    }

    fn register_number(&mut self, new: NewOwnedNumber) -> Result<OwnedNumber, Error> {
        let reply = self.apply(AccountCommand::RegisterNumber { new })?;
        let Reply::OwnedNumber(number) = reply else { not_of_this_command(&reply) };
        Ok(number)
    }

    /// Takes in a call or message. A service is named for an address on a channel only.
    pub(crate) fn receive(&mut self, service: Option<ServiceSid>, inbound: Inbound) -> Result<Contacted, Error> {
        let interaction = inbound.interaction;
        let command = match service {
            Some(service) => AccountCommand::Service { service, command: Command::Receive { inbound } },
            None => AccountCommand::Receive { inbound },
        };
        let settled = match (self.apply(command)?, service) {
            (Reply::Received { service, outcome }, _) | (Reply::Outcome(outcome), Some(service)) => {
                Settled { service, outcome }
            }
            (other, _) => not_of_this_command(&other),
        };
        if !waits(&settled.outcome) {
            return Ok(Contacted::Settled(settled));
        }
        let (caller, fate) = oneshot::channel();
        self.callers.insert(interaction, caller);
        Ok(Contacted::Waits { service: settled.service, interaction, fate })
    }

    /// Takes in what came back for a webhook, unless nobody waits for it any more.
    pub(crate) fn resolve(&mut self, webhook: u64, answer: OutOfSessionAnswer) {
        let Some(Webhook { service, request }) = self.history.unanswered_webhook(webhook).cloned() else { return };
        let status = match answer.status {
            WebhookAnswer::Status(status) => Some(status),
            WebhookAnswer::None => None,
        };
        self.record(Happening::Response { service, request: webhook, status });
        let interaction = request.interaction;
        let command = match request.purpose {
            RequestPurpose::Intercept | RequestPurpose::OutOfSession => {
                answer_command(service, request.purpose, interaction, answer)
            }
            RequestPurpose::Callback | _ => {
                let command = Command::ReportCallback { url: request.url, answer: answer.status };
                AccountCommand::Service { service, command }
            }
        };
        match self.apply(command) {
            Ok(Reply::Outcome(outcome)) if waits(&outcome) => {}
            Ok(Reply::Outcome(outcome)) => {
                if let Some(caller) = self.callers.remove(&interaction) {
                    self.effects.settled.push((caller, Settled { service, outcome }));
                }
            }
            Ok(_) => {}
            Err(_) => drop(self.callers.remove(&interaction)),
        }
    }

    /// Reports a status of an interaction, and gives the interaction as the API shows it.
    pub(crate) fn report_status(
        &mut self,
        interaction: InteractionSid,
        report: StatusReport,
        origin: &Origin,
    ) -> Option<Response<Vec<u8>>> {
        let (service, session) = self.session_of_interaction(interaction)?;
        let command = Command::ReportStatus { interaction, report };
        self.apply(AccountCommand::Service { service, command }).ok()?;
        let path = format!("/v1/Services/{service}/Sessions/{session}/Interactions/{interaction}");
        let request = Request::get(path).body(Bytes::new()).ok()?;
        Some(self.respond(&request, origin))
    }

    fn session_of_interaction(&mut self, interaction: InteractionSid) -> Option<(ServiceSid, SessionSid)> {
        self.account.handle_deadline(self.clock.now());
        self.account.services().find_map(|service| {
            let mut sessions = service.sessions();
            let session = sessions.find(|session| service.interaction(session.sid, interaction).is_some())?;
            Some((service.settings().sid, session.sid))
        })
    }

    /// Which number a person would get in a session; `None` if there is no such session.
    pub(crate) fn explain(
        &mut self,
        session: SessionSid,
        identifier: &Identifier,
    ) -> Option<Result<Explanation, AddParticipantError>> {
        self.account.handle_deadline(self.clock.now());
        let service = self.account.services().find(|service| service.session(session).is_some())?;
        Some(service.explain_selection(session, identifier, self.account.latest_instant()))
    }

    /// The service with this SID or unique name.
    pub(crate) fn service(&self, sid_or_name: &str) -> Option<ServiceSid> {
        self.account.fetch_service(sid_or_name).ok().map(|service| service.settings().sid)
    }

    /// The service that has this number in its pool.
    pub(crate) fn service_of_number(&self, number: ProxyNumber) -> Option<ServiceSid> {
        self.account.service_of_number(number).map(|service| service.settings().sid)
    }

    /// The webhook of this event, if nothing has come back for it.
    pub(crate) fn unanswered_webhook(&self, id: u64) -> Option<Webhook> {
        self.history.unanswered_webhook(id).cloned()
    }

    /// What happened after an event, and the number of the last one. An event that is yet to come was of another life: all counts.
    pub(crate) fn events_after(&self, id: u64) -> (Vec<Entry>, u64) {
        let last = self.history.last();
        let id = if id > last { 0 } else { id };
        (self.history.after(id).cloned().collect(), last)
    }

    pub(crate) const fn last_event(&self) -> u64 {
        self.history.last()
    }

    pub(crate) fn state(&mut self) -> AccountState {
        self.account.handle_deadline(self.clock.now());
        self.account.state()
    }

    /// Goes on from a state. Contacts that wait in it, and whose webhook is not yet to be sent, are let go on: nobody will
    /// answer for them.
    pub(crate) fn restore(&mut self, state: AccountState) -> Result<(), RestoreError> {
        if state.sid != self.beginning.account_sid {
            return Err(RestoreError::Account(state.sid));
        }
        if state.policy != *self.account.policy() {
            return Err(RestoreError::Policy);
        }
        let mut waiting = Vec::new();
        for AccountServiceState { service, .. } in &state.services {
            waiting.extend(service.waiting.iter().map(|contact| {
                let is_out_of_session = matches!(contact.matter, WaitingMatter::OutOfSession { .. });
                (service.settings.sid, contact.interaction, is_out_of_session)
            }));
        }
        self.replace(Account::restore_with_hash_seed(state, rand::random())?);
        if let Clock::Manual(now) = self.clock {
            self.clock = Clock::Manual(now.max(self.account.latest_instant()));
        }
        for (service, interaction, is_out_of_session) in waiting {
            if self.history.unanswered().any(|(_, webhook)| webhook.request.interaction == interaction) {
                continue;
            }
            let purpose = if is_out_of_session { RequestPurpose::OutOfSession } else { RequestPurpose::Intercept };
            // Whatever becomes of it is told by events.
            let _ = self.apply(answer_command(service, purpose, interaction, OutOfSessionAnswer::default()));
        }
        Ok(())
    }

    /// Goes back to where an emulator without a past starts.
    pub(crate) fn reset(&mut self) -> Result<(), StartError> {
        let beginning = self.beginning.clone();
        let Self { account, clock, .. } = Self::new(beginning);
        self.replace(account);
        self.clock = clock;
        let reset = self.record(Happening::Reset {});
        self.changes.first_event = Some(reset);
        self.register_inventory()
    }

    /// Takes another account in place of this one, whose webhooks and contacts are given up.
    fn replace(&mut self, account: Account) {
        let abandoned: Vec<_> = self.history.unanswered().map(|(id, webhook)| (id, webhook.service)).collect();
        for (request, service) in abandoned {
            self.record(Happening::Response { service, request, status: None });
        }
        self.callers.clear();
        self.effects.webhooks.clear();
        self.account = account;
        self.collect_events();
        self.take_snapshot();
    }

    /// Gives up on the oldest webhooks if too many wait for an answer.
    pub(crate) fn give_up_on_webhooks(&mut self) {
        while let Some(oldest) = self.history.oldest_unanswered_of_more_than(MOST_UNANSWERED) {
            self.resolve(oldest, OutOfSessionAnswer::default());
        }
    }

    /// Does what is due by itself.
    pub(crate) fn handle_deadline(&mut self) {
        self.account.handle_deadline(self.clock.now());
    }

    /// How many seconds there are until something happens by itself; `None` if nothing will, as time stands.
    pub(crate) fn seconds_to_deadline(&self) -> Option<u64> {
        let Clock::Real = self.clock else { return None };
        let deadline = self.account.next_deadline()?;
        Some(deadline.as_unix_seconds().saturating_sub(self.clock.now().as_unix_seconds()))
    }

    /// Lets the log begin anew from the account as it is.
    pub(crate) fn take_snapshot(&mut self) {
        self.changes.log.clear();
        self.changes.snapshot = Some(self.account.state());
    }

    /// What there is to write down.
    pub(crate) fn take_changes(&mut self) -> Changes {
        std::mem::take(&mut self.changes)
    }

    /// What there is to do once that is done.
    pub(crate) fn take_effects(&mut self) -> Effects {
        std::mem::take(&mut self.effects)
    }

    fn apply(&mut self, command: AccountCommand) -> Result<Reply, Error> {
        let reply = self.account.apply(command.clone(), self.clock.now());
        self.keep(command);
        reply
    }

    /// Puts a command that was carried out or refused into the log: a refused one is refused again when it is replayed.
    fn keep(&mut self, command: AccountCommand) {
        self.changes.log.push(LogEntry { now: self.account.latest_instant(), command });
        self.collect_events();
    }

    fn collect_events(&mut self) {
        while let Some(event) = self.account.poll_event() {
            self.record(Happening::Arose(event));
        }
    }

    fn record(&mut self, what: Happening) -> u64 {
        let entry = self.history.record(self.account.latest_instant(), what);
        let id = entry.id;
        if let Some(webhook) = self.history.unanswered_webhook(id) {
            self.effects.webhooks.push((id, webhook.request.interaction));
        }
        self.changes.events.push(entry);
        while let Some(forgotten) = self.history.forget_oldest() {
            self.changes.first_event = Some(forgotten.saturating_add(1));
        }
        id
    }
}

/// Whether a contact waits for the answer to a webhook.
const fn waits(outcome: &Outcome) -> bool {
    matches!(outcome, Outcome::Waiting { .. } | Outcome::OutOfSession { awaits_answer: true, .. })
}

/// The command that takes in what came back for the webhook that a contact waits for.
fn answer_command(
    service: ServiceSid,
    purpose: RequestPurpose,
    interaction: InteractionSid,
    answer: OutOfSessionAnswer,
) -> AccountCommand {
    let command = if purpose == RequestPurpose::OutOfSession {
        let sids = AutoCreateSids {
            session: SessionSid::from_u128(rand::random()),
            caller: ParticipantSid::from_u128(rand::random()),
            partner: ParticipantSid::from_u128(rand::random()),
        };
        Command::ResolveOutOfSession { interaction, answer, sids }
    } else {
        Command::ResolveIntercept { interaction, answer: answer.status }
    };
    AccountCommand::Service { service, command }
}

#[expect(clippy::unreachable, reason = "each command documents the one kind of reply that it gives")]
fn not_of_this_command(reply: &Reply) -> ! {
    unreachable!("a command was answered with {reply:?}")
}
