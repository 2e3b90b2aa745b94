//! `[reports]`: what a day is.

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
}

/// What a day is.
#[derive(Clone, Debug)]
pub struct Reports {
    /// Of `registered_on`; UTC.
    pub time_zone: Tz,
}

impl ReportsSection {
    pub(super) fn validate(&self) -> Result<Reports, Wrong> {
        Ok(Reports { time_zone: time_zone::validate(self.time_zone.as_ref())?.unwrap_or(Tz::UTC) })
    }
}
