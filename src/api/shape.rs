//! What may be said of an answer that was not understood: the names of its keys, never a value.
//!
//! A key can be data too (a map by email address), so names that look like data are replaced.

use std::fmt;

use super::json::{Json, Kind};

/// The most names in an error.
const NAMES_MAX: usize = 20;
/// The longest name that is shown.
const NAME_BYTES_MAX: usize = 40;
/// More digits than this in one name look like data.
const DIGITS_MAX: usize = 3;

/// Names and kinds of the keys at the top of an answer: `status{}`, `rows[]`, `page`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Shape {
    keys: Vec<String>,
    more: usize,
}

impl Shape {
    /// The names, each with `{}` or `[]` behind it for a map or a list.
    #[must_use]
    pub fn keys(&self) -> &[String] {
        &self.keys
    }

    pub(super) fn of<'a>(entries: impl IntoIterator<Item = (&'a str, Json<'a>)>) -> Self {
        let mut shape = Self::default();
        for (name, value) in entries {
            if shape.keys.len() < NAMES_MAX {
                let suffix = match value.kind() {
                    Kind::Map => "{}",
                    Kind::List => "[]",
                    _ => "",
                };
                shape.keys.push(format!("{}{suffix}", shown(name)));
            } else {
                shape.more += 1;
            }
        }
        shape
    }
}

impl fmt::Display for Shape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.keys.is_empty() {
            return f.write_str("no keys");
        }
        write!(f, "the keys {}", self.keys.join(", "))?;
        if self.more > 0 {
            write!(f, " and {} more", self.more)?;
        }
        Ok(())
    }
}

/// A key's name as it may be shown: itself where it looks like a programmer's word.
pub(super) fn shown(name: &str) -> &str {
    let word = name.len() <= NAME_BYTES_MAX
        && name.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_')
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-')
        && name.bytes().filter(u8::is_ascii_digit).count() <= DIGITS_MAX;
    if word { name } else { "(key)" }
}
