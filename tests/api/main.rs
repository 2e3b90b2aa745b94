//! The API client against a scripted vendor on a real socket, and the reading of every variant of
//! answer that the vendor's sheet lists. A new quirk is one line in one of the tables.

#![expect(clippy::unwrap_used, reason = "a test's helper fails the test")]

mod answers;
mod client;
mod containers;
mod dates;
mod envelopes;
mod fields;
mod fuzz;
mod limits;
mod probe;
mod raw;
mod sends;
mod settings;
mod vendor;
