//! What the mirror costs, beside what it cannot cost less than: the figures of `benches/README.md`.
//! Real parts only: the simulator and the mirror are processes of the shipped program, with a real
//! socket between them and a real file below. It measures and asserts nothing.

mod bare_loop;
mod import;
mod load;
#[path = "../stage/mod.rs"]
mod stage;
mod start;
mod tick;
mod unchanged;

use anyhow::{Result, bail};

use self::stage::figure::{self, Figure};

const USAGE: &str =
    "usage: cargo bench --bench mirror -- [latency] [load] [unchanged] [start] [tick] [--rows N]
  Without a name: all. --rows is the large directory's size [default: 1000000].";

/// What is measured, and on how much.
struct Wanted {
    names: Vec<String>,
    rows: u32,
}

fn read_arguments() -> Result<Wanted> {
    let mut wanted = Wanted { names: Vec::new(), rows: 1_000_000 };
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            // Cargo's own.
            "--bench" => {}
            "--rows" => wanted.rows = arguments.next().unwrap_or_default().parse()?,
            "latency" | "load" | "unchanged" | "start" | "tick" => wanted.names.push(argument),
            _ => bail!("{USAGE}"),
        }
    }
    Ok(wanted)
}

fn main() -> Result<()> {
    let Wanted { names, rows } = read_arguments()?;
    let wants = |name: &str| names.is_empty() || names.iter().any(|wanted| wanted == name);
    let mut figures: Vec<Figure> = Vec::new();
    let mut tell = |more: Vec<Figure>| {
        more.iter().for_each(figure::tell);
        figures.extend(more);
    };
    if wants("start") {
        tell(start::measure()?);
    }
    if wants("tick") {
        tell(tick::measure()?);
    }
    if wants("latency") {
        tell(load::measure_with_latency()?);
    }
    if wants("load") {
        tell(load::measure(rows)?);
    }
    if wants("unchanged") {
        tell(unchanged::measure(rows)?);
    }
    figure::print_table(&figures);
    Ok(())
}
