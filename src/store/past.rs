//! What is past and need not stay: what `[retention]` speaks of.

/// What can be past.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Past {
    /// Changes, by when they were found.
    Changes,
    /// Removed registrations, by when they were removed.
    Removed,
    /// Walks, by when they ended.
    Walks,
    /// Recipients and texts of sends, by when they ended: the rows stay, so that nobody is sent anything twice.
    Sends,
}

impl Past {
    /// All that there is.
    pub const ALL: [Self; 4] = [Self::Changes, Self::Removed, Self::Walks, Self::Sends];

    /// The word in logs and metrics.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Changes => "changes",
            Self::Removed => "removed",
            Self::Walks => "walks",
            Self::Sends => "sends",
        }
    }
}

/// One batch of deletions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Deleted {
    /// How many rows it deleted.
    pub rows: u64,
    /// Where the next batch goes on; `None`: there is no more.
    pub next: Option<i64>,
}
