//! Twilio's REST API as pure functions: an [`http::Request`] in, an [`http::Response`] out (API).
//!
//! There is no socket here, no server and no runtime: whoever has those calls [`handle`]. Its clock, the bits of new SIDs
//! and the origin of URLs come in a [`Context`]. Who may ask is the caller's affair: credentials are not looked at.
//!
//! ```
//! use http::{Request, StatusCode};
//! use twilio_proxy_core::{Account, Policy, Timestamp, sid};
//! use twilio_proxy_core::rest::{self, Context, Origin, resource};
//!
//! let mut account = Account::new(sid!("AC00000000000000000000000000000001"), Policy::default(), Timestamp::MIN);
//! let origin = Origin::default();
//! let context = Context { now: "2026-01-01T08:00:00Z".parse()?, entropy: 7, origin: &origin };
//!
//! let request = Request::post("/v1/Services").body("UniqueName=rides&DefaultTtl=3600")?;
//! let response = rest::handle(&mut account, &request, &context);
//! assert_eq!(response.status(), StatusCode::CREATED);
//! let rides: resource::Service = serde_json::from_slice(response.body())?;
//! assert_eq!(rides.url, "https://proxy.twilio.com/v1/Services/KS00000000000000000000000000000007");
//!
//! let request = Request::get("/v1/Services/rides").body("")?;
//! let response = rest::handle(&mut account, &request, &context);
//! assert_eq!(serde_json::from_slice::<resource::Service>(response.body())?, rides);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! An embedder that keeps a log writes a command down before it answers: [`parse`] tells which one a request asks for, and
//! [`respond`] carries it out.

mod context;
mod form;
mod operation;
mod page;
mod participant_object;
mod query;
mod refusal;
mod request;
pub mod resource;

use alloc::vec::Vec;

use http::{HeaderValue, Request, Response, StatusCode, header};
use serde::Serialize;

pub use self::{
    context::{Context, Origin, ParseOriginError},
    form::Parameter,
    operation::Operation,
    refusal::{MalformedForm, ParameterFlaw, Refusal, RequestPath},
};
use self::{query::Query, request::Asked};
use crate::{account::Account, command::AccountCommand};

/// What a request asks for, once it is read.
///
/// ```
/// # use twilio_proxy_core::{Account, Policy, Timestamp, rest::{Context, Origin}, sid};
/// use http::Request;
/// use twilio_proxy_core::{AccountCommand, rest::{self, Operation}};
///
/// # let mut account = Account::new(sid!("AC00000000000000000000000000000001"), Policy::default(), Timestamp::MIN);
/// # let context = Context { now: Timestamp::MIN, entropy: 1, origin: &Origin::default() };
/// let request = Request::post("/v1/Services").body("UniqueName=rides")?;
/// let call = rest::parse(&mut account, &request, &context).expect("it is well formed");
/// assert_eq!(call.operation(), Operation::CreateService);
/// assert!(matches!(call.command(), Some(AccountCommand::CreateService { .. })));
/// # Ok::<(), http::Error>(())
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Call {
    operation: Operation,
    path: RequestPath,
    ask: Ask,
}

/// A command that is carried out, if there is one, and then the question that is answered, if there is one.
#[derive(Clone, Debug, Eq, PartialEq)]
struct Ask {
    command: Option<AccountCommand>,
    query: Option<Query>,
}

impl From<Query> for Ask {
    fn from(query: Query) -> Self {
        Self { command: None, query: Some(query) }
    }
}

impl Call {
    /// Which operation it is.
    ///
    /// ```
    /// # use twilio_proxy_core::{Account, Policy, Timestamp, rest::{Context, Origin}, sid};
    /// # use http::Request;
    /// # use twilio_proxy_core::rest::{self, Operation};
    /// # let mut account = Account::new(sid!("AC00000000000000000000000000000001"), Policy::default(), Timestamp::MIN);
    /// # let context = Context { now: Timestamp::MIN, entropy: 1, origin: &Origin::default() };
    /// let request = Request::get("/v1/Services").body("")?;
    /// let call = rest::parse(&mut account, &request, &context).expect("it is well formed");
    /// assert_eq!(call.operation(), Operation::ListService);
    /// # Ok::<(), http::Error>(())
    /// ```
    #[must_use]
    pub const fn operation(&self) -> Operation {
        self.operation
    }

    /// The command that it gives; `None` if it only asks. It may be refused yet, and is as large as the request: one with many
    /// `Participants` has them all.
    ///
    /// ```
    /// # use twilio_proxy_core::{Account, Policy, Timestamp, rest::{Context, Origin}, sid};
    /// # use http::Request;
    /// # use twilio_proxy_core::rest;
    /// # let mut account = Account::new(sid!("AC00000000000000000000000000000001"), Policy::default(), Timestamp::MIN);
    /// # let context = Context { now: Timestamp::MIN, entropy: 1, origin: &Origin::default() };
    /// let request = Request::get("/v1/Services").body("")?;
    /// let call = rest::parse(&mut account, &request, &context).expect("it is well formed");
    /// assert_eq!(call.command(), None);
    /// # Ok::<(), http::Error>(())
    /// ```
    #[must_use]
    pub const fn command(&self) -> Option<&AccountCommand> {
        self.ask.command.as_ref()
    }
}

/// Answers a request: [`parse`] and [`respond`] in one.
///
/// ```
/// # use twilio_proxy_core::{Account, Policy, Timestamp, rest::{Context, Origin}, sid};
/// use http::Request;
/// use twilio_proxy_core::rest::{self, resource};
///
/// # let mut account = Account::new(sid!("AC00000000000000000000000000000001"), Policy::default(), Timestamp::MIN);
/// # let context = Context { now: Timestamp::MIN, entropy: 1, origin: &Origin::default() };
/// let request = Request::get("/v1/Services/rides").body("")?;
/// let response = rest::handle(&mut account, &request, &context);
/// let error: resource::Error = serde_json::from_slice(response.body())?;
/// assert_eq!((response.status().as_u16(), error.code.number()), (404, 20404));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn handle(account: &mut Account, request: &Request<impl AsRef<[u8]>>, context: &Context<'_>) -> Response<Vec<u8>> {
    match parse(account, request, context) {
        Ok(call) => respond(account, call, context),
        Err(refusal) => refusal.into_response(),
    }
}

/// Reads a request, after all that is due by now (TIM-3). Nothing else changes: what it asks for is done by [`respond`].
///
/// A log has the [latest instant](Account::latest_instant) with a command, at which it takes effect even if a later request was
/// read before, and nothing comes between the two that is not in the log as well (INV-3).
///
/// ```
/// # use twilio_proxy_core::{Account, Policy, Timestamp, rest::{Context, Origin}, sid};
/// use http::Request;
/// use twilio_proxy_core::{LogEntry, rest};
///
/// # let mut account = Account::new(sid!("AC00000000000000000000000000000001"), Policy::default(), Timestamp::MIN);
/// # let context = Context { now: Timestamp::MIN, entropy: 1, origin: &Origin::default() };
/// # let mut log = Vec::new();
/// let request = Request::post("/v1/Services").body("UniqueName=rides")?;
/// let response = match rest::parse(&mut account, &request, &context) {
///     Ok(call) => {
///         if let Some(command) = call.command() {
///             let now = account.latest_instant();
///             log.push(LogEntry { now, command: command.clone() }); // and wait until it is on disk
///         }
///         rest::respond(&mut account, call, &context)
///     }
///     Err(refusal) => refusal.into_response(),
/// };
/// assert_eq!((response.status().as_u16(), log.len()), (201, 1));
/// # Ok::<(), http::Error>(())
/// ```
///
/// # Errors
///
/// [`Refusal`], in the order of API-9: path and method, the SIDs of the path, their resources, the form, its parameters.
pub fn parse(
    account: &mut Account,
    request: &Request<impl AsRef<[u8]>>,
    context: &Context<'_>,
) -> Result<Call, Refusal> {
    account.handle_deadline(context.now);
    let (operation, ask) = Operation::read(
        request.method(),
        &Asked {
            account,
            path: request.uri().path(),
            query: request.uri().query(),
            headers: request.headers(),
            body: request.body().as_ref(),
            context,
        },
    )?;
    Ok(Call { operation, path: request.uri().path().into(), ask })
}

/// Does what a request asks for, and answers it.
///
/// The [`Context`] is the one that the request was read with.
///
/// ```
/// # use twilio_proxy_core::{Account, Policy, Timestamp, rest::{Context, Origin}, sid};
/// use http::Request;
/// use twilio_proxy_core::rest;
///
/// # let mut account = Account::new(sid!("AC00000000000000000000000000000001"), Policy::default(), Timestamp::MIN);
/// # let context = Context { now: Timestamp::MIN, entropy: 1, origin: &Origin::default() };
/// let request = Request::post("/v1/Services").body("UniqueName=rides")?;
/// let call = rest::parse(&mut account, &request, &context).expect("it is well formed");
/// let response = rest::respond(&mut account, call, &context);
/// assert_eq!(response.status(), 201);
/// # Ok::<(), http::Error>(())
/// ```
pub fn respond(account: &mut Account, call: Call, context: &Context<'_>) -> Response<Vec<u8>> {
    let Call { operation, path, ask: Ask { command, query } } = call;
    if let Some(command) = command
        && let Err(error) = account.apply(command, context.now)
    {
        return Refusal::Operation { path, error }.into_response();
    }
    let status = StatusCode::from_u16(operation.status(account.policy())).unwrap_or(StatusCode::OK);
    let Some(query) = query else {
        let mut response = Response::new(Vec::new());
        *response.status_mut() = status;
        return response;
    };
    query.answer(status, account, context.origin).unwrap_or_else(|| Refusal::NotFound { path }.into_response())
}

fn json(status: StatusCode, body: &impl Serialize) -> Response<Vec<u8>> {
    let mut text = Vec::with_capacity(1024);
    if serde_json::to_writer(&mut text, body).is_err() {
        text.clear();
    }
    let mut response = Response::new(text);
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}
