//! Accounts and the directories that they list.

use coupontools_mirror::directory::{AccountName, DirectoryId};
use coupontools_mirror::store::{Absent, StoreError};
use coupontools_mirror::walk::{Kind, Save};

use crate::fixture::{Mirror, READING, complete, directory, evidence, minute, people};

#[tokio::test]
async fn what_a_list_lacks_is_marked_and_kept_and_what_comes_back_is_not() {
    let mirror = Mirror::new().await;
    mirror.walk(Kind::Incremental, &people(1..=2), 1).await;
    let key = mirror.account.key;
    let ids = [DirectoryId::new("dir_2")];
    assert_eq!(mirror.store.count_unlisted(key, &ids).await, Ok(1));
    mirror.store.save_directories(key, &[directory("dir_2")], Absent::AreGone, minute(5)).await.unwrap();
    assert_eq!(mirror.list("SELECT removed_at FROM directories ORDER BY 1"), ["-", "2026-11-23T09:05:00Z"]);
    assert_eq!(mirror.list("SELECT directory_id FROM sync_status"), ["dir_2"]);
    assert_eq!(mirror.number("SELECT count(*) FROM registrations"), 2);
    let both = [directory("dir_1"), directory("dir_2"), directory("dir_1")];
    let saved = mirror.store.save_directories(key, &both, Absent::AreGone, minute(6)).await.unwrap();
    let known: Vec<_> =
        saved.directories.iter().map(|d| (d.id.as_str(), d.registrations, d.loaded_at.is_some())).collect();
    assert_eq!(known, [("dir_1", 2, true), ("dir_2", 0, false)]);
    assert_eq!(saved.directories[0].key, mirror.directory);
    assert_eq!(mirror.list("SELECT removed_at FROM directories"), ["-", "-"]);
    assert_eq!(mirror.list("SELECT first_seen_at FROM directories ORDER BY 1")[0], "2026-11-23T09:00:00Z");
}

#[tokio::test]
async fn a_list_that_is_not_whole_marks_nothing() {
    let mirror = Mirror::new().await;
    let key = mirror.account.key;
    mirror.store.save_directories(key, &[directory("dir_2")], Absent::AreUnknown, minute(5)).await.unwrap();
    assert_eq!(mirror.list("SELECT removed_at FROM directories ORDER BY directory_id"), ["-", "-"]);
}

#[tokio::test]
async fn a_directory_belongs_to_one_account_until_that_lists_it_no_longer() {
    let mirror = Mirror::new().await;
    let other = mirror.store.save_account(&AccountName::new("other"), READING).await.unwrap();
    let saved = mirror
        .store
        .save_directories(other.key, &[directory("dir_1")], Absent::AreGone, minute(1))
        .await
        .unwrap();
    assert_eq!((saved.directories.len(), saved.owned_elsewhere), (0, vec![DirectoryId::new("dir_1")]));
    mirror.store.save_directories(mirror.account.key, &[], Absent::AreGone, minute(2)).await.unwrap();
    let saved = mirror
        .store
        .save_directories(other.key, &[directory("dir_1")], Absent::AreGone, minute(3))
        .await
        .unwrap();
    assert_eq!(saved.directories[0].key, mirror.directory);
    assert_eq!(mirror.list("SELECT account FROM directories"), ["other"]);
    assert!(!mirror.begin(Kind::Full, 4).await.start.in_order, "its dates may have been read otherwise");
}

#[tokio::test]
async fn an_account_that_was_renamed_takes_its_directories_along() {
    let mirror = Mirror::new().await;
    mirror.walk(Kind::Incremental, &people(1..=2), 1).await;
    let renamed = mirror.store.save_account(&AccountName::new("renamed"), READING).await.unwrap();
    mirror.store.release_directories(&[renamed.key], minute(2)).await.unwrap();
    let listed = [directory("dir_1")];
    let saved =
        mirror.store.save_directories(renamed.key, &listed, Absent::AreGone, minute(3)).await.unwrap();
    assert_eq!((saved.directories[0].key, saved.directories[0].registrations), (mirror.directory, 2));
    assert_eq!(mirror.list("SELECT account FROM directories WHERE removed_at IS NULL"), ["renamed"]);
}

#[tokio::test]
async fn an_account_keeps_what_it_counts_pages_from() {
    let mirror = Mirror::new().await;
    assert_eq!(mirror.account.first_page, None);
    mirror.store.save_first_page(mirror.account.key, Some(0)).await.unwrap();
    let mirror = mirror.reopened(chrono_tz::UTC).await;
    assert_eq!(mirror.account.first_page, Some(0));
    let nobody = coupontools_mirror::store::AccountKey(99);
    assert_eq!(mirror.store.save_first_page(nobody, Some(1)).await, Err(StoreError::Unknown("account")));
}

#[tokio::test]
async fn other_rules_of_reading_void_what_dates_have_proven() {
    let mirror = Mirror::new().await;
    mirror.walk(Kind::Incremental, &people(1..=5), 1).await;
    let mut walk = mirror.begin(Kind::Incremental, 2).await;
    let save = Save { evidence: Some(evidence(None, None, &people(1..=4))), ..walk.empty() };
    walk.save(save).await;
    walk.finish(complete()).await;
    let half_proven = "SELECT count(*) FROM registration WHERE gone_walk_key IS NOT NULL";
    assert_eq!(mirror.number(half_proven), 1);
    let name = AccountName::new("default");
    mirror.store.save_account(&name, READING).await.unwrap();
    assert_eq!(mirror.number(half_proven), 1);
    mirror.store.save_account(&name, READING + 1).await.unwrap();
    assert_eq!(mirror.number(half_proven), 0);
    assert!(!mirror.begin(Kind::Full, 4).await.start.in_order);
}

#[tokio::test]
async fn an_unknown_directory_is_refused() {
    let mirror = Mirror::new().await;
    let nowhere = coupontools_mirror::store::DirectoryKey(99);
    let refused = mirror.store.begin_walk(nowhere, Kind::Full, 100, minute(1)).await;
    assert_eq!(refused.err(), Some(StoreError::Unknown("directory")));
}
