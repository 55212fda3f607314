use alloc::{string::String, vec::Vec};

use base64::{Engine, engine::general_purpose::STANDARD};
use hmac::{Hmac, Mac};
use sha1::Sha1;

use super::Request;

/// The `X-Twilio-Signature` of a POST: Twilio's request validation (feature `signature`).
///
/// HMAC-SHA1, in base64, of the URL and, sorted by name, every parameter: its name, then its value. Of a name with
/// several values each value counts once, in order. The URL is taken as it is, port and all.
///
/// ```
/// use twilio_proxy_core::signature;
///
/// let parameters = [
///     ("CallSid", "CA1234567890ABCDE"),
///     ("Caller", "+14158675309"),
///     ("Digits", "1234"),
///     ("From", "+14158675309"),
///     ("To", "+18005551212"),
/// ];
/// let signature = signature("https://mycompany.com/myapp.php?foo=1&bar=2", &parameters, "12345");
/// assert_eq!(signature, "RSOYDt4T1cUTdK1PDd93/VVr8B8=");
/// ```
#[must_use]
pub fn signature<N: AsRef<str>, V: AsRef<str>>(url: &str, parameters: &[(N, V)], auth_token: &str) -> String {
    let mut sorted: Vec<(&str, &str)> =
        parameters.iter().map(|(name, value)| (name.as_ref(), value.as_ref())).collect();
    sorted.sort_unstable();
    sorted.dedup();
    // HMAC takes a key of any length: the constructor cannot fail.
    let Ok(mut hmac) = Hmac::<Sha1>::new_from_slice(auth_token.as_bytes()) else { return String::new() };
    hmac.update(url.as_bytes());
    for (name, value) in sorted {
        hmac.update(name.as_bytes());
        hmac.update(value.as_bytes());
    }
    STANDARD.encode(hmac.finalize().into_bytes())
}

impl Request {
    /// Its [`signature`], to be sent along as `X-Twilio-Signature`.
    ///
    /// ```
    /// # use twilio_proxy_core::{NewNumber, NewService, Policy, Service, Timestamp, sid};
    /// use twilio_proxy_core::{Event, Inbound};
    ///
    /// # let mut new = NewService::new(
    /// #     sid!("KS00000000000000000000000000000001"),
    /// #     sid!("AC00000000000000000000000000000001"),
    /// #     "rides".parse()?,
    /// # );
    /// # new.out_of_session_callback_url = Some("https://rides.example.com/strangers".parse()?);
    /// # let now = Timestamp::MIN;
    /// # let mut service = Service::new(new, Policy::default(), now);
    /// # let number = NewNumber::phone(sid!("PN00000000000000000000000000000001"), "+14155551212".parse()?);
    /// # service.add_number(number, now)?;
    /// let call = "CA00000000000000000000000000000001".parse()?;
    /// let inbound = Inbound::call(sid!("KI00000000000000000000000000000001"), call, None, "+14155551212".parse()?);
    /// service.receive(inbound, now)?;
    /// let requests = std::iter::from_fn(|| service.poll_event()).filter_map(|event| match event {
    ///     Event::Request(request) => Some(request),
    ///     _ => None,
    /// });
    /// for request in requests {
    ///     assert_eq!(request.signature("12345").len(), 28); // 20 bytes in Base64
    /// }
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn signature(&self, auth_token: &str) -> String {
        signature(self.url.as_str(), &self.parameters, auth_token)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const URL: &str = "https://mycompany.com/myapp.php?foo=1&bar=2";

    #[test]
    fn whk_1_signatures_are_those_of_twilios_own_libraries() {
        let parameters = [
            ("To", "+18005551212"),
            ("CallSid", "CA1234567890ABCDE"),
            ("From", "+14158675309"),
            ("Caller", "+14158675309"),
            ("Digits", "1234"),
        ];
        assert_eq!(signature(URL, &parameters, "12345"), "RSOYDt4T1cUTdK1PDd93/VVr8B8=", "whatever the order");
        let repeated =
            [("Sid", "CA123"), ("SidAccount", "AC123"), ("Digits", "5678"), ("Digits", "1234"), ("Digits", "1234")];
        assert_eq!(signature(URL, &repeated, "12345"), "IK+Dwps556ElfBT0I3Rgjkr1wJU=");
    }
}
