//! How fresh the mirror is, as `status`, `/api/v1/status` and `/readyz` tell it.

use serde::Serialize;
use utoipa::ToSchema;

use crate::alert::{Firing, Key};
use crate::config::Sync;
use crate::freshness::{Freshness, Judge, Known, State};
use crate::store::{DirectoryStatus, Reader, StoreError};

/// How fresh the mirror is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Status {
    /// `fresh`, if every mirrored directory is and every account could be listed; else `stale`.
    pub state: Word,
    /// Every directory that is listed, by account and ID.
    pub directories: Vec<Line>,
    /// Accounts whose directories could not be listed.
    pub accounts_not_listed: Vec<Unlisted>,
    /// Alerts that fire.
    pub alerts: Vec<Alert>,
    /// Whether any account's directories were ever listed.
    #[serde(skip)]
    pub is_listed: bool,
}

/// Fresh or not, for programs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Word {
    /// It is.
    Fresh,
    /// It is not, or not yet.
    Stale,
    /// Left out by `[sync]`: that makes nothing stale.
    NotMirrored,
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
    /// Whether it is fresh.
    pub state: Word,
    /// Why it is not.
    pub reason: Option<String>,
    /// In people's words.
    #[serde(skip)]
    pub judged: State,
}

/// An account whose directories could not be listed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Unlisted {
    /// Its name.
    pub account: String,
    /// Why.
    pub last_error: String,
}

/// An alert that fires.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Alert {
    /// `not_fresh`, `keys_refused`, `brake_held`, `disk_low` or `wal_large`.
    pub alert: &'static str,
    /// The account, where it is about one.
    pub account: Option<String>,
    /// The directory, where it is about one.
    pub directory_id: Option<String>,
    /// Since when.
    pub since: String,
    /// What is wrong, and what to do.
    pub message: String,
}

impl Line {
    fn new(status: DirectoryStatus, wanted: &Sync, judge: Judge) -> Self {
        let Freshness { state, reason } = judge.judge(&Known {
            is_mirrored: wanted.wants(status.directory_id.as_str()),
            last_complete_at: status.last_complete_at,
            last_error: status.last_error.as_deref(),
        });
        Self {
            directory_id: status.directory_id.to_string(),
            name: status.name,
            account: status.account.to_string(),
            registrations: status.registrations,
            last_complete_at: status.last_complete_at.map(|at| at.to_string()),
            last_full_at: status.last_full_at.map(|at| at.to_string()),
            age_s: status.age_s,
            last_error: status.last_error,
            state: match state {
                State::Fresh => Word::Fresh,
                State::NotMirrored => Word::NotMirrored,
                State::Stale | State::Failed | State::Never => Word::Stale,
            },
            reason,
            judged: state,
        }
    }
}

impl From<(Key, Firing)> for Alert {
    fn from((key, firing): (Key, Firing)) -> Self {
        Self {
            alert: key.kind.as_str(),
            account: key.account.map(|account| account.to_string()),
            directory_id: key.directory.map(|directory| directory.to_string()),
            since: firing.since.to_string(),
            message: firing.message,
        }
    }
}

impl Status {
    /// Reads it from the file. `wanted` tells which directories are mirrored: the file holds others, too.
    ///
    /// # Errors
    /// When the file can't be read.
    pub async fn read(reader: &Reader, wanted: &Sync, judge: Judge) -> Result<Self, StoreError> {
        let lines = reader.list_status(judge.now).await?.into_iter();
        let unlisted = reader.list_account_errors().await?.into_iter();
        let alerts = reader.list_firing().await?;
        let status = Self {
            state: Word::Fresh,
            directories: lines.map(|status| Line::new(status, wanted, judge)).collect(),
            accounts_not_listed: unlisted
                .map(|(account, last_error)| Unlisted { account: account.to_string(), last_error })
                .collect(),
            alerts: alerts.into_iter().map(Alert::from).collect(),
            is_listed: reader.is_listed().await?,
        };
        let state = if status.reasons().is_empty() { Word::Fresh } else { Word::Stale };
        Ok(Self { state, ..status })
    }

    /// Why it is not fresh, a line each; none where it is. No value of a registration, no name.
    #[must_use]
    pub fn reasons(&self) -> Vec<String> {
        if !self.is_listed && self.accounts_not_listed.is_empty() {
            return vec!["not yet: no account's directories were ever listed".to_owned()];
        }
        let accounts = self
            .accounts_not_listed
            .iter()
            .map(|of| format!("stale: account {} could not be listed: {}", of.account, of.last_error));
        let is_unlisted = |line: &Line| self.accounts_not_listed.iter().any(|of| of.account == line.account);
        // What its account's error says is said once.
        let lines = self
            .directories
            .iter()
            .filter(|line| line.state == Word::Stale && !(line.judged == State::Failed && is_unlisted(line)));
        let lines = lines.map(|line| {
            let word = if line.judged == State::Never { "not yet" } else { "stale" };
            let reason = line.reason.as_deref().unwrap_or_default();
            format!("{word}: directory {} (account {}): {reason}", line.directory_id, line.account)
        });
        accounts.chain(lines).collect()
    }
}
