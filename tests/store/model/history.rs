//! Random histories: walks of saves and ends.

use std::collections::BTreeMap;

use coupontools_mirror::walk::{Failure, Outcome};
use proptest::prelude::*;

/// Registrations that may be shown; some share a date, some have none.
pub const IDS: i64 = 24;

pub fn date(id: i64) -> Option<i64> {
    (id % 7 != 0).then_some(id / 2)
}

#[derive(Clone, Debug)]
pub struct Page {
    pub breaks_order: bool,
    pub evidence: Option<(i64, i64)>,
    pub rows: BTreeMap<i64, u8>,
    pub joins: Vec<usize>,
    pub settles: bool,
    /// Whether what is past is deleted between its look-up and its save.
    pub forgets: bool,
}

#[derive(Clone, Debug)]
pub struct End {
    pub outcome: Outcome,
    pub evidence: Option<(i64, i64)>,
    pub page: Vec<i64>,
    pub settles: bool,
    pub seen: Option<Vec<i64>>,
    pub proves_order: bool,
}

/// A walk: its pages, and its end unless it dies.
pub type History = Vec<(bool, Vec<Page>, Option<End>)>;

pub fn page() -> impl Strategy<Value = Page> {
    let rows = prop::collection::btree_map(0..IDS, 0..2_u8, 0..IDS as usize);
    let joins = prop::collection::vec(0..4_usize, 0..2);
    let flags = (prop::bool::weighted(0.05), prop::bool::weighted(0.4), prop::bool::weighted(0.3));
    (flags, interval(), rows, joins).prop_map(|((breaks_order, settles, forgets), evidence, rows, joins)| {
        Page { forgets, breaks_order, evidence, rows, joins, settles }
    })
}

pub fn interval() -> impl Strategy<Value = Option<(i64, i64)>> {
    prop::option::of((-1..IDS / 2, -1..=IDS / 2))
}

pub fn end() -> impl Strategy<Value = End> {
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

pub fn history() -> impl Strategy<Value = History> {
    let walk = (any::<bool>(), prop::collection::vec(page(), 0..4), prop::option::weighted(0.8, end()));
    prop::collection::vec(walk, 1..8)
}
