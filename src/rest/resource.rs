//! What the API answers, as plain data: every field of Twilio's resources, in the order of its OpenAPI document (API-3).
//!
//! They can be made and read without the router:
//!
//! ```
//! use twilio_proxy_core::{NewSession, NewService, Policy, Service, Timestamp, sid};
//! use twilio_proxy_core::rest::{Origin, resource};
//!
//! let new = NewService::new(
//!     sid!("KS00000000000000000000000000000001"),
//!     sid!("AC00000000000000000000000000000001"),
//!     "rides".parse()?,
//! );
//! let mut service = Service::new(new, Policy::default(), Timestamp::MIN);
//! let ride = service.create_session(NewSession::new(sid!("KC00000000000000000000000000000001")), Timestamp::MIN)?.clone();
//!
//! let ride = resource::Session::new(&ride, service.settings(), &Origin::default());
//! assert!(ride.url.ends_with("/Sessions/KC00000000000000000000000000000001"));
//! let json = serde_json::to_string(&ride)?;
//! assert_eq!(serde_json::from_str::<resource::Session>(&json)?, ride);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

use alloc::{
    boxed::Box,
    format,
    string::{String, ToString},
    vec::Vec,
};
use core::fmt::{self, Write};

use serde::{Deserialize, Serialize};

use super::{Origin, Refusal};
use crate::{
    address::{self, E164, Identifier, ProxyIdentifier, ProxyNumber},
    code::Code,
    geography::Country,
    interaction::{self, InteractionType, ResourceStatus, ResourceType},
    number::{self, Capabilities, NumberSid},
    participant,
    pool::{GeoMatchLevel, NumberSelectionBehavior},
    service::ServiceSettings,
    session::{self, ClosedReason, SessionMode, SessionStatus},
    sid::{
        AccountSid, ChatInstanceSid, InteractionSid, ParticipantSid, PhoneNumberSid, ResourceSid, ServiceSid,
        SessionSid, ShortCodeSid,
    },
    text::{CallbackUrl, FriendlyName, ServiceName, SessionName},
    time::{Timestamp, Ttl},
};

/// A URL, for which room is made at once.
fn located(arguments: fmt::Arguments<'_>) -> String {
    let mut url = String::with_capacity(256);
    // A string takes whatever is written to it.
    let _ = url.write_fmt(arguments);
    url
}

/// A service.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Service {
    /// Its SID.
    pub sid: ServiceSid,
    /// Its name.
    pub unique_name: ServiceName,
    /// The account that it belongs to.
    pub account_sid: AccountSid,
    /// The chat instance, which has no effect (TXT-7).
    pub chat_instance_sid: Option<ChatInstanceSid>,
    /// Where changes of interactions are told.
    pub callback_url: Option<CallbackUrl>,
    /// The TTL of new sessions, in seconds; 0 is no limit.
    pub default_ttl: Ttl,
    /// Which numbers an identifier gets.
    pub number_selection_behavior: NumberSelectionBehavior,
    /// How near a number lies to the identifier.
    pub geo_match_level: GeoMatchLevel,
    /// Where it is asked whether a contact may go on.
    pub intercept_callback_url: Option<CallbackUrl>,
    /// Where it is asked what becomes of strangers.
    pub out_of_session_callback_url: Option<CallbackUrl>,
    /// When it was created.
    pub date_created: Timestamp,
    /// When it last changed (TIM-5).
    pub date_updated: Timestamp,
    /// Where it is found.
    pub url: String,
    /// Where its parts are found.
    pub links: ServiceLinks,
}

/// Where the parts of a service are found.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[non_exhaustive]
pub struct ServiceLinks {
    /// Its sessions.
    pub sessions: String,
    /// Its phone numbers.
    pub phone_numbers: String,
    /// Its short codes.
    pub short_codes: String,
}

impl Service {
    /// The service with these settings.
    ///
    /// ```
    /// # use twilio_proxy_core::{NewMessage, NewNumber, NewParticipant, NewService, NewSession, Policy, Service, Timestamp, sid};
    /// # use twilio_proxy_core::{geography::Country, rest::{Origin, resource}};
    /// # let now = Timestamp::MIN;
    /// # let new = NewService::new(
    /// #     sid!("KS00000000000000000000000000000001"),
    /// #     sid!("AC00000000000000000000000000000001"),
    /// #     "rides".parse()?,
    /// # );
    /// # let mut service = Service::new(new, Policy::default(), now);
    /// let rides = resource::Service::new(service.settings(), &Origin::default());
    /// assert_eq!(rides.links.sessions, "https://proxy.twilio.com/v1/Services/KS00000000000000000000000000000001/Sessions");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn new(settings: &ServiceSettings, origin: &Origin) -> Self {
        let url = located(format_args!("{origin}/v1/Services/{}", settings.sid));
        let links = ServiceLinks {
            sessions: [&url, "/Sessions"].concat(),
            phone_numbers: [&url, "/PhoneNumbers"].concat(),
            short_codes: [&url, "/ShortCodes"].concat(),
        };
        Self {
            sid: settings.sid,
            unique_name: settings.unique_name.clone(),
            account_sid: settings.account_sid,
            chat_instance_sid: settings.chat_instance_sid,
            callback_url: settings.callback_url.clone(),
            default_ttl: settings.default_ttl,
            number_selection_behavior: settings.number_selection_behavior,
            geo_match_level: settings.geo_match_level,
            intercept_callback_url: settings.intercept_callback_url.clone(),
            out_of_session_callback_url: settings.out_of_session_callback_url.clone(),
            date_created: settings.date_created,
            date_updated: settings.date_updated,
            url,
            links,
        }
    }
}

/// A phone number in the pool of a service.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[non_exhaustive]
pub struct PhoneNumber {
    /// Its SID.
    pub sid: PhoneNumberSid,
    /// The account that owns it.
    pub account_sid: AccountSid,
    /// The service whose pool it is in.
    pub service_sid: ServiceSid,
    /// When it was added to the pool.
    pub date_created: Timestamp,
    /// When it last changed (TIM-5).
    pub date_updated: Timestamp,
    /// The number.
    pub phone_number: E164,
    /// The text that describes it.
    pub friendly_name: Option<FriendlyName>,
    /// Its country.
    pub iso_country: Option<Country>,
    /// What it can carry, by six directional keys (API-8).
    pub capabilities: Capabilities,
    /// Where it is found.
    pub url: String,
    /// Whether it is kept out of automatic selection.
    pub is_reserved: bool,
    /// How many active sessions use it (NUM-4).
    pub in_use: u32,
}

impl PhoneNumber {
    /// A number of the pool of the service with these settings; `None` if it is a short code.
    ///
    /// ```
    /// # use twilio_proxy_core::{NewMessage, NewNumber, NewParticipant, NewService, NewSession, Policy, Service, Timestamp, sid};
    /// # use twilio_proxy_core::{geography::Country, rest::{Origin, resource}};
    /// # let now = Timestamp::MIN;
    /// # let new = NewService::new(
    /// #     sid!("KS00000000000000000000000000000001"),
    /// #     sid!("AC00000000000000000000000000000001"),
    /// #     "rides".parse()?,
    /// # );
    /// # let mut service = Service::new(new, Policy::default(), now);
    /// # let number = NewNumber::phone(sid!("PN00000000000000000000000000000001"), "+14155551212".parse()?);
    /// # let number = service.add_number(number, now)?.clone();
    /// let number = resource::PhoneNumber::new(&number, service.settings(), &Origin::default()).expect("it is none");
    /// assert_eq!(number.phone_number.to_string(), "+14155551212");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn new(number: &number::PhoneNumber, service: &ServiceSettings, origin: &Origin) -> Option<Self> {
        let (NumberSid::PhoneNumber(sid), ProxyNumber::PhoneNumber(phone_number)) = (number.sid, number.phone_number)
        else {
            return None;
        };
        Some(Self {
            sid,
            account_sid: service.account_sid,
            service_sid: service.sid,
            date_created: number.date_created,
            date_updated: number.date_updated,
            phone_number,
            friendly_name: number.friendly_name.clone(),
            iso_country: number.iso_country,
            capabilities: number.capabilities,
            url: located(format_args!("{origin}/v1/Services/{}/PhoneNumbers/{sid}", service.sid)),
            is_reserved: number.is_reserved,
            in_use: number.in_use,
        })
    }
}

/// A short code in the pool of a service.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[non_exhaustive]
pub struct ShortCode {
    /// Its SID.
    pub sid: ShortCodeSid,
    /// The account that owns it.
    pub account_sid: AccountSid,
    /// The service whose pool it is in.
    pub service_sid: ServiceSid,
    /// When it was added to the pool.
    pub date_created: Timestamp,
    /// When it last changed (TIM-5).
    pub date_updated: Timestamp,
    /// The short code.
    pub short_code: address::ShortCode,
    /// Its country.
    pub iso_country: Option<Country>,
    /// What it can carry, by six directional keys (API-8).
    pub capabilities: Capabilities,
    /// Where it is found.
    pub url: String,
    /// Whether it is kept out of automatic selection.
    pub is_reserved: bool,
}

impl ShortCode {
    /// A short code of the pool of the service with these settings; `None` if it is a phone number.
    ///
    /// ```
    /// # use twilio_proxy_core::{NewMessage, NewNumber, NewParticipant, NewService, NewSession, Policy, Service, Timestamp, sid};
    /// # use twilio_proxy_core::{geography::Country, rest::{Origin, resource}};
    /// # let now = Timestamp::MIN;
    /// # let new = NewService::new(
    /// #     sid!("KS00000000000000000000000000000001"),
    /// #     sid!("AC00000000000000000000000000000001"),
    /// #     "rides".parse()?,
    /// # );
    /// # let mut service = Service::new(new, Policy::default(), now);
    /// # let code = NewNumber::short_code(sid!("SC00000000000000000000000000000001"), "44551".parse()?, Country::US);
    /// # let code = service.add_number(code, now)?.clone();
    /// let code = resource::ShortCode::new(&code, service.settings(), &Origin::default()).expect("it is one");
    /// assert_eq!(code.short_code.to_string(), "44551");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn new(number: &number::PhoneNumber, service: &ServiceSettings, origin: &Origin) -> Option<Self> {
        let (NumberSid::ShortCode(sid), ProxyNumber::ShortCode(short_code)) = (number.sid, number.phone_number) else {
            return None;
        };
        Some(Self {
            sid,
            account_sid: service.account_sid,
            service_sid: service.sid,
            date_created: number.date_created,
            date_updated: number.date_updated,
            short_code,
            iso_country: number.iso_country,
            capabilities: number.capabilities,
            url: located(format_args!("{origin}/v1/Services/{}/ShortCodes/{sid}", service.sid)),
            is_reserved: number.is_reserved,
        })
    }
}

/// A session.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Session {
    /// Its SID.
    pub sid: SessionSid,
    /// The service that it belongs to.
    pub service_sid: ServiceSid,
    /// The account of the service.
    pub account_sid: AccountSid,
    /// When the first interaction was connected.
    pub date_started: Option<Timestamp>,
    /// When it was closed.
    pub date_ended: Option<Timestamp>,
    /// When the latest interaction was connected.
    pub date_last_interaction: Option<Timestamp>,
    /// When it is to expire, whatever its TTL.
    pub date_expiry: Option<Timestamp>,
    /// Its name.
    pub unique_name: Option<SessionName>,
    /// Its status.
    pub status: SessionStatus,
    /// Why it was closed.
    pub closed_reason: Option<ClosedReason>,
    /// How many seconds it lives without an interaction; 0 is no limit.
    pub ttl: Ttl,
    /// What it carries.
    pub mode: SessionMode,
    /// When it was created.
    pub date_created: Timestamp,
    /// When it last changed (TIM-5).
    pub date_updated: Timestamp,
    /// Where it is found.
    pub url: String,
    /// Where its parts are found.
    pub links: SessionLinks,
}

/// Where the parts of a session are found.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[non_exhaustive]
pub struct SessionLinks {
    /// Its interactions.
    pub interactions: String,
    /// Its participants.
    pub participants: String,
}

impl Session {
    /// A session of the service with these settings.
    ///
    /// ```
    /// # use twilio_proxy_core::{NewMessage, NewNumber, NewParticipant, NewService, NewSession, Policy, Service, Timestamp, sid};
    /// # use twilio_proxy_core::{geography::Country, rest::{Origin, resource}};
    /// # let now = Timestamp::MIN;
    /// # let new = NewService::new(
    /// #     sid!("KS00000000000000000000000000000001"),
    /// #     sid!("AC00000000000000000000000000000001"),
    /// #     "rides".parse()?,
    /// # );
    /// # let mut service = Service::new(new, Policy::default(), now);
    /// # let ride = service.create_session(NewSession::new(sid!("KC00000000000000000000000000000001")), now)?.clone();
    /// let ride = resource::Session::new(&ride, service.settings(), &Origin::default());
    /// assert_eq!(ride.links.participants, format!("{}/Participants", ride.url));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn new(session: &session::Session, service: &ServiceSettings, origin: &Origin) -> Self {
        let url = located(format_args!("{origin}/v1/Services/{}/Sessions/{}", service.sid, session.sid));
        let links = SessionLinks {
            interactions: [&url, "/Interactions"].concat(),
            participants: [&url, "/Participants"].concat(),
        };
        Self {
            sid: session.sid,
            service_sid: service.sid,
            account_sid: service.account_sid,
            date_started: session.date_started,
            date_ended: session.date_ended,
            date_last_interaction: session.date_last_interaction,
            date_expiry: session.date_expiry,
            unique_name: session.unique_name.clone(),
            status: session.status,
            closed_reason: session.closed_reason,
            ttl: session.ttl,
            mode: session.mode,
            date_created: session.date_created,
            date_updated: session.date_updated,
            url,
            links,
        }
    }
}

/// A participant of a session, live or removed.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Participant {
    /// Its SID.
    pub sid: ParticipantSid,
    /// The session that it belongs to.
    pub session_sid: SessionSid,
    /// The service of the session.
    pub service_sid: ServiceSid,
    /// The account of the service.
    pub account_sid: AccountSid,
    /// The text that describes it.
    pub friendly_name: Option<FriendlyName>,
    /// The person's number or channel address. Personal data.
    pub identifier: Identifier,
    /// Behind which number or channel address the person reaches the partner.
    pub proxy_identifier: ProxyIdentifier,
    /// SID of that number, if it is one.
    pub proxy_identifier_sid: Option<PhoneNumberSid>,
    /// When it was removed.
    pub date_deleted: Option<Timestamp>,
    /// When it was added.
    pub date_created: Timestamp,
    /// When it last changed (TIM-5).
    pub date_updated: Timestamp,
    /// Where it is found.
    pub url: String,
    /// Where its parts are found.
    pub links: ParticipantLinks,
}

/// Where the parts of a participant are found.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[non_exhaustive]
pub struct ParticipantLinks {
    /// The messages that were sent to it.
    pub message_interactions: String,
}

impl Participant {
    /// A participant of a session of the service with these settings.
    ///
    /// ```
    /// # use twilio_proxy_core::{NewMessage, NewNumber, NewParticipant, NewService, NewSession, Policy, Service, Timestamp, sid};
    /// # use twilio_proxy_core::{geography::Country, rest::{Origin, resource}};
    /// # let now = Timestamp::MIN;
    /// # let new = NewService::new(
    /// #     sid!("KS00000000000000000000000000000001"),
    /// #     sid!("AC00000000000000000000000000000001"),
    /// #     "rides".parse()?,
    /// # );
    /// # let mut service = Service::new(new, Policy::default(), now);
    /// # let number = NewNumber::phone(sid!("PN00000000000000000000000000000001"), "+14155551212".parse()?);
    /// # let number = service.add_number(number, now)?.clone();
    /// # let ride = service.create_session(NewSession::new(sid!("KC00000000000000000000000000000001")), now)?.clone();
    /// # let alice = NewParticipant::new(sid!("KP00000000000000000000000000000001"), "+15558675310".parse()?);
    /// # let alice = service.add_participant(ride.sid, alice, now)?.clone();
    /// let alice = resource::Participant::new(&alice, ride.sid, service.settings(), &Origin::default());
    /// assert_eq!(alice.proxy_identifier.to_string(), "+14155551212");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn new(
        participant: &participant::Participant,
        session: SessionSid,
        service: &ServiceSettings,
        origin: &Origin,
    ) -> Self {
        let url = located(format_args!(
            "{origin}/v1/Services/{}/Sessions/{session}/Participants/{}",
            service.sid, participant.sid
        ));
        let links = ParticipantLinks { message_interactions: [&url, "/MessageInteractions"].concat() };
        Self {
            sid: participant.sid,
            session_sid: session,
            service_sid: service.sid,
            account_sid: service.account_sid,
            friendly_name: participant.friendly_name.clone(),
            identifier: participant.identifier.clone(),
            proxy_identifier: participant.proxy_identifier.clone(),
            proxy_identifier_sid: participant.proxy_identifier_sid,
            date_deleted: participant.date_deleted,
            date_created: participant.date_created,
            date_updated: participant.date_updated,
            url,
            links,
        }
    }
}

/// An interaction of a session: a call or message that was connected, or a message that was sent to one participant alone,
/// which is also a message interaction of that one, under the same SID (INT-3). `Debug` leaves out what was said.
#[derive(Clone, Deserialize, Eq, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Interaction {
    /// Its SID.
    pub sid: InteractionSid,
    /// The session that it belongs to.
    pub session_sid: SessionSid,
    /// The service of the session.
    pub service_sid: ServiceSid,
    /// The account of the service.
    pub account_sid: AccountSid,
    /// JSON text (INT-1). Personal data.
    pub data: Option<Box<str>>,
    /// Whether it is a call or a message: `type` on the wire.
    #[serde(rename = "type")]
    pub kind: InteractionType,
    /// Of a message interaction, who it was sent to; an interaction of the session has no such field.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub participant_sid: Option<ParticipantSid>,
    /// Who called or wrote.
    pub inbound_participant_sid: Option<ParticipantSid>,
    /// The call or message that came in.
    pub inbound_resource_sid: Option<ResourceSid>,
    /// Its status.
    pub inbound_resource_status: Option<ResourceStatus>,
    /// What it is.
    pub inbound_resource_type: Option<ResourceType>,
    /// Where it is found in Twilio's API.
    pub inbound_resource_url: Option<Box<str>>,
    /// Who is called or written to.
    pub outbound_participant_sid: Option<ParticipantSid>,
    /// The call or message that goes out.
    pub outbound_resource_sid: Option<ResourceSid>,
    /// Its status.
    pub outbound_resource_status: Option<ResourceStatus>,
    /// What it is.
    pub outbound_resource_type: Option<ResourceType>,
    /// Where it is found in Twilio's API.
    pub outbound_resource_url: Option<Box<str>>,
    /// When it was connected or sent.
    pub date_created: Timestamp,
    /// When it last changed (TIM-5).
    pub date_updated: Timestamp,
    /// Where it is found.
    pub url: String,
}

impl Interaction {
    /// An interaction of a session of the service with these settings.
    ///
    /// ```
    /// # use twilio_proxy_core::{NewMessage, NewNumber, NewParticipant, NewService, NewSession, Policy, Service, Timestamp, sid};
    /// # use twilio_proxy_core::{geography::Country, rest::{Origin, resource}};
    /// # let now = Timestamp::MIN;
    /// # let new = NewService::new(
    /// #     sid!("KS00000000000000000000000000000001"),
    /// #     sid!("AC00000000000000000000000000000001"),
    /// #     "rides".parse()?,
    /// # );
    /// # let mut service = Service::new(new, Policy::default(), now);
    /// # let number = NewNumber::phone(sid!("PN00000000000000000000000000000001"), "+14155551212".parse()?);
    /// # let number = service.add_number(number, now)?.clone();
    /// # let ride = service.create_session(NewSession::new(sid!("KC00000000000000000000000000000001")), now)?.clone();
    /// # let alice = NewParticipant::new(sid!("KP00000000000000000000000000000001"), "+15558675310".parse()?);
    /// # let alice = service.add_participant(ride.sid, alice, now)?.clone();
    /// # let welcome = NewMessage::new(sid!("KI00000000000000000000000000000001"), "Welcome!".parse()?);
    /// # let welcome = service.send_message(ride.sid, alice.sid, welcome, now)?.clone();
    /// let welcome = resource::Interaction::new(&welcome, ride.sid, service.settings(), &Origin::default());
    /// assert_eq!((welcome.session_sid, welcome.participant_sid), (ride.sid, None));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn new(
        interaction: &interaction::Interaction,
        session: SessionSid,
        service: &ServiceSettings,
        origin: &Origin,
    ) -> Self {
        Self {
            sid: interaction.sid,
            session_sid: session,
            service_sid: service.sid,
            account_sid: service.account_sid,
            data: interaction.data.clone(),
            kind: interaction.kind,
            participant_sid: None,
            inbound_participant_sid: interaction.inbound_participant_sid,
            inbound_resource_sid: interaction.inbound_resource_sid,
            inbound_resource_status: interaction.inbound_resource_status,
            inbound_resource_type: interaction.inbound_resource_type,
            inbound_resource_url: interaction.inbound_resource_url.clone(),
            outbound_participant_sid: interaction.outbound_participant_sid,
            outbound_resource_sid: interaction.outbound_resource_sid,
            outbound_resource_status: interaction.outbound_resource_status,
            outbound_resource_type: interaction.outbound_resource_type,
            outbound_resource_url: interaction.outbound_resource_url.clone(),
            date_created: interaction.date_created,
            date_updated: interaction.date_updated,
            url: located(format_args!(
                "{origin}/v1/Services/{}/Sessions/{session}/Interactions/{}",
                service.sid, interaction.sid
            )),
        }
    }

    /// The same as a message interaction of the participant that it was sent to.
    ///
    /// ```
    /// # use twilio_proxy_core::{NewMessage, NewNumber, NewParticipant, NewService, NewSession, Policy, Service, Timestamp, sid};
    /// # use twilio_proxy_core::{geography::Country, rest::{Origin, resource}};
    /// # let now = Timestamp::MIN;
    /// # let new = NewService::new(
    /// #     sid!("KS00000000000000000000000000000001"),
    /// #     sid!("AC00000000000000000000000000000001"),
    /// #     "rides".parse()?,
    /// # );
    /// # let mut service = Service::new(new, Policy::default(), now);
    /// # let number = NewNumber::phone(sid!("PN00000000000000000000000000000001"), "+14155551212".parse()?);
    /// # let number = service.add_number(number, now)?.clone();
    /// # let ride = service.create_session(NewSession::new(sid!("KC00000000000000000000000000000001")), now)?.clone();
    /// # let alice = NewParticipant::new(sid!("KP00000000000000000000000000000001"), "+15558675310".parse()?);
    /// # let alice = service.add_participant(ride.sid, alice, now)?.clone();
    /// # let welcome = NewMessage::new(sid!("KI00000000000000000000000000000001"), "Welcome!".parse()?);
    /// # let welcome = service.send_message(ride.sid, alice.sid, welcome, now)?.clone();
    /// let settings = service.settings();
    /// let welcome = resource::Interaction::for_recipient(&welcome, alice.sid, ride.sid, settings, &Origin::default());
    /// assert_eq!(welcome.participant_sid, Some(alice.sid));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn for_recipient(
        interaction: &interaction::Interaction,
        recipient: ParticipantSid,
        session: SessionSid,
        service: &ServiceSettings,
        origin: &Origin,
    ) -> Self {
        let url = located(format_args!(
            "{origin}/v1/Services/{}/Sessions/{session}/Participants/{recipient}/MessageInteractions/{}",
            service.sid, interaction.sid
        ));
        Self { participant_sid: Some(recipient), url, ..Self::new(interaction, session, service, origin) }
    }
}

impl fmt::Debug for Interaction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Interaction")
            .field("kind", &self.kind)
            .field("outbound_resource_status", &self.outbound_resource_status)
            .field("url", &self.url)
            .finish_non_exhaustive()
    }
}

/// What is said of a page of a list (API-5).
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Meta {
    /// The first page.
    pub first_page_url: String,
    /// The field of the answer that has the items.
    pub key: String,
    /// The page behind this one, if something lies there.
    pub next_page_url: Option<String>,
    /// The number that this page was asked for with; it says nothing of its place.
    pub page: u64,
    /// The most items that a page has.
    pub page_size: u32,
    /// The page before this one, if something lies there.
    pub previous_page_url: Option<String>,
    /// This page.
    pub url: String,
}

macro_rules! lists {
    ($($(#[$doc:meta])* $list:ident { $items:ident: $item:ident })*) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
        #[non_exhaustive]
        pub struct $list {
            /// The items, in the order of their creation.
            pub $items: Vec<$item>,
            /// Which page it is, and where the others are.
            pub meta: Meta,
        }

        impl $list {
            /// The field that has the items.
            pub(super) const KEY: &str = stringify!($items);

            pub(super) fn new(($items, meta): (Vec<$item>, Meta)) -> Self {
                Self { $items, meta }
            }
        }
    )*};
}

lists! {
    /// A page of the services of an account.
    ServiceList { services: Service }
    /// A page of the phone numbers of a service.
    PhoneNumberList { phone_numbers: PhoneNumber }
    /// A page of the short codes of a service.
    ShortCodeList { short_codes: ShortCode }
    /// A page of the sessions of a service.
    SessionList { sessions: Session }
    /// A page of the participants of a session.
    ParticipantList { participants: Participant }
    /// A page of the interactions of a session, or of the message interactions of a participant.
    InteractionList { interactions: Interaction }
}

/// Why a request was refused (API-6).
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Error {
    /// The number of the code in the error catalogue.
    pub code: Code,
    /// What is wrong.
    pub message: String,
    /// Where Twilio explains the code.
    pub more_info: String,
    /// The HTTP status of the answer.
    pub status: u16,
}

impl Error {
    /// What a refusal says.
    ///
    /// ```
    /// # use twilio_proxy_core::rest::{MalformedForm, Refusal, resource};
    /// let error = resource::Error::new(&Refusal::MalformedForm(MalformedForm::Utf8));
    /// assert_eq!(error.more_info, "https://www.twilio.com/docs/errors/80701");
    /// ```
    #[must_use]
    pub fn new(refusal: &Refusal) -> Self {
        let code = refusal.code();
        Self {
            code,
            message: refusal.to_string(),
            more_info: format!("https://www.twilio.com/docs/errors/{code}"),
            status: refusal.http_status(),
        }
    }
}
