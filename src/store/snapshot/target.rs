//! Where a snapshot goes: never over the mirror or what lies beside it, never over anything but a snapshot, and only
//! where there is room for it.

use std::ffi::OsString;
use std::fs::{self, File};
use std::io::{self, Read};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use rustix::fs::statvfs;

use super::SnapshotError;
use crate::store::identity::Identity;
use crate::store::open::{APPLICATION_ID, MAGIC};
use crate::store::place::{self, Place, folder_of, with_ending};

/// People's data: for the owner and the group, and never for more than may read the mirror.
const MODE: u32 = 0o640;

/// What lies beside a mirror and is named after it.
const BESIDE: [&str; 6] = ["-wal", "-shm", "-journal", "-lock", "-key", "-tokens"];

/// Where SQLite's header says who writes the file, and whether it needs a log beside it.
const HEADER_BYTES: u64 = 100;
const LOGGED_AT: usize = 18;
const NOT_LOGGED: u8 = 1;
const APPLICATION_ID_AT: usize = 68;

/// Begins the snapshot `file` of `mirror`.
pub(super) fn begin(mirror: &Path, file: &Path) -> Result<Place, SnapshotError> {
    let in_the_way = |cause| SnapshotError::InTheWay { path: file.into(), cause };
    if Identity::of(file).is_some_and(|there| Identity::of(mirror) == Some(there)) {
        return Err(in_the_way("it is the mirror itself"));
    }
    let path = place::follow(file, fs::Metadata::is_file, "it is no regular file").map_err(|cause| {
        match cause.kind() {
            io::ErrorKind::AlreadyExists => in_the_way("it is no regular file"),
            _ => SnapshotError::file(file, cause),
        }
    })?;
    if is_beside(mirror, &path) {
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
    // Looked at before it is opened: opening a pipe waits for its other end.
    if !fs::metadata(path)?.is_file() {
        return Ok(false);
    }
    let mut header = Vec::new();
    File::open(path)?.take(HEADER_BYTES).read_to_end(&mut header)?;
    let id = header.get(APPLICATION_ID_AT..APPLICATION_ID_AT + 4);
    let id = id.and_then(|id| id.try_into().ok()).map(|id| i64::from(u32::from_be_bytes(id)));
    Ok(header.starts_with(MAGIC) && id == Some(APPLICATION_ID) && header.get(LOGGED_AT) == Some(&NOT_LOGGED))
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

/// Whether `path` is a name that a file of the mirror's has or may get.
fn is_beside(mirror: &Path, path: &Path) -> bool {
    let mirror = mirror.canonicalize().unwrap_or_else(|_| mirror.into());
    let Ok(folder) = folder_of(path).canonicalize() else { return false };
    let here: PathBuf = folder.join(path.file_name().map_or_else(OsString::new, Into::into));
    here == mirror || BESIDE.iter().any(|ending| here == with_ending(&mirror, ending))
}
