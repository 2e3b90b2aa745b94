//! What was wrong with an answer of the API, as a label value: one of a short list, whatever comes.

use crate::api::{ApiError, Cause, ExchangeEnd, Exchanged};

/// The API's codes that something is known of, those of HTTP that stand for refused keys, and 429,
/// which some answer as a code.
const KNOWN: [(i64, &str); 20] = [
    (101, "101"),
    (102, "102"),
    (103, "103"),
    (104, "104"),
    (200, "200"),
    (300, "300"),
    (301, "301"),
    (302, "302"),
    (303, "303"),
    (304, "304"),
    (305, "305"),
    (401, "401"),
    (403, "403"),
    (429, "429"),
    (502, "502"),
    (507, "507"),
    (602, "602"),
    (604, "604"),
    (605, "605"),
    (1000, "1000"),
];

fn known(code: i64) -> &'static str {
    KNOWN.iter().find(|(known, _)| *known == code).map_or("other", |(_, text)| text)
}

/// Tells each code of an answer, or what was wrong with one that has none. Nothing where there was no
/// answer, or where its HTTP status says it all.
pub(super) fn each(exchanged: &Exchanged<'_>, mut tell: impl FnMut(&'static str)) {
    let (Some(error), ExchangeEnd::Answered(http_status)) = (exchanged.error, exchanged.end) else { return };
    match error {
        ApiError::Refused { code }
        | ApiError::Gone { code }
        | ApiError::Setup { code }
        | ApiError::Recipient { code, .. }
        | ApiError::NotSent { code } => tell(known(*code)),
        ApiError::Unknown { codes } if codes.is_empty() => tell("none"),
        ApiError::WrongParameter { codes } | ApiError::Unknown { codes } => {
            codes.iter().for_each(|code| tell(known(*code)));
        }
        ApiError::Passing { cause: Cause::TooManyRequests, .. } if http_status != 429 => tell("429"),
        ApiError::Passing { cause: Cause::NotJson(_), .. } => tell("not_json"),
        ApiError::Passing { .. } => {}
        ApiError::Unreadable { .. } => tell("not_understood"),
        ApiError::Redirected { .. } => tell("redirected"),
        ApiError::TooLarge { .. } => tell("too_large"),
    }
}
