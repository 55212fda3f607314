//! Instants and spans of whole seconds. Time is an argument everywhere: nothing here reads a clock (TIM-1).

use core::{
    cmp::Ordering,
    fmt,
    hash::{Hash, Hasher},
    num::{NonZeroU8, NonZeroU32},
    str::FromStr,
};

use jiff::{SignedDuration, civil};

/// An instant with a resolution of one second, from 1970-01-01T00:00:00Z to 9999-12-31T23:59:59Z (TIM-1, TIM-6).
///
/// It parses from any RFC 3339 date-time, whatever its offset, and prints in UTC. What lies before the first or after the
/// last instant counts as the nearest of the two; a fraction of a second is cut off. `Option<Timestamp>` takes 5 bytes.
///
/// ```
/// use twilio_proxy_core::{ParseTimestampError, Timestamp};
///
/// let instant: Timestamp = "2026-01-01T01:30:00.75+01:30".parse()?;
/// assert_eq!(instant.to_string(), "2026-01-01T00:00:00Z");
/// assert_eq!(instant.as_unix_seconds(), 1_767_225_600);
/// # Ok::<(), ParseTimestampError>(())
/// ```
// In this order its bytes are a number, which one comparison compares.
#[derive(Clone, Copy, Eq, PartialEq)]
#[repr(C)]
pub struct Timestamp {
    /// Seconds since 1970-01-01T00:00:00Z, whose last one needs 38 bits: a session and its people have 14 instants, and each
    /// byte of them is 14 bytes of a session.
    low: [u8; 4],
    /// The fifth byte, and one more so that zero is free.
    high_plus_one: NonZeroU8,
}

const LAST_UNIX_SECOND: u64 = 253_402_300_799;
const EPOCH: civil::DateTime = civil::DateTime::constant(1970, 1, 1, 0, 0, 0, 0);

const _: () = assert!(size_of::<Option<Timestamp>>() == 5, "an instant has a niche");

impl Timestamp {
    /// The first instant, 1970-01-01T00:00:00Z.
    pub const MIN: Self = Self::from_unix_seconds(0);
    /// The last instant, 9999-12-31T23:59:59Z.
    pub const MAX: Self = Self::from_unix_seconds(LAST_UNIX_SECOND.cast_signed());

    /// The instant that lies this many seconds after 1970-01-01T00:00:00Z, or the nearest one that there is.
    ///
    /// ```
    /// # use twilio_proxy_core::Timestamp;
    /// assert_eq!(Timestamp::from_unix_seconds(86_400).to_string(), "1970-01-02T00:00:00Z");
    /// assert_eq!(Timestamp::from_unix_seconds(-1), Timestamp::MIN);
    /// assert_eq!(Timestamp::from_unix_seconds(i64::MAX), Timestamp::MAX);
    /// ```
    #[must_use]
    #[inline]
    pub const fn from_unix_seconds(seconds: i64) -> Self {
        let seconds = if seconds < 0 { 0 } else { seconds.unsigned_abs() };
        let seconds = if seconds > LAST_UNIX_SECOND { LAST_UNIX_SECOND } else { seconds };
        let [first, second, third, fourth, high, ..] = seconds.to_le_bytes();
        Self { low: [first, second, third, fourth], high_plus_one: NonZeroU8::MIN.saturating_add(high) }
    }

    /// Seconds since 1970-01-01T00:00:00Z.
    ///
    /// ```
    /// # use twilio_proxy_core::Timestamp;
    /// assert_eq!(Timestamp::MAX.as_unix_seconds(), 253_402_300_799);
    /// ```
    #[must_use]
    #[inline]
    pub const fn as_unix_seconds(self) -> u64 {
        let high = self.high_plus_one.get().saturating_sub(1);
        ((high as u64) << 32) | u32::from_le_bytes(self.low) as u64
    }

    /// A number that is greater the later the instant, which takes less to read than the seconds.
    #[inline]
    const fn in_order(self) -> u64 {
        ((self.high_plus_one.get() as u64) << 32) | u32::from_le_bytes(self.low) as u64
    }

    /// The instant this many seconds later; `None` past the last one (EXP-1).
    ///
    /// ```
    /// # use twilio_proxy_core::Timestamp;
    /// assert_eq!(Timestamp::MIN.checked_add(60), Some(Timestamp::from_unix_seconds(60)));
    /// assert_eq!(Timestamp::MAX.checked_add(1), None);
    /// ```
    #[must_use]
    pub const fn checked_add(self, seconds: u64) -> Option<Self> {
        match self.as_unix_seconds().checked_add(seconds) {
            Some(sum) if sum <= LAST_UNIX_SECOND => Some(Self::from_unix_seconds(sum.cast_signed())),
            _ => None,
        }
    }
}

impl Ord for Timestamp {
    #[inline]
    fn cmp(&self, other: &Self) -> Ordering {
        self.in_order().cmp(&other.in_order())
    }
}

impl PartialOrd for Timestamp {
    #[inline]
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Hash for Timestamp {
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write_u64(self.as_unix_seconds());
    }
}

impl FromStr for Timestamp {
    type Err = ParseTimestampError;

    fn from_str(text: &str) -> Result<Self, ParseTimestampError> {
        parse_rfc_3339(text.as_bytes()).ok_or(ParseTimestampError)
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = i64::try_from(self.as_unix_seconds()).unwrap_or(i64::MAX);
        let utc = EPOCH.saturating_add(SignedDuration::from_secs(seconds));
        write!(f, "{utc:.0}Z")
    }
}

impl fmt::Debug for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Timestamp({self})")
    }
}

serde_as_text!({} Timestamp, "an RFC 3339 date-time");

/// A text is no RFC 3339 date-time: 80701 (TIM-6).
///
/// ```
/// use twilio_proxy_core::Timestamp;
///
/// assert!("2026-01-01".parse::<Timestamp>().is_err());
/// assert!("2026-01-01T00:00:00Z".parse::<Timestamp>().is_ok());
/// ```
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
#[error("the value is no RFC 3339 date-time")]
pub struct ParseTimestampError;

/// How long a session lives without an interaction: 0 (unlimited) to 2147483646 seconds (EXP-1, EXP-4).
///
/// ```
/// use twilio_proxy_core::{Ttl, TtlOutOfRange};
///
/// let ttl = Ttl::from_seconds(3_600)?;
/// assert_eq!(ttl.as_seconds(), 3_600);
/// assert_eq!(Ttl::default(), Ttl::UNLIMITED);
/// # Ok::<(), TtlOutOfRange>(())
/// ```
#[derive(Clone, Copy, Debug, Default, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize), serde(try_from = "u32", into = "u32"))]
pub struct Ttl(u32);

impl Ttl {
    /// No limit.
    pub const UNLIMITED: Self = Self(0);
    /// The longest one, 2147483646 seconds.
    pub const MAX: Self = Self(2_147_483_646);

    /// A span of this many seconds; 0 is no limit.
    ///
    /// ```
    /// use twilio_proxy_core::Ttl;
    ///
    /// let ttl = Ttl::from_seconds(3_600)?;
    /// assert_eq!(Ttl::from_seconds(0)?, Ttl::UNLIMITED);
    /// assert!(ttl < Ttl::MAX);
    /// # Ok::<(), twilio_proxy_core::TtlOutOfRange>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`TtlOutOfRange`], 80701, above [`Ttl::MAX`] (EXP-4).
    pub const fn from_seconds(seconds: u32) -> Result<Self, TtlOutOfRange> {
        if seconds > Self::MAX.0 { Err(TtlOutOfRange) } else { Ok(Self(seconds)) }
    }

    /// The span in seconds; 0 is no limit.
    ///
    /// ```
    /// use twilio_proxy_core::Ttl;
    ///
    /// assert_eq!(Ttl::UNLIMITED.as_seconds(), 0);
    /// ```
    #[must_use]
    pub const fn as_seconds(self) -> u32 {
        self.0
    }
}

impl TryFrom<u32> for Ttl {
    type Error = TtlOutOfRange;

    fn try_from(seconds: u32) -> Result<Self, TtlOutOfRange> {
        Self::from_seconds(seconds)
    }
}

impl From<Ttl> for u32 {
    fn from(ttl: Ttl) -> Self {
        ttl.0
    }
}

/// A TTL lies outside 0 to 2147483646 seconds: 80701 (EXP-4).
///
/// ```
/// use twilio_proxy_core::Ttl;
///
/// let error = Ttl::from_seconds(Ttl::MAX.as_seconds() + 1).unwrap_err();
/// assert_eq!(error.to_string(), "a TTL has 0 to 2147483646 seconds");
/// ```
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
#[error("a TTL has 0 to 2147483646 seconds")]
pub struct TtlOutOfRange;

/// A span of at least one second, as policies have it.
///
/// ```
/// use twilio_proxy_core::Span;
///
/// assert_eq!(Span::from_days(90).map(Span::as_seconds), Some(7_776_000));
/// assert_eq!(Span::from_seconds(0), None);
/// ```
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize), serde(transparent))]
pub struct Span(NonZeroU32);

impl Span {
    /// A span of this many seconds; `None` for 0.
    ///
    /// ```
    /// use twilio_proxy_core::Span;
    ///
    /// assert_eq!(Span::from_seconds(86_400), Span::from_days(1));
    /// assert_eq!(Span::from_seconds(0), None);
    /// ```
    #[must_use]
    pub const fn from_seconds(seconds: u32) -> Option<Self> {
        match NonZeroU32::new(seconds) {
            Some(seconds) => Some(Self(seconds)),
            None => None,
        }
    }

    /// A span of this many days of 86 400 seconds; `None` for 0 and above 49 710.
    ///
    /// ```
    /// use twilio_proxy_core::Span;
    ///
    /// assert_eq!(Span::from_days(1).map(Span::as_seconds), Some(86_400));
    /// assert_eq!(Span::from_days(49_711), None);
    /// ```
    #[must_use]
    pub const fn from_days(days: u32) -> Option<Self> {
        match days.checked_mul(86_400) {
            Some(seconds) => Self::from_seconds(seconds),
            None => None,
        }
    }

    /// The span in seconds.
    ///
    /// ```
    /// use twilio_proxy_core::Span;
    ///
    /// assert_eq!(Span::from_seconds(60).map(Span::as_seconds), Some(60));
    /// ```
    #[must_use]
    pub const fn as_seconds(self) -> u32 {
        self.0.get()
    }
}

/// The grammar of RFC 3339, section 5.6; `jiff` knows the calendar but takes more forms than that.
fn parse_rfc_3339(text: &[u8]) -> Option<Timestamp> {
    let [y1, y2, y3, y4, b'-', m1, m2, b'-', d1, d2, b'T' | b't', rest @ ..] = text else { return None };
    let [h1, h2, b':', n1, n2, b':', s1, s2, rest @ ..] = rest else { return None };
    let year = decimal(&[*y1, *y2, *y3, *y4])?;
    let [month, day] = [decimal_i8([*m1, *m2])?, decimal_i8([*d1, *d2])?];
    let [hour, minute, second] = [decimal_i8([*h1, *h2])?, decimal_i8([*n1, *n2])?, decimal_i8([*s1, *s2])?];
    let leap = second == 60;
    let local = civil::DateTime::new(year, month, day, hour, minute, if leap { 59 } else { second }, 0).ok()?;

    let offset = match rest {
        [b'.', fraction @ ..] => {
            let digits = fraction.iter().take_while(|byte| byte.is_ascii_digit()).count();
            fraction.get(digits..).filter(|_| digits > 0)?
        }
        _ => rest,
    };
    let seconds_east = match offset {
        [b'Z' | b'z'] => 0,
        [sign @ (b'+' | b'-'), h1, h2, b':', n1, n2] => {
            let [hours, minutes] = [decimal_i8([*h1, *h2])?, decimal_i8([*n1, *n2])?];
            let seconds = i64::from(hours).saturating_mul(3_600).saturating_add(i64::from(minutes).saturating_mul(60));
            (hours < 24 && minutes < 60).then_some(if *sign == b'-' { seconds.saturating_neg() } else { seconds })?
        }
        _ => return None,
    };
    let seconds = local.duration_since(EPOCH).as_secs().saturating_sub(seconds_east);
    // A leap second is the last one of a day in UTC; it counts as the one before it.
    (!leap || seconds.rem_euclid(86_400) == 86_399).then(|| Timestamp::from_unix_seconds(seconds))
}

fn decimal(digits: &[u8]) -> Option<i16> {
    digits.iter().try_fold(0_i16, |value, digit| {
        let digit = i16::try_from(char::from(*digit).to_digit(10)?).ok()?;
        value.checked_mul(10)?.checked_add(digit)
    })
}

fn decimal_i8(digits: [u8; 2]) -> Option<i8> {
    decimal(&digits).and_then(|value| i8::try_from(value).ok())
}

#[cfg(test)]
mod tests {
    use alloc::{format, string::ToString};

    use proptest::prelude::*;

    use super::*;

    #[test]
    fn tim_6_seconds_beyond_count_as_the_nearest_instant() {
        let last = LAST_UNIX_SECOND.cast_signed();
        for (seconds, nearest) in [(i64::MIN, 0), (-1, 0), (last, last), (last + 1, last), (i64::MAX, last)] {
            assert_eq!(Timestamp::from_unix_seconds(seconds).as_unix_seconds(), nearest.unsigned_abs(), "{seconds}");
        }
    }

    #[test]
    fn tim_6_any_rfc_3339_date_time_is_taken() {
        for (text, utc) in [
            ("2026-01-01T00:00:00Z", "2026-01-01T00:00:00Z"),
            ("2026-01-01t00:00:00z", "2026-01-01T00:00:00Z"),
            ("2026-01-01T00:00:00.999999999999999Z", "2026-01-01T00:00:00Z"),
            ("2026-01-01T00:00:00+23:59", "2025-12-31T00:01:00Z"),
            ("2026-01-01T00:00:00-23:59", "2026-01-01T23:59:00Z"),
            ("2026-01-01T00:00:00-00:00", "2026-01-01T00:00:00Z"),
            ("2024-02-29T12:00:00Z", "2024-02-29T12:00:00Z"),
            ("2016-12-31T23:59:60Z", "2016-12-31T23:59:59Z"),
            ("2016-12-31T15:59:60.5-08:00", "2016-12-31T23:59:59Z"),
            ("0000-01-01T00:00:00Z", "1970-01-01T00:00:00Z"),
            ("1970-01-01T00:00:00+01:00", "1970-01-01T00:00:00Z"),
            ("9999-12-31T23:59:59Z", "9999-12-31T23:59:59Z"),
            ("9999-12-31T23:59:59-23:59", "9999-12-31T23:59:59Z"),
        ] {
            assert_eq!(text.parse::<Timestamp>().unwrap().to_string(), utc, "{text}");
        }
    }

    #[test]
    fn tim_6_anything_else_is_refused() {
        for text in [
            "",
            "2026-01-01",
            "2026-01-01T00:00:00",
            "2026-01-01 00:00:00Z",
            "2026-01-01T00:00Z",
            "2026-01-01T00:00:00.Z",
            "2026-01-01T00:00:00,5Z",
            "2026-01-01T00:00:00Z ",
            " 2026-01-01T00:00:00Z",
            "2026-01-01T00:00:00+24:00",
            "2026-01-01T00:00:00+01:60",
            "2026-01-01T00:00:00+0100",
            "2026-01-01T00:00:00+01",
            "2026-01-01T00:00:00Z[UTC]",
            "2026-02-29T00:00:00Z",
            "2026-00-01T00:00:00Z",
            "2026-13-01T00:00:00Z",
            "2026-01-01T24:00:00Z",
            "2026-01-01T00:60:00Z",
            "2026-01-01T00:00:61Z",
            "2026-01-01T12:00:60Z",
            "20260101T000000Z",
            "+2026-01-01T00:00:00Z",
            "-026-01-01T00:00:00Z",
            "２026-01-01T00:00:00Z",
            "1767225600",
        ] {
            assert_eq!(text.parse::<Timestamp>(), Err(ParseTimestampError), "{text:?}");
        }
    }

    #[test]
    fn tim_1_debug_and_display_are_rfc_3339() {
        assert_eq!(format!("{:?}", Timestamp::MIN), "Timestamp(1970-01-01T00:00:00Z)");
        assert_eq!(Timestamp::MAX.to_string(), "9999-12-31T23:59:59Z");
    }

    #[test]
    fn exp_1_a_sum_past_the_last_instant_is_none() {
        assert_eq!(Timestamp::MAX.checked_add(0), Some(Timestamp::MAX));
        assert_eq!(Timestamp::MAX.checked_add(u64::MAX), None);
        assert_eq!(Timestamp::MIN.checked_add(LAST_UNIX_SECOND), Some(Timestamp::MAX));
        assert_eq!(Timestamp::MIN.checked_add(LAST_UNIX_SECOND + 1), None);
    }

    #[test]
    fn exp_4_a_ttl_has_a_limit() {
        assert_eq!(Ttl::from_seconds(2_147_483_646), Ok(Ttl::MAX));
        assert_eq!(Ttl::from_seconds(2_147_483_647), Err(TtlOutOfRange));
        assert_eq!(Ttl::try_from(u32::MAX), Err(TtlOutOfRange));
        assert_eq!(u32::from(Ttl::MAX), 2_147_483_646);
    }

    #[test]
    fn exp_7_a_span_is_at_least_a_second() {
        assert_eq!(Span::from_days(0), None);
        assert_eq!(Span::from_days(49_710).map(Span::as_seconds), Some(4_294_944_000));
        assert_eq!(Span::from_days(49_711), None);
    }

    proptest! {
        #[test]
        fn tim_6_parse_undoes_display(seconds in 0..=LAST_UNIX_SECOND) {
            let instant = Timestamp::MIN.checked_add(seconds).unwrap();
            prop_assert_eq!(instant.to_string().parse(), Ok(instant));
            prop_assert_eq!(instant.as_unix_seconds(), seconds);
        }
    }
}
