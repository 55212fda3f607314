use core::{fmt, iter};

use super::Country;

/// The three digits after calling code 1, which say where in North America a number belongs.
///
/// Every number of eleven digits under +1 has one, also where the three digits are not in service.
///
/// ```
/// use twilio_proxy_core::{E164, geography::Country};
///
/// let toronto: E164 = "+14165550123".parse()?;
/// let area_code = toronto.area_code().ok_or("no area code")?;
/// assert_eq!(area_code.get(), 416);
/// assert_eq!(area_code.country(), Country::CA);
///
/// let dublin: E164 = "+35315550123".parse()?;
/// assert_eq!(dublin.area_code(), None);
/// # Ok::<(), Box<dyn core::error::Error>>(())
/// ```
#[derive(Clone, Copy, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct AreaCode(u16);

impl AreaCode {
    /// The area code of the number with these digits (those after the `+`), if it is North American and complete.
    pub(crate) fn of_number(number: u64) -> Option<Self> {
        if !(10_000_000_000..20_000_000_000).contains(&number) {
            return None;
        }
        u16::try_from(number / 10_000_000 % 1_000).ok().map(Self)
    }

    /// The code as a number.
    ///
    /// ```
    /// use twilio_proxy_core::E164;
    ///
    /// let san_francisco: E164 = "+14155550123".parse()?;
    /// assert_eq!(san_francisco.area_code().map(|code| code.get()), Some(415));
    /// # Ok::<(), Box<dyn core::error::Error>>(())
    /// ```
    #[must_use]
    pub const fn get(self) -> u16 {
        self.0
    }

    /// Whether numbers of a place are given out under this code, as of November 2026.
    ///
    /// Toll-free, premium and personal numbers belong to no place: their codes are not in service in this sense.
    ///
    /// ```
    /// use twilio_proxy_core::E164;
    ///
    /// let san_francisco: E164 = "+14155550123".parse()?;
    /// let toll_free: E164 = "+18005550123".parse()?;
    /// assert!(san_francisco.area_code().is_some_and(|code| code.is_in_service()));
    /// assert!(!toll_free.area_code().is_some_and(|code| code.is_in_service()));
    /// # Ok::<(), Box<dyn core::error::Error>>(())
    /// ```
    #[must_use]
    pub fn is_in_service(self) -> bool {
        self.area().country.is_some()
    }

    /// The country the code serves; the United States if it is not in service (SEL-3).
    ///
    /// ```
    /// use twilio_proxy_core::{E164, geography::Country};
    ///
    /// let jamaica: E164 = "+18765550123".parse()?;
    /// let toll_free: E164 = "+18005550123".parse()?;
    /// assert_eq!(jamaica.area_code().map(|code| code.country()), Some(Country::JM));
    /// assert_eq!(toll_free.area_code().map(|code| code.country()), Some(Country::US));
    /// # Ok::<(), Box<dyn core::error::Error>>(())
    /// ```
    #[must_use]
    pub fn country(self) -> Country {
        self.area().country.unwrap_or(Country::US)
    }

    /// Whether the two are the same or serve one territory together (SEL-4). Takes constant time.
    ///
    /// Not transitive: all of New York City has 917, but 212 is of Manhattan and 718 of the other boroughs.
    ///
    /// ```
    /// use twilio_proxy_core::E164;
    ///
    /// let area_code = |number: &str| number.parse().ok().and_then(E164::area_code).ok_or("no area code");
    /// let manhattan = area_code("+12125550123")?;
    /// let brooklyn = area_code("+17185550123")?;
    /// let all_boroughs = area_code("+19175550123")?;
    ///
    /// assert!(manhattan.overlays(all_boroughs) && all_boroughs.overlays(brooklyn));
    /// assert!(!manhattan.overlays(brooklyn));
    /// # Ok::<(), &str>(())
    /// ```
    #[must_use]
    pub fn overlays(self, other: Self) -> bool {
        let theirs = other.area().territories;
        self == other || self.area().territories.iter().any(|ours| *ours != NO_TERRITORY && theirs.contains(ours))
    }

    /// The code itself, then every other that [overlays](Self::overlays) it, in ascending order (SEL-4).
    ///
    /// ```
    /// use twilio_proxy_core::E164;
    ///
    /// let manhattan: E164 = "+12125550123".parse()?;
    /// let complex: Vec<u16> = manhattan.area_code().ok_or("no area code")?.complex().map(|code| code.get()).collect();
    /// assert_eq!(complex, [212, 332, 646, 917]);
    /// # Ok::<(), Box<dyn core::error::Error>>(())
    /// ```
    pub fn complex(self) -> impl Iterator<Item = Self> + use<> {
        // Merges the territories' rows: the least head, taken off every row that begins with it.
        let mut rows = self.area().territories.map(territory);
        let merged = iter::from_fn(move || {
            let least = *rows.iter().filter_map(|row| row.first()).min()?;
            for row in &mut rows {
                if let [first, rest @ ..] = *row
                    && *first == least
                {
                    *row = rest;
                }
            }
            Some(Self(least))
        });
        iter::once(self).chain(merged.filter(move |other| *other != self))
    }

    fn area(self) -> Area {
        AREAS.get(usize::from(self.0)).copied().unwrap_or(Area::NOT_IN_SERVICE)
    }
}

#[cfg(feature = "serde")]
impl<'de> serde::Deserialize<'de> for AreaCode {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let code = u16::deserialize(deserializer)?;
        if code < 1_000 { Ok(Self(code)) } else { Err(serde::de::Error::custom("an area code has three digits")) }
    }
}

impl fmt::Display for AreaCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:03}", self.0)
    }
}

impl fmt::Debug for AreaCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "AreaCode({self})")
    }
}

/// What the tables below say of one area code.
#[derive(Clone, Copy)]
struct Area {
    country: Option<Country>,
    territories: [TerritoryNumber; 2],
}

impl Area {
    const NOT_IN_SERVICE: Self = Self { country: None, territories: [NO_TERRITORY; 2] };
}

/// The place of a territory in [`TERRITORIES`], counted from one.
type TerritoryNumber = u8;

const NO_TERRITORY: TerritoryNumber = 0;

fn territory(number: TerritoryNumber) -> &'static [u16] {
    number.checked_sub(1).and_then(|index| TERRITORIES.get(usize::from(index))).copied().unwrap_or_default()
}

/// [`IN_SERVICE`] and [`TERRITORIES`] turned around at compile time: by area code.
static AREAS: [Area; 1_000] = {
    let mut areas = [Area::NOT_IN_SERVICE; 1_000];

    let mut countries = IN_SERVICE;
    while let [(country, codes), rest @ ..] = countries {
        countries = rest;
        let mut codes = *codes;
        while let [code, rest @ ..] = codes {
            codes = rest;
            if let Some(area) = entry(&mut areas, *code) {
                area.country = Some(*country);
            }
        }
    }

    let mut number = NO_TERRITORY;
    let mut territories = TERRITORIES;
    while let [codes, rest @ ..] = territories {
        territories = rest;
        number = number.saturating_add(1);
        let mut codes = *codes;
        while let [code, rest @ ..] = codes {
            codes = rest;
            if let Some(area) = entry(&mut areas, *code) {
                area.territories = match area.territories {
                    [NO_TERRITORY, _] => [number, NO_TERRITORY],
                    [first, _] => [first, number],
                };
            }
        }
    }

    areas
};

/// `areas.get_mut(code)`, which is not const yet.
const fn entry(areas: &mut [Area], code: u16) -> Option<&mut Area> {
    match areas.split_at_mut_checked(code as usize) {
        Some((_, from_code)) => from_code.first_mut(),
        None => None,
    }
}

/// The area codes in service, by country.
///
/// As the North American and the Canadian numbering administrators have put them into service by November 2026; the
/// newest are 465 (New York) and 273 (Québec). Codes that are announced only, such as 565 (Georgia), are left out, and
/// so are codes without a place.
const IN_SERVICE: &[(Country, &[u16])] = &[
    (Country::AG, &[268]),
    (Country::AI, &[264]),
    (Country::AS, &[684]),
    (Country::BB, &[246]),
    (Country::BM, &[441]),
    (Country::BS, &[242]),
    (
        Country::CA,
        &[
            204, 226, 236, 249, 250, 257, 263, 273, 289, 306, 343, 354, 365, 367, 368, 382, 403, 416, 418, 428, 431,
            437, 438, 450, 468, 474, 506, 514, 519, 548, 579, 581, 584, 587, 604, 613, 639, 647, 672, 683, 705, 709,
            742, 753, 778, 780, 782, 807, 819, 825, 867, 873, 879, 902, 905, 942,
        ],
    ),
    (Country::DM, &[767]),
    (Country::DO, &[809, 829, 849]),
    (Country::GD, &[473]),
    (Country::GU, &[671]),
    (Country::JM, &[658, 876]),
    (Country::KN, &[869]),
    (Country::KY, &[345]),
    (Country::LC, &[758]),
    (Country::MP, &[670]),
    (Country::MS, &[664]),
    (Country::PR, &[787, 939]),
    (Country::SX, &[721]),
    (Country::TC, &[649]),
    (Country::TT, &[868]),
    (
        Country::US,
        &[
            201, 202, 203, 205, 206, 207, 208, 209, 210, 212, 213, 214, 215, 216, 217, 218, 219, 220, 223, 224, 225,
            227, 228, 229, 231, 234, 235, 239, 240, 248, 251, 252, 253, 254, 256, 260, 262, 267, 269, 270, 272, 274,
            276, 279, 281, 283, 301, 302, 303, 304, 305, 307, 308, 309, 310, 312, 313, 314, 315, 316, 317, 318, 319,
            320, 321, 323, 324, 325, 326, 327, 329, 330, 331, 332, 334, 336, 337, 339, 341, 346, 347, 350, 351, 352,
            353, 357, 360, 361, 363, 364, 369, 380, 385, 386, 401, 402, 404, 405, 406, 407, 408, 409, 410, 412, 413,
            414, 415, 417, 419, 423, 424, 425, 430, 432, 434, 435, 436, 440, 442, 443, 445, 447, 448, 457, 458, 463,
            464, 465, 469, 470, 471, 472, 475, 478, 479, 480, 483, 484, 501, 502, 503, 504, 505, 507, 508, 509, 510,
            512, 513, 515, 516, 517, 518, 520, 530, 531, 534, 539, 540, 541, 551, 557, 559, 561, 562, 563, 564, 567,
            570, 571, 572, 573, 574, 575, 580, 582, 585, 586, 601, 602, 603, 605, 606, 607, 608, 609, 610, 612, 614,
            615, 616, 617, 618, 619, 620, 621, 623, 624, 626, 628, 629, 630, 631, 636, 640, 641, 645, 646, 650, 651,
            656, 657, 659, 660, 661, 662, 667, 669, 678, 679, 680, 681, 682, 686, 689, 701, 702, 703, 704, 706, 707,
            708, 712, 713, 714, 715, 716, 717, 718, 719, 720, 724, 725, 726, 727, 728, 729, 730, 731, 732, 734, 737,
            738, 740, 743, 747, 748, 754, 757, 760, 762, 763, 765, 769, 770, 771, 772, 773, 774, 775, 779, 781, 785,
            786, 801, 802, 803, 804, 805, 806, 808, 810, 812, 813, 814, 815, 816, 817, 818, 820, 821, 826, 828, 830,
            831, 832, 835, 837, 838, 839, 840, 843, 845, 847, 848, 850, 854, 856, 857, 858, 859, 860, 861, 862, 863,
            864, 865, 870, 872, 878, 901, 903, 904, 906, 907, 908, 909, 910, 912, 913, 914, 915, 916, 917, 918, 919,
            920, 924, 925, 928, 929, 930, 931, 934, 936, 937, 938, 940, 941, 943, 945, 947, 948, 949, 951, 952, 954,
            956, 959, 970, 971, 972, 973, 975, 978, 979, 980, 983, 984, 985, 986, 989,
        ],
    ),
    (Country::VC, &[784]),
    (Country::VG, &[284]),
    (Country::VI, &[340]),
];

/// The territories that more than one area code serves, each with all its codes.
///
/// A code that serves two stands in both. No code serves more than two; a test watches over that.
const TERRITORIES: &[&[u16]] = &[
    &[201, 551],                // New Jersey, Jersey City
    &[202, 771],                // Washington, D.C.
    &[203, 475],                // Connecticut, south-west
    &[204, 431, 584],           // Manitoba
    &[205, 659],                // Alabama, Birmingham and Tuscaloosa
    &[206, 564],                // Washington, Seattle
    &[208, 986],                // Idaho
    &[209, 350],                // California, Stockton and Modesto
    &[210, 726],                // Texas, San Antonio
    &[212, 332, 646, 917],      // New York, New York, Manhattan
    &[213, 323, 738],           // California, Los Angeles
    &[214, 469, 945, 972],      // Texas, Dallas
    &[215, 267, 445],           // Pennsylvania, Philadelphia
    &[217, 447],                // Illinois, Springfield
    &[220, 740],                // Ohio, south-east
    &[223, 717],                // Pennsylvania, Harrisburg
    &[224, 847],                // Illinois, northern suburbs
    &[226, 382, 519, 548],      // Ontario, London and the south-west
    &[227, 240, 301],           // Maryland, west
    &[234, 330],                // Ohio, Akron and Youngstown
    &[235, 573],                // Missouri, south-east
    &[236, 250, 257, 672, 778], // British Columbia, the rest
    &[236, 257, 604, 672, 778], // British Columbia, Vancouver
    &[248, 947],                // Michigan, Oakland County
    &[249, 683, 705],           // Ontario, Sudbury
    &[256, 938],                // Alabama, Huntsville and the north
    &[263, 438, 514],           // Québec, Montréal
    &[270, 364],                // Kentucky, west
    &[272, 570],                // Pennsylvania, Scranton
    &[273, 367, 418, 581],      // Québec, Québec and the east
    &[274, 920],                // Wisconsin, Green Bay
    &[279, 916],                // California, Sacramento
    &[281, 346, 621, 713, 832], // Texas, Houston
    &[283, 513],                // Ohio, Cincinnati
    &[289, 365, 742, 905],      // Ontario, around Toronto
    &[303, 720, 983],           // Colorado, Denver
    &[304, 681],                // West Virginia
    &[305, 645, 786],           // Florida, Miami and the Keys
    &[306, 474, 639],           // Saskatchewan
    &[309, 861],                // Illinois, Peoria and the west
    &[310, 424],                // California, west of Los Angeles
    &[312, 872],                // Illinois, Chicago, the Loop
    &[313, 679],                // Michigan, Detroit
    &[314, 557],                // Missouri, St. Louis
    &[315, 680],                // New York, Syracuse
    &[317, 463],                // Indiana, Indianapolis
    &[318, 457],                // Louisiana, north
    &[321, 407, 689],           // Florida, Orlando; 321 serves the Space Coast besides, alone
    &[324, 904],                // Florida, Jacksonville
    &[326, 937],                // Ohio, Dayton
    &[327, 870],                // Arkansas, Jonesboro and the east
    &[329, 845],                // New York, Hudson Valley
    &[331, 630],                // Illinois, western suburbs
    &[334, 483],                // Alabama, Montgomery and the south-east
    &[336, 743],                // North Carolina, Greensboro
    &[339, 781],                // Massachusetts, Boston's suburbs
    &[341, 510],                // California, Oakland
    &[343, 613, 753],           // Ontario, Ottawa
    &[347, 465, 718, 917, 929], // New York, New York, the other boroughs
    &[351, 978],                // Massachusetts, north-east
    &[353, 608],                // Wisconsin, Madison
    &[354, 450, 579],           // Québec, around Montréal
    &[357, 559],                // California, Fresno
    &[360, 564],                // Washington, the rest of the west
    &[363, 516],                // New York, Nassau County
    &[368, 403, 587, 825],      // Alberta, Calgary
    &[368, 587, 780, 825],      // Alberta, Edmonton
    &[369, 707],                // California, north coast
    &[380, 614],                // Ohio, Columbus
    &[385, 801],                // Utah, Salt Lake City
    &[402, 531],                // Nebraska, east
    &[404, 470, 678, 943],      // Georgia, Atlanta
    &[405, 572],                // Oklahoma, Oklahoma City
    &[408, 669],                // California, San José
    &[410, 443, 667],           // Maryland, Baltimore and the east
    &[412, 878],                // Pennsylvania, Pittsburgh
    &[415, 628],                // California, San Francisco
    &[416, 437, 647, 942],      // Ontario, Toronto
    &[419, 567],                // Ohio, Toledo
    &[423, 729],                // Tennessee, Chattanooga and the Tri-Cities
    &[428, 506],                // New Brunswick
    &[430, 903],                // Texas, north-east
    &[436, 440],                // Ohio, Cleveland's suburbs
    &[442, 760],                // California, San Diego County, north, and the desert
    &[448, 850],                // Florida, Tallahassee and the panhandle
    &[458, 541],                // Oregon, the rest
    &[464, 708],                // Illinois, southern suburbs
    &[468, 819, 873],           // Québec, the west
    &[470, 678, 770, 943],      // Georgia, Atlanta's suburbs
    &[471, 662],                // Mississippi, north
    &[472, 910],                // North Carolina, Fayetteville and Wilmington
    &[480, 602, 623],           // Arizona, Phoenix
    &[484, 610, 835],           // Pennsylvania, Philadelphia's suburbs
    &[503, 971],                // Oregon, Portland
    &[507, 924],                // Minnesota, south
    &[508, 774],                // Massachusetts, south-east
    &[512, 737],                // Texas, Austin
    &[518, 838],                // New York, Albany
    &[530, 837],                // California, north-east
    &[534, 715],                // Wisconsin, north
    &[539, 918],                // Oklahoma, Tulsa
    &[540, 826],                // Virginia, Roanoke and the north-west
    &[561, 728],                // Florida, Palm Beach
    &[571, 703],                // Virginia, suburbs of Washington
    &[582, 814],                // Pennsylvania, Erie and the centre
    &[601, 769],                // Mississippi, centre and south
    &[609, 640],                // New Jersey, Trenton and Atlantic City
    &[615, 629],                // Tennessee, Nashville
    &[617, 857],                // Massachusetts, Boston
    &[618, 730],                // Illinois, south
    &[619, 858],                // California, San Diego
    &[624, 716],                // New York, Buffalo
    &[631, 934],                // New York, Suffolk County
    &[656, 813],                // Florida, Tampa
    &[657, 714],                // California, Orange County, north
    &[658, 876],                // Jamaica
    &[682, 817],                // Texas, Fort Worth
    &[686, 804],                // Virginia, Richmond
    &[702, 725],                // Nevada, Las Vegas
    &[704, 980],                // North Carolina, Charlotte
    &[706, 762],                // Georgia, north
    &[709, 879],                // Newfoundland and Labrador
    &[724, 878],                // Pennsylvania, Pittsburgh's surroundings
    &[732, 848],                // New Jersey, central
    &[747, 818],                // California, San Fernando Valley
    &[748, 970],                // Colorado, north and west
    &[754, 954],                // Florida, Fort Lauderdale
    &[757, 948],                // Virginia, Norfolk
    &[773, 872],                // Illinois, Chicago, the rest
    &[779, 815],                // Illinois, north
    &[782, 902],                // Nova Scotia and Prince Edward Island
    &[787, 939],                // Puerto Rico
    &[803, 839],                // South Carolina, Columbia
    &[805, 820],                // California, Santa Barbara and Ventura
    &[809, 829, 849],           // Dominican Republic
    &[812, 930],                // Indiana, south
    &[816, 975],                // Missouri, Kansas City
    &[821, 864],                // South Carolina, Greenville
    &[840, 909],                // California, San Bernardino
    &[843, 854],                // South Carolina, Charleston
    &[860, 959],                // Connecticut, Hartford and the rest
    &[862, 973],                // New Jersey, Newark
    &[919, 984],                // North Carolina, Raleigh
];

#[cfg(test)]
mod tests {
    use alloc::{format, string::ToString, vec::Vec};

    use super::*;

    fn all() -> impl Iterator<Item = AreaCode> + Clone {
        (0..=999).map(AreaCode)
    }

    fn ascends(codes: &[u16]) -> bool {
        codes.windows(2).all(|pair| pair[0] < pair[1])
    }

    #[test]
    fn sel_3_area_code_is_the_three_digits_after_1() {
        assert_eq!(AreaCode::of_number(14_155_550_123), Some(AreaCode(415)));
        assert_eq!(AreaCode::of_number(10_000_000_000), Some(AreaCode(0)));
        assert_eq!(AreaCode::of_number(19_999_999_999), Some(AreaCode(999)));
        for number in [0, 1, 9_999_999_999, 20_000_000_000, 114_155_550_123, 442_079_460_123, u64::MAX - 1, u64::MAX] {
            assert_eq!(AreaCode::of_number(number), None, "{number}");
        }
    }

    #[test]
    fn sel_3_countries_are_sorted_and_no_code_is_in_two() {
        assert!(IN_SERVICE.windows(2).all(|pair| pair[0].0 < pair[1].0));
        for (country, codes) in IN_SERVICE {
            assert_eq!(country.calling_code().get(), 1);
            assert!(ascends(codes), "{country}");
            for code in *codes {
                assert!((200..=999).contains(code), "{code}");
                assert!(code / 10 % 10 != 9, "{code} is kept for longer numbers");
                assert!(code / 10 % 10 != code % 10, "{code} is easily recognised, so of a service");
                assert_eq!(AreaCode(*code).country(), *country, "{code} is in two countries");
                assert!(AreaCode(*code).is_in_service());
            }
        }
    }

    #[test]
    fn sel_3_every_country_under_1_but_um_has_an_area_code() {
        for country in Country::ALL.into_iter().filter(|country| country.calling_code().get() == 1) {
            let has_area_code = IN_SERVICE.iter().any(|(listed, codes)| *listed == country && !codes.is_empty());
            assert_eq!(has_area_code, country != Country::UM, "{country}");
        }
    }

    #[test]
    fn sel_3_a_code_not_in_service_is_of_the_united_states() {
        let listed: usize = IN_SERVICE.iter().map(|(_, codes)| codes.len()).sum();
        assert_eq!(all().filter(|code| code.is_in_service()).count(), listed);
        for code in all().filter(|code| !code.is_in_service()) {
            assert_eq!(code.country(), Country::US);
        }
        for code in [0, 199, 211, 500, 533, 600, 700, 710, 800, 833, 844, 855, 866, 877, 888, 900, 911, 999, u16::MAX] {
            assert!(!AreaCode(code).is_in_service(), "{code}");
            assert_eq!(AreaCode(code).country(), Country::US);
        }
    }

    #[test]
    fn sel_3_canada_the_caribbean_and_the_pacific() {
        let countries = [204, 942, 809, 658, 876, 939, 787, 340, 721, 670, 671, 684, 441, 907, 808]
            .map(|code| AreaCode(code).country().as_str());
        let expected = ["CA", "CA", "DO", "JM", "JM", "PR", "PR", "VI", "SX", "MP", "GU", "AS", "BM", "US", "US"];
        assert_eq!(countries, expected);
    }

    #[test]
    fn sel_4_territories_are_sorted_and_in_service_in_one_country() {
        assert!(TERRITORIES.is_sorted() && TERRITORIES.windows(2).all(|pair| pair[0] != pair[1]));
        assert!(TERRITORIES.len() <= usize::from(TerritoryNumber::MAX));
        for codes in TERRITORIES {
            assert!(codes.len() > 1 && ascends(codes), "{codes:?}");
            for code in *codes {
                assert!(AreaCode(*code).is_in_service(), "{code}");
                assert_eq!(AreaCode(*code).country(), AreaCode(codes[0]).country(), "{code}");
            }
        }
    }

    #[test]
    fn sel_4_no_code_serves_more_than_two_territories() {
        for code in all() {
            let territories = TERRITORIES.iter().filter(|codes| codes.contains(&code.0)).count();
            assert!(territories <= code.area().territories.len(), "{code}");
        }
    }

    #[test]
    fn sel_4_overlays_is_sharing_a_territory() {
        for one in all() {
            let shared: Vec<u16> =
                TERRITORIES.iter().filter(|codes| codes.contains(&one.0)).copied().flatten().copied().collect();
            for other in all() {
                assert_eq!(one.overlays(other), one == other || shared.contains(&other.0), "{one} {other}");
            }
        }
    }

    #[test]
    fn sel_4_overlays_is_reflexive_and_symmetric() {
        for one in all() {
            assert!(one.overlays(one));
            for other in all() {
                assert_eq!(one.overlays(other), other.overlays(one), "{one} {other}");
            }
        }
    }

    #[test]
    fn sel_4_codes_not_in_service_overlay_nothing() {
        for one in all().filter(|code| !code.is_in_service()) {
            assert!(all().filter(|other| *other != one).all(|other| !one.overlays(other)), "{one}");
        }
    }

    #[test]
    fn sel_4_overlays_is_not_transitive() {
        for (one, of_both, other) in
            [(212, 917, 718), (404, 678, 770), (312, 872, 773), (412, 878, 724), (403, 587, 780), (206, 564, 360)]
        {
            assert!(AreaCode(one).overlays(AreaCode(of_both)), "{one} {of_both}");
            assert!(AreaCode(of_both).overlays(AreaCode(other)), "{of_both} {other}");
            assert!(!AreaCode(one).overlays(AreaCode(other)), "{one} {other}");
        }
    }

    #[test]
    fn sel_4_neighbours_do_not_overlay() {
        for (one, other) in [(415, 510), (213, 310), (416, 905), (713, 409), (787, 809), (253, 564), (501, 327)] {
            assert!(!AreaCode(one).overlays(AreaCode(other)), "{one} {other}");
        }
    }

    #[test]
    fn sel_4_complex_is_itself_and_then_its_overlays_in_order() {
        for code in all() {
            let expected = iter::once(code).chain(all().filter(|other| *other != code && other.overlays(code)));
            assert!(code.complex().eq(expected), "{code}");
        }
        let of = |code| AreaCode(code).complex().map(AreaCode::get).collect::<Vec<_>>();
        assert_eq!(of(917), [917, 212, 332, 347, 465, 646, 718, 929]);
        assert_eq!(of(678), [678, 404, 470, 770, 943]);
        assert_eq!(of(650), [650]);
        assert_eq!(of(800), [800]);
        assert_eq!(of(u16::MAX), [u16::MAX]);
    }

    #[test]
    #[cfg(feature = "serde")]
    fn inv_2_the_json_of_an_area_code_has_three_digits_at_most() {
        let read = |json: &str| serde_json::from_str::<AreaCode>(json).ok();
        assert_eq!([read("999"), read("0")], [Some(AreaCode(999)), Some(AreaCode(0))]);
        assert_eq!(read("1000"), None);
    }

    #[test]
    fn prints_as_three_digits() {
        assert_eq!(AreaCode(415).to_string(), "415");
        assert_eq!(AreaCode(7).to_string(), "007");
        assert_eq!(format!("{:?}", Some(AreaCode(415))), "Some(AreaCode(415))");
    }
}
