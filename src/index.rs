//! Slots, found by the hash of a key that their record has. It grows by a shard at a time (linear hashing), so that no
//! insertion hashes everything again, for which it would read every record.

use alloc::vec::Vec;

use hashbrown::HashTable;

/// How many slots a shard has on average; one that is about to be split has twice as many, for which a table of 512 buckets
/// has room. That is less than a page of memory, so that a look-up translates one address and not two.
const SHARD: usize = 200;

#[derive(Clone)]
pub(crate) struct Index<T> {
    shards: Vec<HashTable<T>>,
    /// One less than the power of two that the shards do not exceed.
    mask: usize,
    len: usize,
}

impl<T: Copy + PartialEq> Index<T> {
    pub(crate) const fn new() -> Self {
        Self { shards: Vec::new(), mask: 0, len: 0 }
    }

    /// An index that will not split before it has so many slots.
    pub(crate) fn with_room(slots: usize) -> Self {
        let count = (slots / SHARD).saturating_add(1);
        let shards = (0..count).map(|_| HashTable::with_capacity(slots.min(SHARD))).collect();
        Self { shards, mask: count.next_power_of_two().saturating_sub(1), len: 0 }
    }

    #[inline]
    pub(crate) fn find(&self, hash: u64, is_it: impl FnMut(&T) -> bool) -> Option<T> {
        self.shards.get(self.place(hash))?.find(hash, is_it).copied()
    }

    /// Puts in a slot whose key is in no other; `hash_of` is the hash of the key of any slot.
    #[inline]
    pub(crate) fn insert(&mut self, hash: u64, slot: T, hash_of: impl Fn(&T) -> u64) {
        if self.shards.is_empty() {
            self.shards.push(HashTable::new());
        }
        let place = self.place(hash);
        let Some(shard) = self.shards.get_mut(place) else { return };
        shard.insert_unique(hash, slot, &hash_of);
        self.len = self.len.saturating_add(1);
        if self.len > self.shards.len().saturating_mul(SHARD) {
            self.split(hash_of);
        }
    }

    /// Takes out a slot, which stands under this hash.
    #[inline]
    pub(crate) fn remove(&mut self, hash: u64, slot: T) {
        let place = self.place(hash);
        if let Some(shard) = self.shards.get_mut(place)
            && let Ok(entry) = shard.find_entry(hash, |other| *other == slot)
        {
            entry.remove();
            self.len = self.len.saturating_sub(1);
        }
    }

    /// Puts another slot with the same key in the place of one.
    #[inline]
    pub(crate) fn replace(&mut self, hash: u64, former: T, slot: T) {
        let place = self.place(hash);
        if let Some(found) = self.shards.get_mut(place).and_then(|shard| shard.find_mut(hash, |other| *other == former))
        {
            *found = slot;
        }
    }

    /// In which of the shards a hash belongs.
    #[inline]
    fn place(&self, hash: u64) -> usize {
        let place = bits(hash) & self.mask;
        if place < self.shards.len() { place } else { place & (self.mask >> 1) }
    }

    /// Adds a shard, and gives it what belongs there by now.
    fn split(&mut self, hash_of: impl Fn(&T) -> u64) {
        let added = self.shards.len();
        self.mask = added.saturating_add(1).next_power_of_two().saturating_sub(1);
        let mask = self.mask;
        let Some(shard) = self.shards.get_mut(added & (mask >> 1)) else { return };
        let room = (shard.len() / 16).saturating_mul(9);
        let whole = core::mem::replace(shard, HashTable::with_capacity(room));
        let mut split_off = HashTable::with_capacity(room);
        for slot in whole {
            let hash = hash_of(&slot);
            let half = if bits(hash) & mask == added { &mut split_off } else { &mut *shard };
            half.insert_unique(hash, slot, &hash_of);
        }
        self.shards.push(split_off);
    }
}

/// Those bits of a hash that the tables of the shards do not use.
#[inline]
fn bits(hash: u64) -> usize {
    usize::try_from(hash >> 32).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hash::Hasher;

    #[test]
    fn inv_5_an_index_finds_what_it_holds_while_it_grows_and_shrinks() {
        let hasher = Hasher::new(None);
        let hash_of = |key: &u32| hasher.hash_one(key / 2);
        let mut index = Index::new();
        let count = u32::try_from(SHARD * 7).unwrap();
        for key in (0..count * 2).step_by(2) {
            assert_eq!(index.find(hash_of(&key), |other| *other == key), None);
            index.insert(hash_of(&key), key, hash_of);
        }
        assert_eq!((index.len, index.shards.len()), (SHARD * 7, 7));
        for key in (0..count * 2).step_by(2) {
            assert_eq!(index.find(hash_of(&key), |other| *other == key), Some(key));
            index.replace(hash_of(&key), key, key + 1);
        }
        for key in (1..count * 2).step_by(2) {
            assert_eq!(index.find(hash_of(&key), |other| other / 2 == key / 2), Some(key));
            index.remove(hash_of(&key), key - 1);
            index.remove(hash_of(&key), key);
        }
        assert_eq!((index.len, index.shards.iter().map(HashTable::len).sum()), (0, 0));
    }

    #[test]
    fn inv_5_an_index_with_room_does_not_split() {
        let hasher = Hasher::new(None);
        let mut index = Index::with_room(5_000);
        let shards = index.shards.len();
        for key in 0..5_000_u32 {
            index.insert(hasher.hash_one(key), key, |key| hasher.hash_one(key));
        }
        assert_eq!((index.shards.len(), index.mask), (shards, 31));
        assert!((0..5_000).all(|key| index.find(hasher.hash_one(key), |other| *other == key).is_some()));
    }

    #[test]
    fn inv_5_shards_are_of_a_size() {
        let hasher = Hasher::new(None);
        let mut index = Index::new();
        for key in 0..20_000_u32 {
            index.insert(hasher.hash_one(key), key, |key| hasher.hash_one(key));
            assert!(index.shards.iter().all(|shard| shard.len() <= SHARD * 3), "{key}");
        }
        assert_eq!(index.shards.len(), 20_000 / SHARD);
    }
}
