//! Bars, those of several series side by side, with a line of averages over them if wanted.

use maud::{Markup, html};
use plotters::prelude::{PathElement, Rectangle};
use plotters::style::Color;

use super::canvas::{FINE, Size, plot, svg};
use super::colour::OVERLAY;
use super::graph::Graph;
use super::scale::bounded;
use super::{Room, Told};

/// Bars closer than this touch.
const GAP_BARS_MAX: usize = 200;

/// Bars. `overlay` is a line over them, a value a label.
pub(in crate::page) fn bars(graph: &Graph, overlay: &[Option<f64>], room: Room, told: &Told) -> Markup {
    html! {
        @for (class, size) in room.drawings() {
            (svg(class, size, told, drawn(size, graph, overlay)))
        }
    }
}

fn drawn(size: Size, graph: &Graph, overlay: &[Option<f64>]) -> String {
    let gap = if graph.labels.len() > GAP_BARS_MAX { 0.0 } else { 0.12 };
    let width = (1.0 - 2.0 * gap) / graph.drawn().count().max(1) as f64;
    let across = 0.0..graph.labels.len().max(1) as f64;
    plot(size, across, &graph.scale(overlay), &graph.ticks(size, 0.5), |plane| {
        for (place, (series, colour)) in graph.drawn().enumerate() {
            for (position, value) in series.values.iter().enumerate() {
                let Some(value) = value.and_then(bounded).filter(|value| *value != 0.0) else { continue };
                let left = position as f64 + gap + width * place as f64;
                plane.draw(&Rectangle::new([(left, value), (left + width, 0.0)], colour.filled()))?;
            }
        }
        let points = |(position, value): (usize, &Option<f64>)| {
            Some((position as f64 + 0.5, value.and_then(bounded)?))
        };
        let line: Vec<_> = overlay.iter().enumerate().filter_map(points).collect();
        if line.len() > 1 {
            plane.draw(&PathElement::new(line, OVERLAY.stroke_width(2 * FINE)))?;
        }
        Ok(())
    })
}

#[cfg(test)]
mod tests {
    use super::{Graph, Room, Told, bars};
    use crate::page::chart::{Series, Steps};

    fn told() -> Told {
        Told { title: "t".into(), description: "d".into() }
    }

    #[test]
    fn whatever_the_values_are_there_is_a_chart() {
        let values = [
            None,
            Some(0.0),
            Some(-3.5),
            Some(f64::MAX),
            Some(f64::NAN),
            Some(f64::NEG_INFINITY),
            Some(1e-300),
        ];
        for length in 0..=values.len() {
            let graph = Graph::of(vec!["x".into(); length], values[..length].to_vec(), Steps::Any);
            let drawn = bars(&graph, &values, Room::Full, &told()).into_string();
            assert_eq!(drawn.matches("<svg").count(), 2);
            assert!(
                !drawn.contains("NaN") && !drawn.contains("inf") && !drawn.contains(" style="),
                "{drawn}"
            );
        }
    }

    #[test]
    fn labels_are_escaped_shortened_and_thinned_out() {
        let labels = (0..300).map(|n| format!("<script>{n}alert(1)")).collect();
        let graph = Graph::of(labels, vec![Some(1.0); 300], Steps::Whole);
        let drawn = bars(&graph, &[], Room::Half, &told()).into_string();
        assert!(!drawn.contains("<script"));
        let shown = drawn.matches("&lt;script").count();
        assert!((1..30).contains(&shown), "{shown}");
    }

    #[test]
    fn bars_of_several_series_stand_side_by_side_and_too_many_are_left_out() {
        let series = |n: usize| Series { name: n.to_string(), values: vec![Some(n as f64 + 1.0); 4] };
        let graph =
            Graph { labels: vec!["x".into(); 4], series: (0..9).map(series).collect(), steps: Steps::Whole };
        let drawn = bars(&graph, &[], Room::Half, &told()).into_string();
        assert_eq!(drawn.matches("<rect").count(), 2 * 4 * 6, "{drawn}");
    }
}
