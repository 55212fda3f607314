//! The hash behind every index.

use core::hash::{Hash, Hasher as _};

use foldhash::{SharedSeed, fast::FoldHasher};

/// Hashes keys with a seed that goes into every multiplication: without it, nobody can tell which keys collide.
#[derive(Clone)]
pub(crate) struct Hasher {
    seed: u64,
    shared: SharedSeed,
}

impl Hasher {
    pub(crate) const fn with_seed(seed: u64) -> Self {
        Self { seed, shared: SharedSeed::from_u64(seed) }
    }

    pub(crate) fn hash_one(&self, key: impl Hash) -> u64 {
        let mut hasher = FoldHasher::with_seed(self.seed, &self.shared);
        key.hash(&mut hasher);
        hasher.finish()
    }
}

#[cfg(test)]
mod tests {
    use alloc::collections::BTreeSet;

    use super::*;
    use crate::sid::SessionSid;

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
