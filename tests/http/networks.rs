//! Where it listens: not on other machines' behalf without a token.

use std::net::{IpAddr, UdpSocket};

use reqwest::Method;

use crate::asker::{Ask, Server};
use crate::stage::{Mirror, Upstream};

/// An address by which other machines would reach this one, if it has one. Nothing is sent.
fn own_address() -> Option<IpAddr> {
    let socket = UdpSocket::bind("0.0.0.0:0").ok()?;
    socket.connect("192.0.2.1:9").ok()?;
    socket
        .local_addr()
        .ok()
        .map(|address| address.ip())
        .filter(|ip| !ip.is_loopback() && !ip.is_unspecified())
}

fn mirror(upstream: &Upstream) -> Mirror {
    let mirror = Mirror::of(upstream).http("without_token = \"full\"");
    mirror.sync(&[]).exits(0);
    mirror
}

#[test]
fn other_machines_are_not_listened_to_while_there_is_no_token() {
    let upstream = Upstream::of(&[5]);
    let mirror = mirror(&upstream);
    let mut addresses = vec!["0.0.0.0:0".to_owned(), "[::]:0".into()];
    addresses.extend(own_address().map(|ip| format!("{ip}:0")));
    for address in &addresses {
        for command in ["serve", "run"] {
            let ended = mirror.call(&[command, "--listen", address]).exits(78);
            ended.says("cannot listen on").says("there is no token").says("hint: make one with");
        }
    }
    // As many as none.
    std::fs::write(mirror.path("mirror.db-tokens"), "# none\n").unwrap();
    mirror.call(&["serve", "--listen", "0.0.0.0:0"]).exits(78);
    std::fs::write(mirror.path("mirror.db-tokens"), "garbled\n").unwrap();
    mirror.call(&["serve", "--listen", "0.0.0.0:0"]).exits(78).says("line 1");
}

#[test]
fn other_addresses_than_loopback_need_a_token_whatever_loopback_sees_without_one() {
    let upstream = Upstream::of(&[5]);
    let mirror = mirror(&upstream);
    let token = mirror.call(&["token", "add", "other"]).exits(0).stdout;
    let server = Server::start(&mirror, &["serve", "--listen", "0.0.0.0:0"]);
    let port = server.address().port();
    let get = |ip: IpAddr| Ask::new(Method::GET, &format!("http://{ip}:{port}/api/v1/directories"));
    get("127.0.0.1".parse().unwrap()).send().ok();
    if let Some(ip) = own_address() {
        get(ip).send().problem(401);
        get(ip).header("x-forwarded-for", "127.0.0.1").send().problem(401);
        get(ip).token(token.trim()).send().ok();
        get(ip).token("cmt_x").send().problem(401);
    }
    // The last token is gone: then nobody has one, and it is asked for as before.
    mirror.call(&["token", "remove", "other"]).exits(0);
    if let Some(ip) = own_address() {
        get(ip).token(token.trim()).send().problem(401);
        get(ip).send().problem(401);
    }
    get("127.0.0.1".parse().unwrap()).send().ok();
}

#[test]
fn every_address_of_loopback_is_this_machine_and_its_names_are() {
    let upstream = Upstream::of(&[5]);
    let mirror = mirror(&upstream);
    for address in ["127.0.0.2:0", "localhost:0"] {
        let server = Server::start(&mirror, &["serve", "--listen", address]);
        server.get("/api/v1/directories").send().ok();
        assert!(server.address().ip().is_loopback());
    }
}
