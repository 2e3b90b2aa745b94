//! `check` on who reads the file directly: each arrangement that keeps a group from it, or lets it write,
//! is told by its own line, and one that is its owner's alone by none. What belongs to others is in
//! `tests/tools/readers`, which has other users.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use rusqlite::Connection;

use crate::check::{assert_told, check_at};
use crate::program::Folder;

fn chmod(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

/// A folder that a group shares as the package makes it, and the file in it, open.
fn shared() -> (Folder, Connection) {
    let folder = Folder::new();
    chmod(folder.as_ref(), 0o755);
    let state = folder.path("state");
    fs::create_dir(&state).unwrap();
    chmod(&state, 0o2750);
    let file = state.join("mirror.db");
    fs::write(&file, "").unwrap();
    chmod(&file, 0o640);
    let connection = Connection::open(&file).unwrap();
    connection.execute_batch("PRAGMA journal_mode = wal; CREATE TABLE t (x)").unwrap();
    (folder, connection)
}

fn told(folder: &Folder) -> Vec<(String, String)> {
    let findings = check_at(folder, &folder.path("state/mirror.db"));
    findings.into_iter().filter(|(_, text)| text.starts_with("readers: ")).collect()
}

#[test]
fn a_folder_that_a_group_shares_as_it_should_is_told_in_one_line() {
    let (folder, _open) = shared();
    let told = told(&folder);
    assert_eq!(told.len(), 1, "{told:?}");
    assert_told(&told, "ok", "reads the file directly, live, also while nobody writes it");
}

#[test]
fn a_file_that_is_its_owners_alone_is_told_in_one_line_and_gets_no_advice() {
    let (folder, _open) = shared();
    chmod(&folder.path("state"), 0o700);
    let private = told(&folder);
    assert_eq!(private.len(), 1, "{private:?}");
    assert_told(&private, "ok", "alone reads the file directly");
    // As in anybody's home.
    chmod(&folder.path("state"), 0o755);
    chmod(&folder.path("state/mirror.db"), 0o600);
    assert_eq!(told(&folder), private);
}

#[test]
fn whatever_keeps_the_group_from_the_file_or_lets_it_write_is_told_with_what_to_do() {
    let cases = [
        ("state", 0o2700, "can't enter", "chmod 2750"),
        ("state", 0o2770, "may write into", "chmod g-w,o-w"),
        ("state", 0o2757, "may write into", "chmod g-w,o-w"),
        ("", 0o700, "can't pass through", "chmod o+x"),
        ("state/mirror.db", 0o600, "can't read", "chmod 640"),
        ("state/mirror.db-wal", 0o600, "can't read", "chmod 640"),
        ("state/mirror.db-shm", 0o600, "can't read", "chmod 640"),
        ("state/mirror.db", 0o660, "may write", "and damage it — chmod g-w,o-w"),
        ("state/mirror.db-shm", 0o660, "may write", "and damage it — chmod g-w,o-w"),
    ];
    for (name, mode, what, advice) in cases {
        let (folder, _open) = shared();
        chmod(&folder.path(name), mode);
        let told = told(&folder);
        assert_told(&told, "warning", what);
        assert_told(&told, "warning", advice);
        let warnings = told.iter().filter(|(level, _)| level == "warning").count();
        assert_eq!(warnings, 1, "{name} {mode:o}: {told:?}");
    }
}

#[test]
fn a_log_that_is_not_there_is_told() {
    let (folder, open) = shared();
    drop(open);
    assert_told(&told(&folder), "warning", "-wal and -shm is not there: without it only who may write");
}
