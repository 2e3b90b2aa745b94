//! The snapshot that is taken before a migration of a file that holds much: beside it, named after the schema that it
//! goes to. One stays: the next migration's takes its place.

use std::fs;
use std::path::{Path, PathBuf};

use super::{Source, Watch, take};
use crate::store::error::OpenError;
use crate::store::lock::beside;
use crate::store::open;
use crate::store::place::{PARTIAL, folder_of, sweep};

/// Between the mirror's name and the schema's version.
pub(in crate::store) const BEFORE: &str = "-before-";

/// Takes it where a migration is pending and the file has so many bytes; the mirror's lock is held. One that is there of
/// the very same state is left as it is: a migration that failed is tried again without another copy.
pub(in crate::store) fn before_migration(path: &Path, from_bytes: u64) -> Result<(), OpenError> {
    let Some(version) = next_version(path, from_bytes)? else { return Ok(()) };
    let kept = beside(path, &format!("{BEFORE}{version:04}"));
    // Two numbers and a moment say little of millions of rows, but nobody has written since: opening failed.
    let is_taken = || Ok::<_, OpenError>(Source::open(&kept)?.summary == Source::open(path)?.summary);
    if !(kept.is_file() && is_taken().unwrap_or(false)) {
        tracing::info!(file = %kept.display(), "taking a snapshot before the migration");
        let taken = take(path, &kept, &Watch::nobody()).map_err(|error| OpenError::NoSnapshot {
            path: path.into(),
            kept: kept.clone(),
            reason: error.to_string(),
        })?;
        tracing::info!(file = %kept.display(), bytes = taken.bytes, "took a snapshot before the migration");
    }
    remove_others(path, &kept);
    Ok(())
}

/// The version that the file will have; nothing where nothing is pending, or it is too small to be worth it.
fn next_version(path: &Path, from_bytes: u64) -> Result<Option<i64>, OpenError> {
    // A new file is empty.
    if path.metadata().is_ok_and(|there| there.len() == 0) {
        return Ok(None);
    }
    let source = match Source::open(path) {
        Err(OpenError::NotOurs { .. }) => return Ok(None),
        opened => opened?,
    };
    let is_pending = source.summary.version < open::newest_known();
    Ok((is_pending && source.summary.bytes >= from_bytes).then(open::newest_known))
}

/// What earlier migrations left. A file that can't be removed is in nobody's way.
fn remove_others(path: &Path, kept: &Path) {
    for other in list(path).into_iter().filter(|other| other != kept) {
        let removed =
            if other.to_string_lossy().ends_with(PARTIAL) { sweep(&other) } else { fs::remove_file(&other) };
        if removed.is_ok() {
            tracing::info!(file = %other.display(), "removed what an earlier migration kept");
        }
    }
}

/// Snapshots that were taken before migrations of the file at `path`, and what is left of one that was not finished.
fn list(path: &Path) -> Vec<PathBuf> {
    let begins = beside(path, BEFORE);
    let is_one = |found: &PathBuf| {
        let rest = found.as_os_str().as_encoded_bytes().strip_prefix(begins.as_os_str().as_encoded_bytes());
        let rest = rest.map(|rest| rest.strip_suffix(PARTIAL.as_bytes()).unwrap_or(rest));
        rest.is_some_and(|rest| rest.len() >= 4 && rest.iter().all(u8::is_ascii_digit))
    };
    let folder = fs::read_dir(folder_of(&begins));
    let found = folder.into_iter().flatten().filter_map(|entry| Some(entry.ok()?.path()));
    found.filter(is_one).collect()
}
