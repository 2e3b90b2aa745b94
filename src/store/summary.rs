//! What a file says of itself in a few words: enough to tell two files, or two moments of one, apart. Of every
//! version of the schema, and without counting rows.

use rusqlite::{Connection, OptionalExtension};

use super::error::OpenError;
use super::open;
use crate::instant::UtcInstant;

/// What a file says of itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// The last moment that it tells of: a walk, a list of directories or a change.
    pub at: Option<UtcInstant>,
    /// How many registrations stand.
    pub registrations: u64,
    /// The number of the feed's last change; 0 before the first.
    pub change_seq: u64,
    /// The schema's version.
    pub version: i64,
    /// Its pages, in bytes, those of its log included.
    pub bytes: u64,
    /// Which key its masks were made with, where it tells.
    pub masking_key_id: Option<String>,
}

/// A moment or a number, where its table is there: `(table, statement)`.
const MOMENTS: [(&str, &str); 3] = [
    ("directory", "SELECT max(last_seen_at) FROM directory"),
    ("walk", "SELECT coalesce(finished_at, started_at) FROM walk ORDER BY walk_key DESC LIMIT 1"),
    ("registration_change", "SELECT at FROM registration_change ORDER BY seq DESC LIMIT 1"),
];
const REGISTRATIONS: &str = "SELECT coalesce(sum(registrations), 0) FROM directory";
const CHANGE_SEQ: &str = "SELECT seq FROM sqlite_sequence WHERE name = 'registration_change'";
const BYTES: &str = "SELECT page_count * page_size FROM pragma_page_count, pragma_page_size";
const MASKING_KEY: &str = "SELECT value FROM setting WHERE name = 'masking_key_id'";

impl Summary {
    /// Of what the connection's transaction reads.
    pub(super) fn read(connection: &Connection) -> rusqlite::Result<Self> {
        let mut at: Option<String> = None;
        for (table, sql) in MOMENTS {
            at = at.max(find(connection, table, sql)?);
        }
        Ok(Self {
            at: at.as_deref().and_then(UtcInstant::parse),
            registrations: count(find(connection, "directory", REGISTRATIONS)?),
            change_seq: count(find(connection, "sqlite_sequence", CHANGE_SEQ)?),
            version: open::newest_applied(connection)?,
            bytes: count(connection.query_row(BYTES, [], |row| row.get(0)).optional()?),
            masking_key_id: find(connection, "setting", MASKING_KEY)?,
        })
    }

    /// Sees that it is of no newer version than this program's.
    pub(super) fn check_version(&self, path: &std::path::Path) -> Result<(), OpenError> {
        if self.version > open::newest_known() {
            return Err(OpenError::NewerVersion { path: path.into() });
        }
        Ok(())
    }
}

/// The one value of a statement; nothing where its table is not there, or it is null.
fn find<T: rusqlite::types::FromSql>(
    connection: &Connection,
    table: &str,
    sql: &str,
) -> rusqlite::Result<Option<T>> {
    let has_table = "SELECT 1 FROM sqlite_schema WHERE name = ?1";
    if connection.query_row(has_table, [table], |_| Ok(())).optional()?.is_none() {
        return Ok(None);
    }
    Ok(connection.query_row(sql, [], |row| row.get(0)).optional()?.flatten())
}

fn count(number: Option<i64>) -> u64 {
    number.and_then(|number| u64::try_from(number).ok()).unwrap_or(0)
}
