//! Each kind that ticks tell begins and is over, once.

use coupontools_mirror::simulator::{AccountKeys, Options};

use super::{TAKE, assert_fit_to_send, assert_quiet, decimate, stop, telling, until_told, with_command};
use crate::stage::{DIRECTORY, File, Mirror, Upstream, until};

const GONE: &str = "gone-directory,directory=dir_10002,times=100000";

#[test]
fn a_directory_whose_walks_fail_in_a_row_is_told_of_once_and_once_it_is_mirrored_again() {
    let upstream = Upstream::of(&[120, 30]);
    let mirror = telling(Mirror::of(&upstream), TAKE);
    upstream.fault(GONE);
    let daemon = mirror.start(&["run"]);
    let firing = ["not_fresh firing default dir_10002"];
    until_told(&mirror, &firing);
    assert_quiet(&daemon, &mirror);
    let failed = "SELECT CAST(failed_ticks AS TEXT) FROM directory ORDER BY directory_id";
    let counted = mirror.file().texts(failed);
    assert!(counted[0] == "0" && counted[1].parse::<u32>().unwrap() >= 4, "{counted:?}");
    upstream.clear_faults();
    let told = until_told(&mirror, &[firing[0], "not_fresh resolved default dir_10002"]);
    let message = told[0]["message"].as_str().unwrap();
    assert!(
        message.contains("2 looks in a row failed, the last because the directory was not found"),
        "{message}"
    );
    assert_quiet(&daemon, &mirror);
    assert_fit_to_send(&told, &upstream);
    assert_eq!(mirror.file().texts(failed), ["0", "0"]);
    stop(daemon);
}

#[test]
fn one_failure_less_tells_nobody_and_counts_on_over_a_restart() {
    let upstream = Upstream::of(&[30]);
    let mirror = telling(Mirror::of(&upstream), TAKE);
    mirror.sync(&[]).exits(0);
    upstream.fault("gone-directory,directory=dir_10001,times=1");
    mirror.sync(&[]).exits(1);
    upstream.fault("gone-directory,directory=dir_10001,times=1");
    let daemon = mirror.start(&["run"]);
    let expected = ["not_fresh firing default dir_10001", "not_fresh resolved default dir_10001"];
    until_told(&mirror, &expected);
    upstream.fault("gone-directory,directory=dir_10001,times=1");
    until("it was met", || upstream.faults().is_empty());
    assert_quiet(&daemon, &mirror);
    stop(daemon);
}

#[test]
fn an_account_that_cannot_be_listed_is_told_of_without_a_directory() {
    let upstream = Upstream::of(&[30]);
    let mirror = telling(Mirror::of(&upstream), TAKE);
    let daemon = mirror.start(&["run"]);
    until("it is mirrored", || mirror.database().exists() && daemon.stderr().contains(" walk "));
    upstream.fault("unknown-shape,call=directory-list,times=100000");
    let firing = "not_fresh firing default -";
    let told = until_told(&mirror, &[firing]);
    assert!(told[0]["message"].as_str().unwrap().contains("account default can't be listed"), "{told:?}");
    upstream.clear_faults();
    until_told(&mirror, &[firing, "not_fresh resolved default -"]);
    stop(daemon);
}

#[test]
fn what_is_left_out_or_listed_no_more_is_over() {
    let upstream = Upstream::of(&[30, 20, 10]);
    let mirror = telling(Mirror::of(&upstream), TAKE);
    for directory in ["dir_10002", "dir_10003"] {
        upstream.fault(&format!("gone-directory,directory={directory},times=100000"));
    }
    let daemon = mirror.start(&["run"]);
    until("both are told of", || super::told(&mirror).len() == 2);
    upstream.remove_directory("dir_10002").unwrap();
    until("it is over", || super::told(&mirror).len() == 3);
    stop(daemon);
    let mirror = mirror.with("[sync]\nexclude = [\"dir_10003\"]");
    let daemon = mirror.start(&["run"]);
    until("it is over", || super::told(&mirror).len() == 4);
    let brief = super::brief(&super::told(&mirror));
    assert_eq!(brief[2..], ["not_fresh resolved default dir_10002", "not_fresh resolved default dir_10003"]);
    assert_quiet(&daemon, &mirror);
    stop(daemon);
}

#[test]
fn refused_keys_are_told_before_the_daemon_ends_and_are_over_with_keys_that_work() {
    let upstream = Upstream::of(&[30]);
    // It takes a moment, which the end waits for.
    let mirror = telling(Mirror::of(&upstream), "sleep 1; cat >> told").keys("demo-id", "wrong");
    mirror.call(&["run"]).exits(77).says("every account's keys were refused");
    let firing = "keys_refused firing default -";
    let told = until_told(&mirror, &[firing]);
    assert!(told[0]["message"].as_str().unwrap().contains("code 1000"), "{told:?}");
    mirror.call(&["run"]).exits(77);
    // The second start failed, too: two in a row.
    let not_fresh = "not_fresh firing default -";
    until_told(&mirror, &[firing, not_fresh]);
    let mirror = mirror.keys("demo-id", "demo-secret");
    let daemon = mirror.start(&["run"]);
    until("both are over", || super::told(&mirror).len() == 4);
    let mut over = super::brief(&super::told(&mirror)[2..]);
    over.sort();
    assert_eq!(over, ["keys_refused resolved default -", "not_fresh resolved default -"]);
    assert_fit_to_send(&super::told(&mirror), &Upstream::of(&[30]));
    stop(daemon);
}

#[test]
fn a_command_that_hangs_delays_the_end_of_refused_keys_for_ten_seconds_only_and_the_next_start_tells() {
    let upstream = Upstream::of(&[30]);
    let mirror = telling(Mirror::of(&upstream), "test -e ok || exec sleep 1000; cat >> told");
    let mirror = mirror.keys("demo-id", "wrong");
    mirror.call(&["run"]).exits(77).says("the next start tells the rest");
    std::fs::write(mirror.path("ok"), "").unwrap();
    mirror.call(&["run"]).exits(77);
    let told = super::brief(&super::told(&mirror));
    assert_eq!(told[0], "keys_refused firing default -", "{told:?}");
}

#[test]
fn one_accounts_refused_keys_are_its_own_and_over_when_it_is_no_longer_configured() {
    let accounts = vec![AccountKeys::new("id-one", "secret-one")];
    let upstream = Upstream::start(Options { accounts, ..Options::quiet(&[30]) });
    let with_one = || Mirror::of(&upstream).account("one", "id-one", "secret-one");
    let mirror = telling(with_one(), TAKE).account("two", "id-two", "secret-two");
    let daemon = mirror.start(&["run"]);
    let firing = "keys_refused firing two -";
    until_told(&mirror, &[firing]);
    assert_quiet(&daemon, &mirror);
    stop(daemon);
    let text = std::fs::read_to_string(mirror.configuration()).unwrap();
    let without = text.split("[accounts.two]").next().unwrap();
    std::fs::write(mirror.configuration(), without).unwrap();
    let daemon = mirror.start(&["run"]);
    until_told(&mirror, &[firing, "keys_refused resolved two -"]);
    stop(daemon);
}

#[test]
fn a_held_brake_is_told_of_and_over_by_the_operators_word() {
    let upstream = Upstream::of(&[500]);
    let mirror =
        Mirror::of(&upstream).with("[schedule]\nincremental = \"* * * * * *\"\nfull = \"* * * * * *\"");
    let mirror = with_command(mirror, TAKE);
    mirror.sync(&["--full"]).exits(0);
    decimate(&upstream, DIRECTORY);
    // The first proof.
    mirror.sync(&["--full"]).exits(0);
    let daemon = mirror.start(&["run"]);
    let firing = "brake_held firing default dir_10001";
    let told = until_told(&mirror, &[firing]);
    let message = told[0]["message"].as_str().unwrap();
    assert!(message.contains("sync --directory dir_10001 --accept-removals"), "{message}");
    stop(daemon);
    mirror.sync(&["--accept-removals"]).exits(0);
    let daemon = mirror.start(&["run"]);
    let told = until_told(&mirror, &[firing, "brake_held resolved default dir_10001"]);
    assert_quiet(&daemon, &mirror);
    assert_fit_to_send(&told, &upstream);
    stop(daemon);
    mirror.file().assert_exact(&upstream);
}

#[test]
fn nobody_is_told_later_of_what_was_over_before_anybody_was_named() {
    let upstream = Upstream::of(&[120, 30]);
    let mirror = Mirror::of(&upstream).with(super::EVERY_SECOND);
    let fires = |mirror: &Mirror| mirror.file().count("alert");
    let daemon = mirror.start(&["run"]);
    until("it is mirrored", || daemon.stderr().contains(" walk "));
    upstream.fault(&format!("gone-directory,directory={DIRECTORY},times=100000"));
    until("it fires", || fires(&mirror) == 1);
    upstream.clear_faults();
    until("it is over", || fires(&mirror) == 0);
    upstream.fault(GONE);
    until("another one fires", || fires(&mirror) == 1);
    stop(daemon);
    let mirror = with_command(mirror, TAKE);
    let daemon = mirror.start(&["run"]);
    let firing = "not_fresh firing default dir_10002";
    until_told(&mirror, &[firing]);
    assert_quiet(&daemon, &mirror);
    upstream.clear_faults();
    until_told(&mirror, &[firing, "not_fresh resolved default dir_10002"]);
    until("nothing is due", || mirror.file().count("alert_due") == 0);
    stop(daemon);
}

#[test]
fn an_unchanged_tick_that_goes_well_saves_no_alert() {
    let upstream = Upstream::of(&[120]);
    let mirror = telling(Mirror::of(&upstream), TAKE);
    mirror.sync(&[]).exits(0);
    for table in ["alert", "alert_due"] {
        for action in ["INSERT", "DELETE"] {
            let trigger = format!(
                "CREATE TRIGGER no_{action}_{table} BEFORE {action} ON {table} BEGIN SELECT RAISE(ABORT, 'saved'); END"
            );
            File::execute(&mirror.database(), &trigger);
        }
    }
    let account =
        "CREATE TRIGGER no_account BEFORE UPDATE ON account BEGIN SELECT RAISE(ABORT, 'written'); END";
    File::execute(&mirror.database(), account);
    let daemon = mirror.start(&["run"]);
    until("some ticks are over", || daemon.stderr().matches("outcome=\"complete\"").count() >= 4);
    let said = daemon.stderr();
    assert!(!said.contains("WARN") && !said.contains("ERROR"), "{said}");
    stop(daemon);
}
