//! What the daemon does besides its ticks: a task each, from the daemon's start to its end.
//!
//! A duty is woken every second as ticks are, asks of the configuration in force whether it has anything
//! to do, and ends within a moment once `end` is cancelled. None of them ends the daemon.

use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::retention::Retaining;
use super::{Daemon, snapshots, watchdog};

/// Starts all of them.
pub(super) fn start(daemon: &Daemon, wakes: &watch::Receiver<()>, end: &CancellationToken) -> JoinSet<()> {
    let mut duties = JoinSet::new();
    let (store, in_force, metrics) = (daemon.store.clone(), daemon.in_force.clone(), daemon.metrics.clone());
    duties.spawn(Retaining { store, in_force, metrics }.run(wakes.clone(), end.clone()));
    let wakes = || Wakes { wakes: wakes.clone(), end: end.clone() };
    duties.spawn(snapshots::run(snapshots::Duty::of(daemon, end), wakes()));
    duties.spawn(watchdog::tell_status(daemon.clone(), wakes()));
    duties.spawn(watchdog::feed(daemon.clone(), wakes()));
    let (store, in_force) = (daemon.store.clone(), daemon.in_force.clone());
    duties.spawn(daemon.alerting.clone().run(store, in_force, wakes()));
    duties
}

/// A duty's wake-ups.
pub(crate) struct Wakes {
    wakes: watch::Receiver<()>,
    end: CancellationToken,
}

impl Wakes {
    /// Waits for the next one; `false`: it is time to end.
    pub(crate) async fn next(&mut self) -> bool {
        tokio::select! {
            biased;
            () = self.end.cancelled() => false,
            woken = self.wakes.changed() => woken.is_ok(),
        }
    }
}
