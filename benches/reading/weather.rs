//! What goes on while the mirror is read: the daemon, its walks, and what they write, as the file tells.

use std::fs::File;
use std::net::TcpStream;
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use coupontools_mirror::clock::steady_now;
use rusqlite::Connection;

use super::datasette::free_port;
use super::loaded::{ACCOUNTS, Loaded};
use super::stage::mirror::Mirror;
use super::stage::process::Running;
use super::stage::simulator::Simulator;

/// A directory that is larger than any walk gets through here: its first walk never ends.
const FRESH_ROWS: u32 = 4_000_000;
/// In a minute, over all directories; most of it where it is not seen yet, in the fresh one.
const LIFE: &str =
    r#"{"life":{"edits_per_minute":60000,"registrations_per_minute":6000,"deletions_per_minute":600}}"#;
const STARTS_WITHIN: Duration = Duration::from_secs(20);
const WRITES_WITHIN: Duration = Duration::from_secs(60);
const LOOK_EVERY: Duration = Duration::from_millis(50);
const WRITTEN: &str = "SELECT (SELECT max(registration_key) FROM registration),
    (SELECT coalesce(max(seq), 0) FROM registration_change),
    (SELECT count(*) FROM registration_change WHERE kind = 'updated')";

/// How much is walked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Walks {
    /// None: the server alone.
    None,
    /// Full walks over one account's directories, of which some people were edited, and the first walk
    /// of a large directory of the other's, at so many requests a second.
    Paced([u32; 2]),
}

impl Walks {
    /// In words.
    pub fn told(self) -> String {
        match self {
            Self::None => "nothing written".into(),
            Self::Paced([full, first]) => {
                format!("full walks at {full} requests/s and a first walk at {first} requests/s writing")
            }
        }
    }
}

/// The daemon, or the server alone, that is asked; all of it ends with this value.
pub struct Weather {
    pub base_url: String,
    pub mirror: Mirror,
    pub daemon: Running,
    _simulator: Simulator,
    _folder: tempfile::TempDir,
}

/// What the file holds at a moment.
#[derive(Clone, Copy, Debug)]
pub struct Written {
    at: Instant,
    registrations: i64,
    changes: i64,
    updates: i64,
}

impl Weather {
    /// Over a copy of a loaded mirror; with walks, once they write.
    pub fn begin(loaded: &Loaded, walks: Walks) -> Result<Self> {
        let simulator = loaded.simulator(&["--still"])?;
        let paces = if let Walks::Paced(paces) = walks { paces } else { [1; 2] };
        let (folder, mirror) = loaded.copy(&simulator, paces)?;
        if walks != Walks::None {
            let fresh = format!(r#"{{"registrations":{FRESH_ROWS},"account":"{}"}}"#, ACCOUNTS[1]);
            simulator.control("POST", "directories", &fresh)?;
            simulator.control("POST", "behaviour", LIFE)?;
        }
        let port = free_port()?;
        let command = if walks == Walks::None { "serve" } else { "run" };
        let mut program = mirror.command();
        program
            .args([command, "--listen", &format!("127.0.0.1:{port}")])
            .stderr(File::create(mirror.beside("log"))?);
        let daemon = Running::start(&mut program)?;
        let started = steady_now();
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            ensure!(started.elapsed() < STARTS_WITHIN, "the daemon does not serve: {}", log(&mirror));
            std::thread::sleep(LOOK_EVERY);
        }
        let weather = Self {
            base_url: format!("http://127.0.0.1:{port}"),
            mirror,
            daemon,
            _simulator: simulator,
            _folder: folder,
        };
        weather.wait_until_written(walks)?;
        Ok(weather)
    }

    fn wait_until_written(&self, walks: Walks) -> Result<()> {
        let before = self.written()?;
        while walks != Walks::None && !self.written()?.is_more_than(before) {
            ensure!(before.at.elapsed() < WRITES_WITHIN, "the walks write nothing");
            std::thread::sleep(LOOK_EVERY);
        }
        Ok(())
    }

    /// What the file holds now.
    pub fn written(&self) -> Result<Written> {
        let connection = Connection::open(self.mirror.file())?;
        let at = steady_now();
        Ok(connection.query_row(WRITTEN, [], |row| {
            Ok(Written { at, registrations: row.get(0)?, changes: row.get(1)?, updates: row.get(2)? })
        })?)
    }
}

/// What the daemon said.
fn log(mirror: &Mirror) -> String {
    std::fs::read_to_string(mirror.beside("log")).unwrap_or_default()
}

impl Written {
    /// Whether both kinds of walk wrote meanwhile.
    pub fn is_more_than(self, before: Self) -> bool {
        self.registrations > before.registrations && self.updates > before.updates
    }

    /// In words, per second.
    pub fn told_since(self, before: Self) -> String {
        let seconds = (self.at - before.at).as_secs_f64();
        let rate = |now: i64, then: i64| (now - then) as f64 / seconds;
        format!(
            "{:.0} registrations/s stored, {:.0}/s updated, {:.0} changes/s recorded",
            rate(self.registrations, before.registrations),
            rate(self.updates, before.updates),
            rate(self.changes, before.changes)
        )
    }
}
