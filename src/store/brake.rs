//! The brake: whether what a walk proved gone may be removed. Arithmetic only.

/// What the operator allows a walk to remove.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Brake {
    /// Of a directory's standing registrations, `[sync] max_removed_percent`.
    pub max_removed_percent: u8,
    /// `sync --accept-removals`: whatever it is.
    pub accept_removals: bool,
}

/// So many are removed whatever their share is.
const ALWAYS_REMOVED_MAX: u64 = 20;

/// What becomes of what a walk proved gone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// Removed; a held brake is let go.
    Remove,
    /// Too much: nothing is removed, from now on until the brake is let go.
    Hold,
    /// The brake is held since an earlier walk: nothing is removed.
    KeepHolding,
}

/// What a walk's end knows when it judges.
#[derive(Clone, Copy, Debug)]
pub(super) struct Case {
    /// How many were proved gone twice.
    pub candidates: u64,
    /// How many stand, those included.
    pub standing: u64,
    /// Whether an earlier walk left the brake held.
    pub is_held: bool,
    /// Whether this walk read the whole list.
    pub is_complete_full: bool,
}

impl Brake {
    pub(super) fn judge(self, case: Case) -> Verdict {
        if self.accept_removals {
            Verdict::Remove
        } else if self.is_too_much(case.candidates, case.standing) {
            Verdict::Hold
        } else if case.is_held && !case.is_complete_full {
            Verdict::KeepHolding
        } else {
            Verdict::Remove
        }
    }

    fn is_too_much(self, candidates: u64, standing: u64) -> bool {
        candidates > ALWAYS_REMOVED_MAX
            && u128::from(candidates) * 100 > u128::from(self.max_removed_percent) * u128::from(standing)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BRAKE: Brake = Brake { max_removed_percent: 20, accept_removals: false };

    fn case(candidates: u64, standing: u64) -> Case {
        Case { candidates, standing, is_held: false, is_complete_full: false }
    }

    #[test]
    fn twenty_are_removed_whatever_their_share_is() {
        assert_eq!(BRAKE.judge(case(20, 20)), Verdict::Remove);
        assert_eq!(BRAKE.judge(case(21, 21)), Verdict::Hold);
    }

    #[test]
    fn exactly_the_allowed_share_is_removed_and_one_more_is_not() {
        assert_eq!(BRAKE.judge(case(200, 1000)), Verdict::Remove);
        assert_eq!(BRAKE.judge(case(201, 1000)), Verdict::Hold);
        assert_eq!(BRAKE.judge(case(u64::MAX, u64::MAX)), Verdict::Hold);
    }

    #[test]
    fn a_held_brake_is_let_go_by_a_complete_full_walk_below_it_only() {
        let held = Case { is_held: true, ..case(3, 1000) };
        assert_eq!(BRAKE.judge(held), Verdict::KeepHolding);
        assert_eq!(BRAKE.judge(Case { is_complete_full: true, ..held }), Verdict::Remove);
        assert_eq!(
            BRAKE.judge(Case { is_complete_full: true, is_held: true, ..case(900, 1000) }),
            Verdict::Hold
        );
    }

    #[test]
    fn the_operators_word_removes_whatever_it_is() {
        let accepted = Brake { accept_removals: true, ..BRAKE };
        assert_eq!(accepted.judge(Case { is_held: true, ..case(900, 1000) }), Verdict::Remove);
    }
}
