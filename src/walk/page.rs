//! One page: what of it belongs to the stretch, and whether the walk goes on below it.

use super::event::{Failure, Kind, Outcome, Page, PageNumber, Save, Step};
use super::evidence::Place;
use super::machine::{Before, PAGES_MAX, State, Walk};
use super::resume::Reached;
use crate::registration::RegistrationId;

impl<R> Walk<R> {
    /// The page to fetch next, if that is certain before the answer is looked up in the file: so
    /// that fetching goes on meanwhile. `ids` are the answer's, in its order. Two things can make it
    /// wrong, and cost a request: a page that is to be compared with others first, since its dates
    /// lie above what was read; a removed registration that is back where none stood.
    #[must_use]
    pub fn next_if_plain(&self, ids: &[RegistrationId], rows_answered: usize) -> Option<PageNumber> {
        let reads_on = matches!(self.state, State::Reading)
            && (self.kind == Kind::Full || !self.has_standing && self.unsettled.is_empty());
        let is_plain = !ids.is_empty()
            && rows_answered >= self.rows_a_page
            && !ids.iter().any(|id| self.is_on_before(id) || self.stepped_over.contains(id))
            && self.before.as_ref().is_none_or(|before| before.is_full || self.learned.gives_short_pages);
        (reads_on && is_plain && self.page.0 < PAGES_MAX && self.requests < PAGES_MAX).then(|| self.below())
    }

    /// The page that was asked for.
    pub(super) fn read(&mut self, page: Page<R>, is_confirmed: bool) -> Step<R> {
        if !is_confirmed && self.wants_confirmation(&page) {
            self.state = State::Confirming;
            return self.fetch(Vec::new(), self.page);
        }
        self.consider(page)
    }

    /// Whether a page that shows nothing new is asked for once more before it is believed.
    fn wants_confirmation(&self, page: &Page<R>) -> bool {
        if page.rows.is_empty() {
            let should_hold_rows = self.page == PageNumber(1) && self.has_standing;
            let is_sudden = |before: &Before| before.is_full || self.learned.gives_short_pages;
            return should_hold_rows || self.before.as_ref().is_some_and(is_sudden);
        }
        self.is_first_page_again(page)
    }

    /// A second page equal to a full first one: the page number is ignored, as far as anybody can
    /// tell, unless the account has ever answered two page numbers differently.
    fn is_first_page_again(&self, page: &Page<R>) -> bool {
        self.page == PageNumber(2)
            && self.first_is_full
            && !self.learned.tells_pages_apart
            && page.rows.iter().map(|row| &row.id).eq(self.first.iter())
    }

    /// A page that is believed to be what the server holds there.
    pub(super) fn consider(&mut self, mut page: Page<R>) -> Step<R> {
        if self.is_first_page_again(&page) {
            return self.finish(Vec::new(), Outcome::Failed(Failure::PageNumberIgnored));
        }
        if page.rows.is_empty() {
            return self.end();
        }
        if self.page == PageNumber(1) {
            return self.take(page);
        }
        let Some(at) = self.first_of_the_stretch(&page) else { return self.meet_strangers(page) };
        page.rows.drain(..at);
        if self.is_within_before(page.rows.iter().map(|row| &row.id)) {
            return self.start_telling_repeats();
        }
        self.take(page)
    }

    /// A page that continues the stretch.
    pub(super) fn take(&mut self, page: Page<R>) -> Step<R> {
        let before = self.before.take();
        self.remember(&page, self.page, before.as_ref());
        let reached = self.reached(&page);
        let place = if self.page == PageNumber(1) { Place::First } else { Place::Below };
        let mut save = self.save(page.rows, place, page.rows_without_id == 0, before.as_ref());
        if !self.has_crossed {
            save.joins = self.join(&reached);
        }
        self.go_on(reached, vec![save])
    }

    /// Below a page that was saved: the walk is over, jumps, or reads the next one down.
    pub(super) fn go_on(&mut self, reached: Option<Reached>, saves: Vec<Save<R>>) -> Step<R> {
        if self.kind == Kind::Incremental && self.has_met_settled {
            return self.end_at_settled(saves);
        }
        match reached.filter(|_| self.kind == Kind::Incremental).and_then(|reached| reached.landing) {
            Some(landing) => self.jump(landing, saves),
            None => self.read_below(saves),
        }
    }

    /// Remembers what was read at `at`, below `before`, for the page below it.
    pub(super) fn remember(&mut self, page: &Page<R>, at: PageNumber, before: Option<&Before>) {
        let is_full = page.rows_answered >= self.rows_a_page;
        if at == PageNumber(1) {
            self.first = page.rows.iter().map(|row| row.id.clone()).collect();
            self.first_is_full = is_full;
            self.top_date = page.rows.first().and_then(|row| row.date);
        } else {
            // A server that ignores page numbers gives the same page again, changed a little: some of
            // it is still there.
            let was_asked_just_now =
                |before: &Before| before.page != at && before.request + 1 == self.requests;
            self.learned.tells_pages_apart |= before.is_some_and(|before| {
                was_asked_just_now(before) && !page.rows.iter().any(|row| before.ids.contains(&row.id))
            });
        }
        self.before = Some(Before {
            page: at,
            request: self.requests,
            ids: page.rows.iter().map(|row| row.id.clone()).collect(),
            is_full,
            first_date: page.rows.first().and_then(|row| row.date),
            last_date: page.rows.last().and_then(|row| row.date),
            has_every_id: page.rows_without_id == 0,
        });
    }

    pub(super) fn first_of_the_stretch(&self, page: &Page<R>) -> Option<usize> {
        page.rows.iter().position(|row| self.is_of_the_stretch(row))
    }

    pub(super) fn is_within_before<'a>(&self, mut ids: impl Iterator<Item = &'a RegistrationId>) -> bool {
        ids.all(|id| self.is_on_before(id))
    }

    fn is_on_before(&self, id: &RegistrationId) -> bool {
        self.before.as_ref().is_some_and(|before| before.ids.contains(id))
    }

    pub(super) fn below(&self) -> PageNumber {
        PageNumber(self.page.0 + 1)
    }

    pub(super) fn read_below(&mut self, saves: Vec<Save<R>>) -> Step<R> {
        self.page = self.below();
        self.state = State::Reading;
        self.fetch(saves, self.page)
    }
}
