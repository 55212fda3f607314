//! Why an operation on an account is refused. The variants of each type stand in the order of the checks.

use crate::{
    code::Code,
    sid::{AccountSid, ServiceSid},
    text::ServiceName,
};

/// 20404: the account has no service with this SID.
///
/// ```
/// # use twilio_proxy_core::{Account, Policy, Timestamp, sid};
/// use twilio_proxy_core::{AccountCommand, Error, ServiceNotFound, ServiceSid};
///
/// # let now = Timestamp::MIN;
/// # let mut account = Account::new(sid!("AC00000000000000000000000000000001"), Policy::default(), now);
/// let service = ServiceSid::from_u128(9);
/// let error = account.apply(AccountCommand::DeleteService { service }, now).unwrap_err();
/// assert_eq!(error, Error::ServiceNotFound(ServiceNotFound { service }));
/// assert_eq!(error.http_status(), 404);
/// ```
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
#[expect(clippy::exhaustive_structs, reason = "a test writes down the error that it expects")]
#[error("The requested resource {service} was not found")]
pub struct ServiceNotFound {
    /// What was asked for.
    pub service: ServiceSid,
}

impl ServiceNotFound {
    /// Its code in the error catalogue.
    #[must_use]
    pub const fn code(&self) -> Code {
        Code::NotFound
    }
}

/// Why a service cannot be fetched by SID or name (SVC-5).
///
/// ```
/// # use twilio_proxy_core::{Account, Policy, Timestamp, sid};
/// use twilio_proxy_core::FetchServiceError;
///
/// # let account = Account::new(sid!("AC00000000000000000000000000000001"), Policy::default(), Timestamp::MIN);
/// match account.fetch_service("rides") {
///     Err(FetchServiceError::ServiceNameNotFound) => {} // create it
///     other => panic!("{other:?}"),
/// }
/// ```
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize), serde(rename_all = "snake_case"))]
#[non_exhaustive]
pub enum FetchServiceError {
    /// 20404: no service has this SID.
    #[error(transparent)]
    ServiceNotFound(#[from] ServiceNotFound),
    /// 20404: no service has this name.
    #[error("The requested resource was not found: no service has this name")]
    ServiceNameNotFound,
}

impl FetchServiceError {
    /// Its code in the error catalogue.
    #[must_use]
    pub const fn code(&self) -> Code {
        match self {
            Self::ServiceNotFound(_) | Self::ServiceNameNotFound => Code::NotFound,
        }
    }
}

/// 80602: another service of the account has this name (SVC-1).
///
/// ```
/// # use twilio_proxy_core::{Account, Policy, Timestamp, sid};
/// use twilio_proxy_core::{AccountCommand, Command, Error, NewService, ServiceSid, ServiceUpdate};
///
/// # let now = Timestamp::MIN;
/// # let mut account = Account::new(sid!("AC00000000000000000000000000000001"), Policy::default(), now);
/// let [rides, meals] = [ServiceSid::from_u128(1), ServiceSid::from_u128(2)];
/// for (service, name) in [(rides, "rides"), (meals, "meals")] {
///     let new = NewService::new(service, account.sid(), name.parse()?);
///     account.apply(AccountCommand::CreateService { new }, now)?;
/// }
/// let update = ServiceUpdate { unique_name: Some("rides".parse()?), ..ServiceUpdate::default() };
/// let command = AccountCommand::Service { service: meals, command: Command::UpdateService { update } };
/// let Err(Error::UpdateService(error)) = account.apply(command, now) else { unreachable!() };
/// assert_eq!(error.existing, rides);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
#[expect(clippy::exhaustive_structs, reason = "a test writes down the error that it expects")]
#[error("Service UniqueName must be unique.")]
pub struct NonUniqueServiceName {
    /// The name.
    pub unique_name: ServiceName,
    /// The service that has it.
    pub existing: ServiceSid,
}

impl NonUniqueServiceName {
    /// Its code in the error catalogue.
    #[must_use]
    pub const fn code(&self) -> Code {
        Code::NonUniqueServiceName
    }
}

/// Why a service cannot be created.
///
/// ```
/// # use twilio_proxy_core::{Account, Policy, Timestamp, sid};
/// use twilio_proxy_core::{AccountCommand, AccountSid, CreateServiceError, Error, NewService, ServiceSid};
///
/// # let now = Timestamp::MIN;
/// # let mut account = Account::new(sid!("AC00000000000000000000000000000001"), Policy::default(), now);
/// let new = NewService::new(ServiceSid::from_u128(1), AccountSid::from_u128(9), "rides".parse()?);
/// let error = account.apply(AccountCommand::CreateService { new }, now).unwrap_err();
/// assert_eq!(error, Error::CreateService(CreateServiceError::AnotherAccount { account: AccountSid::from_u128(9) }));
/// # Ok::<(), twilio_proxy_core::ParseTextError>(())
/// ```
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize), serde(rename_all = "snake_case"))]
#[non_exhaustive]
pub enum CreateServiceError {
    /// 80701: it is to belong to another account.
    #[error("the service is to belong to another account, {account}")]
    AnotherAccount {
        /// That account.
        account: AccountSid,
    },
    /// 20409: another service of the account has this SID (SID-4).
    #[error("the SID {service} is taken")]
    SidTaken {
        /// The SID.
        service: ServiceSid,
    },
    /// 80602: another service of the account has this name (SVC-1).
    #[error(transparent)]
    NonUniqueName(#[from] NonUniqueServiceName),
}

impl CreateServiceError {
    /// Its code in the error catalogue.
    #[must_use]
    pub const fn code(&self) -> Code {
        match self {
            Self::AnotherAccount { .. } => Code::ParameterInvalid,
            Self::SidTaken { .. } => Code::Conflict,
            Self::NonUniqueName(error) => error.code(),
        }
    }
}
