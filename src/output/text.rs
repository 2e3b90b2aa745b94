//! Text that strangers wrote, made safe for a terminal.

use std::borrow::Cow;

/// The text with what could move a terminal's cursor, turn its writing direction, or
/// not be seen at all, spelt out.
#[must_use]
pub fn visible(text: &str) -> Cow<'_, str> {
    if !text.chars().any(acts) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        if acts(c) { shown.extend(c.escape_default()) } else { shown.push(c) }
    }
    Cow::Owned(shown)
}

fn acts(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::visible;

    #[test]
    fn what_acts_on_a_terminal_or_is_not_seen_is_spelt_out_and_nothing_else() {
        let acting = "\u{1b}\u{7f}\u{9b}\u{61c}\u{200b}\u{200d}\u{200e}\u{200f}\u{2028}\u{2029}\u{202a}\u{202e}\u{2066}\u{2069}\u{feff}";
        for c in acting.chars() {
            assert_eq!(visible(&format!("a{c}b")), format!("a{}b", c.escape_default()));
        }
        for plain in ["", "Zoë Ñandú", "أدا", "文字 \u{200a}\u{2010}\u{2030}"] {
            assert_eq!(visible(plain), plain);
        }
    }
}
