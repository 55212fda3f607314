//! The REST surface: every operation, every error, and the order in which a request is looked at (API).
#![cfg(feature = "rest")]
#![expect(clippy::unwrap_used, reason = "a fixture that fails is a failed test")]

use core::{error::Error, fmt::Write};

use http::Request;
use twilio_proxy_core::{
    Account, AccountCommand, Code, LogEntry, Policy, Timestamp,
    rest::{self, Context, Operation, Origin, Parameter, ParameterFlaw, Refusal, resource},
};

use crate::common::{
    account::service_sid,
    at,
    rest::{ALICE_IN_SESSION, Api, SERVICE, SESSION, encode, spare},
};

/// The path of an operation in the world of [`Api::busy`].
fn path(operation: Operation) -> String {
    operation
        .path()
        .replace("{service}", "KS00000000000000000000000000000001")
        .replace("{session}", "KC00000000000000000000000000000005")
        .replace("{participant}", "KP00000000000000000000000000000006")
        .replace("{interaction}", "KI00000000000000000000000000000008")
        .replace("PhoneNumbers/{number}", "PhoneNumbers/PN00000000000000000000000000000002")
        .replace("ShortCodes/{number}", "ShortCodes/SC00000000000000000000000000000001")
}

/// One row an operation: what it is asked with, and the status of the answer.
const OPERATIONS: [(Operation, &str, u16); 30] = [
    (Operation::ListService, "", 200),
    (Operation::CreateService, "UniqueName=meals&DefaultTtl=60&GeoMatchLevel=extended-area-code", 201),
    (Operation::FetchService, "", 200),
    (Operation::UpdateService, "CallbackUrl=https%3A%2F%2Frides.example.com%2Fproxy", 200),
    (Operation::DeleteService, "", 204),
    (Operation::ListPhoneNumber, "", 200),
    (Operation::CreatePhoneNumber, "PhoneNumber=%2B442079460001&IsReserved=true", 201),
    (Operation::FetchPhoneNumber, "", 200),
    (Operation::UpdatePhoneNumber, "IsReserved=True", 200),
    (Operation::DeletePhoneNumber, "", 204),
    (Operation::ListShortCode, "", 200),
    (Operation::CreateShortCode, "Sid=SC00000000000000000000000000000002", 201),
    (Operation::FetchShortCode, "", 200),
    (Operation::UpdateShortCode, "IsReserved=true", 200),
    (Operation::DeleteShortCode, "", 204),
    (Operation::ListSession, "", 200),
    (
        Operation::CreateSession,
        "UniqueName=ride-2&Ttl=600&Mode=message-only&Participants=%7B%22Identifier%22%3A%22%2B14155550003%22%7D",
        201,
    ),
    (Operation::FetchSession, "", 200),
    (Operation::UpdateSession, "Status=closed", 200),
    (Operation::DeleteSession, "", 204),
    (Operation::ListParticipant, "", 200),
    (Operation::CreateParticipant, "Identifier=%2B14155550003", 201),
    (Operation::FetchParticipant, "", 200),
    (Operation::DeleteParticipant, "", 204),
    (Operation::ListMessageInteraction, "", 200),
    (Operation::CreateMessageInteraction, "Body=Your+driver+is+there%21", 201),
    (Operation::FetchMessageInteraction, "", 200),
    (Operation::ListInteraction, "", 200),
    (Operation::FetchInteraction, "", 200),
    (Operation::DeleteInteraction, "", 204),
];

/// The world in which each operation succeeds.
fn world(operation: Operation) -> Api {
    let mut api = Api::busy();
    let code = "{\"sid\":\"SC00000000000000000000000000000002\",\"phone_number\":\"44552\",\"iso_country\":\"US\"}";
    let code = AccountCommand::RegisterNumber { new: serde_json::from_str(code).unwrap() };
    for command in [spare(3, "+442079460001"), code] {
        api.account.apply(command, at(0)).unwrap();
    }
    if operation == Operation::CreateParticipant {
        let bob = ALICE_IN_SESSION.replace("KP00000000000000000000000000000006", "KP00000000000000000000000000000007");
        assert_eq!(api.delete(&bob).status, 204);
    }
    if operation == Operation::DeletePhoneNumber {
        assert_eq!(api.delete(SESSION).status, 204);
    }
    api.now = at(60);
    api
}

#[test]
fn api_1_every_operation_answers_with_its_status() {
    let mut transcript = String::new();
    for (operation, form, status) in OPERATIONS {
        let mut api = world(operation);
        let path = path(operation);
        let answer = api.send(operation.method(), &path, form);
        assert_eq!(answer.status, status, "{operation:?}: {answer}");
        assert_eq!(operation.status(&Policy::default()), status);
        writeln!(transcript, "{} {path} {form}\n{answer}\n", operation.method()).unwrap();
    }
    insta::assert_snapshot!(transcript);
    assert!(Operation::ALL.iter().all(|operation| OPERATIONS.iter().any(|(row, ..)| row == operation)));
}

#[test]
fn api_4_two_statuses_are_policy() {
    let mut policy = Policy::default();
    (policy.participant_delete_status, policy.message_interaction_status) = (200, 200);
    let mut api = Api::busy_with(policy);
    let answer = api.post(&format!("{ALICE_IN_SESSION}/MessageInteractions"), "Body=Hello");
    assert_eq!((answer.status, answer.str("sid")), (200, "KI00000000000000000000000000000009"));
    let answer = api.delete(ALICE_IN_SESSION);
    assert_eq!((answer.status, answer.text.as_str()), (200, ""));
}

#[test]
fn api_4_a_policy_out_of_range_still_answers() {
    let mut policy = Policy::default();
    (policy.participant_delete_status, policy.message_interaction_status, policy.max_page_size) = (0, u16::MAX, 0);
    let mut api = Api::busy_with(policy);
    let page = api.get(&format!("{SESSION}/Participants"));
    assert_eq!((page.status, page.json["participants"].as_array().map(Vec::len)), (200, Some(1)));
    assert_eq!(api.post(&format!("{ALICE_IN_SESSION}/MessageInteractions"), "Body=Hello").status, 200);
    assert_eq!(api.delete(ALICE_IN_SESSION).status, 200);
}

#[test]
fn api_2_a_session_is_created_with_participants() {
    let mut api = Api::busy();
    let people = [
        r#"{"Identifier":" +14155550003","FriendlyName":"Carol","Identifier":"+14155550004","Other":[{"deep":[null]}]}"#,
        r#"{"Identifier":"+12125550001","ProxyIdentifier":"+14155559002","FriendlyName":""}"#,
    ];
    let form = people.map(|person| format!("Participants={}", encode(person))).join("&") + "&Participants=";
    let answer = api.post(&format!("{SERVICE}/Sessions"), &form);
    assert_eq!(answer.status, 201, "{answer}");
    let answer =
        api.get(&format!("{}/Participants", answer.str("url").strip_prefix("https://proxy.twilio.com").unwrap()));
    let list: resource::ParticipantList = serde_json::from_value(answer.json).unwrap();
    let [carol, xaver] = list.participants.as_slice() else { panic!("{list:?}") };
    assert_eq!(carol.sid.to_string(), "KP00000000000000000000000000000009");
    assert_eq!(carol.identifier.to_string(), "+14155550004", "the last value counts");
    assert_eq!(carol.friendly_name.as_ref().unwrap().as_str(), "Carol");
    assert_eq!(xaver.sid.to_string(), "KP80000000000000000000000000000009");
    assert_eq!(xaver.friendly_name, None, "an empty value counts as absent");
    assert_eq!(xaver.proxy_identifier.to_string(), "+14155559002");
}

#[test]
fn sid_4_participants_of_one_request_have_sids_of_their_own() {
    for entropy in [9, u128::MAX / 2, u128::MAX - 9] {
        let mut api = Api::busy();
        api.requests = entropy;
        let people = ["+14155550003", "+14155550004"].map(|one| encode(&format!(r#"{{"Identifier":"{one}"}}"#)));
        let form = people.map(|person| format!("Participants={person}")).join("&");
        let answer = api.post(&format!("{SERVICE}/Sessions"), &form);
        assert_eq!(answer.status, 201, "{answer}");
    }
}

#[test]
fn api_2_the_conflict_flag_is_read_where_it_is_accepted() {
    let mut policy = Policy::default();
    policy.allow_participant_conflict = true;
    for (strict, status) in
        [("", 201), ("&FailOnParticipantConflict=false", 201), ("&FailOnParticipantConflict=TRUE", 400)]
    {
        let mut api = Api::with_policy(policy.clone());
        api.post("/v1/Services", "UniqueName=rides");
        api.post(&format!("{SERVICE}/PhoneNumbers"), "Sid=PN00000000000000000000000000000001");
        for _ in 0..2 {
            api.post(&format!("{SERVICE}/Sessions"), "");
        }
        let sessions = ["KC00000000000000000000000000000003", "KC00000000000000000000000000000004"];
        let [first, second] = sessions.map(|session| format!("{SERVICE}/Sessions/{session}/Participants"));
        let form = format!("Identifier=%2B14155550001&ProxyIdentifier=%2B14155559001{strict}");
        assert_eq!(api.post(&first, &form).status, 201);
        let answer = api.post(&second, &form);
        assert!(answer.status == status && (status == 201 || answer.code() == (400, 80604)), "{answer}");

        let person = encode(r#"{"Identifier":"+14155550001","ProxyIdentifier":"+14155559001"}"#);
        let answer = api.post(&format!("{SERVICE}/Sessions"), &format!("Participants={person}{strict}"));
        assert_eq!(answer.status, status, "{answer}");

        let close_and_reopen = |api: &mut Api| {
            let session = format!("{SERVICE}/Sessions/KC00000000000000000000000000000003");
            assert_eq!(api.post(&session, "Status=closed").status, 200);
            assert_eq!(
                api.post(&second, "Identifier=%2B14155550001&ProxyIdentifier=%2B14155559001").status / 100,
                if status == 201 { 4 } else { 2 }
            );
            api.post(&session, &format!("Status=in-progress{strict}"))
        };
        let answer = close_and_reopen(&mut api);
        assert_eq!(answer.status, if status == 201 { 200 } else { 400 }, "{answer}");
    }
}

#[test]
fn api_3_urls_start_with_the_origin() {
    let mut api = Api::busy();
    api.origin = "http://127.0.0.1:8080".parse().unwrap();
    for path in ["/v1/Services", SERVICE, SESSION, ALICE_IN_SESSION, &format!("{SESSION}/Interactions")] {
        let answer = api.get(path);
        assert_eq!(
            answer.text.matches("://").count(),
            answer.text.matches("http://127.0.0.1:8080/v1/Services").count()
        );
        assert!(answer.text.contains(&format!("http://127.0.0.1:8080{path}")), "{answer}");
    }
    for bad in [
        "",
        "127.0.0.1:8080",
        "http://",
        "https://x/",
        "https://x?y",
        "https://me@x",
        "ftp://x",
        "https://x y",
        "http://x:99999",
    ] {
        assert!(bad.parse::<Origin>().is_err(), "{bad}");
    }
    for good in ["http://x", "https://x:8080", "http://[::1]:8080", "https://proxy.twilio.com"] {
        let origin: Origin = good.parse().unwrap();
        assert_eq!((origin.to_string().as_str(), origin.as_str()), (good, good));
    }
}

#[test]
fn api_8_capabilities_have_six_keys() {
    let answer = Api::busy().get(&format!("{SERVICE}/PhoneNumbers/PN00000000000000000000000000000001"));
    let keys = ["voice_inbound", "voice_outbound", "sms_inbound", "sms_outbound", "mms_inbound", "mms_outbound"];
    let capabilities = &answer.json["capabilities"];
    assert!(keys.iter().all(|key| capabilities[key].is_boolean()) && capabilities.as_object().unwrap().len() == 6);
}

#[test]
fn svc_3_an_empty_text_clears_what_can_be_cleared() {
    let mut api = Api::busy();
    let fields = ["CallbackUrl", "InterceptCallbackUrl", "OutOfSessionCallbackUrl", "ChatInstanceSid"];
    let values = [
        "https%3A%2F%2Fa.example%2F",
        "https%3A%2F%2Fb.example%2F",
        "https%3A%2F%2Fc.example%2F",
        "IS00000000000000000000000000000001",
    ];
    let form = |values: &[&str]| {
        fields.iter().zip(values).map(|(field, value)| format!("{field}={value}")).collect::<Vec<_>>().join("&")
    };
    let keys = ["callback_url", "intercept_callback_url", "out_of_session_callback_url", "chat_instance_sid"];
    let set = api.post(SERVICE, &form(&values));
    assert!(keys.iter().all(|key| set.json[key].is_string()), "{set}");
    let kept = api.post(SERVICE, "UniqueName=");
    assert!(keys.iter().all(|key| kept.json[key] == set.json[key]) && kept.str("unique_name") == "rides", "{kept}");
    let cleared = api.post(SERVICE, &form(&["", "", "", ""]));
    assert!(keys.iter().all(|key| cleared.json[key].is_null()), "{cleared}");
    let answer = api.post("/v1/Services", &format!("UniqueName=meals&{}", form(&["", "", "", ""])));
    assert!(keys.iter().all(|key| answer.json[key].is_null()), "{answer}");
}

#[test]
fn txt_5_a_service_and_a_session_are_fetched_by_name() {
    let mut api = Api::busy();
    assert_eq!(api.get("/v1/Services/rides").json, api.get(SERVICE).json);
    assert_eq!(api.get(&format!("{SERVICE}/Sessions/ride")).json, api.get(SESSION).json);
    let odd = "a/b c?é%";
    assert_eq!(api.post("/v1/Services", &format!("UniqueName={}", encode(odd))).str("unique_name"), odd);
    assert_eq!(api.get(&format!("/v1/Services/{}", encode(odd))).str("unique_name"), odd);
    assert_eq!(api.get("/v1/Services/Rides").code(), (404, 20404));
    assert_eq!(api.get("/v1/Services/KS1").code(), (404, 20404), "a name");
    assert_eq!(api.get(&format!("{SERVICE}/Sessions/KC1")).code(), (404, 80308), "a name");
    assert_eq!(api.get(&format!("{SERVICE}/Sessions/KC000000000000000000000000000000ff")).code(), (404, 20404));
}

#[test]
fn sid_2_sids_in_a_path_may_have_capital_digits_and_escapes() {
    let mut api = Api::busy();
    api.requests = 0xab - 1;
    let session = api.post(&format!("{SERVICE}/Sessions"), "");
    assert_eq!(session.str("sid"), "KC000000000000000000000000000000ab");
    for segment in ["KC000000000000000000000000000000AB", "%4BC000000000000000000000000000000a%62"] {
        assert_eq!(api.get(&format!("{SERVICE}/Sessions/{segment}")).json, session.json);
        assert_eq!(api.post(&format!("{SERVICE}/Sessions/{segment}"), "").json, session.json);
    }
}

#[test]
fn tim_3_every_request_first_does_what_is_due() {
    let mut api = Api::busy();
    assert_eq!(api.post(SESSION, "Ttl=60").status, 200);
    api.now = at(60);
    let session = api.get(SESSION);
    assert_eq!((session.str("status"), session.str("closed_reason")), ("closed", "expired"));
    api.now = at(60 + 90 * 86_400);
    assert_eq!(api.get(&format!("{SERVICE}/Nothing")).code(), (404, 20404), "even one that is refused");
    assert_eq!(api.account.service(service_sid(1)).unwrap().sessions().count(), 0);
    api.now = Timestamp::MIN;
    assert_eq!(api.get(SESSION).code(), (404, 20404));
}

/// One line a refusal, in the world of [`Api::busy`], whose paths stand as `S` (service), `C` (session) and `P` (Alice): method,
/// path and form, then status, code and message.
const REFUSALS: &str = r"
# Paths and methods.
GET / => 404 20404 The requested resource / was not found
GET /v1 => 404 20404 The requested resource /v1 was not found
GET /v2/Services => 404 20404 The requested resource /XXXX/Services was not found
GET /v1/Services/ => 404 20404 The requested resource /v1/Services/ was not found
GET //v1/Services => 404 20404 The requested resource //v1/Services was not found
GET /v1/services => 404 20404 The requested resource /v1/XXXX was not found
GET /v1/%53ervices => 404 20404 The requested resource /v1/XXXX was not found
GET P/+14155550001 => 404 20404 The requested resource P/XXXX was not found
GET C/Participants/a/b/c/d/e/f => 404 20404 The requested resource C/Participants/XXXX/XXXX/XXXX/XXXX/XXXX/XXXX was not found
PUT /v1/Services => 405 20004 Method Not Allowed
PATCH C => 405 20004 Method Not Allowed
POST P => 405 20004 Method Not Allowed
DELETE /v1/Services => 405 20004 Method Not Allowed
DELETE /v1/Services/KS1/Sessions => 405 20004 Method Not Allowed
# SIDs, left to right, before resources.
GET /v1/Services/KS1/Sessions => 400 80408 Invalid Service Sid
POST /v1/Services/rides => 400 80408 Invalid Service Sid
DELETE /v1/Services/rides => 400 80408 Invalid Service Sid
POST S/Sessions/ride => 400 80409 Invalid Session Sid
DELETE S/Sessions/KP00000000000000000000000000000006 => 400 80409 Invalid Session Sid
GET C/Participants/+14155550001 => 400 80405 Invalid Participant Sid
GET S/PhoneNumbers/SC00000000000000000000000000000001 => 400 80407 Invalid Phone Number Sid
GET S/ShortCodes/PN00000000000000000000000000000001 => 400 80407 Invalid Phone Number Sid
GET C/Interactions/KIx => 400 80403 Invalid Interaction Sid
GET P/MessageInteractions/KIx => 400 80403 Invalid Interaction Sid
GET /v1/Services/KS1/Sessions/KC1/Participants/KP1 => 400 80408 Invalid Service Sid
GET /v1/Services/KS000000000000000000000000000000ff/Sessions/KC1/Participants/KP1 => 400 80409 Invalid Session Sid
GET /v1/Services/KS000000000000000000000000000000ff/Sessions/KC000000000000000000000000000000ff/Participants/KP1 => 400 80405 Invalid Participant Sid
# Escapes and UTF-8.
GET /v1/Services/%zz => 400 80701 A percent sign stands before something other than two hexadecimal digits
GET /v1/Services/%ff => 400 80701 The text is not UTF-8
POST /v1/Services/% => 400 80701 A percent sign stands before something other than two hexadecimal digits
GET /v1/Services?Unknown=%4 => 400 80701 A percent sign stands before something other than two hexadecimal digits
POST /v1/Services UniqueName=%4 => 400 80701 A percent sign stands before something other than two hexadecimal digits
POST /v1/Services UniqueName=a&%c3%28=b => 400 80701 The text is not UTF-8
# Resources, left to right, before the form.
GET /v1/Services/meals => 404 20404 The requested resource /v1/Services/XXXX was not found
POST /v1/Services/KS000000000000000000000000000000ff % => 404 20404 The requested resource /v1/Services/KS000000000000000000000000000000ff was not found
POST /v1/Services/KS000000000000000000000000000000ff/Sessions % => 404 20404 The requested resource /v1/Services/KS000000000000000000000000000000ff/Sessions was not found
POST S/Sessions/KC000000000000000000000000000000ff % => 404 20404 The requested resource S/Sessions/KC000000000000000000000000000000ff was not found
DELETE S/Sessions/KC000000000000000000000000000000ff => 404 20404 The requested resource S/Sessions/KC000000000000000000000000000000ff was not found
POST S/Sessions/KC000000000000000000000000000000ff/Participants % => 404 20404 The requested resource S/Sessions/KC000000000000000000000000000000ff/Participants was not found
GET C/Participants/KP000000000000000000000000000000ff => 404 20404 The requested resource C/Participants/KP000000000000000000000000000000ff was not found
DELETE C/Participants/KP000000000000000000000000000000ff => 404 20404 The requested resource C/Participants/KP000000000000000000000000000000ff was not found
POST C/Participants/KP000000000000000000000000000000ff/MessageInteractions % => 404 20404 The requested resource C/Participants/KP000000000000000000000000000000ff/MessageInteractions was not found
GET C/Interactions/KI000000000000000000000000000000ff => 404 20404 The requested resource C/Interactions/KI000000000000000000000000000000ff was not found
DELETE C/Interactions/KI000000000000000000000000000000ff => 404 20404 The requested resource C/Interactions/KI000000000000000000000000000000ff was not found
GET C/Participants/KP00000000000000000000000000000007/MessageInteractions/KI00000000000000000000000000000008 => 404 20404 The requested resource C/Participants/KP00000000000000000000000000000007/MessageInteractions/KI00000000000000000000000000000008 was not found
POST S/PhoneNumbers/PN000000000000000000000000000000ff % => 404 20404 The requested resource S/PhoneNumbers/PN000000000000000000000000000000ff was not found
DELETE S/ShortCodes/SC000000000000000000000000000000ff => 404 20404 The requested resource S/ShortCodes/SC000000000000000000000000000000ff was not found
GET S/Sessions/job-17 => 404 80308 Session with the given unique name not found in database.
# Parameters, in the order of the OpenAPI document.
POST /v1/Services => 400 80701 'UniqueName' is invalid. It is required
POST /v1/Services UniqueName=&DefaultTtl=x => 400 80701 'UniqueName' is invalid. It is required
POST /v1/Services UniqueName=KS00000000000000000000000000000001 => 400 80701 'UniqueName' is invalid. The name has the form of a SID, KS and 32 hexadecimal digits
POST /v1/Services UniqueName=a&DefaultTtl=2147483647&CallbackUrl=x => 400 80701 'DefaultTtl' is invalid. It is no integer from 0 to 2147483646
POST /v1/Services UniqueName=a&DefaultTtl=-1 => 400 80701 'DefaultTtl' is invalid. It is no integer from 0 to 2147483646
POST /v1/Services UniqueName=a&DefaultTtl=%2B1 => 400 80701 'DefaultTtl' is invalid. It is no integer from 0 to 2147483646
POST /v1/Services UniqueName=a&CallbackUrl=x&GeoMatchLevel=x => 400 80701 'CallbackUrl' is invalid. The URL does not start with http:// or https://
POST /v1/Services UniqueName=a&GeoMatchLevel=Country&NumberSelectionBehavior=x => 400 80701 'GeoMatchLevel' is invalid. The value is none of area-code, overlay, radius, country, extended-area-code
POST /v1/Services UniqueName=a&NumberSelectionBehavior=x&InterceptCallbackUrl=x => 400 80701 'NumberSelectionBehavior' is invalid. The value is none of avoid-sticky, prefer-sticky
POST /v1/Services UniqueName=a&InterceptCallbackUrl=x&OutOfSessionCallbackUrl=x => 400 80701 'InterceptCallbackUrl' is invalid. The URL does not start with http:// or https://
POST /v1/Services UniqueName=a&OutOfSessionCallbackUrl=x&ChatInstanceSid=x => 400 80701 'OutOfSessionCallbackUrl' is invalid. The URL does not start with http:// or https://
POST /v1/Services UniqueName=a&ChatInstanceSid=x => 400 80701 'ChatInstanceSid' is invalid. A SID has 34 bytes, not 1
POST S ChatInstanceSid=x => 400 80701 'ChatInstanceSid' is invalid. A SID has 34 bytes, not 1
POST S OutOfSessionCallbackUrl=x => 400 80701 'OutOfSessionCallbackUrl' is invalid. The URL does not start with http:// or https://
POST S/PhoneNumbers Sid=x&PhoneNumber=x&IsReserved=x => 400 80407 Invalid Phone Number Sid
POST S/PhoneNumbers PhoneNumber=x&IsReserved=x => 400 80406 Invalid Phone Number Did
POST S/PhoneNumbers PhoneNumber=44551 => 400 80406 Invalid Phone Number Did
POST S/PhoneNumbers IsReserved=1 => 400 80701 'IsReserved' is invalid. It is neither true nor false
POST S/PhoneNumbers/PN00000000000000000000000000000001 IsReserved=yes => 400 80701 'IsReserved' is invalid. It is neither true nor false
POST S/ShortCodes => 400 80701 'Sid' is invalid. It is required
POST S/ShortCodes Sid=PN00000000000000000000000000000001 => 400 80407 Invalid Phone Number Sid
POST S/Sessions UniqueName=KC00000000000000000000000000000005&DateExpiry=x => 400 80701 'UniqueName' is invalid. The name has the form of a SID, KC and 32 hexadecimal digits
POST S/Sessions DateExpiry=x&Ttl=x => 400 80701 'DateExpiry' is invalid. The value is no RFC 3339 date-time
POST S/Sessions DateExpiry=2026-01-01T00:00:00Z&Ttl=x => 400 80701 'DateExpiry' is invalid. It must lie after 2026-01-01T00:00:00Z
POST S/Sessions Ttl=1.5&Mode=x => 400 80701 'Ttl' is invalid. It is no integer from 0 to 2147483646
POST S/Sessions Mode=x&Status=x => 400 80701 'Mode' is invalid. The value is none of message-only, voice-only, voice-and-message
POST S/Sessions Status=x&Participants=x => 400 80701 'Status' is invalid. The value is none of open, in-progress, closed, failed, unknown
POST S/Sessions Participants=x&FailOnParticipantConflict=x => 400 80701 'Participants' is invalid. It is no JSON object with a text `Identifier`, or a known key is no text
POST S/Sessions Participants=%5B%5D => 400 80701 'Participants' is invalid. It is no JSON object with a text `Identifier`, or a known key is no text
POST S/Sessions Participants=%7B%22FriendlyName%22%3A%22x%22%7D => 400 80701 'Participants' is invalid. It is no JSON object with a text `Identifier`, or a known key is no text
POST S/Sessions Participants=%7B%22Identifier%22%3A%22x%3Ay%22,%22FriendlyName%22%3Anull%7D => 400 80701 'Participants' is invalid. It is no JSON object with a text `Identifier`, or a known key is no text
POST S/Sessions Participants=%7B%22Identifier%22%3A%22x%22%7D => 400 80404 Participant identifier does not appear to be a valid, reachable identity
POST S/Sessions Participants=%7B%22Identifier%22%3A%22x%3Ay%22,%22ProxyIdentifierSid%22%3A%22x%22%7D => 400 80407 Invalid Phone Number Sid
POST S/Sessions Status=closed&FailOnParticipantConflict=x => 400 80701 'FailOnParticipantConflict' is invalid. It is neither true nor false
POST C DateExpiry=2026-01-01T00:00:00Z&Ttl=x => 400 80701 'DateExpiry' is invalid. It must lie after 2026-01-01T00:00:00Z
POST C Ttl=x&Status=x => 400 80701 'Ttl' is invalid. It is no integer from 0 to 2147483646
POST C Status=Closed => 400 80701 'Status' is invalid. The value is none of open, in-progress, closed, failed, unknown
POST C/Participants => 400 80701 'Identifier' is invalid. It is required
POST C/Participants Identifier=+%09 => 400 80701 'Identifier' is invalid. The identifier is empty
POST C/Participants Identifier=carol&ProxyIdentifierSid=x => 400 80404 Participant identifier does not appear to be a valid, reachable identity
POST C/Participants Identifier=x%3Ay&ProxyIdentifierSid=x&FailOnParticipantConflict=x => 400 80407 Invalid Phone Number Sid
POST C/Participants Identifier=x%3Ay&FailOnParticipantConflict=x => 400 80701 'FailOnParticipantConflict' is invalid. It is neither true nor false
POST P/MessageInteractions MediaUrl=https%3A%2F%2Fa.example%2Fb.png => 400 80701 'Body' is invalid. It is required
GET /v1/Services?PageSize=0 => 400 80701 'PageSize' is invalid. It is no integer from 1 to 1000
GET C/Participants?PageSize=1001&Page=x => 400 80701 'PageSize' is invalid. It is no integer from 1 to 1000
GET C/Participants?Page=-1&PageToken=x => 400 80701 'Page' is invalid. It is no integer from 0 to 18446744073709551615
GET S/PhoneNumbers?PageToken=PN1 => 400 80701 'PageToken' is invalid. It is no token of this list
# The operations' own checks.
POST /v1/Services UniqueName=rides => 400 80602 Service UniqueName must be unique.
POST S/PhoneNumbers => 400 80701 'PhoneNumber' is invalid. Either it or 'Sid' must be given
POST S/PhoneNumbers PhoneNumber=%2B14155559003 => 400 80301 Phone Number SID is not associated with the Account SID.
POST S/PhoneNumbers PhoneNumber=%2B14155559001 => 400 80104 PhoneNumber has already been added to Service
POST S/PhoneNumbers Sid=PN00000000000000000000000000000002&PhoneNumber=%2B14155559001 => 400 80701 'PhoneNumber' is invalid. It is not the number that 'Sid' names
POST S/ShortCodes Sid=SC000000000000000000000000000000ff => 400 80303 Short Code Sid is not associated with your Account.
POST S/ShortCodes Sid=SC00000000000000000000000000000001 => 400 80105 ShortCode has already been added to Service
DELETE S/PhoneNumbers/PN00000000000000000000000000000001 => 400 80611 Proxy Number cannot be removed from Service.  It is in use by one or more Sessions.
POST S/Sessions UniqueName=ride => 400 80603 Session UniqueName must be unique
POST S/Sessions Status=closed => 400 80608 Session status change not supported. To re-open a session, choose In Progress. To close a session, choose Closed.
POST C Status=open => 400 80608 Session status change not supported. To re-open a session, choose In Progress. To close a session, choose Closed.
POST C/Participants Identifier=%2B14155550001 => 400 80103 Participant has already been added to Session
POST C/Participants Identifier=%2B14155550003 => 400 80609 A Session may have at most 2 participants
";

/// One line a refusal that takes some doing: the requests before it in the same world, each of which succeeds, and then as in
/// [`REFUSALS`]. The account also owns +14155559003, which is for calls, and +14155559004, which is for messages.
const REFUSALS_AFTER: &str = r"
POST /v1/Services UniqueName=meals; POST /v1/Services/KS00000000000000000000000000000009/PhoneNumbers Sid=PN00000000000000000000000000000001 => 400 80101 the number has been added to service KS00000000000000000000000000000001
POST /v1/Services UniqueName=meals; POST /v1/Services/KS00000000000000000000000000000009 UniqueName=rides => 400 80602 Service UniqueName must be unique.
POST S/Sessions Mode=voice-only; DELETE C; DELETE S/PhoneNumbers/PN00000000000000000000000000000001; DELETE S/PhoneNumbers/PN00000000000000000000000000000002; POST S/PhoneNumbers PhoneNumber=%2B14155559004; POST S/Sessions/KC00000000000000000000000000000009/Participants Identifier=%2B14155550001 => 400 80201 This Service has no compatible Proxy numbers for this Participant. This Service has no available Proxy numbers having voice capabilities.
POST S/Sessions Mode=message-only; DELETE C; DELETE S/PhoneNumbers/PN00000000000000000000000000000001; DELETE S/PhoneNumbers/PN00000000000000000000000000000002; DELETE S/ShortCodes/SC00000000000000000000000000000001; POST S/PhoneNumbers PhoneNumber=%2B14155559003; POST S/Sessions/KC00000000000000000000000000000009/Participants Identifier=%2B14155550001 => 400 80202 This Service has no compatible Proxy numbers for this Participant. This Service has no available Proxy numbers having sms capabilities.
POST S/Sessions; POST S/Sessions/KC00000000000000000000000000000009/Participants Identifier=%2B442079460009 => 400 80203 This Service has no compatible Proxy numbers for this Participant. This Service has no available Proxy numbers for country code GB.
POST /v1/Services UniqueName=meals; POST /v1/Services/KS00000000000000000000000000000009/Sessions; POST /v1/Services/KS00000000000000000000000000000009/Sessions/KC0000000000000000000000000000000a/Participants Identifier=%2B14155550001 => 400 80205 This Service has no compatible Proxy numbers for this Participant. This Service has no Proxy numbers configured.
POST S GeoMatchLevel=area-code; POST S/Sessions; POST S/Sessions/KC0000000000000000000000000000000a/Participants Identifier=%2B12125550001 => 400 80206 This Service has no compatible Proxy numbers for this Participant. Failed to find a proxy number for +1212555XXXX.
POST S/PhoneNumbers/PN00000000000000000000000000000001 IsReserved=true; POST S/PhoneNumbers/PN00000000000000000000000000000002 IsReserved=true; POST S/Sessions; POST S/Sessions/KC0000000000000000000000000000000b/Participants Identifier=%2B14155550003 => 400 80207 This Service has no compatible Proxy numbers for this Participant.
POST S/Sessions; POST S/Sessions/KC00000000000000000000000000000009/Participants Identifier=%2B14155550001; POST S/Sessions; POST S/Sessions/KC0000000000000000000000000000000b/Participants Identifier=%2B14155550001 => 400 80208 This Service has no compatible Proxy numbers for this Participant. Failed to find a proxy number for +1415555XXXX. All matching proxies for this Participant are already in use in other Sessions.
POST S/Sessions Mode=message-only; POST S/Sessions/KC00000000000000000000000000000009/Participants Identifier=x%3Ay => 400 80304 Unmanaged Proxy Identifier not found
POST S/Sessions Mode=message-only; POST S/Sessions/KC00000000000000000000000000000009/Participants Identifier=x%3Ay&ProxyIdentifierSid=PN00000000000000000000000000000001 => 400 80305 Unmanaged Proxy Identifier not found.
POST S/Sessions; POST S/Sessions/KC00000000000000000000000000000009/Participants Identifier=%2B14155559001 => 400 80402 Invalid Identifier and Proxy Identifier pair
POST S/Sessions; POST S/Sessions/KC00000000000000000000000000000009/Participants Identifier=%2B14155550001&ProxyIdentifier=%2B14155559001 => 400 80604 Proxy identifier already in use with requested identifier.
POST S/Sessions; POST S/Sessions/KC00000000000000000000000000000009/Participants Identifier=%2B14155550001&ProxyIdentifier=%2B14155559003 => 400 80605 Proxy identifier not associated with service.
POST S/Sessions; POST S/Sessions/KC00000000000000000000000000000009/Participants Identifier=%2B14155550001&ProxyIdentifierSid=PN000000000000000000000000000000ff => 400 80606 Proxy identifier not owned by account.
POST C Status=closed; POST C Ttl=5 => 400 80607 Session is closed and cannot be updated
POST C Status=closed; POST C Status=closed => 400 80607 Session is closed and cannot be updated
POST C Status=closed; POST C/Participants Identifier=%2B14155550003 => 400 80607 Session is closed and cannot be updated
POST C Status=closed; POST P/MessageInteractions Body=Hello => 400 80607 Session is closed and cannot be updated
POST S/Sessions; POST S/Sessions/KC00000000000000000000000000000009/Participants Identifier=whatsapp%3A%2B14155550003&ProxyIdentifier=whatsapp%3A%2B14155559001 => 400 80616 Cannot add whatsapp:+1415555XXXX to session KC00000000000000000000000000000009. The identifier is not compatible with the session mode.
POST S/Sessions Mode=voice-only; POST S/Sessions/KC00000000000000000000000000000009/Participants Identifier=%2B14155550003; POST S/Sessions/KC00000000000000000000000000000009/Participants/KP0000000000000000000000000000000a/MessageInteractions Body=Hello => 400 80616 the session carries no messages
";

/// A line of these tables as requests, and the expected answer to the last.
fn row(line: &str) -> (Vec<(String, String, String)>, String) {
    let paths = [("S", SERVICE), ("C", SESSION), ("P", ALICE_IN_SESSION)];
    let long = |path: &str| match paths.iter().find(|(short, _)| path.split(['/', '?']).next() == Some(short)) {
        Some((short, long)) => path.replacen(short, long, 1),
        None => path.to_owned(),
    };
    let (requests, expected) = line.split_once(" => ").unwrap();
    let request = |request: &str| {
        let mut parts = request.splitn(3, ' ');
        let [method, path, form] = [(); 3].map(|()| parts.next().unwrap_or_default());
        (method.to_owned(), long(path), form.to_owned())
    };
    let expected: Vec<String> = expected.split(' ').map(long).collect();
    (requests.split("; ").map(request).collect(), expected.join(" "))
}

/// Whether the last of some requests is refused as expected, and changes nothing.
fn refused(mut api: Api, line: &str) -> Result<(), String> {
    let (mut requests, expected) = row(line);
    let (method, path, form) = requests.pop().unwrap();
    for (method, path, form) in requests {
        let answer = api.send(method.parse().unwrap(), &path, &form);
        if answer.status >= 300 {
            return Err(format!("{line}\nat {path} {form}: {answer}"));
        }
    }
    let before = api.account.state();
    let answer = api.send(method.parse().unwrap(), &path, &form);
    let (status, code, message) = answer.error();
    let found = format!("{status} {code} {message}");
    if found != expected {
        return Err(format!("{line}\nfound {found}"));
    }
    let places = ["{\"code\":", ",\"message\":", ",\"more_info\":", ",\"status\":"].map(|key| answer.text.find(key));
    assert!(places.is_sorted() && places.iter().all(Option::is_some), "{}", answer.text);
    assert_eq!(answer.json.as_object().unwrap().len(), 4);
    assert_eq!(answer.json.get("status"), Some(&status.into()));
    assert_eq!(answer.str("more_info"), format!("https://www.twilio.com/docs/errors/{code}"));
    assert_eq!(api.account.state(), before, "a refusal changes nothing");
    Ok(())
}

#[test]
fn api_6_every_refusal_has_its_status_code_and_message() {
    let is_row = |line: &&str| !line.is_empty() && !line.starts_with('#');
    let mut faults: Vec<String> =
        REFUSALS.lines().filter(is_row).filter_map(|line| refused(Api::busy(), line).err()).collect();
    for line in REFUSALS_AFTER.lines().filter(is_row) {
        let mut api = Api::busy();
        for new in [
            r#"{"sid":"PN00000000000000000000000000000003","phone_number":"+14155559003","capabilities":{"voice_inbound":true,"voice_outbound":true}}"#,
            r#"{"sid":"PN00000000000000000000000000000004","phone_number":"+14155559004","capabilities":{"sms_inbound":true,"sms_outbound":true}}"#,
        ] {
            let command = AccountCommand::RegisterNumber { new: serde_json::from_str(new).unwrap() };
            api.account.apply(command, at(0)).unwrap();
        }
        faults.extend(refused(api, line).err());
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn num_3_a_full_pool_refuses_a_number_more() {
    let mut api = Api::busy();
    let path = format!("{SERVICE}/PhoneNumbers");
    for n in 10..507 {
        api.account.apply(spare(n, &format!("+1303555{n:04}")), at(0)).unwrap();
        assert_eq!(api.post(&path, &format!("Sid=PN{n:032x}")).status, 201);
    }
    api.account.apply(spare(507, "+13035550507"), at(0)).unwrap();
    let answer = api.post(&path, "PhoneNumber=%2B13035550507");
    assert_eq!(answer.error(), (400, 80622, "the pool may hold at most 500 unreserved numbers"));
    assert_eq!(api.post(&path, "PhoneNumber=%2B13035550507&IsReserved=true").status, 201);
}

#[test]
fn inv_3_a_log_of_requests_in_the_wrong_order_replays_to_the_same_state() {
    let origin = Origin::default();
    let start = Account::restore(Api::busy().account.state()).unwrap();
    let (mut account, mut log) = (start.clone(), Vec::new());
    for (now, method, path, form) in [
        (100, "GET", "/v1/Services".to_owned(), ""),
        (90, "POST", format!("{SERVICE}/Sessions"), "Ttl=50"),
        (120, "POST", SESSION.to_owned(), "Ttl=x"),
        (110, "POST", SESSION.to_owned(), "Status=closed"),
        (0, "DELETE", ALICE_IN_SESSION.to_owned(), ""),
    ] {
        let context = Context { now: at(now), entropy: u128::from(now) + 1_000, origin: &origin };
        let request = Request::builder().method(method).uri(path).body(form).unwrap();
        if let Ok(call) = rest::parse(&mut account, &request, &context) {
            let now = account.latest_instant();
            log.extend(call.command().map(|command| LogEntry { now, command: command.clone() }));
            rest::respond(&mut account, call, &context);
        }
    }
    assert_eq!(log.len(), 3);
    let mut replayed = start;
    for LogEntry { now, command } in log {
        replayed.apply(command, now).unwrap();
    }
    assert_eq!(replayed.state(), account.state());
}

#[test]
fn num_8_the_number_that_is_added_is_the_one_that_was_asked_for() {
    let origin = Origin::default();
    let mut api = Api::busy();
    api.account.apply(spare(3, "+14155559003"), at(0)).unwrap();
    let context = Context { now: at(0), entropy: 9, origin: &origin };
    let request = Request::post(format!("{SERVICE}/PhoneNumbers")).body("PhoneNumber=%2B14155559003").unwrap();
    let call = rest::parse(&mut api.account, &request, &context).unwrap();
    // In between the number comes to the account anew, under another SID.
    let release = r#"{"release_number":{"number":"PN00000000000000000000000000000003"}}"#;
    api.account.apply(serde_json::from_str(release).unwrap(), at(0)).unwrap();
    api.account.apply(spare(4, "+14155559003"), at(0)).unwrap();
    let before = api.account.state();
    let response = rest::respond(&mut api.account, call, &context);
    let error: resource::Error = serde_json::from_slice(response.body()).unwrap();
    assert_eq!((response.status().as_u16(), error.code), (400, Code::PhoneNumberSidNotFound));
    assert_eq!(api.account.state(), before);
}

#[test]
fn api_6_a_wrong_method_is_told_which_ones_there_are() {
    for (path, allowed) in
        [("/v1/Services", "GET, POST"), (SERVICE, "GET, POST, DELETE"), (ALICE_IN_SESSION, "GET, DELETE")]
    {
        for method in ["PUT", "HEAD", "OPTIONS", "PROPFIND"] {
            let answer = Api::busy().send(method.parse().unwrap(), path, "");
            assert_eq!((answer.code(), answer.allow.as_deref()), ((405, 20004), Some(allowed)));
        }
    }
}

#[test]
fn api_6_a_body_of_another_type_is_no_form() {
    let request = |content_type: Option<&str>, body: &'static str| {
        let request = Request::post("/v1/Services");
        let request = match content_type {
            Some(content_type) => request.header("Content-Type", content_type),
            None => request,
        };
        Api::new().handle(&request.body(body).unwrap())
    };
    for good in
        [None, Some("application/x-www-form-urlencoded"), Some("Application/X-WWW-Form-Urlencoded ; charset=utf-8")]
    {
        assert_eq!(request(good, "UniqueName=rides").status, 201, "{good:?}");
    }
    for bad in ["application/json", "multipart/form-data; boundary=x", "", "application/x-www-form-urlencoded2", "é"] {
        let error = (400, 80701, "The body is not application/x-www-form-urlencoded");
        assert_eq!(request(Some(bad), "{}").error(), error, "{bad}");
        assert_eq!(request(Some(bad), "").error(), (400, 80701, "'UniqueName' is invalid. It is required"), "no body");
    }
}

#[test]
fn api_7_statuses_that_are_not_400() {
    let mut api = Api::busy();
    api.requests -= 4; // the next SID is that of Bob
    let answer = api.post(&format!("{SERVICE}/Sessions"), "");
    assert_eq!(answer.error(), (409, 20409, "the SID KC00000000000000000000000000000005 is taken"));
    let begin = AccountCommand::Service {
        service: service_sid(1),
        command: serde_json::from_str(
            r#"{"begin_add_participant":{"session":"KC00000000000000000000000000000009",
                "new":{"sid":"KP00000000000000000000000000000099","identifier":"+14155550003"}}}"#,
        )
        .unwrap(),
    };
    let mut api = Api::busy();
    assert_eq!(api.post(&format!("{SERVICE}/Sessions"), "").status, 201);
    assert_eq!(api.post(&format!("{SERVICE}/Sessions"), "").status, 201);
    api.account.apply(begin, at(0)).unwrap();
    let path = format!("{SERVICE}/Sessions/KC0000000000000000000000000000000a/Participants");
    let answer = api.post(&path, "Identifier=%2B14155550003");
    assert_eq!(answer.error(), (409, 80623, "Possible duplicate Participant created in multiple Sessions."));
}

#[test]
fn par_5_a_participant_is_removed_once() {
    let mut api = Api::busy();
    assert_eq!(api.delete(ALICE_IN_SESSION).status, 204);
    assert_eq!(api.get(ALICE_IN_SESSION).str("date_deleted"), "2026-01-01T00:00:00Z");
    let message = format!("The requested resource {ALICE_IN_SESSION} was not found");
    assert_eq!(api.delete(ALICE_IN_SESSION).error(), (404, 20404, message.as_str()));
    let messages = format!("{ALICE_IN_SESSION}/MessageInteractions");
    assert_eq!(api.post(&messages, "%").code(), (404, 20404), "before its form is looked at");
    assert_eq!(api.get(&messages).json["interactions"].as_array().unwrap().len(), 1);
}

#[test]
fn api_10_the_last_value_counts_and_an_empty_one_is_none() {
    let mut api = Api::busy();
    let answer = api.post("/v1/Services", "DefaultTtl=7&UniqueName=a&DefaultTtl=x&UniqueName=meals&DefaultTtl=-0");
    assert_eq!(
        (answer.status, answer.str("unique_name"), answer.json["default_ttl"].as_u64()),
        (201, "meals", Some(0))
    );
    let answer = api.post("/v1/Services", "UniqueName=a&UniqueName=");
    assert_eq!(answer.error().2, "'UniqueName' is invalid. It is required");
    let answer = api.post(
        &format!("{SERVICE}/Sessions"),
        "Ttl=&Mode=&Status=&DateExpiry=&UniqueName=&Participants=&FailOnParticipantConflict=",
    );
    assert_eq!(
        (answer.status, answer.str("mode"), answer.json["unique_name"].is_null()),
        (201, "voice-and-message", true)
    );
    let answer = api
        .post(&format!("{SERVICE}/Sessions"), "&&=&=x&Ttl=0060&Ttl&unknown&Ttl=0060&Status=open&UniqueName=%20a+b%2B");
    assert_eq!((answer.status, answer.json["ttl"].as_u64(), answer.str("unique_name")), (201, Some(60), " a b+"));
    let answer = api.post(SESSION, "DateExpiry=2026-01-01T01:30:00.9%2B01:00");
    assert_eq!(answer.str("date_expiry"), "2026-01-01T00:30:00Z");
    let number = format!("{SERVICE}/PhoneNumbers/PN00000000000000000000000000000002");
    for (literal, value) in [("TRUE", true), ("False", false), ("tRuE", true), ("", true)] {
        assert_eq!(api.post(&number, &format!("IsReserved={literal}")).json["is_reserved"], value);
    }
}

#[test]
fn api_9_what_a_request_asks_for_can_be_logged_before_it_is_answered() {
    let origin = Origin::default();
    let mut account = Api::busy().account;
    let context = Context { now: at(0), entropy: 9, origin: &origin };
    let request = Request::post(format!("{SESSION}/Participants")).body("Identifier=%2B14155550003").unwrap();
    let before = account.state();
    let call = rest::parse(&mut account, &request, &context).unwrap();
    assert_eq!(account.state(), before);
    assert_eq!(call.operation(), Operation::CreateParticipant);
    assert_eq!(
        serde_json::to_string(&call.command()).unwrap(),
        r#"{"service":{"service":"KS00000000000000000000000000000001","command":{"add_participant":{"session":"KC00000000000000000000000000000005","new":{"sid":"KP00000000000000000000000000000009","identifier":"+14155550003"}}}}}"#
    );
    // Something else comes first.
    let service = service_sid(1);
    let close = r#"{"delete_session":{"session":"KC00000000000000000000000000000005"}}"#;
    let close = AccountCommand::Service { service, command: serde_json::from_str(close).unwrap() };
    account.apply(close, at(0)).unwrap();
    let response = rest::respond(&mut account, call, &context);
    let error: resource::Error = serde_json::from_slice(response.body()).unwrap();
    assert_eq!((response.status().as_u16(), error.code), (404, Code::NotFound));
    assert_eq!(error.message, format!("The requested resource {SESSION}/Participants was not found"));
}

#[test]
fn txt_3_debug_masks_what_a_path_may_hold() {
    let origin = Origin::default();
    let context = Context { now: at(0), entropy: 9, origin: &origin };
    let refusal = |path: &str| {
        let request = Request::get(path).body("").unwrap();
        format!("{:?}", rest::parse(&mut Api::busy().account, &request, &context).unwrap_err())
    };
    assert_eq!(refusal("/v1/+14155550001"), "NotFound { path: RequestPath(/v1/XXXX) }");
    assert_eq!(
        refusal("/v1/Services/+14155550001/Sessions/x"),
        "MalformedSid { code: ServiceSidInvalid, error: Length { found: 12 } }"
    );
    let request = Request::post(format!("{SESSION}/Participants")).body("Identifier=%2B14155550003").unwrap();
    let call = rest::parse(&mut Api::busy().account, &request, &context).unwrap();
    assert!(!format!("{call:?}").contains("550003"));
}

#[test]
fn txt_3_debug_of_an_interaction_leaves_out_what_was_said() {
    let sent = Api::busy().get(&format!("{SESSION}/Interactions/KI00000000000000000000000000000008"));
    let sent: resource::Interaction = serde_json::from_value(sent.json).unwrap();
    assert_eq!(sent.data.as_deref(), Some(r#"{"body":"Welcome"}"#));
    assert_eq!(
        format!("{sent:?}"),
        format!(
            "Interaction {{ kind: Message, outbound_resource_status: Some(Queued), \
             url: \"https://proxy.twilio.com{SESSION}/Interactions/KI00000000000000000000000000000008\", .. }}"
        )
    );
}

#[test]
fn api_9_a_refusal_says_why() {
    let origin = Origin::default();
    let context = Context { now: at(0), entropy: 9, origin: &origin };
    let request = Request::get("/v1/Services/KX/Sessions").body("").unwrap();
    let refusal = rest::parse(&mut Api::busy().account, &request, &context).unwrap_err();
    assert_eq!(refusal.source().unwrap().to_string(), "a SID has 34 bytes, not 2");
    let request = Request::post(format!("{SESSION}/Participants")).body("Identifier=carol").unwrap();
    let refusal = rest::parse(&mut Api::busy().account, &request, &context).unwrap_err();
    assert!(matches!(
        refusal,
        Refusal::Parameter { parameter: Parameter::Identifier, flaw: ParameterFlaw::Identifier(_) }
    ));
}
