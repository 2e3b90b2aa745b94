//! Tells who waits for a change that one has come, whichever process wrote it.
//!
//! While somebody waits, the file is looked at several times a second: one look for all of them. The feed
//! reads through connections of its own: whoever searches for long keeps no follower waiting.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tokio::sync::{Notify, watch};
use tokio_util::sync::CancellationToken;

use crate::store::view::{Change, View, Views};
use crate::store::{Access, StoreError};

/// A change is to be known within a second.
const LOOK_EVERY: Duration = Duration::from_millis(200);
/// Changes are found by their number: nobody waits long for the one before.
const READS_AT_ONCE: usize = 2;

/// The changes, and who waits for one. Clones share it.
#[derive(Clone)]
pub(super) struct Feed {
    views: Views,
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    seq: watch::Sender<i64>,
    waiting: AtomicUsize,
    begins: Notify,
}

/// What there is after a number.
#[derive(Debug)]
pub(super) enum Listed {
    /// Some of it, or nothing yet.
    Kept {
        /// What the number was taken for.
        after: i64,
        /// What comes after it, oldest first.
        changes: Vec<Change>,
    },
    /// Some of it is no longer kept.
    Gone {
        /// The first change that is.
        first: i64,
    },
}

/// One who waits; no longer, once it is dropped.
#[derive(Debug)]
pub(super) struct Waiting {
    shared: Arc<Shared>,
    seq: watch::Receiver<i64>,
}

impl Feed {
    /// Of the file at `path`.
    pub(super) fn new(path: &Path) -> Self {
        let shared =
            Shared { seq: watch::Sender::new(0), waiting: AtomicUsize::new(0), begins: Notify::new() };
        Self { views: Views::new(path, READS_AT_ONCE), shared: Arc::new(shared) }
    }

    /// At most `limit` changes after `after`, oldest first. A number that the feed has not reached is of a
    /// file that is gone (an older copy was put in its place): who asks with it goes on at the end, instead
    /// of waiting for that number to come round.
    pub(super) async fn list(&self, access: Access, after: i64, limit: u32) -> Result<Listed, StoreError> {
        let read = move |view: &View| {
            let after = after.min(view.find_seq()?);
            let first = view.find_first_seq()?;
            if after + 1 < first {
                return Ok(Listed::Gone { first });
            }
            Ok(Listed::Kept { after, changes: view.list_changes(after, limit)? })
        };
        self.views.read(access, read).await
    }

    /// The last change that there was.
    pub(super) async fn find_seq(&self) -> Result<i64, StoreError> {
        self.views.read(Access::Masked, |view| view.find_seq()).await
    }

    /// Looks, as long as somebody waits, until it is stopped.
    pub(super) async fn watch(self, stop: CancellationToken) {
        let looking = async {
            loop {
                if self.shared.waiting.load(Ordering::Acquire) == 0 {
                    self.shared.begins.notified().await;
                }
                // A file that can't be read is told to whoever reads it next.
                if let Ok(seq) = self.find_seq().await {
                    self.shared.seq.send_if_modified(|known| std::mem::replace(known, seq) != seq);
                }
                tokio::time::sleep(LOOK_EVERY).await;
            }
        };
        stop.run_until_cancelled(looking).await;
    }

    /// Waits from now on.
    pub(super) fn wait(&self) -> Waiting {
        self.shared.waiting.fetch_add(1, Ordering::AcqRel);
        self.shared.begins.notify_one();
        Waiting { shared: Arc::clone(&self.shared), seq: self.shared.seq.subscribe() }
    }
}

impl Waiting {
    /// Until there is a change after `after`.
    pub(super) async fn until_after(&mut self, after: i64) {
        // The sender lives as long as this does.
        let _ = self.seq.wait_for(|seq| *seq > after).await;
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        self.shared.waiting.fetch_sub(1, Ordering::AcqRel);
    }
}
