//! Ready, busy, stopping, and how it ends.

use rusqlite::Connection;
use rustix::process::Signal;

use super::{EVERY_SECOND, Manager, SELDOM};
use crate::stage::{Mirror, Upstream, until};

#[test]
fn it_is_ready_when_the_file_is_open_the_server_listens_and_the_schedule_runs() {
    let (manager, upstream) = (Manager::new(), Upstream::of(&[250, 30]));
    let mirror = Mirror::of(&upstream).with(SELDOM);
    mirror.sync(&[]).exits(0);
    let somebody = Connection::open(mirror.database()).unwrap();
    somebody.execute_batch("BEGIN IMMEDIATE").unwrap();
    let daemon = manager.start(&mirror, &["run"]);
    manager.until_status("opening the file");
    // The file can't be opened as long as somebody else writes it.
    assert_eq!((manager.count("READY=1"), daemon.stderr().as_str()), (0, ""));
    somebody.execute_batch("ROLLBACK").unwrap();
    manager.until_told("READY=1", 1);
    assert!(daemon.stderr().contains("listening"), "{}", daemon.stderr());
    manager.until_status("2 directories, 280 registrations, all fresh; next look ");
    daemon.signal(Signal::TERM);
    daemon.end().exits(0);
    let messages = manager.messages();
    assert!(messages.last().unwrap().starts_with("STOPPING=1\n"), "{messages:?}");
    assert_eq!((manager.count("READY=1"), manager.count("STOPPING=1")), (1, 1));
}

#[test]
fn the_status_tells_whose_keys_were_refused_and_which_directory_was_not_walked() {
    let (manager, upstream) = (Manager::new(), Upstream::of(&[250]));
    let mirror = Mirror::of(&upstream).with(EVERY_SECOND);
    let mirror = mirror.account("north", "demo-id", "demo-secret").account("south", "wrong", "wrong");
    let daemon = manager.start(&mirror, &["run"]);
    manager.until_status("1 directory, 250 registrations; account south: keys refused; next look ");
    upstream.fault("unknown-shape,call=users-list,times=1000");
    manager.until_status("account north: not walked: dir_10001; account south: keys refused");
    upstream.clear_faults();
    manager.until_status("1 directory, 250 registrations; account south: keys refused");
    daemon.signal(Signal::TERM);
    daemon.end().exits(0);
}

#[test]
fn a_stop_is_told_at_once_although_a_walk_is_under_way() {
    let (manager, upstream) = (Manager::new(), Upstream::of(&[950]));
    upstream.fault("hang,call=users-list,page=4,times=100");
    let mirror = Mirror::of(&upstream).api("timeout_s = 600");
    let daemon = manager.start(&mirror, &["run"]);
    manager.until_status("walking 1 ");
    until("pages are saved", || mirror.file().count("registrations") == 300);
    daemon.signal(Signal::TERM);
    daemon.end().exits(0);
    assert_eq!(manager.count("STOPPING=1"), 1);
}

#[test]
fn who_is_no_service_tells_nothing_and_serve_is_one() {
    let (manager, upstream) = (Manager::new(), Upstream::of(&[30]));
    let mirror = Mirror::of(&upstream);
    manager.start(&mirror, &["sync"]).end().exits(0);
    manager.start(&mirror, &["status"]).end().exits(0);
    assert!(manager.messages().is_empty(), "{:?}", manager.messages());
    let server = manager.start(&mirror, &["serve"]);
    manager.until_told("READY=1", 1);
    assert!(server.stderr().contains("listening"), "{}", server.stderr());
    server.signal(Signal::TERM);
    server.end().exits(0);
    assert_eq!(manager.count("STOPPING=1"), 1);
}

#[test]
fn what_no_restart_mends_ends_with_the_codes_that_the_unit_names() {
    let unit = std::fs::read_to_string("deploy/systemd/coupontools-mirror.service").unwrap();
    assert!(unit.contains("\nRestartPreventExitStatus=2 77 78\n"), "{unit}");
    let (manager, upstream) = (Manager::new(), Upstream::of(&[30]));
    let mirror = Mirror::of(&upstream);
    manager.start(&mirror, &["run", "--misspelt"]).end().exits(2);
    let mirror = mirror.with("[shedule]");
    manager.start(&mirror, &["run"]).end().exits(78).says("unknown key `shedule`");
    let mirror = Mirror::of(&upstream).account("one", "", "");
    manager.start(&mirror, &["run"]).end().exits(78).says("one-id is empty");
    assert!(manager.messages().iter().all(|message| !message.contains("READY")), "{:?}", manager.messages());
    let mirror = Mirror::of(&upstream).keys("wrong-id", "wrong-secret");
    manager.start(&mirror, &["run"]).end().exits(77).says("every account's keys were refused");
}

#[test]
fn keys_come_from_a_folder_of_credentials_and_empty_ones_are_none() {
    let (manager, upstream) = (Manager::new(), Upstream::of(&[30]));
    let mirror = Mirror::of(&upstream).account("north", "demo-id", "demo-secret").with(SELDOM);
    let credentials = mirror.path("credentials");
    std::fs::create_dir(&credentials).unwrap();
    let write = |id: &str, secret: &str| {
        std::fs::write(credentials.join("client_id"), id).unwrap();
        std::fs::write(credentials.join("client_secret"), secret).unwrap();
    };
    let variables = [("CREDENTIALS_DIRECTORY", credentials.to_str().unwrap())];
    let accounts = |keys: (&str, &str)| {
        write(keys.0, keys.1);
        let daemon = manager.start_with(&mirror, &["run"], &variables);
        daemon.until_says("started");
        until("a walk is over", || daemon.stderr().contains(" walk "));
        daemon.signal(Signal::TERM);
        let said = daemon.end().exits(0).stderr;
        said.split("accounts=").nth(1).unwrap().chars().next().unwrap()
    };
    // As the package makes them: an agency's accounts have files of their own.
    assert_eq!(accounts(("", "")), '1');
    assert_eq!(accounts(("demo-id\n", "demo-secret\n")), '2');
    write("demo-id", "");
    let half = manager.start_with(&mirror, &["run"], &variables).end().exits(78);
    half.says("client_secret is not");
}
