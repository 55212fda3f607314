//! INT: records of calls and messages, reports on them, messages to one participant. SES-6, EXP-1, TIM-5, RTE-8: what
//! traffic does to its session.
#![cfg(feature = "serde")]
#![expect(clippy::unwrap_used, reason = "a fixture that fails is a failed test")]

use crate::common::*;
use proptest::prelude::*;
use serde_json::{Value, json};
use twilio_proxy_core::{
    ClosedReason, Code, Contact, DeleteInteractionError, Interaction, InteractionFlaw, InteractionType, Media,
    Notification, OutOfSessionAnswer, Policy, ResourceStatus, ResourceType, RestoreError, SendMessageError, Service,
    Session, SessionMode, SessionStatus, SessionUpdate, Span, StatusReport, Timestamp, WebhookAnswer,
};

const ON_CHANNEL: &str = "whatsapp:+14155550001";
const CHANNEL_PROXY: &str = "whatsapp:+14155559001";

/// [`ride`] in which ALICE has called BOB at `at(10)`, as interaction 1.
fn after_a_call() -> Service {
    let mut service = ride();
    service.receive(call(1, ALICE, P1), at(10)).unwrap();
    polled(&mut service);
    service
}

/// [`ride`] in which ALICE has written to BOB at `at(10)`, as interaction 1.
fn after_a_message() -> Service {
    let mut service = ride();
    service.receive(message(1, ALICE, P1, "On my way"), at(10)).unwrap();
    polled(&mut service);
    service
}

fn record(service: &Service, n: u128) -> &Interaction {
    service.interaction(session(1), interaction(n)).unwrap()
}

fn data(service: &Service, n: u128) -> Option<&str> {
    record(service, n).data.as_deref()
}

fn outbound_status(service: &Service, n: u128) -> ResourceStatus {
    record(service, n).outbound_resource_status.unwrap()
}

fn the_session(service: &Service) -> &Session {
    service.session(session(1)).unwrap()
}

fn listed(service: &Service) -> Vec<u128> {
    service.interactions(session(1)).unwrap().map(|listed| listed.sid.to_u128()).collect()
}

fn report(service: &mut Service, n: u128, report: StatusReport, seconds: u64) {
    assert!(service.report_status(interaction(n), report, at(seconds)).is_some());
}

// ---- INT-1: the record ----

#[test]
fn int_1_the_record_of_a_call() {
    let service = after_a_call();
    let expected = json!({
        "sid": "KI00000000000000000000000000000001",
        "data": null,
        "type": "voice",
        "inbound_participant_sid": "KP00000000000000000000000000000001",
        "inbound_resource_sid": "CA00000000000000000000000000000001",
        "inbound_resource_status": "in-progress",
        "inbound_resource_type": "call",
        "inbound_resource_url": "https://api.twilio.com/2010-04-01/Accounts/AC00000000000000000000000000000001\
            /Calls/CA00000000000000000000000000000001.json",
        "outbound_participant_sid": "KP00000000000000000000000000000002",
        "outbound_resource_sid": null,
        "outbound_resource_status": "initiated",
        "outbound_resource_type": "call",
        "outbound_resource_url": null,
        "date_created": "2026-01-01T00:00:10Z",
        "date_updated": "2026-01-01T00:00:10Z",
    });
    assert_eq!(serde_json::to_value(record(&service, 1)).unwrap(), expected);
}

#[test]
fn int_1_the_record_of_a_message() {
    let service = after_a_message();
    let expected = json!({
        "sid": "KI00000000000000000000000000000001",
        "data": "{\"body\":\"On my way\"}",
        "type": "message",
        "inbound_participant_sid": "KP00000000000000000000000000000001",
        "inbound_resource_sid": "SM00000000000000000000000000000001",
        "inbound_resource_status": "delivered",
        "inbound_resource_type": "message",
        "inbound_resource_url": "https://api.twilio.com/2010-04-01/Accounts/AC00000000000000000000000000000001\
            /Messages/SM00000000000000000000000000000001.json",
        "outbound_participant_sid": "KP00000000000000000000000000000002",
        "outbound_resource_sid": null,
        "outbound_resource_status": "queued",
        "outbound_resource_type": "message",
        "outbound_resource_url": null,
        "date_created": "2026-01-01T00:00:10Z",
        "date_updated": "2026-01-01T00:00:10Z",
    });
    assert_eq!(serde_json::to_value(record(&service, 1)).unwrap(), expected);
}

#[test]
fn int_1_the_fields_of_a_record_stand_in_the_order_of_the_api() {
    let json = serde_json::to_string(record(&after_a_call(), 1)).unwrap();
    let names = "sid data type inbound_participant_sid inbound_resource_sid inbound_resource_status \
                 inbound_resource_type inbound_resource_url outbound_participant_sid outbound_resource_sid \
                 outbound_resource_status outbound_resource_type outbound_resource_url date_created date_updated";
    let places: Vec<_> = names.split(' ').map(|name| json.find(&format!("\"{name}\":")).unwrap()).collect();
    assert!(places.is_sorted(), "{json}");
}

#[test]
fn int_1_the_literals_of_types() {
    let types = InteractionType::ALL.iter().map(|kind| kind.as_str()).collect::<Vec<_>>();
    assert_eq!(types, ["message", "voice", "unknown"]);
    assert_eq!([ResourceType::Call, ResourceType::Message].map(ResourceType::as_str), ["call", "message"]);
}

#[test]
fn int_1_a_message_of_media_alone_has_an_empty_body() {
    let mut service = ride();
    let media = Media::try_from(vec!["https://media.example.com/1.png".parse().unwrap()]).unwrap();
    let mut inbound = message(1, ALICE, P1, "");
    inbound.contact = Contact::Message { body: "".parse().unwrap(), media };
    received(&mut service, inbound);
    assert_eq!(data(&service, 1), Some(r#"{"body":""}"#));
}

#[test]
fn int_1_data_escapes_quotes_backslashes_and_control_characters_only() {
    for (body, expected) in [
        ("say \"hi\"", r#"{"body":"say \"hi\""}"#),
        (r"C:\temp", r#"{"body":"C:\\temp"}"#),
        ("a\nb\tc", r#"{"body":"a\nb\tc"}"#),
        ("\0\u{1f}", r#"{"body":"\u0000\u001f"}"#),
        ("</é東🚕\u{2028}>&'", "{\"body\":\"</é東🚕\u{2028}>&'\"}"),
    ] {
        let mut service = ride();
        received(&mut service, message(1, ALICE, P1, body));
        assert_eq!(data(&service, 1), Some(expected));
    }
}

proptest! {
    #[test]
    fn int_1_data_gives_every_body_back(body in "\\PC{0,40}|[\\x00-\\x7f]{0,40}|\\p{Any}{0,40}") {
        let body = format!("x{body}");
        let mut service = ride();
        received(&mut service, message(1, ALICE, P1, &body));
        let read: Value = serde_json::from_str(data(&service, 1).unwrap()).unwrap();
        prop_assert_eq!(read, json!({ "body": body }));
    }
}

#[test]
fn int_1_the_duration_of_a_call_is_text() {
    for (seconds, expected) in
        [(0, r#"{"duration":"0"}"#), (5, r#"{"duration":"5"}"#), (4_294_967_295, r#"{"duration":"4294967295"}"#)]
    {
        let mut service = after_a_call();
        let completed = StatusReport { duration: Some(seconds), ..StatusReport::new(ResourceStatus::Completed) };
        report(&mut service, 1, completed, 20);
        assert_eq!(data(&service, 1), Some(expected));
    }
}

#[test]
fn int_1_a_call_that_ends_without_a_duration_has_no_data() {
    let mut service = after_a_call();
    report(&mut service, 1, StatusReport::new(ResourceStatus::Completed), 20);
    assert_eq!(data(&service, 1), None);
}

// ---- INT-2: status reports ----

const STATUSES: [(&str, bool); 21] = [
    ("accepted", false),
    ("answered", false),
    ("busy", true),
    ("canceled", true),
    ("completed", true),
    ("deleted", true),
    ("delivered", true),
    ("delivery-unknown", false),
    ("failed", true),
    ("in-progress", false),
    ("initiated", false),
    ("no-answer", true),
    ("queued", false),
    ("received", false),
    ("receiving", false),
    ("ringing", false),
    ("scheduled", false),
    ("sending", false),
    ("sent", false),
    ("undelivered", true),
    ("unknown", false),
];

#[test]
fn int_2_the_literals_of_statuses() {
    let literals: Vec<_> = ResourceStatus::ALL.iter().map(|status| (status.as_str(), status.is_terminal())).collect();
    assert_eq!(literals, STATUSES);
}

#[test]
fn int_2_every_literal_can_be_reported_and_the_terminal_ones_are_the_last() {
    for (literal, is_terminal) in STATUSES {
        let status: ResourceStatus = literal.parse().unwrap();
        for mut service in [after_a_call(), after_a_message()] {
            report(&mut service, 1, StatusReport::new(status), 20);
            assert_eq!(outbound_status(&service, 1), status);
            assert_eq!(told(&mut service), [""; 0], "{literal}");
            report(&mut service, 1, StatusReport::new(ResourceStatus::Ringing), 30);
            let (expected, codes) =
                if is_terminal { (status, vec!["80906"]) } else { (ResourceStatus::Ringing, vec![]) };
            assert_eq!(outbound_status(&service, 1), expected, "{literal}");
            assert_eq!(told(&mut service), codes, "{literal}");
        }
    }
}

#[test]
fn int_2_a_report_of_a_call_sets_status_resource_and_duration() {
    let mut service = after_a_call();
    let reported =
        StatusReport { status: ResourceStatus::Completed, resource_sid: Some(call_sid(77)), duration: Some(5) };
    let mut expected = serde_json::to_value(record(&service, 1)).unwrap();
    expected["data"] = json!("{\"duration\":\"5\"}");
    expected["outbound_resource_status"] = json!("completed");
    expected["outbound_resource_sid"] = json!("CA0000000000000000000000000000004d");
    expected["outbound_resource_url"] = json!(
        "https://api.twilio.com/2010-04-01/Accounts/AC00000000000000000000000000000001\
         /Calls/CA0000000000000000000000000000004d.json"
    );
    expected["date_updated"] = json!("2026-01-01T00:00:20Z");
    let answer = service.report_status(interaction(1), reported, at(20)).unwrap();
    assert_eq!(serde_json::to_value(answer).unwrap(), expected);
    assert_eq!(serde_json::to_value(record(&service, 1)).unwrap(), expected);
}

#[test]
fn int_2_a_report_of_a_message_gives_its_url_among_the_messages() {
    let mut service = after_a_message();
    let sent = StatusReport { resource_sid: Some(message_sid(77)), ..StatusReport::new(ResourceStatus::Sent) };
    report(&mut service, 1, sent, 20);
    assert_eq!(
        record(&service, 1).outbound_resource_url.as_deref(),
        Some(
            "https://api.twilio.com/2010-04-01/Accounts/AC00000000000000000000000000000001\
             /Messages/SM0000000000000000000000000000004d.json"
        )
    );
    assert_eq!(data(&service, 1), Some(r#"{"body":"On my way"}"#));
}

#[test]
fn int_2_a_report_that_does_not_name_the_resource_leaves_it() {
    let mut service = after_a_call();
    let placed = StatusReport { resource_sid: Some(call_sid(77)), ..StatusReport::new(ResourceStatus::Ringing) };
    report(&mut service, 1, placed, 20);
    report(&mut service, 1, StatusReport::new(ResourceStatus::InProgress), 30);
    assert_eq!(record(&service, 1).outbound_resource_sid, Some(call_sid(77)));
}

#[test]
fn int_2_a_duration_that_is_known_stays_unless_another_is_reported() {
    let mut service = after_a_call();
    report(&mut service, 1, StatusReport { duration: Some(5), ..StatusReport::new(ResourceStatus::InProgress) }, 20);
    report(&mut service, 1, StatusReport::new(ResourceStatus::Answered), 30);
    assert_eq!(data(&service, 1), Some(r#"{"duration":"5"}"#));
    report(&mut service, 1, StatusReport { duration: Some(6), ..StatusReport::new(ResourceStatus::Completed) }, 40);
    assert_eq!(data(&service, 1), Some(r#"{"duration":"6"}"#));
}

#[test]
fn int_2_the_inbound_side_never_changes() {
    for mut service in [after_a_call(), after_a_message()] {
        let before = record(&service, 1).clone();
        report(&mut service, 1, StatusReport::new(ResourceStatus::Failed), 20);
        let after = record(&service, 1);
        assert_eq!(after.inbound_resource_status, before.inbound_resource_status);
        assert_eq!(after.inbound_resource_sid, before.inbound_resource_sid);
    }
}

#[test]
fn int_2_the_same_status_again_with_nothing_new_changes_nothing_and_calls_nobody_back() {
    let mut service = after_a_call();
    set_callback_url(&mut service);
    let placed = StatusReport { resource_sid: Some(call_sid(77)), ..StatusReport::new(ResourceStatus::Ringing) };
    report(&mut service, 1, placed, 20);
    assert_eq!(told(&mut service), ["callback 1"]);
    let before = record(&service, 1).clone();
    report(&mut service, 1, placed, 30);
    report(&mut service, 1, StatusReport::new(ResourceStatus::Ringing), 40);
    assert_eq!(told(&mut service), [""; 0]);
    assert_eq!(record(&service, 1), &before);
}

#[test]
fn int_2_the_first_status_reported_anew_changes_nothing() {
    for (mut service, status) in
        [(after_a_call(), ResourceStatus::Initiated), (after_a_message(), ResourceStatus::Queued)]
    {
        set_callback_url(&mut service);
        report(&mut service, 1, StatusReport::new(status), 20);
        assert_eq!(told(&mut service), [""; 0]);
        assert_eq!(record(&service, 1).date_updated, at(10));
    }
}

#[test]
fn int_2_the_same_status_with_something_new_is_a_change() {
    let mut service = after_a_call();
    set_callback_url(&mut service);
    let ringing = StatusReport::new(ResourceStatus::Ringing);
    report(&mut service, 1, ringing, 20);
    report(&mut service, 1, StatusReport { resource_sid: Some(call_sid(77)), ..ringing }, 30);
    assert_eq!(record(&service, 1).date_updated, at(30));
    report(&mut service, 1, StatusReport { duration: Some(5), ..ringing }, 40);
    assert_eq!(record(&service, 1).date_updated, at(40));
    assert_eq!(told(&mut service), ["callback 1"; 3]);
}

#[test]
fn int_2_after_a_terminal_status_a_report_is_80906_and_changes_nothing() {
    let mut service = after_a_call();
    set_callback_url(&mut service);
    report(&mut service, 1, StatusReport::new(ResourceStatus::Busy), 20);
    polled(&mut service);
    let before = record(&service, 1).clone();
    let late = StatusReport { status: ResourceStatus::Completed, resource_sid: Some(call_sid(77)), duration: Some(5) };
    assert_eq!(service.report_status(interaction(1), late, at(30)), Some(&before));
    assert_eq!(record(&service, 1), &before);
    let expected = Notification::InteractionNotOpen { session: session(1), interaction: interaction(1) };
    assert_eq!(service.drain_notifications(), [expected]);
    assert_eq!(Code::InteractionNotOpen.number(), 80906);
}

#[test]
fn int_2_a_report_on_an_unknown_interaction_is_80907() {
    let mut service = after_a_call();
    let before = service.state();
    assert_eq!(service.report_status(interaction(2), StatusReport::new(ResourceStatus::Busy), at(10)), None);
    let expected = Notification::OpenInteractionNotFound { interaction: interaction(2) };
    assert_eq!(service.drain_notifications(), [expected]);
    assert_eq!(service.state(), before);
    assert_eq!(Code::OpenInteractionNotFound.number(), 80907);
}

#[test]
fn int_2_a_report_on_a_deleted_interaction_or_session_is_80907() {
    let mut interaction_gone = after_a_call();
    interaction_gone.delete_interaction(session(1), interaction(1), at(10)).unwrap();
    let mut session_gone = after_a_call();
    session_gone.delete_session(session(1), at(10)).unwrap();
    for mut service in [interaction_gone, session_gone] {
        assert_eq!(service.report_status(interaction(1), StatusReport::new(ResourceStatus::Busy), at(20)), None);
        assert_eq!(told(&mut service), ["80907"]);
    }
}

#[test]
fn int_2_a_report_in_a_closed_session_is_taken_and_called_back() {
    let mut service = after_a_call();
    set_callback_url(&mut service);
    service.close(session(1));
    let before = the_session(&service).clone();
    report(&mut service, 1, StatusReport::new(ResourceStatus::Completed), 20);
    assert_eq!(outbound_status(&service, 1), ResourceStatus::Completed);
    assert_eq!(told(&mut service), ["callback 1"]);
    assert_eq!(the_session(&service), &before);
}

#[test]
fn int_2_a_report_does_not_touch_session_or_ttl() {
    let mut service = mortal_ride(60);
    service.receive(call(1, ALICE, P1), at(10)).unwrap();
    let before = the_session(&service).clone();
    report(&mut service, 1, StatusReport::new(ResourceStatus::Ringing), 50);
    assert_eq!(the_session(&service), &before);
    assert_eq!(service.next_deadline(), Some(at(70)));
}

#[test]
fn int_2_a_report_at_an_earlier_instant_counts_as_now() {
    let mut service = after_a_call();
    report(&mut service, 1, StatusReport::new(ResourceStatus::Ringing), 5);
    assert_eq!(record(&service, 1).date_updated, at(10));
}

#[test]
fn int_2_a_message_knows_no_duration() {
    let mut service = after_a_message();
    report(&mut service, 1, StatusReport { duration: Some(5), ..StatusReport::new(ResourceStatus::Sent) }, 20);
    assert_eq!(data(&service, 1), Some(r#"{"body":"On my way"}"#));
    report(&mut service, 1, StatusReport { duration: Some(6), ..StatusReport::new(ResourceStatus::Sent) }, 30);
    assert_eq!(record(&service, 1).date_updated, at(20));
}

// ---- INT-3: a message to one participant ----

#[test]
fn int_3_the_record_of_a_message_to_one_participant() {
    let mut service = ride();
    let answer = service.send_message(session(1), participant(2), new_message(1, "Hello"), at(10)).unwrap();
    let expected = json!({
        "sid": "KI00000000000000000000000000000001",
        "data": "{\"body\":\"Hello\"}",
        "type": "message",
        "inbound_participant_sid": null,
        "inbound_resource_sid": null,
        "inbound_resource_status": null,
        "inbound_resource_type": null,
        "inbound_resource_url": null,
        "outbound_participant_sid": "KP00000000000000000000000000000002",
        "outbound_resource_sid": null,
        "outbound_resource_status": "queued",
        "outbound_resource_type": "message",
        "outbound_resource_url": null,
        "date_created": "2026-01-01T00:00:10Z",
        "date_updated": "2026-01-01T00:00:10Z",
    });
    assert_eq!(serde_json::to_value(answer).unwrap(), expected);
    assert_eq!(serde_json::to_value(record(&service, 1)).unwrap(), expected);
}

#[test]
fn int_3_it_goes_from_the_proxy_identifier_of_the_participant_to_its_identifier() {
    let mut service = ride();
    set_callback_url(&mut service);
    service.send_message(session(1), participant(2), new_message(1, "Hello"), at(10)).unwrap();
    assert_eq!(told(&mut service), [format!("leg 1 from {P2} to {BOB}"), "callback 1".into()]);
}

#[test]
fn int_3_its_leg_carries_the_body() {
    let mut service = ride();
    service.send_message(session(1), participant(2), new_message(1, "Hello"), at(10)).unwrap();
    match polled(&mut service).as_slice() {
        [twilio_proxy_core::Event::Leg(leg)] => {
            assert_eq!(leg.contact, Contact::message("Hello".parse().unwrap()));
            assert_eq!((leg.session, leg.interaction), (session(1), interaction(1)));
        }
        events => panic!("{events:?}"),
    }
}

#[test]
fn int_3_it_needs_no_partner() {
    let mut service = service().with_numbers(&[P1]);
    let session = service.open(1);
    service.add(session, 1, ALICE);
    assert!(service.send_message(session, participant(1), new_message(1, "Hello"), at(0)).is_ok());
    assert_eq!(told(&mut service), [format!("leg 1 from {P1} to {ALICE}")]);
}

#[test]
fn int_3_it_goes_out_on_a_channel() {
    let mut service = service().with_numbers(&[P1]);
    let session = service.open_with_mode(1, SessionMode::MessageOnly);
    service.add_with(session, 1, ON_CHANNEL, CHANNEL_PROXY);
    service.send_message(session, participant(1), new_message(1, "Hello"), at(0)).unwrap();
    assert_eq!(told(&mut service), [format!("leg 1 from {CHANNEL_PROXY} to {ON_CHANNEL}")]);
}

#[test]
fn int_3_it_is_reported_on_like_any_other() {
    let mut service = ride();
    service.send_message(session(1), participant(2), new_message(1, "Hello"), at(10)).unwrap();
    let sent = StatusReport { resource_sid: Some(message_sid(9)), ..StatusReport::new(ResourceStatus::Sent) };
    report(&mut service, 1, sent, 20);
    let record = record(&service, 1);
    assert_eq!(record.outbound_resource_sid, Some(message_sid(9)));
    assert_eq!(record.inbound_resource_status, None);
}

#[test]
fn int_3_it_is_an_interaction_for_the_session() {
    let mut service = mortal_ride(60);
    service.send_message(session(1), participant(2), new_message(1, "Hello"), at(50)).unwrap();
    let session = the_session(&service);
    assert_eq!(session.status, SessionStatus::InProgress);
    assert_eq!((session.date_started, session.date_last_interaction), (Some(at(50)), Some(at(50))));
    assert_eq!(session.date_updated, at(50));
    assert_eq!(service.next_deadline(), Some(at(110)));
}

// ---- INT-4: the order of its checks ----

fn refusal(service: &mut Service, session_n: u128, participant_n: u128, n: u128, body: &str) -> SendMessageError {
    let before = service.state();
    let (session, participant) = (session(session_n), participant(participant_n));
    let error = service.send_message(session, participant, new_message(n, body), service.latest_instant()).unwrap_err();
    assert_eq!(service.state(), before, "ERR-2: a refusal changes nothing");
    error
}

#[test]
fn int_4_each_check_comes_before_the_next() {
    // Session 1 is voice-only and closed, participant 2 removed; the SID KI…1 is taken by an interaction.
    let mut service = ride_in(SessionMode::VoiceOnly);
    received(&mut service, call(1, ALICE, P1));
    service.remove_participant(session(1), participant(2), at(0)).unwrap();
    service.close(session(1));
    polled(&mut service);
    let mut code =
        |session_n, participant_n, n, body| refusal(&mut service, session_n, participant_n, n, body).code().number();
    assert_eq!(code(7, 7, 1, ""), 20404);
    assert_eq!(code(1, 7, 1, ""), 20404);
    assert_eq!(code(1, 2, 1, ""), 20404);
    assert_eq!(code(1, 1, 1, ""), 80701);
    assert_eq!(code(1, 1, 1, "Hello"), 20409);
    assert_eq!(code(1, 1, 2, "Hello"), 80607);
    service.reopen(session(1));
    assert_eq!(refusal(&mut service, 1, 1, 2, "Hello"), SendMessageError::VoiceOnlySession);
    assert_eq!(SendMessageError::VoiceOnlySession.code().number(), 80616);
}

#[test]
fn int_4_an_unknown_session_is_told() {
    let error = refusal(&mut ride(), 7, 1, 1, "Hello");
    assert!(matches!(error, SendMessageError::SessionNotFound(error) if error.session == session(7)));
}

#[test]
fn int_4_a_participant_that_is_unknown_removed_or_pending_is_not_found() {
    let mut service = ride();
    service.remove_participant(session(1), participant(2), at(0)).unwrap();
    service.begin(session(1), 3, CAROL);
    let other = service.open(2);
    service.add(other, 4, XAVER);
    for n in [2, 3, 4, 5] {
        let expected = SendMessageError::ParticipantNotFound { participant: participant(n) };
        assert_eq!(refusal(&mut service, 1, n, 1, "Hello"), expected, "{n}");
    }
}

#[test]
fn int_4_white_space_is_a_body() {
    let mut service = ride();
    assert!(service.send_message(session(1), participant(1), new_message(1, " "), at(0)).is_ok());
}

#[test]
fn int_4_opt_out_words_do_not_apply() {
    let mut service = ride();
    service.send_message(session(1), participant(1), new_message(1, "STOP"), at(0)).unwrap();
    assert_eq!(told(&mut service), [format!("leg 1 from {P1} to {ALICE}")]);
}

#[test]
fn int_4_the_intercept_does_not_apply() {
    let mut service = ride();
    set_intercept_url(&mut service);
    service.send_message(session(1), participant(1), new_message(1, "Hello"), at(0)).unwrap();
    assert_eq!(told(&mut service), [format!("leg 1 from {P1} to {ALICE}")]);
}

#[test]
fn int_4_a_session_that_expires_at_that_instant_is_closed() {
    let mut service = mortal_ride(60);
    let error = service.send_message(session(1), participant(1), new_message(1, "Hello"), at(60)).unwrap_err();
    assert!(matches!(error, SendMessageError::SessionClosed(error) if error.session == session(1)));
}

// ---- INT-5: lists, fetches, deletes ----

/// [`ride`] with a call 5, a message 4 to BOB from nobody, a message 3 from BOB, a message 2 to ALICE from nobody.
fn busy() -> Service {
    let mut service = ride();
    received(&mut service, call(5, ALICE, P1));
    service.send_message(session(1), participant(2), new_message(4, "Four"), at(0)).unwrap();
    received(&mut service, message(3, BOB, P2, "Three"));
    service.send_message(session(1), participant(1), new_message(2, "Two"), at(0)).unwrap();
    service
}

fn sent_to(service: &Service, n: u128) -> Vec<u128> {
    let sent = service.message_interactions(session(1), participant(n)).unwrap();
    sent.map(|sent| sent.sid.to_u128()).collect()
}

#[test]
fn int_5_interactions_are_listed_oldest_first() {
    let service = busy();
    assert_eq!(listed(&service), [5, 4, 3, 2]);
    let backwards: Vec<_> =
        service.interactions(session(1)).unwrap().rev().map(|listed| listed.sid.to_u128()).collect();
    assert_eq!(backwards, [2, 3, 4, 5]);
}

#[test]
fn int_5_a_session_lists_only_its_own() {
    let mut service = busy();
    let second = service.open(2);
    service.add_with(second, 3, CAROL, P1);
    service.add_with(second, 4, XAVER, P2);
    received(&mut service, call(6, CAROL, P1));
    assert_eq!(listed(&service), [5, 4, 3, 2]);
    assert_eq!(service.interaction(session(1), interaction(6)), None);
    assert!(service.interaction(session(2), interaction(6)).is_some());
}

#[test]
fn int_5_an_unknown_session_has_no_list() {
    let service = busy();
    assert!(service.interactions(session(7)).is_none());
    assert_eq!(service.interaction(session(7), interaction(5)), None);
}

#[test]
fn int_5_message_interactions_are_those_sent_to_that_participant() {
    let service = busy();
    assert_eq!((sent_to(&service, 1), sent_to(&service, 2)), (vec![2], vec![4]));
    assert!(service.message_interactions(session(1), participant(7)).is_none());
    assert!(service.message_interactions(session(7), participant(1)).is_none());
    let fetched = |n, i| service.message_interaction(session(1), participant(n), interaction(i));
    assert_eq!(fetched(2, 4), service.interaction(session(1), interaction(4)));
    assert_eq!([fetched(1, 4), fetched(1, 5), fetched(2, 3), fetched(1, 7)], [None; 4]);
}

#[test]
fn int_5_message_interactions_of_a_removed_participant_stay() {
    let mut service = busy();
    service.remove_participant(session(1), participant(2), at(0)).unwrap();
    assert_eq!(sent_to(&service, 2), [4]);
    assert!(service.message_interaction(session(1), participant(2), interaction(4)).is_some());
}

#[test]
fn int_5_a_pending_addition_has_no_message_interactions() {
    let mut service = service().with_numbers(&[P1]);
    let session = service.open(1);
    service.begin(session, 1, ALICE);
    assert!(service.message_interactions(session, participant(1)).is_none());
}

#[test]
fn int_5_interactions_are_deleted_one_by_one() {
    let mut service = busy();
    service.delete_interaction(session(1), interaction(4), at(0)).unwrap();
    assert_eq!(listed(&service), [5, 3, 2]);
    assert_eq!(sent_to(&service, 2), [0; 0]);
    assert_eq!(service.interaction(session(1), interaction(4)), None);
    let again = service.delete_interaction(session(1), interaction(4), at(0));
    assert_eq!(again, Err(DeleteInteractionError::InteractionNotFound { interaction: interaction(4) }));
}

#[test]
fn int_5_interactions_are_listed_fetched_and_deleted_in_a_closed_session() {
    let mut service = busy();
    service.close(session(1));
    assert_eq!(listed(&service), [5, 4, 3, 2]);
    assert!(service.interaction(session(1), interaction(5)).is_some());
    service.delete_interaction(session(1), interaction(5), at(0)).unwrap();
    assert_eq!(listed(&service), [4, 3, 2]);
}

#[test]
fn int_5_a_delete_does_not_touch_the_session() {
    let mut service = after_a_call();
    let before = the_session(&service).clone();
    service.delete_interaction(session(1), interaction(1), at(20)).unwrap();
    assert_eq!(the_session(&service), &before);
}

#[test]
fn int_5_a_delete_looks_for_the_session_first() {
    let mut service = after_a_call();
    let before = service.state();
    let error = service.delete_interaction(session(7), interaction(1), at(10)).unwrap_err();
    assert!(matches!(&error, DeleteInteractionError::SessionNotFound(error) if error.session == session(7)));
    assert_eq!(error.code().number(), 20404);
    assert_eq!(service.state(), before);
}

#[test]
fn int_5_an_interaction_of_another_session_is_not_found() {
    let mut service = after_a_call();
    service.open(2);
    let error = service.delete_interaction(session(2), interaction(1), at(10)).unwrap_err();
    assert_eq!(error, DeleteInteractionError::InteractionNotFound { interaction: interaction(1) });
    assert_eq!(listed(&service), [1]);
}

// ---- SES-6, RTE-8, EXP-1, TIM-5: the session ----

#[test]
fn ses_6_the_first_interaction_starts_the_session() {
    let service = after_a_call();
    let session = the_session(&service);
    assert_eq!((session.status, session.date_started), (SessionStatus::InProgress, Some(at(10))));
}

#[test]
fn ses_6_additions_do_not_start_the_session() {
    let service = ride();
    let session = the_session(&service);
    assert_eq!((session.status, session.date_started), (SessionStatus::Open, None));
    assert_eq!(session.date_last_interaction, None);
}

#[test]
fn rte_8_every_connection_is_the_last_interaction_and_the_first_one_the_start() {
    let mut service = after_a_call();
    service.receive(message(2, BOB, P2, "Hi"), at(20)).unwrap();
    let session = the_session(&service);
    assert_eq!((session.date_started, session.date_last_interaction), (Some(at(10)), Some(at(20))));
}

#[test]
fn rte_8_a_session_that_was_reopened_before_it_ever_started_starts_with_its_first_interaction() {
    let mut service = ride();
    service.close(session(1));
    service.reopen(session(1));
    assert_eq!(the_session(&service).date_started, None);
    service.receive(call(1, ALICE, P1), at(10)).unwrap();
    assert_eq!(the_session(&service).date_started, Some(at(10)));
}

#[test]
fn rte_8_a_reopened_session_keeps_its_start() {
    let mut service = after_a_call();
    service.close(session(1));
    service.reopen(session(1));
    service.receive(call(2, ALICE, P1), at(20)).unwrap();
    let session = the_session(&service);
    assert_eq!((session.date_started, session.date_last_interaction), (Some(at(10)), Some(at(20))));
}

#[test]
fn rte_8_an_accepted_verdict_starts_the_session() {
    let mut service = ride();
    set_intercept_url(&mut service);
    service.receive(call(1, ALICE, P1), at(10)).unwrap();
    assert_eq!(the_session(&service).status, SessionStatus::Open);
    service.resolve_intercept(interaction(1), WebhookAnswer::Status(200), at(20)).unwrap();
    let session = the_session(&service);
    assert_eq!((session.status, session.date_started), (SessionStatus::InProgress, Some(at(20))));
}

#[test]
fn exp_1_a_connection_restarts_the_ttl() {
    let mut service = mortal_ride(60);
    assert_eq!(service.next_deadline(), Some(at(60)));
    service.receive(call(1, ALICE, P1), at(59)).unwrap();
    assert_eq!(service.next_deadline(), Some(at(119)));
    service.handle_deadline(at(118));
    assert_eq!(the_session(&service).status, SessionStatus::InProgress);
    service.handle_deadline(at(130));
    let session = the_session(&service);
    assert_eq!((session.date_ended, session.closed_reason), (Some(at(119)), Some(ClosedReason::Expired)));
}

#[test]
fn exp_1_a_verdict_restarts_the_ttl_at_its_own_instant() {
    let mut service = mortal_ride(60);
    set_intercept_url(&mut service);
    service.receive(call(1, ALICE, P1), at(30)).unwrap();
    assert_eq!(service.next_deadline(), Some(at(60)));
    service.resolve_intercept(interaction(1), WebhookAnswer::Status(200), at(50)).unwrap();
    assert_eq!(service.next_deadline(), Some(at(110)));
}

#[test]
fn exp_1_a_connection_restarts_the_default_lifetime() {
    let mut policy = Policy::default();
    policy.default_lifetime = Span::from_seconds(100);
    let mut service = ride_with(policy, new_session(1));
    service.receive(call(1, ALICE, P1), at(50)).unwrap();
    assert_eq!(service.next_deadline(), Some(at(150)));
}

#[test]
fn exp_1_a_connection_does_not_move_a_date_expiry() {
    let mut new = new_session(1);
    new.date_expiry = Some(at(100));
    new.ttl = Some(ttl(10));
    let mut service = ride_with(Policy::default(), new);
    service.receive(call(1, ALICE, P1), at(50)).unwrap();
    assert_eq!(service.next_deadline(), Some(at(100)));
}

#[test]
fn exp_1_the_base_is_the_latest_of_reopen_and_interaction() {
    let mut service = mortal_ride(60);
    service.receive(call(1, ALICE, P1), at(10)).unwrap();
    service.update_session(session(1), close(), at(20)).unwrap();
    service.update_session(session(1), reopen(), at(30)).unwrap();
    assert_eq!(service.next_deadline(), Some(at(90)));
    service.receive(call(2, ALICE, P1), at(40)).unwrap();
    assert_eq!(service.next_deadline(), Some(at(100)));
}

#[test]
fn exp_1_a_ttl_that_is_changed_counts_from_the_last_interaction() {
    let mut service = mortal_ride(600);
    service.receive(call(1, ALICE, P1), at(50)).unwrap();
    let update = SessionUpdate { ttl: Some(ttl(30)), ..SessionUpdate::default() };
    service.update_session(session(1), update, at(60)).unwrap();
    assert_eq!(service.next_deadline(), Some(at(80)));
}

#[test]
fn exp_1_traffic_that_does_not_connect_does_not_restart_the_ttl() {
    let mut service = mortal_ride(60);
    service.receive(message(1, ALICE, P1, "STOP"), at(10)).unwrap();
    service.receive(call(2, CAROL, P1), at(20)).unwrap();
    service.remove_participant(session(1), participant(2), at(30)).unwrap();
    service.receive(call(3, ALICE, P1), at(30)).unwrap();
    assert_eq!(service.next_deadline(), Some(at(60)));
}

#[test]
fn exp_1_deleting_the_last_interaction_does_not_turn_the_ttl_back() {
    let mut service = mortal_ride(60);
    service.receive(call(1, ALICE, P1), at(50)).unwrap();
    service.delete_interaction(session(1), interaction(1), at(50)).unwrap();
    assert_eq!(service.next_deadline(), Some(at(110)));
    assert_eq!(the_session(&service).date_last_interaction, Some(at(50)));
}

#[test]
fn tim_5_a_connection_changes_the_session_and_no_participant() {
    let mut service = ride();
    let people = |service: &Service| service.participants(session(1)).unwrap().cloned().collect::<Vec<_>>();
    let before = people(&service);
    service.receive(call(1, ALICE, P1), at(10)).unwrap();
    assert_eq!(the_session(&service).date_updated, at(10));
    assert_eq!(people(&service), before);
    service.send_message(session(1), participant(1), new_message(2, "Hi"), at(20)).unwrap();
    assert_eq!(the_session(&service).date_updated, at(20));
    assert_eq!(people(&service), before);
}

#[test]
fn tim_5_a_report_changes_the_interaction_only() {
    let mut service = after_a_call();
    service.receive(call(2, ALICE, P1), at(15)).unwrap();
    report(&mut service, 1, StatusReport::new(ResourceStatus::Ringing), 20);
    let dates = |n| (record(&service, n).date_created, record(&service, n).date_updated);
    assert_eq!((dates(1), dates(2)), ((at(10), at(20)), (at(15), at(15))));
    assert_eq!(the_session(&service).date_updated, at(15));
}

#[test]
fn tim_2_an_earlier_instant_counts_as_the_latest_seen() {
    let mut service = ride();
    service.handle_deadline(at(50));
    service.receive(call(1, ALICE, P1), at(10)).unwrap();
    service.send_message(session(1), participant(1), new_message(2, "Hi"), at(20)).unwrap();
    for n in [1, 2] {
        assert_eq!(record(&service, n).date_created, at(50));
    }
    assert_eq!(the_session(&service).date_last_interaction, Some(at(50)));
}

#[test]
fn tim_2_every_operation_of_traffic_moves_the_latest_instant_even_where_it_is_refused() {
    let operations: [fn(&mut Service, Timestamp); 7] = [
        |service, now| assert!(service.receive(call(1, ALICE, "+14155559999"), now).is_err()),
        |service, now| assert!(service.resolve_intercept(interaction(1), WebhookAnswer::None, now).is_err()),
        |service, now| {
            let sids = twilio_proxy_core::AutoCreateSids {
                session: session(8),
                caller: participant(8),
                partner: participant(9),
            };
            let answer = OutOfSessionAnswer::default();
            assert!(service.resolve_out_of_session(interaction(1), answer, sids, now).is_err());
        },
        |service, now| assert!(service.send_message(session(7), participant(1), new_message(1, "Hi"), now).is_err()),
        |service, now| {
            assert_eq!(service.report_status(interaction(1), StatusReport::new(ResourceStatus::Busy), now), None);
        },
        |service, now| assert!(service.delete_interaction(session(1), interaction(1), now).is_err()),
        |service, now| service.report_callback(url(CALLBACK), WebhookAnswer::Status(200), now),
    ];
    for (operation, n) in operations.into_iter().zip(0..) {
        let mut service = mortal_ride(60);
        operation(&mut service, at(60));
        assert_eq!(service.latest_instant(), at(60), "{n}");
        assert_eq!(service.status(session(1)), Some(SessionStatus::Closed), "{n}");
    }
}

// ---- INV-2: interactions in the state ----

#[test]
fn inv_2_interactions_survive_serialisation_in_their_order() {
    let service = busy();
    let copy = restored(&service);
    assert_eq!(copy.state(), service.state());
    assert_eq!(listed(&copy), [5, 4, 3, 2]);
    assert_eq!((sent_to(&copy, 1), sent_to(&copy, 2)), (vec![2], vec![4]));
}

#[test]
fn inv_2_a_restored_interaction_goes_on_like_the_original() {
    let mut service = busy();
    service.delete_interaction(session(1), interaction(3), at(0)).unwrap();
    let mut copy = restored(&service);
    for service in [&mut service, &mut copy] {
        report(service, 5, StatusReport { duration: Some(5), ..StatusReport::new(ResourceStatus::Completed) }, 10);
        report(service, 5, StatusReport::new(ResourceStatus::Ringing), 10);
        service.receive(call(6, BOB, P2), at(20)).unwrap();
        service.delete_interaction(session(1), interaction(4), at(20)).unwrap();
    }
    assert_eq!(copy.state(), service.state());
}

type Flaw = Result<InteractionFlaw, Option<RestoreError>>;

/// What is said of interaction 1 of this service after its state has been damaged.
fn flaw(service: &Service, damage: impl FnOnce(&mut Value)) -> Flaw {
    let mut state = serde_json::to_value(service.state()).unwrap();
    damage(&mut state);
    match Service::restore(serde_json::from_value(state).unwrap()).err() {
        Some(RestoreError::Interaction { interaction: sid, flaw }) if sid == interaction(1) => Ok(flaw),
        other => Err(other),
    }
}

fn flaw_of(service: &Service, field: &str, value: Value) -> Flaw {
    let place = format!("/sessions/0/interactions/0/interaction/{field}");
    flaw(service, |state| *state.pointer_mut(&place).unwrap() = value)
}

#[test]
fn inv_2_an_interaction_out_of_order_is_refused() {
    let ordinal =
        |value: Value| flaw(&after_a_call(), |state| state["sessions"][0]["interactions"][0]["ordinal"] = value);
    assert_eq!(ordinal(json!(1)), Ok(InteractionFlaw::Ordinal));
    assert_eq!(flaw(&after_a_call(), |state| state["interactions_created"] = json!(0)), Ok(InteractionFlaw::Ordinal));
}

#[test]
fn inv_2_an_interaction_that_is_there_twice_is_refused() {
    let twice = |state: &mut Value| {
        let mut copy = state["sessions"][0]["interactions"][0].clone();
        copy["ordinal"] = json!(1);
        state["interactions_created"] = json!(2);
        state["sessions"][0]["interactions"].as_array_mut().unwrap().push(copy);
    };
    assert_eq!(flaw(&after_a_call(), twice), Ok(InteractionFlaw::SidTwice));
}

#[test]
fn inv_2_an_interaction_with_impossible_dates_is_refused() {
    let service = after_a_call();
    for (field, date) in [
        ("date_created", "2026-01-01T00:00:11Z"),
        ("date_created", "2026-01-01T00:00:09Z"),
        ("date_updated", "2026-01-01T00:00:09Z"),
        ("date_updated", "2026-01-01T00:00:11Z"),
    ] {
        assert_eq!(flaw_of(&service, field, json!(date)), Ok(InteractionFlaw::Dates), "{field} {date}");
    }
}

#[test]
fn inv_2_an_interaction_of_strangers_is_refused() {
    let service = after_a_call();
    for (field, value) in [
        ("inbound_participant_sid", json!("KP00000000000000000000000000000007")),
        ("inbound_participant_sid", json!("KP00000000000000000000000000000002")),
        ("outbound_participant_sid", json!("KP00000000000000000000000000000007")),
        ("outbound_participant_sid", Value::Null),
    ] {
        assert_eq!(flaw_of(&service, field, value.clone()), Ok(InteractionFlaw::Participants), "{field} {value}");
    }
}

#[test]
fn inv_2_an_interaction_whose_resources_do_not_go_together_is_refused() {
    let service = after_a_call();
    for (field, value) in [
        ("type", json!("message")),
        ("type", json!("unknown")),
        ("data", json!("{\"body\":\"Hi\"}")),
        ("data", json!("{\"duration\":5}")),
        ("data", json!("nonsense")),
        ("inbound_participant_sid", Value::Null),
        ("inbound_resource_sid", Value::Null),
        ("inbound_resource_status", json!("completed")),
        ("inbound_resource_type", json!("message")),
        ("inbound_resource_url", json!("https://a.example")),
        ("outbound_resource_sid", json!("CA00000000000000000000000000000009")),
        ("outbound_resource_status", Value::Null),
        ("outbound_resource_type", json!("message")),
        ("outbound_resource_url", json!("https://a.example")),
    ] {
        assert_eq!(flaw_of(&service, field, value.clone()), Ok(InteractionFlaw::Resources), "{field} {value}");
    }
}

#[test]
fn inv_2_an_interaction_in_a_session_that_never_started_is_refused() {
    let damage = |state: &mut Value| {
        state["sessions"][0]["session"]["date_last_interaction"] = Value::Null;
        state["sessions"][0]["session"]["date_started"] = Value::Null;
        state["sessions"][0]["session"]["status"] = json!("open");
    };
    assert_eq!(flaw(&after_a_call(), damage), Ok(InteractionFlaw::Dates));
}
