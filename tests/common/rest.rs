//! A small API that reads well: requests by method, path and form, at the instant that is set.
#![expect(
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a fixture that fails is a failed test"
)]

use core::fmt;

use http::{Method, Request, Response, header};
use serde_json::Value;
use twilio_proxy_core::{
    Account, AccountCommand, AccountSid, NewOwnedNumber, Policy, Timestamp,
    geography::Country,
    rest::{self, Context, Origin},
};

use super::{P1, P2, account::owned, at, e164, short_code};

/// An account behind its REST API. Each request has the next bits: the n-th one creates what has a SID that ends in n.
pub(crate) struct Api {
    pub(crate) account: Account,
    pub(crate) now: Timestamp,
    pub(crate) requests: u128,
    pub(crate) origin: Origin,
}

/// Paths of what [`Api::busy`] has.
pub(crate) const SERVICE: &str = "/v1/Services/KS00000000000000000000000000000001";
pub(crate) const SESSION: &str =
    "/v1/Services/KS00000000000000000000000000000001/Sessions/KC00000000000000000000000000000005";
pub(crate) const ALICE_IN_SESSION: &str = "/v1/Services/KS00000000000000000000000000000001\
    /Sessions/KC00000000000000000000000000000005/Participants/KP00000000000000000000000000000006";

impl Api {
    /// An account without services that owns P1, P2 and the short code 44551.
    pub(crate) fn new() -> Self {
        Self::with_policy(Policy::default())
    }

    pub(crate) fn with_policy(policy: Policy) -> Self {
        let mut account = Account::new(AccountSid::from_u128(1), policy, at(0));
        let code = NewOwnedNumber::short_code(short_code(1), "44551".parse().unwrap(), Country::US);
        for new in [owned(1, P1), owned(2, P2), code] {
            account.apply(AccountCommand::RegisterNumber { new }, at(0)).unwrap();
        }
        Self { account, now: at(0), requests: 0, origin: Origin::default() }
    }

    /// The same with a service `rides`, which has P1, P2 and the short code in its pool and a session `ride`, in which Alice
    /// and Bob are, and Alice was sent a message. The next request is the ninth.
    pub(crate) fn busy() -> Self {
        Self::busy_with(Policy::default())
    }

    pub(crate) fn busy_with(policy: Policy) -> Self {
        let mut api = Self::with_policy(policy);
        for (path, form) in [
            ("/v1/Services", "UniqueName=rides"),
            (&format!("{SERVICE}/PhoneNumbers"), "Sid=PN00000000000000000000000000000001"),
            (&format!("{SERVICE}/PhoneNumbers"), "PhoneNumber=%2B14155559002"),
            (&format!("{SERVICE}/ShortCodes"), "Sid=SC00000000000000000000000000000001"),
            (&format!("{SERVICE}/Sessions"), "UniqueName=ride"),
            (&format!("{SESSION}/Participants"), "Identifier=%2B14155550001&FriendlyName=Alice"),
            (&format!("{SESSION}/Participants"), "Identifier=%2B14155550002"),
            (&format!("{ALICE_IN_SESSION}/MessageInteractions"), "Body=Welcome"),
        ] {
            let answer = api.post(path, form);
            assert!(answer.status < 300, "{path} {form}: {answer}");
        }
        api
    }

    pub(crate) fn get(&mut self, path: &str) -> Answer {
        self.send(Method::GET, path, "")
    }

    pub(crate) fn post(&mut self, path: &str, form: &str) -> Answer {
        self.send(Method::POST, path, form)
    }

    pub(crate) fn delete(&mut self, path: &str) -> Answer {
        self.send(Method::DELETE, path, "")
    }

    pub(crate) fn send(&mut self, method: Method, path: &str, body: &str) -> Answer {
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(body)
            .unwrap();
        self.handle(&request)
    }

    pub(crate) fn handle(&mut self, request: &Request<impl AsRef<[u8]>>) -> Answer {
        self.requests += 1;
        let context = Context { now: self.now, entropy: self.requests, origin: &self.origin };
        Answer::new(&rest::handle(&mut self.account, request, &context))
    }
}

/// What came back.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    /// `Null` if there is none.
    pub(crate) json: Value,
    pub(crate) text: String,
    pub(crate) allow: Option<String>,
}

impl Answer {
    fn new(response: &Response<Vec<u8>>) -> Self {
        let text = String::from_utf8(response.body().clone()).unwrap();
        let content_type = response.headers().get(header::CONTENT_TYPE).map(|value| value.to_str().unwrap());
        assert_eq!(content_type, (!text.is_empty()).then_some("application/json"));
        let json = if text.is_empty() { Value::Null } else { serde_json::from_str(&text).unwrap() };
        let allow = response.headers().get(header::ALLOW).map(|value| value.to_str().unwrap().to_owned());
        Self { status: response.status().as_u16(), json, text, allow }
    }

    /// Status, code and message of an error.
    pub(crate) fn error(&self) -> (u16, u64, &str) {
        (self.status, self.json["code"].as_u64().unwrap(), self.json["message"].as_str().unwrap())
    }

    /// Status and code of an error.
    pub(crate) fn code(&self) -> (u16, u64) {
        (self.status, self.json["code"].as_u64().unwrap())
    }

    /// A text of the answer.
    pub(crate) fn str(&self, field: &str) -> &str {
        self.json[field].as_str().unwrap()
    }
}

/// The status, then the JSON, a field a line.
impl fmt::Display for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.status)?;
        let text = self.text.replace("\":{", "\":\n {").replace("[{", "[\n{").replace("},{", "},\n{");
        let text = text.replace(",\"", ",\n  \"").replace("{\"", "{ \"");
        write!(f, "{text}")
    }
}

/// Text as a form has it.
pub(crate) fn encode(text: &str) -> String {
    percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC).to_string()
}

/// A number that the account owns and no service has.
pub(crate) fn spare(n: u128, phone_number: &str) -> AccountCommand {
    AccountCommand::RegisterNumber { new: NewOwnedNumber::phone(super::number(n), e164(phone_number)) }
}
