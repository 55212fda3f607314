use super::{AnswerBody, ContentType};
use crate::sid::{ParticipantSid, SessionSid};

/// What came back for a request that was sent (WHK-7).
///
/// ```
/// use twilio_proxy_core::WebhookAnswer;
///
/// assert!(WebhookAnswer::Status(204).is_success());
/// assert!(!WebhookAnswer::None.is_success());
/// ```
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[cfg_attr(feature = "arbitrary", derive(arbitrary::Arbitrary))]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize), serde(rename_all = "snake_case"))]
#[expect(clippy::exhaustive_enums, reason = "an answer came or did not")]
pub enum WebhookAnswer {
    /// An answer with this HTTP status.
    Status(u16),
    /// No answer: it could not be sent, or nothing came in time.
    #[default]
    None,
}

impl WebhookAnswer {
    /// Whether it is an answer with a status of 200 to 299.
    ///
    /// ```
    /// use twilio_proxy_core::WebhookAnswer;
    ///
    /// assert!(WebhookAnswer::Status(200).is_success());
    /// assert!(!WebhookAnswer::Status(302).is_success());
    /// ```
    #[must_use]
    pub const fn is_success(self) -> bool {
        matches!(self, Self::Status(200..=299))
    }
}

/// What came back for an out-of-session request (WHK-5). The default is no answer.
///
/// ```
/// use twilio_proxy_core::{OutOfSessionAnswer, WebhookAnswer};
///
/// let answer = OutOfSessionAnswer {
///     status: WebhookAnswer::Status(200),
///     content_type: Some("application/json".parse()?),
///     body: r#"{"participantIdentifier":"+15558675311"}"#.parse()?,
/// };
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default, Eq, PartialEq)]
#[cfg_attr(feature = "arbitrary", derive(arbitrary::Arbitrary))]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize), serde(default, deny_unknown_fields))]
#[expect(clippy::exhaustive_structs, reason = "written as a literal")]
pub struct OutOfSessionAnswer {
    /// Its HTTP status, if it came.
    pub status: WebhookAnswer,
    /// Its `Content-Type`, if it has one.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub content_type: Option<ContentType>,
    /// What it says: TwiML, or the JSON that creates a session.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "AnswerBody::is_empty"))]
    pub body: AnswerBody,
}

/// SIDs for what an out-of-session answer may create (WHK-4, SID-4).
///
/// ```
/// use twilio_proxy_core::{AutoCreateSids, ParticipantSid, SessionSid};
///
/// let sids = AutoCreateSids {
///     session: SessionSid::from_u128(1),
///     caller: ParticipantSid::from_u128(1),
///     partner: ParticipantSid::from_u128(2),
/// };
/// ```
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "arbitrary", derive(arbitrary::Arbitrary))]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize), serde(deny_unknown_fields))]
#[expect(clippy::exhaustive_structs, reason = "written as a literal")]
pub struct AutoCreateSids {
    /// Of the session.
    pub session: SessionSid,
    /// Of the participant who called or wrote.
    pub caller: ParticipantSid,
    /// Of the other participant.
    pub partner: ParticipantSid,
}
