//! PAR: people in a session; TXT-6: fictional numbers; SID-4: SIDs that are taken.
#![expect(clippy::unwrap_used, reason = "a fixture that fails is a failed test")]

use crate::common::*;
use twilio_proxy_core::{
    AddParticipantError, CancelReason, Capabilities, Code, CreateSessionError, FictionalNumbers, Identifier, NewNumber,
    NewParticipant, NewSession, NumberUpdate, PairInvalid, Participant, ParticipantSid, PhoneNumberSid, Policy,
    ProxyIdentifier, RemoveParticipantError, ReservedAssignment, SelectionError, Service, SessionClosed, SessionMode,
    SessionNotFound, SessionSid, Span, Ttl, UpdateSessionError,
};

const P1: &str = "+14155559001";
const P2: &str = "+14155559002";
const P3: &str = "+14155559003";
const WHATSAPP: &str = "whatsapp:+14155550001";
const WHATSAPP_PROXY: &str = "whatsapp:+14155559001";

fn refusing_fictional() -> Service {
    let mut policy = Policy::default();
    policy.fictional_numbers = FictionalNumbers::Refuse;
    service_with(policy)
}

fn refusing_reserved() -> Service {
    let mut policy = Policy::default();
    policy.reserved_assignment = ReservedAssignment::Refuse;
    service_with(policy)
}

/// A participant who asks for the number with this SID.
fn new_participant_with_sid(n: u128, identifier: &str, sid: u128) -> NewParticipant {
    let mut new = new_participant(n, identifier);
    new.proxy_identifier_sid = Some(number(sid));
    new
}

fn reserve(service: &mut Service, sid: u128) {
    service.update_number(number(sid), NumberUpdate { is_reserved: Some(true) }, at(0)).unwrap();
}

/// The error with which a participant is refused by `add_participant` and by `begin_add_participant`, with no trace left.
fn refusal(service: &mut Service, session: SessionSid, new: &NewParticipant) -> AddParticipantError {
    let now = service.latest_instant();
    let before = service.state();
    let error = service.add_participant(session, new.clone(), now).unwrap_err();
    assert_eq!(service.begin_add_participant(session, new.clone(), now), Err(error.clone()));
    assert_eq!(service.state(), before, "ERR-2: a refusal changes nothing");
    error
}

fn identifiers(service: &Service, session: SessionSid) -> Vec<String> {
    service.participants(session).unwrap().map(|participant| participant.identifier.to_string()).collect()
}

fn mortal(n: u128, seconds: u32) -> NewSession {
    let mut new = new_session(n);
    new.ttl = Some(Ttl::from_seconds(seconds).unwrap());
    new
}

// ---- PAR-1 to PAR-4: who may come in ----

#[test]
fn par_1_a_third_live_participant_is_refused() {
    let mut service = service().with_numbers(&[P1]);
    let session = service.open(1);
    service.add(session, 2, ALICE);
    service.add(session, 1, BOB);

    let error = refusal(&mut service, session, &new_participant(3, CAROL));
    assert_eq!(error, AddParticipantError::TooManyParticipants { existing: [participant(1), participant(2)] });
    assert_eq!((error.code().number(), error.http_status()), (80609, 400));
    assert_eq!(error.to_string(), "A Session may have at most 2 participants");
}

#[test]
fn par_1_removed_participants_do_not_count() {
    let mut service = service().with_numbers(&[P1]);
    let session = service.open(1);
    for (n, identifier) in (1..).zip([ALICE, BOB, CAROL]) {
        service.add(session, n, identifier);
        service.remove_participant(session, participant(n), at(0)).unwrap();
    }
    service.add(session, 4, XAVER);
    service.add(session, 5, "+12125550002");
    assert_eq!(service.participants(session).unwrap().filter(|participant| participant.is_live()).count(), 2);
}

#[test]
fn par_2_a_closed_session_takes_nobody() {
    let mut service = service().with_numbers(&[P1]);
    let session = service.open(1);
    service.close(session);

    let error = refusal(&mut service, session, &new_participant(1, ALICE));
    assert_eq!(error, SessionClosed { session }.into());
    assert_eq!((error.code().number(), error.http_status()), (80607, 400));
}

#[test]
fn par_2_an_expired_session_takes_nobody() {
    let mut service = service().with_numbers(&[P1]);
    let session = service.create_session(mortal(1, 60), at(0)).unwrap().sid;
    let error = service.add_participant(session, new_participant(1, ALICE), at(60)).unwrap_err();
    assert_eq!(error, SessionClosed { session }.into());
}

#[test]
fn par_3_the_identifier_of_a_live_participant_is_refused() {
    let mut service = service().with_numbers(&[P1, P2]);
    let session = service.open(1);
    service.add(session, 1, ALICE);

    let error = refusal(&mut service, session, &new_participant_with(2, ALICE, P2));
    assert_eq!(error, AddParticipantError::AlreadyInSession { existing: participant(1) });
    assert_eq!((error.code().number(), error.http_status()), (80103, 400));
    assert_eq!(error.to_string(), "Participant has already been added to Session");
}

#[test]
fn par_3_a_number_and_its_channel_address_are_two_people() {
    let mut service = service().with_numbers(&[P1]);
    let session = service.open_with_mode(1, SessionMode::MessageOnly);
    service.add(session, 1, ALICE);
    service.add_with(session, 2, WHATSAPP, WHATSAPP_PROXY);
    assert_eq!(identifiers(&service, session), [ALICE, WHATSAPP]);
}

#[test]
fn par_3_the_same_identifier_may_be_in_two_sessions() {
    let mut service = service().with_numbers(&[P1, P2]);
    let [first, second] = [1, 2].map(|n| service.open(n));
    assert_eq!((service.add(first, 1, ALICE), service.add(second, 2, ALICE)), (P1.into(), P2.into()));
}

#[test]
fn par_4_the_identifier_of_a_removed_participant_never_comes_back() {
    let mut service = service().with_numbers(&[P1]);
    let session = service.open(1);
    service.add(session, 1, ALICE);
    service.remove_participant(session, participant(1), at(0)).unwrap();
    let expected = AddParticipantError::AlreadyInSession { existing: participant(1) };

    let error = refusal(&mut service, session, &new_participant(2, ALICE));
    assert_eq!((&error, error.code().number()), (&expected, 80103));
    service.close(session);
    service.reopen(session);
    assert_eq!(refusal(&mut service, session, &new_participant(2, ALICE)), expected);
}

#[test]
fn par_4_every_one_of_many_removed_identifiers_is_remembered() {
    let mut service = service().with_numbers(&[P1]);
    let session = service.open(1);
    let people: Vec<(u128, String)> = (1..=40).map(|n| (n, format!("+1415555{n:04}"))).collect();
    for (n, identifier) in &people {
        service.add(session, *n, identifier);
        service.remove_participant(session, participant(*n), at(0)).unwrap();
    }
    for (n, identifier) in &people {
        let error = refusal(&mut service, session, &new_participant(99, identifier));
        assert_eq!(error, AddParticipantError::AlreadyInSession { existing: participant(*n) }, "{identifier}");
    }
    assert_eq!(service.participants(session).unwrap().count(), 40);
}

#[test]
fn par_4_removal_from_one_session_leaves_the_others_open() {
    let mut service = service().with_numbers(&[P1]);
    let [first, second] = [1, 2].map(|n| service.open(n));
    service.add(first, 1, ALICE);
    service.remove_participant(first, participant(1), at(0)).unwrap();
    service.add(second, 2, ALICE);
    assert_eq!(identifiers(&service, second), [ALICE]);
}

// ---- PAR-5, PAR-11, PAR-12: removal ----

#[test]
fn par_5_a_removed_participant_stays_in_the_session_with_its_date() {
    let mut service = service().with_numbers(&[P1]);
    let session = service.open(1);
    service.add(session, 1, ALICE);
    let mut expected = service.participant(session, participant(1)).unwrap().clone();
    expected.date_deleted = Some(at(9));
    expected.date_updated = at(9);

    assert_eq!(service.remove_participant(session, participant(1), at(9)), Ok(&expected));
    assert_eq!(service.participant(session, participant(1)), Some(&expected));
    assert_eq!(service.participants(session).unwrap().collect::<Vec<_>>(), [&expected]);
    assert!(!expected.is_live());
}

#[test]
fn par_5_a_removed_participant_frees_its_slot() {
    let mut service = service().with_numbers(&[P1]);
    let session = service.open(1);
    service.add(session, 1, ALICE);
    service.add(session, 2, BOB);
    service.remove_participant(session, participant(1), at(0)).unwrap();
    service.add(session, 3, CAROL);
    assert_eq!(identifiers(&service, session), [ALICE, BOB, CAROL]);
}

#[test]
fn par_5_a_removed_participant_frees_its_number() {
    let mut service = service().with_numbers(&[P1]);
    let [first, second] = [1, 2].map(|n| service.open(n));
    service.add(first, 1, ALICE);
    service.remove_participant(first, participant(1), at(0)).unwrap();

    assert_eq!(service.in_use(number(1)), 0);
    assert_eq!(service.add(second, 2, ALICE), P1);
}

#[test]
fn par_5_removing_twice_is_not_found() {
    let mut service = service().with_numbers(&[P1]);
    let session = service.open(1);
    service.add(session, 1, ALICE);
    service.remove_participant(session, participant(1), at(3)).unwrap();

    let error = service.remove_participant(session, participant(1), at(9)).unwrap_err();
    let expected = RemoveParticipantError::AlreadyRemoved { participant: participant(1), date_deleted: at(3) };
    assert_eq!(error, expected);
    assert_eq!((error.code().number(), error.http_status()), (20404, 404));
    assert_eq!(service.participant(session, participant(1)).unwrap().date_deleted, Some(at(3)));
}

#[test]
fn par_5_removing_from_an_unknown_session_is_not_found() {
    let error = service().remove_participant(session(1), participant(1), at(0)).unwrap_err();
    assert_eq!(error, SessionNotFound { session: session(1) }.into());
    assert_eq!(error.code().number(), 20404);
}

#[test]
fn par_5_removing_an_unknown_participant_or_one_of_another_session_is_not_found() {
    let mut service = service().with_numbers(&[P1]);
    let [first, second] = [1, 2].map(|n| service.open(n));
    service.add(second, 2, ALICE);
    for n in [1, 2] {
        let error = service.remove_participant(first, participant(n), at(0)).unwrap_err();
        assert_eq!(error, RemoveParticipantError::ParticipantNotFound { participant: participant(n) });
        assert_eq!((error.code().number(), service.participant(first, participant(n))), (20404, None));
    }
    assert!(service.participant(second, participant(2)).unwrap().is_live());
}

#[test]
fn par_11_a_change_of_number_is_remove_and_add_of_somebody_else() {
    let mut service = service().with_numbers(&[P1, P2]);
    let session = service.open(1);
    service.add_with(session, 1, ALICE, P1);
    service.remove_participant(session, participant(1), at(0)).unwrap();
    let again = service.try_add(session, new_participant_with(2, ALICE, P2));
    assert_eq!(again, Err(Code::ParticipantAlreadyInSession));
    assert_eq!(service.add_with(session, 2, BOB, P2), P2);
}

#[test]
fn par_12_removal_works_in_a_closed_session_and_leaves_the_session_alone() {
    let mut service = service().with_numbers(&[P1]);
    let session = service.open(1);
    service.add(session, 1, ALICE);
    service.update_session(session, close(), at(5)).unwrap();
    let (before, deadline) = (service.session(session).unwrap().clone(), service.next_deadline());
    let removed = service.remove_participant(session, participant(1), at(9)).unwrap();

    assert_eq!(removed.date_deleted, Some(at(9)));
    assert_eq!(service.session(session), Some(&before));
    assert_eq!((service.next_deadline(), service.in_use(number(1))), (deadline, 0));
}

#[test]
fn par_12_reopen_overlooks_a_removed_participant_whose_number_has_gone() {
    let mut service = service().with_numbers(&[P1, P2]);
    let session = service.open(1);
    service.add_with(session, 1, ALICE, P1);
    service.add_with(session, 2, BOB, P2);
    service.close(session);
    service.remove_number(number(1), at(0)).unwrap();
    let refused = service.update_session(session, reopen(), at(0)).unwrap_err();
    assert_eq!(refused, UpdateSessionError::ProxyIdentifierNotInService { participant: participant(1) });

    service.remove_participant(session, participant(1), at(0)).unwrap();
    service.reopen(session);
    assert_eq!(service.in_use(number(2)), 1);
}

#[test]
fn par_12_reopen_overlooks_a_removed_participant_whose_pair_is_active() {
    let mut service = service().with_numbers(&[P1]);
    let session = service.open(1);
    service.add(session, 1, ALICE);
    service.close(session);
    let other = service.open(2);
    service.add(other, 2, ALICE);
    let refused = service.update_session(session, reopen(), at(0)).unwrap_err();
    assert_eq!(refused.code(), Code::ProxyIdentifierInUse);

    service.remove_participant(session, participant(1), at(0)).unwrap();
    service.reopen(session);
    assert_eq!(service.in_use(number(1)), 1);
}

// ---- PAR-6: channels ----

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Asked {
    Nothing,
    Number,
    ShortCode,
    OwnChannel,
    OtherChannel,
    UnknownForm,
}

impl Asked {
    const ALL: [Self; 6] =
        [Self::Nothing, Self::Number, Self::ShortCode, Self::OwnChannel, Self::OtherChannel, Self::UnknownForm];

    fn text(self) -> Option<&'static str> {
        match self {
            Self::Nothing => None,
            Self::Number => Some(P1),
            Self::ShortCode => Some("12345"),
            Self::OwnChannel => Some(WHATSAPP_PROXY),
            Self::OtherChannel => Some("messenger:9001"),
            Self::UnknownForm => Some("telephone"),
        }
    }
}

/// Session 1 of this mode in a pool of P1 and the short code 12345; the SID of P1 comes along if `with_sid`.
fn outcome(identifier: &str, mode: SessionMode, asked: Asked, with_sid: bool) -> Result<String, AddParticipantError> {
    let mut service = service().with_numbers(&[P1]);
    service.add_number(new_short_code(1, "12345", country("US")), at(0)).unwrap();
    let session = service.open_with_mode(1, mode);
    let mut new = new_participant(1, identifier);
    new.proxy_identifier = asked.text().map(|text| text.parse().unwrap());
    new.proxy_identifier_sid = with_sid.then(|| number(1));
    let added = service.add_participant(session, new, at(0))?;
    Ok(added.proxy_identifier.to_string())
}

#[test]
fn par_6_what_a_channel_identifier_may_ask_for() {
    for mode in SessionMode::ALL {
        for (asked, with_sid) in Asked::ALL.into_iter().flat_map(|asked| [(asked, false), (asked, true)]) {
            let expected = match (mode, asked, with_sid) {
                (SessionMode::VoiceOnly | SessionMode::VoiceAndMessage, _, _) => {
                    Err(AddParticipantError::UnsupportedIdentifierType {
                        identifier: identifier(WHATSAPP),
                        session: session(1),
                    })
                }
                (SessionMode::MessageOnly, Asked::Nothing, false) => {
                    Err(AddParticipantError::ChannelWithoutProxyIdentifier)
                }
                (SessionMode::MessageOnly, Asked::Nothing, true) => {
                    Err(AddParticipantError::ChannelWithProxyIdentifierSid)
                }
                (SessionMode::MessageOnly, Asked::OwnChannel, false) => Ok(WHATSAPP_PROXY.to_owned()),
                (SessionMode::MessageOnly, _, _) => {
                    Err(AddParticipantError::PairInvalid(PairInvalid::NotOfThisChannel))
                }
            };
            assert_eq!(outcome(WHATSAPP, *mode, asked, with_sid), expected, "{mode} {asked:?} {with_sid}");
        }
    }
}

#[test]
fn par_6_what_a_number_identifier_may_ask_for() {
    for mode in SessionMode::ALL {
        for (asked, with_sid) in Asked::ALL.into_iter().flat_map(|asked| [(asked, false), (asked, true)]) {
            let expected = match (asked, with_sid) {
                (Asked::Nothing | Asked::Number, _) => Ok(P1.to_owned()),
                (Asked::ShortCode, false) => Ok("12345".to_owned()),
                (Asked::ShortCode, true) => Err(AddParticipantError::PairInvalid(PairInvalid::DifferentNumbers)),
                (Asked::OwnChannel | Asked::OtherChannel, _) => {
                    Err(AddParticipantError::PairInvalid(PairInvalid::ChannelForPhoneNumber))
                }
                (Asked::UnknownForm, _) => Err(AddParticipantError::ProxyIdentifierNotInService),
            };
            assert_eq!(outcome(ALICE, *mode, asked, with_sid), expected, "{mode} {asked:?} {with_sid}");
        }
    }
}

#[test]
fn par_6_codes_and_messages_of_channels() {
    let unsupported = outcome(WHATSAPP, SessionMode::VoiceOnly, Asked::OwnChannel, false).unwrap_err();
    assert_eq!(unsupported.code().number(), 80616);
    assert_eq!(
        unsupported.to_string(),
        "Cannot add whatsapp:+1415555XXXX to session KC00000000000000000000000000000001. \
         The identifier is not compatible with the session mode."
    );
    let codes = [(Asked::Nothing, false), (Asked::Nothing, true), (Asked::OtherChannel, false)]
        .map(|(asked, sid)| outcome(WHATSAPP, SessionMode::MessageOnly, asked, sid).unwrap_err().code().number());
    assert_eq!(codes, [80304, 80305, 80402]);
}

#[test]
fn par_6_a_channel_needs_no_pool() {
    let mut service = service();
    let session = service.open_with_mode(1, SessionMode::MessageOnly);
    service.add_with(session, 1, WHATSAPP, WHATSAPP_PROXY);
    service.add_with(session, 2, "messenger:1", "messenger:9001");
    assert_eq!(identifiers(&service, session), [WHATSAPP, "messenger:1"]);
}

// ---- PAR-7, PAR-8, PAR-13: explicit numbers ----

#[test]
fn par_7_a_number_may_be_asked_for_by_sid_by_number_and_by_both() {
    let both = {
        let mut new = new_participant_with(1, ALICE, P2);
        new.proxy_identifier_sid = Some(number(2));
        new
    };
    for new in [new_participant_with_sid(1, ALICE, 2), new_participant_with(1, ALICE, P2), both] {
        let mut service = service().with_numbers(&[P1, P2]);
        let session = service.open(1);
        let added = service.add_participant(session, new, at(0)).unwrap();
        assert_eq!(added.proxy_identifier.to_string(), P2);
        assert_eq!(added.proxy_identifier_sid, Some(number(2)));
    }
}

#[test]
fn par_7_what_is_not_in_the_pool_is_refused() {
    let cases = [
        (None, Some(9)),
        (Some(P3), None),
        (Some(P3), Some(9)),
        (Some(P3), Some(1)),
        (Some(P1), Some(9)),
        (Some("98765"), None),
        (Some("telephone"), None),
        (Some("telephone"), Some(1)),
        (Some("+0123"), None),
        (Some("12"), None),
        (Some("Whatsapp:1"), None),
    ];
    for (text, sid) in cases {
        let mut service = service().with_numbers(&[P1, P2]);
        let session = service.open(1);
        let mut new = new_participant(1, ALICE);
        new.proxy_identifier = text.map(|text| text.parse().unwrap());
        new.proxy_identifier_sid = sid.map(number);
        let error = refusal(&mut service, session, &new);
        assert_eq!(error, AddParticipantError::ProxyIdentifierNotInService, "{text:?} {sid:?}");
        assert_eq!((error.code().number(), error.http_status()), (80605, 400));
    }
}

#[test]
fn par_7_sid_and_number_of_different_entries_are_refused() {
    let mut service = service().with_numbers(&[P1, P2]);
    let session = service.open(1);
    let mut new = new_participant_with(1, ALICE, P1);
    new.proxy_identifier_sid = Some(number(2));

    let error = refusal(&mut service, session, &new);
    assert_eq!(error, AddParticipantError::PairInvalid(PairInvalid::DifferentNumbers));
    assert_eq!((error.code().number(), error.http_status()), (80402, 400));
}

#[test]
fn par_7_an_explicit_number_skips_selection_geography_and_capabilities() {
    let mut service = service().with_numbers(&[P1]);
    let mut mute = new_number(2, "+442079460000");
    mute.capabilities = Some(Capabilities::default());
    service.add_number(mute, at(0)).unwrap();
    for (n, mode) in (1..).zip(SessionMode::ALL) {
        let session = service.open_with_mode(n, *mode);
        assert_eq!(service.add_with(session, n, ALICE, "+442079460000"), "+442079460000");
        service.close(session);
    }
}

#[test]
fn par_7_a_number_that_was_removed_from_the_pool_is_not_in_it() {
    let mut service = service().with_numbers(&[P1, P2]);
    service.remove_number(number(2), at(0)).unwrap();
    let session = service.open(1);
    for new in [new_participant_with_sid(1, ALICE, 2), new_participant_with(1, ALICE, P2)] {
        assert_eq!(refusal(&mut service, session, &new), AddParticipantError::ProxyIdentifierNotInService);
    }
}

#[test]
fn par_8_a_reserved_number_may_be_named() {
    for new in [new_participant_with_sid(1, ALICE, 1), new_participant_with(1, ALICE, P1)] {
        let mut service = service().with_numbers(&[P1]);
        reserve(&mut service, 1);
        let session = service.open(1);
        assert_eq!(service.add_participant(session, new, at(0)).unwrap().proxy_identifier.to_string(), P1);
        assert_eq!(service.in_use(number(1)), 1);
    }
}

#[test]
fn par_8_the_policy_may_refuse_a_reserved_number_by_sid() {
    let mut service = refusing_reserved().with_numbers(&[P1]);
    reserve(&mut service, 1);
    let session = service.open(1);

    let error = refusal(&mut service, session, &new_participant_with_sid(1, ALICE, 1));
    assert_eq!(error, AddParticipantError::ReservedBySid { number: number(1) });
    assert_eq!((error.code().number(), error.http_status()), (80207, 400));
}

#[test]
fn par_8_the_policy_may_refuse_a_reserved_number_by_number() {
    let mut service = refusing_reserved().with_numbers(&[P1]);
    reserve(&mut service, 1);
    service.add_number(new_short_code(1, "12345", country("US")), at(0)).unwrap();
    service.update_number(short_code(1), NumberUpdate { is_reserved: Some(true) }, at(0)).unwrap();
    let session = service.open_with_mode(1, SessionMode::MessageOnly);
    for proxy in [P1, "12345"] {
        let error = refusal(&mut service, session, &new_participant_with(1, ALICE, proxy));
        assert_eq!((&error, error.code().number()), (&AddParticipantError::ReservedByNumber, 80304));
    }
}

#[test]
fn par_8_the_policy_refuses_only_reserved_numbers() {
    let mut service = refusing_reserved().with_numbers(&[P1, P2]);
    reserve(&mut service, 2);
    let session = service.open(1);
    assert_eq!(service.add_with(session, 1, ALICE, P1), P1);
}

#[test]
fn par_8_reopen_does_not_ask_whether_a_number_is_reserved() {
    let mut service = refusing_reserved().with_numbers(&[P1]);
    let session = service.open(1);
    service.add(session, 1, ALICE);
    service.close(session);
    reserve(&mut service, 1);
    service.reopen(session);
    assert_eq!(service.in_use(number(1)), 1);
}

#[test]
fn par_13_the_sid_of_a_proxy_identifier_is_that_of_a_phone_number_only() {
    let mut service = service().with_numbers(&[P1]);
    service.add_number(new_short_code(7, "12345", country("US")), at(0)).unwrap();
    let session = service.open_with_mode(1, SessionMode::MessageOnly);
    service.add(session, 1, ALICE);
    service.remove_participant(session, participant(1), at(0)).unwrap();
    service.add_with(session, 2, BOB, "12345");
    service.add_with(session, 3, WHATSAPP, WHATSAPP_PROXY);

    let sids: Vec<_> = service.participants(session).unwrap().map(|added| added.proxy_identifier_sid).collect();
    assert_eq!(sids, [Some(number(1)), None, None]);
    assert_eq!(service.in_use(short_code(7)), 1);
}

#[test]
fn par_13_a_selected_short_code_shows_no_sid() {
    let mut service = service();
    service.add_number(new_short_code(7, "12345", country("US")), at(0)).unwrap();
    let session = service.open_with_mode(1, SessionMode::MessageOnly);
    assert_eq!(service.begin(session, 1, ALICE), "12345");
    assert_eq!(service.pending_participant(session, participant(1)).unwrap().proxy_identifier_sid, None);
    let added = service.finish_add_participant(session, participant(1), at(0)).unwrap();
    assert_eq!((added.proxy_identifier.to_string().as_str(), added.proxy_identifier_sid), ("12345", None));
}

#[test]
fn par_13_a_proxy_identifier_sid_is_no_short_code_sid() {
    let error = "SC00000000000000000000000000000001".parse::<PhoneNumberSid>();
    assert!(error.is_err());
}

// ---- PAR-9 ----

#[test]
fn par_9_an_identifier_of_the_pool_is_refused_reserved_or_not() {
    let mut service = service().with_numbers(&[P1, P2, P3]);
    reserve(&mut service, 2);
    let session = service.open(1);
    for pool_number in [P1, P2] {
        for new in [new_participant(1, pool_number), new_participant_with(1, pool_number, P3)] {
            let error = refusal(&mut service, session, &new);
            assert_eq!(error, AddParticipantError::PairInvalid(PairInvalid::IdentifierInPool));
            assert_eq!((error.code().number(), error.http_status()), (80402, 400));
        }
    }
}

#[test]
fn par_9_a_number_that_is_its_own_proxy_identifier_is_refused() {
    let mut service = service().with_numbers(&[P1]);
    let session = service.open(1);
    for new in [new_participant_with(1, P1, P1), new_participant_with_sid(1, P1, 1)] {
        assert_eq!(refusal(&mut service, session, &new).code().number(), 80402);
    }
}

#[test]
fn par_9_a_channel_address_that_is_its_own_proxy_identifier_is_refused() {
    let mut service = service();
    let session = service.open_with_mode(1, SessionMode::MessageOnly);
    let error = refusal(&mut service, session, &new_participant_with(1, WHATSAPP, WHATSAPP));
    assert_eq!((&error, error.code().number()), (&AddParticipantError::PairInvalid(PairInvalid::SameAddress), 80402));
}

#[test]
fn par_9_a_channel_address_of_a_pool_number_is_no_pool_number() {
    let mut service = service().with_numbers(&[P1]);
    let session = service.open_with_mode(1, SessionMode::MessageOnly);
    assert_eq!(service.add_with(session, 1, WHATSAPP_PROXY, WHATSAPP), WHATSAPP);
}

#[test]
fn par_9_adding_a_number_to_the_pool_does_not_look_at_identifiers() {
    let mut service = service().with_numbers(&[P1]);
    let [first, second] = [1, 2].map(|n| service.open(n));
    service.add(first, 1, ALICE);
    service.add_number(new_number(2, ALICE), at(0)).unwrap();

    assert!(service.participant(first, participant(1)).unwrap().is_live());
    assert_eq!(service.try_add(second, new_participant(2, ALICE)), Err(Code::IdentifierProxyPairInvalid));
    service.close(first);
    service.reopen(first);
}

#[test]
fn par_9_a_number_that_has_left_the_pool_is_an_identifier_like_any_other() {
    let mut service = service().with_numbers(&[P1, P2]);
    service.remove_number(number(2), at(0)).unwrap();
    let session = service.open(1);
    assert_eq!(service.add(session, 1, P2), P1);
}

// ---- PAR-10: the order of the checks ----

/// An addition that is wrong in many ways, and the world in which it is.
struct Attempt {
    service: Service,
    session: SessionSid,
    new: NewParticipant,
}

/// An error, and what takes its cause away.
type Row = (AddParticipantError, fn(&mut Attempt));

/// Each attempt gives the error of its row; after the last repair the participant is added.
fn assert_precedence(mut attempt: Attempt, table: Vec<Row>) -> Vec<Code> {
    let mut codes = Vec::new();
    for (expected, repair) in table {
        assert_eq!(refusal(&mut attempt.service, attempt.session, &attempt.new), expected);
        codes.push(expected.code());
        repair(&mut attempt);
    }
    let Attempt { mut service, session, new } = attempt;
    let now = service.latest_instant();
    service.begin_add_participant(session, new.clone(), now).unwrap();
    service.cancel_add_participant(session, new.sid, None, now).unwrap();
    service.add_participant(session, new, now).unwrap();
    codes
}

/// P9 is a person first, then a number of the pool too.
const P9: &str = "+14155559009";

/// Session 1, closed, has ALICE and BOB on P1 and P3. P9 is live in session 3 on P2 and pending in session 2 on P3, and
/// has come into the pool since. P2 is reserved, and policy refuses reserved and fictional numbers.
fn wrong_in_every_way() -> Service {
    let mut policy = Policy::default();
    policy.fictional_numbers = FictionalNumbers::Refuse;
    policy.reserved_assignment = ReservedAssignment::Refuse;
    let mut service = service_with(policy).with_numbers(&[P1, P2, P3]);
    let [target, in_flight, other] = [1, 2, 3].map(|n| service.open(n));
    service.add_with(target, 1, ALICE, P1);
    service.add_with(target, 2, BOB, P3);
    service.add_with(other, 3, P9, P2);
    service.begin_add_participant(in_flight, new_participant_with(4, P9, P3), at(0)).unwrap();
    service.add_number(new_number(9, P9), at(0)).unwrap();
    reserve(&mut service, 2);
    service.close(target);
    service
}

fn explicit_number_table() -> Vec<Code> {
    let mut new = new_participant_with(1, "+14155550100", "whatsapp:+14155559001");
    new.proxy_identifier_sid = Some(number(99));
    let attempt = Attempt { service: wrong_in_every_way(), session: session(99), new };
    assert_precedence(
        attempt,
        vec![
            (SessionNotFound { session: session(99) }.into(), |it| it.session = session(1)),
            (AddParticipantError::SidTaken { participant: participant(1) }, |it| it.new.sid = participant(5)),
            (AddParticipantError::IdentifierUnreachable, |it| it.new.identifier = identifier(ALICE)),
            (SessionClosed { session: session(1) }.into(), |it| it.service.reopen(session(1))),
            (AddParticipantError::AlreadyInSession { existing: participant(1) }, |it| {
                it.new.identifier = identifier(P9);
            }),
            (AddParticipantError::TooManyParticipants { existing: [participant(1), participant(2)] }, |it| {
                it.service.remove_participant(session(1), participant(2), at(0)).unwrap();
            }),
            (AddParticipantError::PairInvalid(PairInvalid::ChannelForPhoneNumber), |it| {
                it.new.proxy_identifier = Some(P1.parse().unwrap());
            }),
            (AddParticipantError::PairInvalid(PairInvalid::IdentifierInPool), |it| {
                it.service.remove_number(number(9), at(0)).unwrap();
            }),
            (AddParticipantError::DuplicateRequest { other_session: session(2) }, |it| {
                it.service.cancel_add_participant(session(2), participant(4), None, at(0)).unwrap();
            }),
            (AddParticipantError::ProxyIdentifierNotInService, |it| it.new.proxy_identifier_sid = Some(number(2))),
            (AddParticipantError::PairInvalid(PairInvalid::DifferentNumbers), |it| {
                it.new.proxy_identifier = Some(P2.parse().unwrap());
            }),
            (AddParticipantError::ReservedBySid { number: number(2) }, |it| it.new.proxy_identifier_sid = None),
            (AddParticipantError::ReservedByNumber, |it| {
                it.service.update_number(number(2), NumberUpdate { is_reserved: Some(false) }, at(0)).unwrap();
            }),
            (AddParticipantError::ProxyIdentifierInUse { other_session: session(3) }, |it| {
                it.service.close(session(3));
            }),
        ],
    )
}

/// Session 1, voice and message, has ALICE and BOB; session 2 is for messages. `whatsapp:…0001` is live in session 3 on
/// `whatsapp:…9001`, and pending in session 4.
fn channel_table() -> Vec<Code> {
    let mut service = service().with_numbers(&[P1]);
    service.open(1);
    service.add(session(1), 1, ALICE);
    service.add(session(1), 2, BOB);
    let [_, live, in_flight] = [2, 3, 4].map(|n| service.open_with_mode(n, SessionMode::MessageOnly));
    service.add_with(live, 3, WHATSAPP, WHATSAPP_PROXY);
    let pending = new_participant_with(4, WHATSAPP, "whatsapp:9002");
    service.begin_add_participant(in_flight, pending, at(0)).unwrap();

    let attempt = Attempt { service, session: session(1), new: new_participant_with_sid(5, WHATSAPP, 99) };
    let unsupported =
        AddParticipantError::UnsupportedIdentifierType { identifier: identifier(WHATSAPP), session: session(1) };
    assert_precedence(
        attempt,
        vec![
            (AddParticipantError::TooManyParticipants { existing: [participant(1), participant(2)] }, |it| {
                it.service.remove_participant(session(1), participant(2), at(0)).unwrap();
            }),
            (unsupported, |it| it.session = session(2)),
            (AddParticipantError::ChannelWithProxyIdentifierSid, |it| it.new.proxy_identifier_sid = None),
            (AddParticipantError::ChannelWithoutProxyIdentifier, |it| {
                it.new.proxy_identifier = Some("messenger:9001".parse().unwrap());
            }),
            (AddParticipantError::PairInvalid(PairInvalid::NotOfThisChannel), |it| {
                it.new.proxy_identifier = Some(WHATSAPP.parse().unwrap());
            }),
            (AddParticipantError::DuplicateRequest { other_session: session(4) }, |it| {
                it.service.cancel_add_participant(session(4), participant(4), None, at(0)).unwrap();
            }),
            (AddParticipantError::PairInvalid(PairInvalid::SameAddress), |it| {
                it.new.proxy_identifier = Some(WHATSAPP_PROXY.parse().unwrap());
            }),
            (AddParticipantError::ProxyIdentifierInUse { other_session: session(3) }, |it| {
                it.service.close(session(3));
            }),
        ],
    )
}

fn with_capabilities(sid: u128, phone_number: &str, capabilities: Capabilities) -> NewNumber {
    let mut new = new_number(sid, phone_number);
    new.capabilities = Some(capabilities);
    new
}

const VOICE: Capabilities = Capabilities { sms_inbound: false, sms_outbound: false, ..Capabilities::VOICE_AND_SMS };

/// The pool fills up with numbers that are less and less wrong for ALICE, who is in flight in session 2 at
/// first.
fn selection_table() -> Vec<Code> {
    let mut settings = new_service();
    settings.geo_match_level = "area-code".parse().unwrap();
    let mut service = Service::new(settings, Policy::default(), at(0));
    service.open(1);
    let in_flight = service.open_with_mode(2, SessionMode::MessageOnly);
    service.add_number(new_short_code(1, "12345", country("US")), at(0)).unwrap();
    service.begin_add_participant(in_flight, new_participant_with(2, ALICE, "12345"), at(0)).unwrap();

    let alice = e164(ALICE);
    let attempt = Attempt { service, session: session(1), new: new_participant(1, ALICE) };
    assert_precedence(
        attempt,
        vec![
            (AddParticipantError::DuplicateRequest { other_session: session(2) }, |it| {
                it.service.cancel_add_participant(session(2), participant(2), None, at(0)).unwrap();
                it.service.remove_number(short_code(1), at(0)).unwrap();
            }),
            (SelectionError::NoNumbers.into(), |it| {
                it.service.add_number(new_number(1, "+442079460000"), at(0)).unwrap();
            }),
            (SelectionError::NoNumberForCountry { country: Some(country("US")) }.into(), |it| {
                it.service.add_number(with_capabilities(2, P1, Capabilities::default()), at(0)).unwrap();
            }),
            (SelectionError::NoVoiceNumber.into(), |it| {
                it.service.add_number(with_capabilities(3, P2, VOICE), at(0)).unwrap();
            }),
            (SelectionError::NoMessageNumber.into(), |it| {
                it.service.add_number(with_capabilities(4, P3, Capabilities::SMS), at(0)).unwrap();
            }),
            (SelectionError::NoNumberForBoth { identifier: alice }.into(), |it| {
                it.service.add_number(new_number(5, "+12125559005"), at(0)).unwrap();
            }),
            (SelectionError::NoNumberInArea { identifier: alice, area_code: alice.area_code() }.into(), |it| {
                it.service.add_number(new_number(6, "+14155559006"), at(0)).unwrap();
                it.service.add_participant(session(2), new_participant_with(3, ALICE, "+14155559006"), at(0)).unwrap();
                reserve(&mut it.service, 6);
            }),
            (SelectionError::NoUnreservedNumber.into(), |it| {
                it.service.update_number(number(6), NumberUpdate { is_reserved: Some(false) }, at(0)).unwrap();
            }),
            (SelectionError::NoUnusedNumber { identifier: alice }.into(), |it| {
                it.service.add_number(new_number(7, "+14155559007"), at(0)).unwrap();
            }),
        ],
    )
}

#[test]
fn par_10_the_order_of_checks_with_an_explicit_number() {
    assert_eq!(explicit_number_table().len(), 14);
}

#[test]
fn par_10_the_order_of_checks_with_a_channel_address() {
    assert_eq!(channel_table().len(), 8);
}

#[test]
fn par_10_the_order_of_checks_with_selection() {
    assert_eq!(selection_table().len(), 9);
}

#[test]
fn par_10_every_code_of_an_addition_stands_in_a_table() {
    let mut codes = [explicit_number_table(), channel_table(), selection_table()].concat();
    codes.sort_unstable();
    codes.dedup();
    let numbers: Vec<u32> = codes.into_iter().map(Code::number).collect();
    assert_eq!(
        numbers,
        [
            20404, 20409, 80103, 80201, 80202, 80203, 80205, 80206, 80207, 80208, 80304, 80305, 80402, 80404, 80604,
            80605, 80607, 80609, 80616, 80623
        ]
    );
}

#[test]
fn par_10_a_pending_addition_fills_identifier_and_slot_as_a_live_one_does() {
    let mut service = service().with_numbers(&[P1]);
    let session = service.open(1);
    service.begin(session, 1, ALICE);
    service.begin(session, 2, BOB);

    let already = AddParticipantError::AlreadyInSession { existing: participant(1) };
    assert_eq!(refusal(&mut service, session, &new_participant(3, ALICE)), already);
    let full = AddParticipantError::TooManyParticipants { existing: [participant(1), participant(2)] };
    assert_eq!(refusal(&mut service, session, &new_participant(3, CAROL)), full);
}

#[test]
fn par_10_an_empty_pool_is_noticed_after_everything_else() {
    let mut service = service();
    let session = service.open(1);
    let refused = |service: &mut Service, new| refusal(service, session, &new).code().number();
    assert_eq!(refused(&mut service, new_participant_with(1, ALICE, P1)), 80605);
    assert_eq!(refused(&mut service, new_participant(1, ALICE)), 80205);
}

#[test]
fn par_10_a_removed_participant_in_a_full_closed_session_is_reported_as_closed_then_as_known() {
    let mut service = service().with_numbers(&[P1]);
    let session = service.open(1);
    service.add(session, 1, ALICE);
    service.remove_participant(session, participant(1), at(0)).unwrap();
    service.add(session, 2, BOB);
    service.add(session, 3, CAROL);
    service.close(session);
    let again = new_participant(4, ALICE);

    assert_eq!(refusal(&mut service, session, &again), SessionClosed { session }.into());
    service.reopen(session);
    let already = AddParticipantError::AlreadyInSession { existing: participant(1) };
    assert_eq!(refusal(&mut service, session, &again), already);
}

// ---- what is stored, and its order ----

#[test]
fn par_10_an_accepted_participant_is_stored_as_it_was_given() {
    let mut service = service().with_numbers(&[P1]);
    let session = service.open(1);
    let mut new = new_participant(7, ALICE);
    new.friendly_name = Some("Alice".parse().unwrap());
    let added = service.add_participant(session, new, at(3)).unwrap().clone();

    assert_eq!((added.sid, added.identifier.clone()), (participant(7), Identifier::from(e164(ALICE))));
    assert_eq!(added.friendly_name, Some("Alice".parse().unwrap()));
    assert_eq!(added.proxy_identifier, P1.parse::<ProxyIdentifier>().unwrap());
    assert_eq!((added.date_created, added.date_updated, added.date_deleted), (at(3), at(3), None));
    assert_eq!(service.participant(session, participant(7)), Some(&added));
    assert_eq!(service.participants(session).unwrap().collect::<Vec<&Participant>>(), [&added]);
}

#[test]
fn par_5_participants_are_listed_in_the_order_of_additions_from_both_ends() {
    let mut service = service().with_numbers(&[P1]);
    let session = service.open(1);
    service.add(session, 9, ALICE);
    service.remove_participant(session, participant(9), at(0)).unwrap();
    service.add(session, 4, BOB);
    service.add(session, 7, CAROL);

    let sids = |participant: &Participant| participant.sid;
    let forward: Vec<_> = service.participants(session).unwrap().map(sids).collect();
    let backward: Vec<_> = service.participants(session).unwrap().rev().map(sids).collect();
    assert_eq!(forward, [9, 4, 7].map(participant));
    assert_eq!(backward, [7, 4, 9].map(participant));
    let mut both = service.participants(session).unwrap().map(sids);
    assert_eq!((both.next(), both.next_back()), (Some(participant(9)), Some(participant(7))));
    assert_eq!((both.next_back(), both.next()), (Some(participant(4)), None));
}

#[test]
fn par_5_the_place_in_the_list_is_that_of_the_finish() {
    let mut service = service().with_numbers(&[P1]);
    let session = service.open(1);
    service.begin(session, 1, ALICE);
    service.begin(session, 2, BOB);
    service.finish_add_participant(session, participant(2), at(5)).unwrap();
    service.finish_add_participant(session, participant(1), at(6)).unwrap();

    assert_eq!(identifiers(&service, session), [BOB, ALICE]);
    let created: Vec<_> = service.participants(session).unwrap().map(|added| added.date_created).collect();
    assert_eq!(created, [at(5), at(6)]);
}

#[test]
fn par_5_a_pending_addition_is_overtaken_by_whole_generations() {
    let mut service = service().with_numbers(&[P1]);
    let session = service.open(1);
    service.begin(session, 1, ALICE);
    for (n, identifier) in (2..).zip([BOB, CAROL, XAVER]) {
        service.add(session, n, identifier);
        service.remove_participant(session, participant(n), at(0)).unwrap();
    }
    service.finish_add_participant(session, participant(1), at(0)).unwrap();
    assert_eq!(identifiers(&service, session), [BOB, CAROL, XAVER, ALICE]);
}

#[test]
fn par_5_there_is_no_list_for_an_unknown_session() {
    assert!(service().participants(session(1)).is_none());
    assert_eq!(service().participant(session(1), participant(1)), None);
}

// ---- TXT-6 ----

#[test]
fn txt_6_fictional_numbers_take_part_by_default() {
    let mut service = service().with_numbers(&[P1]);
    let session = service.open(1);
    service.add(session, 1, "+14155550100");
    service.add(session, 2, "+15558675310");
    assert_eq!(identifiers(&service, session), ["+14155550100", "+15558675310"]);
}

#[test]
fn txt_6_the_policy_may_refuse_fictional_numbers() {
    let mut service = refusing_fictional().with_numbers(&[P1]);
    let session = service.open(1);
    for fictional in ["+15558675310", "+15552000000", "+14155550100", "+14155550199", "+16045550150", "+18005550123"] {
        let error = refusal(&mut service, session, &new_participant(1, fictional));
        assert_eq!(error, AddParticipantError::IdentifierUnreachable, "{fictional}");
        assert_eq!((error.code().number(), error.http_status()), (80404, 400));
    }
}

#[test]
fn txt_6_numbers_beside_the_fictional_ones_are_accepted() {
    let real = ["+14155550099", "+14155550200", "+14155540150", "+14155560150", "+442075550150", "+495555550150"];
    for identifier in real {
        let mut service = refusing_fictional().with_numbers(&[P1]);
        let session = service.open(1);
        assert_eq!(service.add_with(session, 1, identifier, P1), P1, "{identifier}");
    }
}

#[test]
fn txt_6_a_channel_address_is_no_number() {
    let mut service = refusing_fictional();
    let session = service.open_with_mode(1, SessionMode::MessageOnly);
    service.add_with(session, 1, "whatsapp:+15558675310", "whatsapp:+14155550100");
    assert_eq!(identifiers(&service, session), ["whatsapp:+15558675310"]);
}

#[test]
fn txt_6_fictional_pool_numbers_may_be_asked_for() {
    let mut service = refusing_fictional().with_numbers(&["+14155550100"]);
    let session = service.open(1);
    assert_eq!(service.add_with(session, 1, ALICE, "+14155550100"), "+14155550100");
}

#[test]
fn txt_6_the_embedder_cancels_an_addition_that_cannot_be_reached() {
    let mut service = service().with_numbers(&[P1]);
    let session = service.open(1);
    service.begin(session, 1, ALICE);
    let reason = Some(CancelReason::Unreachable);
    let cancelled = service.cancel_add_participant(session, participant(1), reason, at(0)).unwrap();

    assert_eq!(cancelled.participant.identifier, identifier(ALICE));
    assert_eq!(cancelled.reason, Some(CancelReason::Unreachable));
    assert_eq!(CancelReason::Unreachable.code().number(), 80404);
}

// ---- SID-4 ----

fn sid_taken(n: u128) -> AddParticipantError {
    AddParticipantError::SidTaken { participant: ParticipantSid::from_u128(n) }
}

#[test]
fn sid_4_the_sid_of_a_stored_participant_is_taken_in_the_whole_service() {
    let mut service = service().with_numbers(&[P1]);
    let [first, second] = [1, 2].map(|n| service.open(n));
    service.add(first, 1, ALICE);
    service.add(first, 2, BOB);
    service.remove_participant(first, participant(2), at(0)).unwrap();
    for (session, n) in [(first, 1), (first, 2), (second, 1), (second, 2)] {
        let error = refusal(&mut service, session, &new_participant(n, CAROL));
        assert_eq!(error, sid_taken(n));
        assert_eq!((error.code().number(), error.http_status()), (20409, 409));
    }
    service.close(first);
    assert_eq!(refusal(&mut service, second, &new_participant(1, CAROL)), sid_taken(1));
}

#[test]
fn sid_4_the_sid_of_a_pending_addition_is_taken() {
    let mut service = service().with_numbers(&[P1]);
    let [first, second] = [1, 2].map(|n| service.open(n));
    service.begin(first, 1, ALICE);
    for session in [first, second] {
        assert_eq!(refusal(&mut service, session, &new_participant(1, CAROL)), sid_taken(1));
    }
    let mut new = new_session(3);
    new.participants = vec![new_participant(1, CAROL)];
    let error = service.create_session(new, at(0)).unwrap_err();
    assert_eq!(error, CreateSessionError::ParticipantSidTaken { participant: participant(1) });
}

#[test]
fn sid_4_the_sid_of_a_session_is_taken_while_the_session_is_stored() {
    let mut service = service();
    let first = service.open(1);
    service.close(first);
    let error = service.create_session(new_session(1), at(0)).unwrap_err();
    assert_eq!(error, CreateSessionError::SessionSidTaken { session: first });
    assert_eq!((error.code().number(), error.http_status()), (20409, 409));
}

#[test]
fn sid_4_one_sid_twice_in_one_command_is_refused() {
    let mut service = service().with_numbers(&[P1]);
    let mut new = new_session(1);
    new.participants = vec![new_participant(1, ALICE), new_participant(1, BOB)];
    let before = service.state();
    let error = service.create_session(new, at(0)).unwrap_err();
    assert_eq!(error, CreateSessionError::ParticipantSidTaken { participant: participant(1) });
    assert_eq!((error.code().number(), service.state()), (20409, before));
}

#[test]
fn sid_4_resources_of_different_kinds_may_share_their_digits() {
    let mut service = service().with_numbers(&[P1]);
    let session = service.open(1);
    service.add(session, 1, ALICE);
    assert!(service.participant(session, participant(1)).is_some());
}

#[test]
fn sid_4_deletion_frees_the_sids_of_session_and_participants() {
    let mut service = service().with_numbers(&[P1]);
    let session = service.open(1);
    service.add(session, 1, ALICE);
    service.delete_session(session, at(0)).unwrap();
    service.open(1);
    service.add(session, 1, BOB);
    assert_eq!(identifiers(&service, session), [BOB]);
}

#[test]
fn sid_4_purge_frees_the_sids_of_session_and_participants() {
    let mut policy = Policy::default();
    policy.retention = Span::from_seconds(5);
    let mut service = service_with(policy).with_numbers(&[P1]);
    let session = service.open(1);
    service.add(session, 1, ALICE);
    service.close(session);
    let other = service.open(2);
    assert_eq!(refusal(&mut service, other, &new_participant(1, BOB)), sid_taken(1));

    service.add_participant(other, new_participant(1, BOB), at(5)).unwrap();
    assert_eq!(service.create_session(new_session(1), at(5)).unwrap().date_created, at(5));
}

#[test]
fn sid_4_cancel_frees_the_sid() {
    let mut service = service().with_numbers(&[P1]);
    let session = service.open(1);
    service.begin(session, 1, ALICE);
    service.cancel_add_participant(session, participant(1), None, at(0)).unwrap();
    service.add(session, 1, BOB);
    assert_eq!(identifiers(&service, session), [BOB]);
}

#[test]
fn sid_4_closing_a_session_frees_the_sids_of_its_pending_additions() {
    let mut service = service().with_numbers(&[P1]);
    let [first, second] = [1, 2].map(|n| service.open(n));
    service.begin(first, 1, ALICE);
    service.close(first);
    service.add(second, 1, BOB);
    assert_eq!(identifiers(&service, second), [BOB]);
}

#[test]
fn sid_4_a_refused_command_takes_no_sid() {
    let mut service = service().with_numbers(&[P1]);
    let mut new = new_session(1);
    new.participants = vec![new_participant(1, ALICE), new_participant(2, BRITON)];
    assert_eq!(service.create_session(new, at(0)).unwrap_err().code(), Code::NoAvailableProxyForCountry);
    let session = service.open(1);
    service.add(session, 1, ALICE);
    service.add(session, 2, BOB);
    assert_eq!(identifiers(&service, session), [ALICE, BOB]);
}
