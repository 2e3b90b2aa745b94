//! A program that serves, and requests to it.

use std::net::SocketAddr;
use std::sync::LazyLock;

use reqwest::header::HeaderMap;
use reqwest::{Client, Method, RequestBuilder};
use rustix::process::Signal;
use serde_json::Value;
use tokio::runtime::{Builder, Runtime};

use crate::stage::{DEADLINE, Ended, Mirror, Running, until};

/// Carries every request of the test binary.
pub static RUNTIME: LazyLock<Runtime> =
    LazyLock::new(|| Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap());

static CLIENT: LazyLock<Client> = LazyLock::new(|| {
    let client = Client::builder().no_proxy().no_gzip().no_deflate().pool_max_idle_per_host(0);
    client.redirect(reqwest::redirect::Policy::none()).timeout(DEADLINE).build().unwrap()
});

/// What the log says before the address.
const LISTENING: &str = "listening url=";

/// A program that serves; killed when it is dropped.
pub struct Server {
    pub running: Running,
    url: String,
}

impl Server {
    /// `serve`, once it listens.
    pub fn serve(mirror: &Mirror) -> Self {
        Self::start(mirror, &["serve"])
    }

    /// `run`, once it listens.
    pub fn run(mirror: &Mirror) -> Self {
        Self::start(mirror, &["run"])
    }

    pub fn start(mirror: &Mirror, arguments: &[&str]) -> Self {
        let mut running = mirror.start(arguments);
        let mut url = None;
        until("it listens", || {
            let said = running.stderr();
            let rest = said.split_once(LISTENING).and_then(|(_, rest)| rest.split_once('\n'));
            url = rest.map(|(url, _)| url.trim().trim_matches('"').to_owned());
            assert!(url.is_some() || !running.has_ended(), "it ended: {}", running.stderr());
            url.is_some()
        });
        Self { running, url: url.unwrap() }
    }

    pub fn url(&self) -> &str {
        &self.url
    }

    pub fn address(&self) -> SocketAddr {
        self.url.strip_prefix("http://").unwrap().parse().unwrap()
    }

    pub fn ask(&self, method: Method, path: &str) -> Ask {
        Ask::new(method, &format!("{}{path}", self.url))
    }

    pub fn get(&self, path: &str) -> Ask {
        self.ask(Method::GET, path)
    }

    /// The JSON that a path answers with.
    #[track_caller]
    pub fn json(&self, path: &str) -> Value {
        self.get(path).send().ok().json()
    }

    /// A statement in the address.
    pub fn query(&self, sql: &str) -> Ask {
        self.get("/api/v1/query").with("sql", sql)
    }

    /// A statement in a body.
    pub fn post(&self, body: &Value) -> Ask {
        self.ask(Method::POST, "/api/v1/query").json(body)
    }

    /// Asks it to stop, and waits for its end.
    pub fn stop(self) -> Ended {
        self.running.signal(Signal::TERM);
        self.running.end()
    }
}

/// A request, before it is sent.
pub struct Ask(RequestBuilder);

impl Ask {
    pub fn new(method: Method, url: &str) -> Self {
        Self(CLIENT.request(method, url))
    }

    pub fn header(self, name: &str, value: &str) -> Self {
        Self(self.0.header(name, value))
    }

    pub fn token(self, token: &str) -> Self {
        Self(self.0.bearer_auth(token))
    }

    pub fn basic(self, user: &str, token: &str) -> Self {
        Self(self.0.basic_auth(user, Some(token)))
    }

    /// Adds a parameter to the address.
    pub fn with(self, name: &str, value: &str) -> Self {
        let (client, request) = self.0.build_split();
        let mut request = request.unwrap();
        request.url_mut().query_pairs_mut().append_pair(name, value);
        Self(RequestBuilder::from_parts(client, request))
    }

    pub fn json(self, body: &Value) -> Self {
        self.body("application/json", &body.to_string())
    }

    pub fn body(self, content_type: &str, body: &str) -> Self {
        Self(self.0.header("content-type", content_type).body(body.to_owned()))
    }

    /// The whole answer; fails where it is cut.
    #[track_caller]
    pub fn send(self) -> Answer {
        RUNTIME.block_on(self.answer()).unwrap()
    }

    /// The whole answer, or why there is none.
    pub fn try_send(self) -> reqwest::Result<Answer> {
        RUNTIME.block_on(self.answer())
    }

    pub async fn answer(self) -> reqwest::Result<Answer> {
        let response = self.0.send().await?;
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        Ok(Answer { status, headers, bytes: response.bytes().await?.to_vec() })
    }
}

/// An answer.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: HeaderMap,
    pub bytes: Vec<u8>,
}

impl Answer {
    pub fn text(&self) -> String {
        String::from_utf8(self.bytes.clone()).unwrap()
    }

    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.bytes).unwrap_or_else(|error| panic!("{error}: {}", self.text()))
    }

    /// A header, if it is there.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }

    #[track_caller]
    pub fn ok(self) -> Self {
        assert_eq!(self.status, 200, "{}", self.text());
        self
    }

    /// Asserts that it is a problem of this status, in the house's form; returns it.
    #[track_caller]
    pub fn problem(&self, status: u16) -> Value {
        assert_eq!(self.status, status, "{}", self.text());
        assert_eq!(self.header("content-type"), Some("application/problem+json"));
        let problem = self.json();
        assert_eq!((&problem["status"], &problem["type"]), (&status.into(), &"about:blank".into()));
        assert!(problem["title"].is_string(), "{problem}");
        assert!(problem["detail"].as_str().unwrap().starts_with("cannot "), "{problem}");
        assert!(problem["hint"].as_str().is_some_and(|hint| !hint.is_empty()), "{problem}");
        problem
    }
}
