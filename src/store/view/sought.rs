//! A text that is looked for in others, in whatever case.

use rusqlite::types::ValueRef;
use rusqlite::{Row, Statement};

/// A text that is looked for, made ready to be found in many.
pub(super) struct Sought {
    /// In lower case.
    text: String,
    is_ascii: bool,
}

impl Sought {
    pub(super) fn new(text: &str) -> Self {
        Self { text: text.to_lowercase(), is_ascii: text.is_ascii() }
    }

    /// Whether it stands in one of a row's texts, from the column `first` on.
    pub(super) fn stands_in_row(&self, row: &Row<'_>, first: usize) -> rusqlite::Result<bool> {
        let columns = AsRef::<Statement<'_>>::as_ref(row).column_count();
        for column in first..columns {
            if let ValueRef::Text(bytes) = row.get_ref(column)?
                && self.stands_in(bytes)
            {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Most texts are ASCII: nothing is made for them.
    fn stands_in(&self, whole: &[u8]) -> bool {
        let Some((first, rest)) = self.text.as_bytes().split_first() else { return true };
        if !self.is_ascii || !whole.is_ascii() {
            return String::from_utf8_lossy(whole).to_lowercase().contains(&self.text);
        }
        let Some(last) = whole.len().checked_sub(self.text.len()) else { return false };
        // Nearly every place is told by its first letter.
        (0..=last).any(|place| {
            whole[place].to_ascii_lowercase() == *first
                && whole[place + 1..place + self.text.len()].eq_ignore_ascii_case(rest)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::Sought;

    #[test]
    fn a_text_is_found_whatever_its_case() {
        for (text, whole) in [
            ("ANN", "Joanna"),
            ("étienne", "ÉTIENNE"),
            ("", "anything"),
            ("", ""),
            ("x", "X"),
            ("ab", "aAB"),
            ("straße", "STRAßE 1"),
        ] {
            assert!(Sought::new(text).stands_in(whole.as_bytes()), "{text} in {whole}");
        }
        for (text, whole) in [("anna", "ann"), ("é", "e"), ("x", ""), ("ab", "ba")] {
            assert!(!Sought::new(text).stands_in(whole.as_bytes()), "{text} in {whole}");
        }
    }
}
