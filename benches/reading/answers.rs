//! How long answers take while walks write: ours, the `sqlite3` shell's to the same SQL, and Datasette's,
//! in turns, so that all of them meet the same weather.

use anyhow::{Result, ensure};

use super::client::{Answers, Manner, ask};
use super::datasette::Datasette;
use super::loaded::Loaded;
use super::question::{Question, questions};
use super::shell::Shell;
use super::stage::process::memory_kib;
use super::times::{Times, ms};
use super::weather::{Walks, Weather};

const ROUNDS: usize = 5;
/// Clients at once.
const CLIENTS: [usize; 3] = [1, 2, 4];
const TARGET_MS: f64 = 50.0;
/// Each is a process, or slow: fewer of them tell as much.
const SHELLS_ANEW: usize = 50;
const DATASETTE: usize = 40;
/// Of Datasette's clients, the fewest and the most.
const DATASETTE_CLIENTS: [usize; 2] = [1, 4];

/// What was measured of one question.
struct Measured {
    name: String,
    is_promised: bool,
    ours: Vec<Answers>,
    compressed: Answers,
    shell: Times,
    shell_anew: Times,
    datasette: Vec<Answers>,
}

/// Asks everything, and prints a table.
pub fn measure(loaded: &Loaded, walks: Walks, requests: usize, only: Option<&str>) -> Result<()> {
    let weather = Weather::begin(loaded, walks)?;
    let questions: Vec<Question> = questions(&weather.mirror)?
        .into_iter()
        .filter(|question| only.is_none_or(|only| question.name.contains(only)))
        .collect();
    let mut shell = Shell::open(&weather.mirror.file())?;
    let datasette = Datasette::start(&weather.mirror.file())?;
    let before = weather.written()?;
    let mut all = Vec::new();
    for question in &questions {
        let asked = weather.written()?;
        let measured = measure_one(&weather, question, &mut shell, datasette.as_ref(), requests)?;
        let written = weather.written()?;
        let is_written = walks == Walks::None || written.is_more_than(asked);
        ensure!(is_written, "the walks did not write while {} was asked", question.name);
        eprintln!("{}: {} ms", measured.name, measured.ours[0].times.told());
        all.push(measured);
    }
    let written = weather.written()?.told_since(before);
    let memory_mib = memory_kib(&weather.daemon.0, "VmHWM").unwrap_or(0) as f64 / 1024.0;
    let datasette = datasette.map_or_else(|| "no Datasette".to_owned(), |datasette| datasette.version);
    println!(
        "\n{}: {written}; {datasette}; our process at most {memory_mib:.0} MiB; {}\n",
        walks.told(),
        load()
    );
    print(&all);
    Ok(())
}

/// The machine's load averages.
fn load() -> String {
    let load = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    format!("load {}", load.split(' ').take(2).collect::<Vec<_>>().join(", "))
}

fn measure_one(
    weather: &Weather,
    question: &Question,
    shell: &mut Shell,
    datasette: Option<&Datasette>,
    requests: usize,
) -> Result<Measured> {
    let ours: Vec<String> =
        question.asks.iter().map(|ask| format!("{}{}", weather.base_url, ask.path)).collect();
    let theirs: Vec<String> = datasette
        .into_iter()
        .flat_map(|datasette| {
            let paths = question.asks.iter().filter_map(|ask| ask.datasette.as_ref());
            paths.map(|path| format!("{}{path}", datasette.base_url))
        })
        .collect();
    let mut measured = Measured {
        name: question.name.to_owned(),
        is_promised: question.is_promised,
        ours: vec![Answers::default(); CLIENTS.len()],
        compressed: Answers::default(),
        shell: Times::default(),
        shell_anew: Times::default(),
        datasette: vec![Answers::default(); DATASETTE_CLIENTS.len()],
    };
    let gzip = Manner { takes_gzip: true, token: None };
    for round in 0..ROUNDS {
        for (answers, clients) in measured.ours.iter_mut().zip(CLIENTS) {
            answers.append(ask(&ours, requests / ROUNDS, clients, &Manner::default())?);
        }
        measured.compressed.append(ask(&ours, requests / ROUNDS, 1, &gzip)?);
        for request in 0..requests / ROUNDS {
            let ask = &question.asks[(round + request) % question.asks.len()];
            measured.shell.add(shell.ask(&ask.sql)?);
        }
        for request in 0..SHELLS_ANEW / ROUNDS {
            let ask = &question.asks[(round + request) % question.asks.len()];
            measured.shell_anew.add(shell.ask_anew(&ask.sql)?);
        }
        if theirs.is_empty() {
            continue;
        }
        for (answers, clients) in measured.datasette.iter_mut().zip(DATASETTE_CLIENTS) {
            answers.append(ask(&theirs, DATASETTE / ROUNDS, clients, &Manner::default())?);
        }
    }
    let refused: usize = measured.ours.iter().map(|answers| answers.refused).sum();
    ensure!(refused == 0, "{refused} of ours were refused: {}", question.name);
    Ok(measured)
}

fn print(all: &[Measured]) {
    println!(
        "| milliseconds: p50 / p99 / max | 1 client | 2 clients | 4 clients | 1, gzip | KB, gzip | shell | ratio p50, p99 | \
         shell started anew | Datasette, 1 client | 4 clients |\n|---|---|---|---|---|---|---|---|---|---|---|"
    );
    for measured in all {
        println!("{}", line(measured));
    }
}

fn line(measured: &Measured) -> String {
    let [one, two, four] = [0, 1, 2].map(|place| measured.ours[place].times.told());
    let highest = measured.ours.iter().map(|answers| answers.times.percentile_ms(99)).fold(0.0, f64::max);
    let missed = if measured.is_promised && highest >= TARGET_MS { " **missed**" } else { "" };
    let ratio =
        |percent| measured.ours[0].times.percentile_ms(percent) / measured.shell.percentile_ms(percent);
    let kb = |answers: &Answers| answers.bytes as f64 / 1000.0 / answers.times.count().max(1) as f64;
    let datasette = |place: usize| match &measured.datasette[place] {
        answers if answers.times.count() == 0 => String::new(),
        answers if answers.refused > 0 => {
            format!("{}, {} of {} refused", answers.times.told(), answers.refused, answers.times.count())
        }
        answers => answers.times.told(),
    };
    format!(
        "| {}{missed} | {one} | {two} | {four} | {} | {:.0}, {:.0} | {} | {:.2}, {:.2} | {} | {} | {} |",
        measured.name,
        measured.compressed.times.told(),
        kb(&measured.ours[0]),
        kb(&measured.compressed),
        measured.shell.told(),
        ratio(50),
        ratio(99),
        ms(measured.shell_anew.percentile_ms(50)),
        datasette(0),
        datasette(1)
    )
}
