//! The watchdog is fed as long as there is progress, and by progress alone.

use std::time::Duration;

use rustix::process::Signal;

use super::{EVERY_SECOND, Manager, SELDOM};
use crate::stage::{Frozen, Mirror, Upstream, until};

/// Signs of life come with the wake-ups, one a second.
const PERIOD: Duration = Duration::from_secs(4);
/// Short, so that what hangs is judged soon; see `src/service/pulse.rs`.
const SHORT: Duration = Duration::from_secs(1);
/// Longer than any pause between two signs of life.
const SILENCE: Duration = Duration::from_secs(4);

#[test]
fn it_is_fed_while_nothing_is_due_and_not_if_it_is_somebody_elses() {
    let (manager, other, upstream) = (Manager::new(), Manager::new(), Upstream::of(&[30]));
    let (mirror, mirror_of_other) = (Mirror::of(&upstream).with(SELDOM), Mirror::of(&upstream).with(SELDOM));
    let daemon = manager.start_watched(&mirror, PERIOD);
    let variables = [("WATCHDOG_USEC", "4000000"), ("WATCHDOG_PID", "1")];
    let unwatched = other.start_with(&mirror_of_other, &["run"], &variables);
    manager.until_told("WATCHDOG=1", 4);
    other.until_status("all fresh");
    for running in [daemon, unwatched] {
        running.signal(Signal::TERM);
        running.end().exits(0);
    }
    assert_eq!(other.count("WATCHDOG=1"), 0);
}

#[test]
fn an_upstream_that_takes_its_time_within_the_time_out_is_waited_for() {
    let (manager, upstream) = (Manager::new(), Upstream::of(&[950]));
    upstream.fault("hang,call=users-list,page=4,times=100");
    let mirror = Mirror::of(&upstream).api("timeout_s = 600").with(EVERY_SECOND);
    let daemon = manager.start_watched(&mirror, SHORT);
    manager.until_told("READY=1", 1);
    until("pages are saved", || mirror.file().count("registrations") == 300);
    let fed = manager.count("WATCHDOG=1");
    // Ten periods of the watchdog.
    manager.until_told("WATCHDOG=1", fed + 10);
    assert!(!daemon.stderr().contains("watchdog"), "{}", daemon.stderr());
}

#[test]
fn an_api_that_cannot_be_reached_is_no_reason_to_starve() {
    let (manager, upstream) = (Manager::new(), Upstream::of(&[30]));
    let mirror = Mirror::of(&upstream).api("timeout_s = 1").with(EVERY_SECOND);
    upstream.fault("hang,times=1000");
    let daemon = manager.start_watched(&mirror, SHORT);
    // Five tries, with their time-outs and the waits between them.
    manager.until_status("account default: the API cannot be reached");
    manager.until_told("WATCHDOG=1", 5);
    assert!(!daemon.stderr().contains("watchdog"), "{}", daemon.stderr());
}

#[test]
fn a_file_that_another_program_keeps_locked_is_no_reason_to_starve() {
    let (manager, upstream) = (Manager::new(), Upstream::of(&[30]));
    let mirror = Mirror::of(&upstream).with(EVERY_SECOND);
    let daemon = manager.start_watched(&mirror, SHORT);
    manager.until_status("all fresh");
    let somebody = rusqlite::Connection::open(mirror.database()).unwrap();
    somebody.execute_batch("BEGIN IMMEDIATE").unwrap();
    daemon.until_says("keeps");
    let fed = manager.count("WATCHDOG=1");
    manager.until_told("WATCHDOG=1", fed + 2);
    assert!(!daemon.stderr().contains("watchdog"), "{}", daemon.stderr());
}

#[test]
fn a_writer_that_hangs_starves_it_and_one_that_goes_on_feeds_it_again() {
    let (manager, upstream) = (Manager::new(), Upstream::of(&[30]));
    let mirror = Mirror::of(&upstream).with(EVERY_SECOND);
    let daemon = manager.start_watched(&mirror, SHORT);
    manager.until_status("all fresh");
    let frozen = daemon.threads("store-writer").into_iter().map(Frozen::new).next().unwrap();
    daemon.until_says("the file's writer does not answer");
    manager.until_silent(SILENCE);
    let fed = manager.count("WATCHDOG=1");
    drop(frozen);
    daemon.until_says("there is progress again");
    manager.until_told("WATCHDOG=1", fed + 2);
}

#[test]
fn a_tick_that_hangs_starves_it() {
    let (manager, upstream) = (Manager::new(), Upstream::of(&[30]));
    let mirror = Mirror::of(&upstream).api("timeout_s = 1").with(EVERY_SECOND);
    let daemon = manager.start_watched(&mirror, SHORT);
    manager.until_status("all fresh");
    // Whoever reads the file for a tick, those included that are made in the place of those that hang.
    let mut frozen = std::collections::BTreeMap::new();
    until("the tick is stuck", || {
        for thread in daemon.threads("store-reader") {
            frozen.entry(thread).or_insert_with(|| Frozen::new(thread));
        }
        daemon.stderr().contains("the tick of account default makes no progress")
    });
    manager.until_silent(SILENCE);
}

#[test]
fn a_runtime_that_is_dead_starves_it() {
    let (manager, upstream) = (Manager::new(), Upstream::of(&[30]));
    let mirror = Mirror::of(&upstream).with(EVERY_SECOND);
    let daemon = manager.start_watched(&mirror, PERIOD);
    manager.until_told("WATCHDOG=1", 2);
    let _frozen: Vec<_> = daemon.threads("tokio-rt-worker").into_iter().map(Frozen::new).collect();
    manager.until_silent(SILENCE);
    assert!(!daemon.stderr().contains("watchdog"), "{}", daemon.stderr());
}
