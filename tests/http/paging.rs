//! Registrations page by page: whatever comes and goes meanwhile, nobody is shown twice, and whoever
//! stood all along is shown.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicBool, Ordering};

use coupontools_mirror::simulator::Mutation;
use serde_json::Value;

use crate::asker::Server;
use crate::promises::lively;
use crate::rows::read;
use crate::stage::{DIRECTORY, File, Mirror, Upstream};

const PATH: &str = "/api/v1/directories/dir_10001/registrations";

/// Every page from `after` on, and how many there were.
fn pages(server: &Server, parameters: &str, after: Option<&str>) -> (Vec<Value>, usize) {
    let (mut rows, mut after, mut count) = (Vec::new(), after.map(str::to_owned), 0);
    loop {
        let ask = server.get(&format!("{PATH}?{parameters}"));
        let page = after.iter().fold(ask, |ask, after| ask.with("after", after)).send().ok().json();
        count += 1;
        rows.extend(page["registrations"].as_array().unwrap().clone());
        match page["next"].as_str() {
            Some(next) => after = Some(next.to_owned()),
            None => return (rows, count),
        }
    }
}

fn ids(rows: &[Value]) -> Vec<String> {
    rows.iter().map(|row| row["registration_id"].as_str().unwrap().to_owned()).collect()
}

#[track_caller]
fn distinct(ids: &[String]) -> BTreeSet<String> {
    let set: BTreeSet<String> = ids.iter().cloned().collect();
    assert_eq!(set.len(), ids.len(), "somebody is shown twice");
    set
}

fn standing(mirror: &Mirror) -> BTreeSet<String> {
    mirror.file().standing(DIRECTORY).into_keys().collect()
}

#[test]
fn while_people_come_and_go_nobody_is_shown_twice_and_nobody_who_stood_all_along_is_left_out() {
    let upstream = Upstream::of(&[900]);
    let mirror = Mirror::of(&upstream).http("without_token = \"full\"");
    mirror.sync(&[]).exits(0);
    let server = Server::serve(&mirror);
    let stop = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let churn = scope.spawn(|| {
            while !stop.load(Ordering::Relaxed) {
                let some = Mutation { insert: 9, delete_random: 9, edit: 5, ..Mutation::default() };
                upstream.change(DIRECTORY, some);
                mirror.sync(&["--full"]).exits(0);
            }
        });
        for _ in 0..4 {
            let before = standing(&mirror);
            let (rows, count) = pages(&server, "limit=7", None);
            let after = standing(&mirror);
            assert!(count > 100, "{count} pages");
            let seen = distinct(&ids(&rows));
            let all_along = before.intersection(&after).cloned().collect();
            let left_out: Vec<_> = BTreeSet::difference(&all_along, &seen).collect();
            assert!(left_out.is_empty(), "{left_out:?}");
            let dates: Vec<_> = rows.iter().map(|row| row["registered_at"].as_str().unwrap()).collect();
            assert!(dates.is_sorted_by(|a, b| a >= b), "newest first");
        }
        stop.store(true, Ordering::Relaxed);
        churn.join().unwrap();
    });
    assert!(mirror.file().count("registration_changes") > 20, "too little happened meanwhile");
}

#[test]
fn people_of_one_second_and_people_without_a_date_are_paged_through_like_all_others() {
    let upstream = Upstream::of(&[120]);
    let mirror = Mirror::of(&upstream).http("without_token = \"full\"");
    mirror.sync(&[]).exits(0);
    File::execute(
        &mirror.database(),
        "UPDATE registration SET registered_at = '2026-11-20T00:00:00Z', registered_on = '2026-11-20'
             WHERE registration_key % 3 = 0;
         UPDATE registration SET registered_at = NULL, registered_on = NULL WHERE registration_key % 3 = 1;",
    );
    let server = Server::serve(&mirror);
    let whole = pages(&server, "limit=1000", None).0;
    assert_eq!(distinct(&ids(&whole)), standing(&mirror));
    let undated = whole.iter().position(|row| row["registered_at"].is_null()).unwrap();
    assert!(undated > 0 && whole[undated..].iter().all(|row| row["registered_at"].is_null()), "undated last");
    for limit in [1, 2, 7, 39, 40, 41, 119, 120, 121] {
        let (rows, count) = pages(&server, &format!("limit={limit}"), None);
        assert_eq!(ids(&rows), ids(&whole), "limit {limit}");
        assert_eq!(count, 120_usize.div_ceil(limit), "limit {limit}");
    }
    assert!(pages(&server, "since=2020-01-01", None).0.iter().all(|row| row["registered_at"].is_string()));
}

#[test]
fn a_cursor_stays_good_for_as_long_as_anybody_keeps_it() {
    let (upstream, mirror) = lively();
    let cursor = |server: &Server| {
        let page = server.json(&format!("{PATH}?limit=50"));
        (page["next"].as_str().unwrap().to_owned(), ids(page["registrations"].as_array().unwrap()))
    };
    let server = Server::serve(&mirror);
    let (next, above) = cursor(&server);
    let below: BTreeSet<_> = ids(&pages(&server, "limit=1000", Some(&next)).0).into_iter().collect();
    server.stop().exits(0);
    let last = above.last().unwrap().trim_start_matches("reg_").parse().unwrap();
    let gone = Mutation {
        delete: vec![coupontools_mirror::simulator::RegistrationNumber(last)],
        insert: 60,
        ..Mutation::default()
    };
    upstream.change(DIRECTORY, gone);
    mirror.sync(&["--full"]).exits(0);
    mirror.sync(&["--full"]).exits(0);
    assert!(!standing(&mirror).contains(above.last().unwrap()), "the row that the cursor ends at is gone");
    let server = Server::serve(&mirror);
    let later = ids(&pages(&server, "limit=7", Some(&next)).0);
    let still: BTreeSet<_> = below.intersection(&standing(&mirror)).cloned().collect();
    assert!(still.len() > 100);
    assert_eq!(distinct(&later), still, "what stands below it is what stood below it and still does");
}

#[test]
fn a_forged_cursor_is_refused_or_shows_nothing_else_than_the_directory() {
    let (_upstream, mirror) = lively();
    let server = Server::serve(&mirror);
    for forged in [
        "x",
        "17",
        "_",
        "_x",
        "x_1",
        "2026-11-23_1",
        "2026-11-23T09:05:10Z",
        "2026-11-23T09:05:10Z_",
        "2026-11-23T09:05:10Z_1_1",
        "2026-11-23T09:05:10Z_9223372036854775808",
        "' OR 1=1 --_1",
        "\u{0}_1",
        "~_1",
        "2026-11-23T09:05:10Z_1; DROP TABLE registration",
        "99999-01-01T00:00:00Z_1",
    ] {
        server.get(PATH).with("after", forged).send().problem(400);
    }
    for odd in
        ["_-9223372036854775808", "_9223372036854775807", "1000-01-01T00:00:00Z_1", "9999-12-31T23:59:59Z_1"]
    {
        let page = server.get(PATH).with("after", odd).with("limit", "1000").send().ok().json();
        let rows = page["registrations"].as_array().unwrap();
        assert!(rows.iter().all(|row| row["directory_id"] == DIRECTORY), "{odd}");
    }
}

#[test]
fn each_state_shows_its_own_people() {
    let (upstream, mirror) = lively();
    // What one full walk no longer shows is missing; removed takes two.
    upstream.change(DIRECTORY, Mutation { delete_random: 6, ..Mutation::default() });
    mirror.sync(&["--full"]).exits(0);
    let server = Server::serve(&mirror);
    let of = |sql: &str| -> BTreeSet<String> {
        ids(&read(&mirror.database(), &format!("SELECT registration_id FROM {sql}"))).into_iter().collect()
    };
    let mut states = BTreeMap::new();
    for (state, sql) in [
        ("standing", "registrations WHERE directory_id = 'dir_10001'"),
        ("missing", "registrations WHERE directory_id = 'dir_10001' AND missing_since IS NOT NULL"),
        ("removed", "removed_registrations WHERE directory_id = 'dir_10001'"),
    ] {
        let shown = distinct(&ids(&pages(&server, &format!("state={state}&limit=7"), None).0));
        assert_eq!(shown, of(sql), "{state}");
        states.insert(state, shown);
    }
    assert!(!states["missing"].is_empty() && !states["removed"].is_empty(), "{states:?}");
    assert_eq!(distinct(&ids(&pages(&server, "limit=1000", None).0)), states["standing"]);
    for wrong in ["Standing", "gone", ""] {
        server.get(PATH).with("state", wrong).send().problem(400);
    }
}
