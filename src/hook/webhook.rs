//! The operator's address: a POST, and nothing that it answers but the status counts.

use std::error::Error as _;
use std::time::Duration;

use reqwest::header::CONTENT_TYPE;
use reqwest::redirect::Policy;
use secrecy::{ExposeSecret as _, SecretString};
use url::{Host, Url};

use super::HookError;

/// The longest that connecting may take.
const CONNECT_MAX: Duration = Duration::from_secs(10);
/// The longest reason of the system's that is shown, in characters.
const REASON_MAX: usize = 120;

/// Posts it; any status from 200 to 299 is success. Redirects are not followed: what they lead to is not what
/// the operator named.
pub(super) async fn post(url: &SecretString, line: &str) -> Result<(), HookError> {
    let url =
        Url::parse(url.expose_secret()).map_err(|_| HookError::Unusable("it is no address".to_owned()))?;
    let host = url.host_str().unwrap_or_default().to_owned();
    let builder = reqwest::Client::builder()
        .user_agent(concat!("coupontools-mirror/", env!("CARGO_PKG_VERSION")))
        .redirect(Policy::none())
        .referer(false)
        .retry(reqwest::retry::never())
        .timeout(super::TIME_MAX)
        .connect_timeout(CONNECT_MAX);
    let builder = if is_this_machine(&url) { builder.no_proxy() } else { builder };
    let http = builder.build().map_err(|error| HookError::Unusable(reason(&error)))?;
    let request = http.post(url).header(CONTENT_TYPE, "application/json").body(line.to_owned());
    match request.send().await {
        Ok(response) if response.status().is_success() => Ok(()),
        Ok(response) => Err(HookError::Answered { host, http_status: response.status().as_u16() }),
        Err(error) => Err(HookError::NotReached { host, reason: reason(&error) }),
    }
}

fn is_this_machine(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

/// The innermost cause, which is the system's or the TLS library's: no address.
fn reason(error: &reqwest::Error) -> String {
    let mut innermost = error.source();
    while let Some(deeper) = innermost.and_then(std::error::Error::source) {
        innermost = Some(deeper);
    }
    let text = innermost.map_or_else(|| "unknown".to_owned(), ToString::to_string);
    text.chars().filter(|c| !c.is_control()).take(REASON_MAX).collect()
}
