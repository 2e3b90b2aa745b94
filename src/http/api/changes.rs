//! `/api/v1/changes`: the feed, by number. Who asks with `wait` is answered when a change comes.

use std::time::Duration;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::parameter::{self, Parameters};
use crate::http::feed::Listed;
use crate::http::gate::Reading;
use crate::http::problem::{Problem, Problems};
use crate::http::state::Site;
use crate::store::view::Change;

const WAIT_S_MAX: u64 = 60;

/// Which changes.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct Asked {
    /// Only later ones: what `next` of the answer before said, or what an export stands at; 0. A number that
    /// the feed has not reached is its end
    #[param(minimum = 0)]
    after: Option<i64>,
    /// At most so many; 100
    #[param(minimum = 1, maximum = 1000)]
    limit: Option<u32>,
    /// Where there is none, wait so many seconds for one to come; 0
    #[param(minimum = 0, maximum = 60)]
    wait: Option<u64>,
}

/// Changes in the order in which the mirror found them.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Changes {
    changes: Vec<Change>,
    /// Goes into `after` of the next request, whether there were changes or not.
    next: i64,
}

/// What changed, oldest first: follow it by number, and miss nothing
#[utoipa::path(
    get,
    path = "/api/v1/changes",
    operation_id = "list_changes",
    tag = "mirror",
    params(Asked),
    responses(
        (status = 200, body = Changes),
        (status = 410, description = "Changes after `after` are no longer kept: read all registrations again, then \
            follow from the change that the answer stands at, its header `Mirror-Seq`", body = Problem,
            content_type = "application/problem+json"),
        Problems
    )
)]
pub(super) async fn list(
    State(site): State<Site>,
    Reading(access): Reading,
    Parameters(asked): Parameters<Asked>,
) -> Result<Json<Changes>, Problem> {
    let limit = parameter::limit(asked.limit)?;
    let after = asked.after.unwrap_or(0);
    let wait = asked.wait.unwrap_or(0);
    if after < 0 {
        return Err(Problem::parameter("after", "it is negative"));
    }
    if wait > WAIT_S_MAX {
        return Err(Problem::parameter(
            "wait",
            format_args!("it must be 0 to {WAIT_S_MAX}, and this is {wait}"),
        ));
    }
    // Before the look: what comes after it is waited for.
    let waiting = (wait > 0).then(|| site.feed.wait());
    let (mut after, mut changes) = kept(site.feed.list(access, after, limit).await?, after)?;
    if let Some(mut waiting) = waiting.filter(|_| changes.is_empty()) {
        let until = tokio::time::timeout(Duration::from_secs(wait), waiting.until_after(after));
        // Stopped or too late: the answer is that there is none yet.
        let _ = site.stop.run_until_cancelled(until).await;
        (after, changes) = kept(site.feed.list(access, after, limit).await?, after)?;
    }
    let next = changes.last().map_or(after, |last| last.seq);
    Ok(Json(Changes { changes, next }))
}

fn kept(listed: Listed, after: i64) -> Result<(i64, Vec<Change>), Problem> {
    match listed {
        Listed::Kept { after, changes } => Ok((after, changes)),
        Listed::Gone { first } => {
            let what = format!(
                "cannot list every change after {after}: the first one that is still kept is {first}"
            );
            Err(Problem::new(StatusCode::GONE, what).hint(
                "read all registrations again (/api/v1/query), then follow from the change that the answer stands at, \
                 its header Mirror-Seq",
            ))
        }
    }
}
