use alloc::{
    format,
    string::{String, ToString},
};

use super::{Text, Violation, agree, round_trips};
use crate::{
    E164, Identifier, ParseIdentifierError, ParseProxyIdentifierError, ParseTextError, ProxyIdentifier, ProxyNumber,
    RequestedProxyIdentifier, ShortCode, geography::Country,
};

/// Identifiers, proxy identifiers, numbers and short codes: each type takes what a recogniser of a few lines takes, for the
/// form that it names, and refuses the rest for the same reason; what is taken prints as it was given, trimmed where
/// it may be, parses to itself, and hides its last four characters (TXT-1 to TXT-4, PAR-7).
///
/// ```
/// use twilio_proxy_core::testing::properties;
///
/// properties::address("rcs:東京".as_bytes())?;
/// # Ok::<(), properties::Violation>(())
/// ```
///
/// # Errors
///
/// The first thing that is not so.
pub fn address(input: &[u8]) -> Result<(), Violation> {
    let Ok(text) = str::from_utf8(input) else { return Ok(()) };
    let form = Form::of(text);

    let number = text.parse::<E164>();
    agree("form of a number", number.is_ok(), form == Some(Form::PhoneNumber))?;
    if let Ok(number) = number {
        taken(&number, text, "E164")?;
        geography(number, text)?;
    }
    let code = text.parse::<ShortCode>();
    agree("form of a short code", code.is_ok(), form == Some(Form::ShortCode))?;
    if let Ok(code) = code {
        taken(&code, text, "ShortCode")?;
        agree("digits of a short code", code.as_str(), text)?;
    }

    let number = text.parse::<ProxyNumber>();
    let found = number.ok().map(|number| match number {
        ProxyNumber::PhoneNumber(_) => Form::PhoneNumber,
        ProxyNumber::ShortCode(_) => Form::ShortCode,
    });
    agree("form of a proxy number", found, form.filter(|form| *form != Form::Channel))?;
    if let Ok(number) = number {
        taken(&number, text, "ProxyNumber")?;
    }
    identifier(text)?;
    proxy_identifier(text, form)
}

fn identifier(text: &str) -> Result<(), Violation> {
    let trimmed = text.trim_matches(|c| " \t\r\n\u{c}".contains(c));
    let expected = match (trimmed.chars().count(), Form::of(trimmed)) {
        (0, _) => Err(ParseIdentifierError::Empty),
        (192.., _) => Err(ParseIdentifierError::TooLong),
        (_, Some(Form::PhoneNumber)) => Ok(Form::PhoneNumber),
        (_, Some(Form::Channel)) => Ok(Form::Channel),
        (_, Some(Form::ShortCode) | None) => Err(ParseIdentifierError::Form),
    };
    let parsed = text.parse::<Identifier>();
    let found = parsed.as_ref().map_err(|error| *error).map(|identifier| match identifier {
        Identifier::PhoneNumber(_) => Form::PhoneNumber,
        Identifier::Channel(_) => Form::Channel,
    });
    agree("form of an identifier", found, expected)?;
    if let Ok(identifier) = parsed {
        taken(&identifier, trimmed, "Identifier")?;
        agree("mask", identifier.masked().to_string(), masked(trimmed))?;
    }
    Ok(())
}

fn proxy_identifier(text: &str, form: Option<Form>) -> Result<(), Violation> {
    let too_long = ParseTextError::TooLong { limit: 255 };
    let is_too_long = text.chars().count() > 255;
    let expected = if is_too_long {
        Err(ParseProxyIdentifierError::TooLong(too_long))
    } else {
        form.ok_or(ParseProxyIdentifierError::Form)
    };
    let parsed = text.parse::<ProxyIdentifier>();
    let found = parsed.as_ref().map_err(|error| *error).map(|proxy| match proxy {
        ProxyIdentifier::PhoneNumber(_) => Form::PhoneNumber,
        ProxyIdentifier::ShortCode(_) => Form::ShortCode,
        ProxyIdentifier::Channel(_) => Form::Channel,
    });
    agree("form of a proxy identifier", found, expected)?;
    if let Ok(proxy) = &parsed {
        taken(proxy, text, "ProxyIdentifier")?;
        agree("number of a proxy identifier", proxy.number(), text.parse().ok())?;
        if let ProxyIdentifier::Channel(address) = proxy {
            agree("channel address", address.as_str(), text)?;
            agree("channel", Some(address.channel()), text.split_once(':').map(|(channel, _)| channel))?;
        }
    }

    // PAR-7: a text of no known form is a request all the same.
    let requested = text.parse::<RequestedProxyIdentifier>();
    if let Ok(requested) = &requested {
        taken(requested, text, "RequestedProxyIdentifier")?;
    }
    let expected = match parsed {
        Ok(proxy) => Ok(RequestedProxyIdentifier::Recognized(proxy)),
        Err(_) if is_too_long => Err(too_long),
        Err(_) => Ok(RequestedProxyIdentifier::Unrecognized(text.into())),
    };
    agree("requested proxy identifier", requested, expected)
}

/// What becomes of an address that is taken: besides the round trip, `Debug` hides its end.
fn taken(value: &impl Text, canonical: &str, name: &str) -> Result<(), Violation> {
    round_trips(value, canonical)?;
    agree("debug form", format!("{value:?}"), format!("{name}({})", masked(canonical)))
}

fn geography(number: E164, text: &str) -> Result<(), Violation> {
    agree("digits of a number", format!("+{}", number.digits()).as_str(), text)?;
    let calling_code = format!("+{}", number.calling_code());
    agree("calling code", text.starts_with(&calling_code), true)?;
    agree("region", number.country().map_or(number.region(), Country::region), number.region())?;
    agree("region asked for", number.country().map_or(number.region(), Country::asks_for), number.asks_for())?;
    let area_code = text.strip_prefix("+1").filter(|rest| rest.len() == 10).and_then(|rest| rest.get(..3));
    agree("area code", number.area_code().map(|code| code.to_string()).as_deref(), area_code)?;
    let is_fictional = area_code.is_some() && (area_code == Some("555") || text.get(5..10) == Some("55501")); // TXT-6
    agree("fiction", number.is_fictional(), is_fictional)
}

/// The forms that an address can have (TXT-2, TXT-4).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Form {
    PhoneNumber,
    ShortCode,
    Channel,
}

impl Form {
    fn of(text: &str) -> Option<Self> {
        let digits = text.strip_prefix('+').unwrap_or(text);
        let is_number = digits.chars().all(|c| c.is_ascii_digit());
        match digits.len() {
            7..=15 if is_number && digits != text && !digits.starts_with('0') => return Some(Self::PhoneNumber),
            3..=8 if is_number && digits == text => return Some(Self::ShortCode),
            _ => {}
        }
        let colon = text.find(':')?;
        let is_channel = |(index, c): (usize, char)| match c {
            'a'..='z' => index < colon,
            '0'..='9' | '-' | '_' => 0 < index && index < colon,
            _ => false,
        };
        let has_channel = colon > 0 && text.char_indices().take(colon).all(is_channel);
        let mut address = text.chars().skip(colon.saturating_add(1)).peekable();
        let has_address = address.peek().is_some() && address.all(|c| !c.is_whitespace() && !c.is_control());
        (has_channel && has_address).then_some(Self::Channel)
    }
}

/// The text with its last four characters hidden, or the whole of a shorter one (TXT-2, TXT-3).
fn masked(text: &str) -> String {
    let shown = text.chars().count().saturating_sub(4);
    text.chars().take(shown).chain("XXXX".chars()).collect()
}
