//! The API client: the vendor's five calls over one rate-limited connection, and the reading of
//! whatever they answer.
//!
//! Two halves. *Asking* (`client`, `exchange`, `pace`, `retry`, `call`, `settings`, `observer`) owns the only
//! `reqwest` of the program. *Reading* (`reading` and what it uses) is pure: bytes in, typed answer
//! or [`ApiError`] out; an answer that is not understood is an error, never an empty list.
//!
//! It deliberately keeps nothing between calls but the account's rate limit and whether its keys
//! were refused: page numbers, walks and what to believe of an answer are the walk's.

mod aliases;
mod call;
mod client;
mod container;
mod date;
mod envelope;
mod error;
mod exchange;
mod field;
mod json;
mod key;
mod lookup;
mod observer;
mod pace;
mod probe;
mod raw;
mod reading;
mod registration;
mod retry;
mod row;
mod settings;
mod shallow;
mod shape;

pub use client::{Answer, Client};
pub use error::{ApiError, Cause, Class, Limit};
pub use exchange::BODY_BYTES_MAX;
pub use lookup::{AliasError, Aliases};
pub use observer::{ExchangeEnd, Exchanged, Observer};
pub use probe::{KeyShape, Probe, ProbeCall};
pub use raw::RAW_BYTES_MAX;
pub use reading::{DirectoryList, Reading, Sent, UsersPage};
pub use registration::{FieldWarning, Problem};
pub use retry::RETRY_AFTER_MAX;
pub use row::UserRow;
pub use settings::{ClientError, Credentials, Retry, Settings};
pub use shape::Shape;
