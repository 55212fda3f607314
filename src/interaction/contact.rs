use super::{FormParameters, Media, MessageBody};
use crate::{
    address::{Identifier, ProxyIdentifier},
    sid::{InteractionSid, ResourceSid},
};

literals! {
    /// Whether somebody calls or writes.
    ///
    /// ```
    /// use twilio_proxy_core::ContactKind;
    ///
    /// assert_eq!("call".parse(), Ok(ContactKind::Call));
    /// ```
    #[expect(clippy::exhaustive_enums, reason = "Proxy carries these two")]
    pub enum ContactKind {
        /// Somebody calls.
        Call = "call",
        /// Somebody writes.
        Message = "message",
    }
}

/// A call, or a message and what it says.
///
/// ```
/// use twilio_proxy_core::{Contact, ContactKind, Media};
///
/// let message = Contact::Message { body: "On my way".parse()?, media: Media::default() };
/// assert_eq!(message.kind(), ContactKind::Message);
/// # Ok::<(), twilio_proxy_core::ParseTextError>(())
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "arbitrary", derive(arbitrary::Arbitrary))]
#[cfg_attr(
    feature = "serde",
    derive(serde::Deserialize, serde::Serialize),
    serde(rename_all = "snake_case", deny_unknown_fields)
)]
#[expect(clippy::exhaustive_enums, reason = "Proxy carries these two")]
pub enum Contact {
    /// A call.
    Call,
    /// A message.
    Message {
        /// Its text; empty if there is only media.
        body: MessageBody,
        /// Its pictures and other media.
        #[cfg_attr(feature = "serde", serde(default, skip_serializing_if = "Media::is_empty"))]
        media: Media,
    },
}

impl Contact {
    /// A message without media.
    ///
    /// ```
    /// use twilio_proxy_core::Contact;
    ///
    /// let Contact::Message { media, .. } = Contact::message("On my way".parse()?) else { unreachable!() };
    /// assert!(media.is_empty());
    /// # Ok::<(), twilio_proxy_core::ParseTextError>(())
    /// ```
    #[must_use]
    pub fn message(body: MessageBody) -> Self {
        Self::Message { body, media: Media::default() }
    }

    /// Which of the two it is.
    ///
    /// ```
    /// use twilio_proxy_core::{Contact, ContactKind};
    ///
    /// assert_eq!(Contact::Call.kind(), ContactKind::Call);
    /// ```
    #[must_use]
    pub const fn kind(&self) -> ContactKind {
        match self {
            Self::Call => ContactKind::Call,
            Self::Message { .. } => ContactKind::Message,
        }
    }

    /// The text, if it is a message.
    ///
    /// ```
    /// use twilio_proxy_core::{Contact, MessageBody};
    ///
    /// let message = Contact::message("On my way".parse()?);
    /// assert_eq!(message.body().map(MessageBody::as_str), Some("On my way"));
    /// assert_eq!(Contact::Call.body(), None);
    /// # Ok::<(), twilio_proxy_core::ParseTextError>(())
    /// ```
    #[must_use]
    pub const fn body(&self) -> Option<&MessageBody> {
        match self {
            Self::Call => None,
            Self::Message { body, .. } => Some(body),
        }
    }
}

/// A call or message that has come in at a proxy identifier.
///
/// ```
/// use twilio_proxy_core::{Identifier, Inbound, sid};
///
/// let alice: Identifier = "+15558675310".parse()?;
/// let mut inbound = Inbound::call(
///     sid!("KI00000000000000000000000000000001"),
///     "CA00000000000000000000000000000001".parse()?,
///     alice,
///     "+14155551212".parse()?,
/// );
/// inbound.parameters = vec![("CallStatus".to_owned(), "ringing".to_owned())].try_into()?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "arbitrary", derive(arbitrary::Arbitrary))]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize), serde(deny_unknown_fields))]
#[non_exhaustive]
pub struct Inbound {
    /// The SID that its interaction will have, which must be free (SID-4).
    pub interaction: InteractionSid,
    /// SID of the call or message itself.
    pub resource: ResourceSid,
    /// Who calls or writes; `None` if the caller is withheld (RTE-10).
    #[cfg_attr(feature = "serde", serde(default, skip_serializing_if = "Option::is_none"))]
    pub from: Option<Identifier>,
    /// What was dialled or written to.
    pub to: ProxyIdentifier,
    /// A call, or a message and what it says.
    pub contact: Contact,
    /// The parameters that Twilio sent with it, which an out-of-session request repeats (WHK-3).
    #[cfg_attr(feature = "serde", serde(default, skip_serializing_if = "FormParameters::is_empty"))]
    pub parameters: FormParameters,
}

impl Inbound {
    /// A call without parameters.
    ///
    /// ```
    /// use twilio_proxy_core::{Inbound, sid};
    ///
    /// let call = "CA00000000000000000000000000000001".parse()?;
    /// let withheld = Inbound::call(sid!("KI00000000000000000000000000000001"), call, None, "+14155551212".parse()?);
    /// assert_eq!(withheld.from, None);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn call(
        interaction: InteractionSid,
        resource: ResourceSid,
        from: impl Into<Option<Identifier>>,
        to: ProxyIdentifier,
    ) -> Self {
        Self::new(interaction, resource, from.into(), to, Contact::Call)
    }

    /// A message without media and parameters.
    ///
    /// ```
    /// use twilio_proxy_core::{ContactKind, Identifier, Inbound, sid};
    ///
    /// let message = Inbound::message(
    ///     sid!("KI00000000000000000000000000000001"),
    ///     "SM00000000000000000000000000000001".parse()?,
    ///     "+15558675310".parse::<Identifier>()?,
    ///     "+14155551212".parse()?,
    ///     "On my way".parse()?,
    /// );
    /// assert_eq!(message.contact.kind(), ContactKind::Message);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn message(
        interaction: InteractionSid,
        resource: ResourceSid,
        from: impl Into<Option<Identifier>>,
        to: ProxyIdentifier,
        body: MessageBody,
    ) -> Self {
        Self::new(interaction, resource, from.into(), to, Contact::message(body))
    }

    fn new(
        interaction: InteractionSid,
        resource: ResourceSid,
        from: Option<Identifier>,
        to: ProxyIdentifier,
        contact: Contact,
    ) -> Self {
        Self { interaction, resource, from, to, contact, parameters: FormParameters::default() }
    }
}
