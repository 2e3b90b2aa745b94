//! `query`: one reading statement on the mirror, printed row by row.

use std::io::{self, Read, Write};
use std::path::Path;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::{Duration, Instant};

use anyhow::{Context as _, anyhow};
use clap::builder::RangedU64ValueParser;
use tracing::debug;

use super::{Context, Exit, Failure};
use crate::clock;
use crate::config::find_database;
use crate::output::{RowFormat, RowWriter, stdout};
use crate::store::Access;
use crate::store::foreign::{ForeignError, ForeignReader, SQL_BYTES_MAX};

const TIMEOUT_S_MAX: u64 = 86_400;
/// What a statement that has just been stopped may take to say so.
const GRACE: Duration = Duration::from_secs(1);

const EXAMPLES: &str = "\
Examples:
  coupontools-mirror query \"SELECT * FROM sync_status\"
  coupontools-mirror query --format csv \"SELECT * FROM registrations\" > all.csv
  coupontools-mirror query --format ndjson \"SELECT * FROM walks\" | jq .outcome
  coupontools-mirror query - < report.sql

Views: directories, registrations, removed_registrations, registration_changes, registrations_by_day, walks, \
sync_status. The time limit includes the time that whoever reads the output takes.";

/// `query`'s arguments.
#[derive(Clone, Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// One reading statement; `-` reads it from standard input
    #[arg(value_name = "SQL", allow_hyphen_values = true)]
    pub sql: String,
    /// How rows are printed
    #[arg(long, value_name = "FORMAT", default_value = "table")]
    pub format: RowFormat,
    /// CSV with text as it is, for programs: a spreadsheet runs text that begins with `=`, `+`, `-` or `@`, which
    /// otherwise gets a `'` before it
    #[arg(long)]
    pub exact: bool,
    /// How long it may take
    #[arg(long, value_name = "SECONDS", default_value_t = 30,
          value_parser = RangedU64ValueParser::<u64>::new().range(1..=TIMEOUT_S_MAX))]
    pub timeout: u64,
}

/// Prints the rows.
///
/// # Errors
/// When the statement is refused, fails or takes too long, or there is no mirror.
pub fn run(args: &Args, context: &Context) -> Result<Exit, Failure> {
    let database = find_database(&context.flags, &context.environment)?;
    let sql = if args.sql == "-" { read_standard_input()? } else { args.sql.clone() };
    let limit = Duration::from_secs(args.timeout);
    let end = clock::steady_now() + limit;

    // A statement that waits for whoever reads its rows looks at no clock, and holds the mirror's
    // log in place meanwhile: then only the end of the process ends it.
    let (finished, is_finished) = mpsc::channel::<()>();
    let limit_s = args.timeout;
    std::thread::spawn(move || {
        if let Err(RecvTimeoutError::Timeout) = is_finished.recv_timeout(limit + GRACE) {
            let _nobody_reads = writeln!(io::stderr(), "{}", took_too_long(limit_s));
            std::process::exit(Exit::Failed.code().into());
        }
    });
    let format = if args.exact { args.format.exact() } else { args.format };
    let result = print_rows(&database, &sql, format, end);
    drop(finished);
    match result {
        Err(failure) if matches!(failure.error.downcast_ref(), Some(ForeignError::Stopped)) => {
            Err(took_too_long(args.timeout))
        }
        result => result.map(|()| Exit::Done),
    }
}

fn print_rows(database: &Path, sql: &str, format: RowFormat, end: Instant) -> Result<(), Failure> {
    let reader = ForeignReader::open(database, Access::Full, move || clock::steady_now() >= end)?;
    let mut statement = reader.prepare(sql)?;
    statement.bind([])?;
    let columns = statement.columns().to_vec();
    let mut rows = statement.rows();
    let mut row = rows.next_row()?;
    let mut writer = RowWriter::begin(format, &columns, stdout())?;
    let mut count = 0_u64;
    while let Some(found) = row {
        writer.row(found.cells())?;
        count += 1;
        row = rows.next_row()?;
    }
    writer.finish()?;
    debug!(rows = count, "the statement is finished");
    Ok(())
}

fn took_too_long(limit_s: u64) -> Failure {
    Failure::new(Exit::Failed, anyhow!("cannot finish the statement: {limit_s} s are over"))
        .hint("raise --timeout SECONDS, or ask for less")
}

fn read_standard_input() -> Result<String, Failure> {
    let mut bytes = Vec::new();
    io::stdin()
        .lock()
        .take(SQL_BYTES_MAX as u64 + 1)
        .read_to_end(&mut bytes)
        .context("cannot read the statement from standard input")?;
    String::from_utf8(bytes)
        .map_err(|_| anyhow!("cannot read the statement from standard input: it is not UTF-8 text").into())
}
