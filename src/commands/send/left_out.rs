//! `--left-out`: who is left out and why, as CSV, in a file of its owner's that is whole before anything is sent.
//! Text is guarded as in every CSV for people: a list may hold what a stranger typed.

use std::fs::{self, File};
use std::io::{self, BufRead as _, BufReader, BufWriter, Read as _};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use anyhow::anyhow;

use super::recipients::{Entry, RecipientArgs};
use crate::commands::{Exit, Failure};
use crate::output::{RowFormat, RowWriter};
use crate::send::LeftOut;
use crate::store::foreign::Cell;
use crate::store::is_same_file;
use crate::store::place::{self, Place};

/// It holds recipients.
const MODE: u32 = 0o600;
const COLUMNS: [&str; 4] = ["number", "recipient", "reason", "word"];

/// The file, not in its place yet; dropped, it is taken away.
pub(super) struct LeftOutFile {
    named: PathBuf,
    place: Place,
    rows: RowWriter<BufWriter<File>>,
}

impl LeftOutFile {
    /// Begins it, before anybody has the mirror open: only an earlier such file is written over, and finding out
    /// opens what is there.
    ///
    /// # Errors
    /// When something else stands there, or it can't be made.
    pub(super) fn begin(named: &Path, recipients: &RecipientArgs, mirror: &Path) -> Result<Self, Failure> {
        if named.as_os_str() == "-" {
            return Err(in_the_way(named, "standard output has the plan"));
        }
        let is_list = match recipients.list() {
            Some(list) if list.as_os_str() == "-" => is_standard_input(named),
            Some(list) => is_same_file(named, list),
            None => false,
        };
        if is_list {
            return Err(in_the_way(named, "it is the list itself"));
        }
        let failed = |cause| failed(named, cause);
        let path = match place::follow(named, fs::Metadata::is_file, "it is no regular file") {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                return Err(in_the_way(named, "it is no regular file"));
            }
            path => path.map_err(failed)?,
        };
        if path.exists() && !is_left_out_file(&path).map_err(failed)? {
            return Err(in_the_way(named, "something else stands there"));
        }
        let name = |path: &Path| path.file_name().map(|name| name.as_encoded_bytes().to_vec());
        if name(named).zip(name(mirror)).is_some_and(|(named, mirror)| named.starts_with(&mirror)) {
            return Err(in_the_way(named, "what is called so is the mirror's"));
        }
        let place = Place::begin(&path, MODE).map_err(failed)?;
        let out = BufWriter::new(place.file().try_clone().map_err(failed)?);
        let columns = COLUMNS.map(str::to_owned);
        let rows = RowWriter::begin(RowFormat::Csv, &columns, out).map_err(failed)?;
        Ok(Self { named: named.into(), place, rows })
    }

    /// Adds one who is left out.
    ///
    /// # Errors
    /// When it can't be written.
    pub(super) fn add(&mut self, entry: &Entry<'_>, reason: LeftOut) -> Result<(), Failure> {
        let number = Cell::Integer(i64::try_from(entry.number).unwrap_or(i64::MAX));
        let texts = [&*entry.text, reason.as_str(), reason.detail()].map(|text| Cell::Text(text.as_bytes()));
        let row = self.rows.row(std::iter::once(number).chain(texts));
        row.map_err(|cause| failed(&self.named, cause))
    }

    /// Puts it in its place, whole and on the disk.
    ///
    /// # Errors
    /// When that fails; what stood there stands there still.
    pub(super) fn commit(self) -> Result<(), Failure> {
        let written = self.rows.finish().and_then(|()| self.place.commit());
        written.map_err(|cause| failed(&self.named, cause))
    }
}

/// Whether it begins as such a file does. An empty one may be a lock, or the mirror's log.
fn is_left_out_file(path: &Path) -> io::Result<bool> {
    let header = COLUMNS.join(",");
    let mut line = Vec::new();
    BufReader::new(File::open(path)?).take(header.len() as u64 + 1).read_until(b'\n', &mut line)?;
    Ok(line.trim_ascii_end() == header.as_bytes())
}

/// Whether a name leads to the file that standard input comes from.
fn is_standard_input(path: &Path) -> bool {
    let Ok(input) = rustix::fs::fstat(io::stdin()) else { return false };
    fs::metadata(path).is_ok_and(|file| (file.dev(), file.ino()) == (input.st_dev, input.st_ino))
}

fn in_the_way(named: &Path, cause: &str) -> Failure {
    Failure::new(Exit::Usage, anyhow!("cannot write {}: {cause}", named.display()))
        .hint("name another file for --left-out; only an earlier one of its kind is written over")
}

fn failed(named: &Path, cause: io::Error) -> Failure {
    let error = anyhow::Error::new(cause).context(format!("cannot write {}", named.display()));
    Failure::new(Exit::Failed, error)
        .hint("name another place, or make room there and let this user write to it")
}
