//! Who was erased since the snapshot, emptied in it: by the registration's ID, and by address and number.
//!
//! Who registered since, and was erased, has no row in the snapshot, and the next walk would bring them in with all
//! that the vendor goes on listing. So their empty row comes over, found by a walk of its own that was broken off and
//! left gaps: walks know it, and go on past it to those newcomers whom only they know.

use std::collections::BTreeMap;

use rusqlite::{Connection, OptionalExtension, params};

use super::statement;
use crate::instant::UtcInstant;
use crate::store::erasure::registration;

const FIND_DIRECTORY: &str = "SELECT directory_key FROM main.directory WHERE directory_id = ?1";

/// A registration that is erased there and not here.
struct Erased {
    /// Its key there.
    key_there: i64,
    directory_id: String,
    registration_id: String,
    at: String,
    /// Its directory's key here.
    directory_key: Option<i64>,
    /// Its key here.
    key: Option<i64>,
}

/// How many registrations were emptied or came over empty, and what was in them.
pub(super) fn take_over(
    connection: &Connection,
    by_hash: bool,
    now: UtcInstant,
) -> rusqlite::Result<(u64, Vec<String>)> {
    let (mut count, mut traces) = (0, Vec::new());
    if by_hash {
        connection.execute(statement::LIST_NEW_ERASURES, [])?;
        traces = list(connection, statement::LIST_RECIPIENTS, |row| row.get(0))?;
        connection.execute(statement::SAVE_ERASURES, [])?;
        connection.execute(statement::EMPTY_SENDS_OF_ERASED, [])?;
        connection.execute(statement::EMPTY_OPT_OUTS_OF_ERASED, [])?;
    }
    let mut walks = BTreeMap::new();
    for erased in list(connection, statement::LIST_ERASED, read)? {
        if let (Some(directory), Some(key)) = (erased.directory_key, erased.key) {
            empty(connection, &mut traces, (directory, key), &erased.registration_id, &erased.at)?;
        } else {
            create(connection, &mut walks, &erased, now)?;
        }
        count += 1;
    }
    if by_hash && connection.query_row(statement::IS_ANYBODY_ERASED, [], |row| row.get(0))? {
        let theirs = list(connection, statement::LIST_ERASED_BY_HASH, |row| {
            Ok(((row.get(1)?, row.get(0)?), row.get::<_, String>(2)?, row.get::<_, String>(3)?))
        })?;
        for (keys, registration_id, at) in theirs {
            empty(connection, &mut traces, keys, &registration_id, &at)?;
            count += 1;
        }
    }
    Ok((count, traces))
}

fn read(row: &rusqlite::Row<'_>) -> rusqlite::Result<Erased> {
    Ok(Erased {
        key_there: row.get(0)?,
        directory_id: row.get(1)?,
        registration_id: row.get(2)?,
        at: row.get(3)?,
        directory_key: row.get(4)?,
        key: row.get(5)?,
    })
}

/// Empties a registration that is here, by its directory's key and its own.
fn empty(
    connection: &Connection,
    traces: &mut Vec<String>,
    (directory, key): (i64, i64),
    registration_id: &str,
    at: &str,
) -> rusqlite::Result<()> {
    traces.extend(registration::find_traces(connection, key)?);
    traces.extend(registration::find_changes(connection, directory, registration_id)?.traces);
    registration::empty(connection, key, at)?;
    registration::empty_changes(connection, directory, registration_id)
}

/// Brings over one that is not here, as it is there. `walks` are those of each directory that find such.
fn create(
    connection: &Connection,
    walks: &mut BTreeMap<String, (i64, i64)>,
    erased: &Erased,
    now: UtcInstant,
) -> rusqlite::Result<()> {
    let (directory, walk) = match walks.get(&erased.directory_id) {
        Some(keys) => *keys,
        None => {
            let directory = find_or_create_directory(connection, &erased.directory_id)?;
            connection.execute(statement::CREATE_WALK, params![directory, now.to_string()])?;
            let keys = (directory, connection.last_insert_rowid());
            walks.insert(erased.directory_id.clone(), keys);
            keys
        }
    };
    connection.prepare_cached(statement::CREATE_ERASED)?.execute([erased.key_there, directory, walk])?;
    let key = connection.last_insert_rowid();
    connection.prepare_cached(statement::COUNT_CREATED)?.execute([walk])?;
    connection.prepare_cached(statement::COUNT_STANDING)?.execute([directory, key])?;
    // Changes outlive a row that was removed long ago.
    registration::empty_changes(connection, directory, &erased.registration_id)
}

fn find_or_create_directory(connection: &Connection, directory_id: &str) -> rusqlite::Result<i64> {
    let find = || connection.query_row(FIND_DIRECTORY, [directory_id], |row| row.get(0)).optional();
    if let Some(key) = find()? {
        return Ok(key);
    }
    connection.execute(statement::CREATE_ACCOUNT, [directory_id])?;
    connection.execute(statement::CREATE_DIRECTORY, [directory_id])?;
    Ok(connection.last_insert_rowid())
}

fn list<T>(
    connection: &Connection,
    sql: &str,
    read: impl FnMut(&rusqlite::Row<'_>) -> rusqlite::Result<T>,
) -> rusqlite::Result<Vec<T>> {
    connection.prepare(sql)?.query_map([], read)?.collect()
}
