//! A heat map: how much falls into each cell of two scales, as the hours of a week.

use maud::{Markup, html};
use plotters::prelude::{Rectangle, Text};
use plotters::style::Color;
use plotters::style::text_anchor::{HPos, VPos};

use super::canvas::{FINE, Size, draw, label, svg};
use super::colour::HEAT;
use super::scale::bounded;
use super::{Room, Told};
use crate::output::visible;

const LINE: i32 = 20 * FINE as i32;
const ROW_HEIGHT: u32 = 26 * FINE;
const LETTER: i32 = 7 * FINE as i32;
/// What stands between cells, on each side.
const GAP: i32 = FINE as i32;

/// Rows of cells, with a name for each row and each column.
#[derive(Clone, Debug)]
pub(in crate::page) struct HeatMap {
    pub(in crate::page) rows: Vec<String>,
    pub(in crate::page) columns: Vec<String>,
    /// A value for each row and column, row by row.
    pub(in crate::page) values: Vec<Option<f64>>,
}

/// How much falls into each cell.
pub(in crate::page) fn heat_map(map: &HeatMap, told: &Told) -> Markup {
    let height = u32::try_from(map.rows.len()).unwrap_or(1) * ROW_HEIGHT + LINE as u32 + 4 * FINE;
    html! {
        @for (class, size) in Room::Full.drawings() {
            @let size = Size { height, ..size };
            (svg(class, size, told, drawn(size, map)))
        }
    }
}

fn drawn(size: Size, map: &HeatMap) -> String {
    let most = map.values.iter().flatten().copied().filter_map(bounded).fold(0.0, f64::max);
    let letters = map.rows.iter().map(|row| row.chars().count().min(12)).max().unwrap_or(0);
    let left = letters as i32 * LETTER + 14 * GAP;
    let columns = map.columns.len().max(1) as i32;
    let x = |column: i32| left + (size.width as i32 - left) * column / columns;
    let y = |row: i32| row * ROW_HEIGHT as i32;
    let room = (size.width as i32 - left).max(1);
    let every = ((columns * 24 * GAP + room - 1) / room).max(1);
    draw(size, |sheet| {
        for (row, name) in (0..).zip(&map.rows) {
            let name: String = visible(name).chars().take(12).collect();
            let at = (left - 8 * GAP, y(row) + ROW_HEIGHT as i32 / 2);
            sheet.draw(&Text::new(name, at, label(HPos::Right, VPos::Center)))?;
            for (column, value) in (0..columns).zip(&map.values[row as usize * columns as usize..]) {
                let cell = [(x(column) + GAP, y(row) + GAP), (x(column + 1) - GAP, y(row + 1) - GAP)];
                sheet.draw(&Rectangle::new(cell, HEAT[level(*value, most)].filled()))?;
            }
        }
        for (column, name) in (0..).zip(&map.columns).step_by(every as usize) {
            let at = (x(column).midpoint(x(column + 1)), size.height as i32 - LINE + 4 * GAP);
            let name: String = visible(name).chars().take(6).collect();
            sheet.draw(&Text::new(name, at, label(HPos::Center, VPos::Top)))?;
        }
        Ok(())
    })
}

/// From nothing to most, in as many steps as there are colours.
fn level(value: Option<f64>, most: f64) -> usize {
    match value.and_then(bounded) {
        Some(value) if value > 0.0 && most > 0.0 => {
            let steps = (HEAT.len() - 1) as f64;
            ((value / most * steps).ceil() as usize).clamp(1, HEAT.len() - 1)
        }
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::{HEAT, HeatMap, Told, heat_map, level};

    #[test]
    fn the_least_is_seen_and_the_most_is_the_darkest() {
        assert_eq!(level(None, 10.0), 0);
        assert_eq!(level(Some(-1.0), 10.0), 0);
        assert_eq!(level(Some(f64::NAN), 10.0), 0);
        assert_eq!(level(Some(0.001), 10.0), 1);
        assert_eq!(level(Some(10.0), 10.0), HEAT.len() - 1);
        assert_eq!(level(Some(f64::MAX), 1e300), HEAT.len() - 1);
    }

    #[test]
    fn cells_that_are_missing_are_no_harm() {
        let told = Told { title: "t".into(), description: "d".into() };
        for (rows, columns, values) in [(0, 0, 0), (1, 1, 1), (7, 24, 168), (2, 3, 4)] {
            let map = HeatMap {
                rows: (0..rows).map(|row| row.to_string()).collect(),
                columns: (0..columns).map(|column| column.to_string()).collect(),
                values: vec![Some(1.0); values],
            };
            assert_eq!(heat_map(&map, &told).into_string().matches("<svg").count(), 2);
        }
    }
}
