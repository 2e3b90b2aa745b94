//! Where a snapshot goes: never over the mirror or what lies beside it, never over anything but a snapshot, and only
//! where there is room for it.

use std::fs;
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use rustix::fs::statvfs;

use super::SnapshotError;
use crate::store::header::Header;
use crate::store::identity::{is_own, is_same_file};
use crate::store::place::{self, Place, folder_of, with_ending};

/// People's data: for the owner and the group, and never for more than may read the mirror.
const MODE: u32 = 0o640;

/// Begins the snapshot `file` of `mirror`.
pub(super) fn begin(mirror: &Path, file: &Path) -> Result<Place, SnapshotError> {
    let in_the_way = |cause| SnapshotError::InTheWay { path: file.into(), cause };
    if is_same_file(file, mirror) {
        return Err(in_the_way("it is the mirror itself"));
    }
    let path = place::follow(file, fs::Metadata::is_file, "it is no regular file").map_err(|cause| {
        match cause.kind() {
            io::ErrorKind::AlreadyExists => in_the_way("it is no regular file"),
            _ => SnapshotError::file(file, cause),
        }
    })?;
    if is_own(mirror, &path) {
        return Err(in_the_way("it is the name of one of the mirror's own files"));
    }
    match is_snapshot(&path) {
        Ok(true) => {}
        Ok(false) => return Err(in_the_way("it is there and is no snapshot of a mirror")),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(cause) => return Err(SnapshotError::file(file, cause)),
    }
    // SQLite would take them for the new file's own, and undo or overwrite a part of it.
    let has = |ending| fs::metadata(with_ending(&path, ending)).is_ok_and(|beside| beside.len() > 0);
    if has("-wal") || has("-journal") {
        return Err(in_the_way("a program has written beside it what is not in it yet"));
    }
    Place::begin(&path, mode_like(mirror)).map_err(|cause| SnapshotError::file(file, cause))
}

/// Whether a file is one that a snapshot may replace: a mirror's, that no log belongs to.
///
/// # Errors
/// When it can't be read.
pub fn is_snapshot(path: &Path) -> io::Result<bool> {
    let header = Header::read(path)?;
    Ok(header.is_mirrors() && header.is_without_log())
}

/// What a copy of a file may be read by.
fn mode_like(file: &Path) -> u32 {
    fs::metadata(file).map_or(MODE, |there| there.permissions().mode() & MODE)
}

/// Sees that so many bytes may be written beside `file`.
pub(in crate::store) fn check_room(file: &Path, needed_bytes: u64) -> Result<(), SnapshotError> {
    let folder = folder_of(file);
    let disk = statvfs(folder).map_err(|error| SnapshotError::file(file, error.into()))?;
    let free_bytes = disk.f_bavail.saturating_mul(disk.f_frsize);
    if free_bytes < needed_bytes {
        return Err(SnapshotError::NoRoom { path: file.into(), needed_bytes, free_bytes });
    }
    Ok(())
}
