//! The daemon: a tick at start, then ticks by schedule, one at a time, until it is stopped.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::task::JoinHandle;
use tokio_cron_scheduler::JobSchedulerError;
use tokio_util::sync::CancellationToken;

use crate::clock;
use crate::config::Schedule;
use crate::directory::DirectoryId;
use crate::instant::UtcInstant;
use crate::schedule::{self, Watch};
use crate::store::{KnownDirectory, WalkOutcome};
use crate::sync::{Mirror, Plan, TickReport};
use crate::walk::Kind;

/// Why the daemon ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// It was asked to.
    Stopped,
    /// Every account's keys were refused in its first tick: there is nothing to run for.
    Refused,
}

/// When a full walk of a directory last failed. Forgotten when the program ends: then it is tried
/// again.
type FailedFulls = Arc<Mutex<BTreeMap<DirectoryId, UtcInstant>>>;

/// Runs until it is stopped. A tick that comes due during a tick is dropped and counted.
///
/// # Errors
/// When the scheduler can't be started.
pub async fn run(
    mirror: &Mirror,
    schedule: Schedule,
    stop: &CancellationToken,
) -> Result<Ended, JobSchedulerError> {
    let (mut scheduler, mut wakes) = schedule::wake_every_second().await?;
    let mut watch = Watch::new(schedule, clock::now());
    let failed = FailedFulls::default();
    let mut tick = Some(begin_tick(mirror, &watch, &failed, stop));
    let mut is_first = true;
    let mut ticks_dropped = 0_u64;
    let ended = loop {
        tokio::select! {
            biased;
            report = ended(&mut tick) => {
                tick = None;
                remember_failed(&failed, &report);
                if stop.is_cancelled() {
                    break Ended::Stopped;
                }
                if is_first && mirror.is_refused() {
                    break Ended::Refused;
                }
                is_first = false;
            }
            () = stop.cancelled(), if tick.is_none() => break Ended::Stopped,
            Some(()) = wakes.recv() => {
                if !watch.is_tick_due(clock::now()) {
                    continue;
                }
                if tick.is_some() {
                    ticks_dropped += 1;
                    tracing::info!(ticks_dropped, "a tick came due during a tick: dropped");
                } else {
                    tick = Some(begin_tick(mirror, &watch, &failed, stop));
                }
            }
        }
    };
    scheduler.shutdown().await?;
    Ok(ended)
}

fn begin_tick(
    mirror: &Mirror,
    watch: &Watch,
    failed: &FailedFulls,
    stop: &CancellationToken,
) -> JoinHandle<TickReport> {
    let (watch, failed) = (watch.clone(), Arc::clone(failed));
    let kind_of = move |directory: &KnownDirectory| {
        let last_failed = failed.lock().unwrap_or_else(PoisonError::into_inner).get(&directory.id).copied();
        let last = directory.last_full_at.or(directory.loaded_at);
        if watch.is_full_due(last, last_failed, clock::now()) { Kind::Full } else { Kind::Incremental }
    };
    let plan = Plan { kind_of: Arc::new(kind_of), directories: Default::default(), accept_removals: false };
    let (mirror, stop) = (mirror.clone(), stop.clone());
    tokio::spawn(async move { mirror.tick(&plan, &stop).await })
}

/// The running tick's report; never, if there is none.
async fn ended(tick: &mut Option<JoinHandle<TickReport>>) -> TickReport {
    match tick {
        Some(tick) => match tick.await {
            Ok(report) => report,
            Err(error) => std::panic::resume_unwind(error.into_panic()),
        },
        None => std::future::pending().await,
    }
}

fn remember_failed(failed: &FailedFulls, report: &TickReport) {
    let mut failed = failed.lock().unwrap_or_else(PoisonError::into_inner);
    for walk in report.walks().filter(|walk| walk.kind == Kind::Full) {
        match walk.outcome {
            WalkOutcome::Failed => failed.insert(walk.directory.clone(), clock::now()),
            _ => failed.remove(&walk.directory),
        };
    }
}
