//! Numbers for people: grouped by narrow spaces that don't break, changes in per cent.

use maud::{Markup, html};

/// What groups digits: a narrow space that does not break.
const GROUP: char = '\u{202f}';
/// A minus sign as wide as a plus sign.
const MINUS: char = '\u{2212}';

/// A whole number, in groups of three digits.
pub(super) fn whole(number: i128) -> String {
    let digits = number.unsigned_abs().to_string();
    let mut text = String::with_capacity(digits.len() * 2);
    if number < 0 {
        text.push(MINUS);
    }
    for (position, digit) in digits.chars().enumerate() {
        if position > 0 && (digits.len() - position).is_multiple_of(3) {
            text.push(GROUP);
        }
        text.push(digit);
    }
    text
}

/// A count.
pub(super) fn count(number: u64) -> String {
    whole(number.into())
}

/// A number with its noun: `1 directory`, `2 directories`.
pub(super) fn counted(number: u64, one: &str, many: &str) -> String {
    format!("{}\u{a0}{}", count(number), if number == 1 { one } else { many })
}

/// A number that need not be whole, to at most `decimals`.
pub(super) fn real(number: f64, decimals: usize) -> String {
    if !number.is_finite() {
        return if number > 0.0 { "∞".into() } else { format!("{MINUS}∞") };
    }
    if number.abs() >= 1e15 {
        return format!("{number:.2e}").replace('-', "\u{2212}");
    }
    let text = format!("{:.*}", decimals, number.abs());
    let (before, after) = text.split_once('.').unwrap_or((&text, ""));
    let after = after.trim_end_matches('0');
    let mut shown = whole(before.parse().unwrap_or(0));
    if !after.is_empty() {
        shown.push('.');
        shown.push_str(after);
    }
    if number < 0.0 && shown.chars().any(|c| ('1'..='9').contains(&c)) {
        shown.insert(0, MINUS);
    }
    shown
}

/// A number short enough for an axis that goes up to `top`: `15k`, `1.2M`.
pub(super) fn short(number: f64, top: f64) -> String {
    const UNITS: [(f64, &str); 4] = [(1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k")];
    if (10_000.0..1e15).contains(&top) && number != 0.0 {
        for (unit, sign) in UNITS {
            if top >= unit {
                return format!("{}{sign}", real(number / unit, 2));
            }
        }
    }
    real(number, 4)
}

/// How a figure compares with the one before: an arrow, per cent, and words for who can't see the arrow.
pub(super) fn trend(now: u64, before: u64, before_is: &str) -> Markup {
    let (arrow, class, text) = match (now, before) {
        (0, 0) => return html! { span.trend {} },
        (_, 0) => ("↗", "up", "new".to_owned()),
        _ => {
            let percent = (i128::from(now) - i128::from(before)) * 100 / i128::from(before);
            match percent {
                0 => ("→", "level", "±0\u{202f}%".to_owned()),
                1.. => ("↗", "up", format!("+{}\u{202f}%", whole(percent))),
                _ => ("↘", "down", format!("{}\u{202f}%", whole(percent))),
            }
        }
    };
    html! {
        span.trend.(class) title=(format!("{} {before_is}", count(before))) {
            span aria-hidden="true" { (arrow) " " } (text)
            span.unseen { " against " (count(before)) " " (before_is) }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{count, real, short, trend, whole};

    #[test]
    fn digits_stand_in_groups_of_three() {
        assert_eq!(count(0), "0");
        assert_eq!(count(999), "999");
        assert_eq!(count(1_234_567), "1\u{202f}234\u{202f}567");
        assert_eq!(whole(-1000), "\u{2212}1\u{202f}000");
        assert_eq!(count(u64::MAX).chars().filter(char::is_ascii_digit).count(), 20);
    }

    #[test]
    fn a_number_that_is_not_whole_keeps_what_tells() {
        assert_eq!(real(0.5, 2), "0.5");
        assert_eq!(real(-0.001, 2), "0");
        assert_eq!(real(-1234.25, 2), "\u{2212}1\u{202f}234.25");
        assert_eq!(real(f64::INFINITY, 2), "∞");
        assert_eq!(real(-1e300, 2), "\u{2212}1.00e300");
    }

    #[test]
    fn an_axis_says_thousands_and_millions() {
        assert_eq!(short(5000.0, 8000.0), "5\u{202f}000");
        assert_eq!(short(5000.0, 10_000.0), "5k");
        assert_eq!(short(0.0, 10_000.0), "0");
        assert_eq!(short(15_000.0, 20_000.0), "15k");
        assert_eq!(short(1_200_000.0, 2e6), "1.2M");
        assert_eq!(short(0.25, 1.0), "0.25");
    }

    #[test]
    fn a_trend_tells_what_it_is_against_and_never_divides_by_nothing() {
        let text = |now, before| trend(now, before, "in the 30 days before").into_string();
        assert_eq!(text(0, 0), "<span class=\"trend\"></span>");
        assert!(text(5, 0).contains("new"));
        assert!(text(15, 10).contains("+50\u{202f}%"));
        assert!(text(5, 10).contains("\u{2212}50\u{202f}%"));
        assert!(text(u64::MAX, 1).contains('%'));
        assert!(text(15, 10).contains("against 10 in the 30 days before"));
    }
}
