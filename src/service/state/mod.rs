//! A service as plain data, and back (INV-2).

mod flaw;
mod traffic;

use alloc::vec::Vec;

pub use self::{
    flaw::{EventFlaw, InteractionFlaw, NumberFlaw, ParticipantFlaw, RestoreError, SessionFlaw, WaitingFlaw},
    traffic::{InteractionState, WaitingMatter, WaitingState},
};
use super::{
    Service, ServiceSettings,
    book::{Member, MemberSlot, SessionRecord, SessionSlot, Stage},
    pairs::Uses,
};
use crate::{
    address::{Identifier, ProxyIdentifier},
    event::Event,
    hash::Hasher,
    number::{NumberSid, PhoneNumber},
    participant::{Participant, PendingParticipant},
    policy::Policy,
    pool::Entry,
    session::{ClosedReason, Session, SessionStatus},
    sid::{InteractionSid, ShortCodeSid},
    time::Timestamp,
};

/// For how many sessions the indexes are read at once: restoring a million takes two thirds of the time then.
const READ_AHEAD: usize = 8;

/// All that a [`Service`] knows, as plain data: what is behind it in a log or a database.
///
#[cfg_attr(feature = "serde", doc = "```")]
#[cfg_attr(not(feature = "serde"), doc = "```ignore")]
/// use twilio_proxy_core::{NewService, NewSession, Policy, Service, ServiceState, Timestamp, sid};
///
/// let new = NewService::new(
///     sid!("KS00000000000000000000000000000001"),
///     sid!("AC00000000000000000000000000000001"),
///     "rides".parse()?,
/// );
/// let mut service = Service::new(new, Policy::default(), Timestamp::MIN);
/// service.create_session(NewSession::new(sid!("KC00000000000000000000000000000001")), Timestamp::MIN)?;
///
/// let json = serde_json::to_string(&service.state())?;
/// let state: ServiceState = serde_json::from_str(&json)?;
/// assert_eq!(Service::restore(state)?.state(), service.state());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize), serde(deny_unknown_fields))]
#[non_exhaustive]
pub struct ServiceState {
    /// What it is set to.
    pub settings: ServiceSettings,
    /// The choices that it was created with.
    pub policy: Policy,
    /// The latest instant seen (TIM-2).
    pub latest_instant: Timestamp,
    /// How many sessions were ever created.
    pub sessions_created: u64,
    /// How many participants were ever added.
    pub participants_added: u64,
    /// How many numbers were ever added.
    pub numbers_added: u64,
    /// How many interactions were ever created.
    pub interactions_created: u64,
    /// The pool, in the order of additions.
    pub numbers: Vec<NumberState>,
    /// The sessions, in the order of creation.
    pub sessions: Vec<SessionState>,
    /// The contacts that wait for an answer, in the order of arrival (RTE-11).
    pub waiting: Vec<WaitingState>,
    /// Events not yet polled.
    pub events: Vec<Event>,
}

/// A number in a [`ServiceState`].
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
/// let state = service.state();
/// assert_eq!(state.numbers[0].number.phone_number.to_string(), "+14155551212");
/// assert_eq!(state.numbers[0].ordinal, 0);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize), serde(deny_unknown_fields))]
#[non_exhaustive]
pub struct NumberState {
    /// How many numbers were added before it.
    pub ordinal: u64,
    /// The number.
    pub number: PhoneNumber,
}

/// A session in a [`ServiceState`].
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
/// let state = service.state();
/// assert_eq!(state.sessions[0].session.sid, ride);
/// assert_eq!(state.sessions[0].date_reopened, None);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize), serde(deny_unknown_fields))]
#[non_exhaustive]
pub struct SessionState {
    /// How many sessions were created before it.
    pub ordinal: u64,
    /// When it was last re-opened, from where its TTL counts (EXP-1).
    pub date_reopened: Option<Timestamp>,
    /// The session.
    pub session: Session,
    /// Its participants, in the order of additions.
    pub participants: Vec<MemberState>,
    /// Its pending additions, in the order of their SIDs.
    pub pending: Vec<PendingState>,
    /// Its interactions, oldest first.
    pub interactions: Vec<InteractionState>,
}

/// A participant in a [`ServiceState`].
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
/// let state = service.state();
/// assert_eq!(state.sessions[0].participants[0].participant.sid, alice);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize), serde(deny_unknown_fields))]
#[non_exhaustive]
pub struct MemberState {
    /// How many participants were added to the service before it.
    pub ordinal: u64,
    /// SID of its short code, if it has one: the participant does not show it (PAR-13).
    #[cfg_attr(feature = "serde", serde(default, skip_serializing_if = "Option::is_none"))]
    pub short_code_sid: Option<ShortCodeSid>,
    /// The participant.
    pub participant: Participant,
}

/// A pending addition in a [`ServiceState`].
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
/// let state = service.state();
/// assert_eq!(state.sessions[0].pending[0].participant.sid, alice);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize), serde(deny_unknown_fields))]
#[non_exhaustive]
pub struct PendingState {
    /// SID of its short code, if it has one: the addition does not show it (PAR-13).
    #[cfg_attr(feature = "serde", serde(default, skip_serializing_if = "Option::is_none"))]
    pub short_code_sid: Option<ShortCodeSid>,
    /// The addition.
    pub participant: PendingParticipant,
}

impl Service {
    /// All that it knows, to be stored or sent, and [restored](Self::restore).
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
    /// let state = service.state();
    /// assert_eq!((state.sessions.len(), state.latest_instant), (1, now));
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
            numbers: self.pool.entries().map(NumberState::of).collect(),
            sessions: self.book.slots().filter_map(|slot| self.session_state(slot)).collect(),
            waiting: self.waiting.iter().filter_map(|contact| self.waiting_state(contact)).collect(),
            events: self.unpolled_events().map(|(_, event)| event.clone()).collect(),
        }
    }

    /// The service that was in this state: it behaves from now on exactly as the original would have (INV-2).
    ///
    /// Indexes are made anew from the records, and everything is checked on the way: a state that is damaged or contradicts
    /// itself is refused as a whole.
    ///
    /// ```
    /// use twilio_proxy_core::{NewService, NewSession, Policy, RestoreError, Service, Timestamp, sid};
    ///
    /// let new = NewService::new(
    ///     sid!("KS00000000000000000000000000000001"),
    ///     sid!("AC00000000000000000000000000000001"),
    ///     "rides".parse()?,
    /// );
    /// let mut service = Service::new(new, Policy::default(), Timestamp::MIN);
    /// service.create_session(NewSession::new(sid!("KC00000000000000000000000000000001")), Timestamp::MIN)?;
    /// let mut forged = service.state();
    /// forged.sessions[0].session.date_ended = Some(Timestamp::MIN);
    /// let error = Service::restore(forged).unwrap_err();
    /// assert!(matches!(error, RestoreError::Session { .. }));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`RestoreError`] says what is wrong first, and where.
    pub fn restore(state: ServiceState) -> Result<Self, RestoreError> {
        Self::restore_with_hasher(state, &Hasher::new(None))
    }

    /// As [`restore`](Self::restore), with a seed for the hash tables: see [`Service`].
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
    /// let drawn = 0x9e37_79b9_7f4a_7c15; // from a source of randomness
    /// let restored = Service::restore_with_hash_seed(service.state(), drawn)?;
    /// assert_eq!(restored.state(), service.state());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`RestoreError`] says what is wrong first, and where.
    pub fn restore_with_hash_seed(state: ServiceState, hash_seed: u64) -> Result<Self, RestoreError> {
        Self::restore_with_hasher(state, &Hasher::new(Some(hash_seed)))
    }

    fn session_state(&self, slot: SessionSlot) -> Option<SessionState> {
        let record = self.book.record(slot)?;
        Some(SessionState {
            ordinal: record.ordinal,
            date_reopened: record.date_reopened,
            session: record.session.clone(),
            participants: self.book.added_members(slot).filter_map(|slot| self.added_state(slot)).collect(),
            pending: self.book.pending_members(slot).filter_map(|slot| self.pending_state(slot)).collect(),
            interactions: self.ledger.of_session(slot, ..).map(InteractionState::of).collect(),
        })
    }

    fn added_state(&self, slot: MemberSlot) -> Option<MemberState> {
        let member = self.book.member(slot)?;
        let short_code_sid = self.book.short_code_sid(slot);
        Some(MemberState { ordinal: member.ordinal, short_code_sid, participant: member.participant()?.clone() })
    }

    fn pending_state(&self, slot: MemberSlot) -> Option<PendingState> {
        let short_code_sid = self.book.short_code_sid(slot);
        Some(PendingState { short_code_sid, participant: self.book.member(slot)?.pending()?.clone() })
    }

    pub(crate) fn restore_with_hasher(state: ServiceState, hasher: &Hasher) -> Result<Self, RestoreError> {
        let ServiceState { settings, policy, latest_instant, .. } = state;
        if !in_order([settings.date_created, settings.date_updated, latest_instant]) {
            return Err(RestoreError::Settings);
        }
        if [state.sessions_created, state.participants_added, state.numbers_added, state.interactions_created]
            .iter()
            .any(|count| *count > MAX_COUNT)
        {
            return Err(RestoreError::Counts);
        }
        let mut service = Self::empty(settings, policy, latest_instant, hasher);
        service.sessions_created = state.sessions_created;
        service.participants_added = state.participants_added;
        service.numbers_added = state.numbers_added;
        service.interactions_created = state.interactions_created;
        let claims = service.restore_numbers(state.numbers)?;

        let members = state.sessions.iter().map(|session| session.participants.len()).sum();
        service.book.expect(state.sessions.len(), members);
        service.pairs.expect(members);
        let (mut uses, mut interactions) = (Vec::with_capacity(members), Vec::new());
        let (mut next_ordinal, mut earliest) = (0, service.settings.date_created);
        let mut sessions = state.sessions.into_iter();
        for index in 0_usize.. {
            if index % READ_AHEAD == 0 {
                service.read_ahead(sessions.as_slice());
            }
            let Some(session) = sessions.next() else { break };
            let (sid, ordinal, date_created) = (session.session.sid, session.ordinal, session.session.date_created);
            if ordinal < next_ordinal || ordinal >= service.sessions_created {
                return Err(RestoreError::Session { session: sid, flaw: SessionFlaw::Ordinal });
            }
            if date_created < earliest {
                return Err(RestoreError::Session { session: sid, flaw: SessionFlaw::Dates });
            }
            (next_ordinal, earliest) = (ordinal.saturating_add(1), date_created);
            service.restore_session(session, &mut uses, &mut interactions)?;
        }
        service.book.index_deadlines();
        service.restore_uses(uses)?;
        service.check_claims(&claims)?;
        check_ordinals(interactions)?;
        service.restore_waiting(state.waiting)?;
        service.restore_events(state.events)?;
        Ok(service)
    }

    /// Reads where the next of these stand in the indexes, or will.
    fn read_ahead(&self, sessions: &[SessionState]) {
        for SessionState { session, participants, .. } in sessions.iter().take(READ_AHEAD) {
            self.book.read_ahead_of_sids(session.sid, participants.iter().map(|member| member.participant.sid));
            for member in participants {
                self.pairs.read_ahead(&member.participant.identifier);
            }
        }
    }

    /// Puts the numbers into the pool, unused as yet; gives back what each claims of its use.
    fn restore_numbers(&mut self, numbers: Vec<NumberState>) -> Result<Vec<(NumberSid, u32)>, RestoreError> {
        let mut claims = Vec::with_capacity(numbers.len());
        let (mut next_ordinal, mut earliest) = (0, self.settings.date_created);
        for NumberState { ordinal, mut number } in numbers {
            let sid = number.sid;
            let refuse = |flaw| RestoreError::Number { number: sid, flaw };
            if ordinal < next_ordinal || ordinal >= self.numbers_added {
                return Err(refuse(NumberFlaw::Ordinal));
            }
            next_ordinal = ordinal.saturating_add(1);
            if !in_order([earliest, number.date_created, number.date_updated, self.latest_instant]) {
                return Err(refuse(NumberFlaw::Dates));
            }
            earliest = number.date_created;
            if !sid.fits(number.phone_number) {
                return Err(refuse(NumberFlaw::Kind));
            }
            if number.iso_country.is_none() && number.country().is_some() {
                return Err(refuse(NumberFlaw::Country));
            }
            if self.pool.existing(&number).is_some() {
                return Err(refuse(NumberFlaw::Twice));
            }
            self.pool.check_room(number.is_reserved).map_err(|_| refuse(NumberFlaw::PoolFull))?;
            claims.push((sid, core::mem::take(&mut number.in_use)));
            self.pool.insert(Entry { number, ordinal });
        }
        Ok(claims)
    }

    fn check_claims(&self, claims: &[(NumberSid, u32)]) -> Result<(), RestoreError> {
        for (number, claimed) in claims {
            let counted = self.number(*number).map_or(0, |number| number.in_use);
            if counted != *claimed {
                let flaw = NumberFlaw::InUse { claimed: *claimed, counted };
                return Err(RestoreError::Number { number: *number, flaw });
            }
        }
        Ok(())
    }

    fn restore_session(
        &mut self,
        state: SessionState,
        uses: &mut Vec<(u64, MemberSlot)>,
        ordinals: &mut Vec<(u64, Timestamp, InteractionSid)>,
    ) -> Result<(), RestoreError> {
        let SessionState { ordinal, date_reopened, session, participants, pending, interactions } = state;
        let sid = session.sid;
        let refuse = |flaw| RestoreError::Session { session: sid, flaw };
        if self.book.slot_of_sid(sid).is_some() {
            return Err(refuse(SessionFlaw::SidTwice));
        }
        if session.unique_name.as_ref().is_some_and(|name| self.book.slot_of_name(name.as_str()).is_some()) {
            return Err(refuse(SessionFlaw::NameTwice));
        }
        check_status(&session, date_reopened).map_err(refuse)?;
        check_dates(&session, date_reopened, self.latest_instant).map_err(refuse)?;
        if !pending.is_empty() && !session.status.is_active() {
            return Err(refuse(SessionFlaw::PendingThoughClosed));
        }
        let live = participants.iter().filter(|member| member.participant.is_live()).count();
        if live.saturating_add(pending.len()) > 2 {
            return Err(refuse(SessionFlaw::TooManyParticipants));
        }

        let mut record = SessionRecord::new(session, ordinal);
        record.date_reopened = date_reopened;
        if record.session.closed_reason == Some(ClosedReason::Expired)
            && record.expiry(&self.policy).is_none_or(|expiry| Some(expiry) > record.session.date_ended)
        {
            return Err(refuse(SessionFlaw::NeverExpired));
        }
        let deadline = record.next_deadline(&self.policy);
        record.deadline = deadline;
        let slot = self.book.insert(record);
        self.restore_members(slot, participants, pending, uses)?;
        if deadline.is_some_and(|deadline| deadline <= self.latest_instant) {
            return Err(refuse(SessionFlaw::Overdue));
        }
        self.restore_interactions(slot, interactions, ordinals)
    }

    fn restore_members(
        &mut self,
        slot: SessionSlot,
        participants: Vec<MemberState>,
        pending: Vec<PendingState>,
        uses: &mut Vec<(u64, MemberSlot)>,
    ) -> Result<(), RestoreError> {
        let mut next_ordinal = 0;
        for MemberState { ordinal, short_code_sid, participant } in participants {
            let sid = participant.sid;
            if ordinal < next_ordinal || ordinal >= self.participants_added {
                return Err(RestoreError::Participant { participant: sid, flaw: ParticipantFlaw::Ordinal });
            }
            next_ordinal = ordinal.saturating_add(1);
            let member = Member::new(Stage::Added(participant), slot, ordinal, None);
            let member = self.restore_member(slot, member, short_code_sid);
            uses.push((ordinal, member.map_err(|flaw| RestoreError::Participant { participant: sid, flaw })?));
        }
        let mut previous = None;
        for PendingState { short_code_sid, participant } in pending {
            let sid = participant.sid;
            if previous.replace(sid) > Some(sid) {
                return Err(RestoreError::Participant { participant: sid, flaw: ParticipantFlaw::Ordinal });
            }
            let member = Member::new(Stage::Pending(participant), slot, 0, None);
            let member = self.restore_member(slot, member, short_code_sid);
            let member = member.map_err(|flaw| RestoreError::Participant { participant: sid, flaw })?;
            self.pairs.take_off(&self.book, member);
        }
        Ok(())
    }

    fn restore_member(
        &mut self,
        session: SessionSlot,
        mut member: Member,
        short_code_sid: Option<ShortCodeSid>,
    ) -> Result<MemberSlot, ParticipantFlaw> {
        if self.book.slot_of_member(member.sid()).is_some() {
            return Err(ParticipantFlaw::SidTwice);
        }
        if self.book.member_with_identifier(session, member.identifier()).is_some() {
            return Err(ParticipantFlaw::IdentifierTwice);
        }
        if self.refuses(member.identifier()) {
            return Err(ParticipantFlaw::Fictional);
        }
        let Some(record) = self.book.record(session) else { return Err(ParticipantFlaw::SidTwice) };
        if let Some(participant) = member.participant() {
            let removed = participant.date_deleted.unwrap_or(participant.date_created);
            let dates = [record.session.date_created, participant.date_created, removed, self.latest_instant];
            let came_too_late = record.session.date_ended.is_some_and(|ended| ended < participant.date_created);
            if !in_order(dates) || participant.date_updated != removed || came_too_late {
                return Err(ParticipantFlaw::Dates);
            }
        }
        if !member.is_consistent(record, short_code_sid) {
            return Err(ParticipantFlaw::ProxyIdentifier);
        }
        let is_present = member.participant().is_none_or(Participant::is_live);
        let holds = is_present && record.is_active();
        let is_strict = self.is_strict(false);
        let who = self.pairs.who(&self.book, member.identifier());
        let is_in_flight = || self.pairs.in_flight_elsewhere(self.present(), who, session).is_some();
        if is_strict && member.pending().is_some() && is_in_flight() {
            return Err(ParticipantFlaw::InFlightTwice);
        }
        if holds {
            member.number = self.number_of(&member, short_code_sid).ok_or(ParticipantFlaw::NotInPool)?;
            let holder = self.pairs.holder(&self.book, member.identifier(), member.proxy_identifier());
            if holder.is_some() && is_strict {
                return Err(ParticipantFlaw::PairActiveTwice);
            }
        }
        let slot = self.book.insert_member(member, short_code_sid, is_present).ok_or(ParticipantFlaw::SidTwice)?;
        self.pairs.join(&mut self.book, slot, who, Uses::ToFollow);
        if holds {
            self.hold(slot);
        } else if is_present {
            self.pairs.enter_past(&self.book, slot);
        }
        Ok(slot)
    }

    /// Puts the uses of each pair in the order of additions to the service.
    fn restore_uses(&mut self, mut uses: Vec<(u64, MemberSlot)>) -> Result<(), RestoreError> {
        uses.sort_unstable();
        let date_created = |slot| self.book.member(slot).and_then(Member::participant).map(|added| added.date_created);
        for ((ordinal, before), (next, slot)) in uses.iter().zip(uses.iter().skip(1)) {
            let flaw = if ordinal == next {
                ParticipantFlaw::Ordinal
            } else if date_created(*before) > date_created(*slot) {
                ParticipantFlaw::Dates
            } else {
                continue;
            };
            if let Some(participant) = self.book.member(*slot).map(Member::sid) {
                return Err(RestoreError::Participant { participant, flaw });
            }
        }
        for (_, slot) in uses {
            self.pairs.record_use(&mut self.book, slot);
        }
        Ok(())
    }
}

impl NumberState {
    fn of(entry: &Entry) -> Self {
        Self { ordinal: entry.ordinal, number: entry.number.clone() }
    }
}

impl Member {
    /// Whether its addresses could have been given to it in this session (PAR-6, PAR-9, PAR-13).
    fn is_consistent(&self, record: &SessionRecord, short_code_sid: Option<ShortCodeSid>) -> bool {
        let sids = (self.proxy_identifier_sid(), short_code_sid);
        match (self.identifier(), self.proxy_identifier(), sids) {
            (Identifier::PhoneNumber(own), ProxyIdentifier::PhoneNumber(proxy), (Some(_), None)) => own != proxy,
            (Identifier::PhoneNumber(_), ProxyIdentifier::ShortCode(_), (None, Some(_))) => true,
            (Identifier::Channel(own), ProxyIdentifier::Channel(proxy), (None, None)) => {
                own.channel() == proxy.channel() && own != proxy && !record.session.mode.has_voice()
            }
            (Identifier::PhoneNumber(_) | Identifier::Channel(_), _, _) => false,
        }
    }
}

/// No two interactions may have the same ordinal, and none may be older than one that came before it.
fn check_ordinals(mut interactions: Vec<(u64, Timestamp, InteractionSid)>) -> Result<(), RestoreError> {
    interactions.sort_unstable();
    for ((ordinal, created, _), (next, next_created, interaction)) in
        interactions.iter().zip(interactions.iter().skip(1))
    {
        if ordinal == next || created > next_created {
            let flaw = if ordinal == next { InteractionFlaw::Ordinal } else { InteractionFlaw::Dates };
            return Err(RestoreError::Interaction { interaction: *interaction, flaw });
        }
    }
    Ok(())
}

/// Whether status, end and beginnings of a session go together (SES-1, SES-6, SES-7, SES-9).
fn check_status(session: &Session, date_reopened: Option<Timestamp>) -> Result<(), SessionFlaw> {
    let has_ended = session.date_ended.is_some() && session.closed_reason.is_some();
    let has_not_ended = session.date_ended.is_none() && session.closed_reason.is_none();
    let has_begun = session.date_started.is_some() && session.date_last_interaction.is_some();
    let has_not_begun = session.date_started.is_none() && session.date_last_interaction.is_none();
    let is_consistent = match session.status {
        SessionStatus::Open => has_not_ended && has_not_begun && date_reopened.is_none(),
        SessionStatus::InProgress => has_not_ended && (has_begun || has_not_begun && date_reopened.is_some()),
        SessionStatus::Closed => has_ended && (has_begun || has_not_begun),
        SessionStatus::Failed | SessionStatus::Unknown => false,
    };
    if is_consistent { Ok(()) } else { Err(SessionFlaw::Status) }
}

fn check_dates(session: &Session, date_reopened: Option<Timestamp>, latest: Timestamp) -> Result<(), SessionFlaw> {
    let Session { date_created, date_updated, date_started, date_last_interaction, date_ended, .. } = *session;
    let began = date_started.unwrap_or(date_created);
    let last_interaction = date_last_interaction.unwrap_or(began);
    let reopened = date_reopened.unwrap_or(date_created);
    let is_consistent = in_order([date_created, began, last_interaction, date_updated, latest])
        && in_order([date_created, reopened, date_updated])
        && date_ended.is_none_or(|ended| ended == date_updated)
        && session.date_expiry.is_none_or(|expiry| expiry > date_created);
    if is_consistent { Ok(()) } else { Err(SessionFlaw::Dates) }
}

/// The most that a count may start from, so that counting on never comes to an end.
pub(crate) const MAX_COUNT: u64 = u64::MAX / 2;

fn in_order<const N: usize>(instants: [Timestamp; N]) -> bool {
    instants.is_sorted()
}
