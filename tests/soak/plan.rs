//! What a run is to be.

use std::path::PathBuf;

/// The daemon over days of its schedule, in minutes.
#[derive(Clone, Debug, clap::Parser)]
#[command(name = "soak")]
pub struct Plan {
    /// Days of the wall clock without what jumps and verdicts add; the second half has no restarts
    #[arg(long, default_value_t = 4)]
    pub days: u32,
    /// How many times as fast as it should the wall clock runs
    #[arg(long, default_value_t = 300, value_parser = clap::value_parser!(i64).range(1..=3600))]
    pub rate: i64,
    /// The same seed gives the same troubles in the same order
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    /// Registrations to begin with, over four directories
    #[arg(long, default_value_t = 6000)]
    pub registrations: u32,
    /// Keeps the mirror, the log and the measurements in this folder, which must be empty
    #[arg(long)]
    pub keep: Option<PathBuf>,
}
