//! The one place where time is read.

use std::time::{SystemTime, UNIX_EPOCH};

use serde::Serialize;
use twilio_proxy_core::Timestamp;

/// Where the instant of an operation comes from.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Clock {
    /// From the machine.
    Real,
    /// From whoever moves it.
    Manual(Timestamp),
}

/// Which of the two a clock is.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, Serialize, clap::ValueEnum)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ClockMode {
    #[default]
    Real,
    Manual,
}

impl Clock {
    pub(crate) fn now(self) -> Timestamp {
        match self {
            Self::Real => present(),
            Self::Manual(now) => now,
        }
    }

    pub(crate) const fn mode(self) -> ClockMode {
        match self {
            Self::Real => ClockMode::Real,
            Self::Manual(_) => ClockMode::Manual,
        }
    }
}

/// The instant that the machine's clock shows.
pub(crate) fn present() -> Timestamp {
    let seconds = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
    Timestamp::from_unix_seconds(i64::try_from(seconds).unwrap_or(i64::MAX))
}
