//! The services of one account: what must be unique among them, the numbers that the account owns, and one clock for all.
//!
//! A command is checked against the other services first, and is then a command of its service alone. What it may have
//! changed for the account, the next deadline and the next event of that service, is brought up to date at once.

mod directory;
mod error;
mod state;

use alloc::collections::BTreeMap;
use core::fmt;
#[cfg(feature = "rest")]
use core::ops::RangeBounds;

use self::directory::{Directory, ServiceSlot};
pub use self::{
    error::{CreateServiceError, FetchServiceError, NonUniqueServiceName, ServiceNotFound},
    state::{AccountServiceState, AccountState, OwnedNumberFlaw, RestoreAccountError, ServiceFlaw},
};
use crate::{
    address::{Identifier, ProxyIdentifier, ProxyNumber},
    event::{Event, Notification},
    hash::Hasher,
    interaction::ContactKind,
    inventory::{Inventory, NewOwnedNumber, NumberChoice, OwnedNumber, RegisterNumberError, ReleaseNumberError},
    number::{NewNumber, NumberSid},
    policy::Policy,
    pool::AddNumberError,
    service::{NewService, Route, Service, ServiceSettings, ServiceUpdate},
    sid::{AccountSid, ServiceSid},
    text::ServiceName,
    time::Timestamp,
};

/// The Proxy services of one account, and the numbers that it owns: a deterministic state machine like [`Service`].
///
/// It is changed by [`apply`](Self::apply) alone, and shows its services as they are. What no service can know by itself is
/// decided here: names are unique (SVC-1), a number is owned before it is in a pool (NUM-8) and in one pool at a time
/// (NUM-2), the number that is dialled tells the service (RTE-1).
///
/// ```
/// use twilio_proxy_core::{
///     Account, AccountCommand, Command, NewOwnedNumber, NewService, NewSession, NumberChoice, Policy, Timestamp, sid,
/// };
///
/// let now = Timestamp::MIN;
/// let mut account = Account::new(sid!("AC00000000000000000000000000000001"), Policy::default(), now);
/// let service = sid!("KS00000000000000000000000000000001");
/// let number = sid!("PN00000000000000000000000000000001");
/// let choice = NumberChoice { phone_number: Some("+14155551212".parse()?), ..NumberChoice::default() };
/// let ride = NewSession::new(sid!("KC00000000000000000000000000000001"));
/// for command in [
///     AccountCommand::CreateService { new: NewService::new(service, account.sid(), "rides".parse()?) },
///     AccountCommand::RegisterNumber { new: NewOwnedNumber::phone(number, "+14155551212".parse()?) },
///     AccountCommand::AddNumber { service, choice },
///     AccountCommand::Service { service, command: Command::CreateSession { new: ride } },
/// ] {
///     account.apply(command, now)?;
/// }
/// let rides = account.service_by_name("rides").expect("it was created");
/// assert_eq!((rides.numbers().count(), rides.sessions().count()), (1, 1));
///
/// // What there is to do, and when to come back:
/// while let Some(event) = account.poll_event() {
///     println!("{event:?}");
/// }
/// let wake_me_at: Option<Timestamp> = account.next_deadline();
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// A command costs what it costs in its service and a constant, but for the logarithm of the number of services in the
/// indexes of deadlines and events.
///
/// # Time
///
/// One latest instant counts for all services (TIM-2), and whatever is due in any of them is done first (TIM-3). A
/// [`Service`] that is looked at here has seen the instants at which it had to do, and answers questions as of now all the
/// same: nothing in it was due since.
///
/// # Hash seed
///
/// As for [`Service`]: strangers' input asks for [`with_hash_seed`](Self::with_hash_seed), whose seed the services have too.
#[derive(Clone)]
pub struct Account {
    sid: AccountSid,
    policy: Policy,
    latest_instant: Timestamp,
    /// How many services were ever created: the place of the next one.
    services_created: u64,
    directory: Directory,
    inventory: Inventory,
    /// Notifications of services that are deleted, which nothing discards (INV-6), by their place among all events.
    left_behind: BTreeMap<u64, (ServiceSid, Notification)>,
    hash_seed: Option<u64>,
}

/// An event, and the service in which it arose (WHK-6).
///
/// ```
/// # use twilio_proxy_core::{Account, AccountCommand, Command, NewService, Policy, ServiceSid, Timestamp, sid};
/// use twilio_proxy_core::{Event, WebhookAnswer};
///
/// # let now = Timestamp::MIN;
/// # let mut account = Account::new(sid!("AC00000000000000000000000000000001"), Policy::default(), now);
/// # let service = ServiceSid::from_u128(1);
/// # let new = NewService::new(service, account.sid(), "rides".parse()?);
/// # account.apply(AccountCommand::CreateService { new }, now)?;
/// let url = "https://rides.example.com/proxy".parse()?;
/// let command = Command::ReportCallback { url, answer: WebhookAnswer::None };
/// account.apply(AccountCommand::Service { service, command }, now)?;
/// let Some(failure) = account.poll_event() else { unreachable!() };
/// assert_eq!(failure.service, service);
/// assert!(matches!(failure.event, Event::Notification(_)));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize), serde(deny_unknown_fields))]
#[expect(clippy::exhaustive_structs, reason = "an event and whose it is")]
#[must_use]
pub struct AccountEvent {
    /// The service.
    pub service: ServiceSid,
    /// The event.
    pub event: Event,
}

impl Account {
    /// An account without services and numbers.
    ///
    /// ```
    /// use twilio_proxy_core::{Account, Policy, Timestamp, sid};
    ///
    /// let account = Account::new(sid!("AC00000000000000000000000000000001"), Policy::default(), Timestamp::MIN);
    /// assert_eq!(account.services().count(), 0);
    /// ```
    #[must_use]
    pub fn new(sid: AccountSid, policy: Policy, now: Timestamp) -> Self {
        Self::empty(sid, policy, now, None)
    }

    /// The same with a seed for the hash tables, its own and those of its services: see [`Service`].
    ///
    /// ```
    /// use twilio_proxy_core::{Account, Policy, Timestamp, sid};
    ///
    /// let drawn = 0x9e37_79b9_7f4a_7c15; // from a source of randomness
    /// let sid = sid!("AC00000000000000000000000000000001");
    /// let account = Account::with_hash_seed(sid, Policy::default(), Timestamp::MIN, drawn);
    /// assert_eq!(account.state(), Account::new(sid, Policy::default(), Timestamp::MIN).state());
    /// ```
    #[must_use]
    pub fn with_hash_seed(sid: AccountSid, policy: Policy, now: Timestamp, hash_seed: u64) -> Self {
        Self::empty(sid, policy, now, Some(hash_seed))
    }

    fn empty(sid: AccountSid, policy: Policy, latest_instant: Timestamp, hash_seed: Option<u64>) -> Self {
        let hasher = Hasher::new(hash_seed);
        Self {
            sid,
            policy,
            latest_instant,
            services_created: 0,
            inventory: Inventory::new(&hasher),
            directory: Directory::new(hasher),
            left_behind: BTreeMap::new(),
            hash_seed,
        }
    }

    /// Its SID.
    ///
    /// ```
    /// # use twilio_proxy_core::{Account, Policy, Timestamp, sid};
    /// let sid = sid!("AC00000000000000000000000000000001");
    /// assert_eq!(Account::new(sid, Policy::default(), Timestamp::MIN).sid(), sid);
    /// ```
    #[must_use]
    pub const fn sid(&self) -> AccountSid {
        self.sid
    }

    /// The choices that it was created with, which all of its services have.
    ///
    /// ```
    /// # use twilio_proxy_core::{Account, Policy, Timestamp, sid};
    /// let sid = sid!("AC00000000000000000000000000000001");
    /// assert_eq!(Account::new(sid, Policy::default(), Timestamp::MIN).policy(), &Policy::default());
    /// ```
    #[must_use]
    pub const fn policy(&self) -> &Policy {
        &self.policy
    }

    /// The latest instant seen, which is what an earlier one counts as in every service (TIM-2).
    ///
    /// ```
    /// # use twilio_proxy_core::{Account, Policy, Timestamp, sid};
    /// # let mut account = Account::new(sid!("AC00000000000000000000000000000001"), Policy::default(), Timestamp::MIN);
    /// let later = "2026-01-01T00:00:00Z".parse()?;
    /// account.handle_deadline(later);
    /// account.handle_deadline(Timestamp::MIN);
    /// assert_eq!(account.latest_instant(), later);
    /// # Ok::<(), twilio_proxy_core::ParseTimestampError>(())
    /// ```
    #[must_use]
    pub const fn latest_instant(&self) -> Timestamp {
        self.latest_instant
    }

    /// The service with this SID (SVC-5).
    ///
    /// ```
    /// # use twilio_proxy_core::{Account, AccountCommand, NewService, Policy, Timestamp, sid};
    /// # let now = Timestamp::MIN;
    /// # let mut account = Account::new(sid!("AC00000000000000000000000000000001"), Policy::default(), now);
    /// let sid = sid!("KS00000000000000000000000000000001");
    /// assert!(account.service(sid).is_none());
    /// let new = NewService::new(sid, account.sid(), "rides".parse()?);
    /// account.apply(AccountCommand::CreateService { new }, now)?;
    /// assert!(account.service(sid).is_some());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn service(&self, service: ServiceSid) -> Option<&Service> {
        self.directory.service(self.directory.slot_of_sid(service)?)
    }

    /// The service with this name (SVC-5).
    ///
    /// ```
    /// # use twilio_proxy_core::{Account, AccountCommand, NewService, Policy, ServiceSid, Timestamp, sid};
    /// # let now = Timestamp::MIN;
    /// # let mut account = Account::new(sid!("AC00000000000000000000000000000001"), Policy::default(), now);
    /// # let new = NewService::new(ServiceSid::from_u128(1), account.sid(), "rides".parse()?);
    /// # account.apply(AccountCommand::CreateService { new }, now)?;
    /// assert!(account.service_by_name("rides").is_some());
    /// assert!(account.service_by_name("Rides").is_none());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn service_by_name(&self, unique_name: &str) -> Option<&Service> {
        self.directory.service(self.directory.slot_of_name(unique_name)?)
    }

    /// The service that a path segment names: by SID if it has the form of one, else by name (TXT-5, SVC-5).
    ///
    /// ```
    /// # use twilio_proxy_core::{Account, Policy, Timestamp, sid};
    /// # let account = Account::new(sid!("AC00000000000000000000000000000001"), Policy::default(), Timestamp::MIN);
    /// let error = account.fetch_service("KS00000000000000000000000000000001").unwrap_err();
    /// assert_eq!(error.code().number(), 20404);
    /// ```
    ///
    /// # Errors
    ///
    /// [`FetchServiceError`], 20404.
    pub fn fetch_service(&self, sid_or_name: &str) -> Result<&Service, FetchServiceError> {
        match sid_or_name.parse() {
            Ok(service) => Ok(self.service(service).ok_or(ServiceNotFound { service })?),
            Err(_) => self.service_by_name(sid_or_name).ok_or(FetchServiceError::ServiceNameNotFound),
        }
    }

    /// Every service, in the order of creation.
    ///
    /// ```
    /// # use twilio_proxy_core::{Account, AccountCommand, NewService, Policy, ServiceSid, Timestamp, sid};
    /// # let now = Timestamp::MIN;
    /// # let mut account = Account::new(sid!("AC00000000000000000000000000000001"), Policy::default(), now);
    /// for (n, name) in [(7, "rides"), (3, "meals")] {
    ///     let new = NewService::new(ServiceSid::from_u128(n), account.sid(), name.parse()?);
    ///     account.apply(AccountCommand::CreateService { new }, now)?;
    /// }
    /// let names: Vec<&str> = account.services().map(|service| service.settings().unique_name.as_str()).collect();
    /// assert_eq!(names, ["rides", "meals"]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn services(&self) -> impl DoubleEndedIterator<Item = &Service> {
        self.directory.records().map(|record| &record.service)
    }

    /// The services between two places in the order of creation, with their places.
    #[cfg(feature = "rest")]
    pub(crate) fn services_at(
        &self,
        places: impl RangeBounds<u64>,
    ) -> impl DoubleEndedIterator<Item = (u64, &Service)> {
        self.directory.records_at(places).map(|record| (record.ordinal, &record.service))
    }

    /// How many services were ever created.
    #[cfg(feature = "rest")]
    pub(crate) const fn services_created(&self) -> u64 {
        self.services_created
    }

    /// The service that has a number in its pool, and so takes what is dialled there (RTE-1).
    ///
    /// ```
    /// # use twilio_proxy_core::{Account, Policy, Timestamp, sid};
    /// # let account = Account::new(sid!("AC00000000000000000000000000000001"), Policy::default(), Timestamp::MIN);
    /// assert!(account.service_of_number("+14155551212".parse()?).is_none());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn service_of_number(&self, number: ProxyNumber) -> Option<&Service> {
        self.service(self.inventory.of_number(number)?.service?)
    }

    /// The number of the account with this SID, in a pool or not (NUM-8).
    ///
    /// ```
    /// # use twilio_proxy_core::{Account, PhoneNumberSid, Policy, Timestamp, sid};
    /// # let account = Account::new(sid!("AC00000000000000000000000000000001"), Policy::default(), Timestamp::MIN);
    /// assert_eq!(account.owned_number(PhoneNumberSid::from_u128(1)), None);
    /// ```
    #[must_use]
    pub fn owned_number(&self, number: impl Into<NumberSid>) -> Option<&OwnedNumber> {
        self.inventory.of_sid(number.into())
    }

    /// Every number of the account, in the order of registrations (NUM-8).
    ///
    /// ```
    /// # use twilio_proxy_core::{Account, AccountCommand, NewOwnedNumber, Policy, Timestamp, sid};
    /// # let now = Timestamp::MIN;
    /// # let mut account = Account::new(sid!("AC00000000000000000000000000000001"), Policy::default(), now);
    /// let new = NewOwnedNumber::phone(sid!("PN00000000000000000000000000000001"), "+14155551212".parse()?);
    /// account.apply(AccountCommand::RegisterNumber { new }, now)?;
    /// assert_eq!(account.owned_numbers().count(), 1);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn owned_numbers(&self) -> impl DoubleEndedIterator<Item = &OwnedNumber> {
        self.inventory.iter()
    }

    /// Who would be reached if somebody contacted a number at `now`, and if nobody, why: the service whose pool has the
    /// number tells it (RTE-1, RTE-9). At a channel address it finds nobody; for those, ask
    /// [the service](Service::route) that the contact is for.
    ///
    /// ```
    /// # use twilio_proxy_core::{Account, Policy, Timestamp, sid};
    /// use twilio_proxy_core::{ContactKind, Route};
    ///
    /// # let account = Account::new(sid!("AC00000000000000000000000000000001"), Policy::default(), Timestamp::MIN);
    /// let route = account.route(None, &"+14155551212".parse()?, ContactKind::Call, Timestamp::MIN);
    /// assert_eq!(route, Route::UnknownProxyIdentifier);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn route(
        &self,
        from: Option<&Identifier>,
        to: &ProxyIdentifier,
        kind: ContactKind,
        now: Timestamp,
    ) -> Route<'_> {
        match to.number().and_then(|number| self.service_of_number(number)) {
            Some(service) => service.route(from, to, kind, now.max(self.latest_instant)),
            None => Route::UnknownProxyIdentifier,
        }
    }

    /// The earliest instant at which something will happen by itself in a service (TIM-4).
    ///
    /// ```
    /// # use twilio_proxy_core::{Account, Policy, Timestamp, sid};
    /// let account = Account::new(sid!("AC00000000000000000000000000000001"), Policy::default(), Timestamp::MIN);
    /// assert_eq!(account.next_deadline(), None);
    /// ```
    #[must_use]
    pub fn next_deadline(&self) -> Option<Timestamp> {
        self.directory.first_deadline().map(|(instant, _)| instant)
    }

    /// Does all that is due at `now`, in whichever service: by instant, then by creation of the service, then by creation
    /// of the session (TIM-3). It is [`AccountCommand::HandleDeadline`](crate::AccountCommand::HandleDeadline).
    ///
    /// ```
    /// # use twilio_proxy_core::{Account, Policy, Timestamp, sid};
    /// # let mut account = Account::new(sid!("AC00000000000000000000000000000001"), Policy::default(), Timestamp::MIN);
    /// account.handle_deadline("2026-01-01T00:00:00Z".parse()?);
    /// assert_eq!(account.latest_instant().to_string(), "2026-01-01T00:00:00Z");
    /// # Ok::<(), twilio_proxy_core::ParseTimestampError>(())
    /// ```
    pub fn handle_deadline(&mut self, now: Timestamp) {
        self.latest_instant = self.latest_instant.max(now);
        while let Some((instant, slot)) = self.directory.first_deadline()
            && instant <= self.latest_instant
        {
            self.directory.operate(slot, |service| service.handle_deadline(instant));
        }
    }

    /// The next event of any service, in the order in which they arose (WHK-6).
    ///
    /// ```
    /// # use twilio_proxy_core::{Account, Policy, Timestamp, sid};
    /// let mut account = Account::new(sid!("AC00000000000000000000000000000001"), Policy::default(), Timestamp::MIN);
    /// assert_eq!(account.poll_event(), None);
    /// ```
    pub fn poll_event(&mut self) -> Option<AccountEvent> {
        let first_left_behind = self.left_behind.first_key_value().map(|(place, _)| *place);
        match self.directory.first_event() {
            Some((place, slot)) if first_left_behind.is_none_or(|left_behind| place < left_behind) => {
                let poll = |service: &mut Service| Some((service.settings().sid, service.poll_event()?));
                self.directory.operate(slot, poll)?.map(|(service, event)| AccountEvent { service, event })
            }
            Some(_) | None => {
                let (_, (service, notification)) = self.left_behind.pop_first()?;
                Some(AccountEvent { service, event: notification.into() })
            }
        }
    }

    pub(crate) fn existing(&self, service: ServiceSid) -> Result<ServiceSlot, ServiceNotFound> {
        self.directory.slot_of_sid(service).ok_or(ServiceNotFound { service })
    }

    /// Lets a service do something that concerns no other, at the latest instant.
    pub(crate) fn operate<T>(
        &mut self,
        service: ServiceSid,
        operation: impl FnOnce(&mut Service, &Inventory, Timestamp) -> T,
    ) -> Result<T, ServiceNotFound> {
        let slot = self.existing(service)?;
        let (inventory, now) = (&self.inventory, self.latest_instant);
        let result = self.directory.operate(slot, |service| operation(service, inventory, now));
        result.ok_or(ServiceNotFound { service })
    }

    pub(crate) fn create_service(&mut self, mut new: NewService) -> Result<ServiceSettings, CreateServiceError> {
        if new.account_sid != self.sid {
            return Err(CreateServiceError::AnotherAccount { account: new.account_sid });
        }
        if self.service(new.sid).is_some() {
            return Err(CreateServiceError::SidTaken { service: new.sid });
        }
        self.check_name(new.sid, &new.unique_name)?;
        new.hash_seed = new.hash_seed.or(self.hash_seed);
        let service = Service::new(new, self.policy.clone(), self.latest_instant);
        let settings = service.settings().clone();
        self.directory.insert(service, self.services_created);
        self.services_created = self.services_created.saturating_add(1);
        Ok(settings)
    }

    /// Whether a service may have this name (SVC-1).
    pub(crate) fn check_name(
        &self,
        service: ServiceSid,
        unique_name: &ServiceName,
    ) -> Result<(), NonUniqueServiceName> {
        let namesake = self.service_by_name(unique_name.as_str()).map(|service| service.settings().sid);
        match namesake.filter(|namesake| *namesake != service) {
            Some(existing) => Err(NonUniqueServiceName { unique_name: unique_name.clone(), existing }),
            None => Ok(()),
        }
    }

    /// Lets a service take settings whose name was checked.
    pub(crate) fn update_service(
        &mut self,
        service: ServiceSid,
        update: ServiceUpdate,
    ) -> Result<ServiceSettings, ServiceNotFound> {
        let slot = self.existing(service)?;
        let now = self.latest_instant;
        let settings = self.directory.rename(slot, |service| service.update_service(update, now).clone());
        settings.ok_or(ServiceNotFound { service })
    }

    /// Deletes a service with all that is in it; its numbers are free for another pool (SVC-4).
    pub(crate) fn delete_service(&mut self, service: ServiceSid) -> Result<(), ServiceNotFound> {
        let slot = self.existing(service)?;
        let deleted = self.directory.remove(slot).ok_or(ServiceNotFound { service })?;
        for number in deleted.numbers() {
            self.inventory.assign(number.sid, None);
        }
        let notifications = deleted.into_notifications();
        self.left_behind.extend(notifications.map(|(place, notification)| (place, (service, notification))));
        Ok(())
    }

    pub(crate) fn register_number(&mut self, new: NewOwnedNumber) -> Result<OwnedNumber, RegisterNumberError> {
        self.inventory.register(new.into_owned_number())
    }

    pub(crate) fn release_number(&mut self, number: NumberSid) -> Result<(), ReleaseNumberError> {
        self.inventory.release(number)
    }

    /// The addition to a pool that a choice among the owned numbers stands for.
    pub(crate) fn chosen_number(&self, choice: NumberChoice) -> Result<NewNumber, AddNumberError> {
        let number = self.inventory.pick(choice.sid, choice.phone_number)?;
        let mut new = NewNumber::of(number.sid, number.phone_number);
        new.is_reserved = choice.is_reserved;
        Ok(new)
    }

    /// Checks an addition to a pool by what the account owns and where it is (NUM-7), and fills in what it leaves out.
    pub(crate) fn complete_number(&self, service: ServiceSid, new: &mut NewNumber) -> Result<(), AddNumberError> {
        let number = self.inventory.pick(Some(new.sid()), Some(new.number()))?;
        if let Some(other_service) = number.service.filter(|other| *other != service) {
            return Err(AddNumberError::NumberAlreadyInAnotherService { other_service });
        }
        number.complete(new);
        Ok(())
    }

    /// Says which service has a number in its pool from now on.
    pub(crate) fn assign_number(&mut self, number: NumberSid, service: Option<ServiceSid>) {
        self.inventory.assign(number, service);
    }
}

/// Without the hash seed, which is secret.
impl fmt::Debug for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Account")
            .field("sid", &self.sid)
            .field("policy", &self.policy)
            .field("latest_instant", &self.latest_instant)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        command::{AccountCommand, Command},
        hash::tests::LOOK_UPS,
        interaction::Inbound,
        inventory::NewOwnedNumber,
        session::NewSession,
        sid::{InteractionSid, PhoneNumberSid, SessionSid},
    };

    /// As many services as asked for, each with a number.
    fn account(services: u32) -> Account {
        let mut account = Account::new(AccountSid::from_u128(1), Policy::default(), Timestamp::MIN);
        for n in 0..services {
            let service = ServiceSid::from_u128(n.into());
            let new = NewService::new(service, account.sid(), alloc::format!("service-{n}").parse().unwrap());
            let number = alloc::format!("+14155550{n:03}").parse().unwrap();
            let owned = NewOwnedNumber::phone(PhoneNumberSid::from_u128(n.into()), number);
            let choice = NumberChoice { sid: Some(owned.sid()), ..NumberChoice::default() };
            for command in [
                AccountCommand::CreateService { new },
                AccountCommand::RegisterNumber { new: owned },
                AccountCommand::AddNumber { service, choice },
            ] {
                account.apply(command, Timestamp::MIN).unwrap();
            }
        }
        account
    }

    fn look_ups(operation: impl FnOnce()) -> u32 {
        let before = LOOK_UPS.get();
        operation();
        LOOK_UPS.get().abs_diff(before)
    }

    #[test]
    fn inv_5_an_account_adds_a_few_look_ups_however_many_services_there_are() {
        for services in [1, 300] {
            let mut account = account(services);
            let service = ServiceSid::from_u128(0);
            let mut alone = account.service(service).unwrap().clone();

            let command = Command::CreateSession { new: NewSession::new(SessionSid::from_u128(1)) };
            let inner = look_ups(|| assert!(alone.apply(command.clone(), Timestamp::MIN).is_ok()));
            let command = AccountCommand::Service { service, command };
            let outer = look_ups(|| assert!(account.apply(command, Timestamp::MIN).is_ok()));
            assert_eq!(outer.abs_diff(inner), 1, "of the service");

            let (interaction, call) = (InteractionSid::from_u128(1), "CA00000000000000000000000000000001");
            let inbound = Inbound::call(interaction, call.parse().unwrap(), None, "+14155550000".parse().unwrap());
            let inner = look_ups(|| assert!(alone.receive(inbound.clone(), Timestamp::MIN).is_ok()));
            let command = AccountCommand::Receive { inbound };
            let outer = look_ups(|| assert!(account.apply(command, Timestamp::MIN).is_ok()));
            assert_eq!(outer.abs_diff(inner), 3, "of the number, and twice of its service");
        }
    }
}
