//! Commands on calls and messages: what comes in, what is answered, and what becomes of it.

use alloc::{borrow::ToOwned, format, string::String, vec, vec::Vec};

use super::{
    world::{later, sids},
    writer::Writer,
};
use crate::{
    AutoCreateSids, Command, Contact, Identifier, Inbound, InteractionSid, NewMessage, OutOfSessionAnswer, Participant,
    ProxyIdentifier, ResourceSid, ResourceStatus, Session, SessionSid, StatusReport, WebhookAnswer,
};

const ORDINARY_BODIES: [&str; 3] = ["Where are you?", "Meet me at the corner", "start"];

const STRANGE_BODIES: [&str; 9] = [
    "STOP",
    " unstop\r\n",
    "Arrete",
    "",
    "stop it",
    "say \"so\"\\ /\u{7f}\u{e9}",
    "a\tb\u{1}\n",
    "\u{b}stop",
    "\u{1f695}",
];

/// What may stand in an answer that creates a session: a key, and values of which the first few are the right ones.
const ANSWER_KEYS: [(&str, &[&str]); 6] = [
    ("uniqueName", &[r#""job-1""#, r#""job-2""#, r#""""#, r#""KC00000000000000000000000000000001""#, "7"]),
    ("mode", &[r#""voice-only""#, r#""message-only""#, r#""voice-and-message""#, r#""Voice-Only""#, "null"]),
    ("ttl", &["60", r#""600""#, "0", "-1", "2147483647", r#""99999999999999999999""#, "1.0", r#""""#, r#""-1""#]),
    (
        "dateExpiry",
        &[
            r#""9999-01-01T00:00:00.9+01:00""#,
            r#""2030-01-01T00:00:00Z""#,
            r#""1970-01-01T00:00:00Z""#,
            r#""soon""#,
            "0",
        ],
    ),
    (
        "participantProxyIdentifier",
        &[r#""+14155559001""#, r#""+14155559002""#, r#""whatsapp:+14155559999""#, r#""telephone""#, r#""""#, "[]"],
    ),
    ("unknown", &["{}", "null"]),
];

const STRANGE_ANSWERS: [&str; 9] = [
    "{",
    "[]",
    "null",
    "{}",
    r#"{"participantIdentifier":7}"#,
    r#"{"participantIdentifier":"nobody"}"#,
    r#"{"participantIdentifier":"+14155550002"} x"#,
    " ",
    "",
];

const CONTENT_TYPES: [(&str, u64); 6] = [
    ("application/json", 16),
    ("Application/JSON ; charset=utf-8", 2),
    ("text/xml", 2),
    ("application/xml;x", 1),
    ("text/html", 1),
    ("", 1),
];

impl Writer<'_> {
    pub(super) fn receive(&mut self) -> Option<Command> {
        let interaction = self.new_interaction()?;
        let (from, to) = self.line()?;
        let is_by_phone = from.phone_number().is_some();
        let from = Some(from).filter(|_| !self.dice.one_in(12));
        let is_message = if is_by_phone { self.dice.one_in(2) } else { !self.dice.one_in(8) };
        let mut inbound = if is_message {
            let body = self.body().parse().unwrap_or_default();
            Inbound::message(interaction, resource("SM", interaction)?, from, to, body)
        } else {
            Inbound::call(interaction, resource("CA", interaction)?, from, to)
        };
        if let (Contact::Message { media, .. }, true) = (&mut inbound.contact, self.dice.one_in(4)) {
            let url = "https://a.example/picture".parse().ok();
            *media = url.into_iter().collect::<Vec<_>>().try_into().unwrap_or_default();
        }
        if self.dice.one_in(3) {
            let own = [("From", "x"), ("sessionSid", "mine")].map(|(name, value)| (name.to_owned(), value.to_owned()));
            inbound.parameters = own.to_vec().try_into().unwrap_or_default();
        }
        Some(Command::Receive { inbound })
    }

    /// Who contacts what: mostly a participant, at times of a closed session, the proxy identifier of its own.
    fn line(&mut self) -> Option<(Identifier, ProxyIdentifier)> {
        if !self.dice.slips() && !self.dice.one_in(6) {
            let is_past = self.dice.one_in(6);
            let fits =
                |session: &Session, added: &Participant| added.is_live() && (is_past || session.status.is_active());
            let (session, participant) = self.member(fits)?;
            if let Some(added) = self.guide.participant(session, participant) {
                return Some((added.identifier.clone(), added.proxy_identifier.clone()));
            }
        }
        let from = self.dice.pick(&self.world.people)?;
        let places = self.world.places.iter().map(|place| place.number.into());
        let any: Vec<ProxyIdentifier> = places.chain(self.world.channel_addresses.iter().cloned()).collect();
        let to = if from.phone_number().is_some() {
            self.dice.choose(self.guide.numbers().map(|number| number.phone_number.into()), &any)
        } else {
            self.dice.choose(self.world.channel_addresses.iter().cloned(), &any)
        };
        Some((from, to?))
    }

    fn body(&mut self) -> &'static str {
        let is_strange = self.dice.one_in(4);
        let bodies = if is_strange { &STRANGE_BODIES[..] } else { &ORDINARY_BODIES[..] };
        self.dice.pick(bodies).unwrap_or_default()
    }

    /// The SID of an interaction, with care a free one.
    fn new_interaction(&mut self) -> Option<InteractionSid> {
        let recorded = self.recorded();
        let is_free = |sid: &InteractionSid| {
            recorded.iter().all(|(_, other)| other != sid)
                && self.verdicts.iter().all(|(_, other)| other != sid)
                && self.answers.iter().all(|other| other != sid)
        };
        let any = sids(self.world.interactions);
        self.dice.choose(any.iter().copied().filter(is_free), &any)
    }

    /// All interactions there are, each with its session.
    fn recorded(&self) -> Vec<(SessionSid, InteractionSid)> {
        let of = |session: &Session| {
            let (sid, recorded) = (session.sid, self.guide.interactions(session.sid));
            recorded.into_iter().flatten().map(move |interaction| (sid, interaction.sid)).collect::<Vec<_>>()
        };
        self.guide.sessions().flat_map(of).collect()
    }

    pub(super) fn resolve_intercept(&mut self) -> Option<Command> {
        let interaction =
            self.dice.choose(self.verdicts.iter().map(|(_, sid)| *sid), &sids(self.world.interactions))?;
        let verdicts = [(WebhookAnswer::Status(200), 3), (WebhookAnswer::Status(403), 2)];
        let usual = self.dice.weighted(&verdicts)?;
        let answer = if self.dice.one_in(3) { self.answer()? } else { usual };
        Some(Command::ResolveIntercept { interaction, answer })
    }

    pub(super) fn resolve_out_of_session(&mut self) -> Option<Command> {
        let interaction = self.dice.choose(self.answers.iter().copied(), &sids(self.world.interactions))?;
        // Two more than sessions that are created otherwise, so that one is mostly free.
        let any_session: Vec<SessionSid> = sids(self.world.sessions.saturating_add(2));
        let free = any_session.iter().copied().filter(|sid| self.guide.session(*sid).is_none());
        let session = self.dice.choose(free, &any_session)?;
        let (free, any) = (self.free_participants(), sids(self.world.participants));
        let caller = self.dice.choose(free.iter().copied(), &any)?;
        let partner = self.dice.choose(free.into_iter().filter(|sid| *sid != caller), &any)?;
        let answer = self.out_of_session_answer()?;
        Some(Command::ResolveOutOfSession { interaction, answer, sids: AutoCreateSids { session, caller, partner } })
    }

    fn out_of_session_answer(&mut self) -> Option<OutOfSessionAnswer> {
        let status = if self.dice.one_in(10) { self.answer()? } else { WebhookAnswer::Status(200) };
        let content_type = self.dice.weighted(&CONTENT_TYPES)?.parse().ok().filter(|_| !self.dice.one_in(20));
        let body = if self.dice.one_in(8) { self.dice.pick(&STRANGE_ANSWERS)?.to_owned() } else { self.wish()? };
        Some(OutOfSessionAnswer { status, content_type, body: body.parse().unwrap_or_default() })
    }

    /// JSON that creates a session, more often than not.
    fn wish(&mut self) -> Option<String> {
        let phones = self.world.people.iter().filter(|person| person.phone_number().is_some()).cloned();
        let partner = self.dice.choose(phones, &self.world.people)?;
        let partner = if self.dice.one_in(12) { format!(" {partner}\\t") } else { format!("{partner}") };
        let mut members = vec![format!(r#""participantIdentifier":"{partner}""#)];
        let (is_strange, is_rich) = (self.dice.one_in(8), self.dice.one_in(4));
        for (key, values) in ANSWER_KEYS {
            if self.dice.one_in(if is_strange || is_rich { 3 } else { 24 }) {
                let right = values.get(..2).unwrap_or(values);
                let value = self.dice.pick(if is_strange { values } else { right })?;
                members.push(format!(r#""{key}":{value}"#));
            }
        }
        if self.dice.one_in(16) {
            let instant = later(self.guide.latest_instant(), self.dice.pick(&[300, 1, 0])?);
            members.push(format!(r#""dateExpiry":"{instant}""#));
        }
        Some(format!("{{{}}}", members.join(",")))
    }

    fn answer(&mut self) -> Option<WebhookAnswer> {
        let statuses = [200, 204, 299, 403, 404, 500, 199, 300].map(WebhookAnswer::Status);
        if self.dice.one_in(8) { Some(WebhookAnswer::None) } else { self.dice.pick(&statuses) }
    }

    pub(super) fn send_message(&mut self) -> Option<Command> {
        let sid = self.new_interaction()?;
        let (session, participant) =
            self.member(|session, added| added.is_live() && session.status.is_active() && session.mode.has_messages())?;
        let body = if self.dice.slips() { "" } else { "On my way" };
        let new = NewMessage::new(sid, body.parse().unwrap_or_default());
        Some(Command::SendMessage { session, participant, new })
    }

    pub(super) fn report_status(&mut self) -> Option<Command> {
        let any = sids(self.world.interactions);
        let recorded = self.recorded().into_iter().map(|(_, interaction)| interaction);
        let interaction = self.dice.choose(recorded, &any)?;
        let is_final = self.dice.one_in(3);
        let status = if is_final { self.dice.pick(ResourceStatus::ALL)? } else { ResourceStatus::Sent };
        let resource_sid = match self.dice.below(3) {
            0 => None,
            1 => resource("CA", InteractionSid::from_u128(77)),
            _ => resource("SM", InteractionSid::from_u128(77)),
        };
        let duration = self.dice.pick(&[None, Some(5), Some(6)])?;
        Some(Command::ReportStatus { interaction, report: StatusReport { status, resource_sid, duration } })
    }

    pub(super) fn delete_interaction(&mut self) -> Option<Command> {
        let any = sids(self.world.interactions);
        let any: Vec<_> =
            sids(self.world.sessions).into_iter().flat_map(|session| any.iter().map(move |n| (session, *n))).collect();
        let (session, interaction) = self.dice.choose(self.recorded(), &any)?;
        Some(Command::DeleteInteraction { session, interaction })
    }

    pub(super) fn report_callback(&mut self) -> Option<Command> {
        Some(Command::ReportCallback { url: self.dice.pick(&self.world.urls)?, answer: self.answer()? })
    }
}

/// The call or message that goes by this interaction.
fn resource(prefix: &str, interaction: InteractionSid) -> Option<ResourceSid> {
    format!("{prefix}{:032x}", interaction.to_u128()).parse().ok()
}
