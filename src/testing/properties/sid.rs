use alloc::{
    format,
    string::{String, ToString},
};

use super::{Violation, agree, round_trips};
use crate::{
    NumberSid, ParseSidError, ResourceSid, SessionName, Sid,
    sid::{Resource, kind},
};

/// SIDs of every kind: a SID is what a recogniser of a few lines takes for one, prints in lower case and parses to itself;
/// any other is refused for the reason and at the position that the recogniser names (SID-1 to SID-3).
///
/// ```
/// use twilio_proxy_core::testing::properties;
///
/// properties::sid(b"KC0123456789abcdef0123456789abcdeg")?;
/// # Ok::<(), properties::Violation>(())
/// ```
///
/// # Errors
///
/// The first thing that is not so.
pub fn sid(input: &[u8]) -> Result<(), Violation> {
    of_kind::<kind::Account>(input, "AC")?;
    of_kind::<kind::ChatInstance>(input, "IS")?;
    of_kind::<kind::Interaction>(input, "KI")?;
    of_kind::<kind::Participant>(input, "KP")?;
    of_kind::<kind::PhoneNumber>(input, "PN")?;
    of_kind::<kind::Service>(input, "KS")?;
    of_kind::<kind::Session>(input, "KC")?;
    of_kind::<kind::ShortCode>(input, "SC")?;

    let Ok(text) = str::from_utf8(input) else { return Ok(()) };
    let expected = recognised(input, "two letters", |prefix| prefix.iter().all(u8::is_ascii_alphabetic));
    let parsed = text.parse::<ResourceSid>();
    agree("resource SID", parsed.map(|sid| sid.to_string()), expected)?;
    if let Ok(sid) = parsed {
        round_trips(&sid, &sid.to_string())?;
    }

    let expected = with_prefix(input, if text.starts_with("SC") { "SC" } else { "PN" });
    let parsed = text.parse::<NumberSid>();
    agree("number SID", parsed.map(|sid| sid.to_string()), expected)?;
    if let Ok(sid) = parsed {
        round_trips(&sid, &sid.to_string())?;
    }

    // TXT-5
    let is_name = !text.is_empty() && text.chars().count() <= 191 && with_prefix(input, "KC").is_err();
    agree("session name", text.parse::<SessionName>().is_ok(), is_name)
}

fn of_kind<R: Resource>(input: &[u8], prefix: &'static str) -> Result<(), Violation> {
    let parsed = Sid::<R>::parse_ascii(input);
    agree("SID in const position", parsed.map(|sid| sid.to_string()), with_prefix(input, prefix))?;
    if let Ok(text) = str::from_utf8(input) {
        agree("parsed SID", text.parse(), parsed)?;
        agree("converted SID", Sid::try_from(text), parsed)?;
    }
    let Ok(sid) = parsed else { return Ok(()) };
    let text = sid.to_string();
    round_trips(&sid, &text)?;
    agree("encoded SID", sid.encode(&mut [0; 34]).as_slice(), text.as_bytes())?;
    agree("bits", Sid::from_u128(sid.to_u128()), sid)?;
    agree("bytes", Sid::from_bytes(*sid.as_bytes()), sid)?;
    agree("digits", format!("{prefix}{:032x}", sid.to_u128()), text)
}

fn with_prefix(input: &[u8], prefix: &'static str) -> Result<String, ParseSidError> {
    recognised(input, prefix, |found| found == prefix.as_bytes())
}

/// SID-1 to SID-3 in short: the canonical form, or what is wrong.
fn recognised(
    input: &[u8],
    expected: &'static str,
    is_prefix: impl Fn(&[u8]) -> bool,
) -> Result<String, ParseSidError> {
    let [first, second, digits @ ..] = input else { return Err(ParseSidError::Length { found: input.len() }) };
    if digits.len() != 32 {
        return Err(ParseSidError::Length { found: input.len() });
    }
    let prefix = [*first, *second];
    if !is_prefix(&prefix) {
        return Err(ParseSidError::Prefix { expected, found: prefix });
    }
    match (2..).zip(digits).find(|(_, digit)| !digit.is_ascii_hexdigit()) {
        Some((position, found)) => Err(ParseSidError::Digit { position, found: *found }),
        None => Ok(prefix
            .map(char::from)
            .into_iter()
            .chain(digits.to_ascii_lowercase().into_iter().map(char::from))
            .collect()),
    }
}
