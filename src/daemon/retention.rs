//! Deletes what `[retention]` says is past: at once after the start, every hour, and after its section of
//! the configuration changed. In small batches with pauses, so that walks and readers don't notice.
//!
//! What it goes by is a moment that it believes (`Belief`), not the clock alone.

use std::time::{Duration, Instant};

use chrono::TimeDelta;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use super::InForce;
use crate::clock;
use crate::config::Retention;
use crate::instant::UtcInstant;
use crate::metrics::Metrics;
use crate::store::{Past, Store, StoreError};

/// Between two looks.
const LOOK_EVERY: Duration = Duration::from_secs(3600);
/// Between two batches, and longer while walks save.
const PAUSE: Duration = Duration::from_millis(50);
/// So many pauses a batch waits for walks that save on and on.
const PAUSES_MAX: u32 = 20;
/// A clock that is further ahead than this is not believed at once.
const AHEAD_S_MAX: i64 = 3600;
/// A clock that stays ahead for so long is right: the machine was off.
const DOUBT_MAX: Duration = Duration::from_secs(24 * 3600);

/// The duty's own.
pub(super) struct Retaining {
    pub store: Store,
    pub in_force: InForce,
    pub metrics: Metrics,
}

impl Retaining {
    /// Until `end`.
    pub(super) async fn run(self, mut wakes: watch::Receiver<()>, end: CancellationToken) {
        let now = clock::now();
        let mut belief = Belief::new(self.store.last_seen_at().unwrap_or(now), clock::steady_now());
        let mut last: Option<(Instant, Retention)> = None;
        let looking = async {
            loop {
                let (wanted, steady_now) = (self.in_force.borrow().retention, clock::steady_now());
                let now = belief.judge(clock::now(), steady_now);
                if is_due(last, wanted, steady_now) {
                    last = Some((steady_now, wanted));
                    self.look(wanted, now).await;
                }
                if wakes.changed().await.is_err() {
                    return;
                }
            }
        };
        end.run_until_cancelled(looking).await;
    }

    async fn look(&self, wanted: Retention, now: UtcInstant) {
        let mut deleted = [0; Past::ALL.len()];
        for (past, deleted) in Past::ALL.into_iter().zip(&mut deleted) {
            let days = match past {
                Past::Changes => wanted.changes_days,
                Past::Removed => wanted.removed_days,
                Past::Walks => wanted.walks_days,
                Past::Sends => wanted.sends_days,
            };
            let Some(before) = days.and_then(|days| days_before(now, days)) else { continue };
            if let Err(error) = self.delete(past, before, deleted).await {
                let what = past.as_str();
                tracing::warn!(what, error = %error, "cannot delete what is past; tried again in an hour");
            }
        }
        let [changes, removed, walks, sends] = deleted;
        if deleted.iter().sum::<u64>() > 0 {
            tracing::info!(changes, removed, walks, sends, "deleted what [retention] does not keep");
        }
    }

    async fn delete(&self, past: Past, before: UtcInstant, deleted: &mut u64) -> Result<(), StoreError> {
        let mut next = Some(0);
        while let Some(after) = next {
            for _ in 0..PAUSES_MAX {
                tokio::time::sleep(PAUSE).await;
                if !self.store.is_busy() {
                    break;
                }
            }
            let batch = self.store.delete_past(past, before, after).await?;
            *deleted += batch.rows;
            self.metrics.count_deleted(past, batch.rows);
            next = batch.next;
        }
        Ok(())
    }
}

/// Whether to look: for the first time, after an hour, or since the section is another one.
fn is_due(last: Option<(Instant, Retention)>, wanted: Retention, steady_now: Instant) -> bool {
    last.is_none_or(|(at, retention)| steady_now.duration_since(at) >= LOOK_EVERY || retention != wanted)
}

fn days_before(now: UtcInstant, days: u32) -> Option<UtcInstant> {
    let before = now.datetime().checked_sub_signed(TimeDelta::days(days.into()))?;
    UtcInstant::from_datetime(before)
}

/// Which moment it is, as far as one may delete by it. A clock that is wrong by years would make
/// everything old. So a clock that is ahead of the file's last moment and the time since, by the steady
/// clock, is believed only once it has stayed so for a day; until then that sum is.
struct Belief {
    moment: UtcInstant,
    at: Instant,
    doubts_since: Option<Instant>,
}

impl Belief {
    fn new(moment: UtcInstant, at: Instant) -> Self {
        Self { moment, at, doubts_since: None }
    }

    fn judge(&mut self, clock_says: UtcInstant, steady_now: Instant) -> UtcInstant {
        let passed_s = steady_now.duration_since(self.at).as_secs();
        let expected_s = self.moment.unix_s().saturating_add_unsigned(passed_s);
        let is_ahead = clock_says.unix_s() > expected_s.saturating_add(AHEAD_S_MAX);
        let since = *self.doubts_since.get_or_insert(steady_now);
        if is_ahead && steady_now.duration_since(since) < DOUBT_MAX {
            return UtcInstant::from_unix_s(expected_s).unwrap_or(self.moment).min(clock_says);
        }
        *self = Self::new(clock_says, steady_now);
        clock_says
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: Duration = Duration::from_secs(3600);

    fn at(text: &str) -> UtcInstant {
        UtcInstant::parse(text).unwrap()
    }

    #[test]
    fn a_clock_that_goes_on_from_the_files_last_moment_is_believed_and_so_is_one_that_is_behind() {
        let begin = clock::steady_now();
        let mut belief = Belief::new(at("2026-11-24T10:00:00Z"), begin);
        for (after, now) in
            [(0, "2026-11-24T10:05:00Z"), (5, "2026-11-24T15:00:00Z"), (6, "2026-11-20T00:00:00Z")]
        {
            assert_eq!(belief.judge(at(now), begin + after * HOUR), at(now));
        }
    }

    #[test]
    fn a_clock_that_is_years_ahead_is_believed_after_a_day_and_not_before() {
        let begin = clock::steady_now();
        let mut belief = Belief::new(at("2026-11-24T10:00:00Z"), begin);
        assert_eq!(belief.judge(at("2031-01-01T00:00:00Z"), begin), at("2026-11-24T10:00:00Z"));
        assert_eq!(belief.judge(at("2031-01-01T23:00:00Z"), begin + 23 * HOUR), at("2026-11-25T09:00:00Z"));
        assert_eq!(belief.judge(at("2031-01-02T00:00:00Z"), begin + 24 * HOUR), at("2031-01-02T00:00:00Z"));
        assert_eq!(belief.judge(at("2031-01-02T01:00:00Z"), begin + 25 * HOUR), at("2031-01-02T01:00:00Z"));
    }

    #[test]
    fn a_clock_that_jumps_ahead_and_is_set_right_within_a_day_was_never_believed() {
        let begin = clock::steady_now();
        let mut belief = Belief::new(at("2026-11-24T10:00:00Z"), begin);
        assert_eq!(belief.judge(at("2026-11-24T11:00:00Z"), begin + HOUR), at("2026-11-24T11:00:00Z"));
        assert_eq!(belief.judge(at("2036-11-24T12:00:00Z"), begin + 2 * HOUR), at("2026-11-24T12:00:00Z"));
        assert_eq!(belief.judge(at("2026-11-24T22:00:00Z"), begin + 12 * HOUR), at("2026-11-24T22:00:00Z"));
        // A new doubt, a new day.
        assert_eq!(belief.judge(at("2036-11-26T11:00:00Z"), begin + 49 * HOUR), at("2026-11-26T11:00:00Z"));
    }

    fn config(folder: &std::path::Path, days: u32) -> std::sync::Arc<crate::config::Config> {
        use crate::config::{Config, Environment, Flags};
        let file = folder.join("coupontools-mirror.toml");
        std::fs::write(file, format!("[http]\nlisten = 'none'\n[retention]\nchanges_days = {days}\n"))
            .unwrap();
        let variables = [
            ("CONFIGURATION_DIRECTORY", folder.to_str().unwrap()),
            ("COUPONTOOLS_CLIENT_ID", "id"),
            ("COUPONTOOLS_CLIENT_SECRET", "secret"),
        ];
        let environment = Environment::new(variables.map(|(name, value)| (name.into(), value.into())));
        std::sync::Arc::new(Config::load(&Flags::default(), &environment).unwrap())
    }

    #[tokio::test]
    async fn a_configuration_that_is_read_again_counts_at_once() {
        use crate::store::OpenOptions;
        let folder = tempfile::tempdir().unwrap();
        let options = OpenOptions {
            reports_time_zone: chrono_tz::UTC,
            masking_key_file: None,
            snapshot_from_bytes: u64::MAX,
        };
        let store = Store::open(&folder.path().join("mirror.db"), &options, clock::now()).await.unwrap();
        let file = rusqlite::Connection::open(folder.path().join("mirror.db")).unwrap();
        let ago = |days: u32| format!("strftime('%Y-%m-%dT%H:%M:%SZ', 'now', '-{days} days')");
        let plant = format!(
            "INSERT INTO account (name, reading) VALUES ('a', 1);
             INSERT INTO directory (account_key, directory_id, raw, first_seen_at, last_seen_at)
                 VALUES (1, 'd', '{{}}', '', '');
             INSERT INTO registration_change (at, kind, directory_key) VALUES ({}, 'loaded', 1), ({}, 'loaded', 1),
                 ({}, 'loaded', 1)",
            ago(90),
            ago(40),
            ago(5)
        );
        file.execute_batch(&plant).unwrap();
        let metrics = Metrics::of_server(&config(folder.path(), 60).sync);
        let (reload, in_force) = watch::channel(config(folder.path(), 60));
        let (wake, wakes) = watch::channel(());
        let end = CancellationToken::new();
        let duty =
            tokio::spawn(Retaining { store: store.clone(), in_force, metrics }.run(wakes, end.clone()));
        let kept = || -> i64 {
            file.query_row("SELECT count(*) FROM registration_change", [], |row| row.get(0)).unwrap()
        };
        let until_kept = async |wanted| {
            let deadline = clock::steady_now() + Duration::from_secs(60);
            while kept() != wanted {
                assert!(clock::steady_now() < deadline, "{} are kept", kept());
                wake.send_replace(());
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        until_kept(2).await;
        reload.send_replace(config(folder.path(), 30));
        until_kept(1).await;
        end.cancel();
        duty.await.unwrap();
        store.close().await;
    }

    #[test]
    fn a_look_is_due_at_first_after_an_hour_and_when_the_section_is_another_one() {
        let begin = clock::steady_now();
        let month = Retention { changes_days: Some(30), ..Retention::default() };
        assert!(is_due(None, month, begin));
        let last = Some((begin, month));
        assert!(!is_due(last, month, begin + HOUR - PAUSE));
        assert!(is_due(last, month, begin + HOUR));
        assert!(is_due(last, Retention::default(), begin));
    }

    #[test]
    fn days_are_counted_back_and_not_beyond_the_first_year() {
        assert_eq!(days_before(at("2026-11-24T10:00:00Z"), 30), Some(at("2026-10-25T10:00:00Z")));
        assert_eq!(days_before(at("0001-01-02T00:00:00Z"), 36_500), None);
    }
}
