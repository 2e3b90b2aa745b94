//! Registrations by local day, without holes, up to and including today.

use chrono::{Days as Step, NaiveDate};

/// Registrations by local day, without holes, oldest first, up to and including today.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Days {
    today: NaiveDate,
    counts: Vec<u64>,
}

impl Days {
    /// So many days up to `today`; what was found outside of them is left out.
    pub fn new(today: NaiveDate, length: usize, found: impl IntoIterator<Item = (NaiveDate, u64)>) -> Self {
        let mut counts = vec![0_u64; length];
        for (day, count) in found {
            let back = usize::try_from((today - day).num_days()).ok();
            let place =
                back.and_then(|back| length.checked_sub(back + 1)).and_then(|place| counts.get_mut(place));
            if let Some(place) = place {
                *place = place.saturating_add(count);
            }
        }
        Self { today, counts }
    }

    /// Adds another's, day by day; both end today.
    pub(super) fn add(&mut self, other: &Self) {
        for (mine, other) in self.counts.iter_mut().rev().zip(other.counts.iter().rev()) {
            *mine = mine.saturating_add(*other);
        }
    }

    /// Every day's, oldest first.
    pub(super) fn counts(&self) -> &[u64] {
        &self.counts
    }

    /// The last so many days'.
    pub(super) fn last(&self, days: usize) -> &[u64] {
        &self.counts[self.counts.len().saturating_sub(days)..]
    }

    /// How many in the last so many days.
    pub(super) fn sum(&self, days: usize) -> u64 {
        total(self.last(days))
    }

    /// How many in the so many days before the last so many.
    pub(super) fn sum_before(&self, days: usize) -> u64 {
        let end = self.counts.len().saturating_sub(days);
        total(&self.counts[end.saturating_sub(days)..end])
    }

    /// The day at a position.
    pub(super) fn day(&self, position: usize) -> NaiveDate {
        let back = self.counts.len().saturating_sub(position + 1);
        self.today.checked_sub_days(Step::new(back as u64)).unwrap_or(self.today)
    }
}

fn total(counts: &[u64]) -> u64 {
    counts.iter().fold(0, |sum, count| sum.saturating_add(*count))
}

#[cfg(test)]
mod tests {
    use super::Days;
    use chrono::NaiveDate;

    #[test]
    fn days_have_no_holes_and_end_today() {
        let day = |d| NaiveDate::from_ymd_opt(2026, 11, d).unwrap();
        let days =
            Days::new(day(23), 4, [(day(23), 1), (day(21), 2), (day(20), 4), (day(19), 8), (day(24), 16)]);
        assert_eq!(days.counts(), [4, 2, 0, 1]);
        assert_eq!((days.sum(1), days.sum(2), days.sum_before(2), days.sum(100)), (1, 1, 6, 7));
        assert_eq!((days.day(0), days.day(3)), (day(20), day(23)));
    }

    #[test]
    fn sums_do_not_overflow() {
        let today = NaiveDate::MIN;
        let mut days = Days::new(today, 3, [(today, u64::MAX)]);
        days.add(&days.clone());
        assert_eq!(days.sum(3), u64::MAX);
        assert_eq!(days.day(0), today);
    }
}
