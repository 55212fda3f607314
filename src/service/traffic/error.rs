//! Why an operation on calls and messages is refused. The variants of each type stand in the order of the checks.

use crate::{
    code::Code,
    service::{CreateSessionError, SessionClosed, SessionNotFound},
    sid::{InteractionSid, ParticipantSid},
};

/// Why a contact is not taken in (RTE-12).
///
/// ```
/// # use twilio_proxy_core::{NewService, Policy, Service, Timestamp, sid};
/// use twilio_proxy_core::{Inbound, ReceiveError};
///
/// # let new = NewService::new(
/// #     sid!("KS00000000000000000000000000000001"),
/// #     sid!("AC00000000000000000000000000000001"),
/// #     "rides".parse()?,
/// # );
/// # let now = Timestamp::MIN;
/// # let mut service = Service::new(new, Policy::default(), now);
/// let call = "CA00000000000000000000000000000001".parse()?;
/// let inbound = Inbound::call(sid!("KI00000000000000000000000000000001"), call, None, "+14155550000".parse()?);
/// match service.receive(inbound, now) {
///     Err(ReceiveError::UnknownProxyIdentifier) => {} // the number is not of this service
///     other => panic!("{other:?}"),
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize), serde(rename_all = "snake_case"))]
#[non_exhaustive]
pub enum ReceiveError {
    /// 20404: it came in neither at a number of the pool nor at a channel address that a stored participant has.
    #[error("The requested resource was not found: nobody here is reached at what was dialled")]
    UnknownProxyIdentifier,
    /// 20409: another interaction, or a waiting contact, has this SID (SID-4).
    #[error("the SID {interaction} is taken")]
    SidTaken {
        /// The SID.
        interaction: InteractionSid,
    },
}

impl ReceiveError {
    /// Its code in the error catalogue.
    #[must_use]
    pub const fn code(&self) -> Code {
        match self {
            Self::UnknownProxyIdentifier => Code::NotFound,
            Self::SidTaken { .. } => Code::Conflict,
        }
    }
}

/// 20404: no contact with this SID waits for an answer of this kind: there never was one, it has been answered, or it was
/// dropped (RTE-11).
///
/// ```
/// # use twilio_proxy_core::{NewService, Policy, Service, Timestamp, sid};
/// use twilio_proxy_core::{Code, WebhookAnswer};
///
/// # let new = NewService::new(
/// #     sid!("KS00000000000000000000000000000001"),
/// #     sid!("AC00000000000000000000000000000001"),
/// #     "rides".parse()?,
/// # );
/// # let now = Timestamp::MIN;
/// # let mut service = Service::new(new, Policy::default(), now);
/// let contact = sid!("KI00000000000000000000000000000009");
/// let error = service.resolve_intercept(contact, WebhookAnswer::Status(200), now).unwrap_err();
/// assert_eq!((error.interaction, error.code()), (contact, Code::NotFound)); // it came too late
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
#[non_exhaustive]
#[error("The requested resource {interaction} was not found")]
pub struct ResolveError {
    /// What was answered.
    pub interaction: InteractionSid,
}

impl ResolveError {
    /// Its code in the error catalogue.
    #[must_use]
    pub const fn code(&self) -> Code {
        Code::NotFound
    }
}

/// Why a message cannot be sent to a participant (INT-4).
///
/// ```
/// # use twilio_proxy_core::{NewNumber, NewParticipant, NewService, NewSession, Policy, Service, Timestamp, sid};
/// use twilio_proxy_core::{NewMessage, SendMessageError};
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
/// let empty = NewMessage::new(sid!("KI00000000000000000000000000000001"), "".parse()?);
/// assert_eq!(service.send_message(ride, alice, empty, now), Err(SendMessageError::BodyMissing));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize), serde(rename_all = "snake_case"))]
#[non_exhaustive]
pub enum SendMessageError {
    /// 20404: there is no such session.
    #[error(transparent)]
    SessionNotFound(#[from] SessionNotFound),
    /// 20404: the session has no such participant, or it is removed, or still pending (CON-9).
    #[error("The requested resource {participant} was not found")]
    ParticipantNotFound {
        /// What was asked for.
        participant: ParticipantSid,
    },
    /// 80701: it says nothing.
    #[error("'Body' is invalid. A message needs one")]
    BodyMissing,
    /// 20409: another interaction, or a waiting contact, has this SID (SID-4).
    #[error("the SID {interaction} is taken")]
    SidTaken {
        /// The SID.
        interaction: InteractionSid,
    },
    /// 80607: the session is closed.
    #[error(transparent)]
    SessionClosed(#[from] SessionClosed),
    /// 80616: the session is voice-only.
    #[error("the session carries no messages")]
    VoiceOnlySession,
}

impl SendMessageError {
    /// Its code in the error catalogue.
    #[must_use]
    pub const fn code(&self) -> Code {
        match self {
            Self::SessionNotFound(_) | Self::ParticipantNotFound { .. } => Code::NotFound,
            Self::BodyMissing => Code::ParameterInvalid,
            Self::SidTaken { .. } => Code::Conflict,
            Self::SessionClosed(_) => Code::SessionClosed,
            Self::VoiceOnlySession => Code::UnsupportedIdentifierType,
        }
    }
}

/// Why an interaction cannot be deleted (INT-5).
///
/// ```
/// # use twilio_proxy_core::{NewService, NewSession, Policy, Service, Timestamp, sid};
/// use twilio_proxy_core::DeleteInteractionError;
///
/// # let new = NewService::new(
/// #     sid!("KS00000000000000000000000000000001"),
/// #     sid!("AC00000000000000000000000000000001"),
/// #     "rides".parse()?,
/// # );
/// # let now = Timestamp::MIN;
/// # let mut service = Service::new(new, Policy::default(), now);
/// # let ride = service.create_session(NewSession::new(sid!("KC00000000000000000000000000000001")), now)?.sid;
/// let interaction = sid!("KI00000000000000000000000000000009");
/// let error = service.delete_interaction(ride, interaction, now).unwrap_err();
/// assert_eq!(error, DeleteInteractionError::InteractionNotFound { interaction });
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize), serde(rename_all = "snake_case"))]
#[non_exhaustive]
pub enum DeleteInteractionError {
    /// 20404: there is no such session.
    #[error(transparent)]
    SessionNotFound(#[from] SessionNotFound),
    /// 20404: the session has no such interaction; a waiting contact is none yet (RTE-11).
    #[error("The requested resource {interaction} was not found")]
    InteractionNotFound {
        /// What was asked for.
        interaction: InteractionSid,
    },
}

impl DeleteInteractionError {
    /// Its code in the error catalogue.
    #[must_use]
    pub const fn code(&self) -> Code {
        match self {
            Self::SessionNotFound(_) | Self::InteractionNotFound { .. } => Code::NotFound,
        }
    }
}

/// Why the session that an out-of-session answer asks for cannot be created (WHK-4).
///
/// ```
/// use twilio_proxy_core::{AutoCreateError, AutoCreateParameter, Code};
///
/// let error = AutoCreateError::ParameterInvalid { parameter: AutoCreateParameter::Ttl };
/// assert_eq!(error.to_string(), "'ttl' is invalid");
/// assert_eq!(error.code(), Code::ParameterInvalid);
/// ```
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize), serde(rename_all = "snake_case"))]
#[non_exhaustive]
pub enum AutoCreateError {
    /// 80701: a value is malformed or out of range.
    #[error("'{parameter}' is invalid")]
    ParameterInvalid {
        /// Which.
        parameter: AutoCreateParameter,
    },
    /// 80701: the caller is withheld, and cannot take part (RTE-10).
    #[error("the caller is withheld")]
    CallerWithheld,
    /// 80404: `participantIdentifier` is neither a phone number nor a channel address (TXT-2).
    #[error("Participant identifier does not appear to be a valid, reachable identity")]
    ParticipantIdentifierInvalid,
    /// The session is refused like any other. The participant with index 0 is the caller.
    #[error(transparent)]
    Session(#[from] CreateSessionError),
}

impl AutoCreateError {
    /// Its code in the error catalogue.
    #[must_use]
    pub const fn code(&self) -> Code {
        match self {
            Self::ParameterInvalid { .. } | Self::CallerWithheld => Code::ParameterInvalid,
            Self::ParticipantIdentifierInvalid => Code::ParticipantIdentifierInvalid,
            Self::Session(error) => error.code(),
        }
    }
}

literals! {
    /// A key of an out-of-session answer that asks for a session (WHK-4).
    ///
    /// ```
    /// use twilio_proxy_core::AutoCreateParameter;
    ///
    /// assert_eq!(AutoCreateParameter::ParticipantIdentifier.as_str(), "participantIdentifier");
    /// ```
    #[non_exhaustive]
    pub enum AutoCreateParameter {
        /// The name of the session.
        UniqueName = "uniqueName",
        /// When it is to expire.
        DateExpiry = "dateExpiry",
        /// How long it lives after its last interaction.
        Ttl = "ttl",
        /// What it carries.
        Mode = "mode",
        /// Who the other participant is.
        ParticipantIdentifier = "participantIdentifier",
        /// The other participant's proxy identifier.
        ParticipantProxyIdentifier = "participantProxyIdentifier",
    }
}
