//! What can be wrong with a report, or with what it is asked.

use thiserror::Error;

use crate::store::foreign::ForeignError;

/// A report's file can't be read.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{file}{}: {cause}", line.map(|line| format!(", line {line}")).unwrap_or_default())]
pub struct HeaderError {
    /// The file's name, without its folder.
    pub file: String,
    /// Counted from 1; none where it is not about a line.
    pub line: Option<usize>,
    /// What is wrong.
    pub cause: String,
}

/// A report can't be run.
#[derive(Debug, Error)]
pub enum ReportError {
    /// There is none of this name.
    #[error("cannot find the report {name}: there is none of this name")]
    Unknown {
        /// What was asked for.
        name: String,
    },
    /// Its file can't be read.
    #[error("cannot read the report {name}: {cause}")]
    Broken {
        /// The report.
        name: String,
        /// Why.
        cause: HeaderError,
    },
    /// A value was given to a parameter that it has not.
    #[error("cannot run the report {name}: it has no parameter {parameter}")]
    UnknownParameter {
        /// The report.
        name: String,
        /// What was given.
        parameter: String,
        /// Those that it has.
        known: Vec<String>,
    },
    /// A parameter without a default was given no value, or two.
    #[error("cannot run the report {name}: the parameter {parameter} {cause}")]
    Value {
        /// The report.
        name: String,
        /// The parameter.
        parameter: String,
        /// What is wrong: continues the sentence, and holds nothing of the value.
        cause: &'static str,
    },
    /// Its chart is of a column that its rows have not.
    #[error("cannot run the report {name}: its chart needs the column {column}, which its rows have not")]
    ChartColumn {
        /// The report.
        name: String,
        /// The column.
        column: String,
    },
    /// The mirror refused its statement.
    #[error("cannot run the report {name}: {}", cause_of(cause))]
    Statement {
        /// The report.
        name: String,
        /// Why.
        cause: ForeignError,
    },
}

impl ReportError {
    /// What can be done about it.
    #[must_use]
    pub fn hint(&self) -> String {
        match self {
            Self::Unknown { .. } => "`coupontools-mirror report` lists what there is".into(),
            Self::Broken { .. } => "correct its file; the README shows what a header looks like".into(),
            Self::UnknownParameter { known, .. } if known.is_empty() => "it takes none".into(),
            Self::UnknownParameter { known, .. } => format!("it takes {}", known.join(", ")),
            Self::Value { .. } => "`coupontools-mirror report` lists parameters and their defaults".into(),
            Self::ChartColumn { .. } => "name a column of its rows in its header's chart line".into(),
            Self::Statement { cause, .. } => match cause {
                ForeignError::UnboundParameter(parameter) => {
                    format!("add a header line: -- parameter: {parameter} text")
                }
                ForeignError::NoSuchParameter(parameter) => {
                    format!(
                        "take the header's parameter {parameter} away, or use :{parameter} in the statement"
                    )
                }
                _ => "correct its file; `query` tells more of a statement".into(),
            },
        }
    }
}

/// What was wrong, without what could not be done.
fn cause_of(error: &ForeignError) -> String {
    let text = error.to_string();
    text.split_once("cannot run the statement: ").map_or(text.clone(), |(_, cause)| cause.into())
}
