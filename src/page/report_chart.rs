//! A report's chart: what its header asks for, or what its columns suit.

use maud::{Markup, html};

use super::chart::{Graph, HeatMap, Room, SERIES_MAX, Series, Steps, Told, bars, heat_map, legend, lines};
use super::figure::{count, counted};
use super::moment::day_short;
use super::name::cut;
use super::report::{Table, Value};
use crate::report::{Chart, ChartKind};

/// Rows beyond which bars are too thin.
const BARS_MAX: usize = 120;
/// Rows or columns of a heat map.
const HEAT_SIDE_MAX: usize = 60;

/// A chart over a table: which columns it draws.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct ReportChart {
    kind: ChartKind,
    x: usize,
    y: usize,
    series: Option<usize>,
}

impl ReportChart {
    /// The wanted chart if its columns are there and hold numbers; without a wish, what suits them.
    pub(super) fn choose(wanted: Option<&Chart>, table: &Table, numbers: &[bool]) -> Option<Self> {
        let Some(wanted) = wanted else { return Self::suit(table, numbers) };
        let column = |name: &str| table.columns.iter().position(|column| column == name);
        let series = match &wanted.series {
            Some(name) => Some(column(name)?),
            None => None,
        };
        let (x, y) = (column(&wanted.x)?, column(&wanted.y)?);
        numbers.get(y)?.then_some(Self { kind: wanted.kind, x, y, series })
    }

    /// Numbers over periods.
    fn suit(table: &Table, numbers: &[bool]) -> Option<Self> {
        let y = numbers.iter().position(|is_number| *is_number)?;
        let are_periods =
            table.rows.iter().all(|row| matches!(row.first(), Some(Value::Text(text)) if is_period(text)));
        let kind = if table.rows.len() > BARS_MAX { ChartKind::Line } else { ChartKind::Bar };
        (y > 0 && are_periods && table.rows.len() > 1).then_some(Self { kind, x: 0, y, series: None })
    }

    /// Whether the chart says all that the rows do.
    pub(super) fn is_whole(self) -> bool {
        self.kind == ChartKind::Heatmap
    }

    pub(super) fn render(self, title: &str, table: &Table) -> Markup {
        let name = |at: usize| table.columns.get(at).map(|name| cut(name).into_owned()).unwrap_or_default();
        let mut caption = format!("{} by {}", name(self.y), name(self.x));
        if let Some(series) = self.series {
            caption = format!("{caption} and {}", name(series));
        }
        let told =
            |what: String| Told { title: cut(title).into_owned(), description: format!("{caption}: {what}") };
        let names = |column: usize| distinct(&table.rows, column);
        match (self.kind, self.series) {
            (ChartKind::Heatmap, Some(series)) => {
                let map = self.matrix(&table.rows, &names(series), &names(self.x));
                let told = told("darker is more; the table has every value".into());
                html! { figure { figcaption { (caption) } (heat_map(&map, &told)) } }
            }
            (kind, _) => {
                let (graph, left_out) = self.graph(&table.rows, &names(self.x));
                let values = counted(graph.labels.len() as u64, "value", "values");
                let told = told(format!("{values}; the table has every one"));
                html! {
                    figure {
                        figcaption {
                            (caption)
                            @if left_out > 0 { span.quiet { ", the largest " (count(SERIES_MAX as u64)) " of " (count((left_out + SERIES_MAX) as u64)) } }
                        }
                        (legend(&graph))
                        @if kind == ChartKind::Bar { (bars(&graph, &[], Room::Full, &told)) }
                        @else { (lines(&graph, Room::Full, &told)) }
                    }
                }
            }
        }
    }

    /// What tells the series apart, the largest first where there are too many, and how many are left out.
    fn largest(self, rows: &[Vec<Value>], column: usize) -> (Vec<&Value>, usize) {
        let mut names = distinct(rows, column);
        let left_out = names.len().saturating_sub(SERIES_MAX);
        if left_out > 0 {
            let mut sizes = std::collections::HashMap::<String, f64>::new();
            for row in rows {
                let size = row.get(self.y).and_then(Value::number).unwrap_or(0.0).abs();
                *sizes.entry(row.get(column).map(Value::label).unwrap_or_default()).or_default() += size;
            }
            let size = |name: &Value| sizes.get(&name.label()).copied().unwrap_or(0.0);
            names.sort_by(|one, other| size(other).total_cmp(&size(one)));
            names.truncate(SERIES_MAX);
        }
        (names, left_out)
    }

    /// The series, and how many are left out.
    fn graph(self, rows: &[Vec<Value>], across: &[&Value]) -> (Graph, usize) {
        let (names, left_out) =
            self.series.map_or_else(Default::default, |column| self.largest(rows, column));
        let mut series: Vec<Series> = if names.is_empty() { vec![&Value::Null] } else { names }
            .into_iter()
            .map(|name| Series { name: name.label(), values: vec![None; across.len()] })
            .collect();
        for row in rows {
            let place = self.series.and_then(|column| row.get(column)).map(Value::label);
            let found = series.iter_mut().find(|one| place.as_ref().is_none_or(|place| one.name == *place));
            let at = across.iter().position(|name| Some(*name) == row.get(self.x));
            if let (Some(series), Some(at)) = (found, at) {
                series.values[at] = row.get(self.y).and_then(Value::number);
            }
        }
        let is_whole =
            rows.iter().all(|row| matches!(row.get(self.y), Some(Value::Integer(_) | Value::Null) | None));
        let steps = if is_whole { Steps::Whole } else { Steps::Any };
        let labels = across.iter().map(|name| period_label(name)).collect();
        (Graph { labels, series, steps }, left_out)
    }

    fn matrix(self, rows: &[Vec<Value>], down: &[&Value], across: &[&Value]) -> HeatMap {
        let (down, across) =
            (&down[..down.len().min(HEAT_SIDE_MAX)], &across[..across.len().min(HEAT_SIDE_MAX)]);
        let mut values = vec![None; down.len() * across.len()];
        for row in rows {
            let at = |names: &[&Value], column: usize| {
                names.iter().position(|name| Some(*name) == row.get(column))
            };
            if let (Some(r), Some(c)) = (at(down, self.series.unwrap_or(0)), at(across, self.x)) {
                values[r * across.len() + c] = row.get(self.y).and_then(Value::number);
            }
        }
        let labels = |names: &[&Value]| names.iter().map(|name| name.label()).collect();
        HeatMap { rows: labels(down), columns: labels(across), values }
    }
}

/// The values of a column, each once: numbers by size, periods by time, the others as they come.
fn distinct(rows: &[Vec<Value>], column: usize) -> Vec<&Value> {
    let mut seen = std::collections::HashSet::new();
    let values = rows.iter().filter_map(|row| row.get(column));
    let mut names: Vec<&Value> = values.filter(|value| seen.insert(value.label())).collect();
    if names.iter().all(|name| name.number().is_some()) {
        let number = |value: &Value| value.number().unwrap_or(0.0);
        names.sort_by(|one, other| number(one).total_cmp(&number(other)));
    } else if names.iter().all(|name| matches!(name, Value::Text(text) if is_period(text))) {
        names.sort_by_key(|name| name.label());
    }
    names
}

/// A day in short; anything else as it is.
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

#[cfg(test)]
mod tests {
    use super::{Chart, ChartKind, ReportChart, Table, Value, distinct, is_period};

    fn table(rows: Vec<Vec<Value>>) -> Table {
        Table { columns: vec!["a".into(), "b".into(), "c".into()], rows, has_more: false }
    }

    fn text(text: &str) -> Value {
        Value::Text(text.into())
    }

    #[test]
    fn periods_are_recognised_and_drawn_without_being_asked_for() {
        assert!(["2026", "2026-11", "2026-11-23", "2026-W47"].into_iter().all(is_period));
        assert!(!["", "202", "20261123x", "Lyon", "2026-11-23T09:05:10Z", "éé26"].into_iter().any(is_period));
        let row = |day: &str| vec![text(day), Value::Integer(1), Value::Null];
        let days = table(vec![row("2026-11-23"), row("2026-11-22")]);
        let chosen = ReportChart::choose(None, &days, &[false, true, false]);
        assert_eq!(chosen, Some(ReportChart { kind: ChartKind::Bar, x: 0, y: 1, series: None }));
        assert_eq!(ReportChart::choose(None, &days, &[false, false, false]), None);
        assert_eq!(ReportChart::choose(None, &table(vec![]), &[]), None);
        assert_eq!(distinct(&days.rows, 0), [&text("2026-11-22"), &text("2026-11-23")]);
    }

    #[test]
    fn a_wish_that_the_columns_cannot_fulfil_is_none() {
        let wish = Chart { kind: ChartKind::Line, x: "a".into(), y: "b".into(), series: Some("d".into()) };
        let rows = table(vec![vec![text("x"), Value::Integer(1), text("s")]]);
        assert_eq!(ReportChart::choose(Some(&wish), &rows, &[false, true, false]), None);
        let wish = Chart { series: None, ..wish };
        assert!(ReportChart::choose(Some(&wish), &rows, &[false, true, false]).is_some());
        assert_eq!(ReportChart::choose(Some(&wish), &rows, &[false, false, false]), None);
    }

    #[test]
    fn series_are_told_apart_by_name_and_the_largest_are_kept() {
        let row = |n: i64| {
            vec![
                text(if n % 2 == 0 { "2026-01" } else { "2026-02" }),
                Value::Integer(n),
                text(&format!("s{}", n / 2)),
            ]
        };
        let rows: Vec<_> = (0..20).map(row).collect();
        let chart = ReportChart { kind: ChartKind::Line, x: 0, y: 1, series: Some(2) };
        let (graph, left_out) = chart.graph(&rows, &distinct(&rows, 0));
        assert_eq!((graph.labels.len(), graph.series.len(), left_out), (2, 6, 4));
        assert_eq!(
            (graph.series[0].name.as_str(), graph.series[0].values.as_slice()),
            ("s9", &[Some(18.0), Some(19.0)][..])
        );
    }

    #[test]
    fn a_heat_map_is_filled_by_name_and_keeps_its_holes() {
        let cell = |r: i64, c: i64, n: i64| vec![Value::Integer(c), Value::Integer(n), Value::Integer(r)];
        let chart = ReportChart { kind: ChartKind::Heatmap, x: 0, y: 1, series: Some(2) };
        let rows = [cell(2, 10, 5), cell(1, 9, 7)];
        let map = chart.matrix(&rows, &distinct(&rows, 2), &distinct(&rows, 0));
        assert_eq!(
            (map.rows, map.columns),
            (vec!["1".to_owned(), "2".into()], vec!["9".to_owned(), "10".into()])
        );
        assert_eq!(map.values, [Some(7.0), None, None, Some(5.0)]);
    }
}
