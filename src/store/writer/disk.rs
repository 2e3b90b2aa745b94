//! The writer's connection. A transaction begins with the first write and not before: a save that
//! finds nothing to write takes no lock and costs no disk.

use std::cell::{Cell, RefCell};
use std::path::Path;
use std::time::Duration;

use rusqlite::{CachedStatement, Connection, OpenFlags, OptionalExtension, Params, Row};

use super::log::{Cut, Held, Length};
use super::statement;
use crate::store::error::StoreError;
use crate::store::keeper::keep_log;

/// How long another program's write lock is waited for.
const BUSY_WAIT: Duration = Duration::from_secs(10);

/// How long readers of a long log are waited for while walks wait, too.
const CUT_WAIT: Duration = Duration::from_millis(250);

/// Statements kept prepared: more than there are.
const STATEMENTS_KEPT: usize = 64;

/// Rows written that make the log long: some ten megabytes.
const BACKLOG_ROWS: u64 = 8_000;

#[derive(Debug)]
pub(super) struct Disk {
    connection: Connection,
    is_writing: Cell<bool>,
    changes: Cell<u64>,
    /// Of these, how many are surely in the file and not in its log alone.
    caught_up: Cell<u64>,
    length: RefCell<Length>,
    held: Held,
}

impl Disk {
    /// Opens the migrated file. Checkpoints are rare (they cost most of a load), caches small.
    pub(super) fn open(path: &Path, held: Held) -> rusqlite::Result<Self> {
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(path, flags)?;
        keep_log(&connection)?;
        connection.busy_timeout(BUSY_WAIT)?;
        connection.set_prepared_statement_cache_capacity(STATEMENTS_KEPT);
        connection.pragma_update(None, "synchronous", "NORMAL")?;
        connection.pragma_update(None, "wal_autocheckpoint", 20_000)?; // pages: 80 MB
        connection.pragma_update(None, "cache_size", -8_192)?; // KiB
        connection.pragma_update(None, "mmap_size", 0)?;
        // Values that a row had before don't stay in its page; pages that are freed cost nothing.
        connection.pragma_update(None, "secure_delete", "FAST")?;
        Ok(Self {
            connection,
            is_writing: Cell::new(false),
            changes: Cell::new(0),
            caught_up: Cell::new(0),
            length: RefCell::new(Length::of(path)),
            held,
        })
    }

    pub(super) fn connection(&self) -> &Connection {
        &self.connection
    }

    /// How many rows were written so far.
    pub(super) fn changes(&self) -> u64 {
        self.changes.get()
    }

    /// A statement that reads.
    pub(super) fn read(&self, sql: &'static str) -> Result<CachedStatement<'_>, StoreError> {
        Ok(self.connection.prepare_cached(sql)?)
    }

    /// A statement that writes; what it changes is told to `count`.
    pub(super) fn write(&self, sql: &'static str) -> Result<CachedStatement<'_>, StoreError> {
        if !self.is_writing.get() {
            self.connection.prepare_cached("BEGIN IMMEDIATE")?.execute([])?;
            self.is_writing.set(true);
        }
        Ok(self.connection.prepare_cached(sql)?)
    }

    /// Adds to `changes`.
    pub(super) fn count(&self, changes: usize) {
        self.changes.set(self.changes.get() + changes as u64);
    }

    /// Writes by one statement; how many rows it changed.
    pub(super) fn execute(&self, sql: &'static str, params: impl Params) -> Result<usize, StoreError> {
        let changes = self.write(sql)?.execute(params)?;
        self.count(changes);
        Ok(changes)
    }

    /// The one row that a statement reads.
    pub(super) fn find<T>(
        &self,
        sql: &'static str,
        params: impl Params,
        read: impl FnOnce(&Row<'_>) -> rusqlite::Result<T>,
    ) -> Result<Option<T>, StoreError> {
        Ok(self.read(sql)?.query_row(params, read).optional()?)
    }

    /// What the file says of itself under a name.
    pub(super) fn find_setting(&self, name: &str) -> Result<Option<String>, StoreError> {
        self.find(statement::FIND_SETTING, [name], |row| row.get(0))
    }

    /// The keys that a statement reads in its first column.
    pub(super) fn each_key(
        &self,
        sql: &'static str,
        params: impl Params,
        mut take: impl FnMut(i64),
    ) -> Result<(), StoreError> {
        let mut statement = self.read(sql)?;
        let mut rows = statement.query(params)?;
        while let Some(row) = rows.next()? {
            take(row.get(0)?);
        }
        Ok(())
    }

    /// Makes durable what was written, if anything was.
    pub(super) fn commit(&self) -> Result<(), StoreError> {
        if self.is_writing.get() {
            self.connection.prepare_cached("COMMIT")?.execute([])?;
            self.is_writing.set(false);
        }
        Ok(())
    }

    /// Undoes what was written since the last commit. SQLite may have done so by itself.
    pub(super) fn roll_back(&self) {
        if !self.connection.is_autocommit() {
            let _ = self.connection.execute_batch("ROLLBACK");
        }
        self.is_writing.set(false);
    }

    /// Whether the log is long.
    pub(super) fn has_backlog(&self) -> bool {
        self.changes.get() - self.caught_up.get() >= BACKLOG_ROWS
    }

    /// A moment without a job: the log goes into the file as far as readers let it.
    pub(super) fn catch_up(&self) {
        self.caught_up.set(self.changes.get());
        // What it can't do now the next one does.
        let _ = self.connection.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |_| Ok(()));
    }

    /// A log that has become long is cut as soon as its readers let go for a moment: where readers follow
    /// each other without a gap, SQLite itself never finds one.
    pub(super) fn cut_if_long(&self) {
        if self.length.borrow_mut().wants_cut() {
            // What it can't do now the next one does.
            let _ = self.cut(CUT_WAIT);
        }
    }

    /// Nothing to do for now: the write-ahead log goes into the file, unless a reader is in the way,
    /// and memory goes back.
    pub(super) fn rest(&self) -> rusqlite::Result<Cut> {
        self.caught_up.set(self.changes.get());
        let cut = self.cut(Duration::ZERO)?;
        self.connection.release_memory()?;
        Ok(cut)
    }

    /// Puts the log into the file and empties it, unless readers are in the way for longer than `wait`.
    pub(super) fn cut(&self, wait: Duration) -> rusqlite::Result<Cut> {
        self.connection.busy_timeout(wait)?;
        let is_busy: rusqlite::Result<bool> =
            self.connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get(0));
        self.connection.busy_timeout(BUSY_WAIT)?;
        let cut = if is_busy? { Cut::Held } else { Cut::Done };
        self.held.set(cut);
        Ok(cut)
    }
}
