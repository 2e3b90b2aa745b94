//! Whom the operator has told: a program that is given a text on its standard input, and an address that
//! a text is posted to. Each is asked once; what is tried again, and when, is `alerting`'s.
//!
//! *Invariant: no error holds an address or an argument: either may be all that it takes to get in.*

mod command;
mod error;
mod webhook;

use std::time::Duration;

use secrecy::SecretString;

pub use error::HookError;

/// So long one telling may take; then it is given up.
const TIME_MAX: Duration = Duration::from_secs(30);

/// Who is told.
#[derive(Clone, Debug)]
pub enum Hook {
    /// A program and its arguments, run without a shell.
    Command(Vec<String>),
    /// An address of http or https.
    Webhook(SecretString),
}

impl Hook {
    /// Tells it `line`, a JSON object, once. Dropped before its end, it ends what it began.
    ///
    /// # Errors
    /// When it is not sure that it was told.
    pub async fn tell(&self, line: &str) -> Result<(), HookError> {
        let told = async {
            match self {
                Self::Command(words) => command::run(words, line).await,
                Self::Webhook(url) => webhook::post(url, line).await,
            }
        };
        tokio::time::timeout(TIME_MAX, told).await.unwrap_or(Err(HookError::TookTooLong(TIME_MAX)))
    }
}
