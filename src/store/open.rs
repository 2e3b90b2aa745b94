//! From a path to a file that is surely ours, whole enough to begin with, and up to date.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::{Connection, OpenFlags, OptionalExtension};
use sqlx::migrate::{MigrateError, Migrator};
use sqlx::sqlite::{SqliteConnectOptions, SqlitePool, SqlitePoolOptions};
use sqlx::{ConnectOptions, Connection as _};

use super::error::OpenError;
use super::keeper::{Keeper, read_first};
use super::lock::Lock;

/// The schema, built into the program.
pub(super) static MIGRATOR: Migrator = sqlx::migrate!("./migrations");

/// "CTMi": what tells our files from other programs'. Set by the first migration.
pub(super) const APPLICATION_ID: i64 = 1_129_598_313;

/// What every SQLite file that is not empty begins with.
pub(super) const MAGIC: &[u8; 16] = b"SQLite format 3\0";

/// Connections that read at the same time.
const READERS_MAX: u32 = 2;

/// Locks the file for writing, makes it if it is not there, and sees that it is ours and writable.
pub(super) fn prepare(path: &Path) -> Result<(Lock, Keeper), OpenError> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    if folder.is_some_and(|folder| !folder.exists()) {
        return Err(OpenError::NoFolder { path: path.into() });
    }
    check_magic(path)?;
    let lock = Lock::take(path)?;
    let failed = |error: rusqlite::Error| OpenError::from_rusqlite(path.into(), &error);
    let keeper = Keeper::open(path).map_err(failed)?;
    if let Err(error) = check_ours(path, keeper.connection()) {
        keeper.leave_as_it_was();
        return Err(error);
    }
    if newest_applied(keeper.connection()).map_err(failed)? > newest_known() {
        return Err(OpenError::NewerVersion { path: path.into() });
    }
    // A file that may not be written opens without an error, for reading.
    if keeper.connection().is_readonly(rusqlite::MAIN_DB).map_err(failed)? {
        return Err(OpenError::NotPermitted {
            path: path.into(),
            reason: "it may not be written".to_owned(),
        });
    }
    keeper.begin().map_err(failed)?;
    Ok((lock, keeper))
}

/// Sees that a file can be read and has the schema that this program reads.
pub(super) fn check_readable(path: &Path) -> Result<(), OpenError> {
    // Looked at and not opened: this process may have it open, and closing any handle of a file lets go of
    // SQLite's locks on it in the whole process. Whoever then closes it last takes the log away.
    match find_length(path)? {
        None => return Err(OpenError::NoFile { path: path.into() }),
        Some(0) => return Err(OpenError::OlderVersion { path: path.into() }),
        Some(_) => {}
    }
    let failed = |error: rusqlite::Error| OpenError::from_rusqlite(path.into(), &error);
    let connection = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY).map_err(failed)?;
    check_ours(path, &connection)?;
    // A short text, which SQLite takes for an empty database.
    if connection.query_row("PRAGMA page_count", [], |row| row.get::<_, i64>(0)).map_err(failed)? == 0 {
        return Err(OpenError::NotADatabase { path: path.into() });
    }
    match newest_applied(&connection).map_err(failed)?.cmp(&newest_known()) {
        std::cmp::Ordering::Less => Err(OpenError::OlderVersion { path: path.into() }),
        std::cmp::Ordering::Equal => Ok(()),
        std::cmp::Ordering::Greater => Err(OpenError::NewerVersion { path: path.into() }),
    }
}

/// The length of the file, if it is there. Looked at before it is opened: opening a pipe waits for its
/// other end, a device may do anything.
fn find_length(path: &Path) -> Result<Option<u64>, OpenError> {
    match path.metadata() {
        Ok(metadata) if metadata.is_file() => Ok(Some(metadata.len())),
        Ok(_) => Err(OpenError::NotADatabase { path: path.into() }),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(unreadable(path, &error)),
    }
}

/// SQLite itself would take a short text file for an empty database, or find out late. Not to be asked in
/// a process that has the database open.
fn check_magic(path: &Path) -> Result<(), OpenError> {
    let failed = |error: io::Error| unreadable(path, &error);
    if find_length(path)?.is_none() {
        return Ok(());
    }
    let file = File::open(path).map_err(failed)?;
    let mut start = Vec::with_capacity(MAGIC.len());
    file.take(MAGIC.len() as u64).read_to_end(&mut start).map_err(failed)?;
    if start.is_empty() || start == MAGIC {
        Ok(())
    } else {
        Err(OpenError::NotADatabase { path: path.into() })
    }
}

fn unreadable(path: &Path, error: &io::Error) -> OpenError {
    let (path, reason) = (path.into(), error.to_string());
    match error.kind() {
        io::ErrorKind::PermissionDenied => OpenError::NotPermitted { path, reason },
        _ => OpenError::Failed { path, reason },
    }
}

pub(super) fn check_ours(path: &Path, connection: &Connection) -> Result<(), OpenError> {
    let failed = |error: rusqlite::Error| OpenError::from_rusqlite(path.into(), &error);
    let find_id = || connection.query_row("PRAGMA application_id", [], |row| row.get::<_, i64>(0));
    let id = read_first(find_id).map_err(failed)?;
    let tables: i64 = connection
        .query_row(
            // Litestream may have been there first, and makes tables of its own.
            r"SELECT count(*) FROM sqlite_schema
             WHERE name NOT LIKE 'sqlite%' AND name NOT LIKE '\_litestream\_%' ESCAPE '\'
                 AND name <> '_sqlx_migrations'",
            [],
            |row| row.get(0),
        )
        .map_err(failed)?;
    if id == APPLICATION_ID || id == 0 && tables == 0 {
        Ok(())
    } else {
        Err(OpenError::NotOurs { path: path.into() })
    }
}

pub(super) fn newest_known() -> i64 {
    MIGRATOR.iter().map(|migration| migration.version).max().unwrap_or(0)
}

pub(super) fn newest_applied(connection: &Connection) -> rusqlite::Result<i64> {
    let is_there = connection
        .query_row("SELECT 1 FROM sqlite_schema WHERE name = '_sqlx_migrations'", [], |_| Ok(()))
        .optional()?;
    if is_there.is_none() {
        return Ok(0);
    }
    connection.query_row("SELECT coalesce(max(version), 0) FROM _sqlx_migrations", [], |row| row.get(0))
}

/// Brings the file's schema up to date: by all migrations that it lacks, or by none. They are one
/// transaction, each a savepoint in it.
pub(super) async fn migrate(path: &Path) -> Result<(), OpenError> {
    let failed = |error: sqlx::Error| OpenError::from_sqlx(path.into(), &error);
    let options = SqliteConnectOptions::new().filename(path).disable_statement_logging();
    let mut connection = options.connect().await.map_err(failed)?;
    let mut transaction = connection.begin_with("BEGIN IMMEDIATE").await.map_err(failed)?;
    MIGRATOR.run(&mut *transaction).await.map_err(|error| match error {
        MigrateError::ExecuteMigration(error, version) => {
            OpenError::of_migration(path.into(), version, &error)
        }
        MigrateError::Execute(error) => failed(error),
        MigrateError::VersionMissing(_) | MigrateError::VersionMismatch(_) => {
            OpenError::NewerVersion { path: path.into() }
        }
        other => OpenError::Failed { path: path.into(), reason: other.to_string() },
    })?;
    transaction.commit().await.map_err(failed)?;
    connection.close().await.map_err(failed)
}

/// Connections that only read, made as they are needed.
pub(super) async fn open_readers(path: PathBuf) -> Result<SqlitePool, OpenError> {
    let options = SqliteConnectOptions::new()
        .filename(&path)
        .read_only(true)
        .statement_cache_capacity(16)
        .row_buffer_size(128)
        .pragma("cache_size", "-256") // KiB: a look-up's rows lie side by side
        .thread_name(|n| format!("store-reader-{n}"))
        .disable_statement_logging();
    SqlitePoolOptions::new()
        .max_connections(READERS_MAX)
        .min_connections(0)
        .idle_timeout(Duration::from_secs(60))
        .test_before_acquire(false)
        .connect_with(options)
        .await
        .map_err(|error| OpenError::from_sqlx(path, &error))
}
