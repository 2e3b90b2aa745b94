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
mod erasure;
mod exact;
mod export;
#[expect(dead_code, reason = "a soak uses the rest of it")]
#[path = "../soak/clock.rs"]
mod fast_clock;
mod faults;
mod kills;
mod locks;
mod metrics;
mod people;
mod reader;
mod reports;
mod restore;
mod schedule;
mod sending;
mod service;
mod signals;
mod snapshot;
#[expect(dead_code, reason = "it is the stage of `http`, too, of which not everything is needed here")]
mod stage;
mod variants;
mod wall_clock;
