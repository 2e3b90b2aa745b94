//! Charts as SVG, drawn by `plotters`. It writes colours into attributes; here they are signal colours that the
//! stylesheet maps to its own, so that one drawing suits light and dark and no inline style is needed.
//!
//! A chart with text is drawn twice, wide and narrow: letters keep their size, and the stylesheet shows one of the two.
//! No value breaks a chart: what is not finite is left out, and nothing at all is an empty frame.

mod bars;
mod canvas;
mod colour;
mod graph;
mod heat_map;
mod line;
mod scale;
mod sparkline;

pub(super) use bars::bars;
pub(super) use graph::{Graph, SERIES_MAX, Series, legend};
pub(super) use heat_map::{HeatMap, heat_map};
pub(super) use line::lines;
pub(super) use scale::Steps;
pub(super) use sparkline::sparkline;

/// How much of a page's width a chart has where there is room; on a phone, all of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Room {
    Full,
    Half,
}

/// What a chart is called, and what it shows in a sentence, for who can't see it.
#[derive(Clone, Debug)]
pub(super) struct Told {
    pub(super) title: String,
    pub(super) description: String,
}
