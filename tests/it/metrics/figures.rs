//! Every figure is the simulator's or the file's.

use std::collections::BTreeMap;

use coupontools_mirror::simulator::journal::Request;
use coupontools_mirror::simulator::{FaultKind, Mutation};
use coupontools_mirror::walk::Kind;

use super::{ACCOUNTS, Measured, Scrape, scrape, told};
use crate::stage::DIRECTORY;

fn count(samples: &mut Scrape, series: String) {
    *samples.entry(series).or_default() += 1.0;
}

/// The samples of requests and errors that the simulator's journal asks for.
fn judge(requests: &[Request]) -> (Scrape, Scrape) {
    let (mut asked, mut errors) = (Scrape::new(), Scrape::new());
    for request in requests {
        let account = request.account.as_deref().map_or("three", |id| id.trim_start_matches("id-"));
        let call = request.call.path().trim_start_matches("/v3/");
        let (status, code) = match (request.fault, request.error_code) {
            (_, Some(code @ (1000 | 101 | 102))) => ("401", Some(code.to_string())),
            (_, Some(code)) => ("422", Some(code.to_string())),
            (Some(FaultKind::Http500), _) => ("500", None),
            (Some(FaultKind::Http502), _) => ("502", None),
            (Some(FaultKind::Http503), _) => ("503", None),
            (Some(FaultKind::Http429), _) => ("429", None),
            (Some(FaultKind::Hang), _) => ("timeout", None),
            (Some(FaultKind::Reset | FaultKind::ResetMidBody), _) => ("broken", None),
            (Some(FaultKind::Redirect), _) => ("302", Some("redirected".to_owned())),
            (Some(FaultKind::NotJson | FaultKind::TruncatedJson), _) => ("200", Some("not_json".to_owned())),
            (Some(FaultKind::UnknownShape), _) => ("200", Some("not_understood".to_owned())),
            (None, None) => ("200", None),
            (fault, _) => panic!("nothing is expected of {fault:?}"),
        };
        let labels = format!("{{account=\"{account}\",call=\"{call}\",status=\"{status}\"}}");
        count(&mut asked, format!("api_requests_total{labels}"));
        if let Some(code) = code {
            count(&mut errors, format!("api_errors_total{{account=\"{account}\",code=\"{code}\"}}"));
        }
    }
    (asked, errors)
}

#[test]
fn requests_by_status_and_errors_by_code_are_those_of_the_simulators_journal() {
    let measured = Measured::new(&[350, 120, 40]);
    measured.tick(Kind::Full);
    for fault in [
        "http-500,call=users-list,times=2",
        "http-429,call=directory-list,account=id-one",
        "http-503,call=users-list,directory=dir_10002",
        "hang,call=users-list,directory=dir_10001,page=2",
        "reset,call=users-list,directory=dir_10001,page=3",
        "reset-mid-body,call=users-list,directory=dir_10001,page=4",
        "not-json,call=users-list,directory=dir_10002,page=2",
        "unknown-shape,call=users-list,directory=dir_10003",
        "gone-directory,call=users-list,directory=dir_10003,skip=2",
        "redirect,call=directory-list,account=id-two,skip=1,location=https://example.com/",
    ] {
        measured.upstream.fault(fault);
    }
    for _ in 0..4 {
        measured.tick(Kind::Full);
    }
    assert_eq!(measured.upstream.faults(), [], "every fault was met");
    let requests = measured.upstream.requests();
    let (asked, errors) = judge(&Vec::from(requests.requests.clone()));
    let scrape = measured.scrape();
    assert_eq!(told(&scrape, "api_requests_total"), asked);
    assert_eq!(told(&scrape, "api_errors_total"), errors);
    let timed: f64 = told(&scrape, "api_request_duration_seconds_count").values().sum();
    assert_eq!(timed, requests.total as f64);
    for kind in ["429", "500", "503", "timeout", "broken", "302", "401", "422"] {
        assert!(asked.keys().any(|series| series.contains(&format!("status=\"{kind}\""))), "{kind}");
    }
    let refused = BTreeMap::from([("account_refused{account=\"three\"}".to_owned(), 1.0)]);
    assert_eq!(told(&scrape, "account_refused"), refused);
}

#[test]
fn walks_and_what_they_did_are_those_of_the_file() {
    let measured = Measured::new(&[350, 120, 40]);
    measured.tick(Kind::Incremental);
    for (directory, gone) in [(DIRECTORY, 200), ("dir_10002", 10)] {
        let some = Mutation { insert: 6, edit: 9, delete_random: gone, ..Mutation::default() };
        measured.upstream.change(directory, some);
    }
    measured.upstream.fault("not-json,call=users-list,directory=dir_10003,times=5");
    for _ in 0..3 {
        measured.tick(Kind::Full);
    }
    let (scrape, file) = (measured.scrape(), measured.file());
    let sample = |name: &str| scrape[&format!("coupontools_mirror_{name}")];
    let number = |sql: &str| file.value::<i64>(sql) as f64;

    let walks = file.texts(
        "SELECT 'walks_total{account=\"' || d.account || '\",kind=\"' || w.kind || '\",outcome=\"' || w.outcome
             || '\"} ' || count(*)
         FROM walks AS w JOIN directories AS d USING (directory_id) GROUP BY d.account, w.kind, w.outcome",
    );
    assert_eq!(told(&scrape, "walks_total"), self::scrape(&walks.join("\n")));
    assert!(walks.iter().any(|walk| walk.contains("failed")), "{walks:?}");
    for (metric, column) in [
        ("walk_pages_total", "pages"),
        ("walk_rows_total", "rows_read"),
        ("registrations_created_total", "created"),
        ("registrations_recovered_total", "recovered"),
        ("registrations_updated_total", "updated"),
        ("registrations_removed_total", "removed"),
        ("registrations_restored_total", "restored"),
    ] {
        assert_eq!(sample(metric), number(&format!("SELECT sum({column}) FROM walks")), "{metric}");
    }
    assert!(sample("registrations_removed_total") > 0.0 && sample("registrations_updated_total") > 0.0);
    for account in ACCOUNTS {
        assert_eq!(sample(&format!("ticks_total{{account=\"{account}\"}}")), 4.0);
        assert_eq!(sample(&format!("ticks_dropped_total{{account=\"{account}\"}}")), 0.0);
    }
}

#[test]
fn directories_accounts_and_sizes_are_those_of_the_file() {
    let measured = Measured::new(&[350, 120, 40]);
    measured.tick(Kind::Incremental);
    for (directory, gone) in [(DIRECTORY, 200), ("dir_10002", 10)] {
        measured.upstream.change(directory, Mutation { delete_random: gone, ..Mutation::default() });
    }
    for _ in 0..2 {
        measured.tick(Kind::Full);
    }
    let (scrape, file) = (measured.scrape(), measured.file());
    let expected = |metric: &str, value: &str| {
        let sql = format!(
            "SELECT '{metric}{{account=\"' || a.name || '\",directory=\"' || d.directory_id || '\"}} ' || {value}
             FROM directory AS d JOIN account AS a USING (account_key) WHERE {value} <> 0"
        );
        self::scrape(&file.texts(&sql).join("\n"))
    };
    let missing = "(SELECT count(*) FROM registration AS r WHERE r.directory_key = d.directory_key
        AND r.missing_since IS NOT NULL AND r.removed_at IS NULL)";
    let removed = "(SELECT count(*) FROM registration AS r WHERE r.directory_key = d.directory_key
        AND r.removed_at IS NOT NULL)";
    let standing = "(SELECT count(*) FROM registration AS r WHERE r.directory_key = d.directory_key
        AND r.removed_at IS NULL)";
    for (metric, value) in [
        ("directory_registrations", standing),
        ("directory_registrations_missing", missing),
        ("directory_registrations_removed", removed),
        ("directory_first_seen_timestamp_seconds", "unixepoch(d.first_seen_at)"),
        ("directory_last_complete_timestamp_seconds", "unixepoch(d.last_complete_at)"),
        ("directory_last_full_timestamp_seconds", "unixepoch(d.last_full_at)"),
        ("directory_brake_held", "(d.brake_held_at IS NOT NULL)"),
        ("directory_last_walk_failed", "(d.last_error IS NOT NULL)"),
    ] {
        let expected = expected(metric, value);
        assert!(!expected.is_empty(), "{metric}");
        assert_eq!(told(&scrape, metric), expected, "{metric}");
    }
    let held = format!("directory_brake_held{{account=\"one\",directory=\"{DIRECTORY}\"}}");
    assert_eq!(told(&scrape, "directory_brake_held").into_keys().collect::<Vec<_>>(), [held]);
    let failed = BTreeMap::from([("account_listing_failed{account=\"three\"}".to_owned(), 1.0)]);
    assert_eq!(told(&scrape, "account_listing_failed"), failed);

    let sample = |name: &str| scrape[&format!("coupontools_mirror_{name}")];
    let last_change = file.value::<i64>("SELECT max(seq) FROM registration_changes");
    assert_eq!((sample("file_readable"), sample("change_seq")), (1.0, last_change as f64));
    let bytes = std::fs::metadata(measured.folder.path().join("mirror.db")).unwrap().len();
    assert_eq!(sample("file_bytes"), bytes as f64);
    assert!(sample("disk_free_bytes") <= sample("disk_size_bytes"));
}
