//! `[reports]`: what a day is, and where the operator's own reports are.

use std::path::{Path, PathBuf};

use chrono_tz::Tz;
use serde::Deserialize;
use toml::Spanned;

use super::error::Wrong;
use super::time_zone;

/// The section as it stands.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ReportsSection {
    time_zone: Option<Spanned<String>>,
    folder: Option<Spanned<PathBuf>>,
}

/// What a day is, and where reports are.
#[derive(Clone, Debug, PartialEq)]
pub struct Reports {
    /// Of `registered_on`; UTC.
    pub time_zone: Tz,
    /// Reports besides those built in; none.
    pub folder: Option<PathBuf>,
}

impl ReportsSection {
    /// `folder` is what relative paths are relative to.
    pub(super) fn validate(&self, folder: &Path) -> Result<Reports, Wrong> {
        if let Some(path) = self.folder.as_ref().filter(|path| path.get_ref().as_os_str().is_empty()) {
            return Err(Wrong::new(path.span(), "`folder` is empty")
                .hint("name the folder, or take the line out: the built-in reports need none"));
        }
        Ok(Reports {
            time_zone: time_zone::validate(self.time_zone.as_ref())?.unwrap_or(Tz::UTC),
            folder: self.folder.as_ref().map(|path| folder.join(path.get_ref())),
        })
    }
}
