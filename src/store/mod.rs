//! The mirror's file.

pub mod foreign;
