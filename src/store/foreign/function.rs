//! Functions in the place of SQLite's own that compare place by place: a long text in a longer one takes
//! those hours, and SQLite looks at a time limit between its instructions only. These take as long as
//! their arguments are.

use std::borrow::Cow;
use std::collections::BTreeSet;

use memchr::memmem;
use rusqlite::functions::{Context, FunctionFlags};
use rusqlite::types::ValueRef;
use rusqlite::{Connection, Error, Result};

use super::limits::VALUE_BYTES_MAX;

/// Digits of a real number as a text.
const DIGITS: usize = 15;

/// Adds them to a connection.
pub(super) fn add(connection: &Connection) -> Result<()> {
    let flags =
        FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_DETERMINISTIC | FunctionFlags::SQLITE_INNOCUOUS;
    connection.create_scalar_function("instr", 2, flags, |context| Ok(find(context)))?;
    connection.create_scalar_function("replace", 3, flags, replace)?;
    connection.create_scalar_function("trim", 2, flags, |context| {
        Ok(trim(context, |text, among| text.trim_matches(among)))
    })?;
    connection.create_scalar_function("ltrim", 2, flags, |context| {
        Ok(trim(context, |text, among| text.trim_start_matches(among)))
    })?;
    connection.create_scalar_function("rtrim", 2, flags, |context| {
        Ok(trim(context, |text, among| text.trim_end_matches(among)))
    })?;
    connection.create_scalar_function("unhex", 2, flags, |_| -> Result<Option<i64>> {
        Err(Error::UserFunctionError("unhex takes one text here; replace takes characters out".into()))
    })
}

/// Where the second stands in the first, counted from 1; in bytes if both are.
fn find(context: &Context<'_>) -> Option<i64> {
    let (whole, part) = (context.get_raw(0), context.get_raw(1));
    let (bytes, sought) = (bytes(whole)?, bytes(part)?);
    let at = memmem::find(&bytes, &sought);
    let before = at.map_or(&[][..], |at| &bytes[..at]);
    let count = match (whole, part) {
        (ValueRef::Blob(_), ValueRef::Blob(_)) => before.len(),
        _ => before.iter().filter(|byte| !is_inside_character(**byte)).count(),
    };
    Some(if at.is_some() { i64::try_from(count).unwrap_or(i64::MAX - 1) + 1 } else { 0 })
}

fn is_inside_character(byte: u8) -> bool {
    byte & 0xc0 == 0x80
}

/// The first with the third in the place of each second.
fn replace(context: &Context<'_>) -> Result<Option<String>> {
    let [Some(whole), Some(part), Some(other)] = [0, 1, 2].map(|n| bytes(context.get_raw(n))) else {
        return Ok(None);
    };
    if part.is_empty() {
        return Ok(Some(lossy(&whole)));
    }
    let places = memmem::find_iter(&whole, &*part).count();
    let length = whole.len() - places * part.len() + places.saturating_mul(other.len());
    if length > VALUE_BYTES_MAX {
        return Err(Error::UserFunctionError("the text would be too long".into()));
    }
    let (mut replaced, mut rest) = (Vec::with_capacity(length), 0);
    for at in memmem::find_iter(&whole, &*part) {
        replaced.extend_from_slice(&whole[rest..at]);
        replaced.extend_from_slice(&other);
        rest = at + part.len();
    }
    replaced.extend_from_slice(&whole[rest..]);
    Ok(Some(lossy(&replaced)))
}

/// The first without the second's characters at its ends.
fn trim(
    context: &Context<'_>,
    cut: impl for<'t> Fn(&'t str, &dyn Fn(char) -> bool) -> &'t str,
) -> Option<String> {
    let (text, among) = (bytes(context.get_raw(0))?, bytes(context.get_raw(1))?);
    let among: BTreeSet<char> = String::from_utf8_lossy(&among).chars().collect();
    let text = String::from_utf8_lossy(&text);
    Some(cut(&text, &|c| among.contains(&c)).to_owned())
}

fn lossy(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// A value as a text's bytes, written as SQLite writes it; `None` of null.
fn bytes(value: ValueRef<'_>) -> Option<Cow<'_, [u8]>> {
    Some(match value {
        ValueRef::Null => return None,
        ValueRef::Text(bytes) | ValueRef::Blob(bytes) => bytes.into(),
        ValueRef::Integer(integer) => integer.to_string().into_bytes().into(),
        ValueRef::Real(real) => write_real(real).into_bytes().into(),
    })
}

fn write_real(real: f64) -> String {
    if real.is_infinite() {
        return if real > 0.0 { "Inf" } else { "-Inf" }.into();
    }
    let written = format!("{:.*e}", DIGITS - 1, real.abs());
    let Some((digits, exponent)) = written.split_once('e') else { return written };
    let exponent: i32 = exponent.parse().unwrap_or(0);
    let digits: String = digits.chars().filter(|c| *c != '.').collect();
    let digits = digits.trim_end_matches('0');
    // The digits on the left of the point; outside of these bounds it is written with an exponent.
    let (left, exponent) = match exponent {
        -4..=14 => (exponent + 1, None),
        _ => (1, Some(exponent)),
    };
    let padded = match usize::try_from(left).unwrap_or(0) {
        0 => format!("0.{}{digits}", "0".repeat(left.unsigned_abs() as usize)),
        left if digits.len() <= left => format!("{digits:0<left$}.0"),
        left => format!("{}.{}", &digits[..left], &digits[left..]),
    };
    let sign = if real < 0.0 { "-" } else { "" };
    exponent.map_or_else(|| format!("{sign}{padded}"), |exponent| format!("{sign}{padded}e{exponent:+03}"))
}

#[cfg(test)]
mod tests {
    use rusqlite::types::Value;

    use super::*;

    /// A connection with SQLite's own functions, and one with ours.
    fn both() -> [Connection; 2] {
        let connections = [0, 1].map(|_| Connection::open_in_memory().unwrap());
        add(&connections[1]).unwrap();
        connections
    }

    #[test]
    fn each_answers_as_sqlites_own_does() {
        let connections = both();
        let texts = [
            "NULL",
            "''",
            "'a'",
            "'aa'",
            "'aaa'",
            "'abcabc'",
            "'bc'",
            "'ä€😀ä'",
            "'€'",
            "' a b '",
            "' '",
            "0",
            "-7",
            "1.5",
            "100",
            "1e100",
            "x'616263'",
            "x'63'",
            "x''",
            "'%_'",
            "'ba'",
        ];
        for first in texts {
            for second in texts {
                for sql in [
                    format!("SELECT instr({first}, {second})"),
                    format!("SELECT trim({first}, {second})"),
                    format!("SELECT ltrim({first}, {second})"),
                    format!("SELECT rtrim({first}, {second})"),
                    format!("SELECT replace({first}, {second}, '')"),
                    format!("SELECT replace({first}, {second}, 'xyz')"),
                    format!("SELECT replace({first}, 'a', {second})"),
                ] {
                    let [own, ours] = connections.each_ref().map(|connection| {
                        connection.query_row(&sql, [], |row| row.get::<_, Value>(0)).unwrap()
                    });
                    assert_eq!(ours, own, "{sql}");
                }
            }
        }
    }

    #[test]
    fn a_real_number_is_written_as_sqlite_writes_it() {
        let [own, _] = both();
        let mut reals = vec![
            0.0,
            -0.0,
            1.0,
            -1.5,
            0.1,
            0.1 + 0.2,
            1.0 / 3.0,
            123_456.789,
            1e14,
            1e15,
            999_999_999_999_999.0,
            1e16,
            1e-4,
            1e-5,
            1.25e-7,
            f64::MAX,
            f64::MIN_POSITIVE,
            f64::INFINITY,
            f64::NEG_INFINITY,
            2.5e300,
            100.0,
            1234.5,
        ];
        reals.extend((1..200).map(|n| f64::from(n) * 1.37 / 7.0));
        for real in reals {
            let text: String = own.query_row("SELECT CAST(?1 AS TEXT)", [real], |row| row.get(0)).unwrap();
            assert_eq!(write_real(real), text);
        }
    }

    #[test]
    fn the_longest_texts_take_no_time() {
        let [_, ours] = both();
        let a = |count: usize| format!("replace(hex(zeroblob({})), '0', 'a')", count / 2);
        for sql in [
            format!("SELECT instr({}, {} || 'b')", a(1 << 20), a(1 << 19)),
            format!("SELECT length(replace({}, {} || 'b', ''))", a(1 << 20), a(1 << 19)),
            format!("SELECT length(trim({}, 'b' || {}))", a(1 << 20), a(1 << 19)),
        ] {
            let begin = crate::clock::steady_now();
            ours.query_row(&sql, [], |_| Ok(())).unwrap();
            assert!(begin.elapsed().as_secs() < 10, "{:?} for {sql}", begin.elapsed());
        }
        let too_long = format!("SELECT replace({}, 'a', {})", a(1 << 20), a(1 << 20));
        ours.query_row(&too_long, [], |_| Ok(())).unwrap_err();
    }
}
