//! The shipped simulator, in a process of its own.

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Stdio};

use anyhow::{Context, Result};
use serde_json::Value;

use super::process::program;

/// A running simulator; it ends with this value.
pub struct Simulator {
    child: Child,
    pub base_url: String,
}

impl Simulator {
    /// Starts one in which nothing happens by itself, with directories of these sizes.
    pub fn start(sizes: &[u32], latency_ms: u32) -> Result<Self> {
        let sizes: Vec<String> = sizes.iter().map(u32::to_string).collect();
        let mut child = program()
            .args(["simulate", "--listen", "127.0.0.1:0", "--still"])
            .args(["--sizes", &sizes.join(",")])
            .args(["--latency-ms", &latency_ms.to_string()])
            .stdout(Stdio::piped())
            .spawn()
            .context("cannot start the simulator")?;
        let out = child.stdout.take().context("the simulator has no output")?;
        let mut line = String::new();
        BufReader::new(out.take(1024)).read_line(&mut line)?;
        let base_url = line.split_whitespace().nth(2).context("the simulator did not start")?.to_owned();
        Ok(Self { child, base_url })
    }

    /// The ID of the directory at this place.
    pub fn directory(&self, place: usize) -> Result<String> {
        let truth = self.control("GET", "truth")?;
        let id = truth.pointer(&format!("/directories/{place}/directory_id")).and_then(Value::as_str);
        Ok(id.context("the simulator has no such directory")?.to_owned())
    }

    /// How many requests it was asked since it was last asked here; forgets them.
    pub fn take_requests(&self) -> Result<u64> {
        let requests = self.control("GET", "requests")?;
        self.control("POST", "requests/reset")?;
        requests.get("total").and_then(Value::as_u64).context("the simulator does not count")
    }

    fn control(&self, method: &str, call: &str) -> Result<Value> {
        let url = format!("{}/simulator/{call}", self.base_url.trim_end_matches('/'));
        super::bare_loop::runtime()?.block_on(async {
            let client = reqwest::Client::new();
            let request = if method == "GET" { client.get(url) } else { client.post(url) };
            let body = request.send().await?.error_for_status()?.bytes().await?;
            Ok(serde_json::from_slice(&body).unwrap_or(Value::Null))
        })
    }
}

impl Drop for Simulator {
    fn drop(&mut self) {
        // It holds nothing that matters.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
