//! `run`: the daemon.

use super::{Context, Exit, Failure};
use crate::config::Config;

const EXAMPLES: &str = "\
Examples:
  coupontools-mirror run
  coupontools-mirror --config /etc/coupontools-mirror/coupontools-mirror.toml --log-format json run

Looks at once, then by [schedule]. SIGTERM and SIGINT end it within the page in flight, a second one at once.";

/// `run`'s arguments.
#[derive(Clone, Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {}

/// Runs until it is stopped.
///
/// # Errors
/// When it can't start.
pub async fn run(_args: &Args, context: &Context) -> Result<Exit, Failure> {
    let _config = Config::load(&context.flags, &context.environment)?;
    Err(anyhow::anyhow!("cannot run the daemon: the seam of this command").into())
}
