//! The file, opened for writing: what the daemon and `sync` hold, one per file.

use std::path::{Path, PathBuf};
use std::sync::mpsc::Sender;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use chrono_tz::Tz;
use sqlx::SqlitePool;
use tokio::sync::{Semaphore, oneshot};

use super::alert::{self, AlertsToSave, SavedAlerts};
use super::brake::Brake;
use super::error::{OpenError, StoreError};
use super::mask::Masks;
use super::measure::{self, Sizes};
use super::past::{Deleted, Past};
use super::reading::{self, DirectoryStatus};
use super::walk::{
    Absent, Account, AccountKey, Content, DirectoryKey, Figures, Known, Progress, SavedDirectories,
    WalkHandle,
};
use super::writer::{self, Held, Message, Task, Writer};
use super::{key, open, snapshot};
use crate::directory::{AccountName, Directory, DirectoryId};
use crate::instant::UtcInstant;
use crate::registration::{Fingerprint, RegistrationId};
use crate::room::Room;
use crate::walk::{Finish, Kind, Save, Start, WalkKey};

/// Saves on their way: those of the transaction under way and those that wait for the next one.
/// So many pages a killed process loses at most, and so many are held in memory.
const JOBS_MAX: usize = 64;

/// How a file is opened for writing.
#[derive(Clone, Debug)]
pub struct OpenOptions {
    /// The zone of `registered_on`, `[reports] time_zone`.
    pub reports_time_zone: Tz,
    /// The file of the masks' key, `[masking] key_file`; `None`: beside the database.
    pub masking_key_file: Option<PathBuf>,
    /// A snapshot is taken before a migration of a file of so many bytes or more.
    pub snapshot_from_bytes: u64,
}

impl OpenOptions {
    /// A smaller file is migrated within a moment, and mirrored anew within an hour; a larger one is worth
    /// the room and the minute that its copy takes.
    pub const SNAPSHOT_FROM_BYTES: u64 = 64 << 20;
}

async fn snapshot_before_migration(path: &Path, from_bytes: u64) -> Result<(), OpenError> {
    let its_path = path.to_path_buf();
    tokio::task::spawn_blocking(move || snapshot::before_migration(&its_path, from_bytes))
        .await
        .map_err(|error| OpenError::Failed { path: path.into(), reason: error.to_string() })?
}

/// What a save's durability is told through.
pub type Saved<T> = oneshot::Receiver<Result<T, StoreError>>;

/// The file, open for writing and locked. Clones share it.
#[derive(Clone)]
pub struct Store {
    shared: Arc<Shared>,
}

struct Shared {
    path: PathBuf,
    readers: SqlitePool,
    jobs: Sender<Message>,
    permits: Arc<Semaphore>,
    thread: Mutex<Option<JoinHandle<()>>>,
    held: Held,
    last_seen_at: Option<UtcInstant>,
}

impl Store {
    /// Opens the file for writing: makes it and the masks' key if they are not there, locks it, brings
    /// its schema up to date, dates and masks anew what other settings had made, and marks as
    /// interrupted what walks the last process left open.
    pub async fn open(path: &Path, options: &OpenOptions, now: UtcInstant) -> Result<Self, OpenError> {
        let path = path.to_path_buf();
        let (prepared, key_file) = (path.clone(), options.masking_key_file.clone());
        let prepare = move || {
            let held = open::prepare(&prepared)?;
            Ok((held, Masks::new(&key::load(&prepared, key_file.as_deref())?)))
        };
        let (held, masks) = tokio::task::spawn_blocking(prepare)
            .await
            .map_err(|error| OpenError::Failed { path: path.clone(), reason: error.to_string() })??;
        snapshot_before_migration(&path, options.snapshot_from_bytes).await?;
        open::migrate(&path).await?;
        let zone = options.reports_time_zone;
        let log_held = Held::default();
        let (jobs, thread) = writer::start(path.clone(), zone, masks, log_held.clone(), now, held).await?;
        let readers = open::open_readers(path.clone()).await?;
        let failed = |error: StoreError| OpenError::Failed { path: path.clone(), reason: error.to_string() };
        let last_seen_at = reading::find_last_seen(&readers).await.map_err(failed)?;
        let permits = Arc::new(Semaphore::new(JOBS_MAX));
        let thread = Mutex::new(Some(thread));
        let shared = Shared { path, readers, jobs, permits, thread, held: log_held, last_seen_at };
        Ok(Self { shared: Arc::new(shared) })
    }

    /// Where the file is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.shared.path
    }

    /// Waits until everything handed over is on disk and closes the file, also for other clones.
    pub async fn close(self) {
        self.shared.permits.close();
        self.shared.readers.close().await;
        // Already stopped: nothing to tell.
        let _ = self.shared.jobs.send(Message::Stop);
        let thread = self.shared.thread.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(thread) = thread {
            // A writer that panicked has nothing more to write.
            let _ = tokio::task::spawn_blocking(move || thread.join()).await;
        }
    }

    /// Asks the writer for a sign of life. It comes between two transactions, at once where there is none;
    /// it never comes from a writer that hangs or is gone.
    #[must_use]
    pub fn ping(&self) -> oneshot::Receiver<()> {
        let (asker, answer) = oneshot::channel();
        // A writer that is gone does not answer: that is what is to be found out.
        let _ = self.shared.jobs.send(Message::Ping(asker));
        answer
    }

    /// Makes an account known. `reading` names the rules that its rows are read by.
    pub async fn save_account(&self, name: &AccountName, reading: i64) -> Result<Account, StoreError> {
        let name = name.clone();
        self.ask(None, move |writer| writer.save_account(&name, reading)).await
    }

    /// Tells which accounts there are: directories of any other are listed by nobody.
    pub async fn release_directories(
        &self,
        accounts: &[AccountKey],
        now: UtcInstant,
    ) -> Result<(), StoreError> {
        let accounts = accounts.to_vec();
        self.ask(None, move |writer| writer.release_directories(&accounts, now)).await
    }

    /// Remembers why an account's directories could not be listed; `None` once they could.
    pub async fn save_account_error(
        &self,
        account: AccountKey,
        error: Option<String>,
        now: UtcInstant,
    ) -> Result<(), StoreError> {
        self.ask(None, move |writer| writer.save_account_error(account, error.as_deref(), now)).await
    }

    /// Remembers what an account counts pages from; `None` forgets it.
    pub async fn save_first_page(
        &self,
        account: AccountKey,
        first_page: Option<u8>,
    ) -> Result<(), StoreError> {
        self.ask(None, move |writer| writer.save_first_page(account, first_page)).await
    }

    /// How many directories of the account are listed here and not in `listed`.
    pub async fn count_unlisted(
        &self,
        account: AccountKey,
        listed: &[DirectoryId],
    ) -> Result<u64, StoreError> {
        reading::count_unlisted(&self.shared.readers, account, listed).await
    }

    /// Saves an account's list of directories, in one transaction.
    pub async fn save_directories(
        &self,
        account: AccountKey,
        listed: &[Directory],
        absent: Absent,
        now: UtcInstant,
    ) -> Result<SavedDirectories, StoreError> {
        let listed = listed.to_vec();
        self.ask(None, move |writer| writer.save_directories(account, &listed, absent, now)).await
    }

    /// Begins a walk of a directory; one that is under way there is over.
    pub async fn begin_walk(
        &self,
        directory: DirectoryKey,
        kind: Kind,
        rows_a_page: usize,
        now: UtcInstant,
    ) -> Result<(WalkHandle, Start), StoreError> {
        self.ask(None, move |writer| writer.begin_walk(directory, kind, rows_a_page, now)).await
    }

    /// What the file holds of the rows of a page, in their order. It sees every save that was
    /// answered.
    pub async fn find_known(
        &self,
        directory: DirectoryKey,
        rows: &[(RegistrationId, Fingerprint)],
    ) -> Result<Vec<Option<Known>>, StoreError> {
        reading::find_known(&self.shared.readers, directory, rows).await
    }

    /// Hands a save over; waits only for room in the queue. The receiver tells when it is on disk.
    pub async fn save(
        &self,
        handle: &WalkHandle,
        save: Save<Content>,
        progress: Progress,
        now: UtcInstant,
    ) -> Result<Saved<()>, StoreError> {
        let handle = *handle;
        self.send(Some(handle.walk), move |writer| writer.save_walk(handle, &save, progress, now)).await
    }

    /// Ends a walk. `error` says why it failed, and is shown to people.
    pub async fn finish(
        &self,
        handle: &WalkHandle,
        finish: Finish,
        error: Option<String>,
        progress: Progress,
        brake: Brake,
        now: UtcInstant,
    ) -> Result<Figures, StoreError> {
        let handle = *handle;
        self.ask(Some(handle.walk), move |writer| {
            writer.finish_walk(handle, &finish, error, progress, brake, now)
        })
        .await
    }

    /// Deletes a batch of what was past at `before`: changes, removed registrations or walks. `after` is
    /// 0, then what [`Deleted::next`] says.
    pub async fn delete_past(
        &self,
        past: Past,
        before: UtcInstant,
        after: i64,
    ) -> Result<Deleted, StoreError> {
        self.ask(None, move |writer| writer.delete_past(past, before, after)).await
    }

    /// Whether something waits to be written, or is being written.
    #[must_use]
    pub fn is_busy(&self) -> bool {
        self.shared.permits.available_permits() < JOBS_MAX
    }

    /// The last moment that the file knew of when it was opened; `None` if it held nothing.
    #[must_use]
    pub fn last_seen_at(&self) -> Option<UtcInstant> {
        self.shared.last_seen_at
    }

    /// As [`super::Reader::list_status`].
    pub async fn list_status(&self, now: UtcInstant) -> Result<Vec<DirectoryStatus>, StoreError> {
        reading::list_status(&self.shared.readers, now).await
    }

    /// What was saved of alerts, and what failed how often in a row.
    pub async fn load_alerts(&self) -> Result<SavedAlerts, StoreError> {
        alert::load(&self.shared.readers).await
    }

    /// Saves what fires and what is yet to be told.
    pub async fn save_alerts(&self, alerts: AlertsToSave) -> Result<(), StoreError> {
        self.ask(None, move |writer| writer.save_alerts(&alerts)).await
    }

    /// What lies on the disk.
    #[must_use]
    pub fn look_up_sizes(&self) -> Sizes {
        measure::look_up_sizes(&self.shared.path)
    }

    /// Room on the disk; `None` where the system does not tell.
    #[must_use]
    pub fn look_up_room(&self) -> Option<Room> {
        measure::look_up_room(&self.shared.path)
    }

    /// For how long the log could not be cut because of a reader; nothing if it could.
    #[must_use]
    pub fn log_held(&self) -> Duration {
        self.shared.held.lasts()
    }

    async fn send<T, F>(&self, walk: Option<WalkKey>, work: F) -> Result<Saved<T>, StoreError>
    where
        T: Send + 'static,
        F: FnOnce(&mut Writer) -> Result<T, StoreError> + Send + 'static,
    {
        let permit =
            Arc::clone(&self.shared.permits).acquire_owned().await.map_err(|_| StoreError::Closed)?;
        let (asker, answer) = oneshot::channel();
        let task = Task { walk, work: Some(work), result: None, asker, _permit: permit };
        self.shared.jobs.send(Message::Job(Box::new(task))).map_err(|_| StoreError::Closed)?;
        Ok(answer)
    }

    async fn ask<T, F>(&self, walk: Option<WalkKey>, work: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: FnOnce(&mut Writer) -> Result<T, StoreError> + Send + 'static,
    {
        self.send(walk, work).await?.await.unwrap_or(Err(StoreError::Closed))
    }
}
