//! One account's rate limit, shared by everything that asks in its name, in the order of asking.

use std::num::NonZeroU32;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use governor::clock::{Clock, DefaultClock};
use governor::{DefaultDirectRateLimiter, Quota, RateLimiter};

use crate::clock::steady_now;

/// The most requests that may come closer together than the rate.
const CATCH_UP_MAX: u32 = 10;

/// The limit, and until when the API asked for silence.
pub(super) struct Pace {
    limiter: DefaultDirectRateLimiter,
    clock: DefaultClock,
    turn: tokio::sync::Mutex<()>,
    silent_until: Mutex<Option<Instant>>,
}

impl Pace {
    /// So many requests per second. Timers have a resolution of a millisecond, so from 50 a second
    /// on who comes late may catch up, by [`CATCH_UP_MAX`] requests at most: 1000 are reached.
    pub(super) fn new(requests_per_second: NonZeroU32) -> Self {
        let catch_up = (requests_per_second.get() / 50).min(CATCH_UP_MAX);
        let burst = NonZeroU32::MIN.saturating_add(catch_up);
        let quota = Quota::per_second(requests_per_second).allow_burst(burst);
        Self {
            limiter: RateLimiter::direct(quota),
            clock: DefaultClock::default(),
            turn: tokio::sync::Mutex::new(()),
            silent_until: Mutex::new(None),
        }
    }

    /// Waits until one request may be made. Dropped while it waits, it has not used anything up.
    pub(super) async fn turn(&self) {
        let _turn = self.turn.lock().await;
        loop {
            let wait = match self.silence() {
                Some(silence) => silence,
                None => match self.limiter.check() {
                    Ok(()) => return,
                    Err(early) => early.wait_time_from(self.clock.now()),
                },
            };
            tokio::time::sleep(wait).await;
        }
    }

    /// Waits until the silence that the API asked for is over, and takes nobody's turn.
    pub(super) async fn quiet(&self) {
        while let Some(silence) = self.silence() {
            tokio::time::sleep(silence).await;
        }
    }

    /// Nobody's turn comes before this time has passed.
    pub(super) fn keep_silent(&self, time: Duration) {
        let until = steady_now() + time;
        let mut silent_until = self.silent_until.lock().unwrap_or_else(PoisonError::into_inner);
        *silent_until = Some(silent_until.map_or(until, |there| there.max(until)));
    }

    /// How long nobody's turn comes, because the API asked for silence.
    pub(super) fn silence(&self) -> Option<Duration> {
        let until = *self.silent_until.lock().unwrap_or_else(PoisonError::into_inner);
        until?.checked_duration_since(steady_now()).filter(|left| !left.is_zero())
    }
}
