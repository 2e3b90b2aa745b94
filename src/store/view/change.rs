//! The view `registration_changes`: the feed.

use rusqlite::Row;
use serde::Serialize;
use utoipa::ToSchema;

use super::pool::View;
use crate::store::access::Access;
use crate::store::error::StoreError;

/// A row of the view `registration_changes`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Change {
    /// Its number: later changes have larger ones.
    pub seq: i64,
    /// When the mirror found it.
    #[schema(example = "2026-11-23T09:05:10Z")]
    pub at: String,
    /// `loaded` (a directory's first complete walk: its registrations are read from now on),
    /// `created`, `updated`, `removed` or `restored`.
    #[schema(example = "created")]
    pub kind: String,
    /// Where.
    pub directory_id: String,
    /// Whose; null where the kind is `loaded`.
    pub registration_id: Option<String>,
    /// JSON text: the columns that differ, as they were.
    pub before: Option<String>,
    /// JSON text: the columns that differ, as they are.
    pub after: Option<String>,
}

/// A change, with its directory's name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NamedChange {
    /// The change.
    pub change: Change,
    /// Its directory's name, if it has one.
    pub directory_name: Option<String>,
}

macro_rules! changes {
    ($before:literal, $after:literal, $order:literal) => {
        concat!(
            "SELECT c.seq, c.at, c.kind, d.directory_id, c.registration_id, ",
            $before,
            ", ",
            $after,
            ", d.name FROM registration_change AS c JOIN directory AS d ON d.directory_key = c.directory_key
             WHERE ",
            $order,
            " LIMIT ?2"
        )
    };
}

const FULL: &str = changes!("c.before", "c.after", "c.seq > ?1 ORDER BY c.seq");
const MASKED: &str = changes!("c.before_masked", "c.after_masked", "c.seq > ?1 ORDER BY c.seq");
const FULL_BACK: &str = changes!("c.before", "c.after", "c.seq < ?1 ORDER BY c.seq DESC");
const MASKED_BACK: &str = changes!("c.before_masked", "c.after_masked", "c.seq < ?1 ORDER BY c.seq DESC");

impl Change {
    fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            seq: row.get(0)?,
            at: row.get(1)?,
            kind: row.get(2)?,
            directory_id: row.get(3)?,
            registration_id: row.get(4)?,
            before: row.get(5)?,
            after: row.get(6)?,
        })
    }
}

impl View {
    /// At most `limit` changes after `after`, oldest first.
    ///
    /// # Errors
    /// When the file can't be read.
    pub fn list_changes(&self, after: i64, limit: u32) -> Result<Vec<Change>, StoreError> {
        let sql = match self.access {
            Access::Full => FULL,
            Access::Masked => MASKED,
        };
        self.list(sql, (after, limit), Change::read)
    }

    /// At most `limit` changes before `before`, newest first.
    ///
    /// # Errors
    /// When the file can't be read.
    pub fn list_changes_back(&self, before: i64, limit: u32) -> Result<Vec<NamedChange>, StoreError> {
        let sql = match self.access {
            Access::Full => FULL_BACK,
            Access::Masked => MASKED_BACK,
        };
        self.list(sql, (before, limit), |row| {
            Ok(NamedChange { change: Change::read(row)?, directory_name: row.get(7)? })
        })
    }
}
