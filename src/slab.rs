//! Records at stable places. It grows by a chunk at a time, so that no insertion copies what is there.

use alloc::vec::Vec;
use core::{fmt, marker::PhantomData, num::NonZeroU32};

const CHUNK: usize = 256;

/// The place of a `T` in a [`Slab`].
pub(crate) struct Slot<T> {
    /// Its index, and one more so that zero is free.
    number: NonZeroU32,
    record: PhantomData<fn() -> T>,
}

impl<T> Slot<T> {
    /// The first place that there can be, as a bound.
    pub(crate) const MIN: Self = Self::from_number(NonZeroU32::MIN);
    /// The last place that there can be, as a bound.
    pub(crate) const MAX: Self = Self::from_number(NonZeroU32::MAX);

    #[inline]
    pub(crate) const fn from_number(number: NonZeroU32) -> Self {
        Self { number, record: PhantomData }
    }

    #[inline]
    pub(crate) const fn number(self) -> NonZeroU32 {
        self.number
    }

    #[inline]
    fn of_index(index: usize) -> Self {
        let number = u32::try_from(index.saturating_add(1)).ok().and_then(NonZeroU32::new);
        Self::from_number(number.unwrap_or(NonZeroU32::MAX))
    }

    #[inline]
    fn index(self) -> usize {
        usize::try_from(self.number.get().saturating_sub(1)).unwrap_or(usize::MAX)
    }
}

/// Records that keep their place until they are removed; the place is then free for another.
#[derive(Clone)]
pub(crate) struct Slab<T> {
    chunks: Vec<Vec<Option<T>>>,
    free: Vec<Slot<T>>,
}

impl<T> Slab<T> {
    pub(crate) const fn new() -> Self {
        Self { chunks: Vec::new(), free: Vec::new() }
    }

    #[inline]
    pub(crate) fn get(&self, slot: Slot<T>) -> Option<&T> {
        let index = slot.index();
        self.chunks.get(index / CHUNK)?.get(index % CHUNK)?.as_ref()
    }

    #[inline]
    pub(crate) fn get_mut(&mut self, slot: Slot<T>) -> Option<&mut T> {
        self.place(slot)?.as_mut()
    }

    pub(crate) fn insert(&mut self, record: T) -> Slot<T> {
        if let Some(slot) = self.free.pop() {
            if let Some(place) = self.place(slot) {
                *place = Some(record);
            }
            return slot;
        }
        if self.chunks.last().is_none_or(|chunk| chunk.len() == CHUNK) {
            self.chunks.push(Vec::with_capacity(CHUNK));
        }
        let full = self.chunks.len().saturating_sub(1).saturating_mul(CHUNK);
        let Some(chunk) = self.chunks.last_mut() else { return Slot::of_index(full) };
        let slot = Slot::of_index(full.saturating_add(chunk.len()));
        chunk.push(Some(record));
        slot
    }

    pub(crate) fn remove(&mut self, slot: Slot<T>) -> Option<T> {
        let record = self.place(slot)?.take()?;
        self.free.push(slot);
        Some(record)
    }

    #[inline]
    fn place(&mut self, slot: Slot<T>) -> Option<&mut Option<T>> {
        let index = slot.index();
        self.chunks.get_mut(index / CHUNK)?.get_mut(index % CHUNK)
    }
}

impl<T> fmt::Debug for Slot<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "#{}", self.number)
    }
}

impl<T> Clone for Slot<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Slot<T> {}

impl<T> Eq for Slot<T> {}

impl<T> PartialEq for Slot<T> {
    fn eq(&self, other: &Self) -> bool {
        self.number == other.number
    }
}

impl<T> Ord for Slot<T> {
    fn cmp(&self, other: &Self) -> core::cmp::Ordering {
        self.number.cmp(&other.number)
    }
}

impl<T> PartialOrd for Slot<T> {
    fn partial_cmp(&self, other: &Self) -> Option<core::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

#[cfg(test)]
mod tests {
    use alloc::string::{String, ToString};

    use super::*;

    #[test]
    fn records_keep_their_place_and_freed_places_are_used_again() {
        let mut slab = Slab::new();
        let slots: Vec<_> = (0..1_000).map(|number: u32| slab.insert(number.to_string())).collect();
        assert_eq!(slab.remove(slots[300]).as_deref(), Some("300"));
        assert_eq!(slab.remove(slots[300]), None);
        assert_eq!(slab.get(slots[300]), None);
        assert_eq!(slab.insert("new".to_string()), slots[300]);
        slab.get_mut(slots[999]).unwrap().push('!');
        assert_eq!(slab.get(slots[999]).map(String::as_str), Some("999!"));
        assert_eq!(slab.get(slots[300]).map(String::as_str), Some("new"));
        assert_eq!(slab.chunks.len(), 4);
        assert_eq!(alloc::format!("{:?}", slots[300]), "#301");
        assert_eq!(slots[300].partial_cmp(&slots[301]), Some(core::cmp::Ordering::Less));
    }
}
