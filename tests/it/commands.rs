//! The commands that look at a mirror, and the simulator and the demonstration as commands.

use std::net::TcpListener;
use std::path::PathBuf;

use coupontools_mirror::simulator::Mutation;
use rustix::process::Signal;
use serde_json::Value;

use crate::stage::{DIRECTORY, File, Mirror, Upstream, until};

#[test]
fn status_tells_counts_freshness_and_the_last_error_of_each_directory() {
    let upstream = Upstream::of(&[250, 30]);
    let mirror = Mirror::of(&upstream);
    mirror.sync(&["--full"]).exits(0);
    upstream.fault("gone-directory,directory=dir_10002");
    mirror.sync(&[]).exits(1);
    let status: Value = serde_json::from_str(&mirror.call(&["status", "--json"]).exits(0).stdout).unwrap();
    let [one, two] = &status["directories"].as_array().unwrap()[..] else { panic!("{status}") };
    assert_eq!((&one["directory_id"], &one["registrations"]), (&DIRECTORY.into(), &250.into()));
    assert!(one["age_s"].as_i64().unwrap() <= 120 && one["last_full_at"].is_string(), "{one}");
    assert_eq!((&one["last_error"], &two["registrations"]), (&Value::Null, &30.into()));
    assert_eq!(two["last_error"], "the directory was not found (code 507)");
    let table = mirror.call(&["status"]).exits(0).stdout;
    assert!(table.contains(DIRECTORY) && table.contains("250"), "{table}");
}

#[test]
fn query_reads_the_mirror_while_the_daemon_writes() {
    let upstream = Upstream::of(&[250]);
    let mirror = Mirror::of(&upstream).with("[schedule]\nincremental = \"* * * * * *\"");
    let daemon = mirror.start(&["run"]);
    until("the first walk is over", || daemon.stderr().contains(" walk "));
    upstream.change(DIRECTORY, Mutation { insert: 5, ..Mutation::default() });
    let count = ["query", "--format", "csv", "SELECT count(*) AS n FROM registrations"];
    until("newcomers are found", || mirror.call(&count).exits(0).stdout == "n\n255\n");
    daemon.signal(Signal::TERM);
    daemon.end().exits(0);
    assert_eq!(mirror.call(&count).exits(0).stdout, "n\n255\n");
}

#[test]
fn check_and_probe_ask_the_api_and_tell_no_value() {
    let upstream = Upstream::of(&[250]);
    let mirror = Mirror::of(&upstream);
    mirror.sync(&[]).exits(0);
    mirror.call(&["check"]).exits(0);
    let probe = mirror.call(&["probe"]).exits(0).stdout;
    assert!(probe.contains("email") && probe.contains("registered_utc"), "{probe}");
    for row in upstream.standing(DIRECTORY).unwrap() {
        let values = [row.email, row.phone].into_iter().flatten();
        values.for_each(|value| assert!(!probe.contains(&value), "{value}"));
    }
    let refused = mirror.keys("demo-id", "wrong");
    for command in ["check", "probe"] {
        let code = refused.call(&[command]).code();
        assert!(matches!(code, Some(1 | 77)), "{command} exits with {code:?}");
    }
}

#[test]
fn a_simulator_started_as_a_command_is_mirrored_exactly() {
    let mirror = Mirror::at("http://127.0.0.1:1");
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string();
    let simulator = mirror.start(&["simulate", "--listen", &free, "--sizes", "150,20", "--still"]);
    until("it answers", || std::net::TcpStream::connect(&free).is_ok());
    mirror.call(&["--base-url", &format!("http://{free}"), "sync"]).exits(0);
    assert_eq!(mirror.file().count("registrations"), 170);
    simulator.signal(Signal::TERM);
    simulator.end().exits(0);
}

#[test]
fn the_demonstration_mirrors_people_and_takes_its_file_away() {
    let mirror = Mirror::at("http://127.0.0.1:1");
    let mut command = mirror.command(&["demo", "--registrations", "2000"]);
    let demo = crate::stage::Running::start(command.env("TMPDIR", mirror.folder()));
    let database = || -> Option<PathBuf> {
        let folder = std::fs::read_dir(mirror.folder()).unwrap().find_map(|entry| {
            let path = entry.unwrap().path();
            path.join("mirror.db-wal").exists().then_some(path)
        });
        folder.map(|folder| folder.join("mirror.db"))
    };
    until("there is a file", || database().is_some());
    until("its directories are listed", || demo.stderr().contains(" walk "));
    let file = File::open(&database().unwrap());
    until("its people are mirrored", || file.count("registrations") >= 1_900);
    file.assert_whole();
    demo.signal(Signal::INT);
    demo.end().exits(0);
    assert_eq!(database(), None);
}
