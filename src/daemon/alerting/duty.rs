//! The daemon's duty: what was seen is judged, saved, and told.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, PoisonError};
use std::time::{Duration, Instant};

use super::Alerting;
use super::telling::{Telling, Told, hooks};
use crate::alert::{Alert, Board, Key, Listing, Log, Outbox, Seen, State, Via};
use crate::clock;
use crate::config::Config;
use crate::daemon::InForce;
use crate::daemon::wakes::Wakes;
use crate::directory::AccountName;
use crate::hook::Hook;
use crate::store::{AlertsToSave, Store, StoreError};

/// Disk and log are looked at so often, and what could not be saved is tried again.
const LOOK_EVERY: Duration = Duration::from_secs(3);

/// When the daemon ends, what is being told may take so long; then it is ended, and told by the next start.
const GRACE: Duration = Duration::from_secs(2);

/// Everything that the duty knows.
struct Duty {
    alerting: Alerting,
    store: Store,
    in_force: InForce,
    board: Board,
    outbox: Outbox,
    telling: Telling,
    hooks: BTreeMap<Via, Hook>,
    looked_at: Option<Instant>,
    unsaved: Unsaved,
}

/// What of it is not in the file yet.
#[derive(Debug, Default)]
struct Unsaved {
    is_firing_changed: bool,
    is_due_changed: bool,
    /// What is due up to this number is saved.
    saved_through: i64,
    failed_at: Option<Instant>,
}

impl Alerting {
    /// Watches until `end`.
    pub(in crate::daemon) async fn run(self, store: Store, in_force: InForce, mut wakes: Wakes) {
        let saved = std::mem::take(&mut *self.shared.saved.lock().unwrap_or_else(PoisonError::into_inner));
        let saved_through = saved.due.iter().map(|due| due.number).max().unwrap_or(0);
        let hooks = hooks(&in_force.borrow().alerts);
        let mut duty = Duty {
            alerting: self,
            store,
            in_force,
            board: Board::new(saved.firing, saved.failed),
            outbox: Outbox::new(saved.due, saved.begun),
            telling: Telling::default(),
            hooks,
            looked_at: None,
            unsaved: Unsaved { saved_through, ..Unsaved::default() },
        };
        let alerting = duty.alerting.clone();
        loop {
            duty.look().await;
            duty.telling.go_on(&duty.outbox, &duty.hooks);
            duty.tell_state();
            tokio::select! {
                biased;
                is_going_on = wakes.next() => if !is_going_on { break },
                () = alerting.shared.has_notes.notified() => {}
                told = duty.telling.next(&alerting.shared.metrics) => duty.note(&told),
            }
        }
        // Whoever is about to be told would else be told twice.
        let end_of_grace = tokio::time::sleep(GRACE);
        tokio::pin!(end_of_grace);
        while duty.telling.is_under_way() {
            tokio::select! {
                () = &mut end_of_grace => break,
                told = duty.telling.next(&alerting.shared.metrics) => duty.note(&told),
            }
        }
        // What the last ticks said is told by the next start.
        duty.look().await;
    }
}

impl Duty {
    fn note(&mut self, told: &Told) {
        if told.is_told {
            self.outbox.told(told.via, told.number);
            self.unsaved.is_due_changed = true;
        }
    }

    /// Sees what is new and saves what came of it.
    async fn look(&mut self) {
        if self.in_force.has_changed().unwrap_or(false) {
            self.telling.forget_rests();
        }
        let config = Arc::clone(&self.in_force.borrow_and_update());
        self.hooks = hooks(&config.alerts);
        let accounts = config.accounts.iter().map(|account| account.name.clone()).collect();
        let over = self.board.watch_only(&accounts, clock::now());
        self.take(over);
        let vias = self.vias();
        self.unsaved.is_firing_changed |= self.outbox.tell_by(&vias, self.board.firing());
        let notes = std::mem::take(&mut *self.alerting.notes());
        for mut tick in notes {
            if let Listing::Well(listed) = &mut tick.listing {
                listed.retain(|directory| config.sync.wants(directory.as_str()));
            }
            self.see(&Seen::Tick(tick), &config);
        }
        if self.looked_at.is_none_or(|at| clock::steady_now() - at >= LOOK_EVERY) {
            self.looked_at = Some(clock::steady_now());
            self.look_at_disk(&config);
        }
        if self.unsaved.is_waiting() {
            self.save().await;
        }
    }

    fn look_at_disk(&mut self, config: &Config) {
        let held = self.store.log_held();
        self.alerting.shared.metrics.set_log_held(held);
        if let Some(room) = self.store.look_up_room() {
            self.see(&Seen::Disk(room), config);
        }
        if let Some(bytes) = self.store.look_up_sizes().wal_bytes {
            self.see(&Seen::Log(Log { bytes, held_s: held.as_secs() }), config);
        }
    }

    fn see(&mut self, seen: &Seen, config: &Config) {
        let alerts = self.board.see(seen, config.alerts.after_failures, clock::now());
        self.take(alerts);
    }

    fn take(&mut self, alerts: Vec<Alert>) {
        let vias = self.vias();
        for alert in alerts {
            let Key { kind, account, directory } = &alert.key;
            let account = account.as_ref().map(AccountName::as_str);
            let directory = directory.as_ref().map(|directory| directory.as_str());
            let (kind, said) = (kind.as_str(), alert.message.as_str());
            match alert.state {
                State::Firing => tracing::warn!(alert = kind, account, directory, said, "alert begins"),
                State::Resolved => tracing::info!(alert = kind, account, directory, said, "alert is over"),
            }
            self.outbox.add(&alert, &vias);
            self.unsaved.is_firing_changed = true;
            self.unsaved.is_due_changed = true;
        }
    }

    fn vias(&self) -> BTreeSet<Via> {
        self.hooks.keys().copied().collect()
    }

    /// Saves what is new. Where the file takes nothing, all of it waits for the next time.
    async fn save(&mut self) {
        let firing = self.unsaved.is_firing_changed.then(|| {
            let begun =
                |key: &Key| Via::ALL.into_iter().filter(|via| self.outbox.has_begun(*via, key)).collect();
            self.board
                .firing()
                .iter()
                .map(|(key, firing)| (key.clone(), firing.clone(), begun(key)))
                .collect()
        });
        let first_due = Via::ALL.map(|via| (via, self.outbox.next(via).map_or(i64::MAX, |due| due.number)));
        let new = self.outbox.due().filter(|due| due.number > self.unsaved.saved_through);
        let due: Vec<_> = new.cloned().collect();
        let last = due.iter().map(|due| due.number).max();
        let saved = self.store.save_alerts(AlertsToSave { firing, first_due: first_due.into(), due }).await;
        match saved {
            Ok(()) => {
                let saved_through = last.unwrap_or(self.unsaved.saved_through);
                self.unsaved = Unsaved { saved_through, ..Unsaved::default() };
            }
            Err(error) => {
                if self.unsaved.failed_at.replace(clock::steady_now()).is_none()
                    && error != StoreError::Closed
                {
                    tracing::warn!(error = %error, "cannot save alerts: they are told all the same");
                }
            }
        }
    }

    /// Lets others know how it stands.
    fn tell_state(&self) {
        self.alerting.shared.metrics.set_firing(self.board.firing().keys().cloned().collect());
        let is_told = self.outbox.due().next().is_none() && self.alerting.notes().is_empty();
        self.alerting.shared.is_told.send_if_modified(|known| std::mem::replace(known, is_told) != is_told);
    }
}

impl Unsaved {
    /// Whether there is something to save, and it was not tried a moment ago.
    fn is_waiting(&self) -> bool {
        let may_try = self.failed_at.is_none_or(|at| clock::steady_now() - at >= LOOK_EVERY);
        may_try && (self.is_firing_changed || self.is_due_changed)
    }
}
