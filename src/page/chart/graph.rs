//! What lines and bars are drawn from: values of one or several series over the same labels.

use maud::{Markup, html};
use plotters::prelude::PathElement;
use plotters::style::{Color, RGBColor};

use super::Told;
use super::canvas::{FINE, Size, Tick, draw, svg};
use super::colour::{MORE, SERIES};
use super::scale::{Scale, Steps};
use crate::page::name::cut;

/// Series that can be told apart.
pub(in crate::page) const SERIES_MAX: usize = 1 + MORE.len();
/// What is shown of a label.
const CHARACTERS_MAX: usize = 12;
const LEGEND: Size = Size { width: 28 * FINE, height: 8 * FINE };

/// Values of one or several series over the same labels.
#[derive(Clone, Debug)]
pub(in crate::page) struct Graph {
    /// What stands under the values, from left to right; an empty label is none.
    pub(in crate::page) labels: Vec<String>,
    /// At most [`SERIES_MAX`] are drawn.
    pub(in crate::page) series: Vec<Series>,
    pub(in crate::page) steps: Steps,
}

/// A value for each label, or none.
#[derive(Clone, Debug)]
pub(in crate::page) struct Series {
    pub(in crate::page) name: String,
    pub(in crate::page) values: Vec<Option<f64>>,
}

impl Graph {
    /// Of one series, which needs no name.
    pub(in crate::page) fn of(labels: Vec<String>, values: Vec<Option<f64>>, steps: Steps) -> Self {
        Self { labels, series: vec![Series { name: String::new(), values }], steps }
    }

    /// A scale for all of it, and for what is drawn over it.
    pub(super) fn scale(&self, more: &[Option<f64>]) -> Scale {
        let values = self.series.iter().flat_map(|series| &series.values).chain(more);
        Scale::over(values.copied().flatten(), self.steps)
    }

    /// Each series that is drawn, with its colour.
    pub(super) fn drawn(&self) -> impl Iterator<Item = (&Series, RGBColor)> {
        self.series.iter().zip(colours())
    }

    /// Labels, as many as find room.
    pub(super) fn ticks(&self, size: Size, shift: f64) -> Vec<Tick> {
        let shown = |label: &String| {
            let short: String = label.chars().take(CHARACTERS_MAX).collect();
            if short.len() < label.len() { format!("{short}…") } else { short }
        };
        let labels = self.labels.iter().enumerate().filter(|(_, label)| !label.is_empty());
        let labels: Vec<(usize, String)> = labels.map(|(position, label)| (position, shown(label))).collect();
        let letters = labels.iter().map(|(_, label)| label.chars().count()).max().unwrap_or(1);
        let room = ((size.width / FINE) as usize / (letters * 7 + 16)).max(1);
        let every = labels.len().div_ceil(room).max(1);
        let ticks = labels.into_iter().step_by(every);
        ticks.map(|(position, text)| Tick { at: position as f64 + shift, text }).collect()
    }
}

fn colours() -> impl Iterator<Item = RGBColor> {
    std::iter::once(SERIES).chain(MORE)
}

/// Which stroke is whose, where there are several.
pub(in crate::page) fn legend(graph: &Graph) -> Markup {
    let stroke = |colour: RGBColor| {
        let middle = (LEGEND.height / 2) as i32;
        let ends = [(0, middle), (LEGEND.width as i32, middle)];
        draw(LEGEND, |sheet| sheet.draw(&PathElement::new(ends, colour.stroke_width(3 * FINE))))
    };
    html! {
        @if graph.series.len() > 1 {
            ul.legend { @for (series, colour) in graph.drawn() {
                @let told = Told { title: "line".into(), description: series.name.clone() };
                li { (svg("key", LEGEND, &told, stroke(colour))) bdi { (cut(&series.name)) } }
            } }
        }
    }
}
