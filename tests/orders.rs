//! Types with an order can be the keys of a map: the order is total, and agrees with equality, hash and text.
#![expect(clippy::unwrap_used, reason = "a fixture that fails is a failed test")]

use core::{
    fmt::Debug,
    hash::{Hash, Hasher},
    str::FromStr,
};
use std::hash::DefaultHasher;

use crate::common::*;
use twilio_proxy_core::{
    AutoCreateParameter, CallbackUrl, Code, ContactKind, E164, FriendlyName, Identifier, InteractionType, NumberSid,
    ProxyIdentifier, ProxyNumber, RequestPurpose, RequestedProxyIdentifier, ResourceSid, ResourceStatus, ResourceType,
    ServiceName, SessionMode, SessionName, SessionSid, SessionStatus, ShortCode, Span, Timestamp, geography::Country,
};

fn hash<T: Hash>(value: &T) -> u64 {
    let mut hasher = DefaultHasher::new();
    value.hash(&mut hasher);
    hasher.finish()
}

fn assert_equality_agrees_with_hash<T: Debug + Eq + Hash>(values: &[T]) {
    for (one, other) in values.iter().flat_map(|one| values.iter().map(move |other| (one, other))) {
        // Hashes of different values may be equal, but not here.
        assert_eq!(one == other, hash(one) == hash(other), "{one:?}, {other:?}");
    }
}

fn assert_order<T: Debug + Hash + Ord>(values: &[T]) {
    assert_equality_agrees_with_hash(values);
    for (one, other) in values.iter().flat_map(|one| values.iter().map(move |other| (one, other))) {
        assert_eq!(one.cmp(other), other.cmp(one).reverse());
        assert_eq!(one.partial_cmp(other), Some(one.cmp(other)));
        assert_eq!(one.cmp(other).is_eq(), one == other, "{one:?}, {other:?}");
        for third in values {
            assert!(one > other || other > third || one <= third, "{one:?}, {other:?}, {third:?}");
        }
    }
}

/// Each twice, so that equal ones meet that are not the same.
fn parsed<T: FromStr<Err: Debug>>(texts: &[&str]) -> Vec<T> {
    texts.iter().chain(texts).map(|text| text.parse().unwrap()).collect()
}

const SIDS: [&str; 4] = [
    "00000000000000000000000000000000",
    "00000000000000000000000000000001",
    "0123456789abcdef0123456789abcdef",
    "ffffffffffffffffffffffffffffffff",
];

fn sids<T: FromStr<Err: Debug>>(prefixes: &[&str]) -> Vec<T> {
    let of =
        |prefix: &&str| SIDS.map(|digits| [format!("{prefix}{digits}"), format!("{prefix}{}", digits.to_uppercase())]);
    prefixes.iter().flat_map(of).flatten().map(|text| text.parse().unwrap()).collect()
}

const NUMBERS: [&str; 5] = [ALICE, BOB, BRITON, "+1415555", "+141555500010000"];
const CHANNELS: [&str; 6] =
    ["whatsapp:+14155550001", "whatsapp:1", "whatsapp:a:b", "whatsapp:A:b", "what:sapp:1", "messenger:1"];
const NAMES: [&str; 6] = ["ride", "Ride", "ride ", "rid\u{e9}", "ride\u{301}", "r"];

#[test]
fn inv_1_orders_are_total_and_agree_with_equality_and_hash() {
    assert_order(&sids::<SessionSid>(&["KC"]));
    assert_order(&sids::<NumberSid>(&["PN", "SC"]));
    assert_order(&sids::<ResourceSid>(&["CA", "SM", "ca", "sM"]));
    assert_order(&parsed::<E164>(&NUMBERS));
    assert_order(&parsed::<ShortCode>(&["123", "0123", "00123", "44551"]));
    assert_order(&parsed::<ProxyNumber>(&[&NUMBERS[..], &["123", "0123"]].concat()));
    assert_order(&parsed::<Identifier>(&[&NUMBERS[..], &CHANNELS].concat()));
    assert_order(&parsed::<ProxyIdentifier>(&[&NUMBERS[..], &["123", "0123"], &CHANNELS].concat()));
    assert_order(&parsed::<FriendlyName>(&NAMES));
    assert_order(&parsed::<CallbackUrl>(&["https://a.example", "https://a.example/", "http://a.example"]));
    assert_order(&parsed::<Country>(&["US", "CA", "GB", "AX"]));
    assert_order(&parsed::<Timestamp>(&["1970-01-01T00:00:00Z", "2026-01-01T00:00:00Z", "9999-12-31T23:59:59Z"]));
    assert_order(&[0, 1, 1, 86_400].map(ttl));
    assert_order(&[1, 1, 60, 86_400].map(Span::from_seconds));
    assert_order(&[&Code::ALL[..], &Code::ALL].concat());

    let areas: Vec<E164> = parsed(&[ALICE, XAVER, "+16285550001", BRITON, "+18005550001"]);
    assert_order(&areas.iter().map(|number| number.area_code()).collect::<Vec<_>>());
    assert_order(&areas.iter().map(|number| number.calling_code()).collect::<Vec<_>>());
    assert_order(&areas.iter().map(|number| number.region()).collect::<Vec<_>>());
    let channel = |identifier: Identifier| match identifier {
        Identifier::Channel(address) => Some(address),
        Identifier::PhoneNumber(_) => None,
    };
    assert_order(&parsed(&CHANNELS).into_iter().map(channel).collect::<Vec<_>>());

    macro_rules! literals {
        ($($type:ty),*) => {$(assert_order(&[<$type>::ALL, <$type>::ALL].concat());)*};
    }
    literals!(AutoCreateParameter, ContactKind, InteractionType, RequestPurpose, ResourceStatus, ResourceType);
    literals!(SessionMode, SessionStatus);
}

#[test]
fn inv_1_what_is_equal_but_has_no_order_has_equal_hashes() {
    assert_equality_agrees_with_hash(&parsed::<SessionName>(&NAMES));
    assert_equality_agrees_with_hash(&parsed::<ServiceName>(&NAMES));
    let proxies = [&NUMBERS[..], &["123", "0123", "telephone", "Telephone"], &CHANNELS].concat();
    assert_equality_agrees_with_hash(&parsed::<RequestedProxyIdentifier>(&proxies));
    assert_equality_agrees_with_hash(&Code::ALL.map(Code::level));
    assert_equality_agrees_with_hash(&Code::ALL.map(Code::usage));
}

/// Where a text has an order of its own, that is it.
#[test]
fn sid_1_sids_countries_and_instants_stand_in_the_order_of_their_texts() {
    fn assert_order_of_texts<T: Ord + ToString>(mut values: Vec<T>) {
        values.sort();
        assert!(values.iter().map(ToString::to_string).is_sorted());
    }
    assert_order_of_texts(sids::<SessionSid>(&["KC"]));
    assert_order_of_texts(sids::<NumberSid>(&["SC", "PN"]));
    assert_order_of_texts(sids::<ResourceSid>(&["sm", "SM", "CA"]));
    assert_order_of_texts(parsed::<Country>(&["US", "AX", "CA", "GB"]));
    assert_order_of_texts(parsed::<Timestamp>(&["2026-01-01T00:00:00Z", "1970-01-01T00:00:00Z"]));
}
