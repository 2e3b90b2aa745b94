//! Moments, days and ages for people.

use chrono::{Datelike, NaiveDate};
use maud::{Markup, html};

use super::frame::Frame;
use super::name::nothing;
use crate::instant::UtcInstant;

/// A moment in the reader's time zone; the year only where it is another one.
pub(super) fn moment(frame: &Frame, at: Option<UtcInstant>) -> Markup {
    let Some(at) = at else { return nothing() };
    let local = at.datetime().with_timezone(&frame.time_zone);
    let is_this_year = local.year() == frame.today().year();
    let form = if is_this_year { "%-d\u{a0}%b\u{a0}%H:%M" } else { "%-d\u{a0}%b\u{a0}%Y\u{a0}%H:%M" };
    html! { time datetime=(at) title=(at) { (local.format(form)) } }
}

/// How long ago that was, in the largest unit that tells.
pub(super) fn ago(frame: &Frame, at: UtcInstant) -> Markup {
    html! { time datetime=(at) title=(at) { (age(frame.now.unix_s() - at.unix_s())) } }
}

/// An age in words. A clock that was set back makes nothing older than now.
pub(super) fn age(seconds: i64) -> String {
    match seconds {
        ..=4 => "just now".to_owned(),
        5..=59 => format!("{seconds}\u{a0}s ago"),
        60..=3599 => format!("{}\u{a0}min ago", seconds / 60),
        3600..=86_399 => format!("{}\u{a0}h ago", seconds / 3600),
        86_400..=172_799 => "1\u{a0}day ago".to_owned(),
        _ => format!("{}\u{a0}days ago", seconds / 86_400),
    }
}

/// A length of time: `0.4 s` is not known, seconds are.
pub(super) fn duration(seconds: i64) -> String {
    match seconds {
        ..=0 => "<\u{202f}1\u{a0}s".to_owned(),
        1..=119 => format!("{seconds}\u{a0}s"),
        120..=7199 => format!("{}\u{a0}min", seconds / 60),
        _ => format!("{}\u{a0}h {:02}\u{a0}min", seconds / 3600, seconds % 3600 / 60),
    }
}

/// A day, without its year.
pub(super) fn day_short(day: NaiveDate) -> String {
    day.format("%-d\u{a0}%b").to_string()
}

/// A day.
pub(super) fn day(day: NaiveDate) -> Markup {
    html! { time datetime=(day) { (day.format("%-d\u{a0}%b\u{a0}%Y")) } }
}

#[cfg(test)]
mod tests {
    use super::{age, duration, moment};
    use crate::page::tests::frame;

    #[test]
    fn an_age_is_told_in_the_largest_unit_that_tells() {
        assert_eq!(age(-100), "just now");
        assert_eq!(age(59), "59\u{a0}s ago");
        assert_eq!(age(3599), "59\u{a0}min ago");
        assert_eq!(age(7200), "2\u{a0}h ago");
        assert_eq!(age(90_000), "1\u{a0}day ago");
        assert_eq!(age(i64::MAX), "106751991167300\u{a0}days ago");
        assert_eq!(duration(0), "<\u{202f}1\u{a0}s");
        assert_eq!(duration(7320), "2\u{a0}h 02\u{a0}min");
    }

    #[test]
    fn a_moment_is_local_for_people_and_utc_for_programs() {
        let mut frame = frame();
        frame.time_zone = chrono_tz::Europe::Brussels;
        let shown = moment(&frame, crate::instant::UtcInstant::parse("2026-11-22T23:30:00Z")).into_string();
        assert!(shown.contains("datetime=\"2026-11-22T23:30:00Z\""), "{shown}");
        assert!(shown.contains("23\u{a0}Nov\u{a0}00:30"), "{shown}");
        let other = moment(&frame, crate::instant::UtcInstant::parse("2019-01-02T03:04:05Z")).into_string();
        assert!(other.contains("2\u{a0}Jan\u{a0}2019\u{a0}04:04"), "{other}");
    }
}
