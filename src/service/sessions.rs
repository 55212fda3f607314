//! Creating, updating and deleting sessions (SES, EXP).

use alloc::{collections::BTreeSet, vec::Vec};

use super::{
    AddParticipantError, CreateSessionError, DateExpiryNotInFuture, Service, SessionClosed, SessionNotFound,
    UpdateSessionError,
    book::{Member, MemberSlot, SessionRecord, SessionSlot},
    participants::{Addition, Admission, Room},
};
use crate::{
    event::Notification,
    inventory::Inventory,
    number::NumberSid,
    participant::NewParticipant,
    policy::ReservedAssignment,
    pool::NumberSlot,
    session::{ClosedReason, NewSession, Session, SessionStatus, SessionUpdate, StatusMove, StatusMoveError},
    sid::{ParticipantSid, SessionSid, ShortCodeSid},
    time::Timestamp,
};

/// What a re-open will do: checked, and not committed yet.
struct Reopening {
    /// Each participant that is not removed, and its number.
    numbers: Vec<(MemberSlot, Option<NumberSlot>)>,
    /// The pair that is active elsewhere too, if the re-open goes ahead all the same (CON-10).
    conflict: Option<(ParticipantSid, SessionSid)>,
}

impl Service {
    /// Creates a session, with up to two participants: all of it or nothing (SES-3). May raise an 80802 for each of them.
    ///
    /// ```
    /// # use twilio_proxy_core::{NewService, Policy, Service, Timestamp};
    /// use twilio_proxy_core::{NewNumber, NewParticipant, NewSession, sid};
    ///
    /// # let new = NewService::new(
    /// #     sid!("KS00000000000000000000000000000001"),
    /// #     sid!("AC00000000000000000000000000000001"),
    /// #     "rides".parse()?,
    /// # );
    /// # let now = Timestamp::MIN;
    /// # let mut service = Service::new(new, Policy::default(), now);
    /// service.add_number(NewNumber::phone(sid!("PN00000000000000000000000000000001"), "+14155551212".parse()?), now)?;
    /// let mut ride = NewSession::new(sid!("KC00000000000000000000000000000001"));
    /// ride.participants = vec![
    ///     NewParticipant::new(sid!("KP00000000000000000000000000000001"), "+15558675310".parse()?),
    ///     NewParticipant::new(sid!("KP00000000000000000000000000000002"), "+15558675311".parse()?),
    /// ];
    /// let ride = service.create_session(ride, now)?.sid;
    /// assert_eq!(service.participants(ride).into_iter().flatten().count(), 2);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`CreateSessionError`], in the order of its variants (SES-3): 80701, 20409, 80608, 80603, 80609, and what
    /// [`add_participant`](Self::add_participant) may answer.
    pub fn create_session(&mut self, new: NewSession, now: Timestamp) -> Result<&Session, CreateSessionError> {
        self.create_session_within(None, new, now)
    }

    pub(crate) fn create_session_within(
        &mut self,
        inventory: Option<&Inventory>,
        new: NewSession,
        now: Timestamp,
    ) -> Result<&Session, CreateSessionError> {
        self.advance(now);
        let admissions = self.check_create(&new, self.policy.reserved_assignment, inventory)?;
        let session = new.sid;
        let slot = self.create(new, admissions);
        self.book.session(slot).ok_or(CreateSessionError::SessionSidTaken { session })
    }

    /// Changes the TTL or the expiry date of a session, closes it or re-opens it (SES-8). May raise 80801.
    ///
    /// An update that sets nothing succeeds in every state and changes nothing.
    ///
    /// ```
    /// # use twilio_proxy_core::{NewService, NewSession, Policy, Service, Timestamp, sid};
    /// use twilio_proxy_core::{Code, SessionStatus, SessionUpdate};
    ///
    /// # let new = NewService::new(
    /// #     sid!("KS00000000000000000000000000000001"),
    /// #     sid!("AC00000000000000000000000000000001"),
    /// #     "rides".parse()?,
    /// # );
    /// # let now = Timestamp::MIN;
    /// # let mut service = Service::new(new, Policy::default(), now);
    /// # let ride = service.create_session(NewSession::new(sid!("KC00000000000000000000000000000001")), now)?.sid;
    /// let close = SessionUpdate { status: Some(SessionStatus::Closed), ..SessionUpdate::default() };
    /// assert_eq!(service.update_session(ride, close, now)?.date_ended, Some(now));
    /// assert_eq!(service.update_session(ride, close, now).unwrap_err().code(), Code::SessionClosed);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`UpdateSessionError`]: 20404, 80701, 80607 or 80608 for the status, 80607, 80605, 80604, in this order (SES-8).
    pub fn update_session(
        &mut self,
        session: SessionSid,
        update: SessionUpdate,
        now: Timestamp,
    ) -> Result<&Session, UpdateSessionError> {
        let now = self.advance(now);
        let slot = self.existing(session)?;
        check_expiry(update.date_expiry, now)?;
        let current = self.book.session(slot).ok_or(SessionNotFound { session })?.status;
        let status_move = match update.status.map(|status| current.move_to(status)).transpose() {
            Ok(status_move) => status_move,
            Err(StatusMoveError::AlreadyClosed) => return Err(SessionClosed { session }.into()),
            Err(StatusMoveError::Unsupported) => return Err(UpdateSessionError::StatusInvalid),
        };
        let changes_lifetime = update.ttl.is_some() || update.date_expiry.is_some();
        if !current.is_active() && status_move.is_none() && changes_lifetime {
            return Err(SessionClosed { session }.into());
        }
        let reopening = match status_move {
            Some(StatusMove::Reopen) => Some(self.check_reopen(slot, update.fail_on_participant_conflict)?),
            Some(StatusMove::Close) | None => None,
        };

        if let Some(record) = self.book.record_mut(slot)
            && (changes_lifetime || status_move.is_some())
        {
            let session = &mut record.session;
            session.ttl = update.ttl.unwrap_or(session.ttl);
            session.date_expiry = update.date_expiry.or(session.date_expiry);
            session.date_updated = now;
        }
        match reopening {
            Some(reopening) => self.reopen(slot, reopening, now),
            None if status_move.is_some() => self.close(slot, now, ClosedReason::Api),
            None => {}
        }
        let is_due =
            |record: &SessionRecord| record.is_active() && record.expiry(&self.policy).is_some_and(|at| at <= now);
        if self.book.record(slot).is_some_and(is_due) {
            self.close(slot, now, ClosedReason::Expired);
        }
        self.book.reschedule(slot, &self.policy);
        Ok(self.book.session(slot).ok_or(SessionNotFound { session })?)
    }

    /// Deletes a session, active or not, with all of its participants: their identifiers are forgotten entirely, and what
    /// they hold is free (SES-11).
    ///
    /// ```
    /// # use twilio_proxy_core::{NewService, NewSession, Policy, Service, Timestamp, sid};
    /// # let new = NewService::new(
    /// #     sid!("KS00000000000000000000000000000001"),
    /// #     sid!("AC00000000000000000000000000000001"),
    /// #     "rides".parse()?,
    /// # );
    /// # let now = Timestamp::MIN;
    /// # let mut service = Service::new(new, Policy::default(), now);
    /// let ride = service.create_session(NewSession::new(sid!("KC00000000000000000000000000000001")), now)?.sid;
    /// service.delete_session(ride, now)?;
    /// assert_eq!(service.session(ride), None);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`SessionNotFound`], 20404.
    pub fn delete_session(&mut self, session: SessionSid, now: Timestamp) -> Result<(), SessionNotFound> {
        self.advance(now);
        let slot = self.existing(session)?;
        self.erase(slot);
        Ok(())
    }

    /// All checks of a session to create; what each of its participants will hold.
    pub(super) fn check_create(
        &self,
        new: &NewSession,
        reserved_assignment: ReservedAssignment,
        inventory: Option<&Inventory>,
    ) -> Result<Vec<Admission>, CreateSessionError> {
        self.check_new_session(new, self.latest_instant)?;
        self.admissions(new, reserved_assignment, inventory)
    }

    /// Commits a session that was checked.
    pub(super) fn create(&mut self, new: NewSession, admissions: Vec<Admission>) -> SessionSlot {
        let now = self.latest_instant;
        let ordinal = self.sessions_created;
        self.sessions_created = self.sessions_created.saturating_add(1);
        let session = Session {
            sid: new.sid,
            date_started: None,
            date_ended: None,
            date_last_interaction: None,
            date_expiry: new.date_expiry,
            unique_name: new.unique_name,
            status: SessionStatus::Open,
            closed_reason: None,
            ttl: new.ttl.unwrap_or(self.settings.default_ttl),
            mode: new.mode,
            date_created: now,
            date_updated: now,
        };
        let slot = self.book.insert(SessionRecord::new(session, ordinal));
        for (participant, admission) in new.participants.into_iter().zip(admissions) {
            self.admit(slot, participant, admission, Addition::Finished);
        }
        self.book.reschedule(slot, &self.policy);
        slot
    }

    /// The checks of SES-3 that come before the participants one by one.
    fn check_new_session(&self, new: &NewSession, now: Timestamp) -> Result<(), CreateSessionError> {
        check_expiry(new.date_expiry, now)?;
        if self.book.slot_of_sid(new.sid).is_some() {
            return Err(CreateSessionError::SessionSidTaken { session: new.sid });
        }
        let mut sids = BTreeSet::new();
        for NewParticipant { sid: participant, .. } in &new.participants {
            if !sids.insert(*participant) || self.book.slot_of_member(*participant).is_some() {
                return Err(CreateSessionError::ParticipantSidTaken { participant: *participant });
            }
        }
        if new.status.is_some_and(|status| status != SessionStatus::Open) {
            return Err(CreateSessionError::StatusInvalid);
        }
        let namesake = new.unique_name.as_ref().and_then(|name| Some((name, self.session_by_name(name.as_str())?)));
        if let Some((unique_name, existing)) = namesake {
            return Err(CreateSessionError::NonUniqueName { unique_name: unique_name.clone(), existing: existing.sid });
        }
        if new.participants.len() > 2 {
            return Err(CreateSessionError::TooManyParticipants { participants: new.participants.len() });
        }
        Ok(())
    }

    /// What each participant of a new session will hold.
    fn admissions(
        &self,
        new: &NewSession,
        reserved_assignment: ReservedAssignment,
        inventory: Option<&Inventory>,
    ) -> Result<Vec<Admission>, CreateSessionError> {
        let asks_for_strictness = new.participants.iter().any(|participant| participant.fail_on_participant_conflict);
        let is_strict = self.is_strict(new.fail_on_participant_conflict || asks_for_strictness);
        let admission = |(index, participant): (usize, &NewParticipant)| {
            let room = Room::New(new.participants.get(..index).unwrap_or_default());
            let applicant = participant.applicant(new.sid, new.mode, is_strict, reserved_assignment, inventory);
            let refuse = |error: AddParticipantError| CreateSessionError::Participant { index, error };
            let who = self.pairs.who(&self.book, &participant.identifier);
            self.admission(self.present(), room, applicant, who).map_err(refuse)
        };
        new.participants.iter().enumerate().map(admission).collect()
    }

    /// Whether a closed session can be re-opened: first all numbers, then all pairs (SES-8).
    fn check_reopen(
        &self,
        slot: SessionSlot,
        fail_on_participant_conflict: bool,
    ) -> Result<Reopening, UpdateSessionError> {
        let present = self.book.record(slot).map(|record| record.present).unwrap_or_default();
        let members = present.into_iter().flatten().filter_map(|slot| Some((slot, self.book.member(slot)?)));
        let mut members: Vec<(MemberSlot, &Member)> = members.collect();
        members.sort_unstable_by_key(|(_, member)| member.ordinal);

        let mut numbers = Vec::with_capacity(members.len());
        for (slot, member) in &members {
            let not_in_service = UpdateSessionError::ProxyIdentifierNotInService { participant: member.sid() };
            numbers.push((*slot, self.number_of(member, self.book.short_code_sid(*slot)).ok_or(not_in_service)?));
        }
        let conflict = members.iter().find_map(|(_, member)| {
            let holder = self.pairs.holder(&self.book, member.identifier(), member.proxy_identifier())?;
            Some((member.sid(), self.book.record_of_member(holder)?.session.sid))
        });
        match conflict {
            Some((participant, other_session)) if self.is_strict(fail_on_participant_conflict) => {
                Err(UpdateSessionError::ProxyIdentifierInUse { participant, other_session })
            }
            Some(_) | None => Ok(Reopening { numbers, conflict }),
        }
    }

    /// The entry that has both the SID and the number of a member (NUM-6); `Some(None)` for a channel address.
    #[expect(clippy::option_option, reason = "no number is needed, or it is there, or it is not")]
    pub(super) fn number_of(
        &self,
        member: &Member,
        short_code_sid: Option<ShortCodeSid>,
    ) -> Option<Option<NumberSlot>> {
        let Some(number) = member.proxy_identifier().number() else { return Some(None) };
        let slot = self.pool.slot_of_number(number)?;
        let sid = self.pool.number(slot)?.sid;
        let is_the_same = match sid {
            NumberSid::PhoneNumber(sid) => member.proxy_identifier_sid() == Some(sid),
            NumberSid::ShortCode(sid) => short_code_sid == Some(sid),
        };
        is_the_same.then_some(Some(slot))
    }

    fn reopen(&mut self, slot: SessionSlot, reopening: Reopening, now: Timestamp) {
        for (slot, _) in &reopening.numbers {
            self.pairs.leave_past(&self.book, *slot);
        }
        let Some(record) = self.book.record_mut(slot) else { return };
        record.session.reopen(now);
        record.date_reopened = Some(now);
        let session = record.session.sid;
        for (slot, number) in reopening.numbers {
            if let Some(member) = self.book.member_mut(slot) {
                member.number = number;
            }
            self.hold(slot);
        }
        self.notify(reopening.conflict.map(|(participant, other_session)| Notification::ReopenConflict {
            session,
            participant,
            other_session,
        }));
    }
}

pub(crate) fn check_expiry(date_expiry: Option<Timestamp>, now: Timestamp) -> Result<(), DateExpiryNotInFuture> {
    match date_expiry {
        Some(date_expiry) if date_expiry <= now => Err(DateExpiryNotInFuture { date_expiry, now }),
        Some(_) | None => Ok(()),
    }
}
