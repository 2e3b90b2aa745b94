//! How the file is, for `check`: who writes it, and whether SQLite finds it whole. Changes nothing.

use std::path::Path;

use rusqlite::{Connection, ErrorCode, OpenFlags};

use super::error::OpenError;
use super::{lock, open, setting};

/// SQLite's own instructions between two looks at the clock.
const INSTRUCTIONS_BETWEEN_LOOKS: i32 = 100_000;

/// How the file is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Health {
    /// Whether another process has it open for writing.
    pub is_written: bool,
    /// Its process number, where its lock tells.
    pub writer_pid: Option<u32>,
    /// What SQLite says of its content.
    pub content: Content,
    /// Something erased may still stand in its bytes: a wipe was not finished.
    pub is_unwiped: bool,
    /// The masks' key does not recognise everybody who was erased: it is another one than then.
    pub is_erased_unrecognised: bool,
}

/// What `PRAGMA quick_check` says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Content {
    /// It found nothing.
    Sound,
    /// It found something.
    Damaged,
    /// It was stopped before its end, and had found nothing.
    Unfinished,
}

/// Looks at a file that is there. `should_stop` is asked all along and ends the look at the content.
///
/// # Errors
/// When it can't be read, or is not one that this version reads.
pub fn look_at(path: &Path, should_stop: impl FnMut() -> bool + Send + 'static) -> Result<Health, OpenError> {
    let (is_written, writer_pid) = lock::find_writer(path);
    open::check_readable(path)?;
    let failed = |error: rusqlite::Error| OpenError::from_rusqlite(path.into(), &error);
    let connection = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY).map_err(failed)?;
    connection.progress_handler(INSTRUCTIONS_BETWEEN_LOOKS, Some(should_stop)).map_err(failed)?;
    let checked = connection.query_row("PRAGMA quick_check(1)", [], |row| row.get::<_, String>(0));
    let content = match checked {
        Ok(word) if word == "ok" => Content::Sound,
        Ok(_) => Content::Damaged,
        Err(error) => match error.sqlite_error_code() {
            Some(ErrorCode::OperationInterrupted) => Content::Unfinished,
            Some(ErrorCode::DatabaseCorrupt) => Content::Damaged,
            _ => return Err(failed(error)),
        },
    };
    // A file that is damaged may not tell.
    let has = |name| matches!(setting::find(&connection, name), Ok(Some(_)));
    Ok(Health {
        is_written,
        writer_pid,
        content,
        is_unwiped: has(setting::UNWIPED_SINCE),
        is_erased_unrecognised: has(setting::ERASED_KEY_IDS),
    })
}

/// Which key the file's masks were made with; nothing where it does not tell.
pub(super) fn find_masking_key_id(path: &Path) -> Option<String> {
    let connection = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY).ok()?;
    setting::find(&connection, setting::MASKING_KEY_ID).ok().flatten()
}
