//! A process that dies between any two steps, played by a copy of the folder at that moment.

mod ledger;

use std::fs;
use std::path::Path;
use std::process::Command;

use rusqlite::Connection;
use rusqlite::config::DbConfig;

use super::replacement::{Replacement, STEPS};
use super::*;
use crate::store::{OpenOptions, Store};

const NOW: &str = "2026-11-24T02:30:00Z";

fn now() -> UtcInstant {
    UtcInstant::parse(NOW).unwrap()
}

fn open_store(path: &Path) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let options = OpenOptions {
        reports_time_zone: chrono_tz::UTC,
        masking_key_file: None,
        snapshot_from_bytes: OpenOptions::SNAPSHOT_FROM_BYTES,
    };
    runtime.block_on(async { Store::open(path, &options, now()).await.unwrap().close().await });
}

fn set(path: &Path, value: &str) {
    let connection = Connection::open(path).unwrap();
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true).unwrap();
    connection.pragma_update(None, "wal_autocheckpoint", 0).unwrap();
    connection.execute("INSERT OR REPLACE INTO setting VALUES ('is', ?1)", [value]).unwrap();
}

fn get(path: &Path) -> String {
    let connection = Connection::open(path).unwrap();
    let whole: String = connection.query_row("PRAGMA integrity_check", [], |row| row.get(0)).unwrap();
    assert_eq!(whole, "ok");
    connection.query_row("SELECT value FROM setting WHERE name = 'is'", [], |row| row.get(0)).unwrap()
}

/// A mirror whose last words are in its log alone, and a snapshot that says something else.
fn scene() -> (tempfile::TempDir, PathBuf, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let (mirror, file) = (folder.path().join("mirror.db"), folder.path().join("copy.db"));
    open_store(&mirror);
    set(&mirror, "new");
    snapshot::take(&mirror, &file, &Watch::nobody()).unwrap();
    set(&mirror, "old");
    assert!(fs::metadata(folder.path().join("mirror.db-wal")).unwrap().len() > 0);
    (folder, mirror, file)
}

/// The folder as a process that died now leaves it.
fn as_left(folder: &Path) -> tempfile::TempDir {
    let left = tempfile::tempdir().unwrap();
    let copied = Command::new("cp").arg("-a").arg(folder.join(".")).arg(left.path()).status().unwrap();
    assert!(copied.success());
    left
}

/// A replacement that is ready for its steps.
fn ready(mirror: &Path, file: &Path) -> Replacement {
    let place = begin(mirror).unwrap();
    snapshot::copy(Source::open(file).unwrap(), &place, &Watch::nobody()).unwrap();
    Replacement::new(mirror, place, &look_at(mirror).unwrap(), now()).unwrap()
}

fn kept(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut kept: Vec<_> = entries.filter(|path| path.to_string_lossy().contains(".replaced-")).collect();
    kept.sort();
    kept
}

#[test]
fn a_restore_that_dies_between_two_steps_leaves_the_old_mirror_and_the_next_one_restores() {
    for steps in 0..=STEPS.len() {
        let (folder, mirror, file) = scene();
        let replacement = ready(&mirror, &file);
        STEPS[..steps].iter().for_each(|step| step(&replacement).unwrap());
        let left = as_left(folder.path());
        drop(replacement);
        let (mirror, file) = (left.path().join("mirror.db"), left.path().join("copy.db"));
        assert_eq!(get(&mirror), "old", "{steps} steps");
        let restored = restore(&mirror, &file, now(), &Watch::nobody()).unwrap();
        assert_eq!(get(&mirror), "new", "{steps} steps");
        assert_eq!(kept(left.path()), [restored.kept.clone().unwrap()], "{steps} steps");
        assert_eq!(get(&restored.kept.unwrap()), "old", "{steps} steps");
    }
}

#[test]
fn a_restore_over_a_damaged_file_that_dies_between_two_steps_is_done_by_the_next_one() {
    for steps in 0..=STEPS.len() {
        let (folder, mirror, file) = scene();
        fs::write(&mirror, [0x5a; 40_000]).unwrap();
        let replacement = ready(&mirror, &file);
        STEPS[..steps].iter().for_each(|step| step(&replacement).unwrap());
        let left = as_left(folder.path());
        drop(replacement);
        let (mirror, file) = (left.path().join("mirror.db"), left.path().join("copy.db"));
        assert_eq!(fs::read(&mirror).unwrap(), [0x5a; 40_000], "{steps} steps");
        restore(&mirror, &file, now(), &Watch::nobody()).unwrap();
        assert_eq!(get(&mirror), "new", "{steps} steps");
        let logs = kept(left.path()).into_iter().filter(|path| path.to_string_lossy().ends_with("-wal"));
        assert_eq!(logs.count(), 1, "{steps} steps: what was in its log is still there");
    }
}

#[test]
fn a_log_that_somebody_writes_meanwhile_is_not_taken_away() {
    let (folder, mirror, file) = scene();
    let replacement = ready(&mirror, &file);
    STEPS[..3].iter().for_each(|step| step(&replacement).unwrap());
    set(&mirror, "late");
    assert!(matches!(STEPS[3](&replacement), Err(SnapshotError::InUse { .. })));
    drop(replacement);
    assert_eq!(get(&mirror), "late");
    assert_eq!(kept(folder.path()).len(), 1);
    restore(&mirror, &file, now(), &Watch::nobody()).unwrap();
    assert_eq!(get(&mirror), "new");
    assert_eq!(kept(folder.path()).iter().map(|kept| get(kept)).collect::<Vec<_>>(), ["late"]);
}

#[test]
fn two_restores_within_a_second_keep_both_files() {
    let (folder, mirror, file) = scene();
    for _ in 0..2 {
        restore(&mirror, &file, now(), &Watch::nobody()).unwrap();
    }
    assert_eq!(kept(folder.path()).iter().map(|kept| get(kept)).collect::<Vec<_>>(), ["old", "new"]);
}

#[test]
fn what_was_told_of_alerts_is_what_the_replaced_file_says() {
    let (_folder, mirror, file) = scene();
    let connection = Connection::open(&mirror).unwrap();
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true).unwrap();
    connection
        .execute_batch(
            "INSERT INTO alert VALUES ('disk_low', NULL, NULL, '2026-11-24T02:00:00Z', 'full', 1, 0);
             INSERT INTO alert_due VALUES
                 ('command', 7, 'disk_low', 'firing', NULL, NULL, '2026-11-24T02:00:00Z', 'full')",
        )
        .unwrap();
    drop(connection);
    for _ in 0..2 {
        restore(&mirror, &file, now(), &Watch::nobody()).unwrap();
        let restored = Connection::open(&mirror).unwrap();
        let told = |sql| restored.query_row(sql, [], |row| row.get::<_, String>(0)).unwrap();
        assert_eq!(told("SELECT group_concat(message || by_command || by_webhook) FROM alert"), "full10");
        assert_eq!(told("SELECT group_concat(via || number || state) FROM alert_due"), "command7firing");
    }
    assert_eq!(get(&mirror), "new");
}
