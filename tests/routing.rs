//! RTE: who is reached when somebody calls or writes, and if nobody, why.
#![cfg(feature = "serde")]
#![expect(clippy::unwrap_used, reason = "a fixture that fails is a failed test")]

use crate::common::*;
use twilio_proxy_core::{
    Code, Contact, ContactKind, Event, Inbound, Media, Notification, Outcome, ReceiveError, Rejection, ResolveError,
    Route, Service, SessionMode, SessionStatus, SessionUpdate, Timestamp, WebhookAnswer,
};

const ON_CHANNEL: &str = "whatsapp:+14155550001";
const CHANNEL_PROXY: &str = "whatsapp:+14155559001";
const CALL: ContactKind = ContactKind::Call;
const MESSAGE: ContactKind = ContactKind::Message;
const DAY: u64 = 86_400;

fn route<'a>(service: &'a Service, from: &str, to: &str, kind: ContactKind) -> Route<'a> {
    service.route(Some(&identifier(from)), &proxy(to), kind, service.latest_instant())
}

/// The route from one participant to the other (RTE-2).
fn connect(service: &Service, session_n: u128, caller: u128, partner: u128) -> Route<'_> {
    let partner = service.participant(session(session_n), participant(partner)).unwrap();
    Route::Connect {
        session: service.session(session(session_n)).unwrap(),
        caller: service.participant(session(session_n), participant(caller)).unwrap(),
        partner,
        from: &partner.proxy_identifier,
        to: &partner.identifier,
    }
}

fn stranger(kind: ContactKind) -> Route<'static> {
    Route::OutOfSession { kind, previous: None, expired: false }
}

fn no_partner(service: &Service, session_n: u128, caller: u128) -> Route<'_> {
    Route::NoPartner {
        session: service.session(session(session_n)).unwrap(),
        caller: service.participant(session(session_n), participant(caller)).unwrap(),
    }
}

/// What a contact of no session becomes where no URL is set.
fn out_of_session(n: u128, kind: ContactKind) -> Outcome {
    Outcome::OutOfSession { interaction: interaction(n), kind, previous: None, expired: false, awaits_answer: false }
}

fn waiting(session_n: u128, n: u128) -> Outcome {
    Outcome::Waiting { session: session(session_n), interaction: interaction(n) }
}

fn unknown_proxy_identifier() -> ReceiveError {
    service().receive(call(1, ALICE, P1), at(0)).unwrap_err()
}

/// ALICE on a channel and BOB on P1, in message-only session 1.
fn channel_ride() -> Service {
    let mut service = service().with_numbers(&[P1]);
    let session = service.open_with_mode(1, SessionMode::MessageOnly);
    service.add_with(session, 1, ON_CHANNEL, CHANNEL_PROXY);
    service.add_with(session, 2, BOB, P1);
    service
}

/// ALICE on P1 in three sessions, alone; nothing has been closed.
fn alice_in_three_sessions() -> Service {
    let mut service = service_with(permissive()).with_numbers(&[P1]);
    for n in [1, 2, 3] {
        let session = service.open(n);
        service.add_with(session, n, ALICE, P1);
    }
    service.drain();
    service
}

fn close_at(service: &mut Service, n: u128, seconds: u64) {
    service.update_session(session(n), close(), at(seconds)).unwrap();
}

/// The session that ALICE's call to P1 would have belonged to, and whether it expired.
fn previous(service: &Service, now: Timestamp) -> Option<(u128, bool)> {
    let route = service.route(Some(&identifier(ALICE)), &proxy(P1), CALL, now);
    assert_eq!(route.code(), Some(Code::NoActiveSession));
    let Route::OutOfSession { previous, expired, .. } = route else { return None };
    Some((previous?.sid.to_u128(), expired))
}

// ---- RTE-1, RTE-2: who is reached ----

#[test]
fn rte_1_identifier_and_proxy_identifier_together_are_the_key() {
    let mut service = ride();
    let second = service.open(2);
    service.add_with(second, 3, ALICE, P2);
    service.add_with(second, 4, CAROL, P1);
    assert_eq!(route(&service, ALICE, P1, CALL), connect(&service, 1, 1, 2));
    assert_eq!(route(&service, ALICE, P2, CALL), connect(&service, 2, 3, 4));
    assert_eq!(route(&service, BOB, P1, CALL), stranger(CALL));
    assert_eq!(route(&service, XAVER, P1, MESSAGE), stranger(MESSAGE));
}

#[test]
fn rte_1_sessions_that_share_a_number_are_told_apart_by_who_calls() {
    let mut service = service().with_numbers(&[P1]);
    let [first, second] = [1, 2].map(|n| service.open(n));
    for (session, n, person) in [(first, 1, ALICE), (first, 2, BOB), (second, 3, CAROL), (second, 4, XAVER)] {
        service.add(session, n, person);
    }
    assert_eq!(route(&service, ALICE, P1, CALL), connect(&service, 1, 1, 2));
    assert_eq!(route(&service, BOB, P1, CALL), connect(&service, 1, 2, 1));
    assert_eq!(route(&service, CAROL, P1, CALL), connect(&service, 2, 3, 4));
    assert_eq!(route(&service, XAVER, P1, CALL), connect(&service, 2, 4, 3));
}

#[test]
fn rte_1_a_closed_session_carries_nothing_and_a_reopened_one_does() {
    let mut service = ride();
    service.close(session(1));
    let closed = service.session(session(1));
    assert_eq!(route(&service, ALICE, P1, CALL), Route::OutOfSession { kind: CALL, previous: closed, expired: false });
    service.reopen(session(1));
    assert_eq!(route(&service, ALICE, P1, CALL), connect(&service, 1, 1, 2));
}

#[test]
fn rte_1_a_removed_participant_calls_as_a_stranger() {
    let mut service = ride();
    service.remove_participant(session(1), participant(1), at(0)).unwrap();
    assert_eq!(route(&service, ALICE, P1, CALL), stranger(CALL));
}

#[test]
fn rte_1_a_removed_participant_is_found_where_it_is_live_again() {
    let mut service = ride();
    service.remove_participant(session(1), participant(1), at(0)).unwrap();
    let second = service.open(2);
    service.add_with(second, 3, ALICE, P1);
    service.add(second, 4, CAROL);
    assert_eq!(route(&service, ALICE, P1, CALL), connect(&service, 2, 3, 4));
}

#[test]
fn rte_1_whoever_takes_a_freed_slot_is_the_partner_from_then_on() {
    let mut service = ride();
    service.remove_participant(session(1), participant(2), at(0)).unwrap();
    service.add_with(session(1), 3, CAROL, P1);
    assert_eq!(route(&service, ALICE, P1, CALL), connect(&service, 1, 1, 3));
}

#[test]
fn rte_1_a_number_that_was_reserved_meanwhile_still_carries() {
    let mut service = ride();
    let reserve = twilio_proxy_core::NumberUpdate { is_reserved: Some(true) };
    service.update_number(number(1), reserve, at(0)).unwrap();
    assert_eq!(received(&mut service, call(1, ALICE, P1)), connected(1, 1, P2, BOB));
}

#[test]
fn con_9_a_pending_addition_carries_no_traffic() {
    let mut service = service().with_numbers(&[P1]);
    let session = service.open(1);
    service.begin(session, 1, ALICE);
    assert_eq!(route(&service, ALICE, P1, CALL), stranger(CALL));
    service.finish_add_participant(session, participant(1), at(0)).unwrap();
    assert_eq!(route(&service, ALICE, P1, CALL), no_partner(&service, 1, 1));
}

#[test]
fn con_9_a_pending_addition_is_no_partner() {
    let mut service = service().with_numbers(&[P1]);
    let session = service.open(1);
    service.add(session, 1, ALICE);
    service.begin(session, 2, BOB);
    assert_eq!(route(&service, ALICE, P1, CALL), no_partner(&service, 1, 1));
    service.finish_add_participant(session, participant(2), at(0)).unwrap();
    assert_eq!(route(&service, ALICE, P1, CALL), connect(&service, 1, 1, 2));
}

#[test]
fn rte_1_a_channel_address_is_reached_on_its_own_channel() {
    let mut service = channel_ride();
    assert_eq!(received(&mut service, message(1, ON_CHANNEL, CHANNEL_PROXY, "Hi")), connected(1, 1, P1, BOB));
    assert_eq!(received(&mut service, message(2, BOB, P1, "Hi")), connected(1, 2, CHANNEL_PROXY, ON_CHANNEL));
}

#[test]
fn rte_1_a_person_on_a_channel_and_the_same_number_outside_of_it_are_two() {
    let service = channel_ride();
    assert_eq!(route(&service, ALICE, CHANNEL_PROXY, MESSAGE), stranger(MESSAGE));
    assert_eq!(route(&service, ON_CHANNEL, P1, MESSAGE), stranger(MESSAGE));
}

#[test]
fn rte_1_a_short_code_carries_messages() {
    let mut service = service().with_numbers(&[P1]);
    service.add_number(new_short_code(1, "44551", country("US")), at(0)).unwrap();
    let session = service.open_with_mode(1, SessionMode::MessageOnly);
    service.add_with(session, 1, ALICE, "44551");
    service.add_with(session, 2, BOB, P1);
    assert_eq!(received(&mut service, message(1, ALICE, "44551", "Hi")), connected(1, 1, P1, BOB));
    assert_eq!(received(&mut service, message(2, BOB, P1, "Hi")), connected(1, 2, "44551", ALICE));
}

#[test]
fn rte_2_the_leg_goes_to_the_partner_from_the_proxy_identifier_of_the_partner() {
    let mut service = ride();
    assert_eq!(received(&mut service, call(1, ALICE, P1)), connected(1, 1, P2, BOB));
    assert_eq!(received(&mut service, message(2, BOB, P2, "Hi")), connected(1, 2, P1, ALICE));
    let legs = [format!("leg 1 from {P2} to {BOB}"), format!("leg 2 from {P1} to {ALICE}")];
    assert_eq!(told(&mut service), legs);
}

#[test]
fn rte_2_a_message_goes_on_with_its_body_and_its_media() {
    let mut service = ride();
    let url = "https://media.example.com/1.png".parse().unwrap();
    let contact = Contact::Message { body: "Look".parse().unwrap(), media: Media::try_from(vec![url]).unwrap() };
    let mut inbound = message(1, ALICE, P1, "");
    inbound.contact = contact.clone();
    received(&mut service, inbound);
    match polled(&mut service).as_slice() {
        [Event::Leg(leg)] => assert_eq!(
            (leg.session, leg.interaction, &leg.from, &leg.to, &leg.contact),
            (session(1), interaction(1), &proxy(P2), &identifier(BOB), &contact)
        ),
        events => panic!("{events:?}"),
    }
}

#[test]
fn rte_2_a_call_goes_on_as_a_call() {
    let mut service = ride();
    received(&mut service, call(1, ALICE, P1));
    match polled(&mut service).as_slice() {
        [Event::Leg(leg)] => assert_eq!(leg.contact, Contact::Call),
        events => panic!("{events:?}"),
    }
}

// ---- CON-8: doubled pairs ----

/// ALICE on P1 with BOB in session 1 and, added earlier, with CAROL in session 2, which was created last.
fn doubled(mode: SessionMode) -> Service {
    let mut service = service_with(permissive()).with_numbers(&[P1]);
    let first = service.open(1);
    let second = service.open_with_mode(2, mode);
    service.add_with(second, 3, ALICE, P1);
    service.add_with(second, 4, CAROL, P1);
    service.add_with(first, 1, ALICE, P1);
    service.add_with(first, 2, BOB, P1);
    service.drain();
    service
}

#[test]
fn con_8_a_doubled_pair_goes_to_the_session_created_last() {
    let service = doubled(SessionMode::VoiceAndMessage);
    assert_eq!(route(&service, ALICE, P1, CALL), connect(&service, 2, 3, 4));
    assert_eq!(route(&service, BOB, P1, CALL), connect(&service, 1, 2, 1));
    assert_eq!(route(&service, CAROL, P1, CALL), connect(&service, 2, 4, 3));
}

#[test]
fn con_8_a_pair_that_is_doubled_no_more_goes_to_the_session_that_is_left() {
    let mut closed = doubled(SessionMode::VoiceAndMessage);
    closed.close(session(2));
    let mut deleted = doubled(SessionMode::VoiceAndMessage);
    deleted.delete_session(session(2), at(0)).unwrap();
    let mut removed = doubled(SessionMode::VoiceAndMessage);
    removed.remove_participant(session(2), participant(3), at(0)).unwrap();
    for service in [closed, deleted, removed] {
        assert_eq!(route(&service, ALICE, P1, CALL), connect(&service, 1, 1, 2));
    }
}

#[test]
fn con_8_a_reopen_does_not_make_a_session_a_later_one() {
    let mut service = doubled(SessionMode::VoiceAndMessage);
    service.close(session(1));
    service.reopen(session(1));
    assert_eq!(route(&service, ALICE, P1, CALL), connect(&service, 2, 3, 4));
}

#[test]
fn con_8_a_session_that_is_due_gives_way_to_the_one_left() {
    let mut service = doubled(SessionMode::VoiceAndMessage);
    let update = SessionUpdate { ttl: Some(ttl(60)), ..SessionUpdate::default() };
    service.update_session(session(2), update, at(0)).unwrap();
    let alice = identifier(ALICE);
    assert_eq!(service.route(Some(&alice), &proxy(P1), CALL, at(59)), connect(&service, 2, 3, 4));
    assert_eq!(service.route(Some(&alice), &proxy(P1), CALL, at(60)), connect(&service, 1, 1, 2));
}

#[test]
fn con_8_a_pending_addition_to_the_session_created_last_does_not_draw_traffic_there() {
    let mut service = service_with(permissive()).with_numbers(&[P1]);
    let [first, second] = [1, 2].map(|n| service.open(n));
    service.add(first, 1, ALICE);
    service.add(first, 2, BOB);
    service.begin_add_participant(second, new_participant_with(3, ALICE, P1), at(0)).unwrap();
    assert_eq!(route(&service, ALICE, P1, CALL), connect(&service, 1, 1, 2));
}

#[test]
fn con_8_an_addition_to_the_session_created_last_draws_traffic_there_once_it_is_finished() {
    let mut service = service_with(permissive()).with_numbers(&[P1]);
    let [first, second] = [1, 2].map(|n| service.open(n));
    service.add(first, 1, ALICE);
    service.add(first, 2, BOB);
    service.begin_add_participant(second, new_participant_with(3, ALICE, P1), at(0)).unwrap();
    service.add(second, 4, CAROL);
    assert_eq!(route(&service, ALICE, P1, CALL), connect(&service, 1, 1, 2));
    service.finish_add_participant(second, participant(3), at(0)).unwrap();
    assert_eq!(route(&service, ALICE, P1, CALL), connect(&service, 2, 3, 4));
    service.remove_participant(second, participant(3), at(0)).unwrap();
    assert_eq!(route(&service, ALICE, P1, CALL), connect(&service, 1, 1, 2));
}

#[test]
fn rte_1_if_the_mode_of_the_session_created_last_does_not_serve_no_other_is_tried() {
    let service = doubled(SessionMode::VoiceOnly);
    let wrong = Route::WrongMode {
        session: service.session(session(2)).unwrap(),
        caller: service.participant(session(2), participant(3)).unwrap(),
    };
    assert_eq!(route(&service, ALICE, P1, MESSAGE), wrong);
    assert_eq!(route(&service, ALICE, P1, CALL), connect(&service, 2, 3, 4));
}

#[test]
fn rte_1_if_the_session_created_last_has_no_partner_no_other_is_tried() {
    let mut service = doubled(SessionMode::VoiceAndMessage);
    service.remove_participant(session(2), participant(4), at(0)).unwrap();
    assert_eq!(route(&service, ALICE, P1, CALL), no_partner(&service, 2, 3));
}

// ---- RTE-3: opt-out words ----

const OPT_OUT_WORDS: [&str; 12] = [
    "STOP",
    "STOPALL",
    "UNSUBSCRIBE",
    "CANCEL",
    "END",
    "QUIT",
    "REVOKE",
    "OPTOUT",
    "ARRET",
    "ARRETT",
    "ARRETE",
    "UNSTOP",
];

fn is_dropped(inbound: Inbound) -> bool {
    let mut service = ride();
    let dropped = Outcome::Dropped { interaction: inbound.interaction };
    received(&mut service, inbound) == dropped
}

#[test]
fn rte_3_every_opt_out_word_drops_the_message_in_any_ascii_case() {
    for word in OPT_OUT_WORDS {
        let mut mixed = word.to_lowercase();
        mixed.get_mut(..2).unwrap().make_ascii_uppercase();
        for body in [word, &word.to_lowercase(), &mixed] {
            assert!(is_dropped(message(1, ALICE, P1, body)), "{body}");
        }
    }
}

#[test]
fn rte_3_an_opt_out_word_is_trimmed_of_five_characters() {
    assert!(is_dropped(message(1, ALICE, P1, " \t\r\n\u{c}STOP\u{c}\n\r\t ")));
    for space in ['\u{b}', '\u{a0}', '\u{2003}', '\u{feff}', '\0'] {
        assert!(!is_dropped(message(1, ALICE, P1, &format!("{space}STOP"))), "{space:?}");
    }
}

#[test]
fn rte_3_a_text_that_has_an_opt_out_word_in_it_passes() {
    for body in ["STOP.", "please STOP", "STOP STOP", "STOP ALL", "STOPS", "UNSUBSCRIB", "THE END", "\"STOP\"", ""] {
        assert!(!is_dropped(message(1, ALICE, P1, body)), "{body}");
    }
}

#[test]
fn rte_3_only_ascii_letters_are_compared_without_regard_to_case() {
    for body in ["\u{17f}TOP", "ＳＴＯＰ", "ARRÊT", "ARRÊTE"] {
        assert!(!is_dropped(message(1, ALICE, P1, body)), "{body}");
    }
}

#[test]
fn rte_3_start_yes_debut_and_help_pass() {
    for body in ["START", "YES", "DEBUT", "HELP", "INFO", "START\n"] {
        let mut service = ride();
        assert_eq!(received(&mut service, message(1, ALICE, P1, body)), connected(1, 1, P2, BOB), "{body}");
    }
}

#[test]
fn rte_3_media_does_not_save_an_opt_out_word() {
    let mut inbound = message(1, ALICE, P1, "");
    let media = Media::try_from(vec!["https://media.example.com/1.png".parse().unwrap()]).unwrap();
    inbound.contact = Contact::Message { body: "stop".parse().unwrap(), media };
    assert!(is_dropped(inbound));
}

#[test]
fn rte_3_an_opt_out_word_on_a_channel_is_dropped_too() {
    let mut service = channel_ride();
    let outcome = received(&mut service, message(1, ON_CHANNEL, CHANNEL_PROXY, "Stop"));
    assert_eq!(outcome, Outcome::Dropped { interaction: interaction(1) });
    let notification = Notification::MessageMatchedStopWord { interaction: interaction(1), number: None };
    assert_eq!(polled(&mut service), [Event::from(notification)]);
}

#[test]
fn rte_3_an_opt_out_word_leaves_no_record_and_no_request() {
    let mut service = ride();
    set_callback_url(&mut service);
    set_intercept_url(&mut service);
    set_out_of_session_url(&mut service);
    let before = service.state();
    let outcome = received(&mut service, message(1, ALICE, P1, "STOP"));
    assert_eq!(
        (outcome.code(), outcome),
        (Some(Code::MessageMatchedStopWord), Outcome::Dropped { interaction: interaction(1) })
    );
    let notification = Notification::MessageMatchedStopWord { interaction: interaction(1), number: pool_number(P1) };
    assert_eq!(polled(&mut service), [Event::from(notification)]);
    assert_eq!(service.state(), before);
}

#[test]
fn rte_3_a_call_is_never_an_opt_out() {
    assert!(!is_dropped(call(1, ALICE, P1)));
}

// ---- RTE-4: out of session, and the previous one ----

#[test]
fn rte_4_a_call_of_no_session_is_80902_and_a_message_80903() {
    let mut service = ride();
    let outcomes = [call(1, CAROL, P1), message(2, CAROL, P1, "Hi")].map(|inbound| received(&mut service, inbound));
    assert_eq!(outcomes, [out_of_session(1, CALL), out_of_session(2, MESSAGE)]);
    let codes = outcomes.map(|outcome| outcome.code().unwrap().number());
    assert_eq!(codes, [80902, 80903]);
    assert_eq!(told(&mut service), ["80902", "80905", "80903", "80905"]);
}

#[test]
fn rte_4_nothing_of_a_contact_of_no_session_is_recorded() {
    let mut service = ride();
    let before = service.state();
    received(&mut service, call(1, CAROL, P1));
    polled(&mut service);
    assert_eq!(service.state(), before);
}

#[test]
fn rte_4_the_previous_session_is_the_one_that_ended_last() {
    let mut service = alice_in_three_sessions();
    for (n, seconds) in [(3, 10), (1, 30), (2, 30)] {
        close_at(&mut service, n, seconds);
    }
    assert_eq!(previous(&service, at(30)), Some((2, false)));
    service.delete_session(session(2), at(30)).unwrap();
    assert_eq!(previous(&service, at(30)), Some((1, false)));
    service.delete_session(session(1), at(30)).unwrap();
    assert_eq!(previous(&service, at(30)), Some((3, false)));
    service.delete_session(session(3), at(30)).unwrap();
    assert_eq!(previous(&service, at(30)), None);
}

#[test]
fn rte_4_of_sessions_that_ended_at_once_the_previous_one_is_the_one_created_last() {
    let mut service = alice_in_three_sessions();
    for n in [3, 1, 2] {
        close_at(&mut service, n, 10);
    }
    assert_eq!(previous(&service, at(10)), Some((3, false)));
}

#[test]
fn rte_4_a_removed_participant_has_no_previous_session() {
    let mut service = alice_in_three_sessions();
    service.remove_participant(session(3), participant(3), at(0)).unwrap();
    for (n, seconds) in [(1, 10), (2, 20), (3, 30)] {
        close_at(&mut service, n, seconds);
    }
    assert_eq!(previous(&service, at(30)), Some((2, false)));
    service.remove_participant(session(2), participant(2), at(30)).unwrap();
    assert_eq!(previous(&service, at(30)), Some((1, false)));
}

#[test]
fn rte_4_a_reopened_session_is_previous_again_from_its_new_end_on() {
    let mut service = alice_in_three_sessions();
    for (n, seconds) in [(1, 10), (2, 20), (3, 30)] {
        close_at(&mut service, n, seconds);
    }
    service.reopen(session(1));
    assert_eq!(route(&service, ALICE, P1, CALL), no_partner(&service, 1, 1));
    close_at(&mut service, 1, 40);
    assert_eq!(previous(&service, at(40)), Some((1, false)));
}

#[test]
fn rte_4_a_session_of_another_number_or_another_person_is_not_the_previous_one() {
    let mut service = ride();
    service.close(session(1));
    assert_eq!(route(&service, ALICE, P2, CALL), stranger(CALL));
    assert_eq!(route(&service, CAROL, P1, CALL), stranger(CALL));
}

#[test]
fn rte_4_the_previous_session_of_an_address_on_a_channel_is_found_too() {
    let mut service = channel_ride();
    service.close(session(1));
    let expected = Route::OutOfSession { kind: MESSAGE, previous: service.session(session(1)), expired: false };
    assert_eq!(route(&service, ON_CHANNEL, CHANNEL_PROXY, MESSAGE), expected);
}

#[test]
fn rte_4_an_expired_previous_session_comes_first_as_80904() {
    let mut service = mortal_ride(60);
    let outcome = service.receive(call(1, ALICE, P1), at(60)).unwrap();
    assert_eq!(
        outcome,
        Outcome::OutOfSession {
            interaction: interaction(1),
            kind: CALL,
            previous: Some(session(1)),
            expired: true,
            awaits_answer: false
        }
    );
    assert_eq!(outcome.code(), Some(Code::NoActiveSession));
    let (interaction, number) = (interaction(1), pool_number(P1));
    let expected = [
        Notification::ExpiredSession { session: session(1), interaction, number },
        Notification::NoActiveSession { interaction, number },
        Notification::UnknownScenario { interaction, number },
    ];
    assert_eq!(service.drain_notifications(), expected);
}

#[test]
fn rte_4_80904_comes_first_for_messages_too() {
    let mut service = mortal_ride(60);
    service.receive(message(1, ALICE, P1, "Hi"), at(61)).unwrap();
    assert_eq!(told(&mut service), ["80904", "80903", "80905"]);
}

#[test]
fn rte_4_a_session_that_was_closed_after_one_expired_hides_that_it_expired() {
    let mut service = alice_in_three_sessions();
    let update = SessionUpdate { ttl: Some(ttl(20)), ..SessionUpdate::default() };
    service.update_session(session(3), update, at(0)).unwrap();
    close_at(&mut service, 1, 10);
    close_at(&mut service, 2, 30);
    assert_eq!(previous(&service, at(30)), Some((2, false)));
    service.delete_session(session(2), at(30)).unwrap();
    assert_eq!(previous(&service, at(30)), Some((3, true)));
}

#[test]
fn rte_4_expiry_raises_80904_for_its_contacts_only() {
    let mut service = mortal_ride(60);
    service.receive(call(1, CAROL, P1), at(60)).unwrap();
    assert_eq!(told(&mut service), ["80902", "80905"]);
}

#[test]
fn rte_4_the_previous_session_is_found_by_its_number_though_another_entry_has_that_now() {
    let mut service = ride();
    service.close(session(1));
    service.remove_number(number(1), at(0)).unwrap();
    service.add_number(new_number(7, P1), at(0)).unwrap();
    assert_eq!(previous(&service, at(0)), Some((1, false)));
}

// ---- RTE-5, RTE-6: the session cannot carry it ----

#[test]
fn rte_5_a_message_in_a_voice_only_session_is_80910() {
    let mut service = ride_in(SessionMode::VoiceOnly);
    let before = service.state();
    let outcome = received(&mut service, message(1, ALICE, P1, "Hi"));
    let reason = Rejection::MessageToVoiceOnlySession;
    let (session, interaction) = (session(1), interaction(1));
    assert_eq!(outcome, Outcome::Rejected { session, interaction, reason });
    assert_eq!(outcome.code().unwrap().number(), 80910);
    let (participant, number) = (participant(1), pool_number(P1));
    let expected = Notification::MessageToVoiceOnlySession { session, participant, interaction, number };
    assert_eq!(polled(&mut service), [Event::from(expected)]);
    assert_eq!(service.state(), before);
}

#[test]
fn rte_5_a_call_in_a_message_only_session_is_80911() {
    let mut service = ride_in(SessionMode::MessageOnly);
    let before = service.state();
    let outcome = received(&mut service, call(1, BOB, P2));
    let reason = Rejection::CallToMessageOnlySession;
    let (session, interaction) = (session(1), interaction(1));
    assert_eq!(outcome, Outcome::Rejected { session, interaction, reason });
    assert_eq!(outcome.code().unwrap().number(), 80911);
    let (participant, number) = (participant(2), pool_number(P2));
    let expected = Notification::CallToMessageOnlySession { session, participant, interaction, number };
    assert_eq!(polled(&mut service), [Event::from(expected)]);
    assert_eq!(service.state(), before);
}

#[test]
fn rte_5_each_mode_carries_what_it_says() {
    for (mode, call_code, message_code) in [
        (SessionMode::VoiceAndMessage, None, None),
        (SessionMode::VoiceOnly, None, Some(Code::MessageToVoiceOnlySession)),
        (SessionMode::MessageOnly, Some(Code::CallToMessageOnlySession), None),
    ] {
        let service = ride_in(mode);
        let codes = [CALL, MESSAGE].map(|kind| route(&service, ALICE, P1, kind).code());
        assert_eq!(codes, [call_code, message_code], "{mode}");
    }
}

#[test]
fn rte_6_without_a_live_partner_it_is_80614() {
    let mut service = ride();
    service.remove_participant(session(1), participant(2), at(0)).unwrap();
    set_intercept_url(&mut service);
    let before = service.state();
    let outcome = received(&mut service, call(1, ALICE, P1));
    let (session, interaction) = (session(1), interaction(1));
    assert_eq!(outcome, Outcome::Rejected { session, interaction, reason: Rejection::NoPartnerParticipant });
    assert_eq!(outcome.code().unwrap().number(), 80614);
    let (participant, number) = (participant(1), pool_number(P1));
    let expected = Notification::NoPartnerParticipant { session, participant, interaction, number };
    assert_eq!(polled(&mut service), [Event::from(expected)]);
    assert_eq!(service.state(), before);
}

// ---- RTE-7, RTE-11: the intercept ----

/// [`ride`] where a call of ALICE waits for a verdict since `at(10)`; its request has been sent.
fn intercepted() -> Service {
    let mut service = ride();
    set_intercept_url(&mut service);
    assert_eq!(service.receive(call(1, ALICE, P1), at(10)), Ok(waiting(1, 1)));
    assert_eq!(told(&mut service), ["intercept 1"]);
    service
}

fn not_found(n: u128) -> ResolveError {
    let error = service().resolve_intercept(interaction(n), WebhookAnswer::None, at(0)).unwrap_err();
    assert_eq!((error.interaction, error.code().number()), (interaction(n), 20404));
    error
}

#[test]
fn rte_7_a_verdict_of_403_blocks() {
    let mut service = intercepted();
    let outcome = service.resolve_intercept(interaction(1), WebhookAnswer::Status(403), at(20)).unwrap();
    let (session, interaction) = (session(1), interaction(1));
    assert_eq!(outcome, Outcome::Blocked { session, interaction });
    assert_eq!(outcome.code().unwrap().number(), 80909);
    let (participant, number) = (participant(1), pool_number(P1));
    let expected = Notification::InboundContactRejected { session, participant, interaction, number };
    assert_eq!(polled(&mut service), [Event::from(expected)]);
    assert_eq!(service.interactions(session).unwrap().count(), 0);
}

#[test]
fn rte_8_blocked_traffic_touches_nothing() {
    let mut service = intercepted();
    let mut untouched = ride();
    set_intercept_url(&mut untouched);
    service.resolve_intercept(interaction(1), WebhookAnswer::Status(403), at(20)).unwrap();
    untouched.handle_deadline(at(20));
    polled(&mut service);
    assert_eq!(service.state(), untouched.state());
}

#[test]
fn rte_7_every_success_lets_the_contact_go_on() {
    for status in [200, 204, 299] {
        let mut service = intercepted();
        let outcome = service.resolve_intercept(interaction(1), WebhookAnswer::Status(status), at(20));
        assert_eq!(outcome, Ok(connected(1, 1, P2, BOB)), "{status}");
        assert_eq!(told(&mut service), [format!("leg 1 from {P2} to {BOB}")], "{status}");
    }
}

#[test]
fn rte_7_every_other_answer_and_none_at_all_let_it_go_on_after_80908() {
    let statuses = [0, 199, 300, 302, 400, 401, 402, 404, 500, 503, u16::MAX].map(WebhookAnswer::Status);
    for answer in [WebhookAnswer::None].into_iter().chain(statuses) {
        let mut service = intercepted();
        let outcome = service.resolve_intercept(interaction(1), answer, at(20));
        assert_eq!(outcome, Ok(connected(1, 1, P2, BOB)), "{answer:?}");
        let events = polled(&mut service);
        assert_eq!(
            events.first(),
            Some(&Event::from(Notification::CallbackError { url: url(INTERCEPT) })),
            "{answer:?}"
        );
        assert_eq!(events.len(), 2, "{answer:?}");
    }
}

#[test]
fn rte_7_a_failed_intercept_is_told_of_before_the_leg_and_the_callback() {
    let mut service = intercepted();
    set_callback_url(&mut service);
    service.resolve_intercept(interaction(1), WebhookAnswer::None, at(20)).unwrap();
    assert_eq!(told(&mut service), ["80908".into(), format!("leg 1 from {P2} to {BOB}"), "callback 1".into()]);
}

#[test]
fn rte_7_a_failed_intercept_is_told_with_the_url_that_was_asked() {
    let mut service = intercepted();
    let moved = twilio_proxy_core::ServiceUpdate {
        intercept_callback_url: url("https://rides.example.com/elsewhere").into(),
        ..Default::default()
    };
    service.update_service(moved, at(15));
    service.resolve_intercept(interaction(1), WebhookAnswer::Status(500), at(20)).unwrap();
    assert_eq!(polled(&mut service).first(), Some(&Event::from(Notification::CallbackError { url: url(INTERCEPT) })));
}

#[test]
fn rte_7_messages_wait_with_body_and_media() {
    let mut service = ride();
    set_intercept_url(&mut service);
    let media = Media::try_from(vec!["https://media.example.com/1.png".parse().unwrap()]).unwrap();
    let contact = Contact::Message { body: "Look".parse().unwrap(), media };
    let mut inbound = message(1, ALICE, P1, "");
    inbound.contact = contact.clone();
    assert_eq!(received(&mut service, inbound), waiting(1, 1));
    polled(&mut service);
    service = restored(&service);
    service.resolve_intercept(interaction(1), WebhookAnswer::Status(200), at(20)).unwrap();
    match polled(&mut service).as_slice() {
        [Event::Leg(leg)] => assert_eq!(leg.contact, contact),
        events => panic!("{events:?}"),
    }
}

#[test]
fn rte_11_a_waiting_contact_is_no_record() {
    let mut service = intercepted();
    assert_eq!(service.interactions(session(1)).unwrap().count(), 0);
    assert_eq!(service.interaction(session(1), interaction(1)), None);
    let error = service.delete_interaction(session(1), interaction(1), at(10)).unwrap_err();
    assert_eq!(error.code().number(), 20404);
    let report = twilio_proxy_core::StatusReport::new(twilio_proxy_core::ResourceStatus::Ringing);
    assert_eq!(service.report_status(interaction(1), report, at(10)), None);
    assert_eq!(told(&mut service), ["80907"]);
}

#[test]
fn rte_11_a_waiting_contact_raises_no_callback_and_changes_no_session() {
    let mut service = mortal_ride(60);
    set_callback_url(&mut service);
    set_intercept_url(&mut service);
    let before = service.session(session(1)).unwrap().clone();
    service.receive(call(1, ALICE, P1), at(50)).unwrap();
    assert_eq!(told(&mut service), ["intercept 1"]);
    assert_eq!(service.session(session(1)), Some(&before));
    assert_eq!(service.next_deadline(), Some(at(60)));
}

#[test]
fn rte_11_the_sid_of_a_waiting_contact_is_taken() {
    let mut service = intercepted();
    let error = service.receive(call(1, BOB, P2), at(10)).unwrap_err();
    assert_eq!(error, ReceiveError::SidTaken { interaction: interaction(1) });
    assert_eq!(error.code().number(), 20409);
    let error = service.send_message(session(1), participant(1), new_message(1, "Hi"), at(10)).unwrap_err();
    assert_eq!(error, twilio_proxy_core::SendMessageError::SidTaken { interaction: interaction(1) });
}

#[test]
fn rte_11_the_verdict_acts_at_its_own_instant() {
    let mut service = intercepted();
    service.resolve_intercept(interaction(1), WebhookAnswer::Status(200), at(25)).unwrap();
    let record = service.interaction(session(1), interaction(1)).unwrap();
    assert_eq!((record.date_created, record.date_updated), (at(25), at(25)));
    let session = service.session(session(1)).unwrap();
    assert_eq!((session.date_started, session.date_last_interaction), (Some(at(25)), Some(at(25))));
}

#[test]
fn rte_11_a_verdict_is_taken_once() {
    let mut service = intercepted();
    service.resolve_intercept(interaction(1), WebhookAnswer::Status(200), at(20)).unwrap();
    let again = service.resolve_intercept(interaction(1), WebhookAnswer::Status(403), at(20));
    assert_eq!(again, Err(not_found(1)));
    assert_eq!(service.interactions(session(1)).unwrap().count(), 1);
}

#[test]
fn rte_11_a_blocked_contact_is_resolved_and_its_sid_free() {
    let mut service = intercepted();
    service.resolve_intercept(interaction(1), WebhookAnswer::Status(403), at(20)).unwrap();
    assert_eq!(service.resolve_intercept(interaction(1), WebhookAnswer::Status(200), at(20)), Err(not_found(1)));
    assert_eq!(received(&mut service, call(1, ALICE, P1)), waiting(1, 1));
}

#[test]
fn rte_11_a_verdict_for_an_unknown_contact_is_not_found_and_raises_nothing() {
    let mut service = intercepted();
    let before = service.state();
    assert_eq!(service.resolve_intercept(interaction(2), WebhookAnswer::None, at(10)), Err(not_found(2)));
    assert_eq!(service.state(), before);
}

#[test]
fn rte_11_a_contact_that_waits_for_another_answer_takes_no_verdict() {
    let mut service = ride();
    set_out_of_session_url(&mut service);
    received(&mut service, call(1, CAROL, P1));
    assert_eq!(service.resolve_intercept(interaction(1), WebhookAnswer::Status(403), at(0)), Err(not_found(1)));
    let error = service.receive(call(1, ALICE, P1), at(0)).unwrap_err();
    assert_eq!(error, ReceiveError::SidTaken { interaction: interaction(1) });
}

#[test]
fn rte_11_several_contacts_of_a_session_wait_side_by_side() {
    let mut service = intercepted();
    assert_eq!(received(&mut service, message(2, BOB, P2, "Hi")), waiting(1, 2));
    let second = service.resolve_intercept(interaction(2), WebhookAnswer::Status(200), at(20));
    assert_eq!(second, Ok(connected(1, 2, P1, ALICE)));
    let first = service.resolve_intercept(interaction(1), WebhookAnswer::Status(200), at(30));
    assert_eq!(first, Ok(connected(1, 1, P2, BOB)));
    let listed: Vec<_> = service.interactions(session(1)).unwrap().map(|listed| listed.sid).collect();
    assert_eq!(listed, [interaction(2), interaction(1)]);
}

/// What ends the wait of a contact before the verdict.
type Drop = fn(&mut Service);

const DROPS: [(&str, Drop); 7] = [
    ("closed", |service| service.close(session(1))),
    ("deleted", |service| service.delete_session(session(1), at(10)).unwrap()),
    ("caller removed", |service| {
        service.remove_participant(session(1), participant(1), at(10)).unwrap();
    }),
    ("partner removed", |service| {
        service.remove_participant(session(1), participant(2), at(10)).unwrap();
    }),
    ("expired", |service| {
        let update = SessionUpdate { date_expiry: Some(at(15)), ..SessionUpdate::default() };
        service.update_session(session(1), update, at(10)).unwrap();
    }),
    ("expired at once by an update", |service| {
        let update = SessionUpdate { ttl: Some(ttl(5)), ..SessionUpdate::default() };
        service.update_session(session(1), update, at(10)).unwrap();
    }),
    ("closed and reopened", |service| {
        service.close(session(1));
        service.reopen(session(1));
    }),
];

#[test]
fn rte_11_a_waiting_contact_is_dropped_without_notification() {
    for (how, drop) in DROPS {
        let mut service = intercepted();
        drop(&mut service);
        let outcome = service.resolve_intercept(interaction(1), WebhookAnswer::Status(200), at(20));
        assert_eq!(outcome, Err(not_found(1)), "{how}");
        assert_eq!(told(&mut service), [""; 0], "{how}");
        assert_eq!(service.state().waiting.len(), 0, "{how}");
    }
}

#[test]
fn rte_11_the_sid_of_a_dropped_contact_is_free() {
    for (how, drop) in DROPS {
        let mut service = intercepted();
        let third = service.open(3);
        service.add(third, 3, CAROL);
        service.add(third, 4, XAVER);
        drop(&mut service);
        let number = service.participant(third, participant(3)).unwrap().proxy_identifier.to_string();
        let outcome = service.receive(call(1, CAROL, &number), at(20));
        assert_eq!(outcome, Ok(waiting(3, 1)), "{how}");
    }
}

#[test]
fn rte_11_an_unpolled_request_of_a_dropped_contact_does_not_outlive_its_session() {
    let mut service = ride();
    set_intercept_url(&mut service);
    received(&mut service, call(1, ALICE, P1));
    service.delete_session(session(1), at(0)).unwrap();
    assert_eq!(told(&mut service), [""; 0]);
}

#[test]
fn rte_11_someone_who_takes_the_slot_of_the_partner_does_not_get_the_waiting_contact() {
    let mut service = intercepted();
    service.remove_participant(session(1), participant(2), at(10)).unwrap();
    service.add_with(session(1), 3, CAROL, P2);
    assert_eq!(service.resolve_intercept(interaction(1), WebhookAnswer::Status(200), at(20)), Err(not_found(1)));
}

#[test]
fn rte_11_a_change_in_another_session_does_not_drop_it() {
    let mut service = intercepted();
    let second = service.open(2);
    service.add(second, 3, CAROL);
    service.remove_participant(second, participant(3), at(10)).unwrap();
    service.delete_session(second, at(10)).unwrap();
    let outcome = service.resolve_intercept(interaction(1), WebhookAnswer::Status(200), at(20));
    assert_eq!(outcome, Ok(connected(1, 1, P2, BOB)));
}

#[test]
fn rte_11_a_verdict_at_the_instant_of_expiry_comes_too_late() {
    let mut service = mortal_ride(60);
    set_intercept_url(&mut service);
    service.receive(call(1, ALICE, P1), at(50)).unwrap();
    service.receive(call(2, ALICE, P1), at(50)).unwrap();
    let in_time = service.clone().resolve_intercept(interaction(1), WebhookAnswer::Status(200), at(59));
    assert_eq!(in_time, Ok(connected(1, 1, P2, BOB)));
    assert_eq!(service.resolve_intercept(interaction(1), WebhookAnswer::Status(200), at(60)), Err(not_found(1)));
}

#[test]
fn inv_2_a_waiting_contact_survives_serialisation() {
    let mut service = restored(&intercepted());
    let error = service.receive(call(1, BOB, P2), at(10)).unwrap_err();
    assert_eq!(error, ReceiveError::SidTaken { interaction: interaction(1) });
    let outcome = service.resolve_intercept(interaction(1), WebhookAnswer::Status(200), at(20));
    assert_eq!(outcome, Ok(connected(1, 1, P2, BOB)));
}

#[test]
fn inv_2_a_restored_waiting_contact_is_dropped_like_the_original() {
    for (how, drop) in DROPS {
        let mut service = restored(&intercepted());
        drop(&mut service);
        let outcome = service.resolve_intercept(interaction(1), WebhookAnswer::Status(200), at(20));
        assert_eq!(outcome, Err(not_found(1)), "{how}");
    }
}

// ---- RTE-8: what a connection does to the session is in interactions.rs; what a failure does not is here ----

#[test]
fn rte_8_rejected_traffic_does_not_start_the_session() {
    let mut service = ride();
    service.remove_participant(session(1), participant(2), at(0)).unwrap();
    let before = service.session(session(1)).unwrap().clone();
    service.receive(call(1, ALICE, P1), at(10)).unwrap();
    service.receive(message(2, ALICE, P1, "STOP"), at(10)).unwrap();
    assert_eq!(service.session(session(1)), Some(&before));
}

// ---- RTE-9: the pure query ----

#[test]
fn rte_9_route_changes_nothing_not_even_time() {
    let service = mortal_ride(60);
    let before = service.state();
    assert_eq!(service.route(Some(&identifier(ALICE)), &proxy(P1), CALL, at(60)).code(), Some(Code::NoActiveSession));
    assert_eq!(service.state(), before);
}

#[test]
fn rte_9_route_answers_as_of_now_for_a_session_that_is_due() {
    let service = mortal_ride(60);
    let alice = identifier(ALICE);
    assert_eq!(service.route(Some(&alice), &proxy(P1), CALL, at(59)), connect(&service, 1, 1, 2));
    assert_eq!(previous(&service, at(60)), Some((1, true)));
}

#[test]
fn rte_9_route_answers_as_of_now_for_a_session_that_is_to_be_purged() {
    let mut service = ride();
    close_at(&mut service, 1, 10);
    assert_eq!(previous(&service, at(90 * DAY + 9)), Some((1, false)));
    assert_eq!(previous(&service, at(90 * DAY + 10)), None);
}

#[test]
fn rte_9_a_session_may_expire_and_be_purged_in_one_step() {
    let service = mortal_ride(60);
    assert_eq!(previous(&service, at(90 * DAY + 59)), Some((1, true)));
    assert_eq!(previous(&service, at(90 * DAY + 60)), None);
}

#[test]
fn rte_9_of_sessions_that_are_due_the_previous_one_is_the_one_that_expires_last() {
    let mut service = alice_in_three_sessions();
    for (n, seconds) in [(1, 60), (2, 50), (3, 60)] {
        let update = SessionUpdate { ttl: Some(ttl(seconds)), ..SessionUpdate::default() };
        service.update_session(session(n), update, at(0)).unwrap();
    }
    assert_eq!(previous(&service, at(70)), Some((3, true)));
    service.delete_session(session(3), at(0)).unwrap();
    assert_eq!(previous(&service, at(70)), Some((1, true)));
}

#[test]
fn rte_9_a_session_that_is_due_and_one_that_has_ended_are_compared_by_their_ends() {
    let mut service = alice_in_three_sessions();
    for (n, seconds) in [(1, 60), (2, 70)] {
        let update = SessionUpdate { ttl: Some(ttl(seconds)), ..SessionUpdate::default() };
        service.update_session(session(n), update, at(0)).unwrap();
    }
    service.remove_participant(session(2), participant(2), at(0)).unwrap();
    close_at(&mut service, 3, 59);
    assert_eq!(previous(&service, at(60)), Some((1, true)));
    service.reopen(session(3));
    service.update_session(session(3), close(), at(59)).unwrap();
    let mut tied = service.clone();
    tied.update_session(session(1), SessionUpdate { ttl: Some(ttl(59)), ..SessionUpdate::default() }, at(59)).unwrap();
    assert_eq!(previous(&tied, at(60)), Some((3, false)));
}

#[test]
fn rte_9_a_purged_previous_session_gives_way_to_a_later_one_only() {
    let mut service = alice_in_three_sessions();
    for (n, seconds) in [(1, 10), (3, 20), (2, 30)] {
        close_at(&mut service, n, seconds);
    }
    assert_eq!(previous(&service, at(90 * DAY + 20)), Some((2, false)));
    assert_eq!(previous(&service, at(90 * DAY + 30)), None);
}

#[test]
fn rte_9_an_address_on_a_channel_goes_with_its_purged_session() {
    let mut service = channel_ride();
    service.close(session(1));
    let (from, to) = (identifier(ON_CHANNEL), proxy(CHANNEL_PROXY));
    let at_purge = service.route(Some(&from), &to, MESSAGE, at(90 * DAY));
    assert_eq!(at_purge, Route::UnknownProxyIdentifier);
    let before = service.route(Some(&from), &to, MESSAGE, at(90 * DAY - 1));
    assert_eq!(before.code(), Some(Code::UnknownParticipant));
}

#[test]
fn rte_9_an_instant_in_the_past_counts_as_the_latest_seen() {
    let mut service = mortal_ride(60);
    service.handle_deadline(at(60));
    assert_eq!(previous(&service, at(0)), Some((1, true)));
}

#[test]
fn rte_9_route_knows_no_intercept() {
    let service = intercepted();
    assert_eq!(route(&service, ALICE, P1, CALL), connect(&service, 1, 1, 2));
}

// ---- RTE-10: withheld callers ----

#[test]
fn rte_10_a_withheld_caller_matches_nobody() {
    let mut service = ride();
    assert_eq!(received(&mut service, withheld_call(1, P1)), out_of_session(1, CALL));
    assert_eq!(service.route(None, &proxy(P1), CALL, at(0)), stranger(CALL));
}

#[test]
fn rte_10_a_withheld_caller_has_no_previous_session() {
    let mut service = mortal_ride(60);
    service.handle_deadline(at(60));
    assert_eq!(received(&mut service, withheld_call(1, P1)), out_of_session(1, CALL));
    assert_eq!(told(&mut service), ["80902", "80905"]);
}

#[test]
fn rte_10_a_withheld_sender_can_opt_out() {
    let inbound = Inbound::message(interaction(1), message_sid(1), None, proxy(P1), "STOP".parse().unwrap());
    assert!(is_dropped(inbound));
}

#[test]
fn rte_10_a_withheld_caller_at_an_unknown_number_is_refused() {
    let mut service = ride();
    assert_eq!(service.receive(withheld_call(1, "+14155559999"), at(0)), Err(unknown_proxy_identifier()));
}

#[test]
fn rte_10_the_request_for_a_withheld_caller_tells_of_no_session() {
    let mut service = ride();
    set_out_of_session_url(&mut service);
    service.close(session(1));
    received(&mut service, withheld_call(1, P1));
    match polled(&mut service).as_slice() {
        [_, Event::Request(request)] => assert_eq!((request.session, request.parameters.len()), (None, 0)),
        events => panic!("{events:?}"),
    }
}

// ---- RTE-12: the order ----

#[test]
fn rte_12_each_rule_decides_before_the_next() {
    let mut service = service_with(permissive()).with_numbers(&[P1, P2]);
    // KI…1 is the SID of an interaction; a session of ALICE on P2 has expired.
    let old = {
        let mut new = new_session(9);
        new.ttl = Some(ttl(60));
        service.create_session(new, at(0)).unwrap().sid
    };
    service.add_with(old, 9, ALICE, P2);
    service.add_with(old, 8, BOB, P1);
    service.receive(call(1, BOB, P1), at(0)).unwrap();
    service.handle_deadline(at(60));
    polled(&mut service);
    let table = |service: &mut Service, n, to, body| {
        let outcome = service.receive(message(n, ALICE, to, body), at(60));
        let code = outcome.map_or_else(|error| Some(error.code()), |outcome| outcome.code());
        (code.map_or(0, Code::number), told(service))
    };
    let nothing = Vec::<String>::new;

    // All is wrong: nobody is reached at P3.
    assert_eq!(table(&mut service, 1, "+14155559003", "STOP"), (20404, nothing()));
    // The SID is taken.
    assert_eq!(table(&mut service, 1, P2, "STOP"), (20409, nothing()));
    // An opt-out word from a stranger.
    assert_eq!(table(&mut service, 2, P2, "STOP"), (80901, vec!["80901".to_owned()]));
    // No session, but one that has expired.
    assert_eq!(table(&mut service, 2, P2, "Hi"), (80903, ["80904", "80903", "80905"].map(str::to_owned).into()));
    // A voice-only session, without a partner, where an intercept would have a say.
    let voice = service.open_with_mode(1, SessionMode::VoiceOnly);
    service.add_with(voice, 1, ALICE, P2);
    set_intercept_url(&mut service);
    assert_eq!(table(&mut service, 2, P2, "STOP"), (80901, vec!["80901".to_owned()]));
    assert_eq!(table(&mut service, 2, P2, "Hi"), (80910, vec!["80910".to_owned()]));
    // The right mode, without a partner.
    let both = service.open(2);
    service.add_with(both, 2, ALICE, P2);
    service.drain();
    assert_eq!(table(&mut service, 2, P2, "Hi"), (80614, vec!["80614".to_owned()]));
    // All is well, but for the intercept.
    service.add_with(both, 3, CAROL, P1);
    assert_eq!(table(&mut service, 2, P2, "Hi"), (0, vec!["intercept 2".to_owned()]));
    // All is well.
    let silent = twilio_proxy_core::ServiceUpdate {
        intercept_callback_url: twilio_proxy_core::Patch::Clear,
        ..Default::default()
    };
    service.update_service(silent, at(60));
    assert_eq!(table(&mut service, 3, P2, "Hi"), (0, vec![format!("leg 3 from {P1} to {CAROL}")]));
}

#[test]
fn rte_12_a_number_that_is_not_in_the_pool_is_refused_and_raises_nothing() {
    let mut service = ride();
    let before = service.state();
    let error = service.receive(message(1, ALICE, "+14155559999", "STOP"), at(0)).unwrap_err();
    assert_eq!((error.code().number(), &error), (20404, &ReceiveError::UnknownProxyIdentifier));
    assert_eq!(service.state(), before);
    assert_eq!(route(&service, ALICE, "+14155559999", CALL), Route::UnknownProxyIdentifier);
    assert_eq!(Route::UnknownProxyIdentifier.code(), Some(Code::NotFound));
}

#[test]
fn rte_12_a_number_that_has_left_the_pool_is_refused_although_closed_sessions_name_it() {
    let mut service = ride();
    service.close(session(1));
    service.remove_number(number(1), at(0)).unwrap();
    assert_eq!(service.receive(call(1, ALICE, P1), at(0)), Err(unknown_proxy_identifier()));
    assert_eq!(route(&service, ALICE, P1, CALL), Route::UnknownProxyIdentifier);
}

#[test]
fn rte_12_a_reserved_number_is_in_the_pool() {
    let mut service = service();
    let mut reserved = new_number(1, P1);
    reserved.is_reserved = true;
    service.add_number(reserved, at(0)).unwrap();
    assert_eq!(received(&mut service, call(1, ALICE, P1)), out_of_session(1, CALL));
}

/// The route of someone whom [`channel_ride`] does not know.
fn of_stranger(service: &Service) -> Route<'_> {
    route(service, "whatsapp:+14155557777", CHANNEL_PROXY, MESSAGE)
}

#[test]
fn rte_12_an_address_on_a_channel_is_known_as_long_as_a_participant_with_it_is_stored() {
    let mut service = channel_ride();
    assert_eq!(of_stranger(&service), stranger(MESSAGE));
    service.remove_participant(session(1), participant(1), at(0)).unwrap();
    assert_eq!(of_stranger(&service), stranger(MESSAGE));
    service.close(session(1));
    assert_eq!(of_stranger(&service), stranger(MESSAGE));
    service.delete_session(session(1), at(0)).unwrap();
    assert_eq!(of_stranger(&service), Route::UnknownProxyIdentifier);
}

#[test]
fn rte_12_an_address_on_a_channel_that_two_share_is_known_until_both_are_gone() {
    let mut service = channel_ride();
    let second = service.open_with_mode(2, SessionMode::MessageOnly);
    service.add_with(second, 3, "whatsapp:+14155557777", CHANNEL_PROXY);
    service.delete_session(session(1), at(0)).unwrap();
    assert_eq!(route(&service, ON_CHANNEL, CHANNEL_PROXY, MESSAGE), stranger(MESSAGE));
    service.delete_session(session(2), at(0)).unwrap();
    assert_eq!(route(&service, ON_CHANNEL, CHANNEL_PROXY, MESSAGE), Route::UnknownProxyIdentifier);
}

#[test]
fn rte_12_an_address_on_a_channel_of_a_pending_addition_is_not_known_yet() {
    let mut service = service();
    let session = service.open_with_mode(1, SessionMode::MessageOnly);
    let new = new_participant_with(1, ON_CHANNEL, CHANNEL_PROXY);
    service.begin_add_participant(session, new, at(0)).unwrap();
    assert_eq!(route(&service, ON_CHANNEL, CHANNEL_PROXY, MESSAGE), Route::UnknownProxyIdentifier);
    service.finish_add_participant(session, participant(1), at(0)).unwrap();
    assert_eq!(route(&service, ON_CHANNEL, CHANNEL_PROXY, MESSAGE), no_partner(&service, 1, 1));
}

#[test]
fn rte_12_what_is_due_happens_before_a_refusal() {
    let mut service = mortal_ride(60);
    assert_eq!(service.receive(call(1, ALICE, "+14155559999"), at(60)), Err(unknown_proxy_identifier()));
    assert_eq!(service.latest_instant(), at(60));
    assert_eq!(service.status(session(1)), Some(SessionStatus::Closed));
}

#[test]
fn sid_4_the_sid_of_a_contact_that_leaves_no_record_stays_free() {
    let mut service = ride_in(SessionMode::VoiceOnly);
    for inbound in [message(1, ALICE, P1, "STOP"), message(1, ALICE, P1, "Hi"), call(1, CAROL, P1)] {
        received(&mut service, inbound);
    }
    assert_eq!(received(&mut service, call(1, ALICE, P1)), connected(1, 1, P2, BOB));
}

#[test]
fn sid_4_the_sid_of_an_interaction_is_taken_in_the_whole_service_until_it_is_deleted() {
    let mut service = ride();
    received(&mut service, call(1, ALICE, P1));
    let error = service.receive(call(1, CAROL, P1), at(0)).unwrap_err();
    assert_eq!(error, ReceiveError::SidTaken { interaction: interaction(1) });
    service.delete_interaction(session(1), interaction(1), at(0)).unwrap();
    assert_eq!(received(&mut service, call(1, ALICE, P1)), connected(1, 1, P2, BOB));
    service.delete_session(session(1), at(0)).unwrap();
    assert_eq!(received(&mut service, call(1, ALICE, P1)), out_of_session(1, CALL));
}
