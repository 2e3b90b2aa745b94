//! One tick: every account's directories listed, and each of them walked.

use std::collections::BTreeSet;
use std::sync::Arc;

use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::account::{Account, Settings};
use super::numbering::{self, Numbering};
use super::observer::{Observer, Progressed};
use super::page::Pages;
use super::report::{AccountReport, TickReport, Trouble, WalkReport};
use super::runner::{self, Setting, Walked};
use crate::api::{ApiError, Client, DirectoryList};
use crate::clock;
use crate::directory::{AccountName, DirectoryId};
use crate::store::{Absent, Brake, Counts, KnownDirectory, Progress, Store, StoreError, WalkOutcome};
use crate::walk::Kind;

/// What a tick is to do.
#[derive(Clone)]
pub struct Plan {
    /// How far each directory's walk reads.
    pub kind_of: Arc<dyn Fn(&KnownDirectory) -> Kind + Send + Sync>,
    /// Only these; all if there are none.
    pub directories: BTreeSet<DirectoryId>,
    /// Whatever a walk would remove is removed.
    pub accept_removals: bool,
}

/// Everything that ticks need. Clones share it.
#[derive(Clone)]
pub struct Mirror {
    shared: Arc<Shared>,
}

struct Shared {
    store: Store,
    accounts: Vec<Arc<Account>>,
    settings: Settings,
    observer: Observer,
}

impl Mirror {
    /// Makes the accounts known to the file.
    ///
    /// # Errors
    /// When the file can't be written.
    pub async fn prepare(
        store: Store,
        clients: Vec<(AccountName, Client)>,
        settings: Settings,
        observer: Observer,
    ) -> Result<Self, StoreError> {
        let mut accounts = Vec::new();
        for (name, client) in clients {
            let account = store.save_account(&name, client.reading().fingerprint()).await?;
            accounts.push(Arc::new(Account::new(name, client, &account, settings.directories_at_once)));
        }
        Ok(Self { shared: Arc::new(Shared { store, accounts, settings, observer }) })
    }

    /// Walks every directory once. Accounts don't wait for each other, and one's refused keys stop
    /// no other. Stopped, it ends within the page in flight.
    pub async fn tick(&self, plan: &Plan, stop: &CancellationToken) -> TickReport {
        let mut accounts = JoinSet::new();
        for account in &self.shared.accounts {
            let tick = AccountTick {
                shared: Arc::clone(&self.shared),
                account: Arc::clone(account),
                plan: plan.clone(),
                stop: stop.clone(),
            };
            accounts.spawn(Arc::new(tick).run());
        }
        let mut report = TickReport { accounts: accounts.join_all().await };
        report.accounts.sort_by(|one, other| one.account.cmp(&other.account));
        report
    }

    /// Whether every account's keys were refused: no tick can do anything any more.
    #[must_use]
    pub fn is_refused(&self) -> bool {
        self.shared.accounts.iter().all(|account| account.client.is_refused())
    }
}

/// One account's part of a tick.
struct AccountTick {
    shared: Arc<Shared>,
    account: Arc<Account>,
    plan: Plan,
    stop: CancellationToken,
}

impl AccountTick {
    async fn run(self: Arc<Self>) -> AccountReport {
        let mut report = AccountReport {
            account: self.account.name.clone(),
            walks: Vec::new(),
            listed: Vec::new(),
            trouble: None,
        };
        let listed = tokio::select! {
            biased;
            () = self.stop.cancelled() => return report,
            listed = self.list() => listed,
        };
        match listed {
            Ok((directories, trouble)) => {
                report.listed = directories.iter().map(|directory| directory.id.clone()).collect();
                report.trouble = trouble;
                report.walks = Arc::clone(&self).walk_all(directories).await;
            }
            Err(trouble) => report.trouble = Some(trouble),
        }
        if let Some(trouble) = &report.trouble {
            let account = self.account.name.as_str();
            tracing::error!(account, error = trouble.text, hint = trouble.hint, "cannot list directories");
        }
        report
    }

    /// Lists the account's directories. Where one that is known lacks, the list is asked for once
    /// more: an answer can be wrong for a moment. Rows without an ID are trouble, but the others are
    /// walked.
    async fn list(&self) -> Result<(Vec<KnownDirectory>, Option<Trouble>), Trouble> {
        let store = &self.shared.store;
        let of_api = |error: ApiError| Trouble::from(&error);
        let of_store = |error: StoreError| Trouble::from(&error);
        let mut list = self.account.client.fetch_directories().await.result.map_err(of_api)?;
        let ids = |list: &DirectoryList| -> Vec<DirectoryId> {
            list.directories.iter().map(|directory| directory.id.clone()).collect()
        };
        if store.count_unlisted(self.account.key, &ids(&list)).await.map_err(of_store)? > 0 {
            let again = self.account.client.fetch_directories().await.result.map_err(of_api)?;
            list.rows_without_id = list.rows_without_id.max(again.rows_without_id);
            let known: BTreeSet<_> = ids(&list).into_iter().collect();
            list.directories.extend(again.directories.into_iter().filter(|found| !known.contains(&found.id)));
        }
        let trouble = (list.rows_without_id > 0).then(|| Trouble {
            hint: Some("run `probe`; a key can be added to [api.aliases]".to_owned()),
            ..Trouble::other(format!("{} rows of the directory list had no ID", list.rows_without_id))
        });
        let absent = if trouble.is_none() { Absent::AreGone } else { Absent::AreUnknown };
        let saved = store
            .save_directories(self.account.key, &list.directories, absent, clock::now())
            .await
            .map_err(of_store)?;
        for directory in &saved.owned_elsewhere {
            let (account, directory) = (self.account.name.as_str(), directory.as_str());
            tracing::warn!(account, directory, "another account lists this directory already: left to it");
        }
        Ok((saved.directories, trouble))
    }

    async fn walk_all(self: Arc<Self>, directories: Vec<KnownDirectory>) -> Vec<WalkReport> {
        let wants = |directory: &KnownDirectory| {
            self.shared.settings.wants(&directory.id)
                && (self.plan.directories.is_empty() || self.plan.directories.contains(&directory.id))
        };
        let mut reports = Vec::new();
        let mut walks = JoinSet::new();
        for directory in directories.into_iter().filter(wants) {
            if self.stop.is_cancelled() || self.account.client.is_refused() {
                break;
            }
            let walk = Arc::clone(&self).walk_one(directory);
            // One at a time until it is known what pages are counted from.
            if self.account.first_page().is_none() {
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
        (shared.observer)(&Progressed::Ended { directory: &directory.id });
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
                max_removed_percent: self.shared.settings.max_removed_percent,
                accept_removals: self.plan.accept_removals,
            },
            observer: &self.shared.observer,
            stop: &self.stop,
        };
        let walked = runner::walk(&setting, directory, pages, kind).await;
        let took_ms = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
        let report = self.report(directory, kind, walked, took_ms);
        log(&report);
        Some(report)
    }

    /// What the account counts pages from, found out if it has to be.
    async fn first_page(&self, directory: &DirectoryId) -> u8 {
        if let Some(known) = self.account.first_page() {
            return known;
        }
        match numbering::find_out(&self.account.client, directory).await {
            Ok(Numbering::From(first_page)) => {
                match self.shared.store.save_first_page(self.account.key, first_page).await {
                    Ok(()) => self.account.set_first_page(first_page),
                    Err(error) => {
                        tracing::warn!(error = %error, "cannot remember what pages are counted from")
                    }
                }
                first_page
            }
            Ok(Numbering::Undecided(first_page)) => first_page,
            // The walk meets the same error, and reports it.
            Err(_) => 1,
        }
    }

    fn report(
        &self,
        directory: &KnownDirectory,
        kind: Kind,
        walked: Result<Walked, StoreError>,
        took_ms: u64,
    ) -> WalkReport {
        let report = WalkReport {
            account: self.account.name.clone(),
            directory: directory.id.clone(),
            name: directory.name.clone(),
            kind,
            outcome: WalkOutcome::Failed,
            progress: Progress::default(),
            counts: Counts::default(),
            took_ms,
            trouble: None,
        };
        match walked {
            Ok(Walked { figures, trouble, warnings }) => {
                for (field, values) in warnings {
                    let directory = directory.id.as_str();
                    tracing::warn!(directory, field, values, "values could not be read; they stand in raw");
                }
                let (outcome, progress, counts) = (figures.outcome, figures.progress, figures.counts);
                WalkReport { outcome, progress, counts, trouble, ..report }
            }
            Err(error) => WalkReport { trouble: Some(Trouble::from(&error)), ..report },
        }
    }
}

/// One line a walk.
fn log(report: &WalkReport) {
    let WalkReport { account, directory, kind, outcome, progress, counts, took_ms, trouble, .. } = report;
    let (account, directory) = (account.as_str(), directory.as_str());
    let (kind, outcome) = (kind.as_str(), outcome.as_str());
    let (error, hint) =
        trouble.as_ref().map_or((None, None), |trouble| (Some(&*trouble.text), trouble.hint.as_deref()));
    macro_rules! line {
        ($level:ident) => {
            tracing::$level!(
                account,
                directory,
                kind,
                outcome,
                pages = progress.pages,
                requests = progress.requests,
                rows_read = progress.rows_read,
                created = counts.created,
                recovered = counts.recovered,
                updated = counts.updated,
                removed = counts.removed,
                restored = counts.restored,
                missing = counts.missing,
                took_ms,
                error,
                hint,
                "walk"
            )
        };
    }
    match report.outcome {
        WalkOutcome::Complete => line!(info),
        WalkOutcome::Cancelled => line!(info),
        WalkOutcome::Failed | WalkOutcome::Interrupted => line!(warn),
    }
}
