//! The daemon: each account's ticks (`accounts.rs`, `ticks.rs`) by schedule, and besides them its duties
//! (`duties.rs`), until it is stopped.
//!
//! The configuration in force may be replaced at any time. Whoever acts by it looks at it each time; what is
//! under way goes on by the one that it began with.

mod accounts;
pub mod alerting;
mod duties;
mod retention;
pub mod snapshots;
mod ticks;
mod vitals;
mod wakes;
mod watchdog;

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tokio_cron_scheduler::JobSchedulerError;
use tokio_util::sync::CancellationToken;

use self::accounts::Accounts;
use self::alerting::Alerting;
pub use self::vitals::Vitals;
use crate::api::Client;
use crate::config::{self, Config};
use crate::metrics::Metrics;
use crate::schedule::Waking;
use crate::service::Service;
use crate::store::Store;
use crate::sync::{Account, Mirror};

/// A daemon that ends because its keys were refused waits so long until somebody was told.
const TOLD_WITHIN: Duration = Duration::from_secs(10);

/// The configuration that counts. It is replaced as a whole when it is read again.
pub type InForce = watch::Receiver<Arc<Config>>;

/// Makes an account's client, where its keys or settings are others.
pub type Connect = Arc<dyn Fn(&config::Account) -> anyhow::Result<Client> + Send + Sync>;

/// Why the daemon, or one account's part of it, ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// It was asked to.
    Stopped,
    /// The keys were refused in the first tick: there is nothing to run for.
    Refused,
}

/// What the daemon works with.
#[derive(Clone)]
pub struct Daemon {
    /// The file.
    pub store: Store,
    /// The accounts.
    pub mirror: Mirror,
    /// The configuration.
    pub in_force: InForce,
    /// What ticks are watched by.
    pub alerting: Alerting,
    /// How an account's client is made.
    pub connect: Connect,
    /// Who is told how it goes.
    pub service: Service,
    /// How it goes.
    pub vitals: Vitals,
    /// Who counts what its duties do.
    pub metrics: Metrics,
}

impl Daemon {
    /// Runs until it is stopped, or every account's keys were refused in its first tick.
    ///
    /// # Errors
    /// When the scheduler can't be started.
    pub async fn run(&self, stop: &CancellationToken) -> Result<Ended, JobSchedulerError> {
        let (waking, wakes) = Waking::start().await?;
        let end = stop.child_token();
        self.alerting.prepare(&self.store).await;
        let duties = duties::start(self, &wakes, &end);
        let ended = Accounts::of(self, &wakes, stop).run().await;
        if ended == Ended::Refused {
            self.alerting.until_told(TOLD_WITHIN).await;
        }
        end.cancel();
        duties.join_all().await;
        waking.stop().await;
        Ok(ended)
    }

    /// Makes an account's client by the configuration, and the account known to the file.
    async fn open_account(&self, said: &config::Account, config: &Config) -> anyhow::Result<Arc<Account>> {
        let client = (self.connect)(said)?;
        Ok(self.mirror.open_account(said.name.clone(), client, (&config.sync).into()).await?)
    }
}
