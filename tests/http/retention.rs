//! `[retention]` in the real daemon: what is past goes while walks save and readers read, once; who
//! followed and was away for too long is told; and a clock that is wrong deletes nothing.

use std::sync::atomic::{AtomicBool, Ordering};

use coupontools_mirror::simulator::Mutation;
use serde_json::json;

use crate::asker::Server;
use crate::stage::{DIRECTORY, File, Mirror, Upstream, until};

const MONTH: &str = "[retention]\nchanges_days = 30\nremoved_days = 30\nwalks_days = 30";
const OFTEN: &str = "[schedule]\nincremental = \"* * * * * *\"";
const PLANTED: i64 = 3000;

/// Puts old rows before all others into the stopped file: changes and walks, and registrations that were
/// removed long ago.
fn plant(mirror: &Mirror, days_ago: i64) {
    let ago = format!("strftime('%Y-%m-%dT%H:%M:%SZ', 'now', '-{days_ago} days')");
    let sql = format!(
        "UPDATE registration_change SET at = {ago};
         CREATE TEMP TABLE n AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {PLANTED})
             SELECT i FROM n;
         INSERT INTO registration_change (at, kind, directory_key, registration_id, before, after)
             SELECT {ago}, 'updated', 1, 'old_' || i, '{{}}', '{{}}' FROM n;
         INSERT INTO registration (registration_key, directory_key, registration_id, walk_key, fingerprint,
                 first_seen_at, changed_at, removed_at, raw)
             SELECT -i, 1 + i % 2, 'old_' || i, -i, 0, {ago}, {ago}, {ago}, '{{}}' FROM n;
         UPDATE walk SET walk_key = walk_key + {PLANTED}, stretch_walk_key = stretch_walk_key + {PLANTED};
         UPDATE registration SET walk_key = walk_key + {PLANTED} WHERE walk_key > 0;
         UPDATE sqlite_sequence SET seq = seq + {PLANTED} WHERE name = 'walk';
         INSERT INTO walk (walk_key, directory_key, kind, started_at, finished_at, outcome, pages, requests, rows_read,
                 created, recovered, updated, removed, restored, missing, settled, has_gap, stretch_walk_key)
             SELECT i, 1, 'full', {ago}, {ago}, 'complete', 1, 1, 1, 1, 0, 0, 0, 0, 0, 1, 0, i FROM n;"
    );
    File::execute(&mirror.database(), &sql);
}

fn planted(mirror: &Mirror) -> (i64, i64, i64) {
    let file = mirror.file();
    (
        file.count("registration_changes WHERE registration_id LIKE 'old%'"),
        file.count("removed_registrations WHERE registration_id LIKE 'old%'"),
        file.count("walks WHERE walk_id <= 3000"),
    )
}

fn deleted(server: &Server, what: &str) -> i64 {
    let text = server.get("/metrics").send().ok().text();
    let name = format!("coupontools_mirror_retention_deleted_total{{what=\"{what}\"}} ");
    text.lines().find_map(|line| line.strip_prefix(&name)).unwrap().parse().unwrap()
}

/// Tells the reader to stop, also where the test fails.
struct Stop<'a>(&'a AtomicBool);

impl Drop for Stop<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// Every count of one moment agrees.
fn read_on(mirror: &Mirror, stop: &AtomicBool) -> u64 {
    let mut reads = 0;
    while !stop.load(Ordering::Relaxed) {
        let differ = "SELECT count(*) FROM directory AS d WHERE d.registrations <> (SELECT count(*) FROM registrations AS r
                WHERE r.directory_id = d.directory_id)
            OR d.removed <> (SELECT count(*) FROM removed_registrations AS r WHERE r.directory_id = d.directory_id)";
        assert_eq!(mirror.file().value::<i64>(differ), 0);
        reads += 1;
    }
    reads
}

#[test]
fn what_is_past_goes_once_while_walks_save_and_readers_read() {
    let upstream = Upstream::of(&[600, 30]);
    let mirror = Mirror::of(&upstream).http("without_token = \"full\"").with(MONTH).with(OFTEN);
    mirror.sync(&[]).exits(0);
    plant(&mirror, 31);
    let told = mirror.file().count("registration_changes");
    upstream.set(json!({ "before_each_page": { "insert": 1, "edit": 3 } }));
    let stop = AtomicBool::new(false);
    let server = std::thread::scope(|scope| {
        let reader = scope.spawn(|| read_on(&mirror, &stop));
        let stopping = Stop(&stop);
        let server = Server::run(&mirror);
        // Of each directory the last twenty walks stay.
        until("what is past is gone", || matches!(planted(&mirror), (0, 0, ..20)));
        until("it says so", || server.running.stderr().contains("deleted what [retention] does not keep"));
        drop(stopping);
        assert!(reader.join().unwrap() > 0);
        server
    });
    let counted = ["changes", "removed", "walks"].map(|what| deleted(&server, what));
    assert_eq!(counted, [told, PLANTED, PLANTED - planted(&mirror).2]);
    // Newcomers that came meanwhile are in the feed, and nobody's walk failed.
    let file = mirror.file();
    until("a walk saves", || file.count("registration_changes WHERE kind = 'created'") > 0);
    assert_eq!(file.count("walks WHERE outcome = 'failed'"), 0);
    server.stop().exits(0);

    let server = Server::run(&mirror);
    let walks = mirror.file().count("walks");
    until("it walks", || mirror.file().count("walks") > walks);
    server.stop().exits(0);
    upstream.set(json!({ "before_each_page": null }));
    mirror.sync(&["--full"]).exits(0);
    mirror.file().assert_whole();
    mirror.file().assert_exact(&upstream);
}

#[test]
fn who_followed_and_was_away_for_too_long_is_told_to_begin_again() {
    let upstream = Upstream::of(&[50, 10]);
    let mirror = Mirror::of(&upstream).http("without_token = \"full\"").with(MONTH);
    mirror.sync(&[]).exits(0);
    plant(&mirror, 31);
    let last = mirror.file().value::<i64>("SELECT max(seq) FROM registration_changes");
    let server = Server::run(&mirror);
    until("what is past is gone", || planted(&mirror).0 == 0);
    assert_eq!(mirror.file().count("registration_changes"), 0);
    let at = |after: i64| server.get(&format!("/api/v1/changes?after={after}")).send();
    for after in [0, 1, last - 1] {
        let gone = at(after);
        let problem = gone.problem(410);
        let told = format!(
            "cannot list every change after {after}: the first one that is still kept is {}",
            last + 1
        );
        assert_eq!(problem["detail"], told);
        assert!(problem["hint"].as_str().unwrap().contains("Mirror-Seq"), "{problem}");
    }
    for after in [last, last + 5] {
        assert_eq!(at(after).ok().json()["next"], last);
    }
    // It begins again where the answer of a statement stands, and misses nothing.
    let rows = server.get("/api/v1/query?sql=SELECT+*+FROM+registrations").send().ok();
    assert_eq!(rows.header("mirror-seq"), Some(&*last.to_string()));
    assert!(server.get("/changes").send().ok().text().contains("Nothing has changed yet"));
    server.stop().exits(0);
    upstream.change(DIRECTORY, Mutation { insert: 2, ..Mutation::default() });
    mirror.sync(&[]).exits(0);
    let server = Server::serve(&mirror);
    let next = server.json(&format!("/api/v1/changes?after={last}"));
    assert_eq!((next["changes"].as_array().unwrap().len(), next["next"].as_i64()), (2, Some(last + 2)));
    assert_eq!(server.get("/api/v1/changes?after=0").send().status, 410);
}

#[test]
fn a_clock_that_is_years_ahead_of_the_file_deletes_nothing_that_the_file_itself_does_not_call_old() {
    let upstream = Upstream::of(&[50, 10]);
    let mirror = Mirror::of(&upstream).with(MONTH);
    mirror.sync(&[]).exits(0);
    // As a clock sees it that has jumped: all that the file knows of was 400 days ago.
    plant(&mirror, 410);
    let before = "UPDATE directory SET last_seen_at = strftime('%Y-%m-%dT%H:%M:%SZ', 'now', '-400 days');
        UPDATE walk SET finished_at = '2020-01-01T00:00:01Z' WHERE walk_key = 1";
    File::execute(&mirror.database(), before);
    let server = Server::run(&mirror);
    // Walks are looked at last.
    server.running.until_says("changes=0 removed=0 walks=1");
    assert_eq!(planted(&mirror), (PLANTED, PLANTED, PLANTED - 1));
    server.stop().exits(0);
}

#[test]
fn a_section_that_a_reload_brings_counts_at_once() {
    let upstream = Upstream::of(&[50, 10]);
    let mirror = Mirror::of(&upstream);
    mirror.sync(&[]).exits(0);
    plant(&mirror, 31);
    let server = Server::run(&mirror);
    server.running.until_says("outcome=\"complete\"");
    assert_eq!(planted(&mirror), (PLANTED, PLANTED, PLANTED));
    let configuration = std::fs::read_to_string(mirror.configuration()).unwrap();
    std::fs::write(mirror.configuration(), format!("{configuration}\n[retention]\nremoved_days = 30\n"))
        .unwrap();
    server.running.signal(rustix::process::Signal::HUP);
    server.running.until_says("changes=0 removed=3000 walks=0");
    assert_eq!(planted(&mirror), (PLANTED, 0, PLANTED));
    server.stop().exits(0);
}
