//! Logs never show whom a session is about.

use std::time::Duration;

use reqwest::{Method, StatusCode};
use serde_json::json;

use crate::harness::{Emulator, answer, text_of};

#[tokio::test]
async fn txt_3_no_identifier_is_logged_at_any_level() {
    let folder = tempfile::tempdir().unwrap();
    let log = folder.path().join("log");
    let data = folder.path().join("data");
    let mut emulator = Emulator::logging(&["--data", data.to_str().unwrap()], &log);
    let [alice, bob, stranger] = ["+12125550101", "whatsapp:+12125550102", "+12125550103"];
    let number = "+14155559001";
    let service = emulator.service("rides", &[number, "+14155559002"]).await;
    // Nobody listens there, so that each webhook fails.
    let nowhere = "http://127.0.0.1:9/?about=12125550101";
    for url in ["CallbackUrl", "OutOfSessionCallbackUrl"] {
        emulator.post(&service, &[(url, nowhere)]).await;
    }
    let session = emulator.session(&service, &[alice, "+12125550104"]).await;
    let participants = format!("{service}/Sessions/{session}/Participants");
    for (form, code) in [
        (vec![("Identifier", alice)], 80103),
        (vec![("Identifier", bob)], 80609),
        (vec![("Identifier", "12125550101")], 80404),
        (vec![("Identifier", "+12125550105"), ("ProxyIdentifier", "+12125550101")], 80609),
    ] {
        assert_eq!(emulator.post(&participants, &form).await.1["code"], code);
    }
    for path in [alice, "/v1/Services/+12125550101", "/v1/Services?PageSize=+12125550101", "/_emulator/+12125550101"] {
        let path = if path.starts_with('/') { path.to_owned() } else { format!("/{path}") };
        emulator.get(&path).await;
    }
    emulator.command("calls", json!({ "from": alice, "to": number })).await;
    emulator.command("messages", json!({ "from": alice, "to": number, "body": "I am +12125550101" })).await;
    let (_, out) = emulator.command("calls", json!({ "from": stranger, "to": number })).await;
    assert_eq!((&out["outcome"], &out["code"]), (&json!("out_of_session"), &json!(80913)));
    emulator.command("calls", json!({ "from": "+12125550101", "to": 12_125_550_101_u64 })).await;
    emulator.get(&format!("/_emulator/explain?session={session}&identifier=%2B12125550101")).await;
    let method = Method::from_bytes(alice.as_bytes()).unwrap();
    emulator.request(method, "/v1/Services").send().await.unwrap();
    let request = emulator.request(Method::GET, "/v1/Services").header("X-From", alice).header("Cookie", alice);
    assert_eq!(answer(request).await.0, StatusCode::OK);
    tokio::time::sleep(Duration::from_millis(200)).await;
    assert!(emulator.stop().success());

    let log = text_of(&log);
    assert!(log.contains("CreateParticipant") && log.contains("code=80103") && log.contains("webhook"), "{log}");
    for secret in ["2125550", "emulator-auth-token", "I am"] {
        let line = log.lines().find(|line| line.contains(secret));
        assert_eq!(line, None, "{secret}");
    }
}
