//! Signals: the first ends it after the request in flight, the second at once; and what is drawn meanwhile.

use rustix::process::Signal;
use serde_json::json;

use super::{mirrored, outcomes, patient, received, send, told, write_list};
use crate::stage::{DEADLINE, DIRECTORY, Mirror, Upstream, play, until};

const SIGNALS: [Signal; 2] = [Signal::INT, Signal::TERM];

fn campaign(list: &str) -> [&str; 7] {
    ["send", "email", "--directory", DIRECTORY, "--to-file", list, "--yes"]
}

/// Everybody of three has it once, but for those that nobody knows of.
#[track_caller]
fn assert_once(upstream: &Upstream, mirror: &Mirror, unknown: i64) {
    let received = received(upstream);
    assert!(received.values().all(|times| *times == 1), "{received:?}");
    let mut expected = vec![("sent".to_owned(), 3 - unknown)];
    expected.extend((unknown > 0).then(|| ("unknown".to_owned(), unknown)));
    assert_eq!(outcomes(mirror), expected.into_iter().collect());
}

#[test]
fn the_first_signal_waits_for_the_answer_in_flight() {
    for signal in SIGNALS {
        let (upstream, mirror) = patient(3, 60);
        upstream.fault("slow-body,call=send-email,delay_ms=2000");
        let list = write_list(&mirror, 3);
        let running = mirror.start(&[&campaign(&list)[..], &["--json"]].concat());
        until("the vendor took it", || upstream.sends().len() == 1);
        running.signal(signal);
        let outcome = told(&running.end().exits(1).says("stopping; a second signal stops at once"));
        let outcome = &outcome["outcome"];
        assert_eq!((&outcome["sent"], &outcome["left"]), (&json!(1), &json!(2)), "{outcome}");
        assert_eq!((&outcome["ended"], &outcome["unknown"]), (&json!("stopped"), &json!(0)));
        assert_eq!(outcomes(&mirror), [("sent".into(), 1)].into());
        mirror.call(&campaign(&list)).exits(0);
        assert_once(&upstream, &mirror, 0);
    }
}

#[test]
fn where_no_answer_comes_the_first_signal_waits_for_the_time_out_and_no_longer() {
    let (upstream, mirror) = patient(3, 3);
    upstream.fault("hang-after,times=2");
    let list = write_list(&mirror, 3);
    let running = mirror.start(&[&campaign(&list)[..], &["--json"]].concat());
    until("the vendor took it", || upstream.sends().len() == 1);
    running.signal(Signal::INT);
    let outcome = told(&running.end().exits(1))["outcome"].clone();
    assert_eq!((&outcome["unknown"], &outcome["left"]), (&json!(1), &json!(2)), "{outcome}");
    assert_eq!(outcome["ended"], "stopped");
    upstream.clear_faults();
    mirror.call(&campaign(&list)).exits(0);
    assert_once(&upstream, &mirror, 1);
}

#[test]
fn the_second_signal_ends_it_at_once_and_the_next_run_calls_it_unknown() {
    let cases: Vec<_> = SIGNALS.into_iter().flat_map(|first| SIGNALS.map(|second| (first, second))).collect();
    play(
        &cases,
        |(first, second)| format!("{first:?} {second:?}"),
        |&(first, second)| {
            let (upstream, mirror) = patient(3, 600);
            upstream.fault("hang-after");
            let list = write_list(&mirror, 3);
            let mut running = mirror.start(&campaign(&list));
            until("the vendor took it", || upstream.sends().len() == 1);
            running.signal(first);
            running.until_says("stopping; a second signal stops at once");
            assert!(!running.has_ended());
            running.signal(second);
            running.end().exits(128 + second.as_raw());
            assert_eq!(outcomes(&mirror), [("sending".into(), 1)].into());
            mirror.call(&campaign(&list)).exits(0).says("a process died while it sent");
            assert_once(&upstream, &mirror, 1);
        },
    );
}

#[test]
fn a_send_to_one_is_stopped_as_a_campaign_is() {
    let (upstream, mirror) = patient(3, 600);
    upstream.fault("hang");
    let arguments = ["send", "email", "--directory", DIRECTORY, "--to", "ann@example.com"];
    let running = mirror.start(&arguments);
    until("it is being sent", || outcomes(&mirror).contains_key("sending"));
    running.signal(Signal::INT);
    running.until_says("stopping");
    running.signal(Signal::INT);
    running.end().exits(130);
    mirror.call(&arguments).exits(1).says("perhaps sent before");
    assert!(upstream.sends().is_empty());
}

#[test]
fn a_campaign_draws_its_progress_at_a_terminal_and_nothing_in_a_pipe() {
    let (upstream, mirror) = mirrored(3);
    upstream.set(json!({ "latency_ms": 40 }));
    let list = write_list(&mirror, 40);
    let mut command = mirror.command(&campaign(&list));
    command.env("TERM", "xterm").env("COLUMNS", "120");
    let deadline_ms = u64::try_from(DEADLINE.as_millis()).unwrap();
    let mut terminal = rexpect::session::spawn_command(command, Some(deadline_ms)).unwrap();
    for words in ["40  to be sent", "/40 sent", "left", "40  sent"] {
        terminal.exp_string(words).unwrap();
    }
    let rest = terminal.exp_eof().unwrap();
    assert!(!rest.contains("/40 sent"), "the bar is gone: {rest}");
    assert_eq!(upstream.sends().len(), 40);

    upstream.set(json!({ "latency_ms": 0 }));
    let ended = send(&mirror, "email", &["--to-file", &list, "--campaign", "again", "--yes"]).exits(0);
    assert!(!ended.stdout.contains('\r') && !ended.stdout.contains('\u{1b}'), "{}", ended.stdout);
    assert_eq!(ended.stderr, "");
    assert_eq!(upstream.sends().len(), 80);
}

#[test]
fn a_terminal_that_is_closed_stops_as_a_signal_does() {
    let (upstream, mirror) = patient(3, 60);
    upstream.fault("slow-body,call=send-email,delay_ms=2000");
    let list = write_list(&mirror, 3);
    let running = mirror.start(&campaign(&list));
    until("the vendor took it", || upstream.sends().len() == 1);
    running.signal(Signal::HUP);
    running.end().exits(1);
    assert_eq!(outcomes(&mirror), [("sent".into(), 1)].into());
}

#[test]
fn a_reader_that_leaves_stops_nothing_and_hides_nothing() {
    let (upstream, mirror) = mirrored(3);
    let list = write_list(&mirror, 3);
    upstream.set(json!({ "refused_recipients": ["person1@example.com"] }));
    let mut command = mirror.command(&campaign(&list));
    let mut child = command.stdout(std::process::Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    assert_eq!(child.wait().unwrap().code(), Some(1), "one was not sent to");
    assert_eq!(received(&upstream).len(), 2);
}
