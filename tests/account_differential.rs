//! The account beside its reference model: every command to both, every answer compared; and what must hold of any history.
//!
//! `PROXY_HISTORIES=n` runs n histories in each test instead of some hundreds, `PROXY_FIRST=n` starts with the n-th.
#![cfg(all(feature = "serde", feature = "testing"))]
#![expect(clippy::expect_used, clippy::unwrap_used, reason = "a fixture that fails is a failed test")]
#![expect(clippy::arithmetic_side_effects, reason = "small numbers")]

use alloc::collections::BTreeMap;
use core::{fmt, ops::Range};
use std::env;

use crate::common::*;
use twilio_proxy_core::{
    Account, AccountCommand, AccountSid, AutoCreateSids, CancelReason, Code, Command, ContactKind, Error, Inbound,
    InteractionSid, LogEntry, NewNumber, NewOwnedNumber, NewService, NumberChoice, NumberSid, NumberUpdate,
    OutOfSessionAnswer, OutOfSessionFailure, Outcome, ParticipantSid, Patch, Policy, ProxyNumber, Reply,
    ResourceStatus, Service, ServiceSid, ServiceUpdate, SessionMode, SessionSid, Span, StatusReport, Timestamp,
    WebhookAnswer,
    geography::Country,
    testing::{AccountReference, History},
};

/// An account and its prediction.
struct Both {
    account: Account,
    reference: AccountReference,
}

impl Both {
    fn new(policy: &Policy) -> Self {
        Self {
            account: Account::new(AccountSid::from_u128(1), policy.clone(), at(0)),
            reference: AccountReference::new(AccountSid::from_u128(1), policy.clone(), at(0)),
        }
    }

    /// Gives a command to both; says where they differ.
    fn apply(&mut self, LogEntry { now, command }: LogEntry<AccountCommand>) -> Result<(), String> {
        let (answer, predicted) = (self.account.apply(command.clone(), now), self.reference.apply(command, now));
        agree("answer", &answer, &predicted)?;
        agree("next deadline", &self.account.next_deadline(), &self.reference.next_deadline())?;
        agree("latest instant", &self.account.latest_instant(), &self.reference.latest_instant())?;
        agree("state", &self.account.state(), &self.reference.state())
    }

    fn poll_event(&mut self) -> Result<bool, String> {
        let (event, predicted) = (self.account.poll_event(), self.reference.poll_event());
        agree("event", &event, &predicted)?;
        Ok(event.is_some())
    }

    /// Questions, at an instant behind the latest, at that, and ahead of it.
    fn ask(&self) -> Result<(), String> {
        let now = self.account.latest_instant();
        for now in [Timestamp::MIN, now, now.checked_add(100).unwrap()] {
            for to in NUMBERS.into_iter().map(proxy) {
                let owner = to.number().and_then(|number| self.reference.service_of_number(number));
                let owner_sid = owner.map(|owner| owner.state().settings.sid);
                let service = to.number().and_then(|number| self.account.service_of_number(number));
                agree("service", &service.map(|service| service.settings().sid), &owner_sid)?;
                for from in PEOPLE.map(identifier) {
                    let route = self.account.route(Some(&from), &to, ContactKind::Message, now);
                    match owner {
                        Some(owner) => {
                            agree("route", &route, &owner.route(Some(&from), &to, ContactKind::Message, now))?;
                        }
                        None => agree("code of a route", &route.code(), &Some(Code::NotFound))?,
                    }
                }
            }
            for service in self.account.services() {
                let reference = self.reference.service(service.settings().sid).unwrap();
                let (session, alice) = (session(1), identifier(PEOPLE[0]));
                let explanation = service.explain_selection(session, &alice, now);
                agree("explanation", &explanation, &reference.explain_selection(session, &alice, now))?;
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

/// Which histories to run.
fn histories(usually: u64) -> Range<u64> {
    let number = |name: &str| env::var(name).ok().map(|text| text.parse::<u64>().expect("a count of histories"));
    let first = number("PROXY_FIRST").unwrap_or(0);
    first..first.saturating_add(number("PROXY_HISTORIES").unwrap_or(usually))
}

const PEOPLE: [&str; 4] = [ALICE, BOB, CAROL, "whatsapp:+14155550001"];
const NUMBERS: [&str; 6] = [P1, P2, "+14155559003", "+14155559004", "44551", "whatsapp:+14155559001"];
const NAMES: [&str; 3] = ["rides", "meals", "Rides"];

/// A number that choices are drawn from without end (`SplitMix64`).
struct Dice(u64);

impl Dice {
    fn below(&mut self, sides: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)).checked_rem(sides).unwrap_or(0)
    }

    fn one_in(&mut self, sides: u64) -> bool {
        self.below(sides) == 0
    }

    fn pick<T: Clone>(&mut self, from: &[T]) -> T {
        let sides = u64::try_from(from.len()).unwrap();
        from.get(usize::try_from(self.below(sides)).unwrap()).unwrap().clone()
    }

    /// Mostly one that is there.
    fn existing<T: Clone>(&mut self, stored: &[T], any: T) -> T {
        if stored.is_empty() || self.one_in(12) { any } else { self.pick(stored) }
    }

    fn small(&mut self, sides: u64) -> u128 {
        u128::from(self.below(sides)) + 1
    }
}

/// A history as it is being thought up: a few services that want the same names and numbers.
struct Plot {
    dice: Dice,
    /// To steer by.
    account: Account,
    now: Timestamp,
}

fn policy(n: u64) -> Policy {
    let mut dice = Dice(n.wrapping_mul(7));
    let mut policy = Policy::default();
    policy.allow_participant_conflict = dice.one_in(2);
    policy.retention = dice.pick(&[None, Span::from_seconds(30), Span::from_days(90)]);
    policy.default_lifetime = dice.pick(&[None, None, Span::from_seconds(60)]);
    policy
}

fn history(n: u64, policy: &Policy) -> Vec<LogEntry<AccountCommand>> {
    let account = Account::new(AccountSid::from_u128(1), policy.clone(), at(0));
    let mut plot = Plot { dice: Dice(n), account, now: at(0) };
    (0..120).map(|index| plot.entry(index)).collect()
}

impl Plot {
    fn entry(&mut self, index: u64) -> LogEntry<AccountCommand> {
        let ahead = self.dice.pick(&[0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 7, 40]);
        self.now = self.now.checked_add(ahead).unwrap();
        // A clock that steps back now and then.
        let now = if self.dice.one_in(20) { at(0) } else { self.now };
        let command = match index {
            0..3 => self.create_service(),
            3..8 => self.register_number(),
            8..12 => self.add_number(),
            _ => self.command(),
        };
        let _outcome = self.account.apply(command.clone(), now);
        LogEntry { now, command }
    }

    fn command(&mut self) -> AccountCommand {
        match self.dice.below(48) {
            0 => self.create_service(),
            1 if self.dice.one_in(2) => AccountCommand::DeleteService { service: self.service() },
            2 | 3 => self.register_number(),
            4 => AccountCommand::ReleaseNumber { number: self.number() },
            5..=8 => self.add_number(),
            9 => self.within(|_, dice| {
                let number = dice.small(6);
                Command::RemoveNumber { number: self::number(number).into() }
            }),
            10 | 11 => self.update_service(),
            12..=16 => AccountCommand::Receive { inbound: self.inbound() },
            17 => AccountCommand::HandleDeadline {},
            _ => {
                let kind = self.dice.below(28);
                self.within(|service, dice| command(kind, service, dice))
            }
        }
    }

    fn service(&mut self) -> ServiceSid {
        let stored: Vec<ServiceSid> = self.account.services().map(|service| service.settings().sid).collect();
        let any = ServiceSid::from_u128(self.dice.small(4));
        self.dice.existing(&stored, any)
    }

    fn number(&mut self) -> NumberSid {
        let owned: Vec<NumberSid> = self.account.owned_numbers().map(|number| number.sid).collect();
        let any = number(self.dice.small(6)).into();
        self.dice.existing(&owned, any)
    }

    fn within(&mut self, command: impl FnOnce(Option<&Service>, &mut Dice) -> Command) -> AccountCommand {
        let service = self.service();
        let command = command(self.account.service(service), &mut self.dice);
        AccountCommand::Service { service, command }
    }

    fn create_service(&mut self) -> AccountCommand {
        let account = AccountSid::from_u128(if self.dice.one_in(12) { 2 } else { 1 });
        let name = self.dice.pick(&NAMES).parse().unwrap();
        let mut new = NewService::new(ServiceSid::from_u128(self.dice.small(4)), account, name);
        new.out_of_session_callback_url = Some(url(OUT_OF_SESSION)).filter(|_| self.dice.one_in(2));
        AccountCommand::CreateService { new }
    }

    fn register_number(&mut self) -> AccountCommand {
        let (n, text) = self.dice.pick(&[(1, P1), (2, P2), (3, NUMBERS[2]), (4, NUMBERS[3]), (5, "44551"), (1, P2)]);
        let mut new = match text {
            "44551" => NewOwnedNumber::short_code(short_code(n), text.parse().unwrap(), Country::US),
            _ => NewOwnedNumber::phone(number(n), e164(text)),
        };
        new.friendly_name = Some("Airport".parse().unwrap()).filter(|_| self.dice.one_in(6));
        AccountCommand::RegisterNumber { new }
    }

    fn add_number(&mut self) -> AccountCommand {
        let owned = self.account.owned_numbers().map(|number| (number.sid, number.phone_number));
        let owned: Vec<_> = owned.collect();
        let strange = (number(6).into(), pool_number(NUMBERS[3]).unwrap());
        let (sid, phone_number) = self.dice.existing(&owned, strange);
        let (_, other) = self.dice.existing(&owned, (short_code(9).into(), pool_number("70001").unwrap()));
        let service = self.service();
        let is_reserved = self.dice.one_in(6);
        let choice = |sid, phone_number| NumberChoice { sid, phone_number, is_reserved };
        let choice = match self.dice.below(12) {
            0 => choice(None, None),
            1 => choice(Some(sid), Some(other)),
            2 => choice(None, Some(other)),
            3 | 4 => choice(Some(sid), None),
            5 | 6 => choice(None, Some(phone_number)),
            7 | 8 => choice(Some(sid), Some(phone_number)),
            _ => {
                let new = match (sid.phone_number(), sid.short_code()) {
                    (Some(sid), _) => NewNumber::phone(sid, e164(self.dice.pick(&NUMBERS[..4]))),
                    (None, code) => new_short_code(code.unwrap().to_u128(), "44551", Country::US),
                };
                return AccountCommand::Service { service, command: Command::AddNumber { new } };
            }
        };
        AccountCommand::AddNumber { service, choice }
    }

    fn update_service(&mut self) -> AccountCommand {
        self.within(|_, dice| {
            let mut update = ServiceUpdate::default();
            match dice.below(5) {
                0 | 1 => update.unique_name = Some(dice.pick(&NAMES).parse().unwrap()),
                2 => update.callback_url = Patch::Set(url(CALLBACK)),
                3 => update.intercept_callback_url = dice.pick(&[Patch::Set(url(INTERCEPT)), Patch::Clear]),
                _ => update.out_of_session_callback_url = Patch::Set(url(OUT_OF_SESSION)),
            }
            Command::UpdateService { update }
        })
    }

    fn inbound(&mut self) -> Inbound {
        let service = self.service();
        inbound(self.account.service(service), &mut self.dice)
    }
}

/// Mostly from somebody in a session of this service.
fn inbound(service: Option<&Service>, dice: &mut Dice) -> Inbound {
    let sessions = service.into_iter().flat_map(Service::sessions).map(|session| session.sid);
    let people = sessions.filter_map(|session| service?.participants(session)).flatten();
    let pairs: Vec<_> = people.map(|added| (added.identifier.clone(), added.proxy_identifier.clone())).collect();
    let any = (identifier(dice.pick(&PEOPLE)), proxy(dice.pick(&NUMBERS)));
    let (from, to) = dice.existing(&pairs, any);
    let (n, from, to) = (dice.small(60), from.to_string(), to.to_string());
    match dice.below(6) {
        0 | 1 => call(n, &from, &to),
        2 => message(n, &from, &to, dice.pick(&["Stop", "Yes"])),
        _ => message(n, &from, &to, "On my way"),
    }
}

/// A command for a service, mostly on something that is there.
fn command(kind: u64, service: Option<&Service>, dice: &mut Dice) -> Command {
    let sessions: Vec<SessionSid> =
        service.into_iter().flat_map(Service::sessions).map(|session| session.sid).collect();
    let any = session(dice.small(4));
    let session = dice.existing(&sessions, any);
    let added = service.and_then(|service| service.participants(session)).into_iter().flatten();
    let added: Vec<ParticipantSid> = added.map(|added| added.sid).collect();
    let any = participant(dice.small(60));
    let participant = dice.existing(&added, any);
    let pending = service.and_then(|service| service.pending_participants(session)).into_iter().flatten();
    let pending: Vec<ParticipantSid> = pending.map(|pending| pending.sid).collect();
    let interaction = waiting_or_recorded(service, dice);
    let is_waited_for = service.is_some_and(|service| !service.state().waiting.is_empty());
    let kind = match kind {
        _ if sessions.len() < 2 && dice.one_in(2) => 0,
        12 | 13 if pending.is_empty() => 9,
        20..=23 if !is_waited_for => 19,
        _ => kind,
    };
    match kind {
        0..=3 => {
            let mut new = new_session(dice.small(12));
            new.ttl = Some(ttl(dice.pick(&[0, 0, 5, 60])));
            new.unique_name = Some("job-17".parse().unwrap()).filter(|_| dice.one_in(6));
            new.mode =
                dice.pick(&[SessionMode::VoiceAndMessage, SessionMode::VoiceAndMessage, SessionMode::MessageOnly]);
            new.participants = (0..dice.pick(&[0, 1, 2, 2, 2, 3])).map(|_| new_member(dice)).collect();
            Command::CreateSession { new }
        }
        4..=8 => Command::AddParticipant { session, new: new_member(dice) },
        9..=11 => Command::BeginAddParticipant { session, new: new_member(dice) },
        12 => Command::FinishAddParticipant { session, participant: dice.existing(&pending, any) },
        13 => {
            let reason = Some(CancelReason::Unreachable);
            Command::CancelAddParticipant { session, participant: dice.existing(&pending, any), reason }
        }
        14 => Command::RemoveParticipant { session, participant },
        15 => Command::UpdateSession { session, update: close() },
        16 | 17 => Command::UpdateSession { session, update: reopen() },
        18 if dice.one_in(3) => Command::DeleteSession { session },
        19 => Command::Receive { inbound: inbound(service, dice) },
        20 => Command::ResolveIntercept { interaction, answer: WebhookAnswer::Status(dice.pick(&[200, 403, 500])) },
        21..=23 => Command::ResolveOutOfSession { interaction, answer: answer(dice), sids: sids(dice) },
        24 => Command::SendMessage { session, participant, new: new_message(dice.small(60), "Welcome") },
        25 => {
            let status = dice.pick(&[ResourceStatus::Delivered, ResourceStatus::Sent]);
            Command::ReportStatus { interaction, report: StatusReport::new(status) }
        }
        26 => Command::ReportCallback { url: url(CALLBACK), answer: WebhookAnswer::None },
        _ => {
            let update = NumberUpdate { is_reserved: Some(dice.one_in(2)) };
            Command::UpdateNumber { number: number(dice.small(4)).into(), update }
        }
    }
}

fn waiting_or_recorded(service: Option<&Service>, dice: &mut Dice) -> InteractionSid {
    let state = service.map(Service::state);
    let waiting = state.iter().flat_map(|state| &state.waiting).map(|waiting| waiting.interaction);
    let recorded = state.iter().flat_map(|state| &state.sessions).flat_map(|session| &session.interactions);
    let stored: Vec<InteractionSid> = waiting.chain(recorded.map(|record| record.interaction.sid)).collect();
    let any = interaction(dice.small(60));
    dice.existing(&stored, any)
}

/// Somebody, often at a number that is in another pool, or is nobody's.
fn new_member(dice: &mut Dice) -> twilio_proxy_core::NewParticipant {
    let mut new = new_participant(dice.small(60), dice.pick(&PEOPLE));
    if dice.one_in(3) {
        new.proxy_identifier = Some(dice.pick(&NUMBERS).parse().unwrap());
    }
    if dice.one_in(8) {
        new.proxy_identifier_sid = Some(number(dice.small(6)));
    }
    if dice.one_in(20) {
        new.proxy_identifier = Some("telephone".parse().unwrap());
    }
    new
}

fn answer(dice: &mut Dice) -> OutOfSessionAnswer {
    let proxy_identifier = dice.pick(&["", P1, "+14155559003", "+14155559009", "telephone"]);
    let wish = match proxy_identifier {
        "" => format!(r#"{{"participantIdentifier":"{BOB}"}}"#),
        number => format!(r#"{{"participantIdentifier":"{BOB}","participantProxyIdentifier":"{number}"}}"#),
    };
    OutOfSessionAnswer {
        status: WebhookAnswer::Status(if dice.one_in(8) { 500 } else { 200 }),
        content_type: Some("application/json".parse().unwrap()),
        body: wish.parse().unwrap(),
    }
}

fn sids(dice: &mut Dice) -> AutoCreateSids {
    let caller = dice.small(59);
    AutoCreateSids {
        session: session(dice.small(12)),
        caller: participant(caller),
        partner: participant(caller.saturating_add(1)),
    }
}

/// How an answer is counted: by the code that it has, within an outcome too.
fn outcome_of(answer: &Result<Reply, Error>) -> String {
    match answer {
        Err(error) => error.code().number().to_string(),
        Ok(
            Reply::Outcome(Outcome::Failed { failure: OutOfSessionFailure::AutoCreate(error), .. })
            | Reply::Received {
                outcome: Outcome::Failed { failure: OutOfSessionFailure::AutoCreate(error), .. }, ..
            },
        ) => format!("auto-create {}", error.code().number()),
        Ok(Reply::Received { outcome, .. }) => format!("received {:?}", outcome.code().map(Code::number)),
        Ok(_) => "done".to_owned(),
    }
}

/// A history that fails, in a form that can be read back.
fn shown(entries: &[LogEntry<AccountCommand>]) -> String {
    entries.iter().map(|entry| serde_json::to_string(entry).unwrap() + "\n").collect()
}

#[test]
fn inv_4_histories_of_an_account_go_as_predicted() {
    for n in histories(300) {
        let policy = policy(n);
        let entries = history(n, &policy);
        let mut both = Both::new(&policy);
        for (index, entry) in entries.iter().enumerate() {
            let outcome = both.apply(entry.clone()).and_then(|()| {
                if n % 3 == 0 || n % 3 == 1 && index % 4 == 0 {
                    both.poll_event()?;
                }
                if index % 16 == 0 { both.ask() } else { Ok(()) }
            });
            if let Err(difference) = outcome {
                panic!("history {n} under {policy:?} differs after\n{}in {difference}", shown(&entries[..=index]));
            }
        }
        while both.poll_event().unwrap() {}
    }
}

#[test]
fn err_1_the_histories_of_an_account_come_to_each_of_its_refusals() {
    let mut census = BTreeMap::new();
    for n in 0..300 {
        let policy = policy(n);
        let mut account = Account::new(AccountSid::from_u128(1), policy.clone(), at(0));
        for LogEntry { now, command } in history(n, &policy) {
            *census.entry(outcome_of(&account.apply(command, now))).or_insert(0_u32) += 1;
        }
    }
    let codes = [80101, 80104, 80301, 80303, 80601, 80602, 80605, 80606, 80611, 80701, 20404, 20409];
    for code in codes.map(|code| code.to_string()).iter().map(String::as_str).chain([
        "auto-create 80605",
        "auto-create 80606",
        "received None",
        "received Some(80901)",
        "received Some(80903)",
        "done",
    ]) {
        assert!(census.contains_key(code), "{code} does not occur: {census:#?}");
    }
}

/// Three histories of services at the same time, with numbers that are mostly each one's own, and registered before they are
/// added.
fn side_by_side(n: u64) -> (Policy, Vec<LogEntry<AccountCommand>>) {
    let histories = (n * 64..).map(|n| History::seeded(n, 40)).filter(|history| history.start == at(0));
    let histories: Vec<History> = histories.take(3).collect();
    let policy = histories.first().unwrap().policy.clone();
    let mut create = Vec::new();
    let mut steps = Vec::new();
    for (k, History { mut new, entries, .. }) in (0_u8..).zip(histories) {
        new.sid = ServiceSid::from_u128(k.into());
        new.unique_name = format!("service-{k}").parse().unwrap();
        let service = new.sid;
        create.push(LogEntry { now: at(0), command: AccountCommand::CreateService { new } });
        let mut latest = at(0);
        for LogEntry { now, command } in entries.iter().map(|entry| moved(entry, k)) {
            latest = latest.max(now);
            if let Command::AddNumber { new } = &command {
                let number = match (new.sid(), new.number()) {
                    (NumberSid::PhoneNumber(sid), ProxyNumber::PhoneNumber(number)) => {
                        NewOwnedNumber::phone(sid, number)
                    }
                    (sid, code) => {
                        let (sid, code) = (sid.short_code().unwrap(), code.to_string().parse().unwrap());
                        NewOwnedNumber::short_code(sid, code, Country::US)
                    }
                };
                let command = AccountCommand::RegisterNumber { new: number };
                steps.push((latest, LogEntry { now, command }));
            }
            steps.push((latest, LogEntry { now, command: AccountCommand::Service { service, command } }));
        }
    }
    steps.sort_by_key(|(latest, _)| *latest);
    (policy, create.into_iter().chain(steps.into_iter().map(|(_, entry)| entry)).collect())
}

/// The same with numbers of the `k`-th service.
fn moved(entry: &LogEntry, k: u8) -> LogEntry {
    let mut json = serde_json::to_string(entry).unwrap();
    let digit = |n: u8| (n + 3 * k).to_string();
    for (usual, own) in [
        ("PN0", format!("PN{k}")),
        ("SC0", format!("SC{k}")),
        ("5559001", format!("555900{}", digit(1))),
        ("5559002", format!("555900{}", digit(2))),
        ("44551", format!("4455{}", digit(1))),
    ] {
        json = json.replace(usual, &own);
    }
    serde_json::from_str(&json).unwrap()
}

#[test]
fn inv_4_histories_of_services_go_side_by_side_as_predicted() {
    for n in histories(150) {
        let (policy, entries) = side_by_side(n);
        let mut both = Both::new(&policy);
        for (index, entry) in entries.iter().enumerate() {
            let outcome = both
                .apply(entry.clone())
                .and_then(|()| if n % 2 == 0 || index % 5 == 0 { both.poll_event().map(drop) } else { Ok(()) });
            if let Err(difference) = outcome {
                panic!("history {n} under {policy:?} differs after\n{}in {difference}", shown(&entries[..=index]));
            }
        }
        while both.poll_event().unwrap() {}
    }
}

#[test]
fn inv_2_an_account_that_comes_back_from_its_state_goes_on_as_before() {
    for n in histories(60) {
        let policy = policy(n);
        let mut original = Account::new(AccountSid::from_u128(1), policy.clone(), at(0));
        let mut restored = original.clone();
        for (index, LogEntry { now, command }) in (0_u64..).zip(history(n, &policy)) {
            if (index + n) % 11 == 0 {
                let json = serde_json::to_string(&restored.state()).unwrap();
                // INV-1: with another seed each time.
                let seed = n.wrapping_mul(31).wrapping_add(index);
                restored = Account::restore_with_hash_seed(serde_json::from_str(&json).unwrap(), seed).unwrap();
            }
            assert_eq!(original.apply(command.clone(), now), restored.apply(command, now), "history {n}, {index}");
            if index % 3 == 0 {
                assert_eq!(original.poll_event(), restored.poll_event(), "history {n}, {index}");
            }
            assert_eq!(original.next_deadline(), restored.next_deadline(), "history {n}, {index}");
        }
        assert_eq!(original.state(), restored.state(), "history {n}");
    }
}

#[test]
fn inv_3_the_accepted_commands_rebuild_an_account() {
    for n in histories(60) {
        let policy = policy(n);
        let mut original = Account::new(AccountSid::from_u128(1), policy.clone(), at(0));
        let mut replayed = original.clone();
        for LogEntry { now, command } in history(n, &policy) {
            if original.apply(command.clone(), now).is_ok() {
                replayed.apply(command, original.latest_instant()).unwrap();
            }
        }
        replayed.handle_deadline(original.latest_instant());
        assert_eq!(original.state(), replayed.state(), "history {n}");
    }
}

#[test]
fn err_2_a_refusal_changes_nothing_in_an_account() {
    for n in histories(60) {
        let policy = policy(n);
        let mut account = Account::new(AccountSid::from_u128(1), policy.clone(), at(0));
        for LogEntry { now, command } in history(n, &policy) {
            account.handle_deadline(now);
            let before = account.state();
            if account.apply(command.clone(), now).is_err() {
                assert_eq!(account.state(), before, "history {n}: {command:?}");
            }
        }
    }
}

/// A service of an account is a service: what happens to it there is what happens to it alone, as long as no rule of the
/// account is in play.
#[test]
fn svc_1_a_service_in_an_account_goes_as_one_alone() {
    for n in histories(60) {
        let policy = policy(n);
        let mut account = Account::new(AccountSid::from_u128(1), policy.clone(), at(0));
        let new = NewService::new(ServiceSid::from_u128(1), AccountSid::from_u128(1), "rides".parse().unwrap());
        let service = new.sid;
        let mut alone = Service::new(new.clone(), policy.clone(), at(0));
        account.apply(AccountCommand::CreateService { new }, at(0)).unwrap();
        for n in 1..=4_u8 {
            let (sid, phone_number) = (number(n.into()), e164(NUMBERS[usize::from(n) - 1]));
            account
                .apply(AccountCommand::RegisterNumber { new: NewOwnedNumber::phone(sid, phone_number) }, at(0))
                .unwrap();
            alone.add_number(NewNumber::phone(sid, phone_number), at(0)).unwrap();
            let choice = NumberChoice { sid: Some(sid.into()), ..NumberChoice::default() };
            account.apply(AccountCommand::AddNumber { service, choice }, at(0)).unwrap();
        }
        let (mut dice, mut now) = (Dice(n), at(0));
        for _ in 0..100 {
            now = now.checked_add(dice.pick(&[0, 0, 0, 1, 7, 40])).unwrap();
            let command = command(dice.below(28), Some(&alone), &mut dice);
            let expected = alone.apply(command.clone(), now);
            let answer = account.apply(AccountCommand::Service { service, command }, now);
            if !matches!(outcome_of(&answer).as_str(), "80606" | "auto-create 80606") {
                assert_eq!(answer, expected, "history {n}");
            }
            assert_eq!(account.next_deadline(), alone.next_deadline(), "history {n}");
            assert_eq!(account.poll_event().map(|event| event.event), alone.poll_event(), "history {n}");
        }
    }
}
