//! The daemon's start and its rest: how soon it asks, and what it holds while there is nothing to do.

use std::io::Read;
use std::net::TcpListener;
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use coupontools_mirror::clock::steady_now;

use super::stage::figure::{Figure, figure, median};
use super::stage::mirror::Mirror;
use super::stage::process::{Running, memory_kib};
use super::stage::simulator::Simulator;

const STARTS: usize = 21;
const DIRECTORIES: u32 = 10;
const REGISTRATIONS: u32 = 10_000;
const LOOK_EVERY: Duration = Duration::from_millis(100);
const LOADED_WITHIN: Duration = Duration::from_secs(120);
/// After its tick the writer rests within two seconds; then nothing moves until the next tick.
const RESTED_AFTER: Duration = Duration::from_secs(5);

/// Start to first request, and the idle daemon.
pub fn measure() -> Result<Vec<Figure>> {
    let simulator = Simulator::start(&[REGISTRATIONS; DIRECTORIES as usize], 0)?;
    let idle = Mirror::new(&simulator.base_url)?;
    let loaded = idle_kib(&idle)?;
    let again = idle_kib(&idle)?;
    let new_ms = first_request_ms(Home::New)?;
    let known_ms = first_request_ms(Home::File(&idle))?;
    let mib = |kib: u64| kib as f64 / 1024.0;
    Ok(vec![
        figure(
            "Idle daemon, resident",
            "≤ 20 MB",
            format!("{:.1} MiB", mib(loaded.max(again))),
            format!(
                "after its first walks of {DIRECTORIES} × {REGISTRATIONS} rows {:.1} MiB; started over that file {:.1} MiB",
                mib(loaded),
                mib(again)
            ),
        ),
        figure(
            "Start to first request",
            "≤ 100 ms",
            format!("{:.0} ms over a file", median(&mut known_ms.clone())),
            format!(
                "from spawn to the request on the socket; median of {STARTS}, worst {:.0} ms; where the file has to be \
                 made {:.0} ms, worst {:.0} ms",
                known_ms.iter().copied().fold(0.0, f64::max),
                median(&mut new_ms.clone()),
                new_ms.iter().copied().fold(0.0, f64::max)
            ),
        ),
    ])
}

/// What the daemon holds once its first tick is done and it has come to rest.
fn idle_kib(mirror: &Mirror) -> Result<u64> {
    let daemon = Running::start(&mut daemon(mirror))?;
    let started = steady_now();
    let walked = "SELECT count(*) FROM walks WHERE outcome = 'complete'";
    let before = mirror.number(walked).unwrap_or(0);
    let wanted = before + i64::from(DIRECTORIES);
    while mirror.number(walked).unwrap_or(0) < wanted {
        ensure!(started.elapsed() < LOADED_WITHIN, "the daemon's first tick did not end");
        std::thread::sleep(LOOK_EVERY);
    }
    mirror.check_loaded(DIRECTORIES * REGISTRATIONS)?;
    std::thread::sleep(RESTED_AFTER);
    memory_kib(&daemon.0, "VmRSS").context("the daemon is gone")
}

/// With its server listening, as shipped, but on a port that nobody else has.
fn daemon(mirror: &Mirror) -> Command {
    let mut command = mirror.command();
    command.args(["run", "--listen", "127.0.0.1:0"]);
    command
}

enum Home<'a> {
    New,
    File(&'a Mirror),
}

fn first_request_ms(home: Home<'_>) -> Result<Vec<f64>> {
    let socket = TcpListener::bind("127.0.0.1:0")?;
    let base_url = format!("http://{}", socket.local_addr()?);
    (0..STARTS)
        .map(|_| {
            let mirror = Mirror::new(&base_url)?;
            if let Home::File(loaded) = home {
                std::fs::copy(loaded.file(), mirror.file())?;
                // With another key everybody would be masked anew.
                std::fs::copy(loaded.beside("mirror.db-key"), mirror.beside("mirror.db-key"))?;
            }
            let mut command = daemon(&mirror);
            let started = steady_now();
            let _daemon = Running::start(&mut command)?;
            let mut request = [0; 4];
            socket.accept()?.0.read_exact(&mut request)?;
            if &request != b"POST" {
                bail!("the first request is no request");
            }
            Ok(started.elapsed().as_secs_f64() * 1000.0)
        })
        .collect()
}
