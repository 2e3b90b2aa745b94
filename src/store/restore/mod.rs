//! A snapshot in the mirror's place: copied beside it, checked, and put there when it is whole; what stood there stays
//! under another name.
//!
//! Changes are numbered on from where the replaced file was, so that no number ever tells two changes. Each
//! directory is told as `loaded` once more: who follows the feed reads it anew, and is as exact as before. What was sent, who opted out
//! and who was erased since the snapshot is taken over (`ledger`): it happened, and no restore makes it undone.
//! Deliberately not here: the masks' key, which lies outside the file.

mod erased;
mod feed;
mod ledger;
mod replacement;
mod statement;
mod telling;

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt, fchown, lchown};
use std::path::{Path, PathBuf};

use rusqlite::Connection;
use rustix::process::geteuid;

pub use self::ledger::{NotTakenOver, TakenOver};
pub(super) use self::replacement::REPLACED;

use self::ledger::Parts;
use self::replacement::Replacement;
use super::beside_lock;
use super::erasure::{bytes, is_any_left};
use super::error::OpenError;
use super::identity::is_same_file;
use super::ledger::{TurnError, lock_turn};
use super::lock::{self, Lock};
use super::place::{Place, folder_of};
use super::snapshot::{self, SnapshotError, Source, Watch};
use super::summary::Summary;
use crate::instant::UtcInstant;

/// What is put in whose place.
#[derive(Clone, Debug)]
pub struct Plan {
    /// What will be there.
    pub snapshot: Summary,
    /// What is there now.
    pub there: There,
    /// Whether a process writes it now, and its number, where its lock tells.
    pub writer: Option<Option<u32>>,
    /// Why sends, opt-outs and erasures since the snapshot are forgotten, where some are or may be.
    pub not_taken_over: Option<NotTakenOver>,
}

/// What is in the mirror's place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum There {
    /// No file, or an empty one.
    Nothing,
    /// A mirror.
    Mirror(Summary),
    /// A file that SQLite can't read any more.
    Unreadable(OpenError),
}

/// What was done.
#[derive(Clone, Debug)]
pub struct Restored {
    /// What was put in whose place.
    pub plan: Plan,
    /// What the replaced file is called now.
    pub kept: Option<PathBuf>,
    /// The number of the feed's last change now.
    pub change_seq: u64,
    /// What the snapshot did not know and the replaced file did.
    pub taken_over: TakenOver,
}

/// Looks at both files, the snapshot as a whole, and changes nothing.
///
/// # Errors
/// When the snapshot can't take the mirror's place.
pub fn plan_restore(mirror: &Path, file: &Path, watch: &Watch) -> Result<Plan, SnapshotError> {
    // Asked first: no file is open in SQLite's hands yet.
    let writer = lock::find_writer(mirror);
    let source = open_snapshot(mirror, file)?;
    source.check(watch)?;
    let writer = writer.0.then_some(writer.1);
    plan(mirror, &source, writer)
}

/// An obstacle that can't be found out is found when the ledger is taken over.
fn plan(mirror: &Path, source: &Source, writer: Option<Option<u32>>) -> Result<Plan, SnapshotError> {
    let (snapshot, there) = (source.summary.clone(), look_at(mirror)?);
    let not_taken_over = ledger::find_obstacle(mirror, &there, &snapshot);
    let not_taken_over = not_taken_over.unwrap_or(Some(NotTakenOver::Unreadable));
    Ok(Plan { snapshot, there, writer, not_taken_over })
}

/// Puts the snapshot `file` in the place of the mirror. Killed at any moment, it leaves the one or the other there,
/// whole. The new file belongs to whom the old one belonged to, or, without one, to whom the folder does.
///
/// # Errors
/// When it can't be done; what stood there stands there still.
pub fn restore(
    mirror: &Path,
    file: &Path,
    now: UtcInstant,
    watch: &Watch,
) -> Result<Restored, SnapshotError> {
    let source = open_snapshot(mirror, file)?;
    let was_there = mirror.exists();
    let lock = Lock::take(mirror)?;
    let path = mirror.canonicalize().map_err(|cause| SnapshotError::file(mirror, cause))?;
    give_to_owner(&path, was_there).map_err(|cause| SnapshotError::file(&path, cause))?;
    // Whoever goes on sending would write into the file that loses its place.
    let turn = lock_turn(&path).map_err(|error| match error {
        TurnError::Lock { path, cause } => SnapshotError::file(&path, cause),
        TurnError::Taken | TurnError::Store(_) => SnapshotError::Sending { path: path.clone() },
    })?;
    // So would whoever opts somebody out, or erases them.
    let alone = beside_lock::restore_alone(&path).map_err(|cause| match cause.kind() {
        std::io::ErrorKind::WouldBlock => SnapshotError::Sending { path: path.clone() },
        _ => SnapshotError::file(&path, cause),
    })?;
    let mut plan = plan(&path, &source, None)?;
    snapshot::check_room(&path, source.summary.bytes)?;
    let place = begin(&path)?;
    snapshot::copy(source, &place, watch)?;
    let replaced_seq = match &plan.there {
        There::Mirror(there) => Some(there.change_seq),
        There::Nothing | There::Unreadable(_) => None,
    };
    let failed =
        |error: rusqlite::Error| SnapshotError::file(&path, std::io::Error::other(error.to_string()));
    let change_seq = feed::go_on_from(place.partial(), replaced_seq, now).map_err(failed)?;
    if matches!(plan.there, There::Mirror(_)) && telling::take_over(&path, place.partial()).is_err() {
        // A mirror that is damaged there is restored all the same; what fires is found out again.
        tracing::warn!("cannot take over what was told of alerts: what fires is told once more");
    }
    let replacement = Replacement::new(&path, place, &plan.there, now)?;
    let (kept, taken_over) = replacement.carry_out(|partial| {
        let There::Mirror(there) = &plan.there else { return Ok(TakenOver::default()) };
        match ledger::take_over(&path, partial, Parts::of(there, &plan.snapshot), now) {
            Ok((taken, traces)) => wipe(partial, &traces).map(|()| taken),
            Err(error) if ledger::is_of_replaced(&error) => {
                plan.not_taken_over = Some(NotTakenOver::Unreadable);
                Ok(TakenOver::default())
            }
            Err(error) => Err(failed(error)),
        }
    })?;
    drop((alone, turn, lock));
    Ok(Restored { plan, kept, change_seq, taken_over })
}

/// Sees that no byte of who was erased is left in the unfinished file: the snapshot may hold older versions of rows.
fn wipe(partial: &Path, traces: &[String]) -> Result<(), SnapshotError> {
    if traces.is_empty() {
        return Ok(());
    }
    let traces: Vec<&str> = traces.iter().map(String::as_str).collect();
    let failed = |cause: String| SnapshotError::file(partial, std::io::Error::other(cause));
    let found = bytes::find(partial, &traces).map_err(|error| failed(error.to_string()))?;
    let connection = Connection::open(partial).map_err(|error| failed(error.to_string()))?;
    if is_any_left(&connection, &found).map_err(|error| failed(error.to_string()))? {
        connection.execute_batch("VACUUM").map_err(|error| failed(error.to_string()))?;
    }
    Ok(())
}

fn open_snapshot(mirror: &Path, file: &Path) -> Result<Source, SnapshotError> {
    if is_same_file(file, mirror) {
        return Err(SnapshotError::InTheWay {
            path: mirror.into(),
            cause: "it is the file that is to be restored",
        });
    }
    let source = Source::open(file)?;
    source.summary.check_version(file)?;
    Ok(source)
}

/// What is there. Another program's file, or one that may not be read, is left alone.
fn look_at(mirror: &Path) -> Result<There, SnapshotError> {
    if fs::metadata(mirror).map_or(true, |there| there.is_file() && there.len() == 0) {
        return Ok(There::Nothing);
    }
    match Source::open(mirror) {
        Ok(source) => Ok(There::Mirror(source.summary.clone())),
        Err(
            error @ (OpenError::NotADatabase { .. } | OpenError::Corrupt { .. } | OpenError::Failed { .. }),
        ) if mirror.is_file() => Ok(There::Unreadable(error)),
        Err(error) => Err(error.into()),
    }
}

/// Whoever owns the mirror, or without one its folder, has to write and lock what root has made here. A link that
/// they put in its place meanwhile gives them nothing.
fn give_to_owner(path: &Path, was_there: bool) -> std::io::Result<()> {
    if !geteuid().is_root() {
        return Ok(());
    }
    let owner = fs::metadata(if was_there { path } else { folder_of(path) })?;
    let (uid, gid) = (Some(owner.uid()), Some(owner.gid()));
    if !was_there {
        lchown(path, uid, gid)?;
    }
    lchown(lock::beside(path, "-lock"), uid, gid)
}

/// The unfinished file, readable for whom the old one was, before anything is in it.
fn begin(path: &Path) -> Result<Place, SnapshotError> {
    let failed = |cause| SnapshotError::file(path, cause);
    let old = fs::metadata(path).map_err(failed)?;
    let place = Place::begin(path, 0o600).map_err(failed)?;
    let made = place.file().metadata().map_err(failed)?;
    if (made.uid(), made.gid()) != (old.uid(), old.gid()) {
        fchown(place.file(), Some(old.uid()), Some(old.gid())).map_err(|cause| match cause.kind() {
            std::io::ErrorKind::PermissionDenied => SnapshotError::NotOwner { path: path.into() },
            _ => failed(cause),
        })?;
    }
    let mode = fs::Permissions::from_mode(old.permissions().mode() & 0o7777);
    place.file().set_permissions(mode).map_err(failed)?;
    Ok(place)
}

#[cfg(test)]
mod tests;
