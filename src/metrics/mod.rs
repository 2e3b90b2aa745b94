//! What `/metrics` says, in Prometheus's text format: what this process counted since it began, and what
//! the file says at the moment of the scrape.
//!
//! Nothing here is global: who counts holds a [`Metrics`]. Labels are few and hold no personal data:
//! accounts, directories, calls, codes, outcomes. The names are a promise to dashboards and alerts
//! (`tests/it/metrics`); ages are left to the reader, who has a clock of its own.

mod alerts;
mod code;
mod family;
mod file;
mod label;
mod mirroring;
mod process;
mod serving;
mod snapshotting;

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use prometheus::{Registry, TextEncoder};

use self::alerts::Watching;
use self::mirroring::Mirroring;
use self::serving::Serving;
use self::snapshotting::Snapshotting;
use crate::alert::{Key, Via};
use crate::config;
use crate::directory::AccountName;
use crate::instant::UtcInstant;
use crate::store::{Past, Reader};
use crate::{api, clock, sync};

pub use self::serving::{QueryUnderWay, Served};
pub use self::snapshotting::SnapshotOutcome;

/// The media type of [`Metrics::render`].
pub const CONTENT_TYPE: &str = prometheus::TEXT_FORMAT;
/// What the names of our own metrics begin with.
const PREFIX: &str = "coupontools_mirror_";

/// What a process counts. Clones share it.
#[derive(Clone, Debug)]
pub struct Metrics {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    registry: Registry,
    mirroring: Option<Mirroring>,
    watching: Option<Watching>,
    snapshotting: Option<Snapshotting>,
    serving: Serving,
    wanted: Mutex<config::Sync>,
    began_at: UtcInstant,
}

impl Metrics {
    /// Of a process that mirrors these accounts, and serves. `wanted` tells which directories are
    /// mirrored: the file holds others, too.
    pub fn of_mirror<'a>(accounts: impl IntoIterator<Item = &'a AccountName>, wanted: &config::Sync) -> Self {
        let registry = Registry::new();
        let mirroring = Mirroring::new(&registry);
        mirroring.expect_deletions();
        accounts.into_iter().for_each(|account| mirroring.expect(account.as_str()));
        Self::new(registry, Some(mirroring), wanted)
    }

    /// Of a process that only serves a file that another one writes, or none.
    #[must_use]
    pub fn of_server(wanted: &config::Sync) -> Self {
        Self::new(Registry::new(), None, wanted)
    }

    fn new(registry: Registry, mirroring: Option<Mirroring>, wanted: &config::Sync) -> Self {
        let serving = Serving::new(&registry);
        let watching = mirroring.as_ref().map(|_| Watching::new(&registry));
        let (wanted, began_at) = (Mutex::new(wanted.clone()), clock::now());
        // Who mirrors takes snapshots, too.
        let snapshotting = mirroring.is_some().then(|| Snapshotting::new(&registry));
        let shared = Shared { registry, mirroring, watching, snapshotting, serving, wanted, began_at };
        Self { shared: Arc::new(shared) }
    }

    /// From now on, these directories are mirrored.
    pub fn want(&self, wanted: &config::Sync) {
        wanted.clone_into(&mut self.shared.wanted.lock().unwrap_or_else(PoisonError::into_inner));
    }

    /// An account begins, perhaps with other keys: none were refused. What was counted of it goes on.
    pub fn expect(&self, account: &AccountName) {
        if let Some(mirroring) = &self.shared.mirroring {
            mirroring.expect(account.as_str());
        }
    }

    /// Who watches ticks and walks.
    #[must_use]
    pub fn observer(&self) -> sync::Observer {
        let metrics = self.clone();
        Arc::new(move |progressed| {
            if let Some(mirroring) = &metrics.shared.mirroring {
                mirroring.count(progressed);
            }
        })
    }

    /// Who watches an account's client.
    #[must_use]
    pub fn api_observer(&self, account: &AccountName) -> api::Observer {
        let (metrics, account) = (self.clone(), account.clone());
        api::Observer::new(move |exchanged| {
            if let Some(mirroring) = &metrics.shared.mirroring {
                mirroring.count_exchange(account.as_str(), exchanged);
            }
        })
    }

    /// Counts that the command or webhook was told of an alert, or was not.
    pub fn count_told(&self, via: Via, is_told: bool) {
        self.shared.watching.iter().for_each(|watching| watching.count(via, is_told));
    }

    /// What fires from now on.
    pub fn set_firing(&self, firing: Vec<Key>) {
        self.shared.watching.iter().for_each(|watching| watching.set_firing(firing.clone()));
    }

    /// For how long the log beside the file could not be cut; nothing if it could.
    pub fn set_log_held(&self, held: Duration) {
        self.shared.watching.iter().for_each(|watching| watching.set_log_held(held));
    }

    /// Counts a snapshot of the schedule as over.
    pub fn count_snapshot(&self, outcome: SnapshotOutcome) {
        if let Some(snapshotting) = &self.shared.snapshotting {
            snapshotting.count(outcome);
        }
    }

    /// Tells when the newest snapshot of the schedule was taken, also by an earlier process.
    pub fn tell_last_snapshot(&self, at: UtcInstant) {
        if let Some(snapshotting) = &self.shared.snapshotting {
            snapshotting.tell_last(at);
        }
    }

    /// Counts what `[retention]` has deleted.
    pub fn count_deleted(&self, past: Past, rows: u64) {
        if let Some(mirroring) = &self.shared.mirroring {
            mirroring.count_deleted(past, rows);
        }
    }

    /// Counts a request that the HTTP server has answered.
    pub fn count_served(&self, served: &Served<'_>) {
        self.shared.serving.count(served);
    }

    /// Counts a query as under way, until what is returned is dropped.
    pub fn begin_query(&self) -> QueryUnderWay {
        self.shared.serving.begin_query()
    }

    /// Counts a query that was refused because too many are under way.
    pub fn refuse_query(&self) {
        self.shared.serving.refuse_query();
    }

    /// Everything, as text. Where the file can't be read, it says so and tells the rest.
    pub async fn render(&self, file: &Reader) -> String {
        let measured = file.measure().await;
        if let Err(error) = &measured {
            tracing::warn!(error = %error, "cannot read the file for metrics");
        }
        let mut families = self.shared.registry.gather();
        families.extend(process::gather(self.shared.began_at));
        let wanted = self.shared.wanted.lock().unwrap_or_else(PoisonError::into_inner).clone();
        families.extend(file::gather(measured.as_ref().ok(), &file.look_up_sizes(), &wanted));
        let watching = self.shared.watching.as_ref();
        families.extend(watching.and_then(Watching::gather));
        let firing = watching.and_then(Watching::firing);
        let firing = firing.or_else(|| measured.ok().map(|measures| measures.firing));
        families.extend(alerts::gather(&firing.unwrap_or_default()));
        families.sort_by(|one, other| one.name().cmp(other.name()));
        TextEncoder::new()
            .encode_to_string(&families)
            .expect("Invariant: every family has a sample and a string takes all text")
    }
}
