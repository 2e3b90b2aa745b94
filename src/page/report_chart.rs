//! A report's chart: what its header asks for, or what its columns suit.

use maud::{Markup, html};

use super::chart::{Bar, HeatMap, Line, Mark, Room, Steps, Told, bars, heat_map, line};
use super::figure::count;
use super::moment::day_short;
use super::name::cut;
use super::report::{Table, Value};

/// Rows beyond which bars are too thin.
const BARS_MAX: usize = 200;
/// Rows that a chart shows.
const MARKS_MAX: usize = 2000;
/// Rows or columns of a heat map.
const HEAT_SIDE_MAX: usize = 60;

/// A kind of chart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReportChart {
    /// No chart.
    None,
    /// The last column of numbers as bars over the first column.
    Bars,
    /// The same as a line.
    Line,
    /// The third column by the first (rows) and the second (columns).
    HeatMap,
}

impl ReportChart {
    /// From the word in a report's header.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        match word {
            "none" => Some(Self::None),
            "bar" | "bars" => Some(Self::Bars),
            "line" => Some(Self::Line),
            "heatmap" | "heat-map" => Some(Self::HeatMap),
            _ => None,
        }
    }

    /// The wanted chart if the columns can be drawn so; without a wish, what suits them.
    pub(super) fn choose(wanted: Option<Self>, table: &Table, numbers: &[bool]) -> Option<Self> {
        let rows = table.rows.len();
        let has_series = rows > 1 && numbers.len() > 1 && numbers[1..].contains(&true);
        match wanted {
            Some(Self::None) => None,
            Some(Self::HeatMap) => (numbers.len() >= 3 && numbers[2] && rows > 0).then_some(Self::HeatMap),
            Some(chart) => has_series.then_some(chart),
            None => {
                let has_days = table
                    .rows
                    .iter()
                    .all(|row| matches!(row.first(), Some(Value::Text(day)) if is_period(day)));
                if !has_series || !has_days {
                    return None;
                }
                Some(if rows > BARS_MAX { Self::Line } else { Self::Bars })
            }
        }
    }

    pub(super) fn render(self, title: &str, table: &Table) -> Markup {
        let told = |description| Told { title: cut(title).into_owned(), description };
        let rows = &table.rows[..table.rows.len().min(MARKS_MAX)];
        if self == Self::HeatMap {
            let map = matrix(rows);
            let description =
                format!("{} by {} and {}", column(table, 2), column(table, 0), column(table, 1));
            return html! { figure { figcaption { (description) } (heat_map(&map, &told(description.clone()))) } };
        }
        let series = (1..table.columns.len())
            .find(|at| rows.iter().any(|row| row.get(*at).is_some_and(|value| value.number().is_some())))
            .unwrap_or(1);
        let is_backwards =
            rows.first().zip(rows.last()).is_some_and(|(first, last)| is_later(&first[0], &last[0]));
        let mut points: Vec<(String, Option<f64>)> =
            rows.iter().map(|row| (period_label(&row[0]), row.get(series).and_then(Value::number))).collect();
        if is_backwards {
            points.reverse();
        }
        let is_whole =
            rows.iter().all(|row| matches!(row.get(series), Some(Value::Integer(_) | Value::Null) | None));
        let steps = if is_whole { Steps::Whole } else { Steps::Any };
        let description = format!("{} by {}", column(table, series), column(table, 0));
        let told = told(format!(
            "{description}, {} values; the table below has them all",
            count(points.len() as u64)
        ));
        html! {
            figure {
                figcaption { (description) }
                @if self == Self::Line {
                    @let marks = points.into_iter().map(|(label, value)| Mark { label, value }).collect();
                    (line(&Line { marks, steps }, Room::Full, &told))
                } @else {
                    @let all: Vec<Bar> = points.into_iter().map(|(label, value)| Bar { label, value }).collect();
                    (bars(&all, &[], steps, Room::Full, &told))
                }
            }
        }
    }
}

fn column(table: &Table, at: usize) -> String {
    table.columns.get(at).map(|name| cut(name).into_owned()).unwrap_or_default()
}

/// A day without its year, which the others share or not; anything else as it is.
fn period_label(value: &Value) -> String {
    match value {
        Value::Text(text) => text.parse().map_or_else(|_| text.clone(), day_short),
        other => other.label(),
    }
}

/// `2026`, `2026-11`, `2026-11-23`, `2026-W47`.
fn is_period(text: &str) -> bool {
    let is_year = text.len() >= 4 && text.bytes().take(4).all(|byte| byte.is_ascii_digit());
    is_year
        && text.len() <= 10
        && text[4..].bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'-' | b'W'))
}

/// Whether periods run from the newest to the oldest: a chart's time runs to the right.
fn is_later(first: &Value, last: &Value) -> bool {
    matches!((first, last), (Value::Text(first), Value::Text(last)) if is_period(first) && is_period(last) && first > last)
}

/// Rows of (row, column, value) as a rectangle, in the order in which names come; numbers by size.
fn matrix(rows: &[Vec<Value>]) -> HeatMap {
    let names = |column: usize| {
        let mut names: Vec<&Value> = Vec::new();
        for value in rows.iter().filter_map(|row| row.get(column)) {
            if !names.contains(&value) && names.len() < HEAT_SIDE_MAX {
                names.push(value);
            }
        }
        if names.iter().all(|name| name.number().is_some()) {
            names.sort_by(|one, other| {
                one.number().partial_cmp(&other.number()).unwrap_or(std::cmp::Ordering::Equal)
            });
        }
        names
    };
    let (down, across) = (names(0), names(1));
    let mut values = vec![None; down.len() * across.len()];
    for row in rows {
        let at =
            |names: &[&Value], column: usize| names.iter().position(|name| Some(*name) == row.get(column));
        if let (Some(r), Some(c)) = (at(&down, 0), at(&across, 1)) {
            values[r * across.len() + c] = row.get(2).and_then(Value::number);
        }
    }
    let labels = |names: Vec<&Value>| names.into_iter().map(Value::label).collect();
    HeatMap { rows: labels(down), columns: labels(across), values }
}

#[cfg(test)]
mod tests {
    use super::{ReportChart, Table, Value, is_period, matrix};

    fn table(rows: Vec<Vec<Value>>) -> Table {
        Table { columns: vec!["a".into(), "b".into(), "c".into()], rows, has_more: false }
    }

    #[test]
    fn periods_are_recognised_and_drawn_by_themselves() {
        assert!(["2026", "2026-11", "2026-11-23", "2026-W47"].into_iter().all(is_period));
        assert!(!["", "202", "20261123x", "Lyon", "2026-11-23T09:05:10Z", "éé26"].into_iter().any(is_period));
        let row = |day: &str| vec![Value::Text(day.into()), Value::Integer(1), Value::Null];
        let days = table(vec![row("2026-11-23"), row("2026-11-22")]);
        let chosen = |wanted, table: &Table, numbers: &[bool]| ReportChart::choose(wanted, table, numbers);
        assert_eq!(chosen(None, &days, &[false, true, false]), Some(ReportChart::Bars));
        assert_eq!(chosen(None, &days, &[false, false, false]), None);
        assert_eq!(chosen(Some(ReportChart::None), &days, &[false, true, false]), None);
        assert_eq!(chosen(Some(ReportChart::HeatMap), &days, &[true, true, false]), None);
        assert_eq!(chosen(Some(ReportChart::Line), &table(vec![]), &[false, true, false]), None);
    }

    #[test]
    fn a_heat_map_is_filled_by_name_and_keeps_its_holes() {
        let cell = |r: i64, c: i64, n: i64| vec![Value::Integer(r), Value::Integer(c), Value::Integer(n)];
        let map = matrix(&[cell(2, 10, 5), cell(1, 9, 7)]);
        assert_eq!(
            (map.rows, map.columns),
            (vec!["1".to_owned(), "2".into()], vec!["9".to_owned(), "10".into()])
        );
        assert_eq!(map.values, [Some(7.0), None, None, Some(5.0)]);
        assert_eq!(matrix(&[vec![]]).values, []);
    }
}
