//! Instructions of `add_participant`, counted by Valgrind in a process of its own.

use core::hint::black_box;
use std::{env, process::Command};

use crate::{
    Outcome,
    additions::{add, prepare},
    options::{Options, Population},
    report::{Bar, Report, spaced},
    world::{MOST_NUMBERS, UNRESERVED, World, add_numbers},
};

const BATCH: usize = 500;

/// What is counted: the additions of one batch.
pub(crate) fn count((sessions, numbers): Population) -> Outcome {
    let mut world = World::new(sessions)?;
    add_numbers(&mut world.service, UNRESERVED..numbers)?;
    let batch = prepare(&mut world.service, &mut world.random, BATCH)?;
    let added = black_box(add(&mut world.service, batch));
    if added == BATCH { Ok(()) } else { Err("an addition was refused".into()) }
}

pub(crate) fn measure(options: &Options, report: &mut Report) -> Outcome {
    if Command::new("valgrind").arg("--version").output().is_err() {
        eprintln!("instructions are not counted: there is no valgrind");
        return Ok(());
    }
    let [few, _, many] = options.populations().map(|sessions| sessions.max(1_000));
    let base = counted((few, UNRESERVED))?;
    let name = format!("instructions of add_participant, {} sessions, {UNRESERVED} numbers", spaced(few));
    report.line(&name, base, None);
    let numbers = (spaced(MOST_NUMBERS), spaced(UNRESERVED));
    let name = format!("instructions of add_participant, {} numbers / {}", numbers.0, numbers.1);
    report.line(&name, counted((few, MOST_NUMBERS))? / base, Some(Bar(1.02)));
    let name = format!("instructions of add_participant, {} sessions / {}", spaced(many), spaced(few));
    report.line(&name, counted((many, UNRESERVED))? / base, Some(Bar(1.1)));
    Ok(())
}

/// Instructions of one addition.
fn counted((sessions, numbers): Population) -> Outcome<f64> {
    let run = Command::new("valgrind")
        .args([
            "--tool=callgrind",
            "--callgrind-out-file=/dev/null",
            "--collect-atstart=no",
            "--toggle-collect=*additions*add*",
        ])
        .arg(env::current_exe()?)
        .args(["--counted-sessions", &sessions.to_string(), "--counted-numbers", &numbers.to_string()])
        .output()?;
    let log = String::from_utf8(run.stderr)?;
    let collected = log.lines().find_map(|line| line.split_once("Collected : ")).ok_or_else(|| log.clone())?.1;
    Ok(collected.trim().parse::<f64>()? / BATCH as f64)
}
