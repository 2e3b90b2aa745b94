//! The feed of a restored file: numbers that nobody was told yet, and each directory told as loaded.

use std::path::Path;

use rusqlite::{Connection, OptionalExtension, params};

use crate::instant::UtcInstant;

/// Where nobody knows how far the lost file was: more changes than any file ever makes between a snapshot and its
/// loss, and few enough to be done many times over.
const FURTHER: i64 = 1_000_000_000;

const FIND_SEQ: &str = "SELECT seq FROM sqlite_sequence WHERE name = 'registration_change'";
const RAISE_SEQ: &str = "UPDATE sqlite_sequence SET seq = ?1 WHERE name = 'registration_change'";
const SET_SEQ: &str = "INSERT INTO sqlite_sequence (name, seq) VALUES ('registration_change', ?1)";
const TELL_LOADED: &str = "INSERT INTO registration_change (at, kind, directory_key)
    SELECT ?1, 'loaded', directory_key FROM directory WHERE loaded_at IS NOT NULL ORDER BY directory_key";
const HAS_FEED: &str = "SELECT 1 FROM sqlite_schema WHERE name = 'registration_change'";

/// Numbers the changes of the file at `path` on from `replaced_seq`, the last number of the file that it replaces, or
/// from far beyond its own. Returns the last number now.
pub(super) fn go_on_from(path: &Path, replaced_seq: Option<u64>, now: UtcInstant) -> rusqlite::Result<u64> {
    let mut connection = Connection::open(path)?;
    let transaction = connection.transaction()?;
    if transaction.query_row(HAS_FEED, [], |_| Ok(())).optional()?.is_none() {
        return Ok(0);
    }
    let own: Option<i64> = transaction.query_row(FIND_SEQ, [], |row| row.get(0)).optional()?;
    let from = match replaced_seq {
        Some(replaced) => i64::try_from(replaced).unwrap_or(i64::MAX).max(own.unwrap_or(0)),
        None => own.unwrap_or(0).saturating_add(FURTHER),
    };
    transaction.execute(if own.is_some() { RAISE_SEQ } else { SET_SEQ }, [from])?;
    transaction.execute(TELL_LOADED, params![now.to_string()])?;
    let seq: i64 = transaction.query_row(FIND_SEQ, [], |row| row.get(0))?;
    transaction.commit()?;
    connection.close().map_err(|(_, error)| error)?;
    Ok(u64::try_from(seq).unwrap_or(0))
}
