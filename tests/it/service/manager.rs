//! systemd's side: it listens on the notify socket, and starts the daemon as a unit would.

use std::os::unix::net::UnixDatagram;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use coupontools_mirror::clock;
use tempfile::TempDir;

use crate::stage::{Mirror, Running, until};

const MESSAGE_BYTES_MAX: usize = 4096;

/// A service manager that listens.
pub struct Manager {
    folder: TempDir,
    heard: Arc<Mutex<Vec<(Instant, String)>>>,
}

impl Manager {
    pub fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let socket = UnixDatagram::bind(folder.path().join("notify")).unwrap();
        let heard = Arc::new(Mutex::new(Vec::new()));
        let hearing = Arc::downgrade(&heard);
        socket.set_read_timeout(Some(Duration::from_millis(100))).unwrap();
        std::thread::spawn(move || {
            let mut bytes = [0; MESSAGE_BYTES_MAX];
            while let Some(heard) = hearing.upgrade() {
                if let Ok(count) = socket.recv(&mut bytes) {
                    let message = String::from_utf8(bytes[..count].to_vec()).unwrap();
                    assert!(!message.contains('@'), "{message}");
                    heard.lock().unwrap().push((clock::steady_now(), message));
                }
            }
        });
        Self { folder, heard }
    }

    /// Starts a command of this mirror's, told of the socket.
    pub fn start(&self, mirror: &Mirror, arguments: &[&str]) -> Running {
        self.start_with(mirror, arguments, &[])
    }

    /// The same, with a watchdog that bites after so long.
    pub fn start_watched(&self, mirror: &Mirror, period: Duration) -> Running {
        let period_us = period.as_micros().to_string();
        self.start_with(mirror, &["run"], &[("WATCHDOG_USEC", &period_us)])
    }

    /// The same, with these variables.
    pub fn start_with(&self, mirror: &Mirror, arguments: &[&str], variables: &[(&str, &str)]) -> Running {
        let mut command = mirror.command(arguments);
        command.env("NOTIFY_SOCKET", self.folder.path().join("notify")).envs(variables.iter().copied());
        Running::start(&mut command)
    }

    /// Every message so far, in order.
    pub fn messages(&self) -> Vec<String> {
        self.heard.lock().unwrap().iter().map(|(_, message)| message.clone()).collect()
    }

    /// How many messages say this, as a line of theirs.
    pub fn count(&self, line: &str) -> usize {
        let says = |message: &String| message.lines().any(|said| said == line);
        self.messages().iter().filter(|message| says(message)).count()
    }

    /// The last status.
    pub fn status(&self) -> String {
        let messages = self.messages();
        let mut lines = messages.iter().rev().flat_map(|message| message.lines());
        lines.find_map(|line| line.strip_prefix("STATUS=")).unwrap_or_default().to_owned()
    }

    /// Waits until so many messages say this.
    #[track_caller]
    pub fn until_told(&self, line: &str, times: usize) {
        until(&format!("{line} is told {times} times"), || self.count(line) >= times);
    }

    /// Waits until the status says this.
    #[track_caller]
    pub fn until_status(&self, words: &str) {
        until(&format!("the status says {words:?}, and not {:?}", self.status()), || {
            self.status().contains(words)
        });
    }

    /// Waits until no sign of life has come for so long.
    #[track_caller]
    pub fn until_silent(&self, time: Duration) {
        until("no sign of life comes", || {
            let heard = self.heard.lock().unwrap();
            let last = heard.iter().rev().find(|(_, message)| message.starts_with("WATCHDOG=1"));
            last.is_some_and(|(at, _)| at.elapsed() > time)
        });
    }
}
