//! Requests that nobody means well (INV-5).
#![cfg(all(feature = "rest", feature = "testing"))]

use http::Request;
use proptest::{prelude::*, sample::select, test_runner::Config};
use twilio_proxy_core::{rest::Operation, testing::properties};

use crate::common::rest::{ALICE_IN_SESSION, Api, SERVICE, SESSION};

/// A piece of a path.
fn segment() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => select(&["v1", "Services", "Sessions", "Participants", "PhoneNumbers", "ShortCodes", "Interactions", "MessageInteractions"][..])
            .prop_map(str::to_owned),
        4 => "K[SCPI]0{30}[0-9a-f]{2}|PN0{31}[1-4]|SC0{31}1",
        1 => "[A-Z]{2}[0-9a-fA-F]{31,33}",
        1 => "(%[0-9a-fA-F]{2}|%[g-z%]|[a-z.~+-]){0,8}",
    ]
}

/// A path with its query: of an operation, or of whatever pieces.
fn path() -> impl Strategy<Value = String> {
    let of_an_operation =
        (select(Operation::ALL), prop::collection::vec(segment(), 4)).prop_map(|(operation, segments)| {
            let mut segments = segments.into_iter();
            let parts = operation
                .path()
                .split('/')
                .map(|part| if part.starts_with('{') { segments.next().unwrap_or_default() } else { part.to_owned() });
            parts.collect::<Vec<_>>().join("/")
        });
    let of_pieces = prop::collection::vec(segment(), 0..10).prop_map(|segments| format!("/{}", segments.join("/")));
    let known = select(vec![
        SERVICE.to_owned(),
        SESSION.to_owned(),
        ALICE_IN_SESSION.to_owned(),
        format!("{SESSION}/Participants"),
    ]);
    let query = prop_oneof![
        3 => Just(String::new()),
        1 => "\\?((PageSize|Page|PageToken|X)=(-?[0-9]{1,20}|P[AB][0-9a-f]{32}|%|x)&?){1,3}",
    ];
    (prop_oneof![of_an_operation, of_pieces, known], query).prop_map(|(path, query)| path + &query)
}

/// A form, well made or not.
fn form() -> impl Strategy<Value = String> {
    let names = "UniqueName|Identifier|ProxyIdentifier|ProxyIdentifierSid|Sid|PhoneNumber|Ttl|DefaultTtl|DateExpiry|Status|Mode\
        |Participants|Body|IsReserved|FailOnParticipantConflict|CallbackUrl|[A-Za-z%]{1,5}";
    let values = prop_oneof![
        "|true|FALSE|-?[0-9]{1,12}|open|closed|in-progress|message-only|%2B1415555[0-9]{4}|x%3A[a-z]{1,3}|PN0{31}[1-4]|[a-z]{1,9}",
        "2026-01-01T0[0-9]%3A00%3A00Z",
        "%7B%22Identifier%22%3A(%22%2B1415555000[0-9]%22|null|7|%5B%5D)(,%22ProxyIdentifier%22%3A%22x%22)?%7D?",
        "(%[0-9a-fA-F]{2}|%[0-9g]|[ -~]){0,12}",
    ];
    prop::collection::vec((names, values), 0..6)
        .prop_map(|pairs| pairs.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("&"))
}

proptest! {
    #![proptest_config(Config { failure_persistence: None, ..Config::default() })]

    #[test]
    fn inv_5_whatever_is_asked_is_answered_as_the_reference_predicts(
        requests in prop::collection::vec(("GET|POST|POST|DELETE|PUT|[A-Z]{1,9}", path(), form()), 1..24),
    ) {
        let lines: Vec<String> = requests.iter().map(|(method, path, form)| format!("{method} {path} {form}")).collect();
        prop_assert_eq!(properties::rest(lines.join("\n").as_bytes()), Ok(()));
    }
}

#[test]
fn inv_5_a_body_of_a_mebibyte_is_answered_like_any_other() {
    const MEBIBYTE: usize = 1 << 20;
    let many = |piece: &str| piece.repeat(MEBIBYTE / piece.len());
    let bodies = [
        many("a"),
        many("&"),
        many("="),
        many("%"),
        many("+"),
        many("%41"),
        many("%ff"),
        many("%C3%A9"),
        many("a=b&"),
        many("UniqueName=x&"),
        many("%55niqueName=%78&"),
        many("Identifier=%2B14155550009&"),
        format!("Identifier={}", many("+")),
        format!("Identifier=x%3A{}", many("y")),
        format!("UniqueName={}", many("é")),
        format!("Body={}", many("%F0%9F%9A%95")),
        format!("Ttl=-{}", many("0")),
        format!("DateExpiry={}", many("9")),
        format!("Participants={}", many("%5B")),
        format!("Participants=%7B%22a%22%3A{}", many("%7B%22a%22%3A")),
        format!("Participants=%7B{}%7D", many("%22Identifier%22%3A%22x%22,")),
        many("Participants=%7B%22Identifier%22%3A%22x%3Ay%22%7D&"),
        many("Participants=&"),
    ];
    for operation in Operation::ALL.iter().filter(|operation| operation.method() == http::Method::POST) {
        let path = operation
            .path()
            .replace("{service}", "KS00000000000000000000000000000001")
            .replace("{session}", "KC00000000000000000000000000000005")
            .replace("{participant}", "KP00000000000000000000000000000006")
            .replace("PhoneNumbers/{number}", "PhoneNumbers/PN00000000000000000000000000000001")
            .replace("ShortCodes/{number}", "ShortCodes/SC00000000000000000000000000000001");
        for body in &bodies {
            let mut api = Api::busy();
            let answer = api.handle(&Request::post(&path).body(body).unwrap());
            let head: String = body.chars().take(40).collect();
            assert!(answer.status < 500 && answer.text.len() < 2_000, "{operation:?} {head}: {}", answer.status);
        }
    }
    // As many as fit, and one answer.
    let people = many("Participants=%7B%22Identifier%22%3A%22x%3Ay%22%7D&");
    let answer = Api::busy().post(&format!("{SERVICE}/Sessions"), &people);
    assert_eq!(answer.error(), (400, 80609, "A Session may have at most 2 participants"));
}

#[test]
fn inv_5_the_longest_path_is_answered_like_any_other() {
    for piece in ["/", "/a", "%", "%41", "/%2F", "/v1/Services", "\u{e9}"] {
        let path = format!("/v1/Services/{}", piece.repeat(60_000 / piece.len()));
        if let Ok(request) = Request::get(path).body("") {
            let answer = Api::busy().handle(&request);
            assert!((400..500).contains(&answer.status), "{piece}: {}", answer.status);
        }
    }
}
