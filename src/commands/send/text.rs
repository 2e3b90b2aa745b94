//! What may be sent, and what a send may be called. Looked at after the command line was read: what is refused
//! there is printed whole, and a message is long and tells of people.

use anyhow::anyhow;
use unicode_normalization::UnicodeNormalization as _;

use crate::commands::{Exit, Failure};

/// Longer is no subject and no message.
const TEXT_CHARACTERS_MAX: usize = 1600;
const CAMPAIGN_CHARACTERS_MAX: usize = 100;

/// A subject is one line of an email's head: what follows a line break would be the next.
pub(super) fn check_subject(text: Option<&str>) -> Result<(), Failure> {
    let Some(text) = text else { return Ok(()) };
    check_length("--subject", text)?;
    if text.chars().any(|c| c.is_control() || matches!(c, '\u{2028}' | '\u{2029}')) {
        return Err(wrong("--subject", "it holds a line break or another control character")
            .hint("write it in one line, without tabs"));
    }
    Ok(())
}

/// A message may have several lines, and nothing else that is not a character.
pub(super) fn check_body(text: Option<&str>) -> Result<(), Failure> {
    let Some(text) = text else { return Ok(()) };
    check_length("--body", text)?;
    if text.chars().any(|c| c.is_control() && c != '\n') {
        return Err(wrong("--body", "it holds a control character")
            .hint("line feeds are the only ones; tabs and carriage returns are not"));
    }
    Ok(())
}

/// A campaign's name, in one of the two ways in which an accented letter can be written.
pub(super) fn read_campaign(name: Option<&str>) -> Result<Option<String>, Failure> {
    let Some(name) = name.map(str::trim) else { return Ok(None) };
    let cause = if name.is_empty() {
        "it is empty".to_owned()
    } else if name.chars().any(char::is_control) {
        "it holds a line break or another control character".to_owned()
    } else if name.chars().count() > CAMPAIGN_CHARACTERS_MAX {
        format!("it has more than {CAMPAIGN_CHARACTERS_MAX} characters")
    } else {
        return Ok(Some(name.nfc().collect()));
    };
    Err(wrong("--campaign", &cause).hint("name it in a few words, as in spring-2027"))
}

fn check_length(flag: &str, text: &str) -> Result<(), Failure> {
    if text.trim().is_empty() {
        return Err(wrong(flag, "it is empty").hint("leave it out for the vendor's"));
    }
    if text.chars().count() > TEXT_CHARACTERS_MAX {
        let cause = format!("it has more than {TEXT_CHARACTERS_MAX} characters");
        return Err(wrong(flag, &cause).hint("shorten it"));
    }
    Ok(())
}

fn wrong(flag: &str, cause: &str) -> Failure {
    Failure::new(Exit::Usage, anyhow!("cannot read {flag}: {cause}"))
}
