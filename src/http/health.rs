//! `/healthz` and `/readyz`: for whoever watches the process. Nothing personal, no token.

use axum::Router;
use axum::extract::State;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;

use super::problem::Problem;
use super::state::Site;

pub(super) fn routes() -> Router<Site> {
    Router::new().route("/healthz", get(is_alive)).route("/readyz", get(is_ready))
}

/// The process answers: that is all it says.
async fn is_alive() -> Response {
    text("ok\n")
}

/// The file can be read, also while pages and searches wait for each other.
async fn is_ready(State(site): State<Site>) -> Result<Response, Problem> {
    match site.feed.find_seq().await {
        Ok(_) => Ok(text("ready\n")),
        Err(error) => Err(Problem::unreadable(&error)),
    }
}

fn text(text: &'static str) -> Response {
    let no_store = [(header::CACHE_CONTROL, HeaderValue::from_static("no-store"))];
    (no_store, text).into_response()
}
