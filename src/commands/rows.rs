//! One reading statement, printed row by row under a time limit: what `query` and `report` share.

use std::io::{self, Write};
use std::path::Path;
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::time::{Duration, Instant};

use anyhow::anyhow;
use clap::builder::RangedU64ValueParser;
use tracing::debug;

use super::{Exit, Failure};
use crate::clock;
use crate::output::{RowFormat, RowWriter, stdout};
use crate::store::Access;
use crate::store::foreign::{ForeignError, ForeignReader, ForeignStatement};

const TIMEOUT_S_MAX: u64 = 86_400;
/// What a statement that has just been stopped may take to say so.
const GRACE: Duration = Duration::from_secs(1);

/// How rows are printed, and how long that may take.
#[derive(Clone, Debug, clap::Args)]
pub struct RowArgs {
    /// How rows are printed
    #[arg(long, value_name = "FORMAT", default_value = "table")]
    pub format: RowFormat,
    /// What of people is read, and how their text is written.
    #[command(flatten)]
    pub shown: ShownArgs,
    /// How long it may take
    #[arg(long, value_name = "SECONDS", default_value_t = 30,
          value_parser = RangedU64ValueParser::<u64>::new().range(1..=TIMEOUT_S_MAX))]
    pub timeout: u64,
}

/// What of people is read, and how their text is written.
#[derive(Clone, Copy, Debug, clap::Args)]
pub struct ShownArgs {
    /// CSV with text as it is, for programs; otherwise text that a spreadsheet would run (it begins with `=`, `+`,
    /// `-` or `@`) gets a `'` before it
    #[arg(long)]
    pub exact: bool,
    /// As who may not see people sees them: email and phone hashed, names and the like left out
    #[arg(long)]
    pub masked: bool,
}

impl ShownArgs {
    /// What the reader sees.
    #[must_use]
    pub fn access(self) -> Access {
        if self.masked { Access::Masked } else { Access::Full }
    }

    /// The format in which rows are written.
    #[must_use]
    pub fn format(self, format: RowFormat) -> RowFormat {
        if self.exact { format.exact() } else { format }
    }
}

/// Prints the rows of a statement that `compile` makes.
///
/// # Errors
/// When it is refused, fails or takes too long, or there is no mirror.
pub fn print_rows(
    database: &Path,
    args: &RowArgs,
    compile: impl for<'r> FnOnce(&'r ForeignReader) -> Result<ForeignStatement<'r>, Failure>,
) -> Result<Exit, Failure> {
    let limit = Duration::from_secs(args.timeout);
    let end = clock::steady_now() + limit;
    let _until_dropped = guard(limit, args.timeout);
    match stream(database, args, end, compile) {
        Err(failure) if matches!(failure.error.downcast_ref(), Some(ForeignError::Stopped)) => {
            Err(took_too_long(args.timeout))
        }
        result => result.map(|()| Exit::Done),
    }
}

fn stream(
    database: &Path,
    args: &RowArgs,
    end: Instant,
    compile: impl for<'r> FnOnce(&'r ForeignReader) -> Result<ForeignStatement<'r>, Failure>,
) -> Result<(), Failure> {
    let reader = ForeignReader::open(database, args.shown.access(), move || clock::steady_now() >= end)?;
    let mut statement = compile(&reader)?;
    let columns = statement.columns().to_vec();
    let mut rows = statement.rows();
    let mut row = rows.next_row()?;
    let mut writer = RowWriter::begin(args.shown.format(args.format), &columns, stdout())?;
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

/// A statement that waits for whoever reads its rows looks at no clock, and holds the mirror's log in place
/// meanwhile: then only the end of the process ends it. Dropping what this gives calls it off.
fn guard(limit: Duration, limit_s: u64) -> Sender<()> {
    let (finished, is_finished) = mpsc::channel::<()>();
    std::thread::spawn(move || {
        if let Err(RecvTimeoutError::Timeout) = is_finished.recv_timeout(limit + GRACE) {
            let _nobody_reads = writeln!(io::stderr(), "{}", took_too_long(limit_s));
            std::process::exit(Exit::Failed.code().into());
        }
    });
    finished
}

fn took_too_long(limit_s: u64) -> Failure {
    Failure::new(Exit::Failed, anyhow!("cannot finish the statement: {limit_s} s are over"))
        .hint("raise --timeout SECONDS, or ask for less")
}
