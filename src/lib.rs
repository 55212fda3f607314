#![doc = include_str!("../README.md")]
#![no_std]

extern crate alloc;
#[cfg(any(feature = "std", test))]
extern crate std;

#[macro_use]
mod macros;

mod address;
mod code;
mod command;
mod event;
pub mod geography;
mod hash;
mod number;
mod participant;
mod policy;
mod pool;
#[doc = include_str!("rules.md")]
pub mod rules {}
mod service;
mod session;
pub mod sid;
mod slab;
#[cfg(feature = "testing")]
pub mod testing;
mod text;
mod time;

pub use address::{
    ChannelAddress, E164, Identifier, ParseE164Error, ParseIdentifierError, ParseProxyIdentifierError,
    ParseProxyNumberError, ParseShortCodeError, ProxyIdentifier, ProxyNumber, RequestedProxyIdentifier, ShortCode,
};
pub use code::{Code, Level, Usage};
pub use command::{Command, LogEntry, Reply};
pub use event::{Event, Notification};
pub use number::{Capabilities, NewNumber, NumberSid, NumberUpdate, PhoneNumber};
pub use participant::{CancelReason, CancelledParticipant, NewParticipant, Participant, PendingParticipant};
pub use policy::{FictionalNumbers, Policy, ReservedAssignment};
pub use pool::{
    AddNumberError, Explanation, GeoMatchLevel, MaximumPoolSize, NumberSelectionBehavior, NumberVerdict,
    RemoveNumberError, SelectionError, UpdateNumberError, Verdict,
};
pub use service::{
    AddParticipantError, CreateSessionError, DateExpiryNotInFuture, Error, FetchSessionError,
    FinishAddParticipantError, MemberState, NewService, NumberFlaw, NumberState, PairInvalid, ParticipantFlaw, Patch,
    PendingState, RemoveParticipantError, RestoreError, Service, ServiceSettings, ServiceState, ServiceUpdate,
    SessionClosed, SessionFlaw, SessionNotFound, SessionState, UpdateSessionError,
};
pub use session::{
    ClosedReason, NewSession, Session, SessionMode, SessionStatus, SessionUpdate, StatusMove, StatusMoveError,
};
#[doc(inline)]
pub use sid::{
    AccountSid, ChatInstanceSid, InteractionSid, ParseSidError, ParticipantSid, PhoneNumberSid, ResourceSid,
    ServiceSid, SessionSid, ShortCodeSid, Sid,
};
pub use text::{
    CallbackUrl, FriendlyName, ParseCallbackUrlError, ParseTextError, ServiceName, SessionName, UniqueName,
    UnknownLiteral,
};
pub use time::{ParseTimestampError, Span, Timestamp, Ttl, TtlOutOfRange};
