//! An export and the feed fit together: rows at a change, and the changes after it, are the truth.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, Ordering};

use coupontools_mirror::simulator::Mutation;

use crate::asker::Server;
use crate::rows::of_answer;
use crate::stage::{DIRECTORY, Mirror, Upstream};

#[test]
fn rows_at_a_change_and_the_changes_after_it_are_what_stands() {
    let upstream = Upstream::of(&[400]);
    let mirror = Mirror::of(&upstream).http("without_token = \"masked\"");
    mirror.sync(&[]).exits(0);
    let server = Server::serve(&mirror);
    let stop = AtomicBool::new(false);
    let exports: Vec<(i64, BTreeSet<String>)> = std::thread::scope(|scope| {
        let writer = scope.spawn(|| {
            while !stop.load(Ordering::Relaxed) {
                let some = Mutation { insert: 6, delete_random: 5, ..Mutation::default() };
                upstream.change(DIRECTORY, some);
                mirror.sync(&["--full"]).exits(0);
            }
        });
        let mut exports = Vec::new();
        let mut moments = BTreeSet::new();
        let removed = || mirror.file().count("registration_changes WHERE kind = 'removed'");
        while exports.len() < 20 || moments.len() < 5 || removed() < 5 {
            let answer = server.query("SELECT registration_id FROM registrations").send().ok();
            let seq = answer.header("mirror-seq").unwrap().parse().unwrap();
            let rows = of_answer(&answer.json());
            let ids = rows.iter().map(|row| row["registration_id"].as_str().unwrap().to_owned());
            moments.insert(seq);
            exports.push((seq, ids.collect()));
        }
        stop.store(true, Ordering::Relaxed);
        writer.join().unwrap();
        exports
    });
    let truth: BTreeSet<String> = server.json("/api/v1/query?sql=SELECT+registration_id+FROM+registrations")
        ["rows"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| row[0].as_str().unwrap().to_owned())
        .collect();
    for (seq, mut standing) in exports {
        let mut after = seq;
        loop {
            let answer = server.json(&format!("/api/v1/changes?limit=50&after={after}"));
            let changes = answer["changes"].as_array().unwrap();
            for change in changes {
                let id = change["registration_id"].as_str().unwrap().to_owned();
                match change["kind"].as_str().unwrap() {
                    "created" | "restored" => assert!(standing.insert(id), "{change} was there at {seq}"),
                    "removed" => assert!(standing.remove(&id), "{change} was not there at {seq}"),
                    kind => assert_eq!(kind, "updated"),
                }
            }
            after = answer["next"].as_i64().unwrap();
            if changes.is_empty() {
                break;
            }
        }
        assert_eq!(standing, truth, "from {seq}");
    }
}

#[test]
fn every_format_and_access_tells_its_change() {
    let upstream = Upstream::of(&[30]);
    let mirror = Mirror::of(&upstream).http("without_token = \"full\"");
    mirror.sync(&[]).exits(0);
    upstream.stir(DIRECTORY);
    mirror.sync(&["--full"]).exits(0);
    let token = mirror.call(&["token", "add", "m", "--masked"]).exits(0).stdout;
    let server = Server::serve(&mirror);
    let seq: i64 = mirror.file().value("SELECT max(seq) FROM registration_changes");
    for format in ["json", "ndjson", "csv"] {
        let ask = || server.query("SELECT count(*) AS n FROM registrations").with("format", format);
        for answer in [ask().send().ok(), ask().token(token.trim()).send().ok()] {
            assert_eq!(answer.header("mirror-seq"), Some(seq.to_string().as_str()));
        }
    }
}
