//! What a tick needs to know of an account, and of the operator's wishes.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicU8, Ordering};

use tokio::sync::Semaphore;

use crate::api::Client;
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
    /// One for each walk at a time: another account's slow walks take none of them.
    pub(super) slots: Semaphore,
    first_page: AtomicU8,
}

/// Not yet found out.
const UNKNOWN: u8 = u8::MAX;

impl Account {
    pub(super) fn new(name: AccountName, client: Client, known: &store::Account, slots: usize) -> Self {
        let first_page = AtomicU8::new(known.first_page.unwrap_or(UNKNOWN));
        Self { name, client, key: known.key, slots: Semaphore::new(slots), first_page }
    }

    /// What the account counts pages from, if that was found out.
    pub(super) fn first_page(&self) -> Option<u8> {
        Some(self.first_page.load(Ordering::Relaxed)).filter(|page| *page != UNKNOWN)
    }

    pub(super) fn set_first_page(&self, first_page: u8) {
        self.first_page.store(first_page, Ordering::Relaxed);
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

impl Settings {
    pub(super) fn wants(&self, directory: &DirectoryId) -> bool {
        (self.include.is_empty() || self.include.contains(directory)) && !self.exclude.contains(directory)
    }
}
