//! Rides beside the reference model, which has the same behaviour without an index.

use twilio_proxy_core::{
    AccountSid, Command, NewNumber, NewService, PhoneNumberSid, Policy, Service, ServiceSid, testing::Reference,
};

use crate::{
    Outcome,
    options::Options,
    random::SplitMix,
    report::Report,
    timing::{Round, rounds, timed},
    world::{NOW, UNRESERVED, new_person, new_session, number},
};

const SESSIONS: usize = 300;
const RIDES: usize = 10;

pub(crate) fn measure(options: &Options, report: &mut Report) -> Outcome {
    let names = NewService::new(ServiceSid::from_u128(1), AccountSid::from_u128(1), "peers".parse()?);
    let mut ours = Service::new(names.clone(), Policy::default(), NOW);
    let mut theirs = Reference::new(names, Policy::default(), NOW);
    let mut random = SplitMix(13);
    let mut population = Vec::new();
    for n in 0..UNRESERVED {
        let new = NewNumber::phone(PhoneNumberSid::from_u128(n as u128), number(n)?);
        population.push(Command::AddNumber { new });
    }
    for _ in 0..SESSIONS {
        let [create, one, other, _] = ride(&mut random)?;
        population.extend([create, one, other]);
    }
    for command in population {
        ours.apply(command.clone(), NOW)?;
        theirs.apply(command, NOW)?;
    }
    let medians = rounds(options.rounds, RIDES, || {
        let rides = (0..RIDES).map(|_| ride(&mut random)).collect::<Outcome<Vec<[Command; 4]>>>()?;
        let commands = || rides.iter().flatten().cloned().collect::<Vec<Command>>();
        let (for_ours, for_theirs) = (commands(), commands());
        let (done, cost_of_ours) =
            timed(|| for_ours.into_iter().filter_map(|command| ours.apply(command, NOW).ok()).count());
        let (done_too, cost_of_theirs) =
            timed(|| for_theirs.into_iter().filter_map(|command| theirs.apply(command, NOW).ok()).count());
        if done != RIDES * 4 || done_too != done {
            return Err("a command was refused".into());
        }
        Ok(Round { ours: cost_of_ours, theirs: cost_of_theirs })
    })?;
    report.ratio(&format!("create, add, add, delete, {SESSIONS} sessions / reference model"), medians, None);
    Ok(())
}

fn ride(random: &mut SplitMix) -> Outcome<[Command; 4]> {
    let new = new_session(random)?;
    let session = new.sid;
    let mut add = || -> Outcome<Command> { Ok(Command::AddParticipant { session, new: new_person(random)? }) };
    let (one, other) = (add()?, add()?);
    Ok([Command::CreateSession { new }, one, other, Command::DeleteSession { session }])
}
