//! The one place that reads the clock; clippy bans the rest (`clippy.toml`).
//!
//! Waiting (`tokio::time`) is not reading: it stays where it is needed.

use std::time::Instant;

use chrono::Utc;

use crate::instant::UtcInstant;

/// The wall clock's moment, to the second.
#[must_use]
#[expect(clippy::disallowed_methods, reason = "the one place that reads the wall clock")]
pub fn now() -> UtcInstant {
    UtcInstant::from_datetime(Utc::now())
        .expect("Invariant: the system's clock is within the years 1 to 9999")
}

/// The steady clock's moment: for durations and deadlines.
#[must_use]
#[expect(clippy::disallowed_methods, reason = "the one place that reads the steady clock")]
pub fn steady_now() -> Instant {
    Instant::now()
}
