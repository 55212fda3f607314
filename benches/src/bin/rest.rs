//! What the REST layer adds to `add_participant`: form, SIDs and path read, resource and JSON written.
//!
//! `cargo run --release -p benches --bin rest` gives the same additions to an account once as commands and once as requests, in
//! turn in the same run, and prints the medians and their difference.

#![expect(clippy::disallowed_types, reason = "a benchmark reads the clock")]
#![expect(clippy::arithmetic_side_effects, reason = "the figures are small")]

use core::{error::Error, hint::black_box, time::Duration};
use std::time::Instant;

use http::{Request, StatusCode};
use twilio_proxy_core::{
    Account, AccountCommand, AccountSid, Command, NewNumber, NewOwnedNumber, NewParticipant, NewService, NewSession,
    ParticipantSid, PhoneNumberSid, Policy, ServiceSid, SessionSid, Timestamp,
    rest::{self, Context, Origin},
};

const ROUNDS: usize = 201;
const BATCH: u32 = 500;
const NOW: Timestamp = Timestamp::MIN;
const BAR: Duration = Duration::from_micros(2);

fn main() -> Result<(), Box<dyn Error>> {
    let mut world = World::new()?;
    let (mut commands, mut requests) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        commands.push(world.commands()?);
        requests.push(world.requests()?);
    }
    let (command, request) = (median(commands), median(requests));
    let added = request.saturating_sub(command);
    let verdict = if added <= BAR { "ok" } else { "short" };
    println!("add_participant\tcommand {command:?}\trequest {request:?}\tadded {added:?}\tbar {BAR:?}\t{verdict}");
    Ok(())
}

fn median(mut values: Vec<Duration>) -> Duration {
    values.sort_unstable();
    values.get(values.len() / 2).copied().unwrap_or_default()
}

/// To which session somebody is to be added, as whom, and the identifier.
type Person = (SessionSid, ParticipantSid, String);

/// An account with a service whose pool has 500 numbers.
struct World {
    account: Account,
    service: ServiceSid,
    origin: Origin,
    created: u32,
}

impl World {
    fn new() -> Result<Self, Box<dyn Error>> {
        let mut account = Account::new(AccountSid::from_u128(1), Policy::default(), NOW);
        let service = ServiceSid::from_u128(1);
        account.apply(
            AccountCommand::CreateService { new: NewService::new(service, account.sid(), "rides".parse()?) },
            NOW,
        )?;
        for n in 0..500_u32 {
            let (sid, number) = (PhoneNumberSid::from_u128(n.into()), format!("+1415{:07}", 2_000_000 + n).parse()?);
            account.apply(AccountCommand::RegisterNumber { new: NewOwnedNumber::phone(sid, number) }, NOW)?;
            let command = Command::AddNumber { new: NewNumber::phone(sid, number) };
            account.apply(AccountCommand::Service { service, command }, NOW)?;
        }
        Ok(Self { account, service, origin: Origin::default(), created: 0 })
    }

    /// New sessions, each with somebody to add.
    fn people(&mut self) -> Result<Vec<Person>, Box<dyn Error>> {
        let mut people = Vec::new();
        for _ in 0..BATCH {
            self.created += 1;
            let n = u128::from(self.created);
            let session = SessionSid::from_u128(n);
            let command = Command::CreateSession { new: NewSession::new(session) };
            self.account.apply(AccountCommand::Service { service: self.service, command }, NOW)?;
            people.push((session, ParticipantSid::from_u128(n), format!("+1312{:07}", 2_000_000 + n)));
        }
        Ok(people)
    }

    fn delete(&mut self, people: &[Person]) -> Result<(), Box<dyn Error>> {
        for (session, ..) in people {
            let command = Command::DeleteSession { session: *session };
            self.account.apply(AccountCommand::Service { service: self.service, command }, NOW)?;
        }
        Ok(())
    }

    /// The cost of an addition as a command.
    fn commands(&mut self) -> Result<Duration, Box<dyn Error>> {
        let people = self.people()?;
        let mut commands = Vec::new();
        for (session, participant, identifier) in &people {
            let mut new = NewParticipant::new(*participant, identifier.parse()?);
            new.friendly_name = Some("Alice".parse()?);
            let command = Command::AddParticipant { session: *session, new };
            commands.push(AccountCommand::Service { service: self.service, command });
        }
        let start = Instant::now();
        for command in commands {
            black_box(self.account.apply(command, NOW)?);
        }
        let cost = start.elapsed() / BATCH;
        self.delete(&people)?;
        Ok(cost)
    }

    /// The cost of the same as a request.
    fn requests(&mut self) -> Result<Duration, Box<dyn Error>> {
        let people = self.people()?;
        let mut requests = Vec::new();
        for (session, participant, identifier) in &people {
            let path = format!("/v1/Services/{}/Sessions/{session}/Participants", self.service);
            let form = format!("Identifier=%2B{}&FriendlyName=Alice", identifier.trim_start_matches('+'));
            let request = Request::post(path).header("Content-Type", "application/x-www-form-urlencoded").body(form)?;
            requests.push((participant.to_u128(), request));
        }
        let mut created = 0;
        let start = Instant::now();
        for (entropy, request) in &requests {
            let context = Context { now: NOW, entropy: *entropy, origin: &self.origin };
            let response = black_box(rest::handle(&mut self.account, request, &context));
            created += u32::from(response.status() == StatusCode::CREATED);
        }
        let cost = start.elapsed() / BATCH;
        if created != BATCH {
            return Err("a participant was refused".into());
        }
        self.delete(&people)?;
        Ok(cost)
    }
}
