//! What the shell hands over of a walk, and what it gets back. No SQL.

use std::fmt;

use crate::directory::DirectoryId;
use crate::instant::UtcInstant;
use crate::registration::Registration;
use crate::walk::{Kind, Stored, WalkKey};

/// An account's key in the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AccountKey(pub i64);

/// A directory's key in the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DirectoryKey(pub i64);

/// What the shell keeps of a row from its look-up to its save.
#[derive(Clone, PartialEq, Eq)]
pub enum Content {
    /// The look-up saw [`Known::is_unchanged`]: nothing to write, unless a save of this walk that
    /// was pending then has marked it since; the writer knows, and clears the mark.
    Unchanged,
    /// Whatever else.
    Decoded(Box<Registration>),
}

impl fmt::Debug for Content {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Unchanged => "Unchanged",
            Self::Decoded(_) => "Decoded(…)",
        })
    }
}

/// What the file held of a registration at look-up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Known {
    /// For the walk.
    pub stored: Stored,
    /// Its fingerprint is the same and there is no mark to clear.
    pub is_unchanged: bool,
    /// The stored registration date.
    pub registered_at: Option<UtcInstant>,
}

/// A walk that has begun.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WalkHandle {
    /// Its key.
    pub walk: WalkKey,
    /// Whose list it reads.
    pub directory: DirectoryKey,
}

/// What a walk cost so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// Pages understood.
    pub pages: u64,
    /// Requests sent, retries included.
    pub requests: u64,
    /// Rows in the answers.
    pub rows_read: u64,
}

/// What a walk did to the file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Registrations seen for the first time.
    pub created: u64,
    /// Of these, how many an earlier complete walk should have shown.
    pub recovered: u64,
    /// Whose values changed.
    pub updated: u64,
    /// Proved gone twice.
    pub removed: u64,
    /// Removed ones that were seen again.
    pub restored: u64,
    /// Not shown, or proved gone for the first time.
    pub missing: u64,
}

/// How a walk ended, in the file's words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WalkOutcome {
    /// It crossed everything that it had to.
    Complete,
    /// The process ended first.
    Interrupted,
    /// It could not.
    Failed,
    /// The program was asked to stop.
    Cancelled,
}

impl WalkOutcome {
    /// The word in the file.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Complete => "complete",
            Self::Interrupted => "interrupted",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
        }
    }

    /// From the word in the file.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Complete, Self::Interrupted, Self::Failed, Self::Cancelled]
            .into_iter()
            .find(|outcome| outcome.as_str() == word)
    }
}

/// A finished walk: its row in the view `walks`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Figures {
    /// Its key.
    pub walk: WalkKey,
    /// How far it was to read.
    pub kind: Kind,
    /// When it began.
    pub started_at: UtcInstant,
    /// When it ended.
    pub finished_at: UtcInstant,
    /// How it ended.
    pub outcome: WalkOutcome,
    /// What it cost.
    pub progress: Progress,
    /// What it did.
    pub counts: Counts,
    /// Why it failed.
    pub error: Option<String>,
    /// Whether the brake is held since; `None` where the walk did not come so far.
    pub is_brake_held: Option<bool>,
}

/// A directory that an account lists.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnownDirectory {
    /// Its key.
    pub key: DirectoryKey,
    /// The vendor's ID.
    pub id: DirectoryId,
    /// Its name, if it has one.
    pub name: Option<String>,
    /// How many registrations stand.
    pub registrations: u64,
    /// When a walk of it was first complete.
    pub loaded_at: Option<UtcInstant>,
    /// When a full walk of it was last complete.
    pub last_full_at: Option<UtcInstant>,
}

/// What a directory list says of the directories that it lacks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Absent {
    /// The list is whole: they are gone.
    AreGone,
    /// Rows of it could not be read: nothing.
    AreUnknown,
}

/// What became of a directory list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SavedDirectories {
    /// Those of this account, in the list's order, none twice.
    pub directories: Vec<KnownDirectory>,
    /// Those that another account lists already: left to it.
    pub owned_elsewhere: Vec<DirectoryId>,
}

/// An account, as the file knows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Account {
    /// Its key.
    pub key: AccountKey,
    /// What it counts pages from; `None` until found out.
    pub first_page: Option<u8>,
    /// What walks found out of its answers.
    pub learned: crate::walk::Learned,
}
