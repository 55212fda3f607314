use core::{fmt, str::FromStr};

use super::{ChannelAddress, E164, Masked, trimmed};
use crate::{code::Code, text::bounded};

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
    ///
    /// ```
    /// use twilio_proxy_core::Identifier;
    ///
    /// assert_eq!("+14155551212".parse::<Identifier>()?.phone_number(), "+14155551212".parse().ok());
    /// assert_eq!("whatsapp:+14155551212".parse::<Identifier>()?.phone_number(), None);
    /// # Ok::<(), twilio_proxy_core::ParseIdentifierError>(())
    /// ```
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
///
/// ```
/// use twilio_proxy_core::{Identifier, ParseIdentifierError};
///
/// match "somebody".parse::<Identifier>() {
///     Err(ParseIdentifierError::Form) => {} // ask for a number
///     other => panic!("{other:?}"),
/// }
/// ```
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
    ///
    /// ```
    /// use twilio_proxy_core::{Code, ParseIdentifierError};
    ///
    /// assert_eq!(ParseIdentifierError::Empty.code(), Code::ParameterInvalid);
    /// assert_eq!(ParseIdentifierError::Form.code(), Code::ParticipantIdentifierInvalid);
    /// ```
    #[must_use]
    pub const fn code(self) -> Code {
        match self {
            Self::Empty | Self::TooLong => Code::ParameterInvalid,
            Self::Form => Code::ParticipantIdentifierInvalid,
        }
    }
}
