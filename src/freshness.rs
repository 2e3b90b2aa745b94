//! How fresh a directory is, and the whole mirror: one judgement for pages, `status`, the API and `/readyz`.
//!
//! It judges by what the file says. Who is told, and when it is worth an alert, is `alert`'s.

use std::fmt;

use crate::instant::UtcInstant;

/// How fresh a directory is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// Read to the end of what was new, not long ago.
    Fresh,
    /// So read, but too long ago.
    Stale,
    /// The last look failed, or something is held back.
    Failed,
    /// Never read to the end.
    Never,
    /// Left out by the operator.
    NotMirrored,
}

impl State {
    /// In a word or two.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Fresh => "fresh",
            Self::Stale => "stale",
            Self::Failed => "failed",
            Self::Never => "never read",
            Self::NotMirrored => "not mirrored",
        }
    }

    /// Whether the word alone leaves open why it is so.
    #[must_use]
    pub fn needs_words(self) -> bool {
        matches!(self, Self::Stale | Self::Failed)
    }
}

/// What the file says of a directory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Known<'a> {
    /// Whether `[sync]` lets it be mirrored.
    pub is_mirrored: bool,
    /// When a walk was last complete.
    pub last_complete_at: Option<UtcInstant>,
    /// Why it is not fresh, its account's error included.
    pub last_error: Option<&'a str>,
}

/// A judgement, and why it is not [`State::Fresh`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Freshness {
    /// The judgement.
    pub state: State,
    /// In words; `None` where it is fresh.
    pub reason: Option<String>,
}

/// What a mirror is judged by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Judge {
    /// The moment.
    pub now: UtcInstant,
    /// The age in seconds from which a directory is stale.
    pub stale_after_s: i64,
}

impl Judge {
    /// Without words. What went wrong last says more than an age.
    #[must_use]
    pub fn state(self, known: &Known<'_>) -> State {
        match known.last_complete_at {
            _ if !known.is_mirrored => State::NotMirrored,
            _ if known.last_error.is_some() => State::Failed,
            None => State::Never,
            Some(at) if self.now.unix_s() - at.unix_s() > self.stale_after_s => State::Stale,
            Some(_) => State::Fresh,
        }
    }

    /// With words.
    #[must_use]
    pub fn judge(self, known: &Known<'_>) -> Freshness {
        let state = self.state(known);
        let reason = match (state, known.last_complete_at) {
            (State::Fresh, _) => None,
            (State::Stale, Some(at)) => Some(format!(
                "last read {} ago, more than {}",
                Age(self.now.unix_s() - at.unix_s()),
                Age(self.stale_after_s)
            )),
            (State::Failed, _) => known.last_error.map(str::to_owned),
            (State::NotMirrored, _) => Some("left out by [sync]".to_owned()),
            (State::Never | State::Stale, _) => Some("never read to its end".to_owned()),
        };
        Freshness { state, reason }
    }
}

/// Seconds for people, in the two largest units that are not zero: `3 min 20 s`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Age(pub i64);

impl fmt::Display for Age {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const UNITS: [(i64, &str); 4] = [(86_400, "d"), (3600, "h"), (60, "min"), (1, "s")];
        let mut rest = self.0.max(0);
        let mut parts = Vec::new();
        for (unit_s, name) in UNITS {
            let count = rest / unit_s;
            rest %= unit_s;
            if count > 0 {
                parts.push(format!("{count} {name}"));
            } else if !parts.is_empty() {
                break;
            }
        }
        parts.truncate(2);
        f.write_str(&if parts.is_empty() { "0 s".to_owned() } else { parts.join(" ") })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const JUDGE: Judge = Judge { now: UtcInstant::EPOCH, stale_after_s: 900 };

    fn told(age_s: Option<i64>, last_error: Option<&str>) -> Known<'_> {
        let last_complete_at = age_s.and_then(|age_s| UtcInstant::from_unix_s(-age_s));
        Known { is_mirrored: true, last_complete_at, last_error }
    }

    #[test]
    fn an_error_says_more_than_an_age() {
        assert_eq!(JUDGE.state(&told(Some(0), None)), State::Fresh);
        assert_eq!(JUDGE.state(&told(Some(900), None)), State::Fresh);
        assert_eq!(JUDGE.state(&told(Some(901), None)), State::Stale);
        assert_eq!(JUDGE.state(&told(None, None)), State::Never);
        assert_eq!(JUDGE.state(&told(Some(0), Some("cannot"))), State::Failed);
        assert_eq!(JUDGE.state(&told(Some(5000), Some("cannot"))), State::Failed);
    }

    #[test]
    fn a_clock_that_was_set_back_makes_nothing_stale() {
        assert_eq!(JUDGE.state(&told(Some(-5000), None)), State::Fresh);
    }

    #[test]
    fn what_is_left_out_is_neither_fresh_nor_failed() {
        let left_out = Known { is_mirrored: false, ..told(Some(0), Some("cannot")) };
        assert_eq!(JUDGE.state(&left_out), State::NotMirrored);
    }

    #[test]
    fn whatever_is_not_fresh_has_a_reason() {
        let reason = |age_s, error| JUDGE.judge(&told(age_s, error)).reason;
        assert_eq!(reason(Some(900), None), None);
        assert_eq!(reason(Some(3900), None).as_deref(), Some("last read 1 h 5 min ago, more than 15 min"));
        assert_eq!(reason(Some(0), Some("the keys were refused")).as_deref(), Some("the keys were refused"));
        assert_eq!(reason(None, None).as_deref(), Some("never read to its end"));
    }

    #[test]
    fn an_age_is_told_in_at_most_two_units() {
        let told = [0, 59, 60, 3600, 3660, 86_400 + 59, 2 * 86_400 + 3600 + 60, -5];
        let told = told.map(|age_s| Age(age_s).to_string());
        assert_eq!(told, ["0 s", "59 s", "1 min", "1 h", "1 h 1 min", "1 d", "2 d 1 h", "0 s"]);
    }
}
