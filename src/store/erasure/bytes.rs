//! Texts as bytes: which of a row's to look for, and whether a file holds one.

use std::fs::File;
use std::io::{self, Read as _};
use std::path::Path;

use memchr::memmem::Finder;
use rusqlite::{Connection, Row};

use super::statement;
use crate::store::error::StoreError;
use crate::store::lock;

/// A shorter text stands in any file by chance.
const TRACE_BYTES_MIN: usize = 6;
/// Of a long text, its beginning tells.
const TRACE_BYTES_MAX: usize = 512;
const BLOCK_BYTES: usize = 1 << 20;

/// A row's texts that tell of the person.
pub(super) fn of_row(row: &Row<'_>) -> rusqlite::Result<Vec<String>> {
    let mut traces = Vec::new();
    for column in 0..row.as_ref().column_count() {
        let text: Option<String> = row.get(column)?;
        let text = text.map(|text| text.chars().take(TRACE_BYTES_MAX / 4).collect::<String>());
        traces.extend(text.filter(|text| text.len() >= TRACE_BYTES_MIN));
    }
    Ok(traces)
}

/// Less what stands in the file by right, in other people's rows.
pub(in crate::store) fn only_theirs<'t>(
    connection: &Connection,
    traces: &[&'t str],
) -> rusqlite::Result<Vec<&'t str>> {
    let mut is_elsewhere = connection.prepare(statement::IS_ANYWHERE)?;
    let mut theirs = Vec::new();
    for trace in traces {
        if !is_elsewhere.query_row([trace], |row| row.get::<_, bool>(0))? {
            theirs.push(*trace);
        }
    }
    Ok(theirs)
}

/// Whether the file or its log hold any of these texts.
pub(in crate::store) fn find(database: &Path, traces: &[&str]) -> Result<bool, StoreError> {
    let finders: Vec<Finder<'_>> = traces.iter().map(|trace| Finder::new(*trace)).collect();
    let longest = traces.iter().map(|trace| trace.len()).max().unwrap_or(0);
    let failed = |error: io::Error| StoreError::Failed(error.to_string());
    for path in [database.to_path_buf(), lock::beside(database, "-wal")] {
        match File::open(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            opened => {
                if holds(opened.map_err(failed)?, &finders, longest).map_err(failed)? {
                    return Ok(true);
                }
            }
        }
    }
    Ok(false)
}

/// Block by block, each with the end of the one before: a text may stand across two.
fn holds(mut file: File, finders: &[Finder<'_>], longest: usize) -> io::Result<bool> {
    let mut block = Vec::with_capacity(BLOCK_BYTES + longest);
    loop {
        let kept = block.len().min(longest.saturating_sub(1));
        block.drain(..block.len() - kept);
        let read = file.by_ref().take(BLOCK_BYTES as u64).read_to_end(&mut block)?;
        if finders.iter().any(|finder| finder.find(&block).is_some()) {
            return Ok(true);
        }
        if read == 0 {
            return Ok(false);
        }
    }
}
