//! Adding and removing people (PAR, CON).

use super::{
    AddParticipantError, FinishAddParticipantError, PairInvalid, RemoveParticipantError, Service, ServiceSettings,
    SessionClosed, SessionNotFound, View,
    book::{Fate, Member, MemberSlot, SessionSlot, Stage},
    pairs::{Uses, Who},
    traffic::Tie,
};
use crate::{
    address::{E164, Identifier, ProxyIdentifier, RequestedProxyIdentifier},
    event::Notification,
    inventory::Inventory,
    number::NumberSid,
    participant::{CancelReason, CancelledParticipant, NewParticipant, Participant, PendingParticipant},
    policy::{FictionalNumbers, ReservedAssignment},
    pool::{Explanation, NumberSlot, SelectionError, SelectionRequest},
    session::SessionMode,
    sid::{ParticipantSid, PhoneNumberSid, SessionSid},
    time::Timestamp,
};

/// What an addition will hold: checked, and not committed yet.
pub(super) struct Admission {
    proxy_identifier: ProxyIdentifier,
    number: Option<NumberSlot>,
    /// Whoever has the identifier.
    who: Who,
    /// The other session for 80802, if the addition goes ahead all the same (CON-10).
    conflict: Option<SessionSid>,
}

/// Where a participant is to go.
#[derive(Clone, Copy)]
pub(super) enum Room<'a> {
    /// Into this session.
    Existing(SessionSlot),
    /// Into a session that is being created, after these.
    New(&'a [NewParticipant]),
}

/// Who is to be added, and how.
#[derive(Clone, Copy)]
pub(super) struct Applicant<'a> {
    pub(super) identifier: &'a Identifier,
    pub(super) proxy_identifier: Option<&'a RequestedProxyIdentifier>,
    pub(super) proxy_identifier_sid: Option<PhoneNumberSid>,
    pub(super) session: SessionSid,
    pub(super) mode: SessionMode,
    pub(super) is_strict: bool,
    pub(super) reserved_assignment: ReservedAssignment,
    /// What the account owns, if the service is in one.
    pub(super) inventory: Option<&'a Inventory>,
}

/// Whether an addition is visible at once or stays pending.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Addition {
    Finished,
    Pending,
}

impl Service {
    /// Adds a participant to a session: [`begin_add_participant`](Self::begin_add_participant) and
    /// [`finish_add_participant`](Self::finish_add_participant) in one (CON-5).
    ///
    /// Without an explicit number, one is selected from the pool (SEL-1 to SEL-7). May raise 80802.
    ///
    /// ```
    /// # use twilio_proxy_core::{Code, NewNumber, NewParticipant, NewService, NewSession, Policy, Service, Timestamp, sid};
    /// # let new = NewService::new(
    /// #     sid!("KS00000000000000000000000000000001"),
    /// #     sid!("AC00000000000000000000000000000001"),
    /// #     "rides".parse()?,
    /// # );
    /// # let now = Timestamp::MIN;
    /// # let mut service = Service::new(new, Policy::default(), now);
    /// # service.add_number(NewNumber::phone(sid!("PN00000000000000000000000000000001"), "+14155551212".parse()?), now)?;
    /// # let ride = service.create_session(NewSession::new(sid!("KC00000000000000000000000000000001")), now)?.sid;
    /// let alice = NewParticipant::new(sid!("KP00000000000000000000000000000001"), "+15558675310".parse()?);
    /// assert_eq!(service.add_participant(ride, alice, now)?.proxy_identifier.to_string(), "+14155551212");
    ///
    /// let again = NewParticipant::new(sid!("KP00000000000000000000000000000002"), "+15558675310".parse()?);
    /// let error = service.add_participant(ride, again, now).unwrap_err();
    /// assert_eq!(error.code(), Code::ParticipantAlreadyInSession);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`AddParticipantError`], in the order of its variants (PAR-10): 20404, 20409, 80404, 80607, 80103, 80609, 80616,
    /// 80304, 80305, 80402, 80623, 80605, 80207, 80604, and 80201 to 80208 if no number can be selected.
    pub fn add_participant(
        &mut self,
        session: SessionSid,
        new: NewParticipant,
        now: Timestamp,
    ) -> Result<&Participant, AddParticipantError> {
        self.add_participant_within(None, session, new, now)
    }

    pub(crate) fn add_participant_within(
        &mut self,
        inventory: Option<&Inventory>,
        session: SessionSid,
        new: NewParticipant,
        now: Timestamp,
    ) -> Result<&Participant, AddParticipantError> {
        let slot = self.try_add(inventory, session, new, Addition::Finished, now)?;
        let participant = slot.and_then(|slot| self.book.member(slot)?.participant());
        Ok(participant.ok_or(SessionNotFound { session })?)
    }

    /// Begins to add a participant: checks everything, selects a number, and holds it together with the identifier and the
    /// slot until the addition is finished or cancelled, or the session ends (CON-5, CON-6, CON-9).
    ///
    /// This is for creates that take time, such as one that first finds out whether the number can be reached. Meanwhile
    /// the same identifier is refused elsewhere with 80623. May raise 80802.
    ///
    /// ```
    /// # use twilio_proxy_core::{Code, NewNumber, NewParticipant, NewService, NewSession, Policy, Service, Timestamp, sid};
    /// # let new = NewService::new(
    /// #     sid!("KS00000000000000000000000000000001"),
    /// #     sid!("AC00000000000000000000000000000001"),
    /// #     "rides".parse()?,
    /// # );
    /// # let now = Timestamp::MIN;
    /// # let mut service = Service::new(new, Policy::default(), now);
    /// # service.add_number(NewNumber::phone(sid!("PN00000000000000000000000000000001"), "+14155551212".parse()?), now)?;
    /// # let ride = service.create_session(NewSession::new(sid!("KC00000000000000000000000000000001")), now)?.sid;
    /// let alice = NewParticipant::new(sid!("KP00000000000000000000000000000001"), "+15558675310".parse()?);
    /// let pending = service.begin_add_participant(ride, alice, now)?;
    /// assert_eq!(pending.proxy_identifier.to_string(), "+14155551212");
    ///
    /// let pending = pending.sid;
    /// assert_eq!(service.participant(ride, pending), None);
    /// let alice = service.finish_add_participant(ride, pending, now)?;
    /// assert_eq!(alice.date_created, now);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As [`add_participant`](Self::add_participant).
    pub fn begin_add_participant(
        &mut self,
        session: SessionSid,
        new: NewParticipant,
        now: Timestamp,
    ) -> Result<&PendingParticipant, AddParticipantError> {
        self.begin_add_participant_within(None, session, new, now)
    }

    pub(crate) fn begin_add_participant_within(
        &mut self,
        inventory: Option<&Inventory>,
        session: SessionSid,
        new: NewParticipant,
        now: Timestamp,
    ) -> Result<&PendingParticipant, AddParticipantError> {
        let slot = self.try_add(inventory, session, new, Addition::Pending, now)?;
        let pending = slot.and_then(|slot| self.book.member(slot)?.pending());
        Ok(pending.ok_or(SessionNotFound { session })?)
    }

    /// Makes a pending participant visible. Nothing is checked anew but that it is still pending (CON-9).
    ///
    /// ```
    /// # use twilio_proxy_core::{NewNumber, NewParticipant, NewService, NewSession, Policy, Service, Timestamp, sid};
    /// use twilio_proxy_core::Code;
    ///
    /// # let new = NewService::new(
    /// #     sid!("KS00000000000000000000000000000001"),
    /// #     sid!("AC00000000000000000000000000000001"),
    /// #     "rides".parse()?,
    /// # );
    /// # let now = Timestamp::MIN;
    /// # let mut service = Service::new(new, Policy::default(), now);
    /// # let number = NewNumber::phone(sid!("PN00000000000000000000000000000001"), "+14155551212".parse()?);
    /// # service.add_number(number, now)?;
    /// # let ride = service.create_session(NewSession::new(sid!("KC00000000000000000000000000000001")), now)?.sid;
    /// # let alice = NewParticipant::new(sid!("KP00000000000000000000000000000001"), "+15558675310".parse()?);
    /// # let alice = service.begin_add_participant(ride, alice, now)?.sid;
    /// assert_eq!(service.finish_add_participant(ride, alice, now)?.sid, alice);
    /// assert_eq!(service.finish_add_participant(ride, alice, now).unwrap_err().code(), Code::NotFound);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`FinishAddParticipantError`], in the order of its variants (CON-6): 20404, 80607, 20404.
    pub fn finish_add_participant(
        &mut self,
        session: SessionSid,
        participant: ParticipantSid,
        now: Timestamp,
    ) -> Result<&Participant, FinishAddParticipantError> {
        let now = self.advance(now);
        let slot = self.pending_member(session, participant)?;
        self.pairs.land(&self.book, slot);
        let ordinal = self.next_participant();
        self.book.finish_member(slot, ordinal, now);
        self.pairs.settle(&self.book, slot);
        self.pairs.record_use(&mut self.book, slot);
        let added = self.book.member(slot).and_then(Member::participant);
        added.ok_or(FinishAddParticipantError::PendingNotFound { participant })
    }

    /// Cancels a pending addition: identifier, number, slot and SID are free again, and nothing is left behind (CON-9).
    ///
    /// ```
    /// # use twilio_proxy_core::{NewNumber, NewParticipant, NewService, NewSession, Policy, Service, Timestamp, sid};
    /// use twilio_proxy_core::{CancelReason, Code};
    ///
    /// # let new = NewService::new(
    /// #     sid!("KS00000000000000000000000000000001"),
    /// #     sid!("AC00000000000000000000000000000001"),
    /// #     "rides".parse()?,
    /// # );
    /// # let now = Timestamp::MIN;
    /// # let mut service = Service::new(new, Policy::default(), now);
    /// # let number = NewNumber::phone(sid!("PN00000000000000000000000000000001"), "+14155551212".parse()?);
    /// # service.add_number(number, now)?;
    /// # let ride = service.create_session(NewSession::new(sid!("KC00000000000000000000000000000001")), now)?.sid;
    /// # let alice = NewParticipant::new(sid!("KP00000000000000000000000000000001"), "+15558675310".parse()?);
    /// # let alice = service.begin_add_participant(ride, alice, now)?.sid;
    /// let cancelled = service.cancel_add_participant(ride, alice, Some(CancelReason::Unreachable), now)?;
    /// assert_eq!(cancelled.reason.map(CancelReason::code), Some(Code::ParticipantIdentifierInvalid));
    /// assert_eq!(service.pending_participant(ride, alice), None);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`FinishAddParticipantError`], in the order of its variants (CON-6): 20404, 80607, 20404.
    pub fn cancel_add_participant(
        &mut self,
        session: SessionSid,
        participant: ParticipantSid,
        reason: Option<CancelReason>,
        now: Timestamp,
    ) -> Result<CancelledParticipant, FinishAddParticipantError> {
        self.advance(now);
        let slot = self.pending_member(session, participant)?;
        let cancelled = self.discard_pending(slot).ok_or(FinishAddParticipantError::PendingNotFound { participant })?;
        Ok(CancelledParticipant { participant: cancelled, reason })
    }

    /// Removes a participant for good: the record stays, slot and number are free (PAR-5). Works in closed sessions too
    /// (PAR-12).
    ///
    /// ```
    /// # use twilio_proxy_core::{Code, NewNumber, NewParticipant, NewService, NewSession, Policy, Service, Timestamp, sid};
    /// # let new = NewService::new(
    /// #     sid!("KS00000000000000000000000000000001"),
    /// #     sid!("AC00000000000000000000000000000001"),
    /// #     "rides".parse()?,
    /// # );
    /// # let now = Timestamp::MIN;
    /// # let mut service = Service::new(new, Policy::default(), now);
    /// # service.add_number(NewNumber::phone(sid!("PN00000000000000000000000000000001"), "+14155551212".parse()?), now)?;
    /// # let ride = service.create_session(NewSession::new(sid!("KC00000000000000000000000000000001")), now)?.sid;
    /// let alice = NewParticipant::new(sid!("KP00000000000000000000000000000001"), "+15558675310".parse()?);
    /// let alice = service.add_participant(ride, alice, now)?.sid;
    /// assert_eq!(service.remove_participant(ride, alice, now)?.date_deleted, Some(now));
    /// assert_eq!(service.remove_participant(ride, alice, now).unwrap_err().code(), Code::NotFound);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`RemoveParticipantError`]: 20404 for whatever is not there.
    pub fn remove_participant(
        &mut self,
        session: SessionSid,
        participant: ParticipantSid,
        now: Timestamp,
    ) -> Result<&Participant, RemoveParticipantError> {
        let now = self.advance(now);
        let session = self.existing(session)?;
        let not_found = RemoveParticipantError::ParticipantNotFound { participant };
        let Some(slot) = self.member_of(session, participant) else { return Err(not_found) };
        match self.book.member(slot).and_then(Member::participant) {
            None => return Err(not_found),
            Some(Participant { date_deleted: Some(date_deleted), .. }) => {
                return Err(RemoveParticipantError::AlreadyRemoved { participant, date_deleted: *date_deleted });
            }
            Some(Participant { date_deleted: None, .. }) => {}
        }
        if self.book.member(slot).is_some_and(|member| member.is_holder) {
            self.release(slot);
        }
        self.pairs.leave_past(&self.book, slot);
        // Both of a session's people take part in every contact that waits in it.
        self.drop_waiting(session, Tie::Present);
        self.book.vacate(slot);
        self.book.retire_member(slot, now).ok_or(not_found)
    }

    /// What [`add_participant`](Self::add_participant) would do at `now` for this identifier, without an explicit number
    /// and with a fresh SID; once selection is reached, entry by entry (SEL-8). Answers as after `handle_deadline(now)`,
    /// and changes nothing. It looks at all that falls due until `now`: where that is much, do it first.
    ///
    /// ```
    /// # use twilio_proxy_core::{NewNumber, NewService, NewSession, Policy, Service, Timestamp, Verdict, sid};
    /// # let new = NewService::new(
    /// #     sid!("KS00000000000000000000000000000001"),
    /// #     sid!("AC00000000000000000000000000000001"),
    /// #     "rides".parse()?,
    /// # );
    /// # let now = Timestamp::MIN;
    /// # let mut service = Service::new(new, Policy::default(), now);
    /// # service.add_number(NewNumber::phone(sid!("PN00000000000000000000000000000001"), "+14155551212".parse()?), now)?;
    /// # let ride = service.create_session(NewSession::new(sid!("KC00000000000000000000000000000001")), now)?.sid;
    /// let explanation = service.explain_selection(ride, &"+15558675310".parse()?, now)?;
    /// assert_eq!(explanation.numbers[0].verdict, Verdict::Chosen);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`AddParticipantError`], if the addition would be refused before a number is selected.
    pub fn explain_selection(
        &self,
        session: SessionSid,
        identifier: &Identifier,
        now: Timestamp,
    ) -> Result<Explanation, AddParticipantError> {
        let now = now.max(self.latest_instant);
        let view = View { book: &self.book, as_of: Some((&self.policy, now)) };
        let slot = self.existing(session)?;
        let record = self.book.record(slot).filter(|record| record.fate(&self.policy, now) != Fate::Deleted);
        let mode = record.ok_or(SessionNotFound { session })?.session.mode;
        let applicant = Applicant {
            identifier,
            proxy_identifier: None,
            proxy_identifier_sid: None,
            session,
            mode,
            is_strict: self.is_strict(false),
            reserved_assignment: self.policy.reserved_assignment,
            inventory: None,
        };
        let who = self.pairs.who(&self.book, identifier);
        let outcome = match self.admission(view, Room::Existing(slot), applicant, who) {
            Ok(admission) => Ok(admission.number),
            Err(AddParticipantError::Selection(error)) => Err(error),
            Err(error) => return Err(error),
        };
        Ok(self.explanation(view, applicant, who, outcome))
    }

    fn explanation(
        &self,
        view: View<'_>,
        applicant: Applicant<'_>,
        who: Who,
        outcome: Result<Option<NumberSlot>, SelectionError>,
    ) -> Explanation {
        let chosen = outcome.ok().flatten();
        let numbers = applicant.identifier.phone_number().map(|identifier| {
            let history = self.pairs.history(view, &self.pool, who);
            self.pool.verdicts(&self.selection_request(identifier, applicant.mode), &history, chosen)
        });
        let outcome = outcome.and_then(|slot| {
            let number = slot.and_then(|slot| self.pool.number(slot));
            number.map(|number| number.sid).ok_or(SelectionError::NoNumbers)
        });
        Explanation { outcome, numbers: numbers.unwrap_or_default() }
    }

    /// Whether the policy keeps an identifier out of every session (TXT-6).
    pub(super) fn refuses(&self, identifier: &Identifier) -> bool {
        self.policy.fictional_numbers == FictionalNumbers::Refuse
            && identifier.phone_number().is_some_and(E164::is_fictional)
    }

    /// Whether a request is strict (CON-1).
    pub(super) const fn is_strict(&self, fail_on_participant_conflict: bool) -> bool {
        fail_on_participant_conflict || !self.policy.allow_participant_conflict
    }

    fn next_participant(&mut self) -> u64 {
        let ordinal = self.participants_added;
        self.participants_added = self.participants_added.saturating_add(1);
        ordinal
    }

    fn try_add(
        &mut self,
        inventory: Option<&Inventory>,
        session: SessionSid,
        new: NewParticipant,
        addition: Addition,
        now: Timestamp,
    ) -> Result<Option<MemberSlot>, AddParticipantError> {
        self.advance(now);
        // All three look-ups before the first answer is needed, so that the processor can wait for their memory at once.
        let who = self.pairs.who(&self.book, &new.identifier);
        let namesake = self.book.slot_of_member(new.sid);
        let slot = self.existing(session)?;
        if namesake.is_some() {
            return Err(AddParticipantError::SidTaken { participant: new.sid });
        }
        let mode = self.book.session(slot).map(|session| session.mode).unwrap_or_default();
        let is_strict = self.is_strict(new.fail_on_participant_conflict);
        let applicant = new.applicant(session, mode, is_strict, self.policy.reserved_assignment, inventory);
        let admission = self.admission(self.present(), Room::Existing(slot), applicant, who)?;
        Ok(self.admit(slot, new, admission, addition))
    }

    /// The state as it is, when all that was due has been done.
    pub(super) const fn present(&self) -> View<'_> {
        View { book: &self.book, as_of: None }
    }

    /// Checks an addition from the fictional number on (PAR-10).
    pub(super) fn admission(
        &self,
        view: View<'_>,
        room: Room<'_>,
        applicant: Applicant<'_>,
        who: Who,
    ) -> Result<Admission, AddParticipantError> {
        let Applicant { identifier, is_strict, .. } = applicant;
        if self.refuses(identifier) {
            return Err(AddParticipantError::IdentifierUnreachable);
        }
        let own_session = match room {
            Room::Existing(slot) => {
                self.check_session(view, slot, applicant)?;
                slot
            }
            Room::New(earlier) => {
                if let Some(existing) = earlier.iter().find(|earlier| earlier.identifier == *identifier) {
                    return Err(AddParticipantError::AlreadyInSession { existing: existing.sid });
                }
                SessionSlot::MAX
            }
        };
        check_channel(applicant)?;
        if identifier.phone_number().is_some_and(|number| self.pool.slot_of_number(number.into()).is_some()) {
            return Err(AddParticipantError::PairInvalid(PairInvalid::IdentifierInPool));
        }
        let in_flight = self.pairs.in_flight_elsewhere(view, who, own_session);
        let in_flight = in_flight.and_then(|slot| self.book.session(slot)).map(|session| session.sid);
        if let Some(other_session) = in_flight.filter(|_| is_strict) {
            return Err(AddParticipantError::DuplicateRequest { other_session });
        }
        match self.explicit_proxy(applicant)? {
            Some((proxy_identifier, number)) => {
                let holder = self.pairs.holder(&self.book, identifier, &proxy_identifier);
                let holder = holder.and_then(|holder| self.book.record_of_member(holder));
                let conflict = holder.map(|record| record.session.sid);
                if let Some(other_session) = conflict.filter(|_| is_strict) {
                    return Err(AddParticipantError::ProxyIdentifierInUse { other_session });
                }
                Ok(Admission { proxy_identifier, number, who, conflict: in_flight.or(conflict) })
            }
            None => self.select(view, applicant, who, in_flight),
        }
    }

    /// The checks that look at the session and at who is in it.
    fn check_session(
        &self,
        view: View<'_>,
        slot: SessionSlot,
        applicant: Applicant<'_>,
    ) -> Result<(), AddParticipantError> {
        let Applicant { identifier, session, .. } = applicant;
        let record = self.book.record(slot).ok_or(SessionNotFound { session })?;
        let is_active = match view.as_of {
            None => record.is_active(),
            Some((policy, now)) => record.fate(policy, now) == Fate::Active,
        };
        if !is_active {
            return Err(SessionClosed { session }.into());
        }
        let sid = |slot: MemberSlot| self.book.member(slot).map(Member::sid);
        if let Some(existing) = self.book.member_with_identifier(slot, identifier).and_then(sid) {
            return Err(AddParticipantError::AlreadyInSession { existing });
        }
        if let [Some(first), Some(second)] = record.present.map(|present| present.and_then(sid)) {
            let existing = [first.min(second), first.max(second)];
            return Err(AddParticipantError::TooManyParticipants { existing });
        }
        Ok(())
    }

    /// The number or channel address that the request names, if it names one (PAR-7, PAR-8, PAR-9).
    fn explicit_proxy(
        &self,
        applicant: Applicant<'_>,
    ) -> Result<Option<(ProxyIdentifier, Option<NumberSlot>)>, AddParticipantError> {
        let Applicant { identifier, proxy_identifier, proxy_identifier_sid, reserved_assignment, inventory, .. } =
            applicant;
        if let Some(RequestedProxyIdentifier::Recognized(ProxyIdentifier::Channel(address))) = proxy_identifier {
            if matches!(identifier, Identifier::Channel(own) if own == address) {
                return Err(AddParticipantError::PairInvalid(PairInvalid::SameAddress));
            }
            return Ok(Some((ProxyIdentifier::Channel(address.clone()), None)));
        }
        let not_in_pool = |is_owned: Option<bool>| match is_owned {
            Some(false) => AddParticipantError::ProxyIdentifierNotOwned,
            Some(true) | None => AddParticipantError::ProxyIdentifierNotInService,
        };
        let by_sid = match proxy_identifier_sid.map(NumberSid::from) {
            Some(sid) => {
                let is_owned = || inventory.map(|inventory| inventory.of_sid(sid).is_some());
                Some(self.pool.slot_of_sid(sid).ok_or_else(|| not_in_pool(is_owned()))?)
            }
            None => None,
        };
        let by_number = match proxy_identifier {
            Some(RequestedProxyIdentifier::Recognized(proxy)) => {
                let number = proxy.number().ok_or_else(|| not_in_pool(None))?;
                let is_owned = || inventory.map(|inventory| inventory.of_number(number).is_some());
                Some(self.pool.slot_of_number(number).ok_or_else(|| not_in_pool(is_owned()))?)
            }
            Some(RequestedProxyIdentifier::Unrecognized(_)) => return Err(not_in_pool(None)),
            None => None,
        };
        if by_sid.zip(by_number).is_some_and(|(by_sid, by_number)| by_sid != by_number) {
            return Err(AddParticipantError::PairInvalid(PairInvalid::DifferentNumbers));
        }
        let Some(slot) = by_sid.or(by_number) else { return Ok(None) };
        let number = self.pool.number(slot).ok_or(AddParticipantError::ProxyIdentifierNotInService)?;
        if number.is_reserved && reserved_assignment == ReservedAssignment::Refuse {
            return Err(match proxy_identifier_sid {
                Some(number) => AddParticipantError::ReservedBySid { number },
                None => AddParticipantError::ReservedByNumber,
            });
        }
        Ok(Some((number.phone_number.into(), Some(slot))))
    }

    fn select(
        &self,
        view: View<'_>,
        applicant: Applicant<'_>,
        who: Who,
        conflict: Option<SessionSid>,
    ) -> Result<Admission, AddParticipantError> {
        let Some(identifier) = applicant.identifier.phone_number() else {
            return Err(AddParticipantError::ChannelWithoutProxyIdentifier);
        };
        let history = self.pairs.history(view, &self.pool, who);
        let slot = self.pool.select(&self.selection_request(identifier, applicant.mode), &history)?;
        let number = self.pool.number(slot).ok_or(SelectionError::NoNumbers)?;
        Ok(Admission { proxy_identifier: number.phone_number.into(), number: Some(slot), who, conflict })
    }

    const fn selection_request(&self, identifier: E164, mode: SessionMode) -> SelectionRequest {
        let ServiceSettings { geo_match_level, number_selection_behavior: behavior, .. } = self.settings;
        SelectionRequest { identifier, mode, geo_match_level, behavior }
    }

    /// Commits an addition that was checked.
    pub(super) fn admit(
        &mut self,
        session: SessionSlot,
        new: NewParticipant,
        admission: Admission,
        addition: Addition,
    ) -> Option<MemberSlot> {
        let Admission { proxy_identifier, number, who, conflict } = admission;
        let NewParticipant { sid, identifier, friendly_name, .. } = new;
        let entry_sid = number.and_then(|slot| self.pool.number(slot)).map(|number| number.sid);
        let proxy_identifier_sid = entry_sid.and_then(NumberSid::phone_number);
        let pending = PendingParticipant { sid, friendly_name, identifier, proxy_identifier, proxy_identifier_sid };
        let (stage, ordinal) = match addition {
            Addition::Finished => (Stage::Added(pending.finish(self.latest_instant)), self.next_participant()),
            Addition::Pending => (Stage::Pending(pending), 0),
        };
        let short_code_sid = entry_sid.and_then(NumberSid::short_code);
        let slot = self.book.insert_member(Member::new(stage, session, ordinal, number), short_code_sid, true)?;
        self.pairs.join(&mut self.book, slot, who, Uses::Recorded);
        self.hold(slot);
        match addition {
            Addition::Finished => self.pairs.record_use(&mut self.book, slot),
            Addition::Pending => self.pairs.take_off(&self.book, slot),
        }
        let session = self.book.session(session).map(|session| session.sid);
        self.notify(session.zip(conflict).map(|(session, other_session)| Notification::CreateConflict {
            session,
            participant: sid,
            other_session,
        }));
        Some(slot)
    }

    /// The pending addition that is to be finished or cancelled (CON-6).
    fn pending_member(
        &self,
        session: SessionSid,
        participant: ParticipantSid,
    ) -> Result<MemberSlot, FinishAddParticipantError> {
        let slot = self.existing(session)?;
        if self.book.record(slot).is_some_and(|record| !record.is_active()) {
            return Err(SessionClosed { session }.into());
        }
        let member = self.member_of(slot, participant);
        let pending =
            member.filter(|member| self.book.member(*member).is_some_and(|member| member.pending().is_some()));
        pending.ok_or(FinishAddParticipantError::PendingNotFound { participant })
    }

    /// Gives back all that a pending addition holds.
    pub(super) fn discard_pending(&mut self, slot: MemberSlot) -> Option<PendingParticipant> {
        self.pairs.land(&self.book, slot);
        self.release(slot);
        match self.book.remove_member(slot)?.stage {
            Stage::Pending(pending) => Some(pending),
            Stage::Added(_) => None,
        }
    }
}

impl NewParticipant {
    pub(super) const fn applicant<'a>(
        &'a self,
        session: SessionSid,
        mode: SessionMode,
        is_strict: bool,
        reserved_assignment: ReservedAssignment,
        inventory: Option<&'a Inventory>,
    ) -> Applicant<'a> {
        Applicant {
            identifier: &self.identifier,
            proxy_identifier: self.proxy_identifier.as_ref(),
            proxy_identifier_sid: self.proxy_identifier_sid,
            session,
            mode,
            is_strict,
            reserved_assignment,
            inventory,
        }
    }
}

/// Whether the kinds of identifier, proxy identifier and session go together (PAR-6).
fn check_channel(applicant: Applicant<'_>) -> Result<(), AddParticipantError> {
    let requested_channel = match applicant.proxy_identifier {
        Some(RequestedProxyIdentifier::Recognized(ProxyIdentifier::Channel(address))) => Some(address.channel()),
        Some(_) | None => None,
    };
    match applicant.identifier {
        Identifier::PhoneNumber(_) if requested_channel.is_some() => {
            Err(AddParticipantError::PairInvalid(PairInvalid::ChannelForPhoneNumber))
        }
        Identifier::PhoneNumber(_) => Ok(()),
        Identifier::Channel(_) if applicant.mode.has_voice() => Err(AddParticipantError::UnsupportedIdentifierType {
            identifier: applicant.identifier.clone(),
            session: applicant.session,
        }),
        Identifier::Channel(own) => match (applicant.proxy_identifier, applicant.proxy_identifier_sid) {
            (None, None) => Err(AddParticipantError::ChannelWithoutProxyIdentifier),
            (None, Some(_)) => Err(AddParticipantError::ChannelWithProxyIdentifierSid),
            (Some(_), None) if requested_channel == Some(own.channel()) => Ok(()),
            (Some(_), _) => Err(AddParticipantError::PairInvalid(PairInvalid::NotOfThisChannel)),
        },
    }
}
