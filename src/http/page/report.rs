//! `/reports` and `/reports/NAME`. A report is a statement like any other: it waits for its turn, on a
//! connection of its own, and ends at its time limit.

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use maud::Markup;

use super::Reading;
use crate::clock;
use crate::http::problem::Problem;
use crate::http::reports::catalogue;
use crate::http::reports::find;
use crate::http::state::Site;
use crate::http::turn;
use crate::page::{Broken, Parameter, ReportLine, ReportPage, ReportsPage, Table, Value};
use crate::report::{self, Kind, Report, ReportError, Values};
use crate::store::Access;
use crate::store::foreign::{self, ForeignError, ForeignReader};

/// Rows that are read for a page.
const ROWS_MAX: usize = 5000;
/// Of texts in those rows.
const BYTES_MAX: usize = 8 << 20;

pub(super) async fn list(State(site): State<Site>, Reading(access): Reading) -> Result<Markup, Problem> {
    let frame = site.frame(access);
    let (catalogue, error) = catalogue(&site, access).await?;
    let reports = catalogue.reports.into_iter().map(|report| ReportLine {
        name: report.name,
        title: report.title,
        description: (!report.description.is_empty()).then_some(report.description),
        error: report.error,
    });
    Ok(ReportsPage { reports: reports.collect(), error }.render(&frame))
}

/// The page of one; `given` are the form's values.
pub(in crate::http) async fn show(
    site: &Site,
    access: Access,
    name: &str,
    given: Vec<(String, String)>,
) -> Result<Response, Problem> {
    let frame = site.frame(access);
    let report = match find(site, name).await {
        Err(error @ ReportError::Unknown { .. }) => return Err(error.into()),
        found => found,
    };
    let (result, report) = match report {
        Err(error) => (Err(broken(error.into())), None),
        Ok(report) => {
            let pairs = given.iter().map(|(name, value)| (name.as_str(), value.as_str()));
            let result = match Values::read(&report, pairs) {
                Ok(values) => rows(site, access, Arc::clone(&report), values).await?,
                Err(error) => Err(broken(error.into())),
            };
            (result, Some(report))
        }
    };
    let (status, result) = match result {
        Ok(table) => (StatusCode::OK, Ok(table)),
        Err((status, broken)) => (status, Err(broken)),
    };
    let name = name.to_owned();
    let directories = directories(site, access, report.as_deref()).await?;
    let drawing = move || page_of(name, report.as_deref(), &given, &directories, result).render(&frame);
    let drawn = tokio::task::spawn_blocking(drawing).await;
    let markup = drawn.map_err(|_| {
        Problem::new(StatusCode::INTERNAL_SERVER_ERROR, "cannot draw the report: its thread ended")
    })?;
    Ok((status, markup).into_response())
}

fn broken(problem: Problem) -> (StatusCode, Broken) {
    let status = StatusCode::from_u16(problem.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    (status, Broken { error: problem.detail, hint: problem.hint })
}

fn page_of(
    name: String,
    report: Option<&Report>,
    given: &[(String, String)],
    directories: &[(String, String)],
    result: Result<Table, Broken>,
) -> ReportPage {
    let parameters = report.map_or(&[][..], |report| &report.parameters);
    let description = report.map(|report| report.description.clone());
    ReportPage {
        title: report.map_or_else(|| name.clone(), |report| report.title.clone()),
        name,
        description: description.filter(|description| !description.is_empty()),
        parameters: parameters.iter().map(|parameter| field(parameter, given, directories)).collect(),
        chart: report.and_then(|report| report.chart.clone()),
        result,
    }
}

/// What a directory can be chosen from, where the report asks for one.
async fn directories(
    site: &Site,
    access: Access,
    report: Option<&Report>,
) -> Result<Vec<(String, String)>, Problem> {
    let parameters = report.map_or(&[][..], |report| &report.parameters);
    if parameters.iter().all(|parameter| parameter.kind != Kind::Directory) {
        return Ok(Vec::new());
    }
    let directories = site.views.read(access, |view| view.list_directories()).await?;
    let called = |directory: crate::store::view::Directory| {
        let name = directory.name.unwrap_or_else(|| directory.directory_id.clone());
        (directory.directory_id, name)
    };
    Ok(directories.into_iter().map(called).collect())
}

fn field(
    parameter: &report::Parameter,
    given: &[(String, String)],
    directories: &[(String, String)],
) -> Parameter {
    let default = match &parameter.default {
        None | Some(foreign::Parameter::Null) => String::new(),
        Some(foreign::Parameter::Integer(number)) => number.to_string(),
        Some(foreign::Parameter::Real(number)) => number.to_string(),
        Some(foreign::Parameter::Text(text)) => text.clone(),
    };
    let given = given.iter().find(|(name, value)| *name == parameter.name && !value.is_empty());
    Parameter {
        name: parameter.name.clone(),
        label: parameter.name.replace('_', " "),
        hint: parameter.description.clone(),
        kind: match parameter.kind {
            Kind::Integer | Kind::Number => "number",
            Kind::Date => "date",
            Kind::Text | Kind::Directory => "text",
        },
        value: given.map_or(default, |(_, value)| value.clone()),
        choices: if parameter.kind == Kind::Directory { directories.to_vec() } else { Vec::new() },
    }
}

/// The first rows, or why there are none.
async fn rows(
    site: &Site,
    access: Access,
    report: Arc<Report>,
    values: Values,
) -> Result<Result<Table, (StatusCode, Broken)>, Problem> {
    let turn = turn::wait(site).await?;
    let end = clock::steady_now() + site.query_timeout;
    // Dropped with the answer, also with one that nobody waits for any more.
    let stopped = site.stop.child_token();
    let _stops = stopped.clone().drop_guard();
    let path = site.views.path().to_path_buf();
    let read = move || {
        let _turn = turn;
        let reader = ForeignReader::open(&path, access, turn::is_over(stopped, end));
        reader
            .map_err(|cause| statement_failed(&report, cause))
            .and_then(|reader| read(&reader, &report, &values))
    };
    let done = tokio::task::spawn_blocking(read).await;
    let done = done.map_err(|_| {
        Problem::new(StatusCode::INTERNAL_SERVER_ERROR, "cannot run the report: its thread ended")
    })?;
    Ok(done.map_err(|error| {
        broken(match error {
            ReportError::Statement { cause: ForeignError::Stopped, .. } => {
                Problem::ended(site.query_timeout, &site.stop)
            }
            other => other.into(),
        })
    }))
}

fn statement_failed(report: &Report, cause: ForeignError) -> ReportError {
    ReportError::Statement { name: report.name.clone(), cause }
}

fn read(reader: &ForeignReader, report: &Report, values: &Values) -> Result<Table, ReportError> {
    let failed = |cause| statement_failed(report, cause);
    let mut statement = report.compile(reader, values)?;
    let mut table = Table { columns: statement.columns().to_vec(), ..Table::default() };
    let mut rows = statement.rows();
    let mut bytes = 0;
    while let Some(row) = rows.next_row().map_err(failed)? {
        if table.rows.len() == ROWS_MAX || bytes >= BYTES_MAX {
            table.has_more = true;
            break;
        }
        bytes += row.cells().map(|cell| cell.bytes()).sum::<usize>();
        table.rows.push(row.cells().map(Value::from).collect());
    }
    Ok(table)
}
