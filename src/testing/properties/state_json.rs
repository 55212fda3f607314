use alloc::vec::Vec;

use super::{Violation, agree, json_round_trip, sure};
use crate::{
    AutoCreateSids, Command, Contact, Identifier, Inbound, InteractionSid, NewMessage, NewNumber, NewParticipant,
    NewSession, NumberUpdate, OutOfSessionAnswer, Participant, ParticipantSid, PhoneNumberSid, ProxyIdentifier,
    ResourceStatus, Service, ServiceState, SessionSid, SessionState, SessionStatus, SessionUpdate, StatusReport,
    Timestamp, WaitingState, WebhookAnswer,
};

/// The JSON of a state: what is read as one is the same again when it is written and read. A service that is restored from
/// it is in this very state, and answers some commands as a second one does that is restored anew before each, with other
/// hash tables (INV-1, INV-2, INV-5). At last time passes until nothing is due any more, at one stroke and from deadline to
/// deadline, with the same effect (TIM-3).
///
/// ```
/// use twilio_proxy_core::testing::properties;
///
/// properties::state_json(br#"{"settings":null}"#)?;
/// # Ok::<(), properties::Violation>(())
/// ```
///
/// # Errors
///
/// The first thing that is not so.
pub fn state_json(input: &[u8]) -> Result<(), Violation> {
    let Ok(state) = serde_json::from_slice::<ServiceState>(input) else { return Ok(()) };
    json_round_trip(&state)?;
    let Ok(mut service) = Service::restore(state.clone()) else { return Ok(()) };
    agree("restored state", &service.state(), &state)?;

    for command in commands(&state)? {
        let mut other = sure("restored", Service::restore_with_hash_seed(service.state(), HASH_SEED))?;
        let answer = service.apply(command.clone(), state.latest_instant);
        agree("answer", &other.apply(command, state.latest_instant), &answer)?;
        agree("deadline", other.next_deadline(), service.next_deadline())?;
        agree("state", other.state(), service.state())?;
    }
    json_round_trip(&service.state())?;

    let mut other = sure("restored at last", Service::restore(service.state()))?;
    service.handle_deadline(Timestamp::MAX);
    agree("deadline when all is done", service.next_deadline(), None)?;
    while let Some(deadline) = other.next_deadline() {
        agree("the next deadline is to come", deadline > other.latest_instant(), true)?;
        other.handle_deadline(deadline);
        sure("restored at a deadline", Service::restore(other.state()))?;
    }
    other.handle_deadline(Timestamp::MAX);
    agree("state when all is done", other.state(), service.state())
}

const HASH_SEED: u64 = 0x9e37_79b9_7f4a_7c15;

/// Commands about what is in a state.
fn commands(state: &ServiceState) -> Result<Vec<Command>, Violation> {
    const SOME: usize = 3;
    let mut script = Script { commands: Vec::new(), latest_sid: u128::from(u64::MAX) };
    for waiting in state.waiting.iter().take(SOME) {
        script.answer(waiting)?;
    }
    for session in state.sessions.iter().take(SOME) {
        for member in session.participants.iter().take(SOME) {
            script.contact(session.session.sid, &member.participant)?;
        }
        for interaction in session.interactions.iter().take(SOME) {
            script.end(session.session.sid, interaction.interaction.sid);
        }
        script.change(session);
    }
    for number in state.numbers.iter().take(SOME).map(|state| &state.number) {
        let update = NumberUpdate { is_reserved: Some(!number.is_reserved) };
        script.commands.push(Command::UpdateNumber { number: number.sid, update });
        script.commands.push(Command::RemoveNumber { number: number.sid });
    }
    let number = sure("number", "+14155559999".parse())?;
    let new = NewNumber::phone(PhoneNumberSid::from_u128(script.sid()), number);
    script.commands.push(Command::AddNumber { new });
    Ok(script.commands)
}

struct Script {
    commands: Vec<Command>,
    latest_sid: u128,
}

impl Script {
    /// The bits of a SID that the state will hardly have.
    const fn sid(&mut self) -> u128 {
        self.latest_sid = self.latest_sid.wrapping_add(1);
        self.latest_sid
    }

    /// What comes back for a waiting contact: an answer out of session, then a verdict.
    fn answer(&mut self, waiting: &WaitingState) -> Result<(), Violation> {
        let interaction = waiting.interaction;
        let answer = OutOfSessionAnswer {
            status: WebhookAnswer::Status(200),
            content_type: Some(sure("content type", "application/json".parse())?),
            body: sure("body", r#"{"participantIdentifier":"+14155558888"}"#.parse())?,
        };
        let sids = AutoCreateSids {
            session: SessionSid::from_u128(self.sid()),
            caller: ParticipantSid::from_u128(self.sid()),
            partner: ParticipantSid::from_u128(self.sid()),
        };
        self.commands.push(Command::ResolveOutOfSession { interaction, answer, sids });
        self.commands.push(Command::ResolveIntercept { interaction, answer: WebhookAnswer::Status(204) });
        Ok(())
    }

    /// A participant calls, writes, is written to, and is to join another session.
    fn contact(&mut self, session: SessionSid, participant: &Participant) -> Result<(), Violation> {
        let Participant { sid, identifier, proxy_identifier, .. } = participant;
        self.receive(identifier, proxy_identifier, Contact::Call)?;
        self.receive(identifier, proxy_identifier, Contact::message(sure("body", "Hello".parse())?))?;
        let new = NewMessage::new(InteractionSid::from_u128(self.sid()), sure("body", "Hello".parse())?);
        self.commands.push(Command::SendMessage { session, participant: *sid, new });

        let mut new = NewSession::new(SessionSid::from_u128(self.sid()));
        new.participants.push(NewParticipant::new(ParticipantSid::from_u128(self.sid()), identifier.clone()));
        self.commands.push(Command::CreateSession { new });
        Ok(())
    }

    fn receive(&mut self, from: &Identifier, to: &ProxyIdentifier, contact: Contact) -> Result<(), Violation> {
        let interaction = InteractionSid::from_u128(self.sid());
        let resource = sure("resource SID", "CA0123456789abcdef0123456789abcdef".parse())?;
        let mut inbound = Inbound::call(interaction, resource, from.clone(), to.clone());
        inbound.contact = contact;
        self.commands.push(Command::Receive { inbound });
        Ok(())
    }

    fn end(&mut self, session: SessionSid, interaction: InteractionSid) {
        let report = StatusReport::new(ResourceStatus::Completed);
        self.commands.push(Command::ReportStatus { interaction, report });
        self.commands.push(Command::DeleteInteraction { session, interaction });
    }

    /// Additions are finished, people leave, and the session is re-opened, closed and, if it is the first, deleted.
    fn change(&mut self, state: &SessionState) {
        let session = state.session.sid;
        for pending in &state.pending {
            self.commands.push(Command::FinishAddParticipant { session, participant: pending.participant.sid });
        }
        if let Some(first) = state.participants.first() {
            self.commands.push(Command::RemoveParticipant { session, participant: first.participant.sid });
        }
        for status in [SessionStatus::InProgress, SessionStatus::Closed, SessionStatus::InProgress] {
            let update = SessionUpdate { status: Some(status), ..SessionUpdate::default() };
            self.commands.push(Command::UpdateSession { session, update });
        }
        if state.ordinal == 0 {
            self.commands.push(Command::DeleteSession { session });
        }
    }
}
