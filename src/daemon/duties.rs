//! What the daemon does besides its ticks: a task each, from the daemon's start to its end.
//!
//! A duty is woken every second as ticks are, asks of the configuration in force whether it has anything
//! to do, and ends within a moment once `end` is cancelled. None of them ends the daemon.

use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::Daemon;
use super::retention::Retaining;

/// Starts all of them.
pub(super) fn start(daemon: &Daemon, wakes: &watch::Receiver<()>, end: &CancellationToken) -> JoinSet<()> {
    let mut duties = JoinSet::new();
    let (store, in_force, metrics) = (daemon.store.clone(), daemon.in_force.clone(), daemon.metrics.clone());
    duties.spawn(Retaining { store, in_force, metrics }.run(wakes.clone(), end.clone()));
    duties
}
