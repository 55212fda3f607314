//! The state machine of one service: its sessions, its people and its numbers. The unit of sharding: it needs nothing
//! outside itself.
//!
//! Every operation takes `now`, first does all that is due by then (TIM-3), checks everything, and then either changes all
//! that it is to change or nothing at all (ERR-2).

mod book;
mod error;
#[cfg(feature = "rest")]
mod lists;
mod membership;
mod numbers;
mod pairs;
mod participants;
mod queue;
mod sessions;
mod settings;
mod state;
mod traffic;

use alloc::vec::Vec;
use core::fmt;

#[cfg(feature = "rest")]
pub(crate) use self::sessions::check_expiry;
pub(crate) use self::state::MAX_COUNT;
use self::{
    book::{Book, MemberSlot, SessionRecord, SessionSlot, Stage},
    pairs::{Pairs, View},
    queue::Queue,
    traffic::{Ledger, Tie, WaitingRoom},
};
pub use self::{
    error::{
        AddParticipantError, CreateSessionError, DateExpiryNotInFuture, FetchSessionError, FinishAddParticipantError,
        PairInvalid, RemoveParticipantError, SessionClosed, SessionNotFound, UpdateSessionError,
    },
    settings::{NewService, Patch, ServiceSettings, ServiceUpdate},
    state::{
        EventFlaw, InteractionFlaw, InteractionState, MemberState, NumberFlaw, NumberState, ParticipantFlaw,
        PendingState, RestoreError, ServiceState, SessionFlaw, SessionState, WaitingFlaw, WaitingMatter, WaitingState,
    },
    traffic::{
        AutoCreateError, AutoCreateParameter, DeleteInteractionError, OutOfSessionFailure, Outcome, ReceiveError,
        Rejection, ResolveError, Route, SendMessageError,
    },
};
use crate::{
    event::{Event, Notification},
    hash::Hasher,
    number::{NumberSid, PhoneNumber},
    participant::{Participant, PendingParticipant},
    policy::Policy,
    pool::{NumberSlot, Pool},
    session::{ClosedReason, Session},
    sid::{ParticipantSid, SessionSid},
    time::Timestamp,
};

/// Of how many sessions that are due the memory is read at once: a million expire in six tenths of the time.
const READ_AHEAD: usize = 8;

/// One Proxy service: a deterministic state machine without I/O, clock or randomness.
///
/// An operation takes the instant at which it happens and answers at once; what else there is to know or to do is then
/// polled. The loop of an embedder is
///
/// ```
/// # use twilio_proxy_core::{NewService, NewSession, Policy, Service, Timestamp, sid};
/// # let new = NewService::new(
/// #     sid!("KS00000000000000000000000000000001"),
/// #     sid!("AC00000000000000000000000000000001"),
/// #     "rides".parse()?,
/// # );
/// # let mut service = Service::new(new, Policy::default(), Timestamp::MIN);
/// # let now = Timestamp::MIN;
/// // A request comes in, or the timer fires:
/// service.create_session(NewSession::new(sid!("KC00000000000000000000000000000001")), now)?;
/// service.handle_deadline(now);
/// // After either:
/// while let Some(event) = service.poll_event() {
///     println!("{event:?}");
/// }
/// let wake_me_at: Option<Timestamp> = service.next_deadline();
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// Operations cost the same however many sessions and numbers there are, but for the logarithm of the ordered indexes
/// (deadlines and lists). A service holds at most 2^30 sessions at a time.
///
/// # Time
///
/// Time never runs backwards inside: an instant before the latest one seen counts as that one (TIM-2). Questions without
/// `now` answer as of the latest operation; [`handle_deadline`](Self::handle_deadline) brings the present first.
///
/// # Hash seed
///
/// Indexes are hash tables with a fixed seed, so that a run can be repeated to the byte. Nothing that anyone can see
/// depends on the seed, but whoever knows it and can choose identifiers, names or SIDs could choose ones that collide,
/// and so make look-ups slow. A service that strangers feed sets [`NewService::hash_seed`] to a number that they do not
/// know, and passes one to [`restore_with_hash_seed`](Self::restore_with_hash_seed).
#[derive(Clone)]
pub struct Service {
    settings: ServiceSettings,
    policy: Policy,
    latest_instant: Timestamp,
    /// How many sessions, participants, numbers and interactions were ever added: the next place in the order of each.
    sessions_created: u64,
    participants_added: u64,
    numbers_added: u64,
    interactions_created: u64,
    pool: Pool,
    book: Book,
    pairs: Pairs,
    ledger: Ledger,
    waiting: WaitingRoom,
    events: Queue,
}

impl Service {
    /// A service without numbers and sessions.
    ///
    /// ```
    /// use twilio_proxy_core::{NewService, Policy, Service, Timestamp, sid};
    ///
    /// let new = NewService::new(
    ///     sid!("KS00000000000000000000000000000001"),
    ///     sid!("AC00000000000000000000000000000001"),
    ///     "rides".parse()?,
    /// );
    /// let service = Service::new(new, Policy::default(), "2026-01-01T00:00:00Z".parse()?);
    /// assert_eq!(service.settings().unique_name.as_str(), "rides");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn new(new: NewService, policy: Policy, now: Timestamp) -> Self {
        let hasher = new.hasher();
        Self::empty(new.into_settings(now), policy, now, &hasher)
    }

    fn empty(settings: ServiceSettings, policy: Policy, latest_instant: Timestamp, hasher: &Hasher) -> Self {
        Self {
            settings,
            policy,
            latest_instant,
            sessions_created: 0,
            participants_added: 0,
            numbers_added: 0,
            interactions_created: 0,
            pool: Pool::new(hasher),
            book: Book::new(hasher),
            pairs: Pairs::new(hasher),
            ledger: Ledger::new(hasher),
            waiting: WaitingRoom::new(),
            events: Queue::new(),
        }
    }

    /// What it was set to. Changes with [`update_service`](Self::update_service).
    ///
    /// ```
    /// # use twilio_proxy_core::{NewService, Policy, Service, Timestamp, sid};
    /// # let new = NewService::new(
    /// #     sid!("KS00000000000000000000000000000001"),
    /// #     sid!("AC00000000000000000000000000000001"),
    /// #     "rides".parse()?,
    /// # );
    /// # let now = Timestamp::MIN;
    /// # let mut service = Service::new(new, Policy::default(), now);
    /// assert_eq!(service.settings().unique_name.as_str(), "rides");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub const fn settings(&self) -> &ServiceSettings {
        &self.settings
    }

    /// The choices that it was created with.
    ///
    /// ```
    /// # use twilio_proxy_core::{NewService, Policy, Service, Timestamp, sid};
    /// # let new = NewService::new(
    /// #     sid!("KS00000000000000000000000000000001"),
    /// #     sid!("AC00000000000000000000000000000001"),
    /// #     "rides".parse()?,
    /// # );
    /// # let now = Timestamp::MIN;
    /// # let mut service = Service::new(new, Policy::default(), now);
    /// assert_eq!(service.policy(), &Policy::default());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub const fn policy(&self) -> &Policy {
        &self.policy
    }

    /// The latest instant seen, which is what an earlier one counts as (TIM-2). In an [`Account`](crate::Account) this is
    /// [that of the account](crate::Account::latest_instant), and here the latest one at which this service had to do.
    ///
    /// ```
    /// # use twilio_proxy_core::{NewService, Policy, Service, Timestamp, sid};
    /// # let new = NewService::new(
    /// #     sid!("KS00000000000000000000000000000001"),
    /// #     sid!("AC00000000000000000000000000000001"),
    /// #     "rides".parse()?,
    /// # );
    /// # let now = Timestamp::MIN;
    /// # let mut service = Service::new(new, Policy::default(), now);
    /// let later = "2026-01-01T00:00:00Z".parse()?;
    /// service.handle_deadline(later);
    /// service.handle_deadline(now);
    /// assert_eq!(service.latest_instant(), later);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub const fn latest_instant(&self) -> Timestamp {
        self.latest_instant
    }

    /// The session with this SID (SES-10).
    ///
    /// ```
    /// # use twilio_proxy_core::{NewService, NewSession, Policy, Service, Timestamp, sid};
    /// # let new = NewService::new(
    /// #     sid!("KS00000000000000000000000000000001"),
    /// #     sid!("AC00000000000000000000000000000001"),
    /// #     "rides".parse()?,
    /// # );
    /// # let now = Timestamp::MIN;
    /// # let mut service = Service::new(new, Policy::default(), now);
    /// # let ride = service.create_session(NewSession::new(sid!("KC00000000000000000000000000000001")), now)?.sid;
    /// assert_eq!(service.session(ride).map(|session| session.date_created), Some(now));
    /// assert_eq!(service.session(sid!("KC00000000000000000000000000000009")), None);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn session(&self, session: SessionSid) -> Option<&Session> {
        self.book.session(self.book.slot_of_sid(session)?)
    }

    /// The session with this name (SES-10).
    ///
    /// ```
    /// # use twilio_proxy_core::{NewService, Policy, Service, Timestamp, sid};
    /// use twilio_proxy_core::NewSession;
    ///
    /// # let new = NewService::new(
    /// #     sid!("KS00000000000000000000000000000001"),
    /// #     sid!("AC00000000000000000000000000000001"),
    /// #     "rides".parse()?,
    /// # );
    /// # let now = Timestamp::MIN;
    /// # let mut service = Service::new(new, Policy::default(), now);
    /// let mut new = NewSession::new(sid!("KC00000000000000000000000000000001"));
    /// new.unique_name = Some("job-17".parse()?);
    /// let ride = service.create_session(new, now)?.sid;
    /// assert_eq!(service.session_by_name("job-17"), service.session(ride));
    /// assert_eq!(service.session_by_name("Job-17"), None);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn session_by_name(&self, unique_name: &str) -> Option<&Session> {
        self.book.session(self.book.slot_of_name(unique_name)?)
    }

    /// The session that a path segment names: by SID if it has the form of one, else by name (TXT-5, SES-10).
    ///
    /// ```
    /// # use twilio_proxy_core::{Code, NewService, Policy, Service, Timestamp, sid};
    /// # let new = NewService::new(
    /// #     sid!("KS00000000000000000000000000000001"),
    /// #     sid!("AC00000000000000000000000000000001"),
    /// #     "rides".parse()?,
    /// # );
    /// # let service = Service::new(new, Policy::default(), Timestamp::MIN);
    /// let error = service.fetch_session("job-17").unwrap_err();
    /// assert_eq!(error.code(), Code::SessionNameNotFound);
    /// # Ok::<(), twilio_proxy_core::ParseTextError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`FetchSessionError`]: 20404 for an unknown SID, 80308 for an unknown name.
    pub fn fetch_session(&self, sid_or_name: &str) -> Result<&Session, FetchSessionError> {
        match sid_or_name.parse() {
            Ok(session) => Ok(self.session(session).ok_or(SessionNotFound { session })?),
            Err(_) => self.session_by_name(sid_or_name).ok_or(FetchSessionError::SessionNameNotFound),
        }
    }

    /// The participant of this session with this SID, live or removed; a pending one is none yet (CON-9).
    ///
    /// ```
    /// # use twilio_proxy_core::{NewNumber, NewParticipant, NewService, NewSession, Policy, Service, Timestamp, sid};
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
    /// service.remove_participant(ride, alice, now)?;
    /// assert_eq!(service.participant(ride, alice).map(|alice| alice.is_live()), Some(false));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn participant(&self, session: SessionSid, participant: ParticipantSid) -> Option<&Participant> {
        let session = self.book.slot_of_sid(session)?;
        self.book.member(self.member_of(session, participant)?)?.participant()
    }

    /// The pending addition to this session that was begun with this SID (CON-5).
    ///
    /// ```
    /// # use twilio_proxy_core::{NewNumber, NewService, NewSession, Policy, Service, Timestamp, sid};
    /// use twilio_proxy_core::NewParticipant;
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
    /// let alice = NewParticipant::new(sid!("KP00000000000000000000000000000001"), "+15558675310".parse()?);
    /// let alice = service.begin_add_participant(ride, alice, now)?.sid;
    /// assert!(service.pending_participant(ride, alice).is_some());
    /// service.finish_add_participant(ride, alice, now)?;
    /// assert_eq!(service.pending_participant(ride, alice), None);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn pending_participant(&self, session: SessionSid, participant: ParticipantSid) -> Option<&PendingParticipant> {
        let session = self.book.slot_of_sid(session)?;
        self.book.member(self.member_of(session, participant)?)?.pending()
    }

    /// The number of the pool with this SID.
    ///
    /// ```
    /// # use twilio_proxy_core::{NewService, Policy, Service, Timestamp, PhoneNumberSid, sid};
    /// # let new = NewService::new(
    /// #     sid!("KS00000000000000000000000000000001"),
    /// #     sid!("AC00000000000000000000000000000001"),
    /// #     "rides".parse()?,
    /// # );
    /// # let service = Service::new(new, Policy::default(), Timestamp::MIN);
    /// let sid: PhoneNumberSid = sid!("PN00000000000000000000000000000001");
    /// assert_eq!(service.number(sid), None);
    /// # Ok::<(), twilio_proxy_core::ParseTextError>(())
    /// ```
    #[must_use]
    pub fn number(&self, number: impl Into<NumberSid>) -> Option<&PhoneNumber> {
        self.pool.number(self.pool.slot_of_sid(number.into())?)
    }

    /// Every session, in the order of creation.
    ///
    /// ```
    /// # use twilio_proxy_core::{NewService, NewSession, Policy, Service, Timestamp, sid};
    /// # let new = NewService::new(
    /// #     sid!("KS00000000000000000000000000000001"),
    /// #     sid!("AC00000000000000000000000000000001"),
    /// #     "rides".parse()?,
    /// # );
    /// # let now = Timestamp::MIN;
    /// # let mut service = Service::new(new, Policy::default(), now);
    /// # let ride = service.create_session(NewSession::new(sid!("KC00000000000000000000000000000001")), now)?.sid;
    /// service.create_session(NewSession::new(sid!("KC00000000000000000000000000000000")), now)?;
    /// assert_eq!(service.sessions().next().map(|session| session.sid), Some(ride));
    /// assert_eq!(service.sessions().count(), 2);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn sessions(&self) -> impl DoubleEndedIterator<Item = &Session> {
        self.book.slots().filter_map(|slot| self.book.session(slot))
    }

    /// Every number of the pool, in the order of additions.
    ///
    /// ```
    /// # use twilio_proxy_core::{NewNumber, NewService, Policy, Service, Timestamp, sid};
    /// # let new = NewService::new(
    /// #     sid!("KS00000000000000000000000000000001"),
    /// #     sid!("AC00000000000000000000000000000001"),
    /// #     "rides".parse()?,
    /// # );
    /// # let now = Timestamp::MIN;
    /// # let mut service = Service::new(new, Policy::default(), now);
    /// # let number = NewNumber::phone(sid!("PN00000000000000000000000000000001"), "+14155551212".parse()?);
    /// # service.add_number(number, now)?;
    /// let free = service.numbers().find(|number| number.in_use == 0).map(|number| number.phone_number);
    /// assert_eq!(free, Some("+14155551212".parse()?));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn numbers(&self) -> impl DoubleEndedIterator<Item = &PhoneNumber> {
        self.pool.entries().map(|entry| &entry.number)
    }

    /// Every participant of a session, removed ones included, in the order of additions (PAR-5, CON-9). `None` if there is
    /// no such session.
    ///
    /// ```
    /// # use twilio_proxy_core::{NewNumber, NewParticipant, NewService, NewSession, Policy, Service, Timestamp, sid};
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
    /// let live = service.participants(ride).into_iter().flatten().filter(|participant| participant.is_live());
    /// assert_eq!(live.map(|participant| participant.sid).collect::<Vec<_>>(), [alice]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn participants(&self, session: SessionSid) -> Option<impl DoubleEndedIterator<Item = &Participant>> {
        let members = self.book.added_members(self.book.slot_of_sid(session)?);
        Some(members.filter_map(|slot| self.book.member(slot)?.participant()))
    }

    /// Every pending addition to a session, in the order of their SIDs. `None` if there is no such session.
    ///
    /// ```
    /// # use twilio_proxy_core::{NewNumber, NewParticipant, NewService, NewSession, Policy, Service, Timestamp, sid};
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
    /// # let alice = service.begin_add_participant(ride, alice, now)?.sid;
    /// let pending = service.pending_participants(ride).into_iter().flatten();
    /// assert_eq!(pending.map(|pending| pending.sid).collect::<Vec<_>>(), [alice]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn pending_participants(&self, session: SessionSid) -> Option<impl Iterator<Item = &PendingParticipant>> {
        let members = self.book.pending_members(self.book.slot_of_sid(session)?);
        Some(members.filter_map(|slot| self.book.member(slot)?.pending()))
    }

    /// The earliest instant at which something will happen by itself: a session expires, or is deleted at the end of its
    /// retention (TIM-4). May change with every operation.
    ///
    /// ```
    /// # use twilio_proxy_core::{NewService, Policy, Service, Timestamp, sid};
    /// use twilio_proxy_core::{NewSession, Ttl};
    ///
    /// # let new = NewService::new(
    /// #     sid!("KS00000000000000000000000000000001"),
    /// #     sid!("AC00000000000000000000000000000001"),
    /// #     "rides".parse()?,
    /// # );
    /// # let now = Timestamp::MIN;
    /// # let mut service = Service::new(new, Policy::default(), now);
    /// assert_eq!(service.next_deadline(), None);
    /// let mut new = NewSession::new(sid!("KC00000000000000000000000000000001"));
    /// new.ttl = Some(Ttl::from_seconds(60)?);
    /// service.create_session(new, now)?;
    /// assert_eq!(service.next_deadline(), now.checked_add(60));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn next_deadline(&self) -> Option<Timestamp> {
        self.book.first_deadline().map(|(instant, _)| instant)
    }

    /// Does all that is due at `now` (TIM-3). Too early, it only moves the latest instant seen. An operation does the same
    /// before it begins.
    ///
    /// ```
    /// # use twilio_proxy_core::{NewService, NewSession, Policy, Service, SessionStatus, Timestamp, Ttl, sid};
    /// # let new = NewService::new(
    /// #     sid!("KS00000000000000000000000000000001"),
    /// #     sid!("AC00000000000000000000000000000001"),
    /// #     "rides".parse()?,
    /// # );
    /// # let mut service = Service::new(new, Policy::default(), Timestamp::MIN);
    /// let mut new = NewSession::new(sid!("KC00000000000000000000000000000001"));
    /// new.ttl = Some(Ttl::from_seconds(60)?);
    /// let sid = service.create_session(new, Timestamp::MIN)?.sid;
    /// let deadline = service.next_deadline().expect("it has a TTL");
    /// service.handle_deadline(deadline);
    /// assert_eq!(service.session(sid).map(|session| session.status), Some(SessionStatus::Closed));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn handle_deadline(&mut self, now: Timestamp) {
        self.advance(now);
    }

    /// The next event, in the order in which they arose (WHK-6). Any operation may add some.
    ///
    /// ```
    /// # use twilio_proxy_core::{NewService, Policy, Service, Timestamp, sid};
    /// use twilio_proxy_core::{Code, Event, WebhookAnswer};
    ///
    /// # let new = NewService::new(
    /// #     sid!("KS00000000000000000000000000000001"),
    /// #     sid!("AC00000000000000000000000000000001"),
    /// #     "rides".parse()?,
    /// # );
    /// # let now = Timestamp::MIN;
    /// # let mut service = Service::new(new, Policy::default(), now);
    /// service.report_callback("https://rides.example.com/proxy".parse()?, WebhookAnswer::None, now);
    /// let Some(Event::Notification(notification)) = service.poll_event() else { unreachable!() };
    /// assert_eq!(notification.code(), Code::CallbackError);
    /// assert_eq!(service.poll_event(), None);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn poll_event(&mut self) -> Option<Event> {
        self.events.pop()
    }

    /// Brings the machine to `now`, and says what instant that is (TIM-2, TIM-3).
    fn advance(&mut self, now: Timestamp) -> Timestamp {
        self.latest_instant = self.latest_instant.max(now);
        let mut read_ahead = 0_usize;
        while let Some((instant, slot)) = self.book.first_deadline()
            && instant <= self.latest_instant
        {
            if read_ahead == 0 {
                read_ahead = READ_AHEAD;
                self.book.read_ahead(self.latest_instant, read_ahead);
            }
            read_ahead = read_ahead.saturating_sub(1);
            if self.book.record(slot).is_some_and(SessionRecord::is_active) {
                self.close(slot, instant, ClosedReason::Expired);
            } else {
                self.erase(slot);
            }
        }
        self.latest_instant
    }

    fn notify(&mut self, notification: impl Into<Option<Notification>>) {
        if let Some(notification) = notification.into() {
            self.events.push(notification.into());
        }
    }

    fn existing(&self, session: SessionSid) -> Result<SessionSlot, SessionNotFound> {
        self.book.slot_of_sid(session).ok_or(SessionNotFound { session })
    }

    fn member_of(&self, session: SessionSlot, participant: ParticipantSid) -> Option<MemberSlot> {
        let slot = self.book.slot_of_member(participant)?;
        self.book.member(slot).is_some_and(|member| member.session == session).then_some(slot)
    }

    /// Ends a session: what it holds is released, pending additions are cancelled (CON-6), waiting contacts dropped (RTE-11).
    fn close(&mut self, slot: SessionSlot, ended: Timestamp, reason: ClosedReason) {
        let Some(record) = self.book.record_mut(slot) else { return };
        record.session.close(ended, reason);
        let present = record.present;
        self.drop_waiting(slot, Tie::Present);
        for member in present.into_iter().flatten() {
            if self.book.member(member).is_some_and(|member| matches!(member.stage, Stage::Pending(_))) {
                self.discard_pending(member);
            } else {
                self.release(member);
                self.pairs.enter_past(&self.book, member);
            }
        }
        self.book.reschedule(slot, &self.policy);
    }

    /// Deletes a session with all that is stored of its people and of what they said, unpolled events included (SES-11,
    /// INV-6).
    fn erase(&mut self, slot: SessionSlot) {
        if self.book.record(slot).is_some_and(SessionRecord::is_active) {
            self.close(slot, self.latest_instant, ClosedReason::Api);
        }
        self.drop_waiting(slot, Tie::Previous);
        let members: Vec<MemberSlot> = self.book.added_members(slot).collect();
        for member in members {
            self.pairs.leave_past(&self.book, member);
            self.pairs.forget_use(&mut self.book, member);
            self.book.remove_member(member);
        }
        for interaction in self.ledger.remove_session(slot) {
            self.events.discard_interaction(interaction);
        }
        if let Some(session) = self.book.session(slot) {
            self.events.discard_session(session.sid);
        }
        self.book.remove(slot);
    }

    /// A member begins to hold its pair and its number.
    fn hold(&mut self, slot: MemberSlot) {
        self.pairs.hold(&self.book, slot);
        if let Some(number) = self.number_of_sole_holder(slot).and_then(|slot| self.pool.number_mut(slot)) {
            number.in_use = number.in_use.saturating_add(1);
        }
        if let Some(member) = self.book.member_mut(slot) {
            member.is_holder = true;
        }
    }

    /// A member ceases to hold its pair and its number.
    fn release(&mut self, slot: MemberSlot) {
        if let Some(number) = self.number_of_sole_holder(slot).and_then(|slot| self.pool.number_mut(slot)) {
            number.in_use = number.in_use.saturating_sub(1);
        }
        if let Some(member) = self.book.member_mut(slot) {
            member.is_holder = false;
        }
        self.pairs.release(&mut self.book, slot);
    }

    /// The number of a member, unless another holder in the same session has it too (NUM-4).
    fn number_of_sole_holder(&self, slot: MemberSlot) -> Option<NumberSlot> {
        let member = self.book.member(slot)?;
        let others = self.book.record(member.session)?.present.into_iter().flatten().filter(|other| *other != slot);
        let shares = |other: MemberSlot| {
            self.book.member(other).is_some_and(|other| other.is_holder && other.number == member.number)
        };
        others.into_iter().all(|other| !shares(other)).then_some(member.number)?
    }
}

impl fmt::Debug for Service {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Service")
            .field("settings", &self.settings)
            .field("policy", &self.policy)
            .field("latest_instant", &self.latest_instant)
            .finish_non_exhaustive()
    }
}
