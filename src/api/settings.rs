//! What a client is made from: one account's keys and settings, and what can be wrong with them.

use std::time::Duration;

use chrono_tz::Tz;
use reqwest::Url;
use reqwest::header::HeaderValue;
use secrecy::{ExposeSecret, SecretString};
use thiserror::Error;

use super::lookup::Aliases;
use super::observer::Observer;

/// The most requests per second that can be asked for.
const REQUESTS_PER_SECOND_MAX: u32 = 1000;
/// The longest time-out that can be asked for.
const TIMEOUT_MAX: Duration = Duration::from_secs(600);

/// An account's pair of keys.
#[derive(Clone, Debug)]
pub struct Credentials {
    /// `X-Client-Id`.
    pub client_id: SecretString,
    /// `X-Client-Secret`.
    pub client_secret: SecretString,
}

/// How an account's API is asked and its answers are read.
#[derive(Clone, Debug)]
pub struct Settings {
    /// `https://host`, with a path before `/v3` if there is one; `http` only to this machine.
    pub base_url: String,
    /// 1 to 1000, over all of the account's walks.
    pub requests_per_second: u32,
    /// Of a whole request, connecting included.
    pub timeout: Duration,
    /// Of dates that don't state one.
    pub time_zone: Tz,
    /// How keys are spelt.
    pub aliases: Aliases,
    /// How often and when a read is tried again.
    pub retry: Retry,
    /// Who is told of every exchange.
    pub observer: Observer,
}

/// How often and when a read is tried again: exponentially later, with jitter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retry {
    /// Tries in all; 1 is never again.
    pub attempts: u32,
    /// Before the second try; up to twice that with jitter.
    pub backoff_min: Duration,
    /// Before any try, without jitter and `Retry-After`.
    pub backoff_max: Duration,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            base_url: "https://api.coupontools.com".to_owned(),
            requests_per_second: 4,
            timeout: Duration::from_secs(30),
            time_zone: Tz::UTC,
            aliases: Aliases::default(),
            retry: Retry::default(),
            observer: Observer::default(),
        }
    }
}

impl Default for Retry {
    fn default() -> Self {
        Self { attempts: 5, backoff_min: Duration::from_millis(500), backoff_max: Duration::from_secs(30) }
    }
}

/// Why a client can't be made.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ClientError {
    /// Not an absolute http(s) URL, or one with a user, a query or a fragment.
    #[error("the base URL is not of the form https://host or https://host/path")]
    BaseUrl,
    /// Keys in the clear over a network.
    #[error("the base URL is http to another machine: the keys would travel in the clear")]
    PlainHttp,
    /// Empty, or with characters that no header can carry.
    #[error("the {which} is empty or holds a character that no HTTP header can carry")]
    Key {
        /// `client ID` or `client secret`.
        which: &'static str,
    },
    /// Outside 1 to 1000.
    #[error("requests per second must be 1 to {REQUESTS_PER_SECOND_MAX}, not {0}")]
    RequestsPerSecond(u32),
    /// Zero, or longer than ten minutes.
    #[error("the time-out must be more than 0 and at most {} seconds", TIMEOUT_MAX.as_secs())]
    Timeout,
    /// The TLS library could not be set up, for this reason.
    #[error("TLS could not be set up: {0}")]
    Tls(String),
}

impl ClientError {
    /// What the operator can do.
    #[must_use]
    pub fn hint(&self) -> Option<&'static str> {
        Some(match self {
            Self::BaseUrl => "leave [api] base_url out for https://api.coupontools.com",
            Self::PlainHttp => "use https",
            Self::Key { .. } => "copy the key again, without spaces and line ends inside it",
            Self::RequestsPerSecond(_) => "set [api] requests_per_second",
            Self::Timeout => "set [api] timeout_s",
            Self::Tls(_) => "install the system's CA certificates (package ca-certificates)",
        })
    }
}

impl Settings {
    /// The base URL, checked, with a slash at its end.
    pub(super) fn checked_base(&self) -> Result<Url, ClientError> {
        let text = format!("{}/", self.base_url.trim().trim_end_matches('/'));
        let url = Url::parse(&text).map_err(|_| ClientError::BaseUrl)?;
        let plain = url.username().is_empty() && url.password().is_none();
        if !plain || url.query().is_some() || url.fragment().is_some() || url.host().is_none() {
            return Err(ClientError::BaseUrl);
        }
        match url.scheme() {
            "https" => Ok(url),
            "http" if is_this_machine(&url) => Ok(url),
            "http" => Err(ClientError::PlainHttp),
            _ => Err(ClientError::BaseUrl),
        }
    }

    /// Checks what has a range.
    pub(super) fn check_ranges(&self) -> Result<(), ClientError> {
        if !(1..=REQUESTS_PER_SECOND_MAX).contains(&self.requests_per_second) {
            return Err(ClientError::RequestsPerSecond(self.requests_per_second));
        }
        if self.timeout.is_zero() || self.timeout > TIMEOUT_MAX {
            return Err(ClientError::Timeout);
        }
        Ok(())
    }
}

/// Whether nothing leaves the machine on the way there.
pub(super) fn is_this_machine(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']);
    host == "localhost" || host.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
}

impl Credentials {
    /// Both keys as sensitive header values: ID, secret.
    pub(super) fn headers(&self) -> Result<[HeaderValue; 2], ClientError> {
        let id = header(&self.client_id).ok_or(ClientError::Key { which: "client ID" })?;
        let secret = header(&self.client_secret).ok_or(ClientError::Key { which: "client secret" })?;
        Ok([id, secret])
    }
}

fn header(key: &SecretString) -> Option<HeaderValue> {
    let key = key.expose_secret();
    let printable = !key.is_empty() && key.bytes().all(|byte| byte.is_ascii_graphic());
    let mut value = HeaderValue::from_str(key).ok().filter(|_| printable)?;
    value.set_sensitive(true);
    Some(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_in_headers_are_marked_sensitive() {
        let keys = Credentials { client_id: "id".into(), client_secret: "secret".into() };
        assert!(keys.headers().unwrap().iter().all(HeaderValue::is_sensitive));
    }
}
