//! The mirror over HTTP, read-only: the API, pages, metrics, health.
//!
//! It runs on a thread of its own, so that neither a walk nor a page waits for the other. Who asks is
//! found out once (`gate`), and from there on every read is made for that [`crate::store::Access`]: what a
//! masked reader may not see is refused by SQLite, not left out here. Deliberately not here: SQL.

mod api;
mod cut;
mod etag;
mod feed;
mod gate;
mod guard;
mod headers;
mod health;
mod metrics;
mod openapi;
mod page;
mod problem;
mod reports;
mod router;
mod rows;
mod run;
mod server;
mod socket;
mod state;
pub mod tokens;
mod turn;

pub use server::{Server, ServerError};
pub use state::Site;
