//! A full walk over what the file holds already: nothing is written, and memory stays where it is.

use anyhow::{Result, ensure};

use super::bare_loop;
use super::stage::figure::{Figure, figure, median};
use super::stage::mirror::{Mirror, REQUESTS_PER_SECOND};
use super::stage::process::Cost;
use super::stage::simulator::Simulator;

const ROUNDS: usize = 3;
/// What a write of a registration would change.
const WRITTEN: &str = "SELECT (SELECT coalesce(sum(created + updated + restored + missing), 0) FROM walks
        WHERE walk_id = (SELECT max(walk_id) FROM walks))
    + (SELECT count(*) FROM registration WHERE changed_at <> first_seen_at OR missing_since IS NOT NULL)";

/// A directory of this size, and one of a tenth of it.
pub fn measure(rows: u32) -> Result<Vec<Figure>> {
    let small = measure_one(rows / 10)?;
    let large = measure_one(rows)?;
    let mib = |walk: &Walked| walk.cost.memory_kib_max as f64 / 1024.0;
    Ok(vec![
        figure(
            format!("Full walk, {rows} unchanged registrations"),
            "no registration written",
            format!("{} written", large.written),
            "of the file's own figures and every row's dates".to_owned(),
        ),
        figure(
            format!("Full walk, {rows} unchanged registrations"),
            "≥ 0.8 × the bare loop's speed",
            format!("{:.2} ×", large.speed),
            format!(
                "walk {:.1} s, {:.0} rows/s; bare loop {:.1} s; processor {:.1} s; {rows} / 10 rows: {:.2} ×",
                large.cost.wall.as_secs_f64(),
                f64::from(rows) / large.cost.wall.as_secs_f64(),
                large.bare_s,
                large.cost.processor.as_secs_f64(),
                small.speed
            ),
        ),
        figure(
            format!("Peak memory of that walk, {rows} registrations"),
            "≤ 40 MB, not growing with the directory",
            format!("{:.1} MiB", mib(&large)),
            format!("{} registrations: {:.1} MiB", rows / 10, mib(&small)),
        ),
    ])
}

struct Walked {
    cost: Cost,
    bare_s: f64,
    /// The loop's time in the walk's.
    speed: f64,
    written: i64,
}

fn measure_one(rows: u32) -> Result<Walked> {
    let simulator = Simulator::start(&[rows], 0)?;
    let directory = simulator.directory(0)?;
    let mirror = Mirror::new(&simulator.base_url)?;
    mirror.sync(&[])?;
    mirror.check_loaded(rows)?;
    let (mut speeds, mut walks) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        let bare = bare_loop::read(&simulator.base_url, &directory, REQUESTS_PER_SECOND)?.wall.as_secs_f64();
        let cost = mirror.sync(&["--full"])?;
        speeds.push(bare / cost.wall.as_secs_f64());
        walks.push((cost, bare));
    }
    mirror.check_loaded(rows)?;
    let full = "SELECT count(*) FROM walks WHERE kind = 'full' AND outcome = 'complete' AND rows_read >= ";
    let complete = mirror.number(&format!("{full}{rows}"))?;
    ensure!(complete == ROUNDS as i64, "{complete} of {ROUNDS} full walks were complete");
    let speed = median(&mut speeds.clone());
    let middle = speeds.iter().position(|of_round| *of_round == speed).unwrap_or(0);
    let memory_kib_max = walks.iter().map(|(cost, _)| cost.memory_kib_max).max().unwrap_or(0);
    let (cost, bare_s) = walks[middle];
    Ok(Walked { cost: Cost { memory_kib_max, ..cost }, bare_s, speed, written: mirror.number(WRITTEN)? })
}
