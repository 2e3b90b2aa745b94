//! A process under measurement: its wall time, its processor time and its memory, as the system tells.

use std::fs;
use std::process::{Child, Command};
use std::time::Duration;

use anyhow::{Context, Result, bail};
use coupontools_mirror::clock::steady_now;

/// The shipped program.
const PROGRAM: &str = env!("CARGO_BIN_EXE_coupontools-mirror");
/// The variable that names another build.
const OTHER_PROGRAM: &str = "BENCH_PROGRAM";
/// How often its memory is looked at.
const LOOK_EVERY: Duration = Duration::from_millis(10);

/// What a process took, from its spawn to its end.
#[derive(Clone, Copy, Debug)]
pub struct Cost {
    pub wall: Duration,
    /// User's and system's, of all its threads.
    pub processor: Duration,
    pub memory_kib_max: u64,
}

/// The shipped program's command, or another build's that is to be compared with it.
pub fn program() -> Command {
    let mut command = Command::new(std::env::var_os(OTHER_PROGRAM).unwrap_or_else(|| PROGRAM.into()));
    command.env_remove("COUPONTOOLS_MIRROR_CONFIG").env_remove("STATE_DIRECTORY");
    command
}

/// A process that goes on; it ends with this value.
pub struct Running(pub Child);

impl Running {
    /// Starts it.
    pub fn start(command: &mut Command) -> Result<Self> {
        Ok(Self(command.spawn().context("cannot start a process")?))
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // What it holds is thrown away.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Runs a process to its end.
pub fn run(command: &mut Command) -> Result<Cost> {
    let started = steady_now();
    let mut child = command.spawn().context("cannot start a process")?;
    let (mut memory_kib_max, mut processor) = (0, Duration::ZERO);
    let status = loop {
        if let Some(status) = child.try_wait()? {
            break status;
        }
        memory_kib_max = memory_kib(&child, "VmHWM").unwrap_or(0).max(memory_kib_max);
        processor = processor_time(&child).unwrap_or(processor);
        std::thread::sleep(LOOK_EVERY);
    };
    if !status.success() {
        bail!("a process failed: {status}");
    }
    Ok(Cost { wall: started.elapsed(), processor, memory_kib_max })
}

/// A line of the process's status: `VmHWM` is its largest resident set so far, `VmRSS` the present one.
pub fn memory_kib(child: &Child, line: &str) -> Option<u64> {
    let status = fs::read_to_string(format!("/proc/{}/status", child.id())).ok()?;
    let value = status.lines().find_map(|text| text.strip_prefix(line)?.strip_prefix(':'))?;
    value.trim().strip_suffix(" kB")?.parse().ok()
}

/// The system counts it in hundredths of a second.
fn processor_time(child: &Child) -> Option<Duration> {
    let stat = fs::read_to_string(format!("/proc/{}/stat", child.id())).ok()?;
    let mut after_name = stat.rsplit_once(") ")?.1.split(' ').skip(11);
    let user: u64 = after_name.next()?.parse().ok()?;
    let system: u64 = after_name.next()?.parse().ok()?;
    Some(Duration::from_millis((user + system) * 10))
}
