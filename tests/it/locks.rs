//! One writer a file (I7).

use std::os::unix::fs::MetadataExt as _;
use std::process::Command;

use coupontools_mirror::simulator::Mutation;
use rusqlite::Connection;
use serde_json::json;

use crate::stage::{DIRECTORY, File, Mirror, Running, Upstream, until};

/// A daemon in the middle of a slow first walk.
fn daemon(upstream: &Upstream, mirror: &Mirror) -> Running {
    upstream.set(json!({ "latency_ms": 200 }));
    let daemon = mirror.start(&["run"]);
    daemon.until_says("started");
    daemon
}

#[test]
fn a_second_daemon_on_the_file_refuses_to_start() {
    let upstream = Upstream::of(&[3_000]);
    let mirror = Mirror::of(&upstream);
    let first = daemon(&upstream, &mirror);
    let ended = mirror.call(&["run"]).exits(1);
    let ended = ended
        .says("cannot open the database")
        .says(&format!("another process (pid {}) uses it", first.pid()));
    ended.says("hint: stop the other process");
    first.signal(rustix::process::Signal::TERM);
    first.end().exits(0);
}

#[test]
fn a_sync_beside_a_daemon_refuses_asks_nothing_and_works_once_the_daemon_is_gone() {
    let upstream = Upstream::of(&[3_000]);
    let mirror = Mirror::of(&upstream);
    let daemon = daemon(&upstream, &mirror);
    let link = mirror.path("link.db");
    std::os::unix::fs::symlink(mirror.database(), &link).unwrap();
    for database in [mirror.database(), link] {
        mirror.call(&["--database", database.to_str().unwrap(), "sync"]).exits(1).says("another process");
    }
    daemon.kill();
    upstream.set(json!({ "latency_ms": null }));
    mirror.sync(&[]).exits(0);
    mirror.file().assert_exact(&upstream);
}

#[test]
fn a_link_in_the_place_of_the_locks_file_leads_nobody_to_write_elsewhere() {
    let upstream = Upstream::of(&[30]);
    let mirror = Mirror::of(&upstream);
    mirror.sync(&[]).exits(0);
    let (snapshot, precious) = (mirror.path("snapshot.db"), mirror.path("precious"));
    mirror.call(&["snapshot", snapshot.to_str().unwrap()]).exits(0);
    let mut lock = mirror.database().into_os_string();
    lock.push("-lock");
    std::fs::remove_file(&lock).unwrap();
    std::fs::write(&precious, "precious").unwrap();
    std::os::unix::fs::symlink(&precious, lock).unwrap();
    mirror.call(&["restore", snapshot.to_str().unwrap(), "--yes"]).exits(1);
    mirror.call(&["sync"]).exits(1).says("hint");
    assert_eq!(std::fs::read_to_string(&precious).unwrap(), "precious");
}

#[test]
fn a_sync_beside_a_daemon_whose_locks_file_was_removed_refuses() {
    let upstream = Upstream::of(&[3_000]);
    let mirror = Mirror::of(&upstream);
    let daemon = daemon(&upstream, &mirror);
    let mut lock = mirror.database().into_os_string();
    lock.push("-lock");
    std::fs::remove_file(lock).unwrap();
    mirror.call(&["sync"]).exits(1).says("another process");
    daemon.signal(rustix::process::Signal::TERM);
    daemon.end().exits(0);
}

#[test]
fn a_program_that_opens_the_file_to_write_it_and_closes_it_takes_no_log_from_under_the_daemon() {
    let upstream = Upstream::of(&[3_000]);
    let mirror = Mirror::of(&upstream);
    let daemon = daemon(&upstream, &mirror);
    daemon.until_says("listening");
    until("some pages are saved", || mirror.file().count("registrations") >= 200);
    // Without -readonly; SQLite before 3.51 takes the log away where it finds itself alone. Litestream does, too.
    let opened =
        Command::new("sqlite3").arg(mirror.database()).arg("SELECT count(*) FROM registrations").output();
    if !opened.is_ok_and(|ended| ended.status.success()) {
        File::execute(&mirror.database(), "SELECT count(*) FROM registrations");
    }
    assert!(mirror.path("mirror.db-wal").exists() && mirror.path("mirror.db-shm").exists());
    upstream.set(json!({ "latency_ms": null }));
    until("everybody is seen by others", || mirror.file().count("registrations") == 3_000);
    daemon.kill();
    mirror.file().assert_exact(&upstream);
}

#[test]
fn a_tool_that_opens_the_file_to_write_it_and_leaves_takes_no_log_from_a_daemon_that_serves() {
    let upstream = Upstream::of(&[150]);
    let mirror = Mirror::of(&upstream).with("[schedule]\nincremental = \"* * * * * *\"");
    let daemon = mirror.start(&["run"]);
    daemon.until_says("outcome=\"complete\"");
    let log = || std::fs::metadata(mirror.path("mirror.db-wal")).unwrap().ino();
    let before = log();
    // As the owner's sqlite3 shell does: SQLite's last connection takes the log away.
    let tool = Connection::open(mirror.database()).unwrap();
    assert_eq!(tool.query_row("SELECT count(*) FROM registrations", [], |row| row.get::<_, i64>(0)), Ok(150));
    tool.close().unwrap();
    assert_eq!(log(), before);
    upstream.change(DIRECTORY, Mutation { insert: 9, ..Mutation::default() });
    until("newcomers are there for who opens the file now", || mirror.file().count("registrations") == 159);
    daemon.signal(rustix::process::Signal::TERM);
    daemon.end().exits(0);
    mirror.file().assert_exact(&upstream);
}
