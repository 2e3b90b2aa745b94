//! The floor of every walk: the same pages, one after the other, over a kept connection, with the
//! same headers, each body read and thrown away, until one comes without rows. No pages are parsed,
//! looked up or saved.

use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use coupontools_mirror::clock::steady_now;
use reqwest::header::{ACCEPT, CONTENT_TYPE, HeaderMap, HeaderValue};

use super::stage::runtime;

/// An answer without rows is shorter, one with a single row is not.
const EMPTY_BYTES_MAX: usize = 100;

/// What a loop read.
#[derive(Clone, Copy, Debug)]
pub struct Read {
    pub wall: Duration,
    /// The last, empty one included.
    pub pages: u32,
    pub bytes: u64,
}

/// Reads a directory to its end, at no more than so many requests a second.
pub fn read(base_url: &str, directory: &str, requests_per_second: u32) -> Result<Read> {
    let mut headers = HeaderMap::new();
    headers.insert("x-client-id", HeaderValue::from_static("demo-id"));
    headers.insert("x-client-secret", HeaderValue::from_static("demo-secret"));
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
    let url = format!("{}/v3/directoryusers/list", base_url.trim_end_matches('/'));
    runtime()?.block_on(async {
        let client = reqwest::Client::builder()
            .user_agent("bare-loop")
            .default_headers(headers)
            .no_proxy()
            .timeout(Duration::from_secs(60))
            .build()?;
        let started = steady_now();
        let (mut pages, mut bytes) = (0, 0);
        loop {
            wait_for_turn(started, pages, requests_per_second).await;
            pages += 1;
            let body = format!(r#"{{"directory":"{directory}","page":{pages}}}"#);
            let mut response = client.post(&url).body(body).send().await?;
            ensure!(response.status().is_success(), "the simulator answered {}", response.status());
            let mut length = 0;
            while let Some(chunk) = response.chunk().await? {
                length += chunk.len();
            }
            bytes += length as u64;
            if length <= EMPTY_BYTES_MAX {
                return Ok(Read { wall: started.elapsed(), pages, bytes });
            }
        }
    })
}

/// The mirror's own limit, which counts from the start.
async fn wait_for_turn(started: Instant, requests: u32, requests_per_second: u32) {
    let due = Duration::from_secs(1) * requests / requests_per_second;
    if let Some(early) = due.checked_sub(started.elapsed()) {
        tokio::time::sleep(early).await;
    }
}
