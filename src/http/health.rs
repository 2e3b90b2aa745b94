//! `/healthz` and `/readyz`: for whoever watches the process. Nothing personal, no token.

use axum::Router;
use axum::extract::State;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;

use super::problem::Problem;
use super::state::Site;
use crate::status::Status;

pub(super) fn routes() -> Router<Site> {
    Router::new().route("/healthz", get(is_alive)).route("/readyz", get(is_ready))
}

/// The process answers: that is all it says.
async fn is_alive() -> Response {
    text("ok\n")
}

/// Whether every mirrored directory is fresh; if not, a reason a line. Read beside pages and searches, which
/// wait for each other.
async fn is_ready(State(site): State<Site>) -> Result<Response, Problem> {
    let status = Status::read(&site.reader, &site.mirrored, site.judge()).await?;
    let reasons = status.reasons();
    if reasons.is_empty() {
        return Ok(text("fresh\n"));
    }
    let reasons: String = reasons.iter().map(|reason| reason.replace(char::is_control, " ") + "\n").collect();
    Ok((StatusCode::SERVICE_UNAVAILABLE, text(reasons)).into_response())
}

fn text(text: impl IntoResponse) -> Response {
    let no_store = [(header::CACHE_CONTROL, HeaderValue::from_static("no-store"))];
    (no_store, text).into_response()
}
