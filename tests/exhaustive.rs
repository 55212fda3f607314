//! Small worlds, explored until there is nothing new in them: two or three sessions and whatever else can be afforded, every
//! command at every state that there is, and every answer beside that of the reference model.
//!
//! From each state the commands are given to a service that has lived to it, and, if it is come to in another way too, to
//! one that is restored from it. How many states there are, and edges the one way and the other, is pinned: a rule that was
//! meant to change moves the figures, and one that was not moves them too, and is found out.
#![cfg(all(feature = "serde", feature = "testing"))]
#![expect(
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a fixture that fails is a failed test"
)]

extern crate alloc;

mod normal_form;
mod search;

use crate::common::*;
use normal_form::Memory;
use search::{Found, SmallWorld};
use twilio_proxy_core::{
    AutoCreateSids, Command, LogEntry, NewParticipant, NewService, NumberSelectionBehavior, NumberUpdate,
    OutOfSessionAnswer, Patch, Policy, ResourceStatus, ServiceUpdate, SessionMode, SessionStatus, SessionUpdate, Span,
    StatusReport, Timestamp, WebhookAnswer,
};

const WHATSAPP: &str = "whatsapp:+14155550003";
const WHATSAPP_PROXY: &str = "whatsapp:+14155559000";

/// The sessions of most worlds.
const SESSIONS: [u128; 2] = [1, 2];

fn world(policy: Policy, commands: fn(Timestamp) -> Vec<LogEntry>) -> SmallWorld {
    SmallWorld {
        settings: new_service(),
        policy,
        past: Vec::new(),
        commands,
        depth: None,
        memory: Memory { longest_lifetime: 0, of_sessions: false },
        people: &[ALICE, BOB],
        proxies: &[P1],
    }
}

/// A world in which sessions live for 2 seconds at most, and are deleted 3 seconds after their end.
fn passing_world(mut policy: Policy, commands: fn(Timestamp) -> Vec<LogEntry>) -> SmallWorld {
    policy.retention = Span::from_seconds(3);
    let memory = Memory { longest_lifetime: 2, of_sessions: true };
    SmallWorld { memory, ..world(policy, commands) }
}

fn size(found: &Found) -> (usize, usize, usize) {
    (found.states, found.edges, found.again)
}

// ---- commands ----

fn all_at(now: Timestamp, commands: Vec<Command>) -> Vec<LogEntry> {
    commands.into_iter().map(|command| LogEntry { now, command }).collect()
}

fn wait(now: Timestamp, seconds: u64) -> LogEntry {
    LogEntry { now: now.checked_add(seconds).unwrap(), command: Command::HandleDeadline {} }
}

fn create(n: u128, mode: SessionMode, participants: &[NewParticipant]) -> Command {
    let mut new = new_session_with_mode(n, mode);
    new.participants = participants.to_vec();
    Command::CreateSession { new }
}

fn update(n: u128, update: SessionUpdate) -> Command {
    Command::UpdateSession { session: session(n), update }
}

fn delete(n: u128) -> Command {
    Command::DeleteSession { session: session(n) }
}

fn add(n: u128, new: NewParticipant) -> Command {
    Command::AddParticipant { session: session(n), new }
}

fn begin(n: u128, new: NewParticipant) -> Command {
    Command::BeginAddParticipant { session: session(n), new }
}

/// What may happen to a participant, or to the addition of one.
fn finish_cancel_and_remove(n: u128, participant_n: u128) -> [Command; 3] {
    let (session, participant) = (session(n), participant(participant_n));
    [
        Command::FinishAddParticipant { session, participant },
        Command::CancelAddParticipant { session, participant, reason: None },
        Command::RemoveParticipant { session, participant },
    ]
}

/// The participants that session `n` may have, each with a SID of its own.
fn alice(n: u128) -> NewParticipant {
    new_participant(10 * n + 1, ALICE)
}

fn bob(n: u128) -> NewParticipant {
    new_participant(10 * n + 2, BOB)
}

fn whatsapp(n: u128) -> NewParticipant {
    new_participant_with(10 * n + 3, WHATSAPP, WHATSAPP_PROXY)
}

/// As she would be added where conflicts are not to be overlooked (CON-1).
fn strictly(mut new: NewParticipant) -> NewParticipant {
    new.fail_on_participant_conflict = true;
    new
}

fn with_number(mut new: NewParticipant, proxy_identifier: &str) -> NewParticipant {
    new.proxy_identifier = Some(proxy_identifier.parse().unwrap());
    new
}

fn with_number_sid(mut new: NewParticipant, sid: u128) -> NewParticipant {
    new.proxy_identifier_sid = Some(number(sid));
    new
}

// ---- three people, one number ----

/// Three people, one of them on a channel, go in and out of two sessions, all at once or by and by.
fn additions(now: Timestamp) -> Vec<LogEntry> {
    let mut commands = vec![Command::AddNumber { new: new_number(1, P1) }];
    for n in SESSIONS {
        let mode = SessionMode::MessageOnly;
        commands.extend([
            create(n, mode, &[]),
            create(n, mode, &[alice(n), whatsapp(n)]),
            update(n, close()),
            update(n, reopen()),
            delete(n),
            add(n, with_number(strictly(alice(n)), P1)),
        ]);
        for new in [alice(n), bob(n), whatsapp(n)] {
            let sid = new.sid.to_u128();
            commands.extend([add(n, new.clone()), begin(n, new)]);
            commands.extend(finish_cancel_and_remove(n, sid));
        }
    }
    all_at(now, commands)
}

fn world_of_additions(policy: Policy) -> SmallWorld {
    SmallWorld { people: &[ALICE, BOB, WHATSAPP], proxies: &[P1, WHATSAPP_PROXY], ..world(policy, additions) }
}

#[test]
fn con_5_every_way_of_three_people_into_two_sessions_strict() {
    let found = world_of_additions(Policy::default()).explore();
    assert_eq!(size(&found), (5_413, 232_759, 232_759));
}

#[test]
fn con_5_every_way_of_three_people_into_two_sessions_permissive() {
    let found = world_of_additions(permissive()).explore();
    assert_eq!(size(&found), (6_661, 286_423, 285_735));
}

// ---- one person, two numbers ----

/// Two numbers come, are reserved and go, while one person is in two sessions, and one of them is a person at times.
fn pool(now: Timestamp) -> Vec<LogEntry> {
    let mut commands = vec![add(1, new_participant(19, P2))];
    for (n, text) in [(1, P1), (2, P2)] {
        let number = number(n).into();
        commands.push(Command::AddNumber { new: new_number(n, text) });
        commands.extend([true, false].map(|is_reserved| Command::UpdateNumber {
            number,
            update: NumberUpdate { is_reserved: Some(is_reserved) },
        }));
        commands.push(Command::RemoveNumber { number });
    }
    for n in SESSIONS {
        commands.extend([
            create(n, SessionMode::VoiceAndMessage, &[]),
            create(n, SessionMode::VoiceAndMessage, &[alice(n)]),
            update(n, close()),
            update(n, reopen()),
            delete(n),
            add(n, alice(n)),
            add(n, with_number(alice(n), P1)),
            add(n, with_number_sid(alice(n), 2)),
            begin(n, alice(n)),
        ]);
        commands.extend(finish_cancel_and_remove(n, alice(n).sid.to_u128()));
    }
    all_at(now, commands)
}

fn world_of_numbers(policy: Policy, behavior: NumberSelectionBehavior) -> SmallWorld {
    let mut settings: NewService = new_service();
    settings.number_selection_behavior = behavior;
    SmallWorld { settings, people: &[ALICE], proxies: &[P1, P2], ..world(policy, pool) }
}

#[test]
fn num_4_every_use_of_two_numbers_strict_and_prefer_sticky() {
    let found = world_of_numbers(Policy::default(), NumberSelectionBehavior::PreferSticky).explore();
    assert_eq!(size(&found), (4_070, 134_310, 134_178));
}

#[test]
fn num_4_every_use_of_two_numbers_permissive_and_avoid_sticky() {
    let found = world_of_numbers(permissive(), NumberSelectionBehavior::AvoidSticky).explore();
    assert_eq!(size(&found), (4_216, 139_128, 138_996));
}

// ---- one person, one number, three sessions ----

/// One person has one number in three sessions at once.
fn doubled(now: Timestamp) -> Vec<LogEntry> {
    let mut commands = vec![Command::AddNumber { new: new_number(1, P1) }];
    for n in [1, 2, 3] {
        commands.extend([
            create(n, SessionMode::VoiceAndMessage, &[with_number(alice(n), P1)]),
            create(n, SessionMode::VoiceAndMessage, &[strictly(with_number(alice(n), P1))]),
            update(n, close()),
            update(n, reopen()),
            delete(n),
            begin(n, with_number(alice(n), P1)),
        ]);
        commands.extend(finish_cancel_and_remove(n, alice(n).sid.to_u128()));
    }
    all_at(now, commands)
}

#[test]
fn con_8_every_way_of_one_pair_through_three_sessions() {
    let memory = Memory { longest_lifetime: 0, of_sessions: true };
    let found = SmallWorld { memory, ..world(permissive(), doubled) }.explore();
    assert_eq!(size(&found), (494, 13_832, 13_804));
}

// ---- two lives ----

/// Two sessions are opened, put off, closed and re-opened, while time goes by in steps, in leaps, and backwards.
fn lives(now: Timestamp) -> Vec<LogEntry> {
    let in_seconds = |seconds| now.checked_add(seconds);
    let lasting = |n, seconds: Option<u32>, date_expiry: Option<Timestamp>| {
        let mut new = new_session(n);
        new.ttl = seconds.map(ttl);
        new.date_expiry = date_expiry;
        new.participants = vec![alice(n)];
        Command::CreateSession { new }
    };
    let mut commands = vec![Command::AddNumber { new: new_number(1, P1) }];
    for n in SESSIONS {
        let to_ttl = |seconds| SessionUpdate { ttl: Some(ttl(seconds)), ..SessionUpdate::default() };
        let to_expiry = |seconds| SessionUpdate { date_expiry: in_seconds(seconds), ..SessionUpdate::default() };
        commands.extend([
            create(n, SessionMode::VoiceAndMessage, &[]),
            lasting(n, Some(2), None),
            lasting(n, Some(2), in_seconds(3)),
            delete(n),
            update(n, close()),
            update(n, reopen()),
            update(n, to_ttl(0)),
            update(n, to_ttl(2)),
            update(n, to_expiry(0)),
            update(n, to_expiry(1)),
            update(n, SessionUpdate { status: Some(SessionStatus::InProgress), ..to_ttl(2) }),
            update(n, SessionUpdate { status: Some(SessionStatus::Closed), ..to_ttl(2) }),
        ]);
    }
    let mut entries = all_at(now, commands);
    entries.extend([1, 2, 3, 9].map(|seconds| wait(now, seconds)));
    entries.push(wait(Timestamp::MIN, 0));
    // What is late by a second finds done what was due until then (TIM-3).
    entries.extend(SESSIONS.map(|n| LogEntry { now: in_seconds(1).unwrap(), command: update(n, close()) }));
    entries.extend(SESSIONS.map(|n| LogEntry { now: in_seconds(1).unwrap(), command: update(n, reopen()) }));
    entries
}

fn assert_all_coincidences(found: &Found) {
    let fates = ["deleted", "expired"];
    let all = fates.into_iter().flat_map(|one| fates.map(|other| [one, other]));
    assert_eq!(found.coincidences, all.collect());
}

#[test]
fn tim_3_every_course_of_two_lives_strict() {
    let found = passing_world(Policy::default(), lives).explore();
    assert_all_coincidences(&found);
    assert_eq!(size(&found), (8_464, 287_776, 281_724));
}

#[test]
fn tim_3_every_course_of_two_lives_permissive() {
    let found = passing_world(permissive(), lives).explore();
    assert_all_coincidences(&found);
    assert_eq!(size(&found), (9_274, 315_316, 308_992));
}

// ---- traffic ----

fn ask_everywhere() -> Command {
    let update = ServiceUpdate {
        callback_url: Patch::Set(url(CALLBACK)),
        intercept_callback_url: Patch::Set(url(INTERCEPT)),
        out_of_session_callback_url: Patch::Set(url(OUT_OF_SESSION)),
        ..ServiceUpdate::default()
    };
    Command::UpdateService { update }
}

fn verdict(n: u128, status: u16) -> Command {
    Command::ResolveIntercept { interaction: interaction(n), answer: WebhookAnswer::Status(status) }
}

/// An answer to the request for interaction 1 that wishes for session `n`, unless it is empty.
fn answer(n: u128, body: &str) -> Command {
    let answer = OutOfSessionAnswer {
        status: WebhookAnswer::Status(200),
        content_type: Some("application/json".parse().unwrap()),
        body: body.parse().unwrap(),
    };
    let sids = AutoCreateSids { session: session(n), caller: alice(n).sid, partner: bob(n).sid };
    Command::ResolveOutOfSession { interaction: interaction(1), answer, sids }
}

fn wish_for_bob() -> String {
    format!(r#"{{"participantIdentifier":"{BOB}"}}"#)
}

fn report(n: u128, status: ResourceStatus) -> Command {
    Command::ReportStatus { interaction: interaction(n), report: StatusReport::new(status) }
}

fn delete_interaction(n: u128, interaction_n: u128) -> Command {
    Command::DeleteInteraction { session: session(n), interaction: interaction(interaction_n) }
}

fn send_to_alice(n: u128, interaction_n: u128) -> Command {
    Command::SendMessage { session: session(n), participant: alice(n).sid, new: new_message(interaction_n, "Hello") }
}

/// Calls and messages between two people who are in two sessions, or were, or not yet.
fn traffic(now: Timestamp) -> Vec<LogEntry> {
    let mut commands = vec![
        Command::AddNumber { new: new_number(1, P1) },
        ask_everywhere(),
        Command::Receive { inbound: call(1, ALICE, P1) },
        Command::Receive { inbound: message(1, BOB, P1, "Hi") },
        Command::Receive { inbound: call(1, CAROL, P1) },
        Command::Receive { inbound: message(1, ALICE, P1, "STOP") },
        Command::Receive { inbound: call(2, ALICE, P1) },
        verdict(1, 200),
        verdict(1, 403),
        verdict(2, 200),
        answer(1, &wish_for_bob()),
        answer(2, &wish_for_bob()),
        answer(1, ""),
        report(1, ResourceStatus::Delivered),
        Command::ReportCallback { url: url(CALLBACK), answer: WebhookAnswer::None },
        send_to_alice(1, 2),
        delete_interaction(1, 1),
        delete_interaction(2, 2),
    ];
    for n in SESSIONS {
        commands.extend([
            create(n, SessionMode::VoiceAndMessage, &[alice(n), bob(n)]),
            update(n, close()),
            update(n, reopen()),
            delete(n),
            Command::RemoveParticipant { session: session(n), participant: bob(n).sid },
        ]);
    }
    all_at(now, commands)
}

fn world_of_traffic(policy: Policy) -> SmallWorld {
    let memory = Memory { longest_lifetime: 0, of_sessions: true };
    SmallWorld { memory, people: &[ALICE, BOB, CAROL], ..world(policy, traffic) }
}

#[test]
fn rte_12_every_course_of_two_contacts_strict() {
    let found = world_of_traffic(Policy::default()).explore();
    assert_eq!(size(&found), (9_995, 279_860, 273_504));
}

#[test]
fn rte_12_every_course_of_two_contacts_permissive() {
    let found = world_of_traffic(permissive()).explore();
    assert_eq!(size(&found), (12_205, 341_740, 336_700));
}

/// Contacts, their verdicts, answers and reports, while the one session that carries them comes and goes.
fn passing_traffic(now: Timestamp) -> Vec<LogEntry> {
    let mut new = new_session(1);
    new.ttl = Some(ttl(2));
    new.participants = vec![alice(1), bob(1)];
    let mut commands = vec![
        Command::AddNumber { new: new_number(1, P1) },
        ask_everywhere(),
        Command::CreateSession { new },
        update(1, close()),
        update(1, reopen()),
        delete(1),
        answer(1, &format!(r#"{{"participantIdentifier":"{BOB}","ttl":2}}"#)),
        answer(1, ""),
        send_to_alice(1, 2),
    ];
    for n in [1, 2] {
        commands.extend([
            Command::Receive { inbound: call(n, ALICE, P1) },
            Command::Receive { inbound: message(n, BOB, P1, "Hi") },
            Command::Receive { inbound: call(n, CAROL, P1) },
            verdict(n, 200),
            report(n, ResourceStatus::Completed),
            delete_interaction(1, n),
        ]);
    }
    let mut entries = all_at(now, commands);
    entries.extend([1, 2, 9].map(|seconds| wait(now, seconds)));
    entries
}

#[test]
fn exp_1_every_course_of_two_contacts_in_a_session_that_passes() {
    let world = passing_world(Policy::default(), passing_traffic);
    let found = SmallWorld { people: &[ALICE, BOB, CAROL], ..world }.explore();
    assert_eq!(size(&found), (2_211, 53_064, 53_064));
}

// ---- everything ----

fn everything(now: Timestamp) -> Vec<LogEntry> {
    let mut entries = Vec::new();
    for commands in [additions, pool, lives, traffic, passing_traffic] {
        for entry in commands(now) {
            if !entries.contains(&entry) {
                entries.push(entry);
            }
        }
    }
    entries
}

/// Two numbers and two people in a session that will expire; beside it an empty one, for messages.
fn everything_world(policy: Policy, depth: usize) -> SmallWorld {
    let mut mortal = new_session(1);
    mortal.ttl = Some(ttl(2));
    mortal.participants = vec![alice(1), bob(1)];
    SmallWorld {
        past: vec![
            Command::AddNumber { new: new_number(1, P1) },
            Command::AddNumber { new: new_number(2, P2) },
            Command::CreateSession { new: mortal },
            create(2, SessionMode::MessageOnly, &[]),
        ],
        depth: Some(depth),
        people: &[ALICE, BOB, CAROL, WHATSAPP],
        proxies: &[P1, P2, WHATSAPP_PROXY],
        ..passing_world(policy, everything)
    }
}

#[test]
fn inv_4_every_three_commands_strict() {
    let found = everything_world(Policy::default(), 3).explore();
    assert_eq!(size(&found), (5_701, 59_070, 59_070));
}

#[test]
fn inv_4_every_four_commands_permissive() {
    let found = everything_world(permissive(), 4).explore();
    assert_eq!(size(&found), (48_166, 663_630, 663_630));
}
