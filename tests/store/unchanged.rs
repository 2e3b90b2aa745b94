//! I5: what did not change is not written; a walk that found nothing new is one transaction.

use coupontools_mirror::store::Content;
use coupontools_mirror::walk::{Finish, Kind, Save};

use crate::fixture::{Mirror, complete, evidence, people, seen};

const REGISTRATIONS: &str =
    "SELECT json_array(registration_key, walk_key, fingerprint, changed_at, missing_since,
    removed_at, gone_walk_key, provable, raw) FROM registration ORDER BY 1";

#[tokio::test]
async fn a_walk_over_an_unchanged_directory_commits_once_and_writes_no_registration() {
    let mirror = Mirror::new().await;
    let list = people(1..=100);
    mirror.walk(Kind::Incremental, &list, 10).await;
    let before = mirror.list(REGISTRATIONS);
    let watch = mirror.sql();
    let version = || watch.query_row("PRAGMA data_version", [], |row| row.get::<_, i64>(0)).unwrap();
    for kind in [Kind::Incremental, Kind::Full, Kind::Full] {
        let at_start = version();
        let mut walk = mirror.begin(kind, 20).await;
        let rows = mirror.look_up(&list).await;
        assert!(rows.iter().all(|row| row.payload == Content::Unchanged));
        let keys = seen(rows.iter().map(|row| row.stored.unwrap().key));
        for page in rows.chunks(10) {
            let proof = evidence(
                page.last().map(|row| (row.date.unwrap().unix_s() - 1_795_424_400) / 60),
                None,
                &list,
            );
            let save = Save { rows: page.to_vec(), evidence: Some(proof), settles: true, ..walk.empty() };
            walk.save(save).await;
        }
        assert_eq!(version(), at_start, "nothing is written before the end");
        let seen = (kind == Kind::Full).then_some(keys);
        let figures = walk.finish(Finish { seen, ..complete() }).await;
        assert_ne!(version(), at_start);
        assert_eq!((figures.counts.created, figures.counts.updated, figures.counts.missing), (0, 0, 0));
    }
    assert_eq!(mirror.list(REGISTRATIONS), before);
    assert_eq!(mirror.number("SELECT count(*) FROM registration_changes"), 1);
}

#[tokio::test]
async fn rows_that_were_decoded_for_nothing_are_not_written_either() {
    let mirror = Mirror::new().await;
    let list = people(1..=20);
    mirror.walk(Kind::Incremental, &list, 10).await;
    let before = mirror.list(REGISTRATIONS);
    let mut walk = mirror.begin(Kind::Full, 20).await;
    let mut rows = mirror.look_up(&list).await;
    for (row, registration) in rows.iter_mut().zip(&list) {
        row.payload = Content::Decoded(Box::new(registration.clone()));
    }
    let save = Save { rows, ..walk.empty() };
    walk.save(save).await;
    walk.finish(complete()).await;
    assert_eq!(mirror.list(REGISTRATIONS), before);
}
