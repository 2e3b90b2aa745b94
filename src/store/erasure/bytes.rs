//! Texts as bytes: which of a row's to look for, and which of them a file holds.

use std::fs::File;
use std::io::{self, Read as _};
use std::path::Path;

use aho_corasick::AhoCorasick;
use rusqlite::Row;

use crate::store::error::StoreError;
use crate::store::lock;

/// A shorter text stands in any file by chance.
const TRACE_BYTES_MIN: usize = 6;
/// Of a long text, its beginning tells.
const TRACE_BYTES_MAX: usize = 512;
const BLOCK_BYTES: usize = 1 << 20;

/// Columns whose texts tell of the person.
pub(super) const TRACED: [&str; 8] =
    ["email", "phone", "first_name", "last_name", "address", "custom_1", "custom_2", "custom_3"];

/// A row's texts that tell of the person.
pub(super) fn of_row(row: &Row<'_>) -> rusqlite::Result<Vec<String>> {
    let mut traces = Vec::new();
    for column in 0..row.as_ref().column_count() {
        traces.extend(row.get::<_, Option<String>>(column)?.and_then(|text| trace(&text)));
    }
    Ok(traces)
}

/// What is looked for of a text; nothing of a short one.
pub(super) fn trace(text: &str) -> Option<String> {
    let trace: String = text.chars().take(TRACE_BYTES_MAX / 4).collect();
    (trace.len() >= TRACE_BYTES_MIN).then_some(trace)
}

/// Which of these texts the file or its log hold.
pub(in crate::store) fn find<'t>(database: &Path, traces: &'t [&'t str]) -> Result<Vec<&'t str>, StoreError> {
    let mut search = Search::of(traces)?;
    let failed = |error: io::Error| StoreError::Failed(error.to_string());
    for path in [database.to_path_buf(), lock::beside(database, "-wal")] {
        match File::open(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            opened => search.through(opened.map_err(failed)?).map_err(failed)?,
        }
    }
    Ok(search.found())
}

/// Texts, and which of them were found.
struct Search<'t> {
    traces: &'t [&'t str],
    all: AhoCorasick,
    is_found: Vec<bool>,
    longest: usize,
}

impl<'t> Search<'t> {
    fn of(traces: &'t [&'t str]) -> Result<Self, StoreError> {
        let all = AhoCorasick::new(traces).map_err(|error| StoreError::Failed(error.to_string()))?;
        let longest = traces.iter().map(|trace| trace.len()).max().unwrap_or(0);
        Ok(Self { traces, all, is_found: vec![false; traces.len()], longest })
    }

    /// Block by block, each with the end of the one before: a text may stand across two.
    fn through(&mut self, mut file: File) -> io::Result<()> {
        let mut block = Vec::with_capacity(BLOCK_BYTES + self.longest);
        loop {
            let kept = block.len().min(self.longest.saturating_sub(1));
            block.drain(..block.len() - kept);
            let read = file.by_ref().take(BLOCK_BYTES as u64).read_to_end(&mut block)?;
            for found in self.all.find_overlapping_iter(&block) {
                self.is_found[found.pattern().as_usize()] = true;
            }
            if read == 0 {
                return Ok(());
            }
        }
    }

    fn found(self) -> Vec<&'t str> {
        self.traces
            .iter()
            .zip(self.is_found)
            .filter(|(_, is_found)| *is_found)
            .map(|(trace, _)| *trace)
            .collect()
    }
}
