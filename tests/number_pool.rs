//! NUM: the numbers of one service.
#![expect(clippy::unwrap_used, reason = "a helper that fails is a failed test")]

use crate::common::*;
use twilio_proxy_core::{
    AddNumberError, Capabilities, Code, NewNumber, Notification, NumberSid, NumberUpdate, PhoneNumber, Policy,
    RemoveNumberError, ReservedAssignment, Service, SessionMode, SessionSid, Ttl, UpdateNumberError,
    UpdateSessionError, geography::Country,
};

const P1: &str = "+14155559001";
const P2: &str = "+14155559002";
const P3: &str = "+14155559003";

fn add(service: &mut Service, new: NewNumber) -> Result<PhoneNumber, AddNumberError> {
    service.add_number(new, service.latest_instant()).cloned()
}

/// Adds phone numbers whose SIDs are counted from `first`.
fn fill(service: &mut Service, first: u128, count: usize, is_reserved: bool) {
    for n in (first..).take(count) {
        let mut new = nth(n);
        new.is_reserved = is_reserved;
        add(service, new).unwrap();
    }
}

fn nth(n: u128) -> NewNumber {
    new_number(n, &format!("+14152{n:06}"))
}

fn reserved(mut new: NewNumber) -> NewNumber {
    new.is_reserved = true;
    new
}

fn set_reserved(service: &mut Service, n: u128, is_reserved: bool) -> Result<PhoneNumber, UpdateNumberError> {
    let update = NumberUpdate { is_reserved: Some(is_reserved) };
    service.update_number(number(n), update, service.latest_instant()).cloned()
}

fn take_out(service: &mut Service, number: impl Into<NumberSid>) -> Result<(), RemoveNumberError> {
    service.remove_number(number, service.latest_instant())
}

fn numbers(service: &Service) -> Vec<String> {
    service.numbers().map(|number| number.phone_number.to_string()).collect()
}

/// Which limit an addition runs into, reserved or not, and what it is.
fn limit_of_add(service: &mut Service, new: NewNumber) -> Option<(bool, u32)> {
    match add(service, new) {
        Err(AddNumberError::MaximumPoolSize(maximum)) => Some((maximum.reserved, maximum.limit)),
        _ => None,
    }
}

fn limit_of_update(service: &mut Service, n: u128, is_reserved: bool) -> Option<(bool, u32)> {
    match set_reserved(service, n, is_reserved) {
        Err(UpdateNumberError::MaximumPoolSize(maximum)) => Some((maximum.reserved, maximum.limit)),
        _ => None,
    }
}

fn near_limit(reserved: bool, numbers: u32) -> Vec<Notification> {
    vec![Notification::ApproachingMaximumPoolSize { reserved, numbers }]
}

fn remove(service: &mut Service, session: SessionSid, n: u128) {
    service.remove_participant(session, participant(n), service.latest_instant()).unwrap();
}

fn try_reopen(service: &mut Service, session: SessionSid) -> Result<(), UpdateSessionError> {
    service.update_session(session, reopen(), service.latest_instant()).map(drop)
}

fn not_in_service(n: u128) -> Result<(), UpdateSessionError> {
    Err(UpdateSessionError::ProxyIdentifierNotInService { participant: participant(n) })
}

/// A closed session in which Alice has P1, which has left the pool.
fn closed_without_its_number(policy: Policy) -> (Service, SessionSid) {
    let mut service = service_with(policy).with_numbers(&[P1]);
    let session = service.open(1);
    service.add(session, 1, ALICE);
    service.close(session);
    take_out(&mut service, number(1)).unwrap();
    (service, session)
}

#[test]
fn num_1_a_phone_number_has_its_own_country_and_is_free_and_unreserved() {
    let mut service = service();
    let added = service.add_number(new_number(1, "+442079469001"), at(5)).unwrap().clone();
    assert_eq!(added.sid, number(1).into());
    assert_eq!(added.phone_number.to_string(), "+442079469001");
    assert_eq!(added.iso_country, Some(Country::GB));
    assert_eq!(added.capabilities, Capabilities::VOICE_AND_SMS);
    assert_eq!((added.is_reserved, added.in_use), (false, 0));
    assert_eq!(added.friendly_name, None);
    assert_eq!((added.date_created, added.date_updated), (at(5), at(5)));
    assert_eq!(service.number(number(1)), Some(&added));
}

#[test]
fn num_1_a_short_code_has_the_country_it_was_given_and_text_messages() {
    let mut service = service();
    let added = add(&mut service, new_short_code(1, "44551", Country::US)).unwrap();
    assert_eq!(added.sid, short_code(1).into());
    assert_eq!(added.phone_number.to_string(), "44551");
    assert_eq!(added.iso_country, Some(Country::US));
    assert_eq!(added.capabilities, Capabilities::SMS);
    assert_eq!((added.is_reserved, added.in_use), (false, 0));
}

#[test]
fn num_1_what_the_embedder_supplies_is_kept() {
    let capabilities = Capabilities { mms_outbound: true, sms_inbound: false, ..Capabilities::VOICE_AND_SMS };
    let mut new = new_number(1, P1);
    new.friendly_name = Some("Front desk".parse().unwrap());
    new.iso_country = Some(Country::CA);
    new.capabilities = Some(capabilities);
    new.is_reserved = true;
    let added = add(&mut service(), new).unwrap();
    assert_eq!(added.friendly_name.unwrap().as_str(), "Front desk");
    assert_eq!(added.iso_country, Some(Country::CA));
    assert_eq!(added.capabilities, capabilities);
    assert!(added.is_reserved);
}

#[test]
fn num_1_a_number_of_a_calling_code_without_a_country_has_none() {
    assert_eq!(add(&mut service(), new_number(1, "+870773111632")).unwrap().iso_country, None);
}

#[test]
fn num_1_numbers_are_listed_in_the_order_of_additions() {
    let mut service = service();
    add(&mut service, new_number(3, P3)).unwrap();
    add(&mut service, new_short_code(2, "44551", Country::US)).unwrap();
    add(&mut service, new_number(1, P1)).unwrap();
    assert_eq!(numbers(&service), [P3, "44551", P1]);
    assert!(service.numbers().rev().map(|number| number.phone_number.to_string()).eq([P1, "44551", P3]));
}

fn phone_twice(n: u128) -> Result<PhoneNumber, AddNumberError> {
    Err(AddNumberError::PhoneNumberAlreadyInService { existing: number(n).into() })
}

fn short_code_twice(n: u128) -> Result<PhoneNumber, AddNumberError> {
    Err(AddNumberError::ShortCodeAlreadyInService { existing: short_code(n).into() })
}

#[test]
fn num_2_a_phone_number_twice_is_80104() {
    let mut service = service().with_numbers(&[P1, P2]);
    assert_eq!(add(&mut service, new_number(9, P1)), phone_twice(1));
    assert_eq!(add(&mut service, new_number(2, P3)), phone_twice(2));
    assert_eq!(add(&mut service, new_number(2, P2)), phone_twice(2));
    assert_eq!(phone_twice(1).unwrap_err().code(), Code::PhoneNumberAlreadyInService);
    assert_eq!(Code::PhoneNumberAlreadyInService.number(), 80104);
}

#[test]
fn num_2_of_two_entries_in_the_way_the_one_with_the_sid_is_named() {
    let mut service = service().with_numbers(&[P1, P2]);
    assert_eq!(add(&mut service, new_number(2, P1)), phone_twice(2));
    add(&mut service, new_short_code(1, "44551", Country::US)).unwrap();
    add(&mut service, new_short_code(2, "44552", Country::US)).unwrap();
    assert_eq!(add(&mut service, new_short_code(2, "44551", Country::US)), short_code_twice(2));
}

#[test]
fn num_2_a_short_code_twice_is_80105() {
    let mut service = service();
    add(&mut service, new_short_code(1, "44551", Country::US)).unwrap();
    assert_eq!(add(&mut service, new_short_code(9, "44551", Country::US)), short_code_twice(1));
    assert_eq!(add(&mut service, new_short_code(1, "44552", Country::US)), short_code_twice(1));
    assert_eq!(short_code_twice(1).unwrap_err().code(), Code::ShortCodeAlreadyInService);
    assert_eq!(Code::ShortCodeAlreadyInService.number(), 80105);
}

#[test]
fn num_2_a_reserved_entry_is_in_the_way_too() {
    let mut service = service();
    add(&mut service, reserved(new_number(1, P1))).unwrap();
    assert_eq!(add(&mut service, new_number(9, P1)), phone_twice(1));
}

#[test]
fn num_2_a_refused_addition_changes_nothing() {
    let mut service = service().with_numbers(&[P1]);
    let before = service.state();
    add(&mut service, new_number(1, P2)).unwrap_err();
    assert_eq!(service.state(), before);
}

#[test]
fn num_2_sids_of_the_two_kinds_with_the_same_digits_are_different() {
    let mut service = service().with_numbers(&[P1]);
    add(&mut service, new_short_code(1, "44551", Country::US)).unwrap();
    assert_eq!(numbers(&service), [P1, "44551"]);
}

#[test]
fn num_2_a_number_that_was_removed_may_come_again() {
    let mut service = service().with_numbers(&[P1]);
    take_out(&mut service, number(1)).unwrap();
    assert_eq!(service.number(number(1)), None);
    assert_eq!(add(&mut service, new_number(1, P2)).unwrap().phone_number.to_string(), P2);
    assert_eq!(add(&mut service, new_number(2, P1)).unwrap().phone_number.to_string(), P1);
}

#[test]
fn num_3_there_is_room_for_500_unreserved_numbers() {
    let mut service = service();
    fill(&mut service, 1, 500, false);
    assert_eq!(limit_of_add(&mut service, nth(501)), Some((false, 500)));
    assert_eq!(service.numbers().count(), 500);
    assert_eq!(add(&mut service, nth(501)).unwrap_err().code().number(), 80622);
}

#[test]
fn num_3_short_codes_count_among_the_500() {
    let mut service = service();
    fill(&mut service, 1, 499, false);
    add(&mut service, new_short_code(1, "44551", Country::US)).unwrap();
    assert_eq!(limit_of_add(&mut service, nth(500)), Some((false, 500)));
    assert_eq!(limit_of_add(&mut service, new_short_code(2, "44552", Country::US)), Some((false, 500)));
}

#[test]
fn num_3_there_is_room_for_5000_reserved_numbers_besides() {
    let mut service = service();
    fill(&mut service, 1, 500, false);
    fill(&mut service, 501, 4_999, true);
    add(&mut service, reserved(new_short_code(1, "44551", Country::US))).unwrap();
    assert_eq!(limit_of_add(&mut service, reserved(nth(5_500))), Some((true, 5_000)));
    assert_eq!(limit_of_add(&mut service, reserved(new_short_code(2, "44552", Country::US))), Some((true, 5_000)));
    assert_eq!(service.numbers().count(), 5_500);
}

#[test]
fn num_3_a_removal_makes_room() {
    let mut service = service();
    fill(&mut service, 1, 500, false);
    take_out(&mut service, number(250)).unwrap();
    add(&mut service, nth(501)).unwrap();
    assert_eq!(limit_of_add(&mut service, nth(502)), Some((false, 500)));
}

#[test]
fn num_3_reserving_makes_room_for_an_unreserved_number() {
    let mut service = service();
    fill(&mut service, 1, 500, false);
    set_reserved(&mut service, 1, true).unwrap();
    add(&mut service, nth(501)).unwrap();
    assert_eq!(limit_of_update(&mut service, 1, false), Some((false, 500)));
}

#[test]
fn num_3_a_change_of_is_reserved_needs_room_too() {
    let mut service = service();
    fill(&mut service, 1, 500, false);
    fill(&mut service, 501, 5_000, true);
    service.drain();
    let before = service.state();
    assert_eq!(limit_of_update(&mut service, 501, false), Some((false, 500)));
    assert_eq!(limit_of_update(&mut service, 1, true), Some((true, 5_000)));
    assert_eq!(service.state(), before);
    assert_eq!(set_reserved(&mut service, 1, true).unwrap_err().code().number(), 80622);
}

#[test]
fn num_3_setting_is_reserved_to_what_it_is_needs_no_room() {
    let mut service = service();
    fill(&mut service, 1, 500, false);
    fill(&mut service, 501, 5_000, true);
    assert!(!set_reserved(&mut service, 1, false).unwrap().is_reserved);
    assert!(set_reserved(&mut service, 501, true).unwrap().is_reserved);
}

#[test]
fn num_3_setting_is_reserved_to_what_it_is_changes_no_count() {
    let mut service = service();
    fill(&mut service, 1, 424, false);
    fill(&mut service, 1_001, 1, true);
    for _ in 0..3 {
        set_reserved(&mut service, 1, false).unwrap();
        set_reserved(&mut service, 1_001, true).unwrap();
    }
    assert_eq!(service.drain_notifications(), []);
    add(&mut service, nth(425)).unwrap();
    assert_eq!(service.drain_notifications(), near_limit(false, 425));
    set_reserved(&mut service, 1, false).unwrap();
    assert_eq!(service.drain_notifications(), []);
}

#[test]
fn num_3_the_425th_unreserved_number_raises_80624_once() {
    let mut service = service();
    fill(&mut service, 1, 424, false);
    assert_eq!(service.drain_notifications(), []);
    add(&mut service, nth(425)).unwrap();
    assert_eq!(service.drain_notifications(), near_limit(false, 425));
    fill(&mut service, 426, 75, false);
    assert_eq!(service.drain_notifications(), []);
    assert_eq!(Code::ApproachingMaximumPoolSize.number(), 80624);
}

#[test]
fn num_3_a_short_code_may_be_the_425th() {
    let mut service = service();
    fill(&mut service, 1, 424, false);
    add(&mut service, new_short_code(1, "44551", Country::US)).unwrap();
    assert_eq!(service.drain_notifications(), near_limit(false, 425));
}

#[test]
fn num_3_the_4250th_reserved_number_raises_80624_once() {
    let mut service = service();
    fill(&mut service, 1, 4_249, true);
    assert_eq!(service.drain_notifications(), []);
    add(&mut service, reserved(nth(4_250))).unwrap();
    assert_eq!(service.drain_notifications(), near_limit(true, 4_250));
    fill(&mut service, 4_251, 10, true);
    assert_eq!(service.drain_notifications(), []);
}

#[test]
fn num_3_an_update_raises_80624_for_the_unreserved() {
    let mut service = service();
    fill(&mut service, 1, 424, false);
    fill(&mut service, 1_001, 2, true);
    set_reserved(&mut service, 1_001, false).unwrap();
    assert_eq!(service.drain_notifications(), near_limit(false, 425));
    set_reserved(&mut service, 1_002, false).unwrap();
    assert_eq!(service.drain_notifications(), []);
}

#[test]
fn num_3_an_update_raises_80624_for_the_reserved() {
    let mut service = service();
    fill(&mut service, 1, 4_249, true);
    fill(&mut service, 5_001, 2, false);
    set_reserved(&mut service, 5_001, true).unwrap();
    assert_eq!(service.drain_notifications(), near_limit(true, 4_250));
    set_reserved(&mut service, 5_002, true).unwrap();
    assert_eq!(service.drain_notifications(), []);
}

#[test]
fn num_3_80624_comes_again_after_the_count_has_fallen_below() {
    let mut service = service();
    fill(&mut service, 1, 425, false);
    assert_eq!(service.drain_notifications(), near_limit(false, 425));

    take_out(&mut service, number(1)).unwrap();
    add(&mut service, nth(1)).unwrap();
    assert_eq!(service.drain_notifications(), near_limit(false, 425));

    set_reserved(&mut service, 2, true).unwrap();
    assert_eq!(service.drain_notifications(), []);
    set_reserved(&mut service, 2, false).unwrap();
    assert_eq!(service.drain_notifications(), near_limit(false, 425));
}

#[test]
fn num_3_80624_does_not_come_when_the_count_falls_to_425() {
    let mut service = service();
    fill(&mut service, 1, 426, false);
    service.drain();
    take_out(&mut service, number(1)).unwrap();
    add(&mut service, nth(1)).unwrap();
    assert_eq!(service.drain_notifications(), []);
}

#[test]
fn num_3_a_refused_addition_raises_nothing() {
    let mut service = service();
    fill(&mut service, 1, 424, false);
    add(&mut service, nth(1)).unwrap_err();
    assert_eq!(service.drain_notifications(), []);
}

#[test]
fn num_3_an_unknown_number_cannot_be_updated() {
    let refusal = set_reserved(&mut service(), 1, true).unwrap_err();
    assert_eq!(refusal, UpdateNumberError::NumberNotFound { number: number(1).into() });
    assert_eq!(refusal.code(), Code::NotFound);
}

#[test]
fn num_3_an_update_moves_date_updated_and_an_empty_one_does_not() {
    let mut service = service().with_numbers(&[P1]);
    let same = NumberUpdate { is_reserved: Some(false) };
    assert_eq!(service.update_number(number(1), same, at(5)).unwrap().date_updated, at(5));
    assert_eq!(service.update_number(number(1), NumberUpdate::default(), at(9)).unwrap().date_updated, at(5));
}

#[test]
fn num_4_in_use_counts_active_sessions_and_not_participants() {
    let mut service = service().with_numbers(&[P1]);
    let [first, second] = [1, 2].map(|n| service.open(n));
    service.add(first, 1, ALICE);
    assert_eq!(service.in_use(number(1)), 1);
    service.add(first, 2, BOB);
    assert_eq!(service.in_use(number(1)), 1);
    service.add(second, 3, CAROL);
    assert_eq!(service.in_use(number(1)), 2);
}

#[test]
fn num_4_each_number_of_a_session_is_counted() {
    let mut service = service().with_numbers(&[P1, P2]);
    let session = service.open(1);
    service.add_with(session, 1, ALICE, P1);
    service.add_with(session, 2, BOB, P2);
    assert_eq!((service.in_use(number(1)), service.in_use(number(2))), (1, 1));
}

#[test]
fn num_4_short_codes_are_counted_too() {
    let mut service = service();
    add(&mut service, new_short_code(1, "44551", Country::US)).unwrap();
    let session = service.open_with_mode(1, SessionMode::MessageOnly);
    service.add(session, 1, ALICE);
    assert_eq!(service.in_use(short_code(1)), 1);
}

#[test]
fn num_4_a_number_used_twice_is_free_when_both_are_removed() {
    let mut service = service().with_numbers(&[P1]);
    let session = service.open(1);
    service.add(session, 1, ALICE);
    service.add(session, 2, BOB);
    remove(&mut service, session, 1);
    assert_eq!(service.in_use(number(1)), 1);
    remove(&mut service, session, 2);
    assert_eq!(service.in_use(number(1)), 0);
}

#[test]
fn num_4_a_pending_addition_counts_until_it_is_cancelled() {
    let mut service = service().with_numbers(&[P1]);
    let session = service.open(1);
    service.begin(session, 1, ALICE);
    assert_eq!(service.in_use(number(1)), 1);
    service.cancel_add_participant(session, participant(1), None, at(0)).unwrap();
    assert_eq!(service.in_use(number(1)), 0);
}

#[test]
fn num_4_a_finished_addition_goes_on_counting_once() {
    let mut service = service().with_numbers(&[P1]);
    let session = service.open(1);
    service.begin(session, 1, ALICE);
    service.finish_add_participant(session, participant(1), at(0)).unwrap();
    assert_eq!(service.in_use(number(1)), 1);
    remove(&mut service, session, 1);
    assert_eq!(service.in_use(number(1)), 0);
}

#[test]
fn num_4_a_live_and_a_pending_participant_of_a_session_count_once() {
    let mut service = service().with_numbers(&[P1]);
    let session = service.open(1);
    service.add(session, 1, ALICE);
    service.begin(session, 2, BOB);
    assert_eq!(service.in_use(number(1)), 1);
    service.cancel_add_participant(session, participant(2), None, at(0)).unwrap();
    assert_eq!(service.in_use(number(1)), 1);
}

#[test]
fn num_4_closing_releases_and_reopening_takes_again() {
    let mut service = service().with_numbers(&[P1]);
    let session = service.open(1);
    service.add(session, 1, ALICE);
    service.add(session, 2, BOB);
    service.close(session);
    assert_eq!(service.in_use(number(1)), 0);
    service.reopen(session);
    assert_eq!(service.in_use(number(1)), 1);
    service.close(session);
    assert_eq!(service.in_use(number(1)), 0);
}

#[test]
fn num_4_closing_releases_pending_additions_for_good() {
    let mut service = service().with_numbers(&[P1]);
    let session = service.open(1);
    service.begin(session, 1, ALICE);
    service.close(session);
    assert_eq!(service.in_use(number(1)), 0);
    service.reopen(session);
    assert_eq!(service.in_use(number(1)), 0);
}

#[test]
fn num_4_a_reopen_takes_nothing_for_removed_participants() {
    let mut service = service().with_numbers(&[P1, P2]);
    let session = service.open(1);
    service.add_with(session, 1, ALICE, P1);
    service.add_with(session, 2, BOB, P2);
    service.close(session);
    remove(&mut service, session, 1);
    service.reopen(session);
    assert_eq!((service.in_use(number(1)), service.in_use(number(2))), (0, 1));
}

#[test]
fn num_4_expiry_releases() {
    let mut service = service().with_numbers(&[P1]);
    let mut new = new_session(1);
    new.ttl = Some(Ttl::from_seconds(60).unwrap());
    let session = service.create_session(new, at(0)).unwrap().sid;
    service.add(session, 1, ALICE);
    service.begin(session, 2, BOB);
    service.handle_deadline(at(59));
    assert_eq!(service.in_use(number(1)), 1);
    service.handle_deadline(at(60));
    assert_eq!(service.in_use(number(1)), 0);
}

#[test]
fn num_4_deleting_a_session_releases() {
    let mut service = service().with_numbers(&[P1, P2]);
    let session = service.open(1);
    service.add_with(session, 1, ALICE, P1);
    service.begin_add_participant(session, new_participant_with(2, BOB, P2), at(0)).unwrap();
    service.delete_session(session, at(0)).unwrap();
    assert_eq!((service.in_use(number(1)), service.in_use(number(2))), (0, 0));
}

#[test]
fn num_4_deleting_a_closed_session_releases_nothing_of_others() {
    let mut service = service().with_numbers(&[P1]);
    let [closed, active] = [1, 2].map(|n| service.open(n));
    service.add(closed, 1, ALICE);
    service.add(active, 2, BOB);
    service.close(closed);
    service.delete_session(closed, at(0)).unwrap();
    assert_eq!(service.in_use(number(1)), 1);
}

#[test]
fn num_4_a_refused_addition_uses_nothing() {
    let mut service = service().with_numbers(&[P1]);
    let session = service.open(1);
    service.try_add(session, new_participant_with(1, ALICE, P2)).unwrap_err();
    assert_eq!(service.in_use(number(1)), 0);
}

#[test]
fn num_4_a_number_does_not_change_by_being_used() {
    let mut service = service().with_numbers(&[P1]);
    let session = service.open(1);
    service.add_participant(session, new_participant(1, ALICE), at(5)).unwrap();
    assert_eq!(service.number(number(1)).unwrap().date_updated, at(0));
}

fn in_use(n: u128, in_use: u32) -> Result<(), RemoveNumberError> {
    Err(RemoveNumberError::InUse { number: number(n).into(), in_use })
}

#[test]
fn num_5_a_number_in_use_cannot_be_removed() {
    let mut service = service().with_numbers(&[P1]);
    let [first, second] = [1, 2].map(|n| service.open(n));
    service.add(first, 1, ALICE);
    service.add(second, 2, BOB);
    assert_eq!(take_out(&mut service, number(1)), in_use(1, 2));
    assert_eq!(in_use(1, 2).unwrap_err().code(), Code::ProxyNumberInActiveSessions);
    assert_eq!(
        in_use(1, 2).unwrap_err().to_string(),
        "Proxy Number cannot be removed from Service.  It is in use by one or more Sessions."
    );
    assert_eq!(numbers(&service), [P1]);
}

#[test]
fn num_5_a_number_of_a_pending_addition_cannot_be_removed() {
    let mut service = service().with_numbers(&[P1]);
    let session = service.open(1);
    service.begin(session, 1, ALICE);
    assert_eq!(take_out(&mut service, number(1)), in_use(1, 1));
}

#[test]
fn num_5_a_short_code_in_use_cannot_be_removed() {
    let mut service = service();
    add(&mut service, new_short_code(1, "44551", Country::US)).unwrap();
    let session = service.open_with_mode(1, SessionMode::MessageOnly);
    service.add(session, 1, ALICE);
    let refusal = RemoveNumberError::InUse { number: short_code(1).into(), in_use: 1 };
    assert_eq!(take_out(&mut service, short_code(1)), Err(refusal));
}

#[test]
fn num_5_an_unknown_number_is_not_found() {
    let mut service = service().with_numbers(&[P1]);
    for unknown in [number(2).into(), short_code(1).into()] {
        let refusal = take_out(&mut service, unknown).unwrap_err();
        assert_eq!(refusal, RemoveNumberError::NumberNotFound { number: unknown });
        assert_eq!(refusal.code(), Code::NotFound);
    }
}

#[test]
fn num_5_a_session_that_is_due_by_then_does_not_hold_its_number() {
    let mut service = service().with_numbers(&[P1]);
    let mut new = new_session(1);
    new.ttl = Some(Ttl::from_seconds(60).unwrap());
    let session = service.create_session(new, at(0)).unwrap().sid;
    service.add(session, 1, ALICE);
    assert_eq!(service.remove_number(number(1), at(60)), Ok(()));
}

#[test]
fn num_5_draining_is_to_reserve_to_wait_and_to_remove() {
    let mut service = service().with_numbers(&[P1, P2]);
    let [running, later] = [1, 2].map(|n| service.open(n));
    service.add(running, 1, ALICE);
    set_reserved(&mut service, 1, true).unwrap();
    assert_eq!(service.participant(running, participant(1)).unwrap().proxy_identifier.to_string(), P1);
    assert_eq!(service.add(running, 2, BOB), P2);
    assert_eq!(service.add(later, 3, CAROL), P2);
    assert_eq!(take_out(&mut service, number(1)), in_use(1, 1));

    service.close(running);
    assert_eq!(service.in_use(number(1)), 0);
    assert_eq!(take_out(&mut service, number(1)), Ok(()));
    assert_eq!(numbers(&service), [P2]);
}

#[test]
fn num_5_reserving_disturbs_no_session_that_holds_the_number() {
    let mut service = service().with_numbers(&[P1]);
    let session = service.open(1);
    service.add(session, 1, ALICE);
    service.begin(session, 2, BOB);
    set_reserved(&mut service, 1, true).unwrap();
    let finished = service.finish_add_participant(session, participant(2), at(0)).unwrap();
    assert_eq!(finished.proxy_identifier.to_string(), P1);
    assert_eq!(service.in_use(number(1)), 1);
    service.close(session);
    service.reopen(session);
    assert_eq!(service.in_use(number(1)), 1);
}

fn refuse_reserved() -> Policy {
    let mut policy = Policy::default();
    policy.reserved_assignment = ReservedAssignment::Refuse;
    policy
}

#[test]
fn num_6_a_number_may_be_removed_while_closed_sessions_name_it() {
    let (service, session) = closed_without_its_number(Policy::default());
    assert_eq!(numbers(&service), Vec::<String>::new());
    let alice = service.participant(session, participant(1)).unwrap();
    assert_eq!(alice.proxy_identifier.to_string(), P1);
    assert_eq!(alice.proxy_identifier_sid, Some(number(1)));
}

#[test]
fn num_6_a_number_may_be_removed_while_removed_participants_of_active_sessions_name_it() {
    let mut service = service().with_numbers(&[P1]);
    let session = service.open(1);
    service.add(session, 1, ALICE);
    remove(&mut service, session, 1);
    assert_eq!(take_out(&mut service, number(1)), Ok(()));
}

#[test]
fn num_6_a_reopen_without_the_number_is_80605() {
    let (mut service, session) = closed_without_its_number(Policy::default());
    let before = service.state();
    assert_eq!(try_reopen(&mut service, session), not_in_service(1));
    assert_eq!(not_in_service(1).unwrap_err().code(), Code::ProxyIdentifierNotInService);
    assert_eq!(Code::ProxyIdentifierNotInService.number(), 80605);
    assert_eq!(service.state(), before);
}

#[test]
fn num_6_the_permissive_rule_does_not_help() {
    let (mut service, session) = closed_without_its_number(permissive());
    assert_eq!(try_reopen(&mut service, session), not_in_service(1));
}

#[test]
fn num_6_the_first_participant_without_a_number_is_named() {
    let mut service = service().with_numbers(&[P1, P2]);
    let session = service.open(1);
    service.add_with(session, 7, ALICE, P1);
    service.add_with(session, 3, BOB, P2);
    service.close(session);
    take_out(&mut service, number(2)).unwrap();
    assert_eq!(try_reopen(&mut service, session), not_in_service(3));
    take_out(&mut service, number(1)).unwrap();
    assert_eq!(try_reopen(&mut service, session), not_in_service(7));
}

#[test]
fn num_6_the_same_number_under_the_same_sid_lets_it_be_reopened() {
    let (mut service, session) = closed_without_its_number(Policy::default());
    add(&mut service, new_number(1, P1)).unwrap();
    service.reopen(session);
    assert_eq!(service.in_use(number(1)), 1);
}

#[test]
fn num_6_the_entry_may_be_back_reserved_whatever_the_policy() {
    let (mut service, session) = closed_without_its_number(refuse_reserved());
    add(&mut service, reserved(new_number(1, P1))).unwrap();
    service.reopen(session);
    assert_eq!(service.in_use(number(1)), 1);
}

#[test]
fn num_6_the_same_number_under_another_sid_does_not_do() {
    let (mut service, session) = closed_without_its_number(Policy::default());
    add(&mut service, new_number(2, P1)).unwrap();
    assert_eq!(try_reopen(&mut service, session), not_in_service(1));
}

#[test]
fn num_6_another_number_under_the_same_sid_does_not_do() {
    let (mut service, session) = closed_without_its_number(Policy::default());
    add(&mut service, new_number(1, P2)).unwrap();
    add(&mut service, new_number(2, P1)).unwrap();
    assert_eq!(try_reopen(&mut service, session), not_in_service(1));
}

#[test]
fn num_6_other_differences_of_the_entry_do_not_matter() {
    let (mut service, session) = closed_without_its_number(Policy::default());
    let mut new = new_number(1, P1);
    new.iso_country = Some(Country::GB);
    new.capabilities = Some(Capabilities::default());
    add(&mut service, new).unwrap();
    service.reopen(session);
    assert_eq!(service.in_use(number(1)), 1);
}

#[test]
fn num_6_a_short_code_needs_its_own_sid_too() {
    let mut service = service();
    add(&mut service, new_short_code(1, "44551", Country::US)).unwrap();
    let session = service.open_with_mode(1, SessionMode::MessageOnly);
    service.add(session, 1, ALICE);
    service.close(session);
    take_out(&mut service, short_code(1)).unwrap();
    assert_eq!(try_reopen(&mut service, session), not_in_service(1));

    add(&mut service, new_short_code(2, "44551", Country::US)).unwrap();
    assert_eq!(try_reopen(&mut service, session), not_in_service(1));

    take_out(&mut service, short_code(2)).unwrap();
    add(&mut service, new_short_code(1, "44552", Country::US)).unwrap();
    assert_eq!(try_reopen(&mut service, session), not_in_service(1));

    take_out(&mut service, short_code(1)).unwrap();
    add(&mut service, reserved(new_short_code(1, "44551", Country::US))).unwrap();
    service.reopen(session);
    assert_eq!(service.in_use(short_code(1)), 1);
}

#[test]
fn num_6_removed_participants_need_no_number() {
    let (mut service, session) = closed_without_its_number(Policy::default());
    remove(&mut service, session, 1);
    assert_eq!(try_reopen(&mut service, session), Ok(()));
}

#[test]
fn num_6_channel_addresses_need_no_number() {
    let mut service = service();
    let session = service.open_with_mode(1, SessionMode::MessageOnly);
    service.add_with(session, 1, "whatsapp:+14155550001", "whatsapp:+14155559001");
    service.close(session);
    assert_eq!(try_reopen(&mut service, session), Ok(()));
}

#[test]
fn num_6_con_3_holds_for_channel_pairs_too() {
    let mut service = service();
    let [first, second] = [1, 2].map(|n| service.open_with_mode(n, SessionMode::MessageOnly));
    service.add_with(first, 1, "whatsapp:+14155550001", "whatsapp:+14155559001");
    service.close(first);
    service.add_with(second, 2, "whatsapp:+14155550001", "whatsapp:+14155559001");
    let conflict = UpdateSessionError::ProxyIdentifierInUse { participant: participant(1), other_session: second };
    assert_eq!(try_reopen(&mut service, first), Err(conflict));
}

#[test]
fn num_6_the_entry_that_came_back_is_held_by_the_reopened_session() {
    let (mut service, session) = closed_without_its_number(Policy::default());
    add(&mut service, new_number(2, P2)).unwrap();
    add(&mut service, new_number(1, P1)).unwrap();
    service.reopen(session);
    let other = service.open(2);
    assert_eq!(service.try_add(other, new_participant_with(2, ALICE, P1)), Err(Code::ProxyIdentifierInUse));
    assert_eq!(service.add(other, 3, ALICE), P2);
    let refusal = RemoveNumberError::InUse { number: number(1).into(), in_use: 1 };
    assert_eq!(take_out(&mut service, number(1)), Err(refusal));
    service.close(session);
    assert_eq!(take_out(&mut service, number(1)), Ok(()));
}

#[test]
fn num_6_participants_whose_number_is_gone_have_no_part_in_other_numbers() {
    let (mut service, session) = closed_without_its_number(Policy::default());
    add(&mut service, new_number(2, P2)).unwrap();
    let other = service.open(2);
    service.add(other, 2, BOB);
    remove(&mut service, session, 1);
    assert_eq!(service.in_use(number(2)), 1);
    service.delete_session(session, at(0)).unwrap();
    assert_eq!(service.in_use(number(2)), 1);
}

#[test]
fn num_7_already_in_this_pool_comes_before_the_limit() {
    let mut service = service();
    fill(&mut service, 1, 499, false);
    add(&mut service, new_short_code(1, "44551", Country::US)).unwrap();
    let existing = number(3).into();
    assert_eq!(add(&mut service, nth(3)), Err(AddNumberError::PhoneNumberAlreadyInService { existing }));
    let existing = short_code(1).into();
    assert_eq!(
        add(&mut service, new_short_code(9, "44551", Country::US)),
        Err(AddNumberError::ShortCodeAlreadyInService { existing })
    );
    assert_eq!(limit_of_add(&mut service, nth(500)), Some((false, 500)));
}
