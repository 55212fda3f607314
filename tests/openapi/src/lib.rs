//! A judge of the REST surface: Twilio's own OpenAPI document, as the environment variable `TWILIO_PROXY_OPENAPI` names it.
//!
//! The comparison is the test of this package, which stands apart so that the core's dependency list stays short.
