//! What ticks work on: the file, the accounts, the operator's wishes; and the tick itself, over all
//! accounts at once.

use std::collections::BTreeSet;
use std::sync::Arc;

use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::account::{Account, Settings};
use super::observer::Observer;
use super::report::TickReport;
use super::tick::AccountTick;
use crate::api::Client;
use crate::clock;
use crate::directory::{AccountName, DirectoryId};
use crate::store::{KnownDirectory, Store, StoreError};
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

pub(super) struct Shared {
    pub(super) store: Store,
    accounts: Vec<Arc<Account>>,
    pub(super) settings: Settings,
    pub(super) observer: Observer,
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
        let keys: Vec<_> = accounts.iter().map(|account| account.key).collect();
        store.release_directories(&keys, clock::now()).await?;
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
