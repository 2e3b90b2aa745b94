//! One HTTP exchange: a request out, a whole body in, within the limits; nothing is followed,
//! nothing is remembered, nothing is tried again.

use std::error::Error as _;
use std::time::Duration;

use reqwest::header::{ACCEPT, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue, LOCATION, RETRY_AFTER};
use reqwest::redirect::Policy;
use reqwest::{Response, Url};

use super::call::Call;
use super::error::{ApiError, Cause, Limit};
use super::retry::retry_after;
use super::settings::{ClientError, Credentials, Settings, is_this_machine};
use crate::clock;

/// The longest body that is read, in bytes, decompressed.
pub const BODY_BYTES_MAX: usize = 16 * 1024 * 1024;
/// The longest that connecting may take, if the whole request may take longer.
const CONNECT_MAX: Duration = Duration::from_secs(10);
/// How long an unused connection is kept.
const IDLE_MAX: Duration = Duration::from_secs(30);
/// The longest reason of the system's that is shown, in characters.
const REASON_MAX: usize = 120;

/// An answer, whatever it says.
pub(super) struct Received {
    pub(super) http_status: u16,
    pub(super) body: Vec<u8>,
    /// The wait that it asks for.
    pub(super) retry_after: Option<Duration>,
    /// The host that it redirects to.
    pub(super) redirect_host: Option<String>,
}

/// Why there is no whole answer.
pub(super) enum Failure {
    /// Passing.
    Passing { cause: Cause, answered: bool },
    /// For good.
    ForGood(ApiError),
}

/// The way to one account's API.
pub(super) struct Exchange {
    http: reqwest::Client,
    base: Url,
}

impl Exchange {
    /// Sets everything up; opens no connection.
    pub(super) fn new(settings: &Settings, credentials: &Credentials) -> Result<Self, ClientError> {
        let base = settings.checked_base()?;
        let [id, secret] = credentials.headers()?;
        let mut headers = HeaderMap::new();
        headers.insert(HeaderName::from_static("x-client-id"), id);
        headers.insert(HeaderName::from_static("x-client-secret"), secret);
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
        let builder = reqwest::Client::builder()
            .user_agent(concat!("coupontools-mirror/", env!("CARGO_PKG_VERSION")))
            .default_headers(headers)
            .redirect(Policy::none())
            .referer(false)
            .retry(reqwest::retry::never())
            .timeout(settings.timeout)
            .connect_timeout(settings.timeout.min(CONNECT_MAX))
            .pool_idle_timeout(IDLE_MAX);
        let builder = if is_this_machine(&base) { builder.no_proxy() } else { builder.https_only(true) };
        let http = builder.build().map_err(|error| ClientError::Tls(reason(&error)))?;
        Ok(Self { http, base })
    }

    /// Asks once.
    pub(super) async fn ask(&self, call: Call<'_>) -> Result<Received, Failure> {
        let url = self.base.join(call.path()).expect("Invariant: the base is a base, the paths are paths");
        let response = self.http.post(url).body(call.body()).send().await;
        let response = response.map_err(|error| failure(&error, false))?;
        let headers = response.headers();
        let wait = headers.get(RETRY_AFTER).and_then(|value| value.to_str().ok());
        let target = headers.get(LOCATION).and_then(|value| value.to_str().ok());
        Ok(Received {
            http_status: response.status().as_u16(),
            retry_after: wait.and_then(|value| retry_after(value, clock::now())),
            redirect_host: target
                .and_then(|target| self.base.join(target).ok()?.host_str().map(str::to_owned)),
            body: body_of(response).await?,
        })
    }
}

/// The body, decompressed, up to the limit.
async fn body_of(mut response: Response) -> Result<Vec<u8>, Failure> {
    let too_large = || Failure::ForGood(ApiError::TooLarge { limit: Limit::Bytes(BODY_BYTES_MAX) });
    let announced = response.content_length().unwrap_or(0);
    if announced > BODY_BYTES_MAX as u64 {
        return Err(too_large());
    }
    let mut body = Vec::with_capacity(announced as usize);
    while let Some(chunk) = response.chunk().await.map_err(|error| failure(&error, true))? {
        if body.len() + chunk.len() > BODY_BYTES_MAX {
            return Err(too_large());
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

fn failure(error: &reqwest::Error, answered: bool) -> Failure {
    let cause = if error.is_connect() {
        Cause::NoConnection(reason(error))
    } else if error.is_timeout() {
        Cause::TimedOut
    } else {
        Cause::Broken
    };
    Failure::Passing { cause, answered }
}

/// The innermost cause, which is the system's or the TLS library's: no URL, no header, no body.
fn reason(error: &reqwest::Error) -> String {
    let mut innermost = error.source();
    while let Some(deeper) = innermost.and_then(std::error::Error::source) {
        innermost = Some(deeper);
    }
    let text = innermost.map_or_else(|| "unknown".to_owned(), ToString::to_string);
    text.chars().filter(|c| !c.is_control()).take(REASON_MAX).collect()
}
