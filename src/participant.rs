//! People in a session.

use crate::{
    address::{Identifier, ProxyIdentifier, RequestedProxyIdentifier},
    code::Code,
    sid::{ParticipantSid, PhoneNumberSid},
    text::FriendlyName,
    time::Timestamp,
};

/// Someone who takes part in a session, or did: removal keeps the record (PAR-5).
///
/// Fields are those of Twilio's Participant resource; the SIDs of its parents are left to whoever asks.
///
/// ```
/// use twilio_proxy_core::{NewNumber, NewParticipant, NewService, NewSession, Policy, Service, Timestamp, sid};
///
/// let now = Timestamp::MIN;
/// let names = NewService::new(
///     sid!("KS00000000000000000000000000000001"),
///     sid!("AC00000000000000000000000000000001"),
///     "rides".parse()?,
/// );
/// let mut service = Service::new(names, Policy::default(), now);
/// service.add_number(NewNumber::phone(sid!("PN00000000000000000000000000000001"), "+14155551212".parse()?), now)?;
/// let ride = sid!("KC00000000000000000000000000000001");
/// service.create_session(NewSession::new(ride), now)?;
/// let alice = NewParticipant::new(sid!("KP00000000000000000000000000000001"), "+15558675310".parse()?);
/// let alice = service.add_participant(ride, alice, now)?;
/// assert_eq!(alice.proxy_identifier.to_string(), "+14155551212");
/// assert_eq!(alice.date_deleted, None);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize), serde(deny_unknown_fields))]
#[non_exhaustive]
pub struct Participant {
    /// Its SID.
    pub sid: ParticipantSid,
    /// The text that describes it.
    pub friendly_name: Option<FriendlyName>,
    /// Whom it stands for. Personal data.
    pub identifier: Identifier,
    /// What it contacts to reach its partner.
    pub proxy_identifier: ProxyIdentifier,
    /// SID of that number; `None` for a short code and for a channel address (PAR-13).
    pub proxy_identifier_sid: Option<PhoneNumberSid>,
    /// When it was removed, if it was.
    pub date_deleted: Option<Timestamp>,
    /// When it was added: when the addition was finished (CON-9).
    pub date_created: Timestamp,
    /// When it last changed.
    pub date_updated: Timestamp,
}

impl Participant {
    /// Whether it is live: not removed.
    ///
    /// ```
    /// # use twilio_proxy_core::{NewNumber, NewParticipant, NewService, NewSession, Policy, Service, Timestamp, sid};
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
    /// assert!(service.participant(ride, alice).is_some_and(|alice| alice.is_live()));
    /// assert!(!service.remove_participant(ride, alice, now)?.is_live());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub const fn is_live(&self) -> bool {
        self.date_deleted.is_none()
    }
}

/// An addition that was begun and is neither finished nor cancelled: it holds identifier, number and slot (CON-5, CON-9).
///
/// ```
/// # use twilio_proxy_core::{NewNumber, NewService, NewSession, Policy, Service, Timestamp, sid};
/// use twilio_proxy_core::NewParticipant;
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
/// let alice = NewParticipant::new(sid!("KP00000000000000000000000000000001"), "+15558675310".parse()?);
/// let pending = service.begin_add_participant(ride, alice, now)?;
/// assert_eq!(pending.proxy_identifier.to_string(), "+14155551212");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize), serde(deny_unknown_fields))]
#[non_exhaustive]
pub struct PendingParticipant {
    /// The SID that the participant will have.
    pub sid: ParticipantSid,
    /// The text that will describe it.
    pub friendly_name: Option<FriendlyName>,
    /// Whom it will stand for. Personal data.
    pub identifier: Identifier,
    /// What it will contact to reach its partner.
    pub proxy_identifier: ProxyIdentifier,
    /// SID of that number; `None` for a short code and for a channel address (PAR-13).
    pub proxy_identifier_sid: Option<PhoneNumberSid>,
}

impl PendingParticipant {
    pub(crate) fn finish(self, now: Timestamp) -> Participant {
        let Self { sid, friendly_name, identifier, proxy_identifier, proxy_identifier_sid } = self;
        Participant {
            sid,
            friendly_name,
            identifier,
            proxy_identifier,
            proxy_identifier_sid,
            date_deleted: None,
            date_created: now,
            date_updated: now,
        }
    }
}

/// A participant to add.
///
/// ```
/// use twilio_proxy_core::{NewParticipant, ParticipantSid};
///
/// let mut new = NewParticipant::new(ParticipantSid::from_bytes([7; 16]), "+15558675310".parse()?);
/// new.friendly_name = Some("Alice".parse()?);
/// new.proxy_identifier = Some("+14155559999".parse()?);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "arbitrary", derive(arbitrary::Arbitrary))]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize), serde(deny_unknown_fields))]
#[non_exhaustive]
pub struct NewParticipant {
    /// Its SID, which must be free (SID-4).
    pub sid: ParticipantSid,
    /// Whom it stands for.
    pub identifier: Identifier,
    /// The text that describes it.
    #[cfg_attr(feature = "serde", serde(default, skip_serializing_if = "Option::is_none"))]
    pub friendly_name: Option<FriendlyName>,
    /// The number or channel address to use. Without it, and without a SID, a number is selected (PAR-7).
    #[cfg_attr(feature = "serde", serde(default, skip_serializing_if = "Option::is_none"))]
    pub proxy_identifier: Option<RequestedProxyIdentifier>,
    /// SID of the number to use (PAR-7, PAR-13).
    #[cfg_attr(feature = "serde", serde(default, skip_serializing_if = "Option::is_none"))]
    pub proxy_identifier_sid: Option<PhoneNumberSid>,
    /// Whether this request is strict whatever the policy says (CON-1). In a session create, one that is strict makes the
    /// whole create strict (SES-3).
    #[cfg_attr(feature = "serde", serde(default, skip_serializing_if = "core::ops::Not::not"))]
    pub fail_on_participant_conflict: bool,
}

impl NewParticipant {
    /// A participant whose number will be selected.
    ///
    /// ```
    /// use twilio_proxy_core::{NewParticipant, sid};
    ///
    /// let alice = NewParticipant::new(sid!("KP00000000000000000000000000000001"), "+15558675310".parse()?);
    /// assert_eq!(alice.proxy_identifier, None);
    /// # Ok::<(), twilio_proxy_core::ParseIdentifierError>(())
    /// ```
    #[must_use]
    pub const fn new(sid: ParticipantSid, identifier: Identifier) -> Self {
        Self {
            sid,
            identifier,
            friendly_name: None,
            proxy_identifier: None,
            proxy_identifier_sid: None,
            fail_on_participant_conflict: false,
        }
    }
}

/// Why an embedder cancels a pending addition (CON-5).
///
/// ```
/// use twilio_proxy_core::{CancelReason, Code};
///
/// assert_eq!(CancelReason::Unreachable.code(), Code::ParticipantIdentifierInvalid);
/// ```
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[cfg_attr(feature = "arbitrary", derive(arbitrary::Arbitrary))]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize), serde(rename_all = "snake_case"))]
#[non_exhaustive]
pub enum CancelReason {
    /// The identifier cannot be reached (TXT-6).
    Unreachable,
}

impl CancelReason {
    /// The code to answer the one who asked for the addition with.
    ///
    /// ```
    /// use twilio_proxy_core::CancelReason;
    ///
    /// assert_eq!(CancelReason::Unreachable.code().number(), 80404);
    /// ```
    #[must_use]
    pub const fn code(self) -> Code {
        match self {
            Self::Unreachable => Code::ParticipantIdentifierInvalid,
        }
    }
}

/// What [`Service::cancel_add_participant`](crate::Service::cancel_add_participant) gives back.
///
/// ```
/// # use twilio_proxy_core::{NewNumber, NewParticipant, NewService, NewSession, Policy, Service, Timestamp, sid};
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
/// # let alice = service.begin_add_participant(ride, alice, now)?.sid;
/// let cancelled = service.cancel_add_participant(ride, alice, None, now)?;
/// assert_eq!(cancelled.participant.identifier.to_string(), "+15558675310");
/// assert_eq!(cancelled.reason, None);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize), serde(deny_unknown_fields))]
#[non_exhaustive]
pub struct CancelledParticipant {
    /// What had been held.
    pub participant: PendingParticipant,
    /// Why it was cancelled, as far as the embedder said so.
    pub reason: Option<CancelReason>,
}
