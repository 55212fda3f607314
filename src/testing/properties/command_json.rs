use serde_json::from_slice;

use super::{Violation, agree, json_round_trip, sure};
use crate::{AccountSid, Command, LogEntry, NewService, Policy, Service, ServiceSid, Timestamp, testing::Reference};

/// A log, an entry a line: what is read as an entry is the same again when it is written and read; and a small busy service
/// answers it as the [`Reference`] does, is then in the same state, and can be restored from it (INV-2, INV-5).
///
/// Lines that are no entries are passed over.
///
/// ```
/// use twilio_proxy_core::testing::properties;
///
/// properties::command_json(br#"{"now":"2026-01-01T00:01:00Z","command":{"handle_deadline":{}}}"#)?;
/// # Ok::<(), properties::Violation>(())
/// ```
///
/// # Errors
///
/// The first thing that is not so.
pub fn command_json(input: &[u8]) -> Result<(), Violation> {
    let mut entries =
        input.split(|byte| *byte == b'\n').filter_map(|line| from_slice::<LogEntry>(line).ok()).peekable();
    if entries.peek().is_none() {
        return Ok(());
    }
    let name = sure("name of the service", "rides".parse())?;
    let new = NewService::new(ServiceSid::from_u128(1), AccountSid::from_u128(1), name);
    let mut service = Service::new(new.clone(), Policy::default(), START);
    let mut reference = Reference::new(new, Policy::default(), START);
    for command in BUSY_SERVICE {
        let command: Command = sure(command, serde_json::from_str(command))?;
        sure("the busy service", service.apply(command.clone(), START))?;
        sure("the busy reference", reference.apply(command, START))?;
    }

    for entry in entries {
        json_round_trip(&entry)?;
        let LogEntry { now, command } = entry;
        agree("answer", service.apply(command.clone(), now), reference.apply(command, now))?;
        agree("deadline", service.next_deadline(), reference.next_deadline())?;
        agree("state", service.state(), reference.state())?;
    }
    let restored = sure("restored", Service::restore(service.state()))?;
    agree("restored state", restored.state(), reference.state())
}

const START: Timestamp = Timestamp::from_unix_seconds(1_767_225_600);

/// What makes a service busy: session 1 has two people, an interaction and a contact that waits for its verdict; session 2
/// is for messages, on a channel and a short code, with an addition that was begun; session 3 is closed and still has its people;
/// and a stranger waits for an answer.
const BUSY_SERVICE: [&str; 17] = [
    r#"{"add_number":{"new":{"sid":"PN00000000000000000000000000000001","phone_number":"+14155559001"}}}"#,
    r#"{"add_number":{"new":{"sid":"PN00000000000000000000000000000002","phone_number":"+14155559002"}}}"#,
    r#"{"add_number":{"new":{"sid":"SC00000000000000000000000000000001","phone_number":"44551","iso_country":"US"}}}"#,
    r#"{"update_service":{"update":{"callback_url":"https://a.example/callback","out_of_session_callback_url":"https://a.example/strangers"}}}"#,
    r#"{"create_session":{"new":{"sid":"KC00000000000000000000000000000001","unique_name":"ride-1","ttl":3600,"participants":[
        {"sid":"KP00000000000000000000000000000001","identifier":"+14155550001"},
        {"sid":"KP00000000000000000000000000000002","identifier":"+14155550002"}]}}}"#,
    r#"{"receive":{"inbound":{"interaction":"KI00000000000000000000000000000001","resource":"CA00000000000000000000000000000001",
        "from":"+14155550001","to":"+14155559001","contact":"call"}}}"#,
    r#"{"send_message":{"session":"KC00000000000000000000000000000001","participant":"KP00000000000000000000000000000002",
        "new":{"sid":"KI00000000000000000000000000000002","body":"Hello"}}}"#,
    r#"{"create_session":{"new":{"sid":"KC00000000000000000000000000000002","mode":"message-only"}}}"#,
    r#"{"add_participant":{"session":"KC00000000000000000000000000000002","new":
        {"sid":"KP00000000000000000000000000000003","identifier":"x:carol","proxy_identifier":"x:rides"}}}"#,
    r#"{"begin_add_participant":{"session":"KC00000000000000000000000000000002","new":
        {"sid":"KP00000000000000000000000000000004","identifier":"+14155550004","proxy_identifier":"44551"}}}"#,
    r#"{"create_session":{"new":{"sid":"KC00000000000000000000000000000003","date_expiry":"2027-01-01T00:00:00Z"}}}"#,
    r#"{"add_participant":{"session":"KC00000000000000000000000000000003","new":
        {"sid":"KP00000000000000000000000000000005","identifier":"+14155550005"}}}"#,
    r#"{"update_session":{"session":"KC00000000000000000000000000000003","update":{"status":"closed"}}}"#,
    r#"{"receive":{"inbound":{"interaction":"KI00000000000000000000000000000003","resource":"SM00000000000000000000000000000003",
        "from":"+14155550003","to":"+14155559001","contact":{"message":{"body":"Hello?"}}}}}"#,
    r#"{"update_service":{"update":{"intercept_callback_url":"https://a.example/intercept"}}}"#,
    r#"{"receive":{"inbound":{"interaction":"KI00000000000000000000000000000004","resource":"SM00000000000000000000000000000004",
        "from":"+14155550002","to":"+14155559001","contact":{"message":{"body":"Wait"}}}}}"#,
    r#"{"update_service":{"update":{"intercept_callback_url":null}}}"#,
];
