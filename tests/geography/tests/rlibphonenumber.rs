//! Our tables against libphonenumber's metadata, in both directions (SEL-3).
//!
//! Where the two differ on purpose, the difference stands in a list with its reason. A listed difference that is gone
//! fails the test as a new one does, so that the lists stay true when the metadata catches up.

use rlibphonenumber::{PHONE_NUMBER_UTIL, PhoneNumber, PhoneNumberFormat, PhoneNumberType, Region};
use twilio_proxy_core::{E164, geography::AreaCode};

/// Area codes in service of which the metadata does not know. It follows numbers in use, not announcements.
const UNKNOWN_TO_THE_METADATA: &[(u16, &str)] = &[
    (357, "California, Fresno; since March 2025"),
    (436, "Ohio, Cleveland's suburbs; since March 2024"),
    (457, "Louisiana, north; since September 2025"),
    (465, "New York, New York; since June 2026"),
    (471, "Mississippi, north; since January 2026"),
    (483, "Alabama, Montgomery; since February 2026"),
    (621, "Texas, Houston; since January 2025"),
    (624, "New York, Buffalo; since November 2023"),
    (679, "Michigan, Detroit; since November 2025"),
    (729, "Tennessee, Chattanooga; since September 2025"),
    (837, "California, north-east; since January 2025"),
    (861, "Illinois, Peoria; since February 2023"),
    (924, "Minnesota, south; since August 2024"),
];

/// Area codes with numbers of a place in the metadata that are not in service for us.
const UNKNOWN_TO_US: &[(u16, &str)] = &[];

/// Example numbers of which the metadata and we name different countries.
const OTHER_COUNTRY: &[(&str, &str)] = &[
    ("+13101234", "Canada's 310 numbers have seven digits and no area code; what is not complete is of the US"),
    ("+16002012345", "600 is Canada's own, but of no place; what is not in service is of the US (SEL-3)"),
];

/// Example numbers that are not E.164 numbers of 7 to 15 digits.
const NOT_E164: &[(&str, &str)] =
    &[("+989601", "Iran's short universal access numbers have six digits, and a number seven (TXT-2)")];

const TYPES: [PhoneNumberType; 11] = [
    PhoneNumberType::FixedLine,
    PhoneNumberType::Mobile,
    PhoneNumberType::TollFree,
    PhoneNumberType::PremiumRate,
    PhoneNumberType::SharedCost,
    PhoneNumberType::VoIP,
    PhoneNumberType::PersonalNumber,
    PhoneNumberType::Pager,
    PhoneNumberType::UAN,
    PhoneNumberType::VoiceMail,
    PhoneNumberType::FixedLineOrMobile,
];

/// The example numbers of every region and type, each with its E.164 form.
fn examples() -> impl Iterator<Item = (PhoneNumber, String)> {
    PHONE_NUMBER_UTIL
        .get_supported_regions()
        .flat_map(|region| TYPES.map(|kind| PHONE_NUMBER_UTIL.get_example_number_for_type_and_region(region, kind)))
        .filter_map(Result::ok)
        .map(|example| {
            let text = example.format_as(PhoneNumberFormat::E164).into_owned();
            (example, text)
        })
}

fn name(region: Region) -> String {
    region.as_region_str().to_string()
}

/// The country that the metadata gives a number: under +1 its own, elsewhere the main one of the calling code.
fn metadata_country(number: &PhoneNumber) -> Option<String> {
    let region = match number.country_code {
        1 => number.get_region_code(),
        calling_code => PHONE_NUMBER_UTIL.get_region_for_country_code(calling_code),
    };
    region.map(name)
}

fn our_country(number: E164) -> Option<String> {
    number.country().map(|country| country.to_string())
}

/// Compares a list of reasoned differences with what was found. Both are in ascending order.
#[track_caller]
fn assert_listed<T: Ord + core::fmt::Debug>(mut found: Vec<T>, listed: impl Iterator<Item = T>) {
    found.sort();
    found.dedup();
    assert_eq!(found, listed.collect::<Vec<T>>(), "found on the left, listed on the right");
}

#[test]
fn sel_3_calling_code_of_every_example() {
    let mut not_e164 = Vec::new();
    for (example, text) in examples() {
        match text.parse::<E164>() {
            Ok(number) => assert_eq!(i32::from(number.calling_code().get()), example.country_code, "{text}"),
            Err(_) => not_e164.push(text),
        }
    }
    assert_listed(not_e164, NOT_E164.iter().map(|(number, _)| (*number).to_owned()));
}

#[test]
fn sel_3_country_of_every_example() {
    let mut differences = Vec::new();
    for (example, text) in examples() {
        let Ok(number) = text.parse::<E164>() else { continue };
        if our_country(number) != metadata_country(&example) {
            differences.push(text);
        }
    }
    assert_listed(differences, OTHER_COUNTRY.iter().map(|(number, _)| (*number).to_owned()));
}

#[test]
fn sel_3_main_country_of_every_calling_code() {
    for calling_code in 1..=999 {
        // Long enough for the code to show, and never a complete North American number.
        let Ok(number) = format!("+{calling_code}0000000").parse::<E164>() else { continue };
        if number.calling_code().get() != calling_code {
            continue;
        }
        // The metadata calls a region without a country by 001.
        let theirs = PHONE_NUMBER_UTIL.get_region_for_country_code(i32::from(calling_code)).map(name);
        let theirs = theirs.filter(|region| region != "001");
        assert_eq!(our_country(number), theirs, "+{calling_code}");
    }
}

#[test]
fn sel_3_services_without_a_country() {
    let services: Vec<i32> = PHONE_NUMBER_UTIL.get_supported_global_network_calling_codes().collect();
    assert!(services.contains(&800));
    for service in services {
        let example = PHONE_NUMBER_UTIL.get_example_number_for_non_geo_entity(service).expect("has an example");
        let text = example.format_as(PhoneNumberFormat::E164);
        let number: E164 = text.parse().expect("is an E.164 number");
        assert_eq!(i32::from(number.calling_code().get()), service, "{text}");
        assert_eq!(our_country(number), None, "{text}");
    }
}

/// The country of the numbers of a place that the metadata knows under an area code.
///
/// Some area codes have few exchanges in the metadata, so every one is tried.
fn metadata_country_of(area_code: u16) -> Option<String> {
    (200..=999).find_map(|exchange| {
        let national_number = format!("{area_code}{exchange}2345").parse().ok()?;
        let number = PhoneNumber { country_code: 1, national_number, ..PhoneNumber::default() };
        let region = number.get_region_code()?;
        let of_a_place = matches!(
            number.get_type(),
            PhoneNumberType::FixedLine | PhoneNumberType::Mobile | PhoneNumberType::FixedLineOrMobile
        );
        of_a_place.then(|| name(region))
    })
}

#[test]
fn sel_3_every_area_code() {
    let mut unknown_to_the_metadata = Vec::new();
    let mut unknown_to_us = Vec::new();
    for digits in 200..=999 {
        let number: E164 = format!("+1{digits}2345678").parse().expect("has eleven digits");
        let area_code: AreaCode = number.area_code().expect("is North American");
        assert_eq!(area_code.get(), digits);
        match (area_code.is_in_service(), metadata_country_of(digits)) {
            (true, Some(theirs)) => assert_eq!(area_code.country().as_str(), theirs, "{digits}"),
            (true, None) => unknown_to_the_metadata.push(digits),
            (false, Some(_)) => unknown_to_us.push(digits),
            (false, None) => assert_eq!(area_code.country().as_str(), "US", "{digits}"),
        }
    }
    assert_listed(unknown_to_the_metadata, UNKNOWN_TO_THE_METADATA.iter().map(|(code, _)| *code));
    assert_listed(unknown_to_us, UNKNOWN_TO_US.iter().map(|(code, _)| *code));
}
