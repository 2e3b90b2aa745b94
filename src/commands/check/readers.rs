//! Who reads the file directly: whether the members of its group can, live and while nobody writes, and
//! whether anybody can get in the writer's way. Judged by whose the file is, whoever runs `check`.
//!
//! A file that is its owner's alone is as good as one that is shared: only what is half shared, and what
//! would keep the owner from writing, is told.

use std::path::Path;

use super::Exit;
use super::finding::Finding;
use super::place::{ENTER, Place, READ, WRITE, group_name, own_group, user_name};

/// Looks at the file at `path` before anything opens it: opening may make what is missing.
pub(super) fn check(path: &Path) -> Vec<Finding> {
    let whole = path.canonicalize().unwrap_or_else(|_| path.into());
    let Some(file) = Place::of(&whole) else { return Vec::new() };
    let Some(folder) = whole.parent().and_then(Place::of) else { return Vec::new() };
    let beside = |ending: &str| {
        let mut name = whole.clone().into_os_string();
        name.push(ending);
        Place::of(Path::new(&name)).ok_or(ending.to_owned())
    };
    let log = [beside("-wal"), beside("-shm")];
    let mut findings = check_writer(&file, &folder, log.iter().flatten());
    let owner = user_name(file.user);
    let obstacles = find_obstacles(&file, &folder, &log);
    if obstacles.is_empty() {
        findings.push(Finding::ok(format!(
            "readers: who is in the group {} reads the file directly, live, also while nobody writes it; {owner} writes",
            group_name(file.group)
        )));
    } else if folder.is_shared() {
        findings.extend(obstacles);
    } else {
        findings.push(Finding::ok(format!(
            "readers: {owner} alone reads the file directly; others by HTTP, or by a folder that is shared (see Query in the README)"
        )));
    }
    findings.extend(check_file_system(&folder.path));
    findings
}

/// What is in the owner's way, or lets others write.
fn check_writer<'a>(file: &'a Place, folder: &Place, log: impl Iterator<Item = &'a Place>) -> Vec<Finding> {
    let owner = user_name(file.user);
    let mut findings = Vec::new();
    if !folder.lets_user(file.user, file.group, WRITE | ENTER) {
        findings.push(Finding::error(
            Exit::Failed,
            format!("readers: {owner}, whose the file is, can't write into {}", folder.path.display()),
            Some(format!("chown {owner} {}", folder.path.display())),
        ));
    }
    let may_write = |place: &Place| place.lets_member(place.group, WRITE) || place.lets_everybody(WRITE);
    // Where a group is one user's own, nobody else is in it.
    let is_one_users = !folder.gives_its_group() && own_group(file.user) == Some(folder.group);
    let is_open = folder.lets_everybody(WRITE) || may_write(folder) && !is_one_users;
    if is_open && !folder.is_sticky() {
        findings.push(Finding::warning(
            format!(
                "readers: others than {owner} may write into {}: what a reader makes there, the writer can't write",
                folder.path.display()
            ),
            format!("chmod g-w,o-w {}", folder.path.display()),
        ));
    }
    for place in log.chain([file]) {
        let path = place.path.display();
        if place.user != file.user {
            findings.push(Finding::error(
                Exit::Failed,
                format!("readers: {path} belongs to {}, and {owner} can't write it", user_name(place.user)),
                Some(format!("chown {owner}:{} {path}", group_name(file.group))),
            ));
        }
        if may_write(place) {
            findings.push(Finding::warning(
                format!("readers: others than {owner} may write {path}, and damage it"),
                format!("chmod g-w,o-w {path}"),
            ));
        }
    }
    findings
}

/// What keeps a member of the file's group from reading it.
fn find_obstacles(file: &Place, folder: &Place, log: &[Result<Place, String>]) -> Vec<Finding> {
    let group = file.group;
    let members = group_name(group);
    let mut obstacles = Vec::new();
    let mut add = |what: String, advice: String| {
        obstacles.push(Finding::warning(format!("readers: {what}"), advice));
    };
    for above in folder.path.ancestors().skip(1).filter_map(Place::of) {
        if !above.lets_member(group, ENTER) {
            let path = above.path.display();
            add(
                format!("who is in the group {members} can't pass through {path}"),
                format!("keep the file elsewhere, in /var/lib/coupontools-mirror; or chmod o+x {path}"),
            );
        }
    }
    let path = folder.path.display();
    if folder.group != group && !folder.lets_everybody(READ | ENTER) {
        add(
            format!(
                "{path} is the group {}'s, and the file in it the group {members}'s",
                group_name(folder.group)
            ),
            format!("chgrp {} {}*", group_name(folder.group), file.path.display()),
        );
    } else if !folder.lets_member(group, READ | ENTER) {
        add(format!("who is in the group {members} can't enter {path}"), format!("chmod 2750 {path}"));
    }
    if folder.is_shared() && !folder.gives_its_group() && own_group(file.user) != Some(folder.group) {
        add(
            format!("{path} does not give its group to what is made in it (it is not setgid)"),
            format!("chmod 2750 {path}"),
        );
    }
    for place in log.iter().flatten().chain([file]) {
        let path = place.path.display();
        if !place.lets_member(group, READ) {
            let advice = format!("chgrp {members} {path}; chmod 640 {path}");
            add(format!("who is in the group {members} can't read {path}"), advice);
        }
    }
    let missing: Vec<&str> =
        log.iter().filter_map(|found| found.as_ref().err()).map(String::as_str).collect();
    if !missing.is_empty() {
        add(
            format!(
                "{} is not there: without it only who may write into the folder opens the file",
                missing.join(" and ")
            ),
            format!("let the daemon run, or `sync` once, as {}: both leave them there", user_name(file.user)),
        );
    }
    obstacles
}

/// Systems over a network, and what they are called. The log's index is memory that processes share, and
/// two machines share none.
#[cfg(target_os = "linux")]
const OVER_A_NETWORK: &[(u64, &str)] = &[
    (0x6969, "NFS"),
    (0x517b, "SMB"),
    (0xff53_4d42, "CIFS"),
    (0xfe53_4d42, "SMB"),
    (0x5346_414f, "AFS"),
    (0x00c3_6400, "Ceph"),
    (0x0102_1997, "9P"),
    (0x0bd0_0bd0, "Lustre"),
];

#[cfg(target_os = "linux")]
fn check_file_system(folder: &Path) -> Option<Finding> {
    let kind = rustix::fs::statfs(folder).ok()?.f_type;
    // Some of them have their highest bit set, and the system's word may be wider or signed.
    let kind = u64::from((kind as u64 & 0xffff_ffff) as u32);
    let (_, name) = OVER_A_NETWORK.iter().find(|(magic, _)| *magic == kind)?;
    Some(Finding::warning(
        format!(
            "database: {} is on a network file system ({name}), where SQLite's log does not work",
            folder.display()
        ),
        "keep the file on a disk of this machine, and read it from elsewhere over HTTP",
    ))
}

#[cfg(not(target_os = "linux"))]
fn check_file_system(_folder: &Path) -> Option<Finding> {
    None
}
