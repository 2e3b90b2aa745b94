//! SQL that somebody else wrote: one reading statement on the mirror, and nothing else.
//!
//! A connection of its own, opened for reading, with an authorizer that allows by list. It can't write, attach,
//! see other files or run for longer than its caller lets it. What a masked reader may see is decided by table and
//! column (`masking`), and what one may name, by
//! compiling where nothing else is (`names`). Deliberately not here: how rows are printed.

mod authorizer;
mod cell;
mod connection;
mod error;
mod function;
mod limits;
mod masking;
mod memory;
mod moment;
mod names;
mod parameter;
mod public;
mod reader;
#[cfg(test)]
mod tests;

pub(super) use authorizer::authorize_house;
pub use cell::Cell;
pub(super) use connection::open;
pub use error::ForeignError;
pub use limits::SQL_BYTES_MAX;
pub(super) use moment::SEQ;
pub use parameter::Parameter;
pub use public::{PublicView, Since};
pub use reader::{ForeignReader, ForeignRow, ForeignRows, ForeignStatement};
