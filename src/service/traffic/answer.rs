//! Answers to out-of-session requests: TwiML, or a session to create (WHK-4, WHK-5).

use alloc::{borrow::ToOwned, string::String, vec};
use core::str::FromStr;

use serde_json::Value;

use super::{
    AutoCreateError, AutoCreateParameter, Matter, OutOfSessionFailure, Outcome, ResolveError, WaitingContact,
    decision::{Decision, Placement},
    receive::Arrival,
};
use crate::{
    address::{Identifier, ParseIdentifierError, ProxyIdentifier, ProxyNumber},
    event::Notification,
    interaction::{AutoCreateSids, ContactKind, OutOfSessionAnswer},
    inventory::Inventory,
    participant::NewParticipant,
    policy::ReservedAssignment,
    service::{CreateSessionError, DateExpiryNotInFuture, Service},
    session::{NewSession, SessionMode},
    sid::{InteractionSid, ParticipantSid},
    time::{Timestamp, Ttl, TtlOutOfRange},
};

/// What an answer says to do.
enum Instruction {
    Twiml,
    Create(Wish),
}

/// The keys of an auto-create answer, each of the right type and none of them parsed.
struct Wish {
    unique_name: Option<String>,
    date_expiry: Option<String>,
    ttl: Option<Result<Ttl, TtlOutOfRange>>,
    mode: Option<String>,
    participant_identifier: String,
    participant_proxy_identifier: Option<String>,
}

impl Service {
    /// Takes the answer to an out-of-session request (WHK-4, WHK-5): TwiML is handed on; JSON creates a session of the
    /// caller and `participantIdentifier`, and the contact goes on into it, unless it has found one by now.
    ///
    /// The contact waits no longer, whatever comes of it. May raise 80905, 80913 or 12100, an 80802 for each participant,
    /// and what [`receive`](Self::receive) raises in a session.
    ///
    /// ```
    /// # use twilio_proxy_core::{NewNumber, NewService, Policy, Service, Timestamp, sid};
    /// use twilio_proxy_core::{AutoCreateSids, Identifier, Inbound, Outcome, OutOfSessionAnswer, WebhookAnswer};
    ///
    /// # let mut new = NewService::new(
    /// #     sid!("KS00000000000000000000000000000001"),
    /// #     sid!("AC00000000000000000000000000000001"),
    /// #     "rides".parse()?,
    /// # );
    /// # let now = Timestamp::MIN;
    /// new.out_of_session_callback_url = Some("https://rides.example.com/strangers".parse()?);
    /// # let mut service = Service::new(new, Policy::default(), now);
    /// # service.add_number(NewNumber::phone(sid!("PN00000000000000000000000000000001"), "+14155551212".parse()?), now)?;
    /// let stranger: Identifier = "+15558675310".parse()?;
    /// let sid = sid!("KI00000000000000000000000000000001");
    /// let call = "CA00000000000000000000000000000001".parse()?;
    /// service.receive(Inbound::call(sid, call, stranger, "+14155551212".parse()?), now)?;
    ///
    /// let answer = OutOfSessionAnswer {
    ///     status: WebhookAnswer::Status(200),
    ///     content_type: Some("application/json".parse()?),
    ///     body: r#"{"participantIdentifier":"+15558675311"}"#.parse()?,
    /// };
    /// let sids = AutoCreateSids {
    ///     session: sid!("KC00000000000000000000000000000001"),
    ///     caller: sid!("KP00000000000000000000000000000001"),
    ///     partner: sid!("KP00000000000000000000000000000002"),
    /// };
    /// let outcome = service.resolve_out_of_session(sid, answer, sids, now)?;
    /// assert!(matches!(outcome, Outcome::Connected { to, .. } if to.to_string() == "+15558675311"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`ResolveError`], 20404: no contact with this SID waits for an answer out of session; it may have been dropped when
    /// its previous session was deleted (RTE-11).
    pub fn resolve_out_of_session(
        &mut self,
        interaction: InteractionSid,
        answer: OutOfSessionAnswer,
        sids: AutoCreateSids,
        now: Timestamp,
    ) -> Result<Outcome, ResolveError> {
        self.resolve_out_of_session_within(None, interaction, answer, sids, now)
    }

    pub(crate) fn resolve_out_of_session_within(
        &mut self,
        inventory: Option<&Inventory>,
        interaction: InteractionSid,
        answer: OutOfSessionAnswer,
        sids: AutoCreateSids,
        now: Timestamp,
    ) -> Result<Outcome, ResolveError> {
        self.advance(now);
        let not_waiting = ResolveError { interaction };
        let (from, to) = match self.waiting.contact(interaction).map(|waiting| &waiting.matter) {
            Some(Matter::OutOfSession { from, to, .. }) => (from.clone(), to.clone()),
            Some(Matter::Verdict(..)) | None => return Err(not_waiting),
        };
        let WaitingContact { resource, contact, .. } = self.waiting.remove(interaction).ok_or(not_waiting)?;
        let (arrival, number) = (Arrival { interaction, resource, contact }, to.number());
        let wish = match read(&answer) {
            Ok(Instruction::Twiml) => return Ok(Outcome::Twiml { interaction, document: answer.body }),
            Ok(Instruction::Create(wish)) => wish,
            Err(failure) => return Ok(self.fail(interaction, number, failure)),
        };
        let kind = arrival.contact.kind();
        let placement = match self.decide(self.present(), from.as_ref(), &to, kind) {
            Decision::InSession(placement) => Some(placement),
            Decision::OutOfSession(_) => {
                let created = wish.into_session(from, to, sids, self.latest_instant);
                match created.and_then(|new| self.auto_create(new, sids.caller, kind, inventory)) {
                    Ok(placement) => placement,
                    Err(error) => return Ok(self.fail(interaction, number, OutOfSessionFailure::AutoCreate(error))),
                }
            }
        };
        placement.and_then(|placement| self.proceed(arrival, placement)).ok_or(not_waiting)
    }

    fn fail(
        &mut self,
        interaction: InteractionSid,
        number: Option<ProxyNumber>,
        failure: OutOfSessionFailure,
    ) -> Outcome {
        self.notify(match failure {
            OutOfSessionFailure::NoSuccess => Notification::OutOfSessionCallbackError { interaction, number },
            OutOfSessionFailure::Unreadable => Notification::DocumentParseFailure { interaction, number },
            OutOfSessionFailure::NoScenario | OutOfSessionFailure::AutoCreate(_) => {
                Notification::UnknownScenario { interaction, number }
            }
        });
        Outcome::Failed { interaction, failure }
    }

    /// Creates the session that was wished for; what it makes of its caller's contact.
    fn auto_create(
        &mut self,
        new: NewSession,
        caller: ParticipantSid,
        kind: ContactKind,
        inventory: Option<&Inventory>,
    ) -> Result<Option<Placement>, AutoCreateError> {
        // Auto-create does not ask the policy on reserved numbers (PAR-8).
        let admissions = self.check_create(&new, ReservedAssignment::Allow, inventory)?;
        self.create(new, admissions);
        Ok(self.book.slot_of_member(caller).and_then(|caller| self.place(caller, kind)))
    }
}

impl Wish {
    /// The session, with the caller at the dialled number; its parameters parsed in the order of Twilio's API (SES-3).
    fn into_session(
        self,
        from: Option<Identifier>,
        to: ProxyIdentifier,
        sids: AutoCreateSids,
        now: Timestamp,
    ) -> Result<NewSession, AutoCreateError> {
        use AutoCreateParameter as Parameter;

        let mut new = NewSession::new(sids.session);
        new.unique_name = parse(self.unique_name, Parameter::UniqueName)?;
        new.date_expiry = parse(self.date_expiry, Parameter::DateExpiry)?;
        if let Some(date_expiry) = new.date_expiry.filter(|date_expiry| *date_expiry <= now) {
            return Err(CreateSessionError::from(DateExpiryNotInFuture { date_expiry, now }).into());
        }
        new.ttl = self.ttl.transpose().map_err(|_| AutoCreateError::ParameterInvalid { parameter: Parameter::Ttl })?;
        let mode = parse(self.mode, Parameter::Mode)?;

        let from = from.ok_or(AutoCreateError::CallerWithheld)?;
        let identifier = self.participant_identifier.parse().map_err(|error| match error {
            ParseIdentifierError::Form => AutoCreateError::ParticipantIdentifierInvalid,
            ParseIdentifierError::Empty | ParseIdentifierError::TooLong => {
                AutoCreateError::ParameterInvalid { parameter: Parameter::ParticipantIdentifier }
            }
        })?;
        let is_written_only = [&from, &identifier].iter().any(|identifier| identifier.phone_number().is_none())
            || matches!(to, ProxyIdentifier::ShortCode(_));
        new.mode =
            mode.unwrap_or(if is_written_only { SessionMode::MessageOnly } else { SessionMode::VoiceAndMessage });
        let mut caller = NewParticipant::new(sids.caller, from);
        caller.proxy_identifier = Some(to.into());
        let mut partner = NewParticipant::new(sids.partner, identifier);
        partner.proxy_identifier = parse(self.participant_proxy_identifier, Parameter::ParticipantProxyIdentifier)?;
        new.participants = vec![caller, partner];
        Ok(new)
    }
}

fn parse<T: FromStr>(text: Option<String>, parameter: AutoCreateParameter) -> Result<Option<T>, AutoCreateError> {
    let parsed = text.map(|text| text.parse()).transpose();
    parsed.map_err(|_| AutoCreateError::ParameterInvalid { parameter })
}

/// What an answer says to do, by its status and media type (WHK-5).
fn read(answer: &OutOfSessionAnswer) -> Result<Instruction, OutOfSessionFailure> {
    if !answer.status.is_success() {
        return Err(OutOfSessionFailure::NoSuccess);
    }
    let content_type = answer.content_type.as_ref().filter(|_| !answer.body.is_empty());
    let is = |media_type| content_type.is_some_and(|content_type| content_type.is(media_type));
    if is("application/json") {
        read_wish(answer.body.as_str()).map(Instruction::Create).ok_or(OutOfSessionFailure::Unreadable)
    } else if is("application/xml") || is("text/xml") {
        Ok(Instruction::Twiml)
    } else {
        Err(OutOfSessionFailure::NoScenario)
    }
}

/// The wish that JSON states; `None` if it is no object, lacks a key that is needed, or has one of another type.
fn read_wish(json: &str) -> Option<Wish> {
    let value: Value = serde_json::from_str(json).ok()?;
    let object = value.as_object()?;
    let text = |parameter: AutoCreateParameter| match object.get(parameter.as_str()) {
        Some(value) => value.as_str().map(|text| Some(text.to_owned())),
        None => Some(None),
    };
    Some(Wish {
        unique_name: text(AutoCreateParameter::UniqueName)?,
        date_expiry: text(AutoCreateParameter::DateExpiry)?,
        ttl: match object.get(AutoCreateParameter::Ttl.as_str()) {
            Some(value) => Some(read_ttl(value)?),
            None => None,
        },
        mode: text(AutoCreateParameter::Mode)?,
        participant_identifier: text(AutoCreateParameter::ParticipantIdentifier)??,
        participant_proxy_identifier: text(AutoCreateParameter::ParticipantProxyIdentifier)?,
    })
}

/// An integer or a text of digits, in range or not; `None` for anything else.
fn read_ttl(value: &Value) -> Option<Result<Ttl, TtlOutOfRange>> {
    let seconds = if let Some(text) = value.as_str() {
        let is_digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        is_digits.then(|| text.parse().ok())?
    } else if let Some(seconds) = value.as_u64() {
        u32::try_from(seconds).ok()
    } else if value.as_f64().is_some_and(|number| number == 0.0 && number.is_sign_negative()) {
        // The integer `-0` is read as a float too.
        Some(0)
    } else {
        // What is left of integers is below zero, or beyond 64 bits and so read as a float.
        let is_integer = value.is_i64() || value.as_f64().is_some_and(|number| number.abs() >= TWO_TO_THE_63);
        is_integer.then_some(None)?
    };
    Some(seconds.ok_or(TtlOutOfRange).and_then(Ttl::from_seconds))
}

const TWO_TO_THE_63: f64 = 9_223_372_036_854_775_808.0;

#[cfg(test)]
mod tests {
    use alloc::{borrow::ToOwned, format};

    use super::*;
    use crate::interaction::WebhookAnswer;

    fn answer(status: u16, content_type: &str, body: &str) -> OutOfSessionAnswer {
        OutOfSessionAnswer {
            status: WebhookAnswer::Status(status),
            content_type: (!content_type.is_empty()).then(|| content_type.parse().unwrap()),
            body: body.parse().unwrap(),
        }
    }

    fn failure(answer: &OutOfSessionAnswer) -> Option<OutOfSessionFailure> {
        read(answer).err()
    }

    #[test]
    fn whk_5_status_and_media_type_decide() {
        let json = r#"{"participantIdentifier":"x"}"#;
        assert_eq!(failure(&OutOfSessionAnswer::default()), Some(OutOfSessionFailure::NoSuccess));
        for status in [0, 199, 300, 403, 500] {
            assert_eq!(failure(&answer(status, "application/json", json)), Some(OutOfSessionFailure::NoSuccess));
        }
        for (content_type, body) in [("application/json", ""), ("text/xml", ""), ("text/html", json), ("", json)] {
            assert_eq!(failure(&answer(200, content_type, body)), Some(OutOfSessionFailure::NoScenario));
        }
        for content_type in ["application/xml", "TEXT/XML; charset=utf-8"] {
            assert!(matches!(read(&answer(299, content_type, "no <XML")), Ok(Instruction::Twiml)));
        }
        assert!(matches!(read(&answer(200, "Application/JSON;v=1", json)), Ok(Instruction::Create(_))));
    }

    #[test]
    fn whk_5_json_must_be_an_object_with_keys_of_the_right_types() {
        for json in [
            "[]",
            "\"{}\"",
            "{}",
            "{",
            r#"{"participantIdentifier":null}"#,
            r#"{"participantIdentifier":"\ud800"}"#,
            r#"{"participantIdentifier":"x","uniqueName":7}"#,
            r#"{"participantIdentifier":"x","mode":null}"#,
            r#"{"participantIdentifier":"x","dateExpiry":1767225600}"#,
            r#"{"participantIdentifier":"x","participantProxyIdentifier":{}}"#,
            r#"{"participantIdentifier":"x","ttl":"-1"}"#,
            r#"{"participantIdentifier":"x","ttl":""}"#,
            r#"{"participantIdentifier":"x","ttl":1.5}"#,
            r#"{"participantIdentifier":"x","ttl":true}"#,
        ] {
            assert!(read_wish(json).is_none(), "{json}");
        }
        let nested = format!(r#"{{"participantIdentifier":"x","other":{}{}}}"#, "[".repeat(10_000), "]".repeat(10_000));
        assert!(read_wish(&nested).is_none());
        assert!(read_wish(r#"{"participantIdentifier":"x","other":[null]}"#).is_some());
    }

    #[test]
    fn whk_5_a_ttl_is_an_integer_or_a_text_of_digits() {
        let ttl = |json: &str| read_wish(&format!(r#"{{"participantIdentifier":"x","ttl":{json}}}"#)).unwrap().ttl;
        assert_eq!(ttl("60"), Some(Ttl::from_seconds(60)));
        assert_eq!(ttl("\"0060\""), Some(Ttl::from_seconds(60)));
        for beyond in
            ["-1", "2147483647", "\"2147483647\"", "1".repeat(30).as_str(), &format!("\"{}\"", "1".repeat(30))]
        {
            assert_eq!(ttl(beyond), Some(Err(TtlOutOfRange)), "{beyond}");
        }
        assert_eq!(read_wish(r#"{"participantIdentifier":"x"}"#).and_then(|wish| wish.ttl), None);
    }

    fn session(json: &str, from: Option<&str>, to: &str) -> Result<NewSession, AutoCreateError> {
        let sids = AutoCreateSids {
            session: crate::sid::SessionSid::from_u128(1),
            caller: ParticipantSid::from_u128(1),
            partner: ParticipantSid::from_u128(2),
        };
        let from = from.map(|from| from.parse().unwrap());
        read_wish(json).unwrap().into_session(from, to.parse().unwrap(), sids, Timestamp::MIN)
    }

    #[test]
    fn whk_4_without_a_mode_channels_and_short_codes_make_it_message_only() {
        let mode = |partner: &str, from: &str, to: &str| {
            session(&format!(r#"{{"participantIdentifier":"{partner}"}}"#), Some(from), to).map(|new| new.mode)
        };
        let [phone, channel] = ["+15558675310", "whatsapp:+15558675311"];
        assert_eq!(mode(phone, "+15558675311", "+14155551212"), Ok(SessionMode::VoiceAndMessage));
        assert_eq!(mode(channel, phone, "+14155551212"), Ok(SessionMode::MessageOnly));
        assert_eq!(mode(phone, channel, "whatsapp:+14155551212"), Ok(SessionMode::MessageOnly));
        assert_eq!(mode(phone, "+15558675311", "44551"), Ok(SessionMode::MessageOnly));
        let voice = r#"{"participantIdentifier":"+15558675310","mode":"voice-only"}"#;
        assert_eq!(session(voice, Some("+15558675311"), "44551").map(|new| new.mode), Ok(SessionMode::VoiceOnly));
    }

    #[test]
    fn whk_4_parameters_are_judged_in_the_order_of_the_api() {
        let invalid = |parameter| Some(AutoCreateError::ParameterInvalid { parameter });
        let error = |json: &str| session(json, Some("+15558675311"), "+14155551212").err();
        let name = "KC00000000000000000000000000000001";
        assert_eq!(
            error(&format!(r#"{{"participantIdentifier":"x","uniqueName":"{name}","mode":"x"}}"#)),
            invalid(AutoCreateParameter::UniqueName)
        );
        assert_eq!(
            error(r#"{"participantIdentifier":"x","dateExpiry":"soon","ttl":-1}"#),
            invalid(AutoCreateParameter::DateExpiry)
        );
        assert_eq!(error(r#"{"participantIdentifier":"x","ttl":-1,"mode":"x"}"#), invalid(AutoCreateParameter::Ttl));
        assert_eq!(error(r#"{"participantIdentifier":"x","mode":"x"}"#), invalid(AutoCreateParameter::Mode));
        assert_eq!(error(r#"{"participantIdentifier":"x"}"#), Some(AutoCreateError::ParticipantIdentifierInvalid));
        assert_eq!(error(r#"{"participantIdentifier":""}"#), invalid(AutoCreateParameter::ParticipantIdentifier));
        let past = r#"{"participantIdentifier":"x","dateExpiry":"1970-01-01T00:00:00Z"}"#.to_owned();
        assert!(matches!(error(&past), Some(AutoCreateError::Session(CreateSessionError::DateExpiryNotInFuture(_)))));
        let withheld = session(r#"{"participantIdentifier":"x"}"#, None, "+14155551212");
        assert_eq!(withheld, Err(AutoCreateError::CallerWithheld));
    }
}
