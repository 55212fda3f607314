//! How the cost of `add_participant` grows with the sessions and the numbers of a service.
//!
//! `cargo run --release -p benches --bin growth` prints a line a figure. Each cost is a ratio to four inserts into raw
//! `hashbrown` maps of the same population, measured in turn in the same run; each growth is a ratio of two such ratios.

#![expect(clippy::disallowed_types, reason = "a benchmark reads the clock")]

use core::{error::Error, hint::black_box, ops::Range};
use std::time::Instant;

use foldhash::fast::FixedState;
use hashbrown::HashMap;
use twilio_proxy_core::{
    AccountSid, E164, NewNumber, NewParticipant, NewService, NewSession, ParticipantSid, PhoneNumberSid, Policy,
    Service, ServiceSid, SessionSid, Timestamp,
};

const ROUNDS: usize = 31;
const BATCH: usize = 250;
const UNRESERVED: u64 = 500;
const MOST: u64 = 5_000;

fn main() -> Result<(), Box<dyn Error>> {
    let mut small = World::new(1_000)?;
    let mut large = World::new(1_000_000)?;
    let mut by_sessions = [Vec::new(), Vec::new()];
    for _ in 0..ROUNDS {
        by_sessions[0].push(small.round()?);
        by_sessions[1].push(large.round()?);
    }
    print("sessions, 1 000 to 1 000 000", by_sessions, 1.5);

    let mut world = World::new(100_000)?;
    let mut by_numbers = [Vec::new(), Vec::new()];
    for _ in 0..ROUNDS {
        by_numbers[0].push(world.round()?);
        world.add_numbers(UNRESERVED..MOST)?;
        by_numbers[1].push(world.round()?);
        world.remove_numbers(UNRESERVED..MOST)?;
    }
    print("numbers, 500 to 5 000", by_numbers, 1.15);
    Ok(())
}

fn print(name: &str, ratios: [Vec<f64>; 2], bar: f64) {
    let [before, after] = ratios.map(median);
    let growth = after / before;
    let verdict = if growth <= bar { "ok" } else { "short" };
    println!("{name}\tadd / 4 inserts: {before:.2} to {after:.2}\tgrowth {growth:.3}\tbar {bar}\t{verdict}");
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_unstable_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}

/// A service with many active two-person sessions, and four maps as populous as its indexes.
struct World {
    service: Service,
    maps: [HashMap<u128, u64, FixedState>; 4],
    random: SplitMix,
}

impl World {
    fn new(sessions: usize) -> Result<Self, Box<dyn Error>> {
        let names = NewService::new(ServiceSid::from_u128(1), AccountSid::from_u128(1), "growth".parse()?);
        let service = Service::new(names, Policy::default(), Timestamp::MIN);
        let people = sessions.saturating_mul(2);
        let room = |population: usize| {
            HashMap::with_capacity_and_hasher(population.saturating_add(BATCH), FixedState::default())
        };
        let maps = [room(sessions), room(people), room(people), room(people)];
        let mut world = Self { service, maps, random: SplitMix(7) };
        world.add_numbers(0..UNRESERVED)?;
        for _ in 0..sessions {
            let session = SessionSid::from_u128(world.random.next_u128());
            world.service.create_session(NewSession::new(session), Timestamp::MIN)?;
            world.maps[0].insert(session.to_u128(), 0);
            for _ in 0..2 {
                let person = world.person()?;
                world.service.add_participant(session, person, Timestamp::MIN)?;
                let Self { maps: [_, rest @ ..], random, .. } = &mut world;
                for map in rest {
                    map.insert(random.next_u128(), 0);
                }
            }
        }
        Ok(world)
    }

    fn add_numbers(&mut self, numbers: Range<u64>) -> Result<(), Box<dyn Error>> {
        for n in numbers {
            let number: E164 = format!("+1646{:07}", 2_000_000_u64.saturating_add(n)).parse()?;
            let mut new = NewNumber::phone(PhoneNumberSid::from_u128(n.into()), number);
            new.is_reserved = n >= UNRESERVED;
            self.service.add_number(new, Timestamp::MIN)?;
        }
        Ok(())
    }

    fn remove_numbers(&mut self, numbers: Range<u64>) -> Result<(), Box<dyn Error>> {
        for n in numbers {
            self.service.remove_number(PhoneNumberSid::from_u128(n.into()), Timestamp::MIN)?;
        }
        Ok(())
    }

    fn person(&mut self) -> Result<NewParticipant, Box<dyn Error>> {
        let sid = ParticipantSid::from_u128(self.random.next_u128());
        let random = self.random.next_u64();
        let area_codes = ["205", "303", "312", "404", "415", "503", "602", "702"];
        let area_code = area_codes.get(usize::try_from(random.rem_euclid(8))?).ok_or("there are eight")?;
        let subscriber = (random >> 8).rem_euclid(8_000_000).saturating_add(2_000_000);
        Ok(NewParticipant::new(sid, format!("+1{area_code}{subscriber}").parse()?))
    }

    /// The cost of a batch of additions, over that of four times as many inserts; leaves the population as it was.
    fn round(&mut self) -> Result<f64, Box<dyn Error>> {
        let mut batch = Vec::with_capacity(BATCH);
        for _ in 0..BATCH {
            let session = SessionSid::from_u128(self.random.next_u128());
            self.service.create_session(NewSession::new(session), Timestamp::MIN)?;
            batch.push((session, self.person()?));
        }
        let sessions: Vec<SessionSid> = batch.iter().map(|(session, _)| *session).collect();
        let keys: Vec<[u128; 4]> = (0..BATCH).map(|_| [(); 4].map(|()| self.random.next_u128())).collect();

        let start = Instant::now();
        for (session, person) in batch {
            black_box(self.service.add_participant(session, person, Timestamp::MIN)?);
        }
        let additions = start.elapsed();
        let start = Instant::now();
        for keys in &keys {
            for (map, key) in self.maps.iter_mut().zip(keys) {
                black_box(map.insert(*key, 0));
            }
        }
        let inserts = start.elapsed();

        for session in sessions {
            self.service.delete_session(session, Timestamp::MIN)?;
        }
        for keys in &keys {
            for (map, key) in self.maps.iter_mut().zip(keys) {
                map.remove(key);
            }
        }
        Ok(additions.as_secs_f64() / inserts.as_secs_f64())
    }
}

/// The generator of Steele, Lea and Flood: a fixed seed makes every run the same.
struct SplitMix(u64);

impl SplitMix {
    const fn next_u64(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn next_u128(&mut self) -> u128 {
        u128::from(self.next_u64()) << 64 | u128::from(self.next_u64())
    }
}
