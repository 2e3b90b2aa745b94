//! The real program, driven from outside: what it prints, where, and how it ends.

#![expect(clippy::unwrap_used, reason = "a test that can't go on fails")]

mod api;
mod architecture;
mod check;
mod configuration;
mod help;
mod keys;
mod logging;
mod manual;
mod program;
mod query_formats;
mod query_refusals;
mod query_streams;
mod readers;
mod sample;
