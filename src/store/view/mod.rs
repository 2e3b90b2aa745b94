//! What pages and the API read: the public views' rows, through a few connections that only read.
//!
//! Each connection reads for one [`crate::store::Access`], and SQLite's authorizer holds it to that: a statement here
//! that named a person's column for a masked reader would fail, not leak. Deliberately not here: what
//! people ask in their own SQL (`foreign`), and what the daemon itself needs to know (`reading`).

mod change;
mod directory;
mod overview;
mod pool;
mod registration;
mod sought;
mod walk;

pub use change::{Change, NamedChange};
pub use directory::Directory;
pub use overview::{Detail, Overview};
pub use pool::{View, Views};
pub use registration::{Cursor, Filter, Registration, Registrations, State};
pub use walk::Walk;
