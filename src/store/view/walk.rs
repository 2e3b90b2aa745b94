//! The view `walks`.

use serde::Serialize;
use utoipa::ToSchema;

use super::pool::View;
use crate::store::error::StoreError;

/// A row of the view `walks`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Walk {
    /// Its number: later walks have larger ones.
    pub walk_id: i64,
    /// Whose list it read.
    pub directory_id: String,
    /// `incremental` or `full`.
    #[schema(example = "incremental")]
    pub kind: String,
    /// When it began.
    #[schema(example = "2026-11-23T09:05:10Z")]
    pub started_at: String,
    /// When it ended; null while it is under way.
    pub finished_at: Option<String>,
    /// `complete`, `interrupted`, `failed` or `cancelled`; null while it is under way.
    pub outcome: Option<String>,
    /// Pages understood.
    pub pages: i64,
    /// Requests sent, retries included.
    pub requests: i64,
    /// Rows in the answers.
    pub rows_read: i64,
    /// Registrations seen for the first time.
    pub created: i64,
    /// Of these, how many an earlier complete walk should have shown.
    pub recovered: i64,
    /// Whose values changed.
    pub updated: i64,
    /// Proved gone twice.
    pub removed: i64,
    /// Removed ones that were seen again.
    pub restored: i64,
    /// Not shown, or proved gone for the first time.
    pub missing: i64,
    /// Why it failed.
    pub error: Option<String>,
}

/// The two ways to list walks differ in what they are looked up by.
macro_rules! walks {
    ($where:literal) => {
        concat!(
            "SELECT w.walk_key, d.directory_id, w.kind, w.started_at, w.finished_at, w.outcome, w.pages,
                 w.requests, w.rows_read, w.created, w.recovered, w.updated, w.removed, w.restored,
                 w.missing, w.error
             FROM walk AS w JOIN directory AS d ON d.directory_key = w.directory_key
             WHERE w.walk_key < ?1 AND ",
            $where,
            " ORDER BY w.walk_key DESC LIMIT ?2"
        )
    };
}

const ALL: &str = walks!("?3 IS NULL");
const OF_DIRECTORY: &str =
    walks!("w.directory_key = (SELECT directory_key FROM directory WHERE directory_id = ?3)");

impl View {
    /// At most `limit` walks older than the walk `before`, newest first; of one directory, or of all.
    ///
    /// # Errors
    /// When the file can't be read.
    pub fn list_walks(
        &self,
        directory: Option<&str>,
        before: Option<i64>,
        limit: u32,
    ) -> Result<Vec<Walk>, StoreError> {
        let sql = if directory.is_some() { OF_DIRECTORY } else { ALL };
        self.list(sql, (before.unwrap_or(i64::MAX), limit, directory), |row| {
            Ok(Walk {
                walk_id: row.get(0)?,
                directory_id: row.get(1)?,
                kind: row.get(2)?,
                started_at: row.get(3)?,
                finished_at: row.get(4)?,
                outcome: row.get(5)?,
                pages: row.get(6)?,
                requests: row.get(7)?,
                rows_read: row.get(8)?,
                created: row.get(9)?,
                recovered: row.get(10)?,
                updated: row.get(11)?,
                removed: row.get(12)?,
                restored: row.get(13)?,
                missing: row.get(14)?,
                error: row.get(15)?,
            })
        })
    }
}
