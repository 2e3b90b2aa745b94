//! Rows are streamed: what a reader has not taken yet is not held in memory.

use std::io::Read as _;
use std::time::Duration;

use crate::asker::Server;
use crate::raw::send;
use crate::stage::{Mirror, Upstream, until};

const ROWS: usize = 1_000_000;
/// More than buffers of sockets and compressors are.
const GROWTH_KB_MAX: u64 = 24 << 10;

/// A line of the process's status, in kB.
fn status_kb(server: &Server, line: &str) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{}/status", server.running.pid())).unwrap();
    let found = status.lines().find_map(|one| one.strip_prefix(line)).unwrap();
    found.trim_matches(|c: char| !c.is_ascii_digit()).parse().unwrap()
}

#[test]
fn a_million_rows_read_slowly_take_no_more_memory_than_a_few() {
    let upstream = Upstream::of(&[5]);
    let mirror = Mirror::of(&upstream).http("query_timeout_s = 120");
    mirror.sync(&[]).exits(0);
    let server = Server::serve(&mirror);
    server.query("SELECT 1").send().ok();
    let before = status_kb(&server, "VmRSS:");
    let sql = format!(
        "WITH+RECURSIVE+n(i)+AS+(VALUES(1)+UNION+ALL+SELECT+i%2B1+FROM+n+WHERE+i<{ROWS})+SELECT+i,'some+text+that+is+long+enough'+FROM+n"
    );
    let request = format!(
        "GET /api/v1/query?format=csv&sql={sql} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
    );
    let mut stream = send(server.address(), request.replace('<', "%3C").as_bytes());
    let (mut bytes, mut lines, mut largest) = (vec![0; 256 << 10], 0, 0);
    loop {
        let count = stream.read(&mut bytes).unwrap();
        if count == 0 {
            break;
        }
        lines += bytes[..count].iter().filter(|byte| **byte == b'\n').count();
        // A slow reader: what is ready waits.
        if lines < ROWS / 10 {
            std::thread::park_timeout(Duration::from_millis(2));
            largest = largest.max(status_kb(&server, "VmRSS:"));
        }
    }
    let peak = status_kb(&server, "VmHWM:");
    println!("memory before {before} kB, while read {largest} kB, at most {peak} kB");
    assert!(lines > ROWS, "{lines} lines");
    assert!(peak.max(largest) < before + GROWTH_KB_MAX, "{before} kB, then {peak} kB");
}

#[test]
fn a_reader_who_takes_nothing_is_cut_off_at_the_limit_and_frees_its_place() {
    let upstream = Upstream::of(&[5]);
    let mirror = Mirror::of(&upstream).http("query_timeout_s = 1");
    mirror.sync(&[]).exits(0);
    let server = Server::serve(&mirror);
    let sql = "WITH+RECURSIVE+n(i)+AS+(VALUES(1)+UNION+ALL+SELECT+i%2B1+FROM+n)+SELECT+i,'text'+FROM+n";
    let request = format!("GET /api/v1/query?format=csv&sql={sql} HTTP/1.1\r\nHost: localhost\r\n\r\n");
    let held: Vec<_> = (0..4).map(|_| send(server.address(), request.as_bytes())).collect();
    until("a statement has its turn", || server.query("SELECT 1").send().status == 200);
    assert!(status_kb(&server, "VmHWM:") < 200 << 10);
    for mut stream in held {
        assert!(stream.read_to_end(&mut Vec::new()).is_err() || stream.read(&mut [0; 1]).unwrap_or(0) == 0);
    }
}

#[test]
fn what_a_statement_collects_into_one_value_has_a_limit() {
    let upstream = Upstream::of(&[5]);
    let mirror = Mirror::of(&upstream).http("query_timeout_s = 120");
    mirror.sync(&[]).exits(0);
    let server = Server::serve(&mirror);
    let endless = "WITH RECURSIVE n(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n)";
    for value in ["json_group_array(printf('%100000s', i))", "json_group_object(i, printf('%1000000s', i))"] {
        let problem = server.query(&format!("{endless} SELECT {value} FROM n")).send().problem(400);
        assert!(problem["detail"].as_str().unwrap().contains("too much memory"), "{value}: {problem}");
    }
    let peak = status_kb(&server, "VmHWM:");
    println!("at most {peak} kB for values without end");
    assert!(peak < 1_500 << 10, "{peak} kB");
    server.query("SELECT 1").send().ok();
}
