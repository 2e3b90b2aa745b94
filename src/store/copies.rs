//! What this program leaves beside a mirror that holds the same people: what was replaced by a restore, and
//! what was taken before a migration.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};

use super::place::folder_of;
use super::restore::REPLACED;
use super::snapshot::BEFORE;

/// Copies beside the mirror at `path`, by name; none where its folder can't be read.
#[must_use]
pub fn list_copies(path: &Path) -> Vec<PathBuf> {
    let Some(name) = path.file_name().map(OsStr::as_encoded_bytes) else { return Vec::new() };
    let Ok(entries) = fs::read_dir(folder_of(path)) else { return Vec::new() };
    let is_copy = |found: &OsStr| {
        found.as_encoded_bytes().strip_prefix(name).is_some_and(|ending| {
            [REPLACED, BEFORE].iter().any(|begins| ending.starts_with(begins.as_bytes()))
        })
    };
    let names = entries.filter_map(|entry| Some(entry.ok()?.file_name())).filter(|found| is_copy(found));
    let mut copies: Vec<PathBuf> = names.map(|found| folder_of(path).join(found)).collect();
    copies.sort();
    copies
}
