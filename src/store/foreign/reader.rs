//! The connection, a statement on it, and its rows one after another.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use chrono_tz::Tz;
use rusqlite::{Connection, Row, Rows, Statement};

use super::authorizer::{authorize_full, authorize_masked};
use super::moment::Moment;
use super::names::{Names, find_refused_word};
use super::{Cell, ForeignError, Parameter, SQL_BYTES_MAX, connection, memory};
use crate::store::access::Access;

/// SQLite's own instructions between two looks at the clock and at memory: each may make a long value.
const INSTRUCTIONS_BETWEEN_LOOKS: i32 = 100;

/// A connection that can only read, and reads one moment: whatever is written meanwhile, its
/// statements don't see.
#[derive(Debug)]
pub struct ForeignReader {
    connection: Connection,
    /// What a masked reader may name.
    names: Option<Names>,
    moment: Moment,
    is_too_large: Arc<AtomicBool>,
}

/// One reading statement, compiled.
#[derive(Debug)]
pub struct ForeignStatement<'a> {
    statement: Statement<'a>,
    columns: Vec<String>,
    is_too_large: Arc<AtomicBool>,
}

/// Its rows, one after another.
pub struct ForeignRows<'a> {
    rows: Rows<'a>,
    columns: usize,
    is_too_large: Arc<AtomicBool>,
}

/// One row, until the next is asked for.
#[derive(Clone, Copy)]
pub struct ForeignRow<'a> {
    row: &'a Row<'a>,
    columns: usize,
}

impl ForeignReader {
    /// Opens the file for reading. `should_stop` is asked every fraction of a millisecond while a
    /// statement runs; true ends it with [`ForeignError::Stopped`].
    ///
    /// # Errors
    /// When there is no such file, it can't be opened, or it is no database.
    pub fn open(
        path: &Path,
        access: Access,
        should_stop: impl FnMut() -> bool + Send + 'static,
    ) -> Result<Self, ForeignError> {
        let of_file = |error: rusqlite::Error| ForeignError::of_file(&error, path.into());
        let connection = connection::open(path, access)?;
        connection.execute_batch("BEGIN").map_err(of_file)?;
        let moment = Moment::find(&connection).map_err(of_file)?;
        let names = match access {
            Access::Full => None,
            Access::Masked => Some(Names::of(&connection).map_err(of_file)?),
        };
        let is_too_large = Arc::new(AtomicBool::new(false));
        let is_over = or_too_large(should_stop, Arc::clone(&is_too_large));
        connection.progress_handler(INSTRUCTIONS_BETWEEN_LOOKS, Some(is_over)).map_err(of_file)?;
        match access {
            Access::Full => connection.authorizer(Some(authorize_full)),
            Access::Masked => connection.authorizer(Some(authorize_masked)),
        }
        .map_err(of_file)?;
        Ok(Self { connection, names, moment, is_too_large })
    }

    /// The last change that this reader's moment knows: whoever follows the feed goes on after it.
    #[must_use]
    pub fn seq(&self) -> i64 {
        self.moment.seq
    }

    /// The zone of the file's local days.
    #[must_use]
    pub fn time_zone(&self) -> Tz {
        self.moment.time_zone
    }

    /// Compiles a statement, if it is one and only reads.
    ///
    /// # Errors
    /// When it is not, or doesn't fit the mirror.
    pub fn prepare(&self, sql: &str) -> Result<ForeignStatement<'_>, ForeignError> {
        if sql.len() > SQL_BYTES_MAX {
            return Err(ForeignError::TooLong);
        }
        if sql.contains('\0') {
            return Err(ForeignError::Sql("it holds a NUL character".into()));
        }
        if let Some(names) = &self.names {
            if let Some(word) = find_refused_word(sql) {
                return Err(ForeignError::NotShown(format!("masked readers may not use the word {word}")));
            }
            names.check(sql).map_err(|error| ForeignError::of_statement(&error))?;
        }
        let statement = self.connection.prepare(sql).map_err(|error| ForeignError::of_statement(&error))?;
        if statement.expanded_sql().is_none_or(|text| text.is_empty()) {
            return Err(ForeignError::Empty);
        }
        if !statement.readonly() || statement.column_count() == 0 {
            return Err(ForeignError::NotReading);
        }
        // It would show the masked views' own text, and what indexes there are.
        if self.names.is_some() && statement.is_explain() != 0 {
            return Err(ForeignError::NotShown("EXPLAIN is not for masked readers".into()));
        }
        let columns = statement.column_names().into_iter().map(Into::into).collect();
        Ok(ForeignStatement { statement, columns, is_too_large: Arc::clone(&self.is_too_large) })
    }
}

/// Stops also what takes too much memory, and remembers that it did.
fn or_too_large(
    mut should_stop: impl FnMut() -> bool + Send + 'static,
    is_too_large: Arc<AtomicBool>,
) -> impl FnMut() -> bool + Send + 'static {
    move || {
        if memory::is_used_up() {
            is_too_large.store(true, Ordering::Relaxed);
            return true;
        }
        should_stop()
    }
}

impl ForeignStatement<'_> {
    /// Gives the statement's parameters their values, by name without the `:`, `@` or `$` before it.
    ///
    /// # Errors
    /// When one has no name or no value, or a value has no parameter.
    pub fn bind<'p>(
        &mut self,
        values: impl IntoIterator<Item = (&'p str, &'p Parameter)>,
    ) -> Result<(), ForeignError> {
        let mut unbound = std::collections::BTreeMap::new();
        for index in 1..=self.statement.parameter_count() {
            let name = self.statement.parameter_name(index).unwrap_or_default();
            // `?1` has a name, too: its number.
            let name = name.trim_start_matches([':', '@', '$', '?']);
            if name.is_empty() || name.starts_with(|c: char| c.is_ascii_digit()) {
                return Err(ForeignError::UnnamedParameter);
            }
            unbound.entry(name.to_owned()).or_insert_with(Vec::new).push(index);
        }
        for (name, value) in values {
            let Some(indexes) = unbound.remove(name) else {
                return Err(ForeignError::NoSuchParameter(name.into()));
            };
            for index in indexes {
                self.statement
                    .raw_bind_parameter(index, value)
                    .map_err(|error| ForeignError::of_statement(&error))?;
            }
        }
        unbound.into_keys().next().map_or(Ok(()), |name| Err(ForeignError::UnboundParameter(name)))
    }

    /// The columns' names, in order; two may be equal.
    #[must_use]
    pub fn columns(&self) -> &[String] {
        &self.columns
    }

    /// Starts it.
    pub fn rows(&mut self) -> ForeignRows<'_> {
        let is_too_large = Arc::clone(&self.is_too_large);
        ForeignRows { rows: self.statement.raw_query(), columns: self.columns.len(), is_too_large }
    }
}

impl ForeignRows<'_> {
    /// The next row, if there is one.
    ///
    /// # Errors
    /// When the statement fails on its way, or is stopped.
    pub fn next_row(&mut self) -> Result<Option<ForeignRow<'_>>, ForeignError> {
        let row = self.rows.next().map_err(|error| match ForeignError::of_rows(&error) {
            ForeignError::Stopped if self.is_too_large.load(Ordering::Relaxed) => ForeignError::TooLarge,
            error => error,
        })?;
        Ok(row.map(|row| ForeignRow { row, columns: self.columns }))
    }
}

impl<'a> ForeignRow<'a> {
    /// Its values, in the columns' order.
    pub fn cells(self) -> impl Iterator<Item = Cell<'a>> {
        (0..self.columns).map(move |column| self.row.get_ref(column).map_or(Cell::Null, Cell::from))
    }
}
