//! The one writer: a connection on a thread of its own, fed by a queue. Jobs that wait together are
//! done in one transaction, in order, and answered after its commit: where the network is fast,
//! commits grow; where it is slow, nothing waits.
//!
//! A transaction that fails undoes every job in it and breaks the walks they belong to: what such a
//! walk saved later would stand over a hole.

mod account;
mod alert;
mod directory;
mod disk;
mod erasure;
mod evidence;
mod field;
mod finish;
mod heap;
mod job;
mod log;
mod masking;
mod other_keys;
mod removal;
mod retention;
mod row;
mod save;
mod statement;
mod walk;
mod zone;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::Duration;

use chrono_tz::Tz;
use tokio::sync::oneshot;

use self::disk::Disk;
pub(super) use self::job::{Job, Task};
use self::log::Cut;
pub(super) use self::log::Held;
use self::walk::WalkState;
use super::error::{OpenError, StoreError};
use super::keeper::Keeper;
use super::lock::Lock;
use super::mask::Masks;
use crate::clock::steady_now;
use crate::instant::UtcInstant;
use crate::walk::WalkKey;

/// After so long without a job the log is put into the file and memory given back.
const REST_AFTER: Duration = Duration::from_secs(2);

/// After so long without a job a long log is put into the file: where the network is slow, nothing
/// is left to do at the end.
const CATCH_UP_AFTER: Duration = Duration::from_millis(5);

/// A log that a reader held is tried to be cut again after so long.
const CUT_AGAIN_AFTER: Duration = Duration::from_secs(5);

/// What the thread is told.
pub(super) enum Message {
    Job(Box<dyn Job>),
    /// Answered between two transactions: the thread lives.
    Ping(oneshot::Sender<()>),
    Stop,
}

/// What the jobs work on.
pub(super) struct Writer {
    disk: Disk,
    zone: Tz,
    walks: BTreeMap<WalkKey, WalkState>,
    last_walk: i64,
}

/// How long the thread waits for a job.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Pace {
    /// There was one a moment ago.
    Working,
    /// There was none for a while, and the log could not be cut.
    Held,
    /// There is nothing to do.
    Resting,
}

fn answer(asker: oneshot::Sender<()>) {
    // An asker who no longer listens is no failure.
    let _ = asker.send(());
}

/// Starts the thread on a migrated file; it holds the lock until it ends.
pub(super) async fn start(
    path: PathBuf,
    zone: Tz,
    masks: Masks,
    held: Held,
    now: UtcInstant,
    (lock, keeper): (Lock, Keeper),
) -> Result<(Sender<Message>, JoinHandle<()>), OpenError> {
    let (jobs, queue) = channel();
    let (ready, is_ready) = oneshot::channel();
    let failed = |reason: String| OpenError::Failed { path: path.clone(), reason };
    let its_path = path.clone();
    let thread = std::thread::Builder::new()
        .name("store-writer".to_owned())
        .spawn(move || {
            let _lock = lock;
            match Writer::open(its_path, zone, &masks, held, now) {
                Ok(writer) => {
                    drop(keeper);
                    let _ = ready.send(Ok(()));
                    writer.serve(&queue);
                }
                Err(error) => {
                    let _ = ready.send(Err(error));
                }
            }
        })
        .map_err(|error| failed(error.to_string()))?;
    is_ready.await.unwrap_or_else(|_| Err(failed("its writer stopped".to_owned())))?;
    Ok((jobs, thread))
}

impl Writer {
    fn open(path: PathBuf, zone: Tz, masks: &Masks, held: Held, now: UtcInstant) -> Result<Self, OpenError> {
        let sqlite = |error: rusqlite::Error| OpenError::from_rusqlite(path.clone(), &error);
        let store = |error: StoreError| match error {
            StoreError::Full | StoreError::Unwritable => OpenError::Full { path: path.clone() },
            StoreError::Busy => OpenError::Busy { path: path.clone() },
            StoreError::Corrupt => OpenError::Corrupt { path: path.clone() },
            StoreError::ReadOnly => {
                OpenError::NotPermitted { path: path.clone(), reason: "it is read-only".to_owned() }
            }
            other => OpenError::Failed { path: path.clone(), reason: other.to_string() },
        };
        let disk = Disk::open(&path, held).map_err(sqlite)?;
        zone::register(disk.connection(), zone).map_err(sqlite)?;
        masking::register(disk.connection(), masks).map_err(sqlite)?;
        zone::save_zone(&disk, zone).map_err(store)?;
        masking::save_masks(&disk, masks).map_err(store)?;
        let last_walk = walk::mark_interrupted(&disk, now).map_err(store)?;
        Ok(Self { disk, zone, walks: BTreeMap::new(), last_walk })
    }

    fn serve(mut self, queue: &Receiver<Message>) {
        let mut pace = Pace::Working;
        let mut stops = false;
        let mut idle_since = steady_now();
        while !stops {
            let has_backlog = self.disk.has_backlog();
            let wait = match pace {
                Pace::Working if has_backlog => Some(CATCH_UP_AFTER),
                Pace::Working => Some(REST_AFTER),
                Pace::Held => Some(CUT_AGAIN_AFTER),
                Pace::Resting => None,
            };
            let first = match wait {
                Some(wait) => queue.recv_timeout(wait.saturating_sub(idle_since.elapsed())),
                None => queue.recv().map_err(|_| RecvTimeoutError::Disconnected),
            };
            match first {
                // No work: whoever asks often keeps nothing from resting.
                Ok(Message::Ping(asker)) => answer(asker),
                Ok(first) => {
                    let mut group = Vec::new();
                    for message in std::iter::once(first).chain(queue.try_iter()) {
                        match message {
                            Message::Job(job) => group.push(job),
                            Message::Ping(asker) => answer(asker),
                            Message::Stop => stops = true,
                        }
                        if stops {
                            break;
                        }
                    }
                    self.run_together(group);
                    self.disk.cut_if_long();
                    pace = Pace::Working;
                    idle_since = steady_now();
                }
                Err(RecvTimeoutError::Timeout) if has_backlog => self.disk.catch_up(),
                Err(RecvTimeoutError::Timeout) => {
                    // What stays in the log stays readable there: the next rest tries again.
                    let cut = self.disk.rest();
                    if pace == Pace::Working {
                        heap::give_back();
                    }
                    pace = if matches!(cut, Ok(Cut::Done)) { Pace::Resting } else { Pace::Held };
                    idle_since = steady_now();
                }
                Err(RecvTimeoutError::Disconnected) => stops = true,
            }
        }
        let _ = self.disk.rest();
    }

    /// Does the jobs in one transaction. How many there can be is bounded by the queue's permits.
    fn run_together(&mut self, mut group: Vec<Box<dyn Job>>) {
        let walks = self.walks.clone();
        let last_walk = self.last_walk;
        let done = group.iter_mut().try_for_each(|job| job.run(self)).and_then(|()| self.disk.commit());
        if done.is_err() {
            self.disk.roll_back();
            self.walks = walks;
            self.last_walk = last_walk;
            for walk in group.iter().filter_map(|job| job.walk()) {
                if let Some(state) = self.walks.get_mut(&walk) {
                    state.is_broken = true;
                }
            }
        }
        for job in group {
            job.answer(done.clone());
        }
    }
}
