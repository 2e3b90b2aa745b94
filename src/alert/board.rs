//! What fires. Told what happened, it answers with what began and what is over: each once.

use std::collections::{BTreeMap, BTreeSet};

use super::{Alert, Key, Kind, State, message};
use crate::directory::{AccountName, DirectoryId};
use crate::instant::UtcInstant;
use crate::room::Room;

/// A log of that size is not left over from work: 64 MiB, where SQLite puts it into the file at 80 MB.
const LOG_BYTES_ODD: u64 = 64 << 20;
/// So long no reader of ours holds it.
const LOG_HELD_S_ODD: u64 = 15 * 60;
/// So large it is worth telling once it was tried in vain for a moment.
const LOG_BYTES_LARGE: u64 = 256 << 20;
const LOG_HELD_S_LARGE: u64 = 10;

/// Something that fires.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Firing {
    /// Since when.
    pub since: UtcInstant,
    /// What was said when it began.
    pub message: String,
}

/// Something that was seen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Seen {
    /// An account's tick is over.
    Tick(Tick),
    /// Room on the disk.
    Disk(Room),
    /// The log beside the file.
    Log(Log),
}

/// An account's tick.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tick {
    /// Whose.
    pub account: AccountName,
    /// Whether its directories could be listed.
    pub listing: Listing,
    /// Its walks.
    pub walks: Vec<WalkEnd>,
}

/// Whether an account's directories could be listed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Listing {
    /// They could: those that are to be mirrored.
    Well(BTreeSet<DirectoryId>),
    /// They, or some of them, could not.
    Badly(Trouble),
}

/// A walk that is over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WalkEnd {
    /// Whose list.
    pub directory: DirectoryId,
    /// How it ended.
    pub end: End,
    /// Whether the brake is held since; `None` where the walk did not come so far.
    pub is_brake_held: Option<bool>,
}

/// How a walk ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum End {
    /// It did all that it was to do.
    Complete,
    /// It could not.
    Failed(Trouble),
    /// It was stopped: that says nothing.
    Stopped,
}

/// What kept something from being done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trouble {
    /// Whether it is the keys.
    pub is_refused: bool,
    /// For people; without personal data.
    pub text: String,
    /// What the operator can do.
    pub hint: Option<String>,
}

/// The log beside the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Log {
    /// Its size.
    pub bytes: u64,
    /// For how long, in seconds, it could not be cut; 0 if it could be.
    pub held_s: u64,
}

/// What fires, and how often in a row what failed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Board {
    firing: BTreeMap<Key, Firing>,
    /// Failed ticks in a row, of directories and of accounts (without a directory).
    failed: BTreeMap<(AccountName, Option<DirectoryId>), u32>,
}

impl Board {
    /// Goes on with what was saved.
    #[must_use]
    pub fn new(
        firing: BTreeMap<Key, Firing>,
        failed: BTreeMap<(AccountName, Option<DirectoryId>), u32>,
    ) -> Self {
        Self { firing, failed }
    }

    /// What fires now.
    #[must_use]
    pub fn firing(&self) -> &BTreeMap<Key, Firing> {
        &self.firing
    }

    /// What begins and what is over, now that this was seen.
    pub fn see(&mut self, seen: &Seen, after_failures: u32, now: UtcInstant) -> Vec<Alert> {
        let mut turn = Turn { board: self, now, alerts: Vec::new() };
        match seen {
            Seen::Tick(tick) => turn.see_tick(tick, after_failures),
            Seen::Disk(room) => turn.see_disk(*room),
            Seen::Log(log) => turn.see_log(*log),
        }
        turn.alerts
    }

    /// Only these accounts are watched from now on.
    pub fn watch_only(&mut self, accounts: &BTreeSet<AccountName>, now: UtcInstant) -> Vec<Alert> {
        self.forget_if(now, |account, _| !accounts.contains(account))
    }

    /// What is over because its account or directory is gone.
    fn forget_if(
        &mut self,
        now: UtcInstant,
        is_gone: impl Fn(&AccountName, Option<&DirectoryId>) -> bool,
    ) -> Vec<Alert> {
        self.failed.retain(|(account, directory), _| !is_gone(account, directory.as_ref()));
        let gone: Vec<Key> = self
            .firing
            .keys()
            .filter(|key| {
                key.account.as_ref().is_some_and(|account| is_gone(account, key.directory.as_ref()))
            })
            .cloned()
            .collect();
        let mut turn = Turn { board: self, now, alerts: Vec::new() };
        for key in gone {
            let message = message::gone(&key);
            turn.end(key, message);
        }
        turn.alerts
    }
}

/// One look, and what comes of it.
struct Turn<'a> {
    board: &'a mut Board,
    now: UtcInstant,
    alerts: Vec<Alert>,
}

impl Turn<'_> {
    fn see_tick(&mut self, tick: &Tick, after_failures: u32) {
        let account = &tick.account;
        let of_account = Key::of_account(Kind::NotFresh, account);
        match &tick.listing {
            Listing::Well(mirrored) => {
                self.succeed(of_account);
                let is_gone = |of: &AccountName, directory: Option<&DirectoryId>| {
                    of == account && directory.is_some_and(|directory| !mirrored.contains(directory))
                };
                let gone = self.board.forget_if(self.now, is_gone);
                self.alerts.extend(gone);
            }
            Listing::Badly(trouble) => self.fail(of_account, trouble, after_failures),
        }
        for walk in &tick.walks {
            let key = Key::of_directory(Kind::NotFresh, account, &walk.directory);
            match &walk.end {
                End::Complete => self.succeed(key),
                End::Failed(trouble) => self.fail(key, trouble, after_failures),
                End::Stopped => {}
            }
            let brake = Key::of_directory(Kind::BrakeHeld, account, &walk.directory);
            match walk.is_brake_held {
                Some(true) => {
                    let message = message::brake_held(&brake);
                    self.begin(brake, message);
                }
                Some(false) => self.end_if_firing(brake),
                None => {}
            }
        }
        self.see_keys(tick);
    }

    fn see_keys(&mut self, tick: &Tick) {
        let of_walks = tick.walks.iter().filter_map(|walk| match &walk.end {
            End::Failed(trouble) => Some(trouble),
            End::Complete | End::Stopped => None,
        });
        let of_listing = match &tick.listing {
            Listing::Badly(trouble) => Some(trouble),
            Listing::Well(_) => None,
        };
        let key = Key::of_account(Kind::KeysRefused, &tick.account);
        match of_listing.into_iter().chain(of_walks).find(|trouble| trouble.is_refused) {
            Some(trouble) => {
                let message = message::keys_refused(&key, trouble);
                self.begin(key, message);
            }
            None if of_listing.is_none() => self.end_if_firing(key),
            None => {}
        }
    }

    fn see_disk(&mut self, room: Room) {
        let key = Key::of_file(Kind::DiskLow);
        if room.is_low() {
            self.begin(key, message::disk_low(room));
        } else if room.is_ample() {
            self.end_if_firing(key);
        }
    }

    /// Over only when it was cut: a process that has just begun has not tried yet.
    fn see_log(&mut self, log: Log) {
        let key = Key::of_file(Kind::WalLarge);
        let is_odd = log.bytes >= LOG_BYTES_ODD && log.held_s >= LOG_HELD_S_ODD;
        let is_large = log.bytes >= LOG_BYTES_LARGE && log.held_s >= LOG_HELD_S_LARGE;
        if is_odd || is_large {
            self.begin(key, message::wal_large(log));
        } else if log.held_s == 0 && log.bytes < LOG_BYTES_ODD {
            self.end_if_firing(key);
        }
    }

    fn fail(&mut self, key: Key, trouble: &Trouble, after_failures: u32) {
        let Some(account) = &key.account else { return };
        let failed = self.board.failed.entry((account.clone(), key.directory.clone())).or_default();
        *failed = failed.saturating_add(1);
        if *failed >= after_failures {
            let message = message::not_fresh(&key, *failed, trouble);
            self.begin(key, message);
        }
    }

    fn succeed(&mut self, key: Key) {
        if let Some(account) = &key.account {
            self.board.failed.remove(&(account.clone(), key.directory.clone()));
        }
        self.end_if_firing(key);
    }

    fn begin(&mut self, key: Key, message: String) {
        if self.board.firing.contains_key(&key) {
            return;
        }
        let firing = Firing { since: self.now, message };
        self.alerts.push(alert(&key, State::Firing, &firing));
        self.board.firing.insert(key, firing);
    }

    fn end_if_firing(&mut self, key: Key) {
        let message = message::over(&key);
        self.end(key, message);
    }

    fn end(&mut self, key: Key, message: String) {
        if let Some(firing) = self.board.firing.remove(&key) {
            self.alerts.push(alert(&key, State::Resolved, &Firing { message, ..firing }));
        }
    }
}

pub(super) fn alert(key: &Key, state: State, firing: &Firing) -> Alert {
    Alert { key: key.clone(), state, since: firing.since, message: firing.message.clone() }
}
