//! Who watches ticks: progress bars, metrics. Nothing a watcher does changes what is done.

use std::sync::Arc;

use super::report::{AccountReport, WalkReport};
use crate::directory::{AccountName, DirectoryId};

/// Told of every tick and of every step of every walk, from several tasks at once.
pub type Observer = Arc<dyn Fn(&Progressed<'_>) + Send + Sync>;

/// Tells several.
#[must_use]
pub fn observe_by(observers: Vec<Observer>) -> Observer {
    Arc::new(move |progressed| observers.iter().for_each(|observer| observer(progressed)))
}

/// A step of a tick.
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
        /// Rows of this page.
        page_rows: u64,
    },
    /// The walk is over.
    Ended {
        /// Whose.
        directory: &'a DirectoryId,
        /// What it did; `None` if the program was stopped before it read anything.
        walk: Option<&'a WalkReport>,
    },
    /// An account's tick is over.
    Ticked {
        /// What it did.
        report: &'a AccountReport,
    },
    /// An account's tick came due during a tick, and was dropped.
    Dropped {
        /// Whose.
        account: &'a AccountName,
    },
}
