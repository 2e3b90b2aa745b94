//! How the upstream answers: as the API sheet fears.

use rand::RngExt;

use crate::upstream::{Dates, Person, Upstream};

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
    Rejected,
}

/// An answer as it leaves the upstream.
pub enum Answer {
    Page { rows: Vec<Person>, without_id: usize },
    Rejected,
    Unanswered,
    Stopped,
    Crash,
}

impl Upstream {
    /// Answers page `page`, counted from 1.
    pub fn answer(&mut self, page: u32) -> Answer {
        self.mutate();
        self.requests += 1;
        self.do_deeds();
        self.pages_asked.push(page);
        if std::mem::take(&mut self.fails_now) {
            return Answer::Unanswered;
        }
        if self.rng.random_bool(self.failing) {
            return if self.rng.random_bool(0.3) { Answer::Stopped } else { Answer::Unanswered };
        }
        if self.rng.random_bool(self.crashing) {
            return Answer::Crash;
        }
        let page = if self.ignores_page_number { 1 } else { page as usize };
        let listed = self.listed();
        let mut rows = self.slice(&listed, page);
        if rows.is_empty() && page > 1 {
            match self.past_the_end {
                PastTheEnd::Empty => {}
                PastTheEnd::Rejected => return Answer::Rejected,
                PastTheEnd::LastPage => rows = self.slice(&listed, self.pages().max(1)),
                PastTheEnd::FirstPage => {
                    rows = self.slice(&listed, 1);
                    self.truth.note_suspect(&rows, self.dates);
                }
            }
        }
        if page > 1 && self.dates == Dates::Falling {
            self.truth.note_suspect(&rows, self.dates);
        }
        if let Some(divisor) = self.filters {
            rows.retain(|person| !person.id.is_multiple_of(divisor));
        }
        let wrong = self.wrong.take_if(|_| self.rng.random_bool(0.15));
        if let Some(wrong) = self.wrong_now.take().or(wrong) {
            match wrong {
                Wrong::Empty => rows.clear(),
                Wrong::Cut => rows.truncate(self.rng.random_range(0..=rows.len())),
                Wrong::Outdated => rows = self.slice(&self.outdated, page),
                Wrong::Repeated => rows = self.slice(&listed, page.saturating_sub(1).max(1)),
                Wrong::Rejected => return Answer::Rejected,
            }
        }
        let without_id = rows.iter().filter(|person| self.nameless.contains(&person.id)).count();
        if self.truth.is_first_answer() {
            let standing = self.standing();
            self.truth.note_first_answer(standing, self.last_id);
        }
        if without_id > 0 {
            self.truth.note_row_without_id();
        }
        for person in &mut rows {
            person.date = person.date.map(|date| date + self.shift_s);
        }
        rows.retain(|person| !self.nameless.contains(&person.id));
        Answer::Page { rows, without_id }
    }

    fn slice(&self, rows: &[Person], page: usize) -> Vec<Person> {
        rows.iter().skip((page - 1) * self.rows_a_page).take(self.rows_a_page).copied().collect()
    }
}
