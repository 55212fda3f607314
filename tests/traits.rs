//! What the types themselves promise: which traits they have, and how large they are.
#![cfg(feature = "serde")]

use core::{
    error::Error as StdError,
    fmt::{Debug, Display},
    hash::Hash,
    str::FromStr,
};

use serde::{Serialize, de::DeserializeOwned};
use twilio_proxy_core::{
    Account, AccountCommand, AccountEvent, AccountServiceState, AccountSid, AccountState, AddNumberError,
    AddParticipantError, AnswerBody, AnswerBodyTooLong, AutoCreateError, AutoCreateParameter, AutoCreateSids,
    CallbackUrl, CancelReason, CancelledParticipant, Capabilities, ChannelAddress, ChatInstanceSid, ClosedReason, Code,
    Command, Contact, ContactKind, ContentType, CreateServiceError, CreateSessionError, DateExpiryNotInFuture,
    DeleteInteractionError, E164, Error, Event, EventFlaw, Explanation, FetchServiceError, FetchSessionError,
    FictionalNumbers, FinishAddParticipantError, FormParameters, FormParametersError, FriendlyName, GeoMatchLevel,
    Identifier, Inbound, Interaction, InteractionFlaw, InteractionSid, InteractionState, InteractionType, Leg, Level,
    LogEntry, MaximumPoolSize, Media, MediaUrl, MemberState, MessageBody, NewMessage, NewNumber, NewOwnedNumber,
    NewParticipant, NewService, NewSession, NonUniqueServiceName, Notification, NumberChoice, NumberFlaw,
    NumberSelectionBehavior, NumberSid, NumberState, NumberUpdate, NumberVerdict, OutOfSessionAnswer,
    OutOfSessionFailure, Outcome, OwnedNumber, OwnedNumberFlaw, PairInvalid, ParseCallbackUrlError, ParseE164Error,
    ParseIdentifierError, ParseMediaUrlError, ParseProxyIdentifierError, ParseProxyNumberError, ParseShortCodeError,
    ParseSidError, ParseTextError, ParseTimestampError, Participant, ParticipantFlaw, ParticipantSid, Patch,
    PendingParticipant, PendingState, PhoneNumber, PhoneNumberSid, Policy, ProxyIdentifier, ProxyNumber, ReceiveError,
    RegisterNumberError, Rejection, ReleaseNumberError, RemoveNumberError, RemoveParticipantError, Reply, Request,
    RequestPurpose, RequestedProxyIdentifier, ReservedAssignment, ResolveError, ResourceSid, ResourceStatus,
    ResourceType, RestoreAccountError, RestoreError, Route, SelectionError, SendMessageError, Service, ServiceFlaw,
    ServiceName, ServiceNotFound, ServiceSettings, ServiceSid, ServiceState, ServiceUpdate, Session, SessionClosed,
    SessionFlaw, SessionMode, SessionName, SessionNotFound, SessionSid, SessionState, SessionStatus, SessionUpdate,
    ShortCode, ShortCodeSid, Span, StatusMove, StatusMoveError, StatusReport, Timestamp, TooManyMediaUrls, Ttl,
    TtlOutOfRange, UnknownLiteral, UpdateNumberError, UpdateSessionError, Usage, Verdict, WaitingFlaw, WaitingMatter,
    WaitingState, WebhookAnswer,
    geography::{AreaCode, CallingCode, Country, ParseCountryError, Region},
    sid::kind,
};

macro_rules! assert_traits {
    ($name:ident: $bound:path $(, $more:path)* => $($type:ty),* $(,)?) => {
        const _: () = {
            const fn $name<T: $bound $(+ $more)*>() {}
            $($name::<$type>();)*
        };
    };
}

/// What an embedder may do with anything: move it to another thread, print it, keep a copy.
macro_rules! assert_common {
    ($($type:ty),* $(,)?) => {
        assert_traits!(common: Send, Sync, Unpin, Debug, Clone => $($type),*);
    };
}

assert_common!(Account, Service);

assert_traits!(plain_data: Send, Sync, Debug, Clone, Eq, Serialize, DeserializeOwned =>
    CancelledParticipant, Command, Contact, Event, FormParameters, Inbound, Interaction, InteractionState, Leg, LogEntry,
    Media, NewMessage, Notification, OutOfSessionAnswer, OutOfSessionFailure, Outcome, Request, WaitingMatter,
    WaitingState, AutoCreateError, MemberState, NewNumber, NewParticipant, NewService, NewSession, NumberState,
    Participant, PendingParticipant, PendingState, PhoneNumber, Policy, Reply, ServiceSettings, ServiceState,
    ServiceUpdate, Session, SessionState,
    AccountCommand, AccountEvent, AccountServiceState, AccountState, LogEntry<AccountCommand>, NewOwnedNumber,
    OwnedNumber,
);

assert_traits!(small_data: Send, Sync, Debug, Copy, Eq, Serialize, DeserializeOwned =>
    AutoCreateSids, CancelReason, Capabilities, ClosedReason, FictionalNumbers, GeoMatchLevel, Rejection, StatusReport,
    WebhookAnswer,
    NumberChoice, NumberSelectionBehavior, NumberUpdate, ReservedAssignment, SessionMode, SessionStatus, SessionUpdate,
    Span, Ttl,
);

assert_traits!(literals: Send, Sync, Debug, Display, Copy, Hash, Ord, FromStr, Serialize, DeserializeOwned =>
    ContactKind, InteractionType, RequestPurpose, ResourceStatus, ResourceType,
);

assert_traits!(contents: Send, Sync, Debug, Display, Clone, Eq, FromStr, Serialize, DeserializeOwned =>
    AnswerBody, ContentType, MediaUrl, MessageBody,
);

assert_traits!(keys: Send, Sync, Debug, Display, Copy, Hash, Ord, FromStr, Serialize, DeserializeOwned =>
    AutoCreateParameter,
);

assert_traits!(questions: Send, Sync, Debug, Copy, Eq => Route<'static>);

assert_traits!(defaults: Default =>
    AnswerBody, FormParameters, Media, MessageBody, OutOfSessionAnswer, WebhookAnswer,
    Capabilities, FictionalNumbers, GeoMatchLevel, NumberSelectionBehavior, NumberUpdate, Patch<CallbackUrl>, Policy,
    NumberChoice, ReservedAssignment, ServiceUpdate, SessionMode, SessionUpdate, Ttl,
);

assert_traits!(sids: Send, Sync, Debug, Display, Copy, Hash, Ord, FromStr, Serialize, DeserializeOwned =>
    AccountSid, ChatInstanceSid, InteractionSid, NumberSid, ParticipantSid, PhoneNumberSid, ServiceSid, SessionSid,
    ShortCodeSid,
);

assert_traits!(resource_sids: Send, Sync, Debug, Display, Copy, Hash, Ord, FromStr, Serialize, DeserializeOwned =>
    ResourceSid,
);

assert_traits!(small_addresses: Send, Sync, Debug, Display, Copy, Hash, Ord, FromStr, Serialize, DeserializeOwned =>
    E164, ProxyNumber, ShortCode, Timestamp,
);

assert_traits!(addresses: Send, Sync, Debug, Display, Clone, Hash, Ord, FromStr, Serialize, DeserializeOwned =>
    CallbackUrl, FriendlyName, Identifier, ProxyIdentifier,
);

assert_traits!(texts: Send, Sync, Debug, Display, Clone, Hash, Eq, FromStr, Serialize, DeserializeOwned =>
    RequestedProxyIdentifier, ServiceName, SessionName,
);

assert_traits!(channel_addresses: Send, Sync, Debug, Display, Clone, Hash, Ord => ChannelAddress);

assert_traits!(geography: Send, Sync, Debug, Copy, Hash, Ord => AreaCode, CallingCode, Country, Region);

assert_traits!(catalogue: Send, Sync, Debug, Copy, Hash, Eq => Code, Level, Usage);

assert_traits!(answers: Send, Sync, Debug, Clone, Eq =>
    Explanation, NumberVerdict, StatusMove, StatusMoveError, Verdict, PairInvalid,
);

assert_traits!(errors: StdError, Send, Sync, Clone, Eq =>
    AnswerBodyTooLong, AutoCreateError, DeleteInteractionError, EventFlaw, FormParametersError, InteractionFlaw,
    ParseMediaUrlError, ReceiveError, ResolveError, SendMessageError, TooManyMediaUrls, WaitingFlaw,
    AddNumberError, AddParticipantError, CreateSessionError, DateExpiryNotInFuture, Error, FetchSessionError,
    FinishAddParticipantError, MaximumPoolSize, NumberFlaw, ParseCallbackUrlError, ParseCountryError, ParseE164Error,
    ParseIdentifierError, ParseProxyIdentifierError, ParseProxyNumberError, ParseShortCodeError, ParseSidError,
    ParseTextError, ParseTimestampError, ParticipantFlaw, RemoveNumberError, RemoveParticipantError, RestoreError,
    SelectionError, SessionClosed, SessionFlaw, SessionNotFound, TtlOutOfRange, UnknownLiteral, UpdateNumberError,
    UpdateSessionError,
    CreateServiceError, FetchServiceError, NonUniqueServiceName, OwnedNumberFlaw, RegisterNumberError,
    ReleaseNumberError, RestoreAccountError, ServiceFlaw, ServiceNotFound,
);

assert_traits!(refusals: Serialize, DeserializeOwned =>
    AutoCreateError, DeleteInteractionError, ReceiveError, ResolveError, SendMessageError,
    AddNumberError, AddParticipantError, CreateServiceError, CreateSessionError, DateExpiryNotInFuture, Error,
    FetchServiceError, FetchSessionError, FinishAddParticipantError, MaximumPoolSize, NonUniqueServiceName,
    PairInvalid, RegisterNumberError, ReleaseNumberError, RemoveNumberError, RemoveParticipantError, SelectionError,
    ServiceNotFound, SessionClosed, SessionNotFound, UpdateNumberError, UpdateSessionError,
);

assert_traits!(serialised_answers: Serialize => Explanation);

assert_traits!(sids_of_any_kind: Send, Sync, Copy =>
    twilio_proxy_core::sid::Sid<kind::Session>, twilio_proxy_core::sid::Sid<kind::Participant>,
);

/// A line a type: how many bytes it takes.
macro_rules! sizes {
    ($($type:ty),* $(,)?) => {
        [$((stringify!($type), size_of::<$type>())),*].map(|(name, size)| format!("{name}: {size}")).join("\n")
    };
}

#[test]
#[cfg(target_pointer_width = "64")]
fn sizes_are_as_planned() {
    insta::assert_snapshot!(sizes![
        SessionSid,
        E164,
        Option<E164>,
        Identifier,
        ProxyIdentifier,
        Timestamp,
        Option<Timestamp>,
        Participant,
        Session,
        PhoneNumber,
        AddParticipantError,
        Error,
        Command,
        Event,
        Interaction,
        Inbound,
        Outcome,
        Leg,
        Request,
        Notification,
    ]);
}
