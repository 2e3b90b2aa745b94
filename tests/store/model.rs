//! The store against a naive model of what saves and ends of walks do: random sequences of them, in
//! an order that no sane walk would send, end with the same rows, marks, walks and changes.

use std::collections::BTreeMap;

use coupontools_mirror::registration::Registration;
use coupontools_mirror::walk::{Evidence, Failure, Finish, Interval, Kind, Outcome, Save, WalkKey};
use proptest::prelude::*;

use crate::fixture::{Mirror, Walk, complete, minute, person, seen, with_email};

/// Registrations that may be shown; some share a date, some have none.
const IDS: i64 = 24;

fn date(id: i64) -> Option<i64> {
    (id % 7 != 0).then_some(id / 2)
}

fn shown(id: i64, value: u8) -> Registration {
    let mut r = with_email(person(id), &format!("v{value}@example.net"));
    r.registered_at = date(id).map(minute);
    r
}

#[derive(Clone, Debug)]
struct Page {
    breaks_order: bool,
    evidence: Option<(i64, i64)>,
    rows: BTreeMap<i64, u8>,
    joins: Vec<usize>,
    settles: bool,
}

#[derive(Clone, Debug)]
struct End {
    outcome: Outcome,
    evidence: Option<(i64, i64)>,
    page: Vec<i64>,
    settles: bool,
    seen: Option<Vec<i64>>,
    proves_order: bool,
}

/// A walk: its pages, and its end unless it dies.
type History = Vec<(bool, Vec<Page>, Option<End>)>;

#[derive(Clone, Debug, Default, PartialEq)]
struct Row {
    key: usize,
    walk: i64,
    value: u8,
    missing: bool,
    removed: bool,
    proof: Option<i64>,
    second_proof: Option<i64>,
    unprovable: bool,
}

#[derive(Clone, Copy, Debug, PartialEq)]
struct ModelWalk {
    stretch: i64,
    settled: bool,
    created: u64,
}

#[derive(Debug, Default, PartialEq)]
struct Model {
    rows: BTreeMap<i64, Row>,
    walks: BTreeMap<i64, ModelWalk>,
    disorder: bool,
    loaded: bool,
    held: bool,
    changes: Vec<(String, i64)>,
}

impl Model {
    fn note(&mut self, kind: &str, id: i64) {
        if self.loaded {
            self.changes.push((kind.to_owned(), id));
        }
    }

    fn prove(&mut self, me: i64, (after, before): (i64, i64), page: &[i64]) {
        for (id, row) in &mut self.rows {
            let Some(at) = date(*id) else { continue };
            let is_settled = self.walks[&row.walk].settled;
            let is_bound = self.disorder || row.removed || row.unprovable || !is_settled || page.contains(id);
            if is_bound || at <= after || at >= before {
                continue;
            }
            row.missing = true;
            match row.proof {
                Some(walk) if walk != me => row.second_proof = Some(me),
                _ => row.proof = Some(me),
            }
        }
    }

    fn save(&mut self, me: i64, page: &Page, joins: &[i64]) {
        if page.breaks_order && !self.disorder {
            self.disorder = true;
            for row in self.rows.values_mut().filter(|row| !row.removed) {
                (row.proof, row.second_proof) = (None, None);
            }
        }
        if let Some(interval) = page.evidence {
            self.prove(me, interval, &page.rows.keys().copied().collect::<Vec<_>>());
        }
        // Newest first, as they are handed over.
        for (id, value) in page.rows.iter().rev() {
            let Some(row) = self.rows.get_mut(id) else {
                let key = self.rows.len() + 1;
                self.rows.insert(*id, Row { key, walk: me, value: *value, ..Row::default() });
                self.walks.get_mut(&me).unwrap().created += 1;
                self.note("created", *id);
                continue;
            };
            let (was_removed, is_changed) = (row.removed, row.value != *value);
            *row = Row { key: row.key, walk: row.walk, value: *value, ..Row::default() };
            if was_removed {
                self.note("restored", *id);
            }
            if is_changed {
                self.note("updated", *id);
            }
        }
        for joined in joins {
            for (key, walk) in self.walks.iter_mut().filter(|(_, walk)| !walk.settled) {
                if walk.stretch == *joined || key == joined {
                    walk.stretch = me;
                }
            }
        }
        if page.settles {
            self.settle();
        }
    }

    fn settle(&mut self) {
        self.walks.values_mut().for_each(|walk| walk.settled = true);
    }

    fn finish(&mut self, me: i64, is_full: bool, end: &End, begun: &[i64]) {
        if let Some(interval) = end.evidence {
            self.prove(me, interval, &end.page);
        }
        if end.settles {
            self.settle();
        }
        for id in end.seen.iter().flat_map(|seen| begun.iter().filter(|id| !seen.contains(id))) {
            let row = self.rows.get_mut(id).unwrap();
            row.missing |= !row.removed;
        }
        if end.proves_order && self.disorder {
            self.disorder = false;
            for row in self.rows.values_mut().filter(|row| row.missing && !row.removed) {
                (row.unprovable, row.proof, row.second_proof) = (true, None, None);
            }
        }
        let gone = |row: &Row| !row.removed && row.second_proof == Some(me);
        let mut candidates: Vec<i64> =
            self.rows.iter().filter(|(_, row)| gone(row)).map(|(id, _)| *id).collect();
        candidates.sort_by_key(|id| self.rows[id].key);
        let standing = self.rows.values().filter(|row| !row.removed).count();
        let is_complete = end.outcome == Outcome::Complete;
        let holds = candidates.len() > 20 && candidates.len() * 100 > standing * 20;
        if holds {
            self.held = true;
        } else if !self.held || is_full && is_complete {
            self.held = false;
            for id in candidates {
                self.rows.get_mut(&id).unwrap().removed = true;
                self.note("removed", id);
            }
        }
        if is_complete && !holds && !self.loaded {
            self.loaded = true;
            self.note("loaded", -1);
        }
    }
}

fn page() -> impl Strategy<Value = Page> {
    let rows = prop::collection::btree_map(0..IDS, 0..2_u8, 0..IDS as usize);
    let joins = prop::collection::vec(0..4_usize, 0..2);
    let flags = (prop::bool::weighted(0.05), prop::bool::weighted(0.4));
    (flags, interval(), rows, joins).prop_map(|((breaks_order, settles), evidence, rows, joins)| Page {
        breaks_order,
        evidence,
        rows,
        joins,
        settles,
    })
}

fn interval() -> impl Strategy<Value = Option<(i64, i64)>> {
    prop::option::of((-1..IDS / 2, -1..=IDS / 2))
}

fn end() -> impl Strategy<Value = End> {
    let outcome = prop_oneof![
        4 => Just(Outcome::Complete),
        1 => Just(Outcome::Cancelled),
        1 => Just(Outcome::Failed(Failure::Unanswered)),
    ];
    let ids = || prop::collection::vec(0..IDS, 0..IDS as usize);
    (outcome, interval(), ids(), any::<bool>(), prop::option::of(ids()), prop::bool::weighted(0.3)).prop_map(
        |(outcome, evidence, page, settles, seen, proves_order)| End {
            outcome,
            evidence,
            page,
            settles,
            seen,
            proves_order,
        },
    )
}

fn history() -> impl Strategy<Value = History> {
    let walk = (any::<bool>(), prop::collection::vec(page(), 0..4), prop::option::weighted(0.8, end()));
    prop::collection::vec(walk, 1..8)
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
        "SELECT NOT in_order, loaded_at IS NOT NULL, brake_held_at IS NOT NULL, registrations FROM directory";
    let standing: usize = sql
        .query_row(directory, [], |row| {
            (model.disorder, model.loaded, model.held) = (row.get(0)?, row.get(1)?, row.get(2)?);
            Ok(usize::try_from(row.get::<_, i64>(3)?).unwrap())
        })
        .unwrap();
    assert_eq!(standing, model.rows.values().filter(|row| !row.removed).count());
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
        let begun: Vec<i64> = model.rows.keys().copied().collect();
        model.walks.insert(me, ModelWalk { stretch: me, settled: false, created: 0 });
        for page in pages {
            let joins: Vec<i64> = page.joins.iter().filter_map(|n| earlier.get(*n).copied()).collect();
            save(&mut walk, page, &joins).await;
            model.save(me, page, &joins);
        }
        if let Some(end) = end {
            finish(walk, end).await;
            model.finish(me, *is_full, end, &begun);
        }
        assert_eq!(read(&mirror, &model), model);
    }
    mirror.store.close().await;
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_sequence_of_saves_and_ends_leaves_what_the_model_says(history in history()) {
        tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(replay(&history));
    }
}
