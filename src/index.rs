//! Slots, found by the hash of a key that their record has.
//!
//! Slots and what is kept of their hashes lie together, in lines of the cache: a look-up waits for memory once before it
//! reads a record, where a table that keeps the two apart waits twice. The hash that is kept says where a slot belongs when
//! the index grows, so that growing reads no record. By both, an addition among a million sessions takes 1.6 microseconds; it
//! took 3.0 with `hashbrown` tables of slots. The index grows by a shard at a time (linear hashing), so that no insertion moves
//! everything. It does not shrink.

use alloc::vec::Vec;

/// How many slots a shard has on average. An insertion moves those of one or two, which takes some microseconds.
const SHARD: usize = 1_024;
const LINE: usize = 8;
/// A bit for each place of a line: with 1 for the first, the compiler makes twice as many instructions of [`bits`].
const BITS: [u32; LINE] = [2, 4, 8, 16, 32, 64, 128, 256];

#[derive(Clone)]
pub(crate) struct Index<T> {
    shards: Vec<Shard<T>>,
    /// One less than the power of two that the shards do not exceed.
    mask: usize,
    len: usize,
}

/// A slot is in the line that its hash points to or, if that is full, in the next one that is not.
#[derive(Clone)]
struct Shard<T> {
    lines: Vec<Line<T>>,
    len: usize,
}

/// Slots, none of them after a vacant place, and what is kept of their hashes.
#[derive(Clone)]
#[repr(align(64))]
struct Line<T> {
    hashes: [u32; LINE],
    slots: [Option<T>; LINE],
}

/// The number of a line, and a place in it.
type Place = (usize, usize);

impl<T: Copy + PartialEq> Index<T> {
    pub(crate) const fn new() -> Self {
        Self { shards: Vec::new(), mask: 0, len: 0 }
    }

    /// An index that does not grow, or hardly, before it has so many slots.
    pub(crate) fn with_room(slots: usize) -> Self {
        let count = slots.div_ceil(SHARD).next_power_of_two();
        let shards = (0..count).map(|_| Shard::with_room(slots.div_ceil(count))).collect();
        Self { shards, mask: count.saturating_sub(1), len: 0 }
    }

    #[inline]
    pub(crate) fn find(&self, hash: u64, mut is_it: impl FnMut(T) -> bool) -> Option<T> {
        self.find_map(hash, |slot| is_it(slot).then_some(slot))
    }

    /// What `find_out` says first of the slots with this hash.
    #[inline]
    pub(crate) fn find_map<R>(&self, hash: u64, mut find_out: impl FnMut(T) -> Option<R>) -> Option<R> {
        let hash = shortened(hash);
        self.shards.get(self.shard_of(hash))?.find_map(hash, |_, slot| find_out(slot))
    }

    /// Reads the line that a look-up will read, without waiting for it.
    #[inline]
    pub(crate) fn read_ahead(&self, hash: u64) {
        let hash = shortened(hash);
        if let Some(shard) = self.shards.get(self.shard_of(hash))
            && let Some(Line { hashes: [first, ..], .. }) = shard.lines.get(home(hash, shard.lines.len()))
        {
            core::hint::black_box(*first);
        }
    }

    /// Puts in a slot whose key no other has.
    #[inline]
    pub(crate) fn insert(&mut self, hash: u64, slot: T) {
        if self.shards.is_empty() {
            self.shards.push(Shard::with_room(1));
        }
        let hash = shortened(hash);
        let shard = self.shard_of(hash);
        if let Some(shard) = self.shards.get_mut(shard) {
            shard.insert(hash, slot);
        }
        self.len = self.len.saturating_add(1);
        if self.len > self.shards.len().saturating_mul(SHARD) {
            self.split();
        }
    }

    /// Takes out a slot, which stands under this hash.
    #[inline]
    pub(crate) fn remove(&mut self, hash: u64, slot: T) {
        let hash = shortened(hash);
        let shard = self.shard_of(hash);
        if let Some(shard) = self.shards.get_mut(shard)
            && let Some(place) = shard.place(hash, slot)
        {
            shard.remove(place);
            self.len = self.len.saturating_sub(1);
        }
    }

    /// Puts another slot with the same key in the place of one.
    #[inline]
    pub(crate) fn replace(&mut self, hash: u64, former: T, slot: T) {
        let hash = shortened(hash);
        let shard = self.shard_of(hash);
        if let Some(shard) = self.shards.get_mut(shard)
            && let Some((number, place)) = shard.place(hash, former)
            && let Some(found) = shard.lines.get_mut(number).and_then(|line| line.slots.get_mut(place))
        {
            *found = Some(slot);
        }
    }

    /// The shard that the last bits of a hash tell: one less of them for a shard that is not split yet.
    #[inline]
    fn shard_of(&self, hash: u32) -> usize {
        let shard = index(hash) & self.mask;
        if shard < self.shards.len() { shard } else { shard & (self.mask >> 1) }
    }

    /// Splits the next shard.
    fn split(&mut self) {
        let added = self.shards.len();
        self.mask = added.saturating_add(1).next_power_of_two().saturating_sub(1);
        let Some(shard) = self.shards.get_mut(added & (self.mask >> 1)) else { return };
        let half = || Shard::with_room(shard.len / 2);
        let (lower, upper) = (half(), half());
        let whole = core::mem::replace(shard, lower);
        self.shards.push(upper);
        for (hash, slot) in whole.entries() {
            let shard = self.shard_of(hash);
            if let Some(shard) = self.shards.get_mut(shard) {
                shard.insert(hash, slot);
            }
        }
    }
}

impl<T: Copy> Shard<T> {
    /// A shard that does not grow before it has so many slots and half as many more.
    fn with_room(slots: usize) -> Self {
        let slots = slots.saturating_add(slots / 2).saturating_add(1);
        Self { lines: (0..slots.saturating_mul(5).div_ceil(4 * LINE)).map(|_| Line::EMPTY).collect(), len: 0 }
    }

    /// Whether four fifths of the places are taken: of more slots, many would not be in the line that their hash points to.
    fn is_crowded(&self) -> bool {
        self.len.saturating_mul(5) >= self.lines.len().saturating_mul(4 * LINE)
    }

    fn entries(&self) -> impl Iterator<Item = (u32, T)> {
        self.lines.iter().flat_map(Line::entries)
    }

    #[inline]
    fn find_map<R>(&self, hash: u32, mut find_out: impl FnMut(Place, T) -> Option<R>) -> Option<R> {
        let mut number = home(hash, self.lines.len());
        loop {
            let line = self.lines.get(number)?;
            let mut places = line.places(hash);
            while places != 0 {
                let place = place(places);
                let slot = line.slots.get(place).copied().flatten();
                let found = slot.and_then(|slot| find_out((number, place), slot));
                if found.is_some() {
                    return found;
                }
                places &= places.wrapping_sub(1);
            }
            if !line.is_full() {
                return None;
            }
            number = self.after(number);
        }
    }

    fn place(&self, hash: u32, slot: T) -> Option<Place>
    where
        T: PartialEq,
    {
        self.find_map(hash, |place, other| (other == slot).then_some(place))
    }

    fn insert(&mut self, hash: u32, slot: T) {
        if self.is_crowded() {
            let crowded = core::mem::replace(self, Self::with_room(self.len));
            for (hash, slot) in crowded.entries() {
                self.put(hash, slot);
            }
            self.len = crowded.len;
        }
        self.put(hash, slot);
        self.len = self.len.saturating_add(1);
    }

    fn put(&mut self, hash: u32, slot: T) {
        let mut number = home(hash, self.lines.len());
        while let Some(line) = self.lines.get_mut(number)
            && !line.push(hash, slot)
        {
            number = self.after(number);
        }
    }

    fn remove(&mut self, (number, place): Place) {
        let Some(line) = self.lines.get_mut(number) else { return };
        let was_full = line.is_full();
        line.remove(place);
        self.len = self.len.saturating_sub(1);
        if was_full {
            self.fill(number);
        }
    }

    /// Since a line is not full any more: moves a slot there that had to go further, then one to where that was, and so on.
    fn fill(&mut self, mut vacant: usize) {
        let count = self.lines.len();
        let mut next = self.after(vacant);
        while next != vacant
            && let Some(line) = self.lines.get_mut(next)
        {
            let was_full = line.is_full();
            let way_from =
                |number: usize| if number <= next { next } else { next.wrapping_add(count) }.wrapping_sub(number);
            let passed = |hash: &u32| way_from(home(*hash, count)) >= way_from(vacant);
            if let Some((hash, slot)) = line.take(passed) {
                if let Some(line) = self.lines.get_mut(vacant) {
                    line.push(hash, slot);
                }
                vacant = next;
            }
            if !was_full {
                break;
            }
            next = self.after(next);
        }
    }

    #[inline]
    fn after(&self, number: usize) -> usize {
        #[cfg(test)]
        tests::STEPS.with(|steps| steps.set(steps.get().saturating_add(1)));
        let next = number.wrapping_add(1);
        if next < self.lines.len() { next } else { 0 }
    }
}

impl<T: Copy> Line<T> {
    const EMPTY: Self = {
        assert!(size_of::<Self>() == 64, "a line of slots is a line of the cache");
        Self { hashes: [0; LINE], slots: [None; LINE] }
    };

    fn entries(&self) -> impl Iterator<Item = (u32, T)> {
        self.hashes.iter().zip(&self.slots).filter_map(|(hash, slot)| Some((*hash, (*slot)?)))
    }

    /// The bits of those places that have this hash.
    #[inline]
    fn places(&self, hash: u32) -> u32 {
        bits(self.hashes.map(|other| other == hash))
    }

    #[inline]
    const fn is_full(&self) -> bool {
        let [.., last] = &self.slots;
        last.is_some()
    }

    /// Whether there was room.
    #[inline]
    fn push(&mut self, hash: u32, slot: T) -> bool {
        let vacant = bits(self.slots.each_ref().map(Option::is_none));
        if vacant != 0
            && let (Some(kept), Some(place)) = (self.hashes.get_mut(place(vacant)), self.slots.get_mut(place(vacant)))
        {
            (*kept, *place) = (hash, Some(slot));
        }
        vacant != 0
    }

    /// Takes out the first slot of whose hash this is true.
    fn take(&mut self, is_it: impl Fn(&u32) -> bool) -> Option<(u32, T)> {
        let (place, entry) = self.entries().enumerate().find(|(_, (hash, _))| is_it(hash))?;
        self.remove(place);
        Some(entry)
    }

    /// Takes out what is at a place; the last slot goes there.
    fn remove(&mut self, place: usize) {
        let last = self.slots.iter().rposition(Option::is_some).unwrap_or(place);
        self.hashes.swap(place, last);
        self.slots.swap(place, last);
        if let Some(last) = self.slots.get_mut(last) {
            *last = None;
        }
    }
}

/// What is kept of a hash.
#[inline]
fn shortened(hash: u64) -> u32 {
    u32::try_from(hash >> 32).unwrap_or_default()
}

/// The line of so many to which the first bits of a hash point.
#[inline]
fn home(hash: u32, lines: usize) -> usize {
    let lines = u64::try_from(lines).unwrap_or_default();
    usize::try_from(u64::from(hash).wrapping_mul(lines) >> 32).unwrap_or_default()
}

/// The bits of those places of a line for which something is true.
#[inline]
fn bits(of_places: [bool; LINE]) -> u32 {
    // In this form it takes 16 instructions, half of what others take.
    let of_places = of_places.map(|is_true| if is_true { u32::MAX } else { 0 });
    of_places.iter().zip(&BITS).fold(0, |bits, (of_place, bit)| bits | (of_place & bit))
}

/// The first of some places, by their bits.
#[inline]
fn place(bits: u32) -> usize {
    index(bits.trailing_zeros()).wrapping_sub(1) % LINE
}

#[inline]
fn index(number: u32) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}

#[cfg(test)]
#[expect(clippy::arithmetic_side_effects, reason = "small numbers")]
mod tests {
    use core::cell::Cell;
    use std::thread_local;

    use proptest::prelude::*;

    use super::*;
    use crate::{hash::Hasher, sid::SessionSid, slab::Slot};

    thread_local! {
        /// How often this thread went on to the next line.
        pub(super) static STEPS: Cell<usize> = const { Cell::new(0) };
    }

    type Number = Slot<()>;

    fn slot(number: u32) -> Number {
        Slot::from_number(core::num::NonZeroU32::new(number + 1).unwrap())
    }

    /// Whether each slot is found that is there, and no other; and each as near to its own line as can be.
    fn holds(index: &Index<Number>, expected: &[(u64, Number)]) {
        assert_eq!(index.len, expected.len());
        assert_eq!(index.shards.iter().map(|shard| shard.len).sum::<usize>(), expected.len());
        for (hash, slot) in expected {
            assert_eq!(index.find(*hash, |other| other == *slot), Some(*slot));
        }
        for shard in &index.shards {
            assert_eq!(shard.entries().count(), shard.len);
            assert!(shard.lines.iter().all(|line| line.slots.is_sorted_by_key(Option::is_none)));
        }
    }

    proptest! {
        #[test]
        fn inv_5_an_index_finds_what_it_holds(
            // Few hashes, so that lines are full and slots go astray.
            steps in prop::collection::vec((prop::bool::weighted(0.6), 0..20_u64, any::<u16>()), 0..600),
            spread in 0..32_u32,
        ) {
            let mut index = Index::new();
            let mut expected: Vec<(u64, Number)> = Vec::new();
            for (number, (is_insertion, hash, choice)) in (0..).zip(steps) {
                if is_insertion || expected.is_empty() {
                    let hash = (hash << 59) | (hash << (32 + spread));
                    assert_eq!(index.find(hash, |other| other == slot(number)), None);
                    index.insert(hash, slot(number));
                    expected.push((hash, slot(number)));
                } else {
                    let (hash, gone) = expected.swap_remove(usize::from(choice) % expected.len());
                    if choice % 3 == 0 {
                        index.replace(hash, gone, slot(number));
                        expected.push((hash, slot(number)));
                    } else {
                        index.remove(hash, gone);
                    }
                    assert_eq!(index.find(hash, |other| other == gone), None);
                    index.remove(hash, gone);
                }
                holds(&index, &expected);
            }
        }
    }

    fn of(count: u32) -> (Index<Number>, Vec<(u64, Number)>) {
        let hasher = Hasher::new(None);
        let hash = |number: u32| hasher.hash_one(SessionSid::from_u128(number.into()));
        let expected: Vec<(u64, Number)> = (0..count).map(|number| (hash(number), slot(number))).collect();
        let mut index = Index::new();
        for (hash, slot) in &expected {
            index.insert(*hash, *slot);
        }
        (index, expected)
    }

    #[test]
    fn inv_5_an_index_grows_by_a_shard_at_a_time() {
        assert_eq!([1, 1_024, 1_025, 4_096, 4_097].map(|count| of(count).0.shards.len()), [1, 1, 2, 4, 5]);
        let (mut index, expected) = of(20_000);
        assert!(index.shards.iter().all(|shard| (SHARD / 3..SHARD * 2).contains(&shard.len)));
        holds(&index, &expected);
        for (hash, slot) in &expected {
            index.remove(*hash, *slot);
        }
        holds(&index, &[]);
    }

    #[test]
    fn inv_5_a_removal_takes_two_steps_a_line_at_most_though_all_hashes_are_equal() {
        let mut index = Index::new();
        let expected: Vec<(u64, Number)> = (0..1_000).map(|number| (7 << 32, slot(number))).collect();
        for (hash, slot) in &expected {
            index.insert(*hash, *slot);
        }
        for (removed, (hash, slot)) in (1..).zip(&expected) {
            let before = STEPS.get();
            index.remove(*hash, *slot);
            assert!(STEPS.get() - before <= 2 * expected.len() / LINE + 2);
            if removed % 100 == 0 {
                holds(&index, &expected[removed..]);
            }
        }
    }

    #[test]
    fn inv_5_most_slots_are_in_their_own_line() {
        let (index, _) = of(20_000);
        let is_at_home = |shard: &Shard<Number>, number, hash| home(hash, shard.lines.len()) == number;
        let at_home = index.shards.iter().map(|shard| {
            let lines = shard.lines.iter().enumerate();
            lines
                .flat_map(|(number, line)| line.entries().filter(move |(hash, _)| is_at_home(shard, number, *hash)))
                .count()
        });
        let at_home: usize = at_home.sum();
        assert!(at_home > 18_500, "{at_home}");
        let places: usize = index.shards.iter().map(|shard| shard.lines.len() * LINE).sum();
        assert!(places < 20_000 * 5 / 3, "{places}");
    }

    #[test]
    fn inv_5_an_index_with_room_does_not_grow() {
        let (_, expected) = of(20_000);
        let mut index = Index::with_room(expected.len());
        let lines = |index: &Index<Number>| index.shards.iter().map(|shard| shard.lines.len()).collect::<Vec<usize>>();
        let former = lines(&index);
        for (hash, slot) in &expected {
            index.insert(*hash, *slot);
        }
        assert_eq!(lines(&index), former);
        holds(&index, &expected);
    }
}
