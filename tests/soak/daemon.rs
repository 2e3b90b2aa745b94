//! The daemon under the fast clock: started, stopped, killed, told to read its configuration again; and
//! the service manager that it tells it is alive.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::os::unix::net::UnixDatagram;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use anyhow::{Context as _, Result};
use coupontools_mirror::clock as real_clock;
use rustix::process::Signal;

use crate::clock::FastClock;
use crate::stage::{Ended, Mirror, Running, until};

/// What the unit says, in real time: nothing that goes wrong here may keep it waiting so long.
const WATCHDOG_S: u64 = 30;
/// Whoever asks over HTTP waits no longer.
const HTTP_TIMEOUT: Duration = Duration::from_secs(10);

/// The daemon's process.
pub struct Daemon {
    running: Running,
    address: String,
}

/// Listens where systemd would, and measures the longest silence.
pub struct Manager {
    path: std::path::PathBuf,
    longest_ms: Arc<AtomicU64>,
}

impl Manager {
    pub fn listen(folder: &std::path::Path) -> Result<Self> {
        let path = folder.join("notify");
        let socket = UnixDatagram::bind(&path).context("cannot listen for the watchdog")?;
        let longest_ms = Arc::new(AtomicU64::new(0));
        let longest = Arc::clone(&longest_ms);
        std::thread::spawn(move || {
            let mut heard = None;
            let mut message = [0; 4096];
            while let Ok(length) = socket.recv(&mut message) {
                let text = String::from_utf8_lossy(&message[..length]).into_owned();
                let now = real_clock::steady_now();
                if text.contains("STOPPING=1") {
                    heard = None;
                } else if text.contains("READY=1") {
                    heard = Some(now);
                } else if text.contains("WATCHDOG=1") {
                    let silence = heard.replace(now).map_or(0, |before| (now - before).as_millis());
                    longest.fetch_max(u64::try_from(silence).unwrap_or(u64::MAX), Ordering::Relaxed);
                }
            }
        });
        Ok(Self { path, longest_ms })
    }

    /// Whether it was never kept waiting too long, and how long it was.
    pub fn verdict(&self) -> (bool, String) {
        let longest_ms = self.longest_ms.load(Ordering::Relaxed);
        let holds = (1..WATCHDOG_S * 1000).contains(&longest_ms);
        (holds, format!("fed at least every {:.1} s of {WATCHDOG_S}", longest_ms as f64 / 1000.0))
    }
}

impl Daemon {
    pub fn start(mirror: &Mirror, clock: &FastClock, manager: &Manager) -> Self {
        let mut command = mirror.command(&["run"]);
        clock.wind(&mut command);
        command.env("NOTIFY_SOCKET", &manager.path);
        command.env("WATCHDOG_USEC", (WATCHDOG_S * 1_000_000).to_string());
        let running = Running::start(&mut command);
        let address = || {
            let said = running.stderr();
            let url = said.split("http://").nth(1)?;
            Some(url.split(|c: char| c.is_whitespace() || c == '"').next()?.to_owned())
        };
        until("the daemon listens", || address().is_some());
        let address = address().expect("Invariant: it was there a moment ago");
        Self { running, address }
    }

    pub fn pid(&self) -> u32 {
        self.running.pid()
    }

    /// Whether it ended by itself.
    pub fn has_ended(&mut self) -> bool {
        self.running.has_ended()
    }

    /// Asks it to read its configuration again.
    pub fn reload(&self) {
        self.running.signal(Signal::HUP);
    }

    /// SIGTERM; what it said is looked through for what it must never say.
    pub fn stop(self) -> Ended {
        self.running.signal(Signal::TERM);
        self.running.end()
    }

    /// `kill -9`.
    pub fn kill(self) {
        self.running.kill();
    }

    /// GET; the status, and what was answered.
    pub fn get(&self, path: &str) -> Result<(u16, String)> {
        let mut stream = TcpStream::connect(&self.address)?;
        stream.set_read_timeout(Some(HTTP_TIMEOUT))?;
        write!(stream, "GET {path} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n", self.address)?;
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer)?;
        let answer = String::from_utf8_lossy(&answer).into_owned();
        let status = answer.split(' ').nth(1).and_then(|code| code.parse().ok());
        Ok((status.context("an answer without a status")?, answer))
    }
}
