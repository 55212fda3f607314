//! A service restored from JSON, beside the same JSON parsed into the same plain data.

use twilio_proxy_core::{Service, ServiceState};

use crate::{
    Outcome,
    options::Options,
    report::{Bar, Report, spaced},
    timing::{Round, rounds, timed},
    world::World,
};

pub(crate) fn measure(options: &Options, report: &mut Report) -> Outcome {
    let json = serde_json::to_string(&World::new(options.sessions)?.service.state())?;
    let medians = rounds(options.rounds.min(9), options.sessions, || {
        let (restored, ours) = timed(|| -> Outcome<Service> {
            let state: ServiceState = serde_json::from_str(&json)?;
            Ok(Service::restore(state)?)
        });
        drop(restored?);
        let (parsed, theirs) = timed(|| serde_json::from_str::<ServiceState>(&json));
        drop(parsed?);
        Ok(Round { ours, theirs })
    })?;
    let name = format!("restore {} sessions from JSON / parse it", spaced(options.sessions));
    report.ratio(&name, medians, Some(Bar(1.8)));
    Ok(())
}
