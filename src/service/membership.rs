//! What a service shows to the account that it belongs to: where its events stand among those of all services.

use super::{EventFlaw, Service};
use crate::event::{Event, Notification};

impl Service {
    /// The place of the event that will arise next.
    pub(crate) const fn next_event(&self) -> u64 {
        self.events.next_place()
    }

    /// From which place on events that arise are counted: behind those of all services.
    pub(crate) const fn resume_events(&mut self, place: u64) {
        self.events.resume(place);
    }

    /// The place of the event that will be polled next.
    pub(crate) fn first_event(&self) -> Option<u64> {
        self.unpolled_events().next().map(|(place, _)| place)
    }

    /// Every event that is not yet polled, and its place.
    pub(crate) fn unpolled_events(&self) -> impl Iterator<Item = (u64, &Event)> {
        self.events.iter()
    }

    /// What is left of a service that is deleted: requests and legs go with what they belong to (INV-6).
    pub(crate) fn into_notifications(self) -> impl Iterator<Item = (u64, Notification)> {
        self.events.into_iter().filter_map(|(place, event)| match event {
            Event::Notification(notification) => Some((place, notification)),
            Event::Request(_) | Event::Leg(_) => None,
        })
    }

    /// Puts an event in that is not yet polled, if it can have arisen here.
    pub(crate) fn restore_event(&mut self, event: Event) -> Result<(), EventFlaw> {
        self.check_event(&event)?;
        self.events.push(event);
        Ok(())
    }
}
