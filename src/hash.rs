//! The hash behind every index.

use core::hash::{Hash, Hasher as _};

use foldhash::{SharedSeed, fast::FoldHasher};
use hashbrown::HashTable;

/// Hashes keys with a seed that goes into every multiplication: without it, nobody can tell which keys collide.
///
/// A key's first word is multiplied with what the hasher starts from, which must not be zero then.
#[derive(Clone)]
pub(crate) struct Hasher {
    start: u64,
    shared: SharedSeed,
}

impl Hasher {
    pub(crate) const fn new(seed: Option<u64>) -> Self {
        match seed {
            Some(seed) => Self::with_seed(seed),
            None => Self::with_seed(0),
        }
    }

    pub(crate) const fn with_seed(seed: u64) -> Self {
        // The fraction of the golden ratio: no seed that is set for a test comes near 0 or `u64::MAX` by it. From these a
        // shared seed is made with which hardly anything is multiplied.
        let start = seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
        Self { start, shared: SharedSeed::from_u64(start) }
    }

    #[inline]
    pub(crate) fn hash_one(&self, key: impl Hash) -> u64 {
        #[cfg(test)]
        tests::LOOK_UPS.with(|look_ups| look_ups.set(look_ups.get().saturating_add(1)));
        let mut hasher = FoldHasher::with_seed(self.start, &self.shared);
        key.hash(&mut hasher);
        hasher.finish()
    }
}

/// Takes a slot out of the index in which it stands under this hash.
pub(crate) fn remove_slot<T: Copy + PartialEq>(index: &mut HashTable<T>, hash: u64, slot: T) {
    if let Ok(entry) = index.find_entry(hash, |other| *other == slot) {
        entry.remove();
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use alloc::{collections::BTreeSet, format, vec::Vec};
    use core::cell::Cell;
    use std::thread_local;

    use super::*;
    use crate::{address::Identifier, sid::SessionSid};

    thread_local! {
        /// How many keys this thread has hashed: a look-up hashes one.
        pub(crate) static LOOK_UPS: Cell<u32> = const { Cell::new(0) };
    }

    #[test]
    fn inv_5_keys_in_a_row_are_spread() {
        let number = |n: u64| format!("+1415{n:07}").parse::<Identifier>().unwrap();
        for seed in [0, 1, u64::MAX] {
            let hasher = Hasher::with_seed(seed);
            let kinds: [Vec<u64>; 4] = [
                (0..1_000).map(|n| hasher.hash_one(number(n))).collect(),
                (0..1_000).map(|n| hasher.hash_one(SessionSid::from_u128(n))).collect(),
                (0..1_000).map(|n| hasher.hash_one(SessionSid::from_u128(n << 64))).collect(),
                (0..1_000).map(|n| hasher.hash_one(SessionSid::from_u128(n << 96))).collect(),
            ];
            for (kind, hashes) in kinds.iter().enumerate() {
                // The bits that the indexes use: the last of the upper half for a shard, the first for a line.
                for shift in [32, 54] {
                    let buckets: BTreeSet<u64> = hashes.iter().map(|hash| (hash >> shift) % 1_024).collect();
                    assert!(buckets.len() > 500, "seed {seed}, {kind}: {} of 1024 buckets by {shift}", buckets.len());
                }
            }
        }
    }

    #[test]
    fn inv_5_keys_that_collide_under_one_seed_do_not_under_another() {
        // Half of such a key cancels the constant that a fixed shared seed would bring in.
        let hostile = |n: u64| SessionSid::from_u128(u128::from(n) << 64 | 0xdd50_7c7c_b929_acc0);
        for seed in [0, 1, 0x1234_5678_9abc_def1] {
            let hasher = Hasher::with_seed(seed);
            let distinct: BTreeSet<u64> = (0..1_000).map(|n| hasher.hash_one(hostile(n))).collect();
            assert_eq!(distinct.len(), 1_000, "seed {seed}");
        }
    }
}
