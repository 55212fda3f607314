//! Every test of the public API, in one program: it is built and linked once.

extern crate alloc;

mod account;
mod account_commands;
mod account_differential;
mod account_state;
mod arbitrary;
mod census;
mod commands;
mod common;
mod conflicts;
mod differential;
mod erasure;
mod error_catalogue;
mod exhaustive;
mod expiry;
mod interactions;
mod invariants;
mod messages;
#[cfg(all(feature = "proptest", feature = "serde"))]
mod naive;
mod number_pool;
mod orders;
mod participants;
mod precedence;
mod properties;
mod rest;
mod rest_hostile;
mod rest_pages;
mod route_allocates_nothing;
mod routing;
mod rules;
mod scripts;
mod selection;
mod service_settings;
mod sessions;
mod sids;
mod state;
mod testing;
mod traits;
mod webhooks;
