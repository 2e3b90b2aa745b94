//! What is past is deleted in batches, and nothing that walks, counts or followers go by.

use coupontools_mirror::store::Past;
use coupontools_mirror::walk::{Kind, Save};
use rusqlite::Connection;

use crate::fixture::{Mirror, complete, evidence, minute, people, person};
use crate::masking::{DAYS_BY_VIEW, DAYS_COUNTED};

/// Everything in the file is older.
const LATER: i64 = 1_000_000;

pub fn plant(mirror: &Mirror, sql: &str) {
    let connection = Connection::open(mirror.path()).unwrap();
    connection.busy_timeout(std::time::Duration::from_secs(5)).unwrap();
    connection.execute_batch(sql).unwrap();
}

/// So many changes, one a minute from minute 1 on.
fn plant_changes(mirror: &Mirror, changes: i64) {
    let sql = format!(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {changes})
         INSERT INTO registration_change (at, kind, directory_key, registration_id, before, after)
         SELECT strftime('%Y-%m-%dT%H:%M:%SZ', '{}', '+' || i || ' minutes'), 'updated', 1, 'reg_1', '{{}}', '{{}}'
         FROM n",
        minute(0)
    );
    plant(mirror, &sql);
}

fn seqs(mirror: &Mirror) -> (i64, i64, i64) {
    mirror
        .sql()
        .query_row(
            "SELECT coalesce(min(seq), 0), coalesce(max(seq), 0), count(*) FROM registration_changes",
            [],
            |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)),
        )
        .unwrap()
}

#[tokio::test]
async fn the_feeds_beginning_goes_in_small_batches_and_a_second_run_finds_nothing() {
    let mirror = Mirror::new().await;
    plant_changes(&mirror, 1000);
    assert_eq!(mirror.forget(Past::Changes, 651).await, [200, 200, 200, 50]);
    assert_eq!(seqs(&mirror), (651, 1000, 350));
    assert_eq!(mirror.forget(Past::Changes, 651).await, [0]);
    assert_eq!(mirror.forget(Past::Changes, LATER).await, [200, 150]);
    assert_eq!(mirror.forget(Past::Changes, LATER).await, [0]);
    // Numbers go on where they were.
    mirror.walk(Kind::Incremental, &people(1..=2), 10).await;
    assert_eq!(seqs(&mirror), (1001, 1001, 1));
}

#[tokio::test]
async fn a_change_that_is_young_keeps_all_that_come_after_it_whatever_the_clock_said() {
    let mirror = Mirror::new().await;
    plant_changes(&mirror, 30);
    plant(&mirror, &format!("UPDATE registration_change SET at = '{}' WHERE seq = 11", minute(5000)));
    assert_eq!(mirror.forget(Past::Changes, 100).await, [10]);
    assert_eq!(seqs(&mirror), (11, 30, 20));
}

/// Walks that prove 2 to 6 gone and remove them at minute 30; a seventh is unsettled.
async fn with_removed() -> Mirror {
    let mirror = Mirror::new().await;
    mirror.walk(Kind::Incremental, &people(1..=10), 10).await;
    let shown: Vec<_> = people(1..=10).into_iter().filter(|r| !(2..=6).any(|n| *r == person(n))).collect();
    for at in [20, 30] {
        let mut walk = mirror.begin(Kind::Incremental, at).await;
        let rows = mirror.look_up(&shown).await;
        let evidence = Some(evidence(Some(1), None, &shown));
        walk.save(Save { rows, evidence, settles: true, ..walk.empty() }).await;
        walk.finish(complete()).await;
    }
    assert_eq!(removed(&mirror), 5);
    mirror
}

fn removed(mirror: &Mirror) -> i64 {
    mirror.number("SELECT count(*) FROM removed_registrations")
}

fn assert_counts(mirror: &Mirror) {
    let counts = "SELECT (registrations - (SELECT count(*) FROM registrations))
        || ' ' || (removed - (SELECT count(*) FROM removed_registrations)) FROM directory";
    assert_eq!(mirror.list(counts), ["0 0"]);
    assert_eq!(mirror.list(DAYS_BY_VIEW), mirror.list(DAYS_COUNTED));
}

#[tokio::test]
async fn the_long_removed_go_and_counts_stay_exact() {
    let mirror = with_removed().await;
    assert_eq!(mirror.forget(Past::Removed, 30).await, [0]);
    assert_eq!(mirror.forget(Past::Removed, 31).await, [5]);
    assert_eq!((removed(&mirror), mirror.number("SELECT count(*) FROM registrations")), (0, 5));
    assert_counts(&mirror);
    assert_eq!(mirror.forget(Past::Removed, 31).await, [0]);
    // Seen again, it is new.
    let figures = mirror.walk(Kind::Full, &people(1..=10), 40).await;
    assert_eq!((figures.counts.created, figures.counts.restored), (5, 0));
    assert_counts(&mirror);
}

#[tokio::test]
async fn no_key_is_given_twice_and_what_unsettled_walks_found_stays() {
    let mirror = with_removed().await;
    plant(&mirror, "UPDATE registration SET removed_at = '2026-01-01T00:00:00Z'");
    let last = mirror.number("SELECT max(registration_key) FROM registration");
    plant(&mirror, "UPDATE walk SET settled = 0 WHERE walk_key = 1");
    assert_eq!(mirror.forget(Past::Removed, LATER).await, [0]);
    plant(&mirror, "UPDATE walk SET settled = 1");
    assert_eq!(mirror.forget(Past::Removed, LATER).await, [9]);
    assert_eq!(mirror.list("SELECT registration_key FROM registration"), [last.to_string()]);
    mirror.walk(Kind::Full, &people(20..=21), 50).await;
    assert!(mirror.number("SELECT min(registration_key) FROM registration WHERE removed_at IS NULL") > last);
    assert_eq!(mirror.forget(Past::Removed, LATER).await, [1]);
}

#[tokio::test]
async fn walks_go_but_for_the_last_of_each_directory_and_those_that_something_hangs_on() {
    let mirror = Mirror::new().await;
    // It found something and was never crossed again.
    let mut unsettled = mirror.begin(Kind::Incremental, 1).await;
    unsettled.save_rows(&[person(1)]).await;
    drop(unsettled);
    let sql = "WITH RECURSIVE n(i) AS (SELECT 2 UNION ALL SELECT i + 1 FROM n WHERE i < 1300)
        INSERT INTO walk SELECT i, 1, 'incremental', '2026-01-01T00:00:00Z', iif(i = 700, NULL, '2026-01-01T00:00:01Z'),
            iif(i = 700, NULL, 'complete'), 1, 1, 1, 0, iif(i % 10, 0, 1), 0, 0, 0, 0, NULL, i > 5, 0, i FROM n";
    plant(&mirror, sql);
    let recovered = "SELECT recovered FROM directory";
    let before = mirror.number(recovered);
    assert!(before > 100);
    // Nothing was found by 2 to 5, which are unsettled, too.
    assert_eq!(mirror.forget(Past::Walks, 0).await.iter().sum::<u64>(), 1300 - 1 - 1 - 20);
    let kept: Vec<String> = [1, 700].into_iter().chain(1281..=1300).map(|key: i64| key.to_string()).collect();
    assert_eq!(mirror.list("SELECT walk_key FROM walk ORDER BY walk_key"), kept);
    assert_eq!(mirror.number(recovered), before);
    assert_eq!(mirror.forget(Past::Walks, 0).await, [0]);

    let mirror = mirror.reopened(chrono_tz::UTC).await;
    let walk = mirror.begin(Kind::Incremental, 60).await;
    assert_eq!(walk.handle.walk.0, 1301);
    assert_eq!(walk.start.unsettled.len(), 1);
}

#[tokio::test]
async fn what_a_walk_found_whose_row_is_gone_is_settled() {
    let mirror = Mirror::new().await;
    mirror.walk(Kind::Incremental, &people(1..=5), 10).await;
    plant(&mirror, "DELETE FROM walk");
    let mirror = mirror.reopened(chrono_tz::UTC).await;
    let page = [person(5), person(4), person(2), person(1)];
    for at in [20, 30] {
        let mut walk = mirror.begin(Kind::Incremental, at).await;
        assert_eq!((walk.handle.walk.0 > 1, walk.start.unsettled.len()), (true, 0));
        let rows = mirror.look_up(&page).await;
        let evidence = Some(evidence(Some(1), None, &page));
        walk.save(Save { rows, evidence, settles: true, ..walk.empty() }).await;
        walk.finish(complete()).await;
    }
    assert_eq!(mirror.list("SELECT registration_id FROM removed_registrations"), ["reg_3"]);
}
