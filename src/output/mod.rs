//! Rows for people and programs: a table, CSV, JSON, NDJSON; one row in memory at a time, or a
//! screenful where columns need their widths.
//!
//! Deliberately not here: where rows come from. Everything that a command says on stdout goes
//! through [`stdout`], so that a reader who leaves (`| head`) is no error.

mod csv;
mod formula;
mod json;
mod number;
mod stdout;
mod table;
mod text;

use std::io::{self, Write};

use clap::ValueEnum;

use crate::store::foreign::Cell;

pub use stdout::{Stdout, is_gone, print, stdout};
pub use table::{Align, table};
pub use text::visible;

/// How rows are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum RowFormat {
    /// For people: as wide as the terminal.
    #[default]
    Table,
    /// RFC 4180 with a header line; NULL is an empty field; no text that a spreadsheet would run.
    Csv,
    /// One array of objects.
    Json,
    /// An object a line.
    Ndjson,
    /// CSV whose text is as it is, for programs.
    #[value(skip)]
    CsvExact,
    /// One object, `{"columns":[…],"rows":[[…],…]}`.
    #[value(skip)]
    JsonColumns,
}

impl RowFormat {
    /// The same for programs, which run no cell.
    #[must_use]
    pub fn exact(self) -> Self {
        if self == Self::Csv { Self::CsvExact } else { self }
    }
}

/// Writes rows of one shape. [`RowWriter::finish`] ends what was begun.
pub struct RowWriter<W: Write>(Inner<W>);

enum Inner<W: Write> {
    Csv(Box<csv::Rows<W>>),
    Json(json::Rows<W>),
    Table(Box<table::Rows<W>>),
}

impl<W: Write> RowWriter<W> {
    /// Writes what stands before the first row.
    ///
    /// # Errors
    /// When `out` can't be written to.
    pub fn begin(format: RowFormat, columns: &[String], out: W) -> io::Result<Self> {
        Ok(Self(match format {
            RowFormat::Csv => Inner::Csv(Box::new(csv::Rows::begin(csv::Text::Guarded, columns, out)?)),
            RowFormat::CsvExact => Inner::Csv(Box::new(csv::Rows::begin(csv::Text::Exact, columns, out)?)),
            RowFormat::Json => Inner::Json(json::Rows::begin(json::Shape::Array, columns, out)?),
            RowFormat::Ndjson => Inner::Json(json::Rows::begin(json::Shape::Lines, columns, out)?),
            RowFormat::JsonColumns => Inner::Json(json::Rows::begin(json::Shape::Columns, columns, out)?),
            RowFormat::Table => Inner::Table(Box::new(table::Rows::begin(columns, out))),
        }))
    }

    /// Writes a row: as many cells as there are columns.
    ///
    /// # Errors
    /// When `out` can't be written to.
    pub fn row<'a>(&mut self, cells: impl Iterator<Item = Cell<'a>>) -> io::Result<()> {
        match &mut self.0 {
            Inner::Csv(rows) => rows.row(cells),
            Inner::Json(rows) => rows.row(cells),
            Inner::Table(rows) => rows.row(cells),
        }
    }

    /// Writes what stands after the last row, and flushes.
    ///
    /// # Errors
    /// When `out` can't be written to.
    pub fn finish(self) -> io::Result<()> {
        match self.0 {
            Inner::Csv(rows) => rows.finish(),
            Inner::Json(rows) => rows.finish(),
            Inner::Table(rows) => rows.finish(),
        }
    }
}
