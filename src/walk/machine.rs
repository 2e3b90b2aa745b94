//! The walk's memory, and which rule an event goes to.

use std::collections::{BTreeMap, BTreeSet};

use super::event::{
    Event, Failure, Finish, Kind, Learned, Next, Outcome, Page, PageNumber, Row, Save, SaveNumber, Start,
    Step, Unsettled, WalkKey,
};
use super::evidence::Place;
use super::resume::Landing;
use super::seen::Seen;
use crate::instant::UtcInstant;
use crate::registration::RegistrationId;

/// A walk of more pages or requests than this is endless: a hundred million registrations.
pub(super) const PAGES_MAX: u32 = 1_000_000;

/// One walk over one directory. [`Walk::begin`] says what to fetch first; then [`Walk::step`]
/// takes what happened and says what to do.
#[derive(Clone, Debug)]
pub struct Walk<R> {
    pub(super) me: WalkKey,
    pub(super) kind: Kind,
    pub(super) rows_a_page: usize,
    pub(super) has_standing: bool,
    /// Walks that are not settled, this one left out.
    pub(super) unsettled: BTreeMap<WalkKey, Unsettled>,
    /// Whether everything unsettled has been crossed.
    pub(super) has_crossed: bool,
    /// Whether a settled row was read: what is new below it, an earlier walk should have shown.
    pub(super) has_passed_settled: bool,
    /// Whether a page ended in settled rows: an incremental walk goes no further.
    pub(super) has_met_settled: bool,
    /// Whether dates prove something in this directory.
    pub(super) in_order: bool,
    /// Whether everything that this walk read was in order.
    pub(super) reads_in_order: bool,
    pub(super) learned: Learned,
    pub(super) seen: Seen,
    pub(super) page: PageNumber,
    pub(super) before: Option<Before>,
    /// The first page's rows, to tell a server that ignores page numbers.
    pub(super) first: Vec<RegistrationId>,
    pub(super) first_is_full: bool,
    /// The most rows that any answer held: what to count pages by where they differ from what is
    /// expected.
    pub(super) rows_answered_max: usize,
    /// The first row's date: what lies above it is the next walk's business.
    pub(super) top_date: Option<UtcInstant>,
    /// The page of newcomers that was stepped over last.
    pub(super) stepped_over: Vec<RegistrationId>,
    pub(super) rows_without_id: usize,
    pub(super) saves: u64,
    pub(super) requests: u32,
    pub(super) state: State<R>,
}

/// What is remembered of the page that was saved last.
#[derive(Clone, Debug)]
pub(super) struct Before {
    pub(super) page: PageNumber,
    /// Which of the walk's requests showed it.
    pub(super) request: u32,
    pub(super) ids: BTreeSet<RegistrationId>,
    pub(super) is_full: bool,
    pub(super) first_date: Option<UtcInstant>,
    pub(super) last_date: Option<UtcInstant>,
    pub(super) has_every_id: bool,
}

/// What the page in flight is for.
#[derive(Clone, Debug)]
pub(super) enum State<R> {
    /// The next one down.
    Reading,
    /// The same, asked once more: it showed nothing new where there should have been something.
    Confirming,
    /// Another page: where do these rows stand?
    Comparing {
        strangers: Page<R>,
        with: PageNumber,
    },
    /// The short page before, asked again because more follows it: was it cut, or is it filtered?
    Rereading {
        below: Page<R>,
    },
    /// Is this the last page again, or did newcomers push the list?
    TellingRepeats {
        round: u32,
        looks: Vec<Page<R>>,
    },
    /// An interrupted walk's rows are jumped over.
    Landing(Landing),
    Ended,
}

impl<R> Walk<R> {
    /// A walk, and the page to fetch first.
    #[must_use]
    pub fn begin(start: Start) -> (Self, PageNumber) {
        let walk = Self {
            me: start.walk,
            kind: start.kind,
            rows_a_page: start.rows_a_page,
            has_standing: start.has_standing,
            unsettled: start.unsettled.iter().map(|walk| (walk.walk, *walk)).collect(),
            has_crossed: false,
            has_passed_settled: false,
            has_met_settled: false,
            in_order: start.in_order,
            reads_in_order: true,
            learned: start.learned,
            seen: Seen::new(start.walk),
            page: PageNumber(1),
            before: None,
            first: Vec::new(),
            first_is_full: false,
            rows_answered_max: 0,
            top_date: None,
            stepped_over: Vec::new(),
            rows_without_id: 0,
            saves: 0,
            requests: 1,
            state: State::Reading,
        };
        (walk, PageNumber(1))
    }

    /// What happened, and what to do now.
    #[must_use]
    pub fn step(&mut self, event: Event<R>) -> Step<R> {
        if matches!(self.state, State::Ended) {
            return Step { saves: Vec::new(), next: Next::Wait };
        }
        match event {
            Event::Saved(through) => {
                self.seen.saved(through);
                Step { saves: Vec::new(), next: Next::Wait }
            }
            Event::Stopped => self.finish(Vec::new(), Outcome::Cancelled),
            Event::Unanswered => self.finish(Vec::new(), Outcome::Failed(Failure::Unanswered)),
            Event::Rejected if self.asks_for_page_1() => {
                self.finish(Vec::new(), Outcome::Failed(Failure::Unanswered))
            }
            // Past the end, some servers call the page number wrong.
            Event::Rejected => self.answered(Page { rows: Vec::new(), rows_answered: 0, rows_without_id: 0 }),
            Event::Answered(page) => self.answered(page),
        }
    }

    fn answered(&mut self, page: Page<R>) -> Step<R> {
        self.rows_without_id += page.rows_without_id;
        self.rows_answered_max = self.rows_answered_max.max(page.rows_answered);
        match std::mem::replace(&mut self.state, State::Reading) {
            State::Reading => self.read(page, false),
            State::Confirming => self.read(page, true),
            State::Comparing { strangers, with } => self.compare(with, &page, strangers),
            State::Rereading { below } => self.reread(page, below),
            State::TellingRepeats { round, looks } => self.tell_repeats(round, looks, page),
            State::Landing(landing) => self.land(landing, page),
            State::Ended => unreachable!("Invariant: an ended walk takes no event"),
        }
    }

    fn asks_for_page_1(&self) -> bool {
        match &self.state {
            State::Reading | State::Confirming => self.page == PageNumber(1),
            State::Comparing { with, .. } => *with == PageNumber(1),
            State::TellingRepeats { looks, .. } => matches!(looks.len(), 0 | 3),
            State::Rereading { .. } | State::Landing(_) | State::Ended => false,
        }
    }

    /// Whether the row is in the file and everything above it has been crossed.
    pub(super) fn is_settled(&self, row: &Row<R>) -> bool {
        self.seen
            .found_by(row)
            .is_some_and(|walk| self.has_crossed || walk != self.me && !self.unsettled.contains_key(&walk))
    }

    /// Takes rows into the stretch: what the page proves, what it holds, what it settles.
    pub(super) fn save(
        &mut self,
        rows: Vec<Row<R>>,
        place: Place,
        has_every_id: bool,
        before: Option<&Before>,
    ) -> Save<R> {
        let breaks_order = self.note_order(&rows, before);
        let evidence = if has_every_id { self.evidence(&rows, place) } else { None };

        let was_crossed = self.has_crossed;
        let first_settled = rows.iter().position(|row| self.is_settled(row));
        let below_settled = if self.has_passed_settled { Some(0) } else { first_settled };
        self.has_passed_settled |= first_settled.is_some();
        let recovered = below_settled
            .map_or(0, |at| rows[at..].iter().filter(|row| self.seen.found_by(row).is_none()).count() as u64);
        let meets_settled = first_settled.is_some_and(|at| rows[at..].iter().all(|row| self.is_settled(row)));
        self.has_met_settled |= meets_settled;
        // A row without an ID may be one that was never found: nothing is settled across it.
        let settles = meets_settled && !was_crossed && self.rows_without_id == 0;

        self.saves += 1;
        let number = SaveNumber(self.saves);
        self.seen.insert(&rows, number);
        self.has_crossed |= settles;
        Save {
            number,
            breaks_order,
            evidence,
            rows,
            recovered,
            joins: Vec::new(),
            settles,
            leaves_gap: !has_every_id,
            learned: self.learned,
        }
    }

    pub(super) fn fetch(&mut self, saves: Vec<Save<R>>, page: PageNumber) -> Step<R> {
        if page.0 > PAGES_MAX || self.requests >= PAGES_MAX {
            return self.finish(saves, Outcome::Failed(Failure::Endless));
        }
        self.requests += 1;
        Step { saves, next: Next::Fetch(page) }
    }

    pub(super) fn finish(&mut self, saves: Vec<Save<R>>, outcome: Outcome) -> Step<R> {
        self.state = State::Ended;
        let finish = Finish {
            outcome,
            evidence: None,
            settles: false,
            seen: None,
            proves_order: false,
            learned: self.learned,
        };
        Step { saves, next: Next::Finish(Box::new(finish)) }
    }
}
