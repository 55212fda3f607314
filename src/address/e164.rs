use core::{fmt, num::NonZeroU64, str::FromStr};

use super::Masked;
use crate::geography::{AreaCode, CallingCode, Country, Region};

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
    ///
    /// ```
    /// use twilio_proxy_core::E164;
    ///
    /// assert_eq!("+447911123456".parse::<E164>()?.calling_code().get(), 44);
    /// # Ok::<(), twilio_proxy_core::ParseE164Error>(())
    /// ```
    #[must_use]
    pub fn calling_code(self) -> CallingCode {
        CallingCode::of_number(self.digits())
    }

    /// Its area code, if it is a North American number of full length.
    ///
    /// ```
    /// use twilio_proxy_core::E164;
    ///
    /// let number: E164 = "+14155551212".parse()?;
    /// assert_eq!(number.area_code().map(|area_code| area_code.get()), Some(415));
    /// assert_eq!("+447911123456".parse::<E164>()?.area_code(), None);
    /// # Ok::<(), twilio_proxy_core::ParseE164Error>(())
    /// ```
    #[must_use]
    pub fn area_code(self) -> Option<AreaCode> {
        AreaCode::of_number(self.digits())
    }

    /// Its country: by area code in North America, else the main country of its calling code (SEL-3). `None` if that
    /// calling code belongs to no country.
    ///
    /// ```
    /// use twilio_proxy_core::{E164, geography::Country};
    ///
    /// assert_eq!("+14165550123".parse::<E164>()?.country(), Some(Country::CA));
    /// assert_eq!("+77015550123".parse::<E164>()?.country(), Some(Country::RU));
    /// assert_eq!("+80012345678".parse::<E164>()?.country(), None);
    /// # Ok::<(), twilio_proxy_core::ParseE164Error>(())
    /// ```
    #[must_use]
    pub fn country(self) -> Option<Country> {
        match self.area_code() {
            Some(area_code) => Some(area_code.country()),
            None => self.calling_code().main_country(),
        }
    }

    /// The region that it lies in (SEL-3).
    ///
    /// ```
    /// use twilio_proxy_core::{E164, geography::{Country, Region}};
    ///
    /// assert_eq!("+14165550123".parse::<E164>()?.region(), Region::NorthAmerican(Country::CA));
    /// assert_eq!("+447911123456".parse::<E164>()?.region(), Country::GG.region());
    /// # Ok::<(), twilio_proxy_core::ParseE164Error>(())
    /// ```
    #[must_use]
    pub fn region(self) -> Region {
        match self.country() {
            Some(country) => country.region(),
            None => Region::CallingCode(self.calling_code()),
        }
    }

    /// The region that a participant with this number asks a proxy number to lie in (SEL-3).
    ///
    /// ```
    /// use twilio_proxy_core::{E164, geography::Country};
    ///
    /// let bermuda: E164 = "+14415550123".parse()?;
    /// assert_eq!(bermuda.region(), Country::BM.region());
    /// assert_eq!(bermuda.asks_for(), Country::US.region());
    /// # Ok::<(), twilio_proxy_core::ParseE164Error>(())
    /// ```
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
///
/// ```
/// use twilio_proxy_core::E164;
///
/// assert_eq!("4155551212".parse::<E164>(), Err("+0155551212".parse::<E164>().unwrap_err()));
/// ```
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
#[error("a phone number is a `+` and 7 to 15 digits, the first of them 1 to 9")]
pub struct ParseE164Error;
