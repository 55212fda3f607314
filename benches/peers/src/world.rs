//! A service with many active two-person sessions.

use core::ops::Range;

use twilio_proxy_core::{
    AccountSid, E164, NewNumber, NewParticipant, NewService, NewSession, ParticipantSid, PhoneNumberSid, Policy,
    ProxyIdentifier, Service, ServiceSid, SessionSid, SessionStatus, SessionUpdate, Timestamp, Ttl,
};

use crate::{Outcome, random::SplitMix};

pub(crate) const NOW: Timestamp = Timestamp::MIN;
/// As many as can be selected from.
pub(crate) const UNRESERVED: usize = 500;
/// As many as there are with those that can only be named.
pub(crate) const MOST_NUMBERS: usize = 5_000;

pub(crate) const CLOSE: SessionUpdate = SessionUpdate {
    status: Some(SessionStatus::Closed),
    ttl: None,
    date_expiry: None,
    fail_on_participant_conflict: false,
};

/// Someone in a session: identifier and number.
#[derive(Clone, Copy)]
pub(crate) struct Person {
    pub(crate) sid: ParticipantSid,
    pub(crate) identifier: E164,
    pub(crate) number: E164,
}

#[derive(Clone, Copy)]
pub(crate) struct Pair {
    pub(crate) session: SessionSid,
    pub(crate) ttl: Ttl,
    pub(crate) people: [Person; 2],
}

pub(crate) struct World {
    pub(crate) service: Service,
    pub(crate) pairs: Vec<Pair>,
    pub(crate) random: SplitMix,
}

impl World {
    pub(crate) fn new(sessions: usize) -> Outcome<Self> {
        let mut world = Self { service: empty_service()?, pairs: Vec::with_capacity(sessions), random: SplitMix(7) };
        add_numbers(&mut world.service, 0..UNRESERVED)?;
        for _ in 0..sessions {
            let pair = world.add_pair()?;
            world.pairs.push(pair);
        }
        Ok(world)
    }

    fn add_pair(&mut self) -> Outcome<Pair> {
        let new = new_session(&mut self.random)?;
        let (session, ttl) = (new.sid, new.ttl.unwrap_or_default());
        self.service.create_session(new, NOW)?;
        let people = [self.add_person(session)?, self.add_person(session)?];
        Ok(Pair { session, ttl, people })
    }

    fn add_person(&mut self, session: SessionSid) -> Outcome<Person> {
        let new = new_person(&mut self.random)?;
        let identifier = new.identifier.phone_number().ok_or("a person has a phone number")?;
        let added = self.service.add_participant(session, new, NOW)?;
        match added.proxy_identifier {
            ProxyIdentifier::PhoneNumber(number) => Ok(Person { sid: added.sid, identifier, number }),
            ProxyIdentifier::ShortCode(_) | ProxyIdentifier::Channel(_) => Err("the pool has phone numbers".into()),
        }
    }
}

pub(crate) fn empty_service() -> Outcome<Service> {
    let names = NewService::new(ServiceSid::from_u128(1), AccountSid::from_u128(1), "peers".parse()?);
    Ok(Service::new(names, Policy::default(), NOW))
}

/// Numbers of the US; those beyond the most that can be unreserved are reserved.
pub(crate) fn add_numbers(service: &mut Service, numbers: Range<usize>) -> Outcome {
    for n in numbers {
        let mut new = NewNumber::phone(PhoneNumberSid::from_u128(n as u128), number(n)?);
        new.is_reserved = n >= UNRESERVED;
        service.add_number(new, NOW)?;
    }
    Ok(())
}

pub(crate) fn remove_numbers(service: &mut Service, numbers: Range<usize>) -> Outcome {
    for n in numbers {
        service.remove_number(PhoneNumberSid::from_u128(n as u128), NOW)?;
    }
    Ok(())
}

pub(crate) fn number(n: usize) -> Outcome<E164> {
    Ok(format!("+1646{:07}", 2_000_000 + n).parse()?)
}

/// A session that lives for a day or two.
pub(crate) fn new_session(random: &mut SplitMix) -> Outcome<NewSession> {
    let mut new = NewSession::new(SessionSid::from_u128(random.next_u128()));
    new.ttl = Some(Ttl::from_seconds(86_400 + u32::try_from(random.below(86_400))?)?);
    Ok(new)
}

/// One of 64 million people of the US.
pub(crate) fn new_person(random: &mut SplitMix) -> Outcome<NewParticipant> {
    let sid = ParticipantSid::from_u128(random.next_u128());
    let area_codes = ["205", "303", "312", "404", "415", "503", "602", "702"];
    let area_code = area_codes.get(random.below(8)).ok_or("there are eight")?;
    let subscriber = 2_000_000 + random.below(8_000_000);
    Ok(NewParticipant::new(sid, format!("+1{area_code}{subscriber}").parse()?))
}
