//! What a run is asked to do.

use std::path::PathBuf;

use pico_args::Arguments;

use crate::Outcome;

/// The populations for which bars were set.
const SESSIONS: usize = 1_000_000;
const ROUNDS: usize = 11;

/// A population, and how many numbers its pool has.
pub(crate) type Population = (usize, usize);

pub(crate) struct Options {
    /// The greatest population; the others are a tenth and a thousandth of it.
    pub(crate) sessions: usize,
    pub(crate) rounds: usize,
    /// The one part that is to be measured, by the name of its module.
    only: Option<String>,
    /// Where the picture goes.
    pub(crate) svg: Option<PathBuf>,
    /// Makes the additions that the parent process has counted, and nothing else.
    pub(crate) counted: Option<Population>,
}

impl Options {
    pub(crate) fn from_environment() -> Outcome<Self> {
        let mut arguments = Arguments::from_env();
        let is_quick = arguments.contains("--quick");
        let sessions = arguments.opt_value_from_str("--sessions")?.unwrap_or(if is_quick { 10_000 } else { SESSIONS });
        let rounds = arguments.opt_value_from_str("--rounds")?.unwrap_or(if is_quick { 3 } else { ROUNDS });
        let only: Option<String> = arguments.opt_value_from_str("--only")?;
        let svg: Option<PathBuf> = arguments.opt_value_from_str("--svg")?;
        let counted_sessions: Option<usize> = arguments.opt_value_from_str("--counted-sessions")?;
        let counted_numbers: Option<usize> = arguments.opt_value_from_str("--counted-numbers")?;
        let unknown = arguments.finish();
        if !unknown.is_empty() {
            return Err(format!("unknown arguments: {unknown:?}").into());
        }
        if svg.is_some() && only.is_some() {
            return Err("the picture shows several parts".into());
        }
        if sessions < 10_000 {
            return Err("fewer than 10 000 sessions tell nothing".into());
        }
        Ok(Self { sessions, rounds, only, svg, counted: counted_sessions.zip(counted_numbers) })
    }

    pub(crate) fn wants(&self, part: &str) -> bool {
        self.only.as_deref().is_none_or(|only| only == part)
    }

    /// Whether the run is one for which the bars were set.
    pub(crate) const fn has_bars(&self) -> bool {
        self.sessions == SESSIONS && self.rounds >= 9
    }

    pub(crate) const fn populations(&self) -> [usize; 3] {
        [self.sessions / 1_000, self.sessions / 10, self.sessions]
    }
}
