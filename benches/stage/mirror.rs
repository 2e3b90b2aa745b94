//! The shipped program over a real file: `sync` to its end, and what stands in the file then.

use std::path::PathBuf;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, ensure};
use rusqlite::{Connection, OpenFlags};
use serde_json::Value;
use tempfile::TempDir;

use super::process::{Cost, program, run};

/// The highest rate that may be set: what is measured is the program, not its politeness.
pub const REQUESTS_PER_SECOND: u32 = 1000;

/// They open the simulator only.
const KEYS: [(&str, &str); 2] =
    [("COUPONTOOLS_CLIENT_ID", "demo-id"), ("COUPONTOOLS_CLIENT_SECRET", "demo-secret")];

/// A file that is kept in step with one simulator.
pub struct Mirror {
    folder: PathBuf,
    base_url: String,
    /// In the environment; none where the configuration names accounts.
    keys: &'static [(&'static str, &'static str)],
    _temporary: Option<TempDir>,
}

impl Mirror {
    /// In a folder that ends with this value; no file yet.
    pub fn new(base_url: &str) -> Result<Self> {
        let folder = tempfile::tempdir()?;
        let config = format!("[api]\nrequests_per_second = {REQUESTS_PER_SECOND}\n");
        let mirror = Self::at(folder.path().to_owned(), base_url, &config)?;
        Ok(Self { keys: &KEYS, _temporary: Some(folder), ..mirror })
    }

    /// In a folder that stays, with this configuration and its accounts.
    pub fn at(folder: PathBuf, base_url: &str, config: &str) -> Result<Self> {
        std::fs::write(folder.join("mirror.toml"), config)?;
        Ok(Self { folder, base_url: base_url.to_owned(), keys: &[], _temporary: None })
    }

    /// The file.
    pub fn file(&self) -> PathBuf {
        self.folder.join("mirror.db")
    }

    /// A place beside the file.
    pub fn beside(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    /// The program with its settings; the command is missing.
    pub fn command(&self) -> Command {
        let mut command = program();
        command
            .env_remove("COUPONTOOLS_CLIENT_ID")
            .env_remove("COUPONTOOLS_CLIENT_SECRET")
            .envs(self.keys.iter().copied())
            .arg("--config")
            .arg(self.folder.join("mirror.toml"))
            .arg("--database")
            .arg(self.file())
            .args(["--base-url", &self.base_url])
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        command
    }

    /// One tick.
    pub fn sync(&self, arguments: &[&str]) -> Result<Cost> {
        let report = std::fs::File::create(self.beside("sync.json"))?;
        run(self.command().args(["sync", "--json"]).args(arguments).stdout(report)).context("cannot sync")
    }

    /// How long the last tick's walk of a directory took, by the program's own report.
    pub fn walk_ms(&self, directory: &str) -> Result<u64> {
        let report: Value = serde_json::from_slice(&std::fs::read(self.beside("sync.json"))?)?;
        let walks = report.get("directories").and_then(Value::as_array).into_iter().flatten();
        let walk = walks.into_iter().find(|walk| walk.get("directory_id") == Some(&directory.into()));
        walk.and_then(|walk| walk.get("took_ms")?.as_u64()).context("the report does not tell")
    }

    /// The one number that a statement gives.
    pub fn number(&self, sql: &str) -> Result<i64> {
        let connection = Connection::open_with_flags(self.file(), OpenFlags::SQLITE_OPEN_READ_ONLY)?;
        Ok(connection.query_row(sql, [], |row| row.get(0))?)
    }

    /// A figure of a walk that did not do its work would be worth nothing.
    pub fn check_loaded(&self, rows: u32) -> Result<()> {
        let loaded = self.number("SELECT count(*) FROM registrations")?;
        ensure!(loaded == i64::from(rows), "{loaded} of {rows} registrations are in the file");
        Ok(())
    }
}
