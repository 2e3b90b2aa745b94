//! `serve` and `run` begin to serve, or say why not.

use std::net::TcpListener;

use crate::asker::Server;
use crate::stage::{Mirror, Running, Upstream};

fn mirror(upstream: &Upstream) -> Mirror {
    let mirror = Mirror::of(upstream);
    mirror.sync(&[]).exits(0);
    mirror
}

#[test]
fn an_address_that_is_taken_is_an_error_with_a_hint() {
    let upstream = Upstream::of(&[5]);
    let mirror = mirror(&upstream);
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    for command in ["serve", "run"] {
        let ended = mirror.call(&[command, "--listen", &address]).exits(1);
        ended
            .says(&format!("cannot listen on {address}"))
            .says("in use")
            .says("hint: is another one running?");
    }
    mirror.call(&["serve", "--listen", "192.0.2.1:8787"]).exits(78).says("there is no token");
    mirror.call(&["token", "add", "x"]).exits(0);
    mirror.call(&["serve", "--listen", "192.0.2.1:8787"]).exits(1).says("cannot listen on 192.0.2.1:8787");
}

#[test]
fn none_serves_nothing() {
    let upstream = Upstream::of(&[5]);
    let mirror = mirror(&upstream);
    mirror.call(&["serve", "--listen", "none"]).exits(78).says("cannot serve").says("hint: name an address");
    let daemon = mirror.start(&["run", "--listen", "none"]);
    daemon.until_says(" walk ");
    assert!(!daemon.stderr().contains("listening"));
    daemon.signal(rustix::process::Signal::TERM);
    daemon.end().exits(0);
}

#[test]
fn the_flag_wins_over_the_environment_and_that_over_the_file() {
    let upstream = Upstream::of(&[5]);
    let mirror = mirror(&upstream);
    let start = |variable: &str, arguments: &[&str]| {
        let mut command = mirror.command(arguments);
        Running::start(command.env("COUPONTOOLS_MIRROR_LISTEN", variable))
    };
    let flagged = start("127.0.0.2:0", &["serve", "--listen", "127.0.0.3:0"]);
    flagged.until_says("http://127.0.0.3:");
    let of_environment = start("127.0.0.2:0", &["serve"]);
    of_environment.until_says("http://127.0.0.2:");
    for wrong in ["8787", "127.0.0.1", "127.0.0.1:99999", "example.com:80", "none:1"] {
        start(wrong, &["serve"]).end().exits(78).says("COUPONTOOLS_MIRROR_LISTEN").says("hint:");
    }
}

#[test]
fn a_wrong_setting_is_named_with_its_line() {
    let upstream = Upstream::of(&[5]);
    for (setting, says) in [
        ("listen = \"8787\"", "no address with a port"),
        ("listen = 8787", "line 2"),
        ("without_token = \"all\"", "\"nothing\", \"masked\" or \"full\""),
        ("query_timeout_s = 0", "1 to 3600"),
        ("query_timeout_s = 3601", "1 to 3600"),
        ("tokens_file = \"\"", "`tokens_file` is empty"),
        ("hosts = [\"https://a.example.com\"]", "no host's name"),
        ("hosts = [\"a.example.com:80\"]", "no host's name"),
        ("host = [\"a\"]", "host"),
    ] {
        let mirror = Mirror::of(&upstream);
        std::fs::write(mirror.configuration(), format!("[http]\n{setting}\n")).unwrap();
        for command in ["serve", "run"] {
            mirror.call(&[command]).exits(78).says("line 2").says(says);
        }
    }
}

#[test]
fn several_serve_one_file_at_the_same_time() {
    let upstream = Upstream::of(&[5]);
    let mirror = mirror(&upstream);
    let servers: Vec<Server> = (0..3).map(|_| Server::serve(&mirror)).collect();
    for server in &servers {
        assert_eq!(server.json("/api/v1/directories/dir_10001")["registrations"], 5);
    }
    for server in servers {
        server.stop().exits(0);
    }
}
