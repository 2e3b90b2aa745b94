//! Resuming: a walk that reaches an interrupted walk's rows is one stretch with them, and jumps
//! over them instead of reading them again (design 2.2, "Resume").

use std::collections::BTreeSet;

use super::event::{Page, PageNumber, Save, Step, WalkKey};
use super::evidence::Place;
use super::machine::{State, Walk};

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
        let rows: u64 = block.clone().map(|walk| walk.rows).sum();
        let rows_a_page = self.rows_a_page as u64;
        let above = u64::from(self.page.0 - 1) * rows_a_page;
        let page = (above + at + rows.max(1) - 1) / rows_a_page + 1;
        let page = PageNumber(u32::try_from(page).ok()?);
        (page > self.page).then(|| Landing {
            page,
            step_back: 1,
            block: block.map(|walk| walk.walk).collect(),
        })
    }

    /// They are one stretch with this walk from now on.
    pub(super) fn join(&mut self, reached: &Option<Reached>) -> Vec<WalkKey> {
        let Some(reached) = reached else { return Vec::new() };
        for walk in self.unsettled.values_mut() {
            if reached.stretches.contains(&walk.stretch) {
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

    /// A jump's page: one of the rows jumped over stands on it, or the walk steps back, saving
    /// nothing, since what stands here may lie below a hole. Ever further: many may be gone.
    pub(super) fn land(&mut self, mut landing: Landing, page: Page<R>) -> Step<R> {
        let is_in_block = |row| self.seen.found_by(row).is_some_and(|walk| landing.block.contains(&walk));
        if page.rows.iter().any(is_in_block) {
            self.page = landing.page;
            self.remember(&page, landing.page);
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
