//! The log's line for a walk: figures, no rows.

use super::report::WalkReport;
use crate::store::WalkOutcome;

/// One line a walk.
pub(super) fn walk(report: &WalkReport) {
    let WalkReport { account, directory, kind, outcome, progress, counts, took_ms, trouble, .. } = report;
    let (account, directory) = (account.as_str(), directory.as_str());
    let (kind, outcome) = (kind.as_str(), outcome.as_str());
    let (error, hint) =
        trouble.as_ref().map_or((None, None), |trouble| (Some(&*trouble.text), trouble.hint.as_deref()));
    for (field, values) in &report.unreadable {
        tracing::warn!(directory, field, values, "values could not be read; they stand in raw");
    }
    macro_rules! line {
        ($level:ident) => {
            tracing::$level!(
                account,
                directory,
                kind,
                outcome,
                pages = progress.pages,
                requests = progress.requests,
                rows_read = progress.rows_read,
                created = counts.created,
                recovered = counts.recovered,
                updated = counts.updated,
                removed = counts.removed,
                restored = counts.restored,
                missing = counts.missing,
                took_ms,
                error,
                hint,
                "walk"
            )
        };
    }
    match report.outcome {
        WalkOutcome::Complete => line!(info),
        WalkOutcome::Cancelled => line!(info),
        WalkOutcome::Failed | WalkOutcome::Interrupted => line!(warn),
    }
}
