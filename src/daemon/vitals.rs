//! How it goes, as ticks tell it while they run: for the watchdog and for the status.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::directory::AccountName;
use crate::service::{Overview, Pulse, Service};
use crate::{api, clock, sync};

/// What is known. Clones share it.
#[derive(Clone, Debug)]
pub struct Vitals {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    pulse: Mutex<Pulse>,
    overview: Mutex<Overview>,
}

impl Vitals {
    /// Judged by the watchdog's period; without a watchdog nobody asks.
    #[must_use]
    pub fn of(service: &Service) -> Self {
        let pulse = Mutex::new(Pulse::new(service.watchdog().unwrap_or(Duration::MAX)));
        Self { shared: Arc::new(Shared { pulse, overview: Mutex::default() }) }
    }

    /// Who watches ticks and walks.
    #[must_use]
    pub fn observer(&self) -> sync::Observer {
        let vitals = self.clone();
        Arc::new(move |progressed| vitals.overview().observe(progressed))
    }

    /// Who watches an account's client.
    #[must_use]
    pub fn api_observer(&self, account: &AccountName) -> api::Observer {
        let (vitals, account) = (self.clone(), account.clone());
        api::Observer::new(move |exchanged| {
            vitals.pulse().progress(&account, exchanged.silence, clock::steady_now());
        })
    }

    /// Whether there is progress.
    pub(super) fn pulse(&self) -> MutexGuard<'_, Pulse> {
        self.shared.pulse.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What goes on.
    pub fn overview(&self) -> MutexGuard<'_, Overview> {
        self.shared.overview.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
