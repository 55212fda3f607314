//! A participant as a value of `Participants`: a JSON object (API-2, API-10).

use alloc::borrow::Cow;
use core::fmt;

use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, Visitor};

use super::{Parameter, ParameterFlaw, Refusal, request::number_sid};
use crate::{participant::NewParticipant, sid::ParticipantSid};

/// The texts of the keys that are known. The last one counts, an empty one is none, and others are read over.
#[derive(Default)]
pub(super) struct ParticipantObject<'a> {
    identifier: Option<Cow<'a, str>>,
    friendly_name: Option<Cow<'a, str>>,
    proxy_identifier: Option<Cow<'a, str>>,
    proxy_identifier_sid: Option<Cow<'a, str>>,
}

impl ParticipantObject<'_> {
    pub(super) fn into_new(self, sid: ParticipantSid) -> Result<NewParticipant, Refusal> {
        let identifier = given(self.identifier.as_ref()).ok_or_else(|| in_participants(ParameterFlaw::NotJson))?;
        let mut new = NewParticipant::new(sid, identifier.parse().map_err(in_participants)?);
        let friendly_name = given(self.friendly_name.as_ref()).map(str::parse).transpose();
        new.friendly_name = friendly_name.map_err(in_participants)?;
        let proxy_identifier = given(self.proxy_identifier.as_ref()).map(str::parse).transpose();
        new.proxy_identifier = proxy_identifier.map_err(in_participants)?;
        let proxy_identifier_sid = given(self.proxy_identifier_sid.as_ref()).map(number_sid).transpose();
        new.proxy_identifier_sid = proxy_identifier_sid.map_err(in_participants)?;
        Ok(new)
    }
}

pub(super) fn in_participants(flaw: impl Into<ParameterFlaw>) -> Refusal {
    Refusal::Parameter { parameter: Parameter::Participants, flaw: flaw.into() }
}

fn given<'t>(text: Option<&'t Cow<'_, str>>) -> Option<&'t str> {
    text.map(|text| &**text).filter(|text| !text.is_empty())
}

impl<'de> Deserialize<'de> for ParticipantObject<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Keys)
    }
}

struct Keys;

impl<'de> Visitor<'de> for Keys {
    type Value = ParticipantObject<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut object = ParticipantObject::default();
        while let Some(key) = map.next_key::<Cow<'de, str>>()? {
            let place = match &*key {
                "Identifier" => &mut object.identifier,
                "FriendlyName" => &mut object.friendly_name,
                "ProxyIdentifier" => &mut object.proxy_identifier,
                "ProxyIdentifierSid" => &mut object.proxy_identifier_sid,
                _ => {
                    map.next_value::<IgnoredAny>()?;
                    continue;
                }
            };
            *place = Some(map.next_value()?);
        }
        Ok(object)
    }
}
