//! Text that a spreadsheet would take for a formula, made text again.
//!
//! A spreadsheet runs what follows `=`, `+`, `-` or `@` at a cell's start, and what it starts a cell at
//! depends on its language: many expect `;` between columns, and some split at tabs, too. Whoever fills in a
//! directory's form must not run anything on the machine of who opens the list.

use std::borrow::Cow;

/// What makes a cell plain text to a spreadsheet.
const GUARD: u8 = b'\'';

/// The text, with a `'` before everything in it that a spreadsheet could take for a formula's start.
pub(super) fn guarded(text: &[u8]) -> Cow<'_, [u8]> {
    let first = text.first().copied().unwrap_or_default();
    if !begins_formula(first) && !has_parting(text) {
        return Cow::Borrowed(text);
    }
    let Some(mut place) = next_formula(text, 0) else { return Cow::Borrowed(text) };
    let mut safe = Vec::with_capacity(text.len() + 8);
    let mut copied = 0;
    loop {
        safe.extend_from_slice(&text[copied..place]);
        safe.push(GUARD);
        copied = place;
        match next_formula(text, place + 1) {
            Some(next) => place = next,
            None => break,
        }
    }
    safe.extend_from_slice(&text[copied..]);
    Cow::Owned(safe)
}

/// The next place, from `from` on, where a formula would begin: at the start, or behind what may part
/// cells or lines. Quotes in between are taken off where a line is split at other characters than commas.
fn next_formula(text: &[u8], from: usize) -> Option<usize> {
    let first = text.first().copied()?;
    if from == 0 && (begins_formula(first) || matches!(first, b'\t' | b'\r' | b'\n')) {
        return Some(0);
    }
    (from.max(1)..text.len()).find(|&place| {
        begins_formula(text[place]) && {
            let before = text[..place].iter().rev().find(|byte| **byte != b'"');
            before.is_some_and(|byte| parts(*byte))
        }
    })
}

/// Asked of every text: in blocks without a branch in them, which the compiler looks through many bytes at a time.
fn has_parting(text: &[u8]) -> bool {
    const BLOCK_BYTES: usize = 64;
    text.chunks(BLOCK_BYTES).any(|block| block.iter().fold(false, |found, byte| found | parts(*byte)))
}

fn parts(byte: u8) -> bool {
    (byte == b';') | (byte == b'\t') | (byte == b'\r') | (byte == b'\n')
}

fn begins_formula(byte: u8) -> bool {
    matches!(byte, b'=' | b'+' | b'-' | b'@')
}

#[cfg(test)]
mod tests {
    use super::guarded;

    #[test]
    fn what_a_spreadsheet_would_run_gets_an_apostrophe_wherever_a_cell_may_start() {
        for (text, safe) in [
            ("=1+1", "'=1+1"),
            ("+15005550006", "'+15005550006"),
            ("-2", "'-2"),
            ("@SUM(A1)", "'@SUM(A1)"),
            ("\t=1", "'\t'=1"),
            ("\r=1", "'\r'=1"),
            ("\nx", "'\nx"),
            ("a;=1", "a;'=1"),
            ("a\t@x;+y", "a\t'@x;'+y"),
            ("a;\"=1;\"\"-2", "a;\"'=1;\"\"'-2"),
            ("two\n=lines", "two\n'=lines"),
            ("==", "'=="),
            ("=;=", "'=;'="),
        ] {
            assert_eq!(String::from_utf8_lossy(&guarded(text.as_bytes())), safe, "{text:?}");
        }
    }

    #[test]
    fn other_text_stays_as_it_is() {
        for text in
            ["", "a=b", "person@example.com", "1-2", "x; y", ";", "\"=1", "'=1", "Zoë", "{\"a\":\"-1\"}"]
        {
            assert_eq!(guarded(text.as_bytes()), text.as_bytes(), "{text:?}");
        }
    }
}
