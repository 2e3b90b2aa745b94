//! A tick: one walk over each directory of each account, several at a time.
//!
//! The shell of the walk: it asks the API, looks rows up, hands saves over and reports what
//! happened. What to fetch, what to believe and what to save is decided by `crate::walk` alone.

mod account;
mod listing;
mod log;
mod mirror;
mod numbering;
mod observer;
mod page;
mod report;
mod runner;
mod tick;

pub use account::{Account, Settings};
pub use mirror::{Mirror, Plan};
pub use observer::{Observer, Progressed, observe_by};
pub use report::{AccountReport, TickReport, Trouble, TroubleKind, WalkReport};
