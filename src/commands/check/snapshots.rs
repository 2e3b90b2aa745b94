//! The schedule's snapshots: when they come, whether their folder takes them, and what outlives the mirror's disk.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use rustix::fs::{Access, access, statvfs};

use super::Exit;
use super::finding::Finding;
use super::schedule::upcoming;
use crate::config::Settings;
use crate::daemon::snapshots::{Found, list};
use crate::instant::UtcInstant;

pub(super) fn check(settings: &Settings, now: UtcInstant) -> Vec<Finding> {
    let snapshots = &settings.snapshots;
    let Some(schedule) = &snapshots.schedule else {
        return vec![Finding::ok("snapshots: the daemon takes none ([snapshots] schedule is not set)")];
    };
    let folder = snapshots.folder.as_path();
    let taken = list(folder, &settings.database);
    let newest =
        taken.first().map_or_else(|| "none yet".into(), |newest| format!("the newest of {}", newest.at));
    let mut findings = vec![Finding::ok(format!(
        "snapshots: {}; {} in {}, {newest}",
        upcoming("schedule", schedule, &settings.schedule, now),
        taken.len(),
        folder.display(),
    ))];
    // The daemon makes it where it is missing.
    let there = if folder.is_dir() { folder } else { parent(folder) };
    if let Err(error) = access(there, Access::WRITE_OK | Access::EXEC_OK) {
        findings.push(Finding::error(
            Exit::Failed,
            format!("snapshots: this user can't write to {}: {error}", there.display()),
            Some(format!(
                "run check as the daemon's user, or give that user the folder: install -d -m 2750 {}",
                folder.display()
            )),
        ));
        return findings;
    }
    findings.extend(check_room(there, &settings.database, &taken, snapshots.keep));
    findings.extend(check_disk(there, &settings.database));
    findings
}

/// Whether as many as are to be kept find room, and the one that is made before the oldest goes.
fn check_room(folder: &Path, database: &Path, taken: &[Found], keep: usize) -> Option<Finding> {
    let each = fs::metadata(database).ok()?.len();
    let disk = statvfs(folder).ok()?;
    let free = disk.f_bavail.saturating_mul(disk.f_frsize);
    let there = taken.iter().map(|found| found.bytes).sum::<u64>();
    let wanted = each.saturating_mul(keep as u64 + 1);
    (free.saturating_add(there) < wanted).then(|| {
        Finding::warning(
            format!(
                "snapshots: {keep} of {} MB, and the next one, need {} MB; {} MB are free in {}",
                each >> 20,
                wanted.saturating_sub(there) >> 20,
                free >> 20,
                folder.display()
            ),
            "make room, keep fewer ([snapshots] keep), or name a folder on another disk",
        )
    })
}

fn check_disk(folder: &Path, database: &Path) -> Option<Finding> {
    let device = |path: &Path| fs::metadata(path).map(|there| there.dev()).ok();
    let is_same = device(folder).is_some_and(|there| device(parent(database)) == Some(there));
    is_same.then(|| {
        Finding::warning(
            "snapshots: they lie on the mirror's own disk, which takes both with it when it dies",
            "name a folder on another disk ([snapshots] folder), or copy them away",
        )
    })
}

fn parent(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}
