//! `add_participant` beside four inserts into raw maps of the same population.

use core::hint::black_box;

use foldhash::fast::FixedState;
use hashbrown::HashMap;
use twilio_proxy_core::{NewParticipant, Service, SessionSid};

use crate::{
    Outcome,
    options::Options,
    random::SplitMix,
    report::{Bar, Report, spaced},
    timing::{Broom, Round, rounds, timed},
    world::{MOST_NUMBERS, NOW, UNRESERVED, World, add_numbers, new_person, new_session, remove_numbers},
};

const BATCH: usize = 250;

type Maps = [HashMap<u128, u64, FixedState>; 4];

/// Sessions that are there, each with somebody to add to it.
type Batch = Vec<(SessionSid, NewParticipant)>;

/// Nanoseconds of one addition, by the numbers of the pool.
pub(crate) fn measure(options: &Options, world: &mut World, report: &mut Report) -> Outcome<Vec<(usize, f64)>> {
    let sessions = world.pairs.len();
    let mut maps = maps(sessions);
    let mut broom = Broom::new();
    let mut costs = Vec::new();
    for numbers in [UNRESERVED, 1_500, 3_000, MOST_NUMBERS] {
        add_numbers(&mut world.service, UNRESERVED..numbers)?;
        let medians = rounds(options.rounds * 3, BATCH, || round(world, &mut maps, &mut broom))?;
        remove_numbers(&mut world.service, UNRESERVED..numbers)?;
        costs.push((numbers, medians.ours));
        let bar = match (numbers, options.sessions / sessions) {
            (UNRESERVED, 1) => Some(Bar(1.75)),
            (UNRESERVED, 10) => Some(Bar(2.5)),
            _ => None,
        };
        if [UNRESERVED, MOST_NUMBERS].contains(&numbers) {
            let (sessions, numbers) = (spaced(sessions), spaced(numbers));
            let name = format!("add_participant, {sessions} sessions, {numbers} numbers / 4 hashbrown inserts");
            report.ratio(&name, medians, bar);
        }
    }
    Ok(costs)
}

/// Maps as populous as the sessions, and three times the people, with room for a batch.
fn maps(sessions: usize) -> Maps {
    let mut random = SplitMix(3);
    [1, 2, 2, 2].map(|times| {
        let mut map = HashMap::with_capacity_and_hasher(sessions * times + BATCH, FixedState::default());
        for _ in 0..sessions * times {
            map.insert(random.next_u128(), 0);
        }
        map
    })
}

/// Leaves the populations as they were.
fn round(world: &mut World, maps: &mut Maps, broom: &mut Broom) -> Outcome<Round> {
    let batch = prepare(&mut world.service, &mut world.random, BATCH)?;
    let sessions: Vec<SessionSid> = batch.iter().map(|(session, _)| *session).collect();
    let keys: Vec<[u128; 4]> = (0..BATCH).map(|_| [(); 4].map(|()| world.random.next_u128())).collect();

    broom.sweep();
    let (added, ours) = timed(|| add(&mut world.service, batch));
    if added != BATCH {
        return Err("an addition was refused".into());
    }
    broom.sweep();
    let ((), theirs) = timed(|| {
        for keys in &keys {
            for (map, key) in maps.iter_mut().zip(keys) {
                black_box(map.insert(*key, 0));
            }
        }
    });

    for session in sessions {
        world.service.delete_session(session, NOW)?;
    }
    for keys in &keys {
        for (map, key) in maps.iter_mut().zip(keys) {
            map.remove(key);
        }
    }
    Ok(Round { ours, theirs })
}

fn prepare(service: &mut Service, random: &mut SplitMix, count: usize) -> Outcome<Batch> {
    let mut batch = Vec::with_capacity(count);
    for _ in 0..count {
        let new = new_session(random)?;
        let session = new.sid;
        service.create_session(new, NOW)?;
        batch.push((session, new_person(random)?));
    }
    Ok(batch)
}

/// How many were added.
fn add(service: &mut Service, batch: Batch) -> usize {
    let mut added = 0;
    for (session, person) in batch {
        added += usize::from(black_box(service.add_participant(session, person, NOW)).is_ok());
    }
    added
}
