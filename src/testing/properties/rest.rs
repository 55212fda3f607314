use alloc::{format, string::ToString, vec::Vec};
use core::str;

use http::{Request, Response, StatusCode};
use serde_json::Value;

use super::{Violation, agree, sure};
use crate::{
    Account, AccountCommand, AccountSid, NewOwnedNumber, PhoneNumberSid, Policy, ShortCodeSid, Timestamp,
    geography::Country,
    rest::{self, Context, Origin, Refusal, resource},
    testing::AccountReference,
};

/// Requests, one a line: method, path with query, and body, with a space between.
///
/// Whatever they are, a small busy account answers each with a resource, a page or nothing, or with an error of the API: never
/// with a status of 500 or more, and never with an identifier in the message. A refused request changes nothing, and one that is
/// accepted does what the [`AccountReference`] does (API-6, ERR-2, INV-5). What an answer links to is there.
///
/// ```
/// use twilio_proxy_core::testing::properties;
///
/// properties::rest(b"POST /v1/Services UniqueName=meals\nGET /v1/Services?PageSize=1\nBREW /coffee %")?;
/// # Ok::<(), properties::Violation>(())
/// ```
///
/// # Errors
///
/// The first thing that is not so.
pub fn rest(input: &[u8]) -> Result<(), Violation> {
    let mut pair = Pair::new()?;
    for (n, line) in (0_u32..).zip(input.split(|byte| *byte == b'\n')) {
        let mut parts = line.splitn(3, |byte| *byte == b' ');
        let [method, path, body] = [(); 3].map(|()| parts.next().unwrap_or_default());
        if let Ok(request) = Request::builder().method(method).uri(path).body(body) {
            // A few seconds pass, and now and then a long time, or none.
            let seconds = n.saturating_mul(5).saturating_add(if n % 7 == 6 { 8_000_000 } else { 0 });
            pair.handle(&request, n.saturating_add(1_000), seconds)?;
        }
    }
    Ok(())
}

/// What makes the account busy: the n-th request creates what has a SID that ends in n.
const BUSY_ACCOUNT: [(&str, &str); 16] = [
    ("/v1/Services", "UniqueName=rides&CallbackUrl=https%3A%2F%2Fa.example%2F"),
    ("/v1/Services/KS00000000000000000000000000000001/PhoneNumbers", "Sid=PN00000000000000000000000000000001"),
    ("/v1/Services/KS00000000000000000000000000000001/PhoneNumbers", "PhoneNumber=%2B14155559002&IsReserved=true"),
    ("/v1/Services/KS00000000000000000000000000000001/ShortCodes", "Sid=SC00000000000000000000000000000001"),
    ("/v1/Services/KS00000000000000000000000000000001/Sessions", "UniqueName=ride&Ttl=90"),
    (
        "/v1/Services/KS00000000000000000000000000000001/Sessions/KC00000000000000000000000000000005/Participants",
        "Identifier=%2B14155550001",
    ),
    (
        "/v1/Services/KS00000000000000000000000000000001/Sessions/KC00000000000000000000000000000005/Participants",
        "Identifier=%2B14155550002",
    ),
    (
        "/v1/Services/KS00000000000000000000000000000001/Sessions/KC00000000000000000000000000000005/Participants\
         /KP00000000000000000000000000000006/MessageInteractions",
        "Body=Welcome",
    ),
    ("/v1/Services/KS00000000000000000000000000000001/Sessions", "Mode=message-only"),
    (
        "/v1/Services/KS00000000000000000000000000000001/Sessions/KC00000000000000000000000000000009/Participants",
        "Identifier=x%3Acarol&ProxyIdentifier=x%3Arides",
    ),
    (
        "/v1/Services/KS00000000000000000000000000000001/Sessions/KC00000000000000000000000000000009/Participants",
        "Identifier=%2B14155550004&ProxyIdentifier=44551",
    ),
    ("/v1/Services/KS00000000000000000000000000000001/Sessions", "UniqueName=past"),
    ("/v1/Services/KS00000000000000000000000000000001/Sessions/KC0000000000000000000000000000000c", "Status=closed"),
    ("/v1/Services", "UniqueName=meals"),
    ("/v1/Services/KS0000000000000000000000000000000e/PhoneNumbers", "Sid=PN00000000000000000000000000000003"),
    ("/v1/Services/KS0000000000000000000000000000000e/Sessions", ""),
];

const START: u32 = 1_767_225_600; // 2026

/// An account behind its API, and the reference, which is told of the commands alone.
struct Pair {
    account: Account,
    reference: AccountReference,
    origin: Origin,
}

impl Pair {
    fn new() -> Result<Self, Violation> {
        let (sid, start) = (AccountSid::from_u128(1), Timestamp::from_unix_seconds(START.into()));
        let account = Account::new(sid, Policy::default(), start);
        let reference = AccountReference::new(sid, Policy::default(), start);
        let mut pair = Self { account, reference, origin: Origin::default() };
        let code = NewOwnedNumber::short_code(ShortCodeSid::from_u128(1), sure("code", "44551".parse())?, Country::US);
        pair.register(code)?;
        for n in 1..=4_u32 {
            let number = sure("number", format!("+1415555900{n}").parse())?;
            pair.register(NewOwnedNumber::phone(PhoneNumberSid::from_u128(n.into()), number))?;
        }
        for (n, (path, form)) in (1..).zip(BUSY_ACCOUNT) {
            let request = sure("request", Request::post(path).body(form.as_bytes()))?;
            let response = pair.handle(&request, n, 0)?;
            agree(path, response.status().is_success(), true)?;
        }
        Ok(pair)
    }

    fn register(&mut self, new: NewOwnedNumber) -> Result<(), Violation> {
        let (command, now) = (AccountCommand::RegisterNumber { new }, self.account.latest_instant());
        agree("registration", self.account.apply(command.clone(), now), self.reference.apply(command, now))
    }

    /// The answer to a request, once it is found in order; so many seconds have passed since the start.
    fn handle(&mut self, request: &Request<&[u8]>, entropy: u32, seconds: u32) -> Result<Response<Vec<u8>>, Violation> {
        let origin = self.origin.clone();
        let now = Timestamp::from_unix_seconds(START.saturating_add(seconds).into());
        let context = Context { now, entropy: entropy.into(), origin: &origin };
        sure("deadline of the reference", self.reference.apply(AccountCommand::HandleDeadline {}, now))?;
        let call = rest::parse(&mut self.account, request, &context);
        agree("state before", self.account.state(), self.reference.state())?;
        let (response, expected) = match call {
            Err(refusal) => (self.refuse(refusal)?, None),
            Ok(call) => {
                let expected = call.command().map(|command| self.reference.apply(command.clone(), now)).transpose();
                let status = call.operation().status(self.account.policy());
                let response = rest::respond(&mut self.account, call, &context);
                let code = expected.err().map(|error| error.code());
                agree(
                    "status",
                    response.status().as_u16(),
                    code.map_or(status, |code| code.http_status().unwrap_or(400)),
                )?;
                (response, code)
            }
        };
        agree("state", self.account.state(), self.reference.state())?;
        if response.status().is_success() {
            self.follow(request, &response, &context)?;
        } else {
            let error: resource::Error = sure("error", serde_json::from_slice(response.body()))?;
            agree("status in the error", error.status, response.status().as_u16())?;
            agree("code", expected.unwrap_or(error.code), error.code)?;
            self.keeps_quiet(&error.message)?;
        }
        Ok(response)
    }

    fn refuse(&self, refusal: Refusal) -> Result<Response<Vec<u8>>, Violation> {
        let (code, message) = (refusal.code(), refusal.to_string());
        self.keeps_quiet(&message)?;
        let response = refusal.into_response();
        let error: resource::Error = sure("error", serde_json::from_slice(response.body()))?;
        agree("refusal", (error.code, error.message), (code, message))?;
        agree("client's fault", response.status().is_client_error(), true)?;
        Ok(response)
    }

    /// That a message has no identifier in it. (`http://` may be one, and stands in the message on callback URLs.)
    fn keeps_quiet(&self, message: &str) -> Result<(), Violation> {
        for service in self.account.services() {
            for participant in service.sessions().filter_map(|session| service.participants(session.sid)).flatten() {
                let identifier = participant.identifier.to_string();
                let leaks = message.contains(&identifier) && !"http:// or https://".contains(&identifier);
                agree(message, leaks, false)?;
            }
        }
        Ok(())
    }

    /// That what an answer links to is there: a resource is itself, a list has its pages and parts.
    fn follow(
        &mut self,
        request: &Request<&[u8]>,
        response: &Response<Vec<u8>>,
        context: &Context<'_>,
    ) -> Result<(), Violation> {
        if response.body().is_empty() {
            return agree("no body", response.status() == StatusCode::NO_CONTENT, true);
        }
        let answer: Value = sure("JSON", serde_json::from_slice(response.body()))?;
        let own = answer.get("url");
        let links = answer.get("links").and_then(Value::as_object).into_iter().flat_map(serde_json::Map::values);
        let meta = answer.get("meta").and_then(Value::as_object).into_iter().flat_map(serde_json::Map::values);
        for url in own.into_iter().chain(links).chain(meta).filter_map(Value::as_str) {
            let Some(path) = url.strip_prefix(self.origin.as_str()) else { continue };
            let get = sure(url, Request::get(path).body(""))?;
            let found = rest::handle(&mut self.account, &get, context);
            agree(url, found.status(), StatusCode::OK)?;
            if own.and_then(Value::as_str) == Some(url) {
                agree(url, str::from_utf8(found.body()), str::from_utf8(response.body()))?;
            }
        }
        agree(request.uri().path(), answer.is_object(), true)
    }
}
