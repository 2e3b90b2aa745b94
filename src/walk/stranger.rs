//! Strangers: a page below the first that shows no row of the stretch. As a rule it continues the
//! stretch. It may also be newcomers who pushed the list by whole pages, or, past the end, the first
//! page again: saved, they would stand over a hole. And what stands below a short page makes one
//! wonder whether that page was cut.

use super::event::{Page, PageNumber, Step};
use super::evidence::Place;
use super::machine::{State, Walk};

impl<R> Walk<R> {
    /// Newcomers are in no file. Dates above the stretch are no proof that the page stands there:
    /// older people may have been imported at the head of the list. So other pages are looked at
    /// before it is stepped over.
    pub(super) fn meet_strangers(&mut self, page: Page<R>) -> Step<R> {
        if page.rows.iter().any(|row| self.seen.found_by(row).is_some()) {
            return self.take_below(page);
        }
        let is_dated_above = self.is_dated_above_the_stretch(&page);
        if is_dated_above && page.rows.iter().any(|row| self.stepped_over.contains(&row.id)) {
            return self.start_telling_repeats();
        }
        let is_undated_below_short = self.is_below_short() && !self.reads_in_order;
        if is_dated_above || is_undated_below_short {
            return self.compare_with(PageNumber(1), page);
        }
        self.take_below(page)
    }

    fn compare_with(&mut self, other: PageNumber, strangers: Page<R>) -> Step<R> {
        self.state = State::Comparing { strangers, with: other };
        self.fetch(Vec::new(), other)
    }

    /// Shown on page 1, too, they are the first page again. Where page 1 shows a row of the stretch,
    /// they stand below it. Where it shows newcomers only, the page above tells; but if the stretch is
    /// still there, this could be the first page again all the same, pushed meanwhile.
    pub(super) fn compare(&mut self, with: PageNumber, other: &Page<R>, strangers: Page<R>) -> Step<R> {
        let shows_stretch = self.first_of_the_stretch(other).is_some();
        if with > PageNumber(1) {
            return if shows_stretch { self.give_up_telling() } else { self.step_over(&strangers) };
        }
        if shares_rows(other, &strangers) {
            return self.start_telling_repeats();
        }
        if shows_stretch || !self.is_dated_above_the_stretch(&strangers) {
            return self.take_below(strangers);
        }
        self.compare_with_the_page_above(strangers)
    }

    /// Page 1 shows no row of the stretch: newcomers, all of it.
    pub(super) fn compare_with_the_page_above(&mut self, strangers: Page<R>) -> Step<R> {
        match self.page.0 - 1 {
            1 => self.step_over(&strangers),
            above => self.compare_with(PageNumber(above), strangers),
        }
    }

    /// They continue the stretch, unless the page above them was cut.
    pub(super) fn take_below(&mut self, page: Page<R>) -> Step<R> {
        if !self.is_below_short() {
            return self.take(page);
        }
        let short = self.before.as_ref().map_or(self.page, |before| before.page);
        self.state = State::Rereading { below: page };
        self.fetch(Vec::new(), short)
    }

    /// The short page before, asked again. Short again without a row that it did not show: this
    /// account filters. Otherwise it had been cut, or the list has moved: what was read below it is
    /// asked for anew.
    pub(super) fn reread(&mut self, mut again: Page<R>, below: Page<R>) -> Step<R> {
        let Some(at) = self.first_of_the_stretch(&again) else {
            return self.give_up_telling();
        };
        again.rows.drain(..at);
        let is_short = again.rows_answered < self.rows_a_page;
        if is_short && again.rows.iter().all(|row| self.is_of_the_stretch(row)) {
            self.learned.gives_short_pages = true;
            return self.take(below);
        }
        let short = self.before.as_ref().map_or(self.page, |before| before.page);
        self.remember(&again, short, None);
        let save = self.save(again.rows, Place::Below, again.rows_without_id == 0, None);
        self.fetch(vec![save], self.page)
    }

    /// Newcomers only: the next walk's business.
    pub(super) fn step_over(&mut self, page: &Page<R>) -> Step<R> {
        self.stepped_over = page.rows.iter().map(|row| row.id.clone()).collect();
        self.read_below(Vec::new())
    }

    /// Whether the page before was short, where short pages are no habit.
    fn is_below_short(&self) -> bool {
        let is_below_short = self.before.as_ref().is_some_and(|before| !before.is_full);
        is_below_short && !self.learned.gives_short_pages
    }

    pub(super) fn is_dated_above_the_stretch(&self, page: &Page<R>) -> bool {
        let bottom_date = self.before.as_ref().and_then(|before| before.last_date);
        let first_date = page.rows.first().and_then(|row| row.date);
        self.reads_in_order
            && bottom_date.is_some_and(|bottom| first_date > Some(bottom))
            && self.top_date.is_some_and(|top| page.rows.iter().all(|row| row.date >= Some(top)))
    }
}

pub(super) fn shares_rows<R>(one: &Page<R>, other: &Page<R>) -> bool {
    one.rows.iter().any(|row| other.rows.iter().any(|other| other.id == row.id))
}
