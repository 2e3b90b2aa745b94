//! What the daemon's snapshots say: how they ended, and when one was last whole.

use prometheus::{IntCounterVec, IntGaugeVec, Opts, Registry};

use super::PREFIX;
use super::mirroring::{counters, register};
use crate::instant::UtcInstant;

/// How a snapshot of the schedule ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SnapshotOutcome {
    /// It is there, whole.
    Complete,
    /// It is not.
    Failed,
    /// The daemon was stopped meanwhile.
    Cancelled,
}

impl SnapshotOutcome {
    const ALL: [Self; 3] = [Self::Complete, Self::Failed, Self::Cancelled];

    fn as_str(self) -> &'static str {
        match self {
            Self::Complete => "complete",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
        }
    }
}

#[derive(Debug)]
pub(super) struct Snapshotting {
    snapshots: IntCounterVec,
    /// Without labels: it has no sample before it is first told.
    last: IntGaugeVec,
}

impl Snapshotting {
    pub(super) fn new(registry: &Registry) -> Self {
        let snapshots = counters(
            registry,
            "snapshots_total",
            "Snapshots that the schedule asked for and that are over.",
            &["outcome"],
        );
        for outcome in SnapshotOutcome::ALL {
            snapshots.with_label_values(&[outcome.as_str()]).inc_by(0);
        }
        let last = Opts::new(
            format!("{PREFIX}snapshot_last_success_timestamp_seconds"),
            "When the newest snapshot of the schedule was taken, in seconds since 1970; absent before the first.",
        );
        Self { snapshots, last: register(registry, IntGaugeVec::new(last, &[])) }
    }

    pub(super) fn count(&self, outcome: SnapshotOutcome) {
        self.snapshots.with_label_values(&[outcome.as_str()]).inc();
    }

    pub(super) fn tell_last(&self, at: UtcInstant) {
        let labels: [&str; 0] = [];
        self.last.with_label_values(&labels).set(at.unix_s());
    }
}
