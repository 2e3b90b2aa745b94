//! `[schedule]`: when the daemon looks.

use chrono_tz::Tz;
use serde::Deserialize;
use toml::Spanned;

use super::cron::CronExpression;
use super::error::Wrong;
use super::time_zone;

/// Every five minutes.
const INCREMENTAL: &str = "0 */5 * * * *";
/// Every night at half past two.
const FULL: &str = "0 30 2 * * *";

/// The section as it stands.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ScheduleSection {
    incremental: Option<Spanned<String>>,
    full: Option<Spanned<String>>,
    time_zone: Option<Spanned<String>>,
}

/// When the daemon looks.
#[derive(Clone, Debug)]
pub struct Schedule {
    /// Incremental ticks; every five minutes.
    pub incremental: CronExpression,
    /// Full walks; half past two.
    pub full: CronExpression,
    /// Of both expressions; UTC.
    pub time_zone: Tz,
}

impl Default for Schedule {
    fn default() -> Self {
        Self {
            incremental: CronExpression::built_in(INCREMENTAL),
            full: CronExpression::built_in(FULL),
            time_zone: Tz::UTC,
        }
    }
}

impl ScheduleSection {
    pub(super) fn validate(&self) -> Result<Schedule, Wrong> {
        let default = Schedule::default();
        Ok(Schedule {
            incremental: CronExpression::validate(self.incremental.as_ref())?.unwrap_or(default.incremental),
            full: CronExpression::validate(self.full.as_ref())?.unwrap_or(default.full),
            time_zone: time_zone::validate(self.time_zone.as_ref())?.unwrap_or(default.time_zone),
        })
    }
}
