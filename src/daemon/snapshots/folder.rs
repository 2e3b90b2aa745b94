//! The folder of the schedule's snapshots: how they are called, which there are, and which go.
//!
//! Only what has exactly such a name is ever removed.

use std::ffi::OsString;
use std::fs;
use std::io;
use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
use std::path::{Path, PathBuf};

use crate::instant::UtcInstant;
use crate::store::place::{PARTIAL, sweep};
use crate::store::snapshot::SnapshotError;

/// As the mirror's own folder: what is made in it is the group's to read, and nobody else's.
const MODE: u32 = 0o2750;
/// What it is made with.
const MODE_MADE: u32 = 0o750;

/// A snapshot that is there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// The file.
    pub path: PathBuf,
    /// When it was taken, as its name tells.
    pub at: UtcInstant,
    /// Its size.
    pub bytes: u64,
}

/// The folder of one mirror's snapshots.
#[derive(Clone, Debug)]
pub(super) struct Folder {
    path: PathBuf,
    /// What their names begin with.
    stem: OsString,
}

/// The snapshots of the mirror at `database` that are in `folder`, newest first.
#[must_use]
pub fn list(folder: &Path, database: &Path) -> Vec<Found> {
    Folder::new(folder, database).list()
}

impl Folder {
    pub(super) fn new(path: &Path, database: &Path) -> Self {
        let mut stem = database.file_stem().unwrap_or_default().to_owned();
        stem.push("-");
        Self { path: path.into(), stem }
    }

    /// Makes the folder if it is not there, and takes away what killed processes left unfinished in it.
    pub(super) fn prepare(&self) -> Result<(), SnapshotError> {
        let failed = |cause| SnapshotError::File { path: self.path.clone(), cause };
        match fs::DirBuilder::new().mode(MODE_MADE).create(&self.path) {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(failed(error)),
            Err(_) => {}
            Ok(()) => self.open_to_group(),
        }
        for entry in fs::read_dir(&self.path).map_err(failed)? {
            let path = entry.map_err(failed)?.path();
            let whole = path
                .extension()
                .filter(|_| path.as_os_str().as_encoded_bytes().ends_with(PARTIAL.as_bytes()));
            if whole.is_some_and(|_| self.moment_of(&path.with_extension("")).is_some()) {
                // What can't be taken away is in nobody's way.
                let _ = sweep(&path);
            }
        }
        Ok(())
    }

    /// Beside a mirror whose folder is made so, it is so already; a hardened unit may forbid to ask for it.
    fn open_to_group(&self) {
        let is_so = fs::metadata(&self.path).is_ok_and(|made| made.permissions().mode() & 0o7777 == MODE);
        if !is_so {
            let _ = fs::set_permissions(&self.path, fs::Permissions::from_mode(MODE));
        }
    }

    /// What a snapshot of this moment is called: `mirror-2026-11-24T02-30-00Z.db`.
    pub(super) fn name(&self, at: UtcInstant) -> PathBuf {
        let mut name = self.stem.clone();
        name.push(at.to_string().replace(':', "-"));
        name.push(".db");
        self.path.join(name)
    }

    /// When a file was taken, if its name is exactly such a one.
    fn moment_of(&self, path: &Path) -> Option<UtcInstant> {
        let name = path.file_name()?.as_encoded_bytes();
        let moment = name.strip_prefix(self.stem.as_encoded_bytes())?.strip_suffix(b".db")?;
        let (day, time) = std::str::from_utf8(moment).ok()?.split_once('T')?;
        let at = UtcInstant::parse(&format!("{day}T{}", time.replace('-', ":")))?;
        (self.name(at) == path).then_some(at)
    }

    /// Those that there are, newest first; none where the folder can't be read.
    pub(super) fn list(&self) -> Vec<Found> {
        let entries = fs::read_dir(&self.path).into_iter().flatten().filter_map(Result::ok);
        let mut found: Vec<Found> = entries
            .filter_map(|entry| {
                let path = entry.path();
                let at = self.moment_of(&path)?;
                let file = path.symlink_metadata().ok().filter(fs::Metadata::is_file)?;
                Some(Found { path, at, bytes: file.len() })
            })
            .collect();
        found.sort_by_key(|found| std::cmp::Reverse(found.at));
        found
    }

    /// Removes the oldest beyond so many. `newest` stays: it is the one that was just seen to be whole. Those of its
    /// future, from a clock that was ahead, go first: they would else be kept for as long.
    pub(super) fn prune(&self, keep: usize, newest: &Path) {
        let mut others: Vec<Found> = self.list().into_iter().filter(|found| found.path != newest).collect();
        let taken_at = self.moment_of(newest);
        others.sort_by_key(|found| taken_at.is_some_and(|at| found.at > at));
        for old in others.into_iter().skip(keep.saturating_sub(1)) {
            match fs::remove_file(&old.path) {
                Ok(()) => tracing::info!(file = %old.path.display(), "removed an old snapshot"),
                Err(error) => {
                    tracing::warn!(file = %old.path.display(), %error, "cannot remove an old snapshot");
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder() -> (tempfile::TempDir, Folder) {
        let folder = tempfile::tempdir().unwrap();
        let of = Folder::new(folder.path(), Path::new("/var/lib/x/mirror.db"));
        (folder, of)
    }

    fn at(text: &str) -> UtcInstant {
        UtcInstant::parse(text).unwrap()
    }

    #[test]
    fn a_name_tells_its_moment_and_no_other_name_does() {
        let (_, of) = folder();
        let name = of.name(at("2026-11-24T02:30:00Z"));
        assert!(name.ends_with("mirror-2026-11-24T02-30-00Z.db"), "{}", name.display());
        assert_eq!(of.moment_of(&name), Some(at("2026-11-24T02:30:00Z")));
        for other in [
            "mirror.db",
            "mirror-2026-11-24.db",
            "mirror-2026-11-24T02-30-00Z.db.partial",
            "mirror-2026-11-24T02-30-00Z.db-wal",
            "mirror-2026-11-24T02-30-00+00-00.db",
            "mirror-2026-11-24T02-30-00.5Z.db",
            "mirror-2026-13-24T02-30-00Z.db",
            "mirror-2026-11-24T02:30:00Z.db",
            "old-mirror-2026-11-24T02-30-00Z.db",
            "north-2026-11-24T02-30-00Z.db",
            "mirror-2026-11-24T02-30-00Z.db.gz",
        ] {
            assert_eq!(of.moment_of(&of.path.join(other)), None, "{other}");
        }
    }

    #[test]
    fn what_is_too_old_goes_and_what_is_not_its_own_stays() {
        let (folder, of) = folder();
        let days = [20, 21, 22, 23].map(|day| of.name(at(&format!("2026-11-{day}T02:30:00Z"))));
        let strange = ["mirror-2026-11-01.db", "notes.txt", "north-2026-11-01T02-30-00Z.db"];
        let strange = strange.map(|name| folder.path().join(name));
        days.iter().chain(&strange).for_each(|path| fs::write(path, "x").unwrap());
        fs::create_dir(of.name(at("2026-11-02T02:30:00Z"))).unwrap();
        of.prune(2, &days[3]);
        let left: Vec<bool> = days.iter().map(|day| day.exists()).collect();
        assert_eq!(left, [false, false, true, true]);
        assert!(strange.iter().all(|path| path.exists()));
        assert!(of.name(at("2026-11-02T02:30:00Z")).is_dir());
    }

    #[test]
    fn the_one_just_taken_stays_where_the_clock_was_ahead_before() {
        let (_folder, of) = folder();
        let ahead = ["2031-01-01T00:00:00Z", "2031-01-02T00:00:00Z"].map(|moment| of.name(at(moment)));
        let taken = of.name(at("2026-11-24T02:30:00Z"));
        ahead.iter().chain([&taken]).for_each(|path| fs::write(path, "x").unwrap());
        of.prune(1, &taken);
        assert_eq!(of.list().iter().map(|found| found.path.clone()).collect::<Vec<_>>(), [taken]);
    }

    #[test]
    fn those_of_a_clock_that_was_ahead_take_no_place_from_the_others() {
        let (_folder, of) = folder();
        let ahead = ["2031-01-01T00:00:00Z", "2031-01-02T00:00:00Z"].map(|moment| of.name(at(moment)));
        let days = [20, 21, 22, 23].map(|day| of.name(at(&format!("2026-11-{day}T02:30:00Z"))));
        ahead.iter().chain(&days).for_each(|path| fs::write(path, "x").unwrap());
        of.prune(4, &days[3]);
        let left: Vec<_> = of.list().into_iter().map(|found| found.path).collect();
        assert_eq!(left, [&days[3], &days[2], &days[1], &days[0]].map(Clone::clone));
    }

    #[test]
    fn what_killed_processes_left_unfinished_is_taken_away_unless_it_is_being_written() {
        let (folder, of) = folder();
        let left = folder.path().join("mirror-2026-11-20T02-30-00Z.db.partial");
        let live = folder.path().join("mirror-2026-11-21T02-30-00Z.db.partial");
        let strange = folder.path().join("letter.partial");
        [&left, &live, &strange].iter().for_each(|path| fs::write(path, "x").unwrap());
        let lock = fs::File::open(&live).unwrap();
        lock.try_lock().unwrap();
        of.prepare().unwrap();
        assert_eq!([left.exists(), live.exists(), strange.exists()], [false, true, true]);
    }

    #[test]
    fn a_folder_that_is_made_is_for_the_group_to_read() {
        let (folder, _) = folder();
        let of = Folder::new(&folder.path().join("snapshots"), Path::new("mirror.db"));
        of.prepare().unwrap();
        assert_eq!(fs::metadata(&of.path).unwrap().permissions().mode() & 0o7777, MODE);
        let nowhere = Folder::new(&folder.path().join("no/folder"), Path::new("mirror.db"));
        assert!(nowhere.prepare().is_err());
    }
}
