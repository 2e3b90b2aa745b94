//! Rows as a table for people: as wide as the terminal, numbers to the right, a batch at a time.

use std::io::{self, IsTerminal, Write};

use comfy_table::{
    Attribute, Cell as Shown, CellAlignment, ColumnConstraint, ContentArrangement, LineStyle, Table,
    TableStyle,
};

use super::number::{write_hex, write_real_text};
use super::text::visible;
use crate::logging::no_color;
use crate::store::foreign::Cell;

/// Rows that share their columns' widths, and a header.
const BATCH_ROWS: usize = 1000;
/// Bytes of cells that a batch holds at most: rows may be long.
const BATCH_BYTES: usize = 4 << 20;
/// A column that needs more may be broken, but not below this.
const COLUMN_WIDTH_FAIR: usize = 14;
/// What stands around a cell.
const PADDING: usize = 3;
/// What is shown of one cell.
const CELL_CHARACTERS_MAX: usize = 2000;

/// A line under the header, and nothing else that would have to be cut away when it is pasted.
const STYLE: TableStyle = TableStyle::new().header_separator(LineStyle::none().fill('─').junction('─'));

/// On which side a column's text stands, and whether it may be broken where the terminal is narrow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Align {
    /// Words that stay whole.
    Left,
    /// To the left, broken where there is no room.
    Wrapped,
    /// Numbers.
    Right,
}

/// An empty table in the house's style, for whole tables that a command makes.
#[must_use]
pub fn table(columns: &[(&str, Align)]) -> Table {
    let mut table = styled(columns.iter().map(|(name, _)| Shown::new(name)).collect());
    for (column, (_, align)) in table.column_iter_mut().zip(columns) {
        if *align != Align::Wrapped {
            column.set_constraint(ColumnConstraint::ContentWidth);
        }
        if *align == Align::Right {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    table
}

pub(super) struct Rows<W> {
    out: W,
    columns: Vec<String>,
    batch: Table,
    batch_rows: usize,
    batch_bytes: usize,
    /// Rows told one by one, since they are too wide for a table.
    rows_told: u64,
    is_begun: bool,
    is_colored: bool,
}

impl<W: Write> Rows<W> {
    pub(super) fn begin(columns: &[String], out: W) -> Self {
        let columns: Vec<String> = columns.iter().map(|name| visible(name).into_owned()).collect();
        let batch = header(&columns);
        let is_colored = io::stdout().is_terminal() && !no_color();
        Self { out, columns, batch, batch_rows: 0, batch_bytes: 0, rows_told: 0, is_begun: false, is_colored }
    }

    pub(super) fn row<'a>(&mut self, cells: impl Iterator<Item = Cell<'a>>) -> io::Result<()> {
        let row = cells.map(|cell| self.show(cell)).collect::<io::Result<Vec<_>>>()?;
        self.batch_bytes += row.iter().map(|cell| cell.content().len()).sum::<usize>();
        self.batch.add_row(row);
        self.batch_rows += 1;
        if self.batch_rows >= BATCH_ROWS || self.batch_bytes >= BATCH_BYTES {
            self.end_batch()?;
        }
        Ok(())
    }

    pub(super) fn finish(mut self) -> io::Result<()> {
        if self.batch_rows > 0 || !self.is_begun {
            self.end_batch()?;
        }
        self.out.flush()
    }

    fn end_batch(&mut self) -> io::Result<()> {
        let batch = std::mem::replace(&mut self.batch, header(&self.columns));
        self.batch_rows = 0;
        self.batch_bytes = 0;
        self.is_begun = true;
        if !is_too_wide(&batch) {
            return writeln!(self.out, "{}", batch.trim_fmt());
        }
        for row in batch.row_iter() {
            self.rows_told += 1;
            let values = row.cell_iter().map(|cell| cell.content());
            writeln!(self.out, "── {} ──\n{}", self.rows_told, record(&self.columns, values).trim_fmt())?;
        }
        Ok(())
    }

    fn show(&self, cell: Cell<'_>) -> io::Result<Shown> {
        let mut number = Vec::new();
        match cell {
            Cell::Null if self.is_colored => return Ok(Shown::new("null").add_attribute(Attribute::Dim)),
            Cell::Null => return Ok(Shown::new("")),
            Cell::Text(text) => return Ok(Shown::new(shortened(&visible(&String::from_utf8_lossy(text))))),
            Cell::Blob(bytes) => {
                write_hex(&mut number, &bytes[..bytes.len().min(CELL_CHARACTERS_MAX)])?;
                return Ok(Shown::new(shortened(&String::from_utf8_lossy(&number))));
            }
            Cell::Integer(integer) => write!(number, "{integer}")?,
            Cell::Real(real) => write_real_text(&mut number, real)?,
        }
        Ok(Shown::new(String::from_utf8_lossy(&number)).set_alignment(CellAlignment::Right))
    }
}

/// Whether the terminal would break most columns into slivers.
fn is_too_wide(batch: &Table) -> bool {
    let widths = batch.column_max_content_widths();
    let needed: usize = widths.iter().map(|width| usize::from(*width).min(COLUMN_WIDTH_FAIR) + PADDING).sum();
    batch.width().is_some_and(|width| needed > usize::from(width))
}

/// One row, a line a column.
fn record(columns: &[String], values: impl Iterator<Item = String>) -> Table {
    let mut table = Table::new();
    table.load_style(TableStyle::new()).set_content_arrangement(ContentArrangement::Dynamic);
    for (name, value) in columns.iter().zip(values) {
        table.add_row([name.as_str(), &value]);
    }
    if let Some(names) = table.column_mut(0) {
        names.set_constraint(ColumnConstraint::ContentWidth);
    }
    table
}

fn header(columns: &[String]) -> Table {
    styled(columns.iter().map(Shown::new).collect())
}

fn styled(header: Vec<Shown>) -> Table {
    let mut table = Table::new();
    table.load_style(STYLE).set_content_arrangement(ContentArrangement::Dynamic);
    table.set_header(header);
    table
}

fn shortened(text: &str) -> String {
    match text.char_indices().nth(CELL_CHARACTERS_MAX) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.into(),
    }
}
