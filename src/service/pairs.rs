//! Who has which number, and who had it: the people of a service and their pairs (identifier, proxy identifier).
//!
//! A pair stays for as long as a stored participant has it or a pending addition holds it. A member *holds* its pair while
//! its session is active and it is live or pending; at most one does so under the strict rule (CON-7). A *use* is an added
//! member, whatever has become of it since (SEL-5). People link their pairs, and pairs their uses, so that selection walks
//! the numbers of one person and nothing else.
//!
//! Most people are in one session and were in no other: a member whose identifier no other has is *alone*, and all that
//! there is to know of its pair is in the member itself. That is 70 bytes a person less, one insertion less for an addition
//! and one probe less for a route. It gets a person and a pair as soon as a second member has its identifier.

use alloc::{collections::BTreeSet, vec::Vec};

use super::book::{Book, Couple, Fate, Member, MemberSlot, SessionSlot};
use crate::{
    address::{E164, Identifier, ProxyIdentifier},
    hash::Hasher,
    index::Index,
    participant::Participant,
    policy::Policy,
    pool::{NumberHistory, Pool},
    session::{ClosedReason, Session},
    slab::{Slab, Slot},
    time::Timestamp,
};

pub(super) type PairSlot = Slot<Pair>;
type PersonSlot = Slot<Person>;

/// An identifier, in however many sessions.
#[derive(Clone)]
pub(super) struct Person {
    /// One of the members, under which the person is found.
    face: MemberSlot,
    newest_pair: Option<PairSlot>,
}

/// An identifier and a proxy identifier.
#[derive(Clone)]
pub(super) struct Pair {
    person: PersonSlot,
    /// The pairs of the same person that are older and newer than this one.
    older: Option<PairSlot>,
    newer: Option<PairSlot>,
    /// How many members hold it.
    holders: u32,
    /// The holder in the session created last (CON-8); if nobody holds it, one of its uses.
    representative: MemberSlot,
    newest_use: Option<MemberSlot>,
}

/// A holder of a pair that has more than one: pending additions come before live participants, which traffic looks for, and
/// either by the creation of their sessions.
#[derive(Clone, Copy, Eq, Ord, PartialEq, PartialOrd)]
struct Holder {
    pair: PairSlot,
    is_live: bool,
    ordinal: u64,
    member: MemberSlot,
}

/// The people and pairs of a service.
#[derive(Clone)]
pub(super) struct Pairs {
    /// A member of each identifier: the one that is alone, or the face of a person.
    faces: Index<MemberSlot>,
    people: Slab<Person>,
    slab: Slab<Pair>,
    /// Each pair by both of its sides, as its representative.
    by_sides: Index<MemberSlot>,
    /// Every holder of a pair that has more than one.
    doubled: BTreeSet<Holder>,
    /// Every pending addition, by the creation of its session.
    in_flight: BTreeSet<(PersonSlot, u64, SessionSlot)>,
    /// Every participant of a closed session who is not removed, by the end and the creation of that session (RTE-4).
    past: BTreeSet<(PairSlot, Timestamp, u64, MemberSlot)>,
    hasher: Hasher,
}

/// Whoever has an identifier, as of a look-up: while nobody comes or goes who has it.
#[derive(Clone, Copy)]
pub(super) struct Who {
    hash: u64,
    found: Found,
}

#[derive(Clone, Copy)]
enum Found {
    Nobody,
    Sole(MemberSlot),
    Person(PersonSlot),
}

/// Whether the uses of the members that are there are recorded already, or will be.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Uses {
    Recorded,
    ToFollow,
}

/// What lies ahead of the latest operation: nothing for a command, which has done all that was due; for a question about
/// an instant, all that is due by then.
#[derive(Clone, Copy)]
pub(super) struct View<'a> {
    pub(super) book: &'a Book,
    /// The policy and the instant, for a question.
    pub(super) as_of: Option<(&'a Policy, Timestamp)>,
}

/// Where a contact of a pair belongs.
pub(super) enum Whereabouts {
    /// To the session of this live holder (RTE-1, CON-8).
    Active(MemberSlot),
    /// To no active session; to this one last (RTE-4).
    Past(Option<PastSession>),
}

/// A closed session with a participant who has the pair and is not removed. Of two, the greater one ended later, or was
/// created later.
#[derive(Clone, Copy, Eq, Ord, PartialEq, PartialOrd)]
pub(super) struct PastSession {
    date_ended: Timestamp,
    ordinal: u64,
    /// That participant.
    pub(super) member: MemberSlot,
    pub(super) has_expired: bool,
}

impl View<'_> {
    pub(super) fn fate(&self, member: MemberSlot) -> Fate {
        match self.as_of {
            None => Fate::Active,
            Some((policy, now)) => {
                self.book.record_of_member(member).map_or(Fate::Deleted, |record| record.fate(policy, now))
            }
        }
    }
}

impl Pairs {
    pub(super) fn new(hasher: &Hasher) -> Self {
        Self {
            faces: Index::new(),
            people: Slab::new(),
            slab: Slab::new(),
            by_sides: Index::new(),
            doubled: BTreeSet::new(),
            in_flight: BTreeSet::new(),
            past: BTreeSet::new(),
            hasher: hasher.clone(),
        }
    }

    /// Makes room where there is nobody yet.
    pub(super) fn expect(&mut self, members: usize) {
        self.faces = Index::with_room(members);
    }

    /// Reads where an identifier stands in the index, or will.
    pub(super) fn read_ahead(&self, identifier: &Identifier) {
        self.faces.read_ahead(self.hasher.hash_one(identifier));
    }

    /// Looks an identifier up.
    #[inline]
    pub(super) fn who(&self, book: &Book, identifier: &Identifier) -> Who {
        let hash = self.hasher.hash_one(identifier);
        let found = match self.face(book, hash, identifier) {
            None => Found::Nobody,
            Some((slot, Member { pair: None, .. })) => Found::Sole(slot),
            Some((_, Member { pair: Some(pair), .. })) => {
                self.slab.get(*pair).map_or(Found::Nobody, |pair| Found::Person(pair.person))
            }
        };
        Who { hash, found }
    }

    /// The session created last, other than this one, to which an addition of the identifier is in flight (CON-4).
    pub(super) fn in_flight_elsewhere(&self, view: View<'_>, who: Who, session: SessionSlot) -> Option<SessionSlot> {
        let person = match who.found {
            Found::Nobody => return None,
            Found::Sole(slot) => {
                let member = view.book.member(slot)?;
                let is_elsewhere = member.pending().is_some() && member.session != session;
                return (is_elsewhere && view.fate(slot) == Fate::Active).then_some(member.session);
            }
            Found::Person(person) => person,
        };
        let in_flight = self.in_flight.range((person, 0, SessionSlot::MIN)..=(person, u64::MAX, SessionSlot::MAX));
        in_flight.rev().map(|(_, _, slot)| *slot).find(|slot| {
            let is_active = || match view.as_of {
                None => true,
                Some((policy, now)) => {
                    view.book.record(*slot).is_some_and(|record| record.fate(policy, now) == Fate::Active)
                }
            };
            *slot != session && is_active()
        })
    }

    /// The holder of a pair in the session created last.
    #[inline]
    pub(super) fn holder(&self, book: &Book, identifier: &Identifier, proxy: &ProxyIdentifier) -> Option<MemberSlot> {
        let (slot, face) = self.face(book, self.hasher.hash_one(identifier), identifier)?;
        if face.pair.is_none() {
            return (face.is_holder && face.proxy_identifier() == proxy).then_some(slot);
        }
        let pair = self.slab.get(self.pair(book, identifier, proxy)?)?;
        (pair.holders > 0).then_some(pair.representative)
    }

    /// The couple of the face of this identifier, if no other member can hold this pair.
    #[inline]
    pub(super) fn sole_couple<'b>(&self, book: &'b Book, identifier: E164, proxy: E164) -> Option<Couple<'b>> {
        let hash = self.hasher.hash_one(Identifier::PhoneNumber(identifier));
        let has_it = |couple: &Couple<'_>| couple.caller.identifier.phone_number() == Some(identifier);
        let couple = self.faces.find_map(hash, |slot| book.couple(slot).filter(has_it))?;
        let is_sole = self.doubled.is_empty() || couple.member.pair.is_none();
        (is_sole && couple.caller.proxy_identifier == ProxyIdentifier::PhoneNumber(proxy)).then_some(couple)
    }

    /// Where a contact from an identifier to a proxy identifier belongs. Pending additions carry no traffic (CON-9).
    pub(super) fn whereabouts(&self, view: View<'_>, from: &Identifier, to: &ProxyIdentifier) -> Whereabouts {
        match self.face(view.book, self.hasher.hash_one(from), from) {
            None => return Whereabouts::Past(None),
            Some((slot, face)) if face.pair.is_none() => {
                let is_pair = face.proxy_identifier() == to;
                return if is_pair { whereabouts_of(view, slot, face) } else { Whereabouts::Past(None) };
            }
            Some(_) => {}
        }
        let slot = self.pair(view.book, from, to);
        let Some((slot, pair)) = slot.and_then(|slot| Some((slot, self.slab.get(slot)?))) else {
            return Whereabouts::Past(None);
        };
        let mut last = self.last_past_session(view, slot);
        let sole = (pair.holders == 1).then_some(pair.representative);
        let sole = sole.filter(|holder| view.book.member(*holder).is_some_and(|member| member.pending().is_none()));
        for holder in sole.into_iter().chain(self.holders(slot, true).rev()) {
            match view.fate(holder) {
                Fate::Active => return Whereabouts::Active(holder),
                Fate::Closed => last = last.max(due_session(view, holder)),
                Fate::Deleted => {}
            }
        }
        Whereabouts::Past(last)
    }

    fn last_past_session(&self, view: View<'_>, pair: PairSlot) -> Option<PastSession> {
        let first = (pair, Timestamp::MIN, 0, MemberSlot::MIN);
        let range = first..=(pair, Timestamp::MAX, u64::MAX, MemberSlot::MAX);
        let (.., member) = *self.past.range(range).next_back()?;
        // They are deleted in the order in which they ended: if the last one is gone, so are all.
        past_session(view, member)
    }

    /// The session of a participant who is not removed has closed.
    pub(super) fn enter_past(&mut self, book: &Book, slot: MemberSlot) {
        self.past.extend(place_in_past(book, slot));
    }

    /// It is about to be re-opened or deleted, or the participant to be removed.
    pub(super) fn leave_past(&mut self, book: &Book, slot: MemberSlot) {
        if let Some(place) = place_in_past(book, slot) {
            self.past.remove(&place);
        }
    }

    /// What an identifier has to do with the numbers of the pool, sorted by slot.
    pub(super) fn history(&self, view: View<'_>, pool: &Pool, who: Who) -> Vec<NumberHistory> {
        let person = match who.found {
            Found::Nobody => return Vec::new(),
            Found::Sole(slot) => return history_of(view, pool, slot).into_iter().collect(),
            Found::Person(person) => person,
        };
        let mut history = Vec::new();
        let mut next = self.people.get(person).and_then(|person| person.newest_pair);
        while let Some(slot) = next
            && let Some(pair) = self.slab.get(slot)
        {
            next = pair.older;
            let proxy = view.book.member(pair.representative).and_then(|member| member.proxy_identifier().number());
            if let Some(number) = proxy.and_then(|number| pool.slot_of_number(number)) {
                let is_held = self.is_held(view, slot, pair);
                history.push(NumberHistory { number, is_held, latest_use: latest_use(view, pair) });
            }
        }
        history.sort_unstable_by_key(|past| past.number);
        history
    }

    fn is_held(&self, view: View<'_>, slot: PairSlot, pair: &Pair) -> bool {
        let is_active = |member| view.fate(member) == Fate::Active;
        match pair.holders {
            0 => false,
            1 => is_active(pair.representative),
            _ => [true, false].into_iter().any(|is_live| self.holders(slot, is_live).any(is_active)),
        }
    }

    /// The live or pending holders of a pair that has more than one, by the creation of their sessions; none of any other.
    fn holders(&self, pair: PairSlot, is_live: bool) -> impl DoubleEndedIterator<Item = MemberSlot> {
        self.doubled_range(pair, is_live).map(|holder| holder.member)
    }

    fn doubled_range(&self, pair: PairSlot, is_live: bool) -> impl DoubleEndedIterator<Item = &Holder> {
        let first = Holder { pair, is_live, ordinal: 0, member: MemberSlot::MIN };
        self.doubled.range(first..Holder { ordinal: u64::MAX, ..first })
    }

    /// The holder of a pair that has more than one whose session was created last.
    fn last_holder(&self, pair: PairSlot) -> Option<MemberSlot> {
        let last = [false, true].map(|is_live| self.doubled_range(pair, is_live).next_back());
        last.into_iter().flatten().max_by_key(|holder| holder.ordinal).map(|holder| holder.member)
    }

    /// The member under which this identifier, whose hash is this, is found.
    #[inline]
    fn face<'b>(&self, book: &'b Book, hash: u64, identifier: &Identifier) -> Option<(MemberSlot, &'b Member)> {
        self.faces.find_map(hash, |slot| {
            let member = book.member(slot).filter(|member| member.identifier() == identifier)?;
            Some((slot, member))
        })
    }

    fn pair(&self, book: &Book, identifier: &Identifier, proxy: &ProxyIdentifier) -> Option<PairSlot> {
        let hash = self.hasher.hash_one((identifier, proxy));
        let has_both = |member: &&Member| member.identifier() == identifier && member.proxy_identifier() == proxy;
        self.by_sides.find_map(hash, |slot| book.member(slot).filter(has_both))?.pair
    }

    fn hash_of_sides(&self, book: &Book, member: MemberSlot) -> u64 {
        book.member(member).map_or(0, |member| self.hasher.hash_one((member.identifier(), member.proxy_identifier())))
    }

    /// Gives a member that has just got its place the pair of its two sides, unless it is alone.
    /// `who` is whoever had its identifier before.
    pub(super) fn join(&mut self, book: &mut Book, slot: MemberSlot, who: Who, uses: Uses) {
        match who.found {
            Found::Nobody => self.faces.insert(who.hash, slot),
            Found::Sole(sole) => {
                let person = self.people.insert(Person { face: sole, newest_pair: None });
                self.pair_up(book, sole, person);
                self.catch_up(book, sole, uses);
                self.pair_up(book, slot, person);
            }
            Found::Person(person) => self.pair_up(book, slot, person),
        }
    }

    fn pair_up(&mut self, book: &mut Book, slot: MemberSlot, person: PersonSlot) {
        let Some(member) = book.member(slot) else { return };
        let pair = match self.pair(book, member.identifier(), member.proxy_identifier()) {
            Some(pair) => pair,
            None => self.insert_pair(book, slot, person),
        };
        if let Some(member) = book.member_mut(slot) {
            member.pair = Some(pair);
        }
    }

    /// Does for a member that is not alone any more what was left out while it was.
    fn catch_up(&mut self, book: &mut Book, slot: MemberSlot, uses: Uses) {
        let Some(member) = book.member(slot) else { return };
        let (is_holder, is_live) = (member.is_holder, member.participant().is_some_and(Participant::is_live));
        if is_holder {
            self.hold(book, slot);
        } else if is_live {
            self.enter_past(book, slot);
        }
        self.take_off(book, slot);
        if uses == Uses::Recorded {
            self.record_use(book, slot);
        }
    }

    fn insert_pair(&mut self, book: &Book, representative: MemberSlot, person: PersonSlot) -> PairSlot {
        let older = self.people.get(person).and_then(|person| person.newest_pair);
        let pair = Pair { person, older, newer: None, holders: 0, representative, newest_use: None };
        let slot = self.slab.insert(pair);
        if let Some(older) = older.and_then(|older| self.slab.get_mut(older)) {
            older.newer = Some(slot);
        }
        if let Some(person) = self.people.get_mut(person) {
            person.newest_pair = Some(slot);
        }
        self.by_sides.insert(self.hash_of_sides(book, representative), representative);
        slot
    }

    /// A member whose session is active begins to hold its pair.
    pub(super) fn hold(&mut self, book: &Book, slot: MemberSlot) {
        let Some(holder) = holder(book, slot) else { return };
        let pair_slot = holder.pair;
        let Some(pair) = self.slab.get_mut(pair_slot) else { return };
        pair.holders = pair.holders.saturating_add(1);
        let representative = match pair.holders {
            1 => slot,
            holders => {
                if holders == 2 {
                    self.doubled.extend(self::holder(book, pair.representative));
                }
                self.doubled.insert(holder);
                self.last_holder(pair_slot).unwrap_or(slot)
            }
        };
        self.represent(book, pair_slot, representative);
    }

    /// A member ceases to hold its pair: it is removed or cancelled, or its session closes.
    pub(super) fn release(&mut self, book: &mut Book, slot: MemberSlot) {
        let Some(holder) = holder(book, slot) else {
            // A pending addition leaves no use behind.
            self.forget_alone(book, slot, |member| member.pending().is_some());
            return;
        };
        let pair_slot = holder.pair;
        let Some(pair) = self.slab.get_mut(pair_slot) else { return };
        pair.holders = pair.holders.saturating_sub(1);
        let (holders, newest_use, person) = (pair.holders, pair.newest_use, pair.person);
        self.doubled.remove(&holder);
        let representative = if holders == 0 { newest_use } else { self.last_holder(pair_slot) };
        if holders == 1
            && let Some(sole) = representative.and_then(|sole| self::holder(book, sole))
        {
            self.doubled.remove(&sole);
        }
        self.represent_or_drop(book, pair_slot, representative);
        // A pending addition leaves no use behind: it is about to be forgotten.
        if !holder.is_live {
            self.lose_face(book, slot, person);
        }
    }

    /// A member that was pending is live.
    pub(super) fn settle(&mut self, book: &Book, slot: MemberSlot) {
        if let Some(holder) = holder(book, slot)
            && self.doubled.remove(&Holder { is_live: false, ..holder })
        {
            self.doubled.insert(holder);
        }
    }

    /// An added member becomes the newest use of its pair.
    pub(super) fn record_use(&mut self, book: &mut Book, slot: MemberSlot) {
        let added = book.member(slot).filter(|member| member.participant().is_some());
        let Some(pair_slot) = added.and_then(|member| member.pair) else { return };
        let Some(pair) = self.slab.get_mut(pair_slot) else { return };
        let older = pair.newest_use.replace(slot);
        if let Some(member) = book.member_mut(slot) {
            member.older_use = older;
        }
        if let Some(older) = older.and_then(|older| book.member_mut(older)) {
            older.newer_use = Some(slot);
        }
    }

    /// A member that holds nothing is about to be forgotten, and its use with it.
    pub(super) fn forget_use(&mut self, book: &mut Book, slot: MemberSlot) {
        self.forget_alone(book, slot, |_| true);
        let Some(member) = book.member(slot) else { return };
        let (older, newer, Some(pair_slot)) = (member.older_use, member.newer_use, member.pair) else { return };
        if let Some(older) = older.and_then(|older| book.member_mut(older)) {
            older.newer_use = newer;
        }
        if let Some(newer) = newer.and_then(|newer| book.member_mut(newer)) {
            newer.older_use = older;
        }
        let Some(pair) = self.slab.get_mut(pair_slot) else { return };
        if pair.newest_use == Some(slot) {
            pair.newest_use = older;
        }
        let (holders, newest_use, person) = (pair.holders, pair.newest_use, pair.person);
        if holders == 0 {
            self.represent_or_drop(book, pair_slot, newest_use);
        }
        self.lose_face(book, slot, person);
    }

    fn forget_alone(&mut self, book: &Book, slot: MemberSlot, is_to_go: impl Fn(&Member) -> bool) {
        if let Some(member) = book.member(slot).filter(|member| member.pair.is_none() && is_to_go(member)) {
            self.faces.remove(self.hasher.hash_one(member.identifier()), slot);
        }
    }

    /// A member is about to be forgotten: another one takes its place, if it was the face of a person who is still there.
    fn lose_face(&mut self, book: &Book, slot: MemberSlot, person: PersonSlot) {
        let Some(member) = book.member(slot) else { return };
        let Some(person) = self.people.get_mut(person).filter(|person| person.face == slot) else { return };
        let Some(pair) = person.newest_pair.and_then(|pair| self.slab.get(pair)) else { return };
        person.face = pair.representative;
        self.faces.replace(self.hasher.hash_one(member.identifier()), slot, pair.representative);
    }

    /// An addition is begun.
    pub(super) fn take_off(&mut self, book: &Book, slot: MemberSlot) {
        if let Some(flight) = self.flight(book, slot) {
            self.in_flight.insert(flight);
        }
    }

    /// An addition is finished or cancelled.
    pub(super) fn land(&mut self, book: &Book, slot: MemberSlot) {
        if let Some(flight) = self.flight(book, slot) {
            self.in_flight.remove(&flight);
        }
    }

    fn flight(&self, book: &Book, slot: MemberSlot) -> Option<(PersonSlot, u64, SessionSlot)> {
        book.member(slot)?.pending()?;
        let (pair, ordinal) = pair_and_ordinal(book, slot)?;
        Some((self.slab.get(pair)?.person, ordinal, book.member(slot)?.session))
    }

    fn represent_or_drop(&mut self, book: &Book, pair: PairSlot, representative: Option<MemberSlot>) {
        match representative {
            Some(representative) => self.represent(book, pair, representative),
            None => self.drop_pair(book, pair),
        }
    }

    fn represent(&mut self, book: &Book, pair: PairSlot, representative: MemberSlot) {
        let Some(pair) = self.slab.get_mut(pair) else { return };
        let former = core::mem::replace(&mut pair.representative, representative);
        if former != representative {
            self.by_sides.replace(self.hash_of_sides(book, representative), former, representative);
        }
    }

    fn drop_pair(&mut self, book: &Book, slot: PairSlot) {
        let Some(pair) = self.slab.remove(slot) else { return };
        let hash = self.hash_of_sides(book, pair.representative);
        self.by_sides.remove(hash, pair.representative);
        if let Some(older) = pair.older.and_then(|older| self.slab.get_mut(older)) {
            older.newer = pair.newer;
        }
        if let Some(newer) = pair.newer.and_then(|newer| self.slab.get_mut(newer)) {
            newer.older = pair.older;
        } else if let Some(person) = self.people.get_mut(pair.person) {
            person.newest_pair = pair.older;
        }
        if self.people.get(pair.person).is_some_and(|person| person.newest_pair.is_none())
            && let Some(person) = self.people.remove(pair.person)
        {
            let identifier = book.member(person.face).map(Member::identifier);
            self.faces.remove(identifier.map_or(0, |identifier| self.hasher.hash_one(identifier)), person.face);
        }
    }
}

/// Where a contact belongs whose two sides are those of a member that is alone.
fn whereabouts_of(view: View<'_>, slot: MemberSlot, member: &Member) -> Whereabouts {
    if !member.participant().is_some_and(Participant::is_live) {
        return Whereabouts::Past(None);
    }
    if !member.is_holder {
        return Whereabouts::Past(past_session(view, slot));
    }
    match view.fate(slot) {
        Fate::Active => Whereabouts::Active(slot),
        Fate::Closed => Whereabouts::Past(due_session(view, slot)),
        Fate::Deleted => Whereabouts::Past(None),
    }
}

/// What an identifier has to do with the one number that it had, which is that of a member that is alone.
fn history_of(view: View<'_>, pool: &Pool, slot: MemberSlot) -> Option<NumberHistory> {
    let member = view.book.member(slot)?;
    let number = pool.slot_of_number(member.proxy_identifier().number()?)?;
    let fate = view.fate(slot);
    let is_use = member.participant().is_some() && fate != Fate::Deleted;
    let is_held = member.is_holder && fate == Fate::Active;
    Some(NumberHistory { number, is_held, latest_use: is_use.then_some(member.ordinal) })
}

/// The closed session of a participant who is not removed.
fn past_session(view: View<'_>, member: MemberSlot) -> Option<PastSession> {
    let record = view.book.record_of_member(member)?;
    let Session { date_ended, closed_reason, .. } = &record.session;
    let has_expired = *closed_reason == Some(ClosedReason::Expired);
    let past = PastSession { date_ended: (*date_ended)?, ordinal: record.ordinal, member, has_expired };
    (view.fate(member) != Fate::Deleted).then_some(past)
}

/// The newest use of a pair that its session has not taken with it, by its place in the order of additions.
fn latest_use(view: View<'_>, pair: &Pair) -> Option<u64> {
    let mut next = pair.newest_use;
    while let Some(slot) = next {
        let member = view.book.member(slot)?;
        if view.fate(slot) != Fate::Deleted {
            return Some(member.ordinal);
        }
        next = member.older_use;
    }
    None
}

/// The session of a holder, whose end lies ahead of the latest operation but not of the question.
fn due_session(view: View<'_>, member: MemberSlot) -> Option<PastSession> {
    let record = view.book.record_of_member(member)?;
    let date_ended = record.expiry(view.as_of?.0)?;
    Some(PastSession { date_ended, ordinal: record.ordinal, member, has_expired: true })
}

fn place_in_past(book: &Book, slot: MemberSlot) -> Option<(PairSlot, Timestamp, u64, MemberSlot)> {
    let (pair, ordinal) = pair_and_ordinal(book, slot)?;
    Some((pair, book.record_of_member(slot)?.session.date_ended?, ordinal, slot))
}

/// A member as a holder of its pair.
#[inline]
fn holder(book: &Book, slot: MemberSlot) -> Option<Holder> {
    let (pair, ordinal) = pair_and_ordinal(book, slot)?;
    Some(Holder { pair, is_live: book.member(slot)?.pending().is_none(), ordinal, member: slot })
}

/// The pair of a member, and the place of its session in the order of creation.
#[inline]
fn pair_and_ordinal(book: &Book, slot: MemberSlot) -> Option<(PairSlot, u64)> {
    Some((book.member(slot)?.pair?, book.record_of_member(slot)?.ordinal))
}

#[cfg(test)]
mod tests {
    use alloc::format;

    use super::*;
    use crate::{
        number::NewNumber,
        participant::NewParticipant,
        service::{NewService, Service},
        session::NewSession,
        sid::{AccountSid, ParticipantSid, PhoneNumberSid, ServiceSid, SessionSid},
    };

    #[test]
    fn inv_4_nobody_is_found_who_is_gone() {
        let now = Timestamp::MIN;
        let new = NewService::new(ServiceSid::from_u128(1), AccountSid::from_u128(1), "rides".parse().unwrap());
        let mut service = Service::new(new, Policy { allow_participant_conflict: true, ..Policy::default() }, now);
        for n in 1..=2 {
            let number = NewNumber::phone(PhoneNumberSid::from_u128(n), format!("+1415555900{n}").parse().unwrap());
            service.add_number(number, now).unwrap();
            service.create_session(NewSession::new(SessionSid::from_u128(n)), now).unwrap();
        }
        let person =
            |n, k: u128| NewParticipant::new(ParticipantSid::from_u128(n), format!("+1415555000{k}").parse().unwrap());
        let [first, second] = [1, 2].map(SessionSid::from_u128);
        service.begin_add_participant(first, person(1, 1), now).unwrap();
        service.cancel_add_participant(first, ParticipantSid::from_u128(1), None, now).unwrap();
        service.begin_add_participant(first, person(2, 2), now).unwrap();
        service.add_participant(second, person(3, 2), now).unwrap();
        service.cancel_add_participant(first, ParticipantSid::from_u128(2), None, now).unwrap();
        service.add_participant(first, person(4, 3), now).unwrap();
        service.add_participant(second, person(5, 3), now).unwrap();
        service.add_participant(first, person(6, 4), now).unwrap();
        service.delete_session(first, now).unwrap();
        service.delete_session(second, now).unwrap();
        let pairs = &service.pairs;
        for k in 1..=4 {
            let identifier = person(0, k).identifier;
            assert_eq!(pairs.faces.find(pairs.hasher.hash_one(identifier), |_| true), None, "{k}");
        }
        assert!(pairs.doubled.is_empty() && pairs.in_flight.is_empty() && pairs.past.is_empty());
    }
}
