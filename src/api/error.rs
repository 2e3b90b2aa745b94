//! What can go wrong with a call, by what the caller does about it.
//!
//! No variant holds a word of the vendor's error text or of a row: both may be personal data.

use std::fmt;

use thiserror::Error;

use super::shape::Shape;

/// Why a call has no answer.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ApiError {
    /// Wrong keys, an expired account, or keys that may not do this. The client asks nothing more.
    #[error("the keys were refused ({})", code_text(*.code))]
    Refused {
        /// The API's code (1000, 101, 102), or the HTTP status (401, 403) where it gave none.
        code: i64,
    },
    /// The directory does not exist (any more).
    #[error("the directory was not found (code {code})")]
    Gone {
        /// 507, or 502 of a send.
        code: i64,
    },
    /// Our request is wrong; of a page number, it may be the end of the list.
    #[error("the API found a parameter missing or wrong ({})", codes_text(.codes))]
    WrongParameter {
        /// 200, 300 to 304.
        codes: Vec<i64>,
    },
    /// No SMS (103) or email (104) platform is connected to the account.
    #[error("the account has no {} platform connected (code {code})", platform(*.code))]
    Setup {
        /// 103 or 104.
        code: i64,
    },
    /// This recipient can't be sent to, for good.
    #[error("{} (code {code})", if *.opt_out { "the recipient has opted out" } else { "the recipient is not valid" })]
    Recipient {
        /// 301, 305 or 605.
        code: i64,
        /// On the blacklist or the opt-out list (605): to be remembered.
        opt_out: bool,
    },
    /// The provider did not send; its reason may be personal data and is not kept.
    #[error("the provider did not send (code {code})")]
    NotSent {
        /// 602 (text message) or 604 (email).
        code: i64,
    },
    /// An error that passes, and had not after this many tries.
    #[error("{cause}{}", attempts_text(*.attempts))]
    Passing {
        /// Of the last try.
        cause: Cause,
        /// Requests made.
        attempts: u32,
        /// Whether any try brought an HTTP answer.
        answered: bool,
    },
    /// JSON, but of a shape that nothing is known of.
    #[error("the answer (HTTP {http_status}) was not understood: {wanted} not found among {shape}")]
    Unreadable {
        /// What was looked for.
        wanted: &'static str,
        /// What was there.
        shape: Shape,
        /// The answer's HTTP status.
        http_status: u16,
    },
    /// The API sends us elsewhere, which is not followed: the keys would go along.
    #[error("the API redirects to {} (HTTP {http_status}), which is not followed", host_text(.host.as_deref()))]
    Redirected {
        /// Where the keys would have gone, if the answer said so.
        host: Option<String>,
        /// The answer's HTTP status.
        http_status: u16,
    },
    /// More than is read of one answer.
    #[error("the answer has more than {limit}")]
    TooLarge {
        /// Which limit it broke.
        limit: Limit,
    },
    /// The API refused with codes that nothing is known of.
    #[error("the API answered with an error of unknown kind ({})", codes_text(.codes))]
    Unknown {
        /// As answered; none if it gave none.
        codes: Vec<i64>,
    },
}

/// What passes by itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cause {
    /// No connection; the system's reason.
    NoConnection(String),
    /// The whole request took longer than `timeout_s`.
    TimedOut,
    /// The connection broke before the answer was whole.
    Broken,
    /// HTTP 429, or 429 as the API's own code.
    TooManyRequests,
    /// HTTP 408 or 5xx, with this status.
    Server(u16),
    /// Not JSON; with this HTTP status.
    NotJson(u16),
}

/// A limit on an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Limit {
    /// Bytes of the body, decompressed.
    Bytes(usize),
    /// Entries of one list or map.
    Entries(usize),
}

/// What to do about an error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// Stop calling for this account, loudly.
    Credentials,
    /// Freeze that directory's mirror, delete nothing.
    Gone,
    /// Don't retry; in a walk, perhaps the end of the list.
    Parameter,
    /// That kind of send is off until the operator acts.
    Setup,
    /// Fails for good.
    Recipient,
    /// Report; retry only by hand.
    Provider,
    /// Try again later.
    Passing,
    /// The answer proves nothing; somebody has to look (`probe`).
    Unreadable,
    /// As unreadable: nobody knows what it means.
    Unknown,
}

impl ApiError {
    /// What to do about it.
    #[must_use]
    pub fn class(&self) -> Class {
        match self {
            Self::Refused { .. } => Class::Credentials,
            Self::Gone { .. } => Class::Gone,
            Self::WrongParameter { .. } => Class::Parameter,
            Self::Setup { .. } => Class::Setup,
            Self::Recipient { .. } => Class::Recipient,
            Self::NotSent { .. } => Class::Provider,
            Self::Passing { .. } => Class::Passing,
            Self::Unreadable { .. } | Self::Redirected { .. } | Self::TooLarge { .. } => Class::Unreadable,
            Self::Unknown { .. } => Class::Unknown,
        }
    }

    /// Whether no try brought any HTTP answer: the API could not be reached.
    #[must_use]
    pub fn is_unreachable(&self) -> bool {
        matches!(self, Self::Passing { answered: false, .. })
    }

    /// Whether the API may have done what it was asked, this error notwithstanding: a send that
    /// ended so must not be repeated blindly.
    #[must_use]
    pub fn may_have_happened(&self) -> bool {
        match self {
            Self::Passing { cause, .. } => !matches!(cause, Cause::NoConnection(_) | Cause::TooManyRequests),
            Self::Unreadable { .. }
            | Self::Redirected { .. }
            | Self::TooLarge { .. }
            | Self::Unknown { .. } => true,
            _ => false,
        }
    }

    /// What the operator can do.
    #[must_use]
    pub fn hint(&self) -> Option<&'static str> {
        Some(match self {
            Self::Refused { code: 101 } => "the Coupontools account has expired: renew it",
            Self::Refused { code: 102 } => "use the main account's keys, not a subaccount's",
            Self::Refused { .. } => "check the client ID and the client secret",
            Self::Gone { .. } => "the directory was deleted, or belongs to another account",
            Self::Setup { .. } => "connect the platform in the Coupontools dashboard",
            Self::Passing { cause: Cause::NoConnection(_), .. } => "check the network and [api] base_url",
            Self::Passing { cause: Cause::TimedOut, answered: false, .. } => {
                "check the network, [api] base_url and timeout_s"
            }
            Self::Passing { cause: Cause::TooManyRequests, .. } => "lower [api] requests_per_second",
            Self::Passing { cause: Cause::NotJson(_), .. } => {
                "check [api] base_url, and that nothing between answers instead of the API"
            }
            Self::Recipient { opt_out: true, .. } => {
                "it is remembered: `opt-out list`; nothing is sent there any more"
            }
            Self::Recipient { code: 301, .. } => "see whether the number is right, and is a mobile phone's",
            Self::Recipient { .. } => "see whether the address is right",
            Self::NotSent { code: 602 } => {
                "the SMS platform's own records say why; nothing is repeated by itself"
            }
            Self::NotSent { .. } => "the email platform's own records say why; nothing is repeated by itself",
            Self::Redirected { .. } => "set [api] base_url to the address that answers itself",
            Self::Unreadable { .. } => "run `probe`; a container or key can be added to [api.aliases]",
            _ => return None,
        })
    }
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoConnection(reason) => write!(f, "no connection: {reason}"),
            Self::TimedOut => f.write_str("timed out"),
            Self::Broken => f.write_str("the connection broke off"),
            Self::TooManyRequests => f.write_str("too many requests (HTTP 429)"),
            Self::Server(status) => write!(f, "the server failed (HTTP {status})"),
            Self::NotJson(status) => write!(f, "the answer is not JSON (HTTP {status})"),
        }
    }
}

impl fmt::Display for Limit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bytes(bytes) => write!(f, "{bytes} bytes"),
            Self::Entries(entries) => write!(f, "{entries} entries"),
        }
    }
}

fn code_text(code: i64) -> String {
    if matches!(code, 401 | 403) { format!("HTTP {code}") } else { format!("code {code}") }
}

fn codes_text(codes: &[i64]) -> String {
    match codes {
        [] => "no code".to_owned(),
        [code] => format!("code {code}"),
        _ => format!("codes {}", codes.iter().map(i64::to_string).collect::<Vec<_>>().join(", ")),
    }
}

fn platform(code: i64) -> &'static str {
    if code == 103 { "SMS" } else { "email" }
}

fn attempts_text(attempts: u32) -> String {
    if attempts > 1 { format!(", {attempts} times in a row") } else { String::new() }
}

fn host_text(host: Option<&str>) -> &str {
    host.unwrap_or("an unnamed host")
}
