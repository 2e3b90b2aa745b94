//! The machine: its clock and its limits.

use rustix::process::{Resource, getrlimit};

use super::Exit;
use super::finding::Finding;
use crate::instant::UtcInstant;

/// This program did not exist before.
const CLOCK_FIRST: &str = "2026-11-01T00:00:00Z";
/// A clock beyond this is a clock gone wrong.
const CLOCK_LAST: &str = "2100-01-01T00:00:00Z";
/// Database, sockets of the runtime, standard streams.
const OPEN_FILES_BASE: u64 = 128;

pub(super) fn check_clock(now: UtcInstant) -> Option<Finding> {
    let is_plausible = UtcInstant::parse(CLOCK_FIRST).is_some_and(|first| first <= now)
        && UtcInstant::parse(CLOCK_LAST).is_some_and(|last| now < last);
    (!is_plausible).then(|| {
        Finding::error(
            Exit::Failed,
            format!("clock: it says {now}"),
            Some(
                "set it: timedatectl set-ntp true; TLS, schedules and every recorded moment depend on it"
                    .into(),
            ),
        )
    })
}

pub(super) fn check_open_files(directories_at_once: usize) -> Option<Finding> {
    let limit = getrlimit(Resource::Nofile).current?;
    let wanted = OPEN_FILES_BASE + 2 * directories_at_once as u64;
    (limit < wanted).then(|| {
        Finding::warning(
            format!("limits: this process may open {limit} files"),
            format!("allow {wanted}: LimitNOFILE= in the unit, ulimit -n in a shell"),
        )
    })
}
