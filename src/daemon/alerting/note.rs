//! What of a tick's report an alert may come of.

use crate::alert::{End, Listing, Tick, Trouble, WalkEnd};
use crate::store::WalkOutcome;
use crate::sync::{self, AccountReport, TroubleKind, WalkReport};

/// Without figures.
pub(super) fn of(report: &AccountReport) -> Tick {
    let listing = match &report.trouble {
        Some(met) => Listing::Badly(trouble(met)),
        None => Listing::Well(report.listed.iter().cloned().collect()),
    };
    Tick { account: report.account.clone(), listing, walks: report.walks.iter().map(walk).collect() }
}

fn walk(report: &WalkReport) -> WalkEnd {
    let end = match (report.outcome, &report.trouble) {
        (WalkOutcome::Complete, _) => End::Complete,
        (WalkOutcome::Failed, Some(met)) => End::Failed(trouble(met)),
        (WalkOutcome::Failed, None) => End::Failed(trouble(&sync::Trouble::other("nobody said why"))),
        (WalkOutcome::Cancelled | WalkOutcome::Interrupted, _) => End::Stopped,
    };
    WalkEnd { directory: report.directory.clone(), end, is_brake_held: report.is_brake_held }
}

fn trouble(met: &sync::Trouble) -> Trouble {
    Trouble { is_refused: met.kind == TroubleKind::Refused, text: met.text.clone(), hint: met.hint.clone() }
}
