//! INV, ERR-2, CON-7: what holds of every history of commands. TIM: the laws of time.
#![cfg(feature = "serde")]
#![expect(clippy::expect_used, reason = "a fixture that fails is a failed test")]

extern crate alloc;

mod common;
#[path = "invariants/histories.rs"]
mod histories;
#[path = "invariants/naive.rs"]
mod naive;

use alloc::collections::{BTreeMap, BTreeSet};

use common::*;
use histories::{History, earlier, histories, histories_of, later, strict_policies};
use proptest::{
    prelude::*,
    strategy::ValueTree,
    test_runner::{Config, TestRunner},
};
use twilio_proxy_core::{
    Code, Command, ContactKind, CreateSessionError, Error, Event, LogEntry, ParticipantSid, Reply, Route, Service,
    ServiceState, SessionSid, Timestamp,
};

fn config() -> Config {
    Config { cases: 300, failure_persistence: None, max_shrink_iters: 5_000, ..Config::default() }
}

fn json(state: &ServiceState) -> String {
    serde_json::to_string(state).expect("a state is plain data")
}

fn events(service: &mut Service) -> Vec<Event> {
    core::iter::from_fn(|| service.poll_event()).collect()
}

/// Each command's answer, and the state in between.
fn answers(service: &mut Service, entries: &[LogEntry]) -> Vec<(Result<Reply, Error>, ServiceState)> {
    let answer = |entry: &LogEntry| (service.apply(entry.command.clone(), entry.now), service.state());
    entries.iter().map(answer).collect()
}

fn without_events(mut state: ServiceState) -> ServiceState {
    state.events.clear();
    state
}

/// Commands on one session that raise nothing and add nobody.
fn quiet_command(service: &Service, n: u128, choice: u8) -> Command {
    let sid = session(n);
    let live = service.participants(sid).into_iter().flatten().find(|added| added.is_live()).map(|added| added.sid);
    let pending = service.pending_participants(sid).into_iter().flatten().next().map(|pending| pending.sid);
    match (choice, live, pending) {
        (0, Some(participant), _) => Command::RemoveParticipant { session: sid, participant },
        (1, _, Some(participant)) => Command::CancelAddParticipant { session: sid, participant, reason: None },
        (2, ..) => Command::DeleteSession { session: sid },
        _ => Command::UpdateSession { session: sid, update: close() },
    }
}

type Seen = (Option<Code>, Option<(SessionSid, ParticipantSid)>, Option<(SessionSid, bool)>);

/// What a route says but for dates, which are those of the latest operation (RTE-9).
fn seen(route: Route<'_>) -> Seen {
    let code = route.code();
    match route {
        Route::Connect { session, partner, .. } => (code, Some((session.sid, partner.sid)), None),
        Route::OutOfSession { previous, expired, .. } => (code, None, previous.map(|session| (session.sid, expired))),
        Route::WrongMode { session, caller } | Route::NoPartner { session, caller } => {
            (code, Some((session.sid, caller.sid)), None)
        }
        Route::UnknownProxyIdentifier | _ => (code, None, None),
    }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn inv_1_answers_states_and_events_do_not_depend_on_the_hash_seed(history in histories(), seed in 1..=u64::MAX) {
        let (mut one, mut other) = (history.service(0), history.service(seed));
        for LogEntry { now, command } in history.entries {
            prop_assert_eq!(one.apply(command.clone(), now), other.apply(command, now));
            prop_assert_eq!(one.next_deadline(), other.next_deadline());
        }
        prop_assert_eq!(json(&one.state()), json(&other.state()));
        prop_assert_eq!(events(&mut one), events(&mut other));
    }

    #[test]
    fn inv_2_a_restored_service_goes_on_as_the_original(
        history in histories(), point in 0..100_usize, seed in any::<u64>(),
    ) {
        let (before, after) = history.entries.split_at(point);
        let mut original = history.service(0);
        answers(&mut original, before);
        let state: ServiceState = serde_json::from_str(&json(&original.state())).unwrap();
        prop_assert_eq!(&state, &original.state());
        let mut restored = Service::restore_with_hash_seed(state, seed).unwrap();
        prop_assert_eq!(json(&restored.state()), json(&original.state()));
        prop_assert_eq!(answers(&mut restored, after), answers(&mut original, after));
        prop_assert_eq!(events(&mut restored), events(&mut original));
    }

    #[test]
    fn inv_3_a_replay_of_what_was_accepted_rebuilds_the_state(history in histories()) {
        let (mut original, mut replayed) = (history.service(0), history.service(7));
        for LogEntry { now, command } in history.entries {
            if original.apply(command.clone(), now).is_ok() {
                prop_assert!(replayed.apply(command, original.latest_instant()).is_ok());
            }
        }
        replayed.handle_deadline(original.latest_instant());
        prop_assert_eq!(without_events(replayed.state()), without_events(original.state()));
    }

    #[test]
    fn inv_4_indexes_agree_with_a_full_scan(history in histories()) {
        let mut service = history.service(0);
        for (n, LogEntry { now, command }) in (1_u32..).zip(history.entries) {
            let _outcome = service.apply(command, now);
            naive::check(&service);
            if n.is_multiple_of(20) {
                naive::check_against_a_rebuild(&service);
            }
        }
    }

    #[test]
    fn inv_5_no_instant_breaks_it(history in histories(), powers in prop::collection::vec(0..63_u32, 100)) {
        let mut service = history.service(0);
        for (LogEntry { command, .. }, power) in history.entries.into_iter().zip(powers) {
            let _outcome = service.apply(command, Timestamp::from_unix_seconds(1_i64 << power));
            naive::check(&service);
        }
    }

    #[test]
    fn err_2_a_refusal_changes_and_raises_nothing_but_what_falls_due(history in histories()) {
        let mut service = history.service(0);
        for LogEntry { now, command } in history.entries {
            let mut untouched = service.clone();
            if service.apply(command, now).is_err() {
                untouched.handle_deadline(now);
                prop_assert_eq!(service.state(), untouched.state());
            }
        }
    }

    #[test]
    fn con_7_no_pair_is_active_twice_under_the_strict_rule(history in histories_of(strict_policies())) {
        let mut service = history.service(0);
        for LogEntry { now, command } in history.entries {
            let _outcome = service.apply(command, now);
            let state = service.state();
            let pairs = naive::active_pairs(&state);
            prop_assert_eq!(pairs.iter().collect::<BTreeSet<_>>().len(), pairs.len());
        }
    }

    #[test]
    fn tim_2_every_command_moves_the_latest_instant_and_none_moves_it_back(history in histories()) {
        let mut service = history.service(0);
        for LogEntry { now, command } in history.entries {
            let latest = service.latest_instant().max(now);
            let _outcome = service.apply(command, now);
            prop_assert_eq!(service.latest_instant(), latest);
        }
    }

    #[test]
    fn tim_3_small_steps_come_to_the_same_as_a_large_one(
        history in histories(), steps in prop::collection::vec(0..2_000_000_u64, 1..20),
    ) {
        let (mut walking, mut leaping) = (history.run(), history.run());
        for seconds in steps {
            walking.handle_deadline(later(walking.latest_instant(), seconds));
        }
        leaping.handle_deadline(walking.latest_instant());
        prop_assert_eq!(walking.state(), leaping.state());
    }

    #[test]
    fn tim_3_a_step_from_deadline_to_deadline_comes_to_the_same_as_a_large_one(history in histories()) {
        let (mut walking, mut leaping) = (history.run(), history.run());
        while let Some(deadline) = walking.next_deadline() {
            walking.handle_deadline(deadline);
        }
        leaping.handle_deadline(walking.latest_instant());
        prop_assert_eq!(walking.state(), leaping.state());
    }

    #[test]
    fn tim_3_a_command_does_first_what_is_due(history in histories()) {
        let (mut direct, mut prepared) = (history.service(0), history.service(0));
        for LogEntry { now, command } in history.entries {
            prepared.handle_deadline(now);
            prop_assert_eq!(direct.apply(command.clone(), now), prepared.apply(command, now));
            prop_assert_eq!(direct.state(), prepared.state());
        }
    }

    #[test]
    fn tim_4_before_the_deadline_nothing_happens_by_itself(history in histories()) {
        let mut service = history.run();
        let mut state = service.state();
        state.latest_instant = service.next_deadline().map_or(Timestamp::MAX, |deadline| earlier(deadline, 1));
        service.handle_deadline(state.latest_instant);
        prop_assert_eq!(service.state(), state);
    }

    #[test]
    fn tim_4_at_the_deadline_something_happens(history in histories()) {
        let mut service = history.run();
        if let Some(deadline) = service.next_deadline() {
            let mut state = service.state();
            state.latest_instant = deadline;
            service.handle_deadline(deadline);
            prop_assert_ne!(service.state(), state);
        }
    }

    #[test]
    fn tim_3_questions_about_the_future_answer_as_after_handle_deadline(
        history in histories(), seconds in 0..10_000_000_u64,
    ) {
        let now_service = history.run();
        let now = later(now_service.latest_instant(), seconds);
        let mut later_service = now_service.clone();
        later_service.handle_deadline(now);
        for (n, text) in histories::SESSIONS.into_iter().flat_map(|n| histories::IDENTIFIERS.map(|text| (n, text))) {
            prop_assert_eq!(
                now_service.explain_selection(session(n), &identifier(text), now),
                later_service.explain_selection(session(n), &identifier(text), now),
            );
        }
        for (text, to) in histories::IDENTIFIERS.into_iter().flat_map(|text| histories::NUMBERS.map(|to| (text, to))) {
            let (from, to) = (identifier(text), proxy(to));
            for kind in ContactKind::ALL {
                let later_route = later_service.route(Some(&from), &to, *kind, now);
                prop_assert_eq!(seen(now_service.route(Some(&from), &to, *kind, now)), seen(later_route));
            }
        }
    }

    #[test]
    fn commands_on_different_sessions_commute(
        history in histories(), (one, other) in (0..4_u8, 0..4_u8), seconds in 0..100_u64,
    ) {
        let start = history.run();
        let now = later(start.latest_instant(), seconds);
        let (one, other) = (quiet_command(&start, 1, one), quiet_command(&start, 2, other));
        let (mut forth, mut back) = (start.clone(), start);
        let forth_answers = [forth.apply(one.clone(), now), forth.apply(other.clone(), now)];
        let back_answers = [back.apply(other, now), back.apply(one, now)];
        let [other_answer, one_answer] = back_answers;
        prop_assert_eq!(forth_answers, [one_answer, other_answer]);
        prop_assert_eq!(forth.state(), back.state());
    }
}

#[test]
fn inv_5_a_create_with_a_crowd_is_refused_without_a_trace() {
    let mut service = service().with_numbers(&["+14155559001"]);
    let before = service.state();
    let mut crowd = new_session(1);
    crowd.participants = (1..=100_000).map(|n| new_participant(n, ALICE)).collect();
    let error = service.create_session(crowd, at(0)).unwrap_err();
    assert_eq!(error, CreateSessionError::TooManyParticipants { participants: 100_000 });
    assert_eq!(service.state(), before);
}

/// What 300 histories from a fixed seed come to: outcomes by reply or code, and how often each.
fn census() -> BTreeMap<String, u32> {
    let mut runner = TestRunner::deterministic();
    let mut counts: BTreeMap<String, u32> = BTreeMap::new();
    let mut count = |what: String| {
        let count = counts.entry(what).or_default();
        *count = count.saturating_add(1);
    };
    for _ in 0..300 {
        let history: History = histories().new_tree(&mut runner).expect("nothing is filtered out").current();
        let mut service = history.service(0);
        for LogEntry { now, command } in history.entries {
            let answer = service.apply(command, now);
            if let Ok(Reply::Outcome(outcome)) = &answer {
                outcome.code().into_iter().for_each(|code| count(format!("outcome {code}")));
            }
            count(match answer {
                Ok(Reply::Outcome(outcome)) => name(&outcome),
                Ok(reply) => name(&reply),
                Err(error) => error.code().to_string(),
            });
        }
        for event in events(&mut service) {
            count(match event {
                Event::Notification(notification) => format!("event {}", notification.code()),
                Event::Request(request) => format!("event {}", request.purpose),
                Event::Leg(_) => "event leg".to_owned(),
                other => format!("event {}", name(&other)),
            });
        }
    }
    counts
}

fn name(value: &impl serde::Serialize) -> String {
    let json = serde_json::to_value(value).expect("it is plain data");
    json.as_object().and_then(|object| object.keys().next()).expect("a variant is an object with one key").clone()
}

#[test]
fn the_histories_reach_every_outcome_worth_reaching() {
    let counts = census();
    let codes = [
        "20404", "20409", "80103", "80104", "80105", "80203", "80207", "80208", "80304", "80305", "80402", "80404",
        "80603", "80604", "80605", "80607", "80608", "80609", "80611", "80616", "80623", "80701",
    ];
    let replies = ["service", "number", "session", "participant", "pending", "cancelled", "interaction", "done"];
    let outcomes = ["connected", "waiting", "out_of_session", "dropped", "rejected", "blocked", "twiml", "failed"];
    let outcome_codes = [
        "12100", "20409", "80103", "80402", "80404", "80603", "80614", "80701", "80901", "80902", "80903", "80905",
        "80909", "80910", "80911", "80913",
    ];
    let events = ["12100", "80614", "80801", "80802", "80901", "80902", "80903", "80904", "80905", "80906", "80907"]
        .into_iter()
        .chain(["80908", "80909", "80910", "80911", "80913", "callback", "intercept", "out_of_session", "leg"]);
    let missing: Vec<String> = codes
        .into_iter()
        .chain(replies)
        .chain(outcomes)
        .map(ToOwned::to_owned)
        .chain(outcome_codes.map(|code| format!("outcome {code}")))
        .chain(events.map(|event| format!("event {event}")))
        .filter(|outcome| !counts.contains_key(outcome))
        .collect();
    assert_eq!(missing, Vec::<String>::new(), "{counts:#?}");
}

#[test]
fn the_histories_are_mostly_valid() {
    let answers = census().into_iter().filter(|(outcome, _)| !outcome.contains(' '));
    let (accepted, refused): (Vec<_>, Vec<_>) = answers.partition(|(outcome, _)| !outcome.starts_with(['2', '8']));
    let total = |outcomes: &[(String, u32)]| outcomes.iter().map(|(_, count)| count).sum::<u32>();
    let share = f64::from(total(&accepted)) / f64::from(30_000);
    assert!((0.6..0.9).contains(&share), "{share}: {accepted:?} {refused:?}");
}
