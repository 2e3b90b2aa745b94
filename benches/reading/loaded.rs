//! The mirror that is read: made once by the shipped program, kept for the next run, and never written
//! again. What a run writes, it writes into a copy.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use coupontools_mirror::clock;
use coupontools_mirror::instant::UtcInstant;
use tempfile::TempDir;

use super::stage::mirror::{Mirror, REQUESTS_PER_SECOND};
use super::stage::simulator::Simulator;

pub const DIRECTORIES: u32 = 50;
/// The simulator deals its directories out to them in turn.
pub const ACCOUNTS: [&str; 2] = ["north", "south"];
/// People that register while a run goes on are each a little later than the one before: they must not
/// come to register tomorrow.
const STARTED_AGO_S: i64 = 2 * 86_400;
const STARTED: &str = "started-at";

/// A mirror with so many registrations in [`DIRECTORIES`].
pub struct Loaded {
    folder: PathBuf,
    sizes: Vec<u32>,
    started_at: String,
}

impl Loaded {
    /// Finds it in a folder, or makes it there.
    pub fn find_or_make(folder: &Path, rows: u32) -> Result<Self> {
        let folder = folder.join(format!("{rows}-registrations"));
        let sizes = vec![rows / DIRECTORIES; DIRECTORIES as usize];
        if let Ok(started_at) = fs::read_to_string(folder.join(STARTED)) {
            return Ok(Self { folder, sizes, started_at });
        }
        if folder.exists() {
            fs::remove_dir_all(&folder)?;
        }
        fs::create_dir_all(&folder)?;
        let started_at = UtcInstant::from_unix_s(clock::now().unix_s() - STARTED_AGO_S);
        let loaded = Self { folder, sizes, started_at: started_at.context("it is too early")?.to_string() };
        let simulator = loaded.simulator(&["--still"])?;
        let mirror = loaded.mirror(loaded.folder.clone(), &simulator, [REQUESTS_PER_SECOND; 2])?;
        let cost = mirror.sync(&[])?;
        mirror.check_loaded(rows)?;
        eprintln!("{rows} registrations mirrored in {:.1} s", cost.wall.as_secs_f64());
        // Said last: a folder without it is half made.
        fs::write(loaded.folder.join(STARTED), &loaded.started_at)?;
        Ok(loaded)
    }

    /// The simulator that it was mirrored from, as it was then.
    pub fn simulator(&self, arguments: &[&str]) -> Result<Simulator> {
        let accounts = ACCOUNTS.map(|name| format!("{name}:{name}-secret"));
        let mut all = vec!["--starts-at", &self.started_at];
        all.extend(accounts.iter().flat_map(|keys| ["--account", keys]));
        all.extend(arguments);
        Simulator::start_with(&self.sizes, &all)
    }

    /// A copy, in a folder that ends with the first value, kept in step with a simulator.
    pub fn copy(&self, simulator: &Simulator, requests_per_second: [u32; 2]) -> Result<(TempDir, Mirror)> {
        let folder = tempfile::tempdir_in(&self.folder)?;
        for entry in fs::read_dir(&self.folder)? {
            let entry = entry?;
            let name = entry.file_name();
            if entry.file_type()?.is_file() && name.to_string_lossy().starts_with("mirror.db") {
                fs::copy(entry.path(), folder.path().join(name))?;
            }
        }
        let mirror = self.mirror(folder.path().to_owned(), simulator, requests_per_second)?;
        let rows = self.sizes.iter().sum();
        mirror.check_loaded(rows)?;
        Ok((folder, mirror))
    }

    /// Over the file in a folder; both accounts at their own pace.
    pub fn mirror(&self, folder: PathBuf, simulator: &Simulator, paces: [u32; 2]) -> Result<Mirror> {
        let mut config = String::from(
            "[http]\nwithout_token = \"full\"\n[schedule]\nincremental = \"* * * * * *\"\nfull = \"* * * * * *\"\n",
        );
        for (name, pace) in ACCOUNTS.iter().zip(paces) {
            fs::write(folder.join(format!("{name}.id")), name)?;
            fs::write(folder.join(format!("{name}.secret")), format!("{name}-secret"))?;
            config += &format!(
                "[accounts.{name}]\nclient_id_file = \"{name}.id\"\nclient_secret_file = \"{name}.secret\"\n\
                 requests_per_second = {pace}\n"
            );
        }
        ensure!(folder.is_dir(), "there is no folder for the mirror");
        Mirror::at(folder, &simulator.base_url, &config)
    }
}
