//! An emulator of Twilio Proxy: HTTP around `twilio-proxy-core`. Its README says what it does; no rule of Proxy is here.

#![expect(clippy::std_instead_of_alloc, clippy::std_instead_of_core, reason = "a program has all of std")]

mod clock;
mod control;
mod engine;
mod history;
mod machine;
mod number_to_own;
mod options;
mod problem;
mod server;
mod store;
mod webhooks;

use std::{
    env,
    fmt::Display,
    io::{self, IsTerminal, stderr},
    panic,
    process::{self, ExitCode},
    sync::Arc,
};

use clap::Parser;
use tokio::{
    net::TcpListener,
    signal,
    sync::{Mutex, watch},
};
use tracing_subscriber::{
    filter::{LevelFilter, Targets},
    layer::SubscriberExt,
    util::SubscriberInitExt,
};
use twilio_proxy_core::{AccountSid, rest::Origin};

use crate::{
    engine::Engine,
    machine::{Beginning, Machine},
    options::Options,
    server::Shared,
    store::Store,
};

/// The status of a program that was called in a way that it cannot follow.
const USAGE: u8 = 2;

fn main() -> ExitCode {
    let options = Options::parse();
    match run(&options) {
        Ok(()) => ExitCode::SUCCESS,
        Err(Failure { status, message }) => {
            eprintln!("emulator: {message}");
            ExitCode::from(status)
        }
    }
}

/// Why the program ends.
struct Failure {
    status: u8,
    message: String,
}

fn usage(error: impl Display) -> Failure {
    Failure { status: USAGE, message: error.to_string() }
}

fn failure(error: impl Display) -> Failure {
    Failure { status: 1, message: error.to_string() }
}

fn run(options: &Options) -> Result<(), Failure> {
    let level = log_level().map_err(usage)?;
    // The libraries below would log what they like.
    let own = Targets::new().with_target(env!("CARGO_CRATE_NAME"), level);
    let lines =
        tracing_subscriber::fmt::layer().with_writer(stderr).with_ansi(stderr().is_terminal()).with_target(false);
    tracing_subscriber::registry().with(own).with(lines).init();

    let beginning = options.beginning().map_err(usage)?;
    let listen = options.listen;
    let bound = |error: io::Error| usage(format!("--listen {listen}: {error}"));
    let listener = std::net::TcpListener::bind(listen).map_err(bound)?;
    listener.set_nonblocking(true).map_err(bound)?;
    let (machine, store) = open(options, beginning)?;
    // Each connection takes a descriptor; where there are few, fewer connections are had at once.
    let _ = rlimit::increase_nofile_limit(8192);
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().map_err(failure)?;
    runtime.block_on(serve(options, listener, machine, store))
}

/// The machine, and the store that it goes on from, or that is made for it.
fn open(options: &Options, beginning: Beginning) -> Result<(Machine, Option<Store>), Failure> {
    let Some(folder) = &options.data else { return Ok((Machine::start(beginning, None).map_err(usage)?, None)) };
    // What is wrong with a damaged store is told by the error, not by what broke on the way.
    let hook = panic::take_hook();
    panic::set_hook(Box::new(|_| {}));
    let found = Store::find(folder);
    panic::set_hook(hook);
    let (store, saved) = found.map_err(usage)?.unzip();
    let mut machine = Machine::start(beginning, saved).map_err(usage)?;
    let store = match store {
        Some(store) => store,
        None => Store::create(folder, &machine.take_changes()).map_err(usage)?,
    };
    Ok((machine, Some(store)))
}

fn log_level() -> Result<LevelFilter, String> {
    match env::var("EMULATOR_LOG") {
        Ok(level) => level.parse().map_err(|_| format!("EMULATOR_LOG is '{level}', which is no level")),
        Err(_) => Ok(LevelFilter::INFO),
    }
}

async fn serve(
    options: &Options,
    listener: std::net::TcpListener,
    machine: Machine,
    store: Option<Store>,
) -> Result<(), Failure> {
    let listener = TcpListener::from_std(listener).map_err(failure)?;
    let address = listener.local_addr().map_err(failure)?;
    let (account_sid, origin) = (options.account_sid, format!("http://{address}"));
    let (stop, stopping) = watch::channel(false);
    let (webhooks, asked) = tokio::sync::mpsc::unbounded_channel();
    let (engine, worker) = Engine::start(machine, store, webhooks);
    let auth_token = Arc::clone(&options.auth_token);
    let sender = webhooks::Sender::new(Arc::clone(&auth_token), engine.clone()).map_err(failure)?;
    let sending = tokio::spawn(sender.run(asked));
    greet(&origin, account_sid, &auth_token);

    let origin: Origin = origin.parse().map_err(failure)?;
    let shared = Shared {
        engine: engine.clone(),
        account_sid,
        auth_token,
        origin,
        is_loopback: address.ip().is_loopback(),
        state_place: Mutex::default(),
        stopping,
    };
    let server = tokio::spawn(server::serve(listener, Arc::new(shared)));
    // A worker that ends before it is to has found that nothing can be written any more.
    let mut worker = tokio::task::spawn_blocking(move || worker.join());
    let broken = tokio::select! {
        () = interrupted() => None,
        ended = &mut worker => Some(ended),
    };
    tokio::spawn(async {
        interrupted().await;
        // Whoever asks twice does not want to wait. What was answered is on disk.
        process::exit(1)
    });
    // The server hears of it, and lets requests end, unless it is gone already.
    let _ = stop.send(true);
    let _ = server.await;
    sending.abort();
    let _ = sending.await;
    engine.stop();
    let ended = match broken {
        Some(ended) => ended,
        None => worker.await,
    };
    match ended {
        Ok(Ok(Ok(()))) => Ok(()),
        Ok(Ok(Err(error))) => Err(failure(format!("the store cannot be written: {error}"))),
        Ok(Err(_)) | Err(_) => Err(failure("the machine has broken off")),
    }
}

/// Waits for Ctrl-C, or the signal to end.
async fn interrupted() {
    #[cfg(unix)]
    let terminated = async {
        match signal::unix::signal(signal::unix::SignalKind::terminate()) {
            Ok(mut terminate) => drop(terminate.recv().await),
            Err(_) => std::future::pending().await,
        }
    };
    #[cfg(not(unix))]
    let terminated = std::future::pending::<()>();
    tokio::select! {
        _ = signal::ctrl_c() => {}
        () = terminated => {}
    }
}

fn greet(origin: &str, account_sid: AccountSid, auth_token: &str) {
    println!(
        "\
Twilio Proxy emulator, listening on {origin} (Ctrl-C stops it)

    account SID  {account_sid}
    auth token   {auth_token}
    console      {origin}/

Python, after `pip install twilio`:

    from twilio.rest import Client
    client = Client(\"{account_sid}\", \"{auth_token}\")
    client.proxy.base_url = \"{origin}\"

Node, after `npm install twilio`:

    const twilio = require(\"twilio\");
    const client = twilio(\"{account_sid}\", \"{auth_token}\");
    client.proxy.baseUrl = \"{origin}\";
"
    );
}
