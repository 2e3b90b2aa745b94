//! The file, opened for reading: beside a writer in another process or without one. A file that is put in
//! its place is read from then on.

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use sqlx::SqlitePool;

use super::alert;
use super::error::{OpenError, StoreError};
use super::identity::Identity;
use super::measure::{self, Measures, Sizes};
use super::open;
use super::reading::{self, DirectoryStatus, FileCounts};
use crate::alert::{Firing, Key};
use crate::directory::AccountName;
use crate::instant::UtcInstant;

/// The file, open for reading: without a lock, and whoever writes is not disturbed.
#[derive(Clone)]
pub struct Reader {
    path: Arc<Path>,
    opened: Arc<Mutex<Opened>>,
}

/// Connections to the file that was at the path.
struct Opened {
    file: Option<Identity>,
    readers: SqlitePool,
}

impl Reader {
    /// Opens a file that is there and that this version wrote.
    pub async fn open(path: &Path) -> Result<Self, OpenError> {
        let path: Arc<Path> = path.into();
        let file = Identity::of(&path);
        check(Arc::clone(&path)).await?;
        let readers = open::open_readers(path.to_path_buf()).await?;
        Ok(Self { path, opened: Arc::new(Mutex::new(Opened { file, readers })) })
    }

    /// Where the file is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The freshness of every directory that is listed, at `now`.
    pub async fn list_status(&self, now: UtcInstant) -> Result<Vec<DirectoryStatus>, StoreError> {
        reading::list_status(&self.readers().await?, now).await
    }

    /// Accounts whose directories could not be listed, and why.
    pub async fn list_account_errors(&self) -> Result<Vec<(AccountName, String)>, StoreError> {
        reading::list_account_errors(&self.readers().await?).await
    }

    /// Whether any account's directories were ever listed.
    pub async fn is_listed(&self) -> Result<bool, StoreError> {
        reading::is_listed(&self.readers().await?).await
    }

    /// Alerts that fire.
    pub async fn list_firing(&self) -> Result<Vec<(Key, Firing)>, StoreError> {
        alert::list_firing(&self.readers().await?).await
    }

    /// What the file holds.
    pub async fn count_all(&self) -> Result<FileCounts, StoreError> {
        reading::count_all(&self.readers().await?).await
    }

    /// What the file says of itself to metrics.
    pub async fn measure(&self) -> Result<Measures, StoreError> {
        measure::measure(&self.readers().await?).await
    }

    /// What lies on the disk, also where the file itself can't be read.
    #[must_use]
    pub fn look_up_sizes(&self) -> Sizes {
        measure::look_up_sizes(&self.path)
    }

    /// Lets go of the file.
    pub async fn close(self) {
        let readers = self.opened.lock().unwrap_or_else(PoisonError::into_inner).readers.clone();
        readers.close().await;
    }

    /// Connections to the file that is at the path now.
    async fn readers(&self) -> Result<SqlitePool, StoreError> {
        let file = Identity::of(&self.path);
        {
            let opened = self.opened.lock().unwrap_or_else(PoisonError::into_inner);
            if opened.file == file {
                return Ok(opened.readers.clone());
            }
        }
        let failed = |error: OpenError| StoreError::Failed(error.to_string());
        check(Arc::clone(&self.path)).await.map_err(failed)?;
        let readers = open::open_readers(self.path.to_path_buf()).await.map_err(failed)?;
        let mut opened = self.opened.lock().unwrap_or_else(PoisonError::into_inner);
        *opened = Opened { file, readers: readers.clone() };
        Ok(readers)
    }
}

async fn check(path: Arc<Path>) -> Result<(), OpenError> {
    let checked = Arc::clone(&path);
    tokio::task::spawn_blocking(move || open::check_readable(&checked))
        .await
        .map_err(|error| OpenError::Failed { path: path.to_path_buf(), reason: error.to_string() })?
}
