//! `/api/v1/directories/{id}/registrations`.

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::parameter::{self, Parameters, PathText};
use crate::http::gate::Reading;
use crate::http::problem::{Problem, Problems};
use crate::http::state::Site;
use crate::store::view::{Cursor, Filter, Registration, State as Which};

/// Nobody types more.
const TEXT_CHARACTERS_MAX: usize = 200;

/// Which registrations, and where to go on.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct Asked {
    /// Registered then or later: a moment, or the start of a day in the reports' time zone
    #[param(example = "2026-11-01")]
    since: Option<String>,
    /// Registered before
    #[param(example = "2026-11-23T09:05:10Z")]
    until: Option<String>,
    /// Stands, in whatever case, in an ID, email, phone, name, date of birth, address, zip, city or custom
    /// field as the reader sees it
    #[param(max_length = 200)]
    text: Option<String>,
    /// Which: those that stand (the missing included), the missing, or the removed
    #[param(inline)]
    state: Option<Which>,
    /// At most so many; 100
    #[param(minimum = 1, maximum = 1000)]
    limit: Option<u32>,
    /// What `next` of the page before said
    after: Option<String>,
}

/// A page of registrations.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Page {
    /// Newest first; those without a date last.
    registrations: Vec<Registration>,
    /// Goes into `after` for the page below; null at the end.
    next: Option<String>,
}

/// A directory's registrations, newest first, page by page
#[utoipa::path(
    get,
    path = "/api/v1/directories/{directory_id}/registrations",
    operation_id = "list_registrations",
    tag = "mirror",
    params(("directory_id" = String, Path, description = "The vendor's ID", example = "dir_12345"), Asked),
    responses((status = 200, body = Page), Problems)
)]
pub(super) async fn list(
    State(site): State<Site>,
    Reading(access): Reading,
    PathText(id): PathText,
    Parameters(asked): Parameters<Asked>,
) -> Result<Json<Page>, Problem> {
    let limit = parameter::limit(asked.limit)? as usize;
    let after = match asked.after.as_deref().filter(|text| !text.is_empty()) {
        Some(text) => Some(text.parse::<Cursor>().map_err(|cause| Problem::parameter("after", cause))?),
        None => None,
    };
    let filter = filter(&asked, &site)?;
    let read = site
        .views
        .read(access, move |view| view.list_registrations(&id, &filter, after.as_ref(), limit))
        .await?
        .ok_or_else(Problem::no_directory)?;
    let next = read.next.map(|next| next.to_string());
    Ok(Json(Page { registrations: read.rows, next }))
}

fn filter(asked: &Asked, site: &Site) -> Result<Filter, Problem> {
    let text = asked.text.clone().filter(|text| !text.is_empty());
    if text.as_ref().is_some_and(|text| text.chars().count() > TEXT_CHARACTERS_MAX) {
        let cause = format_args!("it has more than {TEXT_CHARACTERS_MAX} characters");
        return Err(Problem::parameter("text", cause));
    }
    Ok(Filter {
        since: parameter::instant("since", asked.since.as_deref(), site.time_zone)?,
        until: parameter::instant("until", asked.until.as_deref(), site.time_zone)?,
        text,
        state: asked.state.unwrap_or_default(),
    })
}
