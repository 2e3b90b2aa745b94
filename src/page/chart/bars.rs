//! Bars side by side, with a line of averages over them if wanted.

use maud::{Markup, html};
use plotters::prelude::{PathElement, Rectangle};
use plotters::style::Color;

use super::canvas::{FINE, Size, Tick, plot, svg};
use super::colour::{OVERLAY, SERIES};
use super::scale::{Scale, Steps, bounded};
use super::{Room, Told};

/// Bars closer than this touch.
const GAP_BARS_MAX: usize = 200;

/// A bar: what stands under it, if anything, and its height, if there is one.
#[derive(Clone, Debug)]
pub(in crate::page) struct Bar {
    pub(in crate::page) label: String,
    pub(in crate::page) value: Option<f64>,
}

/// Bars side by side. `overlay` is a line over them, a value a bar.
pub(in crate::page) fn bars(
    bars: &[Bar],
    overlay: &[Option<f64>],
    steps: Steps,
    room: Room,
    told: &Told,
) -> Markup {
    html! {
        @for (class, size) in room.drawings() {
            (svg(class, size, told, drawn(size, bars, overlay, steps)))
        }
    }
}

fn drawn(size: Size, bars: &[Bar], overlay: &[Option<f64>], steps: Steps) -> String {
    let values = bars.iter().map(|bar| bar.value).chain(overlay.iter().copied()).flatten();
    let scale = Scale::over(values, steps);
    let ticks = ticks(size, bars.iter().map(|bar| bar.label.as_str()), 0.5);
    let gap = if bars.len() > GAP_BARS_MAX { 0.0 } else { 0.12 };
    plot(size, 0.0..bars.len().max(1) as f64, &scale, &ticks, |plane| {
        for (position, bar) in bars.iter().enumerate() {
            let Some(value) = bar.value.and_then(bounded).filter(|value| *value != 0.0) else { continue };
            let (left, right) = (position as f64 + gap, position as f64 + 1.0 - gap);
            plane.draw(&Rectangle::new([(left, value), (right, 0.0)], SERIES.filled()))?;
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

/// Labels, as many as find room; an empty one is none.
pub(super) fn ticks<'a>(size: Size, labels: impl Iterator<Item = &'a str>, shift: f64) -> Vec<Tick> {
    const CHARACTERS_MAX: usize = 12;
    let labels: Vec<(usize, String)> = labels
        .enumerate()
        .filter(|(_, label)| !label.is_empty())
        .map(|(position, label)| {
            let short: String = label.chars().take(CHARACTERS_MAX).collect();
            (position, if short.len() < label.len() { format!("{short}…") } else { short })
        })
        .collect();
    let letters = labels.iter().map(|(_, label)| label.chars().count()).max().unwrap_or(1);
    let room = (size.width as usize / (letters * 7 + 16) / FINE as usize).max(1);
    let every = labels.len().div_ceil(room).max(1);
    labels
        .into_iter()
        .step_by(every)
        .map(|(position, text)| Tick { at: position as f64 + shift, text })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::{Bar, Room, Steps, Told, bars};

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
        let all: Vec<Bar> = values.iter().map(|value| Bar { label: "x".into(), value: *value }).collect();
        for length in 0..=all.len() {
            let drawn = bars(&all[..length], &[], Steps::Any, Room::Full, &told()).into_string();
            assert_eq!(drawn.matches("<svg").count(), 2);
            assert!(
                !drawn.contains("NaN") && !drawn.contains("inf") && !drawn.contains(" style="),
                "{drawn}"
            );
        }
    }

    #[test]
    fn labels_are_escaped_shortened_and_thinned_out() {
        let long = |n: usize| Bar { label: format!("<script>{n}alert(1)"), value: Some(n as f64) };
        let drawn = bars(&(0..300).map(long).collect::<Vec<_>>(), &[], Steps::Whole, Room::Half, &told())
            .into_string();
        assert!(!drawn.contains("<script"));
        assert!(drawn.contains("&lt;script&gt;"));
        assert!(drawn.matches("&lt;script").count() < 60, "{}", drawn.matches("&lt;script").count());
    }
}
