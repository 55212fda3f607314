use crate::{
    address::{Identifier, ProxyIdentifier},
    code::Code,
    interaction::{AnswerBody, ContactKind},
    participant::Participant,
    session::{Session, SessionMode},
    sid::{InteractionSid, SessionSid},
};

use super::AutoCreateError;

/// Who would be reached, and if nobody, why: the answer of [`Service::route`](crate::Service::route) (RTE-9).
///
/// Sessions and participants are shown as of the latest operation.
///
/// ```
/// # use twilio_proxy_core::{NewNumber, NewService, Policy, Service, Timestamp, sid};
/// use twilio_proxy_core::{ContactKind, Route};
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
/// match service.route(None, &"+14155551212".parse()?, ContactKind::Call, now) {
///     Route::OutOfSession { previous, expired, .. } => assert_eq!((previous, expired), (None, false)),
///     Route::Connect { from, to, .. } => println!("{from} calls {to}"),
///     other => panic!("{other:?}"),
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Route<'a> {
    /// The partner is reached.
    Connect {
        /// The session that carries it.
        session: &'a Session,
        /// Who calls or writes.
        caller: &'a Participant,
        /// Who is reached.
        partner: &'a Participant,
        /// What the partner sees: the partner's own proxy identifier (RTE-2).
        from: &'a ProxyIdentifier,
        /// Where the partner is reached.
        to: &'a Identifier,
    },
    /// 20404: no number of the pool is dialled, and no channel address that a stored participant has (RTE-12).
    UnknownProxyIdentifier,
    /// 80902 for a call, 80903 for a message: it belongs to no active session (RTE-4).
    OutOfSession {
        /// What it is.
        kind: ContactKind,
        /// The session that it would have belonged to last.
        previous: Option<&'a Session>,
        /// Whether that one has expired, which comes first as 80904.
        expired: bool,
    },
    /// 80910, 80911: the session does not carry this kind of contact (RTE-5).
    WrongMode {
        /// The session.
        session: &'a Session,
        /// Who calls or writes.
        caller: &'a Participant,
    },
    /// 80614: nobody else is in the session (RTE-6).
    NoPartner {
        /// The session.
        session: &'a Session,
        /// Who calls or writes.
        caller: &'a Participant,
    },
}

impl Route<'_> {
    /// The code of what stands in the way, if anything does.
    ///
    /// ```
    /// # use twilio_proxy_core::{NewNumber, NewService, Policy, Service, Timestamp, sid};
    /// use twilio_proxy_core::{Code, ContactKind};
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
    /// let route = service.route(None, &"+14155551212".parse()?, ContactKind::Message, now);
    /// assert_eq!(route.code(), Some(Code::UnknownParticipant));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub const fn code(&self) -> Option<Code> {
        match self {
            Self::Connect { .. } => None,
            Self::UnknownProxyIdentifier => Some(Code::NotFound),
            Self::OutOfSession { kind, .. } => Some(out_of_session(*kind)),
            Self::WrongMode { session, .. } => match session.mode {
                SessionMode::VoiceOnly => Some(Code::MessageToVoiceOnlySession),
                SessionMode::MessageOnly => Some(Code::CallToMessageOnlySession),
                SessionMode::VoiceAndMessage => None,
            },
            Self::NoPartner { .. } => Some(Code::NoPartnerParticipant),
        }
    }
}

/// What has become of a contact. What is to be sent or connected leaves as an [`Event`](crate::Event) (WHK-6).
///
/// ```
/// use twilio_proxy_core::{Code, InteractionSid, Outcome};
///
/// let dropped = Outcome::Dropped { interaction: InteractionSid::from_u128(1) };
/// assert_eq!(dropped.code(), Some(Code::MessageMatchedStopWord));
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Deserialize, serde::Serialize),
    serde(rename_all = "snake_case", deny_unknown_fields)
)]
#[non_exhaustive]
pub enum Outcome {
    /// It is connected (RTE-2).
    Connected {
        /// The session that carries it.
        session: SessionSid,
        /// Its record.
        interaction: InteractionSid,
        /// What the partner sees: the partner's own proxy identifier.
        from: ProxyIdentifier,
        /// Where the partner is reached. Personal data.
        to: Identifier,
    },
    /// It waits for the verdict of the intercept (RTE-7, RTE-11).
    Waiting {
        /// The session that will carry it.
        session: SessionSid,
        /// The SID that its record will have.
        interaction: InteractionSid,
    },
    /// 80902 for a call, 80903 for a message: it belongs to no active session (RTE-4).
    OutOfSession {
        /// The contact.
        interaction: InteractionSid,
        /// What it is.
        kind: ContactKind,
        /// The session that it would have belonged to last.
        previous: Option<SessionSid>,
        /// Whether that one has expired: 80904 came first.
        expired: bool,
        /// Whether an out-of-session request is on its way and the contact waits for the answer:
        /// [`resolve_out_of_session`](crate::Service::resolve_out_of_session) takes it, and that there was none. If not,
        /// the service has no URL to send the request to, and 80905 came last (WHK-5).
        awaits_answer: bool,
    },
    /// 80901: it is an opt-out word (RTE-3).
    Dropped {
        /// The contact.
        interaction: InteractionSid,
    },
    /// The session cannot carry it.
    Rejected {
        /// The session.
        session: SessionSid,
        /// The contact.
        interaction: InteractionSid,
        /// Why.
        reason: Rejection,
    },
    /// 80909: the intercept blocked it (RTE-7).
    Blocked {
        /// The session.
        session: SessionSid,
        /// The contact.
        interaction: InteractionSid,
    },
    /// The answer to the out-of-session request is TwiML, which is the embedder's to follow (WHK-5).
    Twiml {
        /// The contact.
        interaction: InteractionSid,
        /// The document, unread.
        document: AnswerBody,
    },
    /// The answer to the out-of-session request led nowhere.
    Failed {
        /// The contact.
        interaction: InteractionSid,
        /// Why.
        failure: OutOfSessionFailure,
    },
}

impl Outcome {
    /// The code of what stood in the way, if anything did.
    ///
    /// ```
    /// use twilio_proxy_core::{Code, InteractionSid, Outcome, SessionSid};
    ///
    /// let blocked = Outcome::Blocked { session: SessionSid::from_u128(1), interaction: InteractionSid::from_u128(1) };
    /// assert_eq!(blocked.code(), Some(Code::InboundContactRejected));
    /// ```
    #[must_use]
    pub const fn code(&self) -> Option<Code> {
        match self {
            Self::Connected { .. } | Self::Waiting { .. } | Self::Twiml { .. } => None,
            Self::OutOfSession { kind, .. } => Some(out_of_session(*kind)),
            Self::Dropped { .. } => Some(Code::MessageMatchedStopWord),
            Self::Rejected { reason, .. } => Some(reason.code()),
            Self::Blocked { .. } => Some(Code::InboundContactRejected),
            Self::Failed { failure, .. } => Some(failure.code()),
        }
    }
}

/// Why a session cannot carry a contact (RTE-5, RTE-6).
///
/// ```
/// use twilio_proxy_core::{Code, InteractionSid, Outcome, Rejection, SessionSid};
///
/// let rejected = Outcome::Rejected {
///     session: SessionSid::from_u128(1),
///     interaction: InteractionSid::from_u128(1),
///     reason: Rejection::NoPartnerParticipant,
/// };
/// assert_eq!(rejected.code(), Some(Code::NoPartnerParticipant));
/// ```
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize), serde(rename_all = "snake_case"))]
#[non_exhaustive]
pub enum Rejection {
    /// 80910: it is voice-only, and the contact a message.
    MessageToVoiceOnlySession,
    /// 80911: it is message-only, and the contact a call.
    CallToMessageOnlySession,
    /// 80614: nobody else is in it.
    NoPartnerParticipant,
}

impl Rejection {
    /// Its code in the error catalogue.
    ///
    /// ```
    /// use twilio_proxy_core::Rejection;
    ///
    /// assert_eq!(Rejection::NoPartnerParticipant.code().number(), 80614);
    /// ```
    #[must_use]
    pub const fn code(self) -> Code {
        match self {
            Self::MessageToVoiceOnlySession => Code::MessageToVoiceOnlySession,
            Self::CallToMessageOnlySession => Code::CallToMessageOnlySession,
            Self::NoPartnerParticipant => Code::NoPartnerParticipant,
        }
    }
}

/// Why the answer to an out-of-session request led nowhere (WHK-4, WHK-5).
///
/// ```
/// use twilio_proxy_core::{AutoCreateError, Code, OutOfSessionFailure};
///
/// let failed = OutOfSessionFailure::AutoCreate(AutoCreateError::CallerWithheld);
/// assert_eq!(failed.code(), Code::ParameterInvalid);
/// assert_eq!(OutOfSessionFailure::NoSuccess.code(), Code::OutOfSessionCallbackError);
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize), serde(rename_all = "snake_case"))]
#[non_exhaustive]
pub enum OutOfSessionFailure {
    /// 80913: there was no answer, or its status is not 200 to 299.
    NoSuccess,
    /// 80905: it is empty, or neither JSON nor TwiML by its media type.
    NoScenario,
    /// 12100: it is no JSON object that a session can be created from.
    Unreadable,
    /// It asks for a session that cannot be created, which is raised as 80905; the code is that of the reason.
    AutoCreate(AutoCreateError),
}

impl OutOfSessionFailure {
    /// The code of the reason.
    #[must_use]
    pub const fn code(&self) -> Code {
        match self {
            Self::NoSuccess => Code::OutOfSessionCallbackError,
            Self::NoScenario => Code::UnknownScenario,
            Self::Unreadable => Code::DocumentParseFailure,
            Self::AutoCreate(error) => error.code(),
        }
    }
}

const fn out_of_session(kind: ContactKind) -> Code {
    match kind {
        ContactKind::Call => Code::NoActiveSession,
        ContactKind::Message => Code::UnknownParticipant,
    }
}
