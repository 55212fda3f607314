//! The world of a history: who and what there is, under which policy, and how often what happens.

use alloc::vec::Vec;
use core::str::FromStr;

use super::choices::Dice;
use crate::{
    AccountSid, CallbackUrl, ChatInstanceSid, FictionalNumbers, GeoMatchLevel, Identifier, NewService,
    NumberSelectionBehavior, NumberSid, PhoneNumberSid, Policy, ProxyIdentifier, ProxyNumber, ReservedAssignment,
    ServiceName, ServiceSid, ShortCodeSid, Sid, Span, Timestamp, Ttl, sid::Resource,
};

/// People of many countries, of none, and on two channels.
const PEOPLE: [&str; 22] = [
    "+14155550001", // San Francisco
    "+14155550002",
    "whatsapp:+14155550001",
    "whatsapp:+14155550002",
    "+14155550100",  // fictional
    "+16285550001",  // San Francisco, by the overlay
    "+12125550001",  // Manhattan
    "+17185550001",  // the other boroughs of New York
    "+14165550001",  // Toronto
    "+14415550001",  // Bermuda
    "+18765550001",  // Jamaica
    "+18005550101",  // toll-free, and fictional
    "+1415555",      // too short for an area code
    "+442079460001", // London
    "+447797700001", // Jersey
    "+77272580001",  // Kazakhstan
    "+74955550001",  // Moscow
    "+80012345678",  // toll-free, of no country
    "+882161234567", // a network, of no country
    "+9991234567",   // not assigned
    "+14155559001",  // in the pool, often
    "messenger:1",
];

/// Numbers in places near and far from them, and short codes.
const PLACES: [&str; 17] = [
    "+14155559001",
    "+14155559002",
    "44551",
    "+16285559001",
    "+12125559001",
    "+19175559001",
    "+17185559001",
    "+14165559001",
    "+14415559001",
    "+18765559001",
    "+18005559001",
    "+1415556",
    "+442079469001",
    "+74955559001",
    "+80087654321",
    "+9997654321",
    "70001",
];

/// Where people on channels are reached.
const CHANNEL_ADDRESSES: [&str; 3] = ["whatsapp:+14155559999", "whatsapp:+14155559998", "messenger:9"];

const URLS: [&str; 4] = [
    "https://a.example/callback",
    "https://a.example/intercept",
    "https://a.example/out-of-session",
    "http://b.example:8080/?x=1",
];

/// Of these texts those that are a `T`, which a test knows to be all.
pub(super) fn parsed<T: FromStr>(texts: &[&str]) -> Vec<T> {
    texts.iter().filter_map(|text| text.parse().ok()).collect()
}

/// The first SIDs of a kind.
pub(super) fn sids<R: Resource>(count: u64) -> Vec<Sid<R>> {
    (1..=count).map(|n| Sid::from_u128(n.into())).collect()
}

/// A number that may be in the pool, and the SID that it usually has there.
#[derive(Clone, Copy)]
pub(super) struct Place {
    pub(super) sid: NumberSid,
    pub(super) number: ProxyNumber,
}

impl Place {
    pub(super) fn new(n: u128, number: ProxyNumber) -> Self {
        let sid = match number {
            ProxyNumber::PhoneNumber(_) => PhoneNumberSid::from_u128(n).into(),
            ProxyNumber::ShortCode(_) => ShortCodeSid::from_u128(n).into(),
        };
        Self { sid, number }
    }
}

/// What happens next.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Kind {
    Receive,
    AddParticipant,
    CreateSession,
    BeginAddParticipant,
    AddNumber,
    ResolveIntercept,
    ResolveOutOfSession,
    Reopen,
    FinishAddParticipant,
    RemoveParticipant,
    ReportStatus,
    SendMessage,
    Close,
    DeleteInteraction,
    UpdateNumber,
    UpdateService,
    UpdateSession,
    CancelAddParticipant,
    RemoveNumber,
    DeleteSession,
    ReportCallback,
    HandleDeadline,
}

impl Kind {
    /// With how often it usually comes.
    const ALL: [(Self, u64); 22] = [
        (Self::Receive, 26),
        (Self::AddParticipant, 18),
        (Self::CreateSession, 10),
        (Self::BeginAddParticipant, 8),
        (Self::AddNumber, 6),
        (Self::ResolveIntercept, 16),
        (Self::ResolveOutOfSession, 10),
        (Self::Reopen, 6),
        (Self::FinishAddParticipant, 12),
        (Self::RemoveParticipant, 6),
        (Self::ReportStatus, 6),
        (Self::SendMessage, 5),
        (Self::Close, 4),
        (Self::DeleteInteraction, 4),
        (Self::UpdateNumber, 4),
        (Self::UpdateService, 3),
        (Self::UpdateSession, 4),
        (Self::CancelAddParticipant, 3),
        (Self::RemoveNumber, 2),
        (Self::DeleteSession, 2),
        (Self::ReportCallback, 1),
        (Self::HandleDeadline, 1),
    ];

    const fn is_traffic(self) -> bool {
        matches!(
            self,
            Self::Receive
                | Self::ResolveIntercept
                | Self::ResolveOutOfSession
                | Self::ReportStatus
                | Self::SendMessage
                | Self::DeleteInteraction
                | Self::ReportCallback
        )
    }
}

/// How time goes on.
#[derive(Clone, Copy)]
pub(super) enum Clock {
    Stands,
    Creeps,
    JustBeforeDeadline,
    AtDeadline,
    PastDeadline,
    RunsBack,
    Leaps,
}

impl Clock {
    const ALL: [(Self, u64); 7] = [
        (Self::Stands, 160),
        (Self::Creeps, 30),
        (Self::JustBeforeDeadline, 2),
        (Self::AtDeadline, 3),
        (Self::PastDeadline, 2),
        (Self::RunsBack, 4),
        (Self::Leaps, 1),
    ];
}

pub(super) struct World {
    pub(super) people: Vec<Identifier>,
    pub(super) places: Vec<Place>,
    pub(super) channel_addresses: Vec<ProxyIdentifier>,
    pub(super) urls: Vec<CallbackUrl>,
    /// How many SIDs of each kind there are.
    pub(super) sessions: u64,
    pub(super) participants: u64,
    pub(super) interactions: u64,
    /// Whether there is so little of everything that people get in each other's way.
    pub(super) is_crowded: bool,
    /// With how many commands the pool is filled at first.
    pub(super) numbers_at_first: u64,
    /// One step in so many is taken without care.
    pub(super) carelessness: u64,
    pub(super) has_traffic: bool,
    pub(super) kinds: Vec<(Kind, u64)>,
    pub(super) clocks: Vec<(Clock, u64)>,
}

impl World {
    pub(super) fn draw(dice: &mut Dice<'_>, has_traffic: bool) -> Self {
        let is_crowded = !dice.one_in(3);
        let mut people: Vec<Identifier> = parsed(&PEOPLE);
        let mut places: Vec<Place> = (1..).zip(parsed(&PLACES)).map(|(n, number)| Place::new(n, number)).collect();
        if is_crowded {
            let (stranger, somewhere) = (dice.pick(&people), dice.pick(&places));
            people.truncate(usize::from(dice.one_in(2)).saturating_add(3));
            people.extend(stranger.filter(|stranger| !people.contains(stranger)));
            places.truncate(3);
            places.extend(somewhere.filter(|somewhere| places.iter().all(|place| place.sid != somewhere.sid)));
        }
        let kinds = Kind::ALL.into_iter().filter(|(kind, _)| has_traffic || !kind.is_traffic());
        Self {
            people,
            places,
            channel_addresses: parsed(&CHANNEL_ADDRESSES),
            urls: parsed(&URLS),
            sessions: dice.between(3, 5),
            participants: dice.pick(&[16, 8, 40]).unwrap_or_default(),
            interactions: dice.pick(&[16, 5, 40]).unwrap_or_default(),
            is_crowded,
            numbers_at_first: dice
                .pick(if is_crowded { &[3, 4, 2, 1, 0] } else { &[6, 9, 4, 1, 0] })
                .unwrap_or_default(),
            carelessness: dice.pick(&[5, 5, 5, 3, 20]).unwrap_or_default(),
            has_traffic,
            kinds: swarm(kinds, dice),
            clocks: swarm(Clock::ALL, dice),
        }
    }
}

/// Weighs each anew: plainly, far more heavily, or not at all.
fn swarm<T>(usual: impl IntoIterator<Item = (T, u64)>, dice: &mut Dice<'_>) -> Vec<(T, u64)> {
    let is_plain = dice.one_in(4);
    let mut factor = || if is_plain { Some(1) } else { dice.pick(&[1, 1, 1, 1, 1, 3, 8, 0]) };
    usual.into_iter().map(|(value, weight)| (value, weight.saturating_mul(factor().unwrap_or(1)))).collect()
}

/// When a history begins: mostly on an ordinary day, at times at the first instant or near the last.
pub(super) fn start(dice: &mut Dice<'_>) -> Timestamp {
    let new_year = Timestamp::from_unix_seconds(1_767_225_600); // 2026
    let shortly_before_the_end = Timestamp::from_unix_seconds(253_402_300_000);
    let starts = [(new_year, 14), (Timestamp::MIN, 1), (shortly_before_the_end, 1)];
    dice.weighted(&starts).unwrap_or(new_year)
}

pub(super) fn policy(dice: &mut Dice<'_>) -> Policy {
    let standard = Policy::default();
    let retentions =
        [standard.retention, Span::from_seconds(300), Span::from_seconds(1), Span::from_seconds(u32::MAX), None];
    Policy {
        allow_participant_conflict: dice.one_in(2),
        reserved_assignment: dice
            .weighted(&[(ReservedAssignment::Allow, 2), (ReservedAssignment::Refuse, 1)])
            .unwrap_or_default(),
        retention: dice.pick(&retentions).flatten(),
        default_lifetime: dice.pick(&[None, None, Span::from_seconds(120), Span::from_seconds(1_000)]).flatten(),
        fictional_numbers: dice
            .weighted(&[(FictionalNumbers::Accept, 4), (FictionalNumbers::Refuse, 1)])
            .unwrap_or_default(),
        ..standard
    }
}

pub(super) fn new_service(world: &World, dice: &mut Dice<'_>) -> NewService {
    let mut new =
        NewService::new(ServiceSid::from_u128(1), AccountSid::from_u128(1), ServiceName::from_literal("rides"));
    new.default_ttl = ttl(dice, &[0, 0, 0, 500]);
    if !world.is_crowded || dice.one_in(4) {
        new.geo_match_level = dice.pick(GeoMatchLevel::ALL).unwrap_or_default();
        new.number_selection_behavior = dice.pick(NumberSelectionBehavior::ALL).unwrap_or_default();
    }
    let mut url = || dice.pick(&world.urls).filter(|_| dice.one_in(2));
    (new.callback_url, new.intercept_callback_url, new.out_of_session_callback_url) = (url(), url(), url());
    new.chat_instance_sid = dice.one_in(4).then(|| ChatInstanceSid::from_u128(1));
    new
}

pub(super) fn ttl(dice: &mut Dice<'_>, seconds: &[u32]) -> Ttl {
    dice.pick(seconds).and_then(|seconds| Ttl::from_seconds(seconds).ok()).unwrap_or_default()
}

pub(super) fn later(instant: Timestamp, seconds: u64) -> Timestamp {
    instant.checked_add(seconds).unwrap_or(Timestamp::MAX)
}

pub(super) fn earlier(instant: Timestamp, seconds: u64) -> Timestamp {
    Timestamp::from_unix_seconds(instant.as_unix_seconds().saturating_sub(seconds).cast_signed())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Identifier, ProxyIdentifier};

    #[test]
    fn every_text_of_the_vocabulary_is_what_it_is_meant_to_be() {
        assert_eq!(parsed::<Identifier>(&PEOPLE).len(), PEOPLE.len());
        assert_eq!(parsed::<ProxyNumber>(&PLACES).len(), PLACES.len());
        assert_eq!(parsed::<ProxyIdentifier>(&CHANNEL_ADDRESSES).len(), CHANNEL_ADDRESSES.len());
        assert_eq!(parsed::<CallbackUrl>(&URLS).len(), URLS.len());
        assert_eq!("rides".parse(), Ok(ServiceName::from_literal("rides")));
    }
}
