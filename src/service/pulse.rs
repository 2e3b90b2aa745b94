//! Whether the daemon makes progress: the judgement that the watchdog is fed by.
//!
//! A tick makes progress with the end of every request, whatever it brought: between two ends lies what the
//! client may take at most (`Client::patience`, and the silence that the API asked for), and the program's
//! own work. While the writer is busy, ticks wait for it, and that is the writer's time. An account without a
//! tick under way has nothing to show. Deliberately not here: a clock, and the wake-ups; who is not woken does
//! not judge, and nothing is fed.

use std::collections::BTreeMap;
use std::fmt;
use std::time::{Duration, Instant};

use crate::directory::AccountName;

/// The writer waits so long for another program's lock before it gives a transaction up.
const LOCK_WAIT: Duration = Duration::from_secs(10);
/// A transaction, or the log put into the file, may take so many steps' time.
const WRITER_STEPS: u32 = 5;

/// What is known of the daemon's progress.
#[derive(Debug)]
pub struct Pulse {
    /// No step of the program's own takes longer: the watchdog's period, by which the operator says what is
    /// long on this machine.
    step_max: Duration,
    ticks: BTreeMap<AccountName, UnderWay>,
    writer_asked_at: Option<Instant>,
}

/// A tick under way.
#[derive(Debug)]
struct UnderWay {
    progressed_at: Instant,
    patience: Duration,
    silence: Duration,
}

/// What makes no progress.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stuck {
    /// This account's tick.
    Tick(AccountName),
    /// The thread that writes the file.
    Writer,
}

impl Pulse {
    /// `step_max` is the longest that a step of the program's own may take.
    #[must_use]
    pub fn new(step_max: Duration) -> Self {
        Self { step_max, ticks: BTreeMap::new(), writer_asked_at: None }
    }

    /// An account's tick begins. Between two of its requests' ends lies at most `patience`.
    pub fn begin_tick(&mut self, account: &AccountName, patience: Duration, now: Instant) {
        let under_way = UnderWay { progressed_at: now, patience, silence: Duration::ZERO };
        self.ticks.insert(account.clone(), under_way);
    }

    /// A request of the account's has ended; until the next one, the API asked for so much silence.
    pub fn progress(&mut self, account: &AccountName, silence: Duration, now: Instant) {
        if let Some(tick) = self.ticks.get_mut(account) {
            (tick.progressed_at, tick.silence) = (now, silence);
        }
    }

    /// The account's tick is over.
    pub fn end_tick(&mut self, account: &AccountName) {
        self.ticks.remove(account);
    }

    /// The writer was asked for a sign of life.
    pub fn ask_writer(&mut self, now: Instant) {
        self.writer_asked_at = Some(now);
    }

    /// It gave one.
    pub fn hear_writer(&mut self) {
        self.writer_asked_at = None;
    }

    /// Whether everything makes progress.
    ///
    /// # Errors
    /// What does not.
    pub fn judge(&mut self, now: Instant) -> Result<(), Stuck> {
        if let Some(asked_at) = self.writer_asked_at {
            if now.duration_since(asked_at) > LOCK_WAIT + self.step_max * WRITER_STEPS {
                return Err(Stuck::Writer);
            }
            self.ticks.values_mut().for_each(|tick| tick.progressed_at = now);
        }
        let overdue = |tick: &UnderWay| {
            now.duration_since(tick.progressed_at) > tick.silence + tick.patience + self.step_max
        };
        match self.ticks.iter().find(|(_, tick)| overdue(tick)) {
            Some((account, _)) => Err(Stuck::Tick(account.clone())),
            None => Ok(()),
        }
    }
}

impl fmt::Display for Stuck {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tick(account) => write!(f, "the tick of account {account} makes no progress"),
            Self::Writer => f.write_str("the file's writer does not answer"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const STEP: Duration = Duration::from_secs(60);
    const PATIENCE: Duration = Duration::from_secs(40);
    const SECOND: Duration = Duration::from_secs(1);

    fn scene() -> (Pulse, AccountName, Instant) {
        (Pulse::new(STEP), AccountName::new("north"), crate::clock::steady_now())
    }

    fn stuck(account: &AccountName) -> Result<(), Stuck> {
        Err(Stuck::Tick(account.clone()))
    }

    #[test]
    fn who_has_nothing_under_way_may_rest_for_ever() {
        let (mut pulse, account, now) = scene();
        assert_eq!(pulse.judge(now + STEP * 1000), Ok(()));
        pulse.begin_tick(&account, PATIENCE, now);
        pulse.end_tick(&account);
        assert_eq!(pulse.judge(now + STEP * 1000), Ok(()));
    }

    #[test]
    fn a_tick_without_the_end_of_a_request_is_stuck_after_its_patience_and_a_step() {
        let (mut pulse, account, now) = scene();
        pulse.begin_tick(&account, PATIENCE, now);
        assert_eq!(pulse.judge(now + PATIENCE + STEP), Ok(()));
        assert_eq!(pulse.judge(now + PATIENCE + STEP + SECOND), stuck(&account));
        pulse.progress(&account, Duration::ZERO, now + PATIENCE + STEP);
        assert_eq!(pulse.judge(now + (PATIENCE + STEP) * 2), Ok(()));
        assert_eq!(pulse.judge(now + (PATIENCE + STEP) * 2 + SECOND), stuck(&account));
    }

    #[test]
    fn silence_that_the_api_asked_for_is_kept_once() {
        let (mut pulse, account, now) = scene();
        let silence = Duration::from_secs(120);
        pulse.begin_tick(&account, PATIENCE, now);
        pulse.progress(&account, silence, now);
        assert_eq!(pulse.judge(now + silence + PATIENCE + STEP), Ok(()));
        pulse.progress(&account, Duration::ZERO, now + silence);
        assert_eq!(pulse.judge(now + silence + PATIENCE + STEP + SECOND), stuck(&account));
    }

    #[test]
    fn one_account_that_goes_on_does_not_hide_another_that_hangs() {
        let (mut pulse, account, now) = scene();
        let other = AccountName::new("south");
        pulse.begin_tick(&account, PATIENCE, now);
        pulse.begin_tick(&other, PATIENCE, now);
        for seconds in 0..200 {
            pulse.progress(&other, Duration::ZERO, now + SECOND * seconds);
        }
        assert_eq!(pulse.judge(now + SECOND * 200), stuck(&account));
    }

    #[test]
    fn ticks_wait_for_a_writer_that_is_busy_and_for_one_that_hangs_nobody_does() {
        let (mut pulse, account, now) = scene();
        pulse.begin_tick(&account, PATIENCE, now);
        pulse.ask_writer(now);
        let hangs = LOCK_WAIT + STEP * WRITER_STEPS;
        for seconds in 0..=hangs.as_secs() {
            assert_eq!(pulse.judge(now + Duration::from_secs(seconds)), Ok(()), "{seconds}");
        }
        assert_eq!(pulse.judge(now + hangs + SECOND), Err(Stuck::Writer));
        pulse.hear_writer();
        assert_eq!(pulse.judge(now + hangs + PATIENCE + STEP), Ok(()));
        assert_eq!(pulse.judge(now + hangs + PATIENCE + STEP + SECOND), stuck(&account));
    }

    #[test]
    fn a_request_that_ends_after_its_tick_revives_nothing() {
        let (mut pulse, account, now) = scene();
        pulse.progress(&account, Duration::ZERO, now);
        assert_eq!(pulse.judge(now + STEP * 1000), Ok(()));
    }
}
