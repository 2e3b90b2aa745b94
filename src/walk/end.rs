//! The end of the list is a claim (design 2.2): what is believed of it, and what follows.

use super::event::{Failure, Finish, Kind, Next, Outcome, Page, PageNumber, Save, Step};
use super::machine::{State, Walk};
use super::stranger::shares_rows;

/// How often a repeated page is looked at anew before the list is too busy to tell.
const ROUNDS_MAX: u32 = 3;

impl<R> Walk<R> {
    /// Nothing but rows of the page before: the last page again, or newcomers who pushed the list?
    pub(super) fn start_telling_repeats(&mut self) -> Step<R> {
        self.look(1, Vec::new())
    }

    /// Four looks: page 1, this page, the one below it, page 1.
    fn look(&mut self, round: u32, looks: Vec<Page<R>>) -> Step<R> {
        let page = match looks.len() {
            1 => self.page,
            2 => self.below(),
            _ => PageNumber(1),
        };
        self.state = State::TellingRepeats { round, looks };
        self.fetch(Vec::new(), page)
    }

    /// The end only if two page numbers give the same answer between two equal looks at page 1.
    pub(super) fn tell_repeats(&mut self, round: u32, mut looks: Vec<Page<R>>, look: Page<R>) -> Step<R> {
        looks.push(look);
        if looks.len() < 4 {
            return self.look(round, looks);
        }
        let [head, here, below, head_again] = <[Page<R>; 4]>::try_from(looks)
            .unwrap_or_else(|_| unreachable!("Invariant: a round is four looks"));
        if !is_same(&head, &head_again) {
            return self.look_again(round);
        }
        if !self.learned.tells_pages_apart && head.rows_answered >= self.rows_a_page {
            if is_same(&head, &here) {
                return self.finish(Vec::new(), Outcome::Failed(Failure::PageNumberIgnored));
            }
            // The same page again, changed a little while the two looks at page 1 were equal?
            if shares_rows(&head, &here) {
                return self.look_again(round);
            }
        }
        // Past the end, some servers give the first page again.
        if is_same(&head, &here) && is_same(&here, &below) {
            return self.end();
        }
        let Some(at) = self.first_of_the_stretch(&here) else {
            return self.tell_strangers(round, &head, here, &below);
        };
        if !self.is_within_before(here.rows[at..].iter().map(|row| &row.id)) {
            return self.consider(here);
        }
        let ends_here = below.rows.is_empty() && at == 0;
        if is_same(&here, &below) || ends_here { self.end() } else { self.read_below(Vec::new()) }
    }

    /// The page shows no row of the stretch: does it stand above it, or below? The stretch's own
    /// rows tell, or dates.
    fn tell_strangers(&mut self, round: u32, head: &Page<R>, here: Page<R>, below: &Page<R>) -> Step<R> {
        if here.rows.is_empty() {
            return if below.rows.is_empty() { self.end() } else { self.look_again(round) };
        }
        if self.first_of_the_stretch(below).is_some() {
            return self.step_over(&here);
        }
        if self.first_of_the_stretch(head).is_some() {
            return self.take_below(here);
        }
        if self.is_dated_above_the_stretch(&here) {
            return self.compare_with_the_page_above(here);
        }
        if self.reads_in_order { self.take_below(here) } else { self.look_again(round) }
    }

    fn look_again(&mut self, round: u32) -> Step<R> {
        match round {
            ROUNDS_MAX => self.give_up_telling(),
            _ => self.look(round + 1, Vec::new()),
        }
    }

    /// Too busy: the next walk goes on.
    pub(super) fn give_up_telling(&mut self) -> Step<R> {
        self.finish(Vec::new(), Outcome::Failed(Failure::TooBusyToTell))
    }

    /// An incremental walk met settled rows.
    pub(super) fn end_at_settled(&mut self, saves: Vec<Save<R>>) -> Step<R> {
        self.finish(saves, self.outcome())
    }

    /// The end of the list is believed: everything unsettled has been crossed.
    pub(super) fn end(&mut self) -> Step<R> {
        self.state = State::Ended;
        let outcome = self.outcome();
        let is_complete = outcome == Outcome::Complete;
        let is_full = is_complete && self.kind == Kind::Full;
        let seen = std::mem::replace(&mut self.seen, super::seen::Seen::new(self.me));
        let finish = Finish {
            outcome,
            settles: is_complete,
            evidence: if is_complete { self.evidence_of_the_end() } else { None },
            seen: is_full.then(|| seen.into_keys()),
            proves_order: is_full && self.reads_in_order,
            learned: self.learned,
        };
        Step { saves: Vec::new(), next: Next::Finish(Box::new(finish)) }
    }

    /// What a row without an ID was read in is not complete.
    fn outcome(&self) -> Outcome {
        match self.rows_without_id {
            0 => Outcome::Complete,
            rows => Outcome::Failed(Failure::RowsWithoutId(rows)),
        }
    }
}

fn is_same<R>(one: &Page<R>, other: &Page<R>) -> bool {
    one.rows.iter().map(|row| (&row.id, row.date)).eq(other.rows.iter().map(|row| (&row.id, row.date)))
}
