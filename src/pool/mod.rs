//! The number pool: which numbers there are, which one is selected, and why another is not.
//!
//! Entries stand on shelves, one for each region (and area code of it) and each mode that a session can have. A shelf
//! keeps its unreserved entries in the order in which they were added, so that first fit (SEL-6) is the first one on it
//! that the identifier does not hold: selection looks at nothing but what this identifier holds or has used.

mod error;
mod selection;

use alloc::collections::BTreeMap;
use core::ops::RangeBounds;

use foldhash::fast::FixedState;
use hashbrown::{HashMap, HashTable};

pub(crate) use self::selection::{NumberHistory, SelectionRequest};
pub use self::{
    error::{AddNumberError, MaximumPoolSize, RemoveNumberError, SelectionError, UpdateNumberError},
    selection::{Explanation, GeoMatchLevel, NumberSelectionBehavior, NumberVerdict, Verdict},
};
use crate::{
    address::ProxyNumber,
    geography::{AreaCode, Region},
    hash::{Hasher, remove_slot},
    number::{NumberSid, PhoneNumber},
    session::SessionMode,
    slab::{Slab, Slot},
};

pub(crate) type NumberSlot = Slot<Entry>;

/// A number in the pool, and its place in the order of additions.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    pub(crate) number: PhoneNumber,
    pub(crate) ordinal: u64,
}

/// The numbers of one service.
#[derive(Clone)]
pub(crate) struct Pool {
    entries: Slab<Entry>,
    order: BTreeMap<u64, NumberSlot>,
    by_sid: HashTable<NumberSlot>,
    by_number: HashTable<NumberSlot>,
    regions: HashMap<Region, Regional, FixedState>,
    unreserved: Stock,
    reserved: Stock,
    hasher: Hasher,
}

/// The pool has come near a limit (NUM-3).
pub(crate) struct NearlyFull {
    pub(crate) reserved: bool,
    pub(crate) numbers: u32,
}

/// How many entries there are of one kind, and how many there may be.
#[derive(Clone, Copy, Debug)]
struct Stock {
    count: u32,
    limit: u32,
    /// The count at which the debugger is told that the limit is near: 85 % of it.
    nearly_full: u32,
}

/// The entries of a region.
#[derive(Clone, Debug, Default)]
struct Regional {
    /// Whatever they can carry, and reserved ones included.
    stocked: u32,
    whole: Shelves,
    parts: HashMap<Part, Shelves, FixedState>,
}

/// The entries that serve each mode.
#[derive(Clone, Debug, Default)]
struct Shelves {
    message_only: Shelf,
    voice_only: Shelf,
    voice_and_message: Shelf,
}

/// A part of a region that is less than the whole.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
enum Part {
    Area(AreaCode),
    /// Its short codes, which lie in every area (SEL-4).
    ShortCodes,
}

#[derive(Clone, Debug, Default)]
struct Shelf {
    /// Reserved entries included.
    stocked: u32,
    unreserved: BTreeMap<u64, NumberSlot>,
}

impl Pool {
    pub(crate) fn new(hasher: &Hasher) -> Self {
        Self {
            entries: Slab::new(),
            order: BTreeMap::new(),
            by_sid: HashTable::new(),
            by_number: HashTable::new(),
            regions: HashMap::default(),
            unreserved: Stock { count: 0, limit: 500, nearly_full: 425 },
            reserved: Stock { count: 0, limit: 5_000, nearly_full: 4_250 },
            hasher: hasher.clone(),
        }
    }

    #[inline]
    pub(crate) fn entry(&self, slot: NumberSlot) -> Option<&Entry> {
        self.entries.get(slot)
    }

    #[inline]
    pub(crate) fn number(&self, slot: NumberSlot) -> Option<&PhoneNumber> {
        self.entries.get(slot).map(|entry| &entry.number)
    }

    pub(crate) fn slot_of_sid(&self, sid: NumberSid) -> Option<NumberSlot> {
        let is_it = |slot: &NumberSlot| self.number(*slot).is_some_and(|number| number.sid == sid);
        self.by_sid.find(self.hasher.hash_one(sid), is_it).copied()
    }

    #[inline]
    pub(crate) fn slot_of_number(&self, number: ProxyNumber) -> Option<NumberSlot> {
        let is_it = |slot: &NumberSlot| self.number(*slot).is_some_and(|entry| entry.phone_number == number);
        self.by_number.find(self.hasher.hash_one(number), is_it).copied()
    }

    /// Every entry, in the order of additions.
    pub(crate) fn entries(&self) -> impl DoubleEndedIterator<Item = &Entry> {
        self.entries_at(..)
    }

    /// The entries between two places in the order of additions.
    pub(crate) fn entries_at(&self, places: impl RangeBounds<u64>) -> impl DoubleEndedIterator<Item = &Entry> {
        self.order.range(places).filter_map(|(_, slot)| self.entries.get(*slot))
    }

    /// Whether a number may be added, by the rules of this pool alone (NUM-7).
    pub(crate) fn check_add(&self, new: &PhoneNumber) -> Result<(), AddNumberError> {
        if let Some(existing) = self.existing(new) {
            return Err(match new.phone_number {
                ProxyNumber::PhoneNumber(_) => AddNumberError::PhoneNumberAlreadyInService { existing },
                ProxyNumber::ShortCode(_) => AddNumberError::ShortCodeAlreadyInService { existing },
            });
        }
        Ok(self.check_room(new.is_reserved)?)
    }

    /// The entry that has the SID, else the one that has the number (NUM-2).
    pub(crate) fn existing(&self, new: &PhoneNumber) -> Option<NumberSid> {
        let slot = self.slot_of_sid(new.sid).or_else(|| self.slot_of_number(new.phone_number))?;
        self.number(slot).map(|number| number.sid)
    }

    /// Whether one more reserved or unreserved entry has room (NUM-3).
    pub(crate) const fn check_room(&self, reserved: bool) -> Result<(), MaximumPoolSize> {
        let stock = if reserved { &self.reserved } else { &self.unreserved };
        if stock.count < stock.limit { Ok(()) } else { Err(MaximumPoolSize { reserved, limit: stock.limit }) }
    }

    /// Puts in a number that was checked before.
    pub(crate) fn insert(&mut self, entry: Entry) -> (NumberSlot, Option<NearlyFull>) {
        let Entry { number: PhoneNumber { sid, phone_number, is_reserved, .. }, ordinal } = entry;
        let slot = self.entries.insert(entry);
        self.order.insert(ordinal, slot);
        let (entries, hasher) = (&self.entries, &self.hasher);
        let hash_of = |slot: &NumberSlot, hash: fn(&Hasher, &PhoneNumber) -> u64| {
            entries.get(*slot).map_or(0, |entry| hash(hasher, &entry.number))
        };
        let by_sid = |slot: &NumberSlot| hash_of(slot, |hasher, number| hasher.hash_one(number.sid));
        let by_number = |slot: &NumberSlot| hash_of(slot, |hasher, number| hasher.hash_one(number.phone_number));
        self.by_sid.insert_unique(hasher.hash_one(sid), slot, by_sid);
        self.by_number.insert_unique(hasher.hash_one(phone_number), slot, by_number);
        self.shelve(slot);
        (slot, self.count_one_more(is_reserved))
    }

    /// Takes out a number that nothing uses.
    pub(crate) fn remove(&mut self, slot: NumberSlot) {
        self.unshelve(slot);
        let Some(Entry { number, ordinal }) = self.entries.remove(slot) else { return };
        self.order.remove(&ordinal);
        remove_slot(&mut self.by_sid, self.hasher.hash_one(number.sid), slot);
        remove_slot(&mut self.by_number, self.hasher.hash_one(number.phone_number), slot);
        let stock = self.stock(number.is_reserved);
        stock.count = stock.count.saturating_sub(1);
    }

    /// Changes what is on no shelf: `date_updated`, `in_use`.
    #[inline]
    pub(crate) fn number_mut(&mut self, slot: NumberSlot) -> Option<&mut PhoneNumber> {
        self.entries.get_mut(slot).map(|entry| &mut entry.number)
    }

    /// Reserves an entry or lets it be selected again, for which there is room.
    pub(crate) fn set_reserved(&mut self, slot: NumberSlot, reserved: bool) -> Option<NearlyFull> {
        self.unshelve(slot);
        if let Some(number) = self.number_mut(slot) {
            number.is_reserved = reserved;
        }
        self.shelve(slot);
        let left = self.stock(!reserved);
        left.count = left.count.saturating_sub(1);
        self.count_one_more(reserved)
    }

    /// Counts an entry in; the debugger is told when that makes the pool nearly full (NUM-3).
    fn count_one_more(&mut self, reserved: bool) -> Option<NearlyFull> {
        let stock = self.stock(reserved);
        stock.count = stock.count.saturating_add(1);
        (stock.count == stock.nearly_full).then_some(NearlyFull { reserved, numbers: stock.count })
    }

    const fn stock(&mut self, reserved: bool) -> &mut Stock {
        if reserved { &mut self.reserved } else { &mut self.unreserved }
    }

    fn shelve(&mut self, slot: NumberSlot) {
        let Some(Entry { number, ordinal }) = self.entries.get(slot) else { return };
        let Some(region) = number.region() else { return };
        let regional = self.regions.entry(region).or_default();
        regional.stocked = regional.stocked.saturating_add(1);
        let part = part_of(number).map(|part| regional.parts.entry(part).or_default().of(number));
        for shelf in regional.whole.of(number).chain(part.into_iter().flatten()) {
            shelf.stocked = shelf.stocked.saturating_add(1);
            if !number.is_reserved {
                shelf.unreserved.insert(*ordinal, slot);
            }
        }
    }

    fn unshelve(&mut self, slot: NumberSlot) {
        let Some(Entry { number, ordinal }) = self.entries.get(slot) else { return };
        let Some(region) = number.region() else { return };
        let Some(regional) = self.regions.get_mut(&region) else { return };
        regional.stocked = regional.stocked.saturating_sub(1);
        let part = part_of(number).and_then(|part| regional.parts.get_mut(&part)).map(|shelves| shelves.of(number));
        for shelf in regional.whole.of(number).chain(part.into_iter().flatten()) {
            shelf.stocked = shelf.stocked.saturating_sub(1);
            shelf.unreserved.remove(ordinal);
        }
        if regional.stocked == 0 {
            self.regions.remove(&region);
        }
    }
}

impl Shelves {
    const fn get(&self, mode: SessionMode) -> &Shelf {
        match mode {
            SessionMode::MessageOnly => &self.message_only,
            SessionMode::VoiceOnly => &self.voice_only,
            SessionMode::VoiceAndMessage => &self.voice_and_message,
        }
    }

    /// Those on which a number stands.
    fn of<'s>(&'s mut self, number: &'s PhoneNumber) -> impl Iterator<Item = &'s mut Shelf> {
        let shelves = [
            (SessionMode::MessageOnly, &mut self.message_only),
            (SessionMode::VoiceOnly, &mut self.voice_only),
            (SessionMode::VoiceAndMessage, &mut self.voice_and_message),
        ];
        shelves.into_iter().filter(|(mode, _)| number.serves(*mode)).map(|(_, shelf)| shelf)
    }
}

/// The part of its region that a number lies in, if it is less than the whole.
fn part_of(number: &PhoneNumber) -> Option<Part> {
    match number.phone_number {
        ProxyNumber::PhoneNumber(number) => number.area_code().map(Part::Area),
        ProxyNumber::ShortCode(_) => Some(Part::ShortCodes),
    }
}
