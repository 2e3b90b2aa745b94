//! Whether the process answers while it has too much to do: sixty statements that never end.

use std::thread;
use std::time::Duration;

use anyhow::{Result, ensure};

use super::client::{Manner, ask};
use super::loaded::Loaded;
use super::stage::figure::{Figure, figure};
use super::weather::{Walks, Weather};

const SLOW: usize = 60;
const REQUESTS: usize = 500;
/// Long enough for all of them to have come.
const COME_WITHIN: Duration = Duration::from_secs(3);
const ENDLESS: &str = "/api/v1/query?sql=WITH%20RECURSIVE%20n(i)%20AS%20(SELECT%201%20UNION%20ALL%20SELECT%20i%2B1%20FROM%20n)\
    %20SELECT%20count(*)%20FROM%20n";

/// `/healthz` and the list of directories, beside sixty that wait or run.
pub fn measure(loaded: &Loaded) -> Result<Vec<Figure>> {
    let weather = Weather::begin(loaded, Walks::None)?;
    let slow = [format!("{}{ENDLESS}", weather.base_url)];
    let healthz = [format!("{}/healthz", weather.base_url)];
    let directories = [format!("{}/api/v1/directories", weather.base_url)];
    thread::scope(|scope| {
        for _ in 0..SLOW {
            // Its time limit ends it, or this run does.
            scope.spawn(|| ask(&slow, 1, 1, &Manner::default()));
        }
        thread::sleep(COME_WITHIN);
        let health = ask(&healthz, REQUESTS, 1, &Manner::default())?;
        let listed = ask(&directories, REQUESTS, 1, &Manner::default())?;
        ensure!(health.refused + listed.refused == 0, "the server refuses");
        let mut weather = weather;
        weather.daemon.0.kill()?;
        Ok(vec![
            figure(
                format!("`/healthz` beside {SLOW} statements that never end"),
                "≤ 1000 ms",
                format!("{} ms", health.times.told()),
                "p50 / p99 / max",
            ),
            figure(
                format!("Directories (JSON) beside {SLOW} statements that never end"),
                "",
                format!("{} ms", listed.times.told()),
                "four statements run, the others wait",
            ),
        ])
    })
}
