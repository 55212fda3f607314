//! WHK: requests that go out, and what the answers to them do. ERR-3, INV-6: what else leaves the machine.
#![cfg(feature = "serde")]
#![expect(clippy::unwrap_used, reason = "a fixture that fails is a failed test")]

use crate::common::*;
use insta::assert_snapshot;
use proptest::prelude::*;
use serde_json::{Value, json};
use twilio_proxy_core::{
    AddParticipantError, AnswerBody, AnswerBodyTooLong, AutoCreateError, AutoCreateParameter, AutoCreateSids, Code,
    Command, Contact, ContactKind, CreateSessionError, Event, EventFlaw, FictionalNumbers, FormParameters,
    FormParametersError, Media, MediaUrl, MessageBody, Notification, OutOfSessionAnswer, OutOfSessionFailure, Outcome,
    PairInvalid, ParseMediaUrlError, ParseTextError, Patch, Policy, ReceiveError, Rejection, Request, RequestPurpose,
    ReservedAssignment, ResolveError, ResourceStatus, RestoreError, Service, ServiceUpdate, SessionMode, SessionStatus,
    StatusReport, TooManyMediaUrls, WaitingFlaw, WebhookAnswer,
};

const ON_CHANNEL: &str = "whatsapp:+14155550001";
const CHANNEL_PROXY: &str = "whatsapp:+14155559001";
const FICTIONAL: &str = "+14155550100";

const SIDS: fn() -> AutoCreateSids =
    || AutoCreateSids { session: session(1), caller: participant(1), partner: participant(2) };

/// The requests among the events that have arisen.
fn requests(service: &mut Service) -> Vec<Request> {
    let request = |event| if let Event::Request(request) = event { Some(request) } else { None };
    polled(service).into_iter().filter_map(request).collect()
}

/// The only request among the events that have arisen.
fn the_request(service: &mut Service) -> Request {
    let [request] = <[Request; 1]>::try_from(requests(service)).unwrap();
    request
}

/// A request as one reads it.
fn shown(request: &Request) -> String {
    let lines = request.parameters.iter().map(|(name, value)| format!("{name}={value}\n"));
    format!("POST {}\n{}", request.url, lines.collect::<String>())
}

fn names(request: &Request) -> Vec<&str> {
    request.parameters.iter().map(|(name, _)| &**name).collect()
}

fn value<'a>(request: &'a Request, name: &str) -> &'a str {
    &request.parameters.iter().find(|(other, _)| **other == *name).unwrap().1
}

fn form(pairs: &[(&str, &str)]) -> FormParameters {
    let pairs: Vec<_> = pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    pairs.try_into().unwrap()
}

fn event(notification: Notification) -> Vec<Event> {
    vec![Event::Notification(notification)]
}

// ---- WHK-1, WHK-2: callbacks and intercepts ----

/// [`ride`] whose interactions are called back.
fn called_back() -> Service {
    let mut service = ride();
    set_callback_url(&mut service);
    service
}

#[test]
fn whk_2_the_callback_of_a_call() {
    let mut service = called_back();
    service.receive(call(1, ALICE, P1), at(10)).unwrap();
    assert_snapshot!("callback_of_a_call", shown(&the_request(&mut service)));
}

#[test]
fn whk_2_the_callback_of_a_message() {
    let mut service = called_back();
    service.receive(message(1, ALICE, P1, "Say \"hi\" & bye"), at(10)).unwrap();
    assert_snapshot!("callback_of_a_message", shown(&the_request(&mut service)));
}

#[test]
fn whk_2_the_callback_of_a_one_sided_message() {
    let mut service = called_back();
    service.send_message(session(1), participant(2), new_message(1, "Hello"), at(10)).unwrap();
    let request = the_request(&mut service);
    assert!(names(&request).iter().all(|name| !name.starts_with("inbound")));
    assert_snapshot!("callback_of_a_one_sided_message", shown(&request));
}

#[test]
fn whk_2_the_callback_of_a_status_change() {
    let mut service = called_back();
    service.receive(call(1, ALICE, P1), at(10)).unwrap();
    polled(&mut service);
    let completed =
        StatusReport { status: ResourceStatus::Completed, resource_sid: Some(call_sid(77)), duration: Some(5) };
    service.report_status(interaction(1), completed, at(20)).unwrap();
    assert_snapshot!("callback_of_a_status_change", shown(&the_request(&mut service)));
}

#[test]
fn whk_2_the_intercept_of_a_call() {
    let mut service = ride();
    set_intercept_url(&mut service);
    service.receive(call(1, ALICE, P1), at(10)).unwrap();
    let request = the_request(&mut service);
    assert!(names(&request).iter().all(|name| !name.starts_with("outbound")));
    assert_snapshot!("intercept_of_a_call", shown(&request));
}

#[test]
fn whk_2_the_intercept_of_a_message() {
    let mut service = ride();
    set_intercept_url(&mut service);
    service.receive(message(1, ALICE, P1, "Hi"), at(10)).unwrap();
    assert_snapshot!("intercept_of_a_message", shown(&the_request(&mut service)));
}

#[test]
fn whk_1_a_request_says_what_it_is_for_and_what_it_is_about() {
    let mut service = called_back();
    set_intercept_url(&mut service);
    set_out_of_session_url(&mut service);
    received(&mut service, call(1, ALICE, P1));
    service.resolve_intercept(interaction(1), WebhookAnswer::Status(200), at(0)).unwrap();
    received(&mut service, call(2, CAROL, P1));
    let about: Vec<_> = requests(&mut service)
        .into_iter()
        .map(|request| (request.purpose, request.interaction, request.session, request.url.to_string()))
        .collect();
    let expected = [
        (RequestPurpose::Intercept, interaction(1), Some(session(1)), INTERCEPT.to_owned()),
        (RequestPurpose::Callback, interaction(1), Some(session(1)), CALLBACK.to_owned()),
        (RequestPurpose::OutOfSession, interaction(2), None, OUT_OF_SESSION.to_owned()),
    ];
    assert_eq!(about, expected);
}

#[test]
fn whk_2_every_change_of_a_status_is_called_back() {
    let mut service = called_back();
    received(&mut service, call(1, ALICE, P1));
    for status in [ResourceStatus::Ringing, ResourceStatus::InProgress, ResourceStatus::Completed] {
        service.report_status(interaction(1), StatusReport::new(status), at(0)).unwrap();
    }
    let reported: Vec<_> =
        requests(&mut service).iter().map(|request| value(request, "outboundResourceStatus").to_owned()).collect();
    assert_eq!(reported, ["initiated", "ringing", "in-progress", "completed"]);
}

#[test]
fn whk_2_a_callback_tells_the_state_at_its_own_instant() {
    let mut service = called_back();
    service.receive(call(1, ALICE, P1), at(10)).unwrap();
    service.report_status(interaction(1), StatusReport::new(ResourceStatus::Ringing), at(20)).unwrap();
    let dates: Vec<_> =
        requests(&mut service).iter().map(|request| value(request, "interactionDateUpdated").to_owned()).collect();
    assert_eq!(dates, ["2026-01-01T00:00:10Z", "2026-01-01T00:00:20Z"]);
}

#[test]
fn whk_2_without_a_url_there_are_no_requests() {
    let mut service = ride();
    received(&mut service, call(1, ALICE, P1));
    service.report_status(interaction(1), StatusReport::new(ResourceStatus::Ringing), at(0)).unwrap();
    service.send_message(session(1), participant(1), new_message(2, "Hi"), at(0)).unwrap();
    assert_eq!(requests(&mut service), []);
}

#[test]
fn whk_2_a_request_goes_to_the_url_of_that_time() {
    let mut service = called_back();
    received(&mut service, call(1, ALICE, P1));
    let silent = ServiceUpdate { callback_url: Patch::Clear, ..ServiceUpdate::default() };
    service.update_service(silent, at(0));
    received(&mut service, call(2, ALICE, P1));
    let called: Vec<_> =
        requests(&mut service).iter().map(|request| (request.interaction, request.url.to_string())).collect();
    assert_eq!(called, [(interaction(1), CALLBACK.to_owned())]);
}

#[test]
fn whk_2_the_parameters_of_a_contact_are_in_no_callback_and_no_intercept() {
    let mut service = called_back();
    set_intercept_url(&mut service);
    let mut inbound = call(1, ALICE, P1);
    inbound.parameters = form(&[("CallStatus", "ringing")]);
    received(&mut service, inbound);
    service.resolve_intercept(interaction(1), WebhookAnswer::Status(200), at(0)).unwrap();
    for request in requests(&mut service) {
        assert!(!names(&request).contains(&"CallStatus"), "{request:?}");
    }
}

#[cfg(feature = "signature")]
#[test]
fn whk_1_a_request_is_signed_over_its_url_and_its_parameters() {
    let mut service = called_back();
    received(&mut service, call(1, ALICE, P1));
    let request = the_request(&mut service);
    assert_eq!(request.signature("12345"), twilio_proxy_core::signature(CALLBACK, &request.parameters, "12345"));
}

// ---- WHK-3: out-of-session requests ----

/// [`ride`] after its session was closed at `at(50)`, where contacts of no session are asked about.
fn bereft() -> Service {
    let mut service = ride();
    set_out_of_session_url(&mut service);
    service.update_session(session(1), close(), at(50)).unwrap();
    service
}

#[test]
fn whk_3_without_a_previous_session_the_parameters_of_the_contact_are_all() {
    let mut service = bereft();
    let mut inbound = call(1, CAROL, P1);
    let parameters = [("To", P1), ("From", CAROL), ("Empty", ""), ("To", P2), ("ä&=", "東\0")];
    inbound.parameters = form(&parameters);
    received(&mut service, inbound);
    let request = the_request(&mut service);
    let sent: Vec<_> = request.parameters.iter().map(|(name, value)| (&**name, &**value)).collect();
    assert_eq!(sent, parameters);
    assert_eq!(request.session, None);
}

#[test]
fn whk_3_without_parameters_and_previous_session_the_form_is_empty() {
    let mut service = bereft();
    received(&mut service, call(1, CAROL, P1));
    assert_snapshot!("out_of_session_without_previous_session", shown(&the_request(&mut service)));
}

#[test]
fn whk_3_a_previous_session_of_two() {
    let mut service = service().with_numbers(&[P1, P2]);
    set_out_of_session_url(&mut service);
    let mut new = new_session(1);
    new.unique_name = Some("ride-1".parse().unwrap());
    new.ttl = Some(ttl(60));
    service.create_session(new, at(1)).unwrap();
    let mut alice = new_participant_with(1, ALICE, P1);
    alice.friendly_name = Some("Alice & co".parse().unwrap());
    service.add_participant(session(1), alice, at(2)).unwrap();
    service.add_with(session(1), 2, BOB, P2);
    let mut inbound = call(1, ALICE, P1);
    inbound.parameters = form(&[("CallSid", "CA00000000000000000000000000000001"), ("CallStatus", "ringing")]);
    service.receive(inbound, at(100)).unwrap();
    let request = the_request(&mut service);
    assert_eq!(request.session, Some(session(1)));
    assert_snapshot!("out_of_session_with_previous_session_of_two", shown(&request));
}

#[test]
fn whk_3_a_previous_session_of_which_the_sender_alone_is_left() {
    let mut service = bereft();
    service.remove_participant(session(1), participant(2), at(50)).unwrap();
    service.receive(message(1, ALICE, P1, "Hi"), at(100)).unwrap();
    let request = the_request(&mut service);
    assert!(names(&request).iter().all(|name| !name.starts_with("outbound")));
    assert_snapshot!("out_of_session_with_previous_session_of_one", shown(&request));
}

#[test]
fn whk_3_a_previous_session_on_a_channel_has_no_number_sids() {
    let mut service = service().with_numbers(&[P1]);
    set_out_of_session_url(&mut service);
    let session = service.open_with_mode(1, SessionMode::MessageOnly);
    service.add_with(session, 1, ON_CHANNEL, CHANNEL_PROXY);
    service.close(session);
    received(&mut service, message(1, ON_CHANNEL, CHANNEL_PROXY, "Hi"));
    let request = the_request(&mut service);
    assert_eq!(value(&request, "inboundParticipantProxyIdentifierSid"), "");
    assert_eq!(value(&request, "inboundParticipantProxyIdentifier"), CHANNEL_PROXY);
    assert_eq!(value(&request, "sessionMode"), "message-only");
}

#[test]
fn whk_3_the_sender_is_the_inbound_participant_whoever_was_added_first() {
    let mut service = bereft();
    received(&mut service, call(1, BOB, P2));
    let request = the_request(&mut service);
    assert_eq!(value(&request, "inboundParticipantIdentifier"), BOB);
    assert_eq!(value(&request, "outboundParticipantIdentifier"), ALICE);
}

#[test]
fn whk_3_the_contact_waits_for_the_answer() {
    let mut service = bereft();
    assert_eq!(
        received(&mut service, call(1, ALICE, P1)),
        Outcome::OutOfSession {
            interaction: interaction(1),
            kind: ContactKind::Call,
            previous: Some(session(1)),
            expired: false,
            awaits_answer: true
        }
    );
    let error = service.receive(call(1, ALICE, P1), at(50)).unwrap_err();
    assert_eq!(error, ReceiveError::SidTaken { interaction: interaction(1) });
}

// ---- WHK-5: answers that create nothing ----

/// A pool of P1 and P2, and ALICE who has called P2 as interaction 1 at `at(10)`; the request has been sent.
fn asked() -> Service {
    asked_under(Policy::default())
}

fn asked_under(policy: Policy) -> Service {
    let mut service = service_with(policy).with_numbers(&[P1, P2]);
    set_out_of_session_url(&mut service);
    service.receive(call(1, ALICE, P2), at(10)).unwrap();
    polled(&mut service);
    service
}

fn answer(status: u16, content_type: &str, body: &str) -> OutOfSessionAnswer {
    OutOfSessionAnswer {
        status: WebhookAnswer::Status(status),
        content_type: Some(content_type.parse().unwrap()),
        body: body.parse().unwrap(),
    }
}

fn json_answer(body: &str) -> OutOfSessionAnswer {
    answer(200, "application/json", body)
}

/// What becomes of interaction 1 at `at(20)`.
fn resolved(service: &mut Service, answer: OutOfSessionAnswer) -> Outcome {
    service.resolve_out_of_session(interaction(1), answer, SIDS(), at(20)).unwrap()
}

fn failed(failure: OutOfSessionFailure) -> Outcome {
    Outcome::Failed { interaction: interaction(1), failure }
}

fn not_found(n: u128) -> ResolveError {
    service().resolve_intercept(interaction(n), WebhookAnswer::None, at(0)).unwrap_err()
}

/// The state after interaction 1 of [`asked`] has come to nothing.
fn after_nothing() -> twilio_proxy_core::ServiceState {
    let mut service = service().with_numbers(&[P1, P2]);
    set_out_of_session_url(&mut service);
    service.handle_deadline(at(20));
    service.state()
}

/// That this answer fails in this way, and that this notification is all that it does.
fn assert_fails(answer: &OutOfSessionAnswer, failure: OutOfSessionFailure, notification: &Notification) {
    let mut service = asked();
    assert_eq!(resolved(&mut service, answer.clone()), failed(failure), "{answer:?}");
    assert_eq!(polled(&mut service), event(notification.clone()), "{answer:?}");
    assert_eq!(service.state(), after_nothing(), "{answer:?}");
}

fn out_of_session_callback_error() -> Notification {
    Notification::OutOfSessionCallbackError { interaction: interaction(1), number: pool_number(P2) }
}

fn unknown_scenario() -> Notification {
    Notification::UnknownScenario { interaction: interaction(1), number: pool_number(P2) }
}

fn document_parse_failure() -> Notification {
    Notification::DocumentParseFailure { interaction: interaction(1), number: pool_number(P2) }
}

#[test]
fn whk_5_without_a_url_it_is_80905() {
    let mut service = ride();
    received(&mut service, call(1, CAROL, P1));
    assert_eq!(told(&mut service), ["80902", "80905"]);
    let unanswered = service.resolve_out_of_session(interaction(1), OutOfSessionAnswer::default(), SIDS(), at(0));
    assert_eq!(unanswered, Err(not_found(1)));
}

#[test]
fn whk_5_no_answer_is_80913() {
    assert_fails(&OutOfSessionAnswer::default(), OutOfSessionFailure::NoSuccess, &out_of_session_callback_error());
    assert_eq!(OutOfSessionFailure::NoSuccess.code().number(), 80913);
}

#[test]
fn whk_5_a_status_outside_of_2xx_is_80913_whatever_it_says() {
    for status in [0, 100, 199, 300, 302, 403, 404, 500, u16::MAX] {
        let answer = answer(status, "text/xml", "<Response/>");
        assert_fails(&answer, OutOfSessionFailure::NoSuccess, &out_of_session_callback_error());
    }
}

#[test]
fn whk_5_an_empty_body_is_80905_whatever_its_type() {
    for content_type in ["application/json", "application/xml", "text/xml", "text/plain"] {
        assert_fails(&answer(200, content_type, ""), OutOfSessionFailure::NoScenario, &unknown_scenario());
    }
    assert_eq!(OutOfSessionFailure::NoScenario.code().number(), 80905);
}

#[test]
fn whk_5_a_type_that_is_neither_json_nor_twiml_is_80905() {
    for content_type in ["text/plain", "text/html", "application/xhtml+xml", "application/json5", "json", "", ";"] {
        let answer = answer(200, content_type, r#"{"participantIdentifier":"+14155550002"}"#);
        assert_fails(&answer, OutOfSessionFailure::NoScenario, &unknown_scenario());
    }
}

#[test]
fn whk_5_without_a_type_it_is_80905() {
    let mut answer = answer(200, "text/xml", "<Response/>");
    answer.content_type = None;
    assert_fails(&answer, OutOfSessionFailure::NoScenario, &unknown_scenario());
}

#[test]
fn whk_5_twiml_is_handed_on_unread() {
    let documents = ["<Response><Say>Bye</Say></Response>", "<Response", "not XML at all \0", " "];
    let types = ["application/xml", "text/xml", "Text/XML", "APPLICATION/XML; charset=utf-8", "text/xml;charset=x"];
    for (content_type, text) in types.into_iter().flat_map(|kind| documents.map(|text| (kind, text))) {
        let mut service = asked();
        let expected = Outcome::Twiml { interaction: interaction(1), document: text.parse().unwrap() };
        assert_eq!(resolved(&mut service, answer(200, content_type, text)), expected, "{content_type} {text}");
        assert_eq!(expected.code(), None);
        assert_eq!(polled(&mut service), [], "{content_type} {text}");
        assert_eq!(service.state(), after_nothing(), "{content_type} {text}");
    }
}

#[test]
fn whk_5_every_success_counts() {
    for status in [200, 201, 204, 299] {
        let mut service = asked();
        let outcome = resolved(&mut service, answer(status, "text/xml", "<Response/>"));
        assert!(matches!(outcome, Outcome::Twiml { .. }), "{status}");
    }
}

#[test]
fn whk_5_json_counts_without_regard_to_case_and_parameters() {
    for content_type in
        ["application/json", "Application/JSON", "application/json; charset=utf-8", "APPLICATION/JSON;x"]
    {
        let mut service = asked();
        let outcome = resolved(&mut service, answer(200, content_type, r#"{"participantIdentifier":"+14155550002"}"#));
        assert_eq!(outcome, connected(1, 1, P1, BOB), "{content_type}");
    }
}

#[test]
fn whk_5_json_that_is_no_object_is_12100() {
    for body in [
        "[]",
        "null",
        "\"+14155550002\"",
        "7",
        "{",
        "{}}",
        "<Response/>",
        " ",
        "\u{feff}{}",
        "{\"participantIdentifier\":}",
    ] {
        assert_fails(&json_answer(body), OutOfSessionFailure::Unreadable, &document_parse_failure());
    }
    assert_eq!(OutOfSessionFailure::Unreadable.code().number(), 12100);
}

#[test]
fn whk_5_json_without_a_participant_identifier_is_12100() {
    for body in ["{}", r#"{"participantidentifier":"+14155550002"}"#, r#"{"mode":"voice-only"}"#] {
        assert_fails(&json_answer(body), OutOfSessionFailure::Unreadable, &document_parse_failure());
    }
}

#[test]
fn whk_5_json_with_a_known_key_of_another_type_is_12100() {
    let others = [json!(7), json!(true), Value::Null, json!([]), json!({})];
    for key in ["participantIdentifier", "uniqueName", "mode", "dateExpiry", "participantProxyIdentifier"] {
        for other in &others {
            let mut body = json!({ "participantIdentifier": BOB });
            body[key] = other.clone();
            assert_fails(&json_answer(&body.to_string()), OutOfSessionFailure::Unreadable, &document_parse_failure());
        }
    }
}

#[test]
fn whk_5_a_ttl_that_is_neither_an_integer_nor_digits_is_12100() {
    for ttl in
        [json!(true), Value::Null, json!([60]), json!(60.5), json!("sixty"), json!("6 0"), json!("+60"), json!("")]
    {
        let body = json!({ "participantIdentifier": BOB, "ttl": ttl });
        assert_fails(&json_answer(&body.to_string()), OutOfSessionFailure::Unreadable, &document_parse_failure());
    }
}

#[test]
fn whk_5_unknown_keys_are_ignored() {
    let mut service = asked();
    let body = json!({ "participantIdentifier": BOB, "Mode": 7, "x": { "y": [null] }, "": false });
    assert_eq!(resolved(&mut service, json_answer(&body.to_string())), connected(1, 1, P1, BOB));
}

#[test]
fn whk_5_an_answer_is_taken_once() {
    for answer in [OutOfSessionAnswer::default(), json_answer("{}"), answer(200, "text/xml", "<Response/>")] {
        let mut service = asked();
        resolved(&mut service, answer.clone());
        polled(&mut service);
        let before = service.state();
        assert_eq!(service.resolve_out_of_session(interaction(1), answer, SIDS(), at(20)), Err(not_found(1)));
        assert_eq!(service.state(), before);
    }
}

#[test]
fn whk_5_a_contact_that_waits_for_an_answer_is_no_record_and_its_sid_is_taken() {
    let mut service = bereft();
    service.reopen(session(1));
    received(&mut service, call(1, CAROL, P1));
    polled(&mut service);
    let sent = service.send_message(session(1), participant(1), new_message(1, "Hi"), at(50)).unwrap_err();
    assert_eq!(sent.code().number(), 20409);
    assert_eq!(service.report_status(interaction(1), StatusReport::new(ResourceStatus::Busy), at(50)), None);
    assert_eq!(told(&mut service), ["80907"]);
    assert_eq!(service.interaction(session(1), interaction(1)), None);
}

#[test]
fn whk_5_a_contact_that_waits_for_a_verdict_takes_no_other_answer() {
    let mut service = ride();
    set_intercept_url(&mut service);
    received(&mut service, call(1, ALICE, P1));
    let answer = answer(200, "text/xml", "<Response/>");
    assert_eq!(service.resolve_out_of_session(interaction(1), answer, SIDS(), at(0)), Err(not_found(1)));
    let outcome = service.resolve_intercept(interaction(1), WebhookAnswer::Status(200), at(0));
    assert_eq!(outcome, Ok(connected(1, 1, P2, BOB)));
}

#[test]
fn whk_5_a_channel_address_is_not_told_in_a_notification() {
    let mut service = service();
    set_out_of_session_url(&mut service);
    let session = service.open_with_mode(1, SessionMode::MessageOnly);
    service.add_with(session, 1, ON_CHANNEL, CHANNEL_PROXY);
    received(&mut service, message(1, "whatsapp:+14155557777", CHANNEL_PROXY, "Hi"));
    let answer = OutOfSessionAnswer::default();
    service.resolve_out_of_session(interaction(1), answer, SIDS(), at(0)).unwrap();
    let (interaction, number) = (interaction(1), None);
    let expected = [
        Notification::UnknownParticipant { interaction, number },
        Notification::OutOfSessionCallbackError { interaction, number },
    ];
    assert_eq!(service.drain_notifications(), expected);
}

// ---- WHK-4: auto-create ----

fn auto_create(service: &mut Service, body: &Value) -> Outcome {
    resolved(service, json_answer(&body.to_string()))
}

#[test]
fn whk_4_session_caller_and_partner_are_created_and_the_contact_connected() {
    let mut service = asked();
    set_callback_url(&mut service);
    assert_eq!(auto_create(&mut service, &json!({ "participantIdentifier": BOB })), connected(1, 1, P1, BOB));
    assert_eq!(told(&mut service), [format!("leg 1 from {P1} to {BOB}"), "callback 1".into()]);
    let people: Vec<_> = service
        .participants(session(1))
        .unwrap()
        .map(|added| (added.sid, added.identifier.to_string(), added.proxy_identifier.to_string(), added.date_created))
        .collect();
    let expected = [
        (participant(1), ALICE.to_owned(), P2.to_owned(), at(20)),
        (participant(2), BOB.to_owned(), P1.to_owned(), at(20)),
    ];
    assert_eq!(people, expected);
    let record = service.interaction(session(1), interaction(1)).unwrap();
    assert_eq!(
        (record.inbound_participant_sid, record.outbound_participant_sid),
        (Some(participant(1)), Some(participant(2)))
    );
    assert_eq!((record.inbound_resource_sid, record.date_created), (Some(call_sid(1)), at(20)));
}

#[test]
fn whk_4_the_session_has_every_default() {
    let mut service = asked();
    auto_create(&mut service, &json!({ "participantIdentifier": BOB }));
    let expected = json!({
        "sid": "KC00000000000000000000000000000001",
        "date_started": "2026-01-01T00:00:20Z",
        "date_ended": null,
        "date_last_interaction": "2026-01-01T00:00:20Z",
        "date_expiry": null,
        "unique_name": null,
        "status": "in-progress",
        "closed_reason": null,
        "ttl": 0,
        "mode": "voice-and-message",
        "date_created": "2026-01-01T00:00:20Z",
        "date_updated": "2026-01-01T00:00:20Z",
    });
    assert_eq!(serde_json::to_value(service.session(session(1)).unwrap()).unwrap(), expected);
}

#[test]
fn whk_4_every_field_counts() {
    let mut service = asked();
    let body = json!({
        "participantIdentifier": BOB,
        "uniqueName": "ride-7",
        "mode": "voice-only",
        "ttl": 60,
        "dateExpiry": "2026-01-01T02:00:00.9+01:00",
        "participantProxyIdentifier": P2,
    });
    assert_eq!(auto_create(&mut service, &body), connected(1, 1, P2, BOB));
    let session = service.session_by_name("ride-7").unwrap();
    assert_eq!((session.mode, session.ttl.as_seconds()), (SessionMode::VoiceOnly, 60));
    assert_eq!(session.date_expiry, Some(at(3_600)));
    assert_eq!(service.next_deadline(), Some(at(3_600)));
}

#[test]
fn whk_4_a_ttl_is_an_integer_or_digits_else_that_of_the_service() {
    for (given, expected) in [
        (json!(60), 60),
        (json!("60"), 60),
        (json!("0060"), 60),
        (json!(0), 0),
        (json!("0"), 0),
        (json!(2_147_483_646), 2_147_483_646),
        (json!("2147483646"), 2_147_483_646),
    ] {
        let mut service = asked();
        let update = ServiceUpdate { default_ttl: Some(ttl(300)), ..ServiceUpdate::default() };
        service.update_service(update, at(10));
        let mut absent = service.clone();
        auto_create(&mut absent, &json!({ "participantIdentifier": BOB }));
        assert_eq!(absent.session(session(1)).unwrap().ttl, ttl(300));
        auto_create(&mut service, &json!({ "participantIdentifier": BOB, "ttl": given }));
        assert_eq!(service.session(session(1)).unwrap().ttl, ttl(expected), "{given}");
    }
}

#[test]
fn whk_4_minus_zero_is_an_integer() {
    let mut service = asked();
    let outcome = resolved(&mut service, json_answer(r#"{"participantIdentifier":"+14155550002","ttl":-0}"#));
    assert_eq!(outcome, connected(1, 1, P1, BOB));
    assert_eq!(service.session(session(1)).unwrap().ttl, ttl(0));
}

#[test]
fn whk_4_the_ttl_of_the_service_is_that_of_the_answer() {
    let mut service = asked();
    let update = ServiceUpdate { default_ttl: Some(ttl(300)), ..ServiceUpdate::default() };
    service.update_service(update, at(15));
    auto_create(&mut service, &json!({ "participantIdentifier": BOB }));
    assert_eq!(service.next_deadline(), Some(at(320)));
}

#[test]
fn whk_4_the_partner_is_trimmed_like_any_identifier() {
    let mut service = asked();
    let body = json!({ "participantIdentifier": format!(" \t{BOB}\r\n\u{c}") });
    assert_eq!(auto_create(&mut service, &body), connected(1, 1, P1, BOB));
}

#[test]
fn whk_4_escapes_in_the_answer_are_read() {
    let mut service = asked();
    let body = r#"{"participant\u0049dentifier":"\u002b14155550002","uniqueName":"\ud83d\ude95"}"#;
    assert_eq!(resolved(&mut service, json_answer(body)), connected(1, 1, P1, BOB));
    assert!(service.session_by_name("🚕").is_some());
}

#[test]
fn whk_4_a_message_is_connected_with_its_body_and_its_media() {
    let mut service = service().with_numbers(&[P1, P2]);
    set_out_of_session_url(&mut service);
    let media = Media::try_from(vec!["https://media.example.com/1.png".parse().unwrap()]).unwrap();
    let contact = Contact::Message { body: "Look".parse().unwrap(), media };
    let mut inbound = message(1, ALICE, P2, "");
    inbound.contact = contact.clone();
    received(&mut service, inbound);
    polled(&mut service);
    service = restored(&service);
    auto_create(&mut service, &json!({ "participantIdentifier": BOB }));
    match polled(&mut service).as_slice() {
        [Event::Leg(leg)] => assert_eq!(leg.contact, contact),
        events => panic!("{events:?}"),
    }
}

fn mode_of(service: &mut Service, inbound: twilio_proxy_core::Inbound, body: &Value) -> SessionMode {
    set_out_of_session_url(service);
    received(service, inbound);
    polled(service);
    auto_create(service, body);
    service.session(session(1)).unwrap().mode
}

/// A pool of P1, P2 and a short code, and a closed session 9 that knows [`CHANNEL_PROXY`].
fn with_every_kind() -> Service {
    let mut service = service().with_numbers(&[P1, P2]);
    service.add_number(new_short_code(1, "44551", country("US")), at(0)).unwrap();
    let old = service.open_with_mode(9, SessionMode::MessageOnly);
    service.add_with(old, 9, "whatsapp:+14155557777", CHANNEL_PROXY);
    service.close(old);
    service
}

#[test]
fn whk_4_without_a_mode_a_channel_or_a_dialled_short_code_makes_it_message_only() {
    let bob = json!({ "participantIdentifier": BOB });
    let bob_on_channel =
        json!({ "participantIdentifier": "whatsapp:+14155550002", "participantProxyIdentifier": CHANNEL_PROXY });
    let messages = [
        (message(1, ALICE, P1, "Hi"), &bob, SessionMode::VoiceAndMessage),
        (message(1, ON_CHANNEL, CHANNEL_PROXY, "Hi"), &bob, SessionMode::MessageOnly),
        (message(1, ALICE, P1, "Hi"), &bob_on_channel, SessionMode::MessageOnly),
        (message(1, ALICE, "44551", "Hi"), &bob, SessionMode::MessageOnly),
        (call(1, ALICE, P1), &bob_on_channel, SessionMode::MessageOnly),
    ];
    for (inbound, body, mode) in messages {
        assert_eq!(mode_of(&mut with_every_kind(), inbound.clone(), body), mode, "{inbound:?} {body}");
    }
}

#[test]
fn whk_4_a_short_code_of_the_partner_alone_leaves_the_mode_as_it_is() {
    let body = json!({ "participantIdentifier": BOB, "participantProxyIdentifier": "44551" });
    assert_eq!(mode_of(&mut with_every_kind(), call(1, ALICE, P1), &body), SessionMode::VoiceAndMessage);
}

#[test]
fn whk_4_the_mode_that_is_given_counts() {
    for mode in SessionMode::ALL {
        let body = json!({ "participantIdentifier": BOB, "mode": mode.as_str() });
        assert_eq!(mode_of(&mut with_every_kind(), message(1, ALICE, "44551", "Hi"), &body), *mode);
    }
}

#[test]
fn whk_4_the_contact_goes_on_from_the_mode_of_the_session_that_was_created() {
    let mut service = asked();
    let outcome = auto_create(&mut service, &json!({ "participantIdentifier": BOB, "mode": "message-only" }));
    let (session, interaction) = (session(1), interaction(1));
    let reason = Rejection::CallToMessageOnlySession;
    assert_eq!(outcome, Outcome::Rejected { session, interaction, reason });
    let (participant, number) = (participant(1), pool_number(P2));
    let expected = Notification::CallToMessageOnlySession { session, participant, interaction, number };
    assert_eq!(polled(&mut service), event(expected));
    assert_eq!(service.status(session), Some(SessionStatus::Open));
    assert_eq!(service.participants(session).unwrap().count(), 2);
}

#[test]
fn whk_4_the_intercept_is_asked_too() {
    let mut service = asked();
    set_intercept_url(&mut service);
    let outcome = auto_create(&mut service, &json!({ "participantIdentifier": BOB }));
    assert_eq!(outcome, Outcome::Waiting { session: session(1), interaction: interaction(1) });
    assert_eq!(told(&mut service), ["intercept 1"]);
    assert_eq!(service.status(session(1)), Some(SessionStatus::Open));
    let verdict = service.resolve_intercept(interaction(1), WebhookAnswer::Status(200), at(30));
    assert_eq!(verdict, Ok(connected(1, 1, P1, BOB)));
}

#[test]
fn whk_4_if_the_contact_matches_by_then_the_answer_is_not_applied() {
    let mut service = asked();
    let other = service.open(7);
    service.add_with(other, 7, ALICE, P2);
    service.add_with(other, 8, CAROL, P1);
    let body = json!({ "participantIdentifier": BOB, "uniqueName": "ride-7" });
    assert_eq!(auto_create(&mut service, &body), connected(7, 1, P1, CAROL));
    assert_eq!(service.session(session(1)), None);
    assert_eq!(service.session_by_name("ride-7"), None);
}

#[test]
fn whk_4_if_the_contact_matches_by_then_it_goes_that_way_wherever_that_leads() {
    let mut service = asked();
    let other = service.open_with_mode(7, SessionMode::MessageOnly);
    service.add_with(other, 7, ALICE, P2);
    let outcome = auto_create(&mut service, &json!({ "participantIdentifier": BOB }));
    let reason = Rejection::CallToMessageOnlySession;
    assert_eq!(outcome, Outcome::Rejected { session: other, interaction: interaction(1), reason });
    assert_eq!(service.session(session(1)), None);
    assert_eq!(told(&mut service), ["80911"]);
}

#[test]
fn whk_4_a_contact_that_matches_by_then_may_have_to_wait_again() {
    let mut service = asked();
    set_intercept_url(&mut service);
    let other = service.open(7);
    service.add_with(other, 7, ALICE, P2);
    service.add_with(other, 8, CAROL, P1);
    let outcome = auto_create(&mut service, &json!({ "participantIdentifier": BOB }));
    assert_eq!(outcome, Outcome::Waiting { session: other, interaction: interaction(1) });
    assert_eq!(told(&mut service), ["intercept 1"]);
}

#[test]
fn whk_4_an_address_on_a_channel_may_have_been_forgotten_by_then() {
    let mut service = with_every_kind();
    set_out_of_session_url(&mut service);
    received(&mut service, message(1, ON_CHANNEL, CHANNEL_PROXY, "Hi"));
    polled(&mut service);
    service.delete_session(session(9), at(0)).unwrap();
    assert_eq!(auto_create(&mut service, &json!({ "participantIdentifier": BOB })), connected(1, 1, P1, BOB));
}

#[test]
fn whk_4_twiml_is_handed_on_even_if_the_contact_matches_by_then() {
    let mut service = asked();
    let other = service.open(7);
    service.add_with(other, 7, ALICE, P2);
    let outcome = resolved(&mut service, answer(200, "text/xml", "<Response/>"));
    assert!(matches!(outcome, Outcome::Twiml { .. }));
}

#[test]
fn rte_11_a_contact_is_dropped_when_its_previous_session_is_deleted() {
    let mut service = bereft();
    received(&mut service, call(1, ALICE, P1));
    polled(&mut service);
    service.delete_session(session(1), at(50)).unwrap();
    let sids = AutoCreateSids { session: session(2), ..SIDS() };
    let answer = json_answer(r#"{"participantIdentifier":"+14155550003"}"#);
    let outcome = service.resolve_out_of_session(interaction(1), answer, sids, at(60));
    assert_eq!(outcome.unwrap_err().interaction, interaction(1));
    assert_eq!(service.session(session(2)), None);
    assert_eq!(polled(&mut service), []);
    received(&mut service, call(1, CAROL, P1)); // its SID is free again
}

#[test]
fn whk_4_a_reserved_number_that_was_dialled_is_the_callers_whatever_the_policy() {
    for reserved_assignment in [ReservedAssignment::Allow, ReservedAssignment::Refuse] {
        let mut policy = Policy::default();
        policy.reserved_assignment = reserved_assignment;
        let mut service = asked_under(policy);
        let reserve = twilio_proxy_core::NumberUpdate { is_reserved: Some(true) };
        service.update_number(number(2), reserve, at(10)).unwrap();
        let outcome = auto_create(&mut service, &json!({ "participantIdentifier": BOB }));
        assert_eq!(outcome, connected(1, 1, P1, BOB), "{reserved_assignment:?}");
    }
}

#[test]
fn par_8_auto_create_does_not_ask_the_policy_on_reserved_numbers_for_the_partner_either() {
    let mut policy = Policy::default();
    policy.reserved_assignment = ReservedAssignment::Refuse;
    let mut service = asked_under(policy);
    let reserve = twilio_proxy_core::NumberUpdate { is_reserved: Some(true) };
    service.update_number(number(1), reserve, at(10)).unwrap();
    let body = json!({ "participantIdentifier": BOB, "participantProxyIdentifier": P1 });
    assert_eq!(auto_create(&mut service, &body), connected(1, 1, P1, BOB));
}

/// [`asked`] where ALICE is in flight on P2 in session 9.
fn alice_in_flight_elsewhere(policy: Policy) -> Service {
    let mut service = asked_under(policy);
    let other = service.open(9);
    service.begin_add_participant(other, new_participant_with(9, ALICE, P2), at(10)).unwrap();
    service
}

#[test]
fn whk_4_a_strict_account_refuses_a_conflict() {
    let mut service = alice_in_flight_elsewhere(Policy::default());
    let error = AddParticipantError::DuplicateRequest { other_session: session(9) };
    let error = CreateSessionError::Participant { index: 0, error };
    let expected = failed(OutOfSessionFailure::AutoCreate(AutoCreateError::Session(error)));
    assert_eq!(auto_create(&mut service, &json!({ "participantIdentifier": BOB })), expected);
    assert_eq!(expected.code().unwrap().number(), 80623);
    assert_eq!(polled(&mut service), event(unknown_scenario()));
}

#[test]
fn whk_4_a_permissive_account_goes_ahead_with_80802() {
    let mut service = alice_in_flight_elsewhere(permissive());
    let outcome = auto_create(&mut service, &json!({ "participantIdentifier": BOB }));
    assert_eq!(outcome, connected(1, 1, P1, BOB));
    assert_eq!(told(&mut service), ["80802".into(), format!("leg 1 from {P1} to {BOB}")]);
}

#[test]
fn whk_4_an_expired_contact_of_a_permissive_account_reaches_the_doubled_pair_by_then() {
    let mut service = alice_in_flight_elsewhere(permissive());
    service.finish_add_participant(session(9), participant(9), at(10)).unwrap();
    service.add_with(session(9), 8, CAROL, P1);
    let outcome = auto_create(&mut service, &json!({ "participantIdentifier": BOB }));
    assert_eq!(outcome, connected(9, 1, P1, CAROL));
}

/// That this answer creates nothing, for this reason.
fn assert_not_created(service: &mut Service, body: &Value, error: AutoCreateError, code: u32) {
    let mut untouched = service.clone();
    resolved(&mut untouched, answer(200, "text/plain", "nothing"));
    polled(&mut untouched);
    let expected = failed(OutOfSessionFailure::AutoCreate(error));
    assert_eq!(auto_create(service, body), expected, "{body}");
    assert_eq!(expected.code().map(Code::number), Some(code), "{body}");
    assert_eq!(polled(service), event(unknown_scenario()), "{body}");
    assert_eq!(service.state(), untouched.state(), "nothing is created: {body}");
}

const fn invalid(parameter: AutoCreateParameter) -> AutoCreateError {
    AutoCreateError::ParameterInvalid { parameter }
}

const fn member(index: usize, error: AddParticipantError) -> AutoCreateError {
    AutoCreateError::Session(CreateSessionError::Participant { index, error })
}

#[test]
fn whk_4_a_malformed_value_is_80701() {
    use AutoCreateParameter as Parameter;
    let long = |length| "x".repeat(length);
    let (sid_name, empty) = (format!("KC{:032}", 7), String::new());
    for (key, value, parameter) in [
        ("uniqueName", json!(long(192)), Parameter::UniqueName),
        ("uniqueName", json!(empty), Parameter::UniqueName),
        ("uniqueName", json!(sid_name), Parameter::UniqueName),
        ("dateExpiry", json!("tomorrow"), Parameter::DateExpiry),
        ("dateExpiry", json!("2026-01-02"), Parameter::DateExpiry),
        ("dateExpiry", json!("10000-01-01T00:00:00Z"), Parameter::DateExpiry),
        ("ttl", json!(-1), Parameter::Ttl),
        ("ttl", json!(2_147_483_647), Parameter::Ttl),
        ("ttl", json!(u64::MAX), Parameter::Ttl),
        ("ttl", json!(i64::MIN), Parameter::Ttl),
        ("ttl", json!("2147483647"), Parameter::Ttl),
        ("ttl", json!("9".repeat(1_000)), Parameter::Ttl),
        ("mode", json!("voice"), Parameter::Mode),
        ("mode", json!("Voice-Only"), Parameter::Mode),
        ("participantIdentifier", json!(""), Parameter::ParticipantIdentifier),
        ("participantIdentifier", json!(long(192)), Parameter::ParticipantIdentifier),
        ("participantProxyIdentifier", json!(long(256)), Parameter::ParticipantProxyIdentifier),
    ] {
        let mut body = json!({ "participantIdentifier": BOB });
        body[key] = value;
        assert_not_created(&mut asked(), &body, invalid(parameter), 80701);
    }
}

#[test]
fn whk_4_the_literals_of_the_keys() {
    let literals: Vec<_> = AutoCreateParameter::ALL.iter().map(|parameter| parameter.as_str()).collect();
    let expected = ["uniqueName", "dateExpiry", "ttl", "mode", "participantIdentifier", "participantProxyIdentifier"];
    assert_eq!(literals, expected);
}

#[test]
fn whk_4_an_expiry_that_does_not_lie_in_the_future_is_80701() {
    for (date, expected) in
        [("2026-01-01T00:00:20Z", at(20)), ("2026-01-01T00:00:20.999Z", at(20)), ("2026-01-01T00:00:15Z", at(15))]
    {
        let body = json!({ "participantIdentifier": BOB, "dateExpiry": date });
        let mut new = new_session(1);
        new.date_expiry = Some(expected);
        let error = service().create_session(new, at(20)).unwrap_err();
        assert!(matches!(error, CreateSessionError::DateExpiryNotInFuture(_)), "{date}");
        assert_not_created(&mut asked(), &body, AutoCreateError::Session(error), 80701);
    }
}

#[test]
fn whk_4_a_malformed_partner_is_80404() {
    for text in ["14155550002", "+0123456789", "Bob", "WHATSAPP:+14155550002", "whatsapp:", "+14155550002\u{0}"] {
        let body = json!({ "participantIdentifier": text });
        assert_not_created(&mut asked(), &body, AutoCreateError::ParticipantIdentifierInvalid, 80404);
    }
}

#[test]
fn whk_4_a_withheld_caller_cannot_be_created() {
    let mut service = service().with_numbers(&[P1, P2]);
    set_out_of_session_url(&mut service);
    received(&mut service, withheld_call(1, P2));
    polled(&mut service);
    let body = json!({ "participantIdentifier": BOB });
    assert_not_created(&mut service, &body, AutoCreateError::CallerWithheld, 80701);
}

#[test]
fn whk_4_sids_that_are_taken_are_20409() {
    let taken: [(AutoCreateSids, CreateSessionError); 4] = [
        (AutoCreateSids { session: session(9), ..SIDS() }, CreateSessionError::SessionSidTaken { session: session(9) }),
        (
            AutoCreateSids { caller: participant(9), ..SIDS() },
            CreateSessionError::ParticipantSidTaken { participant: participant(9) },
        ),
        (
            AutoCreateSids { partner: participant(9), ..SIDS() },
            CreateSessionError::ParticipantSidTaken { participant: participant(9) },
        ),
        (
            AutoCreateSids { partner: participant(1), ..SIDS() },
            CreateSessionError::ParticipantSidTaken { participant: participant(1) },
        ),
    ];
    for (sids, error) in taken {
        let mut service = asked();
        let old = service.open(9);
        service.add(old, 9, CAROL);
        let answer = json_answer(r#"{"participantIdentifier":"+14155550002"}"#);
        let outcome = service.resolve_out_of_session(interaction(1), answer, sids, at(20)).unwrap();
        assert_eq!(outcome.code(), Some(Code::Conflict));
        assert_eq!(outcome, failed(OutOfSessionFailure::AutoCreate(AutoCreateError::Session(error))));
        assert_eq!(polled(&mut service), event(unknown_scenario()));
        assert_eq!(service.sessions().count(), 1);
    }
}

#[test]
fn whk_4_a_name_that_is_taken_is_80603() {
    let mut service = asked();
    let mut new = new_session(9);
    new.unique_name = Some("ride-7".parse().unwrap());
    service.create_session(new, at(10)).unwrap();
    service.close(session(9));
    let error = CreateSessionError::NonUniqueName { unique_name: "ride-7".parse().unwrap(), existing: session(9) };
    let body = json!({ "participantIdentifier": BOB, "uniqueName": "ride-7" });
    assert_not_created(&mut service, &body, AutoCreateError::Session(error), 80603);
}

#[test]
fn whk_4_the_caller_is_no_partner_of_himself() {
    let error = member(1, AddParticipantError::AlreadyInSession { existing: participant(1) });
    assert_not_created(&mut asked(), &json!({ "participantIdentifier": ALICE }), error, 80103);
}

#[test]
fn whk_4_a_number_of_the_pool_is_no_partner_and_no_caller() {
    let error = |index| member(index, AddParticipantError::PairInvalid(PairInvalid::IdentifierInPool));
    assert_not_created(&mut asked(), &json!({ "participantIdentifier": P1 }), error(1), 80402);
    let mut service = service().with_numbers(&[P1, P2]);
    set_out_of_session_url(&mut service);
    received(&mut service, call(1, P1, P2));
    polled(&mut service);
    assert_not_created(&mut service, &json!({ "participantIdentifier": BOB }), error(0), 80402);
}

#[test]
fn whk_4_a_dialled_number_that_has_left_the_pool_is_80605() {
    let mut service = asked();
    service.remove_number(number(2), at(10)).unwrap();
    let error = member(0, AddParticipantError::ProxyIdentifierNotInService);
    assert_not_created(&mut service, &json!({ "participantIdentifier": BOB }), error, 80605);
}

#[test]
fn whk_4_a_proxy_identifier_of_the_partner_that_is_not_in_the_pool_is_80605() {
    for proxy in ["+14155559003", "44551", "telephone", "PN00000000000000000000000000000001"] {
        let body = json!({ "participantIdentifier": BOB, "participantProxyIdentifier": proxy });
        let error = member(1, AddParticipantError::ProxyIdentifierNotInService);
        assert_not_created(&mut asked(), &body, error, 80605);
    }
}

#[test]
fn whk_4_a_partner_on_a_channel_needs_an_address_of_it() {
    let body = json!({ "participantIdentifier": ON_CHANNEL });
    let error = member(1, AddParticipantError::ChannelWithoutProxyIdentifier);
    assert_not_created(&mut asked(), &body, error, 80304);
    let body = json!({ "participantIdentifier": ON_CHANNEL, "participantProxyIdentifier": P1 });
    let error = member(1, AddParticipantError::PairInvalid(PairInvalid::NotOfThisChannel));
    assert_not_created(&mut asked(), &body, error, 80402);
    let body = json!({ "participantIdentifier": BOB, "participantProxyIdentifier": CHANNEL_PROXY });
    let error = member(1, AddParticipantError::PairInvalid(PairInvalid::ChannelForPhoneNumber));
    assert_not_created(&mut asked(), &body, error, 80402);
}

#[test]
fn whk_4_a_partner_on_a_channel_does_not_go_with_voice() {
    let body = json!({
        "participantIdentifier": ON_CHANNEL,
        "participantProxyIdentifier": CHANNEL_PROXY,
        "mode": "voice-and-message",
    });
    let error =
        AddParticipantError::UnsupportedIdentifierType { identifier: identifier(ON_CHANNEL), session: session(1) };
    assert_not_created(&mut asked(), &body, member(1, error), 80616);
}

#[test]
fn whk_4_a_partner_for_whom_no_number_can_be_selected_takes_the_caller_along() {
    let mut service = asked();
    let outcome = auto_create(&mut service, &json!({ "participantIdentifier": BRITON }));
    assert_eq!(outcome.code().unwrap().number(), 80203);
    assert!(matches!(
        outcome,
        Outcome::Failed {
            failure: OutOfSessionFailure::AutoCreate(AutoCreateError::Session(CreateSessionError::Participant {
                index: 1,
                error: AddParticipantError::Selection(_)
            })),
            ..
        }
    ));
    assert_eq!(polled(&mut service), event(unknown_scenario()));
    assert_eq!((service.session(session(1)), service.in_use(number(2))), (None, 0));
}

#[test]
fn whk_4_a_fictional_number_is_refused_where_the_policy_says_so() {
    let mut policy = Policy::default();
    policy.fictional_numbers = FictionalNumbers::Refuse;
    let mut service = service_with(policy).with_numbers(&[P1, P2]);
    set_out_of_session_url(&mut service);
    received(&mut service, call(1, XAVER_OF_REALITY, P2));
    polled(&mut service);
    let error = member(1, AddParticipantError::IdentifierUnreachable);
    assert_not_created(&mut service, &json!({ "participantIdentifier": FICTIONAL }), error, 80404);
}

/// Someone whose number no policy takes for fiction.
const XAVER_OF_REALITY: &str = "+442079460001";

#[test]
fn whk_4_of_several_mistakes_the_caller_is_looked_at_before_the_partner() {
    let mut service = alice_in_flight_elsewhere(Policy::default());
    let error = AddParticipantError::DuplicateRequest { other_session: session(9) };
    assert_not_created(&mut service, &json!({ "participantIdentifier": P1 }), member(0, error), 80623);
}

#[test]
fn whk_4_malformed_values_come_before_taken_names_and_sids() {
    let mut service = asked();
    let mut new = new_session(1);
    new.unique_name = Some("ride-7".parse().unwrap());
    service.create_session(new, at(10)).unwrap();
    let body = json!({ "participantIdentifier": BOB, "uniqueName": "ride-7", "mode": "voice" });
    assert_not_created(&mut service, &body, invalid(AutoCreateParameter::Mode), 80701);
    let mut service = asked();
    service.open(1);
    let error = CreateSessionError::SessionSidTaken { session: session(1) };
    let body = json!({ "participantIdentifier": ALICE });
    assert_not_created(&mut service, &body, AutoCreateError::Session(error), 20409);
}

#[test]
fn whk_4_the_answer_acts_after_what_is_due_at_its_instant() {
    let mut service = asked();
    let mut new = new_session(9);
    new.ttl = Some(ttl(10));
    let mortal = service.create_session(new, at(10)).unwrap().sid;
    service.add_with(mortal, 9, ALICE, P2);
    assert_eq!(auto_create(&mut service, &json!({ "participantIdentifier": BOB })), connected(1, 1, P1, BOB));
    assert_eq!(service.session(mortal).unwrap().date_ended, Some(at(20)));
}

// ---- WHK-6: the order of events ----

#[test]
fn whk_6_80904_comes_before_80902_before_the_request() {
    let mut service = mortal_ride(60);
    set_out_of_session_url(&mut service);
    service.receive(call(1, ALICE, P1), at(60)).unwrap();
    assert_eq!(told(&mut service), ["80904", "80902", "out_of_session 1"]);
}

#[test]
fn whk_6_the_leg_comes_before_the_callback() {
    let mut service = called_back();
    received(&mut service, message(1, ALICE, P1, "Hi"));
    assert_eq!(told(&mut service), [format!("leg 1 from {P2} to {BOB}"), "callback 1".into()]);
}

#[test]
fn whk_6_the_intercept_comes_alone() {
    let mut service = called_back();
    set_intercept_url(&mut service);
    received(&mut service, message(1, ALICE, P1, "Hi"));
    assert_eq!(told(&mut service), ["intercept 1"]);
}

#[test]
fn whk_6_events_leave_in_the_order_in_which_they_arose() {
    let mut service = called_back();
    received(&mut service, call(3, ALICE, P1));
    received(&mut service, message(2, ALICE, P1, "STOP"));
    service.send_message(session(1), participant(1), new_message(1, "Hi"), at(0)).unwrap();
    service.report_status(interaction(3), StatusReport::new(ResourceStatus::Ringing), at(0)).unwrap();
    let expected = [
        format!("leg 3 from {P2} to {BOB}"),
        "callback 3".into(),
        "80901".into(),
        format!("leg 1 from {P1} to {ALICE}"),
        "callback 1".into(),
        "callback 3".into(),
    ];
    assert_eq!(told(&mut restored(&service)), expected);
    assert_eq!(told(&mut service), expected);
}

// ---- WHK-7: answers to callbacks ----

#[test]
fn whk_7_a_success_of_a_callback_is_nothing_to_tell() {
    let mut service = called_back();
    let before = service.state();
    for status in [200, 204, 299] {
        service.report_callback(url(CALLBACK), WebhookAnswer::Status(status), at(0));
    }
    assert_eq!(service.state(), before);
}

#[test]
fn whk_7_a_callback_that_fails_is_80908_with_the_url() {
    let statuses = [0, 199, 300, 403, 404, 500].map(WebhookAnswer::Status);
    for answer in statuses.into_iter().chain([WebhookAnswer::None]) {
        let mut service = called_back();
        let before = service.state();
        service.report_callback(url(CALLBACK), answer, at(0));
        assert_eq!(polled(&mut service), event(Notification::CallbackError { url: url(CALLBACK) }), "{answer:?}");
        assert_eq!(service.state(), before, "nothing else changes");
    }
}

// ---- ERR-3, INV-6: notifications ----

#[test]
fn err_3_traffic_raises_each_of_its_notifications() {
    let mut codes = Vec::new();
    let mut take = |service: &mut Service| codes.extend(service.drain().into_iter().map(Code::number));

    let mut service = mortal_ride(60);
    service.receive(message(1, ALICE, P1, "STOP"), at(0)).unwrap();
    service.receive(message(2, CAROL, P1, "Hi"), at(0)).unwrap();
    service.report_status(interaction(7), StatusReport::new(ResourceStatus::Busy), at(0));
    service.receive(call(3, ALICE, P1), at(0)).unwrap();
    for status in [ResourceStatus::Busy, ResourceStatus::Ringing] {
        service.report_status(interaction(3), StatusReport::new(status), at(0));
    }
    set_intercept_url(&mut service);
    for (n, verdict) in [(4, WebhookAnswer::Status(403)), (5, WebhookAnswer::None)] {
        service.receive(call(n, ALICE, P1), at(0)).unwrap();
        service.resolve_intercept(interaction(n), verdict, at(0)).unwrap();
    }
    service.remove_participant(session(1), participant(2), at(0)).unwrap();
    service.receive(call(6, ALICE, P1), at(0)).unwrap();
    service.receive(call(7, ALICE, P1), at(60)).unwrap();
    take(&mut service);
    for (mode, inbound) in
        [(SessionMode::VoiceOnly, message(1, ALICE, P1, "Hi")), (SessionMode::MessageOnly, call(1, ALICE, P1))]
    {
        let mut service = ride_in(mode);
        received(&mut service, inbound);
        take(&mut service);
    }
    for answer in [OutOfSessionAnswer::default(), json_answer("{}")] {
        let mut service = asked();
        resolved(&mut service, answer);
        take(&mut service);
    }

    let order =
        [80901, 80903, 80905, 80907, 80906, 80909, 80908, 80614, 80904, 80902, 80905, 80910, 80911, 80913, 12100];
    assert_eq!(codes, order);
}

#[test]
fn tim_3_expiry_raises_no_event() {
    let mut service = mortal_ride(60);
    service.handle_deadline(at(60));
    assert_eq!(told(&mut service), [""; 0]);
}

// ---- hostile input ----

#[test]
fn inv_5_a_body_of_64_kib_is_refused() {
    let body = "x".repeat(65_536);
    assert_eq!(body.parse::<MessageBody>(), Err(ParseTextError::TooLong { limit: 1_600 }));
    let mut command = serde_json::to_value(Command::Receive { inbound: message(1, ALICE, P1, "Hi") }).unwrap();
    command["receive"]["inbound"]["contact"]["message"]["body"] = json!(body);
    assert!(serde_json::from_value::<Command>(command).is_err());
}

#[test]
fn inv_5_a_body_is_counted_in_characters() {
    assert!("é".repeat(1_600).parse::<MessageBody>().is_ok());
    assert_eq!("é".repeat(1_601).parse::<MessageBody>(), Err(ParseTextError::TooLong { limit: 1_600 }));
}

#[test]
fn inv_5_a_hundred_media_are_refused() {
    let media: MediaUrl = "https://media.example.com/1.png".parse().unwrap();
    assert!(matches!(Media::try_from(vec![media.clone(); 100]), Err(TooManyMediaUrls { found: 100, .. })));
    assert!(Media::try_from(vec![media; 10]).is_ok());
    let mut command = serde_json::to_value(Command::Receive { inbound: message(1, ALICE, P1, "Hi") }).unwrap();
    command["receive"]["inbound"]["contact"]["message"]["media"] = json!(vec!["https://media.example.com/1.png"; 100]);
    assert!(serde_json::from_value::<Command>(command).is_err());
}

#[test]
fn inv_5_malformed_media_are_refused() {
    assert_eq!("".parse::<MediaUrl>(), Err(ParseMediaUrlError::Empty));
    assert_eq!("x".repeat(4_001).parse::<MediaUrl>(), Err(ParseMediaUrlError::TooLong));
    for text in ["a b", "a\0", "a\u{a0}b", "a\u{7f}"] {
        assert_eq!(text.parse::<MediaUrl>(), Err(ParseMediaUrlError::Character), "{text:?}");
    }
}

#[test]
fn inv_5_giant_parameter_lists_are_refused() {
    let list = |count: usize, value: &str| vec![("n".to_owned(), value.to_owned()); count];
    assert_eq!(FormParameters::try_from(list(201, "")), Err(FormParametersError::TooMany { found: 201 }));
    assert_eq!(FormParameters::try_from(list(1_000_000, "")), Err(FormParametersError::TooMany { found: 1_000_000 }));
    assert_eq!(FormParameters::try_from(list(1, &"x".repeat(65_536))), Err(FormParametersError::TooLong));
    assert_eq!(FormParameters::try_from(list(2, &"x".repeat(32_768))), Err(FormParametersError::TooLong));
    assert!(FormParameters::try_from(list(1, &"x".repeat(65_535))).is_ok());
    let mut command = serde_json::to_value(Command::Receive { inbound: call(1, ALICE, P1) }).unwrap();
    command["receive"]["inbound"]["parameters"] = json!(vec![("n", "v"); 201]);
    assert!(serde_json::from_value::<Command>(command).is_err());
}

#[test]
fn inv_5_an_answer_of_more_than_64_kib_is_refused() {
    assert!(matches!("x".repeat(65_537).parse::<AnswerBody>(), Err(AnswerBodyTooLong { .. })));
    assert!("x".repeat(65_536).parse::<AnswerBody>().is_ok());
    assert!("x".repeat(256).parse::<twilio_proxy_core::ContentType>().is_err());
}

#[test]
fn inv_5_json_nested_10_000_deep_is_12100() {
    let deep = |open: &str, close: &str| format!("{}1{}", open.repeat(10_000), close.repeat(10_000));
    for body in [
        deep("[", "]"),
        deep("{\"\":", "}"),
        "[".repeat(10_000),
        format!("{{\"participantIdentifier\":\"{BOB}\",\"x\":{}}}", deep("[", "]")),
        format!("{{\"x\":{},\"participantIdentifier\":\"{BOB}\"}}", deep("{\"\":", "}")),
        format!("{{\"participantIdentifier\":{}}}", deep("[", "]")),
    ] {
        let body = body.get(..65_536).unwrap_or(&body);
        assert_fails(&json_answer(body), OutOfSessionFailure::Unreadable, &document_parse_failure());
    }
}

#[test]
fn inv_5_unpaired_escapes_are_12100() {
    for escape in
        ["\\ud800", "\\udc00", "\\ud800x", "\\ud800\\ud800", "\\udc00\\ud800", "\\ud83d\\u0041", "\\u12", "\\x41"]
    {
        let body = format!("{{\"participantIdentifier\":\"{BOB}\",\"uniqueName\":\"{escape}\"}}");
        assert_fails(&json_answer(&body), OutOfSessionFailure::Unreadable, &document_parse_failure());
    }
}

#[test]
fn inv_5_nul_in_a_known_text_is_read_as_a_character() {
    let body = json!({ "participantIdentifier": "\0" });
    assert_not_created(&mut asked(), &body, AutoCreateError::ParticipantIdentifierInvalid, 80404);
    let body = json!({ "participantIdentifier": BOB, "mode": "voice-only\0" });
    assert_not_created(&mut asked(), &body, invalid(AutoCreateParameter::Mode), 80701);
    let body = json!({ "participantIdentifier": BOB, "participantProxyIdentifier": format!("{P1}\0") });
    assert_not_created(&mut asked(), &body, member(1, AddParticipantError::ProxyIdentifierNotInService), 80605);
}

#[test]
fn inv_5_raw_control_characters_in_json_are_12100() {
    let body = format!("{{\"participantIdentifier\":\"{BOB}\0\"}}");
    assert_fails(&json_answer(&body), OutOfSessionFailure::Unreadable, &document_parse_failure());
}

#[test]
fn inv_5_a_ttl_beyond_all_integers_is_80701() {
    let text = format!("{{\"participantIdentifier\":\"{BOB}\",\"ttl\":{}}}", "9".repeat(40));
    let mut service = asked();
    let expected = failed(OutOfSessionFailure::AutoCreate(invalid(AutoCreateParameter::Ttl)));
    assert_eq!(resolved(&mut service, json_answer(&text)), expected);
}

proptest! {
    #[test]
    fn inv_5_every_answer_resolves_its_contact(
        status in prop_oneof![Just(WebhookAnswer::Status(200)), any::<u16>().prop_map(WebhookAnswer::Status)],
        content_type in prop_oneof![Just("application/json".to_owned()), "\\PC{0,20}"],
        body in prop_oneof![
            "\\PC{0,60}",
            "\\{\"(participantIdentifier|ttl|mode|uniqueName)\":(\"\\PC{0,12}\"|-?[0-9]{1,25}|null)\\}",
            Just(format!("{{\"participantIdentifier\":\"{BOB}\"}}")),
        ],
    ) {
        let answer = OutOfSessionAnswer {
            status,
            content_type: Some(content_type.parse().unwrap()),
            body: body.parse().unwrap(),
        };
        let mut service = asked();
        let outcome = resolved(&mut service, answer.clone());
        let is_connected = matches!(outcome, Outcome::Connected { .. });
        prop_assert_eq!(service.sessions().count(), usize::from(is_connected));
        let again = service.resolve_out_of_session(interaction(1), answer, SIDS(), at(20));
        prop_assert_eq!(again, Err(not_found(1)));
        prop_assert_eq!(restored(&service).state(), service.state());
    }
}

// ---- INV-2: waiting contacts and events in the state ----

/// [`ride`] with a connected call 1, a waiting call 2 and a waiting stranger 3, nothing of which has been polled.
fn crowded() -> Service {
    let mut service = called_back();
    received(&mut service, call(1, ALICE, P1));
    set_intercept_url(&mut service);
    set_out_of_session_url(&mut service);
    received(&mut service, message(2, BOB, P2, "Hi"));
    received(&mut service, call(3, CAROL, P1));
    service
}

#[test]
fn inv_2_waiting_contacts_and_unpolled_events_survive_serialisation() {
    let mut service = crowded();
    let mut copy = restored(&service);
    assert_eq!(copy.state(), service.state());
    let expected = [
        format!("leg 1 from {P2} to {BOB}"),
        "callback 1".into(),
        "intercept 2".into(),
        "80902".into(),
        "out_of_session 3".into(),
    ];
    assert_eq!(told(&mut copy), expected);
    assert_eq!(told(&mut service), expected);
    let sids = AutoCreateSids { session: session(2), caller: participant(3), partner: participant(4) };
    for service in [&mut service, &mut copy] {
        let verdict = service.resolve_intercept(interaction(2), WebhookAnswer::Status(200), at(20));
        assert_eq!(verdict, Ok(connected(1, 2, P1, ALICE)));
        let answer = json_answer(r#"{"participantIdentifier":"+12125550001"}"#);
        let outcome = service.resolve_out_of_session(interaction(3), answer, sids, at(20));
        assert!(matches!(outcome, Ok(Outcome::Waiting { .. })));
    }
    assert_eq!(copy.state(), service.state());
}

fn damaged(damage: impl FnOnce(&mut Value)) -> Option<RestoreError> {
    let mut state = serde_json::to_value(crowded().state()).unwrap();
    damage(&mut state);
    Service::restore(serde_json::from_value(state).unwrap()).err()
}

fn waiting_flaw(n: u128, damage: impl FnOnce(&mut Value)) -> Result<WaitingFlaw, Option<RestoreError>> {
    match damaged(damage) {
        Some(RestoreError::Waiting { interaction: sid, flaw }) if sid == interaction(n) => Ok(flaw),
        other => Err(other),
    }
}

fn event_flaw(n: usize, damage: impl FnOnce(&mut Value)) -> Result<EventFlaw, Option<RestoreError>> {
    match damaged(damage) {
        Some(RestoreError::Event { index, flaw }) if index == n => Ok(flaw),
        other => Err(other),
    }
}

const NOBODY: &str = "KP00000000000000000000000000000009";
const NO_SESSION: &str = "KC00000000000000000000000000000009";
const NO_INTERACTION: &str = "KI00000000000000000000000000000009";

#[test]
fn inv_2_a_waiting_contact_whose_sid_is_taken_is_refused() {
    for other in ["KI00000000000000000000000000000001", "KI00000000000000000000000000000002"] {
        let flaw = waiting_flaw(other.chars().last().unwrap().to_digit(10).unwrap().into(), |state| {
            state["waiting"][1]["interaction"] = json!(other);
        });
        assert_eq!(flaw, Ok(WaitingFlaw::SidTwice));
    }
}

#[test]
fn inv_2_a_waiting_contact_of_a_session_that_cannot_carry_it_is_refused() {
    let unknown = waiting_flaw(2, |state| state["waiting"][0]["matter"]["verdict"]["session"] = json!(NO_SESSION));
    assert_eq!(unknown, Ok(WaitingFlaw::Session));
    let other_mode = waiting_flaw(2, |state| state["sessions"][0]["session"]["mode"] = json!("voice-only"));
    assert_eq!(other_mode, Ok(WaitingFlaw::Session));
}

#[test]
fn inv_2_a_waiting_contact_of_strangers_is_refused() {
    for (who, sid) in [
        ("caller", NOBODY),
        ("partner", NOBODY),
        ("caller", "KP00000000000000000000000000000001"),
        ("partner", "KP00000000000000000000000000000002"),
    ] {
        let flaw = waiting_flaw(2, |state| state["waiting"][0]["matter"]["verdict"][who] = json!(sid));
        assert_eq!(flaw, Ok(WaitingFlaw::Participants), "{who} {sid}");
    }
}

#[test]
fn inv_2_a_waiting_opt_out_word_is_refused() {
    let flaw = waiting_flaw(2, |state| state["waiting"][0]["contact"]["message"]["body"] = json!(" stop"));
    assert_eq!(flaw, Ok(WaitingFlaw::OptOut));
}

#[test]
fn inv_2_an_event_of_a_session_that_is_not_there_is_refused() {
    for (index, kind) in [(0, "leg"), (1, "request"), (2, "request"), (4, "request")] {
        let flaw = event_flaw(index, |state| state["events"][index][kind]["session"] = json!(NO_SESSION));
        assert_eq!(flaw, Ok(EventFlaw::Session), "{index}");
    }
    for index in [1, 2] {
        let flaw = event_flaw(index, |state| state["events"][index]["request"]["session"] = Value::Null);
        assert_eq!(flaw, Ok(EventFlaw::Session), "{index}");
    }
}

#[test]
fn inv_2_an_event_of_an_interaction_that_is_not_there_is_refused() {
    for (index, kind) in [(0, "leg"), (1, "request")] {
        let flaw = event_flaw(index, |state| state["events"][index][kind]["interaction"] = json!(NO_INTERACTION));
        assert_eq!(flaw, Ok(EventFlaw::Interaction), "{index}");
    }
}
