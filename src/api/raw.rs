//! The row as it came, for a better reading later: byte for byte, unless it holds what must not be
//! kept or what others would read differently.
//!
//! Left out: password-, hash-, token- and secret-like keys, at any depth; a text that is itself a
//! map or a list with such a key becomes `null`. Of equal keys the one that
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

/// What a secret-like key holds anywhere in it.
const SECRETS: &[&[u8]] = &[
    b"password",
    b"passwd",
    b"passphrase",
    b"passcode",
    b"passwort",
    b"wachtwoord",
    b"motdepasse",
    b"contrasena",
    b"contrase\xc3\xb1a",
    b"pwd",
    b"hash",
    b"token",
    b"secret",
    b"apikey",
    b"accesskey",
    b"privatekey",
    b"credential",
    b"authorization",
    b"bearer",
    b"jwt",
    b"cookie",
    b"sessionid",
];

/// Secret-like keys that mean something else inside longer words.
const SECRET_WORDS: &[&[u8]] =
    &[b"pass", b"salt", b"pin", b"pincode", b"auth", b"session", b"otp", b"otpcode", b"cvv", b"cvv2"];

/// Words that end in `pass` and are no secrets.
const PASSES: &[&[u8]] =
    &[b"compass", b"bypass", b"trespass", b"surpass", b"walletpass", b"daypass", b"seasonpass", b"buspass"];

/// Whether a key, in lower case and without anything but letters and digits, is one whose value is
/// not to be kept.
fn is_secret_plain(key: &[u8]) -> bool {
    let starts = |rest: &[u8]| SECRETS.iter().any(|secret| rest.starts_with(secret));
    let first =
        |byte: u8| matches!(byte, b'a' | b'b' | b'c' | b'h' | b'j' | b'm' | b'p' | b's' | b't' | b'w');
    SECRET_WORDS.contains(&key)
        || key.ends_with(b"pass") && !PASSES.iter().any(|pass| key.ends_with(pass))
        || (0..key.len()).any(|at| first(key[at]) && starts(&key[at..]))
}

/// Whether a key, as it is compared, is one whose value is not to be kept.
pub(super) fn is_secret(key: &[u8]) -> bool {
    if key.iter().all(u8::is_ascii_alphanumeric) {
        return is_secret_plain(key);
    }
    is_secret_plain(plain(&String::from_utf8_lossy(key)).as_bytes())
}

/// As [`is_secret`], of a key as it is spelt; `key` is how it is compared, if it is short enough.
pub(super) fn is_secret_spelling(spelling: &str, key: Option<&Key>) -> bool {
    match key {
        Some(key) => is_secret(key.as_bytes()),
        None => is_secret_plain(plain(spelling).as_bytes()),
    }
}

fn plain(spelling: &str) -> String {
    spelling.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// Whether a text begins as a map or a list does: most don't, and are not looked at further.
fn may_nest(value: Json<'_>) -> bool {
    let inner = value.as_str().strip_prefix('"').unwrap_or_default();
    matches!(inner.trim_start().as_bytes().first(), Some(b'{' | b'[' | b'\\'))
}

/// Whether a value, a text that is itself JSON included, holds a secret-like key or is too deep to tell.
fn holds_secret(json: Json<'_>, depth: usize) -> bool {
    match json.kind() {
        Kind::Map | Kind::List if depth == DEPTH_MAX => true,
        Kind::Text if may_nest(json) => {
            let text = json.text().unwrap_or_default();
            depth == DEPTH_MAX || Json::parse(text.trim()).is_some_and(|json| holds_secret(json, depth + 1))
        }
        Kind::Map => json.entries().map_or(true, |entries| {
            let is_secret = |key: &str| is_secret_spelling(key, Key::of(key).as_ref());
            entries.iter().any(|(key, value)| is_secret(key) || holds_secret(*value, depth + 1))
        }),
        Kind::List => {
            json.items().map_or(true, |items| items.into_iter().any(|item| holds_secret(item, depth + 1)))
        }
        _ => false,
    }
}

/// What is kept of a row, and whether it had to be cut. `may_hold_secret`: a key at the row's top
/// is, or may be, secret-like.
pub(super) fn kept(row: Json<'_>, entries: &Entries<'_>, may_hold_secret: bool) -> (Box<str>, bool) {
    let nests = entries.iter().any(|(_, value)| match value.kind() {
        Kind::List | Kind::Map => !value.is_void(),
        Kind::Text => may_nest(*value),
        _ => false,
    });
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
    if scalar && value.as_str().len() <= value_bytes_max && !holds_secret(value, 0) {
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
