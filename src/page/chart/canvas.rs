//! What every chart stands on: a drawing, its axis, and the SVG around it.

use std::io;
use std::ops::Range;

use maud::{Markup, PreEscaped, html};
use plotters::coord::Shift;
use plotters::coord::types::RangedCoordf64;
use plotters::prelude::{
    Cartesian2d, ChartBuilder, DrawingArea, DrawingAreaErrorKind, IntoDrawingArea, IntoFont,
    LabelAreaPosition, PathElement, SVGBackend, Text,
};
use plotters::style::text_anchor::{HPos, Pos, VPos};
use plotters::style::{Color, TextStyle};

use super::colour::{BASE, GRID, LABEL};
use super::scale::Scale;
use super::{Room, Told};
use crate::output::visible;
use crate::page::figure::short;

/// A drawing in memory can't fail; the library's signatures can.
pub(super) type Drawn = Result<(), DrawingAreaErrorKind<io::Error>>;
pub(super) type Sheet<'a> = DrawingArea<SVGBackend<'a>, Shift>;
pub(super) type Plane<'a> = DrawingArea<SVGBackend<'a>, Cartesian2d<RangedCoordf64, RangedCoordf64>>;

/// Width and height of a drawing, in points.
#[derive(Clone, Copy, Debug)]
pub(super) struct Size {
    pub(super) width: u32,
    pub(super) height: u32,
}

const FULL: Size = Size { width: 1080 * FINE, height: 200 * FINE };
const HALF: Size = Size { width: 530 * FINE, height: 200 * FINE };
pub(super) const NARROW: Size = Size { width: 350 * FINE, height: 180 * FINE };

impl Room {
    /// The two drawings of a chart: the class that the stylesheet shows one by, and its size.
    pub(super) fn drawings(self) -> [(&'static str, Size); 2] {
        let wide = match self {
            Self::Full => FULL,
            Self::Half => HALF,
        };
        [("wide", wide), ("narrow", NARROW)]
    }
}

/// The library draws on whole points; so many of them are a pixel, so that bars are equally wide.
pub(super) const FINE: u32 = 4;
/// How wide a letter of an axis is, and how high a line.
const LETTER: u32 = 7 * FINE;
const LINE: u32 = 22 * FINE;
/// The library draws letters smaller than it is told, by this.
const FONT: f64 = 12.0 * FINE as f64 * 1.24;

/// A label under the horizontal axis.
#[derive(Clone, Debug)]
pub(super) struct Tick {
    pub(super) at: f64,
    pub(super) text: String,
}

/// What is drawn, without the `svg` around it.
pub(super) fn draw(size: Size, onto: impl FnOnce(&Sheet<'_>) -> Drawn) -> String {
    let mut svg = String::new();
    let drawn = {
        let sheet = SVGBackend::with_string(&mut svg, (size.width, size.height)).into_drawing_area();
        onto(&sheet).and_then(|()| sheet.present())
    };
    if drawn.is_err() {
        return String::new();
    }
    let inner = svg.split_once(">\n").map_or("", |(_, inner)| inner);
    inner.strip_suffix("</svg>\n").unwrap_or(inner).to_owned()
}

/// The SVG around what was drawn. What `inner` shows of strangers' text, the drawing library has escaped.
pub(super) fn svg(class: &str, size: Size, told: &Told, inner: String) -> Markup {
    html! {
        svg class={ "chart " (class) } viewBox={ "0 0 " (size.width) " " (size.height) } role="img" {
            title { (told.title) }
            desc { (told.description) }
            (PreEscaped(inner))
        }
    }
}

pub(super) fn label(h_pos: HPos, v_pos: VPos) -> TextStyle<'static> {
    TextStyle::from(("sans-serif", FONT).into_font()).color(&LABEL).pos(Pos::new(h_pos, v_pos))
}

/// A plane with a grid, labels at its left and under it, and what `series` draws onto it.
pub(super) fn plot(
    size: Size,
    across: Range<f64>,
    scale: &Scale,
    ticks: &[Tick],
    series: impl FnOnce(&Plane<'_>) -> Drawn,
) -> String {
    let marks: Vec<String> = scale.marks.iter().map(|mark| short(*mark, scale.top)).collect();
    let letters = marks.iter().map(|mark| mark.chars().count()).max().unwrap_or(1);
    let left = u32::try_from(letters).unwrap_or(1) * LETTER + 10 * FINE;
    draw(size, |sheet| {
        let chart = ChartBuilder::on(sheet)
            .margin_top(10 * FINE)
            .margin_right(6 * FINE)
            .set_label_area_size(LabelAreaPosition::Left, left)
            .set_label_area_size(LabelAreaPosition::Bottom, LINE)
            .build_cartesian_2d(across.clone(), scale.bottom..scale.top)?;
        let plane = chart.plotting_area();
        for (mark, text) in scale.marks.iter().zip(&marks) {
            plane.draw(&PathElement::new(
                [(across.start, *mark), (across.end, *mark)],
                GRID.stroke_width(FINE),
            ))?;
            let (x, y) = chart.backend_coord(&(across.start, *mark));
            sheet.draw(&Text::new(
                text.as_str(),
                (x - 8 * FINE as i32, y),
                label(HPos::Right, VPos::Center),
            ))?;
        }
        let bottom = chart.backend_coord(&(across.start, scale.bottom)).1;
        for tick in ticks {
            let text = visible(&tick.text).into_owned();
            let half = text.chars().count() as i32 * LETTER as i32 / 2;
            let last = (size.width as i32 - half).max(half);
            let x = chart.backend_coord(&(tick.at, scale.bottom)).0.clamp(half, last);
            sheet.draw(&Text::new(text, (x, bottom + 8 * FINE as i32), label(HPos::Center, VPos::Top)))?;
        }
        series(plane)?;
        plane.draw(&PathElement::new([(across.start, 0.0), (across.end, 0.0)], BASE.stroke_width(FINE)))
    })
}
