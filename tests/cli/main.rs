//! The real program, driven from outside: what it prints, where, and how it ends.

mod api;
mod check;
mod configuration;
mod help;
mod logging;
mod program;
mod query_formats;
mod query_refusals;
mod query_streams;
