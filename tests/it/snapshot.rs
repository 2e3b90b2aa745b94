//! `snapshot`, and the daemon's by schedule: whole, of one moment, and in nobody's way.

use std::collections::BTreeSet;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use coupontools_mirror::clock;
use coupontools_mirror::simulator::Mutation;
use rusqlite::Connection;
use rustix::process::Signal;
use serde_json::{Value, json};

use crate::stage::{DIRECTORY, Ended, File, Mirror, PROGRAM, Running, Upstream, until};

/// A user who owns nothing.
const NOBODY: u32 = 65_534;

/// A mirror of 350 that nobody writes.
fn mirrored() -> (Upstream, Mirror) {
    let upstream = Upstream::of(&[350]);
    let mirror = Mirror::of(&upstream);
    mirror.sync(&[]).exits(0);
    (upstream, mirror)
}

/// So much more to copy that a signal comes in time.
fn make_large(mirror: &Mirror) {
    File::execute(
        &mirror.database(),
        "CREATE TABLE ballast (bytes BLOB); WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 150)
         INSERT INTO ballast SELECT zeroblob(1000000) FROM n",
    );
}

fn told(ended: &Ended) -> Value {
    serde_json::from_str(&ended.stdout).unwrap()
}

/// Names in a folder that hold a word.
pub fn names(folder: &Path, word: &str) -> Vec<String> {
    let entries = std::fs::read_dir(folder).unwrap();
    let mut names: Vec<_> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.retain(|name| name.contains(word));
    names.sort();
    names
}

/// A whole file, of one moment, that needs nothing beside it.
fn assert_snapshot(path: &Path) -> i64 {
    let file = File::open(path);
    file.assert_whole();
    assert_eq!(file.value::<String>("PRAGMA journal_mode"), "delete");
    let stand = file.count("registrations");
    let counts = ["directories", "registrations_by_day"]
        .map(|view| file.value::<i64>(&format!("SELECT coalesce(sum(registrations), 0) FROM {view}")));
    assert_eq!(counts, [stand, stand]);
    stand
}

#[test]
fn snapshots_under_a_writing_daemon_are_each_of_one_moment_and_hold_nobody_up() {
    let upstream = Upstream::of(&[6_000, 500]);
    upstream.set(json!({ "latency_ms": 10 }));
    let mirror = Mirror::of(&upstream);
    let daemon = mirror.start(&["run"]);
    until("there is a mirror", || mirror.database().exists() && daemon.stderr().contains("started"));
    let copy = mirror.path("copy.db");
    let (mut seen, mut taken) = (BTreeSet::new(), 0);
    until("the first walks are over", || {
        let ended = mirror.call(&["snapshot", "copy.db", "--json"]).exits(0);
        let (told, stand) = (told(&ended), assert_snapshot(&copy));
        assert_eq!(told["registrations"], stand);
        assert_eq!(told["bytes"], std::fs::metadata(&copy).unwrap().len());
        let seq = "SELECT coalesce(max(seq), 0) FROM registration_changes";
        assert_eq!(told["seq"], File::open(&copy).value::<i64>(seq));
        assert_eq!(ended.stderr, "");
        seen.insert(stand);
        taken += 1;
        daemon.stderr().matches(" walk ").count() >= 2
    });
    assert!(taken >= 5 && seen.len() >= 3, "{taken} snapshots: {seen:?}");
    daemon.signal(Signal::TERM);
    daemon.end().exits(0);
    mirror.file().assert_exact(&upstream);
    mirror.call(&["snapshot", "copy.db"]).exits(0);
    File::open(&copy).assert_exact(&upstream);
    assert_eq!(names(mirror.folder(), "copy"), ["copy.db"]);
}

#[test]
fn a_snapshot_is_of_the_moment_at_which_it_began_however_much_another_program_writes() {
    let (_upstream, mirror) = mirrored();
    make_large(&mirror);
    let writer = Connection::open(mirror.database()).unwrap();
    writer.busy_timeout(crate::stage::DEADLINE).unwrap();
    writer.execute_batch("CREATE TABLE tally (n INTEGER); INSERT INTO tally VALUES (0)").unwrap();
    let mut running = mirror.start(&["snapshot", "copy.db", "--json"]);
    let mut written = 0;
    until("the snapshot is taken", || {
        // Every page of the ballast moves, so that a copy that follows the writer would never end or be mixed.
        writer.execute_batch("BEGIN; UPDATE tally SET n = n + 1; UPDATE ballast SET bytes = zeroblob(1000001) WHERE rowid % 10 = 1; COMMIT").unwrap();
        written += 1;
        running.has_ended()
    });
    let told = told(&running.end().exits(0));
    assert!(written >= 3, "{written} writes");
    let copy = File::open(&mirror.path("copy.db"));
    copy.assert_whole();
    assert!(copy.value::<i64>("SELECT n FROM tally") < written);
    assert_eq!(told["registrations"], 350);
}

/// `snapshot` as a user who may only read the mirror, into a folder of that user's.
fn snapshot_as_a_reader(mirror: &Mirror) -> (Ended, PathBuf) {
    let target = mirror.path("theirs");
    std::fs::create_dir(&target).unwrap();
    let mode = |path: &Path, mode| std::fs::set_permissions(path, PermissionsExt::from_mode(mode)).unwrap();
    let is_root = rustix::process::geteuid().is_root();
    let program = if is_root { mirror.path("program") } else { PROGRAM.into() };
    let mut command = Command::new(&program);
    mirror.prepare(&mut command);
    if is_root {
        std::fs::copy(PROGRAM, &program).unwrap();
        for name in names(mirror.folder(), "mirror.db").iter().filter(|name| !name.ends_with("-key")) {
            std::os::unix::fs::chown(mirror.path(name), None, Some(NOBODY)).unwrap();
        }
        std::os::unix::fs::chown(&target, Some(NOBODY), Some(NOBODY)).unwrap();
        command.uid(NOBODY).gid(NOBODY);
    }
    mode(mirror.folder(), 0o555);
    let file = target.join("copy.db");
    let ended = Ended::of(command.args(["snapshot", "--json"]).arg(&file).output().unwrap());
    mode(mirror.folder(), 0o755);
    (ended, file)
}

#[test]
fn who_may_only_read_the_mirror_takes_a_snapshot_with_and_without_a_daemon() {
    let (upstream, mirror) = mirrored();
    let (ended, file) = snapshot_as_a_reader(&mirror);
    ended.exits(0);
    File::open(&file).assert_exact(&upstream);
    std::fs::remove_dir_all(mirror.path("theirs")).unwrap();
    let daemon = mirror.start(&["run"]);
    until("the daemon has looked", || daemon.stderr().contains(" walk "));
    let (ended, file) = snapshot_as_a_reader(&mirror);
    ended.exits(0);
    assert_eq!(assert_snapshot(&file), 350);
}

#[test]
fn a_snapshot_is_for_nobody_who_may_not_read_the_mirror() {
    let (_upstream, mirror) = mirrored();
    for (mirrors, copys) in [(0o644, 0o640), (0o640, 0o640), (0o600, 0o600)] {
        std::fs::set_permissions(mirror.database(), PermissionsExt::from_mode(mirrors)).unwrap();
        mirror.call(&["snapshot", "copy.db"]).exits(0);
        let mode = std::fs::metadata(mirror.path("copy.db")).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode, copys, "{mode:o} of {mirrors:o}");
    }
}

/// A snapshot of a large file that has begun to be written over an older one.
fn begun(mirror: &Mirror) -> (Running, Vec<u8>) {
    mirror.call(&["snapshot", "copy.db"]).exits(0);
    let older = std::fs::read(mirror.path("copy.db")).unwrap();
    make_large(mirror);
    let running = mirror.start(&["snapshot", "copy.db"]);
    let partial = mirror.path("copy.db.partial");
    until("something is copied", || partial.metadata().is_ok_and(|there| there.len() > 1 << 20));
    (running, older)
}

#[test]
fn a_snapshot_that_is_killed_leaves_the_older_one_and_the_next_one_clears_up() {
    let (_upstream, mirror) = mirrored();
    let (running, older) = begun(&mirror);
    running.kill();
    assert_eq!(std::fs::read(mirror.path("copy.db")).unwrap(), older);
    assert!(mirror.path("copy.db.partial").exists());
    std::fs::write(mirror.path("copy.db.partial-wal"), "of the killed one").unwrap();
    mirror.call(&["snapshot", "copy.db"]).exits(0);
    assert_eq!(names(mirror.folder(), "copy"), ["copy.db"]);
    assert_eq!(assert_snapshot(&mirror.path("copy.db")), 350);
    assert_eq!(File::open(&mirror.path("copy.db")).count("ballast"), 150);
}

#[test]
fn a_snapshot_that_is_interrupted_leaves_nothing_and_two_do_not_mix() {
    let (_upstream, mirror) = mirrored();
    let (running, older) = begun(&mirror);
    let second = mirror.call(&["snapshot", "copy.db"]);
    running.signal(Signal::INT);
    running.end().exits(1).says("cannot finish the snapshot: it was stopped");
    second.exits(1).says("another process is writing it");
    assert_eq!(names(mirror.folder(), "copy"), ["copy.db"]);
    assert_eq!(std::fs::read(mirror.path("copy.db")).unwrap(), older);
}

#[test]
fn nothing_but_an_earlier_snapshot_is_ever_replaced() {
    let (_upstream, mirror) = mirrored();
    std::fs::write(mirror.path("letter.txt"), "dear all").unwrap();
    std::fs::write(mirror.path("empty.db"), "").unwrap();
    File::execute(&mirror.path("other.db"), "CREATE TABLE bookmark (url TEXT)");
    std::os::unix::fs::symlink(mirror.database(), mirror.path("link.db")).unwrap();
    std::fs::hard_link(mirror.database(), mirror.path("second.db")).unwrap();
    std::fs::create_dir(mirror.path("folder")).unwrap();
    let elsewhere = mirror.path("elsewhere.db");
    mirror.call(&["--database", elsewhere.to_str().unwrap(), "sync"]).exits(0);
    for name in ["mirror.db-wal", "mirror.db-shm"] {
        std::fs::remove_file(mirror.path(name)).unwrap();
    }
    let before = |name: &str| std::fs::read(mirror.path(name)).ok();
    for (name, why) in [
        ("mirror.db", "it is the mirror itself"),
        ("link.db", "it is the mirror itself"),
        ("second.db", "it is the mirror itself"),
        ("mirror.db-wal", "one of the mirror's own files"),
        ("mirror.db-shm", "one of the mirror's own files"),
        ("mirror.db-journal", "one of the mirror's own files"),
        ("mirror.db-key", "one of the mirror's own files"),
        ("folder/../mirror.db-lock", "one of the mirror's own files"),
        ("letter.txt", "it is there and is no snapshot of a mirror"),
        ("empty.db", "it is there and is no snapshot of a mirror"),
        ("other.db", "it is there and is no snapshot of a mirror"),
        ("elsewhere.db", "it is there and is no snapshot of a mirror"),
        ("folder", "it is no regular file"),
        ("/dev/null", "it is no regular file"),
        ("no/such/copy.db", "No such file"),
    ] {
        let there = before(name);
        let ended = mirror.call(&["snapshot", name]).exits(1);
        assert!(ended.stderr.contains(why) && ended.stderr.contains("\nhint: "), "{name}: {}", ended.stderr);
        assert_eq!((ended.stdout.as_str(), before(name)), ("", there), "{name}");
    }
    assert_eq!(names(mirror.folder(), "partial"), [""; 0]);
    // What SQLite would take for the new file's own.
    mirror.call(&["snapshot", "copy.db"]).exits(0);
    std::fs::write(mirror.path("copy.db-wal"), "of another program").unwrap();
    mirror.call(&["snapshot", "copy.db"]).exits(1).says("a program has written beside it");
}

#[test]
fn a_link_to_a_snapshot_stays_a_link() {
    let (_upstream, mirror) = mirrored();
    std::fs::create_dir(mirror.path("disk")).unwrap();
    mirror.call(&["snapshot", "disk/copy.db"]).exits(0);
    std::os::unix::fs::symlink("disk/copy.db", mirror.path("copy.db")).unwrap();
    mirror.call(&["snapshot", "copy.db"]).exits(0);
    assert!(mirror.path("copy.db").is_symlink());
    assert_eq!(assert_snapshot(&mirror.path("disk/copy.db")), 350);
}

#[test]
fn a_mirror_that_cannot_be_copied_is_named_with_a_hint() {
    let upstream = Upstream::of(&[30]);
    let mirror = Mirror::of(&upstream);
    mirror.call(&["snapshot", "copy.db"]).exits(1).says("there is no such file").says("hint: ");
    std::fs::write(mirror.database(), "accounts, 2026\n".repeat(500)).unwrap();
    mirror.call(&["snapshot", "copy.db"]).exits(1).says("it is not a SQLite file");
    std::fs::remove_file(mirror.database()).unwrap();
    File::execute(&mirror.database(), "CREATE TABLE bookmark (url TEXT)");
    mirror.call(&["snapshot", "copy.db"]).exits(1).says("it belongs to another program");
    assert_eq!(names(mirror.folder(), "copy"), [""; 0]);
}

#[test]
fn a_damaged_mirror_gives_no_snapshot() {
    let upstream = Upstream::of(&[3_500]);
    let mirror = Mirror::of(&upstream);
    mirror.sync(&[]).exits(0);
    mirror.call(&["snapshot", "copy.db"]).exits(0);
    let older = std::fs::read(mirror.path("copy.db")).unwrap();
    let mut bytes = std::fs::read(mirror.database()).unwrap();
    let half = bytes.len() / 2;
    bytes[half..half + 200_000].iter_mut().for_each(|byte| *byte = 0x5a);
    std::fs::write(mirror.database(), bytes).unwrap();
    mirror.call(&["snapshot", "copy.db"]).exits(1).says("SQLite finds it damaged").says("hint: ");
    assert_eq!(std::fs::read(mirror.path("copy.db")).unwrap(), older);
    assert_eq!(names(mirror.folder(), "partial"), [""; 0]);
}

#[test]
fn a_disk_without_room_is_told_before_anything_is_written_and_a_limit_leaves_nothing() {
    let (_upstream, mirror) = mirrored();
    make_large(&mirror);
    let run = |shell: &[&str], script: String| {
        let mut command = Command::new(shell[0]);
        command.args(&shell[1..]).arg("-c").arg(script).arg(PROGRAM);
        mirror.prepare(&mut command);
        Ended::of(command.output().unwrap())
    };
    // Without the trap the system would kill the program instead.
    let limited = "trap '' XFSZ; ulimit -f 2000; exec \"$0\" snapshot copy.db";
    run(&["sh"], limited.into()).exits(1).says("cannot write copy.db");
    assert_eq!(names(mirror.folder(), "copy"), [""; 0]);

    let may_mount = Command::new("unshare").args(["-rm", "true"]).status();
    if may_mount.is_ok_and(|status| status.success()) {
        let disk = mirror.path("disk").display().to_string();
        let script = format!(
            "mkdir {disk} && mount -t tmpfs -o size=5m none {disk} && \"$0\" snapshot {disk}/copy.db; code=$?; \
             ls {disk}; exit $code"
        );
        let full = run(&["unshare", "-rm", "sh"], script).exits(1);
        assert_eq!(full.stdout, "");
        full.says("MB are free").says("hint: make room there");
    }
}

/// A daemon that ticks every second and takes snapshots by this section.
fn with_snapshots(upstream: &Upstream, section: &str) -> Mirror {
    let schedule = "[schedule]\nincremental = \"* * * * * *\"\nfull = \"0 0 0 29 2 *\"";
    Mirror::of(upstream).with(&format!("{schedule}\n[snapshots]\n{section}"))
}

fn until_ticked(daemon: &Running, ticks: usize) {
    let walked = daemon.stderr().matches(" walk ").count();
    until("it has ticked again", || daemon.stderr().matches(" walk ").count() >= walked + ticks);
}

#[test]
fn the_daemon_takes_snapshots_by_schedule_keeps_as_many_as_it_is_told_and_tells_of_them() {
    let upstream = Upstream::of(&[350]);
    let mirror = with_snapshots(&upstream, "schedule = \"* * * * * *\"\nkeep = 2");
    let folder = mirror.path("snapshots");
    let daemon = mirror.start(&["run"]);
    until("four were taken", || daemon.stderr().matches("took a snapshot").count() >= 4);
    let scrape = crate::metrics::scrape_of(&daemon);
    assert!(scrape["coupontools_mirror_snapshots_total{outcome=\"complete\"}"] >= 4.0, "{scrape:?}");
    let last = scrape["coupontools_mirror_snapshot_last_success_timestamp_seconds"];
    assert!((clock::now().unix_s() as f64 - last).abs() < 60.0, "{last}");
    daemon.signal(Signal::TERM);
    daemon.end().exits(0);
    let kept = names(&folder, "");
    assert_eq!(kept.len(), 2, "{kept:?}");
    for name in kept {
        assert!(name.starts_with("mirror-20") && name.ends_with("Z.db"), "{name}");
        assert_eq!(assert_snapshot(&folder.join(name)), 350);
    }
    assert_eq!(std::fs::metadata(&folder).unwrap().permissions().mode() & 0o7777, 0o2750);
}

#[test]
fn a_snapshot_that_was_missed_is_caught_up_once_and_only_the_schedules_own_are_pruned() {
    let (upstream, plain) = mirrored();
    let mirror = with_snapshots(&upstream, "schedule = \"0 0 0 1 1 *\"\nkeep = 1\nfolder = \"copies\"");
    std::fs::create_dir(mirror.path("copies")).unwrap();
    let old = mirror.path("copies/mirror-2020-05-01T02-30-00Z.db");
    plain.call(&["snapshot", old.to_str().unwrap()]).exits(0);
    let strange = ["copies/mirror-2020-05-01.db", "copies/north-2020-05-01T02-30-00Z.db"];
    for name in strange {
        std::fs::copy(&old, mirror.path(name)).unwrap();
    }
    let left = mirror.path("copies/mirror-2020-05-01T02-31-00Z.db.partial");
    std::fs::write(&left, "of a killed one").unwrap();
    let daemon = mirror.start(&["run"]);
    daemon.until_says("took a snapshot");
    daemon.until_says("removed an old snapshot");
    until_ticked(&daemon, 3);
    daemon.signal(Signal::TERM);
    let ended = daemon.end().exits(0);
    assert_eq!(ended.stderr.matches("took a snapshot").count(), 1, "{}", ended.stderr);
    assert!(!old.exists() && !left.exists() && strange.iter().all(|name| mirror.path(name).exists()));
    assert_eq!(names(&mirror.path("copies"), "mirror-").len(), 2);
}

#[test]
fn a_snapshot_that_fails_is_told_with_a_hint_and_ticks_go_on_and_the_old_ones_stay() {
    let (upstream, plain) = mirrored();
    let mirror = with_snapshots(&upstream, "schedule = \"* * * * * *\"\nkeep = 1\nfolder = \"copies\"");
    std::fs::create_dir(mirror.path("copies")).unwrap();
    let old = mirror.path("copies/mirror-2020-05-01T02-30-00Z.db");
    plain.call(&["snapshot", old.to_str().unwrap()]).exits(0);
    mirror.sync(&[]).exits(0);
    // Rows that name others that are not there.
    File::execute(
        &mirror.database(),
        "PRAGMA foreign_keys = OFF; UPDATE registration SET directory_key = 77 WHERE registration_key = 1",
    );
    let daemon = mirror.start(&["run"]);
    daemon.until_says("cannot take a snapshot");
    daemon.until_says("again_s=60");
    until_ticked(&daemon, 3);
    let scrape = crate::metrics::scrape_of(&daemon);
    assert_eq!(scrape["coupontools_mirror_snapshots_total{outcome=\"failed\"}"], 1.0);
    daemon.signal(Signal::TERM);
    daemon.end().exits(0).says("hint=\"see whether");
    assert!(old.exists());
    assert_eq!(names(&mirror.path("copies"), ""), ["mirror-2020-05-01T02-30-00Z.db"]);
}

#[test]
fn a_daemon_that_is_stopped_during_a_snapshot_stops_at_once_and_leaves_nothing() {
    let upstream = Upstream::of(&[350]);
    let mirror = with_snapshots(&upstream, "schedule = \"* * * * * *\"");
    mirror.sync(&[]).exits(0);
    make_large(&mirror);
    let daemon = mirror.start(&["run"]);
    let folder = mirror.path("snapshots");
    until("one is being taken", || folder.exists() && !names(&folder, ".partial").is_empty());
    daemon.signal(Signal::TERM);
    daemon.end().exits(0).says("stopped");
    assert_eq!(names(&folder, "partial"), [""; 0]);
    upstream.change(DIRECTORY, Mutation { insert: 1, ..Mutation::default() });
    mirror.sync(&[]).exits(0);
}

#[test]
fn check_tells_of_the_snapshots_folder() {
    let (upstream, _) = mirrored();
    let mirror = with_snapshots(&upstream, "schedule = \"0 30 3 * * *\"\nkeep = 1000");
    let check = || mirror.call(&["check"]).stdout;
    assert!(check().contains("ok       snapshots: schedule \"0 30 3 * * *\", next 20"), "{}", check());
    mirror.sync(&[]).exits(0);
    assert!(check().contains("warning  snapshots: they lie on the mirror's own disk"), "{}", check());
    make_large(&mirror);
    assert!(check().contains("warning  snapshots: 1000 of "), "{}", check());
    let nowhere = with_snapshots(&upstream, "schedule = \"0 30 3 * * *\"\nfolder = \"no/such/folder\"");
    let ended = nowhere.call(&["check"]).exits(1);
    assert!(ended.stdout.contains("error    snapshots: this user can't write to"), "{}", ended.stdout);
}
