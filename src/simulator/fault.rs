//! Faults: what goes wrong with one answer, with the next few, or every now and then.
//!
//! What a fault looks like on the wire stands in `calls::delivery`, what it does to a page in
//! `calls::users`; which request gets it is `fault_queue`'s.

use serde::{Deserialize, Serialize};

use super::call::Call;
use super::fault_queue::{FAULTS_MAX, Target};

/// What goes wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FaultKind {
    /// HTTP 500, an HTML page. The call was not carried out.
    #[serde(rename = "http-500")]
    Http500,
    /// HTTP 502, an HTML page.
    #[serde(rename = "http-502")]
    Http502,
    /// HTTP 503 with `Retry-After`.
    #[serde(rename = "http-503")]
    Http503,
    /// HTTP 429 with `Retry-After`.
    #[serde(rename = "http-429")]
    Http429,
    /// No answer, ever; the call was not carried out.
    Hang,
    /// No answer, ever; the call was carried out.
    HangAfter,
    /// The connection is reset before a byte of the answer.
    Reset,
    /// The connection is reset in the middle of the body.
    ResetMidBody,
    /// HTTP 200, an HTML page.
    NotJson,
    /// HTTP 200, the first half of the JSON, and a proper end.
    TruncatedJson,
    /// The right answer, a few bytes at a time over `delay_ms`.
    SlowBody,
    /// The right answer, then `bytes` of white space.
    HugeBody,
    /// HTTP 302 to `location`.
    Redirect,
    /// Error 1000: keys not correct.
    RefusedKeys,
    /// Error 101: account expired.
    ExpiredKeys,
    /// Error 102: keys of a subaccount.
    SubaccountKeys,
    /// Error 507 (502 on `send/*`): directory not found.
    GoneDirectory,
    /// Error 301: wrong parameter.
    WrongParameter,
    /// Error 300 (200 on `send/*`): missing parameter.
    MissingParameter,
    /// A success without a container that anybody knows.
    UnknownShape,
    /// The page is empty.
    EmptyPage,
    /// The page's first `rows` rows only (absent: half).
    ShortPage,
    /// The page without its first `rows` rows (absent: half).
    CutPage,
    /// The page without `rows` rows in its middle (absent: a third).
    HoledPage,
    /// The page before.
    RepeatedPage,
    /// The page as it was `changes` changes of the directory's list ago.
    OutdatedPage,
    /// Error 602 or 604: the provider did not send.
    ProviderRefuses,
}

/// How `Retry-After` is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RetryAfterForm {
    /// Seconds.
    #[default]
    Seconds,
    /// A date.
    Date,
}

/// A fault and the requests that it hits: all that are left open match.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fault {
    /// What goes wrong.
    pub kind: FaultKind,
    /// Of this call only. Faults of pages hit `users-list` alone, `provider-refuses` sends alone.
    #[serde(default)]
    pub call: Option<Call>,
    /// Of this account's client ID only.
    #[serde(default)]
    pub account: Option<String>,
    /// Of this directory only.
    #[serde(default)]
    pub directory: Option<String>,
    /// Of this page only, counted from 1 whatever the account counts from.
    #[serde(default)]
    pub page: Option<u64>,
    /// Lets so many matching requests pass first.
    #[serde(default)]
    pub skip: u64,
    /// How many requests it hits. Absent: 1, or without end if there is a probability.
    #[serde(default)]
    pub times: Option<u64>,
    /// How likely a matching request is hit, 0 to 1.
    #[serde(default)]
    pub probability: Option<f64>,
    /// `Retry-After`; absent: no such header.
    #[serde(default)]
    pub retry_after_s: Option<u32>,
    /// How it is written.
    #[serde(default)]
    pub retry_after_form: RetryAfterForm,
    /// How many rows it is about.
    #[serde(default)]
    pub rows: Option<usize>,
    /// How many changes an outdated page is behind (absent: 1).
    #[serde(default)]
    pub changes: Option<usize>,
    /// How much white space follows a huge body (absent: 100 MB).
    #[serde(default)]
    pub bytes: Option<usize>,
    /// How long a slow body takes (absent: 10 s).
    #[serde(default)]
    pub delay_ms: Option<u64>,
    /// Where a redirect leads.
    #[serde(default)]
    pub location: Option<String>,
}

/// Why a fault can't be.
#[derive(Debug, thiserror::Error)]
pub enum FaultError {
    /// An unknown kind, key or value.
    #[error(transparent)]
    Unreadable(#[from] serde_json::Error),
    /// A number that makes no sense.
    #[error("probability must be 0 to 1")]
    Probability,
    /// A part that is not `key=value`.
    #[error("`{0}` is not key=value")]
    NoKeyAndValue(String),
    /// More wait than may.
    #[error("more than {FAULTS_MAX} faults wait")]
    TooMany,
}

impl From<FaultKind> for Fault {
    fn from(kind: FaultKind) -> Self {
        Self {
            kind,
            call: None,
            account: None,
            directory: None,
            page: None,
            skip: 0,
            times: None,
            probability: None,
            retry_after_s: None,
            retry_after_form: RetryAfterForm::default(),
            rows: None,
            changes: None,
            bytes: None,
            delay_ms: None,
            location: None,
        }
    }
}

impl std::str::FromStr for Fault {
    type Err = FaultError;

    /// Reads `KIND[,key=value]…`, `http-503,retry_after_s=2,times=3`.
    fn from_str(text: &str) -> Result<Self, FaultError> {
        let mut parts = text.split(',');
        let mut object = serde_json::Map::new();
        object.insert("kind".to_owned(), parts.next().unwrap_or_default().into());
        for part in parts {
            let (key, value) =
                part.split_once('=').ok_or_else(|| FaultError::NoKeyAndValue(part.to_owned()))?;
            let value = match serde_json::from_str(value) {
                Ok(number @ serde_json::Value::Number(_)) => number,
                _ => value.into(),
            };
            object.insert(key.to_owned(), value);
        }
        let fault: Self = serde_json::from_value(object.into())?;
        fault.checked()
    }
}

impl Fault {
    /// This fault, if its numbers make sense.
    ///
    /// # Errors
    /// If one is out of range.
    pub fn checked(self) -> Result<Self, FaultError> {
        if self.probability.is_some_and(|p| !(0.0..=1.0).contains(&p)) {
            return Err(FaultError::Probability);
        }
        Ok(self)
    }

    /// Whether it is about such a request.
    #[must_use]
    pub fn hits(&self, target: &Target<'_>) -> bool {
        let of_pages = matches!(
            self.kind,
            FaultKind::EmptyPage
                | FaultKind::ShortPage
                | FaultKind::CutPage
                | FaultKind::HoledPage
                | FaultKind::RepeatedPage
                | FaultKind::OutdatedPage
        );
        (!of_pages || target.call == Call::UsersList)
            && (self.kind != FaultKind::ProviderRefuses || target.call.is_send())
            && self.call.is_none_or(|call| call == target.call)
            && self.account.as_deref().is_none_or(|account| account == target.account)
            && self.directory.as_deref().is_none_or(|id| Some(id) == target.directory)
            && self.page.is_none_or(|page| Some(page) == target.page)
    }
}
