//! Sends a directory's link by email or text message: to nobody who does not want it, to nobody twice by
//! accident.
//!
//! The plan (`plan.rs`) says who is sent to and who is left out, before anything is asked of anybody; the
//! run (`run.rs`) carries it out, one after the other, each written down before and after.

mod plan;
mod run;

pub use plan::{LeftOut, Plan, Planner, RECIPIENTS_MAX};
pub use run::{Concern, Ended, Message, Progressed, Tally, run};
