//! The signal colours. `style.css` maps each of them; what it doesn't map is still seen on white.

use plotters::style::RGBColor;

/// Axis labels.
pub(super) const LABEL: RGBColor = RGBColor(0x5B, 0x64, 0x70);
/// Lines behind the data.
pub(super) const GRID: RGBColor = RGBColor(0xE3, 0xE4, 0xE6);
/// The line at zero.
pub(super) const BASE: RGBColor = RGBColor(0xA9, 0xAF, 0xB6);
/// What is measured.
pub(super) const SERIES: RGBColor = RGBColor(0x2A, 0x78, 0xA8);
/// The area under a line.
pub(super) const AREA: RGBColor = RGBColor(0xD5, 0xE6, 0xF0);
/// Further measures of the same kind.
pub(super) const MORE: [RGBColor; 5] = [
    RGBColor(0xA8, 0x5A, 0x12),
    RGBColor(0x2F, 0x7D, 0x4F),
    RGBColor(0x7A, 0x4F, 0xA3),
    RGBColor(0xA6, 0x36, 0x5C),
    RGBColor(0x5F, 0x65, 0x6D),
];
/// A second measure over the first.
pub(super) const OVERLAY: RGBColor = RGBColor(0xB4, 0x53, 0x09);
/// A heat map's cells, from nothing to most.
pub(super) const HEAT: [RGBColor; 6] = [
    RGBColor(0xEE, 0xF0, 0xF1),
    RGBColor(0xCF, 0xE2, 0xEE),
    RGBColor(0x9F, 0xC8, 0xE0),
    RGBColor(0x66, 0xA8, 0xCE),
    RGBColor(0x2F, 0x80, 0xB0),
    RGBColor(0x0F, 0x55, 0x80),
];

#[cfg(test)]
mod tests {
    use super::{AREA, BASE, GRID, HEAT, LABEL, MORE, OVERLAY, SERIES};
    use crate::page::assets;

    #[test]
    fn the_stylesheet_maps_every_colour_that_is_drawn() {
        let style = assets::find("style.css").unwrap().content;
        for colour in [LABEL, GRID, BASE, SERIES, AREA, OVERLAY].iter().chain(&MORE).chain(&HEAT) {
            let hex = format!("=\"#{:02X}{:02X}{:02X}\"]", colour.0, colour.1, colour.2);
            assert!(style.contains(&hex), "{hex}");
        }
    }
}
