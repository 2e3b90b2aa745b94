//! The mirror's file and its folder: there, writable, with room, and not for everybody's eyes.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::time::Duration;

use rustix::fs::{Access, access};

use super::Exit;
use super::finding::Finding;
use super::place::{Place, user_name};
use crate::clock;
use crate::store::{self, FileContent, Health, OpenError};

/// How long SQLite may look at the file's content.
const LOOK_MAX: Duration = Duration::from_secs(20);

pub(super) async fn check(path: &Path) -> Vec<Finding> {
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    let broken = |what: String, advice: String| vec![Finding::error(Exit::Failed, what, Some(advice))];
    if !folder.is_dir() {
        return broken(
            format!("database: the folder {} does not exist", folder.display()),
            format!("make it, owned by the daemon's user: install -d -m 2750 {}", folder.display()),
        );
    }
    let reader = find_reader(path);
    if reader.is_none()
        && let Err(error) = access(folder, Access::WRITE_OK | Access::EXEC_OK)
    {
        return broken(
            format!("database: this user can't write to the folder {}: {error}", folder.display()),
            "run check as the daemon's user, or give that user the folder".into(),
        );
    }
    let mut findings = vec![reader.unwrap_or_else(|| check_file(path))];
    if path.is_file() {
        findings.extend(check_health(path).await);
    }
    findings.extend(check_privacy(path));
    findings.extend(check_room(folder));
    findings
}

/// Whoever runs `check` and is neither the file's owner nor root is one who reads it: it is not to be
/// written by that user.
fn find_reader(path: &Path) -> Option<Finding> {
    let (file, me) = (Place::of(path)?, rustix::process::geteuid());
    if me.is_root() || file.user == me.as_raw() || access(path, Access::WRITE_OK).is_ok() {
        return None;
    }
    let owner = user_name(file.user);
    Some(Finding::ok(format!(
        "database: {}, which {owner} writes and this user may only read",
        path.display()
    )))
}

fn check_file(path: &Path) -> Finding {
    match fs::metadata(path) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            Finding::ok(format!("database: {} will be made by the first sync", path.display()))
        }
        Err(error) => Finding::error(Exit::Failed, format!("database: {}: {error}", path.display()), None),
        Ok(metadata) if !metadata.is_file() => Finding::error(
            Exit::Misconfigured,
            format!("database: {} is no file", path.display()),
            Some("name a file: --database FILE".into()),
        ),
        Ok(metadata) => match access(path, Access::READ_OK | Access::WRITE_OK) {
            Ok(()) => Finding::ok(format!("database: {}, {} MB", path.display(), metadata.len() >> 20)),
            Err(error) => Finding::error(
                Exit::Failed,
                format!("database: this user can't read and write {}: {error}", path.display()),
                Some("run check as the daemon's user, or give that user the file".into()),
            ),
        },
    }
}

async fn check_health(path: &Path) -> Vec<Finding> {
    let end = clock::steady_now() + LOOK_MAX;
    let path = path.to_path_buf();
    let looked =
        tokio::task::spawn_blocking(move || store::look_at(&path, move || clock::steady_now() >= end));
    match looked.await {
        Ok(Ok(health)) => judge_health(&health),
        Ok(Err(error @ OpenError::OlderVersion { .. })) => {
            vec![Finding::warning(format!("database: {error}"), error.hint())]
        }
        Ok(Err(error)) => {
            vec![Finding::error(Exit::Failed, format!("database: {error}"), Some(error.hint().into()))]
        }
        Err(error) => {
            vec![Finding::error(Exit::Failed, format!("database: cannot look at it: {error}"), None)]
        }
    }
}

fn judge_health(health: &Health) -> Vec<Finding> {
    let writer = match (health.is_written, health.writer_pid) {
        (false, _) => "database: no process writes it now".into(),
        (true, None) => "database: a process writes it now".into(),
        (true, Some(pid)) => format!("database: process {pid} writes it now"),
    };
    let content = match health.content {
        FileContent::Sound => Finding::ok("database: SQLite finds it whole"),
        FileContent::Unfinished => Finding::ok(format!(
            "database: SQLite found nothing wrong in {} s, and had not looked at all of it",
            LOOK_MAX.as_secs()
        )),
        FileContent::Damaged => Finding::error(
            Exit::Failed,
            "database: it is damaged",
            Some("restore a snapshot (`restore FILE`), or move it away and sync anew".into()),
        ),
    };
    let mut findings = vec![Finding::ok(writer), content];
    if health.is_unwiped {
        findings.push(Finding::warning(
            "database: what was erased from its tables may still stand in its bytes: an erasure was not finished",
            "run `erase … --yes` again",
        ));
    }
    if health.is_erased_unrecognised {
        findings.push(Finding::warning(
            "database: the masks' key is not the one of earlier erasures: who was erased then is not recognised",
            "put that key back; until then they may be sent to again, also who had opted out, and come in anew",
        ));
    }
    findings
}

fn check_privacy(path: &Path) -> Option<Finding> {
    let mode = fs::metadata(path).ok()?.permissions().mode();
    (mode & 0o007 != 0).then(|| {
        Finding::warning(
            format!("database: every user of this machine may read the personal data in {}", path.display()),
            format!("chmod o-rwx {}*; the daemon's unit sets UMask=0027", path.display()),
        )
    })
}

fn check_room(folder: &Path) -> Option<Finding> {
    let room = store::look_up_room(folder)?;
    let what = format!("database: {} MB are free in {}", room.free_bytes >> 20, folder.display());
    Some(if !room.lets_walk() {
        let advice = "make room; until then no walk begins, and nothing saved is lost";
        Finding::error(Exit::Failed, what, Some(advice.into()))
    } else if room.is_low() {
        Finding::warning(what, "make room before it runs out")
    } else {
        Finding::ok(what)
    })
}
