//! Keeps the log (`-wal`) and its index (`-shm`) beside the file while other connections of this process
//! open and close it: SQLite's last connection takes both away, and who may not write the folder could
//! not read the file until somebody writes again.

use std::path::Path;
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags, ffi};

/// So often a reader asks again that was refused while the log's index was made anew, and waits before it.
const TRIES_MAX: u32 = 100;
const TRY_AGAIN_AFTER: Duration = Duration::from_millis(5);

/// The first connection of a process that writes; let go of once the writer's is open.
#[derive(Debug)]
pub(super) struct Keeper {
    connection: Connection,
}

/// Whoever closes this connection last leaves the log and its index where they are.
pub(super) fn keep_log(connection: &Connection) -> rusqlite::Result<()> {
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true).map(|_| ())
}

/// A reader's first look at the file. The first who opens it to write makes the log's index anew: for less
/// than a millisecond, who may not write that index is told that recovery would need to, and waits in vain
/// for no lock. So it is asked again.
pub(super) fn read_first<T>(mut read: impl FnMut() -> rusqlite::Result<T>) -> rusqlite::Result<T> {
    for _ in 1..TRIES_MAX {
        match read() {
            Err(rusqlite::Error::SqliteFailure(code, _))
                if code.extended_code == ffi::SQLITE_READONLY_RECOVERY =>
            {
                std::thread::sleep(TRY_AGAIN_AFTER);
            }
            result => return result,
        }
    }
    read()
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

#[cfg(test)]
mod tests {
    use super::*;

    fn failure(code: i32) -> rusqlite::Error {
        rusqlite::Error::SqliteFailure(ffi::Error::new(code), None)
    }

    #[test]
    fn a_reader_that_comes_while_the_index_is_made_anew_asks_again_and_any_other_does_not() {
        let mut asked = 0;
        let mut ask = |fails: u32, code| {
            asked = 0;
            let read = || {
                asked += 1;
                if asked <= fails { Err(failure(code)) } else { Ok(asked) }
            };
            (read_first(read).ok(), asked)
        };
        assert_eq!(ask(2, ffi::SQLITE_READONLY_RECOVERY), (Some(3), 3));
        assert_eq!(ask(1, ffi::SQLITE_READONLY_DIRECTORY), (None, 1));
        assert_eq!(ask(u32::MAX, ffi::SQLITE_READONLY_RECOVERY), (None, TRIES_MAX));
    }
}
