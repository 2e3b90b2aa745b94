//! `query`: one reading statement on the mirror.

use std::io::{self, Read};

use anyhow::{Context as _, anyhow};

use super::rows::{RowArgs, print_rows};
use super::{Context, Exit, Failure};
use crate::config::find_database;
use crate::store::foreign::SQL_BYTES_MAX;

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
    /// How its rows are printed.
    #[command(flatten)]
    pub rows: RowArgs,
}

/// Prints the rows.
///
/// # Errors
/// When the statement is refused, fails or takes too long, or there is no mirror.
pub fn run(args: &Args, context: &Context) -> Result<Exit, Failure> {
    let database = find_database(&context.flags, &context.environment)?;
    let sql = if args.sql == "-" { read_standard_input()? } else { args.sql.clone() };
    print_rows(&database, &args.rows, |reader| {
        let mut statement = reader.prepare(&sql)?;
        statement.bind([])?;
        Ok(statement)
    })
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
