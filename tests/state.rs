//! The state of a service as data (INV-2): what it looks like, and what of it is refused.
#![cfg(feature = "serde")]
#![expect(clippy::expect_used, reason = "a fixture that fails is a failed test")]

use crate::common::*;
#[cfg(feature = "proptest")]
use crate::naive;
#[cfg(feature = "proptest")]
use proptest::test_runner::Config;
use proptest::{prelude::*, sample::Index};
use serde_json::{Value, json};
use twilio_proxy_core::{
    AutoCreateSids, ClosedReason, Command, Contact, Event, EventFlaw, FictionalNumbers, Interaction, InteractionFlaw,
    InteractionType, Leg, MessageBody, NumberFlaw, NumberSid, OutOfSessionAnswer, ParticipantFlaw, Policy, Reply,
    Request, RequestPurpose, ResourceStatus, ResourceType, RestoreError, Service, ServiceState, Session, SessionFlaw,
    SessionMode, SessionStatus, StatusReport, Ttl, WaitingFlaw, WaitingMatter, WebhookAnswer, geography::Country,
};

/// Two numbers and a short code; session 1 with one live, one removed and one pending, session 2 closed, session 3 with a
/// short code and a channel address.
#[expect(clippy::unwrap_used, reason = "a fixture that fails is a failed test")]
fn genuine() -> ServiceState {
    let mut policy = Policy::default();
    policy.retention = twilio_proxy_core::Span::from_days(1);
    let mut service = service_with(policy).with_numbers(&[P1, P2]);
    service.add_number(new_short_code(1, "44551", Country::US), at(1)).unwrap();
    let mut new = new_session(1);
    new.unique_name = Some("ride-1".parse().unwrap());
    let first = service.create_session(new, at(2)).unwrap().sid;
    let mut alice = new_participant(1, ALICE);
    alice.friendly_name = Some("Alice".parse().unwrap());
    service.add_participant(first, alice, at(3)).unwrap();
    service.add(first, 2, BOB);
    service.remove_participant(first, participant(2), at(4)).unwrap();
    service.begin(first, 3, CAROL);
    let mut new = new_session(2);
    new.unique_name = Some("ride-2".parse().unwrap());
    new.ttl = Some(Ttl::from_seconds(60).unwrap());
    let second = service.create_session(new, at(5)).unwrap().sid;
    service.add(second, 4, XAVER);
    service.handle_deadline(at(65));
    let third = service.open_with_mode(3, SessionMode::MessageOnly);
    service.add_with(third, 5, ALICE, "44551");
    service.add_with(third, 6, "whatsapp:+14155550001", "whatsapp:+14155559001");
    service.state()
}

fn damaged(damage: impl FnOnce(&mut ServiceState)) -> Option<RestoreError> {
    let mut state = genuine();
    damage(&mut state);
    Service::restore(state).err()
}

fn number_flaw(n: u128, damage: impl FnOnce(&mut ServiceState)) -> Result<NumberFlaw, Option<RestoreError>> {
    match damaged(damage) {
        Some(RestoreError::Number { number: sid, flaw }) if sid == number(n).into() => Ok(flaw),
        other => Err(other),
    }
}

fn session_flaw(n: u128, damage: impl FnOnce(&mut ServiceState)) -> Result<SessionFlaw, Option<RestoreError>> {
    match damaged(damage) {
        Some(RestoreError::Session { session: sid, flaw }) if sid == session(n) => Ok(flaw),
        other => Err(other),
    }
}

fn participant_flaw(n: u128, damage: impl FnOnce(&mut ServiceState)) -> Result<ParticipantFlaw, Option<RestoreError>> {
    match damaged(damage) {
        Some(RestoreError::Participant { participant: sid, flaw }) if sid == participant(n) => Ok(flaw),
        other => Err(other),
    }
}

/// Session 1 with the interactions 1 (a call, over), 2 (a message) and 3 (sent to Bob), session 2 closed, session 3 with
/// interaction 4; contact 5 waits for a verdict, 6 and 7 for an answer out of session; nothing is polled.
#[expect(clippy::unwrap_used, reason = "a fixture that fails is a failed test")]
fn traffic() -> ServiceState {
    let mut service = ride();
    let second = service.open(2);
    service.add_with(second, 3, BRITON, P1);
    service.close(second);
    let third = service.open(3);
    service.add_with(third, 4, CAROL, P1);
    service.add_with(third, 5, XAVER, P2);
    set_callback_url(&mut service);
    set_out_of_session_url(&mut service);
    service.receive(call(1, ALICE, P1), at(1)).unwrap();
    service.receive(message(2, BOB, P2, "\"Where?\""), at(2)).unwrap();
    service.send_message(session(1), participant(2), new_message(3, "There"), at(3)).unwrap();
    service.receive(call(4, CAROL, P1), at(4)).unwrap();
    let report = StatusReport { status: ResourceStatus::Completed, resource_sid: Some(call_sid(8)), duration: Some(4) };
    service.report_status(interaction(1), report, at(5)).unwrap();
    set_intercept_url(&mut service);
    service.receive(message(5, ALICE, P1, "Wait"), at(6)).unwrap();
    let mut stranger = call(6, XAVER, P1);
    stranger.parameters = vec![("From".to_owned(), XAVER.to_owned())].try_into().unwrap();
    service.receive(stranger, at(7)).unwrap();
    service.receive(call(7, BRITON, P1), at(8)).unwrap();
    service.state()
}

const LEG: usize = 0;
const CALLBACK_REQUEST: usize = 1;
const MESSAGE_LEG: usize = 2;
const INTERCEPT_REQUEST: usize = 9;
const STRANGERS_REQUEST: usize = 11;
const LATE_REQUEST: usize = 13;

fn damaged_traffic(damage: impl FnOnce(&mut ServiceState)) -> Option<RestoreError> {
    let mut state = traffic();
    damage(&mut state);
    Service::restore(state).err()
}

fn interaction_flaw(n: u128, damage: impl FnOnce(&mut ServiceState)) -> Result<InteractionFlaw, Option<RestoreError>> {
    match damaged_traffic(damage) {
        Some(RestoreError::Interaction { interaction: sid, flaw }) if sid == interaction(n) => Ok(flaw),
        other => Err(other),
    }
}

/// What is wrong after something has been done to interaction `n` (1, 2 and 3 are those of session 1).
fn flaw_of(n: u128, damage: impl FnOnce(&mut Interaction)) -> Result<InteractionFlaw, Option<RestoreError>> {
    interaction_flaw(n, |state| {
        let mut all = state.sessions.iter_mut().flat_map(|session| &mut session.interactions);
        let it = all.find(|state| state.interaction.sid == interaction(n));
        damage(&mut it.expect("it is there").interaction);
    })
}

fn waiting_flaw(n: u128, damage: impl FnOnce(&mut ServiceState)) -> Result<WaitingFlaw, Option<RestoreError>> {
    match damaged_traffic(damage) {
        Some(RestoreError::Waiting { interaction: sid, flaw }) if sid == interaction(n) => Ok(flaw),
        other => Err(other),
    }
}

fn event_flaw(n: usize, damage: impl FnOnce(&mut ServiceState)) -> Result<EventFlaw, Option<RestoreError>> {
    match damaged_traffic(damage) {
        Some(RestoreError::Event { index, flaw }) if index == n => Ok(flaw),
        other => Err(other),
    }
}

fn leg_flaw(n: usize, damage: impl FnOnce(&mut Leg)) -> Result<EventFlaw, Option<RestoreError>> {
    event_flaw(n, |state| {
        if let Some(Event::Leg(leg)) = state.events.get_mut(n) {
            damage(leg);
        }
    })
}

fn request(state: &mut ServiceState, n: usize) -> &mut Request {
    let event = state.events.get_mut(n);
    let request = event.and_then(|event| if let Event::Request(request) = event { Some(request) } else { None });
    request.expect("it is a request")
}

fn genuine_json() -> Value {
    serde_json::to_value(genuine()).expect("a state is plain data")
}

/// What serde says of the genuine state with something put at this place, or taken away from it.
fn parse_error(pointer: &str, key: &str, value: Option<Value>) -> String {
    parse_error_of(genuine_json(), pointer, key, value)
}

fn traffic_parse_error(pointer: &str, key: &str, value: Option<Value>) -> String {
    parse_error_of(serde_json::to_value(traffic()).expect("a state is plain data"), pointer, key, value)
}

fn parse_error_of(mut json: Value, pointer: &str, key: &str, value: Option<Value>) -> String {
    let place = json.pointer_mut(pointer).and_then(Value::as_object_mut).expect("there is an object");
    match value {
        Some(value) => place.insert(key.into(), value),
        None => place.remove(key),
    };
    serde_json::from_value::<ServiceState>(json).expect_err("it is damaged").to_string()
}

#[test]
fn inv_2_the_json_of_a_state_is_pinned() {
    insta::assert_snapshot!(serde_json::to_string_pretty(&genuine()).unwrap());
}

#[test]
fn inv_2_a_state_survives_json_and_a_restore() {
    let json = serde_json::to_string(&genuine()).unwrap();
    let state: ServiceState = serde_json::from_str(&json).unwrap();
    assert_eq!(state, genuine());
    assert_eq!(Service::restore(state).unwrap().state(), genuine());
}

#[test]
fn inv_6_events_not_yet_polled_are_part_of_the_state() {
    let mut service = service_with(permissive()).with_numbers(&[P1]);
    let [first, second] = [1, 2].map(|n| service.open(n));
    service.add(first, 1, ALICE);
    service.add_with(second, 2, ALICE, P1);
    let mut restored = Service::restore(service.state()).unwrap();
    assert_eq!(restored.drain(), service.drain());
    assert_eq!(restored.state().events, []);
}

#[test]
fn inv_2_who_fills_a_session_is_named_in_the_same_order_after_a_restore() {
    let mut service = service().with_numbers(&[P1]);
    let ride = service.open(1);
    service.add(ride, 1, ALICE);
    service.add(ride, 2, BOB);
    service.remove_participant(ride, participant(1), at(0)).unwrap();
    service.add(ride, 3, CAROL);
    let mut restored = Service::restore(service.state()).unwrap();
    let answer = |service: &mut Service| service.add_participant(ride, new_participant(4, XAVER), at(0)).cloned();
    assert_eq!(answer(&mut restored), answer(&mut service));
}

#[test]
fn inv_2_pending_additions_keep_their_order_after_a_restore() {
    let mut service = service().with_numbers(&[P1]);
    let ride = service.open(1);
    service.begin(ride, 1, ALICE);
    service.add(ride, 2, BOB);
    let mut restored = Service::restore(service.state()).unwrap();
    for service in [&mut service, &mut restored] {
        service.remove_participant(ride, participant(2), at(0)).unwrap();
        service.begin(ride, 3, CAROL);
    }
    assert_eq!(restored.state(), service.state());
}

#[test]
fn num_6_a_closed_session_may_name_a_number_that_has_left_the_pool() {
    let mut service = service().with_numbers(&[P1]);
    let ride = service.open(1);
    service.add(ride, 1, ALICE);
    service.close(ride);
    service.remove_number(number(1), at(0)).unwrap();
    assert_eq!(Service::restore(service.state()).unwrap().state(), service.state());
}

#[test]
fn con_7_a_pair_that_is_active_twice_is_genuine_under_the_permissive_policy() {
    let mut service = service_with(permissive()).with_numbers(&[P1]);
    let [first, second] = [1, 2].map(|n| service.open(n));
    service.add(first, 1, ALICE);
    service.add_with(second, 2, ALICE, P1);
    assert_eq!(Service::restore(service.state()).unwrap().state(), service.state());
}

#[test]
fn settings_made_after_they_were_changed_are_refused() {
    assert_eq!(damaged(|state| state.settings.date_created = at(1)), Some(RestoreError::Settings));
}

#[test]
fn settings_changed_after_the_latest_instant_are_refused() {
    assert_eq!(damaged(|state| state.settings.date_updated = at(66)), Some(RestoreError::Settings));
}

#[test]
fn numbers_out_of_order_are_refused() {
    assert_eq!(number_flaw(1, |state| state.numbers.swap(0, 1)), Ok(NumberFlaw::Ordinal));
}

#[test]
fn a_number_beyond_the_count_is_refused() {
    let damage = |state: &mut ServiceState| state.numbers_added = 1;
    assert_eq!(number_flaw(2, damage), Ok(NumberFlaw::Ordinal));
}

#[test]
fn a_number_changed_before_it_was_added_is_refused() {
    let damage = |state: &mut ServiceState| state.numbers[0].number.date_created = at(1);
    assert_eq!(number_flaw(1, damage), Ok(NumberFlaw::Dates));
}

#[test]
fn a_number_changed_after_the_latest_instant_is_refused() {
    let damage = |state: &mut ServiceState| state.numbers[0].number.date_updated = at(66);
    assert_eq!(number_flaw(1, damage), Ok(NumberFlaw::Dates));
}

#[test]
fn a_phone_number_with_the_sid_of_a_short_code_is_refused() {
    let damage = |state: &mut ServiceState| state.numbers[0].number.sid = short_code(7).into();
    let number = NumberSid::from(short_code(7));
    assert_eq!(damaged(damage), Some(RestoreError::Number { number, flaw: NumberFlaw::Kind }));
}

#[test]
fn num_2_a_sid_twice_in_the_pool_is_refused() {
    let damage = |state: &mut ServiceState| state.numbers[1].number.sid = number(1).into();
    assert_eq!(number_flaw(1, damage), Ok(NumberFlaw::Twice));
}

#[test]
fn num_2_a_number_twice_in_the_pool_is_refused() {
    let damage = |state: &mut ServiceState| state.numbers[1].number.phone_number = e164(P1).into();
    assert_eq!(number_flaw(2, damage), Ok(NumberFlaw::Twice));
}

#[test]
fn num_3_one_number_too_many_is_refused() {
    let mut state = service().with_numbers(&[P1]).state();
    let first = state.numbers[0].clone();
    for n in 1..=500_u64 {
        let mut another = first.clone();
        another.ordinal = n;
        another.number.sid = number(u128::from(n) + 1).into();
        another.number.phone_number = e164(&format!("+1415556{n:04}")).into();
        state.numbers.push(another);
    }
    state.numbers_added = 501;
    let refusal = RestoreError::Number { number: number(501).into(), flaw: NumberFlaw::PoolFull };
    assert_eq!(Service::restore(state).err(), Some(refusal));
}

#[test]
fn num_4_a_wrong_count_of_uses_is_refused() {
    let damage = |state: &mut ServiceState| state.numbers[0].number.in_use = 2;
    assert_eq!(number_flaw(1, damage), Ok(NumberFlaw::InUse { claimed: 2, counted: 1 }));
}

#[test]
fn sessions_out_of_order_are_refused() {
    assert_eq!(session_flaw(1, |state| state.sessions.swap(0, 1)), Ok(SessionFlaw::Ordinal));
}

#[test]
fn a_session_beyond_the_count_is_refused() {
    assert_eq!(session_flaw(3, |state| state.sessions_created = 2), Ok(SessionFlaw::Ordinal));
}

#[test]
fn a_session_sid_twice_is_refused() {
    let damage = |state: &mut ServiceState| state.sessions[2].session.sid = session(1);
    assert_eq!(session_flaw(1, damage), Ok(SessionFlaw::SidTwice));
}

#[test]
fn ses_2_a_name_twice_is_refused() {
    let damage = |state: &mut ServiceState| state.sessions[2].session.unique_name = "ride-2".parse().ok();
    assert_eq!(session_flaw(3, damage), Ok(SessionFlaw::NameTwice));
}

#[test]
fn ses_9_a_status_that_is_never_produced_is_refused() {
    for status in [SessionStatus::Failed, SessionStatus::Unknown] {
        let damage = |state: &mut ServiceState| state.sessions[0].session.status = status;
        assert_eq!(session_flaw(1, damage), Ok(SessionFlaw::Status));
    }
}

#[test]
fn ses_6_a_session_in_progress_without_a_beginning_is_refused() {
    let damage = |state: &mut ServiceState| state.sessions[0].session.status = SessionStatus::InProgress;
    assert_eq!(session_flaw(1, damage), Ok(SessionFlaw::Status));
}

#[test]
fn ses_6_an_open_session_with_a_beginning_is_refused() {
    let damage = |state: &mut ServiceState| {
        let session = &mut state.sessions[0].session;
        (session.date_started, session.date_last_interaction) = (Some(at(2)), Some(at(2)));
    };
    assert_eq!(session_flaw(1, damage), Ok(SessionFlaw::Status));
}

#[test]
fn ses_6_a_beginning_without_a_last_interaction_is_refused_and_the_reverse() {
    let damages = [
        |session: &mut Session| session.date_started = session.date_ended,
        |session: &mut Session| session.date_last_interaction = session.date_ended,
    ];
    for damage in damages {
        assert_eq!(session_flaw(2, |state| damage(&mut state.sessions[1].session)), Ok(SessionFlaw::Status));
    }
}

#[test]
fn ses_7_an_open_session_with_an_end_is_refused() {
    let damage = |state: &mut ServiceState| state.sessions[0].session.date_ended = Some(at(2));
    assert_eq!(session_flaw(1, damage), Ok(SessionFlaw::Status));
}

#[test]
fn ses_7_an_open_session_with_a_reason_is_refused() {
    let damage = |state: &mut ServiceState| state.sessions[0].session.closed_reason = Some(ClosedReason::Api);
    assert_eq!(session_flaw(1, damage), Ok(SessionFlaw::Status));
}

#[test]
fn ses_7_an_open_session_that_was_reopened_is_refused() {
    let damage = |state: &mut ServiceState| state.sessions[0].date_reopened = Some(at(2));
    assert_eq!(session_flaw(1, damage), Ok(SessionFlaw::Status));
}

#[test]
fn ses_7_a_closed_session_without_a_reason_is_refused() {
    let damage = |state: &mut ServiceState| state.sessions[1].session.closed_reason = None;
    assert_eq!(session_flaw(2, damage), Ok(SessionFlaw::Status));
}

#[test]
fn a_session_changed_before_it_was_created_is_refused() {
    let damage = |state: &mut ServiceState| state.sessions[0].session.date_created = at(3);
    assert_eq!(session_flaw(1, damage), Ok(SessionFlaw::Dates));
}

#[test]
fn a_session_changed_after_the_latest_instant_is_refused() {
    let damage = |state: &mut ServiceState| state.sessions[0].session.date_updated = at(66);
    assert_eq!(session_flaw(1, damage), Ok(SessionFlaw::Dates));
}

#[test]
fn tim_5_a_session_that_changed_after_its_end_is_refused() {
    let damage = |state: &mut ServiceState| state.sessions[1].session.date_ended = Some(at(64));
    assert_eq!(session_flaw(2, damage), Ok(SessionFlaw::Dates));
}

#[test]
fn exp_4_a_session_that_expires_before_it_was_created_is_refused() {
    let damage = |state: &mut ServiceState| state.sessions[1].session.date_expiry = Some(at(5));
    assert_eq!(session_flaw(2, damage), Ok(SessionFlaw::Dates));
}

#[test]
fn tim_3_a_session_that_should_have_expired_is_refused() {
    let damage = |state: &mut ServiceState| state.sessions[0].session.date_expiry = Some(at(65));
    assert_eq!(session_flaw(1, damage), Ok(SessionFlaw::Overdue));
}

#[test]
fn tim_3_a_session_that_should_have_been_deleted_is_refused() {
    let damage = |state: &mut ServiceState| state.latest_instant = at(65 + 86_400);
    assert_eq!(session_flaw(2, damage), Ok(SessionFlaw::Overdue));
}

#[test]
fn par_1_three_who_take_part_are_refused() {
    let damage = |state: &mut ServiceState| {
        let removed = &mut state.sessions[0].participants[1].participant;
        removed.date_deleted = None;
        removed.date_updated = removed.date_created;
    };
    assert_eq!(session_flaw(1, damage), Ok(SessionFlaw::TooManyParticipants));
}

#[test]
fn con_6_a_pending_addition_to_a_closed_session_is_refused() {
    let damage = |state: &mut ServiceState| {
        let pending = state.sessions[0].pending.pop().unwrap();
        state.sessions[1].pending.push(pending);
    };
    assert_eq!(session_flaw(2, damage), Ok(SessionFlaw::PendingThoughClosed));
}

#[test]
fn participants_out_of_order_are_refused() {
    let damage = |state: &mut ServiceState| state.sessions[0].participants.swap(0, 1);
    assert_eq!(participant_flaw(1, damage), Ok(ParticipantFlaw::Ordinal));
}

#[test]
fn a_participant_beyond_the_count_is_refused() {
    let damage = |state: &mut ServiceState| state.participants_added = 4;
    assert_eq!(participant_flaw(6, damage), Ok(ParticipantFlaw::Ordinal));
}

#[test]
fn participants_of_two_sessions_with_one_ordinal_are_refused() {
    let damage = |state: &mut ServiceState| state.sessions[1].participants[0].ordinal = 0;
    assert_eq!(participant_flaw(4, damage), Ok(ParticipantFlaw::Ordinal));
}

#[test]
fn sid_4_a_participant_sid_twice_is_refused() {
    let damage = |state: &mut ServiceState| state.sessions[1].participants[0].participant.sid = participant(1);
    assert_eq!(participant_flaw(1, damage), Ok(ParticipantFlaw::SidTwice));
}

#[test]
fn sid_4_a_pending_sid_twice_is_refused() {
    let damage = |state: &mut ServiceState| state.sessions[0].pending[0].participant.sid = participant(1);
    assert_eq!(participant_flaw(1, damage), Ok(ParticipantFlaw::SidTwice));
    let damage = |state: &mut ServiceState| {
        state.sessions[0].participants.remove(0);
        let pending = state.sessions[0].pending[0].clone();
        state.sessions[0].pending.push(pending);
    };
    assert_eq!(participant_flaw(3, damage), Ok(ParticipantFlaw::SidTwice));
}

#[test]
fn sel_3_a_number_without_the_country_that_it_lies_in_is_refused() {
    let damage = |state: &mut ServiceState| state.numbers[0].number.iso_country = None;
    assert_eq!(number_flaw(1, damage), Ok(NumberFlaw::Country));
}

#[test]
fn a_number_older_than_its_service_is_refused() {
    let damage = |state: &mut ServiceState| state.settings.date_created = at(1);
    assert_eq!(damaged(damage), Some(RestoreError::Settings));
    let damage = |state: &mut ServiceState| {
        (state.settings.date_created, state.settings.date_updated) = (at(1), at(1));
    };
    assert_eq!(number_flaw(1, damage), Ok(NumberFlaw::Dates));
}

#[test]
fn a_session_created_before_the_one_ahead_of_it_is_refused() {
    let damage = |state: &mut ServiceState| state.sessions[2].session.date_created = at(4);
    assert_eq!(session_flaw(3, damage), Ok(SessionFlaw::Dates));
}

#[test]
fn exp_3_a_session_that_expired_without_a_deadline_is_refused() {
    let damage = |state: &mut ServiceState| state.sessions[1].session.ttl = Ttl::UNLIMITED;
    assert_eq!(session_flaw(2, damage), Ok(SessionFlaw::NeverExpired));
    let damage = |state: &mut ServiceState| state.sessions[1].session.ttl = Ttl::from_seconds(61).unwrap();
    assert_eq!(session_flaw(2, damage), Ok(SessionFlaw::NeverExpired));
}

#[test]
fn par_2_a_participant_added_after_its_session_ended_is_refused() {
    let damage = |state: &mut ServiceState| {
        let participant = &mut state.sessions[1].participants[0].participant;
        (participant.date_created, participant.date_updated) = (at(66), at(66));
        state.latest_instant = at(70);
    };
    assert_eq!(participant_flaw(4, damage), Ok(ParticipantFlaw::Dates));
}

#[test]
fn a_participant_added_before_the_one_ahead_of_it_is_refused() {
    let damage = |state: &mut ServiceState| {
        let participant = &mut state.sessions[0].participants[0].participant;
        (participant.date_created, participant.date_updated) = (at(5), at(5));
    };
    assert_eq!(participant_flaw(2, damage), Ok(ParticipantFlaw::Dates));
}

#[test]
fn con_4_an_identifier_in_flight_twice_is_refused_under_the_strict_policy() {
    let mut service = service_with(permissive()).with_numbers(&[P1, P2]);
    for n in [1, 2] {
        let session = service.open(n);
        service.begin(session, n, ALICE);
    }
    let mut state = service.state();
    assert!(Service::restore(state.clone()).is_ok());
    state.policy = Policy::default();
    let flaw = ParticipantFlaw::InFlightTwice;
    assert_eq!(Service::restore(state).err(), Some(RestoreError::Participant { participant: participant(2), flaw }));
}

#[test]
fn pending_additions_out_of_order_are_refused() {
    let mut service = service().with_numbers(&[P1]);
    let session = service.open(1);
    service.begin(session, 1, ALICE);
    service.begin(session, 2, BOB);
    let mut state = service.state();
    state.sessions[0].pending.swap(0, 1);
    let flaw = ParticipantFlaw::Ordinal;
    assert_eq!(Service::restore(state).err(), Some(RestoreError::Participant { participant: participant(1), flaw }));
}

#[test]
fn par_4_an_identifier_twice_in_a_session_is_refused() {
    let damage =
        |state: &mut ServiceState| state.sessions[0].participants[1].participant.identifier = identifier(ALICE);
    assert_eq!(participant_flaw(2, damage), Ok(ParticipantFlaw::IdentifierTwice));
}

#[test]
fn con_5_an_identifier_twice_in_a_session_is_refused_if_one_is_pending() {
    let damage = |state: &mut ServiceState| state.sessions[0].pending[0].participant.identifier = identifier(ALICE);
    assert_eq!(participant_flaw(3, damage), Ok(ParticipantFlaw::IdentifierTwice));
}

#[test]
fn a_participant_added_before_its_session_was_created_is_refused() {
    let damage = |state: &mut ServiceState| {
        let alice = &mut state.sessions[0].participants[0].participant;
        (alice.date_created, alice.date_updated) = (at(1), at(1));
    };
    assert_eq!(participant_flaw(1, damage), Ok(ParticipantFlaw::Dates));
}

#[test]
fn tim_5_a_participant_that_changed_without_a_removal_is_refused() {
    let damage = |state: &mut ServiceState| state.sessions[0].participants[0].participant.date_updated = at(4);
    assert_eq!(participant_flaw(1, damage), Ok(ParticipantFlaw::Dates));
}

#[test]
fn a_participant_removed_after_the_latest_instant_is_refused() {
    let damage = |state: &mut ServiceState| {
        let removed = &mut state.sessions[0].participants[1].participant;
        (removed.date_deleted, removed.date_updated) = (Some(at(66)), at(66));
    };
    assert_eq!(participant_flaw(2, damage), Ok(ParticipantFlaw::Dates));
}

#[test]
fn par_9_a_participant_that_is_its_own_proxy_is_refused() {
    let damage = |state: &mut ServiceState| state.sessions[0].participants[0].participant.identifier = identifier(P1);
    assert_eq!(participant_flaw(1, damage), Ok(ParticipantFlaw::ProxyIdentifier));
}

#[test]
fn par_13_a_phone_number_without_its_sid_is_refused() {
    let damage = |state: &mut ServiceState| state.sessions[0].participants[0].participant.proxy_identifier_sid = None;
    assert_eq!(participant_flaw(1, damage), Ok(ParticipantFlaw::ProxyIdentifier));
}

#[test]
fn par_13_a_short_code_without_its_sid_is_refused() {
    let damage = |state: &mut ServiceState| state.sessions[2].participants[0].short_code_sid = None;
    assert_eq!(participant_flaw(5, damage), Ok(ParticipantFlaw::ProxyIdentifier));
}

#[test]
fn par_13_a_channel_address_with_a_sid_is_refused() {
    let damage =
        |state: &mut ServiceState| state.sessions[2].participants[1].participant.proxy_identifier_sid = Some(number(1));
    assert_eq!(participant_flaw(6, damage), Ok(ParticipantFlaw::ProxyIdentifier));
}

#[test]
fn par_6_a_channel_address_with_another_channel_is_refused() {
    let damage = |state: &mut ServiceState| {
        state.sessions[2].participants[1].participant.identifier = identifier("messenger:1234");
    };
    assert_eq!(participant_flaw(6, damage), Ok(ParticipantFlaw::ProxyIdentifier));
}

#[test]
fn par_6_a_channel_address_in_a_session_with_voice_is_refused() {
    let damage = |state: &mut ServiceState| state.sessions[2].session.mode = SessionMode::VoiceAndMessage;
    assert_eq!(participant_flaw(6, damage), Ok(ParticipantFlaw::ProxyIdentifier));
}

#[test]
fn num_5_an_active_session_without_its_number_is_refused() {
    let damage = |state: &mut ServiceState| {
        state.numbers.remove(0);
    };
    assert_eq!(participant_flaw(1, damage), Ok(ParticipantFlaw::NotInPool));
}

#[test]
fn num_6_an_active_session_whose_number_has_another_sid_is_refused() {
    let damage = |state: &mut ServiceState| state.numbers[0].number.sid = number(9).into();
    assert_eq!(participant_flaw(1, damage), Ok(ParticipantFlaw::NotInPool));
}

#[test]
fn con_7_a_pair_active_twice_is_refused_under_the_strict_policy() {
    let mut service = service_with(permissive()).with_numbers(&[P1]);
    let [first, second] = [1, 2].map(|n| service.open(n));
    service.add(first, 1, ALICE);
    service.add_with(second, 2, ALICE, P1);
    let mut state = service.state();
    state.policy = Policy::default();
    let refusal = RestoreError::Participant { participant: participant(2), flaw: ParticipantFlaw::PairActiveTwice };
    assert_eq!(Service::restore(state).err(), Some(refusal));
}

#[test]
fn inv_2_counts_that_no_service_could_come_to_are_refused() {
    let most = u64::MAX / 2;
    assert_eq!(damaged(|state| state.numbers_added = most), None);
    assert_eq!(damaged(|state| state.numbers_added = most.saturating_add(1)), Some(RestoreError::Counts));
    assert_eq!(damaged(|state| state.sessions_created = u64::MAX), Some(RestoreError::Counts));
    assert_eq!(damaged(|state| state.participants_added = u64::MAX), Some(RestoreError::Counts));
}

#[test]
fn txt_6_a_fictional_participant_is_refused_under_a_policy_that_refuses_them() {
    let fiction = |state: &mut ServiceState| {
        state.sessions[0].participants[0].participant.identifier = identifier("+14155550100");
    };
    assert_eq!(damaged(fiction), None);
    let refused = |state: &mut ServiceState| {
        state.policy.fictional_numbers = FictionalNumbers::Refuse;
        fiction(state);
    };
    assert_eq!(participant_flaw(1, refused), Ok(ParticipantFlaw::Fictional));
}

#[test]
fn inv_2_the_json_of_a_state_with_traffic_is_pinned() {
    insta::assert_snapshot!(serde_json::to_string_pretty(&traffic()).unwrap());
}

#[test]
fn inv_2_a_state_with_traffic_survives_json_and_a_restore() {
    let json = serde_json::to_string(&traffic()).unwrap();
    let state: ServiceState = serde_json::from_str(&json).unwrap();
    assert_eq!(state, traffic());
    assert_eq!(Service::restore(state).unwrap().state(), traffic());
}

#[test]
fn inv_2_a_restored_service_goes_on_with_its_traffic() {
    let answer = OutOfSessionAnswer {
        status: WebhookAnswer::Status(200),
        content_type: Some("application/json".parse().unwrap()),
        body: format!(r#"{{"participantIdentifier":"{BOB}"}}"#).parse().unwrap(),
    };
    let sids = AutoCreateSids { session: session(4), caller: participant(6), partner: participant(7) };
    let commands = [
        Command::ResolveIntercept { interaction: interaction(5), answer: WebhookAnswer::Status(200) },
        Command::ResolveOutOfSession { interaction: interaction(6), answer, sids },
        Command::ReportStatus { interaction: interaction(1), report: StatusReport::new(ResourceStatus::Failed) },
        Command::ReportStatus { interaction: interaction(3), report: StatusReport::new(ResourceStatus::Sent) },
        Command::DeleteInteraction { session: session(1), interaction: interaction(2) },
        Command::Receive { inbound: call(2, BRITON, P1) },
        Command::DeleteSession { session: session(2) },
    ];
    let mut original = Service::restore(traffic()).unwrap();
    for command in commands {
        let mut restored = restored(&original);
        let reply: Reply = original.apply(command.clone(), at(9)).unwrap();
        assert_eq!(restored.apply(command, at(9)), Ok(reply));
        assert_eq!(restored.state(), original.state());
    }
    assert_eq!(told(&mut restored(&original)), told(&mut original));
}

#[test]
fn inv_6_what_is_not_polled_leaves_in_the_same_order_after_a_restore() {
    let mut service = Service::restore(traffic()).unwrap();
    assert_eq!(
        told(&mut service),
        [
            "leg 1 from +14155559002 to +14155550002",
            "callback 1",
            "leg 2 from +14155559001 to +14155550001",
            "callback 2",
            "leg 3 from +14155559002 to +14155550002",
            "callback 3",
            "leg 4 from +14155559002 to +12125550001",
            "callback 4",
            "callback 1",
            "intercept 5",
            "80902",
            "out_of_session 6",
            "80902",
            "out_of_session 7",
        ]
    );
}

#[test]
fn inv_6_a_request_whose_contact_waits_no_longer_is_genuine() {
    let mut service = Service::restore(traffic()).unwrap();
    service.resolve_intercept(interaction(5), WebhookAnswer::Status(403), at(9)).unwrap();
    let sids = AutoCreateSids { session: session(4), caller: participant(6), partner: participant(7) };
    for n in [6, 7] {
        service.resolve_out_of_session(interaction(n), OutOfSessionAnswer::default(), sids, at(9)).unwrap();
    }
    assert_eq!(service.state().waiting, []);
    assert_eq!(restored(&service).state(), service.state());
}

#[test]
fn interactions_out_of_order_are_refused() {
    assert_eq!(interaction_flaw(1, |state| state.sessions[0].interactions.swap(0, 1)), Ok(InteractionFlaw::Ordinal));
}

#[test]
fn an_interaction_beyond_the_count_is_refused() {
    assert_eq!(interaction_flaw(4, |state| state.interactions_created = 3), Ok(InteractionFlaw::Ordinal));
}

#[test]
fn interactions_of_two_sessions_with_one_ordinal_are_refused() {
    let damage = |state: &mut ServiceState| state.sessions[2].interactions[0].ordinal = 0;
    assert_eq!(interaction_flaw(4, damage), Ok(InteractionFlaw::Ordinal));
}

#[test]
fn an_interaction_created_before_an_earlier_one_of_another_session_is_refused() {
    let damage = |state: &mut ServiceState| {
        let session = &mut state.sessions[2];
        session.session.date_started = Some(at(2));
        let it = &mut session.interactions[0].interaction;
        (it.date_created, it.date_updated) = (at(2), at(2));
    };
    assert_eq!(interaction_flaw(4, damage), Ok(InteractionFlaw::Dates));
}

#[test]
fn inv_2_a_count_of_interactions_that_no_service_could_come_to_is_refused() {
    assert_eq!(damaged_traffic(|state| state.interactions_created = u64::MAX / 2), None);
    assert_eq!(damaged_traffic(|state| state.interactions_created = u64::MAX), Some(RestoreError::Counts));
}

#[test]
fn sid_4_an_interaction_sid_twice_is_refused() {
    let damage = |state: &mut ServiceState| state.sessions[0].interactions[1].interaction.sid = interaction(1);
    assert_eq!(interaction_flaw(1, damage), Ok(InteractionFlaw::SidTwice));
    let damage = |state: &mut ServiceState| state.sessions[2].interactions[0].interaction.sid = interaction(1);
    assert_eq!(interaction_flaw(1, damage), Ok(InteractionFlaw::SidTwice));
}

#[test]
fn rte_8_an_interaction_created_before_its_session_began_is_refused() {
    assert_eq!(flaw_of(1, |it| it.date_created = at(0)), Ok(InteractionFlaw::Dates));
}

#[test]
fn rte_8_an_interaction_created_after_the_last_one_of_its_session_is_refused() {
    let damage = |it: &mut Interaction| (it.date_created, it.date_updated) = (at(4), at(4));
    assert_eq!(flaw_of(3, damage), Ok(InteractionFlaw::Dates));
}

#[test]
fn rte_8_an_interaction_of_a_session_that_has_not_begun_is_refused() {
    let damage = |state: &mut ServiceState| {
        let session = &mut state.sessions[2].session;
        session.status = SessionStatus::Open;
        (session.date_started, session.date_last_interaction) = (None, None);
    };
    assert_eq!(interaction_flaw(4, damage), Ok(InteractionFlaw::Dates));
}

#[test]
fn int_5_an_interaction_created_before_the_one_ahead_of_it_is_refused() {
    assert_eq!(flaw_of(3, |it| it.date_created = at(1)), Ok(InteractionFlaw::Dates));
}

#[test]
fn an_interaction_changed_before_it_was_created_is_refused() {
    assert_eq!(flaw_of(2, |it| it.date_updated = at(1)), Ok(InteractionFlaw::Dates));
}

#[test]
fn an_interaction_changed_after_the_latest_instant_is_refused() {
    assert_eq!(flaw_of(2, |it| it.date_updated = at(9)), Ok(InteractionFlaw::Dates));
}

#[test]
fn int_1_an_interaction_between_others_than_two_of_its_session_is_refused() {
    for other in [None, Some(participant(1)), Some(participant(4)), Some(participant(9))] {
        assert_eq!(flaw_of(1, |it| it.outbound_participant_sid = other), Ok(InteractionFlaw::Participants));
    }
    for other in [participant(2), participant(4), participant(9)] {
        assert_eq!(flaw_of(1, |it| it.inbound_participant_sid = Some(other)), Ok(InteractionFlaw::Participants));
    }
}

#[test]
fn int_3_a_message_sent_to_nobody_is_refused() {
    assert_eq!(flaw_of(3, |it| it.outbound_participant_sid = None), Ok(InteractionFlaw::Participants));
}

#[test]
fn int_1_an_interaction_with_somebody_who_came_later_is_refused() {
    let damage = |state: &mut ServiceState| {
        let added = &mut state.sessions[2].participants[1].participant;
        (added.date_created, added.date_updated) = (at(5), at(5));
    };
    assert_eq!(interaction_flaw(4, damage), Ok(InteractionFlaw::Participants));
}

#[test]
fn par_5_an_interaction_with_somebody_who_had_left_is_refused() {
    let leave = |when| {
        move |state: &mut ServiceState| {
            let added = &mut state.sessions[2].participants[1].participant;
            (added.date_deleted, added.date_updated) = (Some(when), when);
            state.numbers[1].number.in_use = 1;
        }
    };
    assert_eq!(interaction_flaw(4, leave(at(3))), Ok(InteractionFlaw::Participants));
    assert_eq!(damaged_traffic(leave(at(4))), None);
}

#[test]
fn int_1_an_interaction_of_no_type_is_refused() {
    assert_eq!(flaw_of(1, |it| it.kind = InteractionType::Unknown), Ok(InteractionFlaw::Resources));
    assert_eq!(flaw_of(1, |it| it.kind = InteractionType::Message), Ok(InteractionFlaw::Resources));
    assert_eq!(flaw_of(2, |it| it.kind = InteractionType::Voice), Ok(InteractionFlaw::Resources));
}

#[test]
fn int_1_data_of_another_form_are_refused() {
    for data in
        ["", "{}", "null", r#"{"body":""}"#, r#"{"duration":5}"#, r#"{"duration":"05"}"#, r#"{"duration": "5"}"#]
    {
        assert_eq!(flaw_of(1, |it| it.data = Some(data.into())), Ok(InteractionFlaw::Resources), "{data}");
    }
    for data in ["", "{}", r#"{"duration":"5"}"#, r#"{"body":null}"#, r#"{"body": ""}"#, r#"{"body":"","to":""}"#] {
        assert_eq!(flaw_of(2, |it| it.data = Some(data.into())), Ok(InteractionFlaw::Resources), "{data}");
    }
    assert_eq!(flaw_of(2, |it| it.data = None), Ok(InteractionFlaw::Resources));
    assert_eq!(flaw_of(1, |it| it.data = None), Err(None), "a call may be over without a known duration");
}

#[test]
fn int_1_the_longest_data_come_back() {
    let mut service = ride();
    received(&mut service, message(1, ALICE, P1, &"\u{1}".repeat(MessageBody::LIMIT)));
    assert_eq!(restored(&service).state(), service.state());
}

#[test]
fn int_2_an_inbound_side_that_is_never_produced_is_refused() {
    for damage in [
        |it: &mut Interaction| it.inbound_resource_sid = None,
        |it: &mut Interaction| it.inbound_resource_sid = Some(call_sid(9)),
        |it: &mut Interaction| it.inbound_resource_status = None,
        |it: &mut Interaction| it.inbound_resource_status = Some(ResourceStatus::Delivered),
        |it: &mut Interaction| it.inbound_resource_type = None,
        |it: &mut Interaction| it.inbound_resource_type = Some(ResourceType::Message),
        |it: &mut Interaction| it.inbound_resource_url = None,
        |it: &mut Interaction| it.inbound_resource_url = Some("https://a.example/".into()),
        |it: &mut Interaction| it.inbound_participant_sid = None,
    ] {
        assert_eq!(flaw_of(1, damage), Ok(InteractionFlaw::Resources));
    }
}

#[test]
fn int_2_an_outbound_side_that_is_never_produced_is_refused() {
    for damage in [
        |it: &mut Interaction| it.outbound_resource_sid = None,
        |it: &mut Interaction| it.outbound_resource_status = None,
        |it: &mut Interaction| it.outbound_resource_type = None,
        |it: &mut Interaction| it.outbound_resource_type = Some(ResourceType::Message),
        |it: &mut Interaction| it.outbound_resource_url = None,
    ] {
        assert_eq!(flaw_of(1, damage), Ok(InteractionFlaw::Resources));
    }
}

#[test]
fn int_3_a_message_that_came_from_nobody_has_no_inbound_side() {
    for damage in [
        |it: &mut Interaction| it.inbound_resource_sid = Some(message_sid(9)),
        |it: &mut Interaction| it.inbound_resource_status = Some(ResourceStatus::Delivered),
        |it: &mut Interaction| it.inbound_resource_type = Some(ResourceType::Message),
        |it: &mut Interaction| it.inbound_resource_url = Some("https://a.example/".into()),
        |it: &mut Interaction| it.inbound_participant_sid = Some(participant(1)),
    ] {
        assert_eq!(flaw_of(3, damage), Ok(InteractionFlaw::Resources));
    }
    let message_of_another = |state: &mut ServiceState| {
        let of_another = state.sessions[0].interactions[1].interaction.clone();
        let it = &mut state.sessions[0].interactions[2].interaction;
        it.inbound_resource_sid = of_another.inbound_resource_sid;
        it.inbound_resource_url = of_another.inbound_resource_url;
    };
    assert_eq!(interaction_flaw(3, message_of_another), Ok(InteractionFlaw::Resources));
}

#[test]
fn rte_5_an_interaction_that_its_session_does_not_carry_is_refused() {
    let with_mode = |n: usize, mode| {
        damaged_traffic(|state| {
            state.waiting.clear();
            state.sessions[n].session.mode = mode;
        })
    };
    for (n, mode) in [(0, SessionMode::VoiceOnly), (0, SessionMode::MessageOnly), (2, SessionMode::MessageOnly)] {
        assert_ne!(with_mode(n, mode), None, "{n} {mode}");
    }
    assert_eq!(with_mode(2, SessionMode::VoiceOnly), None);
}

#[test]
fn sid_4_a_waiting_sid_twice_is_refused() {
    assert_eq!(waiting_flaw(1, |state| state.waiting[0].interaction = interaction(1)), Ok(WaitingFlaw::SidTwice));
    assert_eq!(waiting_flaw(7, |state| state.waiting[1].interaction = interaction(7)), Ok(WaitingFlaw::SidTwice));
}

#[test]
fn rte_3_an_opt_out_word_that_waits_is_refused() {
    for n in [0, 1] {
        let stop = |state: &mut ServiceState| state.waiting[n].contact = Contact::message(" Stop".parse().unwrap());
        assert_eq!(waiting_flaw([5, 6][n], stop), Ok(WaitingFlaw::OptOut));
    }
}

fn with_matter(matter: WaitingMatter) -> impl FnOnce(&mut ServiceState) {
    move |state| state.waiting.first_mut().expect("one waits").matter = matter
}

fn verdict(session_n: u128, caller: u128, partner: u128) -> WaitingMatter {
    let (session, caller, partner) = (session(session_n), participant(caller), participant(partner));
    WaitingMatter::Verdict { session, caller, partner, url: url(INTERCEPT) }
}

#[test]
fn rte_11_a_contact_that_waits_for_a_session_that_is_not_active_is_refused() {
    assert_eq!(waiting_flaw(5, with_matter(verdict(9, 1, 2))), Ok(WaitingFlaw::Session));
    assert_eq!(waiting_flaw(5, with_matter(verdict(2, 3, 1))), Ok(WaitingFlaw::Session));
    assert_eq!(damaged_traffic(with_matter(verdict(3, 4, 5))), None);
}

#[test]
fn rte_5_a_contact_that_waits_for_a_session_that_does_not_carry_it_is_refused() {
    let damage = |state: &mut ServiceState| {
        with_matter(verdict(3, 4, 5))(state);
        state.sessions[2].session.mode = SessionMode::VoiceOnly;
    };
    assert_eq!(waiting_flaw(5, damage), Ok(WaitingFlaw::Session));
}

#[test]
fn rte_11_a_contact_that_waits_between_others_than_the_two_is_refused() {
    for (caller, partner) in [(1, 1), (9, 2), (1, 9), (4, 2), (1, 5)] {
        let flaw = waiting_flaw(5, with_matter(verdict(1, caller, partner)));
        assert_eq!(flaw, Ok(WaitingFlaw::Participants), "{caller} {partner}");
    }
}

#[test]
fn rte_11_a_contact_that_waits_for_somebody_who_has_left_is_refused() {
    let damage = |state: &mut ServiceState| {
        let added = &mut state.sessions[0].participants[1].participant;
        (added.date_deleted, added.date_updated) = (Some(at(8)), at(8));
        state.numbers[1].number.in_use = 1;
    };
    assert_eq!(waiting_flaw(5, damage), Ok(WaitingFlaw::Participants));
}

#[test]
fn rte_11_a_contact_whose_previous_session_is_not_there_is_refused() {
    let with_previous = |n: u128, from: Option<&str>| {
        let matter = WaitingMatter::OutOfSession {
            from: from.map(identifier),
            to: proxy("+14155559001"),
            previous: Some(session(n)),
        };
        move |state: &mut ServiceState| state.waiting[1].matter = matter
    };
    assert_eq!(waiting_flaw(6, with_previous(9, Some(ALICE))), Ok(WaitingFlaw::Previous));
    assert_eq!(waiting_flaw(6, with_previous(2, None)), Ok(WaitingFlaw::Previous));
    assert_eq!(damaged_traffic(with_previous(2, Some(ALICE))), None);
}

#[test]
fn int_1_a_leg_that_is_not_that_of_its_interaction_is_refused() {
    assert_eq!(leg_flaw(LEG, |leg| leg.to = identifier(CAROL)), Ok(EventFlaw::Leg));
    assert_eq!(leg_flaw(LEG, |leg| leg.from = proxy("+14155559999")), Ok(EventFlaw::Leg));
    assert_eq!(leg_flaw(MESSAGE_LEG, |leg| leg.contact = Contact::Call), Ok(EventFlaw::Leg));
    for n in [LEG, MESSAGE_LEG] {
        assert_eq!(leg_flaw(n, |leg| leg.contact = Contact::message("Hi".parse().unwrap())), Ok(EventFlaw::Leg));
    }
}

#[test]
fn int_3_a_message_to_one_participant_that_says_nothing_is_refused() {
    let damage = |state: &mut ServiceState| {
        let sent = state.sessions.iter_mut().flat_map(|session| &mut session.interactions);
        let sent = sent.map(|state| &mut state.interaction).find(|sent| sent.inbound_participant_sid.is_none());
        sent.expect("one was sent").data = Some(r#"{"body":""}"#.into());
    };
    assert!(matches!(
        damaged_traffic(damage),
        Some(RestoreError::Interaction { flaw: InteractionFlaw::Resources, .. })
    ));
}

#[test]
fn inv_6_an_event_of_a_session_that_is_not_there_is_refused() {
    for n in [CALLBACK_REQUEST, INTERCEPT_REQUEST, LATE_REQUEST] {
        assert_eq!(event_flaw(n, |state| request(state, n).session = Some(session(9))), Ok(EventFlaw::Session));
    }
    for n in [CALLBACK_REQUEST, INTERCEPT_REQUEST] {
        assert_eq!(event_flaw(n, |state| request(state, n).session = None), Ok(EventFlaw::Session));
    }
    assert_eq!(damaged_traffic(|state| request(state, LATE_REQUEST).session = None), None);
    assert_eq!(leg_flaw(LEG, |leg| leg.session = session(9)), Ok(EventFlaw::Session));
}

#[test]
fn inv_6_an_event_of_an_interaction_that_is_not_there_is_refused() {
    for other in [4, 5, 9] {
        let damage = |state: &mut ServiceState| request(state, CALLBACK_REQUEST).interaction = interaction(other);
        assert_eq!(event_flaw(CALLBACK_REQUEST, damage), Ok(EventFlaw::Interaction), "{other}");
        let flaw = leg_flaw(LEG, |leg| leg.interaction = interaction(other));
        assert_eq!(flaw, Ok(EventFlaw::Interaction), "{other}");
    }
    let damage = |state: &mut ServiceState| request(state, STRANGERS_REQUEST).purpose = RequestPurpose::Callback;
    assert_eq!(event_flaw(STRANGERS_REQUEST, damage), Ok(EventFlaw::Session));
    let damage = |state: &mut ServiceState| request(state, INTERCEPT_REQUEST).purpose = RequestPurpose::Callback;
    assert_eq!(event_flaw(INTERCEPT_REQUEST, damage), Ok(EventFlaw::Interaction));
}

#[test]
fn inv_6_an_unpolled_event_of_a_deleted_interaction_is_refused() {
    let damage = |state: &mut ServiceState| drop(state.sessions[0].interactions.remove(0));
    assert_eq!(event_flaw(LEG, damage), Ok(EventFlaw::Interaction));
}

#[test]
fn an_unknown_field_of_traffic_is_refused_at_every_depth() {
    for pointer in [
        "/sessions/0/interactions/0",
        "/sessions/0/interactions/0/interaction",
        "/waiting/0",
        "/waiting/0/contact/message",
        "/waiting/0/matter/verdict",
        "/waiting/1/matter/out_of_session",
        "/events/0/leg",
        "/events/1/request",
        "/events/10/notification/no_active_session",
    ] {
        let error = traffic_parse_error(pointer, "shard", Some(json!(1)));
        assert!(error.starts_with("unknown field `shard`"), "{pointer}: {error}");
    }
}

#[test]
fn a_missing_field_of_traffic_is_refused() {
    for (pointer, key) in [
        ("", "waiting"),
        ("", "interactions_created"),
        ("/sessions/0", "interactions"),
        ("/sessions/0/interactions/0", "ordinal"),
        ("/sessions/0/interactions/0/interaction", "type"),
        ("/waiting/0", "resource"),
        ("/waiting/0/contact/message", "body"),
        ("/waiting/0/matter/verdict", "url"),
        ("/waiting/1/matter/out_of_session", "to"),
        ("/events/0/leg", "to"),
        ("/events/1/request", "parameters"),
    ] {
        assert_eq!(traffic_parse_error(pointer, key, None), format!("missing field `{key}`"));
    }
}

#[test]
fn an_unknown_field_is_refused_at_every_depth() {
    for pointer in
        ["", "/settings", "/policy", "/numbers/0", "/numbers/0/number", "/numbers/0/number/capabilities", "/sessions/0"]
            .into_iter()
            .chain(["/sessions/0/session", "/sessions/0/participants/0", "/sessions/0/participants/0/participant"])
            .chain(["/sessions/0/pending/0", "/sessions/0/pending/0/participant"])
    {
        let error = parse_error(pointer, "shard", Some(json!(1)));
        assert!(error.starts_with("unknown field `shard`"), "{pointer}: {error}");
    }
}

#[test]
fn a_missing_field_is_refused() {
    for (pointer, key) in [
        ("", "settings"),
        ("", "policy"),
        ("", "events"),
        ("", "numbers_added"),
        ("/settings", "unique_name"),
        ("/numbers/0", "ordinal"),
        ("/numbers/0/number", "in_use"),
        ("/sessions/0", "participants"),
        ("/sessions/0/session", "status"),
        ("/sessions/0/participants/0/participant", "identifier"),
        ("/sessions/0/pending/0/participant", "proxy_identifier"),
    ] {
        assert_eq!(parse_error(pointer, key, None), format!("missing field `{key}`"));
    }
}

#[test]
fn a_sid_of_another_kind_is_refused() {
    let error = parse_error("/sessions/0/session", "sid", Some(json!("KP00000000000000000000000000000001")));
    assert_eq!(error, "the SID starts with `KP`, not with KC");
}

#[test]
fn a_truncated_state_is_refused() {
    let json = serde_json::to_string(&genuine()).unwrap();
    for end in 0..json.len() {
        let error = serde_json::from_str::<ServiceState>(json.get(..end).unwrap()).unwrap_err();
        assert!(error.is_eof(), "{end}: {error}");
    }
}

/// Where every value of a document is.
fn pointers(value: &Value, here: &str, found: &mut Vec<String>) {
    found.push(here.to_owned());
    match value {
        Value::Object(fields) => {
            fields.iter().for_each(|(key, value)| pointers(value, &format!("{here}/{key}"), found));
        }
        Value::Array(values) => {
            values.iter().enumerate().for_each(|(n, value)| pointers(value, &format!("{here}/{n}"), found));
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

#[derive(Clone, Debug)]
enum Damage {
    Put(Value),
    /// Puts what stands elsewhere in the document.
    Copy(Index),
    Remove,
    Repeat,
    Reverse,
}

fn damages() -> impl Strategy<Value = Damage> {
    let values = [
        json!(null),
        json!(true),
        json!(false),
        json!(0),
        json!(1),
        json!(2),
        json!(u64::MAX),
        json!(-1),
        json!(""),
        json!("open"),
        json!("in-progress"),
        json!("closed"),
        json!("voice-and-message"),
        json!("message-only"),
        json!("1970-01-01T00:00:00Z"),
        json!("2026-01-01T00:00:30Z"),
        json!("9999-12-31T23:59:59Z"),
        json!(ALICE),
        json!("44551"),
        json!("whatsapp:+14155559999"),
        json!([]),
        json!({}),
    ];
    prop_oneof![
        4 => prop::sample::select(values.to_vec()).prop_map(Damage::Put),
        4 => any::<Index>().prop_map(Damage::Copy),
        1 => Just(Damage::Remove),
        1 => Just(Damage::Repeat),
        1 => Just(Damage::Reverse),
    ]
}

/// Does one thing to one value of the document.
fn inflict(document: &mut Value, place: Index, damage: Damage) {
    let mut places = Vec::new();
    pointers(document, "", &mut places);
    let here = place.get(&places);
    let there = match damage {
        Damage::Copy(there) => document.pointer(there.get(&places).as_str()).cloned(),
        Damage::Put(value) => Some(value),
        Damage::Remove => {
            let (parent, key) = here.rsplit_once('/').unwrap_or_default();
            match document.pointer_mut(parent) {
                Some(Value::Object(fields)) => drop(fields.remove(key)),
                // The document itself, once it has become an array, has no key.
                Some(Value::Array(values)) => key.parse().into_iter().for_each(|n: usize| drop(values.remove(n))),
                _ => {}
            }
            None
        }
        Damage::Repeat => {
            if let Some(Value::Array(values)) = document.pointer_mut(here) {
                values.extend(values.clone());
            }
            None
        }
        Damage::Reverse => {
            if let Some(Value::Array(values)) = document.pointer_mut(here) {
                values.reverse();
            }
            None
        }
    };
    if let (Some(value), Some(target)) = (there, document.pointer_mut(here)) {
        *target = value;
    }
}

#[cfg(feature = "proptest")]
proptest! {
    #![proptest_config(Config { cases: 1_000, failure_persistence: None, ..Config::default() })]

    #[test]
    fn inv_2_a_damaged_state_is_refused_or_makes_a_sound_service(
        history in twilio_proxy_core::testing::histories().commands(130),
        damages in prop::collection::vec((any::<Index>(), damages()), 1..3),
    ) {
        let mut life = history;
        let rest = life.entries.split_off(life.entries.len().min(100));
        let mut document = serde_json::to_value(life.run().state()).unwrap();
        for (place, damage) in damages {
            inflict(&mut document, place, damage);
        }
        if let Ok(state) = serde_json::from_value::<ServiceState>(document)
            && let Ok(mut service) = Service::restore(state.clone())
        {
            prop_assert_eq!(service.state(), state);
            naive::check(&service);
            for entry in rest {
                let _answer = service.apply(entry.command, entry.now);
                naive::check(&service);
            }
            naive::check_against_a_rebuild(&service);
        }
    }
}

#[test]
fn inv_2_a_state_with_traffic_that_is_damaged_anywhere_is_refused_or_makes_a_sound_service() {
    let whole = serde_json::to_value(traffic()).unwrap();
    let mut places = Vec::new();
    pointers(&whole, "", &mut places);
    let mut restored = 0;
    for place in places {
        for value in [json!(null), json!(0), json!("message"), json!("2026-01-01T00:00:03Z"), json!([])] {
            let mut document = whole.clone();
            *document.pointer_mut(&place).unwrap() = value;
            if let Ok(state) = serde_json::from_value::<ServiceState>(document)
                && let Ok(service) = Service::restore(state.clone())
            {
                assert_eq!(service.state(), state, "{place}");
                restored += 1;
            }
        }
    }
    assert!(restored > 20, "{restored}");
}

#[test]
fn inv_2_damage_is_sometimes_refused_by_serde_sometimes_by_restore_and_sometimes_harmless() {
    use proptest::{strategy::ValueTree, test_runner::TestRunner};

    let mut runner = TestRunner::deterministic();
    let (mut unparsed, mut refused, mut restored) = (0, 0, 0);
    for _ in 0..1_000 {
        let (place, damage) = (any::<Index>(), damages()).new_tree(&mut runner).unwrap().current();
        let mut document = genuine_json();
        inflict(&mut document, place, damage);
        match serde_json::from_value::<ServiceState>(document).map(Service::restore) {
            Err(_) => unparsed += 1,
            Ok(Err(_)) => refused += 1,
            Ok(Ok(_)) => restored += 1,
        }
    }
    assert!(unparsed > 200 && refused > 20 && restored > 50, "{unparsed}, {refused}, {restored}");
}
