//! The mirror watches itself: what ticks, disk and log say goes to `crate::alert`, what comes of it into the
//! file and then to the operator, at least once and in order.
//!
//! Ticks only leave a note here (`Alerting::observer`); everything else is one duty of the daemon, which
//! saves before it tells, tells all the same where the file takes nothing, and tries again for ever.

mod duty;
mod note;
mod telling;

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::{Notify, watch};

use crate::alert::Tick;
use crate::metrics::Metrics;
use crate::store::{SavedAlerts, Store};
use crate::sync::{Observer, Progressed};

pub use self::telling::hooks;

/// What ticks say, until the duty takes it. Clones share it.
#[derive(Clone, Debug)]
pub struct Alerting {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    notes: Mutex<Vec<Tick>>,
    has_notes: Notify,
    /// What the file said before the first tick.
    saved: Mutex<SavedAlerts>,
    /// Whether everything that was seen was told to everybody.
    is_told: watch::Sender<bool>,
    metrics: Metrics,
}

impl Alerting {
    /// That tells `metrics` what fires and what was told.
    #[must_use]
    pub fn new(metrics: &Metrics) -> Self {
        let shared = Shared {
            notes: Mutex::default(),
            has_notes: Notify::new(),
            saved: Mutex::default(),
            is_told: watch::Sender::new(true),
            metrics: metrics.clone(),
        };
        Self { shared: Arc::new(shared) }
    }

    /// Who watches ticks.
    #[must_use]
    pub fn observer(&self) -> Observer {
        let alerting = self.clone();
        Arc::new(move |progressed| {
            if let Progressed::Ticked { report } = progressed {
                // In this order: the duty may look in between, and finds the note then.
                alerting.notes().push(note::of(report));
                alerting.shared.is_told.send_replace(false);
                alerting.shared.has_notes.notify_one();
            }
        })
    }

    /// Reads what there was, before any tick begins: what a tick counts in the file would else be counted
    /// once more by its note.
    pub async fn prepare(&self, store: &Store) {
        match store.load_alerts().await {
            Ok(saved) => *self.shared.saved.lock().unwrap_or_else(PoisonError::into_inner) = saved,
            Err(error) => {
                tracing::warn!(error = %error, "cannot read what alerts there were: beginning anew");
            }
        }
    }

    /// Waits until everything that was seen was told to everybody, but not longer than `wait`.
    pub async fn until_told(&self, wait: Duration) {
        let mut is_told = self.shared.is_told.subscribe();
        if tokio::time::timeout(wait, is_told.wait_for(|is_told| *is_told)).await.is_err() {
            tracing::warn!("not everybody was told of every alert; the next start tells the rest");
        }
    }

    fn notes(&self) -> std::sync::MutexGuard<'_, Vec<Tick>> {
        self.shared.notes.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
