//! One account's part of a tick: its directories listed, and each of them walked.

use std::sync::Arc;

use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::account::Account;
use super::mirror::{Plan, Shared};
use super::numbering::{self, Numbering};
use super::observer::Progressed;
use super::page::Pages;
use super::report::{AccountReport, WalkReport};
use super::runner::{self, Setting};
use super::{listing, log};
use crate::clock;
use crate::directory::DirectoryId;
use crate::store::{Brake, KnownDirectory};

/// One account's part of a tick.
pub(super) struct AccountTick {
    pub(super) shared: Arc<Shared>,
    pub(super) account: Arc<Account>,
    pub(super) plan: Plan,
    pub(super) stop: CancellationToken,
}

impl AccountTick {
    pub(super) async fn run(self: Arc<Self>) -> AccountReport {
        let mut report = AccountReport {
            account: self.account.name.clone(),
            walks: Vec::new(),
            listed: Vec::new(),
            trouble: None,
        };
        let listed = tokio::select! {
            biased;
            () = self.stop.cancelled() => return report,
            listed = listing::list(&self.account, &self.shared.store) => listed,
        };
        match listed {
            Ok((directories, trouble)) => {
                report.listed = directories.iter().map(|directory| directory.id.clone()).collect();
                report.trouble = trouble;
                report.walks = Arc::clone(&self).walk_all(directories).await;
            }
            Err(trouble) => report.trouble = Some(trouble),
        }
        let error = report.trouble.as_ref().map(|trouble| trouble.text.clone());
        // A file that can't be written is every walk's trouble, too.
        let _ = self.shared.store.save_account_error(self.account.key, error, clock::now()).await;
        if let Some(trouble) = &report.trouble {
            let account = self.account.name.as_str();
            tracing::error!(account, error = trouble.text, hint = trouble.hint, "cannot list directories");
        }
        (self.shared.observer)(&Progressed::Ticked { report: &report });
        report
    }

    async fn walk_all(self: Arc<Self>, directories: Vec<KnownDirectory>) -> Vec<WalkReport> {
        let wants = |directory: &KnownDirectory| {
            self.account.settings.wants(&directory.id)
                && (self.plan.directories.is_empty() || self.plan.directories.contains(&directory.id))
        };
        if !directories.is_empty() && self.plan.directories.is_empty() && !directories.iter().any(wants) {
            let account = self.account.name.as_str();
            tracing::warn!(account, "[sync] include and exclude leave none of its directories");
        }
        let mut reports = Vec::new();
        let mut walks = JoinSet::new();
        for directory in directories.into_iter().filter(wants) {
            if self.stop.is_cancelled() || self.account.client.is_refused() {
                break;
            }
            let id = directory.id.clone();
            let walk = Arc::clone(&self).walk_one(directory);
            // One at a time until it is known what pages are counted from.
            if self.account.first_page(&id).is_none() {
                reports.extend(walk.await);
            } else {
                walks.spawn(walk);
            }
        }
        reports.extend(walks.join_all().await.into_iter().flatten());
        reports
    }

    async fn walk_one(self: Arc<Self>, directory: KnownDirectory) -> Option<WalkReport> {
        let shared = Arc::clone(&self.shared);
        let slot = tokio::select! {
            biased;
            () = self.stop.cancelled() => return None,
            slot = self.account.slots.acquire() => slot,
        };
        let _slot = slot.expect("Invariant: the slots are never closed");
        if self.account.client.is_refused() {
            return None;
        }
        let registrations = directory.registrations;
        (shared.observer)(&Progressed::Began { directory: &directory.id, registrations });
        let report = self.walk(&directory).await;
        (shared.observer)(&Progressed::Ended { directory: &directory.id, walk: report.as_ref() });
        report
    }

    async fn walk(&self, directory: &KnownDirectory) -> Option<WalkReport> {
        let started = clock::steady_now();
        let kind = (self.plan.kind_of)(directory);
        let first_page = tokio::select! {
            biased;
            () = self.stop.cancelled() => return None,
            first_page = self.first_page(&directory.id) => first_page,
        };
        let pages = Pages::new(self.account.client.clone(), directory.id.clone(), first_page);
        let setting = Setting {
            store: &self.shared.store,
            brake: Brake {
                max_removed_percent: self.account.settings.max_removed_percent,
                accept_removals: self.plan.accept_removals,
            },
            observer: &self.shared.observer,
            stop: &self.stop,
        };
        let walked = runner::walk(&setting, directory, pages, kind).await;
        if matches!(&walked, Ok(walked) if walked.is_page_number_ignored) {
            self.doubt_first_page().await;
        }
        let took_ms = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
        let report = WalkReport::new(&self.account.name, directory, kind, walked, took_ms);
        log::walk(&report);
        Some(report)
    }

    /// What to count the directory's pages from, found out if it has to be.
    async fn first_page(&self, directory: &DirectoryId) -> u8 {
        if let Some(known) = self.account.first_page(directory) {
            return known;
        }
        match numbering::find_out(&self.account.client, directory).await {
            Ok(Numbering::From(first_page)) => {
                let account = self.account.name.as_str();
                tracing::debug!(account, first_page, "found out what pages are counted from");
                self.account.set_first_page(first_page);
                self.remember(Some(first_page)).await;
                first_page
            }
            Ok(Numbering::Undecided(first_page)) => {
                self.account.set_undecided(directory, first_page);
                first_page
            }
            // The walk meets the same error, and reports it.
            Err(_) => 1,
        }
    }

    /// Every page number was answered with the first page: perhaps what pages are counted from was
    /// found out wrongly. The next tick finds out anew.
    async fn doubt_first_page(&self) {
        self.account.forget_first_page();
        self.remember(None).await;
    }

    async fn remember(&self, first_page: Option<u8>) {
        if let Err(error) = self.shared.store.save_first_page(self.account.key, first_page).await {
            tracing::warn!(error = %error, "cannot remember what pages are counted from");
        }
    }
}
