//! A participant as a value of `Participants`: a JSON object (API-2, API-10).

use alloc::string::String;
use core::{fmt, str::FromStr};

use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, Visitor};

use super::{Parameter, ParameterFlaw, Refusal, request::number_sid};
use crate::{participant::NewParticipant, sid::ParticipantSid};

/// The texts of the keys that are known. The last one counts, an empty one is none, and others are read over.
#[derive(Default)]
pub(super) struct ParticipantObject {
    identifier: String,
    friendly_name: String,
    proxy_identifier: String,
    proxy_identifier_sid: String,
}

impl ParticipantObject {
    pub(super) fn read(value: &str) -> Result<Self, Refusal> {
        let object = serde_json::from_str(value).ok().filter(|object: &Self| !object.identifier.is_empty());
        object.ok_or(Refusal::Parameter { parameter: Parameter::Participants, flaw: ParameterFlaw::NotJson })
    }

    pub(super) fn into_new(self, sid: ParticipantSid) -> Result<NewParticipant, Refusal> {
        let identifier = parsed(Parameter::Identifier, &self.identifier)?;
        let mut new = NewParticipant::new(sid, identifier);
        new.friendly_name = given(&self.friendly_name).map(|text| parsed(Parameter::FriendlyName, text)).transpose()?;
        let proxy_identifier = given(&self.proxy_identifier);
        new.proxy_identifier = proxy_identifier.map(|text| parsed(Parameter::ProxyIdentifier, text)).transpose()?;
        let proxy_identifier_sid = given(&self.proxy_identifier_sid).map(number_sid).transpose();
        new.proxy_identifier_sid = proxy_identifier_sid
            .map_err(|flaw| Refusal::Parameter { parameter: Parameter::ProxyIdentifierSid, flaw })?;
        Ok(new)
    }
}

fn given(text: &str) -> Option<&str> {
    (!text.is_empty()).then_some(text)
}

fn parsed<T: FromStr<Err: Into<ParameterFlaw>>>(parameter: Parameter, text: &str) -> Result<T, Refusal> {
    text.parse().map_err(|error: T::Err| Refusal::Parameter { parameter, flaw: error.into() })
}

impl<'de> Deserialize<'de> for ParticipantObject {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Keys)
    }
}

struct Keys;

impl<'de> Visitor<'de> for Keys {
    type Value = ParticipantObject;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut object = ParticipantObject::default();
        while let Some(key) = map.next_key::<String>()? {
            let place = match key.as_str() {
                "Identifier" => &mut object.identifier,
                "FriendlyName" => &mut object.friendly_name,
                "ProxyIdentifier" => &mut object.proxy_identifier,
                "ProxyIdentifierSid" => &mut object.proxy_identifier_sid,
                _ => {
                    map.next_value::<IgnoredAny>()?;
                    continue;
                }
            };
            *place = map.next_value()?;
        }
        Ok(object)
    }
}
