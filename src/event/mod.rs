//! What leaves the machine besides answers (WHK-6). An embedder drains it with
//! [`Service::poll_event`](crate::Service::poll_event).

mod notification;
mod request;
#[cfg(feature = "signature")]
mod signature;

pub(crate) use self::request::{InteractionContext, PreviousSession, Sides};
#[cfg(feature = "signature")]
pub use self::signature::signature;
pub use self::{
    notification::Notification,
    request::{Request, RequestPurpose},
};
use crate::{
    address::{Identifier, ProxyIdentifier},
    interaction::Contact,
    sid::{InteractionSid, SessionSid},
};

/// Something for the embedder to do or to know, in the order in which it arose.
///
/// ```
/// # use twilio_proxy_core::{NewNumber, NewParticipant, NewService, NewSession, Policy, Service, Timestamp, sid};
/// use twilio_proxy_core::{Event, NewMessage};
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
/// # let welcome = NewMessage::new(sid!("KI00000000000000000000000000000001"), "Welcome!".parse()?);
/// service.send_message(ride, alice, welcome, now)?;
/// while let Some(event) = service.poll_event() {
///     match event {
///         Event::Leg(leg) => assert_eq!(leg.to.to_string(), "+15558675310"), // send it
///         Event::Request(request) => println!("POST {}", request.url),
///         Event::Notification(notification) => println!("{}", notification.code()),
///         _ => {}
///     }
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize), serde(rename_all = "snake_case"))]
#[non_exhaustive]
#[must_use]
pub enum Event {
    /// A notification for the debugger.
    Notification(Notification),
    /// A webhook to send.
    Request(Request),
    /// A call to place, or a message to send.
    Leg(Leg),
}

impl Event {
    /// The session that it belongs to, with which it is discarded (INV-6). Notifications belong to none.
    pub(crate) const fn session(&self) -> Option<SessionSid> {
        match self {
            Self::Notification(_) => None,
            Self::Request(request) => request.session,
            Self::Leg(leg) => Some(leg.session),
        }
    }

    pub(crate) const fn is_out_of_session(&self) -> bool {
        match self {
            Self::Request(request) => matches!(request.purpose, RequestPurpose::OutOfSession),
            Self::Notification(_) | Self::Leg(_) => false,
        }
    }

    /// The interaction that it belongs to, with which it is discarded (INV-6). Notifications belong to none.
    pub(crate) const fn interaction(&self) -> Option<InteractionSid> {
        match self {
            Self::Notification(_) => None,
            Self::Request(request) => Some(request.interaction),
            Self::Leg(leg) => Some(leg.interaction),
        }
    }
}

impl From<Notification> for Event {
    fn from(notification: Notification) -> Self {
        Self::Notification(notification)
    }
}

impl From<Request> for Event {
    fn from(request: Request) -> Self {
        Self::Request(request)
    }
}

impl From<Leg> for Event {
    fn from(leg: Leg) -> Self {
        Self::Leg(leg)
    }
}

/// The outbound side of an interaction: a call to place, or a message to send (RTE-2). What becomes of it is
/// [reported](crate::Service::report_status).
///
/// ```
/// # use twilio_proxy_core::{NewNumber, NewParticipant, NewService, NewSession, Policy, Service, Timestamp, sid};
/// use twilio_proxy_core::{Event, MessageBody, NewMessage};
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
/// # let welcome = NewMessage::new(sid!("KI00000000000000000000000000000001"), "Welcome!".parse()?);
/// service.send_message(ride, alice, welcome, now)?;
/// let Some(Event::Leg(leg)) = service.poll_event() else { unreachable!() };
/// assert_eq!(leg.from.to_string(), "+14155551212");
/// assert_eq!(leg.contact.body().map(MessageBody::as_str), Some("Welcome!"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize), serde(deny_unknown_fields))]
#[non_exhaustive]
pub struct Leg {
    /// The session that carries it.
    pub session: SessionSid,
    /// The interaction that it is a side of.
    pub interaction: InteractionSid,
    /// What the one who is reached sees: that participant's own proxy identifier.
    pub from: ProxyIdentifier,
    /// Who is reached. Personal data.
    pub to: Identifier,
    /// The call, or the message and what it says.
    pub contact: Contact,
}

impl Leg {
    pub(crate) const fn new(
        session: SessionSid,
        interaction: InteractionSid,
        from: ProxyIdentifier,
        to: Identifier,
        contact: Contact,
    ) -> Self {
        Self { session, interaction, from, to, contact }
    }
}
