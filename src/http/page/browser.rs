//! Problems for people: whoever asks for HTML is shown a page with the same words.

use axum::extract::{Request, State};
use axum::http::{HeaderValue, Method, header};
use axum::middleware::Next;
use axum::response::Response;

use crate::http::problem::Problem;
use crate::http::state::Site;
use crate::page::ErrorPage;
use crate::store::Access;

/// Makes a page of a problem, for a browser, outside of the API.
pub(in crate::http) async fn explain(State(site): State<Site>, request: Request, next: Next) -> Response {
    let accept = request.headers().get(header::ACCEPT).and_then(|accept| accept.to_str().ok());
    let wants_page = accept.is_some_and(|accept| accept.contains("text/html"))
        && !request.uri().path().starts_with("/api/")
        && *request.method() == Method::GET;
    let mut response = next.run(request).await;
    let Some(problem) = response.extensions_mut().remove::<Problem>().filter(|_| wants_page) else {
        return response;
    };
    let page = ErrorPage { status: problem.status, error: problem.detail, hint: problem.hint };
    // Nobody's data is shown, so nothing is said of masks.
    let markup = page.render(&site.frame(Access::Full));
    let (mut parts, _) = response.into_parts();
    parts.headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
    // They were of the problem's own body.
    parts.headers.remove(header::CONTENT_LENGTH);
    parts.headers.remove(header::CONTENT_ENCODING);
    Response::from_parts(parts, markup.into_string().into())
}
