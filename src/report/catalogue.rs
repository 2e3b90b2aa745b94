//! Reports as programs are told of them: `reports.json`, `report --json`.

use serde::Serialize;
use serde_json::Value;

use super::{Chart, Entry, Kind, Listing, Parameter};
use crate::store::foreign::{self, ForeignReader};

/// All reports.
#[derive(Clone, Debug, Serialize)]
pub struct Catalogue {
    /// By name.
    pub reports: Vec<ReportSummary>,
}

/// One report.
#[derive(Clone, Debug, Serialize)]
pub struct ReportSummary {
    /// What it is asked for by.
    pub name: String,
    /// For people.
    pub title: String,
    /// For people.
    pub description: String,
    /// In the order in which people are asked for them.
    pub parameters: Vec<ParameterSummary>,
    /// How its rows are drawn.
    pub chart: Option<Chart>,
    /// Why it can't be run; null where it can.
    pub error: Option<String>,
}

/// One parameter.
#[derive(Clone, Debug, Serialize)]
pub struct ParameterSummary {
    /// What it is given by.
    pub name: String,
    /// Which values it takes.
    #[serde(rename = "type")]
    pub kind: Kind,
    /// What it is when nobody says.
    pub default: Value,
    /// Whether somebody must say.
    pub required: bool,
    /// For people.
    pub description: String,
}

impl Catalogue {
    /// Of what there is; with a reader, also of what compiles.
    #[must_use]
    pub fn of(listing: &Listing, reader: Option<&ForeignReader>) -> Self {
        Self { reports: listing.entries.iter().map(|entry| ReportSummary::of(entry, reader)).collect() }
    }
}

impl ReportSummary {
    fn of(entry: &Entry, reader: Option<&ForeignReader>) -> Self {
        match &entry.report {
            Ok(report) => Self {
                name: report.name.clone(),
                title: report.title.clone(),
                description: report.description.clone(),
                parameters: report.parameters.iter().map(ParameterSummary::of).collect(),
                chart: report.chart.clone(),
                error: reader.and_then(|reader| report.check(reader).err()).map(|error| error.to_string()),
            },
            Err(error) => Self {
                name: entry.name.clone(),
                title: entry.name.clone(),
                description: String::new(),
                parameters: Vec::new(),
                chart: None,
                error: Some(entry.broken(error).to_string()),
            },
        }
    }
}

impl ParameterSummary {
    fn of(parameter: &Parameter) -> Self {
        Self {
            name: parameter.name.clone(),
            kind: parameter.kind,
            default: match &parameter.default {
                None | Some(foreign::Parameter::Null) => Value::Null,
                Some(foreign::Parameter::Integer(number)) => (*number).into(),
                // `0`, as it stands in the header, and not `0.0`.
                Some(foreign::Parameter::Real(number)) => number.to_string().parse().unwrap_or_default(),
                Some(foreign::Parameter::Text(text)) => text.as_str().into(),
            },
            required: parameter.default.is_none(),
            description: parameter.description.clone(),
        }
    }
}
