//! What no client of good will sends.

use std::{
    io::{Read, Write},
    net::TcpStream,
    thread,
    time::{Duration, Instant},
};

use reqwest::{Method, StatusCode, header};
use serde_json::json;

use crate::harness::{ACCOUNT, Emulator, TOKEN, answer};

const PATIENCE: Duration = Duration::from_secs(40);

/// Sends bytes as they are, and gives what comes back until the connection ends or nothing more comes.
fn raw(emulator: &Emulator, bytes: &[u8]) -> String {
    let mut stream = TcpStream::connect(emulator.address()).unwrap();
    stream.set_read_timeout(Some(Duration::from_millis(300))).unwrap();
    // The emulator may have hung up already.
    let _ = stream.write_all(bytes);
    let mut answer = Vec::new();
    let mut buffer = [0; 4096];
    while let Ok(length @ 1..) = stream.read(&mut buffer) {
        answer.extend_from_slice(&buffer[..length]);
    }
    String::from_utf8_lossy(&answer).into_owned()
}

fn status_of(answer: &str) -> Option<u16> {
    answer.strip_prefix("HTTP/1.1 ").or_else(|| answer.strip_prefix("HTTP/1.0 "))?.get(..3)?.parse().ok()
}

/// `user:password` of the default account in Base64.
fn credentials() -> String {
    use base64::{Engine, engine::general_purpose::STANDARD};
    STANDARD.encode(format!("{ACCOUNT}:{TOKEN}"))
}

#[tokio::test]
async fn credentials_are_asked_for_everywhere() {
    let emulator = Emulator::start(&[]);
    let client = reqwest::Client::new();
    for path in ["/", "/v1/Services", "/_emulator/state", "/_emulator/nothing", "/nothing", "/v1/Services/KS1"] {
        let url = format!("{}{path}", emulator.url());
        let sent = [
            client.get(&url),
            client.get(&url).basic_auth(ACCOUNT, Some("wrong")),
            client.get(&url).basic_auth(ACCOUNT, None::<&str>),
            client.get(&url).basic_auth("AC00000000000000000000000000000002", Some(TOKEN)),
            client.get(&url).bearer_auth(TOKEN),
            client.get(&url).header(header::AUTHORIZATION, "Basic"),
            client.get(&url).header(header::AUTHORIZATION, "Basic %%%"),
            client.get(&url).header(header::AUTHORIZATION, "Basic gICA"),
        ];
        for request in sent {
            let response = request.send().await.unwrap();
            assert_eq!(response.status(), StatusCode::UNAUTHORIZED, "{path}");
            assert!(response.headers().contains_key(header::WWW_AUTHENTICATE), "{path}");
            let error: serde_json::Value = serde_json::from_str(&response.text().await.unwrap()).unwrap();
            let more_info = "https://www.twilio.com/docs/errors/20003";
            assert_eq!(
                error,
                json!({ "code": 20003, "message": "Authenticate", "more_info": more_info, "status": 401 })
            );
        }
    }
}

#[tokio::test]
async fn a_page_of_another_site_may_not_ask() {
    let emulator = Emulator::start(&[]);
    for (site, status) in [("cross-site", 403), ("same-site", 403), ("same-origin", 200), ("none", 200)] {
        let request = emulator.request(Method::GET, "/v1/Services").header("Sec-Fetch-Site", site);
        assert_eq!(answer(request).await.0, status, "{site}");
    }
    let link = |path| {
        emulator.request(Method::GET, path).header("Sec-Fetch-Site", "cross-site").header("Sec-Fetch-Mode", "navigate")
    };
    assert_eq!(link("/").send().await.unwrap().status(), 200, "it may have a link to the console");
    assert_eq!(link("/_emulator/state").send().await.unwrap().status(), 403);
    for (host, status) in
        [("localhost:8080", 200), ("[::1]:80", 200), ("127.0.0.1", 200), ("a.localhost", 200), ("evil.example", 403)]
    {
        let request = emulator.request(Method::GET, "/v1/Services").header("Host", host);
        assert_eq!(answer(request).await.0, status, "{host}");
    }
}

#[tokio::test]
async fn a_body_over_64_kibibytes_is_too_long() {
    let emulator = Emulator::start(&[]);
    for path in ["/v1/Services", "/_emulator/numbers", "/_emulator/clock"] {
        for (length, status) in [(64 * 1024, 400), (64 * 1024 + 1, 413), (900 * 1024, 413)] {
            let request = emulator.request(Method::POST, path).body("a".repeat(length));
            assert_eq!(answer(request).await.0, status, "{path}: {length}");
        }
    }
    let (status, _) = emulator.get("/v1/Services").await;
    assert_eq!(status, 200);
}

#[test]
fn broken_requests_get_no_5xx_and_do_no_harm() {
    let emulator = Emulator::start(&[]);
    let authorization = format!("Authorization: Basic {}", credentials());
    let request = |start: &str, more: &str| format!("{start}\r\nHost: localhost\r\n{authorization}\r\n{more}\r\n");
    let long = "a".repeat(70_000);
    let many_headers = "X-Many: 1\r\n".repeat(500);
    let hostile = [
        String::new(),
        "\r\n\r\n".into(),
        "GET".into(),
        "GET / HTTP/9.9\r\n\r\n".into(),
        "\u{16}\u{3}\u{1}\u{2}\u{0}\u{1}\u{0}".into(),
        "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".into(),
        request("GET /v1/Services HTTP/1.1", "Content-Length: -1\r\n"),
        request("POST /v1/Services HTTP/1.1", "Content-Length: 5\r\nContent-Length: 6\r\n"),
        request("POST /v1/Services HTTP/1.1", "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n"),
        request("POST /v1/Services HTTP/1.1", "Transfer-Encoding: chunked\r\n\r\nzz\r\n"),
        request("POST /v1/Services HTTP/1.1", "Transfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\n"),
        request(&format!("GET /{long} HTTP/1.1"), ""),
        request("GET /v1/Services HTTP/1.1", &format!("X: {long}\r\n")),
        request("GET /v1/Services HTTP/1.1", &many_headers),
        request("GET /v1/Services/%ff%zz?%=%& HTTP/1.1", ""),
        request("GET /v1/Services/../../_emulator/state HTTP/1.1", ""),
        request("GET http://elsewhere/v1/Services HTTP/1.1", ""),
        request("OPTIONS * HTTP/1.1", ""),
        request("CONNECT elsewhere:80 HTTP/1.1", ""),
        request("BREW /v1/Services HTTP/1.1", ""),
        request("GET /v1/Services HTTP/1.1", "Host: other\r\n"),
        request("GET /_emulator/events?after=-1 HTTP/1.1", ""),
        request("GET /_emulator/explain?session=KC1 HTTP/1.1", ""),
        request("POST /_emulator/clock HTTP/1.1", "Content-Length: 2\r\n\r\n[]"),
        request("POST /_emulator/interactions/KI1 HTTP/1.1", "Content-Length: 2\r\n\r\n{}"),
        request("PUT /_emulator/state HTTP/1.1", "Content-Length: 2\r\n\r\n{}"),
    ];
    for bytes in &hostile {
        let answer = raw(&emulator, bytes.as_bytes());
        let shown = bytes.get(..60).unwrap_or(bytes);
        assert!(status_of(&answer).is_none_or(|status| status < 500), "{shown:?}: {answer}");
    }
    let answer = raw(&emulator, request("GET /v1/Services HTTP/1.1", "").as_bytes());
    assert_eq!(status_of(&answer), Some(200), "{answer}");
}

#[test]
fn slow_clients_time_out() {
    let emulator = Emulator::start(&[]);
    let authorization = format!("Authorization: Basic {}", credentials());
    let slow = [
        "GET /v1/Serv".to_owned(),
        "GET /v1/Services HTTP/1.1\r\nX: ".to_owned(),
        format!("POST /v1/Services HTTP/1.1\r\nHost: localhost\r\n{authorization}\r\nContent-Length: 10\r\n\r\nUniq"),
    ];
    let started = Instant::now();
    thread::scope(|scope| {
        for start in &slow {
            let address = emulator.address();
            scope.spawn(move || {
                let mut stream = TcpStream::connect(address).unwrap();
                stream.set_read_timeout(Some(PATIENCE)).unwrap();
                stream.write_all(start.as_bytes()).unwrap();
                let mut answer = String::new();
                stream.read_to_string(&mut answer).expect("the emulator hangs up");
                assert!(status_of(&answer).is_none_or(|status| status == 408), "{start:?}: {answer}");
            });
        }
    });
    assert!(started.elapsed() < PATIENCE);
}

#[tokio::test]
async fn a_thousand_idle_connections_do_no_harm() {
    let emulator = Emulator::start(&[]);
    let idle: Vec<_> = (0..1000).map(|_| TcpStream::connect(emulator.address()).unwrap()).collect();
    for _ in 0..20 {
        let (status, _) = emulator.get("/v1/Services").await;
        assert_eq!(status, 200);
    }
    drop(idle);
}
