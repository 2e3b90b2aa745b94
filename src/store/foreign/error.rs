//! Why a foreign statement was not run, or not to its end.

use std::path::PathBuf;
use std::sync::LazyLock;

use rusqlite::ErrorCode;
use thiserror::Error;

use super::PublicView;
use super::limits::VALUE_BYTES_MAX;

/// Why a foreign statement was not run, or not to its end. SQLite's own words may quote the statement, which its
/// author knows; what may be a row's is cut off.
#[derive(Debug, Error)]
pub enum ForeignError {
    /// No mirror was ever written here.
    #[error("cannot open {}: there is no such file", path.display())]
    Missing {
        /// Where it was looked for.
        path: PathBuf,
    },
    /// It is there and can't be opened.
    #[error("cannot open {}: {cause}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        cause: String,
    },
    /// Its content is damaged.
    #[error("cannot read {}: it is damaged", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
    },
    /// It is something else.
    #[error("cannot open {}: it is no SQLite database", path.display())]
    NotADatabase {
        /// The file.
        path: PathBuf,
    },
    /// There is no statement in it.
    #[error("cannot run the statement: it is empty")]
    Empty,
    /// There are several in it.
    #[error("cannot run the statement: it is more than one")]
    Several,
    /// It is longer than [`super::SQL_BYTES_MAX`].
    #[error("cannot run the statement: it has more than {} bytes", super::SQL_BYTES_MAX)]
    TooLong,
    /// It would do something else than read.
    #[error("cannot run the statement: it does something else than read")]
    NotReading,
    /// It reads or calls what a masked reader may not.
    #[error("cannot run the statement: {0}")]
    NotShown(String),
    /// It has a parameter that is a bare `?`, or a number.
    #[error("cannot run the statement: a parameter has no name")]
    UnnamedParameter,
    /// It has a parameter of this name, and nobody gave its value.
    #[error("cannot run the statement: the parameter {0} has no value")]
    UnboundParameter(String),
    /// It has no parameter of this name.
    #[error("cannot run the statement: it has no parameter {0}")]
    NoSuchParameter(String),
    /// It names no table, view or column of the mirror.
    #[error("cannot run the statement: {0}")]
    NoSuchName(String),
    /// SQLite can't make sense of it, or failed on the way.
    #[error("cannot run the statement: {0}")]
    Sql(String),
    /// The file or the machine failed, not the statement.
    #[error("cannot read the mirror: {0}")]
    Failed(&'static str),
    /// Somebody else held the file for too long.
    #[error("cannot read the mirror: somebody else keeps it locked")]
    Locked,
    /// It collects more than there is room for.
    #[error("cannot finish the statement: it takes too much memory")]
    TooLarge,
    /// The caller asked for it to end.
    #[error("cannot finish the statement: it was stopped")]
    Stopped,
}

impl ForeignError {
    /// What whoever asked can do.
    #[must_use]
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Missing { .. } => {
                "run `coupontools-mirror sync` first, or name the file: --database FILE or COUPONTOOLS_MIRROR_DATABASE"
            }
            Self::Unreadable { .. } => {
                "who reads needs read permission on the file and on its -wal and -shm, and must be able to enter the \
                 folder; where -wal and -shm don't exist, the daemon has to be running"
            }
            Self::Damaged { .. } => "restore a copy of it; `check` tells more",
            Self::NotADatabase { .. } => "name the mirror's file: --database FILE",
            Self::Empty => "try \"SELECT * FROM sync_status\"",
            Self::Several => "give one SELECT at a time",
            Self::TooLong => "load the values that it lists into a database of your own, and join there",
            Self::NotReading => {
                "the mirror is read-only here: start the statement with SELECT, WITH, VALUES or EXPLAIN"
            }
            Self::NotShown(_) => "that is for readers who may see everything",
            Self::UnnamedParameter | Self::UnboundParameter(_) | Self::NoSuchParameter(_) => {
                "write the values into the statement, text in single quotes"
            }
            Self::NoSuchName(_) => {
                static HINT: LazyLock<String> = LazyLock::new(|| {
                    let names: Vec<_> = PublicView::names().collect();
                    format!("there are {}; text belongs in single quotes", names.join(", "))
                });
                &HINT
            }
            Self::Sql(_) => "the mirror speaks SQLite's SQL: https://sqlite.org/lang_select.html",
            Self::Failed(_) => "see whether the disk has room and works; `check` tells more",
            Self::Locked => "try again; close other tools that hold the file",
            Self::TooLarge => "select rows instead of collecting them into one value, or ask for less",
            Self::Stopped => "raise --timeout, or ask for less",
        }
    }

    /// Whether another statement would do: the file, the machine and the time are not to blame.
    #[must_use]
    pub fn is_of_statement(&self) -> bool {
        !matches!(
            self,
            Self::Missing { .. }
                | Self::Unreadable { .. }
                | Self::Damaged { .. }
                | Self::NotADatabase { .. }
                | Self::Failed(_)
                | Self::Locked
                | Self::TooLarge
                | Self::Stopped
        )
    }

    /// Of a statement.
    pub(super) fn of_statement(error: &rusqlite::Error) -> Self {
        if let rusqlite::Error::MultipleStatement = error {
            return Self::Several;
        }
        match error.sqlite_error_code() {
            Some(ErrorCode::AuthorizationForStatementDenied) => {
                let words = words(error);
                // "access to registration.email is prohibited", "not authorized to use function: …"
                let is_refused = words.starts_with("access to") || words.starts_with("not authorized to");
                if is_refused { Self::NotShown(words) } else { Self::NotReading }
            }
            Some(ErrorCode::ReadOnly) => Self::NotReading,
            Some(ErrorCode::OperationInterrupted) => Self::Stopped,
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Self::Locked,
            Some(ErrorCode::TooBig) => {
                Self::Sql(format!("a value is longer than {} MiB", VALUE_BYTES_MAX >> 20))
            }
            Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => Self::Failed("it is damaged"),
            Some(ErrorCode::DiskFull) => Self::Failed("the disk is full"),
            Some(ErrorCode::SystemIoFailure) => Self::Failed("the disk does not give it"),
            Some(ErrorCode::OutOfMemory) => Self::Failed("there is no memory left"),
            Some(ErrorCode::CannotOpen) => Self::Failed("it can't be opened"),
            _ => {
                let words = words(error);
                if words.starts_with("no such") { Self::NoSuchName(words) } else { Self::Sql(words) }
            }
        }
    }

    /// Of a statement that runs. What SQLite says then may quote a value ("bad JSON path: '…'"): it is cut off
    /// there.
    pub(super) fn of_rows(error: &rusqlite::Error) -> Self {
        match Self::of_statement(error) {
            Self::Sql(words) | Self::NoSuchName(words) => {
                let told = words.split([':', '\'', '"']).next().unwrap_or_default().trim();
                Self::Sql(told.to_owned())
            }
            other => other,
        }
    }

    /// Of opening, or of the first look at, a file.
    pub(super) fn of_file(error: &rusqlite::Error, path: PathBuf) -> Self {
        match error.sqlite_error_code() {
            Some(ErrorCode::NotADatabase) => Self::NotADatabase { path },
            Some(ErrorCode::DatabaseCorrupt) => Self::Damaged { path },
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Self::Locked,
            _ => Self::Unreadable { path, cause: words(error) },
        }
    }
}

fn words(error: &rusqlite::Error) -> String {
    match error {
        rusqlite::Error::SqliteFailure(_, Some(message)) => message.clone(),
        other => other.to_string(),
    }
}
