//! The unit, where one is installed: does it run, as whom, and does the file belong to that user? Where
//! nothing is known of a unit, nothing is said.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rustix::process::geteuid;

use super::finding::Finding;
use crate::config::{Environment, Flags};
use crate::service;

const NAME: &str = "coupontools-mirror.service";
/// Where units lie; the first one counts.
const FOLDERS: [&str; 5] = [
    "/etc/systemd/system",
    "/run/systemd/system",
    "/usr/local/lib/systemd/system",
    "/usr/lib/systemd/system",
    "/lib/systemd/system",
];
const STATE_FOLDERS: &str = "/var/lib";
const SHOWN: &str = "--property=ActiveState,UnitFileState,Result,User,UMask,StateDirectory";
/// systemd answers at once, or not at all.
const ANSWER_MAX: Duration = Duration::from_secs(5);

/// What is known of the unit.
#[derive(Debug, Default)]
struct Unit {
    path: PathBuf,
    /// `KEY=value` as systemd shows them; else as they stand in the file.
    properties: Vec<(String, String)>,
}

/// Who looks at what.
struct Look<'a> {
    database: &'a Path,
    /// Flag or environment name it: it need not be the unit's.
    is_named: bool,
    /// systemd's folder is known: the unit itself runs this check, or somebody as it would.
    has_state_folder: bool,
    uid: u32,
    owner: Option<u32>,
    passwd: &'a str,
}

pub(super) async fn check(database: &Path, flags: &Flags, environment: &Environment) -> Vec<Finding> {
    let is_booted = sd_notify::booted().unwrap_or(false);
    let found = FOLDERS.iter().map(|folder| Path::new(folder).join(NAME)).find(|path| path.exists());
    let Some(path) = found else {
        let none = || Finding::ok(format!("unit: {NAME} is not installed; `run` is started by hand"));
        return is_booted.then(none).into_iter().collect();
    };
    let shown = if is_booted { show().await } else { None };
    let properties = shown.unwrap_or_else(|| read(&fs::read_to_string(&path).unwrap_or_default()));
    let folder = database.parent().filter(|folder| !folder.as_os_str().is_empty());
    let look = Look {
        database,
        is_named: flags.database.is_some() || environment.get("COUPONTOOLS_MIRROR_DATABASE").is_some(),
        has_state_folder: environment.get("STATE_DIRECTORY").is_some(),
        uid: geteuid().as_raw(),
        owner: folder.and_then(|folder| folder.metadata().ok()).map(|folder| folder.uid()),
        passwd: &fs::read_to_string("/etc/passwd").unwrap_or_default(),
    };
    judge(&Unit { path, properties }, &look)
}

/// As systemd has loaded it, drop-ins included; `None` where it can't be asked.
async fn show() -> Option<Vec<(String, String)>> {
    let mut command = tokio::process::Command::new("systemctl");
    command.args(["show", SHOWN, NAME]).kill_on_drop(true);
    service::hide_from(&mut command);
    let output = tokio::time::timeout(ANSWER_MAX, command.output()).await.ok()?.ok()?;
    output.status.success().then(|| read(&String::from_utf8_lossy(&output.stdout)))
}

fn read(text: &str) -> Vec<(String, String)> {
    let lines = text.lines().filter(|line| !line.trim_start().starts_with(['#', ';']));
    lines
        .filter_map(|line| line.split_once('='))
        .map(|(key, value)| (key.trim().to_owned(), value.trim().to_owned()))
        .collect()
}

impl Unit {
    /// The last one counts; an empty one is none.
    fn get(&self, key: &str) -> Option<&str> {
        let said = self.properties.iter().rev().find(|(name, _)| name == key);
        said.map(|(_, value)| value.as_str()).filter(|value| !value.is_empty())
    }
}

fn judge(unit: &Unit, look: &Look<'_>) -> Vec<Finding> {
    let mut findings = vec![judge_state(unit)];
    findings.extend(judge_user(unit, look));
    findings.extend(judge_file(unit, look));
    let umask = unit.get("UMask").and_then(|umask| u32::from_str_radix(umask, 8).ok());
    findings.extend(umask.filter(|umask| umask & 0o007 != 0o007).map(|umask| {
        Finding::warning(
            format!("unit: UMask={umask:04o} lets every user of this machine read what it makes"),
            "set UMask=0027: systemctl edit coupontools-mirror",
        )
    }));
    findings
}

fn judge_state(unit: &Unit) -> Finding {
    let path = unit.path.display();
    let is_enabled = unit.get("UnitFileState").is_some_and(|state| state.starts_with("enabled"));
    match (unit.get("ActiveState"), is_enabled) {
        (None, _) => Finding::ok(format!("unit: {path}; systemd does not run here, or does not answer")),
        (Some("failed"), _) => Finding::warning(
            format!("unit: {path} has failed ({})", unit.get("Result").unwrap_or("nobody knows why")),
            "journalctl -u coupontools-mirror says why; then systemctl restart coupontools-mirror",
        ),
        (Some("inactive"), _) => Finding::warning(
            format!("unit: {path} does not run"),
            "systemctl enable --now coupontools-mirror",
        ),
        (Some(state), false) => Finding::warning(
            format!("unit: {path} is {state}, and will not start with the machine"),
            "systemctl enable coupontools-mirror",
        ),
        (Some(state), true) => Finding::ok(format!("unit: {path} is {state}, and starts with the machine")),
    }
}

/// Without a line of its own it is root's.
fn judge_user(unit: &Unit, look: &Look<'_>) -> Option<Finding> {
    let user = unit.get("User").unwrap_or("root");
    let uid = find_uid(look.passwd, user)?;
    (uid != look.uid).then(|| {
        Finding::warning(
            format!("unit: it runs as {user}, and this check does not: what is said of files may differ for {user}"),
            "the README's \"Under systemd\" has a line that runs it with the unit's user and keys",
        )
    })
}

fn judge_file(unit: &Unit, look: &Look<'_>) -> Option<Finding> {
    if look.is_named {
        return None;
    }
    let folder = Path::new(STATE_FOLDERS).join(unit.get("StateDirectory")?);
    if look.database.parent().is_none_or(|parent| parent.as_os_str().is_empty()) && !look.has_state_folder {
        return Some(Finding::warning(
            format!(
                "unit: its file is {}, and this check looks at one in the working directory",
                folder.join(look.database).display()
            ),
            format!("STATE_DIRECTORY={} coupontools-mirror check", folder.display()),
        ));
    }
    let user = unit.get("User").unwrap_or("root");
    let (uid, owner) = (find_uid(look.passwd, user)?, look.owner?);
    let folder = look.database.parent()?.display();
    (uid != owner).then(|| {
        Finding::warning(
            format!("unit: it runs as {user}, and the folder {folder} belongs to another user"),
            format!("chown -R {user}: {folder}"),
        )
    })
}

fn find_uid(passwd: &str, user: &str) -> Option<u32> {
    let mut lines = passwd.lines().map(|line| line.split(':').collect::<Vec<_>>());
    let line = lines.find(|fields| fields.first() == Some(&user))?;
    line.get(2)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::super::finding::Level;
    use super::*;

    const PASSWD: &str =
        "root:x:0:0:root:/root:/bin/bash\ncoupontools-mirror:x:998:997::/:/usr/sbin/nologin\n";
    const SHIPPED: &str = include_str!("../../../deploy/systemd/coupontools-mirror.service");
    const RUNS: &str = "ActiveState=active\nUnitFileState=enabled\nResult=success\nUser=coupontools-mirror\n\
        UMask=0027\nStateDirectory=coupontools-mirror\n";

    fn unit(text: &str) -> Unit {
        Unit { path: "/usr/lib/systemd/system/coupontools-mirror.service".into(), properties: read(text) }
    }

    fn look(database: &'static str) -> Look<'static> {
        Look {
            database: Path::new(database),
            is_named: false,
            has_state_folder: false,
            uid: 998,
            owner: Some(998),
            passwd: PASSWD,
        }
    }

    fn warnings(unit: &Unit, look: &Look<'_>) -> Vec<String> {
        let findings = judge(unit, look).into_iter();
        findings.filter(|finding| finding.level == Level::Warning).map(|finding| finding.what).collect()
    }

    #[test]
    fn a_unit_that_runs_as_the_files_owner_is_fine() {
        let state = look("/var/lib/coupontools-mirror/mirror.db");
        assert!(warnings(&unit(RUNS), &state).is_empty());
        assert!(warnings(&unit(SHIPPED), &state).is_empty());
        assert_eq!(unit(SHIPPED).get("User"), Some("coupontools-mirror"));
    }

    #[test]
    fn what_does_not_run_or_not_for_long_is_told() {
        let state = look("/var/lib/coupontools-mirror/mirror.db");
        for (was, is, says) in [
            ("ActiveState=active", "ActiveState=failed", "has failed (success)"),
            ("ActiveState=active", "ActiveState=inactive", "does not run"),
            ("UnitFileState=enabled", "UnitFileState=disabled", "will not start with the machine"),
            ("UMask=0027", "UMask=0022", "UMask=0022 lets every user"),
        ] {
            let told = warnings(&unit(&RUNS.replace(was, is)), &state);
            assert!(told.len() == 1 && told[0].contains(says), "{is}: {told:?}");
        }
    }

    #[test]
    fn another_user_and_another_owner_are_told() {
        let state = look("/var/lib/coupontools-mirror/mirror.db");
        let by_root = Look { uid: 0, ..state };
        assert!(
            warnings(&unit(RUNS), &by_root)[0]
                .contains("runs as coupontools-mirror, and this check does not")
        );
        let of_root = Look { owner: Some(0), ..look("/srv/mirror.db") };
        assert!(warnings(&unit(RUNS), &of_root)[0].contains("the folder /srv belongs to another user"));
        assert!(warnings(&unit(RUNS), &Look { is_named: true, ..of_root }).is_empty());
    }

    #[test]
    fn a_file_in_the_working_directory_is_not_the_units() {
        let told = warnings(&unit(RUNS), &look("mirror.db"));
        assert!(told[0].contains("its file is /var/lib/coupontools-mirror/mirror.db"), "{told:?}");
    }
}
