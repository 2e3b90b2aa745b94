//! Values that are no dates: texts that may come as numbers, flags in all their spellings.

use super::json::{Json, Kind};
use super::registration::Problem;

/// The longest text that becomes a column, in bytes.
const TEXT_BYTES_MAX: usize = 16 * 1024;

/// Whether the value is what an absent one comes as: `null`, `""`, `[]`, `{}`.
pub(super) fn is_unset(value: Json<'_>) -> bool {
    value.is_void()
}

/// A text as sent, without NUL characters; a number as its own digits. `None` where there is none:
/// nothing but spaces, or PHP's `false`.
pub(super) fn text(value: Json<'_>) -> Result<Option<String>, Problem> {
    let text = match value.kind() {
        Kind::Text => value.text().ok_or(Problem::NotText)?,
        Kind::Number => value.as_str().into(),
        Kind::Null => return Ok(None),
        Kind::Bool if value.as_str() == "false" => return Ok(None),
        Kind::List | Kind::Map if value.is_void() => return Ok(None),
        Kind::Bool | Kind::List | Kind::Map => return Err(Problem::NotText),
    };
    if text.len() > TEXT_BYTES_MAX {
        return Err(Problem::TooLong);
    }
    let text = if text.contains('\0') { text.replace('\0', "") } else { text.into_owned() };
    Ok((!text.trim().is_empty()).then_some(text))
}

/// Yes or no: 1/0, true/false, yes/no, y/n, on/off, as numbers, texts or JSON's own.
pub(super) fn flag(value: Json<'_>) -> Result<Option<bool>, Problem> {
    let text = match value.kind() {
        Kind::Null => return Ok(None),
        Kind::Text => value.text().ok_or(Problem::NotAFlag)?,
        Kind::Number | Kind::Bool => value.as_str().into(),
        Kind::List | Kind::Map if value.is_void() => return Ok(None),
        Kind::List | Kind::Map => return Err(Problem::NotAFlag),
    };
    let text = text.trim();
    let is_one_of = |words: &[&str]| words.iter().any(|word| text.eq_ignore_ascii_case(word));
    match text {
        "" => Ok(None),
        _ if is_one_of(&["1", "true", "yes", "y", "on", "1.0"]) => Ok(Some(true)),
        _ if is_one_of(&["0", "false", "no", "n", "off", "0.0"]) => Ok(Some(false)),
        _ => Err(Problem::NotAFlag),
    }
}
