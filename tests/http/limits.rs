//! Requests that are too much: long, many, slow to come.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::Duration;

use coupontools_mirror::clock::steady_now;

use crate::asker::Server;
use crate::raw::{exchange, get, send};
use crate::stage::{DEADLINE, Mirror, Upstream};

/// As the server allows.
const CONNECTIONS_MAX: usize = 512;

fn serve(upstream: &Upstream) -> (Mirror, Server) {
    let mirror = Mirror::of(upstream).http("without_token = \"full\"");
    mirror.sync(&[]).exits(0);
    let server = Server::serve(&mirror);
    (mirror, server)
}

#[test]
fn a_head_that_is_too_long_is_refused_and_the_next_one_is_answered() {
    let (_mirror, server) = serve(&Upstream::of(&[5]));
    let address = server.address();
    let flood: String = (0..5_000).map(|n| format!("X-{n}: {}\r\n", "x".repeat(50))).collect();
    assert_eq!(get(address, "/healthz", &format!("Host: localhost\r\n{flood}")).status, 431);
    let many: String = (0..200).map(|n| format!("X-{n}: 1\r\n")).collect();
    assert_eq!(get(address, "/healthz", &format!("Host: localhost\r\n{many}")).status, 431);
    let long = format!("/{}", "x".repeat(100_000));
    assert!([414, 431].contains(&get(address, &long, "Host: localhost\r\n").status));
    for garbage in
        ["\u{0}\u{0}\r\n\r\n", "GET\r\n\r\n", "GET / HTTP/9.9\r\n\r\n", "GET / HTTP/1.1\r\nno colon\r\n\r\n"]
    {
        assert_eq!(exchange(address, garbage).status, 400, "{garbage:?}");
    }
    server.get("/healthz").send().ok();
}

#[test]
fn two_lengths_of_one_body_are_no_request() {
    let (_mirror, server) = serve(&Upstream::of(&[5]));
    for lengths in [
        "Content-Length: 5\r\nContent-Length: 6\r\n",
        "Content-Length: +5\r\n",
        "Content-Length: -1\r\n",
        "Transfer-Encoding: chunked, identity\r\n",
        "Transfer-Encoding: x\r\n",
    ] {
        let request = format!(
            "POST /api/v1/query HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n{lengths}\
             Connection: close\r\n\r\nhello"
        );
        assert_eq!(exchange(server.address(), &request).status, 400, "{lengths}");
    }
}

#[test]
fn a_head_or_a_body_that_does_not_come_is_not_waited_for() {
    let (_mirror, server) = serve(&Upstream::of(&[5]));
    let begin = steady_now();
    let mut heads = ["", "GET /healthz HT", "GET /healthz HTTP/1.1\r\nHost: local"]
        .map(|start| send(server.address(), start.as_bytes()));
    let body = "POST /api/v1/query HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n\
                Content-Length: 1000\r\nConnection: close\r\n\r\n{\"sql\":";
    let mut said = Vec::new();
    let mut waiting = send(server.address(), body.as_bytes());
    for head in &mut heads {
        let mut said = Vec::new();
        let _ = head.read_to_end(&mut said);
    }
    let _ = waiting.read_to_end(&mut said);
    assert!(String::from_utf8(said).unwrap().starts_with("HTTP/1.1 408"), "a body is asked for in vain");
    assert!(begin.elapsed() < Duration::from_secs(25), "{:?}", begin.elapsed());
}

#[test]
fn more_connections_than_there_may_be_wait_until_one_ends() {
    let (_mirror, server) = serve(&Upstream::of(&[5]));
    let request = b"GET /api/v1/changes?wait=60&after=100000 HTTP/1.1\r\nHost: localhost\r\n\r\n";
    let mut held: Vec<TcpStream> = (0..CONNECTIONS_MAX).map(|_| send(server.address(), request)).collect();
    let mut next =
        send(server.address(), b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
    next.set_read_timeout(Some(Duration::from_millis(500))).unwrap();
    let mut answer = [0; 12];
    assert!(next.read(&mut answer).is_err(), "it was answered beside all the others");
    held.pop();
    next.set_read_timeout(Some(DEADLINE)).unwrap();
    next.read_exact(&mut answer).unwrap();
    assert_eq!(&answer, b"HTTP/1.1 200");
    // Whoever held them leaves, and everybody is answered.
    held.clear();
    server.get("/healthz").send().ok();
    let mut again = send(server.address(), b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n");
    again.flush().unwrap();
    again.read_exact(&mut answer).unwrap();
    assert_eq!(&answer, b"HTTP/1.1 200");
}
