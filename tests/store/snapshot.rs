//! Copies of the file: beside its own writer, before a migration, and with Litestream's tables in it.

use std::fs;
use std::path::{Path, PathBuf};

use coupontools_mirror::store::snapshot::{SnapshotError, Watch, take};
use coupontools_mirror::store::{FileContent, OpenError, OpenOptions, Reader, Store, look_at};
use coupontools_mirror::walk::Kind;
use rusqlite::Connection;
use sqlx::ConnectOptions;
use sqlx::migrate::Migrator;

use crate::fixture::{Mirror, list, minute, options, people};

/// What Litestream makes in every file that it replicates: 0.3 and 0.5 alike.
const OF_LITESTREAM: &str = "CREATE TABLE _litestream_seq (id INTEGER PRIMARY KEY, seq INTEGER);
    CREATE TABLE _litestream_lock (id INTEGER);
    INSERT INTO _litestream_seq VALUES (1, 7)";

/// A file of an older schema, as a program that knew only so many migrations left it.
async fn older(folder: &Path, migrations: usize) -> PathBuf {
    let path = folder.join("mirror.db");
    let known = folder.join("migrations");
    fs::create_dir(&known).unwrap();
    let mut files: Vec<PathBuf> =
        fs::read_dir("migrations").unwrap().map(|file| file.unwrap().path()).collect();
    files.sort();
    for file in &files[..migrations] {
        fs::copy(file, known.join(file.file_name().unwrap())).unwrap();
    }
    let connect = sqlx::sqlite::SqliteConnectOptions::new()
        .filename(&path)
        .create_if_missing(true)
        .journal_mode(sqlx::sqlite::SqliteJournalMode::Wal);
    let mut connection = connect.connect().await.unwrap();
    Migrator::new(known.as_path()).await.unwrap().run(&mut connection).await.unwrap();
    sqlx::Connection::close(connection).await.unwrap();
    path
}

fn names(folder: &Path, word: &str) -> Vec<String> {
    let mut names: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.retain(|name| name.contains(word));
    names.sort();
    names
}

/// How the snapshot before the newest migration is called.
fn before() -> String {
    let count = fs::read_dir("migrations").unwrap().count();
    format!("mirror.db-before-{count:04}")
}

async fn open_from(path: &Path, snapshot_from_bytes: u64) -> Result<(), OpenError> {
    let options = OpenOptions { snapshot_from_bytes, ..options(chrono_tz::UTC) };
    Store::open(path, &options, minute(0)).await?.close().await;
    Ok(())
}

#[tokio::test]
async fn the_process_that_writes_copies_its_own_file_and_keeps_its_locks() {
    let mirror = Mirror::new().await;
    let copy = mirror.folder.path().join("copy.db");
    let mut walk = mirror.begin(Kind::Full, 1).await;
    for n in 0..8 {
        walk.save_rows(&people(n * 100 + 1..=(n + 1) * 100)).await;
        let taken = take(&mirror.path(), &copy, &Watch::nobody()).unwrap();
        assert_eq!(taken.registrations, u64::try_from(n + 1).unwrap() * 100);
        let copied = Connection::open(&copy).unwrap();
        assert_eq!(list(&copied, "SELECT count(*) FROM registration"), [taken.registrations.to_string()]);
    }
    // Another program that opens and closes it must not find itself alone: it would take the log away.
    let opens = "import sqlite3, sys; c = sqlite3.connect(sys.argv[1]); c.execute('SELECT * FROM setting').fetchall(); c.close()";
    let closed = std::process::Command::new("python3").args(["-c", opens]).arg(mirror.path()).status();
    if closed.is_ok_and(|status| status.success()) {
        assert!(mirror.folder.path().join("mirror.db-shm").exists());
    }
    walk.save_rows(&people(801..=900)).await;
    assert_eq!(mirror.number("SELECT count(*) FROM registration"), 900);
    mirror.store.close().await;
}

#[tokio::test]
async fn a_watch_is_told_how_far_it_is_and_stops_it_at_any_time() {
    let mirror = Mirror::new().await;
    mirror.walk(Kind::Full, &people(1..=2_000), 1).await;
    let copy = mirror.folder.path().join("copy.db");
    let told = std::sync::Arc::new(std::sync::Mutex::new(Vec::new()));
    let tell = std::sync::Arc::clone(&told);
    take(&mirror.path(), &copy, &Watch::new(move |now, all| tell.lock().unwrap().push((now, all)), || false))
        .unwrap();
    let told = told.lock().unwrap().clone();
    let bytes = fs::metadata(&copy).unwrap().len();
    assert_eq!(told.last(), Some(&(bytes, bytes)), "{told:?}");
    fs::remove_file(&copy).unwrap();
    for looks in 0..6 {
        let looked = std::sync::atomic::AtomicUsize::new(0);
        let should_stop = move || looked.fetch_add(1, std::sync::atomic::Ordering::Relaxed) >= looks;
        let stopped = take(&mirror.path(), &copy, &Watch::new(|_, _| {}, should_stop));
        assert!(stopped.is_ok() || matches!(stopped, Err(SnapshotError::Stopped)), "{stopped:?}");
        assert_eq!(stopped.is_ok(), copy.exists());
        assert_eq!(names(mirror.folder.path(), "partial"), [""; 0]);
        let _ = fs::remove_file(&copy);
    }
    mirror.store.close().await;
}

#[tokio::test]
async fn a_large_file_is_copied_before_its_migration_and_a_small_or_new_one_is_not() {
    let folder = tempfile::tempdir().unwrap();
    let path = older(folder.path(), 9).await;
    let bytes = fs::metadata(&path).unwrap().len();
    open_from(&path, bytes + 1).await.unwrap();
    assert_eq!(names(folder.path(), "-before-"), [""; 0]);

    let folder = tempfile::tempdir().unwrap();
    let path = older(folder.path(), 9).await;
    fs::write(folder.path().join("mirror.db-before-0007"), "of an earlier migration").unwrap();
    fs::write(folder.path().join("mirror.db-before-you-go"), "of somebody else").unwrap();
    open_from(&path, bytes).await.unwrap();
    assert_eq!(names(folder.path(), "-before-"), [before(), "mirror.db-before-you-go".into()]);
    let kept = Connection::open(folder.path().join(before())).unwrap();
    assert_eq!(list(&kept, "SELECT max(version) FROM _sqlx_migrations"), ["9"]);
    assert_eq!(list(&kept, "PRAGMA journal_mode"), ["delete"]);
    // Nothing is pending any more.
    fs::remove_file(folder.path().join(before())).unwrap();
    open_from(&path, 0).await.unwrap();
    assert_eq!(names(folder.path(), "-before-"), ["mirror.db-before-you-go"]);
    open_from(&folder.path().join("fresh.db"), 0).await.unwrap();
    assert_eq!(names(folder.path(), "fresh.db-before"), [""; 0]);
}

#[tokio::test]
async fn a_migration_that_fails_again_and_again_costs_one_copy_and_one_that_can_not_be_copied_is_not_begun() {
    let folder = tempfile::tempdir().unwrap();
    let path = older(folder.path(), 9).await;
    // What a migration yet to come makes is there already.
    Connection::open(&path).unwrap().execute_batch("DROP VIEW registrations_by_day").unwrap();
    let kept = folder.path().join(before());
    assert!(open_from(&path, 0).await.is_err());
    let copied = fs::metadata(&kept).unwrap().modified().unwrap();
    assert!(open_from(&path, 0).await.is_err());
    assert_eq!(fs::metadata(&kept).unwrap().modified().unwrap(), copied);

    fs::remove_file(&kept).unwrap();
    fs::create_dir(&kept).unwrap();
    let refused = open_from(&path, 0).await;
    let Err(error @ OpenError::NoSnapshot { .. }) = &refused else { panic!("{refused:?}") };
    assert!(
        error.to_string().contains("it is no regular file") && error.hint().contains("make room"),
        "{error}"
    );
    let version = "SELECT max(version) FROM _sqlx_migrations";
    assert_eq!(list(&Connection::open(&path).unwrap(), version), ["9"]);

    // A copy on another disk, linked to.
    fs::remove_dir(&kept).unwrap();
    let elsewhere = folder.path().join("elsewhere.db");
    take(&path, &elsewhere, &Watch::nobody()).unwrap();
    std::os::unix::fs::symlink(&elsewhere, &kept).unwrap();
    let copied = fs::metadata(&elsewhere).unwrap().modified().unwrap();
    assert!(open_from(&path, 0).await.is_err());
    assert_eq!(fs::metadata(&elsewhere).unwrap().modified().unwrap(), copied);
    assert!(kept.is_symlink());
}

#[tokio::test]
async fn a_mirror_with_litestreams_tables_is_opened_read_checked_and_copied() {
    let mirror = Mirror::new().await;
    let path = mirror.path();
    Connection::open(&path).unwrap().execute_batch(OF_LITESTREAM).unwrap();
    mirror.walk(Kind::Full, &people(1..=10), 1).await;
    let mirror = mirror.reopened(chrono_tz::UTC).await;
    mirror.walk(Kind::Full, &people(1..=11), 2).await;
    Reader::open(&path).await.unwrap().close().await;
    let copy = mirror.folder.path().join("copy.db");
    assert_eq!(take(&path, &copy, &Watch::nobody()).unwrap().registrations, 11);
    mirror.store.close().await;
    assert_eq!(look_at(&path, || false).unwrap().content, FileContent::Sound);

    let folder = tempfile::tempdir().unwrap();
    let first = folder.path().join("mirror.db");
    Connection::open(&first).unwrap().execute_batch(OF_LITESTREAM).unwrap();
    Mirror::in_folder(folder, chrono_tz::UTC).await.store.close().await;
}
