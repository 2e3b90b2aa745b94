//! What a report's header says of its chart.

use std::fmt;

use serde::Serialize;

/// How a report's rows are drawn.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Chart {
    /// As what.
    pub kind: ChartKind,
    /// The column along the horizontal axis.
    pub x: String,
    /// The column with the numbers: heights, or a heat map's colours.
    pub y: String,
    /// The column that tells lines or bars apart; a heat map's vertical axis.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub series: Option<String>,
}

/// As what a report's rows are drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum ChartKind {
    /// A line for each series.
    Line,
    /// Bars, side by side for each series.
    Bar,
    /// Squares in as many rows as there are series.
    Heatmap,
}

impl Chart {
    /// `bar x=month y=registrations series=directory_id`.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let mut words = text.split_whitespace();
        let kind = match words.next() {
            Some("line") => ChartKind::Line,
            Some("bar") => ChartKind::Bar,
            Some("heatmap") => ChartKind::Heatmap,
            _ => return Err("a chart is `line`, `bar` or `heatmap`, then x=COLUMN y=COLUMN".into()),
        };
        let (mut x, mut y, mut series) = (None, None, None);
        for word in words {
            let place = match word.split_once('=') {
                Some(("x", _)) => &mut x,
                Some(("y", _)) => &mut y,
                Some(("series", _)) => &mut series,
                _ => return Err(format!("`{word}` is none of x=COLUMN, y=COLUMN, series=COLUMN")),
            };
            let column = word.split_once('=').map_or("", |(_, column)| column);
            if column.is_empty() || place.is_some() {
                return Err(format!("`{word}` names no column, or a second one"));
            }
            *place = Some(column.to_owned());
        }
        let (Some(x), Some(y)) = (x, y) else { return Err("a chart needs x=COLUMN and y=COLUMN".into()) };
        if kind == ChartKind::Heatmap && series.is_none() {
            return Err("a heat map needs series=COLUMN, too: its vertical axis".into());
        }
        Ok(Self { kind, x, y, series })
    }

    /// The columns that it needs.
    pub fn columns(&self) -> impl Iterator<Item = &str> {
        [&self.x, &self.y].into_iter().chain(&self.series).map(String::as_str)
    }
}

impl fmt::Display for ChartKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Line => "line",
            Self::Bar => "bar",
            Self::Heatmap => "heatmap",
        })
    }
}
