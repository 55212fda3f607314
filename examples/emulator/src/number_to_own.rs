//! A number that an account is to own, as the inventory and the control plane describe it.

use serde::Deserialize;
use twilio_proxy_core::{
    Capabilities, Error, FriendlyName, NewOwnedNumber, NumberSid, PhoneNumberSid, ProxyNumber, ShortCodeSid,
    geography::Country,
};

/// A number and what there is to say of it. Without a SID it keeps the one that it has, or gets a new one.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct NumberToOwn {
    pub(crate) phone_number: ProxyNumber,
    sid: Option<NumberSid>,
    iso_country: Option<Country>,
    capabilities: Option<Capabilities>,
    friendly_name: Option<FriendlyName>,
}

/// Why an account cannot own a number.
#[derive(Debug, thiserror::Error)]
pub(crate) enum OwnError {
    #[error("{0}")]
    Kind(&'static str),
    #[error(transparent)]
    Refused(#[from] Error),
}

impl NumberToOwn {
    /// The registration of the number, with the SID that it has already, if it has one.
    pub(crate) fn registration(self, known: Option<NumberSid>) -> Result<NewOwnedNumber, OwnError> {
        let Self { phone_number, sid, iso_country, capabilities, friendly_name } = self;
        let mut new = match (phone_number, sid.or(known)) {
            (ProxyNumber::PhoneNumber(number), None) => {
                NewOwnedNumber::phone(PhoneNumberSid::from_u128(rand::random()), number)
            }
            (ProxyNumber::PhoneNumber(number), Some(NumberSid::PhoneNumber(sid))) => NewOwnedNumber::phone(sid, number),
            (ProxyNumber::ShortCode(code), None) => {
                NewOwnedNumber::short_code(ShortCodeSid::from_u128(rand::random()), code, Country::US)
            }
            (ProxyNumber::ShortCode(code), Some(NumberSid::ShortCode(sid))) => {
                NewOwnedNumber::short_code(sid, code, Country::US)
            }
            (ProxyNumber::PhoneNumber(_), Some(_)) => {
                return Err(OwnError::Kind("the SID of a phone number starts with PN"));
            }
            (ProxyNumber::ShortCode(_), Some(_)) => {
                return Err(OwnError::Kind("the SID of a short code starts with SC"));
            }
        };
        new.iso_country = iso_country;
        new.capabilities = capabilities;
        new.friendly_name = friendly_name;
        Ok(new)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn registration(value: Value) -> Result<NewOwnedNumber, String> {
        let number: NumberToOwn = serde_json::from_value(value).map_err(|error| error.to_string())?;
        number.registration(None).map_err(|error| error.to_string())
    }

    #[test]
    fn a_number_gets_a_sid_of_its_kind() {
        assert!(registration(json!({ "phone_number": "+14155551212" })).unwrap().sid().phone_number().is_some());
        let short_code = registration(json!({ "phone_number": "44551", "sid": null })).unwrap();
        assert!(short_code.sid().short_code().is_some());
        assert_eq!(short_code.iso_country, None);
        let sid = "PN00000000000000000000000000000001";
        let given = registration(json!({ "phone_number": "+14155551212", "sid": sid })).unwrap();
        assert_eq!(given.sid().to_string(), sid);
    }

    #[test]
    fn what_is_wrong_with_a_number_is_said() {
        for (value, complaint) in [
            (json!({ "phone_number": "+1" }), "short code"),
            (json!({ "phone": "+14155551212" }), "unknown field"),
            (json!({}), "missing field"),
            (json!([]), "invalid"),
            (json!({ "phone_number": "+14155551212", "sid": format!("SC{:032}", 1) }), "PN"),
            (json!({ "phone_number": "44551", "sid": format!("PN{:032}", 1) }), "SC"),
        ] {
            let error = registration(value).unwrap_err();
            assert!(error.contains(complaint), "{error}");
        }
    }
}
