//! The mirror's file and its folder: there, writable, with room, and not for everybody's eyes.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use rustix::fs::{Access, access, statvfs};

use super::Exit;
use super::finding::Finding;
use crate::store::{Reader, StoreError, find_writer};

/// A mirror of a million registrations takes most of this.
const FREE_BYTES_ADVISED: u64 = 1 << 30;
/// Less than what a first walk writes before it can be cut short.
const FREE_BYTES_MIN: u64 = 64 << 20;

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
    if let Err(error) = access(folder, Access::WRITE_OK | Access::EXEC_OK) {
        return broken(
            format!("database: this user can't write to the folder {}: {error}", folder.display()),
            "run check as the daemon's user, or give that user the folder".into(),
        );
    }
    let mut findings = vec![check_file(path)];
    if path.is_file() {
        findings.extend(check_content(path).await);
        findings.extend(check_writer(path));
    }
    findings.extend(check_privacy(path));
    findings.extend(check_room(folder));
    findings
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

/// Whether the file is a mirror, whole, and of this version.
async fn check_content(path: &Path) -> Vec<Finding> {
    let reader = match Reader::open(path).await {
        Ok(reader) => reader,
        Err(error) => {
            return vec![Finding::error(Exit::Failed, error.to_string(), Some(error.hint().into()))];
        }
    };
    let failed = |error: StoreError| {
        Finding::error(Exit::Failed, format!("database: {error}"), error.hint().map(str::to_owned))
    };
    let mut findings = vec![match reader.count_all().await {
        Ok(counts) => Finding::ok(format!(
            "database: {} registrations of {} directories, {} missing",
            counts.registrations, counts.directories, counts.missing
        )),
        Err(error) => failed(error),
    }];
    findings.push(match reader.find_damage().await {
        Ok(None) => Finding::ok("database: no damage"),
        Ok(Some(damage)) => Finding::error(
            Exit::Failed,
            format!("database: damaged: {damage}"),
            Some("put the file away and restore a copy, or let `sync` make a new one".into()),
        ),
        Err(error) => failed(error),
    });
    reader.close().await;
    findings
}

fn check_writer(path: &Path) -> Option<Finding> {
    let pid = find_writer(path)?;
    let pid = pid.map_or_else(String::new, |pid| format!(" (process {pid})"));
    Some(Finding::ok(format!("database: a daemon or a sync{pid} is writing it")))
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
    let room = statvfs(folder).ok()?;
    let free = room.f_bavail.saturating_mul(room.f_frsize);
    let what = format!("database: {} MB are free in {}", free >> 20, folder.display());
    let advice = "make room; until then nothing new can be saved, and nothing saved is lost";
    Some(match free {
        0..FREE_BYTES_MIN => Finding::error(Exit::Failed, what, Some(advice.into())),
        FREE_BYTES_MIN..FREE_BYTES_ADVISED => Finding::warning(what, "make room before it runs out"),
        _ => Finding::ok(what),
    })
}
