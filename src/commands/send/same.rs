//! Whether two names are one file.

use std::fs;
use std::io;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;

/// Whether both names lead to one file; neither is opened.
pub(super) fn is_same(one: &Path, other: &Path) -> bool {
    let place = |path: &Path| fs::metadata(path).map(|file| (file.dev(), file.ino())).ok();
    place(one).is_some_and(|one| place(other) == Some(one))
}

/// Whether a name leads to the file that standard input comes from.
pub(super) fn is_standard_input(path: &Path) -> bool {
    let Ok(input) = rustix::fs::fstat(io::stdin()) else { return false };
    fs::metadata(path).is_ok_and(|file| (file.dev(), file.ino()) == (input.st_dev, input.st_ino))
}
