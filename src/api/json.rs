//! A view of JSON text that is walked without being copied: keys in order, doubled ones included,
//! values as the bytes that they came in.
//!
//! serde_json does the parsing. What the view adds is what a [`serde_json::Value`] loses: the
//! second of two equal keys, a number's digits, depth without a limit, the row's own bytes.

use std::borrow::Cow;
use std::fmt;

use serde::de::{Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

/// The most entries of one map and elements of one list that are looked at.
pub(super) const ENTRIES_MAX: usize = 100_000;

/// JSON text that is known to be valid.
#[derive(Clone, Copy)]
pub(super) struct Json<'a>(&'a str);

/// What a value is, by its first byte.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Null,
    Bool,
    Number,
    Text,
    List,
    Map,
}

/// More entries than [`ENTRIES_MAX`].
#[derive(Debug)]
pub(super) struct TooMany;

impl<'a> Json<'a> {
    /// `None`: not JSON.
    pub(super) fn parse(text: &'a str) -> Option<Self> {
        serde_json::from_str::<&RawValue>(text).ok().map(Self::of)
    }

    /// What serde_json has already read.
    pub(super) fn of(raw: &'a RawValue) -> Self {
        Self(raw.get())
    }

    /// A whole value cut out of valid JSON.
    pub(super) fn part(text: &'a str) -> Self {
        Self(text)
    }

    /// The bytes as they came.
    pub(super) fn as_str(self) -> &'a str {
        self.0
    }

    pub(super) fn kind(self) -> Kind {
        match self.0.as_bytes().first() {
            Some(b'{') => Kind::Map,
            Some(b'[') => Kind::List,
            Some(b'"') => Kind::Text,
            Some(b't' | b'f') => Kind::Bool,
            Some(b'n') | None => Kind::Null,
            Some(_) => Kind::Number,
        }
    }

    /// A text's characters; `None` for anything else.
    pub(super) fn text(self) -> Option<Cow<'a, str>> {
        if self.kind() != Kind::Text {
            return None;
        }
        let inner = &self.0[1..self.0.len() - 1];
        if !inner.contains('\\') {
            return Some(Cow::Borrowed(inner));
        }
        serde_json::from_str::<String>(self.0).ok().map(Cow::Owned)
    }

    /// A map's entries in order, doubled keys included; none for anything else.
    pub(super) fn entries(self) -> Result<Vec<(Cow<'a, str>, Self)>, TooMany> {
        if self.kind() != Kind::Map {
            return Ok(Vec::new());
        }
        serde_json::Deserializer::from_str(self.0).deserialize_map(Entries).map_err(|_| TooMany)
    }

    /// A list's elements; none for anything else.
    pub(super) fn items(self) -> Result<Vec<Self>, TooMany> {
        if self.kind() != Kind::List {
            return Ok(Vec::new());
        }
        serde_json::Deserializer::from_str(self.0).deserialize_seq(Items).map_err(|_| TooMany)
    }

    /// `null`, `""`, `[]` or `{}`.
    pub(super) fn is_void(self) -> bool {
        match self.kind() {
            Kind::Null => true,
            Kind::Text => self.0.len() == 2,
            Kind::List | Kind::Map => self.0[1..self.0.len() - 1].trim_ascii().is_empty(),
            Kind::Bool | Kind::Number => false,
        }
    }
}

struct Entries;

impl<'de> Visitor<'de> for Entries {
    type Value = Vec<(Cow<'de, str>, Json<'de>)>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a map")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut entries = Vec::with_capacity(24);
        while let Some(KeyText(key)) = map.next_key()? {
            if entries.len() == ENTRIES_MAX {
                return Err(A::Error::custom("too many"));
            }
            entries.push((key, Json::of(map.next_value::<&RawValue>()?)));
        }
        Ok(entries)
    }
}

struct Items;

impl<'de> Visitor<'de> for Items {
    type Value = Vec<Json<'de>>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
        let mut items = Vec::with_capacity(104);
        while let Some(item) = list.next_element::<&RawValue>()? {
            if items.len() == ENTRIES_MAX {
                return Err(A::Error::custom("too many"));
            }
            items.push(Json::of(item));
        }
        Ok(items)
    }
}

/// A key, borrowed where it holds no escape.
pub(super) struct KeyText<'a>(pub(super) Cow<'a, str>);

impl<'de> serde::Deserialize<'de> for KeyText<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Text;
        impl<'de> Visitor<'de> for Text {
            type Value = KeyText<'de>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a key")
            }
            fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Self::Value, E> {
                Ok(KeyText(Cow::Borrowed(text)))
            }
            fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
                Ok(KeyText(Cow::Owned(text.to_owned())))
            }
        }
        deserializer.deserialize_str(Text)
    }
}

/// The body as text that serde_json can read to its end: without byte order marks, bytes that are
/// no UTF-8 and halves of surrogate pairs replaced by U+FFFD.
pub(super) fn text_of(body: Vec<u8>) -> String {
    let mut text = match String::from_utf8(body) {
        Ok(text) => text,
        Err(error) => String::from_utf8_lossy(error.as_bytes()).into_owned(),
    };
    let marks = text.len() - text.trim_start_matches(|c: char| c == '\u{feff}' || c.is_whitespace()).len();
    text.drain(..marks);
    mend_surrogates(text)
}

/// Replaces `\ud83d` without its other half by `\ufffd`, which is as long.
fn mend_surrogates(text: String) -> String {
    let mut halves = Vec::new();
    let bytes = text.as_bytes();
    let mut at = 0;
    while let Some(step) = text[at..].find('\\') {
        at += step;
        match escaped_unit(bytes, at) {
            Some(0xd800..=0xdbff) if matches!(escaped_unit(bytes, at + 6), Some(0xdc00..=0xdfff)) => at += 12,
            Some(0xd800..=0xdfff) => {
                halves.push(at);
                at += 6;
            }
            Some(_) => at += 6,
            None => at += 1 + text[at + 1..].chars().next().map_or(0, char::len_utf8),
        }
    }
    if halves.is_empty() {
        return text;
    }
    let mut bytes = text.into_bytes();
    for at in halves {
        bytes[at..at + 6].copy_from_slice(b"\\ufffd");
    }
    String::from_utf8(bytes).expect("Invariant: ASCII replaced by ASCII")
}

/// The number in `\uXXXX` at this place.
fn escaped_unit(bytes: &[u8], at: usize) -> Option<u16> {
    let digits = bytes.get(at..at + 6)?.strip_prefix(b"\\u")?;
    digits.iter().try_fold(0, |unit, digit| Some(unit * 16 + (*digit as char).to_digit(16)? as u16))
}
