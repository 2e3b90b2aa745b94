//! The upstream that knows the truth: a list, newest first, that changes between any two requests
//! and answers as the API sheet fears.

use rand::seq::IndexedRandom;
use rand::{Rng, RngExt};
use rand_chacha::ChaCha8Rng;

/// A registration as it stands upstream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Person {
    pub id: u32,
    pub date: Option<i64>,
    pub version: u32,
}

/// What dates do in this list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dates {
    Falling,
    Absent,
    Disordered,
}

/// What a page number past the end is answered with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PastTheEnd {
    Empty,
    Rejected,
    LastPage,
    FirstPage,
}

/// One answer that is wrong for a moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wrong {
    Empty,
    Cut,
    Outdated,
    Repeated,
}

/// An answer as it leaves the upstream.
pub enum Answer {
    Page(Vec<Person>),
    Rejected,
    Unanswered,
    Crash,
}

pub struct Upstream {
    pub rng: ChaCha8Rng,
    pub rows_a_page: usize,
    pub dates: Dates,
    pub past_the_end: PastTheEnd,
    pub rows: Vec<Person>,
    pub inserting: f64,
    pub deleting: f64,
    pub editing: f64,
    pub failing: f64,
    pub crashing: f64,
    pub wrong: Option<Wrong>,
    pub outdated: Vec<Person>,
    /// Rows whose ID this divides are hidden after paging: short pages in the middle.
    pub hides: Option<u32>,
    pub ignores_page_number: bool,
    pub requests: u32,
    pub pages_asked: Vec<u32>,
    clock: i64,
    last_id: u32,
}

impl Upstream {
    pub fn new(rng: ChaCha8Rng, rows_a_page: usize, dates: Dates) -> Self {
        Self {
            rng,
            rows_a_page,
            dates,
            past_the_end: PastTheEnd::Empty,
            rows: Vec::new(),
            inserting: 0.0,
            deleting: 0.0,
            editing: 0.0,
            failing: 0.0,
            crashing: 0.0,
            wrong: None,
            outdated: Vec::new(),
            hides: None,
            ignores_page_number: false,
            requests: 0,
            pages_asked: Vec::new(),
            clock: 1_000,
            last_id: 0,
        }
    }

    pub fn insert(&mut self, count: usize) {
        for _ in 0..count {
            self.last_id += 1;
            // Past the end, the first page again: a page full of newcomers of one second can't be told
            // from a page below the stretch.
            let apart_s = if self.past_the_end == PastTheEnd::FirstPage { 1 } else { 0 };
            self.clock += apart_s + *[0, 0, 1, 2].choose(&mut self.rng).unwrap();
            let date = match self.dates {
                Dates::Falling => Some(self.clock),
                Dates::Absent => None,
                Dates::Disordered if self.rng.random_bool(0.9) => Some(self.clock),
                Dates::Disordered if self.rng.random_bool(0.5) => None,
                Dates::Disordered => Some(self.rng.random_range(0..=self.clock)),
            };
            self.rows.insert(0, Person { id: self.last_id, date, version: 0 });
        }
    }

    pub fn delete(&mut self, at: usize) {
        self.rows.remove(at);
    }

    pub fn mutate(&mut self) {
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

    /// Answers page `page`, counted from 1.
    pub fn answer(&mut self, page: u32) -> Answer {
        self.mutate();
        self.requests += 1;
        self.pages_asked.push(page);
        if self.rng.random_bool(self.failing) {
            return Answer::Unanswered;
        }
        if self.rng.random_bool(self.crashing) {
            return Answer::Crash;
        }
        let page = if self.ignores_page_number { 1 } else { page as usize };
        let mut rows = self.slice(&self.rows, page);
        if rows.is_empty() && page > 1 {
            match self.past_the_end {
                PastTheEnd::Empty => {}
                PastTheEnd::Rejected => return Answer::Rejected,
                PastTheEnd::LastPage => rows = self.slice(&self.rows, self.pages().max(1)),
                PastTheEnd::FirstPage => rows = self.slice(&self.rows, 1),
            }
        }
        if let Some(divisor) = self.hides {
            rows.retain(|person| !person.id.is_multiple_of(divisor));
        }
        if let Some(wrong) = self.wrong.take_if(|_| self.rng.random_bool(0.15)) {
            match wrong {
                Wrong::Empty => rows.clear(),
                Wrong::Cut => rows.truncate(self.rng.random_range(0..=rows.len())),
                Wrong::Outdated => rows = self.slice(&self.outdated, page),
                Wrong::Repeated => rows = self.slice(&self.rows, page.saturating_sub(1).max(1)),
            }
        }
        Answer::Page(rows)
    }

    fn slice(&self, rows: &[Person], page: usize) -> Vec<Person> {
        rows.iter().skip((page - 1) * self.rows_a_page).take(self.rows_a_page).copied().collect()
    }

    pub fn pages(&self) -> usize {
        self.rows.len().div_ceil(self.rows_a_page)
    }

    /// What stands upstream and can be seen.
    pub fn standing(&self) -> Vec<Person> {
        let hides = self.hides;
        self.rows
            .iter()
            .filter(|person| hides.is_none_or(|by| !person.id.is_multiple_of(by)))
            .copied()
            .collect()
    }

    pub fn is_quiet(&mut self) {
        self.inserting = 0.0;
        self.deleting = 0.0;
        self.editing = 0.0;
        self.failing = 0.0;
        self.crashing = 0.0;
        self.wrong = None;
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
