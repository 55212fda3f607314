//! The flags, and the files that they name.

use std::{
    fmt::Display,
    fs,
    net::SocketAddr,
    path::{Path, PathBuf},
    sync::Arc,
};

use clap::Parser;
use serde::de::DeserializeOwned;
use serde_json::Value;
use twilio_proxy_core::{AccountSid, Policy, Timestamp};

use crate::{clock::ClockMode, machine::Beginning, number_to_own::NumberToOwn};

/// Twilio Proxy on your machine: what Twilio's client libraries talk to, without phones and without money.
#[derive(Debug, Parser)]
#[command(version, after_help = "EMULATOR_LOG=error|warn|info|debug|trace says how much is logged (default: info).")]
pub(crate) struct Options {
    /// Where to listen; port 0 takes a free one
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8080")]
    pub(crate) listen: SocketAddr,

    /// The account, and the user name of every request
    #[arg(long, value_name = "SID", default_value = "AC00000000000000000000000000000001")]
    pub(crate) account_sid: AccountSid,

    /// The password of every request, and the key that signs webhooks
    #[arg(long, value_name = "TOKEN", default_value = "emulator-auth-token", value_parser = auth_token)]
    pub(crate) auth_token: Arc<str>,

    /// Keep everything in this folder [default: in memory]
    #[arg(long, value_name = "DIR")]
    pub(crate) data: Option<PathBuf>,

    /// Whether time passes by itself, or only when it is told to
    #[arg(long, value_enum, default_value_t)]
    clock: ClockMode,

    /// Where a manual clock starts [default: the present]
    #[arg(long, value_name = "RFC3339")]
    now: Option<Timestamp>,

    /// JSON of the policy of a new account: what to do where Twilio's documents are silent or disagree
    #[arg(long, value_name = "FILE")]
    policy: Option<PathBuf>,

    /// JSON list of the numbers that the account owns
    #[arg(long, value_name = "FILE")]
    inventory: Option<PathBuf>,

    /// Refuse to add a number that the account does not own, instead of registering it on the spot
    #[arg(long)]
    strict_inventory: bool,
}

/// A token that can be written into a line of code as it is.
fn auth_token(text: &str) -> Result<Arc<str>, &'static str> {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    if text.is_empty() || !text.bytes().all(is_plain) {
        return Err("it must have letters, digits and -._~ only, and at least one of them");
    }
    Ok(text.into())
}

impl Options {
    /// What the emulator starts from, with the files read.
    pub(crate) fn beginning(&self) -> Result<Beginning, String> {
        if self.now.is_some() && self.clock == ClockMode::Real {
            return Err("--now is for --clock manual: a real clock starts at the present".into());
        }
        let policy = self.policy.as_deref().map(read_json::<Policy>).transpose()?;
        let inventory = self.inventory.as_deref().map(read_inventory).transpose()?.unwrap_or_default();
        Ok(Beginning {
            account_sid: self.account_sid,
            policy,
            inventory,
            strict_inventory: self.strict_inventory,
            clock: self.clock,
            now: self.now,
        })
    }
}

fn read_json<T: DeserializeOwned>(path: &Path) -> Result<T, String> {
    let wrong = |error: &dyn Display| format!("{}: {error}", path.display());
    let text = fs::read(path).map_err(|error| wrong(&error))?;
    serde_json::from_slice(&text).map_err(|error| wrong(&error))
}

/// The numbers of an inventory, each by itself, so that what is wrong has a place.
fn read_inventory(path: &Path) -> Result<Vec<NumberToOwn>, String> {
    let number = |value| {
        let number: NumberToOwn = serde_json::from_value(value).map_err(|error| error.to_string())?;
        number.clone().registration(None).map_err(|error| error.to_string())?;
        Ok(number)
    };
    let place = |index, error| format!("{}: number {index}: {error}", path.display());
    let values = read_json::<Vec<Value>>(path)?.into_iter().enumerate();
    values.map(|(index, value)| number(value).map_err(|error: String| place(index, error))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_flags_fit_together() {
        Options::command().debug_assert();
    }
}
