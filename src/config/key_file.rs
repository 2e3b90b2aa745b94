//! One key, out of the file that holds it.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use secrecy::SecretString;

/// A key is a line.
const KEY_BYTES_MAX: u64 = 4096;

/// The file's one line. An error never quotes it.
pub(super) fn read(path: &Path) -> Result<SecretString, String> {
    let failed = |error: std::io::Error| format!("{}: {error}", path.display());
    // Looked at before it is opened: opening a pipe waits for its other end.
    if !path.metadata().map_err(failed)?.is_file() {
        return Err(format!("{} is not a regular file", path.display()));
    }
    let mut bytes = Vec::new();
    let file = File::open(path).map_err(failed)?;
    file.take(KEY_BYTES_MAX + 1).read_to_end(&mut bytes).map_err(failed)?;
    if bytes.len() as u64 > KEY_BYTES_MAX {
        return Err(format!("{} has more than {KEY_BYTES_MAX} bytes", path.display()));
    }
    let text = String::from_utf8(bytes).map_err(|_| format!("{} is not text", path.display()))?;
    validate(&text).map_err(|cause| format!("{} {cause}", path.display()))
}

/// Whether there is a file, and nothing in it. Who may not read an empty file sees that it is empty all the same.
pub(super) fn is_blank(path: &Path) -> bool {
    let Some(file) = path.metadata().ok().filter(std::fs::Metadata::is_file) else { return false };
    let is_white = || std::fs::read(path).is_ok_and(|bytes| bytes.trim_ascii().is_empty());
    file.len() == 0 || file.len() <= KEY_BYTES_MAX && is_white()
}

/// A key as it may go into a header: visible ASCII, in one piece.
pub(super) fn validate(text: &str) -> Result<SecretString, &'static str> {
    let text = text.trim();
    if text.is_empty() {
        return Err("is empty");
    }
    if text.len() as u64 > KEY_BYTES_MAX {
        return Err("is too long for a key");
    }
    if !text.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err("holds more than one key, or characters that no key has");
    }
    Ok(text.into())
}
