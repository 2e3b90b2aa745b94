//! How the simulated API behaves until told otherwise: which variant of each axis, how fast, what
//! happens to the lists meanwhile. One value, changed as a whole by a JSON merge.
//!
//! Faults are apart (`fault`): a behaviour lasts, a fault is used up.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::mutation::{Churn, MUTATION_MAX};
use super::variant::{
    ByteOrderMark, Container, ContentType, Dates, DirectoryContainer, DoubleKeys, EmptyMap, Envelope,
    ErrorCode, ErrorStatus, Gzip, Ids, Info, Keys, Nested, Order, PageNumbers, PastEnd, RepeatedRows, RowIds,
    Rows, Scalars, Secrets, Text, Unset, Values,
};

/// Most registrations a page.
pub const PAGE_ROWS_MAX: usize = 10_000;
/// Longest latency.
pub const LATENCY_MS_MAX: u64 = 600_000;
/// Most of anything in a minute.
pub const PER_MINUTE_MAX: f64 = 1_000_000.0;

/// How the API behaves. Its JSON keys are the field names; an unknown one is an error.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[expect(missing_docs, reason = "an axis is documented at its type, where its values are")]
pub struct Behaviour {
    pub envelope: Envelope,
    pub error_code: ErrorCode,
    pub error_status: ErrorStatus,
    pub container: Container,
    pub directory_container: DirectoryContainer,
    pub info: Info,
    pub nested: Nested,
    pub rows: Rows,
    pub keys: Keys,
    pub ids: Ids,
    pub scalars: Scalars,
    pub double_keys: DoubleKeys,
    pub byte_order_mark: ByteOrderMark,
    pub text: Text,
    pub content_type: ContentType,
    pub gzip: Gzip,
    pub unset: Unset,
    pub dates: Dates,
    pub order: Order,
    pub row_ids: RowIds,
    pub repeated_rows: RepeatedRows,
    pub empty_map: EmptyMap,
    pub values: Values,
    pub secrets: Secrets,
    pub past_end: PastEnd,
    pub page_numbers: PageNumbers,
    /// Registrations a page (the vendor's: 100).
    pub rows_a_page: usize,
    /// Filters after paging: every registration whose number is a multiple of this is never shown,
    /// which leaves short pages in the middle. What is not shown does not stand.
    pub hide_every: Option<u32>,
    /// Every answer of the API comes so many milliseconds late.
    pub latency_ms: u64,
    /// And up to so many more.
    pub jitter_ms: u64,
    /// What happens to a directory's list before each of its pages is answered.
    pub before_each_page: Churn,
    /// What happens to all lists as time goes by.
    pub life: Life,
    /// Whether an email platform is connected (else 104).
    pub email_connected: bool,
    /// Whether an SMS platform is connected (else 103).
    pub sms_connected: bool,
    /// Phone numbers and email addresses that it takes for none (301, 305), whatever they look like.
    pub invalid_recipients: BTreeSet<String>,
    /// Phone numbers and email addresses that opted out (605 for phones, 604 for email).
    pub opted_out: BTreeSet<String>,
    /// Phone numbers and email addresses that the provider refuses (602, 604).
    pub refused_recipients: BTreeSet<String>,
}

/// What happens to the lists in a minute, on average; over all directories, most of it in the
/// largest.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Life {
    /// People register.
    pub registrations_per_minute: f64,
    /// Registrations are edited.
    pub edits_per_minute: f64,
    /// Registrations are deleted.
    pub deletions_per_minute: f64,
}

impl Life {
    /// Gently alive: what a demonstration shows.
    pub const GENTLE: Self =
        Self { registrations_per_minute: 40.0, edits_per_minute: 15.0, deletions_per_minute: 5.0 };
}

impl Default for Behaviour {
    fn default() -> Self {
        Self {
            envelope: Envelope::default(),
            error_code: ErrorCode::default(),
            error_status: ErrorStatus::default(),
            container: Container::default(),
            directory_container: DirectoryContainer::default(),
            info: Info::default(),
            nested: Nested::default(),
            rows: Rows::default(),
            keys: Keys::default(),
            ids: Ids::default(),
            scalars: Scalars::default(),
            double_keys: DoubleKeys::default(),
            byte_order_mark: ByteOrderMark::default(),
            text: Text::default(),
            content_type: ContentType::default(),
            gzip: Gzip::default(),
            unset: Unset::default(),
            dates: Dates::default(),
            order: Order::default(),
            row_ids: RowIds::default(),
            repeated_rows: RepeatedRows::default(),
            empty_map: EmptyMap::default(),
            values: Values::default(),
            secrets: Secrets::default(),
            past_end: PastEnd::default(),
            page_numbers: PageNumbers::default(),
            rows_a_page: 100,
            hide_every: None,
            latency_ms: 0,
            jitter_ms: 0,
            before_each_page: Churn::default(),
            life: Life::default(),
            email_connected: true,
            sms_connected: true,
            invalid_recipients: BTreeSet::new(),
            opted_out: BTreeSet::new(),
            refused_recipients: BTreeSet::new(),
        }
    }
}

/// Why a behaviour can't be.
#[derive(Debug, thiserror::Error)]
pub enum BehaviourError {
    /// An unknown key or value.
    #[error(transparent)]
    Unreadable(#[from] serde_json::Error),
    /// Something else where a JSON object stands: serde would take a list for its fields in order.
    #[error("a JSON object is expected")]
    NoObject,
    /// A number that makes no sense.
    #[error("{key} must be {limits}")]
    OutOfRange {
        /// Which.
        key: &'static str,
        /// What would do.
        limits: String,
    },
}

impl Behaviour {
    /// This behaviour with a part of it changed: objects are merged key by key, `null` sets a key
    /// back to its default, everything else replaces.
    ///
    /// # Errors
    /// If a key or a value is unknown or out of range.
    pub fn merged(&self, patch: Value) -> Result<Self, BehaviourError> {
        let mut whole = serde_json::to_value(self)?;
        merge(&mut whole, patch)?;
        let merged: Self = serde_json::from_value(whole)?;
        merged.checked()
    }

    /// This behaviour, if its numbers make sense.
    ///
    /// # Errors
    /// If one is out of range.
    pub fn checked(self) -> Result<Self, BehaviourError> {
        let out = |key, limits: String| Err(BehaviourError::OutOfRange { key, limits });
        if !(1..=PAGE_ROWS_MAX).contains(&self.rows_a_page) {
            return out("rows_a_page", format!("1 to {PAGE_ROWS_MAX}"));
        }
        if self.hide_every.is_some_and(|every| every < 2) {
            return out("hide_every", "2 or more".to_owned());
        }
        if self.latency_ms > LATENCY_MS_MAX || self.jitter_ms > LATENCY_MS_MAX {
            return out("latency_ms and jitter_ms", format!("at most {LATENCY_MS_MAX}"));
        }
        let Life { registrations_per_minute, edits_per_minute, deletions_per_minute } = self.life;
        for rate in [registrations_per_minute, edits_per_minute, deletions_per_minute] {
            if !(0.0..=PER_MINUTE_MAX).contains(&rate) {
                return out("life", format!("0 to {PER_MINUTE_MAX} a minute"));
            }
        }
        let Churn { insert, edit, delete_newest, delete_random } = self.before_each_page;
        if [insert, edit, delete_newest, delete_random].iter().any(|&n| n > MUTATION_MAX) {
            return out("before_each_page", format!("at most {MUTATION_MAX}"));
        }
        Ok(self)
    }

    /// Whether a registration of this number is shown at all.
    #[must_use]
    pub fn shows(&self, number: u32) -> bool {
        self.hide_every.is_none_or(|every| !number.is_multiple_of(every))
    }
}

fn merge(whole: &mut Value, patch: Value) -> Result<(), BehaviourError> {
    match (whole, patch) {
        (Value::Object(whole), Value::Object(patch)) => {
            for (key, value) in patch {
                if value.is_null() {
                    whole.remove(&key);
                } else {
                    merge(whole.entry(key).or_insert(Value::Null), value)?;
                }
            }
        }
        (Value::Object(_), _) => return Err(BehaviourError::NoObject),
        (whole, patch) => *whole = patch,
    }
    Ok(())
}
