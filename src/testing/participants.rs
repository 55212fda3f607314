//! Participants (PAR), conflicting and concurrent ones (CON).

use alloc::vec::Vec;

use super::{ParticipantRow, PendingRow, Reference};
use crate::{
    AddParticipantError, CancelReason, CancelledParticipant, E164, FictionalNumbers, FinishAddParticipantError,
    Identifier, MemberState, NewParticipant, Notification, NumberSid, OwnedNumber, PairInvalid, Participant,
    ParticipantSid, PendingParticipant, PendingState, PhoneNumber, ProxyIdentifier, ProxyNumber,
    RemoveParticipantError, RequestedProxyIdentifier, ReservedAssignment, Session, SessionClosed, SessionSid,
    Timestamp,
};

/// An addition that nothing speaks against.
pub(super) struct Plan {
    pub(super) addition: PendingState,
    /// What 80802 is to name as the other session.
    conflict: Option<SessionSid>,
}

/// What a participant gets, and the SID of the entry that it is, if it is one.
struct Proxy {
    identifier: ProxyIdentifier,
    sid: Option<NumberSid>,
}

impl From<&PhoneNumber> for Proxy {
    fn from(number: &PhoneNumber) -> Self {
        Self { identifier: number.phone_number.into(), sid: Some(number.sid) }
    }
}

impl Reference {
    /// CON-5: begin and finish in one.
    pub(super) fn add_participant(
        &mut self,
        session: SessionSid,
        new: &NewParticipant,
        now: Timestamp,
    ) -> Result<Participant, AddParticipantError> {
        let plan = self.check_addition(session, new)?;
        self.raise_create_conflict(session, &plan);
        Ok(self.admit(session, plan.addition, now))
    }

    /// CON-5
    pub(super) fn begin_add_participant(
        &mut self,
        session: SessionSid,
        new: &NewParticipant,
    ) -> Result<PendingParticipant, AddParticipantError> {
        let plan = self.check_addition(session, new)?;
        self.raise_create_conflict(session, &plan); // CON-10: when the hold begins
        let participant = plan.addition.participant.clone();
        self.pending.push(PendingRow { session, addition: plan.addition });
        Ok(participant)
    }

    /// CON-9: the place and `date_created` are those of now.
    pub(super) fn finish_add_participant(
        &mut self,
        session: SessionSid,
        participant: ParticipantSid,
        now: Timestamp,
    ) -> Result<Participant, FinishAddParticipantError> {
        let addition = self.take_pending(session, participant)?;
        Ok(self.admit(session, addition, now))
    }

    /// CON-5, CON-9
    pub(super) fn cancel_add_participant(
        &mut self,
        session: SessionSid,
        participant: ParticipantSid,
        reason: Option<CancelReason>,
    ) -> Result<CancelledParticipant, FinishAddParticipantError> {
        let participant = self.take_pending(session, participant)?.participant;
        Ok(CancelledParticipant { participant, reason })
    }

    /// CON-6: in this order.
    fn take_pending(
        &mut self,
        session: SessionSid,
        participant: ParticipantSid,
    ) -> Result<PendingState, FinishAddParticipantError> {
        if !self.session(session)?.status.is_active() {
            return Err(SessionClosed { session }.into()); // 80607, after 20404
        }
        let Some(addition) = self.pending_of(session).find(|addition| addition.participant.sid == participant).cloned()
        else {
            return Err(FinishAddParticipantError::PendingNotFound { participant }); // 20404
        };
        self.pending.retain(|row| row.addition.participant.sid != participant);
        Ok(addition)
    }

    /// PAR-5: soft, and in closed sessions too (PAR-12).
    pub(super) fn remove_participant(
        &mut self,
        session: SessionSid,
        participant: ParticipantSid,
        now: Timestamp,
    ) -> Result<Participant, RemoveParticipantError> {
        self.session(session)?; // 20404
        let mut added =
            self.participants.iter_mut().filter(|row| row.session == session).map(|row| &mut row.member.participant);
        let Some(added) = added.find(|added| added.sid == participant) else {
            return Err(RemoveParticipantError::ParticipantNotFound { participant }); // CON-9: a pending one too
        };
        if let Some(date_deleted) = added.date_deleted {
            return Err(RemoveParticipantError::AlreadyRemoved { participant, date_deleted });
        }
        added.date_deleted = Some(now);
        added.date_updated = now; // TIM-5: the participant's only
        let removed = added.clone();
        self.drop_waiting(|_, people| people.contains(&participant)); // RTE-11
        Ok(removed)
    }

    /// Makes an addition visible.
    pub(super) fn admit(&mut self, session: SessionSid, addition: PendingState, now: Timestamp) -> Participant {
        let PendingState { short_code_sid, participant: held } = addition;
        let participant = Participant {
            sid: held.sid,
            friendly_name: held.friendly_name,
            identifier: held.identifier,
            proxy_identifier: held.proxy_identifier,
            proxy_identifier_sid: held.proxy_identifier_sid,
            date_created: now, // CON-9
            date_updated: now, // TIM-5
            date_deleted: None,
        };
        let member = MemberState { ordinal: self.participants_added, short_code_sid, participant: participant.clone() };
        self.participants.push(ParticipantRow { session, member });
        self.participants_added = self.participants_added.saturating_add(1);
        participant
    }

    /// CON-10: one 80802 at most for each participant.
    pub(super) fn raise_create_conflict(&mut self, session: SessionSid, plan: &Plan) {
        if let Some(other_session) = plan.conflict {
            let participant = plan.addition.participant.sid;
            self.raise(Notification::CreateConflict { session, participant, other_session });
        }
    }

    /// SID-4: of a stored participant, live or removed, or of a pending one, in whichever session.
    pub(super) fn is_participant_sid_taken(&self, sid: ParticipantSid) -> bool {
        self.participants.iter().any(|row| row.member.participant.sid == sid)
            || self.pending.iter().any(|row| row.addition.participant.sid == sid)
    }

    /// PAR-10: all of it.
    fn check_addition(&self, session: SessionSid, new: &NewParticipant) -> Result<Plan, AddParticipantError> {
        let session = self.session(session)?; // 20404
        if self.is_participant_sid_taken(new.sid) {
            return Err(AddParticipantError::SidTaken { participant: new.sid }); // SID-4: 20409
        }
        self.plan_addition(session, new, self.is_strict(new.fail_on_participant_conflict))
    }

    /// PAR-10: from the fictional number on.
    pub(super) fn plan_addition(
        &self,
        session: &Session,
        new: &NewParticipant,
        strict: bool,
    ) -> Result<Plan, AddParticipantError> {
        let in_flight = self.check_before_numbers(session, new, strict)?;
        let is_explicit = new.proxy_identifier.is_some() || new.proxy_identifier_sid.is_some();
        let (proxy, doubled) = match &new.identifier {
            Identifier::PhoneNumber(identifier) if !is_explicit => (self.select(session, *identifier)?.into(), None), // SEL-7
            Identifier::PhoneNumber(_) | Identifier::Channel(_) => {
                let proxy = self.explicit_proxy(new)?;
                let doubled = self.other_session_with(session.sid, &new.identifier, &proxy.identifier);
                (proxy, doubled)
            }
        };
        if strict && let Some(other_session) = doubled {
            return Err(AddParticipantError::ProxyIdentifierInUse { other_session }); // CON-2: 80604
        }
        Ok(Plan {
            addition: PendingState {
                short_code_sid: proxy.sid.and_then(NumberSid::short_code),
                participant: PendingParticipant {
                    sid: new.sid,
                    friendly_name: new.friendly_name.clone(),
                    identifier: new.identifier.clone(),
                    proxy_identifier: proxy.identifier,
                    proxy_identifier_sid: proxy.sid.and_then(NumberSid::phone_number), // PAR-13
                },
            },
            conflict: in_flight.or(doubled), // CON-10
        })
    }

    /// PAR-10: from the fictional number to CON-4. Gives the session in which the identifier is in flight, if a permissive
    /// request may overlook it.
    pub(super) fn check_before_numbers(
        &self,
        session: &Session,
        new: &NewParticipant,
        strict: bool,
    ) -> Result<Option<SessionSid>, AddParticipantError> {
        let sid = session.sid;
        if self.policy.fictional_numbers == FictionalNumbers::Refuse
            && new.identifier.phone_number().is_some_and(E164::is_fictional)
        {
            return Err(AddParticipantError::IdentifierUnreachable); // TXT-6: 80404
        }
        if !session.status.is_active() {
            return Err(SessionClosed { session: sid }.into()); // PAR-2: 80607
        }
        if let Some(existing) = self.with_identifier(sid, &new.identifier) {
            return Err(AddParticipantError::AlreadyInSession { existing }); // PAR-3, PAR-4, CON-5: 80103
        }
        let live = self.participants_of(sid).map(|member| &member.participant).filter(|added| added.is_live());
        let pending = self.pending_of(sid).map(|addition| addition.participant.sid);
        let mut slots: Vec<ParticipantSid> = live.map(|added| added.sid).chain(pending).collect();
        slots.sort(); // as the field says
        if let [one, other, ..] = *slots {
            return Err(AddParticipantError::TooManyParticipants { existing: [one, other] }); // PAR-1, CON-9: 80609
        }
        check_channel(session, new)?; // PAR-6
        if let Identifier::PhoneNumber(number) = new.identifier
            && self.number_like(ProxyNumber::PhoneNumber(number)).is_some()
        {
            return Err(AddParticipantError::PairInvalid(PairInvalid::IdentifierInPool)); // PAR-9: 80402
        }
        match self.other_session_in_flight(sid, &new.identifier) {
            Some(other_session) if strict => Err(AddParticipantError::DuplicateRequest { other_session }), // CON-4: 80623
            in_flight => Ok(in_flight),
        }
    }

    /// Who has an identifier in a session: live, removed or pending.
    fn with_identifier(&self, session: SessionSid, identifier: &Identifier) -> Option<ParticipantSid> {
        let added =
            self.participants_of(session).map(|member| (&member.participant.identifier, member.participant.sid));
        let pending =
            self.pending_of(session).map(|addition| (&addition.participant.identifier, addition.participant.sid));
        added.chain(pending).find(|(other, _)| *other == identifier).map(|(_, sid)| sid)
    }

    /// In which other session an identifier is in flight: the one created last, if there are several (CON-4).
    fn other_session_in_flight(&self, session: SessionSid, identifier: &Identifier) -> Option<SessionSid> {
        let is_in_flight = |addition: &PendingState| addition.participant.identifier == *identifier;
        let others = self.sessions.iter().map(|row| row.session.sid).filter(|other| *other != session);
        others.rev().find(|other| self.pending_of(*other).any(is_in_flight))
    }

    /// PAR-7 to PAR-9, after PAR-6: a channel address has asked for one of its channel, a phone number for none.
    fn explicit_proxy(&self, new: &NewParticipant) -> Result<Proxy, AddParticipantError> {
        let proxy = match &new.proxy_identifier {
            Some(RequestedProxyIdentifier::Recognized(proxy @ ProxyIdentifier::Channel(_))) => {
                Proxy { identifier: proxy.clone(), sid: None } // PAR-13
            }
            Some(
                RequestedProxyIdentifier::Recognized(ProxyIdentifier::PhoneNumber(_) | ProxyIdentifier::ShortCode(_))
                | RequestedProxyIdentifier::Unrecognized(_),
            )
            | None => self.explicit_number(new)?.into(),
        };
        if is_same_address(&new.identifier, &proxy.identifier) {
            return Err(AddParticipantError::PairInvalid(PairInvalid::SameAddress)); // PAR-9: 80402
        }
        Ok(proxy)
    }

    /// PAR-7: the SID first, then the number.
    fn explicit_number(&self, new: &NewParticipant) -> Result<&PhoneNumber, AddParticipantError> {
        let not_in_service = || AddParticipantError::ProxyIdentifierNotInService; // PAR-7: 80605
        let missing = |is_it: &dyn Fn(&OwnedNumber) -> bool| match &self.owned {
            Some(owned) if !owned.iter().any(is_it) => AddParticipantError::ProxyIdentifierNotOwned, // PAR-7: 80606
            Some(_) | None => not_in_service(),
        };
        let by_sid = match new.proxy_identifier_sid.map(NumberSid::from) {
            Some(sid) => Some(self.number(sid).ok_or_else(|| missing(&|owned| owned.sid == sid))?),
            None => None,
        };
        let by_number = match &new.proxy_identifier {
            Some(RequestedProxyIdentifier::Recognized(proxy)) => {
                let number = proxy.number().ok_or_else(not_in_service)?;
                let found = self.number_like(number);
                Some(found.ok_or_else(|| missing(&|owned| owned.phone_number == number))?)
            }
            Some(RequestedProxyIdentifier::Unrecognized(_)) => return Err(not_in_service()),
            None => None,
        };
        if let (Some(one), Some(other)) = (by_sid, by_number)
            && one.sid != other.sid
        {
            return Err(AddParticipantError::PairInvalid(PairInvalid::DifferentNumbers)); // PAR-7: 80402
        }
        let number = by_sid.or(by_number).ok_or_else(not_in_service)?;
        if number.is_reserved && self.policy.reserved_assignment == ReservedAssignment::Refuse {
            return Err(match new.proxy_identifier_sid {
                Some(number) => AddParticipantError::ReservedBySid { number }, // PAR-8: 80207
                None => AddParticipantError::ReservedByNumber,                 // PAR-8: 80304
            });
        }
        Ok(number)
    }
}

/// PAR-6: in this order.
fn check_channel(session: &Session, new: &NewParticipant) -> Result<(), AddParticipantError> {
    let requested_channel = match &new.proxy_identifier {
        Some(RequestedProxyIdentifier::Recognized(ProxyIdentifier::Channel(address))) => Some(address.channel()),
        Some(
            RequestedProxyIdentifier::Recognized(ProxyIdentifier::PhoneNumber(_) | ProxyIdentifier::ShortCode(_))
            | RequestedProxyIdentifier::Unrecognized(_),
        )
        | None => None,
    };
    match &new.identifier {
        Identifier::PhoneNumber(_) if requested_channel.is_some() => {
            Err(AddParticipantError::PairInvalid(PairInvalid::ChannelForPhoneNumber)) // 80402
        }
        Identifier::PhoneNumber(_) => Ok(()),
        Identifier::Channel(_) if session.mode.has_voice() => Err(AddParticipantError::UnsupportedIdentifierType {
            identifier: new.identifier.clone(),
            session: session.sid,
        }), // 80616
        Identifier::Channel(address) => match (&new.proxy_identifier, new.proxy_identifier_sid) {
            (None, None) => Err(AddParticipantError::ChannelWithoutProxyIdentifier), // 80304
            (None, Some(_)) => Err(AddParticipantError::ChannelWithProxyIdentifierSid), // 80305
            (Some(_), None) if requested_channel == Some(address.channel()) => Ok(()),
            (Some(_), _) => Err(AddParticipantError::PairInvalid(PairInvalid::NotOfThisChannel)), // 80402
        },
    }
}

fn is_same_address(identifier: &Identifier, proxy_identifier: &ProxyIdentifier) -> bool {
    match (identifier, proxy_identifier) {
        (Identifier::PhoneNumber(one), ProxyIdentifier::PhoneNumber(other)) => one == other,
        (Identifier::Channel(one), ProxyIdentifier::Channel(other)) => one == other,
        (Identifier::PhoneNumber(_), ProxyIdentifier::ShortCode(_) | ProxyIdentifier::Channel(_))
        | (Identifier::Channel(_), ProxyIdentifier::PhoneNumber(_) | ProxyIdentifier::ShortCode(_)) => false,
    }
}
