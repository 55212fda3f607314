//! SID-1 to SID-3: every kind of SID against the grammar, byte by byte.
#![expect(clippy::arithmetic_side_effects, clippy::indexing_slicing, clippy::unwrap_used, reason = "these are tests")]

use core::{
    fmt::{Debug, Display},
    str::FromStr,
};

use twilio_proxy_core::{
    AccountSid, ChatInstanceSid, InteractionSid, NumberSid, ParseSidError, ParticipantSid, PhoneNumberSid, ResourceSid,
    ServiceSid, SessionSid, ShortCodeSid,
};

/// Every kind of digit, in either case.
const DIGITS: &str = "0123456789abcdefABCDEF9876543210";

/// What is expected instead of a prefix that is wrong.
type CheckPrefix = fn([u8; 2]) -> Option<&'static str>;

/// The grammar of SID-1, as plainly as it can be said, in the order of SID-3.
fn grammar(text: [u8; 34], check_prefix: CheckPrefix) -> Result<(), ParseSidError> {
    let found = [text[0], text[1]];
    if let Some(expected) = check_prefix(found) {
        return Err(ParseSidError::Prefix { expected, found });
    }
    match (2..34).find(|position| !text[*position].is_ascii_hexdigit()) {
        Some(position) => Err(ParseSidError::Digit { position, found: text[position] }),
        None => Ok(()),
    }
}

/// Changes each byte of a SID to each other one. Gives how many texts there were, and how many of them are SIDs.
fn corrupt<T: Copy + Debug + Display + PartialEq>(
    prefix: &str,
    check_prefix: CheckPrefix,
    parse: impl Fn(&[u8]) -> Option<Result<T, ParseSidError>>,
) -> (usize, usize) {
    let valid: [u8; 34] = format!("{prefix}{DIGITS}").into_bytes().try_into().unwrap();
    let original = parse(&valid).unwrap().unwrap();
    let (mut judged, mut accepted) = (0, 0);
    for (position, byte) in (0..34).flat_map(|position| (0..=u8::MAX).map(move |byte| (position, byte))) {
        let mut text = valid;
        text[position] = byte;
        let Some(parsed) = parse(&text).filter(|_| text != valid) else { continue };
        assert_eq!(parsed.map(|_| ()), grammar(text, check_prefix), "{}", text.escape_ascii());
        if let Ok(sid) = parsed {
            let (prefix, digits) = text.split_at(2);
            let canonical = [prefix, &digits.to_ascii_lowercase()].concat();
            assert_eq!(sid.to_string().as_bytes(), canonical, "SID-2: it prints in lower case");
            assert_eq!(sid == original, text.eq_ignore_ascii_case(&valid) && text.starts_with(&valid[..2]));
            accepted += 1;
        }
        judged += 1;
    }
    (judged, accepted)
}

/// As text, if it is any.
fn parse_text<T: FromStr>(text: &[u8]) -> Option<Result<T, T::Err>> {
    str::from_utf8(text).ok().map(str::parse)
}

#[test]
fn sid_1_every_corruption_of_every_kind_is_judged_by_the_grammar() {
    macro_rules! assert_every_corruption {
        ($($sid:ident $prefix:literal),* $(,)?) => {$(
            let check_prefix = |found| (found != *$prefix.as_bytes()).then_some($prefix);
            // A digit becomes one of 21 others; a prefix nothing else.
            let found = corrupt($prefix, check_prefix, |text| Some($sid::parse_ascii(text)));
            assert_eq!(found, (34 * 255, 32 * 21), $prefix);
            // With 128 bytes and more a text is none, so that of these there are 127 others.
            assert_eq!(corrupt($prefix, check_prefix, parse_text::<$sid>), (34 * 127, 32 * 21), $prefix);
        )*};
    }
    assert_every_corruption!(
        AccountSid "AC",
        ServiceSid "KS",
        SessionSid "KC",
        ParticipantSid "KP",
        InteractionSid "KI",
        PhoneNumberSid "PN",
        ShortCodeSid "SC",
        ChatInstanceSid "IS",
    );
}

#[test]
fn sid_1_every_corruption_of_the_sid_of_a_number_is_judged_by_the_grammar() {
    let check_prefix = |found: [u8; 2]| (!matches!(&found, b"PN" | b"SC")).then_some("PN");
    for prefix in ["PN", "SC"] {
        assert_eq!(corrupt(prefix, check_prefix, parse_text::<NumberSid>), (34 * 127, 32 * 21));
    }
}

#[test]
fn sid_1_every_corruption_of_the_sid_of_a_resource_is_judged_by_the_grammar() {
    let check_prefix = |found: [u8; 2]| (!found.iter().all(u8::is_ascii_alphabetic)).then_some("two letters");
    // A letter of the prefix becomes one of 51 others.
    assert_eq!(corrupt("SM", check_prefix, parse_text::<ResourceSid>), (34 * 127, 32 * 21 + 2 * 51));
}
