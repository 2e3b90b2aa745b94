//! What the daemon takes of the machine, looked at again and again, and whether it stays level.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

/// One look.
#[derive(Clone, Copy, Debug)]
pub struct Sample {
    pub pid: u32,
    pub day: f64,
    pub memory_kb: u64,
    pub files: u64,
    pub threads: u64,
    pub wal_bytes: u64,
    pub file_bytes: u64,
}

/// All of them, in order.
#[derive(Debug, Default)]
pub struct Levels(Vec<Sample>);

/// What grows by less than this is level: a heap's own unrest.
const UNREST_KB: u64 = 4096;
const UNREST_PERCENT: u64 = 10;
/// Sockets of who asks at the moment of the look.
const UNREST_FILES: u64 = 4;

impl Levels {
    /// Looks at a process and its file; nothing if it has ended meanwhile.
    pub fn look(&mut self, pid: u32, database: &Path, day: f64) {
        let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
        let number = |name: &str| {
            let line = status.lines().find_map(|line| line.strip_prefix(name))?;
            line.split_whitespace().next()?.parse().ok()
        };
        let (Some(memory_kb), Some(threads)) = (number("VmRSS:"), number("Threads:")) else { return };
        let Ok(files) = fs::read_dir(format!("/proc/{pid}/fd")) else { return };
        let bytes = |path: &Path| fs::metadata(path).map_or(0, |metadata| metadata.len());
        self.0.push(Sample {
            pid,
            day,
            memory_kb,
            threads,
            files: files.count() as u64,
            wal_bytes: bytes(&database.with_extension("db-wal")),
            file_bytes: bytes(database),
        });
    }

    /// The samples of the process that lived longest, its first tenth left out: a start is no level.
    fn longest_life(&self) -> &[Sample] {
        let lives = self.0.chunk_by(|one, next| one.pid == next.pid);
        let longest = lives.max_by_key(|life| life.len()).unwrap_or_default();
        &longest[longest.len() / 10..]
    }

    /// Whether a figure of the longest life stayed level: its median in the first third and in the last.
    pub fn verdict(&self, name: &str, of: fn(&Sample) -> u64, unrest: u64) -> (bool, String) {
        let life = self.longest_life();
        let third = life.len() / 3;
        if third == 0 {
            return (false, format!("{name}: too few looks"));
        }
        let median = |samples: &[Sample]| {
            let mut values: Vec<u64> = samples.iter().map(of).collect();
            values.sort_unstable();
            values[values.len() / 2]
        };
        let (first, last) = (median(&life[..third]), median(&life[life.len() - third..]));
        let most = life.iter().map(of).max().unwrap_or(0);
        let is_level = last <= first + first * UNREST_PERCENT / 100 + unrest;
        (is_level, format!("first third {first}, last third {last}, most {most}"))
    }

    pub fn memory(&self) -> (bool, String) {
        self.verdict("memory", |sample| sample.memory_kb, UNREST_KB)
    }

    pub fn files(&self) -> (bool, String) {
        self.verdict("open files", |sample| sample.files, UNREST_FILES)
    }

    pub fn threads(&self) -> (bool, String) {
        self.verdict("threads", |sample| sample.threads, UNREST_FILES)
    }

    /// The longest log of all lives, in MB, and the file's size at the end.
    pub fn sizes(&self) -> String {
        let mb = |bytes: u64| bytes as f64 / 1e6;
        let wal = self.0.iter().map(|sample| sample.wal_bytes).max().unwrap_or(0);
        let file = self.0.last().map_or(0, |sample| sample.file_bytes);
        format!("log at most {:.1} MB, file {:.1} MB at the end", mb(wal), mb(file))
    }

    /// Every look, as CSV.
    pub fn csv(&self) -> String {
        let mut text = String::from("day,pid,memory_kb,files,threads,wal_bytes,file_bytes\n");
        for Sample { pid, day, memory_kb, files, threads, wal_bytes, file_bytes } in &self.0 {
            let _ = writeln!(text, "{day:.3},{pid},{memory_kb},{files},{threads},{wal_bytes},{file_bytes}");
        }
        text
    }
}
