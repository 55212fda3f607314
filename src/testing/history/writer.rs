//! Writes a history: what is chosen is turned into commands that suit the service as it stands by then.

use alloc::vec::Vec;

use super::{
    choices::Dice,
    world::{Clock, Kind, World, earlier, later, sids},
};
use crate::{
    Command, Error, InteractionSid, LogEntry, NewService, Outcome, Participant, ParticipantSid, Policy, Reply, Service,
    Session, SessionSid, SessionStatus, SessionUpdate, Timestamp,
};

const NINETY_DAYS: u64 = 90 * 86_400;

pub(super) struct Writer<'a> {
    pub(super) dice: Dice<'a>,
    pub(super) world: World,
    /// To steer by: all that was written has been done to it.
    pub(super) guide: Service,
    numbers_at_first: u64,
    /// Contacts that wait for a verdict, unless they were dropped, and their sessions.
    pub(super) verdicts: Vec<(SessionSid, InteractionSid)>,
    /// Contacts that may wait for an out-of-session answer.
    pub(super) answers: Vec<InteractionSid>,
}

impl<'a> Writer<'a> {
    pub(super) fn new(dice: Dice<'a>, world: World, new: NewService, policy: Policy, now: Timestamp) -> Self {
        Self {
            dice,
            numbers_at_first: world.numbers_at_first,
            world,
            guide: Service::new(new, policy, now),
            verdicts: Vec::new(),
            answers: Vec::new(),
        }
    }

    /// The next command, or none if there is nothing left to choose from.
    pub(super) fn entry(&mut self) -> Option<LogEntry> {
        if self.dice.is_used_up() {
            return None;
        }
        self.dice.is_careful = !self.dice.one_in(self.world.carelessness);
        let now = self.clock();
        self.guide.handle_deadline(now);
        let command = self.command().unwrap_or(Command::HandleDeadline {});
        let answer = self.guide.apply(command.clone(), now);
        self.take_note(&command, &answer);
        Some(LogEntry { now, command })
    }

    fn clock(&mut self) -> Timestamp {
        let latest = self.guide.latest_instant();
        let deadline = self.guide.next_deadline().unwrap_or(latest);
        match self.dice.weighted(&self.world.clocks).unwrap_or(Clock::Stands) {
            Clock::Stands => latest,
            Clock::Creeps => later(latest, self.dice.between(1, 40)),
            Clock::JustBeforeDeadline => earlier(deadline, 1),
            Clock::AtDeadline => deadline,
            Clock::PastDeadline => later(deadline, self.dice.between(1, 200)),
            Clock::RunsBack => earlier(latest, self.dice.between(1, 200)),
            Clock::Leaps => later(latest, NINETY_DAYS),
        }
    }

    /// Remembers who waits, and lets go of what has been told of.
    fn take_note(&mut self, command: &Command, answer: &Result<Reply, Error>) {
        if let Command::ResolveIntercept { interaction, .. } | Command::ResolveOutOfSession { interaction, .. } =
            command
        {
            self.verdicts.retain(|(_, other)| other != interaction);
            self.answers.retain(|other| other != interaction);
        }
        let is_active = |sid| self.guide.session(sid).is_some_and(|session| session.status.is_active());
        self.verdicts.retain(|(session, _)| is_active(*session));
        if let Ok(Reply::Outcome(Outcome::Waiting { session, interaction })) = answer {
            self.verdicts.push((*session, *interaction));
        } else if let Ok(Reply::Outcome(Outcome::OutOfSession { interaction, awaits_answer: true, .. })) = answer {
            self.answers.push(*interaction);
        }
        while self.guide.poll_event().is_some() {}
    }

    fn command(&mut self) -> Option<Command> {
        if let Some(left) = self.numbers_at_first.checked_sub(1) {
            self.numbers_at_first = left;
            return self.add_number();
        }
        let kind = self.dice.weighted(&self.world.kinds)?;
        self.of_kind(kind).or_else(|| self.groundwork())
    }

    /// A command of this kind; with care one that should be accepted, if there is any.
    fn of_kind(&mut self, kind: Kind) -> Option<Command> {
        match kind {
            Kind::Receive => self.receive(),
            Kind::AddParticipant => {
                let (session, new) = self.addition()?;
                Some(Command::AddParticipant { session, new })
            }
            Kind::CreateSession => self.create_session(),
            Kind::BeginAddParticipant => {
                let (session, new) = self.addition()?;
                Some(Command::BeginAddParticipant { session, new })
            }
            Kind::AddNumber => self.add_number(),
            Kind::ResolveIntercept => self.resolve_intercept(),
            Kind::ResolveOutOfSession => self.resolve_out_of_session(),
            Kind::Reopen => {
                let session = self.session(|_, session| !session.status.is_active())?;
                let fail_on_participant_conflict = self.dice.one_in(4);
                let status = Some(SessionStatus::InProgress);
                let update = SessionUpdate { status, fail_on_participant_conflict, ..SessionUpdate::default() };
                Some(Command::UpdateSession { session, update })
            }
            Kind::FinishAddParticipant => {
                let (session, participant) = self.pending_addition()?;
                Some(Command::FinishAddParticipant { session, participant })
            }
            Kind::RemoveParticipant => {
                let (session, participant) = self.member(|_, added| added.is_live())?;
                Some(Command::RemoveParticipant { session, participant })
            }
            Kind::ReportStatus => self.report_status(),
            Kind::SendMessage => self.send_message(),
            Kind::Close => {
                let session = self.session(|_, session| session.status.is_active())?;
                let update = SessionUpdate { status: Some(SessionStatus::Closed), ..SessionUpdate::default() };
                Some(Command::UpdateSession { session, update })
            }
            Kind::DeleteInteraction => self.delete_interaction(),
            Kind::UpdateNumber => self.update_number(),
            Kind::UpdateService => Some(self.update_service()),
            Kind::UpdateSession => self.update_session(),
            Kind::CancelAddParticipant => self.cancel_addition(),
            Kind::RemoveNumber => self.remove_number(),
            Kind::DeleteSession => Some(Command::DeleteSession { session: self.session(|_, _| true)? }),
            Kind::ReportCallback => self.report_callback(),
            Kind::HandleDeadline => Some(Command::HandleDeadline {}),
        }
    }

    /// What has to be there before most else can be; then, what happens most.
    fn groundwork(&mut self) -> Option<Command> {
        if self.guide.numbers().all(|number| number.is_reserved) {
            return self.add_number();
        }
        if self.guide.sessions().all(|session| !session.status.is_active()) {
            let kinds = [Kind::CreateSession, Kind::Reopen, Kind::DeleteSession];
            return kinds.into_iter().find_map(|kind| self.of_kind(kind));
        }
        let usual: &[Kind] = if self.world.has_traffic { &[Kind::Receive, Kind::DeleteInteraction] } else { &[] };
        let kinds = [Kind::AddParticipant, Kind::CreateSession]
            .iter()
            .chain(usual)
            .chain(&[Kind::RemoveParticipant, Kind::DeleteSession]);
        kinds.copied().find_map(|kind| self.of_kind(kind))
    }

    /// A session, with care one that fits.
    pub(super) fn session(&mut self, fits: impl Fn(&Service, &Session) -> bool) -> Option<SessionSid> {
        let fitting = self.guide.sessions().filter(|session| fits(&self.guide, session)).map(|session| session.sid);
        self.dice.choose(fitting, &sids(self.world.sessions.saturating_add(1)))
    }

    /// A participant of a session, with care one that fits.
    pub(super) fn member(
        &mut self,
        fits: impl Fn(&Session, &Participant) -> bool,
    ) -> Option<(SessionSid, ParticipantSid)> {
        let members = |session| self.guide.participants(session).into_iter().flatten();
        let fitting = self.guide.sessions().flat_map(|session| {
            members(session.sid).filter(|added| fits(session, added)).map(|added| (session.sid, added.sid))
        });
        let fitting: Vec<_> = fitting.collect();
        self.place_of(&fitting)
    }

    pub(super) fn pending_addition(&mut self) -> Option<(SessionSid, ParticipantSid)> {
        let pending = |session| self.guide.pending_participants(session).into_iter().flatten();
        let sids =
            |session: &Session| pending(session.sid).map(|pending| (session.sid, pending.sid)).collect::<Vec<_>>();
        let fitting: Vec<_> = self.guide.sessions().flat_map(sids).collect();
        self.place_of(&fitting)
    }

    /// One of these; without care maybe anybody, there or in another session.
    fn place_of(&mut self, fitting: &[(SessionSid, ParticipantSid)]) -> Option<(SessionSid, ParticipantSid)> {
        if !self.dice.slips() {
            return self.dice.pick(fitting);
        }
        let session = self.session(|_, _| true)?;
        let added = self.guide.participants(session).into_iter().flatten().map(|added| added.sid);
        Some((session, self.dice.choose(added, &sids(self.world.participants))?))
    }
}
