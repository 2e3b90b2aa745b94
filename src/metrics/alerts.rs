//! Alerts: which fire, and how telling them went. A process that only serves tells what the file says.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use prometheus::proto::{MetricFamily, MetricType};
use prometheus::{IntCounterVec, Registry};

use super::family::{Family, single};
use super::label::label;
use super::mirroring::counters;
use crate::alert::{Key, Via};
use crate::directory::{AccountName, DirectoryId};

/// What a process that mirrors knows of itself and of its file.
#[derive(Debug)]
pub(super) struct Watching {
    deliveries: IntCounterVec,
    seen: Mutex<Seen>,
}

#[derive(Debug, Default)]
struct Seen {
    firing: Option<Vec<Key>>,
    log_held: Option<Duration>,
}

const TOLD: &str = "delivered";
const NOT_TOLD: &str = "failed";

impl Watching {
    pub(super) fn new(registry: &Registry) -> Self {
        let deliveries = counters(
            registry,
            "alert_deliveries_total",
            "Times that an alert's beginning or end was given to the command or webhook, and whether it was taken.",
            &["via", "outcome"],
        );
        for via in Via::ALL {
            for outcome in [TOLD, NOT_TOLD] {
                deliveries.with_label_values(&[via.as_str(), outcome]).inc_by(0);
            }
        }
        Self { deliveries, seen: Mutex::default() }
    }

    pub(super) fn count(&self, via: Via, is_told: bool) {
        let outcome = if is_told { TOLD } else { NOT_TOLD };
        self.deliveries.with_label_values(&[via.as_str(), outcome]).inc();
    }

    pub(super) fn set_firing(&self, firing: Vec<Key>) {
        self.seen().firing = Some(firing);
    }

    pub(super) fn set_log_held(&self, held: Duration) {
        self.seen().log_held = Some(held);
    }

    /// What fires, also where the file could not be told; nothing before the first look.
    pub(super) fn firing(&self) -> Option<Vec<Key>> {
        self.seen().firing.clone()
    }

    pub(super) fn gather(&self) -> Option<MetricFamily> {
        single(
            MetricType::GAUGE,
            "wal_held_seconds",
            "For how long the log beside the file could not be cut because somebody reads an old state of the file; \
             0 if it could.",
            self.seen().log_held.map(|held| held.as_secs_f64()),
        )
    }

    fn seen(&self) -> std::sync::MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What fires; nothing where nothing does.
pub(super) fn gather(firing: &[Key]) -> Option<MetricFamily> {
    let mut family = Family::ours(
        MetricType::GAUGE,
        "alert_firing",
        "1 for every alert that fires; account and directory are empty where it is about neither.",
    );
    for Key { kind, account, directory } in firing {
        let account = label(account.as_ref().map_or("", AccountName::as_str));
        let directory = label(directory.as_ref().map_or("", DirectoryId::as_str));
        family.add(&[("alert", kind.as_str()), ("account", &account), ("directory", &directory)], 1.0);
    }
    family.into_told()
}
