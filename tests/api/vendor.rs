//! A vendor that answers by a script and remembers what it was asked.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::Request;
use axum::http::HeaderMap;
use axum::response::Response;
use coupontools_mirror::api::{Client, Credentials, Retry, Settings};
use coupontools_mirror::directory::DirectoryId;
use tower_http::compression::CompressionLayer;

pub const ID: &str = "client-id-aaaa";
pub const SECRET: &str = "client-secret-bbbb";

#[derive(Clone)]
pub enum Reply {
    Says(u16, Vec<(&'static str, String)>, Bytes),
    /// Never says anything.
    Hangs,
}

pub fn says(status: u16, body: impl Into<String>) -> Reply {
    Reply::Says(status, vec![], body.into().into())
}

pub fn says_with(status: u16, header: &'static str, value: impl Into<String>, body: &str) -> Reply {
    Reply::Says(status, vec![(header, value.into())], body.to_owned().into())
}

pub fn one_user() -> Reply {
    says(200, r#"{"status":{"status":"OK"},"users":[{"ID":"reg_1"}]}"#)
}

pub struct Asked {
    pub path: String,
    pub headers: HeaderMap,
    pub body: String,
}

pub struct Vendor {
    pub url: String,
    asked: Arc<Mutex<Vec<Asked>>>,
}

impl Vendor {
    /// Gives these replies in turn, the last one from then on.
    pub async fn start(replies: impl Into<Vec<Reply>>) -> Self {
        let (replies, asked) = (Arc::new(replies.into()), Arc::new(Mutex::new(Vec::new())));
        let (listener, log) =
            (tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap(), Arc::clone(&asked));
        let url = format!("http://{}", listener.local_addr().unwrap());
        let app = Router::new().fallback(move |request: Request| {
            let (replies, log) = (Arc::clone(&replies), Arc::clone(&log));
            async move {
                let (parts, body) = request.into_parts();
                let body = axum::body::to_bytes(body, 1 << 20).await.unwrap();
                let turn = {
                    let mut log = log.lock().unwrap();
                    log.push(Asked {
                        path: parts.uri.to_string(),
                        headers: parts.headers,
                        body: String::from_utf8(body.into()).unwrap(),
                    });
                    log.len() - 1
                };
                give(replies[turn.min(replies.len() - 1)].clone()).await
            }
        });
        tokio::spawn(async move { axum::serve(listener, app.layer(CompressionLayer::new())).await });
        Self { url, asked }
    }

    pub fn asked(&self) -> usize {
        self.asked.lock().unwrap().len()
    }

    pub fn nth<T>(&self, nth: usize, look: impl Fn(&Asked) -> T) -> T {
        look(&self.asked.lock().unwrap()[nth])
    }

    pub fn client(&self) -> Client {
        self.client_with(|_| {})
    }

    pub fn client_with(&self, change: impl Fn(&mut Settings)) -> Client {
        client_of(&self.url, change)
    }
}

pub fn client_of(url: &str, change: impl Fn(&mut Settings)) -> Client {
    let mut settings = quick(url);
    change(&mut settings);
    Client::new(&settings, &keys()).unwrap()
}

async fn give(reply: Reply) -> Response {
    match reply {
        Reply::Says(status, headers, body) => {
            let mut response = Response::builder().status(status);
            for (name, value) in headers {
                response = response.header(name, value);
            }
            response.body(Body::from(body)).unwrap()
        }
        Reply::Hangs => std::future::pending().await,
    }
}

/// What a vendor does after its last word, below HTTP.
#[derive(Clone, Copy)]
pub enum Then {
    BreaksOff,
    Hangs,
    /// Says spaces until nobody listens.
    GoesOn,
}

/// A vendor that says these bytes on every connection, whatever it is asked; its URL, and how
/// often it was asked.
pub fn raw_vendor(words: &'static str, then: Then) -> (String, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let asked = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&asked);
    std::thread::spawn(move || {
        let mut hung = Vec::new();
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let read = stream.read(&mut [0; 4096]).unwrap_or(0);
            count.fetch_add(usize::from(read > 0), Ordering::SeqCst);
            let mut said = stream.write_all(words.as_bytes());
            match then {
                Then::BreaksOff => {}
                Then::Hangs => hung.push(stream),
                Then::GoesOn => {
                    while said.is_ok() {
                        said = stream.write_all(&[b' '; 64 * 1024]);
                    }
                }
            }
        }
    });
    (url, asked)
}

pub fn keys() -> Credentials {
    Credentials { client_id: ID.into(), client_secret: SECRET.into() }
}

/// Settings that waste no time.
pub fn quick(url: &str) -> Settings {
    Settings {
        base_url: url.to_owned(),
        requests_per_second: 1000,
        timeout: Duration::from_secs(20),
        retry: Retry {
            attempts: 3,
            backoff_min: Duration::from_millis(1),
            backoff_max: Duration::from_millis(5),
        },
        ..Settings::default()
    }
}

pub fn dir() -> DirectoryId {
    DirectoryId::new("dir_1")
}

/// Waits for it, but not for ever.
pub async fn until(what: impl Fn() -> bool) {
    let wait = async {
        while !what() {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), wait).await.expect("in time");
}
