use core::{fmt, str::FromStr};

use thiserror::Error;

use super::CallingCode;

/// A country or territory, by its ISO 3166-1 alpha-2 code.
///
/// All 249 assigned codes, and three that telephony uses besides: `XK` (Kosovo), `AC` (Ascension Island) and `TA`
/// (Tristan da Cunha). One byte; ordered as the codes are.
///
/// ```
/// use twilio_proxy_core::geography::{Country, ParseCountryError};
///
/// let country: Country = "CA".parse()?;
/// assert_eq!(country, Country::CA);
/// assert_eq!(country.as_str(), "CA");
/// # Ok::<(), ParseCountryError>(())
/// ```
#[derive(Clone, Copy, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[cfg_attr(feature = "arbitrary", derive(arbitrary::Arbitrary))]
pub struct Country(Code);

/// The text is not the code of a country.
///
/// ```
/// use twilio_proxy_core::geography::Country;
///
/// let error = "us".parse::<Country>().unwrap_err();
/// assert_eq!(error.to_string(), "not an upper-case ISO 3166-1 alpha-2 country code");
/// ```
#[derive(Clone, Copy, Debug, Eq, Error, PartialEq)]
#[non_exhaustive]
#[error("not an upper-case ISO 3166-1 alpha-2 country code")]
pub struct ParseCountryError;

impl Country {
    /// Parses two capital letters, in const position too.
    ///
    /// # Errors
    ///
    /// [`ParseCountryError`] if the text is not exactly one of the codes.
    ///
    /// ```
    /// use twilio_proxy_core::geography::Country;
    ///
    /// const FRANCE: Option<Country> = match Country::parse("FR") {
    ///     Ok(country) => Some(country),
    ///     Err(_) => None,
    /// };
    /// assert_eq!(FRANCE, Some(Country::FR));
    /// assert!(Country::parse("fr").is_err());
    /// assert!(Country::parse("EU").is_err());
    /// ```
    pub const fn parse(code: &str) -> Result<Self, ParseCountryError> {
        match find(letters(code)) {
            Some(country) => Ok(country),
            None => Err(ParseCountryError),
        }
    }
}

/// The two letters of a code as one number, which `match` can tell apart in const position. Zero, which no code is, for
/// text of another length.
const fn letters(code: &str) -> u16 {
    match *code.as_bytes() {
        [first, second] => u16::from_be_bytes([first, second]),
        _ => 0,
    }
}

/// Writes out, for each row `code = calling code "name"`, the associated constant and the arms of the look-ups.
macro_rules! countries {
    (
        main { $($main:ident = $main_calling_code:literal,)* }
        all { $($code:ident = $calling_code:literal $name:literal,)* }
    ) => {
        #[derive(Clone, Copy, Eq, Hash, Ord, PartialEq, PartialOrd)]
        #[cfg_attr(feature = "arbitrary", derive(arbitrary::Arbitrary))]
        enum Code {
            $($code,)*
        }

        /// [`letters`] of every code.
        mod letters_of {
            $(pub(super) const $code: u16 = super::letters(stringify!($code));)*
        }

        /// Every country, by its code.
        impl Country {
            $(
                #[doc = $name]
                pub const $code: Self = Self(Code::$code);
            )*

            /// Every country, in the order of the codes.
            #[cfg(test)]
            pub(super) const ALL: [Self; [$(Code::$code),*].len()] = [$(Self::$code),*];

            /// The two letters, in capitals.
            ///
            /// ```
            /// use twilio_proxy_core::geography::Country;
            ///
            /// assert_eq!(Country::DE.as_str(), "DE");
            /// ```
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self.0 {
                    $(Code::$code => stringify!($code),)*
                }
            }

            /// The calling code that numbers of this country begin with.
            ///
            /// ```
            /// use twilio_proxy_core::geography::Country;
            ///
            /// assert_eq!(Country::VA.calling_code(), Country::IT.calling_code());
            /// ```
            #[must_use]
            pub const fn calling_code(self) -> CallingCode {
                CallingCode::new(match self.0 {
                    $(Code::$code => $calling_code,)*
                })
            }
        }

        const fn find(letters: u16) -> Option<Country> {
            match letters {
                $(letters_of::$code => Some(Country::$code),)*
                _ => None,
            }
        }

        /// The main country of a calling code, or its only one.
        #[expect(unreachable_patterns, reason = "the main country stands before the others of its code")]
        pub(super) const fn main_country(calling_code: u16) -> Option<Country> {
            match calling_code {
                $($main_calling_code => Some(Country::$main),)*
                $($calling_code => Some(Country::$code),)*
                _ => None,
            }
        }
    };
}

// Names and codes: ISO 3166-1. Calling codes: ITU-T E.164; AQ, BV, GS, HM, PN, TF and UM are reached by their
// neighbours' or sovereigns' codes.
countries! {
    // Of the calling codes that several countries share.
    main {
        US = 1,
        RU = 7,
        IT = 39,
        GB = 44,
        NO = 47,
        AU = 61,
        NZ = 64,
        MA = 212,
        RE = 262,
        SH = 290,
        FI = 358,
        FK = 500,
        GP = 590,
        CW = 599,
        NF = 672,
    }
    all {
        AC = 247 "Ascension Island",
        AD = 376 "Andorra",
        AE = 971 "United Arab Emirates",
        AF = 93 "Afghanistan",
        AG = 1 "Antigua and Barbuda",
        AI = 1 "Anguilla",
        AL = 355 "Albania",
        AM = 374 "Armenia",
        AO = 244 "Angola",
        AQ = 672 "Antarctica",
        AR = 54 "Argentina",
        AS = 1 "American Samoa",
        AT = 43 "Austria",
        AU = 61 "Australia",
        AW = 297 "Aruba",
        AX = 358 "Åland Islands",
        AZ = 994 "Azerbaijan",
        BA = 387 "Bosnia and Herzegovina",
        BB = 1 "Barbados",
        BD = 880 "Bangladesh",
        BE = 32 "Belgium",
        BF = 226 "Burkina Faso",
        BG = 359 "Bulgaria",
        BH = 973 "Bahrain",
        BI = 257 "Burundi",
        BJ = 229 "Benin",
        BL = 590 "Saint Barthélemy",
        BM = 1 "Bermuda",
        BN = 673 "Brunei",
        BO = 591 "Bolivia",
        BQ = 599 "Bonaire, Sint Eustatius and Saba",
        BR = 55 "Brazil",
        BS = 1 "Bahamas",
        BT = 975 "Bhutan",
        BV = 47 "Bouvet Island",
        BW = 267 "Botswana",
        BY = 375 "Belarus",
        BZ = 501 "Belize",
        CA = 1 "Canada",
        CC = 61 "Cocos Islands",
        CD = 243 "Congo (Kinshasa)",
        CF = 236 "Central African Republic",
        CG = 242 "Congo (Brazzaville)",
        CH = 41 "Switzerland",
        CI = 225 "Côte d’Ivoire",
        CK = 682 "Cook Islands",
        CL = 56 "Chile",
        CM = 237 "Cameroon",
        CN = 86 "China",
        CO = 57 "Colombia",
        CR = 506 "Costa Rica",
        CU = 53 "Cuba",
        CV = 238 "Cabo Verde",
        CW = 599 "Curaçao",
        CX = 61 "Christmas Island",
        CY = 357 "Cyprus",
        CZ = 420 "Czechia",
        DE = 49 "Germany",
        DJ = 253 "Djibouti",
        DK = 45 "Denmark",
        DM = 1 "Dominica",
        DO = 1 "Dominican Republic",
        DZ = 213 "Algeria",
        EC = 593 "Ecuador",
        EE = 372 "Estonia",
        EG = 20 "Egypt",
        EH = 212 "Western Sahara",
        ER = 291 "Eritrea",
        ES = 34 "Spain",
        ET = 251 "Ethiopia",
        FI = 358 "Finland",
        FJ = 679 "Fiji",
        FK = 500 "Falkland Islands",
        FM = 691 "Micronesia",
        FO = 298 "Faroe Islands",
        FR = 33 "France",
        GA = 241 "Gabon",
        GB = 44 "United Kingdom",
        GD = 1 "Grenada",
        GE = 995 "Georgia",
        GF = 594 "French Guiana",
        GG = 44 "Guernsey",
        GH = 233 "Ghana",
        GI = 350 "Gibraltar",
        GL = 299 "Greenland",
        GM = 220 "Gambia",
        GN = 224 "Guinea",
        GP = 590 "Guadeloupe",
        GQ = 240 "Equatorial Guinea",
        GR = 30 "Greece",
        GS = 500 "South Georgia and the South Sandwich Islands",
        GT = 502 "Guatemala",
        GU = 1 "Guam",
        GW = 245 "Guinea-Bissau",
        GY = 592 "Guyana",
        HK = 852 "Hong Kong",
        HM = 672 "Heard Island and its neighbours",
        HN = 504 "Honduras",
        HR = 385 "Croatia",
        HT = 509 "Haiti",
        HU = 36 "Hungary",
        ID = 62 "Indonesia",
        IE = 353 "Ireland",
        IL = 972 "Israel",
        IM = 44 "Isle of Man",
        IN = 91 "India",
        IO = 246 "British Indian Ocean Territory",
        IQ = 964 "Iraq",
        IR = 98 "Iran",
        IS = 354 "Iceland",
        IT = 39 "Italy",
        JE = 44 "Jersey",
        JM = 1 "Jamaica",
        JO = 962 "Jordan",
        JP = 81 "Japan",
        KE = 254 "Kenya",
        KG = 996 "Kyrgyzstan",
        KH = 855 "Cambodia",
        KI = 686 "Kiribati",
        KM = 269 "Comoros",
        KN = 1 "Saint Kitts and Nevis",
        KP = 850 "North Korea",
        KR = 82 "South Korea",
        KW = 965 "Kuwait",
        KY = 1 "Cayman Islands",
        KZ = 7 "Kazakhstan",
        LA = 856 "Laos",
        LB = 961 "Lebanon",
        LC = 1 "Saint Lucia",
        LI = 423 "Liechtenstein",
        LK = 94 "Sri Lanka",
        LR = 231 "Liberia",
        LS = 266 "Lesotho",
        LT = 370 "Lithuania",
        LU = 352 "Luxembourg",
        LV = 371 "Latvia",
        LY = 218 "Libya",
        MA = 212 "Morocco",
        MC = 377 "Monaco",
        MD = 373 "Moldova",
        ME = 382 "Montenegro",
        MF = 590 "Saint Martin",
        MG = 261 "Madagascar",
        MH = 692 "Marshall Islands",
        MK = 389 "North Macedonia",
        ML = 223 "Mali",
        MM = 95 "Myanmar",
        MN = 976 "Mongolia",
        MO = 853 "Macao",
        MP = 1 "Northern Mariana Islands",
        MQ = 596 "Martinique",
        MR = 222 "Mauritania",
        MS = 1 "Montserrat",
        MT = 356 "Malta",
        MU = 230 "Mauritius",
        MV = 960 "Maldives",
        MW = 265 "Malawi",
        MX = 52 "Mexico",
        MY = 60 "Malaysia",
        MZ = 258 "Mozambique",
        NA = 264 "Namibia",
        NC = 687 "New Caledonia",
        NE = 227 "Niger",
        NF = 672 "Norfolk Island",
        NG = 234 "Nigeria",
        NI = 505 "Nicaragua",
        NL = 31 "Netherlands",
        NO = 47 "Norway",
        NP = 977 "Nepal",
        NR = 674 "Nauru",
        NU = 683 "Niue",
        NZ = 64 "New Zealand",
        OM = 968 "Oman",
        PA = 507 "Panama",
        PE = 51 "Peru",
        PF = 689 "French Polynesia",
        PG = 675 "Papua New Guinea",
        PH = 63 "Philippines",
        PK = 92 "Pakistan",
        PL = 48 "Poland",
        PM = 508 "Saint Pierre and Miquelon",
        PN = 64 "Pitcairn",
        PR = 1 "Puerto Rico",
        PS = 970 "Palestine",
        PT = 351 "Portugal",
        PW = 680 "Palau",
        PY = 595 "Paraguay",
        QA = 974 "Qatar",
        RE = 262 "Réunion",
        RO = 40 "Romania",
        RS = 381 "Serbia",
        RU = 7 "Russia",
        RW = 250 "Rwanda",
        SA = 966 "Saudi Arabia",
        SB = 677 "Solomon Islands",
        SC = 248 "Seychelles",
        SD = 249 "Sudan",
        SE = 46 "Sweden",
        SG = 65 "Singapore",
        SH = 290 "Saint Helena",
        SI = 386 "Slovenia",
        SJ = 47 "Svalbard and Jan Mayen",
        SK = 421 "Slovakia",
        SL = 232 "Sierra Leone",
        SM = 378 "San Marino",
        SN = 221 "Senegal",
        SO = 252 "Somalia",
        SR = 597 "Suriname",
        SS = 211 "South Sudan",
        ST = 239 "São Tomé and Príncipe",
        SV = 503 "El Salvador",
        SX = 1 "Sint Maarten",
        SY = 963 "Syria",
        SZ = 268 "Eswatini",
        TA = 290 "Tristan da Cunha",
        TC = 1 "Turks and Caicos Islands",
        TD = 235 "Chad",
        TF = 262 "French Southern Territories",
        TG = 228 "Togo",
        TH = 66 "Thailand",
        TJ = 992 "Tajikistan",
        TK = 690 "Tokelau",
        TL = 670 "Timor-Leste",
        TM = 993 "Turkmenistan",
        TN = 216 "Tunisia",
        TO = 676 "Tonga",
        TR = 90 "Türkiye",
        TT = 1 "Trinidad and Tobago",
        TV = 688 "Tuvalu",
        TW = 886 "Taiwan",
        TZ = 255 "Tanzania",
        UA = 380 "Ukraine",
        UG = 256 "Uganda",
        UM = 1 "United States Minor Outlying Islands",
        US = 1 "United States",
        UY = 598 "Uruguay",
        UZ = 998 "Uzbekistan",
        VA = 39 "Holy See",
        VC = 1 "Saint Vincent and the Grenadines",
        VE = 58 "Venezuela",
        VG = 1 "British Virgin Islands",
        VI = 1 "United States Virgin Islands",
        VN = 84 "Vietnam",
        VU = 678 "Vanuatu",
        WF = 681 "Wallis and Futuna",
        WS = 685 "Samoa",
        XK = 383 "Kosovo",
        YE = 967 "Yemen",
        YT = 262 "Mayotte",
        ZA = 27 "South Africa",
        ZM = 260 "Zambia",
        ZW = 263 "Zimbabwe",
    }
}

impl FromStr for Country {
    type Err = ParseCountryError;

    fn from_str(code: &str) -> Result<Self, Self::Err> {
        Self::parse(code)
    }
}

impl fmt::Display for Country {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl fmt::Debug for Country {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Country({self})")
    }
}

serde_as_text!({} Country, "an upper-case ISO 3166-1 alpha-2 country code");

#[cfg(test)]
mod tests {
    use alloc::{
        format,
        string::{String, ToString},
    };

    use super::*;

    #[test]
    fn there_are_249_countries_and_three_more() {
        assert_eq!(Country::ALL.len(), 249 + 3);
        for code in ["AC", "TA", "XK"] {
            assert_eq!(Country::parse(code).map(Country::as_str), Ok(code));
        }
    }

    #[test]
    fn the_table_is_in_the_order_of_the_codes() {
        assert!(Country::ALL.windows(2).all(|pair| pair[0] < pair[1] && pair[0].as_str() < pair[1].as_str()));
    }

    #[test]
    fn every_pair_of_bytes_parses_as_the_table_says() {
        let mut found = 0;
        for first in 0..=127_u8 {
            for second in 0..=127_u8 {
                let text = [char::from(first), char::from(second)].iter().collect::<String>();
                if let Ok(country) = text.parse::<Country>() {
                    assert_eq!(country.to_string(), text);
                    found += 1;
                }
            }
        }
        assert_eq!(found, Country::ALL.len());
    }

    #[test]
    fn nothing_but_two_capital_letters_parses() {
        for text in ["", "U", "us", "Us", "US ", " US", "USA", "EU", "UK", "AN", "ZZ", "001", "é", "\0\0"] {
            assert_eq!(Country::parse(text), Err(ParseCountryError), "{text:?}");
        }
    }

    #[test]
    fn an_option_of_a_country_is_one_byte() {
        assert_eq!(size_of::<Option<Country>>(), 1);
    }

    #[test]
    fn prints_as_its_code() {
        assert_eq!(Country::US.to_string(), "US");
        assert_eq!(format!("{:>4}", Country::US), "  US");
        assert_eq!(format!("{:?}", Country::US), "Country(US)");
    }

    #[test]
    fn sel_3_places_that_libphonenumber_leaves_out() {
        let codes = ["AQ", "BV", "GS", "HM", "PN", "TF", "UM"].map(|code| Country::parse(code).unwrap().calling_code());
        assert_eq!(codes.map(CallingCode::get), [672, 47, 500, 672, 64, 262, 1]);
    }

    #[cfg(feature = "serde")]
    #[test]
    fn is_a_string_in_json() {
        for country in Country::ALL {
            let json = serde_json::to_string(&country).unwrap();
            assert_eq!(json, format!("\"{country}\""));
            assert_eq!(serde_json::from_str::<Country>(&json).unwrap(), country);
            assert_eq!(serde_json::from_slice::<Country>(json.as_bytes()).unwrap(), country);
        }
        for json in ["\"us\"", "\"\"", "1", "null", "[85,83]"] {
            assert!(serde_json::from_str::<Country>(json).is_err(), "{json}");
        }
    }
}
