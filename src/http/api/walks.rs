//! `/api/v1/walks`.

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::parameter::{self, Parameters};
use crate::http::gate::Reading;
use crate::http::problem::{Problem, Problems};
use crate::http::state::Site;
use crate::store::view::Walk;

/// Which walks.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct Asked {
    /// Only this directory's
    #[param(example = "dir_12345")]
    directory: Option<String>,
    /// At most so many; 100
    #[param(minimum = 1, maximum = 1000)]
    limit: Option<u32>,
    /// What `next` of the page before said
    after: Option<i64>,
}

/// A page of walks.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Walks {
    /// Newest first.
    walks: Vec<Walk>,
    /// Goes into `after` for older ones; null at the end.
    next: Option<i64>,
}

/// What each walk cost and did, newest first
#[utoipa::path(
    get,
    path = "/api/v1/walks",
    operation_id = "list_walks",
    tag = "mirror",
    params(Asked),
    responses((status = 200, body = Walks), Problems)
)]
pub(super) async fn list(
    State(site): State<Site>,
    Reading(access): Reading,
    Parameters(asked): Parameters<Asked>,
) -> Result<Json<Walks>, Problem> {
    let limit = parameter::limit(asked.limit)?;
    let mut walks = site
        .views
        .read(access, move |view| view.list_walks(asked.directory.as_deref(), asked.after, limit + 1))
        .await?;
    let has_more = walks.len() > limit as usize;
    walks.truncate(limit as usize);
    let next = walks.last().filter(|_| has_more).map(|last| last.walk_id);
    Ok(Json(Walks { walks, next }))
}
