//! Commands and replies as JSON, which stored logs depend on, and as method calls.
#![cfg(feature = "serde")]
#![expect(clippy::expect_used, reason = "a fixture that fails is a failed test")]

use crate::common::*;
use serde_json::json;
use twilio_proxy_core::{
    AutoCreateError, AutoCreateParameter, AutoCreateSids, CancelReason, Capabilities, Command, Contact, ContactKind,
    CreateSessionError, Error, GeoMatchLevel, LogEntry, NewNumber, NumberSelectionBehavior, NumberUpdate,
    OutOfSessionAnswer, OutOfSessionFailure, Outcome, Patch, Rejection, Reply, ResourceStatus, Service, ServiceUpdate,
    SessionMode, SessionStatus, SessionUpdate, StatusReport, Ttl, WebhookAnswer, geography::Country,
};

/// For what an out-of-session answer may create.
fn sids() -> AutoCreateSids {
    AutoCreateSids { session: session(7), caller: participant(7), partner: participant(8) }
}

/// An answer that asks for a session with Carol.
#[expect(clippy::unwrap_used, reason = "a fixture that fails is a failed test")]
fn carol_wanted() -> OutOfSessionAnswer {
    OutOfSessionAnswer {
        status: WebhookAnswer::Status(200),
        content_type: Some("application/json".parse().unwrap()),
        body: format!(r#"{{"participantIdentifier":"{CAROL}"}}"#).parse().unwrap(),
    }
}

/// Every variant, with no optional field.
fn minimal() -> Vec<Command> {
    vec![
        Command::UpdateService { update: ServiceUpdate::default() },
        Command::AddNumber { new: new_number(1, P1) },
        Command::UpdateNumber { number: number(1).into(), update: NumberUpdate::default() },
        Command::RemoveNumber { number: number(1).into() },
        Command::CreateSession { new: new_session(1) },
        Command::UpdateSession { session: session(1), update: SessionUpdate::default() },
        Command::DeleteSession { session: session(1) },
        Command::AddParticipant { session: session(1), new: new_participant(1, ALICE) },
        Command::BeginAddParticipant { session: session(1), new: new_participant(1, ALICE) },
        Command::FinishAddParticipant { session: session(1), participant: participant(1) },
        Command::CancelAddParticipant { session: session(1), participant: participant(1), reason: None },
        Command::RemoveParticipant { session: session(1), participant: participant(1) },
        Command::Receive { inbound: withheld_call(1, P1) },
        Command::ResolveIntercept { interaction: interaction(1), answer: WebhookAnswer::None },
        Command::ResolveOutOfSession {
            interaction: interaction(1),
            answer: OutOfSessionAnswer::default(),
            sids: sids(),
        },
        Command::SendMessage { session: session(1), participant: participant(1), new: new_message(1, "") },
        Command::ReportStatus { interaction: interaction(1), report: StatusReport::new(ResourceStatus::Ringing) },
        Command::DeleteInteraction { session: session(1), interaction: interaction(1) },
        Command::ReportCallback { url: url(CALLBACK), answer: WebhookAnswer::None },
        Command::HandleDeadline {},
    ]
}

/// Every variant that has optional fields, with all of them.
#[expect(clippy::unwrap_used, reason = "a fixture that fails is a failed test")]
fn complete() -> Vec<Command> {
    let ttl = Ttl::from_seconds(3_600).unwrap();
    let update_service = ServiceUpdate {
        unique_name: Some("rides-2".parse().unwrap()),
        default_ttl: Some(ttl),
        callback_url: Patch::Set("https://rides.example.com/callback".parse().unwrap()),
        geo_match_level: Some(GeoMatchLevel::ExtendedAreaCode),
        number_selection_behavior: Some(NumberSelectionBehavior::AvoidSticky),
        intercept_callback_url: Patch::Set("https://rides.example.com/intercept".parse().unwrap()),
        out_of_session_callback_url: Patch::Set("https://rides.example.com/out-of-session".parse().unwrap()),
        chat_instance_sid: Patch::Set("IS00000000000000000000000000000001".parse().unwrap()),
    };
    let clear_service = ServiceUpdate {
        callback_url: Patch::Clear,
        intercept_callback_url: Patch::Clear,
        out_of_session_callback_url: Patch::Clear,
        chat_instance_sid: Patch::Clear,
        ..ServiceUpdate::default()
    };
    let mut phone = new_number(1, P1);
    phone.friendly_name = Some("Airport".parse().unwrap());
    phone.iso_country = Some(Country::US);
    phone.capabilities = Some(Capabilities { mms_inbound: true, ..Capabilities::VOICE_AND_SMS });
    phone.is_reserved = true;
    let mut alice = new_participant_with(1, ALICE, P1);
    alice.friendly_name = Some("Alice".parse().unwrap());
    alice.proxy_identifier_sid = Some(number(1));
    alice.fail_on_participant_conflict = true;
    let mut ride = new_session_with_mode(1, SessionMode::MessageOnly);
    ride.unique_name = Some("job-17".parse().unwrap());
    ride.date_expiry = Some(at(60));
    ride.ttl = Some(ttl);
    ride.status = Some(SessionStatus::Open);
    ride.participants = vec![alice.clone(), new_participant_with(2, "whatsapp:+14155550002", "whatsapp:+14155559001")];
    ride.fail_on_participant_conflict = true;
    let update_session = SessionUpdate {
        status: Some(SessionStatus::InProgress),
        ttl: Some(ttl),
        date_expiry: Some(at(60)),
        fail_on_participant_conflict: true,
    };
    let unreachable = Some(CancelReason::Unreachable);
    let mut picture = message(1, ALICE, P1, "Look \"here\"");
    let media = vec!["https://a.example/1.png".parse().unwrap(), "https://a.example/2.png".parse().unwrap()];
    picture.contact = Contact::Message { body: "Look \"here\"".parse().unwrap(), media: media.try_into().unwrap() };
    picture.parameters = vec![("From".into(), ALICE.into()), ("NumMedia".into(), "2".into())].try_into().unwrap();
    let status = ResourceStatus::NoAnswer;
    let report = StatusReport { status, resource_sid: Some(call_sid(7)), duration: Some(0) };
    vec![
        Command::UpdateService { update: update_service },
        Command::UpdateService { update: clear_service },
        Command::AddNumber { new: phone },
        Command::AddNumber { new: new_short_code(1, "44551", Country::US) },
        Command::UpdateNumber { number: short_code(1).into(), update: NumberUpdate { is_reserved: Some(false) } },
        Command::CreateSession { new: ride },
        Command::UpdateSession { session: session(1), update: update_session },
        Command::AddParticipant { session: session(1), new: alice.clone() },
        Command::BeginAddParticipant { session: session(1), new: alice },
        Command::CancelAddParticipant { session: session(1), participant: participant(1), reason: unreachable },
        Command::Receive { inbound: call(1, ALICE, P1) },
        Command::Receive { inbound: picture },
        Command::ResolveIntercept { interaction: interaction(1), answer: WebhookAnswer::Status(403) },
        Command::ResolveOutOfSession { interaction: interaction(1), answer: carol_wanted(), sids: sids() },
        Command::SendMessage { session: session(1), participant: participant(1), new: new_message(1, "Hello") },
        Command::ReportStatus { interaction: interaction(1), report },
        Command::ReportCallback { url: url(CALLBACK), answer: WebhookAnswer::Status(500) },
    ]
}

fn lines<T: serde::Serialize>(values: &[T]) -> String {
    let line = |value: &T| serde_json::to_string(value).expect("it is plain data");
    values.iter().map(line).collect::<Vec<_>>().join("\n")
}

/// A service with one number, an empty session 1, a session 2 with Alice, and a session 3 to which Bob is being added.
fn busy_service() -> Service {
    let mut service = service().with_numbers(&[P1]);
    let sessions = [1, 2, 3].map(|n| service.open(n));
    service.add(sessions[1], 1, ALICE);
    service.begin(sessions[2], 2, BOB);
    service
}

/// What the command and the method do to copies of a busy service must be the same, and something.
fn assert_same(command: Command, method: impl FnOnce(&mut Service) -> Result<Reply, Error>) {
    assert_same_to(busy_service, command, method);
}

fn assert_same_to(
    service: impl Fn() -> Service,
    command: Command,
    method: impl FnOnce(&mut Service) -> Result<Reply, Error>,
) {
    let (mut applied, mut called) = (service(), service());
    let reply = applied.apply(command, at(9));
    assert_eq!(reply, method(&mut called));
    assert!(reply.is_ok(), "{reply:?}");
    assert_eq!(applied.state(), called.state());
    assert_ne!(applied.state(), service().state());
}

/// Alice and Bob in a session; call 1 goes on between them, call 2 waits for a verdict, and Carol's call 3 for an answer.
fn busy_traffic() -> Service {
    let mut service = ride();
    set_callback_url(&mut service);
    set_out_of_session_url(&mut service);
    received(&mut service, call(1, ALICE, P1));
    set_intercept_url(&mut service);
    received(&mut service, call(2, BOB, P2));
    received(&mut service, call(3, CAROL, P1));
    service
}

/// Every outcome.
fn outcomes() -> Vec<Outcome> {
    let (session, interaction) = (session(1), interaction(1));
    let out_of_session = |kind, previous, expired, awaits_answer| Outcome::OutOfSession {
        interaction,
        kind,
        previous,
        expired,
        awaits_answer,
    };
    let rejected = |reason| Outcome::Rejected { session, interaction, reason };
    let failed = |failure| Outcome::Failed { interaction, failure };
    let not_created = |error| failed(OutOfSessionFailure::AutoCreate(error));
    vec![
        connected(1, 1, P2, BOB),
        Outcome::Waiting { session, interaction },
        out_of_session(ContactKind::Call, None, false, false),
        out_of_session(ContactKind::Message, Some(session), true, true),
        Outcome::Dropped { interaction },
        rejected(Rejection::MessageToVoiceOnlySession),
        rejected(Rejection::CallToMessageOnlySession),
        rejected(Rejection::NoPartnerParticipant),
        Outcome::Blocked { session, interaction },
        Outcome::Twiml { interaction, document: "<Response/>".parse().expect("it is short") },
        failed(OutOfSessionFailure::NoSuccess),
        failed(OutOfSessionFailure::NoScenario),
        failed(OutOfSessionFailure::Unreadable),
        not_created(AutoCreateError::ParameterInvalid { parameter: AutoCreateParameter::DateExpiry }),
        not_created(AutoCreateError::CallerWithheld),
        not_created(AutoCreateError::ParticipantIdentifierInvalid),
        not_created(AutoCreateError::Session(CreateSessionError::SessionSidTaken { session })),
    ]
}

#[test]
fn the_json_of_minimal_commands_is_pinned() {
    insta::assert_snapshot!(lines(&minimal()));
}

#[test]
fn the_json_of_complete_commands_is_pinned() {
    insta::assert_snapshot!(lines(&complete()));
}

#[test]
fn every_command_parses_back() {
    for command in minimal().into_iter().chain(complete()) {
        let json = serde_json::to_string(&command).unwrap();
        assert_eq!(serde_json::from_str::<Command>(&json).unwrap(), command);
    }
}

#[test]
fn a_log_entry_is_one_line() {
    let new = new_participant(1, ALICE);
    let entry = LogEntry { now: at(0), command: Command::AddParticipant { session: session(1), new } };
    let line = concat!(
        r#"{"now":"2026-01-01T00:00:00Z","command":{"add_participant":{"session":"KC00000000000000000000000000000001","#,
        r#""new":{"sid":"KP00000000000000000000000000000001","identifier":"+14155550001"}}}}"#
    );
    assert_eq!(serde_json::to_string(&entry).unwrap(), line);
    assert_eq!(serde_json::from_str::<LogEntry>(line).unwrap(), entry);
}

#[test]
fn the_json_of_replies_is_pinned() {
    let mut service = service();
    let mut alice = new_participant(1, ALICE);
    alice.friendly_name = Some("Alice".parse().unwrap());
    let commands = [
        Command::UpdateService { update: ServiceUpdate::default() },
        Command::AddNumber { new: new_number(1, P1) },
        Command::CreateSession { new: new_session(1) },
        Command::AddParticipant { session: session(1), new: alice },
        Command::BeginAddParticipant { session: session(1), new: new_participant(2, BOB) },
        Command::CancelAddParticipant {
            session: session(1),
            participant: participant(2),
            reason: Some(CancelReason::Unreachable),
        },
        Command::HandleDeadline {},
    ];
    let replies = commands.map(|command| service.apply(command, at(0)).unwrap());
    insta::assert_snapshot!(lines(&replies));
    for reply in replies {
        let json = serde_json::to_string(&reply).unwrap();
        assert_eq!(serde_json::from_str::<Reply>(&json).unwrap(), reply);
    }
}

#[test]
fn the_json_of_outcomes_is_pinned() {
    let replies: Vec<Reply> = outcomes().into_iter().map(Reply::Outcome).collect();
    insta::assert_snapshot!(lines(&replies));
    for reply in replies {
        let json = serde_json::to_string(&reply).unwrap();
        assert_eq!(serde_json::from_str::<Reply>(&json).unwrap(), reply);
    }
}

#[test]
fn err_3_an_outcome_has_the_code_of_what_stood_in_the_way() {
    let codes: Vec<u32> =
        outcomes().iter().map(|outcome| outcome.code().map_or(0, twilio_proxy_core::Code::number)).collect();
    assert_eq!(
        codes,
        [0, 0, 80902, 80903, 80901, 80910, 80911, 80614, 80909, 0, 80913, 80905, 12100, 80701, 80701, 80404, 20409]
    );
}

#[test]
fn int_1_the_json_of_a_reply_with_an_interaction_is_pinned() {
    let mut service = busy_traffic();
    let report = StatusReport { status: ResourceStatus::Completed, resource_sid: Some(call_sid(7)), duration: Some(5) };
    let new = new_message(4, "Look \"here\"\n\\");
    let commands = [
        Command::ReportStatus { interaction: interaction(1), report },
        Command::SendMessage { session: session(1), participant: participant(2), new },
        Command::ReportStatus { interaction: interaction(9), report },
    ];
    let replies = commands.map(|command| service.apply(command, at(9)).unwrap());
    insta::assert_snapshot!(lines(&replies));
    for reply in replies {
        let json = serde_json::to_string(&reply).unwrap();
        assert_eq!(serde_json::from_str::<Reply>(&json).unwrap(), reply);
    }
}

#[test]
fn an_unknown_command_is_refused() {
    let error = serde_json::from_value::<Command>(json!({"hold_participant": {}})).unwrap_err().to_string();
    assert!(error.starts_with("unknown variant `hold_participant`"), "{error}");
}

#[test]
fn an_unknown_field_of_any_command_is_refused() {
    for command in minimal() {
        let mut value = serde_json::to_value(&command).unwrap();
        let fields = value.as_object_mut().unwrap().values_mut().next().unwrap();
        fields.as_object_mut().unwrap().insert("shard".into(), json!(1));
        let error = serde_json::from_value::<Command>(value).unwrap_err().to_string();
        assert!(error.starts_with("unknown field `shard`"), "{command:?}: {error}");
    }
}

#[test]
fn an_unknown_field_within_an_argument_is_refused() {
    for command in minimal() {
        let mut value = serde_json::to_value(&command).unwrap();
        let fields = value.as_object_mut().unwrap().values_mut().next().unwrap();
        let Some(argument) = fields.as_object_mut().unwrap().values_mut().find_map(|value| value.as_object_mut())
        else {
            continue;
        };
        argument.insert("shard".into(), json!(1));
        let error = serde_json::from_value::<Command>(value).unwrap_err().to_string();
        assert!(error.starts_with("unknown field `shard`"), "{command:?}: {error}");
    }
}

#[test]
fn a_missing_field_of_any_command_is_refused() {
    for command in minimal() {
        let whole = serde_json::to_value(&command).unwrap();
        let (variant, fields) = whole.as_object().unwrap().iter().next().unwrap();
        for field in fields.as_object().unwrap().keys() {
            let mut fields = fields.clone();
            fields.as_object_mut().unwrap().remove(field);
            let error = serde_json::from_value::<Command>(json!({variant: fields})).unwrap_err().to_string();
            assert_eq!(error, format!("missing field `{field}`"), "{command:?}");
        }
    }
}

#[test]
fn a_sid_of_another_kind_is_refused() {
    let json = json!({"delete_session": {"session": "KP00000000000000000000000000000001"}});
    let error = serde_json::from_value::<Command>(json).unwrap_err().to_string();
    assert_eq!(error, "the SID starts with `KP`, not with KC");
}

#[test]
fn num_1_a_short_code_with_the_sid_of_a_phone_number_is_refused() {
    let json = json!({"sid": "PN00000000000000000000000000000001", "phone_number": "44551"});
    assert!(serde_json::from_value::<NewNumber>(json).is_err());
}

#[test]
fn exp_4_a_ttl_out_of_range_is_refused() {
    let json = json!({"update_session": {
        "session": "KC00000000000000000000000000000001", "update": {"ttl": 2_147_483_647_u32},
    }});
    let error = serde_json::from_value::<Command>(json).unwrap_err().to_string();
    assert_eq!(error, "a TTL has 0 to 2147483646 seconds");
}

#[test]
fn update_service_is_the_method() {
    let update = ServiceUpdate { geo_match_level: Some(GeoMatchLevel::Overlay), ..ServiceUpdate::default() };
    assert_same(Command::UpdateService { update: update.clone() }, |service| {
        Ok(Reply::Service(service.update_service(update, at(9)).clone()))
    });
}

#[test]
fn add_number_is_the_method() {
    assert_same(Command::AddNumber { new: new_number(2, P2) }, |service| {
        Ok(Reply::Number(service.add_number(new_number(2, P2), at(9))?.clone()))
    });
}

#[test]
fn update_number_is_the_method() {
    let update = NumberUpdate { is_reserved: Some(true) };
    assert_same(Command::UpdateNumber { number: number(1).into(), update }, |service| {
        Ok(Reply::Number(service.update_number(number(1), update, at(9))?.clone()))
    });
}

#[test]
fn remove_number_is_the_method() {
    let (mut applied, mut called) = (busy_service(), busy_service());
    for service in [&mut applied, &mut called] {
        service.add_number(new_number(2, P2), at(0)).unwrap();
    }
    assert_eq!(applied.apply(Command::RemoveNumber { number: number(2).into() }, at(9)), Ok(Reply::Done {}));
    assert_eq!(called.remove_number(number(2), at(9)), Ok(()));
    assert_eq!(applied.state(), called.state());
    assert_eq!(applied.numbers().count(), 1);
}

#[test]
fn create_session_is_the_method() {
    assert_same(Command::CreateSession { new: new_session(4) }, |service| {
        Ok(Reply::Session(service.create_session(new_session(4), at(9))?.clone()))
    });
}

#[test]
fn update_session_is_the_method() {
    assert_same(Command::UpdateSession { session: session(2), update: close() }, |service| {
        Ok(Reply::Session(service.update_session(session(2), close(), at(9))?.clone()))
    });
}

#[test]
fn delete_session_is_the_method() {
    assert_same(Command::DeleteSession { session: session(2) }, |service| {
        service.delete_session(session(2), at(9))?;
        Ok(Reply::Done {})
    });
}

#[test]
fn add_participant_is_the_method() {
    assert_same(Command::AddParticipant { session: session(1), new: new_participant(9, CAROL) }, |service| {
        Ok(Reply::Participant(service.add_participant(session(1), new_participant(9, CAROL), at(9))?.clone()))
    });
}

#[test]
fn begin_add_participant_is_the_method() {
    assert_same(Command::BeginAddParticipant { session: session(1), new: new_participant(9, CAROL) }, |service| {
        Ok(Reply::Pending(service.begin_add_participant(session(1), new_participant(9, CAROL), at(9))?.clone()))
    });
}

#[test]
fn finish_add_participant_is_the_method() {
    assert_same(Command::FinishAddParticipant { session: session(3), participant: participant(2) }, |service| {
        Ok(Reply::Participant(service.finish_add_participant(session(3), participant(2), at(9))?.clone()))
    });
}

#[test]
fn cancel_add_participant_is_the_method() {
    let reason = Some(CancelReason::Unreachable);
    assert_same(
        Command::CancelAddParticipant { session: session(3), participant: participant(2), reason },
        |service| Ok(Reply::Cancelled(service.cancel_add_participant(session(3), participant(2), reason, at(9))?)),
    );
}

#[test]
fn remove_participant_is_the_method() {
    assert_same(Command::RemoveParticipant { session: session(2), participant: participant(1) }, |service| {
        Ok(Reply::Participant(service.remove_participant(session(2), participant(1), at(9))?.clone()))
    });
}

#[test]
fn receive_is_the_method() {
    for inbound in [message(4, ALICE, P1, "Hello"), call(4, CAROL, P2), message(4, BOB, P1, "stop")] {
        assert_same_to(busy_traffic, Command::Receive { inbound: inbound.clone() }, |service| {
            Ok(Reply::Outcome(service.receive(inbound, at(9))?))
        });
    }
}

#[test]
fn resolve_intercept_is_the_method() {
    for answer in [WebhookAnswer::Status(200), WebhookAnswer::Status(403), WebhookAnswer::None] {
        let interaction = interaction(2);
        assert_same_to(busy_traffic, Command::ResolveIntercept { interaction, answer }, |service| {
            Ok(Reply::Outcome(service.resolve_intercept(interaction, answer, at(9))?))
        });
    }
}

#[test]
fn resolve_out_of_session_is_the_method() {
    for answer in [carol_wanted(), OutOfSessionAnswer::default()] {
        let (interaction, sids) = (interaction(3), sids());
        let command = Command::ResolveOutOfSession { interaction, answer: answer.clone(), sids };
        assert_same_to(busy_traffic, command, |service| {
            Ok(Reply::Outcome(service.resolve_out_of_session(interaction, answer, sids, at(9))?))
        });
    }
}

#[test]
fn send_message_is_the_method() {
    let (session, participant, new) = (session(1), participant(2), new_message(4, "Hello"));
    assert_same_to(busy_traffic, Command::SendMessage { session, participant, new: new.clone() }, |service| {
        Ok(Reply::Interaction(service.send_message(session, participant, new, at(9))?.clone()))
    });
}

#[test]
fn report_status_is_the_method() {
    let report = StatusReport::new(ResourceStatus::Ringing);
    assert_same_to(busy_traffic, Command::ReportStatus { interaction: interaction(1), report }, |service| {
        Ok(Reply::Interaction(service.report_status(interaction(1), report, at(9)).expect("it is there").clone()))
    });
    assert_same_to(busy_traffic, Command::ReportStatus { interaction: interaction(2), report }, |service| {
        assert_eq!(service.report_status(interaction(2), report, at(9)), None);
        Ok(Reply::Done {})
    });
}

#[test]
fn delete_interaction_is_the_method() {
    let (session, interaction) = (session(1), interaction(1));
    assert_same_to(busy_traffic, Command::DeleteInteraction { session, interaction }, |service| {
        service.delete_interaction(session, interaction, at(9))?;
        Ok(Reply::Done {})
    });
}

#[test]
fn report_callback_is_the_method() {
    let answer = WebhookAnswer::Status(500);
    assert_same_to(busy_traffic, Command::ReportCallback { url: url(CALLBACK), answer }, |service| {
        service.report_callback(url(CALLBACK), answer, at(9));
        Ok(Reply::Done {})
    });
}

#[test]
fn handle_deadline_is_the_method() {
    assert_same(Command::HandleDeadline {}, |service| {
        service.handle_deadline(at(9));
        Ok(Reply::Done {})
    });
}

#[test]
fn a_refused_command_gives_the_error_of_the_method() {
    let (mut applied, mut called) = (busy_service(), busy_service());
    let new = || new_participant(9, ALICE);
    let error = applied.apply(Command::AddParticipant { session: session(2), new: new() }, at(9)).unwrap_err();
    assert_eq!(error, Error::AddParticipant(called.add_participant(session(2), new(), at(9)).unwrap_err()));
}

#[test]
fn rte_11_a_refused_answer_gives_the_error_of_the_method() {
    let (mut applied, mut called) = (busy_traffic(), busy_traffic());
    let (interaction, answer) = (interaction(3), WebhookAnswer::None);
    let error = applied.apply(Command::ResolveIntercept { interaction, answer }, at(9)).unwrap_err();
    assert_eq!(error, Error::Resolve(called.resolve_intercept(interaction, answer, at(9)).unwrap_err()));
}
