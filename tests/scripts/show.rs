//! How a story shows what it sees.

use core::fmt::Write as _;

use serde::Serialize;
use serde_json::Value;
use twilio_proxy_core::{
    Code, Contact, Error, Event, Explanation, OutOfSessionFailure, Outcome, Route, Service, Timestamp, WaitingMatter,
};

use super::words::Told;

const WIDTH: usize = 120;

/// Something that can be seen, and its fields.
#[derive(Eq, PartialEq)]
pub(crate) struct Fact {
    name: String,
    fields: Vec<(String, String)>,
}

impl Fact {
    pub(crate) fn of(name: &str, seen: &impl Serialize) -> Told<Self> {
        let mut fields = fields(seen)?;
        fields.retain(|(name, _)| name != "sid");
        Ok(Self { name: short(name), fields: dates_last(fields) })
    }

    fn with(mut self, name: &str, value: Option<impl ToString>) -> Self {
        self.fields.push((name.to_owned(), value.map_or_else(|| NONE.to_owned(), |value| short(&value.to_string()))));
        Self { fields: dates_last(self.fields), ..self }
    }

    fn value(&self, name: &str) -> &str {
        self.fields.iter().find(|(other, _)| other == name).map_or(NONE, |(_, value)| value)
    }

    /// Its fields but for those that are null, and for a `date_updated` that is `date_created`.
    pub(crate) fn shown(&self, now: Timestamp) -> String {
        let is_new = self.value("date_updated") == self.value("date_created");
        let fields = self.fields.iter().filter(|(_, value)| value != NONE);
        let fields = fields.filter(|(name, _)| !is_new || name != "date_updated");
        wrapped(&self.name, fields.map(|(name, value)| format!("{name}={}", instant(value, now))))
    }

    /// All of its fields.
    pub(crate) fn shown_with_nulls(&self) -> String {
        wrapped(&self.name, self.fields.iter().map(|(name, value)| format!("{name}={value}")))
    }

    fn changes(&self, before: &Self, now: Timestamp) -> String {
        let changed: Vec<_> = self.fields.iter().filter(|(name, value)| before.value(name) != value).collect();
        let last = changed.last().map(|(name, _)| name);
        let change = |(name, value): &&(String, String)| {
            let comma = if Some(name) == last { "" } else { "," };
            format!("{name}: {} → {}{comma}", before.value(name), instant(value, now))
        };
        wrapped(&self.name, changed.iter().map(change))
    }
}

const NONE: &str = "none";

fn dates_last(mut fields: Vec<(String, String)>) -> Vec<(String, String)> {
    fields.sort_by_key(|(name, _)| name.starts_with("date_"));
    fields
}

/// All that can be seen of a service.
pub(crate) fn facts(service: &Service) -> Told<Vec<Fact>> {
    let state = service.state();
    let settings = &state.settings;
    let next_deadline = service.next_deadline().map_or_else(|| "never".to_owned(), |instant| instant.to_string());
    let deadline = Fact { name: "deadline".to_owned(), fields: Vec::new() };
    let mut facts = vec![Fact::of(&settings.sid.to_string(), settings)?, deadline.with("next", Some(next_deadline))];
    for number in state.numbers {
        facts.push(Fact::of(&number.number.sid.to_string(), &number.number)?);
    }
    for state in state.sessions {
        let session = state.session.sid;
        facts.push(Fact::of(&session.to_string(), &state.session)?.with("date_reopened", state.date_reopened));
        for member in state.participants {
            let participant = Fact::of(&format!("{session} {}", member.participant.sid), &member.participant)?;
            facts.push(participant.with("short_code_sid", member.short_code_sid));
        }
        for pending in state.pending {
            let participant =
                Fact::of(&format!("{session} {} pending", pending.participant.sid), &pending.participant)?;
            facts.push(participant.with("short_code_sid", pending.short_code_sid));
        }
        for state in state.interactions {
            facts.push(Fact::of(&format!("{session} {}", state.interaction.sid), &state.interaction)?);
        }
    }
    for waiting in state.waiting {
        let name = format!("{} waiting", waiting.interaction);
        let fact = Fact { name: short(&name), fields: Vec::new() };
        let fact = match waiting.matter {
            WaitingMatter::Verdict { session, caller, partner, url } => fact
                .with("session", Some(session))
                .with("caller", Some(caller))
                .with("partner", Some(partner))
                .with("url", Some(url)),
            WaitingMatter::OutOfSession { from, to, previous } => {
                fact.with("from", from).with("to", Some(to)).with("previous", previous)
            }
            other => return Err(format!("a matter that this program does not know: {other:?}")),
        };
        facts.push(fact.with("resource", Some(waiting.resource)).with("contact", Some(contact(&waiting.contact))));
    }
    Ok(facts)
}

/// `+` what has come, `~` what has changed, `-` what has gone.
pub(crate) fn differences(before: &[Fact], after: &[Fact], now: Timestamp) -> String {
    let mut shown = String::new();
    for fact in after {
        match before.iter().find(|old| old.name == fact.name) {
            None => push(&mut shown, &format!("+ {}", fact.shown(now))),
            Some(old) if old != fact => push(&mut shown, &format!("~ {}", fact.changes(old, now))),
            Some(_) => {}
        }
    }
    for gone in before.iter().filter(|old| !after.iter().any(|fact| fact.name == old.name)) {
        push(&mut shown, &format!("- {}", gone.name));
    }
    shown
}

pub(crate) fn refusal(error: &Error) -> Told<String> {
    let json = serde_json::to_value(error).map_err(|error| error.to_string())?;
    // Within the name of the operation there is the name of the variant, maybe, and then its fields.
    let details = json.as_object().and_then(|operation| operation.values().find(|details| details.is_object()));
    let details = fields(&details)?.into_iter().map(|(path, value)| format!("{}={value}", last(&path)));
    let details = details.collect::<Vec<_>>().join(" ");
    let refused = format!("refused {} ({}): {}", error.code().number(), error.http_status(), short(&error.to_string()));
    Ok(wrapped(&refused, (!details.is_empty()).then(|| format!("[{details}]"))))
}

pub(crate) fn event(event: &Event) -> Told<String> {
    Ok(match event {
        Event::Notification(notification) => {
            let code = notification.code();
            let fields = fields(notification)?.into_iter().filter(|(_, value)| value != NONE);
            let fields = fields.map(|(path, value)| format!("{}={value}", last(&path)));
            wrapped(&format!("notification {} {}:", code.number(), code.title()), fields)
        }
        Event::Request(request) => {
            let session = request.session.map_or_else(|| "no session".to_owned(), |session| session.to_string());
            let mut shown =
                format!("request {} for {} of {session} to {}", request.purpose, request.interaction, request.url);
            for (name, value) in &request.parameters {
                let _ = write!(shown, "\n    {name}={}", word(value));
            }
            short(&shown)
        }
        Event::Leg(leg) => {
            let what = contact(&leg.contact);
            short(&format!("leg for {} of {} from {} to {}: {what}", leg.interaction, leg.session, leg.from, leg.to))
        }
        other => return Err(format!("an event that this program does not know: {other:?}")),
    })
}

pub(crate) fn outcome(outcome: &Outcome) -> Told<String> {
    let code = outcome.code().map_or(0, Code::number);
    Ok(short(&match outcome {
        Outcome::Connected { session, interaction, from, to } => {
            format!("{interaction} is connected in {session} from {from} to {to}")
        }
        Outcome::Waiting { session, interaction } => format!("{interaction} waits for a verdict in {session}"),
        Outcome::OutOfSession { interaction, kind, previous, expired, awaits_answer } => {
            let previous = previous.map_or_else(|| NONE.to_owned(), |previous| previous.to_string());
            format!(
                "{interaction} is a {kind} out of session ({code}): \
                 previous={previous} expired={expired} awaits_answer={awaits_answer}"
            )
        }
        Outcome::Dropped { interaction } => format!("{interaction} is dropped ({code})"),
        Outcome::Rejected { session, interaction, .. } => format!("{interaction} is rejected in {session} ({code})"),
        Outcome::Blocked { session, interaction } => format!("{interaction} is blocked in {session} ({code})"),
        Outcome::Twiml { interaction, document } => format!("{interaction} gets TwiML: {}", word(document.as_str())),
        Outcome::Failed { interaction, failure: OutOfSessionFailure::AutoCreate(error) } => {
            format!("{interaction} has failed ({code}, {}): {error}", error.http_status())
        }
        Outcome::Failed { interaction, .. } => format!("{interaction} has failed ({code})"),
        other => return Err(format!("an outcome that this program does not know: {other:?}")),
    }))
}

pub(crate) fn route(route: &Route<'_>) -> Told<String> {
    let code = route.code().map_or(0, Code::number);
    Ok(short(&match route {
        Route::Connect { session, caller, partner, from, to } => {
            format!("connects {} and {} of {} from {from} to {to}", caller.sid, partner.sid, session.sid)
        }
        Route::UnknownProxyIdentifier => format!("nobody is reached there ({code})"),
        Route::OutOfSession { kind, previous, expired } => {
            let previous = previous.map_or_else(|| NONE.to_owned(), |previous| previous.sid.to_string());
            format!("a {kind} out of session ({code}): previous={previous} expired={expired}")
        }
        Route::WrongMode { session, caller } => format!("wrong mode for {} in {} ({code})", caller.sid, session.sid),
        Route::NoPartner { session, caller } => format!("no partner for {} in {} ({code})", caller.sid, session.sid),
        other => return Err(format!("a route that this program does not know: {other:?}")),
    }))
}

pub(crate) fn explanation(explanation: &Explanation) -> Told<String> {
    let mut shown = match &explanation.outcome {
        Ok(number) => format!("{number} would be assigned"),
        Err(error) => format!("would be refused {} ({}): {error}", error.code().number(), error.http_status()),
    };
    for entry in &explanation.numbers {
        let verdict = serde_json::to_value(entry.verdict).map_err(|error| error.to_string())?;
        let verdict = verdict.as_str().unwrap_or_default().replace('_', " ");
        let _ = write!(shown, "\n    {} {}: {verdict}", entry.sid, entry.phone_number);
    }
    Ok(short(&shown))
}

fn contact(contact: &Contact) -> String {
    match contact {
        Contact::Call => "call".to_owned(),
        Contact::Message { body, media } => {
            let media = media.iter().map(|url| format!(" media={url}"));
            [format!("message {:?}", body.as_str())].into_iter().chain(media).collect()
        }
    }
}

/// The leaves of its JSON, by path.
fn fields(seen: &impl Serialize) -> Told<Vec<(String, String)>> {
    let mut fields = Vec::new();
    flatten(String::new(), &serde_json::to_value(seen).map_err(|error| error.to_string())?, &mut fields);
    Ok(fields)
}

fn flatten(path: String, value: &Value, fields: &mut Vec<(String, String)>) {
    let text = match value {
        Value::Null if path.is_empty() => return,
        Value::Null => NONE.to_owned(),
        Value::String(text) => word(&short(text)),
        Value::Bool(_) | Value::Number(_) => value.to_string(),
        Value::Array(elements) => {
            let elements = elements.iter().map(|element| element.as_str().map_or_else(|| element.to_string(), short));
            elements.collect::<Vec<_>>().join(",")
        }
        Value::Object(members) if !members.is_empty() && members.values().all(Value::is_boolean) => abilities(members),
        Value::Object(members) => {
            for (name, member) in members {
                let path = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
                flatten(path, member, fields);
            }
            return;
        }
    };
    fields.push((path, text));
}

fn last(path: &str) -> &str {
    path.rsplit('.').next().unwrap_or(path)
}

/// What is true of it; `voice` stands for `voice_inbound,voice_outbound`.
fn abilities(members: &serde_json::Map<String, Value>) -> String {
    let able: Vec<&str> =
        members.iter().filter(|(_, able)| **able == Value::Bool(true)).map(|(name, _)| name.as_str()).collect();
    let able = ["mms", "sms", "voice"]
        .iter()
        .fold(able.join(","), |able, kind| able.replace(&format!("{kind}_inbound,{kind}_outbound"), kind));
    if able.is_empty() { "nothing".to_owned() } else { able }
}

/// Text that stands among others: quoted if it would not be seen, or not be told from them.
fn word(text: &str) -> String {
    let is_plain = !text.is_empty() && !text.contains(char::is_control);
    if is_plain && (text.starts_with(['{', '<']) || !text.contains(char::is_whitespace)) {
        text.to_owned()
    } else {
        format!("{text:?}")
    }
}

fn instant(value: &str, now: Timestamp) -> String {
    if value == now.to_string() { "now".to_owned() } else { value.to_owned() }
}

/// A line; if it is too long, several, the others indented.
fn wrapped(start: &str, words: impl IntoIterator<Item = String>) -> String {
    let mut shown = start.to_owned();
    let mut width = start.chars().count();
    for word in words {
        let length = word.chars().count().saturating_add(1);
        let fits = width.saturating_add(length) <= WIDTH;
        shown.push_str(if fits { " " } else { "\n    " });
        shown.push_str(&word);
        width = if fits { width } else { 3 }.saturating_add(length);
    }
    shown
}

/// `KC7` for a SID whose digits but for the last four are 0.
pub(crate) fn short(text: &str) -> String {
    let mut shown = String::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let sid = rest.split_at_checked(34).filter(|_| !shown.ends_with(|c: char| c.is_ascii_alphanumeric()));
        if let Some((sid, behind)) = sid
            && let Some((kind, digits)) = sid.split_at_checked(2)
            && kind.bytes().all(|byte| byte.is_ascii_uppercase())
            && digits.bytes().all(|byte| byte.is_ascii_hexdigit())
            && !behind.starts_with(|c: char| c.is_ascii_alphanumeric())
            && let Ok(number) = u16::from_str_radix(digits, 16)
        {
            let _ = write!(shown, "{kind}{number}");
            rest = behind;
        } else {
            shown.push(first);
            rest = rest.get(first.len_utf8()..).unwrap_or_default();
        }
    }
    shown
}

pub(crate) fn push(shown: &mut String, line: &str) {
    shown.push_str(line);
    shown.push('\n');
}
