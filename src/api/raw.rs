//! The row as it came, for a better reading later: byte for byte, unless it holds what must not be
//! kept or what others would read differently.
//!
//! Left out: password-, hash-, token- and secret-like keys, at any depth. Of equal keys the one that
//! was read is kept. Nesting deeper than [`DEPTH_MAX`] becomes `null`; of a row over
//! [`RAW_BYTES_MAX`] every long value does.

use std::borrow::Cow;
use std::collections::HashMap;

use super::envelope::Entries;
use super::json::{Json, Kind};
use super::key::Key;

/// The longest row that is kept as it came, in bytes.
pub const RAW_BYTES_MAX: usize = 64 * 1024;
/// The longest value that is kept of a longer row, in bytes.
const VALUE_BYTES_MAX: usize = 512;
/// How deep a row may nest.
const DEPTH_MAX: usize = 32;

const SECRETS: &[&[u8]] = &[
    b"password",
    b"passwd",
    b"passphrase",
    b"passcode",
    b"passwort",
    b"pwd",
    b"hash",
    b"token",
    b"secret",
    b"apikey",
    b"privatekey",
    b"credential",
    b"sessionid",
];

/// Whether a key, as it is compared, is one whose value is not to be kept.
pub(super) fn is_secret(key: &[u8]) -> bool {
    let starts = |rest: &[u8]| SECRETS.iter().any(|secret| rest.starts_with(secret));
    let first = |byte: u8| matches!(byte, b'p' | b'h' | b't' | b's' | b'a' | b'c');
    key == b"pass" || key == b"salt" || (0..key.len()).any(|at| first(key[at]) && starts(&key[at..]))
}

/// As [`is_secret`], of a key as it is spelt; `key` is how it is compared, if it is short enough.
pub(super) fn is_secret_spelling(spelling: &str, key: Option<&Key>) -> bool {
    match key {
        Some(key) => is_secret(key.as_bytes()),
        None => is_secret(spelling.to_lowercase().replace(['_', '-', ' '], "").as_bytes()),
    }
}

/// What is kept of a row, and whether it had to be cut. `may_hold_secret`: a key at the row's top
/// is, or may be, secret-like.
pub(super) fn kept(row: Json<'_>, entries: &Entries<'_>, may_hold_secret: bool) -> (Box<str>, bool) {
    let nests = entries.iter().any(|(_, v)| matches!(v.kind(), Kind::List | Kind::Map) && !v.is_void());
    let cut = row.as_str().len() > RAW_BYTES_MAX;
    if !cut && !nests && !may_hold_secret && !has_doubles(entries) {
        return (row.as_str().into(), false);
    }
    let mut kept = String::with_capacity(row.as_str().len().min(RAW_BYTES_MAX));
    let changed = write(row, &mut kept, 0, if cut { VALUE_BYTES_MAX } else { usize::MAX });
    if !changed && !cut {
        return (row.as_str().into(), false);
    }
    if kept.len() > RAW_BYTES_MAX {
        return ("{}".into(), true);
    }
    (kept.into(), cut)
}

/// Writes what is kept of a value; answers whether that is less than there was.
fn write(value: Json<'_>, kept: &mut String, depth: usize, value_bytes_max: usize) -> bool {
    let scalar = !matches!(value.kind(), Kind::List | Kind::Map);
    if scalar && value.as_str().len() <= value_bytes_max {
        kept.push_str(value.as_str());
        return false;
    }
    if scalar || depth == DEPTH_MAX || kept.len() > RAW_BYTES_MAX {
        kept.push_str("null");
        return true;
    }
    if value.kind() == Kind::List {
        return write_list(value, kept, depth, value_bytes_max);
    }
    write_map(value, kept, depth, value_bytes_max)
}

fn write_list(list: Json<'_>, kept: &mut String, depth: usize, value_bytes_max: usize) -> bool {
    let Ok(items) = list.items() else {
        kept.push_str("null");
        return true;
    };
    let mut changed = false;
    kept.push('[');
    for (at, item) in items.into_iter().enumerate() {
        if at > 0 {
            kept.push(',');
        }
        changed |= write(item, kept, depth + 1, value_bytes_max);
    }
    kept.push(']');
    changed
}

fn write_map(map: Json<'_>, kept: &mut String, depth: usize, value_bytes_max: usize) -> bool {
    let Ok(entries) = map.entries() else {
        kept.push_str("null");
        return true;
    };
    let chosen = if has_doubles(&entries) { Some(chosen(&entries)) } else { None };
    let mut changed = chosen.is_some();
    let mut first = true;
    kept.push('{');
    for (at, (key, value)) in entries.iter().enumerate() {
        let doubled = chosen.as_ref().is_some_and(|chosen| chosen.get(key.as_ref()) != Some(&at));
        if doubled || is_secret_spelling(key, Key::of(key).as_ref()) {
            changed = true;
            continue;
        }
        if !first {
            kept.push(',');
        }
        first = false;
        kept.push_str(&serde_json::Value::from(key.as_ref()).to_string());
        kept.push(':');
        changed |= write(*value, kept, depth + 1, value_bytes_max);
    }
    kept.push('}');
    changed
}

/// Whether a key is there twice, letter by letter.
fn has_doubles(entries: &Entries<'_>) -> bool {
    if entries.len() > 64 {
        let keys: std::collections::HashSet<&str> = entries.iter().map(|(key, _)| key.as_ref()).collect();
        return keys.len() < entries.len();
    }
    let twice =
        |(at, (key, _)): (usize, &(Cow<'_, str>, _))| entries[..at].iter().any(|(other, _)| other == key);
    entries.iter().enumerate().any(twice)
}

/// Which entry of each key counts: the last that is not unset, as the columns are read.
fn chosen<'e>(entries: &'e Entries<'_>) -> HashMap<&'e str, usize> {
    let mut chosen: HashMap<&str, usize> = HashMap::new();
    for (at, (key, value)) in entries.iter().enumerate() {
        let there = chosen.entry(key.as_ref()).or_insert(at);
        if !value.is_void() || entries[*there].1.is_void() {
            *there = at;
        }
    }
    chosen
}
