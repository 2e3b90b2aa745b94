//! The real program, over a real socket, into a real file, judged by the simulator's truth.
//!
//! `stage` sets a scene: an upstream, a program, its file. The other modules are what is seen on it,
//! by topic. What a walk decides is tested in `simulation`; here it is only seen to arrive.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod accounts;
mod alerts;
mod brake;
mod commands;
mod discretion;
mod disk;
mod exact;
mod export;
mod faults;
mod kills;
mod locks;
mod metrics;
mod people;
mod reader;
mod reports;
mod restore;
mod schedule;
mod service;
mod signals;
mod snapshot;
#[expect(dead_code, reason = "it is the stage of `http`, too, of which not everything is needed here")]
mod stage;
mod variants;
