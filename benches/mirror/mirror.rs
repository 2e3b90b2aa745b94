//! The shipped program over a real file: `sync` to its end, and what stands in the file then.

use std::path::PathBuf;
use std::process::{Command, Stdio};

use anyhow::{Context, Result};
use rusqlite::{Connection, OpenFlags};
use tempfile::TempDir;

use super::process::{Cost, program, run};

/// The highest rate that may be set: what is measured is the program, not its politeness.
pub const REQUESTS_PER_SECOND: u32 = 1000;

/// A file that is kept in step with one simulator.
pub struct Mirror {
    folder: TempDir,
    base_url: String,
}

impl Mirror {
    /// No file yet.
    pub fn new(base_url: &str) -> Result<Self> {
        let folder = tempfile::tempdir()?;
        let config = format!("[api]\nrequests_per_second = {REQUESTS_PER_SECOND}\n");
        std::fs::write(folder.path().join("mirror.toml"), config)?;
        Ok(Self { folder, base_url: base_url.to_owned() })
    }

    /// The file.
    pub fn file(&self) -> PathBuf {
        self.folder.path().join("mirror.db")
    }

    /// A place beside the file.
    pub fn beside(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The program with its settings; the command is missing.
    pub fn command(&self) -> Command {
        let mut command = program();
        command
            .env("COUPONTOOLS_CLIENT_ID", "demo-id")
            .env("COUPONTOOLS_CLIENT_SECRET", "demo-secret")
            .arg("--config")
            .arg(self.folder.path().join("mirror.toml"))
            .arg("--database")
            .arg(self.file())
            .args(["--base-url", &self.base_url])
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        command
    }

    /// One tick.
    pub fn sync(&self, arguments: &[&str]) -> Result<Cost> {
        run(self.command().arg("sync").args(arguments)).context("cannot sync")
    }

    /// The one number that a statement gives.
    pub fn number(&self, sql: &str) -> Result<i64> {
        let connection = Connection::open_with_flags(self.file(), OpenFlags::SQLITE_OPEN_READ_ONLY)?;
        Ok(connection.query_row(sql, [], |row| row.get(0))?)
    }
}
