//! The store against a naive model of what saves and ends of walks do: random sequences of them, in
//! an order that no sane walk would send, end with the same rows, marks, walks and changes.

mod history;
mod naive;

use coupontools_mirror::registration::Registration;
use coupontools_mirror::store::Past;
use coupontools_mirror::walk::{Evidence, Finish, Interval, Kind, Save, WalkKey};
use proptest::prelude::*;

use self::history::{End, History, IDS, Page, date, history};
use self::naive::{Model, ModelWalk, Row};
use crate::fixture::{Mirror, Walk, complete, minute, person, seen, with_email};
use crate::masking::{DAYS_BY_VIEW, DAYS_COUNTED};

/// By then everything is past.
const LONG_AFTER: i64 = 100_000;

/// Registrations without a mask, and those that share a mask and no email or an email and no mask.
const MASKS_THAT_LIE: &str = "SELECT count(*) FROM registration AS a, registration AS b
    WHERE a.email_hash IS NULL OR (a.email = b.email) <> (a.email_hash = b.email_hash)";

fn shown(id: i64, value: u8) -> Registration {
    let mut r = with_email(person(id), &format!("v{value}@example.net"));
    r.registered_at = date(id).map(minute);
    r
}

fn proof(evidence: Option<(i64, i64)>, page: impl Iterator<Item = i64>) -> Option<Evidence> {
    let (after, before) = evidence?;
    // The widest bounds are none.
    let after = (after >= 0).then(|| minute(after));
    let before = (before < IDS / 2).then(|| minute(before));
    Some(Evidence { interval: Interval { after, before }, page: page.map(|id| person(id).id).collect() })
}

async fn save(walk: &mut Walk<'_>, page: &Page, joins: &[i64]) {
    let list: Vec<_> = page.rows.iter().rev().map(|(id, value)| shown(*id, *value)).collect();
    let rows = walk.mirror.look_up(&list).await;
    if page.forgets {
        walk.mirror.forget(Past::Removed, LONG_AFTER).await;
        walk.mirror.forget(Past::Changes, LONG_AFTER).await;
    }
    let save = Save {
        breaks_order: page.breaks_order,
        evidence: proof(page.evidence, page.rows.keys().copied()),
        rows,
        joins: joins.iter().map(|key| WalkKey(*key)).collect(),
        settles: page.settles,
        ..walk.empty()
    };
    walk.save(save).await;
}

async fn finish(walk: Walk<'_>, end: &End) {
    let list = |ids: &[i64]| ids.iter().map(|id| shown(*id, 0)).collect::<Vec<_>>();
    let keys = match &end.seen {
        Some(ids) => {
            let rows = walk.mirror.look_up(&list(ids)).await;
            Some(seen(rows.iter().filter_map(|row| Some(row.stored?.key))))
        }
        None => None,
    };
    walk.finish(Finish {
        outcome: end.outcome,
        evidence: proof(end.evidence, end.page.iter().copied()),
        settles: end.settles,
        seen: keys,
        proves_order: end.proves_order,
        ..complete()
    })
    .await;
}

/// What the file says, in the model's words. Walks that left no row are as in `expected`.
fn read(mirror: &Mirror, expected: &Model) -> Model {
    let sql = mirror.sql();
    let id = |text: String| text.trim_start_matches("reg_").parse::<i64>().unwrap();
    let mut model = Model { walks: expected.walks.clone(), ..Model::default() };
    let mut rows = sql
        .prepare(
            "SELECT registration_id, walk_key, substr(email, 2, 1), missing_since IS NOT NULL, removed_at IS NOT NULL,
                 gone_walk_key, gone_again_walk_key, NOT provable, registration_key FROM registration",
        )
        .unwrap();
    let rows = rows.query_map([], |row| {
        let read = Row {
            key: usize::try_from(row.get::<_, i64>(8)?).unwrap(),
            walk: row.get(1)?,
            value: row.get::<_, String>(2)?.parse().unwrap(),
            missing: row.get(3)?,
            removed: row.get(4)?,
            proof: row.get(5)?,
            second_proof: row.get(6)?,
            unprovable: row.get(7)?,
        };
        Ok((id(row.get(0)?), read))
    });
    model.rows = rows.unwrap().map(Result::unwrap).collect();
    let mut walks = sql.prepare("SELECT walk_key, stretch_walk_key, settled, created FROM walk").unwrap();
    let walks = walks.query_map([], |row| {
        let created = u64::try_from(row.get::<_, i64>(3)?).unwrap();
        Ok((row.get(0)?, ModelWalk { stretch: row.get(1)?, settled: row.get(2)?, created }))
    });
    model.walks.extend(walks.unwrap().map(Result::unwrap));
    let directory =
        "SELECT NOT in_order, loaded_at IS NOT NULL, brake_held_at IS NOT NULL, registrations, removed
             FROM directory";
    let (standing, removed) = sql
        .query_row(directory, [], |row| {
            (model.disorder, model.loaded, model.held) = (row.get(0)?, row.get(1)?, row.get(2)?);
            Ok((row.get::<_, i64>(3)?, row.get::<_, i64>(4)?))
        })
        .unwrap();
    let counted = |removed| model.rows.values().filter(|row| row.removed == removed).count() as i64;
    assert_eq!((standing, removed), (counted(false), counted(true)));
    let mut changes =
        sql.prepare("SELECT kind, coalesce(registration_id, '-1') FROM registration_change").unwrap();
    let changes = changes.query_map([], |row| Ok((row.get(0)?, id(row.get(1)?))));
    model.changes = changes.unwrap().map(Result::unwrap).collect();
    model
}

async fn replay(history: &History) {
    let mirror = Mirror::new().await;
    let mut model = Model::default();
    for (n, (is_full, pages, end)) in history.iter().enumerate() {
        let kind = if *is_full { Kind::Full } else { Kind::Incremental };
        let mut walk = mirror.begin(kind, 100 + n as i64).await;
        let me = walk.handle.walk.0;
        let earlier: Vec<i64> = model.walks.keys().copied().collect();
        let unsettled: Vec<_> =
            model.walks.iter().filter(|(_, walk)| !walk.settled && walk.created > 0).collect();
        let told = &walk.start.unsettled;
        assert_eq!(
            told.iter().map(|told| (told.walk.0, told.stretch.0, told.rows)).collect::<Vec<_>>(),
            unsettled.iter().map(|(key, walk)| (**key, walk.stretch, walk.created)).collect::<Vec<_>>()
        );
        assert_eq!(walk.start.in_order, !model.disorder);
        assert_eq!(walk.start.has_standing, model.rows.values().any(|row| !row.removed));
        let begun: Vec<(i64, usize)> = model.rows.iter().map(|(id, row)| (*id, row.key)).collect();
        model.walks.insert(me, ModelWalk { stretch: me, settled: false, created: 0 });
        for page in pages {
            let joins: Vec<i64> = page.joins.iter().filter_map(|n| earlier.get(*n).copied()).collect();
            save(&mut walk, page, &joins).await;
            if page.forgets {
                model.forget();
            }
            model.save(me, page, &joins);
        }
        if let Some(end) = end {
            finish(walk, end).await;
            model.finish(me, *is_full, end, &begun);
        }
        assert_eq!(read(&mirror, &model), model);
        assert_eq!(mirror.list(DAYS_BY_VIEW), mirror.list(DAYS_COUNTED));
        assert_eq!(mirror.number(MASKS_THAT_LIE), 0);
    }
    mirror.store.close().await;
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_sequence_of_saves_and_ends_leaves_what_the_model_says(history in history()) {
        tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(replay(&history));
    }
}
