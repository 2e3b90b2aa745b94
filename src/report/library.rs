//! Which reports there are: those built in, and the files of the operator's folder, read afresh.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::built_in;
use super::{HeaderError, Report, ReportError};
use crate::clock;

/// A report that is put into the folder is there after this, without a restart.
const LOOK_AGAIN: Duration = Duration::from_secs(1);
const FILE_BYTES_MAX: u64 = 256 << 10;
const FILES_MAX: usize = 500;
const NAME_CHARACTERS_MAX: usize = 64;

/// The reports.
#[derive(Debug)]
pub struct Library {
    folder: Option<PathBuf>,
    last: Mutex<Option<(Instant, Arc<Listing>)>>,
}

/// All reports of a moment.
#[derive(Debug)]
pub struct Listing {
    /// By name.
    pub entries: Vec<Entry>,
    /// Why the folder could not be read.
    pub folder_error: Option<String>,
}

/// A report, or why its file is none.
#[derive(Debug)]
pub struct Entry {
    /// The file's name without `.sql`.
    pub name: String,
    /// What the file says.
    pub report: Result<Arc<Report>, HeaderError>,
}

impl Library {
    /// Those built in, and those of a folder, which win.
    #[must_use]
    pub fn new(folder: Option<PathBuf>) -> Self {
        Self { folder, last: Mutex::new(None) }
    }

    /// What there is; the folder is read again where it was last read a second ago.
    pub fn list(&self) -> Arc<Listing> {
        let now = clock::steady_now();
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((at, listing)) = &*last
            && now.duration_since(*at) < LOOK_AGAIN
        {
            return Arc::clone(listing);
        }
        let listing = Arc::new(read(self.folder.as_deref()));
        *last = Some((now, Arc::clone(&listing)));
        listing
    }

    /// One report.
    ///
    /// # Errors
    /// When there is none of this name, or its file can't be read.
    pub fn find(&self, name: &str) -> Result<Arc<Report>, ReportError> {
        let listing = self.list();
        let entry = listing.entries.iter().find(|entry| entry.name == name);
        let entry = entry.ok_or_else(|| ReportError::Unknown { name: name.into() })?;
        entry.report.clone().map_err(|cause| entry.broken(&cause))
    }
}

impl Entry {
    /// What is said of it where it can't be read.
    pub(super) fn broken(&self, cause: &HeaderError) -> ReportError {
        ReportError::Broken { name: self.name.clone(), cause: cause.clone() }
    }
}

fn read(folder: Option<&Path>) -> Listing {
    let mut entries = BTreeMap::new();
    for (name, sql) in built_in::REPORTS {
        entries.insert((*name).to_owned(), Report::parse(name, sql).map(Arc::new));
    }
    let folder_error = folder.and_then(|folder| read_folder(folder, &mut entries).err());
    let entries = entries.into_iter().map(|(name, report)| Entry { name, report }).collect();
    Listing { entries, folder_error }
}

fn read_folder(
    folder: &Path,
    entries: &mut BTreeMap<String, Result<Arc<Report>, HeaderError>>,
) -> Result<(), String> {
    let failed = |error: std::io::Error| error.to_string();
    let mut paths = Vec::new();
    for entry in fs::read_dir(folder).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        // What begins with a dot belongs to an editor.
        let is_hidden = path.file_name().is_none_or(|name| name.as_encoded_bytes().starts_with(b"."));
        if !is_hidden && path.extension().is_some_and(|extension| extension == "sql") {
            paths.push(path);
        }
    }
    paths.sort();
    let too_many = paths.len() > FILES_MAX;
    for path in paths.into_iter().take(FILES_MAX) {
        let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let report = read_file(&name, &path).map(Arc::new);
        entries.insert(name, report);
    }
    if too_many {
        Err(format!("more than {FILES_MAX} reports are in it: the others are left out"))
    } else {
        Ok(())
    }
}

fn read_file(name: &str, path: &Path) -> Result<Report, HeaderError> {
    let broken = |cause: String| HeaderError { file: format!("{name}.sql"), line: None, cause };
    let is_name = name.chars().count() <= NAME_CHARACTERS_MAX
        && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
    if !is_name || name.is_empty() {
        return Err(broken(format!(
            "a report's name has only a-z, 0-9 and -, and not more than {NAME_CHARACTERS_MAX} of them"
        )));
    }
    // Looked at before it is opened: opening a pipe waits for its other end.
    let metadata = fs::metadata(path).map_err(|error| broken(error.to_string()))?;
    if !metadata.is_file() {
        return Err(broken("it is no regular file".into()));
    }
    let mut bytes = Vec::new();
    File::open(path)
        .and_then(|file| file.take(FILE_BYTES_MAX + 1).read_to_end(&mut bytes))
        .map_err(|error| broken(error.to_string()))?;
    if bytes.len() as u64 > FILE_BYTES_MAX {
        return Err(broken(format!("it has more than {} kB", FILE_BYTES_MAX >> 10)));
    }
    let sql = String::from_utf8(bytes).map_err(|_| broken("it is not UTF-8 text".into()))?;
    Report::parse(name, &sql)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_adds_reports_takes_the_place_of_built_in_ones_and_breaks_none() {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap();
        write("mine.sql", "-- title: Mine\nSELECT 1");
        write("freshness.sql", "-- title: My own\nSELECT 2");
        write("wrong.sql", "-- titel: x\nSELECT 1");
        write("Bad name.sql", "SELECT 1");
        write("large.sql", &" ".repeat((256 << 10) + 1));
        write(".hidden.sql", "SELECT 1");
        write("notes.txt", "SELECT 1");
        fs::write(folder.path().join("bytes.sql"), b"SELECT '\xff'").unwrap();
        fs::create_dir(folder.path().join("folder.sql")).unwrap();
        let library = Library::new(Some(folder.path().into()));
        assert_eq!(library.find("mine").unwrap().title, "Mine");
        assert_eq!(library.find("freshness").unwrap().title, "My own");
        assert_eq!(library.find("growth").unwrap().name, "growth");
        for (name, cause) in [
            ("wrong", "cannot read the report wrong: wrong.sql, line 1: `titel:` is no line"),
            ("Bad name", "a report's name has only a-z, 0-9 and -"),
            ("large", "large.sql: it has more than 256 kB"),
            ("bytes", "it is not UTF-8 text"),
            ("folder", "it is no regular file"),
            ("notes", "there is none of this name"),
            (".hidden", "there is none of this name"),
        ] {
            let error = library.find(name).unwrap_err().to_string();
            assert!(error.contains(cause), "{name}: {error}");
        }
        assert_eq!(library.list().folder_error, None);
    }

    #[test]
    fn without_its_folder_the_built_in_reports_are_there_still() {
        let library = Library::new(Some("nowhere".into()));
        assert!(library.list().folder_error.is_some());
        assert!(library.find("growth").is_ok());
    }
}
