//! Histories of commands on a world so small that everything collides.
#![expect(clippy::unwrap_used, reason = "a fixture that fails is a failed test")]
#![expect(clippy::arithmetic_side_effects, reason = "small numbers")]

use core::fmt;

use proptest::prelude::*;
use twilio_proxy_core::{
    AutoCreateSids, CallbackUrl, Command, FictionalNumbers, GeoMatchLevel, Inbound, InteractionSid, LogEntry,
    NewNumber, NewParticipant, NewSession, NumberSelectionBehavior, NumberUpdate, OutOfSessionAnswer, Participant,
    ParticipantSid, Patch, PhoneNumber, Policy, ReservedAssignment, ResourceStatus, Service, ServiceUpdate, Session,
    SessionMode, SessionSid, SessionStatus, SessionUpdate, Span, StatusReport, Timestamp, Ttl, WaitingMatter,
    WaitingState, WebhookAnswer, geography::Country,
};

use crate::common::*;

pub(crate) const SESSIONS: [u128; 3] = [1, 2, 3];
pub(crate) const PARTICIPANTS: [u128; 6] = [1, 2, 3, 4, 5, 6];
pub(crate) const INTERACTIONS: [u128; 5] = [1, 2, 3, 4, 5];
pub(crate) const NAMES: [&str; 2] = ["ride-1", "ride-2"];
pub(crate) const CHANNEL: &str = "whatsapp:+14155550001";
pub(crate) const FICTIONAL: &str = "+14155550100";
pub(crate) const IDENTIFIERS: [&str; 4] = [ALICE, XAVER, FICTIONAL, CHANNEL];
/// The last is the short code; the one before it is reserved from the start.
pub(crate) const NUMBERS: [&str; 4] = ["+14155559001", "+14155559002", "+12125559003", "44551"];
const STRANGE_PROXIES: [&str; 3] = ["+14155559999", "whatsapp:+14155559999", "telephone"];
const DAY: u64 = 86_400;

/// What was asked of a service with this policy, created at `at(0)`. `Debug` gives a log that can be replayed.
#[derive(Clone)]
pub(crate) struct History {
    pub(crate) policy: Policy,
    pub(crate) entries: Vec<LogEntry>,
}

impl History {
    pub(crate) fn service(&self, hash_seed: u64) -> Service {
        let mut new = new_service();
        new.hash_seed = Some(hash_seed);
        Service::new(new, self.policy.clone(), at(0))
    }

    /// The service after all of it.
    pub(crate) fn run(&self) -> Service {
        let mut service = self.service(0);
        for LogEntry { now, command } in self.entries.clone() {
            let _outcome = service.apply(command, now);
        }
        service
    }
}

impl fmt::Debug for History {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", serde_json::to_string(&self.policy).unwrap())?;
        self.entries.iter().try_for_each(|entry| writeln!(f, "{}", serde_json::to_string(entry).unwrap()))
    }
}

pub(crate) fn histories() -> impl Strategy<Value = History> {
    histories_of(policies())
}

pub(crate) fn histories_of(policies: impl Strategy<Value = Policy>) -> impl Strategy<Value = History> {
    // A step that is left out is what shrinking can make of it.
    let steps = prop::collection::vec(prop::option::weighted(0.999, steps()), 100);
    (policies, steps).prop_map(|(policy, steps)| {
        let mut service = service_with(policy.clone());
        let steps: Vec<Step> = steps.into_iter().flatten().collect();
        History { policy, entries: write(&mut service, &steps) }
    })
}

/// What to do next, whatever the service.
pub(crate) fn steps() -> impl Strategy<Value = Step> {
    let kind = prop_oneof![
        4 => Just(Kind::UpdateService),
        6 => Just(Kind::AddNumber),
        3 => Just(Kind::UpdateNumber),
        2 => Just(Kind::RemoveNumber),
        10 => Just(Kind::CreateSession),
        3 => Just(Kind::Close),
        6 => Just(Kind::Reopen),
        3 => Just(Kind::Lifetime),
        4 => Just(Kind::DeleteSession),
        20 => Just(Kind::AddParticipant),
        12 => Just(Kind::BeginAddParticipant),
        6 => Just(Kind::FinishAddParticipant),
        4 => Just(Kind::CancelAddParticipant),
        6 => Just(Kind::RemoveParticipant),
        2 => Just(Kind::HandleDeadline),
        20 => Just(Kind::Receive),
        8 => Just(Kind::ResolveIntercept),
        8 => Just(Kind::ResolveOutOfSession),
        5 => Just(Kind::SendMessage),
        6 => Just(Kind::ReportStatus),
        6 => Just(Kind::DeleteInteraction),
        2 => Just(Kind::ReportCallback),
    ];
    let clock = prop_oneof![
        60 => Just(Clock::Stands),
        25 => (1_u64..40).prop_map(Clock::Creeps),
        2 => Just(Clock::JustBeforeDeadline),
        3 => Just(Clock::AtDeadline),
        3 => (1_u64..200).prop_map(Clock::PastDeadline),
        5 => (1_u64..200).prop_map(Clock::RunsBack),
        1 => Just(Clock::Leaps),
    ];
    (kind, clock, prop::bool::weighted(0.8), any::<u64>()).prop_map(|(kind, clock, is_sound, dice)| Step {
        kind,
        clock,
        is_sound,
        dice,
    })
}

/// Turns steps into commands that suit the service, and gives them to it.
pub(crate) fn write(service: &mut Service, steps: &[Step]) -> Vec<LogEntry> {
    let mut entries = Vec::new();
    for step in steps {
        let now = step.clock.now(service);
        service.handle_deadline(now);
        let entry = LogEntry { now, command: step.command(service) };
        let _outcome = service.apply(entry.command.clone(), now);
        entries.push(entry);
    }
    entries
}

pub(crate) fn strict_policies() -> impl Strategy<Value = Policy> {
    policies().prop_filter("strict", |policy| !policy.allow_participant_conflict)
}

pub(crate) fn policies() -> impl Strategy<Value = Policy> {
    let span = |seconds| Span::from_seconds(seconds);
    let with = |change: fn(&mut Policy)| {
        let mut policy = Policy::default();
        change(&mut policy);
        policy
    };
    let briefly_kept = {
        let mut policy = permissive();
        policy.retention = span(300);
        policy
    };
    let short_lived = {
        let mut policy = Policy::default();
        policy.default_lifetime = span(120);
        policy.retention = span(500);
        policy
    };
    prop_oneof![
        3 => Just(Policy::default()),
        2 => Just(permissive()),
        1 => Just(briefly_kept),
        2 => Just(short_lived),
        1 => Just(with(|policy| policy.retention = None)),
        1 => Just(with(|policy| policy.fictional_numbers = FictionalNumbers::Refuse)),
        1 => Just(with(|policy| policy.reserved_assignment = ReservedAssignment::Refuse)),
    ]
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct Step {
    kind: Kind,
    clock: Clock,
    /// Whether it takes things that are there, and leaves the rest for mistakes.
    is_sound: bool,
    dice: u64,
}

#[derive(Clone, Copy, Debug)]
enum Kind {
    UpdateService,
    AddNumber,
    UpdateNumber,
    RemoveNumber,
    CreateSession,
    Close,
    Reopen,
    Lifetime,
    DeleteSession,
    AddParticipant,
    BeginAddParticipant,
    FinishAddParticipant,
    CancelAddParticipant,
    RemoveParticipant,
    HandleDeadline,
    Receive,
    ResolveIntercept,
    ResolveOutOfSession,
    SendMessage,
    ReportStatus,
    DeleteInteraction,
    ReportCallback,
}

#[derive(Clone, Copy, Debug)]
enum Clock {
    Stands,
    Creeps(u64),
    JustBeforeDeadline,
    AtDeadline,
    PastDeadline(u64),
    RunsBack(u64),
    Leaps,
}

impl Clock {
    fn now(self, service: &Service) -> Timestamp {
        let latest = service.latest_instant();
        let deadline = service.next_deadline().unwrap_or(latest);
        match self {
            Self::Stands => latest,
            Self::Creeps(seconds) => later(latest, seconds),
            Self::JustBeforeDeadline => earlier(deadline, 1),
            Self::AtDeadline => deadline,
            Self::PastDeadline(seconds) => later(deadline, seconds),
            Self::RunsBack(seconds) => earlier(latest, seconds),
            Self::Leaps => later(latest, 90 * DAY),
        }
    }
}

pub(crate) fn later(instant: Timestamp, seconds: u64) -> Timestamp {
    instant.checked_add(seconds).unwrap_or(Timestamp::MAX)
}

pub(crate) fn earlier(instant: Timestamp, seconds: u64) -> Timestamp {
    Timestamp::from_unix_seconds(instant.as_unix_seconds().saturating_sub(seconds).cast_signed())
}

/// A number that choices are drawn from, until it is used up.
struct Dice(u64);

impl Dice {
    fn below(&mut self, sides: u64) -> u64 {
        let outcome = self.0 % sides;
        self.0 /= sides;
        outcome
    }

    fn one_in(&mut self, sides: u64) -> bool {
        self.below(sides) + 1 == sides
    }

    fn pick<T: Clone>(&mut self, from: &[T]) -> Option<T> {
        let sides = u64::try_from(from.len()).unwrap();
        if sides == 0 { None } else { from.get(usize::try_from(self.below(sides)).unwrap()).cloned() }
    }
}

impl Step {
    fn command(self, service: &Service) -> Command {
        let mut dice = Dice(self.dice);
        let sound = self.is_sound.then(|| {
            let kinds =
                [self.kind, Kind::FinishAddParticipant, Kind::CreateSession, Kind::AddNumber, Kind::AddParticipant];
            kinds.into_iter().find_map(|kind| sound(kind, service, &mut dice))
        });
        sound.flatten().unwrap_or_else(|| wild(self.kind, service, &mut dice))
    }
}

/// A command of this kind that should be accepted, or one that brings it nearer.
fn sound(kind: Kind, service: &Service, dice: &mut Dice) -> Option<Command> {
    let pool: Vec<&PhoneNumber> = service.numbers().collect();
    let sessions: Vec<&Session> = service.sessions().collect();
    match kind {
        Kind::UpdateService => Some(Command::UpdateService { update: service_update(dice) }),
        Kind::HandleDeadline => Some(Command::HandleDeadline {}),
        Kind::AddNumber => {
            let is_free = |text: &&str| pool.iter().all(|number| number.phone_number.to_string() != **text);
            let free: Vec<&str> = NUMBERS.into_iter().filter(is_free).collect();
            Some(Command::AddNumber { new: pool_number(dice.pick(&free)?) })
        }
        Kind::UpdateNumber => {
            let update = NumberUpdate { is_reserved: Some(dice.one_in(4)) };
            Some(Command::UpdateNumber { number: dice.pick(&pool)?.sid, update })
        }
        Kind::RemoveNumber => {
            let unused: Vec<_> = pool.iter().filter(|number| number.in_use == 0).collect();
            Some(Command::RemoveNumber { number: dice.pick(&unused)?.sid })
        }
        Kind::CreateSession => {
            let free: Vec<u128> =
                SESSIONS.into_iter().filter(|sid| service.session(SessionSid::from_u128(*sid)).is_none()).collect();
            let mut new = bare_session(dice.pick(&free)?, service.latest_instant(), dice);
            let names: Vec<&str> =
                NAMES.into_iter().filter(|name| service.session_by_name(name).is_none() && dice.one_in(3)).collect();
            new.unique_name = dice.pick(&names).map(|name| name.parse().unwrap());
            let (mut sids, mut identifiers) = (free_participants(service), IDENTIFIERS.to_vec());
            for _ in 0..dice.below(4).saturating_sub(1) {
                let participant = sound_participant(&mut sids, &mut identifiers, new.mode, dice);
                new.participants.extend(participant);
            }
            Some(Command::CreateSession { new })
        }
        Kind::Close => {
            let active: Vec<_> = sessions.iter().filter(|session| session.status.is_active()).collect();
            Some(Command::UpdateSession { session: dice.pick(&active)?.sid, update: close() })
        }
        Kind::Reopen => {
            let closed: Vec<_> = sessions.iter().filter(|session| !session.status.is_active()).collect();
            let update = SessionUpdate { fail_on_participant_conflict: dice.one_in(4), ..reopen() };
            Some(Command::UpdateSession { session: dice.pick(&closed)?.sid, update })
        }
        Kind::Lifetime => {
            let active: Vec<_> = sessions.iter().filter(|session| session.status.is_active()).collect();
            let session = dice.pick(&active)?.sid;
            let (ttl, date_expiry) = lifetime(service.latest_instant(), dice);
            Some(Command::UpdateSession { session, update: SessionUpdate { ttl, date_expiry, ..Default::default() } })
        }
        Kind::DeleteSession => Some(Command::DeleteSession { session: dice.pick(&sessions)?.sid }),
        Kind::AddParticipant => sound_addition(service, dice, |session, new| Command::AddParticipant { session, new }),
        Kind::BeginAddParticipant => {
            sound_addition(service, dice, |session, new| Command::BeginAddParticipant { session, new })
        }
        Kind::FinishAddParticipant => {
            let (session, participant) = dice.pick(&pending_additions(service))?;
            Some(Command::FinishAddParticipant { session, participant })
        }
        Kind::CancelAddParticipant => {
            let (session, participant) = dice.pick(&pending_additions(service))?;
            Some(Command::CancelAddParticipant { session, participant, reason: None })
        }
        Kind::RemoveParticipant => {
            let (session, participant) = dice.pick(&live_participants(service))?;
            Some(Command::RemoveParticipant { session: session.sid, participant: participant.sid })
        }
        Kind::Receive => Some(Command::Receive { inbound: sound_inbound(service, dice)? }),
        Kind::ResolveIntercept => {
            let interaction = waiting(service, dice, |matter| matches!(matter, WaitingMatter::Verdict { .. }))?;
            Some(Command::ResolveIntercept { interaction, answer: webhook_answer(dice) })
        }
        Kind::ResolveOutOfSession => {
            let interaction = waiting(service, dice, |matter| matches!(matter, WaitingMatter::OutOfSession { .. }))?;
            let free = |n: &&u128| service.session(session(**n)).is_none();
            let session = session(dice.pick(&SESSIONS.iter().filter(free).copied().collect::<Vec<_>>()).unwrap_or(1));
            let mut free = free_participants(service);
            let caller = dice.pick(&free).unwrap_or(participant(1));
            free.retain(|sid| *sid != caller);
            let partner = dice.pick(&free).unwrap_or(participant(2));
            let sids = AutoCreateSids { session, caller, partner };
            Some(Command::ResolveOutOfSession { interaction, answer: out_of_session_answer(dice), sids })
        }
        Kind::SendMessage => {
            let mut reachable = live_participants(service);
            reachable.retain(|(session, _)| session.status.is_active() && session.mode.has_messages());
            let (session, participant) = dice.pick(&reachable)?;
            let new = new_message(dice.pick(&free_interactions(service))?, "On my way");
            Some(Command::SendMessage { session: session.sid, participant: participant.sid, new })
        }
        Kind::ReportStatus => {
            let (_, interaction) = dice.pick(&interactions(service))?;
            Some(Command::ReportStatus { interaction, report: status_report(dice) })
        }
        Kind::DeleteInteraction => {
            let (session, interaction) = dice.pick(&interactions(service))?;
            Some(Command::DeleteInteraction { session, interaction })
        }
        Kind::ReportCallback => {
            Some(Command::ReportCallback { url: webhook_url("callback"), answer: webhook_answer(dice) })
        }
    }
}

fn live_participants<'a>(service: &'a Service) -> Vec<(&'a Session, &'a Participant)> {
    let of = |session: &'a Session| {
        service.participants(session.sid).into_iter().flatten().map(move |added| (session, added))
    };
    service.sessions().flat_map(of).filter(|(_, added)| added.is_live()).collect()
}

fn interactions(service: &Service) -> Vec<(SessionSid, InteractionSid)> {
    let of = |session: &Session| {
        let (sid, recorded) = (session.sid, service.interactions(session.sid));
        recorded.into_iter().flatten().map(move |interaction| (sid, interaction.sid)).collect::<Vec<_>>()
    };
    service.sessions().flat_map(of).collect()
}

fn free_interactions(service: &Service) -> Vec<u128> {
    let (recorded, waiting) = (interactions(service), service.state().waiting);
    let is_free = |n: &u128| {
        let sid = interaction(*n);
        recorded.iter().all(|(_, other)| *other != sid) && waiting.iter().all(|contact| contact.interaction != sid)
    };
    INTERACTIONS.into_iter().filter(is_free).collect()
}

/// A contact that waits for something of this kind.
fn waiting(service: &Service, dice: &mut Dice, is_it: fn(&WaitingMatter) -> bool) -> Option<InteractionSid> {
    let waiting: Vec<WaitingState> = service.state().waiting;
    let fitting: Vec<_> = waiting.iter().filter(|contact| is_it(&contact.matter)).collect();
    dice.pick(&fitting).map(|contact| contact.interaction)
}

/// A contact with a SID that is free, mostly of somebody who takes part, at something that is there.
fn sound_inbound(service: &Service, dice: &mut Dice) -> Option<Inbound> {
    let n = dice.pick(&free_interactions(service))?;
    let (from, to) = if dice.one_in(5) {
        (
            dice.pick(&IDENTIFIERS)?.to_owned(),
            dice.pick(&service.numbers().collect::<Vec<_>>())?.phone_number.to_string(),
        )
    } else {
        let mut live = live_participants(service);
        if !dice.one_in(4) {
            live.retain(|(session, _)| session.status.is_active());
        }
        let (_, participant) = dice.pick(&live)?;
        (participant.identifier.to_string(), participant.proxy_identifier.to_string())
    };
    Some(inbound(n, &from, &to, dice))
}

fn inbound(n: u128, from: &str, to: &str, dice: &mut Dice) -> Inbound {
    let mut inbound = match dice.below(8) {
        0..4 => call(n, from, to),
        4..7 => message(n, from, to, "Where are you?"),
        _ => message(n, from, to, " stop\n"),
    };
    if dice.one_in(8) {
        inbound.from = None;
    }
    inbound.parameters = vec![("From".to_owned(), from.to_owned())].try_into().unwrap();
    inbound
}

fn webhook_answer(dice: &mut Dice) -> WebhookAnswer {
    let answers =
        [WebhookAnswer::Status(200), WebhookAnswer::Status(403), WebhookAnswer::Status(500), WebhookAnswer::None];
    dice.pick(&answers).unwrap()
}

/// An answer out of session, good or bad.
fn out_of_session_answer(dice: &mut Dice) -> OutOfSessionAnswer {
    let (json, xml) = (Some("application/json"), Some("text/xml; charset=utf-8"));
    let partner = dice.pick(&IDENTIFIERS).unwrap();
    let wish = |more: &str| format!(r#"{{"participantIdentifier":"{partner}"{more}}}"#);
    let (content_type, body) = match dice.below(16) {
        0..6 => (json, wish("")),
        6 => (json, wish(r#","ttl":60,"uniqueName":"ride-1""#)),
        7 => (json, wish(r#","mode":"message-only","participantProxyIdentifier":"whatsapp:+14155559999""#)),
        8 => (json, wish(r#","dateExpiry":"2026-01-01T00:01:00Z""#)),
        9 => (json, wish(r#","ttl":-1"#)),
        10 => (json, r#"{"participantIdentifier":"nobody"}"#.to_owned()),
        11 => (json, "{".to_owned()),
        12 => (xml, "<Response/>".to_owned()),
        13 => (None, wish("")),
        _ => return OutOfSessionAnswer { status: webhook_answer(dice), ..OutOfSessionAnswer::default() },
    };
    let content_type = content_type.map(|text| text.parse().unwrap());
    OutOfSessionAnswer { status: WebhookAnswer::Status(200), content_type, body: body.parse().unwrap() }
}

fn status_report(dice: &mut Dice) -> StatusReport {
    StatusReport {
        status: dice.pick(ResourceStatus::ALL).unwrap(),
        resource_sid: dice.one_in(3).then(|| call_sid(77)),
        duration: dice.one_in(3).then_some(5),
    }
}

fn webhook_url(kind: &str) -> CallbackUrl {
    url(&format!("https://a.example/{kind}"))
}

fn pending_additions(service: &Service) -> Vec<(SessionSid, ParticipantSid)> {
    let of = |session: &Session| {
        let (sid, pending) = (session.sid, service.pending_participants(session.sid));
        pending.into_iter().flatten().map(move |pending| (sid, pending.sid)).collect::<Vec<_>>()
    };
    service.sessions().flat_map(of).collect()
}

fn sound_addition(
    service: &Service,
    dice: &mut Dice,
    command: fn(SessionSid, NewParticipant) -> Command,
) -> Option<Command> {
    if service.numbers().all(|number| number.is_reserved) {
        return sound(Kind::AddNumber, service, dice);
    }
    let has_room = |session: &&Session| {
        let live = service.participants(session.sid).into_iter().flatten().filter(|added| added.is_live()).count();
        session.status.is_active() && live + service.pending_participants(session.sid).into_iter().flatten().count() < 2
    };
    let roomy: Vec<&Session> = service.sessions().filter(has_room).collect();
    let Some(session) = dice.pick(&roomy) else { return sound(Kind::CreateSession, service, dice) };
    let mut sids = free_participants(service);
    if sids.is_empty() {
        return sound(Kind::DeleteSession, service, dice);
    }
    let is_there = |text: &str| {
        let mut added = service.participants(session.sid).into_iter().flatten();
        let mut pending = service.pending_participants(session.sid).into_iter().flatten();
        added.any(|added| added.identifier == identifier(text))
            || pending.any(|pending| pending.identifier == identifier(text))
    };
    let mut identifiers: Vec<&str> = IDENTIFIERS.into_iter().filter(|text| !is_there(text)).collect();
    let mut new = sound_participant(&mut sids, &mut identifiers, session.mode, dice)?;
    let numbers: Vec<String> = service.numbers().map(|number| number.phone_number.to_string()).collect();
    if new.proxy_identifier.is_none() && dice.one_in(5) {
        new.proxy_identifier = Some(dice.pick(&numbers)?.parse().unwrap());
    }
    Some(command(session.sid, new))
}

fn sound_participant(
    sids: &mut Vec<ParticipantSid>,
    identifiers: &mut Vec<&str>,
    mode: SessionMode,
    dice: &mut Dice,
) -> Option<NewParticipant> {
    let sid = dice.pick(sids)?;
    sids.retain(|other| *other != sid);
    identifiers.retain(|text| *text != CHANNEL || !mode.has_voice());
    let text = dice.pick(identifiers)?;
    identifiers.retain(|other| *other != text);
    let mut new = NewParticipant::new(sid, identifier(text));
    if text == CHANNEL {
        new.proxy_identifier = Some("whatsapp:+14155559999".parse().unwrap());
    }
    Some(new)
}

fn free_participants(service: &Service) -> Vec<ParticipantSid> {
    let is_free = |sid: &ParticipantSid| {
        service.sessions().all(|session| {
            service.participant(session.sid, *sid).is_none() && service.pending_participant(session.sid, *sid).is_none()
        })
    };
    PARTICIPANTS.into_iter().map(participant).filter(is_free).collect()
}

/// Any command of this kind.
fn wild(kind: Kind, service: &Service, dice: &mut Dice) -> Command {
    let now = service.latest_instant();
    let session = session(u128::from(dice.below(4)) + 1);
    let number = number(u128::from(dice.below(5)) + 1).into();
    let participant = participant(u128::from(dice.below(7)) + 1);
    match kind {
        Kind::UpdateService => Command::UpdateService { update: service_update(dice) },
        Kind::AddNumber => {
            let text = dice.pick(&NUMBERS).unwrap();
            let mut new = pool_number(text);
            if dice.one_in(2) {
                new = NewNumber::phone(crate::common::number(9), e164("+441315550000"));
            }
            Command::AddNumber { new }
        }
        Kind::UpdateNumber => Command::UpdateNumber { number, update: NumberUpdate::default() },
        Kind::RemoveNumber => Command::RemoveNumber { number },
        Kind::CreateSession => {
            let mut new = bare_session(u128::from(dice.below(4)) + 1, now, dice);
            new.status = dice.pick(&[None, None, Some(SessionStatus::Open), Some(SessionStatus::Closed)]).unwrap();
            new.unique_name = dice.pick(&NAMES).filter(|_| dice.one_in(2)).map(|name| name.parse().unwrap());
            new.participants = (0..dice.below(4)).map(|_| wild_participant(dice)).collect();
            Command::CreateSession { new }
        }
        Kind::Close | Kind::Reopen | Kind::Lifetime => {
            let (ttl, date_expiry) = lifetime(now, dice);
            let status = dice.pick(SessionStatus::ALL).filter(|_| dice.one_in(2));
            let update = SessionUpdate { status, ttl, date_expiry, fail_on_participant_conflict: dice.one_in(2) };
            Command::UpdateSession { session, update }
        }
        Kind::DeleteSession => Command::DeleteSession { session },
        Kind::AddParticipant => Command::AddParticipant { session, new: wild_participant(dice) },
        Kind::BeginAddParticipant => Command::BeginAddParticipant { session, new: wild_participant(dice) },
        Kind::FinishAddParticipant => Command::FinishAddParticipant { session, participant },
        Kind::CancelAddParticipant => Command::CancelAddParticipant { session, participant, reason: None },
        Kind::RemoveParticipant => Command::RemoveParticipant { session, participant },
        Kind::HandleDeadline => Command::HandleDeadline {},
        Kind::Receive => {
            let proxies = [&NUMBERS[..], &STRANGE_PROXIES[..2]].concat();
            let (from, to) = (dice.pick(&IDENTIFIERS).unwrap(), dice.pick(&proxies).unwrap());
            Command::Receive { inbound: inbound(dice.pick(&INTERACTIONS).unwrap(), from, to, dice) }
        }
        Kind::ResolveIntercept => {
            let interaction = interaction(dice.pick(&INTERACTIONS).unwrap());
            Command::ResolveIntercept { interaction, answer: webhook_answer(dice) }
        }
        Kind::ResolveOutOfSession => {
            let interaction = interaction(dice.pick(&INTERACTIONS).unwrap());
            let partner = crate::common::participant(u128::from(dice.below(6)) + 1);
            let sids = AutoCreateSids { session, caller: participant, partner };
            Command::ResolveOutOfSession { interaction, answer: out_of_session_answer(dice), sids }
        }
        Kind::SendMessage => {
            let body = dice.pick(&["", "On my way"]).unwrap();
            Command::SendMessage { session, participant, new: new_message(dice.pick(&INTERACTIONS).unwrap(), body) }
        }
        Kind::ReportStatus => {
            let interaction = interaction(dice.pick(&INTERACTIONS).unwrap());
            Command::ReportStatus { interaction, report: status_report(dice) }
        }
        Kind::DeleteInteraction => {
            Command::DeleteInteraction { session, interaction: interaction(dice.pick(&INTERACTIONS).unwrap()) }
        }
        Kind::ReportCallback => Command::ReportCallback { url: webhook_url("other"), answer: webhook_answer(dice) },
    }
}

fn wild_participant(dice: &mut Dice) -> NewParticipant {
    let known = dice.below(6) > 0;
    let text = if known { dice.pick(&IDENTIFIERS) } else { dice.pick(&["+14155559001", BRITON]) };
    let mut new = NewParticipant::new(participant(u128::from(dice.below(6)) + 1), identifier(text.unwrap()));
    let proxy = match dice.below(4) {
        0 => dice.pick(&STRANGE_PROXIES),
        1 => dice.pick(&NUMBERS),
        _ => None,
    };
    new.proxy_identifier = proxy.map(|text| text.parse().unwrap());
    new.proxy_identifier_sid = dice.one_in(2).then(|| number(u128::from(dice.below(4)) + 1));
    new.fail_on_participant_conflict = dice.one_in(4);
    new
}

fn bare_session(n: u128, now: Timestamp, dice: &mut Dice) -> NewSession {
    let mut new = new_session(n);
    new.mode = dice.pick(SessionMode::ALL).unwrap();
    if dice.one_in(2) {
        (new.ttl, new.date_expiry) = lifetime(now, dice);
    }
    new
}

fn lifetime(now: Timestamp, dice: &mut Dice) -> (Option<Ttl>, Option<Timestamp>) {
    let seconds = dice.pick(&[None, Some(0), Some(60), Some(600), Some(2_147_483_646)]).unwrap();
    let expiry = dice.pick(&[None, None, None, Some(1), Some(90), Some(300)]).unwrap();
    (seconds.map(|seconds| Ttl::from_seconds(seconds).unwrap()), expiry.map(|seconds| later(now, seconds)))
}

fn service_update(dice: &mut Dice) -> ServiceUpdate {
    ServiceUpdate {
        unique_name: dice.pick(&[None, Some("rides".parse().unwrap())]).unwrap(),
        default_ttl: dice.pick(&[None, Some(Ttl::UNLIMITED), Some(Ttl::from_seconds(100).unwrap())]).unwrap(),
        callback_url: url_patch("callback", dice),
        intercept_callback_url: url_patch("intercept", dice),
        out_of_session_callback_url: url_patch("out-of-session", dice),
        geo_match_level: dice.pick(GeoMatchLevel::ALL).filter(|_| dice.one_in(3)),
        number_selection_behavior: dice.pick(NumberSelectionBehavior::ALL),
        ..ServiceUpdate::default()
    }
}

fn url_patch(kind: &str, dice: &mut Dice) -> Patch<CallbackUrl> {
    let set = Patch::Set(webhook_url(kind));
    dice.pick(&[Patch::Keep, Patch::Clear, set.clone(), set]).unwrap()
}

fn pool_number(text: &str) -> NewNumber {
    let n = NUMBERS.into_iter().zip(1..).find(|(other, _)| *other == text).unwrap().1;
    if text.starts_with('+') {
        let mut new = new_number(n, text);
        new.is_reserved = n == 3;
        new
    } else {
        new_short_code(n, text, Country::US)
    }
}
