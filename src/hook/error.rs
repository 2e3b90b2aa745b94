//! Why it is not sure that somebody was told.

use std::time::Duration;

use thiserror::Error;

/// Why it is not sure that somebody was told.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum HookError {
    /// The program could not be started.
    #[error("cannot run {program}: {reason}")]
    NotRun {
        /// Its name, without arguments.
        program: String,
        /// The system's words.
        reason: String,
    },
    /// The program said so.
    #[error("{program} ended with {status}")]
    Failed {
        /// Its name, without arguments.
        program: String,
        /// Its exit code or what ended it.
        status: String,
    },
    /// It was not done in time.
    #[error("it took longer than {} s", .0.as_secs())]
    TookTooLong(Duration),
    /// Nobody answered.
    #[error("cannot reach the webhook's host {host}: {reason}")]
    NotReached {
        /// Of the address, the host alone.
        host: String,
        /// The system's or the TLS library's words.
        reason: String,
    },
    /// It was not taken.
    #[error("the webhook's host {host} answers with HTTP {http_status}")]
    Answered {
        /// Of the address, the host alone.
        host: String,
        /// The answer's status.
        http_status: u16,
    },
    /// The address can't be asked at all.
    #[error("cannot use the webhook's address: {0}")]
    Unusable(String),
}
