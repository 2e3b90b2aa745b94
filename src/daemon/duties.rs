//! What the daemon does besides its ticks: a task each, from the daemon's start to its end.
//!
//! A duty is woken every second as ticks are, asks of the configuration in force whether it has anything
//! to do, and ends within a moment once `end` is cancelled. None of them ends the daemon.

use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::retention::Retaining;
use super::wakes::Wakes;
use super::{Daemon, snapshots, watchdog};

/// Starts all of them.
pub(super) fn start(daemon: &Daemon, wakes: &watch::Receiver<()>, end: &CancellationToken) -> JoinSet<()> {
    let mut duties = JoinSet::new();
    let (store, in_force, metrics) = (daemon.store.clone(), daemon.in_force.clone(), daemon.metrics.clone());
    duties.spawn(Retaining { store, in_force, metrics }.run(wakes.clone(), end.clone()));
    let wakes = || Wakes::new(wakes.clone(), end.clone());
    duties.spawn(snapshots::run(snapshots::Duty::of(daemon, end), wakes()));
    duties.spawn(watchdog::tell_status(daemon.clone(), wakes()));
    duties.spawn(watchdog::feed(daemon.clone(), wakes()));
    let (store, in_force) = (daemon.store.clone(), daemon.in_force.clone());
    duties.spawn(daemon.alerting.clone().run(store, in_force, wakes()));
    duties
}
