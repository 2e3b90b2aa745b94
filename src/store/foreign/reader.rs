//! The connection, a statement on it, and its rows one after another.

use std::path::Path;
use std::time::Duration;

use rusqlite::{Connection, OpenFlags, Row, Rows, Statement};

use super::authorizer::authorize;
use super::{Cell, ForeignError, SQL_BYTES_MAX, limits};

/// A reader waits only for recovery after a crash and for tools that lock the whole file.
const BUSY_TIMEOUT: Duration = Duration::from_secs(2);
/// SQLite's own instructions between two looks at the clock: well under a millisecond.
const INSTRUCTIONS_BETWEEN_LOOKS: i32 = 10_000;

/// A connection that can only read.
#[derive(Debug)]
pub struct ForeignReader {
    connection: Connection,
}

/// One reading statement, compiled.
#[derive(Debug)]
pub struct ForeignStatement<'a> {
    statement: Statement<'a>,
    columns: Vec<String>,
}

/// Its rows, one after another.
pub struct ForeignRows<'a> {
    rows: Rows<'a>,
    columns: usize,
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
        should_stop: impl FnMut() -> bool + Send + 'static,
    ) -> Result<Self, ForeignError> {
        let of_file = |error: rusqlite::Error| ForeignError::of_file(&error, path.into());
        match path.metadata() {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                return Err(ForeignError::Missing { path: path.into() });
            }
            Err(error) => {
                return Err(ForeignError::Unreadable { path: path.into(), cause: error.to_string() });
            }
            Ok(metadata) if !metadata.is_file() => {
                return Err(ForeignError::Unreadable { path: path.into(), cause: "it is no file".into() });
            }
            Ok(_) => {}
        }
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(path, flags).map_err(of_file)?;
        connection.busy_timeout(BUSY_TIMEOUT).map_err(of_file)?;
        connection.pragma_update(None, "query_only", true).map_err(of_file)?;
        connection.pragma_update(None, "trusted_schema", false).map_err(of_file)?;
        connection.query_row("SELECT count(*) FROM sqlite_schema", [], |_| Ok(())).map_err(of_file)?;
        limits::set(&connection).map_err(of_file)?;
        connection.progress_handler(INSTRUCTIONS_BETWEEN_LOOKS, Some(should_stop)).map_err(of_file)?;
        connection.authorizer(Some(authorize)).map_err(of_file)?;
        Ok(Self { connection })
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
        let statement = self.connection.prepare(sql).map_err(|error| ForeignError::of_statement(&error))?;
        if statement.expanded_sql().is_none_or(|text| text.is_empty()) {
            return Err(ForeignError::Empty);
        }
        if !statement.readonly() || statement.column_count() == 0 {
            return Err(ForeignError::NotReading);
        }
        if statement.parameter_count() > 0 {
            return Err(ForeignError::HasParameters);
        }
        let columns = statement.column_names().into_iter().map(Into::into).collect();
        Ok(ForeignStatement { statement, columns })
    }
}

impl ForeignStatement<'_> {
    /// The columns' names, in order; two may be equal.
    #[must_use]
    pub fn columns(&self) -> &[String] {
        &self.columns
    }

    /// Starts it.
    pub fn rows(&mut self) -> ForeignRows<'_> {
        ForeignRows { rows: self.statement.raw_query(), columns: self.columns.len() }
    }
}

impl ForeignRows<'_> {
    /// The next row, if there is one.
    ///
    /// # Errors
    /// When the statement fails on its way, or is stopped.
    pub fn next_row(&mut self) -> Result<Option<ForeignRow<'_>>, ForeignError> {
        let row = self.rows.next().map_err(|error| ForeignError::of_statement(&error))?;
        Ok(row.map(|row| ForeignRow { row, columns: self.columns }))
    }
}

impl<'a> ForeignRow<'a> {
    /// Its values, in the columns' order.
    pub fn cells(self) -> impl Iterator<Item = Cell<'a>> {
        (0..self.columns).map(move |column| self.row.get_ref(column).map_or(Cell::Null, Cell::from))
    }
}
