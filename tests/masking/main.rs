//! Masked readers against arbitrary SQL, on a real file full of people whose values can be told
//! anywhere they appear; and what masked readers can still count, group and join.
#![expect(clippy::unwrap_used, reason = "a panic is how a test fails, in its fixture too")]

mod attacks;
mod attempts;
mod oracles;
mod people;
mod secrets;
mod useful;
