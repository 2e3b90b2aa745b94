//! Email addresses: what the RFCs take for one, without a name, comment or literal address.

use email_address::{EmailAddress, Options};
use unicode_normalization::UnicodeNormalization as _;
use url::Host;

use super::Invalid;

/// RFC 5321, 4.5.3.1.3.
const CHARACTERS_MAX: usize = 254;

/// As it is held of somebody: whoever typed it may have mistyped it.
pub(super) fn read(text: &str) -> Result<String, Invalid> {
    normalize(text).or_else(|invalid| {
        let text = text.trim();
        let is_like_one = text.contains('@')
            && text.chars().count() <= CHARACTERS_MAX
            && !text.chars().any(char::is_control);
        if is_like_one { Ok(text.to_owned()) } else { Err(invalid) }
    })
}

pub(super) fn normalize(text: &str) -> Result<String, Invalid> {
    let text = text.trim();
    if text.is_empty() {
        return Err(Invalid::Empty);
    }
    let options = Options::default().with_required_tld().without_domain_literal().without_display_text();
    let is_unfit = |c: char| c.is_control() || c == char::REPLACEMENT_CHARACTER;
    if text.chars().count() > CHARACTERS_MAX || text.chars().any(is_unfit) {
        return Err(Invalid::NoEmail);
    }
    let address = EmailAddress::parse_with_options(text, options).map_err(|_| Invalid::NoEmail)?;
    let local = address.local_part();
    // What is not seen, or looks like another letter, is a slip, and would be a second recipient. A quoted local
    // part is allowed, and nobody has one: `"a b"@example.com`.
    if local.chars().any(is_unseen) || local.nfkc().ne(local.nfc()) || local.starts_with('"') {
        return Err(Invalid::NoEmail);
    }
    match Host::parse(address.domain()) {
        Ok(Host::Domain(domain)) => Ok(format!("{}@{domain}", address.local_part())),
        _ => Err(Invalid::NoDomain),
    }
}

/// What directs or joins letters and is none.
fn is_unseen(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::{Invalid, normalize, read};
    use crate::recipient::Recipient;

    #[test]
    fn an_address_goes_out_as_it_was_written_but_for_its_domain() {
        assert_eq!(normalize(" Ann.Lee+shop@Example.COM "), Ok("Ann.Lee+shop@example.com".into()));
        assert_eq!(normalize("info@käse.example"), Ok("info@xn--kse-qla.example".into()));
        assert_eq!(normalize("info@xn--kse-qla.example"), Ok("info@xn--kse-qla.example".into()));
        assert_eq!(normalize("данные@пример.рф"), Ok("данные@xn--e1afmkfd.xn--p1ai".into()));
    }

    #[test]
    fn two_spellings_are_one_recipient() {
        let identity = |text| Recipient::email(text).unwrap().identity();
        assert_eq!(identity("Ann@Käse.example"), identity("ann@xn--kse-qla.example"));
        assert_eq!(identity("ren\u{e9}@example.com"), identity("RENE\u{301}@example.com"));
        assert_ne!(identity("ann@example.com"), identity("ann@example.org"));
    }

    #[test]
    fn what_is_no_address_is_refused() {
        for text in [
            "ann",
            "ann@",
            "@example.com",
            "ann@example",
            "ann@@example.com",
            "a b@example.com",
            "ann@exa mple.com",
            "Ann <ann@example.com>",
            "ann@[127.0.0.1]",
            "\"a b\"@example.com",
            "ann@example..com",
            "ann@-.com",
            "a@example.com,b@example.com",
            "ann@127.0.0.1",
            "m\u{fffd}@example.com",
            "ann\u{200b}@example.com",
            "ann\u{202e}@example.com",
            "\u{ff41}nn@example.com",
            "ann@caf\u{fffd}.com",
        ] {
            assert!(normalize(text).is_err(), "{text}");
        }
        assert_eq!(normalize("  "), Err(Invalid::Empty));
        assert_eq!(normalize(&format!("{}@example.com", "a".repeat(300))), Err(Invalid::NoEmail));
    }

    #[test]
    fn what_somebody_mistyped_is_theirs_all_the_same() {
        for text in ["ann.@example.com", "ann@localhost", "Ann <ann@example.com>", "ann@example..com"] {
            assert_eq!(read(text), Ok(text.into()));
        }
        assert_eq!(read(" Ann@Example.COM "), Ok("Ann@example.com".into()));
        assert_eq!((read(""), read("ann")), (Err(Invalid::Empty), Err(Invalid::NoEmail)));
    }

    #[test]
    fn nothing_shows_an_address_in_a_log() {
        let shown = format!("{:?}", Recipient::email("eve@example.com").unwrap());
        assert!(!shown.contains("eve"), "{shown}");
    }
}
