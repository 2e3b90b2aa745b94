//! SQL that somebody else wrote: one reading statement on the mirror, and nothing else.
//!
//! A connection of its own, opened for reading, with an authorizer that allows by list. It can't write, attach,
//! see other files or run for longer than its caller lets it. Deliberately not here: masking (decided by table
//! and column, for HTTP) and how rows are printed.

mod authorizer;
mod cell;
mod error;
mod limits;
mod reader;

pub use cell::Cell;
pub use error::ForeignError;
pub use limits::SQL_BYTES_MAX;
pub use reader::{ForeignReader, ForeignRow, ForeignRows, ForeignStatement};
