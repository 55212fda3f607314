//! A system of whatever make beside the [`Reference`].

use alloc::{boxed::Box, format, string::String, vec::Vec};
use core::{fmt, iter};

use super::{History, Polling, Reference};
use crate::{Command, Error, Event, LogEntry, Reply, Service, ServiceState, Timestamp};

/// Something that behaves like a [`Service`]: an own server, behind whatever client there is for it.
///
/// It says what can be seen of it, and how it would show what the [`Reference`] predicts; [`check`] compares the two. What
/// a system does not show is left out of both. This one answers with an HTTP status and a SID or a code, and no more:
///
/// ```
/// use core::convert::Infallible;
/// use twilio_proxy_core::{
///     Command, Error, Reply, Service, Timestamp,
///     testing::{History, Reference, System, check},
/// };
///
/// struct Server {
///     service: Service, // in earnest, a client of your server
/// }
///
/// /// SID, or status and code.
/// type Answer = Result<Option<String>, (u16, u32)>;
///
/// fn shown(answer: Result<Reply, Error>) -> Answer {
///     match answer {
///         Ok(Reply::Session(session)) => Ok(Some(session.sid.to_string())),
///         Ok(Reply::Participant(participant)) => Ok(Some(participant.sid.to_string())),
///         Ok(_) => Ok(None),
///         Err(error) => Err((error.http_status(), error.code().number())),
///     }
/// }
///
/// impl System for Server {
///     type Answer = Answer;
///     type Event = Infallible; // none are shown
///     type View = ();
///
///     fn apply(&mut self, command: Command, now: Timestamp) -> Answer {
///         shown(self.service.apply(command, now)) // in earnest, an HTTP request
///     }
///
///     fn expected_answer(&self, answer: Result<Reply, Error>) -> Answer {
///         shown(answer)
///     }
///
///     fn view(&self) {}
///
///     fn expected_view(&self, _: &Reference) {}
/// }
///
/// for n in 0..10 {
///     let history = History::seeded(n, 50);
///     check(&mut Server { service: history.service() }, &history)?; // each begins with an empty server
/// }
/// # Ok::<(), twilio_proxy_core::testing::Divergence>(())
/// ```
pub trait System {
    /// What it answers a command with.
    type Answer: fmt::Debug + PartialEq;
    /// What it tells of an event.
    type Event: fmt::Debug + PartialEq;
    /// What can be seen of it at any time; `()`, if nothing can.
    type View: fmt::Debug + PartialEq;

    /// Does what a command says.
    fn apply(&mut self, command: Command, now: Timestamp) -> Self::Answer;

    /// How it would put this answer.
    fn expected_answer(&self, answer: Result<Reply, Error>) -> Self::Answer;

    /// The next event that it tells of.
    fn poll_event(&mut self) -> Option<Self::Event> {
        None
    }

    /// How it would tell of this event, if at all.
    fn expected_event(&self, event: Event) -> Option<Self::Event> {
        let _ = event;
        None
    }

    /// What can be seen now.
    fn view(&self) -> Self::View;

    /// The same of the reference.
    fn expected_view(&self, reference: &Reference) -> Self::View;
}

/// Takes a system that was just created through a history, beside a [`Reference`], and compares after every command.
///
/// ```
/// use twilio_proxy_core::testing::{History, check};
///
/// let history = History::seeded(7, 50);
/// check(&mut history.service(), &history)?;
///
/// let mut other = history.service();
/// other.handle_deadline(twilio_proxy_core::Timestamp::MAX);
/// assert_eq!(check(&mut other, &history).unwrap_err().index, 0);
/// # Ok::<(), twilio_proxy_core::testing::Divergence>(())
/// ```
///
/// # Errors
///
/// Where the system first differs, and in what.
pub fn check<S: System>(system: &mut S, history: &History) -> Result<(), Divergence> {
    let mut reference = history.reference();
    let locate = |index: usize, difference: Difference| Divergence {
        index,
        entry: index.checked_sub(1).and_then(|last| history.entries.get(last)).cloned().map(Box::new),
        aspect: difference.aspect,
        expected: difference.expected,
        found: difference.found,
    };
    compare_views(system, &reference).map_err(|difference| locate(0, difference))?;
    for (index, entry) in (1..).zip(&history.entries) {
        step(system, &mut reference, entry, history.polling).map_err(|difference| locate(index, difference))?;
    }
    drain(system, &mut reference)
        .and_then(|()| compare_views(system, &reference))
        .map_err(|difference| locate(history.entries.len(), difference))
}

struct Difference {
    aspect: Aspect,
    expected: String,
    found: String,
}

fn step<S: System>(
    system: &mut S,
    reference: &mut Reference,
    LogEntry { now, command }: &LogEntry,
    polling: Polling,
) -> Result<(), Difference> {
    let found = system.apply(command.clone(), *now);
    let expected = system.expected_answer(reference.apply(command.clone(), *now));
    compare(Aspect::Answer, &expected, &found)?;
    match polling {
        Polling::AfterEach => drain(system, reference)?,
        Polling::OneAfterEach => drop(poll(system, reference)?),
        Polling::AtEnd => {}
    }
    compare_views(system, reference)
}

fn drain<S: System>(system: &mut S, reference: &mut Reference) -> Result<(), Difference> {
    while poll(system, reference)? {}
    Ok(())
}

/// Compares the next event; whether there is one.
fn poll<S: System>(system: &mut S, reference: &mut Reference) -> Result<bool, Difference> {
    let mut events = iter::from_fn(|| reference.poll_event());
    let expected = events.find_map(|event| system.expected_event(event));
    compare(Aspect::Event, &expected, &system.poll_event())?;
    Ok(expected.is_some())
}

fn compare_views<S: System>(system: &S, reference: &Reference) -> Result<(), Difference> {
    compare(Aspect::View, &system.expected_view(reference), &system.view())
}

fn compare<T: fmt::Debug + PartialEq>(aspect: Aspect, expected: &T, found: &T) -> Result<(), Difference> {
    if expected == found {
        return Ok(());
    }
    Err(Difference { aspect, expected: format!("{expected:#?}"), found: format!("{found:#?}") })
}

/// Where a system and the [`Reference`] part.
///
/// `Display` shows the lines of `expected` and `found` that differ, and a few around them.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
#[error("{}", Report(self))]
pub struct Divergence {
    /// After how many commands.
    pub index: usize,
    /// The last of them; none, if the system differs from the first.
    pub entry: Option<Box<LogEntry>>,
    /// In what.
    pub aspect: Aspect,
    /// What the reference says, in the form of the system.
    pub expected: String,
    /// What the system says.
    pub found: String,
}

/// In what a system and the [`Reference`] can differ.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[expect(clippy::exhaustive_enums, reason = "what a `System` shows")]
pub enum Aspect {
    /// What it answers.
    Answer,
    /// What it tells of.
    Event,
    /// What can be seen of it.
    View,
}

impl fmt::Display for Aspect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Answer => "answer",
            Self::Event => "event",
            Self::View => "view",
        })
    }
}

struct Report<'a>(&'a Divergence);

impl fmt::Display for Report<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Divergence { index, entry, aspect, expected, found } = self.0;
        match entry {
            Some(entry) => writeln!(f, "{aspect} differs after command {index}: {entry:?}")?,
            None => writeln!(f, "{aspect} differs from the first")?,
        }
        if expected == found {
            return write!(f, "in what `Debug` does not show of\n{expected}");
        }
        let [expected, found] = [expected, found].map(|text| text.lines().collect::<Vec<_>>());
        let same_at_first = expected.iter().zip(&found).take_while(|(one, other)| one == other).count();
        let same_at_last =
            expected.iter().rev().zip(found.iter().rev()).take_while(|(one, other)| one == other).count();
        for (heading, lines) in [("expected", expected), ("found", found)] {
            writeln!(f, "{heading}:")?;
            let first = same_at_first.saturating_sub(CONTEXT);
            let behind = lines.len().saturating_sub(same_at_last).max(same_at_first).saturating_add(CONTEXT);
            for line in lines.iter().take(behind).skip(first) {
                writeln!(f, "{line}")?;
            }
        }
        Ok(())
    }
}

/// How many lines are shown around those that differ.
const CONTEXT: usize = 5;

/// Shows all that there is: answers and events in full, and as its view the next deadline and the whole state.
impl System for Service {
    type Answer = Result<Reply, Error>;
    type Event = Event;
    type View = ServiceView;

    fn apply(&mut self, command: Command, now: Timestamp) -> Self::Answer {
        Self::apply(self, command, now)
    }

    fn expected_answer(&self, answer: Self::Answer) -> Self::Answer {
        answer
    }

    fn poll_event(&mut self) -> Option<Event> {
        Self::poll_event(self)
    }

    fn expected_event(&self, event: Event) -> Option<Event> {
        Some(event)
    }

    fn view(&self) -> ServiceView {
        ServiceView { next_deadline: self.next_deadline(), state: self.state() }
    }

    fn expected_view(&self, reference: &Reference) -> ServiceView {
        ServiceView { next_deadline: reference.next_deadline(), state: reference.state() }
    }
}

/// What can be seen of a [`Service`] as a [`System`].
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct ServiceView {
    /// When something will happen by itself.
    pub next_deadline: Option<Timestamp>,
    /// All that there is, the latest instant seen and the events not polled included.
    pub state: ServiceState,
}
