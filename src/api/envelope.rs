//! The envelope: `{"status":{"status":"OK"},…}` or the codes of a failure, in every form that was
//! documented or can be feared.
//!
//! The envelope decides, not the HTTP status; that speaks only where there is no envelope.

use std::borrow::Cow;

use super::aliases::Field;
use super::call::Call;
use super::error::{ApiError, Cause};
use super::json::{Json, Kind, TooMany};
use super::key::Key;
use super::lookup::Aliases;

/// The most codes of one answer that are kept.
const CODES_MAX: usize = 8;

/// A map's entries in order.
pub(super) type Entries<'a> = Vec<(Cow<'a, str>, Json<'a>)>;

/// What the envelope says.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Envelope {
    Good,
    Failed { codes: Vec<i64>, speaks_of_phone: bool },
}

/// Finds the envelope at the top or inside `response`/`result`; `None` if there is none.
pub(super) fn envelope(top: &Entries<'_>, aliases: &Aliases) -> Result<Option<Envelope>, TooMany> {
    if let Some(found) = here(top)? {
        return Ok(Some(found));
    }
    for (key, value) in top {
        if aliases.of_container(Field::Wrapper, key).is_some()
            && let Some(found) = here(&value.entries()?)?
        {
            return Ok(Some(found));
        }
    }
    Ok(None)
}

fn here(entries: &Entries<'_>) -> Result<Option<Envelope>, TooMany> {
    let status = get(entries, &[b"status"]);
    let inner = status.map_or(Ok(Vec::new()), Json::entries)?;
    let word = status.and_then(|status| match status.kind() {
        Kind::Map => get(&inner, &[b"status"]),
        _ => Some(status),
    });
    let mut failure = Failure::default();
    for errors in [&inner, entries] {
        for name in [&b"errors"[..], b"error"] {
            if let Some(errors) = get(errors, &[name]) {
                failure.read(errors, 0)?;
            }
        }
    }
    failure.read_entries(&inner, &[b"errorcode", b"errorcodes"])?;
    let good = match word.and_then(is_good) {
        Some(good) => good && failure.codes.is_empty(),
        None if !failure.codes.is_empty() => false,
        None => return Ok(None),
    };
    Ok(Some(if good {
        Envelope::Good
    } else {
        Envelope::Failed { codes: failure.codes, speaks_of_phone: failure.speaks_of_phone }
    }))
}

/// `None`: not a word that an envelope has.
fn is_good(word: Json<'_>) -> Option<bool> {
    let text = match word.kind() {
        Kind::Text => word.text()?.trim().to_ascii_lowercase(),
        Kind::Bool => word.as_str().to_owned(),
        _ => return None,
    };
    match text.as_str() {
        "ok" | "success" | "successful" | "true" => Some(true),
        "failed" | "failure" | "fail" | "error" | "nok" | "false" => Some(false),
        _ => None,
    }
}

#[derive(Default)]
struct Failure {
    codes: Vec<i64>,
    speaks_of_phone: bool,
}

impl Failure {
    /// One map of errors, or a list of them.
    fn read(&mut self, errors: Json<'_>, depth: usize) -> Result<(), TooMany> {
        if depth > 2 {
            return Ok(());
        }
        for error in errors.items()? {
            self.read(error, depth + 1)?;
        }
        self.read_entries(&errors.entries()?, &[b"errorcode", b"errorcodes", b"code"])
    }

    fn read_entries(&mut self, error: &Entries<'_>, names: &[&[u8]]) -> Result<(), TooMany> {
        if let Some(code) = get(error, names) {
            self.add(code, 0)?;
        }
        for (key, value) in error {
            if Key::of(key).is_some_and(|key| key.as_bytes().starts_with(b"errormessage")) {
                self.speaks_of_phone |= value.as_str().to_ascii_lowercase().contains("phone");
            }
        }
        Ok(())
    }

    fn add(&mut self, code: Json<'_>, depth: usize) -> Result<(), TooMany> {
        if depth > 2 || self.codes.len() == CODES_MAX {
            return Ok(());
        }
        let number = match code.text() {
            Some(text) => text.trim().parse::<i64>().ok(),
            None => code.as_str().parse().ok(),
        };
        if let Some(number) = number.filter(|number| *number != 0 && !self.codes.contains(number)) {
            self.codes.push(number);
        }
        let values = code.entries()?.into_iter().map(|(_, value)| value);
        for code in code.items()?.into_iter().chain(values) {
            self.add(code, depth + 1)?;
        }
        Ok(())
    }
}

/// The last entry whose key is one of these, by preference.
fn get<'a>(entries: &Entries<'a>, names: &[&[u8]]) -> Option<Json<'a>> {
    names.iter().find_map(|name| {
        let is_it = |key: &str| Key::of(key).is_some_and(|key| key.as_bytes() == *name);
        entries.iter().rev().find(|(key, _)| is_it(key)).map(|(_, value)| *value)
    })
}

/// What a failure means: by code, or by HTTP status where it has none.
pub(super) fn failure(codes: Vec<i64>, speaks_of_phone: bool, call: Call<'_>, http_status: u16) -> ApiError {
    let first = |wanted: &[i64]| codes.iter().copied().find(|code| wanted.contains(code));
    let send = call.is_send();
    if let Some(code) = first(&[1000, 101, 102]) {
        return ApiError::Refused { code };
    }
    if let Some(code) = first(if send { &[502, 507] } else { &[507] }) {
        return ApiError::Gone { code };
    }
    if let Some(code) = first(&[103, 104]) {
        return ApiError::Setup { code };
    }
    if let Some(code) = first(&[605, 305]) {
        return ApiError::Recipient { code, opt_out: code == 605 };
    }
    if send && speaks_of_phone && codes.contains(&301) {
        return ApiError::Recipient { code: 301, opt_out: false };
    }
    if let Some(code) = first(&[602, 604]) {
        return ApiError::NotSent { code };
    }
    if codes.iter().any(|code| matches!(code, 200 | 300..=304)) {
        return ApiError::WrongParameter { codes };
    }
    // A limit's answer has a code that nobody has documented, if any.
    if codes.contains(&429) || http_status == 429 {
        return ApiError::Passing { cause: Cause::TooManyRequests, attempts: 1, answered: true };
    }
    if codes.is_empty() { by_http_status(http_status) } else { None }.unwrap_or(ApiError::Unknown { codes })
}

/// What the HTTP status alone says; `None`: nothing.
pub(super) fn by_http_status(http_status: u16) -> Option<ApiError> {
    let passing = |cause| Some(ApiError::Passing { cause, attempts: 1, answered: true });
    match http_status {
        401 | 403 => Some(ApiError::Refused { code: i64::from(http_status) }),
        300..=399 => Some(ApiError::Redirected { host: None, http_status }),
        429 => passing(Cause::TooManyRequests),
        408 | 500..=599 => passing(Cause::Server(http_status)),
        _ => None,
    }
}
