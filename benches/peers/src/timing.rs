//! Rounds in which two sides are measured in turn.

use core::{hint::black_box, time::Duration};
use cpu_time::ThreadTime;

use crate::Outcome;

/// More than the last-level cache of most machines.
const CACHES: usize = 96 << 20;

/// The costs of one round.
pub(crate) struct Round {
    pub(crate) ours: Duration,
    pub(crate) theirs: Duration,
}

/// The medians of some rounds.
#[derive(Clone, Copy)]
pub(crate) struct Medians {
    pub(crate) ratio: f64,
    /// Nanoseconds of one operation, on either side.
    pub(crate) ours: f64,
    pub(crate) theirs: f64,
}

/// Measures rounds of so many operations each.
pub(crate) fn rounds(count: usize, operations: usize, mut work: impl FnMut() -> Outcome<Round>) -> Outcome<Medians> {
    let (mut ratios, mut ours, mut theirs) = (Vec::new(), Vec::new(), Vec::new());
    let each = |cost: Duration| cost.as_secs_f64() * 1e9 / operations as f64;
    for _ in 0..count {
        let round = work()?;
        ratios.push(round.ours.as_secs_f64() / round.theirs.as_secs_f64());
        ours.push(each(round.ours));
        theirs.push(each(round.theirs));
    }
    Ok(Medians { ratio: median(ratios), ours: median(ours), theirs: median(theirs) })
}

/// What the work costs this thread: other programs may have the processor meanwhile.
pub(crate) fn timed<T>(work: impl FnOnce() -> T) -> (T, Duration) {
    let start = ThreadTime::now();
    let outcome = black_box(work());
    (outcome, start.elapsed())
}

/// Drives everything else out of the caches.
pub(crate) struct Broom {
    bytes: Vec<u8>,
}

impl Broom {
    pub(crate) fn new() -> Self {
        Self { bytes: vec![1; CACHES] }
    }

    pub(crate) fn sweep(&mut self) {
        for line in self.bytes.chunks_mut(64) {
            if let Some(byte) = line.first_mut() {
                *byte = byte.wrapping_add(1);
            }
        }
        black_box(&mut self.bytes);
    }
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_unstable_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}
