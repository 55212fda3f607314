//! CON: a pair of identifier and number in more than one session, and additions in flight.
#![expect(clippy::unwrap_used, reason = "a fixture that fails is a failed test")]

use crate::common::*;
use twilio_proxy_core::{
    AddParticipantError, CancelReason, Code, CreateSessionError, Error, FinishAddParticipantError, NewParticipant,
    NewSession, Notification, NumberUpdate, Participant, PendingParticipant, Policy, RemoveNumberError,
    RemoveParticipantError, Service, SessionClosed, SessionMode, SessionNotFound, SessionSid, SessionStatus,
    SessionUpdate, Ttl, UpdateSessionError,
};

const P1: &str = "+14155559001";
const P2: &str = "+14155559002";

/// Whether a request is permissive, of all policies and flags (CON-1).
const REQUESTS: [(bool, bool, bool); 4] =
    [(false, false, false), (false, true, false), (true, true, false), (true, false, true)];

fn service_that_allows(conflict: bool) -> Service {
    service_with(if conflict { permissive() } else { Policy::default() })
}

/// ALICE is live on P1 in session 1; session 2 is empty.
fn alice_on_p1(service: Service) -> Service {
    let mut service = service.with_numbers(&[P1]);
    let first = service.open(1);
    service.add(first, 1, ALICE);
    service.open(2);
    service
}

/// ALICE is in flight on P1 in session 1; session 2 is empty.
fn alice_in_flight(service: Service) -> Service {
    let mut service = service.with_numbers(&[P1, P2]);
    let first = service.open(1);
    service.begin(first, 1, ALICE);
    service.open(2);
    service
}

fn create_conflict(session_n: u128, participant_n: u128, other: u128) -> Notification {
    Notification::CreateConflict {
        session: session(session_n),
        participant: participant(participant_n),
        other_session: session(other),
    }
}

fn reopen_conflict(session_n: u128, participant_n: u128, other: u128) -> Notification {
    Notification::ReopenConflict {
        session: session(session_n),
        participant: participant(participant_n),
        other_session: session(other),
    }
}

fn refusal(service: &mut Service, session: SessionSid, new: &NewParticipant) -> AddParticipantError {
    let now = service.latest_instant();
    let before = service.state();
    let error = service.add_participant(session, new.clone(), now).unwrap_err();
    assert_eq!(service.begin_add_participant(session, new.clone(), now), Err(error.clone()));
    assert_eq!(service.state(), before, "ERR-2: a refusal changes nothing");
    error
}

// ---- CON-1: strict and permissive ----

#[test]
fn con_1_an_explicit_addition_is_permissive_by_policy_unless_the_request_is_strict() {
    for (policy, fail, succeeds) in REQUESTS {
        let mut service = alice_on_p1(service_that_allows(policy));
        let mut new = new_participant_with(2, ALICE, P1);
        new.fail_on_participant_conflict = fail;
        let outcome = service.add_participant(session(2), new, at(0)).map(|added| added.sid);
        let refused = AddParticipantError::ProxyIdentifierInUse { other_session: session(1) };
        assert_eq!(outcome, if succeeds { Ok(participant(2)) } else { Err(refused) }, "{policy} {fail}");
        assert_eq!(service.drain(), if succeeds { vec![Code::CreateConflict] } else { vec![] });
    }
}

#[test]
fn con_1_a_reopen_is_permissive_by_policy_unless_the_request_is_strict() {
    for (policy, fail, succeeds) in REQUESTS {
        let mut service = alice_on_p1(service_that_allows(policy));
        service.close(session(1));
        service.add(session(2), 2, ALICE);
        let update = SessionUpdate { fail_on_participant_conflict: fail, ..reopen() };
        let outcome = service.update_session(session(1), update, at(0)).map(|session| session.status);
        let refused =
            UpdateSessionError::ProxyIdentifierInUse { participant: participant(1), other_session: session(2) };
        assert_eq!(outcome, if succeeds { Ok(SessionStatus::InProgress) } else { Err(refused) }, "{policy} {fail}");
        assert_eq!(service.drain(), if succeeds { vec![Code::ReopenConflict] } else { vec![] });
    }
}

#[test]
fn con_1_an_addition_beside_one_in_flight_is_permissive_by_policy_unless_the_request_is_strict() {
    for (policy, fail, succeeds) in REQUESTS {
        let mut service = alice_in_flight(service_that_allows(policy));
        let mut new = new_participant(2, ALICE);
        new.fail_on_participant_conflict = fail;
        let outcome = service.begin_add_participant(session(2), new, at(0)).map(|pending| pending.sid);
        let refused = AddParticipantError::DuplicateRequest { other_session: session(1) };
        assert_eq!(outcome, if succeeds { Ok(participant(2)) } else { Err(refused) }, "{policy} {fail}");
        assert_eq!(service.drain(), if succeeds { vec![Code::CreateConflict] } else { vec![] });
    }
}

#[test]
fn con_1_a_session_create_is_permissive_by_policy_unless_the_request_is_strict() {
    for (policy, fail, succeeds) in REQUESTS {
        let mut service = alice_on_p1(service_that_allows(policy));
        let mut new = new_session(3);
        new.participants = vec![new_participant_with(2, ALICE, P1)];
        new.fail_on_participant_conflict = fail;
        let outcome = service.create_session(new, at(0)).map(|session| session.sid);
        let error = AddParticipantError::ProxyIdentifierInUse { other_session: session(1) };
        let refused = CreateSessionError::Participant { index: 0, error };
        assert_eq!(outcome, if succeeds { Ok(session(3)) } else { Err(refused) }, "{policy} {fail}");
        assert_eq!(service.drain(), if succeeds { vec![Code::CreateConflict] } else { vec![] });
    }
}

#[test]
fn con_1_a_strict_request_without_conflict_succeeds() {
    let mut service = alice_on_p1(service_with(permissive()));
    let mut new = new_participant_with(2, BOB, P1);
    new.fail_on_participant_conflict = true;
    service.add_participant(session(2), new, at(0)).unwrap();
    service.close(session(2));
    let update = SessionUpdate { fail_on_participant_conflict: true, ..reopen() };
    service.update_session(session(2), update, at(0)).unwrap();
    assert_eq!(service.drain(), []);
}

// ---- CON-2: explicit numbers ----

#[test]
fn con_2_a_pair_that_is_active_elsewhere_is_refused() {
    let mut service = alice_on_p1(service());
    let error = refusal(&mut service, session(2), &new_participant_with(2, ALICE, P1));
    assert_eq!(error, AddParticipantError::ProxyIdentifierInUse { other_session: session(1) });
    assert_eq!((error.code().number(), error.http_status()), (80604, 400));
    assert_eq!(error.to_string(), "Proxy identifier already in use with requested identifier.");
}

#[test]
fn con_2_by_sid_as_by_number() {
    let mut service = alice_on_p1(service());
    let mut new = new_participant(2, ALICE);
    new.proxy_identifier_sid = Some(number(1));
    let error = refusal(&mut service, session(2), &new);
    assert_eq!(error, AddParticipantError::ProxyIdentifierInUse { other_session: session(1) });
}

#[test]
fn con_2_holds_for_channel_addresses_and_short_codes() {
    for (identifier, proxy) in [("whatsapp:1", "whatsapp:9001"), (ALICE, "12345")] {
        let mut service = service();
        service.add_number(new_short_code(1, "12345", country("US")), at(0)).unwrap();
        let [first, second] = [1, 2].map(|n| service.open_with_mode(n, SessionMode::MessageOnly));
        service.add_with(first, 1, identifier, proxy);
        let error = refusal(&mut service, second, &new_participant_with(2, identifier, proxy));
        assert_eq!(error, AddParticipantError::ProxyIdentifierInUse { other_session: first });
    }
}

#[test]
fn con_2_the_same_number_with_somebody_else_and_the_same_person_with_another_number_are_no_conflict() {
    let mut service = alice_on_p1(service());
    service.add_number(new_number(2, P2), at(0)).unwrap();
    service.add_with(session(2), 2, BOB, P1);
    service.add_with(session(2), 3, ALICE, P2);
    assert_eq!(service.drain(), []);
}

#[test]
fn con_2_a_closed_session_and_a_removed_participant_hold_no_pair() {
    let mut service = alice_on_p1(service());
    service.close(session(1));
    service.add_with(session(2), 2, ALICE, P1);
    service.remove_participant(session(2), participant(2), at(0)).unwrap();
    let third = service.open(3);
    assert_eq!(service.add_with(third, 3, ALICE, P1), P1);
}

#[test]
fn con_2_the_notification_says_where_the_pair_is() {
    let mut service = alice_on_p1(service_with(permissive()));
    service.add_with(session(2), 2, ALICE, P1);
    assert_eq!(service.drain_notifications(), [create_conflict(2, 2, 1)]);
    assert_eq!(create_conflict(2, 2, 1).code().number(), 80802);
}

#[test]
fn con_2_of_several_sessions_the_one_created_last_is_named() {
    let mut service = service_with(permissive()).with_numbers(&[P1]);
    let [first, second, third, fourth] = [4, 1, 3, 2].map(|n| service.open(n));
    for (n, session) in [(2, second), (3, third), (1, first)] {
        service.add_with(session, n, ALICE, P1);
    }
    service.drain();

    let mut strict = new_participant_with(9, ALICE, P1);
    strict.fail_on_participant_conflict = true;
    let error = refusal(&mut service, fourth, &strict);
    assert_eq!(error, AddParticipantError::ProxyIdentifierInUse { other_session: third });
    service.add_with(fourth, 4, ALICE, P1);
    assert_eq!(service.drain_notifications(), [create_conflict(2, 4, 3)]);
}

#[test]
fn con_8_a_doubled_pair_is_that_of_the_session_created_last_however_it_came_to_be_doubled() {
    let mut service = service_with(permissive()).with_numbers(&[P1]);
    let [first, second, third, fourth] = [1, 2, 3, 4].map(|n| service.open(n));
    for (n, session) in [(3, third), (1, first), (2, second)] {
        service.add_with(session, n, ALICE, P1);
    }
    let mut strict = new_participant_with(9, ALICE, P1);
    strict.fail_on_participant_conflict = true;
    for other_session in [third, second, first] {
        let error = refusal(&mut service, fourth, &strict);
        assert_eq!(error, AddParticipantError::ProxyIdentifierInUse { other_session });
        service.close(other_session);
    }
    assert!(service.add_participant(fourth, strict, at(0)).is_ok());
}

// ---- CON-3: re-open ----

#[test]
fn con_3_a_reopen_that_doubles_a_pair_is_refused() {
    let mut service = alice_on_p1(service());
    service.close(session(1));
    service.add(session(2), 2, ALICE);
    let before = service.state();
    let error = service.update_session(session(1), reopen(), at(0)).unwrap_err();

    let expected = UpdateSessionError::ProxyIdentifierInUse { participant: participant(1), other_session: session(2) };
    assert_eq!(error, expected);
    assert_eq!((error.code().number(), error.http_status()), (80604, 400));
    assert_eq!(service.state(), before);
}

#[test]
fn con_3_a_reopen_succeeds_when_the_pair_is_free_again() {
    let mut service = alice_on_p1(service());
    service.close(session(1));
    service.add(session(2), 2, ALICE);
    service.remove_participant(session(2), participant(2), at(0)).unwrap();
    service.reopen(session(1));
    assert_eq!((service.status(session(1)), service.drain()), (Some(SessionStatus::InProgress), vec![]));
}

#[test]
fn con_3_holds_for_channel_addresses() {
    let mut service = service();
    let [first, second] = [1, 2].map(|n| service.open_with_mode(n, SessionMode::MessageOnly));
    service.add_with(first, 1, "whatsapp:1", "whatsapp:9001");
    service.close(first);
    service.add_with(second, 2, "whatsapp:1", "whatsapp:9001");
    let error = service.update_session(first, reopen(), at(0)).unwrap_err();
    let expected = UpdateSessionError::ProxyIdentifierInUse { participant: participant(1), other_session: second };
    assert_eq!(error, expected);
}

#[test]
fn con_3_a_pending_pair_counts_for_a_reopen() {
    let mut service = alice_on_p1(service());
    service.close(session(1));
    service.begin(session(2), 2, ALICE);
    let error = service.update_session(session(1), reopen(), at(0)).unwrap_err();
    let expected = UpdateSessionError::ProxyIdentifierInUse { participant: participant(1), other_session: session(2) };
    assert_eq!(error, expected);
}

#[test]
fn con_3_an_identifier_in_flight_on_another_number_does_not_stop_a_reopen() {
    let mut service = alice_on_p1(service());
    service.add_number(new_number(2, P2), at(0)).unwrap();
    service.close(session(1));
    service.begin_add_participant(session(2), new_participant_with(2, ALICE, P2), at(0)).unwrap();
    service.reopen(session(1));
    assert_eq!(service.drain(), []);
}

#[test]
fn con_3_the_notification_names_the_session_created_last() {
    let mut service = alice_on_p1(service_with(permissive()));
    service.close(session(1));
    let third = service.open(3);
    service.add_with(third, 3, ALICE, P1);
    service.add_with(session(2), 2, ALICE, P1);
    service.drain();
    service.reopen(session(1));
    assert_eq!(service.drain_notifications(), [reopen_conflict(1, 1, 3)]);
    assert_eq!(reopen_conflict(1, 1, 3).code().number(), 80801);
}

// ---- CON-4, CON-5: in flight ----

#[test]
fn con_4_an_identifier_in_flight_elsewhere_is_refused_and_may_be_tried_again() {
    let mut service = alice_in_flight(service());
    let error = refusal(&mut service, session(2), &new_participant(2, ALICE));
    assert_eq!(error, AddParticipantError::DuplicateRequest { other_session: session(1) });
    assert_eq!((error.code().number(), error.http_status()), (80623, 409));
    assert!(Error::from(error).is_retryable());

    service.finish_add_participant(session(1), participant(1), at(0)).unwrap();
    assert_eq!(service.add(session(2), 2, ALICE), P2);
}

#[test]
fn con_4_a_participant_of_a_session_create_is_refused_too() {
    let mut service = alice_in_flight(service());
    let mut new = new_session(3);
    new.participants = vec![new_participant(2, BOB), new_participant(3, ALICE)];
    let error = service.create_session(new, at(0)).unwrap_err();
    let inner = AddParticipantError::DuplicateRequest { other_session: session(1) };
    assert_eq!(error, CreateSessionError::Participant { index: 1, error: inner });
}

#[test]
fn con_4_comes_before_any_look_at_numbers() {
    let mut service = alice_in_flight(service());
    for proxy in ["telephone", "+14155559099", P1, P2] {
        let error = refusal(&mut service, session(2), &new_participant_with(2, ALICE, proxy));
        assert_eq!(error, AddParticipantError::DuplicateRequest { other_session: session(1) }, "{proxy}");
    }
}

#[test]
fn con_4_somebody_else_is_not_in_flight() {
    let mut service = alice_in_flight(service());
    assert_eq!(service.add(session(2), 2, BOB), P1);
}

#[test]
fn con_4_permissive_goes_on_to_selection_which_may_refuse() {
    let mut service = alice_on_p1(service_with(permissive()));
    service.begin_add_participant(session(2), new_participant_with(2, ALICE, P1), at(0)).unwrap();
    assert_eq!(service.drain(), [Code::CreateConflict]);
    let third = service.open(3);
    assert_eq!(service.try_add(third, new_participant(3, ALICE)), Err(Code::NoAvailableUnusedProxy));
    let unknown = new_participant_with(3, ALICE, "+14155559099");
    assert_eq!(service.try_add(third, unknown), Err(Code::ProxyIdentifierNotInService));
    assert_eq!(service.drain(), []);
}

#[test]
fn con_4_permissive_on_another_number_notifies_where_it_is_in_flight() {
    let mut service = alice_in_flight(service_with(permissive()));
    assert_eq!(service.add(session(2), 2, ALICE), P2);
    assert_eq!(service.drain_notifications(), [create_conflict(2, 2, 1)]);
}

#[test]
fn con_4_of_several_in_flight_the_session_created_last_is_named() {
    let mut service = service_with(permissive()).with_numbers(&[P1, P2, "+14155559003", "+14155559004"]);
    let [first, second, third] = [3, 1, 2].map(|n| service.open(n));
    service.begin(second, 2, ALICE);
    service.begin(first, 1, ALICE);
    service.drain();
    service.add(third, 3, ALICE);
    assert_eq!(service.drain_notifications(), [create_conflict(2, 3, 1)]);
}

#[test]
fn con_5_begin_selects_and_shows_the_number() {
    let mut service = service().with_numbers(&[P1]);
    let session = service.open(1);
    let mut new = new_participant(1, ALICE);
    new.friendly_name = Some("Alice".parse().unwrap());
    let pending = service.begin_add_participant(session, new, at(0)).unwrap().clone();

    assert_eq!((pending.sid, pending.identifier.clone()), (participant(1), identifier(ALICE)));
    assert_eq!((pending.proxy_identifier.to_string().as_str(), pending.proxy_identifier_sid), (P1, Some(number(1))));
    assert_eq!(pending.friendly_name, Some("Alice".parse().unwrap()));
    assert_eq!(service.pending_participant(session, participant(1)), Some(&pending));
    assert_eq!(service.pending_participants(session).unwrap().collect::<Vec<_>>(), [&pending]);
}

#[test]
fn con_5_finish_makes_it_visible_as_it_was_begun() {
    let mut service = service().with_numbers(&[P1]);
    let session = service.open(1);
    let mut new = new_participant(1, ALICE);
    new.friendly_name = Some("Alice".parse().unwrap());
    let PendingParticipant { sid, friendly_name, identifier, proxy_identifier, proxy_identifier_sid, .. } =
        service.begin_add_participant(session, new, at(1)).unwrap().clone();
    let added: Participant = service.finish_add_participant(session, sid, at(5)).unwrap().clone();

    assert_eq!((added.sid, added.friendly_name.clone(), added.identifier.clone()), (sid, friendly_name, identifier));
    assert_eq!((added.proxy_identifier.clone(), added.proxy_identifier_sid), (proxy_identifier, proxy_identifier_sid));
    assert_eq!((added.date_created, added.date_updated, added.date_deleted), (at(5), at(5), None));
    assert_eq!(service.participant(session, sid), Some(&added));
    assert_eq!(service.pending_participant(session, sid), None);
}

#[test]
fn con_5_add_is_begin_and_finish_in_one() {
    let mut in_one = service().with_numbers(&[P1]);
    let session = in_one.open(1);
    let mut in_two = in_one.clone();
    in_one.add(session, 1, ALICE);
    in_two.begin(session, 1, ALICE);
    in_two.finish_add_participant(session, participant(1), at(0)).unwrap();
    assert_eq!(in_one.state(), in_two.state());
}

#[test]
fn con_5_cancel_gives_back_identifier_number_slot_and_sid() {
    let mut service = service().with_numbers(&[P1]);
    let [first, second] = [1, 2].map(|n| service.open(n));
    let before = service.state();
    service.begin(first, 1, ALICE);
    let pending = service.pending_participant(first, participant(1)).unwrap().clone();
    assert_ne!(service.state(), before);
    let cancelled = service.cancel_add_participant(first, participant(1), None, at(0)).unwrap();

    assert_eq!((&cancelled.participant, cancelled.reason), (&pending, None));
    assert_eq!(service.state(), before, "CON-9: it leaves nothing behind");
    assert_eq!(service.add(second, 1, ALICE), P1);
    service.add(first, 2, BOB);
    service.add(first, 3, CAROL);
}

#[test]
fn con_5_a_cancelled_identifier_may_come_again_to_the_same_session() {
    let mut service = service().with_numbers(&[P1]);
    let session = service.open(1);
    service.begin(session, 1, ALICE);
    let reason = Some(CancelReason::Unreachable);
    let cancelled = service.cancel_add_participant(session, participant(1), reason, at(0)).unwrap();
    assert_eq!(cancelled.reason, reason);
    assert_eq!(service.add(session, 1, ALICE), P1);
}

#[test]
fn inv_4_what_a_person_holds_is_found_after_the_addition_that_came_first_is_cancelled() {
    let mut service = alice_in_flight(service_with(permissive()));
    assert_eq!(service.add(session(2), 2, ALICE), P2);
    service.cancel_add_participant(session(1), participant(1), None, at(0)).unwrap();
    let third = service.open(3);
    let mut new = new_participant_with(3, ALICE, P2);
    new.fail_on_participant_conflict = true;
    let other_session = session(2);
    assert_eq!(refusal(&mut service, third, &new), AddParticipantError::ProxyIdentifierInUse { other_session });
}

#[test]
fn con_5_a_pending_addition_in_the_same_session_is_already_there() {
    let allowing = [false, true].map(service_that_allows);
    for mut service in allowing.map(alice_in_flight) {
        let error = refusal(&mut service, session(1), &new_participant(2, ALICE));
        assert_eq!(error, AddParticipantError::AlreadyInSession { existing: participant(1) });
        assert_eq!(error.code().number(), 80103);
    }
}

// ---- CON-6: the session ends in between ----

/// `finish` and `cancel` give the same error.
fn unfinished(service: &mut Service, session: SessionSid, n: u128) -> FinishAddParticipantError {
    let now = service.latest_instant();
    let before = service.state();
    let error = service.finish_add_participant(session, participant(n), now).unwrap_err();
    assert_eq!(service.cancel_add_participant(session, participant(n), None, now), Err(error.clone()));
    assert_eq!(service.state(), before, "ERR-2: a refusal changes nothing");
    error
}

fn pending_not_found(n: u128) -> FinishAddParticipantError {
    FinishAddParticipantError::PendingNotFound { participant: participant(n) }
}

#[test]
fn con_6_the_checks_of_finish_and_cancel_come_in_their_order() {
    let mut service = service().with_numbers(&[P1]);
    let gone = unfinished(&mut service, session(1), 1);
    assert_eq!(gone, SessionNotFound { session: session(1) }.into());
    assert_eq!((gone.code().number(), gone.http_status()), (20404, 404));

    let session = service.open(1);
    service.close(session);
    let closed = unfinished(&mut service, session, 1);
    assert_eq!(closed, SessionClosed { session }.into());
    assert_eq!((closed.code().number(), closed.http_status()), (80607, 400));

    service.reopen(session);
    let unknown = unfinished(&mut service, session, 1);
    assert_eq!(unknown, pending_not_found(1));
    assert_eq!((unknown.code().number(), unknown.http_status()), (20404, 404));

    service.begin(session, 1, ALICE);
    service.finish_add_participant(session, participant(1), at(0)).unwrap();
}

#[test]
fn con_6_closing_the_session_cancels_what_is_pending_and_reopen_brings_none_back() {
    let mut service = alice_in_flight(service());
    service.close(session(1));
    assert_eq!(unfinished(&mut service, session(1), 1), SessionClosed { session: session(1) }.into());
    assert_eq!((service.in_use(number(1)), service.pending_participants(session(1)).unwrap().count()), (0, 0));

    service.reopen(session(1));
    assert_eq!(unfinished(&mut service, session(1), 1), pending_not_found(1));
    assert_eq!((service.in_use(number(1)), service.pending_participants(session(1)).unwrap().count()), (0, 0));
    assert_eq!(service.add(session(1), 1, ALICE), P1);
}

#[test]
fn con_6_expiry_cancels_what_is_pending() {
    let mut service = service().with_numbers(&[P1]);
    let mut new: NewSession = new_session(1);
    new.ttl = Some(Ttl::from_seconds(60).unwrap());
    let mortal = service.create_session(new, at(0)).unwrap().sid;
    service.begin(mortal, 1, ALICE);
    let error = service.finish_add_participant(mortal, participant(1), at(60)).unwrap_err();
    assert_eq!(error, SessionClosed { session: session(1) }.into());
    assert_eq!(service.in_use(number(1)), 0);

    let second = service.open(2);
    assert_eq!(service.add(second, 1, ALICE), P1);
}

#[test]
fn con_6_an_expired_session_brings_none_back_when_it_is_reopened() {
    let mut service = service().with_numbers(&[P1]);
    let mut new = new_session(1);
    new.ttl = Some(Ttl::from_seconds(60).unwrap());
    let mortal = service.create_session(new, at(0)).unwrap().sid;
    service.begin(mortal, 1, ALICE);
    service.update_session(mortal, reopen(), at(60)).unwrap();
    assert_eq!(unfinished(&mut service, mortal, 1), pending_not_found(1));
}

#[test]
fn con_6_deleting_the_session_cancels_what_is_pending() {
    let mut service = alice_in_flight(service());
    service.delete_session(session(1), at(0)).unwrap();
    assert_eq!(unfinished(&mut service, session(1), 1), SessionNotFound { session: session(1) }.into());
    assert_eq!(service.in_use(number(1)), 0);
    assert_eq!(service.add(session(2), 1, ALICE), P1);
}

#[test]
fn con_6_what_is_finished_or_cancelled_is_pending_no_more() {
    let mut service = service().with_numbers(&[P1]);
    let session = service.open(1);
    service.begin(session, 1, ALICE);
    service.begin(session, 2, BOB);
    service.finish_add_participant(session, participant(1), at(0)).unwrap();
    service.cancel_add_participant(session, participant(2), None, at(0)).unwrap();
    for n in [1, 2] {
        assert_eq!(unfinished(&mut service, session, n), pending_not_found(n));
    }
}

#[test]
fn con_6_a_pending_addition_of_another_session_is_not_found() {
    let mut service = alice_in_flight(service());
    assert_eq!(unfinished(&mut service, session(2), 1), pending_not_found(1));
    assert!(service.pending_participant(session(1), participant(1)).is_some());
    assert_eq!(service.pending_participant(session(2), participant(1)), None);
}

// ---- CON-9: what a pending addition counts for ----

#[test]
fn con_9_counts_for_the_slots_of_its_session() {
    let mut service = service().with_numbers(&[P1]);
    let session = service.open(1);
    service.add(session, 1, ALICE);
    service.begin(session, 2, BOB);
    let error = refusal(&mut service, session, &new_participant(3, CAROL));
    assert_eq!(error, AddParticipantError::TooManyParticipants { existing: [participant(1), participant(2)] });
}

#[test]
fn con_9_counts_for_in_use_once_a_session() {
    let mut service = service().with_numbers(&[P1]);
    let session = service.open(1);
    service.begin(session, 1, ALICE);
    assert_eq!(service.in_use(number(1)), 1);
    service.begin(session, 2, BOB);
    assert_eq!(service.in_use(number(1)), 1);
    service.finish_add_participant(session, participant(1), at(0)).unwrap();
    assert_eq!(service.in_use(number(1)), 1);
    service.cancel_add_participant(session, participant(2), None, at(0)).unwrap();
    assert_eq!(service.in_use(number(1)), 1);
    service.remove_participant(session, participant(1), at(0)).unwrap();
    assert_eq!(service.in_use(number(1)), 0);
}

#[test]
fn con_9_keeps_its_number_in_the_pool() {
    let mut service = alice_in_flight(service());
    let error = service.remove_number(number(1), at(0)).unwrap_err();
    assert_eq!(error, RemoveNumberError::InUse { number: number(1).into(), in_use: 1 });
    assert_eq!(error.code().number(), 80611);
    service.cancel_add_participant(session(1), participant(1), None, at(0)).unwrap();
    service.remove_number(number(1), at(0)).unwrap();
}

#[test]
fn con_9_holds_its_number_against_selection() {
    let mut service = alice_in_flight(service_with(permissive()));
    assert_eq!(service.add(session(2), 2, ALICE), P2);
    let third = service.open(3);
    assert_eq!(service.try_add(third, new_participant(3, ALICE)), Err(Code::NoAvailableUnusedProxy));
}

#[test]
fn con_9_holds_its_pair_against_an_explicit_number() {
    let mut service = alice_in_flight(service_with(permissive()));
    service.add_with(session(2), 2, ALICE, P1);
    assert_eq!(service.drain_notifications(), [create_conflict(2, 2, 1)]);
    assert_eq!(service.in_use(number(1)), 2);
}

#[test]
fn con_9_does_not_keep_its_identifier_out_of_the_pool_and_finish_checks_nothing_anew() {
    let mut service = alice_in_flight(service());
    service.add_number(new_number(3, ALICE), at(0)).unwrap();
    let added = service.finish_add_participant(session(1), participant(1), at(0)).unwrap();
    assert_eq!(added.identifier, identifier(ALICE));
}

#[test]
fn con_9_a_number_that_was_reserved_meanwhile_stays_with_the_pending_addition() {
    let mut service = alice_in_flight(service());
    let reserve = NumberUpdate { is_reserved: Some(true) };
    service.update_number(number(1), reserve, at(0)).unwrap();
    let added = service.finish_add_participant(session(1), participant(1), at(0)).unwrap();
    assert_eq!(added.proxy_identifier_sid, Some(number(1)));
}

#[test]
fn con_9_is_in_no_list_and_cannot_be_fetched_or_removed() {
    let mut service = alice_in_flight(service());
    assert_eq!(service.participants(session(1)).unwrap().count(), 0);
    assert_eq!(service.participant(session(1), participant(1)), None);
    let error = service.remove_participant(session(1), participant(1), at(0)).unwrap_err();
    assert_eq!(error, RemoveParticipantError::ParticipantNotFound { participant: participant(1) });
    assert_eq!(error.code().number(), 20404);
    assert!(service.pending_participant(session(1), participant(1)).is_some());
}

#[test]
fn con_9_gives_its_session_no_new_dates() {
    let mut service = service().with_numbers(&[P1]);
    let session = service.open(1);
    let before = service.session(session).unwrap().clone();
    service.begin_add_participant(session, new_participant(1, ALICE), at(5)).unwrap();
    assert_eq!(service.session(session), Some(&before));
    service.finish_add_participant(session, participant(1), at(6)).unwrap();
    assert_eq!(service.session(session), Some(&before));
}

#[test]
fn con_9_is_no_use_for_the_sticky_history_until_it_is_finished() {
    let sticky = |finish: bool| {
        let mut service = service().with_numbers(&[P1, P2]);
        let [first, second] = [1, 2].map(|n| service.open(n));
        service.begin_add_participant(first, new_participant_with(1, ALICE, P2), at(0)).unwrap();
        if finish {
            service.finish_add_participant(first, participant(1), at(0)).unwrap();
        }
        service.close(first);
        service.add(second, 2, ALICE)
    };
    assert_eq!((sticky(false), sticky(true)), (P1.into(), P2.into()));
}

// ---- CON-10: notifications ----

#[test]
fn con_10_in_flight_and_doubled_at_once_is_one_notification_for_where_it_is_in_flight() {
    let mut service = alice_on_p1(service_with(permissive()));
    service.add_number(new_number(2, P2), at(0)).unwrap();
    service.begin(session(2), 2, ALICE);
    let third = service.open(3);
    service.add_with(third, 3, ALICE, P1);
    assert_eq!(service.drain_notifications(), [create_conflict(3, 3, 2)]);
}

#[test]
fn con_10_a_reopen_that_doubles_two_pairs_is_one_notification_for_the_first() {
    let mut service = alice_on_p1(service_with(permissive()));
    service.add(session(1), 2, BOB);
    service.close(session(1));
    service.add(session(2), 3, BOB);
    let third = service.open(3);
    service.add(third, 4, ALICE);
    service.reopen(session(1));
    assert_eq!(service.drain_notifications(), [reopen_conflict(1, 1, 3)]);
}

#[test]
fn con_10_a_notification_is_raised_when_the_hold_begins() {
    let mut service = alice_on_p1(service_with(permissive()));
    service.begin_add_participant(session(2), new_participant_with(2, ALICE, P1), at(0)).unwrap();
    assert_eq!(service.drain(), [Code::CreateConflict]);
    service.finish_add_participant(session(2), participant(2), at(0)).unwrap();
    assert_eq!(service.drain(), []);
}

#[test]
fn con_10_selection_never_doubles_a_pair() {
    let mut service = alice_on_p1(service_with(permissive()));
    assert_eq!(service.try_add(session(2), new_participant(2, ALICE)), Err(Code::NoAvailableUnusedProxy));
    service.add_with(session(2), 2, ALICE, P1);
    service.close(session(1));
    let third = service.open(3);
    assert_eq!(service.try_add(third, new_participant(3, ALICE)), Err(Code::NoAvailableUnusedProxy));
    service.close(session(2));
    assert_eq!(service.add(third, 3, ALICE), P1);
}

// ---- doubled pairs ----

/// How a session lets go of its pair.
type Release = fn(&mut Service, SessionSid, u128);

const RELEASES: [Release; 3] = [
    |service, session, _| service.close(session),
    |service, session, _| service.delete_session(session, service.latest_instant()).unwrap(),
    |service, session, n| {
        service.remove_participant(session, participant(n), service.latest_instant()).unwrap();
    },
];

#[test]
fn con_2_a_doubled_pair_is_released_in_every_order() {
    let orders = [[1, 2, 3], [1, 3, 2], [2, 1, 3], [2, 3, 1], [3, 1, 2], [3, 2, 1]];
    for (order, release) in orders.into_iter().flat_map(|order| RELEASES.map(|release| (order, release))) {
        let mut service = service_with(permissive()).with_numbers(&[P1]);
        for n in [1, 2, 3] {
            let session = service.open(n);
            service.add_with(session, n, ALICE, P1);
        }
        let probe = service.open(4);
        let mut strict = new_participant_with(4, ALICE, P1);
        strict.fail_on_participant_conflict = true;
        for (released, left) in order.into_iter().zip([2, 1, 0]) {
            release(&mut service, session(released), released);
            assert_eq!(service.in_use(number(1)), left, "{order:?}");
            let holders = order.iter().skip_while(|n| **n != released).skip(1);
            if let Some(last) = holders.max() {
                let error = refusal(&mut service, probe, &strict);
                let expected = AddParticipantError::ProxyIdentifierInUse { other_session: session(*last) };
                assert_eq!(error, expected, "{order:?}");
                assert_eq!(service.try_add(probe, new_participant(4, ALICE)), Err(Code::NoAvailableUnusedProxy));
            }
        }
        service.add_participant(probe, strict, at(0)).unwrap();
        assert_eq!(service.in_use(number(1)), 1);
    }
}

#[test]
fn con_3_a_doubled_pair_is_closed_and_reopened_in_every_order() {
    let orders = [[1, 2, 3], [1, 3, 2], [2, 1, 3], [2, 3, 1], [3, 1, 2], [3, 2, 1]];
    for (closing, opening) in orders.into_iter().flat_map(|closing| orders.map(|opening| (closing, opening))) {
        let mut service = service_with(permissive()).with_numbers(&[P1]);
        for n in [1, 2, 3] {
            let session = service.open(n);
            service.add_with(session, n, ALICE, P1);
        }
        for n in closing {
            service.close(session(n));
        }
        assert_eq!(service.in_use(number(1)), 0);
        service.drain();
        for (index, n) in opening.into_iter().enumerate() {
            service.reopen(session(n));
            let others = opening.iter().take(index).max();
            let expected: Vec<_> = others.map(|other| reopen_conflict(n, n, *other)).into_iter().collect();
            assert_eq!(service.drain_notifications(), expected, "{closing:?} {opening:?}");
        }
        assert_eq!(service.in_use(number(1)), 3);
    }
}

#[test]
fn con_2_a_doubled_pair_does_not_count_twice_within_a_session() {
    let mut service = alice_on_p1(service_with(permissive()));
    service.add(session(1), 2, BOB);
    service.add_with(session(2), 3, ALICE, P1);
    service.add_with(session(2), 4, BOB, P1);
    assert_eq!(service.in_use(number(1)), 2);
    service.remove_participant(session(2), participant(3), at(0)).unwrap();
    assert_eq!(service.in_use(number(1)), 2);
    service.remove_participant(session(2), participant(4), at(0)).unwrap();
    assert_eq!(service.in_use(number(1)), 1);
}
