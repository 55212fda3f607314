//! What the histories come to that other tests draw on: how often each outcome, as a table for reviewers.
#![cfg(all(feature = "serde", feature = "testing"))]
#![expect(clippy::panic, clippy::unwrap_used, reason = "a fixture that fails is a failed test")]
#![expect(clippy::arithmetic_side_effects, reason = "small numbers")]

use alloc::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use serde::Serialize;
use serde_json::Value;
use sha2::{Digest, Sha256};
use twilio_proxy_core::{
    Code, Event, LogEntry, Reply, Service, Usage,
    testing::{History, Polling},
};

/// Codes of operations and notifications to which no history comes, and why.
const ABSENT: [(u32, &str); 16] = [
    (20004, "a path and a method that do not go together: of the REST surface"),
    (80101, "a number in another service: of an account"),
    (80301, "a phone number that is not owned: of an account"),
    (80303, "a short code that is not owned: of an account"),
    (80308, "a session asked for by its name: a question, and no command"),
    (80403, "a malformed SID of an interaction: cannot be written as a command"),
    (80405, "a malformed SID of a participant: cannot be written as a command"),
    (80406, "a malformed phone number: cannot be written as a command"),
    (80407, "a malformed SID of a phone number: cannot be written as a command"),
    (80408, "a malformed SID of a service: cannot be written as a command"),
    (80409, "a malformed SID of a session: cannot be written as a command"),
    (80601, "a number taken away while in a pool: of an account"),
    (80602, "a service named as another: of an account"),
    (80606, "a number that is not owned any more: of an account"),
    (80622, "a pool of 500 numbers: num_3_a_pool_fills_up_as_predicted"),
    (80624, "a pool of 425 numbers: num_3_a_pool_fills_up_as_predicted"),
];

#[derive(Default)]
struct Census {
    counts: BTreeMap<String, u32>,
    codes: BTreeSet<u32>,
}

impl Census {
    fn of(histories: impl Iterator<Item = History>) -> Self {
        let mut census = Self::default();
        for history in histories {
            let mut service = history.service();
            census.count(format!("events polled: {}", variant(&history.polling)));
            for LogEntry { now, command } in history.entries {
                let operation = variant(&command);
                let operation = operation.split(' ').next().unwrap();
                census.count_answer(operation, &service.apply(command, now));
                match history.polling {
                    Polling::AfterEach => census.count_events(&mut service, usize::MAX),
                    Polling::OneAfterEach => census.count_events(&mut service, 1),
                    Polling::AtEnd => {}
                }
            }
            census.count_events(&mut service, usize::MAX);
        }
        census
    }

    fn count(&mut self, what: String) {
        *self.counts.entry(what).or_default() += 1;
    }

    fn count_code(&mut self, code: Option<Code>) -> String {
        self.codes.extend(code.map(Code::number));
        code.map(|code| format!("{code} ")).unwrap_or_default()
    }

    fn count_answer(&mut self, operation: &str, answer: &Result<Reply, twilio_proxy_core::Error>) {
        let (code, variant) = match answer {
            Ok(Reply::Outcome(outcome)) => (outcome.code(), variant(outcome)),
            Ok(reply) => (None, variant(reply)),
            Err(error) => (Some(error.code()), variant(error)),
        };
        let verdict = if answer.is_ok() { "accepted" } else { "refused" };
        self.count(format!("all {verdict}"));
        let code = self.count_code(code);
        self.count(format!("{operation} {verdict}: {code}{variant}"));
    }

    fn count_events(&mut self, service: &mut Service, at_most: usize) {
        for event in core::iter::from_fn(|| service.poll_event()).take(at_most) {
            let told = match &event {
                Event::Notification(notification) => {
                    let code = self.count_code(Some(notification.code()));
                    format!("{code}{}", variant(notification))
                }
                Event::Request(request) => format!("request {}", request.purpose),
                Event::Leg(leg) => format!("leg {}", leg.contact.kind()),
                unknown => panic!("no line counts {unknown:?}"),
            };
            self.count(format!("event {told}"));
        }
    }
}

/// The names of the variants that a value consists of, from without to within.
fn variant(value: &impl Serialize) -> String {
    fn walk(value: &Value, names: &mut Vec<String>) {
        let is_name =
            |text: &str| text.len() > 2 && text.bytes().all(|byte| byte.is_ascii_alphabetic() || byte == b'_');
        match value {
            Value::String(text) if is_name(text) => names.push(text.clone()),
            Value::Object(fields) if fields.len() == 1 => {
                for (name, value) in fields {
                    if value.is_object() || value.as_str().is_some_and(is_name) {
                        names.push(name.clone());
                        walk(value, names);
                    }
                }
            }
            Value::Object(fields) => {
                let cause = ["error", "failure", "reason"].iter().find_map(|key| fields.get(*key));
                if let Some(cause) = cause {
                    walk(cause, names);
                }
            }
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => {}
        }
    }
    let mut names = Vec::new();
    walk(&serde_json::to_value(value).unwrap(), &mut names);
    names.dedup();
    names.join(" ")
}

static CENSUS: LazyLock<Census> = LazyLock::new(|| Census::of((0..1_000).map(|n| History::seeded(n, 100))));

#[test]
fn err_1_what_histories_come_to_is_pinned() {
    let lines: Vec<String> = CENSUS.counts.iter().map(|(what, count)| format!("{count:>6}  {what}")).collect();
    insta::assert_snapshot!("census", lines.join("\n"));
}

#[test]
fn err_1_histories_come_to_every_code_but_those_that_none_can() {
    let met = &CENSUS.codes;
    let raised: BTreeSet<u32> =
        Code::ALL.into_iter().filter(|code| !matches!(code.usage(), Usage::Never(_))).map(Code::number).collect();
    let absent: BTreeSet<u32> = ABSENT.into_iter().map(|(code, _)| code).collect();
    assert_eq!(met.intersection(&absent).collect::<Vec<_>>(), Vec::<&u32>::new(), "come up all the same");
    assert_eq!(met.union(&absent).copied().collect::<BTreeSet<_>>(), raised);
}

#[test]
fn err_3_histories_come_to_every_notification_request_and_leg() {
    let notifications = Code::ALL.into_iter().filter(|code| code.usage() == Usage::Notification).map(Code::number);
    let absent = |code: &u32| ABSENT.iter().any(|(number, _)| number == code);
    let expected = notifications.filter(|code| !absent(code)).map(|code| format!("event {code} "));
    let others = ["request callback", "request intercept", "request out_of_session", "leg call", "leg message"];
    for event in expected.chain(others.map(|other| format!("event {other}"))) {
        assert!(CENSUS.counts.keys().any(|what| what.starts_with(&event)), "{event}");
    }
}

#[test]
fn histories_are_mostly_accepted() {
    let [accepted, refused] =
        ["accepted", "refused"].map(|verdict| f64::from(CENSUS.counts[&format!("all {verdict}")]));
    let share = accepted / (accepted + refused);
    assert!((0.65..0.85).contains(&share), "{share}");
}

#[test]
fn a_seed_is_always_the_same_history() {
    let digest = |history: &History| format!("{:x}", Sha256::digest(format!("{history:?}")));
    let digests: Vec<String> = (0..10).map(|n| digest(&History::seeded(n, 100))).collect();
    insta::assert_snapshot!("digests", digests.join("\n"));
}
