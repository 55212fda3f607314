//! The control plane, as the README has it.

use std::time::Duration;

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};

use crate::harness::{Emulator, answer};

const ALICE: &str = "+12125550101";
const BOB: &str = "+12125550102";
const STRANGER: &str = "+12125550103";
const NUMBER: &str = "+14155559001";

/// A ride of Alice and Bob behind one number: the emulator, the path of the service, the SID of the session.
async fn ride() -> (Emulator, String, String) {
    let emulator = Emulator::with_manual_clock();
    let service = emulator.service("rides", &[NUMBER]).await;
    let session = emulator.session(&service, &[ALICE, BOB]).await;
    (emulator, service, session)
}

/// Answers one webhook after another with this response, for as long as there are any.
async fn webhooks(answer: &str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/hook", listener.local_addr().unwrap());
    let answer = answer.to_owned();
    tokio::spawn(async move {
        while let Ok((mut connection, _)) = listener.accept().await {
            let answer = answer.clone();
            tokio::spawn(async move {
                let mut request = [0; 16 * 1024];
                let _ = connection.read(&mut request).await;
                let _ = connection.write_all(answer.as_bytes()).await;
            });
        }
    });
    url
}

fn response(status: &str, content_type: &str, body: &str) -> String {
    let length = body.len();
    format!(
        "HTTP/1.1 {status}\r\nContent-Type: {content_type}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}"
    )
}

async fn call(emulator: &Emulator, from: &str) -> Value {
    let (status, outcome) = emulator.command("calls", json!({ "from": from, "to": NUMBER })).await;
    assert_eq!(status, StatusCode::OK, "{outcome}");
    outcome
}

async fn message(emulator: &Emulator, from: &str, body: &str) -> Value {
    let (status, outcome) = emulator.command("messages", json!({ "from": from, "to": NUMBER, "body": body })).await;
    assert_eq!(status, StatusCode::OK, "{outcome}");
    outcome
}

fn fate(outcome: &Value) -> (&str, Option<u64>) {
    (outcome["outcome"].as_str().unwrap(), outcome["code"].as_u64())
}

/// The type of every event since the beginning, and the code of notifications.
async fn event_types(emulator: &Emulator) -> Vec<String> {
    let events = emulator.ask("events").await;
    let kind = |event: &Value| match event["code"].as_u64() {
        Some(code) => code.to_string(),
        None => event["type"].as_str().unwrap().to_owned(),
    };
    events["events"].as_array().unwrap().iter().map(kind).collect()
}

#[tokio::test]
async fn a_manual_clock_goes_where_it_is_told_but_not_back() {
    let emulator = Emulator::with_manual_clock();
    assert_eq!(emulator.ask("clock").await, json!({ "now": "2030-01-01T08:00:00Z", "mode": "manual" }));
    let (_, clock) = emulator.command("clock", json!({ "advance_seconds": 600 })).await;
    assert_eq!(clock["now"], "2030-01-01T08:10:00Z");
    let (_, clock) = emulator.command("clock", json!({ "set": "2030-02-01T00:00:00Z" })).await;
    assert_eq!(clock["now"], "2030-02-01T00:00:00Z");
    for wrong in [
        json!({ "set": "2030-01-01T00:00:00Z" }),
        json!({ "set": "soon" }),
        json!({ "advance_seconds": -1 }),
        json!({ "advance_seconds": u64::MAX }),
        json!({ "advance_seconds": 1, "set": "2031-01-01T00:00:00Z" }),
        json!({ "advance": 1 }),
        json!({}),
    ] {
        let (status, error) = emulator.command("clock", wrong.clone()).await;
        assert_eq!((status, &error["status"]), (StatusCode::BAD_REQUEST, &json!(400)), "{wrong}");
    }
    assert_eq!(emulator.ask("clock").await["now"], "2030-02-01T00:00:00Z");
}

#[tokio::test]
async fn a_real_clock_cannot_be_moved() {
    let emulator = Emulator::start(&[]);
    assert_eq!(emulator.ask("clock").await["mode"], "real");
    assert_eq!(emulator.command("clock", json!({ "advance_seconds": 1 })).await.0, StatusCode::CONFLICT);
}

#[tokio::test]
async fn exp_3_time_that_is_moved_ends_sessions() {
    let (emulator, service, session) = ride().await;
    let path = format!("{service}/Sessions/{session}");
    emulator.post(&path, &[("Ttl", "60")]).await;
    emulator.command("clock", json!({ "advance_seconds": 60 })).await;
    let (_, session) = emulator.get(&path).await;
    assert_eq!((&session["status"], &session["closed_reason"]), (&json!("closed"), &json!("expired")));
}

#[tokio::test]
async fn num_9_numbers_are_registered() {
    let emulator = Emulator::start(&[]);
    let capabilities = json!({ "sms_inbound": true, "sms_outbound": true });
    let sid = "PN0000000000000000000000000000000a";
    let number = json!({ "phone_number": "+442079460000", "sid": sid, "capabilities": capabilities });
    for _ in 0..2 {
        let (status, registered) = emulator.command("numbers", number.clone()).await;
        assert_eq!(status, StatusCode::CREATED);
        assert_eq!((&registered["sid"], &registered["iso_country"]), (&json!(sid), &json!("GB")));
        assert_eq!(registered["capabilities"]["voice_inbound"], false);
        assert_eq!(registered["service_sid"], Value::Null);
    }
    let (_, short_code) = emulator.command("numbers", json!({ "phone_number": "44551", "iso_country": "US" })).await;
    assert!(short_code["sid"].as_str().unwrap().starts_with("SC"));
    let (status, error) = emulator.command("numbers", json!({ "phone_number": "+442079460001", "sid": sid })).await;
    assert_eq!((status, &error["code"]), (StatusCode::CONFLICT, &json!(20409)));
    let (status, _) = emulator.command("numbers", json!({ "phone_number": "+442079460001", "colour": "red" })).await;
    assert_eq!(status, StatusCode::BAD_REQUEST);
    let (status, again) = emulator.command("numbers", json!({ "phone_number": "44551", "iso_country": "US" })).await;
    assert_eq!((status, again), (StatusCode::CREATED, short_code), "it keeps the SID that it got");
    assert_eq!(emulator.ask("numbers").await["numbers"].as_array().map(Vec::len), Some(2));
}

#[tokio::test]
async fn rte_2_calls_and_messages_reach_the_partner() {
    let (emulator, service, session) = ride().await;
    let outcome = call(&emulator, ALICE).await;
    assert_eq!(fate(&outcome), ("connected", None));
    assert_eq!(outcome["leg"], json!({ "from": NUMBER, "to": BOB }));
    assert_eq!(outcome["session_sid"], session);
    assert!(service.ends_with(outcome["service_sid"].as_str().unwrap()));
    let outcome = message(&emulator, BOB, "I am here").await;
    assert_eq!(outcome["leg"], json!({ "from": NUMBER, "to": ALICE }));
    let media = json!({ "from": BOB, "to": NUMBER, "media": ["https://example.com/1.png"] });
    assert_eq!(fate(&emulator.command("messages", media).await.1), ("connected", None));

    let events = emulator.ask("events").await;
    assert_eq!(events["last"], 3);
    let (call, message) = (&events["events"][0], &events["events"][1]);
    assert_eq!((&call["type"], &call["body"]), (&json!("leg"), &Value::Null));
    assert_eq!((&message["body"], &message["to"]), (&json!("I am here"), &json!(ALICE)));
    let (_, interactions) = emulator.get(&format!("{service}/Sessions/{session}/Interactions")).await;
    assert_eq!(interactions["interactions"].as_array().map(Vec::len), Some(3));
}

#[tokio::test]
async fn what_is_not_connected_says_why() {
    let (emulator, service, session) = ride().await;
    assert_eq!(fate(&message(&emulator, ALICE, "stop").await), ("dropped", Some(80901)));
    assert_eq!(fate(&call(&emulator, STRANGER).await), ("out_of_session", Some(80902)));
    assert_eq!(fate(&message(&emulator, STRANGER, "hello").await), ("out_of_session", Some(80903)));
    let (_, withheld) = emulator.command("calls", json!({ "to": NUMBER })).await;
    assert_eq!(fate(&withheld), ("out_of_session", Some(80902)));
    let path = format!("{service}/Sessions/{session}");
    emulator.post(&path, &[("Mode", "message-only")]).await;
    let single = emulator.session(&service, &["+12125550104"]).await;
    assert!(!single.is_empty());
    assert_eq!(fate(&call(&emulator, "+12125550104").await), ("rejected", Some(80614)));
    let (status, error) = emulator.command("calls", json!({ "from": ALICE, "to": "+14155550000" })).await;
    assert_eq!((status, &error["code"]), (StatusCode::NOT_FOUND, &json!(20404)));
    for wrong in [
        json!({ "from": "Alice", "to": NUMBER }),
        json!({ "from": ALICE }),
        json!({ "from": ALICE, "to": NUMBER, "body": "a call has none" }),
        json!({ "from": "whatsapp:+12125550101", "to": "whatsapp:+14155559001" }),
    ] {
        assert_eq!(emulator.command("calls", wrong.clone()).await.0, StatusCode::BAD_REQUEST, "{wrong}");
    }
    assert_eq!(event_types(&emulator).await, ["80901", "80902", "80905", "80903", "80905", "80902", "80905", "80614"]);
}

#[tokio::test]
async fn rte_1_a_channel_address_needs_its_service() {
    let emulator = Emulator::with_manual_clock();
    let service = emulator.create("/v1/Services", &[("UniqueName", "chats")]).await;
    let sessions = format!("/v1/Services/{}/Sessions", service["sid"].as_str().unwrap());
    let person = |n| format!(r#"{{"Identifier":"whatsapp:+1212555010{n}","ProxyIdentifier":"whatsapp:+14155559001"}}"#);
    let form = [("Mode", "message-only"), ("Participants", &person(1)), ("Participants", &person(2))];
    emulator.create(&sessions, &form).await;
    let message = |service: &str| json!({ "from": "whatsapp:+12125550101", "to": "whatsapp:+14155559001", "body": "Hi", "service": service });
    for name in ["chats", service["sid"].as_str().unwrap()] {
        assert_eq!(fate(&emulator.command("messages", message(name)).await.1), ("connected", None), "{name}");
    }
    assert_eq!(emulator.command("messages", message("rides")).await.0, StatusCode::NOT_FOUND);
    emulator.service("rides", &[NUMBER]).await;
    let mut to_a_number = message("chats");
    to_a_number["to"] = json!(NUMBER);
    assert_eq!(emulator.command("messages", to_a_number).await.0, StatusCode::BAD_REQUEST, "it is of another service");
}

#[tokio::test]
async fn rte_7_the_intercept_decides() {
    for (status, expected) in [("403 Forbidden", ("blocked", Some(80909))), ("200 OK", ("connected", None))] {
        let (emulator, service, _) = ride().await;
        let url = webhooks(&response(status, "text/plain", "")).await;
        emulator.post(&service, &[("InterceptCallbackUrl", &url)]).await;
        assert_eq!(fate(&call(&emulator, ALICE).await), expected);
        let types = event_types(&emulator).await;
        assert_eq!(types[..2], ["request", "response"]);
    }
}

#[tokio::test]
async fn rte_11_a_contact_whose_session_ends_while_it_waits_is_dropped() {
    let (emulator, service, session) = ride().await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    emulator.post(&service, &[("InterceptCallbackUrl", &url)]).await;
    let closes = async {
        let (mut connection, _) = listener.accept().await.unwrap();
        emulator.post(&format!("{service}/Sessions/{session}"), &[("Status", "closed")]).await;
        connection.write_all(response("200 OK", "text/plain", "").as_bytes()).await.unwrap();
        connection
    };
    let (outcome, _) = tokio::join!(call(&emulator, ALICE), closes);
    assert_eq!(fate(&outcome), ("dropped", Some(20404)));
}

#[tokio::test]
async fn whk_5_the_answer_out_of_session_decides() {
    let json = "application/json";
    let created = format!(r#"{{"participantIdentifier":"{BOB}","uniqueName":"made-up"}}"#);
    let cases = [
        (response("200 OK", json, &created), ("connected", None)),
        (response("200 OK", json, "[]"), ("out_of_session", Some(12100))),
        (response("200 OK", "text/xml", "<Response/>"), ("twiml", None)),
        (response("200 OK", "text/plain", "hello"), ("out_of_session", Some(80905))),
        (response("500 Oops", json, &created), ("out_of_session", Some(80913))),
        (response("302 Found", json, &created), ("out_of_session", Some(80913))),
        (response("200 OK", "text/xml", &"x".repeat(70_000)), ("out_of_session", Some(80913))),
    ];
    for (answer, expected) in cases {
        let emulator = Emulator::with_manual_clock();
        let service = emulator.service("rides", &[NUMBER]).await;
        let url = webhooks(&answer).await;
        emulator.post(&service, &[("OutOfSessionCallbackUrl", &url)]).await;
        let outcome = call(&emulator, STRANGER).await;
        assert_eq!(fate(&outcome), expected);
        if expected.0 == "connected" {
            assert_eq!(outcome["leg"]["to"], BOB);
            assert_eq!(emulator.get(&format!("{service}/Sessions/made-up")).await.0, StatusCode::OK);
        }
        if expected.0 == "twiml" {
            assert_eq!(outcome["twiml"], "<Response/>");
        }
    }
}

#[tokio::test]
async fn int_2_statuses_are_reported_and_callbacks_come_in_order() {
    let (emulator, service, _) = ride().await;
    let url = webhooks(&response("200 OK", "text/plain", "")).await;
    emulator.post(&service, &[("CallbackUrl", &url)]).await;
    let interaction = call(&emulator, ALICE).await["interaction_sid"].as_str().unwrap().to_owned();
    let path = format!("interactions/{interaction}");
    let statuses = ["ringing", "in-progress", "completed"];
    for status in statuses {
        let (_, shown) = emulator.command(&path, json!({ "status": status, "duration": 5 })).await;
        assert_eq!((&shown["outbound_resource_status"], &shown["sid"]), (&json!(status), &json!(interaction)));
    }
    let told = loop {
        let events = emulator.ask("events").await;
        let events = events["events"].as_array().unwrap().clone();
        if events.iter().filter(|event| event["type"] == "response").count() == 4 {
            break events;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    };
    let answered: Vec<_> =
        told.iter().filter(|event| event["type"] == "response").map(|event| &event["request"]).collect();
    let sent: Vec<_> = told.iter().filter(|event| event["type"] == "request").map(|event| &event["id"]).collect();
    assert_eq!(answered, sent);
    for (path, body, status) in [
        (path.as_str(), json!({ "status": "vanished" }), 400),
        ("interactions/%ff", json!({ "status": "ringing" }), 404),
        ("interactions/KI1", json!({ "status": "ringing" }), 404),
        ("interactions/KI00000000000000000000000000000001", json!({ "status": "ringing" }), 404),
    ] {
        assert_eq!(emulator.command(path, body).await.0, status, "{path}");
    }
}

#[tokio::test]
async fn sel_8_selection_is_explained() {
    let (emulator, service, session) = ride().await;
    let other = emulator.session(&service, &[]).await;
    let explain =
        |session: &str, who: &str| format!("explain?session={session}&identifier={}", who.replace('+', "%2B"));
    let explained = emulator.ask(&explain(&other, ALICE)).await;
    assert_eq!((&explained["number_sid"], &explained["code"]), (&Value::Null, &json!(80208)));
    assert_eq!(explained["numbers"][0]["verdict"], "held");
    let explained = emulator.ask(&explain(&other, STRANGER)).await;
    assert_eq!((&explained["code"], &explained["numbers"][0]["verdict"]), (&Value::Null, &json!("chosen")));
    assert_eq!(explained["number_sid"], explained["numbers"][0]["sid"]);
    let explained = emulator.ask(&explain(&session, STRANGER)).await;
    assert_eq!((&explained["code"], &explained["numbers"]), (&json!(80609), &json!([])));
    for (question, status) in [
        (explain("KC00000000000000000000000000000001", ALICE), 404),
        (explain(&session, "Alice"), 400),
        ("explain".to_owned(), 400),
    ] {
        assert_eq!(emulator.get(&format!("/_emulator/{question}")).await.0, status, "{question}");
    }
}

#[tokio::test]
async fn events_are_had_since_any_of_them() {
    let (emulator, ..) = ride().await;
    for _ in 0..3 {
        call(&emulator, ALICE).await;
    }
    let events = emulator.ask("events?after=1").await;
    let ids: Vec<_> = events["events"].as_array().unwrap().iter().map(|event| event["id"].as_u64().unwrap()).collect();
    assert_eq!((ids, &events["last"]), (vec![2, 3], &json!(3)));
    assert_eq!(emulator.ask("events?after=3").await["events"], json!([]));
    let all = emulator.ask("events?after=99").await;
    assert_eq!(all["events"].as_array().map(Vec::len), Some(3), "event 99 was of an emulator that is gone");
}

/// Reads what a stream says until it has said this.
async fn read_until(stream: &mut reqwest::Response, told: &mut String, wanted: &str) {
    while !told.contains(wanted) {
        let chunk = stream.chunk().await.unwrap().expect("the stream goes on");
        told.push_str(str::from_utf8(&chunk).unwrap());
    }
}

#[tokio::test]
async fn events_are_streamed_as_they_arise() {
    let (mut emulator, ..) = ride().await;
    call(&emulator, ALICE).await;
    call(&emulator, BOB).await;
    let request = emulator.request(Method::GET, "/_emulator/events").header("Accept", "text/event-stream");
    let mut stream = request.header("Last-Event-ID", "1").send().await.unwrap();
    assert_eq!(stream.headers()["content-type"], "text/event-stream");
    let mut told = String::new();
    read_until(&mut stream, &mut told, "id: 2\n").await;
    assert!(!told.contains("id: 1\n"), "{told}");
    call(&emulator, ALICE).await;
    read_until(&mut stream, &mut told, "id: 3\n").await;
    assert!(told.contains("data: {"), "{told}");
    assert!(emulator.stop().success(), "an open stream does not hold it up");
}

#[tokio::test]
async fn inv_2_a_state_is_taken_out_and_put_back() {
    let (emulator, service, session) = ride().await;
    call(&emulator, ALICE).await;
    let state = emulator.ask("state").await;
    emulator.command("clock", json!({ "advance_seconds": 60 })).await;
    answer(emulator.request(Method::DELETE, &format!("{service}/Sessions/{session}"))).await;
    assert_eq!(emulator.get(&format!("{service}/Sessions/{session}")).await.0, StatusCode::NOT_FOUND);
    let put = |state: &Value| emulator.request(Method::PUT, "/_emulator/state").json(state);
    assert_eq!(answer(put(&state)).await.0, StatusCode::NO_CONTENT);
    assert_eq!(emulator.get(&format!("{service}/Sessions/{session}")).await.0, StatusCode::OK);
    assert_eq!(emulator.ask("clock").await["now"], "2030-01-01T08:01:00Z", "a clock does not go back");

    let mut of_another = state.clone();
    of_another["sid"] = json!("AC00000000000000000000000000000002");
    let mut of_another_policy = state.clone();
    of_another_policy["policy"]["max_page_size"] = json!(7);
    let mut damaged = state.clone();
    damaged["services_created"] = json!(0);
    for (wrong, complaint) in [
        (of_another, "another account"),
        (of_another_policy, "--policy"),
        (damaged, "service"),
        (json!({}), "missing field"),
    ] {
        let (status, error) = answer(put(&wrong)).await;
        assert_eq!(status, StatusCode::BAD_REQUEST);
        assert!(error["message"].as_str().unwrap().contains(complaint), "{error}");
    }
    assert_eq!(fate(&call(&emulator, ALICE).await).0, "connected", "what was refused changed nothing");
}

#[tokio::test]
async fn contacts_that_wait_in_a_state_go_on_unanswered() {
    let (emulator, service, _) = ride().await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    emulator.post(&service, &[("InterceptCallbackUrl", &url)]).await;
    let restores = async {
        let (connection, _) = listener.accept().await.unwrap();
        let state = emulator.ask("state").await;
        assert_eq!(state["services"][0]["service"]["waiting"].as_array().map(Vec::len), Some(1));
        let restored = answer(emulator.request(Method::PUT, "/_emulator/state").json(&state)).await;
        assert_eq!(restored.0, StatusCode::NO_CONTENT);
        connection
    };
    let (outcome, _) = tokio::join!(call(&emulator, ALICE), restores);
    assert_eq!(fate(&outcome), ("dropped", Some(20404)), "whoever placed it is told that it was given up");
    assert_eq!(event_types(&emulator).await, ["request", "response", "80908", "leg"]);
}

#[tokio::test]
async fn what_a_reset_gives_up_is_not_sent() {
    let (emulator, service, _) = ride().await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    emulator.post(&service, &[("CallbackUrl", &url)]).await;
    let interaction = call(&emulator, ALICE).await["interaction_sid"].as_str().unwrap().to_owned();
    let (mut first, _) = listener.accept().await.unwrap();
    emulator.command(&format!("interactions/{interaction}"), json!({ "status": "ringing" })).await;
    answer(emulator.request(Method::POST, "/_emulator/reset")).await;
    first.write_all(response("200 OK", "text/plain", "").as_bytes()).await.unwrap();
    let second = tokio::time::timeout(Duration::from_millis(300), listener.accept()).await;
    assert!(second.is_err(), "it was given up");
}

#[tokio::test]
async fn a_webhook_that_hangs_holds_up_no_other() {
    let emulator = Emulator::with_manual_clock();
    let slow = emulator.service("slow", &["+14155559002"]).await;
    let quick = emulator.service("rides", &[NUMBER]).await;
    emulator.session(&quick, &[ALICE, BOB]).await;
    let hung = TcpListener::bind("127.0.0.1:0").await.unwrap();
    emulator.post(&slow, &[("CallbackUrl", &format!("http://{}/", hung.local_addr().unwrap()))]).await;
    emulator.session(&slow, &[ALICE, BOB]).await;
    for _ in 0..100 {
        emulator.command("calls", json!({ "from": ALICE, "to": "+14155559002" })).await;
    }
    let url = webhooks(&response("403 Forbidden", "text/plain", "")).await;
    emulator.post(&quick, &[("InterceptCallbackUrl", &url)]).await;
    let outcome = tokio::time::timeout(Duration::from_secs(10), call(&emulator, ALICE)).await;
    assert_eq!(fate(&outcome.expect("it is answered at once")), ("blocked", Some(80909)));
}

#[tokio::test]
async fn a_contact_that_waits_does_not_hold_up_the_end() {
    let (mut emulator, service, _) = ride().await;
    let hung = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/", hung.local_addr().unwrap());
    emulator.post(&service, &[("InterceptCallbackUrl", &url)]).await;
    let waiting = emulator.request(Method::POST, "/_emulator/calls").json(&json!({ "from": ALICE, "to": NUMBER }));
    let waiting = tokio::spawn(waiting.send());
    let _asked = hung.accept().await.unwrap();
    assert!(emulator.stop().success());
    assert!(waiting.await.unwrap().is_err(), "it was cut off");
}

#[tokio::test]
async fn a_reset_begins_anew() {
    let (emulator, service, _) = ride().await;
    call(&emulator, STRANGER).await;
    emulator.command("clock", json!({ "advance_seconds": 60 })).await;
    let (status, body) = answer(emulator.request(Method::POST, "/_emulator/reset")).await;
    assert_eq!((status, body), (StatusCode::NO_CONTENT, Value::Null));
    assert_eq!(emulator.get(&service).await.0, StatusCode::NOT_FOUND);
    assert_eq!(emulator.ask("clock").await["now"], "2030-01-01T08:00:00Z");
    assert_eq!(emulator.ask("numbers").await["numbers"], json!([]));
    assert_eq!(event_types(&emulator).await, ["reset"]);
    let again = emulator.service("rides", &[NUMBER]).await;
    assert_ne!(again, service);
}

#[tokio::test]
async fn what_is_not_there_is_404_and_other_methods_405() {
    let emulator = Emulator::start(&[]);
    for (method, path, status, code) in [
        (Method::GET, "/_emulator/nothing", 404, 20404),
        (Method::GET, "/_emulator", 404, 20404),
        (Method::DELETE, "/_emulator/clock", 405, 20004),
        (Method::GET, "/_emulator/calls", 405, 20004),
        (Method::GET, "/favicon.ico", 404, 20404),
        (Method::PUT, "/v1/Services", 405, 20004),
    ] {
        let (found, error) = answer(emulator.request(method, path)).await;
        assert_eq!((found.as_u16(), &error["code"]), (status, &json!(code)), "{path}");
    }
}

#[tokio::test]
async fn the_console_is_one_page_that_needs_nothing_else() {
    let emulator = Emulator::start(&[]);
    let response = emulator.request(Method::GET, "/").send().await.unwrap();
    assert_eq!(response.headers()["content-type"], "text/html; charset=utf-8");
    assert!(response.headers()["content-security-policy"].to_str().unwrap().starts_with("default-src 'none'"));
    assert!(response.text().await.unwrap().contains("</html>"));
}
