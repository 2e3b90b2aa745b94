//! A pair of keys and the two files that hold it: found whole, written whole.
//!
//! Deliberately not here: which pair counts (`accounts.rs`).

use std::fs::{self, File, Metadata};
use std::io::{self, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt, PermissionsExt, fchown};
use std::path::{Path, PathBuf};

use secrecy::{ExposeSecret, SecretString};
use thiserror::Error;

use super::key_file;

/// Their names where nobody names others: as systemd's credentials, and beside the configuration.
const NAMES: [&str; 2] = ["client_id", "client_secret"];
/// The owner alone.
const MODE: u32 = 0o600;

/// The two files of a pair.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyFiles {
    /// Holds the client ID.
    pub client_id: PathBuf,
    /// Holds the client secret.
    pub client_secret: PathBuf,
}

/// How much of a pair is there. An empty file is none, as an empty variable is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Found {
    Both,
    OnlyClientId,
    OnlyClientSecret,
    Neither,
}

impl KeyFiles {
    /// `client_id` and `client_secret` in a folder.
    #[must_use]
    pub fn in_folder(folder: &Path) -> Self {
        let [client_id, client_secret] = NAMES.map(|name| folder.join(name));
        Self { client_id, client_secret }
    }

    pub(super) fn find(&self) -> Found {
        // What can't be looked at is there: reading it says why.
        let is_there = |path: &Path| match path.metadata() {
            Ok(_) => !key_file::is_blank(path),
            Err(error) => error.kind() != io::ErrorKind::NotFound,
        };
        match (is_there(&self.client_id), is_there(&self.client_secret)) {
            (true, true) => Found::Both,
            (true, false) => Found::OnlyClientId,
            (false, true) => Found::OnlyClientSecret,
            (false, false) => Found::Neither,
        }
    }

    /// Whether a file is one of the two.
    pub(super) fn share(&self, other: &Self) -> bool {
        self.client_id == other.client_id || self.client_secret == other.client_secret
    }
}

/// Why a pair could not be taken or written. Never quotes a key.
#[derive(Debug, Error)]
pub enum KeyPairError {
    /// It is no key.
    #[error("cannot take the {which}: it {cause}")]
    NoKey {
        /// Which of the two.
        which: &'static str,
        /// What is wrong with it.
        cause: &'static str,
    },
    /// The file can't be written.
    #[error("cannot write the key into {}: {cause}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// The system's words.
        cause: io::Error,
    },
}

/// Two keys, each as it may go into a header.
#[derive(Debug)]
pub struct KeyPair {
    client_id: SecretString,
    client_secret: SecretString,
}

impl KeyPair {
    /// Takes a pair as somebody typed it.
    ///
    /// # Errors
    /// When one of them is no key.
    pub fn validate(client_id: &SecretString, client_secret: &SecretString) -> Result<Self, KeyPairError> {
        let key = |text: &SecretString, which| {
            key_file::validate(text.expose_secret()).map_err(|cause| KeyPairError::NoKey { which, cause })
        };
        Ok(Self {
            client_id: key(client_id, "client ID")?,
            client_secret: key(client_secret, "client secret")?,
        })
    }

    /// Writes it into its files: both, or neither. A file that is there keeps owner and mode; a new one is `owner`'s
    /// (user and group ID), where root writes it, and readable for nobody else.
    ///
    /// # Errors
    /// When one can't be written; what stood in them stands there still.
    pub fn write(&self, files: &KeyFiles, owner: Option<(u32, u32)>) -> Result<(), KeyPairError> {
        let client_id = Draft::write(&files.client_id, &self.client_id, owner)?;
        let client_secret = Draft::write(&files.client_secret, &self.client_secret, owner)?;
        client_id.place()?;
        if let Err(error) = client_secret.place() {
            client_id.take_back()?;
            return Err(error);
        }
        client_id.sync_folder()?;
        client_secret.sync_folder()
    }
}

/// A key on disk, beside its place; dropped, what is beside is gone.
struct Draft {
    path: PathBuf,
    draft: PathBuf,
    /// What it replaces, kept until both keys are in their places.
    previous: Option<PathBuf>,
}

impl Draft {
    fn write(path: &Path, key: &SecretString, owner: Option<(u32, u32)>) -> Result<Self, KeyPairError> {
        let failed = |cause| KeyPairError::File { path: path.into(), cause };
        let there = match fs::metadata(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => return Err(failed(error)),
            Ok(there) if !there.is_file() => return Err(failed(io::Error::other("it is no regular file"))),
            Ok(there) => Some(there),
        };
        // A link stays one.
        let path = if there.is_some() { fs::canonicalize(path).map_err(failed)? } else { path.into() };
        let beside = |suffix: &str| {
            let mut name = path.clone().into_os_string();
            name.push(suffix);
            PathBuf::from(name)
        };
        let previous = there.as_ref().map(|_| beside(".previous"));
        let draft = Self { draft: beside(".partial"), previous, path };
        draft.fill(key, owner, there.as_ref()).map_err(|cause| draft.failed(cause))?;
        Ok(draft)
    }

    fn fill(
        &self,
        key: &SecretString,
        owner: Option<(u32, u32)>,
        there: Option<&Metadata>,
    ) -> io::Result<()> {
        // What a killed process left.
        for left in self.previous.iter().chain([&self.draft]) {
            match fs::remove_file(left) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                _ => {}
            }
        }
        let mut file = File::options().write(true).create_new(true).mode(MODE).open(&self.draft)?;
        let owner = there.map(|there| (there.uid(), there.gid())).or(owner);
        if let Some((user, group)) = owner.filter(|_| rustix::process::geteuid().is_root()) {
            fchown(&file, Some(user), Some(group))?;
        }
        if let Some(there) = there {
            file.set_permissions(fs::Permissions::from_mode(there.mode() & 0o777))?;
        }
        writeln!(file, "{}", key.expose_secret())?;
        file.sync_all()
    }

    fn place(&self) -> Result<(), KeyPairError> {
        let kept = self.previous.as_ref().map_or(Ok(()), |previous| fs::hard_link(&self.path, previous));
        kept.and_then(|()| fs::rename(&self.draft, &self.path)).map_err(|cause| self.failed(cause))
    }

    fn take_back(&self) -> Result<(), KeyPairError> {
        let taken = match &self.previous {
            Some(previous) => fs::rename(previous, &self.path),
            None => fs::remove_file(&self.path),
        };
        taken.map_err(|cause| self.failed(cause))
    }

    fn sync_folder(&self) -> Result<(), KeyPairError> {
        let folder = self.path.parent().filter(|folder| !folder.as_os_str().is_empty());
        let folder = File::open(folder.unwrap_or(Path::new(".")));
        folder.and_then(|folder| folder.sync_all()).map_err(|cause| self.failed(cause))
    }

    fn failed(&self, cause: io::Error) -> KeyPairError {
        KeyPairError::File { path: self.path.clone(), cause }
    }
}

impl Drop for Draft {
    fn drop(&mut self) {
        // They are not there where all went well; what is left otherwise is told by its name.
        for left in self.previous.iter().chain([&self.draft]) {
            let _ = fs::remove_file(left);
        }
    }
}
