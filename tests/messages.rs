//! What people read: messages with their codes, resources as JSON, and what `Debug` hides (TXT-3).
#![cfg(feature = "serde")]
#![expect(clippy::expect_used, reason = "a fixture that fails is a failed test")]

use core::fmt::{Debug, Display};

use crate::common::*;
use serde::Serialize;
use twilio_proxy_core::{
    AddNumberError, AddParticipantError, AnswerBody, AutoCreateError, AutoCreateParameter, AutoCreateSids, CallbackUrl,
    Capabilities, Command, Contact, ContactKind, ContentType, CreateSessionError, DeleteInteractionError, E164, Error,
    Event, EventFlaw, FetchSessionError, FinishAddParticipantError, FormParameters, FriendlyName, Identifier,
    InteractionFlaw, InteractionType, LogEntry, Media, MediaUrl, MessageBody, NumberFlaw, NumberSid,
    OutOfSessionAnswer, OutOfSessionFailure, Outcome, PairInvalid, ParseTextError, ParticipantFlaw, ProxyIdentifier,
    ProxyNumber, ReceiveError, RemoveNumberError, RemoveParticipantError, Reply, RequestPurpose,
    RequestedProxyIdentifier, ResourceSid, ResourceStatus, ResourceType, RestoreError, Route, SelectionError,
    SendMessageError, Service, SessionFlaw, SessionMode, SessionName, SessionSid, ShortCode, StatusReport, Timestamp,
    Ttl, UpdateNumberError, UpdateSessionError, WaitingFlaw, WebhookAnswer, geography::Country,
};
/// An identifier whose last four digits are found nowhere else.
const SECRET: &str = "+14155557391";
const SECRET_CHANNEL: &str = "whatsapp:+447391";
const SECRET_DIGITS: &str = "7391";

/// `code status message` of one error a line.
macro_rules! messages {
    ($($error:expr),* $(,)?) => {
        [$({
            let error = $error;
            format!("{} {} {error}", error.code(), error.http_status())
        }),*].join("\n")
    };
}

fn texts(errors: &[&dyn Display]) -> String {
    errors.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}

fn parse_text<T: core::str::FromStr<Err: Display>>(text: &str) -> String {
    text.parse::<T>().err().map(|error| error.to_string()).expect("it does not parse")
}

fn pretty(value: &impl Serialize) -> String {
    serde_json::to_string_pretty(value).expect("it is plain data")
}

#[test]
fn err_1_messages_of_add_participant() {
    let mut service = service();
    let missing = service.add_participant(session(9), new_participant(1, ALICE), at(0)).unwrap_err();
    let ride = service.open(1);
    service.close(ride);
    let closed = service.add_participant(ride, new_participant(1, ALICE), at(0)).unwrap_err();
    insta::assert_snapshot!(messages![
        missing,
        AddParticipantError::SidTaken { participant: participant(1) },
        AddParticipantError::IdentifierUnreachable,
        closed,
        AddParticipantError::AlreadyInSession { existing: participant(1) },
        AddParticipantError::TooManyParticipants { existing: [participant(1), participant(2)] },
        AddParticipantError::UnsupportedIdentifierType {
            identifier: identifier("whatsapp:+14155550001"),
            session: session(1),
        },
        AddParticipantError::ChannelWithoutProxyIdentifier,
        AddParticipantError::ChannelWithProxyIdentifierSid,
        AddParticipantError::PairInvalid(PairInvalid::NotOfThisChannel),
        AddParticipantError::PairInvalid(PairInvalid::ChannelForPhoneNumber),
        AddParticipantError::PairInvalid(PairInvalid::IdentifierInPool),
        AddParticipantError::PairInvalid(PairInvalid::DifferentNumbers),
        AddParticipantError::PairInvalid(PairInvalid::SameAddress),
        AddParticipantError::DuplicateRequest { other_session: session(1) },
        AddParticipantError::ProxyIdentifierNotInService,
        AddParticipantError::ReservedBySid { number: number(1) },
        AddParticipantError::ReservedByNumber,
        AddParticipantError::ProxyIdentifierInUse { other_session: session(1) },
        AddParticipantError::Selection(SelectionError::NoNumbers),
    ]);
}

#[test]
fn err_1_messages_of_selection() {
    let identifier = e164(ALICE);
    insta::assert_snapshot!(messages![
        SelectionError::NoNumbers,
        SelectionError::NoNumberForCountry { country: Some(country("JP")) },
        SelectionError::NoNumberForCountry { country: None },
        SelectionError::NoVoiceNumber,
        SelectionError::NoMessageNumber,
        SelectionError::NoNumberForBoth { identifier },
        SelectionError::NoNumberInArea { identifier, area_code: identifier.area_code() },
        SelectionError::NoUnreservedNumber,
        SelectionError::NoUnusedNumber { identifier },
    ]);
}

#[test]
fn err_1_messages_of_sessions() {
    let mut service = service();
    let mut overdue = new_session(1);
    overdue.date_expiry = Some(at(0));
    let created_late = service.create_session(overdue, at(0)).unwrap_err();
    let ride = service.open(1);
    let mut late = close();
    late.date_expiry = Some(at(0));
    let updated_late = service.update_session(ride, late, at(0)).unwrap_err();
    service.close(ride);
    let closed = service.update_session(ride, close(), at(0)).unwrap_err();
    let missing = service.update_session(session(9), close(), at(0)).unwrap_err();
    let not_deleted = service.delete_session(session(9), at(0)).unwrap_err();
    let not_fetched = service.fetch_session("KC00000000000000000000000000000009").unwrap_err();
    insta::assert_snapshot!(messages![
        created_late,
        CreateSessionError::SessionSidTaken { session: session(1) },
        CreateSessionError::ParticipantSidTaken { participant: participant(1) },
        CreateSessionError::StatusInvalid,
        CreateSessionError::NonUniqueName { unique_name: "job-17".parse().unwrap(), existing: session(1) },
        CreateSessionError::TooManyParticipants { participants: 3 },
        CreateSessionError::Participant { index: 1, error: AddParticipantError::ProxyIdentifierNotInService },
        updated_late,
        UpdateSessionError::StatusInvalid,
        closed,
        missing,
        UpdateSessionError::ProxyIdentifierNotInService { participant: participant(1) },
        UpdateSessionError::ProxyIdentifierInUse { participant: participant(1), other_session: session(2) },
        not_deleted,
        not_fetched,
        FetchSessionError::SessionNameNotFound,
    ]);
}

#[test]
fn err_1_messages_of_participants() {
    let mut service = service();
    let not_removed = service.remove_participant(session(9), participant(1), at(0)).unwrap_err();
    let not_finished = service.finish_add_participant(session(9), participant(1), at(0)).unwrap_err();
    let ride = service.open(1);
    service.close(ride);
    let closed = service.finish_add_participant(ride, participant(1), at(0)).unwrap_err();
    insta::assert_snapshot!(messages![
        not_finished,
        closed,
        FinishAddParticipantError::PendingNotFound { participant: participant(1) },
        not_removed,
        RemoveParticipantError::ParticipantNotFound { participant: participant(1) },
        RemoveParticipantError::AlreadyRemoved { participant: participant(1), date_deleted: at(0) },
    ]);
}

#[test]
fn err_1_messages_of_numbers() {
    let mut service = service();
    for n in 0..500 {
        service.add_number(new_number(n, &format!("+1415556{n:04}")), at(0)).unwrap();
    }
    let too_many = service.add_number(new_number(1_000, P1), at(0)).unwrap_err();
    let mut reserved = new_number(1_000, P1);
    reserved.is_reserved = true;
    service.add_number(reserved, at(0)).unwrap();
    let release = twilio_proxy_core::NumberUpdate { is_reserved: Some(false) };
    let too_many_released = service.update_number(number(1_000), release, at(0)).unwrap_err();
    insta::assert_snapshot!(messages![
        AddNumberError::PhoneNumberAlreadyInService { existing: number(1).into() },
        AddNumberError::ShortCodeAlreadyInService { existing: short_code(1).into() },
        too_many,
        UpdateNumberError::NumberNotFound { number: number(1).into() },
        too_many_released,
        RemoveNumberError::NumberNotFound { number: short_code(1).into() },
        RemoveNumberError::InUse { number: number(1).into(), in_use: 2 },
    ]);
}

#[test]
fn err_1_messages_of_traffic() {
    let mut service = ride();
    let missing = service.send_message(session(9), participant(1), new_message(1, "Hello"), at(0)).unwrap_err();
    let not_deleted = service.delete_interaction(session(9), interaction(1), at(0)).unwrap_err();
    let not_waiting = service.resolve_intercept(interaction(1), WebhookAnswer::None, at(0)).unwrap_err();
    service.close(session(1));
    let closed = service.send_message(session(1), participant(1), new_message(1, "Hello"), at(0)).unwrap_err();
    insta::assert_snapshot!(messages![
        ReceiveError::UnknownProxyIdentifier,
        ReceiveError::SidTaken { interaction: interaction(1) },
        not_waiting,
        missing,
        SendMessageError::ParticipantNotFound { participant: participant(1) },
        SendMessageError::BodyMissing,
        SendMessageError::SidTaken { interaction: interaction(1) },
        closed,
        SendMessageError::VoiceOnlySession,
        not_deleted,
        DeleteInteractionError::InteractionNotFound { interaction: interaction(1) },
    ]);
}

#[test]
fn whk_4_messages_of_auto_create() {
    let invalid = |parameter| AutoCreateError::ParameterInvalid { parameter };
    let taken = CreateSessionError::SessionSidTaken { session: session(1) };
    let of_caller = |error| CreateSessionError::Participant { index: 0, error };
    insta::assert_snapshot!(messages![
        invalid(AutoCreateParameter::UniqueName),
        invalid(AutoCreateParameter::DateExpiry),
        invalid(AutoCreateParameter::Ttl),
        invalid(AutoCreateParameter::Mode),
        invalid(AutoCreateParameter::ParticipantIdentifier),
        invalid(AutoCreateParameter::ParticipantProxyIdentifier),
        AutoCreateError::CallerWithheld,
        AutoCreateError::ParticipantIdentifierInvalid,
        AutoCreateError::Session(taken),
        AutoCreateError::Session(of_caller(AddParticipantError::ProxyIdentifierNotInService)),
    ]);
}

/// An error of a method must read as the one that `apply` makes of it.
macro_rules! assert_reads_alike {
    ($($error:expr => $variant:path),* $(,)?) => {$({
        let error = $error;
        let gathered = Error::from(error.clone());
        assert_eq!(gathered, $variant(error.clone()));
        assert!(!gathered.is_retryable());
        assert_eq!(messages![gathered], messages![error]);
    })*};
}

#[test]
fn err_1_an_error_of_traffic_reads_the_same_from_apply() {
    let not_waiting = service().resolve_intercept(interaction(1), WebhookAnswer::None, at(0)).unwrap_err();
    assert_reads_alike![
        ReceiveError::UnknownProxyIdentifier => Error::Receive,
        ReceiveError::SidTaken { interaction: interaction(1) } => Error::Receive,
        not_waiting => Error::Resolve,
        SendMessageError::BodyMissing => Error::SendMessage,
        SendMessageError::SidTaken { interaction: interaction(1) } => Error::SendMessage,
        SendMessageError::VoiceOnlySession => Error::SendMessage,
        DeleteInteractionError::InteractionNotFound { interaction: interaction(1) } => Error::DeleteInteraction,
    ];
}

#[test]
fn an_error_of_apply_reads_as_the_error_of_the_method() {
    let error = AddParticipantError::DuplicateRequest { other_session: session(1) };
    let gathered = Error::from(error.clone());
    let seen = |code, status, text: String| (code, status, text);
    assert_eq!(
        seen(gathered.code(), gathered.http_status(), gathered.to_string()),
        seen(error.code(), error.http_status(), error.to_string()),
    );
}

#[test]
fn con_4_a_duplicate_request_alone_can_be_retried() {
    let of = |error: AddParticipantError| Error::from(error).is_retryable();
    assert!(of(AddParticipantError::DuplicateRequest { other_session: session(1) }));
    assert!(!of(AddParticipantError::ProxyIdentifierInUse { other_session: session(1) }));
}

#[test]
fn messages_of_restore() {
    let number = |flaw| RestoreError::Number { number: number(1).into(), flaw };
    let session = |flaw| RestoreError::Session { session: session(1), flaw };
    let participant = |flaw| RestoreError::Participant { participant: participant(1), flaw };
    let recorded = |flaw| RestoreError::Interaction { interaction: interaction(1), flaw };
    let waiting = |flaw| RestoreError::Waiting { interaction: interaction(1), flaw };
    let event = |flaw| RestoreError::Event { index: 2, flaw };
    let errors = [
        RestoreError::Settings,
        RestoreError::Counts,
        number(NumberFlaw::Ordinal),
        number(NumberFlaw::Dates),
        number(NumberFlaw::Kind),
        number(NumberFlaw::Country),
        number(NumberFlaw::Twice),
        number(NumberFlaw::PoolFull),
        number(NumberFlaw::InUse { claimed: 2, counted: 1 }),
        session(SessionFlaw::Ordinal),
        session(SessionFlaw::SidTwice),
        session(SessionFlaw::NameTwice),
        session(SessionFlaw::Status),
        session(SessionFlaw::Dates),
        session(SessionFlaw::Overdue),
        session(SessionFlaw::NeverExpired),
        session(SessionFlaw::TooManyParticipants),
        session(SessionFlaw::PendingThoughClosed),
        participant(ParticipantFlaw::Ordinal),
        participant(ParticipantFlaw::SidTwice),
        participant(ParticipantFlaw::IdentifierTwice),
        participant(ParticipantFlaw::Fictional),
        participant(ParticipantFlaw::Dates),
        participant(ParticipantFlaw::ProxyIdentifier),
        participant(ParticipantFlaw::NotInPool),
        participant(ParticipantFlaw::InFlightTwice),
        participant(ParticipantFlaw::PairActiveTwice),
        recorded(InteractionFlaw::Ordinal),
        recorded(InteractionFlaw::SidTwice),
        recorded(InteractionFlaw::Dates),
        recorded(InteractionFlaw::Participants),
        recorded(InteractionFlaw::Resources),
        waiting(WaitingFlaw::SidTwice),
        waiting(WaitingFlaw::OptOut),
        waiting(WaitingFlaw::Session),
        waiting(WaitingFlaw::Participants),
        waiting(WaitingFlaw::Previous),
        event(EventFlaw::Session),
        event(EventFlaw::Interaction),
        event(EventFlaw::Leg),
    ];
    insta::assert_snapshot!(errors.map(|error| error.to_string()).join("\n"));
}

#[test]
fn messages_of_parsing() {
    let messages = [
        parse_text::<SessionSid>("KC1"),
        parse_text::<SessionSid>("KP00000000000000000000000000000001"),
        parse_text::<SessionSid>("KC0000000000000000000000000000000g"),
        parse_text::<E164>("4155550001"),
        parse_text::<ShortCode>("12"),
        parse_text::<Identifier>(" "),
        parse_text::<Identifier>(&"x".repeat(192)),
        parse_text::<Identifier>("4155550001"),
        parse_text::<ProxyNumber>("12"),
        parse_text::<ProxyIdentifier>("telephone"),
        parse_text::<ProxyIdentifier>(&"x".repeat(256)),
        parse_text::<RequestedProxyIdentifier>(&"x".repeat(256)),
        parse_text::<FriendlyName>(&"x".repeat(256)),
        parse_text::<SessionName>(""),
        parse_text::<SessionName>(&"x".repeat(192)),
        parse_text::<SessionName>("KC00000000000000000000000000000001"),
        parse_text::<CallbackUrl>(&format!("https://a.example/{}", "x".repeat(4_000))),
        parse_text::<CallbackUrl>("/callback"),
        parse_text::<CallbackUrl>("https://a.example/ b"),
        parse_text::<CallbackUrl>("https://:1/"),
        parse_text::<CallbackUrl>("https://proxy.twilio.com/"),
        parse_text::<Timestamp>("tomorrow"),
        parse_text::<SessionMode>("fax"),
        parse_text::<Country>("XX"),
        parse_text::<ContactKind>("fax"),
        parse_text::<InteractionType>("fax"),
        parse_text::<ResourceType>("fax"),
        parse_text::<ResourceStatus>("ended"),
        parse_text::<RequestPurpose>("fax"),
        parse_text::<AutoCreateParameter>("UniqueName"),
        parse_text::<MessageBody>(&"x".repeat(1_601)),
        parse_text::<MediaUrl>(""),
        parse_text::<MediaUrl>(&"x".repeat(4_001)),
        parse_text::<MediaUrl>("https://a.example/ b"),
        parse_text::<ContentType>(&"x".repeat(256)),
        parse_text::<AnswerBody>(&"x".repeat(65_537)),
        texts(&[
            &Ttl::from_seconds(u32::MAX).unwrap_err(),
            &Media::try_from(vec!["https://a.example/1".parse().unwrap(); 11]).unwrap_err(),
            &FormParameters::try_from(vec![(String::new(), String::new()); 201]).unwrap_err(),
            &FormParameters::try_from(vec![("Body".to_owned(), "x".repeat(65_533))]).unwrap_err(),
        ]),
    ];
    insta::assert_snapshot!(messages.join("\n"));
}

#[test]
fn txt_1_a_text_that_is_too_long_says_how_long_it_may_be() {
    assert_eq!(ParseTextError::TooLong { limit: 191 }.to_string(), "the text is longer than 191 characters");
}

#[test]
fn the_json_of_a_session_is_pinned() {
    let mut service = service();
    let mut new = new_session(1);
    new.unique_name = Some("job-17".parse().unwrap());
    new.ttl = Some(Ttl::from_seconds(60).unwrap());
    service.create_session(new, at(0)).unwrap();
    service.handle_deadline(at(60));
    insta::assert_snapshot!(pretty(&service.session(session(1))));
}

#[test]
fn the_json_of_a_participant_is_pinned() {
    let mut service = service().with_numbers(&[P1]);
    let ride = service.open(1);
    let mut alice = new_participant(1, ALICE);
    alice.friendly_name = Some("Alice".parse().unwrap());
    service.add_participant(ride, alice, at(1)).unwrap();
    insta::assert_snapshot!(pretty(service.remove_participant(ride, participant(1), at(2)).unwrap()));
}

#[test]
fn the_json_of_a_pending_participant_is_pinned() {
    let mut service = service();
    service.add_number(new_short_code(1, "44551", Country::US), at(0)).unwrap();
    let ride = service.open_with_mode(1, SessionMode::MessageOnly);
    insta::assert_snapshot!(pretty(service.begin_add_participant(ride, new_participant(1, ALICE), at(0)).unwrap()));
}

#[test]
fn int_1_the_json_of_an_interaction_is_pinned() {
    let mut service = ride();
    service.receive(call(1, ALICE, P1), at(1)).unwrap();
    let report = StatusReport { status: ResourceStatus::Completed, resource_sid: Some(call_sid(2)), duration: Some(5) };
    insta::assert_snapshot!(pretty(&service.report_status(interaction(1), report, at(6))));
}

#[test]
fn int_3_the_json_of_a_message_interaction_is_pinned() {
    let mut service = ride();
    insta::assert_snapshot!(pretty(
        &service.send_message(session(1), participant(2), new_message(1, "Look \"here\""), at(1)).unwrap()
    ));
}

#[test]
fn the_json_of_a_number_is_pinned() {
    let mut service = service();
    let mut new = new_number(1, P1);
    new.friendly_name = Some("Airport".parse().unwrap());
    new.capabilities = Some(Capabilities { mms_outbound: true, ..Capabilities::SMS });
    insta::assert_snapshot!(pretty(service.add_number(new, at(0)).unwrap()));
}

#[test]
fn the_json_of_settings_is_pinned() {
    let mut new = new_service();
    new.callback_url = Some("https://rides.example.com/callback".parse().unwrap());
    new.hash_seed = Some(7);
    insta::assert_snapshot!(pretty(Service::new(new, twilio_proxy_core::Policy::default(), at(0)).settings()));
}

#[test]
fn a_hash_seed_is_in_no_json() {
    let mut new = new_service();
    new.hash_seed = Some(987_654_321);
    let service = Service::new(new.clone(), twilio_proxy_core::Policy::default(), at(0));
    assert!(!pretty(&new).contains("987654321"));
    assert!(!pretty(&service.state()).contains("987654321"));
}

/// What JSON of another type is refused with, a line a type.
macro_rules! expectations {
    ($($type:ty),* $(,)?) => {
        [$(serde_json::from_str::<$type>("true").map(drop).expect_err("no boolean").to_string()),*].join("\n")
    };
}

#[test]
fn inv_5_json_of_another_type_is_refused_with_what_is_expected() {
    insta::assert_snapshot!(expectations![
        SessionSid,
        ResourceSid,
        NumberSid,
        E164,
        ShortCode,
        ProxyNumber,
        Identifier,
        ProxyIdentifier,
        RequestedProxyIdentifier,
        FriendlyName,
        SessionName,
        CallbackUrl,
        SessionMode,
        Country,
        Timestamp,
        MessageBody,
        MediaUrl,
        Media,
        ContentType,
        AnswerBody,
        FormParameters,
    ]);
    let form = serde_json::from_str::<FormParameters>("[[true, true]]").unwrap_err();
    assert!(form.to_string().contains("expected a text of a form"), "{form}");
}

fn assert_masked(value: &impl Debug) {
    let (debug, pretty_debug) = (format!("{value:?}"), format!("{value:#?}"));
    assert!(!debug.contains(SECRET_DIGITS) && !pretty_debug.contains(SECRET_DIGITS), "{debug}");
    assert!(debug.contains("XXXX"), "{debug}");
}

fn assert_masked_and_stored(value: &(impl Debug + Serialize)) {
    assert_masked(value);
    assert!(pretty(value).contains(SECRET_DIGITS), "{}", pretty(value));
}

/// Session 1 with a live participant, session 2 with a pending one, both with the same identifier.
fn service_with_secrets() -> Service {
    let mut service = service_with(permissive()).with_numbers(&[P1, P2]);
    let [first, second] = [1, 2].map(|n| service.open(n));
    service.add(first, 1, SECRET);
    service.begin(second, 2, SECRET);
    service
}

#[test]
fn txt_3_debug_of_an_address_is_masked_and_display_is_not() {
    for text in [SECRET, SECRET_CHANNEL] {
        let (identifier, proxy): (Identifier, ProxyIdentifier) = (text.parse().unwrap(), text.parse().unwrap());
        let requested: RequestedProxyIdentifier = text.parse().unwrap();
        assert_masked_and_stored(&identifier);
        assert_masked_and_stored(&proxy);
        assert_masked_and_stored(&requested);
        assert_eq!([identifier.to_string(), proxy.to_string(), requested.to_string()], [text; 3]);
    }
}

#[test]
fn txt_3_debug_of_a_requested_proxy_identifier_of_no_form_is_masked() {
    assert_masked_and_stored(&"telephone 7391".parse::<RequestedProxyIdentifier>().unwrap());
}

#[test]
fn txt_3_debug_of_numbers_is_masked() {
    assert_masked_and_stored(&e164(SECRET));
    assert_masked_and_stored(&ProxyNumber::from(e164(SECRET)));
    assert_masked_and_stored(&"7391".parse::<ShortCode>().unwrap());
}

#[test]
fn txt_2_debug_of_a_short_text_hides_all_of_it() {
    assert_eq!(format!("{:?}", "739".parse::<ShortCode>().unwrap()), "ShortCode(XXXX)");
}

#[test]
fn txt_3_what_debug_shows_is_pinned() {
    let mut service = ride();
    set_callback_url(&mut service);
    received(&mut service, message(1, ALICE, P1, "Where?"));
    let events = polled(&mut service);
    let san_francisco = e164("+14155550123");
    let form = FormParameters::try_from(vec![("From".to_owned(), ALICE.to_owned())]).unwrap();
    let shown: [&dyn Debug; 13] = [
        &new_service(),
        &service.interaction(session(1), interaction(1)).expect("it was created"),
        &events,
        &NumberSid::from(number(1)),
        &NumberSid::from(short_code(1)),
        &call_sid(1),
        &form,
        &"https://media.example.com/1.png".parse::<MediaUrl>().unwrap(),
        &"{}".parse::<AnswerBody>().unwrap(),
        &"ride-1".parse::<SessionName>().unwrap(),
        &Country::US,
        &san_francisco.calling_code(),
        &san_francisco.area_code(),
    ];
    insta::assert_snapshot!(shown.map(|value| format!("{value:?}")).join("\n"));
}

#[test]
fn txt_3_debug_of_inputs_is_masked() {
    let new = new_participant_with(1, SECRET, SECRET_CHANNEL);
    let mut ride = new_session(1);
    ride.participants = vec![new.clone()];
    let command = Command::AddParticipant { session: session(1), new: new.clone() };
    assert_masked_and_stored(&new);
    assert_masked_and_stored(&ride);
    assert_masked_and_stored(&command);
    assert_masked_and_stored(&LogEntry { now: at(0), command });
    assert_masked_and_stored(&Command::CreateSession { new: ride });
}

#[test]
fn txt_3_debug_of_answers_is_masked() {
    let mut service = service_with_secrets();
    let added = service.participant(session(1), participant(1)).unwrap().clone();
    let pending = service.pending_participant(session(2), participant(2)).unwrap().clone();
    assert_masked_and_stored(&added);
    assert_masked_and_stored(&pending);
    assert_masked_and_stored(&Reply::Participant(added));
    assert_masked_and_stored(&Reply::Pending(pending));
    let cancelled = service.cancel_add_participant(session(2), participant(2), None, at(0)).unwrap();
    assert_masked_and_stored(&cancelled);
    assert_masked_and_stored(&Reply::Cancelled(cancelled));
}

#[test]
fn txt_3_debug_of_a_state_is_masked() {
    let state = service_with_secrets().state();
    assert_masked_and_stored(&state);
    for session in &state.sessions {
        assert_masked_and_stored(session);
    }
    assert_masked_and_stored(&state.sessions[0].participants[0]);
    assert_masked_and_stored(&state.sessions[1].pending[0]);
}

#[test]
fn txt_3_debug_of_a_service_shows_no_identifier() {
    let service = service_with_secrets();
    assert!(!format!("{service:?} {service:#?}").contains(SECRET_DIGITS));
}

#[test]
fn txt_3_debug_of_an_explanation_is_masked() {
    let mut service = service().with_numbers(&[P1]);
    let [first, second] = [1, 2].map(|n| service.open(n));
    service.add(first, 1, SECRET);
    let explanation = service.explain_selection(second, &identifier(SECRET), at(0)).unwrap();
    assert_eq!(explanation.outcome, Err(SelectionError::NoUnusedNumber { identifier: e164(SECRET) }));
    assert_masked_and_stored(&explanation);
}

/// Every error that carries an identifier.
#[expect(clippy::unwrap_used, reason = "a fixture that fails is a failed test")]
fn errors_with_secrets() -> Vec<Error> {
    let identifier = e164(SECRET);
    let area_code = identifier.area_code();
    let selections = [
        SelectionError::NoNumberForBoth { identifier },
        SelectionError::NoNumberInArea { identifier, area_code },
        SelectionError::NoUnusedNumber { identifier },
    ];
    let mut errors: Vec<AddParticipantError> = selections.map(AddParticipantError::Selection).into();
    for text in [SECRET, SECRET_CHANNEL] {
        let identifier = text.parse().unwrap();
        errors.push(AddParticipantError::UnsupportedIdentifierType { identifier, session: session(1) });
    }
    let created = errors.iter().map(|error| CreateSessionError::Participant { index: 0, error: error.clone() }.into());
    let created: Vec<Error> = created.collect();
    errors.into_iter().map(Error::from).chain(created).collect()
}

#[test]
fn txt_3_no_message_shows_an_identifier() {
    for error in errors_with_secrets() {
        let message = error.to_string();
        assert!(message.contains("XXXX") && !message.contains(SECRET_DIGITS), "{message}");
    }
}

#[test]
fn txt_3_debug_of_errors_is_masked() {
    for error in errors_with_secrets() {
        assert_masked_and_stored(&error);
    }
}

#[test]
fn txt_3_what_does_not_parse_is_not_repeated() {
    let json = r#"{"sid":"KP00000000000000000000000000000001","identifier":"14155557391"}"#;
    let error = serde_json::from_str::<twilio_proxy_core::NewParticipant>(json).unwrap_err().to_string();
    assert!(!error.contains(SECRET_DIGITS), "{error}");
}

/// What somebody said, in no other text of the world.
const SAID: &str = "Gate 7391, ask for Rosalind";

/// What holds nothing but a body is no less secret.
fn assert_silent(value: &impl Debug) {
    let debug = format!("{value:?} {value:#?}");
    assert!(!debug.contains(SECRET_DIGITS) && !debug.contains("Rosalind"), "{debug}");
}

/// Alice wrote to one whose identifier is secret, and that one to Alice.
fn service_with_secret_traffic() -> Service {
    let mut service = service().with_numbers(&[P1, P2]);
    let ride = service.open(1);
    service.add_with(ride, 1, ALICE, P1);
    service.add_with(ride, 2, SECRET, P2);
    set_callback_url(&mut service);
    set_out_of_session_url(&mut service);
    received(&mut service, message(1, ALICE, P1, SAID));
    set_intercept_url(&mut service);
    received(&mut service, message(2, SECRET, P2, SAID));
    let mut stranger = message(3, SECRET, P1, SAID);
    stranger.parameters = vec![("From".to_owned(), SECRET.to_owned()), ("Body".to_owned(), SAID.to_owned())]
        .try_into()
        .expect("it is short");
    received(&mut service, stranger);
    service
}

#[test]
fn txt_3_debug_of_a_contact_is_masked_and_silent() {
    let mut inbound = message(1, SECRET, P1, SAID);
    inbound.parameters = vec![("Body".to_owned(), SAID.to_owned())].try_into().unwrap();
    assert_masked_and_stored(&inbound);
    assert_silent(&inbound);
    assert_silent(&inbound.parameters);
    assert_silent(&inbound.contact);
    assert_silent(&Contact::message(SAID.parse().unwrap()));
    assert_silent(&new_message(1, SAID));
    let mut to_secret = withheld_call(1, P1);
    to_secret.to = proxy(SECRET_CHANNEL);
    assert_masked_and_stored(&to_secret);
    let command = Command::Receive { inbound };
    assert_masked_and_stored(&command);
    assert_silent(&command);
    assert_silent(&LogEntry { now: at(0), command });
    let (session, participant) = (session(1), participant(1));
    assert_silent(&Command::SendMessage { session, participant, new: new_message(1, SAID) });
}

#[test]
fn txt_3_debug_of_an_out_of_session_answer_is_silent() {
    let answer = OutOfSessionAnswer {
        status: WebhookAnswer::Status(200),
        content_type: Some("application/json".parse().unwrap()),
        body: format!(r#"{{"participantIdentifier":"{SECRET}"}}"#).parse().unwrap(),
    };
    let sids = AutoCreateSids { session: session(1), caller: participant(1), partner: participant(2) };
    assert_silent(&answer);
    assert_silent(&Command::ResolveOutOfSession { interaction: interaction(1), answer, sids });
}

#[test]
fn txt_3_debug_of_an_outcome_is_masked_and_silent() {
    let outcome = connected(1, 1, P2, SECRET);
    assert_masked_and_stored(&outcome);
    assert_masked_and_stored(&Reply::Outcome(outcome));
    assert_silent(&Outcome::Twiml { interaction: interaction(1), document: SAID.parse().unwrap() });
    for error in errors_with_secrets() {
        if let Error::CreateSession(error) = error {
            let failure = OutOfSessionFailure::AutoCreate(error.into());
            assert_masked_and_stored(&failure);
            assert_masked_and_stored(&Outcome::Failed { interaction: interaction(1), failure });
        }
    }
}

#[test]
fn txt_3_the_message_of_auto_create_shows_no_identifier() {
    for error in errors_with_secrets() {
        if let Error::CreateSession(error) = error {
            let message = AutoCreateError::from(error).to_string();
            assert!(message.contains("XXXX") && !message.contains(SECRET_DIGITS), "{message}");
        }
    }
}

#[test]
fn txt_3_debug_of_a_route_is_masked() {
    let service = service_with_secret_traffic();
    let alice = identifier(ALICE);
    let route = service.route(Some(&alice), &proxy(P1), ContactKind::Call, at(0));
    assert!(matches!(route, Route::Connect { .. }), "{route:?}");
    assert_masked(&route);
}

#[test]
fn txt_3_debug_of_events_is_masked_and_silent() {
    let mut service = service_with_secret_traffic();
    let events = polled(&mut service);
    let [leg, callback, intercept, unknown, out_of_session] = events.as_slice() else {
        panic!("there are five events, not {events:?}");
    };
    assert_masked_and_stored(leg);
    for event in [leg, callback, intercept, unknown, out_of_session] {
        assert_silent(event);
        if let Event::Request(request) = event {
            assert_silent(request);
        }
    }
    for (event, secret) in [(leg, SAID), (callback, "Rosalind"), (out_of_session, SECRET)] {
        assert!(pretty(event).contains(secret), "{}", pretty(event));
    }
}

#[test]
fn inv_6_no_notification_carries_an_identifier_or_a_body() {
    let mut service = service_with_secret_traffic();
    received(&mut service, message(4, SECRET, P2, "stop"));
    service.resolve_intercept(interaction(2), WebhookAnswer::Status(403), at(0)).unwrap();
    let (stranger, sids) =
        (interaction(3), AutoCreateSids { session: session(2), caller: participant(3), partner: participant(4) });
    service.resolve_out_of_session(stranger, OutOfSessionAnswer::default(), sids, at(0)).unwrap();
    let notifications = service.drain_notifications();
    let codes: Vec<_> = notifications.iter().map(|notification| notification.code().number()).collect();
    assert_eq!(codes, [80903, 80901, 80909, 80913]);
    for notification in notifications {
        let shown = format!("{notification:?} {}", pretty(&notification));
        assert!(!shown.contains(SECRET_DIGITS) && !shown.contains("Rosalind"), "{shown}");
    }
}

#[test]
fn txt_3_debug_of_interactions_is_silent() {
    let service = service_with_secret_traffic();
    let recorded = service.interaction(session(1), interaction(1)).unwrap();
    assert!(pretty(recorded).contains(SAID));
    assert_silent(recorded);
    assert_silent(&Reply::Interaction(recorded.clone()));
}

#[test]
fn txt_3_debug_of_a_state_with_traffic_is_masked_and_silent() {
    let service = service_with_secret_traffic();
    let state = service.state();
    assert_masked_and_stored(&state);
    assert_silent(&state);
    let [verdict, stranger] = state.waiting.as_slice() else { panic!("two wait, not {:?}", state.waiting) };
    assert_silent(verdict);
    assert_masked_and_stored(stranger);
    assert_masked_and_stored(&stranger.matter);
    assert_silent(stranger);
    assert_silent(&state.sessions[0].interactions);
    assert_silent(&service);
}

#[test]
fn txt_3_content_that_does_not_parse_is_not_repeated() {
    let json =
        r#"{"interaction":"KI00000000000000000000000000000001","resource":"SM00000000000000000000000000000001","#
            .to_owned();
    let long = "7391".repeat(401);
    for rest in [
        r#""from":"14155557391","to":"+14155559001","contact":"call"}"#.to_owned(),
        r#""to":"+1415555739A","contact":"call"}"#.to_owned(),
        format!(r#""to":"+14155559001","contact":{{"message":{{"body":"{long}"}}}}}}"#),
        r#""to":"+14155559001","contact":{"message":{"body":"","media":["https://a.example/ 7391"]}}}"#.to_owned(),
        format!(r#""to":"+14155559001","contact":"call","parameters":[["7391","{}"]]}}"#, long.repeat(50)),
    ] {
        let error =
            serde_json::from_str::<twilio_proxy_core::Inbound>(&(json.clone() + &rest)).unwrap_err().to_string();
        assert!(!error.contains("739"), "{error}");
    }
}
