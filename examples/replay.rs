//! Applies a log of commands, one JSON object a line, and prints an answer a line and the digest of the final state.
//!
//! `cargo run --example replay -- FILE`, or standard input without `FILE`. A malformed line ends the run: it and what
//! follows are not applied, and the exit code is 2.

use core::error::Error;
use std::{
    env,
    fs::File,
    io::{self, BufRead, BufReader, Write},
    process::ExitCode,
};

use serde::Serialize;
use sha2::{Digest, Sha256};
use twilio_proxy_core::{Event, LogEntry, NewService, Policy, Reply, Service, Timestamp, sid};

/// A line of the output.
#[derive(Serialize)]
#[serde(rename_all = "snake_case")]
enum Line {
    Reply(Reply),
    Error { code: u32, status: u16, message: String, details: twilio_proxy_core::Error },
    Event(Event),
    Sha256(String),
}

fn main() -> ExitCode {
    let mut arguments = env::args_os().skip(1);
    let (path, surplus) = (arguments.next(), arguments.next());
    if surplus.is_some() {
        eprintln!("usage: replay [FILE]");
        return ExitCode::from(2);
    }
    let replayed = match path {
        None => replay(io::stdin().lock()),
        Some(path) => match File::open(&path) {
            Ok(file) => replay(BufReader::new(file)),
            Err(error) => Err(format!("{}: {error}", path.display()).into()),
        },
    };
    match replayed {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::from(2)
        }
    }
}

fn replay(log: impl BufRead) -> Result<(), Box<dyn Error>> {
    let mut out = io::stdout().lock();
    let mut service: Option<Service> = None;
    for (number, line) in (1..).zip(log.split(b'\n')) {
        let line = line?;
        if line.trim_ascii().is_empty() {
            continue;
        }
        let LogEntry { now, command } = serde_json::from_slice(&line)
            .map_err(|error| format!("line {number}, column {}: {}", error.column(), reason(&error)))?;
        let service = match &mut service {
            Some(service) => service,
            None => service.insert(new_service(now)?),
        };
        let line = match service.apply(command, now) {
            Ok(reply) => Line::Reply(reply),
            Err(error) => Line::Error {
                code: error.code().number(),
                status: error.http_status(),
                message: error.to_string(),
                details: error,
            },
        };
        print(&mut out, &line)?;
        while let Some(event) = service.poll_event() {
            print(&mut out, &Line::Event(event))?;
        }
    }
    let state = match &service {
        Some(service) => serde_json::to_vec(&service.state())?,
        None => Vec::new(),
    };
    print(&mut out, &Line::Sha256(format!("{:x}", Sha256::digest(state))))
}

fn print(out: &mut impl Write, line: &Line) -> Result<(), Box<dyn Error>> {
    Ok(writeln!(out, "{}", serde_json::to_string(line)?)?)
}

/// The service that every log is about; it begins with the first line.
fn new_service(now: Timestamp) -> Result<Service, Box<dyn Error>> {
    let new = NewService::new(
        sid!("KS00000000000000000000000000000001"),
        sid!("AC00000000000000000000000000000001"),
        "replay".parse()?,
    );
    Ok(Service::new(new, Policy::default(), now))
}

/// What is wrong, without the position that `serde_json` appends: there, every line is the first.
fn reason(error: &serde_json::Error) -> String {
    let text = error.to_string();
    text.rsplit_once(" at line ").map_or(text.clone(), |(reason, _)| reason.to_owned())
}
