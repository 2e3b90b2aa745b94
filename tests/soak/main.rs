//! A long life in a short time: the daemon over days of its schedule, against the simulator, with a wall
//! clock that runs fast and jumps, an upstream that changes and fails, restarts, kills, reloads, and
//! readers that don't let go. By hand:
//!
//!     cargo test --release --test soak -- --days 14
//!
//! It ends with a table: every invariant of the design, and whether memory, open files and the log stayed
//! level; its exit code says whether all of it held. `--help` tells the rest. Needs Linux and a C compiler.

mod alerts;
mod clock;
mod daemon;
mod judge;
mod levels;
mod plan;
#[expect(dead_code, unused_imports, reason = "other test binaries use the rest")]
#[path = "../it/stage/mod.rs"]
mod stage;
mod story;

use std::process::ExitCode;

use clap::Parser as _;

fn main() -> ExitCode {
    let plan = plan::Plan::parse();
    match story::play(&plan) {
        Ok(verdict) => {
            print!("{}", verdict.table());
            if verdict.holds() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
        }
        Err(error) => {
            eprintln!("cannot soak: {error:#}");
            ExitCode::FAILURE
        }
    }
}
