//! Sends the webhooks that the machine asks for, and feeds the answers back.

use std::{
    collections::{HashMap, VecDeque},
    sync::Arc,
    time::Duration,
};

use reqwest::{Client, Response, header, redirect};
use tokio::{
    sync::{Semaphore, mpsc::UnboundedReceiver},
    task::JoinSet,
};
use twilio_proxy_core::{
    AnswerBody, CallbackUrl, InteractionSid, OutOfSessionAnswer, Request, RequestPurpose, WebhookAnswer,
};

use crate::{engine::Engine, history::Webhook};

/// How long a webhook may take in all.
const TIME_OUT: Duration = Duration::from_secs(15);
/// How many are under way to one URL at once.
const AT_ONCE: usize = 32;
/// The longest answer that is read.
const LONGEST_ANSWER: usize = 64 * 1024;

/// Sends what comes in, those of one interaction one after the other.
pub(crate) struct Sender {
    client: Client,
    auth_token: Arc<str>,
    engine: Engine,
    /// A URL that does not answer holds up what goes there, and nothing else.
    places: HashMap<CallbackUrl, Arc<Semaphore>>,
    /// The interactions whose webhook is under way, and what is to be sent after it.
    queues: HashMap<InteractionSid, VecDeque<u64>>,
    under_way: JoinSet<InteractionSid>,
}

impl Sender {
    pub(crate) fn new(auth_token: Arc<str>, engine: Engine) -> Result<Self, reqwest::Error> {
        Ok(Self {
            client: client()?,
            auth_token,
            engine,
            places: HashMap::new(),
            queues: HashMap::new(),
            under_way: JoinSet::new(),
        })
    }

    /// Works until nobody asks for webhooks any more.
    pub(crate) async fn run(mut self, mut webhooks: UnboundedReceiver<(u64, InteractionSid)>) {
        loop {
            tokio::select! {
                webhook = webhooks.recv() => match webhook {
                    Some((id, interaction)) => self.take(id, interaction).await,
                    None => return,
                },
                Some(Ok(interaction)) = self.under_way.join_next() => self.go_on(interaction).await,
            }
        }
    }

    async fn take(&mut self, id: u64, interaction: InteractionSid) {
        if let Some(queue) = self.queues.get_mut(&interaction) {
            queue.push_back(id);
        } else {
            self.queues.insert(interaction, VecDeque::from([id]));
            self.go_on(interaction).await;
        }
    }

    /// Sends the next webhook of an interaction that is still wanted: a reset may have given it up.
    async fn go_on(&mut self, interaction: InteractionSid) {
        while let Some(id) = self.queues.get_mut(&interaction).and_then(VecDeque::pop_front) {
            let Ok(webhook) = self.engine.ask(move |machine| machine.unanswered_webhook(id)).await else { return };
            if let Some(Webhook { request, .. }) = webhook {
                return self.send(id, request);
            }
        }
        self.queues.remove(&interaction);
        self.places.retain(|_, places| Arc::strong_count(places) > 1);
    }

    fn send(&mut self, id: u64, request: Request) {
        let (client, auth_token, engine) = (self.client.clone(), Arc::clone(&self.auth_token), self.engine.clone());
        let places = self.places.entry(request.url.clone()).or_insert_with(|| Arc::new(Semaphore::new(AT_ONCE)));
        let places = Arc::clone(places);
        self.under_way.spawn(async move {
            let place = places.acquire().await;
            let answer = post(&client, &request, &auth_token).await;
            drop(place);
            let (purpose, interaction) = (request.purpose, request.interaction);
            tracing::info!(%purpose, %interaction, answer = ?answer.status, "webhook");
            // A machine that has stopped asks again when it starts.
            let _ = engine.ask(move |machine| machine.resolve(id, answer)).await;
            interaction
        });
    }
}

fn client() -> Result<Client, reqwest::Error> {
    let roots = rustls::RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
    let tls = rustls::ClientConfig::builder().with_root_certificates(roots).with_no_client_auth();
    Client::builder()
        .tls_backend_preconfigured(tls)
        .timeout(TIME_OUT)
        .redirect(redirect::Policy::none())
        .no_proxy()
        // A connection that the other side is about to drop would look like a webhook that nobody answers.
        .pool_max_idle_per_host(0)
        .user_agent(concat!("twilio-proxy-emulator/", env!("CARGO_PKG_VERSION")))
        .build()
}

/// What comes back for a webhook. An answer out of session that cannot be read whole is none.
async fn post(client: &Client, request: &Request, auth_token: &str) -> OutOfSessionAnswer {
    let sent = client
        .post(request.url.as_str())
        .header("X-Twilio-Signature", request.signature(auth_token))
        .form(&request.parameters)
        .send()
        .await;
    match sent {
        Ok(response) if request.purpose == RequestPurpose::OutOfSession => read(response).await.unwrap_or_default(),
        Ok(response) => OutOfSessionAnswer { status: status(&response), ..OutOfSessionAnswer::default() },
        Err(_) => OutOfSessionAnswer::default(),
    }
}

fn status(response: &Response) -> WebhookAnswer {
    WebhookAnswer::Status(response.status().as_u16())
}

async fn read(mut response: Response) -> Option<OutOfSessionAnswer> {
    let status = status(&response);
    let content_type = response.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()?.parse().ok());
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.ok()? {
        if body.len().saturating_add(chunk.len()) > LONGEST_ANSWER {
            return None;
        }
        body.extend_from_slice(&chunk);
    }
    let body: AnswerBody = String::from_utf8(body).ok()?.parse().ok()?;
    Some(OutOfSessionAnswer { status, content_type, body })
}
