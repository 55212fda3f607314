//! The records of a service: sessions, the people in them, and how each is found.
//!
//! A session's record has two seats, so that a session and its people lie together; people beyond the second, which come
//! only after a removal, lie in a slab of their own. A [`Member`] keeps its place for as long as it is stored.

use alloc::{
    boxed::Box,
    collections::{BTreeMap, BTreeSet},
    vec::Vec,
};
use core::{num::NonZeroU32, ops::RangeBounds};

use hashbrown::HashTable;

use super::pairs::PairSlot;
use crate::{
    address::{ChannelAddress, Identifier, ProxyIdentifier},
    agenda::Agenda,
    hash::{Hasher, remove_slot},
    index::Index,
    order::Order,
    participant::{Participant, PendingParticipant},
    policy::Policy,
    pool::NumberSlot,
    session::Session,
    sid::{ParticipantSid, PhoneNumberSid, SessionSid, ShortCodeSid},
    slab::{Slab, Slot},
    text::SessionName,
    time::Timestamp,
};

pub(super) type SessionSlot = Slot<SessionRecord>;

/// A session and all that the machine knows of it.
///
/// In this order what a route reads lies in 68 bytes, from the mode to the identifiers of the first seat, and in 40 of the
/// second: three or four lines of the cache, of six or seven.
#[derive(Clone)]
#[repr(C)]
pub(super) struct SessionRecord {
    pub(super) session: Session,
    /// When something will happen to it by itself, as the index of deadlines has it.
    pub(super) deadline: Option<Timestamp>,
    /// Who takes part: its live and its pending members.
    pub(super) present: [Option<MemberSlot>; 2],
    /// What only a session with more than two members in its life needs.
    overflow: Option<Box<Overflow>>,
    seats: [Option<Member>; 2],
    /// Its place in the order of creation.
    pub(super) ordinal: u64,
    /// When it was last re-opened.
    pub(super) date_reopened: Option<Timestamp>,
}

#[derive(Clone)]
struct Overflow {
    /// Every added member, in the order of additions.
    roster: Vec<MemberSlot>,
    /// The members that have no seat.
    by_identifier: HashTable<MemberSlot>,
}

/// What becomes of a session by itself.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Fate {
    Active,
    Closed,
    Deleted,
}

const _: () = assert!(size_of::<SessionRecord>() == 368, "a million sessions take 368 MB without their indexes");

/// An active session and its two participants.
#[derive(Clone, Copy)]
pub(super) struct Couple<'a> {
    pub(super) record: &'a SessionRecord,
    /// The caller as a member.
    pub(super) member: &'a Member,
    pub(super) caller: &'a Participant,
    pub(super) partner: &'a Participant,
}

impl SessionRecord {
    pub(super) const fn new(session: Session, ordinal: u64) -> Self {
        Self {
            session,
            ordinal,
            date_reopened: None,
            deadline: None,
            present: [None; 2],
            seats: [const { None }; 2],
            overflow: None,
        }
    }

    #[inline]
    pub(super) const fn is_active(&self) -> bool {
        self.session.status.is_active()
    }

    /// When it expires, if it is active until then (EXP-1).
    pub(super) fn expiry(&self, policy: &Policy) -> Option<Timestamp> {
        let base = self.session.date_created.max(self.date_reopened.unwrap_or(Timestamp::MIN));
        let base = base.max(self.session.date_last_interaction.unwrap_or(Timestamp::MIN));
        self.session.expiry(base, policy.default_lifetime)
    }

    /// What it is at `now`, when all that is due by then has happened (TIM-3).
    pub(super) fn fate(&self, policy: &Policy, now: Timestamp) -> Fate {
        let ended = if self.is_active() { self.expiry(policy) } else { self.session.date_ended };
        match ended.filter(|ended| *ended <= now) {
            None => Fate::Active,
            Some(ended) if deletion(ended, policy).is_some_and(|deletion| deletion <= now) => Fate::Deleted,
            Some(_) => Fate::Closed,
        }
    }

    /// When something will happen to it by itself: its expiry, and once it is closed its deletion (EXP-1, EXP-7).
    pub(super) fn next_deadline(&self, policy: &Policy) -> Option<Timestamp> {
        if self.is_active() { self.expiry(policy) } else { deletion(self.session.date_ended?, policy) }
    }
}

/// When a session that ended then is deleted (EXP-7).
fn deletion(ended: Timestamp, policy: &Policy) -> Option<Timestamp> {
    ended.checked_add(policy.retention?.as_seconds().into())
}

/// Someone in a session: pending, live or removed.
///
/// A route reads the first 40 bytes of it.
#[derive(Clone)]
#[repr(C)]
pub(super) struct Member {
    /// Whether it holds its pair and its number: its session is active, and it is pending or live.
    pub(super) is_holder: bool,
    pub(super) session: SessionSlot,
    pub(super) stage: Stage,
    /// Its place in the order of additions to the service; of no meaning while it is pending.
    pub(super) ordinal: u64,
    /// The entry that it has, which is in the pool for as long as the session is active.
    pub(super) number: Option<NumberSlot>,
    pub(super) pair: Option<PairSlot>,
    /// The use of the same pair that came before this one, and the one that came after.
    pub(super) older_use: Option<MemberSlot>,
    pub(super) newer_use: Option<MemberSlot>,
}

#[derive(Clone)]
pub(super) enum Stage {
    Pending(PendingParticipant),
    Added(Participant),
}

impl Member {
    /// Someone who holds nothing yet.
    pub(super) fn new(stage: Stage, session: SessionSlot, ordinal: u64, number: Option<NumberSlot>) -> Self {
        Self { stage, session, ordinal, number, pair: None, is_holder: false, older_use: None, newer_use: None }
    }

    #[inline]
    pub(super) const fn sid(&self) -> ParticipantSid {
        match &self.stage {
            Stage::Pending(pending) => pending.sid,
            Stage::Added(participant) => participant.sid,
        }
    }

    #[inline]
    pub(super) const fn identifier(&self) -> &Identifier {
        match &self.stage {
            Stage::Pending(pending) => &pending.identifier,
            Stage::Added(participant) => &participant.identifier,
        }
    }

    #[inline]
    pub(super) const fn proxy_identifier(&self) -> &ProxyIdentifier {
        match &self.stage {
            Stage::Pending(pending) => &pending.proxy_identifier,
            Stage::Added(participant) => &participant.proxy_identifier,
        }
    }

    pub(super) const fn proxy_identifier_sid(&self) -> Option<PhoneNumberSid> {
        match &self.stage {
            Stage::Pending(pending) => pending.proxy_identifier_sid,
            Stage::Added(participant) => participant.proxy_identifier_sid,
        }
    }

    #[inline]
    pub(super) const fn participant(&self) -> Option<&Participant> {
        match &self.stage {
            Stage::Pending(_) => None,
            Stage::Added(participant) => Some(participant),
        }
    }

    #[inline]
    pub(super) const fn pending(&self) -> Option<&PendingParticipant> {
        match &self.stage {
            Stage::Pending(pending) => Some(pending),
            Stage::Added(_) => None,
        }
    }
}

/// The place of a [`Member`], in four bytes.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(super) struct MemberSlot(NonZeroU32);

enum Place {
    Seat(SessionSlot, usize),
    Beyond(Slot<Member>),
}

impl MemberSlot {
    /// The first place that there can be, as a bound.
    pub(super) const MIN: Self = Self(NonZeroU32::MIN);
    /// The last place that there can be, as a bound.
    pub(super) const MAX: Self = Self(NonZeroU32::MAX);
    /// The bit that tells a place beyond the seats from a seat: 2^30 sessions fit below it.
    const BEYOND: u32 = 1 << 31;

    #[inline]
    fn seat(session: SessionSlot, index: usize) -> Self {
        let odd = u32::from(index != 0);
        let doubled = session.number().get().saturating_mul(2).saturating_add(odd);
        Self(NonZeroU32::new(doubled).unwrap_or(NonZeroU32::MAX))
    }

    fn beyond(slot: Slot<Member>) -> Self {
        Self(slot.number() | Self::BEYOND)
    }

    #[inline]
    const fn place(self) -> Option<Place> {
        let number = self.0.get();
        let slot_number = if number & Self::BEYOND == 0 { number >> 1 } else { number & !Self::BEYOND };
        match NonZeroU32::new(slot_number) {
            None => None,
            Some(slot) if number & Self::BEYOND == 0 => {
                Some(Place::Seat(Slot::from_number(slot), (number & 1) as usize))
            }
            Some(slot) => Some(Place::Beyond(Slot::from_number(slot))),
        }
    }
}

/// Sessions and members, each in its place and in every index.
#[derive(Clone)]
pub(super) struct Book {
    sessions: Slab<SessionRecord>,
    beyond: Slab<Member>,
    /// The SID of the short code of each member that has one, which the participant does not show (PAR-13).
    short_code_sids: BTreeMap<MemberSlot, ShortCodeSid>,
    by_sid: Index<SessionSlot>,
    by_name: Index<SessionSlot>,
    members_by_sid: Index<MemberSlot>,
    /// The added members who were given this address of their channel as proxy identifier (RTE-12).
    members_by_channel: BTreeMap<ChannelAddress, BTreeSet<MemberSlot>>,
    /// By creation.
    order: Order<SessionSlot>,
    /// By instant, then by creation (TIM-3).
    deadlines: Agenda<SessionSlot>,
    hasher: Hasher,
}

impl Book {
    pub(super) fn new(hasher: &Hasher) -> Self {
        Self {
            sessions: Slab::new(),
            beyond: Slab::new(),
            short_code_sids: BTreeMap::new(),
            by_sid: Index::new(),
            by_name: Index::new(),
            members_by_sid: Index::new(),
            members_by_channel: BTreeMap::new(),
            order: Order::new(),
            deadlines: Agenda::new(),
            hasher: hasher.clone(),
        }
    }

    /// Makes room in an empty book.
    pub(super) fn expect(&mut self, sessions: usize, members: usize) {
        self.by_sid = Index::with_room(sessions);
        self.members_by_sid = Index::with_room(members);
    }

    #[inline]
    pub(super) fn slot_of_sid(&self, sid: SessionSid) -> Option<SessionSlot> {
        let is_it = |slot| self.session(slot).is_some_and(|session| session.sid == sid);
        self.by_sid.find(self.hasher.hash_one(sid), is_it)
    }

    pub(super) fn slot_of_name(&self, name: &str) -> Option<SessionSlot> {
        let is_it = |slot| self.name(slot) == Some(name);
        self.by_name.find(self.hasher.hash_one(name), is_it)
    }

    #[inline]
    pub(super) fn slot_of_member(&self, sid: ParticipantSid) -> Option<MemberSlot> {
        let is_it = |slot| self.member(slot).is_some_and(|member| member.sid() == sid);
        self.members_by_sid.find(self.hasher.hash_one(sid), is_it)
    }

    /// Reads where a session and its participants stand in the indexes, or will.
    pub(super) fn read_ahead_of_sids(&self, session: SessionSid, participants: impl Iterator<Item = ParticipantSid>) {
        self.by_sid.read_ahead(self.hasher.hash_one(session));
        for participant in participants {
            self.members_by_sid.read_ahead(self.hasher.hash_one(participant));
        }
    }

    #[inline]
    pub(super) fn record(&self, slot: SessionSlot) -> Option<&SessionRecord> {
        self.sessions.get(slot)
    }

    #[inline]
    pub(super) fn record_mut(&mut self, slot: SessionSlot) -> Option<&mut SessionRecord> {
        self.sessions.get_mut(slot)
    }

    #[inline]
    pub(super) fn session(&self, slot: SessionSlot) -> Option<&Session> {
        self.record(slot).map(|record| &record.session)
    }

    fn name(&self, slot: SessionSlot) -> Option<&str> {
        self.session(slot)?.unique_name.as_ref().map(SessionName::as_str)
    }

    /// Every session, in the order of creation.
    pub(super) fn slots(&self) -> impl DoubleEndedIterator<Item = SessionSlot> {
        self.slots_at(..).map(|(_, slot)| slot)
    }

    /// The sessions between two places in the order of creation.
    pub(super) fn slots_at(
        &self,
        places: impl RangeBounds<u64>,
    ) -> impl DoubleEndedIterator<Item = (u64, SessionSlot)> {
        self.order.range(places)
    }

    pub(super) fn insert(&mut self, record: SessionRecord) -> SessionSlot {
        let (ordinal, sid) = (record.ordinal, record.session.sid);
        let name_hash = record.session.unique_name.as_ref().map(|name| self.hasher.hash_one(name.as_str()));
        let slot = self.sessions.insert(record);
        self.order.push(ordinal, slot);
        self.by_sid.insert(self.hasher.hash_one(sid), slot);
        if let Some(hash) = name_hash {
            self.by_name.insert(hash, slot);
        }
        slot
    }

    /// Takes out a session whose members were removed before.
    pub(super) fn remove(&mut self, slot: SessionSlot) {
        self.unschedule(slot);
        let Some(record) = self.sessions.remove(slot) else { return };
        self.order.remove(record.ordinal);
        self.by_sid.remove(self.hasher.hash_one(record.session.sid), slot);
        if let Some(name) = record.session.unique_name {
            self.by_name.remove(self.hasher.hash_one(name.as_str()), slot);
        }
    }

    /// The earliest deadline, and whose it is: by instant, then by creation (TIM-3).
    #[inline]
    pub(super) fn first_deadline(&self) -> Option<(Timestamp, SessionSlot)> {
        let ((seconds, _), slot) = self.deadlines.first()?;
        Some((Timestamp::from_unix_seconds(i64::try_from(seconds).unwrap_or(i64::MAX)), slot))
    }

    /// Reads what is needed of the sessions that are due next until an instant. If many are, which lie anywhere, waiting for
    /// the memory of each in turn takes most of the time.
    pub(super) fn read_ahead(&self, until: Timestamp, count: usize) {
        let due =
            self.deadlines.upcoming().take(count).take_while(|((seconds, _), _)| *seconds <= until.as_unix_seconds());
        for record in due.filter_map(|(_, slot)| self.record(slot)) {
            let [first, second] = record.seats.each_ref().map(|seat| seat.as_ref().map(|member| member.is_holder));
            core::hint::black_box((record.session.status, first, second, record.ordinal));
        }
    }

    /// Brings the index of deadlines up to date with a session that has changed.
    pub(super) fn reschedule(&mut self, slot: SessionSlot, policy: &Policy) {
        let Some(record) = self.sessions.get_mut(slot) else { return };
        let deadline = record.next_deadline(policy);
        if record.deadline == deadline {
            return;
        }
        self.unschedule(slot);
        let Some(record) = self.sessions.get_mut(slot) else { return };
        record.deadline = deadline;
        if let Some(deadline) = deadline {
            self.deadlines.insert((deadline.as_unix_seconds(), record.ordinal), slot);
        }
    }

    /// Makes the index of deadlines from those of the sessions.
    pub(super) fn index_deadlines(&mut self) {
        let entries = self.order.range(..).filter_map(|(ordinal, slot)| {
            let deadline = self.record(slot)?.deadline?;
            Some(((deadline.as_unix_seconds(), ordinal), slot))
        });
        self.deadlines = Agenda::of(entries.collect());
    }

    fn unschedule(&mut self, slot: SessionSlot) {
        if let Some(record) = self.sessions.get_mut(slot)
            && let Some(deadline) = record.deadline.take()
        {
            self.deadlines.remove((deadline.as_unix_seconds(), record.ordinal));
        }
    }

    #[inline]
    pub(super) fn member(&self, slot: MemberSlot) -> Option<&Member> {
        match slot.place()? {
            Place::Seat(session, index) => self.sessions.get(session)?.seats.get(index)?.as_ref(),
            Place::Beyond(slot) => self.beyond.get(slot),
        }
    }

    #[inline]
    pub(super) fn member_mut(&mut self, slot: MemberSlot) -> Option<&mut Member> {
        match slot.place()? {
            Place::Seat(session, index) => self.sessions.get_mut(session)?.seats.get_mut(index)?.as_mut(),
            Place::Beyond(slot) => self.beyond.get_mut(slot),
        }
    }

    /// A participant who has a seat, whoever speaks with them from the other one, and their session.
    #[inline]
    pub(super) fn couple(&self, caller: MemberSlot) -> Option<Couple<'_>> {
        let Some(Place::Seat(session, index)) = caller.place() else { return None };
        let record = self.sessions.get(session)?;
        let (member, other) = (record.seats.get(index)?.as_ref()?, record.seats.get(index ^ 1)?.as_ref()?);
        match (member, other) {
            // Of two holders, each is the one with whom the other speaks: a session has two at most.
            (
                Member { is_holder: true, stage: Stage::Added(caller), .. },
                Member { is_holder: true, stage: Stage::Added(partner), .. },
            ) => Some(Couple { record, member, caller, partner }),
            _ => None,
        }
    }

    pub(super) fn short_code_sid(&self, slot: MemberSlot) -> Option<ShortCodeSid> {
        self.short_code_sids.get(&slot).copied()
    }

    #[inline]
    pub(super) fn record_of_member(&self, slot: MemberSlot) -> Option<&SessionRecord> {
        match slot.place()? {
            Place::Seat(session, _) => self.record(session),
            Place::Beyond(slot) => self.record(self.beyond.get(slot)?.session),
        }
    }

    /// The added members of a session between two places in the order of additions.
    #[cfg(feature = "rest")]
    pub(super) fn added_members_at(
        &self,
        session: SessionSlot,
        places: impl RangeBounds<u64>,
    ) -> impl DoubleEndedIterator<Item = &Member> {
        use core::ops::Bound::Unbounded;

        let overflow = self.record(session).and_then(|record| record.overflow.as_ref());
        let seated = if overflow.is_some() { [None; 2] } else { self.seated_members(session) };
        let seated = seated.into_iter().flatten().filter_map(|slot| self.member(slot));
        let roster = overflow.map_or(&[][..], |overflow| overflow.roster.as_slice());
        let ordinal = |slot: &MemberSlot| self.member(*slot).map_or(u64::MAX, |member| member.ordinal);
        let (from, until) = ((places.start_bound(), Unbounded), (Unbounded, places.end_bound()));
        let start = roster.partition_point(|slot| !from.contains(&ordinal(slot)));
        let end = roster.partition_point(|slot| until.contains(&ordinal(slot)));
        let roster = roster.get(start..end).unwrap_or_default().iter().filter_map(|slot| self.member(*slot));
        seated.filter(move |member| places.contains(&member.ordinal)).chain(roster)
    }

    /// The added members of a session, in the order of additions; pending ones are in no list (CON-9).
    pub(super) fn added_members(&self, session: SessionSlot) -> impl DoubleEndedIterator<Item = MemberSlot> {
        let overflow = self.record(session).and_then(|record| record.overflow.as_ref());
        let seated = if overflow.is_some() { [None; 2] } else { self.seated_members(session) };
        let roster = overflow.map_or(&[][..], |overflow| overflow.roster.as_slice());
        seated.into_iter().flatten().chain(roster.iter().copied())
    }

    /// The pending members of a session, in the order of their SIDs: that of their places differs after a restore.
    pub(super) fn pending_members(&self, session: SessionSlot) -> impl Iterator<Item = MemberSlot> {
        let present = self.record(session).map(|record| record.present).unwrap_or_default();
        let sid = |slot: MemberSlot| Some(self.member(slot)?.pending()?.sid);
        let mut pending = present.map(|slot| slot.filter(|slot| sid(*slot).is_some()));
        pending.sort_unstable_by_key(|slot| slot.and_then(sid));
        pending.into_iter().flatten()
    }

    fn seated_members(&self, session: SessionSlot) -> [Option<MemberSlot>; 2] {
        let ordinal_of_seat = |index: usize| {
            let slot = MemberSlot::seat(session, index);
            let member = self.member(slot)?;
            member.participant().map(|_| (member.ordinal, slot))
        };
        let mut seated = [ordinal_of_seat(0), ordinal_of_seat(1)];
        seated.sort_unstable();
        seated.map(|seat| seat.map(|(_, slot)| slot))
    }

    /// The added members who have this address of their channel as proxy identifier, live or removed (RTE-12).
    pub(super) fn members_of_channel(&self, address: &ChannelAddress) -> impl Iterator<Item = MemberSlot> {
        self.members_by_channel.get(address).into_iter().flatten().copied()
    }

    /// Who has this identifier in a session: pending, live or removed.
    #[inline]
    pub(super) fn member_with_identifier(&self, session: SessionSlot, identifier: &Identifier) -> Option<MemberSlot> {
        let has_it = |slot: &MemberSlot| self.member(*slot).is_some_and(|member| member.identifier() == identifier);
        let seats = [MemberSlot::seat(session, 0), MemberSlot::seat(session, 1)];
        seats.into_iter().find(has_it).or_else(|| {
            let overflow = self.record(session)?.overflow.as_ref()?;
            overflow.by_identifier.find(self.hasher.hash_one(identifier), has_it).copied()
        })
    }

    /// Gives a member a place in its session, which has room for one who is present if it is.
    pub(super) fn insert_member(
        &mut self,
        member: Member,
        short_code_sid: Option<ShortCodeSid>,
        is_present: bool,
    ) -> Option<MemberSlot> {
        let (session, sid, is_added) = (member.session, member.sid(), member.participant().is_some());
        let record = self.sessions.get_mut(session)?;
        let slot = match record.seats.iter_mut().enumerate().find(|(_, seat)| seat.is_none()) {
            Some((index, seat)) => {
                *seat = Some(member);
                MemberSlot::seat(session, index)
            }
            None => self.insert_beyond(session, member)?,
        };
        self.short_code_sids.extend(short_code_sid.map(|sid| (slot, sid)));
        let record = self.sessions.get_mut(session)?;
        if is_present && let Some(place) = record.present.iter_mut().find(|place| place.is_none()) {
            *place = Some(slot);
        }
        if is_added {
            self.enroll(slot, session);
        }
        self.members_by_sid.insert(self.hasher.hash_one(sid), slot);
        Some(slot)
    }

    fn insert_beyond(&mut self, session: SessionSlot, member: Member) -> Option<MemberSlot> {
        if self.record(session)?.overflow.is_none() {
            let roster = self.seated_members(session).into_iter().flatten().collect();
            self.record_mut(session)?.overflow = Some(Box::new(Overflow { roster, by_identifier: HashTable::new() }));
        }
        let hash = self.hasher.hash_one(member.identifier());
        let slot = MemberSlot::beyond(self.beyond.insert(member));
        let (beyond, hasher) = (&self.beyond, &self.hasher);
        let overflow = self.sessions.get_mut(session)?.overflow.as_mut()?;
        overflow.by_identifier.insert_unique(hash, slot, |slot| match slot.place() {
            Some(Place::Beyond(slot)) => beyond.get(slot).map_or(0, |member| hasher.hash_one(member.identifier())),
            Some(Place::Seat(..)) | None => 0,
        });
        Some(slot)
    }

    /// Makes a pending member an added one.
    pub(super) fn finish_member(&mut self, slot: MemberSlot, ordinal: u64, now: Timestamp) {
        let Some(member) = self.member_mut(slot) else { return };
        if let Stage::Pending(pending) = &member.stage {
            member.stage = Stage::Added(pending.clone().finish(now));
            member.ordinal = ordinal;
            let session = member.session;
            self.enroll(slot, session);
        }
    }

    /// Marks an added member as removed (PAR-5).
    pub(super) fn retire_member(&mut self, slot: MemberSlot, now: Timestamp) -> Option<&Participant> {
        match &mut self.member_mut(slot)?.stage {
            Stage::Pending(_) => None,
            Stage::Added(participant) => {
                participant.date_deleted = Some(now);
                participant.date_updated = now;
                Some(participant)
            }
        }
    }

    /// Puts a member that has just been added at the end of its session's list, and among those of its channel address.
    fn enroll(&mut self, slot: MemberSlot, session: SessionSlot) {
        if let Some(ProxyIdentifier::Channel(address)) = self.member(slot).map(Member::proxy_identifier) {
            let address = address.clone();
            self.members_by_channel.entry(address).or_default().insert(slot);
        }
        if let Some(overflow) = self.record_mut(session).and_then(|record| record.overflow.as_mut()) {
            overflow.roster.push(slot);
        }
    }

    /// Makes room for another member: this one is not present any more.
    pub(super) fn vacate(&mut self, slot: MemberSlot) {
        let session = self.member(slot).map(|member| member.session);
        if let Some(record) = session.and_then(|session| self.record_mut(session)) {
            for place in record.present.iter_mut().filter(|place| **place == Some(slot)) {
                *place = None;
            }
        }
    }

    /// Forgets a pending member, or one whose session is being deleted.
    pub(super) fn remove_member(&mut self, slot: MemberSlot) -> Option<Member> {
        self.vacate(slot);
        let member = match slot.place()? {
            Place::Seat(session, index) => self.sessions.get_mut(session)?.seats.get_mut(index)?.take()?,
            Place::Beyond(place) => {
                let member = self.beyond.remove(place)?;
                if let Some(overflow) =
                    self.sessions.get_mut(member.session).and_then(|record| record.overflow.as_mut())
                {
                    let hash = self.hasher.hash_one(member.identifier());
                    remove_slot(&mut overflow.by_identifier, hash, slot);
                }
                member
            }
        };
        self.short_code_sids.remove(&slot);
        self.members_by_sid.remove(self.hasher.hash_one(member.sid()), slot);
        if let ProxyIdentifier::Channel(address) = member.proxy_identifier()
            && let Some(members) = self.members_by_channel.get_mut(address)
        {
            members.remove(&slot);
            if members.is_empty() {
                self.members_by_channel.remove(address);
            }
        }
        Some(member)
    }
}
