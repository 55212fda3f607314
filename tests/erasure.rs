//! Personal data: when a session or an interaction goes, nothing that it knew stays (SES-11, INV-6).
#![cfg(feature = "serde")]
#![expect(clippy::unwrap_used, reason = "a fixture that fails is a failed test")]

use crate::common::*;
use twilio_proxy_core::{
    Code, Contact, ContactKind, Event, FormParameters, Inbound, Media, OutOfSessionAnswer, Outcome, Policy, Service,
    SessionMode, SessionUpdate, Span, WebhookAnswer,
};

const SECRET: &str = "Meet me at the corner";
const PICTURE: &str = "https://media.example.com/me.png";
/// The digits of someone, on a channel or not.
const DIGITS_OF_ALICE: &str = "4155550001";
const DIGITS_OF_BOB: &str = "4155550002";
const DIGITS_OF_CAROL: &str = "4155550003";

fn holds(service: &Service, text: &str) -> bool {
    serde_json::to_string(&service.state()).unwrap().contains(text)
}

/// That the serialised state knows all of this before something goes, and none of it after.
fn assert_erases(service: Service, texts: &[&str], erase: impl FnOnce(&mut Service)) -> Service {
    let mut service = service;
    for text in texts {
        assert!(holds(&service, text), "{text} is not there in the first place");
    }
    erase(&mut service);
    for text in texts {
        assert!(!holds(&service, text), "{text} is still there: {}", serde_json::to_string(&service.state()).unwrap());
        assert!(!holds(&restored(&service), text), "{text} is still there once restored");
    }
    service
}

fn delete_session_1(service: &mut Service) {
    service.delete_session(session(1), service.latest_instant()).unwrap();
}

fn delete_interaction_1(service: &mut Service) {
    service.delete_interaction(session(1), interaction(1), service.latest_instant()).unwrap();
}

/// A message with a picture, and the parameters that came with it.
fn picture(n: u128, from: &str, to: &str) -> Inbound {
    let mut inbound = message(n, from, to, "");
    let media = Media::try_from(vec![PICTURE.parse().unwrap()]).unwrap();
    inbound.contact = Contact::Message { body: SECRET.parse().unwrap(), media };
    inbound.parameters = parameters(from);
    inbound
}

fn parameters(from: &str) -> FormParameters {
    let pairs = [("From", from), ("Body", SECRET), ("MediaUrl0", PICTURE)];
    pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec().try_into().unwrap()
}

/// [`ride`] where everything is asked about and told of.
fn talkative() -> Service {
    let mut service = ride();
    set_callback_url(&mut service);
    set_out_of_session_url(&mut service);
    service
}

fn json_answer(body: &str) -> OutOfSessionAnswer {
    OutOfSessionAnswer {
        status: WebhookAnswer::Status(200),
        content_type: Some("application/json".parse().unwrap()),
        body: body.parse().unwrap(),
    }
}

fn auto_create(service: &mut Service, n: u128, sids_from: u128, partner: &str) -> Outcome {
    let sids = twilio_proxy_core::AutoCreateSids {
        session: session(sids_from),
        caller: participant(sids_from),
        partner: participant(sids_from.saturating_add(1)),
    };
    let answer = json_answer(&format!("{{\"participantIdentifier\":\"{partner}\"}}"));
    service.resolve_out_of_session(interaction(n), answer, sids, service.latest_instant()).unwrap()
}

// ---- sessions ----

#[test]
fn ses_11_deleting_a_session_erases_its_people() {
    let mut new = new_participant_with(1, ALICE, P1);
    new.friendly_name = Some("Alice of Arcadia".parse().unwrap());
    let mut service = service().with_numbers(&[P1, P2]);
    let first = service.open(1);
    service.add_participant(first, new, at(0)).unwrap();
    service.add(first, 2, BOB);
    service.remove_participant(first, participant(2), at(0)).unwrap();
    service.begin(first, 3, CAROL);
    let texts = [DIGITS_OF_ALICE, DIGITS_OF_BOB, DIGITS_OF_CAROL, "Alice of Arcadia"];
    assert_erases(service, &texts, delete_session_1);
}

#[test]
fn ses_11_deleting_a_session_erases_people_on_a_channel() {
    let mut service = service().with_numbers(&[P1]);
    let first = service.open_with_mode(1, SessionMode::MessageOnly);
    service.add_with(first, 1, "whatsapp:+14155550001", "whatsapp:+14155559999");
    service.add_with(first, 2, BOB, P1);
    received(&mut service, message(1, "whatsapp:+14155550001", "whatsapp:+14155559999", SECRET));
    assert_erases(service, &[DIGITS_OF_ALICE, DIGITS_OF_BOB, "4155559999", SECRET], delete_session_1);
}

#[test]
fn ses_11_deleting_a_session_erases_what_was_said_in_it() {
    let mut service = ride();
    received(&mut service, picture(1, ALICE, P1));
    service.send_message(session(1), participant(2), new_message(2, "Psst"), at(0)).unwrap();
    polled(&mut service);
    assert_erases(service, &[SECRET, "Psst", DIGITS_OF_ALICE, DIGITS_OF_BOB], delete_session_1);
}

#[test]
fn inv_6_deleting_a_session_discards_its_unpolled_legs_and_callbacks() {
    let mut service = talkative();
    received(&mut service, picture(1, ALICE, P1));
    service.send_message(session(1), participant(2), new_message(2, "Psst"), at(0)).unwrap();
    let texts = [SECRET, PICTURE, "Psst", DIGITS_OF_ALICE, DIGITS_OF_BOB];
    let mut service = assert_erases(service, &texts, delete_session_1);
    assert_eq!(told(&mut service), [""; 0]);
}

#[test]
fn inv_6_deleting_a_session_discards_waiting_contacts_and_unpolled_intercepts() {
    let mut service = talkative();
    set_intercept_url(&mut service);
    received(&mut service, picture(1, ALICE, P1));
    let mut service = assert_erases(service, &[SECRET, PICTURE, DIGITS_OF_ALICE, DIGITS_OF_BOB], delete_session_1);
    assert_eq!(told(&mut service), [""; 0]);
}

#[test]
fn inv_6_deleting_a_session_discards_the_unpolled_intercept_of_a_contact_that_was_blocked() {
    let mut service = talkative();
    set_intercept_url(&mut service);
    received(&mut service, picture(1, ALICE, P1));
    service.resolve_intercept(interaction(1), WebhookAnswer::Status(403), at(0)).unwrap();
    let mut service = assert_erases(service, &[SECRET], delete_session_1);
    assert_eq!(told(&mut service), ["80909"]);
}

#[test]
fn inv_6_deleting_a_session_discards_the_unpolled_intercept_of_a_contact_that_was_dropped() {
    let mut service = talkative();
    set_intercept_url(&mut service);
    received(&mut service, picture(1, ALICE, P1));
    service.close(session(1));
    delete_session_1(&mut service);
    assert!(!holds(&service, SECRET) && !holds(&service, DIGITS_OF_ALICE));
    assert_eq!(told(&mut service), [""; 0]);
}

#[test]
fn inv_6_deleting_the_previous_session_discards_the_unpolled_request_that_names_its_people() {
    let mut service = talkative();
    service.close(session(1));
    received(&mut service, call(1, ALICE, P1));
    let mut service = assert_erases(service, &[DIGITS_OF_BOB], delete_session_1);
    assert_eq!(told(&mut service), ["80902"]);
}

#[test]
fn inv_6_a_waiting_stranger_leaves_with_its_answer() {
    let mut service = talkative();
    delete_session_1(&mut service);
    received(&mut service, message(1, ALICE, P1, SECRET));
    polled(&mut service);
    assert_erases(service, &[DIGITS_OF_ALICE, SECRET], |service| {
        let answer = OutOfSessionAnswer::default();
        let sids =
            twilio_proxy_core::AutoCreateSids { session: session(2), caller: participant(3), partner: participant(4) };
        service.resolve_out_of_session(interaction(1), answer, sids, at(0)).unwrap();
    });
}

#[test]
fn rte_11_a_waiting_stranger_leaves_with_its_previous_session() {
    let mut service = talkative();
    service.close(session(1));
    received(&mut service, picture(1, ALICE, P1));
    polled(&mut service);
    let texts = [DIGITS_OF_ALICE, SECRET, PICTURE];
    let mut service = assert_erases(restored(&service), &texts[..2], delete_session_1);
    assert_eq!(told(&mut service), [""; 0]);
    let sids =
        twilio_proxy_core::AutoCreateSids { session: session(2), caller: participant(3), partner: participant(4) };
    let answer = json_answer(r#"{"participantIdentifier":"+14155550003"}"#);
    let refusal = service.resolve_out_of_session(interaction(1), answer, sids, at(0)).unwrap_err();
    assert_eq!(refusal.code(), Code::NotFound);
}

#[test]
fn rte_11_a_stranger_waits_on_whatever_else_becomes_of_its_previous_session() {
    let mut service = talkative();
    service.close(session(1));
    received(&mut service, message(1, ALICE, P1, SECRET));
    service.reopen(session(1));
    service.remove_participant(session(1), participant(1), at(0)).unwrap();
    service.close(session(1));
    assert_eq!(auto_create(&mut restored(&service), 1, 3, CAROL), connected(3, 1, P1, CAROL));
    assert_erases(service, &[DIGITS_OF_ALICE, SECRET], delete_session_1);
}

#[test]
fn inv_6_notifications_outlive_their_session_and_name_nobody() {
    let mut service = talkative();
    received(&mut service, picture(1, ALICE, P1));
    received(&mut service, message(2, ALICE, P1, "STOP"));
    service.remove_participant(session(1), participant(2), at(0)).unwrap();
    received(&mut service, picture(3, ALICE, P1));
    let mut service = assert_erases(service, &[SECRET, DIGITS_OF_ALICE, DIGITS_OF_BOB], delete_session_1);
    assert_eq!(told(&mut service), ["80901", "80614"]);
}

#[test]
fn inv_6_the_events_of_other_sessions_stay() {
    let mut service = talkative();
    let second = service.open(2);
    service.add_with(second, 3, CAROL, P1);
    service.add_with(second, 4, XAVER, P2);
    received(&mut service, call(1, ALICE, P1));
    received(&mut service, call(2, CAROL, P1));
    received(&mut service, call(3, ALICE, P1));
    delete_session_1(&mut service);
    assert_eq!(told(&mut service), [format!("leg 2 from {P2} to {XAVER}"), "callback 2".into()]);
}

#[test]
fn ses_11_what_a_restored_service_deletes_is_gone_too() {
    let mut service = talkative();
    received(&mut service, picture(1, ALICE, P1));
    set_intercept_url(&mut service);
    received(&mut service, picture(2, BOB, P2));
    let texts = [SECRET, PICTURE, DIGITS_OF_ALICE, DIGITS_OF_BOB];
    let mut service = assert_erases(restored(&service), &texts, delete_session_1);
    assert_eq!(told(&mut service), [""; 0]);
}

#[test]
fn exp_7_a_purge_erases_like_a_delete() {
    let mut policy = Policy::default();
    policy.retention = Span::from_seconds(300);
    let mut service = ride_with(policy, new_session(1));
    set_callback_url(&mut service);
    received(&mut service, picture(1, ALICE, P1));
    service.close(session(1));
    let texts = [SECRET, PICTURE, DIGITS_OF_ALICE, DIGITS_OF_BOB];
    let mut service = assert_erases(service, &texts, |service| service.handle_deadline(at(300)));
    assert_eq!(told(&mut service), [""; 0]);
}

#[test]
fn exp_7_a_purge_discards_what_waits_in_a_session_that_expires_in_the_same_step() {
    let mut policy = Policy::default();
    policy.retention = Span::from_seconds(300);
    let mut service = ride_with(policy, new_session(1));
    set_intercept_url(&mut service);
    let update = SessionUpdate { ttl: Some(ttl(60)), ..SessionUpdate::default() };
    service.update_session(session(1), update, at(0)).unwrap();
    received(&mut service, picture(1, ALICE, P1));
    let texts = [SECRET, PICTURE, DIGITS_OF_ALICE, DIGITS_OF_BOB];
    assert_erases(service, &texts, |service| service.handle_deadline(at(360)));
}

#[test]
fn inv_6_a_session_that_was_auto_created_takes_the_unpolled_request_along() {
    let mut service = talkative();
    delete_session_1(&mut service);
    received(&mut service, picture(1, ALICE, P1));
    assert_eq!(auto_create(&mut service, 1, 2, CAROL), connected(2, 1, P1, CAROL));
    let texts = [SECRET, PICTURE, DIGITS_OF_ALICE, DIGITS_OF_CAROL];
    let mut service = assert_erases(service, &texts, |service| {
        service.delete_session(session(2), at(0)).unwrap();
    });
    assert_eq!(told(&mut service), ["80903"]);
}

/// A stranger's picture, whose request is unpolled, and the session 2 that the answer created for it, in which it waits for
/// a verdict.
fn stranger_before_the_intercept() -> Service {
    let mut service = talkative();
    delete_session_1(&mut service);
    received(&mut service, picture(1, ALICE, P1));
    set_intercept_url(&mut service);
    auto_create(&mut service, 1, 2, CAROL);
    service
}

/// What ends the wait of a contact.
type End = fn(&mut Service);

#[test]
fn inv_6_a_session_takes_along_the_unpolled_request_of_a_contact_that_waited_in_it() {
    let ends: [(&str, End); 3] = [
        ("deleted", |_| {}),
        ("closed", |service| service.close(session(2))),
        ("blocked", |service| {
            service.resolve_intercept(interaction(1), WebhookAnswer::Status(403), at(0)).unwrap();
        }),
    ];
    for (how, end) in ends {
        let service = assert_erases(stranger_before_the_intercept(), &[SECRET, DIGITS_OF_ALICE], |service| {
            end(service);
            service.delete_session(session(2), at(0)).unwrap();
        });
        assert!(service.state().events.iter().all(|event| matches!(event, Event::Notification(_))), "{how}");
    }
}

#[test]
fn inv_6_a_session_takes_along_the_unpolled_request_of_a_contact_that_it_could_not_carry() {
    let mut service = talkative();
    delete_session_1(&mut service);
    received(&mut service, picture(1, ALICE, P1));
    let mut service = assert_erases(service, &[SECRET, DIGITS_OF_ALICE], |service| {
        let sids =
            twilio_proxy_core::AutoCreateSids { session: session(2), caller: participant(3), partner: participant(4) };
        let answer = json_answer(r#"{"participantIdentifier":"+14155550003","mode":"voice-only"}"#);
        service.resolve_out_of_session(interaction(1), answer, sids, at(0)).unwrap();
        service.delete_session(session(2), at(0)).unwrap();
    });
    assert_eq!(told(&mut service), ["80903", "80910"]);
}

// ---- interactions ----

#[test]
fn inv_6_deleting_an_interaction_erases_what_was_said_in_it() {
    let mut service = ride();
    received(&mut service, picture(1, ALICE, P1));
    polled(&mut service);
    assert_erases(service, &[SECRET], delete_interaction_1);
}

#[test]
fn inv_6_deleting_an_interaction_discards_its_unpolled_leg_and_callbacks() {
    let mut service = talkative();
    received(&mut service, picture(1, ALICE, P1));
    let report = twilio_proxy_core::StatusReport::new(twilio_proxy_core::ResourceStatus::Sent);
    service.report_status(interaction(1), report, at(0)).unwrap();
    let mut service = assert_erases(service, &[SECRET, PICTURE], delete_interaction_1);
    assert_eq!(told(&mut service), [""; 0]);
}

#[test]
fn inv_6_deleting_a_message_to_one_participant_discards_its_unpolled_leg_and_callback() {
    let mut service = talkative();
    service.send_message(session(1), participant(2), new_message(1, SECRET), at(0)).unwrap();
    let mut service = assert_erases(service, &[SECRET], delete_interaction_1);
    assert_eq!(told(&mut service), [""; 0]);
}

#[test]
fn inv_6_deleting_an_interaction_discards_its_unpolled_intercept() {
    let mut service = talkative();
    set_intercept_url(&mut service);
    received(&mut service, picture(1, ALICE, P1));
    service.resolve_intercept(interaction(1), WebhookAnswer::None, at(0)).unwrap();
    let mut service = assert_erases(service, &[SECRET, PICTURE], delete_interaction_1);
    assert_eq!(told(&mut service), ["80908"]);
}

#[test]
fn inv_6_deleting_an_interaction_leaves_the_events_of_the_others() {
    let mut service = talkative();
    received(&mut service, picture(1, ALICE, P1));
    received(&mut service, message(2, BOB, P2, "Psst"));
    delete_interaction_1(&mut service);
    assert_eq!(told(&mut service), [format!("leg 2 from {P1} to {ALICE}"), "callback 2".into()]);
}

#[test]
fn inv_6_deleting_an_interaction_discards_the_unpolled_request_that_it_began_with() {
    let mut service = talkative();
    delete_session_1(&mut service);
    received(&mut service, picture(1, ALICE, P1));
    auto_create(&mut service, 1, 2, CAROL);
    let mut service = assert_erases(service, &[SECRET, PICTURE], |service| {
        service.delete_interaction(session(2), interaction(1), at(0)).unwrap();
    });
    assert_eq!(told(&mut service), ["80903"]);
}

#[test]
fn inv_6_deleting_an_interaction_discards_the_unpolled_request_that_names_a_previous_session() {
    let mut service = talkative();
    service.close(session(1));
    received(&mut service, picture(1, ALICE, P1));
    auto_create(&mut service, 1, 3, CAROL);
    let mut service = assert_erases(service, &[SECRET, PICTURE], |service| {
        service.delete_interaction(session(3), interaction(1), at(0)).unwrap();
    });
    assert_eq!(told(&mut service), ["80903"]);
}

#[test]
fn inv_6_a_sid_that_comes_again_after_a_delete_keeps_its_own_events() {
    let mut service = talkative();
    received(&mut service, picture(1, ALICE, P1));
    delete_interaction_1(&mut service);
    received(&mut service, call(1, ALICE, P1));
    assert_eq!(told(&mut service), [format!("leg 1 from {P2} to {BOB}"), "callback 1".into()]);
}

// ---- TXT-3 ----

#[test]
fn txt_3_debug_shows_no_identifier_and_nothing_that_was_said() {
    let mut service = talkative();
    received(&mut service, picture(1, ALICE, P1));
    service.send_message(session(1), participant(2), new_message(2, SECRET), at(0)).unwrap();
    set_intercept_url(&mut service);
    received(&mut service, picture(3, BOB, P2));
    received(&mut service, picture(4, CAROL, P1));
    let inbound = picture(5, ALICE, P1);
    let answer = json_answer(&format!("{{\"participantIdentifier\":\"{ALICE}\",\"uniqueName\":\"{SECRET}\"}}"));
    let shown = [
        format!("{:?}", service.state()),
        format!("{:?}", connected(1, 1, P2, BOB)),
        format!("{answer:?} {inbound:?}"),
        format!("{:?}", service.interaction(session(1), interaction(1))),
        format!("{:?}", service.route(Some(&identifier(ALICE)), &proxy(P1), ContactKind::Call, at(0))),
        format!("{:?}", polled(&mut service)),
    ];
    for text in [DIGITS_OF_ALICE, DIGITS_OF_BOB, DIGITS_OF_CAROL, SECRET] {
        for shown in &shown {
            assert!(!shown.contains(text), "{text} is shown in {shown}");
        }
    }
}
