//! When ticks and full walks are due: asked of the cron expressions with their time zone.
//!
//! tokio-cron-scheduler only wakes the daemon, every second: its own jobs keep the UTC offset of the
//! moment they were made and would be an hour off after a clock change. Asking "did an occurrence
//! pass since?" is right across clock changes, after a sleep of the machine, and catches up a full
//! walk that was due while it was off.

use std::sync::Arc;

use chrono::Duration;
use chrono_tz::Tz;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio_cron_scheduler::{Job, JobScheduler, JobSchedulerError};
use tokio_util::sync::CancellationToken;

use crate::config::{CronExpression, Schedule};
use crate::instant::UtcInstant;

/// A full walk that failed is tried again after this, not with every tick.
const FULL_RETRY: Duration = Duration::hours(1);

/// A scheduler that wakes nobody for so long, of steady time, waits for a time that is past.
const SILENCE_MAX: std::time::Duration = std::time::Duration::from_secs(4);

/// Remembers up to when the schedule was looked at.
#[derive(Clone, Debug)]
pub struct Watch {
    schedule: Schedule,
    looked_at: UtcInstant,
}

impl Watch {
    /// Occurrences after `now` count.
    #[must_use]
    pub fn new(schedule: Schedule, now: UtcInstant) -> Self {
        Self { schedule, looked_at: now }
    }

    /// From now on by another schedule. What was due by the one of before and not yet looked at is not.
    pub fn follow(&mut self, schedule: Schedule) {
        self.schedule = schedule;
    }

    /// Whether a tick was due since the last look. A clock that was set back starts anew.
    pub fn is_tick_due(&mut self, now: UtcInstant) -> bool {
        let since = self.looked_at;
        self.looked_at = now;
        [&self.schedule.incremental, &self.schedule.full]
            .into_iter()
            .any(|expression| self.occurred(expression, since, now))
    }

    /// Whether a directory's next walk is to be a full one: an occurrence passed since its last
    /// complete full walk (or since it was loaded), and one that failed meanwhile is long enough ago.
    #[must_use]
    pub fn is_full_due(
        &self,
        last: Option<UtcInstant>,
        last_failed: Option<UtcInstant>,
        now: UtcInstant,
    ) -> bool {
        let Some(last) = last else { return false };
        let may_try =
            last_failed.is_none_or(|failed| failed > now || now.datetime() - failed.datetime() >= FULL_RETRY);
        may_try && self.occurred(&self.schedule.full, last, now)
    }

    fn occurred(&self, expression: &CronExpression, since: UtcInstant, now: UtcInstant) -> bool {
        occurred(expression, self.schedule.time_zone, since, now)
    }
}

/// Whether the expression occurred later than `since` and not later than `now`.
#[must_use]
pub fn occurred(expression: &CronExpression, zone: Tz, since: UtcInstant, now: UtcInstant) -> bool {
    let next = |since: UtcInstant| expression.next_after(since.datetime(), zone, 1);
    since < now && next(since).first().is_some_and(|next| next.timestamp() <= now.unix_s())
}

/// Wakes whoever holds a receiver, every second, until it is stopped. A wake-up that is not taken is not
/// repeated.
pub struct Waking {
    keeper: JoinHandle<()>,
    stop: CancellationToken,
}

impl Waking {
    /// Starts to wake.
    ///
    /// # Errors
    /// When the scheduler can't be started.
    pub async fn start() -> Result<(Self, watch::Receiver<()>), JobSchedulerError> {
        let (wake, wakes) = watch::channel(());
        let wake = Arc::new(wake);
        let scheduler = wake_by(&wake).await?;
        let stop = CancellationToken::new();
        let keeper = tokio::spawn(keep_waking(wake, wakes.clone(), scheduler, stop.clone()));
        Ok((Self { keeper, stop }, wakes))
    }

    /// Wakes nobody any more.
    pub async fn stop(self) {
        self.stop.cancel();
        // A keeper that panicked has nothing more to stop.
        let _ = self.keeper.await;
    }
}

async fn wake_by(wake: &Arc<watch::Sender<()>>) -> Result<JobScheduler, JobSchedulerError> {
    let scheduler = JobScheduler::new().await?;
    let wake = Arc::clone(wake);
    let job = Job::new("* * * * * *", move |_, _| {
        wake.send_replace(());
    })?;
    scheduler.add(job).await?;
    scheduler.start().await?;
    Ok(scheduler)
}

/// Begins anew where nobody was woken for a while: a scheduler compares its jobs with the wall clock, and once that is
/// set back, they wait for the time that it showed before.
async fn keep_waking(
    wake: Arc<watch::Sender<()>>,
    mut wakes: watch::Receiver<()>,
    mut scheduler: JobScheduler,
    stop: CancellationToken,
) {
    while let Some(woken) = stop.run_until_cancelled(tokio::time::timeout(SILENCE_MAX, wakes.changed())).await
    {
        if woken.is_ok() {
            continue;
        }
        tracing::info!("the clock was set back: the schedule goes on by the new time");
        // What it was to wake, the new one does.
        let _ = scheduler.shutdown().await;
        match wake_by(&wake).await {
            Ok(started) => scheduler = started,
            Err(error) => tracing::error!(error = %error, "cannot start the schedule anew: trying again"),
        }
    }
    let _ = scheduler.shutdown().await;
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> UtcInstant {
        UtcInstant::parse(text).unwrap()
    }

    fn brussels() -> Watch {
        let schedule = Schedule { time_zone: chrono_tz::Europe::Brussels, ..Schedule::default() };
        Watch::new(schedule, at("2026-11-24T10:01:00Z"))
    }

    #[test]
    fn a_tick_is_due_once_for_an_occurrence() {
        let mut watch = brussels();
        assert!(!watch.is_tick_due(at("2026-11-24T10:04:59Z")));
        assert!(watch.is_tick_due(at("2026-11-24T10:05:00Z")));
        assert!(!watch.is_tick_due(at("2026-11-24T10:05:00Z")));
        assert!(!watch.is_tick_due(at("2026-11-24T10:05:01Z")));
    }

    #[test]
    fn many_occurrences_missed_are_one_tick() {
        let mut watch = brussels();
        assert!(watch.is_tick_due(at("2026-11-25T08:00:00Z")));
        assert!(!watch.is_tick_due(at("2026-11-25T08:00:01Z")));
    }

    #[test]
    fn a_clock_set_back_starts_anew_and_makes_no_tick() {
        let mut watch = brussels();
        assert!(!watch.is_tick_due(at("2026-11-24T07:00:00Z")));
        assert!(watch.is_tick_due(at("2026-11-24T07:05:00Z")));
    }

    #[test]
    fn a_full_walk_is_due_at_half_past_two_in_the_zone_in_winter_and_in_summer() {
        let watch = brussels();
        let winter = Some(at("2026-01-09T12:00:00Z"));
        assert!(!watch.is_full_due(winter, None, at("2026-01-10T01:29:59Z")));
        assert!(watch.is_full_due(winter, None, at("2026-01-10T01:30:00Z")));
        let summer = Some(at("2026-07-09T12:00:00Z"));
        assert!(!watch.is_full_due(summer, None, at("2026-07-10T00:29:59Z")));
        assert!(watch.is_full_due(summer, None, at("2026-07-10T00:30:00Z")));
    }

    #[test]
    fn across_both_clock_changes_each_night_has_one_full_walk() {
        // 2026-03-29: 02:30 does not exist in Brussels; 2026-10-25: it comes twice.
        for (from, nights) in [("2026-03-27T12:00:00Z", 4), ("2026-10-23T12:00:00Z", 4)] {
            let watch = brussels();
            let (mut last, mut walks, start) = (at(from), 0, at(from).unix_s());
            for minute in 0..nights * 24 * 60 {
                let now = UtcInstant::from_unix_s(start + minute * 60).unwrap();
                if watch.is_full_due(Some(last), None, now) {
                    (last, walks) = (now, walks + 1);
                }
            }
            assert!(
                (nights..=nights + 1).contains(&walks),
                "{walks} full walks in {nights} nights from {from}"
            );
        }
    }

    #[test]
    fn a_full_walk_that_was_due_while_the_machine_was_off_is_caught_up() {
        assert!(brussels().is_full_due(Some(at("2026-11-20T02:00:00Z")), None, at("2026-11-24T10:02:00Z")));
    }

    #[test]
    fn a_failed_full_walk_is_tried_again_an_hour_later() {
        let (watch, last) = (brussels(), Some(at("2026-11-20T02:00:00Z")));
        let failed = Some(at("2026-11-24T10:00:00Z"));
        assert!(!watch.is_full_due(last, failed, at("2026-11-24T10:59:59Z")));
        assert!(watch.is_full_due(last, failed, at("2026-11-24T11:00:00Z")));
    }

    #[test]
    fn a_directory_that_was_never_loaded_has_no_full_walk_yet() {
        assert!(!brussels().is_full_due(None, None, at("2026-11-24T10:02:00Z")));
    }
}
