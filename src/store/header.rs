//! What a SQLite file says of itself in its first bytes (SQLite's documentation of the format, 1.3). SQLite is not
//! asked: opening a file by it may leave another one beside it.

use std::fs::{self, File};
use std::io::{self, Read as _};
use std::path::Path;

use super::open::{APPLICATION_ID, MAGIC};

const BYTES: u64 = 100;
/// Where it says whether it needs a log beside it.
const LOGGED_AT: usize = 18;
const NOT_LOGGED: u8 = 1;
const APPLICATION_ID_AT: usize = 68;

/// A file's first bytes; none where it is no regular file.
pub(super) struct Header(Vec<u8>);

impl Header {
    /// Reads it.
    pub(super) fn read(path: &Path) -> io::Result<Self> {
        let mut bytes = Vec::new();
        // Looked at before it is opened: opening a pipe waits for its other end.
        if fs::metadata(path)?.is_file() {
            File::open(path)?.take(BYTES).read_to_end(&mut bytes)?;
        }
        Ok(Self(bytes))
    }

    /// Whether it is a mirror's.
    pub(super) fn is_mirrors(&self) -> bool {
        let id = self.0.get(APPLICATION_ID_AT..APPLICATION_ID_AT + 4);
        let id = id.and_then(|id| id.try_into().ok()).map(|id| i64::from(u32::from_be_bytes(id)));
        self.0.starts_with(MAGIC) && id == Some(APPLICATION_ID)
    }

    /// Whether no log belongs to it.
    pub(super) fn is_without_log(&self) -> bool {
        self.0.get(LOGGED_AT) == Some(&NOT_LOGGED)
    }
}
