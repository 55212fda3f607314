//! RTE-9: `route` is asked for every call and every message; it touches no allocator.

use crate::common::*;
use allocation_counter::measure;
use twilio_proxy_core::{Code, ContactKind, Identifier, Service, SessionMode, SessionUpdate, Timestamp};

const ON_CHANNEL: &str = "whatsapp:+14155550001";
const CHANNEL_PROXY: &str = "whatsapp:+14155559001";
const DAY: u64 = 86_400;

/// That this question gives this code, and how often it asks for memory: never.
fn assert_allocates_nothing(
    service: &Service,
    from: Option<&str>,
    to: &str,
    kind: ContactKind,
    now: Timestamp,
    code: Option<u32>,
) {
    let from: Option<Identifier> = from.map(identifier);
    let to = proxy(to);
    let mut found = None;
    let counted = measure(|| found = service.route(from.as_ref(), &to, kind, now).code());
    assert_eq!(found.map(Code::number), code);
    assert_eq!((counted.count_total, counted.bytes_total), (0, 0), "{code:?}");
}

#[test]
fn rte_9_the_allocations_of_this_thread_are_counted() {
    let service = ride();
    assert!(measure(|| drop(service.state())).count_total > 0);
}

#[test]
fn rte_9_a_route_that_connects_allocates_nothing() {
    let mut service = ride();
    assert_allocates_nothing(&service, Some(ALICE), P1, ContactKind::Call, at(0), None);
    received(&mut service, message(1, ALICE, P1, "Hi"));
    assert_allocates_nothing(&service, Some(BOB), P2, ContactKind::Message, at(10), None);
}

#[test]
fn rte_9_a_route_that_leads_nowhere_allocates_nothing() {
    let mut service = ride_in(SessionMode::VoiceOnly);
    assert_allocates_nothing(&service, Some(ALICE), "+14155559999", ContactKind::Call, at(0), Some(20404));
    assert_allocates_nothing(&service, Some(ALICE), CHANNEL_PROXY, ContactKind::Call, at(0), Some(20404));
    assert_allocates_nothing(&service, None, P1, ContactKind::Call, at(0), Some(80902));
    assert_allocates_nothing(&service, Some(CAROL), P1, ContactKind::Message, at(0), Some(80903));
    assert_allocates_nothing(&service, Some(ALICE), P1, ContactKind::Message, at(0), Some(80910));
    service.remove_participant(session(1), participant(2), at(0)).expect("BOB is there");
    assert_allocates_nothing(&service, Some(ALICE), P1, ContactKind::Call, at(0), Some(80614));
    service.close(session(1));
    assert_allocates_nothing(&service, Some(ALICE), P1, ContactKind::Call, at(0), Some(80902));
    assert_allocates_nothing(&service, Some(ALICE), P1, ContactKind::Call, at(90 * DAY), Some(80902));
}

#[test]
fn rte_9_a_route_past_sessions_that_are_due_allocates_nothing() {
    let service = mortal_ride(60);
    assert_allocates_nothing(&service, Some(ALICE), P1, ContactKind::Call, at(60), Some(80902));
    assert_allocates_nothing(&service, Some(ALICE), P1, ContactKind::Call, at(90 * DAY + 60), Some(80902));
}

#[test]
fn rte_9_a_route_on_a_channel_allocates_nothing() {
    let mut service = service().with_numbers(&[P1]);
    let session = service.open_with_mode(1, SessionMode::MessageOnly);
    service.add_with(session, 1, ON_CHANNEL, CHANNEL_PROXY);
    service.add_with(session, 2, BOB, P1);
    assert_allocates_nothing(&service, Some(ON_CHANNEL), CHANNEL_PROXY, ContactKind::Message, at(0), None);
    assert_allocates_nothing(&service, Some(ON_CHANNEL), CHANNEL_PROXY, ContactKind::Call, at(0), Some(80911));
    assert_allocates_nothing(&service, Some(ALICE), CHANNEL_PROXY, ContactKind::Message, at(0), Some(80903));
    assert_allocates_nothing(&service, Some(ALICE), CHANNEL_PROXY, ContactKind::Message, at(90 * DAY), Some(80903));
}

#[test]
fn rte_9_a_route_through_a_pair_that_a_hundred_sessions_share_allocates_nothing() {
    let mut service = service_with(permissive()).with_numbers(&[P1]);
    for n in 1..=100 {
        let session = service.open(n);
        service.add_with(session, n, ALICE, P1);
        let update = SessionUpdate { ttl: Some(ttl(60)), ..SessionUpdate::default() };
        service.update_session(session, update, at(0)).expect("it is open");
    }
    assert_allocates_nothing(&service, Some(ALICE), P1, ContactKind::Call, at(0), Some(80614));
    assert_allocates_nothing(&service, Some(ALICE), P1, ContactKind::Call, at(60), Some(80902));
    for n in 1..=100 {
        service.close(session(n));
    }
    assert_allocates_nothing(&service, Some(ALICE), P1, ContactKind::Call, at(60), Some(80902));
}

#[cfg(feature = "testing")]
#[test]
fn rte_9_no_route_in_any_history_allocates() {
    for n in 0..100 {
        let history = twilio_proxy_core::testing::History::seeded(n, 100);
        let service = history.run();
        let (people, proxies) = (people(&history.entries), proxies(&history.entries));
        let latest = service.latest_instant();
        let instants = [Some(latest), service.next_deadline(), latest.checked_add(90 * DAY)];
        let counted = measure(|| {
            for (from, to) in people.iter().flat_map(|from| proxies.iter().map(move |to| (from, to))) {
                for now in instants.into_iter().flatten() {
                    for kind in ContactKind::ALL {
                        let _code = service.route(Some(from), to, *kind, now).code();
                    }
                }
            }
        });
        assert_eq!((counted.count_total, counted.bytes_total), (0, 0), "history {n}");
    }
}
