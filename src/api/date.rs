//! Dates in every form that the vendor's answers have them: with and without a time, a zone, or any
//! meaning.
//!
//! A date's own offset wins over its key's `_utc`, which wins over the account's zone. An ambiguous
//! local time is the earlier of the two; one that a clock change skipped is moved forward by it.

use chrono::{DateTime, Duration, LocalResult, NaiveDate, NaiveDateTime, TimeZone, Utc};
use chrono_tz::Tz;

use super::field;
use super::json::{Json, Kind};
use super::registration::Problem;
use crate::instant::UtcInstant;
use crate::registration::Zone;

/// Numbers from here on are milliseconds since 1970; below, seconds (until the year 5138).
const MILLISECONDS_FROM: i64 = 100_000_000_000;
/// Numbers below are no dates (1973), numbers from `UNIX_END` on neither (milliseconds, year 5138).
const UNIX_FROM: i64 = 100_000_000;
const UNIX_END: i64 = MILLISECONDS_FROM * 1000;

/// A date as sent and as read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Dated {
    pub(super) at: Option<UtcInstant>,
    /// Stated or assumed, where there is a moment.
    pub(super) zone: Option<Zone>,
    /// As sent.
    pub(super) text: Option<String>,
    /// It says that there is no date, and says it in a known way.
    pub(super) unset: bool,
}

/// Reads a date with a time; one without is the beginning of its day.
pub(super) fn read(value: Json<'_>, key_says_utc: bool, assumed: Tz) -> Dated {
    if value.kind() == Kind::Map {
        return read_php(value, key_says_utc, assumed);
    }
    let text = match field::text(value) {
        Ok(Some(text)) => text,
        Ok(None) => return Dated { unset: true, ..Dated::default() },
        Err(_) => return Dated::default(),
    };
    let unset = is_zero(&text);
    let moment = if unset { None } else { moment(text.trim()) };
    let (at, zone) = match moment {
        None => (None, None),
        Some(Moment::Absolute(at)) => (UtcInstant::from_datetime(at), Some(Zone::Stated)),
        Some(Moment::Local(local)) if key_says_utc => {
            (UtcInstant::from_datetime(local.and_utc()), Some(Zone::Stated))
        }
        Some(Moment::Local(local)) => (in_zone(local, assumed), Some(Zone::Assumed)),
    };
    Dated { at, zone: zone.filter(|_| at.is_some()), text: Some(text), unset }
}

/// What PHP makes of its own `DateTime`: `{"date":"…","timezone_type":3,"timezone":"Europe/Paris"}`.
fn read_php(value: Json<'_>, key_says_utc: bool, assumed: Tz) -> Dated {
    let entries = value.entries().unwrap_or_default();
    let get = |wanted: &str| entries.iter().find(|(key, _)| key == wanted).map(|(_, value)| *value);
    let Some(date) = get("date").filter(|date| date.kind() == Kind::Text) else { return Dated::default() };
    let named = get("timezone").and_then(Json::text).and_then(|name| name.parse::<Tz>().ok());
    let dated = read(date, key_says_utc, named.unwrap_or(assumed));
    let zone = if named.is_some() && dated.at.is_some() { Some(Zone::Stated) } else { dated.zone };
    Dated { zone, ..dated }
}

/// Reads a day of birth into `YYYY-MM-DD`.
pub(super) fn birth_date(value: Json<'_>) -> Result<Option<String>, Problem> {
    let Some(text) = field::text(value).map_err(|_| Problem::NotADate)? else { return Ok(None) };
    let text = text.trim();
    if is_zero(text) {
        return Ok(None);
    }
    let day = match text.len() {
        8 if text.bytes().all(|byte| byte.is_ascii_digit()) => NaiveDate::parse_from_str(text, "%Y%m%d").ok(),
        _ => {
            local(text).filter(|(_, rest)| offset(rest.trim_start()).is_some()).map(|(local, _)| local.date())
        }
    };
    day.map(|day| Some(day.format("%Y-%m-%d").to_string())).ok_or(Problem::NotADate)
}

/// `0`, `0000-00-00`, `0000-00-00 00:00:00` and their kin; the last is what PHP makes of them.
fn is_zero(text: &str) -> bool {
    if text.starts_with("-0001-11-30") {
        return true;
    }
    let mut digits = text.bytes().filter(u8::is_ascii_digit).peekable();
    digits.peek().is_some()
        && digits.all(|digit| digit == b'0')
        && text.bytes().all(|byte| byte.is_ascii_digit() || b" -:./TZ+".contains(&byte))
}

/// Whether a text has the form of a date, be it of one that means "none".
pub(super) fn looks_like_one(text: &str) -> bool {
    is_zero(text) || moment(text.trim()).is_some()
}

enum Moment {
    Absolute(DateTime<Utc>),
    Local(NaiveDateTime),
}

fn moment(text: &str) -> Option<Moment> {
    if text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.') {
        return digits(text);
    }
    if let Some((local, rest)) = local(text) {
        return match offset(rest.trim_start())? {
            Offset::None => Some(Moment::Local(local)),
            Offset::Seconds(seconds) => {
                Some(Moment::Absolute(local.and_utc().checked_sub_signed(Duration::seconds(seconds))?))
            }
        };
    }
    DateTime::parse_from_rfc2822(text).ok().map(|at| Moment::Absolute(at.with_timezone(&Utc)))
}

/// `20261123`, `20261123090510`, seconds or milliseconds since 1970.
fn digits(text: &str) -> Option<Moment> {
    let compact = match text.len() {
        8 => NaiveDate::parse_from_str(text, "%Y%m%d").ok()?.and_hms_opt(0, 0, 0),
        14 => NaiveDateTime::parse_from_str(text, "%Y%m%d%H%M%S").ok(),
        _ => None,
    };
    if let Some(local) = compact {
        return Some(Moment::Local(local));
    }
    let number: i64 = text.split('.').next()?.parse().ok()?;
    let at = match number {
        UNIX_FROM..MILLISECONDS_FROM => DateTime::from_timestamp(number, 0)?,
        MILLISECONDS_FROM..UNIX_END => DateTime::from_timestamp_millis(number)?,
        _ => return None,
    };
    Some(Moment::Absolute(at))
}

/// `YYYY-MM-DD`, with a time behind a space or a `T` if there is one; and what is left.
fn local(text: &str) -> Option<(NaiveDateTime, &str)> {
    let (year, rest) = number(text, 4)?;
    let separator = rest.chars().next().filter(|c| matches!(c, '-' | '/'))?;
    let (month, rest) = number(&rest[1..], 2)?;
    let (day, rest) = number(rest.strip_prefix(separator)?, 2)?;
    let date = NaiveDate::from_ymd_opt(i32::try_from(year).ok()?, month, day)?;
    let time = rest.strip_prefix(['T', 't']).unwrap_or_else(|| rest.trim_start());
    let Some((hour, time)) = number(time, 2) else { return Some((date.and_hms_opt(0, 0, 0)?, rest)) };
    let (minute, time) = number(time.strip_prefix(':')?, 2)?;
    let (second, time) = match time.strip_prefix(':') {
        Some(time) => number(time, 2)?,
        None => (0, time),
    };
    let time = match time.strip_prefix(['.', ',']) {
        Some(fraction) => fraction.trim_start_matches(|c: char| c.is_ascii_digit()),
        None => time,
    };
    // A leap second is the next minute's first.
    let (second, leap) = if second == 60 { (59, 1) } else { (second, 0) };
    Some((date.and_hms_opt(hour, minute, second)? + Duration::seconds(leap), time))
}

/// Exactly so many digits, and what follows.
fn number(text: &str, length: usize) -> Option<(u32, &str)> {
    let digits = text.get(..length).filter(|digits| digits.bytes().all(|byte| byte.is_ascii_digit()))?;
    Some((digits.parse().ok()?, &text[length..]))
}

enum Offset {
    None,
    Seconds(i64),
}

/// Nothing, `Z`, `UTC`, `GMT`, `+02`, `+0200` or `+02:00`; `None` is anything else.
fn offset(text: &str) -> Option<Offset> {
    if text.is_empty() {
        return Some(Offset::None);
    }
    if ["Z", "UTC", "GMT"].iter().any(|name| text.eq_ignore_ascii_case(name)) {
        return Some(Offset::Seconds(0));
    }
    let sign = match text.as_bytes()[0] {
        b'+' => 1,
        b'-' => -1,
        _ => return None,
    };
    let (hours, rest) = number(&text[1..], 2)?;
    let minutes = match rest.strip_prefix(':').unwrap_or(rest) {
        "" => 0,
        rest => number(rest, 2).filter(|(_, rest)| rest.is_empty())?.0,
    };
    (hours <= 23 && minutes <= 59).then(|| Offset::Seconds(sign * i64::from(hours * 3600 + minutes * 60)))
}

/// The moment of a local time.
fn in_zone(local: NaiveDateTime, zone: Tz) -> Option<UtcInstant> {
    let at = match zone.from_local_datetime(&local) {
        LocalResult::Single(at) => at,
        LocalResult::Ambiguous(earlier, _) => earlier,
        LocalResult::None => {
            // By the offset before the gap: no zone ever skipped more than a day.
            let before = (1..=25).map(Duration::hours).find_map(|hours| {
                Some((zone.from_local_datetime(&local.checked_sub_signed(hours)?).latest()?, hours))
            });
            let (at, hours) = before?;
            at.checked_add_signed(hours)?
        }
    };
    UtcInstant::from_datetime(at.with_timezone(&Utc))
}
