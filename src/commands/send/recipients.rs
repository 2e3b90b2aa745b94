//! To whom: one address, or a list from a statement on the mirror, a file, or standard input.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context as _, anyhow};

use crate::clock;
use crate::commands::{Exit, Failure};
use crate::send::RECIPIENTS_MAX;
use crate::store::Access;
use crate::store::foreign::{Cell, ForeignReader};

/// What a statement may take.
const QUERY_TIMEOUT: Duration = Duration::from_secs(300);
/// More is no address and no number.
const LINE_BYTES_MAX: u64 = 1000;

/// To whom.
#[derive(Clone, Debug, clap::Args)]
pub struct RecipientArgs {
    /// One recipient
    #[arg(long, value_name = "RECIPIENT", allow_hyphen_values = true, required_unless_present_any = ["to_query", "to_file"], conflicts_with_all = ["to_query", "to_file"])]
    pub to: Option<String>,
    /// Everybody in the one column of a statement on the mirror's views
    #[arg(long, value_name = "SQL", conflicts_with = "to_file")]
    pub to_query: Option<String>,
    /// Also those of --to-query whose every registration was removed
    #[arg(long, requires = "to_query")]
    pub include_removed: bool,
    /// Everybody in a file, one a line; `-` is standard input
    #[arg(long, value_name = "FILE")]
    pub to_file: Option<PathBuf>,
}

impl RecipientArgs {
    /// Whether it is one recipient, named on the command line.
    pub fn is_one(&self) -> bool {
        self.to.is_some()
    }

    /// Each of them, as they stand there.
    ///
    /// # Errors
    /// When the statement or the file can't be read, or holds too many.
    pub fn each(
        &self,
        database: &Path,
        mut take: impl FnMut(&str) -> Result<(), Failure>,
    ) -> Result<(), Failure> {
        if let Some(to) = &self.to {
            return take(to);
        }
        let mut count = 0;
        let mut take = |text: &str| {
            count += 1;
            if count > RECIPIENTS_MAX {
                let error = anyhow!("cannot send to more than {RECIPIENTS_MAX} recipients at once");
                return Err(Failure::new(Exit::Usage, error).hint("part the list"));
            }
            take(text)
        };
        match (&self.to_query, &self.to_file) {
            (Some(sql), _) => query(database, sql, &mut take),
            (None, Some(path)) if path.as_os_str() == "-" => {
                lines(io::stdin().lock(), "standard input", &mut take)
            }
            (None, Some(path)) => {
                let name = path.display().to_string();
                let file = File::open(path).with_context(|| format!("cannot read {name}"))?;
                lines(BufReader::new(file), &name, &mut take)
            }
            (None, None) => Ok(()),
        }
    }
}

/// The reader is gone before anything is sent: its moment would keep the log from being cut.
fn query(
    database: &Path,
    sql: &str,
    take: &mut dyn FnMut(&str) -> Result<(), Failure>,
) -> Result<(), Failure> {
    let end = clock::steady_now() + QUERY_TIMEOUT;
    let reader = ForeignReader::open(database, Access::Full, move || clock::steady_now() >= end)?;
    let mut statement = reader.prepare(sql)?;
    statement.bind([])?;
    if statement.columns().len() != 1 {
        let error = anyhow!("cannot take recipients from {} columns", statement.columns().len());
        return Err(Failure::new(Exit::Usage, error).hint("select the one with the address or number"));
    }
    let mut rows = statement.rows();
    while let Some(row) = rows.next_row()? {
        match row.cells().next() {
            Some(Cell::Text(text)) => take(&String::from_utf8_lossy(text))?,
            Some(Cell::Integer(number)) => take(&number.to_string())?,
            _ => take("")?,
        }
    }
    Ok(())
}

fn lines(
    mut from: impl BufRead,
    name: &str,
    take: &mut dyn FnMut(&str) -> Result<(), Failure>,
) -> Result<(), Failure> {
    let mut line = Vec::new();
    loop {
        line.clear();
        let read = from.by_ref().take(LINE_BYTES_MAX).read_until(b'\n', &mut line);
        if read.with_context(|| format!("cannot read {name}"))? == 0 {
            return Ok(());
        }
        if line.len() as u64 == LINE_BYTES_MAX && line.last() != Some(&b'\n') {
            let error = anyhow!("cannot read {name}: a line has more than {LINE_BYTES_MAX} bytes");
            return Err(Failure::new(Exit::Usage, error).hint("one recipient a line, and nothing else"));
        }
        let text = String::from_utf8_lossy(&line);
        let text = text.trim().trim_start_matches('\u{feff}');
        if !text.is_empty() {
            take(text)?;
        }
    }
}
