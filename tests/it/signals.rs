//! SIGTERM and SIGINT: within the page in flight, a second one at once.

use coupontools_mirror::simulator::Mutation;
use rusqlite::Connection;
use rustix::process::Signal;
use serde_json::json;

use crate::stage::{DIRECTORY, File, Mirror, Running, Upstream, play, until};

const SIGNALS: [Signal; 2] = [Signal::TERM, Signal::INT];

/// A command in the middle of a first walk; each further page would take longer than a test does.
fn stuck(upstream: &Upstream, mirror: &Mirror, arguments: &[&str]) -> Running {
    upstream.fault("hang,call=users-list,page=4,times=100");
    let running = mirror.start(arguments);
    until("page 4 is asked for", || upstream.pages_asked() >= 4 + 4);
    until("pages are saved", || mirror.file().count("registrations") == 300);
    running
}

#[test]
fn a_signal_during_a_walk_stops_it_within_the_page_in_flight_and_the_next_one_goes_on() {
    let cases: Vec<_> =
        ["run", "sync"].into_iter().flat_map(|command| SIGNALS.map(|signal| (command, signal))).collect();
    play(
        &cases,
        |(command, signal)| format!("{command} {signal:?}"),
        |&(command, signal)| {
            let upstream = Upstream::of(&[950]);
            let mirror = Mirror::of(&upstream).api("timeout_s = 600");
            let running = stuck(&upstream, &mirror, &[command]);
            running.signal(signal);
            let asked = upstream.pages_asked();
            let code = if command == "run" { 0 } else { 1 };
            running.end().exits(code).says("stopping; a second signal stops at once");
            assert_eq!(upstream.pages_asked(), asked);
            let file = mirror.file();
            file.assert_whole();
            assert_eq!(file.texts("SELECT outcome FROM walks"), ["cancelled"]);
            assert_eq!(file.count("registrations"), 300);
            assert_eq!(file.count("sync_status WHERE last_error IS NOT NULL"), 0);
            upstream.clear_faults();
            upstream.reset_requests();
            mirror.sync(&[]).exits(0);
            assert!(upstream.pages_asked() <= 7 + 4, "{} pages", upstream.pages_asked());
            mirror.file().assert_exact(&upstream);
        },
    );
}

#[test]
fn a_signal_stops_an_idle_daemon() {
    for signal in SIGNALS {
        let upstream = Upstream::of(&[30]);
        let mirror = Mirror::of(&upstream);
        let daemon = mirror.start(&["run"]);
        until("the first walk is complete", || daemon.stderr().contains("outcome=\"complete\""));
        daemon.signal(signal);
        daemon.end().exits(0).says("stopped");
    }
}

#[test]
fn a_second_signal_stops_at_once_even_while_the_file_is_kept_locked() {
    for (command, signal) in [("run", Signal::TERM), ("sync", Signal::INT)] {
        let upstream = Upstream::of(&[250]);
        let mirror = Mirror::of(&upstream);
        mirror.sync(&[]).exits(0);
        upstream.change(DIRECTORY, Mutation { insert: 150, ..Mutation::default() });
        let somebody = Connection::open(mirror.database()).unwrap();
        upstream.set(json!({ "latency_ms": 300 }));
        upstream.reset_requests();
        let running = mirror.start(&[command]);
        until("a page is asked for", || upstream.pages_asked() >= 1);
        somebody.execute_batch("BEGIN IMMEDIATE").unwrap();
        until("two pages are asked for", || upstream.pages_asked() >= 2);
        running.signal(signal);
        running.until_says("stopping");
        running.signal(signal);
        running.end().exits(128 + signal.as_raw());
        somebody.execute_batch("ROLLBACK").unwrap();
        drop(somebody);
        upstream.set(json!({ "latency_ms": null }));
        mirror.file().assert_whole();
        mirror.sync(&[]).exits(0);
        mirror.file().assert_exact(&upstream);
    }
}

#[test]
fn a_signal_stops_a_start_that_masks_everybody_and_the_next_one_goes_on() {
    const UNMASKED: &str = "registration WHERE email IS NOT NULL AND email_hash IS NULL";
    for (command, code) in [("run", 0), ("sync", 1)] {
        let upstream = Upstream::of(&[30]);
        let mirror = Mirror::of(&upstream);
        mirror.sync(&[]).exits(0);
        let as_from_before = "DELETE FROM setting WHERE name = 'masking_key_id';
            WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 150000)
            INSERT INTO registration (directory_key, registration_id, walk_key, fingerprint, first_seen_at, changed_at,
                removed_at, email, phone, raw)
            SELECT 1, 'old_' || i, 1, 0, '', '', '2026-11-23T09:00:00Z', 'p' || i, '+1' || i, '{}' FROM n";
        File::execute(&mirror.database(), as_from_before);
        let running = mirror.start(&[command]);
        running.until_says("masking everybody anew");
        running.signal(Signal::TERM);
        let ended = running.end().exits(code).says("stopped before the file was ready");
        assert!(!ended.stderr.contains("masked anew"), "{}", ended.stderr);
        assert!(mirror.file().count(UNMASKED) > 0);
        mirror.sync(&[]).exits(0);
        assert_eq!(mirror.file().count(UNMASKED), 0);
        mirror.file().assert_exact(&upstream);
    }
}
