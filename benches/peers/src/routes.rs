//! `route` beside a look-up of the same two numbers in a map.

use core::hint::black_box;

use foldhash::fast::FixedState;
use hashbrown::HashMap;
use twilio_proxy_core::{ContactKind, E164, Identifier, ProxyIdentifier, Route, Service};

use crate::{
    Outcome,
    options::Options,
    random::SplitMix,
    report::{Bar, Report, spaced},
    timing::{Round, rounds, timed},
    world::{NOW, World},
};

const BATCH: usize = 5_000;

type Map = HashMap<[u64; 2], u64, FixedState>;
type Ours = fn(&Service, &[(Identifier, ProxyIdentifier)]) -> u64;
type Theirs = fn(&Map, &[[u64; 2]]) -> u64;

/// Nanoseconds of one route, chained.
pub(crate) fn measure(options: &Options, world: &World, report: &mut Report) -> Outcome<f64> {
    let sessions = world.pairs.len();
    let is_largest = sessions == options.sessions;
    let mut map = Map::with_capacity_and_hasher(sessions * 2, FixedState::default());
    for pair in &world.pairs {
        let [one, other] = pair.people;
        map.insert([one.identifier.digits(), one.number.digits()], other.identifier.digits());
        map.insert([other.identifier.digits(), other.number.digits()], one.identifier.digits());
    }
    let mut random = SplitMix(sessions as u64);
    let mut measure = |of_ours: Ours, of_theirs: Theirs| {
        rounds(options.rounds * 3, BATCH, || {
            let contacts = contacts(world, &mut random);
            let ours: Vec<(Identifier, ProxyIdentifier)> =
                contacts.iter().map(|[from, to]| ((*from).into(), (*to).into())).collect();
            let theirs: Vec<[u64; 2]> = contacts.iter().map(|numbers| numbers.map(E164::digits)).collect();
            let (_, ours) = timed(|| of_ours(&world.service, &ours));
            let (_, theirs) = timed(|| of_theirs(&map, &theirs));
            Ok(Round { ours, theirs })
        })
    };
    let chained = measure(routes::<true>, look_ups::<true>)?;
    let independent = measure(routes::<false>, look_ups::<false>)?;
    let of = spaced(sessions);
    report.ratio(&format!("route chained, {of} sessions / hashbrown look-up"), chained, bar(is_largest, 2.0));
    report.ratio(&format!("route, {of} sessions / hashbrown look-up"), independent, bar(is_largest, 2.5));
    if is_largest {
        let contacts: Vec<_> =
            contacts(world, &mut random).iter().map(|[from, to]| ((*from).into(), (*to).into())).collect();
        let allocations = allocation_counter::measure(|| _ = black_box(routes::<true>(&world.service, &contacts)));
        report.line("allocations, route", allocations.count_total as f64, Some(Bar(0.0)));
    }
    Ok(chained.ours)
}

fn bar(is_set: bool, bar: f64) -> Option<Bar> {
    is_set.then_some(Bar(bar))
}

/// Contacts of random people.
fn contacts(world: &World, random: &mut SplitMix) -> Vec<[E164; 2]> {
    let contact = |index: usize| {
        let person = world.pairs.get(index / 2)?.people.get(index % 2)?;
        Some([person.identifier, person.number])
    };
    (0..BATCH).filter_map(|_| contact(random.below(world.pairs.len() * 2))).collect()
}

/// Looks each contact up; if they are chained, no sooner than the answer of the one before is read.
fn routes<const IS_CHAINED: bool>(service: &Service, contacts: &[(Identifier, ProxyIdentifier)]) -> u64 {
    let (mut sum, mut previous) = (0_u64, 0);
    for index in 0..contacts.len() {
        let Some((from, to)) = contacts.get(next::<IS_CHAINED>(index, previous)) else { break };
        if let Route::Connect { from, to, .. } = service.route(Some(from), to, ContactKind::Call, NOW) {
            let ProxyIdentifier::PhoneNumber(from) = from else { continue };
            previous = to.phone_number().map_or(0, E164::digits);
            sum = sum.wrapping_add(previous ^ from.digits());
        }
    }
    sum
}

fn look_ups<const IS_CHAINED: bool>(map: &Map, contacts: &[[u64; 2]]) -> u64 {
    let (mut sum, mut previous) = (0_u64, 0);
    for index in 0..contacts.len() {
        let Some(key) = contacts.get(next::<IS_CHAINED>(index, previous)) else { break };
        if let Some(to) = map.get(key) {
            previous = *to;
            sum = sum.wrapping_add(*to);
        }
    }
    sum
}

/// The same index, which is not known before the previous answer if the two are chained: no number has a bit this high.
fn next<const IS_CHAINED: bool>(index: usize, previous: u64) -> usize {
    if IS_CHAINED { index | usize::try_from(previous >> 63).unwrap_or_default() } else { index }
}
