//! A sparkline: days as steps, without an axis.

use maud::Markup;
use plotters::prelude::Polygon;

use super::Told;
use super::canvas::{Size, draw, svg};
use super::colour::SERIES;

const SIZE: Size = Size { width: 120, height: 28 };

/// Days as steps; each is as high as its share of the highest.
pub(in crate::page) fn sparkline(counts: &[u64], told: &Told) -> Markup {
    let most = counts.iter().copied().max().unwrap_or(0).max(1);
    let at = |position: usize| (position * SIZE.width as usize / counts.len().max(1)) as i32;
    let floor = SIZE.height as i32;
    let mut outline = vec![(0, floor)];
    for (position, count) in counts.iter().enumerate() {
        // One registration is seen beside a thousand.
        let share = *count as f64 / most as f64 * f64::from(SIZE.height - 2);
        let height = if *count == 0 { 1 } else { (share.round() as i32 + 1).max(2) };
        outline.extend([(at(position), floor - height), (at(position + 1), floor - height)]);
    }
    outline.push((SIZE.width as i32, floor));
    svg("spark", SIZE, told, draw(SIZE, |sheet| sheet.draw(&Polygon::new(outline, SERIES))))
}

#[cfg(test)]
mod tests {
    use super::{Told, sparkline};

    #[test]
    fn no_days_and_no_registrations_are_a_flat_line() {
        let told = Told { title: "t".into(), description: "d".into() };
        for counts in [&[][..], &[0], &[7], &[0; 30], &[u64::MAX; 30], &[5; 400]] {
            let drawn = sparkline(counts, &told).into_string();
            assert!(drawn.contains("<polygon"), "{drawn}");
            assert!(drawn.contains("role=\"img\"><title>t</title><desc>d</desc>"), "{drawn}");
        }
    }
}
