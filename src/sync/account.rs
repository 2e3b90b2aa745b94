//! What a tick needs to know of an account, and of the operator's wishes.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::Semaphore;

use crate::api::Client;
use crate::clock;
use crate::config;
use crate::directory::{AccountName, DirectoryId};
use crate::store::{self, AccountKey};

/// An account while the program runs.
#[derive(Debug)]
pub struct Account {
    /// Its name.
    pub name: AccountName,
    /// Its client; the one rate limit of all its walks is in there.
    pub client: Client,
    pub(super) key: AccountKey,
    /// What the operator wishes of its ticks.
    pub(super) settings: Settings,
    /// One for each walk at a time: another account's slow walks take none of them.
    pub(super) slots: Semaphore,
    first_page: AtomicU8,
    undecided: Mutex<BTreeMap<DirectoryId, Undecided>>,
}

/// A directory whose pages did not tell what they are counted from.
#[derive(Clone, Copy, Debug)]
struct Undecided {
    /// Right either way, as long as the directory stays as it is.
    first_page: u8,
    looked_at: Instant,
}

/// A directory that did not tell is not asked with every tick.
const ASK_AGAIN: Duration = Duration::from_secs(3600);

/// Not yet found out.
const UNKNOWN: u8 = u8::MAX;

impl Account {
    pub(super) fn new(name: AccountName, client: Client, known: &store::Account, settings: Settings) -> Self {
        let first_page = AtomicU8::new(known.first_page.unwrap_or(UNKNOWN));
        let slots = Semaphore::new(settings.directories_at_once);
        Self { name, client, key: known.key, settings, slots, first_page, undecided: Mutex::default() }
    }

    /// What to count this directory's pages from; `None` if that has to be found out.
    pub(super) fn first_page(&self, directory: &DirectoryId) -> Option<u8> {
        let known = Some(self.first_page.load(Ordering::Relaxed)).filter(|page| *page != UNKNOWN);
        known.or_else(|| {
            let undecided = self.undecided.lock().unwrap_or_else(PoisonError::into_inner);
            let found = undecided.get(directory)?;
            (clock::steady_now() - found.looked_at < ASK_AGAIN).then_some(found.first_page)
        })
    }

    /// What the whole account counts pages from.
    pub(super) fn set_first_page(&self, first_page: u8) {
        self.first_page.store(first_page, Ordering::Relaxed);
    }

    /// This directory did not tell.
    pub(super) fn set_undecided(&self, directory: &DirectoryId, first_page: u8) {
        let found = Undecided { first_page, looked_at: clock::steady_now() };
        self.undecided.lock().unwrap_or_else(PoisonError::into_inner).insert(directory.clone(), found);
    }

    /// What was found out has turned out wrong.
    pub(super) fn forget_first_page(&self) {
        self.first_page.store(UNKNOWN, Ordering::Relaxed);
        self.undecided.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }
}

/// `[sync]`, as a tick needs it.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Walks of an account at a time.
    pub directories_at_once: usize,
    /// Of a directory's registrations, what a walk may remove.
    pub max_removed_percent: u8,
    /// Only these, if there are any.
    pub include: BTreeSet<DirectoryId>,
    /// Never these.
    pub exclude: BTreeSet<DirectoryId>,
}

impl From<&config::Sync> for Settings {
    fn from(said: &config::Sync) -> Self {
        let ids = |ids: &BTreeSet<String>| ids.iter().map(|id| DirectoryId::new(id.as_str())).collect();
        Self {
            directories_at_once: said.directories_at_once,
            max_removed_percent: said.max_removed_percent,
            include: ids(&said.include),
            exclude: ids(&said.exclude),
        }
    }
}

impl Settings {
    pub(super) fn wants(&self, directory: &DirectoryId) -> bool {
        (self.include.is_empty() || self.include.contains(directory)) && !self.exclude.contains(directory)
    }
}
