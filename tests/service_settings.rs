//! SVC: what a service is set to.
#![cfg(feature = "serde")]
#![expect(clippy::unwrap_used, reason = "a helper that fails is a failed test")]

use crate::common::*;
use twilio_proxy_core::{
    AccountSid, CallbackUrl, ChatInstanceSid, GeoMatchLevel, NewService, NumberSelectionBehavior,
    ParseCallbackUrlError, Patch, Policy, Service, ServiceSettings, ServiceSid, ServiceUpdate, Ttl,
};

const P1: &str = "+14155559001";
const P2: &str = "+14155559002";
const MANHATTAN: &str = "+12125559001";

fn url(text: &str) -> CallbackUrl {
    text.parse().unwrap()
}

fn ttl(seconds: u32) -> Ttl {
    Ttl::from_seconds(seconds).unwrap()
}

fn chat_instance(n: u128) -> ChatInstanceSid {
    ChatInstanceSid::from_u128(n)
}

fn new_service_with_everything() -> NewService {
    let mut new = new_service();
    new.default_ttl = ttl(3_600);
    new.geo_match_level = GeoMatchLevel::Overlay;
    new.number_selection_behavior = NumberSelectionBehavior::AvoidSticky;
    new.callback_url = Some(url("https://example.com/callback"));
    new.intercept_callback_url = Some(url("https://example.com/intercept"));
    new.out_of_session_callback_url = Some(url("https://example.com/out-of-session"));
    new.chat_instance_sid = Some(chat_instance(1));
    new
}

fn service_with_everything() -> Service {
    Service::new(new_service_with_everything(), Policy::default(), at(0))
}

/// An update at `at(5)` changes this and the date, and leaves all else as it was.
fn assert_changes(update: ServiceUpdate, change: impl FnOnce(&mut ServiceSettings)) {
    let mut service = service_with_everything();
    let mut expected = service.settings().clone();
    change(&mut expected);
    expected.date_updated = at(5);
    assert_eq!(service.update_service(update, at(5)), &expected);
    assert_eq!(service.settings(), &expected);
}

#[test]
fn svc_2_defaults() {
    let service = service();
    let settings = service.settings();
    assert_eq!(settings.sid, ServiceSid::from_u128(1));
    assert_eq!(settings.account_sid, AccountSid::from_u128(1));
    assert_eq!(settings.unique_name.as_str(), "rides");
    assert_eq!(settings.default_ttl.as_seconds(), 0);
    assert_eq!(settings.geo_match_level.as_str(), "country");
    assert_eq!(settings.number_selection_behavior.as_str(), "prefer-sticky");
    assert_eq!(settings.callback_url, None);
    assert_eq!(settings.intercept_callback_url, None);
    assert_eq!(settings.out_of_session_callback_url, None);
    assert_eq!(settings.chat_instance_sid, None);
    assert_eq!((settings.date_created, settings.date_updated), (at(0), at(0)));
}

#[test]
fn svc_2_a_default_ttl_of_0_gives_sessions_without_a_deadline() {
    let mut service = service();
    let session = service.open(1);
    assert_eq!(service.session(session).unwrap().ttl, Ttl::UNLIMITED);
    assert_eq!(service.next_deadline(), None);
}

#[test]
fn svc_2_what_is_given_is_taken() {
    let service = service_with_everything();
    let settings = service.settings();
    assert_eq!(settings.default_ttl, ttl(3_600));
    assert_eq!(settings.geo_match_level, GeoMatchLevel::Overlay);
    assert_eq!(settings.number_selection_behavior, NumberSelectionBehavior::AvoidSticky);
    assert_eq!(settings.callback_url, Some(url("https://example.com/callback")));
    assert_eq!(settings.intercept_callback_url, Some(url("https://example.com/intercept")));
    assert_eq!(settings.out_of_session_callback_url, Some(url("https://example.com/out-of-session")));
    assert_eq!(settings.chat_instance_sid, Some(chat_instance(1)));
}

#[test]
fn svc_3_update_changes_what_is_given_and_nothing_else() {
    let none = ServiceUpdate::default;
    let moved = || url("https://example.org/moved");

    let update = ServiceUpdate { unique_name: Some("couriers".parse().unwrap()), ..none() };
    assert_changes(update, |settings| settings.unique_name = "couriers".parse().unwrap());

    let update = ServiceUpdate { default_ttl: Some(ttl(60)), ..none() };
    assert_changes(update, |settings| settings.default_ttl = ttl(60));

    let update = ServiceUpdate { geo_match_level: Some(GeoMatchLevel::Radius), ..none() };
    assert_changes(update, |settings| settings.geo_match_level = GeoMatchLevel::Radius);

    let behavior = NumberSelectionBehavior::PreferSticky;
    let update = ServiceUpdate { number_selection_behavior: Some(behavior), ..none() };
    assert_changes(update, |settings| settings.number_selection_behavior = behavior);

    let update = ServiceUpdate { callback_url: Patch::from(moved()), ..none() };
    assert_changes(update, |settings| settings.callback_url = Some(moved()));

    let update = ServiceUpdate { intercept_callback_url: Patch::Set(moved()), ..none() };
    assert_changes(update, |settings| settings.intercept_callback_url = Some(moved()));

    let update = ServiceUpdate { out_of_session_callback_url: Patch::Set(moved()), ..none() };
    assert_changes(update, |settings| settings.out_of_session_callback_url = Some(moved()));

    let update = ServiceUpdate { chat_instance_sid: Patch::Set(chat_instance(2)), ..none() };
    assert_changes(update, |settings| settings.chat_instance_sid = Some(chat_instance(2)));
}

#[test]
fn svc_3_several_settings_change_at_once() {
    let update = ServiceUpdate {
        default_ttl: Some(ttl(60)),
        geo_match_level: Some(GeoMatchLevel::AreaCode),
        callback_url: Patch::Clear,
        ..ServiceUpdate::default()
    };
    assert_changes(update, |settings| {
        settings.default_ttl = ttl(60);
        settings.geo_match_level = GeoMatchLevel::AreaCode;
        settings.callback_url = None;
    });
}

#[test]
fn svc_3_a_url_or_the_chat_instance_can_be_cleared() {
    let none = ServiceUpdate::default;
    let update = ServiceUpdate { callback_url: Patch::Clear, ..none() };
    assert_changes(update, |settings| settings.callback_url = None);

    let update = ServiceUpdate { intercept_callback_url: Patch::Clear, ..none() };
    assert_changes(update, |settings| settings.intercept_callback_url = None);

    let update = ServiceUpdate { out_of_session_callback_url: Patch::Clear, ..none() };
    assert_changes(update, |settings| settings.out_of_session_callback_url = None);

    let update = ServiceUpdate { chat_instance_sid: Patch::Clear, ..none() };
    assert_changes(update, |settings| settings.chat_instance_sid = None);
}

#[test]
fn svc_3_a_ttl_of_0_takes_the_default_away() {
    let update = ServiceUpdate { default_ttl: Some(Ttl::UNLIMITED), ..ServiceUpdate::default() };
    assert_changes(update, |settings| settings.default_ttl = Ttl::UNLIMITED);
}

#[test]
fn svc_3_an_empty_update_succeeds_and_changes_nothing() {
    let mut service = service_with_everything();
    let before = service.settings().clone();
    assert_eq!(service.update_service(ServiceUpdate::default(), at(5)), &before);
}

#[test]
fn svc_3_equal_values_are_an_update() {
    let same = |settings: &mut ServiceSettings| assert_eq!(settings.default_ttl, ttl(3_600));
    assert_changes(ServiceUpdate { default_ttl: Some(ttl(3_600)), ..ServiceUpdate::default() }, same);
}

#[test]
fn svc_3_clearing_what_is_clear_is_an_update() {
    let mut service = service();
    let update = ServiceUpdate { callback_url: Patch::Clear, ..ServiceUpdate::default() };
    let settings = service.update_service(update, at(5));
    assert_eq!((settings.callback_url.as_ref(), settings.date_updated), (None, at(5)));
}

#[test]
fn svc_3_sessions_keep_the_ttl_that_they_were_created_with() {
    let mut service = service_with_everything();
    let [defaulted, own] = [1, 2].map(session);
    let mut new = new_session(2);
    new.ttl = Some(ttl(7_200));
    service.open(1);
    service.create_session(new, at(0)).unwrap();
    service.update_service(ServiceUpdate { default_ttl: Some(ttl(60)), ..ServiceUpdate::default() }, at(1));
    let later = service.open(3);

    let seconds = |session| service.session(session).unwrap().ttl.as_seconds();
    assert_eq!([defaulted, own, later].map(seconds), [3_600, 7_200, 60]);
}

#[test]
fn svc_3_a_new_default_ttl_moves_no_deadline() {
    let mut service = service_with_everything();
    service.open(1);
    service.update_service(ServiceUpdate { default_ttl: Some(ttl(60)), ..ServiceUpdate::default() }, at(1));
    assert_eq!(service.next_deadline(), Some(at(3_600)));
}

#[test]
fn svc_3_a_new_geo_match_level_affects_later_assignments_alone() {
    let mut service = service().with_numbers(&[MANHATTAN, P1]);
    let [first, second] = [1, 2].map(|n| service.open(n));
    assert_eq!(service.add(first, 1, ALICE), MANHATTAN);
    let update = ServiceUpdate { geo_match_level: Some(GeoMatchLevel::AreaCode), ..ServiceUpdate::default() };
    service.update_service(update, at(1));
    assert_eq!(service.add(second, 2, BOB), P1);
    assert_eq!(service.participant(first, participant(1)).unwrap().proxy_identifier.to_string(), MANHATTAN);
    service.close(first);
    service.reopen(first);
    assert_eq!(service.in_use(number(1)), 1);
}

#[test]
fn svc_3_a_new_number_selection_behavior_affects_later_assignments() {
    let mut service = service().with_numbers(&[P1, P2]);
    let behave = |service: &mut Service, behavior| {
        let update = ServiceUpdate { number_selection_behavior: Some(behavior), ..ServiceUpdate::default() };
        service.update_service(update, at(1));
    };
    let mut next = |n, behavior| {
        behave(&mut service, behavior);
        let session = service.open(n);
        let number = service.add(session, n, ALICE);
        service.close(session);
        number
    };
    assert_eq!(next(1, NumberSelectionBehavior::PreferSticky), P1);
    assert_eq!(next(2, NumberSelectionBehavior::AvoidSticky), P2);
    assert_eq!(next(3, NumberSelectionBehavior::PreferSticky), P2);
    assert_eq!(next(4, NumberSelectionBehavior::AvoidSticky), P1);
}

const LITERALS: [(&str, GeoMatchLevel); 5] = [
    ("area-code", GeoMatchLevel::AreaCode),
    ("overlay", GeoMatchLevel::Overlay),
    ("radius", GeoMatchLevel::Radius),
    ("country", GeoMatchLevel::Country),
    ("extended-area-code", GeoMatchLevel::ExtendedAreaCode),
];

#[test]
fn svc_6_every_literal_is_read_and_printed() {
    for (literal, level) in LITERALS {
        assert_eq!(literal.parse(), Ok(level));
        assert_eq!((level.as_str(), level.to_string()), (literal, literal.into()));
    }
    assert!(GeoMatchLevel::ALL.iter().copied().eq(LITERALS.map(|(_, level)| level)));
}

#[test]
fn svc_6_every_literal_round_trips_through_json() {
    for (literal, level) in LITERALS {
        let json = serde_json::to_string(&level).unwrap();
        assert_eq!(json, format!("\"{literal}\""));
        assert_eq!(serde_json::from_str::<GeoMatchLevel>(&json).unwrap(), level);
    }
}

#[test]
fn svc_6_what_was_given_is_stored() {
    for (_, level) in LITERALS {
        let mut new = new_service();
        new.geo_match_level = level;
        assert_eq!(Service::new(new, Policy::default(), at(0)).settings().geo_match_level, level);

        let update = ServiceUpdate { geo_match_level: Some(level), ..ServiceUpdate::default() };
        assert_eq!(service().update_service(update, at(1)).geo_match_level, level);
    }
}

#[test]
fn svc_6_every_other_text_is_refused_with_the_literals() {
    for text in ["", "Country", "COUNTRY", " country", "area_code", "areacode", "region", "extended area code"] {
        let refusal = text.parse::<GeoMatchLevel>().unwrap_err();
        assert_eq!(refusal.expected, LITERALS.map(|(literal, _)| literal), "{text:?}");
    }
}

#[test]
fn svc_7_absolute_http_and_https_urls_are_taken_as_they_are() {
    for text in [
        "http://example.com",
        "https://example.com/",
        "HTTPS://Example.COM/Path?x=1&y=%20#top",
        "https://user:secret@example.com:8443/hook",
        "http://localhost:8080/hook",
        "http://192.0.2.1/hook",
        "http://[2001:db8::1]:8080/hook",
    ] {
        assert_eq!(text.parse::<CallbackUrl>().unwrap().as_str(), text);
    }
}

#[test]
fn svc_7_relative_urls_and_other_schemes_are_refused() {
    for text in [
        "",
        "/hook",
        "hook",
        "example.com",
        "example.com:8080/hook",
        "//example.com/hook",
        "?https://example.com",
        "ftp://example.com",
        "wss://example.com",
        "file:///etc/passwd",
        "mailto:hook@example.com",
        "javascript:https://example.com",
    ] {
        assert_eq!(text.parse::<CallbackUrl>(), Err(ParseCallbackUrlError::NotAbsolute), "{text:?}");
    }
}

#[test]
fn svc_7_urls_without_a_host_are_refused() {
    for text in ["http://", "https:///hook", "https://?x=1", "https://#top", "https://:8080/", "https://user@/hook"] {
        assert_eq!(text.parse::<CallbackUrl>(), Err(ParseCallbackUrlError::Host), "{text:?}");
    }
}

#[test]
fn svc_7_the_hosts_of_proxy_itself_are_refused_in_every_spelling() {
    for host in ["proxy.twilio.com", "webhooks.twilio.com"] {
        for text in [
            format!("https://{host}"),
            format!("http://{host}/v1/Services"),
            format!("https://{host}:443/"),
            format!("https://{}/", host.to_uppercase()),
            format!("https://user:secret@{host}/"),
            format!("https://example.com@{host}/"),
            format!("https://{host}./"),
            format!("https://{host}?x=1"),
            format!("https://{host}#top"),
        ] {
            assert_eq!(text.parse::<CallbackUrl>(), Err(ParseCallbackUrlError::ProxyHost), "{text:?}");
        }
    }
}

#[test]
fn svc_7_other_hosts_that_look_like_them_are_taken() {
    for text in [
        "https://api.twilio.com/hook",
        "https://my.proxy.twilio.com/",
        "https://myproxy.twilio.com/",
        "https://proxy.twilio.com.example.com/",
        "https://proxy.twilio.com@example.com/",
        "https://example.com/proxy.twilio.com",
        "https://example.com/?to=https://proxy.twilio.com/",
    ] {
        assert_eq!(text.parse::<CallbackUrl>().unwrap().as_str(), text);
    }
}
