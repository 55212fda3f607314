//! EXP and TIM: deadlines, expiry, retention, and the instants that are seen.
#![expect(clippy::unwrap_used, reason = "a fixture that fails is a failed test")]

use crate::common::*;
use twilio_proxy_core::{
    ClosedReason, Code, Command, CreateSessionError, NewSession, NumberSid, NumberUpdate, Patch, Policy, Service,
    ServiceUpdate, SessionMode, SessionSid, SessionStatus, SessionUpdate, Span, Timestamp, Ttl, UpdateSessionError,
};

const P1: &str = "+14155559001";
const P2: &str = "+14155559002";
const DAY: u64 = 86_400;
const RETENTION: u64 = 7_776_000;

fn ttl(seconds: u32) -> Ttl {
    Ttl::from_seconds(seconds).unwrap()
}

fn with_default_ttl(seconds: u32) -> Service {
    let mut new = new_service();
    new.default_ttl = ttl(seconds);
    Service::new(new, Policy::default(), at(0))
}

fn with_default_lifetime(seconds: u32) -> Service {
    let mut policy = Policy::default();
    policy.default_lifetime = Span::from_seconds(seconds);
    service_with(policy)
}

fn with_retention(seconds: Option<u32>) -> Service {
    let mut policy = Policy::default();
    policy.retention = seconds.and_then(Span::from_seconds);
    service_with(policy)
}

fn mortal(n: u128, seconds: Option<u32>, date_expiry: Option<Timestamp>) -> NewSession {
    let mut new = new_session(n);
    new.ttl = seconds.map(ttl);
    new.date_expiry = date_expiry;
    new
}

/// What most tests begin with: session 1, created at `at(0)` with this ttl and expiry date.
fn service_where(seconds: Option<u32>, date_expiry: Option<Timestamp>) -> Service {
    let mut service = service();
    service.create_session(mortal(1, seconds, date_expiry), at(0)).unwrap();
    service
}

fn set_ttl(seconds: u32) -> SessionUpdate {
    SessionUpdate { ttl: Some(ttl(seconds)), ..SessionUpdate::default() }
}

fn set_date_expiry(instant: Timestamp) -> SessionUpdate {
    SessionUpdate { date_expiry: Some(instant), ..SessionUpdate::default() }
}

/// What an expiry sets.
fn end(service: &Service, n: u128) -> (SessionStatus, Option<ClosedReason>, Option<Timestamp>) {
    let session = service.session(session(n)).unwrap();
    (session.status, session.closed_reason, session.date_ended)
}

fn expired_at(instant: Timestamp) -> (SessionStatus, Option<ClosedReason>, Option<Timestamp>) {
    (SessionStatus::Closed, Some(ClosedReason::Expired), Some(instant))
}

const STILL_OPEN: (SessionStatus, Option<ClosedReason>, Option<Timestamp>) = (SessionStatus::Open, None, None);

// ---- EXP-1, EXP-2, EXP-3: the deadline ----

#[test]
fn exp_1_a_session_is_due_when_its_ttl_has_passed_since_creation() {
    let mut service = service_where(Some(60), None);
    assert_eq!(service.next_deadline(), Some(at(60)));
    service.handle_deadline(at(59));
    assert_eq!(end(&service, 1), STILL_OPEN);
    service.handle_deadline(at(60));
    assert_eq!(end(&service, 1), expired_at(at(60)));
}

#[test]
fn exp_1_a_session_is_due_at_its_date_expiry() {
    let mut service = service_where(None, Some(at(90)));
    assert_eq!(service.next_deadline(), Some(at(90)));
    service.handle_deadline(at(89));
    assert_eq!(end(&service, 1), STILL_OPEN);
    service.handle_deadline(at(90));
    assert_eq!(end(&service, 1), expired_at(at(90)));
}

#[test]
fn exp_1_date_expiry_goes_before_ttl_whichever_is_earlier() {
    assert_eq!(service_where(Some(60), Some(at(90))).next_deadline(), Some(at(90)));
    assert_eq!(service_where(Some(60), Some(at(30))).next_deadline(), Some(at(30)));
}

#[test]
fn exp_1_default_lifetime_holds_where_there_is_neither_expiry_date_nor_ttl() {
    let mut service = with_default_lifetime(100);
    for (n, seconds, date_expiry, deadline) in [
        (1, None, None, at(100)),
        (2, Some(0), None, at(100)),
        (3, Some(200), None, at(200)),
        (4, None, Some(at(300)), at(300)),
    ] {
        service.create_session(mortal(n, seconds, date_expiry), at(0)).unwrap();
        assert_eq!(service.next_deadline(), Some(deadline), "session {n}");
        service.delete_session(session(n), at(0)).unwrap();
    }
}

#[test]
fn exp_1_without_ttl_date_and_lifetime_there_is_no_deadline() {
    let mut service = service_where(None, None);
    assert_eq!(service.next_deadline(), None);
    service.handle_deadline(Timestamp::MAX);
    assert_eq!(end(&service, 1), STILL_OPEN);
}

#[test]
fn exp_1_ttl_zero_at_create_turns_the_default_ttl_off() {
    let mut service = with_default_ttl(60);
    service.create_session(mortal(1, Some(0), None), at(0)).unwrap();
    assert_eq!((service.session(session(1)).unwrap().ttl, service.next_deadline()), (Ttl::UNLIMITED, None));
}

#[test]
fn exp_1_the_default_ttl_counts_like_one_that_was_given() {
    let mut service = with_default_ttl(60);
    service.create_session(new_session(1), at(5)).unwrap();
    assert_eq!(service.next_deadline(), Some(at(65)));
}

#[test]
fn exp_1_ttl_zero_by_update_turns_the_ttl_off() {
    let mut service = service_where(Some(60), None);
    service.update_session(session(1), set_ttl(0), at(5)).unwrap();
    assert_eq!((service.session(session(1)).unwrap().ttl, service.next_deadline()), (Ttl::UNLIMITED, None));
}

#[test]
fn exp_1_a_later_default_ttl_does_not_reach_sessions_that_are_there() {
    let mut service = with_default_ttl(60);
    service.open(1);
    let update = ServiceUpdate { default_ttl: Some(ttl(10)), ..ServiceUpdate::default() };
    service.update_service(update, at(0));
    assert_eq!(service.next_deadline(), Some(at(60)));
}

#[test]
fn exp_1_additions_and_removals_do_not_move_the_base() {
    let mut service = service().with_numbers(&[P1]);
    let session = service.create_session(mortal(1, Some(60), None), at(0)).unwrap().sid;
    service.add_participant(session, new_participant(1, ALICE), at(10)).unwrap();
    service.begin_add_participant(session, new_participant(2, BOB), at(20)).unwrap();
    service.finish_add_participant(session, participant(2), at(30)).unwrap();
    service.remove_participant(session, participant(1), at(40)).unwrap();
    assert_eq!(service.next_deadline(), Some(at(60)));
}

#[test]
fn exp_1_the_last_of_several_reopens_is_the_base() {
    let mut service = service_where(Some(60), None);
    for now in [at(10), at(20)] {
        service.update_session(session(1), close(), now).unwrap();
        service.update_session(session(1), reopen(), now).unwrap();
    }
    assert_eq!(service.next_deadline(), Some(at(80)));
}

#[test]
fn exp_1_a_sum_past_the_last_instant_is_no_deadline() {
    let almost_last = Timestamp::from_unix_seconds(253_402_300_799 - 60);
    for (seconds, deadline) in [(60, Some(Timestamp::MAX)), (61, None), (2_147_483_646, None)] {
        let mut service = service();
        service.create_session(mortal(1, Some(seconds), None), almost_last).unwrap();
        assert_eq!(service.next_deadline(), deadline, "ttl {seconds}");
    }
}

#[test]
fn exp_1_a_default_lifetime_past_the_last_instant_is_no_deadline() {
    let almost_last = Timestamp::from_unix_seconds(253_402_300_799 - 60);
    for (seconds, deadline) in [(60, Some(Timestamp::MAX)), (61, None)] {
        let mut service = with_default_lifetime(seconds);
        service.create_session(new_session(1), almost_last).unwrap();
        assert_eq!(service.next_deadline(), deadline, "{seconds} seconds");
    }
}

#[test]
fn exp_2_ttl_and_date_expiry_are_stored_side_by_side() {
    let service = service_where(Some(60), Some(at(90)));
    let session = service.session(session(1)).unwrap();
    assert_eq!((session.ttl, session.date_expiry), (ttl(60), Some(at(90))));
}

#[test]
fn exp_2_a_ttl_never_fills_date_expiry() {
    let mut service = service_where(Some(60), None);
    assert_eq!(service.session(session(1)).unwrap().date_expiry, None);
    assert_eq!(service.update_session(session(1), set_ttl(70), at(5)).unwrap().date_expiry, None);
    service.handle_deadline(at(70));
    assert_eq!(service.session(session(1)).unwrap().date_expiry, None);
}

#[test]
fn exp_3_the_end_is_the_deadline_however_late_it_is_noticed() {
    for noticed in [60, 61, 1_000, 60 + RETENTION - 1] {
        let mut service = service_where(Some(60), None);
        service.handle_deadline(at(noticed));
        assert_eq!(end(&service, 1), expired_at(at(60)), "noticed at {noticed}");
    }
}

#[test]
fn exp_3_the_reason_prints_as_expired() {
    assert_eq!(ClosedReason::Expired.as_str(), "expired");
}

#[test]
fn exp_3_expiry_keeps_the_ttl_and_the_expiry_date() {
    let mut service = service_where(Some(60), Some(at(90)));
    service.handle_deadline(at(90));
    let session = service.session(session(1)).unwrap();
    assert_eq!((session.ttl, session.date_expiry), (ttl(60), Some(at(90))));
}

#[test]
fn exp_3_expiry_releases_numbers_and_people() {
    let mut service = service().with_numbers(&[P1]);
    let mortal = service.create_session(mortal(1, Some(60), None), at(0)).unwrap().sid;
    service.add(mortal, 1, ALICE);
    assert_eq!(service.in_use(number(1)), 1);
    service.handle_deadline(at(60));

    assert_eq!(service.in_use(number(1)), 0);
    let fresh = service.open(2);
    assert_eq!(service.add(fresh, 2, ALICE), P1);
}

#[test]
fn exp_3_participants_of_an_expired_session_stay_as_they_were() {
    let mut service = service().with_numbers(&[P1]);
    let session = service.create_session(mortal(1, Some(60), None), at(0)).unwrap().sid;
    service.add(session, 1, ALICE);
    let before = service.participant(session, participant(1)).unwrap().clone();
    service.handle_deadline(at(60));

    assert_eq!(service.participant(session, participant(1)), Some(&before));
}

// ---- EXP-4 ----

#[test]
fn exp_4_an_expiry_date_not_after_now_is_refused_at_create() {
    for past in [at(9), at(10)] {
        let mut service = service();
        let error = service.create_session(mortal(1, None, Some(past)), at(10)).unwrap_err();
        assert_eq!((error.code().number(), error.http_status()), (80701, 400));
        assert!(matches!(error, CreateSessionError::DateExpiryNotInFuture(error)
            if (error.date_expiry, error.now) == (past, at(10))));
    }
    assert!(service().create_session(mortal(1, None, Some(at(11))), at(10)).is_ok());
}

#[test]
fn exp_4_an_expiry_date_not_after_now_is_refused_on_update() {
    for past in [at(9), at(10)] {
        let mut service = service_where(None, None);
        let error = service.update_session(session(1), set_date_expiry(past), at(10)).unwrap_err();
        assert_eq!((error.code().number(), error.http_status()), (80701, 400));
        assert!(matches!(error, UpdateSessionError::DateExpiryNotInFuture(error)
            if (error.date_expiry, error.now) == (past, at(10))));
    }
    let mut service = service_where(None, None);
    let updated = service.update_session(session(1), set_date_expiry(at(11)), at(10)).unwrap();
    assert_eq!(updated.date_expiry, Some(at(11)));
}

#[test]
fn exp_4_now_is_the_latest_instant_seen() {
    let mut service = service();
    service.handle_deadline(at(100));
    let refused = service.create_session(mortal(1, None, Some(at(100))), at(10)).unwrap_err();
    assert_eq!(refused.code(), Code::ParameterInvalid);
    assert_eq!(service.create_session(mortal(1, None, Some(at(101))), at(10)).unwrap().date_expiry, Some(at(101)));
}

#[test]
fn exp_4_a_ttl_has_at_most_2147483646_seconds() {
    assert_eq!(Ttl::from_seconds(2_147_483_646).map(Ttl::as_seconds), Ok(2_147_483_646));
    assert!(Ttl::from_seconds(2_147_483_647).is_err());
    let service = service_where(Some(2_147_483_646), None);
    assert_eq!(service.next_deadline(), Some(at(2_147_483_646)));
}

// ---- EXP-5: re-open ----

/// Session 1 of `service_where`, closed at `at(10)` and re-opened with this update.
fn reopened(
    seconds: Option<u32>,
    date_expiry: Option<Timestamp>,
    now: Timestamp,
    update: SessionUpdate,
) -> (Ttl, Option<Timestamp>, Option<Timestamp>) {
    let mut service = service_where(seconds, date_expiry);
    service.update_session(session(1), close(), at(10)).unwrap();
    let update = SessionUpdate { status: Some(SessionStatus::InProgress), ..update };
    let session = service.update_session(session(1), update, now).unwrap();
    assert_eq!((session.status, session.date_updated), (SessionStatus::InProgress, now));
    (session.ttl, session.date_expiry, service.next_deadline())
}

#[test]
fn exp_5_reopen_makes_now_the_base_of_the_ttl() {
    let outcome = reopened(Some(60), None, at(100), SessionUpdate::default());
    assert_eq!(outcome, (ttl(60), None, Some(at(160))));
}

#[test]
fn exp_5_reopen_makes_now_the_base_of_the_default_lifetime() {
    let mut service = with_default_lifetime(60);
    let session = service.open(1);
    service.handle_deadline(at(60));
    service.update_session(session, reopen(), at(100)).unwrap();
    assert_eq!(service.next_deadline(), Some(at(160)));
}

#[test]
fn exp_5_reopen_drops_an_expiry_date_at_or_before_now() {
    for now in [at(90), at(91)] {
        assert_eq!(reopened(None, Some(at(90)), now, SessionUpdate::default()), (Ttl::UNLIMITED, None, None));
    }
}

#[test]
fn exp_5_reopen_keeps_a_later_expiry_date() {
    let outcome = reopened(None, Some(at(90)), at(89), SessionUpdate::default());
    assert_eq!(outcome, (Ttl::UNLIMITED, Some(at(90)), Some(at(90))));
}

#[test]
fn exp_5_behind_a_dropped_expiry_date_the_ttl_counts() {
    let outcome = reopened(Some(60), Some(at(90)), at(100), SessionUpdate::default());
    assert_eq!(outcome, (ttl(60), None, Some(at(160))));
}

#[test]
fn exp_5_a_kept_expiry_date_goes_before_the_ttl() {
    let outcome = reopened(Some(60), Some(at(90)), at(50), SessionUpdate::default());
    assert_eq!(outcome, (ttl(60), Some(at(90)), Some(at(90))));
}

#[test]
fn exp_5_a_ttl_given_with_the_reopen_applies_from_now() {
    assert_eq!(reopened(Some(60), None, at(100), set_ttl(5)), (ttl(5), None, Some(at(105))));
    assert_eq!(reopened(Some(60), None, at(100), set_ttl(0)), (Ttl::UNLIMITED, None, None));
}

#[test]
fn exp_5_an_expiry_date_given_with_the_reopen_applies() {
    let expected = (ttl(60), Some(at(500)), Some(at(500)));
    assert_eq!(reopened(Some(60), Some(at(90)), at(100), set_date_expiry(at(500))), expected);
    assert_eq!(reopened(Some(60), Some(at(90)), at(50), set_date_expiry(at(500))), expected);
    assert_eq!(reopened(Some(60), None, at(50), set_date_expiry(at(500))), expected);
}

#[test]
fn exp_5_both_given_with_the_reopen_apply() {
    let update = SessionUpdate { ttl: Some(ttl(5)), ..set_date_expiry(at(500)) };
    assert_eq!(reopened(Some(60), Some(at(90)), at(100), update), (ttl(5), Some(at(500)), Some(at(500))));
}

#[test]
fn exp_5_an_expired_session_can_be_reopened_and_expires_again() {
    let mut service = service_where(Some(60), None);
    service.update_session(session(1), reopen(), at(100)).unwrap();
    assert_eq!(service.status(session(1)), Some(SessionStatus::InProgress));
    service.handle_deadline(at(1_000));
    assert_eq!(end(&service, 1), expired_at(at(160)));
}

// ---- EXP-6 ----

#[test]
fn exp_6_a_new_ttl_counts_from_the_old_base() {
    let mut service = service_where(Some(60), None);
    service.update_session(session(1), set_ttl(100), at(50)).unwrap();
    assert_eq!(service.next_deadline(), Some(at(100)));
}

#[test]
fn exp_6_a_new_expiry_date_leaves_the_base_of_the_ttl() {
    let mut service = service_where(Some(60), None);
    service.update_session(session(1), set_date_expiry(at(90)), at(10)).unwrap();
    service.update_session(session(1), close(), at(80)).unwrap();
    service.update_session(session(1), reopen(), at(95)).unwrap();
    assert_eq!(service.next_deadline(), Some(at(155)));
}

#[test]
fn exp_6_a_ttl_that_has_run_out_already_expires_the_session_in_the_same_operation() {
    for seconds in [30, 50] {
        let mut service = service_where(Some(60), None);
        let updated = service.update_session(session(1), set_ttl(seconds), at(50)).unwrap();
        let shown = (updated.status, updated.closed_reason, updated.date_ended);
        assert_eq!(shown, expired_at(at(50)), "ttl {seconds}");
        assert_eq!((updated.ttl, updated.date_updated), (ttl(seconds), at(50)));
    }
}

#[test]
fn exp_6_a_ttl_that_has_a_second_left_does_not_expire_the_session() {
    let mut service = service_where(Some(60), None);
    let updated = service.update_session(session(1), set_ttl(51), at(50)).unwrap();
    assert_eq!((updated.status, updated.date_ended), (SessionStatus::Open, None));
    assert_eq!(service.next_deadline(), Some(at(51)));
}

#[test]
fn exp_6_an_expiry_date_shields_the_session_from_a_short_ttl() {
    let mut service = service_where(None, Some(at(90)));
    service.update_session(session(1), set_ttl(1), at(50)).unwrap();
    assert_eq!(end(&service, 1), STILL_OPEN);
    assert_eq!(service.next_deadline(), Some(at(90)));
}

#[test]
fn exp_6_an_expiry_date_given_with_a_short_ttl_shields_the_session() {
    let mut service = service_where(None, None);
    let update = SessionUpdate { ttl: Some(ttl(1)), ..set_date_expiry(at(90)) };
    service.update_session(session(1), update, at(50)).unwrap();
    assert_eq!(end(&service, 1), STILL_OPEN);
    assert_eq!(service.next_deadline(), Some(at(90)));
}

#[test]
fn exp_6_turning_the_ttl_off_may_let_the_default_lifetime_expire_the_session() {
    let mut service = with_default_lifetime(30);
    service.create_session(mortal(1, Some(1_000), None), at(0)).unwrap();
    service.update_session(session(1), set_ttl(0), at(50)).unwrap();
    assert_eq!(end(&service, 1), expired_at(at(50)));
}

#[test]
fn exp_6_expiry_by_an_update_does_all_that_expiry_does() {
    let mut service = service().with_numbers(&[P1]);
    let session = service.open(1);
    service.add(session, 1, ALICE);
    service.begin(session, 2, BOB);
    service.update_session(session, set_ttl(1), at(50)).unwrap();

    assert_eq!(service.in_use(number(1)), 0);
    assert_eq!(service.pending_participant(session, participant(2)), None);
    assert_eq!(service.next_deadline(), Some(at(50 + RETENTION)));
    assert_eq!(service.poll_event(), None);
}

#[test]
fn exp_6_after_a_reopen_the_base_is_the_reopen() {
    let mut service = service_where(None, None);
    service.update_session(session(1), close(), at(10)).unwrap();
    service.update_session(session(1), reopen(), at(100)).unwrap();
    service.update_session(session(1), set_ttl(20), at(110)).unwrap();
    assert_eq!(service.next_deadline(), Some(at(120)));
}

// ---- EXP-7: retention ----

#[test]
fn exp_7_a_closed_session_is_deleted_after_90_days_to_the_second() {
    assert_eq!(RETENTION, 90 * DAY);
    let mut service = service_where(None, None);
    service.update_session(session(1), close(), at(10)).unwrap();
    assert_eq!(service.next_deadline(), Some(at(10 + RETENTION)));
    service.handle_deadline(at(10 + RETENTION - 1));
    assert_eq!(service.status(session(1)), Some(SessionStatus::Closed));
    service.handle_deadline(at(10 + RETENTION));
    assert_eq!(service.session(session(1)), None);
}

#[test]
fn exp_7_the_retention_of_an_expired_session_counts_from_its_deadline() {
    let mut service = service_where(Some(60), None);
    service.handle_deadline(at(1_000));
    assert_eq!(service.next_deadline(), Some(at(60 + RETENTION)));
}

#[test]
fn exp_7_a_reopened_session_is_not_deleted() {
    let mut service = service_where(None, None);
    service.update_session(session(1), close(), at(10)).unwrap();
    service.update_session(session(1), reopen(), at(20)).unwrap();
    service.handle_deadline(Timestamp::MAX);
    assert_eq!(service.status(session(1)), Some(SessionStatus::InProgress));
}

#[test]
fn exp_7_the_retention_starts_anew_with_each_close() {
    let mut service = service_where(None, None);
    service.update_session(session(1), close(), at(10)).unwrap();
    service.update_session(session(1), reopen(), at(20)).unwrap();
    service.update_session(session(1), close(), at(30)).unwrap();
    assert_eq!(service.next_deadline(), Some(at(30 + RETENTION)));
}

#[test]
fn exp_7_the_policy_may_set_another_span() {
    let mut service = with_retention(Some(5));
    let session = service.open(1);
    service.close(session);
    service.handle_deadline(at(4));
    assert_eq!(service.status(session), Some(SessionStatus::Closed));
    service.handle_deadline(at(5));
    assert_eq!(service.session(session), None);
}

#[test]
fn exp_7_the_policy_may_keep_closed_sessions_for_ever() {
    let mut service = with_retention(None);
    let session = service.open(1);
    service.close(session);
    assert_eq!(service.next_deadline(), None);
    service.handle_deadline(Timestamp::MAX);
    assert_eq!(service.status(session), Some(SessionStatus::Closed));
}

#[test]
fn exp_7_a_retention_past_the_last_instant_never_ends() {
    let mut service = service_where(None, None);
    let late = Timestamp::from_unix_seconds(253_402_300_799 - 7_776_000);
    service.update_session(session(1), close(), late).unwrap();
    assert_eq!(service.next_deadline(), Some(Timestamp::MAX));

    let mut service = service_where(None, None);
    service.update_session(session(1), close(), late.checked_add(1).unwrap()).unwrap();
    assert_eq!(service.next_deadline(), None);
    service.handle_deadline(Timestamp::MAX);
    assert_eq!(service.status(session(1)), Some(SessionStatus::Closed));
}

#[test]
fn exp_7_retention_deletes_as_a_delete_does() {
    let mut purged = with_retention(Some(5)).with_numbers(&[P1, P2]);
    let mut new = new_session(1);
    new.unique_name = Some("job-17".parse().unwrap());
    purged.create_session(new, at(0)).unwrap();
    purged.add_with(session(1), 1, ALICE, P2);
    purged.remove_participant(session(1), participant(1), at(0)).unwrap();
    purged.add_with(session(1), 2, BOB, P2);
    purged.close(session(1));
    let mut deleted = purged.clone();
    purged.handle_deadline(at(5));
    deleted.delete_session(session(1), at(0)).unwrap();
    deleted.handle_deadline(at(5));

    assert_eq!(purged.session(session(1)), None);
    assert_eq!(purged.state(), deleted.state());
}

#[test]
fn exp_7_retention_frees_name_and_sids_and_forgets_the_sticky_history() {
    let mut service = with_retention(Some(5)).with_numbers(&[P1, P2]);
    let named = |n| {
        let mut new = new_session(n);
        new.unique_name = Some("job-17".parse().unwrap());
        new
    };
    service.create_session(named(1), at(0)).unwrap();
    service.add_with(session(1), 1, ALICE, P2);
    service.close(session(1));
    service.handle_deadline(at(5));

    assert_eq!(service.create_session(named(1), at(5)).unwrap().date_created, at(5));
    assert_eq!(service.add(session(1), 1, ALICE), P1);
}

// ---- TIM-1, TIM-2, TIM-6 ----

#[test]
fn tim_1_instants_have_seconds_and_print_in_utc() {
    let mut service = service();
    let session = service.create_session(new_session(1), at(61)).unwrap();
    assert_eq!(session.date_created.to_string(), "2026-01-01T00:01:01Z");
}

#[test]
fn tim_2_an_earlier_now_counts_as_the_latest_instant_seen() {
    let mut service = service();
    service.handle_deadline(at(100));
    assert_eq!(service.create_session(new_session(1), at(50)).unwrap().date_created, at(100));
    assert_eq!(service.update_session(session(1), close(), Timestamp::MIN).unwrap().date_ended, Some(at(100)));
    assert_eq!(service.latest_instant(), at(100));
}

#[test]
fn tim_2_an_earlier_deadline_call_undoes_nothing() {
    let mut service = service_where(Some(60), None);
    service.handle_deadline(at(100));
    let before = service.state();
    service.handle_deadline(at(10));
    assert_eq!(service.state(), before);
}

/// Each operation on a session, a participant or the first number.
fn commands_on(session: SessionSid, new: NewSession) -> Vec<Command> {
    vec![
        Command::CreateSession { new },
        Command::UpdateSession { session, update: close() },
        Command::DeleteSession { session },
        Command::AddParticipant { session, new: new_participant(1, ALICE) },
        Command::BeginAddParticipant { session, new: new_participant(1, ALICE) },
        Command::FinishAddParticipant { session, participant: participant(1) },
        Command::CancelAddParticipant { session, participant: participant(1), reason: None },
        Command::RemoveParticipant { session, participant: participant(1) },
        Command::UpdateNumber { number: number(1).into(), update: NumberUpdate::default() },
        Command::RemoveNumber { number: number(1).into() },
    ]
}

/// Each of them is refused in a service without sessions and numbers.
fn refused_commands() -> Vec<Command> {
    commands_on(session(1), mortal(1, None, Some(Timestamp::MIN)))
}

#[test]
fn tim_2_a_refused_command_moves_the_latest_instant_and_nothing_else() {
    for command in refused_commands() {
        let mut service = service();
        let mut expected = service.state();
        expected.latest_instant = at(200);
        assert!(service.apply(command.clone(), at(200)).is_err(), "{command:?}");
        assert_eq!(service.state(), expected, "{command:?}");
        assert_eq!(service.create_session(new_session(1), at(150)).unwrap().date_created, at(200));
    }
}

#[test]
fn tim_2_a_refused_addition_of_a_number_moves_the_latest_instant() {
    let mut service = service().with_numbers(&[P1]);
    service.add_number(new_number(1, P1), at(200)).unwrap_err();
    assert_eq!(service.latest_instant(), at(200));
}

#[test]
fn tim_2_a_question_does_not_move_the_latest_instant() {
    let mut service = service().with_numbers(&[P1]);
    let session = service.open(1);
    let before = service.state();
    service.explain_selection(session, &identifier(ALICE), at(500)).unwrap();
    assert_eq!(service.state(), before);
}

#[test]
fn tim_2_a_question_never_looks_behind_the_latest_instant() {
    let mut service = service().with_numbers(&[P1]);
    let mortal = service.create_session(mortal(1, Some(60), None), at(0)).unwrap().sid;
    service.handle_deadline(at(60));
    let error = service.explain_selection(mortal, &identifier(ALICE), at(10)).unwrap_err();
    assert_eq!(error.code(), Code::SessionClosed);
}

#[test]
fn tim_6_a_now_beyond_the_range_counts_as_its_nearest_end() {
    let mut service = Service::new(new_service(), Policy::default(), Timestamp::from_unix_seconds(-1));
    assert_eq!(service.settings().date_created.to_string(), "1970-01-01T00:00:00Z");
    service.handle_deadline(Timestamp::from_unix_seconds(i64::MAX));
    assert_eq!(service.latest_instant().to_string(), "9999-12-31T23:59:59Z");
}

#[test]
fn tim_6_at_the_last_instant_everything_still_works_but_no_expiry_date_is_left() {
    let mut service = service();
    let session = service.create_session(mortal(1, Some(1), None), Timestamp::MAX).unwrap().sid;
    let error = service.update_session(session, set_date_expiry(Timestamp::MAX), Timestamp::MAX).unwrap_err();
    assert_eq!(error.code(), Code::ParameterInvalid);
    service.close(session);
    service.reopen(session);
    assert_eq!((service.status(session), service.next_deadline()), (Some(SessionStatus::InProgress), None));
}

#[test]
fn tim_6_an_expiry_date_is_converted_to_utc_and_its_fraction_cut_off() {
    let mut service = service();
    let cut_to_now = mortal(1, None, Some("2026-01-01T01:00:00.999+01:00".parse().unwrap()));
    assert_eq!(service.create_session(cut_to_now, at(0)).unwrap_err().code(), Code::ParameterInvalid);
    let a_second_later = mortal(1, None, Some("2025-12-31T23:00:01.999-01:00".parse().unwrap()));
    assert_eq!(service.create_session(a_second_later, at(0)).unwrap().date_expiry, Some(at(1)));
}

#[test]
fn tim_6_what_is_no_rfc_3339_date_time_is_no_instant() {
    for text in ["", "2026-01-01", "2026-01-01T00:00:00", "2026-02-30T00:00:00Z", "1767225600"] {
        assert!(text.parse::<Timestamp>().is_err(), "{text:?}");
    }
}

// ---- TIM-3, TIM-4 ----

/// Two people on P1 and P2 in session 1 (ttl 60), a pending addition in session 2 (expires at 70), session 3 for ever.
fn busy() -> Service {
    let mut service = with_retention(Some(1_000)).with_numbers(&[P1, P2]);
    service.create_session(mortal(1, Some(60), None), at(0)).unwrap();
    service.add(session(1), 1, ALICE);
    service.add_with(session(1), 2, BOB, P2);
    service.create_session(mortal(2, None, Some(at(70))), at(0)).unwrap();
    service.begin(session(2), 3, ALICE);
    service.open(3);
    service
}

/// Each operation, on a session that is due and on one that is not.
fn every_command() -> Vec<Command> {
    let mut commands = refused_commands();
    commands.extend(commands_on(session(3), new_session(9)));
    commands.push(Command::UpdateService { update: ServiceUpdate::default() });
    commands.push(Command::AddNumber { new: new_number(9, "+14155559009") });
    commands.push(Command::HandleDeadline {});
    commands
}

#[test]
fn tim_3_every_operation_first_does_all_that_is_due() {
    for now in [at(59), at(60), at(69), at(70), at(500), at(1_060), at(1_070), at(5_000)] {
        for command in every_command() {
            let mut by_timer = busy();
            while let Some(due) = by_timer.next_deadline().filter(|due| *due <= now) {
                by_timer.handle_deadline(due);
            }
            let expected = by_timer.apply(command.clone(), now);
            let mut at_once = busy();
            assert_eq!(at_once.apply(command.clone(), now), expected, "{command:?} at {now}");
            assert_eq!(at_once.state(), by_timer.state(), "{command:?} at {now}");
            assert!(at_once.next_deadline().is_none_or(|deadline| deadline > now), "{command:?} at {now}");
        }
    }
}

#[test]
fn tim_3_one_step_may_close_a_session_and_delete_it() {
    let mut service = service_where(Some(60), None);
    service.handle_deadline(at(60 + RETENTION));
    assert_eq!(service.session(session(1)), None);
    assert_eq!((service.next_deadline(), service.poll_event()), (None, None));
}

#[test]
fn tim_3_one_step_may_delete_one_session_and_close_another() {
    let mut service = with_retention(Some(10));
    service.create_session(mortal(1, Some(60), None), at(0)).unwrap();
    service.create_session(mortal(2, Some(75), None), at(0)).unwrap();
    service.handle_deadline(at(80));

    assert_eq!(service.session(session(1)), None);
    assert_eq!(end(&service, 2), expired_at(at(75)));
}

#[test]
fn tim_3_an_operation_finds_its_session_expired_or_gone() {
    let code_at = |now| service_where(Some(60), None).update_session(session(1), close(), now).unwrap_err().code();
    assert_eq!(code_at(at(60)), Code::SessionClosed);
    assert_eq!(code_at(at(60 + RETENTION)), Code::NotFound);
}

#[test]
fn tim_3_an_addition_finds_a_number_that_falls_free_at_that_instant() {
    let mut service = service().with_numbers(&[P1]);
    service.create_session(mortal(1, Some(60), None), at(0)).unwrap();
    service.add(session(1), 1, ALICE);
    let second = service.open(2);
    assert_eq!(service.try_add(second, new_participant(2, ALICE)), Err(Code::NoAvailableUnusedProxy));
    let added = service.add_participant(second, new_participant(2, ALICE), at(60)).unwrap();
    assert_eq!(added.proxy_identifier.to_string(), P1);
}

#[test]
fn tim_3_a_create_finds_the_name_that_a_retention_frees_at_that_instant() {
    let mut service = service();
    let named = |n| {
        let mut new = mortal(n, Some(60), None);
        new.unique_name = Some("job-17".parse().unwrap());
        new
    };
    service.create_session(named(1), at(0)).unwrap();
    assert!(service.create_session(named(2), at(60 + RETENTION - 1)).is_err());
    assert_eq!(service.create_session(named(2), at(60 + RETENTION)).unwrap().sid, session(2));
}

#[test]
fn tim_3_expiry_and_retention_raise_no_event() {
    let mut service = busy();
    service.handle_deadline(at(5_000));
    assert_eq!((service.session(session(1)), service.session(session(2))), (None, None));
    assert_eq!(service.poll_event(), None);
}

#[test]
fn tim_3_sessions_due_at_one_instant_all_expire() {
    let mut service = service();
    for n in [3, 1, 2] {
        service.create_session(mortal(n, Some(60), None), at(0)).unwrap();
    }
    service.handle_deadline(at(60));
    for n in [1, 2, 3] {
        assert_eq!(end(&service, n), expired_at(at(60)));
    }
}

#[test]
fn tim_4_next_deadline_is_the_earliest_of_all() {
    let mut service = service();
    let deadlines = [(1, 300, 300), (2, 100, 100), (3, 200, 100), (4, 50, 50), (5, 400, 50)];
    for (n, seconds, earliest) in deadlines {
        service.create_session(mortal(n, Some(seconds), None), at(0)).unwrap();
        assert_eq!(service.next_deadline(), Some(at(earliest)), "after session {n}");
    }
    for (n, earliest) in [(4, 100), (2, 200), (3, 300), (1, 400)] {
        service.delete_session(session(n), at(0)).unwrap();
        assert_eq!(service.next_deadline(), Some(at(earliest)), "without session {n}");
    }
}

#[test]
fn tim_4_next_deadline_follows_every_change_of_a_session() {
    let mut service = service();
    assert_eq!(service.next_deadline(), None);
    service.create_session(mortal(1, Some(60), None), at(0)).unwrap();
    assert_eq!(service.next_deadline(), Some(at(60)));
    service.update_session(session(1), set_date_expiry(at(40)), at(1)).unwrap();
    assert_eq!(service.next_deadline(), Some(at(40)));
    service.update_session(session(1), close(), at(2)).unwrap();
    assert_eq!(service.next_deadline(), Some(at(2 + RETENTION)));
    service.update_session(session(1), reopen(), at(50)).unwrap();
    assert_eq!(service.next_deadline(), Some(at(110)));
    service.update_session(session(1), set_ttl(0), at(51)).unwrap();
    assert_eq!(service.next_deadline(), None);
    service.update_session(session(1), set_ttl(100), at(52)).unwrap();
    assert_eq!(service.next_deadline(), Some(at(150)));
    service.handle_deadline(at(150));
    assert_eq!(service.next_deadline(), Some(at(150 + RETENTION)));
    service.handle_deadline(at(150 + RETENTION));
    assert_eq!(service.next_deadline(), None);
}

#[test]
fn tim_4_every_deadline_changes_something_and_nothing_happens_before_it() {
    let mut service = busy();
    let mut deadlines = Vec::new();
    while let Some(deadline) = service.next_deadline() {
        let seconds_before = i64::try_from(deadline.as_unix_seconds()).unwrap().checked_sub(1).unwrap();
        let sessions: Vec<_> = service.sessions().cloned().collect();
        service.handle_deadline(Timestamp::from_unix_seconds(seconds_before));
        assert_eq!(service.sessions().cloned().collect::<Vec<_>>(), sessions);
        service.handle_deadline(deadline);
        assert_ne!(service.sessions().cloned().collect::<Vec<_>>(), sessions);
        deadlines.push(deadline);
    }
    assert_eq!(deadlines, [at(60), at(70), at(1_060), at(1_070)]);
}

#[test]
fn tim_4_pending_additions_and_numbers_have_no_deadline() {
    let mut service = service().with_numbers(&[P1]);
    let session = service.open(1);
    service.begin(session, 1, ALICE);
    assert_eq!(service.next_deadline(), None);
}

// ---- TIM-5 ----

#[test]
fn tim_5_date_updated_equals_date_created_at_first() {
    let mut service = Service::new(new_service(), Policy::default(), at(3));
    assert_eq!((service.settings().date_created, service.settings().date_updated), (at(3), at(3)));
    let number = service.add_number(new_number(1, P1), at(4)).unwrap();
    assert_eq!((number.date_created, number.date_updated), (at(4), at(4)));
    let session = service.create_session(new_session(1), at(5)).unwrap();
    assert_eq!((session.date_created, session.date_updated), (at(5), at(5)));
    let session = session.sid;
    let participant = service.add_participant(session, new_participant(1, ALICE), at(6)).unwrap();
    assert_eq!((participant.date_created, participant.date_updated), (at(6), at(6)));
}

#[test]
fn tim_5_each_field_of_a_service_update_moves_its_date_even_if_the_value_is_equal() {
    let url = || Patch::Set("https://example.com/".parse().unwrap());
    let chat = || Patch::Set("IS00000000000000000000000000000001".parse().unwrap());
    let none = ServiceUpdate::default;
    let updates = [
        ServiceUpdate { unique_name: Some("rides".parse().unwrap()), ..none() },
        ServiceUpdate { unique_name: Some("meals".parse().unwrap()), ..none() },
        ServiceUpdate { default_ttl: Some(Ttl::UNLIMITED), ..none() },
        ServiceUpdate { default_ttl: Some(ttl(60)), ..none() },
        ServiceUpdate { geo_match_level: Some("country".parse().unwrap()), ..none() },
        ServiceUpdate { geo_match_level: Some("overlay".parse().unwrap()), ..none() },
        ServiceUpdate { number_selection_behavior: Some("prefer-sticky".parse().unwrap()), ..none() },
        ServiceUpdate { number_selection_behavior: Some("avoid-sticky".parse().unwrap()), ..none() },
        ServiceUpdate { callback_url: url(), ..none() },
        ServiceUpdate { callback_url: Patch::Clear, ..none() },
        ServiceUpdate { intercept_callback_url: url(), ..none() },
        ServiceUpdate { intercept_callback_url: Patch::Clear, ..none() },
        ServiceUpdate { out_of_session_callback_url: url(), ..none() },
        ServiceUpdate { out_of_session_callback_url: Patch::Clear, ..none() },
        ServiceUpdate { chat_instance_sid: chat(), ..none() },
        ServiceUpdate { chat_instance_sid: Patch::Clear, ..none() },
    ];
    for update in updates {
        let mut service = service();
        service.update_service(update.clone(), at(9));
        assert_eq!(service.settings().date_updated, at(9), "{update:?}");
        assert_eq!(service.settings().date_created, at(0), "{update:?}");
    }
}

#[test]
fn tim_5_an_empty_service_update_moves_no_date() {
    let mut service = service();
    assert_eq!(service.update_service(ServiceUpdate::default(), at(9)).date_updated, at(0));
}

#[test]
fn tim_5_a_number_update_moves_its_date_even_if_the_value_is_equal() {
    for is_reserved in [false, true] {
        let mut service = service().with_numbers(&[P1]);
        let update = NumberUpdate { is_reserved: Some(is_reserved) };
        let updated = service.update_number(number(1), update, at(9)).unwrap();
        assert_eq!((updated.date_created, updated.date_updated, updated.is_reserved), (at(0), at(9), is_reserved));
    }
}

#[test]
fn tim_5_an_empty_number_update_moves_no_date() {
    let mut service = service().with_numbers(&[P1]);
    assert_eq!(service.update_number(number(1), NumberUpdate::default(), at(9)).unwrap().date_updated, at(0));
}

#[test]
fn tim_5_each_field_of_a_session_update_moves_its_date_even_if_the_value_is_equal() {
    for update in [set_ttl(60), set_ttl(70), set_date_expiry(at(90)), set_date_expiry(at(80)), close()] {
        let mut service = service_where(Some(60), Some(at(90)));
        let updated = service.update_session(session(1), update, at(9)).unwrap();
        assert_eq!((updated.date_created, updated.date_updated), (at(0), at(9)), "{update:?}");
    }
}

#[test]
fn tim_5_a_reopen_moves_the_date_of_its_session() {
    let mut service = service_where(None, None);
    service.close(session(1));
    assert_eq!(service.update_session(session(1), reopen(), at(9)).unwrap().date_updated, at(9));
}

#[test]
fn tim_5_an_empty_session_update_moves_no_date() {
    let mut service = service_where(None, None);
    let update = SessionUpdate::default();
    assert_eq!(service.update_session(session(1), update, at(9)).unwrap().date_updated, at(0));
}

#[test]
fn tim_5_a_refused_update_moves_no_date() {
    let mut service = service_where(None, None);
    let update = SessionUpdate { ttl: Some(ttl(60)), ..reopen() };
    assert_eq!(service.update_session(session(1), update, at(9)).unwrap_err().code(), Code::SessionStatusInvalid);
    assert_eq!(service.session(session(1)).unwrap().date_updated, at(0));
}

#[test]
fn tim_5_expiry_dates_the_change_like_the_end() {
    let mut service = service_where(Some(60), None);
    service.handle_deadline(at(1_000));
    let session = service.session(session(1)).unwrap();
    assert_eq!((session.date_ended, session.date_updated), (Some(at(60)), at(60)));
}

#[test]
fn tim_5_additions_and_removals_move_no_date_of_session_number_and_service() {
    let mut service = service().with_numbers(&[P1]);
    let session = service.open(1);
    service.add_participant(session, new_participant(1, ALICE), at(1)).unwrap();
    service.begin_add_participant(session, new_participant(2, BOB), at(2)).unwrap();
    service.finish_add_participant(session, participant(2), at(3)).unwrap();
    service.remove_participant(session, participant(1), at(4)).unwrap();
    service.begin_add_participant(session, new_participant(3, CAROL), at(5)).unwrap();
    service.cancel_add_participant(session, participant(3), None, at(6)).unwrap();

    assert_eq!(service.session(session).unwrap().date_updated, at(0));
    assert_eq!(service.number(number(1)).unwrap().date_updated, at(0));
    assert_eq!(service.settings().date_updated, at(0));
}

#[test]
fn tim_5_a_removal_moves_the_date_of_the_participant_alone() {
    let mut service = service().with_numbers(&[P1]);
    let session = service.open(1);
    service.add(session, 1, ALICE);
    service.add(session, 2, BOB);
    let removed = service.remove_participant(session, participant(1), at(9)).unwrap();
    assert_eq!((removed.date_created, removed.date_updated, removed.date_deleted), (at(0), at(9), Some(at(9))));
    assert_eq!(service.participant(session, participant(2)).unwrap().date_updated, at(0));
}

#[test]
fn tim_5_close_and_reopen_move_no_date_of_participants_and_numbers() {
    let mut service = service().with_numbers(&[P1]);
    let session = service.open(1);
    service.add(session, 1, ALICE);
    service.update_session(session, close(), at(5)).unwrap();
    service.update_session(session, reopen(), at(6)).unwrap();

    assert_eq!(service.participant(session, participant(1)).unwrap().date_updated, at(0));
    assert_eq!(service.number(number(1)).unwrap().date_updated, at(0));
}

#[test]
fn tim_5_sessions_and_numbers_move_no_date_of_the_service() {
    let mut service = service();
    service.add_number(new_number(1, P1), at(1)).unwrap();
    let session = service.create_session(new_session_with_mode(1, SessionMode::MessageOnly), at(2)).unwrap().sid;
    service.update_session(session, close(), at(3)).unwrap();
    service.delete_session(session, at(4)).unwrap();
    service.remove_number(NumberSid::from(number(1)), at(5)).unwrap();
    assert_eq!(service.settings().date_updated, at(0));
}
