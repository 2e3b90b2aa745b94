//! The pages that people look at: plain structs in, markup out.
//!
//! Deliberately not here: files, connections, the clock, and what a reader may see. What is shown comes as a struct and
//! the time as part of [`Frame`]. The content security policy allows no inline style and no inline script: there are
//! none.

pub mod assets;
mod change;
mod chart;
mod days;
mod directory;
mod error;
mod figure;
mod frame;
mod freshness;
mod front;
mod moment;
mod name;
mod registration;
mod report;
mod report_chart;
mod reports;
mod table;
mod walk;

pub use change::{Change, ChangesPage};
pub use days::Days;
pub use directory::DirectoryPage;
pub use error::ErrorPage;
pub use frame::Frame;
pub use front::{AccountError, DirectoryLine, FrontPage};
pub use registration::{Filter, Registration, Registrations, State};
pub use report::{Broken, Parameter, ReportPage, Table, Value};
pub use reports::{ReportLine, ReportsPage};
pub use walk::Walk;

#[cfg(test)]
mod tests;
