//! What was answered is there after whatever end.

use std::{
    collections::BTreeSet,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    thread,
    time::Duration,
};

use reqwest::{Client, Method};
use serde_json::{Value, json};

use crate::harness::{ACCOUNT, Emulator, TOKEN, answer, run};

const CLIENTS: u32 = 16;
const WRITES: u32 = 10_000;

/// Creates a session of two people.
async fn create(client: &Client, sessions: &str, n: u32) -> bool {
    let people = [1, 2].map(|half| format!(r#"{{"Identifier":"+1212{half}{n:06}"}}"#));
    let name = format!("ride-{n}");
    let form = [("UniqueName", &name), ("Participants", &people[0]), ("Participants", &people[1])];
    let sent = client.post(sessions).basic_auth(ACCOUNT, Some(TOKEN)).form(&form).send().await;
    matches!(sent, Ok(response) if response.status() == 201)
}

/// All clients create sessions until all are created or the emulator is gone; what was acknowledged.
async fn write(url: &str, service: &str, next: &Arc<AtomicU32>, acknowledged: &Arc<AtomicU32>) -> BTreeSet<u32> {
    let sessions = format!("{url}{service}/Sessions");
    let mut clients = tokio::task::JoinSet::new();
    for _ in 0..CLIENTS {
        let (sessions, next, acknowledged) = (sessions.clone(), Arc::clone(next), Arc::clone(acknowledged));
        clients.spawn(async move {
            let client = Client::new();
            let mut written = Vec::new();
            loop {
                let n = next.fetch_add(1, Ordering::SeqCst);
                if n >= WRITES || !create(&client, &sessions, n).await {
                    return written;
                }
                acknowledged.fetch_add(1, Ordering::SeqCst);
                written.push(n);
            }
        });
    }
    clients.join_all().await.into_iter().flatten().collect()
}

/// The sessions that are there, each of which has its two people.
fn whole_sessions(state: &Value) -> BTreeSet<u32> {
    let sessions = state["services"][0]["service"]["sessions"].as_array().unwrap();
    let number = |session: &Value| {
        assert_eq!(session["participants"].as_array().map(Vec::len), Some(2), "half a write: {session}");
        let name = session["session"]["unique_name"].as_str().unwrap();
        name.strip_prefix("ride-").unwrap().parse().unwrap()
    };
    sessions.iter().map(number).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_emulator_has_every_write_that_was_answered_and_none_half() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().to_str().unwrap();
    let mut emulator = Emulator::start(&["--data", data]);
    let service = emulator.service("rides", &["+14155559001"]).await;
    let (next, count) = (Arc::new(AtomicU32::new(0)), Arc::new(AtomicU32::new(0)));
    let writing = {
        let (url, service, next, count) =
            (emulator.url().to_owned(), service.clone(), Arc::clone(&next), Arc::clone(&count));
        tokio::spawn(async move { write(&url, &service, &next, &count).await })
    };
    while count.load(Ordering::SeqCst) < WRITES / 2 {
        thread::sleep(Duration::from_millis(1));
    }
    emulator.kill();
    let mut acknowledged = writing.await.unwrap();
    assert!(acknowledged.len() < WRITES as usize, "it was killed in the middle");

    let mut emulator = Emulator::start(&["--data", data]);
    let there = whole_sessions(&emulator.ask("state").await);
    assert!(acknowledged.is_subset(&there), "lost: {:?}", acknowledged.difference(&there).collect::<Vec<_>>());
    assert!(there.len() - acknowledged.len() <= CLIENTS as usize);

    // Those that were cut off are not asked for again; all others come to the end.
    next.store(there.iter().max().map_or(0, |last| last + 1), Ordering::SeqCst);
    acknowledged.extend(write(emulator.url(), &service, &next, &count).await);
    let before = emulator.ask("state").await;
    assert!(emulator.stop().success());
    let emulator = Emulator::start(&["--data", data]);
    let after = emulator.ask("state").await;
    assert!(acknowledged.is_subset(&whole_sessions(&after)));
    let sessions = |state: &Value| state["services"][0]["service"]["sessions"].clone();
    assert!(sessions(&before) == sessions(&after), "a graceful end loses nothing either");
}

#[tokio::test]
async fn everything_comes_back() {
    let folder = tempfile::tempdir().unwrap();
    let arguments = ["--data", folder.path().to_str().unwrap(), "--clock", "manual", "--now", "2030-01-01T08:00:00Z"];
    let mut emulator = Emulator::start(&arguments);
    let service = emulator.service("rides", &["+14155559001"]).await;
    let session = emulator.session(&service, &["+12125550101", "+12125550102"]).await;
    emulator.command("calls", json!({ "from": "+12125550101", "to": "+14155559001" })).await;
    emulator.command("calls", json!({ "from": "+12125550199", "to": "+14155559001" })).await;
    emulator.command("clock", json!({ "advance_seconds": 90 })).await;
    let (state, events) = (emulator.ask("state").await, emulator.ask("events").await);
    emulator.kill();
    let emulator = Emulator::start(&arguments);
    assert_eq!(emulator.ask("state").await, state);
    assert_eq!(emulator.ask("events").await, events);
    assert_eq!(emulator.ask("clock").await["now"], "2030-01-01T08:01:30Z", "time does not go back");
    let (status, _) = emulator.get(&format!("{service}/Sessions/{session}")).await;
    assert_eq!(status, 200);
}

#[tokio::test]
async fn a_webhook_without_an_answer_is_sent_again() {
    let folder = tempfile::tempdir().unwrap();
    let arguments = ["--data", folder.path().to_str().unwrap()];
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/intercept", listener.local_addr().unwrap());
    let mut emulator = Emulator::start(&arguments);
    let service = emulator.service("rides", &["+14155559001"]).await;
    emulator.session(&service, &["+12125550101", "+12125550102"]).await;
    emulator.post(&service, &[("InterceptCallbackUrl", &url)]).await;
    let call = json!({ "from": "+12125550101", "to": "+14155559001" });
    let call = emulator.request(Method::POST, "/_emulator/calls").json(&call).send();
    let call = tokio::spawn(call);
    let (_never_answered, _) = listener.accept().await.unwrap();
    emulator.kill();
    assert!(call.await.unwrap().is_err());

    let emulator = Emulator::start(&arguments);
    let (connection, _) = listener.accept().await.expect("it is asked again");
    drop(connection);
    while emulator.ask("events").await["events"].as_array().unwrap().iter().all(|event| event["type"] != "leg") {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test]
async fn a_store_belongs_to_its_account_and_policy() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().to_str().unwrap();
    let mut emulator = Emulator::start(&["--data", data]);
    assert_eq!(answer(emulator.request(Method::GET, "/v1/Services")).await.0, 200);
    let complaint = |arguments: &[&str]| {
        let output = run(&[&["--data", data], arguments].concat());
        assert_eq!(output.status.code(), Some(2));
        String::from_utf8(output.stderr).unwrap()
    };
    assert!(complaint(&[]).contains("already open"));
    emulator.kill();
    let other = "AC00000000000000000000000000000002";
    assert!(complaint(&["--account-sid", other]).contains(other));
    let policy = folder.path().join("policy.json");
    std::fs::write(&policy, r#"{"max_page_size": 7}"#).unwrap();
    assert!(complaint(&["--policy", policy.to_str().unwrap()]).contains("--policy"));
}

#[tokio::test]
async fn a_start_that_fails_leaves_nothing_that_hinders_the_next() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let data = data.to_str().unwrap();
    let other = Emulator::start(&[]);
    assert_eq!(run(&["--data", data, "--listen", other.address()]).status.code(), Some(2));
    let inventory = folder.path().join("inventory.json");
    std::fs::write(&inventory, r#"[{"phone_number": "+14155551212", "sid": "PN1"}]"#).unwrap();
    assert_eq!(run(&["--data", data, "--inventory", inventory.to_str().unwrap()]).status.code(), Some(2));
    std::fs::write(folder.path().join("data/emulator.redb.new"), "cut off")
        .or_else(|_| {
            std::fs::create_dir(data)?;
            std::fs::write(folder.path().join("data/emulator.redb.new"), "cut off")
        })
        .unwrap();
    for _ in 0..2 {
        let mut emulator = Emulator::start(&["--data", data]);
        emulator.ask("state").await;
        emulator.kill();
    }
}

#[tokio::test]
async fn a_manual_clock_stands_still_while_nobody_is_there() {
    let folder = tempfile::tempdir().unwrap();
    let arguments = ["--data", folder.path().to_str().unwrap(), "--clock", "manual"];
    let mut emulator = Emulator::start(&arguments);
    emulator.command("clock", json!({ "set": "2020-01-01T00:00:00Z" })).await;
    let now = emulator.ask("clock").await;
    emulator.kill();
    thread::sleep(Duration::from_millis(1100));
    assert_eq!(Emulator::start(&arguments).ask("clock").await, now);
}

#[tokio::test]
async fn err_4_a_store_keeps_its_policy() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let policy = folder.path().join("policy.json");
    std::fs::write(&policy, r#"{"max_page_size": 7}"#).unwrap();
    let with_policy = ["--data", data.to_str().unwrap(), "--policy", policy.to_str().unwrap()];
    Emulator::start(&with_policy).kill();
    for arguments in [&with_policy[..2], &with_policy] {
        let mut emulator = Emulator::start(arguments);
        answer(emulator.request(Method::POST, "/_emulator/reset")).await;
        assert_eq!(emulator.ask("state").await["policy"]["max_page_size"], 7);
        emulator.kill();
    }
}

#[tokio::test]
async fn a_damaged_store_stops_the_start() {
    let folder = tempfile::tempdir().unwrap();
    let mut emulator = Emulator::start(&["--data", folder.path().to_str().unwrap()]);
    emulator.service("rides", &["+14155559001"]).await;
    emulator.kill();
    let path = folder.path().join("emulator.redb");
    let mut bytes = std::fs::read(&path).unwrap();
    // The file has pages that are out of use as well.
    let mut places = 0;
    while let Some(place) = bytes.windows(14).position(|window| window == b"create_service") {
        bytes[place] ^= 1;
        places += 1;
    }
    assert!(places > 0, "the log has it");
    std::fs::write(&path, bytes).unwrap();
    let output = run(&["--data", folder.path().to_str().unwrap(), "--listen", "127.0.0.1:0"]);
    let complaint = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2), "{complaint}");
    assert!(complaint.contains("emulator.redb: log entry 1 is damaged"), "{complaint}");
    assert!(!complaint.contains("panicked"), "{complaint}");
}
