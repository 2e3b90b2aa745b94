//! Judges by the upstream's truth, never by what the daemon says of itself.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::stage::{File, Mirror, Upstream};

/// What was looked at, how often, and what was wrong with it.
#[derive(Debug, Default)]
pub struct Verdict {
    lines: BTreeMap<&'static str, Line>,
}

#[derive(Debug, Default)]
struct Line {
    looks: u64,
    figures: String,
    wrong: Vec<String>,
}

/// So many faults of one kind are told.
const TOLD_MAX: usize = 5;

pub const I1_I2: &str = "I1, I2: every registration with its values, after two full walks in peace";
pub const I3: &str = "I3: nobody who stands is marked removed, at any moment";
pub const I4_INCREMENTAL: &str = "I4: an unchanged directory costs one request";
pub const I4_FULL: &str = "I4: a full walk costs its pages and at most 3 requests more";
pub const I5: &str = "I5: a full walk over an unchanged directory writes no registration";
pub const I6: &str = "I6: the file is whole after a kill, and at every verdict";
pub const I7: &str = "I7: a second writer is refused";
pub const I8: &str = "I8: no secret, nothing personal in log or alerts";
pub const FEED: &str = "the feed's numbers have no hole and no change is told twice";
pub const ALIVE: &str = "the daemon never ends by itself";
pub const WATCHDOG: &str = "the watchdog is fed through all of it";
pub const SERVED: &str = "pages, metrics and SQL are answered, always";
pub const WAL: &str = "the log is cut once no reader holds it";
pub const MEMORY: &str = "memory stays level (KB, longest life)";
pub const FILES: &str = "open files stay level (longest life)";
pub const THREADS: &str = "threads stay level (longest life)";
pub const ALERTS: &str = "alerts fire, resolve, and none is left";
pub const SNAPSHOTS: &str = "snapshots are taken, whole, and pruned";
pub const RETENTION: &str = "what is older than [retention] is gone";

impl Verdict {
    /// A look; what is wrong, if anything.
    pub fn look(&mut self, at: &'static str, wrong: impl IntoIterator<Item = String>) {
        let line = self.lines.entry(at).or_default();
        line.looks += 1;
        for wrong in wrong {
            eprintln!("WRONG: {at}: {wrong}");
            line.wrong.push(wrong);
        }
    }

    /// A look that asserts.
    pub fn assert(&mut self, at: &'static str, look: impl FnOnce()) {
        let wrong = catch_unwind(AssertUnwindSafe(look)).err().map(|panic| {
            let text = panic.downcast_ref::<String>().map(String::as_str);
            text.or(panic.downcast_ref::<&str>().copied()).unwrap_or("it does not hold").to_owned()
        });
        self.look(at, wrong);
    }

    /// A look at a figure.
    pub fn figure(&mut self, at: &'static str, (holds, figures): (bool, String)) {
        self.look(at, (!holds).then(|| figures.clone()));
        self.lines.entry(at).or_default().figures = figures;
    }

    pub fn holds(&self) -> bool {
        self.lines.values().all(|line| line.wrong.is_empty())
    }

    /// As Markdown.
    pub fn table(&self) -> String {
        let mut text = String::from("| what | looks | holds | |\n|---|---:|---|---|\n");
        for (at, Line { looks, figures, wrong }) in &self.lines {
            let holds = if wrong.is_empty() { "yes" } else { "NO" };
            let told = wrong.iter().take(TOLD_MAX).map(|wrong| wrong.replace('\n', " "));
            let told = std::iter::once(figures.clone()).chain(told).collect::<Vec<_>>().join("; ");
            let _ = writeln!(text, "| {at} | {looks} | {holds} | {} |", told.trim_start_matches("; "));
        }
        text
    }

    /// After two full walks, while nothing changes upstream.
    pub fn judge_peace(&mut self, mirror: &Mirror, upstream: &Upstream) {
        self.assert(I1_I2, || mirror.file().assert_exact(upstream));
        self.judge_always(mirror, upstream);
        let file = mirror.file();
        self.assert(I6, || file.assert_whole());
        self.look(FEED, feed(&file));
    }

    /// At any moment.
    pub fn judge_always(&mut self, mirror: &Mirror, upstream: &Upstream) {
        self.assert(I3, || mirror.file().assert_none_removed_falsely(upstream));
    }

    /// The walks since this one, all of which met a list that did not change.
    pub fn judge_costs(&mut self, file: &File, since_walk: i64) {
        let walks = |wrong: &str| {
            file.texts(&format!(
                "SELECT kind || ' walk of ' || directory_id || ': ' || pages || ' pages, ' || requests \
                     || ' requests, ' || created + updated + removed + restored || ' rows written' \
                 FROM walks WHERE walk_id > {since_walk} AND outcome = 'complete' AND ({wrong})"
            ))
        };
        self.look(I4_INCREMENTAL, walks("kind = 'incremental' AND requests <> 1"));
        self.look(I4_FULL, walks("kind = 'full' AND requests > pages + 3"));
        self.look(I5, walks("created + updated + removed + restored > 0"));
    }
}

/// Numbers follow each other from the first that is kept; a change of the same kind does not come twice
/// in a row for the same registration unless it is an update.
fn feed(file: &File) -> Vec<String> {
    let holes = file.texts(
        "SELECT 'no change ' || (seq + 1) FROM registration_changes AS c \
         WHERE seq < (SELECT max(seq) FROM registration_changes) \
             AND NOT EXISTS (SELECT 1 FROM registration_changes AS n WHERE n.seq = c.seq + 1) LIMIT 5",
    );
    let twice = file.texts(
        "SELECT kind || ' twice in a row: ' || registration_id FROM (SELECT seq, kind, registration_id, \
             lag(kind) OVER (PARTITION BY directory_id, registration_id ORDER BY seq) AS before \
             FROM registration_changes WHERE kind IN ('created', 'removed', 'restored')) \
         WHERE kind = before LIMIT 5",
    );
    holes.into_iter().chain(twice).collect()
}
