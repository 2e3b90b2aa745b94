//! One file's rows, whatever its format.

use std::io::{self, Write};

#[cfg(feature = "parquet")]
use super::parquet;
use super::{CsvText, ExportError, ExportFormat, Order};
use crate::output::{RowFormat, RowWriter};
use crate::store::foreign::Cell;

pub(super) enum Writer<W: Write + Send> {
    Text(Box<RowWriter<W>>),
    #[cfg(feature = "parquet")]
    Parquet(Box<parquet::Writer<W>>),
}

impl<W: Write + Send> Writer<W> {
    pub(super) fn begin(order: &Order, seq: i64, columns: &[String], out: W) -> Result<Self, ExportError> {
        let format = match (order.format, order.text) {
            (ExportFormat::Csv, CsvText::Guarded) => RowFormat::Csv,
            (ExportFormat::Csv, CsvText::Exact) => RowFormat::CsvExact,
            (ExportFormat::Ndjson, _) => RowFormat::Ndjson,
            (ExportFormat::Parquet, _) => return Self::begin_parquet(order, seq, columns, out),
        };
        Ok(Self::Text(Box::new(RowWriter::begin(format, columns, out)?)))
    }

    #[cfg(feature = "parquet")]
    fn begin_parquet(order: &Order, seq: i64, columns: &[String], out: W) -> Result<Self, ExportError> {
        let told = [
            ("coupontools_mirror.seq", seq.to_string()),
            ("coupontools_mirror.view", order.view.name.to_owned()),
            ("coupontools_mirror.access", order.access.as_str().to_owned()),
            ("coupontools_mirror.created_at", order.at.to_string()),
        ];
        Ok(Self::Parquet(Box::new(parquet::Writer::begin(columns, order.access, &told, out)?)))
    }

    #[cfg(not(feature = "parquet"))]
    fn begin_parquet(_order: &Order, _seq: i64, _columns: &[String], _out: W) -> Result<Self, ExportError> {
        Err(ExportError::NoParquet)
    }

    pub(super) fn row<'a>(&mut self, cells: impl Iterator<Item = Cell<'a>>) -> io::Result<()> {
        match self {
            Self::Text(rows) => rows.row(cells),
            #[cfg(feature = "parquet")]
            Self::Parquet(rows) => rows.row(cells),
        }
    }

    pub(super) fn finish(self) -> io::Result<()> {
        match self {
            Self::Text(rows) => rows.finish(),
            #[cfg(feature = "parquet")]
            Self::Parquet(rows) => rows.finish(),
        }
    }
}
