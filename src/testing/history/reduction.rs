//! Leaves out of a history what can be left out.

use alloc::vec::Vec;
use core::mem;

use super::History;
use crate::LogEntry;

/// Leaves out half of the commands, then quarters, and so on down to single ones, the last of them first. What was left
/// out can be restored.
#[derive(Clone, Debug)]
pub(super) struct Reduction {
    history: History,
    /// How many commands are left out at a time.
    chunk: usize,
    /// Behind how many commands the next ones are that can be left out.
    end: usize,
    /// Whether something was left out since this began at the last command.
    is_getting_shorter: bool,
    left_out: Option<LeftOut>,
}

#[derive(Clone, Debug)]
struct LeftOut {
    at: usize,
    entries: Vec<LogEntry>,
}

impl Reduction {
    pub(super) fn new(history: History) -> Self {
        let length = history.entries.len();
        Self { history, chunk: length.div_ceil(2), end: length, is_getting_shorter: false, left_out: None }
    }

    pub(super) const fn history(&self) -> &History {
        &self.history
    }

    pub(super) fn into_history(self) -> History {
        self.history
    }

    /// Leaves out some more commands, if there are any that were not tried.
    pub(super) fn shorten(&mut self) -> bool {
        if self.left_out.take().is_some() {
            self.is_getting_shorter = true;
        }
        if self.end == 0 {
            if !mem::take(&mut self.is_getting_shorter) && self.chunk <= 1 {
                return false;
            }
            self.chunk = self.chunk.div_ceil(2);
            self.end = self.history.entries.len();
        }
        let at = self.end.saturating_sub(self.chunk);
        if at == self.end {
            return false; // of nothing, nothing can be left out
        }
        let entries = self.history.entries.drain(at..self.end).collect();
        self.left_out = Some(LeftOut { at, entries });
        self.end = at;
        true
    }

    /// Takes back what was left out last; whether there was something.
    pub(super) fn restore(&mut self) -> bool {
        let Some(LeftOut { at, entries }) = self.left_out.take() else { return false };
        drop(self.history.entries.splice(at..at, entries));
        true
    }
}

#[cfg(test)]
mod tests {
    use alloc::vec::Vec;

    use super::*;
    use crate::{Timestamp, testing::histories};

    fn history(commands: usize) -> History {
        let mut history = histories().commands(commands).seeded(1);
        for (n, entry) in (0..).zip(&mut history.entries) {
            entry.now = Timestamp::from_unix_seconds(n);
        }
        history
    }

    fn instants(history: &History) -> Vec<u64> {
        history.entries.iter().map(|entry| entry.now.as_unix_seconds()).collect()
    }

    #[test]
    fn what_is_needed_stays_and_nothing_else() {
        for needed in [&[][..], &[0], &[99], &[3, 4, 50], &[0, 33, 66, 99]] {
            let fails = |history: &History| needed.iter().all(|n| instants(history).contains(n));
            assert_eq!(instants(&history(100).reduced(fails)), needed);
        }
        assert_eq!(history(0).reduced(|_| true), history(0));
        assert_eq!(history(7).reduced(|_| false), history(7));
    }

    #[test]
    fn what_can_go_only_after_something_else_goes_too() {
        // An earlier command can go when the later ones are gone, and the other way round.
        let fails = |history: &History| {
            let left = instants(history);
            left.contains(&5) && (0..5).is_sorted_by(|one, other| left.contains(other) || !left.contains(one))
        };
        assert_eq!(instants(&history(10).reduced(fails)), [5]);
    }

    #[test]
    fn it_takes_few_tries() {
        let mut tries = 0;
        let reduced = history(100).reduced(|history| {
            tries += 1;
            instants(history).contains(&42)
        });
        assert_eq!((reduced.entries.len(), tries < 40), (1, true), "{tries}");
    }
}
