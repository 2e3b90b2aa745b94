//! One account's ticks: one at start, then by schedule, one at a time. Accounts don't wait for each
//! other: one that answers slowly delays no other.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::Ended;
use crate::clock;
use crate::config::Schedule;
use crate::directory::DirectoryId;
use crate::instant::UtcInstant;
use crate::schedule::Watch;
use crate::store::{KnownDirectory, WalkOutcome};
use crate::sync::{Account, AccountReport, Mirror, Plan};
use crate::walk::Kind;

/// When a full walk of a directory last failed. Forgotten when the program ends: then it is tried
/// again.
type FailedFulls = Arc<Mutex<BTreeMap<DirectoryId, UtcInstant>>>;

/// One account's ticks.
pub(super) struct Ticks {
    mirror: Mirror,
    account: Arc<Account>,
    watch: Watch,
    failed: FailedFulls,
    stop: CancellationToken,
}

impl Ticks {
    /// Those of an account, from now on.
    pub(super) fn of(
        mirror: &Mirror,
        account: &Arc<Account>,
        schedule: &Schedule,
        stop: &CancellationToken,
    ) -> Self {
        Self {
            mirror: mirror.clone(),
            account: Arc::clone(account),
            watch: Watch::new(schedule.clone(), clock::now()),
            failed: FailedFulls::default(),
            stop: stop.clone(),
        }
    }

    /// One tick after the other. One that comes due during a tick is dropped and counted.
    pub(super) async fn run(mut self, mut wakes: watch::Receiver<()>) -> Ended {
        let mut tick = Some(self.begin());
        let mut is_first = true;
        let mut ticks_dropped = 0_u64;
        loop {
            tokio::select! {
                biased;
                report = ended(&mut tick) => {
                    tick = None;
                    self.remember_failed(&report);
                    if self.stop.is_cancelled() {
                        return Ended::Stopped;
                    }
                    if is_first && self.account.client.is_refused() {
                        return Ended::Refused;
                    }
                    is_first = false;
                }
                () = self.stop.cancelled(), if tick.is_none() => return Ended::Stopped,
                Ok(()) = wakes.changed() => {
                    if !self.watch.is_tick_due(clock::now()) {
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

    fn begin(&self) -> JoinHandle<AccountReport> {
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
