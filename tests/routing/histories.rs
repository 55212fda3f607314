//! Random histories of one small service with all that traffic can do.
#![expect(clippy::unwrap_used, reason = "a fixture that fails is a failed test")]

use proptest::{
    prelude::*,
    sample::{Index, select, subsequence},
};
use twilio_proxy_core::{
    AutoCreateSids, Command, Inbound, InteractionSid, NewParticipant, OutOfSessionAnswer, ParticipantSid, Policy,
    ResourceStatus, Service, SessionMode, SessionSid, Span, StatusReport, WebhookAnswer,
};

use crate::common::*;

pub(crate) const ON_CHANNEL: &str = "whatsapp:+14155550001";
pub(crate) const CHANNEL_PROXY: &str = "whatsapp:+14155559001";
pub(crate) const PEOPLE: [&str; 4] = [ALICE, BOB, CAROL, ON_CHANNEL];
/// The last is in no pool.
pub(crate) const PROXIES: [&str; 4] = [P1, P2, CHANNEL_PROXY, "+14155559003"];
/// What every message says, opt-out words aside.
pub(crate) const BODY: &str = "Meet me at the corner";

/// What happens next. An index picks among what there is.
#[derive(Clone, Debug)]
pub(crate) enum Step {
    Apply(Box<Command>),
    /// A live participant calls or writes, at the right proxy identifier.
    Contact(Index, Inbound),
    Finish(Index),
    Remove(Index),
    Send(Index, InteractionSid),
    Verdict(Index, WebhookAnswer),
    Answer(Index, OutOfSessionAnswer, AutoCreateSids),
    Report(Index, StatusReport),
    DeleteInteraction(Index),
    Wait(u64),
    Poll,
}

impl Step {
    pub(crate) fn take(self, service: &mut Service) {
        let now = service.latest_instant();
        if let Self::Wait(seconds) = self {
            service.handle_deadline(now.checked_add(seconds).unwrap());
        } else if matches!(self, Self::Poll) {
            drop(service.poll_event());
        } else if let Some(command) = self.command(service) {
            drop(service.apply(command, now));
        }
    }

    fn command(self, service: &Service) -> Option<Command> {
        Some(match self {
            Self::Wait(_) | Self::Poll => return None,
            Self::Apply(command) => *command,
            Self::Contact(index, mut inbound) => {
                let (session, participant) = pick(index, &live(service))?;
                let caller = service.participant(session, participant)?;
                inbound.from = Some(caller.identifier.clone());
                inbound.to = caller.proxy_identifier.clone();
                Command::Receive { inbound }
            }
            Self::Finish(index) => {
                let pending = |session| service.pending_participants(session).unwrap().map(|pending| pending.sid);
                let all: Vec<_> = sessions(service).flat_map(|sid| pending(sid).map(move |n| (sid, n))).collect();
                let (session, participant) = pick(index, &all)?;
                Command::FinishAddParticipant { session, participant }
            }
            Self::Remove(index) => {
                let (session, participant) = pick(index, &live(service))?;
                Command::RemoveParticipant { session, participant }
            }
            Self::Send(index, sid) => {
                let (session, participant) = pick(index, &live(service))?;
                Command::SendMessage { session, participant, new: new_message(sid.to_u128(), BODY) }
            }
            Self::Verdict(index, answer) => {
                Command::ResolveIntercept { interaction: pick(index, &waiting(service))?, answer }
            }
            Self::Answer(index, answer, sids) => {
                Command::ResolveOutOfSession { interaction: pick(index, &waiting(service))?, answer, sids }
            }
            Self::Report(index, report) => {
                let (_, interaction) = pick(index, &interactions(service))?;
                Command::ReportStatus { interaction, report }
            }
            Self::DeleteInteraction(index) => {
                let (session, interaction) = pick(index, &interactions(service))?;
                Command::DeleteInteraction { session, interaction }
            }
        })
    }
}

fn pick<T: Copy>(index: Index, from: &[T]) -> Option<T> {
    (!from.is_empty()).then(|| *index.get(from))
}

fn sessions(service: &Service) -> impl Iterator<Item = SessionSid> {
    service.sessions().map(|session| session.sid)
}

fn live(service: &Service) -> Vec<(SessionSid, ParticipantSid)> {
    let of = |session| service.participants(session).unwrap().filter(|added| added.is_live());
    sessions(service).flat_map(|session| of(session).map(move |added| (session, added.sid))).collect()
}

fn waiting(service: &Service) -> Vec<InteractionSid> {
    service.state().waiting.iter().map(|waiting| waiting.interaction).collect()
}

fn interactions(service: &Service) -> Vec<(SessionSid, InteractionSid)> {
    let of = |session| service.interactions(session).unwrap();
    sessions(service).flat_map(|session| of(session).map(move |record| (session, record.sid))).collect()
}

fn any_session() -> impl Strategy<Value = SessionSid> {
    (1..=4_u128).prop_map(session)
}

fn any_participant() -> impl Strategy<Value = ParticipantSid> {
    (1..=60_u128).prop_map(participant)
}

fn any_interaction() -> impl Strategy<Value = InteractionSid> {
    (1..=9_u128).prop_map(interaction)
}

fn new_person(n: u128, person: &str, proxy: Option<&str>) -> NewParticipant {
    match (person, proxy) {
        (ON_CHANNEL, _) => new_participant_with(n, person, CHANNEL_PROXY),
        (_, Some(proxy)) => new_participant_with(n, person, proxy),
        (_, None) => new_participant(n, person),
    }
}

fn any_person() -> impl Strategy<Value = NewParticipant> {
    (1..=60_u128, select(&PEOPLE[..]), any_proxy()).prop_map(|(n, person, proxy)| new_person(n, person, proxy))
}

fn any_proxy() -> impl Strategy<Value = Option<&'static str>> {
    select(&[None, None, Some(P1), Some(P1), Some(P2)][..])
}

/// Up to two people, in a session with or without voice as it suits them.
fn any_new_session() -> impl Strategy<Value = Command> {
    let mode = prop_oneof![3 => Just(SessionMode::VoiceAndMessage), 1 => select(SessionMode::ALL)];
    let ttls = select(&[None, None, Some(60), Some(150)][..]);
    let people = subsequence(PEOPLE.to_vec(), 0..=2).prop_shuffle();
    let sids = (1..=59_u128).prop_map(|n| [n, 60_u128.saturating_sub(n)]);
    (any_session(), people, sids, [any_proxy(), any_proxy()], mode, ttls).prop_map(
        |(sid, people, sids, proxies, mode, seconds)| {
            let is_written = people.contains(&ON_CHANNEL);
            let mut new =
                new_session_with_mode(sid.to_u128(), if is_written { SessionMode::MessageOnly } else { mode });
            new.ttl = seconds.map(ttl);
            let people = people.into_iter().zip(sids).zip(proxies);
            new.participants = people.map(|((person, n), proxy)| new_person(n, person, proxy)).collect();
            Command::CreateSession { new }
        },
    )
}

fn any_inbound() -> impl Strategy<Value = Inbound> {
    let from = prop::option::weighted(0.9, select(&PEOPLE[..]));
    let body = select(&[None, None, None, Some(BODY), Some(BODY), Some(BODY), Some("stop")][..]);
    (any_interaction(), from, select(&PROXIES[..]), body).prop_map(|(sid, from, to, body)| {
        let n = sid.to_u128();
        let mut inbound = match body {
            None => call(n, ALICE, to),
            Some(body) => message(n, ALICE, to, body),
        };
        inbound.from = from.map(identifier);
        let parameters = [("From", from.unwrap_or("anonymous")), ("Body", BODY)];
        let parameters = parameters.map(|(name, value)| (name.to_owned(), value.to_owned()));
        inbound.parameters = parameters.to_vec().try_into().unwrap();
        inbound
    })
}

fn any_verdict() -> impl Strategy<Value = WebhookAnswer> {
    select(&[WebhookAnswer::Status(200), WebhookAnswer::Status(403), WebhookAnswer::None][..])
}

fn any_answer() -> impl Strategy<Value = OutOfSessionAnswer> {
    let created = |partner: &str, more: &str| OutOfSessionAnswer {
        status: WebhookAnswer::Status(200),
        content_type: Some("application/json".parse().unwrap()),
        body: format!("{{\"participantIdentifier\":\"{partner}\"{more}}}").parse().unwrap(),
    };
    select(vec![
        created(BOB, ""),
        created(CAROL, ",\"ttl\":60"),
        created(ON_CHANNEL, ",\"participantProxyIdentifier\":\"whatsapp:+14155559001\""),
        OutOfSessionAnswer::default(),
    ])
}

fn any_sids() -> impl Strategy<Value = AutoCreateSids> {
    (any_session(), any_participant(), any_participant()).prop_map(|(session, caller, partner)| AutoCreateSids {
        session,
        caller,
        partner,
    })
}

fn any_report() -> impl Strategy<Value = StatusReport> {
    let resource_sid = prop::option::of(Just(call_sid(77)));
    (select(ResourceStatus::ALL), resource_sid, prop::option::of(0..100_u32))
        .prop_map(|(status, resource_sid, duration)| StatusReport { status, resource_sid, duration })
}

fn any_command() -> impl Strategy<Value = Command> {
    prop_oneof![
        8 => any_new_session(),
        6 => (any_session(), any_person()).prop_map(|(session, new)| Command::AddParticipant { session, new }),
        2 => (any_session(), any_person()).prop_map(|(session, new)| Command::BeginAddParticipant { session, new }),
        4 => any_session().prop_map(|session| Command::UpdateSession { session, update: close() }),
        4 => any_session().prop_map(|session| Command::UpdateSession { session, update: reopen() }),
        1 => any_session().prop_map(|session| Command::DeleteSession { session }),
        5 => any_inbound().prop_map(|inbound| Command::Receive { inbound }),
    ]
}

pub(crate) fn any_step() -> impl Strategy<Value = Step> {
    prop_oneof![
        25 => any_command().prop_map(|command| Step::Apply(Box::new(command))),
        8 => (any::<Index>(), any_inbound()).prop_map(|(index, inbound)| Step::Contact(index, inbound)),
        2 => any::<Index>().prop_map(Step::Finish),
        1 => any::<Index>().prop_map(Step::Remove),
        2 => (any::<Index>(), any_interaction()).prop_map(|(index, sid)| Step::Send(index, sid)),
        3 => (any::<Index>(), any_verdict()).prop_map(|(index, answer)| Step::Verdict(index, answer)),
        3 => (any::<Index>(), any_answer(), any_sids())
            .prop_map(|(index, answer, sids)| Step::Answer(index, answer, sids)),
        3 => (any::<Index>(), any_report()).prop_map(|(index, report)| Step::Report(index, report)),
        1 => any::<Index>().prop_map(Step::DeleteInteraction),
        4 => (1..80_u64).prop_map(Step::Wait),
        1 => (200..400_u64).prop_map(Step::Wait),
        4 => Just(Step::Poll),
    ]
}

/// A service with P1 and P2 after random steps; a closed session is kept for 300 seconds.
pub(crate) fn histories(allow_participant_conflict: impl Strategy<Value = bool>) -> impl Strategy<Value = Service> {
    let steps = prop::collection::vec(any_step(), 10..80);
    (allow_participant_conflict, any::<[bool; 3]>(), steps).prop_map(|(allow, urls, steps)| {
        let mut policy = Policy::default();
        policy.allow_participant_conflict = allow;
        policy.retention = Span::from_seconds(300);
        let mut service = service_with(policy).with_numbers(&[P1, P2]);
        for (is_set, set) in urls.into_iter().zip([set_callback_url, set_intercept_url, set_out_of_session_url]) {
            if is_set {
                set(&mut service);
            }
        }
        for step in steps {
            step.take(&mut service);
        }
        service
    })
}
