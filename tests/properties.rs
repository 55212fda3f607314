//! The properties that are fuzzed (INV-5): on the seeds, on inputs near them, and on what a fuzzer once found.
#![cfg(all(feature = "serde", feature = "testing"))]
#![expect(clippy::expect_used, reason = "a seed that cannot be read is a failed test")]

use std::fs;

use proptest::{prelude::*, sample::Index, test_runner::Config};
use serde_json::Value;
use twilio_proxy_core::{
    LogEntry, Service, ServiceState,
    testing::properties::{self, Violation},
};

/// The seeds of a fuzz target, by name.
fn seeds(target: &str) -> Vec<(String, Vec<u8>)> {
    let folder = format!("{}/fuzz/seeds/{target}", env!("CARGO_MANIFEST_DIR"));
    let files = fs::read_dir(folder).expect("there are seeds").map(|file| file.expect("it is there"));
    let read = |file: fs::DirEntry| {
        let name = file.file_name().into_string().expect("a plain name");
        (name, fs::read(file.path()).expect("it is a file"))
    };
    files.map(read).collect()
}

/// That a property holds for the seeds of its target, and for each of them cut anywhere.
fn holds(target: &str, property: fn(&[u8]) -> Result<(), Violation>) {
    for (name, seed) in seeds(target) {
        for end in (0..=seed.len()).rev().take(40) {
            let input = seed.get(..end).expect("it is within");
            assert_eq!(property(input), Ok(()), "{target}/{name}, {end} bytes of it");
        }
    }
}

#[test]
fn inv_5_sids_of_the_seeds_are_judged_as_they_should_be() {
    holds("sid", properties::sid);
}

#[test]
fn inv_5_addresses_of_the_seeds_are_judged_as_they_should_be() {
    holds("address", properties::address);
}

#[test]
fn inv_5_states_of_the_seeds_are_restored_whole() {
    holds("state_json", properties::state_json);
    for (name, seed) in seeds("state_json") {
        let restored =
            serde_json::from_slice::<ServiceState>(&seed).ok().and_then(|state| Service::restore(state).ok());
        assert_eq!(restored.is_none(), name.starts_with("refused"), "{name}");
    }
}

#[test]
fn inv_5_logs_of_the_seeds_are_answered_as_the_reference_answers() {
    holds("command_json", properties::command_json);
    for (name, seed) in seeds("command_json") {
        let is_read = |line: &[u8]| line.is_empty() || serde_json::from_slice::<LogEntry>(line).is_ok();
        assert_eq!(!seed.split(|byte| *byte == b'\n').all(is_read), name.starts_with("refused"), "{name}");
    }
}

#[test]
#[cfg(feature = "arbitrary")]
fn inv_5_histories_of_the_seeds_go_as_with_the_reference() {
    holds("commands", properties::commands);
    holds("traffic", properties::traffic);
}

#[test]
#[cfg(feature = "rest")]
fn inv_5_requests_of_the_seeds_are_answered_as_they_should_be() {
    holds("rest", properties::rest);
}

/// The JSON of a seed in which some values are replaced by others of it.
fn forged(target: &'static str) -> impl Strategy<Value = Vec<u8>> {
    let seeds = seeds(target).into_iter().filter_map(|(_, seed)| serde_json::from_slice::<Value>(&seed).ok());
    let exchanges = prop::collection::vec(any::<[Index; 2]>(), 1..4);
    (prop::sample::select(seeds.collect::<Vec<_>>()), exchanges).prop_map(|(mut document, exchanges)| {
        for exchange in exchanges {
            let mut places = Vec::new();
            pointers(&document, String::new(), &mut places);
            let [from, to] = exchange.map(|index| index.get(&places).clone());
            let value = document.pointer(&from).cloned().expect("it is a place");
            *document.pointer_mut(&to).expect("it is a place") = value;
        }
        document.to_string().into_bytes()
    })
}

/// Where there is something in a document.
fn pointers(value: &Value, here: String, places: &mut Vec<String>) {
    if let Value::Object(fields) = value {
        fields.iter().for_each(|(key, value)| pointers(value, format!("{here}/{key}"), places));
    }
    if let Value::Array(elements) = value {
        (0..).zip(elements).for_each(|(index, value): (u32, _)| pointers(value, format!("{here}/{index}"), places));
    }
    places.push(here);
}

proptest! {
    #![proptest_config(Config { cases: 2_000, failure_persistence: None, ..Config::default() })]

    #[test]
    fn inv_5_any_text_is_judged_as_it_should_be(
        text in "\\PC{0,40}|[ +]?[0-9]{3,16}|[a-z0-9_:-]{1,20}|[A-Z]{2}[0-9a-fA-F]{31}[0-9a-g]{1,2}",
    ) {
        prop_assert_eq!(properties::sid(text.as_bytes()), Ok(()));
        prop_assert_eq!(properties::address(text.as_bytes()), Ok(()));
    }

    #[test]
    fn inv_2_a_forged_state_is_refused_or_restored_whole(json in forged("state_json")) {
        prop_assert_eq!(properties::state_json(&json), Ok(()));
    }

    #[test]
    fn inv_5_a_forged_command_is_refused_or_answered_as_the_reference_answers(json in forged("command_json")) {
        prop_assert_eq!(properties::command_json(&json), Ok(()));
    }
}
