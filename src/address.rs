//! Who is reached and through what: phone numbers, short codes and channel addresses.
//!
//! Identifiers are personal data (TXT-3): `Debug` masks the last four characters of every address; `Display` and serde
//! show it whole.
//!
//! ```
//! use twilio_proxy_core::Identifier;
//!
//! let alice: Identifier = "+15558675310".parse()?;
//! assert_eq!(format!("{alice:?}"), "Identifier(+1555867XXXX)");
//! assert_eq!(alice.to_string(), "+15558675310");
//! # Ok::<(), twilio_proxy_core::ParseIdentifierError>(())
//! ```

use alloc::boxed::Box;
use core::{fmt, num::NonZeroU64, str::FromStr};

use crate::{
    code::Code,
    geography::{AreaCode, CallingCode, Country, Region},
    text::{ParseTextError, bounded},
};

/// A phone number in E.164 form: `+` and 7 to 15 digits, the first of them 1 to 9 (TXT-2). 8 bytes, and `Option` too.
///
/// ```
/// use twilio_proxy_core::{E164, ParseE164Error};
///
/// let number: E164 = "+14155551212".parse()?;
/// assert_eq!(number.to_string(), "+14155551212");
/// assert_eq!(number.country().map(|country| country.to_string()), Some("US".to_owned()));
/// assert!("4155551212".parse::<E164>().is_err());
/// # Ok::<(), ParseE164Error>(())
/// ```
#[derive(Clone, Copy, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct E164(NonZeroU64);

const _: () = assert!(size_of::<E164>() == 8 && size_of::<Option<E164>>() == 8, "a number is as large as its digits");

impl E164 {
    /// Prints with the last four digits as `XXXX`, as Twilio's own messages do (TXT-3).
    ///
    /// ```
    /// # use twilio_proxy_core::E164;
    /// let number: E164 = "+14155551212".parse()?;
    /// assert_eq!(number.masked().to_string(), "+1415555XXXX");
    /// # Ok::<(), twilio_proxy_core::ParseE164Error>(())
    /// ```
    #[must_use]
    pub const fn masked(&self) -> impl fmt::Display {
        Masked(self)
    }

    /// All digits behind the `+`, as one integer.
    ///
    /// ```
    /// # use twilio_proxy_core::E164;
    /// assert_eq!("+14155551212".parse::<E164>().map(E164::digits), Ok(14_155_551_212));
    /// ```
    #[must_use]
    pub const fn digits(self) -> u64 {
        self.0.get()
    }

    /// The calling code that it starts with.
    #[must_use]
    pub fn calling_code(self) -> CallingCode {
        CallingCode::of_number(self.digits())
    }

    /// Its area code, if it is a North American number of full length.
    #[must_use]
    pub fn area_code(self) -> Option<AreaCode> {
        AreaCode::of_number(self.digits())
    }

    /// Its country: by area code in North America, else the main country of its calling code (SEL-3). `None` if that
    /// calling code belongs to no country.
    #[must_use]
    pub fn country(self) -> Option<Country> {
        match self.area_code() {
            Some(area_code) => Some(area_code.country()),
            None => self.calling_code().main_country(),
        }
    }

    /// The region that it lies in (SEL-3).
    #[must_use]
    pub fn region(self) -> Region {
        match self.country() {
            Some(country) => country.region(),
            None => Region::CallingCode(self.calling_code()),
        }
    }

    /// The region that a participant with this number asks a proxy number to lie in (SEL-3).
    #[must_use]
    pub fn asks_for(self) -> Region {
        match self.country() {
            Some(country) => country.asks_for(),
            None => self.region(),
        }
    }

    /// Whether it is set aside for fiction: area code 555, or 555-0100 to 555-0199 in any North American area (TXT-6).
    ///
    /// ```
    /// # use twilio_proxy_core::E164;
    /// assert_eq!("+12125550147".parse::<E164>().map(E164::is_fictional), Ok(true));
    /// assert_eq!("+12125550200".parse::<E164>().map(E164::is_fictional), Ok(false));
    /// ```
    #[must_use]
    pub fn is_fictional(self) -> bool {
        let subscriber = self.digits().rem_euclid(10_000_000);
        self.area_code()
            .is_some_and(|area_code| area_code.get() == 555 || (5_550_100..=5_550_199).contains(&subscriber))
    }
}

impl FromStr for E164 {
    type Err = ParseE164Error;

    fn from_str(text: &str) -> Result<Self, ParseE164Error> {
        let digits = text.strip_prefix('+').filter(|digits| (7..=15).contains(&digits.len())).ok_or(ParseE164Error)?;
        if digits.starts_with('0') || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(ParseE164Error);
        }
        digits.parse().map(Self).map_err(|_| ParseE164Error)
    }
}

impl fmt::Display for E164 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "+{}", self.0)
    }
}

/// A text is no phone number in E.164 form. As a pool number: 80406.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
#[error("a phone number is a `+` and 7 to 15 digits, the first of them 1 to 9")]
pub struct ParseE164Error;

/// A short code: 3 to 8 digits, without `+` (TXT-4). It carries messages only.
///
/// ```
/// use twilio_proxy_core::{ParseShortCodeError, ShortCode};
///
/// let code: ShortCode = "04455".parse()?;
/// assert_eq!(code.to_string(), "04455");
/// assert!("12".parse::<ShortCode>().is_err());
/// # Ok::<(), ParseShortCodeError>(())
/// ```
#[derive(Clone, Copy, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct ShortCode {
    /// The digits, then zero bytes.
    text: [u8; 8],
}

impl ShortCode {
    /// The digits.
    #[must_use]
    pub fn as_str(&self) -> &str {
        str::from_utf8(&self.text).unwrap_or_default().trim_end_matches('\0')
    }
}

impl FromStr for ShortCode {
    type Err = ParseShortCodeError;

    fn from_str(text: &str) -> Result<Self, ParseShortCodeError> {
        let mut bytes = [0; 8];
        match bytes.get_mut(..text.len()) {
            Some(start) if text.len() >= 3 && text.bytes().all(|byte| byte.is_ascii_digit()) => {
                start.copy_from_slice(text.as_bytes());
                Ok(Self { text: bytes })
            }
            _ => Err(ParseShortCodeError),
        }
    }
}

impl fmt::Display for ShortCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// A text is no short code. As a pool number: 80406.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
#[error("a short code is 3 to 8 digits")]
pub struct ParseShortCodeError;

/// An address on a channel other than the telephone network, `channel:address`, such as `whatsapp:+14155551212` (TXT-2).
///
/// ```
/// use twilio_proxy_core::Identifier;
///
/// let Ok(Identifier::Channel(page)) = "messenger:987654532".parse() else { unreachable!() };
/// assert_eq!(page.channel(), "messenger");
/// assert_eq!(page.as_str(), "messenger:987654532");
/// ```
#[derive(Clone, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct ChannelAddress(Box<ChannelText>);

/// Behind one pointer, so that an address is no larger than a phone number: most people have one of those.
#[derive(Clone, Eq, Hash, Ord, PartialEq, PartialOrd)]
struct ChannelText {
    text: Box<str>,
}

impl ChannelAddress {
    /// The whole address, channel included.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0.text
    }

    /// The channel: what stands before the first colon.
    #[must_use]
    pub fn channel(&self) -> &str {
        self.as_str().split(':').next().unwrap_or_default()
    }

    /// The grammar of TXT-2, for text of a length that was checked before.
    fn parse_bounded(text: &str) -> Option<Self> {
        let (channel, address) = text.split_once(':')?;
        let channel_is_well_formed = channel.starts_with(|c: char| c.is_ascii_lowercase())
            && channel.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_'));
        let address_is_well_formed =
            !address.is_empty() && !address.contains(|c: char| c.is_whitespace() || c.is_control());
        (channel_is_well_formed && address_is_well_formed).then(|| Self(Box::new(ChannelText { text: text.into() })))
    }
}

impl fmt::Display for ChannelAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// Who takes part: a phone number or a channel address of at most 191 characters (TXT-1, TXT-2).
///
/// White space on both ends is trimmed when it is parsed. Equality is exact: `+14155551212` and `whatsapp:+14155551212`
/// are two people.
///
/// ```
/// use twilio_proxy_core::{Code, Identifier};
///
/// let alice: Identifier = " +14155551212\n".parse()?;
/// assert_eq!(alice.to_string(), "+14155551212");
/// let error = "CH0123456789abcdef0123456789abcdef".parse::<Identifier>().unwrap_err();
/// assert_eq!(error.code(), Code::ParticipantIdentifierInvalid);
/// # Ok::<(), twilio_proxy_core::ParseIdentifierError>(())
/// ```
#[derive(Clone, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[expect(clippy::exhaustive_enums, reason = "TXT-2 knows these two forms")]
pub enum Identifier {
    /// A phone number.
    PhoneNumber(E164),
    /// An address on another channel.
    Channel(ChannelAddress),
}

const _: () = assert!(size_of::<Identifier>() == 16, "an identifier is two words");

impl Identifier {
    /// The longest one, in characters.
    pub const LIMIT: usize = 191;

    /// The phone number, if it is one.
    #[must_use]
    pub const fn phone_number(&self) -> Option<E164> {
        match self {
            Self::PhoneNumber(number) => Some(*number),
            Self::Channel(_) => None,
        }
    }

    /// Prints with the last four characters as `XXXX`, as Twilio's own messages do (TXT-3).
    ///
    /// ```
    /// # use twilio_proxy_core::Identifier;
    /// let alice: Identifier = "whatsapp:+14155551212".parse()?;
    /// assert_eq!(alice.masked().to_string(), "whatsapp:+1415555XXXX");
    /// # Ok::<(), twilio_proxy_core::ParseIdentifierError>(())
    /// ```
    #[must_use]
    pub const fn masked(&self) -> impl fmt::Display {
        Masked(self)
    }
}

impl FromStr for Identifier {
    type Err = ParseIdentifierError;

    fn from_str(text: &str) -> Result<Self, ParseIdentifierError> {
        let text = trimmed(text);
        if text.is_empty() {
            return Err(ParseIdentifierError::Empty);
        }
        let text = bounded(text, Self::LIMIT).map_err(|_| ParseIdentifierError::TooLong)?;
        if let Ok(number) = text.parse() {
            return Ok(Self::PhoneNumber(number));
        }
        ChannelAddress::parse_bounded(text).map(Self::Channel).ok_or(ParseIdentifierError::Form)
    }
}

impl From<E164> for Identifier {
    fn from(number: E164) -> Self {
        Self::PhoneNumber(number)
    }
}

impl fmt::Display for Identifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::PhoneNumber(number) => number.fmt(f),
            Self::Channel(address) => address.fmt(f),
        }
    }
}

/// Why a text is no [`Identifier`].
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum ParseIdentifierError {
    /// Nothing is left after trimming: 80701.
    #[error("the identifier is empty")]
    Empty,
    /// It has more than 191 characters: 80701 (TXT-1).
    #[error("the identifier is longer than 191 characters")]
    TooLong,
    /// It is neither a phone number nor a channel address: 80404 (TXT-2).
    #[error("the identifier is neither an E.164 number nor `channel:address`")]
    Form,
}

impl ParseIdentifierError {
    /// The code that Twilio answers with.
    #[must_use]
    pub const fn code(self) -> Code {
        match self {
            Self::Empty | Self::TooLong => Code::ParameterInvalid,
            Self::Form => Code::ParticipantIdentifierInvalid,
        }
    }
}

/// What a number pool holds: a phone number or a short code.
///
/// ```
/// use twilio_proxy_core::ProxyNumber;
///
/// let number: ProxyNumber = "+14155551212".parse()?;
/// assert!(matches!(number, ProxyNumber::PhoneNumber(_)));
/// assert!(matches!("44551".parse()?, ProxyNumber::ShortCode(_)));
/// # Ok::<(), twilio_proxy_core::ParseProxyNumberError>(())
/// ```
#[derive(Clone, Copy, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[expect(clippy::exhaustive_enums, reason = "NUM-1 knows these two kinds")]
pub enum ProxyNumber {
    /// A phone number.
    PhoneNumber(E164),
    /// A short code.
    ShortCode(ShortCode),
}

impl FromStr for ProxyNumber {
    type Err = ParseProxyNumberError;

    fn from_str(text: &str) -> Result<Self, ParseProxyNumberError> {
        if let Ok(number) = text.parse() {
            return Ok(Self::PhoneNumber(number));
        }
        text.parse().map(Self::ShortCode).map_err(|_| ParseProxyNumberError)
    }
}

impl From<E164> for ProxyNumber {
    fn from(number: E164) -> Self {
        Self::PhoneNumber(number)
    }
}

impl From<ShortCode> for ProxyNumber {
    fn from(code: ShortCode) -> Self {
        Self::ShortCode(code)
    }
}

impl fmt::Display for ProxyNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::PhoneNumber(number) => number.fmt(f),
            Self::ShortCode(code) => code.fmt(f),
        }
    }
}

/// A text is neither a phone number nor a short code.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
#[error("the value is neither an E.164 number nor a short code")]
pub struct ParseProxyNumberError;

/// What a participant contacts to reach the partner: a number of the pool, or an address of the participant's channel.
///
/// ```
/// use twilio_proxy_core::{ParseProxyIdentifierError, ProxyIdentifier};
///
/// let proxy: ProxyIdentifier = "+14155559999".parse()?;
/// assert_eq!(proxy.to_string(), "+14155559999");
/// assert!("telephone".parse::<ProxyIdentifier>().is_err());
/// # Ok::<(), ParseProxyIdentifierError>(())
/// ```
#[derive(Clone, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[expect(clippy::exhaustive_enums, reason = "PAR-7 knows these three forms")]
pub enum ProxyIdentifier {
    /// A phone number of the pool.
    PhoneNumber(E164),
    /// A short code of the pool.
    ShortCode(ShortCode),
    /// An address on another channel.
    Channel(ChannelAddress),
}

const _: () = assert!(size_of::<ProxyIdentifier>() == 16, "a proxy identifier is two words");

impl ProxyIdentifier {
    /// The longest one, in characters.
    pub const LIMIT: usize = 255;

    /// The number, if it is one that a pool can hold.
    #[must_use]
    pub const fn number(&self) -> Option<ProxyNumber> {
        match self {
            Self::PhoneNumber(number) => Some(ProxyNumber::PhoneNumber(*number)),
            Self::ShortCode(code) => Some(ProxyNumber::ShortCode(*code)),
            Self::Channel(_) => None,
        }
    }
}

impl FromStr for ProxyIdentifier {
    type Err = ParseProxyIdentifierError;

    fn from_str(text: &str) -> Result<Self, ParseProxyIdentifierError> {
        match text.parse()? {
            RequestedProxyIdentifier::Recognized(proxy) => Ok(proxy),
            RequestedProxyIdentifier::Unrecognized(_) => Err(ParseProxyIdentifierError::Form),
        }
    }
}

impl From<ProxyNumber> for ProxyIdentifier {
    fn from(number: ProxyNumber) -> Self {
        match number {
            ProxyNumber::PhoneNumber(number) => Self::PhoneNumber(number),
            ProxyNumber::ShortCode(code) => Self::ShortCode(code),
        }
    }
}

impl fmt::Display for ProxyIdentifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::PhoneNumber(number) => number.fmt(f),
            Self::ShortCode(code) => code.fmt(f),
            Self::Channel(address) => address.fmt(f),
        }
    }
}

/// The proxy identifier that a request names: any text of at most 255 characters (TXT-1).
///
/// A text of no known form is a well-formed parameter all the same: it names nothing in the pool, which is found out only
/// where the pool is looked at (80605, PAR-7).
///
/// ```
/// use twilio_proxy_core::RequestedProxyIdentifier;
///
/// assert!(matches!("+14155559999".parse()?, RequestedProxyIdentifier::Recognized(_)));
/// assert!(matches!("telephone".parse()?, RequestedProxyIdentifier::Unrecognized(_)));
/// # Ok::<(), twilio_proxy_core::ParseTextError>(())
/// ```
#[derive(Clone, Eq, Hash, PartialEq)]
#[expect(clippy::exhaustive_enums, reason = "a form is known or not")]
pub enum RequestedProxyIdentifier {
    /// It has one of the forms of a proxy identifier.
    Recognized(ProxyIdentifier),
    /// It has none of them.
    Unrecognized(Box<str>),
}

impl FromStr for RequestedProxyIdentifier {
    type Err = ParseTextError;

    fn from_str(text: &str) -> Result<Self, ParseTextError> {
        let text = bounded(text, ProxyIdentifier::LIMIT)?;
        if let Ok(number) = text.parse::<ProxyNumber>() {
            return Ok(Self::Recognized(number.into()));
        }
        Ok(match ChannelAddress::parse_bounded(text) {
            Some(address) => Self::Recognized(ProxyIdentifier::Channel(address)),
            None => Self::Unrecognized(text.into()),
        })
    }
}

impl<T: Into<ProxyIdentifier>> From<T> for RequestedProxyIdentifier {
    fn from(proxy: T) -> Self {
        Self::Recognized(proxy.into())
    }
}

impl fmt::Display for RequestedProxyIdentifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Recognized(proxy) => proxy.fmt(f),
            Self::Unrecognized(text) => f.pad(text),
        }
    }
}

/// Why a text is no [`ProxyIdentifier`].
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum ParseProxyIdentifierError {
    /// It has more than 255 characters: 80701 (TXT-1).
    #[error(transparent)]
    TooLong(#[from] ParseTextError),
    /// It is neither a phone number nor a short code nor a channel address.
    #[error("the proxy identifier is neither an E.164 number nor a short code nor `channel:address`")]
    Form,
}

/// `text` without the white space of forms and messages on its ends: space, tab, CR, LF and form feed (TXT-2).
pub(crate) fn trimmed(text: &str) -> &str {
    text.trim_matches([' ', '\t', '\r', '\n', '\u{c}'])
}

/// Prints a value with its last four characters as `XXXX`; one of fewer than four is hidden whole (TXT-2, TXT-3).
struct Masked<'a, T>(&'a T);

impl<T: fmt::Display> fmt::Display for Masked<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        use fmt::Write;

        let mut length = Counter(0);
        write!(length, "{}", self.0)?;
        let mut clear = Clear { left: length.0.saturating_sub(4), f };
        write!(clear, "{}", self.0)?;
        f.write_str("XXXX")
    }
}

/// Counts the characters that are written to it.
struct Counter(usize);

impl fmt::Write for Counter {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.0 = self.0.saturating_add(text.chars().count());
        Ok(())
    }
}

/// Lets the first `left` characters through.
struct Clear<'a, 'f> {
    left: usize,
    f: &'a mut fmt::Formatter<'f>,
}

impl fmt::Write for Clear<'_, '_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        for character in text.chars().take(self.left) {
            self.f.write_char(character)?;
            self.left = self.left.saturating_sub(1);
        }
        Ok(())
    }
}

macro_rules! masked_debug {
    ($($type:ident)*) => {$(
        impl fmt::Debug for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($type), "({})"), Masked(self))
            }
        }
    )*};
}

masked_debug!(ChannelAddress E164 Identifier ProxyIdentifier ProxyNumber RequestedProxyIdentifier ShortCode);

serde_as_text!({} E164, "a phone number in E.164 form");
serde_as_text!({} Identifier, "a phone number in E.164 form or `channel:address`");
serde_as_text!({} ProxyIdentifier, "a phone number in E.164 form, a short code or `channel:address`");
serde_as_text!({} ProxyNumber, "a phone number in E.164 form or a short code");
serde_as_text!({} RequestedProxyIdentifier, "a proxy identifier of at most 255 characters");
serde_as_text!({} ShortCode, "a short code");

#[cfg(test)]
mod tests {
    use alloc::{format, string::ToString};

    use proptest::prelude::*;

    use super::*;

    #[test]
    fn txt_2_a_number_has_7_to_15_digits() {
        for text in ["+1234567", "+123456789012345", "+9999999"] {
            assert_eq!(text.parse::<E164>().unwrap().to_string(), text);
        }
        for text in [
            "",
            "+",
            "+123456",
            "+1234567890123456",
            "+01234567",
            "1234567",
            "++1234567",
            "+1234 567",
            "+１２３４５６７",
            "+1234567\n",
            "+-1234567",
        ] {
            assert_eq!(text.parse::<E164>(), Err(ParseE164Error), "{text:?}");
        }
    }

    #[test]
    fn txt_2_an_identifier_is_trimmed_on_both_ends() {
        let trimmed: Identifier = " \t\r\n\u{c}+14155551212\u{c}\n\r\t ".parse().unwrap();
        assert_eq!(trimmed.to_string(), "+14155551212");
        assert_eq!("\u{b}+14155551212".parse::<Identifier>(), Err(ParseIdentifierError::Form));
        assert_eq!("\u{a0}+14155551212".parse::<Identifier>(), Err(ParseIdentifierError::Form));
        assert_eq!(" \n".parse::<Identifier>(), Err(ParseIdentifierError::Empty));
    }

    #[test]
    fn txt_2_a_channel_address_has_a_channel_and_no_white_space() {
        for text in ["a:b", "whatsapp:+14155551212", "sip:alice@example.com:5060", "x-1_y::", "rcs:東京"] {
            let identifier: Identifier = text.parse().unwrap();
            assert!(matches!(&identifier, Identifier::Channel(address) if address.as_str() == text));
            assert_eq!(identifier.phone_number(), None);
        }
        for text in [
            ":b",
            "a:",
            "1a:b",
            "-a:b",
            "A:b",
            "aB:c",
            "a b:c",
            "a:b c",
            "a:b\u{a0}c",
            "a:b\u{0}",
            "é:b",
            "14155551212",
            "+1415555121a",
            "CH0123456789abcdef0123456789abcdef",
        ] {
            assert_eq!(text.parse::<Identifier>(), Err(ParseIdentifierError::Form), "{text:?}");
        }
    }

    #[test]
    fn txt_2_equality_is_exact() {
        assert_ne!("+14155551212".parse::<Identifier>(), "whatsapp:+14155551212".parse::<Identifier>());
        assert_ne!("x:a".parse::<Identifier>(), "x:A".parse::<Identifier>());
    }

    #[test]
    fn txt_1_lengths_count_what_is_left_after_trimming() {
        let address = |length: usize| format!("x:{}", "é".repeat(length - 2));
        assert!(format!("  {}  ", address(191)).parse::<Identifier>().is_ok());
        let error = address(192).parse::<Identifier>().unwrap_err();
        assert_eq!((error, error.code()), (ParseIdentifierError::TooLong, Code::ParameterInvalid));
        assert!(address(255).parse::<ProxyIdentifier>().is_ok());
        assert!(matches!(address(256).parse::<ProxyIdentifier>(), Err(ParseProxyIdentifierError::TooLong(_))));
        assert!("x".repeat(255).parse::<RequestedProxyIdentifier>().is_ok());
        assert!("x".repeat(256).parse::<RequestedProxyIdentifier>().is_err());
    }

    #[test]
    fn txt_3_debug_masks_the_last_four_characters() {
        let debug = |text: &str| format!("{:?}", text.parse::<Identifier>().unwrap());
        assert_eq!(debug("+14155551212"), "Identifier(+1415555XXXX)");
        assert_eq!(debug("whatsapp:+14155551212"), "Identifier(whatsapp:+1415555XXXX)");
        assert_eq!(debug("x:東京都港区"), "Identifier(x:東XXXX)");
        assert_eq!(debug("a:bc"), "Identifier(XXXX)");
        assert_eq!(debug("a:b"), "Identifier(XXXX)");
        assert_eq!(format!("{:?}", "+1234567".parse::<E164>()), "Ok(E164(+123XXXX))");
        assert_eq!(format!("{:?}", "44551".parse::<ShortCode>()), "Ok(ShortCode(4XXXX))");
        assert_eq!(format!("{:?}", "445".parse::<ProxyNumber>()), "Ok(ProxyNumber(XXXX))");
        assert_eq!(format!("{:?}", "445".parse::<ProxyIdentifier>()), "Ok(ProxyIdentifier(XXXX))");
        assert_eq!(
            format!("{:?}", "secret".parse::<RequestedProxyIdentifier>()),
            "Ok(RequestedProxyIdentifier(seXXXX))"
        );
    }

    #[test]
    fn txt_4_a_short_code_is_3_to_8_digits() {
        for text in ["000", "12345678"] {
            assert_eq!(text.parse::<ShortCode>().unwrap().as_str(), text);
        }
        for text in ["", "12", "123456789", "+123", "12a", "１２３", "1 2"] {
            assert_eq!(text.parse::<ShortCode>(), Err(ParseShortCodeError), "{text:?}");
        }
    }

    #[test]
    fn txt_6_fiction_has_an_area_code_and_a_hundred_lines_in_each_area() {
        let fictional = |text: &str| text.parse::<E164>().unwrap().is_fictional();
        for text in ["+15551234567", "+14155550100", "+14155550199"] {
            assert!(fictional(text), "{text}");
        }
        for text in ["+14155550099", "+14155550200", "+4415550100", "+445551234567", "+155512345678", "+5551234567"] {
            assert!(!fictional(text), "{text}");
        }
    }

    #[test]
    fn txt_7_a_chat_channel_sid_is_no_identifier() {
        let error = "CH0123456789abcdef0123456789abcdef".parse::<Identifier>().unwrap_err();
        assert_eq!(error.code(), Code::ParticipantIdentifierInvalid);
    }

    #[test]
    fn par_7_a_request_may_name_anything() {
        for text in ["", "telephone", "+1", "12", " 44551"] {
            let requested: RequestedProxyIdentifier = text.parse().unwrap();
            assert_eq!(requested, RequestedProxyIdentifier::Unrecognized(text.into()));
            assert_eq!(requested.to_string(), text);
            assert_eq!(text.parse::<ProxyIdentifier>(), Err(ParseProxyIdentifierError::Form));
        }
        for text in ["44551", "+14155551212", "messenger:1"] {
            let proxy: ProxyIdentifier = text.parse().unwrap();
            assert_eq!(text.parse(), Ok(RequestedProxyIdentifier::from(proxy)));
        }
    }

    proptest! {
        #[test]
        fn txt_2_parse_undoes_display(text in "\\+[1-9][0-9]{6,14}|[a-z][a-z0-9_-]{0,9}:[!-~]{1,30}") {
            let identifier: Identifier = text.parse().unwrap();
            prop_assert_eq!(identifier.to_string(), text);
        }

        #[test]
        fn txt_2_any_text_is_judged_the_same_way_twice(text in ".*") {
            if let Ok(identifier) = text.parse::<Identifier>() {
                prop_assert_eq!(identifier.to_string().parse(), Ok(identifier));
            }
        }
    }
}
