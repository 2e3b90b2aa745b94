//! Which file is at a path: another one may be put there while it is being served. And which are the mirror's own.

use std::ffi::OsString;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use super::place::{folder_of, with_ending};

/// What lies beside a mirror and is named after it.
const BESIDE: [&str; 8] =
    ["-wal", "-shm", "-journal", "-lock", "-sends-lock", "-restore-lock", "-key", "-tokens"];

/// A file, told apart from every other that is there at the same time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Identity {
    device: u64,
    inode: u64,
}

impl Identity {
    /// Of the file at `path`; `None` if there is none that can be seen.
    pub(super) fn of(path: &Path) -> Option<Self> {
        let metadata = path.metadata().ok()?;
        Some(Self { device: metadata.dev(), inode: metadata.ino() })
    }
}

/// Whether both names lead to one file; neither is opened.
#[must_use]
pub fn is_same_file(one: &Path, other: &Path) -> bool {
    Identity::of(one).is_some_and(|one| Identity::of(other) == Some(one))
}

/// Whether `path` is a name that a file of the mirror's has or may get.
pub(super) fn is_own(mirror: &Path, path: &Path) -> bool {
    let mirror = mirror.canonicalize().unwrap_or_else(|_| mirror.into());
    let Ok(folder) = folder_of(path).canonicalize() else { return false };
    let here: PathBuf = folder.join(path.file_name().map_or_else(OsString::new, Into::into));
    here == mirror || BESIDE.iter().any(|ending| here == with_ending(&mirror, ending))
}
