//! Texts of the vendor's as label values: none is long, none holds control characters, and two that
//! differ stay different, since a scrape that says one thing twice is refused as a whole.

use std::borrow::Cow;

use xxhash_rust::xxh3::xxh3_64;

/// The longest text that is taken as it is, in bytes.
const BYTES_MAX: usize = 120;

/// The text, or the beginning of it and a hash of all of it.
pub(super) fn label(text: &str) -> Cow<'_, str> {
    if text.len() <= BYTES_MAX && !text.chars().any(char::is_control) {
        return Cow::Borrowed(text);
    }
    let mut end = text.len().min(BYTES_MAX);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let shown: String = text[..end].chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    Cow::Owned(format!("{shown}…{:016x}", xxh3_64(text.as_bytes())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_that_are_long_or_odd_are_limited_and_stay_apart() {
        assert_eq!(label("dir_10001"), "dir_10001");
        assert_eq!(label("say \"hi\" \\ é"), "say \"hi\" \\ é");
        let (one, other) = ("é".repeat(500), "é".repeat(501));
        assert!(label(&one).len() < 160 && label(&one) != label(&other), "{}", label(&one));
        let (one, other) = (label("two\nlines"), label("two\tlines"));
        assert!(one != other && !one.contains('\n'), "{one} {other}");
    }
}
