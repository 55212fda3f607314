use alloc::boxed::Box;
use core::{fmt, str::FromStr};

use crate::{
    sid::{Resource, Sid},
    text::host,
    time::Timestamp,
};

/// What a request cannot bring: the instant, the bits of new SIDs, and where the API is found.
///
/// ```
/// use twilio_proxy_core::{Timestamp, rest::{Context, Origin}};
///
/// let origin: Origin = "http://127.0.0.1:8080".parse()?;
/// let drawn = 0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c834; // from a source of randomness
/// let context = Context { now: Timestamp::MIN, entropy: drawn, origin: &origin };
/// # Ok::<(), twilio_proxy_core::rest::ParseOriginError>(())
/// ```
#[derive(Clone, Copy, Debug)]
#[expect(clippy::exhaustive_structs, reason = "written as a literal")]
pub struct Context<'a> {
    /// The instant of the request.
    pub now: Timestamp,
    /// The 128 bits of the SID of what the request creates (SID-4): new ones for each request. The participants of a new
    /// session have SIDs made from them as well, the first one with these very bits.
    pub entropy: u128,
    /// What the URLs in answers start with (API-3).
    pub origin: &'a Origin,
}

impl Context<'_> {
    pub(super) const fn sid<R: Resource>(&self) -> Sid<R> {
        Sid::from_u128(self.entropy)
    }

    /// The SID of one of several that a request creates. It differs in the first bits, so that an embedder may count up.
    pub(super) fn nth_sid<R: Resource>(&self, index: u32) -> Sid<R> {
        Sid::from_u128(self.entropy ^ u128::from(index).reverse_bits())
    }
}

/// Scheme, host and port of an API: what the URLs of its resources start with (API-3).
///
/// ```
/// use twilio_proxy_core::rest::Origin;
///
/// assert_eq!(Origin::default().as_str(), "https://proxy.twilio.com");
/// assert!("https://proxy.example.com/".parse::<Origin>().is_err()); // no path
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Origin(Box<str>);

impl Origin {
    /// The text.
    ///
    /// ```
    /// use twilio_proxy_core::rest::{Origin, ParseOriginError};
    ///
    /// let origin: Origin = "http://127.0.0.1:8080".parse()?;
    /// assert_eq!(origin.as_str(), "http://127.0.0.1:8080");
    /// # Ok::<(), ParseOriginError>(())
    /// ```
    #[must_use]
    pub const fn as_str(&self) -> &str {
        &self.0
    }
}

impl Default for Origin {
    fn default() -> Self {
        Self("https://proxy.twilio.com".into())
    }
}

impl FromStr for Origin {
    type Err = ParseOriginError;

    fn from_str(text: &str) -> Result<Self, ParseOriginError> {
        let authority =
            text.strip_prefix("https://").or_else(|| text.strip_prefix("http://")).ok_or(ParseOriginError)?;
        if authority.contains('@') || host(authority).is_none() {
            return Err(ParseOriginError);
        }
        Ok(Self(text.into()))
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// A text is no [`Origin`]: that is `http://` or `https://`, a host, and perhaps a port.
///
/// ```
/// use twilio_proxy_core::rest::{Origin, ParseOriginError};
///
/// assert_eq!("127.0.0.1:8080".parse::<Origin>(), Err(ParseOriginError));
/// ```
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[expect(clippy::exhaustive_structs, reason = "there is nothing to say")]
#[error("an origin is http:// or https://, a host and perhaps a port")]
pub struct ParseOriginError;
