//! One column: its type, by its name, and its values until they are written.

use chrono::{Datelike, NaiveDate};
use parquet::data_type::{BoolType, ByteArray, ByteArrayType, Int32Type, Int64Type};
use parquet::errors::ParquetError;
use parquet::file::writer::SerializedColumnWriter;

use crate::instant::UtcInstant;
use crate::store::Access;
use crate::store::foreign::Cell;

/// What is kept for a value besides its text.
const VALUE_BYTES: usize = 12;
/// Days from the first of January of year 1 to that of 1970.
const EPOCH_DAYS: i32 = 719_163;

/// The columns that are no text; one that is not named here is.
const INSTANTS: &[&str] = &[
    "at",
    "changed_at",
    "finished_at",
    "first_seen_at",
    "last_complete_at",
    "last_full_at",
    "last_seen_at",
    "missing_since",
    "paid_until",
    "registered_at",
    "removed_at",
    "started_at",
];
const DAYS: &[&str] = &["birth_date", "day", "registered_on"];
/// A masked reader sees no more of it than the year.
const YEAR_IF_MASKED: &str = "birth_date";
const TRUTHS: &[&str] = &["blocked", "paid"];
const NUMBERS: &[&str] = &[
    "age_s",
    "created",
    "missing",
    "pages",
    "recovered",
    "registrations",
    "removed",
    "requests",
    "restored",
    "rows_read",
    "seq",
    "updated",
    "walk_id",
];

/// A column's values of the row group under way; those that are null, or are not what the column holds, are only
/// in `levels`.
pub(super) struct Column {
    levels: Vec<i16>,
    values: Values,
}

enum Values {
    Instant(Vec<i64>),
    Day(Vec<i32>),
    Truth(Vec<bool>),
    Number(Vec<i64>),
    /// One buffer for all of them, and where each ends.
    Text {
        bytes: Vec<u8>,
        ends: Vec<usize>,
    },
}

impl Column {
    /// The column of this name; every view means the same by it.
    pub(super) fn of(name: &str, access: Access) -> Self {
        let values = if access == Access::Masked && name == YEAR_IF_MASKED {
            Self::text()
        } else if INSTANTS.contains(&name) {
            Values::Instant(Vec::new())
        } else if DAYS.contains(&name) {
            Values::Day(Vec::new())
        } else if TRUTHS.contains(&name) {
            Values::Truth(Vec::new())
        } else if NUMBERS.contains(&name) {
            Values::Number(Vec::new())
        } else {
            Self::text()
        };
        Self { levels: Vec::new(), values }
    }

    fn text() -> Values {
        Values::Text { bytes: Vec::new(), ends: Vec::new() }
    }

    /// Its line in a schema.
    pub(super) fn declaration(&self, name: &str) -> String {
        let (physical, logical) = match self.values {
            Values::Instant(_) => ("INT64", " (TIMESTAMP(MICROS,true))"),
            Values::Day(_) => ("INT32", " (DATE)"),
            Values::Truth(_) => ("BOOLEAN", ""),
            Values::Number(_) => ("INT64", ""),
            Values::Text { .. } => ("BINARY", " (STRING)"),
        };
        format!("OPTIONAL {physical} {name}{logical}; ")
    }

    /// Adds a value; tells about how many bytes it takes.
    pub(super) fn push(&mut self, cell: Cell<'_>) -> usize {
        let mut bytes_added = VALUE_BYTES;
        let is_there = match (&mut self.values, cell) {
            (_, Cell::Null) => false,
            (Values::Instant(values), Cell::Text(text)) => keep(values, micros(text)),
            (Values::Day(values), Cell::Text(text)) => keep(values, days(text)),
            (Values::Truth(values), Cell::Integer(number @ 0..=1)) => keep(values, Some(number == 1)),
            (Values::Number(values), Cell::Integer(number)) => keep(values, Some(number)),
            (Values::Text { bytes, ends }, cell) => {
                let before = bytes.len();
                let is_there = push_text(bytes, cell);
                if is_there {
                    ends.push(bytes.len());
                }
                bytes_added += bytes.len() - before;
                is_there
            }
            _ => false,
        };
        self.levels.push(is_there.into());
        bytes_added
    }

    /// Writes what was added, and forgets it.
    pub(super) fn write(&mut self, writer: &mut SerializedColumnWriter<'_>) -> Result<(), ParquetError> {
        let levels = Some(&self.levels[..]);
        match &mut self.values {
            Values::Instant(values) | Values::Number(values) => {
                writer.typed::<Int64Type>().write_batch(values, levels, None)?;
                values.clear();
            }
            Values::Day(values) => {
                writer.typed::<Int32Type>().write_batch(values, levels, None)?;
                values.clear();
            }
            Values::Truth(values) => {
                writer.typed::<BoolType>().write_batch(values, levels, None)?;
                values.clear();
            }
            Values::Text { bytes, ends } => {
                let whole = ByteArray::from(std::mem::take(bytes));
                let mut start = 0;
                let mut texts = Vec::with_capacity(ends.len());
                for end in ends.drain(..) {
                    texts.push(whole.slice(start, end - start));
                    start = end;
                }
                writer.typed::<ByteArrayType>().write_batch(&texts, levels, None)?;
            }
        }
        self.levels.clear();
        Ok(())
    }
}

fn keep<T>(values: &mut Vec<T>, value: Option<T>) -> bool {
    let is_there = value.is_some();
    values.extend(value);
    is_there
}

fn micros(text: &[u8]) -> Option<i64> {
    UtcInstant::parse(str::from_utf8(text).ok()?)?.unix_s().checked_mul(1_000_000)
}

fn days(text: &[u8]) -> Option<i32> {
    let day = NaiveDate::parse_from_str(str::from_utf8(text).ok()?, "%Y-%m-%d").ok()?;
    Some(day.num_days_from_ce() - EPOCH_DAYS)
}

/// Text has to be UTF-8 here; a number in a column that no list names is written as text.
fn push_text(bytes: &mut Vec<u8>, cell: Cell<'_>) -> bool {
    match cell {
        Cell::Text(text) => bytes.extend_from_slice(String::from_utf8_lossy(text).as_bytes()),
        Cell::Integer(number) => bytes.extend_from_slice(number.to_string().as_bytes()),
        Cell::Real(number) => bytes.extend_from_slice(number.to_string().as_bytes()),
        Cell::Null | Cell::Blob(_) => return false,
    }
    true
}
