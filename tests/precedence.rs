//! The orders of checks. A test tries every case that a small set of choices makes: whatever is wrong with it, and however
//! much, the answer is the first refusal of the list that its case deserves. So of two refusals that can hold together the
//! earlier always wins, and whoever mends what is wrong in the order of the list meets every refusal in turn.
#![expect(
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a fixture that fails is a failed test"
)]
#![expect(clippy::struct_excessive_bools, reason = "a case is what is wrong with it, one thing beside another")]

extern crate alloc;

mod choices;
use alloc::collections::BTreeSet;
use core::fmt::Debug;

use crate::common::*;
use choices::{Choices, every_case};
use twilio_proxy_core::{
    AddParticipantError, AutoCreateError, AutoCreateParameter, AutoCreateSids, Capabilities, Code, CreateSessionError,
    DateExpiryNotInFuture, E164, FictionalNumbers, GeoMatchLevel, Inbound, NewSession, NumberUpdate,
    OutOfSessionAnswer, OutOfSessionFailure, Outcome, PairInvalid, Policy, ReceiveError, Rejection, ReservedAssignment,
    SelectionError, SendMessageError, Service, SessionClosed, SessionMode, SessionNotFound, SessionStatus,
    SessionUpdate, Timestamp, UpdateSessionError, WebhookAnswer, geography::Country,
};

/// A refusal, and which cases deserve it.
type Check<C, E> = (E, fn(&C) -> bool);

/// Tries all cases. Gives how many pairs of checks there are that some case fails both of.
fn assert_order<C: Debug, E: Debug + PartialEq>(
    checks: &[Check<C, E>],
    cases: &[C],
    refusal: impl Fn(&C) -> Option<E>,
) -> usize {
    let (mut pairs, mut decisive) = (BTreeSet::new(), BTreeSet::new());
    for case in cases {
        let failed: Vec<usize> = (0..checks.len()).filter(|index| checks[*index].1(case)).collect();
        assert_eq!(refusal(case).as_ref(), failed.first().map(|first| &checks[*first].0), "{case:?}");
        decisive.extend(failed.first().copied());
        pairs
            .extend(failed.iter().flat_map(|one| failed.iter().filter(move |other| one < other).map(|it| (*one, *it))));
    }
    assert_eq!(decisive, (0..checks.len()).collect(), "every check decides some case");
    pairs.len()
}

/// That no variant of an error is without a check, which a new one would be.
fn assert_all_variants<C, E: Debug>(source: &str, name: &str, checks: &[Check<C, E>]) {
    let (_, from_body) = source.split_once(&format!("pub enum {name} {{")).unwrap();
    let (body, _) = from_body.split_once("\n}\n").unwrap();
    let named =
        |line: &str| line.split(|character: char| !character.is_ascii_alphanumeric()).next().unwrap().to_owned();
    let is_variant = |line: &&str| line.starts_with(|character: char| character.is_ascii_uppercase());
    let variants: BTreeSet<String> =
        body.lines().filter_map(|line| line.strip_prefix("    ")).filter(is_variant).map(named).collect();
    let checked = checks.iter().map(|(refusal, _)| named(&format!("{refusal:?}")));
    assert_eq!(variants, checked.collect(), "{name}");
}

const ERRORS: &str = include_str!("../src/service/error.rs");
const TRAFFIC_ERRORS: &str = include_str!("../src/service/traffic/error.rs");
const POOL_ERRORS: &str = include_str!("../src/pool/error.rs");

/// Numbers that nobody has whose policy refuses fiction.
const FICTIONAL: [&str; 2] = ["+14155550100", "+14155550101"];
const WHATSAPP: &str = "whatsapp:+14155550001";
const WHATSAPP_PROXY: &str = "whatsapp:+14155559000";
const OTHER_WHATSAPP_PROXY: &str = "whatsapp:+14155559003";
const LONDON: &str = "+442079469001";

fn refusing_policy() -> Policy {
    let mut policy = Policy::default();
    policy.fictional_numbers = FictionalNumbers::Refuse;
    policy.reserved_assignment = ReservedAssignment::Refuse;
    policy
}

fn in_pool() -> AddParticipantError {
    AddParticipantError::PairInvalid(PairInvalid::IdentifierInPool)
}

// ---- PAR-10 ----

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Target {
    Missing,
    Closed,
    Active,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Who {
    Fictional,
    Alice,
    OnWhatsapp,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Asked {
    Nothing,
    Sid,
    UnknownSid,
    Number,
    UnknownNumber,
    Word,
    SidAndNumber,
    SidAndOtherNumber,
    Whatsapp,
    Messenger,
    Oneself,
}

/// An addition to session 1.
#[derive(Debug)]
struct Addition {
    target: Target,
    is_sid_taken: bool,
    who: Who,
    was_removed_before: bool,
    is_session_full: bool,
    mode: SessionMode,
    asked: Asked,
    is_in_pool: bool,
    /// In session 2.
    is_in_flight: bool,
    is_number_reserved: bool,
    /// In session 3, with the number or the address that is asked for.
    is_pair_active: bool,
}

impl Addition {
    fn choose(choices: &mut Choices) -> Self {
        use Asked::*;
        Self {
            target: choices.of(&[Target::Missing, Target::Closed, Target::Active]),
            is_sid_taken: choices.flag(),
            who: choices.of(&[Who::Fictional, Who::Alice, Who::OnWhatsapp]),
            was_removed_before: choices.flag(),
            is_session_full: choices.flag(),
            mode: choices.of(&[SessionMode::VoiceAndMessage, SessionMode::MessageOnly]),
            asked: choices.of(&[
                Nothing,
                Sid,
                UnknownSid,
                Number,
                UnknownNumber,
                Word,
                SidAndNumber,
                SidAndOtherNumber,
                Whatsapp,
                Messenger,
                Oneself,
            ]),
            is_in_pool: choices.flag(),
            is_in_flight: choices.flag(),
            is_number_reserved: choices.flag(),
            is_pair_active: choices.flag(),
        }
    }

    fn is_possible(&self) -> bool {
        let is_of_its_session = self.was_removed_before || self.is_session_full || self.mode.has_voice();
        let is_known = self.was_removed_before || self.is_in_flight || self.is_pair_active;
        let can_be = match self.who {
            Who::Fictional => !is_known, // nobody could have added it
            Who::Alice => true,
            Who::OnWhatsapp => !(self.is_in_pool || self.was_removed_before && self.mode.has_voice()),
        };
        can_be && !(self.target == Target::Missing && is_of_its_session)
    }

    fn identifier(&self) -> &'static str {
        match self.who {
            Who::Fictional => FICTIONAL[0],
            Who::Alice => ALICE,
            Who::OnWhatsapp => WHATSAPP,
        }
    }

    fn is_on_channel(&self) -> bool {
        self.who == Who::OnWhatsapp
    }

    fn service(&self) -> Service {
        let who = self.identifier();
        let (own_proxy, other_proxy) =
            if self.is_on_channel() { (WHATSAPP_PROXY, OTHER_WHATSAPP_PROXY) } else { (P1, LONDON) };
        let mut service = service_with(refusing_policy()).with_numbers(&[P1, LONDON]);
        let target = service.open_with_mode(1, self.mode);
        let [in_flight, active, other] = [2, 3, 4].map(|n| service.open_with_mode(n, SessionMode::MessageOnly));
        service.add_with(other, 8, XAVER, LONDON);
        if self.was_removed_before {
            service.add_with(target, 1, who, other_proxy);
            service.remove_participant(target, participant(1), at(0)).unwrap();
        }
        if self.is_session_full {
            service.add_with(target, 2, BOB, LONDON);
            service.add_with(target, 3, CAROL, LONDON);
        }
        if self.is_pair_active {
            service.add_with(active, 5, who, own_proxy);
        }
        if self.is_in_flight {
            service.begin_add_participant(in_flight, new_participant_with(6, who, other_proxy), at(0)).unwrap();
        }
        if self.is_in_pool {
            service.add_number(new_number(9, who), at(0)).unwrap();
        }
        if self.is_number_reserved {
            service.update_number(number(1), NumberUpdate { is_reserved: Some(true) }, at(0)).unwrap();
        }
        if self.target == Target::Closed {
            service.close(target);
        }
        service
    }

    fn refusal(&self) -> Option<AddParticipantError> {
        let mut service = self.service();
        let (sid, proxy_identifier) = match self.asked {
            Asked::Nothing => (None, None),
            Asked::Sid => (Some(1), None),
            Asked::UnknownSid => (Some(99), None),
            Asked::Number => (None, Some(P1)),
            Asked::UnknownNumber => (None, Some(P2)),
            Asked::Word => (None, Some("telephone")),
            Asked::SidAndNumber => (Some(1), Some(P1)),
            Asked::SidAndOtherNumber => (Some(1), Some(LONDON)),
            Asked::Whatsapp => (None, Some(WHATSAPP_PROXY)),
            Asked::Messenger => (None, Some("messenger:1")),
            Asked::Oneself => (None, Some(self.identifier())),
        };
        let mut new = new_participant(if self.is_sid_taken { 8 } else { 9 }, self.identifier());
        new.proxy_identifier_sid = sid.map(number);
        new.proxy_identifier = proxy_identifier.map(|text| text.parse().unwrap());
        let session = session(if self.target == Target::Missing { 99 } else { 1 });
        let refusal = service.begin_add_participant(session, new.clone(), at(0)).err();
        if refusal.is_none() {
            service.cancel_add_participant(session, new.sid, None, at(0)).unwrap();
        }
        assert_eq!(service.add_participant(session, new, at(0)).err(), refusal);
        refusal
    }
}

fn checks_of_an_addition() -> Vec<Check<Addition, AddParticipantError>> {
    use AddParticipantError as Refusal;
    use Asked::*;
    let alice = e164(ALICE);
    vec![
        (SessionNotFound { session: session(99) }.into(), |it| it.target == Target::Missing),
        (Refusal::SidTaken { participant: participant(8) }, |it| it.is_sid_taken),
        (Refusal::IdentifierUnreachable, |it| it.who == Who::Fictional),
        (SessionClosed { session: session(1) }.into(), |it| it.target == Target::Closed),
        (Refusal::AlreadyInSession { existing: participant(1) }, |it| it.was_removed_before),
        (Refusal::TooManyParticipants { existing: [participant(2), participant(3)] }, |it| it.is_session_full),
        (Refusal::UnsupportedIdentifierType { identifier: identifier(WHATSAPP), session: session(1) }, |it| {
            it.is_on_channel() && it.mode.has_voice()
        }),
        (Refusal::ChannelWithoutProxyIdentifier, |it| it.is_on_channel() && it.asked == Nothing),
        (Refusal::ChannelWithProxyIdentifierSid, |it| it.is_on_channel() && matches!(it.asked, Sid | UnknownSid)),
        (Refusal::PairInvalid(PairInvalid::NotOfThisChannel), |it| {
            let is_of_no_channel =
                matches!(it.asked, Number | UnknownNumber | Word | SidAndNumber | SidAndOtherNumber | Messenger);
            it.is_on_channel() && is_of_no_channel
        }),
        (Refusal::PairInvalid(PairInvalid::ChannelForPhoneNumber), |it| {
            !it.is_on_channel() && matches!(it.asked, Whatsapp | Messenger)
        }),
        (in_pool(), |it| it.is_in_pool),
        (Refusal::DuplicateRequest { other_session: session(2) }, |it| it.is_in_flight),
        (Refusal::ProxyIdentifierNotInService, |it| {
            let is_unknown = matches!(it.asked, UnknownSid | UnknownNumber | Word);
            !it.is_on_channel() && (is_unknown || it.asked == Oneself)
        }),
        (Refusal::PairInvalid(PairInvalid::DifferentNumbers), |it| it.asked == SidAndOtherNumber),
        (Refusal::ReservedBySid { number: number(1) }, |it| {
            it.is_number_reserved && matches!(it.asked, Sid | SidAndNumber)
        }),
        (Refusal::ReservedByNumber, |it| it.is_number_reserved && it.asked == Number),
        (Refusal::PairInvalid(PairInvalid::SameAddress), |it| it.is_on_channel() && it.asked == Oneself),
        (Refusal::ProxyIdentifierInUse { other_session: session(3) }, |it| {
            let is_it =
                if it.is_on_channel() { it.asked == Whatsapp } else { matches!(it.asked, Sid | Number | SidAndNumber) };
            it.is_pair_active && is_it
        }),
        (SelectionError::NoUnreservedNumber.into(), |it| it.asked == Nothing && it.is_number_reserved),
        (SelectionError::NoUnusedNumber { identifier: alice }.into(), |it| it.asked == Nothing && it.is_pair_active),
    ]
}

#[test]
fn par_10_whatever_is_wrong_with_an_addition_the_first_check_decides() {
    let (checks, cases) = (checks_of_an_addition(), every_case(Addition::choose, Addition::is_possible));
    let pairs = assert_order(&checks, &cases, Addition::refusal);
    assert_eq!((checks.len(), cases.len(), pairs), (21, 9_064, 132));
}

#[test]
fn par_10_every_refusal_of_an_addition_is_a_check() {
    let mut checks = checks_of_an_addition();
    // A service alone does not ask what is owned; in an account this takes the place of 80605 (PAR-7).
    checks.push((AddParticipantError::ProxyIdentifierNotOwned, |_| false));
    assert_all_variants(ERRORS, "AddParticipantError", &checks);
}

// ---- SEL-7 ----

/// The numbers of a pool for ALICE, where the area code must be hers.
#[derive(Debug)]
struct Pool {
    mode: SessionMode,
    abroad: bool,
    mute: bool,
    for_voice: bool,
    for_messages: bool,
    far: bool,
    reserved: bool,
    held: bool,
    free: bool,
}

impl Pool {
    fn choose(choices: &mut Choices) -> Self {
        Self {
            mode: choices.of(&[SessionMode::VoiceAndMessage, SessionMode::VoiceOnly, SessionMode::MessageOnly]),
            abroad: choices.flag(),
            mute: choices.flag(),
            for_voice: choices.flag(),
            for_messages: choices.flag(),
            far: choices.flag(),
            reserved: choices.flag(),
            held: choices.flag(),
            free: choices.flag(),
        }
    }

    /// Whether there is a number with all capabilities.
    fn has_able(&self) -> bool {
        self.far || self.has_near()
    }

    fn has_near(&self) -> bool {
        self.reserved || self.held || self.free
    }

    fn refusal(&self) -> Option<AddParticipantError> {
        const VOICE: Capabilities =
            Capabilities { sms_inbound: false, sms_outbound: false, ..Capabilities::VOICE_AND_SMS };
        let mut settings = new_service();
        settings.geo_match_level = GeoMatchLevel::AreaCode;
        let mut service = Service::new(settings, Policy::default(), at(0));
        let (target, other) = (service.open_with_mode(1, self.mode), service.open(2));
        let with = |n, text, capabilities| {
            let mut new = new_number(n, text);
            new.capabilities = Some(capabilities);
            new
        };
        let mut reserved = new_number(6, "+14155559006");
        reserved.is_reserved = true;
        for (is_there, new) in [
            (self.abroad, new_number(1, LONDON)),
            (self.mute, with(2, "+12125559002", Capabilities::default())),
            (self.for_voice, with(3, "+12125559003", VOICE)),
            (self.for_messages, with(4, "+12125559004", Capabilities::SMS)),
            (self.far, new_number(5, "+12125559005")),
            (self.reserved, reserved),
            (self.held, new_number(7, "+14155559007")),
            (self.free, new_number(8, "+14155559008")),
        ] {
            if is_there {
                service.add_number(new, at(0)).unwrap();
            }
        }
        if self.held {
            service.add_with(other, 2, ALICE, "+14155559007");
        }
        service.add_participant(target, new_participant(1, ALICE), at(0)).err()
    }
}

fn checks_of_a_selection() -> Vec<Check<Pool, SelectionError>> {
    let identifier: E164 = e164(ALICE);
    vec![
        (SelectionError::NoNumbers, |it| !(it.abroad || it.mute || it.for_voice || it.for_messages || it.has_able())),
        (SelectionError::NoNumberForCountry { country: Some(Country::US) }, |it| {
            !(it.mute || it.for_voice || it.for_messages || it.has_able())
        }),
        (SelectionError::NoVoiceNumber, |it| it.mode.has_voice() && !(it.for_voice || it.has_able())),
        (SelectionError::NoMessageNumber, |it| it.mode.has_messages() && !(it.for_messages || it.has_able())),
        (SelectionError::NoNumberForBoth { identifier }, |it| {
            it.mode.has_voice() && it.mode.has_messages() && !it.has_able()
        }),
        (SelectionError::NoNumberInArea { identifier, area_code: identifier.area_code() }, |it| !it.has_near()),
        (SelectionError::NoUnreservedNumber, |it| !(it.held || it.free)),
        (SelectionError::NoUnusedNumber { identifier }, |it| !it.free),
    ]
}

#[test]
fn sel_7_whatever_a_pool_lacks_the_first_check_decides() {
    let (checks, cases) = (checks_of_a_selection(), every_case(Pool::choose, |_| true));
    let pairs = assert_order(&checks, &cases, |case| match case.refusal() {
        Some(AddParticipantError::Selection(error)) => Some(error),
        other => {
            assert_eq!(other, None);
            None
        }
    });
    assert_eq!((checks.len(), cases.len(), pairs), (8, 768, 28));
    assert_all_variants(POOL_ERRORS, "SelectionError", &checks);
}

// ---- SES-3 ----

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Date {
    None,
    Past,
    Future,
}

impl Date {
    fn choose(choices: &mut Choices) -> Self {
        choices.of(&[Self::None, Self::Past, Self::Future])
    }

    fn timestamp(self) -> Option<Timestamp> {
        match self {
            Self::None => None,
            Self::Past => Some(at(0)),
            Self::Future => Some(at(90)),
        }
    }
}

fn not_in_future() -> DateExpiryNotInFuture {
    DateExpiryNotInFuture { date_expiry: at(0), now: at(0) }
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Sids {
    Free,
    /// That of the last participant is another's.
    Taken,
    /// The last participant has that of the first.
    Twice,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Person {
    Fine,
    Fictional,
    InPool,
    /// Who is the first participant already.
    First,
}

/// A create of session 2, or of one that is there already.
#[derive(Debug)]
struct Creation {
    date_expiry: Date,
    is_sid_taken: bool,
    status: Option<SessionStatus>,
    is_name_taken: bool,
    people: Vec<Person>,
    sids: Sids,
}

impl Creation {
    fn choose(choices: &mut Choices) -> Self {
        use Person::*;
        let count = choices.of(&[0, 1, 2, 3]);
        Self {
            date_expiry: Date::choose(choices),
            is_sid_taken: choices.flag(),
            status: choices.of(&[None, Some(SessionStatus::Open), Some(SessionStatus::Closed)]),
            is_name_taken: choices.flag(),
            people: (0..count)
                .map(|index| match index {
                    0 => choices.of(&[Fine, Fictional, InPool]),
                    1 => choices.of(&[Fine, Fictional, InPool, First]),
                    _ => choices.of(&[Fine, Fictional]),
                })
                .collect(),
            sids: choices.of(&[Sids::Free, Sids::Taken, Sids::Twice]),
        }
    }

    fn is_possible(&self) -> bool {
        let least = match self.sids {
            Sids::Free => 0,
            Sids::Taken => 1,
            Sids::Twice => 2,
        };
        self.people.len() >= least
    }

    fn new_session(&self) -> NewSession {
        let mut new = new_session(if self.is_sid_taken { 1 } else { 2 });
        new.date_expiry = self.date_expiry.timestamp();
        new.status = self.status;
        new.unique_name = self.is_name_taken.then(|| "job".parse().unwrap());
        for (index, person) in self.people.iter().enumerate() {
            let identifier = match person {
                Person::Fine => [ALICE, BOB, CAROL][index].to_owned(),
                Person::Fictional => FICTIONAL[index.min(1)].to_owned(),
                Person::InPool => [P1, P2][index].to_owned(),
                Person::First => new.participants[0].identifier.to_string(),
            };
            new.participants.push(new_participant([11, 12, 13][index], &identifier));
        }
        if let Some(last) = new.participants.last_mut() {
            match self.sids {
                Sids::Free => {}
                Sids::Taken => last.sid = participant(1),
                Sids::Twice => last.sid = participant(11),
            }
        }
        new
    }

    fn refusal(&self) -> Option<CreateSessionError> {
        let mut service = service_with(refusing_policy()).with_numbers(&[P1, P2]);
        let mut existing = new_session(1);
        existing.unique_name = Some("job".parse().unwrap());
        existing.participants = vec![new_participant(1, XAVER)];
        service.create_session(existing, at(0)).unwrap();
        let before = service.state();
        let refusal = service.create_session(self.new_session(), at(0)).err();
        if refusal.is_some() {
            assert_eq!(service.state(), before, "ERR-2: a refusal changes nothing");
        }
        refusal
    }
}

fn checks_of_a_creation() -> Vec<Check<Creation, CreateSessionError>> {
    use CreateSessionError as Refusal;
    let taken = |n| Refusal::ParticipantSidTaken { participant: participant(n) };
    let of = |index, error| Refusal::Participant { index, error };
    vec![
        (not_in_future().into(), |it| it.date_expiry == Date::Past),
        (Refusal::SessionSidTaken { session: session(1) }, |it| it.is_sid_taken),
        (taken(1), |it| it.sids == Sids::Taken),
        (taken(11), |it| it.sids == Sids::Twice),
        (Refusal::StatusInvalid, |it| it.status == Some(SessionStatus::Closed)),
        (Refusal::NonUniqueName { unique_name: "job".parse().unwrap(), existing: session(1) }, |it| it.is_name_taken),
        (Refusal::TooManyParticipants { participants: 3 }, |it| it.people.len() > 2),
        (of(0, AddParticipantError::IdentifierUnreachable), |it| it.people.first() == Some(&Person::Fictional)),
        (of(0, in_pool()), |it| it.people.first() == Some(&Person::InPool)),
        (of(1, AddParticipantError::IdentifierUnreachable), |it| it.people.get(1) == Some(&Person::Fictional)),
        (of(1, AddParticipantError::AlreadyInSession { existing: participant(11) }), |it| {
            it.people.get(1) == Some(&Person::First)
        }),
        (of(1, in_pool()), |it| it.people.get(1) == Some(&Person::InPool)),
    ]
}

#[test]
fn ses_3_whatever_is_wrong_with_a_create_the_first_check_decides() {
    let (checks, cases) = (checks_of_a_creation(), every_case(Creation::choose, Creation::is_possible));
    let pairs = assert_order(&checks, &cases, Creation::refusal);
    assert_eq!((checks.len(), cases.len(), pairs), (12, 4_140, 61));
    assert_all_variants(ERRORS, "CreateSessionError", &checks);
}

// ---- SES-8 ----

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Life {
    Missing,
    Open,
    InProgress,
    Closed,
}

/// An update of session 1, where ALICE has P1 and BOB P2.
#[derive(Debug)]
struct Update {
    life: Life,
    status: Option<SessionStatus>,
    has_ttl: bool,
    date_expiry: Date,
    /// That of BOB.
    has_number_gone: bool,
    /// That of ALICE, in session 2.
    is_pair_active: bool,
}

impl Update {
    fn choose(choices: &mut Choices) -> Self {
        let statuses: Vec<_> = [None].into_iter().chain(SessionStatus::ALL.iter().copied().map(Some)).collect();
        Self {
            life: choices.of(&[Life::Missing, Life::Open, Life::InProgress, Life::Closed]),
            status: choices.of(&statuses),
            has_ttl: choices.flag(),
            date_expiry: Date::choose(choices),
            has_number_gone: choices.flag(),
            is_pair_active: choices.flag(),
        }
    }

    /// An active session keeps numbers and pairs.
    fn is_possible(&self) -> bool {
        self.life == Life::Closed || !self.has_number_gone && !self.is_pair_active
    }

    fn refusal(&self) -> Option<UpdateSessionError> {
        let mut service = ride();
        let target = session(if self.life == Life::Missing { 9 } else { 1 });
        if matches!(self.life, Life::InProgress | Life::Closed) {
            service.close(target);
        }
        if self.life == Life::InProgress {
            service.reopen(target);
        }
        if self.has_number_gone {
            service.remove_number(number(2), at(0)).unwrap();
        }
        if self.is_pair_active {
            let other = service.open(2);
            service.add_with(other, 9, ALICE, P1);
        }
        let update = SessionUpdate {
            status: self.status,
            ttl: self.has_ttl.then(|| ttl(60)),
            date_expiry: self.date_expiry.timestamp(),
            fail_on_participant_conflict: false,
        };
        let before = service.state();
        let refusal = service.update_session(target, update, at(0)).err();
        if refusal.is_some() {
            assert_eq!(service.state(), before, "ERR-2: a refusal changes nothing");
        }
        refusal
    }
}

fn checks_of_an_update() -> Vec<Check<Update, UpdateSessionError>> {
    use SessionStatus::{Closed, Failed, InProgress, Open, Unknown};
    use UpdateSessionError as Refusal;
    vec![
        (SessionNotFound { session: session(9) }.into(), |it| it.life == Life::Missing),
        (not_in_future().into(), |it| it.date_expiry == Date::Past),
        (Refusal::StatusInvalid, |it| match it.status {
            Some(Open | Failed | Unknown) => true,
            Some(InProgress) => matches!(it.life, Life::Open | Life::InProgress),
            Some(Closed) | None => false,
        }),
        (SessionClosed { session: session(1) }.into(), |it| {
            let is_given = it.has_ttl || it.date_expiry != Date::None;
            it.life == Life::Closed && (it.status == Some(Closed) || it.status.is_none() && is_given)
        }),
        (Refusal::ProxyIdentifierNotInService { participant: participant(2) }, |it| {
            it.status == Some(InProgress) && it.has_number_gone
        }),
        (Refusal::ProxyIdentifierInUse { participant: participant(1), other_session: session(2) }, |it| {
            it.status == Some(InProgress) && it.is_pair_active
        }),
    ]
}

#[test]
fn ses_8_whatever_is_wrong_with_an_update_the_first_check_decides() {
    let (checks, cases) = (checks_of_an_update(), every_case(Update::choose, Update::is_possible));
    let pairs = assert_order(&checks, &cases, Update::refusal);
    assert_eq!((checks.len(), cases.len(), pairs), (6, 252, 7));
    assert_all_variants(ERRORS, "UpdateSessionError", &checks);
}

// ---- INT-4 ----

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Recipient {
    Unknown,
    Removed,
    Live,
}

/// A message to participant 1 of session 1.
#[derive(Debug)]
struct Sending {
    is_session_missing: bool,
    recipient: Recipient,
    is_body_empty: bool,
    is_sid_taken: bool,
    is_closed: bool,
    is_voice_only: bool,
}

impl Sending {
    fn choose(choices: &mut Choices) -> Self {
        Self {
            is_session_missing: choices.flag(),
            recipient: choices.of(&[Recipient::Unknown, Recipient::Removed, Recipient::Live]),
            is_body_empty: choices.flag(),
            is_sid_taken: choices.flag(),
            is_closed: choices.flag(),
            is_voice_only: choices.flag(),
        }
    }

    fn refusal(&self) -> Option<SendMessageError> {
        let mut service =
            ride_in(if self.is_voice_only { SessionMode::VoiceOnly } else { SessionMode::VoiceAndMessage });
        service.receive(call(1, ALICE, P1), at(0)).unwrap();
        if self.recipient == Recipient::Removed {
            service.remove_participant(session(1), participant(1), at(0)).unwrap();
        }
        if self.is_closed {
            service.close(session(1));
        }
        let to = participant(if self.recipient == Recipient::Unknown { 9 } else { 1 });
        let new = new_message(if self.is_sid_taken { 1 } else { 2 }, if self.is_body_empty { "" } else { "Hello" });
        let before = service.state();
        let refusal = service.send_message(session(if self.is_session_missing { 9 } else { 1 }), to, new, at(0)).err();
        if refusal.is_some() {
            assert_eq!(service.state(), before, "ERR-2: a refusal changes nothing");
        }
        refusal
    }
}

#[test]
fn int_4_whatever_is_wrong_with_a_message_the_first_check_decides() {
    use SendMessageError as Refusal;
    let checks: Vec<Check<Sending, Refusal>> = vec![
        (SessionNotFound { session: session(9) }.into(), |it| it.is_session_missing),
        (Refusal::ParticipantNotFound { participant: participant(9) }, |it| it.recipient == Recipient::Unknown),
        (Refusal::ParticipantNotFound { participant: participant(1) }, |it| it.recipient == Recipient::Removed),
        (Refusal::BodyMissing, |it| it.is_body_empty),
        (Refusal::SidTaken { interaction: interaction(1) }, |it| it.is_sid_taken),
        (SessionClosed { session: session(1) }.into(), |it| it.is_closed),
        (Refusal::VoiceOnlySession, |it| it.is_voice_only),
    ];
    let cases = every_case(Sending::choose, |_| true);
    let pairs = assert_order(&checks, &cases, Sending::refusal);
    assert_eq!((checks.len(), cases.len(), pairs), (7, 96, 20));
    assert_all_variants(TRAFFIC_ERRORS, "SendMessageError", &checks);
}

// ---- RTE-12 ----

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Said {
    Nothing,
    Hi,
    Stop,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Place {
    Nowhere,
    InClosed,
    InActive,
}

/// A contact from ALICE.
#[derive(Debug)]
struct Arrival {
    is_number_unknown: bool,
    is_sid_taken: bool,
    said: Said,
    place: Place,
    mode: SessionMode,
    is_alone: bool,
    is_intercepted: bool,
}

/// What becomes of a contact, but for its connection.
#[derive(Debug, PartialEq)]
enum Fate {
    Refused(ReceiveError),
    Dropped,
    OutOfSession,
    Rejected(Rejection),
    Waiting,
}

impl Arrival {
    fn choose(choices: &mut Choices) -> Self {
        Self {
            is_number_unknown: choices.flag(),
            is_sid_taken: choices.flag(),
            said: choices.of(&[Said::Nothing, Said::Hi, Said::Stop]),
            place: choices.of(&[Place::Nowhere, Place::InClosed, Place::InActive]),
            mode: choices.of(&[SessionMode::VoiceAndMessage, SessionMode::VoiceOnly, SessionMode::MessageOnly]),
            is_alone: choices.flag(),
            is_intercepted: choices.flag(),
        }
    }

    fn fate(&self) -> Option<Fate> {
        let mut service = ride();
        service.receive(call(1, BOB, P2), at(0)).unwrap();
        let other = service.open_with_mode(2, self.mode);
        let who = if self.place == Place::Nowhere { CAROL } else { XAVER };
        service.add_with(other, 3, who, P1);
        if !self.is_alone {
            service.add_with(other, 4, BRITON, P2);
        }
        if self.place == Place::InClosed {
            service.close(other);
        }
        if self.is_intercepted {
            set_intercept_url(&mut service);
        }
        let n = if self.is_sid_taken { 1 } else { 2 };
        let to = if self.is_number_unknown { LONDON } else { P1 };
        let inbound: Inbound = match self.said {
            Said::Nothing => call(n, XAVER, to),
            Said::Hi => message(n, XAVER, to, "Hi"),
            Said::Stop => message(n, XAVER, to, "Stop"),
        };
        match service.receive(inbound, at(0)) {
            Err(error) => Some(Fate::Refused(error)),
            Ok(Outcome::Dropped { .. }) => Some(Fate::Dropped),
            Ok(Outcome::OutOfSession { .. }) => Some(Fate::OutOfSession),
            Ok(Outcome::Rejected { reason, .. }) => Some(Fate::Rejected(reason)),
            Ok(Outcome::Waiting { .. }) => Some(Fate::Waiting),
            Ok(Outcome::Connected { .. }) => None,
            Ok(other) => panic!("{other:?}"),
        }
    }
}

#[test]
fn rte_12_whatever_holds_of_a_contact_the_first_rule_decides() {
    let rules: Vec<Check<Arrival, Fate>> = vec![
        (Fate::Refused(ReceiveError::UnknownProxyIdentifier), |it| it.is_number_unknown),
        (Fate::Refused(ReceiveError::SidTaken { interaction: interaction(1) }), |it| it.is_sid_taken),
        (Fate::Dropped, |it| it.said == Said::Stop),
        (Fate::OutOfSession, |it| it.place != Place::InActive),
        (Fate::Rejected(Rejection::MessageToVoiceOnlySession), |it| {
            it.said != Said::Nothing && it.mode == SessionMode::VoiceOnly
        }),
        (Fate::Rejected(Rejection::CallToMessageOnlySession), |it| {
            it.said == Said::Nothing && it.mode == SessionMode::MessageOnly
        }),
        (Fate::Rejected(Rejection::NoPartnerParticipant), |it| it.is_alone),
        (Fate::Waiting, |it| it.is_intercepted),
    ];
    let cases = every_case(Arrival::choose, |_| true);
    let pairs = assert_order(&rules, &cases, Arrival::fate);
    assert_eq!((rules.len(), cases.len(), pairs), (8, 432, 26));
}

// ---- WHK-5 ----

/// An answer to an out-of-session request.
#[derive(Debug)]
struct Answer {
    is_unasked: bool,
    status: WebhookAnswer,
    content_type: Option<&'static str>,
    body: &'static str,
}

impl Answer {
    fn choose(choices: &mut Choices) -> Self {
        let types = [None, Some("text/html"), Some("application/json"), Some("text/xml")];
        Self {
            is_unasked: choices.flag(),
            status: choices.of(&[WebhookAnswer::None, WebhookAnswer::Status(403), WebhookAnswer::Status(204)]),
            content_type: choices.of(&types),
            body: choices.of(&["", "{}", r#"{"participantIdentifier":"nobody"}"#]),
        }
    }

    fn is_json(&self) -> bool {
        self.content_type == Some("application/json")
    }

    fn code(&self) -> Option<u32> {
        let mut service = asked();
        let interaction = interaction(if self.is_unasked { 9 } else { 1 });
        let answer = OutOfSessionAnswer {
            status: self.status,
            content_type: self.content_type.map(|text| text.parse().unwrap()),
            body: self.body.parse().unwrap(),
        };
        match service.resolve_out_of_session(interaction, answer, sids(1, 2), at(0)) {
            Err(error) => Some(error.code().number()),
            Ok(outcome) => outcome.code().map(Code::number),
        }
    }
}

/// A service that has asked about a call from ALICE to P2, and waits for the answer.
fn asked() -> Service {
    let mut service = service().with_numbers(&[P1, P2]);
    set_out_of_session_url(&mut service);
    service.receive(call(1, ALICE, P2), at(0)).unwrap();
    service
}

fn sids(caller: u128, partner: u128) -> AutoCreateSids {
    AutoCreateSids { session: session(1), caller: participant(caller), partner: participant(partner) }
}

#[test]
fn whk_5_whatever_is_wrong_with_an_answer_the_first_check_decides() {
    let checks: Vec<Check<Answer, u32>> = vec![
        (20404, |it| it.is_unasked),
        (80913, |it| !it.status.is_success()),
        (80905, |it| it.body.is_empty() || matches!(it.content_type, None | Some("text/html"))),
        (12100, |it| it.is_json() && it.body == "{}"),
        (80404, |it| it.is_json()),
    ];
    let cases = every_case(Answer::choose, |_| true);
    let pairs = assert_order(&checks, &cases, Answer::code);
    assert_eq!((checks.len(), cases.len(), pairs), (5, 72, 9));
}

// ---- WHK-4 ----

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Caller {
    Fine,
    InFlight,
    NumberGone,
}

/// A session that an answer wishes for, whose keys have these values, if any.
#[derive(Debug)]
struct Wish {
    unique_name: Option<&'static str>,
    date_expiry: Option<&'static str>,
    ttl: Option<&'static str>,
    mode: Option<&'static str>,
    is_withheld: bool,
    partner: &'static str,
    proxy: Option<&'static str>,
    is_session_sid_taken: bool,
    participant_sids: Sids,
    caller: Caller,
}

const SID_LIKE: &str = "KC00000000000000000000000000000009";
/// More than the 255 characters of a `ProxyIdentifier`.
const TOO_LONG: &str = match str::from_utf8(&[b'1'; 256]) {
    Ok(text) => text,
    Err(_) => "",
};

impl Wish {
    fn choose(choices: &mut Choices) -> Self {
        Self {
            unique_name: choices.of(&[None, Some(SID_LIKE), Some("job")]),
            date_expiry: choices.of(&[None, Some("soon"), Some("2026-01-01T00:00:00Z")]),
            ttl: choices.of(&[None, Some("2147483647")]),
            mode: choices.of(&[None, Some("shouting")]),
            is_withheld: choices.flag(),
            partner: choices.of(&[BOB, "", "nobody", P1, ALICE]),
            proxy: choices.of(&[None, Some(TOO_LONG), Some("+14155559009")]),
            is_session_sid_taken: choices.flag(),
            participant_sids: choices.of(&[Sids::Free, Sids::Taken, Sids::Twice]),
            caller: choices.of(&[Caller::Fine, Caller::InFlight, Caller::NumberGone]),
        }
    }

    fn body(&self) -> String {
        let keys = [
            ("uniqueName", self.unique_name),
            ("dateExpiry", self.date_expiry),
            ("ttl", self.ttl),
            ("mode", self.mode),
            ("participantIdentifier", Some(self.partner)),
            ("participantProxyIdentifier", self.proxy),
        ];
        let members = keys.iter().filter_map(|(key, value)| Some(format!(r#""{key}":"{}""#, (*value)?)));
        format!("{{{}}}", members.collect::<Vec<_>>().join(","))
    }

    fn error(&self) -> Option<AutoCreateError> {
        let mut service = service().with_numbers(&[P1, P2]);
        set_out_of_session_url(&mut service);
        let inbound = if self.is_withheld { withheld_call(1, P2) } else { call(1, ALICE, P2) };
        service.receive(inbound, at(0)).unwrap();
        let mut other = new_session(if self.is_session_sid_taken { 1 } else { 9 });
        other.unique_name = Some("job".parse().unwrap());
        let other = service.create_session(other, at(0)).unwrap().sid;
        service.add_with(other, 9, XAVER, P1);
        match self.caller {
            Caller::Fine => {}
            Caller::InFlight => {
                service.begin_add_participant(other, new_participant_with(8, ALICE, P1), at(0)).unwrap();
            }
            Caller::NumberGone => service.remove_number(number(2), at(0)).unwrap(),
        }
        let (caller, partner) = match self.participant_sids {
            Sids::Free => (1, 2),
            Sids::Taken => (1, 9),
            Sids::Twice => (1, 1),
        };
        let answer = OutOfSessionAnswer {
            status: WebhookAnswer::Status(200),
            content_type: Some("application/json".parse().unwrap()),
            body: self.body().parse().unwrap(),
        };
        let outcome = service.resolve_out_of_session(interaction(1), answer, sids(caller, partner), at(0)).unwrap();
        if let Outcome::Failed { failure: OutOfSessionFailure::AutoCreate(error), .. } = outcome {
            return Some(error);
        }
        assert!(matches!(outcome, Outcome::Connected { .. }), "{outcome:?}");
        None
    }
}

fn checks_of_a_wish() -> Vec<Check<Wish, AutoCreateError>> {
    use AutoCreateParameter as Parameter;
    use CreateSessionError as Refusal;
    let invalid = |parameter| AutoCreateError::ParameterInvalid { parameter };
    let taken = |n| Refusal::ParticipantSidTaken { participant: participant(n) }.into();
    let of = |index, error| AutoCreateError::from(Refusal::Participant { index, error });
    vec![
        (invalid(Parameter::UniqueName), |it| it.unique_name == Some(SID_LIKE)),
        (invalid(Parameter::DateExpiry), |it| it.date_expiry == Some("soon")),
        (Refusal::from(not_in_future()).into(), |it| it.date_expiry == Some("2026-01-01T00:00:00Z")),
        (invalid(Parameter::Ttl), |it| it.ttl.is_some()),
        (invalid(Parameter::Mode), |it| it.mode.is_some()),
        (AutoCreateError::CallerWithheld, |it| it.is_withheld),
        (invalid(Parameter::ParticipantIdentifier), |it| it.partner.is_empty()),
        (AutoCreateError::ParticipantIdentifierInvalid, |it| it.partner == "nobody"),
        (invalid(Parameter::ParticipantProxyIdentifier), |it| it.proxy == Some(TOO_LONG)),
        (Refusal::SessionSidTaken { session: session(1) }.into(), |it| it.is_session_sid_taken),
        (taken(9), |it| it.participant_sids == Sids::Taken),
        (taken(1), |it| it.participant_sids == Sids::Twice),
        (Refusal::NonUniqueName { unique_name: "job".parse().unwrap(), existing: session(9) }.into(), |it| {
            it.unique_name == Some("job")
        }),
        (of(0, AddParticipantError::DuplicateRequest { other_session: session(9) }), |it| {
            it.caller == Caller::InFlight
        }),
        (of(0, AddParticipantError::ProxyIdentifierNotInService), |it| it.caller == Caller::NumberGone),
        (of(1, AddParticipantError::AlreadyInSession { existing: participant(1) }), |it| it.partner == ALICE),
        (of(1, in_pool()), |it| it.partner == P1),
        (of(1, AddParticipantError::ProxyIdentifierNotInService), |it| it.proxy.is_some()),
    ]
}

#[test]
fn whk_4_whatever_is_wrong_with_a_wish_the_first_check_decides() {
    let (checks, cases) = (checks_of_a_wish(), every_case(Wish::choose, |_| true));
    let pairs = assert_order(&checks, &cases, Wish::error);
    assert_eq!((checks.len(), cases.len(), pairs), (18, 19_440, 143));
    assert_all_variants(TRAFFIC_ERRORS, "AutoCreateError", &checks);
}
