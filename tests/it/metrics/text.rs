//! What is in the text and what is not, and that its names stay.

use std::collections::BTreeSet;
use std::time::Duration;

use coupontools_mirror::alert::{self, Key};
use coupontools_mirror::metrics::{Metrics, Served};
use coupontools_mirror::walk::Kind;

use super::{Measured, SERVED, scrape, told, wanted};
use crate::stage::{DIRECTORY, File};

#[test]
fn a_directory_that_vanishes_upstream_vanishes_from_the_scrape() {
    let measured = Measured::new(&[40, 30]);
    measured.tick(Kind::Incremental);
    assert!(measured.text().contains("dir_10002"));
    measured.upstream.remove_directory("dir_10002").unwrap();
    measured.tick(Kind::Incremental);
    let text = measured.text();
    assert!(!text.contains("dir_10002") && text.contains(DIRECTORY), "{text}");
}

#[test]
fn a_directory_that_is_excluded_is_told_of_as_not_mirrored() {
    let measured = Measured::new(&[40, 30, 20, 10]);
    measured.tick(Kind::Incremental);
    let mirrored = told(&measured.scrape(), "directory_mirrored");
    assert_eq!(mirrored.len(), 3, "{mirrored:?}");
    let text = measured.text();
    assert!(text.contains("directory_mirrored{account=\"two\",directory=\"dir_10004\"} 0"), "{text}");
}

#[test]
fn odd_and_long_names_are_escaped_and_limited_and_what_differs_stays_apart() {
    let measured = Measured::new(&[4, 3]);
    measured.tick(Kind::Incremental);
    let long = "x".repeat(5_000);
    File::execute(
        &measured.folder.path().join("mirror.db"),
        &format!(
            "UPDATE directory SET name = 'a \"quoted\" \\ name' || char(10) || char(0) || 'of two lines';
             UPDATE directory SET directory_id = '{long}' || directory_key"
        ),
    );
    let text = measured.text();
    assert!(text.lines().all(|line| line.len() < 500), "{text}");
    assert!(!text.contains('\0'));
    let info = told(&scrape(&text), "directory_info");
    assert_eq!(info.len(), 2, "{info:?}");
    assert!(info.keys().all(|series| series.contains(r#"a \"quoted\" \\ name"#)), "{info:?}");
}

#[test]
fn a_file_that_cannot_be_read_is_told_of_and_the_rest_is_told_all_the_same() {
    let measured = Measured::new(&[40]);
    measured.tick(Kind::Incremental);
    File::execute(&measured.folder.path().join("mirror.db"), "ALTER TABLE walk RENAME TO walk_elsewhere");
    let scrape = measured.scrape();
    assert_eq!(scrape["coupontools_mirror_file_readable"], 0.0);
    assert_eq!(scrape["coupontools_mirror_ticks_total{account=\"one\"}"], 1.0);
    assert!(scrape["coupontools_mirror_file_bytes"] > 0.0);
    assert!(told(&scrape, "directory_registrations").is_empty());
}

#[test]
fn a_process_that_only_serves_tells_of_the_file_and_of_itself_and_of_no_walks() {
    let measured = Measured::new(&[40]);
    measured.tick(Kind::Incremental);
    let server = Metrics::of_server(&wanted());
    let under_way = (server.begin_query(), server.begin_query());
    drop(under_way.0);
    server.refuse_query();
    for (route, method) in [(Some("/directories/{id}"), "GET"), (None, "BREW")] {
        let method = method.parse().unwrap();
        server.count_served(&Served { route, method: &method, ..SERVED });
    }
    let text = measured.runtime.block_on(server.render(&measured.reader));
    let scrape = scrape(&text);
    let sample = |name: &str| scrape[&format!("coupontools_mirror_{name}")];
    assert_eq!(sample("directory_registrations{account=\"one\",directory=\"dir_10001\"}"), 40.0);
    assert_eq!(sample("http_requests_total{method=\"GET\",route=\"/directories/{id}\",status=\"200\"}"), 1.0);
    assert_eq!(sample("http_requests_total{method=\"other\",route=\"other\",status=\"200\"}"), 1.0);
    assert_eq!((sample("queries_under_way"), sample("queries_refused_total")), (1.0, 1.0));
    assert!(!text.contains("walk_pages") && !text.contains("api_") && !text.contains("ticks"), "{text}");
}

#[test]
fn names_kinds_and_labels_stay_what_dashboards_and_alerts_take_them_for() {
    let measured = Measured::new(&[40]);
    measured.tick(Kind::Full);
    measured.metrics.count_served(&SERVED);
    measured.metrics.set_firing(vec![Key::of_file(alert::Kind::DiskLow)]);
    measured.metrics.set_log_held(Duration::ZERO);
    assert!(!measured.text().contains("snapshot_last_success"), "absent before the first");
    measured.metrics.tell_last_snapshot(coupontools_mirror::clock::now());
    let text = measured.text();
    let found: Vec<String> = families(&text);
    let golden = include_str!("names.golden");
    let golden: Vec<&str> = golden.lines().filter(|line| !line.starts_with('#')).collect();
    assert_eq!(found, golden, "a name is a promise: {}", found.join("\n"));
    let helps = text.lines().filter(|line| line.starts_with("# HELP ")).count();
    assert_eq!(helps, found.len(), "each has its HELP");
    for secret in ["secret-one", "id-one", "@"] {
        assert!(!text.contains(secret), "{secret} is told");
    }
}

/// `name kind label label` of each family.
fn families(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    for line in text.lines().filter_map(|line| line.strip_prefix("# TYPE ")) {
        let name = line.split(' ').next().unwrap();
        let mut labels = BTreeSet::new();
        for series in text.lines().filter(|series| series.starts_with(name)) {
            let rest = &series[name.len()..];
            let Some((of, rest)) = rest.split_once('{') else { continue };
            if !matches!(of, "" | "_bucket" | "_sum" | "_count") {
                continue;
            }
            let pairs = rest.split("\",").map(|pair| pair.split('=').next().unwrap().to_owned());
            labels.extend(pairs.filter(|label| label != "le"));
        }
        let labels: Vec<_> = labels.into_iter().collect();
        found.push([&[line.to_owned()][..], &labels].concat().join(" "));
    }
    found
}
