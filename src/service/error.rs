//! Why an operation on a service is refused. The variants of each type stand in the order of the checks; one that comes up
//! in several places stands where it comes up first.

use crate::{
    address::Identifier,
    code::Code,
    pool::SelectionError,
    sid::{ParticipantSid, PhoneNumberSid, SessionSid},
    text::SessionName,
    time::Timestamp,
};

/// 20404: the service has no session with this SID.
///
/// ```
/// # use twilio_proxy_core::{NewService, Policy, Service, Timestamp, sid};
/// use twilio_proxy_core::Code;
///
/// # let new = NewService::new(
/// #     sid!("KS00000000000000000000000000000001"),
/// #     sid!("AC00000000000000000000000000000001"),
/// #     "rides".parse()?,
/// # );
/// # let now = Timestamp::MIN;
/// # let mut service = Service::new(new, Policy::default(), now);
/// let error = service.delete_session(sid!("KC00000000000000000000000000000009"), now).unwrap_err();
/// assert_eq!(error.session, sid!("KC00000000000000000000000000000009"));
/// assert_eq!((error.code(), error.http_status()), (Code::NotFound, 404));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
#[expect(clippy::exhaustive_structs, reason = "a test writes down the error that it expects")]
#[error("The requested resource {session} was not found")]
pub struct SessionNotFound {
    /// What was asked for.
    pub session: SessionSid,
}

impl SessionNotFound {
    /// Its code in the error catalogue.
    #[must_use]
    pub const fn code(&self) -> Code {
        Code::NotFound
    }
}

/// Why a session cannot be fetched by SID or name (SES-10).
///
/// ```
/// # use twilio_proxy_core::{NewService, Policy, Service, Timestamp, sid};
/// use twilio_proxy_core::FetchSessionError;
///
/// # let new = NewService::new(
/// #     sid!("KS00000000000000000000000000000001"),
/// #     sid!("AC00000000000000000000000000000001"),
/// #     "rides".parse()?,
/// # );
/// # let now = Timestamp::MIN;
/// # let mut service = Service::new(new, Policy::default(), now);
/// match service.fetch_session("job-17") {
///     Err(FetchSessionError::SessionNameNotFound) => {} // create it
///     other => panic!("{other:?}"),
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize), serde(rename_all = "snake_case"))]
#[non_exhaustive]
pub enum FetchSessionError {
    /// 20404: no session has this SID.
    #[error(transparent)]
    SessionNotFound(#[from] SessionNotFound),
    /// 80308: no session has this name.
    #[error("Session with the given unique name not found in database.")]
    SessionNameNotFound,
}

impl FetchSessionError {
    /// Its code in the error catalogue.
    #[must_use]
    pub const fn code(&self) -> Code {
        match self {
            Self::SessionNotFound(_) => Code::NotFound,
            Self::SessionNameNotFound => Code::SessionNameNotFound,
        }
    }
}

/// Why a session cannot be created (SES-3).
///
/// ```
/// # use twilio_proxy_core::{NewService, Policy, Service, Timestamp, sid};
/// use twilio_proxy_core::{CreateSessionError, NewSession};
///
/// # let new = NewService::new(
/// #     sid!("KS00000000000000000000000000000001"),
/// #     sid!("AC00000000000000000000000000000001"),
/// #     "rides".parse()?,
/// # );
/// # let now = Timestamp::MIN;
/// # let mut service = Service::new(new, Policy::default(), now);
/// let mut new = NewSession::new(sid!("KC00000000000000000000000000000001"));
/// new.unique_name = Some("job-17".parse()?);
/// let ride = service.create_session(new.clone(), now)?.sid;
/// new.sid = sid!("KC00000000000000000000000000000002");
/// let error = service.create_session(new, now).unwrap_err();
/// let CreateSessionError::NonUniqueName { existing, .. } = error else { unreachable!() };
/// assert_eq!(existing, ride); // delete that one, or choose another name
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize), serde(rename_all = "snake_case"))]
#[non_exhaustive]
pub enum CreateSessionError {
    /// 80701: the expiry date does not lie in the future (EXP-4).
    #[error(transparent)]
    DateExpiryNotInFuture(#[from] DateExpiryNotInFuture),
    /// 20409: another session has this SID (SID-4).
    #[error("the SID {session} is taken")]
    SessionSidTaken {
        /// The SID.
        session: SessionSid,
    },
    /// 20409: another participant has the SID of one of these, or two of these have the same (SID-4).
    #[error("the SID {participant} is taken")]
    ParticipantSidTaken {
        /// The SID.
        participant: ParticipantSid,
    },
    /// 80608: a session is created `open` (SES-4).
    #[error("{STATUS_MOVE}")]
    StatusInvalid,
    /// 80603: another session has this name, closed or not (SES-2).
    #[error("Session UniqueName must be unique")]
    NonUniqueName {
        /// The name.
        unique_name: SessionName,
        /// The session that has it.
        existing: SessionSid,
    },
    /// 80609: there are more than two participants (PAR-1).
    #[error("A Session may have at most 2 participants")]
    TooManyParticipants {
        /// How many there are.
        participants: usize,
    },
    /// One of the participants cannot be added; the code is that of the reason.
    #[error("{error}")]
    Participant {
        /// Which of them, counted from 0.
        index: usize,
        /// Why.
        #[source]
        error: AddParticipantError,
    },
}

impl CreateSessionError {
    /// Its code in the error catalogue.
    #[must_use]
    pub const fn code(&self) -> Code {
        match self {
            Self::DateExpiryNotInFuture(_) => Code::ParameterInvalid,
            Self::SessionSidTaken { .. } | Self::ParticipantSidTaken { .. } => Code::Conflict,
            Self::StatusInvalid => Code::SessionStatusInvalid,
            Self::NonUniqueName { .. } => Code::NonUniqueSessionName,
            Self::TooManyParticipants { .. } => Code::TooManyParticipants,
            Self::Participant { error, .. } => error.code(),
        }
    }
}

/// Why a session cannot be updated (SES-8).
///
/// ```
/// # use twilio_proxy_core::{NewService, NewSession, Policy, Service, Timestamp, sid};
/// use twilio_proxy_core::{SessionStatus, SessionUpdate, UpdateSessionError};
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
/// service.update_session(ride, close.clone(), now)?;
/// let UpdateSessionError::SessionClosed(closed) = service.update_session(ride, close, now).unwrap_err() else {
///     unreachable!()
/// };
/// assert_eq!(closed.session, ride); // re-open it first
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize), serde(rename_all = "snake_case"))]
#[non_exhaustive]
pub enum UpdateSessionError {
    /// 20404: there is no such session.
    #[error(transparent)]
    SessionNotFound(#[from] SessionNotFound),
    /// 80701: the expiry date does not lie in the future (EXP-4).
    #[error(transparent)]
    DateExpiryNotInFuture(#[from] DateExpiryNotInFuture),
    /// 80608: the status cannot be moved like that (SES-5).
    #[error("{STATUS_MOVE}")]
    StatusInvalid,
    /// 80607: the session is closed, and the update does not re-open it.
    #[error(transparent)]
    SessionClosed(#[from] SessionClosed),
    /// 80605: the number of a participant has left the pool since, so that the session cannot be re-opened (NUM-6).
    #[error("Proxy identifier not associated with service.")]
    ProxyIdentifierNotInService {
        /// The first such participant.
        participant: ParticipantSid,
    },
    /// 80604: the re-open would make a pair of identifier and number active twice (CON-3).
    #[error("Proxy identifier already in use with requested identifier.")]
    ProxyIdentifierInUse {
        /// The first participant of the session whose pair is active elsewhere.
        participant: ParticipantSid,
        /// Where it is: the session created last, if there are several.
        other_session: SessionSid,
    },
}

impl UpdateSessionError {
    /// Its code in the error catalogue.
    #[must_use]
    pub const fn code(&self) -> Code {
        match self {
            Self::SessionNotFound(_) => Code::NotFound,
            Self::DateExpiryNotInFuture(_) => Code::ParameterInvalid,
            Self::StatusInvalid => Code::SessionStatusInvalid,
            Self::SessionClosed(_) => Code::SessionClosed,
            Self::ProxyIdentifierNotInService { .. } => Code::ProxyIdentifierNotInService,
            Self::ProxyIdentifierInUse { .. } => Code::ProxyIdentifierInUse,
        }
    }
}

/// 80701: an expiry date must lie after the instant of the request (EXP-4).
///
/// ```
/// # use twilio_proxy_core::{NewService, Policy, Service, Timestamp, sid};
/// use twilio_proxy_core::{DateExpiryNotInFuture, NewSession};
///
/// # let new = NewService::new(
/// #     sid!("KS00000000000000000000000000000001"),
/// #     sid!("AC00000000000000000000000000000001"),
/// #     "rides".parse()?,
/// # );
/// # let now = Timestamp::MIN;
/// # let mut service = Service::new(new, Policy::default(), now);
/// let mut new = NewSession::new(sid!("KC00000000000000000000000000000001"));
/// new.date_expiry = Some(now);
/// let error = service.create_session(new, now).unwrap_err();
/// assert_eq!(error, DateExpiryNotInFuture { date_expiry: now, now }.into());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
#[expect(clippy::exhaustive_structs, reason = "a test writes down the error that it expects")]
#[error("'DateExpiry' is invalid. It must lie after {now}")]
pub struct DateExpiryNotInFuture {
    /// What was given.
    pub date_expiry: Timestamp,
    /// The instant of the request.
    pub now: Timestamp,
}

/// 80607: the session is closed.
///
/// ```
/// # use twilio_proxy_core::{NewService, NewSession, Policy, Service, Timestamp, sid};
/// use twilio_proxy_core::{SessionClosed, SessionStatus, SessionUpdate};
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
/// service.update_session(ride, close.clone(), now)?;
/// assert_eq!(service.update_session(ride, close, now), Err(SessionClosed { session: ride }.into()));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
#[expect(clippy::exhaustive_structs, reason = "a test writes down the error that it expects")]
#[error("Session is closed and cannot be updated")]
pub struct SessionClosed {
    /// The session.
    pub session: SessionSid,
}

const STATUS_MOVE: &str = "Session status change not supported. \
    To re-open a session, choose In Progress. To close a session, choose Closed.";

/// Why a participant cannot be added (PAR-10).
///
/// ```
/// # use twilio_proxy_core::{NewNumber, NewParticipant, NewService, NewSession, Policy, Service, Timestamp, sid};
/// use twilio_proxy_core::AddParticipantError;
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
/// let again = NewParticipant::new(sid!("KP00000000000000000000000000000002"), "+15558675310".parse()?);
/// match service.add_participant(ride, again, now) {
///     Err(AddParticipantError::AlreadyInSession { existing }) => assert_eq!(existing, alice), // take that one
///     Err(AddParticipantError::DuplicateRequest { .. }) => println!("try again"),
///     other => panic!("{other:?}"),
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize), serde(rename_all = "snake_case"))]
#[non_exhaustive]
pub enum AddParticipantError {
    /// 20404: there is no such session.
    #[error(transparent)]
    SessionNotFound(#[from] SessionNotFound),
    /// 20409: another participant, added or pending, has this SID (SID-4).
    #[error("the SID {participant} is taken")]
    SidTaken {
        /// The SID.
        participant: ParticipantSid,
    },
    /// 80404: the number is set aside for fiction, and the policy refuses those (TXT-6).
    #[error("Participant identifier does not appear to be a valid, reachable identity")]
    IdentifierUnreachable,
    /// 80607: the session is closed (PAR-2).
    #[error(transparent)]
    SessionClosed(#[from] SessionClosed),
    /// 80103: the identifier is in the session: live, pending, or removed for good (PAR-3, PAR-4, CON-5).
    #[error("Participant has already been added to Session")]
    AlreadyInSession {
        /// Who has it.
        existing: ParticipantSid,
    },
    /// 80609: two participants, live or pending, fill the session (PAR-1).
    #[error("A Session may have at most 2 participants")]
    TooManyParticipants {
        /// Them, in the order of their SIDs.
        existing: [ParticipantSid; 2],
    },
    /// 80616: a channel address cannot take part in a session with voice (PAR-6).
    #[error(
        "Cannot add {} to session {session}. The identifier is not compatible with the session mode.",
        identifier.masked()
    )]
    UnsupportedIdentifierType {
        /// The identifier.
        identifier: Identifier,
        /// The session.
        session: SessionSid,
    },
    /// 80304: a channel address needs a proxy identifier of its own channel (PAR-6).
    #[error("Unmanaged Proxy Identifier not found")]
    ChannelWithoutProxyIdentifier,
    /// 80305: a channel address cannot be paired with a phone number SID (PAR-6).
    #[error("Unmanaged Proxy Identifier not found.")]
    ChannelWithProxyIdentifierSid,
    /// 80402: identifier and proxy identifier do not go together.
    #[error("Invalid Identifier and Proxy Identifier pair")]
    PairInvalid(PairInvalid),
    /// 80623: the same identifier is being added to another session; try again when that is finished (CON-4).
    #[error("Possible duplicate Participant created in multiple Sessions.")]
    DuplicateRequest {
        /// Where it is in flight: the session created last, if there are several.
        other_session: SessionSid,
    },
    /// 80605: the pool has no such number (PAR-7).
    #[error("Proxy identifier not associated with service.")]
    ProxyIdentifierNotInService,
    /// 80606: the pool has no such number, nor does the account own it (PAR-7). In an [`Account`](crate::Account) alone.
    #[error("Proxy identifier not owned by account.")]
    ProxyIdentifierNotOwned,
    /// 80207: the number that the SID names is reserved, and the policy refuses those (PAR-8).
    #[error("This Service has no compatible Proxy numbers for this Participant.")]
    ReservedBySid {
        /// The SID.
        number: PhoneNumberSid,
    },
    /// 80304: the number is reserved, and the policy refuses those (PAR-8).
    #[error("Unmanaged Proxy Identifier not found")]
    ReservedByNumber,
    /// 80604: the identifier has this number in another active session (CON-2).
    #[error("Proxy identifier already in use with requested identifier.")]
    ProxyIdentifierInUse {
        /// Where it is: the session created last, if there are several.
        other_session: SessionSid,
    },
    /// 802xx: no number can be selected (SEL-7).
    #[error(transparent)]
    Selection(#[from] SelectionError),
}

impl AddParticipantError {
    /// Its code in the error catalogue.
    #[must_use]
    pub const fn code(&self) -> Code {
        match self {
            Self::SessionNotFound(_) => Code::NotFound,
            Self::SidTaken { .. } => Code::Conflict,
            Self::IdentifierUnreachable => Code::ParticipantIdentifierInvalid,
            Self::SessionClosed(_) => Code::SessionClosed,
            Self::AlreadyInSession { .. } => Code::ParticipantAlreadyInSession,
            Self::TooManyParticipants { .. } => Code::TooManyParticipants,
            Self::UnsupportedIdentifierType { .. } => Code::UnsupportedIdentifierType,
            Self::ChannelWithoutProxyIdentifier | Self::ReservedByNumber => Code::UnmanagedIdentifierNotFound,
            Self::ChannelWithProxyIdentifierSid => Code::UnmanagedIdentifierSidNotFound,
            Self::PairInvalid(_) => Code::IdentifierProxyPairInvalid,
            Self::DuplicateRequest { .. } => Code::DuplicateParticipantRequest,
            Self::ProxyIdentifierNotInService => Code::ProxyIdentifierNotInService,
            Self::ProxyIdentifierNotOwned => Code::ProxyIdentifierNotOwned,
            Self::ReservedBySid { .. } => Code::NoUnreservedProxy,
            Self::ProxyIdentifierInUse { .. } => Code::ProxyIdentifierInUse,
            Self::Selection(error) => error.code(),
        }
    }
}

/// What is wrong with a pair of identifier and proxy identifier: 80402.
///
/// ```
/// # use twilio_proxy_core::{NewNumber, NewService, NewSession, Policy, Service, Timestamp, sid};
/// use twilio_proxy_core::{AddParticipantError, NewParticipant, PairInvalid};
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
/// let own = NewParticipant::new(sid!("KP00000000000000000000000000000001"), "+14155551212".parse()?);
/// let error = service.add_participant(ride, own, now).unwrap_err();
/// assert_eq!(error, AddParticipantError::PairInvalid(PairInvalid::IdentifierInPool));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize), serde(rename_all = "snake_case"))]
#[non_exhaustive]
pub enum PairInvalid {
    /// A channel address is paired with something other than an address of its channel alone (PAR-6).
    NotOfThisChannel,
    /// A phone number is paired with a channel address (PAR-6).
    ChannelForPhoneNumber,
    /// The identifier is a number of the pool (PAR-9).
    IdentifierInPool,
    /// `ProxyIdentifierSid` and `ProxyIdentifier` name different numbers (PAR-7).
    DifferentNumbers,
    /// Identifier and proxy identifier are the same (PAR-9).
    SameAddress,
}

/// Why a pending addition cannot be finished or cancelled (CON-6).
///
/// ```
/// # use twilio_proxy_core::{NewService, NewSession, Policy, Service, Timestamp, sid};
/// use twilio_proxy_core::FinishAddParticipantError;
///
/// # let new = NewService::new(
/// #     sid!("KS00000000000000000000000000000001"),
/// #     sid!("AC00000000000000000000000000000001"),
/// #     "rides".parse()?,
/// # );
/// # let now = Timestamp::MIN;
/// # let mut service = Service::new(new, Policy::default(), now);
/// # let ride = service.create_session(NewSession::new(sid!("KC00000000000000000000000000000001")), now)?.sid;
/// let participant = sid!("KP00000000000000000000000000000009");
/// let error = service.finish_add_participant(ride, participant, now).unwrap_err();
/// assert_eq!(error, FinishAddParticipantError::PendingNotFound { participant }); // begin it anew
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize), serde(rename_all = "snake_case"))]
#[non_exhaustive]
pub enum FinishAddParticipantError {
    /// 20404: there is no such session.
    #[error(transparent)]
    SessionNotFound(#[from] SessionNotFound),
    /// 80607: the session is closed, which cancelled the addition.
    #[error(transparent)]
    SessionClosed(#[from] SessionClosed),
    /// 20404: the session has no pending addition with this SID.
    #[error("The requested resource {participant} was not found")]
    PendingNotFound {
        /// What was asked for.
        participant: ParticipantSid,
    },
}

impl FinishAddParticipantError {
    /// Its code in the error catalogue.
    #[must_use]
    pub const fn code(&self) -> Code {
        match self {
            Self::SessionNotFound(_) | Self::PendingNotFound { .. } => Code::NotFound,
            Self::SessionClosed(_) => Code::SessionClosed,
        }
    }
}

/// Why a participant cannot be removed (PAR-5).
///
/// ```
/// # use twilio_proxy_core::{NewNumber, NewParticipant, NewService, NewSession, Policy, Service, Timestamp, sid};
/// use twilio_proxy_core::RemoveParticipantError;
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
/// service.remove_participant(ride, alice, now)?;
/// let error = service.remove_participant(ride, alice, now).unwrap_err();
/// let RemoveParticipantError::AlreadyRemoved { date_deleted, .. } = error else { unreachable!() };
/// assert_eq!(date_deleted, now); // nothing is left to do
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize), serde(rename_all = "snake_case"))]
#[non_exhaustive]
pub enum RemoveParticipantError {
    /// 20404: there is no such session.
    #[error(transparent)]
    SessionNotFound(#[from] SessionNotFound),
    /// 20404: the session has no participant with this SID; a pending one is none yet (CON-9).
    #[error("The requested resource {participant} was not found")]
    ParticipantNotFound {
        /// What was asked for.
        participant: ParticipantSid,
    },
    /// 20404: the participant is removed already.
    #[error("The requested resource {participant} was not found")]
    AlreadyRemoved {
        /// The participant.
        participant: ParticipantSid,
        /// When it was removed.
        date_deleted: Timestamp,
    },
}

impl RemoveParticipantError {
    /// Its code in the error catalogue.
    #[must_use]
    pub const fn code(&self) -> Code {
        match self {
            Self::SessionNotFound(_) | Self::ParticipantNotFound { .. } | Self::AlreadyRemoved { .. } => Code::NotFound,
        }
    }
}
