//! What of a state its future depends on, so that a small world has finitely many states.
//!
//! That nothing else matters is not only argued here: the search goes on from every state that it comes to in two ways
//! from both, and demands the same of both.

use twilio_proxy_core::{
    ClosedReason, Identifier, MemberState, ProxyIdentifier, ServiceState, SessionStatus, Timestamp,
};

/// What the commands of a world can ask of the past.
#[derive(Clone, Copy)]
pub(crate) struct Memory {
    /// The longest lifetime in seconds that a session can be given.
    pub(crate) longest_lifetime: u64,
    /// Whether contacts come in, which ask for the order of sessions (CON-8) and for how they ended (RTE-4).
    pub(crate) of_sessions: bool,
}

/// The latest instant seen, in every normal form: instants count from it.
const LATEST: u64 = 1_000_000;

/// Leaves of a state what its future depends on; gives what was forgotten.
pub(crate) fn forget(state: &mut ServiceState, memory: Memory) -> Vec<u64> {
    let latest_instant = state.latest_instant;
    let past = Past { latest_instant, forgotten: Vec::new() };
    state.latest_instant = past.relative(latest_instant);
    forget_instants(state, memory, past).into_iter().chain(forget_orders(state, memory)).collect()
}

struct Past {
    latest_instant: Timestamp,
    forgotten: Vec<u64>,
}

impl Past {
    fn relative(&self, instant: Timestamp) -> Timestamp {
        let seconds = LATEST + instant.as_unix_seconds() - self.latest_instant.as_unix_seconds();
        Timestamp::MIN.checked_add(seconds).unwrap()
    }

    fn forget(&mut self, instant: &mut Timestamp) {
        let relative = self.relative(*instant);
        self.forgotten.push(relative.as_unix_seconds());
        *instant = Timestamp::MIN;
    }

    fn forget_if_any(&mut self, instant: &mut Option<Timestamp>) {
        if let Some(mut instant) = instant.take() {
            self.forget(&mut instant);
        }
    }
}

fn forget_instants(state: &mut ServiceState, memory: Memory, mut past: Past) -> Vec<u64> {
    // Dates of the service, of numbers, participants and interactions are shown, and nothing asks for them.
    past.forget(&mut state.settings.date_created);
    past.forget(&mut state.settings.date_updated);
    for entry in &mut state.numbers {
        past.forget(&mut entry.number.date_created);
        past.forget(&mut entry.number.date_updated);
    }
    for row in &mut state.sessions {
        for member in &mut row.participants {
            let participant = &mut member.participant;
            past.forget(&mut participant.date_created);
            past.forget(&mut participant.date_updated);
            participant.date_deleted.iter_mut().for_each(|date| past.forget(date)); // that it was removed matters
        }
        for record in &mut row.interactions {
            past.forget(&mut record.interaction.date_created);
            past.forget(&mut record.interaction.date_updated);
        }

        let session = &mut row.session;
        // Of these the latest is the base of the deadline (EXP-1); when that was so long ago that every lifetime is over,
        // it was long ago. A re-open makes a base of its own (EXP-5).
        let dates = [Some(session.date_created), row.date_reopened, session.date_last_interaction];
        let base = past.relative(dates.into_iter().flatten().max().unwrap());
        past.forget(&mut session.date_created);
        past.forget_if_any(&mut row.date_reopened);
        past.forget_if_any(&mut session.date_last_interaction);
        past.forgotten.push(u64::from(session.status == SessionStatus::InProgress));
        past.forgotten.push(u64::from(session.closed_reason == Some(ClosedReason::Expired)));
        if session.status.is_active() {
            session.date_created = base.max(Timestamp::MIN.checked_add(LATEST - memory.longest_lifetime).unwrap());
            session.status = SessionStatus::Open; // moves of the status make no difference between the two (SES-5)
        } else if !memory.of_sessions {
            session.closed_reason = Some(ClosedReason::Api); // asked for by RTE-4 alone
        }
        session.date_ended = session.date_ended.map(|ended| past.relative(ended));
        // One that is past is dropped by the re-open (EXP-5).
        session.date_expiry =
            session.date_expiry.map(|expiry| past.relative(expiry)).filter(|at| *at > state.latest_instant);
        past.forget(&mut session.date_updated);
        past.forget_if_any(&mut session.date_started);
    }
    past.forgotten
}

fn forget_orders(state: &mut ServiceState, memory: Memory) -> Vec<u64> {
    let mut forgotten = Vec::new();
    let mut forget = |count: &mut u64| forgotten.push(core::mem::take(count));
    // Counts only have to be beyond every ordinal, and ordinals stand in the order of their lists.
    forget(&mut state.sessions_created);
    forget(&mut state.participants_added);
    forget(&mut state.numbers_added);
    forget(&mut state.interactions_created);
    for entry in &mut state.numbers {
        forget(&mut entry.ordinal); // the list stays in the order of first fit (SEL-6)
    }
    for row in &mut state.sessions {
        forget(&mut row.ordinal);
        for record in &mut row.interactions {
            forget(&mut record.ordinal);
        }
    }

    // Uses are compared among those of one identifier (SEL-5), and two of one number in a row count as one.
    let mut uses: Vec<&mut MemberState> = state.sessions.iter_mut().flat_map(|row| &mut row.participants).collect();
    uses.sort_by_key(|member| member.ordinal);
    uses.sort_by(|left, right| left.participant.identifier.cmp(&right.participant.identifier));
    let mut previous: Option<(Identifier, ProxyIdentifier, u64)> = None;
    for member in uses {
        forget(&mut member.ordinal);
        let participant = &member.participant;
        member.ordinal = match previous {
            Some((identifier, proxy, rank)) if identifier == participant.identifier => {
                rank + u64::from(proxy != participant.proxy_identifier)
            }
            _ => 0,
        };
        previous = Some((participant.identifier.clone(), participant.proxy_identifier.clone(), member.ordinal));
    }

    // The order of a list is shown, and of them all only that of sessions is asked for.
    for row in &mut state.sessions {
        row.participants.sort_by_key(|member| member.participant.sid);
        row.interactions.sort_by_key(|record| record.interaction.sid);
    }
    state.waiting.sort_by_key(|waiting| waiting.interaction);
    if !memory.of_sessions {
        state.sessions.sort_by_key(|row| row.session.sid);
    }
    forgotten
}
