//! Which path is answered by whom, and what every request passes on its way.

use axum::Router;
use axum::extract::{DefaultBodyLimit, Request};
use axum::http::StatusCode;
use axum::middleware::{Next, from_fn, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;

use super::problem::Problem;
use super::state::Site;
use super::{api, etag, gate, guard, headers, health, metrics, openapi, page, reports};

/// A statement and its parameters; nothing else has a body.
const BODY_BYTES_MAX: usize = 2 << 20;
const URI_BYTES_MAX: usize = 32 << 10;

/// Everything that is served.
pub(super) fn make(site: Site) -> Router {
    let (api, description) = api::routes().split_for_parts();
    let behind_gate = api
        .merge(page::routes())
        .merge(reports::routes())
        .layer(from_fn(etag::answer))
        .layer(from_fn_with_state(site.clone(), gate::admit))
        .layer(from_fn_with_state(site.clone(), guard::check_host));
    let metrics = metrics::routes().layer(from_fn_with_state(site.clone(), guard::check_host));
    let open = health::routes().merge(page::assets()).merge(openapi::routes(description)).merge(metrics);
    behind_gate
        .merge(open)
        .fallback(nowhere)
        .method_not_allowed_fallback(not_so)
        .layer(DefaultBodyLimit::max(BODY_BYTES_MAX))
        .layer(CompressionLayer::new().gzip(true))
        .layer(from_fn(guard::check_origin))
        .layer(from_fn(check_length))
        .layer(CatchPanicLayer::custom(|_| panicked()))
        .layer(from_fn_with_state(site.clone(), page::browser::explain))
        .layer(from_fn(headers::add))
        .layer(from_fn_with_state(site.clone(), metrics::count))
        .with_state(site)
}

async fn check_length(request: Request, next: Next) -> Response {
    if request.uri().to_string().len() > URI_BYTES_MAX {
        return Problem::new(StatusCode::URI_TOO_LONG, "cannot read the address: it is too long")
            .hint("POST /api/v1/query takes long statements")
            .into_response();
    }
    next.run(request).await
}

async fn nowhere() -> Problem {
    Problem::new(StatusCode::NOT_FOUND, "cannot find the page: there is nothing at this address")
        .hint("/openapi.json lists what there is")
}

/// The router itself adds which methods this path allows.
async fn not_so() -> Problem {
    Problem::new(StatusCode::METHOD_NOT_ALLOWED, "cannot do that here: the mirror is read-only")
        .hint("use GET; POST goes to /api/v1/query alone")
}

/// The panic itself goes to stderr, where it belongs.
fn panicked() -> Response {
    Problem::new(StatusCode::INTERNAL_SERVER_ERROR, "cannot answer: the program has a bug here")
        .hint("the log says where; please report it")
        .into_response()
}
