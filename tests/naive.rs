//! What can be said of a service by looking at every record that it has, one after another.
#![expect(clippy::unwrap_used, reason = "a look-up that fails is a failed test")]

use twilio_proxy_core::{
    ContactKind, Event, FetchSessionError, Identifier, NewParticipant, NumberSid, ProxyIdentifier, RequestPurpose,
    Service, ServiceState, SessionState, Timestamp, WaitingMatter,
};

use crate::common::*;

// What histories speak of, and a little more.
const SESSIONS: [u128; 8] = [1, 2, 3, 4, 5, 6, 7, 8];
const NAMES: [&str; 2] = ["job-1", "job-2"];
const LAST_PARTICIPANT: u128 = 41;
const LAST_INTERACTION: u128 = 41;
const LAST_NUMBER: u128 = 19;

/// INV-4: every list, look-up, count and deadline is what a full scan gives.
pub(crate) fn check(service: &Service) {
    let state = service.state();
    check_lists(service, &state);
    check_look_ups(service, &state);
    check_interactions(service, &state);
    check_waiting(&state);
    check_events(&state);
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
    for (n, m) in SESSIONS.into_iter().flat_map(|n| (1..=LAST_PARTICIPANT).map(move |m| (n, m))) {
        let found = state.sessions.iter().find(|state| state.session.sid == session(n));
        let is_added =
            found.is_some_and(|state| state.participants.iter().any(|m2| m2.participant.sid == participant(m)));
        let is_pending = found.is_some_and(|state| state.pending.iter().any(|m2| m2.participant.sid == participant(m)));
        assert_eq!(service.session(session(n)).is_some(), found.is_some());
        assert_eq!(service.participant(session(n), participant(m)).is_some(), is_added);
        assert_eq!(service.pending_participant(session(n), participant(m)).is_some(), is_pending);
    }
    for n in 1..=LAST_NUMBER {
        for sid in [NumberSid::PhoneNumber(number(n)), NumberSid::ShortCode(short_code(n))] {
            let is_there = state.numbers.iter().any(|number| number.number.sid == sid);
            assert_eq!(service.number(sid).is_some(), is_there);
        }
    }
}

fn check_interactions(service: &Service, state: &ServiceState) {
    for state in &state.sessions {
        let sid = state.session.sid;
        let recorded: Vec<_> = state.interactions.iter().map(|state| &state.interaction).collect();
        assert_eq!(service.interactions(sid).unwrap().collect::<Vec<_>>(), recorded, "INT-5");
        assert!(service.interactions(sid).unwrap().rev().eq(recorded.iter().copied().rev()));
        for member in &state.participants {
            let participant = member.participant.sid;
            let sent = recorded.iter().copied().filter(|interaction| {
                interaction.inbound_participant_sid.is_none()
                    && interaction.outbound_participant_sid == Some(participant)
            });
            assert!(service.message_interactions(sid, participant).unwrap().eq(sent), "INT-5");
        }
        for n in 1..=LAST_INTERACTION {
            let found = recorded.iter().copied().find(|recorded| recorded.sid == interaction(n));
            assert_eq!(service.interaction(sid, interaction(n)), found);
        }
        assert!(recorded.is_empty() || state.session.date_last_interaction.is_some(), "RTE-8: {sid}");
    }
    for n in SESSIONS {
        let is_there = service.session(session(n)).is_some();
        assert_eq!(service.interactions(session(n)).is_some(), is_there);
    }
}

/// SID-4, RTE-11: who waits has a SID of its own, and for a verdict a session that can carry it.
fn check_waiting(state: &ServiceState) {
    let recorded = state.sessions.iter().flat_map(|session| &session.interactions).map(|state| state.interaction.sid);
    let mut sids: Vec<_> = recorded.chain(state.waiting.iter().map(|contact| contact.interaction)).collect();
    sids.sort_unstable();
    assert!(sids.is_sorted_by(|one, next| one < next), "SID-4: {sids:?}");
    for contact in &state.waiting {
        if let WaitingMatter::Verdict { session, caller, partner, .. } = &contact.matter {
            let session = state.sessions.iter().find(|state| state.session.sid == *session).unwrap();
            let mode = session.session.mode;
            let is_carried = match contact.contact.kind() {
                ContactKind::Call => mode.has_voice(),
                ContactKind::Message => mode.has_messages(),
            };
            assert!(is_active(session) && is_carried, "RTE-11");
            for sid in [caller, partner] {
                let member = session.participants.iter().find(|member| member.participant.sid == *sid).unwrap();
                assert!(member.participant.is_live(), "RTE-11");
            }
        }
    }
}

/// INV-6: what is not polled goes with its session and its interaction.
fn check_events(state: &ServiceState) {
    for event in &state.events {
        let (session, interaction, is_recorded) = if let Event::Leg(leg) = event {
            (Some(leg.session), leg.interaction, true)
        } else if let Event::Request(request) = event {
            (request.session, request.interaction, request.purpose == RequestPurpose::Callback)
        } else {
            continue;
        };
        let found = session.map(|sid| state.sessions.iter().find(|state| state.session.sid == sid));
        assert_ne!(found, Some(None), "INV-6: {event:?}");
        if is_recorded {
            let is_there =
                found.flatten().unwrap().interactions.iter().any(|state| state.interaction.sid == interaction);
            assert!(is_there, "INV-6: {event:?}");
        }
    }
}

/// INV-4: pairs and sticky history, which show in answers alone, are what they are after a rebuild from the records.
pub(crate) fn check_against_a_rebuild(service: &Service) {
    let state = service.state();
    let (people, proxies) = (people_of(&state), proxies_of(&state));
    let rebuilt = Service::restore(state).unwrap();
    let now = service.latest_instant();
    for person in &people {
        for session in service.sessions().map(|session| session.sid) {
            let explanation = service.explain_selection(session, person, now);
            assert_eq!(explanation, rebuilt.explain_selection(session, person, now), "{person} in {session}");
        }
        for proxy in &proxies {
            for kind in ContactKind::ALL {
                let route = service.route(Some(person), proxy, *kind, now);
                assert_eq!(route, rebuilt.route(Some(person), proxy, *kind, now), "{person} to {proxy}");
            }
        }
    }
    for (session, person) in service.sessions().flat_map(|session| people.iter().map(|person| (session.sid, person))) {
        for proxy in &proxies {
            let mut new = NewParticipant::new(participant(99), person.clone());
            new.proxy_identifier = Some(proxy.clone().into());
            let added = service.clone().add_participant(session, new.clone(), now).cloned();
            let added_to_rebuilt = rebuilt.clone().add_participant(session, new, now).cloned();
            assert_eq!(added, added_to_rebuilt, "{person}, {proxy} in {session}");
        }
    }
}

/// Some of the people whom a service knows.
fn people_of(state: &ServiceState) -> Vec<Identifier> {
    let added = state.sessions.iter().flat_map(|session| &session.participants);
    let mut people: Vec<Identifier> = added.map(|member| member.participant.identifier.clone()).collect();
    people.sort_unstable();
    people.dedup();
    people.truncate(5);
    people
}

/// Some of the proxy identifiers of a service.
fn proxies_of(state: &ServiceState) -> Vec<ProxyIdentifier> {
    let numbers = state.numbers.iter().map(|number| number.number.phone_number.into());
    let added = state.sessions.iter().flat_map(|session| &session.participants);
    let channels =
        added.map(|member| member.participant.proxy_identifier.clone()).filter(|proxy| proxy.number().is_none());
    let mut proxies: Vec<ProxyIdentifier> = channels.take(2).chain(numbers.take(4)).collect();
    proxies.dedup();
    proxies
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
