//! Neither secrets nor personal data in anything that is logged or shown of a process (I8).

use coupontools_mirror::simulator::Options;
use rustix::process::Signal;
use serde_json::{Value, json};

use crate::stage::{DIRECTORY, Mirror, Upstream, until};

const KEYS: [&str; 2] = ["demo-id", "demo-secret"];

/// What must never be said: keys, addresses, numbers, names of everybody.
fn personal(upstream: &Upstream) -> Vec<String> {
    let mut words: Vec<String> = KEYS.map(str::to_owned).into();
    for row in upstream.standing(DIRECTORY).unwrap() {
        let name = [row.first_name, row.last_name].map(Option::unwrap_or_default);
        words.extend([row.email, row.phone, row.address].into_iter().flatten());
        words.extend(name.into_iter().filter(|name| name.chars().count() >= 5));
    }
    words
}

#[track_caller]
fn assert_discreet(text: &str, words: &[String]) {
    for word in words {
        assert!(!text.contains(word.as_str()), "{word:?} is told in: {text}");
    }
}

#[test]
fn nothing_personal_is_said_whatever_happens_in_either_format() {
    for format in ["text", "json"] {
        let upstream = Upstream::start(Options { seed: 42, ..Options::quiet(&[350]) });
        let mirror = Mirror::of(&upstream).api("timeout_s = 2");
        let words = personal(&upstream);
        let sync = |arguments: &[&str]| {
            let global = ["--log-format", format, "--log-level", "trace"];
            let ended = mirror.call(&[&global[..], &["sync"], arguments].concat());
            assert_discreet(&ended.stderr, &words);
            assert_discreet(&ended.stdout, &words);
        };
        upstream.set(json!({ "values": "odd", "dates": "no-dates", "secrets": "present" }));
        sync(&["--json"]);
        upstream.stir(DIRECTORY);
        let faults = [
            "unknown-shape",
            "truncated-json",
            "not-json",
            "reset-mid-body",
            "hang",
            "huge-body",
            "redirect",
            "gone-directory",
            "wrong-parameter,times=2",
            "refused-keys",
        ];
        for fault in faults {
            upstream.fault(&format!("{fault},call=users-list"));
            sync(&["--full"]);
            upstream.clear_faults();
        }
        for variant in [json!({ "row_ids": "absent" }), json!({ "container": "unknown-shape" })] {
            upstream.set(variant);
            sync(&["--full"]);
        }
    }
}

#[test]
fn a_process_shows_no_keys_and_a_daemon_says_nothing_personal() {
    let upstream = Upstream::of(&[350]);
    let mirror = Mirror::of(&upstream).with("[schedule]\nincremental = \"* * * * * *\"");
    let daemon = mirror.start(&["--log-level", "debug", "run"]);
    until("two ticks are over", || daemon.stderr().matches(" walk ").count() >= 2);
    for file in ["cmdline", "comm"] {
        let shown = std::fs::read_to_string(format!("/proc/{}/{file}", daemon.pid())).unwrap();
        assert!(shown.contains("coupontools"), "{shown}");
        KEYS.iter().for_each(|key| assert!(!shown.contains(key), "{shown}"));
    }
    daemon.signal(Signal::TERM);
    let ended = daemon.end().exits(0);
    assert_discreet(&ended.stderr, &personal(&upstream));
}

#[test]
fn a_walk_is_one_line_with_its_figures() {
    let upstream = Upstream::of(&[1_350, 30]);
    let mirror = Mirror::of(&upstream);
    let ended = mirror.call(&["--log-format", "json", "sync"]).exits(0);
    let lines: Vec<Value> = ended.stderr.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let walks: Vec<_> = lines.iter().filter(|line| line["message"] == "walk").collect();
    assert_eq!((walks.len(), lines.len()), (2, 2), "{}", ended.stderr);
    let large = walks.iter().find(|walk| walk["directory"] == DIRECTORY).unwrap();
    let figures =
        ["account", "kind", "outcome", "pages", "rows_read", "created", "removed", "missing", "took_ms"];
    assert!(figures.iter().all(|figure| !large[figure].is_null()), "{large}");
    assert_eq!((&large["pages"], &large["created"]), (&15.into(), &1_350.into()));
}
