//! Walks: their rows in the file, settling, stretches, interruption.

use coupontools_mirror::store::{Absent, StoreError, WalkOutcome};
use coupontools_mirror::walk::{Failure, Finish, Kind, Learned, Outcome, Save, Unsettled};

use crate::fixture::{Mirror, complete, minute, people, person};

#[tokio::test]
async fn an_interrupted_walk_shows_its_figures_and_is_handed_to_the_next() {
    let mirror = Mirror::new().await;
    let mut walk = mirror.begin(Kind::Full, 10).await;
    walk.save_rows(&people(1..=4)).await;
    let key = walk.handle.walk;
    drop(walk);
    let mirror = mirror.reopened(chrono_tz::UTC).await;
    assert_eq!(
        mirror.list(
            "SELECT json_array(kind, outcome, finished_at, pages, requests, rows_read, created) FROM walks"
        ),
        [r#"["full","interrupted","2026-11-23T09:00:00Z",1,1,4,4]"#]
    );
    let next = mirror.begin(Kind::Incremental, 20).await;
    assert!(next.handle.walk > key);
    assert!(next.start.has_standing);
    assert_eq!(next.start.unsettled, [Unsettled { walk: key, stretch: key, rows: 4, has_gap: false }]);
}

#[tokio::test]
async fn joining_a_walk_joins_whatever_is_one_stretch_with_it() {
    let mirror = Mirror::new().await;
    let mut keys = Vec::new();
    for n in [10, 20] {
        let mut walk = mirror.begin(Kind::Incremental, n).await;
        walk.save_rows(&people(n..n + 3)).await;
        if let Some(joined) = keys.last() {
            let save = Save { joins: vec![*joined], ..walk.empty() };
            walk.save(save).await;
        }
        keys.push(walk.handle.walk);
        walk.finish(Finish { outcome: Outcome::Cancelled, settles: false, ..complete() }).await;
    }
    let mut third = mirror.begin(Kind::Incremental, 30).await;
    assert_eq!(third.start.unsettled.iter().map(|u| u.stretch).collect::<Vec<_>>(), [keys[1], keys[1]]);
    let save = Save { joins: vec![keys[1]], ..third.empty() };
    third.save(save).await;
    let me = third.handle.walk;
    third
        .finish(Finish { outcome: Outcome::Failed(Failure::Unanswered), settles: false, ..complete() })
        .await;
    let fourth = mirror.begin(Kind::Incremental, 40).await;
    assert_eq!(fourth.start.unsettled.iter().map(|u| u.stretch).collect::<Vec<_>>(), [me, me]);
}

#[tokio::test]
async fn settling_settles_every_earlier_walk_of_the_directory_and_writes_no_registration() {
    let mirror = Mirror::new().await;
    let mut first = mirror.begin(Kind::Incremental, 10).await;
    first.save_rows(&people(1..=3)).await;
    drop(first);
    let second = mirror.begin(Kind::Incremental, 20).await;
    assert_eq!(second.start.unsettled.len(), 1);
    second.finish(complete()).await;
    assert_eq!(mirror.begin(Kind::Incremental, 30).await.start.unsettled, []);
    assert_eq!(mirror.number("SELECT count(DISTINCT walk_key) FROM registration"), 1);
}

#[tokio::test]
async fn what_a_settled_walk_finds_later_is_settled() {
    let mirror = Mirror::new().await;
    let mut walk = mirror.begin(Kind::Full, 10).await;
    let save = Save { settles: true, ..walk.empty() };
    walk.save(save).await;
    walk.save_rows(&people(1..=3)).await;
    drop(walk);
    let mirror = mirror.reopened(chrono_tz::UTC).await;
    assert_eq!(mirror.begin(Kind::Incremental, 20).await.start.unsettled, []);
}

#[tokio::test]
async fn what_is_learned_of_an_account_is_remembered_and_never_forgotten() {
    let mirror = Mirror::new().await;
    let mut walk = mirror.begin(Kind::Full, 10).await;
    assert_eq!(walk.start.learned, Learned::default());
    let learned = Learned { tells_pages_apart: true, ..Learned::default() };
    let save = Save { learned, ..walk.empty() };
    walk.save(save).await;
    let learned = Learned { gives_short_pages: true, ..Learned::default() };
    walk.finish(Finish { learned, ..complete() }).await;
    let walk = mirror.begin(Kind::Full, 20).await;
    assert_eq!(walk.start.learned, Learned { gives_short_pages: true, tells_pages_apart: true });
}

#[tokio::test]
async fn recovered_is_counted() {
    let mirror = Mirror::new().await;
    let mut walk = mirror.begin(Kind::Full, 10).await;
    let rows = mirror.look_up(&people(1..=3)).await;
    let save = Save { rows, recovered: 2, ..walk.empty() };
    walk.save(save).await;
    assert_eq!(walk.finish(complete()).await.counts.recovered, 2);
    assert_eq!(mirror.number("SELECT recovered FROM walks"), 2);
}

#[tokio::test]
async fn a_walk_that_was_overtaken_or_has_ended_saves_nothing() {
    let mirror = Mirror::new().await;
    let mut first = mirror.begin(Kind::Incremental, 10).await;
    first.save_rows(&[person(1)]).await;
    let (handle, save) = (first.handle, Save { rows: mirror.look_up(&[person(2)]).await, ..first.empty() });
    let second = mirror.begin(Kind::Incremental, 20).await;
    let answer = mirror.store.save(&handle, save, first.progress, minute(21)).await.unwrap().await.unwrap();
    assert_eq!(answer, Err(StoreError::WalkOver));
    assert_eq!(second.start.unsettled.len(), 1);
    assert_eq!(second.finish(complete()).await.outcome, WalkOutcome::Complete);
    assert_eq!(mirror.list("SELECT outcome FROM walks ORDER BY walk_id"), ["interrupted", "complete"]);
    assert_eq!(mirror.number("SELECT count(*) FROM registrations"), 1);
}

#[tokio::test]
async fn walks_that_have_written_nothing_yet_have_keys_of_their_own() {
    let mirror = Mirror::new().await;
    let listed = ["dir_1", "dir_2"].map(crate::fixture::directory);
    let saved =
        mirror.store.save_directories(mirror.account.key, &listed, Absent::AreGone, minute(1)).await.unwrap();
    let mut keys = Vec::new();
    for directory in saved.directories {
        let (handle, start) =
            mirror.store.begin_walk(directory.key, Kind::Full, 100, minute(2)).await.unwrap();
        assert_eq!(handle.walk, start.walk);
        keys.push(handle.walk);
    }
    assert_ne!(keys[0], keys[1]);
    assert_eq!(mirror.number("SELECT count(*) FROM walks"), 0);
}
