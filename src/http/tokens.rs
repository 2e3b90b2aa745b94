//! Tokens: made once, shown once, kept as hashes in a file of one line each: `NAME full|masked SHA-256`.
//!
//! A token is 256 random bits: its plain hash can't be turned back, and needs no salt. The file is read
//! again when it changes, so that a token that was removed is refused from then on.

use std::fs::{File, Metadata};
use std::io::{self, Read, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;
use thiserror::Error;

use crate::store::Access;

/// What every token begins with: who finds one somewhere knows what it is.
const PREFIX: &str = "cmt_";
const RANDOM_BYTES: usize = 32;
const HASH_BYTES: usize = 32;
/// A file of a thousand tokens is a tenth of it.
const FILE_BYTES_MAX: u64 = 1 << 20;
const NAME_CHARACTERS_MAX: usize = 64;
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
            Self::Name(_) => "use letters, digits, - and _: token add grafana",
            Self::Taken(_) => "choose another name, or remove that one first: token remove NAME",
            Self::Unknown(_) => "token list shows them",
            Self::Random(_) => "see whether the system's random source works",
        }
    }
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
        let token = format!("{PREFIX}{}", hex(&random));
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
        let mut partial = self.path.clone().into_os_string();
        partial.push(".partial");
        let mut options = File::options();
        let mut file =
            options.write(true).create(true).truncate(true).mode(MODE).open(&partial).map_err(failed)?;
        for token in &tokens {
            writeln!(file, "{} {} {}", token.name, token.access.as_str(), hex(&token.hash))
                .map_err(failed)?;
        }
        file.sync_all().map_err(failed)?;
        std::fs::rename(&partial, &self.path).map_err(failed)?;
        folder.sync_all().map_err(failed)
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

fn parse(line: &str) -> Result<Token, &'static str> {
    let mut words = line.split_whitespace();
    let (Some(name), Some(access), Some(hash), None) =
        (words.next(), words.next(), words.next(), words.next())
    else {
        return Err("it is not a name, full or masked, and a hash");
    };
    check_name(name)?;
    let access = Access::parse(access).ok_or("its second word is neither full nor masked")?;
    let hash = unhex(hash).ok_or("its third word is no SHA-256 hash")?;
    Ok(Token { name: name.to_owned(), access, hash })
}

fn check_name(name: &str) -> Result<(), &'static str> {
    let is_fine = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    match name {
        "" => Err("it is empty"),
        name if name.len() > NAME_CHARACTERS_MAX => Err("it is too long"),
        name if !name.chars().all(is_fine) => Err("it holds something else than letters, digits, -, _ and ."),
        _ => Ok(()),
    }
}

fn hash(token: &str) -> [u8; HASH_BYTES] {
    Sha256::digest(token.as_bytes()).into()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn unhex(text: &str) -> Option<[u8; HASH_BYTES]> {
    if text.len() != HASH_BYTES * 2 || !text.is_ascii() {
        return None;
    }
    let mut bytes = [0; HASH_BYTES];
    for (byte, n) in bytes.iter_mut().zip((0..).step_by(2)) {
        *byte = u8::from_str_radix(text.get(n..n + 2)?, 16).ok()?;
    }
    Some(bytes)
}
