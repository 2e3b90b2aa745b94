//! The floor of the file: the `sqlite3` shell's `.import` of the very rows that a walk stored, into
//! a table with the same columns and indexes.
//!
//! `.import` knows no NULL: it stores the empty text. So the table is the migration's less its
//! checks (which only helps the shell), and its partial indexes ask for text that is not empty.

use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, ensure};

use super::stage::mirror::Mirror;
use super::stage::process::{Cost, run};

const MIGRATION: &str = include_str!("../../migrations/0004_registration.sql");
const MASKS: &str = include_str!("../../migrations/0008_mask.sql");

/// Writes the mirror's rows as CSV, then measures how long the shell takes to read them.
pub fn measure(mirror: &Mirror) -> Result<Cost> {
    let csv = mirror.beside("rows.csv");
    let out = fs::File::create(&csv)?;
    let mut export = Command::new("sqlite3");
    export.args(["-readonly", "-csv"]).arg(mirror.file()).arg("SELECT * FROM registration").stdout(out);
    run(&mut export).context("this figure needs the sqlite3 shell")?;

    let copy = mirror.beside("copy.db");
    let masks = MASKS.lines().filter(|line| line.starts_with("ALTER TABLE registration ADD"));
    shell(&copy, &relaxed(&masks.fold(MIGRATION.to_owned(), |script, line| format!("{script}\n{line}"))))?;
    let script = mirror.beside("import.sql");
    write!(fs::File::create(&script)?, ".mode csv\n.import \"{}\" registration\n", csv.display())?;
    let cost = run(Command::new("sqlite3").arg(&copy).stdin(fs::File::open(&script)?))?;

    let count = Command::new("sqlite3").arg(&copy).arg("SELECT count(*) FROM registration").output()?;
    let rows = String::from_utf8_lossy(&count.stdout).trim().parse()?;
    mirror.check_loaded(rows)?;
    for file in [csv, copy] {
        fs::remove_file(file)?;
    }
    Ok(cost)
}

fn relaxed(migration: &str) -> String {
    let mut script = String::new();
    for line in migration.lines() {
        let said = line.split("--").next().unwrap_or_default();
        match said.split_once(" CHECK") {
            Some((column, _)) => script.extend([column, ",\n"]),
            None => script.extend([said, "\n"]),
        }
    }
    script
        .replace(" REFERENCES directory (directory_key)", "")
        .replace(") STRICT", ")")
        .replace("IS NOT NULL", "<> ''")
        .replace("IS NULL", "= ''")
}

fn shell(file: &Path, script: &str) -> Result<()> {
    let mut child = Command::new("sqlite3").arg("-bail").arg(file).stdin(Stdio::piped()).spawn()?;
    child.stdin.take().context("the shell has no input")?.write_all(script.as_bytes())?;
    ensure!(child.wait()?.success(), "the sqlite3 shell refuses the table");
    Ok(())
}
