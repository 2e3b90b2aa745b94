//! What the file says of itself to metrics is what counting its rows says.

use coupontools_mirror::directory::{AccountName, DirectoryId};
use coupontools_mirror::store::{
    Absent, Brake, DirectoryMeasures, Listed, Measures, Reader, Store, WalkOutcome,
};
use coupontools_mirror::walk::{Failure, Finish, Kind, Outcome, Save};

use crate::fixture::{BRAKE, Mirror, complete, directory, evidence, minute, people};

async fn measure(mirror: &Mirror) -> Measures {
    let reader = Reader::open(&mirror.path()).await.unwrap();
    let measured = reader.measure().await.unwrap();
    reader.close().await;
    measured
}

/// A walk that shows persons 1 to `shown` and proves the others gone.
async fn prove(mirror: &Mirror, shown: i64, brake: Brake, at: i64) {
    let mut walk = mirror.begin(Kind::Full, at).await;
    let page = people(1..=shown);
    let rows = mirror.look_up(&page).await;
    let save = Save { rows, evidence: Some(evidence(Some(0), None, &page)), ..walk.empty() };
    walk.save(save).await;
    walk.finish_with(complete(), brake).await;
}

#[tokio::test]
async fn every_figure_of_a_directory_is_what_its_rows_say() {
    let mirror = Mirror::new().await;
    let never = &measure(&mirror).await.directories[0];
    assert_eq!((never.registrations, never.last_complete_at, never.last_outcome), (0, None, None));
    let mut walk = mirror.begin(Kind::Full, 10).await;
    let rows = mirror.look_up(&people(1..=100)).await;
    let save = Save { rows, recovered: 7, ..walk.empty() };
    walk.save(save).await;
    walk.finish(complete()).await;
    prove(&mirror, 90, BRAKE, 20).await;
    prove(&mirror, 90, BRAKE, 30).await;
    mirror.walk(Kind::Incremental, &people(1..=94), 40).await;
    prove(&mirror, 60, BRAKE, 50).await;
    prove(&mirror, 60, BRAKE, 60).await;
    let walk = mirror.begin(Kind::Incremental, 70).await;
    let failed = Finish { outcome: Outcome::Failed(Failure::Unanswered), settles: false, ..complete() };
    walk.finish(failed).await;
    let under_way = mirror.begin(Kind::Full, 80).await;

    let measured = measure(&mirror).await;
    let expected = DirectoryMeasures {
        directory_id: DirectoryId::new("dir_1"),
        account: AccountName::new("default"),
        name: Some("Main street".to_owned()),
        registrations: 94,
        missing: 34,
        removed: 6,
        recovered: 7,
        first_seen_at: Some(minute(0)),
        last_complete_at: Some(minute(50)),
        last_full_at: Some(minute(50)),
        is_brake_held: true,
        last_outcome: Some(WalkOutcome::Failed),
    };
    assert_eq!(measured.directories, [expected]);
    assert_eq!(mirror.number("SELECT count(*) FROM removed_registrations"), 6);
    assert_eq!(mirror.number("SELECT count(*) FROM registrations WHERE missing_since IS NOT NULL"), 34);
    assert_eq!(mirror.number("SELECT sum(recovered) FROM walks"), 7);
    let last_change = mirror.number("SELECT max(seq) FROM registration_changes");
    assert_eq!(measured.change_seq, u64::try_from(last_change).unwrap());
    drop(under_way);
}

#[tokio::test]
async fn rows_that_go_take_nothing_along_that_was_counted_for_good() {
    let mirror = Mirror::new().await;
    let mut walk = mirror.begin(Kind::Full, 10).await;
    let rows = mirror.look_up(&people(1..=100)).await;
    let save = Save { rows, recovered: 3, ..walk.empty() };
    walk.save(save).await;
    walk.finish(complete()).await;
    prove(&mirror, 95, BRAKE, 20).await;
    prove(&mirror, 95, BRAKE, 30).await;
    let before = measure(&mirror).await;
    assert_eq!((before.directories[0].removed, before.directories[0].recovered), (5, 3));
    let connection = rusqlite::Connection::open(mirror.path()).unwrap();
    connection
        .execute_batch(
            "DELETE FROM registration WHERE removed_at IS NOT NULL; DELETE FROM registration_change",
        )
        .unwrap();
    connection.execute_batch("DELETE FROM walk").unwrap();
    let after = measure(&mirror).await;
    assert_eq!((after.directories[0].removed, after.directories[0].recovered), (0, 3));
    assert_eq!(after.change_seq, before.change_seq, "the feed goes on where it was");
}

#[tokio::test]
async fn only_listed_directories_are_told_of_and_each_account_says_whether_it_was_listed() {
    let mirror = Mirror::new().await;
    let store: &Store = &mirror.store;
    let listed = [directory("dir_1"), directory("dir_2")];
    store.save_directories(mirror.account.key, &listed, Absent::AreGone, minute(1)).await.unwrap();
    store
        .save_account_error(mirror.account.key, Some("the keys were refused".to_owned()), minute(2))
        .await
        .unwrap();
    let measured = measure(&mirror).await;
    assert_eq!(measured.directories.len(), 2);
    assert_eq!(measured.accounts, [(AccountName::new("default"), Listed::Badly)]);
    store.save_directories(mirror.account.key, &listed[1..], Absent::AreGone, minute(2)).await.unwrap();
    store.save_account_error(mirror.account.key, None, minute(2)).await.unwrap();
    let elsewhere = store.save_account(&AccountName::new("elsewhere"), 1).await.unwrap();
    store.save_account_error(elsewhere.key, Some("timed out".to_owned()), minute(2)).await.unwrap();
    store.release_directories(&[mirror.account.key], minute(3)).await.unwrap();
    let measured = measure(&mirror).await;
    let ids: Vec<_> = measured.directories.iter().map(|directory| directory.directory_id.as_str()).collect();
    assert_eq!(ids, ["dir_2"]);
    let well = ["default", "elsewhere"].map(|name| (AccountName::new(name), Listed::Well));
    assert_eq!(measured.accounts, well, "nobody minds an account that is configured no more");
}
