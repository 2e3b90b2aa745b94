//! Reading answers without a network.

use std::collections::BTreeMap;

use coupontools_mirror::api::{Aliases, ApiError, DirectoryList, FieldWarning, Reading, UsersPage};
use coupontools_mirror::registration::Registration;

pub fn reading() -> Reading {
    reading_in("UTC")
}

pub fn reading_in(zone: &str) -> Reading {
    Reading::new(&Aliases::default(), zone.parse().unwrap())
}

pub fn reading_with(field: &str, spellings: &[&str]) -> Reading {
    let spellings = spellings.iter().map(|spelling| (*spelling).to_owned()).collect();
    let aliases = Aliases::with_additions(BTreeMap::from([(field.to_owned(), spellings)])).unwrap();
    Reading::new(&aliases, chrono_tz::Tz::UTC)
}

/// `{"status":{"status":"OK"}` and these keys.
pub fn good(rest: &str) -> String {
    let comma = if rest.is_empty() { "" } else { "," };
    format!(r#"{{"status":{{"status":"OK"}}{comma}{rest}}}"#)
}

pub fn users(body: &str) -> Result<UsersPage, ApiError> {
    reading().users_page(200, body.as_bytes().to_vec())
}

pub fn user_ids(page: &UsersPage) -> Vec<&str> {
    page.rows.iter().map(|row| row.id.as_str()).collect()
}

pub fn directories(body: &str) -> Result<DirectoryList, ApiError> {
    reading().directories(200, body.as_bytes().to_vec())
}

/// A row with these keys beside an ID, read.
pub fn row(keys: &str) -> (Registration, Vec<FieldWarning>) {
    row_by(&reading(), keys)
}

pub fn row_by(reading: &Reading, keys: &str) -> (Registration, Vec<FieldWarning>) {
    let body = good(&format!(r#""users":[{{"ID":"reg_1",{keys}}}]"#));
    let page = reading.users_page(200, body.into_bytes()).unwrap();
    reading.registration(&page.rows[0])
}
