//! What is wrong with the configuration, where, and what the operator can do.

use std::fmt;
use std::ops::Range;
use std::path::PathBuf;

use thiserror::Error;

/// Where something wrong stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// In the file, here; both counted from 1, the column in characters.
    Line {
        /// The file.
        path: PathBuf,
        /// Its line.
        line: usize,
        /// The line's character.
        column: usize,
    },
    /// A file as a whole.
    File(PathBuf),
    /// An environment variable.
    Variable(String),
    /// A flag.
    Flag(&'static str),
    /// The keys of an account.
    Keys(String),
    /// The file that holds the webhook's address.
    Webhook,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Line { path, line, column } => {
                write!(f, "{}, line {line}, column {column}", path.display())
            }
            Self::File(path) => write!(f, "{}", path.display()),
            Self::Variable(name) => f.write_str(name),
            Self::Flag(name) => f.write_str(name),
            Self::Keys(account) => write!(f, "the keys of account {account}"),
            Self::Webhook => f.write_str("[alerts] webhook_url_file"),
        }
    }
}

/// The configuration is wrong. Whoever gets this has one thing to do: show it.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("cannot read {place}: {cause}")]
pub struct ConfigError {
    /// Where.
    pub place: Place,
    /// What is wrong; never a secret.
    pub cause: String,
    /// What the operator can do.
    pub hint: Option<String>,
}

impl ConfigError {
    pub(super) fn new(place: Place, cause: impl Into<String>) -> Self {
        Self { place, cause: cause.into(), hint: None }
    }

    #[must_use]
    pub(super) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }
}

/// Something wrong in a section, before it is known which file the section stands in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Wrong {
    /// The bytes of the document.
    pub(super) span: Range<usize>,
    pub(super) cause: String,
    pub(super) hint: Option<String>,
}

impl Wrong {
    pub(super) fn new(span: Range<usize>, cause: impl Into<String>) -> Self {
        Self { span, cause: cause.into(), hint: None }
    }

    #[must_use]
    pub(super) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }
}
