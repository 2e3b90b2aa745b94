//! `[schedule]`: when the daemon looks.

use chrono_tz::Tz;
use serde::Deserialize;
use toml::Spanned;

use super::cron::CronExpression;
use super::error::Wrong;
use super::time_zone;
use crate::instant::UtcInstant;

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
#[derive(Clone, Debug, PartialEq)]
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

impl Schedule {
    /// Looks that a pause is looked for between: a day of the default schedule.
    const LOOKS: usize = 300;

    /// How long the daemon does not look, at most, among its next looks.
    #[must_use]
    pub fn longest_pause_s(&self, now: UtcInstant) -> i64 {
        let looks = self.incremental.next_after(now.datetime(), self.time_zone, Self::LOOKS);
        let pauses = looks.windows(2).map(|two| (two[1].to_utc() - two[0].to_utc()).num_seconds());
        pauses.max().unwrap_or(0)
    }

    /// The age in seconds from which a directory is stale: it missed three looks, and a minute has passed.
    #[must_use]
    pub fn stale_after_s(&self, now: UtcInstant) -> i64 {
        self.longest_pause_s(now).saturating_mul(3).max(60)
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

#[cfg(test)]
mod tests {
    use super::{CronExpression, Schedule};
    use crate::instant::UtcInstant;

    #[test]
    fn the_longest_pause_is_the_night_where_nobody_looks_then() {
        let now = UtcInstant::parse("2026-11-23T09:05:10Z").unwrap();
        assert_eq!(Schedule::default().longest_pause_s(now), 300);
        let by_day = CronExpression::parse("0 0 8-18 * * *").unwrap();
        assert_eq!(Schedule { incremental: by_day, ..Schedule::default() }.longest_pause_s(now), 14 * 3600);
        assert_eq!(Schedule::default().stale_after_s(now), 900);
        let often = CronExpression::parse("*/5 * * * * *").unwrap();
        assert_eq!(Schedule { incremental: often, ..Schedule::default() }.stale_after_s(now), 60);
    }
}
