//! Why a state is refused.

use crate::{
    number::NumberSid,
    sid::{InteractionSid, ParticipantSid, SessionSid},
};

/// What is wrong with a [`ServiceState`](super::ServiceState): it is damaged, or no service was ever in it.
///
/// ```
/// # use twilio_proxy_core::{NewService, NewSession, Policy, Service, Timestamp, sid};
/// use twilio_proxy_core::{RestoreError, SessionFlaw};
///
/// # let new = NewService::new(
/// #     sid!("KS00000000000000000000000000000001"),
/// #     sid!("AC00000000000000000000000000000001"),
/// #     "rides".parse()?,
/// # );
/// # let now = Timestamp::MIN;
/// # let mut service = Service::new(new, Policy::default(), now);
/// # let ride = service.create_session(NewSession::new(sid!("KC00000000000000000000000000000001")), now)?.sid;
/// let mut state = service.state();
/// state.sessions[0].ordinal = 7;
/// let Err(RestoreError::Session { session, flaw }) = Service::restore(state) else { unreachable!() };
/// assert_eq!((session, flaw), (ride, SessionFlaw::Ordinal));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum RestoreError {
    /// The settings say that they changed before they were made, or after the latest instant seen.
    #[error("the dates of the settings contradict each other")]
    Settings,
    /// A count of what was ever created is beyond what any service could come to.
    #[error("a count of all that was ever created is out of range")]
    Counts,
    /// A number cannot be as it is said to be.
    #[error("number {number}: {flaw}")]
    Number {
        /// The number.
        number: NumberSid,
        /// What is wrong with it.
        flaw: NumberFlaw,
    },
    /// A session cannot be as it is said to be.
    #[error("session {session}: {flaw}")]
    Session {
        /// The session.
        session: SessionSid,
        /// What is wrong with it.
        flaw: SessionFlaw,
    },
    /// A participant or pending addition cannot be as it is said to be.
    #[error("participant {participant}: {flaw}")]
    Participant {
        /// The participant.
        participant: ParticipantSid,
        /// What is wrong with it.
        flaw: ParticipantFlaw,
    },
    /// An interaction cannot be as it is said to be.
    #[error("interaction {interaction}: {flaw}")]
    Interaction {
        /// The interaction.
        interaction: InteractionSid,
        /// What is wrong with it.
        flaw: InteractionFlaw,
    },
    /// A waiting contact cannot be as it is said to be.
    #[error("waiting contact {interaction}: {flaw}")]
    Waiting {
        /// The contact.
        interaction: InteractionSid,
        /// What is wrong with it.
        flaw: WaitingFlaw,
    },
    /// An event that is not yet polled cannot have arisen.
    #[error("event {index}: {flaw}")]
    Event {
        /// Its place, counted from 0.
        index: usize,
        /// What is wrong with it.
        flaw: EventFlaw,
    },
}

/// What is wrong with a number of a [`ServiceState`](super::ServiceState).
///
/// ```
/// # use twilio_proxy_core::{NewNumber, NewService, Policy, Service, Timestamp, sid};
/// use twilio_proxy_core::{NumberFlaw, RestoreError};
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
/// let mut state = service.state();
/// state.numbers[0].number.in_use = 7;
/// let Err(RestoreError::Number { flaw, .. }) = Service::restore(state) else { unreachable!() };
/// assert_eq!(flaw, NumberFlaw::InUse { claimed: 7, counted: 0 });
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum NumberFlaw {
    /// It is not behind the one before it, or beyond the count of all.
    #[error("its ordinal is out of order")]
    Ordinal,
    /// It changed before it was added, or after the latest instant seen.
    #[error("its dates contradict each other")]
    Dates,
    /// A phone number has the SID of a short code, or the other way round.
    #[error("its SID is of another kind")]
    Kind,
    /// It has no country, though its number lies in one (SEL-3).
    #[error("it has no country, but its number has one")]
    Country,
    /// The pool has its SID or its number twice.
    #[error("it is in the pool twice")]
    Twice,
    /// The pool holds more numbers than it may (NUM-3).
    #[error("it is one more than the pool may hold")]
    PoolFull,
    /// `in_use` is not what a count gives (NUM-4).
    #[error("it is in use by {counted} sessions, not {claimed}")]
    InUse {
        /// What the state says.
        claimed: u32,
        /// What there is.
        counted: u32,
    },
}

/// What is wrong with a session of a [`ServiceState`](super::ServiceState).
///
/// ```
/// # use twilio_proxy_core::{NewService, NewSession, Policy, Service, Timestamp, sid};
/// use twilio_proxy_core::{RestoreError, SessionFlaw};
///
/// # let new = NewService::new(
/// #     sid!("KS00000000000000000000000000000001"),
/// #     sid!("AC00000000000000000000000000000001"),
/// #     "rides".parse()?,
/// # );
/// # let now = Timestamp::MIN;
/// # let mut service = Service::new(new, Policy::default(), now);
/// # let ride = service.create_session(NewSession::new(sid!("KC00000000000000000000000000000001")), now)?.sid;
/// let mut state = service.state();
/// state.sessions[0].session.date_ended = Some(now);
/// let Err(RestoreError::Session { flaw, .. }) = Service::restore(state) else { unreachable!() };
/// assert_eq!(flaw, SessionFlaw::Status);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum SessionFlaw {
    /// It is not behind the one before it, or beyond the count of all.
    #[error("its ordinal is out of order")]
    Ordinal,
    /// Two sessions have its SID.
    #[error("its SID is there twice")]
    SidTwice,
    /// Two sessions have its name (SES-2).
    #[error("its name is there twice")]
    NameTwice,
    /// Its status is never produced, or contradicts its dates and its reason (SES-9).
    #[error("its status contradicts what else is said of it")]
    Status,
    /// It did one thing before another that comes first, or something after the latest instant seen.
    #[error("its dates contradict each other")]
    Dates,
    /// It should have been closed or deleted by now (TIM-3).
    #[error("something was due before the latest instant seen")]
    Overdue,
    /// It is said to have expired before anything was due (EXP-3).
    #[error("it is said to have expired, and had nothing to expire by")]
    NeverExpired,
    /// More than two participants are live or pending (PAR-1).
    #[error("more than two take part")]
    TooManyParticipants,
    /// It is closed, which cancels pending additions (CON-6).
    #[error("an addition is pending though it is closed")]
    PendingThoughClosed,
}

/// What is wrong with a participant of a [`ServiceState`](super::ServiceState).
///
/// ```
/// # use twilio_proxy_core::{NewNumber, NewParticipant, NewService, NewSession, Policy, Service, Timestamp, sid};
/// use twilio_proxy_core::{ParticipantFlaw, RestoreError};
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
/// # let alice = service.add_participant(ride, alice, now)?.sid;
/// let mut state = service.state();
/// state.numbers.clear();
/// let Err(RestoreError::Participant { flaw, .. }) = Service::restore(state) else { unreachable!() };
/// assert_eq!(flaw, ParticipantFlaw::NotInPool);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum ParticipantFlaw {
    /// It is not behind the one before it, beyond the count of all, or another has the same.
    #[error("its ordinal is out of order")]
    Ordinal,
    /// Two participants have its SID.
    #[error("its SID is there twice")]
    SidTwice,
    /// Two participants of its session have its identifier (PAR-3, PAR-4).
    #[error("its identifier is in the session twice")]
    IdentifierTwice,
    /// Its identifier is set aside for fiction, which the policy refuses (TXT-6).
    #[error("its identifier is fictional")]
    Fictional,
    /// It did one thing before another that comes first, or something after the latest instant seen.
    #[error("its dates contradict each other")]
    Dates,
    /// Identifier, proxy identifier, its SID and the session's mode do not go together (PAR-6, PAR-9, PAR-13).
    #[error("its proxy identifier does not go with what else is said of it")]
    ProxyIdentifier,
    /// Its session is active, and the pool has no such number (NUM-5).
    #[error("its number is not in the pool")]
    NotInPool,
    /// Its identifier is being added to another session too, though the policy is strict (CON-4).
    #[error("its identifier is in flight in another session")]
    InFlightTwice,
    /// Its pair is active in another session, though the policy is strict (CON-7).
    #[error("its pair is active in another session")]
    PairActiveTwice,
}

/// What is wrong with an interaction of a [`ServiceState`](super::ServiceState).
///
/// [`RestoreError::Interaction`] brings it; [`RestoreError`] has an example.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum InteractionFlaw {
    /// It is not behind the one before it, beyond the count of all, or another has the same.
    #[error("its ordinal is out of order")]
    Ordinal,
    /// Two interactions have its SID.
    #[error("its SID is there twice")]
    SidTwice,
    /// It did one thing before another that comes first, or something after the latest instant seen.
    #[error("its dates contradict each other")]
    Dates,
    /// Its participants are not two of its session, or for a message that came from nobody one (INT-1, INT-3).
    #[error("its participants are not those of its session")]
    Participants,
    /// Type, data, statuses and URLs do not go together (INT-1, INT-2).
    #[error("what is said of its resources does not go together")]
    Resources,
}

/// What is wrong with a waiting contact of a [`ServiceState`](super::ServiceState).
///
/// [`RestoreError::Waiting`] brings it; [`RestoreError`] has an example.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum WaitingFlaw {
    /// An interaction or another waiting contact has its SID (SID-4).
    #[error("its SID is there twice")]
    SidTwice,
    /// It is an opt-out word, which waits for nothing (RTE-3).
    #[error("it is an opt-out word")]
    OptOut,
    /// Its session is not there, is closed, or does not carry it (RTE-5, RTE-11).
    #[error("no active session carries it")]
    Session,
    /// Its caller and its partner are not the two live participants of its session (RTE-11).
    #[error("its caller and its partner are not the two of its session")]
    Participants,
    /// Its previous session is not there, which would have taken it along (RTE-11), or its caller is withheld (RTE-10).
    #[error("its previous session is not there, or it can have none")]
    Previous,
}

/// What is wrong with an event of a [`ServiceState`](super::ServiceState).
///
/// [`RestoreError::Event`] brings it; [`RestoreError`] has an example.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum EventFlaw {
    /// It belongs to a service that is not there, which would have taken it along (INV-6). In an account alone.
    #[error("its service is not there")]
    Service,
    /// It belongs to a session that is not there, which would have taken it along (INV-6), or to none though it must.
    #[error("its session is not there")]
    Session,
    /// It belongs to an interaction that is not there, which would have taken it along (INV-6).
    #[error("its interaction is not there")]
    Interaction,
    /// It is a leg that goes elsewhere, or carries something else, than its interaction (INT-1).
    #[error("it is not the leg of its interaction")]
    Leg,
}
