//! A small account that reads well: services by number, commands at the latest instant seen.

use super::*;
use twilio_proxy_core::{
    Account, AccountCommand, AccountEvent, AccountSid, Code, Command, Error, Event, NewOwnedNumber, NewService,
    NumberChoice, Policy, Reply, Service, ServiceSid, ServiceUpdate,
};

pub(crate) fn service_sid(n: u128) -> ServiceSid {
    ServiceSid::from_u128(n)
}

pub(crate) fn new_service_called(n: u128, name: &str) -> NewService {
    NewService::new(service_sid(n), AccountSid::from_u128(1), name.parse().unwrap())
}

pub(crate) fn owned(n: u128, phone_number: &str) -> NewOwnedNumber {
    NewOwnedNumber::phone(number(n), e164(phone_number))
}

/// An account with nothing in it.
pub(crate) fn empty_account() -> Account {
    Account::new(AccountSid::from_u128(1), Policy::default(), at(0))
}

/// Service 1, `rides`, and service 2, `meals`, without numbers; the account owns P1 and P2.
pub(crate) fn account() -> Account {
    let mut account = empty_account();
    account.create(1, "rides");
    account.create(2, "meals");
    account.own(1, P1);
    account.own(2, P2);
    account
}

/// The same with P1 in the pool of service 1 and P2 in that of service 2.
pub(crate) fn account_with_pools() -> Account {
    let mut account = account();
    account.put(1, P1);
    account.put(2, P2);
    account
}

pub(crate) fn choice(sid: Option<u128>, phone_number: Option<&str>) -> NumberChoice {
    NumberChoice {
        sid: sid.map(|n| number(n).into()),
        phone_number: phone_number.and_then(pool_number),
        ..NumberChoice::default()
    }
}

pub(crate) fn named(name: &str) -> Command {
    let update = ServiceUpdate { unique_name: Some(name.parse().unwrap()), ..ServiceUpdate::default() };
    Command::UpdateService { update }
}

/// Everything happens at the latest instant seen, and must succeed unless `try_` says otherwise.
pub(crate) trait AccountWorld {
    /// What becomes of a command; a refusal leaves no trace (ERR-2).
    fn try_apply(&mut self, command: AccountCommand) -> Result<Reply, Error>;
    fn try_within(&mut self, service: u128, command: Command) -> Result<Reply, Error>;
    fn code(&mut self, command: AccountCommand) -> Option<Code>;
    fn code_within(&mut self, service: u128, command: Command) -> Option<Code>;
    fn within(&mut self, service: u128, command: Command) -> Reply;
    fn create(&mut self, n: u128, name: &str);
    fn own(&mut self, n: u128, phone_number: &str);
    /// Puts an owned number into the pool of a service.
    fn put(&mut self, service: u128, phone_number: &str);
    fn delete(&mut self, service: u128);
    /// Service `n`, which must be there.
    fn at(&self, n: u128) -> &Service;
    /// What each event that has arisen is: its service, and a code, a request and its interaction, or a leg.
    fn told(&mut self) -> Vec<String>;
}

impl AccountWorld for Account {
    fn try_apply(&mut self, command: AccountCommand) -> Result<Reply, Error> {
        let before = self.state();
        let result = self.apply(command, self.latest_instant());
        if result.is_err() {
            assert_eq!(self.state(), before, "ERR-2: a refusal changes nothing");
        }
        result
    }

    fn try_within(&mut self, service: u128, command: Command) -> Result<Reply, Error> {
        self.try_apply(AccountCommand::Service { service: service_sid(service), command })
    }

    fn code(&mut self, command: AccountCommand) -> Option<Code> {
        self.try_apply(command).err().map(|error| error.code())
    }

    fn code_within(&mut self, service: u128, command: Command) -> Option<Code> {
        self.try_within(service, command).err().map(|error| error.code())
    }

    fn within(&mut self, service: u128, command: Command) -> Reply {
        self.try_within(service, command).unwrap()
    }

    fn create(&mut self, n: u128, name: &str) {
        self.try_apply(AccountCommand::CreateService { new: new_service_called(n, name) }).unwrap();
    }

    fn own(&mut self, n: u128, phone_number: &str) {
        self.try_apply(AccountCommand::RegisterNumber { new: owned(n, phone_number) }).unwrap();
    }

    fn put(&mut self, service: u128, phone_number: &str) {
        let choice = choice(None, Some(phone_number));
        self.try_apply(AccountCommand::AddNumber { service: service_sid(service), choice }).unwrap();
    }

    fn delete(&mut self, service: u128) {
        self.try_apply(AccountCommand::DeleteService { service: service_sid(service) }).unwrap();
    }

    fn at(&self, n: u128) -> &Service {
        self.service(service_sid(n)).unwrap()
    }

    fn told(&mut self) -> Vec<String> {
        let tell = |AccountEvent { service, event }| {
            let what = match event {
                Event::Notification(notification) => notification.code().number().to_string(),
                Event::Request(request) => format!("{} {}", request.purpose, request.interaction.to_u128()),
                Event::Leg(leg) => format!("leg {}", leg.interaction.to_u128()),
                other => format!("{other:?}"),
            };
            format!("{}: {what}", service.to_u128())
        };
        core::iter::from_fn(|| self.poll_event()).map(tell).collect()
    }
}
