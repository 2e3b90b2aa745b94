//! The usual page, in one pass: an envelope beside one list of rows under a known name.
//!
//! It only finds where things stand; anything unusual is left to `container.rs`, which reads the
//! same answer slower and decides what it means.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

use super::aliases::Field;
use super::json::{Json, KeyText, Kind};
use super::lookup::Aliases;

/// The most rows that the fast path takes.
const ROWS_MAX: usize = 10_000;

/// A usual page: the envelope's own text and the rows, at least one.
pub(super) struct Usual<'a> {
    pub(super) status: Json<'a>,
    pub(super) rows: Vec<Json<'a>>,
}

/// `None`: not the usual page, perhaps not even JSON.
pub(super) fn usual_page<'a>(text: &'a str, aliases: &Aliases) -> Option<Usual<'a>> {
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let usual = deserializer.deserialize_map(Top { aliases }).ok()?;
    deserializer.end().ok()?;
    usual
}

struct Top<'r> {
    aliases: &'r Aliases,
}

impl<'de> Visitor<'de> for Top<'_> {
    type Value = Option<Usual<'de>>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an answer")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let (mut status, mut rows) = (None, None);
        while let Some(KeyText(key)) = map.next_key()? {
            if key == "status" {
                if status.replace(Json::of(map.next_value::<&RawValue>()?)).is_some() {
                    return Err(A::Error::custom("unusual"));
                }
            } else if self.aliases.of_container(Field::Registrations, &key).is_some() {
                if rows.replace(map.next_value_seed(Rows)?).is_some() {
                    return Err(A::Error::custom("unusual"));
                }
            } else if self.aliases.of_container(Field::Wrapper, &key).is_some() || may_be_of_envelope(&key) {
                return Err(A::Error::custom("unusual"));
            } else {
                map.next_value::<IgnoredAny>()?;
            }
        }
        Ok(status.zip(rows).map(|(status, rows)| Usual { status, rows }))
    }
}

struct Rows;

impl<'de> DeserializeSeed<'de> for Rows {
    type Value = Vec<Json<'de>>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for Rows {
    type Value = Vec<Json<'de>>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("rows")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
        let mut rows = Vec::with_capacity(104);
        while let Some(row) = list.next_element::<&RawValue>()? {
            let row = Json::of(row);
            if row.kind() != Kind::Map || rows.len() == ROWS_MAX {
                return Err(A::Error::custom("unusual"));
            }
            rows.push(row);
        }
        if rows.is_empty() { Err(A::Error::custom("unusual")) } else { Ok(rows) }
    }
}

fn may_be_of_envelope(key: &str) -> bool {
    key.get(..3).is_some_and(|start| start.eq_ignore_ascii_case("err"))
}
