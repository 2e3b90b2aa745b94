//! What a reader is told of the moment that it reads, whatever its statements may see.

use chrono_tz::Tz;
use rusqlite::{Connection, OptionalExtension};

/// A moment of the file.
#[derive(Clone, Copy, Debug)]
pub(super) struct Moment {
    /// The last change.
    pub seq: i64,
    /// Of local days.
    pub time_zone: Tz,
}

/// Also where every change was dropped again, SQLite knows the last one's number.
pub(in crate::store) const SEQ: &str = "SELECT seq FROM sqlite_sequence WHERE name = 'registration_change'";
const TIME_ZONE: &str = "SELECT value FROM setting WHERE name = 'reports_time_zone'";
const HAS_TABLES: &str =
    "SELECT count(*) = 2 FROM sqlite_schema WHERE name IN ('sqlite_sequence', 'setting')";

impl Moment {
    /// The moment that the connection's transaction reads. Another program's file has no changes, and its
    /// days are UTC's.
    pub(super) fn find(connection: &Connection) -> rusqlite::Result<Self> {
        if !connection.query_row(HAS_TABLES, [], |row| row.get(0))? {
            return Ok(Self { seq: 0, time_zone: Tz::UTC });
        }
        let seq = connection.query_row(SEQ, [], |row| row.get(0)).optional()?;
        let zone: Option<String> = connection.query_row(TIME_ZONE, [], |row| row.get(0)).optional()?;
        let time_zone = zone.and_then(|zone| zone.parse().ok()).unwrap_or(Tz::UTC);
        Ok(Self { seq: seq.unwrap_or(0), time_zone })
    }
}
