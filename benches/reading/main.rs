//! What reading the mirror costs while walks write it: pages, the API and exports, beside the `sqlite3`
//! shell and Datasette over the same file. Real parts only, as in `benches/mirror`. It measures, and
//! asserts nothing but that it measured what it says.

mod answers;
mod client;
mod csv;
mod datasette;
mod health;
mod loaded;
mod question;
mod shell;
#[expect(dead_code, reason = "the other benchmark uses the rest")]
#[path = "../stage/mod.rs"]
mod stage;
mod times;
mod weather;

use std::path::PathBuf;

use anyhow::{Result, bail};

use self::loaded::Loaded;
use self::stage::figure::{self, Figure};
use self::weather::Walks;

const USAGE: &str = "usage: cargo bench --bench reading -- [calm] [walk] [flood] [csv] [health]
    [--rows N] [--requests N] [--only TEXT] [--folder FOLDER]
  Without a name: all. calm, walk and flood ask the same questions, while nothing, walks at a
  moderate pace and walks as fast as they can write. --rows: registrations in 50 directories
  [default: 1000000]. --requests: of each kind [default: 500]. --only: questions with this text.
  --folder: where the mirror is kept for the next run [default: target/bench-reading].";

/// Full walks of one account, and a first walk of the other.
const WALK: Walks = Walks::Paced([100, 20]);
const FLOOD: Walks = Walks::Paced([1000, 1000]);

/// What is measured, and on how much.
struct Wanted {
    names: Vec<String>,
    rows: u32,
    requests: usize,
    only: Option<String>,
    folder: PathBuf,
}

fn read_arguments() -> Result<Wanted> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/target/bench-reading").into();
    let mut wanted = Wanted { names: Vec::new(), rows: 1_000_000, requests: 500, only: None, folder };
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        let mut value = || arguments.next().unwrap_or_default();
        match argument.as_str() {
            // Cargo's own.
            "--bench" => {}
            "--rows" => wanted.rows = value().parse()?,
            "--requests" => wanted.requests = value().parse()?,
            "--only" => wanted.only = Some(value()),
            "--folder" => wanted.folder = value().into(),
            "calm" | "walk" | "flood" | "csv" | "health" => wanted.names.push(argument),
            _ => bail!("{USAGE}"),
        }
    }
    Ok(wanted)
}

fn main() -> Result<()> {
    let Wanted { names, rows, requests, only, folder } = read_arguments()?;
    let wants = |name: &str| names.is_empty() || names.iter().any(|wanted| wanted == name);
    let loaded = Loaded::find_or_make(&folder, rows)?;
    for (name, walks) in [("calm", Walks::None), ("walk", WALK), ("flood", FLOOD)] {
        if wants(name) {
            answers::measure(&loaded, walks, requests, only.as_deref())?;
        }
    }
    let mut figures: Vec<Figure> = Vec::new();
    let mut tell = |more: Vec<Figure>| {
        more.iter().for_each(figure::tell);
        figures.extend(more);
    };
    if wants("csv") {
        tell(csv::measure(&loaded)?);
    }
    if wants("health") {
        tell(health::measure(&loaded)?);
    }
    if !figures.is_empty() {
        figure::print_table(&figures);
    }
    Ok(())
}
