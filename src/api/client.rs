//! One account's client: the five calls, paced, reads tried again, sends asked once; silent for good
//! once its keys were refused.

use std::fmt;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use super::call::Call;
use super::error::ApiError;
use super::exchange::{Exchange, Failure, Received};
use super::observer::{ExchangeEnd, Exchanged, Observer};
use super::pace::Pace;
use super::reading::{DirectoryList, Reading, Sent, UsersPage};
use super::retry::{longest_wait, waits};
use super::settings::{ClientError, Credentials, Retry, Settings};
use crate::clock;
use crate::directory::{Directory, DirectoryId};

/// What a call brought, and what it cost.
#[derive(Clone, Debug)]
#[must_use]
pub struct Answer<T> {
    /// The answer, or why there is none.
    pub result: Result<T, ApiError>,
    /// HTTP requests made, those of failed tries included.
    pub requests: u32,
}

/// An account's client. Clones are the same account: they share its rate limit, its connections,
/// and the knowledge that its keys were refused.
#[derive(Clone)]
pub struct Client {
    account: Arc<Account>,
    reading: Reading,
    retry: Retry,
}

struct Account {
    exchange: Exchange,
    pace: Pace,
    /// The code of the refusal; 0 is none yet.
    refused: AtomicI64,
    observer: Observer,
    /// A turn and an exchange.
    patience: Duration,
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("is_refused", &self.is_refused())
            .field("reading", &self.reading)
            .finish_non_exhaustive()
    }
}

impl Client {
    /// Checks keys and settings; makes no request.
    ///
    /// # Errors
    /// A base URL, key, rate or time-out that can't be used.
    pub fn new(settings: &Settings, credentials: &Credentials) -> Result<Self, ClientError> {
        settings.check_ranges()?;
        let rate = NonZeroU32::new(settings.requests_per_second)
            .ok_or(ClientError::RequestsPerSecond(settings.requests_per_second))?;
        let account = Account {
            exchange: Exchange::new(settings, credentials)?,
            pace: Pace::new(rate),
            refused: AtomicI64::new(0),
            observer: settings.observer.clone(),
            patience: settings.timeout + Duration::from_secs(1) / settings.requests_per_second,
        };
        Ok(Self {
            account: Arc::new(account),
            reading: Reading::new(&settings.aliases, settings.time_zone),
            retry: settings.retry,
        })
    }

    /// The rules that this client's answers are read by.
    #[must_use]
    pub fn reading(&self) -> &Reading {
        &self.reading
    }

    /// The same account, asked once even where a read could be tried again.
    #[must_use]
    pub fn asking_once(&self) -> Self {
        Self { retry: Retry { attempts: 1, ..self.retry }, ..self.clone() }
    }

    /// Whether the keys were refused: then nothing more is asked.
    #[must_use]
    pub fn is_refused(&self) -> bool {
        self.account.refusal().is_some()
    }

    /// The longest that may pass between the ends of two exchanges while somebody asks: the wait before a
    /// try, a turn of the rate limit, the time-out. Silence that the API asks for comes on top.
    #[must_use]
    pub fn patience(&self) -> Duration {
        self.account.patience + longest_wait(self.retry)
    }

    /// Waits as long as the API asked not to be asked. Whoever has to write down that they ask waits here,
    /// where they can be stopped.
    pub async fn until_may_ask(&self) {
        self.account.pace.quiet().await;
    }

    /// Every directory of the account.
    pub async fn fetch_directories(&self) -> Answer<DirectoryList> {
        let read = |received: Received| self.reading.directories(received.http_status, received.body);
        self.call(Call::DirectoryList, read).await
    }

    /// One directory.
    pub async fn fetch_directory(&self, id: &DirectoryId) -> Answer<Directory> {
        let read = |received: Received| self.reading.directory(id, received.http_status, received.body);
        self.call(Call::DirectoryInfo(id), read).await
    }

    /// One page of a directory's users, newest first; `page` as the API counts.
    pub async fn fetch_users(&self, id: &DirectoryId, page: u32) -> Answer<UsersPage> {
        let read = |received: Received| self.reading.users_page(received.http_status, received.body);
        self.call(Call::UsersList(id, page), read).await
    }

    /// Sends the directory's link by email. Asked once, whatever happens
    /// ([`ApiError::may_have_happened`]).
    pub async fn send_email(
        &self,
        directory: &DirectoryId,
        email: &str,
        subject: Option<&str>,
    ) -> Answer<Sent> {
        self.send(Call::SendEmail { directory, email, subject }).await
    }

    /// Sends the directory's link by text message. Asked once, whatever happens
    /// ([`ApiError::may_have_happened`]).
    pub async fn send_sms(&self, directory: &DirectoryId, phone: &str, body: Option<&str>) -> Answer<Sent> {
        self.send(Call::SendSms { directory, phone, body }).await
    }

    async fn send(&self, call: Call<'_>) -> Answer<Sent> {
        let read = |received: Received| self.reading.sent(call, received.http_status, received.body);
        self.call(call, read).await
    }

    /// Nothing more is asked in this account's name.
    pub(super) fn refuse(&self, code: i64) {
        self.account.refused.store(code, Ordering::Release);
    }

    /// Asks until there is an answer that does not pass; a send once.
    pub(super) async fn call<T>(
        &self,
        call: Call<'_>,
        read: impl Fn(Received) -> Result<T, ApiError>,
    ) -> Answer<T> {
        let mut waits = waits(if call.is_send() { Retry { attempts: 1, ..self.retry } } else { self.retry });
        let mut requests = 0;
        let mut answered = false;
        loop {
            if let Some(code) = self.account.turn().await {
                return Answer { result: Err(ApiError::Refused { code }), requests };
            }
            requests += 1;
            let (mut error, passes) = match self.ask(call, &read).await {
                Ok(value) => return Answer { result: Ok(value), requests },
                Err(failed) => failed,
            };
            if let ApiError::Refused { code } = error {
                self.refuse(code);
            }
            if let ApiError::Passing { attempts, answered: this, .. } = &mut error {
                answered |= *this;
                (*attempts, *this) = (requests, answered);
            }
            match waits.next().filter(|_| passes) {
                Some(wait) => {
                    tracing::info!(error = %error, wait_ms = wait.as_millis(), "a request failed: trying again");
                    tokio::time::sleep(wait).await;
                }
                None => return Answer { result: Err(error), requests },
            }
        }
    }

    /// Asks once, and tells whoever watches; of an error, says whether it may pass.
    async fn ask<T>(
        &self,
        call: Call<'_>,
        read: impl Fn(Received) -> Result<T, ApiError>,
    ) -> Result<T, (ApiError, bool)> {
        let began = clock::steady_now();
        let received = self.account.exchange.ask(call).await;
        let took = began.elapsed();
        let end = match &received {
            Ok(received) => ExchangeEnd::Answered(received.http_status),
            Err(failure) => ExchangeEnd::from(failure),
        };
        let result = self.judge(received, read);
        let error = result.as_ref().err().map(|(error, _)| error);
        let silence = self.account.pace.silence().unwrap_or_default();
        self.account.observer.tell(&Exchanged { call: call.name(), end, took, error, silence });
        result
    }

    fn judge<T>(
        &self,
        received: Result<Received, Failure>,
        read: impl Fn(Received) -> Result<T, ApiError>,
    ) -> Result<T, (ApiError, bool)> {
        let received = received.map_err(|failure| match failure {
            Failure::ForGood(error) => (error, false),
            Failure::Passing { cause, answered } => {
                (ApiError::Passing { cause, attempts: 1, answered }, true)
            }
        })?;
        let busy = matches!(received.http_status, 408 | 429 | 500..=599);
        let (wait, host) = (received.retry_after, received.redirect_host.clone());
        match read(received) {
            Ok(value) => Ok(value),
            Err(ApiError::Redirected { http_status, .. }) => {
                Err((ApiError::Redirected { host, http_status }, false))
            }
            Err(error) => {
                let passes = match &error {
                    ApiError::Passing { .. } => true,
                    ApiError::Unknown { .. } => busy,
                    _ => false,
                };
                if let Some(wait) = wait.filter(|_| passes) {
                    self.account.pace.keep_silent(wait);
                }
                Err((error, passes))
            }
        }
    }
}

impl Account {
    fn refusal(&self) -> Option<i64> {
        Some(self.refused.load(Ordering::Acquire)).filter(|code| *code != 0)
    }

    /// Waits until a request may be made; answers with the refusal's code if none may any more.
    async fn turn(&self) -> Option<i64> {
        if let Some(code) = self.refusal() {
            return Some(code);
        }
        self.pace.turn().await;
        self.refusal()
    }
}
