//! The lists of a service from any place on: an item's place is how many of its kind were created before it.

use core::ops::RangeBounds;

use super::Service;
use crate::{
    interaction::Interaction,
    number::PhoneNumber,
    participant::Participant,
    session::Session,
    sid::{ParticipantSid, SessionSid},
};

impl Service {
    pub(crate) const fn sessions_created(&self) -> u64 {
        self.sessions_created
    }

    pub(crate) const fn participants_added(&self) -> u64 {
        self.participants_added
    }

    pub(crate) const fn numbers_added(&self) -> u64 {
        self.numbers_added
    }

    pub(crate) const fn interactions_created(&self) -> u64 {
        self.interactions_created
    }

    pub(crate) fn sessions_at(
        &self,
        places: impl RangeBounds<u64>,
    ) -> impl DoubleEndedIterator<Item = (u64, &Session)> {
        self.book.slots_at(places).filter_map(|(place, slot)| Some((place, self.book.session(slot)?)))
    }

    pub(crate) fn numbers_at(
        &self,
        places: impl RangeBounds<u64>,
    ) -> impl DoubleEndedIterator<Item = (u64, &PhoneNumber)> {
        self.pool.entries_at(places).map(|entry| (entry.ordinal, &entry.number))
    }

    /// Those that were added to a session, removed ones included.
    pub(crate) fn participants_at(
        &self,
        session: SessionSid,
        places: impl RangeBounds<u64>,
    ) -> impl DoubleEndedIterator<Item = (u64, &Participant)> {
        let session = self.book.slot_of_sid(session);
        let members = session.map(|session| self.book.added_members_at(session, places));
        members.into_iter().flatten().filter_map(|member| Some((member.ordinal, member.participant()?)))
    }

    pub(crate) fn interactions_at(
        &self,
        session: SessionSid,
        places: impl RangeBounds<u64>,
    ) -> impl DoubleEndedIterator<Item = (u64, &Interaction)> {
        let session = self.book.slot_of_sid(session);
        let records = session.map(|session| self.ledger.of_session(session, places));
        records.into_iter().flatten().map(|record| (record.ordinal, &record.interaction))
    }

    pub(crate) fn message_interactions_at(
        &self,
        session: SessionSid,
        recipient: ParticipantSid,
        places: impl RangeBounds<u64>,
    ) -> impl DoubleEndedIterator<Item = (u64, &Interaction)> {
        let recipient = self.book.slot_of_sid(session).and_then(|session| self.member_of(session, recipient));
        let records = recipient.map(|recipient| self.ledger.of_recipient(recipient, places));
        records.into_iter().flatten().map(|record| (record.ordinal, &record.interaction))
    }
}
