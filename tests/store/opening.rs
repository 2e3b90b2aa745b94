//! Opening: what is refused and why, one writer per file, and the zone of the dates.

use std::fs;
use std::path::Path;

use coupontools_mirror::store::{OpenError, Reader, Store, look_at};
use coupontools_mirror::walk::Kind;
use rusqlite::Connection;

use crate::fixture::{Mirror, minute, options, person};

async fn refused(path: &Path) -> OpenError {
    Store::open(path, &options(chrono_tz::UTC), minute(0)).await.map(|_| ()).expect_err("it must not open")
}

#[tokio::test]
async fn a_second_writer_is_refused_and_told_who_the_first_is() {
    let mirror = Mirror::new().await;
    let path = mirror.path();
    let locked = OpenError::Locked { path: path.clone(), pid: Some(std::process::id()) };
    assert_eq!(refused(&path).await, locked);
    let link = mirror.folder.path().join("link.db");
    std::os::unix::fs::symlink(&path, &link).unwrap();
    assert!(matches!(refused(&link).await, OpenError::Locked { .. }));
    mirror.reopened(chrono_tz::UTC).await;
}

#[tokio::test]
async fn a_second_writer_is_refused_where_the_locks_file_was_removed() {
    let mirror = Mirror::new().await;
    let path = mirror.path();
    let lock = mirror.folder.path().join("mirror.db-lock");
    fs::remove_file(&lock).unwrap();
    assert!(look_at(&path, || false).unwrap().is_written);
    for _ in 0..2 {
        assert_eq!(refused(&path).await, OpenError::Locked { path: path.clone(), pid: None });
    }
    assert!(look_at(&path, || false).unwrap().is_written);
    mirror.store.close().await;
    assert!(!look_at(&path, || false).unwrap().is_written);
    Mirror::in_folder(mirror.folder, chrono_tz::UTC).await.store.close().await;
}

#[tokio::test]
async fn a_second_writer_is_refused_by_a_second_name_of_the_file() {
    let mirror = Mirror::new().await;
    let name = mirror.folder.path().join("other.db");
    fs::hard_link(mirror.path(), &name).unwrap();
    assert!(matches!(refused(&name).await, OpenError::Locked { pid: None, .. }));
    mirror.store.close().await;
}

#[tokio::test]
async fn a_file_that_another_program_keeps_locked_is_told_as_such() {
    let mirror = Mirror::new().await;
    let path = mirror.path();
    mirror.store.close().await;
    let other = Connection::open(&path).unwrap();
    other.execute_batch("PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE").unwrap();
    let error = refused(&path).await;
    assert_eq!(error, OpenError::Busy { path: path.clone() });
    assert!(error.to_string().ends_with("another program keeps it locked"), "{error}");
    assert!(error.hint().contains("close the other program"));
}

#[tokio::test]
async fn a_pipe_or_a_device_is_refused_without_waiting_for_its_other_end() {
    let folder = tempfile::tempdir().unwrap();
    let pipe = folder.path().join("pipe.db");
    make_pipe(&pipe);
    for path in [pipe.as_path(), Path::new("/dev/zero"), Path::new("/dev/null")] {
        assert!(matches!(refused(path).await, OpenError::NotADatabase { .. }));
        assert!(matches!(Reader::open(path).await.map(|_| ()), Err(OpenError::NotADatabase { .. })));
        assert!(matches!(look_at(path, || false), Err(OpenError::NotADatabase { .. })));
    }
}

fn make_pipe(path: &Path) {
    use rustix::fs::{CWD, FileType, Mode, mknodat};
    mknodat(CWD, path, FileType::Fifo, Mode::RUSR | Mode::WUSR, 0).unwrap();
}

#[tokio::test]
async fn what_is_no_database_of_ours_is_refused_and_left_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let text = folder.path().join("text.db");
    fs::write(&text, "id;email\n").unwrap();
    assert!(matches!(refused(&text).await, OpenError::NotADatabase { .. }));
    assert_eq!(fs::read_to_string(&text).unwrap(), "id;email\n");
    assert!(matches!(refused(folder.path()).await, OpenError::NotADatabase { .. }));

    let other = folder.path().join("other.db");
    Connection::open(&other).unwrap().execute_batch("CREATE TABLE bookmark (url TEXT)").unwrap();
    let bytes = fs::read(&other).unwrap();
    assert!(matches!(refused(&other).await, OpenError::NotOurs { .. }));
    assert_eq!(fs::read(&other).unwrap(), bytes);
    assert!(matches!(Reader::open(&other).await.map(|_| ()), Err(OpenError::NotOurs { .. })));
}

#[tokio::test]
async fn an_empty_file_is_a_new_database() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("mirror.db"), "").unwrap();
    Mirror::in_folder(folder, chrono_tz::UTC).await.store.close().await;
}

#[tokio::test]
async fn a_file_that_another_version_wrote_is_refused() {
    let mirror = Mirror::new().await;
    let path = mirror.path();
    mirror.store.close().await;
    let connection = Connection::open(&path).unwrap();
    let migrations = "INSERT INTO _sqlx_migrations SELECT version + 1000, description, installed_on, success,
        checksum, execution_time FROM _sqlx_migrations WHERE version = 1";
    connection.execute_batch(migrations).unwrap();
    assert!(matches!(refused(&path).await, OpenError::NewerVersion { .. }));
    assert!(matches!(Reader::open(&path).await.map(|_| ()), Err(OpenError::NewerVersion { .. })));
    connection.execute_batch("DELETE FROM _sqlx_migrations WHERE version > 1").unwrap();
    assert!(matches!(Reader::open(&path).await.map(|_| ()), Err(OpenError::OlderVersion { .. })));
    connection.execute_batch("UPDATE _sqlx_migrations SET checksum = x'00'").unwrap();
    assert!(matches!(refused(&path).await, OpenError::NewerVersion { .. }));
}

#[tokio::test]
async fn a_missing_folder_or_file_is_named() {
    let folder = tempfile::tempdir().unwrap();
    assert!(matches!(refused(&folder.path().join("no/mirror.db")).await, OpenError::NoFolder { .. }));
    let absent = Reader::open(&folder.path().join("mirror.db")).await.map(|_| ());
    assert!(matches!(absent, Err(OpenError::NoFile { .. })));
}

#[tokio::test]
async fn a_damaged_file_is_refused() {
    let mirror = Mirror::new().await;
    let path = mirror.path();
    mirror.store.close().await;
    let mut bytes = fs::read(&path).unwrap();
    bytes[100..].fill(0x5a);
    fs::write(&path, bytes).unwrap();
    assert!(matches!(refused(&path).await, OpenError::Corrupt { .. }));
}

#[tokio::test]
async fn every_refusal_says_what_to_do() {
    let error = refused(Path::new("/nowhere/at/all.db")).await;
    assert_eq!(error.to_string(), "cannot create the database /nowhere/at/all.db: its folder does not exist");
    assert!(error.hint().contains("--database"));
}

#[tokio::test]
async fn dates_are_made_anew_when_the_zone_of_the_reports_changes() {
    let mirror = Mirror::new().await;
    let mut undated = person(1);
    undated.registered_at = None;
    mirror.walk(Kind::Incremental, &[person(300), undated], 5).await;
    let dates = "SELECT registered_on FROM registrations ORDER BY registration_id";
    assert_eq!(mirror.list(dates), ["-", "2026-11-23"]);
    let mirror = mirror.reopened(chrono_tz::Pacific::Auckland).await;
    assert_eq!(mirror.list(dates), ["-", "2026-11-24"]);
    assert_eq!(
        mirror.list("SELECT value FROM setting WHERE name = 'reports_time_zone'"),
        ["Pacific/Auckland"]
    );
    let days =
        "SELECT coalesce(day, 'undated') || ' ' || registrations FROM registrations_by_day ORDER BY day";
    assert_eq!(mirror.list(days), ["undated 1", "2026-11-24 1"]);
}

#[tokio::test]
async fn a_folder_that_may_not_be_written_is_named() {
    // Nobody, root included, makes files there.
    let error = refused(Path::new("/sys/mirror.db")).await;
    assert!(matches!(error, OpenError::NotPermitted { .. }), "{error}");
    assert!(error.hint().contains("belong to"));
}
