//! Starts emulators and asks them.

use std::{
    fs::File,
    io::{BufRead, BufReader, Read},
    path::Path,
    process::{Child, ChildStdout, Command, ExitStatus, Output, Stdio},
    time::{Duration, Instant},
};

use reqwest::{Client, Method, RequestBuilder, StatusCode};
use serde_json::Value;

pub(crate) const ACCOUNT: &str = "AC00000000000000000000000000000001";
pub(crate) const TOKEN: &str = "emulator-auth-token";

const TIME_OUT: Duration = Duration::from_secs(60);

/// A running emulator, killed when it is dropped.
pub(crate) struct Emulator {
    process: Child,
    _stdout: BufReader<ChildStdout>,
    url: String,
    client: Client,
}

/// The program with these arguments, not yet started.
pub(crate) fn program(arguments: &[&str]) -> Command {
    let mut program = Command::new(env!("CARGO_BIN_EXE_emulator"));
    program.args(arguments).env_remove("EMULATOR_LOG").stdin(Stdio::null());
    program
}

/// Runs the program to its end, which is to come by itself.
pub(crate) fn run(arguments: &[&str]) -> Output {
    finish(&mut program(arguments))
}

/// Starts a program and waits for its end.
pub(crate) fn finish(program: &mut Command) -> Output {
    let mut process = program.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let ended = wait(&mut process);
    if ended.is_none() {
        process.kill().unwrap();
    }
    let output = process.wait_with_output().unwrap();
    assert!(ended.is_some(), "it goes on: {}", String::from_utf8_lossy(&output.stdout));
    output
}

/// Waits for the end of a process, but not for ever.
fn wait(process: &mut Child) -> Option<ExitStatus> {
    let started = Instant::now();
    while started.elapsed() < TIME_OUT {
        if let Some(status) = process.try_wait().unwrap() {
            return Some(status);
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    None
}

impl Emulator {
    /// An emulator on a free port.
    pub(crate) fn start(arguments: &[&str]) -> Self {
        Self::spawn(program(arguments).stderr(Stdio::null()))
    }

    /// With the clock in the tests' hand.
    pub(crate) fn with_manual_clock() -> Self {
        Self::start(&["--clock", "manual", "--now", "2030-01-01T08:00:00Z"])
    }

    /// One that logs all it can into a file.
    pub(crate) fn logging(arguments: &[&str], log: &Path) -> Self {
        Self::spawn(program(arguments).env("EMULATOR_LOG", "trace").stderr(File::create(log).unwrap()))
    }

    fn spawn(program: &mut Command) -> Self {
        let mut process = program.args(["--listen", "127.0.0.1:0"]).stdout(Stdio::piped()).spawn().unwrap();
        let mut stdout = BufReader::new(process.stdout.take().unwrap());
        let mut line = String::new();
        stdout.read_line(&mut line).unwrap();
        let url = line.split_whitespace().find(|word| word.starts_with("http://")).expect("it says where it listens");
        // Only the first call does something.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = Client::builder().timeout(TIME_OUT).build().unwrap();
        Self { process, _stdout: stdout, url: url.to_owned(), client }
    }

    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// Host and port.
    pub(crate) fn address(&self) -> &str {
        self.url.strip_prefix("http://").unwrap()
    }

    pub(crate) fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.client.request(method, format!("{}{path}", self.url)).basic_auth(ACCOUNT, Some(TOKEN))
    }

    pub(crate) async fn get(&self, path: &str) -> (StatusCode, Value) {
        answer(self.request(Method::GET, path)).await
    }

    /// A request to the API.
    pub(crate) async fn post(&self, path: &str, form: &[(&str, &str)]) -> (StatusCode, Value) {
        answer(self.request(Method::POST, path).form(form)).await
    }

    /// A command to the control plane.
    pub(crate) async fn command(&self, path: &str, body: Value) -> (StatusCode, Value) {
        answer(self.request(Method::POST, &format!("/_emulator/{path}")).json(&body)).await
    }

    /// What a creation gives, which is to succeed.
    pub(crate) async fn create(&self, path: &str, form: &[(&str, &str)]) -> Value {
        let (status, created) = self.post(path, form).await;
        assert_eq!(status, StatusCode::CREATED, "{created}");
        created
    }

    /// A service with these numbers in its pool, and its path.
    pub(crate) async fn service(&self, name: &str, numbers: &[&str]) -> String {
        let service = self.create("/v1/Services", &[("UniqueName", name)]).await;
        let path = format!("/v1/Services/{}", service["sid"].as_str().unwrap());
        for number in numbers {
            self.create(&format!("{path}/PhoneNumbers"), &[("PhoneNumber", number)]).await;
        }
        path
    }

    /// A session with these people, and its SID.
    pub(crate) async fn session(&self, service: &str, people: &[&str]) -> String {
        let people: Vec<String> = people.iter().map(|who| format!(r#"{{"Identifier":"{who}"}}"#)).collect();
        let form: Vec<(&str, &str)> = people.iter().map(|who| ("Participants", who.as_str())).collect();
        let session = self.create(&format!("{service}/Sessions"), &form).await;
        session["sid"].as_str().unwrap().to_owned()
    }

    /// What the control plane answers to a question, which is to succeed.
    pub(crate) async fn ask(&self, question: &str) -> Value {
        let (status, answer) = self.get(&format!("/_emulator/{question}")).await;
        assert_eq!(status, StatusCode::OK, "{answer}");
        answer
    }

    /// Kills it without a warning.
    pub(crate) fn kill(&mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }

    /// Tells it to stop, and waits until it has.
    pub(crate) fn stop(&mut self) -> ExitStatus {
        let sent = Command::new("kill").args(["-TERM", &self.process.id().to_string()]).status().unwrap();
        assert!(sent.success());
        wait(&mut self.process).expect("it stops")
    }
}

impl Drop for Emulator {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

pub(crate) async fn answer(request: RequestBuilder) -> (StatusCode, Value) {
    let response = request.send().await.unwrap();
    let status = response.status();
    let body = response.text().await.unwrap();
    let value = if body.is_empty() { Value::Null } else { serde_json::from_str(&body).expect(&body) };
    (status, value)
}

/// What stands in a file.
pub(crate) fn text_of(path: &Path) -> String {
    let mut text = String::new();
    File::open(path).unwrap().read_to_string(&mut text).unwrap();
    text
}
