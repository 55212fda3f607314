//! Whole rides beside SQLite: create a session, add two people, route four contacts, close it.

use core::hint::black_box;

use rusqlite::Connection;
use twilio_proxy_core::{
    ContactKind, E164, Identifier, NewParticipant, NewSession, ParticipantSid, ProxyIdentifier, Route, Service,
    SessionSid,
};

use crate::{
    Outcome,
    options::Options,
    random::SplitMix,
    report::{Bar, Report, spaced},
    sqlite::{Peer, digits},
    timing::{Round, rounds, timed},
    world::{CLOSE, NOW, World, new_person, new_session},
};

const RIDES: usize = 500;
const OPERATIONS_OF_A_RIDE: usize = 8;

struct Ride {
    session: SessionSid,
    ttl: u32,
    people: [(ParticipantSid, E164); 2],
}

/// Nanoseconds of one ride.
pub(crate) fn measure(options: &Options, world: &mut World, report: &mut Report) -> Outcome<f64> {
    let connection = Connection::open_in_memory()?;
    let mut peer = Peer::new(&connection, world)?;
    let of = spaced(world.pairs.len());
    let mut cost = 0.0;
    for operations in [1, 1_000] {
        let medians = rounds(options.rounds, RIDES, || round(world, &mut peer, operations))?;
        let bar = match (operations, options.sessions / world.pairs.len()) {
            (1_000, 1) => Some(Bar(0.04)),
            (1_000, 10) => Some(Bar(0.03)),
            _ => None,
        };
        let operations = spaced(operations);
        report.ratio(&format!("ride, {of} sessions / SQLite, {operations} per transaction"), medians, bar);
        cost = medians.ours;
    }
    Ok(cost)
}

/// Leaves the populations as they were.
fn round(world: &mut World, peer: &mut Peer<'_>, operations: usize) -> Outcome<Round> {
    let rides = (0..RIDES).map(|_| ride(&mut world.random)).collect::<Outcome<Vec<Ride>>>()?;
    let (ours, cost_of_ours) = timed(|| ride_ours(&mut world.service, &rides));
    let (theirs, cost_of_theirs) = timed(|| ride_theirs(peer, &rides, operations));
    let (ours, theirs) = (ours?, theirs?);
    if ours != theirs {
        return Err("the two sides disagree".into());
    }
    peer.begin()?;
    for Ride { session, .. } in &rides {
        world.service.delete_session(*session, NOW)?;
        peer.delete_session(*session)?;
    }
    peer.commit()?;
    Ok(Round { ours: cost_of_ours, theirs: cost_of_theirs })
}

fn ride(random: &mut SplitMix) -> Outcome<Ride> {
    let NewSession { sid: session, ttl, .. } = new_session(random)?;
    let mut person = || -> Outcome<(ParticipantSid, E164)> {
        let NewParticipant { sid, identifier, .. } = new_person(random)?;
        Ok((sid, identifier.phone_number().ok_or("a person has a phone number")?))
    };
    Ok(Ride { session, ttl: ttl.unwrap_or_default().as_seconds(), people: [person()?, person()?] })
}

/// The sum of all that was answered.
fn ride_ours(service: &mut Service, rides: &[Ride]) -> Outcome<u64> {
    let mut sum = 0_u64;
    for Ride { session, ttl, people } in rides {
        let mut new = NewSession::new(*session);
        new.ttl = Some(twilio_proxy_core::Ttl::from_seconds(*ttl)?);
        service.create_session(new, NOW)?;
        let mut keys: Vec<(Identifier, ProxyIdentifier)> = Vec::with_capacity(2);
        for (sid, identifier) in people {
            let new = NewParticipant::new(*sid, (*identifier).into());
            let added = service.add_participant(*session, new, NOW)?;
            keys.push((added.identifier.clone(), added.proxy_identifier.clone()));
        }
        for kind in [ContactKind::Call, ContactKind::Message] {
            for (from, to) in &keys {
                let Route::Connect { from, to, .. } = service.route(Some(from), to, kind, NOW) else {
                    return Err("nobody is reached".into());
                };
                let numbers = (to.phone_number(), from);
                let (Some(to), ProxyIdentifier::PhoneNumber(from)) = numbers else { return Err("no numbers".into()) };
                sum = sum.wrapping_add(to.digits() ^ from.digits());
            }
        }
        black_box(service.update_session(*session, CLOSE, NOW)?);
    }
    Ok(sum)
}

fn ride_theirs(peer: &mut Peer<'_>, rides: &[Ride], operations: usize) -> Outcome<u64> {
    let mut sum = 0_u64;
    let rides_of_a_transaction = operations / OPERATIONS_OF_A_RIDE;
    for (index, Ride { session, ttl, people }) in rides.iter().enumerate() {
        let is_whole = rides_of_a_transaction > 0;
        if is_whole && index % rides_of_a_transaction == 0 {
            peer.begin()?;
        }
        sum = sum.wrapping_add(ride_one(peer, *session, *ttl, people, !is_whole)?);
        if is_whole && (index % rides_of_a_transaction == rides_of_a_transaction - 1 || index == rides.len() - 1) {
            peer.commit()?;
        }
    }
    Ok(sum)
}

fn ride_one(
    peer: &mut Peer<'_>,
    session: SessionSid,
    ttl: u32,
    people: &[(ParticipantSid, E164)],
    is_apart: bool,
) -> Outcome<u64> {
    within(peer, is_apart, |peer| peer.create_session(session, ttl, 0))?;
    let mut keys = Vec::with_capacity(2);
    for (sid, identifier) in people {
        let number = within(peer, is_apart, |peer| peer.add_participant(session, *sid, *identifier, 0))?;
        keys.push((digits(*identifier)?, number));
    }
    let mut sum = 0_u64;
    for _ in 0..2 {
        for (from, to) in &keys {
            // A question is a transaction of its own without being told so.
            let (to, from) = peer.route(*from, *to)?.ok_or("nobody is reached")?;
            sum = sum.wrapping_add((to ^ from).cast_unsigned());
        }
    }
    within(peer, is_apart, |peer| peer.close_session(session, 0))?;
    Ok(sum)
}

/// Does the work in a transaction of its own, or in the one that is open.
fn within<'c, T>(peer: &mut Peer<'c>, is_apart: bool, work: impl FnOnce(&mut Peer<'c>) -> Outcome<T>) -> Outcome<T> {
    if is_apart {
        peer.begin()?;
    }
    let done = work(peer)?;
    if is_apart {
        peer.commit()?;
    }
    Ok(done)
}
