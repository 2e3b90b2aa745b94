//! `[snapshots]`: when the daemon copies the mirror, where to, and how many copies stay.

use std::path::{Path, PathBuf};

use serde::Deserialize;
use toml::Spanned;

use super::cron::CronExpression;
use super::error::Wrong;
use super::sync::within;

const KEEP: usize = 7;
const KEEP_MAX: i64 = 1000;
/// Beside the mirror's file.
const FOLDER: &str = "snapshots";

/// The section as it stands.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SnapshotsSection {
    schedule: Option<Spanned<String>>,
    keep: Option<Spanned<i64>>,
    folder: Option<Spanned<PathBuf>>,
}

/// When the daemon copies the mirror, and where to.
#[derive(Clone, Debug, PartialEq)]
pub struct Snapshots {
    /// In the time zone of `[schedule]`; `None`: never.
    pub schedule: Option<CronExpression>,
    /// How many stay; 1 to 1000, 7.
    pub keep: usize,
    /// Where they lie; `snapshots` beside the mirror's file.
    pub folder: PathBuf,
}

impl Snapshots {
    /// Of a mirror that nobody said anything of.
    #[must_use]
    pub fn never(database: &Path) -> Self {
        Self { schedule: None, keep: KEEP, folder: database.with_file_name(FOLDER) }
    }
}

impl SnapshotsSection {
    /// `folder` is what relative paths are relative to.
    pub(super) fn validate(&self, folder: &Path, database: &Path) -> Result<Snapshots, Wrong> {
        let default = Snapshots::never(database);
        let keep = within(self.keep.as_ref(), 1, KEEP_MAX)?;
        if let Some(path) = self.folder.as_ref().filter(|path| path.get_ref().as_os_str().is_empty()) {
            return Err(Wrong::new(path.span(), "`folder` is empty")
                .hint("name the folder, or take the line out: then it is `snapshots` beside the database"));
        }
        Ok(Snapshots {
            schedule: CronExpression::validate(self.schedule.as_ref())?,
            keep: keep.map_or(default.keep, |keep| usize::try_from(keep).unwrap_or(default.keep)),
            folder: self.folder.as_ref().map_or(default.folder, |path| folder.join(path.get_ref())),
        })
    }
}
