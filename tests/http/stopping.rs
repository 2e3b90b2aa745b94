//! The end: whoever waits is answered, what runs is ended, and soon.

use std::io::Read as _;
use std::net::TcpStream;
use std::time::Duration;

use coupontools_mirror::clock::steady_now;
use rustix::process::Signal;

use crate::asker::Server;
use crate::raw::send;
use crate::stage::{Mirror, Upstream, until};

/// On a machine with nothing else to do it is far less.
const SOON: Duration = Duration::from_secs(8);

fn mirror(upstream: &Upstream) -> Mirror {
    let mirror = Mirror::of(upstream).http("without_token = \"full\"\nquery_timeout_s = 600");
    mirror.sync(&[]).exits(0);
    mirror
}

/// Sockets that the process has open.
fn sockets(server: &Server) -> usize {
    let files = std::fs::read_dir(format!("/proc/{}/fd", server.running.pid())).unwrap();
    let links = files.filter_map(|file| std::fs::read_link(file.ok()?.path()).ok());
    links.filter(|link| link.to_string_lossy().starts_with("socket:")).count()
}

/// So many connections that wait for an answer.
fn waiting(server: &Server, count: usize, target: &str) -> Vec<TcpStream> {
    let before = sockets(server);
    let request = format!("GET {target} HTTP/1.1\r\nHost: localhost\r\n\r\n");
    let streams = (0..count).map(|_| send(server.address(), request.as_bytes())).collect();
    until("all are connected", || sockets(server) >= before + count);
    // Whatever came before this is read by the time it is answered.
    for _ in 0..3 {
        server.get("/healthz").send().ok();
    }
    streams
}

#[test]
fn fifty_who_wait_for_a_change_are_answered_when_the_server_stops() {
    let upstream = Upstream::of(&[5]);
    let mirror = mirror(&upstream);
    for command in ["serve", "run"] {
        let server = Server::start(&mirror, &[command]);
        // The one change so far: the directory was loaded.
        let streams = waiting(&server, 50, "/api/v1/changes?wait=60&after=1");
        let asked = steady_now();
        let ended = server.stop().exits(0);
        assert!(asked.elapsed() < SOON, "{:?}", asked.elapsed());
        assert!(!ended.stderr.contains("panicked"), "{}", ended.stderr);
        for mut stream in streams {
            let mut answer = String::new();
            stream.read_to_string(&mut answer).unwrap();
            assert!(
                answer.starts_with("HTTP/1.1 200") && answer.ends_with("{\"changes\":[],\"next\":1}"),
                "{answer}"
            );
        }
    }
}

#[test]
fn statements_that_run_wait_or_stream_do_not_hold_up_the_end() {
    let upstream = Upstream::of(&[5]);
    let mirror = mirror(&upstream);
    let recursive = "WITH+RECURSIVE+n(i)+AS+(VALUES(1)+UNION+ALL+SELECT+i%2B1+FROM+n)+SELECT";
    for rows in ["count(*)", "i"] {
        let server = Server::serve(&mirror);
        let target = format!("/api/v1/query?format=csv&sql={recursive}+{rows}+FROM+n");
        let streams = waiting(&server, 20, &target);
        let asked = steady_now();
        let ended = server.stop().exits(0);
        assert!(asked.elapsed() < SOON, "{rows}: {:?}", asked.elapsed());
        assert!(!ended.stderr.contains("panicked"), "{}", ended.stderr);
        let answers = streams.into_iter().map(|mut stream| {
            let mut answer = Vec::new();
            // What is cut is reset.
            let _ = stream.read_to_end(&mut answer);
            String::from_utf8_lossy(&answer).into_owned()
        });
        let answers: Vec<String> = answers.collect();
        let stopped = answers
            .iter()
            .filter(|answer| answer.starts_with("HTTP/1.1 503") && answer.contains("being stopped"));
        assert!(stopped.count() >= 16, "those who waited for a turn are told: {answers:?}");
    }
}

#[test]
fn idle_connections_do_not_hold_up_the_end_and_a_second_signal_ends_at_once() {
    let upstream = Upstream::of(&[5]);
    let mirror = mirror(&upstream);
    let server = Server::serve(&mirror);
    let _idle: Vec<TcpStream> = (0..20).map(|_| send(server.address(), b"")).collect();
    let _half = send(server.address(), b"GET /healthz HT");
    server.get("/healthz").send().ok();
    let asked = steady_now();
    server.stop().exits(0);
    assert!(asked.elapsed() < SOON, "{:?}", asked.elapsed());

    let server = Server::serve(&mirror);
    let _stalled = waiting(&server, 1, "/api/v1/changes?wait=60&after=1000");
    server.running.signal(Signal::TERM);
    until("it stops", || server.running.stderr().contains("stopping"));
    // It may have ended by itself.
    let _ = rustix::process::kill_process(
        rustix::process::Pid::from_raw(server.running.pid().cast_signed()).unwrap(),
        Signal::TERM,
    );
    let code = server.running.end().code();
    assert!([Some(0), Some(143)].contains(&code), "{code:?}");
}
