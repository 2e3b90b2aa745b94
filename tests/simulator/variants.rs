//! Each variant of answer renders what it says, and its axis' default doesn't.

use std::collections::BTreeSet;

use coupontools_mirror::simulator::{Options, Variant, variants};
use serde_json::{Value, json};

use crate::asker::{Answer, Asker, read};

/// What an account answers: enough to tell every variant.
struct Answers {
    first: Answer,
    second: Answer,
    zero: Answer,
    past: Answer,
    gone: Answer,
    refused: Answer,
    directories: Answer,
    info: Answer,
    zipped: Answer,
}

async fn answers(asker: &Asker) -> Answers {
    let zipped = asker
        .call("/v3/directoryusers/list", &json!({"directory": "dir_10001"}))
        .header("Accept-Encoding", "gzip")
        .send();
    let zipped = zipped.await.expect("an answer");
    Answers {
        first: asker.page(1).await,
        second: asker.page(2).await,
        zero: asker.page(0).await,
        past: asker.page(4).await,
        gone: asker.ask("/v3/directory/info", json!({"directory": "dir_9"})).await,
        refused: read(asker.post("/v3/directory/list")).await.expect("an answer"),
        directories: asker.ask("/v3/directory/list", json!({})).await,
        info: asker.ask("/v3/directory/info", json!({"directory": "dir_10001"})).await,
        zipped: Answer { status: 200, headers: zipped.headers().clone(), text: String::new() },
    }
}

/// Whether an answer to `page 1` holds this text.
macro_rules! first_holds {
    ($text:expr) => {
        |a: &Answers| a.first.text.contains($text)
    };
}

fn rows(answer: &Answer) -> Vec<Value> {
    answer.json()["user_info"].as_array().cloned().unwrap_or_default()
}

/// The dates of page 1, whatever there is of them.
fn dates(answer: &Answer) -> Vec<String> {
    rows(answer).iter().filter_map(|row| row["registered_utc"].as_str().map(str::to_owned)).collect()
}

fn is_falling(dates: &[String]) -> bool {
    dates.windows(2).all(|pair| pair[0] >= pair[1])
}

fn distinct(dates: &[String]) -> usize {
    dates.iter().collect::<BTreeSet<_>>().len()
}

fn error_code(answer: &Answer) -> Value {
    answer.json()["status"]["errors"]["error_code"].clone()
}

type Shows = fn(&Answers) -> bool;

fn table() -> Vec<(&'static str, Shows)> {
    let spelling: [(&'static str, Shows); 44] = [
        ("envelope-documented", |a| a.first.text.starts_with(r#"{"status":{"status":"OK"},"#)),
        ("envelope-last", |a| a.first.text.ends_with(r#","status":{"status":"OK"}}"#)),
        ("envelope-absent", |a| !a.first.text.contains(r#""status""#)),
        ("error-code-documented", |a| error_code(&a.gone) == json!([507]) && error_code(&a.refused) == 1000),
        ("error-code-integer", |a| error_code(&a.gone) == 507 && error_code(&a.refused) == 1000),
        ("error-code-array", |a| {
            error_code(&a.gone) == json!([507]) && error_code(&a.refused) == json!([1000])
        }),
        ("error-code-text", |a| error_code(&a.gone) == "507"),
        ("error-code-text-array", |a| error_code(&a.gone) == json!(["507"])),
        ("error-status-as-message", |a| (a.gone.status, a.refused.status) == (422, 401)),
        ("error-status-200", |a| (a.gone.status, a.refused.status) == (200, 200)),
        ("error-status-401", |a| (a.gone.status, a.refused.status) == (401, 401)),
        ("error-status-422", |a| (a.gone.status, a.refused.status) == (422, 422)),
        ("container-user-info", first_holds!(r#","user_info":[{"#)),
        ("container-users", first_holds!(r#","users":[{"#)),
        ("container-user", first_holds!(r#","user":[{"#)),
        ("container-directoryusers", first_holds!(r#","directoryusers":[{"#)),
        ("container-directory-user", first_holds!(r#","directory_user":[{"#)),
        ("container-registrations", first_holds!(r#","registrations":[{"#)),
        ("container-registration", first_holds!(r#","registration":[{"#)),
        ("container-registered-users", first_holds!(r#","registeredUsers":[{"#)),
        ("container-data", first_holds!(r#","data":[{"#)),
        ("container-list", first_holds!(r#","list":[{"#)),
        ("container-unknown-name", first_holds!(r#","abonnees":[{"#)),
        ("container-unknown-shape", first_holds!(r#","payload":{"part_1":{"entries":[{"#)),
        ("directory-container-directory-info", |a| a.directories.text.contains(r#","directory_info":[{"#)),
        ("directory-container-directory", |a| a.directories.text.contains(r#","directory":[{"#)),
        ("directory-container-directories", |a| a.directories.text.contains(r#","directories":[{"#)),
        ("directory-container-directory-list", |a| a.directories.text.contains(r#","directory_list":[{"#)),
        ("directory-container-data", |a| a.directories.text.contains(r#","data":[{"#)),
        ("directory-container-list", |a| a.directories.text.contains(r#","list":[{"#)),
        ("directory-container-unknown-name", |a| a.directories.text.contains(r#","vitrines":[{"#)),
        ("directory-container-unknown-shape", |a| a.directories.text.contains(r#""payload":{"part_1""#)),
        ("info-object", |a| a.info.json()["directory_info"].is_object()),
        ("info-list", |a| a.info.json()["directory_info"].is_array()),
        ("nested-top", first_holds!(r#"},"user_info":[{"#)),
        ("nested-data", first_holds!(r#"},"data":{"user_info":[{"#)),
        ("nested-response", first_holds!(r#"},"response":{"user_info":[{"#)),
        ("nested-result", first_holds!(r#"},"result":{"user_info":[{"#)),
        ("rows-list", first_holds!(r#""user_info":[{"#)),
        ("rows-map", |a| {
            a.first.json()["user_info"]["0"].is_object() && a.past.text.contains(r#""user_info":[]"#)
        }),
        ("rows-map-from-one", |a| a.first.json()["user_info"]["100"].is_object()),
        ("content-type-json", |a| a.first.headers["content-type"] == "application/json"),
        ("content-type-html", |a| a.first.headers["content-type"] == "text/html; charset=UTF-8"),
        ("gzip-off", |a| !a.zipped.headers.contains_key("content-encoding")),
    ];
    let values: [(&'static str, Shows); 57] = [
        ("gzip-on", |a| a.zipped.headers.get("content-encoding").is_some_and(|value| value == "gzip")),
        ("keys-vendor", first_holds!(r#"{"ID":"reg_1000250","#)),
        ("keys-snake", first_holds!(r#"{"id":"reg_1000250","#)),
        ("keys-mixed", first_holds!(r#"{"user_id":"reg_1000250","#)),
        ("keys-hyphen", first_holds!(r#"{"registration-id":"reg_1000250","#)),
        ("keys-camel", first_holds!(r#"{"regId":"reg_1000250","#)),
        ("ids-prefixed", |a| rows(&a.first)[0]["ID"] == "reg_1000250"),
        ("ids-number", |a| rows(&a.first)[0]["ID"] == 1_000_250),
        ("ids-number-text", |a| rows(&a.first)[0]["ID"] == "1000250"),
        ("scalars-text", |a| rows(&a.first).iter().all(|row| row["paid"].is_string())),
        ("scalars-number", |a| {
            rows(&a.first).iter().all(|row| row["paid"].is_u64() && row["custom_3"].is_u64())
        }),
        ("scalars-bool", |a| rows(&a.first).iter().all(|row| row["blocked"].is_boolean())),
        ("double-keys-none", |a| a.first.text.matches(r#""firstname":"#).count() == 100),
        ("double-keys-equal", |a| {
            a.first.text.matches(r#""firstname":"#).count() == 200
                && !a.first.text.contains(r#""firstname":"""#)
        }),
        ("double-keys-last-counts", |a| {
            a.first.text.matches(r#""firstname":"","firstname":""#).count() == 100
        }),
        ("byte-order-mark-none", |a| a.first.text.starts_with('{') && a.gone.text.starts_with('{')),
        ("byte-order-mark-utf8", |a| {
            a.first.text.starts_with("\u{feff}{") && a.gone.text.starts_with('\u{feff}')
        }),
        ("text-utf8", |a| !a.first.text.is_ascii()),
        ("text-escaped", |a| a.first.text.is_ascii() && a.directories.text.contains(r"https:\/\/")),
        ("unset-empty", first_holds!(r#""birthday":"""#)),
        ("unset-zero-date", first_holds!(r#""paid_until":"0000-00-00 00:00:00""#)),
        ("unset-null", first_holds!(r#""birthday":null"#)),
        ("unset-absent", |a| a.first.text.matches(r#""birthday""#).count() < 100),
        ("dates-utc", |a| distinct(&dates(&a.first)) > 50),
        ("dates-local", |a| rows(&a.first)[0]["registered"] == "2026-11-22 23:24:36"),
        ("dates-offset", |a| rows(&a.first)[0]["registered"] == "2026-11-22T23:24:36+01:00"),
        ("dates-empty", |a| dates(&a.first).iter().all(String::is_empty) && dates(&a.first).len() == 100),
        ("dates-zero", |a| distinct(&dates(&a.first)) == 1 && dates(&a.first)[0] == "0000-00-00 00:00:00"),
        ("dates-no-dates", first_holds!(r#""registered":"yesterday""#)),
        ("dates-absent", |a| !a.first.text.contains(r#""registered"#)),
        ("dates-sometimes", |a| (60..70).contains(&dates(&a.first).len())),
        ("order-falling", |a| is_falling(&dates(&a.first)) && distinct(&dates(&a.first)) > 50),
        ("order-equal", |a| is_falling(&dates(&a.first)) && distinct(&dates(&a.first)) == 2),
        ("order-disordered", |a| !is_falling(&dates(&a.first))),
        ("row-ids-all", |a| rows(&a.first).iter().all(|row| row.get("ID").is_some())),
        ("row-ids-some-absent", |a| {
            rows(&a.first).iter().filter(|row| row.get("ID").is_none()).count() == 10
        }),
        ("row-ids-absent", |a| rows(&a.first).iter().all(|row| row.get("ID").is_none())),
        ("repeated-rows-none", |a| rows(&a.first).len() == 100),
        ("repeated-rows-some", |a| rows(&a.first).len() == 105 && rows(&a.first)[0] == rows(&a.first)[1]),
        ("empty-map-list", first_holds!(r#""labels":[]"#)),
        ("empty-map-map", first_holds!(r#""labels":{}"#)),
        ("values-plain", |a| rows(&a.first).iter().all(|row| row["city"].is_string())),
        ("values-odd", |a| rows(&a.first).iter().filter(|row| row["city"].is_array()).count() == 20),
        ("secrets-absent", |a| !a.first.text.contains("password")),
        ("secrets-present", first_holds!("password_hash")),
        ("past-end-empty", |a| a.past.text.ends_with(r#","user_info":[]}"#)),
        ("past-end-absent", |a| a.past.text == r#"{"status":{"status":"OK"}}"#),
        ("past-end-null", |a| a.past.text.ends_with(r#","user_info":null}"#)),
        ("past-end-empty-text", |a| a.past.text.ends_with(r#","user_info":""}"#)),
        ("past-end-error-301", |a| a.past.error_code() == Some(301)),
        ("past-end-last-page", |a| rows(&a.past).len() == 50),
        ("past-end-first-page", |a| a.past.text == a.first.text),
        ("page-numbers-from-one", |a| a.zero.text == a.first.text && a.second.text != a.first.text),
        ("page-numbers-from-one-zero-rejected", |a| a.zero.error_code() == Some(301)),
        ("page-numbers-from-one-zero-empty", |a| a.zero.text.ends_with(r#","user_info":[]}"#)),
        ("page-numbers-from-zero", |a| {
            rows(&a.zero)[0]["ID"] == "reg_1000250" && rows(&a.second).len() == 50
        }),
        ("page-numbers-ignored", |a| a.second.text == a.first.text),
    ];
    spelling.into_iter().chain(values).collect()
}

#[tokio::test]
async fn each_variant_shows_and_its_default_does_not_show_it() {
    let asker = Asker::start(Options::quiet(&[250])).await;
    let plain = answers(&asker).await;
    let table = table();
    let mut axis = "";
    for variant in variants() {
        let name = variant.name();
        let is_default = axis != variant.axis;
        axis = variant.axis;
        let (_, shows) =
            table.iter().find(|(known, _)| *known == name).unwrap_or_else(|| panic!("{name}: no check"));
        assert_eq!(shows(&plain), is_default, "{name} in a default answer");
        asker.simulator.world().set_behaviour(Default::default());
        asker.simulator.world().merge_behaviour(variant.patch()).unwrap();
        assert!(shows(&answers(&asker).await), "{name} does not show");
    }
    assert_eq!(table.len(), variants().count());
}

#[test]
fn names_of_variants_are_unique() {
    let names: BTreeSet<String> = variants().map(|variant: Variant| variant.name()).collect();
    assert_eq!(names.len(), variants().count());
}

#[tokio::test]
async fn all_variants_of_spelling_together_are_still_json() {
    let asker = Asker::start(Options::quiet(&[250])).await;
    let mut patch = serde_json::Map::new();
    for variant in variants() {
        patch.extend(variant.patch().as_object().unwrap().clone());
    }
    patch.insert("page_numbers".to_owned(), "from-one".into());
    asker.simulator.world().merge_behaviour(patch.into()).unwrap();
    for page in 1..=4 {
        assert!(asker.page(page).await.json().is_object());
    }
}
