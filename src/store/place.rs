//! A file that is made beside its place and put there when it is whole and on the disk.
//!
//! A name that ends in `.partial` holds what is not finished; it is locked while somebody writes it, and what a
//! killed process left there is written over.

use std::ffi::OsStr;
use std::fs::{self, File, Metadata, OpenOptions};
use std::io;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use rustix::fs::{FlockOperation, flock};

/// The end of the name of what is not finished.
pub const PARTIAL: &str = ".partial";

/// What SQLite may leave beside a file that it writes.
const OF_SQLITE: [&str; 3] = ["-journal", "-wal", "-shm"];

/// A file that is not in its place yet; dropped, it is taken away.
#[derive(Debug)]
pub struct Place {
    path: PathBuf,
    partial: PathBuf,
    file: File,
    is_placed: bool,
}

impl Place {
    /// Begins a file whose mode is `mode`, less what the umask takes. `path` is taken as it is: links are not followed.
    ///
    /// # Errors
    /// When it can't be made, or another process is making it.
    pub fn begin(path: &Path, mode: u32) -> io::Result<Self> {
        let partial = with_ending(path, PARTIAL);
        let mut options = OpenOptions::new();
        options.write(true).create(true).truncate(false).mode(mode).custom_flags(libc::O_NOFOLLOW);
        let file = lock(&partial, || options.open(&partial))?;
        let place = Self { path: path.into(), partial, file, is_placed: false };
        place.remove_companions();
        place.file.set_len(0)?;
        Ok(place)
    }

    /// Where it will be.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Where it is until then.
    #[must_use]
    pub fn partial(&self) -> &Path {
        &self.partial
    }

    /// What its content is written to.
    #[must_use]
    pub fn file(&self) -> &File {
        &self.file
    }

    /// Puts it in its place, whole and on the disk.
    ///
    /// # Errors
    /// When that fails; what stood there stands there still.
    pub fn commit(mut self) -> io::Result<()> {
        self.file.sync_all()?;
        fs::rename(&self.partial, &self.path)?;
        self.is_placed = true;
        sync_folder_of(&self.path)
    }

    fn remove_companions(&self) {
        for ending in OF_SQLITE {
            // Most of the time there is none.
            let _ = fs::remove_file(with_ending(&self.partial, ending));
        }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        if !self.is_placed {
            // What was to be done has failed already; what is left is told by its name.
            self.remove_companions();
            let _ = fs::remove_file(&self.partial);
        }
    }
}

/// Takes away what a killed process left under an unfinished name, unless somebody is writing it.
///
/// # Errors
/// When it can't be looked at or taken away.
pub fn sweep(partial: &Path) -> io::Result<()> {
    let file = match OpenOptions::new().write(true).custom_flags(libc::O_NOFOLLOW).open(partial) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        opened => opened?,
    };
    if flock(&file, FlockOperation::NonBlockingLockExclusive).is_ok() && is_at(&file, partial)? {
        for ending in OF_SQLITE {
            let _ = fs::remove_file(with_ending(partial, ending));
        }
        fs::remove_file(partial)?;
    }
    Ok(())
}

/// Where a link leads, so that the link stays; an error where something else than a file stands there.
///
/// # Errors
/// The cause, for people.
pub fn follow(path: &Path, is_right: fn(&Metadata) -> bool, wrong: &'static str) -> io::Result<PathBuf> {
    match fs::metadata(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(path.into()),
        Err(error) => Err(error),
        Ok(metadata) if !is_right(&metadata) => Err(io::Error::new(io::ErrorKind::AlreadyExists, wrong)),
        Ok(_) => fs::canonicalize(path),
    }
}

/// Opens and locks what stands at a path: not what stood there a moment ago and was put in its place.
///
/// # Errors
/// When it can't be opened, or another process holds it.
pub fn lock(path: &Path, open: impl Fn() -> io::Result<File>) -> io::Result<File> {
    loop {
        let file = open()?;
        flock(&file, FlockOperation::NonBlockingLockExclusive).map_err(|error| match error {
            rustix::io::Errno::WOULDBLOCK => io::Error::other("another process is writing it"),
            other => other.into(),
        })?;
        if is_at(&file, path)? {
            return Ok(file);
        }
    }
}

fn is_at(file: &File, path: &Path) -> io::Result<bool> {
    let (locked, there) = (file.metadata()?, fs::symlink_metadata(path));
    Ok(there.is_ok_and(|there| (there.dev(), there.ino()) == (locked.dev(), locked.ino())))
}

/// The same name with something behind it.
#[must_use]
pub fn with_ending(path: &Path, ending: impl AsRef<OsStr>) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(ending);
    name.into()
}

/// Makes durable what was renamed, made or removed beside `path`.
///
/// # Errors
/// When the system says no.
pub fn sync_folder_of(path: &Path) -> io::Result<()> {
    File::open(folder_of(path))?.sync_all()
}

/// The folder that `path` lies in.
#[must_use]
pub fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}
