//! Sends: to nobody who does not want it, to nobody twice by accident; judged by the simulator's own record.

mod campaigns;
mod errors;
mod ledger;
mod lists;
mod opt_outs;
mod past;
mod restored;
mod single;
mod stopping;
mod texts;

use std::collections::BTreeMap;
use std::process::Command;

use serde_json::Value;

use crate::stage::{DEADLINE, DIRECTORY, Ended, Mirror, PROGRAM, Upstream};

/// A mirror of a few people, fast enough for tests.
fn mirrored(registrations: u32) -> (Upstream, Mirror) {
    patient(registrations, 1)
}

/// The same; an answer is waited for so long.
fn patient(registrations: u32, timeout_s: u32) -> (Upstream, Mirror) {
    let upstream = Upstream::of(&[registrations]);
    let timeout = format!("timeout_s = {timeout_s}");
    let mirror = Mirror::of(&upstream).with("[sends]\nper_second = 1000").api(&timeout);
    mirror.sync(&[]).exits(0);
    (upstream, mirror)
}

/// `send email|sms --directory … ` and more.
fn send(mirror: &Mirror, channel: &str, more: &[&str]) -> Ended {
    mirror.call(&[&["send", channel, "--directory", DIRECTORY], more].concat())
}

/// How often each recipient was sent something, by what the simulator remembers.
fn received(upstream: &Upstream) -> BTreeMap<String, usize> {
    let mut received = BTreeMap::new();
    for send in upstream.sends() {
        *received.entry(send.recipient).or_insert(0) += 1;
    }
    received
}

/// What `--json` printed.
#[track_caller]
fn told(ended: &Ended) -> Value {
    serde_json::from_str(&ended.stdout).unwrap()
}

/// Outcomes in the ledger, and how many sends have each.
fn outcomes(mirror: &Mirror) -> BTreeMap<String, i64> {
    let file = mirror.file();
    let outcomes = file.texts("SELECT DISTINCT outcome FROM sends");
    let count = |outcome: &str| file.count(&format!("sends WHERE outcome = '{outcome}'"));
    outcomes.into_iter().map(|outcome| (outcome.clone(), count(&outcome))).collect()
}

/// What a command shows at a terminal of 80 columns.
fn at_a_terminal(mirror: &Mirror, arguments: &[&str]) -> String {
    let mut command = Command::new("sh");
    command.args(["-c", "stty cols 80 <&1 && exec \"$@\"", "sh", PROGRAM]).args(arguments);
    mirror.prepare(&mut command);
    let deadline_ms = u64::try_from(DEADLINE.as_millis()).unwrap();
    rexpect::session::spawn_command(command, Some(deadline_ms)).unwrap().exp_eof().unwrap()
}

/// A list of invented addresses, one a line.
fn write_list(mirror: &Mirror, count: usize) -> String {
    let path = mirror.path("list.txt");
    let lines: String = (0..count).map(|n| format!("person{n}@example.com\n")).collect();
    std::fs::write(&path, lines).unwrap();
    path.display().to_string()
}
