use alloc::format;
use alloc::string::ToString;
use alloc::vec::Vec;

use super::*;

fn numbers(keep: impl Fn(Code) -> bool) -> Vec<u32> {
    Code::ALL.into_iter().filter(|&code| keep(code)).map(Code::number).collect()
}

#[test]
fn err_1_the_catalogue_has_84_codes_in_ascending_order() {
    assert_eq!(Code::ALL.len(), 84);
    assert!(Code::ALL.is_sorted_by(|a, b| a < b && a.number() < b.number()));
}

#[test]
fn err_1_a_number_finds_its_code_and_no_other_number_does() {
    for code in Code::ALL {
        assert_eq!(Code::from_number(code.number()), Some(code));
    }
    let found = (0..=100_000).filter(|&number| Code::from_number(number).is_some());
    assert_eq!(found.collect::<Vec<_>>(), numbers(|_| true));
    assert_eq!(Code::from_number(u32::MAX), None);
}

#[test]
fn err_1_every_code_has_a_title_and_no_empty_or_ragged_text() {
    for code in Code::ALL {
        let reason = match code.usage() {
            Usage::Operation | Usage::Notification => None,
            Usage::Never(reason) => Some(reason),
        };
        for text in [Some(code.title()), code.message(), reason].into_iter().flatten() {
            assert!(!text.is_empty(), "{code}");
            assert_eq!(text.trim(), text, "{code}");
            assert!(!text.contains('…'), "{code}");
        }
    }
}

#[test]
fn err_1_the_level_is_the_catalogues_for_refusals_and_notifications_alike() {
    assert_eq!(Code::ParticipantAlreadyInSession.level(), Level::Error);
    assert_eq!(Code::ProxyIdentifierInUse.level(), Level::Warning);
    assert_eq!(Code::NoActiveSession.level(), Level::Error);
    assert_eq!(Code::UnknownParticipant.level(), Level::Warning);
    assert_eq!(numbers(|code| code.level() == Level::Error).len(), 42);
    assert_eq!(numbers(|code| code.level() == Level::Warning).len(), 42);
}

#[test]
fn err_3_the_notifications_are_these_and_no_answer_carries_them() {
    let mut expected = Vec::from([12100, 80614, 80624, 80801, 80802]);
    expected.extend(80901..=80911);
    expected.push(80913);
    assert_eq!(numbers(|code| code.usage() == Usage::Notification), expected);

    let notified = |code: Code| code.usage() == Usage::Notification;
    assert!(numbers(|code| notified(code) && code.http_status().is_some()).is_empty());
}

#[test]
fn api_7_a_refusal_is_a_400_but_for_these() {
    let refused = |code: Code| code.usage() == Usage::Operation;
    assert!(numbers(|code| refused(code) && code.http_status().is_none()).is_empty());

    let others = Code::ALL
        .into_iter()
        .filter_map(|code| Some((code.number(), code.http_status()?)))
        .filter(|&(_, status)| status != 400);
    let expected = [
        (20003, 401),
        (20004, 405),
        (20403, 403),
        (20404, 404),
        (20409, 409),
        (20429, 429),
        (20500, 500),
        (20503, 503),
        (80308, 404),
        (80501, 500),
        (80502, 500),
        (80504, 500),
        (80621, 429),
        (80623, 409),
    ];
    assert_eq!(others.collect::<Vec<_>>(), expected);
}

#[test]
fn api_7_these_are_never_raised() {
    let mut expected = Vec::from([20001, 20003, 20403, 20429, 20500, 20503]);
    expected.extend([80102, 80306, 80307, 80401]);
    expected.extend(80501..=80506);
    expected.extend([80610, 80612, 80613, 80615]);
    expected.extend(80617..=80621);
    expected.push(80625);
    assert_eq!(numbers(|code| matches!(code.usage(), Usage::Never(_))), expected);
}

#[test]
fn a_code_prints_as_its_number() {
    assert_eq!(Code::DuplicateParticipantRequest.to_string(), "80623");
    assert_eq!(format!("{:>7}", Code::NotFound), "  20404");
}

#[test]
fn a_code_is_as_small_as_its_number_optional_or_not() {
    assert_eq!(size_of::<Code>(), size_of::<u32>());
    assert_eq!(size_of::<Option<Code>>(), size_of::<u32>());
}

#[cfg(feature = "serde")]
#[test]
fn serde_takes_and_gives_the_number() {
    for code in Code::ALL {
        let json = serde_json::to_string(&code).unwrap();
        assert_eq!(json, code.to_string());
        assert_eq!(serde_json::from_str::<Code>(&json).unwrap(), code);
    }
}

#[cfg(feature = "serde")]
#[test]
fn serde_refuses_a_number_outside_the_catalogue_and_says_which() {
    let refusal = serde_json::from_str::<Code>("80204").unwrap_err().to_string();
    assert_eq!(refusal, "invalid value: integer `80204`, expected a code of the Twilio Proxy error catalogue");
    for json in ["-1", "4294967296", "80103.0", "\"80103\"", "null"] {
        assert!(serde_json::from_str::<Code>(json).is_err(), "{json}");
    }
}
