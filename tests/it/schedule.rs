//! The daemon's ticks: at start, by schedule, one at a time; full walks are caught up.

use coupontools_mirror::simulator::{Call, Mutation};
use rustix::process::Signal;
use serde_json::json;

use crate::stage::{DIRECTORY, File, Mirror, Upstream, until};

/// Ticks every second, full walks never.
const EVERY_SECOND: &str = "[schedule]\nincremental = \"* * * * * *\"\nfull = \"0 0 0 29 2 *\"";
/// No tick within a test but the one at start.
const SELDOM: &str = "[schedule]\nincremental = \"0 0 0 29 2 *\"\nfull = \"0 0 0 29 2 *\"";

#[test]
fn the_daemon_looks_at_once_and_then_by_schedule_until_it_is_stopped() {
    let upstream = Upstream::of(&[250, 30]);
    let mirror = Mirror::of(&upstream).with(EVERY_SECOND);
    let daemon = mirror.start(&["run"]);
    until("the first tick is over", || daemon.stderr().matches(" walk ").count() >= 2);
    mirror.file().assert_exact(&upstream);
    for _ in 0..2 {
        upstream.change(DIRECTORY, Mutation { insert: 3, ..Mutation::default() });
        let stand = upstream.truth()[0].registrations;
        let counted = "SELECT registrations FROM directories WHERE directory_id = 'dir_10001'";
        let stand = i64::try_from(stand).unwrap();
        until("newcomers are mirrored", || mirror.file().value::<i64>(counted) == stand);
    }
    daemon.signal(Signal::TERM);
    daemon.end().exits(0).says("stopped");
    mirror.file().assert_exact(&upstream);
    assert_eq!(mirror.file().count("walks WHERE outcome <> 'complete'"), 0);
}

#[test]
fn a_tick_that_comes_due_during_a_tick_is_dropped_and_counted() {
    let upstream = Upstream::of(&[2_500]);
    upstream.set(json!({ "latency_ms": 200 }));
    let mirror = Mirror::of(&upstream).with(EVERY_SECOND);
    let daemon = mirror.start(&["run"]);
    daemon.until_says("ticks_dropped=3");
    assert_eq!(upstream.requests().of(Call::DirectoryList), 1, "one tick at a time");
    assert_eq!(mirror.file().count("walks"), 1);
    upstream.set(json!({ "latency_ms": null }));
    until("the next tick is due", || upstream.requests().of(Call::DirectoryList) >= 2);
    daemon.signal(Signal::TERM);
    daemon.end().exits(0);
    mirror.file().assert_exact(&upstream);
}

#[test]
fn a_full_walk_that_was_due_while_the_machine_was_off_is_caught_up_at_start_and_once() {
    let upstream = Upstream::of(&[250]);
    let schedule = "[schedule]\nincremental = \"* * * * * *\"\nfull = \"0 0 0 1 1 *\"";
    let mirror = Mirror::of(&upstream).with(schedule);
    mirror.sync(&["--full"]).exits(0);
    File::execute(&mirror.database(), "UPDATE directory SET last_full_at = '2020-05-01T00:00:00Z'");
    upstream.change(DIRECTORY, Mutation { edit: 40, ..Mutation::default() });
    let daemon = mirror.start(&["run"]);
    until("three ticks have walked", || daemon.stderr().matches(" walk ").count() >= 3);
    daemon.signal(Signal::TERM);
    daemon.end().exits(0);
    let kinds = mirror.file().texts("SELECT kind FROM walks ORDER BY walk_id");
    assert_eq!(kinds[..2], ["full", "full"]);
    assert!(kinds[2..].iter().all(|kind| kind == "incremental"), "{kinds:?}");
    mirror.file().assert_exact(&upstream);
}

#[test]
fn a_daemon_without_anything_due_walks_once_and_then_asks_nothing() {
    let upstream = Upstream::of(&[250]);
    let mirror = Mirror::of(&upstream).with(SELDOM);
    let daemon = mirror.start(&["run"]);
    until("the first tick is over", || daemon.stderr().contains(" walk "));
    daemon.signal(Signal::TERM);
    daemon.end().exits(0);
    assert_eq!(upstream.requests().of(Call::DirectoryList), 1);
    mirror.file().assert_exact(&upstream);
}

#[test]
fn a_tick_that_fails_does_not_end_the_daemon() {
    let upstream = Upstream::of(&[250]);
    let mirror = Mirror::of(&upstream).with(EVERY_SECOND);
    upstream.fault("redirect,call=users-list,times=2");
    upstream.fault("unknown-shape,call=directory-list,skip=1");
    let daemon = mirror.start(&["run"]);
    daemon.until_says("which is not followed");
    daemon.until_says("cannot list directories");
    until("a walk is complete", || mirror.file().count("walks WHERE outcome = 'complete'") > 0);
    daemon.signal(Signal::INT);
    daemon.end().exits(0);
    mirror.file().assert_exact(&upstream);
}
