//! `probe`: the shapes that the API answers with. Key paths and kinds of values, never a value.

use super::{Context, Exit, Failure};
use crate::config::Config;

const EXAMPLES: &str = "\
Examples:
  coupontools-mirror probe
  coupontools-mirror probe --account acme --directory dir_12345 --page 2
  coupontools-mirror probe --json > shapes.json

Safe to send to others: it holds no key, no name, no address. Where the mirror misreads an answer, a key's spelling \
can be added to [api.aliases].";

/// `probe`'s arguments.
#[derive(Clone, Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// Only this account
    #[arg(long, value_name = "NAME")]
    pub account: Option<String>,
    /// This directory's users [default: the first that has some]
    #[arg(long, value_name = "ID")]
    pub directory: Option<String>,
    /// This page of them, as the API counts
    #[arg(long, value_name = "NUMBER", default_value_t = 1)]
    pub page: u32,
    /// One JSON object instead of a table
    #[arg(long)]
    pub json: bool,
}

/// Prints the shapes.
///
/// # Errors
/// When no account could be asked.
pub async fn run(_args: &Args, context: &Context) -> Result<Exit, Failure> {
    let _config = Config::load(&context.flags, &context.environment)?;
    Err(anyhow::anyhow!("cannot probe: the seam of this command").into())
}
