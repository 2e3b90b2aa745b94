//! A daemon that keeps every registered user of every Coupontools directory in a SQLite file,
//! exact and fresh.
//!
//! Three rings, arrows inwards only (a test in the suite keeps it so):
//!
//! - **Core**: what a directory and a registration are; the walk. Pure: no clock, no I/O, no async.
//! - **Edge**: the API client, the store, the clock, the configuration. Edges don't know each other.
//! - **Shell**: the runner of a walk, the schedule, the daemon, metrics, one file per command, the simulator.

// Core.
pub mod directory;
pub mod instant;
pub mod registration;
pub mod walk;

// Edge.
pub mod api;
pub mod clock;
pub mod config;
pub mod store;

// Shell.
pub mod commands;
pub mod daemon;
pub mod export;
pub mod http;
pub mod logging;
pub mod metrics;
pub mod output;
pub mod page;
pub mod report;
pub mod schedule;
pub mod service;
pub mod simulator;
pub mod status;
pub mod sync;
