//! How answers are spelt: JSON by hand, because no serializer writes a key twice, a list as a map
//! or an unset date in four ways.
//!
//! It decides nothing about what is answered.

mod answer;
mod date;
mod names;
mod row;
mod standing;

pub use answer::{ApiError, Shape, failure, success};
pub use date::registered_s;
pub use row::{DirectoryRow, RowWriter};
pub use standing::Standing;

use std::fmt::Write;

use super::behaviour::Behaviour;
use super::variant::{EmptyMap, Rows, Text};

/// Appends a JSON string.
pub fn write_text(out: &mut String, text: &str, spelling: Text) {
    out.push('"');
    let plain = match spelling {
        Text::Utf8 => text.bytes().all(|byte| byte >= b' ' && byte != b'"' && byte != b'\\'),
        Text::Escaped => {
            text.bytes().all(|b| (b' '..0x7f).contains(&b) && b != b'"' && b != b'\\' && b != b'/')
        }
    };
    if plain {
        out.push_str(text);
    } else {
        text.chars().for_each(|letter| write_letter(out, letter, spelling));
    }
    out.push('"');
}

fn write_letter(out: &mut String, letter: char, spelling: Text) {
    match letter {
        '"' => out.push_str("\\\""),
        '\\' => out.push_str("\\\\"),
        '\n' => out.push_str("\\n"),
        '/' if spelling == Text::Escaped => out.push_str("\\/"),
        _ if letter < ' ' || (spelling == Text::Escaped && letter > '~') => {
            for unit in letter.encode_utf16(&mut [0; 2]) {
                write!(out, "\\u{unit:04x}").expect("Invariant: writing to a String can't fail");
            }
        }
        _ => out.push(letter),
    }
}

/// Appends a list, each item by `write_item`, as the behaviour spells lists.
pub fn write_list<T>(
    out: &mut String,
    behaviour: &Behaviour,
    items: impl IntoIterator<Item = T>,
    mut write_item: impl FnMut(&mut String, T),
) {
    let from = match behaviour.rows {
        Rows::List => None,
        Rows::Map => Some(0),
        Rows::MapFromOne => Some(1),
    };
    let mut count = 0_usize;
    let open_at = out.len();
    out.push(if from.is_some() { '{' } else { '[' });
    for item in items {
        if count > 0 {
            out.push(',');
        }
        if let Some(from) = from {
            write!(out, "\"{}\":", count + from).expect("Invariant: writing to a String can't fail");
        }
        write_item(out, item);
        count += 1;
    }
    out.push(if from.is_some() { '}' } else { ']' });
    if count == 0 && from.is_some() && behaviour.empty_map == EmptyMap::List {
        out.truncate(open_at);
        out.push_str("[]");
    }
}
