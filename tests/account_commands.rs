//! What goes over a wire: commands of an account, replies and refusals as JSON; and what people read of refusals.
#![cfg(feature = "serde")]
#![expect(clippy::unwrap_used, reason = "a fixture that fails is a failed test")]

use core::fmt::Debug;

use crate::common::{account::*, *};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::json;
use twilio_proxy_core::{
    AccountCommand, AccountSid, AddNumberError, AddParticipantError, Capabilities, Code, Command, CreateServiceError,
    CreateSessionError, DateExpiryNotInFuture, DeleteInteractionError, Error, FetchServiceError, FetchSessionError,
    FinishAddParticipantError, LogEntry, MaximumPoolSize, NewOwnedNumber, NonUniqueServiceName, NumberChoice,
    NumberSid, PairInvalid, ReceiveError, RegisterNumberError, ReleaseNumberError, RemoveNumberError,
    RemoveParticipantError, Reply, ResolveError, SelectionError, SendMessageError, Service, ServiceNotFound,
    SessionClosed, SessionNotFound, SessionSid, UpdateNumberError, UpdateSessionError, WebhookAnswer,
    geography::Country,
};

/// Every variant, with no optional field.
fn minimal() -> Vec<AccountCommand> {
    let service = service_sid(1);
    vec![
        AccountCommand::CreateService { new: new_service_called(1, "rides") },
        AccountCommand::DeleteService { service },
        AccountCommand::RegisterNumber { new: owned(1, P1) },
        AccountCommand::ReleaseNumber { number: number(1).into() },
        AccountCommand::AddNumber { service, choice: NumberChoice::default() },
        AccountCommand::Receive { inbound: withheld_call(1, P1) },
        AccountCommand::HandleDeadline {},
        AccountCommand::Service { service, command: Command::HandleDeadline {} },
    ]
}

/// Every variant that has optional fields of its own, with all of them.
fn complete() -> Vec<AccountCommand> {
    let service = service_sid(1);
    let mut new = new_service_called(1, "rides");
    new.default_ttl = ttl(3_600);
    new.callback_url = Some(url(CALLBACK));
    new.intercept_callback_url = Some(url(INTERCEPT));
    new.out_of_session_callback_url = Some(url(OUT_OF_SESSION));
    new.chat_instance_sid = Some("IS00000000000000000000000000000001".parse().unwrap());
    let mut phone = owned(1, P1);
    phone.friendly_name = Some("Airport".parse().unwrap());
    phone.iso_country = Some(Country::CA);
    phone.capabilities = Some(Capabilities::SMS);
    let code = NewOwnedNumber::short_code(short_code(1), "44551".parse().unwrap(), Country::US);
    let command = Command::AddParticipant { session: session(1), new: new_participant(1, ALICE) };
    vec![
        AccountCommand::CreateService { new },
        AccountCommand::RegisterNumber { new: phone },
        AccountCommand::RegisterNumber { new: code },
        AccountCommand::ReleaseNumber { number: short_code(1).into() },
        AccountCommand::AddNumber { service, choice: NumberChoice { is_reserved: true, ..choice(Some(1), Some(P1)) } },
        AccountCommand::Receive { inbound: message(1, ALICE, P1, "Hello") },
        AccountCommand::Service { service, command },
    ]
}

fn lines<T: Serialize>(values: &[T]) -> String {
    let line = |value: &T| serde_json::to_string(value).unwrap();
    values.iter().map(line).collect::<Vec<_>>().join("\n")
}

fn assert_round_trip<T: Serialize + DeserializeOwned + PartialEq + Debug>(values: &[T]) {
    for value in values {
        let json = serde_json::to_string(value).unwrap();
        assert_eq!(&serde_json::from_str::<T>(&json).unwrap(), value, "{json}");
    }
}

#[test]
fn the_json_of_account_commands_is_pinned() {
    let commands: Vec<AccountCommand> = minimal().into_iter().chain(complete()).collect();
    insta::assert_snapshot!(lines(&commands));
    assert_round_trip(&commands);
}

#[test]
fn a_log_entry_of_an_account_is_one_line() {
    let command = Command::DeleteSession { session: session(1) };
    let command = AccountCommand::Service { service: service_sid(1), command };
    let line = concat!(
        r#"{"now":"2026-01-01T00:00:00Z","command":{"service":{"service":"KS00000000000000000000000000000001","#,
        r#""command":{"delete_session":{"session":"KC00000000000000000000000000000001"}}}}}"#
    );
    let entry = LogEntry { now: at(0), command };
    assert_eq!(serde_json::to_string(&entry).unwrap(), line);
    assert_eq!(serde_json::from_str::<LogEntry<AccountCommand>>(line).unwrap(), entry);
    assert!(serde_json::from_str::<LogEntry>(line).is_err(), "it is no command of a service");
}

#[test]
fn an_unknown_field_of_any_account_command_is_refused() {
    for command in minimal() {
        let mut value = serde_json::to_value(&command).unwrap();
        let fields = value.as_object_mut().unwrap().values_mut().next().unwrap();
        fields.as_object_mut().unwrap().insert("shard".into(), json!(1));
        let error = serde_json::from_value::<AccountCommand>(value).unwrap_err().to_string();
        assert!(error.starts_with("unknown field `shard`"), "{command:?}: {error}");
    }
    let error = serde_json::from_value::<AccountCommand>(json!({"merge_services": {}})).unwrap_err().to_string();
    assert!(error.starts_with("unknown variant `merge_services`"), "{error}");
}

#[test]
fn num_8_an_owned_number_of_two_kinds_is_not_read() {
    for (sid, number) in [("PN", "44551"), ("SC", P1)] {
        let sid = format!("{sid}00000000000000000000000000000001");
        let command = json!({"register_number": {"new": {"sid": sid, "phone_number": number}}});
        let error = serde_json::from_value::<AccountCommand>(command).unwrap_err().to_string();
        assert_eq!(error, "a phone number has a PN SID and a short code an SC SID");
    }
}

/// The seed is secret: a log that is replayed has none.
#[test]
fn inv_1_no_seed_is_in_a_log() {
    let mut new = new_service_called(1, "rides");
    new.hash_seed = Some(0x7357);
    let json = serde_json::to_string(&AccountCommand::CreateService { new }).unwrap();
    assert!(!json.contains("seed") && !json.contains("29527"), "{json}");
}

#[test]
fn the_json_of_account_replies_is_pinned() {
    let mut account = account();
    let mut phone = owned(3, "+14155559003");
    phone.friendly_name = Some("Airport".parse().unwrap());
    let service = service_sid(1);
    let replies = [
        AccountCommand::CreateService { new: new_service_called(3, "parcels") },
        AccountCommand::RegisterNumber { new: phone },
        AccountCommand::AddNumber { service, choice: choice(Some(1), None) },
        AccountCommand::RegisterNumber { new: owned(1, P1) },
        AccountCommand::Receive { inbound: withheld_call(1, P1) },
        AccountCommand::Service { service, command: Command::CreateSession { new: new_session(1) } },
        AccountCommand::ReleaseNumber { number: number(2).into() },
        AccountCommand::DeleteService { service },
        AccountCommand::HandleDeadline {},
    ]
    .map(|command| account.try_apply(command).unwrap());
    insta::assert_snapshot!(lines(&replies));
    assert_round_trip(&replies);
}

#[test]
fn whk_6_the_json_of_an_event_of_an_account_is_pinned() {
    let mut account = account();
    account.within(2, Command::ReportCallback { url: url(CALLBACK), answer: WebhookAnswer::None });
    let events: Vec<_> = core::iter::from_fn(|| account.poll_event()).collect();
    insta::assert_snapshot!(lines(&events), @r#"{"service":"KS00000000000000000000000000000002","event":{"notification":{"callback_error":{"url":"https://rides.example.com/callback"}}}}"#);
    assert_round_trip(&events);
}

/// Every refusal that an account adds, in the order of the checks.
fn account_errors() -> Vec<Error> {
    let name = || NonUniqueServiceName { unique_name: "rides".parse().unwrap(), existing: service_sid(1) };
    let (one, other) = (NumberSid::from(number(1)), NumberSid::from(number(2)));
    vec![
        CreateServiceError::AnotherAccount { account: AccountSid::from_u128(2) }.into(),
        CreateServiceError::SidTaken { service: service_sid(1) }.into(),
        CreateServiceError::NonUniqueName(name()).into(),
        ServiceNotFound { service: service_sid(9) }.into(),
        name().into(),
        RegisterNumberError { existing: one }.into(),
        ReleaseNumberError::NumberNotFound { number: one }.into(),
        ReleaseNumberError::InPool { number: one, service: service_sid(1) }.into(),
        AddNumberError::NumberMissing.into(),
        AddNumberError::PhoneNumberNotOwned { sid: None, phone_number: pool_number("+14155559009") }.into(),
        AddNumberError::ShortCodeNotOwned { sid: Some(short_code(9).into()), phone_number: None }.into(),
        AddNumberError::DifferentNumbers { by_sid: one, by_number: other }.into(),
        AddNumberError::NumberAlreadyInAnotherService { other_service: service_sid(2) }.into(),
        AddParticipantError::ProxyIdentifierNotOwned.into(),
    ]
}

/// Every refusal that a service knows, in the order of the operations and of the checks.
fn service_errors() -> Vec<Error> {
    let mut errors: Vec<Error> = Vec::new();
    errors.extend(create_session_errors().map(Error::from));
    errors.extend(update_session_errors().map(Error::from));
    errors.push(not_found().into());
    errors.extend(add_participant_errors().into_iter().map(Error::from));
    errors.extend(finish_errors().map(Error::from));
    errors.extend(remove_errors().map(Error::from));
    errors.extend(traffic_errors());
    errors.extend(pool_errors());
    errors
}

fn not_found() -> SessionNotFound {
    SessionNotFound { session: session(9) }
}

fn closed() -> SessionClosed {
    SessionClosed { session: session(1) }
}

fn create_session_errors() -> [CreateSessionError; 7] {
    [
        DateExpiryNotInFuture { date_expiry: at(0), now: at(1) }.into(),
        CreateSessionError::SessionSidTaken { session: session(1) },
        CreateSessionError::ParticipantSidTaken { participant: participant(1) },
        CreateSessionError::StatusInvalid,
        CreateSessionError::NonUniqueName { unique_name: "job-17".parse().unwrap(), existing: session(1) },
        CreateSessionError::TooManyParticipants { participants: 3 },
        CreateSessionError::Participant { index: 1, error: AddParticipantError::ProxyIdentifierNotInService },
    ]
}

fn update_session_errors() -> [UpdateSessionError; 6] {
    [
        not_found().into(),
        DateExpiryNotInFuture { date_expiry: at(0), now: at(1) }.into(),
        UpdateSessionError::StatusInvalid,
        closed().into(),
        UpdateSessionError::ProxyIdentifierNotInService { participant: participant(1) },
        UpdateSessionError::ProxyIdentifierInUse { participant: participant(1), other_session: session(2) },
    ]
}

fn add_participant_errors() -> Vec<AddParticipantError> {
    let pair = AddParticipantError::PairInvalid;
    let selection = AddParticipantError::Selection;
    let identifier = e164(ALICE);
    let area_code = identifier.area_code();
    vec![
        not_found().into(),
        AddParticipantError::SidTaken { participant: participant(1) },
        AddParticipantError::IdentifierUnreachable,
        closed().into(),
        AddParticipantError::AlreadyInSession { existing: participant(1) },
        AddParticipantError::TooManyParticipants { existing: [participant(1), participant(2)] },
        AddParticipantError::UnsupportedIdentifierType {
            identifier: crate::common::identifier("whatsapp:+14155550001"),
            session: session(1),
        },
        AddParticipantError::ChannelWithoutProxyIdentifier,
        AddParticipantError::ChannelWithProxyIdentifierSid,
        pair(PairInvalid::NotOfThisChannel),
        pair(PairInvalid::ChannelForPhoneNumber),
        pair(PairInvalid::IdentifierInPool),
        pair(PairInvalid::DifferentNumbers),
        pair(PairInvalid::SameAddress),
        AddParticipantError::DuplicateRequest { other_session: session(2) },
        AddParticipantError::ProxyIdentifierNotInService,
        AddParticipantError::ProxyIdentifierNotOwned,
        AddParticipantError::ReservedBySid { number: number(1) },
        AddParticipantError::ReservedByNumber,
        AddParticipantError::ProxyIdentifierInUse { other_session: session(2) },
        selection(SelectionError::NoNumbers),
        selection(SelectionError::NoNumberForCountry { country: Some(Country::GB) }),
        selection(SelectionError::NoNumberForCountry { country: None }),
        selection(SelectionError::NoVoiceNumber),
        selection(SelectionError::NoMessageNumber),
        selection(SelectionError::NoNumberForBoth { identifier }),
        selection(SelectionError::NoNumberInArea { identifier, area_code }),
        selection(SelectionError::NoUnreservedNumber),
        selection(SelectionError::NoUnusedNumber { identifier }),
    ]
}

fn finish_errors() -> [FinishAddParticipantError; 3] {
    let participant = participant(1);
    [not_found().into(), closed().into(), FinishAddParticipantError::PendingNotFound { participant }]
}

fn remove_errors() -> [RemoveParticipantError; 3] {
    let participant = participant(1);
    [
        not_found().into(),
        RemoveParticipantError::ParticipantNotFound { participant },
        RemoveParticipantError::AlreadyRemoved { participant, date_deleted: at(1) },
    ]
}

fn traffic_errors() -> Vec<Error> {
    let interaction = interaction(1);
    vec![
        ReceiveError::UnknownProxyIdentifier.into(),
        ReceiveError::SidTaken { interaction }.into(),
        unresolved().into(),
        SendMessageError::from(not_found()).into(),
        SendMessageError::ParticipantNotFound { participant: participant(1) }.into(),
        SendMessageError::BodyMissing.into(),
        SendMessageError::SidTaken { interaction }.into(),
        SendMessageError::from(closed()).into(),
        SendMessageError::VoiceOnlySession.into(),
        DeleteInteractionError::from(not_found()).into(),
        DeleteInteractionError::InteractionNotFound { interaction }.into(),
    ]
}

fn unresolved() -> ResolveError {
    service().resolve_intercept(interaction(1), WebhookAnswer::None, at(0)).unwrap_err()
}

fn pool_errors() -> Vec<Error> {
    let full = MaximumPoolSize { reserved: true, limit: 5_000 };
    let (phone, code) = (NumberSid::from(number(1)), NumberSid::from(short_code(1)));
    vec![
        AddNumberError::PhoneNumberAlreadyInService { existing: phone }.into(),
        AddNumberError::ShortCodeAlreadyInService { existing: code }.into(),
        AddNumberError::from(full).into(),
        UpdateNumberError::NumberNotFound { number: phone }.into(),
        UpdateNumberError::from(full).into(),
        RemoveNumberError::NumberNotFound { number: code }.into(),
        RemoveNumberError::InUse { number: phone, in_use: 2 }.into(),
    ]
}

#[test]
fn err_1_the_json_of_refusals_is_pinned() {
    let errors: Vec<Error> = account_errors().into_iter().chain(service_errors()).collect();
    insta::assert_snapshot!(lines(&errors));
    assert_round_trip(&errors);
    let fetched = [FetchSessionError::from(not_found()), FetchSessionError::SessionNameNotFound];
    assert_round_trip(&fetched);
    let not_found = ServiceNotFound { service: service_sid(9) };
    assert_round_trip(&[FetchServiceError::from(not_found), FetchServiceError::ServiceNameNotFound]);
}

/// A program that reads what another one was refused knows all that the other one knew.
#[test]
fn err_1_a_refusal_that_is_read_back_has_its_code_and_its_message() {
    let mut alone: Service = service();
    let refusal = alone.apply(Command::DeleteSession { session: SessionSid::from_u128(9) }, at(0)).unwrap_err();
    let read: Error = serde_json::from_str(&serde_json::to_string(&refusal).unwrap()).unwrap();
    assert_eq!((read.code(), read.to_string()), (Code::NotFound, refusal.to_string()));
    let result: Result<Reply, Error> = Err(refusal);
    assert_round_trip(&[result, Ok(Reply::Done {})]);
}

#[test]
fn err_1_messages_of_accounts() {
    let line = |error: Error| format!("{} {} {error}", error.code(), error.http_status());
    let fetched =
        [FetchServiceError::from(ServiceNotFound { service: service_sid(9) }), FetchServiceError::ServiceNameNotFound]
            .map(|error| format!("{} {} {error}", error.code(), error.http_status()));
    let messages: Vec<String> = account_errors().into_iter().map(line).chain(fetched).collect();
    insta::assert_snapshot!(messages.join("\n"));
}

/// None but 80623 is worth a second try.
#[test]
fn con_4_no_refusal_of_an_account_is_retryable() {
    assert!(account_errors().iter().all(|error| !error.is_retryable()));
    let retryable: Vec<Code> = service_errors().iter().filter(|error| error.is_retryable()).map(Error::code).collect();
    assert_eq!(retryable, [Code::DuplicateParticipantRequest]);
}
