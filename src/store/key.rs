//! The file that holds the masks' key: beside the database, never in it. Made by the first who writes,
//! read by every later one, never overwritten: a key that is lost is lost.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use secrecy::{ExposeSecret, SecretString};

use super::error::{KEY_IS_ANOTHER, KEY_NOT_THERE, OpenError};
use super::lock::beside;
use super::mask::{MaskingKey, Masks};

/// Its owner alone.
const MODE: u32 = 0o600;

/// 64 digits and the end of a line.
const FILE_BYTES_MAX: u64 = 66;

/// How the key's file is, for `check`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyFile {
    /// Where it is looked for.
    pub path: PathBuf,
    /// What it is, where it is there.
    pub found: Option<FoundKey>,
    /// Whether the database was masked with one.
    pub is_wanted: bool,
}

/// A key that is there and can be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FoundKey {
    /// Nobody but its owner may read it.
    pub is_private: bool,
    /// Whether the database was masked with it, where the database tells.
    pub is_of_database: Option<bool>,
}

/// Looks at the key of the database at `database`, and changes nothing.
///
/// # Errors
/// When it is there and can't be used.
pub fn look_at_key(database: &Path, named: Option<&Path>) -> Result<KeyFile, OpenError> {
    look_at_key_of(database, named, super::health::find_masking_key_id(database).as_deref())
}

/// The same, where another file than `database` tells which key it was masked with.
///
/// # Errors
/// As [`look_at_key`].
pub fn look_at_key_of(
    database: &Path,
    named: Option<&Path>,
    masked_with: Option<&str>,
) -> Result<KeyFile, OpenError> {
    let path = find(database, named);
    let is_wanted = masked_with.is_some();
    let Some(key) = read(&path)? else { return Ok(KeyFile { path, found: None, is_wanted }) };
    let mode = path.metadata().map_err(|error| unusable(&path, error.to_string()))?.permissions().mode();
    let is_of_database = masked_with.map(|id| id == Masks::new(&key).id());
    let found = FoundKey { is_private: mode & 0o077 == 0, is_of_database };
    Ok(KeyFile { path, found: Some(found), is_wanted })
}

/// Where the key lies: where it is named, else beside the file, as its lock.
fn find(database: &Path, named: Option<&Path>) -> PathBuf {
    named.map_or_else(|| beside(database, "-key"), Path::to_path_buf)
}

/// Reads the key of the database at `database`, or makes it.
pub(super) fn load(database: &Path, named: Option<&Path>) -> Result<MaskingKey, OpenError> {
    let path = find(database, named);
    if let Some(key) = read(&path)? {
        return Ok(key);
    }
    make(&path)?;
    // What lies there now: another process may have been faster.
    read(&path)?.ok_or_else(|| unusable(&path, "it vanished"))
}

/// Reads the key that the database at `database` was masked with, and no other: by another one nobody who
/// was sent to, opted out or was erased would be recognised.
pub(super) fn load_of_database(database: &Path, named: Option<&Path>) -> Result<MaskingKey, OpenError> {
    let path = find(database, named);
    let Some(key) = read(&path)? else { return Err(unusable(&path, KEY_NOT_THERE)) };
    if super::health::find_masking_key_id(database).as_deref() != Some(Masks::new(&key).id()) {
        return Err(unusable(&path, KEY_IS_ANOTHER));
    }
    Ok(key)
}

fn read(path: &Path) -> Result<Option<MaskingKey>, OpenError> {
    let failed = |error: io::Error| unusable(path, error.to_string());
    // Looked at before it is opened: opening a pipe waits for its other end.
    match path.metadata() {
        // A link that leads nowhere is there.
        Err(error) if error.kind() == io::ErrorKind::NotFound && path.symlink_metadata().is_err() => {
            return Ok(None);
        }
        Err(error) => return Err(failed(error)),
        Ok(metadata) if !metadata.is_file() => return Err(unusable(path, "it is not a regular file")),
        Ok(_) => {}
    }
    let mut bytes = Vec::new();
    let file = File::open(path).map_err(failed)?;
    file.take(FILE_BYTES_MAX + 1).read_to_end(&mut bytes).map_err(failed)?;
    let text = SecretString::from(String::from_utf8(bytes).unwrap_or_default());
    match MaskingKey::parse(text.expose_secret().trim_ascii_end()) {
        Some(key) => Ok(Some(key)),
        None => Err(unusable(path, "it does not hold 64 hexadecimal digits and nothing else")),
    }
}

/// Makes a new key. It gets its name only once it is whole and on disk, and only if nothing has that
/// name: a process killed meanwhile leaves no half key.
fn make(path: &Path) -> Result<(), OpenError> {
    let failed = |reason: String| OpenError::KeyNotMade { path: path.into(), reason };
    let random = |error: getrandom::Error| failed(error.to_string());
    let text = MaskingKey::make_text().map_err(random)?;
    let mut draft = path.as_os_str().to_owned();
    draft.push(format!(".{:016x}", getrandom::u64().map_err(random)?));
    let draft = PathBuf::from(draft);
    let written = write(&draft, &text).and_then(|()| match fs::hard_link(&draft, path) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(error),
        _ => Ok(()),
    });
    let _ = fs::remove_file(&draft);
    written.and_then(|()| sync_folder(path)).map_err(|error| failed(error.to_string()))
}

fn write(path: &Path, text: &SecretString) -> io::Result<()> {
    let mut file = OpenOptions::new().write(true).create_new(true).mode(MODE).open(path)?;
    writeln!(file, "{}", text.expose_secret())?;
    file.sync_all()
}

fn sync_folder(path: &Path) -> io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    File::open(folder.unwrap_or(Path::new(".")))?.sync_all()
}

fn unusable(path: &Path, cause: impl Into<String>) -> OpenError {
    OpenError::KeyUnusable { path: path.into(), cause: cause.into() }
}
