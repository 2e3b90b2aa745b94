//! Files of earlier versions: one sample for each (`samples/make`), opened and walked on; and a migration
//! that fails or is killed leaves the file as it was.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use coupontools_mirror::clock::steady_now;
use coupontools_mirror::registration::Registration;
use coupontools_mirror::store::{OpenError, Store};
use coupontools_mirror::walk::{Kind, WalkKey};
use rusqlite::{Connection, ErrorCode};
use tempfile::TempDir;

use crate::fixture::{Mirror, list, minute, open_at, options, person, with_email};
use crate::masking::{DAYS_BY_VIEW, DAYS_COUNTED, write_key};

const SCHEMA: &str = "SELECT type || ' ' || name || ' ' || coalesce(sql, '') FROM sqlite_schema
    WHERE name NOT LIKE '\\_sqlx%' ESCAPE '\\' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY 1";
const VERSIONS: &str = "SELECT version FROM _sqlx_migrations ORDER BY version";
/// From this version on a file holds registrations, and from that one on changes.
const WITH_REGISTRATIONS: i64 = 4;
const WITH_CHANGES: i64 = 5;
const CHILD_FOLDER: &str = "STORE_UPGRADE_CHILD_FOLDER";

fn versions() -> BTreeSet<i64> {
    let number = |entry: std::io::Result<fs::DirEntry>| -> i64 {
        entry.unwrap().file_name().to_str().unwrap().split('_').next().unwrap().parse().unwrap()
    };
    fs::read_dir("migrations").unwrap().map(number).collect()
}

fn newest() -> i64 {
    *versions().last().unwrap()
}

fn sample(version: i64) -> PathBuf {
    format!("tests/store/samples/{version:04}.sql").into()
}

/// A folder with the file as a program of that version left it.
fn older_file(version: i64) -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    write_key(folder.path(), "0");
    let path = folder.path().join("mirror.db");
    let connection = Connection::open(&path).unwrap();
    connection.pragma_update(None, "journal_mode", "WAL").unwrap();
    connection.execute_batch(&fs::read_to_string(sample(version)).unwrap()).unwrap();
    (folder, path)
}

fn read(path: &Path, sql: &str) -> Vec<String> {
    list(&Connection::open(path).unwrap(), sql)
}

/// Whatever is counted is what there is.
fn assert_counts(mirror: &Mirror) {
    assert_eq!(mirror.list(DAYS_BY_VIEW), mirror.list(DAYS_COUNTED));
    let differs = "SELECT count(*) FROM directory AS d WHERE
        registrations <> (SELECT count(*) FROM registrations)
        OR removed <> (SELECT count(*) FROM removed_registrations)
        OR recovered <> (SELECT coalesce(sum(recovered), 0) FROM walks)";
    assert_eq!(mirror.number(differs), 0);
    let unmasked = "SELECT count(*) FROM registration WHERE email_hash IS NULL
        OR (phone IS NULL) <> (phone_hash IS NULL) OR birth_year IS NOT substr(birth_date, 1, 4)";
    assert_eq!(mirror.number(unmasked), 0);
    let changes = "SELECT count(*) FROM registration_change WHERE (before IS NULL) <> (before_masked IS NULL)
        OR (after IS NULL) <> (after_masked IS NULL) OR before_masked LIKE '%@%' OR after_masked LIKE '%@%'";
    assert_eq!(mirror.number(changes), 0);
    assert_eq!(mirror.list("PRAGMA integrity_check"), ["ok"]);
    assert_eq!(mirror.list("PRAGMA foreign_key_check"), Vec::<String>::new());
}

/// What the sample's upstream shows, newest first, and what has come since.
fn upstream() -> Vec<Registration> {
    let mut ada = person(1);
    (ada.phone, ada.birth_date) = (Some("+15005550001".into()), Some("1984-03-05".into()));
    let edited = with_email(person(4), "p4@example.net");
    vec![person(9), person(8), person(7), person(6), edited, person(2), ada]
}

#[test]
fn every_version_but_the_newest_has_a_sample() {
    for version in versions().into_iter().filter(|version| *version != newest()) {
        assert!(
            sample(version).exists(),
            "there is no sample of schema version {version}: make it with `tests/store/samples/make {version}`, \
             and see there about its rows"
        );
    }
}

#[tokio::test]
async fn a_file_of_every_earlier_version_opens_with_all_that_it_holds_and_is_walked_on() {
    let fresh = Mirror::new().await;
    let schema = fresh.list(SCHEMA);
    for version in versions().into_iter().filter(|version| *version != newest()) {
        let (folder, path) = older_file(version);
        assert_eq!(read(&path, VERSIONS).last(), Some(&version.to_string()));
        let mirror = Mirror::in_folder(folder, chrono_tz::UTC).await;
        assert_eq!(mirror.list(SCHEMA), schema, "of version {version}");
        assert_eq!(mirror.list(VERSIONS), fresh.list(VERSIONS));
        assert_holds(&mirror, version);
        walk_on(&mirror, version).await;
        mirror.store.close().await;
    }
}

fn assert_holds(mirror: &Mirror, version: i64) {
    assert_counts(mirror);
    let (has_registrations, has_changes) = (version >= WITH_REGISTRATIONS, version >= WITH_CHANGES);
    let rows = "SELECT registration_id || ' ' || email || ' ' || coalesce(registered_on, '-') || ' '
        || (missing_since IS NOT NULL) FROM registrations ORDER BY 1";
    let expected = [
        "reg_1 p1@example.com 2026-11-23 0",
        "reg_2 p2@example.com 2026-11-23 0",
        "reg_4 p4@example.net 2026-11-23 0",
        "reg_5 p5@example.com - 1",
        "reg_6 p6@example.com 2026-11-23 0",
        "reg_7 p7@example.com 2026-11-23 0",
        "reg_8 p8@example.com 2026-11-23 0",
    ];
    assert_eq!(mirror.list(rows), if has_registrations { &expected[..] } else { &[] }, "of {version}");
    let removed = "SELECT registration_id || ' ' || removed_at FROM removed_registrations";
    let expected = ["reg_3 2026-11-23T09:40:00Z"];
    assert_eq!(mirror.list(removed), if has_registrations { &expected[..] } else { &[] });
    let changes = "SELECT seq || ' ' || kind || ' ' || coalesce(registration_id, '')
        FROM registration_changes ORDER BY seq";
    let expected = [
        "1 loaded ",
        "2 removed reg_3",
        "3 created reg_6",
        "4 updated reg_4",
        "5 created reg_8",
        "6 created reg_7",
    ];
    assert_eq!(mirror.list(changes), if has_changes { &expected[..] } else { &[] }, "of {version}");
    let walks = "SELECT outcome FROM walks ORDER BY walk_id";
    let expected = ["failed", "complete", "complete", "complete", "complete", "interrupted"];
    let walked = if has_registrations { 6 } else { usize::from(version == 3) };
    assert_eq!(mirror.list(walks), expected[..walked], "of {version}");
}

async fn walk_on(mirror: &Mirror, version: i64) {
    let is_loaded = version >= WITH_REGISTRATIONS;
    let walk = mirror.begin(Kind::Incremental, 100).await;
    let unsettled: Vec<_> =
        walk.start.unsettled.iter().map(|unsettled| (unsettled.walk, unsettled.rows)).collect();
    assert_eq!(unsettled, if is_loaded { vec![(WalkKey(6), 2)] } else { vec![] });
    drop(walk);
    let figures = mirror.walk(Kind::Full, &upstream(), 110).await;
    let told = |figures: &coupontools_mirror::store::Figures| {
        let counts = figures.counts;
        (counts.created, counts.updated, counts.restored, counts.missing, counts.removed)
    };
    // What stood in the file is not written again.
    assert_eq!(told(&figures), (if is_loaded { 1 } else { 7 }, 0, 0, 0, 0), "of {version}");
    let mut with_3 = upstream();
    with_3.insert(5, person(3));
    let figures = mirror.walk(Kind::Full, &with_3, 120).await;
    let expected = if is_loaded { (0, 0, 1, 0, 0) } else { (1, 0, 0, 0, 0) };
    assert_eq!(told(&figures), expected, "of {version}");
    let last = mirror
        .list("SELECT kind || ' ' || registration_id FROM registration_changes ORDER BY seq DESC LIMIT 1");
    assert_eq!(last, [if is_loaded { "restored reg_3" } else { "created reg_3" }]);
    assert_counts(mirror);
    let standing = mirror.number("SELECT count(*) FROM registrations");
    assert_eq!(standing, if is_loaded { 9 } else { 8 });
}

async fn refused(path: &Path) -> OpenError {
    Store::open(path, &options(chrono_tz::UTC), minute(0)).await.map(|_| ()).expect_err("it must not open")
}

/// Every row of every table, the bookkeeping of migrations included.
fn everything(path: &Path) -> Vec<String> {
    let connection = Connection::open(path).unwrap();
    let mut all = list(&connection, "SELECT coalesce(sql, name) FROM sqlite_schema ORDER BY rowid");
    for table in list(&connection, "SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY 1") {
        let columns = list(&connection, &format!("SELECT name FROM pragma_table_info('{table}')"));
        let quoted: Vec<_> = columns.iter().map(|column| format!("quote({column})")).collect();
        all.extend(list(
            &connection,
            &format!("SELECT {} FROM {table} ORDER BY 1", quoted.join(" || ','  || ")),
        ));
    }
    all
}

#[tokio::test]
async fn a_migration_that_fails_undoes_those_before_it_and_the_file_is_as_it_was() {
    for (version, taken) in
        [(1, "removed_registrations"), (3, "registration_day"), (6, "directory_removed_deleted")]
    {
        let (_folder, path) = older_file(version);
        let connection = Connection::open(&path).unwrap();
        let plant = if taken.starts_with("directory") {
            format!("CREATE TRIGGER {taken} AFTER DELETE ON walk BEGIN SELECT 1; END")
        } else {
            format!("CREATE TABLE {taken} (planted TEXT)")
        };
        connection.execute_batch(&plant).unwrap();
        drop(connection);
        let before = everything(&path);
        for _ in 0..2 {
            let error = refused(&path).await;
            let OpenError::NotMigrated { version: failed, .. } = &error else { panic!("{error}") };
            assert!(*failed > version + 1, "those before it went well: {failed} failed");
            let text = error.to_string();
            assert!(
                text.starts_with("cannot bring the database ") && text.contains(" up to date: migration "),
                "{text}"
            );
            assert!(text.contains(taken) && error.hint().starts_with("the file is as it was"), "{text}");
            assert_eq!(everything(&path), before);
        }
        // Whoever opened it before still does: every migration that it holds is one that they know.
        assert_eq!(read(&path, VERSIONS).last(), Some(&version.to_string()));
        let is_table = !taken.starts_with("directory");
        let undo = if is_table { format!("DROP TABLE {taken}") } else { format!("DROP TRIGGER {taken}") };
        Connection::open(&path).unwrap().execute_batch(&undo).unwrap();
        open_at(path.clone(), chrono_tz::UTC).await.close().await;
        assert_eq!(read(&path, VERSIONS).last(), Some(&newest().to_string()));
    }
}

/// Many registrations: some migrations take their time.
fn fill(path: &Path) {
    let sql = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 120000)
        INSERT INTO registration (directory_key, registration_id, walk_key, fingerprint, first_seen_at, changed_at,
            email, registered_at, registered_on, removed_at, raw)
        SELECT 1, 'many_' || i, 5, i, '', '', 'p' || i || '@example.com', '2026-11-23T09:00:00Z',
            date('2020-01-01', '+' || (i % 2000) || ' days'), iif(i % 3, NULL, '2026-11-23T09:00:00Z'), '{}' FROM n;
        UPDATE directory SET registrations = (SELECT count(*) FROM registration WHERE removed_at IS NULL)";
    Connection::open(path).unwrap().execute_batch(sql).unwrap();
}

#[tokio::test]
async fn a_process_killed_while_it_migrates_leaves_all_of_it_or_nothing() {
    const NAME: &str = "a_process_killed_while_it_migrates_leaves_all_of_it_or_nothing";
    if let Some(folder) = std::env::var_os(CHILD_FOLDER) {
        return open_at(Path::new(&folder).join("mirror.db"), chrono_tz::UTC).await.close().await;
    }
    let version = 6;
    let mut killed_before_the_end = 0;
    for waits_for_a_version in [false, true] {
        let (folder, path) = older_file(version);
        fill(&path);
        let before = everything(&path);
        let connection = Connection::open(&path).unwrap();
        connection.busy_timeout(Duration::ZERO).unwrap();
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", &format!("upgrades::{NAME}"), "--nocapture"])
            .env(CHILD_FOLDER, folder.path())
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        let is_under_way = || {
            if waits_for_a_version {
                return list(&connection, VERSIONS).last() != Some(&version.to_string());
            }
            match connection.execute_batch("BEGIN IMMEDIATE; ROLLBACK") {
                Ok(()) => false,
                Err(error) => error.sqlite_error_code() == Some(ErrorCode::DatabaseBusy),
            }
        };
        let end = steady_now() + Duration::from_secs(60);
        while !is_under_way() {
            assert!(steady_now() < end, "it does not migrate");
        }
        child.kill().unwrap();
        child.wait().unwrap();
        drop(connection);
        let reached = read(&path, VERSIONS).last().unwrap().parse::<i64>().unwrap();
        if reached == version {
            assert_eq!(everything(&path), before);
            killed_before_the_end += 1;
        } else {
            assert_eq!(reached, newest(), "killed between two migrations");
        }
        assert_eq!(read(&path, "PRAGMA integrity_check"), ["ok"]);
        let mirror = Mirror::in_folder(folder, chrono_tz::UTC).await;
        assert_counts(&mirror);
        mirror.store.close().await;
    }
    assert!(killed_before_the_end >= 1, "it was never killed while it migrated");
}
