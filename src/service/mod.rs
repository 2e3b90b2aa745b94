//! What systemd is told, and whether it is to go on believing in us: readiness, status, watchdog.
//!
//! `pulse.rs` judges whether there is progress, `overview.rs` puts what goes on into a line. Both are told what
//! happened and decide nothing else. Whom nobody listens to (no `NOTIFY_SOCKET`) tells nothing.
//! Deliberately not here: when something is told (the daemon, the commands).

mod overview;
mod pulse;

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use sd_notify::NotifyState;
use tokio_util::sync::CancellationToken;
use tokio_util::task::AbortOnDropHandle;

pub use self::overview::{Holding, Overview};
pub use self::pulse::{Pulse, Stuck};

/// Variables that are this process's alone.
const VARIABLES: [&str; 3] = ["NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID"];

/// While it is slow to start, it asks for so much more time, so often.
const MORE_TIME: Duration = Duration::from_secs(60);
const ASK_EVERY: Duration = Duration::from_secs(15);
/// systemd shows one line.
const STATUS_CHARACTERS_MAX: usize = 500;

/// Takes from a process that is to be started what would let it speak in this one's name.
pub fn hide_from(command: &mut tokio::process::Command) {
    for variable in VARIABLES {
        command.env_remove(variable);
    }
}

/// The service manager. Clones speak to the same.
#[derive(Clone, Debug)]
pub struct Service {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    is_told: bool,
    watchdog: Option<Duration>,
    status: Mutex<String>,
    is_stopping: AtomicBool,
    ready: CancellationToken,
}

impl Service {
    /// Whoever started this process, if it listens.
    #[must_use]
    pub fn of_process() -> Self {
        let is_told = std::env::var_os(VARIABLES[0]).is_some_and(|socket| !socket.is_empty());
        Self::new(is_told, sd_notify::watchdog_enabled().filter(|period| is_told && !period.is_zero()))
    }

    /// Nobody.
    #[must_use]
    pub fn nobody() -> Self {
        Self::new(false, None)
    }

    fn new(is_told: bool, watchdog: Option<Duration>) -> Self {
        let shared = Shared {
            is_told,
            watchdog,
            status: Mutex::default(),
            is_stopping: AtomicBool::new(false),
            ready: CancellationToken::new(),
        };
        Self { shared: Arc::new(shared) }
    }

    /// Without a sign of life for so long, the process is ended; `None`: none is waited for.
    #[must_use]
    pub fn watchdog(&self) -> Option<Duration> {
        self.shared.watchdog
    }

    /// Begins to start: as long as this lives and the runtime does, more time is asked for.
    pub fn starting(&self, status: &str) -> AbortOnDropHandle<()> {
        self.status(status);
        let service = self.clone();
        AbortOnDropHandle::new(tokio::spawn(async move {
            if !service.shared.is_told {
                return;
            }
            loop {
                tokio::time::sleep(ASK_EVERY).await;
                let more_us = u32::try_from(MORE_TIME.as_micros()).unwrap_or(u32::MAX);
                service.tell(&[NotifyState::ExtendTimeoutUsec(more_us)]);
            }
        }))
    }

    /// Everything works; also after it was reloaded.
    pub fn ready(&self, status: &str) {
        self.remember(status);
        self.tell(&[NotifyState::Ready, NotifyState::Status(&one_line(status))]);
        self.shared.ready.cancel();
    }

    /// Until it was ready once.
    pub async fn until_ready(&self) {
        self.shared.ready.cancelled().await;
    }

    /// The configuration is read again; [`Service::ready`] ends it.
    pub fn reloading(&self) {
        const STATUS: &str = "reading the configuration again";
        self.remember(STATUS);
        let mut states = vec![NotifyState::Reloading, NotifyState::Status(STATUS)];
        // From systemd 253 on it is needed; before, nobody looks at it.
        states.extend(NotifyState::monotonic_usec_now().ok());
        self.tell(&states);
    }

    /// What goes on; told where it is not what was told last, and not while it stops.
    pub fn status(&self, status: &str) {
        if self.remember(status) && !self.shared.is_stopping.load(Ordering::Acquire) {
            self.tell(&[NotifyState::Status(&one_line(status))]);
        }
    }

    /// It was asked to stop, and does.
    pub fn stopping(&self) {
        if !self.shared.is_stopping.swap(true, Ordering::AcqRel) {
            self.tell(&[NotifyState::Stopping, NotifyState::Status("stopping")]);
        }
    }

    /// A sign of life.
    pub fn feed_watchdog(&self) {
        self.tell(&[NotifyState::Watchdog]);
    }

    fn remember(&self, status: &str) -> bool {
        let mut told = self.shared.status.lock().unwrap_or_else(PoisonError::into_inner);
        let is_new = *told != status;
        status.clone_into(&mut told);
        is_new
    }

    fn tell(&self, states: &[NotifyState<'_>]) {
        if !self.shared.is_told {
            return;
        }
        if let Err(error) = sd_notify::notify(states) {
            tracing::debug!(error = %error, "cannot notify the service manager");
        }
    }
}

/// A line's end would begin another message.
fn one_line(status: &str) -> String {
    status.chars().map(|c| if c.is_control() { ' ' } else { c }).take(STATUS_CHARACTERS_MAX).collect()
}
