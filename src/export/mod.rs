//! Whole views into files for warehouses: CSV, NDJSON, Parquet; in constant memory, and a file is there as a whole
//! or not at all.
//!
//! Deliberately not here: what may be read (`store::foreign`), and how text formats look (`output`).

mod error;
#[cfg(feature = "parquet")]
mod parquet;
mod parted;
mod target;
mod writer;

use std::io::Write;

use clap::ValueEnum;

pub use error::ExportError;
pub use target::{Folder, Single};

use crate::instant::UtcInstant;
use crate::store::Access;
use crate::store::foreign::{Cell, ForeignReader, ForeignStatement, Parameter, PublicView};
use writer::Writer;

/// How an export is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ExportFormat {
    /// RFC 4180 with a header line; NULL is an empty field; no text that a spreadsheet would run
    Csv,
    /// An object a line
    Ndjson,
    /// Columns with types: instants, dates, booleans; the feed's `seq` in its metadata
    Parquet,
}

impl ExportFormat {
    /// The end of its files' names.
    #[must_use]
    pub fn extension(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Ndjson => "ndjson",
            Self::Parquet => "parquet",
        }
    }
}

/// Whether CSV's text may be run by a spreadsheet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CsvText {
    /// It gets a `'` where it could.
    Guarded,
    /// It is as it is, for programs.
    Exact,
}

/// What is exported.
#[derive(Clone, Debug)]
pub struct Order {
    /// From where.
    pub view: &'static PublicView,
    /// As whom the reader sees it.
    pub access: Access,
    /// As what.
    pub format: ExportFormat,
    /// What becomes of text in CSV.
    pub text: CsvText,
    /// From when on, as the view's column has it.
    pub since: Option<String>,
    /// When it was ordered: told in files that can hold it.
    pub at: UtcInstant,
}

impl Order {
    /// Writes all of it to one place; gives the number of rows. `told` hears of it every few thousand rows.
    ///
    /// # Errors
    /// When the view can't be read, or `out` can't be written to.
    pub fn write(
        &self,
        reader: &ForeignReader,
        out: impl Write + Send,
        told: impl Fn(u64),
    ) -> Result<u64, ExportError> {
        let mut statement = self.compile(reader, &self.view.select(self.since.as_deref()))?;
        let columns = statement.columns().to_vec();
        let mut writer = Writer::begin(self, reader.seq(), &columns, out)?;
        let mut count = 0;
        let mut rows = statement.rows();
        while let Some(row) = rows.next_row()? {
            writer.row(row.cells())?;
            count += 1;
            tell(count, &told);
        }
        writer.finish()?;
        Ok(count)
    }

    /// Writes it into a folder, day by day; gives the number of rows.
    ///
    /// # Errors
    /// When the view has no days or can't be read, or the folder can't be written to.
    pub fn write_by_day(
        &self,
        reader: &ForeignReader,
        folder: &Folder,
        told: impl Fn(u64),
    ) -> Result<u64, ExportError> {
        parted::write(self, reader, folder, told)
    }

    fn compile<'r>(&self, reader: &'r ForeignReader, sql: &str) -> Result<ForeignStatement<'r>, ExportError> {
        let mut statement = reader.prepare(sql)?;
        let since = self.since.clone().map(Parameter::Text);
        statement.bind(since.iter().map(|value| ("since", value)))?;
        Ok(statement)
    }
}

fn tell(count: u64, told: &impl Fn(u64)) {
    const ROWS_BETWEEN: u64 = 4096;
    if count.is_multiple_of(ROWS_BETWEEN) {
        told(count);
    }
}
