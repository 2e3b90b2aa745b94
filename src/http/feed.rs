//! Tells who waits for a change that one has come, whichever process wrote it.
//!
//! While somebody waits, the file is looked at several times a second: one look for all of them.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tokio::sync::{Notify, watch};
use tokio_util::sync::CancellationToken;

use crate::store::Access;
use crate::store::view::Views;

/// A change is to be known within a second.
const LOOK_EVERY: Duration = Duration::from_millis(200);

/// Who waits. Clones share it.
#[derive(Clone, Debug)]
pub(super) struct Feed {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    seq: watch::Sender<i64>,
    waiting: AtomicUsize,
    begins: Notify,
}

/// One who waits; no longer, once it is dropped.
#[derive(Debug)]
pub(super) struct Waiting {
    shared: Arc<Shared>,
    seq: watch::Receiver<i64>,
}

impl Feed {
    pub(super) fn new() -> Self {
        let shared =
            Shared { seq: watch::Sender::new(0), waiting: AtomicUsize::new(0), begins: Notify::new() };
        Self { shared: Arc::new(shared) }
    }

    /// Looks, as long as somebody waits, until it is stopped.
    pub(super) async fn watch(self, views: Views, stop: CancellationToken) {
        let looking = async {
            loop {
                if self.shared.waiting.load(Ordering::Acquire) == 0 {
                    self.shared.begins.notified().await;
                }
                // A file that can't be read is told to whoever reads it next.
                if let Ok(seq) = views.read(Access::Masked, |view| view.find_seq()).await {
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
