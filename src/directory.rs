//! What a directory is: the vendor's list of registered users, by its ID.

use std::fmt;

/// A directory's ID as the vendor gives it, `dir_12345`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DirectoryId(Box<str>);

impl DirectoryId {
    /// Takes the vendor's text as it is.
    pub fn new(id: impl Into<Box<str>>) -> Self {
        Self(id.into())
    }

    /// The vendor's text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for DirectoryId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The operator's name for an account: a pair of keys, `[accounts.NAME]`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AccountName(Box<str>);

impl AccountName {
    /// Takes the configuration's name as it is.
    pub fn new(name: impl Into<Box<str>>) -> Self {
        Self(name.into())
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for AccountName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A directory as an answer shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Directory {
    /// The vendor's ID.
    pub id: DirectoryId,
    /// Its name, if the answer had one.
    pub name: Option<String>,
    /// Its public address, if the answer had one.
    pub url: Option<String>,
    /// The vendor's word for its state, if the answer had one.
    pub status: Option<String>,
    /// The row as it came (JSON), less password- and secret-like keys.
    pub raw: Box<str>,
}
