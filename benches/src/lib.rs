//! The operations that are measured, each on a service that was made ready for it.

use core::{
    error::Error,
    fmt::{self, Write},
    hint::black_box,
};

use twilio_proxy_core::{
    AccountSid, ContactKind, E164, Explanation, Identifier, Inbound, InteractionSid, NewNumber, NewParticipant,
    NewService, NewSession, ParticipantSid, PhoneNumberSid, Policy, ProxyIdentifier, Service, ServiceSid, ServiceState,
    SessionSid, SessionStatus, SessionUpdate, Timestamp, Ttl,
};

const NOW: Timestamp = Timestamp::MIN;
const NUMBERS: u64 = 500;

/// A service with many active two-person sessions, one with nobody in it, and what the operations are given.
#[derive(Clone, Debug)]
pub struct World {
    service: Service,
    /// A session of two, and one of them.
    ride: SessionSid,
    alice: ParticipantSid,
    from: Identifier,
    to: ProxyIdentifier,
    /// The session with nobody in it, and who is to be added.
    empty: SessionSid,
    stranger: NewParticipant,
    text: String,
    number: String,
    json: String,
}

impl World {
    /// # Panics
    ///
    /// If the service refuses something.
    #[must_use]
    #[expect(clippy::expect_used, reason = "a benchmark may stop")]
    pub fn new(sessions: u64) -> Self {
        Self::try_new(sessions).expect("the service takes what it is given")
    }

    fn try_new(sessions: u64) -> Result<Self, Box<dyn Error>> {
        let names = NewService::new(ServiceSid::from_u128(1), AccountSid::from_u128(1), "rides".parse()?);
        let mut service = Service::new(names, Policy::default(), NOW);
        for n in 0..NUMBERS {
            service.add_number(NewNumber::phone(PhoneNumberSid::from_u128(n.into()), number("646", n)?), NOW)?;
        }
        for n in 0..sessions {
            service.create_session(session(n)?, NOW)?;
            service.add_participant(session(n)?.sid, person(n.saturating_mul(2))?, NOW)?;
            service.add_participant(session(n)?.sid, person(n.saturating_mul(2).saturating_add(1))?, NOW)?;
        }
        let (ride, empty) = (session(sessions / 2)?.sid, session(sessions)?);
        let alice = service.participants(ride).and_then(|mut people| people.next()).ok_or("a ride has people")?.clone();
        let json = serde_json::to_string(&service.state())?;
        let empty = service.create_session(empty, NOW)?.sid;
        Ok(Self {
            service,
            ride,
            alice: alice.sid,
            from: alice.identifier,
            to: alice.proxy_identifier,
            empty,
            stranger: person(sessions.saturating_mul(3))?,
            text: ride.to_string(),
            number: "+14155550123".into(),
            json,
        })
    }
}

/// An operation, and whether it was done.
pub type Operation = fn(&mut World) -> bool;

/// All that are measured, by name.
pub const OPERATIONS: &[(&str, Operation)] = &[
    ("parse a SID", parse_sid),
    ("print a SID", print_sid),
    ("parse a number", parse_number),
    ("print a number", print_number),
    ("create_session", create_session),
    ("add_participant", add_participant),
    ("remove_participant", remove_participant),
    ("route", route),
    ("receive", receive),
    ("close a session", close),
    ("expire one session", expire),
    ("explain_selection", explain_selection),
    ("delete_session", delete_session),
    ("state to JSON", serialize),
    ("JSON to service", restore),
];

/// Of its text.
pub fn parse_sid(world: &mut World) -> bool {
    world.text.parse::<SessionSid>().is_ok()
}

/// Into a buffer.
pub fn print_sid(world: &mut World) -> bool {
    world.ride.encode(&mut [0; 34]).ends_with(b"0")
}

/// In E.164 form.
pub fn parse_number(world: &mut World) -> bool {
    world.number.parse::<E164>().is_ok()
}

/// Of a caller, into nowhere.
pub fn print_number(world: &mut World) -> bool {
    write!(Nowhere, "{}", world.from).is_ok()
}

struct Nowhere;

impl Write for Nowhere {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        black_box(text);
        Ok(())
    }
}

/// With nobody in it.
pub fn create_session(world: &mut World) -> bool {
    let new = NewSession::new(SessionSid::from_u128(u128::MAX));
    world.service.create_session(new, NOW).is_ok()
}

/// With a number that is selected.
pub fn add_participant(world: &mut World) -> bool {
    world.service.add_participant(world.empty, world.stranger.clone(), NOW).is_ok()
}

/// Of a session of two.
pub fn remove_participant(world: &mut World) -> bool {
    world.service.remove_participant(world.ride, world.alice, NOW).is_ok()
}

/// Of a call that connects.
pub fn route(world: &mut World) -> bool {
    world.service.route(Some(&world.from), &world.to, ContactKind::Call, NOW).code().is_none()
}

/// A call that connects.
pub fn receive(world: &mut World) -> bool {
    let Ok(resource) = "CA00000000000000000000000000000001".parse() else { return false };
    let call = Inbound::call(InteractionSid::from_u128(1), resource, Some(world.from.clone()), world.to.clone());
    world.service.receive(call, NOW).is_ok()
}

/// By an update.
pub fn close(world: &mut World) -> bool {
    let close = SessionUpdate { status: Some(SessionStatus::Closed), ..SessionUpdate::default() };
    world.service.update_session(world.ride, close, NOW).is_ok()
}

/// The first that is due.
pub fn expire(world: &mut World) -> bool {
    let deadline = world.service.next_deadline();
    world.service.handle_deadline(deadline.unwrap_or(NOW));
    deadline.is_some()
}

/// Of somebody new.
pub fn explain_selection(world: &mut World) -> bool {
    let explanation = world.service.explain_selection(world.empty, &world.stranger.identifier, NOW);
    matches!(explanation, Ok(Explanation { outcome: Ok(_), .. }))
}

/// Of two people.
pub fn delete_session(world: &mut World) -> bool {
    world.service.delete_session(world.ride, NOW).is_ok()
}

/// The whole service.
pub fn serialize(world: &mut World) -> bool {
    serde_json::to_string(&world.service.state()).is_ok()
}

/// The whole service.
pub fn restore(world: &mut World) -> bool {
    serde_json::from_str::<ServiceState>(&world.json).is_ok_and(|state| Service::restore(state).is_ok())
}

fn session(n: u64) -> Result<NewSession, Box<dyn Error>> {
    let mut new = NewSession::new(SessionSid::from_u128(spread(n)));
    new.ttl = Some(Ttl::from_seconds(u32::try_from(n % 86_400)?.saturating_add(3_600))?);
    Ok(new)
}

fn person(n: u64) -> Result<NewParticipant, Box<dyn Error>> {
    Ok(NewParticipant::new(ParticipantSid::from_u128(spread(n)), number("415", n)?.into()))
}

fn number(area_code: &str, n: u64) -> Result<E164, Box<dyn Error>> {
    Ok(format!("+1{area_code}{:07}", n.saturating_add(2_000_000)).parse()?)
}

/// Bits that look random.
fn spread(n: u64) -> u128 {
    u128::from(n).wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c834)
}
