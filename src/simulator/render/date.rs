//! When a row says that it was registered, and how dates are written.

use std::fmt::Write;

use chrono::{DateTime, Datelike, Offset, TimeZone, Timelike};

use crate::simulator::list::Row;
use crate::simulator::person::write_number;
use crate::simulator::variant::Order;

const EQUAL_DATES_START_S: i64 = 1_704_067_200;
const EQUAL_DATES_ROWS: i64 = 250;
const DAY_S: i64 = 86_400;

/// When a row says that it was registered, before its spelling.
#[must_use]
pub fn registered_s(row: &Row, order: Order) -> i64 {
    let number = i64::from(row.number);
    match order {
        Order::Falling => i64::from(row.registered_s),
        Order::Equal => EQUAL_DATES_START_S + number / EQUAL_DATES_ROWS * 3_600,
        Order::Disordered if number % 5 == 0 => {
            i64::from(row.registered_s) + (number * 7_919) % (6 * DAY_S) - 3 * DAY_S
        }
        Order::Disordered => i64::from(row.registered_s),
    }
}

/// Appends `2026-11-23`.
pub fn write_day(out: &mut String, year: u64, month: u64, day: u64) {
    write_number(out, year, 4);
    out.push('-');
    write_number(out, month, 2);
    out.push('-');
    write_number(out, day, 2);
}

/// Appends `2026-11-23 09:05:10`.
pub fn write_date(out: &mut String, at_s: i64) {
    let at = DateTime::from_timestamp(at_s, 0).unwrap_or_default();
    write_day(out, u64::try_from(at.year()).unwrap_or(0), at.month().into(), at.day().into());
    out.push(' ');
    write_number(out, at.hour().into(), 2);
    out.push(':');
    write_number(out, at.minute().into(), 2);
    out.push(':');
    write_number(out, at.second().into(), 2);
}

/// How far Brussels' clocks are ahead of UTC at this moment.
#[must_use]
pub fn brussels_offset_s(at_s: i64) -> i64 {
    let at = DateTime::from_timestamp(at_s, 0).unwrap_or_default().naive_utc();
    chrono_tz::Europe::Brussels.offset_from_utc_datetime(&at).fix().local_minus_utc().into()
}

/// Appends `2026-11-23T10:05:10+01:00`, Brussels' time.
pub fn write_offset_date(out: &mut String, at_s: i64) {
    let offset_s = brussels_offset_s(at_s);
    let from = out.len();
    write_date(out, at_s + offset_s);
    let date = out.split_off(from).replace(' ', "T");
    write!(out, "{date}+{:02}:00", offset_s / 3_600).expect("Invariant: writing to a String can't fail");
}
