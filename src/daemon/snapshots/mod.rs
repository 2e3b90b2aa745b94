//! Snapshots by schedule: one at a time, as many as are to be kept.
//!
//! Whether one is due is asked of the newest one's name: so one that came due while the machine was off is caught up, and
//! the first is taken at once. One that fails is tried again, ever more seldom; ticks go on meanwhile.

mod folder;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio_util::sync::CancellationToken;

use self::folder::Folder;
pub use self::folder::{Found, list};
use super::wakes::Wakes;
use super::{Daemon, InForce};
use crate::clock;
use crate::config::Config;
use crate::instant::UtcInstant;
use crate::metrics::{Metrics, SnapshotOutcome};
use crate::schedule;
use crate::store::snapshot::{self, SnapshotError, Watch};

/// One that failed is tried again after this; after the next failure, after twice that.
const RETRY_MIN: Duration = Duration::from_secs(60);
/// And at least so often.
const RETRY_MAX: Duration = Duration::from_secs(3600);

/// What the duty works with.
pub(super) struct Duty {
    database: PathBuf,
    in_force: InForce,
    metrics: Metrics,
    end: CancellationToken,
    known: Option<Known>,
    retry: Option<Retry>,
}

/// What a folder held when it was looked at: it is looked at again when one is due.
struct Known {
    folder: PathBuf,
    last: Option<UtcInstant>,
}

/// When one that failed is tried again, by the steady clock: the other one may jump.
struct Retry {
    at: Instant,
    pause: Duration,
}

impl Duty {
    /// Of a daemon, from now on.
    pub(super) fn of(daemon: &Daemon, end: &CancellationToken) -> Self {
        Self {
            database: daemon.store.path().into(),
            in_force: daemon.in_force.clone(),
            metrics: daemon.metrics.clone(),
            end: end.clone(),
            known: None,
            retry: None,
        }
    }

    /// Whether one is due: an occurrence passed since the newest one that is not of the future.
    fn is_due(&mut self, config: &Config) -> bool {
        let Some(expression) = &config.snapshots.schedule else {
            self.known = None;
            return false;
        };
        if self.retry.as_ref().is_some_and(|retry| clock::steady_now() < retry.at) {
            return false;
        }
        let now = clock::now();
        let is_due = |last: Option<UtcInstant>| {
            last.is_none_or(|last| schedule::occurred(expression, config.schedule.time_zone, last, now))
        };
        let folder = &config.snapshots.folder;
        if let Some(known) = self.known.as_ref().filter(|known| known.folder == *folder)
            && !is_due(known.last.filter(|last| *last <= now))
        {
            return false;
        }
        let found = Folder::new(folder, &self.database).list().into_iter().map(|found| found.at);
        let last = found.filter(|at| *at <= now).max();
        if let Some(last) = last {
            self.metrics.tell_last_snapshot(last);
        }
        self.known = Some(Known { folder: folder.clone(), last });
        is_due(last)
    }

    async fn take(&mut self, config: &Config) {
        let folder = Folder::new(&config.snapshots.folder, &self.database);
        let (keep, now, database) = (config.snapshots.keep, clock::now(), self.database.clone());
        let end = self.end.clone();
        let watch = Watch::new(|_, _| {}, move || end.is_cancelled());
        let began = clock::steady_now();
        let taken = tokio::task::spawn_blocking(move || {
            folder.prepare()?;
            let file = folder.name(now);
            let taken = snapshot::take(&database, &file, &watch)?;
            folder.prune(keep, &file);
            Ok::<_, SnapshotError>((file, taken))
        });
        let taken = match taken.await {
            Ok(taken) => taken,
            Err(error) => std::panic::resume_unwind(error.into_panic()),
        };
        match taken {
            Ok((file, taken)) => {
                let took_ms = began.elapsed().as_millis();
                let (bytes, seq, registrations) = (taken.bytes, taken.change_seq, taken.registrations);
                tracing::info!(file = %file.display(), bytes, seq, registrations, took_ms, "took a snapshot");
                self.metrics.count_snapshot(SnapshotOutcome::Complete);
                self.metrics.tell_last_snapshot(now);
                self.known = Some(Known { folder: config.snapshots.folder.clone(), last: Some(now) });
                self.retry = None;
            }
            Err(SnapshotError::Stopped) => self.metrics.count_snapshot(SnapshotOutcome::Cancelled),
            Err(error) => self.fail(&error),
        }
    }

    fn fail(&mut self, error: &SnapshotError) {
        self.metrics.count_snapshot(SnapshotOutcome::Failed);
        let pause = self.retry.as_ref().map_or(RETRY_MIN, |retry| (2 * retry.pause).min(RETRY_MAX));
        self.retry = Some(Retry { at: clock::steady_now() + pause, pause });
        let hint = error.hint().unwrap_or_default();
        tracing::error!(%error, hint, again_s = pause.as_secs(), "cannot take a snapshot");
    }
}

/// Takes what comes due until the daemon ends.
pub(super) async fn run(mut duty: Duty, mut wakes: Wakes) {
    while wakes.next().await {
        let config = Arc::clone(&duty.in_force.borrow());
        if duty.is_due(&config) {
            duty.take(&config).await;
        }
    }
}
