//! What happens to a list over a history.

use crate::answer::{PastTheEnd, Wrong};
use crate::drive::Fate;
use crate::upstream::{Dates, Upstream};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Weather {
    /// Insertions and edits only, as in all others.
    Plain,
    /// Failures of every class, and crashes.
    Crashes,
    /// Both, and deletions.
    Deletions,
    /// Deletions, and one wrong answer.
    WrongAnswer,
    /// Rows are hidden after paging.
    Filters,
    /// Rows vanish and come back.
    Hiding,
    /// Rows come without their ID for a while; failures and crashes.
    LostIds,
}

const ALL: [Weather; 7] = [
    Weather::Plain,
    Weather::Crashes,
    Weather::Deletions,
    Weather::WrongAnswer,
    Weather::Filters,
    Weather::Hiding,
    Weather::LostIds,
];

#[derive(Debug)]
pub struct Climate {
    pub weather: Weather,
    /// Dates are read by another time zone now and then.
    changes_zone: bool,
    has_wrong: bool,
    pub tag: String,
}

impl Climate {
    /// A climate and the list that it begins with.
    pub fn new(seed: u64, rows_a_page: usize) -> (Self, Upstream) {
        let mut up = Upstream::new(seed, rows_a_page);
        up.dates = up.choose(&[Dates::Falling, Dates::Falling, Dates::Absent, Dates::Disordered]);
        let weather = up.choose(&ALL);
        if weather == Weather::Filters {
            up.filters = Some(7);
        } else {
            up.past_the_end = up.choose(&[
                PastTheEnd::Empty,
                PastTheEnd::Empty,
                PastTheEnd::Rejected,
                PastTheEnd::LastPage,
                PastTheEnd::FirstPage,
            ]);
        }
        let any = up.number(60) as usize;
        let rows = up.choose(&[0, 3, rows_a_page, 2 * rows_a_page, 7 * rows_a_page, any]);
        up.insert(rows);
        up.outdated.clone_from(&up.rows);
        let changes_zone = up.chance(0.2);
        let tag = format!("{weather:?}, dates {:?}, past the end {:?}", up.dates, up.past_the_end);
        (Self { weather, changes_zone, has_wrong: false, tag }, up)
    }

    /// Whether rows only ever come, and every answer is right.
    pub fn keeps_all(&self) -> bool {
        !matches!(self.weather, Weather::Deletions | Weather::WrongAnswer | Weather::Hiding)
    }

    /// Whether every answer shows what stands, and nothing hides.
    pub fn tells_recovered(&self) -> bool {
        !matches!(self.weather, Weather::WrongAnswer | Weather::Hiding)
    }

    /// Before a walk.
    pub fn change(&mut self, up: &mut Upstream) -> Fate {
        let deletes = matches!(self.weather, Weather::Deletions | Weather::WrongAnswer);
        let fails = matches!(self.weather, Weather::Crashes | Weather::Deletions | Weather::LostIds);
        up.inserting = up.choose(&[0.0, 0.3, 0.8]);
        up.editing = up.choose(&[0.0, 0.3]);
        // Whole pages of newcomers without a date to tell could stand anywhere.
        up.bursting = if up.dates == Dates::Falling { up.choose(&[0.0, 0.0, 0.0, 0.2]) } else { 0.0 };
        up.oddness = up.choose(&[0.0, 0.1]);
        up.deleting = if deletes { up.choose(&[0.0, 0.4]) } else { 0.0 };
        up.failing = if fails { up.choose(&[0.0, 0.1]) } else { 0.0 };
        up.crashing = if fails { up.choose(&[0.0, 0.15]) } else { 0.0 };
        if deletes && up.dates == Dates::Disordered && up.chance(0.2) {
            up.rows.retain(|person| !person.is_odd);
        }
        if up.dates == Dates::Disordered && up.chance(0.1) {
            import(up);
        }
        if self.changes_zone && up.chance(0.3) {
            up.shift_s = up.choose(&[0, 7, -7]);
        }
        match self.weather {
            Weather::WrongAnswer if !self.has_wrong && up.chance(0.5) => self.go_wrong(up),
            Weather::Hiding => hide(up),
            Weather::LostIds => lose_ids(up),
            _ => {}
        }
        Fate { lag: up.choose(&[0, 3, 64]), dies_after: None }
    }

    fn go_wrong(&mut self, up: &mut Upstream) {
        let all = [Wrong::Empty, Wrong::Cut, Wrong::Outdated, Wrong::Repeated, Wrong::Rejected];
        let wrong = up.choose(&all);
        (up.wrong, self.has_wrong) = (Some(wrong), true);
        up.outdated.clone_from(&up.rows);
        let newcomers = up.number(10) as usize;
        up.insert(newcomers);
        self.tag.push_str(&format!(", one {wrong:?}"));
    }
}

/// Newcomers with older dates than all others.
fn import(up: &mut Upstream) {
    let first = i64::from(up.number(900));
    for at in 0..i64::from(up.number(3 * up.rows_a_page as u32)) {
        up.insert_dated(Some(first + at), true);
    }
}

fn hide(up: &mut Upstream) {
    if up.chance(0.3) {
        up.hidden.clear();
    }
    for _ in 0..up.number(4) {
        if up.rows.is_empty() {
            return;
        }
        let at = up.number(up.rows.len() as u32) as usize;
        up.hidden.insert(up.rows[at].id);
    }
}

fn lose_ids(up: &mut Upstream) {
    if up.chance(0.6) {
        up.nameless.clear();
    }
    for _ in 0..up.choose(&[0, 0, 1, 3]) {
        if up.rows.is_empty() {
            return;
        }
        let at = up.number(up.rows.len().min(20) as u32) as usize;
        up.nameless.insert(up.rows[at].id);
    }
}
