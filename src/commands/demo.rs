//! `demo`: the simulator and the daemon together, on a temporary file.

use super::{Context, Exit, Failure};

const EXAMPLES: &str = "\
Examples:
  coupontools-mirror demo
  coupontools-mirror demo --registrations 100000 --seed 7

Keys, configuration and an existing mirror are not touched.";

/// `demo`'s arguments.
#[derive(Clone, Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// How many people have registered when it starts
    #[arg(long, value_name = "NUMBER", default_value_t = 20_000, value_parser = clap::value_parser!(u64).range(..=10_000_000))]
    pub registrations: u64,
    /// The same seed gives the same people
    #[arg(long, value_name = "NUMBER", default_value_t = 1)]
    pub seed: u64,
}

/// Runs until it is stopped.
///
/// # Errors
/// When it can't start.
pub async fn run(_args: &Args, _context: &Context) -> Result<Exit, Failure> {
    Err(anyhow::anyhow!("cannot run the demo: the seam of this command").into())
}
