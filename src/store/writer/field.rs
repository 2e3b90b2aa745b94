//! A registration's fields as the file holds them, and what differs between two of them. Pure.

use std::borrow::Cow;

use rusqlite::types::{ToSqlOutput, Value as SqlValue, ValueRef};
use serde_json::{Map, Value};

use crate::instant::UtcInstant;
use crate::registration::{Registration, Zone};
pub(super) use crate::store::column::{COUNT, NAMES};

/// Which of them is the registration's date.
pub(super) const REGISTERED_AT: usize = 14;

/// A change's two sides: the columns that differ, as JSON objects.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Change {
    pub before: Map<String, Value>,
    pub after: Map<String, Value>,
}

impl Change {
    /// Whether an address or number is another one.
    pub(super) fn tells_recipient(&self) -> bool {
        ["email", "phone"].iter().any(|name| self.after.contains_key(*name))
    }
}

/// What the file is to hold, in the order of `NAMES`.
pub(super) fn fields(registration: &Registration) -> [ToSqlOutput<'_>; COUNT] {
    let r = registration;
    [
        text(r.email.as_ref()),
        text(r.phone.as_ref()),
        text(r.first_name.as_ref()),
        text(r.last_name.as_ref()),
        text(r.birth_date.as_ref()),
        text(r.address.as_ref()),
        text(r.zip.as_ref()),
        text(r.city.as_ref()),
        text(r.custom_1.as_ref()),
        text(r.custom_2.as_ref()),
        text(r.custom_3.as_ref()),
        flag(r.paid),
        instant(r.paid_until),
        flag(r.blocked),
        instant(r.registered_at),
        text(r.registered_text.as_ref()),
        r.registered_zone.map_or(NULL, |zone: Zone| ToSqlOutput::from(zone.as_str())),
    ]
}

const NULL: ToSqlOutput<'static> = ToSqlOutput::Owned(SqlValue::Null);

fn text(text: Option<&String>) -> ToSqlOutput<'_> {
    text.map_or(NULL, |text| ToSqlOutput::from(text.as_str()))
}

fn flag(flag: Option<bool>) -> ToSqlOutput<'static> {
    flag.map_or(NULL, |flag| ToSqlOutput::Owned(SqlValue::Integer(i64::from(flag))))
}

fn instant(at: Option<UtcInstant>) -> ToSqlOutput<'static> {
    at.map_or(NULL, |at| ToSqlOutput::Owned(SqlValue::Text(at.to_string())))
}

/// A field as SQLite gives it back.
pub(super) fn stored<'a>(field: &'a ToSqlOutput<'_>) -> ValueRef<'a> {
    match field {
        ToSqlOutput::Borrowed(value) => *value,
        ToSqlOutput::Owned(value) => ValueRef::from(value),
        _ => ValueRef::Null,
    }
}

/// What a registration that is new to the file sets: the fields that it has.
pub(super) fn all_of(fields: &[ToSqlOutput<'_>; COUNT]) -> Map<String, Value> {
    let set = NAMES.iter().zip(fields).map(|(name, field)| ((*name).to_owned(), json(stored(field))));
    set.filter(|(_, value)| !value.is_null()).collect()
}

/// What differs, `None` if nothing does. Raw rows are compared as JSON values; of theirs, those keys
/// are told that no column tells.
pub(super) fn change(
    before: &[ValueRef<'_>; COUNT],
    after: &[ToSqlOutput<'_>; COUNT],
    raw_before: &str,
    raw_after: &str,
) -> Option<Change> {
    let mut change = Change { before: Map::new(), after: Map::new() };
    for ((name, before), after) in NAMES.iter().zip(before).zip(after) {
        let after = stored(after);
        if *before != after {
            change.before.insert((*name).to_owned(), json(*before));
            change.after.insert((*name).to_owned(), json(after));
        }
    }
    if raw_before != raw_after {
        add_raw(&mut change, raw_before, raw_after);
    }
    (!change.after.is_empty()).then_some(change)
}

fn add_raw(change: &mut Change, before: &str, after: &str) {
    let told: Vec<(Cow<'_, str>, Cow<'_, str>)> =
        change.before.values().zip(change.after.values()).map(|(b, a)| (plain(b), plain(a))).collect();
    let (before, after) = match (parse(before), parse(after)) {
        (Value::Object(before), Value::Object(after)) => {
            let keys = before.keys().chain(after.keys().filter(|key| !before.contains_key(*key)));
            let differing: Vec<&String> = keys
                .filter(|key| before.get(*key) != after.get(*key))
                .filter(|key| {
                    let null = &Value::Null;
                    let pair =
                        (plain(before.get(*key).unwrap_or(null)), plain(after.get(*key).unwrap_or(null)));
                    !told.contains(&pair)
                })
                .collect();
            let pick = |row: &Map<String, Value>| -> Map<String, Value> {
                differing.iter().filter_map(|key| Some(((*key).clone(), row.get(*key)?.clone()))).collect()
            };
            if differing.is_empty() {
                return;
            }
            (Value::Object(pick(&before)), Value::Object(pick(&after)))
        }
        (before, after) if before == after => return,
        both => both,
    };
    change.before.insert("raw".to_owned(), before);
    change.after.insert("raw".to_owned(), after);
}

fn parse(raw: &str) -> Value {
    serde_json::from_str(raw).unwrap_or_else(|_| Value::String(raw.to_owned()))
}

fn plain(value: &Value) -> Cow<'_, str> {
    match value {
        Value::String(text) => Cow::Borrowed(text),
        Value::Null => Cow::Borrowed(""),
        other => Cow::Owned(other.to_string()),
    }
}

fn json(value: ValueRef<'_>) -> Value {
    match value {
        ValueRef::Integer(number) => Value::from(number),
        ValueRef::Text(text) => Value::from(String::from_utf8_lossy(text)),
        ValueRef::Null | ValueRef::Real(_) | ValueRef::Blob(_) => Value::Null,
    }
}
