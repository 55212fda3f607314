//! Why a number cannot be added, changed, removed or selected.

use crate::{
    address::{E164, ProxyNumber},
    code::Code,
    geography::{AreaCode, Country},
    number::NumberSid,
    sid::ServiceSid,
};

/// Why a number cannot be added to a pool, in the order of the checks (NUM-7). What the account owns, and what is in its
/// other pools, is checked in an [`Account`](crate::Account) alone.
///
/// ```
/// # use twilio_proxy_core::{NewNumber, NewService, Policy, Service, Timestamp, sid};
/// use twilio_proxy_core::AddNumberError;
///
/// # let new = NewService::new(
/// #     sid!("KS00000000000000000000000000000001"),
/// #     sid!("AC00000000000000000000000000000001"),
/// #     "rides".parse()?,
/// # );
/// # let now = Timestamp::MIN;
/// # let mut service = Service::new(new, Policy::default(), now);
/// # let number = NewNumber::phone(sid!("PN00000000000000000000000000000001"), "+14155551212".parse()?);
/// # service.add_number(number, now)?;
/// let sid = sid!("PN00000000000000000000000000000001");
/// let error = service.add_number(NewNumber::phone(sid, "+14155559999".parse()?), now).unwrap_err();
/// let AddNumberError::PhoneNumberAlreadyInService { existing } = error else { unreachable!() };
/// assert_eq!(existing.phone_number(), Some(sid));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize), serde(rename_all = "snake_case"))]
#[non_exhaustive]
pub enum AddNumberError {
    /// 80701: neither SID nor number is given (NUM-8).
    #[error("'PhoneNumber' is invalid. Either it or 'Sid' must be given")]
    NumberMissing,
    /// 80301: the account does not own the phone number that the SID names, or else the number (NUM-8).
    #[error("Phone Number SID is not associated with the Account SID.")]
    PhoneNumberNotOwned {
        /// The SID that was given.
        sid: Option<NumberSid>,
        /// The number that was given.
        phone_number: Option<ProxyNumber>,
    },
    /// 80303: the account does not own the short code that the SID names, or else the digits (NUM-8).
    #[error("Short Code Sid is not associated with your Account.")]
    ShortCodeNotOwned {
        /// The SID that was given.
        sid: Option<NumberSid>,
        /// The number that was given.
        phone_number: Option<ProxyNumber>,
    },
    /// 80701: SID and number are of two numbers that the account owns (NUM-8).
    #[error("'PhoneNumber' is invalid. It is not the number that 'Sid' names")]
    DifferentNumbers {
        /// The one that has the SID.
        by_sid: NumberSid,
        /// The one that has the number.
        by_number: NumberSid,
    },
    /// 80104: the phone number, or its SID, is in the pool (NUM-2).
    #[error("PhoneNumber has already been added to Service")]
    PhoneNumberAlreadyInService {
        /// The entry that has the SID, else the one that has the number.
        existing: NumberSid,
    },
    /// 80105: the short code, or its SID, is in the pool (NUM-2).
    #[error("ShortCode has already been added to Service")]
    ShortCodeAlreadyInService {
        /// The entry that has the SID, else the one that has the short code.
        existing: NumberSid,
    },
    /// 80101: it is in the pool of another service of the account (NUM-2).
    #[error("the number has been added to service {other_service}")]
    NumberAlreadyInAnotherService {
        /// That service.
        other_service: ServiceSid,
    },
    /// 80622: the pool is full (NUM-3).
    #[error(transparent)]
    MaximumPoolSize(#[from] MaximumPoolSize),
}

impl AddNumberError {
    /// Its code in the error catalogue.
    #[must_use]
    pub const fn code(&self) -> Code {
        match self {
            Self::NumberMissing | Self::DifferentNumbers { .. } => Code::ParameterInvalid,
            Self::PhoneNumberNotOwned { .. } => Code::PhoneNumberSidNotFound,
            Self::ShortCodeNotOwned { .. } => Code::ShortCodeSidNotFound,
            Self::PhoneNumberAlreadyInService { .. } => Code::PhoneNumberAlreadyInService,
            Self::ShortCodeAlreadyInService { .. } => Code::ShortCodeAlreadyInService,
            Self::NumberAlreadyInAnotherService { .. } => Code::NumberAlreadyInAnotherService,
            Self::MaximumPoolSize(_) => Code::MaximumPoolSize,
        }
    }
}

/// Why a number of a pool cannot be changed, in the order of the checks.
///
/// ```
/// # use twilio_proxy_core::{NewService, Policy, Service, Timestamp, sid};
/// use twilio_proxy_core::{NumberUpdate, PhoneNumberSid, UpdateNumberError};
///
/// # let new = NewService::new(
/// #     sid!("KS00000000000000000000000000000001"),
/// #     sid!("AC00000000000000000000000000000001"),
/// #     "rides".parse()?,
/// # );
/// # let now = Timestamp::MIN;
/// # let mut service = Service::new(new, Policy::default(), now);
/// let sid: PhoneNumberSid = sid!("PN00000000000000000000000000000009");
/// let error = service.update_number(sid, NumberUpdate::default(), now).unwrap_err();
/// assert_eq!(error, UpdateNumberError::NumberNotFound { number: sid.into() });
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize), serde(rename_all = "snake_case"))]
#[non_exhaustive]
pub enum UpdateNumberError {
    /// 20404: the pool has no number with this SID.
    #[error("The requested resource {number} was not found")]
    NumberNotFound {
        /// What was asked for.
        number: NumberSid,
    },
    /// 80622: there are as many numbers as there may be of the kind that it would become (NUM-3).
    #[error(transparent)]
    MaximumPoolSize(#[from] MaximumPoolSize),
}

impl UpdateNumberError {
    /// Its code in the error catalogue.
    #[must_use]
    pub const fn code(&self) -> Code {
        match self {
            Self::NumberNotFound { .. } => Code::NotFound,
            Self::MaximumPoolSize(_) => Code::MaximumPoolSize,
        }
    }
}

/// Why a number cannot be removed from a pool, in the order of the checks.
///
/// ```
/// # use twilio_proxy_core::{NewNumber, NewParticipant, NewService, NewSession, Policy, Service, Timestamp, sid};
/// use twilio_proxy_core::{PhoneNumberSid, RemoveNumberError};
///
/// # let new = NewService::new(
/// #     sid!("KS00000000000000000000000000000001"),
/// #     sid!("AC00000000000000000000000000000001"),
/// #     "rides".parse()?,
/// # );
/// # let now = Timestamp::MIN;
/// # let mut service = Service::new(new, Policy::default(), now);
/// # let number = NewNumber::phone(sid!("PN00000000000000000000000000000001"), "+14155551212".parse()?);
/// # service.add_number(number, now)?;
/// # let ride = service.create_session(NewSession::new(sid!("KC00000000000000000000000000000001")), now)?.sid;
/// # let alice = NewParticipant::new(sid!("KP00000000000000000000000000000001"), "+15558675310".parse()?);
/// # let alice = service.add_participant(ride, alice, now)?.sid;
/// let sid: PhoneNumberSid = sid!("PN00000000000000000000000000000001");
/// let error = service.remove_number(sid, now).unwrap_err();
/// let RemoveNumberError::InUse { in_use, .. } = error else { unreachable!() };
/// assert_eq!(in_use, 1); // reserve it, and wait until none does
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize), serde(rename_all = "snake_case"))]
#[non_exhaustive]
pub enum RemoveNumberError {
    /// 20404: the pool has no number with this SID.
    #[error("The requested resource {number} was not found")]
    NumberNotFound {
        /// What was asked for.
        number: NumberSid,
    },
    /// 80611: active sessions use it. Reserve it and wait until none does (NUM-5).
    #[error("Proxy Number cannot be removed from Service.  It is in use by one or more Sessions.")]
    InUse {
        /// The number.
        number: NumberSid,
        /// How many active sessions use it.
        in_use: u32,
    },
}

impl RemoveNumberError {
    /// Its code in the error catalogue.
    #[must_use]
    pub const fn code(&self) -> Code {
        match self {
            Self::NumberNotFound { .. } => Code::NotFound,
            Self::InUse { .. } => Code::ProxyNumberInActiveSessions,
        }
    }
}

/// 80622: a pool may hold 500 unreserved and 5000 reserved numbers, short codes included (NUM-3).
///
/// ```
/// use twilio_proxy_core::{AddNumberError, Code, MaximumPoolSize};
///
/// let error = AddNumberError::from(MaximumPoolSize { reserved: false, limit: 500 });
/// assert_eq!(error.to_string(), "the pool may hold at most 500 unreserved numbers");
/// assert_eq!(error.code(), Code::MaximumPoolSize);
/// ```
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
#[expect(clippy::exhaustive_structs, reason = "a test writes down the error that it expects")]
#[error("the pool may hold at most {limit} {} numbers", if *reserved { "reserved" } else { "unreserved" })]
pub struct MaximumPoolSize {
    /// Which of the two limits it is.
    pub reserved: bool,
    /// The limit.
    pub limit: u32,
}

/// Why no number can be selected, in the order of the checks (SEL-7).
///
/// ```
/// # use twilio_proxy_core::{NewNumber, NewService, NewSession, Policy, Service, Timestamp, sid};
/// use twilio_proxy_core::{SelectionError, geography::Country};
///
/// # let new = NewService::new(
/// #     sid!("KS00000000000000000000000000000001"),
/// #     sid!("AC00000000000000000000000000000001"),
/// #     "rides".parse()?,
/// # );
/// # let now = Timestamp::MIN;
/// # let mut service = Service::new(new, Policy::default(), now);
/// # let number = NewNumber::phone(sid!("PN00000000000000000000000000000001"), "+14155551212".parse()?);
/// # service.add_number(number, now)?;
/// # let ride = service.create_session(NewSession::new(sid!("KC00000000000000000000000000000001")), now)?.sid;
/// let outcome = service.explain_selection(ride, &"+447911123456".parse()?, now)?.outcome;
/// let Err(SelectionError::NoNumberForCountry { country }) = outcome else { unreachable!() };
/// assert_eq!(country, Some(Country::GB)); // buy one there
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize), serde(rename_all = "snake_case"))]
#[non_exhaustive]
pub enum SelectionError {
    /// 80205: the pool is empty.
    #[error("{NO_COMPATIBLE} This Service has no Proxy numbers configured.")]
    NoNumbers,
    /// 80203: no number serves the country.
    #[error(
        "{NO_COMPATIBLE} This Service has no available Proxy numbers for country code {}.",
        country.map_or("001", Country::as_str)
    )]
    NoNumberForCountry {
        /// The country of the identifier; `None` if its calling code belongs to none, which prints as `001`.
        country: Option<Country>,
    },
    /// 80201: no number of the country carries calls both ways.
    #[error("{NO_COMPATIBLE} This Service has no available Proxy numbers having voice capabilities.")]
    NoVoiceNumber,
    /// 80202: no number of the country carries text messages both ways.
    #[error("{NO_COMPATIBLE} This Service has no available Proxy numbers having sms capabilities.")]
    NoMessageNumber,
    /// 80206: some numbers carry calls and some text messages, but none carries both.
    #[error("{NO_COMPATIBLE} Failed to find a proxy number for {}.", identifier.masked())]
    NoNumberForBoth {
        /// Whom the number was to be for.
        identifier: E164,
    },
    /// 80206: no number lies in the area that the geographic match level asks for.
    #[error("{NO_COMPATIBLE} Failed to find a proxy number for {}.", identifier.masked())]
    NoNumberInArea {
        /// Whom the number was to be for.
        identifier: E164,
        /// Its area code; `None` if it is too short or too long for one.
        area_code: Option<AreaCode>,
    },
    /// 80207: every number that matches is reserved.
    #[error("{NO_COMPATIBLE}")]
    NoUnreservedNumber,
    /// 80208: the identifier has every number that matches in other active sessions. More numbers would help, or fewer
    /// sessions at a time (SEL-10).
    #[error(
        "{NO_COMPATIBLE} Failed to find a proxy number for {}. \
         All matching proxies for this Participant are already in use in other Sessions.",
        identifier.masked()
    )]
    NoUnusedNumber {
        /// Whom the number was to be for.
        identifier: E164,
    },
}

const NO_COMPATIBLE: &str = "This Service has no compatible Proxy numbers for this Participant.";

impl SelectionError {
    /// Its code in the error catalogue.
    #[must_use]
    pub const fn code(&self) -> Code {
        match self {
            Self::NoNumbers => Code::NoProxiesForService,
            Self::NoNumberForCountry { .. } => Code::NoAvailableProxyForCountry,
            Self::NoVoiceNumber => Code::NoAvailableVoiceProxy,
            Self::NoMessageNumber => Code::NoAvailableMessageProxy,
            Self::NoNumberForBoth { .. } | Self::NoNumberInArea { .. } => Code::NoAvailableProxy,
            Self::NoUnreservedNumber => Code::NoUnreservedProxy,
            Self::NoUnusedNumber { .. } => Code::NoAvailableUnusedProxy,
        }
    }
}
