//! I1, I2, I3, I5 and the first sentence of I4, over random histories, judged by the upstream's
//! truth. `HISTORIES=100000` runs more of them, `SEED=2110 ROWS_A_PAGE=5` one, and shows it.

use std::collections::{BTreeMap, BTreeSet};

use coupontools_mirror::walk::{Failure, Kind, Outcome};

use crate::answer::PastTheEnd;
use crate::disk::Disk;
use crate::drive::{End, walk, walk_by};
use crate::upstream::Upstream;
use crate::weather::Climate;

const HISTORIES: u64 = 2_000;

/// Enough to see what is wrong.
const BROKEN_MAX: usize = 10;

struct History {
    upstream: Upstream,
    disk: Disk,
    climate: Climate,
}

impl History {
    fn new(seed: u64, rows_a_page: usize) -> Self {
        let (climate, upstream) = Climate::new(seed, rows_a_page);
        Self { upstream, disk: Disk::new(), climate }
    }

    fn run(&mut self) -> Result<(), String> {
        for _ in 0..=self.upstream.number(10) {
            let fate = self.climate.change(&mut self.upstream);
            let stood = self.upstream.standing();
            let kind = if self.upstream.chance(0.3) { Kind::Full } else { Kind::Incremental };
            let removed = self.removed();
            let end = walk_by(&mut self.disk, &mut self.upstream, kind, fate);
            self.judge_removals(&removed)?;
            self.upstream.truth.judge_end(&self.disk, end, self.climate.tells_recovered())?;
            if end.is_complete() && self.climate.keeps_all() {
                let stands = self.upstream.standing();
                self.upstream.truth.judge_loss(&self.disk, &stood, &stands)?;
            }
            let rows_a_page = self.upstream.rows_a_page;
            let newcomers = self.upstream.choose(&[0, 1, 8, 3 * rows_a_page]);
            self.upstream.insert(newcomers);
            self.upstream.mutate();
        }
        self.upstream.is_quiet();
        self.judge_quiet()
    }

    fn removed(&self) -> BTreeSet<u32> {
        self.disk.rows.iter().filter(|(_, kept)| kept.is_removed).map(|(id, _)| *id).collect()
    }

    /// I3. Rows are hidden and shown between walks only: what stands now has stood throughout.
    fn judge_removals(&self, before: &BTreeSet<u32>) -> Result<(), String> {
        let removed = self.removed();
        let is_wrong = |id: &u32| removed.contains(id) && !before.contains(id);
        let wrongly = self.upstream.standing().iter().filter(|person| is_wrong(&person.id)).count();
        if wrongly > 0 { Err(format!("I3: {wrongly} standing rows removed")) } else { Ok(()) }
    }

    fn judge_quiet(&mut self) -> Result<(), String> {
        let truth: BTreeMap<u32, u32> =
            self.upstream.standing().iter().map(|person| (person.id, person.version)).collect();
        let breaks = self.disk.breaks;
        let spanned = if self.disk.in_order { self.spanned() } else { BTreeSet::new() };
        for _ in 0..2 {
            let removed = self.removed();
            let end = walk(&mut self.disk, &mut self.upstream, Kind::Full);
            if self.is_one_full_page_repeated()
                && end == End::Finished(Outcome::Failed(Failure::PageNumberIgnored))
            {
                return Ok(());
            }
            if !end.is_complete() {
                return Err(format!("I2: a quiet full walk ended {end:?}"));
            }
            self.judge_removals(&removed)?;
            self.upstream.truth.judge_end(&self.disk, end, self.climate.tells_recovered())?;
            self.judge_content(&truth)?;
        }
        let is_left = |id: &&u32| !self.disk.rows[id].is_removed;
        let left = spanned.iter().filter(is_left).count();
        if left > 0 && self.disk.breaks == breaks {
            return Err(format!("I2: {left} gone rows, each spanned by a page, are not removed"));
        }
        self.judge_costs()
    }

    /// I2: every row with its values; what is gone at least missing, what stands not.
    fn judge_content(&self, truth: &BTreeMap<u32, u32>) -> Result<(), String> {
        let here = self.disk.standing();
        let is_here =
            |(id, version): &(&u32, &u32)| here.get(id).is_some_and(|kept| kept.version == **version);
        let lacking = truth.iter().filter(|row| !is_here(row)).count();
        if lacking > 0 {
            return Err(format!("I2: {lacking} rows lack or have old values after a quiet full walk"));
        }
        for (id, kept) in here {
            match (truth.contains_key(&id), kept.is_missing) {
                (false, false) => return Err("I2: gone, but neither missing nor removed".into()),
                (true, true) => return Err("I2: a standing row stays missing".into()),
                _ => {}
            }
        }
        Ok(())
    }

    /// What a page proves gone: settled rows that stand in the file, strictly between the first and
    /// the last such row of a page (page 1 reaches up to the future), while dates prove something.
    fn spanned(&self) -> BTreeSet<u32> {
        let is_proof = |id: &u32| {
            let kept = self.disk.rows.get(id);
            kept.is_some_and(|kept| kept.is_provable && !kept.is_removed && self.disk.is_settled(kept.walk))
        };
        let date_of = |id: &u32| self.disk.rows.get(id).and_then(|kept| kept.date);
        let standing: BTreeSet<u32> = self.upstream.standing().iter().map(|person| person.id).collect();
        let listed = self.upstream.listed();
        let mut spanned = BTreeSet::new();
        for (at, page) in listed.chunks(self.upstream.rows_a_page).enumerate() {
            let proofs: Vec<u32> =
                page.iter().map(|p| p.id).filter(|id| standing.contains(id) && is_proof(id)).collect();
            let (Some(first), Some(last)) = (proofs.first(), proofs.last()) else { continue };
            let is_inside =
                |id: &u32| date_of(id) > date_of(last) && (at == 0 || date_of(id) < date_of(first));
            let gone = self.disk.rows.keys().filter(|id| !standing.contains(id) && is_proof(id));
            spanned.extend(gone.filter(|id| is_inside(id)));
        }
        spanned
    }

    /// I5, and I4's quiet walks.
    fn judge_costs(&mut self) -> Result<(), String> {
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
        if cost != 1 && !self.upstream.standing().is_empty() {
            return Err(format!("I4: a quiet tick cost {cost} requests"));
        }
        Ok(())
    }

    /// One full page that every page number gives looks like a page number that is ignored.
    fn is_one_full_page_repeated(&self) -> bool {
        let repeats = matches!(self.upstream.past_the_end, PastTheEnd::LastPage | PastTheEnd::FirstPage);
        repeats
            && !self.disk.learned.tells_pages_apart
            && self.upstream.standing().len() == self.upstream.rows_a_page
    }

    fn most_beyond_pages(&self) -> usize {
        match self.upstream.past_the_end {
            PastTheEnd::Empty | PastTheEnd::Rejected => 3,
            PastTheEnd::LastPage => 5,
            PastTheEnd::FirstPage => 6,
        }
    }
}

fn number_from_environment(name: &str) -> Option<u64> {
    std::env::var(name).ok().and_then(|text| text.parse().ok())
}

#[test]
fn random_histories_keep_the_invariants() {
    let histories = number_from_environment("HISTORIES").unwrap_or(HISTORIES);
    let seeds = number_from_environment("SEED").map_or(0..histories, |seed| seed..seed + 1);
    let only = number_from_environment("ROWS_A_PAGE");
    let mut broken: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let (mut all, mut forgiven) = (0, 0);
    for rows_a_page in [5, 6, 8].into_iter().filter(|rows| only.is_none_or(|only| *rows as u64 == only)) {
        for seed in seeds.clone() {
            if broken.values().map(Vec::len).sum::<usize>() >= BROKEN_MAX {
                break;
            }
            let mut history = History::new(seed, rows_a_page);
            if let Err(why) = history.run() {
                let tag = &history.climate.tag;
                let case = format!("{why} (pages of {rows_a_page}, seed {seed}: {tag})");
                broken.entry(why[..2].to_owned()).or_default().push(case);
            }
            all += 1;
            forgiven += u64::from(history.upstream.truth.was_forgiven);
        }
    }
    let report: Vec<String> = broken
        .iter()
        .map(|(invariant, cases)| {
            let some = cases[..cases.len().min(5)].join("\n  ");
            format!("{invariant}: {} broken, such as\n  {some}", cases.len())
        })
        .collect();
    assert!(broken.is_empty(), "{}", report.join("\n"));
    println!("{all} histories, of which {forgiven} lost rows that nobody can know of");
    assert!(all < 1_000 || forgiven * 300 < all, "{forgiven} of {all} lost rows that nobody can know of");
}
