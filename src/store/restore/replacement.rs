//! One file in another's place, so that a process killed between any two steps leaves the one or the other there,
//! whole.
//!
//! What lies in the old file's log would be applied to whatever file has its name. So the log is put into the old file
//! first, and only then taken away; the old file gets its second name before it loses the first; and the new one takes
//! that by one rename. A file that SQLite can't read has no log that could be put into it: the log goes along with it,
//! and what is left in between is what was damaged before.

use std::cell::Cell;
use std::fs;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::{Connection, ErrorCode, OpenFlags};

use super::There;
use crate::instant::UtcInstant;
use crate::store::place::{Place, folder_of, sync_folder_of, with_ending};
use crate::store::snapshot::SnapshotError;

/// How long a reader may take to let go of an old moment.
const BUSY_WAIT: Duration = Duration::from_secs(5);
/// Between the mirror's name and the moment at which it was replaced.
pub(in crate::store) const REPLACED: &str = ".replaced-";

/// A step; each leaves the old file whole.
pub(super) type Step = fn(&Replacement) -> Result<(), SnapshotError>;

/// What is done before the new file takes the name.
pub(super) const STEPS: [Step; 4] =
    [Replacement::forget_killed, Replacement::settle, Replacement::keep, Replacement::clear];
/// So many of them are done before the old file's last words are read: what is written after them is found by the last.
const SETTLED: usize = 2;

/// A new file, whole but for its name, and the old one.
pub(super) struct Replacement {
    path: PathBuf,
    place: Place,
    /// What the old one will be called.
    kept: PathBuf,
    is_there: bool,
    /// SQLite can't read it, and so can't empty its log.
    is_damaged: Cell<bool>,
}

impl Replacement {
    pub(super) fn new(
        path: &Path,
        place: Place,
        there: &There,
        now: UtcInstant,
    ) -> Result<Self, SnapshotError> {
        let moment = now.to_string().replace(':', "-");
        let name = |n: u32| match n {
            1 => with_ending(path, format!("{REPLACED}{moment}")),
            n => with_ending(path, format!("{REPLACED}{moment}-{n}")),
        };
        let kept = (1..1_000).map(name).find(|kept| kept.symlink_metadata().is_err());
        let kept = kept.ok_or_else(|| SnapshotError::InTheWay {
            path: name(1),
            cause: "too much was replaced within a second",
        })?;
        Ok(Self {
            path: path.into(),
            place,
            kept,
            is_there: *there != There::Nothing,
            is_damaged: Cell::new(!matches!(there, There::Mirror(_))),
        })
    }

    /// All of it; what the old file is called now. `take_over` finishes the new one, at this path, from the old one,
    /// which nobody writes any more.
    pub(super) fn carry_out<T>(
        self,
        take_over: impl FnOnce(&Path) -> Result<T, SnapshotError>,
    ) -> Result<(Option<PathBuf>, T), SnapshotError> {
        let (before, after) = STEPS.split_at(SETTLED);
        let take = |steps: &[Step]| steps.iter().try_for_each(|step| step(&self));
        let done = take(before).and_then(|()| {
            let taken = take_over(self.place.partial())?;
            take(after).map(|()| taken)
        });
        let taken = done.inspect_err(|_| {
            // Two names of one file that is written would be two logs. What is left is the next one's.
            let _ = self.forget_killed();
        })?;
        let kept = self.is_there.then(|| self.kept.clone());
        let path = self.path.clone();
        self.place.commit().map_err(|cause| SnapshotError::file(&path, cause))?;
        Ok((kept, taken))
    }

    fn failed(&self, cause: io::Error) -> SnapshotError {
        SnapshotError::file(&self.path, cause)
    }

    /// A second name that a killed restore left to the file that is still the mirror.
    fn forget_killed(&self) -> Result<(), SnapshotError> {
        let begins = with_ending(&self.path, REPLACED);
        let identity = |path: &Path| path.symlink_metadata().map(|it| (it.dev(), it.ino())).ok();
        let mirror = identity(&self.path);
        for entry in fs::read_dir(folder_of(&self.path)).map_err(|cause| self.failed(cause))? {
            let path = folder_of(&self.path).join(entry.map_err(|cause| self.failed(cause))?.file_name());
            let is_second =
                path.as_os_str().as_encoded_bytes().starts_with(begins.as_os_str().as_encoded_bytes())
                    && identity(&path) == mirror;
            if is_second {
                fs::remove_file(&path).map_err(|cause| self.failed(cause))?;
            }
        }
        Ok(())
    }

    /// Puts the old file's log into it.
    fn settle(&self) -> Result<(), SnapshotError> {
        if self.is_damaged.get() {
            return Ok(());
        }
        let checkpoint = || -> rusqlite::Result<i64> {
            let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
            let connection = Connection::open_with_flags(&self.path, flags)?;
            connection.busy_timeout(BUSY_WAIT)?;
            connection.pragma_update(None, "synchronous", "FULL")?;
            connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get(0))
        };
        let in_use = SnapshotError::InUse { path: self.path.clone() };
        match checkpoint() {
            Ok(0) => Ok(()),
            Ok(_) => Err(in_use),
            Err(error) => match error.sqlite_error_code() {
                Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Err(in_use),
                Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => {
                    self.is_damaged.set(true);
                    Ok(())
                }
                Some(ErrorCode::DiskFull) => Err(self.failed(io::ErrorKind::StorageFull.into())),
                _ => Err(self.failed(io::Error::other(error.to_string()))),
            },
        }
    }

    /// Gives the old file a second name.
    fn keep(&self) -> Result<(), SnapshotError> {
        if self.is_there {
            fs::hard_link(&self.path, &self.kept).map_err(|cause| self.failed(cause))?;
            sync_folder_of(&self.path).map_err(|cause| self.failed(cause))?;
        }
        Ok(())
    }

    /// Takes away what SQLite would take for the new file's own.
    fn clear(&self) -> Result<(), SnapshotError> {
        for ending in ["-wal", "-journal"] {
            let beside = with_ending(&self.path, ending);
            let done = match fs::metadata(&beside) {
                Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
                Err(error) => Err(error),
                Ok(log) if log.len() == 0 => fs::remove_file(&beside),
                Ok(_) if self.is_damaged.get() => fs::rename(&beside, with_ending(&self.kept, ending)),
                // Somebody has written since it was emptied.
                Ok(_) => return Err(SnapshotError::InUse { path: self.path.clone() }),
            };
            done.map_err(|cause| self.failed(cause))?;
        }
        match fs::remove_file(with_ending(&self.path, "-shm")) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(self.failed(error)),
            _ => sync_folder_of(&self.path).map_err(|cause| self.failed(cause)),
        }
    }
}
