//! Clients of a server: each a thread with one kept connection, all asking at once.

use std::thread;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use coupontools_mirror::clock::steady_now;
use reqwest::header::{ACCEPT_ENCODING, AUTHORIZATION, HeaderMap, HeaderValue};

use super::stage::runtime;
use super::times::Times;

/// No answer takes longer.
const TIMEOUT: Duration = Duration::from_secs(60);

/// How a client asks.
#[derive(Clone, Debug, Default)]
pub struct Manner {
    /// Takes compressed answers. They are counted as they come: nothing is unpacked.
    pub takes_gzip: bool,
    /// Sent with every request.
    pub token: Option<String>,
}

/// What came back.
#[derive(Clone, Debug, Default)]
pub struct Answers {
    pub times: Times,
    /// Of all bodies.
    pub bytes: u64,
    /// Answers other than 200.
    pub refused: usize,
}

impl Answers {
    /// All of another's, too.
    pub fn append(&mut self, other: Self) {
        self.times.append(other.times);
        self.bytes += other.bytes;
        self.refused += other.refused;
    }
}

/// So many requests by so many clients at once, who take the addresses in turns.
pub fn ask(urls: &[String], requests: usize, clients: usize, manner: &Manner) -> Result<Answers> {
    ensure!(!urls.is_empty(), "there is nothing to ask");
    let each = requests / clients;
    let parts: Vec<Result<Answers>> = thread::scope(|scope| {
        let start = |client: usize| scope.spawn(move || ask_alone(urls, client * each, each, manner));
        let started: Vec<_> = (0..clients).map(start).collect();
        started.into_iter().map(|thread| thread.join().unwrap_or_else(|_| Ok(Answers::default()))).collect()
    });
    let mut all = Answers::default();
    for part in parts {
        all.append(part?);
    }
    Ok(all)
}

fn ask_alone(urls: &[String], first: usize, requests: usize, manner: &Manner) -> Result<Answers> {
    let mut headers = HeaderMap::new();
    let encoding = if manner.takes_gzip { "gzip" } else { "identity" };
    headers.insert(ACCEPT_ENCODING, HeaderValue::from_static(encoding));
    if let Some(token) = &manner.token {
        headers.insert(AUTHORIZATION, HeaderValue::from_str(&format!("Bearer {token}"))?);
    }
    runtime()?.block_on(async {
        let client = reqwest::Client::builder()
            .default_headers(headers)
            .gzip(false)
            .deflate(false)
            .no_proxy()
            .timeout(TIMEOUT)
            .build()?;
        let mut answers = Answers::default();
        // The first one opens the connection, and is not counted.
        for request in 0..=requests {
            let url = &urls[(first + request) % urls.len()];
            let started = steady_now();
            let mut response =
                client.get(url).send().await.with_context(|| format!("{url} does not answer"))?;
            let status = response.status();
            let mut bytes = 0;
            while let Some(chunk) = response.chunk().await.with_context(|| format!("{url} is cut off"))? {
                bytes += chunk.len() as u64;
            }
            if request > 0 {
                answers.times.add(started.elapsed());
                answers.bytes += bytes;
                answers.refused += usize::from(status != reqwest::StatusCode::OK);
            }
        }
        Ok(answers)
    })
}
