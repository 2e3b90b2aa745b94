//! Why an export was not made.

use std::io;
use std::path::PathBuf;

use thiserror::Error;

use crate::store::foreign::ForeignError;

/// Why an export was not made.
#[derive(Debug, Error)]
pub enum ExportError {
    /// The mirror can't be read.
    #[error(transparent)]
    Mirror(#[from] ForeignError),
    /// What is written to says no.
    #[error(transparent)]
    Output(#[from] io::Error),
    /// A file or folder can't be made, written or put in its place.
    #[error("cannot write {}: {cause}", path.display())]
    File {
        /// The file or folder.
        path: PathBuf,
        /// Why.
        cause: io::Error,
    },
    /// What stands there is not replaced.
    #[error("cannot write {}: {cause}", path.display())]
    InTheWay {
        /// The file or folder.
        path: PathBuf,
        /// What it is.
        cause: &'static str,
    },
    /// The view's rows have no day.
    #[error("cannot part {view} by day: its rows have no day")]
    NoDay {
        /// The view.
        view: &'static str,
    },
    /// The program can't write Parquet.
    #[error("cannot write Parquet: this program was built without it")]
    NoParquet,
}

impl ExportError {
    /// What can be done about it, where that is more than the mirror's own hint.
    #[must_use]
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            Self::Mirror(_) | Self::Output(_) => None,
            Self::File { .. } => Some("name another place, or make room there and let this user write to it"),
            Self::InTheWay { .. } => Some("name another place; only an earlier export is replaced"),
            Self::NoDay { .. } => Some("leave --partition-by out"),
            Self::NoParquet => Some("build it with the feature `parquet`, which is on by default"),
        }
    }
}
