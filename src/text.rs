//! Bounded text: names and callback URLs. Each type checks once, when it is parsed; what holds one need not look again.

use alloc::boxed::Box;
use core::{
    fmt,
    hash::{Hash, Hasher},
    marker::PhantomData,
    str::FromStr,
};

use crate::sid::{Resource, Sid, kind};

/// Descriptive text of at most 255 characters, for people (TXT-1). It should hold nothing personal.
///
/// ```
/// use twilio_proxy_core::{FriendlyName, ParseTextError};
///
/// let name: FriendlyName = "Driver 7".parse()?;
/// assert_eq!(name.as_str(), "Driver 7");
/// assert_eq!("x".repeat(256).parse::<FriendlyName>(), Err(ParseTextError::TooLong { limit: 255 }));
/// # Ok::<(), ParseTextError>(())
/// ```
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct FriendlyName(Box<str>);

impl FriendlyName {
    /// The longest one, in characters.
    pub const LIMIT: usize = 255;

    /// The text.
    ///
    /// ```
    /// use twilio_proxy_core::FriendlyName;
    ///
    /// assert_eq!("Driver 7".parse::<FriendlyName>()?.as_str(), "Driver 7");
    /// # Ok::<(), twilio_proxy_core::ParseTextError>(())
    /// ```
    #[must_use]
    pub const fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for FriendlyName {
    type Err = ParseTextError;

    fn from_str(text: &str) -> Result<Self, ParseTextError> {
        Ok(Self(bounded(text, Self::LIMIT)?.into()))
    }
}

impl fmt::Display for FriendlyName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

serde_as_text!({} FriendlyName, "text of at most 255 characters");

/// The name that a session or service is looked up by: 1 to 191 characters, case-sensitive, taken as it is (TXT-1, TXT-5).
///
/// A name that reads as a SID of its own kind is refused, since a look-up could not tell the two apart.
///
/// ```
/// use twilio_proxy_core::{ParseTextError, SessionName};
///
/// let name: SessionName = "job-17".parse()?;
/// assert_eq!(name.as_str(), "job-17");
/// let error = "KC0123456789abcdef0123456789abcdef".parse::<SessionName>();
/// assert_eq!(error, Err(ParseTextError::ReadsAsSid { prefix: "KC" }));
/// # Ok::<(), ParseTextError>(())
/// ```
pub struct UniqueName<R = kind::Session> {
    text: Box<str>,
    resource: PhantomData<fn() -> R>,
}

/// Name of a service, unique in its account.
///
/// ```
/// use twilio_proxy_core::ServiceName;
///
/// let name: ServiceName = "rides".parse()?;
/// assert!("KS0123456789abcdef0123456789abcdef".parse::<ServiceName>().is_err());
/// # Ok::<(), twilio_proxy_core::ParseTextError>(())
/// ```
pub type ServiceName = UniqueName<kind::Service>;
/// Name of a session, unique in its service.
///
/// ```
/// use twilio_proxy_core::SessionName;
///
/// assert_ne!("Job-17".parse::<SessionName>()?, "job-17".parse()?);
/// # Ok::<(), twilio_proxy_core::ParseTextError>(())
/// ```
pub type SessionName = UniqueName<kind::Session>;

impl<R> UniqueName<R> {
    /// The longest one, in characters.
    pub const LIMIT: usize = 191;

    /// The text.
    ///
    /// ```
    /// use twilio_proxy_core::SessionName;
    ///
    /// assert_eq!("job-17".parse::<SessionName>()?.as_str(), "job-17");
    /// # Ok::<(), twilio_proxy_core::ParseTextError>(())
    /// ```
    #[must_use]
    pub const fn as_str(&self) -> &str {
        &self.text
    }
}

#[cfg(feature = "testing")]
impl ServiceName {
    /// A name that is known to be one.
    pub(crate) fn from_literal(text: &'static str) -> Self {
        Self { text: text.into(), resource: PhantomData }
    }
}

impl<R: Resource> FromStr for UniqueName<R> {
    type Err = ParseTextError;

    fn from_str(text: &str) -> Result<Self, ParseTextError> {
        if text.is_empty() {
            return Err(ParseTextError::Empty);
        }
        let text = bounded(text, Self::LIMIT)?;
        if text.parse::<Sid<R>>().is_ok() {
            return Err(ParseTextError::ReadsAsSid { prefix: R::PREFIX_TEXT });
        }
        Ok(Self { text: text.into(), resource: PhantomData })
    }
}

impl<R> fmt::Display for UniqueName<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.text)
    }
}

impl<R> fmt::Debug for UniqueName<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("UniqueName").field(&self.text).finish()
    }
}

impl<R> Clone for UniqueName<R> {
    fn clone(&self) -> Self {
        Self { text: self.text.clone(), resource: PhantomData }
    }
}

impl<R> Eq for UniqueName<R> {}

impl<R> PartialEq for UniqueName<R> {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl<R> Hash for UniqueName<R> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.text.hash(state);
    }
}

serde_as_text!({R: Resource} UniqueName<R>, "a name of 1 to 191 characters");

/// An absolute `http` or `https` URL of at most 4000 characters that Proxy may send a webhook to (TXT-1, SVC-7).
///
/// Its host must not be one of Proxy's own, `proxy.twilio.com` and `webhooks.twilio.com`. The URL is kept as it was
/// given; nothing is normalised.
///
/// ```
/// use twilio_proxy_core::{CallbackUrl, ParseCallbackUrlError};
///
/// let url: CallbackUrl = "https://rides.example.com/proxy?region=eu".parse()?;
/// assert_eq!(url.as_str(), "https://rides.example.com/proxy?region=eu");
/// assert_eq!("https://Proxy.Twilio.com/v1".parse::<CallbackUrl>(), Err(ParseCallbackUrlError::ProxyHost));
/// # Ok::<(), ParseCallbackUrlError>(())
/// ```
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct CallbackUrl(Box<str>);

impl CallbackUrl {
    /// The longest one, in characters.
    pub const LIMIT: usize = 4000;

    /// The text.
    ///
    /// ```
    /// use twilio_proxy_core::CallbackUrl;
    ///
    /// let url: CallbackUrl = "https://Rides.example.com".parse()?;
    /// assert_eq!(url.as_str(), "https://Rides.example.com");
    /// # Ok::<(), twilio_proxy_core::ParseCallbackUrlError>(())
    /// ```
    #[must_use]
    pub const fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for CallbackUrl {
    type Err = ParseCallbackUrlError;

    fn from_str(text: &str) -> Result<Self, ParseCallbackUrlError> {
        let text = bounded(text, Self::LIMIT).map_err(|_| ParseCallbackUrlError::TooLong)?;
        let (scheme, rest) = text.split_once("://").ok_or(ParseCallbackUrlError::NotAbsolute)?;
        if !scheme.eq_ignore_ascii_case("http") && !scheme.eq_ignore_ascii_case("https") {
            return Err(ParseCallbackUrlError::NotAbsolute);
        }
        // Browsers read a backslash as a slash: with it, the host would be a matter of opinion.
        if rest.chars().any(|c| c.is_whitespace() || c.is_control() || c == '\\') {
            return Err(ParseCallbackUrlError::Character);
        }
        let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
        let host = host(authority).ok_or(ParseCallbackUrlError::Host)?;
        let host = host.strip_suffix('.').unwrap_or(host);
        if ["proxy.twilio.com", "webhooks.twilio.com"].iter().any(|own| host.eq_ignore_ascii_case(own)) {
            return Err(ParseCallbackUrlError::ProxyHost);
        }
        Ok(Self(text.into()))
    }
}

impl fmt::Display for CallbackUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

serde_as_text!({} CallbackUrl, "an absolute http or https URL");

/// Why a text is too short, too long or of the wrong form for its place: each is 80701.
///
/// ```
/// use twilio_proxy_core::{ParseTextError, SessionName};
///
/// match "x".repeat(192).parse::<SessionName>() {
///     Err(ParseTextError::TooLong { limit }) => assert_eq!(limit, 191), // shorten it
///     other => panic!("{other:?}"),
/// }
/// ```
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum ParseTextError {
    /// It has no characters, and needs one.
    #[error("the name is empty")]
    Empty,
    /// It has too many characters (TXT-1).
    #[error("the text is longer than {limit} characters")]
    TooLong {
        /// The most that it may have.
        limit: usize,
    },
    /// It has the form of a SID of the resource that it should name (TXT-5).
    #[error("the name has the form of a SID, {prefix} and 32 hexadecimal digits")]
    ReadsAsSid {
        /// The prefix of that SID.
        prefix: &'static str,
    },
}

/// Why a text is no [`CallbackUrl`]: each is 80701.
///
/// ```
/// use twilio_proxy_core::{CallbackUrl, ParseCallbackUrlError};
///
/// match "rides.example.com/proxy".parse::<CallbackUrl>() {
///     Err(ParseCallbackUrlError::NotAbsolute) => {} // put `https://` before it
///     other => panic!("{other:?}"),
/// }
/// ```
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum ParseCallbackUrlError {
    /// It has more than 4000 characters (TXT-1).
    #[error("the URL is longer than 4000 characters")]
    TooLong,
    /// It does not start with `http://` or `https://`.
    #[error("the URL does not start with http:// or https://")]
    NotAbsolute,
    /// It has white space, a control character or a backslash in it.
    #[error("the URL contains white space, a control character or a backslash")]
    Character,
    /// It has no host, or one that is no name or address, or a port that is none.
    #[error("the URL has no valid host and port")]
    Host,
    /// Its host is one of Proxy's own (SVC-7).
    #[error("the URL points back at Proxy")]
    ProxyHost,
}

/// A text is none of the literals that the API has in this place: 80701.
///
/// ```
/// use twilio_proxy_core::SessionMode;
///
/// let error = "text".parse::<SessionMode>().unwrap_err();
/// assert_eq!(error.expected, ["message-only", "voice-only", "voice-and-message"]);
/// ```
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
#[error("the value is none of {}", Listed(expected))]
pub struct UnknownLiteral {
    /// All that would have been accepted.
    pub expected: &'static [&'static str],
}

struct Listed<'a>(&'a [&'a str]);

impl fmt::Display for Listed<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, literal) in self.0.iter().enumerate() {
            write!(f, "{}{literal}", if index == 0 { "" } else { ", " })?;
        }
        Ok(())
    }
}

/// `text`, if it has no more than `limit` characters; reads no further than it must.
pub(crate) fn bounded(text: &str, limit: usize) -> Result<&str, ParseTextError> {
    // A character has at most four bytes: longer text need not be counted.
    if text.len() <= limit || text.len() / 4 <= limit && text.chars().nth(limit).is_none() {
        Ok(text)
    } else {
        Err(ParseTextError::TooLong { limit })
    }
}

/// The host of `userinfo@host:port`, if host and port have the right form. Letters beyond ASCII and percent escapes are
/// none: a resolver may fold them into a host that is forbidden.
pub(crate) fn host(authority: &str) -> Option<&str> {
    let host_and_port = authority.rsplit_once('@').map_or(authority, |(_, rest)| rest);
    let (host, port) = match host_and_port.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((address, port)) => {
            address.parse::<core::net::Ipv6Addr>().ok()?;
            (address, port)
        }
        None => host_and_port.split_at(host_and_port.find(':').unwrap_or(host_and_port.len())),
    };
    let port_is_well_formed = match port.strip_prefix(':') {
        Some(digits) => {
            digits.is_empty() || digits.bytes().all(|b| b.is_ascii_digit()) && digits.parse::<u16>().is_ok()
        }
        None => port.is_empty(),
    };
    let host_is_well_formed = host.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '_' | ':'))
        && host.contains(|c: char| c.is_ascii_alphanumeric() || c == ':');
    (port_is_well_formed && host_is_well_formed).then_some(host)
}

#[cfg(test)]
mod tests {
    use alloc::{format, string::ToString};

    use super::*;

    #[test]
    fn txt_5_a_name_is_shown_as_it_is() {
        let name: SessionName = " Job \"17\"".parse().unwrap();
        assert_eq!(format!("{name}, {name:?}"), r#" Job "17", UniqueName(" Job \"17\"")"#);
    }

    #[test]
    fn txt_1_lengths_count_characters() {
        for (limit, parses) in [
            (255, (|text| text.parse::<FriendlyName>().is_ok()) as fn(&str) -> bool),
            (191, |text| text.parse::<SessionName>().is_ok()),
            (191, |text| text.parse::<ServiceName>().is_ok()),
        ] {
            for character in ["x", "é", "東", "🚕"] {
                assert!(parses(&character.repeat(limit)), "{limit} of {character}");
                assert!(!parses(&character.repeat(limit + 1)), "{limit} and one of {character}");
            }
            assert!(!parses(&"x".repeat(10_000_000)));
        }
        let url = |length: usize| format!("https://a.example/{}", "é".repeat(length - 18));
        assert!(url(4000).parse::<CallbackUrl>().is_ok());
        assert_eq!(url(4001).parse::<CallbackUrl>(), Err(ParseCallbackUrlError::TooLong));
    }

    #[test]
    fn txt_1_a_friendly_name_may_be_empty_and_a_unique_name_not() {
        assert_eq!("".parse::<FriendlyName>().unwrap().as_str(), "");
        assert_eq!("".parse::<SessionName>(), Err(ParseTextError::Empty));
    }

    #[test]
    fn txt_5_names_are_taken_as_they_are() {
        for text in [" job ", "Job", "job", "\n", "e\u{301}", "CH0123456789abcdef0123456789abcdef"] {
            assert_eq!(text.parse::<SessionName>().unwrap().as_str(), text);
            assert_eq!(text.parse::<ServiceName>().unwrap().to_string(), text);
        }
        assert_ne!("Job".parse::<SessionName>(), "job".parse::<SessionName>());
    }

    #[test]
    fn txt_5_a_name_that_reads_as_a_sid_of_its_kind_is_refused() {
        let session = "KC0123456789abcdef0123456789ABCDEF";
        let service = "KS0123456789abcdef0123456789ABCDEF";
        assert_eq!(session.parse::<SessionName>(), Err(ParseTextError::ReadsAsSid { prefix: "KC" }));
        assert_eq!(service.parse::<ServiceName>(), Err(ParseTextError::ReadsAsSid { prefix: "KS" }));
        assert!(session.parse::<ServiceName>().is_ok());
        assert!(service.parse::<SessionName>().is_ok());
        assert!(session.to_lowercase().parse::<SessionName>().is_ok());
    }

    #[test]
    fn svc_7_a_callback_url_is_absolute_http_with_a_host() {
        for good in [
            "http://a",
            "HTTPS://example.com",
            "https://user:pass@example.com:8443/a?b=c#d",
            "http://127.0.0.1:8080/",
            "http://[::1]:8080/hook",
            "https://example.com:/x",
            "https://not-proxy.twilio.com/",
            "https://proxy.twilio.com.example.org/",
            "https://example.com/?to=https://proxy.twilio.com",
            "https://xn--bcher-kva.example/ü",
        ] {
            assert_eq!(good.parse::<CallbackUrl>().unwrap().as_str(), good);
        }
        for (bad, error) in [
            ("", ParseCallbackUrlError::NotAbsolute),
            ("example.com/hook", ParseCallbackUrlError::NotAbsolute),
            ("/hook", ParseCallbackUrlError::NotAbsolute),
            ("ftp://example.com", ParseCallbackUrlError::NotAbsolute),
            ("https:/example.com", ParseCallbackUrlError::NotAbsolute),
            (" https://example.com", ParseCallbackUrlError::NotAbsolute),
            ("https://example.com/a b", ParseCallbackUrlError::Character),
            ("https://example.com\n", ParseCallbackUrlError::Character),
            ("https://example.com/\0", ParseCallbackUrlError::Character),
            ("https://", ParseCallbackUrlError::Host),
            ("https:///hook", ParseCallbackUrlError::Host),
            ("https://?x", ParseCallbackUrlError::Host),
            ("https://:80/", ParseCallbackUrlError::Host),
            ("https://.", ParseCallbackUrlError::Host),
            ("https://user@/", ParseCallbackUrlError::Host),
            ("https://a:65536/", ParseCallbackUrlError::Host),
            ("https://a:+1/", ParseCallbackUrlError::Host),
            ("https://a:b/", ParseCallbackUrlError::Host),
            ("https://[::1/", ParseCallbackUrlError::Host),
            ("https://[::g]/", ParseCallbackUrlError::Host),
            ("https://[::1]x/", ParseCallbackUrlError::Host),
            ("https://proxy%2Etwilio.com/", ParseCallbackUrlError::Host),
            ("https://ｐroxy.twilio.com/", ParseCallbackUrlError::Host),
            ("https://proxy.twilio.com\\@example.com/", ParseCallbackUrlError::Character),
            ("https://proxy.twilio.com", ParseCallbackUrlError::ProxyHost),
            ("https://x@proxy.twilio.com:443/v1", ParseCallbackUrlError::ProxyHost),
            ("http://PROXY.twilio.com./", ParseCallbackUrlError::ProxyHost),
            ("https://webhooks.twilio.com/v1", ParseCallbackUrlError::ProxyHost),
        ] {
            assert_eq!(bad.parse::<CallbackUrl>(), Err(error), "{bad:?}");
        }
    }
}
