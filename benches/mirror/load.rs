//! The first walk of one directory: with the network's latency, and without any.

use std::time::Duration;

use anyhow::Result;

use super::bare_loop;
use super::import;
use super::stage::figure::{Figure, figure, median};
use super::stage::mirror::{Mirror, REQUESTS_PER_SECOND};
use super::stage::simulator::Simulator;

const SMALL_ROWS: u32 = 150;
const LATE_ROWS: u32 = 50_000;
const LATENCY_MS: u32 = 20;
/// Requests a second that nothing here reaches.
const UNLIMITED: u32 = 1_000_000;
/// The loop and the mirror take turns, so that both meet the same weather.
const ROUNDS: usize = 3;

/// Where every page is 20 ms away, the walk's time is the network's. The small directory is walked
/// first: there the account's way of counting pages is found out, once for good.
pub fn measure_with_latency() -> Result<Vec<Figure>> {
    let simulator = Simulator::start(&[SMALL_ROWS, LATE_ROWS], LATENCY_MS)?;
    let directory = simulator.directory(1)?;
    let (mut loops, mut walks, mut ratios, mut ticks) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        let bare = bare_loop::read(&simulator.base_url, &directory, REQUESTS_PER_SECOND)?.wall.as_secs_f64();
        let mirror = Mirror::new(&simulator.base_url)?;
        ticks.push(mirror.sync(&[])?.wall.as_secs_f64());
        mirror.check_loaded(SMALL_ROWS + LATE_ROWS)?;
        let walk = mirror.walk_ms(&directory)? as f64 / 1000.0;
        ratios.push(walk / bare);
        loops.push(bare);
        walks.push(walk);
    }
    Ok(vec![figure(
        format!("First walk, {LATE_ROWS} rows, {LATENCY_MS} ms a page"),
        "≤ 1.02 × the bare loop",
        format!("{:.3} × (of {})", median(&mut ratios.clone()), list(&ratios)),
        format!(
            "walk {} s; bare loop {} s; the whole process, with the directory list, a first directory of {SMALL_ROWS} \
             rows and what pages are counted from, {} s",
            list(&walks),
            list(&loops),
            list(&ticks)
        ),
    )])
}

/// Without latency the walk's time is what the pages cost here, and what the file costs.
pub fn measure(rows: u32) -> Result<Vec<Figure>> {
    let simulator = Simulator::start(&[rows], 0)?;
    let directory = simulator.directory(0)?;
    let bare = bare_loop::read(&simulator.base_url, &directory, REQUESTS_PER_SECOND)?;
    let unlimited = bare_loop::read(&simulator.base_url, &directory, UNLIMITED)?;
    let mirror = Mirror::new(&simulator.base_url)?;
    let walk = mirror.sync(&[])?;
    mirror.check_loaded(rows)?;
    let import = import::measure(&mirror)?;
    let floors = bare.wall + import.wall;
    let per_second = |wall: Duration| f64::from(rows) / wall.as_secs_f64();
    Ok(vec![
        figure(
            format!("First walk, {rows} rows, no latency"),
            "≤ 1 × the sum of both floors",
            format!("{:.2} ×", walk.wall.as_secs_f64() / floors.as_secs_f64()),
            format!(
                "walk {:.1} s; bare loop {:.1} s under the same limit, {:.1} s without it; `.import` {:.1} s",
                walk.wall.as_secs_f64(),
                bare.wall.as_secs_f64(),
                unlimited.wall.as_secs_f64(),
                import.wall.as_secs_f64()
            ),
        ),
        figure(
            format!("First walk, {rows} rows, no latency"),
            "≥ 50000 rows/s",
            format!("{:.0} rows/s", per_second(walk.wall)),
            format!(
                "bare loop {:.0} rows/s; `.import` {:.0} rows/s; the limit of {REQUESTS_PER_SECOND} requests/s caps at {} rows/s; \
                 processor {:.1} s, memory {:.1} MiB; {} bytes a page",
                per_second(bare.wall),
                per_second(import.wall),
                REQUESTS_PER_SECOND * 100,
                walk.processor.as_secs_f64(),
                walk.memory_kib_max as f64 / 1024.0,
                bare.bytes / u64::from(bare.pages)
            ),
        ),
    ])
}

fn list(values: &[f64]) -> String {
    values.iter().map(|value| format!("{value:.3}")).collect::<Vec<_>>().join(", ")
}
