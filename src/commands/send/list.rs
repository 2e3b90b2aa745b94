//! `send list`: the ledger, the latest first.

use clap::builder::RangedU64ValueParser;

use super::shown;
use crate::clock;
use crate::commands::{Context, Exit, Failure};
use crate::config::Settings;
use crate::output::print;
use crate::store::ledger::{Ledger, Listed};

const EXAMPLES: &str = "\
Examples:
  coupontools-mirror send list
  coupontools-mirror send list --unknown --json
  coupontools-mirror query \"SELECT campaign, outcome, count(*) FROM sends GROUP BY 1, 2\"";

/// `send list`'s arguments.
#[derive(Clone, Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// Those of which nobody knows whether they were sent, all of them
    #[arg(long)]
    pub unknown: bool,
    /// So many
    #[arg(long, value_name = "NUMBER", default_value_t = 100, conflicts_with = "unknown",
          value_parser = RangedU64ValueParser::<u32>::new().range(1..=100_000))]
    pub limit: u32,
    /// One JSON object instead of a table
    #[arg(long)]
    pub json: bool,
}

/// Prints it.
///
/// # Errors
/// When it can't be read.
pub(super) fn run(args: &Args, context: &Context) -> Result<Exit, Failure> {
    let settings = Settings::load(&context.flags, &context.environment)?;
    let ledger = Ledger::open(&settings.database, settings.masking.key_file.as_deref())?;
    ledger.abandon_dead(&settings.database, clock::now())?;
    let listed = if args.unknown { Listed::Unknown } else { Listed::Latest(args.limit) };
    let sends = ledger.list_sends(listed)?;
    print(if args.json { shown::sends_json(&sends) } else { shown::sends_table(&sends) })?;
    Ok(Exit::Done)
}
