//! What is due when: an ordered index that is cheap at both of its ends, where deadlines come and go.
//!
//! Retention deadlines come at the end, since sessions are closed one after the other. A `BTreeMap` of the entries themselves
//! took 650 instructions an insertion while ten thousand sessions expired; chunks take 120. Among a hundred thousand others,
//! the place of an expiry is four waits for memory away, half a microsecond: those that came last are put in their places
//! later, so that a session that ends soon need not wait.

use alloc::{collections::BTreeMap, vec::Vec};

const CHUNK: usize = 64;
const RECENT: usize = 32;

/// An instant in seconds, and what decides between equal ones: no two entries have the same.
pub(crate) type Key = (u64, u64);

/// Slots in the order of their keys.
#[derive(Clone)]
pub(crate) struct Agenda<T> {
    /// The first of all: every operation asks for it.
    first: Option<(Key, T)>,
    /// Chunks, none of them empty, each by a bound: none of its keys is smaller, and none in the chunk before is as great.
    chunks: BTreeMap<Key, Vec<(Key, T)>>,
    /// The last chunk, and its bound.
    tail: Vec<(Key, T)>,
    tail_bound: Key,
    /// What came last and belongs into a chunk, in no order.
    recent: Vec<(Key, T)>,
}

impl<T: Copy> Agenda<T> {
    pub(crate) const fn new() -> Self {
        Self { first: None, chunks: BTreeMap::new(), tail: Vec::new(), tail_bound: (0, 0), recent: Vec::new() }
    }

    /// All of these. They are sorted first: each then comes at the end.
    pub(crate) fn of(mut entries: Vec<(Key, T)>) -> Self {
        entries.sort_unstable_by_key(|(key, _)| *key);
        let mut agenda = Self::new();
        for (key, slot) in entries {
            agenda.insert(key, slot);
        }
        agenda
    }

    #[inline]
    pub(crate) const fn first(&self) -> Option<(Key, T)> {
        self.first
    }

    /// What is in its place, in order.
    pub(crate) fn upcoming(&self) -> impl Iterator<Item = (Key, T)> {
        self.chunks.values().flatten().chain(&self.tail).copied()
    }

    pub(crate) fn insert(&mut self, key: Key, slot: T) {
        if self.first.is_none_or(|(first, _)| key < first) {
            self.first = Some((key, slot));
        }
        if key >= self.tail_bound {
            self.insert_into_tail(key, slot);
        } else {
            if self.recent.len() == RECENT {
                self.settle();
            }
            self.recent.push((key, slot));
        }
    }

    pub(crate) fn remove(&mut self, key: Key) {
        if key >= self.tail_bound {
            remove_sorted(&mut self.tail, key);
        } else if let Some(index) = self.recent.iter().rposition(|(other, _)| *other == key) {
            self.recent.swap_remove(index);
        } else if let Some((bound, chunk)) = self.chunks.range_mut(..=key).next_back() {
            remove_sorted(chunk, key);
            if chunk.is_empty() {
                let bound = *bound;
                self.chunks.remove(&bound);
            }
        }
        if self.first.is_some_and(|(first, _)| first == key) {
            self.settle();
            self.first = self.chunks.values().next().unwrap_or(&self.tail).first().copied();
        }
    }

    /// Puts what came last into the chunks.
    fn settle(&mut self) {
        while let Some((key, slot)) = self.recent.pop() {
            self.insert_into_chunk(key, slot);
        }
    }

    fn insert_into_tail(&mut self, key: Key, slot: T) {
        if self.tail.len() == CHUNK {
            let next = if ends_before(&self.tail, key) { Vec::with_capacity(CHUNK) } else { split(&mut self.tail) };
            let bound = next.first().map_or(key, |(first, _)| *first);
            let mut full = core::mem::replace(&mut self.tail, next);
            full.shrink_to_fit();
            self.chunks.insert(core::mem::replace(&mut self.tail_bound, bound), full);
            self.insert(key, slot);
        } else {
            insert_sorted(&mut self.tail, key, slot);
        }
    }

    fn insert_into_chunk(&mut self, key: Key, slot: T) {
        let Some((_, chunk)) = self.chunks.range_mut(..=key).next_back() else {
            self.chunks.insert((0, 0), [(key, slot)].into());
            return;
        };
        if chunk.len() < CHUNK {
            insert_sorted(chunk, key, slot);
            return;
        }
        let upper = split(chunk);
        if let Some((bound, _)) = upper.first() {
            self.chunks.insert(*bound, upper);
        }
        self.insert_into_chunk(key, slot);
    }
}

fn ends_before<T>(chunk: &[(Key, T)], key: Key) -> bool {
    chunk.last().is_some_and(|(last, _)| *last < key)
}

fn insert_sorted<T>(chunk: &mut Vec<(Key, T)>, key: Key, slot: T) {
    let index = chunk.partition_point(|(other, _)| *other < key);
    chunk.insert(index, (key, slot));
}

/// A chunk that has become sparse gives its room back.
fn remove_sorted<T>(chunk: &mut Vec<(Key, T)>, key: Key) {
    if let Ok(index) = chunk.binary_search_by_key(&key, |(other, _)| *other) {
        chunk.remove(index);
        if chunk.len() <= chunk.capacity() / 4 {
            chunk.shrink_to(chunk.capacity() / 2);
        }
    }
}

/// Takes the upper half out of a full chunk.
fn split<T>(chunk: &mut Vec<(Key, T)>) -> Vec<(Key, T)> {
    let mut upper = Vec::with_capacity(CHUNK);
    upper.extend(chunk.drain(CHUNK / 2..));
    upper
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn agrees(steps: impl IntoIterator<Item = (bool, Key)>) {
        let (mut agenda, mut expected) = (Agenda::new(), BTreeMap::new());
        for (is_insertion, key) in steps {
            if is_insertion {
                if expected.insert(key, key.1).is_none() {
                    agenda.insert(key, key.1);
                }
            } else {
                let first = expected.first_key_value().map(|(key, _)| *key);
                let key = if key.1 % 2 == 0 { key } else { first.unwrap_or(key) };
                expected.remove(&key);
                agenda.remove(key);
            }
            assert_eq!(agenda.first(), expected.first_key_value().map(|(key, slot)| (*key, *slot)));
            assert!(agenda.chunks.values().all(|chunk| !chunk.is_empty() && chunk.len() <= CHUNK));
            assert!(agenda.recent.len() <= RECENT);
        }
        while let Some((key, slot)) = expected.pop_first() {
            assert_eq!(agenda.first(), Some((key, slot)));
            agenda.remove(key);
        }
        assert_eq!((agenda.first(), agenda.chunks.len(), agenda.tail.len(), agenda.recent.len()), (None, 0, 0, 0));
    }

    #[test]
    fn tim_3_ascending_descending_and_equal_instants_come_in_order() {
        agrees((0..1_000).map(|n| (true, (n, 0))));
        agrees((0..1_000).rev().map(|n| (true, (n, 0))));
        agrees((0..1_000).map(|n| (true, (7, n))).chain((0..1_000).map(|n| (false, (7, n)))));
    }

    #[test]
    fn tim_3_a_deadline_that_goes_soon_is_never_put_in_its_place() {
        let mut agenda = Agenda::of((0..1_000).map(|n| ((n, 0), n)).collect());
        let chunks = agenda.chunks.clone();
        for n in 0..40 {
            agenda.insert((n, 1), n);
            assert_eq!((agenda.recent.len(), &agenda.chunks), (1, &chunks));
            agenda.remove((n, 1));
        }
        for n in 1..=32 {
            agenda.insert((7, n), 7);
        }
        assert_eq!((agenda.recent.len(), &agenda.chunks), (RECENT, &chunks));
    }

    #[test]
    fn tim_3_chunks_that_are_filled_in_order_are_full() {
        let mut agenda = Agenda::new();
        for n in 0..6_400 {
            agenda.insert((n, 0), n);
        }
        assert_eq!((agenda.chunks.len(), agenda.tail.len()), (99, CHUNK));
    }

    proptest! {
        #[test]
        fn tim_3_deadlines_come_in_order(steps in prop::collection::vec((prop::bool::weighted(0.6), (0..40_u64, 0..60_u64)), 0..2_000)) {
            agrees(steps);
        }
    }
}
