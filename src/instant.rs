//! Moments, to the second, in UTC: what the API's dates mean and what the file's instants say.

use std::fmt;

use chrono::{DateTime, NaiveDate, SecondsFormat, Utc};
use chrono_tz::Tz;

/// A moment in UTC, to the second. Written as `2026-11-23T09:05:10Z`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UtcInstant(i64);

impl UtcInstant {
    /// 1970-01-01T00:00:00Z.
    pub const EPOCH: Self = Self(0);
    /// The earliest moment that the file's text form can hold: year 1.
    const FIRST_S: i64 = -62_135_596_800;
    /// The latest: the last second of year 9999.
    const LAST_S: i64 = 253_402_300_799;

    /// From seconds since 1970; `None` outside the years 1 to 9999.
    #[must_use]
    pub fn from_unix_s(seconds: i64) -> Option<Self> {
        (Self::FIRST_S..=Self::LAST_S).contains(&seconds).then_some(Self(seconds))
    }

    /// Seconds since 1970.
    #[must_use]
    pub fn unix_s(self) -> i64 {
        self.0
    }

    /// From chrono's moment; `None` outside the years 1 to 9999.
    #[must_use]
    pub fn from_datetime(at: DateTime<Utc>) -> Option<Self> {
        Self::from_unix_s(at.timestamp())
    }

    /// As chrono's moment.
    #[must_use]
    pub fn datetime(self) -> DateTime<Utc> {
        DateTime::from_timestamp(self.0, 0).expect("Invariant: years 1 to 9999 only")
    }

    /// Reads the file's own form, `2026-11-23T09:05:10Z`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::from_datetime(DateTime::parse_from_rfc3339(text).ok()?.with_timezone(&Utc))
    }

    /// Reads what people write: a moment, `2026-11-23T09:05:10Z`, or the start of a local day, `2026-11-23`.
    #[must_use]
    pub fn parse_local(text: &str, zone: Tz) -> Option<Self> {
        Self::parse(text).or_else(|| Self::start_of(NaiveDate::parse_from_str(text, "%Y-%m-%d").ok()?, zone))
    }

    /// The day's first moment there; where the clock is put forward over midnight, that is later than 0:00.
    fn start_of(day: NaiveDate, zone: Tz) -> Option<Self> {
        (0..24).find_map(|hour| {
            let at = day.and_hms_opt(hour, 0, 0)?.and_local_timezone(zone).earliest()?;
            Self::from_datetime(at.to_utc())
        })
    }

    /// The day that it is there, `2026-11-23`.
    #[must_use]
    pub fn local_date(self, zone: Tz) -> String {
        self.datetime().with_timezone(&zone).date_naive().to_string()
    }
}

impl fmt::Display for UtcInstant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.datetime().to_rfc3339_opts(SecondsFormat::Secs, true))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str, zone: Tz) -> Option<String> {
        UtcInstant::parse_local(text, zone).map(|at| at.to_string())
    }

    #[test]
    fn a_day_begins_at_its_own_midnight() {
        assert_eq!(read("2026-11-23", Tz::UTC).as_deref(), Some("2026-11-23T00:00:00Z"));
        assert_eq!(read("2026-07-01", Tz::Europe__Brussels).as_deref(), Some("2026-06-30T22:00:00Z"));
        // In Beirut, midnight of 2026-03-29 does not exist.
        assert_eq!(read("2026-03-29", Tz::Asia__Beirut).as_deref(), Some("2026-03-28T22:00:00Z"));
    }

    #[test]
    fn a_moment_is_read_with_its_offset_and_nothing_else_is() {
        assert_eq!(read("2026-11-23T10:05:10+01:00", Tz::UTC).as_deref(), Some("2026-11-23T09:05:10Z"));
        for text in ["yesterday", "2026-13-01", "23.11.2026", "2026-11-23 09:05", "1", ""] {
            assert_eq!(read(text, Tz::UTC), None, "{text}");
        }
    }

    #[test]
    fn a_moment_is_another_day_in_another_zone() {
        let at = UtcInstant::parse("2026-11-23T23:30:00Z").unwrap();
        assert_eq!(at.local_date(Tz::UTC), "2026-11-23");
        assert_eq!(at.local_date(Tz::Europe__Brussels), "2026-11-24");
    }
}
