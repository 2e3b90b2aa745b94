//! The shipped simulator, in a process of its own.

use std::io::{BufRead, BufReader};
use std::process::{ChildStdout, Stdio};

use anyhow::{Context, Result};
use serde_json::Value;

use super::process::{Running, program};

/// A running simulator; it ends with this value.
pub struct Simulator {
    _process: Running,
    /// Closed, it would end the simulator that has more to say.
    _out: BufReader<ChildStdout>,
    pub base_url: String,
}

impl Simulator {
    /// Starts one in which nothing happens by itself, with directories of these sizes.
    pub fn start(sizes: &[u32], latency_ms: u32) -> Result<Self> {
        Self::start_with(sizes, &["--still", "--latency-ms", &latency_ms.to_string()])
    }

    /// Starts one with directories of these sizes.
    pub fn start_with(sizes: &[u32], arguments: &[&str]) -> Result<Self> {
        let sizes: Vec<String> = sizes.iter().map(u32::to_string).collect();
        let mut command = program();
        command
            .args(["simulate", "--listen", "127.0.0.1:0", "--sizes", &sizes.join(",")])
            .args(arguments)
            .stdout(Stdio::piped());
        let mut process = Running::start(&mut command).context("cannot start the simulator")?;
        let out = process.0.stdout.take().context("the simulator has no output")?;
        let mut line = String::new();
        let mut out = BufReader::new(out);
        out.read_line(&mut line)?;
        let base_url = line.split_whitespace().nth(2).context("the simulator did not start")?.to_owned();
        Ok(Self { _process: process, _out: out, base_url })
    }

    /// The ID of the directory at this place.
    pub fn directory(&self, place: usize) -> Result<String> {
        let truth = self.control("GET", "truth", "")?;
        let id = truth.pointer(&format!("/directories/{place}/directory_id")).and_then(Value::as_str);
        Ok(id.context("the simulator has no such directory")?.to_owned())
    }

    /// How many requests it was asked since it was last asked here; forgets them.
    pub fn take_requests(&self) -> Result<u64> {
        let requests = self.control("GET", "requests", "")?;
        self.control("POST", "requests/reset", "")?;
        requests.get("total").and_then(Value::as_u64).context("the simulator does not count")
    }

    /// One of its control calls.
    pub fn control(&self, method: &str, call: &str, body: &str) -> Result<Value> {
        let url = format!("{}/simulator/{call}", self.base_url.trim_end_matches('/'));
        super::runtime()?.block_on(async {
            let client = reqwest::Client::new();
            let request =
                if method == "GET" { client.get(url) } else { client.post(url).body(body.to_owned()) };
            let body = request.send().await?.error_for_status()?.bytes().await?;
            Ok(serde_json::from_slice(&body).unwrap_or(Value::Null))
        })
    }
}
