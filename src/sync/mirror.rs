//! What ticks work on: the file, the accounts, the operator's wishes; and the tick itself, over all
//! accounts at once.

use std::collections::BTreeSet;
use std::sync::Arc;

use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::account::{Account, Settings};
use super::observer::{Observer, Progressed};
use super::report::{AccountReport, TickReport};
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
            accounts.push(make_known(&store, name, client, settings.clone()).await?);
        }
        let mirror = Self { shared: Arc::new(Shared { store, accounts, observer }) };
        mirror.release_others(&mirror.shared.accounts).await?;
        Ok(mirror)
    }

    /// Makes an account known to the file: one that is new, or one whose keys or settings are others. No
    /// walk of the account of before may be under way.
    ///
    /// # Errors
    /// When the file can't be written.
    pub async fn open_account(
        &self,
        name: AccountName,
        client: Client,
        settings: Settings,
    ) -> Result<Arc<Account>, StoreError> {
        make_known(&self.shared.store, name, client, settings).await
    }

    /// From now on, the directories of all other accounts are listed by nobody.
    ///
    /// # Errors
    /// When the file can't be written.
    pub async fn release_others(&self, accounts: &[Arc<Account>]) -> Result<(), StoreError> {
        let keys: Vec<_> = accounts.iter().map(|account| account.key).collect();
        self.shared.store.release_directories(&keys, clock::now()).await
    }

    /// Walks every directory once. Accounts don't wait for each other, and one's refused keys stop
    /// no other. Stopped, it ends within the page in flight.
    pub async fn tick(&self, plan: &Plan, stop: &CancellationToken) -> TickReport {
        let mut accounts = JoinSet::new();
        for account in &self.shared.accounts {
            let (mirror, account) = (self.clone(), Arc::clone(account));
            let (plan, stop) = (plan.clone(), stop.clone());
            accounts.spawn(async move { mirror.tick_account(&account, plan, stop).await });
        }
        let mut report = TickReport { accounts: accounts.join_all().await };
        report.accounts.sort_by(|one, other| one.account.cmp(&other.account));
        report
    }

    /// Walks every directory of one account once.
    pub async fn tick_account(
        &self,
        account: &Arc<Account>,
        plan: Plan,
        stop: CancellationToken,
    ) -> AccountReport {
        let (shared, account) = (Arc::clone(&self.shared), Arc::clone(account));
        Arc::new(AccountTick { shared, account, plan, stop }).run().await
    }

    /// Tells whoever watches that a tick of this account was dropped.
    pub fn drop_tick(&self, account: &Account) {
        (self.shared.observer)(&Progressed::Dropped { account: &account.name });
    }

    /// The accounts that it was prepared with.
    #[must_use]
    pub fn accounts(&self) -> &[Arc<Account>] {
        &self.shared.accounts
    }
}

async fn make_known(
    store: &Store,
    name: AccountName,
    client: Client,
    settings: Settings,
) -> Result<Arc<Account>, StoreError> {
    let known = store.save_account(&name, client.reading().fingerprint()).await?;
    Ok(Arc::new(Account::new(name, client, &known, settings)))
}
