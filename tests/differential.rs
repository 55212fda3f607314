//! The machine beside the reference model: every command to both, every answer, event and state compared.
//!
//! `PROXY_HISTORIES=n` runs n histories in each test instead of 2 000 (where more is asked of each, 1 000),
//! `PROXY_FIRST=n` starts with the n-th, and `PROXY_COMMANDS=n` makes them n commands long instead of 100.
#![cfg(all(feature = "serde", feature = "testing"))]
#![expect(clippy::expect_used, clippy::panic, clippy::unwrap_used, reason = "a fixture that fails is a failed test")]
#![expect(clippy::arithmetic_side_effects, reason = "small numbers")]

use core::{convert::Infallible, iter::StepBy, num::NonZero, ops::Range};
use std::{env, thread};

use crate::common::*;
use twilio_proxy_core::{
    AddParticipantError, ChatInstanceSid, Code, Command, ContactKind, Error, Event, Explanation, GeoMatchLevel,
    Identifier, LogEntry, NewNumber, NumberSelectionBehavior, NumberUpdate, Policy, ProxyIdentifier, Reply, Route,
    Service, SessionSid, Timestamp, Ttl,
    testing::{History, Polling, Reference, ServiceView, System, check},
};

const NINETY_DAYS: u64 = 90 * 86_400;

/// A number from the environment.
fn setting(name: &str) -> Option<u64> {
    env::var(name).ok().map(|text| text.parse().expect("a setting is a number"))
}

/// Takes many histories through a system that is made for each, on all processors. One that fails is told of as the
/// commands that suffice.
fn check_all<S: System>(usually: u64, system: impl Fn(&History) -> S + Sync) {
    let first = setting("PROXY_FIRST").unwrap_or(0);
    let behind = first + setting("PROXY_HISTORIES").unwrap_or(usually);
    let commands = usize::try_from(setting("PROXY_COMMANDS").unwrap_or(100)).unwrap();
    let outcome = |history: &History| check(&mut system(history), history);
    let check_some =
        |mut numbers: StepBy<Range<u64>>| numbers.find(|n| outcome(&History::seeded(*n, commands)).is_err());
    let processors = thread::available_parallelism().map_or(1, NonZero::get);
    let failed = thread::scope(|scope| {
        let shares = (0..processors).map(|n| (first + u64::try_from(n).unwrap()..behind).step_by(processors));
        let threads: Vec<_> = shares.map(|share| scope.spawn(|| check_some(share))).collect();
        threads.into_iter().filter_map(|thread| thread.join().expect("no thread panics")).min()
    });
    if let Some(n) = failed {
        let history = History::seeded(n, commands).reduced(|history| outcome(history).is_err());
        panic!("history {n} differs; these commands suffice:\n{history:?}\n{}", outcome(&history).unwrap_err());
    }
}

#[test]
fn inv_4_histories_go_as_predicted() {
    check_all(2_000, History::service);
}

/// A service that is written down and read back before every third command.
struct Restarted {
    service: Service,
    commands: u64,
}

impl System for Restarted {
    type Answer = Result<Reply, Error>;
    type Event = Event;
    type View = ServiceView;

    fn apply(&mut self, command: Command, now: Timestamp) -> Self::Answer {
        self.commands += 1;
        if self.commands.is_multiple_of(3) {
            let json = serde_json::to_string(&self.service.state()).unwrap();
            let state = serde_json::from_str(&json).unwrap();
            self.service = Service::restore_with_hash_seed(state, self.commands).expect("it is sound");
        }
        self.service.apply(command, now)
    }

    fn expected_answer(&self, answer: Self::Answer) -> Self::Answer {
        answer
    }

    fn poll_event(&mut self) -> Option<Event> {
        self.service.poll_event()
    }

    fn expected_event(&self, event: Event) -> Option<Event> {
        Some(event)
    }

    fn view(&self) -> ServiceView {
        self.service.view()
    }

    fn expected_view(&self, reference: &Reference) -> ServiceView {
        self.service.expected_view(reference)
    }
}

#[test]
fn inv_2_a_service_that_is_restored_again_and_again_goes_as_predicted() {
    check_all(1_000, |history| Restarted { service: history.service(), commands: 0 });
}

/// Whom one may ask what would happen.
trait Oracle {
    fn explain(&self, session: SessionSid, of: &Identifier, now: Timestamp)
    -> Result<Explanation, AddParticipantError>;
    fn route(&self, from: Option<&Identifier>, to: &ProxyIdentifier, kind: ContactKind, now: Timestamp) -> Route<'_>;
}

macro_rules! oracles {
    ($($oracle:ty)*) => {$(
        impl Oracle for $oracle {
            fn explain(
                &self,
                session: SessionSid,
                of: &Identifier,
                now: Timestamp,
            ) -> Result<Explanation, AddParticipantError> {
                self.explain_selection(session, of, now)
            }

            fn route(
                &self,
                from: Option<&Identifier>,
                to: &ProxyIdentifier,
                kind: ContactKind,
                now: Timestamp,
            ) -> Route<'_> {
                self.route(from, to, kind, now)
            }
        }
    )*};
}

oracles!(Service Reference);

/// A service that is asked a few things after every command.
struct Questioned {
    service: Service,
    people: Vec<Identifier>,
    proxies: Vec<ProxyIdentifier>,
    commands: u64,
}

/// What is said, and the instant in question.
#[derive(Debug, PartialEq)]
enum Said {
    Selection(Timestamp, Result<Explanation, AddParticipantError>),
    Route(Timestamp, Option<Code>, String),
}

impl Questioned {
    fn new(history: &History) -> Self {
        let (people, proxies) = (people(&history.entries), proxies(&history.entries));
        Self { service: history.service(), people, proxies, commands: 0 }
    }

    /// About two people, at a few instants each.
    fn said(&self, oracle: &impl Oracle) -> Vec<Said> {
        let latest = self.service.latest_instant();
        // The first of them lies behind the latest one seen, and counts as that (TIM-2).
        let instants =
            [Some(Timestamp::MIN), Some(latest), self.service.next_deadline(), latest.checked_add(NINETY_DAYS)];
        let mut said = Vec::new();
        for n in [self.commands * 2, self.commands * 2 + 1] {
            let Some(person) = drawn(&self.people, n) else { return said };
            let from = Some(person).filter(|_| !n.is_multiple_of(16));
            let session = session((n % 6 + 1).into());
            for now in instants.into_iter().flatten() {
                said.push(Said::Selection(now, oracle.explain(session, person, now)));
                for (to, kind) in drawn(&self.proxies, n + 7)
                    .into_iter()
                    .flat_map(|to| ContactKind::ALL.iter().map(move |kind| (to, *kind)))
                {
                    let route = oracle.route(from, to, kind, now);
                    said.push(Said::Route(now, route.code(), seen(&route)));
                }
            }
        }
        said
    }
}

/// One of these, hard to foresee.
fn drawn<T>(from: &[T], n: u64) -> Option<&T> {
    let mixed = (n + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 32;
    from.get(usize::try_from(mixed.checked_rem(u64::try_from(from.len()).ok()?)?).ok()?)
}

/// What a route says but for dates, which are compared with the state.
fn seen(route: &Route<'_>) -> String {
    if let Route::Connect { session, caller, partner, from, to } = route {
        format!("{} {} {} {from} {to}", session.sid, caller.sid, partner.sid)
    } else if let Route::OutOfSession { kind, previous, expired } = route {
        format!("{kind} {:?} {expired}", previous.map(|session| session.sid))
    } else if let Route::WrongMode { session, caller } | Route::NoPartner { session, caller } = route {
        format!("{} {}", session.sid, caller.sid)
    } else {
        String::new()
    }
}

impl System for Questioned {
    type Answer = ();
    type Event = Infallible;
    type View = Vec<Said>;

    fn apply(&mut self, command: Command, now: Timestamp) {
        self.commands += 1;
        let _answer = self.service.apply(command, now);
    }

    fn expected_answer(&self, _: Result<Reply, Error>) {}

    fn view(&self) -> Vec<Said> {
        self.said(&self.service)
    }

    fn expected_view(&self, reference: &Reference) -> Vec<Said> {
        self.said(reference)
    }
}

#[test]
fn sel_8_questions_are_answered_as_predicted() {
    check_all(1_000, Questioned::new);
}

// ---- stories that random histories hardly ever tell ----

fn tell(policy: Policy, commands: impl IntoIterator<Item = Command>) {
    let entries = commands.into_iter().map(|command| LogEntry { now: at(0), command }).collect();
    let history = History { new: new_service(), policy, start: at(0), polling: Polling::AfterEach, entries };
    check(&mut history.service(), &history).unwrap_or_else(|divergence| panic!("{divergence}"));
    check(&mut Questioned::new(&history), &history).unwrap_or_else(|divergence| panic!("{divergence}"));
}

fn add(n: u128, phone_number: &str) -> Command {
    let new = new_participant_with(n, ALICE, phone_number);
    Command::AddParticipant { session: session(n), new }
}

#[test]
fn con_10_of_a_flight_and_a_pair_elsewhere_both_name_the_flight() {
    let sessions = (1..=3).map(|n| Command::CreateSession { new: new_session(n) });
    let numbers = [(1, P1), (2, P2)].map(|(n, text)| Command::AddNumber { new: new_number(n, text) });
    let flight = Command::BeginAddParticipant { session: session(1), new: new_participant_with(1, ALICE, P2) };
    tell(permissive(), numbers.into_iter().chain(sessions).chain([flight, add(2, P1), add(3, P1)]));
}

#[test]
fn sel_5_the_latest_use_is_the_same_for_both() {
    let numbers = [(1, P1), (2, P2)].map(|(n, text)| Command::AddNumber { new: new_number(n, text) });
    let sessions = (1..=4).map(|n| Command::CreateSession { new: new_session(n) });
    let uses = [(1, P2), (2, P1), (3, P2)].into_iter().flat_map(|(n, phone_number)| {
        let removal = Command::RemoveParticipant { session: session(n), participant: participant(n) };
        [add(n, phone_number), removal]
    });
    let selection = Command::AddParticipant { session: session(4), new: new_participant(4, ALICE) };
    tell(Policy::default(), numbers.into_iter().chain(sessions).chain(uses).chain([selection]));
}

#[test]
fn svc_2_a_new_service_is_as_predicted() {
    let mut new = new_service();
    new.default_ttl = Ttl::MAX;
    new.geo_match_level = GeoMatchLevel::ExtendedAreaCode;
    new.number_selection_behavior = NumberSelectionBehavior::AvoidSticky;
    new.callback_url = Some(url(CALLBACK));
    new.intercept_callback_url = Some(url(INTERCEPT));
    new.out_of_session_callback_url = Some(url(OUT_OF_SESSION));
    new.chat_instance_sid = Some(ChatInstanceSid::from_u128(7));
    for new in [new_service(), new] {
        let history = History { new, policy: permissive(), start: at(7), polling: Polling::AtEnd, entries: Vec::new() };
        assert_eq!(check(&mut history.service(), &history), Ok(()));
    }
}

#[test]
fn num_3_a_pool_fills_up_as_predicted() {
    let new = |n: u64, is_reserved: bool| {
        let n_text = n + 10_000_000;
        let mut new = NewNumber::phone(number(n.into()), e164(&format!("+1415{n_text}")));
        new.is_reserved = is_reserved;
        Command::AddNumber { new }
    };
    let flip = |n: u64, is_reserved: bool| Command::UpdateNumber {
        number: number(n.into()).into(),
        update: NumberUpdate { is_reserved: Some(is_reserved) },
    };
    // Up to both limits and beyond, then to and fro across the thresholds.
    let fill = (0..502).map(|n| new(n, false)).chain((502..5_504).map(|n| new(n, true)));
    let drain = (0..90)
        .map(|n| flip(n, true))
        .chain((0_u64..90).map(|n| Command::RemoveNumber { number: number(n.into()).into() }));
    let all: Vec<u64> = (0..1_000).collect();
    let shake =
        (0..2_000_u64).map(|n| flip(*drawn(&all, n).unwrap(), drawn(&all, n + 5_000).unwrap().is_multiple_of(2)));
    let mut service = service();
    let mut reference = Reference::new(new_service(), Policy::default(), at(0));
    for (n, command) in (0_u32..).zip(fill.chain(drain).chain(shake)) {
        assert_eq!(service.apply(command.clone(), at(0)), reference.apply(command, at(0)));
        assert_eq!(service.poll_event(), reference.poll_event());
        // The state is large.
        if n.is_multiple_of(250) {
            assert_eq!(service.state(), reference.state());
        }
    }
}
