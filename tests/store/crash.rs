//! I6: what a killed process, a full disk or a foreign lock leaves behind. The tested process is
//! this test binary, run again for one of its own tests.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use coupontools_mirror::clock::steady_now;
use coupontools_mirror::store::{Absent, StoreError, WalkOutcome};
use coupontools_mirror::walk::{Kind, Save};
use rusqlite::{Connection, OpenFlags};

use crate::fixture::{Mirror, complete, list, minute, open_at, people};
use crate::masking;

/// Names the folder in which the child works; the same test without it is the parent.
const CHILD_FOLDER: &str = "STORE_TEST_CHILD_FOLDER";
const ROWS_A_PAGE: i64 = 100;

/// Runs this file's test `name` in a process of its own.
fn child(name: &str, folder: &Path, blocks_max: Option<u32>) -> Command {
    let binary = std::env::current_exe().unwrap();
    let limit = blocks_max.map_or_else(String::new, |blocks| format!("trap '' XFSZ; ulimit -f {blocks}; "));
    let mut command = Command::new("sh");
    command
        .arg("-c")
        .arg(format!("{limit}exec \"$0\" --exact crash::{name} --nocapture --test-threads=1"))
        .arg(binary)
        .env(CHILD_FOLDER, folder)
        .stdout(Stdio::piped());
    command
}

/// The mirror in the child's folder, if this process is the child.
async fn in_child() -> Option<Mirror> {
    let folder = std::env::var_os(CHILD_FOLDER)?;
    let store = open_at(Path::new(&folder).join("mirror.db"), chrono_tz::UTC).await;
    let name = coupontools_mirror::directory::AccountName::new("default");
    let account = store.save_account(&name, crate::fixture::READING).await.unwrap();
    let listed = [crate::fixture::directory("dir_1")];
    let saved = store.save_directories(account.key, &listed, Absent::AreGone, minute(0)).await.unwrap();
    // The parent owns the folder: this one is only where the struct wants one.
    let mirror =
        Mirror { folder: tempfile::tempdir().unwrap(), store, account, directory: saved.directories[0].key };
    Some(mirror)
}

fn page(n: i64) -> std::ops::RangeInclusive<i64> {
    n * ROWS_A_PAGE + 1..=(n + 1) * ROWS_A_PAGE
}

async fn save_until_killed(mirror: &Mirror) {
    let mut walk = mirror.begin(Kind::Full, 1).await;
    for n in 0.. {
        walk.save_rows(&people(page(n))).await;
        println!("\nsaved {}", n + 1);
    }
}

#[tokio::test]
async fn a_killed_process_loses_nothing_that_was_saved() {
    if let Some(mirror) = in_child().await {
        return save_until_killed(&mirror).await;
    }
    let folder = tempfile::tempdir().unwrap();
    for pages in [1, 7, 23] {
        let name = "a_killed_process_loses_nothing_that_was_saved";
        let mut process = child(name, folder.path(), None).spawn().unwrap();
        let out = BufReader::new(process.stdout.take().unwrap());
        let saved: i64 = out
            .lines()
            .map_while(Result::ok)
            .filter_map(|line| line.strip_prefix("saved ")?.parse().ok())
            .find(|n| *n >= pages)
            .unwrap();
        process.kill().unwrap();
        process.wait().unwrap();

        let path = folder.path().join("mirror.db");
        let connection = Connection::open_with_flags(&path, OpenFlags::SQLITE_OPEN_READ_ONLY).unwrap();
        assert_eq!(list(&connection, "PRAGMA integrity_check"), ["ok"]);
        let rows: i64 = connection.query_row("SELECT count(*) FROM registrations", [], |r| r.get(0)).unwrap();
        assert!(rows >= saved * ROWS_A_PAGE && rows % ROWS_A_PAGE == 0, "{rows} rows after {saved} saves");
        let counted = list(&connection, "SELECT registrations FROM directories");
        assert_eq!(counted, [rows.to_string()]);
        let found = list(&connection, "SELECT sum(created) FROM walks");
        assert_eq!(found, [rows.to_string()]);
    }
}

#[tokio::test]
async fn a_copy_of_the_file_and_its_log_at_any_moment_is_whole() {
    let mirror = Mirror::new().await;
    let mut walk = mirror.begin(Kind::Full, 1).await;
    for n in 0..20 {
        walk.save_rows(&people(page(n))).await;
        let copy = tempfile::tempdir().unwrap();
        for name in ["mirror.db", "mirror.db-wal"] {
            std::fs::copy(mirror.folder.path().join(name), copy.path().join(name)).unwrap();
        }
        let connection = Connection::open(copy.path().join("mirror.db")).unwrap();
        assert_eq!(list(&connection, "PRAGMA integrity_check"), ["ok"]);
        assert_eq!(
            list(&connection, "SELECT count(*) FROM registration"),
            [((n + 1) * ROWS_A_PAGE).to_string()]
        );
    }
}

#[tokio::test]
async fn a_process_killed_while_it_masks_anew_leaves_the_rest_to_the_next() {
    if let Some(mirror) = in_child().await {
        return mirror.store.close().await;
    }
    let folder = tempfile::tempdir().unwrap();
    masking::write_key(folder.path(), "a");
    let mirror = Mirror::in_folder(folder, chrono_tz::UTC).await;
    let (path, folder) = (mirror.path(), mirror.folder);
    mirror.store.close().await;
    masking::fill(&path);
    let connection = Connection::open(&path).unwrap();
    connection.execute_batch("UPDATE registration SET email_hash = 'of another key'").unwrap();

    masking::write_key(folder.path(), "b");
    let name = "a_process_killed_while_it_masks_anew_leaves_the_rest_to_the_next";
    let mut process = child(name, folder.path(), None).spawn().unwrap();
    let end = steady_now() + Duration::from_secs(60);
    while list(&connection, "SELECT email_hash FROM registration LIMIT 1") == ["of another key"] {
        assert!(steady_now() < end, "nothing was masked");
    }
    process.kill().unwrap();
    process.wait().unwrap();
    assert_eq!(list(&connection, "PRAGMA integrity_check"), ["ok"]);
    let is_half = "SELECT count(*) FROM registration WHERE email_hash = 'of another key'";
    let left = list(&connection, is_half);
    assert!(
        ["7000", "2000", "0"].contains(&left[0].as_str()),
        "whole batches are written: {left:?} are left"
    );

    let mirror = Mirror::in_folder(folder, chrono_tz::UTC).await;
    assert_eq!(mirror.number(masking::NOT_MASKED), 0);
    assert_eq!(mirror.list(is_half), ["0"]);
    assert_eq!(mirror.list("SELECT count(DISTINCT email_hash) FROM registration"), ["12000"]);
    mirror.store.close().await;
}

async fn save_until_full(mirror: &Mirror) {
    let walk = mirror.begin(Kind::Full, 1).await;
    let mut saved = 0;
    let error = loop {
        let rows = mirror.look_up(&people(page(saved))).await;
        let save = Save { rows, ..walk.empty() };
        let answer = mirror.store.save(&walk.handle, save, walk.progress, minute(2)).await.unwrap();
        match answer.await.unwrap() {
            Ok(()) => saved += 1,
            Err(error) => break error,
        }
    };
    assert_eq!(error, StoreError::Unwritable);
    // What comes later would stand over a hole, room or not.
    let rows = mirror.look_up(&people(page(9999))).await;
    let save = Save { rows, ..walk.empty() };
    let answer = mirror.store.save(&walk.handle, save, walk.progress, minute(2)).await.unwrap();
    assert_eq!(answer.await.unwrap(), Err(StoreError::WalkBroken));
    println!("\nsaved {saved}");
}

#[tokio::test]
async fn a_full_disk_loses_nothing_that_was_saved_and_says_so() {
    if let Some(mirror) = in_child().await {
        return save_until_full(&mirror).await;
    }
    let folder = tempfile::tempdir().unwrap();
    let name = "a_full_disk_loses_nothing_that_was_saved_and_says_so";
    let output = child(name, folder.path(), Some(4096)).output().unwrap();
    let out = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{out} {}", String::from_utf8_lossy(&output.stderr));
    let saved: i64 = out.lines().find_map(|line| line.strip_prefix("saved ")?.parse().ok()).unwrap();
    assert!(saved > 0);

    let mirror = Mirror::in_folder(folder, chrono_tz::UTC).await;
    assert_eq!(mirror.list("PRAGMA integrity_check"), ["ok"]);
    assert_eq!(mirror.number("SELECT count(*) FROM registrations"), saved * ROWS_A_PAGE);
    let walk = mirror.begin(Kind::Full, 10).await;
    let rows = u64::try_from(saved * ROWS_A_PAGE).unwrap();
    assert_eq!(walk.start.unsettled.iter().map(|unsettled| unsettled.rows).sum::<u64>(), rows);
}

#[tokio::test]
async fn a_failed_save_breaks_its_walk_and_the_next_one_goes_on() {
    let mirror = Mirror::new().await;
    let mut walk = mirror.begin(Kind::Full, 1).await;
    walk.save_rows(&people(page(0))).await;
    let rows = mirror.look_up(&people(page(1))).await;
    let blocker = Connection::open(mirror.path()).unwrap();
    blocker
        .execute_batch(
            "CREATE TRIGGER refuse BEFORE INSERT ON registration WHEN new.registration_id = 'reg_150'
             BEGIN SELECT raise(ABORT, 'refused'); END",
        )
        .unwrap();
    let save = Save { rows, settles: true, ..walk.empty() };
    let answer = mirror.store.save(&walk.handle, save, walk.progress, minute(2)).await.unwrap();
    assert!(matches!(answer.await.unwrap(), Err(StoreError::Failed(_))));
    blocker.execute_batch("DROP TRIGGER refuse").unwrap();

    let save = Save { rows: mirror.look_up(&people(page(2))).await, ..walk.empty() };
    let answer = mirror.store.save(&walk.handle, save, walk.progress, minute(2)).await.unwrap();
    assert_eq!(answer.await.unwrap(), Err(StoreError::WalkBroken));
    let figures = walk.finish(complete()).await;
    assert_eq!((figures.outcome, figures.counts.created), (WalkOutcome::Failed, 100));
    assert_eq!(mirror.number("SELECT count(*) FROM registrations"), 100);
    assert_eq!(mirror.list("SELECT loaded_at FROM directory"), ["-"]);
    assert_eq!(mirror.begin(Kind::Full, 10).await.start.unsettled.len(), 1, "nothing was settled");
}

#[tokio::test]
async fn closing_makes_everything_durable_that_was_handed_over() {
    let mirror = Mirror::new().await;
    let walk = mirror.begin(Kind::Full, 1).await;
    let mut answers = Vec::new();
    for n in 0..30 {
        let save = Save { rows: mirror.look_up(&people(page(n))).await, ..walk.empty() };
        answers.push(mirror.store.save(&walk.handle, save, walk.progress, minute(2)).await.unwrap());
    }
    drop(walk);
    let clone = mirror.store.clone();
    let mirror = mirror.reopened(chrono_tz::UTC).await;
    for answer in answers {
        assert_eq!(answer.await.unwrap(), Ok(()));
    }
    assert_eq!(mirror.number("SELECT count(*) FROM registrations"), 3000);
    let name = coupontools_mirror::directory::AccountName::new("late");
    assert_eq!(clone.save_account(&name, 1).await.map(|_| ()), Err(StoreError::Closed));
}
