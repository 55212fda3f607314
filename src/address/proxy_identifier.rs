use alloc::boxed::Box;
use core::{fmt, str::FromStr};

use super::{ChannelAddress, E164, ShortCode};
use crate::text::{ParseTextError, bounded};

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
#[cfg_attr(feature = "arbitrary", derive(arbitrary::Arbitrary))]
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
///
/// ```
/// use twilio_proxy_core::ProxyNumber;
///
/// assert!("whatsapp:+14155551212".parse::<ProxyNumber>().is_err());
/// ```
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
#[cfg_attr(feature = "arbitrary", derive(arbitrary::Arbitrary))]
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
    ///
    /// ```
    /// use twilio_proxy_core::{ProxyIdentifier, ProxyNumber};
    ///
    /// let proxy: ProxyIdentifier = "44551".parse()?;
    /// assert!(matches!(proxy.number(), Some(ProxyNumber::ShortCode(_))));
    /// assert_eq!("whatsapp:+14155551212".parse::<ProxyIdentifier>()?.number(), None);
    /// # Ok::<(), twilio_proxy_core::ParseProxyIdentifierError>(())
    /// ```
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

impl From<E164> for ProxyIdentifier {
    fn from(number: E164) -> Self {
        Self::PhoneNumber(number)
    }
}

impl From<ShortCode> for ProxyIdentifier {
    fn from(code: ShortCode) -> Self {
        Self::ShortCode(code)
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
///
/// ```
/// use twilio_proxy_core::{ParseProxyIdentifierError, ProxyIdentifier};
///
/// assert_eq!("telephone".parse::<ProxyIdentifier>(), Err(ParseProxyIdentifierError::Form));
/// ```
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
