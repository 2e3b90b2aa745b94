//! Why tokens could not be read or changed.

use std::io;
use std::path::PathBuf;

use thiserror::Error;

/// Why tokens could not be read or changed.
#[derive(Debug, Error)]
pub enum TokenError {
    /// The file can't be read or written.
    #[error("cannot use the tokens file {}: {cause}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// The system's words.
        cause: io::Error,
    },
    /// A line makes no sense.
    #[error("cannot read the tokens file {}, line {line}: {cause}", path.display())]
    Line {
        /// The file.
        path: PathBuf,
        /// Counted from 1.
        line: usize,
        /// What is wrong with it.
        cause: &'static str,
    },
    /// A name that no token may have.
    #[error("cannot name a token so: {0}")]
    Name(&'static str),
    /// The name is taken.
    #[error("cannot add the token {0}: there is one of this name")]
    Taken(String),
    /// There is none of this name.
    #[error("cannot remove the token {0}: there is none of this name")]
    Unknown(String),
    /// The system gave no random bytes.
    #[error("cannot make a token: {0}")]
    Random(getrandom::Error),
}

impl TokenError {
    /// What the operator can do.
    #[must_use]
    pub fn hint(&self) -> &'static str {
        match self {
            Self::File { .. } => {
                "run as the user whom the file and its folder belong to; [http] tokens_file names it"
            }
            Self::Line { .. } => "take the line out, and make the token anew: token add NAME",
            Self::Name(_) => "use letters, digits, -, _ and .: token add grafana",
            Self::Taken(_) => "choose another name, or remove that one first: token remove NAME",
            Self::Unknown(_) => "token list shows them",
            Self::Random(_) => "see whether the system's random source works",
        }
    }
}
