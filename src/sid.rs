//! String identifiers (SIDs): a two-letter prefix and 32 hexadecimal digits.
//!
//! [`Sid<R>`] holds the 128 bits behind the prefix; the type says which resource they name, so a [`ParticipantSid`]
//! cannot be handed over where a [`SessionSid`] is due:
//!
//! ```compile_fail,E0308
//! use twilio_proxy_core::{ParticipantSid, SessionSid};
//! let session: SessionSid = ParticipantSid::from_bytes([7; 16]);
//! ```
//!
//! Parsing and printing allocate nothing, and the crate never draws a SID: the caller brings the bits (SID-4).

use core::{
    cmp::Ordering,
    fmt,
    hash::{Hash, Hasher},
    marker::PhantomData,
    str::FromStr,
};

const LENGTH: usize = 34;

/// A SID of resource `R`: 16 bytes, `Copy`, ordered by its digits (SID-1).
///
/// Upper- and lower-case digits parse to the same SID, which prints in lower case; the prefix is case-sensitive (SID-2).
///
/// ```
/// use twilio_proxy_core::{ParseSidError, SessionSid};
///
/// let sid: SessionSid = "KC0123456789ABCDEF0123456789abcdef".parse()?;
/// assert_eq!(sid.to_string(), "KC0123456789abcdef0123456789abcdef");
/// assert_eq!(format!("{sid:?}"), "SessionSid(KC0123456789abcdef0123456789abcdef)");
/// assert_eq!(sid.encode(&mut [0; 34]), b"KC0123456789abcdef0123456789abcdef");
/// # Ok::<(), ParseSidError>(())
/// ```
pub struct Sid<R> {
    bytes: [u8; 16],
    resource: PhantomData<fn() -> R>,
}

/// SID of an account, `AC…`.
pub type AccountSid = Sid<kind::Account>;
/// SID of a chat instance, `IS…`.
pub type ChatInstanceSid = Sid<kind::ChatInstance>;
/// SID of an interaction, `KI…`.
pub type InteractionSid = Sid<kind::Interaction>;
/// SID of a participant, `KP…`.
pub type ParticipantSid = Sid<kind::Participant>;
/// SID of a phone number, `PN…`.
pub type PhoneNumberSid = Sid<kind::PhoneNumber>;
/// SID of a Proxy service, `KS…`.
pub type ServiceSid = Sid<kind::Service>;
/// SID of a session, `KC…`.
pub type SessionSid = Sid<kind::Session>;
/// SID of a short code, `SC…`.
pub type ShortCodeSid = Sid<kind::ShortCode>;

const _: () = assert!(size_of::<SessionSid>() == 16, "a SID is as large as its digits");

impl<R: Resource> Sid<R> {
    /// The SID with these 128 bits, most significant first.
    ///
    /// ```
    /// # use twilio_proxy_core::ParticipantSid;
    /// const ALICE: ParticipantSid = ParticipantSid::from_bytes([0xa1; 16]);
    /// assert_eq!(ALICE.to_string(), "KPa1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1");
    /// ```
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 16]) -> Self {
        Self { bytes, resource: PhantomData }
    }

    /// The SID with these 128 bits.
    ///
    /// ```
    /// # use twilio_proxy_core::ServiceSid;
    /// assert_eq!(ServiceSid::from_u128(0xf).to_string(), "KS0000000000000000000000000000000f");
    /// ```
    #[must_use]
    pub const fn from_u128(bits: u128) -> Self {
        Self::from_bytes(bits.to_be_bytes())
    }

    /// The 128 bits behind the prefix, most significant first.
    ///
    /// ```
    /// # use twilio_proxy_core::ServiceSid;
    /// assert_eq!(ServiceSid::from_bytes([7; 16]).as_bytes(), &[7; 16]);
    /// ```
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 16] {
        &self.bytes
    }

    /// The 128 bits behind the prefix, as an integer.
    ///
    /// ```
    /// # use twilio_proxy_core::ServiceSid;
    /// assert_eq!(ServiceSid::from_u128(42).to_u128(), 42);
    /// ```
    #[must_use]
    pub const fn to_u128(self) -> u128 {
        u128::from_be_bytes(self.bytes)
    }

    /// Parses a SID in a `const`; [`FromStr`] is the faster way at run time. For literals there is [`sid!`](crate::sid!).
    ///
    /// ```
    /// # use twilio_proxy_core::{ParseSidError, SessionSid};
    /// const FOUND: Result<SessionSid, ParseSidError> = SessionSid::parse_ascii(b"KC0123");
    /// assert_eq!(FOUND, Err(ParseSidError::Length { found: 6 }));
    /// ```
    ///
    /// # Errors
    ///
    /// [`ParseSidError`]: wrong length, prefix or digit, looked at in this order (SID-3).
    pub const fn parse_ascii(text: &[u8]) -> Result<Self, ParseSidError> {
        let [first, second, digits @ ..] = text else { return Err(ParseSidError::Length { found: text.len() }) };
        if text.len() != LENGTH {
            return Err(ParseSidError::Length { found: text.len() });
        }
        let [expected_first, expected_second] = R::PREFIX;
        if *first != expected_first || *second != expected_second {
            return Err(ParseSidError::Prefix { expected: R::PREFIX_TEXT, found: [*first, *second] });
        }
        match parse_digits(digits) {
            Ok(bytes) => Ok(Self::from_bytes(bytes)),
            Err(error) => Err(error),
        }
    }

    /// Writes the 34 characters into `buffer` and returns it, allocating nothing.
    ///
    /// ```
    /// # use twilio_proxy_core::ServiceSid;
    /// let mut buffer = [0; 34];
    /// assert_eq!(ServiceSid::from_u128(1).encode(&mut buffer), b"KS00000000000000000000000000000001");
    /// ```
    pub fn encode(self, buffer: &mut [u8; LENGTH]) -> &[u8; LENGTH] {
        write_text(R::PREFIX, self.bytes, buffer);
        buffer
    }
}

impl<R: Resource> FromStr for Sid<R> {
    type Err = ParseSidError;

    fn from_str(text: &str) -> Result<Self, ParseSidError> {
        if let Some((prefix, digits)) = text.as_bytes().split_first_chunk::<2>()
            && *prefix == R::PREFIX
            && let Ok(digits) = digits.try_into()
            && let Some(bytes) = decode_digits(digits)
        {
            return Ok(Self::from_bytes(bytes));
        }
        Self::parse_ascii(text.as_bytes())
    }
}

impl<R: Resource> TryFrom<&str> for Sid<R> {
    type Error = ParseSidError;

    fn try_from(text: &str) -> Result<Self, ParseSidError> {
        text.parse()
    }
}

impl<R: Resource> fmt::Display for Sid<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(str::from_utf8(self.encode(&mut [0; LENGTH])).unwrap_or_default())
    }
}

impl<R: Resource> fmt::Debug for Sid<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}Sid({self})", R::NAME)
    }
}

impl<R> Clone for Sid<R> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<R> Copy for Sid<R> {}

impl<R> Eq for Sid<R> {}

impl<R> PartialEq for Sid<R> {
    fn eq(&self, other: &Self) -> bool {
        self.bytes == other.bytes
    }
}

impl<R> Ord for Sid<R> {
    fn cmp(&self, other: &Self) -> Ordering {
        self.bytes.cmp(&other.bytes)
    }
}

impl<R> PartialOrd for Sid<R> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl<R> Hash for Sid<R> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write_u128(u128::from_ne_bytes(self.bytes));
    }
}

#[cfg(feature = "serde")]
impl<R: Resource> serde::Serialize for Sid<R> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(str::from_utf8(self.encode(&mut [0; LENGTH])).unwrap_or_default())
    }
}

deserialize_from_text!({R: Resource} Sid<R>, "a SID: its prefix and 32 hexadecimal digits");

/// SID of a call, message or other resource that Proxy refers to: any two ASCII letters and 32 hexadecimal digits (SID-1).
///
/// ```
/// use twilio_proxy_core::{ParseSidError, ResourceSid};
///
/// let call: ResourceSid = "CA0123456789abcdef0123456789abcdef".parse()?;
/// assert_eq!(call.to_string(), "CA0123456789abcdef0123456789abcdef");
/// assert!("C10123456789abcdef0123456789abcdef".parse::<ResourceSid>().is_err());
/// # Ok::<(), ParseSidError>(())
/// ```
#[derive(Clone, Copy, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct ResourceSid {
    prefix: [u8; 2],
    bytes: [u8; 16],
}

impl FromStr for ResourceSid {
    type Err = ParseSidError;

    fn from_str(text: &str) -> Result<Self, ParseSidError> {
        let Some((prefix, digits)) = text.as_bytes().split_first_chunk().filter(|_| text.len() == LENGTH) else {
            return Err(ParseSidError::Length { found: text.len() });
        };
        if !prefix.iter().all(u8::is_ascii_alphabetic) {
            return Err(ParseSidError::Prefix { expected: "two letters", found: *prefix });
        }
        Ok(Self { prefix: *prefix, bytes: parse_digits(digits)? })
    }
}

impl fmt::Display for ResourceSid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut buffer = [0; LENGTH];
        write_text(self.prefix, self.bytes, &mut buffer);
        f.pad(str::from_utf8(&buffer).unwrap_or_default())
    }
}

impl fmt::Debug for ResourceSid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ResourceSid({self})")
    }
}

serde_as_text!({} ResourceSid, "a SID: two letters and 32 hexadecimal digits");

/// Why a text is no SID of the kind that was asked for (SID-3). Positions count bytes from 0.
///
/// ```
/// use twilio_proxy_core::{ParseSidError, SessionSid};
///
/// match "CA0123456789abcdef0123456789abcdef".parse::<SessionSid>() {
///     Err(ParseSidError::Prefix { expected, .. }) => assert_eq!(expected, "KC"),
///     other => panic!("{other:?}"),
/// }
/// ```
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum ParseSidError {
    /// It is not 34 bytes long.
    #[error("a SID has 34 bytes, not {found}")]
    Length {
        /// How many bytes it has.
        found: usize,
    },
    /// It names another kind of resource, or none.
    #[error("the SID starts with `{}`, not with {expected}", found.escape_ascii())]
    Prefix {
        /// The prefix of the kind that was asked for.
        expected: &'static str,
        /// Its first two bytes.
        found: [u8; 2],
    },
    /// A byte behind the prefix is no hexadecimal digit.
    #[error("`{}` at position {position} of the SID is no hexadecimal digit", found.escape_ascii())]
    Digit {
        /// Where the first such byte is: 2 to 33.
        position: usize,
        /// The byte.
        found: u8,
    },
}

/// A kind of resource that a [`Sid`] can name; implemented by the tags in [`kind`] alone.
///
/// ```
/// use twilio_proxy_core::sid::{Resource, kind};
///
/// assert_eq!(kind::Session::PREFIX_TEXT, "KC");
/// ```
pub trait Resource: sealed::Sealed + 'static {
    /// The two letters that its SIDs start with.
    const PREFIX: [u8; 2];
    /// The same, as text.
    const PREFIX_TEXT: &'static str;
    /// Its name in Twilio's API, such as `Session`.
    const NAME: &'static str;
}

mod sealed {
    #[expect(unnameable_types, reason = "so that nobody else implements `Resource`")]
    pub trait Sealed {}
}

/// The kinds of resource, as uninhabited types.
pub mod kind {
    macro_rules! kinds {
        ($($(#[$doc:meta])* $name:ident $prefix:literal;)*) => {$(
            $(#[$doc])*
            #[derive(Debug)]
            #[expect(clippy::exhaustive_enums, reason = "a tag has no values")]
            pub enum $name {}

            impl super::sealed::Sealed for $name {}

            impl super::Resource for $name {
                const PREFIX: [u8; 2] = *$prefix;
                const PREFIX_TEXT: &'static str = match str::from_utf8($prefix) {
                    Ok(text) => text,
                    Err(_) => "",
                };
                const NAME: &'static str = stringify!($name);
            }
        )*};
    }

    kinds! {
        /// An account, `AC`.
        Account b"AC";
        /// A chat instance, `IS`.
        ChatInstance b"IS";
        /// An interaction, `KI`.
        Interaction b"KI";
        /// A participant, `KP`.
        Participant b"KP";
        /// A phone number, `PN`.
        PhoneNumber b"PN";
        /// A Proxy service, `KS`.
        Service b"KS";
        /// A session, `KC`.
        Session b"KC";
        /// A short code, `SC`.
        ShortCode b"SC";
    }
}

/// A SID literal that is checked while compiling; its kind is inferred.
///
/// ```
/// use twilio_proxy_core::{SessionSid, sid};
///
/// const RIDE: SessionSid = sid!("KC0123456789abcdef0123456789abcdef");
/// # assert_eq!(RIDE.to_u128() >> 120, 1);
/// ```
///
/// ```compile_fail,E0080
/// # use twilio_proxy_core::{SessionSid, sid};
/// const RIDE: SessionSid = sid!("KC0123");
/// ```
#[macro_export]
macro_rules! sid {
    ($text:literal) => {
        const { $crate::sid::literal($text) }
    };
}

#[doc(hidden)]
#[must_use]
#[expect(clippy::panic, reason = "runs while compiling: the panic is the compiler's error")]
pub const fn literal<R: Resource>(text: &str) -> Sid<R> {
    match Sid::parse_ascii(text.as_bytes()) {
        Ok(sid) => sid,
        Err(ParseSidError::Length { .. }) => panic!("a SID has 34 characters"),
        Err(ParseSidError::Prefix { .. }) => panic!("this is the prefix of another kind of SID"),
        Err(ParseSidError::Digit { .. }) => panic!("a SID has hexadecimal digits behind its prefix"),
    }
}

/// Without a branch in its loops, which the compiler turns into vector instructions: half the time of `uuid`, and faster than
/// `const-hex`, which asks the processor what it can do at every call.
#[inline]
fn decode_digits(digits: &[u8; 32]) -> Option<[u8; 16]> {
    let (mut nibbles, mut excess) = ([0_u8; 32], 0);
    for (nibble, digit) in nibbles.iter_mut().zip(digits) {
        let decimal = digit.wrapping_sub(b'0');
        let letter = (digit | 0x20).wrapping_sub(b'a');
        excess |= decimal.saturating_sub(9).min(letter.saturating_sub(5));
        *nibble = decimal.min(letter.wrapping_add(10));
    }
    let mut bytes = [0; 16];
    for (byte, [high, low]) in bytes.iter_mut().zip(nibbles.as_chunks().0) {
        *byte = (high << 4) | low;
    }
    (excess == 0).then_some(bytes)
}

/// The 16 bytes of exactly 32 digits, in a `const` too; it knows where a bad digit is.
const fn parse_digits(digits: &[u8]) -> Result<[u8; 16], ParseSidError> {
    let mut bits: u128 = 0;
    let mut position = 2;
    let mut rest = digits;
    while let [digit, tail @ ..] = rest {
        let Some(value) = (*digit as char).to_digit(16) else {
            return Err(ParseSidError::Digit { position, found: *digit });
        };
        bits = (bits << 4) | value as u128;
        position = usize::saturating_add(position, 1);
        rest = tail;
    }
    Ok(bits.to_be_bytes())
}

#[inline]
fn write_text(prefix: [u8; 2], bytes: [u8; 16], buffer: &mut [u8; LENGTH]) {
    if let Some((start, digits)) = buffer.split_first_chunk_mut() {
        *start = prefix;
        if let Some(digits) = digits.as_chunks_mut().0.first_chunk_mut() {
            write_digits(bytes, digits);
        }
    }
}

/// Both digits of a byte lie in one word, which the compiler turns into vector instructions: a seventh faster than `uuid`. Not
/// inlined, since next to the two letters of the prefix it does not.
#[inline(never)]
fn write_digits(bytes: [u8; 16], digits: &mut [[u8; 2]; 16]) {
    for (pair, byte) in digits.iter_mut().zip(bytes) {
        let nibbles = (u16::from(byte) >> 4) | (u16::from(byte & 0xf) << 8);
        let letters = (nibbles.wrapping_add(0x0606) >> 4) & 0x0101;
        let to_letters = letters.wrapping_mul(u16::from(b'a' - b'0' - 10));
        *pair = nibbles.wrapping_add(0x3030).wrapping_add(to_letters).to_le_bytes();
    }
}

#[cfg(test)]
mod tests {
    use alloc::{format, string::ToString};

    use proptest::prelude::*;

    use super::*;

    const VALID: &str = "KC0123456789abcdefABCDEF0123456789";

    /// The grammar of SID-1 once more, as plainly as it can be said.
    fn grammar(text: &[u8]) -> Result<(), ParseSidError> {
        if text.len() != 34 {
            return Err(ParseSidError::Length { found: text.len() });
        }
        if text[..2] != *b"KC" {
            return Err(ParseSidError::Prefix { expected: "KC", found: [text[0], text[1]] });
        }
        match (2..34).find(|position| !b"0123456789abcdefABCDEF".contains(&text[*position])) {
            Some(position) => Err(ParseSidError::Digit { position, found: text[position] }),
            None => Ok(()),
        }
    }

    #[test]
    fn sid_1_digits_of_either_case_are_decoded_at_once() {
        let bytes = 0x0123_4567_89ab_cdef_0123_4567_89ab_cdef_u128.to_be_bytes();
        assert_eq!(decode_digits(b"0123456789abcdef0123456789ABCDEF"), Some(bytes));
    }

    #[test]
    fn sid_1_every_corruption_of_one_byte_is_judged_by_the_grammar() {
        let mut judged = 0;
        for position in 0..34 {
            for byte in 0..=u8::MAX {
                let mut text = *VALID.as_bytes().first_chunk::<34>().unwrap();
                if text[position] == byte {
                    continue;
                }
                text[position] = byte;
                let parsed = SessionSid::parse_ascii(&text);
                assert_eq!(parsed.map(|_| ()), grammar(&text), "{}", text.escape_ascii());
                if let Ok(text) = str::from_utf8(&text) {
                    assert_eq!(text.parse(), parsed, "both parsers");
                }
                judged += 1;
            }
        }
        assert_eq!(judged, 34 * 255);
    }

    #[test]
    fn sid_1_each_kind_has_its_prefix() {
        assert_eq!(AccountSid::from_u128(0).to_string(), "AC00000000000000000000000000000000");
        assert_eq!(ChatInstanceSid::from_u128(0).to_string(), "IS00000000000000000000000000000000");
        assert_eq!(InteractionSid::from_u128(0).to_string(), "KI00000000000000000000000000000000");
        assert_eq!(ParticipantSid::from_u128(0).to_string(), "KP00000000000000000000000000000000");
        assert_eq!(PhoneNumberSid::from_u128(0).to_string(), "PN00000000000000000000000000000000");
        assert_eq!(ServiceSid::from_u128(0).to_string(), "KS00000000000000000000000000000000");
        assert_eq!(SessionSid::from_u128(0).to_string(), "KC00000000000000000000000000000000");
        assert_eq!(ShortCodeSid::from_u128(0).to_string(), "SC00000000000000000000000000000000");
    }

    #[test]
    fn sid_2_digits_take_either_case_and_the_prefix_does_not() {
        let sid: SessionSid = VALID.parse().unwrap();
        assert_eq!(sid.to_string(), VALID.to_lowercase().replacen("kc", "KC", 1));
        assert_eq!(sid.to_string().parse(), Ok(sid));
        assert_eq!(
            VALID.to_lowercase().parse::<SessionSid>(),
            Err(ParseSidError::Prefix { expected: "KC", found: *b"kc" })
        );
    }

    #[test]
    fn sid_3_length_comes_before_prefix_and_prefix_before_digit() {
        let parse = |text: &str| text.parse::<SessionSid>().unwrap_err();
        assert_eq!(parse(""), ParseSidError::Length { found: 0 });
        assert_eq!(parse("xx"), ParseSidError::Length { found: 2 });
        assert_eq!(parse(&format!("{VALID}0")), ParseSidError::Length { found: 35 });
        assert_eq!(
            parse("KP0x23456789abcdef0123456789abcdef"),
            ParseSidError::Prefix { expected: "KC", found: *b"KP" }
        );
        assert_eq!(parse("KC0x23456789abcdef0123456789abcdef"), ParseSidError::Digit { position: 3, found: b'x' });
    }

    #[test]
    fn sid_3_the_error_says_what_is_wrong() {
        let message = |text: &str| text.parse::<SessionSid>().unwrap_err().to_string();
        assert_eq!(message("KC"), "a SID has 34 bytes, not 2");
        assert_eq!(message("KP0123456789abcdef0123456789abcdef"), "the SID starts with `KP`, not with KC");
        assert_eq!(
            message("KC0123456789abcdef0123456789abcde\n"),
            "`\\n` at position 33 of the SID is no hexadecimal digit"
        );
    }

    #[test]
    fn sid_1_a_resource_sid_takes_any_two_letters() {
        let parse = |text: &str| text.parse::<ResourceSid>();
        let sid = parse("sMABCDEF6789abcdef0123456789abcdef").unwrap();
        assert_eq!(sid.to_string(), "sMabcdef6789abcdef0123456789abcdef");
        assert_eq!(format!("{sid:?}"), "ResourceSid(sMabcdef6789abcdef0123456789abcdef)");
        assert_eq!(parse("SM0123"), Err(ParseSidError::Length { found: 6 }));
        assert_eq!(
            parse("S10123456789abcdef0123456789abcdef"),
            Err(ParseSidError::Prefix { expected: "two letters", found: *b"S1" })
        );
        assert_eq!(parse("SMg123456789abcdef0123456789abcdef"), Err(ParseSidError::Digit { position: 2, found: b'g' }));
    }

    #[test]
    fn sid_1_a_hexadecimal_prefix_is_no_digit() {
        for prefix in ["0x", "0X"] {
            let error = format!("KC{prefix}0123456789abcdef0123456789abcdef").parse::<SessionSid>();
            assert_eq!(error, Err(ParseSidError::Length { found: 36 }));
        }
    }

    #[test]
    fn sid_2_display_pads() {
        assert_eq!(format!("{:>36}", SessionSid::from_u128(0)), "  KC00000000000000000000000000000000");
    }

    proptest! {
        #[test]
        fn sid_2_parse_undoes_display(bits: u128) {
            let sid = ServiceSid::from_u128(bits);
            prop_assert_eq!(sid.to_string().parse(), Ok(sid));
            prop_assert_eq!(ServiceSid::parse_ascii(sid.to_string().to_uppercase().as_bytes()), Ok(sid));
            prop_assert_eq!(ServiceSid::from_bytes(*sid.as_bytes()).to_u128(), bits);
        }

        #[test]
        fn sid_1_order_is_that_of_the_text(left: u128, right: u128) {
            let (left, right) = (ServiceSid::from_u128(left), ServiceSid::from_u128(right));
            prop_assert_eq!(left.cmp(&right), left.to_string().cmp(&right.to_string()));
        }

        #[test]
        fn sid_1_any_text_is_judged_by_the_grammar(text in "(KC|KP|kc|..)?(0[xX])?[0-9a-fA-F]{30,34}.?") {
            prop_assert_eq!(text.parse::<SessionSid>().map(|_| ()), grammar(text.as_bytes()));
        }
    }
}
