//! `/reports.json`, and a report's rows as `/reports/NAME.csv` and `/reports/NAME.json`. Without an ending, its page.

use axum::extract::{Path, RawQuery, State};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};

use super::gate::Reading;
use super::page;
use super::problem::Problem;
use super::rows::{self, Format, Source, Statement};
use super::state::Site;
use crate::report::{Catalogue, Values};
use crate::store::Access;
use crate::store::foreign::ForeignReader;

pub(super) fn routes() -> Router<Site> {
    Router::new().route("/reports.json", get(list)).route("/reports/{name}", get(show))
}

/// All of them, with why those that can't be run can't.
async fn list(State(site): State<Site>, Reading(access): Reading) -> Result<Response, Problem> {
    Ok(Json(catalogue(&site, access).await?.0).into_response())
}

/// What there is, compiled over the mirror on a thread that may wait for the disk; and why the folder
/// could not be read.
pub(super) async fn catalogue(site: &Site, access: Access) -> Result<(Catalogue, Option<String>), Problem> {
    let (library, path) = (site.library.clone(), site.views.path().to_path_buf());
    let listed = tokio::task::spawn_blocking(move || {
        let reader = ForeignReader::open(&path, access, || false)?;
        let listing = library.list();
        Ok((Catalogue::of(&listing, Some(&reader)), listing.folder_error.clone()))
    });
    let listed: Result<_, crate::store::foreign::ForeignError> =
        listed.await.map_err(|error| crate::store::StoreError::Failed(error.to_string()))?;
    listed.map_err(|error| Problem::from(&error))
}

async fn show(
    State(site): State<Site>,
    Reading(access): Reading,
    Path(file): Path<String>,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    let given: Vec<_> = form_urlencoded::parse(query.unwrap_or_default().as_bytes()).into_owned().collect();
    let (name, format) = match file.rsplit_once('.') {
        Some((name, "csv")) => (name, Format::Csv),
        Some((name, "json")) => (name, Format::Json),
        Some((name, "ndjson")) => (name, Format::Ndjson),
        _ => return page::report::show(&site, access, &file, given).await,
    };
    let report = site.library.find(name)?;
    let given = given.iter().map(|(name, value)| (name.as_str(), value.as_str()));
    let values = Values::read(&report, given)?;
    let source = Source::Report(report, values);
    rows::answer(&site, access, Statement { source, format, exact: false }).await
}
