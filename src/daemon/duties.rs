//! What the daemon does besides its ticks: a task each, from the daemon's start to its end.
//!
//! A duty is woken every second as ticks are, asks of the configuration in force whether it has anything
//! to do, and ends within a moment once `end` is cancelled. None of them ends the daemon.

use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::Daemon;

/// Starts all of them.
pub(super) fn start(_daemon: &Daemon, _wakes: &watch::Receiver<()>, _end: &CancellationToken) -> JoinSet<()> {
    JoinSet::new()
}
