//! Reports: SQL files with a header, built in or the operator's own.
//!
//! A report is one reading statement with named, typed parameters. This module knows which there are, what
//! their headers say and how text becomes a parameter's value. Deliberately not here: how a report is run
//! (`store::foreign`, whose readers compile it) and how its rows are shown.

mod built_in;
mod catalogue;
mod chart;
mod error;
mod header;
mod library;
mod parameter;

pub use catalogue::{Catalogue, ParameterSummary, ReportSummary};
pub use chart::{Chart, ChartKind};
pub use error::{HeaderError, ReportError};
pub use library::{Entry, Library, Listing};
pub use parameter::{Kind, Parameter, Values};

use crate::store::foreign::{ForeignReader, ForeignStatement};

/// One report, as its file says.
#[derive(Clone, Debug, PartialEq)]
pub struct Report {
    /// The file's name without `.sql`.
    pub name: String,
    /// For people; the name where the header has none.
    pub title: String,
    /// For people; may be empty.
    pub description: String,
    /// In the header's order.
    pub parameters: Vec<Parameter>,
    /// How its rows are drawn.
    pub chart: Option<Chart>,
    /// The statement, header included.
    pub sql: String,
}

impl Report {
    /// Reads a report's file.
    ///
    /// # Errors
    /// When its header can't be understood.
    pub fn parse(name: &str, sql: &str) -> Result<Self, HeaderError> {
        header::parse(name, sql)
    }

    /// Compiles the statement over a mirror, and gives its parameters their values.
    ///
    /// # Errors
    /// When it is no reading statement over this mirror, or it doesn't fit its own header.
    pub fn compile<'r>(
        &self,
        reader: &'r ForeignReader,
        values: &Values,
    ) -> Result<ForeignStatement<'r>, ReportError> {
        let failed = |cause| ReportError::Statement { name: self.name.clone(), cause };
        let mut statement = reader.prepare(&self.sql).map_err(failed)?;
        statement.bind(values.iter()).map_err(failed)?;
        let drawn = self.chart.iter().flat_map(Chart::columns);
        for column in drawn {
            if !statement.columns().iter().any(|name| name == column) {
                return Err(ReportError::ChartColumn { name: self.name.clone(), column: column.into() });
            }
        }
        Ok(statement)
    }

    /// Whether it compiles, whatever its parameters' values are.
    ///
    /// # Errors
    /// As [`Report::compile`].
    pub fn check(&self, reader: &ForeignReader) -> Result<(), ReportError> {
        self.compile(reader, &Values::nothing(&self.parameters)).map(drop)
    }
}
