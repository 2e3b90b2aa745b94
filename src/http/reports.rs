//! `/reports.json`, and a report's rows as `/reports/NAME.csv` and `/reports/NAME.json`. Without an ending, its page.

use std::sync::Arc;

use axum::extract::{RawQuery, State};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};

use super::api::PathText;
use super::gate::Reading;
use super::page;
use super::problem::Problem;
use super::rows::{self, Format, Source, Statement};
use super::state::Site;
use super::turn;
use crate::report::{Catalogue, Report, ReportError, Values};
use crate::store::foreign::{ForeignError, ForeignReader};
use crate::store::{Access, StoreError};

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
    let turn = turn::wait(site).await?;
    let (library, path) = (site.reports.clone(), site.views.path().to_path_buf());
    let stopped = site.stop.clone();
    let listed = tokio::task::spawn_blocking(move || {
        let _turn = turn;
        let reader = ForeignReader::open(&path, access, move || stopped.is_cancelled())?;
        let listing = library.list();
        Ok((Catalogue::of(&listing, Some(&reader)), listing.folder_error.clone()))
    });
    let listed: Result<_, ForeignError> =
        listed.await.map_err(|error| StoreError::Failed(error.to_string()))?;
    listed.map_err(|error| Problem::from(&error))
}

/// One report; the folder is read where that may take its time.
pub(super) async fn find(site: &Site, name: &str) -> Result<Arc<Report>, ReportError> {
    let (library, wanted) = (Arc::clone(&site.reports), name.to_owned());
    let found = tokio::task::spawn_blocking(move || library.find(&wanted)).await;
    found.unwrap_or_else(|_| Err(ReportError::Unknown { name: name.to_owned() }))
}

async fn show(
    State(site): State<Site>,
    Reading(access): Reading,
    PathText(file): PathText,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    let given: Vec<_> = form_urlencoded::parse(query.unwrap_or_default().as_bytes()).into_owned().collect();
    let (name, format) = match file.rsplit_once('.') {
        Some((name, "csv")) => (name, Format::Csv),
        Some((name, "json")) => (name, Format::Json),
        Some((name, "ndjson")) => (name, Format::Ndjson),
        _ => return page::report::show(&site, access, &file, given).await,
    };
    let report = find(&site, name).await?;
    let given = given.iter().map(|(name, value)| (name.as_str(), value.as_str()));
    let values = Values::read(&report, given)?;
    let source = Source::Report(report, values);
    rows::answer(&site, access, Statement { source, format, exact: false }).await
}
