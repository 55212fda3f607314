use crate::{
    address::ProxyNumber,
    code::Code,
    sid::{InteractionSid, ParticipantSid, SessionSid},
    text::CallbackUrl,
};

/// What Twilio's debugger would show (ERR-3). It carries no identifier and nothing that anybody said (INV-6).
///
/// Where a notification names another session and several qualify, it is the one created last. A `number` is the number
/// of the pool that was dialled or written to; `None` if that is an address on a channel.
///
/// ```
/// use twilio_proxy_core::{Code, Notification};
///
/// let notification = Notification::ApproachingMaximumPoolSize { reserved: false, numbers: 425 };
/// assert_eq!(notification.code(), Code::ApproachingMaximumPoolSize);
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Deserialize, serde::Serialize),
    serde(rename_all = "snake_case", deny_unknown_fields)
)]
#[non_exhaustive]
pub enum Notification {
    /// 12100: the answer to an out-of-session request calls itself JSON and cannot be used as such (WHK-5).
    DocumentParseFailure {
        /// The contact.
        interaction: InteractionSid,
        /// What it reached.
        number: Option<ProxyNumber>,
    },
    /// 80614: nobody else is in the session of the one who called or wrote (RTE-6).
    NoPartnerParticipant {
        /// The session.
        session: SessionSid,
        /// Who called or wrote.
        participant: ParticipantSid,
        /// The contact.
        interaction: InteractionSid,
        /// What it reached.
        number: Option<ProxyNumber>,
    },
    /// 80624: the reserved or the unreserved numbers of the pool have come to 85 % of what it may hold (NUM-3).
    ApproachingMaximumPoolSize {
        /// Which of the two limits it is.
        reserved: bool,
        /// How many numbers there are.
        numbers: u32,
    },
    /// 80801: a re-open went ahead although it made a pair active twice (CON-3).
    ReopenConflict {
        /// The session that was re-opened.
        session: SessionSid,
        /// The first participant of it whose pair is active elsewhere.
        participant: ParticipantSid,
        /// Where that pair is active.
        other_session: SessionSid,
    },
    /// 80802: a participant was added although its pair is active, or its identifier in flight, elsewhere (CON-2, CON-4).
    CreateConflict {
        /// The session that it was added to.
        session: SessionSid,
        /// The participant.
        participant: ParticipantSid,
        /// Where its identifier is in flight, else where its pair is active.
        other_session: SessionSid,
    },
    /// 80901: a message is an opt-out word (RTE-3).
    MessageMatchedStopWord {
        /// The contact.
        interaction: InteractionSid,
        /// What it reached.
        number: Option<ProxyNumber>,
    },
    /// 80902: a call belongs to no active session (RTE-4).
    NoActiveSession {
        /// The contact.
        interaction: InteractionSid,
        /// What it reached.
        number: Option<ProxyNumber>,
    },
    /// 80903: a message belongs to no active session (RTE-4).
    UnknownParticipant {
        /// The contact.
        interaction: InteractionSid,
        /// What it reached.
        number: Option<ProxyNumber>,
    },
    /// 80904: the session that a contact would have belonged to has expired (RTE-4).
    ExpiredSession {
        /// That session.
        session: SessionSid,
        /// The contact.
        interaction: InteractionSid,
        /// What it reached.
        number: Option<ProxyNumber>,
    },
    /// 80905: a contact that belongs to no session found no usable answer either (WHK-4, WHK-5).
    UnknownScenario {
        /// The contact.
        interaction: InteractionSid,
        /// What it reached.
        number: Option<ProxyNumber>,
    },
    /// 80906: a status was reported after the last one that there can be (INT-2).
    InteractionNotOpen {
        /// The session.
        session: SessionSid,
        /// The interaction.
        interaction: InteractionSid,
    },
    /// 80907: a status was reported of an interaction that there is not (INT-2).
    OpenInteractionNotFound {
        /// What was reported on.
        interaction: InteractionSid,
    },
    /// 80908: a callback or intercept request failed (WHK-7).
    CallbackError {
        /// Where it was sent.
        url: CallbackUrl,
    },
    /// 80909: the intercept blocked a contact (RTE-7).
    InboundContactRejected {
        /// The session.
        session: SessionSid,
        /// Who called or wrote.
        participant: ParticipantSid,
        /// The contact.
        interaction: InteractionSid,
        /// What it reached.
        number: Option<ProxyNumber>,
    },
    /// 80910: a message reached a voice-only session (RTE-5).
    MessageToVoiceOnlySession {
        /// The session.
        session: SessionSid,
        /// Who wrote.
        participant: ParticipantSid,
        /// The contact.
        interaction: InteractionSid,
        /// What it reached.
        number: Option<ProxyNumber>,
    },
    /// 80911: a call reached a message-only session (RTE-5).
    CallToMessageOnlySession {
        /// The session.
        session: SessionSid,
        /// Who called.
        participant: ParticipantSid,
        /// The contact.
        interaction: InteractionSid,
        /// What it reached.
        number: Option<ProxyNumber>,
    },
    /// 80913: an out-of-session request failed (WHK-5).
    OutOfSessionCallbackError {
        /// The contact.
        interaction: InteractionSid,
        /// What it reached.
        number: Option<ProxyNumber>,
    },
}

impl Notification {
    /// Its code in the error catalogue.
    ///
    /// ```
    /// use twilio_proxy_core::{Code, InteractionSid, Notification};
    ///
    /// let notification = Notification::OpenInteractionNotFound { interaction: InteractionSid::from_u128(1) };
    /// assert_eq!(notification.code(), Code::OpenInteractionNotFound);
    /// ```
    #[must_use]
    pub const fn code(&self) -> Code {
        match self {
            Self::DocumentParseFailure { .. } => Code::DocumentParseFailure,
            Self::NoPartnerParticipant { .. } => Code::NoPartnerParticipant,
            Self::ApproachingMaximumPoolSize { .. } => Code::ApproachingMaximumPoolSize,
            Self::ReopenConflict { .. } => Code::ReopenConflict,
            Self::CreateConflict { .. } => Code::CreateConflict,
            Self::MessageMatchedStopWord { .. } => Code::MessageMatchedStopWord,
            Self::NoActiveSession { .. } => Code::NoActiveSession,
            Self::UnknownParticipant { .. } => Code::UnknownParticipant,
            Self::ExpiredSession { .. } => Code::ExpiredSession,
            Self::UnknownScenario { .. } => Code::UnknownScenario,
            Self::InteractionNotOpen { .. } => Code::InteractionNotOpen,
            Self::OpenInteractionNotFound { .. } => Code::OpenInteractionNotFound,
            Self::CallbackError { .. } => Code::CallbackError,
            Self::InboundContactRejected { .. } => Code::InboundContactRejected,
            Self::MessageToVoiceOnlySession { .. } => Code::MessageToVoiceOnlySession,
            Self::CallToMessageOnlySession { .. } => Code::CallToMessageOnlySession,
            Self::OutOfSessionCallbackError { .. } => Code::OutOfSessionCallbackError,
        }
    }
}
