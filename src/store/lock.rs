//! One writer per file: exclusive locks on `<file>-lock` and on the file itself, held as long as the
//! file is open for writing. Either keeps a second writer out: the first where the file was replaced,
//! the second where the lock's file was removed. The system lets go of both with the process, however
//! that ends; the lock's file stays, since removing it would race with the next process.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, Read, Seek, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use super::error::OpenError;

/// It is personal data: its owner writes, its group reads, and nobody else.
const MODE: u32 = 0o640;

/// Held locks; dropping them lets go.
#[derive(Debug)]
pub(super) struct Lock {
    _file: File,
    /// Opened before SQLite opens the file and closed after it: closing any handle of a file lets go
    /// of SQLite's own locks on it in the whole process. Those are of another kind than this one and
    /// don't meet it, so readers are not kept out.
    _database: File,
}

impl Lock {
    /// Locks the database at `path`, makes it if it is not there, and leaves this process's number in
    /// the lock's file.
    pub(super) fn take(path: &Path) -> Result<Self, OpenError> {
        let failed = |error: io::Error| refused(path, &error);
        let mut file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .mode(MODE)
            // Root restores, too, in a folder that another user may write: a link would have root write elsewhere.
            .custom_flags(libc::O_NOFOLLOW)
            .open(beside(path, "-lock"))
            .map_err(failed)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Err(OpenError::Locked { path: path.into(), pid: read_pid(&mut file) });
            }
            Err(TryLockError::Error(error)) => return Err(failed(error)),
        }
        make(path)?;
        let database = File::open(path).map_err(failed)?;
        match database.try_lock() {
            Ok(()) => {}
            // Its number stood in the lock's file that was removed.
            Err(TryLockError::WouldBlock) => return Err(OpenError::Locked { path: path.into(), pid: None }),
            Err(TryLockError::Error(error)) => return Err(failed(error)),
        }
        // Who holds it is a courtesy: a full disk must not keep the lock from being taken.
        let _ = file
            .set_len(0)
            .and_then(|()| file.rewind())
            .and_then(|()| writeln!(file, "{}", std::process::id()));
        Ok(Self { _file: file, _database: database })
    }
}

/// What lies beside the database at `path` and is named after it, as its lock. Links are followed, so
/// that two names of one file share one lock.
pub(super) fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.canonicalize().unwrap_or_else(|_| path.to_path_buf()).into_os_string();
    name.push(ending);
    PathBuf::from(name)
}

/// Whether a process writes the database at `path`, and its number, where its lock tells. Not to be
/// asked in a process that has the database open, whose SQLite would lose its locks.
pub(super) fn find_writer(path: &Path) -> (bool, Option<u32>) {
    let lock = open_regular(&beside(path, "-lock"));
    if let Some(mut file) = lock.filter(is_locked) {
        return (true, read_pid(&mut file));
    }
    (open_regular(path).is_some_and(|file| is_locked(&file)), None)
}

/// A lock that can be shared for a moment is held by nobody.
fn is_locked(file: &File) -> bool {
    matches!(file.try_lock_shared(), Err(TryLockError::WouldBlock))
}

/// Opening a pipe would wait for its other end.
fn open_regular(path: &Path) -> Option<File> {
    path.is_file().then(|| File::open(path).ok()).flatten()
}

fn read_pid(file: &mut File) -> Option<u32> {
    let mut text = String::new();
    file.take(16).read_to_string(&mut text).ok()?;
    text.trim().parse().ok()
}

/// Makes the file if it is not there: SQLite would let everybody read it, if the umask does.
fn make(path: &Path) -> Result<(), OpenError> {
    match OpenOptions::new().write(true).create_new(true).mode(MODE).open(path) {
        Ok(_empty) => Ok(()),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        Err(error) => Err(refused(path, &error)),
    }
}

fn refused(path: &Path, error: &io::Error) -> OpenError {
    match error.kind() {
        io::ErrorKind::NotFound => OpenError::NoFolder { path: path.into() },
        io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => {
            OpenError::NotPermitted { path: path.into(), reason: error.to_string() }
        }
        io::ErrorKind::StorageFull => OpenError::Full { path: path.into() },
        _ => OpenError::Failed { path: path.into(), reason: error.to_string() },
    }
}
