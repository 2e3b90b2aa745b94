//! A webhook is told as a command is, and its address is nobody's to see.

use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::sync::{Arc, Mutex};

use serde_json::Value;

use super::{EVERY_SECOND, assert_fit_to_send, brief, stop, telling, until_told};
use crate::stage::{Mirror, Upstream, until};

const FIRING: &str = "not_fresh firing default dir_10002";
const RESOLVED: &str = "not_fresh resolved default dir_10002";
const SECRET: &str = "a-path-that-is-a-secret";

/// A request's head and body.
type Posted = (String, Value);

/// Answers each request with the next of some statuses, the last one for ever.
struct Listener {
    url: String,
    posted: Arc<Mutex<Vec<Posted>>>,
}

impl Listener {
    fn answering(statuses: &'static [&'static str]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/{SECRET}?key={SECRET}", listener.local_addr().unwrap());
        let posted = Arc::new(Mutex::new(Vec::new()));
        let kept = Arc::clone(&posted);
        std::thread::spawn(move || {
            for (count, stream) in listener.incoming().enumerate() {
                let mut stream = stream.unwrap();
                let mut text = String::new();
                let mut some = [0; 4096];
                let body = loop {
                    let read = stream.read(&mut some).unwrap();
                    text += std::str::from_utf8(&some[..read]).unwrap();
                    let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
                    let length = head
                        .lines()
                        .find_map(|line| line.to_lowercase().strip_prefix("content-length: ")?.parse().ok());
                    if body.len() == length.unwrap_or(0_usize) {
                        break serde_json::from_str(body).unwrap();
                    }
                };
                kept.lock().unwrap().push((text.split("\r\n\r\n").next().unwrap().to_owned(), body));
                let status = statuses.get(count).unwrap_or(&statuses[statuses.len() - 1]);
                let answer = format!("HTTP/1.1 {status}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
                stream.write_all(answer.as_bytes()).unwrap();
            }
        });
        Self { url, posted }
    }

    fn posted(&self) -> Vec<Posted> {
        self.posted.lock().unwrap().clone()
    }

    fn brief(&self) -> Vec<String> {
        brief(&self.posted().into_iter().map(|(_, alert)| alert).collect::<Vec<_>>())
    }

    fn section(&self) -> String {
        format!("webhook_url = \"{}\"", self.url)
    }
}

fn failing() -> (Upstream, Mirror) {
    let upstream = Upstream::of(&[120, 30]);
    upstream.fault("gone-directory,directory=dir_10002,times=100000");
    let mirror = Mirror::of(&upstream).with(EVERY_SECOND).with("[alerts]\nafter_failures = 2");
    (upstream, mirror)
}

#[test]
fn an_alert_is_posted_again_until_it_is_taken_and_the_address_is_in_no_log() {
    // A redirect is followed nowhere: it would lead back here, and be taken.
    let listener = Listener::answering(&["500 Broken", "302 Found\r\nLocation: /taken", "204 Taken"]);
    let (upstream, mirror) = failing();
    let mirror = mirror.with(&listener.section());
    let daemon = mirror.start(&["run"]);
    until("it is taken", || listener.posted().len() == 3);
    upstream.clear_faults();
    until("its end is taken", || listener.posted().len() == 4);
    assert_eq!(listener.brief(), [FIRING, FIRING, FIRING, RESOLVED]);
    for (head, _) in listener.posted() {
        assert!(head.starts_with(&format!("POST /{SECRET}?key={SECRET} HTTP/1.1")), "{head}");
        assert!(head.to_lowercase().contains("content-type: application/json"), "{head}");
    }
    let told: Vec<_> = listener.posted().into_iter().map(|(_, alert)| alert).collect();
    assert_fit_to_send(&told, &upstream);
    until("nothing is due", || mirror.file().count("alert_due") == 0);
    daemon.until_says("the webhook's host 127.0.0.1 answers with HTTP 500");
    daemon.until_says("the webhook's host 127.0.0.1 answers with HTTP 302");
    daemon.signal(rustix::process::Signal::TERM);
    let ended = daemon.end().exits(0);
    assert!(!ended.stderr.contains(SECRET), "{}", ended.stderr);
}

#[test]
fn a_webhook_that_is_not_reached_keeps_no_command_waiting_and_is_told_later() {
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let upstream = Upstream::of(&[120, 30]);
    let mirror = telling(Mirror::of(&upstream), super::TAKE);
    let url = format!("http://{free}/{SECRET}");
    std::fs::write(mirror.path("webhook"), format!("{url}\n")).unwrap();
    let mirror = mirror.with("webhook_url_file = \"webhook\"");
    upstream.fault("gone-directory,directory=dir_10002,times=100000");
    let daemon = mirror.start(&["run"]);
    until_told(&mirror, &[FIRING]);
    upstream.clear_faults();
    until_told(&mirror, &[FIRING, RESOLVED]);
    daemon.until_says("cannot reach the webhook's host 127.0.0.1");
    until("the webhook alone is yet to be told", || {
        mirror.file().texts("SELECT via || ' ' || state FROM alert_due ORDER BY number")
            == ["webhook firing", "webhook resolved"]
    });
    daemon.signal(rustix::process::Signal::TERM);
    let ended = daemon.end().exits(0);
    assert!(!ended.stderr.contains(SECRET), "{}", ended.stderr);

    let listener = Listener::answering(&["200 OK"]);
    std::fs::write(mirror.path("webhook"), &listener.url).unwrap();
    let daemon = mirror.start(&["run"]);
    until("both are told", || listener.brief() == [FIRING, RESOLVED]);
    super::assert_quiet(&daemon, &mirror);
    assert_eq!(listener.brief().len(), 2);
    stop(daemon);
}

#[test]
fn who_may_read_the_mirror_and_not_the_webhooks_address_reads_it_and_the_daemon_does_not_start() {
    let upstream = Upstream::of(&[30]);
    let mirror = Mirror::of(&upstream);
    mirror.sync(&[]).exits(0);
    let mirror = mirror.with("[alerts]\nwebhook_url_file = \"nowhere\"");
    mirror.call(&["status"]).exits(0);
    for command in ["run", "check"] {
        mirror.call(&[command]).exits(78);
    }
    mirror.call(&["run"]).exits(78).says("cannot read [alerts] webhook_url_file").says("hint:");
    std::fs::write(mirror.path("nowhere"), format!("ftp://{SECRET}/")).unwrap();
    let ended = mirror.call(&["run"]).exits(78).says("it is no address of http or https");
    assert!(!ended.stderr.contains(SECRET), "{}", ended.stderr);
}
