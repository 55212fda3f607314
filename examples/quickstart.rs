//! A masked ride: who sees which number, when a second number is needed, how calls and messages go through, and what is
//! refused.

use core::error::Error;

use twilio_proxy_core::{
    Event, Identifier, Inbound, InteractionSid, NewNumber, NewParticipant, NewService, NewSession, ParticipantSid,
    Policy, Service, SessionSid, Timestamp, Ttl, sid,
};

fn main() -> Result<(), Box<dyn Error>> {
    let now: Timestamp = "2026-01-01T08:00:00Z".parse()?;
    let names = NewService::new(
        sid!("KS00000000000000000000000000000001"),
        sid!("AC00000000000000000000000000000001"),
        "rides".parse()?,
    );
    let mut service = Service::new(names, Policy::default(), now);

    println!("The pool has two numbers.");
    service.add_number(NewNumber::phone(sid!("PN00000000000000000000000000000001"), "+14155559001".parse()?), now)?;
    service.add_number(NewNumber::phone(sid!("PN00000000000000000000000000000002"), "+14155559002".parse()?), now)?;
    let [alice, bob, dan] = ["+12125550101", "+12125550102", "+12125550103"];

    println!("Alice and Bob each order a ride, and Dan drives both: one number would not tell him who calls.\n");
    let first = SessionSid::from_u128(1);
    let mut ride = NewSession::new(first);
    ride.unique_name = Some("ride-1".parse()?);
    ride.participants = vec![person(1, "Alice", alice)?, person(2, "Dan", dan)?];
    service.create_session(ride, now)?;

    let second = SessionSid::from_u128(2);
    let mut ride = NewSession::new(second);
    ride.unique_name = Some("ride-2".parse()?);
    ride.ttl = Some(Ttl::from_seconds(1_800)?);
    ride.participants = vec![person(3, "Bob", bob)?, person(4, "Dan", dan)?];
    service.create_session(ride, now)?;
    print_table(&service);

    println!("\nAlice calls Dan, and he calls back; then she writes to him, and he writes back:");
    for (n, from, text) in
        [(1, alice, None), (2, dan, None), (3, alice, Some("At the corner")), (4, dan, Some("Coming"))]
    {
        contact(&mut service, n, from, text)?;
    }

    println!("\nAlice is removed, and cannot come back into the same session:");
    service.remove_participant(first, ParticipantSid::from_u128(1), now)?;
    let refusal = service.add_participant(first, person(5, "Alice", alice)?, now).err();
    println!("  {}", refusal.map_or_else(String::new, |error| format!("{}: {error}", error.code())));

    println!("\nTwo requests race for Alice, each for another session:");
    let third = service.create_session(NewSession::new(SessionSid::from_u128(3)), now)?.sid;
    let fourth = service.create_session(NewSession::new(SessionSid::from_u128(4)), now)?.sid;
    service.begin_add_participant(third, person(6, "Alice", alice)?, now)?;
    let refusal = service.add_participant(fourth, person(7, "Alice", alice)?, now).err();
    println!("  {}", refusal.map_or_else(String::new, |error| format!("{}: {error}", error.code())));
    service.finish_add_participant(third, ParticipantSid::from_u128(6), now)?;

    println!("\nHalf an hour without a word in ride-2, and its time is up:");
    if let Some(deadline) = service.next_deadline() {
        service.handle_deadline(deadline);
    }
    print_table(&service);
    Ok(())
}

fn person(n: u128, name: &str, identifier: &str) -> Result<NewParticipant, Box<dyn Error>> {
    let mut new = NewParticipant::new(ParticipantSid::from_u128(n), identifier.parse()?);
    new.friendly_name = Some(name.parse()?);
    Ok(new)
}

/// Somebody calls, or writes a text; prints the leg, which a server would now ask Twilio for.
fn contact(service: &mut Service, n: u128, from: &str, text: Option<&str>) -> Result<(), Box<dyn Error>> {
    let (sid, from, to) = (InteractionSid::from_u128(n), from.parse::<Identifier>()?, "+14155559001".parse()?);
    let inbound = match text {
        None => Inbound::call(sid, "CA00000000000000000000000000000001".parse()?, from, to),
        Some(text) => Inbound::message(sid, "SM00000000000000000000000000000001".parse()?, from, to, text.parse()?),
    };
    service.receive(inbound, service.latest_instant())?;
    while let Some(event) = service.poll_event() {
        if let Event::Leg(leg) = event {
            let what = leg.contact.body().map_or("a call", |body| body.as_str());
            println!("  {} gets from {}: {what}", leg.to, leg.from);
        }
    }
    Ok(())
}

/// Who takes part, and the only number of the conversation that each of them ever sees.
fn print_table(service: &Service) {
    println!("  {:8} {:12} {:6} {:13} dials", "session", "status", "who", "phone");
    for session in service.sessions() {
        let name = session.unique_name.as_ref().map_or("-", |name| name.as_str());
        for person in service.participants(session.sid).into_iter().flatten().filter(|person| person.is_live()) {
            let who = person.friendly_name.as_ref().map_or("-", |name| name.as_str());
            let (phone, dials) = (person.identifier.to_string(), &person.proxy_identifier);
            println!("  {name:8} {:12} {who:6} {phone:13} {dials}", session.status.as_str());
        }
    }
}
