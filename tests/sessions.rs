//! SES: sessions, from creation to deletion.
#![expect(clippy::unwrap_used, reason = "a fixture that fails is a failed test")]

use crate::common::*;
use twilio_proxy_core::{
    AddParticipantError, ClosedReason, Code, Command, CreateSessionError, DateExpiryNotInFuture, FetchSessionError,
    FictionalNumbers, NewSession, PairInvalid, ParticipantSid, Policy, Reply, ResourceStatus, Service, SessionClosed,
    SessionMode, SessionNotFound, SessionSid, SessionStatus, SessionUpdate, StatusReport, Ttl, UpdateSessionError,
};

const P1: &str = "+14155559001";
const P2: &str = "+14155559002";

fn ttl(seconds: u32) -> Ttl {
    Ttl::from_seconds(seconds).unwrap()
}

fn named(n: u128, unique_name: &str) -> NewSession {
    let mut new = new_session(n);
    new.unique_name = Some(unique_name.parse().unwrap());
    new
}

/// A session to create with these participants.
fn populated(n: u128, participants: &[(u128, &str)]) -> NewSession {
    let mut new = new_session(n);
    new.participants = participants.iter().map(|(n, identifier)| new_participant(*n, identifier)).collect();
    new
}

fn to(status: SessionStatus) -> SessionUpdate {
    SessionUpdate { status: Some(status), ..SessionUpdate::default() }
}

fn identifiers(service: &Service, session: SessionSid) -> Vec<String> {
    service.participants(session).unwrap().map(|participant| participant.identifier.to_string()).collect()
}

fn proxies(service: &Service, session: SessionSid) -> Vec<String> {
    service.participants(session).unwrap().map(|participant| participant.proxy_identifier.to_string()).collect()
}

fn refused_participant(index: usize, error: impl Into<AddParticipantError>) -> CreateSessionError {
    CreateSessionError::Participant { index, error: error.into() }
}

// ---- SES-1, SES-2 ----

#[test]
fn ses_1_everything_is_optional_at_create() {
    let mut service = service();
    let session = service.create_session(new_session(1), at(7)).unwrap();

    assert_eq!(session.sid, SessionSid::from_u128(1));
    assert_eq!(session.unique_name, None);
    assert_eq!((session.status, session.closed_reason), (SessionStatus::Open, None));
    assert_eq!((session.mode, session.ttl), (SessionMode::VoiceAndMessage, Ttl::UNLIMITED));
    assert_eq!((session.date_created, session.date_updated), (at(7), at(7)));
    assert_eq!((session.date_started, session.date_ended), (None, None));
    assert_eq!((session.date_last_interaction, session.date_expiry), (None, None));
}

#[test]
fn ses_1_what_is_given_at_create_is_stored() {
    let mut service = service();
    let mut new = named(1, "job-17");
    new.mode = SessionMode::VoiceOnly;
    new.ttl = Some(ttl(60));
    new.date_expiry = Some(at(90));
    let session = service.create_session(new, at(0)).unwrap();

    assert_eq!(session.unique_name, Some("job-17".parse().unwrap()));
    assert_eq!(session.mode, SessionMode::VoiceOnly);
    assert_eq!((session.ttl, session.date_expiry), (ttl(60), Some(at(90))));
}

#[test]
fn ses_1_the_ttl_is_the_default_ttl_of_the_service_unless_given() {
    let mut new = new_service();
    new.default_ttl = ttl(60);
    let mut service = Service::new(new, Policy::default(), at(0));
    let mut with_ttl = new_session(2);
    with_ttl.ttl = Some(ttl(30));

    assert_eq!(service.create_session(new_session(1), at(0)).unwrap().ttl, ttl(60));
    assert_eq!(service.create_session(with_ttl, at(0)).unwrap().ttl, ttl(30));
}

#[test]
fn ses_2_a_name_is_unique_in_the_service() {
    let mut service = service();
    service.create_session(named(1, "job-17"), at(0)).unwrap();
    let error = service.create_session(named(2, "job-17"), at(0)).unwrap_err();

    let expected = CreateSessionError::NonUniqueName { unique_name: "job-17".parse().unwrap(), existing: session(1) };
    assert_eq!(error, expected);
    assert_eq!((error.code(), error.code().number()), (Code::NonUniqueSessionName, 80603));
}

#[test]
fn ses_2_names_that_differ_in_case_or_blanks_are_different() {
    let mut service = service();
    for (n, name) in (1..).zip(["job", "Job", "job ", " job"]) {
        service.create_session(named(n, name), at(0)).unwrap();
        assert_eq!(service.session_by_name(name).unwrap().sid, session(n));
    }
}

#[test]
fn ses_2_sessions_without_a_name_do_not_collide() {
    let mut service = service();
    service.open(1);
    service.open(2);
    assert_eq!(service.sessions().count(), 2);
}

#[test]
fn ses_2_a_closed_session_keeps_its_name() {
    let mut service = service();
    service.create_session(named(1, "job-17"), at(0)).unwrap();
    service.close(session(1));

    let code = service.create_session(named(2, "job-17"), at(0)).unwrap_err().code();
    assert_eq!(code, Code::NonUniqueSessionName);
}

#[test]
fn ses_2_deletion_frees_the_name_at_once() {
    let mut service = service();
    service.create_session(named(1, "job-17"), at(0)).unwrap();
    service.delete_session(session(1), at(0)).unwrap();
    service.create_session(named(2, "job-17"), at(0)).unwrap();

    assert_eq!(service.session_by_name("job-17").unwrap().sid, session(2));
}

// ---- SES-3, SES-4 ----

#[test]
fn ses_3_two_participants_come_with_the_session_in_their_order() {
    let mut service = service().with_numbers(&[P1]);
    service.create_session(populated(1, &[(2, XAVER), (1, ALICE)]), at(5)).unwrap();

    assert_eq!(identifiers(&service, session(1)), [XAVER, ALICE]);
    assert_eq!(proxies(&service, session(1)), [P1, P1]);
    let created = service.participants(session(1)).unwrap().map(|participant| participant.date_created);
    assert_eq!(created.collect::<Vec<_>>(), [at(5), at(5)]);
    assert_eq!(service.in_use(number(1)), 1);
}

#[test]
fn ses_3_two_equal_identifiers_are_refused() {
    let mut service = service().with_numbers(&[P1]);
    let error = service.create_session(populated(1, &[(1, ALICE), (2, ALICE)]), at(0)).unwrap_err();

    assert_eq!(error, refused_participant(1, AddParticipantError::AlreadyInSession { existing: participant(1) }));
    assert_eq!(error.code().number(), 80103);
}

#[test]
fn ses_3_the_refusal_of_a_participant_has_its_code_and_message() {
    let mut service = service();
    let error = service.create_session(populated(1, &[(1, ALICE)]), at(0)).unwrap_err();

    assert_eq!((error.code().number(), error.http_status()), (80205, 400));
    assert_eq!(
        error.to_string(),
        "This Service has no compatible Proxy numbers for this Participant. \
         This Service has no Proxy numbers configured."
    );
}

#[test]
fn ses_3_a_refused_second_participant_leaves_nothing_of_session_and_first() {
    let mut service = service().with_numbers(&[P1]);
    let before = service.state();
    let mut new = populated(1, &[(1, ALICE), (2, BRITON)]);
    new.unique_name = Some("job-17".parse().unwrap());
    let error = service.create_session(new, at(0)).unwrap_err();

    assert_eq!(error.code(), Code::NoAvailableProxyForCountry);
    assert_eq!(service.state(), before);
    assert_eq!(service.session_by_name("job-17"), None);
}

#[test]
fn ses_3_a_refused_second_participant_takes_back_the_notification_of_the_first() {
    let mut service = service_with(permissive()).with_numbers(&[P1]);
    let first = service.open(1);
    service.add(first, 1, ALICE);
    let before = service.state();
    let mut new = populated(2, &[(3, BRITON)]);
    new.participants.insert(0, new_participant_with(2, ALICE, P1));
    let error = service.create_session(new, at(0)).unwrap_err();

    assert_eq!(error.code(), Code::NoAvailableProxyForCountry);
    assert_eq!(service.state(), before);
    assert_eq!(service.drain(), []);
}

#[test]
fn ses_3_a_permissive_create_notifies_for_each_participant() {
    let mut service = service_with(permissive()).with_numbers(&[P1]);
    let first = service.open(1);
    service.add(first, 1, ALICE);
    service.add(first, 2, BOB);
    let mut new = new_session(2);
    new.participants = vec![new_participant_with(3, ALICE, P1), new_participant_with(4, BOB, P1)];
    service.create_session(new, at(0)).unwrap();

    assert_eq!(service.drain(), [Code::CreateConflict, Code::CreateConflict]);
}

#[test]
fn ses_3_strict_goes_for_the_whole_create_whoever_says_so() {
    type SayStrict = fn(&mut NewSession);
    let ways: [SayStrict; 3] = [
        |new| new.fail_on_participant_conflict = true,
        |new| new.participants[0].fail_on_participant_conflict = true,
        |new| new.participants[1].fail_on_participant_conflict = true,
    ];
    for (doubled, say_strict) in [0, 1].into_iter().flat_map(|doubled| ways.map(|way| (doubled, way))) {
        let mut service = service_with(permissive()).with_numbers(&[P1]);
        let first = service.open(1);
        service.add(first, 1, ALICE);
        let mut new = populated(2, &[(3, BOB)]);
        new.participants.insert(doubled, new_participant_with(2, ALICE, P1));
        say_strict(&mut new);

        let error = service.create_session(new, at(0)).unwrap_err();
        let conflict = AddParticipantError::ProxyIdentifierInUse { other_session: first };
        assert_eq!(error, refused_participant(doubled, conflict));
    }
}

/// Takes away what is wrong with a create.
type RepairCreate = fn(&mut NewSession);

#[test]
fn ses_3_the_checks_of_a_create_come_in_their_order() {
    let mut policy = Policy::default();
    policy.fictional_numbers = FictionalNumbers::Refuse;
    let mut service = service_with(policy).with_numbers(&[P1]);
    service.create_session(named(1, "job-17"), at(0)).unwrap();
    service.add(session(1), 1, CAROL);

    let mut new = populated(1, &[(1, "+14155550100"), (2, "+14155550199"), (2, BOB)]);
    new.unique_name = Some("job-17".parse().unwrap());
    new.status = Some(SessionStatus::Closed);
    new.date_expiry = Some(at(0));

    let table: [(CreateSessionError, RepairCreate); 12] = [
        (DateExpiryNotInFuture { date_expiry: at(0), now: at(0) }.into(), |new| new.date_expiry = Some(at(1))),
        (CreateSessionError::SessionSidTaken { session: session(1) }, |new| new.sid = session(2)),
        (CreateSessionError::ParticipantSidTaken { participant: participant(1) }, |new| {
            new.participants[0].sid = participant(3);
        }),
        (CreateSessionError::ParticipantSidTaken { participant: participant(2) }, |new| {
            new.participants[2].sid = participant(4);
        }),
        (CreateSessionError::StatusInvalid, |new| new.status = Some(SessionStatus::Open)),
        (CreateSessionError::NonUniqueName { unique_name: "job-17".parse().unwrap(), existing: session(1) }, |new| {
            new.unique_name = Some("job-18".parse().unwrap());
        }),
        (CreateSessionError::TooManyParticipants { participants: 3 }, |new| {
            new.participants.pop();
        }),
        (refused_participant(0, AddParticipantError::IdentifierUnreachable), |new| {
            new.participants[0].identifier = identifier(P1);
        }),
        (refused_participant(0, AddParticipantError::PairInvalid(PairInvalid::IdentifierInPool)), |new| {
            new.participants[0].identifier = identifier(ALICE);
        }),
        (refused_participant(1, AddParticipantError::IdentifierUnreachable), |new| {
            new.participants[1].identifier = identifier(ALICE);
            new.participants[1].proxy_identifier = Some(P2.parse().unwrap());
        }),
        (refused_participant(1, AddParticipantError::AlreadyInSession { existing: participant(3) }), |new| {
            new.participants[1].identifier = identifier(BOB);
        }),
        (refused_participant(1, AddParticipantError::ProxyIdentifierNotInService), |new| {
            new.participants[1].proxy_identifier = None;
        }),
    ];
    let before = service.state();
    for (refusal, repair) in table {
        assert_eq!(service.create_session(new.clone(), at(0)), Err(refusal));
        assert_eq!(service.state(), before, "ERR-2: a refusal changes nothing");
        repair(&mut new);
    }
    service.create_session(new, at(0)).unwrap();
    assert_eq!(identifiers(&service, session(2)), [ALICE, BOB]);
}

#[test]
fn ses_3_more_than_two_are_too_many_however_many_they_are() {
    let mut service = service().with_numbers(&[P1]);
    let everybody = [(1, ALICE), (2, BOB), (3, CAROL), (4, XAVER)];
    for count in [3, 4] {
        let error = service.create_session(populated(1, &everybody[..count]), at(0)).unwrap_err();
        assert_eq!(error, CreateSessionError::TooManyParticipants { participants: count });
        assert_eq!(
            (error.code().number(), error.to_string().as_str()),
            (80609, "A Session may have at most 2 participants")
        );
    }
}

#[test]
fn ses_4_the_status_at_create_is_open_or_left_out() {
    for status in [None, Some(SessionStatus::Open)] {
        let mut new = new_session(1);
        new.status = status;
        assert_eq!(service().create_session(new, at(0)).unwrap().status, SessionStatus::Open);
    }
}

#[test]
fn ses_4_every_other_status_at_create_is_refused() {
    use SessionStatus::{Closed, Failed, InProgress, Unknown};
    for status in [InProgress, Closed, Failed, Unknown] {
        let mut new = new_session(1);
        new.status = Some(status);
        let error = service().create_session(new, at(0)).unwrap_err();
        assert_eq!((&error, error.code().number()), (&CreateSessionError::StatusInvalid, 80608), "{status}");
    }
}

// ---- SES-5, SES-7, SES-9 ----

/// A service whose session 1 has come to a state in a way that the label tells.
fn states() -> [(&'static str, Service); 4] {
    let mut open = service();
    open.open(1);
    let mut closed = open.clone();
    closed.close(session(1));
    let mut reopened = closed.clone();
    reopened.reopen(session(1));
    let mut expired = service();
    let mut new = new_session(1);
    new.ttl = Some(ttl(1));
    expired.create_session(new, at(0)).unwrap();
    expired.handle_deadline(at(1));
    [("open", open), ("in-progress", reopened), ("closed (api)", closed), ("closed (expired)", expired)]
}

/// Session 1 in every state of its life: with ALICE and BOB in it, unless it is empty or ALICE is pending.
fn stages() -> [(&'static str, Service); 8] {
    let mut empty = service().with_numbers(&[P1, P2]);
    empty.open(1);
    let mut pending = empty.clone();
    pending.begin(session(1), 1, ALICE);

    let open = mortal_ride(60);
    let [mut in_progress, mut closed, mut expired, mut deleted] = [(); 4].map(|()| open.clone());
    received(&mut in_progress, call(1, ALICE, P1));
    in_progress.drain();
    closed.close(session(1));
    let mut reopened = closed.clone();
    reopened.reopen(session(1));
    expired.handle_deadline(at(60));
    deleted.delete_session(session(1), at(0)).unwrap();
    [
        ("empty", empty),
        ("pending", pending),
        ("open", open),
        ("in-progress", in_progress),
        ("closed", closed),
        ("expired", expired),
        ("re-opened", reopened),
        ("deleted", deleted),
    ]
}

/// One of each kind, all that can be done to a session and in it.
fn commands() -> Vec<(String, Command)> {
    let (one, sid, new) = (session(1), participant(1), new_participant(9, CAROL));
    let update = |update| Command::UpdateSession { session: one, update };
    let to_ttl = SessionUpdate { ttl: Some(ttl(90)), ..SessionUpdate::default() };
    let to_expiry = SessionUpdate { date_expiry: Some(at(90)), ..SessionUpdate::default() };
    let moves = SessionStatus::ALL.iter().map(|status| (format!("status: {status}"), update(to(*status))));
    let others = [
        ("create", Command::CreateSession { new: new_session(1) }),
        ("ttl", update(to_ttl)),
        ("date_expiry", update(to_expiry)),
        ("empty update", update(SessionUpdate::default())),
        ("delete", Command::DeleteSession { session: one }),
        ("add", Command::AddParticipant { session: one, new: new.clone() }),
        ("begin", Command::BeginAddParticipant { session: one, new }),
        ("finish", Command::FinishAddParticipant { session: one, participant: sid }),
        ("cancel", Command::CancelAddParticipant { session: one, participant: sid, reason: None }),
        ("remove", Command::RemoveParticipant { session: one, participant: sid }),
        ("call", Command::Receive { inbound: call(2, ALICE, P1) }),
        ("message", Command::Receive { inbound: message(2, ALICE, P1, "Hi") }),
        ("opt-out", Command::Receive { inbound: message(2, ALICE, P1, "STOP") }),
        ("send_message", Command::SendMessage { session: one, participant: sid, new: new_message(2, "Hi") }),
        (
            "report_status",
            Command::ReportStatus { interaction: interaction(1), report: StatusReport::new(ResourceStatus::Completed) },
        ),
        ("delete_interaction", Command::DeleteInteraction { session: one, interaction: interaction(1) }),
        ("deadline", Command::HandleDeadline {}),
    ];
    moves.chain(others.map(|(title, command)| (title.to_owned(), command))).collect()
}

/// What a command makes of session 1: another status, some other change, nothing; else the code that stands in the way.
fn effect(before: &Service, command: Command) -> String {
    let status =
        |service: &Service| service.status(session(1)).map_or("deleted".to_owned(), |status| status.to_string());
    let is_deadline = matches!(command, Command::HandleDeadline {});
    let now = before.next_deadline().filter(|_| is_deadline).unwrap_or(before.latest_instant());
    let mut service = before.clone();
    let code = match service.apply(command, now) {
        Ok(Reply::Outcome(outcome)) => outcome.code(),
        Ok(_) => None,
        Err(error) => {
            assert_eq!(service.state(), before.state(), "ERR-2: a refusal changes nothing");
            Some(error.code())
        }
    };
    service.drain();
    match code {
        Some(code) => code.number().to_string(),
        None if status(&service) != status(before) => format!("→ {}", status(&service)),
        None if service.state() == before.state() => "-".to_owned(),
        None => "changed".to_owned(),
    }
}

#[test]
fn ses_5_the_table_of_what_commands_make_of_a_session() {
    let stages = stages();
    let line = |title: &str, cells: &mut dyn Iterator<Item = String>| {
        let line = cells.fold(format!("{title:<20}"), |line, cell| format!("{line}{cell:<15}"));
        line.trim_end().to_owned()
    };
    let mut table = vec![line("", &mut stages.iter().map(|(stage, _)| (*stage).to_owned()))];
    for (title, command) in commands() {
        table.push(line(&title, &mut stages.iter().map(|(_, service)| effect(service, command.clone()))));
    }
    let table = table.join("\n");
    insta::assert_snapshot!("life", table);
}

#[test]
fn ses_5_an_unsupported_move_tells_which_moves_there_are() {
    let mut service = service();
    let session = service.open(1);
    let error = service.update_session(session, to(SessionStatus::Open), at(0)).unwrap_err();

    assert_eq!(error, UpdateSessionError::StatusInvalid);
    assert_eq!((error.code().number(), error.http_status()), (80608, 400));
    assert_eq!(
        error.to_string(),
        "Session status change not supported. To re-open a session, choose In Progress. To close a session, choose Closed."
    );
}

#[test]
fn ses_5_closing_a_closed_session_is_refused_as_closed() {
    let mut service = service();
    let session = service.open(1);
    service.close(session);

    let error = service.update_session(session, close(), at(0)).unwrap_err();
    assert_eq!(error, UpdateSessionError::SessionClosed(SessionClosed { session }));
    assert_eq!((error.code().number(), error.http_status()), (80607, 400));
}

#[test]
fn ses_5_the_literals_are_those_of_the_wire_and_no_others() {
    let literals: Vec<&str> = SessionStatus::ALL.iter().map(|status| status.as_str()).collect();
    assert_eq!(literals, ["open", "in-progress", "closed", "failed", "unknown"]);
    for unknown in ["", "Open", "in_progress", " closed"] {
        let error = unknown.parse::<SessionStatus>().unwrap_err();
        assert_eq!(error.expected, ["open", "in-progress", "closed", "failed", "unknown"], "{unknown:?}");
    }
}

#[test]
fn ses_7_close_by_update_sets_reason_and_end() {
    let mut service = service();
    let session = service.open(1);
    let session = service.update_session(session, close(), at(30)).unwrap();

    assert_eq!((session.status, session.closed_reason), (SessionStatus::Closed, Some(ClosedReason::Api)));
    assert_eq!(session.date_ended, Some(at(30)));
    assert_eq!(session.closed_reason.unwrap().as_str(), "api");
}

#[test]
fn ses_7_reopen_clears_reason_and_end() {
    let mut service = service();
    let session = service.open(1);
    service.close(session);
    let session = service.update_session(session, reopen(), at(30)).unwrap();

    assert_eq!((session.status, session.closed_reason), (SessionStatus::InProgress, None));
    assert_eq!(session.date_ended, None);
}

#[test]
fn ses_7_reopen_keeps_participants_and_their_numbers() {
    let mut service = service().with_numbers(&[P1, P2]);
    let session = service.open(1);
    service.add_with(session, 1, ALICE, P2);
    service.add(session, 2, BOB);
    let before: Vec<_> = service.participants(session).unwrap().cloned().collect();
    service.close(session);
    assert_eq!((service.in_use(number(1)), service.in_use(number(2))), (0, 0));
    service.reopen(session);

    assert_eq!(service.participants(session).unwrap().cloned().collect::<Vec<_>>(), before);
    assert_eq!((service.in_use(number(1)), service.in_use(number(2))), (1, 1));
}

#[test]
fn ses_7_reopen_keeps_date_started() {
    let mut started = service();
    let session = started.open(1);
    started.handle_deadline(at(5));
    let mut state = started.state();
    let record = &mut state.sessions[0].session;
    record.status = SessionStatus::InProgress;
    record.date_started = Some(at(5));
    record.date_last_interaction = Some(at(5));
    record.date_updated = at(5);
    let mut service = Service::restore(state).unwrap();
    service.close(session);
    service.handle_deadline(at(9));
    service.reopen(session);

    assert_eq!(service.session(session).unwrap().date_started, Some(at(5)));
}

#[test]
fn ses_7_reopen_does_not_start_a_session_that_never_was_started() {
    let mut service = service();
    let session = service.open(1);
    service.close(session);
    service.reopen(session);
    assert_eq!(service.session(session).unwrap().date_started, None);
}

#[test]
fn ses_9_active_is_open_or_in_progress() {
    let active: Vec<_> = SessionStatus::ALL.iter().filter(|status| status.is_active()).collect();
    assert_eq!(active, [&SessionStatus::Open, &SessionStatus::InProgress]);
}

#[test]
fn ses_9_a_session_in_progress_takes_participants_as_an_open_one_does() {
    let mut service = service().with_numbers(&[P1]);
    let session = service.open(1);
    service.add(session, 1, ALICE);
    assert_eq!(service.status(session), Some(SessionStatus::Open));
    service.close(session);
    service.reopen(session);
    service.add(session, 2, BOB);

    assert_eq!(service.status(session), Some(SessionStatus::InProgress));
    assert_eq!(identifiers(&service, session), [ALICE, BOB]);
}

#[test]
fn ses_9_failed_and_unknown_parse_and_print() {
    for status in [SessionStatus::Failed, SessionStatus::Unknown] {
        assert_eq!(status.to_string().parse(), Ok(status));
    }
}

// ---- SES-8 ----

/// Takes away what is wrong with an update, its target or the world.
type RepairUpdate = fn(&mut Service, &mut SessionSid, &mut SessionUpdate);

#[test]
fn ses_8_the_checks_of_an_update_come_in_their_order() {
    let mut service = service().with_numbers(&[P1, P2]);
    let closed = service.open(1);
    service.add_with(closed, 1, ALICE, P1);
    service.add_with(closed, 2, BOB, P2);
    service.close(closed);
    service.remove_number(number(2), at(0)).unwrap();
    let other = service.open(2);
    service.add_with(other, 3, ALICE, P1);

    let mut target = session(9);
    let mut update = SessionUpdate {
        status: Some(SessionStatus::Open),
        ttl: Some(ttl(60)),
        date_expiry: Some(at(0)),
        fail_on_participant_conflict: false,
    };

    let table: [(UpdateSessionError, RepairUpdate); 6] = [
        (SessionNotFound { session: session(9) }.into(), |_, target, _| *target = session(1)),
        (DateExpiryNotInFuture { date_expiry: at(0), now: at(0) }.into(), |_, _, update| {
            update.date_expiry = Some(at(90));
        }),
        (UpdateSessionError::StatusInvalid, |_, _, update| update.status = None),
        (SessionClosed { session: session(1) }.into(), |_, _, update| update.status = Some(SessionStatus::InProgress)),
        (UpdateSessionError::ProxyIdentifierNotInService { participant: participant(2) }, |service, _, _| {
            service.add_number(new_number(2, P2), at(0)).unwrap();
        }),
        (
            UpdateSessionError::ProxyIdentifierInUse { participant: participant(1), other_session: session(2) },
            |service, _, _| service.close(session(2)),
        ),
    ];
    for (refusal, repair) in table {
        let before = service.state();
        assert_eq!(service.update_session(target, update, at(0)), Err(refusal));
        assert_eq!(service.state(), before, "ERR-2: a refusal changes nothing");
        repair(&mut service, &mut target, &mut update);
    }
    let updated = service.update_session(target, update, at(0)).unwrap();
    assert_eq!(updated.status, SessionStatus::InProgress);
    assert_eq!((updated.ttl, updated.date_expiry), (ttl(60), Some(at(90))));
}

#[test]
fn ses_8_closing_a_closed_session_with_an_expiry_date_in_the_past_names_the_date() {
    let mut service = service();
    let session = service.open(1);
    service.close(session);
    let update = SessionUpdate { date_expiry: Some(at(0)), ..close() };
    assert_eq!(
        service.update_session(session, update, at(0)),
        Err(DateExpiryNotInFuture { date_expiry: at(0), now: at(0) }.into())
    );
}

#[test]
fn ses_8_a_closed_session_takes_neither_ttl_nor_expiry_date() {
    let mut service = service();
    let session = service.open(1);
    service.close(session);
    for (ttl, date_expiry) in
        [(Some(ttl(60)), None), (None, Some(at(60))), (Some(ttl(60)), Some(at(60))), (Some(Ttl::UNLIMITED), None)]
    {
        let update = SessionUpdate { ttl, date_expiry, ..SessionUpdate::default() };
        let error = service.update_session(session, update, at(0)).unwrap_err();
        assert_eq!(error, SessionClosed { session }.into());
        assert_eq!(error.code().number(), 80607);
    }
}

#[test]
fn ses_8_the_first_live_participant_whose_number_has_gone_is_named() {
    let mut service = service().with_numbers(&[P1, P2]);
    let session = service.open(1);
    service.add_with(session, 2, ALICE, P2);
    service.add_with(session, 1, BOB, P1);
    service.close(session);
    service.remove_number(number(1), at(0)).unwrap();
    service.remove_number(number(2), at(0)).unwrap();

    let error = service.update_session(session, reopen(), at(0)).unwrap_err();
    assert_eq!(error, UpdateSessionError::ProxyIdentifierNotInService { participant: participant(2) });
    assert_eq!((error.code().number(), error.http_status()), (80605, 400));
}

#[test]
fn ses_8_a_number_that_came_back_under_another_sid_is_not_the_one_that_left() {
    let mut service = service().with_numbers(&[P1]);
    let session = service.open(1);
    service.add(session, 1, ALICE);
    service.close(session);
    service.remove_number(number(1), at(0)).unwrap();
    service.add_number(new_number(2, P1), at(0)).unwrap();

    let error = service.update_session(session, reopen(), at(0)).unwrap_err();
    assert_eq!(error, UpdateSessionError::ProxyIdentifierNotInService { participant: participant(1) });
}

#[test]
fn ses_8_the_first_live_participant_whose_pair_is_active_is_named() {
    let mut service = service().with_numbers(&[P1, P2]);
    let closed = service.open(1);
    service.add(closed, 2, ALICE);
    service.add(closed, 1, BOB);
    service.close(closed);
    let [bobs, alices] = [2, 3].map(|n| service.open(n));
    service.add_with(bobs, 3, BOB, P1);
    service.add_with(alices, 4, ALICE, P1);

    let error = service.update_session(closed, reopen(), at(0)).unwrap_err();
    let expected = UpdateSessionError::ProxyIdentifierInUse { participant: participant(2), other_session: alices };
    assert_eq!(error, expected);
}

#[test]
fn ses_8_with_status_closed_the_reason_is_api_whatever_the_new_deadline() {
    let mut service = service();
    let session = service.open(1);
    let update = SessionUpdate { ttl: Some(ttl(10)), date_expiry: Some(at(90)), ..close() };
    let closed = service.update_session(session, update, at(60)).unwrap();

    assert_eq!((closed.status, closed.closed_reason), (SessionStatus::Closed, Some(ClosedReason::Api)));
    assert_eq!((closed.date_ended, closed.date_updated), (Some(at(60)), at(60)));
    assert_eq!((closed.ttl, closed.date_expiry), (ttl(10), Some(at(90))));
}

#[test]
fn ses_8_a_ttl_that_has_run_out_still_closes_by_api_when_so_asked() {
    let mut service = service();
    let session = service.open(1);
    let closed = service.update_session(session, SessionUpdate { ttl: Some(ttl(10)), ..close() }, at(60)).unwrap();

    assert_eq!((closed.closed_reason, closed.date_ended), (Some(ClosedReason::Api), Some(at(60))));
    assert_eq!(closed.ttl, ttl(10));
}

#[test]
fn ses_8_an_update_changes_what_is_given_and_nothing_else() {
    let mut service = service();
    let mut new = named(1, "job-17");
    new.ttl = Some(ttl(60));
    new.date_expiry = Some(at(90));
    let mut expected = service.create_session(new, at(0)).unwrap().clone();

    let update = SessionUpdate { date_expiry: Some(at(80)), ..SessionUpdate::default() };
    expected.date_expiry = Some(at(80));
    expected.date_updated = at(5);
    assert_eq!(service.update_session(session(1), update, at(5)), Ok(&expected));

    let update = SessionUpdate { ttl: Some(ttl(70)), ..SessionUpdate::default() };
    expected.ttl = ttl(70);
    expected.date_updated = at(6);
    assert_eq!(service.update_session(session(1), update, at(6)), Ok(&expected));
}

#[test]
fn ses_8_an_empty_update_succeeds_in_every_state_and_changes_nothing() {
    for (state, mut service) in states() {
        service.handle_deadline(at(50));
        let before = service.state();
        for fail_on_participant_conflict in [false, true] {
            let nothing = SessionUpdate { fail_on_participant_conflict, ..SessionUpdate::default() };
            assert!(service.update_session(session(1), nothing, at(50)).is_ok(), "{state}");
            assert_eq!(service.state(), before, "{state}");
        }
    }
}

// ---- SES-10 ----

#[test]
fn ses_10_a_session_is_fetched_by_sid_or_name() {
    let mut service = service();
    service.create_session(named(0xAB, "job-17"), at(0)).unwrap();

    for segment in ["KC000000000000000000000000000000ab", "KC000000000000000000000000000000AB", "job-17"] {
        assert_eq!(service.fetch_session(segment).unwrap().sid, session(0xAB), "{segment}");
    }
    assert_eq!(service.session(session(0xAB)), service.session_by_name("job-17"));
}

#[test]
fn ses_10_a_closed_session_is_fetched_too() {
    let mut service = service();
    service.create_session(named(1, "job-17"), at(0)).unwrap();
    service.close(session(1));
    assert_eq!(service.fetch_session("job-17").unwrap().status, SessionStatus::Closed);
}

#[test]
fn ses_10_an_unknown_name_is_80308() {
    let service = service();
    let error = service.fetch_session("job-17").unwrap_err();

    assert_eq!(error, FetchSessionError::SessionNameNotFound);
    assert_eq!((error.code().number(), error.http_status()), (80308, 404));
    assert_eq!(error.to_string(), "Session with the given unique name not found in database.");
}

#[test]
fn ses_10_an_unknown_sid_is_20404() {
    let service = service();
    let error = service.fetch_session("KC00000000000000000000000000000001").unwrap_err();

    assert_eq!(error, FetchSessionError::SessionNotFound(SessionNotFound { session: session(1) }));
    assert_eq!((error.code().number(), error.http_status()), (20404, 404));
}

#[test]
fn ses_10_what_is_no_session_sid_is_a_name() {
    let mut service = service();
    let names = ["CH00000000000000000000000000000001", "KC1", "KC0000000000000000000000000000000g", "kc01"];
    for (n, name) in (1..).zip(names) {
        assert_eq!(service.fetch_session(name), Err(FetchSessionError::SessionNameNotFound), "{name}");
        service.create_session(named(n, name), at(0)).unwrap();
        assert_eq!(service.fetch_session(name).unwrap().sid, session(n), "{name}");
    }
}

#[test]
fn ses_10_update_and_delete_of_an_unknown_session_are_20404() {
    let mut service = service();
    let not_found = SessionNotFound { session: session(1) };

    let error = service.update_session(session(1), close(), at(0)).unwrap_err();
    assert_eq!(error, not_found.into());
    assert_eq!((error.code().number(), error.http_status()), (20404, 404));
    assert_eq!(service.delete_session(session(1), at(0)), Err(not_found));
}

#[test]
fn ses_10_sessions_are_listed_in_the_order_of_creation_from_both_ends() {
    let mut service = service();
    for n in [3, 1, 2] {
        service.open(n);
    }
    service.delete_session(session(1), at(0)).unwrap();
    service.open(1);

    assert_eq!(service.sessions().map(|session| session.sid).collect::<Vec<_>>(), [3, 2, 1].map(session));
    assert_eq!(service.sessions().rev().map(|session| session.sid).collect::<Vec<_>>(), [1, 2, 3].map(session));
}

// ---- SES-11 ----

/// Session 1 "secret" with a removed participant (ALICE), a live one (BOB) and a pending one (CAROL), all on P2.
fn with_secrets() -> Service {
    let mut service = service().with_numbers(&[P1, P2]);
    service.create_session(named(1, "secret"), at(0)).unwrap();
    service.add_with(session(1), 1, ALICE, P2);
    service.remove_participant(session(1), participant(1), at(0)).unwrap();
    service.add_with(session(1), 2, BOB, P2);
    let pending = new_participant_with(3, CAROL, P2);
    service.begin_add_participant(session(1), pending, at(0)).unwrap();
    service
}

#[cfg(feature = "serde")]
#[test]
fn ses_11_delete_leaves_no_identifier_in_the_state() {
    let mut service = with_secrets();
    let state = serde_json::to_string(&service.state()).unwrap();
    for trace in [ALICE, BOB, CAROL, "secret"] {
        assert!(state.contains(trace), "{trace} is there at first");
    }
    service.delete_session(session(1), at(0)).unwrap();

    let state = serde_json::to_string(&service.state()).unwrap();
    for trace in [ALICE, BOB, CAROL, "secret", "KC0000", "KP0000"] {
        assert!(!state.contains(trace), "{trace} is gone");
    }
}

#[test]
fn ses_11_delete_leaves_what_a_service_has_that_never_had_the_session() {
    let mut service = with_secrets();
    service.delete_session(session(1), at(0)).unwrap();
    let mut expected = crate::common::service().with_numbers(&[P1, P2]).state();
    expected.sessions_created = service.state().sessions_created;
    expected.participants_added = service.state().participants_added;

    assert_eq!(service.state(), expected);
}

#[test]
fn ses_11_delete_takes_the_session_out_of_every_question() {
    let mut service = with_secrets();
    service.delete_session(session(1), at(0)).unwrap();

    assert_eq!(service.session(session(1)), None);
    assert_eq!(service.session_by_name("secret"), None);
    assert_eq!(service.sessions().count(), 0);
    assert!(service.participants(session(1)).is_none());
    assert!(service.pending_participants(session(1)).is_none());
    for n in [1, 2, 3] {
        assert_eq!(service.participant(session(1), participant(n)), None);
        assert_eq!(service.pending_participant(session(1), participant(n)), None);
    }
    assert_eq!((service.in_use(number(2)), service.next_deadline()), (0, None));
}

#[test]
fn ses_11_delete_forgets_the_sticky_history() {
    let mut service = with_secrets();
    let sticky = |service: &Service, identifier: &str| {
        let mut service = service.clone();
        let fresh = service.open(99);
        service.add(fresh, 99, identifier)
    };
    service.close(session(1));
    assert_eq!([sticky(&service, ALICE), sticky(&service, BOB)], [P2, P2], "they have used it");
    service.delete_session(session(1), at(0)).unwrap();

    assert_eq!([sticky(&service, ALICE), sticky(&service, BOB), sticky(&service, CAROL)], [P1, P1, P1]);
}

#[test]
fn ses_11_delete_forgets_the_uses_of_its_session_alone_in_every_order() {
    for order in [[1, 2, 3], [1, 3, 2], [2, 1, 3], [2, 3, 1], [3, 1, 2], [3, 2, 1]] {
        let mut service = service().with_numbers(&[P1, P2]);
        for n in [1, 2, 3] {
            let session = service.open(n);
            service.add_with(session, n, ALICE, P2);
            service.close(session);
        }
        for (deleted, sticky) in order.into_iter().zip([P2, P2, P1]) {
            service.delete_session(session(deleted), at(0)).unwrap();
            let mut service = service.clone();
            let fresh = service.open(99);
            assert_eq!(service.add(fresh, 99, ALICE), sticky, "{order:?}, {deleted}");
        }
    }
}

#[test]
fn ses_11_delete_forgets_the_pairs_and_what_is_in_flight() {
    let mut service = with_secrets();
    service.delete_session(session(1), at(0)).unwrap();
    let fresh = service.open(2);
    service.add_with(fresh, 4, BOB, P2);
    service.add_with(fresh, 5, CAROL, P2);

    assert_eq!(identifiers(&service, fresh), [BOB, CAROL]);
}

#[test]
fn ses_11_delete_frees_name_and_sids() {
    let mut service = with_secrets();
    service.delete_session(session(1), at(0)).unwrap();
    service.create_session(named(1, "secret"), at(0)).unwrap();
    service.add(session(1), 1, ALICE);
    service.remove_participant(session(1), participant(1), at(0)).unwrap();
    service.add(session(1), 2, BOB);
    service.add(session(1), 3, CAROL);

    assert_eq!(service.session_by_name("secret").unwrap().sid, session(1));
    assert_eq!(identifiers(&service, session(1)), [ALICE, BOB, CAROL]);
}

#[test]
fn ses_11_delete_leaves_other_sessions_of_the_same_people_alone() {
    let mut service = service().with_numbers(&[P1, P2]);
    let [first, second] = [1, 2].map(|n| service.open(n));
    service.add(first, 1, ALICE);
    service.add(second, 2, ALICE);
    service.delete_session(first, at(0)).unwrap();

    assert_eq!((service.in_use(number(1)), service.in_use(number(2))), (0, 1));
    assert_eq!(proxies(&service, second), [P2]);
    let third = service.open(3);
    let strict = service.try_add(third, new_participant_with(3, ALICE, P2));
    assert_eq!(strict, Err(Code::ProxyIdentifierInUse));
}

#[test]
fn ses_11_a_closed_session_is_deleted_too() {
    let mut service = with_secrets();
    service.close(session(1));
    service.delete_session(session(1), at(0)).unwrap();
    assert_eq!(service.delete_session(session(1), at(0)), Err(SessionNotFound { session: session(1) }));
    assert_eq!(service.next_deadline(), None);
}

#[test]
fn ses_11_delete_raises_nothing() {
    let mut service = with_secrets();
    service.delete_session(session(1), at(0)).unwrap();
    assert_eq!(service.poll_event(), None);
}

#[test]
fn ses_11_participant_sids_are_free_in_other_sessions_too() {
    let mut service = with_secrets();
    let other = service.open(2);
    let taken = service.try_add(other, new_participant(3, XAVER));
    assert_eq!(taken, Err(Code::Conflict));
    service.delete_session(session(1), at(0)).unwrap();

    service.add(other, 3, XAVER);
    assert_eq!(service.participants(other).unwrap().next().unwrap().sid, ParticipantSid::from_u128(3));
}
