//! Events that wait to be polled.

use alloc::{
    collections::{BTreeMap, BTreeSet},
    vec::Vec,
};

use crate::{
    event::Event,
    sid::{InteractionSid, SessionSid},
};

/// Events in the order in which they arose, each found by the session and the interaction that it belongs to, so that
/// what is deleted takes its unpolled events with it (INV-6).
#[derive(Clone)]
pub(super) struct Queue {
    events: BTreeMap<u64, Event>,
    /// How many events ever arose, in an account those of all services: the place of the next one.
    pushed: u64,
    by_session: BTreeSet<(SessionSid, u64)>,
    by_interaction: BTreeSet<(InteractionSid, u64)>,
}

impl Queue {
    pub(super) const fn new() -> Self {
        Self { events: BTreeMap::new(), pushed: 0, by_session: BTreeSet::new(), by_interaction: BTreeSet::new() }
    }

    pub(super) const fn next_place(&self) -> u64 {
        self.pushed
    }

    pub(super) const fn resume(&mut self, place: u64) {
        self.pushed = place;
    }

    /// Every event and its place, in the order in which they arose.
    pub(super) fn iter(&self) -> impl Iterator<Item = (u64, &Event)> {
        self.events.iter().map(|(place, event)| (*place, event))
    }

    pub(super) fn into_iter(self) -> impl Iterator<Item = (u64, Event)> {
        self.events.into_iter()
    }

    pub(super) fn push(&mut self, event: Event) {
        let place = self.pushed;
        self.pushed = self.pushed.saturating_add(1);
        self.by_session.extend(event.session().map(|session| (session, place)));
        self.by_interaction.extend(event.interaction().map(|interaction| (interaction, place)));
        self.events.insert(place, event);
    }

    pub(super) fn pop(&mut self) -> Option<Event> {
        let (place, event) = self.events.pop_first()?;
        self.unindex(place, &event);
        Some(event)
    }

    /// Discards the requests and legs of a session that is being deleted.
    pub(super) fn discard_session(&mut self, session: SessionSid) {
        let places = self.by_session.range((session, 0)..=(session, u64::MAX)).map(|(_, place)| *place);
        self.discard(places.collect());
    }

    /// Discards the requests and legs of an interaction that is being deleted.
    pub(super) fn discard_interaction(&mut self, interaction: InteractionSid) {
        self.discard(self.places_of(interaction).collect());
    }

    /// Discards the out-of-session request of a contact that has found a session since, and ends there without a record: no
    /// deletion of that session would find it (INV-6).
    pub(super) fn discard_out_of_session(&mut self, interaction: InteractionSid) {
        let is_out_of_session = |place: &u64| self.events.get(place).is_some_and(Event::is_out_of_session);
        self.discard(self.places_of(interaction).filter(is_out_of_session).collect());
    }

    fn places_of(&self, interaction: InteractionSid) -> impl Iterator<Item = u64> {
        self.by_interaction.range((interaction, 0)..=(interaction, u64::MAX)).map(|(_, place)| *place)
    }

    fn discard(&mut self, places: Vec<u64>) {
        for place in places {
            if let Some(event) = self.events.remove(&place) {
                self.unindex(place, &event);
            }
        }
    }

    fn unindex(&mut self, place: u64, event: &Event) {
        if let Some(session) = event.session() {
            self.by_session.remove(&(session, place));
        }
        if let Some(interaction) = event.interaction() {
            self.by_interaction.remove(&(interaction, place));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{event::Leg, interaction::Contact};

    #[test]
    fn inv_5_what_has_left_the_queue_is_in_no_index() {
        let mut queue = Queue::new();
        for n in 1..=3 {
            queue.push(Event::Leg(Leg {
                session: SessionSid::from_u128(n),
                interaction: InteractionSid::from_u128(n),
                from: "+14155559001".parse().unwrap(),
                to: "+14155550001".parse().unwrap(),
                contact: Contact::Call,
            }));
        }
        assert!(queue.pop().is_some());
        queue.discard_session(SessionSid::from_u128(2));
        queue.discard_interaction(InteractionSid::from_u128(3));
        assert_eq!((queue.events.len(), queue.by_session.len(), queue.by_interaction.len()), (0, 0, 0));
    }
}
