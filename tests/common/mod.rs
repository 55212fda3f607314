//! A small world that reads well: people, numbers and instants by name.
#![expect(dead_code, reason = "each test file uses a part")]
#![expect(clippy::unwrap_used, reason = "a fixture that fails is a failed test")]

use twilio_proxy_core::{
    AccountSid, AddParticipantError, Code, E164, Event, Identifier, NewNumber, NewParticipant, NewService, NewSession,
    Notification, NumberSid, Participant, ParticipantSid, PhoneNumberSid, Policy, Service, ServiceSid, SessionMode,
    SessionSid, SessionStatus, SessionUpdate, ShortCodeSid, Timestamp, geography::Country,
};

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
