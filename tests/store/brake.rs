//! The brake on a real file: a hundred registrations, most of which are proved gone twice.

use coupontools_mirror::store::{Brake, Figures, WalkOutcome};
use coupontools_mirror::walk::{Finish, Kind, Save};

use crate::fixture::{BRAKE, Mirror, complete, evidence, people};

async fn loaded() -> Mirror {
    let mirror = Mirror::new().await;
    mirror.walk(Kind::Incremental, &people(1..=100), 1).await;
    mirror
}

/// A walk that shows persons 1 to `shown` and proves the others gone.
async fn walk(mirror: &Mirror, kind: Kind, shown: i64, brake: Brake, at: i64) -> Figures {
    let mut walk = mirror.begin(kind, at).await;
    let page = people(1..=shown);
    let rows = mirror.look_up(&page).await;
    let save = Save { rows, evidence: Some(evidence(Some(0), None, &page)), ..walk.empty() };
    walk.save(save).await;
    let finish: Finish = complete();
    walk.finish_with(finish, brake).await
}

fn standing(mirror: &Mirror) -> i64 {
    let counted = mirror.number("SELECT count(*) FROM registrations");
    assert_eq!(counted, mirror.number("SELECT registrations FROM directories"));
    counted
}

#[tokio::test]
async fn too_many_removals_remove_none_and_fail_loudly() {
    let mirror = loaded().await;
    assert_eq!(walk(&mirror, Kind::Full, 60, BRAKE, 10).await.outcome, WalkOutcome::Complete);
    let figures = walk(&mirror, Kind::Full, 60, BRAKE, 20).await;
    assert_eq!((figures.outcome, figures.counts.removed), (WalkOutcome::Failed, 0));
    let error = figures.error.unwrap();
    assert!(error.contains("40 of 100") && error.contains("sync --accept-removals"), "{error}");
    assert_eq!(standing(&mirror), 100);
    assert_eq!(mirror.list("SELECT last_error FROM sync_status"), [error]);
    assert_eq!(mirror.list("SELECT last_complete_at FROM sync_status"), ["2026-11-23T09:10:00Z"]);
}

#[tokio::test]
async fn while_it_is_held_nothing_is_removed_and_its_error_stays() {
    let mirror = loaded().await;
    for at in [10, 20] {
        walk(&mirror, Kind::Full, 60, BRAKE, at).await;
    }
    // Most were seen again: a few are still gone, but an incremental walk does not let go.
    mirror.walk(Kind::Incremental, &people(1..=97), 30).await;
    for at in [40, 50] {
        let figures = walk(&mirror, Kind::Incremental, 97, BRAKE, at).await;
        assert_eq!((figures.outcome, figures.counts.removed), (WalkOutcome::Complete, 0));
    }
    assert_ne!(mirror.list("SELECT last_error FROM sync_status"), ["-"]);
    let figures = walk(&mirror, Kind::Full, 97, BRAKE, 60).await;
    assert_eq!((figures.outcome, figures.counts.removed), (WalkOutcome::Complete, 3));
    assert_eq!(mirror.list("SELECT last_error FROM sync_status"), ["-"]);
    assert_eq!(mirror.list("SELECT brake_held_at FROM directory"), ["-"]);
    assert_eq!(standing(&mirror), 97);
}

#[tokio::test]
async fn the_operators_word_removes_and_lets_go() {
    let mirror = loaded().await;
    for at in [10, 20] {
        walk(&mirror, Kind::Full, 60, BRAKE, at).await;
    }
    let accepted = Brake { accept_removals: true, ..BRAKE };
    let figures = walk(&mirror, Kind::Full, 60, accepted, 30).await;
    assert_eq!((figures.outcome, figures.counts.removed), (WalkOutcome::Complete, 40));
    assert_eq!(standing(&mirror), 60);
    assert_eq!(mirror.list("SELECT brake_held_at FROM directory"), ["-"]);
    assert_eq!(mirror.number("SELECT count(*) FROM registration_changes WHERE kind = 'removed'"), 40);
}
