//! Rows as Parquet: typed columns, in row groups of bounded size.

mod column;

use std::io::{self, Write};
use std::sync::Arc;

use parquet::basic::Compression;
use parquet::errors::ParquetError;
use parquet::file::metadata::KeyValue;
use parquet::file::properties::WriterProperties;
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::parser::parse_message_type;

use crate::store::Access;
use crate::store::foreign::Cell;
use column::Column;

/// Rows are kept until there are so many, or so many bytes of them.
const GROUP_ROWS: usize = 100_000;
const GROUP_BYTES: usize = 32 << 20;

pub(in crate::export) struct Writer<W: Write + Send> {
    file: SerializedFileWriter<W>,
    columns: Vec<Column>,
    rows: usize,
    bytes: usize,
}

impl<W: Write + Send> Writer<W> {
    /// `told` goes into the file's metadata.
    pub(in crate::export) fn begin(
        names: &[String],
        access: Access,
        told: &[(&str, String)],
        out: W,
    ) -> io::Result<Self> {
        let columns: Vec<Column> = names.iter().map(|name| Column::of(name, access)).collect();
        let declared: String =
            names.iter().zip(&columns).map(|(name, column)| column.declaration(name)).collect();
        let schema = parse_message_type(&format!("message mirror {{ {declared} }}")).map_err(plain)?;
        let told = told.iter().map(|(key, value)| KeyValue::new((*key).to_owned(), value.clone())).collect();
        let properties = WriterProperties::builder()
            .set_compression(Compression::SNAPPY)
            .set_created_by(concat!("coupontools-mirror ", env!("CARGO_PKG_VERSION")).into())
            .set_key_value_metadata(Some(told))
            .build();
        let file = SerializedFileWriter::new(out, Arc::new(schema), Arc::new(properties)).map_err(plain)?;
        Ok(Self { file, columns, rows: 0, bytes: 0 })
    }

    pub(in crate::export) fn row<'a>(&mut self, cells: impl Iterator<Item = Cell<'a>>) -> io::Result<()> {
        for (column, cell) in self.columns.iter_mut().zip(cells) {
            self.bytes += column.push(cell);
        }
        self.rows += 1;
        if self.rows >= GROUP_ROWS || self.bytes >= GROUP_BYTES {
            self.end_group().map_err(plain)?;
        }
        Ok(())
    }

    pub(in crate::export) fn finish(mut self) -> io::Result<()> {
        if self.rows > 0 {
            self.end_group().map_err(plain)?;
        }
        self.file.finish().map_err(plain)?;
        self.file.inner_mut().flush()
    }

    fn end_group(&mut self) -> Result<(), ParquetError> {
        let mut group = self.file.next_row_group()?;
        for column in &mut self.columns {
            if let Some(mut writer) = group.next_column()? {
                column.write(&mut writer)?;
                writer.close()?;
            }
        }
        group.close()?;
        self.rows = 0;
        self.bytes = 0;
        Ok(())
    }
}

/// The library wraps what the writer below it said; it is wanted as it was.
fn plain(error: ParquetError) -> io::Error {
    match error {
        ParquetError::External(error) => match error.downcast::<io::Error>() {
            Ok(error) => *error,
            Err(error) => io::Error::other(error),
        },
        other => io::Error::other(other),
    }
}
