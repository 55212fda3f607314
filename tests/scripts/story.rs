//! What the words of a story do. `README.md` beside this file lists them.

use core::{fmt::Display, mem, str::FromStr};

use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Map, Value, json};
use twilio_proxy_core::{
    CallbackUrl, CancelReason, Command, ContactKind, Event, FriendlyName, Identifier, InteractionSid, NewService,
    NumberSid, ParticipantSid, PhoneNumberSid, Policy, ProxyIdentifier, Reply, Service, SessionName, SessionSid,
    Timestamp, testing::Reference,
};

use super::{
    show::{self, Fact},
    words::{Told, Words, completed, seconds},
};

/// A service, its clock, and what was seen of it.
pub(crate) struct Story {
    now: Timestamp,
    service: Service,
    /// What the reference model makes of the same commands.
    reference: Reference,
    facts: Vec<Fact>,
    has_begun: bool,
    holds_events: bool,
}

impl Story {
    /// A new service under this policy, set up like this, on the first day of 2026.
    fn of(new: NewService, policy: Policy) -> Told<Self> {
        let now = parsed("2026-01-01T00:00:00Z")?;
        let service = Service::new(new.clone(), policy.clone(), now);
        Ok(Self {
            now,
            reference: Reference::new(new, policy, now),
            facts: show::facts(&service)?,
            service,
            has_begun: false,
            holds_events: false,
        })
    }

    pub(crate) fn begin() -> Told<Self> {
        Self::of(new_service(Map::new())?, Policy::default())
    }

    /// Does what a line says; tells what there is to see afterwards, line by line.
    pub(crate) fn tell(&mut self, line: &str) -> Told<String> {
        let mut words = Words::of(line)?;
        let verb = words.next("a word")?;
        let is_beginning = matches!(verb.as_str(), "policy" | "service");
        let mut told = match verb.as_str() {
            "policy" => {
                let policy = read(words.object(&[])?.into())?;
                let shown = Fact::of("policy", &policy)?;
                *self = Self::of(new_service(Map::new())?, policy)?;
                shown.shown_with_nulls()
            }
            "service" if self.has_begun => return Err("there is a service already: `update` it".to_owned()),
            "service" => {
                *self = Self::of(new_service(words.object(&[])?)?, self.service.policy().clone())?;
                show::differences(&[], &self.facts, self.now)
            }
            "advance" => {
                let span = span(&words.next("a span")?)?;
                self.now = self.now.checked_add(span).ok_or("there is no such instant")?;
                self.now.to_string()
            }
            "rewind" => {
                let past = self.now.as_unix_seconds().saturating_sub(span(&words.next("a span")?)?);
                self.now = Timestamp::from_unix_seconds(past.cast_signed());
                self.now.to_string()
            }
            "clock" => {
                self.now = parsed(&words.next("an instant")?)?;
                self.now.to_string()
            }
            "hold" => {
                self.holds_events = true;
                "events wait for `poll`".to_owned()
            }
            "poll" => {
                self.holds_events = false;
                let events = self.events()?;
                if events.is_empty() { "no event".to_owned() } else { events }
            }
            "restore" => self.restore()?,
            "fetch" => self.fetch(&mut words)?,
            "list" => self.list(&mut words)?,
            "route" => self.route(&mut words)?,
            "explain" => self.explain(&mut words)?,
            "next" => {
                self.service.next_deadline().map_or_else(|| "no deadline".to_owned(), |instant| instant.to_string())
            }
            "latest" => self.service.latest_instant().to_string(),
            "parse" => parse(&mut words)?,
            "numbers" => self.add_numbers(&mut words)?,
            _ => {
                let command = command(&verb, &mut words)?;
                self.apply(command)?
            }
        };
        words.end()?;
        self.has_begun |= !is_beginning;
        if !told.ends_with('\n') {
            told.push('\n');
        }
        Ok(told)
    }

    fn apply(&mut self, command: Command) -> Told<String> {
        let mut told = String::new();
        match self.answer(command)? {
            Ok(reply) => {
                if let Some(shown) = self.shown(&reply)? {
                    show::push(&mut told, &shown);
                }
            }
            Err(error) => show::push(&mut told, &show::refusal(&error)?),
        }
        told.push_str(&self.events()?);
        let facts = show::facts(&self.service)?;
        told.push_str(&show::differences(&self.facts, &facts, self.now));
        self.facts = facts;
        if told.is_empty() {
            told.push_str("nothing changes\n");
        }
        Ok(told)
    }

    fn answer(&mut self, command: Command) -> Told<Result<Reply, twilio_proxy_core::Error>> {
        let predicted = self.reference.apply(command.clone(), self.now);
        let answer = self.service.apply(command, self.now);
        if answer != predicted || self.service.state() != self.reference.state() {
            return Err(format!("the reference model predicts something else: {predicted:?}"));
        }
        Ok(answer)
    }

    /// What an answer tells beyond the facts. A resource that comes with it has to be the one that is there.
    fn shown(&self, reply: &Reply) -> Told<Option<String>> {
        let service = &self.service;
        let mut sessions = service.sessions();
        let (is_there, shown) = match reply {
            Reply::Service(settings) => (settings == service.settings(), None),
            Reply::Number(number) => (service.number(number.sid) == Some(number), None),
            Reply::Session(session) => (service.session(session.sid) == Some(session), None),
            Reply::Participant(participant) => {
                let is_it = |session: SessionSid| service.participant(session, participant.sid) == Some(participant);
                (sessions.any(|session| is_it(session.sid)), None)
            }
            Reply::Pending(pending) => {
                let is_it = |session: SessionSid| service.pending_participant(session, pending.sid) == Some(pending);
                (sessions.any(|session| is_it(session.sid)), None)
            }
            Reply::Interaction(interaction) => {
                let is_it = |session: SessionSid| service.interaction(session, interaction.sid) == Some(interaction);
                (sessions.any(|session| is_it(session.sid)), None)
            }
            Reply::Cancelled(cancelled) => {
                let because = cancelled.reason.map(CancelReason::code);
                let because = because.map(|code| format!(" because of {} {}", code.number(), code.title()));
                let name = format!("cancelled {}{}", cancelled.participant.sid, because.unwrap_or_default());
                (true, Some(Fact::of(&name, &cancelled.participant)?.shown(self.now)))
            }
            Reply::Outcome(outcome) => (true, Some(show::outcome(outcome)?)),
            Reply::Done {} => (true, None),
            Reply::OwnedNumber(_) | Reply::Received { .. } | _ => {
                return Err(format!("a reply that this program does not know: {reply:?}"));
            }
        };
        if is_there { Ok(shown) } else { Err(format!("the answer is not what is there: {reply:?}")) }
    }

    /// The events that have arisen, unless they are to wait.
    fn events(&mut self) -> Told<String> {
        let mut told = String::new();
        while !self.holds_events
            && let Some(event) = self.poll_event()?
        {
            show::push(&mut told, &show::event(&event)?);
        }
        Ok(told)
    }

    fn poll_event(&mut self) -> Told<Option<Event>> {
        let event = self.service.poll_event();
        if event != self.reference.poll_event() {
            return Err(format!("the reference model predicts another event than {event:?}"));
        }
        Ok(event)
    }

    /// Writes the state down as JSON, and goes on with what is read back.
    fn restore(&mut self) -> Told<String> {
        let json = serde_json::to_string(&self.service.state()).map_err(|error| error.to_string())?;
        let state = serde_json::from_str(&json).map_err(|error| error.to_string())?;
        let restored = Service::restore(state).map_err(|error| error.to_string())?;
        if restored.state() != self.service.state() {
            return Err("the restored service is another".to_owned());
        }
        self.service = restored;
        Ok("restored".to_owned())
    }

    /// Adds many phone numbers; tells the events, and how many there are.
    fn add_numbers(&mut self, words: &mut Words) -> Told<String> {
        let count: u16 = parsed(&words.next("a count")?)?;
        let first = next_sid::<PhoneNumberSid>(words)?.to_u128();
        let number: u64 = parsed(&words.next("the first number")?)?;
        let fields = words.object(&[])?;
        let mut told = String::new();
        for (sid, number) in (first..).zip(number..).take(count.into()) {
            let mut new = fields.clone();
            new.insert("sid".to_owned(), format!("PN{sid:032x}").into());
            new.insert("phone_number".to_owned(), format!("+{number}").into());
            let added = self.answer(read(json!({"add_number": {"new": new}}))?)?;
            added.map_err(|error| error.to_string())?;
            told.push_str(&self.events()?);
        }
        self.facts = show::facts(&self.service)?;
        let [unreserved, reserved] =
            [false, true].map(|it| self.service.numbers().filter(|number| number.is_reserved == it).count());
        show::push(&mut told, &format!("{unreserved} unreserved, {reserved} reserved"));
        Ok(told)
    }

    fn fetch(&self, words: &mut Words) -> Told<String> {
        let (service, first) = (&self.service, words.next("a SID or name")?);
        let others = [words.next_if_any(), words.next_if_any()];
        if let [None, None] = &others {
            return match first.get(..2) {
                Some("KS") => {
                    self.found(&first, Some(service.settings()).filter(|settings| settings.sid.to_string() == first))
                }
                Some("PN" | "SC") => self.found(&first, service.number(parsed::<NumberSid>(&first)?)),
                _ => match service.fetch_session(&first) {
                    Ok(session) => self.found(&session.sid.to_string(), Some(session)),
                    Err(error) => Ok(show::short(&format!(
                        "refused {} ({}): {error}",
                        error.code().number(),
                        error.http_status()
                    ))),
                },
            };
        }
        let session = parsed(&first)?;
        match others {
            [Some(participant), Some(interaction)] => self.found(
                &interaction,
                service.message_interaction(session, parsed(&participant)?, parsed(&interaction)?),
            ),
            [Some(sid), None] if sid.starts_with("KI") => self.found(&sid, service.interaction(session, parsed(&sid)?)),
            [Some(sid), None] => match service.pending_participant(session, parsed(&sid)?) {
                Some(pending) => self.found(&format!("{sid} pending"), Some(pending)),
                None => self.found(&sid, service.participant(session, parsed(&sid)?)),
            },
            [None, _] => Err("nothing to fetch".to_owned()),
        }
    }

    fn found(&self, name: &str, found: Option<&impl Serialize>) -> Told<String> {
        found.map_or_else(|| Ok("not found".to_owned()), |found| Ok(Fact::of(name, found)?.shown(self.now)))
    }

    fn list(&self, words: &mut Words) -> Told<String> {
        fn sids<'a, T: 'a, S: Display>(list: Option<impl Iterator<Item = &'a T>>, sid: fn(&T) -> S) -> String {
            let Some(list) = list else { return "not found".to_owned() };
            let sids: Vec<String> = list.map(|element| sid(element).to_string()).collect();
            if sids.is_empty() { "none".to_owned() } else { show::short(&sids.join(" ")) }
        }
        let (service, what) = (&self.service, words.next("what to list")?);
        Ok(match what.as_str() {
            "sessions" => sids(Some(service.sessions()), |session| session.sid),
            "numbers" => sids(Some(service.numbers()), |number| number.sid),
            "participants" => sids(service.participants(next_sid(words)?), |participant| participant.sid),
            "pending" => sids(service.pending_participants(next_sid(words)?), |pending| pending.sid),
            "interactions" => sids(service.interactions(next_sid(words)?), |interaction| interaction.sid),
            "messages" => {
                let (session, participant): (SessionSid, ParticipantSid) = (next_sid(words)?, next_sid(words)?);
                sids(service.message_interactions(session, participant), |interaction| interaction.sid)
            }
            _ => return Err(format!("`{what}` cannot be listed")),
        })
    }

    fn route(&self, words: &mut Words) -> Told<String> {
        let (from, to) = from_and_to(words)?;
        let from = from.map(|from| parsed::<Identifier>(&from)).transpose()?;
        let to: ProxyIdentifier = parsed(&to)?;
        let kind: ContactKind = parsed(&words.next("call or message")?)?;
        show::route(&self.service.route(from.as_ref(), &to, kind, self.now))
    }

    fn explain(&self, words: &mut Words) -> Told<String> {
        let (session, identifier) = (next_sid(words)?, parsed(&words.next("an identifier")?)?);
        match self.service.explain_selection(session, &identifier, self.now) {
            Ok(explanation) => show::explanation(&explanation),
            Err(error) => show::refusal(&error.into()),
        }
    }
}

fn new_service(mut fields: Map<String, Value>) -> Told<NewService> {
    add_field(&mut fields, "sid", completed("KS1").into())?;
    add_field(&mut fields, "account_sid", completed("AC1").into())?;
    fields.entry("unique_name").or_insert_with(|| "rides".into());
    read(fields.into())
}

/// The command that a line says, by way of its JSON.
fn command(verb: &str, words: &mut Words) -> Told<Command> {
    let json = match verb {
        "number" => {
            let mut new = words.object(&["sid", "phone_number"])?;
            if let Some(Value::String(able)) = new.get("capabilities") {
                let able = capabilities(able)?;
                new.insert("capabilities".to_owned(), able);
            }
            json!({"add_number": {"new": new}})
        }
        "session" => {
            let mut parts = mem::replace(words, Words::of("")?).split_at_with().into_iter();
            let mut head = parts.next().ok_or("a session is missing")?;
            let mut new = head.object(&["sid"])?;
            head.end()?;
            let mut participants = Vec::new();
            for mut part in parts {
                participants.push(part.object(&["sid", "identifier"])?);
                part.end()?;
            }
            add_field(&mut new, "participants", json!(participants))?;
            json!({"create_session": {"new": new}})
        }
        "add" => addition("add_participant", words)?,
        "begin" => addition("begin_add_participant", words)?,
        "finish" => json!({"finish_add_participant": words.object(&["session", "participant"])?}),
        "cancel" => json!({"cancel_add_participant": words.object(&["session", "participant"])?}),
        "update" => {
            let sid = words.next("a SID")?;
            let update = words.object(&[])?;
            match sid.get(..2) {
                Some("KS") if sid == completed("KS1") => json!({"update_service": {"update": update}}),
                Some("KC") => json!({"update_session": {"session": sid, "update": update}}),
                _ => json!({"update_number": {"number": sid, "update": update}}),
            }
        }
        "close" => status(words, "closed")?,
        "reopen" => status(words, "in-progress")?,
        "remove" => {
            let sid = words.next("a SID")?;
            if sid.starts_with("KC") {
                json!({"remove_participant": {"session": sid, "participant": words.next("a participant")?}})
            } else {
                json!({"remove_number": {"number": sid}})
            }
        }
        "delete" => {
            let session = words.next("a session")?;
            match words.next_if_any() {
                Some(interaction) => json!({"delete_interaction": {"session": session, "interaction": interaction}}),
                None => json!({"delete_session": {"session": session}}),
            }
        }
        _ => return traffic(verb, words),
    };
    read(json)
}

/// Those commands that are about calls, messages and webhooks, and that about the clock.
fn traffic(verb: &str, words: &mut Words) -> Told<Command> {
    let json = match verb {
        "call" => {
            let interaction = words.next("an interaction")?;
            inbound(&interaction, "CA", words, |_| Ok(json!("call")))?
        }
        "message" => {
            let interaction = words.next("an interaction")?;
            inbound(&interaction, "SM", words, |words| {
                let media = words.take("media").map(|urls| urls.split(',').map(str::to_owned).collect::<Vec<_>>());
                let body = words.next("a body")?;
                Ok(match media {
                    Some(media) => json!({"message": {"body": body, "media": media}}),
                    None => json!({"message": {"body": body}}),
                })
            })?
        }
        "verdict" => {
            let interaction = words.next("an interaction")?;
            json!({"resolve_intercept": {"interaction": interaction, "answer": answer(words)?}})
        }
        "answer" => {
            let interaction = words.next("an interaction")?;
            let mut sids = Map::new();
            for (name, otherwise) in [("session", "KC9001"), ("caller", "KP9001"), ("partner", "KP9002")] {
                sids.insert(name.to_owned(), words.take(name).unwrap_or_else(|| completed(otherwise)).into());
            }
            let status = answer(words)?;
            let mut answer = words.object(&[])?;
            add_field(&mut answer, "status", status)?;
            json!({"resolve_out_of_session": {"interaction": interaction, "answer": answer, "sids": sids}})
        }
        "send" => {
            let [session, participant] = [words.next("a session")?, words.next("a participant")?];
            let new = words.object(&["sid", "body"])?;
            json!({"send_message": {"session": session, "participant": participant, "new": new}})
        }
        "report" => {
            let interaction = words.next("an interaction")?;
            json!({"report_status": {"interaction": interaction, "report": words.object(&["status"])?}})
        }
        "callback" => {
            let url = words.next("a URL")?;
            json!({"report_callback": {"url": url, "answer": answer(words)?}})
        }
        "deadline" => json!({"handle_deadline": {}}),
        _ => return Err(format!("`{verb}` is no command; tests/scripts/README.md lists them")),
    };
    read(json)
}

fn add_field(object: &mut Map<String, Value>, name: &str, value: Value) -> Told<()> {
    match object.insert(name.to_owned(), value) {
        Some(_) => Err(format!("`{name}` is given by the command")),
        None => Ok(()),
    }
}

fn addition(operation: &str, words: &mut Words) -> Told<Value> {
    let session = words.next("a session")?;
    Ok(json!({operation: {"session": session, "new": words.object(&["sid", "identifier"])?}}))
}

fn status(words: &mut Words, status: &str) -> Told<Value> {
    let session = words.next("a session")?;
    let mut update = words.object(&[])?;
    add_field(&mut update, "status", status.into())?;
    Ok(json!({"update_session": {"session": session, "update": update}}))
}

fn inbound(
    interaction: &str,
    resource_kind: &str,
    words: &mut Words,
    contact: impl Fn(&mut Words) -> Told<Value>,
) -> Told<Value> {
    let (from, to) = from_and_to(words)?;
    let digits = interaction.get(2..).unwrap_or_default();
    let resource = words.take("resource").unwrap_or_else(|| format!("{resource_kind}{digits}"));
    let parameters = words.parameters();
    let contact = contact(words)?;
    Ok(json!({"receive": {"inbound": {
        "interaction": interaction, "resource": resource, "from": from, "to": to,
        "contact": contact, "parameters": parameters,
    }}}))
}

/// `+15558675310 -> +14155551212`; who withholds the own number is called `withheld`.
fn from_and_to(words: &mut Words) -> Told<(Option<String>, String)> {
    let from = words.next("a caller")?;
    if words.next("->")? != "->" {
        return Err("-> has to stand behind the caller".to_owned());
    }
    Ok(((from != "withheld").then_some(from), words.next("what was dialled")?))
}

/// The status of an answer, or that there was none.
fn answer(words: &mut Words) -> Told<Value> {
    match words.next("a status or `none`")?.as_str() {
        "none" => Ok(json!("none")),
        status => Ok(json!({"status": parsed::<u16>(status)?})),
    }
}

/// `voice,sms_inbound`, or `nothing`.
fn capabilities(text: &str) -> Told<Value> {
    let kinds = ["voice", "sms", "mms"];
    let mut able: Map<String, Value> = kinds
        .iter()
        .flat_map(|kind| ["inbound", "outbound"].map(|way| (format!("{kind}_{way}"), false.into())))
        .collect();
    for word in text.split(',').filter(|word| *word != "nothing") {
        let ways = if kinds.contains(&word) {
            vec![format!("{word}_inbound"), format!("{word}_outbound")]
        } else {
            vec![word.to_owned()]
        };
        for way in ways {
            *able.get_mut(&way).ok_or_else(|| format!("`{way}` is no capability"))? = true.into();
        }
    }
    Ok(able.into())
}

/// Reads a text as what it is said to be; tells how it is printed, or why it is none.
fn parse(words: &mut Words) -> Told<String> {
    fn shown<T: FromStr<Err: Display> + Display>(text: &str) -> String {
        match text.parse::<T>() {
            Ok(read) => format!("{:?}", read.to_string()),
            Err(error) => format!("refused: {error}"),
        }
    }
    let [kind, text] = [words.next("what it is")?, words.next("a text")?];
    Ok(match kind.as_str() {
        "identifier" => match text.parse::<Identifier>() {
            Ok(identifier) => format!("{:?}, masked {:?}", identifier.to_string(), identifier.masked().to_string()),
            Err(error) => format!("refused {}: {error}", error.code().number()),
        },
        "proxy_identifier" => shown::<ProxyIdentifier>(&text),
        "session_sid" => shown::<SessionSid>(&text),
        "interaction_sid" => shown::<InteractionSid>(&text),
        "session_name" => shown::<SessionName>(&text),
        "friendly_name" => shown::<FriendlyName>(&text),
        "callback_url" => shown::<CallbackUrl>(&text),
        "instant" => shown::<Timestamp>(&text),
        _ => return Err(format!("`{kind}` is not known here")),
    })
}

fn next_sid<T: FromStr<Err: Display>>(words: &mut Words) -> Told<T> {
    parsed(&words.next("a SID")?)
}

fn parsed<T: FromStr<Err: Display>>(text: &str) -> Told<T> {
    text.parse().map_err(|error| format!("`{text}`: {error}"))
}

fn span(text: &str) -> Told<u64> {
    seconds(text).ok_or_else(|| format!("`{text}` is no span of time"))
}

fn read<T: DeserializeOwned>(json: Value) -> Told<T> {
    serde_json::from_value(json).map_err(|error| error.to_string())
}
