//! To whom: one address, or a list from a statement on the mirror, a file, or standard input.

use std::borrow::Cow;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::anyhow;
use clap::ArgGroup;

use crate::clock;
use crate::commands::{Exit, Failure};
use crate::send::RECIPIENTS_MAX;
use crate::store::foreign::{Cell, ForeignReader};
use crate::store::{Access, is_same_file};

/// What a statement may take.
const QUERY_TIMEOUT: Duration = Duration::from_secs(300);
/// More is no address and no number.
const LINE_BYTES_MAX: u64 = 1000;
/// What UTF-16 begins with, one way round and the other.
const UTF_16: [&[u8]; 2] = [b"\xff\xfe", b"\xfe\xff"];
const HINT_UTF_8: &str = "save it as UTF-8: in Excel as \"CSV UTF-8\"; or iconv -f LATIN1 -t UTF-8";
const HINT_UTF_16: &str = "save it as UTF-8: in Excel as \"CSV UTF-8\"; or iconv -f UTF-16 -t UTF-8";
const HINT_LINES: &str = "one recipient a line, and nothing else";

/// To whom.
#[derive(Clone, Debug, clap::Args)]
#[command(group = ArgGroup::new("whom").args(["to", "to_query", "to_file"]).required(true))]
pub struct RecipientArgs {
    /// One recipient
    #[arg(long, value_name = "RECIPIENT", allow_hyphen_values = true)]
    pub to: Option<String>,
    /// Everybody in the one column of a statement on the mirror's views
    #[arg(long, value_name = "SQL")]
    pub to_query: Option<String>,
    /// Also those of --to-query whose every registration was removed
    #[arg(long, requires = "to_query", conflicts_with_all = ["to", "to_file"])]
    pub include_removed: bool,
    /// Also those of --to and --to-file who were erased
    #[arg(long, conflicts_with = "to_query")]
    pub include_erased: bool,
    /// Everybody in a file, one a line, as UTF-8; `-` is standard input
    #[arg(long, value_name = "FILE")]
    pub to_file: Option<PathBuf>,
}

/// One who stands in a list.
pub struct Entry<'a> {
    /// The line or row, from 1.
    pub number: u64,
    /// What stands there.
    pub text: Cow<'a, str>,
    /// Whether it can be somebody's; else it is no text at all.
    pub is_text: bool,
}

type Take<'t> = dyn FnMut(Entry<'_>) -> Result<(), Failure> + 't;

impl RecipientArgs {
    /// Whether it is one recipient, named on the command line.
    pub fn is_one(&self) -> bool {
        self.to.is_some()
    }

    /// Whether the mirror's own rows don't name them.
    pub fn is_from_elsewhere(&self) -> bool {
        self.to_query.is_none()
    }

    /// The file with the list, if it is one; `-` is standard input.
    pub fn list(&self) -> Option<&Path> {
        self.to_file.as_deref()
    }

    /// Each of them, as they stand there.
    ///
    /// # Errors
    /// When the statement or the file can't be read, or holds too many.
    pub fn each(
        &self,
        database: &Path,
        mut take: impl FnMut(Entry<'_>) -> Result<(), Failure>,
    ) -> Result<(), Failure> {
        if let Some(to) = &self.to {
            return take(Entry { number: 1, text: to.into(), is_text: true });
        }
        let mut count = 0;
        let mut take = |entry: Entry<'_>| {
            count += 1;
            if count > RECIPIENTS_MAX {
                let error = anyhow!("cannot send to more than {RECIPIENTS_MAX} recipients at once");
                return Err(Failure::new(Exit::Usage, error).hint("part the list"));
            }
            take(entry)
        };
        match (&self.to_query, &self.to_file) {
            (Some(sql), _) => query(database, sql, &mut take),
            (None, Some(path)) if path.as_os_str() == "-" => {
                lines(io::stdin().lock(), "standard input", &mut take)
            }
            (None, Some(path)) => {
                let name = path.display().to_string();
                // Closing any handle of the mirror's file would let go of this process's locks on it.
                if is_same_file(path, database) {
                    let error = anyhow!("cannot read {name}: it is the mirror's own file");
                    return Err(
                        Failure::new(Exit::Usage, error).hint("--to-query takes recipients from the mirror")
                    );
                }
                let file = File::open(path).map_err(|cause| unreadable(&name, cause))?;
                lines(BufReader::new(file), &name, &mut take)
            }
            (None, None) => Ok(()),
        }
    }
}

/// The reader is gone before anything is sent: its moment would keep the log from being cut.
fn query(database: &Path, sql: &str, take: &mut Take<'_>) -> Result<(), Failure> {
    let end = clock::steady_now() + QUERY_TIMEOUT;
    let reader = ForeignReader::open(database, Access::Full, move || clock::steady_now() >= end)?;
    let mut statement = reader.prepare(sql)?;
    statement.bind([])?;
    if statement.columns().len() != 1 {
        let error = anyhow!("cannot take recipients from {} columns", statement.columns().len());
        return Err(Failure::new(Exit::Usage, error).hint("select the one with the address or number"));
    }
    let mut rows = statement.rows();
    let mut number = 0;
    while let Some(row) = rows.next_row()? {
        number += 1;
        let (text, is_text) = match row.cells().next() {
            Some(Cell::Text(text)) => (String::from_utf8_lossy(text), std::str::from_utf8(text).is_ok()),
            Some(Cell::Integer(number)) => (number.to_string().into(), true),
            Some(Cell::Real(number)) => (number.to_string().into(), false),
            Some(Cell::Blob(bytes)) => (String::from_utf8_lossy(bytes), false),
            Some(Cell::Null) | None => ("".into(), true),
        };
        take(Entry { number, text, is_text })?;
    }
    Ok(())
}

fn lines(mut from: impl BufRead, name: &str, take: &mut Take<'_>) -> Result<(), Failure> {
    let wrong = |cause: String, hint: &str| {
        Err(Failure::new(Exit::Usage, anyhow!("cannot read {name}: {cause}")).hint(hint))
    };
    let mut line = Vec::new();
    for number in 1.. {
        line.clear();
        let read = from.by_ref().take(LINE_BYTES_MAX).read_until(b'\n', &mut line);
        if read.map_err(|cause| unreadable(name, cause))? == 0 {
            break;
        }
        if number == 1 && UTF_16.iter().any(|mark| line.starts_with(mark)) {
            return wrong("it is UTF-16, not UTF-8".into(), HINT_UTF_16);
        }
        if line.len() as u64 == LINE_BYTES_MAX && line.last() != Some(&b'\n') {
            return wrong(format!("line {number} has more than {LINE_BYTES_MAX} bytes"), HINT_LINES);
        }
        let Ok(text) = std::str::from_utf8(&line) else {
            return wrong(format!("line {number} is not UTF-8"), HINT_UTF_8);
        };
        let text = text.trim().trim_start_matches('\u{feff}').trim_start();
        if !text.is_empty() {
            take(Entry { number, text: text.into(), is_text: true })?;
        }
    }
    Ok(())
}

fn unreadable(name: &str, cause: io::Error) -> Failure {
    let error = anyhow::Error::new(cause).context(format!("cannot read {name}"));
    Failure::new(Exit::Failed, error).hint("name a file with one recipient a line; - is standard input")
}
