//! A connection that writes beside whichever process mirrors: for what is small, and durable on its own.

use std::fs::File;
use std::io;
use std::path::Path;
use std::time::Duration;

use rusqlite::{Connection, OpenFlags};

use super::error::OpenError;
use super::keeper::keep_log;
use super::mask::Masks;
use super::{beside_lock, key, open};

/// How long another process' transaction is waited for: a walk's are short.
pub(super) const BUSY_WAIT: Duration = Duration::from_secs(30);

/// What is needed to write beside the daemon.
pub(super) struct Beside {
    pub connection: Connection,
    /// What people are hashed with.
    pub masks: Masks,
    /// No restore puts another file in its place meanwhile.
    pub no_restore: File,
}

/// Opens the mirror at `path`, and the masks that its people are hashed with.
///
/// # Errors
/// When the file is not there, not of this version, may not be written, or is being restored, or the masks' key is
/// not the one that it was masked with.
pub(super) fn open(path: &Path, key_file: Option<&Path>) -> Result<Beside, OpenError> {
    open::check_readable(path)?;
    // From before the file is opened: what is opened is what has the name, until it is let go of.
    let no_restore = beside_lock::keep_restore_out(path).map_err(|error| match error.kind() {
        io::ErrorKind::WouldBlock => OpenError::Restored { path: path.into() },
        _ => OpenError::NotPermitted { path: path.into(), reason: format!("its lock for restores: {error}") },
    })?;
    let masks = Masks::new(&key::load_of_database(path, key_file)?);
    let failed = |error: rusqlite::Error| OpenError::from_rusqlite(path.into(), &error);
    let connection = connect(path).map_err(failed)?;
    if connection.is_readonly(rusqlite::MAIN_DB).map_err(failed)? {
        let reason = "it may not be written".to_owned();
        return Err(OpenError::NotPermitted { path: path.into(), reason });
    }
    Ok(Beside { connection, masks, no_restore })
}

/// Connects to a file that was opened so before.
pub(super) fn connect(path: &Path) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    keep_log(&connection)?;
    connection.busy_timeout(BUSY_WAIT)?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    // What is overwritten is overwritten with zeros.
    connection.pragma_update(None, "secure_delete", "ON")?;
    Ok(connection)
}
