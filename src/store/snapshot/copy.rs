//! The copying: pages out of one held read transaction into a file of its own, which is then made one that needs
//! nothing beside it, and looked through.

use std::ffi::c_int;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use rusqlite::backup::{Backup, StepResult};
use rusqlite::{Connection, OpenFlags};

use super::{SnapshotError, Watch};
use crate::store::error::OpenError;
use crate::store::open;
use crate::store::place::Place;
use crate::store::summary::Summary;

/// Pages copied between two looks: some four megabytes.
const PAGES_A_STEP: c_int = 1_024;
/// SQLite's own instructions between two looks.
const INSTRUCTIONS_BETWEEN_LOOKS: i32 = 100_000;
/// How long a program that opens or closes the file may keep it to itself.
const BUSY_WAIT: Duration = Duration::from_secs(10);

/// A file at one moment, held until it is copied.
pub(in crate::store) struct Source {
    path: PathBuf,
    connection: Connection,
    pub(in crate::store) summary: Summary,
}

impl Source {
    /// Opens the mirror or snapshot at `path` for reading, and holds the moment that it shows.
    pub(in crate::store) fn open(path: &Path) -> Result<Self, OpenError> {
        let failed = |error: rusqlite::Error| OpenError::from_rusqlite(path.into(), &error);
        match path.metadata() {
            Ok(there) if !there.is_file() => return Err(OpenError::NotADatabase { path: path.into() }),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                return Err(OpenError::NoFile { path: path.into() });
            }
            _ => {}
        }
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(path, flags).map_err(failed)?;
        connection.busy_timeout(BUSY_WAIT).map_err(failed)?;
        connection.execute_batch("BEGIN").map_err(failed)?;
        open::check_ours(path, &connection)?;
        let summary = Summary::read(&connection).map_err(failed)?;
        if summary.version == 0 {
            // Nothing was ever written here.
            return Err(OpenError::NotOurs { path: path.into() });
        }
        Ok(Self { path: path.into(), connection, summary })
    }

    /// Looks through it where it lies, without copying it.
    pub(in crate::store) fn check(&self, watch: &Watch) -> Result<(), SnapshotError> {
        look_through(&self.connection, &self.path, &self.path, watch)
    }
}

/// Copies what `source` holds into `place`, lets go of it, and sees that the copy is whole.
pub(in crate::store) fn copy(source: Source, place: &Place, watch: &Watch) -> Result<Summary, SnapshotError> {
    let Source { path, connection, summary } = source;
    copy_pages(&path, &connection, summary.bytes, place, watch)?;
    // The writer may cut its log from here on.
    drop(connection);
    let copied = make_whole(&path, place.partial(), watch)?;
    if copied != summary {
        return Err(SnapshotError::Damaged { path, cause: "it does not say what the original says" });
    }
    Ok(copied)
}

fn copy_pages(
    path: &Path,
    source: &Connection,
    bytes: u64,
    place: &Place,
    watch: &Watch,
) -> Result<(), SnapshotError> {
    let failed = |error: rusqlite::Error| SnapshotError::of_copy(place.partial(), path, &error);
    let mut target = open_copy(place.partial()).map_err(failed)?;
    target.pragma_update(None, "journal_mode", "OFF").map_err(failed)?;
    let backup = Backup::new(source, &mut target).map_err(failed)?;
    loop {
        if (watch.should_stop)() {
            return Err(SnapshotError::Stopped);
        }
        let step = backup.step(PAGES_A_STEP).map_err(failed)?;
        let progress = backup.progress();
        let pages = |count: c_int| u64::try_from(count).unwrap_or(0);
        let page_bytes = bytes / pages(progress.pagecount).max(1);
        (watch.copied)(bytes.saturating_sub(pages(progress.remaining) * page_bytes), bytes);
        // Nobody else knows the copy, and the source is held: what is busy is so for a moment.
        if step == StepResult::Done {
            return Ok(());
        }
    }
}

/// The unfinished copy, in nobody else's hands. It is put on the disk as a whole at its end.
fn open_copy(path: &Path) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.pragma_update(None, "locking_mode", "EXCLUSIVE")?;
    connection.pragma_update(None, "synchronous", "OFF")?;
    Ok(connection)
}

/// Makes the copy at `path` of the file at `from` one that needs no log beside it, and looks through it.
fn make_whole(from: &Path, path: &Path, watch: &Watch) -> Result<Summary, SnapshotError> {
    let failed = |error: rusqlite::Error| SnapshotError::of_copy(path, from, &error);
    let connection = open_copy(path).map_err(failed)?;
    let mode: String = connection
        .pragma_update_and_check(None, "journal_mode", "DELETE", |row| row.get(0))
        .map_err(failed)?;
    if mode != "delete" {
        return Err(SnapshotError::file(path, std::io::Error::other("it keeps its log")));
    }
    look_through(&connection, from, path, watch)?;
    let summary = Summary::read(&connection).map_err(failed)?;
    connection.close().map_err(|(_, error)| failed(error))?;
    Ok(summary)
}

/// `from` is whose copy `path` is.
fn look_through(
    connection: &Connection,
    from: &Path,
    path: &Path,
    watch: &Watch,
) -> Result<(), SnapshotError> {
    let failed = |error: rusqlite::Error| SnapshotError::of_copy(path, from, &error);
    let damaged = |cause| SnapshotError::Damaged { path: from.into(), cause };
    let should_stop = Arc::clone(&watch.should_stop);
    let asked = connection.progress_handler(INSTRUCTIONS_BETWEEN_LOOKS, Some(move || should_stop()));
    asked.map_err(failed)?;
    let found: String =
        connection.query_row("PRAGMA integrity_check(1)", [], |row| row.get(0)).map_err(failed)?;
    if found != "ok" {
        return Err(damaged("SQLite finds it damaged"));
    }
    let mut orphans = connection.prepare("PRAGMA foreign_key_check").map_err(failed)?;
    if orphans.exists([]).map_err(failed)? {
        return Err(damaged("rows name others that are not there"));
    }
    Ok(())
}
