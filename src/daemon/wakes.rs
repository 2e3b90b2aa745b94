//! When a duty looks whether it has anything to do.

use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

/// A duty's wake-ups.
pub(super) struct Wakes {
    wakes: watch::Receiver<()>,
    end: CancellationToken,
}

impl Wakes {
    pub(super) fn new(wakes: watch::Receiver<()>, end: CancellationToken) -> Self {
        Self { wakes, end }
    }

    /// Waits for the next one; `false`: it is time to end.
    pub(super) async fn next(&mut self) -> bool {
        tokio::select! {
            biased;
            () = self.end.cancelled() => false,
            woken = self.wakes.changed() => woken.is_ok(),
        }
    }
}
