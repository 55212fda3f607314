//! Nothing but [`properties::rest`].
#![no_main]

use libfuzzer_sys::fuzz_target;
use twilio_proxy_core::testing::properties;

fuzz_target!(|input: &[u8]| properties::rest(input).unwrap());
