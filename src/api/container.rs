//! Where an answer keeps its rows: under a known name, inside a wrapper, as a list or as a map for
//! a list, or as the only list there is.
//!
//! What fits none of these is an error. An answer is empty only where it says so (`[]`, `{}`,
//! `null`, `""`), or where a good envelope stands beside nothing that could hide rows.

use std::borrow::Cow;

use super::aliases::Field;
use super::envelope::Entries;
use super::json::{Json, Kind, TooMany};
use super::key::Key;
use super::lookup::Aliases;
use super::row::has_id;

/// How deep containers are looked for inside wrappers and each other.
const DEPTH_MAX: usize = 4;

/// Why there are no rows to read.
#[derive(Debug)]
pub(super) enum NoRows {
    TooMany,
    NotFound,
}

impl From<TooMany> for NoRows {
    fn from(_: TooMany) -> Self {
        Self::TooMany
    }
}

/// Rows of one sort.
#[derive(Clone, Copy)]
pub(super) struct Sought<'r> {
    pub(super) aliases: &'r Aliases,
    /// The container's names: [`Field::Registrations`] or [`Field::Directories`].
    pub(super) container: Field,
}

impl<'r> Sought<'r> {
    /// The rows of an answer whose envelope is good; empty where the answer says so.
    pub(super) fn rows<'a>(self, top: &Entries<'a>) -> Result<Vec<Json<'a>>, NoRows> {
        self.search(top, 0)
    }

    fn search<'a>(self, entries: &Entries<'a>, depth: usize) -> Result<Vec<Json<'a>>, NoRows> {
        if depth == DEPTH_MAX {
            return Err(NoRows::NotFound);
        }
        let mut empty = false;
        for value in
            self.named(entries, self.container).into_iter().chain(self.named(entries, Field::Wrapper))
        {
            match self.rows_of(value, depth) {
                Ok(rows) if rows.is_empty() => empty = true,
                Err(NoRows::NotFound) => {}
                other => return other,
            }
        }
        if empty {
            return Ok(Vec::new());
        }
        self.only_list(entries)
    }

    /// The values under this field's names, preferred ones first.
    fn named<'a>(self, entries: &Entries<'a>, field: Field) -> Vec<Json<'a>> {
        let ranked = |(key, value): &(Cow<'a, str>, Json<'a>)| {
            self.aliases.of_container(field, key).map(|rank| (rank, *value))
        };
        let mut found: Vec<_> = entries.iter().filter_map(ranked).collect();
        found.sort_by_key(|(rank, _)| *rank);
        found.into_iter().map(|(_, value)| value).collect()
    }

    /// The rows that a container's value is.
    fn rows_of<'a>(self, value: Json<'a>, depth: usize) -> Result<Vec<Json<'a>>, NoRows> {
        if value.is_void() {
            return Ok(Vec::new());
        }
        match value.kind() {
            Kind::List => list_of_rows(value.items()?).ok_or(NoRows::NotFound),
            Kind::Map => {
                let entries = value.entries()?;
                if self.is_row(value)? {
                    return Ok(vec![value]);
                }
                match self.map_for_list(&entries)? {
                    Some(rows) => Ok(rows),
                    None => self.search(&entries, depth + 1),
                }
            }
            _ => Err(NoRows::NotFound),
        }
    }

    fn is_row(self, value: Json<'_>) -> Result<bool, TooMany> {
        has_id(value, self.aliases, self.container)
    }

    /// A list given as a map: keys are numbers, or every value is a row with an ID.
    fn map_for_list<'a>(self, entries: &Entries<'a>) -> Result<Option<Vec<Json<'a>>>, TooMany> {
        let numbered = entries.iter().all(|(key, _)| key.bytes().all(|byte| byte.is_ascii_digit()));
        if !numbered {
            for (_, value) in entries {
                if !self.is_row(*value)? {
                    return Ok(None);
                }
            }
        }
        Ok(list_of_rows(entries.iter().map(|(_, value)| *value).collect()))
    }

    /// The only list of rows, whatever its name; else nothing may be there that could hide rows:
    /// nothing at all but the envelope, or beside it nothing but numbers, texts and flat maps.
    fn only_list<'a>(self, entries: &Entries<'a>) -> Result<Vec<Json<'a>>, NoRows> {
        let rest: Vec<_> = entries.iter().filter(|(key, _)| !is_of_envelope(key)).collect();
        let mut found = None;
        let mut suspect = rest.len() == entries.len();
        for (key, value) in rest {
            match value.kind() {
                Kind::List if value.is_void() => {}
                Kind::List => match list_of_rows(value.items()?) {
                    Some(_) if found.is_some() => return Err(NoRows::NotFound),
                    Some(rows) => found = Some(rows),
                    None => suspect = true,
                },
                Kind::Map => suspect |= !self.is_harmless(key, *value)?,
                _ => suspect |= self.is_named(key) && !value.is_void(),
            }
        }
        match found {
            Some(rows) => Ok(rows),
            None if suspect => Err(NoRows::NotFound),
            None => Ok(Vec::new()),
        }
    }

    /// Whether a map beside the envelope can't hide rows: flat, and not itself a row, but for the
    /// directory that a list of users speaks of.
    fn is_harmless(self, key: &str, value: Json<'_>) -> Result<bool, TooMany> {
        let entries = value.entries()?;
        let nests = |value: &Json<'_>| matches!(value.kind(), Kind::Map | Kind::List) && !value.is_void();
        if entries.iter().any(|(_, value)| nests(value)) {
            return Ok(false);
        }
        let of_directory = self.container == Field::Registrations
            && self.aliases.of_container(Field::Directories, key).is_some();
        Ok(value.is_void() || !self.is_named(key) && (of_directory || !self.is_row(value)?))
    }

    /// Whether rows were expected under this key.
    fn is_named(self, key: &str) -> bool {
        self.aliases.of_container(self.container, key).is_some()
            || self.aliases.of_container(Field::Wrapper, key).is_some()
    }
}

/// `None`: not a list of maps. A void element (`null`, `[]`) among maps is a row without an ID.
fn list_of_rows(items: Vec<Json<'_>>) -> Option<Vec<Json<'_>>> {
    let is_row = |item: &Json<'_>| item.kind() == Kind::Map || (item.kind() == Kind::List && item.is_void());
    items.iter().any(is_row).then_some(items)
}

fn is_of_envelope(key: &str) -> bool {
    Key::of(key).is_some_and(|key| matches!(key.as_bytes(), b"status" | b"errors" | b"error"))
}
