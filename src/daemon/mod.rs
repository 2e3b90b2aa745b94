//! The daemon: ticks (`ticks.rs`) by schedule for each account, and besides them its duties
//! (`duties.rs`), until it is stopped.

mod duties;
mod ticks;

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio_cron_scheduler::JobSchedulerError;
use tokio_util::sync::CancellationToken;

use self::ticks::Ticks;
use crate::alerting::Alerting;
use crate::config::Config;
use crate::schedule;
use crate::store::Store;
use crate::sync::Mirror;

/// A daemon that ends because its keys were refused waits so long until somebody was told.
const TOLD_WITHIN: Duration = Duration::from_secs(10);

/// The configuration that counts. It is replaced as a whole when it is read again.
pub type InForce = watch::Receiver<Arc<Config>>;

/// Why the daemon, or one account's part of it, ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// It was asked to.
    Stopped,
    /// The keys were refused in the first tick: there is nothing to run for.
    Refused,
}

/// What the daemon works with.
pub struct Daemon {
    /// The file.
    pub store: Store,
    /// The accounts.
    pub mirror: Mirror,
    /// The configuration.
    pub in_force: InForce,
    /// What ticks are watched by.
    pub alerting: Alerting,
}

impl Daemon {
    /// Runs until it is stopped, or every account's keys were refused in its first tick.
    ///
    /// # Errors
    /// When the scheduler can't be started.
    pub async fn run(&self, stop: &CancellationToken) -> Result<Ended, JobSchedulerError> {
        let (mut scheduler, wakes) = schedule::wake_every_second().await?;
        let end = stop.child_token();
        self.alerting.prepare(&self.store).await;
        let duties = duties::start(self, &wakes, &end);
        let schedule = self.in_force.borrow().schedule.clone();
        let mut accounts = JoinSet::new();
        for account in self.mirror.accounts() {
            let ticks = Ticks::of(&self.mirror, account, &schedule, stop);
            accounts.spawn(ticks.run(wakes.clone()));
        }
        let ended = accounts.join_all().await;
        let is_refused = ended.iter().all(|ended| *ended == Ended::Refused);
        if is_refused {
            self.alerting.until_told(TOLD_WITHIN).await;
        }
        end.cancel();
        duties.join_all().await;
        scheduler.shutdown().await?;
        Ok(if is_refused { Ended::Refused } else { Ended::Stopped })
    }
}
