//! The connections: made when they are needed, a few at once, kept for the next reader. One whose file is
//! no longer at the path is not used again: whoever puts another file there is read from then on.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use rusqlite::{CachedStatement, Connection, Params, Row};
use tokio::sync::Semaphore;

use crate::clock;
use crate::store::access::Access;
use crate::store::error::StoreError;
use crate::store::foreign;
use crate::store::identity::Identity;

/// Nothing that a page shows takes longer; what does is ended, so that it keeps nobody waiting.
const READ_MAX: Duration = Duration::from_secs(10);
/// SQLite's own instructions between two looks at the clock.
const INSTRUCTIONS_BETWEEN_LOOKS: i32 = 10_000;
/// Statements kept prepared: more than there are.
const STATEMENTS_KEPT: usize = 32;
const FIRST_SEQ: &str = "SELECT min(seq) FROM registration_change";

/// The public views, for whoever shows them. Clones share the connections.
#[derive(Clone)]
pub struct Views {
    shared: Arc<Shared>,
}

struct Shared {
    path: PathBuf,
    permits: Arc<Semaphore>,
    idle: Mutex<Vec<View>>,
}

/// The views as one access sees them, until the read is over.
pub struct View {
    connection: Connection,
    file: Identity,
    pub(super) access: Access,
    /// When the read under way has to be over.
    end: Arc<Mutex<Instant>>,
}

impl Views {
    /// Over the file at `path`, by so many readers at once.
    #[must_use]
    pub fn new(path: &Path, at_once: usize) -> Self {
        let permits = Arc::new(Semaphore::new(at_once));
        Self { shared: Arc::new(Shared { path: path.into(), permits, idle: Mutex::default() }) }
    }

    /// Reads on a thread that may wait for the disk. All that one call reads is of one moment.
    ///
    /// # Errors
    /// When the file can't be read, or it took too long.
    pub async fn read<T, F>(&self, access: Access, read: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: FnOnce(&View) -> Result<T, StoreError> + Send + 'static,
    {
        let permits = Arc::clone(&self.shared.permits);
        let permit = tokio::time::timeout(READ_MAX, permits.acquire_owned()).await;
        let permit = permit.map_err(|_| StoreError::TooSlow)?.map_err(|_| StoreError::Closed)?;
        let shared = Arc::clone(&self.shared);
        let done = tokio::task::spawn_blocking(move || {
            // Held until the read is over, also where whoever asked has left.
            let _permit = permit;
            let view = shared.take(access)?;
            *view.end.lock().unwrap_or_else(PoisonError::into_inner) = clock::steady_now() + READ_MAX;
            let result = view.at_one_moment(read);
            // One that failed may be of a file that is no longer there.
            if result.is_ok() {
                shared.idle.lock().unwrap_or_else(PoisonError::into_inner).push(view);
            }
            result
        });
        done.await.map_err(|error| StoreError::Failed(error.to_string()))?
    }

    /// Where the file is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.shared.path
    }
}

impl Shared {
    fn take(&self, access: Access) -> Result<View, StoreError> {
        let file = Identity::of(&self.path);
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        idle.retain(|view| Some(view.file) == file);
        match idle.iter().position(|view| view.access == access) {
            Some(found) => Ok(idle.swap_remove(found)),
            None => {
                drop(idle);
                View::open(&self.path, access)
            }
        }
    }
}

impl View {
    fn open(path: &Path, access: Access) -> Result<Self, StoreError> {
        let failed = |error: foreign::ForeignError| StoreError::Failed(error.to_string());
        // Looked at first: a file that is replaced meanwhile is opened once too often, not kept.
        let file = Identity::of(path);
        let connection = foreign::open(path, access).map_err(failed)?;
        let file = file.ok_or_else(|| failed(foreign::ForeignError::Missing { path: path.into() }))?;
        connection.set_prepared_statement_cache_capacity(STATEMENTS_KEPT);
        let end = Arc::new(Mutex::new(clock::steady_now() + READ_MAX));
        let its_end = Arc::clone(&end);
        let is_over = move || clock::steady_now() >= *its_end.lock().unwrap_or_else(PoisonError::into_inner);
        connection.progress_handler(INSTRUCTIONS_BETWEEN_LOOKS, Some(is_over))?;
        connection.authorizer(Some(foreign::authorize_house(access)))?;
        Ok(Self { connection, file, access, end })
    }

    fn at_one_moment<T>(&self, read: impl FnOnce(&Self) -> Result<T, StoreError>) -> Result<T, StoreError> {
        self.connection.prepare_cached("BEGIN")?.execute([])?;
        let result = read(self);
        self.connection.prepare_cached("COMMIT")?.execute([])?;
        result
    }

    /// A statement, compiled or from the cache.
    pub(super) fn prepare(&self, sql: &str) -> Result<CachedStatement<'_>, StoreError> {
        Ok(self.connection.prepare_cached(sql)?)
    }

    /// Every row that a statement reads.
    pub(super) fn list<T>(
        &self,
        sql: &str,
        params: impl Params,
        read: impl FnMut(&Row<'_>) -> rusqlite::Result<T>,
    ) -> Result<Vec<T>, StoreError> {
        let mut statement = self.prepare(sql)?;
        let rows = statement.query_map(params, read)?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    /// The first change that is still there; the next one to come where there is none.
    ///
    /// # Errors
    /// When the file can't be read.
    pub fn find_first_seq(&self) -> Result<i64, StoreError> {
        match self.list(FIRST_SEQ, [], |row| row.get::<_, Option<i64>>(0))?.pop().flatten() {
            Some(first) => Ok(first),
            None => Ok(self.find_seq()? + 1),
        }
    }

    /// The last change that there was, also where every change was dropped again.
    ///
    /// # Errors
    /// When the file can't be read.
    pub fn find_seq(&self) -> Result<i64, StoreError> {
        Ok(self.list(foreign::SEQ, [], |row| row.get(0))?.pop().unwrap_or(0))
    }
}
