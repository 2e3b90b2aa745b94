//! The schedule: when it comes next, and whether that makes sense.

use chrono::TimeDelta;

use super::finding::Finding;
use crate::config::{CronExpression, Schedule};
use crate::instant::UtcInstant;

const SHOWN: usize = 3;
/// Enough to see the shortest gap of what people write.
const LOOKED_AT: usize = 100;
/// More often is impolite, and nobody notices.
const GAP_S_MIN: i64 = 10;

pub(super) fn check(schedule: &Schedule, now: UtcInstant) -> Vec<Finding> {
    let mut findings = vec![
        Finding::ok(format!("schedule: {}", upcoming("incremental", &schedule.incremental, schedule, now))),
        Finding::ok(format!("schedule: {}", upcoming("full", &schedule.full, schedule, now))),
    ];
    let incremental = shortest_gap(&schedule.incremental, schedule, now);
    let full = shortest_gap(&schedule.full, schedule, now);
    if full < incremental {
        findings.push(Finding::warning(
            "[schedule] full comes more often than incremental",
            "a full walk reads everything; let it come once a night, and incremental every few minutes",
        ));
    }
    if incremental.num_seconds() < GAP_S_MIN {
        findings.push(Finding::warning(
            format!("[schedule] incremental comes every {} s", incremental.num_seconds()),
            "\"0 */5 * * * *\" is every five minutes; the first field is the second",
        ));
    }
    findings
}

/// The shortest time between two occurrences soon to come.
pub(super) fn shortest_gap(expression: &CronExpression, schedule: &Schedule, now: UtcInstant) -> TimeDelta {
    let moments = expression.next_after(now.datetime(), schedule.time_zone, LOOKED_AT);
    moments
        .windows(2)
        .map(|pair| pair[1] - pair[0])
        .filter(|gap| *gap > TimeDelta::zero())
        .min()
        .unwrap_or(TimeDelta::MAX)
}

/// What an expression is, and when it comes next.
pub(super) fn upcoming(
    name: &str,
    expression: &CronExpression,
    schedule: &Schedule,
    now: UtcInstant,
) -> String {
    let moments = expression.next_after(now.datetime(), schedule.time_zone, SHOWN);
    let moments: Vec<String> =
        moments.iter().map(|moment| moment.format("%Y-%m-%d %H:%M:%S %Z").to_string()).collect();
    format!("{name} \"{expression}\", next {}", moments.join(", "))
}
