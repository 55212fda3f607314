//! Several services of one account: names, owned numbers, one clock, one queue of events, and who takes what is dialled.
#![expect(clippy::unwrap_used, reason = "a fixture that fails is a failed test")]

use crate::common::{account::*, *};
use twilio_proxy_core::{
    Account, AccountCommand, AccountEvent, AccountSid, AddNumberError, AddParticipantError, AutoCreateError,
    AutoCreateSids, Capabilities, ClosedReason, Code, Command, ContactKind, CreateServiceError, CreateSessionError,
    Error, Event, FetchServiceError, NewOwnedNumber, NewParticipant, NonUniqueServiceName, Notification, NumberChoice,
    NumberSid, OutOfSessionAnswer, OutOfSessionFailure, Outcome, OwnedNumber, Patch, Policy, ReceiveError,
    RegisterNumberError, ReleaseNumberError, Reply, Route, ServiceNotFound, ServiceSid, ServiceUpdate, SessionStatus,
    Span, WebhookAnswer, geography::Country,
};

fn create(n: u128, name: &str) -> AccountCommand {
    AccountCommand::CreateService { new: new_service_called(n, name) }
}

fn register(n: u128, phone_number: &str) -> AccountCommand {
    AccountCommand::RegisterNumber { new: owned(n, phone_number) }
}

fn add(service: u128, choice: NumberChoice) -> AccountCommand {
    AccountCommand::AddNumber { service: service_sid(service), choice }
}

fn open(n: u128) -> Command {
    Command::CreateSession { new: new_session(n) }
}

/// Session 1 of Alice and Bob.
fn open_ride() -> Command {
    let mut new = new_session(1);
    new.participants = vec![new_participant(1, ALICE), new_participant(2, BOB)];
    Command::CreateSession { new }
}

fn mortal(n: u128, seconds: u32) -> Command {
    let mut new = new_session(n);
    new.ttl = Some(ttl(seconds));
    Command::CreateSession { new }
}

fn names(account: &Account) -> Vec<&str> {
    account.services().map(|service| service.settings().unique_name.as_str()).collect()
}

// ---- services ----

#[test]
fn svc_1_a_name_is_unique_in_the_account() {
    let mut account = account();
    let taken = NonUniqueServiceName { unique_name: "rides".parse().unwrap(), existing: service_sid(1) };
    assert_eq!(account.try_apply(create(3, "rides")), Err(CreateServiceError::from(taken.clone()).into()));
    let error = account.try_within(2, named("rides")).unwrap_err();
    assert_eq!(error, Error::UpdateService(taken));
    assert_eq!((error.code().number(), error.http_status()), (80602, 400));
    assert_eq!(names(&account), ["rides", "meals"]);

    assert_eq!(account.code(create(3, "Rides")), None, "names are case-sensitive");
    assert_eq!(account.code_within(1, named("rides")), None, "its own name is not another's");
    assert_eq!(account.at(1).settings().date_updated, account.latest_instant());
}

#[test]
fn svc_1_a_name_is_free_at_once_after_delete_and_after_an_update() {
    let mut account = account();
    account.delete(1);
    assert!(account.service_by_name("rides").is_none());
    account.within(2, named("rides"));
    assert_eq!(account.service_by_name("rides").unwrap().settings().sid, service_sid(2));
    assert!(account.service_by_name("meals").is_none());
    assert_eq!(account.code(create(3, "rides")), Some(Code::NonUniqueServiceName));
    account.create(3, "meals");
    assert_eq!(names(&account), ["rides", "meals"]);
}

/// Whatever else an update holds, a name that is taken keeps it from happening.
#[test]
fn svc_1_an_update_with_a_taken_name_changes_nothing_else() {
    let mut account = account();
    let update = ServiceUpdate {
        unique_name: Some("rides".parse().unwrap()),
        callback_url: Patch::Set(url(CALLBACK)),
        ..ServiceUpdate::default()
    };
    assert_eq!(account.code_within(2, Command::UpdateService { update }), Some(Code::NonUniqueServiceName));
    assert_eq!(account.at(2).settings().callback_url, None);
}

/// From a request that violates every rule, mended one by one.
#[test]
fn svc_1_the_checks_of_a_new_service_have_an_order() {
    let mut account = account();
    let mut new = new_service_called(1, "rides");
    new.account_sid = AccountSid::from_u128(2);
    let refusal = |account: &mut Account, new| match account.try_apply(AccountCommand::CreateService { new }) {
        Err(Error::CreateService(error)) => error,
        other => panic!("{other:?}"),
    };
    let error = refusal(&mut account, new.clone());
    assert_eq!(error, CreateServiceError::AnotherAccount { account: AccountSid::from_u128(2) });
    assert_eq!((error.code().number(), error.http_status()), (80701, 400));
    new.account_sid = account.sid();
    let error = refusal(&mut account, new.clone());
    assert_eq!(error, CreateServiceError::SidTaken { service: service_sid(1) });
    assert_eq!((error.code().number(), error.http_status()), (20409, 409));
    new.sid = service_sid(3);
    assert_eq!(refusal(&mut account, new.clone()).code().number(), 80602);
    new.unique_name = "parcels".parse().unwrap();
    assert!(account.apply(AccountCommand::CreateService { new }, at(7)).is_ok());
    assert_eq!(account.at(3).settings().date_created, at(7));
}

#[test]
fn sid_4_the_sid_of_a_service_is_taken_in_its_account_until_it_is_deleted() {
    let mut account = account();
    assert_eq!(account.code(create(1, "parcels")), Some(Code::Conflict));
    account.delete(1);
    account.create(1, "parcels");
    assert_eq!(names(&account), ["meals", "parcels"], "SVC-5: in the order of creation");
}

#[test]
fn sid_4_what_is_in_a_service_takes_sids_there_alone() {
    let mut account = account_with_pools();
    for service in [1, 2] {
        account.within(service, open_ride());
        assert_eq!(account.code_within(service, open(1)), Some(Code::Conflict));
    }
}

#[test]
fn svc_4_delete_takes_everything_along_active_or_not() {
    let mut account = account_with_pools();
    account.within(1, open_ride());
    account.apply(AccountCommand::Receive { inbound: call(1, ALICE, P1) }, at(0)).unwrap();
    assert_eq!(account.at(1).number(number(1)).unwrap().in_use, 1);
    account.delete(1);

    assert!(account.service(service_sid(1)).is_none());
    assert_eq!(account.owned_number(number(1)).unwrap().service, None, "its numbers are free");
    assert_eq!(account.next_deadline(), None);
    account.put(2, P1);
    account.create(1, "rides");
    let again = account.at(1);
    assert_eq!((again.sessions().count(), again.numbers().count()), (0, 0));
    assert_eq!(account.code_within(1, Command::DeleteSession { session: session(1) }), Some(Code::NotFound));
}

#[test]
fn svc_4_what_is_deleted_is_not_there_for_any_command() {
    let mut account = account();
    account.delete(1);
    let gone = Error::ServiceNotFound(ServiceNotFound { service: service_sid(1) });
    assert_eq!((gone.code().number(), gone.http_status()), (20404, 404));
    for command in [
        AccountCommand::DeleteService { service: service_sid(1) },
        add(1, choice(Some(1), None)),
        // 20404 comes before all that could be wrong with the number and the name (NUM-7, SVC-1).
        add(1, choice(None, None)),
        AccountCommand::Service { service: service_sid(1), command: named("meals") },
        AccountCommand::Service { service: service_sid(1), command: Command::HandleDeadline {} },
        AccountCommand::Service {
            service: service_sid(1),
            command: Command::AddNumber { new: new_number(9, "+14155559009") },
        },
        AccountCommand::Service {
            service: service_sid(1),
            command: Command::RemoveNumber { number: number(1).into() },
        },
    ] {
        assert_eq!(account.try_apply(command), Err(gone.clone()));
    }
}

#[test]
fn svc_5_a_service_is_found_by_sid_or_name() {
    let account = account();
    let rides = account.at(1).settings().sid;
    assert_eq!(account.service_by_name("rides").unwrap().settings().sid, rides);
    for sid_or_name in ["rides", "KS00000000000000000000000000000001"] {
        assert_eq!(account.fetch_service(sid_or_name).unwrap().settings().sid, rides);
    }
    let missing = account.fetch_service("parcels").unwrap_err();
    assert_eq!(missing, FetchServiceError::ServiceNameNotFound);
    assert_eq!((missing.code().number(), missing.http_status()), (20404, 404));
    let missing = account.fetch_service("KS0000000000000000000000000000000A").unwrap_err();
    assert_eq!(missing, ServiceNotFound { service: service_sid(10) }.into());
    assert_eq!((missing.code().number(), missing.http_status()), (20404, 404));
}

#[test]
fn svc_5_services_are_listed_in_the_order_of_creation_both_ways() {
    let mut account = account();
    account.create(9, "parcels");
    account.delete(2);
    account.create(3, "meals");
    let sids = |services: Vec<&twilio_proxy_core::Service>| -> Vec<u128> {
        services.iter().map(|service| service.settings().sid.to_u128()).collect()
    };
    assert_eq!(sids(account.services().collect()), [1, 9, 3]);
    assert_eq!(sids(account.services().rev().collect()), [3, 9, 1]);
}

#[test]
fn txt_5_a_segment_of_the_form_of_a_service_sid_is_one_and_all_else_a_name() {
    let mut account = empty_account();
    for (n, name) in [(1, "KC00000000000000000000000000000001"), (2, "CH1"), (3, " rides")] {
        account.create(n, name);
        assert_eq!(account.fetch_service(name).unwrap().settings().sid, service_sid(n));
    }
    assert_eq!(account.fetch_service("rides").unwrap_err(), FetchServiceError::ServiceNameNotFound);
    let almost = "KS0000000000000000000000000000000";
    assert_eq!(account.fetch_service(almost).unwrap_err(), FetchServiceError::ServiceNameNotFound);
}

// ---- numbers ----

#[test]
fn num_2_a_number_is_in_one_pool_of_the_account() {
    let mut account = account_with_pools();
    let elsewhere = AddNumberError::NumberAlreadyInAnotherService { other_service: service_sid(1) };
    assert_eq!(account.try_apply(add(2, choice(Some(1), None))), Err(elsewhere.clone().into()));
    let new = new_number(1, P1);
    assert_eq!(account.try_within(2, Command::AddNumber { new }), Err(elsewhere.clone().into()));
    assert_eq!(elsewhere.code().number(), 80101);

    account.within(1, Command::RemoveNumber { number: number(1).into() });
    assert_eq!(account.owned_number(number(1)).unwrap().service, None);
    account.put(2, P1);
    assert_eq!(account.owned_number(number(1)).unwrap().service, Some(service_sid(2)));
}

/// A removal that is refused leaves the number where it is.
#[test]
fn num_2_a_number_in_use_stays_in_its_pool() {
    let mut account = account_with_pools();
    account.within(1, open_ride());
    let remove = Command::RemoveNumber { number: number(1).into() };
    assert_eq!(account.code_within(1, remove.clone()), Some(Code::ProxyNumberInActiveSessions));
    assert_eq!(account.code_within(2, remove), Some(Code::NotFound));
    assert_eq!(account.owned_number(number(1)).unwrap().service, Some(service_sid(1)));
    assert_eq!(account.code(add(2, choice(Some(1), None))), Some(Code::NumberAlreadyInAnotherService));
}

/// From a choice that violates every rule, mended one by one.
#[test]
fn num_7_the_checks_of_an_addition_have_an_order() {
    let mut account = account_with_pools();
    account.own(3, "+14155559003");
    // Service 2 is full.
    for n in 0..499_u32 {
        let (sid, phone_number) = (1_000 + u128::from(n), format!("+1212555{n:04}"));
        account.own(sid, &phone_number);
        account.apply(add(2, choice(Some(sid), None)), at(0)).unwrap();
    }
    for (choice, code) in [
        (choice(None, None), 80701),
        (choice(Some(9), Some("+14155559009")), 80301),
        (choice(Some(9), Some(P1)), 80301),
        (choice(Some(1), Some("+14155559009")), 80301),
        (choice(Some(1), Some(P2)), 80701),
        (choice(Some(2), Some(P1)), 80701),
        (choice(Some(2), Some(P2)), 80104),
        (choice(Some(1), Some(P1)), 80101),
        (choice(Some(3), None), 80622),
    ] {
        assert_eq!(account.code(add(2, choice)).map(Code::number), Some(code), "{choice:?}");
    }
    let reserved = NumberChoice { is_reserved: true, ..choice(Some(3), None) };
    assert!(matches!(account.try_apply(add(2, reserved)), Ok(Reply::Number(number)) if number.is_reserved));
}

#[test]
fn num_7_the_same_order_holds_for_a_number_that_is_described() {
    let mut account = account_with_pools();
    let not_owned = |n, phone_number| AddNumberError::PhoneNumberNotOwned {
        sid: Some(number(n).into()),
        phone_number: pool_number(phone_number),
    };
    for (service, n, phone_number, expected) in [
        (2, 9, "+14155559009", not_owned(9, "+14155559009")),
        (2, 9, P1, not_owned(9, P1)),
        (2, 1, "+14155559009", not_owned(1, "+14155559009")),
        (2, 2, P1, AddNumberError::DifferentNumbers { by_sid: number(2).into(), by_number: number(1).into() }),
        (2, 2, P2, AddNumberError::PhoneNumberAlreadyInService { existing: number(2).into() }),
        (1, 2, P2, AddNumberError::NumberAlreadyInAnotherService { other_service: service_sid(2) }),
    ] {
        let new = new_number(n, phone_number);
        assert_eq!(account.try_within(service, Command::AddNumber { new }), Err(expected.into()));
    }
}

#[test]
fn num_7_short_codes_have_codes_of_their_own() {
    let mut account = account();
    let new = NewOwnedNumber::short_code(short_code(1), "44551".parse().unwrap(), Country::US);
    account.try_apply(AccountCommand::RegisterNumber { new }).unwrap();
    let choice = |sid: Option<NumberSid>, digits: Option<&str>| NumberChoice {
        sid,
        phone_number: digits.and_then(pool_number),
        is_reserved: false,
    };
    let code = |account: &mut Account, choice| account.code(add(1, choice)).map(Code::number);
    assert_eq!(code(&mut account, choice(Some(short_code(9).into()), None)), Some(80303));
    assert_eq!(code(&mut account, choice(None, Some("70001"))), Some(80303));
    assert_eq!(code(&mut account, choice(Some(number(1).into()), Some("70001"))), Some(80303));
    assert_eq!(code(&mut account, choice(Some(short_code(9).into()), Some("+14155559009"))), Some(80303), "SID first");
    assert_eq!(code(&mut account, choice(Some(number(1).into()), Some("44551"))), Some(80701));
    assert_eq!(code(&mut account, choice(None, Some("44551"))), None);
    assert_eq!(code(&mut account, choice(None, Some("44551"))), Some(80105));
    assert_eq!(account.at(1).number(short_code(1)).unwrap().capabilities, Capabilities::SMS);
}

#[test]
fn num_8_an_owned_number_is_picked_by_sid_by_number_or_by_both() {
    for choice in [choice(Some(1), None), choice(None, Some(P1)), choice(Some(1), Some(P1))] {
        let mut account = account();
        let Ok(Reply::Number(added)) = account.try_apply(add(1, choice)) else { panic!("{choice:?}") };
        assert_eq!((added.sid, added.phone_number), (number(1).into(), pool_number(P1).unwrap()));
        assert_eq!(account.owned_number(number(1)).unwrap().service, Some(service_sid(1)));
    }
}

#[test]
fn num_8_a_pool_entry_is_described_as_the_account_has_it() {
    let mut account = empty_account();
    account.create(1, "rides");
    let mut new = owned(1, P1);
    new.friendly_name = Some("Airport".parse().unwrap());
    new.iso_country = Some(Country::CA);
    new.capabilities = Some(Capabilities::SMS);
    let Reply::OwnedNumber(registered) = account.try_apply(AccountCommand::RegisterNumber { new }).unwrap() else {
        panic!("it is no number")
    };
    assert_eq!(Some(&registered), account.owned_number(number(1)));
    account.put(1, P1);
    let entry = account.at(1).number(number(1)).unwrap();
    assert_eq!(entry.friendly_name, registered.friendly_name);
    assert_eq!((entry.iso_country, entry.capabilities), (Some(Country::CA), Capabilities::SMS));
}

/// A command that describes the number goes before the inventory, field by field.
#[test]
fn num_8_what_an_addition_leaves_out_is_that_of_the_owned_number() {
    let mut account = empty_account();
    account.create(1, "rides");
    let mut registered = owned(1, P1);
    registered.friendly_name = Some("Airport".parse().unwrap());
    registered.iso_country = Some(Country::CA);
    account.try_apply(AccountCommand::RegisterNumber { new: registered }).unwrap();
    let mut new = new_number(1, P1);
    new.capabilities = Some(Capabilities::SMS);
    new.iso_country = Some(Country::US);
    account.within(1, Command::AddNumber { new });
    let entry = account.at(1).number(number(1)).unwrap();
    assert_eq!(entry.friendly_name.as_ref().map(ToString::to_string).as_deref(), Some("Airport"));
    assert_eq!((entry.iso_country, entry.capabilities), (Some(Country::US), Capabilities::SMS));
}

#[test]
fn num_8_defaults_of_an_owned_number_are_those_of_its_kind() {
    let mut account = account();
    let phone = account.owned_number(number(1)).unwrap();
    assert_eq!((phone.iso_country, phone.capabilities), (Some(Country::US), Capabilities::VOICE_AND_SMS));
    let mut new = NewOwnedNumber::short_code(short_code(1), "44551".parse().unwrap(), Country::GB);
    new.iso_country = None;
    account.try_apply(AccountCommand::RegisterNumber { new }).unwrap();
    let code = account.owned_number(short_code(1)).unwrap();
    assert_eq!((code.iso_country, code.capabilities), (None, Capabilities::SMS));
}

#[test]
fn num_8_owned_numbers_are_listed_in_the_order_of_registrations() {
    let mut account = account();
    account.own(7, "+14155559007");
    account.try_apply(AccountCommand::ReleaseNumber { number: number(1).into() }).unwrap();
    account.own(1, P1);
    let listed = |numbers: Vec<&OwnedNumber>| -> Vec<NumberSid> { numbers.iter().map(|number| number.sid).collect() };
    let order = [2, 7, 1].map(|n| NumberSid::from(number(n)));
    assert_eq!(listed(account.owned_numbers().collect()), order);
    assert_eq!(listed(account.owned_numbers().rev().collect()), [1, 7, 2].map(|n| NumberSid::from(number(n))));
}

#[test]
fn num_9_registering_again_is_refused_unless_all_is_equal() {
    let mut account = account_with_pools();
    let before = account.state();
    let mut same = owned(1, P1);
    same.capabilities = Some(Capabilities::VOICE_AND_SMS);
    same.iso_country = Some(Country::US);
    for new in [owned(1, P1), same] {
        let Ok(Reply::OwnedNumber(number)) = account.try_apply(AccountCommand::RegisterNumber { new }) else {
            panic!("all is equal")
        };
        assert_eq!(number.service, Some(service_sid(1)), "as it is, in its pool");
        assert_eq!(account.state(), before);
    }
    let described = |change: fn(&mut NewOwnedNumber)| {
        let mut new = owned(1, P1);
        change(&mut new);
        new
    };
    for (new, existing) in [
        (owned(1, "+14155559009"), 1),
        (owned(9, P1), 1),
        (owned(1, P2), 1), // the SID first
        (owned(2, P1), 2),
        (described(|new| new.friendly_name = Some("Airport".parse().unwrap())), 1),
        (described(|new| new.iso_country = Some(Country::CA)), 1),
        (described(|new| new.capabilities = Some(Capabilities::SMS)), 1),
    ] {
        let error = RegisterNumberError { existing: number(existing).into() };
        assert_eq!(account.try_apply(AccountCommand::RegisterNumber { new }), Err(error.into()));
        assert_eq!((error.code().number(), error.http_status()), (20409, 409));
    }
}

#[test]
fn num_9_a_number_is_taken_away_only_out_of_no_pool() {
    let mut account = account_with_pools();
    let number = NumberSid::from(number(1));
    let release = || AccountCommand::ReleaseNumber { number };
    let in_pool = ReleaseNumberError::InPool { number, service: service_sid(1) };
    assert_eq!(account.try_apply(release()), Err(in_pool.into()));
    assert_eq!((in_pool.code().number(), in_pool.http_status()), (80601, 400));
    account.within(1, Command::RemoveNumber { number });
    assert_eq!(account.try_apply(release()), Ok(Reply::Done {}));
    let not_found = ReleaseNumberError::NumberNotFound { number };
    assert_eq!(account.try_apply(release()), Err(not_found.into()));
    assert_eq!((not_found.code().number(), not_found.http_status()), (20404, 404));
    assert_eq!(account.code(add(1, choice(None, Some(P1)))), Some(Code::PhoneNumberSidNotFound));
    // SID and number may come again, and apart.
    account.try_apply(register(1, "+14155559009")).unwrap();
    account.try_apply(register(9, P1)).unwrap();
}

/// What became of the inventory since does not reach a pool: only what is in none can change there.
#[test]
fn num_9_a_pool_entry_keeps_what_it_was_added_with() {
    let mut account = account_with_pools();
    let entry = account.at(1).number(number(1)).unwrap().clone();
    let mut other = owned(1, P1);
    other.iso_country = Some(Country::CA);
    assert_eq!(account.code(AccountCommand::RegisterNumber { new: other.clone() }), Some(Code::Conflict));
    assert_eq!(account.at(1).number(number(1)), Some(&entry));
    account.within(1, Command::RemoveNumber { number: number(1).into() });
    account.try_apply(AccountCommand::ReleaseNumber { number: number(1).into() }).unwrap();
    account.try_apply(AccountCommand::RegisterNumber { new: other }).unwrap();
    account.put(1, P1);
    assert_eq!(account.at(1).number(number(1)).unwrap().iso_country, Some(Country::CA));
}

/// Who asks for what, and with which code.
#[test]
fn par_7_an_explicit_number_that_the_account_does_not_own_has_a_code_of_its_own() {
    let (unowned, unowned_sid) = ("+14155559009", Some(9));
    let (elsewhere, elsewhere_sid) = (P2, Some(2));
    let not_owned = Some(Code::ProxyIdentifierNotOwned);
    let not_in_service = Some(Code::ProxyIdentifierNotInService);
    for (sid, proxy_identifier, code) in [
        (None, Some(unowned), not_owned),
        (None, Some("70001"), not_owned),
        (unowned_sid, None, not_owned),
        (None, Some(elsewhere), not_in_service),
        (elsewhere_sid, None, not_in_service),
        (None, Some("telephone"), not_in_service), // by its form
        (unowned_sid, Some(P1), not_owned),        // the SID first
        (elsewhere_sid, Some(unowned), not_in_service),
        (Some(1), Some(unowned), not_owned),
        (Some(1), Some(elsewhere), not_in_service),
        (Some(1), Some("telephone"), not_in_service),
        (Some(1), Some(P1), None),
    ] {
        let mut account = account_with_pools();
        account.within(1, open(1));
        let mut new = new_participant(1, ALICE);
        new.proxy_identifier = proxy_identifier.map(|text| text.parse().unwrap());
        new.proxy_identifier_sid = sid.map(number);
        let mut with_alice = new_session(2);
        with_alice.participants = vec![new.clone()];
        for command in [
            Command::CreateSession { new: with_alice },
            Command::BeginAddParticipant { session: session(1), new: new.clone() },
            Command::AddParticipant { session: session(1), new },
        ] {
            let mut account = account.clone();
            assert_eq!(account.code_within(1, command), code, "{sid:?} {proxy_identifier:?}");
        }
    }
}

#[test]
fn par_7_a_service_alone_does_not_know_what_is_owned() {
    let mut service = service().with_numbers(&[P1]);
    let ride = service.open(1);
    let new = new_participant_with(1, ALICE, "+14155559009");
    assert_eq!(service.try_add(ride, new), Err(Code::ProxyIdentifierNotInService));
}

/// PAR-10: it takes the place of 80605.
#[test]
fn par_7_what_is_not_owned_comes_after_the_session_and_before_the_pair() {
    let mut account = account_with_pools();
    account.within(1, open_ride());
    let stranger = |new: NewParticipant| Command::AddParticipant { session: session(1), new };
    let unowned = "+14155559009";
    for (n, identifier, code) in [
        (1, ALICE, Code::Conflict),
        (3, ALICE, Code::ParticipantAlreadyInSession),
        (3, CAROL, Code::TooManyParticipants),
    ] {
        let new = new_participant_with(n, identifier, unowned);
        assert_eq!(account.code_within(1, stranger(new)), Some(code));
    }
    account.within(1, open(2));
    let own = new_participant_with(3, unowned, unowned);
    let command = Command::AddParticipant { session: session(2), new: own };
    assert_eq!(account.code_within(1, command), Some(Code::ProxyIdentifierNotOwned), "before PAR-9");
    let pooled = new_participant_with(3, P1, unowned);
    let command = Command::AddParticipant { session: session(2), new: pooled };
    assert_eq!(account.code_within(1, command), Some(Code::IdentifierProxyPairInvalid), "after PAR-9's first half");
}

fn out_of_session(service: u128, account: &mut Account) {
    let update =
        ServiceUpdate { out_of_session_callback_url: Patch::Set(url(OUT_OF_SESSION)), ..ServiceUpdate::default() };
    account.within(service, Command::UpdateService { update });
}

/// An answer that asks for a session with Bob at a number.
fn bob_wanted_at(number: &str) -> OutOfSessionAnswer {
    let body = format!(r#"{{"participantIdentifier":"{BOB}","participantProxyIdentifier":"{number}"}}"#);
    OutOfSessionAnswer {
        status: WebhookAnswer::Status(200),
        content_type: Some("application/json".parse().unwrap()),
        body: body.parse().unwrap(),
    }
}

#[test]
fn par_7_auto_create_tells_what_is_not_owned_from_what_is_elsewhere() {
    for (wanted, expected) in [
        (P2, AddParticipantError::ProxyIdentifierNotInService),
        ("+14155559009", AddParticipantError::ProxyIdentifierNotOwned),
    ] {
        let mut account = account_with_pools();
        out_of_session(1, &mut account);
        account.try_apply(AccountCommand::Receive { inbound: call(1, ALICE, P1) }).unwrap();
        let sids = AutoCreateSids { session: session(1), caller: participant(1), partner: participant(2) };
        let answer = bob_wanted_at(wanted);
        let resolve = Command::ResolveOutOfSession { interaction: interaction(1), answer, sids };
        let error = CreateSessionError::Participant { index: 1, error: expected };
        let failure = OutOfSessionFailure::AutoCreate(AutoCreateError::Session(error));
        let outcome = Outcome::Failed { interaction: interaction(1), failure };
        assert_eq!(account.within(1, resolve), Reply::Outcome(outcome));
    }
}

/// The number that was dialled may have left the account meanwhile.
#[test]
fn par_7_auto_create_asks_for_the_dialled_number_too() {
    let mut account = account_with_pools();
    out_of_session(1, &mut account);
    account.try_apply(AccountCommand::Receive { inbound: call(1, ALICE, P1) }).unwrap();
    account.within(1, Command::RemoveNumber { number: number(1).into() });
    let mut released = account.clone();
    released.try_apply(AccountCommand::ReleaseNumber { number: number(1).into() }).unwrap();
    for (mut account, code) in [(account, Code::ProxyIdentifierNotInService), (released, Code::ProxyIdentifierNotOwned)]
    {
        let sids = AutoCreateSids { session: session(1), caller: participant(1), partner: participant(2) };
        let resolve = Command::ResolveOutOfSession { interaction: interaction(1), answer: bob_wanted_at(P1), sids };
        let Reply::Outcome(outcome) = account.within(1, resolve) else { panic!("it is a contact") };
        assert_eq!(outcome.code(), Some(code));
    }
}

/// NUM-6 asks for an entry of the pool, whatever the account owns.
#[test]
fn num_6_a_re_open_without_its_number_is_80605_in_an_account_too() {
    let mut account = account_with_pools();
    account.within(1, open_ride());
    account.within(1, Command::UpdateSession { session: session(1), update: close() });
    account.within(1, Command::RemoveNumber { number: number(1).into() });
    account.try_apply(AccountCommand::ReleaseNumber { number: number(1).into() }).unwrap();
    let again = Command::UpdateSession { session: session(1), update: reopen() };
    assert_eq!(account.code_within(1, again.clone()), Some(Code::ProxyIdentifierNotInService));
    account.own(1, P1);
    account.put(2, P1);
    assert_eq!(account.code_within(1, again), Some(Code::ProxyIdentifierNotInService));
}

// ---- time ----

#[test]
fn tim_2_one_latest_instant_counts_in_every_service() {
    let mut account = account();
    account.apply(AccountCommand::Service { service: service_sid(1), command: open(1) }, at(100)).unwrap();
    account.apply(AccountCommand::Service { service: service_sid(2), command: open(1) }, at(50)).unwrap();
    assert_eq!(account.at(2).session(session(1)).unwrap().date_created, at(100));
    account.apply(create(3, "parcels"), at(10)).unwrap();
    assert_eq!(account.at(3).settings().date_created, at(100));
    for service in account.state().services {
        assert_eq!(service.service.latest_instant, at(100));
    }
}

#[test]
fn tim_2_a_refused_command_moves_the_latest_instant_of_all() {
    let mut account = account();
    let missing = AccountCommand::DeleteService { service: service_sid(9) };
    account.apply(missing, at(70)).unwrap_err();
    assert_eq!(account.latest_instant(), at(70));
    account.apply(AccountCommand::Service { service: service_sid(1), command: open(1) }, at(0)).unwrap();
    assert_eq!(account.at(1).session(session(1)).unwrap().date_created, at(70));
}

/// A question to a service that had nothing to do for long is answered as of the latest instant of the account.
#[test]
fn tim_2_questions_never_look_behind_the_latest_instant() {
    let mut account = account_with_pools();
    let mut new = new_session(1);
    new.ttl = Some(ttl(60));
    new.participants = vec![new_participant(1, ALICE), new_participant(2, BOB)];
    account.within(1, Command::CreateSession { new });
    account.apply(create(3, "parcels"), at(60)).unwrap();
    for now in [at(0), at(59), at(60)] {
        let route = account.at(1).route(Some(&identifier(ALICE)), &proxy(P1), ContactKind::Call, now);
        assert!(matches!(route, Route::OutOfSession { expired: true, .. }), "{route:?}");
        assert_eq!(account.route(Some(&identifier(ALICE)), &proxy(P1), ContactKind::Call, now), route);
        let explanation = account.at(1).explain_selection(session(1), &identifier(CAROL), now);
        assert_eq!(explanation.unwrap_err().code(), Code::SessionClosed);
    }
}

#[test]
fn tim_3_every_command_does_first_what_is_due_in_any_service() {
    type MakeCommand = fn() -> AccountCommand;
    let commands: [MakeCommand; 8] = [
        || create(3, "parcels"),
        || create(1, "parcels"), // refused
        || AccountCommand::DeleteService { service: service_sid(2) },
        || register(3, "+14155559003"),
        || AccountCommand::ReleaseNumber { number: number(9).into() }, // refused
        || AccountCommand::Receive { inbound: call(1, ALICE, P2) },
        || AccountCommand::HandleDeadline {},
        || AccountCommand::Service { service: service_sid(2), command: open(1) },
    ];
    for command in commands {
        let mut account = account_with_pools();
        account.within(1, mortal(1, 60));
        let _outcome = account.apply(command(), at(60));
        let expired = account.at(1).session(session(1)).unwrap();
        assert_eq!((expired.status, expired.date_ended), (SessionStatus::Closed, Some(at(60))), "{:?}", command());
        assert_eq!(expired.closed_reason, Some(ClosedReason::Expired));
    }
}

/// What is due may concern the command itself: the number of another service falls free first.
#[test]
fn tim_3_a_command_finds_the_account_as_it_is_when_all_that_is_due_is_done() {
    let mut account = account_with_pools();
    let mut new = new_session(1);
    new.ttl = Some(ttl(60));
    new.participants = vec![new_participant(1, ALICE)];
    account.within(1, Command::CreateSession { new });
    let remove = || {
        let command = Command::RemoveNumber { number: number(1).into() };
        AccountCommand::Service { service: service_sid(1), command }
    };
    let in_use = account.apply(remove(), at(59)).unwrap_err();
    assert_eq!(in_use.code(), Code::ProxyNumberInActiveSessions);
    account.apply(remove(), at(60)).unwrap();
    account.apply(add(2, choice(Some(1), None)), at(60)).unwrap();
}

#[test]
fn tim_3_a_long_jump_does_what_many_steps_do() {
    let mut policy = Policy::default();
    policy.retention = Span::from_seconds(100);
    let mut account = Account::new(AccountSid::from_u128(1), policy, at(0));
    for n in 1..=3 {
        account.create(n, &format!("service-{n}"));
        for m in 1..=3 {
            account.within(n, mortal(m, 10 * u32::try_from(n * m % 4 + 1).unwrap()));
        }
    }
    let mut stepped = account.clone();
    for second in 0..=131 {
        stepped.handle_deadline(at(second));
    }
    account.apply(AccountCommand::HandleDeadline {}, at(131)).unwrap();
    assert_eq!(account.state(), stepped.state());
    assert!(account.services().all(|service| service.sessions().count() < 3), "some are deleted");
    assert!(account.services().any(|service| service.sessions().count() > 0), "some are still kept");
}

#[test]
fn tim_4_the_next_deadline_is_the_earliest_of_all_services() {
    let mut account = account();
    assert_eq!(account.next_deadline(), None);
    account.within(1, mortal(1, 60));
    account.within(2, mortal(1, 30));
    account.within(2, mortal(2, 90));
    assert_eq!(account.next_deadline(), Some(at(30)));
    account.handle_deadline(at(29));
    assert_eq!(account.next_deadline(), Some(at(30)), "too early, nothing happens");
    account.handle_deadline(at(30));
    assert_eq!(account.next_deadline(), Some(at(60)));
    account.within(2, Command::DeleteSession { session: session(2) });
    account.handle_deadline(at(60));
    let ninety_days = 90 * 86_400;
    assert_eq!(account.next_deadline(), Some(at(30 + ninety_days)), "EXP-7");
    account.delete(2);
    assert_eq!(account.next_deadline(), Some(at(60 + ninety_days)));
    account.delete(1);
    assert_eq!(account.next_deadline(), None);
}

// ---- traffic and events ----

#[test]
fn rte_1_the_pool_decides_the_service_of_a_contact() {
    let mut account = account_with_pools();
    for service in [1, 2] {
        account.within(service, open_ride());
    }
    for (service, number) in [(1, P1), (2, P2)] {
        let inbound = call(service, ALICE, number);
        let Ok(Reply::Received { service: taken_by, outcome }) = account.try_apply(AccountCommand::Receive { inbound })
        else {
            panic!("somebody is there")
        };
        assert_eq!(taken_by, service_sid(service));
        assert_eq!(outcome, connected(1, service, number, BOB));
        assert_eq!(account.service_of_number(pool_number(number).unwrap()).unwrap().settings().sid, taken_by);
    }
    assert_eq!(account.at(1).interactions(session(1)).unwrap().count(), 1);
}

#[test]
fn rte_1_a_number_that_moves_takes_its_callers_along() {
    let mut account = account_with_pools();
    account.within(1, Command::RemoveNumber { number: number(1).into() });
    let nobody = || AccountCommand::Receive { inbound: call(1, ALICE, P1) };
    assert_eq!(account.try_apply(nobody()), Err(ReceiveError::UnknownProxyIdentifier.into()), "owned, in no pool");
    account.put(2, P1);
    let reply = account.try_apply(nobody()).unwrap();
    assert!(matches!(reply, Reply::Received { service, .. } if service == service_sid(2)), "{reply:?}");
    account.delete(2);
    assert_eq!(account.code(nobody()), Some(Code::NotFound));
}

/// The first checks of RTE-12 hold in the service as well: nothing is raised for what nobody is reached at.
#[test]
fn rte_12_what_is_in_no_pool_is_refused_and_nothing_raised() {
    let mut account = account_with_pools();
    for to in ["+14155559009", "70001", "whatsapp:+14155559001"] {
        let inbound = message(1, ALICE, to, "STOP");
        let error = account.try_apply(AccountCommand::Receive { inbound }).unwrap_err();
        assert_eq!((error.code().number(), error.http_status()), (20404, 404), "{to}");
    }
    assert_eq!(account.told(), [""; 0]);
}

#[test]
fn rte_1_a_channel_address_is_for_the_service_that_the_caller_names() {
    let mut account = account_with_pools();
    let (alice, ride) = ("whatsapp:+14155550001", "whatsapp:+14155559001");
    for service in [1, 2] {
        let mut new = new_session_with_mode(1, twilio_proxy_core::SessionMode::MessageOnly);
        new.participants = vec![new_participant_with(1, alice, ride), new_participant(2, BOB)];
        account.within(service, Command::CreateSession { new });
    }
    let inbound = message(1, alice, ride, "Hello");
    let unnamed = AccountCommand::Receive { inbound: inbound.clone() };
    assert_eq!(account.code(unnamed), Some(Code::NotFound));
    let reply = account.within(2, Command::Receive { inbound });
    assert!(matches!(reply, Reply::Outcome(Outcome::Connected { .. })), "{reply:?}");
    assert_eq!(account.at(1).interactions(session(1)).unwrap().count(), 0);
    assert_eq!(account.at(2).interactions(session(1)).unwrap().count(), 1);
}

#[test]
fn rte_1_a_named_service_is_reached_at_its_own_numbers_only() {
    let mut account = account_with_pools();
    let inbound = call(1, ALICE, P2);
    assert_eq!(account.code_within(1, Command::Receive { inbound }), Some(Code::NotFound));
}

#[test]
fn rte_9_a_route_in_an_account_is_that_of_the_service_with_the_number() {
    let mut account = account_with_pools();
    account.within(1, open_ride());
    let alice = identifier(ALICE);
    let route = account.route(Some(&alice), &proxy(P1), ContactKind::Call, at(0));
    assert!(matches!(route, Route::Connect { to, .. } if *to == identifier(BOB)), "{route:?}");
    let route = account.route(Some(&alice), &proxy(P2), ContactKind::Call, at(0));
    assert_eq!(route, Route::OutOfSession { kind: ContactKind::Call, previous: None, expired: false });
    for nowhere in ["+14155559009", "70001", "whatsapp:+14155559001"] {
        let route = account.route(Some(&alice), &proxy(nowhere), ContactKind::Message, at(0));
        assert_eq!(route, Route::UnknownProxyIdentifier);
    }
}

/// A failed callback, which any service can report at any time.
fn failure() -> Command {
    Command::ReportCallback { url: url(CALLBACK), answer: WebhookAnswer::None }
}

#[test]
fn whk_6_events_come_in_the_order_in_which_they_arose_across_services() {
    let mut account = account_with_pools();
    for service in [2, 1] {
        account.within(service, open_ride());
    }
    account.within(2, failure());
    account.try_apply(AccountCommand::Receive { inbound: call(1, ALICE, P1) }).unwrap();
    account.within(2, failure());
    account.try_apply(AccountCommand::Receive { inbound: call(2, CAROL, P2) }).unwrap();
    account.within(1, failure());
    assert_eq!(account.told(), ["2: 80908", "1: leg 1", "2: 80908", "2: 80902", "2: 80905", "1: 80908"]);
    account.within(2, failure());
    account.within(1, failure());
    assert_eq!(account.told(), ["2: 80908", "1: 80908"]);
}

#[test]
fn whk_6_what_is_polled_between_changes_no_order() {
    let mut account = account();
    let mut told = Vec::new();
    for service in [1, 2, 2, 1, 2, 1, 1] {
        account.within(service, failure());
        account.within(3 - service, failure());
        told.extend(account.poll_event().map(|event| event.service.to_u128()));
    }
    told.extend(core::iter::from_fn(|| account.poll_event()).map(|event| event.service.to_u128()));
    assert_eq!(told, [1, 2, 2, 1, 2, 1, 1, 2, 2, 1, 1, 2, 1, 2]);
}

#[test]
fn inv_6_a_deleted_service_takes_its_requests_and_legs_along_and_leaves_its_notifications() {
    let mut account = account_with_pools();
    out_of_session(1, &mut account);
    account.within(1, open_ride());
    account.within(2, failure());
    account.within(1, failure());
    account.try_apply(AccountCommand::Receive { inbound: call(1, ALICE, P1) }).unwrap();
    // A stranger's contact belongs to no session: its request goes with the service all the same.
    account.try_apply(AccountCommand::Receive { inbound: call(2, CAROL, P1) }).unwrap();
    account.within(2, failure());
    let all = ["2: 80908", "1: 80908", "1: leg 1", "1: 80902", "1: out_of_session 2", "2: 80908"];
    assert_eq!(account.clone().told(), all);
    account.delete(1);
    assert_eq!(account.clone().told(), ["2: 80908", "1: 80908", "1: 80902", "2: 80908"]);
    account.delete(2);
    assert_eq!(account.told(), ["2: 80908", "1: 80908", "1: 80902", "2: 80908"]);
}

#[test]
fn inv_6_notifications_of_a_deleted_service_and_of_its_namesake_stay_in_order() {
    let mut account = account();
    account.within(1, failure());
    account.delete(1);
    account.within(2, failure());
    account.create(1, "rides");
    account.within(1, failure());
    account.within(2, failure());
    account.delete(1);
    let order: Vec<ServiceSid> = core::iter::from_fn(|| account.poll_event())
        .map(|AccountEvent { service, event }| {
            assert!(matches!(event, Event::Notification(Notification::CallbackError { .. })));
            service
        })
        .collect();
    assert_eq!(order, [1, 2, 1, 2].map(service_sid));
}

#[test]
fn inv_6_deleting_a_session_discards_its_events_in_an_account_too() {
    let mut account = account_with_pools();
    account.within(1, open_ride());
    account.within(2, failure());
    account.try_apply(AccountCommand::Receive { inbound: call(1, ALICE, P1) }).unwrap();
    account.within(1, failure());
    account.within(1, Command::DeleteSession { session: session(1) });
    assert_eq!(account.told(), ["2: 80908", "1: 80908"]);
}

/// The retention of one service discards its events while a command is for another.
#[test]
fn inv_6_retention_in_one_service_discards_while_another_is_at_work() {
    let mut account = account_with_pools();
    account.within(1, open_ride());
    account.try_apply(AccountCommand::Receive { inbound: call(1, ALICE, P1) }).unwrap();
    account.within(1, Command::UpdateSession { session: session(1), update: close() });
    let later = at(90 * 86_400);
    account.apply(AccountCommand::Service { service: service_sid(2), command: failure() }, later).unwrap();
    assert_eq!(account.at(1).sessions().count(), 0);
    assert_eq!(account.told(), ["2: 80908"]);
}

// ---- the whole ----

#[test]
fn err_2_a_refusal_in_one_service_leaves_the_others_alone() {
    let mut account = account_with_pools();
    account.within(1, open_ride());
    let before = account.state();
    for (service, command) in [
        (1, open(1)),
        (2, Command::AddNumber { new: new_number(1, P1) }),
        (2, named("rides")),
        (2, Command::RemoveNumber { number: number(1).into() }),
    ] {
        assert!(account.try_within(service, command).is_err());
    }
    assert_eq!(account.state(), before);
}

#[test]
fn inv_1_no_seed_shows() {
    let run = |mut account: Account| {
        for n in 0..40 {
            account.create(n, &format!("service-{n}"));
            account.own(n, &format!("+1415555{n:04}"));
            account.put(n, &format!("+1415555{n:04}"));
            account.within(n, failure());
        }
        for n in (0..40).step_by(3) {
            account.delete(n);
        }
        let polled: Vec<AccountEvent> = core::iter::from_fn(|| account.poll_event()).take(20).collect();
        (polled, account.state())
    };
    let sid = AccountSid::from_u128(1);
    let plain = run(Account::new(sid, Policy::default(), at(0)));
    for seed in [0, 1, u64::MAX, 0x1234_5678_9abc_def1] {
        assert_eq!(run(Account::with_hash_seed(sid, Policy::default(), at(0), seed)), plain);
    }
}

/// A service may bring a seed of its own, which shows no more.
#[test]
fn inv_1_no_seed_of_a_service_shows() {
    let mut account = empty_account();
    let mut new = new_service_called(1, "rides");
    new.hash_seed = Some(7);
    account.try_apply(AccountCommand::CreateService { new }).unwrap();
    let mut other = empty_account();
    other.create(1, "rides");
    assert_eq!(account.state(), other.state());
    assert!(!format!("{account:?}").contains("seed"));
}

/// What an account says of itself says nothing of people.
#[test]
fn txt_3_debug_of_an_account_shows_nobody() {
    let mut account = account_with_pools();
    account.within(1, open_ride());
    let shown = format!("{account:?} {:?}", account.at(1));
    assert!(!shown.contains(ALICE) && !shown.contains("+1415555"), "{shown}");
    assert!(shown.starts_with(&format!("Account {{ sid: {:?}, policy: Policy {{ ", account.sid())), "{shown}");
    assert!(shown.contains(" Service { settings: ServiceSettings { "), "{shown}");
}
