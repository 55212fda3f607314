//! INV, ERR-2, CON-7: what holds of every history of commands. TIM: the laws of time. SEL-8, RTE-9: what is told of the
//! future is what comes.
#![cfg(all(feature = "proptest", feature = "serde"))]
#![expect(clippy::unwrap_used, reason = "a fixture that fails is a failed test")]

use alloc::collections::BTreeSet;

use crate::{common::*, naive};
use proptest::{prelude::*, test_runner::Config};
use twilio_proxy_core::{
    AutoCreateSids, Command, ContactKind, CreateSessionError, Event, Identifier, LogEntry, OutOfSessionAnswer, Outcome,
    ProxyIdentifier, ReceiveError, Request, Route, Service, ServiceState, SessionSid, SessionUpdate, Timestamp,
    Verdict, WaitingMatter, WaitingState,
    testing::{History, histories},
};

fn config() -> Config {
    Config { cases: 300, failure_persistence: None, max_shrink_iters: 5_000, ..Config::default() }
}

/// Histories in which no pair may be doubled, whatever a request says (CON-1).
fn strict_histories() -> impl Strategy<Value = History> {
    histories().prop_map(|mut history| {
        history.policy.allow_participant_conflict = false;
        history
    })
}

fn json(state: &ServiceState) -> String {
    serde_json::to_string(state).unwrap()
}

fn later(instant: Timestamp, seconds: u64) -> Timestamp {
    instant.checked_add(seconds).unwrap_or(Timestamp::MAX)
}

fn earlier(instant: Timestamp, seconds: u64) -> Timestamp {
    Timestamp::from_unix_seconds(instant.as_unix_seconds().saturating_sub(seconds).cast_signed())
}

fn without_events(mut state: ServiceState) -> ServiceState {
    state.events.clear();
    state
}

/// How long to wait before a question is put to the test: around what sessions live and are kept for.
fn waits() -> impl Strategy<Value = u64> {
    prop::sample::select(vec![0, 0, 1, 59, 60, 120, 300, 600, 1_000, 90 * 86_400])
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn inv_1_answers_states_and_events_do_not_depend_on_the_hash_seed(history in histories(), seed in 1..=u64::MAX) {
        let (mut one, mut other) = (history.service(), {
            let mut new = history.new.clone();
            new.hash_seed = Some(seed);
            Service::new(new, history.policy.clone(), history.start)
        });
        for LogEntry { now, command } in history.entries {
            prop_assert_eq!(one.apply(command.clone(), now), other.apply(command, now));
            prop_assert_eq!(one.next_deadline(), other.next_deadline());
        }
        prop_assert_eq!(json(&one.state()), json(&other.state()));
        prop_assert_eq!(polled(&mut one), polled(&mut other));
    }

    #[test]
    fn inv_3_a_replay_of_what_was_accepted_rebuilds_the_state(history in histories()) {
        let (mut original, mut replayed) = (history.service(), history.service());
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
        let mut service = history.service();
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
        let mut service = history.service();
        for (LogEntry { command, .. }, power) in history.entries.into_iter().zip(powers) {
            let _outcome = service.apply(command, Timestamp::from_unix_seconds(1_i64 << power));
            naive::check(&service);
        }
    }

    #[test]
    fn err_2_a_refusal_changes_and_raises_nothing_but_what_falls_due(history in histories()) {
        let mut service = history.service();
        for LogEntry { now, command } in history.entries {
            let mut untouched = service.clone();
            if service.apply(command, now).is_err() {
                untouched.handle_deadline(now);
                prop_assert_eq!(service.state(), untouched.state());
            }
        }
    }

    #[test]
    fn con_7_no_pair_is_active_twice_under_the_strict_rule(history in strict_histories()) {
        let mut service = history.service();
        for LogEntry { now, command } in history.entries {
            let _outcome = service.apply(command, now);
            let state = service.state();
            let pairs = naive::active_pairs(&state);
            prop_assert_eq!(pairs.iter().collect::<BTreeSet<_>>().len(), pairs.len());
        }
    }

    #[test]
    fn tim_2_every_command_moves_the_latest_instant_and_none_moves_it_back(history in histories()) {
        let mut service = history.service();
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
        let (mut direct, mut prepared) = (history.service(), history.service());
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
    fn sel_8_what_is_explained_is_what_add_participant_does(history in histories(), wait in waits()) {
        let service = history.run();
        let now = later(service.latest_instant(), wait);
        for (session, person) in sessions_and_people(&history) {
            let explained = service.explain_selection(session, &person, now);
            if let Ok(explanation) = &explained {
                let with = |verdict| {
                    explanation.numbers.iter().filter(move |entry| entry.verdict == verdict).map(|entry| entry.sid)
                };
                prop_assert!(with(Verdict::Chosen).eq(explanation.outcome.ok()));
                prop_assert!(explanation.outcome.is_ok() || with(Verdict::Eligible).next().is_none());
                prop_assert!(explanation.numbers.iter().map(|entry| entry.sid).eq(service.numbers().map(|entry| entry.sid)));
            }
            let foretold = explained.and_then(|explanation| Ok(explanation.outcome?));
            let mut added_to = service.clone();
            let mut new = new_participant(1_000, ALICE);
            new.identifier = person;
            let added = added_to.add_participant(session, new, now).map(|added| added.proxy_identifier.number());
            let came =
                added.map(|proxy| added_to.numbers().find(|entry| Some(entry.phone_number) == proxy).unwrap().sid);
            prop_assert_eq!(foretold, came, "in {} at {}", session, now);
        }
    }

    #[test]
    fn rte_9_what_is_told_of_a_route_is_what_receive_does(history in histories(), wait in waits()) {
        let service = history.run();
        let now = later(service.latest_instant(), wait);
        for (from, to, kind) in questions(people(&history.entries), &proxies(&history.entries)) {
            let mut inbound =
                if kind == ContactKind::Call { call(99, ALICE, P1) } else { message(99, ALICE, P1, "Hi") };
            (inbound.from, inbound.to) = (from.clone(), to.clone());
            let route = service.route(from.as_ref(), &to, kind, now);
            let outcome = service.clone().receive(inbound, now);
            prop_assert!(agree(&route, &outcome), "{:?} {:?}", route, outcome);
        }
    }

    #[test]
    fn rte_1_under_the_strict_rule_a_participant_is_reached_exactly_by_its_partner(history in strict_histories()) {
        let service = history.run();
        let now = service.latest_instant();
        let added = service.sessions().flat_map(|session| service.participants(session.sid).unwrap());
        let (people, proxies): (Vec<_>, Vec<_>) =
            added.map(|added| (added.identifier.clone(), added.proxy_identifier.clone())).unzip();
        let mut reached = BTreeSet::new();
        for (from, to, kind) in questions(people, &proxies) {
            if let Route::Connect { session, caller, partner, .. } = service.route(from.as_ref(), &to, kind, now) {
                reached.insert((session.sid, caller.sid, partner.sid, kind));
            }
        }
        let mut expected = BTreeSet::new();
        for session in service.sessions().filter(|session| session.status.is_active()) {
            let live: Vec<_> = service.participants(session.sid).unwrap().filter(|added| added.is_live()).collect();
            let [one, other] = live.as_slice() else { continue };
            let modes = [(ContactKind::Call, session.mode.has_voice()), (ContactKind::Message, session.mode.has_messages())];
            for (kind, _) in modes.into_iter().filter(|(_, is_carried)| *is_carried) {
                expected.insert((session.sid, one.sid, other.sid, kind));
                expected.insert((session.sid, other.sid, one.sid, kind));
            }
        }
        prop_assert_eq!(reached, expected);
    }

    #[test]
    fn ses_11_when_every_session_is_deleted_nobody_is_left(history in histories()) {
        let mut service = without_strangers(history.run());
        let sessions: Vec<SessionSid> = service.sessions().map(|session| session.sid).collect();
        for session in sessions {
            service.delete_session(session, service.latest_instant()).unwrap();
        }
        let left = json(&service.state());
        let numbers = proxies(&history.entries);
        let is_number = |person: &String| numbers.iter().any(|number| number.to_string().contains(person));
        let people = people(&history.entries).into_iter().map(|person| person.to_string());
        for text in people.filter(|person| !is_number(person)).chain(bodies(&history)) {
            prop_assert!(!left.contains(&text), "{} is still there: {}", text, left);
        }
    }

    #[test]
    fn inv_6_when_every_interaction_is_deleted_nothing_that_was_said_is_left(history in histories()) {
        let mut service = history.run();
        let sessions: Vec<SessionSid> = service.sessions().map(|session| session.sid).collect();
        for session in &sessions {
            // What waits for a verdict is dropped with this.
            let _closed = service.update_session(*session, close(), service.latest_instant());
        }
        let mut service = with_records_only(service);
        for session in sessions {
            let interactions: Vec<_> =
                service.interactions(session).into_iter().flatten().map(|record| record.sid).collect();
            for interaction in interactions {
                service.delete_interaction(session, interaction, service.latest_instant()).unwrap();
            }
        }
        let left = json(&service.state());
        for text in bodies(&history) {
            prop_assert!(!left.contains(&text), "{} is still there: {}", text, left);
        }
    }

    /// See [`Lone`] for which commands, and why no others.
    #[test]
    fn commands_on_different_sessions_commute(history in histories(), lone in (lone(), lone()), seconds in 0..100_u64) {
        let start = history.run();
        let now = later(start.latest_instant(), seconds);
        let sessions: Vec<SessionSid> = start.sessions().map(|session| session.sid).collect();
        for (one, other) in sessions.iter().flat_map(|one| sessions.iter().map(move |other| (*one, *other))) {
            if one == other {
                continue;
            }
            let (one, other) = (lone.0.command(&start, one), lone.1.command(&start, other));
            let (mut forth, mut back) = (start.clone(), start.clone());
            let forth_answers = [forth.apply(one.clone(), now), forth.apply(other.clone(), now)];
            let [other_answer, one_answer] = [back.apply(other, now), back.apply(one, now)];
            prop_assert_eq!(forth_answers, [one_answer, other_answer]);
            prop_assert_eq!(forth.state(), back.state());
        }
    }
}

/// The commands that act on one session alone. All others share something with the other sessions of the service: an
/// addition, a re-open and a contact compete for pairs and numbers, count on one counter or are told of in one queue.
#[derive(Clone, Copy, Debug)]
enum Lone {
    Close,
    Delete,
    RemoveParticipant,
    CancelAddition,
    Update,
    DeleteInteraction,
}

fn lone() -> impl Strategy<Value = Lone> {
    use Lone::{CancelAddition, Close, Delete, DeleteInteraction, RemoveParticipant, Update};
    prop::sample::select(vec![Close, Delete, RemoveParticipant, CancelAddition, Update, DeleteInteraction])
}

impl Lone {
    /// A command on this session; of an unknown participant or interaction, if there is none.
    fn command(self, service: &Service, session: SessionSid) -> Command {
        let mut live = service.participants(session).into_iter().flatten().filter(|added| added.is_live());
        match self {
            Self::Close => Command::UpdateSession { session, update: close() },
            Self::Delete => Command::DeleteSession { session },
            Self::RemoveParticipant => Command::RemoveParticipant {
                session,
                participant: live.next().map_or(participant(99), |added| added.sid),
            },
            Self::CancelAddition => {
                let pending = service.pending_participants(session).into_iter().flatten().next();
                let participant = pending.map_or(participant(99), |pending| pending.sid);
                Command::CancelAddParticipant { session, participant, reason: None }
            }
            Self::Update => {
                let update = SessionUpdate { ttl: Some(ttl(1_000)), ..SessionUpdate::default() };
                Command::UpdateSession { session, update }
            }
            Self::DeleteInteraction => {
                let recorded = service.interactions(session).into_iter().flatten().next();
                let interaction = recorded.map_or(interaction(99), |recorded| recorded.sid);
                Command::DeleteInteraction { session, interaction }
            }
        }
    }
}

/// Answers these contacts that wait out of session, and drops these unpolled requests.
fn without(
    mut service: Service,
    is_answered: fn(&WaitingState) -> bool,
    is_dropped: fn(&Service, &Request) -> bool,
) -> Service {
    let sids = AutoCreateSids { session: session(90), caller: participant(90), partner: participant(91) };
    for waiting in service.state().waiting.into_iter().filter(is_answered) {
        let answer = OutOfSessionAnswer::default();
        let _outcome = service.resolve_out_of_session(waiting.interaction, answer, sids, service.latest_instant());
    }
    let mut state = service.state();
    state.events.retain(|event| !matches!(event, Event::Request(request) if is_dropped(&service, request)));
    Service::restore(state).unwrap()
}

fn is_recorded(service: &Service, request: &Request) -> bool {
    service.sessions().any(|session| service.interaction(session.sid, request.interaction).is_some())
}

/// Without the contacts that neither had a session nor found one: what they are is for nobody to delete.
fn without_strangers(service: Service) -> Service {
    let is_stranger =
        |waiting: &WaitingState| matches!(waiting.matter, WaitingMatter::OutOfSession { previous: None, .. });
    without(service, is_stranger, |service, request| request.session.is_none() && !is_recorded(service, request))
}

/// Without the contacts that are no records.
fn with_records_only(service: Service) -> Service {
    without(service, |_| true, |service, request| !is_recorded(service, request))
}

/// What was said in a history, as far as it is long enough to be known again, and plain enough to stand in JSON as it is.
fn bodies(history: &History) -> Vec<String> {
    let said = |entry: &LogEntry| {
        if let Command::Receive { inbound } = &entry.command {
            inbound.contact.body().map(ToString::to_string)
        } else if let Command::SendMessage { new, .. } = &entry.command {
            Some(new.body.to_string())
        } else {
            None
        }
    };
    let is_plain =
        |text: &String| text.len() > 5 && text.chars().all(|c| c.is_ascii_alphabetic() || c == ' ' || c == '?');
    history.entries.iter().filter_map(said).filter(is_plain).collect()
}

fn sessions_and_people(history: &History) -> Vec<(SessionSid, Identifier)> {
    let people = people(&history.entries);
    (1..=8).map(session).flat_map(|session| people.iter().map(move |person| (session, person.clone()))).collect()
}

/// Everything that can be asked of a route between these.
fn questions(
    people: Vec<Identifier>,
    proxies: &[ProxyIdentifier],
) -> impl Iterator<Item = (Option<Identifier>, ProxyIdentifier, ContactKind)> {
    let lines = people
        .into_iter()
        .map(Some)
        .chain([None])
        .flat_map(|from| proxies.iter().map(move |to| (from.clone(), to.clone())));
    lines.flat_map(|(from, to)| ContactKind::ALL.iter().map(move |kind| (from.clone(), to.clone(), *kind)))
}

/// Whether what was told of a route is what became of the contact.
fn agree(route: &Route<'_>, outcome: &Result<Outcome, ReceiveError>) -> bool {
    match (route, outcome) {
        (Route::Connect { session, from, to, .. }, Ok(Outcome::Connected { session: sid, from: f, to: t, .. })) => {
            (session.sid, *from, *to) == (*sid, f, t)
        }
        (Route::Connect { session, .. }, Ok(Outcome::Waiting { session: sid, .. })) => session.sid == *sid,
        (Route::UnknownProxyIdentifier, Err(ReceiveError::UnknownProxyIdentifier)) => true,
        (
            Route::OutOfSession { kind, previous, expired },
            Ok(Outcome::OutOfSession { kind: k, previous: p, expired: e, .. }),
        ) => (*kind, previous.map(|session| session.sid), *expired) == (*k, *p, *e),
        (
            Route::WrongMode { session, .. } | Route::NoPartner { session, .. },
            Ok(Outcome::Rejected { session: sid, reason, .. }),
        ) => (session.sid, route.code()) == (*sid, Some(reason.code())),
        _ => false,
    }
}

#[test]
fn inv_5_a_create_with_a_crowd_is_refused_without_a_trace() {
    let mut service = service().with_numbers(&[P1]);
    let before = service.state();
    let mut crowd = new_session(1);
    crowd.participants = (1..=100_000).map(|n| new_participant(n, ALICE)).collect();
    let error = service.create_session(crowd, at(0)).unwrap_err();
    assert_eq!(error, CreateSessionError::TooManyParticipants { participants: 100_000 });
    assert_eq!(service.state(), before);
}
