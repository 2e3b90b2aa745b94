//! Lines: how much there was at each moment, with the area under a line that is alone.

use maud::{Markup, html};
use plotters::prelude::{Circle, PathElement, Polygon};
use plotters::style::Color;

use super::canvas::{FINE, Size, plot, svg};
use super::colour::AREA;
use super::graph::Graph;
use super::scale::bounded;
use super::{Room, Told};

/// A line for each series.
pub(in crate::page) fn lines(graph: &Graph, room: Room, told: &Told) -> Markup {
    html! {
        @for (class, size) in room.drawings() {
            (svg(class, size, told, drawn(size, graph)))
        }
    }
}

fn drawn(size: Size, graph: &Graph) -> String {
    let across = 0.0..graph.labels.len().saturating_sub(1).max(1) as f64;
    let is_alone = graph.series.len() == 1;
    plot(size, across, &graph.scale(&[]), &graph.ticks(size, 0.0), |plane| {
        for (series, colour) in graph.drawn() {
            let point =
                |(position, value): (usize, &Option<f64>)| Some((position as f64, value.and_then(bounded)?));
            let points: Vec<(f64, f64)> = series.values.iter().enumerate().filter_map(point).collect();
            let (Some(first), Some(last)) = (points.first().copied(), points.last().copied()) else {
                continue;
            };
            if points.len() > 1 {
                if is_alone {
                    let mut area = vec![(first.0, 0.0)];
                    area.extend(&points);
                    area.push((last.0, 0.0));
                    plane.draw(&Polygon::new(area, AREA))?;
                }
                plane.draw(&PathElement::new(points, colour.stroke_width(2 * FINE)))?;
            }
            plane.draw(&Circle::new(last, 3 * FINE, colour.filled()))?;
        }
        Ok(())
    })
}

#[cfg(test)]
mod tests {
    use super::{Graph, Room, Told, lines};
    use crate::page::chart::{Steps, legend};

    #[test]
    fn whatever_the_values_are_there_is_a_chart() {
        let told = Told { title: "t".into(), description: "d".into() };
        for values in
            [vec![], vec![None], vec![Some(1.0)], vec![Some(0.0); 3], vec![Some(f64::MAX), Some(f64::MIN)]]
        {
            let mut graph = Graph::of(vec![String::new(); values.len()], values, Steps::Any);
            assert_eq!(legend(&graph).into_string(), "");
            graph.series = vec![graph.series[0].clone(); 8];
            let drawn = lines(&graph, Room::Half, &told).into_string();
            assert_eq!(drawn.matches("<svg").count(), 2);
            assert!(!drawn.contains("NaN") && !drawn.contains("inf"), "{drawn}");
            assert_eq!(legend(&graph).into_string().matches("<li>").count(), 6);
        }
    }
}
