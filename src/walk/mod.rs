//! The walk: reads one directory's pages from the newest registration down, one page in flight,
//! and decides what may be believed of them.
//!
//! A pure state machine: event in, step out. No clock, no I/O, no async, no randomness; it can't
//! fail: the world's failures arrive as events and leave as outcomes. What it decides and why is
//! section 2 of the design; `tests/simulation` holds this code to the design's invariants, and shows
//! for each rule here what breaks without it.
//!
//! `event` is all that goes in and comes out. `machine` is the memory, and sends an event to its
//! rule: `page` (one page after another), `stranger` (pages that may not continue what was read),
//! `end` (the end of the list), `resume` (jumping over what an interrupted walk read), `evidence`
//! (what dates prove).

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
