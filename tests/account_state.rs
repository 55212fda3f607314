//! An account as data: what is in it, what comes back from it, and which states are refused (INV-2).
#![cfg(feature = "serde")]
#![expect(clippy::indexing_slicing, clippy::unwrap_used, reason = "a fixture that fails is a failed test")]

use proptest::{prelude::*, sample::Index, test_runner::Config};
use serde_json::Value;

use crate::common::{account::*, *};
use twilio_proxy_core::{
    Account, AccountCommand, AccountEvent, AccountSid, AccountState, Command, ContactKind, EventFlaw, NewOwnedNumber,
    NumberSid, OwnedNumberFlaw, Policy, ReservedAssignment, RestoreAccountError, RestoreError, Service, ServiceFlaw,
    Timestamp, WebhookAnswer, geography::Country,
};

/// A bit of everything: two services with a pool, one of them busy; a number in no pool; the notification of a service that
/// is deleted, between events of those that are there.
fn busy() -> Account {
    let mut account = account_with_pools();
    account.create(3, "parcels");
    let code = NewOwnedNumber::short_code(short_code(1), "44551".parse().unwrap(), Country::US);
    account.try_apply(AccountCommand::RegisterNumber { new: code }).unwrap();
    let failure = || Command::ReportCallback { url: url(CALLBACK), answer: WebhookAnswer::None };
    account.within(2, failure());
    account.within(3, failure());
    account.delete(3);
    let mut ride = new_session(1);
    ride.participants = vec![new_participant(1, ALICE), new_participant(2, BOB)];
    account.within(1, Command::CreateSession { new: ride });
    account.apply(AccountCommand::Receive { inbound: call(1, ALICE, P1) }, at(5)).unwrap();
    account.within(2, failure());
    account
}

fn through_json(state: &AccountState) -> AccountState {
    serde_json::from_str(&serde_json::to_string(state).unwrap()).unwrap()
}

#[test]
fn inv_2_the_json_of_the_state_of_an_account_is_pinned() {
    insta::assert_snapshot!(serde_json::to_string_pretty(&busy().state()).unwrap());
}

#[test]
fn inv_2_an_account_comes_back_from_its_state() {
    let mut original = busy();
    let state = original.state();
    assert_eq!(through_json(&state), state);
    let mut restored = Account::restore(through_json(&state)).unwrap();
    let mut seeded = Account::restore_with_hash_seed(state.clone(), 7).unwrap();
    assert_eq!((restored.state(), seeded.state()), (state.clone(), state));
    for account in [&mut original, &mut restored, &mut seeded] {
        assert_eq!(account.latest_instant(), at(5));
        account.create(4, "parcels");
        assert_eq!(account.state().services.last().unwrap().ordinal, 3, "SVC-5: the place of one that is deleted");
        assert_eq!(account.told(), ["2: 80908", "3: 80908", "1: leg 1", "2: 80908"], "WHK-6");
    }
    assert_eq!(original.state(), restored.state());
}

/// TIM-2: a service that had nothing to do comes back with the instant of the account, and behaves as before.
#[test]
fn inv_2_services_come_back_at_the_instant_of_the_account() {
    let mut original = account_with_pools();
    let mut new = new_session(1);
    new.ttl = Some(ttl(60));
    original.within(1, Command::CreateSession { new });
    original.handle_deadline(at(59));
    let mut restored = Account::restore(original.state()).unwrap();
    assert_eq!(restored.state(), original.state());
    for account in [&mut original, &mut restored] {
        assert_eq!(account.next_deadline(), Some(at(60)));
        account.handle_deadline(at(0));
        account.within(2, Command::CreateSession { new: new_session(1) });
        assert_eq!(account.at(2).session(session(1)).unwrap().date_created, at(59));
        account.handle_deadline(at(60));
    }
    assert_eq!(restored.state(), original.state());
}

type Forge = fn(&mut AccountState);

/// What a state is refused for.
fn refusals() -> Vec<(RestoreAccountError, Forge)> {
    let number = |n: u128, flaw| RestoreAccountError::Number { number: NumberSid::from(number(n)), flaw };
    let service = |n: u128, flaw| RestoreAccountError::Service { service: service_sid(n), flaw };
    let pool = |n: u128, of: u128| service(n, ServiceFlaw::Pool { number: self::number(of).into() });
    let event = |index, flaw| RestoreAccountError::Event { index, flaw };
    let of_service = |error| RestoreAccountError::ServiceState { service: service_sid(1), error };
    vec![
        (RestoreAccountError::Counts, |state| state.services_created = u64::MAX),
        (RestoreAccountError::Number { number: short_code(1).into(), flaw: OwnedNumberFlaw::Kind }, |state| {
            state.numbers[2].phone_number = pool_number(P1).unwrap();
        }),
        (number(1, OwnedNumberFlaw::Kind), |state| state.numbers[0].phone_number = pool_number("44551").unwrap()),
        (number(1, OwnedNumberFlaw::Country), |state| state.numbers[0].iso_country = None),
        (number(1, OwnedNumberFlaw::Twice), |state| state.numbers.push(state.numbers[0].clone())),
        (number(1, OwnedNumberFlaw::Twice), |state| {
            state.numbers[1].sid = self::number(1).into();
        }),
        (number(2, OwnedNumberFlaw::Twice), |state| {
            state.numbers[1].phone_number = state.numbers[0].phone_number;
        }),
        (service(2, ServiceFlaw::Ordinal), |state| state.services[1].ordinal = 0),
        (service(1, ServiceFlaw::Ordinal), |state| state.services[0].ordinal = 3),
        (service(2, ServiceFlaw::Ordinal), |state| state.services_created = 1),
        (service(2, ServiceFlaw::Dates), |state| {
            state.services[0].service.settings.date_created = at(1);
            state.services[0].service.settings.date_updated = at(1);
            state.services[0].service.numbers.clear();
            state.services[0].service.sessions.clear();
        }),
        (service(1, ServiceFlaw::SidTwice), |state| state.services[1].service.settings.sid = service_sid(1)),
        (service(2, ServiceFlaw::NameTwice), |state| {
            state.services[1].service.settings.unique_name = "rides".parse().unwrap();
        }),
        (service(2, ServiceFlaw::Account), |state| {
            state.services[1].service.settings.account_sid = AccountSid::from_u128(2);
        }),
        (service(1, ServiceFlaw::Account), |state| state.sid = AccountSid::from_u128(2)),
        (service(1, ServiceFlaw::Policy), |state| {
            state.services[0].service.policy.reserved_assignment = ReservedAssignment::Refuse;
        }),
        (service(1, ServiceFlaw::Policy), |state| state.policy.allow_participant_conflict = true),
        (service(1, ServiceFlaw::LatestInstant), |state| state.latest_instant = at(6)),
        (service(2, ServiceFlaw::LatestInstant), |state| state.services[1].service.latest_instant = at(4)),
        (service(1, ServiceFlaw::Events), |state| {
            let AccountEvent { event, .. } = state.events[2].clone();
            state.services[0].service.events.push(event);
        }),
        (of_service(RestoreError::Counts), |state| state.services[0].service.sessions_created = u64::MAX),
        (pool(1, 1), |state| {
            state.numbers.remove(0);
        }),
        (pool(1, 1), |state| state.numbers[0].service = None),
        (pool(1, 1), |state| state.numbers[0].service = Some(service_sid(2))),
        (pool(1, 1), |state| state.numbers[0].phone_number = pool_number("+14155559009").unwrap()),
        // NUM-8: an entry has whatever the account can fill in.
        (pool(1, 1), |state| state.numbers[0].friendly_name = Some("Main line".parse().unwrap())),
        // NUM-2: a number is in two pools, of which the inventory can name one.
        (pool(2, 1), |state| {
            let mut entry = state.services[0].service.numbers[0].clone();
            (entry.ordinal, entry.number.in_use) = (1, 0);
            state.services[1].service.numbers.push(entry);
            state.services[1].service.numbers_added = 2;
        }),
        (RestoreAccountError::Number { number: short_code(1).into(), flaw: OwnedNumberFlaw::NotInPool }, |state| {
            state.numbers[2].service = Some(service_sid(1));
        }),
        (RestoreAccountError::Number { number: short_code(1).into(), flaw: OwnedNumberFlaw::NotInPool }, |state| {
            state.numbers[2].service = Some(service_sid(9));
        }),
        (event(2, EventFlaw::Service), |state| state.events[2].service = service_sid(9)),
        (event(2, EventFlaw::Session), |state| state.events[2].service = service_sid(2)),
    ]
}

#[test]
fn inv_2_notifications_are_left_behind_by_services_that_were_there() {
    let mut account = account();
    for service in [1, 2] {
        let url = "https://rides.example.com/".parse().unwrap();
        account.within(service, Command::ReportCallback { url, answer: WebhookAnswer::None });
    }
    let restored = |services_created, owners: [u128; 2]| {
        let mut state = account.state();
        state.services_created = services_created;
        for (event, owner) in state.events.iter_mut().zip(owners) {
            event.service = service_sid(owner);
        }
        Account::restore(state).map(|_| ())
    };
    let never_there = |index| Err(RestoreAccountError::Event { index, flaw: EventFlaw::Service });
    assert_eq!(restored(2, [1, 2]), Ok(()));
    assert_eq!(restored(2, [9, 2]), never_there(0));
    assert_eq!(restored(3, [9, 2]), Ok(()));
    assert_eq!(restored(3, [9, 9]), Ok(()));
    assert_eq!(restored(3, [8, 9]), never_there(1));
    assert_eq!(restored(4, [8, 9]), Ok(()));
}

#[test]
fn inv_2_a_forged_account_is_refused_with_what_is_wrong() {
    let state = busy().state();
    for (index, (expected, forge)) in refusals().into_iter().enumerate() {
        let mut forged = state.clone();
        forge(&mut forged);
        assert_eq!(Account::restore(forged).unwrap_err(), expected, "forgery {index}");
    }
}

#[test]
fn inv_2_the_largest_count_of_services_comes_back() {
    let mut state = busy().state();
    state.services_created = u64::MAX / 2;
    assert_eq!(Account::restore(state.clone()).unwrap().state(), state);
}

#[test]
fn inv_2_messages_of_refused_accounts() {
    let messages: Vec<String> = refusals().into_iter().map(|(error, _)| error.to_string()).collect();
    insta::assert_snapshot!(messages.join("\n"));
}

/// The pool entries of a service may differ from the inventory in all but SID and number (NUM-9).
#[test]
fn inv_2_a_pool_entry_that_was_described_otherwise_comes_back() {
    let mut account = account();
    let mut new = new_number(1, P1);
    new.iso_country = Some(Country::CA);
    account.within(1, Command::AddNumber { new });
    assert_eq!(Account::restore(account.state()).unwrap().state(), account.state());
}

/// A notification of a service that is not there stays; one of a new service with its SID comes behind.
#[test]
fn inv_2_what_a_deleted_service_left_comes_back_in_order() {
    let mut account = account();
    let failure = || Command::ReportCallback { url: url(CALLBACK), answer: WebhookAnswer::None };
    account.within(1, failure());
    account.delete(1);
    account.within(2, failure());
    account.create(1, "rides");
    account.within(1, failure());
    let mut restored = Account::restore(account.state()).unwrap();
    for account in [&mut account, &mut restored] {
        account.delete(1);
        assert_eq!(account.told(), ["1: 80908", "2: 80908", "1: 80908"]);
    }
}

/// Nothing lies between them that would tell them apart.
#[test]
fn inv_2_all_that_deleted_services_left_comes_back() {
    let mut account = account();
    let failure = || Command::ReportCallback { url: url(CALLBACK), answer: WebhookAnswer::None };
    for service in [1, 2, 1] {
        account.within(service, failure());
    }
    account.delete(1);
    account.delete(2);
    let mut restored = Account::restore(account.state()).unwrap();
    for account in [&mut account, &mut restored] {
        assert_eq!(account.told(), ["1: 80908", "2: 80908", "1: 80908"]);
    }
}

#[test]
fn inv_2_unknown_fields_of_an_account_are_refused() {
    let json = serde_json::to_string(&account().state()).unwrap();
    assert!(serde_json::from_str::<AccountState>(&json).is_ok());
    for (known, unknown) in [("\"numbers\":", "\"nombers\":"), ("\"ordinal\":", "\"ordnal\":")] {
        let forged = json.replacen(known, unknown, 1);
        assert_ne!(forged, json);
        assert!(serde_json::from_str::<AccountState>(&forged).is_err(), "{known}");
    }
    let kind = json.replacen("PN00000000000000000000000000000001", "SC00000000000000000000000000000001", 1);
    let error = Account::restore(serde_json::from_str(&kind).unwrap()).unwrap_err();
    assert!(matches!(error, RestoreAccountError::Number { flaw: OwnedNumberFlaw::Kind, .. }), "{error}");
}

/// A service that is taken out of an account goes on alone.
#[test]
fn inv_2_a_service_of_an_account_can_go_on_alone() {
    let account = busy();
    let mut alone = Service::restore(account.at(1).state()).unwrap();
    let route = alone.route(Some(&identifier(ALICE)), &proxy(P1), ContactKind::Call, at(5));
    assert_eq!(route.code(), None);
    assert_eq!(told(&mut alone), [format!("leg 1 from {P1} to {BOB}")]);
    assert_eq!(alone.policy(), &Policy::default());
}

/// Where there is something in a document.
fn pointers(value: &Value, here: String, places: &mut Vec<String>) {
    match value {
        Value::Object(fields) => {
            fields.iter().for_each(|(key, value)| pointers(value, format!("{here}/{key}"), places));
        }
        Value::Array(elements) => {
            elements.iter().enumerate().for_each(|(index, value)| pointers(value, format!("{here}/{index}"), places));
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
    places.push(here);
}

/// A busy account in which some values are replaced by others of it.
fn forged() -> impl Strategy<Value = Value> {
    let document = serde_json::to_value(busy().state()).unwrap();
    prop::collection::vec(any::<[Index; 2]>(), 1..4).prop_map(move |exchanges| {
        let mut document = document.clone();
        for exchange in exchanges {
            let mut places = Vec::new();
            pointers(&document, String::new(), &mut places);
            let [from, to] = exchange.map(|index| index.get(&places).clone());
            let value = document.pointer(&from).cloned().unwrap();
            *document.pointer_mut(&to).unwrap() = value;
        }
        document
    })
}

proptest! {
    #![proptest_config(Config { cases: 3_000, failure_persistence: None, ..Config::default() })]

    #[test]
    fn inv_2_a_forged_account_is_refused_or_restored_whole(document in forged()) {
        if let Ok(state) = serde_json::from_value::<AccountState>(document)
            && let Ok(mut account) = Account::restore(state.clone())
        {
            prop_assert_eq!(account.state(), state);
            // It goes on to its end.
            account.handle_deadline(Timestamp::MAX);
            for service in account.state().services {
                let service = service.service.settings.sid;
                account.apply(AccountCommand::DeleteService { service }, at(0)).unwrap();
            }
            prop_assert!(account.owned_numbers().all(|number| number.service.is_none()));
            while account.poll_event().is_some() {}
            prop_assert_eq!(Account::restore(account.state()).unwrap().state(), account.state());
        }
    }
}
