//! Files that can't be used, and disks that are full: said clearly, and nothing is lost.

use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::Command;

use coupontools_mirror::simulator::{Call, Mutation};

use crate::stage::{DIRECTORY, Ended, File, Mirror, PROGRAM, Upstream};

/// A user who owns nothing.
const NOBODY: u32 = 65_534;

/// `sync` as a user who may not write the folder: another one where this is root, else this one
/// after the folder was closed.
fn sync_without_permission(mirror: &Mirror) -> Ended {
    let mode = |path: &Path, mode| std::fs::set_permissions(path, PermissionsExt::from_mode(mode)).unwrap();
    let is_root = rustix::process::geteuid().is_root();
    let program = if is_root { mirror.path("program") } else { PROGRAM.into() };
    if is_root {
        std::fs::copy(PROGRAM, &program).unwrap();
    }
    mode(mirror.folder(), 0o555);
    let mut command = Command::new(program);
    command.arg("sync");
    mirror.prepare(&mut command);
    if is_root {
        command.uid(NOBODY).gid(NOBODY);
    }
    let ended = Ended::of(command.output().unwrap());
    mode(mirror.folder(), 0o755);
    ended
}

#[test]
fn a_file_that_is_no_database_is_refused_and_left_alone() {
    let upstream = Upstream::of(&[30]);
    let mirror = Mirror::of(&upstream);
    for content in ["", "a"].map(|text| text.repeat(5_000) + "accounts, 2026\n") {
        std::fs::write(mirror.database(), &content).unwrap();
        mirror
            .sync(&[])
            .exits(1)
            .says("it is not a SQLite file")
            .says("hint: name another file with --database");
        assert_eq!(std::fs::read_to_string(mirror.database()).unwrap(), content);
    }
    std::fs::remove_file(mirror.database()).unwrap();
    std::fs::create_dir(mirror.database()).unwrap();
    mirror.sync(&[]).exits(1).says("it is not a SQLite file");
    assert_eq!(upstream.requests().total, 0);
}

#[test]
fn another_programs_database_is_refused_and_left_alone() {
    let upstream = Upstream::of(&[30]);
    let mirror = Mirror::of(&upstream);
    File::execute(&mirror.database(), "CREATE TABLE bookmark (url TEXT)");
    mirror.sync(&[]).exits(1).says("it belongs to another program");
    assert_eq!(mirror.file().texts("SELECT name FROM sqlite_schema"), ["bookmark"]);
}

#[test]
fn a_file_that_a_newer_version_wrote_is_refused_and_left_alone() {
    let upstream = Upstream::of(&[30]);
    let mirror = Mirror::of(&upstream);
    mirror.sync(&[]).exits(0);
    let newer = "INSERT INTO _sqlx_migrations SELECT version + 9000, 'later', installed_on, success, checksum, 0 \
                 FROM _sqlx_migrations LIMIT 1";
    File::execute(&mirror.database(), newer);
    upstream.reset_requests();
    for arguments in [&["sync"][..], &["run"]] {
        let ended = mirror.call(arguments).exits(1);
        ended.says("another version of this program wrote it").says("hint: use the version of this program");
    }
    assert_eq!((upstream.requests().total, mirror.file().count("registrations")), (0, 30));
}

#[test]
fn a_damaged_file_is_an_error_and_no_panic() {
    let upstream = Upstream::of(&[350]);
    let mirror = Mirror::of(&upstream);
    mirror.sync(&[]).exits(0);
    File::execute(&mirror.database(), "PRAGMA wal_checkpoint(TRUNCATE)");
    let mut bytes = std::fs::read(mirror.database()).unwrap();
    let from = bytes.len() / 4;
    bytes[from..].iter_mut().for_each(|byte| *byte = 0x5a);
    std::fs::write(mirror.database(), bytes).unwrap();
    let ended = mirror.sync(&["--full"]).exits(1);
    assert!(!ended.stderr.contains("panicked"), "{}", ended.stderr);
    assert!(ended.stderr.contains("damaged"), "{}", ended.stderr);
}

#[test]
fn a_folder_that_is_missing_or_may_not_be_written_is_named_with_a_hint() {
    let upstream = Upstream::of(&[30]);
    let mirror = Mirror::of(&upstream);
    let database = mirror.path("no/such/folder/mirror.db");
    let ended = mirror.call(&["--database", database.to_str().unwrap(), "sync"]).exits(1);
    ended.says("its folder does not exist").says("hint: make the folder");

    sync_without_permission(&mirror).exits(1).says("cannot open the database").says("hint: run as the user");
    mirror.sync(&[]).exits(0);
    let before = std::fs::read(mirror.database()).unwrap();
    sync_without_permission(&mirror).exits(1).says("cannot open the database").says("hint: run as the user");
    assert_eq!(std::fs::read(mirror.database()).unwrap(), before);
    assert_eq!(upstream.requests().of(Call::DirectoryList), 1);
    mirror.sync(&[]).exits(0);
    mirror.file().assert_exact(&upstream);
}

/// `sync` by a shell that first sets something up; `$0` is the program.
fn sync_after(mirror: &Mirror, script: &str, shell: &[&str]) -> Ended {
    let mut command = Command::new(shell[0]);
    command.args(&shell[1..]).arg("-c").arg(format!("{script} exec \"$0\" sync --json")).arg(PROGRAM);
    mirror.prepare(&mut command);
    Ended::of(command.output().unwrap())
}

/// What a walk that ran out of room leaves.
fn assert_goes_on(upstream: &Upstream, mirror: &Mirror, full: Ended) {
    let walk = full.exits(1).walk();
    assert_eq!(walk["outcome"], "failed", "{walk}");
    let file = mirror.file();
    file.assert_whole();
    file.assert_none_removed_falsely(upstream);
    let saved = u64::try_from(file.count("registrations")).unwrap();
    assert!((350..3_350).contains(&saved), "{saved} rows");
    drop(file);
    upstream.reset_requests();
    mirror.sync(&[]).exits(0);
    let missing = (3_350 - saved).div_ceil(100);
    assert!(upstream.pages_asked() <= missing + 4, "{} requests, {missing} missing", upstream.pages_asked());
    mirror.file().assert_exact(upstream);
}

/// A mirror of 350 with 3,000 newcomers, for whom there is no room.
fn crowded() -> (Upstream, Mirror) {
    let upstream = Upstream::of(&[350]);
    let mirror = Mirror::of(&upstream);
    mirror.sync(&[]).exits(0);
    upstream.change(DIRECTORY, Mutation { insert: 3_000, ..Mutation::default() });
    (upstream, mirror)
}

#[test]
fn a_disk_without_room_loses_nothing_says_so_and_the_next_sync_goes_on() {
    let (upstream, mirror) = crowded();
    // In blocks of 512 bytes; without the trap the system would kill the program instead.
    let full = sync_after(&mirror, "trap '' XFSZ; ulimit -f 2000;", &["sh"]);
    assert_goes_on(&upstream, &mirror, full.says("cannot "));

    let may_mount = Command::new("unshare").args(["-rm", "true"]).status();
    if may_mount.is_ok_and(|status| status.success()) {
        let (upstream, mirror) = crowded();
        let full = sync_on_a_small_disk(&mirror).says("the disk is full").says("make room on the disk");
        assert_goes_on(&upstream, &mirror, full);
    }
}

/// `sync` with the file on a disk of 2.5 MB that only this process sees; then the file comes back.
fn sync_on_a_small_disk(mirror: &Mirror) -> Ended {
    let disk = mirror.path("disk").display().to_string();
    let folder = mirror.folder().display().to_string();
    let script = format!(
        "mkdir {disk} && mount -t tmpfs -o size=2500k none {disk} && cp {folder}/mirror.* {disk} && \
         COUPONTOOLS_MIRROR_DATABASE={disk}/mirror.db \"$0\" sync --json; code=$?; \
         cp {disk}/mirror.* {folder}; umount {disk}; rmdir {disk}; exit $code;"
    );
    sync_after(mirror, &script, &["unshare", "-rm", "sh"])
}
