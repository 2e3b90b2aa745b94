//! The store on real files: every effect that a walk's save or end has, and what a crash, a full disk
//! or another process leaves of it.
#![expect(clippy::unwrap_used, reason = "a panic is how a test fails, in its fixture too")]

mod alerts;
mod brake;
mod changes;
mod crash;
mod directories;
mod evidence;
mod fixture;
mod key;
mod log;
mod masking;
mod measure;
mod model;
mod opening;
mod pending;
mod reading;
mod recipients;
mod retention;
mod snapshot;
mod stretch;
mod unchanged;
mod upgrades;
