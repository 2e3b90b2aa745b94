//! `sync`: one tick now.

use super::{Context, Exit, Failure};
use crate::config::Config;

const EXAMPLES: &str = "\
Examples:
  coupontools-mirror sync
  coupontools-mirror sync --directory dir_12345 --full
  coupontools-mirror sync --json | jq '.directories[] | select(.outcome != \"complete\")'

Without --full, a walk reads a directory from its newest registration down to what is known; with it, to the end,
which also finds what changed or vanished. A walk that would remove too much of a directory at once
([sync] max_removed_percent) removes nothing and fails; --accept-removals is for when that is right.";

/// `sync`'s arguments.
#[derive(Clone, Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// Only this directory; may be given several times
    #[arg(long = "directory", value_name = "ID")]
    pub directories: Vec<String>,
    /// Read each directory to its end
    #[arg(long)]
    pub full: bool,
    /// Let walks remove more than [sync] max_removed_percent
    #[arg(long)]
    pub accept_removals: bool,
    /// One JSON object instead of a table
    #[arg(long)]
    pub json: bool,
}

/// One tick now.
///
/// # Errors
/// When nothing could be done at all.
pub async fn run(_args: &Args, context: &Context) -> Result<Exit, Failure> {
    let _config = Config::load(&context.flags, &context.environment)?;
    Err(anyhow::anyhow!("cannot mirror: the seam of this command").into())
}
