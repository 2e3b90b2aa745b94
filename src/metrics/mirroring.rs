//! What a process that mirrors counts: requests to the API, ticks, walks and what they did.

use axum::http::StatusCode;
use prometheus::{
    HistogramOpts, HistogramVec, IntCounter, IntCounterVec, IntGaugeVec, Opts, Registry, core::Collector,
};

use super::{PREFIX, code};
use crate::api::{ApiError, ExchangeEnd, Exchanged};
use crate::store::{Past, WalkOutcome};
use crate::sync::{Progressed, WalkReport};
use crate::walk::Kind;

/// From an answer out of a cache to the longest time-out that is worth telling apart.
const REQUEST_BUCKETS_S: [f64; 11] = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0];
/// From one page to the first walk of a million registrations.
const WALK_BUCKETS_S: [f64; 9] = [0.1, 0.5, 1.0, 5.0, 15.0, 60.0, 300.0, 1800.0, 7200.0];

#[derive(Debug)]
pub(super) struct Mirroring {
    requests: IntCounterVec,
    request_s: HistogramVec,
    errors: IntCounterVec,
    refused: IntGaugeVec,
    ticks: IntCounterVec,
    ticks_dropped: IntCounterVec,
    walks: IntCounterVec,
    walk_s: HistogramVec,
    pages: IntCounter,
    rows: IntCounter,
    created: IntCounter,
    recovered: IntCounter,
    updated: IntCounter,
    removed: IntCounter,
    restored: IntCounter,
    deleted: IntCounterVec,
}

/// A metric of ours, put into the registry.
pub(super) fn register<C: Collector + Clone + 'static>(
    registry: &Registry,
    metric: prometheus::Result<C>,
) -> C {
    let metric = metric.expect("Invariant: names and labels are valid");
    registry.register(Box::new(metric.clone())).expect("Invariant: no name is taken twice");
    metric
}

/// A counter with labels.
pub(super) fn counters(registry: &Registry, name: &str, help: &str, labels: &[&str]) -> IntCounterVec {
    register(registry, IntCounterVec::new(Opts::new(format!("{PREFIX}{name}"), help), labels))
}

/// A counter without labels.
pub(super) fn counter(registry: &Registry, name: &str, help: &str) -> IntCounter {
    register(registry, IntCounter::new(format!("{PREFIX}{name}"), help))
}

/// Durations.
pub(super) fn durations(
    registry: &Registry,
    name: &str,
    help: &str,
    labels: &[&str],
    buckets_s: &[f64],
) -> HistogramVec {
    let options = HistogramOpts::new(format!("{PREFIX}{name}"), help).buckets(buckets_s.to_vec());
    register(registry, HistogramVec::new(options, labels))
}

impl Mirroring {
    pub(super) fn new(registry: &Registry) -> Self {
        let counters = |name, help, labels: &[&str]| counters(registry, name, help, labels);
        let counter = |name, help| counter(registry, name, help);
        let durations =
            |name, help, labels: &[&str], buckets_s| durations(registry, name, help, labels, buckets_s);
        let refused = Opts::new(
            format!("{PREFIX}account_refused"),
            "Whether the API refused the account's keys: nothing is asked any more until the next start.",
        );
        Self {
            requests: counters(
                "api_requests_total",
                "HTTP requests to the API, tries again included, by call and by HTTP status or what kept \
                 the answer away (connection, timeout, broken, too_large).",
                &["account", "call", "status"],
            ),
            request_s: durations(
                "api_request_duration_seconds",
                "From a request to the API to the end of its answer, answered or not.",
                &["call"],
                &REQUEST_BUCKETS_S,
            ),
            errors: counters(
                "api_errors_total",
                "Answers of the API that said no, by its own error code, or could not be used (none, other, \
                 not_json, not_understood, redirected, too_large).",
                &["account", "code"],
            ),
            refused: register(registry, IntGaugeVec::new(refused, &["account"])),
            ticks: counters("ticks_total", "Ticks that are over.", &["account"]),
            ticks_dropped: counters(
                "ticks_dropped_total",
                "Ticks that came due during a tick and were dropped.",
                &["account"],
            ),
            walks: counters(
                "walks_total",
                "Walks over a directory that are over.",
                &["account", "kind", "outcome"],
            ),
            walk_s: durations(
                "walk_duration_seconds",
                "How long walks took, whatever their outcome.",
                &["kind"],
                &WALK_BUCKETS_S,
            ),
            pages: counter("walk_pages_total", "Pages of users that walks have read."),
            rows: counter("walk_rows_total", "Rows of users that walks have read."),
            created: counter("registrations_created_total", "Registrations seen for the first time."),
            recovered: counter(
                "registrations_recovered_total",
                "Registrations seen for the first time that an earlier complete walk should have shown.",
            ),
            updated: counter("registrations_updated_total", "Registrations whose values changed."),
            removed: counter("registrations_removed_total", "Registrations proved gone twice."),
            restored: counter("registrations_restored_total", "Removed registrations that were seen again."),
            deleted: counters(
                "retention_deleted_total",
                "Rows that [retention] does not keep and that were deleted.",
                &["what"],
            ),
        }
    }

    /// What is counted for all accounts together begins at 0.
    pub(super) fn expect_deletions(&self) {
        Past::ALL.iter().for_each(|past| self.count_deleted(*past, 0));
    }

    /// What will be counted for an account begins at 0 and not with the first time that it happens.
    pub(super) fn expect(&self, account: &str) {
        self.refused.with_label_values(&[account]).set(0);
        self.ticks.with_label_values(&[account]).inc_by(0);
        self.ticks_dropped.with_label_values(&[account]).inc_by(0);
        for kind in [Kind::Incremental, Kind::Full] {
            for outcome in [WalkOutcome::Complete, WalkOutcome::Failed, WalkOutcome::Cancelled] {
                self.walks.with_label_values(&[account, kind.as_str(), outcome.as_str()]).inc_by(0);
            }
        }
    }

    pub(super) fn count_deleted(&self, past: Past, rows: u64) {
        self.deleted.with_label_values(&[past.as_str()]).inc_by(rows);
    }

    pub(super) fn count(&self, progressed: &Progressed<'_>) {
        match *progressed {
            Progressed::Began { .. } => {}
            Progressed::Read { page_rows, .. } => {
                self.pages.inc();
                self.rows.inc_by(page_rows);
            }
            Progressed::Ended { walk, .. } => {
                if let Some(walk) = walk {
                    self.count_walk(walk);
                }
            }
            Progressed::Ticked { report } => self.ticks.with_label_values(&[report.account.as_str()]).inc(),
            Progressed::Dropped { account } => {
                self.ticks_dropped.with_label_values(&[account.as_str()]).inc();
            }
        }
    }

    fn count_walk(&self, walk: &WalkReport) {
        let (account, kind) = (walk.account.as_str(), walk.kind.as_str());
        self.walks.with_label_values(&[account, kind, walk.outcome.as_str()]).inc();
        self.walk_s.with_label_values(&[kind]).observe(walk.took_ms as f64 / 1000.0);
        self.created.inc_by(walk.counts.created);
        self.recovered.inc_by(walk.counts.recovered);
        self.updated.inc_by(walk.counts.updated);
        self.removed.inc_by(walk.counts.removed);
        self.restored.inc_by(walk.counts.restored);
    }

    pub(super) fn count_exchange(&self, account: &str, exchanged: &Exchanged<'_>) {
        let answered;
        let status = match exchanged.end {
            ExchangeEnd::Answered(http_status) => {
                answered = StatusCode::from_u16(http_status).unwrap_or_default();
                answered.as_str()
            }
            ExchangeEnd::NoConnection => "connection",
            ExchangeEnd::TimedOut => "timeout",
            ExchangeEnd::Broken => "broken",
            ExchangeEnd::TooLarge => "too_large",
        };
        self.requests.with_label_values(&[account, exchanged.call, status]).inc();
        self.request_s.with_label_values(&[exchanged.call]).observe(exchanged.took.as_secs_f64());
        code::each(exchanged, |code| self.errors.with_label_values(&[account, code]).inc());
        if matches!(exchanged.error, Some(ApiError::Refused { .. })) {
            self.refused.with_label_values(&[account]).set(1);
        }
    }
}
