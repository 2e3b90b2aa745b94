//! An incremental tick over many directories in which nothing happened.

use anyhow::Result;

use super::stage::figure::{Figure, figure};
use super::stage::mirror::{Mirror, REQUESTS_PER_SECOND};
use super::stage::simulator::Simulator;

const DIRECTORIES: u32 = 1_000;
const REGISTRATIONS: u32 = 150;
const ROUNDS: usize = 3;

/// 1,000 directories of a page and a half.
pub fn measure() -> Result<Vec<Figure>> {
    let simulator = Simulator::start(&[REGISTRATIONS; DIRECTORIES as usize], 0)?;
    let mirror = Mirror::new(&simulator.base_url)?;
    mirror.sync(&[])?;
    mirror.check_loaded(DIRECTORIES * REGISTRATIONS)?;
    simulator.take_requests()?;
    let (mut requests, mut walls, mut processor_ms) = (Vec::new(), Vec::new(), u128::MAX);
    for _ in 0..ROUNDS {
        let cost = mirror.sync(&[])?;
        walls.push(cost.wall.as_millis().to_string());
        processor_ms = processor_ms.min(cost.processor.as_millis());
        requests.push(simulator.take_requests()?.to_string());
    }
    Ok(vec![
        figure(
            format!("Incremental tick, {DIRECTORIES} unchanged directories"),
            "exactly 1001 requests",
            format!("{} requests", requests.join(", ")),
            "as the simulator counted them",
        ),
        figure(
            format!("Incremental tick, {DIRECTORIES} unchanged directories"),
            "reported",
            format!("{} ms", walls.join(", ")),
            format!(
                "from spawn to exit; the limit of {REQUESTS_PER_SECOND} requests/s alone takes 1000 ms; \
                 processor {processor_ms} ms"
            ),
        ),
    ])
}
