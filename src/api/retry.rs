//! When a read is tried again: exponentially later with jitter, and as late as the API asks.

use std::time::Duration;

use backon::{BackoffBuilder, ExponentialBackoff, ExponentialBuilder};

use super::settings::Retry;
use crate::instant::UtcInstant;

/// The longest that an answer's `Retry-After` is believed.
pub const RETRY_AFTER_MAX: Duration = Duration::from_secs(120);

/// The waits between the tries of one read; ends with the last try.
pub(super) fn waits(retry: Retry) -> ExponentialBackoff {
    ExponentialBuilder::new()
        .with_jitter()
        .with_min_delay(retry.backoff_min)
        .with_max_delay(retry.backoff_max)
        .with_max_times(retry.attempts.max(1) as usize - 1)
        .build()
}

/// No wait between two tries is longer: each is twice the one before, up to the most, and jitter may
/// double it.
pub(super) fn longest_wait(retry: Retry) -> Duration {
    let doublings = retry.attempts.saturating_sub(2).min(31);
    retry.backoff_min.saturating_mul(1 << doublings).min(retry.backoff_max) * 2
}

/// How long `Retry-After` asks to wait: seconds or an HTTP date, capped.
pub(super) fn retry_after(value: &str, now: UtcInstant) -> Option<Duration> {
    let value = value.trim();
    let wait = match value.parse::<u64>() {
        Ok(seconds) => Duration::from_secs(seconds),
        Err(_) => {
            let at = httpdate::parse_http_date(value).ok()?;
            at.duration_since(now.datetime().into()).unwrap_or_default()
        }
    };
    Some(wait.min(RETRY_AFTER_MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_wait_is_longer_than_the_longest() {
        let steep = Retry { attempts: 12, backoff_min: Duration::from_millis(700), ..Retry::default() };
        for retry in [Retry::default(), steep, Retry { attempts: 1, ..steep }] {
            for _ in 0..200 {
                assert!(waits(retry).all(|wait| wait <= longest_wait(retry)), "{retry:?}");
            }
        }
    }
}
