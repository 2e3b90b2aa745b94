//! One registration, emptied: by an erasure, or by a restore that finds it erased.

use rusqlite::{Connection, params};

use serde_json::{Map, Value};

use super::{bytes, statement};
use crate::recipient::Channel;
use crate::store::column;

/// What an erasure leaves: counts and the walk's evidence rest on it.
const KEPT: [&str; 2] = ["registered_at", "registered_zone"];

/// The texts of its row that tell of the person.
pub(in crate::store) fn find_traces(connection: &Connection, key: i64) -> rusqlite::Result<Vec<String>> {
    connection.prepare_cached(statement::TRACES)?.query_row([key], bytes::of_row)
}

/// What the feed tells of it.
#[derive(Default)]
pub(in crate::store) struct Changes {
    /// How many changes do.
    pub count: u64,
    /// Addresses and numbers.
    pub recipients: Vec<(Channel, String)>,
    /// Texts that tell of the person.
    pub traces: Vec<String>,
}

/// Reads it, whether or not the registration has a row.
pub(in crate::store) fn find_changes(
    connection: &Connection,
    directory_key: i64,
    registration_id: &str,
) -> rusqlite::Result<Changes> {
    let mut statement = connection.prepare_cached(statement::LIST_CHANGES)?;
    let mut rows = statement.query(params![directory_key, registration_id])?;
    let mut changes = Changes::default();
    while let Some(row) = rows.next()? {
        changes.count += 1;
        for column in [0, 1] {
            let Some(side) = row.get::<_, Option<String>>(column)? else { continue };
            let values: Map<String, Value> = serde_json::from_str(&side).unwrap_or_default();
            let text = |name: &str| values.get(name).and_then(Value::as_str);
            for (name, channel) in [("email", Channel::Email), ("phone", Channel::Sms)] {
                changes.recipients.extend(text(name).map(|text| (channel, text.to_owned())));
            }
            changes.traces.extend(bytes::TRACED.iter().filter_map(|name| bytes::trace(text(name)?)));
            changes.traces.extend(bytes::trace(&side));
        }
    }
    Ok(changes)
}

/// What the feed tells of one that was emptied: which values are gone, and not what they were.
pub(in crate::store) fn emptied(erased_at: &str) -> Map<String, Value> {
    let emptied = column::NAMES.iter().filter(|name| !KEPT.contains(name));
    let mut after: Map<String, Value> = emptied.map(|name| ((*name).to_owned(), Value::Null)).collect();
    after.insert("raw".into(), Value::Object(Map::new()));
    after.insert("erased_at".into(), erased_at.into());
    after
}

/// Empties its row.
pub(in crate::store) fn empty(connection: &Connection, key: i64, at: &str) -> rusqlite::Result<()> {
    connection.prepare_cached(statement::EMPTY_REGISTRATION)?.execute(params![key, at, at]).map(|_| ())
}

/// Empties what the feed tells of it, whether or not it has a row.
pub(in crate::store) fn empty_changes(
    connection: &Connection,
    directory_key: i64,
    registration_id: &str,
) -> rusqlite::Result<()> {
    let of = params![directory_key, registration_id];
    connection.prepare_cached(statement::EMPTY_CHANGES)?.execute(of).map(|_| ())
}
