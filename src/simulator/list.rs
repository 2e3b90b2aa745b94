//! One directory's list of registrations: what stands, in the order of arrival, and what has
//! happened to it lately.
//!
//! A row is sixteen bytes; who it is follows from the seed (`person`). It does not know how pages
//! are numbered or spelt.

use std::collections::{BTreeSet, VecDeque};

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde::Serialize;

use super::mutation::Mutation;

/// The first registration's number in every directory: IDs repeat from directory to directory.
const NUMBER_FIRST: u32 = 1_000_001;
/// Removed rows that can still be restored or register again.
const REMOVED_KEPT_MAX: usize = 100_000;
/// Changes that a lagging answer can be behind.
const CHANGES_KEPT_MAX: usize = 10_000;
/// Registrations before the start are spread over at most this long.
const PAST_S_MAX: i64 = 3 * 365 * 86_400;
/// And come about this often in a small directory.
const PAST_STEP_S: i64 = 20 * 3_600;

/// A registration that stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Row {
    /// Its ID's number; grows with every registration.
    pub number: u32,
    /// Who registered: a person who comes back keeps it and gets a new ID.
    pub person: u32,
    /// When, in seconds since 1970.
    pub registered_s: u32,
    /// How often it was edited.
    pub version: u32,
}

#[derive(Clone, Copy, Debug)]
enum Change {
    Inserted(u32),
    Removed(Row),
    Edited(u32),
}

/// The numbers of the registrations that a mutation concerned.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Applied {
    /// Newly registered.
    pub inserted: Vec<u32>,
    /// Gone.
    pub deleted: Vec<u32>,
    /// Edited.
    pub edited: Vec<u32>,
    /// Back with their old ID.
    pub restored: Vec<u32>,
}

/// The list, oldest first.
#[derive(Clone, Debug)]
pub struct List {
    rows: Vec<Row>,
    number_next: u32,
    removed: VecDeque<Row>,
    changes: VecDeque<Change>,
    dice: ChaCha8Rng,
}

impl List {
    /// A list of `count` registrations, the newest shortly before `now_s`.
    #[must_use]
    pub fn new(seed: u64, count: u32, now_s: i64) -> Self {
        let mut list = Self {
            rows: Vec::with_capacity(count as usize),
            number_next: NUMBER_FIRST,
            removed: VecDeque::new(),
            changes: VecDeque::new(),
            dice: ChaCha8Rng::seed_from_u64(seed),
        };
        let past_s = PAST_S_MAX.min(i64::from(count) * PAST_STEP_S);
        for index in 0..count {
            let number = list.take_number();
            let registered_s = to_u32(past_date(index, count, past_s, now_s));
            list.rows.push(Row { number, person: number, registered_s, version: 0 });
        }
        list
    }

    /// How many stand.
    #[must_use]
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether none stands.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// All that stand, oldest first.
    #[must_use]
    pub fn rows(&self) -> &[Row] {
        &self.rows
    }

    /// When the newest registered, seconds since 1970.
    #[must_use]
    pub fn newest_s(&self) -> Option<i64> {
        self.rows.last().map(|row| i64::from(row.registered_s))
    }

    /// The rows as they stood before the last `changes` changes (as far back as is kept).
    #[must_use]
    pub fn as_it_was(&self, changes: usize) -> Vec<Row> {
        let mut rows = self.rows.clone();
        for change in self.changes.iter().rev().take(changes) {
            match change {
                Change::Inserted(number) => {
                    if let Ok(at) = position(&rows, *number) {
                        rows.remove(at);
                    }
                }
                Change::Removed(row) => {
                    if let Err(at) = position(&rows, row.number) {
                        rows.insert(at, *row);
                    }
                }
                Change::Edited(number) => {
                    if let Ok(at) = position(&rows, *number) {
                        rows[at].version = rows[at].version.saturating_sub(1);
                    }
                }
            }
        }
        rows
    }

    /// Carries a mutation out, in the order of `Mutation`'s fields; `now_s` is `None` where time
    /// is simulated: each newcomer then comes up to three seconds after the one before.
    pub fn apply(&mut self, mutation: &Mutation, now_s: Option<i64>, start_s: i64) -> Applied {
        let mut applied = Applied::default();
        for &number in mutation.restore.iter().map(|id| &id.0) {
            applied.restored.extend(self.restore(number));
        }
        let wanted: BTreeSet<u32> = mutation.delete.iter().map(|id| id.0).collect();
        applied
            .deleted
            .extend(self.remove(wanted.iter().filter_map(|&n| position(&self.rows, n).ok()).collect()));
        let newest = self.rows.len().saturating_sub(mutation.delete_newest as usize)..self.rows.len();
        applied.deleted.extend(self.remove(newest.collect()));
        let random = self.choose(mutation.delete_random);
        applied.deleted.extend(self.remove(random));
        let mut edits = self.choose(mutation.edit);
        edits.extend(mutation.edit_ids.iter().filter_map(|id| position(&self.rows, id.0).ok()));
        applied.edited.extend(edits.into_iter().map(|at| self.edit(at)));
        for _ in 0..mutation.insert {
            let now_s = now_s.unwrap_or_else(|| {
                self.newest_s().unwrap_or(start_s) + i64::from(self.dice.random_range(0_u8..=3))
            });
            applied.inserted.push(self.insert(now_s));
        }
        applied
    }

    fn insert(&mut self, now_s: i64) -> u32 {
        let number = self.take_number();
        let comes_back = !self.removed.is_empty() && self.dice.random_ratio(1, 12);
        let person = if comes_back {
            self.removed[self.dice.random_range(0..self.removed.len())].person
        } else {
            number
        };
        let registered_s = to_u32(now_s.max(self.newest_s().unwrap_or(0)));
        self.rows.push(Row { number, person, registered_s, version: 0 });
        self.note(Change::Inserted(number));
        number
    }

    fn edit(&mut self, at: usize) -> u32 {
        let row = &mut self.rows[at];
        row.version = row.version.saturating_add(1);
        let number = row.number;
        self.note(Change::Edited(number));
        number
    }

    fn restore(&mut self, number: u32) -> Option<u32> {
        let kept = self.removed.iter().position(|row| row.number == number)?;
        let row = self.removed.remove(kept)?;
        let at = position(&self.rows, number).err()?;
        self.rows.insert(at, row);
        self.note(Change::Inserted(number));
        Some(number)
    }

    /// Removes the rows at these places (ascending, none twice).
    fn remove(&mut self, places: Vec<usize>) -> Vec<u32> {
        let gone: Vec<Row> = places.iter().map(|&at| self.rows[at]).collect();
        if places.len() <= 8 {
            for &at in places.iter().rev() {
                self.rows.remove(at);
            }
        } else {
            let mut places = places.into_iter().peekable();
            let mut at = 0;
            self.rows.retain(|_| {
                let keep = places.next_if_eq(&at).is_none();
                at += 1;
                keep
            });
        }
        for &row in &gone {
            self.note(Change::Removed(row));
            self.removed.push_back(row);
            if self.removed.len() > REMOVED_KEPT_MAX {
                self.removed.pop_front();
            }
        }
        gone.into_iter().map(|row| row.number).collect()
    }

    /// Up to `count` different places, ascending.
    fn choose(&mut self, count: u32) -> Vec<usize> {
        let len = self.rows.len();
        let count = (count as usize).min(len);
        if count * 2 > len {
            let mut left: BTreeSet<usize> = (0..len).collect();
            while left.len() > count {
                left.remove(&self.dice.random_range(0..len));
            }
            return left.into_iter().collect();
        }
        let mut chosen = BTreeSet::new();
        while chosen.len() < count {
            chosen.insert(self.dice.random_range(0..len));
        }
        chosen.into_iter().collect()
    }

    fn note(&mut self, change: Change) {
        self.changes.push_back(change);
        if self.changes.len() > CHANGES_KEPT_MAX {
            self.changes.pop_front();
        }
    }

    fn take_number(&mut self) -> u32 {
        let number = self.number_next;
        self.number_next = number.checked_add(1).expect("Invariant: fewer than 4 billion registrations");
        number
    }
}

fn position(rows: &[Row], number: u32) -> Result<usize, usize> {
    rows.binary_search_by_key(&number, |row| row.number)
}

/// Ever more registrations a day, most of them between seven and twenty-two o'clock. Never falls.
fn past_date(index: u32, count: u32, past_s: i64, now_s: i64) -> i64 {
    let left = i64::from(count - index);
    let count = i64::from(count);
    let linear_s = past_s / 2 * left / count;
    let growing_s = past_s / 2 * left / count * left / count;
    let at_s = now_s - linear_s - growing_s;
    let (day_s, second) = (at_s.div_euclid(86_400) * 86_400, at_s.rem_euclid(86_400));
    let waking = match second {
        0..4_320 => second * 25_200 / 4_320,
        4_320..82_080 => 25_200 + (second - 4_320) * 54_000 / 77_760,
        _ => 79_200 + (second - 82_080) * 7_200 / 4_320,
    };
    (day_s + waking).min(now_s)
}

fn to_u32(seconds: i64) -> u32 {
    u32::try_from(seconds.max(0)).unwrap_or(u32::MAX)
}
