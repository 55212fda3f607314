//! Sessions: their status moves and their deadline.
//!
//! ```text
//!            first interaction                Status=in-progress (re-open)
//!    open ───────────────────▶ in-progress ◀──────────────────────────────┐
//!      │                            │                                     │
//!      │   Status=closed, expiry    │   Status=closed, expiry             │
//!      └──────────────▶ closed ◀────┘                                     │
//!                          └──────────────────────────────────────────────┘
//! ```

use alloc::vec::Vec;

use crate::{
    participant::NewParticipant,
    sid::SessionSid,
    text::SessionName,
    time::{Span, Timestamp, Ttl},
};

/// A conversation of at most two people through masked numbers.
///
/// Fields are those of Twilio's Session resource; the SIDs of its parents are left to whoever asks.
///
/// ```text
///          create               first interaction
///  (none) ────────▶ open ─────────────────────────▶ in-progress ◀─┐
///                    │                                   │        │ re-open
///                    │ closed by an update, or expired   │        │
///                    └──────────────▶ closed ◀───────────┘        │
///                                      │ └────────────────────────┘
///             deleted in any state, or │ once retention is over
///                                      ▼
///                                   (none)
/// ```
///
/// ```
/// use twilio_proxy_core::{NewService, NewSession, Policy, Service, SessionMode, SessionStatus, Timestamp, sid};
///
/// let names = NewService::new(
///     sid!("KS00000000000000000000000000000001"),
///     sid!("AC00000000000000000000000000000001"),
///     "rides".parse()?,
/// );
/// let mut service = Service::new(names, Policy::default(), Timestamp::MIN);
/// let mut new = NewSession::new(sid!("KC00000000000000000000000000000001"));
/// new.unique_name = Some("job-17".parse()?);
/// let session = service.create_session(new, Timestamp::MIN)?;
/// assert_eq!(session.status, SessionStatus::Open);
/// assert_eq!(session.mode, SessionMode::VoiceAndMessage);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize), serde(deny_unknown_fields))]
#[non_exhaustive]
pub struct Session {
    /// Its SID.
    pub sid: SessionSid,
    /// When its first interaction was.
    pub date_started: Option<Timestamp>,
    /// When it was closed, or expired.
    pub date_ended: Option<Timestamp>,
    /// When its last interaction was.
    pub date_last_interaction: Option<Timestamp>,
    /// When it is to expire, whatever its TTL (EXP-1).
    pub date_expiry: Option<Timestamp>,
    /// The name that it can be fetched by, if it has one.
    pub unique_name: Option<SessionName>,
    /// Where it is in its life.
    pub status: SessionStatus,
    /// Why it is closed; `None` while it is active.
    pub closed_reason: Option<ClosedReason>,
    /// How long it lives after its creation, its last re-open or its last interaction, whichever is latest (EXP-1).
    pub ttl: Ttl,
    /// What it carries.
    pub mode: SessionMode,
    /// When it was created.
    pub date_created: Timestamp,
    /// When it last changed (TIM-5).
    pub date_updated: Timestamp,
}

impl Session {
    /// When it expires, counted from `base` (EXP-1).
    pub(crate) fn expiry(&self, base: Timestamp, default_lifetime: Option<Span>) -> Option<Timestamp> {
        if self.date_expiry.is_some() {
            return self.date_expiry;
        }
        let lifetime = match self.ttl.as_seconds() {
            0 => default_lifetime?.as_seconds(),
            seconds => seconds,
        };
        base.checked_add(lifetime.into())
    }

    /// It has had an interaction: it has begun, and its TTL counts from here (SES-6, RTE-8, TIM-5).
    pub(crate) fn interact(&mut self, now: Timestamp) {
        self.status = SessionStatus::InProgress;
        self.date_started = self.date_started.or(Some(now));
        self.date_last_interaction = Some(now);
        self.date_updated = now;
    }

    pub(crate) const fn close(&mut self, ended: Timestamp, reason: ClosedReason) {
        self.status = SessionStatus::Closed;
        self.closed_reason = Some(reason);
        self.date_ended = Some(ended);
        self.date_updated = ended;
    }

    /// Re-opens it and drops an expiry date that has passed (SES-7, EXP-5).
    pub(crate) fn reopen(&mut self, now: Timestamp) {
        self.status = SessionStatus::InProgress;
        self.closed_reason = None;
        self.date_ended = None;
        self.date_expiry = self.date_expiry.filter(|expiry| *expiry > now);
        self.date_updated = now;
    }
}

literals! {
    /// Where a session is in its life (SES-5, SES-9).
    ///
    /// ```
    /// use twilio_proxy_core::SessionStatus;
    ///
    /// assert_eq!("in-progress".parse(), Ok(SessionStatus::InProgress));
    /// assert!(SessionStatus::InProgress.is_active());
    /// ```
    #[expect(clippy::exhaustive_enums, reason = "an embedder must know every status of the API")]
    pub enum SessionStatus {
        /// It has had no interaction yet.
        Open = "open",
        /// It has had an interaction, or was re-opened.
        InProgress = "in-progress",
        /// It carries nothing, and can be re-opened.
        Closed = "closed",
        /// Known to the API, never produced here.
        Failed = "failed",
        /// Known to the API, never produced here.
        Unknown = "unknown",
    }
}

impl SessionStatus {
    /// Whether a session with this status is active: open or in progress (SES-9).
    ///
    /// ```
    /// use twilio_proxy_core::SessionStatus;
    ///
    /// assert!(SessionStatus::Open.is_active());
    /// assert!(!SessionStatus::Closed.is_active());
    /// ```
    #[must_use]
    pub const fn is_active(self) -> bool {
        matches!(self, Self::Open | Self::InProgress)
    }

    /// What an update to `requested` does to a session with this status (SES-5).
    ///
    /// ```
    /// use twilio_proxy_core::{SessionStatus, StatusMove, StatusMoveError};
    ///
    /// assert_eq!(SessionStatus::Open.move_to(SessionStatus::Closed), Ok(StatusMove::Close));
    /// assert_eq!(SessionStatus::Closed.move_to(SessionStatus::InProgress), Ok(StatusMove::Reopen));
    /// assert_eq!(SessionStatus::Closed.move_to(SessionStatus::Open), Err(StatusMoveError::Unsupported));
    /// ```
    ///
    /// # Errors
    ///
    /// [`StatusMoveError`]: 80607 for closing what is closed, 80608 for every other move that there is not.
    pub const fn move_to(self, requested: Self) -> Result<StatusMove, StatusMoveError> {
        match (self, requested) {
            (Self::Open | Self::InProgress, Self::Closed) => Ok(StatusMove::Close),
            (Self::Closed, Self::InProgress) => Ok(StatusMove::Reopen),
            (Self::Closed, Self::Closed) => Err(StatusMoveError::AlreadyClosed),
            (Self::Failed | Self::Unknown, _)
            | (Self::Open | Self::InProgress, Self::InProgress)
            | (_, Self::Open | Self::Failed | Self::Unknown) => Err(StatusMoveError::Unsupported),
        }
    }
}

/// A change of status that an update can ask for.
///
/// ```
/// use twilio_proxy_core::{SessionStatus, StatusMove};
///
/// assert_eq!(SessionStatus::Closed.move_to(SessionStatus::InProgress), Ok(StatusMove::Reopen));
/// ```
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[expect(clippy::exhaustive_enums, reason = "SES-5 knows these two")]
pub enum StatusMove {
    /// From open or in-progress to closed.
    Close,
    /// From closed to in-progress.
    Reopen,
}

/// Why a status cannot be moved (SES-5).
///
/// ```
/// use twilio_proxy_core::{SessionStatus, StatusMoveError};
///
/// assert_eq!(SessionStatus::Closed.move_to(SessionStatus::Closed), Err(StatusMoveError::AlreadyClosed));
/// ```
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[expect(clippy::exhaustive_enums, reason = "SES-5 knows these two")]
pub enum StatusMoveError {
    /// It is closed already: 80607.
    AlreadyClosed,
    /// There is no such move: 80608.
    Unsupported,
}

literals! {
    /// What a session carries.
    ///
    /// ```
    /// use twilio_proxy_core::SessionMode;
    ///
    /// assert_eq!(SessionMode::default().to_string(), "voice-and-message");
    /// assert!(!SessionMode::MessageOnly.has_voice());
    /// ```
    #[derive(Default)]
    #[expect(clippy::exhaustive_enums, reason = "an embedder must know every mode of the API")]
    pub enum SessionMode {
        /// Messages.
        MessageOnly = "message-only",
        /// Calls.
        VoiceOnly = "voice-only",
        /// Both.
        #[default]
        VoiceAndMessage = "voice-and-message",
    }
}

impl SessionMode {
    /// Whether it carries calls.
    ///
    /// ```
    /// use twilio_proxy_core::SessionMode;
    ///
    /// assert!(SessionMode::VoiceAndMessage.has_voice());
    /// assert!(!SessionMode::MessageOnly.has_voice());
    /// ```
    #[must_use]
    pub const fn has_voice(self) -> bool {
        matches!(self, Self::VoiceOnly | Self::VoiceAndMessage)
    }

    /// Whether it carries messages.
    ///
    /// ```
    /// use twilio_proxy_core::SessionMode;
    ///
    /// assert!(SessionMode::VoiceAndMessage.has_messages());
    /// assert!(!SessionMode::VoiceOnly.has_messages());
    /// ```
    #[must_use]
    pub const fn has_messages(self) -> bool {
        matches!(self, Self::MessageOnly | Self::VoiceAndMessage)
    }
}

literals! {
    /// Why a session is closed (SES-7, EXP-3).
    ///
    /// ```
    /// use twilio_proxy_core::ClosedReason;
    ///
    /// assert_eq!(ClosedReason::Expired.as_str(), "expired");
    /// assert_eq!("api".parse(), Ok(ClosedReason::Api));
    /// ```
    #[non_exhaustive]
    pub enum ClosedReason {
        /// An update closed it.
        Api = "api",
        /// Its deadline passed.
        Expired = "expired",
    }
}

/// A session to create, with up to two participants (SES-3).
///
/// ```
/// use twilio_proxy_core::{NewSession, SessionMode, SessionSid, Ttl};
///
/// let mut new = NewSession::new(SessionSid::from_bytes([7; 16]));
/// new.mode = SessionMode::MessageOnly;
/// new.ttl = Some(Ttl::from_seconds(3_600)?);
/// # Ok::<(), twilio_proxy_core::TtlOutOfRange>(())
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "arbitrary", derive(arbitrary::Arbitrary))]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize), serde(deny_unknown_fields))]
#[non_exhaustive]
pub struct NewSession {
    /// Its SID, which must be free (SID-4).
    pub sid: SessionSid,
    /// The name that it can be fetched by, unique in the service (SES-2).
    #[cfg_attr(feature = "serde", serde(default, skip_serializing_if = "Option::is_none"))]
    pub unique_name: Option<SessionName>,
    /// When it is to expire; must lie in the future (EXP-4).
    #[cfg_attr(feature = "serde", serde(default, skip_serializing_if = "Option::is_none"))]
    pub date_expiry: Option<Timestamp>,
    /// How long it lives after its creation, its last re-open or its last interaction, whichever is latest (EXP-1).
    /// Default: the service's `default_ttl`.
    #[cfg_attr(feature = "serde", serde(default, skip_serializing_if = "Option::is_none"))]
    pub ttl: Option<Ttl>,
    /// What it carries. Default: calls and messages.
    #[cfg_attr(feature = "serde", serde(default))]
    pub mode: SessionMode,
    /// Its status: `open`, or left out (SES-4).
    #[cfg_attr(feature = "serde", serde(default, skip_serializing_if = "Option::is_none"))]
    pub status: Option<SessionStatus>,
    /// Who takes part from the start: two at most.
    #[cfg_attr(feature = "serde", serde(default, skip_serializing_if = "Vec::is_empty"))]
    pub participants: Vec<NewParticipant>,
    /// Whether this request is strict whatever the policy says (CON-1).
    #[cfg_attr(feature = "serde", serde(default, skip_serializing_if = "core::ops::Not::not"))]
    pub fail_on_participant_conflict: bool,
}

impl NewSession {
    /// A session with every default and nobody in it (SES-1).
    ///
    /// ```
    /// use twilio_proxy_core::{NewSession, SessionMode, sid};
    ///
    /// let new = NewSession::new(sid!("KC00000000000000000000000000000001"));
    /// assert_eq!((new.mode, new.ttl), (SessionMode::VoiceAndMessage, None));
    /// ```
    #[must_use]
    pub const fn new(sid: SessionSid) -> Self {
        Self {
            sid,
            unique_name: None,
            date_expiry: None,
            ttl: None,
            mode: SessionMode::VoiceAndMessage,
            status: None,
            participants: Vec::new(),
            fail_on_participant_conflict: false,
        }
    }
}

/// Changes to a session; what is `None` stays (SES-8).
///
/// ```
/// use twilio_proxy_core::{SessionStatus, SessionUpdate};
///
/// let close = SessionUpdate { status: Some(SessionStatus::Closed), ..SessionUpdate::default() };
/// assert_eq!(close.ttl, None);
/// ```
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[cfg_attr(feature = "arbitrary", derive(arbitrary::Arbitrary))]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize), serde(default, deny_unknown_fields))]
#[expect(clippy::exhaustive_structs, reason = "written as a literal")]
pub struct SessionUpdate {
    /// The status to move to: `closed`, or `in-progress` to re-open (SES-5).
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub status: Option<SessionStatus>,
    /// A new TTL; the instant that it counts from stays (EXP-6).
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub ttl: Option<Ttl>,
    /// A new expiry date; must lie in the future (EXP-4).
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub date_expiry: Option<Timestamp>,
    /// Whether this request is strict whatever the policy says (CON-1).
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "core::ops::Not::not"))]
    pub fail_on_participant_conflict: bool,
}
