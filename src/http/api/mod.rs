//! `/api/v1`: one endpoint, one file.

mod changes;
mod directories;
mod parameter;
mod query;
mod registrations;
mod status;
mod walks;

pub(super) use parameter::{Parameters, PathText, instant};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::state::Site;

/// The endpoints, each with its description.
pub(super) fn routes() -> OpenApiRouter<Site> {
    OpenApiRouter::new()
        .routes(routes!(directories::list))
        .routes(routes!(directories::find))
        .routes(routes!(registrations::list))
        .routes(routes!(changes::list))
        .routes(routes!(walks::list))
        .routes(routes!(status::show))
        .routes(routes!(query::get, query::post))
}
