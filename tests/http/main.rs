//! The mirror over HTTP: the real program, a real socket, a real file, asked as everybody may ask.
//!
//! `asker` asks well-formed requests, `raw` whatever bytes a test wants, `rows` reads the file beside
//! the server. The other modules are what is promised, by topic.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod asker;
mod browsers;
mod caches;
mod discretion;
mod erased;
mod exports;
mod feed;
mod files;
mod hosts;
mod limits;
mod masked;
mod memory;
mod networks;
mod paging;
mod parameters;
mod problems;
mod promises;
mod raw;
mod retention;
mod rows;
mod slow;
#[expect(
    dead_code,
    unused_imports,
    reason = "it is the stage of `it`, of which not everything is needed here"
)]
#[path = "../it/stage/mod.rs"]
mod stage;
mod starting;
mod statements;
mod stopping;
mod tokens;
