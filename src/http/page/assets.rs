//! `/assets/NAME`: the stylesheet, the script, the icon.

use axum::extract::{Path, RawQuery};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};

use crate::http::problem::Problem;
use crate::page::assets;

/// An address with a version is of these bytes for ever.
const FOR_EVER: &str = "public, max-age=31536000, immutable";
const FOR_NOW: &str = "public, no-cache";

pub(super) async fn send(Path(name): Path<String>, RawQuery(version): RawQuery) -> Result<Response, Problem> {
    let found = assets::find(&name);
    let asset =
        found.ok_or_else(|| Problem::new(StatusCode::NOT_FOUND, "cannot find the file: there is none"))?;
    let keep = if version.is_some() { FOR_EVER } else { FOR_NOW };
    let headers = [(header::CONTENT_TYPE, asset.media_type), (header::CACHE_CONTROL, keep)];
    Ok((headers, asset.content).into_response())
}
