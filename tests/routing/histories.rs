//! Random histories of one small service with all that traffic can do.
#![expect(clippy::unwrap_used, reason = "a fixture that fails is a failed test")]

use proptest::prelude::*;
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

/// What happens next.
#[derive(Clone, Debug)]
pub(crate) enum Step {
    Apply(Box<Command>),
    Wait(u64),
    Poll,
}

impl Step {
    pub(crate) fn take(self, service: &mut Service) {
        let now = service.latest_instant();
        match self {
            Self::Apply(command) => drop(service.apply(*command, now)),
            Self::Wait(seconds) => service.handle_deadline(now.checked_add(seconds).unwrap()),
            Self::Poll => drop(service.poll_event()),
        }
    }
}

fn any_session() -> impl Strategy<Value = SessionSid> {
    (1..=3_u128).prop_map(session)
}

fn any_participant() -> impl Strategy<Value = ParticipantSid> {
    (1..=12_u128).prop_map(participant)
}

fn any_interaction() -> impl Strategy<Value = InteractionSid> {
    (1..=5_u128).prop_map(interaction)
}

fn any_new_participant() -> impl Strategy<Value = NewParticipant> {
    let proxies = vec![None, None, Some(P1), Some(P2)];
    (1..=12_u128, prop::sample::select(PEOPLE.to_vec()), prop::sample::select(proxies)).prop_map(
        |(n, person, proxy)| match (person, proxy) {
            (ON_CHANNEL, _) => new_participant_with(n, person, CHANNEL_PROXY),
            (_, Some(proxy)) => new_participant_with(n, person, proxy),
            (_, None) => new_participant(n, person),
        },
    )
}

fn any_inbound() -> impl Strategy<Value = Inbound> {
    let from = prop::option::weighted(0.9, prop::sample::select(PEOPLE.to_vec()));
    let to = prop::sample::select(PROXIES.to_vec());
    let body = prop::sample::select(vec![None, None, Some(BODY), Some(BODY), Some("stop")]);
    (1..=5_u128, from, to, body).prop_map(|(n, from, to, body)| {
        let mut inbound = match body {
            None => call(n, ALICE, to),
            Some(body) => message(n, ALICE, to, body),
        };
        inbound.from = from.map(identifier);
        inbound.parameters =
            vec![("From".to_owned(), from.unwrap_or("anonymous").to_owned()), ("Body".to_owned(), BODY.to_owned())]
                .try_into()
                .unwrap();
        inbound
    })
}

fn any_verdict() -> impl Strategy<Value = WebhookAnswer> {
    prop::sample::select(vec![WebhookAnswer::Status(200), WebhookAnswer::Status(403), WebhookAnswer::None])
}

fn any_answer() -> impl Strategy<Value = OutOfSessionAnswer> {
    let created = |partner: &str, more: &str| OutOfSessionAnswer {
        status: WebhookAnswer::Status(200),
        content_type: Some("application/json".parse().unwrap()),
        body: format!("{{\"participantIdentifier\":\"{partner}\"{more}}}").parse().unwrap(),
    };
    prop::sample::select(vec![
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
    let status = prop::sample::select(ResourceStatus::ALL.to_vec());
    let resource_sid = prop::option::of(Just(call_sid(77)));
    (status, resource_sid, prop::option::of(0..100_u32)).prop_map(|(status, resource_sid, duration)| StatusReport {
        status,
        resource_sid,
        duration,
    })
}

fn any_command() -> impl Strategy<Value = Command> {
    let members = prop::collection::vec(any_new_participant(), 0..=2);
    let mode = prop::sample::select(SessionMode::ALL.to_vec());
    let ttls = prop::sample::select(vec![None, None, Some(ttl(60)), Some(ttl(150))]);
    prop_oneof![
        6 => (any_session(), members, mode, ttls).prop_map(|(sid, participants, mode, ttl)| {
            let mut new = new_session_with_mode(sid.to_u128(), mode);
            (new.participants, new.ttl) = (participants, ttl);
            Command::CreateSession { new }
        }),
        6 => (any_session(), any_new_participant())
            .prop_map(|(session, new)| Command::AddParticipant { session, new }),
        2 => (any_session(), any_new_participant())
            .prop_map(|(session, new)| Command::BeginAddParticipant { session, new }),
        1 => (any_session(), any_participant())
            .prop_map(|(session, participant)| Command::FinishAddParticipant { session, participant }),
        1 => (any_session(), any_participant())
            .prop_map(|(session, participant)| Command::RemoveParticipant { session, participant }),
        2 => any_session().prop_map(|session| Command::UpdateSession { session, update: close() }),
        3 => any_session().prop_map(|session| Command::UpdateSession { session, update: reopen() }),
        1 => any_session().prop_map(|session| Command::DeleteSession { session }),
        8 => any_inbound().prop_map(|inbound| Command::Receive { inbound }),
        3 => (any_interaction(), any_verdict())
            .prop_map(|(interaction, answer)| Command::ResolveIntercept { interaction, answer }),
        3 => (any_interaction(), any_answer(), any_sids())
            .prop_map(|(interaction, answer, sids)| Command::ResolveOutOfSession { interaction, answer, sids }),
        2 => (any_session(), any_participant(), 1..=5_u128).prop_map(|(session, participant, n)| {
            Command::SendMessage { session, participant, new: new_message(n, BODY) }
        }),
        2 => (any_interaction(), any_report())
            .prop_map(|(interaction, report)| Command::ReportStatus { interaction, report }),
        1 => (any_session(), any_interaction())
            .prop_map(|(session, interaction)| Command::DeleteInteraction { session, interaction }),
    ]
}

pub(crate) fn any_step() -> impl Strategy<Value = Step> {
    prop_oneof![
        8 => any_command().prop_map(|command| Step::Apply(Box::new(command))),
        1 => (1..100_u64).prop_map(Step::Wait),
        1 => (200..400_u64).prop_map(Step::Wait),
        2 => Just(Step::Poll),
    ]
}

/// A service with P1 and P2 after random steps; a closed session is kept for 300 seconds.
pub(crate) fn histories(allow_participant_conflict: impl Strategy<Value = bool>) -> impl Strategy<Value = Service> {
    let steps = prop::collection::vec(any_step(), 1..60);
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
