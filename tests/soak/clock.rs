//! A wall clock for the program under test that runs fast and can be made to jump.

use std::fs::File;
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use anyhow::{Context as _, Result, ensure};
use coupontools_mirror::clock;
use coupontools_mirror::instant::UtcInstant;

/// The library that is preloaded, as it is compiled.
const SOURCE: &str = include_str!("clock.c");

/// The clock; jumps are told to every program that was started under it.
pub struct FastClock {
    preloaded: PathBuf,
    told: PathBuf,
    file: File,
    began_s: i64,
    began: Instant,
    shows_s: i64,
    rate: i64,
}

impl FastClock {
    /// Shows this moment, and from now on runs so many times as fast as it should.
    pub fn start(folder: &Path, at: UtcInstant, rate: i64) -> Result<Self> {
        let (source, preloaded, told) =
            (folder.join("clock.c"), folder.join("clock.so"), folder.join("clock"));
        std::fs::write(&source, SOURCE)?;
        let compiled = Command::new("cc")
            .args(["-shared", "-fPIC", "-O1", "-o"])
            .args([&preloaded, &source])
            .status()
            .context("cannot run the C compiler `cc`")?;
        ensure!(compiled.success(), "cannot compile the clock");
        let file = File::create(&told)?;
        let (began_s, began) = (clock::now().unix_s(), clock::steady_now());
        let clock = Self { preloaded, told, file, began_s, began, shows_s: at.unix_s(), rate };
        clock.tell()?;
        Ok(clock)
    }

    fn tell(&self) -> Result<()> {
        for (place, number) in
            [self.began_s * 1_000_000_000, self.shows_s * 1_000_000_000, self.rate].into_iter().enumerate()
        {
            self.file.write_all_at(&number.to_ne_bytes(), place as u64 * 8)?;
        }
        Ok(())
    }

    /// What it shows, in seconds since 1970, less up to a second of real time.
    pub fn now_s(&self) -> i64 {
        let passed_ms = (clock::steady_now() - self.began).as_millis();
        self.shows_s + i64::try_from(passed_ms).unwrap_or(i64::MAX) * self.rate / 1000
    }

    /// What it shows.
    pub fn now(&self) -> UtcInstant {
        UtcInstant::from_unix_s(self.now_s()).expect("Invariant: a soak lasts days")
    }

    /// Shows so many seconds more from now on, or less.
    pub fn jump(&mut self, seconds: i64) -> Result<()> {
        self.shows_s += seconds;
        self.tell()
    }

    /// Gives it to a program.
    pub fn wind(&self, command: &mut Command) {
        command.env("LD_PRELOAD", &self.preloaded).env("SOAK_CLOCK", &self.told);
    }
}
