use core::fmt;

use super::country::{Country, main_country};

/// The country calling code of an E.164 number: its first one to three digits.
///
/// ```
/// use twilio_proxy_core::{E164, geography::Country};
///
/// let dublin: E164 = "+35315550123".parse()?;
/// assert_eq!(dublin.calling_code(), Country::IE.calling_code());
/// assert_eq!(dublin.calling_code().to_string(), "353");
/// # Ok::<(), Box<dyn core::error::Error>>(())
/// ```
#[derive(Clone, Copy, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct CallingCode(u16);

impl CallingCode {
    /// The calling code of the North American Numbering Plan.
    pub(crate) const NORTH_AMERICA: Self = Self(1);

    /// For the table of countries.
    pub(super) const fn new(code: u16) -> Self {
        Self(code)
    }

    /// The calling code of the number with these digits (those after the `+`).
    ///
    /// Calling codes are prefix-free, so the digits alone tell where the code ends, whether or not it is assigned:
    /// codes of one and two digits are listed here, every other has three.
    pub(crate) fn of_number(number: u64) -> Self {
        let mut three = number;
        while three >= 1_000 {
            three /= 10;
        }
        let (one, two) = (three / 100, three / 10);
        let code = match two {
            10..=19 | 70..=79 => one,
            20 | 27 | 30..=34 | 36 | 39..=41 | 43..=49 | 51..=58 | 60..=66 | 81 | 82 | 84 | 86 | 90..=95 | 98 => two,
            _ => three,
        };
        Self(u16::try_from(code).unwrap_or_default())
    }

    /// The code as a number.
    ///
    /// ```
    /// use twilio_proxy_core::geography::Country;
    ///
    /// assert_eq!(Country::GB.calling_code().get(), 44);
    /// ```
    #[must_use]
    pub const fn get(self) -> u16 {
        self.0
    }

    /// The country of this code; of several that share it, the main one. 80203 names it for a number (SEL-3).
    ///
    /// `None` for codes of no country: the international services (800, 870, 883, …) and what is not assigned.
    ///
    /// ```
    /// use twilio_proxy_core::{E164, geography::Country};
    ///
    /// assert_eq!(Country::KZ.calling_code().main_country(), Some(Country::RU));
    ///
    /// let toll_free: E164 = "+80012345678".parse()?;
    /// assert_eq!(toll_free.calling_code().main_country(), None);
    /// # Ok::<(), Box<dyn core::error::Error>>(())
    /// ```
    #[must_use]
    pub const fn main_country(self) -> Option<Country> {
        main_country(self.0)
    }
}

impl fmt::Display for CallingCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

impl fmt::Debug for CallingCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CallingCode({})", self.0)
    }
}

#[cfg(test)]
mod tests {
    use alloc::{collections::BTreeSet, format, string::ToString, vec::Vec};

    use super::*;

    #[test]
    fn sel_3_every_country_is_found_again_by_its_number() {
        for country in Country::ALL {
            let code = country.calling_code();
            for zeros in 4..=12 {
                let number = u64::from(code.get()) * 10_u64.pow(zeros);
                assert_eq!(CallingCode::of_number(number), code, "{country}: {number}");
            }
        }
    }

    #[test]
    fn sel_3_all_three_leading_digits_split_into_a_prefix_free_code() {
        let mut codes = BTreeSet::new();
        for leading in 100..=999_u64 {
            let code = CallingCode::of_number(leading * 100_000_000);
            assert!(leading.to_string().starts_with(&code.to_string()), "{leading}: {code}");
            assert_eq!(CallingCode::of_number(u64::from(code.get()) * 1_000_000_000), code);
            codes.insert(code);
        }
        for shorter in &codes {
            for longer in &codes {
                assert!(shorter == longer || !longer.to_string().starts_with(&shorter.to_string()));
            }
        }
        // Two of one digit, 44 of two and the rest of three.
        assert_eq!(codes.iter().filter(|code| code.get() < 10).count(), 2);
        assert_eq!(codes.iter().filter(|code| (10..100).contains(&code.get())).count(), 44);
        assert_eq!(codes.len(), 2 + 44 + (900 - 200 - 440));
    }

    #[test]
    fn sel_3_of_number_is_total() {
        for number in [0, 1, 9, 10, 99, 100, 999, 1_000, u64::MAX - 1, u64::MAX] {
            assert!(CallingCode::of_number(number).get() <= 999);
        }
        for power in 0..=19 {
            let number = 10_u64.pow(power);
            assert!(CallingCode::of_number(number).get() <= 999);
            assert!(CallingCode::of_number(number - 1).get() <= 999);
        }
    }

    #[test]
    fn sel_3_main_country_of_every_calling_code() {
        for code in 0..=u16::MAX {
            let sharing: Vec<Country> =
                Country::ALL.into_iter().filter(|country| country.calling_code().get() == code).collect();
            match CallingCode(code).main_country() {
                None => assert!(sharing.is_empty(), "{code}"),
                Some(main) => assert!(sharing.contains(&main), "{code}: {main}"),
            }
        }
    }

    #[test]
    fn sel_3_main_countries_of_shared_codes() {
        let mut shared = Vec::new();
        for code in 1..=999 {
            let sharing = Country::ALL.into_iter().filter(|country| country.calling_code().get() == code).count();
            if sharing > 1 {
                shared.push((code, CallingCode(code).main_country().unwrap().as_str()));
            }
        }
        let expected = [
            (1, "US"),
            (7, "RU"),
            (39, "IT"),
            (44, "GB"),
            (47, "NO"),
            (61, "AU"),
            (64, "NZ"),
            (212, "MA"),
            (262, "RE"),
            (290, "SH"),
            (358, "FI"),
            (500, "FK"),
            (590, "GP"),
            (599, "CW"),
            (672, "NF"),
        ];
        assert_eq!(shared, expected);
    }

    #[test]
    fn sel_3_services_and_unassigned_codes_have_no_country() {
        for code in [210, 219, 259, 384, 424, 671, 699, 800, 808, 870, 878, 881, 882, 883, 888, 979, 991, 999] {
            assert_eq!(CallingCode(code).main_country(), None, "{code}");
        }
    }

    #[test]
    fn prints_as_its_digits() {
        assert_eq!(CallingCode(44).to_string(), "44");
        assert_eq!(format!("{:>5}", CallingCode(44)), "   44");
        assert_eq!(format!("{:?}", Some(CallingCode(44))), "Some(CallingCode(44))");
    }
}
