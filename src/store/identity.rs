//! Which file is at a path: another one may be put there while it is being served.

use std::os::unix::fs::MetadataExt;
use std::path::Path;

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
