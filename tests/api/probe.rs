//! What `probe` tells: key paths and kinds, never values.

use coupontools_mirror::api::{Class, ProbeCall};

use crate::vendor::{Vendor, dir, says};

#[tokio::test]
async fn a_probe_tells_paths_and_kinds_and_no_values() {
    let body = r#"{"status":{"status":"OK"},"page":"2","users":[
        {"ID":"reg_1","email":"jane@example.com","paid":"0","date":"2026-11-23 09:05:10","x":null,"tags":["a"]},
        {"ID":"reg_2","email":"","paid":1,"date":"0000-00-00","x":{"0":true},"jane@example.com":{}}]}"#;
    let vendor = Vendor::start([says(200, body)]).await;
    let probe = vendor.client().probe(&ProbeCall::Users(dir(), 1)).await.result.unwrap();
    let lines: Vec<String> = probe
        .keys
        .iter()
        .map(|key| {
            let kinds: Vec<String> =
                key.kinds.iter().map(|(kind, count)| format!("{count} {kind}")).collect();
            format!("{}: {}", key.path, kinds.join(", "))
        })
        .collect();
    let expected = [
        ": 1 map",
        "status: 1 map",
        "status.status: 1 text",
        "page: 1 numeric text",
        "users: 1 list",
        "users[]: 2 map",
        "users[].ID: 2 text",
        "users[].email: 1 empty text, 1 text",
        "users[].paid: 1 number, 1 numeric text",
        "users[].date: 2 date text",
        "users[].x: 1 map, 1 null",
        "users[].tags: 1 list",
        "users[].tags[]: 1 text",
        "users[].x{}: 1 flag",
        "users[].(key): 1 empty map",
    ];
    assert_eq!(lines, expected);
    assert_eq!((probe.http_status, probe.rows, probe.rows_without_id), (200, Ok(2), 0));
}

#[tokio::test]
async fn a_probe_of_an_unknown_shape_shows_it() {
    let vendor =
        Vendor::start([says(200, r#"{"status":"OK","people":{"reg_12345":{"first":"Jane"}}}"#)]).await;
    let probe = vendor.client().probe(&ProbeCall::Users(dir(), 1)).await.result.unwrap();
    assert_eq!(probe.rows.as_ref().unwrap_err().class(), Class::Unreadable);
    assert!(!format!("{probe:?}").contains("Jane") && !format!("{probe:?}").contains("12345"), "{probe:?}");
    assert_eq!(probe.keys.last().unwrap().path, "people.(key).first");
}

#[tokio::test]
async fn a_refused_probe_silences_the_account() {
    let body = r#"{"status":{"status":"failed","errors":{"error_code":1000}}}"#;
    let vendor = Vendor::start([says(200, body)]).await;
    let client = vendor.client();
    let probe = client.probe(&ProbeCall::Directories).await.result.unwrap();
    assert_eq!(probe.rows.unwrap_err().class(), Class::Credentials);
    assert_eq!(client.fetch_directories().await.requests, 0);
}

#[tokio::test]
async fn a_probe_tries_again_what_passes() {
    let vendor = Vendor::start([says(503, ""), says(200, r#"{"status":"OK","directory":[]}"#)]).await;
    let answer = vendor.client().probe(&ProbeCall::Directories).await;
    assert_eq!((answer.result.unwrap().rows, answer.requests), (Ok(0), 2));
}
