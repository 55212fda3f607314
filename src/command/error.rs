//! Why an operation is refused, whichever it was.

use crate::{
    account::{CreateServiceError, FetchServiceError, NonUniqueServiceName, ServiceNotFound},
    code::Code,
    inventory::{RegisterNumberError, ReleaseNumberError},
    pool::{AddNumberError, RemoveNumberError, SelectionError, UpdateNumberError},
    service::{
        AddParticipantError, AutoCreateError, CreateSessionError, DeleteInteractionError, FetchSessionError,
        FinishAddParticipantError, ReceiveError, RemoveParticipantError, ResolveError, SendMessageError,
        SessionNotFound, UpdateSessionError,
    },
};

macro_rules! errors {
    ($($(#[$doc:meta])* $variant:ident($type:ident),)*) => {
        /// Why an operation is refused, whichever it was.
        ///
        /// ```
        /// # use twilio_proxy_core::{NewService, Policy, Service, Timestamp, sid};
        /// use twilio_proxy_core::{Command, Error};
        ///
        /// # let new = NewService::new(
        /// #     sid!("KS00000000000000000000000000000001"),
        /// #     sid!("AC00000000000000000000000000000001"),
        /// #     "rides".parse()?,
        /// # );
        /// # let now = Timestamp::MIN;
        /// # let mut service = Service::new(new, Policy::default(), now);
        /// let session = sid!("KC00000000000000000000000000000009");
        /// match service.apply(Command::DeleteSession { session }, now) {
        ///     Err(Error::DeleteSession(error)) => assert_eq!(error.session, session),
        ///     other => panic!("{other:?}"),
        /// }
        /// # Ok::<(), Box<dyn std::error::Error>>(())
        /// ```
        #[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
        #[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize), serde(rename_all = "snake_case"))]
        #[non_exhaustive]
        pub enum Error {
            $($(#[$doc])* #[error(transparent)] $variant(#[from] $type),)*
        }

        impl Error {
            /// Its code in the error catalogue.
            ///
            /// ```
            /// use twilio_proxy_core::{Error, SessionNotFound, SessionSid};
            ///
            /// let error = Error::from(SessionNotFound { session: SessionSid::from_u128(1) });
            /// assert_eq!(error.code().number(), 20404);
            /// ```
            #[must_use]
            pub const fn code(&self) -> Code {
                match self { $(Self::$variant(error) => error.code(),)* }
            }
        }

        has_http_status!(Error $($type)*);
    };
}

macro_rules! has_http_status {
    ($($type:ident)*) => {$(
        impl $type {
            /// The HTTP status of an answer with this error (API-7).
            ///
            /// ```
            /// use twilio_proxy_core::{SessionNotFound, SessionSid};
            ///
            /// let error = SessionNotFound { session: SessionSid::from_u128(1) };
            /// assert_eq!(error.http_status(), 404);
            /// ```
            #[must_use]
            pub const fn http_status(&self) -> u16 {
                match self.code().http_status() {
                    Some(status) => status,
                    None => 400,
                }
            }
        }
    )*};
}

errors! {
    /// From [`AccountCommand::CreateService`](crate::AccountCommand::CreateService).
    CreateService(CreateServiceError),
    /// From every [`AccountCommand`](crate::AccountCommand) that names a service.
    ServiceNotFound(ServiceNotFound),
    /// From [`Command::UpdateService`](crate::Command::UpdateService) in an [`Account`](crate::Account).
    UpdateService(NonUniqueServiceName),
    /// From [`AccountCommand::RegisterNumber`](crate::AccountCommand::RegisterNumber).
    RegisterNumber(RegisterNumberError),
    /// From [`AccountCommand::ReleaseNumber`](crate::AccountCommand::ReleaseNumber).
    ReleaseNumber(ReleaseNumberError),
    /// From [`Service::create_session`](crate::Service::create_session).
    CreateSession(CreateSessionError),
    /// From [`Service::update_session`](crate::Service::update_session).
    UpdateSession(UpdateSessionError),
    /// From [`Service::delete_session`](crate::Service::delete_session).
    DeleteSession(SessionNotFound),
    /// From [`Service::add_participant`](crate::Service::add_participant) and
    /// [`begin_add_participant`](crate::Service::begin_add_participant).
    AddParticipant(AddParticipantError),
    /// From [`Service::finish_add_participant`](crate::Service::finish_add_participant) and
    /// [`cancel_add_participant`](crate::Service::cancel_add_participant).
    FinishAddParticipant(FinishAddParticipantError),
    /// From [`Service::remove_participant`](crate::Service::remove_participant).
    RemoveParticipant(RemoveParticipantError),
    /// From [`Service::receive`](crate::Service::receive) and
    /// [`AccountCommand::Receive`](crate::AccountCommand::Receive).
    Receive(ReceiveError),
    /// From [`Service::resolve_intercept`](crate::Service::resolve_intercept) and
    /// [`resolve_out_of_session`](crate::Service::resolve_out_of_session).
    Resolve(ResolveError),
    /// From [`Service::send_message`](crate::Service::send_message).
    SendMessage(SendMessageError),
    /// From [`Service::delete_interaction`](crate::Service::delete_interaction).
    DeleteInteraction(DeleteInteractionError),
    /// From [`Service::add_number`](crate::Service::add_number) and
    /// [`AccountCommand::AddNumber`](crate::AccountCommand::AddNumber).
    AddNumber(AddNumberError),
    /// From [`Service::update_number`](crate::Service::update_number).
    UpdateNumber(UpdateNumberError),
    /// From [`Service::remove_number`](crate::Service::remove_number).
    RemoveNumber(RemoveNumberError),
}

has_http_status!(FetchServiceError FetchSessionError SelectionError AutoCreateError);

impl Error {
    /// Whether the same request may succeed a little later, without anybody changing anything: 80623 alone (CON-4).
    ///
    /// ```
    /// use twilio_proxy_core::{AddParticipantError, Error, SessionSid};
    ///
    /// let error = Error::from(AddParticipantError::DuplicateRequest { other_session: SessionSid::from_u128(1) });
    /// assert!(error.is_retryable());
    /// assert_eq!(error.http_status(), 409);
    /// ```
    #[must_use]
    pub fn is_retryable(&self) -> bool {
        self.code() == Code::DuplicateParticipantRequest
    }
}
