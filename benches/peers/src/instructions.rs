//! Instructions of each operation, counted by Valgrind in a process of its own, with few sessions and with many, with few
//! numbers and with many: none grows by more than the logarithm.

use core::hint::black_box;
use std::{env, fs, process, process::Command};

use twilio_proxy_core::{
    ContactKind, Identifier, Inbound, InteractionSid, NewNumber, NewParticipant, NewSession, ParticipantSid,
    PhoneNumberSid, ProxyIdentifier, ResourceSid, Service, SessionSid, Timestamp,
};

use crate::{
    Outcome,
    options::{Options, Population},
    random::SplitMix,
    report::{Bar, Report, spaced},
    world::{CLOSE, MOST_NUMBERS, NOW, UNRESERVED, World, add_numbers, new_person, new_session, number},
};

const BATCH: usize = 500;
const NUMBERS: usize = 50;
/// How many seconds sessions live that are to expire.
const LIFE: i64 = 10;

/// The operations in the order in which they are done, and how often each is.
const OPERATIONS: [(&str, usize); 12] = [
    ("create_session", BATCH),
    ("add_participant", BATCH),
    ("session", BATCH),
    ("participants", BATCH),
    ("route", BATCH),
    ("receive", BATCH),
    ("remove_participant", BATCH),
    ("update_session to closed", BATCH),
    ("delete_session", BATCH),
    ("expiry", BATCH),
    ("add_number", NUMBERS),
    ("remove_number", NUMBERS),
];

pub(crate) fn measure(options: &Options, report: &mut Report) -> Outcome {
    if Command::new("valgrind").arg("--version").output().is_err() {
        eprintln!("instructions are not counted: there is no valgrind");
        return Ok(());
    }
    let [few, _, many] = options.populations().map(|sessions| sessions.max(1_000));
    let base = counted((few, UNRESERVED))?;
    let at = format!("{} sessions, {UNRESERVED} numbers", spaced(few));
    for ((operation, _), count) in OPERATIONS.iter().zip(&base) {
        report.line(&format!("instructions of {operation}, {at}"), *count, None);
    }
    let larger = [
        ((few, MOST_NUMBERS), MOST_NUMBERS, UNRESERVED, "numbers", 1.02),
        ((many, UNRESERVED), many, few, "sessions", 1.1),
    ];
    for (population, most, least, things, bar_of_additions) in larger {
        let logarithm = ((most as f64).ln() / (least as f64).ln() * 100.0).round() / 100.0;
        for (((operation, _), count), base) in OPERATIONS.iter().zip(counted(population)?).zip(&base) {
            let bar = if *operation == "add_participant" { bar_of_additions } else { logarithm };
            let name = format!("instructions of {operation}, {} {things} / {}", spaced(most), spaced(least));
            report.line(&name, count / base, Some(Bar(bar)));
        }
    }
    Ok(())
}

/// Instructions of each operation.
fn counted((sessions, numbers): Population) -> Outcome<Vec<f64>> {
    let folder = env::temp_dir().join(format!("peers-{}-{sessions}-{numbers}", process::id()));
    fs::create_dir_all(&folder)?;
    let run = Command::new("valgrind")
        .args(["--tool=callgrind", "--collect-atstart=no"])
        .args(["--toggle-collect=peers::instructions::batch", "--dump-after=peers::instructions::batch"])
        .arg(format!("--callgrind-out-file={}", folder.join("part").display()))
        .arg(env::current_exe()?)
        .args(["--counted-sessions", &sessions.to_string(), "--counted-numbers", &numbers.to_string()])
        .output()?;
    let counts = OPERATIONS.iter().zip(1..).map(|((_, times), part)| {
        let part = fs::read_to_string(folder.join(format!("part.{part}")))?;
        let total = part.lines().find_map(|line| line.strip_prefix("totals: ")).ok_or("a part has a total")?;
        Ok(total.trim().parse::<f64>()? / *times as f64)
    });
    let counts = counts.collect();
    fs::remove_dir_all(folder)?;
    if run.status.success() { counts } else { Err(String::from_utf8_lossy(&run.stderr).into()) }
}

/// What is counted: each operation, one after the other.
pub(crate) fn count((sessions, numbers): Population) -> Outcome {
    let mut world = World::new(sessions)?;
    add_numbers(&mut world.service, UNRESERVED..numbers)?;
    let World { service, random, .. } = &mut world;

    let sessions = (0..BATCH).map(|_| new_session(random)).collect::<Outcome<Vec<NewSession>>>()?;
    let sids: Vec<SessionSid> = sessions.iter().map(|session| session.sid).collect();
    batch(sessions, |new| service.create_session(new, NOW).is_ok())?;
    batch(with_people(&sids, random)?, |(session, person)| service.add_participant(session, person, NOW).is_ok())?;
    for (session, person) in with_people(&sids, random)? {
        service.add_participant(session, person, NOW)?;
    }
    batch(&sids, |session| service.session(*session).is_some())?;
    batch(&sids, |session| service.participants(*session).is_some_and(|people| people.count() == 2))?;

    let callers = sids.iter().map(|session| caller(service, *session)).collect::<Option<Vec<_>>>();
    let callers = callers.ok_or("a session has people")?;
    let contacts: Vec<_> = callers.iter().map(|(_, from, to)| (from, to)).collect();
    batch(contacts, |(from, to)| service.route(Some(from), to, ContactKind::Call, NOW).code().is_none())?;
    let calls = callers.iter().zip(1_u128..).map(|((_, from, to), n)| {
        let resource: ResourceSid = format!("CA{n:032x}").parse()?;
        Ok(Inbound::call(InteractionSid::from_u128(n), resource, Some(from.clone()), to.clone()))
    });
    batch(calls.collect::<Outcome<Vec<Inbound>>>()?, |call| service.receive(call, NOW).is_ok())?;
    while service.poll_event().is_some() {}

    let people: Vec<_> = sids.iter().zip(&callers).map(|(session, (sid, ..))| (*session, *sid)).collect();
    batch(people, |(session, person)| service.remove_participant(session, person, NOW).is_ok())?;
    batch(&sids, |session| service.update_session(*session, CLOSE, NOW).is_ok())?;
    batch(&sids, |session| service.delete_session(*session, NOW).is_ok())?;

    let due = Timestamp::from_unix_seconds(LIFE);
    let mut short_lived = Vec::new();
    for _ in 0..BATCH {
        let mut new = new_session(random)?;
        new.date_expiry = Some(due);
        new.participants = vec![new_person(random)?, new_person(random)?];
        short_lived.push(service.create_session(new, NOW)?.sid);
    }
    batch([due], |due| {
        service.handle_deadline(due);
        true
    })?;
    if !short_lived.iter().all(|session| service.session(*session).is_some_and(|session| !session.status.is_active())) {
        return Err("a session did not expire".into());
    }

    let new_numbers = (MOST_NUMBERS..MOST_NUMBERS + NUMBERS).map(|n| {
        let mut new = NewNumber::phone(PhoneNumberSid::from_u128(n as u128), number(n)?);
        new.is_reserved = true;
        Ok(new)
    });
    batch(new_numbers.collect::<Outcome<Vec<NewNumber>>>()?, |new| service.add_number(new, due).is_ok())?;
    let numbers = (MOST_NUMBERS..MOST_NUMBERS + NUMBERS).map(|n| PhoneNumberSid::from_u128(n as u128));
    batch(numbers.collect::<Vec<_>>(), |sid| service.remove_number(sid, due).is_ok())
}

fn with_people(sids: &[SessionSid], random: &mut SplitMix) -> Outcome<Vec<(SessionSid, NewParticipant)>> {
    sids.iter().map(|session| Ok((*session, new_person(random)?))).collect()
}

/// Somebody in a session, with what leads from them to whoever else is in it.
fn caller(service: &Service, session: SessionSid) -> Option<(ParticipantSid, Identifier, ProxyIdentifier)> {
    let caller = service.participants(session)?.next()?;
    Some((caller.sid, caller.identifier.clone(), caller.proxy_identifier.clone()))
}

/// Does something with each. Its name is what Valgrind looks for.
#[inline(never)]
fn batch<T>(items: impl IntoIterator<Item = T>, mut work: impl FnMut(T) -> bool) -> Outcome {
    let mut is_done = true;
    for item in items {
        is_done &= black_box(work(item));
    }
    if is_done { Ok(()) } else { Err("an operation was refused".into()) }
}
