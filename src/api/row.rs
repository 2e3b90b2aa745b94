//! One row of an answer as far as every page needs it: its ID and a fingerprint of its bytes.
//!
//! Reading the rest waits until somebody asks: most rows of most pages have not changed.

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use serde::de::{Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;
use xxhash_rust::xxh3::xxh3_64_with_seed;

use super::aliases::Field;
use super::json::{Json, KeyText, Kind, TooMany};
use super::key::Key;
use super::lookup::Aliases;
use crate::registration::{Fingerprint, RegistrationId};

/// The longest ID that is believed, in bytes.
const ID_BYTES_MAX: usize = 256;

/// A registered user's row, not yet decoded; shares its page's text.
#[derive(Clone)]
pub struct UserRow {
    /// The vendor's ID.
    pub id: RegistrationId,
    /// Of the row's bytes and the rules of reading.
    pub fingerprint: Fingerprint,
    page: Arc<str>,
    at: Range<usize>,
}

impl UserRow {
    /// The row `json`, which is a part of `page`.
    pub(super) fn new(page: &Arc<str>, json: Json<'_>, id: String, seed: i64) -> Self {
        let text = json.as_str();
        let start = text.as_ptr() as usize - page.as_ptr() as usize;
        Self {
            id: RegistrationId::new(id),
            fingerprint: Fingerprint(xxh3_64_with_seed(text.as_bytes(), seed as u64) as i64),
            page: Arc::clone(page),
            at: start..start + text.len(),
        }
    }

    /// The row's JSON as it came.
    pub(super) fn json(&self) -> Json<'_> {
        Json::part(&self.page[self.at.clone()])
    }
}

impl fmt::Debug for UserRow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UserRow").field("id", &self.id).finish_non_exhaustive()
    }
}

/// Whether the row has an ID of its sort.
pub(super) fn has_id(row: Json<'_>, aliases: &Aliases, container: Field) -> Result<bool, TooMany> {
    Ok(match container {
        Field::Registrations => user_id(row, aliases).is_some(),
        _ => directory_id(row, aliases)?.is_some(),
    })
}

/// A user's ID, by the most preferred key that holds one. Reads no further than it must.
pub(super) fn user_id(row: Json<'_>, aliases: &Aliases) -> Option<String> {
    if row.kind() != Kind::Map {
        return None;
    }
    let mut best = None;
    let visitor = IdOfUser { aliases, best: &mut best };
    // An error only says that the visitor had seen enough: the row is known to be valid JSON.
    let _ = serde_json::Deserializer::from_str(row.as_str()).deserialize_map(visitor);
    best.map(|(_, id)| id)
}

struct IdOfUser<'r> {
    aliases: &'r Aliases,
    best: &'r mut Option<(u16, String)>,
}

impl<'de> Visitor<'de> for IdOfUser<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a row")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(KeyText(key)) = map.next_key()? {
            let value = Json::of(map.next_value::<&RawValue>()?);
            let Some((spelling, _)) = Key::of(&key).and_then(|key| self.aliases.of_user(&key)) else {
                continue;
            };
            let better = self.best.as_ref().is_none_or(|(rank, _)| spelling.rank < *rank);
            if spelling.field == Field::RegistrationId
                && better
                && let Some(id) = id_text(value, b"dir_")
            {
                *self.best = Some((spelling.rank, id));
                if spelling.rank == 0 {
                    return Ok(());
                }
            }
        }
        Ok(())
    }
}

/// A directory's ID, by the most preferred key that holds one.
pub(super) fn directory_id(row: Json<'_>, aliases: &Aliases) -> Result<Option<String>, TooMany> {
    let mut found: Vec<(u16, String)> = Vec::new();
    for (key, value) in row.entries()? {
        let spelling = Key::of(&key).and_then(|key| aliases.of_directory(&key));
        if let Some(spelling) = spelling.filter(|spelling| spelling.field == Field::DirectoryId) {
            found.extend(id_text(value, b"reg_").map(|id| (spelling.rank, id)));
        }
    }
    Ok(found.into_iter().min_by_key(|(rank, _)| *rank).map(|(_, id)| id))
}

/// An ID's text; `None` for what can't be one: 0 is what an absent number often comes as, and an
/// ID with this prefix is of the other sort.
fn id_text(value: Json<'_>, not: &[u8]) -> Option<String> {
    let text = match value.kind() {
        Kind::Text => value.text()?.replace('\0', ""),
        Kind::Number => value.as_str().to_owned(),
        _ => return None,
    };
    let text = text.trim();
    let fits = !text.is_empty() && text != "0" && text.len() <= ID_BYTES_MAX;
    (fits && !text.as_bytes().starts_with(not)).then(|| text.to_owned())
}

/// A row that is wrapped once more, `{"user":{…}}`, without its wrapping.
pub(super) fn unwrapped<'a>(row: Json<'a>, aliases: &Aliases, container: Field) -> Result<Json<'a>, TooMany> {
    let entries = row.entries()?;
    Ok(match entries.as_slice() {
        [(key, inner)] if inner.kind() == Kind::Map && aliases.of_container(container, key).is_some() => {
            *inner
        }
        _ => row,
    })
}
