//! The machine beside the reference model: every command to both, every answer compared.
//!
//! `PROXY_HISTORIES=n` runs n histories of each world instead of 500, `PROXY_FIRST=n` starts with the n-th.
#![cfg(all(feature = "serde", feature = "testing"))]
#![expect(clippy::expect_used, clippy::panic, clippy::unwrap_used, reason = "a fixture that fails is a failed test")]

mod common;
#[expect(dead_code, reason = "this file uses a part")]
#[path = "invariants/histories.rs"]
mod histories;

use core::{fmt, ops::Range};
use std::env;

use common::*;
use histories::{History, IDENTIFIERS, histories as any_histories, later};
use proptest::{
    strategy::{Strategy, ValueTree},
    test_runner::{Config, RngAlgorithm, TestRng, TestRunner},
};
use twilio_proxy_core::{
    CancelReason, Capabilities, ChatInstanceSid, Command, FictionalNumbers, GeoMatchLevel, Identifier, LogEntry,
    NewNumber, NewParticipant, NewService, NumberSelectionBehavior, NumberSid, NumberUpdate, ParticipantSid, Patch,
    Policy, ReservedAssignment, Service, ServiceUpdate, SessionMode, SessionStatus, SessionUpdate, Span, Timestamp,
    Ttl, geography::Country, testing::Reference,
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
fn numbers() -> Range<u64> {
    let number = |name: &str| env::var(name).ok().map(|text| text.parse::<u64>().expect("a count of histories"));
    let first = number("PROXY_FIRST").unwrap_or(0);
    first..first.saturating_add(number("PROXY_HISTORIES").unwrap_or(500))
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
    for n in numbers() {
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

    fn pick<T: Clone>(&mut self, from: &[T]) -> T {
        let sides = u64::try_from(from.len()).unwrap();
        from.get(usize::try_from(self.below(sides)).unwrap()).unwrap().clone()
    }
}

/// Who travels, and where there are numbers: in every second history so few that they get in each other's way.
struct Travels {
    dice: Dice,
    now: Timestamp,
    people: Vec<&'static str>,
    /// Numbers, each with the SID that it usually has.
    places: Vec<(u128, &'static str)>,
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
        let (one, other) = (dice.pick(&TRAVELLERS), dice.pick(&["+14155550001", "+12125550001"]));
        vec![one, other, "+16285550001", "whatsapp:+14155550001"]
    } else {
        TRAVELLERS.to_vec()
    };
    let places = (1..).zip(EVERYWHERE).filter(|_| !is_crowded || dice.one_in(4)).collect();
    let mut travels = Travels { dice, now: start, people, places };
    let entries = (0..100).map(|index| travels.entry(index)).collect();
    (start, History { policy, entries })
}

impl Travels {
    fn entry(&mut self, index: usize) -> LogEntry {
        self.now = later(self.now, self.dice.pick(&[0, 0, 0, 0, 1, 30, 700]));
        let command = if index < 10 { self.add_number() } else { self.command() };
        LogEntry { now: self.now, command }
    }

    fn command(&mut self) -> Command {
        let n = u128::from(self.dice.below(4)).saturating_add(1);
        let (session, participant) = (session(n), self.participant(n));
        match self.dice.below(26) {
            0 | 1 => self.add_number(),
            2 => {
                let update = NumberUpdate { is_reserved: self.dice.pick(&[None, Some(true), Some(false)]) };
                Command::UpdateNumber { number: self.number(), update }
            }
            3 => Command::RemoveNumber { number: self.number() },
            4 => Command::UpdateService { update: self.service_update() },
            5..=9 => self.create_session(n),
            10 | 11 => Command::UpdateSession { session, update: self.session_update() },
            12 => Command::UpdateSession { session, update: close() },
            13 | 14 => {
                let fail_on_participant_conflict = self.dice.one_in(4);
                Command::UpdateSession { session, update: SessionUpdate { fail_on_participant_conflict, ..reopen() } }
            }
            15 => Command::DeleteSession { session },
            16 | 17 => Command::RemoveParticipant { session, participant },
            18 | 19 => Command::BeginAddParticipant { session, new: self.new_participant(n) },
            20 => Command::FinishAddParticipant { session, participant },
            21 => {
                let reason = self.dice.pick(&[None, Some(CancelReason::Unreachable)]);
                Command::CancelAddParticipant { session, participant, reason }
            }
            _ => Command::AddParticipant { session, new: self.new_participant(n) },
        }
    }

    fn add_number(&mut self) -> Command {
        let Some((n, text)) = self.place() else { return Command::HandleDeadline {} };
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
        new.capabilities = self.dice.one_in(3).then(|| self.capabilities());
        new.friendly_name = self.dice.one_in(3).then(|| "a line".parse().unwrap());
        new.is_reserved = self.dice.one_in(5);
        Command::AddNumber { new }
    }

    fn place(&mut self) -> Option<(u128, &'static str)> {
        if self.places.is_empty() { None } else { Some(self.dice.pick(&self.places)) }
    }

    fn capabilities(&mut self) -> Capabilities {
        let mut usually = || !self.dice.one_in(3);
        let (voice_inbound, voice_outbound) = (usually(), usually());
        let (sms_inbound, sms_outbound) = (usually(), usually());
        Capabilities { voice_inbound, voice_outbound, sms_inbound, sms_outbound, ..Capabilities::default() }
    }

    /// SID of a number that may be in the pool.
    fn number(&mut self) -> NumberSid {
        match self.place() {
            Some((n, text)) if text.starts_with('+') => number(n).into(),
            Some((n, _)) => short_code(n).into(),
            None => number(1).into(),
        }
    }

    fn service_update(&mut self) -> ServiceUpdate {
        let dice = &mut self.dice;
        if dice.one_in(8) {
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

    fn create_session(&mut self, n: u128) -> Command {
        let mut new = new_session(n);
        (new.ttl, new.date_expiry) = self.lifetime();
        new.participants = (0..self.dice.pick(&[0, 0, 1, 1, 2, 2, 2, 3])).map(|_| self.new_participant(n)).collect();
        let dice = &mut self.dice;
        new.mode = dice.pick(SessionMode::ALL);
        new.unique_name = dice.one_in(4).then(|| dice.pick(&["job-1", "job-2"]).parse().unwrap());
        new.status = Some(dice.pick(SessionStatus::ALL)).filter(|_| dice.one_in(12));
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
        let date_expiry = self.dice.pick(&[None, None, None, None, Some(0), Some(50)]);
        (ttl.map(|seconds| Ttl::from_seconds(seconds).unwrap()), date_expiry.map(|seconds| later(self.now, seconds)))
    }

    fn new_participant(&mut self, session: u128) -> NewParticipant {
        let text = self.dice.pick(&self.people);
        let mut new = NewParticipant::new(self.participant(session), identifier(text));
        let usual = if text.starts_with('+') { None } else { Some(self.dice.pick(&STRANGE_PROXIES)) };
        let proxy = match self.dice.below(8) {
            0 | 1 => self.place().map(|(_, text)| text),
            2 => Some(self.dice.pick(&STRANGE_PROXIES)),
            _ => usual,
        };
        new.proxy_identifier = proxy.map(|text| text.parse().unwrap());
        let sid = self.number().phone_number();
        new.proxy_identifier_sid = sid.filter(|_| self.dice.one_in(10));
        new.friendly_name = self.dice.one_in(3).then(|| "a person".parse().unwrap());
        new.fail_on_participant_conflict = self.dice.one_in(4);
        new
    }

    /// One of three who like this session, or anybody.
    fn participant(&mut self, session: u128) -> ParticipantSid {
        let favourite = u128::from(self.dice.below(3)).saturating_mul(4).saturating_add(session);
        participant(if self.dice.one_in(4) { u128::from(self.dice.below(13)) } else { favourite })
    }
}

#[test]
fn sel_8_histories_of_a_wide_world_go_as_predicted() {
    let identifiers = TRAVELLERS.map(identifier);
    for n in numbers() {
        let (start, history) = travels(n);
        run(n, Both::new(new_service(), history.policy.clone(), start), &history, &identifiers);
    }
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
