//! How fresh the mirror is, as `status` and `/api/v1/status` tell it.

use serde::Serialize;
use utoipa::ToSchema;

use crate::instant::UtcInstant;
use crate::store::{DirectoryStatus, Reader, StoreError};

/// How fresh the mirror is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Status {
    /// Every directory that is listed, by account and ID.
    pub directories: Vec<Line>,
    /// Accounts whose directories could not be listed.
    pub accounts_not_listed: Vec<Unlisted>,
}

/// One directory's freshness.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Line {
    /// The vendor's ID.
    pub directory_id: String,
    /// Its name.
    pub name: Option<String>,
    /// The account that lists it.
    pub account: String,
    /// How many registrations stand.
    pub registrations: u64,
    /// When a walk was last complete, as the file writes it.
    pub last_complete_at: Option<String>,
    /// When a full walk was last complete.
    pub last_full_at: Option<String>,
    /// Since `last_complete_at`.
    pub age_s: Option<i64>,
    /// Why the last walk failed.
    pub last_error: Option<String>,
}

impl From<DirectoryStatus> for Line {
    fn from(status: DirectoryStatus) -> Self {
        Self {
            directory_id: status.directory_id.to_string(),
            name: status.name,
            account: status.account.to_string(),
            registrations: status.registrations,
            last_complete_at: status.last_complete_at.map(|at| at.to_string()),
            last_full_at: status.last_full_at.map(|at| at.to_string()),
            age_s: status.age_s,
            last_error: status.last_error,
        }
    }
}

/// An account whose directories could not be listed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Unlisted {
    /// Its name.
    pub account: String,
    /// Why.
    pub last_error: String,
}

impl Status {
    /// Reads it from the file.
    ///
    /// # Errors
    /// When the file can't be read.
    pub async fn read(reader: &Reader, now: UtcInstant) -> Result<Self, StoreError> {
        let directories = reader.list_status(now).await?.into_iter().map(Line::from).collect();
        let unlisted = reader.list_account_errors().await?.into_iter();
        let unlisted =
            unlisted.map(|(account, last_error)| Unlisted { account: account.to_string(), last_error });
        Ok(Self { directories, accounts_not_listed: unlisted.collect() })
    }
}
