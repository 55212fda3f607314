//! What a service takes, all indexes included, beside SQLite for the same data; and its worst addition while it grows.

use std::time::Instant;

use twilio_proxy_core::{Service, SessionSid, Timestamp};

use crate::{
    Outcome,
    options::Options,
    random::SplitMix,
    report::{Bar, Report, spaced},
    sqlite,
    world::{CLOSE, NOW, UNRESERVED, World, add_numbers, empty_service, new_person, new_session},
};

/// How often the way is gone: a cost that is not the machine's own comes again each time.
const WAYS: usize = 3;

/// How many sessions a second are closed.
const PACE: usize = 100;

pub(crate) fn measure(options: &Options, report: &mut Report) -> Outcome {
    let (whole, beyond) = (options.sessions, options.sessions / 10);
    let mut costs: Vec<u32> = Vec::new();
    let (mut active, mut closed) = (0.0_f64, 0.0_f64);
    for way in 0..WAYS {
        let mut growing = Growing::new(whole + beyond)?;
        let bytes = growing.grow(whole)?;
        active = active.max(bytes as f64 / whole as f64);
        if way > 0 {
            let bytes = bytes + growing.grow(beyond)?;
            active = active.max(bytes as f64 / (whole + beyond) as f64);
            closed = closed.max((bytes + growing.close()?) as f64 / (whole + beyond) as f64);
        } else {
            closed = closed.max((bytes + growing.close()?) as f64 / whole as f64);
        }
        if costs.is_empty() || way == 1 {
            costs.clone_from(&growing.costs);
        } else {
            for (cost, again) in costs.iter_mut().zip(&growing.costs) {
                *cost = (*cost).min(*again);
            }
        }
    }
    let to = spaced(whole);
    report.line(&format!("bytes per active session, {to} and a tenth more"), active, Some(Bar(640.0)));
    report.line(&format!("bytes per closed session kept for 90 days, {to} and a tenth more"), closed, Some(Bar(480.0)));
    let bytes = sqlite::bytes(&World::new(whole)?)?;
    report.line(&format!("bytes per active session in SQLite, {to}"), bytes as f64 / whole as f64, None);

    costs.sort_unstable();
    let of = spaced(whole + beyond);
    let worst = costs.last().copied().unwrap_or_default();
    let rare = costs.get(costs.len() - 1 - costs.len() / 10_000).copied().unwrap_or_default();
    report.line(&format!("worst add_participant up to {of} sessions, ms"), f64::from(worst) / 1e6, Some(Bar(50.0)));
    report.line(&format!("p99.99 add_participant up to {of} sessions, ms"), f64::from(rare) / 1e6, None);
    Ok(())
}

struct Growing {
    service: Service,
    sessions: Vec<SessionSid>,
    /// Nanoseconds of each addition.
    costs: Vec<u32>,
    random: SplitMix,
}

impl Growing {
    fn new(sessions: usize) -> Outcome<Self> {
        Ok(Self {
            service: empty_service()?,
            sessions: Vec::with_capacity(sessions),
            costs: Vec::with_capacity(sessions * 2),
            random: SplitMix(11),
        })
    }

    /// The bytes that so many more sessions take, and at first the pool.
    fn grow(&mut self, count: usize) -> Outcome<i64> {
        measured(|| {
            if self.sessions.is_empty() {
                add_numbers(&mut self.service, 0..UNRESERVED)?;
            }
            for _ in 0..count {
                let new = new_session(&mut self.random)?;
                let session = new.sid;
                self.service.create_session(new, NOW)?;
                for _ in 0..2 {
                    let person = new_person(&mut self.random)?;
                    let start = Instant::now();
                    self.service.add_participant(session, person, NOW)?;
                    self.costs.push(u32::try_from(start.elapsed().as_nanos()).unwrap_or(u32::MAX));
                }
                self.sessions.push(session);
            }
            Ok(())
        })
    }

    /// The bytes that it takes more once all are closed, in no order, some every second.
    fn close(&mut self) -> Outcome<i64> {
        self.random.shuffle(&mut self.sessions);
        measured(|| {
            for (index, session) in self.sessions.iter().enumerate() {
                self.service.update_session(
                    *session,
                    CLOSE,
                    Timestamp::from_unix_seconds(i64::try_from(index / PACE)?),
                )?;
            }
            Ok(())
        })
    }
}

fn measured(work: impl FnOnce() -> Outcome) -> Outcome<i64> {
    let mut outcome = Ok(());
    let allocations = allocation_counter::measure(|| outcome = work());
    outcome.map(|()| allocations.bytes_current)
}
