//! One account's ticks: one at start, then by schedule, one at a time.
//!
//! A new configuration never meets a tick under way: the tick goes on to its end as it began, and before
//! the next one the account takes the new keys, settings and schedule over.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::{Daemon, InForce};
use crate::clock;
use crate::config::Config;
use crate::directory::DirectoryId;
use crate::instant::UtcInstant;
use crate::schedule::Watch;
use crate::store::{KnownDirectory, WalkOutcome};
use crate::sync::{Account, AccountReport, Mirror, Plan};
use crate::walk::Kind;

/// When a full walk of a directory last failed. Forgotten when the program ends: then it is tried
/// again.
type FailedFulls = Arc<Mutex<BTreeMap<DirectoryId, UtcInstant>>>;

/// Why an account ticks no more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Over {
    /// The daemon was asked to stop.
    Stopped,
    /// Its keys were refused in the first tick.
    Refused,
    /// It is not in the configuration any more.
    Gone,
}

/// One account's ticks.
pub(super) struct Ticks {
    daemon: Daemon,
    mirror: Mirror,
    in_force: InForce,
    account: Arc<Account>,
    watch: Watch,
    failed: FailedFulls,
    stop: CancellationToken,
}

impl Ticks {
    /// Those of an account that was just opened by this configuration, from now on.
    pub(super) fn of(
        daemon: &Daemon,
        account: Arc<Account>,
        config: &Arc<Config>,
        stop: &CancellationToken,
    ) -> Self {
        let mut in_force = daemon.in_force.clone();
        if !Arc::ptr_eq(&in_force.borrow_and_update(), config) {
            in_force.mark_changed();
        }
        Self {
            daemon: daemon.clone(),
            mirror: daemon.mirror.clone(),
            in_force,
            account,
            watch: Watch::new(config.schedule.clone(), clock::now()),
            failed: FailedFulls::default(),
            stop: stop.clone(),
        }
    }

    /// One tick after the other. One that comes due during a tick is dropped and counted.
    pub(super) async fn run(mut self, mut wakes: watch::Receiver<()>) -> Over {
        let mut tick = Some(self.begin());
        let mut is_first = true;
        let mut ticks_dropped = 0_u64;
        loop {
            tokio::select! {
                biased;
                report = ended(&mut tick) => {
                    tick = None;
                    self.daemon.vitals.pulse().end_tick(&self.account.name);
                    self.remember_failed(&report);
                    if self.stop.is_cancelled() {
                        return Over::Stopped;
                    }
                    if is_first && self.account.client.is_refused() {
                        // Keys that came during the tick are tried before it is given up.
                        if !self.in_force.has_changed().unwrap_or(false) {
                            return Over::Refused;
                        }
                        continue;
                    }
                    is_first = false;
                }
                () = self.stop.cancelled(), if tick.is_none() => return Over::Stopped,
                Ok(()) = wakes.changed() => {
                    let adopted = if tick.is_none() { self.adopt().await } else { Adopted::Nothing };
                    if adopted == Adopted::Gone {
                        return Over::Gone;
                    }
                    if !self.watch.is_tick_due(clock::now()) && adopted != Adopted::KeysAfterRefusal {
                        continue;
                    }
                    if tick.is_none() {
                        tick = Some(self.begin());
                    } else {
                        ticks_dropped += 1;
                        self.mirror.drop_tick(&self.account);
                        let account = self.account.name.as_str();
                        tracing::info!(account, ticks_dropped, "a tick came due during a tick: dropped");
                    }
                }
            }
        }
    }

    /// Takes a new configuration over, if there is one.
    async fn adopt(&mut self) -> Adopted {
        if !self.in_force.has_changed().unwrap_or(false) {
            return Adopted::Nothing;
        }
        let config = self.in_force.borrow_and_update().clone();
        let Some(said) = config.accounts.iter().find(|said| said.name == self.account.name) else {
            return Adopted::Gone;
        };
        let was_refused = self.account.client.is_refused();
        match self.daemon.open_account(said, &config).await {
            Ok(account) => self.account = account,
            Err(error) => {
                // Asked again with the next wake-up; until then nothing has changed.
                self.in_force.mark_changed();
                let account = self.account.name.as_str();
                tracing::error!(account, error = %error, "cannot go on by the new configuration yet");
                return Adopted::Nothing;
            }
        }
        self.watch.follow(config.schedule.clone());
        if was_refused { Adopted::KeysAfterRefusal } else { Adopted::Nothing }
    }

    fn begin(&self) -> JoinHandle<AccountReport> {
        let patience = self.account.client.patience();
        self.daemon.vitals.pulse().begin_tick(&self.account.name, patience, clock::steady_now());
        let (watch, failed) = (self.watch.clone(), Arc::clone(&self.failed));
        let kind_of = move |directory: &KnownDirectory| {
            let failed = failed.lock().unwrap_or_else(PoisonError::into_inner).get(&directory.id).copied();
            let last = directory.last_full_at.or(directory.loaded_at);
            if watch.is_full_due(last, failed, clock::now()) { Kind::Full } else { Kind::Incremental }
        };
        let plan =
            Plan { kind_of: Arc::new(kind_of), directories: Default::default(), accept_removals: false };
        let (mirror, account, stop) = (self.mirror.clone(), Arc::clone(&self.account), self.stop.clone());
        tokio::spawn(async move { mirror.tick_account(&account, plan, stop).await })
    }

    fn remember_failed(&self, report: &AccountReport) {
        let mut failed = self.failed.lock().unwrap_or_else(PoisonError::into_inner);
        for walk in report.walks.iter().filter(|walk| walk.kind == Kind::Full) {
            match walk.outcome {
                WalkOutcome::Failed => failed.insert(walk.directory.clone(), clock::now()),
                _ => failed.remove(&walk.directory),
            };
        }
    }
}

/// What a new configuration means for an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Adopted {
    /// Nothing that could not wait for the next tick.
    Nothing,
    /// Its keys had been refused, and may be others: they are tried at once.
    KeysAfterRefusal,
    /// It is not there any more.
    Gone,
}

/// The running tick's report; never, if there is none.
async fn ended(tick: &mut Option<JoinHandle<AccountReport>>) -> AccountReport {
    match tick {
        Some(tick) => match tick.await {
            Ok(report) => report,
            Err(error) => std::panic::resume_unwind(error.into_panic()),
        },
        None => std::future::pending().await,
    }
}
