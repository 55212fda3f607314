//! What holds for any bytes at all (INV-5): one function a fuzz target.
//!
//! Each reads its input with nothing but what an embedder has, and compares what comes of it with a second opinion that is
//! shorter or slower. What a fuzzer finds is thus an argument for an ordinary test.
//!
//! ```
//! use twilio_proxy_core::testing::properties::{self, Violation};
//!
//! properties::sid(b"KC0123456789ABCDEF0123456789abcdef")?;
//! properties::address(b" whatsapp:+14155551212\n")?;
//! properties::address(&[0xff, 0])?;
//! # Ok::<(), Violation>(())
//! ```

mod address;
mod command_json;
#[cfg(feature = "arbitrary")]
mod differential;
#[cfg(feature = "rest")]
mod rest;
mod sid;
mod state_json;

use alloc::{
    format,
    string::{String, ToString},
};
use core::{
    fmt::{self, Debug, Display},
    str::FromStr,
};

use serde::{Serialize, de::DeserializeOwned};

#[cfg(feature = "arbitrary")]
pub use self::differential::{commands, traffic};
#[cfg(feature = "rest")]
pub use self::rest::rest;
pub use self::{address::address, command_json::command_json, sid::sid, state_json::state_json};

/// An input for which a property does not hold, and how.
///
/// ```
/// use twilio_proxy_core::testing::properties;
///
/// // There is none: this never prints anything.
/// if let Err(violation) = properties::sid(b"KC0123") {
///     println!("{violation}");
/// }
/// ```
#[derive(Clone, Eq, PartialEq, thiserror::Error)]
#[error("{0}")]
pub struct Violation(String);

/// As `Display`, so that `unwrap` shows it well.
impl Debug for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Display::fmt(self, f)
    }
}

/// Two that should be the same are.
#[expect(clippy::needless_pass_by_value, reason = "most are made for the call")]
fn agree<T: Debug + PartialEq>(what: &str, found: T, expected: T) -> Result<(), Violation> {
    if found == expected {
        Ok(())
    } else {
        Err(Violation(format!("{what}:\n   found {found:?}\nexpected {expected:?}")))
    }
}

/// Something is so, which no input should make an error of.
fn sure<T>(what: &str, result: Result<T, impl Display>) -> Result<T, Violation> {
    result.map_err(|error| Violation(format!("{what}: {error}")))
}

/// A text of the API: it is printed and parsed, and its JSON is that text.
trait Text: Debug + Display + PartialEq + FromStr<Err: Display> + Serialize + DeserializeOwned {}

impl<T: Debug + Display + PartialEq + FromStr<Err: Display> + Serialize + DeserializeOwned> Text for T {}

/// What every accepted text promises: it prints canonically, and that is the same again, as text and as JSON.
fn round_trips(value: &impl Text, canonical: &str) -> Result<(), Violation> {
    agree("printed form", value.to_string().as_str(), canonical)?;
    agree("parsed again", &sure("parsed again", canonical.parse())?, value)?;
    agree("JSON", json_round_trip(value)?, serde_json::Value::from(canonical).to_string())
}

/// The JSON of a value that is itself again when it is read back.
fn json_round_trip<T: Debug + PartialEq + Serialize + DeserializeOwned>(value: &T) -> Result<String, Violation> {
    let json = sure("to JSON", serde_json::to_string(value))?;
    agree("from JSON", &sure("from JSON", serde_json::from_str(&json))?, value)?;
    Ok(json)
}
