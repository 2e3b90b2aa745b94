//! `/api/v1/directories` and `/api/v1/directories/{id}`.

use axum::Json;
use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;

use super::parameter::PathText;
use crate::http::gate::Reading;
use crate::http::problem::{Problem, Problems};
use crate::http::state::Site;
use crate::store::view::Directory;

/// Every directory.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Directories {
    directories: Vec<Directory>,
}

/// Every directory that was ever listed, by account and ID
#[utoipa::path(
    get,
    path = "/api/v1/directories",
    operation_id = "list_directories",
    tag = "mirror",
    responses((status = 200, body = Directories), Problems)
)]
pub(super) async fn list(
    State(site): State<Site>,
    Reading(access): Reading,
) -> Result<Json<Directories>, Problem> {
    let directories = site.views.read(access, |view| view.list_directories()).await?;
    Ok(Json(Directories { directories }))
}

/// One directory
#[utoipa::path(
    get,
    path = "/api/v1/directories/{directory_id}",
    operation_id = "find_directory",
    tag = "mirror",
    params(("directory_id" = String, Path, description = "The vendor's ID", example = "dir_12345")),
    responses((status = 200, body = Directory), Problems)
)]
pub(super) async fn find(
    State(site): State<Site>,
    Reading(access): Reading,
    PathText(id): PathText,
) -> Result<Json<Directory>, Problem> {
    let found = site.views.read(access, move |view| view.find_directory(&id)).await?;
    found.map(Json).ok_or_else(Problem::no_directory)
}
