//! `[retention]`: how long what is past stays in the mirror.

use serde::Deserialize;
use toml::Spanned;

use super::error::Wrong;
use super::sync::within;

/// A hundred years.
const DAYS_MAX: i64 = 36_500;

/// The section as it stands.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RetentionSection {
    changes_days: Option<Spanned<i64>>,
    removed_days: Option<Spanned<i64>>,
    walks_days: Option<Spanned<i64>>,
    sends_days: Option<Spanned<i64>>,
}

/// How long what is past stays, in days; `None`: for ever.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Retention {
    /// Changes, since they were found.
    pub changes_days: Option<u32>,
    /// Removed registrations, since they were removed.
    pub removed_days: Option<u32>,
    /// Walks, since they ended.
    pub walks_days: Option<u32>,
    /// Texts and recipients of sends, since they ended.
    pub sends_days: Option<u32>,
}

impl RetentionSection {
    pub(super) fn validate(&self) -> Result<Retention, Wrong> {
        let days = |said: &Option<Spanned<i64>>| -> Result<Option<u32>, Wrong> {
            Ok(within(said.as_ref(), 1, DAYS_MAX)?.and_then(|days| u32::try_from(days).ok()))
        };
        Ok(Retention {
            changes_days: days(&self.changes_days)?,
            removed_days: days(&self.removed_days)?,
            walks_days: days(&self.walks_days)?,
            sends_days: days(&self.sends_days)?,
        })
    }
}
