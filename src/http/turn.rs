//! Turns: few statements run at once, the others wait.

use std::sync::Arc;
use std::time::Instant;

use axum::http::StatusCode;
use tokio::sync::OwnedSemaphorePermit;
use tokio_util::sync::CancellationToken;

use super::problem::Problem;
use super::state::Site;
use crate::clock;
use crate::metrics::QueryUnderWay;

/// The right to run a statement, for as long as it is kept.
pub(super) struct Turn {
    _permit: OwnedSemaphorePermit,
    _under_way: QueryUnderWay,
}

/// Waits for a turn, as long as a statement may run.
pub(super) async fn wait(site: &Site) -> Result<Turn, Problem> {
    let permit = tokio::time::timeout(site.query_timeout, Arc::clone(&site.queries).acquire_owned());
    match site.stop.run_until_cancelled(permit).await {
        Some(Ok(Ok(permit))) => Ok(Turn { _permit: permit, _under_way: site.metrics.begin_query() }),
        Some(_) => {
            site.metrics.refuse_query();
            let detail = "cannot run the statement: too many others wait";
            Err(Problem::new(StatusCode::SERVICE_UNAVAILABLE, detail).hint("ask again later"))
        }
        None => Err(Problem::stopping()),
    }
}

/// Whether a statement has to end: at its limit, or because nobody waits for it.
pub(super) fn is_over(stopped: CancellationToken, end: Instant) -> impl Fn() -> bool + Send + 'static {
    move || stopped.is_cancelled() || clock::steady_now() >= end
}
