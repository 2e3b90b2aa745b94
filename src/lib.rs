//! A daemon that keeps every registered user of every Coupontools directory in a SQLite file,
//! exact and fresh.
//!
//! Three rings, arrows inwards only (a test in the suite keeps it so):
//!
//! - **Core**: what a directory and a registration are, and who can be sent to; the walk; what is fresh, and what is worth an alert.
//!   Pure: no clock, no I/O, no async.
//! - **Edge**: the API client, the store, the clock, the configuration, whom the operator has told. Edges don't
//!   know each other.
//! - **Shell**: the runner of a walk, the schedule, the daemon, metrics, one file per command, the simulator.

// Core.
pub mod alert;
pub mod directory;
pub mod freshness;
pub mod instant;
pub mod recipient;
pub mod registration;
pub mod room;
pub mod walk;

// Edge.
pub mod api;
pub mod clock;
pub mod config;
pub mod hook;
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
pub mod send;
pub mod service;
pub mod simulator;
pub mod status;
pub mod sync;
