//! Tokens: made once, shown once, kept as hashes in a file of one line each: `NAME full|masked SHA-256`.
//!
//! A token is 256 random bits: its plain hash can't be turned back, and needs no salt. The file is read
//! again when it changes, so that a token that was removed is refused from then on.

mod error;
mod line;

use std::fs::{File, Metadata};
use std::io::{self, Read, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt, fchown};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use subtle::ConstantTimeEq;

pub use self::error::TokenError;
use self::line::{HASH_BYTES, check_name, hash, parse};
use crate::store::Access;

/// What every token begins with: who finds one somewhere knows what it is.
const PREFIX: &str = "cmt_";
const RANDOM_BYTES: usize = 32;
/// A file of a thousand tokens is a tenth of it.
const FILE_BYTES_MAX: u64 = 1 << 20;
/// Whoever may read the file learns names, and may try hashes: the owner alone.
const MODE: u32 = 0o600;

/// One token, without the token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Token {
    /// The operator's name for it.
    pub name: String,
    /// What it opens.
    pub access: Access,
    hash: [u8; HASH_BYTES],
}

/// A tokens file. Clones share what was read of it.
#[derive(Clone, Debug)]
pub struct Tokens {
    path: PathBuf,
    read: Arc<Mutex<Option<Reading>>>,
}

/// What was read of the file, and what the file was then.
type Reading = (Stamp, Arc<[Token]>);

/// What changes when the file does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Stamp {
    inode: u64,
    bytes: u64,
    changed_s: i64,
    changed_ns: i64,
}

impl From<&Metadata> for Stamp {
    fn from(metadata: &Metadata) -> Self {
        Self {
            inode: metadata.ino(),
            bytes: metadata.len(),
            changed_s: metadata.ctime(),
            changed_ns: metadata.ctime_nsec(),
        }
    }
}

impl Tokens {
    /// In the file at `path`, which need not be there: then there are none.
    #[must_use]
    pub fn at(path: &Path) -> Self {
        Self { path: path.into(), read: Arc::default() }
    }

    /// What the token opens, if there is such a token. As many hashes are compared, and each of them
    /// whole, whichever it is.
    ///
    /// # Errors
    /// When the file can't be read.
    pub fn find(&self, token: &str) -> Result<Option<Access>, TokenError> {
        let hash = hash(token);
        let mut found = None;
        for known in self.list()?.iter() {
            if bool::from(known.hash.ct_eq(&hash)) {
                found = Some(known.access);
            }
        }
        Ok(found)
    }

    /// All of them, in the file's order.
    ///
    /// # Errors
    /// When the file can't be read.
    pub fn list(&self) -> Result<Arc<[Token]>, TokenError> {
        let metadata = match self.path.metadata() {
            Ok(metadata) => metadata,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Arc::default()),
            Err(error) => return Err(self.failed(error)),
        };
        let stamp = Stamp::from(&metadata);
        let mut read = self.read.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((stamped, tokens)) = read.as_ref()
            && *stamped == stamp
        {
            return Ok(Arc::clone(tokens));
        }
        let tokens: Arc<[Token]> = self.read_file(&metadata)?.into();
        *read = Some((stamp, Arc::clone(&tokens)));
        Ok(tokens)
    }

    /// Makes a token and adds it; the text returned is nowhere else.
    ///
    /// # Errors
    /// When the name can't be had, or the file can't be written.
    pub fn add(&self, name: &str, access: Access) -> Result<String, TokenError> {
        check_name(name).map_err(TokenError::Name)?;
        let mut random = [0; RANDOM_BYTES];
        getrandom::fill(&mut random).map_err(TokenError::Random)?;
        let token = format!("{PREFIX}{}", hex::encode(random));
        self.change(|tokens| {
            if tokens.iter().any(|token| token.name == name) {
                return Err(TokenError::Taken(name.to_owned()));
            }
            tokens.push(Token { name: name.to_owned(), access, hash: hash(&token) });
            Ok(())
        })?;
        Ok(token)
    }

    /// Takes a token away: whoever has it is refused from now on.
    ///
    /// # Errors
    /// When there is none of this name, or the file can't be written.
    pub fn remove(&self, name: &str) -> Result<(), TokenError> {
        self.change(|tokens| {
            let before = tokens.len();
            tokens.retain(|token| token.name != name);
            if tokens.len() == before { Err(TokenError::Unknown(name.to_owned())) } else { Ok(()) }
        })
    }

    /// Writes the file anew beside the old one and puts it in its place. Whoever else does so at the
    /// same time waits.
    fn change(
        &self,
        change: impl FnOnce(&mut Vec<Token>) -> Result<(), TokenError>,
    ) -> Result<(), TokenError> {
        let failed = |error| self.failed(error);
        let folder = self.path.parent().filter(|folder| !folder.as_os_str().is_empty());
        let folder = File::open(folder.unwrap_or(Path::new("."))).map_err(failed)?;
        folder.lock().map_err(failed)?;
        let mut tokens = self.list()?.to_vec();
        change(&mut tokens)?;
        self.write(&tokens, &folder).map_err(failed)
    }

    fn write(&self, tokens: &[Token], folder: &File) -> io::Result<()> {
        let mut partial = self.path.clone().into_os_string();
        partial.push(".partial");
        // One that a killed process left.
        if let Err(error) = std::fs::remove_file(&partial)
            && error.kind() != io::ErrorKind::NotFound
        {
            return Err(error);
        }
        let mut file = File::options().write(true).create_new(true).mode(MODE).open(&partial)?;
        self.give_to_owner(&file, folder)?;
        for token in tokens {
            writeln!(file, "{} {} {}", token.name, token.access.as_str(), hex::encode(token.hash))?;
        }
        file.sync_all()?;
        std::fs::rename(&partial, &self.path)?;
        folder.sync_all()
    }

    /// Root changes tokens for the daemon, whose user must be able to read them afterwards.
    fn give_to_owner(&self, file: &File, folder: &File) -> io::Result<()> {
        if !rustix::process::geteuid().is_root() {
            return Ok(());
        }
        let owner = self.path.metadata().or_else(|_| folder.metadata())?;
        fchown(file, Some(owner.uid()), Some(owner.gid()))
    }

    fn read_file(&self, metadata: &Metadata) -> Result<Vec<Token>, TokenError> {
        // Opening a pipe would wait for its other end.
        if !metadata.is_file() || metadata.len() > FILE_BYTES_MAX {
            return Err(self.failed(io::Error::other("it is no tokens file")));
        }
        let mut text = String::new();
        File::open(&self.path)
            .and_then(|file| file.take(FILE_BYTES_MAX).read_to_string(&mut text))
            .map_err(|error| self.failed(error))?;
        let lines = text.lines().zip(1..).filter(|(line, _)| {
            let line = line.trim();
            !line.is_empty() && !line.starts_with('#')
        });
        lines
            .map(|(text, line)| {
                parse(text).map_err(|cause| TokenError::Line { path: self.path.clone(), line, cause })
            })
            .collect()
    }

    fn failed(&self, cause: io::Error) -> TokenError {
        TokenError::File { path: self.path.clone(), cause }
    }
}
