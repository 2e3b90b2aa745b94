//! The environment variables that mean something, read once at start.
//!
//! An empty variable counts as absent.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::fmt;
use std::path::PathBuf;

use super::{ConfigError, Place};

/// The variables that are read, and what each says.
pub const VARIABLES: &[(&str, &str)] = &[
    ("COUPONTOOLS_CLIENT_ID", "the client ID of account default"),
    ("COUPONTOOLS_CLIENT_SECRET", "the client secret of account default"),
    ("COUPONTOOLS_BASE_URL", "the API's address, for every account"),
    ("COUPONTOOLS_MIRROR_CONFIG", "the configuration file"),
    ("COUPONTOOLS_MIRROR_DATABASE", "the mirror's file"),
    ("COUPONTOOLS_MIRROR_LISTEN", "where the mirror is served"),
    ("COUPONTOOLS_MIRROR_LOG", "how much is logged"),
    ("CREDENTIALS_DIRECTORY", "systemd's credentials"),
    ("CONFIGURATION_DIRECTORY", "systemd's folder for the configuration"),
    ("STATE_DIRECTORY", "systemd's folder for the mirror's file"),
    ("JOURNAL_STREAM", "set by systemd where stderr is the journal"),
];

/// What our own variables begin with.
const PREFIX: &str = "COUPONTOOLS_";

/// The variables that are set.
#[derive(Clone, Default)]
pub struct Environment {
    known: BTreeMap<&'static str, OsString>,
    meaningless: Vec<String>,
}

impl Environment {
    /// This process's.
    #[must_use]
    pub fn of_process() -> Self {
        Self::new(std::env::vars_os())
    }

    /// From any other list of names and values; what is not ours is not kept.
    pub fn new(variables: impl IntoIterator<Item = (OsString, OsString)>) -> Self {
        let mut environment = Self::default();
        for (name, value) in variables {
            let Some(name) = name.to_str().filter(|_| !value.is_empty()) else { continue };
            if let Some((known, _)) = VARIABLES.iter().find(|(known, _)| *known == name) {
                environment.known.insert(known, value);
            } else if name.starts_with(PREFIX) {
                environment.meaningless.push(name.into());
            }
        }
        environment
    }

    /// Names that look like ours, and are not: misspelt, perhaps.
    #[must_use]
    pub fn meaningless(&self) -> &[String] {
        &self.meaningless
    }

    /// The value, if the variable is set.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&OsStr> {
        self.known.get(name).map(OsString::as_os_str)
    }

    /// The value as a path.
    #[must_use]
    pub fn path(&self, name: &str) -> Option<PathBuf> {
        self.get(name).map(PathBuf::from)
    }

    /// The first of a list of paths with `:` between them, as systemd gives its folders.
    #[must_use]
    pub fn first_path(&self, name: &str) -> Option<PathBuf> {
        std::env::split_paths(self.get(name)?).find(|path| !path.as_os_str().is_empty())
    }

    /// The value as text.
    ///
    /// # Errors
    /// When it is not UTF-8.
    pub fn text(&self, name: &str) -> Result<Option<&str>, ConfigError> {
        let Some(value) = self.get(name) else { return Ok(None) };
        let wrong = || ConfigError::new(Place::Variable(name.into()), "it is not UTF-8");
        value.to_str().map(Some).ok_or_else(wrong)
    }
}

impl fmt::Debug for Environment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.known.keys()).finish()
    }
}
