//! Whatever the bytes: no panic, no value in an error, and the quick way reads as the thorough one.

use coupontools_mirror::api::{ApiError, Reading, UsersPage};
use coupontools_mirror::directory::DirectoryId;
use coupontools_mirror::registration::Registration;
use proptest::prelude::*;
use serde_json::{Map, Value};

use crate::answers::reading;

/// Stands in every value, and so must not stand in any error.
const CANARY: &str = "canary";

fn key() -> impl Strategy<Value = String> {
    let known = [
        "status",
        "errors",
        "error_code",
        "error_message",
        "users",
        "user",
        "data",
        "list",
        "result",
        "response",
        "directory",
        "directories",
        "ID",
        "id",
        "user_id",
        "email",
        "phone",
        "paid",
        "blocked",
        "date",
        "registered_utc",
        "birthday",
        "password",
        "token",
        "0",
        "1",
        "2",
        "members",
        "page",
    ];
    prop_oneof![8 => proptest::sample::select(known.to_vec()).prop_map(str::to_owned), 1 => "\\PC{0,8}"]
}

fn json() -> impl Strategy<Value = Value> {
    let scalar = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        Just(Value::from("OK")),
        Just(Value::from("failed")),
        Just(Value::from("")),
        "\\PC{0,6}".prop_map(|text| Value::from(format!("{CANARY}{text}@example.com"))),
        "[0-9: T-]{0,20}".prop_map(Value::from),
        (1..40_u8).prop_map(|n| Value::from(format!("reg_{n}"))),
    ];
    scalar.prop_recursive(5, 64, 8, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            proptest::collection::vec((key(), inner), 0..6)
                .prop_map(|entries| Value::from(entries.into_iter().collect::<Map<_, _>>())),
        ]
    })
}

fn answer() -> impl Strategy<Value = Value> {
    (json(), any::<bool>()).prop_map(|(mut value, good)| {
        if good && let Value::Object(keys) = &mut value {
            keys.insert("status".to_owned(), serde_json::json!({"status": "OK"}));
        }
        value
    })
}

/// Reads it as everything; gives what was said about what could not be read.
fn read_as_everything(reading: &Reading, http_status: u16, body: &[u8]) -> Vec<ApiError> {
    let users = reading.users_page(http_status, body.to_vec());
    if let Ok(page) = &users {
        for row in &page.rows {
            let (registration, _) = reading.registration(row);
            assert!(serde_json::from_str::<Value>(&registration.raw).is_ok());
        }
    }
    let directories = reading.directories(http_status, body.to_vec());
    let directory = reading.directory(&DirectoryId::new("dir_1"), http_status, body.to_vec());
    [users.err(), directories.err(), directory.err()].into_iter().flatten().collect()
}

fn all(reading: &Reading, page: &UsersPage) -> Vec<Registration> {
    page.rows.iter().map(|row| reading.registration(row).0).collect()
}

fn has_secret(value: &Value) -> bool {
    match value {
        Value::Array(items) => items.iter().any(has_secret),
        Value::Object(keys) => {
            keys.contains_key("password") || keys.contains_key("token") || keys.values().any(has_secret)
        }
        _ => false,
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    #[test]
    fn no_bytes_panic(body in proptest::collection::vec(any::<u8>(), 0..200), status in 200..600_u16) {
        read_as_everything(&reading(), status, &body);
    }

    #[test]
    fn no_text_panics(body in r#"[\[\]{}",:\\u0-9dDeE.+-]{0,120}"#) {
        read_as_everything(&reading(), 200, body.as_bytes());
    }

    #[test]
    fn no_answer_panics_or_shows_a_value(answer in answer(), status in 200..600_u16, cut in 0..400_usize) {
        let body = answer.to_string().into_bytes();
        for body in [&body[..], &body[..cut.min(body.len())]] {
            for error in read_as_everything(&reading(), status, body) {
                let said = format!("{error} {error:?}");
                prop_assert!(!said.contains(CANARY), "{said}");
            }
        }
    }

    #[test]
    fn the_quick_way_reads_as_the_thorough_one(
        rows in proptest::collection::vec(proptest::collection::vec((key(), json()), 0..8), 0..6),
    ) {
        let rows: Vec<String> = rows
            .iter()
            .map(|row| {
                let entries: Vec<String> =
                    row.iter().map(|(key, value)| format!("{}:{value}", Value::from(key.as_str()))).collect();
                format!("{{{}}}", entries.join(","))
            })
            .collect();
        let quick = format!(r#"{{"status":{{"status":"OK"}},"users":[{}]}}"#, rows.join(","));
        let thorough = format!(r#"{{"errors":[],{}"#, &quick[1..]);
        let reading = reading();
        let quick = reading.users_page(200, quick.into_bytes()).unwrap();
        let thorough = reading.users_page(200, thorough.into_bytes()).unwrap();
        prop_assert_eq!(quick.rows_answered, rows.len());
        prop_assert_eq!(thorough.rows_answered, rows.len());
        prop_assert_eq!(quick.rows_without_id, thorough.rows_without_id);
        let (quick, thorough) = (all(&reading, &quick), all(&reading, &thorough));
        for registration in &quick {
            let raw: Value = serde_json::from_str(&registration.raw).unwrap();
            prop_assert!(!has_secret(&raw));
        }
        prop_assert_eq!(quick, thorough);
    }
}
