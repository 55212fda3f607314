//! What the feature `testing` gives to whoever checks a service of another make.
#![cfg(all(feature = "serde", feature = "testing"))]
#![expect(clippy::unwrap_used, reason = "a fixture that fails is a failed test")]

use core::convert::Infallible;

use crate::common::*;
use twilio_proxy_core::{
    Command, Error, Event, LogEntry, Policy, Reply, Service, Timestamp,
    testing::{Aspect, Divergence, History, Polling, Reference, System, check, histories},
};

/// A service of which only the code of a refusal and the callbacks are seen, with a fault at one of its commands.
struct Server {
    service: Service,
    commands: usize,
    answers_wrongly_at: Option<usize>,
    loses_events_at: Option<usize>,
    lives_twice_at: Option<usize>,
}

impl Server {
    fn new(history: &History) -> Self {
        let service = history.service();
        Self { service, commands: 0, answers_wrongly_at: None, loses_events_at: None, lives_twice_at: None }
    }
}

fn callback(event: &Event) -> Option<String> {
    if let Event::Request(request) = event { Some(format!("{} {}", request.purpose, request.url)) } else { None }
}

impl System for Server {
    type Answer = Option<u32>;
    type Event = String;
    type View = usize;

    fn apply(&mut self, command: Command, now: Timestamp) -> Option<u32> {
        self.commands = self.commands.saturating_add(1);
        let at = Some(self.commands);
        if self.lives_twice_at == at {
            self.service.create_session(new_session(70), now).unwrap();
        }
        let answer = self.service.apply(command, now);
        if self.loses_events_at == at {
            polled(&mut self.service);
        }
        if self.answers_wrongly_at == at { Some(1) } else { answer.err().map(|error| error.code().number()) }
    }

    fn expected_answer(&self, answer: Result<Reply, Error>) -> Option<u32> {
        answer.err().map(|error| error.code().number())
    }

    fn poll_event(&mut self) -> Option<String> {
        core::iter::from_fn(|| self.service.poll_event()).find_map(|event| callback(&event))
    }

    fn expected_event(&self, event: Event) -> Option<String> {
        callback(&event)
    }

    fn view(&self) -> usize {
        self.service.sessions().count()
    }

    fn expected_view(&self, reference: &Reference) -> usize {
        reference.state().sessions.len()
    }
}

/// ALICE calls BOB, in a service with a callback URL.
fn a_call() -> History {
    let mut new = new_service();
    new.callback_url = Some(url(CALLBACK));
    let mut ride = new_session(1);
    ride.participants = vec![new_participant(1, ALICE), new_participant(2, BOB)];
    let commands = [
        Command::AddNumber { new: new_number(1, P1) },
        Command::CreateSession { new: ride },
        Command::Receive { inbound: call(1, ALICE, P1) },
    ];
    let entries = commands.into_iter().map(|command| LogEntry { now: at(0), command }).collect();
    History { new, policy: Policy::default(), start: at(0), polling: Polling::AfterEach, entries }
}

fn divergence(history: &History, change: impl Fn(&mut Server)) -> Divergence {
    let mut server = Server::new(history);
    change(&mut server);
    check(&mut server, history).unwrap_err()
}

#[test]
fn a_server_that_shows_little_is_checked_in_that() {
    for n in 0..100 {
        let history = History::seeded(n, 100);
        assert_eq!(check(&mut Server::new(&history), &history), Ok(()));
    }
}

#[test]
fn a_wrong_answer_is_told_of_with_its_command() {
    let history = a_call();
    let found = divergence(&history, |server| server.answers_wrongly_at = Some(2));
    assert_eq!((found.index, found.aspect), (2, Aspect::Answer));
    assert_eq!(found.entry.as_deref(), history.entries.get(1));
    assert_eq!((found.expected.as_str(), found.found.as_str()), ("None", "Some(\n    1,\n)"));
}

#[test]
fn an_event_that_is_missing_is_told_of_when_it_is_polled() {
    let mut history = a_call();
    let lose = |server: &mut Server| server.loses_events_at = Some(3);
    let found = divergence(&history, lose);
    assert_eq!((found.index, found.aspect, found.found.as_str()), (3, Aspect::Event, "None"));
    history.entries.push(LogEntry { now: at(0), command: Command::HandleDeadline {} });
    history.polling = Polling::AtEnd;
    assert_eq!(divergence(&history, lose).index, 4);
}

#[test]
fn a_view_is_compared_after_every_command_and_before_the_first() {
    let history = a_call();
    let found = divergence(&history, |server| server.lives_twice_at = Some(1));
    assert_eq!((found.index, found.aspect), (1, Aspect::View));
    let found = divergence(&history, |server| drop(server.service.create_session(new_session(70), at(0))));
    assert_eq!((found.index, found.aspect, found.entry), (0, Aspect::View, None));
}

#[test]
fn one_event_after_each_command_is_all_that_is_polled_meanwhile() {
    let mut history = a_call();
    history.polling = Polling::OneAfterEach;
    assert_eq!(history.run().state().events.len(), 1, "of a leg and a callback");
    assert_eq!(check(&mut history.service(), &history), Ok(()));
    history.polling = Polling::AtEnd;
    assert_eq!(history.run().state().events.len(), 2);
    assert_eq!(check(&mut history.service(), &history), Ok(()));
    history.polling = Polling::AfterEach;
    assert_eq!(history.run().state().events.len(), 0);
}

#[test]
fn a_divergence_shows_what_differs_and_a_little_around_it() {
    let history = a_call();
    let mut service = history.service();
    service.handle_deadline(at(1));
    let found = check(&mut service, &history).unwrap_err();
    insta::assert_snapshot!(found, @r"
    view differs from the first
    expected:
                participant_delete_status: 204,
                message_interaction_status: 201,
                default_lifetime: None,
                fictional_numbers: Accept,
            },
            latest_instant: Timestamp(2026-01-01T00:00:00Z),
            sessions_created: 0,
            participants_added: 0,
            numbers_added: 0,
            interactions_created: 0,
            numbers: [],
    found:
                participant_delete_status: 204,
                message_interaction_status: 201,
                default_lifetime: None,
                fictional_numbers: Accept,
            },
            latest_instant: Timestamp(2026-01-01T00:00:01Z),
            sessions_created: 0,
            participants_added: 0,
            numbers_added: 0,
            interactions_created: 0,
            numbers: [],
    ");
}

/// A service whose answers are right, but for what messages say.
struct Scrambler(Service);

impl System for Scrambler {
    type Answer = Result<Reply, Error>;
    type Event = Infallible;
    type View = ();

    fn apply(&mut self, command: Command, now: Timestamp) -> Self::Answer {
        let mut answer = self.0.apply(command, now)?;
        if let Reply::Interaction(interaction) = &mut answer {
            interaction.data = None;
        }
        Ok(answer)
    }

    fn expected_answer(&self, answer: Self::Answer) -> Self::Answer {
        answer
    }

    fn view(&self) {}

    fn expected_view(&self, _: &Reference) {}
}

#[test]
fn txt_3_a_divergence_does_not_show_what_was_said() {
    let mut history = a_call();
    history.entries.pop();
    let new = new_message(1, "Meet me at the corner");
    let send = Command::SendMessage { session: session(1), participant: participant(1), new };
    history.entries.push(LogEntry { now: at(0), command: send });
    let found = check(&mut Scrambler(history.service()), &history).unwrap_err();
    assert_eq!((found.index, found.expected == found.found), (3, true));
    assert!(found.to_string().contains("in what `Debug` does not show"), "{found}");
    assert!(!found.to_string().contains("corner"), "{found}");
}

#[test]
fn a_history_is_as_it_was_asked_for() {
    let is_traffic = |entry: &LogEntry| {
        matches!(entry.command, Command::Receive { .. } | Command::SendMessage { .. } | Command::ReportCallback { .. })
    };
    for n in 0..50 {
        let history = histories().commands(30).policy(permissive()).without_traffic().seeded(n);
        assert_eq!((history.entries.len(), &history.policy), (30, &permissive()));
        assert!(!history.entries.iter().any(is_traffic));
    }
    assert!((0..50).any(|n| histories().seeded(n).entries.iter().any(is_traffic)));
}

#[test]
fn tim_6_some_histories_begin_at_the_first_instant_and_some_reach_the_last() {
    let histories: Vec<History> = (0..100).map(|n| History::seeded(n, 100)).collect();
    assert!(histories.iter().any(|history| history.start == Timestamp::MIN));
    assert!(histories.iter().any(|history| history.run().latest_instant() == Timestamp::MAX));
}

#[cfg(feature = "arbitrary")]
mod from_bytes {
    use arbitrary::{Arbitrary, Unstructured};

    use super::*;

    /// Bytes that are hard to foresee.
    #[expect(clippy::arithmetic_side_effects, reason = "small numbers")]
    fn bytes(n: u64, length: usize) -> Vec<u8> {
        let mixed = |at: u64| (n + at + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15).wrapping_mul(at + 3);
        (0..).map(|at| mixed(at).to_be_bytes()[1]).take(length).collect()
    }

    fn spelt(bytes: &[u8]) -> History {
        History::arbitrary(&mut Unstructured::new(bytes)).unwrap()
    }

    #[test]
    fn inv_4_histories_of_any_bytes_go_as_predicted() {
        for n in 0..500 {
            let history = spelt(&bytes(n, 1_000));
            if let Err(divergence) = check(&mut history.service(), &history) {
                panic!("{history:?}\n{divergence}");
            }
        }
    }

    #[test]
    fn a_history_ends_with_its_bytes() {
        assert_eq!(spelt(&[]).entries.len(), 0);
        let lengths = [100, 200, 400, 800].map(|length| spelt(&bytes(1, length)).entries.len());
        assert!(lengths.is_sorted_by(|one, other| one < other) && lengths[3] <= 100, "{lengths:?}");
    }

    #[test]
    fn more_bytes_leave_what_was_spelt_before() {
        for n in 0..50 {
            let (short, long) = (spelt(&bytes(n, 300)), spelt(&bytes(n, 600)));
            // The last command is the one in which the bytes ran out.
            let certain = short.entries.len() - 1;
            assert_eq!(short.entries[..certain], long.entries[..certain]);
        }
    }
}

#[cfg(feature = "proptest")]
#[test]
fn a_history_that_fails_shrinks_to_the_commands_that_it_takes() {
    use proptest::test_runner::{Config, TestCaseError, TestError, TestRunner};

    let config = Config { failure_persistence: None, ..Config::default() };
    let closes_with_two = |history: History| {
        let is_close =
            |entry: &LogEntry| matches!(&entry.command, Command::UpdateSession { update, .. } if *update == close());
        let closed = history.entries.iter().filter(|entry| is_close(entry)).count();
        if closed < 2 { Ok(()) } else { Err(TestCaseError::fail("two")) }
    };
    let mut runner = TestRunner::new_with_rng(config, TestRunner::deterministic().new_rng());
    let Err(TestError::Fail(_, history)) = runner.run(&histories(), closes_with_two) else {
        panic!("no history closes two sessions");
    };
    assert_eq!(history.entries.len(), 2, "{history:?}");
}
