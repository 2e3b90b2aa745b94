//! The feed: each change once, in order, soon, whatever happens to the server.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use coupontools_mirror::clock::steady_now;
use coupontools_mirror::simulator::Mutation;
use serde_json::Value;

use crate::asker::{Ask, Server};
use crate::promises::lively;
use crate::rows::read;
use crate::stage::{DIRECTORY, Mirror, Upstream, until};

/// A change is to be known within a second of its arrival in the file.
const SOON: Duration = Duration::from_secs(1);
const OFTEN: &str = "[schedule]\nincremental = \"* * * * * *\"";

/// What a follower saw: numbers in order, and when each came.
#[derive(Default)]
struct Followed {
    seqs: Vec<i64>,
    came: BTreeMap<i64, Instant>,
}

/// Follows from `after` until `last` says that this number was seen. A server that is gone is asked
/// again, wherever it is now.
fn follow(url: &Mutex<String>, after: i64, limit: usize, last: &Mutex<Option<i64>>) -> Followed {
    let (mut followed, mut next) = (Followed::default(), after);
    while last.lock().unwrap().is_none_or(|last| next < last) {
        let address = format!("{}/api/v1/changes?wait=1&limit={limit}&after={next}", url.lock().unwrap());
        let Ok(answer) = Ask::new(reqwest::Method::GET, &address).try_send() else {
            std::thread::park_timeout(Duration::from_millis(20));
            continue;
        };
        let now = steady_now();
        if answer.status == 503 {
            continue;
        }
        let answer = answer.ok().json();
        let changes = answer["changes"].as_array().unwrap();
        assert!(changes.len() <= limit);
        for change in changes {
            let seq = change["seq"].as_i64().unwrap();
            followed.seqs.push(seq);
            followed.came.insert(seq, now);
        }
        next = answer["next"].as_i64().unwrap();
        assert_eq!(next, followed.seqs.last().copied().unwrap_or(after));
    }
    followed
}

fn last_seq(mirror: &Mirror) -> i64 {
    mirror.file().value("SELECT coalesce(max(seq), 0) FROM registration_changes")
}

/// Since when each change is there for whoever reads the file.
fn arrivals(mirror: &Mirror, last: &Mutex<Option<i64>>) -> BTreeMap<i64, Instant> {
    let (file, mut seen, mut arrived) = (mirror.file(), last_seq(mirror), BTreeMap::new());
    while last.lock().unwrap().is_none_or(|last| seen < last) {
        let now = file.value("SELECT coalesce(max(seq), 0) FROM registration_changes");
        for seq in seen + 1..=now {
            arrived.insert(seq, steady_now());
        }
        seen = now;
        std::thread::park_timeout(Duration::from_millis(2));
    }
    arrived
}

#[test]
fn followers_see_each_change_once_in_order_and_soon_also_across_a_killed_daemon() {
    let upstream = Upstream::of(&[300, 20]);
    let mirror = Mirror::of(&upstream).http("without_token = \"full\"").with(OFTEN);
    mirror.sync(&[]).exits(0);
    let begin = last_seq(&mirror);
    let daemon = Server::run(&mirror);
    let beside = Server::serve(&mirror);
    let of_daemon = Mutex::new(daemon.url().to_owned());
    let of_other = Mutex::new(beside.url().to_owned());
    let last = Mutex::new(None);
    let (followers, arrived) = std::thread::scope(|scope| {
        let (last, mirror) = (&last, &mirror);
        let spawn = |url, limit| scope.spawn(move || follow(url, begin, limit, last));
        let followers: Vec<_> = [(&of_daemon, 3), (&of_daemon, 1000), (&of_other, 1), (&of_other, 100)]
            .map(|(url, limit)| spawn(url, limit))
            .into();
        let watch = scope.spawn(|| arrivals(mirror, last));
        let mut daemon = Some(daemon);
        for round in 0..6 {
            let before = last_seq(mirror);
            let burst = Mutation { insert: 5 + 5 * round, edit: 1, ..Mutation::default() };
            upstream.change(DIRECTORY, burst);
            until("the burst arrives", || last_seq(mirror) >= before + i64::from(5 + 5 * round));
            if round == 2 {
                daemon.take().unwrap().running.kill();
                let again = Server::run(mirror);
                *of_daemon.lock().unwrap() = again.url().to_owned();
                daemon = Some(again);
            }
        }
        daemon.unwrap().stop().exits(0);
        // Nobody writes any more.
        let again = Server::serve(mirror);
        *of_daemon.lock().unwrap() = again.url().to_owned();
        *last.lock().unwrap() = Some(last_seq(mirror));
        let followers: Vec<Followed> =
            followers.into_iter().map(|follower| follower.join().unwrap()).collect();
        (followers, watch.join().unwrap())
    });
    let all: Vec<i64> = read(
        &mirror.database(),
        &format!("SELECT seq FROM registration_changes WHERE seq > {begin} ORDER BY seq"),
    )
    .iter()
    .map(|row| row["seq"].as_i64().unwrap())
    .collect();
    assert!(all.len() > 100, "{}", all.len());
    for follower in &followers {
        assert_eq!(follower.seqs, all);
    }
    // The server beside was never away. Its follower of one change at a time asks once for each.
    let late = |follower: &Followed| {
        let delays = follower.came.iter().map(|(seq, came)| came.saturating_duration_since(arrived[seq]));
        delays.max().unwrap()
    };
    let (daemon_late, other_late) = (late(&followers[1]), late(&followers[3]));
    println!("latest after its arrival: {other_late:?}; with the daemon killed meanwhile: {daemon_late:?}");
    assert!(other_late < SOON, "{other_late:?}");
}

#[test]
fn a_wait_without_a_change_ends_with_none_and_a_change_ends_it() {
    let (upstream, mirror) = lively();
    let server = Server::serve(&mirror);
    let last = last_seq(&mirror);
    let begin = steady_now();
    let answer = server.json(&format!("/api/v1/changes?wait=1&after={last}"));
    assert_eq!((answer["changes"].as_array().unwrap().len(), answer["next"].as_i64()), (0, Some(last)));
    assert!(begin.elapsed() >= Duration::from_secs(1), "it waited");
    let at_once = server.json(&format!("/api/v1/changes?after={last}"));
    assert_eq!(at_once["next"].as_i64(), Some(last));
    std::thread::scope(|scope| {
        let waiting = scope.spawn(|| server.json(&format!("/api/v1/changes?wait=60&after={last}")));
        upstream.change(DIRECTORY, Mutation { insert: 1, ..Mutation::default() });
        mirror.sync(&[]).exits(0);
        let answer: Value = waiting.join().unwrap();
        assert_eq!(answer["changes"][0]["kind"], "created");
        assert_eq!(answer["changes"][0]["seq"].as_i64(), Some(last + 1));
    });
}

#[test]
fn a_number_that_the_feed_has_not_reached_is_its_end() {
    let (upstream, mirror) = lively();
    let server = Server::serve(&mirror);
    let last = last_seq(&mirror);
    // The follower's file was newer: an older copy has taken its place.
    let answer = server.json(&format!("/api/v1/changes?after={}", last + 1000));
    assert_eq!((answer["changes"].as_array().unwrap().len(), answer["next"].as_i64()), (0, Some(last)));
    std::thread::scope(|scope| {
        let waiting = scope.spawn(|| server.json(&format!("/api/v1/changes?wait=60&after={}", last + 1000)));
        upstream.change(DIRECTORY, Mutation { insert: 1, ..Mutation::default() });
        mirror.sync(&[]).exits(0);
        assert_eq!(waiting.join().unwrap()["changes"][0]["seq"].as_i64(), Some(last + 1));
    });
}

#[test]
fn a_follower_is_told_soon_while_others_search_for_long() {
    let (upstream, mirror) = lively();
    let server = Server::serve(&mirror);
    // A directory in which a search takes its time.
    crate::stage::File::execute(
        &mirror.database(),
        "WITH RECURSIVE n(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n WHERE i < 60000)
         INSERT INTO registration (directory_key, registration_id, walk_key, first_seen_at, changed_at, fingerprint,
             raw, city, address, registered_at, registered_on)
         SELECT r.directory_key, 'extra_' || i, r.walk_key, r.first_seen_at, r.changed_at, r.fingerprint, '{}',
             printf('%.300c', 'é'), printf('%.300c', 'è'), r.registered_at, r.registered_on
         FROM n, (SELECT * FROM registration WHERE directory_key = (SELECT directory_key FROM directory
             WHERE directory_id = 'dir_10002') LIMIT 1) AS r;",
    );
    let last = last_seq(&mirror);
    let stop = AtomicBool::new(false);
    std::thread::scope(|scope| {
        for _ in 0..12 {
            scope.spawn(|| {
                while !stop.load(Ordering::Relaxed) {
                    server.get("/api/v1/directories/dir_10002/registrations?text=nobody-at-all").send();
                }
            });
        }
        let waiting = scope.spawn(|| {
            let answer = server.json(&format!("/api/v1/changes?wait=60&after={last}"));
            (answer, steady_now())
        });
        upstream.change(DIRECTORY, Mutation { insert: 1, ..Mutation::default() });
        mirror.sync(&["--directory", "dir_10001"]).exits(0);
        let arrived = steady_now();
        let (answer, came) = waiting.join().unwrap();
        stop.store(true, Ordering::Relaxed);
        assert_eq!(answer["changes"][0]["kind"], "created", "{answer}");
        let late = came.saturating_duration_since(arrived);
        println!("told after {late:?} while twelve others search");
        assert!(late < SOON, "{late:?}");
    });
}
