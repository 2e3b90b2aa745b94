//! Numbers as text, exactly.

use std::io::{self, Write};

/// The shortest decimal that reads back as the same number; infinities as JSON can hold them and
/// SQLite writes them: too large to be anything else.
pub(super) fn write_real_json(out: &mut impl Write, number: f64) -> io::Result<()> {
    if number.is_infinite() {
        return out.write_all(if number > 0.0 { b"9e999" } else { b"-9e999" });
    }
    serde_json::to_writer(out, &number).map_err(Into::into)
}

/// The same for people and spreadsheets.
pub(super) fn write_real_text(out: &mut impl Write, number: f64) -> io::Result<()> {
    if number.is_infinite() {
        return out.write_all(if number > 0.0 { b"Inf" } else { b"-Inf" });
    }
    serde_json::to_writer(out, &number).map_err(Into::into)
}

/// Bytes in hexadecimal, as SQLite's `hex()`.
pub(super) fn write_hex(out: &mut impl Write, bytes: &[u8]) -> io::Result<()> {
    const DIGITS: &[u8; 16] = b"0123456789ABCDEF";
    bytes
        .iter()
        .try_for_each(|byte| out.write_all(&[DIGITS[usize::from(byte >> 4)], DIGITS[usize::from(byte & 15)]]))
}
