//! A vertical scale: round steps that hold every value.

/// What no axis goes beyond: sums and differences of such numbers are still numbers.
const LARGEST: f64 = 1e300;
const STEPS_WANTED: f64 = 4.0;

/// Whether values between whole numbers make sense.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::page) enum Steps {
    Whole,
    Any,
}

/// A vertical scale.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Scale {
    pub(super) bottom: f64,
    pub(super) top: f64,
    pub(super) marks: Vec<f64>,
}

/// The number as a chart can show it; `None` where it is none.
pub(super) fn bounded(value: f64) -> Option<f64> {
    value.is_finite().then(|| value.clamp(-LARGEST, LARGEST))
}

impl Scale {
    /// Holds zero and every value.
    pub(super) fn over(values: impl IntoIterator<Item = f64>, steps: Steps) -> Self {
        let (mut low, mut high) = (0.0_f64, 0.0_f64);
        for value in values.into_iter().filter_map(bounded) {
            (low, high) = (low.min(value), high.max(value));
        }
        if low == high {
            high = 1.0;
        }
        let mut step = round_step((high - low) / STEPS_WANTED);
        if steps == Steps::Whole {
            step = step.max(1.0);
        }
        let (first, last) = ((low / step).floor(), (high / step).ceil());
        let mut marks = Vec::new();
        let mut mark = first;
        while mark <= last {
            marks.push(mark * step);
            mark += 1.0;
        }
        Self { bottom: first * step, top: last * step, marks }
    }
}

/// The next of 1, 2 or 5 times a power of ten.
fn round_step(least: f64) -> f64 {
    let power = 10_f64.powf(least.log10().floor());
    if !power.is_normal() {
        return f64::MIN_POSITIVE.max(least);
    }
    [1.0, 2.0, 5.0].into_iter().map(|times| times * power).find(|step| *step >= least).unwrap_or(10.0 * power)
}

#[cfg(test)]
mod tests {
    use super::{Scale, Steps};

    #[test]
    fn steps_are_round_and_hold_every_value() {
        let scale = Scale::over([3.0, 17.0], Steps::Whole);
        assert_eq!(scale.marks, [0.0, 5.0, 10.0, 15.0, 20.0]);
        assert_eq!(Scale::over([2.0], Steps::Whole).marks, [0.0, 1.0, 2.0]);
        assert_eq!(Scale::over([], Steps::Whole).marks, [0.0, 1.0]);
        assert_eq!(Scale::over([-2.0, 2.0], Steps::Any).marks, [-2.0, -1.0, 0.0, 1.0, 2.0]);
    }

    #[test]
    fn no_value_is_too_much() {
        for value in
            [f64::MAX, f64::MIN, f64::MIN_POSITIVE, 5e-324, f64::NAN, f64::INFINITY, 1e-300, 0.1 + 0.2]
        {
            for steps in [Steps::Any, Steps::Whole] {
                let scale = Scale::over([value], steps);
                assert!(scale.bottom < scale.top, "{value}");
                assert!(scale.top.is_finite() && scale.bottom.is_finite(), "{value}");
                assert!((2..=12).contains(&scale.marks.len()), "{value}: {:?}", scale.marks);
            }
        }
    }
}
