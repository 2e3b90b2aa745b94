//! The view `directories`.

use rusqlite::Row;
use serde::Serialize;
use utoipa::ToSchema;

use super::pool::View;
use crate::store::error::StoreError;

/// A row of the view `directories`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Directory {
    /// The vendor's ID.
    #[schema(example = "dir_12345")]
    pub directory_id: String,
    /// The account that lists it.
    pub account: String,
    /// Its name, if it has one.
    pub name: Option<String>,
    /// Its public address, if it has one.
    pub url: Option<String>,
    /// The vendor's word for its state.
    pub status: Option<String>,
    /// How many registrations stand.
    pub registrations: i64,
    /// When it was first listed, as every instant here: UTC text.
    #[schema(example = "2026-11-23T09:05:10Z")]
    pub first_seen_at: String,
    /// When it was last listed.
    pub last_seen_at: String,
    /// When its account was found to list it no longer.
    pub removed_at: Option<String>,
    /// The row as it came, as JSON text; null for masked readers.
    pub raw: Option<String>,
}

const LIST: &str = "SELECT directory_id, account, name, url, status, registrations, first_seen_at,
        last_seen_at, removed_at, raw
    FROM directories ORDER BY account, directory_id";
const FIND: &str = "SELECT directory_id, account, name, url, status, registrations, first_seen_at,
        last_seen_at, removed_at, raw
    FROM directories WHERE directory_id = ?1";

impl Directory {
    fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            directory_id: row.get(0)?,
            account: row.get(1)?,
            name: row.get(2)?,
            url: row.get(3)?,
            status: row.get(4)?,
            registrations: row.get(5)?,
            first_seen_at: row.get(6)?,
            last_seen_at: row.get(7)?,
            removed_at: row.get(8)?,
            raw: row.get(9)?,
        })
    }
}

impl View {
    /// Every directory that was ever listed, by account and ID.
    ///
    /// # Errors
    /// When the file can't be read.
    pub fn list_directories(&self) -> Result<Vec<Directory>, StoreError> {
        self.list(LIST, [], Directory::read)
    }

    /// One directory.
    ///
    /// # Errors
    /// When the file can't be read.
    pub fn find_directory(&self, id: &str) -> Result<Option<Directory>, StoreError> {
        Ok(self.list(FIND, [id], Directory::read)?.pop())
    }
}
