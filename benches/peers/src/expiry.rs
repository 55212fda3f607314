//! Sessions that are all due at once, beside two removals from raw maps of their population.

use core::hint::black_box;

use foldhash::fast::FixedState;
use hashbrown::HashMap;
use twilio_proxy_core::Timestamp;

use crate::{
    Outcome,
    options::Options,
    random::SplitMix,
    report::{Bar, Report, spaced},
    timing::{Round, rounds, timed},
    world::World,
};

pub(crate) fn measure(options: &Options, report: &mut Report) -> Outcome {
    let World { service, .. } = World::new(options.sessions)?;
    let mut random = SplitMix(5);
    let maps: [HashMap<u128, u64, FixedState>; 2] =
        [(); 2].map(|()| (0..options.sessions).map(|_| (random.next_u128(), 0)).collect());
    let mut keys = maps.each_ref().map(|map| map.keys().copied().collect::<Vec<u128>>());
    for keys in &mut keys {
        keys.sort_unstable();
        random.shuffle(keys);
    }
    // The longest lifetime is two days: retention deletes none yet.
    let due = Timestamp::from_unix_seconds(3 * 86_400);
    let medians = rounds(options.rounds, options.sessions, || {
        let (mut service, mut maps) = (service.clone(), maps.clone());
        let ((), ours) = timed(|| service.handle_deadline(due));
        let ((), theirs) = timed(|| {
            let [one, other] = &mut maps;
            let [keys_of_one, keys_of_other] = &keys;
            for (key_of_one, key_of_other) in keys_of_one.iter().zip(keys_of_other) {
                black_box((one.remove(key_of_one), other.remove(key_of_other)));
            }
        });
        if service.sessions().next().is_none_or(|session| session.status.is_active()) {
            return Err("a session did not expire".into());
        }
        Ok(Round { ours, theirs })
    })?;
    let name = format!("expire {} sessions, each / 2 hashbrown removes", spaced(options.sessions));
    report.ratio(&name, medians, Some(Bar(3.5)));
    Ok(())
}
