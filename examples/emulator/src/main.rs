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
    io::{IsTerminal, stderr},
    panic,
    process::ExitCode,
    sync::Arc,
};

use clap::Parser;
use tokio::{net::TcpListener, signal, sync::watch};
use tracing_subscriber::{
    filter::{LevelFilter, Targets},
    layer::SubscriberExt,
    util::SubscriberInitExt,
};
use twilio_proxy_core::{AccountSid, rest::Origin};

use crate::{engine::Engine, machine::Machine, options::Options, server::Shared, store::Store};

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
    let account_sid = beginning.account_sid;
    let (store, saved) = match &options.data {
        Some(folder) => {
            // What is wrong with a damaged store is told by the error, not by what broke on the way.
            let hook = panic::take_hook();
            panic::set_hook(Box::new(|_| {}));
            let opened = Store::open(folder);
            panic::set_hook(hook);
            let (store, saved) = opened.map_err(usage)?;
            (Some(store), saved)
        }
        None => (None, None),
    };
    let machine = Machine::start(beginning, saved).map_err(usage)?;
    // Each connection takes a descriptor; where there are few, fewer connections are had at once.
    let _ = rlimit::increase_nofile_limit(8192);
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().map_err(failure)?;
    runtime.block_on(serve(options, account_sid, machine, store))
}

fn log_level() -> Result<LevelFilter, String> {
    match env::var("RUST_LOG") {
        Ok(level) => level.parse().map_err(|_| format!("RUST_LOG is '{level}', which is no level")),
        Err(_) => Ok(LevelFilter::INFO),
    }
}

async fn serve(
    options: &Options,
    account_sid: AccountSid,
    machine: Machine,
    store: Option<Store>,
) -> Result<(), Failure> {
    let listen = options.listen;
    let listener = TcpListener::bind(listen).await.map_err(|error| usage(format!("--listen {listen}: {error}")))?;
    let origin = format!("http://{}", listener.local_addr().map_err(failure)?);
    let (stop, stopping) = watch::channel(false);
    let (webhooks, asked) = tokio::sync::mpsc::unbounded_channel();
    let (engine, worker) = Engine::start(machine, store, webhooks);
    let auth_token = Arc::clone(&options.auth_token);
    let sender = webhooks::Sender::new(Arc::clone(&auth_token), engine.clone()).map_err(failure)?;
    let sending = tokio::spawn(sender.run(asked));
    greet(&origin, account_sid, &auth_token);

    let origin: Origin = origin.parse().map_err(failure)?;
    let shared = Arc::new(Shared { engine, account_sid, auth_token, origin, stopping });
    let server = tokio::spawn(server::serve(listener, shared));
    // A worker that ends before it is to has found that nothing can be written any more.
    let mut worker = tokio::task::spawn_blocking(move || worker.join());
    let broken = tokio::select! {
        () = interrupted() => None,
        ended = &mut worker => Some(ended),
    };
    // The server hears of it, and lets requests end, unless it is gone already.
    let _ = stop.send(true);
    let _ = server.await;
    sending.abort();
    let _ = sending.await;
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
