//! Several services of one account, and what the account owns.

use alloc::vec::Vec;

use super::Reference;
use crate::{
    AccountCommand, AccountEvent, AccountServiceState, AccountSid, AccountState, AddNumberError, Capabilities, Command,
    CreateServiceError, Error, Event, Inbound, NewNumber, NewOwnedNumber, NewService, NonUniqueServiceName,
    NumberChoice, NumberSid, OwnedNumber, PhoneNumber, Policy, ProxyNumber, ReceiveError, RegisterNumberError,
    ReleaseNumberError, Reply, ServiceName, ServiceNotFound, ServiceSettings, ServiceSid, ServiceState, Timestamp,
    geography::Country,
};

/// An [`Account`](crate::Account) for tests: a list of [`Reference`]s, and what must hold between them.
///
/// ```
/// use twilio_proxy_core::{
///     Account, AccountCommand, Command, NewService, NewSession, Policy, ServiceSid, SessionSid, Timestamp, sid,
///     testing::AccountReference,
/// };
///
/// let now = Timestamp::MIN;
/// let sid = sid!("AC00000000000000000000000000000001");
/// let mut account = Account::new(sid, Policy::default(), now);
/// let mut reference = AccountReference::new(sid, Policy::default(), now);
///
/// let service = ServiceSid::from_u128(1);
/// let ride = NewSession::new(SessionSid::from_u128(1));
/// for command in [
///     AccountCommand::Service { service, command: Command::CreateSession { new: ride.clone() } },
///     AccountCommand::CreateService { new: NewService::new(service, sid, "rides".parse()?) },
///     AccountCommand::Service { service, command: Command::CreateSession { new: ride } },
/// ] {
///     assert_eq!(account.apply(command.clone(), now), reference.apply(command, now));
///     assert_eq!(account.state(), reference.state());
/// }
/// # Ok::<(), twilio_proxy_core::ParseTextError>(())
/// ```
#[derive(Clone, Debug)]
pub struct AccountReference {
    sid: AccountSid,
    policy: Policy,
    latest_instant: Timestamp,
    services_created: u64,
    /// In the order of creation.
    services: Vec<ServiceRow>,
    /// In the order of registrations. `service` in them means nothing: the pools are looked through when it is asked for.
    numbers: Vec<OwnedNumber>,
    /// What services that are gone have left, each with its place.
    left_behind: Vec<(u64, AccountEvent)>,
    events_arisen: u64,
}

#[derive(Clone, Debug)]
struct ServiceRow {
    ordinal: u64,
    service: Reference,
}

impl ServiceRow {
    const fn sid(&self) -> ServiceSid {
        self.service.settings.sid
    }
}

impl AccountReference {
    /// An account with nothing in it.
    ///
    /// ```
    /// # use twilio_proxy_core::{AccountSid, Policy, Timestamp, testing::AccountReference};
    /// let reference = AccountReference::new(AccountSid::from_u128(1), Policy::default(), Timestamp::MIN);
    /// assert_eq!(reference.next_deadline(), None);
    /// ```
    #[must_use]
    pub const fn new(sid: AccountSid, policy: Policy, now: Timestamp) -> Self {
        Self {
            sid,
            policy,
            latest_instant: now,
            services_created: 0,
            services: Vec::new(),
            numbers: Vec::new(),
            left_behind: Vec::new(),
            events_arisen: 0,
        }
    }

    /// Does what a command says, after all that is due by then.
    ///
    /// ```
    /// # use twilio_proxy_core::{AccountSid, Policy, Timestamp, testing::AccountReference};
    /// use twilio_proxy_core::{AccountCommand, Error, ServiceNotFound, ServiceSid};
    ///
    /// # let mut reference = AccountReference::new(AccountSid::from_u128(1), Policy::default(), Timestamp::MIN);
    /// let service = ServiceSid::from_u128(1);
    /// let refusal = reference.apply(AccountCommand::DeleteService { service }, Timestamp::MIN);
    /// assert_eq!(refusal, Err(Error::ServiceNotFound(ServiceNotFound { service })));
    /// ```
    ///
    /// # Errors
    ///
    /// Why the command is refused; it has then changed nothing but the latest instant seen (ERR-2).
    pub fn apply(&mut self, command: AccountCommand, now: Timestamp) -> Result<Reply, Error> {
        self.advance(now); // TIM-2, TIM-3: refused or not
        Ok(match command {
            AccountCommand::CreateService { new } => Reply::Service(self.create_service(new)?),
            AccountCommand::DeleteService { service } => {
                self.delete_service(service)?;
                Reply::Done {}
            }
            AccountCommand::RegisterNumber { new } => Reply::OwnedNumber(self.register_number(&new)?),
            AccountCommand::ReleaseNumber { number } => {
                self.release_number(number)?;
                Reply::Done {}
            }
            AccountCommand::AddNumber { service, choice } => Reply::Number(self.add_chosen_number(service, choice)?),
            AccountCommand::Receive { inbound } => self.receive(inbound)?,
            AccountCommand::HandleDeadline {} => Reply::Done {}, // TIM-4
            AccountCommand::Service { service, command } => self.apply_to_service(service, command)?,
        })
    }

    /// The next event of any service, in the order in which they arose (WHK-6).
    ///
    /// ```
    /// # use twilio_proxy_core::{AccountSid, Policy, Timestamp, testing::AccountReference};
    /// let mut reference = AccountReference::new(AccountSid::from_u128(1), Policy::default(), Timestamp::MIN);
    /// assert_eq!(reference.poll_event(), None);
    /// ```
    pub fn poll_event(&mut self) -> Option<AccountEvent> {
        let (place, event) = self.events().into_iter().next()?;
        self.left_behind.retain(|(other, _)| *other != place);
        for row in &mut self.services {
            row.service.events.retain(|(other, _)| *other != place);
        }
        Some(event)
    }

    /// When something will next happen by itself, in whichever service (TIM-3, TIM-4).
    ///
    /// ```
    /// # use twilio_proxy_core::{AccountSid, Policy, Timestamp, testing::AccountReference};
    /// let reference = AccountReference::new(AccountSid::from_u128(1), Policy::default(), Timestamp::MIN);
    /// assert_eq!(reference.next_deadline(), None);
    /// ```
    #[must_use]
    pub fn next_deadline(&self) -> Option<Timestamp> {
        self.services.iter().filter_map(|row| row.service.next_deadline()).min()
    }

    /// The latest instant seen (TIM-2).
    ///
    /// ```
    /// # use twilio_proxy_core::{AccountSid, Policy, Timestamp, testing::AccountReference};
    /// let reference = AccountReference::new(AccountSid::from_u128(1), Policy::default(), Timestamp::MIN);
    /// assert_eq!(reference.latest_instant(), Timestamp::MIN);
    /// ```
    #[must_use]
    pub const fn latest_instant(&self) -> Timestamp {
        self.latest_instant
    }

    /// The service with this SID (SVC-5).
    ///
    /// ```
    /// # use twilio_proxy_core::{AccountSid, Policy, ServiceSid, Timestamp, testing::AccountReference};
    /// let reference = AccountReference::new(AccountSid::from_u128(1), Policy::default(), Timestamp::MIN);
    /// assert!(reference.service(ServiceSid::from_u128(1)).is_none());
    /// ```
    #[must_use]
    pub fn service(&self, service: ServiceSid) -> Option<&Reference> {
        self.services.iter().find(|row| row.sid() == service).map(|row| &row.service)
    }

    /// The service that has a number in its pool, and so takes what is dialled there (RTE-1).
    ///
    /// ```
    /// # use twilio_proxy_core::{AccountSid, Policy, Timestamp, testing::AccountReference};
    /// let reference = AccountReference::new(AccountSid::from_u128(1), Policy::default(), Timestamp::MIN);
    /// assert!(reference.service_of_number("+14155551212".parse()?).is_none());
    /// # Ok::<(), twilio_proxy_core::ParseProxyNumberError>(())
    /// ```
    #[must_use]
    pub fn service_of_number(&self, number: ProxyNumber) -> Option<&Reference> {
        self.services.iter().map(|row| &row.service).find(|service| service.number_like(number).is_some())
    }

    /// All that there is: what [`Account::state`](crate::Account::state) gives.
    ///
    /// ```
    /// # use twilio_proxy_core::{AccountSid, Policy, Timestamp, testing::AccountReference};
    /// use twilio_proxy_core::Account;
    ///
    /// let reference = AccountReference::new(AccountSid::from_u128(1), Policy::default(), Timestamp::MIN);
    /// assert_eq!(Account::restore(reference.state())?.state(), reference.state());
    /// # Ok::<(), twilio_proxy_core::RestoreAccountError>(())
    /// ```
    #[must_use]
    pub fn state(&self) -> AccountState {
        let service_state = |row: &ServiceRow| AccountServiceState {
            ordinal: row.ordinal,
            service: ServiceState { events: Vec::new(), ..row.service.state() }, // they are the account's
        };
        AccountState {
            sid: self.sid,
            policy: self.policy.clone(),
            latest_instant: self.latest_instant,
            services_created: self.services_created,
            numbers: self.numbers.iter().map(|number| self.located(number)).collect(),
            services: self.services.iter().map(service_state).collect(),
            events: self.events().into_iter().map(|(_, event)| event).collect(),
        }
    }

    /// Every event that is not yet polled, in the order in which they arose.
    fn events(&self) -> Vec<(u64, AccountEvent)> {
        let mut events = self.left_behind.clone();
        for row in &self.services {
            let own = row.service.events.iter().cloned();
            events.extend(own.map(|(place, event)| (place, AccountEvent { service: row.sid(), event })));
        }
        events.sort_by_key(|(place, _)| *place);
        events
    }

    /// TIM-3: by instant, then by creation of the service, then by creation of the session. TIM-2: one instant for all.
    fn advance(&mut self, now: Timestamp) {
        self.latest_instant = self.latest_instant.max(now);
        while let Some(instant) = self.next_deadline().filter(|instant| *instant <= self.latest_instant) {
            for row in &mut self.services {
                if row.service.next_deadline() == Some(instant) {
                    row.service.advance(instant);
                }
            }
        }
        for row in &mut self.services {
            row.service.advance(self.latest_instant);
        }
    }

    fn create_service(&mut self, new: NewService) -> Result<ServiceSettings, CreateServiceError> {
        if new.account_sid != self.sid {
            return Err(CreateServiceError::AnotherAccount { account: new.account_sid }); // 80701
        }
        if self.service(new.sid).is_some() {
            return Err(CreateServiceError::SidTaken { service: new.sid }); // SID-4: 20409
        }
        self.check_name(&new.unique_name, None)?; // SVC-1: 80602
        let service = Reference::new(new, self.policy.clone(), self.latest_instant);
        let settings = service.settings.clone();
        self.services.push(ServiceRow { ordinal: self.services_created, service });
        self.services_created = self.services_created.saturating_add(1);
        Ok(settings)
    }

    /// SVC-1: 80602.
    fn check_name(&self, unique_name: &ServiceName, own: Option<ServiceSid>) -> Result<(), NonUniqueServiceName> {
        let others = self.services.iter().map(|row| &row.service.settings).filter(|other| Some(other.sid) != own);
        for other in others {
            if other.unique_name == *unique_name {
                return Err(NonUniqueServiceName { unique_name: unique_name.clone(), existing: other.sid });
            }
        }
        Ok(())
    }

    /// SVC-4. INV-6: of what is not yet polled, requests and legs go, notifications stay.
    fn delete_service(&mut self, service: ServiceSid) -> Result<(), ServiceNotFound> {
        let deleted = self.row(service)?; // 20404
        let own = deleted.service.events.iter().cloned();
        let left = own.filter(|(_, event)| matches!(event, Event::Notification(_)));
        let left: Vec<_> = left.map(|(place, event)| (place, AccountEvent { service, event })).collect();
        self.left_behind.extend(left);
        self.services.retain(|row| row.sid() != service);
        Ok(())
    }

    /// NUM-9
    fn register_number(&mut self, new: &NewOwnedNumber) -> Result<OwnedNumber, RegisterNumberError> {
        let (country, capabilities) = match new.number() {
            ProxyNumber::PhoneNumber(number) => (number.country(), Capabilities::VOICE_AND_SMS), // SEL-3
            ProxyNumber::ShortCode(_) => (None, Capabilities::SMS),                              // TXT-4
        };
        let number = OwnedNumber {
            sid: new.sid(),
            phone_number: new.number(),
            friendly_name: new.friendly_name.clone(),
            iso_country: new.iso_country.or(country),
            capabilities: new.capabilities.unwrap_or(capabilities),
            service: None,
        };
        let existing = self.owned(new.sid()).or_else(|| self.owned_like(new.number()));
        match existing {
            None => self.numbers.push(number.clone()),
            Some(existing) if *existing == number => {} // all is equal, which changes nothing
            Some(existing) => return Err(RegisterNumberError { existing: existing.sid }), // 20409
        }
        Ok(self.located(&number))
    }

    fn release_number(&mut self, number: NumberSid) -> Result<(), ReleaseNumberError> {
        let Some(owned) = self.owned(number) else {
            return Err(ReleaseNumberError::NumberNotFound { number }); // 20404
        };
        if let Some(service) = self.located(owned).service {
            return Err(ReleaseNumberError::InPool { number, service }); // NUM-9: 80601
        }
        self.numbers.retain(|owned| owned.sid != number);
        Ok(())
    }

    fn owned(&self, sid: NumberSid) -> Option<&OwnedNumber> {
        self.numbers.iter().find(|number| number.sid == sid)
    }

    fn owned_like(&self, phone_number: ProxyNumber) -> Option<&OwnedNumber> {
        self.numbers.iter().find(|number| number.phone_number == phone_number)
    }

    /// The number as it is shown.
    fn located(&self, number: &OwnedNumber) -> OwnedNumber {
        let service = self.services.iter().find(|row| row.service.number(number.sid).is_some());
        OwnedNumber { service: service.map(ServiceRow::sid), ..number.clone() }
    }

    /// NUM-8: `Sid` or `PhoneNumber` picks one of the owned numbers.
    fn add_chosen_number(&mut self, service: ServiceSid, choice: NumberChoice) -> Result<PhoneNumber, Error> {
        self.row(service)?; // 20404
        let owned = self.check_owned(choice.sid, choice.phone_number)?;
        let mut new = match (owned.sid, owned.phone_number) {
            (NumberSid::PhoneNumber(sid), ProxyNumber::PhoneNumber(number)) => NewNumber::phone(sid, number),
            (NumberSid::ShortCode(sid), ProxyNumber::ShortCode(code)) => {
                let mut new = NewNumber::short_code(sid, code, Country::US);
                new.iso_country = None; // NUM-8: that of the owned number, which may have none
                new
            }
            (NumberSid::PhoneNumber(_), ProxyNumber::ShortCode(_))
            | (NumberSid::ShortCode(_), ProxyNumber::PhoneNumber(_)) => {
                return Err(AddNumberError::NumberMissing.into()); // of one kind since it was registered
            }
        };
        new.is_reserved = choice.is_reserved;
        self.add_number(service, new)
    }

    /// NUM-7: from what is given to whether both agree.
    fn check_owned(
        &self,
        sid: Option<NumberSid>,
        phone_number: Option<ProxyNumber>,
    ) -> Result<&OwnedNumber, AddNumberError> {
        if sid.is_none() && phone_number.is_none() {
            return Err(AddNumberError::NumberMissing); // 80701
        }
        match sid {
            Some(number @ NumberSid::PhoneNumber(_)) if self.owned(number).is_none() => {
                return Err(AddNumberError::PhoneNumberNotOwned { sid, phone_number }); // 80301
            }
            Some(number @ NumberSid::ShortCode(_)) if self.owned(number).is_none() => {
                return Err(AddNumberError::ShortCodeNotOwned { sid, phone_number }); // 80303
            }
            Some(_) | None => {}
        }
        match phone_number {
            Some(number @ ProxyNumber::PhoneNumber(_)) if self.owned_like(number).is_none() => {
                return Err(AddNumberError::PhoneNumberNotOwned { sid, phone_number }); // 80301
            }
            Some(number @ ProxyNumber::ShortCode(_)) if self.owned_like(number).is_none() => {
                return Err(AddNumberError::ShortCodeNotOwned { sid, phone_number }); // 80303
            }
            Some(_) | None => {}
        }
        let by_sid = sid.and_then(|sid| self.owned(sid));
        let by_number = phone_number.and_then(|number| self.owned_like(number));
        if let (Some(one), Some(other)) = (by_sid, by_number)
            && one.sid != other.sid
        {
            return Err(AddNumberError::DifferentNumbers { by_sid: one.sid, by_number: other.sid }); // 80701
        }
        by_sid.or(by_number).ok_or(AddNumberError::NumberMissing)
    }

    /// NUM-7: what comes after is the service's own affair.
    fn add_number(&mut self, service: ServiceSid, mut new: NewNumber) -> Result<PhoneNumber, Error> {
        self.row(service)?; // 20404
        let owned = self.check_owned(Some(new.sid()), Some(new.number()))?;
        // NUM-8: what is left out is that of the owned number.
        new.friendly_name = new.friendly_name.or_else(|| owned.friendly_name.clone());
        new.iso_country = new.iso_country.or(owned.iso_country);
        new.capabilities = new.capabilities.or(Some(owned.capabilities));
        let elsewhere = self
            .services
            .iter()
            .find(|row| row.sid() != service && row.service.numbers.iter().any(|entry| entry.number.sid == new.sid()));
        if let Some(elsewhere) = elsewhere {
            return Err(AddNumberError::NumberAlreadyInAnotherService { other_service: elsewhere.sid() }.into()); // NUM-2: 80101
        }
        let now = self.latest_instant;
        self.operate(service, |service| Ok(service.add_number(&new, now)?))
    }

    /// RTE-1: the pool decides the service; a channel address is in none.
    fn receive(&mut self, inbound: Inbound) -> Result<Reply, Error> {
        let service = inbound.to.number().and_then(|number| self.service_of_number(number));
        let Some(service) = service.map(|service| service.settings.sid) else {
            return Err(ReceiveError::UnknownProxyIdentifier.into()); // RTE-12: 20404
        };
        let now = self.latest_instant;
        let outcome = self.operate(service, |service| Ok(service.receive(inbound, now)?))?;
        Ok(Reply::Received { service, outcome })
    }

    fn apply_to_service(&mut self, service: ServiceSid, command: Command) -> Result<Reply, Error> {
        self.row(service)?; // 20404
        if let Command::UpdateService { update } = &command
            && let Some(unique_name) = &update.unique_name
        {
            self.check_name(unique_name, Some(service))?; // SVC-1: 80602
        }
        if let Command::AddNumber { new } = command {
            return Ok(Reply::Number(self.add_number(service, new)?));
        }
        let now = self.latest_instant;
        self.operate(service, |service| service.apply(command, now))
    }

    /// Lets a service do something, with what it has to know of the account.
    fn operate<T>(
        &mut self,
        service: ServiceSid,
        operation: impl FnOnce(&mut Reference) -> Result<T, Error>,
    ) -> Result<T, Error> {
        let (owned, events_arisen) = (self.numbers.clone(), self.events_arisen);
        let row = self.services.iter_mut().find(|row| row.sid() == service).ok_or(ServiceNotFound { service })?;
        row.service.owned = Some(owned); // PAR-7
        row.service.events_arisen = events_arisen; // WHK-6
        let result = operation(&mut row.service);
        self.events_arisen = row.service.events_arisen;
        result
    }

    fn row(&self, service: ServiceSid) -> Result<&ServiceRow, ServiceNotFound> {
        self.services.iter().find(|row| row.sid() == service).ok_or(ServiceNotFound { service })
    }
}
