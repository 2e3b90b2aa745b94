//! What a tick did, for people, logs and exit codes.

use super::runner::Walked;
use std::collections::BTreeMap;

use crate::api::{ApiError, Class};
use crate::directory::{AccountName, DirectoryId};
use crate::store::{Counts, KnownDirectory, Progress, StoreError, WalkOutcome};
use crate::walk::Kind;

/// What kept something from being done, by what the operator does about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trouble {
    /// What it is.
    pub kind: TroubleKind,
    /// For people; without personal data.
    pub text: String,
    /// What the operator can do.
    pub hint: Option<String>,
}

/// Kinds of trouble that exit codes tell apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TroubleKind {
    /// The keys were refused.
    Refused,
    /// No request was answered.
    Unreachable,
    /// Anything else.
    Other,
}

impl Trouble {
    /// Anything that no exit code of its own stands for.
    pub fn other(text: impl Into<String>) -> Self {
        Self { kind: TroubleKind::Other, text: text.into(), hint: None }
    }
}

impl From<&ApiError> for Trouble {
    fn from(error: &ApiError) -> Self {
        let kind = match error.class() {
            Class::Credentials => TroubleKind::Refused,
            _ if error.is_unreachable() => TroubleKind::Unreachable,
            _ => TroubleKind::Other,
        };
        Self { kind, text: error.to_string(), hint: error.hint().map(str::to_owned) }
    }
}

impl From<&StoreError> for Trouble {
    fn from(error: &StoreError) -> Self {
        Self { kind: TroubleKind::Other, text: error.to_string(), hint: error.hint().map(str::to_owned) }
    }
}

/// One walk of a tick.
#[derive(Clone, Debug)]
pub struct WalkReport {
    /// Whose keys.
    pub account: AccountName,
    /// Whose list.
    pub directory: DirectoryId,
    /// Its name, if it has one.
    pub name: Option<String>,
    /// How far the walk was to read.
    pub kind: Kind,
    /// How it ended.
    pub outcome: WalkOutcome,
    /// What it cost.
    pub progress: Progress,
    /// What it did to the mirror.
    pub counts: Counts,
    /// How long it took.
    pub took_ms: u64,
    /// Why it was not complete.
    pub trouble: Option<Trouble>,
    /// How many values of which fields could not be read.
    pub unreadable: BTreeMap<&'static str, u64>,
    /// Whether the brake is held since; `None` where the walk did not come so far.
    pub is_brake_held: Option<bool>,
}

impl WalkReport {
    /// Of a walk that was carried out, or that the file did not take.
    pub(super) fn new(
        account: &AccountName,
        directory: &KnownDirectory,
        kind: Kind,
        walked: Result<Walked, StoreError>,
        took_ms: u64,
    ) -> Self {
        let report = Self {
            account: account.clone(),
            directory: directory.id.clone(),
            name: directory.name.clone(),
            kind,
            outcome: WalkOutcome::Failed,
            progress: Progress::default(),
            counts: Counts::default(),
            took_ms,
            trouble: None,
            unreadable: BTreeMap::new(),
            is_brake_held: None,
        };
        match walked {
            Ok(Walked { figures, trouble, unreadable, .. }) => {
                let (outcome, progress, counts) = (figures.outcome, figures.progress, figures.counts);
                let is_brake_held = figures.is_brake_held;
                Self { outcome, progress, counts, trouble, unreadable, is_brake_held, ..report }
            }
            Err(error) => Self { trouble: Some(Trouble::from(&error)), ..report },
        }
    }
}

/// One account of a tick.
#[derive(Clone, Debug)]
pub struct AccountReport {
    /// Its name.
    pub account: AccountName,
    /// Its walks, in the order in which they ended.
    pub walks: Vec<WalkReport>,
    /// Which directories it lists.
    pub listed: Vec<DirectoryId>,
    /// What kept the account from being walked, or some of it.
    pub trouble: Option<Trouble>,
}

/// A whole tick.
#[derive(Clone, Debug, Default)]
pub struct TickReport {
    /// Every account, by name.
    pub accounts: Vec<AccountReport>,
}

impl TickReport {
    /// Every walk.
    pub fn walks(&self) -> impl Iterator<Item = &WalkReport> {
        self.accounts.iter().flat_map(|account| &account.walks)
    }

    /// Whether everything was done.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.accounts.iter().all(|account| account.trouble.is_none())
            && self.walks().all(|walk| walk.outcome == WalkOutcome::Complete)
    }

    /// Whether every account met the same kind of trouble before any walk was complete.
    #[must_use]
    pub fn is_all(&self, kind: TroubleKind) -> bool {
        let met = |account: &AccountReport| {
            let of_account = account.trouble.iter();
            let of_walks = account.walks.iter().filter_map(|walk| walk.trouble.as_ref());
            account.walks.iter().all(|walk| walk.outcome != WalkOutcome::Complete)
                && of_account.chain(of_walks).any(|trouble| trouble.kind == kind)
        };
        !self.accounts.is_empty() && self.accounts.iter().all(met)
    }
}
