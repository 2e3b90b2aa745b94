//! Names that the mirror is asked by: a page whose name was made to mean this machine is refused.

use std::net::SocketAddr;

use crate::asker::Server;
use crate::raw::{exchange, get};
use crate::stage::{Mirror, Upstream};

const TARGET: &str = "/api/v1/directories";

fn serve(upstream: &Upstream) -> (Mirror, Server) {
    let mirror = Mirror::of(upstream).http("without_token = \"full\"\nhosts = [\"Mirror.Example.com\"]");
    mirror.sync(&[]).exits(0);
    let server = Server::serve(&mirror);
    (mirror, server)
}

fn status(address: SocketAddr, host: &str) -> u16 {
    get(address, TARGET, &format!("Host: {host}\r\n")).status
}

#[test]
fn addresses_localhost_and_configured_names_are_known_with_any_port() {
    let (_mirror, server) = serve(&Upstream::of(&[5]));
    for host in [
        "127.0.0.1",
        "127.0.0.1:1",
        "localhost",
        "LOCALHOST:8787",
        "localhost.",
        "localhost:",
        "[::1]",
        "[::1]:8787",
        "192.168.1.5:80",
        "[fe80::1]",
        "mirror.example.com",
        "MIRROR.example.COM:443",
        "mirror.example.com.",
    ] {
        assert_eq!(status(server.address(), host), 200, "{host}");
    }
}

#[test]
fn a_name_that_is_not_known_is_refused_however_it_is_written() {
    let (_mirror, server) = serve(&Upstream::of(&[5]));
    for host in [
        "evil.example.com",
        "evil.example.com:8787",
        "localhost.evil.example.com",
        "127.0.0.1.evil.example.com",
        "127.0.0.1.nip.io",
        "mirror.example.com.evil.example.com",
        "xmirror.example.com",
        "2130706433",
        "0x7f000001",
        "127.1",
        "localhost@evil.example.com",
        "evil.example.com@localhost",
        "user@127.0.0.1",
        "[::1",
        "::1]",
        "localhost:80:80",
        "127.0.0.1, evil.example.com",
        "*",
        "mirror.example.com:x",
    ] {
        let raw = get(server.address(), TARGET, &format!("Host: {host}\r\n"));
        assert!([400, 421].contains(&raw.status), "{host}: {}", raw.status);
        assert!(!raw.body.contains("dir_10001"), "{host}");
    }
    assert!([400, 421].contains(&status(server.address(), "")));
    for path in
        ["/", "/directories/dir_10001", "/changes", "/reports", "/reports.json", "/metrics", "/api/v1/status"]
    {
        assert_eq!(get(server.address(), path, "Host: evil.example.com\r\n").status, 421, "{path}");
        assert_eq!(get(server.address(), path, "Host: localhost\r\n").status, 200, "{path}");
    }
}

#[test]
fn a_second_host_or_one_in_the_first_line_does_not_hide_the_other() {
    let (_mirror, server) = serve(&Upstream::of(&[5]));
    let address = server.address();
    let get = |target: &str, lines: &str| get(address, target, lines).status;
    let is_refused = |status: u16| [400, 421].contains(&status);
    assert!(is_refused(get(TARGET, "Host: localhost\r\nHost: evil.example.com\r\n")));
    assert!(is_refused(get(TARGET, "Host: evil.example.com\r\nHost: localhost\r\n")));
    assert!(is_refused(get(&format!("http://evil.example.com{TARGET}"), "Host: localhost\r\n")));
    assert!(is_refused(get(&format!("http://localhost{TARGET}"), "Host: evil.example.com\r\n")));
    assert_eq!(get(&format!("http://localhost:1{TARGET}"), "Host: localhost\r\n"), 200);
    assert!(is_refused(get(TARGET, "")), "no host at all");
    let old = |lines: &str| exchange(address, &format!("GET {TARGET} HTTP/1.0\r\n{lines}\r\n")).status;
    assert!(is_refused(old("")));
    assert!(is_refused(old("Host: evil.example.com\r\n")));
    assert_eq!(old("Host: localhost\r\n"), 200);
}

#[test]
fn who_watches_the_process_may_use_any_name() {
    let (_mirror, server) = serve(&Upstream::of(&[5]));
    for path in ["/healthz", "/readyz", "/openapi.json"] {
        assert_eq!(get(server.address(), path, "Host: mirror.monitoring.svc:8787\r\n").status, 200, "{path}");
    }
}
