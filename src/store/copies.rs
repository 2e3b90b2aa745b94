//! Other files that hold the same people: snapshots, whatever they are called, what was
//! replaced by a restore, what was taken before a migration, and what is left of a copy that was not finished.

use std::fs::{self, File};
use std::io::Read as _;
use std::path::{Path, PathBuf};

use super::identity::Identity;
use super::open::APPLICATION_ID;
use super::place::PARTIAL;
use super::restore::REPLACED;
use super::snapshot::BEFORE;

/// What lies beside a mirror and is none.
const BESIDE: [&str; 8] =
    ["-wal", "-shm", "-journal", "-lock", "-sends-lock", "-restore-lock", "-key", "-tokens"];

/// Where SQLite's files say whose they are, up to where they do (its documentation of the format, 1.3).
const HEAD_BYTES: usize = 72;

/// Copies of the mirror at `path` that are in this folder, in their names' order; none where it can't be read.
#[must_use]
pub fn list_copies(path: &Path, folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let own = Identity::of(path);
    let files = entries.filter_map(|entry| Some(folder.join(entry.ok()?.file_name())));
    // Neither the mirror's own file nor what lies beside it is opened: locks would end with the handle.
    let others = files.filter(|file| file.is_file() && Identity::of(file) != own);
    let is_copy = |file: &PathBuf| is_left(path, file) || (!is_beside(path, file) && is_mirror(file));
    let mut copies: Vec<PathBuf> = others.filter(is_copy).collect();
    copies.sort();
    copies
}

/// What a file's name has behind the mirror's, if it begins with that.
fn ending<'f>(mirror: &Path, file: &'f Path) -> Option<&'f [u8]> {
    file.file_name()?.as_encoded_bytes().strip_prefix(mirror.file_name()?.as_encoded_bytes())
}

/// Whether it is the mirror's log, a lock, its key or its tokens.
fn is_beside(mirror: &Path, file: &Path) -> bool {
    ending(mirror, file).is_some_and(|ending| BESIDE.iter().any(|one| one.as_bytes() == ending))
}

/// Whether this program left it there, and it is not empty.
fn is_left(mirror: &Path, file: &Path) -> bool {
    let Some(ending) = ending(mirror, file) else { return false };
    let is_ours = [REPLACED, BEFORE, PARTIAL].iter().any(|begins| ending.starts_with(begins.as_bytes()));
    is_ours && !ending.ends_with(b"-shm") && fs::metadata(file).is_ok_and(|file| file.len() > 0)
}

fn application_id(head: [u8; HEAD_BYTES]) -> i32 {
    let [.., a, b, c, d] = head;
    i32::from_be_bytes([a, b, c, d])
}

/// Whether it says of itself that it is a mirror.
fn is_mirror(file: &Path) -> bool {
    let mut head = [0; HEAD_BYTES];
    let read = File::open(file).and_then(|mut file| file.read_exact(&mut head));
    read.is_ok()
        && head.starts_with(b"SQLite format 3\0")
        && i64::from(application_id(head)) == APPLICATION_ID
}
