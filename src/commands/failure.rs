//! How a command ends: its exit code, and what it says when it failed.

use std::fmt;
use std::process::ExitCode;

use crate::api::{ApiError, Class};
use crate::config::ConfigError;
use crate::output;
use crate::store::foreign::ForeignError;

/// A command's exit code; promised to scripts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// All of it was done.
    Done,
    /// Something failed; the rest was done.
    Failed,
    /// The command line makes no sense.
    Usage,
    /// The API could not be reached.
    Unreachable,
    /// The keys were refused.
    Refused,
    /// The configuration is wrong.
    Misconfigured,
}

impl Exit {
    /// Every one.
    pub const ALL: [Self; 6] =
        [Self::Done, Self::Failed, Self::Usage, Self::Unreachable, Self::Refused, Self::Misconfigured];

    /// What it tells, for people.
    #[must_use]
    pub fn meaning(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Failed => "something failed (the rest was done)",
            Self::Usage => "usage",
            Self::Unreachable => "the API could not be reached",
            Self::Refused => "the keys were refused",
            Self::Misconfigured => "the configuration is wrong",
        }
    }

    /// The number.
    #[must_use]
    pub fn code(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::Failed => 1,
            Self::Usage => 2,
            Self::Unreachable => 75,
            Self::Refused => 77,
            Self::Misconfigured => 78,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.code())
    }
}

/// Why a command failed: shown as `cannot …: cause`, then `hint: …`.
#[derive(Debug)]
pub struct Failure {
    /// The exit code; [`Exit::Done`] where it is an end and no failure, and nothing is shown.
    pub exit: Exit,
    /// What could not be done, and why.
    pub error: anyhow::Error,
    /// What the operator can do.
    pub hint: Option<String>,
}

impl Failure {
    /// With an exit code.
    pub fn new(exit: Exit, error: impl Into<anyhow::Error>) -> Self {
        Self { exit, error: error.into(), hint: None }
    }

    /// With what the operator can do.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:#}", self.error)?;
        self.hint.as_ref().map_or(Ok(()), |hint| write!(f, "\nhint: {hint}"))
    }
}

impl From<anyhow::Error> for Failure {
    fn from(error: anyhow::Error) -> Self {
        Self::new(Exit::Failed, error)
    }
}

/// Standard output's: whoever read it having left is an end, not a failure.
impl From<std::io::Error> for Failure {
    fn from(error: std::io::Error) -> Self {
        let exit = if output::is_gone(&error) { Exit::Done } else { Exit::Failed };
        Self::new(exit, anyhow::Error::new(error).context("cannot write to standard output"))
    }
}

impl From<ConfigError> for Failure {
    fn from(error: ConfigError) -> Self {
        let hint = error.hint.clone();
        Self { exit: Exit::Misconfigured, error: error.into(), hint }
    }
}

impl From<ApiError> for Failure {
    fn from(error: ApiError) -> Self {
        let exit = match error.class() {
            Class::Credentials => Exit::Refused,
            _ if error.is_unreachable() => Exit::Unreachable,
            _ => Exit::Failed,
        };
        let hint = error.hint().map(str::to_owned);
        Self { exit, error: anyhow::Error::new(error).context("cannot ask the API"), hint }
    }
}

impl From<ForeignError> for Failure {
    fn from(error: ForeignError) -> Self {
        let hint = error.hint();
        Self::new(Exit::Failed, error).hint(hint)
    }
}
