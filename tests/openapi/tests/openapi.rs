//! Every answer against the schema of its operation: all fields there, each of its type and pattern, and none besides (API-1,
//! API-3, API-4).

#![expect(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a fixture that fails is a failed test"
)]

extern crate alloc;

use alloc::collections::BTreeSet;
use std::{env, fs, io::Write};

use http::{Method, Request};
use jsonschema::Validator;
use serde_json::{Value, json};
use twilio_proxy_core::{
    Account, AccountCommand, AccountSid, NewOwnedNumber, PhoneNumberSid, Policy, Timestamp,
    rest::{self, Context, Operation, Origin, Parameter},
};

/// The document and its text, or `None` if there is none to compare with.
fn document() -> Option<(Value, String)> {
    let Some(path) = env::var_os("TWILIO_PROXY_OPENAPI") else {
        // Past the capture of the test harness, so that it is seen.
        let notice = b"skipped: TWILIO_PROXY_OPENAPI does not name Twilio's OpenAPI document\n";
        std::io::stderr().write_all(notice).unwrap();
        return None;
    };
    let text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    Some((serde_json::from_str(&text).unwrap(), text))
}

/// Method and path of an operation, with nothing in the braces.
fn outline(method: &str, path: &str) -> String {
    let mut outline = format!("{} ", method.to_uppercase());
    let mut parts = path.split(['{', '}']);
    while let Some(fixed) = parts.next() {
        outline.push_str(fixed);
        if parts.next().is_some() {
            outline.push_str("{}");
        }
    }
    outline
}

/// The operations of the document: outline, and what is said of it.
fn operations(document: &Value) -> Vec<(String, &Value)> {
    let mut operations = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for method in ["get", "post", "delete"] {
            operations.extend(item.get(method).map(|operation| (outline(method, path), operation)));
        }
    }
    operations
}

/// A schema of OpenAPI 3.0 as JSON Schema, which asks for every field and allows no other.
fn strict(schema: &Value, document: &Value) -> Value {
    if let Some(reference) = schema.get("$ref").and_then(Value::as_str) {
        return strict(document.pointer(reference.trim_start_matches('#')).unwrap(), document);
    }
    let mut strict_schema = serde_json::Map::new();
    for key in ["enum", "format", "maxLength", "maximum", "minLength", "minimum", "pattern"] {
        strict_schema.extend(schema.get(key).map(|value| (key.to_owned(), value.clone())));
    }
    if let Some(kind) = schema.get("type") {
        let kind = if schema["nullable"] == true { json!([kind, "null"]) } else { kind.clone() };
        strict_schema.insert("type".into(), kind);
    }
    if let Some(items) = schema.get("items") {
        strict_schema.insert("items".into(), strict(items, document));
    }
    if let Some(properties) = schema.get("properties").and_then(Value::as_object) {
        let fields = properties.iter().map(|(name, schema)| (name.clone(), departed(name, strict(schema, document))));
        strict_schema.insert("properties".into(), fields.collect());
        strict_schema.insert("required".into(), properties.keys().cloned().collect());
        strict_schema.insert("additionalProperties".into(), false.into());
    }
    strict_schema.into()
}

/// The schema of a field, where the answer departs from the document on purpose.
fn departed(field: &str, mut schema: Value) -> Value {
    match field {
        // SVC-6: the text of the document names a fifth level.
        "geo_match_level" => schema["enum"].as_array_mut().unwrap().push("extended-area-code".into()),
        // API-8: as in the examples of the document.
        "capabilities" => {
            let keys =
                ["voice_inbound", "voice_outbound", "sms_inbound", "sms_outbound", "mms_inbound", "mms_outbound"];
            schema["properties"] = keys.map(|key| (key.to_owned(), json!({"type": "boolean"}))).into_iter().collect();
            schema["required"] = keys.into_iter().collect();
        }
        // INT-3: null where nobody sent it, which `assert_sent` looks after; the document's own example has it.
        "inbound_resource_status" => {
            schema["type"] = json!(["string", "null"]);
            schema["enum"].as_array_mut().unwrap().push(Value::Null);
        }
        _ => {}
    }
    schema
}

#[test]
fn api_1_the_operations_are_those_of_the_document_and_the_short_codes() {
    let Some((document, _)) = document() else { return };
    let documented: BTreeSet<String> = operations(&document).into_iter().map(|(outline, _)| outline).collect();
    assert_eq!(documented.len(), 25);
    let ours = Operation::ALL.iter().map(|operation| outline(operation.method().as_str(), operation.path()));
    let (short_codes, ours): (BTreeSet<String>, BTreeSet<String>) =
        ours.partition(|outline| outline.contains("ShortCodes"));
    assert_eq!(ours, documented);
    assert_eq!(short_codes.len(), 5);
    for (outline, said) in operations(&document) {
        let name = said["operationId"].as_str().unwrap();
        let operation = Operation::ALL.iter().find(|operation| format!("{operation:?}") == name);
        let operation = operation.unwrap_or_else(|| panic!("{name} of the document"));
        assert_eq!(outline_of(*operation), outline);
    }
}

fn outline_of(operation: Operation) -> String {
    outline(operation.method().as_str(), operation.path())
}

#[test]
fn api_2_every_parameter_of_the_document_is_known() {
    let Some((document, _)) = document() else { return };
    let known: BTreeSet<&str> = Parameter::ALL.iter().map(|parameter| parameter.as_str()).collect();
    let mut documented = BTreeSet::from(["FailOnParticipantConflict"]);
    for (_, said) in operations(&document) {
        let form = &said["requestBody"]["content"]["application/x-www-form-urlencoded"]["schema"]["properties"];
        documented.extend(form.as_object().into_iter().flat_map(|form| form.keys().map(String::as_str)));
        let query = said["parameters"].as_array().into_iter().flatten().filter(|parameter| parameter["in"] == "query");
        documented.extend(query.filter_map(|parameter| parameter["name"].as_str()));
    }
    assert!(documented.remove("MediaUrl"), "it has no effect (INT-4)");
    assert_eq!(known, documented);
}

#[test]
fn api_3_every_answer_fits_the_document() {
    let Some((document, text)) = document() else { return };
    let documented = operations(&document);
    let mut policy = Policy::default();
    // As the document has it (API-4).
    (policy.participant_delete_status, policy.message_interaction_status) = (200, 200);
    let mut account = Account::new(AccountSid::from_u128(1), policy, Timestamp::MIN);
    for (n, number) in [(1, "+14155559001"), (2, "+14155559002")] {
        let new = NewOwnedNumber::phone(PhoneNumberSid::from_u128(n), number.parse().unwrap());
        account.apply(AccountCommand::RegisterNumber { new }, Timestamp::MIN).unwrap();
    }
    let origin = Origin::default();
    let service = "/v1/Services/KS00000000000000000000000000000001";
    let session = &format!("{service}/Sessions/KC00000000000000000000000000000004");
    let alice = &format!("{session}/Participants/KP00000000000000000000000000000005");
    let number = &format!("{service}/PhoneNumbers/PN00000000000000000000000000000001");
    let mut answered = BTreeSet::new();
    let mut entropy = 0;
    let mut ask = |account: &mut Account, method: Method, path: &str, form: &str| {
        entropy += 1;
        let context = Context { now: Timestamp::MIN, entropy, origin: &origin };
        let request = Request::builder().method(method).uri(path).body(form).unwrap();
        let call = rest::parse(account, &request, &context).unwrap();
        let outline = outline_of(call.operation());
        let response = rest::respond(account, call, &context);
        let (_, said) = documented.iter().find(|(documented, _)| *documented == outline).unwrap();
        let (status, answer) = said["responses"].as_object().unwrap().iter().next().unwrap();
        assert_eq!(response.status().as_str(), status, "{outline}");
        match answer.pointer("/content/application~1json/schema") {
            None => assert!(response.body().is_empty(), "{outline}"),
            Some(documented_schema) => {
                let body: Value = serde_json::from_slice(response.body()).unwrap();
                let schema = strict(documented_schema, &document);
                let judge: Validator = jsonschema::options().should_validate_formats(true).build(&schema).unwrap();
                let faults: Vec<String> =
                    judge.iter_errors(&body).map(|error| format!("{}: {error}", error.instance_path())).collect();
                assert!(faults.is_empty(), "{outline}\n{faults:#?}\n{body:#}");
                assert_sent(&body);
                assert_order(documented_schema, &text, str::from_utf8(response.body()).unwrap());
            }
        }
        answered.insert(outline);
    };
    let post = Method::POST;
    for (path, form) in [
        ("/v1/Services", "UniqueName=rides&GeoMatchLevel=extended-area-code"),
        (&format!("{service}/PhoneNumbers"), "Sid=PN00000000000000000000000000000001"),
        (&format!("{service}/PhoneNumbers"), "PhoneNumber=%2B14155559002&IsReserved=true"),
        (&format!("{service}/Sessions"), "UniqueName=ride"),
        (&format!("{session}/Participants"), "Identifier=%2B14155550001&FriendlyName=Alice"),
        (&format!("{session}/Participants"), "Identifier=%2B14155550002"),
        (&format!("{alice}/MessageInteractions"), "Body=Welcome"),
        (
            service,
            "DefaultTtl=60&CallbackUrl=https%3A%2F%2Fa.example%2F&InterceptCallbackUrl=https%3A%2F%2Fa.example%2F\
             &OutOfSessionCallbackUrl=https%3A%2F%2Fa.example%2F&ChatInstanceSid=IS00000000000000000000000000000001",
        ),
        (service, "InterceptCallbackUrl="),
        (number, "IsReserved=true"),
        (session, "DateExpiry=2030-01-01T00%3A00%3A00Z&Ttl=60"),
    ] {
        ask(&mut account, post.clone(), path, form);
    }
    let call = r#"{"receive":{"inbound":{"interaction":"KI00000000000000000000000000000099",
        "resource":"CA00000000000000000000000000000001","from":"+14155550001","to":"+14155559001","contact":"call"}}}"#;
    account.apply(serde_json::from_str(call).unwrap(), Timestamp::MIN).unwrap();
    ask(&mut account, post.clone(), session, "Status=closed");
    let message = &format!("{alice}/MessageInteractions/KI00000000000000000000000000000007");
    let call = &format!("{session}/Interactions/KI00000000000000000000000000000099");
    for path in [
        "/v1/Services",
        "/v1/Services?PageSize=1",
        service,
        &format!("{service}/PhoneNumbers"),
        &format!("{service}/PhoneNumbers?PageSize=1"),
        number,
        &format!("{service}/Sessions"),
        session,
        &format!("{session}/Participants"),
        alice,
        &format!("{alice}/MessageInteractions"),
        message,
        &format!("{session}/Interactions"),
        call,
    ] {
        ask(&mut account, Method::GET, path, "");
    }
    ask(&mut account, Method::DELETE, alice, "");
    ask(&mut account, Method::GET, alice, "");
    for path in [call, session, number, service] {
        ask(&mut account, Method::DELETE, path, "");
    }
    let left: Vec<&String> =
        documented.iter().map(|(outline, _)| outline).filter(|outline| !answered.contains(*outline)).collect();
    assert_eq!(left, Vec::<&String>::new());
}

/// That an interaction has a status on its inbound side if, and only if, somebody is there.
fn assert_sent(answer: &Value) {
    let items = answer.get("interactions").and_then(Value::as_array);
    for interaction in items.into_iter().flatten().chain([answer]) {
        assert_eq!(interaction["inbound_resource_status"].is_null(), interaction["inbound_participant_sid"].is_null());
    }
}

/// That the fields of an answer stand in the order in which the text of the document has them: those of a resource; of a list,
/// those of its first item, the items before `meta`, and those of `meta`.
fn assert_order(schema: &Value, text: &str, body: &str) {
    let name = |schema: &Value| Some(schema.get("$ref")?.as_str()?.rsplit('/').next()?.to_owned());
    let answer: Value = serde_json::from_str(body).unwrap();
    let Some(resource) = name(schema) else {
        let (items, meta) = body.split_once("\"meta\":").unwrap();
        let (_, documented) = text.split_once("\"meta\": {").unwrap();
        assert_fields(&answer["meta"], documented, meta);
        let list = schema["properties"].as_object().unwrap().iter().find(|(key, _)| *key != "meta").unwrap().1;
        let key = answer["meta"]["key"].as_str().unwrap();
        let (_, documented) = text.split_once(&format!("\"{}\": {{", name(&list["items"]).unwrap())).unwrap();
        if answer[key].get(0).is_some() {
            assert_fields(&answer[key][0], documented, items);
        }
        return;
    };
    let (_, documented) = text.split_once(&format!("\"{resource}\": {{")).unwrap();
    assert_fields(&answer, documented, body);
}

fn assert_fields(object: &Value, documented: &str, written: &str) {
    let mut fields: Vec<&String> = object.as_object().unwrap().keys().collect();
    fields.sort_by_key(|field| documented.find(&format!("\"{field}\": {{")));
    let mut ours = fields.clone();
    ours.sort_by_key(|field| written.find(&format!("\"{field}\":")));
    assert_eq!(ours, fields);
}
