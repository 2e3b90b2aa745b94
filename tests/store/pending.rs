//! Saves that are still pending while the walk goes on: a page looked up meanwhile does not see
//! them, and what was queued behind one that fails is not saved.

use coupontools_mirror::registration::Registration;
use coupontools_mirror::store::Content;
use coupontools_mirror::walk::{Finish, Kind, RegistrationKey, Save};
use rusqlite::Connection;

use crate::fixture::{Mirror, complete, evidence, minute, people, person, seen};

#[tokio::test]
async fn a_mark_that_a_pending_save_makes_is_cleared_by_the_row_below_that_looked_unchanged() {
    let mirror = Mirror::new().await;
    mirror.walk(Kind::Incremental, &people(1..=5), 10).await;
    let marked = "SELECT registration_id FROM registration
        WHERE missing_since IS NOT NULL OR gone_walk_key IS NOT NULL ORDER BY 1";
    for (kind, at) in [(Kind::Full, 20), (Kind::Full, 30), (Kind::Incremental, 40)] {
        let walk = mirror.begin(kind, at).await;
        let first: Vec<Registration> =
            people(1..=5).into_iter().filter(|r| *r != person(2) && *r != person(3)).collect();
        let above = mirror.look_up(&first).await;
        // Before the save above is handed over: as a look-up sees it while that save is pending.
        let below = mirror.look_up(&[person(3)]).await;
        assert!(below.iter().all(|row| row.payload == Content::Unchanged));
        let keys: Vec<RegistrationKey> =
            above.iter().chain(&below).map(|row| row.stored.unwrap().key).collect();
        let proof = evidence(Some(1), None, &first);
        let saves = [
            Save { rows: above, evidence: Some(proof), settles: true, ..walk.empty() },
            Save { rows: below, ..walk.empty() },
        ];
        let mut answers = Vec::new();
        for save in saves {
            answers.push(mirror.store.save(&walk.handle, save, walk.progress, minute(at)).await.unwrap());
        }
        for answer in answers {
            assert_eq!(answer.await.unwrap(), Ok(()));
        }
        assert_eq!(mirror.list(marked), ["reg_2"], "number 3 was shown further down");
        let seen = (kind == Kind::Full).then(|| seen(keys));
        walk.finish(Finish { seen, ..complete() }).await;
        let removed = mirror.list("SELECT registration_id FROM removed_registrations");
        assert!(!removed.contains(&"reg_3".to_owned()));
        // Back for the next round, if it was removed by now.
        mirror.walk(Kind::Incremental, &[person(2)], at + 1).await;
        assert_eq!(mirror.list(marked).len(), 0);
    }
    assert_eq!(mirror.number("SELECT count(*) FROM registrations"), 5);
}

#[tokio::test]
async fn whatever_was_queued_behind_a_failed_save_is_refused_too() {
    let mirror = Mirror::new().await;
    let walk = mirror.begin(Kind::Full, 1).await;
    Connection::open(mirror.path())
        .unwrap()
        .execute_batch(
            "CREATE TRIGGER refuse BEFORE INSERT ON registration WHEN new.registration_id = 'reg_205'
             BEGIN SELECT raise(ABORT, 'refused'); END",
        )
        .unwrap();
    let mut answers = Vec::new();
    for n in 0..40 {
        let rows = mirror.look_up(&people(n * 10 + 1..=n * 10 + 10)).await;
        let save = Save { rows, ..walk.empty() };
        answers.push(mirror.store.save(&walk.handle, save, walk.progress, minute(2)).await.unwrap());
    }
    let mut saved = Vec::new();
    for answer in answers {
        saved.push(answer.await.unwrap().is_ok());
    }
    let whole = saved.iter().take_while(|is_ok| **is_ok).count();
    assert!(whole <= 20, "{whole} saved");
    assert!(saved[whole..].iter().all(|is_ok| !is_ok), "a save stands below a lost one");
    assert_eq!(mirror.number("SELECT count(*) FROM registrations"), whole as i64 * 10);
    assert_eq!(
        mirror.number("SELECT coalesce(max(registration_key), 0) FROM registration"),
        whole as i64 * 10
    );
}
