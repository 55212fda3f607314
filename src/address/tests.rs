use alloc::{format, string::ToString};

use proptest::prelude::*;

use super::*;
use crate::code::Code;

#[test]
fn txt_2_a_number_has_7_to_15_digits() {
    for text in ["+1234567", "+123456789012345", "+9999999"] {
        assert_eq!(text.parse::<E164>().unwrap().to_string(), text);
    }
    for text in [
        "",
        "+",
        "+123456",
        "+1234567890123456",
        "+01234567",
        "1234567",
        "++1234567",
        "+1234 567",
        "+１２３４５６７",
        "+1234567\n",
        "+-1234567",
    ] {
        assert_eq!(text.parse::<E164>(), Err(ParseE164Error), "{text:?}");
    }
}

#[test]
fn txt_2_an_identifier_is_trimmed_on_both_ends() {
    let trimmed: Identifier = " \t\r\n\u{c}+14155551212\u{c}\n\r\t ".parse().unwrap();
    assert_eq!(trimmed.to_string(), "+14155551212");
    assert_eq!("\u{b}+14155551212".parse::<Identifier>(), Err(ParseIdentifierError::Form));
    assert_eq!("\u{a0}+14155551212".parse::<Identifier>(), Err(ParseIdentifierError::Form));
    assert_eq!(" \n".parse::<Identifier>(), Err(ParseIdentifierError::Empty));
}

#[test]
fn txt_2_a_channel_address_has_a_channel_and_no_white_space() {
    for text in ["a:b", "whatsapp:+14155551212", "sip:alice@example.com:5060", "x-1_y::", "rcs:東京"] {
        let identifier: Identifier = text.parse().unwrap();
        assert!(matches!(&identifier, Identifier::Channel(address) if address.as_str() == text));
        assert_eq!(identifier.phone_number(), None);
    }
    for text in [
        ":b",
        "a:",
        "1a:b",
        "-a:b",
        "A:b",
        "aB:c",
        "a b:c",
        "a:b c",
        "a:b\u{a0}c",
        "a:b\u{0}",
        "é:b",
        "14155551212",
        "+1415555121a",
        "CH0123456789abcdef0123456789abcdef",
    ] {
        assert_eq!(text.parse::<Identifier>(), Err(ParseIdentifierError::Form), "{text:?}");
    }
}

#[test]
fn txt_2_equality_is_exact() {
    assert_ne!("+14155551212".parse::<Identifier>(), "whatsapp:+14155551212".parse::<Identifier>());
    assert_ne!("x:a".parse::<Identifier>(), "x:A".parse::<Identifier>());
}

#[test]
fn txt_1_lengths_count_what_is_left_after_trimming() {
    let address = |length: usize| format!("x:{}", "é".repeat(length - 2));
    assert!(format!("  {}  ", address(191)).parse::<Identifier>().is_ok());
    let error = address(192).parse::<Identifier>().unwrap_err();
    assert_eq!((error, error.code()), (ParseIdentifierError::TooLong, Code::ParameterInvalid));
    assert!(address(255).parse::<ProxyIdentifier>().is_ok());
    assert!(matches!(address(256).parse::<ProxyIdentifier>(), Err(ParseProxyIdentifierError::TooLong(_))));
    assert!("x".repeat(255).parse::<RequestedProxyIdentifier>().is_ok());
    assert!("x".repeat(256).parse::<RequestedProxyIdentifier>().is_err());
}

#[test]
fn txt_3_debug_masks_the_last_four_characters() {
    let debug = |text: &str| format!("{:?}", text.parse::<Identifier>().unwrap());
    assert_eq!(debug("+14155551212"), "Identifier(+1415555XXXX)");
    assert_eq!(debug("whatsapp:+14155551212"), "Identifier(whatsapp:+1415555XXXX)");
    assert_eq!(debug("x:東京都港区"), "Identifier(x:東XXXX)");
    assert_eq!(debug("a:bc"), "Identifier(XXXX)");
    assert_eq!(debug("a:b"), "Identifier(XXXX)");
    assert_eq!(format!("{:?}", "+1234567".parse::<E164>()), "Ok(E164(+123XXXX))");
    assert_eq!(format!("{:?}", "44551".parse::<ShortCode>()), "Ok(ShortCode(4XXXX))");
    assert_eq!(format!("{:?}", "445".parse::<ProxyNumber>()), "Ok(ProxyNumber(XXXX))");
    assert_eq!(format!("{:?}", "445".parse::<ProxyIdentifier>()), "Ok(ProxyIdentifier(XXXX))");
    assert_eq!(format!("{:?}", "secret".parse::<RequestedProxyIdentifier>()), "Ok(RequestedProxyIdentifier(seXXXX))");
}

#[test]
fn txt_4_a_short_code_is_3_to_8_digits() {
    for text in ["000", "12345678"] {
        assert_eq!(text.parse::<ShortCode>().unwrap().as_str(), text);
    }
    for text in ["", "12", "123456789", "+123", "12a", "１２３", "1 2"] {
        assert_eq!(text.parse::<ShortCode>(), Err(ParseShortCodeError), "{text:?}");
    }
}

#[test]
fn txt_6_fiction_has_an_area_code_and_a_hundred_lines_in_each_area() {
    let fictional = |text: &str| text.parse::<E164>().unwrap().is_fictional();
    for text in ["+15551234567", "+14155550100", "+14155550199"] {
        assert!(fictional(text), "{text}");
    }
    for text in ["+14155550099", "+14155550200", "+4415550100", "+445551234567", "+155512345678", "+5551234567"] {
        assert!(!fictional(text), "{text}");
    }
}

#[test]
fn txt_7_a_chat_channel_sid_is_no_identifier() {
    let error = "CH0123456789abcdef0123456789abcdef".parse::<Identifier>().unwrap_err();
    assert_eq!(error.code(), Code::ParticipantIdentifierInvalid);
}

#[test]
fn par_7_a_request_may_name_anything() {
    for text in ["", "telephone", "+1", "12", " 44551"] {
        let requested: RequestedProxyIdentifier = text.parse().unwrap();
        assert_eq!(requested, RequestedProxyIdentifier::Unrecognized(text.into()));
        assert_eq!(requested.to_string(), text);
        assert_eq!(text.parse::<ProxyIdentifier>(), Err(ParseProxyIdentifierError::Form));
    }
    for text in ["44551", "+14155551212", "messenger:1"] {
        let proxy: ProxyIdentifier = text.parse().unwrap();
        assert_eq!(text.parse(), Ok(RequestedProxyIdentifier::from(proxy)));
    }
}

proptest! {
    #[test]
    fn txt_2_parse_undoes_display(text in "\\+[1-9][0-9]{6,14}|[a-z][a-z0-9_-]{0,9}:[!-~]{1,30}") {
        let identifier: Identifier = text.parse().unwrap();
        prop_assert_eq!(identifier.to_string(), text);
    }

    #[test]
    fn txt_2_any_text_is_judged_the_same_way_twice(text in ".*") {
        if let Ok(identifier) = text.parse::<Identifier>() {
            prop_assert_eq!(identifier.to_string().parse(), Ok(identifier));
        }
    }
}
