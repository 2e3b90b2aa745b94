//! Statements that take for ever, and whoever waits beside them.

use std::io::Read as _;
use std::net::TcpStream;
use std::time::Duration;

use coupontools_mirror::clock::steady_now;
use coupontools_mirror::simulator::Mutation;

use crate::asker::Server;
use crate::raw::send;
use crate::stage::{DIRECTORY, Mirror, Upstream, until};

/// Never ends, and never gives a row.
const ENDLESS: &str =
    "WITH RECURSIVE n(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n";
/// Never ends, and gives rows all the time.
const STREAM: &str =
    "WITH RECURSIVE n(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n) SELECT i, 'some text' FROM n";

fn mirror(upstream: &Upstream, limit_s: u32) -> Mirror {
    let mirror = Mirror::of(upstream).http(&format!("without_token = \"full\"\nquery_timeout_s = {limit_s}"));
    mirror.sync(&[]).exits(0);
    mirror
}

/// A connection that has asked for a statement's rows.
fn begin(server: &Server, sql: &str, version: &str) -> TcpStream {
    let sql: String = form_urlencoded::byte_serialize(sql.as_bytes()).collect();
    let request = format!("GET /api/v1/query?format=csv&sql={sql} HTTP/{version}\r\nHost: localhost\r\n\r\n");
    send(server.address(), request.as_bytes())
}

#[test]
fn while_sixty_slow_statements_wait_health_is_answered_within_a_second_and_the_sync_goes_on() {
    let upstream = Upstream::of(&[300]);
    let mirror = mirror(&upstream, 600).with("[schedule]\nincremental = \"* * * * * *\"");
    let server = Server::run(&mirror);
    let waiting: Vec<TcpStream> = (0..60).map(|_| begin(&server, ENDLESS, "1.1")).collect();
    let mut slowest = Duration::ZERO;
    for round in 1..=5 {
        let stood = mirror.file().count("registrations");
        upstream.change(DIRECTORY, Mutation { insert: 3, ..Mutation::default() });
        until("the newcomers arrive", || {
            let asked = steady_now();
            server.get("/healthz").send().ok();
            slowest = slowest.max(asked.elapsed());
            mirror.file().count("registrations") == stood + 3
        });
        let asked = steady_now();
        server.get("/readyz").send().ok();
        server.get("/api/v1/directories").send().ok();
        server.get("/api/v1/directories/dir_10001/registrations").send().ok();
        assert!(asked.elapsed() < Duration::from_secs(3), "round {round}: {:?}", asked.elapsed());
    }
    println!("the slowest /healthz beside sixty slow statements: {slowest:?}");
    assert!(slowest < Duration::from_secs(1), "{slowest:?}");
    for mut stream in waiting {
        stream.set_nonblocking(true).unwrap();
        assert!(stream.read(&mut [0; 1]).is_err(), "a slow statement was answered");
    }
    server.query("SELECT 1").send().ok();
    server.stop().exits(0);
}

#[test]
fn a_statement_whose_reader_has_left_is_stopped() {
    let upstream = Upstream::of(&[5]);
    let mirror = mirror(&upstream, 600);
    let server = Server::serve(&mirror);
    let cross_join =
        unambiguous(&format!("SELECT count(*) FROM registrations{}", ", registrations".repeat(12)));
    for sql in [ENDLESS, STREAM, &cross_join] {
        let mut begun: Vec<TcpStream> = (0..4).map(|_| begin(&server, sql, "1.1")).collect();
        if sql == STREAM {
            begun.iter_mut().for_each(|stream| stream.read_exact(&mut [0; 1000]).unwrap());
        }
        drop(begun);
        let asked = steady_now();
        server.query("SELECT 1").send().ok();
        assert!(asked.elapsed() < Duration::from_secs(5), "{sql}: {:?}", asked.elapsed());
    }
    // Those who waited for their turn and left take none.
    let running: Vec<TcpStream> = (0..4).map(|_| begin(&server, ENDLESS, "1.1")).collect();
    let waiting: Vec<TcpStream> = (0..40).map(|_| begin(&server, ENDLESS, "1.1")).collect();
    drop((waiting, running));
    let asked = steady_now();
    server.query("SELECT 1").send().ok();
    assert!(asked.elapsed() < Duration::from_secs(5), "{:?}", asked.elapsed());
}

/// Each table of a cross join under a name of its own.
fn unambiguous(sql: &str) -> String {
    let mut n = 0;
    let named = sql.split(' ').map(|word| {
        let Some(table) = word.strip_prefix("registrations") else { return word.to_owned() };
        n += 1;
        format!("registrations AS r{n}{table}")
    });
    named.collect::<Vec<_>>().join(" ")
}

#[test]
fn a_statement_without_end_is_ended_at_its_limit_by_the_database() {
    let upstream = Upstream::of(&[100]);
    let mirror = mirror(&upstream, 1);
    let server = Server::serve(&mirror);
    for sql in [
        ENDLESS.to_owned(),
        unambiguous("SELECT 1 FROM registrations, registrations, registrations, registrations, registrations WHERE r1.email || r2.email || r3.email || r4.email || r5.email = 'x'"),
        "SELECT max(i) OVER (ORDER BY i DESC) FROM (WITH RECURSIVE n(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n) SELECT i FROM n)".into(),
        "WITH RECURSIVE n(i) AS (VALUES (1) UNION SELECT (i + 1) % 1000000000 FROM n) SELECT i FROM n ORDER BY i".into(),
    ] {
        let asked = steady_now();
        let answer = server.query(&sql).send();
        let took = asked.elapsed();
        let problem = answer.problem(400);
        assert!(problem["detail"].as_str().unwrap().contains("1 s are over"), "{problem}");
        assert!(took < Duration::from_secs(10), "{took:?} for {sql}");
    }
}

#[test]
fn a_function_that_would_compare_for_ever_is_ended_at_the_limit_too() {
    let upstream = Upstream::of(&[5]);
    let mirror = mirror(&upstream, 1);
    let server = Server::serve(&mirror);
    let a = |count: usize| format!("replace(hex(zeroblob({})), '0', 'a')", count / 2);
    for sql in [
        format!("SELECT {} LIKE '%a%a%a%a%a%a%b'", a(60_000)),
        format!("SELECT {} GLOB '*a*a*a*a*a*a*b'", a(60_000)),
        format!("SELECT instr({}, {} || 'b')", a(1_000_000), a(500_000)),
        format!("SELECT replace({}, {} || 'b', '')", a(1_000_000), a(500_000)),
        format!("SELECT length(trim({}, 'b' || {}))", a(1_000_000), a(500_000)),
        format!("SELECT length(unhex({}, {}))", a(1_000_000), a(500_000)),
        format!("SELECT {} LIKE '%{}b%'", a(1_000_000), "a".repeat(240)),
        format!("SELECT json_patch({}, {})", a(100), a(100)),
    ] {
        let asked = steady_now();
        // On a slow machine the limit may cut the answer itself.
        let _ = server.query(&sql).try_send();
        let took = asked.elapsed();
        println!("{took:?} for {sql}");
        assert!(took < Duration::from_secs(10), "{took:?} for {sql}");
    }
}

#[test]
fn rows_that_are_cut_at_the_limit_never_look_whole() {
    let upstream = Upstream::of(&[5]);
    let mirror = mirror(&upstream, 1);
    let server = Server::serve(&mirror);
    for format in ["json", "ndjson", "csv"] {
        for encoding in ["identity", "gzip"] {
            let ask = server.query(STREAM).with("format", format).header("accept-encoding", encoding);
            let cut = ask.try_send();
            assert!(cut.is_err(), "{format} {encoding}: {} bytes", cut.unwrap().bytes.len());
        }
    }
    // HTTP/1.0 tells the end by closing: what was cut is reset.
    let mut stream = begin(&server, STREAM, "1.0");
    let cut = stream.read_to_end(&mut Vec::new());
    assert_eq!(cut.unwrap_err().kind(), std::io::ErrorKind::ConnectionReset);
    let mut whole = Vec::new();
    begin(&server, "SELECT 1 AS a", "1.0").read_to_end(&mut whole).unwrap();
    assert!(String::from_utf8(whole).unwrap().ends_with("\r\n\r\na\n1\n"));
    server.query("SELECT 1").send().ok();
}

#[test]
fn whoever_waits_for_a_turn_for_longer_than_a_statement_may_run_is_told_to_come_again() {
    let upstream = Upstream::of(&[5]);
    let mirror = mirror(&upstream, 2);
    let server = Server::serve(&mirror);
    let _running: Vec<TcpStream> = (0..24).map(|_| begin(&server, ENDLESS, "1.1")).collect();
    // The first four end at their limit; by then others have their turn, and this one is far behind, once all
    // of them have been heard.
    let mut answer = server.query("SELECT 1").send();
    until("it is far behind", || {
        answer.status == 503 || {
            answer = server.query("SELECT 1").send();
            false
        }
    });
    let problem = answer.problem(503);
    assert!(problem["detail"].as_str().unwrap().contains("too many others wait"), "{problem}");
    assert!(answer.header("retry-after").is_some());
}
