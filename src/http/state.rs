//! What every handler shares.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use chrono_tz::Tz;
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;

use super::feed::Feed;
use super::gate::Gate;
use super::tokens::Tokens;
use crate::clock;
use crate::config::{Http, Reports, Sync};
use crate::freshness::Judge;
use crate::metrics::Metrics;
use crate::report::Library;
use crate::store::Reader;
use crate::store::view::Views;

/// Pages and lists are quick: more at once would only be slower.
const READS_AT_ONCE: usize = 4;
/// Statements that run at once; the others wait their turn.
const QUERIES_AT_ONCE: usize = 4;

/// Three of the default schedule's looks.
const STALE_AFTER_S: i64 = 900;

/// What is served. Clones share it.
#[derive(Clone)]
pub struct Site {
    pub(super) views: Views,
    pub(super) reader: Reader,
    pub(super) gate: Gate,
    pub(super) hosts: Arc<BTreeSet<String>>,
    pub(super) queries: Arc<Semaphore>,
    pub(super) query_timeout: Duration,
    pub(super) feed: Feed,
    pub(super) reports: Arc<Library>,
    pub(super) metrics: Metrics,
    /// Which directories are mirrored.
    pub(super) mirrored: Arc<Sync>,
    /// Of days in parameters and on pages.
    pub(super) time_zone: Tz,
    /// The age from which a directory is stale on pages.
    pub(super) stale_after_s: i64,
    pub(super) stop: CancellationToken,
}

impl Site {
    /// Of the file that `reader` reads.
    #[must_use]
    pub fn new(
        reader: Reader,
        http: &Http,
        reports: &Reports,
        sync: &Sync,
        metrics: Metrics,
        stop: CancellationToken,
    ) -> Self {
        Self {
            views: Views::new(reader.path(), READS_AT_ONCE),
            feed: Feed::new(reader.path()),
            reader,
            gate: Gate { tokens: Tokens::at(&http.tokens_file), without_token: http.without_token },
            hosts: Arc::new(http.hosts.clone()),
            queries: Arc::new(Semaphore::new(QUERIES_AT_ONCE)),
            query_timeout: http.query_timeout,
            reports: Arc::new(Library::new(reports.folder.clone())),
            metrics,
            mirrored: Arc::new(sync.clone()),
            time_zone: reports.time_zone,
            stale_after_s: STALE_AFTER_S,
            stop,
        }
    }

    /// What freshness is judged by, now.
    pub(super) fn judge(&self) -> Judge {
        Judge { now: clock::now(), stale_after_s: self.stale_after_s }
    }

    /// The same file, served by other settings; who reads and who waits for changes goes on.
    #[must_use]
    pub fn renewed(&self, http: &Http, reports: &Reports, sync: &Sync) -> Self {
        Self {
            gate: Gate { tokens: Tokens::at(&http.tokens_file), without_token: http.without_token },
            hosts: Arc::new(http.hosts.clone()),
            query_timeout: http.query_timeout,
            reports: Arc::new(Library::new(reports.folder.clone())),
            mirrored: Arc::new(sync.clone()),
            ..self.clone()
        }
    }

    /// With the age from which a directory is stale.
    #[must_use]
    pub fn stale_after(self, age_s: i64) -> Self {
        Self { stale_after_s: age_s, ..self }
    }
}
