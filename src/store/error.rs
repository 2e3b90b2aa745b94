//! What can go wrong with the file, by what a caller does about it. No text here ever holds a value
//! of a row.

use std::path::PathBuf;

use rusqlite::ErrorCode;

/// Why the key that the database was masked with can't be had.
pub(super) const KEY_NOT_THERE: &str = "it is not there";
pub(super) const KEY_IS_ANOTHER: &str = "it is not the one that the database was masked with";

/// Why the file could not be opened.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OpenError {
    /// Another process writes it.
    #[error("cannot open the database {path}: another process{} uses it", of_pid(*pid))]
    Locked {
        /// The file.
        path: PathBuf,
        /// The other process, where its lock tells.
        pid: Option<u32>,
    },
    /// Another program than this one holds SQLite's lock on it, and did not let go of it.
    #[error("cannot open the database {path}: another program keeps it locked")]
    Busy {
        /// The file.
        path: PathBuf,
    },
    /// Another process puts a snapshot in its place.
    #[error("cannot open the database {path}: it is being restored")]
    Restored {
        /// The file.
        path: PathBuf,
    },
    /// There is nothing to read.
    #[error("cannot open the database {path}: there is no such file")]
    NoFile {
        /// The file.
        path: PathBuf,
    },
    /// Its folder is not there.
    #[error("cannot create the database {path}: its folder does not exist")]
    NoFolder {
        /// The file.
        path: PathBuf,
    },
    /// The file or its folder refuses to be read or written.
    #[error("cannot open the database {path}: {reason}")]
    NotPermitted {
        /// The file.
        path: PathBuf,
        /// The system's or SQLite's words.
        reason: String,
    },
    /// Something else than SQLite.
    #[error("cannot open the database {path}: it is not a SQLite file")]
    NotADatabase {
        /// The file.
        path: PathBuf,
    },
    /// SQLite, but another program's.
    #[error("cannot open the database {path}: it belongs to another program")]
    NotOurs {
        /// The file.
        path: PathBuf,
    },
    /// A newer or a different version of this program wrote it.
    #[error("cannot open the database {path}: another version of this program wrote it")]
    NewerVersion {
        /// The file.
        path: PathBuf,
    },
    /// An older version wrote it, and it is opened for reading only.
    #[error("cannot read the database {path}: an older version of this program wrote it")]
    OlderVersion {
        /// The file.
        path: PathBuf,
    },
    /// A migration failed; none was made.
    #[error("cannot bring the database {path} up to date: migration {version}: {reason}")]
    NotMigrated {
        /// The file.
        path: PathBuf,
        /// The migration's number.
        version: i64,
        /// SQLite's words.
        reason: String,
    },
    /// The key of the masks can't be read, or is none.
    #[error("cannot read the masking key {path}: {cause}")]
    KeyUnusable {
        /// The key's file.
        path: PathBuf,
        /// Why; never what it holds.
        cause: String,
    },
    /// The key of the masks is not there and can't be made.
    #[error("cannot make the masking key {path}: {reason}")]
    KeyNotMade {
        /// The key's file.
        path: PathBuf,
        /// The system's words.
        reason: String,
    },
    /// A migration is due, and the snapshot that is to be taken before it can't be.
    #[error("cannot take a snapshot of the database {path} before its migration: {reason}")]
    NoSnapshot {
        /// The file.
        path: PathBuf,
        /// Where the snapshot was to be.
        kept: PathBuf,
        /// Why not.
        reason: String,
    },
    /// No room.
    #[error("cannot open the database {path}: the disk is full")]
    Full {
        /// The file.
        path: PathBuf,
    },
    /// Its content is damaged.
    #[error("cannot open the database {path}: it is damaged")]
    Corrupt {
        /// The file.
        path: PathBuf,
    },
    /// Anything else.
    #[error("cannot open the database {path}: {reason}")]
    Failed {
        /// The file.
        path: PathBuf,
        /// The system's or SQLite's words.
        reason: String,
    },
}

fn of_pid(pid: Option<u32>) -> String {
    pid.map(|pid| format!(" (pid {pid})")).unwrap_or_default()
}

impl OpenError {
    /// What the operator can do.
    #[must_use]
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Locked { .. } => "stop the other process (systemctl stop coupontools-mirror), or use it",
            Self::Busy { .. } => "close the other program, or let it only read the file (sqlite3 -readonly)",
            Self::Restored { .. } => "run the same command again once that is over",
            Self::NoFile { .. } => "name the file with --database, or run `sync` once to make it",
            Self::NoFolder { .. } => "make the folder, or name another file with --database",
            Self::NotPermitted { .. } => {
                "run as the user whom the file and its folder belong to, or name another file with --database"
            }
            Self::NotADatabase { .. } | Self::NotOurs { .. } => "name another file with --database",
            Self::NewerVersion { .. } => "use the version of this program that wrote it, or a newer one",
            Self::OlderVersion { .. } => {
                "run `sync` or `run` once with this version: it brings the file up to date"
            }
            Self::NotMigrated { .. } => {
                "the file is as it was: go on with the version of this program that wrote it, and report this"
            }
            Self::KeyUnusable { cause, .. } if matches!(&**cause, KEY_NOT_THERE | KEY_IS_ANOTHER) => {
                "put a copy of that key in its place; by another one, which the next sync takes or makes, nobody is \
                 recognised who was erased or whose sends are past sends_days"
            }
            Self::KeyUnusable { .. } => {
                "let this user read it, or put a copy of the key in its place; only without one is a new key made, by \
                 which nobody is recognised who was erased"
            }
            Self::KeyNotMade { .. } => {
                "let this user write to its folder, or name another file: [masking] key_file"
            }
            Self::NoSnapshot { .. } => {
                "make room there; or take a snapshot to another disk (`snapshot FILE`) and put a link to it there"
            }
            Self::Full { .. } => "make room on the disk",
            Self::Corrupt { .. } => "restore a snapshot (`restore FILE`), or move it away and sync anew",
            Self::Failed { .. } => "see whether the disk works and the path is right",
        }
    }

    pub(super) fn from_rusqlite(path: PathBuf, error: &rusqlite::Error) -> Self {
        match error.sqlite_error_code() {
            Some(code) => Self::from_code(path, code, error.to_string()),
            None => Self::Failed { path, reason: error.to_string() },
        }
    }

    pub(super) fn from_sqlx(path: PathBuf, error: &sqlx::Error) -> Self {
        let code = error.as_database_error().and_then(|error| error.code());
        match code.and_then(|code| code.parse().ok()) {
            Some(code) => Self::from_code(path, rusqlite::ffi::Error::new(code).code, error.to_string()),
            None => Self::Failed { path, reason: error.to_string() },
        }
    }

    /// Of a migration: a full disk, a lock and the like are told as anywhere else.
    pub(super) fn of_migration(path: PathBuf, version: i64, error: &sqlx::Error) -> Self {
        match Self::from_sqlx(path, error) {
            Self::Failed { path, reason } => {
                let reason = error.as_database_error().map_or(reason, |error| error.message().to_owned());
                Self::NotMigrated { path, version, reason }
            }
            other => other,
        }
    }

    fn from_code(path: PathBuf, code: ErrorCode, reason: String) -> Self {
        match code {
            ErrorCode::NotADatabase => Self::NotADatabase { path },
            ErrorCode::DatabaseCorrupt => Self::Corrupt { path },
            ErrorCode::DiskFull => Self::Full { path },
            ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked => Self::Busy { path },
            ErrorCode::ReadOnly | ErrorCode::CannotOpen | ErrorCode::PermissionDenied => {
                Self::NotPermitted { path, reason }
            }
            _ => Self::Failed { path, reason },
        }
    }
}

/// Why the open file could not be read or written. What was under way is undone; the file is whole.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// No room.
    #[error("cannot write the database: the disk is full")]
    Full,
    /// Too little room to begin with.
    #[error("cannot begin a walk: the disk is full, {} MiB are free", .free_bytes >> 20)]
    NoRoom {
        /// What is free.
        free_bytes: u64,
    },
    /// The disk does not take what is written: a size limit, or it fails.
    #[error("cannot write the database: the disk does not take it")]
    Unwritable,
    /// Another program holds the file's write lock, and did not let go of it.
    #[error("cannot write the database: another program keeps it locked")]
    Busy,
    /// The file or the disk has become read-only.
    #[error("cannot write the database: it is read-only")]
    ReadOnly,
    /// Its content is damaged.
    #[error("cannot use the database: it is damaged")]
    Corrupt,
    /// Anything else that SQLite or the disk says.
    #[error("cannot use the database: {0}")]
    Failed(String),
    /// A read was ended at its time limit.
    #[error("cannot read the database: it took too long")]
    TooSlow,
    /// An earlier save of this walk failed: what follows would stand over a hole.
    #[error("cannot save the walk: an earlier save of it failed")]
    WalkBroken,
    /// The walk has ended, or another one of its directory has begun since.
    #[error("cannot save the walk: it is over")]
    WalkOver,
    /// There is no such account or directory in the file.
    #[error("cannot find the {0} in the database")]
    Unknown(&'static str),
    /// Whoever is hashed with one key is not recognised by another.
    #[error("cannot use the database: it was masked with another key meanwhile")]
    OtherKey,
    /// It was closed.
    #[error("cannot use the database: it was closed")]
    Closed,
}

impl StoreError {
    /// What the operator can do, where there is something.
    #[must_use]
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            Self::Full | Self::NoRoom { .. } => {
                Some("make room on the disk; what was under way is gone on with")
            }
            Self::Unwritable => Some("see whether the disk is full, a size limit is reached, or it fails"),
            Self::Busy => Some("let other programs only read the file (sqlite3 -readonly)"),
            Self::ReadOnly => Some("see why the disk or the file became read-only"),
            Self::Corrupt => Some("restore a snapshot (`restore FILE`), or move it away and sync anew"),
            Self::Failed(_) => Some("see whether the disk works"),
            Self::TooSlow => Some("ask for less, or ask again when the machine has less to do"),
            Self::OtherKey => Some("run the same command again: it takes the key that is there now"),
            Self::WalkBroken | Self::WalkOver | Self::Unknown(_) | Self::Closed => None,
        }
    }

    /// Whether nothing was tried: the job was refused, and those that share its transaction go on.
    pub(super) fn is_refusal(&self) -> bool {
        matches!(self, Self::WalkBroken | Self::WalkOver | Self::Unknown(_) | Self::Closed)
    }

    fn from_code(error: rusqlite::ffi::Error, reason: String) -> Self {
        match error.code {
            ErrorCode::DiskFull => Self::Full,
            _ if error.extended_code == rusqlite::ffi::SQLITE_IOERR_WRITE => Self::Unwritable,
            ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked => Self::Busy,
            ErrorCode::ReadOnly => Self::ReadOnly,
            ErrorCode::OperationInterrupted => Self::TooSlow,
            ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase => Self::Corrupt,
            _ => Self::Failed(reason),
        }
    }
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        match error.sqlite_error() {
            Some(code) => Self::from_code(*code, error.to_string()),
            None => Self::Failed(error.to_string()),
        }
    }
}

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        if matches!(error, sqlx::Error::PoolClosed) {
            return Self::Closed;
        }
        let code = error.as_database_error().and_then(|error| error.code());
        match code.and_then(|code| code.parse().ok()) {
            Some(code) => Self::from_code(rusqlite::ffi::Error::new(code), error.to_string()),
            None => Self::Failed(error.to_string()),
        }
    }
}
