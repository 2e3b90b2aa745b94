//! What happens: first days with restarts and kills, then as many without, each ended by peace, in which
//! everything is judged. Troubles come by dice whose seed is given.

use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context as _, Result};
use coupontools_mirror::clock;
use coupontools_mirror::instant::UtcInstant;
use coupontools_mirror::simulator::{AccountKeys, DirectorySpec, Mutation, Options};
use rand::seq::IndexedRandom as _;
use rand::{RngExt as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;
use rusqlite::{Connection, OpenFlags};

use crate::alerts;
use crate::clock::FastClock;
use crate::daemon::{Daemon, Manager};
use crate::judge::{self, Verdict};
use crate::levels::Levels;
use crate::plan::Plan;
use crate::stage::{DEADLINE, Mirror, Upstream, until};

/// The evening before Brussels' clocks go back.
const BEGINS_AT: &str = "2026-10-24T18:00:00Z";
/// Between two looks at everything.
const STEP: Duration = Duration::from_secs(1);
/// A trouble comes in one step of so many.
const STEPS_A_TROUBLE: u32 = 10;
const DAY_S: i64 = 86_400;
const ACCOUNTS: [(&str, &str, &str); 2] =
    [("north", "demo-id-north", "demo-secret-north"), ("south", "demo-id-south", "demo-secret-south")];
const SETTINGS: &str = "[schedule]\ntime_zone = \"Europe/Brussels\"\n\
    [snapshots]\nschedule = \"0 0 4 * * *\"\nkeep = 3\n\
    [retention]\nwalks_days = 2\nchanges_days = 3\nremoved_days = 2\n";
/// What goes wrong for a while, and may make walks fail.
const FAULTS: [&str; 11] = [
    "http-500,times=9",
    "http-500,times=80",
    "http-503,retry_after_s=1,times=2",
    "http-429,retry_after_s=1,times=3",
    "hang,times=2",
    "reset,times=12",
    "reset-mid-body,times=3",
    "not-json,times=20",
    "truncated-json,times=3",
    "unknown-shape,times=6",
    "slow-body,delay_ms=700,times=4",
];
/// What is wrong and looks right: one a day, since the design promises to bear one.
const WRONG_ANSWERS: [&str; 6] =
    ["empty-page", "short-page", "cut-page", "holed-page", "repeated-page", "outdated-page,changes=20"];
/// Seconds that the wall clock jumps.
const JUMPS_S: [i64; 6] = [3 * 3600, -2 * 3600, 26 * 3600, -2400, 1200, -DAY_S / 2];

/// Whether the daemon may be stopped and killed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Days {
    Rough,
    Steady,
}

struct Story {
    upstream: Upstream,
    mirror: Mirror,
    clock: FastClock,
    manager: Manager,
    daemon: Option<Daemon>,
    dice: ChaCha8Rng,
    verdict: Verdict,
    levels: Levels,
    told: PathBuf,
    settings: String,
    directories: Vec<String>,
    /// A foreign reader, and for how many steps more it does not let go.
    reader: Option<(Connection, u32)>,
    /// Steps until keys that were refused are given anew.
    refused: Option<u32>,
    has_lied_today: bool,
    steps: u64,
}

/// Plays all of it.
pub fn play(plan: &Plan) -> Result<Verdict> {
    let began_at = UtcInstant::parse(BEGINS_AT).context("a moment")?;
    let mut story = Story::begin(plan, began_at)?;
    let steps_a_day = u32::try_from(DAY_S / plan.rate)?.max(1);
    let days = plan.days.max(2);
    for day in 0..days {
        let kind = if day < days.div_ceil(2) { Days::Rough } else { Days::Steady };
        story.has_lied_today = false;
        for _ in 0..steps_a_day {
            story.step(kind)?;
        }
        story.make_peace()?;
        if day == 0 {
            story.hold_brake()?;
        }
        eprintln!("day {} of {days}, {kind:?}: it is {}", day + 1, story.clock.now());
    }
    story.end(plan)
}

impl Story {
    fn begin(plan: &Plan, began_at: UtcInstant) -> Result<Self> {
        let each = plan.registrations / 4;
        let sizes = [each * 2, each, each - each / 10, each / 10];
        let directories = sizes.iter().enumerate();
        let upstream = Upstream::start(Options {
            seed: plan.seed,
            accounts: ACCOUNTS.map(|(_, id, secret)| AccountKeys::new(id, secret)).into(),
            directories: directories
                .map(|(place, size)| DirectorySpec { account: Some(place % 2), ..DirectorySpec::of(*size) })
                .collect(),
            ..Options { starts_at: Some(began_at), ..Options::quiet(&[]) }
        });
        let mut mirror = Mirror::of(&upstream).api("timeout_s = 2");
        for (name, id, secret) in ACCOUNTS {
            mirror = mirror.account(name, id, secret);
        }
        let told = mirror.path("told.ndjson");
        let mirror = mirror.with(&format!("{SETTINGS}[alerts]\n{}", alerts::command(&told)));
        let clock = FastClock::start(mirror.folder(), began_at, plan.rate)?;
        let manager = Manager::listen(mirror.folder())?;
        let daemon = Daemon::start(&mirror, &clock, &manager);
        Ok(Self {
            directories: upstream.truth().into_iter().map(|directory| directory.directory_id).collect(),
            settings: std::fs::read_to_string(mirror.configuration())?,
            daemon: Some(daemon),
            dice: ChaCha8Rng::seed_from_u64(plan.seed),
            verdict: Verdict::default(),
            levels: Levels::default(),
            reader: None,
            refused: None,
            has_lied_today: false,
            steps: 0,
            upstream,
            mirror,
            clock,
            manager,
            told,
        })
    }

    fn daemon(&mut self) -> &mut Daemon {
        self.daemon.as_mut().expect("Invariant: it runs but for a moment")
    }

    fn start(&mut self) {
        self.daemon = Some(Daemon::start(&self.mirror, &self.clock, &self.manager));
    }

    fn stop(&mut self) {
        let daemon = self.daemon.take().expect("Invariant: it runs but for a moment");
        self.verdict.assert(judge::I8, || drop(daemon.stop().exits(0)));
    }

    fn kill(&mut self) {
        let daemon = self.daemon.take().expect("Invariant: it runs but for a moment");
        self.verdict.assert(judge::I8, || daemon.kill());
        let file = self.mirror.file();
        self.verdict.assert(judge::I6, || file.assert_whole());
    }

    /// A second of real time.
    fn step(&mut self, days: Days) -> Result<()> {
        self.steps += 1;
        self.live();
        if self.dice.random_range(0..STEPS_A_TROUBLE) == 0 {
            self.trouble(days)?;
        }
        self.reader = self.reader.take().and_then(|(reader, left)| Some((reader, left.checked_sub(1)?)));
        if let Some(left) = self.refused.take() {
            match left.checked_sub(1) {
                Some(left) => self.refused = Some(left),
                None => self.daemon().reload(),
            }
        }
        std::thread::park_timeout(STEP);
        if self.daemon().has_ended() {
            self.verdict.look(judge::ALIVE, ["it ended".to_owned()]);
            self.start();
        }
        self.verdict.look(judge::ALIVE, None);
        self.look();
        Ok(())
    }

    /// Somebody registers, changes, leaves.
    fn live(&mut self) {
        let directory = self.directories.choose(&mut self.dice).cloned();
        let mutation = Mutation {
            insert: self.dice.random_range(0..4),
            edit: self.dice.random_range(0..3),
            delete_random: u32::from(self.dice.random_range(0..4) == 0),
            ..Mutation::default()
        };
        self.upstream.change(&directory.expect("Invariant: there are four"), mutation);
    }

    fn look(&mut self) {
        let day = self.clock.now_s() as f64 / DAY_S as f64;
        let pid = self.daemon().pid();
        self.levels.look(pid, &self.mirror.database(), day);
        if self.steps.is_multiple_of(20) {
            self.verdict.judge_always(&self.mirror, &self.upstream);
        }
        let sql = "/api/v1/query?sql=SELECT+count(*)+FROM+registrations";
        let asked = ["/metrics", sql, "/", "/healthz"][self.steps as usize % 4];
        let wrong = match self.daemon().get(asked) {
            Ok((200, _)) => None,
            Ok((status, _)) => Some(format!("{asked}: {status}")),
            Err(error) => Some(format!("{asked}: {error:#}")),
        };
        self.verdict.look(judge::SERVED, wrong);
    }

    fn trouble(&mut self, days: Days) -> Result<()> {
        match self.dice.random_range(0..12) {
            0..5 => {
                let fault = FAULTS.choose(&mut self.dice).expect("Invariant: there are some");
                self.upstream.fault(fault);
            }
            5 if !self.has_lied_today => {
                self.has_lied_today = true;
                let lie = WRONG_ANSWERS.choose(&mut self.dice).expect("Invariant: there are some");
                self.upstream.fault(lie);
            }
            6 => {
                let jump = JUMPS_S.choose(&mut self.dice).expect("Invariant: there are some");
                self.clock.jump(*jump)?;
            }
            7 if self.reader.is_none() => self.reader = Some((self.hold_on()?, 20)),
            8 => self.reload()?,
            9 if self.refused.is_none() => {
                let (_, id, _) = ACCOUNTS.choose(&mut self.dice).expect("Invariant: there are two");
                self.upstream.fault(&format!("refused-keys,account={id}"));
                self.refused = Some(8);
            }
            10 => {
                let refused = self.mirror.sync(&[]);
                self.verdict.assert(judge::I7, || drop(refused.exits(1).says("another process")));
            }
            11 if days == Days::Rough => {
                if self.dice.random_range(0..2) == 0 {
                    self.stop()
                } else {
                    self.kill()
                }
                self.start();
            }
            _ => {}
        }
        Ok(())
    }

    /// A reader that keeps the moment at which it began.
    fn hold_on(&self) -> Result<Connection> {
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY;
        let reader = Connection::open_with_flags(self.mirror.database(), flags)?;
        reader.execute_batch("BEGIN")?;
        reader.query_row("SELECT count(*) FROM registrations", [], |_| Ok(()))?;
        Ok(reader)
    }

    /// A configuration that is right, or one that is not: then the old one stays.
    fn reload(&mut self) -> Result<()> {
        let rate = self.dice.random_range(100..1000);
        let right =
            self.settings.replace("requests_per_second = 1000", &format!("requests_per_second = {rate}"));
        let is_right = self.dice.random_range(0..3) != 0;
        let text = if is_right { right } else { format!("{right}\n[nonsense]\n") };
        std::fs::write(self.mirror.configuration(), text)?;
        self.daemon().reload();
        Ok(())
    }

    /// Nothing changes and nothing fails; two full walks, and everything is exact.
    fn make_peace(&mut self) -> Result<()> {
        self.upstream.clear_faults();
        self.reader = None;
        self.refused = None;
        std::fs::write(self.mirror.configuration(), &self.settings)?;
        self.daemon().reload();
        self.walk_fully()?;
        self.walk_fully()?;
        let last: i64 = self.mirror.file().value("SELECT max(walk_id) FROM walks");
        self.walk_fully()?;
        let more = format!("walks WHERE walk_id > {last} AND kind = 'incremental'");
        until("some ticks have passed", || self.mirror.file().count(&more) >= 8);
        self.verdict.judge_peace(&self.mirror, &self.upstream);
        self.verdict.judge_costs(&self.mirror.file(), last);
        let wal = self.mirror.database().with_extension("db-wal");
        let length = || std::fs::metadata(&wal).map_or(0, |metadata| metadata.len());
        self.verdict.assert(judge::WAL, || until("the log is cut", || length() < 1 << 20));
        self.look();
        Ok(())
    }

    /// The clock jumps into the next night, and every directory is read to its end.
    fn walk_fully(&mut self) -> Result<()> {
        let last: String =
            self.mirror.file().value("SELECT coalesce(max(last_full_at), '') FROM sync_status");
        let last_s = UtcInstant::parse(&last).map_or(0, UtcInstant::unix_s);
        let ahead_s = (last_s - self.clock.now_s()).max(0);
        self.clock.jump(ahead_s + DAY_S)?;
        let since = self.clock.now();
        let left = format!("sync_status WHERE last_full_at IS NULL OR last_full_at < '{since}'");
        let (mirror, clock) = (&self.mirror, &mut self.clock);
        let mut hours = 0;
        until("every directory is read to its end", || {
            // What failed is tried again an hour later.
            hours += 1;
            if hours % 400 == 0 {
                clock.jump(3600).expect("Invariant: its file is open");
            }
            mirror.file().count(&left) == 0
        });
        Ok(())
    }

    /// More goes at once than may: nothing is removed until the operator says so.
    fn hold_brake(&mut self) -> Result<()> {
        let directory = self.directories.last().cloned().context("a directory")?;
        let stand = self.upstream.standing(&directory).map_or(0, |rows| rows.len());
        let delete_random = u32::try_from(stand / 2)?;
        self.upstream.change(&directory, Mutation { delete_random, ..Mutation::default() });
        self.walk_until_held()?;
        let told = || std::fs::read_to_string(&self.told).is_ok_and(|told| told.contains("brake_held"));
        until("the operator is told", told);
        self.stop();
        let mut accept = self.mirror.command(&["sync", "--accept-removals", "--json"]);
        self.clock.wind(&mut accept);
        let accepted = accept.output()?;
        anyhow::ensure!(accepted.status.success(), "{}", String::from_utf8_lossy(&accepted.stderr));
        self.start();
        self.make_peace()
    }

    fn walk_until_held(&mut self) -> Result<()> {
        let held = "walks WHERE error LIKE '%cannot remove%'";
        let before = self.mirror.file().count(held);
        let (mirror, clock) = (&self.mirror, &mut self.clock);
        let mut looks = 0;
        until("the brake is held", || {
            looks += 1;
            if looks % 400 == 1 {
                clock.jump(DAY_S).expect("Invariant: its file is open");
            }
            mirror.file().count(held) > before
        });
        Ok(())
    }

    /// What is left although `[retention]` does not keep it: with a day more for clocks that went back, and
    /// one for the hours between two looks.
    fn list_past(&self) -> Vec<String> {
        let file = self.mirror.file();
        let now = self.clock.now();
        let old = |what: &str, at: &str, days: i64| {
            let more =
                file.count(&format!("{what} {at} < strftime('%FT%TZ', '{now}', '-{} days')", days + 2));
            (more > 0).then(|| format!("{more} in {what} are too old"))
        };
        // Of each directory the last twenty walks stay.
        let walks = "walks AS w WHERE (SELECT count(*) FROM walks AS n WHERE n.directory_id = w.directory_id \
            AND n.walk_id > w.walk_id) > 20 AND";
        let wrong = [
            old(walks, "finished_at", 2),
            old("registration_changes WHERE", "at", 3),
            old("removed_registrations WHERE", "removed_at", 2),
        ];
        wrong.into_iter().flatten().collect()
    }

    fn end(mut self, plan: &Plan) -> Result<Verdict> {
        // A clock that runs fast is not believed, but by a start that finds the file as far.
        self.stop();
        self.start();
        let mut is_past_gone = false;
        let began = clock::steady_now();
        while !is_past_gone && clock::steady_now() - began < DEADLINE {
            std::thread::park_timeout(STEP);
            is_past_gone = self.list_past().is_empty();
        }
        self.verdict.look(judge::RETENTION, self.list_past());
        let told = self.told.clone();
        until("no alert is left", || {
            !alerts::judge(&told).1.iter().any(|wrong| wrong.contains("still firing"))
        });
        self.stop();
        let (fired, wrong) = alerts::judge(&self.told);
        let missed = ["not_fresh", "keys_refused", "brake_held"];
        let missed = missed.iter().filter(|alert| !fired.contains_key(**alert));
        let wrong: Vec<_> =
            wrong.into_iter().chain(missed.map(|alert| format!("{alert} never fired"))).collect();
        self.verdict.look(judge::ALERTS, wrong);
        self.verdict.figure(judge::ALERTS, (true, format!("{fired:?}")));
        self.judge_snapshots();
        self.verdict.figure(judge::WATCHDOG, self.manager.verdict());
        self.verdict.figure(judge::MEMORY, self.levels.memory());
        self.verdict.figure(judge::FILES, self.levels.files());
        self.verdict.figure(judge::THREADS, self.levels.threads());
        self.verdict.figure(judge::WAL, (true, self.levels.sizes()));
        if let Some(folder) = &plan.keep {
            std::fs::create_dir_all(folder)?;
            std::fs::write(folder.join("levels.csv"), self.levels.csv())?;
            for name in ["mirror.db", "told.ndjson"] {
                std::fs::copy(self.mirror.path(name), folder.join(name))?;
            }
        }
        Ok(self.verdict)
    }

    fn judge_snapshots(&mut self) {
        let folder = std::fs::read_dir(self.mirror.path("snapshots"));
        let snapshots: Vec<_> = folder.into_iter().flatten().flatten().map(|entry| entry.path()).collect();
        let count = snapshots.len();
        let is_wrong = !(1..=3).contains(&count);
        self.verdict.look(judge::SNAPSHOTS, is_wrong.then(|| format!("{count} stay")));
        for snapshot in snapshots {
            self.verdict.assert(judge::SNAPSHOTS, || crate::stage::File::open(&snapshot).assert_whole());
        }
    }
}
