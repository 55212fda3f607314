//! A small world that reads well: people, numbers and instants by name.
#![cfg_attr(not(feature = "serde"), expect(dead_code, reason = "the tests that are about JSON use a part"))]
#![expect(clippy::unwrap_used, reason = "a fixture that fails is a failed test")]

pub(crate) mod account;
#[cfg(feature = "rest")]
pub(crate) mod rest;

use twilio_proxy_core::{
    AccountSid, AddParticipantError, CallbackUrl, Code, E164, Event, Identifier, Inbound, InteractionSid, NewMessage,
    NewNumber, NewParticipant, NewService, NewSession, Notification, NumberSid, Outcome, Participant, ParticipantSid,
    Patch, PhoneNumberSid, Policy, ProxyIdentifier, ProxyNumber, ResourceSid, Service, ServiceSid, ServiceUpdate,
    SessionMode, SessionSid, SessionStatus, SessionUpdate, ShortCodeSid, Timestamp, Ttl, geography::Country,
};
#[cfg(feature = "testing")]
use twilio_proxy_core::{Command, LogEntry};

/// People in different countries.
pub(crate) const ALICE: &str = "+14155550001";
pub(crate) const BOB: &str = "+14155550002";
pub(crate) const CAROL: &str = "+14155550003";
pub(crate) const XAVER: &str = "+12125550001";
pub(crate) const BRITON: &str = "+442079460001";

/// An instant this many seconds after 2026-01-01T00:00:00Z.
pub(crate) fn at(seconds: u64) -> Timestamp {
    Timestamp::from_unix_seconds(1_767_225_600).checked_add(seconds).unwrap()
}

pub(crate) fn session(n: u128) -> SessionSid {
    SessionSid::from_u128(n)
}

pub(crate) fn participant(n: u128) -> ParticipantSid {
    ParticipantSid::from_u128(n)
}

pub(crate) fn number(n: u128) -> PhoneNumberSid {
    PhoneNumberSid::from_u128(n)
}

pub(crate) fn short_code(n: u128) -> ShortCodeSid {
    ShortCodeSid::from_u128(n)
}

pub(crate) fn e164(text: &str) -> E164 {
    text.parse().unwrap()
}

pub(crate) fn identifier(text: &str) -> Identifier {
    text.parse().unwrap()
}

pub(crate) fn country(code: &str) -> Country {
    code.parse().unwrap()
}

/// A service without numbers, created at `at(0)`.
pub(crate) fn service() -> Service {
    service_with(Policy::default())
}

pub(crate) fn service_with(policy: Policy) -> Service {
    Service::new(new_service(), policy, at(0))
}

pub(crate) fn new_service() -> NewService {
    NewService::new(ServiceSid::from_u128(1), AccountSid::from_u128(1), "rides".parse().unwrap())
}

/// A policy under which requests are permissive (CON-1).
pub(crate) fn permissive() -> Policy {
    let mut policy = Policy::default();
    policy.allow_participant_conflict = true;
    policy
}

pub(crate) fn new_session(n: u128) -> NewSession {
    NewSession::new(session(n))
}

pub(crate) fn new_session_with_mode(n: u128, mode: SessionMode) -> NewSession {
    let mut new = new_session(n);
    new.mode = mode;
    new
}

pub(crate) fn new_participant(n: u128, identifier: &str) -> NewParticipant {
    NewParticipant::new(participant(n), identifier.parse().unwrap())
}

/// A participant who asks for this number or channel address.
pub(crate) fn new_participant_with(n: u128, identifier: &str, proxy_identifier: &str) -> NewParticipant {
    let mut new = new_participant(n, identifier);
    new.proxy_identifier = Some(proxy_identifier.parse().unwrap());
    new
}

pub(crate) fn new_number(n: u128, phone_number: &str) -> NewNumber {
    NewNumber::phone(number(n), phone_number.parse().unwrap())
}

pub(crate) fn new_short_code(n: u128, digits: &str, country: Country) -> NewNumber {
    NewNumber::short_code(short_code(n), digits.parse().unwrap(), country)
}

pub(crate) fn close() -> SessionUpdate {
    SessionUpdate { status: Some(SessionStatus::Closed), ..SessionUpdate::default() }
}

pub(crate) fn reopen() -> SessionUpdate {
    SessionUpdate { status: Some(SessionStatus::InProgress), ..SessionUpdate::default() }
}

// ---- traffic ----

pub(crate) const CALLBACK: &str = "https://rides.example.com/callback";
pub(crate) const INTERCEPT: &str = "https://rides.example.com/intercept";
pub(crate) const OUT_OF_SESSION: &str = "https://rides.example.com/out-of-session";

pub(crate) fn interaction(n: u128) -> InteractionSid {
    InteractionSid::from_u128(n)
}

pub(crate) fn call_sid(n: u128) -> ResourceSid {
    format!("CA{n:032x}").parse().unwrap()
}

pub(crate) fn message_sid(n: u128) -> ResourceSid {
    format!("SM{n:032x}").parse().unwrap()
}

pub(crate) fn proxy(text: &str) -> ProxyIdentifier {
    text.parse().unwrap()
}

/// A number of the pool, as a notification tells it.
pub(crate) fn pool_number(text: &str) -> Option<ProxyNumber> {
    proxy(text).number()
}

pub(crate) fn url(text: &str) -> CallbackUrl {
    text.parse().unwrap()
}

pub(crate) fn ttl(seconds: u32) -> Ttl {
    Ttl::from_seconds(seconds).unwrap()
}

/// A call with the SIDs `KI…n` and `CA…n`.
pub(crate) fn call(n: u128, from: &str, to: &str) -> Inbound {
    Inbound::call(interaction(n), call_sid(n), identifier(from), proxy(to))
}

/// A message with the SIDs `KI…n` and `SM…n`.
pub(crate) fn message(n: u128, from: &str, to: &str, body: &str) -> Inbound {
    Inbound::message(interaction(n), message_sid(n), identifier(from), proxy(to), body.parse().unwrap())
}

pub(crate) fn withheld_call(n: u128, to: &str) -> Inbound {
    Inbound::call(interaction(n), call_sid(n), None, proxy(to))
}

pub(crate) fn new_message(n: u128, body: &str) -> NewMessage {
    NewMessage::new(interaction(n), body.parse().unwrap())
}

/// What becomes of a contact that comes in at the latest instant seen.
pub(crate) fn received(service: &mut Service, inbound: Inbound) -> Outcome {
    service.receive(inbound, service.latest_instant()).unwrap()
}

/// The connection of interaction `n` in session `session_n`.
pub(crate) fn connected(session_n: u128, n: u128, from: &str, to: &str) -> Outcome {
    Outcome::Connected {
        session: session(session_n),
        interaction: interaction(n),
        from: proxy(from),
        to: identifier(to),
    }
}

pub(crate) fn set_callback_url(service: &mut Service) {
    let update = ServiceUpdate { callback_url: Patch::Set(url(CALLBACK)), ..ServiceUpdate::default() };
    service.update_service(update, service.latest_instant());
}

pub(crate) fn set_intercept_url(service: &mut Service) {
    let update = ServiceUpdate { intercept_callback_url: Patch::Set(url(INTERCEPT)), ..ServiceUpdate::default() };
    service.update_service(update, service.latest_instant());
}

pub(crate) fn set_out_of_session_url(service: &mut Service) {
    let update =
        ServiceUpdate { out_of_session_callback_url: Patch::Set(url(OUT_OF_SESSION)), ..ServiceUpdate::default() };
    service.update_service(update, service.latest_instant());
}

/// Takes every event that has arisen.
pub(crate) fn polled(service: &mut Service) -> Vec<Event> {
    core::iter::from_fn(|| service.poll_event()).collect()
}

/// Takes every event that has arisen; tells of each what it is: a code, a request and its interaction, or a leg.
pub(crate) fn told(service: &mut Service) -> Vec<String> {
    let tell = |event| match event {
        Event::Notification(notification) => notification.code().number().to_string(),
        Event::Request(request) => format!("{} {}", request.purpose, request.interaction.to_u128()),
        Event::Leg(leg) => format!("leg {} from {} to {}", leg.interaction.to_u128(), leg.from, leg.to),
        other => format!("{other:?}"),
    };
    polled(service).into_iter().map(tell).collect()
}

/// A service that has come back from its serialised state.
#[cfg(feature = "serde")]
pub(crate) fn restored(service: &Service) -> Service {
    let json = serde_json::to_string(&service.state()).unwrap();
    Service::restore(serde_json::from_str(&json).unwrap()).unwrap()
}

/// The two numbers of [`ride`].
pub(crate) const P1: &str = "+14155559001";
pub(crate) const P2: &str = "+14155559002";

/// Session 1 with ALICE on P1 and BOB on P2, participants 1 and 2.
pub(crate) fn ride() -> Service {
    ride_with(Policy::default(), new_session(1))
}

/// The same in a session of this mode.
pub(crate) fn ride_in(mode: SessionMode) -> Service {
    ride_with(Policy::default(), new_session_with_mode(1, mode))
}

/// The same with a TTL.
pub(crate) fn mortal_ride(seconds: u32) -> Service {
    let mut new = new_session(1);
    new.ttl = Some(ttl(seconds));
    ride_with(Policy::default(), new)
}

/// The same under a policy, and in a session that is not 1 maybe.
pub(crate) fn ride_with(policy: Policy, new: NewSession) -> Service {
    let mut service = service_with(policy).with_numbers(&[P1, P2]);
    let session = service.create_session(new, at(0)).unwrap().sid;
    service.add_with(session, 1, ALICE, P1);
    service.add_with(session, 2, BOB, P2);
    service
}

/// Everybody whom these commands mention.
#[cfg(feature = "testing")]
pub(crate) fn people(entries: &[LogEntry]) -> Vec<Identifier> {
    let mut people: Vec<Identifier> = Vec::new();
    for LogEntry { command, .. } in entries {
        if let Command::CreateSession { new } = command {
            people.extend(new.participants.iter().map(|new| new.identifier.clone()));
        } else if let Command::AddParticipant { new, .. } | Command::BeginAddParticipant { new, .. } = command {
            people.push(new.identifier.clone());
        } else if let Command::Receive { inbound } = command {
            people.extend(inbound.from.clone());
        }
    }
    people.sort_unstable();
    people.dedup();
    people
}

/// Every number that these commands add, and everything that is dialled or written to.
#[cfg(feature = "testing")]
pub(crate) fn proxies(entries: &[LogEntry]) -> Vec<ProxyIdentifier> {
    let mut proxies: Vec<ProxyIdentifier> = Vec::new();
    for LogEntry { command, .. } in entries {
        if let Command::AddNumber { new } = command {
            proxies.push(new.number().into());
        } else if let Command::Receive { inbound } = command {
            proxies.push(inbound.to.clone());
        }
    }
    proxies.sort_unstable();
    proxies.dedup();
    proxies
}

/// What a test does most: everything happens at the latest instant seen, and must succeed unless `try_` says otherwise.
pub(crate) trait World {
    /// Adds phone numbers to the pool, with SIDs counted from 1.
    fn with_numbers(self, numbers: &[&str]) -> Self;
    fn open(&mut self, n: u128) -> SessionSid;
    fn open_with_mode(&mut self, n: u128, mode: SessionMode) -> SessionSid;
    /// Adds a participant; gives its proxy identifier.
    fn add(&mut self, session: SessionSid, n: u128, identifier: &str) -> String;
    /// Adds a participant with an explicit number or channel address; gives its proxy identifier.
    fn add_with(&mut self, session: SessionSid, n: u128, identifier: &str, proxy_identifier: &str) -> String;
    /// The code with which a participant is refused, with no trace left.
    fn try_add(&mut self, session: SessionSid, new: NewParticipant) -> Result<String, Code>;
    fn begin(&mut self, session: SessionSid, n: u128, identifier: &str) -> String;
    fn close(&mut self, session: SessionSid);
    fn reopen(&mut self, session: SessionSid);
    fn status(&self, session: SessionSid) -> Option<SessionStatus>;
    fn in_use(&self, number: impl Into<NumberSid>) -> u32;
    /// Takes every event that has arisen; gives the codes of the notifications.
    fn drain(&mut self) -> Vec<Code>;
    fn drain_notifications(&mut self) -> Vec<Notification>;
}

impl World for Service {
    fn with_numbers(mut self, numbers: &[&str]) -> Self {
        for (n, phone_number) in (1..).zip(numbers) {
            self.add_number(new_number(n, phone_number), self.latest_instant()).unwrap();
        }
        self
    }

    fn open(&mut self, n: u128) -> SessionSid {
        self.create_session(new_session(n), self.latest_instant()).unwrap().sid
    }

    fn open_with_mode(&mut self, n: u128, mode: SessionMode) -> SessionSid {
        self.create_session(new_session_with_mode(n, mode), self.latest_instant()).unwrap().sid
    }

    fn add(&mut self, session: SessionSid, n: u128, identifier: &str) -> String {
        let new = new_participant(n, identifier);
        self.add_participant(session, new, self.latest_instant()).unwrap().proxy_identifier.to_string()
    }

    fn add_with(&mut self, session: SessionSid, n: u128, identifier: &str, proxy_identifier: &str) -> String {
        let new = new_participant_with(n, identifier, proxy_identifier);
        self.add_participant(session, new, self.latest_instant()).unwrap().proxy_identifier.to_string()
    }

    fn try_add(&mut self, session: SessionSid, new: NewParticipant) -> Result<String, Code> {
        let before = self.state();
        let added: Result<&Participant, AddParticipantError> =
            self.add_participant(session, new, self.latest_instant());
        let outcome = added.map(|added| added.proxy_identifier.to_string()).map_err(|error| error.code());
        if outcome.is_err() {
            assert_eq!(self.state(), before, "ERR-2: a refusal changes nothing");
        }
        outcome
    }

    fn begin(&mut self, session: SessionSid, n: u128, identifier: &str) -> String {
        let new = new_participant(n, identifier);
        self.begin_add_participant(session, new, self.latest_instant()).unwrap().proxy_identifier.to_string()
    }

    fn close(&mut self, session: SessionSid) {
        self.update_session(session, close(), self.latest_instant()).unwrap();
    }

    fn reopen(&mut self, session: SessionSid) {
        self.update_session(session, reopen(), self.latest_instant()).unwrap();
    }

    fn status(&self, session: SessionSid) -> Option<SessionStatus> {
        self.session(session).map(|session| session.status)
    }

    fn in_use(&self, number: impl Into<NumberSid>) -> u32 {
        self.number(number).unwrap().in_use
    }

    fn drain(&mut self) -> Vec<Code> {
        self.drain_notifications().iter().map(Notification::code).collect()
    }

    fn drain_notifications(&mut self) -> Vec<Notification> {
        let mut notifications = Vec::new();
        while let Some(event) = self.poll_event() {
            if let Event::Notification(notification) = event {
                notifications.push(notification);
            }
        }
        notifications
    }
}
