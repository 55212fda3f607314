use alloc::format;

use arbitrary::Unstructured;

use super::{Violation, agree, sure};
use crate::{
    Service,
    testing::{Histories, check, histories},
};

/// A history without traffic, as the bytes spell it: machine and reference give the same answers, events, deadlines and
/// states all along, and what there is in the end can be restored (INV-1, INV-2, INV-4).
///
/// ```
/// use twilio_proxy_core::testing::properties;
///
/// properties::commands(b"The bytes of a fuzzer: one for each choice.")?;
/// # Ok::<(), properties::Violation>(())
/// ```
///
/// # Errors
///
/// The shortest part of the history after which the two differ, and in what.
pub fn commands(input: &[u8]) -> Result<(), Violation> {
    behaves_as_the_reference(&histories().without_traffic(), input)
}

/// The same of a history with calls, messages, verdicts of intercepts, and answers out of session.
///
/// ```
/// use twilio_proxy_core::testing::properties;
///
/// properties::traffic(b"The bytes of a fuzzer: one for each choice.")?;
/// # Ok::<(), properties::Violation>(())
/// ```
///
/// # Errors
///
/// The shortest part of the history after which the two differ, and in what.
pub fn traffic(input: &[u8]) -> Result<(), Violation> {
    behaves_as_the_reference(&histories(), input)
}

fn behaves_as_the_reference(histories: &Histories, input: &[u8]) -> Result<(), Violation> {
    let history = histories.from_bytes(&mut Unstructured::new(input));
    let mut service = history.service();
    if check(&mut service, &history).is_err() {
        let shortest = history.reduced(|shorter| check(&mut shorter.service(), shorter).is_err());
        return check(&mut shortest.service(), &shortest)
            .map_err(|divergence| Violation(format!("{divergence}\n{shortest:?}")));
    }
    let restored = sure("restored", Service::restore(service.state()))?;
    agree("restored state", restored.state(), service.state())
}
