//! What the benchmarks have in common: processes of the shipped program, the simulator, a mirror's file,
//! and figures.

pub mod figure;
pub mod mirror;
pub mod process;
pub mod simulator;

use anyhow::Result;

/// The runtime that bare loops, clients and the simulator's control calls run on.
pub fn runtime() -> Result<tokio::runtime::Runtime> {
    Ok(tokio::runtime::Builder::new_current_thread().enable_all().build()?)
}
