//! `Arbitrary` of every input: what it makes is valid, and all that is valid can come up.
#![cfg(all(feature = "arbitrary", feature = "serde"))]
#![expect(clippy::expect_used, reason = "what cannot be made is a failed test")]

use alloc::collections::BTreeSet;
use core::{
    any::type_name,
    fmt::{Debug, Display},
    str::FromStr,
};

use arbitrary::{Arbitrary, Unstructured};
use proptest::prelude::*;
use serde::{Serialize, de::DeserializeOwned};
use twilio_proxy_core::{
    AccountCommand, AccountSid, AnswerBody, AutoCreateSids, CallbackUrl, CancelReason, Capabilities, ChannelAddress,
    ChatInstanceSid, ClosedReason, Command, Contact, ContactKind, ContentType, E164, FictionalNumbers, FormParameters,
    FriendlyName, GeoMatchLevel, Identifier, Inbound, InteractionSid, InteractionType, LogEntry, Media, MediaUrl,
    MessageBody, NewMessage, NewNumber, NewOwnedNumber, NewParticipant, NewService, NewSession, NumberChoice,
    NumberSelectionBehavior, NumberSid, NumberUpdate, OutOfSessionAnswer, ParticipantSid, Patch, PhoneNumberSid,
    Policy, ProxyIdentifier, ProxyNumber, RequestedProxyIdentifier, ReservedAssignment, ResourceSid, ResourceStatus,
    ResourceType, ServiceName, ServiceSid, ServiceUpdate, SessionMode, SessionName, SessionSid, SessionStatus,
    SessionUpdate, ShortCode, ShortCodeSid, Span, StatusReport, Timestamp, Ttl, WebhookAnswer, geography::Country,
};

/// Does something for every input type: for those that are texts, for other plain data, and for what is not its JSON.
macro_rules! for_each_input {
    ($text:ident, $data:ident, $other:ident, $input:expr) => {
        for_each_input!(@ $text $input =>
            AccountSid, ChatInstanceSid, InteractionSid, NumberSid, ParticipantSid, PhoneNumberSid, ResourceSid,
            ServiceSid, SessionSid, ShortCodeSid,
            E164, Identifier, ProxyIdentifier, ProxyNumber, RequestedProxyIdentifier, ShortCode,
            AnswerBody, CallbackUrl, ContentType, FriendlyName, MediaUrl, MessageBody, ServiceName, SessionName,
            ClosedReason, ContactKind, GeoMatchLevel, InteractionType, NumberSelectionBehavior, ResourceStatus,
            ResourceType, SessionMode, SessionStatus,
            Country, Timestamp
        );
        for_each_input!(@ $data $input =>
            AutoCreateSids, CancelReason, Capabilities, Command, Contact, FictionalNumbers, FormParameters, Inbound,
            LogEntry, Media, NewMessage, NewNumber, NewOwnedNumber, NewParticipant, NewSession, NumberChoice,
            NumberUpdate, OutOfSessionAnswer,
            Policy, ReservedAssignment, ServiceUpdate, SessionUpdate, Span, StatusReport, Ttl, WebhookAnswer
        );
        // A new service, alone or in a command, loses its seed.
        for_each_input!(@ $other $input => AccountCommand, ChannelAddress, NewService, Patch<CallbackUrl>);
    };
    (@ $function:ident $input:expr => $($type:ty),*) => {
        $($function::<$type>($input);)*
    };
}

fn made<T: for<'a> Arbitrary<'a>>(bytes: &[u8]) -> T {
    T::arbitrary(&mut Unstructured::new(bytes)).expect("any bytes make a value")
}

fn survives_display<T>(bytes: &[u8])
where
    T: for<'a> Arbitrary<'a> + Debug + Display + FromStr<Err: Debug> + PartialEq + Serialize + DeserializeOwned,
{
    let value: T = made(bytes);
    assert_eq!(value.to_string().parse::<T>().expect("it was printed from one"), value);
    survives_json::<T>(bytes);
}

fn survives_json<T>(bytes: &[u8])
where
    T: for<'a> Arbitrary<'a> + Debug + PartialEq + Serialize + DeserializeOwned,
{
    let value: T = made(bytes);
    let json = serde_json::to_string(&value).expect("it is plain data");
    assert_eq!(serde_json::from_str::<T>(&json).expect("it was made from one"), value);
}

fn is_made<T: for<'a> Arbitrary<'a>>(bytes: &[u8]) {
    made::<T>(bytes);
}

/// Bytes of all kinds, as fuzzers and generators of random numbers give them.
fn bytes() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        prop::collection::vec(any::<u8>(), 0..2_000),
        prop::collection::vec(b' '..=b'~', 0..2_000),
        "(.|[a-z0-9:+/]){0,200}".prop_map(String::into_bytes),
        (any::<u8>(), 0..70_000_usize).prop_map(|(byte, count)| vec![byte; count]),
    ]
}

proptest! {
    #[test]
    fn inv_5_any_bytes_make_valid_values(bytes in bytes()) {
        for_each_input!(survives_display, survives_json, is_made, &bytes);
    }

    #[test]
    fn inv_2_a_new_service_survives_json_but_for_its_seed(bytes in bytes()) {
        let mut new: NewService = made(&bytes);
        new.hash_seed = None;
        let json = serde_json::to_string(&new).unwrap();
        prop_assert_eq!(serde_json::from_str::<NewService>(&json).unwrap(), new);
    }

    #[test]
    fn txt_2_an_address_fits_its_place(bytes in bytes()) {
        let address: ChannelAddress = made(&bytes);
        prop_assert_eq!(address.to_string().parse(), Ok(ProxyIdentifier::Channel(address)));
        prop_assert!(made::<Identifier>(&bytes).to_string().chars().count() <= Identifier::LIMIT);
    }

    #[test]
    fn inv_5_size_hints_hold_where_there_is_enough(bytes in prop::collection::vec(any::<u8>(), 100_000)) {
        for_each_input!(keeps_its_hint, keeps_its_hint, keeps_its_hint, &bytes);
    }
}

#[test]
fn inv_5_bytes_that_run_out_make_values_too() {
    for length in 0..200 {
        for_each_input!(survives_display, survives_json, is_made, &noise(1, length));
    }
}

fn keeps_its_hint<T: for<'a> Arbitrary<'a>>(bytes: &[u8]) {
    let mut unstructured = Unstructured::new(bytes);
    assert!(T::arbitrary(&mut unstructured).is_ok());
    let taken = bytes.len().saturating_sub(unstructured.len());
    let (least, most) = T::size_hint(0);
    let name = type_name::<T>();
    assert!(least <= taken && most.is_none_or(|most| taken <= most), "{name} took {taken} of {least} to {most:?}");
}

/// Fair bytes, the same in every run.
fn noise(seed: u64, count: usize) -> Vec<u8> {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15).wrapping_add(1);
    let mut next = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        state.to_be_bytes()[0]
    };
    (0..count).map(|_| next()).collect()
}

/// What `describe` says of many values.
fn census<T: for<'a> Arbitrary<'a>, D: Ord>(describe: impl Fn(&T) -> D) -> BTreeSet<D> {
    (0..10_000).map(|seed| describe(&made(&noise(seed, 400)))).collect()
}

/// Bytes from which a text is read as it stands.
fn verbatim(text: &str) -> Vec<u8> {
    let mut bytes = text.as_bytes().to_vec();
    match u8::try_from(text.len()) {
        Ok(length) => bytes.push(length),
        Err(_) => bytes.extend(u16::try_from(text.len()).expect("it is short").to_be_bytes()),
    }
    bytes
}

fn is_reached<T: for<'a> Arbitrary<'a> + Display>(texts: &[&str]) {
    for text in texts {
        assert_eq!(made::<T>(&verbatim(text)).to_string(), *text);
    }
}

#[test]
fn ses_9_every_literal_comes_up() {
    fn is_complete<T: for<'a> Arbitrary<'a> + Clone + Debug + Ord>(all: &[T]) {
        assert_eq!(census(T::clone), all.iter().cloned().collect());
    }
    is_complete(ClosedReason::ALL);
    is_complete(ContactKind::ALL);
    is_complete(GeoMatchLevel::ALL);
    is_complete(InteractionType::ALL);
    is_complete(NumberSelectionBehavior::ALL);
    is_complete(ResourceStatus::ALL);
    is_complete(ResourceType::ALL);
    is_complete(SessionMode::ALL);
    is_complete(SessionStatus::ALL);
}

#[test]
fn num_1_every_country_and_kind_of_number_comes_up() {
    assert_eq!(census(Country::clone).len(), 252);
    let forms = census(|new: &NewNumber| {
        let fits = new.sid().short_code().is_some() == new.number().to_string().parse::<ShortCode>().is_ok();
        assert!(fits, "{new:?}");
        (new.sid().short_code().is_some(), new.iso_country.is_some(), new.capabilities.is_some(), new.is_reserved)
    });
    assert_eq!(forms.len(), 16);
    let capabilities = census(|carries: &Capabilities| {
        let Capabilities { voice_inbound, voice_outbound, sms_inbound, sms_outbound, mms_inbound, mms_outbound } =
            *carries;
        [voice_inbound, voice_outbound, sms_inbound, sms_outbound, mms_inbound, mms_outbound]
    });
    assert_eq!(capabilities.len(), 64);
}

#[test]
fn err_4_every_policy_comes_up() {
    let policies = census(|policy: &Policy| {
        let Policy { allow_participant_conflict, retention, default_lifetime, .. } = policy;
        let refuses_reserved = policy.reserved_assignment == ReservedAssignment::Refuse;
        let refuses_fiction = policy.fictional_numbers == FictionalNumbers::Refuse;
        let limits = (retention.is_some(), default_lifetime.is_some());
        (*allow_participant_conflict, refuses_reserved, refuses_fiction, limits)
    });
    assert_eq!(policies.len(), 32);
}

#[test]
fn inv_3_every_command_comes_up() {
    let name = |command: &Command| {
        let json = serde_json::to_value(command).expect("it is plain data");
        json.as_object().and_then(|object| object.keys().next().cloned())
    };
    assert_eq!(census(name).len(), 20);
}

#[test]
fn svc_3_every_change_comes_up() {
    let changes = census(|patch: &Patch<ChatInstanceSid>| match patch {
        Patch::Keep => "keep",
        Patch::Clear => "clear",
        Patch::Set(_) => "set",
    });
    assert_eq!(changes.len(), 3);
    let updates = census(|update: &SessionUpdate| {
        (update.status, update.ttl.is_some(), update.date_expiry.is_some(), update.fail_on_participant_conflict)
    });
    assert_eq!(updates.len(), (SessionStatus::ALL.len() + 1) * 8);
}

#[test]
fn sid_1_every_sid_comes_up() {
    for digits in [[0; 16], [0xff; 16], *b"0123456789abcdef"] {
        assert_eq!(made::<SessionSid>(&digits), SessionSid::from_bytes(digits));
    }
    assert_eq!(made::<ResourceSid>(&[0; 18]).to_string(), format!("AA{}", "0".repeat(32)));
    let last = [&[51; 2][..], &[0xff; 16]].concat();
    assert_eq!(made::<ResourceSid>(&last).to_string(), format!("zz{}", "f".repeat(32)));
    assert_eq!(census(|sid: &ResourceSid| sid.to_string().chars().next()).len(), 52);
}

#[test]
fn txt_2_numbers_of_every_length_come_up() {
    let lengths = census(|number: &E164| number.to_string().len());
    assert_eq!(lengths, (8..=16).collect());
    assert_eq!(made::<E164>(&[]).to_string(), "+1000000");
    // Length 15, and the last of the 9e14 numbers that have it.
    let last = 900_000_000_000_000_u64 - 1;
    assert_eq!(made::<E164>(&[&[8], &last.to_be_bytes()[1..]].concat()).to_string(), "+999999999999999");
    assert_eq!(census(|identifier: &Identifier| identifier.phone_number().is_some()).len(), 2);
}

#[test]
fn txt_4_short_codes_of_every_length_come_up() {
    assert_eq!(census(|code: &ShortCode| code.as_str().len()), (3..=8).collect());
    assert!(census(|code: &ShortCode| code.as_str().starts_with('0')).contains(&true));
    assert_eq!(made::<ShortCode>(&[]).as_str(), "000");
    let last = 99_999_999_u32.to_be_bytes();
    assert_eq!(made::<ShortCode>(&[&[5], &last[..]].concat()).as_str(), "99999999");
}

#[test]
fn par_7_every_form_of_proxy_identifier_comes_up() {
    let forms = census(|requested: &RequestedProxyIdentifier| match requested {
        RequestedProxyIdentifier::Recognized(ProxyIdentifier::PhoneNumber(_)) => "phone number",
        RequestedProxyIdentifier::Recognized(ProxyIdentifier::ShortCode(_)) => "short code",
        RequestedProxyIdentifier::Recognized(ProxyIdentifier::Channel(_)) => "channel",
        RequestedProxyIdentifier::Unrecognized(_) => "other",
    });
    assert_eq!(forms.len(), 4);
}

#[test]
fn txt_2_channels_of_every_length_come_up() {
    assert_eq!(census(|address: &ChannelAddress| address.channel().len()), (1..=10).collect());
    let characters: BTreeSet<u8> =
        census(|address: &ChannelAddress| address.channel().as_bytes().to_vec()).into_iter().flatten().collect();
    assert_eq!(characters, (b'a'..=b'z').chain(b'0'..=b'9').chain(*b"-_").collect());
}

#[test]
fn tim_6_instants_and_spans_reach_their_limits() {
    assert_eq!(made::<Timestamp>(&[]), Timestamp::MIN);
    let last = Timestamp::MAX.as_unix_seconds().to_be_bytes();
    assert_eq!(made::<Timestamp>(&last[3..]), Timestamp::MAX);
    assert_eq!(made::<Ttl>(&[]), Ttl::UNLIMITED);
    assert_eq!(made::<Ttl>(&Ttl::MAX.as_seconds().to_be_bytes()), Ttl::MAX);
    assert_eq!(Some(made::<Span>(&[])), Span::from_seconds(1));
    assert_eq!(Some(made::<Span>(&[0xff, 0xff, 0xff, 0xfe])), Span::from_seconds(u32::MAX));
}

#[test]
fn txt_1_a_valid_text_is_taken_as_it_stands() {
    is_reached::<SessionName>(&[" job ", "é", "\n", "CH0123456789abcdef0123456789abcdef", &"東".repeat(191)]);
    is_reached::<FriendlyName>(&["", "Driver 7", &"🚕".repeat(255)]);
    is_reached::<MessageBody>(&["", " Stop\r\n", &"🚕".repeat(1_600)]);
    is_reached::<ContentType>(&["", "Text/XML ;charset=utf-8", &"x".repeat(255)]);
    is_reached::<AnswerBody>(&["", r#"{"participantIdentifier":"+14155550001"}"#, &"é".repeat(32_000)]);
    is_reached::<MediaUrl>(&["a", "https://a.example/ü.png", &"é".repeat(4_000)]);
    let long = format!("https://a.example/{}", "é".repeat(4_000 - 18));
    is_reached::<CallbackUrl>(&["hTTp://a", "https://x@y:@a_b.:00080?ü", "http://[0::1:0]:/#", &long]);
    let longest = format!("x:{}", "é".repeat(253));
    is_reached::<ChannelAddress>(&["a:b", "x-1_y::", "rcs:東京", &longest]);
}

#[test]
fn txt_1_texts_reach_their_limits_and_no_further() {
    let flood = "é".repeat(60_000);
    let length = |text: &dyn Display| text.to_string().chars().count();
    assert_eq!(length(&made::<SessionName>(&verbatim(&flood[..10_000]))), 191);
    assert_eq!(length(&made::<CallbackUrl>(&verbatim(&flood[..20_000]))), 4_000);
    assert_eq!(length(&made::<ChannelAddress>(&verbatim(&flood[..2_000]))), 255);
    let identifier = [&[1], &verbatim(&flood[..2_000])[..]].concat();
    assert_eq!(length(&made::<Identifier>(&identifier)), 191);

    let most = vec![0xff; 400_000];
    assert_eq!(made::<Media>(&most).iter().count(), Media::LIMIT);
    let bytes = |form: &FormParameters| form.iter().map(|(name, value)| name.len() + value.len()).sum::<usize>();
    let forms = [0x01, 0x21, 0xff].map(|byte| made::<FormParameters>(&vec![byte; 400_000]));
    assert!(forms.iter().any(|form| form.iter().count() == FormParameters::LIMIT), "{forms:?}");
    assert!(forms.iter().any(|form| bytes(form) > FormParameters::BYTES_LIMIT - 4), "{forms:?}");
    assert_eq!(made::<AnswerBody>(&vec![b' '; 4_000_000]).as_str().len(), AnswerBody::LIMIT);
}

#[test]
fn txt_5_a_name_that_would_read_as_a_sid_is_mended() {
    let sid = "KC0123456789abcdef0123456789abcdef";
    assert_eq!(made::<SessionName>(&verbatim(sid)).as_str(), format!("{sid}_"));
    assert_eq!(made::<ServiceName>(&verbatim(sid)).as_str(), sid);
    assert_eq!(made::<SessionName>(&[]).as_str(), "_");
}

#[test]
fn svc_7_urls_with_every_kind_of_host_come_up() {
    let hosts = census(|url: &CallbackUrl| {
        let authority = url.as_str().split("//").nth(1).and_then(|rest| rest.split(['/', '?', '#']).next());
        let authority = authority.unwrap_or_default();
        (
            authority.starts_with('['),
            authority.starts_with(|c: char| c.is_ascii_digit()),
            authority.contains(".example"),
        )
    });
    assert_eq!(hosts.len(), 3);
}
