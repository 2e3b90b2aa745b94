//! One registration, emptied: by an erasure, or by a restore that finds it erased.

use rusqlite::{Connection, params};

use super::{bytes, statement};

/// The texts of its row that tell of the person.
pub(in crate::store) fn find_traces(connection: &Connection, key: i64) -> rusqlite::Result<Vec<String>> {
    connection.prepare_cached(statement::TRACES)?.query_row([key], bytes::of_row)
}

/// Addresses and numbers that the feed tells of it.
pub(in crate::store) fn find_traces_of_changes(
    connection: &Connection,
    directory_key: i64,
    registration_id: &str,
) -> rusqlite::Result<Vec<String>> {
    let mut statement = connection.prepare_cached(statement::TRACES_OF_CHANGES)?;
    let rows = statement.query_map(params![directory_key, registration_id], bytes::of_row)?;
    Ok(rows.collect::<rusqlite::Result<Vec<_>>>()?.into_iter().flatten().collect())
}

/// Empties its row.
pub(in crate::store) fn empty(connection: &Connection, key: i64, at: &str) -> rusqlite::Result<()> {
    connection.prepare_cached(statement::EMPTY_REGISTRATION)?.execute(params![key, at]).map(|_| ())
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
