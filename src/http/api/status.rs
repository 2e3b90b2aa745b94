//! `/api/v1/status`.

use axum::Json;
use axum::extract::State;

use crate::http::problem::{Problem, Problems};
use crate::http::state::Site;
use crate::status::Status;

/// How fresh each directory is
#[utoipa::path(
    get,
    path = "/api/v1/status",
    operation_id = "show_status",
    tag = "mirror",
    responses((status = 200, body = Status), Problems)
)]
pub(super) async fn show(State(site): State<Site>) -> Result<Json<Status>, Problem> {
    Ok(Json(Status::read(&site.reader, &site.mirrored, site.judge()).await?))
}
