//! [`Arbitrary`] for every input: the whole valid space, and nothing else.
//!
//! A type of which all combinations of fields are valid derives it where it stands; here are those that have a grammar.
//! Each value goes through its type's own parser, so that nothing invalid comes up; and a text that is valid as it stands
//! is taken as it stands, so that all that is valid can.

use alloc::{
    format,
    string::{String, ToString},
    vec::Vec,
};
use core::{
    net::{Ipv4Addr, Ipv6Addr},
    str::FromStr,
};

use arbitrary::{Arbitrary, Error, Result, Unstructured};

use crate::{
    address::{ChannelAddress, E164, Identifier, ProxyIdentifier, RequestedProxyIdentifier, ShortCode},
    interaction::{AnswerBody, ContentType, FormParameters, Media, MediaUrl, MessageBody},
    inventory::NewOwnedNumber,
    number::NewNumber,
    sid::{Resource, ResourceSid, Sid},
    text::{CallbackUrl, FriendlyName, UniqueName},
    time::{Span, Timestamp, Ttl},
};

impl<'a, R: Resource> Arbitrary<'a> for Sid<R> {
    fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
        u.arbitrary().map(Self::from_bytes)
    }

    fn size_hint(depth: usize) -> (usize, Option<usize>) {
        <[u8; 16]>::size_hint(depth)
    }
}

impl<'a> Arbitrary<'a> for ResourceSid {
    fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
        const LETTERS: &[u8; 52] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
        let [first, second] = [*u.choose(LETTERS)?, *u.choose(LETTERS)?].map(char::from);
        parsed(&format!("{first}{second}{:032x}", u.arbitrary::<u128>()?))
    }

    fn size_hint(_: usize) -> (usize, Option<usize>) {
        (18, Some(18))
    }
}

impl<'a> Arbitrary<'a> for E164 {
    fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
        let shortest = 10_u64.pow(u.int_in_range(6..=14)?);
        let digits = u.int_in_range(shortest..=shortest.saturating_mul(10).saturating_sub(1))?;
        parsed(&format!("+{digits}"))
    }

    fn size_hint(_: usize) -> (usize, Option<usize>) {
        (4, Some(8))
    }
}

impl<'a> Arbitrary<'a> for ShortCode {
    fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
        let length = u.int_in_range(3..=8)?;
        let number = u.int_in_range(0..=10_u32.pow(length).saturating_sub(1))?;
        parsed(&format!("{number:0width$}", width = length as usize))
    }

    fn size_hint(_: usize) -> (usize, Option<usize>) {
        (3, Some(5))
    }
}

impl<'a> Arbitrary<'a> for Timestamp {
    fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
        let last = Self::MAX.as_unix_seconds().cast_signed();
        u.int_in_range(0..=last).map(Self::from_unix_seconds)
    }

    fn size_hint(_: usize) -> (usize, Option<usize>) {
        (5, Some(5))
    }
}

impl<'a> Arbitrary<'a> for Ttl {
    fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
        let seconds = u.int_in_range(0..=Self::MAX.as_seconds())?;
        Self::from_seconds(seconds).map_err(|_| Error::IncorrectFormat)
    }

    fn size_hint(depth: usize) -> (usize, Option<usize>) {
        u32::size_hint(depth)
    }
}

impl<'a> Arbitrary<'a> for Span {
    fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
        Self::from_seconds(u.int_in_range(1..=u32::MAX)?).ok_or(Error::IncorrectFormat)
    }

    fn size_hint(depth: usize) -> (usize, Option<usize>) {
        u32::size_hint(depth)
    }
}

/// At most as long as the longest place for one allows, that of a [`ProxyIdentifier`].
impl<'a> Arbitrary<'a> for ChannelAddress {
    fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
        channel_address(u, ProxyIdentifier::LIMIT)
    }
}

impl<'a> Arbitrary<'a> for Identifier {
    fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
        if u.arbitrary()? {
            channel_address(u, Self::LIMIT).map(Self::Channel)
        } else {
            u.arbitrary().map(Self::PhoneNumber)
        }
    }
}

impl<'a> Arbitrary<'a> for RequestedProxyIdentifier {
    fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
        if u.arbitrary()? { parsed(&text(u, ProxyIdentifier::LIMIT)?) } else { u.arbitrary().map(Self::Recognized) }
    }
}

impl<'a> Arbitrary<'a> for FriendlyName {
    fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
        parsed(&text(u, Self::LIMIT)?)
    }
}

impl<'a, R: Resource> Arbitrary<'a> for UniqueName<R> {
    fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
        let mut name = text(u, Self::LIMIT)?;
        if name.is_empty() || name.parse::<Sid<R>>().is_ok() {
            name.push('_');
        }
        parsed(&name)
    }
}

impl<'a> Arbitrary<'a> for CallbackUrl {
    fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
        let text = text(u, Self::LIMIT)?;
        if let Ok(url) = text.parse() {
            return Ok(url);
        }
        let scheme = u.choose(&["http", "https"])?;
        let host = match u.int_in_range(0..=2)? {
            0 => format!("{}.example", label(u)?),
            1 => u.arbitrary::<Ipv4Addr>()?.to_string(),
            _ => format!("[{}]", u.arbitrary::<Ipv6Addr>()?),
        };
        let port = u.arbitrary::<Option<u16>>()?.map_or_else(String::new, |port| format!(":{port}"));
        let mut url = format!("{scheme}://{host}{port}{}", u.choose(&['/', '?', '#'])?);
        let left = Self::LIMIT.saturating_sub(url.len());
        url.extend(text.chars().filter(|c| is_visible(*c) && *c != '\\').take(left));
        parsed(&url)
    }
}

impl<'a> Arbitrary<'a> for MediaUrl {
    fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
        let mut url: String = text(u, Self::LIMIT)?.chars().filter(|c| is_visible(*c)).collect();
        if url.is_empty() {
            url.push('/');
        }
        parsed(&url)
    }
}

impl<'a> Arbitrary<'a> for Media {
    fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
        let urls = u.arbitrary_iter()?.take(Self::LIMIT).collect::<Result<Vec<_>>>()?;
        Self::try_from(urls).map_err(|_| Error::IncorrectFormat)
    }
}

impl<'a> Arbitrary<'a> for MessageBody {
    fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
        parsed(&text(u, Self::LIMIT)?)
    }
}

impl<'a> Arbitrary<'a> for FormParameters {
    fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
        let mut parameters = Vec::new();
        let mut left = Self::BYTES_LIMIT;
        while parameters.len() < Self::LIMIT && u.arbitrary()? {
            let name = text_of_bytes(u, left)?;
            left = left.saturating_sub(name.len());
            let value = text_of_bytes(u, left)?;
            left = left.saturating_sub(value.len());
            parameters.push((name, value));
        }
        Self::try_from(parameters).map_err(|_| Error::IncorrectFormat)
    }
}

impl<'a> Arbitrary<'a> for ContentType {
    fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
        parsed(&text(u, Self::LIMIT)?)
    }
}

impl<'a> Arbitrary<'a> for AnswerBody {
    fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
        parsed(&text_of_bytes(u, Self::LIMIT)?)
    }
}

impl<'a> Arbitrary<'a> for NewNumber {
    fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
        let mut new = if u.arbitrary()? {
            Self::short_code(u.arbitrary()?, u.arbitrary()?, u.arbitrary()?)
        } else {
            Self::phone(u.arbitrary()?, u.arbitrary()?)
        };
        new.friendly_name = u.arbitrary()?;
        new.iso_country = u.arbitrary()?;
        new.capabilities = u.arbitrary()?;
        new.is_reserved = u.arbitrary()?;
        Ok(new)
    }
}

impl<'a> Arbitrary<'a> for NewOwnedNumber {
    fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
        let mut new = if u.arbitrary()? {
            Self::short_code(u.arbitrary()?, u.arbitrary()?, u.arbitrary()?)
        } else {
            Self::phone(u.arbitrary()?, u.arbitrary()?)
        };
        new.friendly_name = u.arbitrary()?;
        new.iso_country = u.arbitrary()?;
        new.capabilities = u.arbitrary()?;
        Ok(new)
    }
}

/// What a text stands for that was written to be valid.
fn parsed<T: FromStr>(text: &str) -> Result<T> {
    text.parse().map_err(|_| Error::IncorrectFormat)
}

/// At most `limit` characters. What is no UTF-8 becomes U+FFFD, so that any bytes make a text.
fn text(u: &mut Unstructured<'_>, limit: usize) -> Result<String> {
    let length = u.arbitrary_len::<u8>()?.min(limit.saturating_mul(4));
    Ok(String::from_utf8_lossy(u.bytes(length)?).chars().take(limit).collect())
}

/// At most `limit` bytes.
fn text_of_bytes(u: &mut Unstructured<'_>, limit: usize) -> Result<String> {
    let mut text = text(u, limit)?;
    while text.len() > limit {
        text.pop();
    }
    Ok(text)
}

/// At most `limit` characters, which are more than a label has.
fn channel_address(u: &mut Unstructured<'_>, limit: usize) -> Result<ChannelAddress> {
    let text = text(u, limit)?;
    if let Ok(ProxyIdentifier::Channel(address)) = text.parse() {
        return Ok(address);
    }
    let channel = label(u)?;
    let left = limit.saturating_sub(channel.len()).saturating_sub(1);
    let mut address: String = text.chars().filter(|c| is_visible(*c)).take(left).collect();
    if address.is_empty() {
        address.push('_');
    }
    match parsed(&format!("{channel}:{address}"))? {
        ProxyIdentifier::Channel(address) => Ok(address),
        ProxyIdentifier::PhoneNumber(_) | ProxyIdentifier::ShortCode(_) => Err(Error::IncorrectFormat),
    }
}

/// A lower-case letter and up to nine letters, digits, hyphens and underscores: a channel, or a part of a host's name.
fn label(u: &mut Unstructured<'_>) -> Result<String> {
    const CHARACTERS: &[u8; 38] = b"abcdefghijklmnopqrstuvwxyz0123456789-_";
    let mut label = String::from(char::from(u.int_in_range(b'a'..=b'z')?));
    for _ in 0..u.int_in_range(0..=9)? {
        label.push(char::from(*u.choose(CHARACTERS)?));
    }
    Ok(label)
}

fn is_visible(character: char) -> bool {
    !character.is_whitespace() && !character.is_control()
}
