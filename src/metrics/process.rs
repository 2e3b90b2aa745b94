//! This process: its build, and the figures that every exporter gives under the same names, from
//! `/proc`. What the system does not tell is left out.

use std::fs;

use prometheus::proto::{MetricFamily, MetricType};
use rustix::process::{Resource, getrlimit};
use rustix::time::{ClockId, clock_gettime};

use super::family::Family;
use crate::instant::UtcInstant;

pub(super) fn gather(began_at: UtcInstant) -> Vec<MetricFamily> {
    let mut build = Family::ours(MetricType::GAUGE, "build_info", "Which program this is; always 1.");
    build.add(&[("version", env!("CARGO_PKG_VERSION"))], 1.0);
    let gauge = MetricType::GAUGE;
    let families = [
        build.into_told(),
        single(
            MetricType::COUNTER,
            "process_cpu_seconds_total",
            "CPU time spent, in user and system mode.",
            Some(cpu_s()),
        ),
        single(gauge, "process_open_fds", "Open file descriptors.", open_files()),
        single(gauge, "process_max_fds", "The most file descriptors that may be open.", open_files_max()),
        single(gauge, "process_resident_memory_bytes", "Resident memory.", memory_bytes("VmRSS:")),
        single(gauge, "process_virtual_memory_bytes", "Virtual memory.", memory_bytes("VmSize:")),
        single(gauge, "process_threads", "Threads.", number_of("Threads:")),
        single(
            gauge,
            "process_start_time_seconds",
            "When the process began, in seconds since 1970.",
            Some(began_at.unix_s() as f64),
        ),
    ];
    families.into_iter().flatten().collect()
}

fn single(kind: MetricType, name: &str, help: &str, value: Option<f64>) -> Option<MetricFamily> {
    let mut family = Family::named(kind, name, help);
    if let Some(value) = value {
        family.add(&[], value);
    }
    family.into_told()
}

fn cpu_s() -> f64 {
    let spent = clock_gettime(ClockId::ProcessCPUTime);
    spent.tv_sec as f64 + spent.tv_nsec as f64 / 1e9
}

fn open_files() -> Option<f64> {
    // The look itself opens one.
    Some(fs::read_dir("/proc/self/fd").ok()?.count().saturating_sub(1) as f64)
}

fn open_files_max() -> Option<f64> {
    getrlimit(Resource::Nofile).current.map(|limit| limit as f64)
}

/// A line of `/proc/self/status`.
fn number_of(key: &str) -> Option<f64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix(key))?;
    line.split_whitespace().next()?.parse().ok()
}

fn memory_bytes(key: &str) -> Option<f64> {
    number_of(key).map(|kilobytes| kilobytes * 1024.0)
}
