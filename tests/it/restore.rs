//! `restore`: a snapshot in the mirror's place, whatever was there, and a feed that tells nobody anything wrong.

use std::collections::BTreeMap;
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::os::unix::process::CommandExt as _;
use std::process::Command;

use coupontools_mirror::simulator::Mutation;
use rusqlite::{Connection, OpenFlags};
use rustix::process::Signal;
use serde_json::{Value, json};

use crate::snapshot::names;
use crate::stage::{DIRECTORY, Ended, File, Mirror, PROGRAM, Upstream, until};

/// A user who owns nothing.
const NOBODY: u32 = 65_534;

/// A mirror with a snapshot, and what came after it: newcomers, edits, removals.
fn gone_on() -> (Upstream, Mirror) {
    let upstream = Upstream::of(&[350, 40]);
    let mirror = Mirror::of(&upstream);
    mirror.sync(&[]).exits(0);
    mirror.call(&["snapshot", "copy.db"]).exits(0);
    for _ in 0..2 {
        upstream.stir(DIRECTORY);
        mirror.sync(&["--full"]).exits(0);
    }
    (upstream, mirror)
}

fn restore(mirror: &Mirror) -> Ended {
    mirror.call(&["restore", "copy.db", "--yes", "--json"])
}

fn told(ended: &Ended) -> Value {
    serde_json::from_str(&ended.stdout).unwrap()
}

fn last_seq(file: &File) -> i64 {
    file.value("SELECT coalesce(max(seq), 0) FROM registration_changes")
}

/// Somebody who holds a copy by the feed, as the README tells to.
struct Follower {
    seq: i64,
    people: BTreeMap<(String, String), String>,
}

impl Follower {
    fn begin(file: &File) -> Self {
        let mut follower = Self { seq: last_seq(file), people: BTreeMap::new() };
        for directory in file.texts("SELECT directory_id FROM directories") {
            follower.read(file, &directory, "1");
        }
        follower
    }

    fn read(&mut self, file: &File, directory: &str, which: &str) {
        let sql = format!(
            "SELECT registration_id || ' ' || raw FROM registrations WHERE directory_id = '{directory}' AND {which}"
        );
        for text in file.texts(&sql) {
            let (id, raw) = text.split_once(' ').unwrap();
            self.people.insert((directory.into(), id.into()), raw.into());
        }
    }

    fn follow(&mut self, file: &File) {
        let changes = file.texts(&format!(
            "SELECT json_object('seq', seq, 'kind', kind, 'd', directory_id, 'r', registration_id)
             FROM registration_changes WHERE seq > {} ORDER BY seq",
            self.seq
        ));
        for change in changes {
            let change: Value = serde_json::from_str(&change).unwrap();
            let directory = change["d"].as_str().unwrap().to_owned();
            if change["kind"] == "loaded" {
                self.people.retain(|(of, _), _| *of != directory);
                self.read(file, &directory, "1");
            } else {
                let id = change["r"].as_str().unwrap().to_owned();
                self.people.remove(&(directory.clone(), id.clone()));
                self.read(file, &directory, &format!("registration_id = '{id}'"));
            }
            self.seq = change["seq"].as_i64().unwrap();
        }
    }
}

#[test]
fn after_a_restore_the_mirror_is_exact_again_and_so_is_every_follower_of_its_feed() {
    let (upstream, mirror) = gone_on();
    let mut followers =
        vec![Follower::begin(&File::open(&mirror.path("copy.db"))), Follower::begin(&mirror.file())];
    // A newcomer that the mirror saw and the snapshot did not, gone before anybody looks again.
    upstream.change(DIRECTORY, Mutation { insert: 1, ..Mutation::default() });
    mirror.sync(&[]).exits(0);
    followers.push(Follower::begin(&mirror.file()));
    upstream.change(DIRECTORY, Mutation { delete_newest: 1, ..Mutation::default() });
    let (last, stood) = (last_seq(&mirror.file()), mirror.file().count("registrations"));

    let told = told(&restore(&mirror).exits(0));
    assert_eq!((&told["done"], &told["replaced"]["registrations"]), (&json!(true), &json!(stood)));
    assert_eq!((&told["snapshot"]["registrations"], &told["replaced"]["seq"]), (&json!(390), &json!(last)));
    let file = mirror.file();
    file.assert_whole();
    assert_eq!(told["seq"], last_seq(&file));
    let new = file.texts(&format!("SELECT kind FROM registration_changes WHERE seq > {last}"));
    assert_eq!(new, ["loaded", "loaded"]);
    drop(file);
    let kept = File::open(std::path::Path::new(told["kept"].as_str().unwrap()));
    kept.assert_whole();
    assert_eq!((kept.count("registrations"), last_seq(&kept)), (stood, last));

    let daemon = mirror.start(&["run"]);
    until("it has looked", || daemon.stderr().matches(" walk ").count() >= 2);
    daemon.signal(Signal::TERM);
    daemon.end().exits(0);
    for _ in 0..2 {
        mirror.sync(&["--full"]).exits(0);
    }
    let file = mirror.file();
    file.assert_exact(&upstream);
    let truth = Follower::begin(&file).people;
    for mut follower in followers {
        follower.follow(&file);
        assert!(follower.people == truth, "who stood at {} differs", follower.seq);
    }
    let seqs = file.texts("SELECT CAST(seq AS TEXT) FROM registration_changes ORDER BY seq");
    let again = seqs.iter().filter(|seq| (3..=last).contains(&seq.parse().unwrap())).count();
    assert_eq!(again, 0, "numbers of lost changes tell something else");
}

#[test]
fn without_yes_it_only_tells_and_beside_a_daemon_it_refuses() {
    let (_upstream, mirror) = gone_on();
    let before = std::fs::read(mirror.database()).unwrap();
    let looked = mirror.call(&["restore", "copy.db"]).exits(0);
    for word in ["replaced", "copy.db", "390", "nothing was changed", "--yes"] {
        assert!(looked.stdout.contains(word), "{word}: {}", looked.stdout);
    }
    assert_eq!(std::fs::read(mirror.database()).unwrap(), before);
    assert_eq!(names(mirror.folder(), "replaced"), [""; 0]);

    let daemon = mirror.start(&["run"]);
    daemon.until_says("started");
    let locked = format!("another process (pid {})", daemon.pid());
    restore(&mirror).exits(1).says(&locked).says("hint: stop the other process");
    mirror.call(&["restore", "copy.db"]).exits(1).says(&locked).says("hint: stop it first");
    daemon.signal(Signal::TERM);
    daemon.end().exits(0);
    assert_eq!(names(mirror.folder(), "replaced"), [""; 0]);
    assert_eq!(names(mirror.folder(), "partial"), [""; 0]);
    mirror.sync(&[]).exits(0);
}

#[test]
fn what_can_not_be_restored_is_refused_and_the_mirror_stays() {
    let (_upstream, mirror) = gone_on();
    let before = std::fs::read(mirror.database()).unwrap();
    std::fs::write(mirror.path("letter.txt"), "dear all".repeat(500)).unwrap();
    File::execute(&mirror.path("other.db"), "CREATE TABLE bookmark (url TEXT)");
    let copy = |name: &str| std::fs::copy(mirror.path("copy.db"), mirror.path(name)).unwrap();
    copy("newer.db");
    let newer = "INSERT INTO _sqlx_migrations SELECT version + 9000, 'later', installed_on, success, checksum, 0 \
                 FROM _sqlx_migrations LIMIT 1";
    File::execute(&mirror.path("newer.db"), newer);
    copy("damaged.db");
    let mut bytes = std::fs::read(mirror.path("copy.db")).unwrap();
    let half = bytes.len() / 2;
    bytes[half..half + 40_000].iter_mut().for_each(|byte| *byte = 0x5a);
    std::fs::write(mirror.path("damaged.db"), bytes).unwrap();
    std::os::unix::fs::symlink(mirror.database(), mirror.path("link.db")).unwrap();
    for (name, why) in [
        ("letter.txt", "it is not a SQLite file"),
        ("other.db", "it belongs to another program"),
        ("newer.db", "another version of this program wrote it"),
        ("damaged.db", "SQLite finds it damaged"),
        ("mirror.db", "it is the file that is to be restored"),
        ("link.db", "it is the file that is to be restored"),
        ("nothing.db", "there is no such file"),
        (".", "it is not a SQLite file"),
    ] {
        for more in [&["--yes"][..], &[]] {
            let ended = mirror.call(&[&["restore", name], more].concat()).exits(1);
            assert!(
                ended.stderr.contains(why) && ended.stderr.contains("\nhint: "),
                "{name}: {}",
                ended.stderr
            );
        }
    }
    assert_eq!(std::fs::read(mirror.database()).unwrap(), before);
    assert_eq!(names(mirror.folder(), "replaced").len() + names(mirror.folder(), "partial").len(), 0);
    // Another program's file is not pushed aside.
    let other = mirror.path("other.db");
    let ended = mirror.call(&["--database", other.to_str().unwrap(), "restore", "copy.db", "--yes"]);
    ended.exits(1).says("it belongs to another program");
}

#[test]
fn a_mirror_that_is_damaged_or_lost_is_restored_and_numbers_go_on_far_beyond() {
    let (upstream, mirror) = gone_on();
    std::fs::write(mirror.database(), vec![0x5a; 70_000]).unwrap();
    std::fs::write(mirror.path("mirror.db-wal"), vec![0x5a; 9_000]).unwrap();
    let damaged = told(&restore(&mirror).exits(0));
    assert!(damaged["replaced"]["error"].as_str().unwrap().contains("not a SQLite file"), "{damaged}");
    let kept = damaged["kept"].as_str().unwrap();
    assert_eq!(std::fs::read(kept).unwrap(), vec![0x5a; 70_000]);
    assert_eq!(std::fs::read(format!("{kept}-wal")).unwrap(), vec![0x5a; 9_000]);
    assert!(damaged["seq"].as_i64().unwrap() > 1_000_000_000, "{damaged}");
    mirror.sync(&["--full"]).exits(0);
    mirror.sync(&["--full"]).exits(0);
    mirror.file().assert_exact(&upstream);

    for name in names(mirror.folder(), "mirror.db") {
        std::fs::remove_file(mirror.path(&name)).unwrap();
    }
    // Of the mirror that is gone: SQLite would take it for the new one's.
    std::fs::write(mirror.path("mirror.db-wal"), vec![0x5a; 9_000]).unwrap();
    let lost = told(&restore(&mirror).exits(0));
    assert_eq!((&lost["replaced"], &lost["kept"]), (&Value::Null, &Value::Null));
    assert!(lost["seq"].as_i64().unwrap() > 1_000_000_000, "{lost}");
    assert!(lost["masking_key"].as_str().unwrap().contains("is not there"), "{lost}");
    let mode = std::fs::metadata(mirror.database()).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode, 0o640);
    mirror.sync(&["--full"]).exits(0);
    mirror.sync(&["--full"]).exits(0);
    mirror.file().assert_exact(&upstream);
}

#[test]
fn another_key_of_the_masks_is_told() {
    let (_upstream, mirror) = gone_on();
    std::fs::write(mirror.path("mirror.db-key"), "0".repeat(64)).unwrap();
    let looked = mirror.call(&["restore", "copy.db"]).exits(0);
    assert!(looked.stdout.contains("is another one than the snapshot was masked with"), "{}", looked.stdout);
}

#[test]
fn a_live_mirrors_file_is_restored_with_what_is_in_its_log_alone() {
    let (upstream, mirror) = gone_on();
    let elsewhere = Mirror::of(&upstream);
    elsewhere.sync(&[]).exits(0);
    let open = Connection::open(elsewhere.database()).unwrap();
    open.execute_batch("PRAGMA wal_autocheckpoint = 0; CREATE TABLE late AS SELECT 7 AS n").unwrap();
    let file = elsewhere.database();
    mirror.call(&["restore", file.to_str().unwrap(), "--yes"]).exits(0);
    assert_eq!(mirror.file().value::<i64>("SELECT n FROM late"), 7);
    mirror.file().assert_whole();
}

#[test]
fn a_reader_of_an_old_moment_is_waited_for_in_vain_and_an_idle_one_is_in_nobodys_way() {
    let (_upstream, mirror) = gone_on();
    let open = || Connection::open_with_flags(mirror.database(), OpenFlags::SQLITE_OPEN_READ_ONLY).unwrap();
    let count = |reader: &Connection| {
        reader.query_row("SELECT count(*) FROM registrations", [], |row| row.get::<_, i64>(0)).unwrap()
    };
    let reader = open();
    reader.execute_batch("BEGIN").unwrap();
    let stood = count(&reader);
    File::execute(
        &mirror.database(),
        "PRAGMA wal_autocheckpoint = 0; INSERT INTO setting VALUES ('late', '1')",
    );
    restore(&mirror).exits(1).says("a program is reading it").says("hint: end that program");
    assert_eq!(names(mirror.folder(), "replaced").len() + names(mirror.folder(), "partial").len(), 0);
    assert_eq!(mirror.file().count("setting WHERE name = 'late'"), 1);
    reader.execute_batch("COMMIT").unwrap();
    restore(&mirror).exits(0);
    assert_eq!(count(&reader), stood, "who has the old file open goes on reading it");
    assert_eq!(count(&open()), 390);
    drop(reader);
    mirror.file().assert_whole();
}

#[test]
fn a_restore_by_root_keeps_owner_and_mode_and_the_daemons_user_goes_on() {
    if !rustix::process::geteuid().is_root() {
        return;
    }
    let (upstream, mirror) = gone_on();
    for name in names(mirror.folder(), "mirror.db") {
        chown(mirror.path(&name), Some(NOBODY), Some(NOBODY)).unwrap();
    }
    std::fs::copy(PROGRAM, mirror.path("program")).unwrap();
    chown(mirror.folder(), Some(NOBODY), Some(NOBODY)).unwrap();
    let sync_as_nobody = || {
        let mut command = Command::new(mirror.path("program"));
        mirror.prepare(&mut command);
        Ended::of(command.args(["sync", "--json"]).uid(NOBODY).gid(NOBODY).output().unwrap()).exits(0);
    };
    for mode in [0o640, 0o600] {
        std::fs::set_permissions(mirror.database(), PermissionsExt::from_mode(mode)).unwrap();
        restore(&mirror).exits(0);
        let there = std::fs::metadata(mirror.database()).unwrap();
        assert_eq!((there.uid(), there.gid(), there.mode() & 0o777), (NOBODY, NOBODY, mode));
        // It was root who looked whether anybody sends.
        let lock = std::fs::metadata(mirror.path("mirror.db-sends-lock")).unwrap();
        assert_eq!((lock.uid(), lock.gid()), (NOBODY, NOBODY));
        sync_as_nobody();
    }
    // A folder without a mirror: what root makes there is its owner's.
    for name in names(mirror.folder(), "mirror.db").iter().filter(|name| !name.ends_with("-key")) {
        std::fs::remove_file(mirror.path(name)).unwrap();
    }
    restore(&mirror).exits(0);
    assert_eq!(std::fs::metadata(mirror.database()).unwrap().uid(), NOBODY);
    sync_as_nobody();
    mirror.file().assert_none_removed_falsely(&upstream);
}

#[test]
fn who_does_not_own_the_mirror_may_not_replace_it() {
    if !rustix::process::geteuid().is_root() {
        return;
    }
    let (_upstream, mirror) = gone_on();
    std::fs::copy(PROGRAM, mirror.path("program")).unwrap();
    // They may write the folder and every file in it, and could not give the new one away.
    for name in names(mirror.folder(), "") {
        std::fs::set_permissions(mirror.path(&name), PermissionsExt::from_mode(0o777)).unwrap();
    }
    std::fs::set_permissions(mirror.folder(), PermissionsExt::from_mode(0o777)).unwrap();
    let mut command = Command::new(mirror.path("program"));
    mirror.prepare(&mut command);
    let ended = command.args(["restore", "copy.db", "--yes"]).uid(NOBODY).gid(NOBODY).output().unwrap();
    Ended::of(ended).exits(1).says("it belongs to another user").says("hint: run as root");
    assert_eq!(names(mirror.folder(), "replaced").len() + names(mirror.folder(), "partial").len(), 0);
}

#[test]
fn a_disk_without_room_for_both_is_told_and_nothing_is_changed() {
    let may_mount = Command::new("unshare").args(["-rm", "true"]).status();
    if !may_mount.is_ok_and(|status| status.success()) {
        return;
    }
    let (_upstream, mirror) = gone_on();
    let (disk, folder) = (mirror.path("disk").display().to_string(), mirror.folder().display().to_string());
    let size = std::fs::metadata(mirror.database()).unwrap().len() * 3 / 2;
    let script = format!(
        "mkdir {disk} && mount -t tmpfs -o size={size} none {disk} && cp {folder}/mirror.db {disk} && \
         COUPONTOOLS_MIRROR_DATABASE={disk}/mirror.db \"$0\" restore {folder}/copy.db --yes; code=$?; \
         cmp {folder}/mirror.db {disk}/mirror.db && ls {disk}; exit $code"
    );
    let mut command = Command::new("unshare");
    command.args(["-rm", "sh", "-c", &script, PROGRAM]);
    mirror.prepare(&mut command);
    let ended = Ended::of(command.output().unwrap()).exits(1);
    assert!(!ended.stdout.contains("partial") && !ended.stdout.contains("replaced"), "{}", ended.stdout);
    ended.says("MB are free").says("hint: make room there");
}

#[test]
fn a_restore_killed_at_any_time_leaves_the_old_or_the_new_mirror_whole() {
    let (upstream, mirror) = gone_on();
    let (old, new) = (mirror.file().count("registrations"), 390);
    assert_ne!(old, new);
    let mut seen = BTreeMap::from([(false, 0), (true, 0)]);
    // Ever later, until it comes too late; on a machine that has other things to do, too.
    for delay_ms in (0..).step_by(3) {
        // In its log alone, as a daemon that was killed leaves it.
        let open = Connection::open(mirror.database()).unwrap();
        open.set_db_config(rusqlite::config::DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true).unwrap();
        open.execute_batch(
            "PRAGMA wal_autocheckpoint = 0; INSERT OR REPLACE INTO setting VALUES ('late', '1')",
        )
        .unwrap();
        drop(open);
        let running = mirror.start(&["restore", "copy.db", "--yes"]);
        std::thread::park_timeout(std::time::Duration::from_millis(delay_ms));
        running.signal(Signal::KILL);
        running.end();
        let file = mirror.file();
        file.assert_whole();
        let stand = file.count("registrations");
        let is_late = file.count("setting WHERE name = 'late'") == 1;
        assert!((stand, is_late) == (old, true) || (stand, is_late) == (new, false), "{stand} {is_late}");
        *seen.entry(stand == new).or_insert(0) += 1;
        drop(file);
        // From the old one again.
        if stand == new {
            let kept = names(mirror.folder(), "replaced").pop().unwrap();
            mirror.call(&["restore", &kept, "--yes"]).exits(0);
            names(mirror.folder(), "replaced")
                .iter()
                .for_each(|name| std::fs::remove_file(mirror.path(name)).unwrap());
        }
        if seen[&true] >= 3 && seen.values().sum::<u32>() >= 20 {
            break;
        }
    }
    assert!(seen[&false] > 0, "{seen:?}");
    restore(&mirror).exits(0);
    mirror.sync(&["--full"]).exits(0);
    mirror.sync(&["--full"]).exits(0);
    mirror.file().assert_exact(&upstream);
}
