//! I1, I2, I3, I5 and the first sentence of I4, over random histories, judged by the upstream's
//! truth. `HISTORIES=100000 cargo test --release --test simulation` runs more of them.

use std::collections::BTreeMap;

use coupontools_mirror::walk::{Failure, Kind, Outcome};
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

use crate::disk::Disk;
use crate::drive::{End, walk};
use crate::upstream::{Dates, PastTheEnd, Upstream, Wrong};

const HISTORIES: u64 = 4_000;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Weather {
    Plain,
    Crashes,
    Deletions,
    WrongAnswer,
    Filters,
}

struct History {
    upstream: Upstream,
    disk: Disk,
    weather: Weather,
    has_wrong: bool,
    tag: String,
}

impl History {
    fn new(seed: u64, rows_a_page: usize) -> Self {
        let mut upstream = Upstream::new(ChaCha8Rng::seed_from_u64(seed), rows_a_page, Dates::Falling);
        upstream.dates = upstream.choose(&[Dates::Falling, Dates::Falling, Dates::Absent, Dates::Disordered]);
        let weather = upstream.choose(&[
            Weather::Plain,
            Weather::Crashes,
            Weather::Deletions,
            Weather::WrongAnswer,
            Weather::Filters,
        ]);
        upstream.hides = (weather == Weather::Filters).then_some(7);
        upstream.past_the_end = match upstream.dates {
            _ if weather == Weather::Filters => PastTheEnd::Empty,
            Dates::Falling => upstream.choose(&[
                PastTheEnd::Empty,
                PastTheEnd::Empty,
                PastTheEnd::Rejected,
                PastTheEnd::LastPage,
                PastTheEnd::FirstPage,
            ]),
            // The first page again: without dates, a page full of newcomers can't be told from a
            // page below the stretch.
            _ => upstream.choose(&[PastTheEnd::Empty, PastTheEnd::Rejected, PastTheEnd::LastPage]),
        };
        let any = upstream.number(60) as usize;
        let rows = upstream.choose(&[0, 3, rows_a_page, 2 * rows_a_page, 7 * rows_a_page, any]);
        upstream.insert(rows);
        let tag =
            format!("{weather:?}, dates {:?}, past the end {:?}", upstream.dates, upstream.past_the_end);
        upstream.outdated.clone_from(&upstream.rows);
        Self { upstream, disk: Disk::new(), weather, has_wrong: false, tag }
    }

    fn change_weather(&mut self) {
        let up = &mut self.upstream;
        let deletes = matches!(self.weather, Weather::Deletions | Weather::WrongAnswer);
        let fails = matches!(self.weather, Weather::Crashes | Weather::Deletions);
        up.inserting = up.choose(&[0.0, 0.3, 0.8]);
        up.editing = up.choose(&[0.0, 0.3]);
        up.deleting = if deletes { up.choose(&[0.0, 0.4]) } else { 0.0 };
        up.failing = if fails { up.choose(&[0.0, 0.1]) } else { 0.0 };
        up.crashing = if fails { up.choose(&[0.0, 0.15]) } else { 0.0 };
        if self.weather == Weather::WrongAnswer && !self.has_wrong && up.chance(0.5) {
            let wrong = up.choose(&[Wrong::Empty, Wrong::Cut, Wrong::Outdated, Wrong::Repeated]);
            (up.wrong, self.has_wrong) = (Some(wrong), true);
            up.outdated.clone_from(&up.rows);
            let newcomers = up.number(10) as usize;
            up.insert(newcomers);
            self.tag.push_str(&format!(", one {wrong:?}"));
        }
    }

    fn run(&mut self) -> Result<(), String> {
        for _ in 0..=self.upstream.number(10) {
            self.change_weather();
            let stood = self.upstream.standing();
            let kind = if self.upstream.chance(0.3) { Kind::Full } else { Kind::Incremental };
            let end = walk(&mut self.disk, &mut self.upstream, kind);
            self.judge_removals()?;
            let keeps_all = matches!(self.weather, Weather::Plain | Weather::Crashes | Weather::Filters);
            if end.is_complete() && keeps_all {
                let lost = stood.iter().filter(|person| !self.disk.rows.contains_key(&person.id)).count();
                if lost > 0 {
                    return Err(format!("I1: {lost} of {} lost by a complete walk", stood.len()));
                }
            }
            let rows_a_page = self.upstream.rows_a_page;
            let newcomers = self.upstream.choose(&[0, 1, 8, 3 * rows_a_page]);
            self.upstream.insert(newcomers);
            self.upstream.mutate();
        }
        self.upstream.is_quiet();
        self.judge_quiet()
    }

    fn judge_removals(&self) -> Result<(), String> {
        let standing = self.upstream.standing();
        let is_removed = |id: &u32| self.disk.rows.get(id).is_some_and(|kept| kept.is_removed);
        let wrongly = standing.iter().filter(|person| is_removed(&person.id)).count();
        if wrongly > 0 { Err(format!("I3: {wrongly} standing rows removed")) } else { Ok(()) }
    }

    fn judge_quiet(&mut self) -> Result<(), String> {
        let truth: BTreeMap<u32, u32> =
            self.upstream.standing().iter().map(|person| (person.id, person.version)).collect();
        for _ in 0..2 {
            let end = walk(&mut self.disk, &mut self.upstream, Kind::Full);
            if self.is_one_full_page_repeated()
                && end == End::Finished(Outcome::Failed(Failure::PageNumberIgnored))
            {
                return Ok(());
            }
            if !end.is_complete() {
                return Err(format!("I2: a quiet full walk ended {end:?}"));
            }
            self.judge_removals()?;
            let here = self.disk.standing();
            let is_here =
                |(id, version): &(&u32, &u32)| here.get(id).is_some_and(|kept| kept.version == **version);
            let lacking = truth.iter().filter(|row| !is_here(row)).count();
            if lacking > 0 {
                return Err(format!("I2: {lacking} rows lack or have old values after a quiet full walk"));
            }
        }
        for (id, kept) in self.disk.standing() {
            match (truth.contains_key(&id), kept.is_missing) {
                (false, false) => return Err("I2: gone, but neither missing nor removed".into()),
                (true, true) => return Err("I2: a standing row stays missing".into()),
                _ => {}
            }
        }
        let (requests, written) = (self.upstream.requests, self.disk.written);
        walk(&mut self.disk, &mut self.upstream, Kind::Full);
        if self.disk.written != written {
            return Err("I5: a full walk over an unchanged directory wrote rows".into());
        }
        let cost = (self.upstream.requests - requests) as usize;
        let most = self.upstream.pages().max(1) + self.most_beyond_pages();
        if cost > most {
            return Err(format!("I4: a quiet full walk cost {cost} requests, not {most}"));
        }
        let requests = self.upstream.requests;
        walk(&mut self.disk, &mut self.upstream, Kind::Incremental);
        let cost = self.upstream.requests - requests;
        if cost != 1 && !truth.is_empty() {
            return Err(format!("I4: a quiet tick cost {cost} requests"));
        }
        Ok(())
    }

    /// One full page that every page number gives looks like a page number that is ignored.
    fn is_one_full_page_repeated(&self) -> bool {
        let repeats = matches!(self.upstream.past_the_end, PastTheEnd::LastPage | PastTheEnd::FirstPage);
        repeats
            && !self.disk.learned.tells_pages_apart
            && self.upstream.rows.len() == self.upstream.rows_a_page
    }

    fn most_beyond_pages(&self) -> usize {
        match self.upstream.past_the_end {
            PastTheEnd::Empty | PastTheEnd::Rejected => 3,
            PastTheEnd::LastPage => 5,
            PastTheEnd::FirstPage => 6,
        }
    }
}

#[test]
fn random_histories_keep_the_invariants() {
    let histories = std::env::var("HISTORIES").ok().and_then(|text| text.parse().ok()).unwrap_or(HISTORIES);
    let mut broken: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for rows_a_page in [5, 6, 8] {
        for seed in 0..histories {
            let mut history = History::new(seed, rows_a_page);
            if let Err(why) = history.run() {
                let invariant = why[..2].to_owned();
                let case = format!("{why} (pages of {rows_a_page}, seed {seed}: {})", history.tag);
                broken.entry(invariant).or_default().push(case);
            }
        }
    }
    let report: Vec<String> = broken
        .iter()
        .map(|(invariant, cases)| {
            format!(
                "{invariant}: {} broken, such as\n  {}",
                cases.len(),
                cases[..cases.len().min(5)].join("\n  ")
            )
        })
        .collect();
    assert!(broken.is_empty(), "{}", report.join("\n"));
}
