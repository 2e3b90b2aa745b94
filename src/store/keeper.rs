//! Keeps the log (`-wal`) and its index (`-shm`) beside the file while other connections of this process
//! open and close it: SQLite's last connection takes both away, and who may not write the folder could
//! not read the file until somebody writes again.

use std::path::Path;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};

/// The first connection of a process that writes; let go of once the writer's is open.
#[derive(Debug)]
pub(super) struct Keeper {
    connection: Connection,
}

/// Whoever closes this connection last leaves the log and its index where they are.
pub(super) fn keep_log(connection: &Connection) -> rusqlite::Result<()> {
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true).map(|_| ())
}

impl Keeper {
    pub(super) fn open(path: &Path) -> rusqlite::Result<Self> {
        let connection = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
        keep_log(&connection)?;
        Ok(Self { connection })
    }

    pub(super) fn connection(&self) -> &Connection {
        &self.connection
    }

    /// Sees that there is a log, from now on.
    pub(super) fn begin(&self) -> rusqlite::Result<()> {
        self.connection.pragma_update_and_check(None, "journal_mode", "WAL", |_| Ok(()))?;
        self.connection.query_row("SELECT count(*) FROM sqlite_schema", [], |_| Ok(()))
    }

    /// The file is another program's: its log is that program's business.
    pub(super) fn leave_as_it_was(self) {
        let _ = self.connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, false);
    }
}
