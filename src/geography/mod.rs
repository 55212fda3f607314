//! Where a number belongs: calling codes, countries, North American area codes and their overlays.
//!
//! Selection asks three questions of a number. [`Region`] answers the first, whether two numbers are of one country
//! (SEL-3); [`AreaCode::overlays`] and equality of [`AreaCode`] answer the finer two (SEL-4). The room is plain tables
//! of public facts (ISO 3166-1, ITU-T E.164, the North American Numbering Plan, as of November 2026) and look-ups that
//! are total: an unassigned code has an answer too.
//!
//! | type | what it is |
//! |---|---|
//! | [`CallingCode`] | the digits an E.164 number begins with: `1`, `44`, `353` |
//! | [`Country`] | a country as ISO 3166-1 names it: `US`, `GB`, `IE` |
//! | [`AreaCode`] | the three digits after calling code 1: `415` |
//! | [`Region`] | what `country` matching compares |
//!
//! ```
//! use twilio_proxy_core::{E164, geography::Country};
//!
//! let manhattan: E164 = "+12125550123".parse()?;
//! let anywhere_in_new_york: E164 = "+19175550123".parse()?;
//!
//! assert_eq!(manhattan.country(), Some(Country::US));
//! assert!(
//!     manhattan
//!         .area_code()
//!         .zip(anywhere_in_new_york.area_code())
//!         .is_some_and(|(one, other)| one.overlays(other))
//! );
//! # Ok::<(), Box<dyn core::error::Error>>(())
//! ```

mod area_code;
mod calling_code;
mod country;

pub use area_code::AreaCode;
pub use calling_code::CallingCode;
pub use country::{Country, ParseCountryError};

/// The unit that `country` matching compares (SEL-3): a number suits an identifier if their regions are equal.
///
/// In the North American Numbering Plan, where one calling code spans two dozen countries, each country is a region of
/// its own. Everywhere else the calling code is the region, so that Russia and Kazakhstan are one, and so are the
/// United Kingdom, Guernsey, Jersey and the Isle of Man.
///
/// ```
/// use twilio_proxy_core::geography::{Country, Region};
///
/// assert_eq!(Country::RU.region(), Country::KZ.region());
/// assert_ne!(Country::US.region(), Country::CA.region());
/// assert_eq!(Country::CA.region(), Region::NorthAmerican(Country::CA));
/// ```
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[non_exhaustive]
pub enum Region {
    /// Every country of this calling code, which is not 1.
    CallingCode(CallingCode),
    /// One country of calling code 1.
    NorthAmerican(Country),
}

/// The islands whose people are served from the United States alone (SEL-3).
const SERVED_FROM_THE_US: [Country; 8] =
    [Country::AG, Country::AI, Country::BM, Country::BS, Country::MS, Country::TC, Country::VG, Country::VI];

impl Country {
    /// The region that numbers of this country are in (SEL-3).
    ///
    /// ```
    /// use twilio_proxy_core::geography::Country;
    ///
    /// assert_eq!(Country::JE.region(), Country::GB.region());
    /// ```
    #[must_use]
    pub const fn region(self) -> Region {
        match self.calling_code() {
            CallingCode::NORTH_AMERICA => Region::NorthAmerican(self),
            calling_code => Region::CallingCode(calling_code),
        }
    }

    /// The region in which an identifier of this country wants its proxy number (SEL-3).
    ///
    /// Its own, except that Antigua and Barbuda, Anguilla, Bermuda, the Bahamas, Montserrat, Turks and Caicos and both
    /// Virgin Islands ask for the United States.
    ///
    /// ```
    /// use twilio_proxy_core::geography::Country;
    ///
    /// assert_eq!(Country::BM.asks_for(), Country::US.region());
    /// assert_eq!(Country::JM.asks_for(), Country::JM.region());
    /// ```
    #[must_use]
    pub fn asks_for(self) -> Region {
        if SERVED_FROM_THE_US.contains(&self) { Self::US.region() } else { self.region() }
    }
}

#[cfg(test)]
mod tests {
    use alloc::vec::Vec;

    use super::*;

    #[test]
    fn sel_3_one_calling_code_is_one_region_outside_north_america() {
        for one in Country::ALL {
            for other in Country::ALL {
                let expected = if one.calling_code().get() == 1 {
                    one == other
                } else {
                    one.calling_code() == other.calling_code()
                };
                assert_eq!(one.region() == other.region(), expected, "{one} and {other}");
            }
        }
    }

    #[test]
    fn sel_3_the_british_isles_under_44_are_great_britain() {
        for country in [Country::GG, Country::IM, Country::JE] {
            assert_eq!(country.region(), Country::GB.region());
        }
        assert_ne!(Country::IE.region(), Country::GB.region());
    }

    #[test]
    fn sel_3_eight_countries_ask_for_the_united_states() {
        let asking: Vec<&str> = Country::ALL
            .into_iter()
            .filter(|country| country.asks_for() == Country::US.region() && *country != Country::US)
            .map(Country::as_str)
            .collect();
        assert_eq!(asking, ["AG", "AI", "BM", "BS", "MS", "TC", "VG", "VI"]);
    }

    #[test]
    fn sel_3_every_other_country_asks_for_its_own_region() {
        for country in Country::ALL {
            if country.asks_for() != country.region() {
                assert!(SERVED_FROM_THE_US.contains(&country), "{country}");
            }
        }
    }
}
