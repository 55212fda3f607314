use alloc::{boxed::Box, string::ToString, vec::Vec};
use core::fmt::{self, Display};

use crate::{
    interaction::{FormParameters, Interaction, InteractionType},
    participant::Participant,
    session::Session,
    sid::{AccountSid, InteractionSid, ServiceSid, SessionSid},
    text::CallbackUrl,
};

/// A webhook to send: a POST of a form (WHK-1). What comes back is told to
/// [`report_callback`](crate::Service::report_callback), [`resolve_intercept`](crate::Service::resolve_intercept) or
/// [`resolve_out_of_session`](crate::Service::resolve_out_of_session), as its purpose has it.
///
/// Parameters hold personal data: `Debug` tells their names only.
///
/// ```
/// # use twilio_proxy_core::{NewNumber, NewService, Policy, Service, Timestamp, sid};
/// use twilio_proxy_core::{Event, Inbound, RequestPurpose};
///
/// # let mut new = NewService::new(
/// #     sid!("KS00000000000000000000000000000001"),
/// #     sid!("AC00000000000000000000000000000001"),
/// #     "rides".parse()?,
/// # );
/// # new.out_of_session_callback_url = Some("https://rides.example.com/strangers".parse()?);
/// # let now = Timestamp::MIN;
/// # let mut service = Service::new(new, Policy::default(), now);
/// # let number = NewNumber::phone(sid!("PN00000000000000000000000000000001"), "+14155551212".parse()?);
/// # service.add_number(number, now)?;
/// let call = "CA00000000000000000000000000000001".parse()?;
/// let inbound = Inbound::call(sid!("KI00000000000000000000000000000001"), call, None, "+14155551212".parse()?);
/// service.receive(inbound, now)?;
/// let requests = std::iter::from_fn(|| service.poll_event()).filter_map(|event| match event {
///     Event::Request(request) => Some(request),
///     _ => None,
/// });
/// for request in requests {
///     assert_eq!(request.purpose, RequestPurpose::OutOfSession);
///     assert_eq!(request.url.as_str(), "https://rides.example.com/strangers");
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize), serde(deny_unknown_fields))]
#[non_exhaustive]
pub struct Request {
    /// What it is for, and so who takes the answer.
    pub purpose: RequestPurpose,
    /// The contact or interaction that it is about.
    pub interaction: InteractionSid,
    /// The session that it belongs to; out of session, the previous one, if there is one (RTE-4).
    pub session: Option<SessionSid>,
    /// Where it goes.
    pub url: CallbackUrl,
    /// The form, with Twilio's names, in order. What is null is empty text.
    pub parameters: Vec<(Box<str>, Box<str>)>,
}

literals! {
    /// What a [`Request`] is for.
    ///
    /// ```
    /// use twilio_proxy_core::RequestPurpose;
    ///
    /// assert_eq!(RequestPurpose::OutOfSession.to_string(), "out_of_session");
    /// ```
    #[non_exhaustive]
    pub enum RequestPurpose {
        /// It tells of a new interaction or of a change of its status: `CallbackUrl` (WHK-2).
        Callback = "callback",
        /// It asks whether a contact may go on: `InterceptCallbackUrl` (RTE-7).
        Intercept = "intercept",
        /// It asks what to do with a contact that belongs to no session: `OutOfSessionCallbackUrl` (WHK-3).
        OutOfSession = "out_of_session",
    }
}

/// What stands around an interaction in its parameters.
#[derive(Clone, Copy)]
pub(crate) struct InteractionContext {
    pub(crate) account: AccountSid,
    pub(crate) service: ServiceSid,
    pub(crate) session: SessionSid,
}

/// Which sides of an interaction its parameters tell of (WHK-2).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Sides {
    Both,
    Inbound,
    Outbound,
}

/// The session to which a contact would have belonged, and its people (WHK-3).
#[derive(Clone, Copy)]
pub(crate) struct PreviousSession<'a> {
    pub(crate) session: &'a Session,
    pub(crate) sender: &'a Participant,
    pub(crate) other: Option<&'a Participant>,
}

impl Request {
    /// A request about an interaction that has begun, or that waits for a verdict.
    pub(crate) fn about(
        interaction: &Interaction,
        purpose: RequestPurpose,
        url: CallbackUrl,
        context: InteractionContext,
        sides: Sides,
    ) -> Self {
        let mut form = Form::default();
        form.interaction(interaction, context, sides);
        Self { purpose, interaction: interaction.sid, session: Some(context.session), url, parameters: form.parameters }
    }

    /// A request about a contact that belongs to no session.
    pub(crate) fn out_of_session(
        interaction: InteractionSid,
        url: CallbackUrl,
        parameters: FormParameters,
        previous: Option<PreviousSession<'_>>,
        account: AccountSid,
        service: ServiceSid,
    ) -> Self {
        let mut form = Form { parameters: parameters.into() };
        if let Some(PreviousSession { session, sender, other }) = previous {
            let context = InteractionContext { account, service, session: session.sid };
            form.participant("inboundParticipant", sender, context);
            if let Some(other) = other {
                form.participant("outboundParticipant", other, context);
            }
            form.session(session, context);
        }
        let session = previous.map(|previous| previous.session.sid);
        Self { purpose: RequestPurpose::OutOfSession, interaction, session, url, parameters: form.parameters }
    }
}

impl fmt::Debug for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        struct Names<'a>(&'a [(Box<str>, Box<str>)]);
        impl fmt::Debug for Names<'_> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.debug_list().entries(self.0.iter().map(|(name, _)| name)).finish()
            }
        }
        f.debug_struct("Request")
            .field("purpose", &self.purpose)
            .field("interaction", &self.interaction)
            .field("session", &self.session)
            .field("url", &self.url)
            .field("parameters", &Names(&self.parameters))
            .finish()
    }
}

/// The parameters of a request, as they come together.
#[derive(Default)]
struct Form {
    parameters: Vec<(Box<str>, Box<str>)>,
}

impl Form {
    fn add(&mut self, group: &str, name: &str, value: impl Display) {
        self.parameters.push(([group, name].concat().into(), value.to_string().into()));
    }

    /// A parameter that is empty text where there is nothing.
    fn add_nullable(&mut self, group: &str, name: &str, value: Option<impl Display>) {
        match value {
            Some(value) => self.add(group, name, value),
            None => self.add(group, name, ""),
        }
    }

    fn interaction(&mut self, interaction: &Interaction, context: InteractionContext, sides: Sides) {
        if sides != Sides::Outbound {
            self.add_nullable("inbound", "ParticipantSid", interaction.inbound_participant_sid);
            self.add_nullable("inbound", "ResourceSid", interaction.inbound_resource_sid);
            self.add_nullable("inbound", "ResourceStatus", interaction.inbound_resource_status);
            self.add_nullable("inbound", "ResourceType", interaction.inbound_resource_type);
            self.add_nullable("inbound", "ResourceUrl", interaction.inbound_resource_url.as_deref());
        }
        self.add("interaction", "AccountSid", context.account);
        self.add_nullable("interaction", "Data", interaction.data.as_deref());
        self.add("interaction", "DateCreated", interaction.date_created);
        self.add("interaction", "DateUpdated", interaction.date_updated);
        self.add("interaction", "ServiceSid", context.service);
        self.add("interaction", "SessionSid", context.session);
        self.add("interaction", "Sid", interaction.sid);
        let kind = match interaction.kind {
            InteractionType::Message => "Message",
            InteractionType::Voice => "Voice",
            InteractionType::Unknown => "Unknown",
        };
        self.add("interaction", "Type", kind);
        if sides != Sides::Inbound {
            self.add_nullable("outbound", "ParticipantSid", interaction.outbound_participant_sid);
            self.add_nullable("outbound", "ResourceSid", interaction.outbound_resource_sid);
            self.add_nullable("outbound", "ResourceStatus", interaction.outbound_resource_status);
            self.add_nullable("outbound", "ResourceType", interaction.outbound_resource_type);
            self.add_nullable("outbound", "ResourceUrl", interaction.outbound_resource_url.as_deref());
        }
    }

    fn participant(&mut self, group: &str, participant: &Participant, context: InteractionContext) {
        self.add(group, "AccountSid", context.account);
        self.add(group, "DateCreated", participant.date_created);
        self.add(group, "DateUpdated", participant.date_updated);
        self.add_nullable(group, "FriendlyName", participant.friendly_name.as_ref());
        self.add(group, "Identifier", &participant.identifier);
        self.add(group, "ProxyIdentifier", &participant.proxy_identifier);
        self.add_nullable(group, "ProxyIdentifierSid", participant.proxy_identifier_sid);
        self.add(group, "ServiceSid", context.service);
        self.add(group, "SessionSid", context.session);
        self.add(group, "Sid", participant.sid);
    }

    fn session(&mut self, session: &Session, context: InteractionContext) {
        self.add("session", "AccountSid", context.account);
        self.add_nullable("session", "ClosedReason", session.closed_reason);
        self.add("session", "DateCreated", session.date_created);
        self.add_nullable("session", "DateEnded", session.date_ended);
        self.add("session", "DateUpdated", session.date_updated);
        self.add("session", "Mode", session.mode);
        self.add("session", "ServiceSid", context.service);
        self.add("session", "Sid", session.sid);
        self.add("session", "Status", session.status);
        self.add_nullable("session", "UniqueName", session.unique_name.as_ref());
    }
}
