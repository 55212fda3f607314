//! What can be said of a service by looking at every record that it has, one after another.
#![expect(clippy::unwrap_used, reason = "a look-up that fails is a failed test")]

use twilio_proxy_core::{
    FetchSessionError, Identifier, ProxyIdentifier, Service, ServiceState, SessionState, Timestamp,
};

use crate::common::*;
use crate::histories::{IDENTIFIERS, NAMES, NUMBERS, PARTICIPANTS, SESSIONS};

/// INV-4: every list, look-up, count and deadline is what a full scan gives.
pub(crate) fn check(service: &Service) {
    let state = service.state();
    check_lists(service, &state);
    check_look_ups(service, &state);
    for number in &state.numbers {
        let uses = state.sessions.iter().filter(|session| {
            is_active(session)
                && present(session).iter().any(|(_, proxy)| proxy.number() == Some(number.number.phone_number))
        });
        assert_eq!(usize::try_from(number.number.in_use), Ok(uses.count()), "NUM-4: {:?}", number.number.sid);
    }
    for session in &state.sessions {
        assert!(present(session).len() <= 2, "PAR-1: {:?}", session.session.sid);
        assert!(is_active(session) || session.pending.is_empty(), "CON-6: {:?}", session.session.sid);
    }
    assert_eq!(service.next_deadline(), next_deadline(&state), "TIM-4");
    assert!(service.next_deadline().is_none_or(|deadline| deadline > service.latest_instant()), "TIM-3");
}

fn check_lists(service: &Service, state: &ServiceState) {
    let sessions: Vec<_> = state.sessions.iter().map(|session| &session.session).collect();
    let numbers: Vec<_> = state.numbers.iter().map(|number| &number.number).collect();
    assert_eq!(service.sessions().collect::<Vec<_>>(), sessions);
    assert_eq!(service.numbers().collect::<Vec<_>>(), numbers);
    assert!(service.sessions().rev().eq(sessions.into_iter().rev()));
    assert!(service.numbers().rev().eq(numbers.into_iter().rev()));
    for session in &state.sessions {
        let participants: Vec<_> = session.participants.iter().map(|member| &member.participant).collect();
        let pending: Vec<_> = session.pending.iter().map(|member| &member.participant).collect();
        assert_eq!(service.participants(session.session.sid).unwrap().collect::<Vec<_>>(), participants);
        assert_eq!(service.pending_participants(session.session.sid).unwrap().collect::<Vec<_>>(), pending);
    }
}

fn check_look_ups(service: &Service, state: &ServiceState) {
    for session in &state.sessions {
        let sid = session.session.sid;
        assert_eq!(service.session(sid), Some(&session.session));
        assert_eq!(service.fetch_session(&sid.to_string()), Ok(&session.session));
        for member in &session.participants {
            assert_eq!(service.participant(sid, member.participant.sid), Some(&member.participant));
            assert_eq!(service.pending_participant(sid, member.participant.sid), None);
        }
        for member in &session.pending {
            assert_eq!(service.pending_participant(sid, member.participant.sid), Some(&member.participant));
            assert_eq!(service.participant(sid, member.participant.sid), None);
        }
    }
    for number in &state.numbers {
        assert_eq!(service.number(number.number.sid), Some(&number.number));
    }
    for name in NAMES {
        let is_it = |session: &&SessionState| {
            session.session.unique_name.as_ref().is_some_and(|unique_name| unique_name.as_str() == name)
        };
        let found = state.sessions.iter().find(is_it).map(|session| &session.session);
        assert_eq!(service.session_by_name(name), found);
        assert_eq!(service.fetch_session(name), found.ok_or(FetchSessionError::SessionNameNotFound));
    }
    for (n, m) in SESSIONS.into_iter().flat_map(|n| PARTICIPANTS.map(|m| (n, m))) {
        let found = state.sessions.iter().find(|state| state.session.sid == session(n));
        let is_added =
            found.is_some_and(|state| state.participants.iter().any(|m2| m2.participant.sid == participant(m)));
        let is_pending = found.is_some_and(|state| state.pending.iter().any(|m2| m2.participant.sid == participant(m)));
        assert_eq!(service.session(session(n)).is_some(), found.is_some());
        assert_eq!(service.participant(session(n), participant(m)).is_some(), is_added);
        assert_eq!(service.pending_participant(session(n), participant(m)).is_some(), is_pending);
    }
    for n in (1..).take(NUMBERS.len()) {
        let sid = number(n).into();
        let is_there = state.numbers.iter().any(|number| number.number.sid == sid);
        assert_eq!(service.number(sid).is_some(), is_there);
    }
}

/// INV-4: pairs and sticky history, which show in answers alone, are what they are after a rebuild from the records.
pub(crate) fn check_against_a_rebuild(service: &Service) {
    let rebuilt = Service::restore(service.state()).unwrap();
    let now = service.latest_instant();
    for session in service.sessions() {
        for text in IDENTIFIERS {
            let identifier = identifier(text);
            let explanation = service.explain_selection(session.sid, &identifier, now);
            assert_eq!(
                explanation,
                rebuilt.explain_selection(session.sid, &identifier, now),
                "{text} in {}",
                session.sid
            );
        }
    }
    for (session, text, proxy) in service
        .sessions()
        .flat_map(|session| IDENTIFIERS.map(|text| (session.sid, text)))
        .flat_map(|(session, text)| NUMBERS.map(|proxy| (session, text, proxy)))
    {
        let new = || new_participant_with(99, text, proxy);
        let added = service.clone().add_participant(session, new(), now).cloned();
        assert_eq!(
            added,
            rebuilt.clone().add_participant(session, new(), now).cloned(),
            "{text}, {proxy} in {session}"
        );
    }
}

/// Every pair that is live or pending in an active session, once for each session.
pub(crate) fn active_pairs(state: &ServiceState) -> Vec<(&Identifier, &ProxyIdentifier)> {
    state.sessions.iter().filter(|session| is_active(session)).flat_map(present).collect()
}

/// The identifiers and proxy identifiers of all who are live or pending.
fn present(session: &SessionState) -> Vec<(&Identifier, &ProxyIdentifier)> {
    let live = session.participants.iter().map(|member| &member.participant).filter(|member| member.is_live());
    let pending = session.pending.iter().map(|member| &member.participant);
    live.map(|member| (&member.identifier, &member.proxy_identifier))
        .chain(pending.map(|member| (&member.identifier, &member.proxy_identifier)))
        .collect()
}

fn is_active(session: &SessionState) -> bool {
    session.session.status.is_active()
}

/// The earliest of EXP-1 and EXP-7.
fn next_deadline(state: &ServiceState) -> Option<Timestamp> {
    state.sessions.iter().filter_map(|session| deadline(state, session)).min()
}

fn deadline(state: &ServiceState, SessionState { date_reopened, session, .. }: &SessionState) -> Option<Timestamp> {
    if !session.status.is_active() {
        return session.date_ended?.checked_add(state.policy.retention?.as_seconds().into());
    }
    if session.date_expiry.is_some() {
        return session.date_expiry;
    }
    let base =
        [Some(session.date_created), *date_reopened, session.date_last_interaction].into_iter().max().flatten()?;
    let seconds = match session.ttl.as_seconds() {
        0 => state.policy.default_lifetime?.as_seconds(),
        seconds => seconds,
    };
    base.checked_add(seconds.into())
}
