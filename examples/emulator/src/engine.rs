//! The thread that has the machine: takes questions in turn, and answers them once what they changed is on disk.

use std::{
    sync::mpsc::{self, RecvTimeoutError},
    thread::{self, JoinHandle},
    time::Duration,
};

use tokio::sync::{mpsc::UnboundedSender, oneshot, watch};
use twilio_proxy_core::InteractionSid;

use crate::{machine::Machine, store::Store};

/// How many questions share one write to the store.
const BATCH: usize = 256;
/// How long the thread sleeps at most: a clock may be set forwards meanwhile.
const LONGEST_SLEEP: u64 = 60;

type Delivery = Box<dyn FnOnce() + Send>;
type Question = Box<dyn FnOnce(&mut Machine) -> Delivery + Send>;

enum Message {
    Ask(Question),
    Stop,
}

/// Asks the machine.
#[derive(Clone, Debug)]
pub(crate) struct Engine {
    questions: mpsc::Sender<Message>,
    last_event: watch::Receiver<u64>,
}

/// The machine has stopped: the store could not be written.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("the emulator is stopping")]
pub(crate) struct Stopped;

impl Engine {
    /// Puts a machine to work on a thread of its own, which ends when it is told to, or with what went wrong.
    pub(crate) fn start(
        machine: Machine,
        store: Option<Store>,
        webhooks: UnboundedSender<(u64, InteractionSid)>,
    ) -> (Self, JoinHandle<Result<(), redb::Error>>) {
        let (questions, asked) = mpsc::channel();
        let (arisen, last_event) = watch::channel(machine.last_event());
        let worker = Worker { machine, store, webhooks, arisen };
        (Self { questions, last_event }, thread::spawn(move || worker.run(&asked)))
    }

    /// Asks the machine something, and waits until what the answer says is on disk.
    pub(crate) async fn ask<T: Send + 'static>(
        &self,
        question: impl FnOnce(&mut Machine) -> T + Send + 'static,
    ) -> Result<T, Stopped> {
        let (answer, answered) = oneshot::channel();
        let question: Question = Box::new(move |machine| {
            let told = question(machine);
            Box::new(move || drop(answer.send(told)))
        });
        self.questions.send(Message::Ask(question)).map_err(|_| Stopped)?;
        answered.await.map_err(|_| Stopped)
    }

    /// Ends the thread once it has answered what was asked before.
    pub(crate) fn stop(&self) {
        // It may have ended by itself.
        drop(self.questions.send(Message::Stop));
    }

    /// The number of the latest event, as it grows.
    pub(crate) fn last_event(&self) -> watch::Receiver<u64> {
        self.last_event.clone()
    }
}

struct Worker {
    machine: Machine,
    store: Option<Store>,
    webhooks: UnboundedSender<(u64, InteractionSid)>,
    arisen: watch::Sender<u64>,
}

impl Worker {
    fn run(mut self, messages: &mpsc::Receiver<Message>) -> Result<(), redb::Error> {
        self.finish(Vec::new())?;
        let mut stopping = false;
        while !stopping {
            let sleep = self.machine.seconds_to_deadline().unwrap_or(LONGEST_SLEEP).clamp(1, LONGEST_SLEEP);
            let mut deliveries = Vec::new();
            let mut next = match messages.recv_timeout(Duration::from_secs(sleep)) {
                Ok(message) => Some(message),
                Err(RecvTimeoutError::Timeout) => {
                    self.machine.handle_deadline();
                    None
                }
                Err(RecvTimeoutError::Disconnected) => Some(Message::Stop),
            };
            while let Some(message) = next {
                match message {
                    Message::Ask(question) => deliveries.push(question(&mut self.machine)),
                    Message::Stop => {
                        stopping = true;
                        break;
                    }
                }
                next = if deliveries.len() < BATCH { messages.try_recv().ok() } else { None };
            }
            self.machine.give_up_on_webhooks();
            self.finish(deliveries)?;
        }
        if self.store.is_some() {
            self.machine.take_snapshot();
        }
        self.finish(Vec::new())
    }

    /// Writes down what has changed, and only then tells anybody.
    fn finish(&mut self, deliveries: Vec<Delivery>) -> Result<(), redb::Error> {
        if let Some(store) = &mut self.store {
            if store.wants_snapshot() {
                self.machine.take_snapshot();
            }
            let changes = self.machine.take_changes();
            if !changes.is_empty() {
                store.save(&changes)?;
            }
        } else {
            drop(self.machine.take_changes());
        }
        for deliver in deliveries {
            deliver();
        }
        let effects = self.machine.take_effects();
        for (caller, settled) in effects.settled {
            // Whoever placed the contact may have gone.
            drop(caller.send(settled));
        }
        for webhook in effects.webhooks {
            // Nothing is sent any more once the emulator stops; it is sent when it starts again.
            let _ = self.webhooks.send(webhook);
        }
        let last = self.machine.last_event();
        self.arisen.send_if_modified(|known| std::mem::replace(known, last) != last);
        Ok(())
    }
}
