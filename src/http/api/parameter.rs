//! Parameters that several endpoints share.

use axum::extract::{FromRequestParts, Path, Query};
use axum::http::request::Parts;
use chrono_tz::Tz;
use serde::de::DeserializeOwned;

use crate::http::problem::Problem;
use crate::instant::UtcInstant;

/// Rows of an answer unless told otherwise, and at most.
pub(super) const LIMIT: u32 = 100;
pub(super) const LIMIT_MAX: u32 = 1000;

/// The query's parameters; one that is not known is an error that says so.
pub(in crate::http) struct Parameters<T>(pub(in crate::http) T);

impl<S: Sync, T: DeserializeOwned> FromRequestParts<S> for Parameters<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Problem> {
        let Query(parameters) = Query::try_from_uri(&parts.uri)?;
        Ok(Self(parameters))
    }
}

/// What the address names: a directory, a report.
pub(in crate::http) struct PathText(pub(in crate::http) String);

impl<S: Send + Sync> FromRequestParts<S> for PathText {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let Path(id) = Path::from_request_parts(parts, state).await?;
        Ok(Self(id))
    }
}

/// A limit within its bounds.
pub(super) fn limit(limit: Option<u32>) -> Result<u32, Problem> {
    let limit = limit.unwrap_or(LIMIT);
    if (1..=LIMIT_MAX).contains(&limit) {
        return Ok(limit);
    }
    Err(Problem::parameter("limit", format_args!("it must be 1 to {LIMIT_MAX}, and this is {limit}")))
}

/// A moment, `2026-11-23T09:05:10Z`, or the start of a local day, `2026-11-23`.
pub(in crate::http) fn instant(
    name: &str,
    text: Option<&str>,
    zone: Tz,
) -> Result<Option<UtcInstant>, Problem> {
    let Some(text) = text.filter(|text| !text.is_empty()) else { return Ok(None) };
    let at = UtcInstant::parse_local(text, zone);
    let wrong = || {
        Problem::parameter(name, "it is neither a moment nor a day")
            .hint("write 2026-11-23T09:05:10Z, or 2026-11-23")
    };
    at.map(Some).ok_or_else(wrong)
}
