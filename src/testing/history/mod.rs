//! Histories of commands: what a service may be asked in its life, drawn at random and steered so that it lives.

#[cfg(feature = "arbitrary")]
mod bytes;
mod choices;
mod people;
mod reduction;
#[cfg(feature = "proptest")]
mod strategy;
mod traffic;
mod world;
mod writer;

use alloc::vec::Vec;
#[cfg(feature = "serde")]
use core::fmt;
use core::iter;

#[cfg(feature = "proptest")]
pub use self::strategy::HistoryTree;
use self::{
    choices::{Choices, Dice, Seeded},
    reduction::Reduction,
    world::World,
    writer::Writer,
};
use super::Reference;
use crate::{LogEntry, NewService, Policy, Service, Timestamp};

/// What a service was asked, from its creation on.
///
/// With the `serde` feature `Debug` gives it as JSON, a command a line, from which it can be read back and run again. The
/// people in it are made up, so they are shown as they are.
///
#[cfg_attr(feature = "serde", doc = "```")]
#[cfg_attr(not(feature = "serde"), doc = "```ignore")]
/// use twilio_proxy_core::testing::History;
///
/// let history = History::seeded(7, 50);
/// let log = format!("{history:?}");
/// let again: History = serde_json::from_str(&log)?;
/// assert_eq!(again, history);
/// assert_eq!(again.run().state(), history.run().state());
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize), serde(deny_unknown_fields))]
#[cfg_attr(not(feature = "serde"), derive(Debug))]
#[expect(clippy::exhaustive_structs, reason = "written as a literal")]
pub struct History {
    /// How the service is created.
    pub new: NewService,
    /// Under which policy.
    pub policy: Policy,
    /// And when.
    pub start: Timestamp,
    /// When its events are polled.
    pub polling: Polling,
    /// What it is asked.
    pub entries: Vec<LogEntry>,
}

/// When events are polled. It matters: deleting a session discards what has not been polled (INV-6).
///
/// ```
/// use twilio_proxy_core::testing::{History, Polling};
///
/// let mut history = History::seeded(7, 50);
/// history.polling = Polling::AfterEach;
/// ```
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize), serde(rename_all = "snake_case"))]
#[expect(clippy::exhaustive_enums, reason = "whoever runs a history has to know each")]
pub enum Polling {
    /// All, after each command.
    AfterEach,
    /// One at most after each command, and what is left at the end.
    OneAfterEach,
    /// All, at the end.
    AtEnd,
}

impl History {
    /// The `n`-th history of at most that many commands: always the same one.
    ///
    /// ```
    /// use twilio_proxy_core::testing::History;
    ///
    /// assert_eq!(History::seeded(7, 50), History::seeded(7, 50));
    /// assert_ne!(History::seeded(7, 50), History::seeded(8, 50));
    /// ```
    #[must_use]
    pub fn seeded(n: u64, commands: usize) -> Self {
        histories().commands(commands).seeded(n)
    }

    /// The service as it was created.
    ///
    /// ```
    /// use twilio_proxy_core::testing::History;
    ///
    /// let history = History::seeded(7, 50);
    /// assert_eq!(history.service().settings().date_created, history.start);
    /// ```
    #[must_use]
    pub fn service(&self) -> Service {
        Service::new(self.new.clone(), self.policy.clone(), self.start)
    }

    /// The same as a [`Reference`].
    ///
    /// ```
    /// use twilio_proxy_core::testing::History;
    ///
    /// let history = History::seeded(7, 50);
    /// assert_eq!(history.reference().state(), history.service().state());
    /// ```
    #[must_use]
    pub fn reference(&self) -> Reference {
        Reference::new(self.new.clone(), self.policy.clone(), self.start)
    }

    /// The service after all of it, with its events polled when they are to be, but for those left at the end.
    ///
    /// ```
    /// use twilio_proxy_core::testing::History;
    ///
    /// let history = History::seeded(7, 50);
    /// assert!(history.entries.iter().all(|entry| entry.now <= history.run().latest_instant()));
    /// ```
    #[must_use]
    pub fn run(&self) -> Service {
        let mut service = self.service();
        for LogEntry { now, command } in self.entries.iter().cloned() {
            let _refused = service.apply(command, now);
            match self.polling {
                Polling::AfterEach => while service.poll_event().is_some() {},
                Polling::OneAfterEach => drop(service.poll_event()),
                Polling::AtEnd => {}
            }
        }
        service
    }

    /// What is left of a history that fails when all has been left out of it without which it still fails.
    ///
    /// ```
    /// use twilio_proxy_core::{Command, testing::History};
    ///
    /// let adds_numbers = |history: &History| {
    ///     history.entries.iter().filter(|entry| matches!(entry.command, Command::AddNumber { .. })).count() >= 2
    /// };
    /// let history = (0..).map(|n| History::seeded(n, 50)).find(adds_numbers).ok_or("there is one")?;
    /// assert_eq!(history.reduced(adds_numbers).entries.len(), 2);
    /// # Ok::<(), &str>(())
    /// ```
    #[must_use]
    pub fn reduced(self, mut fails: impl FnMut(&Self) -> bool) -> Self {
        let mut reduction = Reduction::new(self);
        let mut is_shorter = reduction.shorten();
        while is_shorter {
            if !fails(reduction.history()) {
                reduction.restore();
            }
            is_shorter = reduction.shorten();
        }
        reduction.into_history()
    }
}

#[cfg(feature = "serde")]
impl fmt::Debug for History {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fn json(value: &impl serde::Serialize) -> Result<alloc::string::String, fmt::Error> {
            serde_json::to_string(value).map_err(|_| fmt::Error)
        }
        let Self { new, policy, start, polling, entries } = self;
        let [new, policy, start, polling] = [json(new)?, json(policy)?, json(start)?, json(polling)?];
        write!(f, r#"{{"new":{new},"policy":{policy},"start":{start},"polling":{polling},"entries":["#)?;
        for (index, entry) in entries.iter().enumerate() {
            write!(f, "{}\n{}", if index == 0 { "" } else { "," }, json(entry)?)?;
        }
        f.write_str("\n]}")
    }
}

/// Histories of a small world, in which nearly everything happens.
///
/// A few people share a few numbers and a few sessions, or many people of many countries far more numbers. Four commands
/// in five suit the service as it stands; the others ask for what there is not, or must not be. From one history to the
/// next, commands are weighed wildly differently and some never come. Time stands still, creeps, jumps to just before a
/// deadline, to it or past it, leaps 90 days, and runs backwards; a few histories begin at the first instant and a few end
/// at the last.
///
/// With the `proptest` feature this is a strategy, whose histories shrink by leaving out commands. With the `arbitrary`
/// feature a history is drawn from bytes.
///
/// ```
/// use twilio_proxy_core::{Command, testing::histories};
///
/// let calm = histories().commands(30).without_traffic();
/// let history = calm.seeded(7);
/// assert_eq!(history.entries.len(), 30);
/// assert!(!history.entries.iter().any(|entry| matches!(entry.command, Command::Receive { .. })));
/// ```
#[must_use]
pub const fn histories() -> Histories {
    Histories { commands: 100, policy: None, has_traffic: true }
}

/// What the histories are like that [`histories`] gives.
///
/// ```
/// use twilio_proxy_core::{Policy, testing::histories};
///
/// let mut permissive = Policy::default();
/// permissive.allow_participant_conflict = true;
/// assert_eq!(histories().policy(permissive.clone()).seeded(7).policy, permissive);
/// ```
#[derive(Clone, Debug)]
pub struct Histories {
    commands: usize,
    policy: Option<Policy>,
    has_traffic: bool,
}

impl Histories {
    /// Of how many commands they are; of fewer, where bytes run out. 100, if it is not said.
    ///
    /// ```
    /// # use twilio_proxy_core::testing::histories;
    /// assert_eq!(histories().commands(5).seeded(7).entries.len(), 5);
    /// ```
    #[must_use]
    pub const fn commands(mut self, commands: usize) -> Self {
        self.commands = commands;
        self
    }

    /// All under this policy, instead of one of their own.
    ///
    /// ```
    /// # use twilio_proxy_core::{Policy, testing::histories};
    /// assert_eq!(histories().policy(Policy::default()).seeded(7).policy, Policy::default());
    /// ```
    #[must_use]
    pub fn policy(mut self, policy: Policy) -> Self {
        self.policy = Some(policy);
        self
    }

    /// Without calls and messages.
    ///
    /// ```
    /// # use twilio_proxy_core::testing::histories;
    /// let service = histories().without_traffic().seeded(7).run();
    /// assert!(service.sessions().all(|session| session.date_started.is_none() || session.date_ended.is_none()));
    /// ```
    #[must_use]
    pub const fn without_traffic(mut self) -> Self {
        self.has_traffic = false;
        self
    }

    /// The `n`-th of them: always the same one.
    ///
    /// ```
    /// # use twilio_proxy_core::testing::histories;
    /// assert_eq!(histories().seeded(7), histories().seeded(7));
    /// ```
    #[must_use]
    pub fn seeded(&self, n: u64) -> History {
        self.draw(&mut Seeded(n))
    }

    fn draw(&self, source: &mut dyn Choices) -> History {
        let mut dice = Dice::new(source);
        let polling = dice.pick(&[Polling::AfterEach, Polling::OneAfterEach, Polling::AtEnd]);
        let start = world::start(&mut dice);
        let policy = self.policy.clone().unwrap_or_else(|| world::policy(&mut dice));
        let world = World::draw(&mut dice, self.has_traffic);
        let new = world::new_service(&world, &mut dice);
        let mut writer = Writer::new(dice, world, new.clone(), policy.clone(), start);
        let entries = iter::from_fn(|| writer.entry()).take(self.commands).collect();
        History { new, policy, start, polling: polling.unwrap_or(Polling::AfterEach), entries }
    }
}
