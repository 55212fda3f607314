//! Answers to out-of-session requests (WHK-4, WHK-5).

use alloc::{string::String, vec};

use serde_json::{Number, Value};

use super::{
    Reference,
    sessions::check_date_expiry,
    traffic::{Arrival, is_2xx},
};
use crate::{
    AutoCreateError, AutoCreateParameter, AutoCreateSids, CreateSessionError, Identifier, InteractionSid,
    NewParticipant, NewSession, Notification, OutOfSessionAnswer, OutOfSessionFailure, Outcome, ParseIdentifierError,
    ProxyIdentifier, RequestedProxyIdentifier, ReservedAssignment, ResolveError, SessionMode, Timestamp, Ttl,
    WaitingMatter, WaitingState,
};

/// The JSON, of the right form.
struct Wish {
    participant_identifier: String,
    unique_name: Option<String>,
    mode: Option<String>,
    /// `u64::MAX` for what is negative or larger still: out of range one and all.
    ttl: Option<u64>,
    date_expiry: Option<String>,
    participant_proxy_identifier: Option<String>,
}

impl Reference {
    /// WHK-4, WHK-5
    pub(super) fn resolve_out_of_session(
        &mut self,
        interaction: InteractionSid,
        answer: &OutOfSessionAnswer,
        sids: AutoCreateSids,
        now: Timestamp,
    ) -> Result<Outcome, ResolveError> {
        let waiting = self.waiting.iter().find(|waiting| waiting.interaction == interaction).cloned();
        let Some(WaitingState { resource, contact, matter: WaitingMatter::OutOfSession { from, to, .. }, .. }) =
            waiting
        else {
            return Err(ResolveError { interaction }); // 20404
        };
        self.waiting.retain(|waiting| waiting.interaction != interaction);
        let number = to.number();
        let failed = |failure| Ok(Outcome::Failed { interaction, failure });
        if !is_2xx(answer.status) {
            self.raise(Notification::OutOfSessionCallbackError { interaction, number }); // 80913
            return failed(OutOfSessionFailure::NoSuccess);
        }
        let media_type = answer.content_type.as_ref().map_or("", |content_type| content_type.as_str());
        let media_type = media_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        let wish = match media_type.as_str() {
            "application/json" if !answer.body.is_empty() => read_wish(answer.body.as_str()),
            "application/xml" | "text/xml" if !answer.body.is_empty() => {
                return Ok(Outcome::Twiml { interaction, document: answer.body.clone() });
            }
            _ => {
                self.raise(Notification::UnknownScenario { interaction, number }); // 80905
                return failed(OutOfSessionFailure::NoScenario);
            }
        };
        let Some(wish) = wish else {
            self.raise(Notification::DocumentParseFailure { interaction, number }); // 12100
            return failed(OutOfSessionFailure::Unreadable);
        };
        let (session, caller) = match self.matching(from.as_ref(), &to) {
            Some(found) => found, // WHK-4: the JSON is not applied
            None => match self.auto_create(wish, from, to, sids, now) {
                Ok(()) => (sids.session, sids.caller),
                Err(error) => {
                    self.raise(Notification::UnknownScenario { interaction, number }); // 80905
                    return failed(OutOfSessionFailure::AutoCreate(error));
                }
            },
        };
        Ok(self.proceed(session, caller, Arrival { interaction, resource, contact }, number, now))
    }

    /// The values in this order, then SES-3.
    fn auto_create(
        &mut self,
        wish: Wish,
        from: Option<Identifier>,
        to: ProxyIdentifier,
        sids: AutoCreateSids,
        now: Timestamp,
    ) -> Result<(), AutoCreateError> {
        let invalid = |parameter| AutoCreateError::ParameterInvalid { parameter }; // 80701
        let mut new = NewSession::new(sids.session);
        if let Some(text) = wish.unique_name {
            new.unique_name = Some(text.parse().map_err(|_| invalid(AutoCreateParameter::UniqueName))?);
        }
        if let Some(text) = wish.date_expiry {
            let date_expiry = text.parse().map_err(|_| invalid(AutoCreateParameter::DateExpiry))?;
            check_date_expiry(Some(date_expiry), now).map_err(CreateSessionError::from)?; // EXP-4
            new.date_expiry = Some(date_expiry);
        }
        if let Some(seconds) = wish.ttl {
            let ttl = u32::try_from(seconds).ok().and_then(|seconds| Ttl::from_seconds(seconds).ok()); // EXP-4
            new.ttl = Some(ttl.ok_or_else(|| invalid(AutoCreateParameter::Ttl))?);
        }
        let mode = match wish.mode {
            Some(text) => Some(text.parse().map_err(|_| invalid(AutoCreateParameter::Mode))?),
            None => None,
        };
        let from = from.ok_or(AutoCreateError::CallerWithheld)?; // RTE-10: 80701
        let partner = wish.participant_identifier.parse::<Identifier>().map_err(|error| match error {
            ParseIdentifierError::Empty | ParseIdentifierError::TooLong => {
                invalid(AutoCreateParameter::ParticipantIdentifier)
            }
            ParseIdentifierError::Form => AutoCreateError::ParticipantIdentifierInvalid, // 80404
        })?;
        let partner_proxy = match wish.participant_proxy_identifier {
            Some(text) => Some(text.parse().map_err(|_| invalid(AutoCreateParameter::ParticipantProxyIdentifier))?),
            None => None,
        };

        let is_channel = |identifier: &Identifier| matches!(identifier, Identifier::Channel(_));
        let is_short_code = matches!(to, ProxyIdentifier::ShortCode(_));
        new.mode = mode.unwrap_or(if is_channel(&from) || is_channel(&partner) || is_short_code {
            SessionMode::MessageOnly
        } else {
            SessionMode::VoiceAndMessage
        });
        let mut caller = NewParticipant::new(sids.caller, from);
        caller.proxy_identifier = Some(RequestedProxyIdentifier::Recognized(to));
        let mut partner = NewParticipant::new(sids.partner, partner);
        partner.proxy_identifier = partner_proxy;
        new.participants = vec![caller, partner];
        Ok(self.create_session_with_reserved(&new, now)?)
    }

    /// PAR-8: auto-create is not asked.
    fn create_session_with_reserved(&mut self, new: &NewSession, now: Timestamp) -> Result<(), CreateSessionError> {
        let reserved_assignment = self.policy.reserved_assignment;
        self.policy.reserved_assignment = ReservedAssignment::Allow;
        let created = self.create_session(new, now);
        self.policy.reserved_assignment = reserved_assignment;
        created.map(|_| ())
    }
}

/// `u64::MAX` stands for what is negative or larger still. The text of an integer that is as large, or `-0`, is read as a float.
fn integer(number: &Number) -> Option<u64> {
    if !number.is_f64() {
        return Some(number.as_u64().unwrap_or(u64::MAX));
    }
    match number.as_f64()? {
        float if float.to_bits() == (-0.0_f64).to_bits() => Some(0),
        float => (float.abs() >= 9_223_372_036_854_775_808.0).then_some(u64::MAX),
    }
}

/// WHK-5: `None` is 12100. Unknown keys are ignored.
fn read_wish(json: &str) -> Option<Wish> {
    let Ok(Value::Object(object)) = serde_json::from_str(json) else { return None };
    let text = |key: &str| match object.get(key) {
        None => Some(None),
        Some(Value::String(text)) => Some(Some(text.clone())),
        Some(Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_)) => None,
    };
    let ttl = match object.get("ttl") {
        None => None,
        Some(Value::Number(number)) => Some(integer(number)?),
        Some(Value::String(text)) if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) => {
            Some(text.parse().unwrap_or(u64::MAX))
        }
        Some(Value::String(_) | Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_)) => return None,
    };
    Some(Wish {
        participant_identifier: text("participantIdentifier")??,
        unique_name: text("uniqueName")?,
        mode: text("mode")?,
        ttl,
        date_expiry: text("dateExpiry")?,
        participant_proxy_identifier: text("participantProxyIdentifier")?,
    })
}
