//! What the daemon does besides its ticks: a task each, from the daemon's start to its end.
//!
//! A duty is woken every second as ticks are, asks of the configuration in force whether it has anything
//! to do, and ends within a moment once `end` is cancelled. None of them ends the daemon.

use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::{Daemon, snapshots};

/// Starts all of them.
pub(super) fn start(daemon: &Daemon, wakes: &watch::Receiver<()>, end: &CancellationToken) -> JoinSet<()> {
    let mut duties = JoinSet::new();
    duties.spawn(snapshots::run(snapshots::Duty::of(daemon, end), wakes.clone()));
    duties
}
