//! The walk: reads one directory's pages from the newest registration down, one page in flight,
//! and decides what may be believed of them.
//!
//! A pure state machine: event in, step out. No clock, no I/O, no async, no randomness; it can't
//! fail: the world's failures arrive as events and leave as outcomes. What it decides and why is
//! section 2 of the design; `tests/simulation` proves the design's invariants on this code.

mod end;
mod event;
mod evidence;
mod machine;
mod page;
mod resume;
mod seen;
mod stranger;

pub use event::{
    Event, Evidence, Failure, Finish, Interval, Kind, Learned, Next, Outcome, Page, PageNumber,
    RegistrationKey, Row, Save, SaveNumber, Start, Step, Stored, Unsettled, WalkKey,
};
pub use machine::Walk;
