//! The `sqlite3` shell: one that goes on, and one for each statement.

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{ChildStdin, ChildStdout, Command, Stdio};
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use coupontools_mirror::clock::steady_now;

use super::stage::process::Running;

/// Says that all rows before it were written: the shell flushes after each line that it reads.
const END: &str = "-- that was all --";

/// A shell that reads statements from a pipe, so that its start is not counted.
pub struct Shell {
    file: PathBuf,
    statements: ChildStdin,
    rows: BufReader<ChildStdout>,
    line: Vec<u8>,
    _process: Running,
}

impl Shell {
    /// Over a mirror's file, reading only.
    pub fn open(file: &Path) -> Result<Self> {
        let mut command = Command::new("sqlite3");
        command.args(["-readonly", "-batch", "-list"]).arg(file).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut process = Running::start(&mut command).context("these figures need the sqlite3 shell")?;
        let statements = process.0.stdin.take().context("the shell has no input")?;
        let rows = BufReader::new(process.0.stdout.take().context("the shell has no output")?);
        let mut shell = Self { file: file.to_owned(), statements, rows, line: Vec::new(), _process: process };
        shell.ask("SELECT count(*) FROM sqlite_schema")?;
        Ok(shell)
    }

    /// How long its rows took to come, to the last byte.
    pub fn ask(&mut self, sql: &str) -> Result<Duration> {
        let started = steady_now();
        writeln!(self.statements, "{sql};\nSELECT '{END}';")?;
        let mut rows = 0_u64;
        loop {
            self.line.clear();
            ensure!(self.rows.read_until(b'\n', &mut self.line)? > 0, "the shell has gone");
            if self.line.strip_suffix(b"\n") == Some(END.as_bytes()) {
                ensure!(rows > 0 || sql.contains("/* none */"), "the shell found nothing: {sql}");
                return Ok(started.elapsed());
            }
            rows += 1;
        }
    }

    /// The same in a process of its own, from its spawn to its exit.
    pub fn ask_anew(&self, sql: &str) -> Result<Duration> {
        let started = steady_now();
        // What begins with a comment would be taken for an option.
        let sql = format!(" {sql}");
        let done = Command::new("sqlite3").args(["-readonly", "-list"]).arg(&self.file).arg(&sql).output()?;
        ensure!(done.status.success(), "the shell fails: {sql}");
        Ok(started.elapsed())
    }
}
