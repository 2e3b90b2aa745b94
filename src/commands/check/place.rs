//! A file or folder as the system sees it: whose it is and whom it lets in. No SQLite.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use rustix::fs::{Access, access};

/// May read a file.
pub(super) const READ: u32 = 0o4;
/// May change a file, or what there is in a folder.
pub(super) const WRITE: u32 = 0o2;
/// May enter a folder.
pub(super) const ENTER: u32 = 0o1;

/// A file or folder that is there.
#[derive(Clone, Debug)]
pub(super) struct Place {
    pub(super) path: PathBuf,
    pub(super) user: u32,
    pub(super) group: u32,
    mode: u32,
}

impl Place {
    /// `None` where it is not, or can't be seen.
    pub(super) fn of(path: &Path) -> Option<Self> {
        let metadata = fs::metadata(path).ok()?;
        let (user, group, mode) = (metadata.uid(), metadata.gid(), metadata.mode());
        Some(Self { path: path.into(), user, group, mode })
    }

    /// Whether a user who is in that group, and in no other, may do it.
    pub(super) fn lets_member(&self, group: u32, what: u32) -> bool {
        let bits = if self.group == group { self.mode >> 3 } else { self.mode };
        bits & what == what
    }

    /// Whether that user may do it, who is in no group but that one.
    pub(super) fn lets_user(&self, user: u32, group: u32, what: u32) -> bool {
        user == 0
            || if self.user == user { (self.mode >> 6) & what == what } else { self.lets_member(group, what) }
    }

    /// Whether everybody may do it.
    pub(super) fn lets_everybody(&self, what: u32) -> bool {
        self.mode & what == what
    }

    /// What is made in it gets its group.
    pub(super) fn gives_its_group(&self) -> bool {
        self.mode & 0o2000 != 0
    }

    /// Only its owner may remove what is in it: `/tmp`.
    pub(super) fn is_sticky(&self) -> bool {
        self.mode & 0o1000 != 0
    }

    /// Its group may do what not everybody may: it is shared on purpose.
    pub(super) fn is_shared(&self) -> bool {
        self.gives_its_group() || (self.mode >> 3) & !self.mode & 0o7 != 0
    }
}

/// Whether it is there, another user's, and kept from this one.
pub(super) fn is_of_another(path: &Path) -> bool {
    let me = rustix::process::geteuid().as_raw();
    Place::of(path).is_some_and(|place| place.user != me) && access(path, Access::READ_OK).is_err()
}

/// Its name, else its number.
pub(super) fn user_name(user: u32) -> String {
    name_in("/etc/passwd", user)
}

/// Its name, else its number.
pub(super) fn group_name(group: u32) -> String {
    name_in("/etc/group", group)
}

/// The group that a user's own files get.
pub(super) fn own_group(user: u32) -> Option<u32> {
    field("/etc/passwd", user, 3)?.parse().ok()
}

fn name_in(file: &str, id: u32) -> String {
    field(file, id, 0).unwrap_or_else(|| id.to_string())
}

/// Both files have the number as their third field.
fn field(file: &str, id: u32, wanted: usize) -> Option<String> {
    let (text, id) = (fs::read_to_string(file).ok()?, id.to_string());
    let fields = text.lines().map(|line| line.split(':').collect::<Vec<_>>());
    let line = fields.into_iter().find(|fields| fields.get(2) == Some(&id.as_str()))?;
    line.get(wanted).map(|field| (*field).to_owned())
}
