//! Every row as CSV, into a file: ours and the `sqlite3` shell's, in turns.

use std::fs::{self, File};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use anyhow::{Result, ensure};

use super::client::{Manner, ask};
use super::loaded::Loaded;
use super::stage::figure::{Figure, figure, median};
use super::stage::process::run;
use super::times::Times;
use super::weather::{Walks, Weather};

const ROUNDS: usize = 5;
const ALL: &str = "SELECT * FROM registrations";

/// Wall and processor time of each round, in seconds.
#[derive(Default)]
struct Rounds {
    wall: Vec<f64>,
    processor: Vec<f64>,
}

impl Rounds {
    fn add(&mut self, wall: Duration, processor: Duration) {
        self.wall.push(wall.as_secs_f64());
        self.processor.push(processor.as_secs_f64());
    }

    fn told(&self) -> String {
        let list = |values: &[f64]| values.iter().map(|s| format!("{s:.2}")).collect::<Vec<_>>().join(", ");
        format!("{} s, processor {} s", list(&self.wall), list(&self.processor))
    }
}

/// The commands, and the same over HTTP.
pub fn measure(loaded: &Loaded) -> Result<Vec<Figure>> {
    let weather = Weather::begin(loaded, Walks::None)?;
    let out = weather.mirror.beside("rows.csv");
    let file = weather.mirror.file();
    let (mut shell, mut export, mut query) = (Rounds::default(), Rounds::default(), Rounds::default());
    let mut http = Times::default();
    let (mut shell_bytes, mut bytes) = (0, 0);
    let url = format!("{}/api/v1/query?format=csv&sql=SELECT%20*%20FROM%20registrations", weather.base_url);
    for _ in 0..ROUNDS {
        let mut command = Command::new("sqlite3");
        command.args(["-readonly", "-csv", "-header"]).arg(&file).arg(ALL);
        shell_bytes = round(&mut command, &out, &mut shell)?;
        let mut command = weather.mirror.command();
        command.args(["export", "--view", "registrations", "--format", "csv"]);
        bytes = round(&mut command, &out, &mut export)?;
        let mut command = weather.mirror.command();
        command.args(["query", ALL, "--format", "csv", "--timeout", "300"]);
        round(&mut command, &out, &mut query)?;
        let answers = ask(std::slice::from_ref(&url), 1, 1, &Manner::default())?;
        ensure!(answers.refused == 0, "the server refuses");
        http.append(answers.times);
    }
    let ratio = |of: &Rounds, to: &Rounds| median(&mut of.wall.clone()) / median(&mut to.wall.clone());
    let work =
        |of: &Rounds, to: &Rounds| median(&mut of.processor.clone()) / median(&mut to.processor.clone());
    Ok(vec![
        figure(
            "CSV of all rows, `export`",
            "≤ 1 × the `sqlite3` shell",
            format!("{:.2} × (processor {:.2} ×)", ratio(&export, &shell), work(&export, &shell)),
            format!(
                "ours {}; shell {}; {:.0} and {:.0} MB, in turns",
                export.told(),
                shell.told(),
                f64::from(u32::try_from(bytes / 1000)?) / 1000.0,
                f64::from(u32::try_from(shell_bytes / 1000)?) / 1000.0
            ),
        ),
        figure(
            "CSV of all rows, `query`",
            "",
            format!("{:.2} × (processor {:.2} ×)", ratio(&query, &shell), work(&query, &shell)),
            format!("ours {}", query.told()),
        ),
        figure(
            "CSV of all rows, `/api/v1/query`",
            "",
            format!("{:.2} ×", http.percentile_ms(50) / 1000.0 / median(&mut shell.wall.clone())),
            format!("to a client on the same two cores, which throws it away: {} ms", http.told()),
        ),
    ])
}

/// One run into a file; how long that became.
fn round(command: &mut Command, out: &Path, rounds: &mut Rounds) -> Result<u64> {
    let cost = run(command.stdout(File::create(out)?).stderr(Stdio::null()))?;
    rounds.add(cost.wall, cost.processor);
    let bytes = fs::metadata(out)?.len();
    fs::remove_file(out)?;
    Ok(bytes)
}
