//! The records of what was connected or sent.

use alloc::{collections::BTreeMap, vec::Vec};
use core::ops::{Bound, RangeBounds};

use crate::{
    hash::Hasher,
    index::Index,
    interaction::Interaction,
    service::book::{MemberSlot, SessionSlot},
    sid::InteractionSid,
    slab::{Slab, Slot},
};

pub(in crate::service) type InteractionSlot = Slot<InteractionRecord>;

/// An interaction and all that the machine knows of it.
#[derive(Clone)]
pub(in crate::service) struct InteractionRecord {
    pub(in crate::service) interaction: Interaction,
    pub(in crate::service) session: SessionSlot,
    /// Its place in the order of creation.
    pub(in crate::service) ordinal: u64,
    /// The participant that it was sent to, if it came from nobody (INT-3).
    pub(in crate::service) sent_to: Option<MemberSlot>,
}

/// Interactions, each in its place and in every index.
#[derive(Clone)]
pub(in crate::service) struct Ledger {
    records: Slab<InteractionRecord>,
    by_sid: Index<InteractionSlot>,
    by_session: BTreeMap<(SessionSlot, u64), InteractionSlot>,
    by_recipient: BTreeMap<(MemberSlot, u64), InteractionSlot>,
    hasher: Hasher,
}

impl Ledger {
    pub(in crate::service) fn new(hasher: &Hasher) -> Self {
        Self {
            records: Slab::new(),
            by_sid: Index::new(),
            by_session: BTreeMap::new(),
            by_recipient: BTreeMap::new(),
            hasher: hasher.clone(),
        }
    }

    pub(in crate::service) fn slot_of_sid(&self, sid: InteractionSid) -> Option<InteractionSlot> {
        let is_it = |slot| self.interaction(slot).is_some_and(|interaction| interaction.sid == sid);
        self.by_sid.find(self.hasher.hash_one(sid), is_it)
    }

    pub(in crate::service) fn record(&self, slot: InteractionSlot) -> Option<&InteractionRecord> {
        self.records.get(slot)
    }

    pub(in crate::service) fn record_mut(&mut self, slot: InteractionSlot) -> Option<&mut InteractionRecord> {
        self.records.get_mut(slot)
    }

    pub(in crate::service) fn interaction(&self, slot: InteractionSlot) -> Option<&Interaction> {
        self.record(slot).map(|record| &record.interaction)
    }

    /// Every interaction of a session, oldest first.
    pub(in crate::service) fn of_session(
        &self,
        session: SessionSlot,
        places: impl RangeBounds<u64>,
    ) -> impl DoubleEndedIterator<Item = &InteractionRecord> {
        self.by_session.range(keys_of(session, &places)).filter_map(|(_, slot)| self.record(*slot))
    }

    /// Every message that was sent to a participant in nobody's name, oldest first (INT-5).
    pub(in crate::service) fn of_recipient(
        &self,
        recipient: MemberSlot,
        places: impl RangeBounds<u64>,
    ) -> impl DoubleEndedIterator<Item = &InteractionRecord> {
        self.by_recipient.range(keys_of(recipient, &places)).filter_map(|(_, slot)| self.record(*slot))
    }

    pub(in crate::service) fn insert(&mut self, record: InteractionRecord) -> InteractionSlot {
        let InteractionRecord { session, ordinal, sent_to, .. } = record;
        let sid = record.interaction.sid;
        let slot = self.records.insert(record);
        self.by_sid.insert(self.hasher.hash_one(sid), slot);
        self.by_session.insert((session, ordinal), slot);
        self.by_recipient.extend(sent_to.map(|recipient| ((recipient, ordinal), slot)));
        slot
    }

    pub(in crate::service) fn remove(&mut self, slot: InteractionSlot) {
        let Some(InteractionRecord { interaction, session, ordinal, sent_to }) = self.records.remove(slot) else {
            return;
        };
        self.by_sid.remove(self.hasher.hash_one(interaction.sid), slot);
        self.by_session.remove(&(session, ordinal));
        if let Some(recipient) = sent_to {
            self.by_recipient.remove(&(recipient, ordinal));
        }
    }

    /// Forgets every interaction of a session, and tells their SIDs.
    pub(in crate::service) fn remove_session(&mut self, session: SessionSlot) -> Vec<InteractionSid> {
        let slots = self.by_session.range(keys_of(session, &..));
        let slots: Vec<InteractionSlot> = slots.map(|(_, slot)| *slot).collect();
        let sids = slots.iter().filter_map(|slot| Some(self.interaction(*slot)?.sid)).collect();
        for slot in slots {
            self.remove(slot);
        }
        sids
    }
}

/// The keys of one owner's interactions between two places in the order of creation.
fn keys_of<T: Copy + Ord>(owner: T, places: &impl RangeBounds<u64>) -> impl RangeBounds<(T, u64)> {
    let start = match places.start_bound() {
        Bound::Included(first) => Bound::Included((owner, *first)),
        Bound::Excluded(last) => Bound::Excluded((owner, *last)),
        Bound::Unbounded => Bound::Included((owner, 0)),
    };
    let end = match places.end_bound() {
        Bound::Included(last) => Bound::Included((owner, *last)),
        Bound::Excluded(first) => Bound::Excluded((owner, *first)),
        Bound::Unbounded => Bound::Included((owner, u64::MAX)),
    };
    (start, end)
}
