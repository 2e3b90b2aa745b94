//! Moments, to the second, in UTC: what the API's dates mean and what the file's instants say.

use std::fmt;

use chrono::{DateTime, SecondsFormat, Utc};

/// A moment in UTC, to the second. Written as `2026-11-23T09:05:10Z`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UtcInstant(i64);

impl UtcInstant {
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
}

impl fmt::Display for UtcInstant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.datetime().to_rfc3339_opts(SecondsFormat::Secs, true))
    }
}
