//! `/metrics`, for whoever watches the process: nothing personal, no token. And what every request adds
//! to it.

use axum::Router;
use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderValue, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use axum::routing::get;

use super::state::Site;
use crate::clock;
use crate::metrics::{CONTENT_TYPE, Served};

pub(super) fn routes() -> Router<Site> {
    Router::new().route("/metrics", get(render))
}

async fn render(State(site): State<Site>) -> Response {
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static(CONTENT_TYPE)),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
    ];
    (headers, site.metrics.render(&site.reader).await).into_response()
}

/// Counts a request, by its route's template: what was asked for may be anything.
pub(super) async fn count(State(site): State<Site>, request: Request, next: Next) -> Response {
    let began = clock::steady_now();
    let route = request.extensions().get::<MatchedPath>().cloned();
    let method = request.method().clone();
    let response = next.run(request).await;
    site.metrics.count_served(&Served {
        route: route.as_ref().map(MatchedPath::as_str),
        method: &method,
        status: response.status(),
        took: began.elapsed(),
    });
    response
}
