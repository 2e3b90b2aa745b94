//! `/api/v1/query`: one reading statement of somebody else's, streamed.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use axum::Json;
use axum::extract::{FromRequest, RawQuery, Request, State};
use axum::http::StatusCode;
use axum::response::Response;
use serde::Deserialize;
use serde_json::{Number, Value};
use utoipa::{IntoParams, ToSchema};

use crate::http::gate::Reading;
use crate::http::problem::{Problem, Problems};
use crate::http::rows::{self, Format, Source, Statement};
use crate::http::state::Site;
use crate::store::foreign::Parameter;

/// Of a statement's parameters; SQLite has fewer.
const PARAMETERS_MAX: usize = 1000;
/// A body that was announced comes within this time.
const BODY_TIMEOUT: Duration = Duration::from_secs(10);

/// A statement in the address.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "it describes what `read_address` reads: names that begin with p. are open")]
pub(super) struct Address {
    /// One reading statement; `:name` in it is a parameter, whose value stands, as text, in `p.name`
    #[param(
        example = "SELECT day, registrations FROM registrations_by_day WHERE directory_id = 'dir_12345'"
    )]
    sql: String,
    /// How rows are written; `json`
    #[param(inline)]
    format: Option<Format>,
    /// `true`: CSV cells as they are, also those that a spreadsheet would execute
    exact: Option<bool>,
}

/// A statement in a body.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Body {
    /// One reading statement; `:name` in it is a parameter.
    #[schema(example = "SELECT count(*) AS registrations FROM registrations WHERE city = :city")]
    sql: String,
    /// Their values: texts, numbers, booleans (1 and 0) or null.
    #[serde(default)]
    #[schema(value_type = Object, example = json!({"city": "Gent"}))]
    parameters: BTreeMap<String, Value>,
    /// How rows are written; `json`.
    #[serde(default)]
    format: Format,
    /// CSV cells as they are, also those that a spreadsheet would execute.
    #[serde(default)]
    exact: bool,
}

/// Rows as `format=json` writes them. The header `Mirror-Seq` tells at which change they stand.
#[derive(Debug, ToSchema)]
#[expect(dead_code, reason = "it describes what is streamed")]
pub(super) struct Rows {
    /// Names of the columns.
    columns: Vec<String>,
    /// Each row's values, in their order.
    rows: Vec<Vec<Value>>,
}

/// One reading SQL statement, in the address
///
/// The answer is streamed; a statement that fails or runs out of time on its way ends the connection early.
#[utoipa::path(
    get,
    path = "/api/v1/query",
    operation_id = "query",
    tag = "query",
    params(Address),
    responses(
        (status = 200, content(
            (Rows = "application/json"), (String = "application/x-ndjson"), (String = "text/csv")
        ), headers(("Mirror-Seq" = i64, description = "The last change that the rows know: follow the feed after it"))),
        Problems
    )
)]
pub(super) async fn get(
    State(site): State<Site>,
    Reading(access): Reading,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    rows::answer(&site, access, read_address(query.as_deref().unwrap_or_default())?).await
}

/// One reading SQL statement, in the body
///
/// The answer is streamed; a statement that fails or runs out of time on its way ends the connection early.
#[utoipa::path(
    post,
    path = "/api/v1/query",
    operation_id = "query_by_body",
    tag = "query",
    request_body = Body,
    responses(
        (status = 200, content(
            (Rows = "application/json"), (String = "application/x-ndjson"), (String = "text/csv")
        ), headers(("Mirror-Seq" = i64, description = "The last change that the rows know: follow the feed after it"))),
        Problems
    )
)]
pub(super) async fn post(
    State(site): State<Site>,
    Reading(access): Reading,
    request: Request,
) -> Result<Response, Problem> {
    let Body { sql, parameters, format, exact } = read_body(request).await?;
    check_count(parameters.len())?;
    let parameters = parameters
        .into_iter()
        .map(|(name, value)| {
            read_value(value)
                .map(|value| (name.clone(), value))
                .map_err(|cause| Problem::parameter(&name, cause))
        })
        .collect::<Result<_, _>>()?;
    let source = Source::Sql(sql, parameters);
    rows::answer(&site, access, Statement { source, format, exact }).await
}

async fn read_body(request: Request) -> Result<Body, Problem> {
    let reading = tokio::time::timeout(BODY_TIMEOUT, Json::from_request(request, &()));
    let Ok(body) = reading.await else {
        return Err(Problem::new(StatusCode::REQUEST_TIMEOUT, "cannot read the body: it does not come"));
    };
    let Json(body) = body?;
    Ok(body)
}

fn check_count(count: usize) -> Result<(), Problem> {
    if count > PARAMETERS_MAX {
        return Err(Problem::parameter("parameters", format_args!("there are more than {PARAMETERS_MAX}")));
    }
    Ok(())
}

fn read_address(query: &str) -> Result<Statement, Problem> {
    let (mut sql, mut parameters) = (None, BTreeMap::new());
    let (mut shape, mut given) = (Shape::default(), BTreeSet::new());
    for (name, value) in form_urlencoded::parse(query.as_bytes()) {
        if !given.insert(name.clone().into_owned()) {
            return Err(Problem::parameter(&name, "it is there twice").hint("give it once"));
        }
        if &*name == "sql" {
            sql = Some(value.into_owned());
        } else if let Some(name) = name.strip_prefix("p.") {
            parameters.insert(name.to_owned(), Parameter::Text(value.into_owned()));
        } else if !shape.read(&name, &value)? {
            return Err(Problem::parameter(&name, "there is no such parameter")
                .hint("sql, format, exact, and p.NAME for each :NAME of the statement"));
        }
    }
    check_count(parameters.len())?;
    let sql = sql.ok_or_else(|| Problem::parameter("sql", "it is not there"))?;
    Ok(Statement { source: Source::Sql(sql, parameters), format: shape.format, exact: shape.exact })
}

/// How rows are wanted, as the address says.
#[derive(Default)]
struct Shape {
    format: Format,
    exact: bool,
}

impl Shape {
    /// Whether it is a parameter of the shape.
    fn read(&mut self, name: &str, value: &str) -> Result<bool, Problem> {
        match name {
            "format" => {
                self.format = Format::parse(value)
                    .ok_or_else(|| Problem::parameter(name, "it is none of json, ndjson and csv"))?;
            }
            "exact" => {
                self.exact =
                    value.parse().map_err(|_| Problem::parameter(name, "it is neither true nor false"))?;
            }
            _ => return Ok(false),
        }
        Ok(true)
    }
}

fn read_value(value: Value) -> Result<Parameter, &'static str> {
    Ok(match value {
        Value::Null => Parameter::Null,
        Value::Bool(flag) => Parameter::Integer(i64::from(flag)),
        Value::String(text) => Parameter::Text(text),
        Value::Number(number) => read_number(&number).ok_or("the number is too large")?,
        Value::Array(_) | Value::Object(_) => {
            return Err("it is no single value; json_each takes JSON as a text");
        }
    })
}

fn read_number(number: &Number) -> Option<Parameter> {
    if let Some(integer) = number.as_i64() {
        return Some(Parameter::Integer(integer));
    }
    number.as_f64().filter(|real| real.is_finite()).map(Parameter::Real)
}
