//! Other files that hold the same people: snapshots, whatever they are called, what was
//! replaced by a restore, what was taken before a migration, and what is left of a copy that was not finished.

use std::fs;
use std::path::{Path, PathBuf};

use super::header::Header;
use super::identity::{is_own, is_same_file};
use super::place::PARTIAL;
use super::restore::REPLACED;
use super::snapshot::BEFORE;

/// Copies of the mirror at `path` that are in this folder, in their names' order; none where it can't be read.
#[must_use]
pub fn list_copies(path: &Path, folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let files = entries.filter_map(|entry| Some(folder.join(entry.ok()?.file_name())));
    // Neither the mirror's own file nor what lies beside it is opened: locks would end with the handle.
    let others = files.filter(|file| file.is_file() && !is_same_file(file, path));
    let is_copy = |file: &PathBuf| is_left(path, file) || (!is_own(path, file) && is_mirror(file));
    let mut copies: Vec<PathBuf> = others.filter(is_copy).collect();
    copies.sort();
    copies
}

/// Whether this program left it there, and it is not empty.
fn is_left(mirror: &Path, file: &Path) -> bool {
    let name =
        |path: &Path| path.file_name().map(|name| name.as_encoded_bytes().to_vec()).unwrap_or_default();
    let (mirror, file_name) = (name(mirror), name(file));
    let Some(ending) = file_name.strip_prefix(&*mirror) else { return false };
    let is_ours = [REPLACED, BEFORE, PARTIAL].iter().any(|begins| ending.starts_with(begins.as_bytes()));
    is_ours && !ending.ends_with(b"-shm") && fs::metadata(file).is_ok_and(|file| file.len() > 0)
}

/// Whether it says of itself that it is a mirror.
fn is_mirror(file: &Path) -> bool {
    Header::read(file).is_ok_and(|header| header.is_mirrors())
}
