//! A line with the area under it: how much there was at each moment.

use maud::{Markup, html};
use plotters::prelude::{Circle, PathElement, Polygon};
use plotters::style::Color;

use super::bars::ticks;
use super::canvas::{FINE, Size, plot, svg};
use super::colour::{AREA, SERIES};
use super::scale::{Scale, Steps, bounded};
use super::{Room, Told};

/// A point: what stands under it, if anything, and its height, if there is one.
#[derive(Clone, Debug)]
pub(in crate::page) struct Mark {
    pub(in crate::page) label: String,
    pub(in crate::page) value: Option<f64>,
}

/// Points from left to right.
#[derive(Clone, Debug)]
pub(in crate::page) struct Line {
    pub(in crate::page) marks: Vec<Mark>,
    pub(in crate::page) steps: Steps,
}

/// A line with the area under it.
pub(in crate::page) fn line(line: &Line, room: Room, told: &Told) -> Markup {
    html! {
        @for (class, size) in room.drawings() {
            (svg(class, size, told, drawn(size, line)))
        }
    }
}

fn drawn(size: Size, line: &Line) -> String {
    let scale = Scale::over(line.marks.iter().filter_map(|mark| mark.value), line.steps);
    let ticks = ticks(size, line.marks.iter().map(|mark| mark.label.as_str()), 0.0);
    let point = |(position, mark): (usize, &Mark)| Some((position as f64, mark.value.and_then(bounded)?));
    let points: Vec<(f64, f64)> = line.marks.iter().enumerate().filter_map(point).collect();
    let across = 0.0..line.marks.len().saturating_sub(1).max(1) as f64;
    plot(size, across, &scale, &ticks, |plane| {
        let (Some(first), Some(last)) = (points.first().copied(), points.last().copied()) else {
            return Ok(());
        };
        if points.len() > 1 {
            let mut area = vec![(first.0, 0.0)];
            area.extend(&points);
            area.push((last.0, 0.0));
            plane.draw(&Polygon::new(area, AREA))?;
            plane.draw(&PathElement::new(points, SERIES.stroke_width(2 * FINE)))?;
        }
        plane.draw(&Circle::new(last, 3 * FINE, SERIES.filled()))
    })
}

#[cfg(test)]
mod tests {
    use super::{Line, Mark, Room, Steps, Told, line};

    #[test]
    fn whatever_the_values_are_there_is_a_chart() {
        let told = Told { title: "t".into(), description: "d".into() };
        for values in
            [vec![], vec![None], vec![Some(1.0)], vec![Some(0.0); 3], vec![Some(f64::MAX), Some(f64::MIN)]]
        {
            let marks = values.iter().map(|value| Mark { label: String::new(), value: *value }).collect();
            let drawn = line(&Line { marks, steps: Steps::Any }, Room::Half, &told).into_string();
            assert_eq!(drawn.matches("<svg").count(), 2);
            assert!(!drawn.contains("NaN") && !drawn.contains("inf"), "{drawn}");
        }
    }
}
