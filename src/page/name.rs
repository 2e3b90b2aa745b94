//! Text that strangers wrote, on a page: escaped by the template library, kept from turning the writing direction, and
//! what can't be seen spelt out.

use std::borrow::Cow;

use form_urlencoded::byte_serialize;
use maud::{Markup, html};

use crate::output::visible;

/// What is shown of a text in a cell; the rest is a reader's who asks for the row.
const CHARACTERS_MAX: usize = 300;

/// A stranger's text; what is null is a dash.
pub(super) fn text(text: Option<&str>) -> Markup {
    match text.filter(|text| !text.trim().is_empty()) {
        Some(text) => html! { bdi { (cut(text)) } },
        None => nothing(),
    }
}

/// What stands where there is nothing.
pub(super) fn nothing() -> Markup {
    html! { span.none aria-label="none" role="img" { "—" } }
}

/// A mask: what a masked reader sees in the place of what identifies a person.
pub(super) fn mask(mask: Option<&str>) -> Markup {
    match mask {
        Some(mask) => html! {
            span.mask title="masked: equal masks are equal values" { span.unseen { "masked " } (cut(mask)) }
        },
        None => nothing(),
    }
}

/// A directory: its name where it has one, else its ID.
pub(super) fn directory_link(id: &str, name: Option<&str>) -> Markup {
    let name = name.filter(|name| !name.trim().is_empty()).unwrap_or(id);
    html! { a href=(directory_address(id)) { bdi { (cut(name)) } } }
}

/// A directory's page.
pub(super) fn directory_address(id: &str) -> String {
    format!("/directories/{}", path_segment(id))
}

/// Text as one part of a path.
pub(super) fn path_segment(text: &str) -> String {
    byte_serialize(text.as_bytes()).collect::<String>().replace('+', "%20")
}

/// The address where it is one that a browser may follow without harm.
pub(super) fn web_address(url: Option<&str>) -> Option<url::Url> {
    url::Url::parse(url?).ok().filter(|url| matches!(url.scheme(), "http" | "https"))
}

/// The text as it can be seen, not longer than a cell may be.
pub(super) fn cut(text: &str) -> Cow<'_, str> {
    match text.char_indices().nth(CHARACTERS_MAX) {
        None => visible(text),
        Some((end, _)) => Cow::Owned(format!("{}…", visible(&text[..end]))),
    }
}

#[cfg(test)]
mod tests {
    use super::{cut, directory_address, directory_link, mask, text, web_address};

    #[test]
    fn a_strangers_text_stays_text() {
        let shown = text(Some("<script>alert(1)</script>\u{202e}")).into_string();
        assert_eq!(shown, "<bdi>&lt;script&gt;alert(1)&lt;/script&gt;\\u{202e}</bdi>");
        assert!(text(Some("  ")).into_string().contains('—'));
        assert!(text(None).into_string().contains('—'));
        assert_eq!(cut(&"ä".repeat(5000)).chars().count(), 301);
    }

    #[test]
    fn an_id_is_one_part_of_a_path() {
        assert_eq!(directory_address("dir_1"), "/directories/dir_1");
        assert_eq!(directory_address("a/b?c d+\"é"), "/directories/a%2Fb%3Fc%20d%2B%22%C3%A9");
        assert!(directory_link("x", Some("")).into_string().contains("<bdi>x</bdi>"));
    }

    #[test]
    fn only_addresses_of_the_web_are_linked() {
        assert!(web_address(Some("https://example.com/a")).is_some());
        for wrong in ["javascript:alert(1)", "data:text/html,x", "example.com", ""] {
            assert!(web_address(Some(wrong)).is_none(), "{wrong}");
        }
    }

    #[test]
    fn a_mask_says_that_it_is_one() {
        assert!(mask(Some("ab12")).into_string().contains("masked"));
        assert!(mask(None).into_string().contains('—'));
    }
}
