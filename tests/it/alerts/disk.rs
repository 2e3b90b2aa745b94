//! A disk that fills: told before it is full, survived while it is, and gone on from once there is room.

use std::process::Command;

use coupontools_mirror::simulator::Mutation;

use super::{EVERY_SECOND, TAKE, told, until_told, with_command};
use crate::stage::{Mirror, PROGRAM, Running, Upstream, until};

/// A mirror on a disk of 40 MB of its own, which only the daemon sees; and its end.
struct SmallDisk {
    mirror: Mirror,
    daemon: Running,
}

impl SmallDisk {
    /// `None` where this system lets nobody mount anything.
    fn with_daemon(upstream: &Upstream) -> Option<Self> {
        let may_mount = Command::new("unshare").args(["-rm", "true"]).status();
        if !may_mount.is_ok_and(|status| status.success()) {
            return None;
        }
        let mirror = with_command(Mirror::of(upstream).with(EVERY_SECOND), TAKE);
        let disk = mirror.path("disk");
        std::fs::create_dir(&disk).unwrap();
        let script = "mount -t tmpfs -o size=40m none \"$1\" && exec \"$0\" --database \"$1/mirror.db\" run";
        let mut command = Command::new("unshare");
        command.args(["-rm", "sh", "-c", script, PROGRAM]).arg(&disk);
        mirror.prepare(&mut command);
        let daemon = Running::start(&mut command);
        daemon.until_says(" walk ");
        Some(Self { mirror, daemon })
    }

    /// A file on that disk, as seen from here.
    fn path(&self, name: &str) -> std::path::PathBuf {
        let seen = self.mirror.path("disk").join(name);
        format!("/proc/{}/root{}", self.daemon.pid(), seen.display()).into()
    }

    /// So much of the disk is taken by something else; as much as there is, if it is too much.
    fn fill(&self, megabytes: usize) {
        let _ = std::fs::write(self.path("filler"), vec![1; megabytes << 20]);
    }

    /// What `check` says that looks at that disk.
    fn check(&self) -> String {
        let pid = self.daemon.pid().to_string();
        let database = self.mirror.path("disk").join("mirror.db");
        let mut command = Command::new("nsenter");
        command.args(["-t", &pid, "-U", "-m", "--preserve-credentials", PROGRAM, "check", "--database"]);
        self.mirror.prepare(command.arg(database));
        String::from_utf8(command.output().unwrap().stdout).unwrap()
    }

    fn ask(&self, path: &str) -> (u16, String) {
        let said = self.daemon.stderr();
        let url = said.split("listening url=").nth(1).unwrap().split_whitespace().next().unwrap();
        let url = format!("{}{path}", url.trim_matches('"'));
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let client = reqwest::Client::builder().no_proxy().build().unwrap();
            let answer = client.get(url).send().await.unwrap();
            (answer.status().as_u16(), answer.text().await.unwrap())
        })
    }
}

#[test]
fn a_disk_that_fills_is_told_of_stops_walks_and_no_reader_and_is_gone_on_from_once_there_is_room() {
    let upstream = Upstream::of(&[350]);
    let Some(small) = SmallDisk::with_daemon(&upstream) else { return };
    let count = "/api/v1/query?format=csv&sql=SELECT+count(*)+AS+n+FROM+registrations";
    assert_eq!(small.ask(count), (200, "n\n350\n".into()));
    assert_eq!(small.ask("/readyz"), (200, "fresh\n".into()));

    // Low, and enough for walks.
    small.fill(26);
    let low = "disk_low firing - -";
    let alerts = until_told(&small.mirror, &[low]);
    assert!(alerts[0]["message"].as_str().unwrap().contains("Below 8 MiB no walk begins"), "{alerts:?}");
    let complete = || small.daemon.stderr().matches("outcome=\"complete\"").count();
    let before = complete();
    until("walks go on", || complete() > before + 1);

    // Too little: no walk begins, and that it did not can still be written.
    upstream.change("dir_10001", Mutation { insert: 7, ..Mutation::default() });
    small.fill(34);
    small.daemon.until_says("cannot begin a walk: the disk is full");
    let asked = upstream.pages_asked();
    let stopped = "not_fresh firing default dir_10001";
    until_told(&small.mirror, &[low, stopped]);
    assert_eq!(upstream.pages_asked(), asked);
    let (status, reason) = small.ask("/readyz");
    assert_eq!(status, 503);
    assert!(reason.contains("cannot begin a walk: the disk is full"), "{reason}");

    // Full: nothing can be written at all, alerts are told and readers read.
    small.fill(40);
    let unlisted = "not_fresh firing default -";
    until_told(&small.mirror, &[low, stopped, unlisted]);
    assert_eq!(small.ask(count), (200, "n\n350\n".into()));
    assert_eq!(small.ask("/healthz").0, 200);
    let said = small.check();
    assert!(said.contains("ok       database: SQLite finds it whole"), "{said}");
    assert!(said.contains("until then no walk begins"), "{said}");
    small.daemon.until_says("cannot save alerts: they are told all the same");

    std::fs::remove_file(small.path("filler")).unwrap();
    until("all are over", || told(&small.mirror).len() == 6);
    let mut over = super::brief(&told(&small.mirror)[3..]);
    over.sort();
    let resolved = |alert: &str| alert.replace("firing", "resolved");
    assert_eq!(over, [low, unlisted, stopped].map(resolved));
    until("the next walk went on", || small.ask(count).1 == "n\n357\n");
    until("it is fresh", || small.ask("/readyz") == (200, "fresh\n".into()));
    super::stop(small.daemon);
}
