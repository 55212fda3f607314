//! HTTP: connections, credentials, limits, and what is logged.

use std::{net::IpAddr, sync::Arc, time::Duration};

use axum::{
    Router,
    body::Body,
    extract::{MatchedPath, Request, State},
    middleware::{self, Next},
    response::{Html, IntoResponse, Response},
    routing::get,
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use bytes::{Bytes, BytesMut};
use http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use http_body_util::BodyExt;
use hyper::server::conn::http1;
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    server::graceful::GracefulShutdown,
    service::TowerToHyperService,
};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::{Mutex, Semaphore, watch},
    task::JoinSet,
    time::{Instant, sleep, timeout},
};
use tokio_io_timeout::TimeoutStream;
use twilio_proxy_core::{AccountSid, Code, rest::Operation, rest::Origin};

use crate::{
    control,
    engine::{Engine, Stopped},
    problem::Problem,
};

/// The longest body of a request.
const LONGEST_BODY: usize = 64 * 1024;
/// How much of a longer one is read and thrown away, so that a client that writes before it reads gets its answer.
const DRAINED: usize = 1 << 20;
/// How long a client may take for the head of a request, which is also how long a connection may be idle.
const HEAD_TIME_OUT: Duration = Duration::from_secs(20);
/// How long a client may take for the body of a request.
pub(crate) const BODY_TIME_OUT: Duration = Duration::from_secs(10);
/// How long a client may read nothing of what it is sent.
const WRITE_TIME_OUT: Duration = Duration::from_secs(20);
/// How many connections there may be at once.
const CONNECTIONS: usize = 4096;
/// How long requests may go on once the emulator is to stop.
const GRACE: Duration = Duration::from_secs(10);

const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; \
     connect-src 'self'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'";

/// What every request needs.
#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) engine: Engine,
    pub(crate) account_sid: AccountSid,
    pub(crate) auth_token: Arc<str>,
    /// What URLs start with if a request does not say how it came here.
    pub(crate) origin: Origin,
    /// Whether only this machine can ask.
    pub(crate) is_loopback: bool,
    /// Held while a state is put: it may be large.
    pub(crate) state_place: Mutex<()>,
    /// Turns true when the emulator is to stop.
    pub(crate) stopping: watch::Receiver<bool>,
}

/// Serves until it is told to stop, and then lets requests end.
pub(crate) async fn serve(listener: TcpListener, shared: Arc<Shared>) {
    let mut stopping = shared.stopping.clone();
    let service = TowerToHyperService::new(router(shared));
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(HEAD_TIME_OUT).max_buf_size(LONGEST_BODY);
    // Twilio's Python library looks headers up as its documentation writes them.
    http.title_case_headers(true);
    let graceful = GracefulShutdown::new();
    let places = Arc::new(Semaphore::new(CONNECTIONS));
    let mut connections = JoinSet::new();
    loop {
        let accepted = tokio::select! {
            accepted = accept(&listener, &places) => accepted,
            Some(_) = connections.join_next() => continue,
            _ = stopping.wait_for(|stopping| *stopping) => break,
        };
        let Some((stream, place)) = accepted else { continue };
        let mut stream = TimeoutStream::new(stream);
        stream.set_write_timeout(Some(WRITE_TIME_OUT));
        let connection = http.serve_connection(TokioIo::new(Box::pin(stream)), service.clone());
        let connection = graceful.watch(connection);
        connections.spawn(async move {
            // A client that breaks off or breaks the protocol is its own affair.
            let _ = connection.await;
            drop(place);
        });
    }
    drop(listener);
    if timeout(GRACE, graceful.shutdown()).await.is_err() {
        tracing::warn!("some requests were cut off");
    }
    connections.shutdown().await;
}

async fn accept(
    listener: &TcpListener,
    places: &Arc<Semaphore>,
) -> Option<(TcpStream, tokio::sync::OwnedSemaphorePermit)> {
    let place = Arc::clone(places).acquire_owned().await.ok()?;
    match listener.accept().await {
        Ok((stream, _)) => Some((stream, place)),
        Err(error) => {
            // Out of file descriptors, say: some connection will end.
            tracing::warn!(%error, "a connection was not accepted");
            sleep(Duration::from_millis(100)).await;
            None
        }
    }
}

fn router(shared: Arc<Shared>) -> Router {
    Router::new()
        .route("/", get(console))
        .nest("/_emulator", control::router())
        .fallback(api)
        .layer(middleware::from_fn_with_state(Arc::clone(&shared), authenticate))
        .layer(middleware::from_fn(log))
        .with_state(shared)
}

/// Tells of a request by what it asks for, never by its path, which may name somebody. What only looks is not much to tell.
async fn log(request: Request, next: Next) -> Response {
    let started = Instant::now();
    let method = known_method(request.method());
    let route = request.extensions().get::<MatchedPath>().cloned();
    let response = next.run(request).await;
    let microseconds = started.elapsed().as_micros();
    let status = response.status().as_u16();
    let operation = response.extensions().get::<Operation>().map(tracing::field::debug);
    let code = response.extensions().get::<Code>().map(|code| code.number());
    let route = route.as_ref().map(MatchedPath::as_str);
    if method == "GET" && response.status().is_success() {
        tracing::debug!(method, operation, route, status, code, microseconds, "request");
    } else {
        tracing::info!(method, operation, route, status, code, microseconds, "request");
    }
    response
}

/// A method by its name, if it has one: any word can be sent in its place.
fn known_method(method: &Method) -> &'static str {
    const KNOWN: [&str; 9] = ["GET", "POST", "DELETE", "PUT", "HEAD", "OPTIONS", "PATCH", "TRACE", "CONNECT"];
    KNOWN.into_iter().find(|known| method == known).unwrap_or("other")
}

async fn authenticate(State(shared): State<Arc<Shared>>, request: Request, next: Next) -> Response {
    if is_foreign(&request, &shared) {
        return Problem::new(StatusCode::FORBIDDEN, "A page of another site may not ask").into_response();
    }
    if !is_authorized(request.headers(), &shared) {
        return Problem::unauthorized().into_response();
    }
    next.run(request).await
}

/// Whether a browser asks on behalf of a page of another site, with whatever credentials it remembers. A link to the console is
/// nobody's harm.
fn is_foreign(request: &Request, shared: &Shared) -> bool {
    let header = |name: &'static str| request.headers().get(name).and_then(|value| value.to_str().ok());
    let is_other_site = matches!(header("sec-fetch-site"), Some("cross-site" | "same-site"));
    let is_link = header("sec-fetch-mode") == Some("navigate") && request.uri().path() == "/";
    // A name of a stranger's that leads here makes his page one of the same site.
    let is_other_name = shared.is_loopback && !header("host").is_none_or(is_loopback);
    (is_other_site && !is_link) || is_other_name
}

/// Whether a host, with or without port, is this machine by name or address.
fn is_loopback(host: &str) -> bool {
    let name = host
        .rsplit_once(':')
        .map_or(host, |(name, port)| if port.bytes().all(|digit| digit.is_ascii_digit()) { name } else { host });
    let address = name.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
    address.is_ok_and(|address| address.is_loopback()) || name == "localhost" || name.ends_with(".localhost")
}

fn is_authorized(headers: &HeaderMap, shared: &Shared) -> bool {
    let credentials = || {
        let (scheme, encoded) = headers.get(header::AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
        let decoded = STANDARD.decode(encoded.trim()).ok().filter(|_| scheme.eq_ignore_ascii_case("Basic"))?;
        let (user, password) = str::from_utf8(&decoded).ok()?.split_once(':')?;
        Some(user.parse() == Ok(shared.account_sid) && *password == *shared.auth_token)
    };
    credentials().unwrap_or_default()
}

async fn console() -> impl IntoResponse {
    let policy = [(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(CONTENT_SECURITY_POLICY))];
    (policy, Html(include_str!("console.html")))
}

/// Everything that is neither the console nor the control plane.
async fn api(State(shared): State<Arc<Shared>>, request: Request) -> Result<Response, Problem> {
    let (head, body) = request.into_parts();
    let body = read_body(body, LONGEST_BODY, BODY_TIME_OUT).await?;
    let origin = shared.origin_of(&head.headers);
    let request = Request::from_parts(head, body);
    let response = shared.engine.ask(move |machine| machine.respond(&request, &origin)).await?;
    Ok(response.map(Body::from))
}

impl Shared {
    /// How the URLs in the answer to a request start.
    pub(crate) fn origin_of(&self, headers: &HeaderMap) -> Origin {
        let host = headers.get(header::HOST).and_then(|host| host.to_str().ok());
        host.and_then(|host| format!("http://{host}").parse().ok()).unwrap_or_else(|| self.origin.clone())
    }
}

/// The whole body of a request, if it is not too long and does not take too long.
pub(crate) async fn read_body(mut body: Body, longest: usize, time_out: Duration) -> Result<Bytes, Problem> {
    let reading = async {
        let mut read = BytesMut::new();
        let mut length = 0_usize;
        while let Some(frame) = body.frame().await {
            let frame = frame.map_err(|_| Problem::bad_request("The body cannot be read"))?;
            let Ok(data) = frame.into_data() else { continue };
            length = length.saturating_add(data.len());
            if length <= longest {
                read.extend_from_slice(&data);
            } else if length > longest.saturating_add(DRAINED) {
                break;
            }
        }
        if length > longest {
            let message = format!("The body is longer than {longest} bytes");
            return Err(Problem::new(StatusCode::PAYLOAD_TOO_LARGE, message));
        }
        Ok(read.freeze())
    };
    let too_slow = |_| Problem::new(StatusCode::REQUEST_TIMEOUT, "The body took too long");
    timeout(time_out, reading).await.map_err(too_slow)?
}

impl From<Stopped> for Problem {
    fn from(stopped: Stopped) -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, stopped.to_string())
    }
}
