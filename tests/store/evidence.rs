//! Missing, removed, restored: what a page and a full walk prove, and what they do not.

use coupontools_mirror::registration::Registration;
use coupontools_mirror::walk::{Finish, Kind, Save};

use crate::fixture::{Mirror, Walk, complete, evidence, people, person, seen};

/// Five settled registrations, minutes 1 to 5.
async fn loaded() -> Mirror {
    let mirror = Mirror::new().await;
    mirror.walk(Kind::Incremental, &people(1..=5), 10).await;
    mirror
}

/// A page of all five but number 3, and what it proves.
async fn show_without_3(walk: &mut Walk<'_>) {
    let page: Vec<Registration> = people(1..=5).into_iter().filter(|r| *r != person(3)).collect();
    let rows = walk.mirror.look_up(&page).await;
    let evidence = Some(evidence(Some(1), None, &page));
    let save = Save { rows, evidence, settles: true, ..walk.empty() };
    walk.save(save).await;
}

async fn walk_without_3(mirror: &Mirror, at: i64) -> coupontools_mirror::store::Figures {
    let mut walk = mirror.begin(Kind::Incremental, at).await;
    show_without_3(&mut walk).await;
    walk.finish(complete()).await
}

fn missing(mirror: &Mirror) -> Vec<String> {
    mirror.list("SELECT registration_id FROM registrations WHERE missing_since IS NOT NULL ORDER BY 1")
}

fn removed(mirror: &Mirror) -> Vec<String> {
    mirror.list("SELECT registration_id FROM removed_registrations ORDER BY 1")
}

#[tokio::test]
async fn the_first_proof_makes_missing_and_the_second_by_a_later_walk_removes() {
    let mirror = loaded().await;
    let figures = walk_without_3(&mirror, 20).await;
    assert_eq!((figures.counts.missing, figures.counts.removed), (1, 0));
    assert_eq!((missing(&mirror), removed(&mirror)), (vec!["reg_3".to_owned()], vec![]));
    let figures = walk_without_3(&mirror, 30).await;
    assert_eq!((figures.counts.missing, figures.counts.removed), (0, 1));
    assert_eq!((missing(&mirror), removed(&mirror)), (vec![], vec!["reg_3".to_owned()]));
    assert_eq!(mirror.number("SELECT registrations FROM sync_status"), 4);
    assert_eq!(
        mirror.list("SELECT kind || ' ' || before || ' ' || after FROM registration_changes WHERE seq > 1"),
        [r#"removed {"removed_at":null} {"removed_at":"2026-11-23T09:30:00Z"}"#]
    );
}

#[tokio::test]
async fn one_walk_never_proves_twice() {
    let mirror = loaded().await;
    let mut walk = mirror.begin(Kind::Incremental, 20).await;
    show_without_3(&mut walk).await;
    show_without_3(&mut walk).await;
    let figures = walk.finish(complete()).await;
    assert_eq!((figures.counts.missing, figures.counts.removed), (1, 0));
}

#[tokio::test]
async fn a_second_proof_by_a_walk_that_died_removes_nothing_and_counts_no_more() {
    let mirror = loaded().await;
    walk_without_3(&mirror, 20).await;
    let mut walk = mirror.begin(Kind::Incremental, 30).await;
    show_without_3(&mut walk).await;
    drop(walk);
    let mirror = mirror.reopened(chrono_tz::UTC).await;
    assert_eq!((missing(&mirror), removed(&mirror).len()), (vec!["reg_3".to_owned()], 0));
    mirror.walk(Kind::Incremental, &people(1..=2), 40).await;
    assert_eq!(removed(&mirror).len(), 0);
    walk_without_3(&mirror, 50).await;
    assert_eq!(removed(&mirror), ["reg_3"]);
}

#[tokio::test]
async fn a_walk_that_failed_removes_what_it_proved_for_the_second_time() {
    let mirror = loaded().await;
    walk_without_3(&mirror, 20).await;
    let mut walk = mirror.begin(Kind::Incremental, 30).await;
    show_without_3(&mut walk).await;
    use coupontools_mirror::walk::{Failure, Outcome};
    let failed = Finish { outcome: Outcome::Failed(Failure::Unanswered), settles: false, ..complete() };
    assert_eq!(walk.finish(failed).await.counts.removed, 1);
}

#[tokio::test]
async fn seen_again_missing_is_cleared_and_removed_is_restored() {
    let mirror = loaded().await;
    walk_without_3(&mirror, 20).await;
    let figures = mirror.walk(Kind::Full, &people(1..=5), 30).await;
    assert_eq!((missing(&mirror).len(), figures.counts.updated, figures.counts.restored), (0, 0, 0));
    walk_without_3(&mirror, 40).await;
    assert_eq!(removed(&mirror).len(), 0, "the earlier proof is void");
    walk_without_3(&mirror, 50).await;
    assert_eq!(removed(&mirror), ["reg_3"]);
    let figures = mirror.walk(Kind::Full, &people(1..=5), 60).await;
    assert_eq!((figures.counts.restored, figures.counts.updated, figures.counts.created), (1, 0, 0));
    assert_eq!((missing(&mirror).len(), removed(&mirror).len()), (0, 0));
    assert_eq!(mirror.number("SELECT registrations FROM sync_status"), 5);
    assert_eq!(
        mirror.list(
            "SELECT kind || ' ' || before || ' ' || after FROM registration_changes ORDER BY seq DESC LIMIT 1"
        ),
        [r#"restored {"removed_at":"2026-11-23T09:50:00Z"} {"removed_at":null}"#]
    );
}

#[tokio::test]
async fn the_bounds_of_the_interval_prove_nothing_of_themselves() {
    let mirror = loaded().await;
    for at in [20, 30] {
        let mut walk = mirror.begin(Kind::Incremental, at).await;
        let save = Save { evidence: Some(evidence(Some(2), Some(4), &[])), ..walk.empty() };
        walk.save(save).await;
        walk.finish(complete()).await;
    }
    assert_eq!(removed(&mirror), ["reg_3"]);
}

#[tokio::test]
async fn what_is_undated_or_not_settled_is_never_proven_gone() {
    let mirror = Mirror::new().await;
    let mut undated = person(9);
    undated.registered_at = None;
    mirror.walk(Kind::Incremental, &[undated], 5).await;
    let mut unsettled = mirror.begin(Kind::Incremental, 10).await;
    unsettled.save_rows(&people(1..=5)).await;
    drop(unsettled);
    for at in [20, 30] {
        let mut walk = mirror.begin(Kind::Incremental, at).await;
        walk.save_rows(&[person(6 + at)]).await;
        let save = Save { evidence: Some(evidence(None, None, &[])), ..walk.empty() };
        walk.save(save).await;
        let finish = Finish { settles: false, ..complete() };
        walk.finish(finish).await;
    }
    assert_eq!((missing(&mirror).len(), removed(&mirror).len()), (0, 0));
}

#[tokio::test]
async fn broken_order_voids_what_is_half_proven_and_ends_evidence() {
    let mirror = loaded().await;
    walk_without_3(&mirror, 20).await;
    let mut walk = mirror.begin(Kind::Incremental, 30).await;
    let page = evidence(None, None, &[]);
    let save = Save { breaks_order: true, evidence: Some(page), ..walk.empty() };
    walk.save(save).await;
    walk.finish(complete()).await;
    assert!(!mirror.begin(Kind::Incremental, 31).await.start.in_order);
    assert_eq!(mirror.number("SELECT count(*) FROM registration WHERE gone_walk_key IS NOT NULL"), 0);
    assert_eq!((missing(&mirror), removed(&mirror).len()), (vec!["reg_3".to_owned()], 0));
}

#[tokio::test]
async fn regained_order_proves_nothing_of_what_is_missing_until_it_is_seen_again() {
    let mirror = loaded().await;
    walk_without_3(&mirror, 20).await;
    let mut walk = mirror.begin(Kind::Full, 30).await;
    let rows = mirror.look_up(&people(4..=5)).await;
    let keys = seen(rows.iter().map(|row| row.stored.unwrap().key));
    let save = Save { breaks_order: true, ..walk.empty() };
    walk.save(save).await;
    walk.finish(Finish { proves_order: true, seen: Some(keys), ..complete() }).await;
    assert!(mirror.begin(Kind::Incremental, 31).await.start.in_order);
    assert_eq!(missing(&mirror), ["reg_1", "reg_2", "reg_3"]);
    for at in [40, 50] {
        walk_without_3(&mirror, at).await;
    }
    assert_eq!(removed(&mirror).len(), 0);
    mirror.walk(Kind::Full, &people(1..=5), 60).await;
    for at in [70, 80] {
        walk_without_3(&mirror, at).await;
    }
    assert_eq!(removed(&mirror), ["reg_3"]);
}

#[tokio::test]
async fn order_that_was_never_broken_is_not_proven_anew() {
    let mirror = loaded().await;
    walk_without_3(&mirror, 20).await;
    let walk = mirror.begin(Kind::Full, 30).await;
    walk.finish(Finish { proves_order: true, ..complete() }).await;
    walk_without_3(&mirror, 40).await;
    assert_eq!(removed(&mirror), ["reg_3"]);
}

#[tokio::test]
async fn what_a_full_walk_did_not_show_is_missing_but_never_removed() {
    let mirror = loaded().await;
    for (at, newly_missing) in [(20, 2), (30, 0), (40, 0)] {
        let figures = mirror.walk(Kind::Full, &people(3..=6), at).await;
        assert_eq!((figures.counts.missing, figures.counts.removed), (newly_missing, 0));
    }
    assert_eq!(missing(&mirror), ["reg_1", "reg_2"]);
}

#[tokio::test]
async fn a_full_walk_misses_nothing_that_it_found_itself() {
    let mirror = loaded().await;
    let mut walk = mirror.begin(Kind::Full, 20).await;
    walk.save_rows(&people(6..=9)).await;
    let rows = mirror.look_up(&people(1..=5)).await;
    let keys = seen(rows.iter().map(|row| row.stored.unwrap().key));
    let figures = walk.finish(Finish { seen: Some(keys), ..complete() }).await;
    assert_eq!((figures.counts.created, figures.counts.missing), (4, 0));
}
