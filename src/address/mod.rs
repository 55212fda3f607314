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

mod channel_address;
mod e164;
mod identifier;
mod proxy_identifier;
mod short_code;
#[cfg(test)]
mod tests;

use core::fmt;

pub use self::{
    channel_address::ChannelAddress,
    e164::{E164, ParseE164Error},
    identifier::{Identifier, ParseIdentifierError},
    proxy_identifier::{
        ParseProxyIdentifierError, ParseProxyNumberError, ProxyIdentifier, ProxyNumber, RequestedProxyIdentifier,
    },
    short_code::{ParseShortCodeError, ShortCode},
};

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
