//! `kill -9` at any moment: the file is whole, and what follows costs what is missing.

use coupontools_mirror::simulator::Mutation;
use serde_json::json;

use crate::stage::{DIRECTORY, Mirror, Upstream, play, until};

const ROWS: u32 = 6_000;
const PAGES: u64 = 60;
/// Pages that may wait for the save under way when the program dies (I6), and the one in flight.
const LOST_MAX: u64 = 65;
/// Looks at pages 0, 1 and 2 by which the first walk finds out what pages are counted from.
const LOOKS: u64 = 4;
/// What a resumed walk may cost beside the missing pages (I4).
const BESIDE: u64 = 4;

/// Starts a sync and kills it once so many more pages were asked for.
fn kill_after(mirror: &Mirror, upstream: &Upstream, pages: u64) {
    upstream.reset_requests();
    let running = mirror.start(&["sync"]);
    until("some pages are asked for", || upstream.pages_asked() >= pages);
    running.kill();
}

/// Pages whose rows the file lacks.
fn missing_pages(mirror: &Mirror) -> u64 {
    let rows = u64::try_from(mirror.file().count("registrations")).unwrap();
    (u64::from(ROWS) - rows).div_ceil(100)
}

/// Syncs to the end; the pages that it asked for.
fn resume(mirror: &Mirror, upstream: &Upstream) -> u64 {
    upstream.reset_requests();
    mirror.sync(&[]).exits(0);
    upstream.pages_asked()
}

#[test]
fn a_first_walk_killed_anywhere_is_whole_and_resumes_by_jumping() {
    play(
        &[1, 2, 3, 9, 20, 33, 47, 58, 60],
        |after| format!("after page {after}"),
        |&after| {
            let upstream = Upstream::of(&[ROWS]);
            upstream.set(json!({ "latency_ms": 5 }));
            let mirror = Mirror::of(&upstream);
            kill_after(&mirror, &upstream, LOOKS + after);
            let file = mirror.file();
            file.assert_whole();
            let missing = missing_pages(&mirror);
            assert!(
                PAGES - missing + LOST_MAX >= after,
                "{missing} pages are missing, killed after page {after}"
            );
            file.assert_none_removed_falsely(&upstream);
            assert_eq!(file.count("registration_changes"), 0);
            drop(file);

            upstream.set(json!({ "latency_ms": null }));
            let asked = resume(&mirror, &upstream);
            let looks = if missing == PAGES { LOOKS } else { 0 };
            assert!(asked <= missing + looks + BESIDE, "{asked} requests for {missing} missing pages");
            mirror.file().assert_exact(&upstream);
            let outcomes = mirror.file().texts("SELECT outcome FROM walks ORDER BY walk_id DESC");
            assert_eq!(outcomes[0], "complete");
            assert!(outcomes[1..].iter().all(|outcome| outcome == "interrupted"), "{outcomes:?}");
            assert_eq!(resume(&mirror, &upstream), 1);
        },
    );
}

#[test]
fn a_first_walk_killed_again_and_again_goes_on_and_loses_nothing() {
    let upstream = Upstream::of(&[ROWS]);
    upstream.set(json!({ "latency_ms": 3 }));
    let mirror = Mirror::of(&upstream);
    let mut stood = 0;
    for pages in [6, 4, 9, 3, 12, 7, 2, 10, 5, 8] {
        kill_after(&mirror, &upstream, pages);
        let file = mirror.file();
        file.assert_whole();
        let stands = file.count("registrations");
        assert!(stands >= stood, "{stands} rows stand where {stood} did");
        stood = stands;
    }
    let missing = missing_pages(&mirror);
    let asked = resume(&mirror, &upstream);
    assert!(asked <= missing + BESIDE, "{asked} requests for {missing} missing pages");
    mirror.file().assert_exact(&upstream);
}

#[test]
fn a_walk_killed_while_the_list_moves_loses_nothing_once_it_is_quiet() {
    let upstream = Upstream::of(&[2_000]);
    upstream.set(json!({ "latency_ms": 3, "before_each_page": { "insert": 2, "delete_random": 1 } }));
    let mirror = Mirror::of(&upstream);
    for pages in [7, 11, 5] {
        kill_after(&mirror, &upstream, pages);
        mirror.file().assert_whole();
        mirror.file().assert_none_removed_falsely(&upstream);
    }
    upstream.set(json!({ "latency_ms": null, "before_each_page": null }));
    mirror.sync(&[]).exits(0);
    mirror.file().assert_none_removed_falsely(&upstream);
    mirror.sync(&["--full"]).exits(0);
    mirror.file().assert_exact(&upstream);
}

#[test]
fn a_full_walk_killed_anywhere_removes_nothing_and_is_exact_the_next_time() {
    play(
        &[1, 8, 19],
        |after| format!("after page {after}"),
        |&after| {
            let upstream = Upstream::of(&[2_000]);
            let mirror = Mirror::of(&upstream);
            mirror.sync(&[]).exits(0);
            upstream.stir(DIRECTORY);
            upstream.change(DIRECTORY, Mutation { edit: 300, ..Mutation::default() });
            upstream.set(json!({ "latency_ms": 5 }));
            upstream.reset_requests();
            let running = mirror.start(&["sync", "--full"]);
            until("some pages are asked for", || upstream.pages_asked() >= after);
            running.kill();
            mirror.file().assert_whole();
            mirror.file().assert_none_removed_falsely(&upstream);
            upstream.set(json!({ "latency_ms": null }));
            for _ in 0..2 {
                mirror.sync(&["--full"]).exits(0);
                mirror.file().assert_exact(&upstream);
            }
        },
    );
}
