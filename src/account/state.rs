//! An account as plain data, and back (INV-2).

use alloc::{collections::BTreeSet, vec::Vec};

use super::{Account, AccountEvent};
use crate::{
    event::Event,
    hash::Hasher,
    inventory::OwnedNumber,
    number::{NumberSid, country_of},
    policy::Policy,
    service::{EventFlaw, MAX_COUNT, RestoreError, Service, ServiceState},
    sid::{AccountSid, ServiceSid},
    time::Timestamp,
};

/// All that an [`Account`] knows, as plain data.
///
#[cfg_attr(feature = "serde", doc = "```")]
#[cfg_attr(not(feature = "serde"), doc = "```ignore")]
/// use twilio_proxy_core::{Account, AccountState, Policy, Timestamp, sid};
///
/// let account = Account::new(sid!("AC00000000000000000000000000000001"), Policy::default(), Timestamp::MIN);
/// let json = serde_json::to_string(&account.state())?;
/// let state: AccountState = serde_json::from_str(&json)?;
/// assert_eq!(Account::restore(state)?.state(), account.state());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize), serde(deny_unknown_fields))]
#[non_exhaustive]
pub struct AccountState {
    /// Its SID.
    pub sid: AccountSid,
    /// The choices that it was created with.
    pub policy: Policy,
    /// The latest instant seen (TIM-2).
    pub latest_instant: Timestamp,
    /// How many services were ever created.
    pub services_created: u64,
    /// The numbers that it owns, in the order of registrations.
    pub numbers: Vec<OwnedNumber>,
    /// The services, in the order of creation.
    pub services: Vec<AccountServiceState>,
    /// Events not yet polled, of all services.
    pub events: Vec<AccountEvent>,
}

/// A service in an [`AccountState`].
///
/// ```
/// # use twilio_proxy_core::{Account, AccountCommand, NewService, Policy, ServiceSid, Timestamp, sid};
/// # let now = Timestamp::MIN;
/// # let mut account = Account::new(sid!("AC00000000000000000000000000000001"), Policy::default(), now);
/// # let new = NewService::new(ServiceSid::from_u128(1), account.sid(), "rides".parse()?);
/// # account.apply(AccountCommand::CreateService { new }, now)?;
/// let state = account.state();
/// assert_eq!(state.services[0].ordinal, 0);
/// assert_eq!(state.services[0].service.settings.unique_name.as_str(), "rides");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize), serde(deny_unknown_fields))]
#[non_exhaustive]
pub struct AccountServiceState {
    /// How many services were created before it.
    pub ordinal: u64,
    /// The service, with the policy and the latest instant of the account. Its events are among those of the account.
    pub service: ServiceState,
}

/// What is wrong with an [`AccountState`]: it is damaged, or no account was ever in it.
///
/// ```
/// # use twilio_proxy_core::{Account, AccountCommand, NewService, Policy, ServiceSid, Timestamp, sid};
/// use twilio_proxy_core::{RestoreAccountError, ServiceFlaw};
///
/// # let now = Timestamp::MIN;
/// # let mut account = Account::new(sid!("AC00000000000000000000000000000001"), Policy::default(), now);
/// # let new = NewService::new(ServiceSid::from_u128(1), account.sid(), "rides".parse()?);
/// # account.apply(AccountCommand::CreateService { new }, now)?;
/// let mut state = account.state();
/// state.services[0].ordinal = 7;
/// let error = Account::restore(state).unwrap_err();
/// let service = ServiceSid::from_u128(1);
/// assert_eq!(error, RestoreAccountError::Service { service, flaw: ServiceFlaw::Ordinal });
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum RestoreAccountError {
    /// The count of services that were ever created is beyond what any account could come to.
    #[error("the count of all services that were ever created is out of range")]
    Counts,
    /// An owned number cannot be as it is said to be.
    #[error("number {number}: {flaw}")]
    Number {
        /// The number.
        number: NumberSid,
        /// What is wrong with it.
        flaw: OwnedNumberFlaw,
    },
    /// A service cannot be in this account as it is said to be.
    #[error("service {service}: {flaw}")]
    Service {
        /// The service.
        service: ServiceSid,
        /// What is wrong with it.
        flaw: ServiceFlaw,
    },
    /// A service cannot be as it is said to be, in whichever account.
    #[error("service {service}: {error}")]
    ServiceState {
        /// The service.
        service: ServiceSid,
        /// What is wrong with it.
        #[source]
        error: RestoreError,
    },
    /// An event that is not yet polled cannot have arisen.
    #[error("event {index}: {flaw}")]
    Event {
        /// Its place, counted from 0.
        index: usize,
        /// What is wrong with it.
        flaw: EventFlaw,
    },
}

/// What is wrong with a number of an [`AccountState`].
///
/// [`RestoreAccountError::Number`] brings it; [`RestoreAccountError`] has an example.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum OwnedNumberFlaw {
    /// A phone number has the SID of a short code, or the other way round.
    #[error("its SID is of another kind")]
    Kind,
    /// It has no country, though its number lies in one (SEL-3).
    #[error("it has no country, but its number has one")]
    Country,
    /// The account owns its SID or its number twice (NUM-9).
    #[error("it is owned twice")]
    Twice,
    /// The pool of the service that it is said to be in does not have it (NUM-8).
    #[error("it is not in the pool that it is said to be in")]
    NotInPool,
}

/// What is wrong with a service of an [`AccountState`].
///
/// [`RestoreAccountError::Service`] brings it; [`RestoreAccountError`] has an example.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum ServiceFlaw {
    /// It is not behind the one before it, or beyond the count of all.
    #[error("its ordinal is out of order")]
    Ordinal,
    /// Two services have its SID.
    #[error("its SID is there twice")]
    SidTwice,
    /// Two services have its name (SVC-1).
    #[error("its name is there twice")]
    NameTwice,
    /// It belongs to another account.
    #[error("it belongs to another account")]
    Account,
    /// Its policy is not that of the account.
    #[error("its policy is not that of the account")]
    Policy,
    /// Its latest instant is not that of the account (TIM-2).
    #[error("its latest instant is not that of the account")]
    LatestInstant,
    /// It was created before the one before it.
    #[error("it was created before the one before it")]
    Dates,
    /// It has events of its own, which belong among those of the account (WHK-6).
    #[error("its events are not among those of the account")]
    Events,
    /// Its pool has a number that the account does not own, or says to be elsewhere (NUM-2, NUM-8).
    #[error("its pool has {number}, which the account does not own, or has elsewhere")]
    Pool {
        /// The number.
        number: NumberSid,
    },
}

impl Account {
    /// All that it knows, to be stored or sent, and [restored](Self::restore).
    ///
    /// ```
    /// # use twilio_proxy_core::{Account, Policy, Timestamp, sid};
    /// let account = Account::new(sid!("AC00000000000000000000000000000001"), Policy::default(), Timestamp::MIN);
    /// assert_eq!(account.state().sid, account.sid());
    /// ```
    #[must_use]
    pub fn state(&self) -> AccountState {
        let mut events: Vec<(u64, AccountEvent)> = Vec::new();
        for (place, (service, notification)) in &self.left_behind {
            events.push((*place, AccountEvent { service: *service, event: notification.clone().into() }));
        }
        let services = self.directory.records().map(|record| {
            let mut state = record.service.state();
            let service = state.settings.sid;
            let places = record.service.unpolled_events().map(|(place, _)| place);
            let own = places.zip(core::mem::take(&mut state.events));
            events.extend(own.map(|(place, event)| (place, AccountEvent { service, event })));
            state.latest_instant = self.latest_instant;
            AccountServiceState { ordinal: record.ordinal, service: state }
        });
        let services = services.collect();
        events.sort_unstable_by_key(|(place, _)| *place);
        AccountState {
            sid: self.sid,
            policy: self.policy.clone(),
            latest_instant: self.latest_instant,
            services_created: self.services_created,
            numbers: self.inventory.iter().cloned().collect(),
            services,
            events: events.into_iter().map(|(_, event)| event).collect(),
        }
    }

    /// The account that was in this state: it behaves from now on exactly as the original would have (INV-2).
    ///
    /// Everything is checked on the way, as for a [service](Service::restore): a state that is damaged or contradicts
    /// itself is refused as a whole.
    ///
    /// ```
    /// # use twilio_proxy_core::{Account, AccountCommand, NewOwnedNumber, NewService, Policy, ServiceSid, Timestamp, sid};
    /// # let now = Timestamp::MIN;
    /// # let mut account = Account::new(sid!("AC00000000000000000000000000000001"), Policy::default(), now);
    /// let number = NewOwnedNumber::phone(sid!("PN00000000000000000000000000000001"), "+14155551212".parse()?);
    /// account.apply(AccountCommand::RegisterNumber { new: number }, now)?;
    /// assert!(Account::restore(account.state()).is_ok());
    /// let mut forged = account.state();
    /// forged.numbers[0].service = Some(ServiceSid::from_u128(1));
    /// assert!(Account::restore(forged).is_err());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`RestoreAccountError`] says what is wrong first, and where.
    pub fn restore(state: AccountState) -> Result<Self, RestoreAccountError> {
        Self::restore_seeded(state, None)
    }

    /// As [`restore`](Self::restore), with a seed for the hash tables: see [`Service`].
    ///
    /// ```
    /// # use twilio_proxy_core::{Account, Policy, Timestamp, sid};
    /// # let account = Account::new(sid!("AC00000000000000000000000000000001"), Policy::default(), Timestamp::MIN);
    /// let drawn = 0x9e37_79b9_7f4a_7c15; // from a source of randomness
    /// let restored = Account::restore_with_hash_seed(account.state(), drawn)?;
    /// assert_eq!(restored.state(), account.state());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`RestoreAccountError`] says what is wrong first, and where.
    pub fn restore_with_hash_seed(state: AccountState, hash_seed: u64) -> Result<Self, RestoreAccountError> {
        Self::restore_seeded(state, Some(hash_seed))
    }

    fn restore_seeded(state: AccountState, hash_seed: Option<u64>) -> Result<Self, RestoreAccountError> {
        let AccountState { sid, policy, latest_instant, services_created, numbers, services, events } = state;
        if services_created > MAX_COUNT {
            return Err(RestoreAccountError::Counts);
        }
        let mut account = Self::empty(sid, policy, latest_instant, hash_seed);
        account.services_created = services_created;
        account.restore_numbers(numbers)?;
        account.restore_services(services)?;
        account.check_pools()?;
        account.restore_events(events)?;
        Ok(account)
    }

    fn restore_numbers(&mut self, numbers: Vec<OwnedNumber>) -> Result<(), RestoreAccountError> {
        for number in numbers {
            let sid = number.sid;
            let refuse = |flaw| Err(RestoreAccountError::Number { number: sid, flaw });
            if !sid.fits(number.phone_number) {
                return refuse(OwnedNumberFlaw::Kind);
            }
            if number.iso_country.is_none() && country_of(number.phone_number).is_some() {
                return refuse(OwnedNumberFlaw::Country);
            }
            if self.inventory.existing(sid, number.phone_number).is_some() {
                return refuse(OwnedNumberFlaw::Twice);
            }
            self.inventory.insert(number);
        }
        Ok(())
    }

    fn restore_services(&mut self, services: Vec<AccountServiceState>) -> Result<(), RestoreAccountError> {
        let hasher = Hasher::new(self.hash_seed);
        let (mut next_ordinal, mut earliest) = (0, Timestamp::MIN);
        for AccountServiceState { ordinal, service: state } in services {
            let service = state.settings.sid;
            let refuse = |flaw| RestoreAccountError::Service { service, flaw };
            if ordinal < next_ordinal || ordinal >= self.services_created {
                return Err(refuse(ServiceFlaw::Ordinal));
            }
            if state.settings.date_created < earliest {
                return Err(refuse(ServiceFlaw::Dates));
            }
            (next_ordinal, earliest) = (ordinal.saturating_add(1), state.settings.date_created);
            self.check_service(&state).map_err(refuse)?;
            let restored = Service::restore_with_hasher(state, &hasher);
            let restored = restored.map_err(|error| RestoreAccountError::ServiceState { service, error })?;
            self.directory.insert(restored, ordinal);
        }
        Ok(())
    }

    fn check_service(&self, state: &ServiceState) -> Result<(), ServiceFlaw> {
        if self.service(state.settings.sid).is_some() {
            Err(ServiceFlaw::SidTwice)
        } else if self.service_by_name(state.settings.unique_name.as_str()).is_some() {
            Err(ServiceFlaw::NameTwice)
        } else if state.settings.account_sid != self.sid {
            Err(ServiceFlaw::Account)
        } else if state.policy != self.policy {
            Err(ServiceFlaw::Policy)
        } else if state.latest_instant != self.latest_instant {
            Err(ServiceFlaw::LatestInstant)
        } else if !state.events.is_empty() {
            Err(ServiceFlaw::Events)
        } else {
            Ok(())
        }
    }

    /// Whether inventory and pools say the same of who has which number.
    fn check_pools(&self) -> Result<(), RestoreAccountError> {
        for service in self.services() {
            let sid = service.settings().sid;
            for entry in service.numbers() {
                let owned = self.inventory.of_sid(entry.sid);
                if !owned.is_some_and(|owned| owned.service == Some(sid) && owned.may_be(entry)) {
                    let flaw = ServiceFlaw::Pool { number: entry.sid };
                    return Err(RestoreAccountError::Service { service: sid, flaw });
                }
            }
        }
        for number in self.inventory.iter() {
            let pool = number.service.map(|service| self.service(service));
            let is_there = |pool: Option<&Service>| pool.is_some_and(|service| service.number(number.sid).is_some());
            if !pool.is_none_or(is_there) {
                let flaw = OwnedNumberFlaw::NotInPool;
                return Err(RestoreAccountError::Number { number: number.sid, flaw });
            }
        }
        Ok(())
    }

    fn restore_events(&mut self, events: Vec<AccountEvent>) -> Result<(), RestoreAccountError> {
        let services = u64::try_from(self.services().count()).unwrap_or(u64::MAX);
        let mut deleted = BTreeSet::new();
        for (index, AccountEvent { service, event }) in events.into_iter().enumerate() {
            let restored = match (self.directory.slot_of_sid(service), event) {
                (Some(slot), event) => self.directory.operate(slot, |service| service.restore_event(event)),
                (None, Event::Notification(notification)) => {
                    deleted.insert(service);
                    self.left_behind.insert(self.directory.take_place(), (service, notification));
                    // No more can be deleted than were created and are not there.
                    let were_there = u64::try_from(deleted.len()).unwrap_or(u64::MAX).saturating_add(services);
                    (were_there <= self.services_created).then_some(Ok(()))
                }
                (None, Event::Request(_) | Event::Leg(_)) => None,
            };
            let restored = restored.unwrap_or(Err(EventFlaw::Service));
            restored.map_err(|flaw| RestoreAccountError::Event { index, flaw })?;
        }
        Ok(())
    }
}
