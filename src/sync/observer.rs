//! Who watches a tick: progress bars. Nothing a watcher does changes what is done.

use std::sync::Arc;

use crate::directory::DirectoryId;

/// Told of every step of every walk, from several tasks at once.
pub type Observer = Arc<dyn Fn(&Progressed<'_>) + Send + Sync>;

/// A step of a walk.
#[derive(Clone, Copy, Debug)]
pub enum Progressed<'a> {
    /// A directory's walk begins; so many registrations of it stand in the mirror.
    Began {
        /// Whose.
        directory: &'a DirectoryId,
        /// What the mirror knows of its size.
        registrations: u64,
    },
    /// A page was read.
    Read {
        /// Whose.
        directory: &'a DirectoryId,
        /// Pages so far.
        pages: u64,
        /// Rows so far.
        rows: u64,
    },
    /// The walk is over.
    Ended {
        /// Whose.
        directory: &'a DirectoryId,
    },
}
