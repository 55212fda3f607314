//! What has happened: the events of the account and what came back for its webhooks, numbered, the latest of them kept.

use std::collections::{BTreeMap, VecDeque};

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use twilio_proxy_core::{AccountEvent, Contact, Event, Request, ServiceSid, Timestamp};

/// How many events are kept.
const KEPT: usize = 10_000;

/// The latest events, and the webhooks among them that nothing has come back for.
#[derive(Debug, Default)]
pub(crate) struct History {
    entries: VecDeque<Entry>,
    last: u64,
    unanswered: BTreeMap<u64, Webhook>,
}

/// An event, its number and its instant.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Entry {
    pub(crate) id: u64,
    pub(crate) at: Timestamp,
    pub(crate) what: Happening,
}

/// What has happened.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub(crate) enum Happening {
    /// Something arose in the account.
    Arose(AccountEvent),
    /// A webhook was answered, or not.
    Response { service: ServiceSid, request: u64, status: Option<u16> },
    /// All that was before is gone.
    Reset {},
}

/// A request to send, and the service that asks for it.
#[derive(Clone, Debug)]
pub(crate) struct Webhook {
    pub(crate) service: ServiceSid,
    pub(crate) request: Request,
}

impl History {
    /// The history that these entries tell, which have come back from a store.
    pub(crate) fn of(entries: Vec<Entry>) -> Self {
        let mut history = Self::default();
        for entry in entries {
            history.push(entry);
        }
        history
    }

    /// The number of the latest event, 0 before the first.
    pub(crate) const fn last(&self) -> u64 {
        self.last
    }

    /// Adds what has happened, and gives its entry.
    pub(crate) fn record(&mut self, at: Timestamp, what: Happening) -> Entry {
        let entry = Entry { id: self.last.saturating_add(1), at, what };
        self.push(entry.clone());
        entry
    }

    fn push(&mut self, entry: Entry) {
        self.last = entry.id;
        match &entry.what {
            Happening::Arose(AccountEvent { service, event: Event::Request(request) }) => {
                self.unanswered.insert(entry.id, Webhook { service: *service, request: request.clone() });
            }
            Happening::Arose(_) => {}
            Happening::Response { request, .. } => {
                self.unanswered.remove(request);
            }
            Happening::Reset {} => {
                self.entries.clear();
                self.unanswered.clear();
            }
        }
        self.entries.push_back(entry);
    }

    /// Drops the oldest entry if more are kept than need to be. A webhook without an answer is kept: it may be sent again.
    pub(crate) fn forget_oldest(&mut self) -> Option<u64> {
        let oldest = self.entries.front()?.id;
        if self.entries.len() <= KEPT || self.unanswered.contains_key(&oldest) {
            return None;
        }
        self.entries.pop_front();
        Some(oldest)
    }

    /// What happened after an event, oldest first.
    pub(crate) fn after(&self, id: u64) -> impl Iterator<Item = &Entry> {
        let start = self.entries.partition_point(|entry| entry.id <= id);
        self.entries.range(start..)
    }

    /// The webhooks that nothing has come back for, by the numbers of their events.
    pub(crate) fn unanswered(&self) -> impl Iterator<Item = (u64, &Webhook)> {
        self.unanswered.iter().map(|(id, webhook)| (*id, webhook))
    }

    /// The webhook that has waited longest for an answer, if more than this many wait.
    pub(crate) fn oldest_unanswered_of_more_than(&self, count: usize) -> Option<u64> {
        let (oldest, _) = self.unanswered.first_key_value()?;
        (self.unanswered.len() > count).then_some(*oldest)
    }

    /// The webhook of this event, if nothing has come back for it.
    pub(crate) fn unanswered_webhook(&self, id: u64) -> Option<&Webhook> {
        self.unanswered.get(&id)
    }
}

impl Entry {
    /// As the control plane shows it.
    pub(crate) fn to_json(&self) -> Value {
        let mut shown = json!({ "id": self.id, "at": self.at });
        let more = match &self.what {
            Happening::Arose(AccountEvent { service, event }) => event_json(*service, event),
            Happening::Response { service, request, status } => {
                json!({ "type": "response", "service_sid": service, "request": request, "status": status })
            }
            Happening::Reset {} => json!({ "type": "reset", "service_sid": null }),
        };
        if let (Value::Object(shown), Value::Object(more)) = (&mut shown, more) {
            shown.extend(more);
        }
        shown
    }
}

fn event_json(service: ServiceSid, event: &Event) -> Value {
    match event {
        Event::Notification(notification) => {
            let code = notification.code();
            json!({
                "type": "notification",
                "service_sid": service,
                "code": code,
                "title": code.title(),
                "notification": notification,
            })
        }
        Event::Request(request) => json!({
            "type": "request",
            "service_sid": service,
            "purpose": request.purpose,
            "url": request.url,
            "interaction_sid": request.interaction,
            "session_sid": request.session,
            "parameters": request.parameters,
        }),
        Event::Leg(leg) => {
            let (body, media) = match &leg.contact {
                Contact::Call => (None, None),
                Contact::Message { body, media } => (Some(body), Some(media)),
            };
            json!({
                "type": "leg",
                "service_sid": service,
                "session_sid": leg.session,
                "interaction_sid": leg.interaction,
                "from": leg.from,
                "to": leg.to,
                "body": body,
                "media": media,
            })
        }
        _ => json!({ "type": "unknown", "service_sid": service }),
    }
}

#[cfg(test)]
mod tests {
    use twilio_proxy_core::{InteractionSid, Notification};

    use super::*;

    fn arise(history: &mut History) -> u64 {
        let notification = Notification::OpenInteractionNotFound { interaction: InteractionSid::from_u128(1) };
        let event = AccountEvent { service: ServiceSid::from_u128(1), event: notification.into() };
        history.record(Timestamp::MIN, Happening::Arose(event)).id
    }

    #[test]
    fn the_latest_events_are_kept() {
        let mut history = History::default();
        for _ in 0..KEPT {
            arise(&mut history);
        }
        assert_eq!(history.forget_oldest(), None);
        arise(&mut history);
        assert_eq!(history.forget_oldest(), Some(1));
        assert_eq!(history.forget_oldest(), None);
        assert_eq!(history.after(0).count(), KEPT);
        assert_eq!(history.after(KEPT as u64).map(|entry| entry.id).collect::<Vec<_>>(), [KEPT as u64 + 1]);
    }

    #[test]
    fn a_reset_leaves_itself_alone_and_counts_on() {
        let mut history = History::default();
        arise(&mut history);
        let reset = history.record(Timestamp::MIN, Happening::Reset {});
        assert_eq!(reset.id, 2);
        assert_eq!(history.after(0).map(|entry| entry.id).collect::<Vec<_>>(), [2]);
        assert_eq!(arise(&mut history), 3);
    }
}
