//! Pages: what is read for them, and their markup as an answer. How they look is `crate::page`'s.
//!
//! A page is read and drawn on a thread that may wait for the disk: the server's own thread never draws.

mod assets;
pub(super) mod browser;
mod changes;
mod directory;
mod front;
pub(super) mod report;

use axum::Router;
use axum::routing::get;

use super::gate::{self, Reading};
use super::state::Site;
use crate::clock;
use crate::page::Frame;
use crate::store::Access;

/// The pages that show something of somebody.
pub(super) fn routes() -> Router<Site> {
    Router::new()
        .route("/", get(front::show))
        .route("/directories/{directory_id}", get(directory::show))
        .route("/changes", get(changes::show))
        .route("/reports", get(report::list))
        .route("/sign-in", get(gate::sign_in))
}

/// What they are made up with, for everybody.
pub(super) fn assets() -> Router<Site> {
    Router::new().route("/assets/{name}", get(assets::send))
}

impl Site {
    /// What every page is told.
    fn frame(&self, access: Access) -> Frame {
        Frame { access, now: clock::now(), time_zone: self.time_zone, stale_after_s: self.stale_after_s }
    }
}
