//! The duties towards systemd: a line that says what goes on, and signs of life as long as there is progress.
//!
//! Both come with a wake-up and never without one: a scheduler that wakes nobody, or a runtime that is dead,
//! is noticed by the silence. The first wake-up tells that the daemon is ready: the file is open, the server
//! listens, and the schedule runs.

use std::sync::Arc;
use std::time::Instant;

use tokio::sync::oneshot::{self, error::TryRecvError};

use super::Daemon;
use super::wakes::Wakes;
use crate::clock;
use crate::config::Config;
use crate::service::Holding;

/// Signs of life in the watchdog's period.
const SIGNS: u32 = 4;

/// Tells what goes on, every second at most, where it is something else than before.
pub(super) async fn tell_status(daemon: Daemon, mut wakes: Wakes) {
    let (mut counted, mut holding): (Option<(u64, Arc<Config>)>, _) = (None, None);
    let mut is_ready = false;
    while wakes.next().await {
        let config = daemon.in_force.borrow().clone();
        let ticks = daemon.vitals.overview().ticks();
        // Another [sync] counts other directories.
        let is_counted = counted.as_ref().is_some_and(|(at, by)| *at == ticks && Arc::ptr_eq(by, &config));
        if !is_counted {
            // A file that can't be read for a moment is counted with the next tick.
            holding = count(&daemon, &config).await.or(holding);
            counted = Some((ticks, Arc::clone(&config)));
        }
        let text = daemon.vitals.overview().text(holding, next_look(&config).as_deref());
        if std::mem::replace(&mut is_ready, true) {
            daemon.service.status(&text);
        } else {
            daemon.service.ready(&text);
        }
    }
}

async fn count(daemon: &Daemon, config: &Config) -> Option<Holding> {
    let listed = daemon.store.list_status(clock::now()).await.ok()?;
    let wanted = listed.iter().filter(|directory| config.sync.wants(directory.directory_id.as_str()));
    let holding = wanted.fold(Holding { directories: 0, registrations: 0 }, |sum, directory| Holding {
        directories: sum.directories + 1,
        registrations: sum.registrations + directory.registrations,
    });
    Some(holding).filter(|holding| holding.directories > 0)
}

/// `14:05:00 CET`; with its date, if that is another day.
fn next_look(config: &Config) -> Option<String> {
    let (now, schedule) = (clock::now().datetime(), &config.schedule);
    let next = [&schedule.incremental, &schedule.full]
        .into_iter()
        .filter_map(|expression| expression.next_after(now, schedule.time_zone, 1).into_iter().next())
        .min()?;
    let is_today = next.date_naive() == now.with_timezone(&schedule.time_zone).date_naive();
    Some(next.format(if is_today { "%H:%M:%S %Z" } else { "%Y-%m-%d %H:%M:%S %Z" }).to_string())
}

/// Feeds the watchdog, if there is one, as long as everything makes progress.
pub(super) async fn feed(daemon: Daemon, mut wakes: Wakes) {
    let Some(period) = daemon.service.watchdog() else { return };
    let mut writer = Writer::default();
    let mut fed_at: Option<Instant> = None;
    let mut is_stuck = false;
    while wakes.next().await {
        let now = clock::steady_now();
        if writer.has_answered() {
            daemon.vitals.pulse().hear_writer();
        }
        let judged = daemon.vitals.pulse().judge(now);
        if let Err(stuck) = judged {
            if !std::mem::replace(&mut is_stuck, true) {
                tracing::error!(stuck = %stuck, "the watchdog is fed no more: systemd will start the daemon again");
            }
            continue;
        }
        if std::mem::take(&mut is_stuck) {
            tracing::warn!("there is progress again: the watchdog is fed");
        }
        if fed_at.is_some_and(|at| now.duration_since(at) < period / SIGNS) {
            continue;
        }
        daemon.service.feed_watchdog();
        fed_at = Some(now);
        if writer.ask(&daemon) {
            daemon.vitals.pulse().ask_writer(now);
        }
    }
}

/// What is asked of the file's writer: a sign of life at a time.
#[derive(Default)]
struct Writer {
    asked: Option<oneshot::Receiver<()>>,
}

impl Writer {
    /// Whether it was asked only now: not while it owes an answer.
    fn ask(&mut self, daemon: &Daemon) -> bool {
        let is_free = self.asked.is_none();
        if is_free {
            self.asked = Some(daemon.store.ping());
        }
        is_free
    }

    /// Whether it has just answered. One that is gone never does.
    fn has_answered(&mut self) -> bool {
        match self.asked.as_mut().map(oneshot::Receiver::try_recv) {
            Some(Ok(())) => {
                self.asked = None;
                true
            }
            Some(Err(TryRecvError::Empty | TryRecvError::Closed)) | None => false,
        }
    }
}
