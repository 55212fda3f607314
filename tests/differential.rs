//! The machine beside the reference model: every command to both, every answer compared.
//!
//! `PROXY_HISTORIES=n` runs n histories of each world instead of 500 (with traffic 300), `PROXY_FIRST=n` starts with the n-th.
#![cfg(all(feature = "serde", feature = "testing"))]
#![expect(clippy::expect_used, clippy::panic, clippy::unwrap_used, reason = "a fixture that fails is a failed test")]

mod common;
#[expect(dead_code, reason = "this file uses a part")]
#[path = "invariants/histories.rs"]
mod histories;

use core::{fmt, ops::Range};
use std::env;

use common::*;
use histories::{History, IDENTIFIERS, earlier, histories as any_histories, later};
use proptest::{
    strategy::{Strategy, ValueTree},
    test_runner::{Config, RngAlgorithm, TestRng, TestRunner},
};
use twilio_proxy_core::{
    AutoCreateSids, CancelReason, Capabilities, ChatInstanceSid, Command, Contact, ContactKind, Event,
    FictionalNumbers, GeoMatchLevel, Identifier, Inbound, Interaction, InteractionSid, LogEntry, NewMessage, NewNumber,
    NewParticipant, NewService, NumberSelectionBehavior, NumberSid, NumberUpdate, OutOfSessionAnswer, ParticipantSid,
    Patch, Policy, ProxyIdentifier, Reply, ReservedAssignment, ResourceStatus, Service, ServiceUpdate, Session,
    SessionMode, SessionSid, SessionState, SessionStatus, SessionUpdate, Span, StatusReport, Timestamp, Ttl,
    WaitingMatter, WaitingState, WebhookAnswer, geography::Country, testing::Reference,
};

const NINETY_DAYS: u64 = 90 * 86_400;

/// A service and its prediction.
struct Both {
    service: Service,
    reference: Reference,
}

impl Both {
    fn new(new: NewService, policy: Policy, now: Timestamp) -> Self {
        Self { service: Service::new(new.clone(), policy.clone(), now), reference: Reference::new(new, policy, now) }
    }

    /// Gives a command to both; says where they differ.
    fn apply(&mut self, LogEntry { now, command }: LogEntry) -> Result<(), String> {
        let (answer, predicted) = (self.service.apply(command.clone(), now), self.reference.apply(command, now));
        agree("answer", &answer, &predicted)?;
        agree("next deadline", &self.service.next_deadline(), &self.reference.next_deadline())?;
        agree("latest instant", &self.service.latest_instant(), &self.reference.latest_instant())?;
        agree("state", &self.service.state(), &self.reference.state())
    }

    fn poll_events(&mut self) -> Result<(), String> {
        loop {
            let (event, predicted) = (self.service.poll_event(), self.reference.poll_event());
            let was_last = event.is_none();
            agree("event", &event, &predicted)?;
            if was_last {
                return Ok(());
            }
        }
    }

    /// SEL-8, for each of these people in every session, at a few instants.
    fn explain<'a>(&self, identifiers: impl Iterator<Item = &'a Identifier>) -> Result<(), String> {
        let now = self.service.latest_instant();
        // The first of them lies behind the latest one seen, and counts as that (TIM-2).
        let instants = [Some(Timestamp::MIN), Some(now), self.service.next_deadline(), Some(later(now, NINETY_DAYS))];
        for (identifier, n) in identifiers.flat_map(|identifier| (1..5).map(move |n| (identifier, n))) {
            for now in instants.into_iter().flatten() {
                let explanation = self.service.explain_selection(session(n), identifier, now);
                let predicted = self.reference.explain_selection(session(n), identifier, now);
                agree("explanation", &explanation, &predicted)
                    .map_err(|difference| format!("{difference}\nfor {identifier} in session {n} at {now}"))?;
            }
        }
        Ok(())
    }
}

fn agree<T: fmt::Debug + PartialEq>(what: &str, machine: &T, reference: &T) -> Result<(), String> {
    if machine == reference {
        return Ok(());
    }
    Err(format!("{what}\nmachine:   {machine:#?}\nreference: {reference:#?}"))
}

/// Runs the `n`-th history through both. Every second one is polled for events after each command, the others at the end.
fn run(n: u64, mut both: Both, history: &History, identifiers: &[Identifier]) {
    // Of many people each is asked about after every third command.
    let stride = if identifiers.len() > 8 { 3 } else { 1 };
    for ((index, entry), offset) in history.entries.iter().enumerate().zip((0..stride).cycle()) {
        let asked = identifiers.iter().skip(offset).step_by(stride);
        let outcome = both
            .apply(entry.clone())
            .and_then(|()| if n.is_multiple_of(2) { both.poll_events() } else { Ok(()) })
            .and_then(|()| both.explain(asked));
        if let Err(difference) = outcome {
            let entries = history.entries.iter().take(index.saturating_add(1)).cloned().collect();
            let so_far = History { policy: history.policy.clone(), entries };
            panic!("history {n} differs after\n{so_far:?}in {difference}");
        }
    }
    both.poll_events().unwrap();
}

/// Which histories to run.
fn numbers(usually: u64) -> Range<u64> {
    let number = |name: &str| env::var(name).ok().map(|text| text.parse::<u64>().expect("a count of histories"));
    let first = number("PROXY_FIRST").unwrap_or(0);
    first..first.saturating_add(number("PROXY_HISTORIES").unwrap_or(usually))
}

fn runner(n: u64) -> TestRunner {
    let mut seed = [0; 32];
    seed[..8].copy_from_slice(&n.to_le_bytes());
    TestRunner::new_with_rng(Config::default(), TestRng::from_seed(RngAlgorithm::ChaCha, &seed))
}

#[test]
fn inv_4_histories_of_a_small_world_go_as_predicted() {
    let identifiers: Vec<Identifier> =
        IDENTIFIERS.into_iter().chain([BRITON, "+14155559001"]).map(identifier).collect();
    for n in numbers(500) {
        let history = any_histories().new_tree(&mut runner(n)).expect("nothing is filtered out").current();
        run(n, Both::new(new_service(), history.policy.clone(), at(0)), &history, &identifiers);
    }
}

/// People of many countries, of none, and on two channels.
const TRAVELLERS: [&str; 19] = [
    "+14155550001",  // San Francisco
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
    "whatsapp:+14155550001",
    "messenger:1",
];

/// Numbers in places near and far from them, and short codes.
const EVERYWHERE: [&str; 16] = [
    "+14155559001",
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
    "44551",
    "70001",
];

const COUNTRIES: [Country; 8] =
    [Country::US, Country::CA, Country::BM, Country::JM, Country::GB, Country::JE, Country::RU, Country::KZ];

/// What else may be asked for as a proxy identifier.
const STRANGE_PROXIES: [&str; 5] =
    ["whatsapp:+14155550001", "whatsapp:+14155559001", "messenger:1", "+14155550001", "telephone"];

/// A number that choices are drawn from without end (`SplitMix64`).
struct Dice(u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, sides: u64) -> u64 {
        self.next().checked_rem(sides).unwrap_or(0)
    }

    fn one_in(&mut self, sides: u64) -> bool {
        self.below(sides) == 0
    }

    fn pick_or<T: Clone>(&mut self, from: &[T], other: T) -> T {
        if from.is_empty() { other } else { self.pick(from) }
    }

    fn pick<T: Clone>(&mut self, from: &[T]) -> T {
        let sides = u64::try_from(from.len()).unwrap();
        from.get(usize::try_from(self.below(sides)).unwrap()).unwrap().clone()
    }
}

/// Who travels, and where there are numbers: in every second history so few that they get in each other's way.
struct Travels {
    dice: Dice,
    /// To steer by.
    service: Service,
    now: Timestamp,
    people: Vec<&'static str>,
    /// Numbers, each with the SID that it usually has.
    places: Vec<(u128, &'static str)>,
    is_crowded: bool,
}

/// A history with every parameter there is; some begin at the first instant, some reach the last one.
fn travels(n: u64) -> (Timestamp, History) {
    let mut dice = Dice(n);
    let mut policy = Policy::default();
    policy.allow_participant_conflict = dice.one_in(2);
    policy.default_lifetime = Span::from_seconds(1_000).filter(|_| dice.one_in(4));
    policy.retention = dice.pick(&[None, Span::from_seconds(1), Span::from_days(90), Span::from_seconds(u32::MAX)]);
    policy.fictional_numbers = dice.pick(&[FictionalNumbers::Accept, FictionalNumbers::Refuse]);
    policy.reserved_assignment = dice.pick(&[ReservedAssignment::Allow, ReservedAssignment::Refuse]);

    let start = dice.pick(&[at(0), at(0), at(0), Timestamp::MIN, Timestamp::from_unix_seconds(253_402_300_000)]);
    let is_crowded = dice.one_in(2);
    let people = if is_crowded {
        vec![dice.pick(&TRAVELLERS), "+14155550001", "+14155550001", "whatsapp:+14155550001"]
    } else {
        TRAVELLERS.to_vec()
    };
    let places = (1..).zip(EVERYWHERE).filter(|(n, _)| !is_crowded || [1, 2, 3, 15].contains(n)).collect();
    let service = Service::new(new_service(), policy.clone(), start);
    let mut travels = Travels { dice, service, now: start, people, places, is_crowded };
    let entries = (0..100).map(|index| travels.entry(index)).collect();
    (start, History { policy, entries })
}

impl Travels {
    fn entry(&mut self, index: usize) -> LogEntry {
        let stands = self.is_crowded && !self.dice.one_in(8);
        self.now = later(self.now, if stands { 0 } else { self.dice.pick(&[0, 0, 0, 0, 1, 30, 700]) });
        self.service.handle_deadline(self.now);
        let command = if index < 5 { self.add_number() } else { self.command() };
        let _outcome = self.service.apply(command.clone(), self.now);
        LogEntry { now: self.now, command }
    }

    fn command(&mut self) -> Command {
        if self.service.sessions().count() < 2 && self.dice.one_in(2) {
            return self.create_session();
        }
        let session = self.session();
        match self.dice.below(32) {
            0 | 1 => self.add_number(),
            2 => {
                let update =
                    NumberUpdate { is_reserved: self.dice.pick(&[None, Some(true), Some(false), Some(false)]) };
                Command::UpdateNumber { number: self.number(), update }
            }
            3 => Command::RemoveNumber { number: self.number() },
            4 => Command::UpdateService { update: self.service_update() },
            5..=8 => self.create_session(),
            9 => Command::UpdateSession { session, update: self.session_update() },
            10 | 11 => Command::UpdateSession { session, update: close() },
            12..=14 => {
                let fail_on_participant_conflict = self.dice.one_in(4);
                Command::UpdateSession { session, update: SessionUpdate { fail_on_participant_conflict, ..reopen() } }
            }
            15 => Command::DeleteSession { session },
            16..=18 => Command::RemoveParticipant { session, participant: self.participant(session) },
            19..=23 => Command::BeginAddParticipant { session, new: self.new_participant() },
            24 => Command::FinishAddParticipant { session, participant: self.pending(session) },
            25 => {
                let reason = self.dice.pick(&[None, Some(CancelReason::Unreachable)]);
                Command::CancelAddParticipant { session, participant: self.pending(session), reason }
            }
            _ => Command::AddParticipant { session, new: self.new_participant() },
        }
    }

    /// Mostly one that is there, and active if one is.
    fn session(&mut self) -> SessionSid {
        let is_active = |session: &&Session| session.status.is_active();
        let stored: Vec<SessionSid> = self.service.sessions().map(|session| session.sid).collect();
        let active: Vec<SessionSid> = self.service.sessions().filter(is_active).map(|session| session.sid).collect();
        let any = session(u128::from(self.dice.below(4)).saturating_add(1));
        match self.dice.below(8) {
            0 => any,
            1 | 2 => self.dice.pick_or(&stored, any),
            _ => self.dice.pick_or(&active, any),
        }
    }

    /// Mostly one who is in the session.
    fn participant(&mut self, session: SessionSid) -> ParticipantSid {
        let added = self.service.participants(session).into_iter().flatten();
        let added: Vec<ParticipantSid> = added.map(|added| added.sid).collect();
        let any = participant(u128::from(self.dice.below(12)));
        if self.dice.one_in(8) { any } else { self.dice.pick_or(&added, any) }
    }

    /// Mostly one whose addition is pending in the session.
    fn pending(&mut self, session: SessionSid) -> ParticipantSid {
        let pending = self.service.pending_participants(session).into_iter().flatten();
        let pending: Vec<ParticipantSid> = pending.map(|pending| pending.sid).collect();
        let any = participant(u128::from(self.dice.below(12)));
        if self.dice.one_in(8) { any } else { self.dice.pick_or(&pending, any) }
    }

    fn add_number(&mut self) -> Command {
        let (n, text) = self.dice.pick(&self.places);
        let n = self.dice.pick(&[n, n, n, n, n.saturating_add(16), 16]);
        let given = Some(self.dice.pick(&COUNTRIES)).filter(|_| self.dice.one_in(4));
        let mut new = if text.starts_with('+') {
            let mut new = new_number(n, text);
            new.iso_country = given;
            new
        } else {
            let mut new = new_short_code(n, text, given.unwrap_or(Country::US));
            new.iso_country = new.iso_country.filter(|_| !self.dice.one_in(6));
            new
        };
        let is_plain = self.is_crowded && !self.dice.one_in(6);
        new.capabilities = (!is_plain && self.dice.one_in(3)).then(|| self.capabilities());
        new.friendly_name = self.dice.one_in(3).then(|| "a line".parse().unwrap());
        new.is_reserved = self.dice.one_in(5);
        Command::AddNumber { new }
    }

    fn capabilities(&mut self) -> Capabilities {
        let mut usually = || !self.dice.one_in(3);
        let (voice_inbound, voice_outbound) = (usually(), usually());
        let (sms_inbound, sms_outbound) = (usually(), usually());
        Capabilities { voice_inbound, voice_outbound, sms_inbound, sms_outbound, ..Capabilities::default() }
    }

    /// SID of a number that may be in the pool.
    fn number(&mut self) -> NumberSid {
        let (n, text) = self.dice.pick(&self.places);
        if text.starts_with('+') { number(n).into() } else { short_code(n).into() }
    }

    fn service_update(&mut self) -> ServiceUpdate {
        let dice = &mut self.dice;
        if dice.one_in(if self.is_crowded { 2 } else { 8 }) {
            return ServiceUpdate::default();
        }
        ServiceUpdate {
            geo_match_level: Some(dice.pick(GeoMatchLevel::ALL)).filter(|_| !dice.one_in(4)),
            number_selection_behavior: Some(dice.pick(NumberSelectionBehavior::ALL)).filter(|_| !dice.one_in(4)),
            default_ttl: dice.pick(&[None, None, Some(Ttl::UNLIMITED), Ttl::from_seconds(500).ok()]),
            unique_name: dice.one_in(6).then(|| "travels".parse().unwrap()),
            callback_url: dice.pick(&[Patch::Keep, Patch::Clear, Patch::Set("https://a.example/b".parse().unwrap())]),
            chat_instance_sid: dice.pick(&[Patch::Keep, Patch::Clear, Patch::Set(ChatInstanceSid::from_u128(1))]),
            ..ServiceUpdate::default()
        }
    }

    fn create_session(&mut self) -> Command {
        let free: Vec<u128> = (1..5).filter(|n| self.service.session(session(*n)).is_none()).collect();
        let any = u128::from(self.dice.below(4)).saturating_add(1);
        let mut new = new_session(if self.dice.one_in(8) { any } else { self.dice.pick_or(&free, any) });
        (new.ttl, new.date_expiry) = self.lifetime();
        let participants = self.dice.pick(&[0, 0, 0, 0, 1, 1, 1, 2, 2, 2, 2, 3]);
        new.participants = (0..participants).map(|_| self.new_participant()).collect();
        let dice = &mut self.dice;
        new.mode = dice.pick(SessionMode::ALL);
        new.unique_name = dice.one_in(4).then(|| dice.pick(&["job-1", "job-2"]).parse().unwrap());
        new.status = Some(dice.pick(SessionStatus::ALL)).filter(|_| dice.one_in(24));
        new.fail_on_participant_conflict = dice.one_in(4);
        Command::CreateSession { new }
    }

    fn session_update(&mut self) -> SessionUpdate {
        let (ttl, date_expiry) = self.lifetime();
        let status = Some(self.dice.pick(SessionStatus::ALL)).filter(|_| self.dice.one_in(3));
        SessionUpdate { status, ttl, date_expiry, fail_on_participant_conflict: self.dice.one_in(4) }
    }

    fn lifetime(&mut self) -> (Option<Ttl>, Option<Timestamp>) {
        let ttl = self.dice.pick(&[None, None, Some(0), Some(100)]);
        let date_expiry = self.dice.one_in(6).then(|| self.dice.pick(&[50, 50, 400, 400, 0]));
        (ttl.map(|seconds| Ttl::from_seconds(seconds).unwrap()), date_expiry.map(|seconds| later(self.now, seconds)))
    }

    fn new_participant(&mut self) -> NewParticipant {
        let text = self.dice.pick(&self.people);
        let any = participant(u128::from(self.dice.below(40)));
        let mut new = NewParticipant::new(any, identifier(text));
        let proxy = match self.dice.below(if self.is_crowded { 5 } else { 8 }) {
            0 | 1 => Some(self.dice.pick(&self.places).1),
            2 => Some(self.dice.pick(&STRANGE_PROXIES)),
            3 => None,
            _ if text.starts_with('+') => None,
            _ => Some(self.dice.pick(&STRANGE_PROXIES)),
        };
        new.proxy_identifier = proxy.map(|text| text.parse().unwrap());
        let sid = self.number().phone_number();
        new.proxy_identifier_sid = sid.filter(|_| self.dice.one_in(8));
        new.friendly_name = self.dice.one_in(3).then(|| "a person".parse().unwrap());
        new.fail_on_participant_conflict = self.dice.one_in(4);
        new
    }
}

#[test]
fn sel_8_histories_of_a_wide_world_go_as_predicted() {
    let identifiers = TRAVELLERS.map(identifier);
    for n in numbers(500) {
        let (start, history) = travels(n);
        run(n, Both::new(new_service(), history.policy.clone(), start), &history, &identifiers);
    }
}

/// Stories that random histories hardly ever tell.
fn tell(policy: Policy, commands: impl IntoIterator<Item = Command>) {
    let now = at(0);
    let history = History {
        policy: policy.clone(),
        entries: commands.into_iter().map(|command| LogEntry { now, command }).collect(),
    };
    run(0, Both::new(new_service(), policy, now), &history, &[identifier(ALICE)]);
}

fn add(n: u128, phone_number: &str) -> Command {
    let new = new_participant_with(n, ALICE, phone_number);
    Command::AddParticipant { session: session(n), new }
}

#[test]
fn con_10_of_a_flight_and_a_pair_elsewhere_both_name_the_flight() {
    let sessions = (1..=3).map(|n| Command::CreateSession { new: new_session(n) });
    let (phone_number, other) = ("+14155559001", "+14155559002");
    let numbers = [(1, phone_number), (2, other)].map(|(n, text)| Command::AddNumber { new: new_number(n, text) });
    let flight = Command::BeginAddParticipant { session: session(1), new: new_participant_with(1, ALICE, other) };
    tell(permissive(), numbers.into_iter().chain(sessions).chain([flight, add(2, phone_number), add(3, phone_number)]));
}

#[test]
fn sel_5_the_latest_use_is_the_same_for_both() {
    let (one, other) = ("+14155559001", "+14155559002");
    let numbers = [(1, one), (2, other)].map(|(n, text)| Command::AddNumber { new: new_number(n, text) });
    let sessions = (1..=4).map(|n| Command::CreateSession { new: new_session(n) });
    let uses = [(1, other), (2, one), (3, other)].into_iter().flat_map(|(n, phone_number)| {
        let removal = Command::RemoveParticipant { session: session(n), participant: participant(n) };
        [add(n, phone_number), removal]
    });
    let selection = Command::AddParticipant { session: session(4), new: new_participant(4, ALICE) };
    tell(Policy::default(), numbers.into_iter().chain(sessions).chain(uses).chain([selection]));
}

#[test]
fn svc_2_a_new_service_is_as_predicted() {
    let mut new = new_service();
    new.default_ttl = Ttl::MAX;
    new.geo_match_level = GeoMatchLevel::ExtendedAreaCode;
    new.number_selection_behavior = NumberSelectionBehavior::AvoidSticky;
    new.callback_url = Some("https://a.example/callback".parse().unwrap());
    new.intercept_callback_url = Some("https://a.example/intercept".parse().unwrap());
    new.out_of_session_callback_url = Some("https://a.example/out-of-session".parse().unwrap());
    new.chat_instance_sid = Some(ChatInstanceSid::from_u128(7));
    for new in [new_service(), new] {
        let both = Both::new(new, permissive(), at(7));
        assert_eq!(both.service.state(), both.reference.state());
    }
}

#[test]
fn num_3_a_pool_fills_up_as_predicted() {
    let mut both = Both::new(new_service(), Policy::default(), at(0));
    let mut dice = Dice(0);
    let new = |n: u64, is_reserved: bool| {
        let n_text = n.saturating_add(10_000_000);
        let mut new = NewNumber::phone(number(n.into()), e164(&format!("+1415{n_text}")));
        new.is_reserved = is_reserved;
        Command::AddNumber { new }
    };
    let flip = |n: u64, is_reserved: bool| Command::UpdateNumber {
        number: number(n.into()).into(),
        update: NumberUpdate { is_reserved: Some(is_reserved) },
    };
    // Up to both limits and beyond, then to and fro across the thresholds.
    let fill = (0..502).map(|n| new(n, false)).chain((502..5_504).map(|n| new(n, true))).collect::<Vec<_>>();
    let drain = (0..90)
        .map(|n| flip(n, true))
        .chain((0_u64..90).map(|n| Command::RemoveNumber { number: number(n.into()).into() }));
    let shake = (0..2_000).map(|_| flip(dice.below(1_000), dice.one_in(2))).collect::<Vec<_>>();
    for (n, command) in (0_u32..).zip(fill.into_iter().chain(drain).chain(shake)) {
        let now = at(0);
        let (answer, predicted) = (both.service.apply(command.clone(), now), both.reference.apply(command, now));
        assert_eq!(answer, predicted);
        both.poll_events().unwrap();
        if n.is_multiple_of(250) {
            assert_eq!(both.service.state(), both.reference.state());
        }
    }
}

/// Who calls and writes; the third lives where the reserved number does.
const PEOPLE: [&str; 6] = [ALICE, BOB, XAVER, "whatsapp:+14155550001", "whatsapp:+14155550002", CAROL];

/// Where they reach each other, short code and channels included; the last two are known to nobody at first.
const PROXIES: [&str; 7] = [
    "+14155559001",
    "+14155559002",
    "+12125559003",
    "44551",
    "whatsapp:+14155559999",
    "whatsapp:+14155559998",
    "+14155559004",
];

const BODIES: [&str; 9] =
    ["", "hello", "STOP", " unstop\r\n", "start", "stop it", "say \"so\"\\ /\u{7f}\u{e9}", "a\tb\u{1}\n", "\u{b}stop"];

/// What may stand in an answer that creates a session; the first of each is left out.
const ANSWER_KEYS: [(&str, &[&str]); 6] = [
    ("uniqueName", &["", "", "", r#""job-1""#, r#""job-2""#, r#""""#, r#""KC00000000000000000000000000000001""#, "7"]),
    (
        "mode",
        &["", "", "", r#""voice-only""#, r#""message-only""#, r#""voice-and-message""#, r#""Voice-Only""#, "null"],
    ),
    (
        "ttl",
        &[
            "",
            "",
            "",
            "60",
            r#""600""#,
            "0",
            "-1",
            "2147483647",
            r#""99999999999999999999""#,
            "1.0",
            r#""""#,
            r#""-1""#,
        ],
    ),
    (
        "dateExpiry",
        &[
            "",
            "",
            "",
            r#""2026-01-01T00:05:00Z""#,
            r#""2030-01-01T00:00:00.9+01:00""#,
            r#""2020-01-01T00:00:00Z""#,
            r#""soon""#,
            "0",
        ],
    ),
    (
        "participantProxyIdentifier",
        &["", "", "", "", r#""+14155559001""#, r#""+12125559003""#, r#""telephone""#, r#""""#, "[]"],
    ),
    ("unknown", &["", "", "null", "{}"]),
];

const ANSWER_BODIES: [&str; 8] = [
    "",
    " ",
    "[]",
    "null",
    "{}",
    r#"{"participantIdentifier":7}"#,
    "<Response/>",
    r#"{"participantIdentifier":"+14155550002"} x"#,
];

/// Calls and messages among few people; it knows how the machine stands.
struct Traffic {
    dice: Dice,
    now: Timestamp,
    guide: Service,
    entries: Vec<LogEntry>,
}

fn traffic(n: u64) -> History {
    let mut dice = Dice(n.wrapping_mul(0x1234_5677));
    let mut policy = Policy::default();
    policy.allow_participant_conflict = dice.one_in(2);
    policy.default_lifetime = Span::from_seconds(100).filter(|_| dice.one_in(3));
    policy.retention = dice.pick(&[None, Span::from_seconds(1), Span::from_seconds(300), Span::from_days(90)]);
    policy.reserved_assignment = dice.pick(&[ReservedAssignment::Allow, ReservedAssignment::Refuse]);
    policy.fictional_numbers =
        dice.pick(&[FictionalNumbers::Accept, FictionalNumbers::Accept, FictionalNumbers::Refuse]);
    let guide = Service::new(new_service(), policy.clone(), at(0));
    let mut traffic = Traffic { dice, now: at(0), guide, entries: Vec::new() };
    let numbers = (1..=4).map(Traffic::add_number_at).collect::<Vec<_>>();
    let update = traffic.service_update();
    for command in numbers.into_iter().chain([Command::UpdateService { update }]) {
        traffic.write(command);
    }
    for _ in 0..2 {
        let command = traffic.create_session();
        traffic.write(command);
    }
    while traffic.entries.len() < 100 {
        traffic.step();
    }
    History { policy, entries: traffic.entries }
}

impl Traffic {
    fn write(&mut self, command: Command) {
        let _answer = self.guide.apply(command.clone(), self.now);
        self.entries.push(LogEntry { now: self.now, command });
    }

    fn step(&mut self) {
        let deadline = self.guide.next_deadline().unwrap_or(self.now);
        let dice = &mut self.dice;
        self.now = match dice.below(60) {
            0 => deadline,
            1 => later(deadline, 1),
            2 => earlier(deadline, 1),
            3 => earlier(self.now, 5),
            4 if dice.one_in(8) => later(self.now, NINETY_DAYS),
            5..=12 => later(self.now, 1),
            13 => later(self.now, 40),
            _ => self.now,
        };
        let command = match self.dice.below(48) {
            14..=17 if self.someone_waits(true) => self.resolve_intercept(),
            18..=22 if self.someone_waits(false) => self.resolve_out_of_session(),
            0..=22 => self.receive(),
            23..=25 => self.send_message(),
            26..=29 => self.report_status(),
            30 | 31 => {
                let (session, interaction) = self.known_interaction();
                Command::DeleteInteraction { session, interaction }
            }
            32 => Command::ReportCallback { url: url(CALLBACK), answer: self.answer() },
            33 => Command::UpdateService { update: self.service_update() },
            34 => {
                let place = self.dice.pick(&[1, 2, 3, 4, 7]);
                Self::add_number_at(place)
            }
            35 => {
                let n = u128::from(self.dice.below(4)).saturating_add(1);
                Command::RemoveNumber { number: if n == 4 { short_code(4).into() } else { number(n).into() } }
            }
            _ => self.manage(),
        };
        self.write(command);
    }

    /// What else there is, to sessions and their people.
    fn manage(&mut self) -> Command {
        let session = self.session();
        let participant = self.participant(session);
        match self.dice.below(16) {
            0 | 1 => Command::UpdateSession { session, update: close() },
            2 | 3 => Command::UpdateSession { session, update: reopen() },
            4 => {
                let ttl = self.dice.pick(&[None, Some(ttl(30)), Some(ttl(0))]);
                let date_expiry = self.dice.one_in(3).then(|| later(self.now, 20));
                Command::UpdateSession { session, update: SessionUpdate { ttl, date_expiry, ..Default::default() } }
            }
            5 => Command::DeleteSession { session },
            6 | 7 => Command::RemoveParticipant { session, participant },
            8 => Command::BeginAddParticipant { session, new: self.anyone(session) },
            9 => {
                let pending = self.guide.pending_participants(session).into_iter().flatten().next();
                Command::FinishAddParticipant { session, participant: pending.map_or(participant, |added| added.sid) }
            }
            10 | 11 => Command::AddParticipant { session, new: self.anyone(session) },
            _ => self.create_session(),
        }
    }

    fn create_session(&mut self) -> Command {
        let mut new = new_session(self.free_session());
        let modes = [
            SessionMode::VoiceAndMessage,
            SessionMode::VoiceAndMessage,
            SessionMode::MessageOnly,
            SessionMode::VoiceOnly,
        ];
        new.mode = self.dice.pick(&modes);
        new.ttl = self.dice.pick(&[None, None, Some(ttl(50)), Some(ttl(600))]);
        new.unique_name = self.dice.one_in(6).then(|| "job-1".parse().unwrap());
        for _ in 0..self.dice.pick(&[0, 1, 2, 2, 2, 2]) {
            let participant = self.new_participant(new.mode);
            if new.participants.iter().all(|earlier| earlier.identifier != participant.identifier) {
                new.participants.push(participant);
            }
        }
        Command::CreateSession { new }
    }

    fn receive(&mut self) -> Command {
        let n = u128::from(self.dice.below(20)).saturating_add(1);
        let pairs: Vec<(Identifier, ProxyIdentifier)> = self
            .guide
            .sessions()
            .filter(|session| session.status.is_active() || n < 6)
            .flat_map(|session| self.guide.participants(session.sid).into_iter().flatten())
            .map(|added| (added.identifier.clone(), added.proxy_identifier.clone()))
            .collect();
        let (from, to) = if pairs.is_empty() || self.dice.one_in(5) {
            (identifier(self.dice.pick(&PEOPLE)), proxy(self.dice.pick(&PROXIES)))
        } else {
            self.dice.pick(&pairs)
        };
        let from = Some(from).filter(|_| !self.dice.one_in(12));
        let mut inbound = if self.dice.one_in(2) {
            Inbound::call(interaction(n), call_sid(n), from, to)
        } else {
            let body = self.dice.pick(&BODIES).parse().unwrap();
            let mut inbound = Inbound::message(interaction(n), message_sid(n), from, to, body);
            if let (Contact::Message { media, .. }, true) = (&mut inbound.contact, self.dice.one_in(4)) {
                *media = vec!["https://a.example/picture".parse().unwrap()].try_into().unwrap();
            }
            inbound
        };
        if self.dice.one_in(3) {
            let own = [("From", "x"), ("sessionSid", "mine")].map(|(name, value)| (name.to_owned(), value.to_owned()));
            inbound.parameters = own.to_vec().try_into().unwrap();
        }
        Command::Receive { inbound }
    }

    fn resolve_intercept(&mut self) -> Command {
        Command::ResolveIntercept { interaction: self.waiting(true), answer: self.answer() }
    }

    fn resolve_out_of_session(&mut self) -> Command {
        let is_strange = self.dice.one_in(10);
        let body = if is_strange { self.dice.pick(&ANSWER_BODIES).to_owned() } else { self.wish() };
        let types = [
            "application/json",
            "application/json",
            "Application/JSON ; charset=utf-8",
            "application/json",
            "text/xml",
            "application/xml;x",
            "text/html",
        ];
        let content_type = Some(self.dice.pick(&types).parse().unwrap()).filter(|_| !self.dice.one_in(20));
        let status = if self.dice.one_in(8) { self.answer() } else { WebhookAnswer::Status(200) };
        let answer = OutOfSessionAnswer { status, content_type, body: body.parse().unwrap() };
        let (caller, partner) = (self.free_participant(), self.free_participant());
        let sids = AutoCreateSids { session: session(self.free_session()), caller, partner };
        Command::ResolveOutOfSession { interaction: self.waiting(false), answer, sids }
    }

    /// JSON that creates a session, more often than not.
    fn wish(&mut self) -> String {
        let partner = self.dice.pick(&[
            ALICE,
            BOB,
            BOB,
            XAVER,
            XAVER,
            CAROL,
            BRITON,
            "whatsapp:+14155550002",
            " +14155550003 ",
            "",
            "nobody",
            "+14155559001",
        ]);
        let mut members = vec![format!(r#""participantIdentifier":"{partner}""#)];
        let is_plain = !self.dice.one_in(3);
        for (key, values) in ANSWER_KEYS {
            let value = self.dice.pick(values);
            let value = if is_plain && !self.dice.one_in(8) { "" } else { value };
            if !value.is_empty() {
                members.push(format!(r#""{key}":{value}"#));
            }
        }
        if self.dice.one_in(30) {
            members.remove(0);
        }
        format!("{{{}}}", members.join(","))
    }

    fn send_message(&mut self) -> Command {
        let session = self.session();
        let n = u128::from(self.dice.below(20)).saturating_add(1);
        let new = NewMessage::new(interaction(n), self.dice.pick(&BODIES).parse().unwrap());
        Command::SendMessage { session, participant: self.participant(session), new }
    }

    fn report_status(&mut self) -> Command {
        let (_, interaction) = self.known_interaction();
        let report = StatusReport {
            status: if self.dice.one_in(3) { self.dice.pick(ResourceStatus::ALL) } else { ResourceStatus::Sent },
            resource_sid: self.dice.pick(&[None, Some(call_sid(20)), Some(message_sid(20))]),
            duration: self.dice.pick(&[None, Some(5), Some(6)]),
        };
        Command::ReportStatus { interaction, report }
    }

    fn answer(&mut self) -> WebhookAnswer {
        let answers = [200, 204, 299, 403, 403, 404, 500, 199, 300].map(WebhookAnswer::Status);
        if self.dice.one_in(8) { WebhookAnswer::None } else { self.dice.pick(&answers) }
    }

    fn someone_waits(&mut self, for_verdict: bool) -> bool {
        let is_asked = |waiting: &WaitingState| matches!(waiting.matter, WaitingMatter::Verdict { .. }) == for_verdict;
        self.guide.state().waiting.iter().any(is_asked) || self.dice.one_in(20)
    }

    /// A contact that waits, for a verdict or not, or any other.
    fn waiting(&mut self, for_verdict: bool) -> InteractionSid {
        let waiting = self.guide.state().waiting;
        let is_asked = |waiting: &&WaitingState| matches!(waiting.matter, WaitingMatter::Verdict { .. }) == for_verdict;
        let sids: Vec<_> = waiting.iter().filter(is_asked).map(|waiting| waiting.interaction).collect();
        if sids.is_empty() || self.dice.one_in(8) {
            interaction(u128::from(self.dice.below(9)).saturating_add(1))
        } else {
            self.dice.pick(&sids)
        }
    }

    fn known_interaction(&mut self) -> (SessionSid, InteractionSid) {
        let sessions = self.guide.state().sessions;
        let of = |state: &SessionState| {
            let sid = state.session.sid;
            state.interactions.iter().map(move |state| (sid, state.interaction.sid)).collect::<Vec<_>>()
        };
        let known: Vec<_> = sessions.iter().flat_map(of).collect();
        if known.is_empty() || self.dice.one_in(8) {
            (self.session(), interaction(u128::from(self.dice.below(9)).saturating_add(1)))
        } else {
            self.dice.pick(&known)
        }
    }

    fn session(&mut self) -> SessionSid {
        let stored: Vec<_> = self.guide.sessions().map(|session| session.sid).collect();
        if stored.is_empty() || self.dice.one_in(12) { session(5) } else { self.dice.pick(&stored) }
    }

    fn participant(&mut self, session: SessionSid) -> ParticipantSid {
        let added: Vec<_> = self.guide.participants(session).into_iter().flatten().map(|added| added.sid).collect();
        if added.is_empty() || self.dice.one_in(8) { participant(1) } else { self.dice.pick(&added) }
    }

    fn free_session(&mut self) -> u128 {
        let free: Vec<u128> = (1..6).filter(|n| self.guide.session(session(*n)).is_none()).collect();
        if free.is_empty() || self.dice.one_in(20) { 1 } else { self.dice.pick(&free) }
    }

    fn free_participant(&mut self) -> ParticipantSid {
        participant(u128::from(self.dice.below(200)).saturating_add(1))
    }

    fn new_participant(&mut self, mode: SessionMode) -> NewParticipant {
        let suits = |text: &&str| text.starts_with('+') || !mode.has_voice();
        let people: Vec<&str> = PEOPLE.into_iter().filter(suits).collect();
        let text = if self.dice.one_in(20) { "whatsapp:+14155550001" } else { self.dice.pick(&people) };
        let mut new = NewParticipant::new(self.free_participant(), identifier(text));
        if text.starts_with('w') {
            let addresses = ["whatsapp:+14155559999", "whatsapp:+14155559998"];
            new.proxy_identifier = Some(self.dice.pick(&addresses).parse().unwrap());
        } else if self.dice.one_in(5) {
            new.proxy_identifier = Some(self.dice.pick(&PROXIES).parse().unwrap());
        }
        new.friendly_name = self.dice.one_in(3).then(|| "a person".parse().unwrap());
        new
    }

    fn anyone(&mut self, session: SessionSid) -> NewParticipant {
        let mode = self.guide.session(session).map(|session| session.mode).unwrap_or_default();
        self.new_participant(mode)
    }

    fn add_number_at(place: usize) -> Command {
        let text = PROXIES.get(place.saturating_sub(1)).copied().unwrap();
        let n = u128::try_from(place).unwrap();
        let mut new = if place == 4 { new_short_code(n, text, Country::US) } else { new_number(n, text) };
        new.is_reserved = place == 3;
        Command::AddNumber { new }
    }

    fn service_update(&mut self) -> ServiceUpdate {
        let mut patch =
            |text| self.dice.pick(&[Patch::Keep, Patch::Clear, Patch::Set(url(text)), Patch::Set(url(text))]);
        let (callback_url, intercept_callback_url) = (patch(CALLBACK), patch(INTERCEPT));
        let out_of_session_callback_url = patch(OUT_OF_SESSION);
        ServiceUpdate { callback_url, intercept_callback_url, out_of_session_callback_url, ..Default::default() }
    }
}

impl Both {
    /// RTE-9, for some of the people at a few instants.
    fn route(&self, dice: &mut Dice) -> Result<(), String> {
        let now = self.service.latest_instant();
        let instants = [Some(Timestamp::MIN), Some(now), self.service.next_deadline(), Some(later(now, NINETY_DAYS))];
        for _ in 0..5 {
            let from = Some(identifier(dice.pick(&PEOPLE))).filter(|_| !dice.one_in(10));
            let (to, kind) = (proxy(dice.pick(&PROXIES)), dice.pick(&[ContactKind::Call, ContactKind::Message]));
            for now in instants.into_iter().flatten() {
                let route = self.service.route(from.as_ref(), &to, kind, now);
                let predicted = self.reference.route(from.as_ref(), &to, kind, now);
                agree("route", &route, &predicted)
                    .map_err(|difference| format!("{difference}\nfor {kind} from {from:?} to {to} at {now}"))?;
            }
        }
        Ok(())
    }

    /// INT-5, from what the reference has stored.
    fn list(&self) -> Result<(), String> {
        for SessionState { session, participants, interactions, .. } in self.reference.state().sessions {
            let stored: Vec<_> = interactions.into_iter().map(|state| state.interaction).collect();
            let listed = self.service.interactions(session.sid).map(|listed| listed.cloned().collect::<Vec<_>>());
            agree("interactions", &listed.as_ref(), &Some(&stored))?;
            for added in participants {
                let sid = added.participant.sid;
                let is_sent = |one: &&Interaction| {
                    one.inbound_participant_sid.is_none() && one.outbound_participant_sid == Some(sid)
                };
                let sent: Vec<_> = stored.iter().filter(is_sent).collect();
                let listed = self.service.message_interactions(session.sid, sid).map(Iterator::collect::<Vec<_>>);
                agree("message interactions", &listed, &Some(sent))?;
            }
        }
        Ok(())
    }

    /// INV-2
    fn restore(&self) -> Result<(), String> {
        let restored = Service::restore(self.service.state()).map(|service| service.state());
        agree("restored state", &restored, &Ok(self.service.state()))
    }
}

/// Where a history differs, if it does: after which of its entries, and in what.
fn difference(n: u64, history: &History) -> Option<(usize, String)> {
    let mut both = Both::new(new_service(), history.policy.clone(), at(0));
    for (index, entry) in history.entries.iter().enumerate() {
        let outcome = both
            .apply(entry.clone())
            .and_then(|()| both.route(&mut Dice(n)))
            .and_then(|()| both.list())
            .and_then(|()| both.restore())
            .and_then(|()| if n.is_multiple_of(3) { both.poll_events() } else { Ok(()) });
        if let Err(difference) = outcome {
            return Some((index, difference));
        }
        if n % 3 == 1 {
            let _equal = (both.service.poll_event(), both.reference.poll_event());
        }
    }
    both.poll_events().err().map(|difference| (history.entries.len(), difference))
}

#[test]
fn rte_12_histories_of_traffic_go_as_predicted() {
    for n in numbers(300) {
        let mut history = traffic(n);
        let Some((mut last, mut found)) = difference(n, &history) else { continue };
        // What can be left out is left out.
        history.entries.truncate(last.saturating_add(1));
        while last > 0 {
            last -= 1;
            let mut shorter = history.clone();
            shorter.entries.remove(last);
            if let Some((index, difference)) = difference(n, &shorter) {
                shorter.entries.truncate(index.saturating_add(1));
                (history, found) = (shorter, difference);
                last = last.min(history.entries.len());
            }
        }
        panic!("history {n} differs after\n{history:?}in {found}");
    }
}

/// What the histories with traffic are about comes up in them.
#[test]
fn err_3_histories_of_traffic_meet_what_there_is() {
    let mut met = Vec::new();
    for n in 0..100 {
        let history = traffic(n);
        let mut service = Service::new(new_service(), history.policy.clone(), at(0));
        for LogEntry { now, command } in history.entries {
            if let Ok(Reply::Outcome(outcome)) = service.apply(command, now) {
                met.push(outcome.code().map_or("none".to_owned(), |code| code.number().to_string()));
            }
            let events = core::iter::from_fn(|| service.poll_event());
            met.extend(events.filter_map(|event| match event {
                Event::Notification(notification) => Some(notification.code().number().to_string()),
                Event::Request(request) => Some(request.purpose.to_string()),
                Event::Leg(_) | _ => None,
            }));
        }
    }
    for expected in [
        "none callback intercept out_of_session 80614 80801 80802 80901 80902 80903 80904 80905 80906 80907 80908 80909",
        "80910 80911 80913 12100 20409 80402 80404 80605 80701",
    ]
    .iter()
    .flat_map(|line| line.split(' '))
    {
        assert!(met.iter().any(|code| code == expected), "{expected}");
    }
}
