//! What leaves the machine besides answers (WHK-6). An embedder drains it with
//! [`Service::poll_event`](crate::Service::poll_event).

use crate::{
    code::Code,
    sid::{ParticipantSid, SessionSid},
};

/// Something for the embedder to do or to know, in the order in which it arose.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize), serde(rename_all = "snake_case"))]
#[non_exhaustive]
#[must_use]
pub enum Event {
    /// A notification for the debugger.
    Notification(Notification),
}

/// What Twilio's debugger would show (ERR-3). It carries no identifier (INV-6).
///
/// Where a notification names another session and several qualify, it is the one created last.
///
/// ```
/// use twilio_proxy_core::{Code, Notification};
///
/// let notification = Notification::ApproachingMaximumPoolSize { reserved: false, numbers: 425 };
/// assert_eq!(notification.code(), Code::ApproachingMaximumPoolSize);
/// ```
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Deserialize, serde::Serialize),
    serde(rename_all = "snake_case", deny_unknown_fields)
)]
#[non_exhaustive]
pub enum Notification {
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
}

impl Notification {
    /// Its code in the error catalogue.
    #[must_use]
    pub const fn code(&self) -> Code {
        match self {
            Self::ApproachingMaximumPoolSize { .. } => Code::ApproachingMaximumPoolSize,
            Self::ReopenConflict { .. } => Code::ReopenConflict,
            Self::CreateConflict { .. } => Code::CreateConflict,
        }
    }
}

impl From<Notification> for Event {
    fn from(notification: Notification) -> Self {
        Self::Notification(notification)
    }
}
