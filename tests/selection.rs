//! SEL: which number a participant gets.
#![expect(clippy::unwrap_used, reason = "a helper that fails is a failed test")]

use crate::common::*;
use proptest::{
    collection::vec,
    prelude::{Just, ProptestConfig, Strategy, any},
    prop_assert, prop_oneof, proptest,
    sample::select as one_of,
};
use twilio_proxy_core::{
    AddParticipantError, Capabilities, Code, FictionalNumbers, GeoMatchLevel, NewNumber, NumberSelectionBehavior,
    NumberUpdate, PairInvalid, Policy, SelectionError, Service, ServiceUpdate, SessionMode, SessionSid, Span, Ttl,
    Verdict, geography::Country,
};

const P1: &str = "+14155559001";
const P2: &str = "+14155559002";
const P3: &str = "+14155559003";
const MANHATTAN: &str = "+12125559001";
const BROOKLYN: &str = "+17185559001";
const ALL_BOROUGHS: &str = "+19175559001";
const LONDON: &str = "+442079469001";

const BOTH: SessionMode = SessionMode::VoiceAndMessage;
const VOICE: Capabilities = Capabilities { voice_inbound: true, voice_outbound: true, ..NOTHING };
const NOTHING: Capabilities = Capabilities {
    voice_inbound: false,
    voice_outbound: false,
    sms_inbound: false,
    sms_outbound: false,
    mms_inbound: false,
    mms_outbound: false,
};

type Outcome = Result<String, AddParticipantError>;

/// The number that this person would get in a session of their own.
fn select_in(mode: SessionMode, service: &Service, who: &str) -> Outcome {
    let mut service = service.clone();
    let session = service.open_with_mode(999, mode);
    let added = service.add_participant(session, new_participant(999, who), service.latest_instant());
    added.map(|added| added.proxy_identifier.to_string())
}

fn select(service: &Service, who: &str) -> Outcome {
    select_in(BOTH, service, who)
}

#[expect(clippy::unnecessary_wraps, reason = "an outcome to compare with")]
fn chosen(number: &str) -> Outcome {
    Ok(number.into())
}

fn refused(error: SelectionError) -> Outcome {
    Err(error.into())
}

fn other_country(country: Option<Country>) -> Outcome {
    refused(SelectionError::NoNumberForCountry { country })
}

fn other_area(who: &str) -> Outcome {
    refused(SelectionError::NoNumberInArea { identifier: e164(who), area_code: e164(who).area_code() })
}

fn none_unused(who: &str) -> Outcome {
    refused(SelectionError::NoUnusedNumber { identifier: e164(who) })
}

fn service_at(level: GeoMatchLevel) -> Service {
    let mut new = new_service();
    new.geo_match_level = level;
    Service::new(new, Policy::default(), at(0))
}

fn avoid_sticky() -> Service {
    let mut new = new_service();
    new.number_selection_behavior = NumberSelectionBehavior::AvoidSticky;
    Service::new(new, Policy::default(), at(0))
}

fn put(service: &mut Service, new: NewNumber) {
    service.add_number(new, service.latest_instant()).unwrap();
}

fn with_capabilities(n: u128, phone_number: &str, capabilities: Capabilities) -> NewNumber {
    let mut new = new_number(n, phone_number);
    new.capabilities = Some(capabilities);
    new
}

fn in_country(n: u128, phone_number: &str, country: Country) -> NewNumber {
    let mut new = new_number(n, phone_number);
    new.iso_country = Some(country);
    new
}

fn reserved(mut new: NewNumber) -> NewNumber {
    new.is_reserved = true;
    new
}

fn reserve(service: &mut Service, n: u128, is_reserved: bool) {
    let update = NumberUpdate { is_reserved: Some(is_reserved) };
    service.update_number(number(n), update, service.latest_instant()).unwrap();
}

fn remove(service: &mut Service, session: SessionSid, n: u128) {
    service.remove_participant(session, participant(n), service.latest_instant()).unwrap();
}

fn open_with_ttl(service: &mut Service, n: u128, seconds: u32) -> SessionSid {
    let mut new = new_session(n);
    new.ttl = Some(Ttl::from_seconds(seconds).unwrap());
    service.create_session(new, service.latest_instant()).unwrap().sid
}

/// A session of its own, closed, in which this person had this number.
fn use_up(service: &mut Service, n: u128, who: &str, number: &str) -> SessionSid {
    let session = service.open(n);
    service.add_with(session, n, who, number);
    service.close(session);
    session
}

fn keep_for(seconds: u32) -> Policy {
    let mut policy = Policy::default();
    policy.retention = Span::from_seconds(seconds);
    policy
}

#[test]
fn sel_1_a_reserved_number_is_no_candidate() {
    let mut service = service().with_numbers(&[P1, P2]);
    reserve(&mut service, 1, true);
    assert_eq!(select(&service, ALICE), chosen(P2));
}

#[test]
fn sel_1_each_mode_asks_for_both_directions_of_what_it_carries() {
    let full = Capabilities::VOICE_AND_SMS;
    for (capabilities, voice_only, message_only) in [
        (full, true, true),
        (Capabilities { voice_inbound: false, ..full }, false, true),
        (Capabilities { voice_outbound: false, ..full }, false, true),
        (Capabilities { sms_inbound: false, ..full }, true, false),
        (Capabilities { sms_outbound: false, ..full }, true, false),
        (VOICE, true, false),
        (Capabilities::SMS, false, true),
        (Capabilities { mms_inbound: true, mms_outbound: true, ..NOTHING }, false, false),
    ] {
        let mut service = service();
        put(&mut service, with_capabilities(1, P1, capabilities));
        put(&mut service, new_number(2, P2));
        let expected = |serves: bool| chosen(if serves { P1 } else { P2 });
        assert_eq!(select_in(SessionMode::VoiceOnly, &service, ALICE), expected(voice_only), "{capabilities:?}");
        assert_eq!(select_in(SessionMode::MessageOnly, &service, ALICE), expected(message_only), "{capabilities:?}");
        assert_eq!(select_in(BOTH, &service, ALICE), expected(voice_only && message_only), "{capabilities:?}");
    }
}

#[test]
fn sel_1_a_number_held_in_another_active_session_is_no_candidate() {
    let mut service = service().with_numbers(&[P1, P2]);
    let session = service.open(1);
    service.add(session, 1, ALICE);
    assert_eq!(select(&service, ALICE), chosen(P2));
}

#[test]
fn sel_1_an_explicit_number_is_held_too() {
    let mut service = service().with_numbers(&[P1, P2]);
    let session = service.open(1);
    service.add_with(session, 1, ALICE, P1);
    assert_eq!(select(&service, ALICE), chosen(P2));
}

#[test]
fn sel_1_a_pending_addition_holds_its_number() {
    let mut service = service_with(permissive()).with_numbers(&[P1, P2]);
    let session = service.open(1);
    assert_eq!(service.begin(session, 1, ALICE), P1);
    assert_eq!(select(&service, ALICE), chosen(P2));
}

#[test]
fn sel_1_a_cancelled_addition_holds_nothing() {
    let mut service = service().with_numbers(&[P1]);
    let session = service.open(1);
    service.begin(session, 1, ALICE);
    service.cancel_add_participant(session, participant(1), None, at(0)).unwrap();
    assert_eq!(select(&service, ALICE), chosen(P1));
}

#[test]
fn sel_1_what_others_hold_is_a_candidate() {
    let mut service = service().with_numbers(&[P1, P2]);
    let session = service.open(1);
    service.add(session, 1, ALICE);
    assert_eq!(select(&service, BOB), chosen(P1));
}

#[test]
fn sel_1_a_removed_participant_holds_nothing() {
    let mut service = service().with_numbers(&[P1]);
    let session = service.open(1);
    service.add(session, 1, ALICE);
    remove(&mut service, session, 1);
    assert_eq!(select(&service, ALICE), chosen(P1));
}

#[test]
fn sel_1_a_closed_session_holds_nothing_until_it_is_reopened() {
    let mut service = service().with_numbers(&[P1]);
    let session = use_up(&mut service, 1, ALICE, P1);
    assert_eq!(select(&service, ALICE), chosen(P1));
    service.reopen(session);
    assert_eq!(select(&service, ALICE), none_unused(ALICE));
}

#[test]
fn sel_1_an_expired_session_holds_nothing() {
    let mut service = service().with_numbers(&[P1]);
    let session = open_with_ttl(&mut service, 1, 60);
    service.add(session, 1, ALICE);
    service.handle_deadline(at(59));
    assert_eq!(select(&service, ALICE), none_unused(ALICE));
    service.handle_deadline(at(60));
    assert_eq!(select(&service, ALICE), chosen(P1));
}

#[test]
fn sel_1_a_deleted_session_holds_nothing() {
    let mut service = service().with_numbers(&[P1]);
    let session = service.open(1);
    service.add(session, 1, ALICE);
    service.delete_session(session, at(0)).unwrap();
    assert_eq!(select(&service, ALICE), chosen(P1));
}

#[test]
fn sel_2_two_participants_of_a_session_may_share_a_number() {
    let mut service = service().with_numbers(&[P1]);
    let session = service.open(1);
    assert_eq!((service.add(session, 1, ALICE), service.add(session, 2, BOB)), (P1.into(), P1.into()));
}

#[test]
fn sel_2_any_number_of_sessions_share_a_number_among_different_people() {
    let mut service = service().with_numbers(&[P1]);
    for n in 100..200 {
        let session = service.open(n);
        assert_eq!(service.add(session, n, &format!("+14155550{n}")), P1);
    }
    assert_eq!(service.in_use(number(1)), 100);
}

const GUERNSEY: &str = "+441481960001";
const KAZAKH: &str = "+77012345678";
const ANTIGUAN: &str = "+12684600001";
const TOLL_FREE: &str = "+18005550001";
const SATELLITE: &str = "+870773111632";

#[test]
fn sel_3_one_calling_code_is_one_region() {
    for (proxy, who) in [(LONDON, GUERNSEY), ("+74951234567", KAZAKH), ("+77012345670", "+74951234560")] {
        assert_eq!(select(&service().with_numbers(&[proxy]), who), chosen(proxy), "{who}");
    }
}

#[test]
fn sel_3_a_given_country_stands_for_its_whole_calling_code() {
    for (given, who) in [("JE", BRITON), ("IM", BRITON), ("GB", GUERNSEY), ("KZ", "+74951234560"), ("RU", KAZAKH)] {
        let mut service = service();
        put(&mut service, in_country(1, P1, country(given)));
        assert_eq!(select(&service, who), chosen(P1), "{given} for {who}");
    }
}

#[test]
fn sel_3_different_calling_codes_are_different_regions() {
    let service = service().with_numbers(&["+35315550001"]);
    assert_eq!(select(&service, BRITON), other_country(Some(Country::GB)));
}

#[test]
fn sel_3_countries_of_calling_code_1_are_regions_of_their_own() {
    let service = service().with_numbers(&[P1]);
    for (who, own) in [("+14165550001", "CA"), ("+18765550001", "JM"), ("+17875550001", "PR"), ("+18095550001", "DO")] {
        assert_eq!(select(&service, who), other_country(Some(country(own))), "{own}");
    }
}

#[test]
fn sel_3_jamaica_canada_and_puerto_rico_ask_for_their_own_numbers() {
    for (who, proxy) in
        [("+18765550001", "+16585559001"), ("+14165550001", "+16045559001"), ("+17875550001", "+19395559001")]
    {
        assert_eq!(select(&service().with_numbers(&[P1, proxy]), who), chosen(proxy));
    }
}

#[test]
fn sel_3_eight_countries_ask_for_the_united_states_only() {
    for (own, area_code) in
        [("AG", 268), ("AI", 264), ("BM", 441), ("BS", 242), ("MS", 664), ("TC", 649), ("VG", 284), ("VI", 340)]
    {
        let (who, at_home) = (format!("+1{area_code}5550001"), format!("+1{area_code}5559001"));
        assert_eq!(select(&service().with_numbers(&[&at_home, P1]), &who), chosen(P1), "{own}");
        assert_eq!(
            select(&service().with_numbers(&[&at_home]), &who),
            other_country(Some(country(own))),
            "80203 names the identifier's own country"
        );
    }
}

#[test]
fn sel_3_nobody_else_gets_the_numbers_of_the_eight_countries() {
    let service = service().with_numbers(&[ANTIGUAN]);
    assert_eq!(select(&service, ALICE), other_country(Some(Country::US)));
}

#[test]
fn sel_3_toll_free_numbers_count_as_the_united_states() {
    assert_eq!(select(&service().with_numbers(&["+18885559001"]), ALICE), chosen("+18885559001"));
    assert_eq!(select(&service().with_numbers(&[P1]), TOLL_FREE), chosen(P1));
    assert_eq!(select(&service().with_numbers(&[LONDON]), TOLL_FREE), other_country(Some(Country::US)));
}

#[test]
fn sel_3_an_area_code_that_is_not_in_service_is_of_the_united_states() {
    assert_eq!(select(&service().with_numbers(&[P1]), "+15555550001"), chosen(P1));
}

#[test]
fn sel_3_the_country_that_an_entry_was_given_beats_that_of_its_number() {
    let mut service = service();
    put(&mut service, in_country(1, P1, Country::GB));
    assert_eq!(select(&service, BRITON), chosen(P1));
    assert_eq!(select(&service, ALICE), other_country(Some(Country::US)));
}

#[test]
fn sel_3_a_short_code_matches_by_its_country_in_message_only_sessions() {
    for (given, who, serves) in [
        ("US", ALICE, true),
        ("US", ANTIGUAN, true),
        ("GB", GUERNSEY, true),
        ("RU", KAZAKH, true),
        ("CA", ALICE, false),
        ("AG", ANTIGUAN, false),
    ] {
        let mut service = service();
        put(&mut service, new_short_code(1, "44551", country(given)));
        let expected = if serves { chosen("44551") } else { other_country(e164(who).country()) };
        assert_eq!(select_in(SessionMode::MessageOnly, &service, who), expected, "{given} for {who}");
    }
}

#[test]
fn sel_3_a_short_code_serves_no_session_with_voice_whatever_it_was_added_with() {
    let mut service = service();
    let mut new = new_short_code(1, "44551", Country::US);
    new.capabilities = Some(Capabilities::VOICE_AND_SMS);
    put(&mut service, new);
    assert_eq!(select_in(SessionMode::VoiceOnly, &service, ALICE), refused(SelectionError::NoVoiceNumber));
    assert_eq!(select_in(BOTH, &service, ALICE), refused(SelectionError::NoVoiceNumber));
    assert_eq!(select_in(SessionMode::MessageOnly, &service, ALICE), chosen("44551"));
}

#[test]
fn sel_3_80203_names_the_country_of_the_identifier() {
    let service = service().with_numbers(&[P1]);
    let message = |who| select(&service, who).unwrap_err().to_string();
    for (who, name) in [
        ("+819012345678", "JP"),
        ("+74951234567", "RU"),
        (KAZAKH, "RU"),
        ("+390669812345", "IT"),
        (GUERNSEY, "GB"),
        ("+4779001234", "NO"),
        (SATELLITE, "001"),
        ("+80012345678", "001"),
    ] {
        assert_eq!(
            message(who),
            format!(
                "This Service has no compatible Proxy numbers for this Participant. \
                 This Service has no available Proxy numbers for country code {name}."
            )
        );
    }
}

#[test]
fn sel_3_a_calling_code_of_no_country_is_a_region_too() {
    let proxy = "+870773111633";
    assert_eq!(select(&service().with_numbers(&[P1, proxy]), SATELLITE), chosen(proxy));
    assert_eq!(select(&service().with_numbers(&[P1]), SATELLITE), other_country(None));
    assert_eq!(select(&service().with_numbers(&["+80012345678"]), SATELLITE), other_country(None));
}

const OVERLAYS: [GeoMatchLevel; 3] = [GeoMatchLevel::Overlay, GeoMatchLevel::Radius, GeoMatchLevel::ExtendedAreaCode];
const BELOW_COUNTRY: [GeoMatchLevel; 4] =
    [GeoMatchLevel::AreaCode, GeoMatchLevel::Overlay, GeoMatchLevel::Radius, GeoMatchLevel::ExtendedAreaCode];
const IN_MANHATTAN: &str = "+12125550001";
const IN_BROOKLYN: &str = "+17185550001";
const IN_ANY_BOROUGH: &str = "+19175550001";

#[test]
fn sel_4_area_code_asks_for_the_same_area_code() {
    let service = service_at(GeoMatchLevel::AreaCode).with_numbers(&[ALL_BOROUGHS, MANHATTAN, P1]);
    assert_eq!(select(&service, IN_MANHATTAN), chosen(MANHATTAN));
    assert_eq!(select(&service, ALICE), chosen(P1));
    assert_eq!(select(&service, IN_BROOKLYN), other_area(IN_BROOKLYN));
}

#[test]
fn sel_4_overlays_serve_where_they_overlay_and_no_further() {
    for level in OVERLAYS {
        let of = |proxy: &str| service_at(level).with_numbers(&[proxy]);
        assert_eq!(select(&of(ALL_BOROUGHS), IN_MANHATTAN), chosen(ALL_BOROUGHS), "{level}");
        assert_eq!(select(&of(ALL_BOROUGHS), IN_BROOKLYN), chosen(ALL_BOROUGHS), "{level}");
        assert_eq!(select(&of(MANHATTAN), IN_ANY_BOROUGH), chosen(MANHATTAN), "{level}");
        assert_eq!(select(&of(BROOKLYN), IN_ANY_BOROUGH), chosen(BROOKLYN), "{level}");
        assert_eq!(select(&of(MANHATTAN), IN_BROOKLYN), other_area(IN_BROOKLYN), "{level}");
        assert_eq!(select(&of(BROOKLYN), IN_MANHATTAN), other_area(IN_MANHATTAN), "{level}");
    }
}

#[test]
fn sel_4_the_same_area_code_and_its_overlays_are_equals() {
    for level in OVERLAYS {
        let overlay_first = service_at(level).with_numbers(&[ALL_BOROUGHS, MANHATTAN]);
        let same_first = service_at(level).with_numbers(&[MANHATTAN, ALL_BOROUGHS]);
        assert_eq!(select(&overlay_first, IN_MANHATTAN), chosen(ALL_BOROUGHS), "{level}");
        assert_eq!(select(&same_first, IN_MANHATTAN), chosen(MANHATTAN), "{level}");
    }
}

#[test]
fn sel_4_no_level_falls_back_to_a_wider_one() {
    for level in BELOW_COUNTRY {
        let service = service_at(level).with_numbers(&[MANHATTAN]);
        assert_eq!(select(&service, ALICE), other_area(ALICE), "{level}");
    }
}

#[test]
fn sel_4_a_held_number_of_the_area_gives_way_to_none_outside() {
    for level in BELOW_COUNTRY {
        let mut service = service_at(level).with_numbers(&[P1, MANHATTAN]);
        let session = service.open(1);
        service.add(session, 1, ALICE);
        assert_eq!(select(&service, ALICE), none_unused(ALICE), "{level}");
    }
}

#[test]
fn sel_4_canada_is_bound_like_the_united_states() {
    let (toronto, toronto_overlay, vancouver) = ("+14165559001", "+16475559001", "+16045559001");
    let who = "+14165550001";
    for level in BELOW_COUNTRY {
        assert_eq!(select(&service_at(level).with_numbers(&[vancouver]), who), other_area(who), "{level}");
        assert_eq!(select(&service_at(level).with_numbers(&[vancouver, toronto]), who), chosen(toronto), "{level}");
    }
    for level in OVERLAYS {
        assert_eq!(select(&service_at(level).with_numbers(&[toronto_overlay]), who), chosen(toronto_overlay));
    }
    assert_eq!(select(&service_at(GeoMatchLevel::AreaCode).with_numbers(&[toronto_overlay]), who), other_area(who));
}

#[test]
fn sel_4_every_level_acts_as_country_for_all_others() {
    for level in BELOW_COUNTRY {
        for (proxy, who) in [
            (LONDON, "+441481960001"),
            (P1, "+12425550001"),
            ("+19395559001", "+17875550001"),
            ("+16585559001", "+18765550001"),
        ] {
            assert_eq!(select(&service_at(level).with_numbers(&[proxy]), who), chosen(proxy), "{level} for {who}");
        }
        let service = service_at(level).with_numbers(&[P1]);
        assert_eq!(select(&service, BRITON), other_country(Some(Country::GB)), "{level}");
    }
}

#[test]
fn sel_4_every_level_acts_as_country_for_short_codes() {
    for level in BELOW_COUNTRY {
        let mut service = service_at(level);
        put(&mut service, new_short_code(1, "44551", Country::US));
        assert_eq!(select_in(SessionMode::MessageOnly, &service, ALICE), chosen("44551"), "{level}");
    }
}

#[test]
fn sel_4_short_codes_and_numbers_of_the_area_go_in_the_order_of_additions() {
    for level in BELOW_COUNTRY {
        let mut service = service_at(level).with_numbers(&[MANHATTAN]);
        put(&mut service, new_short_code(1, "44551", Country::US));
        put(&mut service, new_number(2, P1));
        assert_eq!(select_in(SessionMode::MessageOnly, &service, ALICE), chosen("44551"), "{level}");

        let mut service = service_at(level).with_numbers(&[MANHATTAN, P1]);
        put(&mut service, new_short_code(1, "44551", Country::US));
        assert_eq!(select_in(SessionMode::MessageOnly, &service, ALICE), chosen(P1), "{level}");
    }
}

#[test]
fn sel_4_a_toll_free_identifier_is_bound_to_its_own_code() {
    let who = "+18005550001";
    for level in BELOW_COUNTRY {
        let service = service_at(level).with_numbers(&["+18885559001", "+18005559001"]);
        assert_eq!(select(&service, who), chosen("+18005559001"), "{level}");
        assert_eq!(select(&service_at(level).with_numbers(&["+18885559001", P1]), who), other_area(who), "{level}");
    }
}

#[test]
fn sel_4_an_identifier_without_an_area_code_is_in_no_area() {
    let who = "+1415555000";
    assert_eq!(select(&service().with_numbers(&[P1]), who), chosen(P1));
    for level in BELOW_COUNTRY {
        let nowhere = SelectionError::NoNumberInArea { identifier: e164(who), area_code: None };
        assert_eq!(select(&service_at(level).with_numbers(&[P1]), who), refused(nowhere), "{level}");
    }
}

#[test]
fn sel_4_the_given_country_does_not_move_the_area() {
    for level in BELOW_COUNTRY {
        let mut service = service_at(level);
        put(&mut service, in_country(1, LONDON, Country::US));
        put(&mut service, in_country(2, "+14165559001", Country::US));
        assert_eq!(select(&service, ALICE), other_area(ALICE), "{level}");
        assert_eq!(select(&service, "+14165550001"), other_country(Some(Country::CA)), "{level}");
    }
}

#[test]
fn sel_5_prefer_sticky_gives_the_number_of_last_time() {
    let mut service = service().with_numbers(&[P1, P2, P3]);
    use_up(&mut service, 1, ALICE, P2);
    assert_eq!(select(&service, ALICE), chosen(P2));
    assert_eq!(select(&service, BOB), chosen(P1));
}

#[test]
fn sel_5_the_latest_use_is_that_of_the_last_command() {
    let mut service = service().with_numbers(&[P1, P2, P3]);
    for (n, number) in (1..).zip([P2, P3, P1, P3]) {
        use_up(&mut service, n, ALICE, number);
        assert_eq!(select(&service, ALICE), chosen(number));
    }
}

#[test]
fn sel_5_the_order_of_adding_counts_and_not_that_of_the_sessions() {
    let mut service = service().with_numbers(&[P1, P2, P3]);
    let [older, younger] = [1, 2].map(|n| service.open(n));
    service.add_with(younger, 1, ALICE, P3);
    service.add_with(older, 2, ALICE, P2);
    service.close(older);
    service.close(younger);
    assert_eq!(select(&service, ALICE), chosen(P2));
}

#[test]
fn sel_5_of_the_candidates_the_latest_used_is_taken() {
    let mut service = service().with_numbers(&[P1, P2, P3]);
    use_up(&mut service, 1, ALICE, P3);
    use_up(&mut service, 2, ALICE, P2);
    reserve(&mut service, 2, true);
    assert_eq!(select(&service, ALICE), chosen(P3));
}

#[test]
fn sel_5_the_latest_use_that_is_held_gives_way_to_the_one_before() {
    let mut service = service().with_numbers(&[P1, P2, P3]);
    use_up(&mut service, 1, ALICE, P3);
    let session = service.open(2);
    service.add_with(session, 2, ALICE, P2);
    assert_eq!(select(&service, ALICE), chosen(P3));
}

#[test]
fn sel_5_a_selected_number_is_a_use() {
    let mut service = service().with_numbers(&[P1, P2]);
    reserve(&mut service, 1, true);
    let session = service.open(1);
    assert_eq!(service.add(session, 1, ALICE), P2);
    service.close(session);
    reserve(&mut service, 1, false);
    assert_eq!(select(&service, ALICE), chosen(P2));
}

#[test]
fn sel_5_a_removed_participant_is_a_use_in_a_session_still_active() {
    let mut service = service().with_numbers(&[P1, P2]);
    let session = service.open(1);
    service.add_with(session, 1, ALICE, P2);
    remove(&mut service, session, 1);
    assert_eq!(select(&service, ALICE), chosen(P2));
}

#[test]
fn sel_5_a_participant_of_a_session_create_is_a_use() {
    let mut service = service().with_numbers(&[P1, P2]);
    let mut new = new_session(1);
    new.participants = vec![new_participant_with(1, ALICE, P2), new_participant(2, BOB)];
    service.create_session(new, at(0)).unwrap();
    service.close(session(1));
    assert_eq!(select(&service, ALICE), chosen(P2));
}

#[test]
fn sel_5_a_reserved_number_named_explicitly_is_a_use() {
    let mut service = service().with_numbers(&[P1, P2]);
    reserve(&mut service, 2, true);
    use_up(&mut service, 1, ALICE, P2);
    reserve(&mut service, 2, false);
    assert_eq!(select(&service, ALICE), chosen(P2));
}

#[test]
fn sel_5_a_reopen_is_no_new_use() {
    let mut service = service().with_numbers(&[P1, P2, P3]);
    let first = use_up(&mut service, 1, ALICE, P2);
    use_up(&mut service, 2, ALICE, P3);
    service.reopen(first);
    service.close(first);
    assert_eq!(select(&service, ALICE), chosen(P3));
}

#[test]
fn sel_5_a_pending_addition_is_no_use() {
    let mut service = service_with(permissive()).with_numbers(&[P1, P2]);
    let session = service.open(1);
    service.begin_add_participant(session, new_participant_with(1, ALICE, P2), at(0)).unwrap();
    service.cancel_add_participant(session, participant(1), None, at(0)).unwrap();
    assert_eq!(select(&service, ALICE), chosen(P1));
}

#[test]
fn sel_5_a_finished_addition_is_a_use_from_its_finish() {
    let mut service = service_with(permissive()).with_numbers(&[P1, P2, P3]);
    let [begun, added] = [1, 2].map(|n| service.open(n));
    service.begin_add_participant(begun, new_participant_with(1, ALICE, P2), at(0)).unwrap();
    service.add_with(added, 2, ALICE, P3);
    service.finish_add_participant(begun, participant(1), at(0)).unwrap();
    service.close(begun);
    service.close(added);
    assert_eq!(select(&service, ALICE), chosen(P2));
}

#[test]
fn sel_5_uses_end_when_their_session_is_deleted() {
    let mut service = service().with_numbers(&[P1, P2, P3]);
    use_up(&mut service, 1, ALICE, P2);
    let last = use_up(&mut service, 2, ALICE, P3);
    service.delete_session(last, at(0)).unwrap();
    assert_eq!(select(&service, ALICE), chosen(P2));
    service.delete_session(session(1), at(0)).unwrap();
    assert_eq!(select(&service, ALICE), chosen(P1));
}

#[test]
fn sel_5_uses_end_when_their_session_is_purged() {
    let mut service = service_with(keep_for(100)).with_numbers(&[P1, P2]);
    use_up(&mut service, 1, ALICE, P2);
    service.handle_deadline(at(99));
    assert_eq!(select(&service, ALICE), chosen(P2));
    service.handle_deadline(at(100));
    assert_eq!(select(&service, ALICE), chosen(P1));
}

#[test]
fn sel_5_uses_go_by_the_number_when_its_entry_was_removed_and_added_again() {
    let mut service = service().with_numbers(&[P1, P2]);
    use_up(&mut service, 1, ALICE, P2);
    service.remove_number(number(2), at(0)).unwrap();
    assert_eq!(select(&service, ALICE), chosen(P1));
    put(&mut service, new_number(3, P2));
    assert_eq!(select(&service, ALICE), chosen(P2));
}

#[test]
fn sel_5_another_number_under_the_same_sid_has_no_use() {
    let mut service = service().with_numbers(&[P1, P2]);
    use_up(&mut service, 1, ALICE, P2);
    service.remove_number(number(2), at(0)).unwrap();
    put(&mut service, new_number(2, P3));
    assert_eq!(select(&service, ALICE), chosen(P1));
}

#[test]
fn sel_5_a_short_code_is_used_like_a_number() {
    let mut service = service().with_numbers(&[P1]);
    put(&mut service, new_short_code(1, "44551", Country::US));
    let session = service.open_with_mode(1, SessionMode::MessageOnly);
    service.add_with(session, 1, ALICE, "44551");
    service.close(session);
    assert_eq!(select_in(SessionMode::MessageOnly, &service, ALICE), chosen("44551"));
    assert_eq!(select_in(BOTH, &service, ALICE), chosen(P1));
}

#[test]
fn sel_5_a_use_outside_the_country_draws_nobody_there() {
    let mut service = service().with_numbers(&[LONDON, P1]);
    use_up(&mut service, 1, ALICE, LONDON);
    assert_eq!(select(&service, ALICE), chosen(P1));
}

#[test]
fn sel_5_avoid_sticky_gives_the_first_number_without_a_use() {
    let mut service = avoid_sticky().with_numbers(&[P1, P2, P3]);
    use_up(&mut service, 1, ALICE, P1);
    assert_eq!(select(&service, ALICE), chosen(P2));
    use_up(&mut service, 2, ALICE, P2);
    assert_eq!(select(&service, ALICE), chosen(P3));
    assert_eq!(select(&service, BOB), chosen(P1));
}

#[test]
fn sel_5_avoid_sticky_is_first_fit_when_all_candidates_were_used() {
    let mut service = avoid_sticky().with_numbers(&[P1, P2]);
    use_up(&mut service, 1, ALICE, P2);
    use_up(&mut service, 2, ALICE, P1);
    assert_eq!(select(&service, ALICE), chosen(P1));
}

#[test]
fn sel_5_avoid_sticky_looks_at_candidates_only() {
    let mut service = avoid_sticky().with_numbers(&[P1, LONDON, P2]);
    use_up(&mut service, 1, ALICE, P1);
    use_up(&mut service, 2, ALICE, P2);
    assert_eq!(select(&service, ALICE), chosen(P1));
}

#[test]
fn sel_5_avoid_sticky_forgets_with_the_session() {
    let mut service = avoid_sticky().with_numbers(&[P1, P2]);
    let session = use_up(&mut service, 1, ALICE, P1);
    service.delete_session(session, at(0)).unwrap();
    assert_eq!(select(&service, ALICE), chosen(P1));
}

#[test]
fn sel_5_avoid_sticky_goes_by_the_number_too() {
    let mut service = avoid_sticky().with_numbers(&[P1]);
    use_up(&mut service, 1, ALICE, P1);
    service.remove_number(number(1), at(0)).unwrap();
    put(&mut service, new_number(9, P1));
    put(&mut service, new_number(2, P2));
    assert_eq!(select(&service, ALICE), chosen(P2));
}

#[test]
fn sel_5_neither_behaviour_ever_causes_failure() {
    for behavior in NumberSelectionBehavior::ALL {
        let mut service = service().with_numbers(&[P1]);
        let update = ServiceUpdate { number_selection_behavior: Some(*behavior), ..ServiceUpdate::default() };
        service.update_service(update, at(0));
        use_up(&mut service, 1, ALICE, P1);
        assert_eq!(select(&service, ALICE), chosen(P1), "{behavior}");
    }
}

#[test]
fn sel_6_first_fit_is_the_order_of_additions() {
    let mut service = service();
    for (n, number) in [(7, P3), (3, P1), (5, P2)] {
        put(&mut service, new_number(n, number));
    }
    assert_eq!(select(&service, ALICE), chosen(P3));
}

#[test]
fn sel_6_a_number_that_was_added_again_goes_last() {
    let mut service = service().with_numbers(&[P1, P2]);
    service.remove_number(number(1), at(0)).unwrap();
    put(&mut service, new_number(1, P1));
    assert_eq!(select(&service, ALICE), chosen(P2));
}

#[test]
fn sel_6_a_number_that_was_reserved_for_a_while_keeps_its_place() {
    let mut service = service().with_numbers(&[P1, P2]);
    reserve(&mut service, 1, true);
    reserve(&mut service, 1, false);
    assert_eq!(select(&service, ALICE), chosen(P1));
}

#[test]
fn sel_6_the_load_of_a_number_does_not_matter() {
    let mut service = service().with_numbers(&[P1, P2]);
    for n in 100..120 {
        let session = service.open(n);
        assert_eq!(service.add(session, n, &format!("+14155550{n}")), P1);
    }
    assert_eq!(service.in_use(number(2)), 0);
}

#[test]
fn sel_6_first_fit_passes_over_what_is_held() {
    let mut service = service().with_numbers(&[P1, P2, P3]);
    let sessions = [1, 2, 3].map(|n| service.open(n));
    assert_eq!(sessions.map(|session| service.add(session, session.to_u128(), ALICE)), [P1, P2, P3]);
}

#[test]
fn sel_7_each_repair_brings_the_next_refusal() {
    let mut service = service_at(GeoMatchLevel::AreaCode);
    let (alice, area_code) = (e164(ALICE), e164(ALICE).area_code());
    let mut attempts = vec![select(&service, ALICE)];
    for new in [
        with_capabilities(1, LONDON, NOTHING),
        with_capabilities(2, "+12125559002", NOTHING),
        with_capabilities(3, "+12125559003", VOICE),
        with_capabilities(4, "+12125559004", Capabilities::SMS),
        new_number(5, MANHATTAN),
        new_number(6, P1),
    ] {
        put(&mut service, reserved(new));
        attempts.push(select(&service, ALICE));
    }
    let other = service.open(1);
    service.add_with(other, 1, ALICE, P1);
    reserve(&mut service, 6, false);
    attempts.push(select(&service, ALICE));
    service.close(other);
    attempts.push(select(&service, ALICE));

    let codes: Vec<u32> = attempts.iter().filter_map(|attempt| Some(attempt.as_ref().err()?.code().number())).collect();
    assert_eq!(codes, [80205, 80203, 80201, 80202, 80206, 80206, 80207, 80208]);
    assert_eq!(
        attempts,
        [
            refused(SelectionError::NoNumbers),
            refused(SelectionError::NoNumberForCountry { country: Some(Country::US) }),
            refused(SelectionError::NoVoiceNumber),
            refused(SelectionError::NoMessageNumber),
            refused(SelectionError::NoNumberForBoth { identifier: alice }),
            refused(SelectionError::NoNumberInArea { identifier: alice, area_code }),
            refused(SelectionError::NoUnreservedNumber),
            refused(SelectionError::NoUnusedNumber { identifier: alice }),
            chosen(P1),
        ]
    );
}

#[test]
fn sel_7_a_mode_complains_of_its_own_capabilities_only() {
    let mut service = service();
    put(&mut service, with_capabilities(1, P1, NOTHING));
    assert_eq!(select_in(SessionMode::VoiceOnly, &service, ALICE), refused(SelectionError::NoVoiceNumber));
    assert_eq!(select_in(SessionMode::MessageOnly, &service, ALICE), refused(SelectionError::NoMessageNumber));
    assert_eq!(select_in(BOTH, &service, ALICE), refused(SelectionError::NoVoiceNumber));
}

#[test]
fn sel_7_two_numbers_with_one_direction_each_make_no_number_with_both() {
    let mut service = service();
    put(&mut service, with_capabilities(1, P1, Capabilities { voice_outbound: false, ..Capabilities::VOICE_AND_SMS }));
    put(&mut service, with_capabilities(2, P2, Capabilities { voice_inbound: false, ..Capabilities::VOICE_AND_SMS }));
    assert_eq!(select(&service, ALICE), refused(SelectionError::NoVoiceNumber));

    let mut service = service_with(Policy::default());
    put(&mut service, with_capabilities(1, P1, Capabilities { sms_outbound: false, ..Capabilities::VOICE_AND_SMS }));
    put(&mut service, with_capabilities(2, P2, Capabilities { sms_inbound: false, ..Capabilities::VOICE_AND_SMS }));
    assert_eq!(select(&service, ALICE), refused(SelectionError::NoMessageNumber));
}

#[test]
fn sel_7_capabilities_are_looked_for_in_the_country_only() {
    let mut service = service().with_numbers(&[LONDON]);
    put(&mut service, with_capabilities(2, P1, Capabilities::SMS));
    assert_eq!(select(&service, ALICE), refused(SelectionError::NoVoiceNumber));
}

#[test]
fn sel_7_both_capabilities_in_no_one_entry_are_80206_before_the_area() {
    let mut service = service_at(GeoMatchLevel::AreaCode);
    put(&mut service, with_capabilities(1, P1, VOICE));
    put(&mut service, with_capabilities(2, P2, Capabilities::SMS));
    assert_eq!(select(&service, ALICE), refused(SelectionError::NoNumberForBoth { identifier: e164(ALICE) }));
}

#[test]
fn sel_7_the_area_is_looked_at_among_numbers_with_all_capabilities() {
    let mut service = service_at(GeoMatchLevel::AreaCode).with_numbers(&[MANHATTAN]);
    put(&mut service, with_capabilities(2, P1, VOICE));
    put(&mut service, with_capabilities(3, P2, Capabilities::SMS));
    assert_eq!(select(&service, ALICE), other_area(ALICE));
}

#[test]
fn sel_7_reservation_is_looked_at_in_the_area_only() {
    let mut service = service_at(GeoMatchLevel::AreaCode).with_numbers(&[MANHATTAN]);
    put(&mut service, reserved(new_number(2, P1)));
    assert_eq!(select(&service, ALICE), refused(SelectionError::NoUnreservedNumber));
}

#[test]
fn sel_7_reserved_numbers_count_until_reservation_is_looked_at() {
    let mut service = service().with_numbers(&[LONDON]);
    put(&mut service, reserved(new_number(2, P1)));
    assert_eq!(select(&service, ALICE), refused(SelectionError::NoUnreservedNumber));
}

#[test]
fn sel_7_numbers_held_are_looked_at_among_the_unreserved_only() {
    let mut service = service().with_numbers(&[P1]);
    put(&mut service, reserved(new_number(2, P2)));
    let session = service.open(1);
    service.add(session, 1, ALICE);
    assert_eq!(select(&service, ALICE), none_unused(ALICE));
}

#[test]
fn sel_7_short_codes_count_in_every_step() {
    let mut service = service();
    put(&mut service, new_short_code(1, "44551", Country::GB));
    assert_eq!(select(&service, ALICE), other_country(Some(Country::US)));
    put(&mut service, reserved(new_short_code(2, "44552", Country::US)));
    assert_eq!(select(&service, ALICE), refused(SelectionError::NoVoiceNumber));
    put(&mut service, reserved(with_capabilities(3, P1, VOICE)));
    assert_eq!(select(&service, ALICE), refused(SelectionError::NoNumberForBoth { identifier: e164(ALICE) }));
    assert_eq!(select_in(SessionMode::MessageOnly, &service, ALICE), refused(SelectionError::NoUnreservedNumber));
}

#[test]
fn sel_7_80206_and_80208_mask_the_last_four_digits() {
    let mut service = service_at(GeoMatchLevel::AreaCode).with_numbers(&[P1]);
    let message = |service: &Service, who| select(service, who).unwrap_err().to_string();
    assert_eq!(
        message(&service, XAVER),
        "This Service has no compatible Proxy numbers for this Participant. \
         Failed to find a proxy number for +1212555XXXX."
    );
    let session = service.open(1);
    service.add(session, 1, ALICE);
    assert_eq!(
        message(&service, ALICE),
        "This Service has no compatible Proxy numbers for this Participant. \
         Failed to find a proxy number for +1415555XXXX. \
         All matching proxies for this Participant are already in use in other Sessions."
    );
}

fn verdicts(service: &Service, session: SessionSid, who: &str) -> Vec<Verdict> {
    let explanation = service.explain_selection(session, &identifier(who), service.latest_instant()).unwrap();
    explanation.numbers.iter().map(|number| number.verdict).collect()
}

fn refusal(service: &Service, session: SessionSid, who: &str, seconds: u64) -> Option<AddParticipantError> {
    service.explain_selection(session, &identifier(who), at(seconds)).err()
}

#[test]
fn sel_8_each_entry_has_the_first_reason_against_it() {
    let mut service = service_at(GeoMatchLevel::AreaCode);
    let pool = [("+442079469001", NOTHING), ("+12125559002", NOTHING), (MANHATTAN, Capabilities::VOICE_AND_SMS)];
    for (n, (number, capabilities)) in (1..).zip(pool) {
        put(&mut service, reserved(with_capabilities(n, number, capabilities)));
    }
    put(&mut service, reserved(new_number(4, P1)));
    for (n, number) in [(5, P2), (6, P3), (7, "+14155559004")] {
        put(&mut service, new_number(n, number));
    }
    for (n, number) in [(1, LONDON), (2, "+12125559002"), (3, MANHATTAN), (4, P1), (5, P2)] {
        let session = service.open(n);
        service.add_with(session, n, ALICE, number);
    }
    let session = service.open(9);
    let explanation = service.explain_selection(session, &identifier(ALICE), at(0)).unwrap();

    assert_eq!(explanation.outcome, Ok(number(6).into()));
    assert_eq!(
        explanation.numbers.iter().map(|number| number.verdict).collect::<Vec<_>>(),
        [
            Verdict::OtherCountry,
            Verdict::LacksCapability,
            Verdict::OtherArea,
            Verdict::Reserved,
            Verdict::Held,
            Verdict::Chosen,
            Verdict::Eligible,
        ]
    );
}

#[test]
fn sel_8_entries_come_in_pool_order_with_their_sid_and_number() {
    let mut service = service();
    put(&mut service, new_number(7, P2));
    put(&mut service, new_short_code(3, "44551", Country::US));
    put(&mut service, new_number(5, P1));
    let session = service.open(1);
    let explanation = service.explain_selection(session, &identifier(ALICE), at(0)).unwrap();
    let entries: Vec<_> =
        explanation.numbers.iter().map(|entry| (entry.sid, entry.phone_number.to_string(), entry.verdict)).collect();
    assert_eq!(
        entries,
        [
            (number(7).into(), P2.into(), Verdict::Chosen),
            (short_code(3).into(), "44551".into(), Verdict::LacksCapability),
            (number(5).into(), P1.into(), Verdict::Eligible),
        ]
    );
}

#[test]
fn sel_8_the_sticky_number_is_chosen_and_the_first_fit_eligible() {
    let mut service = service().with_numbers(&[P1, P2]);
    use_up(&mut service, 1, ALICE, P2);
    let session = service.open(2);
    assert_eq!(verdicts(&service, session, ALICE), [Verdict::Eligible, Verdict::Chosen]);
}

#[test]
fn sel_8_numbers_held_in_the_same_session_by_others_are_eligible() {
    let mut service = service().with_numbers(&[P1, P2]);
    let session = service.open(1);
    service.add_with(session, 1, BOB, P2);
    assert_eq!(verdicts(&service, session, ALICE), [Verdict::Chosen, Verdict::Eligible]);
}

#[test]
fn sel_8_a_failed_selection_is_explained_too() {
    let mut service = service().with_numbers(&[P1, LONDON]);
    let [first, second] = [1, 2].map(|n| service.open(n));
    service.add(first, 1, ALICE);
    let explanation = service.explain_selection(second, &identifier(ALICE), at(0)).unwrap();
    assert_eq!(explanation.outcome, Err(SelectionError::NoUnusedNumber { identifier: e164(ALICE) }));
    assert_eq!(verdicts(&service, second, ALICE), [Verdict::Held, Verdict::OtherCountry]);
}

#[test]
fn sel_8_an_empty_pool_is_an_outcome() {
    let mut service = service();
    let session = service.open(1);
    let explanation = service.explain_selection(session, &identifier(ALICE), at(0)).unwrap();
    assert_eq!((explanation.outcome, explanation.numbers), (Err(SelectionError::NoNumbers), vec![]));
}

#[test]
fn sel_8_refusals_before_selection_are_errors() {
    let mut policy = Policy::default();
    policy.fictional_numbers = FictionalNumbers::Refuse;
    let mut service = service_with(policy).with_numbers(&[P1, P2]);
    let [empty, full, closed, in_flight] = [1, 2, 3, 4].map(|n| service.open(n));
    let messages = service.open_with_mode(5, SessionMode::MessageOnly);
    service.add(full, 1, ALICE);
    service.add(full, 2, BOB);
    service.close(closed);
    service.begin(in_flight, 3, CAROL);
    let refusal = |session, who| refusal(&service, session, who, 0);

    let not_found = refusal(session(99), ALICE).unwrap();
    assert!(matches!(not_found, AddParticipantError::SessionNotFound(error) if error.session == session(99)));
    assert_eq!(refusal(empty, "+14155550100"), Some(AddParticipantError::IdentifierUnreachable));
    let is_closed = refusal(closed, ALICE).unwrap();
    assert!(matches!(is_closed, AddParticipantError::SessionClosed(error) if error.session == closed));
    assert_eq!(refusal(full, ALICE), Some(AddParticipantError::AlreadyInSession { existing: participant(1) }));
    assert_eq!(
        refusal(full, XAVER),
        Some(AddParticipantError::TooManyParticipants { existing: [participant(1), participant(2)] })
    );
    let channel = "whatsapp:+14155550001";
    assert_eq!(
        refusal(empty, channel),
        Some(AddParticipantError::UnsupportedIdentifierType { identifier: identifier(channel), session: empty })
    );
    assert_eq!(refusal(messages, channel), Some(AddParticipantError::ChannelWithoutProxyIdentifier));
    assert_eq!(refusal(empty, P1), Some(AddParticipantError::PairInvalid(PairInvalid::IdentifierInPool)));
    assert_eq!(refusal(empty, CAROL), Some(AddParticipantError::DuplicateRequest { other_session: in_flight }));
    assert_eq!(refusal(in_flight, CAROL), Some(AddParticipantError::AlreadyInSession { existing: participant(3) }));
}

#[test]
fn sel_8_under_the_permissive_rule_a_pending_addition_elsewhere_is_explained() {
    let mut service = service_with(permissive()).with_numbers(&[P1, P2]);
    let [first, second] = [1, 2].map(|n| service.open(n));
    service.begin(first, 1, ALICE);
    assert_eq!(verdicts(&service, second, ALICE), [Verdict::Held, Verdict::Chosen]);
}

#[test]
fn sel_8_an_overdue_session_elsewhere_holds_nothing() {
    let mut service = service().with_numbers(&[P1, P2]);
    let overdue = open_with_ttl(&mut service, 1, 60);
    service.add(overdue, 1, ALICE);
    let session = service.open(2);
    let explain = |seconds| service.explain_selection(session, &identifier(ALICE), at(seconds)).unwrap().outcome;
    assert_eq!((explain(59), explain(60)), (Ok(number(2).into()), Ok(number(1).into())));
}

#[test]
fn sel_8_an_addition_pending_in_an_overdue_session_is_not_in_flight() {
    let mut service = service().with_numbers(&[P1]);
    let overdue = open_with_ttl(&mut service, 1, 60);
    service.begin(overdue, 1, ALICE);
    let session = service.open(2);
    let in_flight = AddParticipantError::DuplicateRequest { other_session: overdue };
    assert_eq!(refusal(&service, session, ALICE, 59), Some(in_flight));
    assert_eq!(refusal(&service, session, ALICE, 60), None);
}

#[test]
fn sel_8_an_overdue_session_is_closed_and_after_its_retention_gone() {
    let mut service = service_with(keep_for(100)).with_numbers(&[P1]);
    let session = open_with_ttl(&mut service, 1, 60);
    let code = |seconds| refusal(&service, session, ALICE, seconds).map(|error| error.code());
    assert_eq!(
        [59, 60, 159, 160].map(code),
        [None, Some(Code::SessionClosed), Some(Code::SessionClosed), Some(Code::NotFound)]
    );
}

#[test]
fn sel_8_a_use_that_a_purge_will_take_is_no_use() {
    let mut service = service_with(keep_for(100)).with_numbers(&[P1, P2]);
    use_up(&mut service, 1, ALICE, P2);
    let session = service.open(2);
    let explain = |seconds| service.explain_selection(session, &identifier(ALICE), at(seconds)).unwrap().outcome;
    assert_eq!((explain(99), explain(100)), (Ok(number(2).into()), Ok(number(1).into())));
}

#[test]
fn sel_8_a_number_is_without_use_again_once_a_purge_will_take_its_only_one() {
    let mut new = new_service();
    new.number_selection_behavior = NumberSelectionBehavior::AvoidSticky;
    let mut service = Service::new(new, keep_for(100), at(0)).with_numbers(&[P1, P2]);
    use_up(&mut service, 1, ALICE, P1);
    let session = service.open(2);
    let explain = |seconds| service.explain_selection(session, &identifier(ALICE), at(seconds)).unwrap().outcome;
    assert_eq!((explain(99), explain(100)), (Ok(number(2).into()), Ok(number(1).into())));
}

#[test]
fn sel_8_a_use_in_a_session_that_expires_and_is_purged_in_one_step_is_no_use() {
    let mut service = service_with(keep_for(100)).with_numbers(&[P1, P2]);
    let overdue = open_with_ttl(&mut service, 1, 60);
    service.add_with(overdue, 1, ALICE, P2);
    let session = service.open(2);
    let explain = |seconds| service.explain_selection(session, &identifier(ALICE), at(seconds)).unwrap().outcome;
    assert_eq!(
        [59, 60, 159, 160].map(explain),
        [Ok(number(1).into()), Ok(number(2).into()), Ok(number(2).into()), Ok(number(1).into())]
    );
}

#[test]
fn sel_8_of_several_uses_of_a_number_those_that_a_purge_will_take_do_not_count() {
    let mut service = service_with(keep_for(100)).with_numbers(&[P1, P2, P3]);
    for (n, number) in [(1, P2), (2, P3)] {
        let kept = service.open(n);
        service.add_with(kept, n, ALICE, number);
        remove(&mut service, kept, n);
    }
    use_up(&mut service, 3, ALICE, P2);
    let session = service.open(4);
    let explain = |seconds| service.explain_selection(session, &identifier(ALICE), at(seconds)).unwrap().outcome;
    assert_eq!((explain(99), explain(100)), (Ok(number(2).into()), Ok(number(3).into())));
    service.handle_deadline(at(100));
    assert_eq!(select(&service, ALICE), chosen(P3));
}

#[test]
fn sel_8_a_doubled_number_is_held_until_its_last_session_is_due() {
    let mut service = service_with(permissive()).with_numbers(&[P1, P2]);
    for (n, seconds) in [(1, 60), (2, 30)] {
        let overdue = open_with_ttl(&mut service, n, seconds);
        service.add_with(overdue, n, ALICE, P1);
    }
    let session = service.open(3);
    let explain = |seconds| service.explain_selection(session, &identifier(ALICE), at(seconds)).unwrap().outcome;
    assert_eq!(
        [29, 30, 59, 60].map(explain),
        [Ok(number(2).into()), Ok(number(2).into()), Ok(number(2).into()), Ok(number(1).into())]
    );
}

#[test]
fn sel_8_an_earlier_now_counts_as_the_latest_instant_seen() {
    let mut service = service().with_numbers(&[P1]);
    let session = open_with_ttl(&mut service, 1, 60);
    service.handle_deadline(at(60));
    assert_eq!(refusal(&service, session, ALICE, 0).map(|error| error.code()), Some(Code::SessionClosed));
}

#[test]
fn sel_8_it_changes_nothing() {
    let mut service = service().with_numbers(&[P1]);
    let overdue = open_with_ttl(&mut service, 1, 60);
    service.add(overdue, 1, ALICE);
    let session = service.open(2);
    let before = service.state();
    service.explain_selection(session, &identifier(ALICE), at(1_000)).unwrap();
    assert_eq!(service.state(), before);
}

#[test]
fn sel_9_the_worked_example() {
    let mut service = service().with_numbers(&[P1, P2]);
    let [first, second, third] = [1, 2, 3].map(|n| service.open(n));
    assert_eq!((service.add(first, 1, ALICE), service.add(first, 2, XAVER)), (P1.into(), P1.into()));
    assert_eq!((service.add(second, 3, BOB), service.add(second, 4, "+12125550002")), (P1.into(), P1.into()));
    assert_eq!((service.add(third, 5, CAROL), service.add(third, 6, XAVER)), (P1.into(), P2.into()));
}

const BUSY_PEOPLE: [&str; 4] = [ALICE, BOB, CAROL, XAVER];
const COMPATIBLE: [&str; 3] = [P1, MANHATTAN, P2];

#[test]
fn sel_10_as_many_numbers_as_sessions_at_a_time_are_needed() {
    let mut service = service().with_numbers(&COMPATIBLE[..2]);
    let [first, second, third] = [1, 2, 3].map(|n| service.open(n));
    service.add(first, 1, ALICE);
    service.add(second, 2, ALICE);
    assert_eq!(service.try_add(third, new_participant(3, ALICE)), Err(Code::NoAvailableUnusedProxy));
    put(&mut service, new_number(3, COMPATIBLE[2]));
    assert_eq!(service.add(third, 3, ALICE), COMPATIBLE[2]);
}

#[derive(Clone, Copy, Debug)]
enum Step {
    Open,
    Add,
    AddExplicit,
    Begin,
    Finish,
    Cancel,
    Remove,
    Close,
    Reopen,
    Delete,
}

fn steps() -> impl Strategy<Value = (Step, SessionSid, &'static str, &'static str)> {
    let step = prop_oneof![
        2 => Just(Step::Open),
        8 => Just(Step::Add),
        2 => Just(Step::AddExplicit),
        2 => Just(Step::Begin),
        1 => Just(Step::Finish),
        1 => Just(Step::Cancel),
        1 => Just(Step::Remove),
        1 => Just(Step::Close),
        1 => Just(Step::Reopen),
        1 => Just(Step::Delete),
    ];
    (step, (1..7_u128).prop_map(session), one_of(&BUSY_PEOPLE[..]), one_of(&COMPATIBLE[..]))
}

fn people_of(service: &Service, session: SessionSid) -> Vec<String> {
    let live = service.participants(session).into_iter().flatten().filter(|participant| participant.is_live());
    let pending = service.pending_participants(session).into_iter().flatten();
    live.map(|live| live.identifier.to_string()).chain(pending.map(|pending| pending.identifier.to_string())).collect()
}

/// In how many active sessions this person is or is about to be.
fn sessions_of(service: &Service, who: &str) -> usize {
    let active = service.sessions().filter(|session| session.status.is_active());
    active.filter(|session| people_of(service, session.sid).iter().any(|other| other == who)).count()
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn sel_10_with_d_numbers_selection_for_d_sessions_at_a_time_never_fails(
        d in 1..=3_usize,
        is_permissive in any::<bool>(),
        behavior in one_of(NumberSelectionBehavior::ALL),
        steps in vec(steps(), 0..120),
    ) {
        let mut policy = Policy::default();
        policy.allow_participant_conflict = is_permissive;
        let mut new = new_service();
        new.number_selection_behavior = behavior;
        let mut service = Service::new(new, policy, at(0)).with_numbers(&COMPATIBLE[..d]);
        let now = at(0);
        for n in 1..7 {
            service.open(n);
        }

        for (sid, (step, session, who, number)) in (1..).zip(steps) {
            let pending = service.pending_participants(session).and_then(|mut pending| Some(pending.next()?.sid));
            let live = service.participants(session).and_then(|mut all| Some(all.find(|one| one.is_live())?.sid));
            let has_room = sessions_of(&service, who) < d;
            let new = new_participant(sid, who);
            let refusal = match step {
                Step::Open => {
                    service.create_session(new_session(session.to_u128()), now).ok();
                    None
                }
                Step::Add if has_room => service.add_participant(session, new, now).err(),
                Step::Begin if has_room => service.begin_add_participant(session, new, now).err(),
                Step::AddExplicit if has_room => {
                    service.add_participant(session, new_participant_with(sid, who, number), now).err()
                }
                Step::Finish => {
                    pending.map(|pending| service.finish_add_participant(session, pending, now).unwrap());
                    None
                }
                Step::Cancel => {
                    pending.map(|pending| service.cancel_add_participant(session, pending, None, now).unwrap());
                    None
                }
                Step::Remove => {
                    live.map(|live| service.remove_participant(session, live, now).unwrap());
                    None
                }
                Step::Close => {
                    service.update_session(session, close(), now).ok();
                    None
                }
                Step::Reopen if people_of(&service, session).iter().all(|who| sessions_of(&service, who) < d) => {
                    service.update_session(session, reopen(), now).ok();
                    None
                }
                Step::Delete => {
                    service.delete_session(session, now).ok();
                    None
                }
                Step::Add | Step::Begin | Step::AddExplicit | Step::Reopen => None,
            };
            prop_assert!(!matches!(refusal, Some(AddParticipantError::Selection(_))), "{refusal:?}");
        }
    }
}
