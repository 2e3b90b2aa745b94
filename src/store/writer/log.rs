//! The log beside the file: put into the file and cut whenever no reader holds it, and since when one does.
//!
//! SQLite goes on at the log's beginning once all of it is in the file and nobody reads it, so without a
//! reader it does not grow for ever. With one there is always something left to do: it is tried again.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::clock;
use crate::store::lock;

/// Twice what SQLite lets it become before it puts it into the file.
const LONG_BYTES: u64 = 160 << 20;
/// A long log is tried to be cut so often while there is no rest.
const TRY_EVERY: Duration = Duration::from_secs(10);
/// One that is worth it, so often: a schedule of a second leaves no rest, and needs no long log.
const WORTH_BYTES: u64 = 1 << 20;
const CUT_EVERY: Duration = Duration::from_secs(30);

/// Since when the log could not be cut. Clones share it.
#[derive(Clone, Debug, Default)]
pub(in crate::store) struct Held {
    since: Arc<Mutex<Option<Instant>>>,
}

impl Held {
    /// For how long it could not be cut; nothing if it could.
    pub(in crate::store) fn lasts(&self) -> Duration {
        let since = *self.since.lock().unwrap_or_else(PoisonError::into_inner);
        since.map_or(Duration::ZERO, |since| clock::steady_now() - since)
    }

    /// Whether the log could be cut when that was tried.
    pub(super) fn set(&self, cut: Cut) {
        let mut since = self.since.lock().unwrap_or_else(PoisonError::into_inner);
        *since = match cut {
            Cut::Done => None,
            Cut::Held => since.or_else(|| Some(clock::steady_now())),
        };
    }
}

/// What became of the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Cut {
    /// All of it is in the file, and it is empty.
    Done,
    /// Somebody reads an old state of the file.
    Held,
}

/// When a log that grows under load is tried to be cut.
#[derive(Debug)]
pub(super) struct Length {
    path: PathBuf,
    tried: Option<Instant>,
}

impl Length {
    pub(super) fn of(database: &Path) -> Self {
        Self { path: lock::beside(database, "-wal"), tried: None }
    }

    /// Whether it is long, or worth it, and was not tried to be cut for a while.
    pub(super) fn wants_cut(&mut self) -> bool {
        let now = clock::steady_now();
        let has_passed = |wait| self.tried.is_none_or(|tried| now - tried >= wait);
        let is_wanted = has_passed(TRY_EVERY)
            && std::fs::metadata(&self.path)
                .is_ok_and(|log| log.len() > LONG_BYTES || log.len() > WORTH_BYTES && has_passed(CUT_EVERY));
        if is_wanted {
            self.tried = Some(now);
        }
        is_wanted
    }
}
