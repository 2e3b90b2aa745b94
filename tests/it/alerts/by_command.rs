//! A command is told at least once, in order, whatever becomes of it or of the daemon.

use std::path::Path;

use super::{TAKE, assert_quiet, stop, telling, told, until_told};
use crate::stage::{Mirror, Running, Upstream, until};

const GONE: &str = "gone-directory,directory=dir_10002,times=100000";
const FIRING: &str = "not_fresh firing default dir_10002";
const RESOLVED: &str = "not_fresh resolved default dir_10002";

/// Hangs until there is a file `ok`, and says which processes do.
const HANG: &str =
    "test -e ok && { cat >> told; exit; }; sleep 1000 & echo $! $$ > pids.new; mv pids.new pids; wait";

fn failing(script: &str) -> (Upstream, Mirror) {
    let upstream = Upstream::of(&[120, 30]);
    upstream.fault(GONE);
    let mirror = telling(Mirror::of(&upstream), script);
    (upstream, mirror)
}

/// The processes of a command that hangs.
fn hanging(mirror: &Mirror) -> Vec<String> {
    until("the command hangs", || mirror.path("pids").exists());
    let pids = std::fs::read_to_string(mirror.path("pids")).unwrap();
    pids.split_whitespace().map(|pid| format!("/proc/{pid}")).collect()
}

fn are_gone(processes: &[String]) -> bool {
    processes.iter().all(|process| !Path::new(process).exists())
}

#[test]
fn a_command_that_fails_is_told_again_until_it_takes_it_and_what_it_said_is_logged() {
    let script = "echo x >> tries; test $(wc -l < tries) -gt 2 || { echo no room in the queue >&2; exit 3; }; cat >> told";
    let (upstream, mirror) = failing(script);
    let daemon = mirror.start(&["run"]);
    until_told(&mirror, &[FIRING]);
    for words in ["exit status: 3", "no room in the queue", "it is tried again", "alert told"] {
        daemon.until_says(words);
    }
    assert_quiet(&daemon, &mirror);
    upstream.clear_faults();
    until_told(&mirror, &[FIRING, RESOLVED]);
    until("nothing is due", || mirror.file().count("alert_due") == 0);
    stop(daemon);
}

#[test]
fn a_command_that_hangs_is_ended_with_all_that_it_began_and_delays_no_walk() {
    let (_upstream, mirror) = failing(HANG);
    let daemon = mirror.start(&["run"]);
    let processes = hanging(&mirror);
    let walks = daemon.stderr().matches(" walk ").count();
    until("walks go on", || daemon.stderr().matches(" walk ").count() >= walks + 10);
    assert!(!are_gone(&processes), "it hangs");
    std::fs::write(mirror.path("ok"), "").unwrap();
    daemon.until_says("it took longer than 30 s");
    until("its processes are gone", || are_gone(&processes));
    until_told(&mirror, &[FIRING]);
    stop(daemon);
}

#[test]
fn who_is_killed_while_telling_tells_it_again_at_the_next_start() {
    let (_upstream, mirror) = failing(HANG);
    let daemon = mirror.start(&["run"]);
    let processes = hanging(&mirror);
    daemon.kill();
    assert_eq!(mirror.file().count("alert_due"), 1);
    for process in processes {
        let pid = process.trim_start_matches("/proc/").parse().unwrap();
        // The daemon could not end what it began.
        let _ = rustix::process::kill_process(
            rustix::process::Pid::from_raw(pid).unwrap(),
            rustix::process::Signal::KILL,
        );
    }
    std::fs::write(mirror.path("ok"), "").unwrap();
    let daemon = mirror.start(&["run"]);
    until_told(&mirror, &[FIRING]);
    assert_quiet(&daemon, &mirror);
    stop(daemon);
}

#[test]
fn what_was_over_before_it_could_be_told_is_told_both_in_order_also_by_the_next_start() {
    let (upstream, mirror) = failing("test -e ok || exit 1; cat >> told");
    let daemon = mirror.start(&["run"]);
    daemon.until_says("alert begins");
    until("it fires", || mirror.file().count("alert") == 1);
    upstream.clear_faults();
    until("it is over", || mirror.file().count("alert_due") == 2);
    stop(daemon);
    std::fs::write(mirror.path("ok"), "").unwrap();
    let daemon = mirror.start(&["run"]);
    until_told(&mirror, &[FIRING, RESOLVED]);
    assert_quiet(&daemon, &mirror);
    stop(daemon);
}

#[test]
fn stopping_ends_a_command_that_hangs_after_a_moment() {
    let (_upstream, mirror) = failing(HANG);
    let daemon = mirror.start(&["run"]);
    let processes = hanging(&mirror);
    stop(daemon);
    until("its processes are gone", || are_gone(&processes));
    assert_eq!(mirror.file().count("alert_due"), 1);
}

#[test]
fn a_command_gets_its_arguments_as_they_are_and_nothing_that_only_the_daemon_was_given() {
    let (_upstream, mirror) =
        failing("printf %s \"$1\" > argument; env > environment; ps -o pgid= $$ > group; cat >> told");
    let mut command = mirror.command(&["run"]);
    command.env("NOTIFY_SOCKET", "@none").env("CREDENTIALS_DIRECTORY", "/nowhere").env("LANG", "C.UTF-8");
    let daemon = Running::start(&mut command);
    until_told(&mirror, &[FIRING]);
    let read = |name: &str| std::fs::read_to_string(mirror.path(name)).unwrap();
    assert_eq!(read("argument"), "an argument; with 'signs'");
    let environment = read("environment");
    assert!(environment.contains("LANG=C.UTF-8") && environment.contains("PATH="), "{environment}");
    for not_given in ["NOTIFY_SOCKET", "CREDENTIALS_DIRECTORY", "COUPONTOOLS", "demo-secret"] {
        assert!(!environment.contains(not_given), "{environment}");
    }
    assert_ne!(read("group").trim(), daemon.pid().to_string());
    stop(daemon);
}

#[test]
fn a_command_that_does_not_read_or_says_much_or_leaves_something_running_is_told_all_the_same() {
    for script in ["exit 0", "head -c 3000000 /dev/zero | tr '\\0' x", "sleep 5 & exit 0"] {
        let (_upstream, mirror) = failing(&format!("echo {{}} >> told; {script}"));
        let daemon = mirror.start(&["run"]);
        daemon.until_says("alert told");
        until("nothing is due", || mirror.file().count("alert_due") == 0);
        assert_eq!(told(&mirror).len(), 1, "{script}");
        stop(daemon);
    }
}

#[test]
fn a_command_that_is_not_there_is_said_and_tried_again() {
    let (_upstream, mirror) = failing(TAKE);
    std::fs::rename(mirror.path("alert"), mirror.path("aside")).unwrap();
    let daemon = mirror.start(&["run"]);
    daemon.until_says("No such file or directory");
    std::fs::rename(mirror.path("aside"), mirror.path("alert")).unwrap();
    until_told(&mirror, &[FIRING]);
    stop(daemon);
}

#[test]
fn a_trial_tells_of_a_beginning_and_an_end_and_says_whether_they_were_taken() {
    let upstream = Upstream::of(&[30]);
    let mirror = Mirror::of(&upstream);
    mirror.call(&["alert", "test"]).exits(78).says("it names neither a command nor a webhook").says("hint:");
    let mirror = telling(mirror, TAKE);
    let said = mirror.call(&["alert", "test"]).exits(0).stdout;
    assert_eq!(said, "command: took `firing`\ncommand: took `resolved`\n");
    let told = until_told(&mirror, &["not_fresh firing - -", "not_fresh resolved - -"]);
    assert!(told[0]["message"].as_str().unwrap().contains("trial"), "{told:?}");
    std::fs::write(mirror.path("alert"), "#!/bin/sh\nexit 9\n").unwrap();
    let said = mirror.call(&["alert", "test"]).exits(1).stdout;
    assert!(said.contains("did not take `firing`") && said.contains("exit status: 9"), "{said}");
    assert_eq!(upstream.requests().total, 0);
}

#[test]
fn check_says_whether_the_command_and_the_webhook_are_there() {
    let upstream = Upstream::of(&[30]);
    let mirror = Mirror::of(&upstream);
    mirror.sync(&[]).exits(0);
    let said = mirror.call(&["check"]).exits(0).stdout;
    assert!(said.contains("ok       alerts: nobody is told"), "{said}");
    let mirror = telling(mirror, TAKE).with("webhook_url = \"http://127.0.0.1:9/secret-path\"");
    let said = mirror.call(&["check"]).exits(0).stdout;
    assert!(said.contains("ok       alerts: the command is") && said.contains("alert test"), "{said}");
    assert!(
        said.contains("ok       alerts: the webhook is at 127.0.0.1") && !said.contains("secret-path"),
        "{said}"
    );
    std::fs::remove_file(mirror.path("alert")).unwrap();
    let said = mirror.call(&["check"]).exits(78).stdout;
    assert!(said.contains("error    alerts: there is no program"), "{said}");
}
