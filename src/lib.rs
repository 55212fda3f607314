#![doc = include_str!("../README.md")]
#![no_std]

extern crate alloc;
#[cfg(any(feature = "std", test))]
extern crate std;

#[macro_use]
mod macros;

mod account;
mod address;
mod agenda;
#[cfg(feature = "arbitrary")]
mod arbitrary;
mod code;
mod command;
mod event;
pub mod geography;
mod hash;
mod index;
mod interaction;
mod inventory;
mod number;
mod order;
mod participant;
mod policy;
mod pool;
#[cfg(feature = "rest")]
pub mod rest;
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

pub use account::{
    Account, AccountEvent, AccountServiceState, AccountState, CreateServiceError, FetchServiceError,
    NonUniqueServiceName, OwnedNumberFlaw, RestoreAccountError, ServiceFlaw, ServiceNotFound,
};
pub use address::{
    ChannelAddress, E164, Identifier, ParseE164Error, ParseIdentifierError, ParseProxyIdentifierError,
    ParseProxyNumberError, ParseShortCodeError, ProxyIdentifier, ProxyNumber, RequestedProxyIdentifier, ShortCode,
};
pub use code::{Code, Level, Usage};
pub use command::{AccountCommand, Command, Error, LogEntry, Reply};
#[cfg(feature = "signature")]
pub use event::signature;
pub use event::{Event, Leg, Notification, Request, RequestPurpose};
pub use interaction::{
    AnswerBody, AnswerBodyTooLong, AutoCreateSids, Contact, ContactKind, ContentType, FormParameters,
    FormParametersError, Inbound, Interaction, InteractionType, Media, MediaUrl, MessageBody, NewMessage,
    OutOfSessionAnswer, ParseMediaUrlError, ResourceStatus, ResourceType, StatusReport, TooManyMediaUrls,
    WebhookAnswer,
};
pub use inventory::{NewOwnedNumber, NumberChoice, OwnedNumber, RegisterNumberError, ReleaseNumberError};
pub use number::{Capabilities, NewNumber, NumberSid, NumberUpdate, PhoneNumber};
pub use participant::{CancelReason, CancelledParticipant, NewParticipant, Participant, PendingParticipant};
pub use policy::{FictionalNumbers, Policy, ReservedAssignment};
pub use pool::{
    AddNumberError, Explanation, GeoMatchLevel, MaximumPoolSize, NumberSelectionBehavior, NumberVerdict,
    RemoveNumberError, SelectionError, UpdateNumberError, Verdict,
};
pub use service::{
    AddParticipantError, AutoCreateError, AutoCreateParameter, CreateSessionError, DateExpiryNotInFuture,
    DeleteInteractionError, EventFlaw, FetchSessionError, FinishAddParticipantError, InteractionFlaw, InteractionState,
    MemberState, NewService, NumberFlaw, NumberState, OutOfSessionFailure, Outcome, PairInvalid, ParticipantFlaw,
    Patch, PendingState, ReceiveError, Rejection, RemoveParticipantError, ResolveError, RestoreError, Route,
    SendMessageError, Service, ServiceSettings, ServiceState, ServiceUpdate, SessionClosed, SessionFlaw,
    SessionNotFound, SessionState, UpdateSessionError, WaitingFlaw, WaitingMatter, WaitingState,
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
