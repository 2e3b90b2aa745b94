//! Where an export goes: a file or a folder that is made beside its place and put there when it is whole, as
//! `store::place` does it.

use std::fs::{self, File, Metadata};
use std::io::{self, BufWriter};
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use rustix::fs::{CWD, RenameFlags, renameat_with};

use super::ExportError;
use crate::store::place::{self, PARTIAL, Place, with_ending};

const BUFFER_BYTES: usize = 64 << 10;
/// People's data: for the owner and the group.
const FILE_MODE: u32 = 0o640;
const FOLDER_MODE: u32 = 0o750;

/// What a file's rows are written to.
pub(super) type Out = BufWriter<File>;

/// A file that is not in its place yet; dropped, it is taken away.
#[derive(Debug)]
pub struct Single {
    place: Place,
}

/// A folder that is not in its place yet; dropped, it is taken away.
#[derive(Debug)]
pub struct Folder {
    /// As it was named; `path` is where that leads.
    named: PathBuf,
    path: PathBuf,
    partial: PathBuf,
    _locked: File,
    parts: Mutex<Vec<PathBuf>>,
    is_placed: bool,
}

impl Single {
    /// Begins a file.
    ///
    /// # Errors
    /// When something else stands in its place, somebody else is writing it, or it can't be made.
    pub fn begin(path: &Path) -> Result<Self, ExportError> {
        let path = followed(path, Metadata::is_file, "it is no regular file")?;
        let place = Place::begin(&path, FILE_MODE).map_err(|cause| file_error(&path, cause))?;
        Ok(Self { place })
    }

    /// What its content is written to.
    ///
    /// # Errors
    /// When the system has no handle for it.
    pub fn out(&self) -> Result<BufWriter<File>, ExportError> {
        let file = self.place.file().try_clone().map_err(|cause| self.failed(cause))?;
        Ok(BufWriter::with_capacity(BUFFER_BYTES, file))
    }

    /// That it could not be written.
    #[must_use]
    pub fn failed(&self, cause: io::Error) -> ExportError {
        file_error(self.place.path(), cause)
    }

    /// Puts it in its place, whole and on the disk.
    ///
    /// # Errors
    /// When that fails; what stood there stands there still.
    pub fn commit(self) -> Result<(), ExportError> {
        let path = self.place.path().to_path_buf();
        self.place.commit().map_err(|cause| file_error(&path, cause))
    }
}

impl Folder {
    /// Begins a folder.
    ///
    /// # Errors
    /// When something else than an earlier export stands in its place, somebody else is writing it, or it can't be
    /// made.
    pub fn begin(named: &Path) -> Result<Self, ExportError> {
        let path = followed(named, Metadata::is_dir, "it is no folder")?;
        let failed = |cause| file_error(&path, cause);
        for place in [&path, &with_ending(&path, PARTIAL)] {
            if place.exists() && !is_export(place).map_err(failed)? {
                let cause = "there is something in it that is no export";
                return Err(ExportError::InTheWay { path: place.clone(), cause });
            }
        }
        let partial = with_ending(&path, PARTIAL);
        let locked = place::lock(&partial, || {
            match fs::DirBuilder::new().mode(FOLDER_MODE).create(&partial) {
                Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error),
                _ => {}
            }
            File::open(&partial)
        })
        .map_err(failed)?;
        for entry in fs::read_dir(&partial).map_err(failed)? {
            fs::remove_dir_all(entry.map_err(failed)?.path()).map_err(failed)?;
        }
        Ok(Self {
            named: named.into(),
            path,
            partial,
            _locked: locked,
            parts: Mutex::default(),
            is_placed: false,
        })
    }

    /// Begins the only file of one part.
    pub(super) fn part(&self, name: &str, extension: &str) -> Result<Single, ExportError> {
        let folder = self.partial.join(name);
        let made = fs::DirBuilder::new().mode(FOLDER_MODE).create(&folder);
        made.map_err(|cause| file_error(&folder, cause))?;
        let file = format!("part-0.{extension}");
        let mut parts = self.parts.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        parts.push(self.named.join(name).join(&file));
        Single::begin(&folder.join(file))
    }

    /// Puts it in its place, and tells its files.
    ///
    /// # Errors
    /// When that fails; what stood there stands there still.
    pub fn commit(mut self) -> Result<Vec<PathBuf>, ExportError> {
        let failed = |cause| file_error(&self.path, cause);
        if self.path.exists() {
            let exchange = || renameat_with(CWD, &self.partial, CWD, &self.path, RenameFlags::EXCHANGE);
            exchange().map_err(io::Error::from).map_err(failed)?;
            // Somebody may have put something in meanwhile.
            if !is_export(&self.partial).map_err(failed)? {
                exchange().map_err(io::Error::from).map_err(failed)?;
                let cause = "there is something in it that is no export";
                return Err(ExportError::InTheWay { path: self.path.clone(), cause });
            }
            self.is_placed = true;
            fs::remove_dir_all(&self.partial).map_err(|cause| file_error(&self.partial, cause))?;
        } else {
            fs::rename(&self.partial, &self.path).map_err(failed)?;
            self.is_placed = true;
        }
        Ok(std::mem::take(self.parts.get_mut().unwrap_or_else(std::sync::PoisonError::into_inner)))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        if !self.is_placed {
            // As for a file.
            let _ = fs::remove_dir_all(&self.partial);
        }
    }
}

/// Where a link leads, so that the link stays; an error where something else stands there.
fn followed(
    path: &Path,
    is_right: fn(&Metadata) -> bool,
    cause: &'static str,
) -> Result<PathBuf, ExportError> {
    place::follow(path, is_right, cause).map_err(|error| match error.kind() {
        io::ErrorKind::AlreadyExists => ExportError::InTheWay { path: path.into(), cause },
        _ => file_error(path, error),
    })
}

/// Whether a folder holds nothing but folders `COLUMN=DAY` with a part in them.
fn is_export(folder: &Path) -> io::Result<bool> {
    let begins =
        |name: &std::ffi::OsStr, with: &str| name.to_str().is_some_and(|name| name.starts_with(with));
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let is_part = entry.file_name().to_str().is_some_and(|name| name.contains('='));
        if !is_part || !entry.file_type()?.is_dir() {
            return Ok(false);
        }
        for file in fs::read_dir(entry.path())? {
            let file = file?;
            if !begins(&file.file_name(), "part-0.") || !file.file_type()?.is_file() {
                return Ok(false);
            }
        }
    }
    Ok(true)
}

fn file_error(path: &Path, cause: io::Error) -> ExportError {
    ExportError::File { path: path.into(), cause }
}
