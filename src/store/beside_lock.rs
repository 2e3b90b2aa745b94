//! Locks on files beside the mirror, apart from the writer's own: let go of with the handle, or the process.
//!
//! Whoever writes beside the daemon (sends, opt-outs, erasures) shares one; a restore has it alone, so that
//! nothing is written into the file that loses its place.

use std::fs::{File, OpenOptions, TryLockError};
use std::io;
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _, fchown};
use std::path::Path;

use rustix::process::geteuid;

use super::lock::beside;

/// Its owner alone: whoever could lock it could keep others out.
const MODE: u32 = 0o600;
/// Behind the mirror's name.
const RESTORE_LOCK: &str = "-restore-lock";

/// Opens, or makes, the file whose name has this ending.
pub(super) fn open(path: &Path, ending: &str) -> io::Result<File> {
    let mut options = OpenOptions::new();
    // Whoever owns the folder may have put a link there, and this may be root's process.
    options.read(true).write(true).create(true).truncate(false).mode(MODE).custom_flags(libc::O_NOFOLLOW);
    let file = options.open(beside(path, ending))?;
    if geteuid().is_root() {
        if file.metadata()?.nlink() > 1 {
            return Err(io::Error::new(io::ErrorKind::PermissionDenied, "it has another name, too"));
        }
        // Whose mirror it is has to lock what root has made here.
        let owner = std::fs::metadata(path)?;
        fchown(&file, Some(owner.uid()), Some(owner.gid()))?;
    }
    Ok(file)
}

/// Keeps restores out; an error of the kind "would block": one is under way.
pub(super) fn keep_restore_out(path: &Path) -> io::Result<File> {
    let file = open(path, RESTORE_LOCK)?;
    file.try_lock_shared().map_err(cause)?;
    Ok(file)
}

/// Keeps everybody out who writes beside the daemon; an error of the kind "would block": somebody does.
pub(super) fn restore_alone(path: &Path) -> io::Result<File> {
    let file = open(path, RESTORE_LOCK)?;
    file.try_lock().map_err(cause)?;
    Ok(file)
}

fn cause(error: TryLockError) -> io::Error {
    match error {
        TryLockError::WouldBlock => io::ErrorKind::WouldBlock.into(),
        TryLockError::Error(error) => error,
    }
}
