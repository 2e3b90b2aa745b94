//! Which accounts tick: those of the configuration in force, each in a task of its own. Accounts don't wait
//! for each other: one that answers slowly delays no other.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::ticks::{Over, Ticks};
use super::{Daemon, Ended, InForce};
use crate::config::Config;
use crate::directory::AccountName;
use crate::sync::Account;

/// Every account, and its task.
pub(super) struct Accounts<'a> {
    daemon: &'a Daemon,
    in_force: InForce,
    wakes: watch::Receiver<()>,
    stop: &'a CancellationToken,
    tasks: JoinSet<(AccountName, Over)>,
    /// Those that have a task, or had one that ended because the keys were refused.
    known: BTreeMap<AccountName, Arc<Account>>,
    /// Those of `known` whose task has ended.
    refused: BTreeSet<AccountName>,
    /// One is gone: its directories may be another's from now on.
    is_one_gone: bool,
    /// Some tick was not refused: then there is something to run for, whatever happens.
    has_worked: bool,
}

impl<'a> Accounts<'a> {
    pub(super) fn of(daemon: &'a Daemon, wakes: &watch::Receiver<()>, stop: &'a CancellationToken) -> Self {
        let mut accounts = Self {
            daemon,
            in_force: daemon.in_force.clone(),
            wakes: wakes.clone(),
            stop,
            tasks: JoinSet::new(),
            known: BTreeMap::new(),
            refused: BTreeSet::new(),
            is_one_gone: false,
            has_worked: false,
        };
        let config = accounts.in_force.borrow_and_update().clone();
        for account in daemon.mirror.accounts() {
            accounts.start(Arc::clone(account), &config);
        }
        accounts
    }

    /// Until it is stopped, or there is nothing to run for.
    pub(super) async fn run(mut self) -> Ended {
        loop {
            if self.tasks.is_empty() {
                if self.stop.is_cancelled() {
                    return Ended::Stopped;
                }
                if !self.has_worked {
                    return Ended::Refused;
                }
            }
            let is_complete = self.is_complete();
            tokio::select! {
                biased;
                Some(ended) = self.tasks.join_next() => match ended {
                    Ok((account, over)) => self.end(account, over),
                    Err(error) => std::panic::resume_unwind(error.into_panic()),
                },
                () = self.stop.cancelled(), if self.tasks.is_empty() => {}
                Ok(()) = self.in_force.changed(), if !self.stop.is_cancelled() => {
                    for account in std::mem::take(&mut self.refused) {
                        self.known.remove(&account);
                    }
                    self.complete().await;
                }
                // What the file did not take is tried again.
                Ok(()) = self.wakes.changed(), if !is_complete && !self.stop.is_cancelled() => {
                    self.complete().await;
                }
            }
        }
    }

    fn start(&mut self, account: Arc<Account>, config: &Arc<Config>) {
        let name = account.name.clone();
        self.known.insert(name.clone(), Arc::clone(&account));
        let ticks = Ticks::of(self.daemon, account, config, self.stop);
        let wakes = self.wakes.clone();
        self.tasks.spawn(async move { (name, ticks.run(wakes).await) });
    }

    fn end(&mut self, account: AccountName, over: Over) {
        match over {
            Over::Stopped => {}
            Over::Refused => {
                self.refused.insert(account);
            }
            Over::Gone => {
                self.known.remove(&account);
                self.is_one_gone = true;
            }
        }
        self.has_worked |= over != Over::Refused;
    }

    fn is_complete(&self) -> bool {
        let config = self.in_force.borrow();
        !self.is_one_gone && config.accounts.iter().all(|account| self.known.contains_key(&account.name))
    }

    /// Every account of the configuration ticks, and the file knows which there are.
    async fn complete(&mut self) {
        let config = self.in_force.borrow().clone();
        for account in &config.accounts {
            if self.known.contains_key(&account.name) {
                continue;
            }
            match self.daemon.open_account(account, &config).await {
                Ok(opened) => self.start(opened, &config),
                Err(error) => {
                    tracing::error!(account = account.name.as_str(), error = %error, "cannot begin with an account");
                }
            }
        }
        if self.is_one_gone && self.are_all_known(&config) {
            let accounts: Vec<_> = self.known.values().cloned().collect();
            match self.daemon.mirror.release_others(&accounts).await {
                Ok(()) => self.is_one_gone = false,
                Err(error) => tracing::error!(error = %error, "cannot forget an account"),
            }
        }
    }

    fn are_all_known(&self, config: &Config) -> bool {
        config.accounts.iter().all(|account| self.known.contains_key(&account.name))
    }
}
