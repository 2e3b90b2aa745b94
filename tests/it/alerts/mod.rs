//! The operator is told of what is wrong, once, and once it is over: by a real command, over a real socket.

mod by_command;
mod by_webhook;
mod disk;
mod kinds;
mod log;
mod status;

use std::os::unix::fs::PermissionsExt;

use coupontools_mirror::simulator::Mutation;
use rustix::process::Signal;
use serde_json::Value;

use crate::stage::{Mirror, Running, Upstream, until};

/// Ticks every second, full walks never.
const EVERY_SECOND: &str = "[schedule]\nincremental = \"* * * * * *\"\nfull = \"0 0 0 29 2 *\"";
/// Takes what it is told.
const TAKE: &str = "cat >> told";

/// A mirror that ticks every second and tells a command, which is this script.
fn telling(mirror: Mirror, script: &str) -> Mirror {
    let mirror = mirror.with(EVERY_SECOND);
    with_command(mirror, script)
}

/// A mirror that tells a command, which is this script, run in the mirror's folder.
fn with_command(mirror: Mirror, script: &str) -> Mirror {
    let path = mirror.path("alert");
    let folder = mirror.folder().display();
    std::fs::write(&path, format!("#!/bin/sh\ncd {folder}\n{script}\n")).unwrap();
    std::fs::set_permissions(&path, PermissionsExt::from_mode(0o755)).unwrap();
    mirror.with(&format!("[alerts]\nafter_failures = 2\ncommand = [{path:?}, \"an argument; with 'signs'\"]"))
}

/// Everything that the command took so far.
fn told(mirror: &Mirror) -> Vec<Value> {
    let text = std::fs::read_to_string(mirror.path("told")).unwrap_or_default();
    // The last line may be on its way.
    let whole = text.rfind('\n').map_or("", |end| &text[..end]);
    whole.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// `alert state directory-or-account`, in the order in which they were told.
fn brief(told: &[Value]) -> Vec<String> {
    let word = |alert: &Value, key: &str| alert[key].as_str().unwrap_or("-").to_owned();
    told.iter()
        .map(|alert| {
            let words = ["alert", "state", "account", "directory_id"].map(|key| word(alert, key));
            words.join(" ")
        })
        .collect()
}

/// Waits until the command took exactly these.
#[track_caller]
fn until_told(mirror: &Mirror, expected: &[&str]) -> Vec<Value> {
    let mut last = Vec::new();
    until(&format!("{expected:?} is told"), || {
        last = told(mirror);
        let brief = brief(&last);
        assert!(brief.len() <= expected.len(), "told {brief:?}, expected {expected:?}");
        brief == expected
    });
    last
}

/// What is told has the promised keys, its end belongs to its beginning, and nothing of a person.
fn assert_fit_to_send(told: &[Value], upstream: &Upstream) {
    let people: Vec<String> = upstream
        .truth()
        .iter()
        .flat_map(|directory| upstream.standing(&directory.directory_id).unwrap())
        .flat_map(|row| [row.email, row.phone, row.last_name, row.address])
        .flatten()
        .filter(|value| value.len() > 4)
        .collect();
    assert!(people.len() > 50, "{}", people.len());
    for alert in told {
        let keys: Vec<_> = alert.as_object().unwrap().keys().map(String::as_str).collect();
        assert_eq!(keys, ["alert", "state", "account", "directory_id", "since", "message"]);
        let text = alert.to_string();
        assert!(!text.contains('@') && !text.contains("demo-"), "{text}");
        let message = alert["message"].as_str().unwrap();
        let found = people.iter().find(|value| message.contains(value.as_str()));
        assert_eq!(found, None, "{message}");
        if alert["state"] == "resolved" {
            let begins = told.iter().any(|other| {
                other["state"] == "firing"
                    && ["alert", "account", "directory_id", "since"]
                        .iter()
                        .all(|key| other[key] == alert[key])
            });
            assert!(begins, "{alert} has no beginning in {told:?}");
        }
    }
}

/// More ticks than failures that it takes go by, and nothing more is told.
#[track_caller]
fn assert_quiet(daemon: &Running, mirror: &Mirror) {
    let (before, walks) = (told(mirror), daemon.stderr().matches(" walk ").count());
    until("some ticks are over", || daemon.stderr().matches(" walk ").count() >= walks + 4);
    assert_eq!(told(mirror), before);
}

fn stop(daemon: Running) {
    daemon.signal(Signal::TERM);
    daemon.end().exits(0);
}

/// Half of it goes.
fn decimate(upstream: &Upstream, directory: &str) {
    upstream.change(directory, Mutation { delete_random: 300, ..Mutation::default() });
}
