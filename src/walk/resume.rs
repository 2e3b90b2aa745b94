//! Resuming: a walk that reaches an interrupted walk's rows is one stretch with them, and jumps
//! over them instead of reading them again (design 2.2, "Resume").

use std::collections::BTreeSet;

use super::event::{Kind, Page, PageNumber, Row, Save, Step, WalkKey};
use super::evidence::Place;
use super::machine::{PAGES_MAX, State, Walk};

/// Interrupted walks whose rows a page shows.
#[derive(Clone, Debug)]
pub(super) struct Reached {
    stretches: BTreeSet<WalkKey>,
    /// Where to jump, if the page ends within one of them.
    pub(super) landing: Option<Landing>,
}

/// Where a jump is to land.
#[derive(Clone, Debug)]
pub(super) struct Landing {
    page: PageNumber,
    /// How far to step back if none of the rows stand there: deletions have shifted them up.
    step_back: u32,
    /// The walks whose rows are jumped over.
    block: Vec<WalkKey>,
}

impl<R> Walk<R> {
    /// Which interrupted walks the page shows, and where the last one's rows end by their number.
    pub(super) fn reached(&self, page: &Page<R>) -> Option<Reached> {
        let stretch_of = |row| {
            let walk = self.unsettled.get(&self.seen.found_by(row)?)?;
            (walk.stretch != self.me).then_some(walk.stretch)
        };
        let stretches: BTreeSet<_> = page.rows.iter().filter_map(stretch_of).collect();
        if stretches.is_empty() {
            return None;
        }
        let landing = page.rows.last().and_then(stretch_of).and_then(|stretch| {
            let at = page.rows.iter().position(|row| stretch_of(row) == Some(stretch))?;
            let cut = page.rows_answered.saturating_sub(page.rows.len());
            self.landing(stretch, (cut + at) as u64)
        });
        Some(Reached { stretches, landing })
    }

    fn landing(&self, stretch: WalkKey, at: u64) -> Option<Landing> {
        let block = self.unsettled.values().filter(|walk| walk.stretch == stretch);
        if block.clone().any(|walk| walk.has_gap) {
            return None;
        }
        let rows: u64 = block.clone().map(|walk| walk.rows).sum();
        // The server's pages may be larger than expected, or always short.
        let is_expected = self.rows_answered_max <= self.rows_a_page && !self.learned.gives_short_pages;
        let rows_a_page = if is_expected { self.rows_a_page } else { self.rows_answered_max } as u64;
        let above = u64::from(self.page.0 - 1) * rows_a_page;
        let page = (above + at + rows.max(1) - 1) / rows_a_page + 1;
        let page = PageNumber(u32::try_from(page).unwrap_or(PAGES_MAX).min(PAGES_MAX));
        (page > self.page).then(|| Landing {
            page,
            step_back: 1,
            block: block.map(|walk| walk.walk).collect(),
        })
    }

    /// They are one stretch with this walk from now on. A gap may lie between any two rows of its
    /// stretch.
    pub(super) fn join(&mut self, reached: &Option<Reached>) -> Vec<WalkKey> {
        let Some(reached) = reached else { return Vec::new() };
        let gaps: BTreeSet<_> =
            self.unsettled.values().filter(|walk| walk.has_gap).map(|walk| walk.stretch).collect();
        for walk in self.unsettled.values_mut() {
            if reached.stretches.contains(&walk.stretch) {
                walk.has_gap = gaps.contains(&walk.stretch);
                walk.stretch = self.me;
            }
        }
        reached.stretches.iter().copied().collect()
    }

    pub(super) fn jump(&mut self, landing: Landing, saves: Vec<Save<R>>) -> Step<R> {
        let page = landing.page;
        self.state = State::Landing(landing);
        self.fetch(saves, page)
    }

    /// Whether the row belongs to the stretch that this walk continues: it was read, or is jumped
    /// over. A full walk reads everything itself.
    pub(super) fn is_of_the_stretch(&self, row: &Row<R>) -> bool {
        self.seen.contains(row) || self.kind == Kind::Incremental && self.is_joined(row)
    }

    fn is_joined(&self, row: &Row<R>) -> bool {
        let walk = self.seen.found_by(row).and_then(|walk| self.unsettled.get(&walk));
        walk.is_some_and(|walk| walk.stretch == self.me && !walk.has_gap)
    }

    /// A jump's page: one of the rows jumped over stands on it, or the walk steps back, saving
    /// nothing, since what stands here may lie below a hole. Ever further: many may be gone. Past
    /// the end, some servers give the first page again: that is no landing.
    pub(super) fn land(&mut self, mut landing: Landing, mut page: Page<R>) -> Step<R> {
        let is_in_block = |row| self.seen.found_by(row).is_some_and(|walk| landing.block.contains(&walk));
        let is_first_page = page.rows.iter().any(|row| self.first.contains(&row.id));
        if !is_first_page && page.rows.iter().any(is_in_block) {
            page.rows.drain(..self.first_of_the_stretch(&page).unwrap_or(0));
            self.page = landing.page;
            let before = self.before.take();
            self.remember(&page, landing.page, before.as_ref());
            let reached = self.reached(&page);
            let mut save = self.save(page.rows, Place::Below, page.rows_without_id == 0, None);
            if !self.has_crossed {
                save.joins = self.join(&reached);
            }
            return self.go_on(reached, vec![save]);
        }
        landing.page = PageNumber(landing.page.0.saturating_sub(landing.step_back));
        landing.step_back *= 2;
        if landing.page <= self.page { self.read_below(Vec::new()) } else { self.jump(landing, Vec::new()) }
    }
}
