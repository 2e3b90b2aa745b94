//! What is worth telling the operator at once: what fires, what is over, and who has yet to be told.
//!
//! `board` turns what ticks, disk and log say into beginnings and ends; `outbox` holds them until they are
//! told, in order. *Invariant: no I/O, no clock, no failure; no text holds a value of a registration.* How
//! they are told is `hook`'s, when they are saved is `alerting`'s.

mod board;
mod message;
mod outbox;
#[cfg(test)]
mod tests;

use serde_json::json;

use crate::directory::{AccountName, DirectoryId};
use crate::instant::UtcInstant;

pub use board::{Board, End, Firing, Listing, Log, Seen, Tick, Trouble, WalkEnd};
pub use outbox::{Due, Outbox, Via};

/// What an alert is about; its word is a promise to whoever is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// Several ticks in a row failed.
    NotFresh,
    /// The API refused an account's keys.
    KeysRefused,
    /// Too much would have been removed, and nothing is.
    BrakeHeld,
    /// The disk that holds the mirror is nearly full.
    DiskLow,
    /// The log beside the file grows, because somebody reads an old state of it.
    WalLarge,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Self; 5] =
        [Self::NotFresh, Self::KeysRefused, Self::BrakeHeld, Self::DiskLow, Self::WalLarge];

    /// Its word.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::NotFresh => "not_fresh",
            Self::KeysRefused => "keys_refused",
            Self::BrakeHeld => "brake_held",
            Self::DiskLow => "disk_low",
            Self::WalLarge => "wal_large",
        }
    }

    /// From its word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == word)
    }
}

/// Whether it is on or over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum State {
    /// It is so.
    Firing,
    /// It is so no longer.
    Resolved,
}

impl State {
    /// Its word.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Firing => "firing",
            Self::Resolved => "resolved",
        }
    }

    /// From its word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Firing, Self::Resolved].into_iter().find(|state| state.as_str() == word)
    }
}

/// Which alert: what, and of whom. One fires at most once at a time.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key {
    /// What.
    pub kind: Kind,
    /// The account, where it is about one.
    pub account: Option<AccountName>,
    /// The directory, where it is about one.
    pub directory: Option<DirectoryId>,
}

impl Key {
    /// About the file or its disk.
    #[must_use]
    pub fn of_file(kind: Kind) -> Self {
        Self { kind, account: None, directory: None }
    }

    /// About an account.
    #[must_use]
    pub fn of_account(kind: Kind, account: &AccountName) -> Self {
        Self { kind, account: Some(account.clone()), directory: None }
    }

    /// About a directory.
    #[must_use]
    pub fn of_directory(kind: Kind, account: &AccountName, directory: &DirectoryId) -> Self {
        Self { kind, account: Some(account.clone()), directory: Some(directory.clone()) }
    }
}

/// A beginning or an end, as it is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Alert {
    /// Which.
    pub key: Key,
    /// On or over.
    pub state: State,
    /// When it began; its end says the same, so that both are known to belong together.
    pub since: UtcInstant,
    /// For people.
    pub message: String,
}

impl Alert {
    /// The promised JSON object, on one line.
    #[must_use]
    pub fn to_json(&self) -> String {
        let Key { kind, account, directory } = &self.key;
        json!({
            "alert": kind.as_str(),
            "state": self.state.as_str(),
            "account": account.as_ref().map(AccountName::as_str),
            "directory_id": directory.as_ref().map(DirectoryId::as_str),
            "since": self.since.to_string(),
            "message": self.message,
        })
        .to_string()
    }

    /// One that says by itself that it is a trial: no account and no directory is ever not fresh together.
    #[must_use]
    pub fn trial(state: State, now: UtcInstant) -> Self {
        let message = match state {
            State::Firing => "this is a trial of [alerts]: nothing is wrong",
            State::Resolved => "the trial of [alerts] is over",
        };
        Self { key: Key::of_file(Kind::NotFresh), state, since: now, message: message.to_owned() }
    }
}
