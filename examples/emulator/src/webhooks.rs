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
use twilio_proxy_core::{AnswerBody, InteractionSid, OutOfSessionAnswer, Request, RequestPurpose, WebhookAnswer};

use crate::{engine::Engine, history::Webhook};

/// How long a webhook may take in all.
const TIME_OUT: Duration = Duration::from_secs(15);
/// How many are under way at once.
const AT_ONCE: usize = 64;
/// The longest answer that is read.
const LONGEST_ANSWER: usize = 64 * 1024;

/// Sends what comes in, those of one interaction one after the other.
pub(crate) struct Sender {
    client: Client,
    auth_token: Arc<str>,
    engine: Engine,
    places: Arc<Semaphore>,
    /// The interactions whose webhook is under way, and what is to be sent after it.
    queues: HashMap<InteractionSid, VecDeque<(u64, Webhook)>>,
    under_way: JoinSet<InteractionSid>,
}

impl Sender {
    pub(crate) fn new(auth_token: Arc<str>, engine: Engine) -> Result<Self, reqwest::Error> {
        Ok(Self {
            client: client()?,
            auth_token,
            engine,
            places: Arc::new(Semaphore::new(AT_ONCE)),
            queues: HashMap::new(),
            under_way: JoinSet::new(),
        })
    }

    /// Works until nobody can ask for webhooks any more.
    pub(crate) async fn run(mut self, mut webhooks: UnboundedReceiver<(u64, Webhook)>) {
        loop {
            tokio::select! {
                webhook = webhooks.recv() => match webhook {
                    Some((id, webhook)) => self.take(id, webhook),
                    None => return,
                },
                Some(Ok(interaction)) = self.under_way.join_next() => self.go_on(interaction),
            }
        }
    }

    fn take(&mut self, id: u64, webhook: Webhook) {
        let interaction = webhook.request.interaction;
        if let Some(queue) = self.queues.get_mut(&interaction) {
            queue.push_back((id, webhook));
        } else {
            self.queues.insert(interaction, VecDeque::new());
            self.send(id, webhook);
        }
    }

    fn go_on(&mut self, interaction: InteractionSid) {
        match self.queues.get_mut(&interaction).and_then(VecDeque::pop_front) {
            Some((id, webhook)) => self.send(id, webhook),
            None => drop(self.queues.remove(&interaction)),
        }
    }

    fn send(&mut self, id: u64, webhook: Webhook) {
        let Self { client, auth_token, engine, places, .. } = self;
        let (client, auth_token) = (client.clone(), Arc::clone(auth_token));
        let (engine, places) = (engine.clone(), Arc::clone(places));
        self.under_way.spawn(async move {
            let Webhook { request, .. } = webhook;
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
