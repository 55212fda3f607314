//! The control plane: what phones, time and an operator would do.

use std::{convert::Infallible, sync::Arc, time::Duration};

use axum::{
    Json, Router,
    body::Body,
    extract::{
        Path, Query, Request, State,
        rejection::{PathRejection, QueryRejection},
    },
    http::{HeaderMap, StatusCode, header},
    response::{
        IntoResponse, Response, Sse,
        sse::{self, KeepAlive},
    },
    routing::{get, post},
};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::{Value, json};
use tokio_stream::{Stream, StreamExt};
use twilio_proxy_core::{
    AnswerBody, Code, Contact, Explanation, FormParametersError, Identifier, Inbound, InteractionSid, Media,
    MessageBody, NumberSid, Outcome, OwnedNumber, ParseSidError, ProxyIdentifier, ResourceSid, ServiceSid, SessionSid,
    StatusReport, Timestamp,
};

use crate::{
    engine::Stopped,
    machine::{ClockMove, ClockReading, Contacted, Machine, MoveClockError, Settled, StartError},
    number_to_own::{NumberToOwn, OwnError},
    problem::Problem,
    server::{BODY_TIME_OUT, Shared, read_body},
};

/// The longest body of a command to the control plane.
const LONGEST_COMMAND: usize = 64 * 1024;
/// The longest state that can be put, and how long it may take.
const LONGEST_STATE: usize = 256 << 20;
const STATE_TIME_OUT: Duration = Duration::from_secs(120);

type App = State<Arc<Shared>>;
type Answer<T> = Result<T, Problem>;

pub(crate) fn router() -> Router<Arc<Shared>> {
    Router::new()
        .route("/clock", get(read_clock).post(move_clock))
        .route("/numbers", get(list_numbers).post(register_number))
        .route("/calls", post(place_call))
        .route("/messages", post(send_message))
        .route("/interactions/{sid}", post(report_status))
        .route("/explain", get(explain))
        .route("/events", get(events))
        .route("/state", get(read_state).put(put_state))
        .route("/reset", post(reset))
        .fallback(async || Problem::not_found("resource"))
        .method_not_allowed_fallback(async || {
            let code = Code::MethodNotAllowed;
            Problem::with_code(StatusCode::METHOD_NOT_ALLOWED, code, code.title())
        })
}

/// Reads the JSON of a body.
async fn read_json<T: DeserializeOwned>(body: Body) -> Answer<T> {
    let text = read_body(body, LONGEST_COMMAND, BODY_TIME_OUT).await?;
    serde_json::from_slice(&text).map_err(|error| Problem::bad_request(error.to_string()))
}

async fn read_clock(State(shared): App) -> Answer<Json<ClockReading>> {
    Ok(Json(shared.engine.ask(|machine| machine.clock()).await?))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NewClock {
    advance_seconds: Option<u64>,
    set: Option<Timestamp>,
}

async fn move_clock(State(shared): App, request: Request) -> Answer<Json<ClockReading>> {
    let NewClock { advance_seconds, set } = read_json(request.into_body()).await?;
    let to = match (advance_seconds, set) {
        (Some(seconds), None) => ClockMove::Advance { seconds },
        (None, Some(now)) => ClockMove::Set { now },
        (None, None) | (Some(_), Some(_)) => {
            return Err(Problem::bad_request("either `advance_seconds` or `set` must be given"));
        }
    };
    Ok(Json(shared.engine.ask(move |machine| machine.move_clock(to)).await??))
}

impl From<MoveClockError> for Problem {
    fn from(error: MoveClockError) -> Self {
        let status = match error {
            MoveClockError::Real => StatusCode::CONFLICT,
            MoveClockError::Backwards { .. } | MoveClockError::Beyond => StatusCode::BAD_REQUEST,
        };
        Self::new(status, error.to_string())
    }
}

fn number_json(number: &OwnedNumber) -> Value {
    json!({
        "sid": number.sid,
        "phone_number": number.phone_number,
        "friendly_name": number.friendly_name,
        "iso_country": number.iso_country,
        "capabilities": number.capabilities,
        "service_sid": number.service,
    })
}

async fn list_numbers(State(shared): App) -> Answer<Json<Value>> {
    let numbers = shared.engine.ask(|machine| machine.owned_numbers()).await?;
    Ok(Json(json!({ "numbers": numbers.iter().map(number_json).collect::<Vec<_>>() })))
}

async fn register_number(State(shared): App, request: Request) -> Answer<(StatusCode, Json<Value>)> {
    let number: NumberToOwn = read_json(request.into_body()).await?;
    let number = shared.engine.ask(move |machine| machine.own(number)).await??;
    Ok((StatusCode::CREATED, Json(number_json(&number))))
}

impl From<StartError> for Problem {
    fn from(error: StartError) -> Self {
        Self::new(StatusCode::CONFLICT, error.to_string())
    }
}

impl From<QueryRejection> for Problem {
    fn from(rejection: QueryRejection) -> Self {
        Self::bad_request(rejection.body_text())
    }
}

impl From<OwnError> for Problem {
    fn from(error: OwnError) -> Self {
        match error {
            OwnError::Kind(error) => Self::bad_request(error.to_string()),
            OwnError::Refused(error) => error.into(),
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NewCall {
    from: Option<Identifier>,
    to: ProxyIdentifier,
    service: Option<String>,
}

async fn place_call(State(shared): App, request: Request) -> Answer<Json<OutcomeView>> {
    let NewCall { from, to, service } = read_json(request.into_body()).await?;
    let call = draw("CA")?;
    contact(&shared, service, from, to, call, Contact::Call).await
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NewMessage {
    from: Option<Identifier>,
    to: ProxyIdentifier,
    service: Option<String>,
    #[serde(default)]
    body: MessageBody,
    #[serde(default)]
    media: Media,
}

async fn send_message(State(shared): App, request: Request) -> Answer<Json<OutcomeView>> {
    let NewMessage { from, to, service, body, media } = read_json(request.into_body()).await?;
    let message = draw(if media.is_empty() { "SM" } else { "MM" })?;
    contact(&shared, service, from, to, message, Contact::Message { body, media }).await
}

/// A new SID of a call or message.
fn draw(prefix: &str) -> Answer<ResourceSid> {
    format!("{prefix}{:032x}", rand::random::<u128>())
        .parse()
        .map_err(|error: ParseSidError| Problem::bad_request(error.to_string()))
}

async fn contact(
    shared: &Shared,
    service: Option<String>,
    from: Option<Identifier>,
    to: ProxyIdentifier,
    resource: ResourceSid,
    contact: Contact,
) -> Answer<Json<OutcomeView>> {
    if to.number().is_none() && service.is_none() {
        return Err(Problem::bad_request("`to` is an address on a channel: `service` must say whose it is"));
    }
    let interaction = InteractionSid::from_u128(rand::random());
    let mut inbound = Inbound::call(interaction, resource, from, to);
    inbound.contact = contact;
    inbound.parameters = parameters(shared, &inbound)
        .try_into()
        .map_err(|error: FormParametersError| Problem::bad_request(error.to_string()))?;
    let contacted = shared.engine.ask(move |machine| {
        let named = match service {
            Some(name) => Some(machine.service(&name).ok_or_else(|| Problem::not_found("service"))?),
            None => None,
        };
        // A number says by itself which service it is of.
        let service = match inbound.to.number() {
            Some(number) if named.is_some() && named != machine.service_of_number(number) => {
                return Err(Problem::bad_request("`to` is no number of that `service`"));
            }
            Some(_) => None,
            None => named,
        };
        machine.receive(service, inbound).map_err(Problem::from)
    });
    let view = match contacted.await?? {
        Contacted::Settled(settled) => OutcomeView::of(settled),
        Contacted::Waits { service, interaction, fate } => {
            if let Ok(settled) = fate.await {
                OutcomeView::of(settled)
            } else {
                // It was dropped, unless everything has come to an end.
                shared.engine.ask(|_| ()).await?;
                OutcomeView::dropped_while_waiting(service, interaction)
            }
        }
    };
    Ok(Json(view))
}

/// The parameters that Twilio would send along with a call or message (WHK-3).
fn parameters(shared: &Shared, inbound: &Inbound) -> Vec<(String, String)> {
    /// What a withheld number is replaced with.
    const ANONYMOUS: &str = "+266696687";
    let from = inbound.from.as_ref().map_or_else(|| ANONYMOUS.into(), ToString::to_string);
    let mut parameters = vec![
        ("AccountSid", shared.account_sid.to_string()),
        ("ApiVersion", "2010-04-01".into()),
        ("From", from),
        ("To", inbound.to.to_string()),
    ];
    match &inbound.contact {
        Contact::Call => parameters.extend([
            ("CallSid", inbound.resource.to_string()),
            ("CallStatus", "ringing".into()),
            ("Direction", "inbound".into()),
        ]),
        Contact::Message { body, media } => parameters.extend([
            ("Body", body.to_string()),
            ("MessageSid", inbound.resource.to_string()),
            ("NumMedia", media.iter().len().to_string()),
            ("SmsStatus", "received".into()),
        ]),
    }
    let mut parameters: Vec<_> = parameters.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
    if let Contact::Message { media, .. } = &inbound.contact {
        parameters.extend(media.iter().enumerate().map(|(n, url)| (format!("MediaUrl{n}"), url.to_string())));
    }
    parameters
}

#[derive(Debug, Default, Serialize)]
struct OutcomeView {
    outcome: &'static str,
    code: Option<Code>,
    service_sid: Option<ServiceSid>,
    session_sid: Option<SessionSid>,
    interaction_sid: Option<InteractionSid>,
    leg: Option<LegView>,
    twiml: Option<AnswerBody>,
}

#[derive(Debug, Serialize)]
struct LegView {
    from: ProxyIdentifier,
    to: Identifier,
}

impl OutcomeView {
    fn of(Settled { service, outcome }: Settled) -> Self {
        let view = Self { code: outcome.code(), service_sid: Some(service), ..Self::default() };
        match outcome {
            Outcome::Connected { session, interaction, from, to } => Self {
                outcome: "connected",
                session_sid: Some(session),
                interaction_sid: Some(interaction),
                leg: Some(LegView { from, to }),
                ..view
            },
            Outcome::OutOfSession { interaction, previous, .. } => {
                Self { outcome: "out_of_session", session_sid: previous, interaction_sid: Some(interaction), ..view }
            }
            Outcome::Dropped { interaction } => Self { outcome: "dropped", interaction_sid: Some(interaction), ..view },
            Outcome::Rejected { session, interaction, .. } => {
                Self { outcome: "rejected", session_sid: Some(session), interaction_sid: Some(interaction), ..view }
            }
            Outcome::Blocked { session, interaction } => {
                Self { outcome: "blocked", session_sid: Some(session), interaction_sid: Some(interaction), ..view }
            }
            Outcome::Twiml { interaction, document } => {
                Self { outcome: "twiml", interaction_sid: Some(interaction), twiml: Some(document), ..view }
            }
            Outcome::Failed { interaction, .. } => {
                Self { outcome: "out_of_session", interaction_sid: Some(interaction), ..view }
            }
            // It is settled before it is shown.
            Outcome::Waiting { .. } | _ => Self { outcome: "unknown", ..view },
        }
    }

    fn dropped_while_waiting(service: ServiceSid, interaction: InteractionSid) -> Self {
        Self {
            outcome: "dropped",
            code: Some(Code::NotFound),
            service_sid: Some(service),
            interaction_sid: Some(interaction),
            ..Self::default()
        }
    }
}

async fn report_status(
    State(shared): App,
    interaction: Result<Path<InteractionSid>, PathRejection>,
    headers: HeaderMap,
    request: Request,
) -> Answer<Response> {
    let report: StatusReport = read_json(request.into_body()).await?;
    let origin = shared.origin_of(&headers);
    let not_found = || Problem::not_found("interaction");
    let Path(interaction) = interaction.map_err(|_| not_found())?;
    let shown = shared.engine.ask(move |machine| machine.report_status(interaction, report, &origin)).await?;
    Ok(shown.ok_or_else(not_found)?.map(Body::from))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Explain {
    session: SessionSid,
    identifier: Identifier,
}

async fn explain(State(shared): App, query: Result<Query<Explain>, QueryRejection>) -> Answer<Json<Value>> {
    let Query(Explain { session, identifier }) = query?;
    let explained = shared.engine.ask(move |machine| machine.explain(session, &identifier)).await?;
    let shown = match explained.ok_or_else(|| Problem::not_found("session"))? {
        Ok(explanation) => explanation_json(explanation),
        Err(error) => json!({ "number_sid": null, "code": error.code(), "message": error.to_string(), "numbers": [] }),
    };
    Ok(Json(shown))
}

fn explanation_json(explanation: Explanation) -> Value {
    let Explanation { outcome, numbers, .. } = explanation;
    let (number_sid, code, message): (Option<NumberSid>, _, _) = match outcome {
        Ok(number) => (Some(number), None, None),
        Err(error) => (None, Some(error.code()), Some(error.to_string())),
    };
    json!({ "number_sid": number_sid, "code": code, "message": message, "numbers": numbers })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Since {
    #[serde(default)]
    after: u64,
}

async fn events(
    State(shared): App,
    query: Result<Query<Since>, QueryRejection>,
    headers: HeaderMap,
) -> Answer<Response> {
    let Query(Since { after }) = query?;
    let accepts = headers.get(header::ACCEPT).and_then(|accept| accept.to_str().ok());
    if accepts.is_some_and(|accept| accept.contains("text/event-stream")) {
        let last = headers.get("last-event-id").and_then(|id| id.to_str().ok()?.parse().ok());
        let stream = Sse::new(event_stream(shared, last.unwrap_or(after)));
        return Ok(stream.keep_alive(KeepAlive::new().interval(Duration::from_secs(10))).into_response());
    }
    let (entries, last) = shared.engine.ask(move |machine| machine.events_after(after)).await?;
    let events: Vec<Value> = entries.iter().map(crate::history::Entry::to_json).collect();
    Ok(Json(json!({ "events": events, "last": last })).into_response())
}

/// What arose after an event and what arises from now on, until the emulator stops.
fn event_stream(shared: Arc<Shared>, after: u64) -> impl Stream<Item = Result<sse::Event, Infallible>> {
    let (sender, receiver) = tokio::sync::mpsc::channel(64);
    tokio::spawn(async move {
        let (mut last_event, mut stopping) = (shared.engine.last_event(), shared.stopping.clone());
        let mut told = after;
        loop {
            let since = told;
            let Ok((entries, last)) = shared.engine.ask(move |machine| machine.events_after(since)).await else {
                return;
            };
            told = last;
            for entry in entries {
                let event = sse::Event::default().id(entry.id.to_string()).data(entry.to_json().to_string());
                if sender.send(event).await.is_err() {
                    return;
                }
            }
            tokio::select! {
                arisen = last_event.wait_for(|last| *last > told) => if arisen.is_err() { return },
                _ = stopping.wait_for(|stopping| *stopping) => return,
                () = sender.closed() => return,
            }
        }
    });
    tokio_stream::wrappers::ReceiverStream::new(receiver).map(Ok)
}

async fn read_state(State(shared): App) -> Answer<Response> {
    Ok(Json(shared.engine.ask(Machine::state).await?).into_response())
}

async fn put_state(State(shared): App, request: Request) -> Answer<StatusCode> {
    let Ok(_place) = shared.state_place.try_lock() else {
        return Err(Problem::new(StatusCode::CONFLICT, "Another state is being put"));
    };
    let text = read_body(request.into_body(), LONGEST_STATE, STATE_TIME_OUT).await?;
    let parsed = tokio::task::spawn_blocking(move || serde_json::from_slice(&text)).await.map_err(|_| Stopped)?;
    let state = parsed.map_err(|error| Problem::bad_request(error.to_string()))?;
    let restored = shared.engine.ask(move |machine| machine.restore(state)).await?;
    restored.map_err(|error| Problem::bad_request(error.to_string()))?;
    Ok(StatusCode::NO_CONTENT)
}

async fn reset(State(shared): App) -> Answer<StatusCode> {
    shared.engine.ask(Machine::reset).await??;
    Ok(StatusCode::NO_CONTENT)
}
