//! What it takes to test a service, of this make or another: a reference model, and histories of commands to run beside it.
//!
//! - [`Reference`] is the whole behaviour of a [`Service`](crate::Service) a second time, slow and plain. It is written to be
//!   read against the rules: rows in vectors, full scans, no index and no count that is kept. It takes the same commands and
//!   predicts everything: the reply or the error with its fields, the events, the next deadline, and the state.
//!   [`AccountReference`] is the same for an [`Account`](crate::Account).
//! - [`History`] is what a service may be asked in its life: [`histories`] draws them, steered so that most of it is
//!   accepted, from a seed, for [proptest](https://docs.rs/proptest) (feature `proptest`) or from a fuzzer's bytes (feature
//!   `arbitrary`).
//! - [`System`] is implemented by whoever has an own server; [`check`] takes it through a history beside the reference.
//!
//! ```
//! use twilio_proxy_core::testing::{History, check};
//!
//! for n in 0..10 {
//!     let history = History::seeded(n, 50);
//!     check(&mut history.service(), &history)?;
//! }
//! # Ok::<(), twilio_proxy_core::testing::Divergence>(())
//! ```
//!
//! The same as a property test, which gives the shortest history that fails:
//!
#![cfg_attr(feature = "proptest", doc = "```")]
#![cfg_attr(not(feature = "proptest"), doc = "```ignore")]
//! use proptest::test_runner::TestRunner;
//! use twilio_proxy_core::testing::{check, histories};
//!
//! TestRunner::default().run(&histories().commands(50), |history| {
//!     check(&mut history.service(), &history)?; // in earnest, your own system
//!     Ok(())
//! })?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! And by hand, command by command:
//!
//! ```
//! use twilio_proxy_core::{
//!     Command, NewNumber, NewParticipant, NewService, NewSession, Policy, Service, Timestamp, sid, testing::Reference,
//! };
//!
//! let now = Timestamp::MIN;
//! let new = NewService::new(
//!     sid!("KS00000000000000000000000000000001"),
//!     sid!("AC00000000000000000000000000000001"),
//!     "rides".parse()?,
//! );
//! let mut service = Service::new(new.clone(), Policy::default(), now);
//! let mut reference = Reference::new(new, Policy::default(), now);
//!
//! let ride = sid!("KC00000000000000000000000000000001");
//! let alice = NewParticipant::new(sid!("KP00000000000000000000000000000001"), "+15558675310".parse()?);
//! for command in [
//!     Command::AddParticipant { session: ride, new: alice.clone() },
//!     Command::CreateSession { new: NewSession::new(ride) },
//!     Command::AddParticipant { session: ride, new: alice.clone() },
//!     Command::AddNumber {
//!         new: NewNumber::phone(sid!("PN00000000000000000000000000000001"), "+14155551212".parse()?),
//!     },
//!     Command::AddParticipant { session: ride, new: alice },
//! ] {
//!     assert_eq!(service.apply(command.clone(), now), reference.apply(command, now));
//!     assert_eq!(service.next_deadline(), reference.next_deadline());
//!     assert_eq!(service.state(), reference.state());
//! }
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod account;
mod auto_create;
mod history;
mod interactions;
mod participants;
mod pool;
#[cfg(feature = "serde")]
pub mod properties;
mod requests;
mod selection;
mod sessions;
mod system;
mod traffic;

use alloc::vec::Vec;

#[cfg(feature = "proptest")]
pub use self::history::HistoryTree;
pub use self::{
    account::AccountReference,
    history::{Histories, History, Polling, histories},
    system::{Aspect, Divergence, ServiceView, System, check},
};

// Only what every user of the crate can see: rooms are not entered.
use crate::{
    ClosedReason, Command, Error, Event, Identifier, InteractionState, MemberState, NewService, Notification,
    NumberState, OwnedNumber, Patch, PendingState, Policy, ProxyIdentifier, Reply, ServiceSettings, ServiceState,
    ServiceUpdate, Session, SessionNotFound, SessionSid, SessionState, Span, Timestamp, WaitingState,
};

/// A [`Service`](crate::Service) for tests: it answers the same, from full scans.
///
/// ```
/// use twilio_proxy_core::{Command, NewService, NewSession, Policy, Reply, Timestamp, sid, testing::Reference};
///
/// let new = NewService::new(
///     sid!("KS00000000000000000000000000000001"),
///     sid!("AC00000000000000000000000000000001"),
///     "rides".parse()?,
/// );
/// let mut reference = Reference::new(new, Policy::default(), Timestamp::MIN);
/// let new = NewSession::new(sid!("KC00000000000000000000000000000001"));
/// let reply = reference.apply(Command::CreateSession { new }, Timestamp::MIN)?;
/// assert!(matches!(reply, Reply::Session(session) if session.date_created == Timestamp::MIN));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Reference {
    settings: ServiceSettings,
    policy: Policy,
    latest_instant: Timestamp,
    sessions_created: u64,
    participants_added: u64,
    numbers_added: u64,
    interactions_created: u64,
    /// In the order of additions. `in_use` in them means nothing: it is counted when it is asked for.
    numbers: Vec<NumberState>,
    /// In the order of creation.
    sessions: Vec<SessionRow>,
    /// Those of all sessions, in the order of additions.
    participants: Vec<ParticipantRow>,
    /// Those of all sessions, in the order in which they were begun.
    pending: Vec<PendingRow>,
    /// Those of all sessions, oldest first.
    interactions: Vec<InteractionRow>,
    /// In the order of arrival.
    waiting: Vec<WaitingState>,
    /// Each with its place among all that ever arose; in an account, in whichever service.
    events: Vec<(u64, Event)>,
    events_arisen: u64,
    /// What the account owns, if the service is in one.
    owned: Option<Vec<OwnedNumber>>,
}

#[derive(Clone, Debug)]
struct SessionRow {
    ordinal: u64,
    date_reopened: Option<Timestamp>,
    session: Session,
}

#[derive(Clone, Debug)]
struct ParticipantRow {
    session: SessionSid,
    member: MemberState,
}

#[derive(Clone, Debug)]
struct PendingRow {
    session: SessionSid,
    addition: PendingState,
}

#[derive(Clone, Debug)]
struct InteractionRow {
    session: SessionSid,
    state: InteractionState,
}

/// That someone has a proxy identifier in an active session: as a live participant or by a pending addition (CON-9).
struct Hold<'a> {
    identifier: &'a Identifier,
    proxy_identifier: &'a ProxyIdentifier,
}

impl Reference {
    /// A service with nothing in it. It makes no use of the hash seed.
    ///
    /// ```
    /// # use twilio_proxy_core::{NewService, Policy, Timestamp, sid, testing::Reference};
    /// let new = NewService::new(
    ///     sid!("KS00000000000000000000000000000001"),
    ///     sid!("AC00000000000000000000000000000001"),
    ///     "rides".parse()?,
    /// );
    /// assert_eq!(Reference::new(new, Policy::default(), Timestamp::MIN).next_deadline(), None);
    /// # Ok::<(), twilio_proxy_core::ParseTextError>(())
    /// ```
    #[must_use]
    pub fn new(new: NewService, policy: Policy, now: Timestamp) -> Self {
        Self {
            settings: ServiceSettings {
                sid: new.sid,
                unique_name: new.unique_name,
                account_sid: new.account_sid,
                chat_instance_sid: new.chat_instance_sid,
                callback_url: new.callback_url,
                default_ttl: new.default_ttl,
                number_selection_behavior: new.number_selection_behavior,
                geo_match_level: new.geo_match_level,
                intercept_callback_url: new.intercept_callback_url,
                out_of_session_callback_url: new.out_of_session_callback_url,
                date_created: now,
                date_updated: now, // TIM-5
            },
            policy,
            latest_instant: now,
            sessions_created: 0,
            participants_added: 0,
            numbers_added: 0,
            interactions_created: 0,
            numbers: Vec::new(),
            sessions: Vec::new(),
            participants: Vec::new(),
            pending: Vec::new(),
            interactions: Vec::new(),
            waiting: Vec::new(),
            events: Vec::new(),
            events_arisen: 0,
            owned: None,
        }
    }

    /// Does what a command says, after all that is due by then.
    ///
    /// ```
    /// # use twilio_proxy_core::{NewService, Policy, Timestamp, sid, testing::Reference};
    /// use twilio_proxy_core::{Command, Error, SessionSid};
    ///
    /// # let new = NewService::new(
    /// #     sid!("KS00000000000000000000000000000001"),
    /// #     sid!("AC00000000000000000000000000000001"),
    /// #     "rides".parse()?,
    /// # );
    /// # let mut reference = Reference::new(new, Policy::default(), Timestamp::MIN);
    /// let session = SessionSid::from_u128(1);
    /// let refusal = reference.apply(Command::DeleteSession { session }, Timestamp::MIN);
    /// assert!(matches!(refusal, Err(Error::DeleteSession(not_found)) if not_found.session == session));
    /// # Ok::<(), twilio_proxy_core::ParseTextError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Why the command is refused; it has then changed nothing but the latest instant seen (ERR-2).
    pub fn apply(&mut self, command: Command, now: Timestamp) -> Result<Reply, Error> {
        let now = self.advance(now); // TIM-2, TIM-3: refused or not
        Ok(match command {
            Command::UpdateService { update } => Reply::Service(self.update_service(update, now)),
            Command::AddNumber { new } => Reply::Number(self.add_number(&new, now)?),
            Command::UpdateNumber { number, update } => Reply::Number(self.update_number(number, update, now)?),
            Command::RemoveNumber { number } => {
                self.remove_number(number)?;
                Reply::Done {}
            }
            Command::CreateSession { new } => Reply::Session(self.create_session(&new, now)?),
            Command::UpdateSession { session, update } => Reply::Session(self.update_session(session, update, now)?),
            Command::DeleteSession { session } => {
                self.session(session)?; // 20404
                self.erase_session(session);
                Reply::Done {}
            }
            Command::AddParticipant { session, new } => Reply::Participant(self.add_participant(session, &new, now)?),
            Command::BeginAddParticipant { session, new } => Reply::Pending(self.begin_add_participant(session, &new)?),
            Command::FinishAddParticipant { session, participant } => {
                Reply::Participant(self.finish_add_participant(session, participant, now)?)
            }
            Command::CancelAddParticipant { session, participant, reason } => {
                Reply::Cancelled(self.cancel_add_participant(session, participant, reason)?)
            }
            Command::RemoveParticipant { session, participant } => {
                Reply::Participant(self.remove_participant(session, participant, now)?)
            }
            Command::HandleDeadline {} => Reply::Done {}, // TIM-4
            Command::Receive { inbound } => Reply::Outcome(self.receive(inbound, now)?),
            Command::ResolveIntercept { interaction, answer } => {
                Reply::Outcome(self.resolve_intercept(interaction, answer, now)?)
            }
            Command::ResolveOutOfSession { interaction, answer, sids } => {
                Reply::Outcome(self.resolve_out_of_session(interaction, &answer, sids, now)?)
            }
            Command::SendMessage { session, participant, new } => {
                Reply::Interaction(self.send_message(session, participant, new, now)?)
            }
            Command::ReportStatus { interaction, report } => self.report_status(interaction, report, now),
            Command::DeleteInteraction { session, interaction } => {
                self.delete_interaction(session, interaction)?;
                Reply::Done {}
            }
            Command::ReportCallback { url, answer } => {
                self.report_callback(url, answer);
                Reply::Done {}
            }
        })
    }

    /// The next event, in the order in which they arose.
    ///
    /// ```
    /// # use twilio_proxy_core::{NewService, Policy, Timestamp, sid, testing::Reference};
    /// # let new = NewService::new(
    /// #     sid!("KS00000000000000000000000000000001"),
    /// #     sid!("AC00000000000000000000000000000001"),
    /// #     "rides".parse()?,
    /// # );
    /// let mut reference = Reference::new(new, Policy::default(), Timestamp::MIN);
    /// assert_eq!(reference.poll_event(), None);
    /// # Ok::<(), twilio_proxy_core::ParseTextError>(())
    /// ```
    pub fn poll_event(&mut self) -> Option<Event> {
        if self.events.is_empty() { None } else { Some(self.events.remove(0).1) }
    }

    /// When something will next happen by itself: a session expires, or a closed one is deleted (TIM-3, TIM-4).
    ///
    /// ```
    /// # use twilio_proxy_core::{NewService, Policy, Timestamp, sid, testing::Reference};
    /// use twilio_proxy_core::{Command, NewSession, SessionSid, Ttl};
    ///
    /// # let new = NewService::new(
    /// #     sid!("KS00000000000000000000000000000001"),
    /// #     sid!("AC00000000000000000000000000000001"),
    /// #     "rides".parse()?,
    /// # );
    /// # let mut reference = Reference::new(new, Policy::default(), Timestamp::MIN);
    /// let mut new = NewSession::new(SessionSid::from_u128(1));
    /// new.ttl = Some(Ttl::from_seconds(60)?);
    /// reference.apply(Command::CreateSession { new }, Timestamp::MIN)?;
    /// assert_eq!(reference.next_deadline(), Timestamp::MIN.checked_add(60));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn next_deadline(&self) -> Option<Timestamp> {
        self.first_due().map(|(instant, _)| instant)
    }

    /// The latest instant seen (TIM-2).
    ///
    /// ```
    /// # use twilio_proxy_core::{NewService, Policy, Timestamp, sid, testing::Reference};
    /// use twilio_proxy_core::Command;
    ///
    /// # let new = NewService::new(
    /// #     sid!("KS00000000000000000000000000000001"),
    /// #     sid!("AC00000000000000000000000000000001"),
    /// #     "rides".parse()?,
    /// # );
    /// let mut reference = Reference::new(new, Policy::default(), Timestamp::MAX);
    /// reference.apply(Command::HandleDeadline {}, Timestamp::MIN)?;
    /// assert_eq!(reference.latest_instant(), Timestamp::MAX);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub const fn latest_instant(&self) -> Timestamp {
        self.latest_instant
    }

    /// All that there is: what [`Service::state`](crate::Service::state) gives.
    ///
    /// ```
    /// # use twilio_proxy_core::{NewService, Policy, Timestamp, sid, testing::Reference};
    /// use twilio_proxy_core::Service;
    ///
    /// # let new = NewService::new(
    /// #     sid!("KS00000000000000000000000000000001"),
    /// #     sid!("AC00000000000000000000000000000001"),
    /// #     "rides".parse()?,
    /// # );
    /// let reference = Reference::new(new, Policy::default(), Timestamp::MIN);
    /// let service = Service::restore(reference.state())?;
    /// assert_eq!(service.state(), reference.state());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn state(&self) -> ServiceState {
        ServiceState {
            settings: self.settings.clone(),
            policy: self.policy.clone(),
            latest_instant: self.latest_instant,
            sessions_created: self.sessions_created,
            participants_added: self.participants_added,
            numbers_added: self.numbers_added,
            interactions_created: self.interactions_created,
            numbers: self
                .numbers
                .iter()
                .map(|entry| NumberState { ordinal: entry.ordinal, number: self.counted(&entry.number) })
                .collect(),
            sessions: self.sessions.iter().map(|row| self.session_state(row)).collect(),
            waiting: self.waiting.clone(),
            events: self.events.iter().map(|(_, event)| event.clone()).collect(),
        }
    }

    fn session_state(&self, row: &SessionRow) -> SessionState {
        let sid = row.session.sid;
        let mut pending: Vec<PendingState> = self.pending_of(sid).cloned().collect();
        pending.sort_by_key(|addition| addition.participant.sid); // as the field says
        SessionState {
            ordinal: row.ordinal,
            date_reopened: row.date_reopened,
            session: row.session.clone(),
            participants: self.participants_of(sid).cloned().collect(),
            pending,
            interactions: self.interactions_of(sid).cloned().collect(),
        }
    }

    /// SVC-3
    fn update_service(&mut self, update: ServiceUpdate, now: Timestamp) -> ServiceSettings {
        let settings = &mut self.settings;
        if update != ServiceUpdate::default() {
            settings.date_updated = now; // TIM-5: equal values included
        }
        if let Some(unique_name) = update.unique_name {
            settings.unique_name = unique_name;
        }
        if let Some(default_ttl) = update.default_ttl {
            settings.default_ttl = default_ttl;
        }
        if let Some(geo_match_level) = update.geo_match_level {
            settings.geo_match_level = geo_match_level;
        }
        if let Some(number_selection_behavior) = update.number_selection_behavior {
            settings.number_selection_behavior = number_selection_behavior;
        }
        patch(&mut settings.callback_url, update.callback_url);
        patch(&mut settings.intercept_callback_url, update.intercept_callback_url);
        patch(&mut settings.out_of_session_callback_url, update.out_of_session_callback_url);
        patch(&mut settings.chat_instance_sid, update.chat_instance_sid);
        settings.clone()
    }

    /// Does all that is due at `now`; gives the instant that counts as `now`.
    fn advance(&mut self, now: Timestamp) -> Timestamp {
        let now = now.max(self.latest_instant); // TIM-2
        while let Some((instant, sid)) = self.first_due().filter(|(instant, _)| *instant <= now) {
            if self.session(sid).is_ok_and(|session| session.status.is_active()) {
                self.close_session(sid, instant, ClosedReason::Expired); // EXP-3: at the deadline itself
            } else {
                self.erase_session(sid); // EXP-7
            }
        }
        self.latest_instant = now;
        now
    }

    /// TIM-3: by instant, then by creation of the session; of equal ones `min_by_key` gives the first.
    fn first_due(&self) -> Option<(Timestamp, SessionSid)> {
        self.sessions
            .iter()
            .filter_map(|row| Some((self.due(row)?, row.session.sid)))
            .min_by_key(|(instant, _)| *instant)
    }

    /// When a session will expire, or be deleted, by itself.
    fn due(&self, row: &SessionRow) -> Option<Timestamp> {
        if row.session.status.is_active() {
            self.deadline(row)
        } else {
            row.session.date_ended?.checked_add(self.policy.retention?.as_seconds().into()) // EXP-7
        }
    }

    /// EXP-1
    fn deadline(&self, row: &SessionRow) -> Option<Timestamp> {
        let session = &row.session;
        if session.date_expiry.is_some() {
            return session.date_expiry;
        }
        let lifetime = match session.ttl.as_seconds() {
            0 => self.policy.default_lifetime.map(Span::as_seconds)?,
            ttl => ttl,
        };
        let base =
            [Some(session.date_created), row.date_reopened, session.date_last_interaction].into_iter().max()??;
        base.checked_add(lifetime.into())
    }

    fn session(&self, sid: SessionSid) -> Result<&Session, SessionNotFound> {
        self.row(sid).map(|row| &row.session)
    }

    fn row(&self, sid: SessionSid) -> Result<&SessionRow, SessionNotFound> {
        self.sessions.iter().find(|row| row.session.sid == sid).ok_or(SessionNotFound { session: sid })
    }

    fn row_mut(&mut self, sid: SessionSid) -> Option<&mut SessionRow> {
        self.sessions.iter_mut().find(|row| row.session.sid == sid)
    }

    fn participants_of(&self, sid: SessionSid) -> impl Iterator<Item = &MemberState> {
        self.participants.iter().filter(move |row| row.session == sid).map(|row| &row.member)
    }

    fn pending_of(&self, sid: SessionSid) -> impl Iterator<Item = &PendingState> {
        self.pending.iter().filter(move |row| row.session == sid).map(|row| &row.addition)
    }

    fn interactions_of(&self, sid: SessionSid) -> impl Iterator<Item = &InteractionState> {
        self.interactions.iter().filter(move |row| row.session == sid).map(|row| &row.state)
    }

    /// SES-9: what counts in an active session is who is live or pending in it (CON-9).
    fn holds_in(&self, row: &SessionRow) -> Vec<Hold<'_>> {
        let sid = row.session.sid;
        if !row.session.status.is_active() {
            return Vec::new();
        }
        let live = self.participants_of(sid).map(|member| &member.participant).filter(|added| added.is_live());
        let live = live.map(|added| (&added.identifier, &added.proxy_identifier));
        let pending = self.pending_of(sid).map(|addition| &addition.participant);
        let pending = pending.map(|addition| (&addition.identifier, &addition.proxy_identifier));
        live.chain(pending).map(|(identifier, proxy_identifier)| Hold { identifier, proxy_identifier }).collect()
    }

    /// In which other session a pair is active: the one created last, if there are several (CON-2, CON-3).
    fn other_session_with(
        &self,
        session: SessionSid,
        identifier: &Identifier,
        proxy_identifier: &ProxyIdentifier,
    ) -> Option<SessionSid> {
        let has_pair = |hold: &Hold<'_>| hold.identifier == identifier && hold.proxy_identifier == proxy_identifier;
        let others = self.sessions.iter().filter(|row| row.session.sid != session);
        others
            .map(|row| (row.session.sid, self.holds_in(row)))
            .rfind(|(_, holds)| holds.iter().any(has_pair))
            .map(|(other, _)| other)
    }

    fn raise(&mut self, notification: Notification) {
        self.push_event(Event::Notification(notification));
    }

    fn push_event(&mut self, event: Event) {
        self.events.push((self.events_arisen, event));
        self.events_arisen = self.events_arisen.saturating_add(1);
    }
}

fn patch<T>(field: &mut Option<T>, patch: Patch<T>) {
    match patch {
        Patch::Keep => {}
        Patch::Clear => *field = None,
        Patch::Set(value) => *field = Some(value),
    }
}
