//! The emulator as its users have it: a program that listens on a socket.

#![expect(clippy::std_instead_of_alloc, clippy::std_instead_of_core, reason = "a program has all of std")]
#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "what helps a test fails as one does"
)]

mod control;
mod durability;
mod flags;
mod harness;
mod hostile;
mod logs;
