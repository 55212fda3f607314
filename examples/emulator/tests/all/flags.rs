//! What is wrong with flags and files is said, with status 2.

use std::{fs, path::Path};

use reqwest::StatusCode;
use serde_json::json;

use crate::harness::{Emulator, finish, program, run};

fn refused(arguments: &[&str]) -> String {
    let output = run(arguments);
    let complaint = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2), "{arguments:?}: {complaint}");
    assert!(output.stdout.is_empty(), "{arguments:?}");
    complaint
}

fn file(folder: &Path, name: &str, text: &str) -> String {
    let path = folder.join(name);
    fs::write(&path, text).unwrap();
    path.to_str().unwrap().to_owned()
}

#[test]
fn a_bad_flag_says_what_is_wrong() {
    for (arguments, complaint) in [
        (&["--listen", "nowhere"][..], "invalid socket address"),
        (&["--listen", "192.0.2.1:80"], "--listen 192.0.2.1:80"),
        (&["--account-sid", "AC1"], "a SID has 34 bytes, not 3"),
        (&["--auth-token", ""], "letters, digits"),
        (&["--auth-token", "a\"b"], "letters, digits"),
        (&["--clock", "sundial"], "real, manual"),
        (&["--clock", "manual", "--now", "tomorrow"], "--now"),
        (&["--now", "2030-01-01T00:00:00Z"], "--clock manual"),
        (&["--data", "/dev/null/store"], "/dev/null/store"),
        (&["--policy", "/nowhere"], "/nowhere: No such file"),
        (&["--inventory", "/nowhere"], "/nowhere: No such file"),
        (&["--bogus"], "--bogus"),
    ] {
        let said = refused(arguments);
        assert!(said.contains(complaint), "{arguments:?}: {said}");
    }
}

#[test]
fn a_bad_file_says_where() {
    let folder = tempfile::tempdir().unwrap();
    for (flag, text, complaint) in [
        ("--policy", "{", "EOF while parsing"),
        ("--policy", r#"{"retention": -1}"#, "line 1 column"),
        ("--policy", r#"{"colour": "blue"}"#, "unknown field `colour`"),
        ("--inventory", "{}", "expected a sequence"),
        ("--inventory", r#"[{"phone_number": "+14155551212"}, {"phone_number": "+1"}]"#, "number 1: "),
        (
            "--inventory",
            r#"[{"phone_number": "+14155551212"}, {"phone_number": "+14155551212", "iso_country": "CA"}]"#,
            "number 1 of the inventory cannot be registered",
        ),
    ] {
        let path = file(folder.path(), "file.json", text);
        let said = refused(&[flag, &path]);
        assert!(said.contains(complaint), "{flag} {text}: {said}");
    }
}

#[test]
fn a_level_that_is_none_is_refused() {
    let output = finish(program(&[]).env("EMULATOR_LOG", "loud"));
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8(output.stderr).unwrap().contains("EMULATOR_LOG is 'loud'"));
}

#[test]
fn help_explains_each_flag() {
    let help = String::from_utf8(run(&["--help"]).stdout).unwrap();
    for flag in [
        "--listen <ADDRESS>",
        "--account-sid <SID>",
        "--auth-token <TOKEN>",
        "--data <DIR>",
        "--clock <CLOCK>",
        "--now <RFC3339>",
        "--policy <FILE>",
        "--inventory <FILE>",
        "--strict-inventory",
    ] {
        assert!(help.contains(flag), "{flag}");
    }
}

#[tokio::test]
async fn policy_and_inventory_are_taken_from_files() {
    let folder = tempfile::tempdir().unwrap();
    let policy = file(folder.path(), "policy.json", r#"{"participant_delete_status": 200, "max_page_size": 7}"#);
    let sid = "PN00000000000000000000000000000007";
    let inventory = file(
        folder.path(),
        "inventory.json",
        &json!([{ "phone_number": "+14155551212", "sid": sid }, { "phone_number": "44551", "iso_country": "US" }])
            .to_string(),
    );
    let emulator = Emulator::start(&["--policy", &policy, "--inventory", &inventory, "--strict-inventory"]);
    let state = emulator.ask("state").await;
    assert_eq!(
        (&state["policy"]["max_page_size"], &state["policy"]["participant_delete_status"]),
        (&json!(7), &json!(200))
    );
    let numbers = emulator.ask("numbers").await;
    assert_eq!(numbers["numbers"][0]["sid"], sid);
    assert_eq!(numbers["numbers"][1]["phone_number"], "44551");

    let service = emulator.service("rides", &["+14155551212"]).await;
    let numbers = format!("{service}/PhoneNumbers");
    let (status, error) = emulator.post(&numbers, &[("PhoneNumber", "+14155559999")]).await;
    assert_eq!((status, &error["code"]), (StatusCode::BAD_REQUEST, &json!(80301)), "num_8: the inventory is strict");
}

#[tokio::test]
async fn num_8_a_number_that_is_not_owned_is_registered_on_the_spot() {
    let emulator = Emulator::start(&[]);
    let service = emulator.service("rides", &["+442079460000"]).await;
    let numbers = emulator.ask("numbers").await;
    assert_eq!(numbers["numbers"][0]["phone_number"], "+442079460000");
    assert_eq!(numbers["numbers"][0]["iso_country"], "GB");

    let (status, error) = emulator.post(&format!("{service}/PhoneNumbers"), &[("Sid", &format!("PN{:032}", 9))]).await;
    assert_eq!((status, &error["code"]), (StatusCode::BAD_REQUEST, &json!(80301)), "a SID alone names no number");
}
