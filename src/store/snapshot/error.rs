//! Why a file was not copied or put in its place, by what a caller does about it.

use std::io;
use std::path::{Path, PathBuf};

use crate::store::error::OpenError;

/// Why a snapshot was not taken, or not put in the mirror's place.
#[derive(Debug, thiserror::Error)]
pub enum SnapshotError {
    /// What is to be copied can't be read.
    #[error(transparent)]
    Unreadable(#[from] OpenError),
    /// What stands there is not replaced.
    #[error("cannot write {}: {cause}", path.display())]
    InTheWay {
        /// The file.
        path: PathBuf,
        /// What it is.
        cause: &'static str,
    },
    /// There is not enough room.
    #[error("cannot write {}: it needs {} MB, and {} MB are free", path.display(), mb(*needed_bytes), free_bytes >> 20)]
    NoRoom {
        /// The file.
        path: PathBuf,
        /// Its size.
        needed_bytes: u64,
        /// What may be written there.
        free_bytes: u64,
    },
    /// It can't be made, written or put in its place.
    #[error("cannot write {}: {cause}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// The system's or SQLite's words.
        cause: io::Error,
    },
    /// The copy is not whole, and so is what was copied, or the disk.
    #[error("cannot use the copy of {}: {cause}", path.display())]
    Damaged {
        /// What was copied.
        path: PathBuf,
        /// What was found; never a value.
        cause: &'static str,
    },
    /// A program has the mirror open and keeps its log from being emptied.
    #[error("cannot replace {}: a program is reading it and does not let go", path.display())]
    InUse {
        /// The mirror.
        path: PathBuf,
    },
    /// A process is sending from the mirror.
    #[error("cannot replace {}: a process is sending from it, or erases somebody", path.display())]
    Sending {
        /// The mirror.
        path: PathBuf,
    },
    /// What is put there would belong to another user than what is replaced.
    #[error("cannot replace {}: it belongs to another user, and the new one would not", path.display())]
    NotOwner {
        /// The mirror.
        path: PathBuf,
    },
    /// It was told to stop.
    #[error("it was stopped")]
    Stopped,
}

/// Rounded up: who makes so much room has enough.
fn mb(bytes: u64) -> u64 {
    bytes.div_ceil(1 << 20)
}

impl SnapshotError {
    /// What the operator can do, where there is something.
    #[must_use]
    pub fn hint(&self) -> Option<&'static str> {
        Some(match self {
            Self::Unreadable(error) => return Some(error.hint()),
            Self::InTheWay { .. } => "name another file; only an earlier snapshot is replaced",
            Self::NoRoom { .. } => "make room there, or use another disk",
            Self::File { .. } => "name another place, or make room there and let this user write to it",
            Self::Damaged { .. } => {
                "see whether `check` finds the mirror whole and the disk works; an older snapshot may be whole"
            }
            Self::InUse { .. } => "end that program (`lsof` on the file names it), then try again",
            Self::Sending { .. } => "wait until it has sent, or end it; what it sent is taken over",
            Self::NotOwner { .. } => "run as root, or as the user whom the file belongs to",
            Self::Stopped => return None,
        })
    }

    pub(in crate::store) fn file(path: &Path, cause: io::Error) -> Self {
        Self::File { path: path.into(), cause }
    }

    /// Of a statement on the copy.
    pub(super) fn of_copy(path: &Path, from: &Path, error: &rusqlite::Error) -> Self {
        use rusqlite::ErrorCode;
        match error.sqlite_error_code() {
            Some(ErrorCode::OperationInterrupted) => Self::Stopped,
            Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => {
                Self::Damaged { path: from.into(), cause: "SQLite finds it damaged" }
            }
            Some(ErrorCode::DiskFull) => Self::file(path, io::ErrorKind::StorageFull.into()),
            _ => Self::file(path, io::Error::other(error.to_string())),
        }
    }
}
