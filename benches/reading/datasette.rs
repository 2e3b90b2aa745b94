//! Datasette, as it is installed and with its own defaults, over the same file.

use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use anyhow::{Result, ensure};
use coupontools_mirror::clock::steady_now;

use super::stage::process::Running;

/// Where `benches/README.md` has it installed.
const INSTALLED: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/target/tools/datasette/bin/datasette");
const STARTS_WITHIN: Duration = Duration::from_secs(60);
const LOOK_EVERY: Duration = Duration::from_millis(50);

/// A running Datasette; it ends with this value.
pub struct Datasette {
    pub base_url: String,
    pub version: String,
    _process: Running,
}

impl Datasette {
    /// Over a mirror's file; `None` where it is not installed.
    pub fn start(file: &Path) -> Result<Option<Self>> {
        let program = PathBuf::from(INSTALLED);
        if !program.exists() {
            eprintln!("Datasette is not installed: see benches/README.md");
            return Ok(None);
        }
        let version = Command::new(&program).arg("--version").output()?.stdout;
        let port = free_port()?;
        let mut command = Command::new(&program);
        command
            .args(["serve", "--host", "127.0.0.1", "--port", &port.to_string()])
            .arg(file)
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        let process = Running::start(&mut command)?;
        let started = steady_now();
        while std::net::TcpStream::connect(("127.0.0.1", port)).is_err() {
            ensure!(started.elapsed() < STARTS_WITHIN, "Datasette does not start");
            std::thread::sleep(LOOK_EVERY);
        }
        let version = String::from_utf8_lossy(&version).trim().to_owned();
        Ok(Some(Self { base_url: format!("http://127.0.0.1:{port}"), version, _process: process }))
    }
}

/// A port that was free a moment ago.
pub fn free_port() -> Result<u16> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?.port())
}
