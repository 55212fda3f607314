//! Sessions (SES), and what expiry does to them (EXP).

use super::{Reference, SessionRow};
use crate::{
    ClosedReason, CreateSessionError, DateExpiryNotInFuture, NewSession, Notification, NumberSid, Session,
    SessionClosed, SessionSid, SessionStatus, SessionUpdate, StatusMove, Timestamp, UpdateSessionError,
};

impl Reference {
    /// SES-3: in this order, and all of it or nothing.
    pub(super) fn create_session(&mut self, new: &NewSession, now: Timestamp) -> Result<Session, CreateSessionError> {
        check_date_expiry(new.date_expiry, now)?; // EXP-4: 80701
        self.check_new_sids(new)?; // SID-4: 20409
        match new.status {
            None | Some(SessionStatus::Open) => {}
            Some(
                SessionStatus::InProgress | SessionStatus::Closed | SessionStatus::Failed | SessionStatus::Unknown,
            ) => return Err(CreateSessionError::StatusInvalid), // SES-4: 80608
        }
        if let Some(unique_name) = &new.unique_name
            && let Some(row) = self.sessions.iter().find(|row| row.session.unique_name.as_ref() == Some(unique_name))
        {
            // SES-2: 80603, closed ones included
            let (unique_name, existing) = (unique_name.clone(), row.session.sid);
            return Err(CreateSessionError::NonUniqueName { unique_name, existing });
        }
        if new.participants.len() > 2 {
            return Err(CreateSessionError::TooManyParticipants { participants: new.participants.len() }); // PAR-1: 80609
        }

        // SES-3: for the whole create
        let strict = self.is_strict(
            new.fail_on_participant_conflict
                || new.participants.iter().any(|participant| participant.fail_on_participant_conflict),
        );
        let session = self.fresh_session(new, now);
        let mut draft = self.clone();
        draft.push_session(session.clone());
        for (index, participant) in new.participants.iter().enumerate() {
            // PAR-10, from the fictional number on
            let plan = draft
                .plan_addition(&session, participant, strict)
                .map_err(|error| CreateSessionError::Participant { index, error })?;
            draft.raise_create_conflict(session.sid, &plan);
            draft.admit(session.sid, plan.addition, now);
        }
        *self = draft;
        Ok(session) // TIM-5, SES-6: nobody who comes changes it
    }

    /// SID-4: taken by what is stored or pending, or twice in one command.
    fn check_new_sids(&self, new: &NewSession) -> Result<(), CreateSessionError> {
        if self.session(new.sid).is_ok() {
            return Err(CreateSessionError::SessionSidTaken { session: new.sid });
        }
        for (index, participant) in new.participants.iter().enumerate() {
            let is_earlier = new.participants.iter().take(index).any(|earlier| earlier.sid == participant.sid);
            if is_earlier || self.is_participant_sid_taken(participant.sid) {
                return Err(CreateSessionError::ParticipantSidTaken { participant: participant.sid });
            }
        }
        Ok(())
    }

    fn push_session(&mut self, session: Session) {
        self.sessions.push(SessionRow { ordinal: self.sessions_created, date_reopened: None, session });
        self.sessions_created = self.sessions_created.saturating_add(1);
    }

    /// SES-1
    fn fresh_session(&self, new: &NewSession, now: Timestamp) -> Session {
        Session {
            sid: new.sid,
            date_started: None,
            date_ended: None,
            date_last_interaction: None,
            date_expiry: new.date_expiry, // EXP-2
            unique_name: new.unique_name.clone(),
            status: SessionStatus::Open,
            closed_reason: None,
            ttl: new.ttl.unwrap_or(self.settings.default_ttl), // EXP-1: 0, given, counts against the default too
            mode: new.mode,
            date_created: now,
            date_updated: now, // TIM-5
        }
    }

    /// SES-8: in this order.
    pub(super) fn update_session(
        &mut self,
        sid: SessionSid,
        update: SessionUpdate,
        now: Timestamp,
    ) -> Result<Session, UpdateSessionError> {
        let session = self.session(sid)?; // 20404
        check_date_expiry(update.date_expiry, now)?; // EXP-4: 80701
        let status_move = match update.status {
            Some(requested) => Some(status_move(session, requested)?),
            None => None,
        };
        let sets_lifetime = update.ttl.is_some() || update.date_expiry.is_some();
        if session.status == SessionStatus::Closed && status_move.is_none() && sets_lifetime {
            return Err(SessionClosed { session: sid }.into()); // SES-8: 80607
        }
        let reopen_conflict = match status_move {
            Some(StatusMove::Reopen) => self.check_reopen(sid, self.is_strict(update.fail_on_participant_conflict))?,
            Some(StatusMove::Close) | None => None,
        };

        if let Some(row) = self.row_mut(sid) {
            // `FailOnParticipantConflict` alone changes nothing: `false` and absent are the same (CON-1).
            if status_move.is_some() || sets_lifetime {
                row.session.date_updated = now; // TIM-5: equal values included
            }
            row.session.ttl = update.ttl.unwrap_or(row.session.ttl);
            row.session.date_expiry = update.date_expiry.or(row.session.date_expiry);
        }
        match status_move {
            Some(StatusMove::Close) => self.close_session(sid, now, ClosedReason::Api), // SES-7
            Some(StatusMove::Reopen) => self.reopen_session(sid, now),
            None => {}
        }
        if let Some(conflict) = reopen_conflict {
            self.raise(conflict); // CON-3: 80801
        }
        let row = self.row(sid)?;
        if row.session.status.is_active() && self.deadline(row).is_some_and(|deadline| deadline <= now) {
            self.close_session(sid, now, ClosedReason::Expired); // EXP-6: `date_ended` is `now`
        }
        Ok(self.session(sid)?.clone())
    }

    /// What a re-open needs. Gives the notification that a permissive one raises.
    fn check_reopen(&self, sid: SessionSid, strict: bool) -> Result<Option<Notification>, UpdateSessionError> {
        let live = || self.participants_of(sid).filter(|member| member.participant.is_live()); // PAR-12
        for member in live() {
            let participant = member.participant.sid;
            let Some(phone_number) = member.participant.proxy_identifier.number() else { continue };
            let phone_number_sid = member.participant.proxy_identifier_sid.map(NumberSid::from);
            let sid_of_number = phone_number_sid.or(member.short_code_sid.map(NumberSid::from)); // PAR-13
            let entry = self.number_like(phone_number); // reserved or not
            if entry.map(|number| number.sid) != sid_of_number {
                return Err(UpdateSessionError::ProxyIdentifierNotInService { participant }); // NUM-6: 80605
            }
        }
        for member in live() {
            let (participant, added) = (member.participant.sid, &member.participant);
            let Some(other_session) = self.other_session_with(sid, &added.identifier, &added.proxy_identifier) else {
                continue;
            };
            return if strict {
                Err(UpdateSessionError::ProxyIdentifierInUse { participant, other_session }) // CON-3: 80604
            } else {
                Ok(Some(Notification::ReopenConflict { session: sid, participant, other_session })) // CON-10: one
            };
        }
        Ok(None)
    }

    /// SES-7, EXP-5
    fn reopen_session(&mut self, sid: SessionSid, now: Timestamp) {
        if let Some(row) = self.row_mut(sid) {
            row.date_reopened = Some(now);
            row.session.status = SessionStatus::InProgress;
            row.session.closed_reason = None;
            row.session.date_ended = None;
            row.session.date_expiry = row.session.date_expiry.filter(|date_expiry| *date_expiry > now);
        }
    }

    pub(super) fn close_session(&mut self, sid: SessionSid, date_ended: Timestamp, reason: ClosedReason) {
        if let Some(row) = self.row_mut(sid) {
            row.session.status = SessionStatus::Closed;
            row.session.closed_reason = Some(reason);
            row.session.date_ended = Some(date_ended);
            row.session.date_updated = date_ended; // TIM-5
        }
        self.pending.retain(|row| row.session != sid); // CON-6
        self.drop_waiting(|session, _| session == sid); // RTE-11
    }

    /// SES-11, CON-6
    pub(super) fn erase_session(&mut self, sid: SessionSid) {
        self.sessions.retain(|row| row.session.sid != sid);
        self.participants.retain(|row| row.session != sid);
        self.pending.retain(|row| row.session != sid);
        self.drop_waiting(|session, _| session == sid); // RTE-11
        self.drop_strangers(sid);
        self.erase_interactions(sid);
    }

    /// CON-1: `false` and absent are the same.
    pub(super) const fn is_strict(&self, fail_on_participant_conflict: bool) -> bool {
        !self.policy.allow_participant_conflict || fail_on_participant_conflict
    }
}

/// EXP-4
pub(super) fn check_date_expiry(date_expiry: Option<Timestamp>, now: Timestamp) -> Result<(), DateExpiryNotInFuture> {
    match date_expiry {
        Some(date_expiry) if date_expiry <= now => Err(DateExpiryNotInFuture { date_expiry, now }),
        Some(_) | None => Ok(()),
    }
}

/// SES-5
fn status_move(session: &Session, requested: SessionStatus) -> Result<StatusMove, UpdateSessionError> {
    use SessionStatus::{Closed, Failed, InProgress, Open, Unknown};

    match (session.status, requested) {
        (Open | InProgress, Closed) => Ok(StatusMove::Close),
        (Closed, InProgress) => Ok(StatusMove::Reopen),
        (Closed, Closed) => Err(SessionClosed { session: session.sid }.into()), // 80607
        (Open | InProgress, Open | InProgress | Failed | Unknown)
        | (Closed, Open | Failed | Unknown)
        | (Failed | Unknown, Open | InProgress | Closed | Failed | Unknown) => Err(UpdateSessionError::StatusInvalid), // 80608
    }
}
