//! The upstream that knows the truth: a list, newest first, that changes between any two requests.
//! How it answers is in `answer`, what it knows of a walk in `truth`.

use std::collections::BTreeSet;

use rand::seq::IndexedRandom;
use rand::{Rng, RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use crate::answer::{PastTheEnd, Wrong};
use crate::truth::Truth;

/// A registration as it stands upstream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Person {
    pub id: u32,
    pub date: Option<i64>,
    pub version: u32,
    pub is_odd: bool,
}

/// What dates do in this list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dates {
    Falling,
    Absent,
    Disordered,
}

/// What happens to the list before a request.
#[derive(Clone, Copy, Debug)]
pub enum Deed {
    Insert(usize),
    DeleteNewest(usize),
    Delete(u32),
    Answer(Wrong),
    Fail,
}

pub struct Upstream {
    pub rng: ChaCha8Rng,
    pub rows_a_page: usize,
    /// What the walk is told of it.
    pub rows_expected: usize,
    pub dates: Dates,
    pub past_the_end: PastTheEnd,
    pub rows: Vec<Person>,
    /// How likely each is, between two requests (odd dates: of a row that is inserted).
    pub inserting: f64,
    pub deleting: f64,
    pub editing: f64,
    pub failing: f64,
    pub crashing: f64,
    pub oddness: f64,
    /// Newcomers by the page.
    pub bursting: f64,
    pub wrong: Option<Wrong>,
    pub wrong_now: Option<Wrong>,
    pub fails_now: bool,
    pub outdated: Vec<Person>,
    /// Rows whose ID this divides are hidden after paging: short pages in the middle.
    pub filters: Option<u32>,
    /// Rows that are not in the list for now.
    pub hidden: BTreeSet<u32>,
    /// Rows that come without their ID for now.
    pub nameless: BTreeSet<u32>,
    /// What all dates are off by, as another time zone reads them.
    pub shift_s: i64,
    pub ignores_page_number: bool,
    /// Deeds before the request of that number, or before each.
    pub script: Vec<(Option<u32>, Deed)>,
    pub requests: u32,
    pub pages_asked: Vec<u32>,
    pub truth: Truth,
    clock: i64,
    pub last_id: u32,
}

impl Upstream {
    pub fn new(seed: u64, rows_a_page: usize) -> Self {
        Self {
            rng: ChaCha8Rng::seed_from_u64(seed),
            rows_a_page,
            rows_expected: rows_a_page,
            dates: Dates::Falling,
            past_the_end: PastTheEnd::Empty,
            rows: Vec::new(),
            inserting: 0.0,
            deleting: 0.0,
            editing: 0.0,
            failing: 0.0,
            crashing: 0.0,
            oddness: 0.1,
            bursting: 0.0,
            wrong: None,
            wrong_now: None,
            fails_now: false,
            outdated: Vec::new(),
            filters: None,
            hidden: BTreeSet::new(),
            nameless: BTreeSet::new(),
            shift_s: 0,
            ignores_page_number: false,
            script: Vec::new(),
            requests: 0,
            pages_asked: Vec::new(),
            truth: Truth::default(),
            clock: 1_000,
            last_id: 0,
        }
    }

    /// A quiet list of so many rows, each of its own second.
    pub fn quiet(rows: usize, rows_a_page: usize) -> Self {
        let mut upstream = Self::new(0, rows_a_page);
        upstream.insert_apart(rows);
        upstream
    }

    pub fn insert(&mut self, count: usize) {
        for _ in 0..count {
            self.clock += *[0, 0, 1, 2].choose(&mut self.rng).unwrap();
            let is_odd = self.dates == Dates::Disordered && self.rng.random_bool(self.oddness);
            let date = match self.dates {
                Dates::Absent => None,
                Dates::Falling | Dates::Disordered if !is_odd => Some(self.clock),
                _ if self.rng.random_bool(0.5) => None,
                _ => Some(self.rng.random_range(0..=self.clock)),
            };
            self.insert_dated(date, is_odd);
        }
    }

    pub fn insert_apart(&mut self, count: usize) {
        for _ in 0..count {
            self.clock += 1;
            self.insert_dated(Some(self.clock), false);
        }
    }

    pub fn insert_dated(&mut self, date: Option<i64>, is_odd: bool) {
        self.last_id += 1;
        self.rows.insert(0, Person { id: self.last_id, date, version: 0, is_odd });
    }

    pub fn delete(&mut self, at: usize) {
        self.rows.remove(at);
    }

    pub fn mutate(&mut self) {
        if self.rng.random_bool(self.bursting) {
            let count = self.rng.random_range(1..=3 * self.rows_a_page);
            self.insert(count);
        }
        for _ in 0..self.rng.random_range(0..=3) {
            if self.rng.random_bool(self.inserting) {
                self.insert(1);
            }
            if !self.rows.is_empty() && self.rng.random_bool(self.deleting) {
                let len = self.rows.len();
                let near = self.rng.random_range(0..len.min(2 * self.rows_a_page));
                let any = self.rng.random_range(0..len);
                let at = *[0, near, any].choose(&mut self.rng).unwrap();
                self.delete(at);
            }
            if !self.rows.is_empty() && self.rng.random_bool(self.editing) {
                let at = self.rng.random_range(0..self.rows.len());
                self.rows[at].version += 1;
            }
        }
    }

    pub fn do_deeds(&mut self) {
        let due = |request: &Option<u32>| request.is_none_or(|request| request == self.requests);
        let deeds: Vec<Deed> = self.script.iter().filter(|(at, _)| due(at)).map(|(_, deed)| *deed).collect();
        for deed in deeds {
            match deed {
                Deed::Insert(count) if self.dates == Dates::Absent => self.insert(count),
                Deed::Insert(count) => self.insert_apart(count),
                Deed::DeleteNewest(count) => drop(self.rows.drain(..count.min(self.rows.len()))),
                Deed::Delete(id) => self.rows.retain(|person| person.id != id),
                Deed::Fail => self.fails_now = true,
                Deed::Answer(wrong) => self.wrong_now = Some(wrong),
            }
        }
    }

    /// What is paged.
    pub fn listed(&self) -> Vec<Person> {
        self.rows.iter().filter(|person| !self.hidden.contains(&person.id)).copied().collect()
    }

    pub fn pages(&self) -> usize {
        self.listed().len().div_ceil(self.rows_a_page)
    }

    /// What stands upstream and can be seen.
    pub fn standing(&self) -> Vec<Person> {
        let filters = self.filters;
        let mut listed = self.listed();
        listed.retain(|person| filters.is_none_or(|by| !person.id.is_multiple_of(by)));
        listed
    }

    pub fn is_quiet(&mut self) {
        self.inserting = 0.0;
        self.deleting = 0.0;
        self.editing = 0.0;
        self.bursting = 0.0;
        self.failing = 0.0;
        self.crashing = 0.0;
        self.wrong = None;
        self.nameless.clear();
    }

    pub fn choose<T: Copy>(&mut self, of: &[T]) -> T {
        *of.choose(&mut self.rng).unwrap()
    }

    pub fn chance(&mut self, probability: f64) -> bool {
        self.rng.random_bool(probability)
    }

    pub fn number(&mut self, below: u32) -> u32 {
        self.rng.next_u32() % below
    }
}
