//! Calls and messages: what comes in, the record of what was connected, and how it goes on from there.

mod answer;
mod contact;
mod content;

use alloc::{boxed::Box, format};
use core::fmt;

pub use self::{
    answer::{AutoCreateSids, OutOfSessionAnswer, WebhookAnswer},
    contact::{Contact, ContactKind, Inbound},
    content::{
        AnswerBody, AnswerBodyTooLong, ContentType, FormParameters, FormParametersError, Media, MediaUrl, MessageBody,
        ParseMediaUrlError, TooManyMediaUrls,
    },
};
use crate::{
    sid::{AccountSid, InteractionSid, ParticipantSid, ResourceSid},
    time::Timestamp,
};

/// A call or message that was connected, or a message that was sent to one participant alone (INT-1, INT-3).
///
/// Fields are those of Twilio's Interaction resource; the SIDs of its parents are left to whoever asks. What was said is
/// personal: `Debug` leaves `data` out.
///
/// ```
/// use twilio_proxy_core::{
///     NewMessage, NewNumber, NewParticipant, NewService, NewSession, Policy, ResourceStatus, Service, Timestamp, sid,
/// };
///
/// let now = Timestamp::MIN;
/// let names = NewService::new(
///     sid!("KS00000000000000000000000000000001"),
///     sid!("AC00000000000000000000000000000001"),
///     "rides".parse()?,
/// );
/// let mut service = Service::new(names, Policy::default(), now);
/// service.add_number(NewNumber::phone(sid!("PN00000000000000000000000000000001"), "+14155551212".parse()?), now)?;
/// let ride = service.create_session(NewSession::new(sid!("KC00000000000000000000000000000001")), now)?.sid;
/// let alice = NewParticipant::new(sid!("KP00000000000000000000000000000001"), "+15558675310".parse()?);
/// let alice = service.add_participant(ride, alice, now)?.sid;
/// let welcome = NewMessage::new(sid!("KI00000000000000000000000000000001"), "Welcome!".parse()?);
/// let interaction = service.send_message(ride, alice, welcome, now)?;
/// assert_eq!(interaction.data.as_deref(), Some(r#"{"body":"Welcome!"}"#));
/// assert_eq!(interaction.inbound_participant_sid, None);
/// assert_eq!(interaction.outbound_resource_status, Some(ResourceStatus::Queued));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize), serde(deny_unknown_fields))]
#[non_exhaustive]
pub struct Interaction {
    /// Its SID.
    pub sid: InteractionSid,
    /// JSON text: the body of a message, or the duration of a call once that is known. Personal data.
    pub data: Option<Box<str>>,
    /// Whether it is a call or a message: `type` on the wire.
    #[cfg_attr(feature = "serde", serde(rename = "type"))]
    pub kind: InteractionType,
    /// Who called or wrote; `None` if nobody did (INT-3), as for all that is inbound.
    pub inbound_participant_sid: Option<ParticipantSid>,
    /// The call or message that came in.
    pub inbound_resource_sid: Option<ResourceSid>,
    /// Its status: `in-progress` for a call, `delivered` for a message, for good (INT-2).
    pub inbound_resource_status: Option<ResourceStatus>,
    /// What it is.
    pub inbound_resource_type: Option<ResourceType>,
    /// Where it is found in Twilio's API.
    pub inbound_resource_url: Option<Box<str>>,
    /// Who is called or written to.
    pub outbound_participant_sid: Option<ParticipantSid>,
    /// The call or message that goes out; `None` until it is reported.
    pub outbound_resource_sid: Option<ResourceSid>,
    /// Its status, as last reported (INT-2).
    pub outbound_resource_status: Option<ResourceStatus>,
    /// What it is.
    pub outbound_resource_type: Option<ResourceType>,
    /// Where it is found in Twilio's API.
    pub outbound_resource_url: Option<Box<str>>,
    /// When it was connected.
    pub date_created: Timestamp,
    /// When it last changed (TIM-5).
    pub date_updated: Timestamp,
}

/// What a status report did to an interaction (INT-2).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum ReportEffect {
    Changed,
    /// It said nothing new.
    Unchanged,
    /// The interaction has come to its end before.
    TooLate,
}

impl Interaction {
    /// A contact on its way to a participant, from nobody as yet.
    pub(crate) fn outbound(sid: InteractionSid, contact: &Contact, to: ParticipantSid, now: Timestamp) -> Self {
        let resource_type = ResourceType::from(contact.kind());
        let (kind, status) = match contact.kind() {
            ContactKind::Call => (InteractionType::Voice, ResourceStatus::Initiated),
            ContactKind::Message => (InteractionType::Message, ResourceStatus::Queued),
        };
        Self {
            sid,
            data: contact.body().map(MessageBody::to_data),
            kind,
            inbound_participant_sid: None,
            inbound_resource_sid: None,
            inbound_resource_status: None,
            inbound_resource_type: None,
            inbound_resource_url: None,
            outbound_participant_sid: Some(to),
            outbound_resource_sid: None,
            outbound_resource_status: Some(status),
            outbound_resource_type: Some(resource_type),
            outbound_resource_url: None,
            date_created: now,
            date_updated: now,
        }
    }

    /// The same, from a participant.
    pub(crate) fn with_inbound(self, from: ParticipantSid, resource: ResourceSid, account: AccountSid) -> Self {
        let status = match self.kind {
            InteractionType::Voice => ResourceStatus::InProgress,
            InteractionType::Message | InteractionType::Unknown => ResourceStatus::Delivered,
        };
        Self {
            inbound_participant_sid: Some(from),
            inbound_resource_sid: Some(resource),
            inbound_resource_status: Some(status),
            inbound_resource_type: self.outbound_resource_type,
            inbound_resource_url: self.outbound_resource_type.map(|kind| kind.url(account, resource)),
            ..self
        }
    }

    /// Takes in what has become of the outbound side (INT-2).
    pub(crate) fn report(&mut self, report: StatusReport, account: AccountSid, now: Timestamp) -> ReportEffect {
        if self.outbound_resource_status.is_some_and(ResourceStatus::is_terminal) {
            return ReportEffect::TooLate;
        }
        let resource_sid = report.resource_sid.or(self.outbound_resource_sid);
        let duration = report.duration.filter(|_| self.kind == InteractionType::Voice).map(duration_data);
        let is_new = self.outbound_resource_status != Some(report.status)
            || self.outbound_resource_sid != resource_sid
            || duration.is_some() && self.data != duration;
        if !is_new {
            return ReportEffect::Unchanged;
        }
        self.outbound_resource_status = Some(report.status);
        if self.outbound_resource_sid != resource_sid {
            self.outbound_resource_sid = resource_sid;
            self.outbound_resource_url =
                self.outbound_resource_type.zip(resource_sid).map(|(kind, sid)| kind.url(account, sid));
        }
        self.data = duration.or_else(|| self.data.take());
        self.date_updated = now;
        ReportEffect::Changed
    }
}

impl fmt::Debug for Interaction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Interaction")
            .field("sid", &self.sid)
            .field("kind", &self.kind)
            .field("inbound_participant_sid", &self.inbound_participant_sid)
            .field("inbound_resource_sid", &self.inbound_resource_sid)
            .field("outbound_participant_sid", &self.outbound_participant_sid)
            .field("outbound_resource_sid", &self.outbound_resource_sid)
            .field("outbound_resource_status", &self.outbound_resource_status)
            .field("date_created", &self.date_created)
            .field("date_updated", &self.date_updated)
            .finish_non_exhaustive()
    }
}

/// The `data` of a call that took so many seconds (INT-1).
pub(crate) fn duration_data(seconds: u32) -> Box<str> {
    format!(r#"{{"duration":"{seconds}"}}"#).into()
}

literals! {
    /// What an interaction is (INT-1).
    ///
    /// ```
    /// use twilio_proxy_core::InteractionType;
    ///
    /// assert_eq!(InteractionType::Voice.to_string(), "voice");
    /// ```
    #[expect(clippy::exhaustive_enums, reason = "an embedder must know every type of the API")]
    pub enum InteractionType {
        /// A message.
        Message = "message",
        /// A call.
        Voice = "voice",
        /// Known to the API, never produced here.
        Unknown = "unknown",
    }
}

literals! {
    /// What Twilio says of a call or message on one side of an interaction (INT-2).
    ///
    /// ```
    /// use twilio_proxy_core::ResourceStatus;
    ///
    /// assert_eq!("no-answer".parse(), Ok(ResourceStatus::NoAnswer));
    /// assert!(ResourceStatus::NoAnswer.is_terminal() && !ResourceStatus::Ringing.is_terminal());
    /// ```
    #[expect(clippy::exhaustive_enums, reason = "an embedder must know every status of the API")]
    pub enum ResourceStatus {
        /// Twilio has taken the message on.
        Accepted = "accepted",
        /// Somebody has taken the call.
        Answered = "answered",
        /// The line was engaged.
        Busy = "busy",
        /// It was called off.
        Canceled = "canceled",
        /// The call is over.
        Completed = "completed",
        /// The resource is gone.
        Deleted = "deleted",
        /// The message has arrived.
        Delivered = "delivered",
        /// Nobody can tell if the message has arrived.
        DeliveryUnknown = "delivery-unknown",
        /// It could not be placed or sent.
        Failed = "failed",
        /// The call goes on.
        InProgress = "in-progress",
        /// The call is being set up.
        Initiated = "initiated",
        /// Nobody took the call.
        NoAnswer = "no-answer",
        /// It waits to be placed or sent.
        Queued = "queued",
        /// The message has come in.
        Received = "received",
        /// The message is coming in.
        Receiving = "receiving",
        /// The telephone rings.
        Ringing = "ringing",
        /// The message is to be sent later.
        Scheduled = "scheduled",
        /// The message is on its way to the carrier.
        Sending = "sending",
        /// The carrier has the message.
        Sent = "sent",
        /// The message could not be delivered.
        Undelivered = "undelivered",
        /// Nothing is known.
        Unknown = "unknown",
    }
}

impl ResourceStatus {
    /// Whether nothing can come after it: the interaction has come to its end (INT-2).
    ///
    /// ```
    /// use twilio_proxy_core::ResourceStatus;
    ///
    /// assert!(ResourceStatus::NoAnswer.is_terminal());
    /// assert!(!ResourceStatus::Ringing.is_terminal());
    /// ```
    #[must_use]
    pub const fn is_terminal(self) -> bool {
        match self {
            Self::Busy
            | Self::Canceled
            | Self::Completed
            | Self::Deleted
            | Self::Delivered
            | Self::Failed
            | Self::NoAnswer
            | Self::Undelivered => true,
            Self::Accepted
            | Self::Answered
            | Self::DeliveryUnknown
            | Self::InProgress
            | Self::Initiated
            | Self::Queued
            | Self::Received
            | Self::Receiving
            | Self::Ringing
            | Self::Scheduled
            | Self::Sending
            | Self::Sent
            | Self::Unknown => false,
        }
    }
}

literals! {
    /// What one side of an interaction is in Twilio's API (WHK-2).
    ///
    /// ```
    /// use twilio_proxy_core::ResourceType;
    ///
    /// assert_eq!(ResourceType::Call.as_str(), "call");
    /// ```
    #[expect(clippy::exhaustive_enums, reason = "an embedder must know every type of the API")]
    pub enum ResourceType {
        /// A call.
        Call = "call",
        /// A message.
        Message = "message",
    }
}

impl ResourceType {
    /// Where a resource of this type is found in Twilio's API.
    pub(crate) fn url(self, account: AccountSid, resource: ResourceSid) -> Box<str> {
        let collection = match self {
            Self::Call => "Calls",
            Self::Message => "Messages",
        };
        format!("https://api.twilio.com/2010-04-01/Accounts/{account}/{collection}/{resource}.json").into()
    }
}

impl From<ContactKind> for ResourceType {
    fn from(kind: ContactKind) -> Self {
        match kind {
            ContactKind::Call => Self::Call,
            ContactKind::Message => Self::Message,
        }
    }
}

/// What has become of the outbound side of an interaction; what is `None` stays (INT-2).
///
/// ```
/// use twilio_proxy_core::{ResourceStatus, StatusReport};
///
/// let report = StatusReport { duration: Some(5), ..StatusReport::new(ResourceStatus::Completed) };
/// assert_eq!(report.resource_sid, None);
/// ```
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "arbitrary", derive(arbitrary::Arbitrary))]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize), serde(deny_unknown_fields))]
#[expect(clippy::exhaustive_structs, reason = "written as a literal")]
pub struct StatusReport {
    /// Its status.
    pub status: ResourceStatus,
    /// SID of the call or message, which Twilio assigns when it is placed or sent.
    #[cfg_attr(feature = "serde", serde(default, skip_serializing_if = "Option::is_none"))]
    pub resource_sid: Option<ResourceSid>,
    /// How many seconds a call took; of no meaning for a message.
    #[cfg_attr(feature = "serde", serde(default, skip_serializing_if = "Option::is_none"))]
    pub duration: Option<u32>,
}

impl StatusReport {
    /// A report of the status alone.
    ///
    /// ```
    /// use twilio_proxy_core::{ResourceStatus, StatusReport};
    ///
    /// let report = StatusReport::new(ResourceStatus::Delivered);
    /// assert_eq!((report.resource_sid, report.duration), (None, None));
    /// ```
    #[must_use]
    pub const fn new(status: ResourceStatus) -> Self {
        Self { status, resource_sid: None, duration: None }
    }
}

/// A message to send to one participant, in nobody's name (INT-3).
///
/// ```
/// use twilio_proxy_core::{InteractionSid, NewMessage};
///
/// let welcome = NewMessage::new(InteractionSid::from_bytes([7; 16]), "Your driver is there.".parse()?);
/// # Ok::<(), twilio_proxy_core::ParseTextError>(())
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "arbitrary", derive(arbitrary::Arbitrary))]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize), serde(deny_unknown_fields))]
#[non_exhaustive]
pub struct NewMessage {
    /// SID of the interaction, which must be free (SID-4).
    pub sid: InteractionSid,
    /// What it says; must not be empty (INT-4).
    pub body: MessageBody,
}

impl NewMessage {
    /// A message with this body.
    ///
    /// ```
    /// use twilio_proxy_core::{NewMessage, sid};
    ///
    /// let welcome = NewMessage::new(sid!("KI00000000000000000000000000000001"), "Welcome!".parse()?);
    /// assert_eq!(welcome.body.as_str(), "Welcome!");
    /// # Ok::<(), twilio_proxy_core::ParseTextError>(())
    /// ```
    #[must_use]
    pub const fn new(sid: InteractionSid, body: MessageBody) -> Self {
        Self { sid, body }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TERMINAL: &str = "busy canceled completed deleted delivered failed no-answer undelivered";

    #[test]
    fn int_2_there_are_21_statuses_and_eight_are_terminal() {
        assert_eq!(ResourceStatus::ALL.len(), 21);
        for status in ResourceStatus::ALL {
            assert_eq!(status.as_str().parse(), Ok(*status));
            assert_eq!(status.is_terminal(), TERMINAL.split(' ').any(|literal| literal == status.as_str()), "{status}");
        }
    }

    #[test]
    fn int_1_a_resource_is_found_by_account_type_and_sid() {
        let call = "CA00000000000000000000000000000001".parse().unwrap();
        assert_eq!(
            &*ResourceType::Call.url(AccountSid::from_u128(1), call),
            "https://api.twilio.com/2010-04-01/Accounts/AC00000000000000000000000000000001/Calls/\
             CA00000000000000000000000000000001.json"
        );
        let message = "SM00000000000000000000000000000001".parse().unwrap();
        assert!(ResourceType::Message.url(AccountSid::from_u128(1), message).contains("/Messages/SM"));
    }

    #[test]
    fn int_2_a_report_changes_what_it_says_and_nothing_after_the_end() {
        let account = AccountSid::from_u128(1);
        let [start, later] = [Timestamp::MIN, Timestamp::MAX];
        let mut call =
            Interaction::outbound(InteractionSid::from_u128(1), &Contact::Call, ParticipantSid::from_u128(1), start);
        assert_eq!(call.report(StatusReport::new(ResourceStatus::Initiated), account, later), ReportEffect::Unchanged);
        assert_eq!(call.date_updated, start);
        let sid = "CA00000000000000000000000000000001".parse().unwrap();
        let placed = StatusReport { resource_sid: Some(sid), ..StatusReport::new(ResourceStatus::Initiated) };
        assert_eq!(call.report(placed, account, later), ReportEffect::Changed);
        assert_eq!((call.date_updated, call.outbound_resource_sid), (later, Some(sid)));
        let over = StatusReport { duration: Some(5), ..StatusReport::new(ResourceStatus::Completed) };
        assert_eq!(call.report(over, account, later), ReportEffect::Changed);
        assert_eq!(call.data.as_deref(), Some(r#"{"duration":"5"}"#));
        assert!(call.outbound_resource_url.is_some());
        let before = call.clone();
        assert_eq!(call.report(over, account, later), ReportEffect::TooLate);
        assert_eq!(call, before);
    }
}
