//! A copy of the mirror as it stood at one moment, in one file, made while others write the mirror.
//!
//! SQLite's own copying, page by page, out of one read transaction that is held from the first page to the last: so the
//! pages are of one moment, and no writer makes it begin anew. Nobody is held up. The log can't be cut meanwhile,
//! so the copy is made as fast as the disk allows and the transaction ends with it; what is checked is checked on the
//! copy. Deliberately not here: when it is done, and how many stay (`daemon::snapshots`).

mod before;
mod copy;
mod error;
mod target;

use std::path::Path;
use std::sync::Arc;

pub use self::error::SnapshotError;
pub use self::target::is_snapshot;

pub(super) use self::before::{BEFORE, before_migration};
pub(super) use self::copy::{Source, copy};
pub(super) use self::target::check_room;
use super::summary::Summary;

/// Who is told how far a copy is, and asked whether to go on. Clones are the same one.
#[derive(Clone)]
pub struct Watch {
    copied: Arc<dyn Fn(u64, u64) + Send + Sync>,
    should_stop: Arc<dyn Fn() -> bool + Send + Sync>,
}

impl Watch {
    /// `copied` is told how many bytes of how many are copied; once all are, they are being checked. `should_stop` is
    /// asked all along.
    pub fn new(
        copied: impl Fn(u64, u64) + Send + Sync + 'static,
        should_stop: impl Fn() -> bool + Send + Sync + 'static,
    ) -> Self {
        Self { copied: Arc::new(copied), should_stop: Arc::new(should_stop) }
    }

    /// Nobody: it goes on to its end.
    #[must_use]
    pub fn nobody() -> Self {
        Self::new(|_, _| {}, || false)
    }
}

/// Copies the mirror at `mirror` into `file`, checks the copy, and puts it in its place. An older snapshot there is
/// replaced, and nothing else is.
///
/// The mirror is only ever opened by SQLite here: this process may be the one that writes it, and would lose
/// SQLite's locks on it with any other handle.
///
/// # Errors
/// When it can't be done; what stood at `file` stands there still.
pub fn take(mirror: &Path, file: &Path, watch: &Watch) -> Result<Summary, SnapshotError> {
    let source = Source::open(mirror)?;
    source.summary.check_version(mirror)?;
    let place = target::begin(mirror, file)?;
    target::check_room(file, source.summary.bytes)?;
    let summary = copy(source, &place, watch)?;
    place.commit().map_err(|cause| SnapshotError::file(file, cause))?;
    Ok(summary)
}
