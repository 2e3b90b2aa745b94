//! Rows as CSV (RFC 4180, `\n` at line ends).
//!
//! For people, text that a spreadsheet would run is made plain text (`formula`); programs may have it as it is.

use std::io::{self, Write};

use super::formula::guarded;
use super::number::{write_hex, write_real_text};
use crate::store::foreign::Cell;

const BUFFER_BYTES: usize = 64 << 10;

/// What is done with text.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Text {
    Guarded,
    Exact,
}

pub(super) struct Rows<W: Write> {
    out: csv::Writer<W>,
    text: Text,
    number: Vec<u8>,
}

impl<W: Write> Rows<W> {
    pub(super) fn begin(text: Text, columns: &[String], out: W) -> io::Result<Self> {
        let mut rows = Self {
            out: csv::WriterBuilder::new().buffer_capacity(BUFFER_BYTES).from_writer(out),
            text,
            number: Vec::new(),
        };
        rows.row(columns.iter().map(|name| Cell::Text(name.as_bytes())))?;
        Ok(rows)
    }

    pub(super) fn row<'a>(&mut self, cells: impl Iterator<Item = Cell<'a>>) -> io::Result<()> {
        for cell in cells {
            self.number.clear();
            match cell {
                Cell::Null => {}
                Cell::Text(text) => {
                    match self.text {
                        Text::Guarded => self.out.write_field(guarded(text)).map_err(plain)?,
                        Text::Exact => self.out.write_field(text).map_err(plain)?,
                    }
                    continue;
                }
                Cell::Integer(number) => write!(self.number, "{number}")?,
                Cell::Real(number) => write_real_text(&mut self.number, number)?,
                Cell::Blob(bytes) => write_hex(&mut self.number, bytes)?,
            }
            self.out.write_field(&self.number).map_err(plain)?;
        }
        self.out.write_record(None::<&[u8]>).map_err(plain)
    }

    pub(super) fn finish(mut self) -> io::Result<()> {
        self.out.flush()
    }
}

/// The library wraps what the writer below it said; it is wanted as it was.
fn plain(error: csv::Error) -> io::Error {
    match error.into_kind() {
        csv::ErrorKind::Io(error) => error,
        other => io::Error::other(format!("{other:?}")),
    }
}
