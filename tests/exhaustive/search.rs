//! Breadth-first through all that a small world can come to, with the machine beside the reference model.

use alloc::collections::{BTreeMap, BTreeSet, VecDeque};
use core::{
    fmt::Debug,
    hash::{Hash, Hasher},
};
use std::hash::DefaultHasher;

use twilio_proxy_core::{
    Code, Command, ContactKind, Error, Event, LogEntry, NewService, Policy, Reply, Service, ServiceState,
    SessionStatus, Timestamp, testing::Reference,
};

use super::normal_form::{Memory, forget};
use crate::common::{at, identifier, proxy};

/// A few sessions, and all that may happen to them.
pub(crate) struct SmallWorld {
    pub(crate) settings: NewService,
    pub(crate) policy: Policy,
    /// What has happened when the search begins.
    pub(crate) past: Vec<Command>,
    /// What may happen next: always the same commands, at the latest instant seen or so much before or after it.
    pub(crate) commands: fn(Timestamp) -> Vec<LogEntry>,
    /// After how many commands the search ends, if not by itself when there is nothing new.
    pub(crate) depth: Option<usize>,
    pub(crate) memory: Memory,
    /// Who and what can be asked about.
    pub(crate) people: &'static [&'static str],
    pub(crate) proxies: &'static [&'static str],
}

/// What there was in a world.
#[derive(Default)]
pub(crate) struct Found {
    pub(crate) states: usize,
    /// Every command at every state.
    pub(crate) edges: usize,
    /// The edges that were taken a second time, from a state that was come to in another way and had been restored.
    pub(crate) again: usize,
    /// What becomes of two sessions at one and the same instant, in the order of their creation.
    pub(crate) coincidences: BTreeSet<[&'static str; 2]>,
}

/// A service and its prediction.
#[derive(Clone)]
struct Both {
    service: Service,
    reference: Reference,
}

/// A state, and how it was found first.
struct State {
    /// From which state, and by which of the commands.
    origin: Option<(usize, usize)>,
    depth: usize,
    /// What was forgotten of it then.
    forgotten: u64,
    was_met_again: bool,
    steps: Vec<Step>,
}

/// What a command tells, and to which state it leads.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
struct Step {
    told: u64,
    to: usize,
}

struct Search<'w> {
    world: &'w SmallWorld,
    states: Vec<State>,
    /// States by what their future depends on.
    known: BTreeMap<[u64; 2], usize>,
    queue: VecDeque<(usize, Both)>,
    found: Found,
}

impl SmallWorld {
    /// Takes every edge; panics at the first that goes otherwise than predicted.
    pub(crate) fn explore(&self) -> Found {
        let mut search = Search {
            world: self,
            states: Vec::new(),
            known: BTreeMap::new(),
            queue: VecDeque::new(),
            found: Found::default(),
        };
        let beginning = self.beginning();
        search.arrive(beginning.service.state(), beginning, None);
        while let Some((from, both)) = search.queue.pop_front() {
            if search.states[from].steps.is_empty() {
                search.look_around(from, &both);
            }
            search.go_on(from, both);
        }
        search.found
    }

    fn beginning(&self) -> Both {
        let mut both = Both {
            service: Service::new(self.settings.clone(), self.policy.clone(), at(0)),
            reference: Reference::new(self.settings.clone(), self.policy.clone(), at(0)),
        };
        for command in &self.past {
            let answer = both.service.apply(command.clone(), at(0));
            assert_eq!(answer, both.reference.apply(command.clone(), at(0)));
            assert!(answer.is_ok(), "{answer:?}");
        }
        assert_eq!(both.service.poll_event(), None, "a past that is all quiet");
        both
    }
}

impl Search<'_> {
    /// Takes a state in, unless it is known; gives its number.
    fn arrive(&mut self, mut state: ServiceState, both: Both, origin: Option<(usize, usize)>) -> usize {
        let forgotten = digest(&forget(&mut state, self.world.memory));
        let kept = serde_json::to_vec(&state).unwrap();
        // Two digests, as one of 64 bits would not tell a million states apart for sure.
        let next = self.states.len();
        let number = *self.known.entry([digest(&(0, &kept)), digest(&(1, &kept))]).or_insert(next);
        if number == next {
            let depth = origin.map_or(0, |(from, _)| self.states[from].depth + 1);
            self.found.states += 1;
            self.states.push(State { origin, depth, forgotten, was_met_again: false, steps: Vec::new() });
        } else {
            let state = &mut self.states[number];
            if state.was_met_again || state.forgotten == forgotten {
                return number;
            }
            state.was_met_again = true;
        }
        if self.world.depth.is_none_or(|depth| self.states[number].depth < depth) {
            self.queue.push_back((number, both));
        }
        number
    }

    /// Takes every edge from a state: at the first visit as the service has lived, at the second as it is restored.
    fn go_on(&mut self, from: usize, mut both: Both) {
        let before = both.service.state();
        let is_first = self.states[from].steps.is_empty();
        if !is_first {
            both.service = Service::restore_with_hash_seed(before.clone(), 7).unwrap();
            self.agree(from, None, "restored", &both.service.state(), &before); // INV-2
        }
        let mut steps = Vec::new();
        for (index, LogEntry { now, command }) in (self.world.commands)(before.latest_instant).into_iter().enumerate() {
            let is_late = now > before.latest_instant;
            let mut next = both.clone();
            let answer = next.service.apply(command.clone(), now);
            let predicted = next.reference.apply(command, now);
            let events: Vec<Event> = core::iter::from_fn(|| next.service.poll_event()).collect();
            let predicted_events: Vec<Event> = core::iter::from_fn(|| next.reference.poll_event()).collect();
            let state = next.service.state();
            let edge = Some(index);
            self.agree(from, edge, "answer", &answer, &predicted);
            self.agree(from, edge, "events", &events, &predicted_events);
            self.agree(from, edge, "next deadline", &next.service.next_deadline(), &next.reference.next_deadline());
            self.agree(from, edge, "state", &state, &next.reference.state());
            if answer.is_err() {
                self.agree(from, edge, "events of a refusal", &events, &Vec::new()); // ERR-2
                if is_late {
                    let mut idle = both.service.clone();
                    idle.handle_deadline(now);
                    self.agree(from, edge, "state after a late refusal", &state, &idle.state());
                } else {
                    self.agree(from, edge, "state after a refusal", &state, &before);
                }
            }
            let told = digest(&codes(&answer, &events));
            let to = if state == before {
                both = next; // whatever it has left behind unseen is there from now on
                from
            } else {
                self.arrive(state, next, Some((from, index)))
            };
            steps.push(Step { told, to });
        }
        if is_first {
            self.found.edges += steps.len();
            self.states[from].steps = steps;
        } else {
            self.found.again += steps.len();
            for (index, (step, first)) in steps.iter().zip(&self.states[from].steps).enumerate() {
                self.agree(from, Some(index), "way from a state met again", step, first);
            }
        }
    }

    /// Asks what may be asked of a state, as of now and of the next deadline.
    fn look_around(&mut self, from: usize, both: &Both) {
        let Both { service, reference } = both;
        for now in [Some(service.latest_instant()), service.next_deadline()].into_iter().flatten() {
            for who in self.world.people.iter().map(|text| identifier(text)) {
                for session in service.sessions().map(|session| session.sid) {
                    let explained = service.explain_selection(session, &who, now); // SEL-8
                    self.agree(from, None, "selection", &explained, &reference.explain_selection(session, &who, now));
                }
                for to in self.world.proxies.iter().map(|text| proxy(text)) {
                    for kind in [ContactKind::Call, ContactKind::Message] {
                        let route = service.route(Some(&who), &to, kind, now); // RTE-9
                        self.agree(from, None, "route", &route, &reference.route(Some(&who), &to, kind, now));
                    }
                }
            }
        }
        self.found.coincidences.extend(coincidence(service));
    }

    fn agree<T: Debug + PartialEq>(&self, from: usize, edge: Option<usize>, what: &str, machine: &T, predicted: &T) {
        if machine != predicted {
            let way = self.way(from, edge);
            panic!("the {what} differs after\n{way}\nmachine:   {machine:#?}\npredicted: {predicted:#?}");
        }
    }

    /// The commands that lead to an edge, one a line; those that changed nothing on the way are left out.
    fn way(&self, from: usize, edge: Option<usize>) -> String {
        let mut indexes: Vec<usize> = edge.into_iter().collect();
        let mut state = from;
        while let Some((origin, index)) = self.states[state].origin {
            indexes.push(index);
            state = origin;
        }
        let mut service = self.world.beginning().service;
        let lines = indexes.into_iter().rev().map(|index| {
            let entry = (self.world.commands)(service.latest_instant()).swap_remove(index);
            let line = serde_json::to_string(&entry).unwrap();
            let _refused_or_not = service.apply(entry.command, entry.now);
            line
        });
        lines.collect::<Vec<_>>().join("\n")
    }
}

/// The codes of an answer and of the notifications with it, and a number for what carries none.
fn codes(answer: &Result<Reply, Error>, events: &[Event]) -> Vec<u32> {
    let answer = match answer {
        Ok(Reply::Outcome(outcome)) => outcome.code().map_or(1, Code::number),
        Ok(_) => 1,
        Err(error) => error.code().number(),
    };
    let events = events.iter().map(|event| match event {
        Event::Notification(notification) => notification.code().number(),
        Event::Request(_) => 2,
        Event::Leg(_) | _ => 3,
    });
    core::iter::once(answer).chain(events).collect()
}

/// What becomes of both sessions at the next deadline, if something becomes of both.
fn coincidence(service: &Service) -> Option<[&'static str; 2]> {
    let mut then = service.clone();
    then.handle_deadline(service.next_deadline()?);
    let fates = service.sessions().map(|before| match then.session(before.sid) {
        None => Some("deleted"),
        Some(after) if after.status == SessionStatus::Closed && before.status != after.status => Some("expired"),
        Some(_) => None,
    });
    fates.collect::<Option<Vec<_>>>()?.try_into().ok()
}

fn digest<T: Hash>(value: &T) -> u64 {
    let mut hasher = DefaultHasher::new();
    value.hash(&mut hasher);
    hasher.finish()
}
