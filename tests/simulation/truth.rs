//! What the upstream knows of a walk and the walk does not: what stood when it began, and whether
//! it was shown what nobody can tell.

use std::collections::BTreeSet;

use crate::disk::Disk;
use crate::drive::End;
use crate::upstream::{Dates, Person};

#[derive(Clone, Debug, Default)]
pub struct Truth {
    /// What stood at the walk's first answer, and the last ID given out by then.
    first: Option<(Vec<Person>, u32)>,
    saw_row_without_id: bool,
    /// Since everything was last settled, a walk was shown a page below the first that held nothing
    /// but newcomers, and no date tells that they don't stand below what was read so far: they came
    /// within the second of the first row, by the page; or dates prove nothing, and it was the first
    /// page again, past the end. What this makes walks lose is forgiven, nothing else.
    is_unknowable: bool,
    was_unknowable: bool,
    forgiven: BTreeSet<u32>,
    pub was_forgiven: bool,
    /// What stood at the first answer of any walk that crossed everything: lacking later, it is
    /// recovered.
    should_have: BTreeSet<u32>,
    recovered_at_most: u64,
}

impl Truth {
    pub fn begin_walk(&mut self) {
        self.first = None;
        self.saw_row_without_id = false;
    }

    pub fn is_first_answer(&self) -> bool {
        self.first.is_none()
    }

    pub fn note_first_answer(&mut self, standing: Vec<Person>, last_id: u32) {
        self.first = Some((standing, last_id));
    }

    pub fn note_row_without_id(&mut self) {
        self.saw_row_without_id = true;
    }

    /// A page that could be unknowable: below the first, in a list whose dates prove something, or
    /// past the end, the first page again.
    pub fn note_suspect(&mut self, rows: &[Person], dates: Dates) {
        let Some((standing, last_id)) = &self.first else { return };
        let newest = rows.first().and_then(|person| person.date);
        let top = standing.first().and_then(|person| person.date);
        let dates_tell = dates == Dates::Falling && newest > top;
        let are_newcomers = !rows.is_empty() && rows.iter().all(|person| person.id > *last_id);
        let is_unknowable = are_newcomers && !dates_tell;
        self.is_unknowable |= is_unknowable;
        self.was_unknowable |= is_unknowable;
    }

    /// I1, for a complete walk without deletions or wrong answers: what stood when it began, and
    /// what stands now.
    pub fn judge_loss(&mut self, disk: &Disk, stood: &[Person], stands: &[Person]) -> Result<(), String> {
        let lacks = |id: &u32| !disk.rows.contains_key(id);
        if std::mem::take(&mut self.is_unknowable) {
            self.forgiven.extend(stands.iter().map(|person| person.id).filter(lacks));
        }
        let lost: Vec<u32> = stood.iter().map(|person| person.id).filter(lacks).collect();
        self.was_forgiven |= lost.iter().any(|id| self.forgiven.contains(id));
        match lost.iter().filter(|id| !self.forgiven.contains(id)).count() {
            0 => Ok(()),
            count => Err(format!("I1: {count} of {} lost by a complete walk", stood.len())),
        }
    }

    /// What any walk's end must agree with; then takes note of it. What was hidden, or shown though
    /// it was gone, makes it impossible to tell what is recovered.
    pub fn judge_end(&mut self, disk: &Disk, end: End, tells_recovered: bool) -> Result<(), String> {
        if matches!(end, End::Endless | End::Misled) {
            return Err(format!("I4: {end:?}"));
        }
        if end.is_complete() && self.saw_row_without_id {
            return Err("I1: complete, with a row without an ID".into());
        }
        let crossed_all = end.is_complete() || disk.is_settled(disk.last_walk());
        if let (true, Some((standing, _))) = (crossed_all, &self.first) {
            self.should_have.extend(standing.iter().map(|person| person.id));
        }
        let found = disk.rows.iter().filter(|(_, kept)| kept.walk == disk.last_walk());
        self.recovered_at_most += found.filter(|(id, _)| self.should_have.contains(id)).count() as u64;
        if disk.recovered > self.recovered_at_most && !self.was_unknowable && tells_recovered {
            return Err(format!("I2: {} recovered, not {}", disk.recovered, self.recovered_at_most));
        }
        Ok(())
    }
}
