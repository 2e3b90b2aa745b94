//! A connection that only reads, before it is known what it may read.

use std::path::Path;
use std::time::Duration;

use rusqlite::{Connection, OpenFlags};

use super::{ForeignError, function, limits, masking};
use crate::store::access::Access;
use crate::store::keeper::read_first;

/// A reader waits only for recovery after a crash and for tools that lock the whole file.
const BUSY_TIMEOUT: Duration = Duration::from_secs(2);

/// Opens the file for reading, with the public views as that access sees them. Nothing is refused
/// yet: whoever opens it sets an authorizer.
///
/// # Errors
/// When there is no such file, it can't be opened, or it is no database.
pub(in crate::store) fn open(path: &Path, access: Access) -> Result<Connection, ForeignError> {
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
    let look = || connection.query_row("SELECT count(*) FROM sqlite_schema", [], |_| Ok(()));
    read_first(look).map_err(of_file)?;
    function::add(&connection).map_err(of_file)?;
    if access == Access::Masked {
        // Anybody on the machine may be one: what they sort counts as memory, which has a limit, and fills
        // no disk.
        connection.pragma_update(None, "temp_store", "MEMORY").map_err(of_file)?;
        masking::make_views(&connection).map_err(of_file)?;
    }
    connection.pragma_update(None, "query_only", true).map_err(of_file)?;
    connection.pragma_update(None, "trusted_schema", false).map_err(of_file)?;
    limits::set(&connection).map_err(of_file)?;
    Ok(connection)
}
