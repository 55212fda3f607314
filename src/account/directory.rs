//! The services of an account, and how each is found.

use alloc::{boxed::Box, collections::BTreeMap};
use core::ops::RangeBounds;

use hashbrown::HashTable;

use crate::{
    hash::{Hasher, remove_slot},
    service::Service,
    sid::ServiceSid,
    slab::{Slab, Slot},
    text::ServiceName,
    time::Timestamp,
};

pub(crate) type ServiceSlot = Slot<Box<ServiceRecord>>;

/// A service, and what the indexes have of it.
#[derive(Clone)]
pub(crate) struct ServiceRecord {
    pub(super) service: Service,
    /// Its place in the order of creation.
    pub(super) ordinal: u64,
    deadline: Option<Timestamp>,
    first_event: Option<u64>,
}

/// Services, each in its place and in every index.
#[derive(Clone)]
pub(super) struct Directory {
    services: Slab<Box<ServiceRecord>>,
    order: BTreeMap<u64, ServiceSlot>,
    by_sid: HashTable<ServiceSlot>,
    by_name: HashTable<ServiceSlot>,
    /// Services in which something will happen by itself, by instant, then by creation (TIM-3).
    deadlines: BTreeMap<(Timestamp, u64), ServiceSlot>,
    /// Services with an event to poll, by the place of the first one (WHK-6).
    first_events: BTreeMap<u64, ServiceSlot>,
    /// How many events ever arose, in whichever service: the place of the next one.
    events_arisen: u64,
    hasher: Hasher,
}

impl Directory {
    pub(super) fn new(hasher: Hasher) -> Self {
        Self {
            services: Slab::new(),
            order: BTreeMap::new(),
            by_sid: HashTable::new(),
            by_name: HashTable::new(),
            deadlines: BTreeMap::new(),
            first_events: BTreeMap::new(),
            events_arisen: 0,
            hasher,
        }
    }

    pub(super) fn slot_of_sid(&self, sid: ServiceSid) -> Option<ServiceSlot> {
        let is_it = |slot: &ServiceSlot| self.service(*slot).is_some_and(|service| service.settings().sid == sid);
        self.by_sid.find(self.hasher.hash_one(sid), is_it).copied()
    }

    pub(super) fn slot_of_name(&self, name: &str) -> Option<ServiceSlot> {
        let has_name = |service: &Service| service.settings().unique_name.as_str() == name;
        let is_it = |slot: &ServiceSlot| self.service(*slot).is_some_and(has_name);
        self.by_name.find(self.hasher.hash_one(name), is_it).copied()
    }

    pub(super) fn service(&self, slot: ServiceSlot) -> Option<&Service> {
        self.services.get(slot).map(|record| &record.service)
    }

    /// Every service, in the order of creation.
    pub(super) fn records(&self) -> impl DoubleEndedIterator<Item = &ServiceRecord> {
        self.records_at(..)
    }

    /// The services between two places in the order of creation.
    pub(super) fn records_at(&self, places: impl RangeBounds<u64>) -> impl DoubleEndedIterator<Item = &ServiceRecord> {
        self.order.range(places).filter_map(|(_, slot)| self.services.get(*slot)).map(|record| &**record)
    }

    pub(super) fn insert(&mut self, service: Service, ordinal: u64) -> ServiceSlot {
        let sid = service.settings().sid;
        let record = ServiceRecord { service, ordinal, deadline: None, first_event: None };
        let slot = self.services.insert(Box::new(record));
        self.order.insert(ordinal, slot);
        let (services, hasher) = (&self.services, &self.hasher);
        self.by_sid.insert_unique(hasher.hash_one(sid), slot, |slot| {
            services.get(*slot).map_or(0, |record| hasher.hash_one(record.service.settings().sid))
        });
        self.index_name(slot);
        self.reindex(slot);
        slot
    }

    pub(super) fn remove(&mut self, slot: ServiceSlot) -> Option<Service> {
        let ServiceRecord { service, ordinal, deadline, first_event } = *self.services.remove(slot)?;
        self.order.remove(&ordinal);
        remove_slot(&mut self.by_sid, self.hasher.hash_one(service.settings().sid), slot);
        self.unindex_name(slot, &service.settings().unique_name);
        if let Some(deadline) = deadline {
            self.deadlines.remove(&(deadline, ordinal));
        }
        if let Some(first_event) = first_event {
            self.first_events.remove(&first_event);
        }
        Some(service)
    }

    /// Lets a service do something other than change its name, and brings the indexes up to date.
    pub(super) fn operate<T>(&mut self, slot: ServiceSlot, operation: impl FnOnce(&mut Service) -> T) -> Option<T> {
        let service = &mut self.services.get_mut(slot)?.service;
        service.resume_events(self.events_arisen);
        let result = operation(service);
        self.events_arisen = service.next_event();
        self.reindex(slot);
        Some(result)
    }

    /// The same, where it may change its name.
    pub(super) fn rename<T>(&mut self, slot: ServiceSlot, operation: impl FnOnce(&mut Service) -> T) -> Option<T> {
        let former = self.service(slot)?.settings().unique_name.clone();
        let result = self.operate(slot, operation);
        self.unindex_name(slot, &former);
        self.index_name(slot);
        result
    }

    /// The place of an event that lies in no service.
    pub(super) const fn take_place(&mut self) -> u64 {
        let place = self.events_arisen;
        self.events_arisen = place.saturating_add(1);
        place
    }

    /// The earliest deadline, and whose it is: of the service created first, if several have it.
    pub(super) fn first_deadline(&self) -> Option<(Timestamp, ServiceSlot)> {
        self.deadlines.first_key_value().map(|((instant, _), slot)| (*instant, *slot))
    }

    /// The place of the event that will be polled next, and whose it is.
    pub(super) fn first_event(&self) -> Option<(u64, ServiceSlot)> {
        self.first_events.first_key_value().map(|(place, slot)| (*place, *slot))
    }

    fn reindex(&mut self, slot: ServiceSlot) {
        let Some(record) = self.services.get_mut(slot) else { return };
        let deadline = record.service.next_deadline();
        if record.deadline != deadline {
            let former = core::mem::replace(&mut record.deadline, deadline);
            if let Some(former) = former {
                self.deadlines.remove(&(former, record.ordinal));
            }
            self.deadlines.extend(deadline.map(|deadline| ((deadline, record.ordinal), slot)));
        }
        let first_event = record.service.first_event();
        if record.first_event != first_event {
            let former = core::mem::replace(&mut record.first_event, first_event);
            if let Some(former) = former {
                self.first_events.remove(&former);
            }
            self.first_events.extend(first_event.map(|place| (place, slot)));
        }
    }

    fn index_name(&mut self, slot: ServiceSlot) {
        let (services, hasher) = (&self.services, &self.hasher);
        let hash_of_name = |slot: &ServiceSlot| {
            services.get(*slot).map_or(0, |record| hasher.hash_one(record.service.settings().unique_name.as_str()))
        };
        self.by_name.insert_unique(hash_of_name(&slot), slot, hash_of_name);
    }

    fn unindex_name(&mut self, slot: ServiceSlot, name: &ServiceName) {
        remove_slot(&mut self.by_name, self.hasher.hash_one(name.as_str()), slot);
    }
}

#[cfg(test)]
mod tests {
    use alloc::{format, vec::Vec};

    use super::*;
    use crate::{
        event::Event,
        interaction::WebhookAnswer,
        policy::Policy,
        service::{NewService, ServiceUpdate},
        session::NewSession,
        sid::{AccountSid, SessionSid},
    };

    impl Directory {
        fn check(&self) {
            let records: Vec<(ServiceSlot, &ServiceRecord)> =
                self.order.values().map(|slot| (*slot, &**self.services.get(*slot).unwrap())).collect();
            for (slot, ServiceRecord { service, .. }) in &records {
                assert_eq!(self.slot_of_sid(service.settings().sid), Some(*slot));
                assert_eq!(self.slot_of_name(service.settings().unique_name.as_str()), Some(*slot));
            }
            assert_eq!((self.by_sid.len(), self.by_name.len()), (records.len(), records.len()));
            let deadlines = records.iter().filter_map(|(slot, record)| {
                record.service.next_deadline().map(|deadline| ((deadline, record.ordinal), *slot))
            });
            assert_eq!(self.deadlines, deadlines.collect());
            let events = records.iter().filter_map(|(slot, record)| Some((record.service.first_event()?, *slot)));
            assert_eq!(self.first_events, events.collect());
        }
    }

    #[test]
    fn inv_4_the_indexes_of_services_have_what_a_scan_finds() {
        let mut directory = Directory::new(Hasher::new(None));
        let mut slots = Vec::new();
        for n in 0..40_u32 {
            let name = |n: u32| format!("service-{n}").parse().unwrap();
            let new = NewService::new(ServiceSid::from_u128(n.into()), AccountSid::from_u128(1), name(n));
            let service = Service::new(new, Policy::default(), Timestamp::MIN);
            slots.push(directory.insert(service, n.into()));
            let pick = |n: u32| slots[usize::try_from(n * 7 % 40).unwrap() % slots.len()];
            directory.operate(pick(n), |service| {
                let mut session = NewSession::new(SessionSid::from_u128(n.into()));
                session.date_expiry = Some(Timestamp::from_unix_seconds(i64::from(n % 5 + n) + 1));
                service.create_session(session, Timestamp::MIN).unwrap();
                let url = "https://rides.example.com/".parse().unwrap();
                service.report_callback(url, WebhookAnswer::None, Timestamp::MIN);
            });
            directory.check();
            let update = ServiceUpdate { unique_name: Some(name(n + 100)), ..ServiceUpdate::default() };
            directory.rename(pick(n + 1), |service| service.update_service(update, Timestamp::MIN).clone());
            directory.operate(pick(n + 2), |service| service.handle_deadline(Timestamp::from_unix_seconds(n.into())));
            let polled = directory.operate(pick(n + 3), Service::poll_event).flatten();
            assert!(polled.is_none_or(|event| matches!(event, Event::Notification(_))));
            if n % 3 == 0 {
                let slot = pick(n + 4);
                assert!(directory.remove(slot).is_some());
                slots.retain(|other| *other != slot);
            }
            directory.check();
        }
        assert!(directory.records().count() > 20);
        assert!(directory.first_deadline().is_some() && directory.first_event().is_some());
    }
}
