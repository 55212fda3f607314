//! What a request says: its form, and the values in it (API-2, API-6, API-10).

use alloc::{borrow::Cow, vec::Vec};
use core::{
    ops::RangeInclusive,
    str::{self, FromStr},
};

use http::{HeaderMap, header};
use percent_encoding::percent_decode;

use super::{MalformedForm, ParameterFlaw, Refusal};
use crate::{interaction::ContentType, time::Ttl};

/// The parameters of a request that the API knows: of each its last value, and every one of `Participants`.
pub(super) struct Form<'a> {
    scalars: Vec<(Parameter, Cow<'a, str>)>,
    participants: Vec<Cow<'a, str>>,
}

literals! {
    /// A parameter of the API, in a form or a query.
    ///
    /// ```
    /// use twilio_proxy_core::rest::Parameter;
    ///
    /// assert_eq!(Parameter::UniqueName.to_string(), "UniqueName");
    /// ```
    #[non_exhaustive]
    pub enum Parameter {
        /// What a message says.
        Body = "Body",
        /// Where changes of interactions are told.
        CallbackUrl = "CallbackUrl",
        /// The chat instance of a service.
        ChatInstanceSid = "ChatInstanceSid",
        /// When a session expires.
        DateExpiry = "DateExpiry",
        /// The TTL of new sessions.
        DefaultTtl = "DefaultTtl",
        /// Whether the request is strict (CON-1).
        FailOnParticipantConflict = "FailOnParticipantConflict",
        /// The text that describes a participant.
        FriendlyName = "FriendlyName",
        /// How near a number lies to the identifier.
        GeoMatchLevel = "GeoMatchLevel",
        /// A person's number or channel address.
        Identifier = "Identifier",
        /// Where it is asked whether a contact may go on.
        InterceptCallbackUrl = "InterceptCallbackUrl",
        /// Whether a number is kept out of automatic selection.
        IsReserved = "IsReserved",
        /// What a session carries.
        Mode = "Mode",
        /// Which numbers an identifier gets.
        NumberSelectionBehavior = "NumberSelectionBehavior",
        /// Where it is asked what becomes of strangers.
        OutOfSessionCallbackUrl = "OutOfSessionCallbackUrl",
        /// The number of a page, which says nothing of its place.
        Page = "Page",
        /// The most items that a page has.
        PageSize = "PageSize",
        /// Where a page lies.
        PageToken = "PageToken",
        /// A participant of a new session; may be given several times.
        Participants = "Participants",
        /// The number to add to a pool.
        PhoneNumber = "PhoneNumber",
        /// The number or channel address that a participant gets.
        ProxyIdentifier = "ProxyIdentifier",
        /// SID of the number that a participant gets.
        ProxyIdentifierSid = "ProxyIdentifierSid",
        /// SID of the number to add to a pool.
        Sid = "Sid",
        /// The status that a session is to have.
        Status = "Status",
        /// How many seconds a session lives without an interaction.
        Ttl = "Ttl",
        /// The name of a service or session.
        UniqueName = "UniqueName",
    }
}

impl<'a> Form<'a> {
    /// The form of a body.
    pub(super) fn of_body(headers: &HeaderMap, body: &'a [u8]) -> Result<Self, Refusal> {
        if !body.is_empty() && !is_form(headers) {
            return Err(Refusal::MalformedForm(MalformedForm::ContentType));
        }
        Self::read(body)
    }

    /// The form of a query.
    pub(super) fn of_query(query: Option<&'a str>) -> Result<Self, Refusal> {
        Self::read(query.unwrap_or_default().as_bytes())
    }

    fn read(text: &'a [u8]) -> Result<Self, Refusal> {
        let mut form = Self { scalars: Vec::new(), participants: Vec::new() };
        for pair in text.split(|byte| *byte == b'&') {
            let mut halves = pair.splitn(2, |byte| *byte == b'=');
            let name = decode(halves.next().unwrap_or_default())?;
            let value = decode(halves.next().unwrap_or_default())?;
            let Ok(parameter) = name.parse() else { continue };
            if parameter == Parameter::Participants {
                form.participants.push(value);
            } else if let Some((_, former)) = form.scalars.iter_mut().find(|(known, _)| *known == parameter) {
                *former = value;
            } else {
                form.scalars.push((parameter, value));
            }
        }
        Ok(form)
    }

    /// Every value of `Participants` that is not empty.
    pub(super) fn participants(&self) -> impl Iterator<Item = &str> {
        self.participants.iter().map(|value| &**value).filter(|value| !value.is_empty())
    }

    /// The last value of a parameter, which may be empty.
    pub(super) fn last(&self, parameter: Parameter) -> Option<&str> {
        self.scalars.iter().find(|(known, _)| *known == parameter).map(|(_, value)| &**value)
    }

    /// The value of a parameter: the last one, none if that is empty.
    fn text(&self, parameter: Parameter) -> Option<&str> {
        self.last(parameter).filter(|value| !value.is_empty())
    }

    /// The value of a parameter, of a type that can be read from text.
    pub(super) fn get<T: FromStr<Err: Into<ParameterFlaw>>>(&self, parameter: Parameter) -> Result<Option<T>, Refusal> {
        self.get_with(parameter, |value| value.parse().map_err(Into::into))
    }

    pub(super) fn get_with<T>(
        &self,
        parameter: Parameter,
        read: impl FnOnce(&str) -> Result<T, ParameterFlaw>,
    ) -> Result<Option<T>, Refusal> {
        self.text(parameter).map(read).transpose().map_err(|flaw| Refusal::Parameter { parameter, flaw })
    }
}

const FORM: &str = "application/x-www-form-urlencoded";

/// Whether the header says that the body is a form, or says nothing.
fn is_form(headers: &HeaderMap) -> bool {
    headers.get(header::CONTENT_TYPE).is_none_or(|value| {
        // As almost everybody writes it.
        if value == FORM {
            return true;
        }
        let content_type = value.to_str().ok().and_then(|text| text.parse::<ContentType>().ok());
        content_type.is_some_and(|content_type| content_type.is(FORM))
    })
}

/// Text of a form, where a plus sign is a space.
fn decode(text: &[u8]) -> Result<Cow<'_, str>, Refusal> {
    if !text.contains(&b'+') {
        return decode_percent(text);
    }
    let spaced: Vec<u8> = text.iter().map(|byte| if *byte == b'+' { b' ' } else { *byte }).collect();
    Ok(Cow::Owned(decode_percent(&spaced)?.into_owned()))
}

/// Text of a path or a form.
pub(super) fn decode_percent(text: &[u8]) -> Result<Cow<'_, str>, Refusal> {
    let not_utf8 = |_| Refusal::MalformedForm(MalformedForm::Utf8);
    if !text.contains(&b'%') {
        return str::from_utf8(text).map(Cow::Borrowed).map_err(not_utf8);
    }
    let mut escapes = text.split(|byte| *byte == b'%').skip(1);
    if !escapes.all(|escape| matches!(escape, [a, b, ..] if a.is_ascii_hexdigit() && b.is_ascii_hexdigit())) {
        return Err(Refusal::MalformedForm(MalformedForm::PercentEscape));
    }
    percent_decode(text).decode_utf8().map_err(not_utf8)
}

pub(super) fn boolean(value: &str) -> Result<bool, ParameterFlaw> {
    if value.eq_ignore_ascii_case("true") {
        Ok(true)
    } else if value.eq_ignore_ascii_case("false") {
        Ok(false)
    } else {
        Err(ParameterFlaw::NotBoolean)
    }
}

/// An integer of ASCII digits, with or without a minus sign before it.
pub(super) fn integer(value: &str, range: RangeInclusive<u64>) -> Result<u64, ParameterFlaw> {
    let out_of_range = ParameterFlaw::NotInteger { min: *range.start(), max: *range.end() };
    let digits = value.strip_prefix('-').unwrap_or(value);
    if !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(out_of_range);
    }
    let magnitude = digits.parse::<u64>().ok().filter(|magnitude| value == digits || *magnitude == 0);
    magnitude.filter(|magnitude| range.contains(magnitude)).ok_or(out_of_range)
}

pub(super) fn ttl(value: &str) -> Result<Ttl, ParameterFlaw> {
    let max = Ttl::MAX.as_seconds();
    let seconds = integer(value, 0..=max.into())?;
    let ttl = u32::try_from(seconds).ok().and_then(|seconds| Ttl::from_seconds(seconds).ok());
    ttl.ok_or(ParameterFlaw::NotInteger { min: 0, max: max.into() })
}
