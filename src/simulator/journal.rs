//! What was asked of the simulator: counts, the latest requests, every send.
//!
//! It holds the recipients of sends, who are invented or a test's; nothing of it is ever logged.

use std::collections::{BTreeMap, VecDeque};

use serde::Serialize;

use super::call::Call;
use super::fault::FaultKind;

/// Requests listed; older ones are only counted.
const REQUESTS_LISTED_MAX: usize = 100_000;
/// Sends kept.
const SENDS_KEPT_MAX: usize = 100_000;
/// Directories counted one by one.
const DIRECTORIES_COUNTED_MAX: usize = 100_000;
/// Letters kept of a text from outside.
const LETTERS_KEPT_MAX: usize = 1_000;

/// The beginning of a text from outside.
pub(super) fn keep(text: &str) -> String {
    text.chars().take(LETTERS_KEPT_MAX).collect()
}

/// Where a request carried its keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum KeysIn {
    /// In headers.
    Headers,
    /// In the body.
    Body,
    /// Nowhere, or not a whole pair.
    Nowhere,
}

/// A request of one of the five calls.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Request {
    /// Counts from 1.
    pub seq: u64,
    /// The call.
    pub call: Call,
    /// The account's client ID, if the keys were right.
    pub account: Option<String>,
    /// The directory, as asked for.
    pub directory: Option<String>,
    /// The page number, as asked for.
    pub page: Option<String>,
    /// Where the keys were.
    pub keys_in: KeysIn,
    /// Whether a cookie came back.
    pub cookie: bool,
    /// The fault that it got.
    pub fault: Option<FaultKind>,
    /// The API's error code, if the answer was one.
    pub error_code: Option<u16>,
}

/// What was asked since the start or the last reset.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Requests {
    /// All calls.
    pub total: u64,
    /// By call.
    pub by_call: BTreeMap<Call, u64>,
    /// By directory, of calls that name one.
    pub by_directory: BTreeMap<String, u64>,
    /// Requests that are counted, but no longer listed.
    pub left_off: u64,
    /// The latest, oldest first.
    pub requests: VecDeque<Request>,
}

impl Requests {
    /// How often this call came.
    #[must_use]
    pub fn of(&self, call: Call) -> u64 {
        self.by_call.get(&call).copied().unwrap_or(0)
    }

    pub(super) fn add(&mut self, mut request: Request) {
        self.total += 1;
        *self.by_call.entry(request.call).or_default() += 1;
        if let Some(directory) = &request.directory
            && (self.by_directory.len() < DIRECTORIES_COUNTED_MAX
                || self.by_directory.contains_key(directory))
        {
            *self.by_directory.entry(directory.clone()).or_default() += 1;
        }
        request.seq = self.total;
        self.requests.push_back(request);
        if self.requests.len() > REQUESTS_LISTED_MAX {
            self.requests.pop_front();
            self.left_off += 1;
        }
    }
}

/// By what a directory was sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Channel {
    /// Email.
    Email,
    /// Text message.
    Sms,
}

/// A send that was carried out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Send {
    /// Counts from 1.
    pub send_id: u64,
    /// By what.
    pub channel: Channel,
    /// The account's client ID.
    pub account: String,
    /// Which directory.
    pub directory: String,
    /// To whom.
    pub recipient: String,
    /// The text that was given with it.
    pub text: Option<String>,
}

/// The sends that were carried out.
#[derive(Debug, Default)]
pub struct Sends {
    count: u64,
    kept: VecDeque<Send>,
}

impl Sends {
    pub(super) fn add(&mut self, mut send: Send) {
        self.count += 1;
        send.send_id = self.count;
        self.kept.push_back(send);
        if self.kept.len() > SENDS_KEPT_MAX {
            self.kept.pop_front();
        }
    }

    /// The latest, oldest first.
    #[must_use]
    pub fn kept(&self) -> Vec<Send> {
        self.kept.iter().cloned().collect()
    }
}
