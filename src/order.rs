//! Slots in the order of their places, of which new ones come after all others.
//!
//! Full chunks take 9 bytes a slot. A `BTreeMap` of the slots themselves takes 24, since it leaves half of what is filled in
//! order vacant.

use alloc::{collections::BTreeMap, vec::Vec};
use core::ops::{Bound, RangeBounds};

const CHUNK: usize = 64;

#[derive(Clone)]
pub(crate) struct Order<T> {
    /// Chunks, none of them empty, each by its first place ever, with how much later each of its slots comes.
    chunks: BTreeMap<u64, Vec<(u32, T)>>,
}

impl<T: Copy> Order<T> {
    pub(crate) const fn new() -> Self {
        Self { chunks: BTreeMap::new() }
    }

    /// Puts a slot at a place after all others.
    pub(crate) fn push(&mut self, place: u64, slot: T) {
        if let Some(mut chunk) = self.chunks.last_entry()
            && chunk.get().len() < CHUNK
            && let Ok(later) = u32::try_from(place.saturating_sub(*chunk.key()))
        {
            chunk.get_mut().push((later, slot));
        } else {
            self.chunks.insert(place, [(0, slot)].into());
        }
    }

    pub(crate) fn remove(&mut self, place: u64) {
        let Some((first, chunk)) = self.chunks.range_mut(..=place).next_back() else { return };
        let later = place.saturating_sub(*first);
        if let Ok(index) = chunk.binary_search_by_key(&later, |(later, _)| u64::from(*later)) {
            chunk.remove(index);
        }
        if chunk.is_empty() {
            let first = *first;
            self.chunks.remove(&first);
        } else if chunk.len() <= chunk.capacity() / 4 {
            chunk.shrink_to(chunk.capacity() / 2);
        }
    }

    /// What is between two places.
    pub(crate) fn range(&self, places: impl RangeBounds<u64>) -> impl DoubleEndedIterator<Item = (u64, T)> {
        let start = match places.start_bound() {
            Bound::Included(place) | Bound::Excluded(place) => *place,
            Bound::Unbounded => 0,
        };
        let end = match places.end_bound() {
            Bound::Included(place) | Bound::Excluded(place) => *place,
            Bound::Unbounded => u64::MAX,
        };
        let first = self.chunks.range(..=start).next_back().map_or(start, |(first, _)| *first);
        let chunks = (first <= end).then(|| self.chunks.range(first..=end));
        let slots = chunks.into_iter().flatten().flat_map(|(first, chunk)| {
            chunk.iter().map(|(later, slot)| (first.saturating_add((*later).into()), *slot))
        });
        slots.filter(move |(place, _)| places.contains(place))
    }
}

#[cfg(test)]
#[expect(clippy::arithmetic_side_effects, reason = "small numbers")]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn inv_5_slots_are_listed_in_order(
            steps in prop::collection::vec((prop::bool::weighted(0.6), 0..300_u64), 0..600),
            gap in prop::sample::select(alloc::vec![1, 7, 1 << 30, 1 << 40]),
            start in prop::sample::select(alloc::vec![0, u64::MAX / 2]),
            bounds: [(u8, u16); 2],
        ) {
            let (mut order, mut expected, mut next) = (Order::new(), BTreeMap::new(), start);
            for (is_insertion, choice) in steps {
                if is_insertion {
                    next += gap * (choice % 3 + 1);
                    order.push(next, choice);
                    expected.insert(next, choice);
                } else {
                    let place = expected.keys().nth(usize::try_from(choice).unwrap() % expected.len().max(1)).copied();
                    order.remove(place.unwrap_or(choice));
                    order.remove(place.unwrap_or(choice) + 1);
                    expected.remove(&place.unwrap_or(choice));
                    expected.remove(&(place.unwrap_or(choice) + 1));
                }
            }
            let listed = |slots: &mut dyn Iterator<Item = (u64, u64)>| slots.collect::<Vec<(u64, u64)>>();
            prop_assert_eq!(listed(&mut order.range(..)), expected.clone().into_iter().collect::<Vec<(u64, u64)>>());
            prop_assert!(order.chunks.values().all(|chunk| (1..=CHUNK).contains(&chunk.len())));
            let [from, until] = bounds.map(|(kind, share)| {
                let near = expected.keys().nth(usize::from(share) % expected.len().max(1)).copied().unwrap_or_default();
                let place = (near + u64::from(kind / 3 % 3)).saturating_sub(1);
                [Bound::Included(place), Bound::Excluded(place), Bound::Unbounded][usize::from(kind % 3)]
            });
            let is_within = |place: &u64| (from, until).contains(place);
            let within: Vec<(u64, u64)> = expected.into_iter().filter(|(place, _)| is_within(place)).collect();
            prop_assert_eq!(listed(&mut order.range((from, until)).rev()), within.iter().rev().copied().collect::<Vec<(u64, u64)>>());
            prop_assert_eq!(listed(&mut order.range((from, until))), within);
        }
    }

    #[test]
    fn inv_5_chunks_that_are_filled_in_order_are_full() {
        let mut order = Order::new();
        (0..6_400).for_each(|place| order.push(place, place));
        assert!(order.chunks.values().all(|chunk| chunk.len() == CHUNK && chunk.capacity() == CHUNK));
        (0..6_400).for_each(|place| order.remove(place));
        assert!(order.chunks.is_empty());
    }
}
