//! Several accounts, and which directories are mirrored.

use coupontools_mirror::simulator::{AccountKeys, Call, DirectorySpec, Mutation, Options};
use rustix::process::Signal;
use serde_json::json;

use crate::stage::{DIRECTORY, Mirror, Upstream, until};

/// Two accounts, `one` with `dir_10001` and `dir_10003`, `two` with `dir_10002`.
fn two_accounts() -> (Upstream, Mirror) {
    let accounts = vec![AccountKeys::new("id-one", "secret-one"), AccountKeys::new("id-two", "secret-two")];
    let upstream = Upstream::start(Options { accounts, ..Options::quiet(&[250, 120, 30]) });
    let mirror =
        Mirror::of(&upstream).account("one", "id-one", "secret-one").account("two", "id-two", "secret-two");
    (upstream, mirror)
}

#[test]
fn every_account_is_mirrored_with_its_own_keys() {
    let (upstream, mirror) = two_accounts();
    mirror.sync(&[]).exits(0);
    mirror.file().assert_exact(&upstream);
    let owners = mirror.file().texts("SELECT directory_id || ' ' || account FROM directories ORDER BY 1");
    assert_eq!(owners, ["dir_10001 one", "dir_10002 two", "dir_10003 one"]);
}

#[test]
fn refused_keys_of_one_account_stop_no_other() {
    let (upstream, mirror) = two_accounts();
    let mirror = mirror.account("three", "id-three", "secret-three");
    let ended = mirror.sync(&[]).exits(1);
    let ended = ended.says("cannot list the directories of account three: the keys were refused (code 1000)");
    ended.says("hint: check the client ID and the client secret");
    mirror.file().assert_exact(&upstream);
}

#[test]
fn status_tells_why_an_account_could_not_be_listed_until_it_can() {
    let (upstream, mirror) = two_accounts();
    mirror.sync(&[]).exits(0);
    upstream.fault("unknown-shape,call=directory-list,account=id-one,times=1");
    mirror.sync(&[]).exits(1);
    let status = mirror.call(&["status"]).exits(0).stdout;
    assert!(status.contains("account one could not be listed: the answer"), "{status}");
    let with_error = "SELECT directory_id FROM sync_status WHERE last_error IS NOT NULL ORDER BY 1";
    assert_eq!(mirror.file().texts(with_error), ["dir_10001", "dir_10003"]);
    mirror.sync(&[]).exits(0);
    assert!(mirror.file().texts(with_error).is_empty());
}

#[test]
fn an_account_that_hangs_delays_no_other() {
    let (upstream, mirror) = two_accounts();
    mirror.sync(&[]).exits(0);
    upstream.fault("hang,account=id-one,times=100");
    let mirror = mirror.with("[schedule]\nincremental = \"* * * * * *\"\nfull = \"0 0 0 29 2 *\"");
    let daemon = mirror.start(&["run"]);
    for stand in [123, 126] {
        upstream.change("dir_10002", Mutation { insert: 3, ..Mutation::default() });
        let counted = "SELECT registrations FROM directories WHERE directory_id = 'dir_10002'";
        until("newcomers are mirrored", || mirror.file().value::<i64>(counted) == stand);
    }
    daemon.signal(Signal::TERM);
    daemon.end().exits(0);
}

#[test]
fn keys_refused_during_a_walk_stop_that_account_alone_and_at_once() {
    let (upstream, mirror) = two_accounts();
    mirror.sync(&[]).exits(0);
    upstream.change(DIRECTORY, Mutation { insert: 150, ..Mutation::default() });
    upstream.change("dir_10002", Mutation { insert: 150, ..Mutation::default() });
    upstream.fault("refused-keys,account=id-one,directory=dir_10001,page=2,times=100");
    upstream.reset_requests();
    let walks = mirror.sync(&["--directory", DIRECTORY, "--directory", "dir_10002"]).exits(1).walks();
    let outcomes: Vec<_> = walks.iter().map(|walk| walk["outcome"].as_str().unwrap()).collect();
    assert_eq!(outcomes, ["failed", "complete"]);
    assert_eq!(upstream.requests().by_directory[DIRECTORY], 2, "a refusal is not tried again");
    upstream.clear_faults();
    mirror.sync(&[]).exits(0);
    mirror.file().assert_exact(&upstream);
}

#[test]
fn when_all_keys_are_refused_each_account_asks_once_and_sync_exits_with_77() {
    let upstream = Upstream::of(&[250, 30]);
    let mirror =
        Mirror::of(&upstream).account("one", "id-one", "wrong-one").account("two", "id-two", "wrong-two");
    mirror.sync(&[]).exits(77).says("the keys were refused");
    assert_eq!(upstream.requests().total, 2);
    assert_eq!(mirror.file().count("directories"), 0);
}

#[test]
fn run_ends_with_77_when_its_only_keys_are_refused() {
    let upstream = Upstream::of(&[250]);
    let mirror = Mirror::of(&upstream).keys("demo-id", "wrong");
    let ended = mirror.start(&["run"]).end().exits(77);
    ended.says("cannot mirror: every account's keys were refused").says("hint: check the client ID");
    assert_eq!(upstream.requests().total, 1);
}

#[test]
fn run_goes_on_for_the_other_account_when_one_is_refused() {
    let (upstream, mirror) = two_accounts();
    let mirror =
        mirror.account("three", "id-three", "secret-three").with("[schedule]\nincremental = \"* * * * * *\"");
    let daemon = mirror.start(&["run"]);
    until("two ticks have walked", || upstream.requests().of(Call::DirectoryList) >= 5);
    let refused = |asked: &coupontools_mirror::simulator::journal::Request| asked.error_code == Some(1000);
    assert_eq!(upstream.requests().requests.iter().filter(|asked| refused(asked)).count(), 1);
    daemon.signal(rustix::process::Signal::TERM);
    daemon.end().exits(0);
    mirror.file().assert_exact(&upstream);
}

#[test]
fn only_included_and_never_excluded_directories_are_asked_for() {
    for (setting, expected) in [
        ("include = [\"dir_10002\"]", &["dir_10002"][..]),
        ("exclude = [\"dir_10002\"]", &["dir_10001", "dir_10003"]),
    ] {
        let upstream = Upstream::of(&[120, 30, 7]);
        let mirror = Mirror::of(&upstream).with(&format!("[sync]\n{setting}"));
        mirror.sync(&[]).exits(0);
        let asked = upstream.requests().by_directory;
        assert_eq!(asked.keys().collect::<Vec<_>>(), expected);
        let mirrored = "SELECT DISTINCT directory_id FROM registrations ORDER BY 1";
        assert_eq!(mirror.file().texts(mirrored), expected);
    }
}

#[test]
fn a_directory_that_nobody_lists_is_an_error_and_the_others_named_are_walked() {
    let upstream = Upstream::of(&[120, 30]);
    let mirror = Mirror::of(&upstream);
    let ended = mirror.sync(&["--directory", DIRECTORY, "--directory", "dir_99999"]).exits(1);
    assert_eq!(ended.walk()["directory_id"], DIRECTORY);
    ended.says("cannot walk dir_99999: no account lists it").says("hint: ");
}

#[test]
fn new_directories_appear_by_themselves_and_vanished_ones_keep_their_registrations() {
    let upstream = Upstream::of(&[120, 30]);
    let mirror = Mirror::of(&upstream);
    mirror.sync(&[]).exits(0);
    let new = upstream.add_directory(&DirectorySpec::of(60)).unwrap();
    upstream.remove_directory("dir_10002").unwrap();
    let walked: Vec<_> =
        mirror.sync(&[]).exits(0).walks().iter().map(|walk| walk["directory_id"].clone()).collect();
    assert_eq!(walked, [json!(DIRECTORY), json!(new)]);
    let file = mirror.file();
    assert_eq!(
        file.texts("SELECT directory_id FROM directories WHERE removed_at IS NOT NULL"),
        ["dir_10002"]
    );
    assert_eq!(file.count("registrations WHERE directory_id = 'dir_10002'"), 30);
    assert_eq!(file.count("sync_status"), 2);
    file.assert_exact(&upstream);
    mirror.sync(&["--full"]).exits(0);
    assert_eq!(file.count("registrations WHERE directory_id = 'dir_10002'"), 30);
}

#[test]
fn a_directory_that_is_listed_again_comes_back() {
    let upstream = Upstream::of(&[120, 30]);
    let mirror = Mirror::of(&upstream);
    mirror.sync(&[]).exits(0);
    let removed = "UPDATE directory SET removed_at = '2026-11-01T00:00:00Z' WHERE directory_id = 'dir_10002'";
    crate::stage::File::execute(&mirror.database(), removed);
    upstream.stir("dir_10002");
    mirror.sync(&["--full"]).exits(0);
    mirror.sync(&["--full"]).exits(0);
    assert_eq!(mirror.file().count("directories WHERE removed_at IS NULL"), 2);
    mirror.file().assert_exact(&upstream);
}
